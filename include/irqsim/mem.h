/* SPDX-License-Identifier: MIT */
/*
 * irqsim/mem.h - how the CPU's event logic reaches guest memory
 *
 * The embedder supplies two callbacks; linear = physical (no paging here: an
 * embedder with paging translates in the callback and answers false for a page
 * that is not present, which becomes #PF with P = 0). Plain RAM at address 0 can
 * be lent: then the callbacks are asked only for what is not wholly inside of it.
 */
#ifndef IRQSIM_MEM_H
#define IRQSIM_MEM_H

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
 * by slot.) */
typedef struct irqsim_mem {
    bool (*read)(void *user, uint64_t addr, void *dst, unsigned size);
    bool (*write)(void *user, uint64_t addr, const void *src, unsigned size);
    void *user;
    uint8_t *ram;       /* bytes at address 0..ram_bytes-1; NULL = none */
    uint32_t ram_bytes; /* 0 = none                                     */
    uint8_t missing;    /* irqsim_mem_missing_t                         */
    /* A task switch loads CR3: later accesses are the new task's. NULL = no paging,
     * then no CR3 is loaded. */
    void (*set_cr3)(void *user, uint64_t cr3);
} irqsim_mem_t;

#ifdef __cplusplus
}
#endif
#endif
