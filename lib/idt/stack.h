/* SPDX-License-Identifier: MIT */
/*
 * stack.h - stack segments in the form that pushes and pops need
 */
#ifndef IRQSIM_IDT_STACK_H
#define IRQSIM_IDT_STACK_H

#include "desc.h"

typedef struct stack {
    uint64_t low, high; /* valid offsets, both included; low > high: none     */
    uint32_t base;
    uint32_t mask; /* which bits of ESP it uses: 32, or 16 with B = 0         */
    uint32_t user; /* PF_ERROR_U when it is accessed at CPL 3 (CPU-24)        */
} stack_t;

/* A segment without a single valid offset: expand-down from the top of memory. */
#define DESC_NO_STACK                                                                              \
    DESC_SEGMENT(0, 0xFFFFF, DESC_P | DESC_S | DESC_WRITABLE | DESC_EXPANDDOWN,                    \
                 DESC_FLAG_G | DESC_FLAG_DB)

static inline uint32_t user_bit(uint8_t cpl)
{
    return cpl == 3 ? PF_ERROR_U : 0;
}

HOT stack_t stack_of(uint64_t desc, uint8_t cpl)
{
    if (!desc)
        desc = DESC_FLAT_DATA32(0);
    stack_t stack = {
        .low = 0,
        .high = desc_limit(desc),
        .base = desc_base(desc),
        .mask = desc >> 52 & DESC_FLAG_DB ? 0xFFFFFFFFu : 0xFFFFu,
        .user = user_bit(cpl),
    };
    if (desc_access(desc) & DESC_EXPANDDOWN) {
        stack.low = stack.high + 1;
        stack.high = stack.mask;
    }
    return stack;
}

/* CPU-56: real and V86 mode, 64 KiB at SS * 16. */
static inline stack_t stack_of_paragraph(uint16_t ss, uint8_t cpl)
{
    return (stack_t){
        .high = 0xFFFF,
        .base = (uint32_t)ss << 4,
        .mask = 0xFFFF,
        .user = user_bit(cpl),
    };
}

static inline stack_t stack_in_force(const irqsim_cpustate_t *s)
{
    const bool paragraphs = s->mode == IRQSIM_MODE_REAL || s->mode == IRQSIM_MODE_V86;
    return paragraphs ? stack_of_paragraph(s->ss, s->cpl) : stack_of(s->ss_desc, s->cpl);
}

/* Is the block at `sp` inside of the segment? A block that would wrap is not. */
HOT bool stack_holds(const stack_t *stack, uint32_t sp, uint32_t bytes)
{
    const uint64_t first = sp & stack->mask;
    return first >= stack->low && first + bytes - 1 <= stack->high;
}

/* ESP after a move; B = 0 leaves the high half alone. */
HOT uint32_t stack_move(const stack_t *stack, uint32_t sp, uint32_t to)
{
    return (sp & ~stack->mask) | (to & stack->mask);
}

HOT uint32_t stack_address(const stack_t *stack, uint32_t sp)
{
    return stack->base + (sp & stack->mask);
}

/* One slot, at `sp`. */
static inline bool push_slot(const walk_t *w, const stack_t *stack, uint32_t sp, uint64_t value,
                             unsigned width)
{
    const uint32_t addr = stack_address(stack, sp);
    uint8_t bytes[8];

    put_slot(bytes, value, width);
    return store(w, addr, bytes, width, stack->user) ||
           irqsim__idt_raise_missing(w, addr, PF_ERROR_W | stack->user);
}

static inline bool pop_slot(const walk_t *w, const stack_t *stack, uint32_t sp, uint32_t *value,
                            unsigned width)
{
    const uint32_t addr = stack_address(stack, sp);
    uint8_t bytes[8];

    if (!fetch(w, addr, bytes, width, stack->user))
        return irqsim__idt_raise_missing(w, addr, stack->user);
    *value = (uint32_t)load_slot(bytes, width);
    return true;
}

/* The checks of a new SS for level `cpl`, whoever loads it; `wrong` is the exception
 * for all but an absent segment: #TS from a TSS, #GP from IRET's frame. */
static inline bool find_stack_segment(const walk_t *w, uint16_t selector, uint8_t cpl,
                                      uint8_t wrong, uint64_t *desc)
{
    if (selector_is_null(selector))
        return raise_error(w, wrong, 0);
    if (!find_descriptor(w, selector, wrong, desc))
        return false;
    if ((selector & SELECTOR_RPL_M) != cpl || desc_dpl(*desc) != cpl ||
        !desc_is_writable_data(*desc))
        return raise_selector(w, wrong, selector);
    if (!desc_present(*desc))
        return raise_selector(w, VECTOR_SS, selector);
    return true;
}

#endif
