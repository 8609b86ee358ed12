/* SPDX-License-Identifier: MIT */
/*
 * irqsim/cpustate.h - the registers that event delivery reads and writes
 *
 * Shared by lib/cpu (what is taken when) and lib/idt (gates, frames, IRET),
 * which do not know each other. An embedder copies his CPU's registers here.
 */
#ifndef IRQSIM_CPUSTATE_H
#define IRQSIM_CPUSTATE_H

#include <irqsim/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IRQSIM_FL_TF   (UINT64_C(1) << 8)
#define IRQSIM_FL_IF   (UINT64_C(1) << 9)
#define IRQSIM_FL_IOPL (UINT64_C(3) << 12)
#define IRQSIM_FL_NT   (UINT64_C(1) << 14)
#define IRQSIM_FL_RF   (UINT64_C(1) << 16)
#define IRQSIM_FL_VM   (UINT64_C(1) << 17)
#define IRQSIM_FL_AC   (UINT64_C(1) << 18)

/* Real mode runs at CPL 0. V86 is protected mode with EFLAGS.VM = 1 and CPL 3: the
 * three go together. Long mode is IA-32e mode, `code64` names its sub-mode. */
typedef enum irqsim_cpu_mode {
    IRQSIM_MODE_PROTECTED = 0,
    IRQSIM_MODE_REAL,
    IRQSIM_MODE_V86,
    IRQSIM_MODE_LONG
} irqsim_cpu_mode_t;

/* Descriptor table register: linear base, limit = last valid offset. All zero
 * holds no descriptor at all. */
typedef struct irqsim_dtr {
    uint64_t base;
    uint32_t limit;
    uint16_t selector; /* TR and LDTR, else 0                                        */
    uint16_t type;     /* TR: 1 or 3 = 16-bit TSS of the 286; else 32-bit, in long
                          mode 64-bit. The others: 0                                 */
} irqsim_dtr_t;

/* Numbers of the general registers, as instructions encode them. ESP is `sp`. */
typedef enum irqsim_gpr {
    IRQSIM_EAX,
    IRQSIM_ECX,
    IRQSIM_EDX,
    IRQSIM_EBX,
    IRQSIM_ESP,
    IRQSIM_EBP,
    IRQSIM_ESI,
    IRQSIM_EDI
} irqsim_gpr_t;

/* Plain bytes. 32-bit modes use the low halves; which values cannot be together is
 * irqsim_impossible()'s, <irqsim/deliver.h>. Like a CPU, the state keeps the
 * descriptor that SS was loaded with, so that no delivery reads it again: who
 * loads SS by himself sets both. In real and V86 mode the stack is the 64 KiB at
 * ss * 16, in 64-bit code all of memory: ss_desc is not looked at there. */
typedef struct irqsim_cpustate {
    uint64_t ip, sp, flags, cr2;
    uint64_t cr3;     /* loaded by a task switch, with paging only (irqsim_mem_t) */
    uint64_t ss_desc; /* SS's descriptor as in the table; 0 = flat 4 GiB          */
    irqsim_dtr_t idtr, gdtr, ldtr, tr;
    uint32_t gpr[8]; /* by irqsim_gpr_t, [IRQSIM_ESP] unused; saved and loaded by
                        a task switch, by nothing else                           */
    uint16_t cs, ss, ds, es, fs, gs;
    uint8_t cpl;    /* 0..3                                                      */
    uint8_t mode;   /* irqsim_cpu_mode_t                                         */
    uint8_t ts;     /* CR0.TS, set by a task switch                              */
    uint8_t code64; /* long mode: CS is 64-bit code; 0 = compatibility mode      */
} irqsim_cpustate_t;

/* Where an event comes from: decides DPL checks, EXT and the saved IP (CPU-25,
 * CPU-28, CPU-32). */
typedef enum irqsim_event_kind {
    IRQSIM_KIND_EXTERNAL = 0, /* INTR: LAPIC or PIC vector */
    IRQSIM_KIND_NMI,
    IRQSIM_KIND_EXCEPTION, /* raised by the CPU: fault, trap or abort */
    IRQSIM_KIND_SOFTWARE,  /* INT n (CD n): gate DPL is checked, in V86 also IOPL */
    IRQSIM_KIND_ICEBP,     /* INT1: no DPL check */
    IRQSIM_KIND_INT3,      /* INT3 (CC): as INT n, but no IOPL check (CPU-65) */
    IRQSIM_KIND_INTO       /* INTO (CE) with OF = 1: as INT3 */
} irqsim_event_kind_t;

#ifdef __cplusplus
}
#endif
#endif
