/* SPDX-License-Identifier: MIT */
/*
 * vcpu_int.h - what the files of the room share
 *
 *   deliver.c  an event to its handler, whatever that takes
 *   exec.c     one instruction, one boundary
 *   insn.c     the instructions: a table, and what each does
 *   access.c   memory and stack as an instruction reaches them
 *   segment.c  loads of SS and DS
 */
#ifndef IRQSIM_VCPU_INT_H
#define IRQSIM_VCPU_INT_H

#include <irqsim/vcpu.h>

/* How an instruction ended. */
typedef enum verdict {
    DONE,     /* it retires, IP goes to the next one          */
    JUMPED,   /* it retires, IP and RF are what it loaded     */
    RAISED,   /* `event` is a fault: IP stays                 */
    TRAPPED,  /* `event` is INT n's like: IP goes to the next */
    NO_MEMORY /* bus error: nothing more happens              */
} verdict_t;

/* One instruction under way. */
typedef struct exec {
    const irqsim_vcpu_t *v;
    irqsim_cpu_t *cpu;
    const irqsim_insn_t *insn;
    unsigned length, size; /* bytes of the instruction, of its operands       */
    irqsim_delivery_t event;
    bool stepped;         /* it began with TF set: a trap follows (CPU-70)     */
    uint32_t hits;        /* DR6 bits of the data breakpoints that it ran into */
    irqsim_outcome_t out; /* of IRET, or a bus error                           */
} exec_t;

/* The verdict RAISED, and what. */
verdict_t irqsim__vcpu_raise(exec_t *e, uint8_t vector, uint32_t error);

/* ---- address spaces ---- */

/* CPU-56: selectors are paragraphs, and segments have 64 KiB. */
static inline bool irqsim__vcpu_in_paragraphs(const irqsim_cpustate_t *s)
{
    return s->mode == IRQSIM_MODE_REAL || s->mode == IRQSIM_MODE_V86;
}

/* 48 bits, sign-extended. */
static inline bool irqsim__vcpu_is_canonical(uint64_t addr)
{
    return (addr + (UINT64_C(1) << 47)) >> 48 == 0;
}

/* The last linear address of the code that runs, and the bits of its IP. */
static inline uint64_t irqsim__vcpu_last_address(const irqsim_cpustate_t *s)
{
    return s->code64 ? UINT64_MAX : UINT32_MAX;
}

/* Paragraphs do not make it wrap: one past 64 KiB it cannot be fetched from (CPU-85). */
static inline uint64_t irqsim__vcpu_ip_plus(const irqsim_cpustate_t *s, unsigned bytes)
{
    return (s->ip + bytes) & irqsim__vcpu_last_address(s);
}

/* ---- insn.c ---- */

typedef struct insn_row {
    const char *name;
    uint8_t length[3]; /* 16-, 32-, 64-bit code; 0: not there, #UD         */
    bool shadows;      /* says itself what becomes of the shadow           */
    verdict_t (*execute)(exec_t *e);
} insn_row_t;

extern const insn_row_t irqsim__vcpu_insns[IRQSIM_OPS];

/* Its column in `length`. */
unsigned irqsim__vcpu_code_width(const irqsim_cpustate_t *s);

/* ---- access.c: DONE, RAISED or NO_MEMORY ---- */

verdict_t irqsim__vcpu_read(exec_t *e, uint64_t addr, void *to, unsigned bytes);
verdict_t irqsim__vcpu_write(exec_t *e, uint64_t addr, const void *from, unsigned bytes);
/* A byte of the instruction. */
verdict_t irqsim__vcpu_fetch(exec_t *e, uint64_t addr);
/* LOAD and STORE: #GP(0) where 64-bit code has no address. */
verdict_t irqsim__vcpu_check_data(exec_t *e, uint64_t addr, unsigned bytes);
/* A read of the CPU's own tables, at CPL 0 and past all breakpoints. */
verdict_t irqsim__vcpu_read_table(exec_t *e, uint64_t addr, void *to, unsigned bytes);
/* One slot of e->size bytes. */
verdict_t irqsim__vcpu_push(exec_t *e, uint64_t value);
verdict_t irqsim__vcpu_pop(exec_t *e, uint64_t *value);

/* DR6 bits of the breakpoints (NULL = none) on a frame of `bytes` from SP on, slots of
 * `width`. */
uint32_t irqsim__vcpu_stack_hits(const irqsim_breakpoints_t *bp, const irqsim_cpustate_t *s,
                                 unsigned type, unsigned bytes, unsigned width);

/* ---- segment.c ---- */

verdict_t irqsim__vcpu_load_ss(exec_t *e, uint16_t selector);
verdict_t irqsim__vcpu_load_ds(exec_t *e, uint16_t selector);

#endif
