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

/* ---- deliver.c's neighbours ---- */

/* IP wraps where the mode's IP ends. */
static inline uint64_t irqsim__vcpu_ip_plus(const irqsim_cpustate_t *s, int bytes)
{
    const uint64_t ip = s->ip + (uint64_t)(int64_t)bytes;

    if (s->mode == IRQSIM_MODE_REAL || s->mode == IRQSIM_MODE_V86)
        return ip & 0xFFFFu;
    return s->code64 ? ip : ip & UINT32_MAX;
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
/* The bytes of an instruction, none of which may be missing. */
verdict_t irqsim__vcpu_fetch(exec_t *e, uint64_t addr, unsigned bytes);
/* A read of the CPU's own tables, at CPL 0 and past all breakpoints. */
verdict_t irqsim__vcpu_read_table(exec_t *e, uint64_t addr, void *to, unsigned bytes);
/* One slot of e->size bytes. */
verdict_t irqsim__vcpu_push(exec_t *e, uint64_t value);
verdict_t irqsim__vcpu_pop(exec_t *e, uint64_t *value);

/* ---- segment.c ---- */

verdict_t irqsim__vcpu_load_ss(exec_t *e, uint16_t selector);
verdict_t irqsim__vcpu_load_ds(exec_t *e, uint16_t selector);

#endif
