/* SPDX-License-Identifier: MIT */
/*
 * deliver.c - the way in: from a vector to the first instruction of its handler
 *
 *   find_gate --> find_code --> find_stack --> enter
 *   CPU-30..33    CPU-34..39    CPU-40..42     CPU-43..46
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

#define FRAME_MAX 40u

static bool find_gate(const walk_t *w, const irqsim_delivery_t *ev, uint64_t *gate)
{
    const irqsim_cpustate_t *s = w->state;
    const uint32_t offset = ev->vector * DESC_SIZE;
    const uint32_t error = offset | ERROR_IDT;

    if (offset + DESC_SIZE - 1 > s->idtr.limit) /* CPU-30 */
        return raise_error(w, VECTOR_GP, error);
    if (!read_descriptor(w, (uint32_t)s->idtr.base + offset, gate))
        return false;
    if (gate_row(*gate)->kind == GATE_INVALID) /* CPU-31 */
        return raise_error(w, VECTOR_GP, error);
    if (!w->ext && desc_dpl(*gate) < s->cpl) /* CPU-32 */
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
    if (to->cpl != 0 && w->state->mode == IRQSIM_MODE_V86) /* CPU-39 */
        return raise_selector(w, VECTOR_GP, selector);
    return true;
}

/* CPU-40, CPU-48: SSn:ESPn of the current TSS, SSn:SPn of a 16-bit one. */
static bool read_inner_stack(const walk_t *w, target_t *to)
{
    const irqsim_dtr_t *tr = &w->state->tr;
    const uint32_t width = type_is_tss16(tr->type) ? 2 : 4;
    const uint32_t offset = width + 2 * width * to->cpl;
    uint8_t pointer[8];

    if (offset + width + 1 > tr->limit)
        return raise_selector(w, VECTOR_TS, tr->selector);
    if (!read_system(w, (uint32_t)tr->base + offset, pointer, width + 2))
        return false;
    to->sp = (uint32_t)load_slot(pointer, width);
    to->ss = load16(pointer + width);
    return true;
}

static bool find_stack(const walk_t *w, target_t *to)
{
    if (to->inner)
        return read_inner_stack(w, to) &&
               find_stack_segment(w, to->ss, to->cpl, VECTOR_TS, &to->ss_desc); /* CPU-41, 42 */
    to->ss = w->state->ss;
    to->ss_desc = w->state->ss_desc;
    to->sp = (uint32_t)w->state->sp;
    return true;
}

/* CPU-46, lowest address first. Answers its size. */
HOT uint32_t build_frame(const irqsim_cpustate_t *s, const irqsim_delivery_t *ev, bool inner,
                         unsigned width, uint8_t frame[FRAME_MAX])
{
    uint8_t *p = frame;
    if (pushes_error(ev)) /* CPU-23: 16 bits of it through a 16-bit gate */
        p = put_slot(p, ev->error, width);
    p = put_slot(p, s->ip, width);
    p = put_slot(p, s->cs, width);
    p = put_slot(p, s->flags | (ev->set_rf ? EFLAGS_RF : 0), width); /* CPU-47, CPU-53 */
    if (inner) {
        p = put_slot(p, s->sp, width);
        p = put_slot(p, s->ss, width);
        if (s->mode == IRQSIM_MODE_V86) {
            p = put_slot(p, s->es, width);
            p = put_slot(p, s->ds, width);
            p = put_slot(p, s->fs, width);
            p = put_slot(p, s->gs, width);
        }
    }
    return (uint32_t)(p - frame);
}

/* Paragraphs mean nothing in protected mode. */
static void leave_v86(irqsim_cpustate_t *s)
{
    s->ds = s->es = s->fs = s->gs = 0;
    s->mode = IRQSIM_MODE_PROTECTED;
}

/* CPU-45 */
HOT void commit(irqsim_cpustate_t *s, const target_t *to, uint32_t ip, uint32_t sp)
{
    s->ip = ip;
    s->cs = (uint16_t)((gate_selector(to->gate) & ~SELECTOR_RPL_M) | to->cpl);
    s->flags &= ~(uint64_t)gate_row(to->gate)->clears;
    s->sp = sp;
    s->cpl = to->cpl;
    if (to->inner) {
        s->ss = to->ss;
        s->ss_desc = to->ss_desc;
        if (s->mode == IRQSIM_MODE_V86)
            leave_v86(s);
    }
}

HOT bool enter(const walk_t *w, const irqsim_delivery_t *ev, const target_t *to, unsigned width)
{
    uint8_t frame[FRAME_MAX];
    const uint32_t size = build_frame(w->state, ev, to->inner, width, frame);
    const stack_t stack = stack_of(to->ss_desc, to->cpl);
    const uint32_t sp = stack_move(&stack, to->sp, to->sp - size);
    const uint32_t addr = stack_address(&stack, sp);
    const uint32_t ip = width == 2 ? gate_offset(to->gate) & 0xFFFF : gate_offset(to->gate);

    if (!stack_holds(&stack, sp, size)) /* CPU-43 */
        return raise_selector(w, VECTOR_SS, to->inner ? to->ss : 0);
    if (ip > desc_limit(to->code)) /* CPU-44 */
        return raise_error(w, VECTOR_GP, 0);
    if (!push_slots(w, addr, frame, size, width, stack.user))
        return false;
    commit(w->state, to, ip, sp);
    w->out->inner = to->inner;
    w->out->frame = (uint8_t)size;
    w->out->slot = (uint8_t)width;
    w->out->address = addr;
    return true;
}

static bool enter16(const walk_t *w, const irqsim_delivery_t *ev, const target_t *to)
{
    return enter(w, ev, to, 2);
}

static bool deliver_protected(const walk_t *w, const irqsim_delivery_t *ev)
{
    target_t to;

    if (!find_gate(w, ev, &to.gate))
        return false;
    const gate_kind_t kind = gate_row(to.gate)->kind;
    if (kind == GATE_TASK)
        return irqsim__idt_enter_task(w, ev, gate_selector(to.gate)); /* CPU-49 */
    if (!find_code(w, &to) || !find_stack(w, &to))
        return false;
    return kind == GATE_HANDLER32 ? enter(w, ev, &to, 4) : enter16(w, ev, &to);
}

/* CPU-65, CPU-77: INT n is the monitor's business unless IOPL is 3; INT3 is not. */
static bool deliver_v86(const walk_t *w, const irqsim_delivery_t *ev)
{
    if (ev->kind == IRQSIM_KIND_SOFTWARE && (~w->state->flags & EFLAGS_IOPL_M))
        return raise_error(w, VECTOR_GP, 0);
    return deliver_protected(w, ev);
}

static bool deliver(const walk_t *w, const irqsim_delivery_t *ev)
{
    if (w->state->mode == IRQSIM_MODE_PROTECTED)
        return deliver_protected(w, ev);
    if (w->state->mode == IRQSIM_MODE_V86)
        return deliver_v86(w, ev);
    if (w->state->mode == IRQSIM_MODE_LONG)
        return irqsim__idt_deliver_long(w, ev);
    return irqsim__idt_deliver_real(w, ev);
}

void irqsim_idt_deliver(irqsim_cpustate_t *state, const irqsim_mem_t *mem,
                        const irqsim_delivery_t *ev, irqsim_outcome_t *out)
{
    const walk_t w = {
        .state = state,
        .mem = mem,
        .out = out,
        .linear = UINT32_MAX,
        .ext = is_software(ev->kind) ? 0 : ERROR_EXT, /* CPU-25 */
    };

    *out = (irqsim_outcome_t){0};
    out->delivered = deliver(&w, ev);
}
