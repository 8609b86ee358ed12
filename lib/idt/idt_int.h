/* SPDX-License-Identifier: MIT */
/*
 * idt_int.h - what the way in (deliver.c) and the way out (iret.c) share
 */
#ifndef IRQSIM_IDT_INT_H
#define IRQSIM_IDT_INT_H

#include <string.h>

#include <irqsim/idt.h>
#include <irqsim/regs/idt_regs.h>

/* One walk through the guest's tables. Every step answers false after it has
 * written the exception it met into `out`, so steps chain with &&. */
typedef struct walk {
    irqsim_cpustate_t *state;
    const irqsim_mem_t *mem;
    irqsim_outcome_t *out;
    uint32_t ext; /* ERROR_EXT while an external event is delivered (CPU-25) */
} walk_t;

static inline bool raise_error(const walk_t *w, uint8_t vector, uint32_t error)
{
    w->out->vector = vector;
    w->out->error = error | w->ext;
    return false;
}

/* CPU-23: index and TI of the selector that failed; the null selector is 0. */
static inline bool raise_selector(const walk_t *w, uint8_t vector, uint16_t selector)
{
    return raise_error(w, vector, selector & ~SELECTOR_RPL_M);
}

/* INT n, INT3, INTO: the program asked for it (CPU-25, CPU-32). */
static inline bool is_software(uint8_t kind)
{
    return kind == IRQSIM_KIND_SOFTWARE || kind == IRQSIM_KIND_INT3 || kind == IRQSIM_KIND_INTO;
}

bool irqsim__idt_raise_page_fault(const walk_t *w, uint32_t addr, uint32_t error);

/* Guest memory is little-endian, the host need not be. */
static inline uint16_t load16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t load32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t load64(const uint8_t *p)
{
    return load32(p) | (uint64_t)load32(p + 4) << 32;
}

/* Answers where the next value goes. */
static inline uint8_t *put32(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
    p[2] = (uint8_t)(value >> 16);
    p[3] = (uint8_t)(value >> 24);
    return p + 4;
}

#define DESC_SIZE  8u
#define SAME_FRAME 12u /* EIP, CS, EFLAGS: a frame without a change of level */

/* Memory that the embedder lent, or NULL: ask him. */
static inline uint8_t *lent(const walk_t *w, uint32_t addr, uint32_t size)
{
    return (uint64_t)addr + size <= w->mem->ram_bytes ? w->mem->ram + addr : NULL;
}

/* The usual frame has a size that the compiler knows: no call of memcpy. */
static inline void move(void *to, const void *from, uint32_t size)
{
    if (size == SAME_FRAME)
        memcpy(to, from, SAME_FRAME);
    else
        memcpy(to, from, size);
}

/* The five accesses of an interrupt and its return cost 25 instructions less each
 * in lent memory. */
static inline bool fetch(const walk_t *w, uint32_t addr, void *dst, uint32_t size)
{
    const uint8_t *ram = lent(w, addr, size);

    if (!ram)
        return w->mem->read(w->mem->user, addr, dst, size);
    move(dst, ram, size);
    return true;
}

static inline bool store(const walk_t *w, uint32_t addr, const void *src, uint32_t size)
{
    uint8_t *ram = lent(w, addr, size);

    if (!ram)
        return w->mem->write(w->mem->user, addr, src, size);
    move(ram, src, size);
    return true;
}

/* A read that the CPU makes for itself: tables and TSS, at CPL 0 (CPU-24). */
static inline bool read_system(const walk_t *w, uint32_t addr, void *dst, unsigned size)
{
    return fetch(w, addr, dst, size) || irqsim__idt_raise_page_fault(w, addr, 0);
}

static inline bool read_descriptor(const walk_t *w, uint32_t addr, uint64_t *desc)
{
    uint8_t bytes[DESC_SIZE];
    if (!read_system(w, addr, bytes, sizeof(bytes)))
        return false;
    *desc = load64(bytes);
    return true;
}

/* Segment descriptors, raw as in the table. */
static inline uint32_t desc_access(uint64_t desc)
{
    return (uint32_t)(desc >> 40) & 0xFFu;
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
static inline bool locate(const irqsim_cpustate_t *state, uint16_t selector, uint32_t *addr)
{
    const irqsim_dtr_t *table = selector & SELECTOR_TI ? &state->ldtr : &state->gdtr;
    const uint32_t offset = selector & ~7u;
    *addr = (uint32_t)table->base + offset;
    return offset + DESC_SIZE - 1 <= table->limit;
}

/* Reads it. Outside of its table: raises `vector` with the selector. */
static inline bool find_descriptor(const walk_t *w, uint16_t selector, uint8_t vector,
                                   uint64_t *desc)
{
    uint32_t addr;
    if (!locate(w->state, selector, &addr))
        return raise_selector(w, vector, selector);
    return read_descriptor(w, addr, desc);
}

/* A stack segment in the form that pushes and pops need. */
typedef struct stack {
    uint64_t low, high; /* valid offsets, both included; low > high: none     */
    uint32_t base;
    uint32_t mask; /* which bits of ESP it uses: 32, or 16 with B = 0         */
    uint32_t user; /* PF_ERROR_U when it is accessed at CPL 3 (CPU-24)        */
} stack_t;

static inline stack_t stack_of(uint64_t desc, uint8_t cpl)
{
    if (!desc)
        desc = DESC_FLAT_DATA32(0);
    stack_t stack = {
        .low = 0,
        .high = desc_limit(desc),
        .base = desc_base(desc),
        .mask = desc >> 52 & DESC_FLAG_DB ? 0xFFFFFFFFu : 0xFFFFu,
        .user = cpl == 3 ? PF_ERROR_U : 0,
    };
    if (desc_access(desc) & DESC_EXPANDDOWN) {
        stack.low = stack.high + 1;
        stack.high = stack.mask;
    }
    return stack;
}

/* Is the block at `sp` inside of the segment? A block that would wrap is not. */
static inline bool stack_holds(const stack_t *stack, uint32_t sp, uint32_t bytes)
{
    const uint64_t first = sp & stack->mask;
    return first >= stack->low && first + bytes - 1 <= stack->high;
}

/* ESP after a move; B = 0 leaves the high half alone. */
static inline uint32_t stack_move(const stack_t *stack, uint32_t sp, uint32_t to)
{
    return (sp & ~stack->mask) | (to & stack->mask);
}

/* A frame in guest memory is one access; refused, it is tried again in slots of
 * four bytes, in the order of the CPU's pushes and pops, and what is refused
 * again is the page fault. `user` is PF_ERROR_U or 0. */
bool irqsim__idt_push_slots(const walk_t *w, uint32_t addr, const uint8_t *frame, uint32_t size,
                            uint32_t user);
bool irqsim__idt_pop_slots(const walk_t *w, uint32_t addr, uint8_t *frame, uint32_t size,
                           uint32_t user);

static inline bool push(const walk_t *w, const stack_t *stack, uint32_t sp, const uint8_t *frame,
                        uint32_t size)
{
    const uint32_t addr = stack->base + (sp & stack->mask);
    return store(w, addr, frame, size) || irqsim__idt_push_slots(w, addr, frame, size, stack->user);
}

static inline bool pop(const walk_t *w, const stack_t *stack, uint32_t sp, uint8_t *frame,
                       uint32_t size)
{
    const uint32_t addr = stack->base + (sp & stack->mask);
    return fetch(w, addr, frame, size) || irqsim__idt_pop_slots(w, addr, frame, size, stack->user);
}

/* What a gate of each type (S bit and type nibble) makes of an event. */
typedef enum gate_kind {
    GATE_INVALID = 0, /* CPU-31 */
    GATE_HANDLER32    /* interrupt and trap gate of a 32-bit handler */
} gate_kind_t;

typedef struct gate_row {
    uint32_t clears; /* flags, after the push (CPU-50..52) */
    gate_kind_t kind;
} gate_row_t;

extern const gate_row_t irqsim__idt_gate_types[32];

static inline const gate_row_t *gate_row(uint64_t gate)
{
    return &irqsim__idt_gate_types[desc_access(gate) & (DESC_S | DESC_TYPE_M)];
}

static inline uint16_t gate_selector(uint64_t gate)
{
    return (uint16_t)(gate >> 16);
}

static inline uint32_t gate_offset(uint64_t gate)
{
    return (uint32_t)(gate & 0xFFFFu) | (uint32_t)(gate >> 32 & 0xFFFF0000u);
}

#endif
