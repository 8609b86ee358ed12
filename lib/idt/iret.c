/* SPDX-License-Identifier: MIT */
/*
 * iret.c - the way out: IRET to the same or to an outer privilege level
 */
#include "idt_int.h"

/* Offsets in the frame; ESP and SS are there on an outer return only. */
enum { EIP = 0, CS = 4, EFLAGS = 8, SAME_SIZE = SAME_FRAME, ESP = 12, SS = 16, OUTER_SIZE = 20 };

/* CPU-96 */
#define RESTORED_ALWAYS                                                                            \
    (EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF | EFLAGS_SF | EFLAGS_OF | EFLAGS_DF |           \
     EFLAGS_TF | EFLAGS_NT | EFLAGS_AC | EFLAGS_ID | EFLAGS_RF)
#define RESTORED_AT_CPL0 (EFLAGS_IOPL_M | EFLAGS_VIF | EFLAGS_VIP)

/* Pops bytes [from, to) of the frame; the stack must hold all of it up to `to`. CPU-97:
 * the frame begins at EIP, an error code left there is taken for it. */
static bool pop_frame(const walk_t *w, const stack_t *stack, uint32_t from, uint32_t to,
                      uint8_t frame[OUTER_SIZE])
{
    const uint32_t sp = (uint32_t)w->state->sp;
    if (!stack_holds(stack, sp, to)) /* CPU-13: error code 0 */
        return raise_error(w, VECTOR_SS, 0);
    return pop(w, stack, sp + from, frame + from, to - from);
}

/* CPU-93, CPU-95: the same checks for both levels. */
static bool find_code(const walk_t *w, uint16_t selector, uint64_t *code)
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
    if (!desc_present(*code))
        return raise_selector(w, VECTOR_NP, selector);
    return true;
}

/* CPU-94 */
static bool find_outer_stack(const walk_t *w, uint16_t selector, uint8_t cpl, uint64_t *desc)
{
    if (selector_is_null(selector))
        return raise_error(w, VECTOR_GP, 0);
    if (!find_descriptor(w, selector, VECTOR_GP, desc))
        return false;
    if ((selector & SELECTOR_RPL_M) != cpl || desc_dpl(*desc) != cpl ||
        !desc_is_writable_data(*desc))
        return raise_selector(w, VECTOR_GP, selector);
    if (!desc_present(*desc))
        return raise_selector(w, VECTOR_SS, selector);
    return true;
}

static bool check_eip(const walk_t *w, const uint8_t *frame, uint64_t code)
{
    if (load32(frame + EIP) > desc_limit(code)) /* CPU-93 */
        return raise_error(w, VECTOR_GP, 0);
    return true;
}

/* May a segment stay loaded at `cpl`? The descriptor is read again, as the
 * state keeps none for it; one that is gone grants nothing. */
static bool may_keep(const walk_t *w, uint16_t selector, uint8_t cpl)
{
    uint32_t addr;
    uint8_t bytes[DESC_SIZE];
    if (!locate(w->state, selector, &addr) || !fetch(w, addr, bytes, sizeof(bytes)))
        return false;
    const uint64_t desc = load64(bytes);
    if (desc_is_code(desc) && desc_is_conforming(desc))
        return true;
    return desc_dpl(desc) >= cpl;
}

/* CPU-94: an outer level keeps no segment that it could not have loaded. */
static void drop_inner_segments(const walk_t *w, uint8_t cpl)
{
    uint16_t *const segments[] = {&w->state->ds, &w->state->es, &w->state->fs, &w->state->gs};
    for (unsigned i = 0; i < 4; i++)
        if (!selector_is_null(*segments[i]) && !may_keep(w, *segments[i], cpl))
            *segments[i] = 0;
}

/* Judged by the level that executes IRET, before the return. */
static void restore_flags(irqsim_cpustate_t *s, uint32_t popped)
{
    uint64_t restored = RESTORED_ALWAYS;
    if (s->cpl == 0)
        restored |= RESTORED_AT_CPL0;
    if (EFLAGS_IOPL(s->cpl) <= (s->flags & EFLAGS_IOPL_M))
        restored |= EFLAGS_IF;
    s->flags = (s->flags & ~restored) | (popped & restored) | EFLAGS_RESERVED;
}

static void commit(const walk_t *w, const uint8_t *frame, uint32_t size)
{
    irqsim_cpustate_t *s = w->state;
    restore_flags(s, load32(frame + EFLAGS));
    s->ip = load32(frame + EIP);
    s->cs = load16(frame + CS);
    w->out->frame = (uint8_t)size;
}

static bool return_same(const walk_t *w, const stack_t *stack, const uint8_t *frame, uint64_t code)
{
    irqsim_cpustate_t *s = w->state;
    const uint32_t sp = (uint32_t)s->sp;
    if (!check_eip(w, frame, code))
        return false;
    commit(w, frame, SAME_SIZE);
    s->sp = stack_move(stack, sp, sp + SAME_SIZE);
    return true;
}

static bool return_outer(const walk_t *w, const stack_t *inner, uint8_t *frame, uint64_t code)
{
    irqsim_cpustate_t *s = w->state;
    const uint8_t cpl = load16(frame + CS) & SELECTOR_RPL_M;
    uint64_t ss_desc;

    if (!pop_frame(w, inner, SAME_SIZE, OUTER_SIZE, frame) ||
        !find_outer_stack(w, load16(frame + SS), cpl, &ss_desc) || !check_eip(w, frame, code))
        return false;
    const stack_t outer = stack_of(ss_desc, cpl);
    commit(w, frame, OUTER_SIZE);
    s->sp = stack_move(&outer, (uint32_t)s->sp, load32(frame + ESP));
    s->ss = load16(frame + SS);
    s->ss_desc = ss_desc;
    s->cpl = cpl;
    drop_inner_segments(w, cpl);
    w->out->inner = 1;
    return true;
}

static bool iret(const walk_t *w)
{
    const irqsim_cpustate_t *s = w->state;
    uint8_t frame[OUTER_SIZE];
    uint64_t code;

    if (s->mode != IRQSIM_MODE_PROTECTED || (s->flags & EFLAGS_NT))
        return raise_error(w, VECTOR_GP, 0);
    const stack_t stack = stack_of(s->ss_desc, s->cpl);
    if (!pop_frame(w, &stack, 0, SAME_SIZE, frame))
        return false;
    if ((load32(frame + EFLAGS) & EFLAGS_VM) && s->cpl == 0)
        return raise_error(w, VECTOR_GP, 0);
    if (!find_code(w, load16(frame + CS), &code))
        return false;
    if ((load16(frame + CS) & SELECTOR_RPL_M) == s->cpl)
        return return_same(w, &stack, frame, code);
    return return_outer(w, &stack, frame, code);
}

void irqsim_idt_iret(irqsim_cpustate_t *state, const irqsim_mem_t *mem, unsigned operand_bytes,
                     irqsim_outcome_t *out)
{
    (void)operand_bytes;
    const walk_t w = {.state = state, .mem = mem, .out = out, .ext = 0};
    *out = (irqsim_outcome_t){0};
    out->delivered = iret(&w);
}
