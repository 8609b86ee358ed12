/* SPDX-License-Identifier: MIT */
/*
 * real.c - paragraphs instead of descriptors: real mode, and IRET in V86 mode
 *
 * A stack here is 64 KiB and SP wraps around in it, so frames go slot by slot. No
 * error code exists: a delivery that fails raises its exception with 0 (CPU-56).
 */
#include "idt_int.h"

enum { IP, CS, FLAGS, SLOTS };

#define VECTOR_BYTES 4u /* offset, segment */

static bool raise_plain(const walk_t *w, uint8_t vector)
{
    w->out->vector = vector;
    return false;
}

/* A slot that would lie around the end of the segment faults; between slots SP wraps. */
static bool all_slots_fit(const walk_t *w, const stack_t *stack, uint32_t sp, unsigned width)
{
    for (unsigned n = 0; n < SLOTS; n++)
        if (!stack_holds(stack, sp + n * width, width))
            return raise_plain(w, VECTOR_SS);
    return true;
}

/* ---- the way in ---- */

static bool push_frame(const walk_t *w, const stack_t *stack, uint32_t sp)
{
    const irqsim_cpustate_t *s = w->state;
    const uint32_t value[SLOTS] = {(uint32_t)s->ip, s->cs, (uint32_t)s->flags};

    for (unsigned n = SLOTS; n-- > 0;)
        if (!push_slot(w, stack, sp + 2 * n, value[n], 2))
            return false;
    return true;
}

bool irqsim__idt_deliver_real(const walk_t *w, const irqsim_delivery_t *ev)
{
    irqsim_cpustate_t *s = w->state;
    const uint32_t offset = ev->vector * VECTOR_BYTES, size = SLOTS * 2;
    const stack_t stack = stack_in_force(s);
    const uint32_t sp = stack_move(&stack, (uint32_t)s->sp, (uint32_t)s->sp - size);
    uint8_t target[VECTOR_BYTES];

    if (offset + VECTOR_BYTES - 1 > s->idtr.limit) /* CPU-56, CPU-57 */
        return raise_plain(w, VECTOR_GP);
    if (!read_system(w, (uint32_t)s->idtr.base + offset, target, sizeof(target)) ||
        !all_slots_fit(w, &stack, sp, 2) || !push_frame(w, &stack, sp))
        return false;
    s->ip = load16(target);
    s->cs = load16(target + 2);
    s->sp = sp;
    s->flags &= ~(uint64_t)(EFLAGS_IF | EFLAGS_TF | EFLAGS_AC); /* CPU-51 */
    w->out->frame = (uint8_t)size;
    w->out->slot = 2;
    w->out->address = stack_address(&stack, sp);
    return true;
}

/* ---- the way out ---- */

static bool pop_frame(const walk_t *w, const stack_t *stack, unsigned width, uint32_t value[SLOTS])
{
    const uint32_t sp = (uint32_t)w->state->sp;

    for (unsigned n = 0; n < SLOTS; n++)
        if (!pop_slot(w, stack, sp + n * width, &value[n], width))
            return false;
    return true;
}

/* V86 code at IOPL 3 may change IF, but never what only CPL 0 may. */
static uint64_t kept_flags(const irqsim_cpustate_t *s, unsigned width)
{
    uint64_t kept = EFLAGS_VM | EFLAGS_VIF | EFLAGS_VIP;
    if (s->mode == IRQSIM_MODE_V86)
        kept |= EFLAGS_IOPL_M;
    if (width == 2)
        kept |= ~UINT64_C(0xFFFF);
    return kept;
}

bool irqsim__idt_iret_real(const walk_t *w, unsigned width)
{
    irqsim_cpustate_t *s = w->state;
    const stack_t stack = stack_in_force(s);
    const uint32_t sp = (uint32_t)s->sp;
    uint32_t value[SLOTS];

    if (s->mode == IRQSIM_MODE_V86 && (~s->flags & EFLAGS_IOPL_M)) /* CPU-99 */
        return raise_plain(w, VECTOR_GP);
    if (!all_slots_fit(w, &stack, sp, width) || !pop_frame(w, &stack, width, value))
        return false;
    if (value[IP] > 0xFFFF) /* CPU-90 */
        return raise_plain(w, VECTOR_GP);
    const uint64_t kept = kept_flags(s, width);
    s->flags = (s->flags & kept) | (value[FLAGS] & EFLAGS_KNOWN & ~kept) | EFLAGS_RESERVED;
    s->ip = value[IP];
    s->cs = (uint16_t)value[CS];
    s->sp = stack_move(&stack, sp, sp + SLOTS * width);
    w->out->frame = (uint8_t)(SLOTS * width);
    return true;
}
