/* SPDX-License-Identifier: MIT */
/*
 * cpu.c - what a CPU takes at an instruction boundary, and what delays it
 */
#include <irqsim/cpu.h>
#include <irqsim/regs/debug_regs.h>
#include <irqsim/regs/idt_regs.h>

#include <string.h>

#define LATCHED (IRQSIM_CPU_IN_NMI | IRQSIM_CPU_IN_SMI | IRQSIM_CPU_IN_INIT | IRQSIM_CPU_IN_RESET)
#define TRAPS   (IRQSIM_CPU_IN_DEBUG | IRQSIM_CPU_IN_TASK_TRAP)
#define ALL     (LATCHED | TRAPS | IRQSIM_CPU_IN_MC | IRQSIM_CPU_IN_INTR)

#define REAL_CS  0xF000u /* the first instruction after RESET */
#define REAL_IP  0xFFF0u
#define FLAT_IP  UINT32_C(0xFFFFFFF0)
#define IVT_LAST 0x3FFu

/* What each activity can be ended or interrupted by (CPU-62, CPU-71, CPU-78). A
 * second INIT while waiting for SIPI is taken, so that it cannot outlive the
 * wait and reset the started CPU. */
static const uint32_t listens_to[] = {
    [IRQSIM_RUNNING] = ALL,
    [IRQSIM_HALTED] = ALL,
    [IRQSIM_WAIT_SIPI] = IRQSIM_CPU_IN_INIT | IRQSIM_CPU_IN_RESET,
    [IRQSIM_SHUTDOWN] = LATCHED,
};

/* CPU-85: pins are numbered by rank, worst first, and classes best first. */
static irqsim_boundary_t best_of(uint32_t live)
{
    return (irqsim_boundary_t)(IRQSIM_TAKE_INTR - (31 - __builtin_clz(live)));
}

/* Flat: selectors are null and SS is flat, usable before the guest has a GDT. */
static void reset_registers(irqsim_cpu_t *cpu)
{
    memset(&cpu->regs, 0, sizeof(cpu->regs));
    cpu->regs.flags = EFLAGS_RESERVED;
    cpu->regs.idtr.limit = IVT_LAST; /* CPU-57 */
    cpu->regs.gdtr.limit = 0xFFFF;
    if (cpu->variant & IRQSIM_CPU_REAL_START) {
        cpu->regs.mode = IRQSIM_MODE_REAL;
        cpu->regs.cs = REAL_CS;
        cpu->regs.ip = REAL_IP;
    }
    cpu->dr6 = DR6_RESET;
}

void irqsim_cpu_reset(irqsim_cpu_t *cpu)
{
    const uint32_t intr = cpu->in & IRQSIM_CPU_IN_INTR; /* a level: others drive it */
    const uint8_t variant = cpu->variant;

    memset(cpu, 0, sizeof(*cpu));
    cpu->in = intr;
    cpu->variant = variant;
    reset_registers(cpu);
}

void irqsim_cpu_init(irqsim_cpu_t *cpu)
{
    memset(cpu, 0, sizeof(*cpu));
    reset_registers(cpu);
}

/* CPU-79: one of each is latched, more of them merge. */
void irqsim_cpu_pulse(irqsim_cpu_t *cpu, uint32_t pins)
{
    const uint32_t new = pins & ~cpu->in & ~IRQSIM_CPU_IN_INTR;

    if (new &IRQSIM_CPU_IN_NMI && cpu->variant &IRQSIM_CPU_NMI_IN_TURN)
        cpu->nmi_late = cpu->in & IRQSIM_CPU_IN_INTR; /* CPU-86 */
    cpu->in |= new;
}

/* What of NMI and debug traps has to wait for another boundary. */
static uint32_t held_back(const irqsim_cpu_t *cpu, uint32_t live)
{
    if (cpu->shadow & IRQSIM_SHADOW_MOVSS) /* CPU-74; CPU-75: not by STI */
        return IRQSIM_CPU_IN_NMI | IRQSIM_CPU_IN_DEBUG;
    if (cpu->nmi_blocked || (cpu->nmi_late && live & IRQSIM_CPU_IN_INTR)) /* CPU-79, CPU-86 */
        return IRQSIM_CPU_IN_NMI;
    return 0;
}

irqsim_boundary_t irqsim_cpu_poll(const irqsim_cpu_t *cpu)
{
    uint32_t live = cpu->in & listens_to[cpu->activity & 3u];
    if (!live)
        return IRQSIM_TAKE_NOTHING;
    if (!(cpu->regs.flags & EFLAGS_IF) || cpu->shadow) /* CPU-71, CPU-72, CPU-74 */
        live &= ~IRQSIM_CPU_IN_INTR;
    if (live & (IRQSIM_CPU_IN_NMI | IRQSIM_CPU_IN_DEBUG))
        live &= ~held_back(cpu, live);
    return live ? best_of(live) : IRQSIM_TAKE_NOTHING;
}

static void take_init(irqsim_cpu_t *cpu)
{
    cpu->in &= IRQSIM_CPU_IN_INTR;
    cpu->db = 0;
    cpu->nmi_blocked = 0;
    cpu->nmi_late = 0;
    cpu->activity = IRQSIM_WAIT_SIPI;
    reset_registers(cpu);
}

/* CPU-70: DR6 gathers causes and is never cleared. One #DB reports all there are. */
static void take_debug(irqsim_cpu_t *cpu, uint32_t causes)
{
    cpu->in &= ~TRAPS;
    cpu->dr6 |= (uint16_t)(causes | cpu->db);
    cpu->db = 0;
}

static void take_nmi(irqsim_cpu_t *cpu)
{
    cpu->in &= ~IRQSIM_CPU_IN_NMI;
    cpu->nmi_blocked = 1; /* CPU-79 */
}

/* CPU-87: consumes what was taken; the classes below it stay pending. */
void irqsim_cpu_took(irqsim_cpu_t *cpu, irqsim_boundary_t what)
{
    if (what == IRQSIM_TAKE_NOTHING)
        return;
    if (what != IRQSIM_TAKE_SMI) /* CPU-72: another event is delivered; an SMI is none here */
        cpu->shadow = 0;
    cpu->activity = IRQSIM_RUNNING;
    switch (what) {
    case IRQSIM_TAKE_RESET:
        irqsim_cpu_reset(cpu);
        break;
    case IRQSIM_TAKE_MACHINE_CHECK:
        cpu->in &= ~IRQSIM_CPU_IN_MC;
        break;
    case IRQSIM_TAKE_TASK_TRAP:
        take_debug(cpu, DR6_BT);
        break;
    case IRQSIM_TAKE_INIT:
        take_init(cpu);
        break;
    case IRQSIM_TAKE_SMI:
        cpu->in &= ~IRQSIM_CPU_IN_SMI;
        break;
    case IRQSIM_TAKE_DEBUG:
        take_debug(cpu, 0);
        break;
    case IRQSIM_TAKE_NMI:
        take_nmi(cpu);
        break;
    default: /* INTR is a level: its source lowers it at the acknowledge. CPU-80: no NMI */
        cpu->nmi_late = 0;
        break;
    }
}

bool irqsim_cpu_hlt(irqsim_cpu_t *cpu)
{
    if (cpu->regs.cpl != 0) /* CPU-78 */
        return false;
    cpu->shadow = 0; /* CPU-72: after STI;HLT a waiting interrupt ends the halt */
    cpu->activity = IRQSIM_HALTED;
    return true;
}

void irqsim_cpu_mov_ss(irqsim_cpu_t *cpu)
{
    cpu->shadow = cpu->shadow ? 0 : IRQSIM_SHADOW_MOVSS; /* CPU-73, CPU-74 */
}

void irqsim_cpu_iret_done(irqsim_cpu_t *cpu)
{
    cpu->shadow = 0;
    cpu->nmi_blocked = 0; /* CPU-79, CPU-98: any IRET */
}

void irqsim_cpu_iret_faulted(irqsim_cpu_t *cpu)
{
    cpu->nmi_blocked = 0; /* CPU-79: it was executed */
}

void irqsim_cpu_shutdown(irqsim_cpu_t *cpu)
{
    cpu->shadow = 0;
    cpu->activity = IRQSIM_SHUTDOWN;
}

bool irqsim_cpu_sipi(irqsim_cpu_t *cpu, uint8_t vector)
{
    if (cpu->activity != IRQSIM_WAIT_SIPI)
        return false;
    cpu->sipi_vector = vector;
    cpu->activity = IRQSIM_RUNNING;
    if (cpu->variant & IRQSIM_CPU_REAL_START) {
        cpu->regs.cs = (uint16_t)(vector << 8);
        cpu->regs.ip = 0;
    } else {
        cpu->regs.ip = (uint64_t)vector << 12;
    }
    return true;
}

void irqsim_cpu_start(irqsim_cpu_t *cpu)
{
    cpu->activity = IRQSIM_RUNNING;
    cpu->regs.ip = cpu->variant & IRQSIM_CPU_REAL_START ? REAL_IP : FLAT_IP;
}
