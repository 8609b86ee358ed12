/* SPDX-License-Identifier: MIT */
/*
 * access.c - memory and stack as an instruction reaches them
 */
#include <irqsim/regs/debug_regs.h>
#include <irqsim/regs/idt_regs.h>

#include "vcpu_int.h"

#define SLOT_MAX 8u

/* ---- memory ---- */

/* `error` has PF_ERROR_P if it is there, but not allowed. */
static verdict_t refused(exec_t *e, uint64_t addr, uint32_t error)
{
    if (e->v->mem->missing == IRQSIM_MEM_BUS_ERROR && !(error & PF_ERROR_P)) {
        e->out = (irqsim_outcome_t){.bus_error = 1, .address = addr};
        return NO_MEMORY;
    }
    e->cpu->regs.cr2 = addr; /* CPU-24 */
    return irqsim__vcpu_raise(e, VECTOR_PF, error);
}

static uint32_t user_bit(const exec_t *e)
{
    return e->cpu->regs.cpl == 3 ? PF_ERROR_U : 0;
}

/* Data breakpoints are traps: the access is done, the instruction goes on (CPU-70). */
static uint32_t breakpoints(const exec_t *e, unsigned type, uint64_t addr, unsigned bytes)
{
    const irqsim_breakpoints_t *bp = e->v->breakpoints;

    return bp ? irqsim_breakpoints_hit(bp, type, addr, bytes) : 0;
}

/* Where byte `done` of an access lies, and how many from there on are one piece: what lies
 * around the last linear address is two. */
static uint64_t piece_of(const exec_t *e, uint64_t addr, unsigned done, unsigned *bytes)
{
    const uint64_t last = irqsim__vcpu_last_address(&e->cpu->regs);
    const uint64_t at = (addr + done) & last;

    *bytes -= done;
    if (*bytes - 1 > last - at)
        *bytes = (unsigned)(last - at) + 1;
    return at;
}

static verdict_t read(exec_t *e, uint64_t addr, void *to, unsigned bytes, uint32_t error)
{
    for (unsigned done = 0, piece; done < bytes; done += piece) {
        piece = bytes;
        const uint64_t at = piece_of(e, addr, done, &piece);
        if (!irqsim_mem_allows(e->v->mem, at, piece, error))
            return refused(e, at, error | PF_ERROR_P);
        if (!irqsim_mem_read(e->v->mem, at, (uint8_t *)to + done, piece))
            return refused(e, at, error);
    }
    return DONE;
}

verdict_t irqsim__vcpu_read_table(exec_t *e, uint64_t addr, void *to, unsigned bytes)
{
    return read(e, addr, to, bytes, 0);
}

verdict_t irqsim__vcpu_read(exec_t *e, uint64_t addr, void *to, unsigned bytes)
{
    const verdict_t verdict = read(e, addr, to, bytes, user_bit(e));

    if (verdict == DONE)
        e->hits |= breakpoints(e, DR7_ACCESS, addr, bytes);
    return verdict;
}

verdict_t irqsim__vcpu_fetch(exec_t *e, uint64_t addr)
{
    uint8_t byte;

    return read(e, addr, &byte, 1, user_bit(e));
}

verdict_t irqsim__vcpu_write(exec_t *e, uint64_t addr, const void *from, unsigned bytes)
{
    const uint32_t error = PF_ERROR_W | user_bit(e);

    for (unsigned done = 0, piece; done < bytes; done += piece) {
        piece = bytes;
        const uint64_t at = piece_of(e, addr, done, &piece);
        if (!irqsim_mem_allows(e->v->mem, at, piece, error))
            return refused(e, at, error | PF_ERROR_P);
        if (!irqsim_mem_write(e->v->mem, at, (const uint8_t *)from + done, piece))
            return refused(e, at, error);
    }
    e->hits |= breakpoints(e, DR7_WRITE, addr, bytes);
    return DONE;
}

static bool all_canonical(uint64_t addr, unsigned bytes)
{
    return irqsim__vcpu_is_canonical(addr) && irqsim__vcpu_is_canonical(addr + bytes - 1);
}

verdict_t irqsim__vcpu_check_data(exec_t *e, uint64_t addr, unsigned bytes)
{
    if (e->cpu->regs.code64 && !all_canonical(addr, bytes)) /* CPU-14 */
        return irqsim__vcpu_raise(e, VECTOR_GP, 0);
    return DONE;
}

/* ---- the stack ---- */

/* SS in the form that a push needs. */
typedef struct stack {
    uint64_t base, mask;  /* mask: the bits of SP that it uses            */
    uint64_t first, last; /* valid offsets                                */
} stack_t;

static stack_t segment_stack(uint64_t desc)
{
    stack_t stack = {.mask = desc >> 52 & DESC_FLAG_DB ? UINT32_MAX : UINT16_MAX};

    stack.base = (desc >> 16 & 0xFFFFFFu) | (desc >> 32 & 0xFF000000u);
    stack.last = (desc & 0xFFFFu) | (desc >> 32 & 0xF0000u);
    if (desc >> 52 & DESC_FLAG_G)
        stack.last = stack.last << 12 | 0xFFFu;
    if (desc >> 40 & DESC_EXPANDDOWN) {
        stack.first = stack.last + 1;
        stack.last = stack.mask;
    }
    return stack;
}

static stack_t stack_of(const irqsim_cpustate_t *s)
{
    if (s->code64)
        return (stack_t){.mask = UINT64_MAX, .last = UINT64_MAX};
    if (irqsim__vcpu_in_paragraphs(s))
        return (stack_t){.base = (uint64_t)s->ss << 4, .mask = UINT16_MAX, .last = UINT16_MAX};
    return segment_stack(s->ss_desc ? s->ss_desc : DESC_FLAT_DATA32(0));
}

static bool holds(const stack_t *stack, uint64_t sp, unsigned bytes)
{
    const uint64_t offset = sp & stack->mask;

    if (stack->mask == UINT64_MAX)
        return all_canonical(sp, bytes);
    return offset >= stack->first && offset <= stack->last && bytes - 1 <= stack->last - offset;
}

/* A 16-bit stack pointer leaves the high half of ESP alone. */
static void move_sp(irqsim_cpustate_t *s, const stack_t *stack, uint64_t to)
{
    s->sp = (s->sp & ~stack->mask) | (to & stack->mask);
}

verdict_t irqsim__vcpu_push(exec_t *e, uint64_t value)
{
    irqsim_cpustate_t *s = &e->cpu->regs;
    const stack_t stack = stack_of(s);
    const uint64_t sp = (s->sp - e->size) & stack.mask;
    uint8_t bytes[SLOT_MAX];

    if (!holds(&stack, sp, e->size)) /* CPU-13: error code 0 */
        return irqsim__vcpu_raise(e, VECTOR_SS, 0);
    for (unsigned i = 0; i < e->size; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
    const verdict_t verdict = irqsim__vcpu_write(e, stack.base + sp, bytes, e->size);
    if (verdict == DONE)
        move_sp(s, &stack, sp);
    return verdict;
}

verdict_t irqsim__vcpu_pop(exec_t *e, uint64_t *value)
{
    irqsim_cpustate_t *s = &e->cpu->regs;
    const stack_t stack = stack_of(s);
    const uint64_t sp = s->sp & stack.mask;
    uint8_t bytes[SLOT_MAX];

    if (!holds(&stack, sp, e->size)) /* CPU-13 */
        return irqsim__vcpu_raise(e, VECTOR_SS, 0);
    const verdict_t verdict = irqsim__vcpu_read(e, stack.base + sp, bytes, e->size);
    if (verdict != DONE)
        return verdict;
    *value = 0;
    for (unsigned i = e->size; i-- > 0;)
        *value = *value << 8 | bytes[i];
    move_sp(s, &stack, sp + e->size);
    return DONE;
}

uint32_t irqsim__vcpu_stack_hits(const irqsim_breakpoints_t *bp, const irqsim_cpustate_t *s,
                                 unsigned type, unsigned bytes, unsigned width)
{
    const stack_t stack = stack_of(s);
    uint32_t hits = 0;

    for (unsigned at = 0; bp && at < bytes; at += width) {
        const uint64_t addr = stack.base + ((s->sp + at) & stack.mask);
        hits |= irqsim_breakpoints_hit(bp, type, addr & irqsim__vcpu_last_address(s), width);
    }
    return hits;
}
