/* SPDX-License-Identifier: MIT */
/*
 * iret.c - the way out: IRET in protected mode
 *
 * To the same level, to an outer one, to V86 mode; to the task that waits is task.c's,
 * from V86 to V86 real.c's.
 */
#include "idt_int.h"

/* Slots of the frame; SP and SS are there on an outer return only, the rest for V86. */
enum { IP, CS, FLAGS, SAME_SLOTS, SP = SAME_SLOTS, SS, OUTER_SLOTS, ES = OUTER_SLOTS, DS, FS, GS };
enum { V86_SLOTS = GS + 1 };

/* CPU-96 */
#define RESTORED_ALWAYS                                                                            \
    (EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF | EFLAGS_SF | EFLAGS_OF | EFLAGS_DF |           \
     EFLAGS_TF | EFLAGS_NT | EFLAGS_AC | EFLAGS_ID | EFLAGS_RF)
#define RESTORED_AT_CPL0 (EFLAGS_IOPL_M | EFLAGS_VIF | EFLAGS_VIP)

HOT uint32_t slot(const uint8_t *frame, unsigned n, unsigned width)
{
    return (uint32_t)load_slot(frame + n * width, width);
}

/* Pops slots [from, to); the stack must hold all of them up to `to`. CPU-97: the frame
 * begins at EIP, an error code left there is taken for it. */
HOT bool pop_frame(const walk_t *w, const stack_t *stack, unsigned from, unsigned to,
                   unsigned width, uint8_t *frame)
{
    const uint32_t sp = (uint32_t)w->state->sp;
    const uint32_t addr = stack_address(stack, sp + from * width);

    if (!stack_holds(stack, sp, to * width)) /* CPU-13: error code 0 */
        return raise_error(w, VECTOR_SS, 0);
    return pop_slots(w, addr, frame + from * width, (to - from) * width, width, stack->user);
}

HOT bool check_eip(const walk_t *w, uint32_t ip, uint32_t limit)
{
    if (ip > limit) /* CPU-93 */
        return raise_error(w, VECTOR_GP, 0);
    return true;
}

/* May a segment stay loaded at `cpl`? The descriptor is read again, as the
 * state keeps none for it; one that is gone grants nothing. */
static bool may_keep(const walk_t *w, uint16_t selector, uint8_t cpl)
{
    uint64_t addr;
    uint8_t bytes[DESC_SIZE];
    if (!locate(w, selector, &addr) || !fetch(w, addr, bytes, sizeof(bytes), 0)) {
        w->out->error = 0; /* this raises nothing */
        return false;
    }
    const uint64_t desc = load64(bytes);
    if (desc_is_code(desc) && desc_is_conforming(desc))
        return true;
    return desc_dpl(desc) >= cpl;
}

void irqsim__idt_drop_inner_segments(const walk_t *w, uint8_t cpl)
{
    uint16_t *const segments[] = {&w->state->ds, &w->state->es, &w->state->fs, &w->state->gs};
    for (unsigned i = 0; i < 4; i++)
        if (!selector_is_null(*segments[i]) && !may_keep(w, *segments[i], cpl))
            *segments[i] = 0;
}

/* Judged by the level that executes IRET, before the return. */
HOT void restore_flags(irqsim_cpustate_t *s, uint64_t popped, unsigned width)
{
    uint64_t restored = RESTORED_ALWAYS;
    if (s->cpl == 0)
        restored |= RESTORED_AT_CPL0;
    if (EFLAGS_IOPL(s->cpl) <= (s->flags & EFLAGS_IOPL_M))
        restored |= EFLAGS_IF;
    if (width == 2)
        restored &= 0xFFFF;
    s->flags = (s->flags & ~restored) | (popped & restored) | EFLAGS_RESERVED;
}

void irqsim__idt_restore_flags(irqsim_cpustate_t *s, uint64_t popped, unsigned width)
{
    restore_flags(s, popped, width);
}

HOT void commit(const walk_t *w, const uint8_t *frame, unsigned slots, unsigned width)
{
    irqsim_cpustate_t *s = w->state;
    restore_flags(s, slot(frame, FLAGS, width), width);
    s->ip = slot(frame, IP, width);
    s->cs = (uint16_t)slot(frame, CS, width);
    w->out->frame = (uint8_t)(slots * width);
}

HOT bool return_same(const walk_t *w, const stack_t *stack, const uint8_t *frame, unsigned width,
                     uint64_t code)
{
    irqsim_cpustate_t *s = w->state;
    const uint32_t sp = (uint32_t)s->sp;
    if (!check_eip(w, slot(frame, IP, width), desc_limit(code)))
        return false;
    commit(w, frame, SAME_SLOTS, width);
    s->sp = stack_move(stack, sp, sp + SAME_SLOTS * width);
    return true;
}

/* CPU-94 */
HOT bool return_outer(const walk_t *w, const stack_t *stack, uint8_t *frame, unsigned width,
                      uint64_t code)
{
    irqsim_cpustate_t *s = w->state;
    const uint8_t cpl = slot(frame, CS, width) & SELECTOR_RPL_M;
    uint64_t ss_desc;

    if (!pop_frame(w, stack, SP, OUTER_SLOTS, width, frame))
        return false;
    const uint16_t ss = (uint16_t)slot(frame, SS, width);
    if (!find_stack_segment(w, ss, cpl, VECTOR_GP, &ss_desc) ||
        !check_eip(w, slot(frame, IP, width), desc_limit(code)))
        return false;
    const stack_t outer = stack_of(ss_desc, cpl);
    commit(w, frame, OUTER_SLOTS, width);
    s->sp = stack_move(&outer, (uint32_t)s->sp, slot(frame, SP, width));
    s->ss = ss;
    s->ss_desc = ss_desc;
    s->cpl = cpl;
    irqsim__idt_drop_inner_segments(w, cpl);
    w->out->inner = 1;
    return true;
}

/* CPU-92: all flags, at CPL 0 nothing is withheld. */
static bool return_v86(const walk_t *w, const stack_t *stack, uint8_t *frame)
{
    irqsim_cpustate_t *s = w->state;

    if (!pop_frame(w, stack, SP, V86_SLOTS, 4, frame) || !check_eip(w, slot(frame, IP, 4), 0xFFFF))
        return false;
    commit(w, frame, V86_SLOTS, 4);
    s->flags |= EFLAGS_VM;
    s->sp = slot(frame, SP, 4);
    s->ss = (uint16_t)slot(frame, SS, 4);
    s->es = (uint16_t)slot(frame, ES, 4);
    s->ds = (uint16_t)slot(frame, DS, 4);
    s->fs = (uint16_t)slot(frame, FS, 4);
    s->gs = (uint16_t)slot(frame, GS, 4);
    s->ss_desc = 0;
    s->cpl = 3;
    s->mode = IRQSIM_MODE_V86;
    w->out->inner = 1;
    return true;
}

HOT bool iret_protected(const walk_t *w, unsigned width)
{
    const irqsim_cpustate_t *s = w->state;
    const stack_t stack = stack_of(s->ss_desc, s->cpl);
    uint8_t frame[V86_SLOTS * 4];
    uint64_t code;

    if (s->flags & EFLAGS_NT)
        return irqsim__idt_leave_task(w); /* CPU-91 */
    if (!pop_frame(w, &stack, IP, SAME_SLOTS, width, frame))
        return false;
    if (s->cpl == 0 && width == 4 && (slot(frame, FLAGS, 4) & EFLAGS_VM))
        return return_v86(w, &stack, frame);
    const uint16_t cs = (uint16_t)slot(frame, CS, width);
    if (!find_return_code(w, cs, false, &code))
        return false;
    if ((cs & SELECTOR_RPL_M) == s->cpl)
        return return_same(w, &stack, frame, width, code);
    return return_outer(w, &stack, frame, width, code);
}

static bool iret16(const walk_t *w)
{
    return iret_protected(w, 2);
}

/* An operand of eight bytes is 64-bit code's alone. */
static bool iret(const walk_t *w, unsigned width)
{
    if (w->state->mode == IRQSIM_MODE_PROTECTED)
        return width == 2 ? iret16(w) : iret_protected(w, 4);
    if (width != 2 && !(width == 8 && w->state->code64))
        width = 4;
    if (w->state->mode == IRQSIM_MODE_LONG)
        return irqsim__idt_iret_long(w, width);
    return irqsim__idt_iret_real(w, width);
}

void irqsim_idt_iret(irqsim_cpustate_t *state, const irqsim_mem_t *mem, unsigned operand_bytes,
                     irqsim_outcome_t *out)
{
    const walk_t w = {.state = state, .mem = mem, .out = out, .linear = UINT32_MAX, .ext = 0};
    *out = (irqsim_outcome_t){0};
    out->delivered = iret(&w, operand_bytes);
}
