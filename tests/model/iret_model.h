/* SPDX-License-Identifier: MIT */
/*
 * iret_model.h - IRET, as slow and as plain as the rules say it
 *
 * CPU-90, CPU-92..99, LM-11, LM-12; not the return to another task (CPU-91). On the memory and with the checks of idt_model.h.
 */
#ifndef IRQSIM_TESTS_IRET_MODEL_H
#define IRQSIM_TESTS_IRET_MODEL_H

#include "idt_model.h"

enum { RET_IP, RET_CS, RET_FLAGS, RET_SP, RET_SS, RET_ES, RET_DS, RET_FS, RET_GS, RET_SLOTS };

typedef struct model_return {
    unsigned width;            /* of the operand: 2, 4 or 8 */
    uint64_t value[RET_SLOTS]; /* the frame                 */
    model_segment_t code, stack;
} model_return_t;

/* ---- what is popped from ---- */

/* The stack in use, bounds included: real and V86 mode have 64 KiB at SS * 16. */
static inline model_segment_t model_stack_in_use(const model_t *m)
{
    if (m->cpu.mode == IRQSIM_MODE_REAL || m->cpu.mode == IRQSIM_MODE_V86)
        return (model_segment_t){.base = m->cpu.ss * 16u, .limit = 0xFFFF, .type = 0x12};
    if (m->cpu.mode == IRQSIM_MODE_LONG && m->cpu.code64)
        return (model_segment_t){.limit = UINT64_MAX, .type = 0x12, .long_code = 1};
    model_segment_t s = model_segment(m->cpu.ss_desc ? m->cpu.ss_desc : DESC_FLAT_DATA32(0));
    s.long_code = 0; /* that bit says nothing about data */
    return s;
}

static inline uint64_t model_sp_bits(const model_segment_t *s)
{
    return s->long_code ? UINT64_MAX : s->big ? 0xFFFFFFFF : 0xFFFF;
}

/* The first `slots` of the frame; #SS(0) when the stack does not hold them all. With
 * paragraphs SP goes around between slots, never inside of one (policy). */
static inline bool model_pop(model_t *m, model_return_t *ret, unsigned slots)
{
    const model_segment_t s = model_stack_in_use(m);
    const bool paragraphs = m->cpu.mode == IRQSIM_MODE_REAL || m->cpu.mode == IRQSIM_MODE_V86;
    const uint64_t bits = model_sp_bits(&s);
    const uint64_t from = m->cpu.sp & bits, to = from + slots * ret->width - 1;
    bool inside = s.type & 4 ? from > s.limit && to <= bits : to <= s.limit && to <= bits;

    if (m->cpu.mode == IRQSIM_MODE_LONG && m->cpu.code64)
        inside = model_canonical(from);
    if (paragraphs)
        inside = from % ret->width == 0 || to <= s.limit;
    if (!inside)
        return model_raise(m, 12, 0);
    for (unsigned i = 0; i < slots; i++)
        ret->value[i] = model_read(m, s.base + ((from + i * ret->width) & bits), ret->width);
    m->pushed = slots * ret->width;
    return true;
}

/* ---- flags: CPU-96 ---- */

static inline void model_restore_flags(model_t *m, const model_return_t *ret)
{
    uint64_t mask = EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF | EFLAGS_SF | EFLAGS_OF |
                    EFLAGS_DF | EFLAGS_TF | EFLAGS_NT | EFLAGS_AC | EFLAGS_ID | EFLAGS_RF;
    if (m->cpu.cpl <= (m->cpu.flags >> 12 & 3))
        mask |= EFLAGS_IF;
    if (m->cpu.cpl == 0)
        mask |= EFLAGS_IOPL_M | EFLAGS_VIF | EFLAGS_VIP;
    if (ret->width == 2)
        mask &= 0xFFFF;
    m->cpu.flags = (m->cpu.flags & ~mask) | (ret->value[RET_FLAGS] & mask) | EFLAGS_RESERVED;
}

/* ---- CS and SS of the frame: CPU-93..95, LM-11 ---- */

static inline bool model_return_code(model_t *m, model_return_t *ret)
{
    const unsigned cs = ret->value[RET_CS] & 0xFFFF, rpl = cs & 3;

    if (model_is_null(cs))
        return model_raise(m, 13, 0);
    if (!model_find(m, cs, &ret->code))
        return model_raise_selector(m, 13, cs);
    if (!model_is_code(&ret->code) || rpl < m->cpu.cpl)
        return model_raise_selector(m, 13, cs);
    if (model_is_conforming(&ret->code) ? ret->code.dpl > rpl : ret->code.dpl != rpl)
        return model_raise_selector(m, 13, cs);
    if (m->cpu.mode == IRQSIM_MODE_LONG && ret->code.long_code && ret->code.big)
        return model_raise_selector(m, 13, cs);
    if (!ret->code.present)
        return model_raise_selector(m, 11, cs);
    return true;
}

static inline bool model_return_stack(model_t *m, model_return_t *ret)
{
    const unsigned ss = ret->value[RET_SS] & 0xFFFF, level = ret->value[RET_CS] & 3;
    const bool to_64 = m->cpu.mode == IRQSIM_MODE_LONG && ret->code.long_code;

    ret->stack = (model_segment_t){0};
    if (model_is_null(ss) && to_64 && level < 3 && (ss & 3) == level)
        return true;
    if (model_is_null(ss))
        return model_raise(m, 13, 0);
    if (!model_find(m, ss, &ret->stack) || (ss & 3) != level || ret->stack.dpl != level ||
        !model_is_writable(&ret->stack))
        return model_raise_selector(m, 13, ss);
    if (!ret->stack.present)
        return model_raise_selector(m, 12, ss);
    return true;
}

static inline bool model_return_ip(model_t *m, const model_return_t *ret)
{
    const uint64_t ip = ret->value[RET_IP];
    const bool to_64 = m->cpu.mode == IRQSIM_MODE_LONG && ret->code.long_code;

    if (to_64 ? !model_canonical(ip) : ip > ret->code.limit)
        return model_raise(m, 13, 0);
    return true;
}

/* ---- data segments: CPU-94 ---- */

static inline uint16_t model_keep(const model_t *m, uint16_t selector)
{
    model_segment_t s;

    if (model_is_null(selector))
        return selector;
    if (!model_find(m, selector, &s))
        return 0;
    return s.dpl < m->cpu.cpl && !model_is_conforming(&s) ? 0 : selector;
}

static inline void model_drop_segments(model_t *m)
{
    m->cpu.ds = model_keep(m, m->cpu.ds);
    m->cpu.es = model_keep(m, m->cpu.es);
    m->cpu.fs = model_keep(m, m->cpu.fs);
    m->cpu.gs = model_keep(m, m->cpu.gs);
}

/* ---- the modes ---- */

static inline void model_load_code(model_t *m, const model_return_t *ret)
{
    model_restore_flags(m, ret);
    m->cpu.ip = ret->value[RET_IP];
    m->cpu.cs = (uint16_t)ret->value[RET_CS];
    m->cpu.cpl = ret->value[RET_CS] & 3;
}

static inline bool model_iret_to_v86(model_t *m, model_return_t *ret)
{
    if (!model_pop(m, ret, RET_SLOTS))
        return false;
    if (ret->value[RET_IP] > 0xFFFF)
        return model_raise(m, 13, 0);
    model_load_code(m, ret);
    m->cpu.flags |= EFLAGS_VM;
    m->cpu.mode = IRQSIM_MODE_V86;
    m->cpu.cpl = 3;
    m->cpu.sp = ret->value[RET_SP];
    m->cpu.ss = (uint16_t)ret->value[RET_SS];
    m->cpu.es = (uint16_t)ret->value[RET_ES];
    m->cpu.ds = (uint16_t)ret->value[RET_DS];
    m->cpu.fs = (uint16_t)ret->value[RET_FS];
    m->cpu.gs = (uint16_t)ret->value[RET_GS];
    m->inner = 1;
    return true;
}

static inline bool model_iret_protected(model_t *m, model_return_t *ret)
{
    const model_segment_t stack = model_stack_in_use(m);
    const uint64_t bits = model_sp_bits(&stack);

    if (!model_pop(m, ret, 3))
        return false;
    if (ret->width == 4 && (ret->value[RET_FLAGS] & EFLAGS_VM) && m->cpu.cpl == 0)
        return model_iret_to_v86(m, ret);
    if (!model_return_code(m, ret))
        return false;
    m->inner = (ret->value[RET_CS] & 3) > m->cpu.cpl;
    if (m->inner && (!model_pop(m, ret, 5) || !model_return_stack(m, ret)))
        return false;
    if (!model_return_ip(m, ret))
        return false;

    model_load_code(m, ret);
    if (!m->inner) {
        m->cpu.sp = (m->cpu.sp & ~bits) | ((m->cpu.sp + m->pushed) & bits);
        return true;
    }
    m->cpu.sp = ret->value[RET_SP];
    m->cpu.ss = (uint16_t)ret->value[RET_SS];
    m->cpu.ss_desc = ret->stack.raw;
    model_drop_segments(m);
    return true;
}

/* From 64-bit code always five pops, from compatibility mode only to an outer level. */
static inline bool model_iret_long(model_t *m, model_return_t *ret)
{
    const bool five = m->cpu.code64;
    const model_segment_t stack = model_stack_in_use(m);
    const uint64_t bits = model_sp_bits(&stack);

    if (m->cpu.flags & EFLAGS_NT)
        return model_raise(m, 13, 0);
    if (!model_pop(m, ret, five ? 5 : 3) || !model_return_code(m, ret))
        return false;
    m->inner = (ret->value[RET_CS] & 3) > m->cpu.cpl;
    const bool loads_stack = five || m->inner;
    if (m->inner && !five && !model_pop(m, ret, 5))
        return false;
    if (loads_stack && !model_return_stack(m, ret))
        return false;
    if (!model_return_ip(m, ret))
        return false;
    model_load_code(m, ret);
    m->cpu.code64 = (uint8_t)ret->code.long_code;
    if (!loads_stack) {
        m->cpu.sp &= 0xFFFFFFFF;
        m->cpu.sp = (m->cpu.sp & ~bits) | ((m->cpu.sp + m->pushed) & bits);
        return true;
    }
    m->cpu.sp = ret->value[RET_SP];
    m->cpu.ss = (uint16_t)ret->value[RET_SS];
    m->cpu.ss_desc = ret->stack.raw;
    if (m->inner)
        model_drop_segments(m);
    return true;
}

/* CPU-90, CPU-99: no descriptors. */
static inline bool model_iret_real(model_t *m, model_return_t *ret)
{
    uint64_t mask = EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF | EFLAGS_SF | EFLAGS_TF |
                    EFLAGS_IF | EFLAGS_DF | EFLAGS_OF | EFLAGS_NT | EFLAGS_RF | EFLAGS_AC |
                    EFLAGS_ID;
    if (m->cpu.mode == IRQSIM_MODE_V86 && (m->cpu.flags & EFLAGS_IOPL_M) != EFLAGS_IOPL_M)
        return model_raise(m, 13, 0);
    if (m->cpu.mode == IRQSIM_MODE_REAL)
        mask |= EFLAGS_IOPL_M;
    if (ret->width == 2)
        mask &= 0xFFFF;
    if (!model_pop(m, ret, 3))
        return false;
    if (ret->value[RET_IP] > 0xFFFF)
        return model_raise(m, 13, 0);
    m->cpu.flags = (m->cpu.flags & ~mask) | (ret->value[RET_FLAGS] & mask) | EFLAGS_RESERVED;
    m->cpu.ip = ret->value[RET_IP];
    m->cpu.cs = (uint16_t)ret->value[RET_CS];
    m->cpu.sp = (m->cpu.sp & ~UINT64_C(0xFFFF)) | ((m->cpu.sp + m->pushed) & 0xFFFF);
    return true;
}

/* As model_deliver(), with the operand size of the instruction. */
static inline bool model_iret(model_t *m, unsigned width)
{
    model_return_t ret = {.width = width};

    m->ext = 0;
    m->inner = m->pushed = 0;
    m->task = 0;
    if (m->cpu.mode == IRQSIM_MODE_LONG)
        return model_iret_long(m, &ret);
    if (m->cpu.mode == IRQSIM_MODE_PROTECTED)
        return model_iret_protected(m, &ret);
    return model_iret_real(m, &ret);
}

#endif
