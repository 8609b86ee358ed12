/* SPDX-License-Identifier: MIT */
/*
 * walk.h - one walk through the guest's tables: raising, and reaching memory
 */
#ifndef IRQSIM_IDT_WALK_H
#define IRQSIM_IDT_WALK_H

#include <irqsim/idt.h>
#include <irqsim/regs/idt_regs.h>

/* On the way of every interrupt: a call would cost more than the work, and with widths
 * that the compiler knows each slot is one move. */
#define HOT static inline __attribute__((always_inline))

/* Every step answers false after it has written the exception it met into `out`, so
 * steps chain with &&. */
typedef struct walk {
    irqsim_cpustate_t *state;
    const irqsim_mem_t *mem;
    irqsim_outcome_t *out;
    uint64_t linear; /* mask of linear addresses: 32 bits, in long mode 64         */
    uint32_t ext;    /* ERROR_EXT; 0 while software is served: INT n, IRET (CPU-25) */
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

/* Memory refused right before: #PF, or the bus error that the embedder asked for. */
bool irqsim__idt_raise_missing(const walk_t *w, uint64_t addr, uint32_t error);

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

/* A slot of a frame or a TSS, 2, 4 or 8 bytes wide. */
HOT uint64_t load_slot(const uint8_t *p, unsigned width)
{
    switch (width) {
    case 2:
        return load16(p);
    case 4:
        return load32(p);
    default:
        return load64(p);
    }
}

static inline uint8_t *put16(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
    return p + 2;
}

static inline uint8_t *put32(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
    p[2] = (uint8_t)(value >> 16);
    p[3] = (uint8_t)(value >> 24);
    return p + 4;
}

/* Answers where the next slot goes. */
HOT uint8_t *put_slot(uint8_t *p, uint64_t value, unsigned width)
{
    switch (width) {
    case 2:
        return put16(p, (uint32_t)value);
    case 4:
        return put32(p, (uint32_t)value);
    default:
        return put32(put32(p, (uint32_t)value), (uint32_t)(value >> 32));
    }
}

/* Of what is not lent: rights are asked for, and what lies around the last linear address,
 * where it begins again at 0, is two accesses. `user` is PF_ERROR_U or 0. */
bool irqsim__idt_ask_read(const walk_t *w, uint64_t addr, void *dst, uint32_t size, uint32_t user);
bool irqsim__idt_ask_write(const walk_t *w, uint64_t addr, const void *src, uint32_t size,
                           uint32_t user);

HOT bool fetch(const walk_t *w, uint64_t addr, void *dst, uint32_t size, uint32_t user)
{
    if (!irqsim_mem_is_lent(w->mem, addr, size))
        return irqsim__idt_ask_read(w, addr, dst, size, user);
    return irqsim_mem_read(w->mem, addr, dst, size);
}

HOT bool store(const walk_t *w, uint64_t addr, const void *src, uint32_t size, uint32_t user)
{
    if (!irqsim_mem_is_lent(w->mem, addr, size))
        return irqsim__idt_ask_write(w, addr, src, size, user);
    return irqsim_mem_write(w->mem, addr, src, size);
}

/* Accesses that the CPU makes for itself: tables and TSS, at CPL 0 (CPU-24). */
HOT bool read_system(const walk_t *w, uint64_t addr, void *dst, uint32_t size)
{
    return fetch(w, addr, dst, size, 0) || irqsim__idt_raise_missing(w, addr, 0);
}

static inline bool write_system(const walk_t *w, uint64_t addr, const void *src, uint32_t size)
{
    return store(w, addr, src, size, 0) || irqsim__idt_raise_missing(w, addr, PF_ERROR_W);
}

/* A frame or a TSS in guest memory is one access. Refused, it is tried again slot by
 * slot, in the order of the CPU's pushes and pops, and what is refused again is the
 * page fault. `user` is PF_ERROR_U or 0. */
bool irqsim__idt_push_slots(const walk_t *w, uint64_t addr, const uint8_t *bytes, uint32_t size,
                            unsigned width, uint32_t user);
bool irqsim__idt_pop_slots(const walk_t *w, uint64_t addr, uint8_t *bytes, uint32_t size,
                           unsigned width, uint32_t user);

#define SAME_FRAME                                                                                 \
    12u /* EIP, CS, EFLAGS: the usual frame; with its size known, memcpy is no call */

HOT bool push_slots(const walk_t *w, uint64_t addr, const uint8_t *bytes, uint32_t size,
                    unsigned width, uint32_t user)
{
    return (size == SAME_FRAME ? store(w, addr, bytes, SAME_FRAME, user)
                               : store(w, addr, bytes, size, user)) ||
           irqsim__idt_push_slots(w, addr, bytes, size, width, user);
}

HOT bool pop_slots(const walk_t *w, uint64_t addr, uint8_t *bytes, uint32_t size, unsigned width,
                   uint32_t user)
{
    return fetch(w, addr, bytes, size, user) ||
           irqsim__idt_pop_slots(w, addr, bytes, size, width, user);
}

#endif
