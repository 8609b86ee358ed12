/* SPDX-License-Identifier: MIT */
/*
 * long.c - IA-32e mode: every handler is 64-bit code on a flat stack
 *
 * In: one frame layout, 16-byte gates, stacks from RSPn or ISTn. Out: IRET from 64-bit
 * code, which always pops SS:RSP, and from compatibility mode, which pops from its SS.
 */
#include "idt_int.h"

enum { IP, CS, FLAGS, SP, SS, SLOTS, SAME_SLOTS = SP };

#define GATE_SIZE 16u
#define FRAME_MAX (8u * (SLOTS + 1))

/* 48 bits, sign-extended. */
static bool is_canonical(uint64_t addr)
{
    return (addr + (UINT64_C(1) << 47)) >> 48 == 0;
}

/* Of the walk that came in: its linear addresses have all 64 bits. */
static walk_t widened(const walk_t *w)
{
    walk_t wide = *w;
    wide.linear = UINT64_MAX;
    return wide;
}

/* ---- the way in ---- */

typedef struct target {
    irqsim_gate_t gate;
    uint64_t rsp; /* of the stack the frame goes to */
    uint8_t cpl;
    bool inner;
} target_t;

static bool find_gate(const walk_t *w, const irqsim_delivery_t *ev, irqsim_gate_t *gate)
{
    const irqsim_cpustate_t *s = w->state;
    const uint32_t offset = ev->vector * GATE_SIZE;
    const uint32_t error = ev->vector * DESC_SIZE | ERROR_IDT;
    uint8_t bytes[GATE_SIZE];

    if (offset + GATE_SIZE - 1 > s->idtr.limit) /* LM-01 */
        return raise_error(w, VECTOR_GP, error);
    if (!read_system(w, s->idtr.base + offset, bytes, sizeof(bytes)))
        return false;
    irqsim_gate_decode64((const uint64_t[]){load64(bytes), load64(bytes + 8)}, gate);
    if (irqsim__idt_gate_types[gate->type].kind != GATE_HANDLER32) /* LM-02 */
        return raise_error(w, VECTOR_GP, error);
    if (!w->ext && gate->dpl < s->cpl) /* CPU-32 */
        return raise_error(w, VECTOR_GP, error);
    if (!gate->present) /* CPU-33 */
        return raise_error(w, VECTOR_NP, error);
    return true;
}

/* LM-03: CPU-34..38 with one more check. */
static bool find_code(const walk_t *w, target_t *to)
{
    const uint16_t selector = to->gate.selector;
    const uint8_t cpl = w->state->cpl;
    uint64_t code;

    if (selector_is_null(selector))
        return raise_error(w, VECTOR_GP, 0);
    if (!find_descriptor(w, selector, VECTOR_GP, &code))
        return false;
    const uint8_t dpl = desc_dpl(code);
    if (!desc_is_code(code) || dpl > cpl || !desc_is_code64(code) || desc_is_code32(code))
        return raise_selector(w, VECTOR_GP, selector);
    if (!desc_present(code))
        return raise_selector(w, VECTOR_NP, selector);
    to->inner = !desc_is_conforming(code) && dpl < cpl;
    to->cpl = to->inner ? dpl : cpl;
    return true;
}

static bool read_tss_stack(const walk_t *w, uint32_t offset, uint64_t *rsp)
{
    const irqsim_dtr_t *tr = &w->state->tr;
    uint8_t slot[8];

    if (offset + sizeof(slot) - 1 > tr->limit)
        return raise_selector(w, VECTOR_TS, tr->selector);
    if (!read_system(w, tr->base + offset, slot, sizeof(slot)))
        return false;
    *rsp = load64(slot);
    return true;
}

/* In compatibility mode the high halves of RIP and RSP mean nothing (LM-10). */
static uint64_t in_use(const irqsim_cpustate_t *s, uint64_t reg)
{
    return s->code64 ? reg : (uint32_t)reg;
}

/* LM-04 */
static bool find_stack(const walk_t *w, target_t *to)
{
    if (to->gate.ist)
        return read_tss_stack(w, TSS64_IST(to->gate.ist), &to->rsp);
    if (to->inner)
        return read_tss_stack(w, TSS64_RSP(to->cpl), &to->rsp);
    to->rsp = in_use(w->state, w->state->sp);
    return true;
}

/* LM-06: SS and RSP always; lowest address first. Answers its size. */
static uint32_t build_frame(const irqsim_cpustate_t *s, const irqsim_delivery_t *ev,
                            uint8_t frame[FRAME_MAX])
{
    uint8_t *p = frame;
    if (pushes_error(ev))
        p = put_slot(p, ev->error, 8);
    p = put_slot(p, in_use(s, s->ip), 8);
    p = put_slot(p, s->cs, 8);
    p = put_slot(p, s->flags | (ev->set_rf ? EFLAGS_RF : 0), 8);
    p = put_slot(p, in_use(s, s->sp), 8);
    p = put_slot(p, s->ss, 8);
    return (uint32_t)(p - frame);
}

static void commit(irqsim_cpustate_t *s, const target_t *to, uint64_t rsp)
{
    s->ip = to->gate.offset;
    s->cs = (uint16_t)((to->gate.selector & ~SELECTOR_RPL_M) | to->cpl);
    s->flags &= ~(uint64_t)irqsim__idt_gate_types[to->gate.type].clears;
    s->sp = rsp;
    s->cpl = to->cpl;
    s->code64 = 1;
    if (to->inner) {
        s->ss = to->cpl; /* LM-07: null, with the new level */
        s->ss_desc = 0;
    }
}

static bool enter(const walk_t *w, const irqsim_delivery_t *ev, const target_t *to)
{
    uint8_t frame[FRAME_MAX];
    const uint32_t size = build_frame(w->state, ev, frame);
    const uint64_t rsp = (to->rsp & ~UINT64_C(15)) - size; /* LM-05: aligned, always */

    if (!is_canonical(to->rsp) || !is_canonical(rsp)) /* LM-05 */
        return raise_error(w, VECTOR_SS, 0);
    if (!is_canonical(to->gate.offset)) /* LM-08 */
        return raise_error(w, VECTOR_GP, 0);
    if (!push_slots(w, rsp, frame, size, 8, user_bit(to->cpl)))
        return false;
    commit(w->state, to, rsp);
    w->out->inner = to->inner;
    w->out->frame = (uint8_t)size;
    w->out->slot = 8;
    w->out->ist = to->gate.ist; /* LM-15 */
    w->out->address = rsp;
    return true;
}

bool irqsim__idt_deliver_long(const walk_t *narrow, const irqsim_delivery_t *ev)
{
    const walk_t w = widened(narrow);
    target_t to;

    return find_gate(&w, ev, &to.gate) && find_code(&w, &to) && find_stack(&w, &to) &&
           enter(&w, ev, &to);
}

/* ---- the way out ---- */

/* A frame on its way back into registers. */
typedef struct popped {
    unsigned width; /* of a slot: the operand size of IRET */
    unsigned count; /* of slots popped so far              */
    uint64_t slot[SLOTS];
} popped_t;

/* Where `size` bytes at RSP lie, or at SS:ESP of compatibility mode. */
static bool find_frame(const walk_t *w, uint32_t size, uint64_t *addr)
{
    const irqsim_cpustate_t *s = w->state;

    if (s->code64) {
        *addr = s->sp;
        if (is_canonical(s->sp) && is_canonical(s->sp + size - 1))
            return true;
    } else {
        const stack_t stack = stack_of(s->ss_desc, s->cpl);
        *addr = stack_address(&stack, (uint32_t)s->sp);
        if (stack_holds(&stack, (uint32_t)s->sp, size))
            return true;
    }
    return raise_error(w, VECTOR_SS, 0);
}

/* Pops slots until there are `count`. */
static bool pop_frame(const walk_t *w, popped_t *frame, unsigned count)
{
    const uint32_t from = frame->count * frame->width, to = count * frame->width;
    uint8_t bytes[8 * SLOTS];
    uint64_t addr;

    if (!find_frame(w, to, &addr) || !pop_slots(w, (addr + from) & w->linear, bytes, to - from,
                                                frame->width, user_bit(w->state->cpl)))
        return false;
    for (const uint8_t *p = bytes; frame->count < count; p += frame->width)
        frame->slot[frame->count++] = load_slot(p, frame->width);
    return true;
}

/* LM-11: a null SS is for 64-bit code of the levels 0..2. */
static bool find_return_stack(const walk_t *w, uint16_t selector, uint8_t cpl, bool code64,
                              uint64_t *ss_desc)
{
    *ss_desc = 0;
    if (selector_is_null(selector) && code64 && cpl != 3 && selector == cpl)
        return true;
    return find_stack_segment(w, selector, cpl, VECTOR_GP, ss_desc);
}

static bool check_ip(const walk_t *w, uint64_t ip, uint64_t code)
{
    if (desc_is_code64(code) ? !is_canonical(ip) : ip > desc_limit(code)) /* LM-11, CPU-93 */
        return raise_error(w, VECTOR_GP, 0);
    return true;
}

static void load_stack(irqsim_cpustate_t *s, const popped_t *frame, uint64_t ss_desc)
{
    s->sp = frame->slot[SP];
    s->ss = (uint16_t)frame->slot[SS];
    s->ss_desc = ss_desc;
}

/* From compatibility mode to the same level: SS stays. */
static void move_stack(irqsim_cpustate_t *s, uint32_t bytes)
{
    const stack_t stack = stack_of(s->ss_desc, s->cpl);
    s->sp = stack_move(&stack, (uint32_t)s->sp, (uint32_t)s->sp + bytes);
}

static void return_to(const walk_t *w, const popped_t *frame, uint64_t code, uint64_t ss_desc)
{
    irqsim_cpustate_t *s = w->state;
    const uint8_t cpl = frame->slot[CS] & SELECTOR_RPL_M;

    irqsim__idt_restore_flags(s, frame->slot[FLAGS], frame->width); /* LM-12: VM is none of them */
    s->ip = frame->slot[IP];
    s->cs = (uint16_t)frame->slot[CS];
    if (frame->count == SLOTS)
        load_stack(s, frame, ss_desc);
    else
        move_stack(s, SAME_SLOTS * frame->width);
    w->out->inner = cpl > s->cpl;
    w->out->frame = (uint8_t)(frame->count * frame->width);
    s->cpl = cpl;
    s->code64 = desc_is_code64(code);
    if (w->out->inner)
        irqsim__idt_drop_inner_segments(w, cpl);
}

bool irqsim__idt_iret_long(const walk_t *narrow, unsigned width)
{
    const walk_t w = widened(narrow);
    const irqsim_cpustate_t *s = w.state;
    const walk_t *stack = s->code64 ? &w : narrow; /* the tables are wide in both */
    popped_t frame = {.width = width};
    uint64_t code, ss_desc = 0;

    if (s->flags & EFLAGS_NT) /* LM-11: there are no tasks to return to */
        return raise_error(&w, VECTOR_GP, 0);
    if (!pop_frame(stack, &frame, s->code64 ? SLOTS : SAME_SLOTS) ||
        !find_return_code(&w, (uint16_t)frame.slot[CS], true, &code))
        return false;
    const uint8_t cpl = frame.slot[CS] & SELECTOR_RPL_M;
    if (cpl > s->cpl && frame.count < SLOTS && !pop_frame(stack, &frame, SLOTS)) /* CPU-94 */
        return false;
    if (frame.count == SLOTS &&
        !find_return_stack(&w, (uint16_t)frame.slot[SS], cpl, desc_is_code64(code), &ss_desc))
        return false;
    if (!check_ip(&w, frame.slot[IP], code))
        return false;
    return_to(&w, &frame, code, ss_desc);
    return true;
}
