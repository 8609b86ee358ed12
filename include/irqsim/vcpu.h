/* SPDX-License-Identifier: MIT */
/*
 * irqsim/vcpu.h - a CPU that executes the instructions that matter to events
 *
 *   irqsim_vcpu_exec()      one instruction at IP: its effect, or its exception
 *   irqsim_vcpu_boundary()  between two: the best of all that is pending
 *
 * A program is a list of instructions, not bytes: nothing is decoded. But each has
 * its real length, so that saved IPs are real addresses, and can be fetched, so that
 * its page can be missing. All that an instruction does to stack, flags and memory
 * is done; general registers and results are not.
 *
 * Modelled      CPU-28, 53, 54, 63..70, 72..79, 81, 85..88, 99; INTO and BOUND in 64-bit code
 * Not modelled  CR4.VME (VIF, VIP). Base and limit of CS in protected and compatibility
 *               mode: the state keeps neither, fetches are from flat 4 GiB (deliveries,
 *               IRETs and task switches do check the limit that they go to). Segments of
 *               LOAD and STORE: addresses are linear. Data breakpoints on tables and TSSs
 *
 * Threads: one CPU is one thread's at a time; its memory and callbacks likewise.
 */
#ifndef IRQSIM_VCPU_H
#define IRQSIM_VCPU_H

#include <irqsim/cpu.h>
#include <irqsim/deliver.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What `operand` means stands behind. */
typedef enum irqsim_op {
    IRQSIM_OP_NOP = 0, /* or any other that no event can come from */
    IRQSIM_OP_CLI,
    IRQSIM_OP_STI,
    IRQSIM_OP_HLT,
    IRQSIM_OP_IRET,
    IRQSIM_OP_PUSHF,
    IRQSIM_OP_POPF,
    IRQSIM_OP_MOV_SS, /* selector                                                 */
    IRQSIM_OP_POP_SS, /* (the selector is on the stack)                           */
    IRQSIM_OP_MOV_DS, /* selector                                                 */
    IRQSIM_OP_INT,    /* vector                                                   */
    IRQSIM_OP_INT3,
    IRQSIM_OP_INTO, /* (OF is in the flags)                                       */
    IRQSIM_OP_ICEBP,
    IRQSIM_OP_BOUND, /* 0: inside the bounds                                    */
    IRQSIM_OP_UD2,
    IRQSIM_OP_DIV,     /* divisor                                                 */
    IRQSIM_OP_LOAD,    /* linear address of four bytes; its low 32 bits but in 64-bit code */
    IRQSIM_OP_STORE,   /* the same; what is there is written back                 */
    IRQSIM_OP_REP,     /* one iteration of a repeated string instruction, and how many are
                          left with it (ECX, the owner's): IP stays before the last one  */
    IRQSIM_OP_SYSCALL, /* IP of its handler (LSTAR): 64-bit code enters it at CPL 0 */
    IRQSIM_OPS
} irqsim_op_t;

typedef struct irqsim_insn {
    uint8_t op;     /* irqsim_op_t                                                */
    uint8_t length; /* bytes; 0 = irqsim_insn_length(). More than 15 are #GP(0)    */
    uint8_t size;   /* operand size 2 or 4, in 64-bit code also 8; 0 = the mode's: real
                       and V86 2, protected and compatibility 4, 64-bit code 8       */
    uint8_t fetch;  /* 1: its bytes are read first, which can fault (CPU-85). That they
                       lie in 64 KiB or in a canonical half is asked always           */
    uint16_t cs;    /* SYSCALL: its handler's selector (STAR[47:32])                   */
    uint8_t pad[2];
    uint64_t operand;
} irqsim_insn_t;

/* "int", "pop ss"; NULL beyond the last. Static storage. */
const char *irqsim_insn_name(unsigned op);
/* Bytes of its usual encoding in this mode, e.g. 2 for INT n (CD nn); 0 where it is not
 * there, which is #UD (LM-09); op < IRQSIM_OPS. docs/embedding.md has the encodings. */
unsigned irqsim_insn_length(unsigned op, const irqsim_cpustate_t *state);

/* What a call did. */
typedef enum irqsim_vcpu_did {
    IRQSIM_VCPU_NOTHING = 0, /* exec: the CPU does not run (halted, shutdown, waiting);
                                boundary: nothing is taken                          */
    IRQSIM_VCPU_RETIRED,     /* exec: the instruction did what it does              */
    IRQSIM_VCPU_DELIVERED    /* an event was: `event` as it was raised, `delivered`
                                what came of it                                     */
} irqsim_vcpu_did_t;

typedef struct irqsim_vcpu_out {
    uint8_t did;  /* irqsim_vcpu_did_t                                              */
    uint8_t took; /* boundary: irqsim_boundary_t; RESET, INIT and SMI deliver nothing */
    uint8_t pad[6];
    irqsim_delivery_t event;
    irqsim_delivered_t delivered;
    irqsim_outcome_t iret; /* of an IRET that retired                               */
} irqsim_vcpu_out_t;

/* A CPU, and what its owner puts beside it. */
typedef struct irqsim_vcpu {
    irqsim_cpu_t *cpu;
    const irqsim_mem_t *mem;
    /* The acknowledge cycle, INTA or the LAPIC's: the vector to take. It may move the
     * CPU's pins and nothing else of it. May be NULL if INTR is never high. */
    uint8_t (*ack)(void *user);
    void *user;
    const irqsim_breakpoints_t *breakpoints; /* NULL = none */
} irqsim_vcpu_t;

/* One instruction at cpu->regs.ip. A fault leaves IP (and saves it), a trap saves the
 * next one; what is delivered goes through irqsim_deliver(), a shutdown or the trap of
 * a task switch is noted in the CPU. A bus error leaves the CPU where it is.
 * IRQSIM_E_INVAL: an impossible state, "op" or "size" (out->delivered.field names it),
 * nothing was done. `out` need not be initialised. What guest code does never leads to
 * it: from a possible state every instruction and boundary leads to one. */
irqsim_status_t irqsim_vcpu_exec(const irqsim_vcpu_t *v, const irqsim_insn_t *insn,
                                 irqsim_vcpu_out_t *out);

/* One boundary: takes the best that is pending (CPU-85) and delivers it; the rest
 * stays pending, but for a single step (CPU-87). Call it after each instruction, and
 * while the CPU is halted whenever a pin moved. Same answers as exec; "ack" is NULL
 * although INTR is to be taken. */
irqsim_status_t irqsim_vcpu_boundary(const irqsim_vcpu_t *v, irqsim_vcpu_out_t *out);

/* Delivers an event raised by anything else: an access that the owner executes. Same
 * answers; "kind" is of no event. `event` is not in `out`. */
irqsim_status_t irqsim_vcpu_raise(const irqsim_vcpu_t *v, const irqsim_delivery_t *event,
                                  irqsim_vcpu_out_t *out);

#ifdef __cplusplus
}
#endif
#endif
