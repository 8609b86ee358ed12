/* SPDX-License-Identifier: MIT */
/*
 * irqsim/mem.h - how the CPU's event logic reaches guest memory
 *
 * The embedder lends plain RAM at address 0, or supplies two callbacks, or both:
 * then the callbacks are asked only for what is not wholly inside of that RAM.
 * Addresses are linear. There is no paging here: an embedder with paging translates
 * in the callbacks, answers false for a page that is not present, which becomes #PF
 * with P = 0, and says by `allows` what rights forbid, which becomes P = 1. He lends
 * no RAM: what is lent is nobody's to translate.
 */
#ifndef IRQSIM_MEM_H
#define IRQSIM_MEM_H

#include <string.h>

#include <irqsim/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a refused access means. */
typedef enum irqsim_mem_missing {
    IRQSIM_MEM_PAGE_FAULT = 0, /* #PF at that address                              */
    IRQSIM_MEM_BUS_ERROR       /* the machine has no memory there: no exception of
                                  the guest, the outcome says bus_error            */
} irqsim_mem_missing_t;

/* Little-endian accesses of 1..104 bytes, any alignment. false = no such memory,
 * and nothing was moved. A stack frame is one access of up to 48 bytes, a task
 * state segment of up to 104; when that is refused it is tried again slot by
 * slot, 2, 4 or 8 bytes each as its slots are wide, in the order of the CPU's
 * pushes and pops. So a callback may refuse what crosses a page, and #PF names
 * the slot that is really missing. (Real mode, and IRET in V86 mode, always go slot
 * by slot.) NULL is a callback that always answers false: all there is is lent.
 *
 * Which addresses: 32 bits in all modes but long mode, where they are canonical but
 * for tables of a guest that reach over the end of a half. No access goes around the
 * last address: addr + size - 1 does not wrap, addr + size may.
 *
 * Callbacks are called from within a call of the library, on its thread. They call
 * nothing that works on the same CPU, and leave its registers alone. A delivery has
 * no state between two calls: any number of them may run, each with its own. */
typedef struct irqsim_mem {
    bool (*read)(void *user, uint64_t addr, void *dst, unsigned size);
    bool (*write)(void *user, uint64_t addr, const void *src, unsigned size);
    void *user;
    uint8_t *ram;       /* bytes at address 0..ram_bytes-1 */
    uint32_t ram_bytes; /* 0 = none is lent                */
    uint8_t missing;    /* irqsim_mem_missing_t            */
    /* A task switch loads CR3: later accesses are the new task's. NULL = no paging,
     * then no CR3 is loaded. */
    void (*set_cr3)(void *user, uint64_t cr3);
    /* Do the rights of the pages there allow this access? Asked before each access that
     * goes to a callback, with the bits that the error code of its #PF has: PF_ERROR_W,
     * PF_ERROR_U (never for tables, TSS and inner stacks, which are the supervisor's). A
     * fetch is a read. false, for what is present alone: #PF with P = 1, whatever
     * `missing` is. NULL = everything is allowed. */
    bool (*allows)(void *user, uint64_t addr, unsigned size, uint32_t access);
} irqsim_mem_t;

/* One access, as the library makes all of its own. An embedder may make those of his
 * instructions by them: what is lent and what is missing is decided here alone; rights are
 * asked for first, by irqsim_mem_allows(). In lent memory an access costs some 25
 * instructions less. */
static inline bool irqsim_mem_is_lent(const irqsim_mem_t *mem, uint64_t addr, unsigned size)
{
    const uint64_t end = addr + size;
    return end >= addr && end <= mem->ram_bytes;
}

/* Lent memory has no rights. */
static inline bool irqsim_mem_allows(const irqsim_mem_t *mem, uint64_t addr, unsigned size,
                                     uint32_t access)
{
    return irqsim_mem_is_lent(mem, addr, size) || !mem->allows ||
           mem->allows(mem->user, addr, size, access);
}

static inline bool irqsim_mem_read(const irqsim_mem_t *mem, uint64_t addr, void *dst, unsigned size)
{
    if (!irqsim_mem_is_lent(mem, addr, size))
        return mem->read && mem->read(mem->user, addr, dst, size);
    memcpy(dst, mem->ram + addr, size);
    return true;
}

static inline bool irqsim_mem_write(const irqsim_mem_t *mem, uint64_t addr, const void *src,
                                    unsigned size)
{
    if (!irqsim_mem_is_lent(mem, addr, size))
        return mem->write && mem->write(mem->user, addr, src, size);
    memcpy(mem->ram + addr, src, size);
    return true;
}

#ifdef __cplusplus
}
#endif
#endif
