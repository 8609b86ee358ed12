/* SPDX-License-Identifier: MIT */
/*
 * desc.h - descriptors, raw as in their tables, and how a selector finds one
 */
#ifndef IRQSIM_IDT_DESC_H
#define IRQSIM_IDT_DESC_H

#include "walk.h"

#define DESC_SIZE 8u

static inline uint32_t desc_access(uint64_t desc)
{
    return (uint32_t)(desc >> 40) & 0xFFu;
}

/* S bit and type. */
static inline uint32_t desc_type(uint64_t desc)
{
    return desc_access(desc) & (DESC_S | DESC_TYPE_M);
}

static inline uint8_t desc_dpl(uint64_t desc)
{
    return (uint8_t)(desc >> 45 & 3u);
}

static inline bool desc_present(uint64_t desc)
{
    return desc_access(desc) & DESC_P;
}

static inline bool desc_is_code(uint64_t desc)
{
    return (desc_access(desc) & (DESC_S | DESC_CODE)) == (DESC_S | DESC_CODE);
}

static inline bool desc_is_conforming(uint64_t desc)
{
    return desc_access(desc) & DESC_CONFORMING;
}

static inline bool desc_is_writable_data(uint64_t desc)
{
    return (desc_access(desc) & (DESC_S | DESC_CODE | DESC_WRITABLE)) == (DESC_S | DESC_WRITABLE);
}

static inline bool desc_is_readable(uint64_t desc)
{
    const uint32_t type = desc_type(desc);
    return type & DESC_S && (!(type & DESC_CODE) || type & DESC_READABLE);
}

/* L and D of a code segment. */
static inline bool desc_is_code64(uint64_t desc)
{
    return desc >> 52 & DESC_FLAG_L;
}

static inline bool desc_is_code32(uint64_t desc)
{
    return desc >> 52 & DESC_FLAG_DB;
}

static inline uint32_t desc_base(uint64_t desc)
{
    return (uint32_t)(desc >> 16 & 0xFFFFFFu) | (uint32_t)(desc >> 32 & 0xFF000000u);
}

/* Last valid offset (first invalid one minus one for expand-down). */
static inline uint32_t desc_limit(uint64_t desc)
{
    const uint32_t limit = (uint32_t)(desc & 0xFFFFu) | (uint32_t)(desc >> 32 & 0xF0000u);
    return desc >> 52 & DESC_FLAG_G ? limit << 12 | 0xFFFu : limit;
}

static inline bool selector_is_null(uint16_t selector)
{
    return (selector & ~SELECTOR_RPL_M) == 0;
}

/* The descriptor's address; false when it lies outside its table. */
HOT bool locate(const walk_t *w, uint16_t selector, uint64_t *addr)
{
    const irqsim_dtr_t *table = selector & SELECTOR_TI ? &w->state->ldtr : &w->state->gdtr;
    const uint32_t offset = selector & ~7u;
    *addr = (table->base + offset) & w->linear;
    return offset + DESC_SIZE - 1 <= table->limit;
}

HOT bool read_descriptor(const walk_t *w, uint64_t addr, uint64_t *desc)
{
    uint8_t bytes[DESC_SIZE];
    if (!read_system(w, addr, bytes, sizeof(bytes)))
        return false;
    *desc = load64(bytes);
    return true;
}

/* Reads it. Outside of its table: raises `vector` with the selector. */
HOT bool find_descriptor(const walk_t *w, uint16_t selector, uint8_t vector, uint64_t *desc)
{
    uint64_t addr;
    if (!locate(w, selector, &addr))
        return raise_selector(w, vector, selector);
    return read_descriptor(w, addr, desc);
}

/* What a gate of each type (S bit and type nibble) makes of an event; the value of a
 * handler's kind is the width of its frame's slots. */
typedef enum gate_kind {
    GATE_INVALID = 0, /* CPU-31 */
    GATE_TASK = 1,
    GATE_HANDLER16 = 2, /* interrupt and trap gate of the 286 */
    GATE_HANDLER32 = 4  /* of the 386; in long mode of a 64-bit handler */
} gate_kind_t;

typedef struct gate_row {
    uint32_t clears; /* flags, after the push (CPU-50..52) */
    gate_kind_t kind;
} gate_row_t;

extern const gate_row_t irqsim__idt_gate_types[32];

static inline const gate_row_t *gate_row(uint64_t gate)
{
    return &irqsim__idt_gate_types[desc_type(gate)];
}

static inline uint16_t gate_selector(uint64_t gate)
{
    return (uint16_t)(gate >> 16);
}

static inline uint32_t gate_offset(uint64_t gate)
{
    return (uint32_t)(gate & 0xFFFFu) | (uint32_t)(gate >> 32 & 0xFFFF0000u);
}

/* A TSS of the 286 has slots of two bytes, the 386's of four. */
static inline bool type_is_tss16(uint32_t type)
{
    return (type | DESC_TSS_BUSY) == DESC_TYPE_TSS16_BUSY;
}

static inline bool type_is_tss32(uint32_t type)
{
    return (type | DESC_TSS_BUSY) == DESC_TYPE_TSS32_BUSY;
}

#endif
