/* SPDX-License-Identifier: MIT */
/*
 * irqsim/cpu.h - what a CPU takes at an instruction boundary
 *
 *   INTR  (level) --->+-------------------+
 *   NMI   (pulse) --->| IF, shadows, HLT  |---> poll: which class of event
 *   SMI   (pulse) --->| NMI blocking      |     would be taken here
 *   INIT  (pulse) --->| activity state    |---> took: it is taken
 *                     +-------------------+
 *
 * This part decides; lib/idt builds the frame; lib/machine runs the
 * acknowledge cycle between the two.
 *
 * Modelled      CPU-60..64 (combination of events), CPU-71..80 (IF, shadows,
 *               HLT, NMI), CPU-85 for the classes below
 * Not yet       debug traps, task-switch traps, FLUSH/STOPCLK
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

/* Classes of events at one boundary, best first (CPU-85). */
typedef enum irqsim_boundary {
    IRQSIM_TAKE_NOTHING = 0,
    IRQSIM_TAKE_INIT,
    IRQSIM_TAKE_SMI,
    IRQSIM_TAKE_NMI,
    IRQSIM_TAKE_INTR
} irqsim_boundary_t;

#define IRQSIM_CPU_IN_INTR (UINT32_C(1) << 0) /* level: PIC's INT or LAPIC's */
#define IRQSIM_CPU_IN_NMI  (UINT32_C(1) << 1) /* pulse, latched              */
#define IRQSIM_CPU_IN_SMI  (UINT32_C(1) << 2)
#define IRQSIM_CPU_IN_INIT (UINT32_C(1) << 3)

/* Shadows: what the previous instruction inhibits until the next completes. */
#define IRQSIM_SHADOW_STI   (UINT8_C(1) << 0) /* INTR (CPU-72)                */
#define IRQSIM_SHADOW_MOVSS (UINT8_C(1) << 1) /* INTR, NMI, debug (CPU-74)    */

/* Plain bytes, for all to see (CPU-100). `regs` may be read and written by the
 * owner of the CPU; the rest goes through the functions. */
typedef struct irqsim_cpu {
    irqsim_cpustate_t regs;
    uint32_t in;         /* INTR level and latched pulses                        */
    uint8_t activity;    /* irqsim_activity_t                                    */
    uint8_t shadow;      /* IRQSIM_SHADOW_*                                      */
    uint8_t nmi_blocked; /* until IRET (CPU-79)                                  */
    uint8_t sipi_vector;
} irqsim_cpu_t;

/* State after RESET, but flat 32-bit protected mode with IF=0, CPL 0. */
void irqsim_cpu_init(irqsim_cpu_t *cpu);

/* Pins. intr is a level; pulse latches NMI, SMI or INIT (CPU-79: one NMI). */
static inline void irqsim_cpu_set_intr(irqsim_cpu_t *cpu, bool level)
{
    cpu->in = (cpu->in & ~IRQSIM_CPU_IN_INTR) | (level ? IRQSIM_CPU_IN_INTR : 0);
}
void irqsim_cpu_pulse(irqsim_cpu_t *cpu, uint32_t pins);

/* The class of event this CPU would take at this boundary. No side effect. */
irqsim_boundary_t irqsim_cpu_poll(const irqsim_cpu_t *cpu);
/* It takes it: ends HLT and shadows, consumes the pulse, blocks NMIs for an
 * NMI. INIT: the registers of irqsim_cpu_init() and wait-for-SIPI, also on a
 * bootstrap CPU; its owner starts it with irqsim_cpu_sipi(). */
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
void irqsim_cpu_iret_done(irqsim_cpu_t *cpu); /* after irqsim_idt_iret succeeded */
static inline void irqsim_cpu_retired(irqsim_cpu_t *cpu)
{
    cpu->shadow = 0;
}
/* Shutdown, and what ends it or wait-for-SIPI (CPU-62). */
void irqsim_cpu_shutdown(irqsim_cpu_t *cpu);
bool irqsim_cpu_sipi(irqsim_cpu_t *cpu, uint8_t vector); /* true: it was waiting, and
                                                            now runs at vector << 12 */

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
