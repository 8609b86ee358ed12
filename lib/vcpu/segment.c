/* SPDX-License-Identifier: MIT */
/*
 * segment.c - loads of SS and DS: the faults of segment registers (CPU-12..14)
 */
#include <irqsim/regs/idt_regs.h>

#include "vcpu_int.h"

#define DESC_SIZE 8u

static uint32_t access_of(uint64_t desc)
{
    return (uint32_t)(desc >> 40) & 0xFFu;
}

static unsigned dpl_of(uint64_t desc)
{
    return access_of(desc) >> 5 & 3u;
}

static bool is_null(uint16_t selector)
{
    return !(selector & ~SELECTOR_RPL_M);
}

static bool has_segments(const irqsim_cpustate_t *s) /* else a selector is an address */
{
    return !irqsim__vcpu_in_paragraphs(s);
}

/* CPU-23: the selector without its RPL. */
static verdict_t raise_selector(exec_t *e, uint8_t vector, uint16_t selector)
{
    return irqsim__vcpu_raise(e, vector, selector & ~SELECTOR_RPL_M);
}

static verdict_t read_descriptor(exec_t *e, uint16_t selector, uint64_t *desc)
{
    const irqsim_cpustate_t *s = &e->cpu->regs;
    const irqsim_dtr_t *table = selector & SELECTOR_TI ? &s->ldtr : &s->gdtr;
    const uint32_t offset = selector & ~7u;
    uint8_t bytes[DESC_SIZE];

    if (offset + DESC_SIZE - 1 > table->limit)
        return raise_selector(e, VECTOR_GP, selector);
    const verdict_t verdict = irqsim__vcpu_read_table(e, table->base + offset, bytes, DESC_SIZE);
    *desc = 0;
    for (unsigned i = DESC_SIZE; verdict == DONE && i-- > 0;)
        *desc = *desc << 8 | bytes[i];
    return verdict;
}

/* A stack of 64-bit code may have none, but at CPL 3. */
static verdict_t load_null_ss(exec_t *e, uint16_t selector)
{
    irqsim_cpustate_t *s = &e->cpu->regs;

    if (!s->code64 || s->cpl == 3 || selector != s->cpl)
        return irqsim__vcpu_raise(e, VECTOR_GP, 0);
    s->ss = selector;
    return DONE;
}

verdict_t irqsim__vcpu_load_ss(exec_t *e, uint16_t selector)
{
    irqsim_cpustate_t *s = &e->cpu->regs;
    const unsigned writable = DESC_S | DESC_WRITABLE;
    uint64_t desc = 0;

    if (has_segments(s)) {
        if (is_null(selector))
            return load_null_ss(e, selector);
        const verdict_t verdict = read_descriptor(e, selector, &desc);
        if (verdict != DONE)
            return verdict;
        if ((selector & SELECTOR_RPL_M) != s->cpl || dpl_of(desc) != s->cpl ||
            (access_of(desc) & (writable | DESC_CODE)) != writable)
            return raise_selector(e, VECTOR_GP, selector);
        if (!(access_of(desc) & DESC_P))
            return raise_selector(e, VECTOR_SS, selector);
    }
    s->ss = selector;
    s->ss_desc = desc;
    return DONE;
}

/* Data, or code that may be read; conforming code from every level. */
static bool may_load(const irqsim_cpustate_t *s, uint16_t selector, uint64_t desc)
{
    const uint32_t access = access_of(desc);
    const unsigned rpl = selector & SELECTOR_RPL_M;

    if (!(access & DESC_S) || (access & DESC_CODE && !(access & DESC_READABLE)))
        return false;
    if (access & DESC_CODE && access & DESC_CONFORMING)
        return true;
    return dpl_of(desc) >= s->cpl && dpl_of(desc) >= rpl;
}

verdict_t irqsim__vcpu_load_ds(exec_t *e, uint16_t selector)
{
    irqsim_cpustate_t *s = &e->cpu->regs;
    uint64_t desc = 0;

    if (has_segments(s) && !is_null(selector)) {
        const verdict_t verdict = read_descriptor(e, selector, &desc);
        if (verdict != DONE)
            return verdict;
        if (!may_load(s, selector, desc))
            return raise_selector(e, VECTOR_GP, selector);
        if (!(access_of(desc) & DESC_P))
            return raise_selector(e, VECTOR_NP, selector);
    }
    s->ds = selector;
    return DONE;
}
