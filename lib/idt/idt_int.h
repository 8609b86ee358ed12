/* SPDX-License-Identifier: MIT */
/*
 * idt_int.h - what the ways in and the ways out share
 *
 *   deliver.c  in through the gates of protected mode, from V86 too
 *   iret.c     out again
 *   real.c     both ways in real mode, IRET in V86 mode
 *   long.c     both ways in long mode
 *   task.c     task gates, and the return from a nested task
 *   slots.c    memory that refuses
 *   gate.c     one entry of the IDT
 */
#ifndef IRQSIM_IDT_INT_H
#define IRQSIM_IDT_INT_H

#include "stack.h"

/* INT n, INT3, INTO: the program asked for it (CPU-25, CPU-32). */
static inline bool is_software(uint8_t kind)
{
    return kind == IRQSIM_KIND_SOFTWARE || kind == IRQSIM_KIND_INT3 || kind == IRQSIM_KIND_INTO;
}

/* CPU-22, CPU-58 */
static inline bool pushes_error(const irqsim_delivery_t *ev)
{
    return ev->has_error && ev->kind == IRQSIM_KIND_EXCEPTION;
}

/* CS of a frame that IRET pops (CPU-93, CPU-95): the same checks for every level. */
HOT bool find_return_code(const walk_t *w, uint16_t selector, bool long_mode, uint64_t *code)
{
    const uint8_t rpl = selector & SELECTOR_RPL_M;

    if (selector_is_null(selector))
        return raise_error(w, VECTOR_GP, 0);
    if (!find_descriptor(w, selector, VECTOR_GP, code))
        return false;
    const uint8_t dpl = desc_dpl(*code);
    const bool reachable = desc_is_conforming(*code) ? dpl <= rpl : dpl == rpl;
    if (!desc_is_code(*code) || rpl < w->state->cpl || !reachable)
        return raise_selector(w, VECTOR_GP, selector);
    if (long_mode && desc_is_code64(*code) && desc_is_code32(*code)) /* LM-11 */
        return raise_selector(w, VECTOR_GP, selector);
    if (!desc_present(*code))
        return raise_selector(w, VECTOR_NP, selector);
    return true;
}

/* Through a task gate whose gate checks are done, to the TSS `selector` names (CPU-49). */
bool irqsim__idt_enter_task(const walk_t *w, const irqsim_delivery_t *ev, uint16_t selector);

/* The flags that IRET restores from `popped` of `width` bytes (CPU-96). */
void irqsim__idt_restore_flags(irqsim_cpustate_t *s, uint64_t popped, unsigned width);

/* CPU-94: an outer level keeps no segment that it could not have loaded. */
void irqsim__idt_drop_inner_segments(const walk_t *w, uint8_t cpl);

/* Real mode, and from V86 mode to V86 mode (CPU-56, CPU-90, CPU-99). */
bool irqsim__idt_deliver_real(const walk_t *w, const irqsim_delivery_t *ev);
bool irqsim__idt_iret_real(const walk_t *w, unsigned width);

/* Long mode, 64-bit and compatibility (LM-01..12). */
bool irqsim__idt_deliver_long(const walk_t *narrow, const irqsim_delivery_t *ev);
bool irqsim__idt_iret_long(const walk_t *narrow, unsigned width);

/* IRET with NT = 1 (CPU-91). */
bool irqsim__idt_leave_task(const walk_t *w);

#endif
