/* SPDX-License-Identifier: MIT */
/*
 * deliver.c - the way in: from a vector to the first instruction of its handler
 *
 *   find_gate --> find_code --> find_stack --> enter
 *   CPU-30..33    CPU-34..38    CPU-40..42     CPU-43..45
 *
 * Nothing of the state changes before the last step cannot fail any more.
 */
#include "idt_int.h"

/* Where the event goes; filled in step by step. */
typedef struct target {
    uint64_t gate;    /* the IDT entry                   */
    uint64_t code;    /* descriptor of the handler's CS  */
    uint64_t ss_desc; /* of the stack the frame goes to  */
    uint32_t sp;      /* its top, before the frame       */
    uint16_t ss;
    uint8_t cpl;
    bool inner;
} target_t;

#define FRAME_MAX 24u

static bool find_gate(const walk_t *w, const irqsim_delivery_t *ev, uint64_t *gate)
{
    const irqsim_cpustate_t *s = w->state;
    const uint32_t offset = ev->vector * DESC_SIZE;
    const uint32_t error = offset | ERROR_IDT;

    if (s->mode != IRQSIM_MODE_PROTECTED || offset + DESC_SIZE - 1 > s->idtr.limit) /* CPU-30 */
        return raise_error(w, VECTOR_GP, error);
    if (!read_descriptor(w, (uint32_t)s->idtr.base + offset, gate))
        return false;
    if (gate_row(*gate)->kind == GATE_INVALID) /* CPU-31 */
        return raise_error(w, VECTOR_GP, error);
    if (is_software(ev->kind) && desc_dpl(*gate) < s->cpl) /* CPU-32 */
        return raise_error(w, VECTOR_GP, error);
    if (!desc_present(*gate)) /* CPU-33: only after the DPL */
        return raise_error(w, VECTOR_NP, error);
    return true;
}

static bool find_code(const walk_t *w, target_t *to)
{
    const uint16_t selector = gate_selector(to->gate);
    const uint8_t cpl = w->state->cpl;

    if (selector_is_null(selector)) /* CPU-34 */
        return raise_error(w, VECTOR_GP, 0);
    if (!find_descriptor(w, selector, VECTOR_GP, &to->code)) /* CPU-35 */
        return false;
    const uint8_t dpl = desc_dpl(to->code);
    if (!desc_is_code(to->code) || dpl > cpl) /* CPU-36 */
        return raise_selector(w, VECTOR_GP, selector);
    if (!desc_present(to->code)) /* CPU-37 */
        return raise_selector(w, VECTOR_NP, selector);
    to->inner = !desc_is_conforming(to->code) && dpl < cpl; /* CPU-38 */
    to->cpl = to->inner ? dpl : cpl;
    return true;
}

/* CPU-40, CPU-48: SSn:ESPn of the current TSS. */
static bool read_inner_stack(const walk_t *w, target_t *to)
{
    const irqsim_dtr_t *tr = &w->state->tr;
    const uint32_t offset = TSS32_ESP((uint32_t)to->cpl);
    uint8_t slot[6];

    if (offset + sizeof(slot) - 1 > tr->limit)
        return raise_selector(w, VECTOR_TS, (uint16_t)tr->selector);
    if (!read_system(w, (uint32_t)tr->base + offset, slot, sizeof(slot)))
        return false;
    to->sp = load32(slot);
    to->ss = load16(slot + 4);
    return true;
}

/* CPU-41, CPU-42 */
static bool check_inner_stack(const walk_t *w, target_t *to)
{
    if (selector_is_null(to->ss))
        return raise_error(w, VECTOR_TS, 0);
    if (!find_descriptor(w, to->ss, VECTOR_TS, &to->ss_desc))
        return false;
    if ((to->ss & SELECTOR_RPL_M) != to->cpl || desc_dpl(to->ss_desc) != to->cpl ||
        !desc_is_writable_data(to->ss_desc))
        return raise_selector(w, VECTOR_TS, to->ss);
    if (!desc_present(to->ss_desc))
        return raise_selector(w, VECTOR_SS, to->ss);
    return true;
}

static bool find_stack(const walk_t *w, target_t *to)
{
    if (to->inner)
        return read_inner_stack(w, to) && check_inner_stack(w, to);
    to->ss = w->state->ss;
    to->ss_desc = w->state->ss_desc;
    to->sp = (uint32_t)w->state->sp;
    return true;
}

/* CPU-46, lowest address first. Answers its size. */
static uint32_t build_frame(const irqsim_cpustate_t *s, const irqsim_delivery_t *ev, bool inner,
                            uint8_t frame[FRAME_MAX])
{
    uint8_t *p = frame;
    if (ev->has_error && ev->kind == IRQSIM_KIND_EXCEPTION) /* CPU-22, CPU-58 */
        p = put32(p, ev->error);
    p = put32(p, (uint32_t)s->ip);
    p = put32(p, s->cs);
    p = put32(p, (uint32_t)s->flags | (ev->set_rf ? EFLAGS_RF : 0)); /* CPU-47, CPU-53 */
    if (inner) {
        p = put32(p, (uint32_t)s->sp);
        p = put32(p, s->ss);
    }
    return (uint32_t)(p - frame);
}

/* CPU-45 */
static void commit(irqsim_cpustate_t *s, const target_t *to, uint32_t sp)
{
    s->ip = gate_offset(to->gate);
    s->cs = (uint16_t)((gate_selector(to->gate) & ~SELECTOR_RPL_M) | to->cpl);
    s->flags &= ~(uint64_t)gate_row(to->gate)->clears;
    s->sp = sp;
    s->cpl = to->cpl;
    if (to->inner) {
        s->ss = to->ss;
        s->ss_desc = to->ss_desc;
    }
}

static bool enter(const walk_t *w, const irqsim_delivery_t *ev, const target_t *to)
{
    uint8_t frame[FRAME_MAX];
    const uint32_t size = build_frame(w->state, ev, to->inner, frame);
    const stack_t stack = stack_of(to->ss_desc, to->cpl);
    const uint32_t sp = stack_move(&stack, to->sp, to->sp - size);

    if (!stack_holds(&stack, sp, size)) /* CPU-43 */
        return raise_selector(w, VECTOR_SS, to->inner ? to->ss : 0);
    if (gate_offset(to->gate) > desc_limit(to->code)) /* CPU-44 */
        return raise_error(w, VECTOR_GP, 0);
    if (!push(w, &stack, sp, frame, size))
        return false;
    commit(w->state, to, sp);
    w->out->inner = to->inner;
    w->out->frame = (uint8_t)size;
    return true;
}

void irqsim_idt_deliver(irqsim_cpustate_t *state, const irqsim_mem_t *mem,
                        const irqsim_delivery_t *ev, irqsim_outcome_t *out)
{
    const walk_t w = {
        .state = state,
        .mem = mem,
        .out = out,
        .ext = is_software(ev->kind) ? 0 : ERROR_EXT, /* CPU-25 */
    };
    target_t to;

    *out = (irqsim_outcome_t){0};
    out->delivered = find_gate(&w, ev, &to.gate) && find_code(&w, &to) && find_stack(&w, &to) &&
                     enter(&w, ev, &to);
}
