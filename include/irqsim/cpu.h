/* SPDX-License-Identifier: MIT */
/*
 * irqsim/cpu.h - what a CPU takes at an instruction boundary
 *
 *   RESET, MC, INIT, SMI, NMI (pulses) ---->+------------------+
 *   INTR (level) -------------------------->| IF, shadows, HLT |---> poll: which class of
 *   debug traps of the last instruction --->| NMI blocking, RF |     event would be taken
 *   trap of a task switch ----------------->| activity state   |---> took: it is taken
 *                                           +------------------+
 *
 * This part decides; lib/idt builds the frame; the CPU's owner runs the
 * acknowledge cycle between the two. <irqsim/deliver.h> has the contract of all
 * three, <irqsim/vcpu.h> a CPU that keeps it. One CPU is one thread's at a time.
 *
 * Modelled      CPU-54, CPU-60..64 (combination of events), CPU-70 (debug
 *               exceptions), CPU-71..80 (IF, shadows, HLT, NMI), CPU-85..88
 * Not modelled  FLUSH and STOPCLK: they move caches and clocks, no event;
 *               DR7.GD and I/O breakpoints: no instruction here meets them
 */
#ifndef IRQSIM_CPU_H
#define IRQSIM_CPU_H

#include <irqsim/cpustate.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum irqsim_activity {
    IRQSIM_RUNNING = 0,
    IRQSIM_HALTED,
    IRQSIM_WAIT_SIPI,
    IRQSIM_SHUTDOWN
} irqsim_activity_t;

/* Classes of events at one boundary, best first (CPU-85). What comes behind them
 * is of the next instruction: its breakpoint, fetch, decoding, execution. */
typedef enum irqsim_boundary {
    IRQSIM_TAKE_NOTHING = 0,
    IRQSIM_TAKE_RESET,         /* rank 1 */
    IRQSIM_TAKE_MACHINE_CHECK, /*      1: deliver #MC, an abort                         */
    IRQSIM_TAKE_TASK_TRAP,     /*      2: deliver #DB, a trap: DR6.BT is set            */
    IRQSIM_TAKE_INIT,          /*      3 */
    IRQSIM_TAKE_SMI,           /*      3 */
    IRQSIM_TAKE_DEBUG,         /*      4: deliver #DB, a trap: DR6 has its causes       */
    IRQSIM_TAKE_NMI,           /*      5: deliver vector 2                              */
    IRQSIM_TAKE_INTR           /*      6: acknowledge, deliver the vector that it gives */
} irqsim_boundary_t;

/* Pins and what is pending inside, by rank from below. Pulses are latched. */
#define IRQSIM_CPU_IN_INTR      (UINT32_C(1) << 0) /* level: PIC's INT or LAPIC's   */
#define IRQSIM_CPU_IN_NMI       (UINT32_C(1) << 1)
#define IRQSIM_CPU_IN_DEBUG     (UINT32_C(1) << 2) /* irqsim_cpu_debug_trap()       */
#define IRQSIM_CPU_IN_SMI       (UINT32_C(1) << 3)
#define IRQSIM_CPU_IN_INIT      (UINT32_C(1) << 4)
#define IRQSIM_CPU_IN_TASK_TRAP (UINT32_C(1) << 5) /* TSS.T of the task switched to */
#define IRQSIM_CPU_IN_MC        (UINT32_C(1) << 6)
#define IRQSIM_CPU_IN_RESET     (UINT32_C(1) << 7)

/* Shadows: what the previous instruction inhibits until the next completes. */
#define IRQSIM_SHADOW_STI   (UINT8_C(1) << 0) /* INTR (CPU-72)                */
#define IRQSIM_SHADOW_MOVSS (UINT8_C(1) << 1) /* INTR, NMI, debug (CPU-74)    */

/* Which CPU it is; the owner's, not touched by RESET and INIT. */
#define IRQSIM_CPU_NMI_IN_TURN (UINT8_C(1) << 0) /* CPU-86: 486 and earlier            */
#define IRQSIM_CPU_REAL_START                                                                      \
    (UINT8_C(1) << 1) /* RESET, INIT, SIPI lead to real mode;
                                                    else to flat 32-bit protected mode,
                                                    for guests without a trampoline    */

/* Plain bytes, for all to see (CPU-100). `regs`, `dr6` and `variant` may be read and written by the owner of the CPU; the rest goes
 * through the functions. */
typedef struct irqsim_cpu {
    irqsim_cpustate_t regs;
    uint32_t in;         /* INTR level, latched pulses, pending traps            */
    uint16_t dr6;        /* its low half; <irqsim/regs/debug_regs.h>             */
    uint16_t db;         /* DR6 bits that a pending debug trap will set          */
    uint8_t activity;    /* irqsim_activity_t                                    */
    uint8_t shadow;      /* IRQSIM_SHADOW_*                                      */
    uint8_t nmi_blocked; /* until IRET (CPU-79)                                  */
    uint8_t nmi_late;    /* CPU-86: INTR was there before the latched NMI        */
    uint8_t variant;     /* IRQSIM_CPU_NMI_IN_TURN, IRQSIM_CPU_REAL_START        */
    uint8_t sipi_vector;
    uint8_t pad[2];
} irqsim_cpu_t;

/* State after RESET, of a CPU without variants: flat 32-bit protected mode with
 * IF=0, CPL 0. An owner that wants another sets `variant` and calls reset(). */
void irqsim_cpu_init(irqsim_cpu_t *cpu);
void irqsim_cpu_reset(irqsim_cpu_t *cpu);

/* Pins. intr is a level; pulse latches the others (CPU-79: one NMI). */
static inline void irqsim_cpu_set_intr(irqsim_cpu_t *cpu, bool level)
{
    cpu->in = (cpu->in & ~IRQSIM_CPU_IN_INTR) | (level ? IRQSIM_CPU_IN_INTR : 0);
}
void irqsim_cpu_pulse(irqsim_cpu_t *cpu, uint32_t pins);

/* The class of event this CPU would take at this boundary. No side effect. */
irqsim_boundary_t irqsim_cpu_poll(const irqsim_cpu_t *cpu);
/* It takes it: ends HLT and shadows (an SMI ends no shadow: no instruction runs for
 * it), consumes the pulse, blocks NMIs for an
 * NMI, moves the causes of a debug trap to DR6. RESET: irqsim_cpu_reset(). INIT:
 * its registers and wait-for-SIPI, also on a bootstrap CPU; its owner starts it
 * with irqsim_cpu_sipi() or irqsim_cpu_start(). */
void irqsim_cpu_took(irqsim_cpu_t *cpu, irqsim_boundary_t what);

/* Instructions that matter here. false = #GP(0), nothing changed (CPU-77/78).
 * retired() ends shadows: call it when any other instruction completes, or when
 * an exception or INT n has been delivered. */
static inline bool irqsim_cpu_may_change_if(const irqsim_cpu_t *cpu) /* CPU-77 */
{
    return (uint64_t)cpu->regs.cpl << 12 <= (cpu->regs.flags & IRQSIM_FL_IOPL);
}
static inline bool irqsim_cpu_cli(irqsim_cpu_t *cpu)
{
    if (!irqsim_cpu_may_change_if(cpu))
        return false;
    cpu->regs.flags &= ~IRQSIM_FL_IF; /* CPU-76: at once */
    cpu->shadow = 0;
    return true;
}
static inline bool irqsim_cpu_sti(irqsim_cpu_t *cpu)
{
    if (!irqsim_cpu_may_change_if(cpu))
        return false;
    /* CPU-72, CPU-73 */
    cpu->shadow = !(cpu->regs.flags & IRQSIM_FL_IF) && !cpu->shadow ? IRQSIM_SHADOW_STI : 0;
    cpu->regs.flags |= IRQSIM_FL_IF;
    return true;
}
bool irqsim_cpu_hlt(irqsim_cpu_t *cpu);
void irqsim_cpu_mov_ss(irqsim_cpu_t *cpu);
void irqsim_cpu_iret_done(irqsim_cpu_t *cpu);    /* after irqsim_idt_iret succeeded */
void irqsim_cpu_iret_faulted(irqsim_cpu_t *cpu); /* or did not, before its fault is delivered:
                                                    NMIs are unblocked (CPU-79). Not after
                                                    a bus error, nor if it was not fetched */
static inline void irqsim_cpu_retired(irqsim_cpu_t *cpu)
{
    cpu->shadow = 0;
}
/* Shutdown, and what ends it or wait-for-SIPI (CPU-62). */
void irqsim_cpu_shutdown(irqsim_cpu_t *cpu);
bool irqsim_cpu_sipi(irqsim_cpu_t *cpu, uint8_t vector); /* true: it was waiting, and
                                                            now runs at vector << 12 */
void irqsim_cpu_start(irqsim_cpu_t *cpu);                /* a bootstrap CPU after INIT: runs at the
                                             reset vector */

/* Debug exceptions (CPU-70). A trap of the instruction that has just retired
 * waits for its boundary; `causes` are DR6_* bits. An event that enters another
 * context drops a single step that waits: TF in the frame brings it back. */
void irqsim_cpu_debug_trap(irqsim_cpu_t *cpu, uint32_t causes);
void irqsim_cpu_drop_step(irqsim_cpu_t *cpu);

/* DR0..DR3 and DR7: beside the CPU, for who wants them. */
typedef struct irqsim_breakpoints {
    uint64_t dr[4]; /* linear addresses */
    uint32_t dr7;
    uint32_t pad;
} irqsim_breakpoints_t;

/* DR6_B0..B3 of the enabled breakpoints that the access hits: `type` is DR7_EXECUTE,
 * DR7_WRITE or DR7_ACCESS, bytes 1..8. */
uint32_t irqsim_breakpoints_hit(const irqsim_breakpoints_t *bp, unsigned type, uint64_t addr,
                                unsigned bytes);
/* Does the instruction at `addr` raise its breakpoint, a fault? Asked before it is
 * executed. Answers DR6 bits, 0 with RF set (CPU-54) or behind MOV SS (CPU-74). */
uint32_t irqsim_cpu_code_breakpoint(const irqsim_cpu_t *cpu, const irqsim_breakpoints_t *bp,
                                    uint64_t addr);

/* One row of the exception table (CPU-01..21). */
typedef enum irqsim_exc_class {
    IRQSIM_EXC_FAULT,
    IRQSIM_EXC_TRAP,
    IRQSIM_EXC_ABORT,
    IRQSIM_EXC_INTERRUPT,
    IRQSIM_EXC_RESERVED
} irqsim_exc_class_t;

typedef struct irqsim_exc_info {
    const char *mnemonic; /* "#DE" */
    const char *name;     /* "divide error" */
    uint8_t class_;       /* irqsim_exc_class_t */
    uint8_t has_error;    /* pushes an error code (CPU-22) */
    uint8_t contributory; /* 0 benign, 1 contributory, 2 page-fault class (CPU-60) */
} irqsim_exc_info_t;

/* vector 0..31; NULL above. Static storage. */
const irqsim_exc_info_t *irqsim_exc_info(unsigned vector);

/* Delivering `first` raised exception `second`: what is delivered then
 * (CPU-61)? Returns `second`, 8 (#DF), or -1 = shutdown. kind is `first`'s
 * irqsim_event_kind_t: only exceptions have a class, all else is benign. */
int irqsim_exc_combine(unsigned first, unsigned kind, unsigned second);

#ifdef __cplusplus
}
#endif
#endif
