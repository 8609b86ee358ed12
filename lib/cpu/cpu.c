/* SPDX-License-Identifier: MIT */
/*
 * cpu.c - what a CPU takes at an instruction boundary, and what delays it
 */
#include <irqsim/cpu.h>
#include <irqsim/regs/idt_regs.h>

#include <string.h>

#define PULSES (IRQSIM_CPU_IN_NMI | IRQSIM_CPU_IN_SMI | IRQSIM_CPU_IN_INIT)

/* What each activity can be ended or interrupted by (CPU-62, CPU-71, CPU-78). A
 * second INIT while waiting for SIPI is taken, so that it cannot outlive the
 * wait and reset the started CPU. */
static const uint32_t listens_to[] = {
    [IRQSIM_RUNNING] = PULSES | IRQSIM_CPU_IN_INTR,
    [IRQSIM_HALTED] = PULSES | IRQSIM_CPU_IN_INTR,
    [IRQSIM_WAIT_SIPI] = IRQSIM_CPU_IN_INIT,
    [IRQSIM_SHUTDOWN] = PULSES,
};

/* CPU-85: pins are numbered by rank, worst first, and classes best first. */
static irqsim_boundary_t best_of(uint32_t live)
{
    return (irqsim_boundary_t)(IRQSIM_TAKE_INTR - (31 - __builtin_clz(live)));
}

/* Selectors are null and SS is flat: usable before the guest has a GDT. */
static void reset_registers(irqsim_cpu_t *cpu)
{
    memset(&cpu->regs, 0, sizeof(cpu->regs));
    cpu->regs.flags = EFLAGS_RESERVED;
    cpu->regs.idtr.limit = 0x3FF; /* CPU-57 */
    cpu->regs.gdtr.limit = 0xFFFF;
}

void irqsim_cpu_init(irqsim_cpu_t *cpu)
{
    memset(cpu, 0, sizeof(*cpu));
    reset_registers(cpu);
}

void irqsim_cpu_pulse(irqsim_cpu_t *cpu, uint32_t pins)
{
    cpu->in |= pins & PULSES; /* CPU-79: one is latched, more of them merge */
}

irqsim_boundary_t irqsim_cpu_poll(const irqsim_cpu_t *cpu)
{
    uint32_t live = cpu->in & listens_to[cpu->activity & 3u];
    if (!live)
        return IRQSIM_TAKE_NOTHING;
    if (!(cpu->regs.flags & EFLAGS_IF) || cpu->shadow) /* CPU-71, CPU-72, CPU-74 */
        live &= ~IRQSIM_CPU_IN_INTR;
    if (cpu->nmi_blocked || (cpu->shadow & IRQSIM_SHADOW_MOVSS)) /* CPU-74, CPU-75, CPU-79 */
        live &= ~IRQSIM_CPU_IN_NMI;
    return live ? best_of(live) : IRQSIM_TAKE_NOTHING;
}

static void take_init(irqsim_cpu_t *cpu)
{
    cpu->in &= ~PULSES;
    cpu->nmi_blocked = 0;
    cpu->activity = IRQSIM_WAIT_SIPI;
    reset_registers(cpu);
}

/* CPU-87: consumes what was taken; the classes below it stay pending. */
void irqsim_cpu_took(irqsim_cpu_t *cpu, irqsim_boundary_t what)
{
    if (what == IRQSIM_TAKE_NOTHING)
        return;
    cpu->shadow = 0; /* CPU-72: another event is delivered */
    cpu->activity = IRQSIM_RUNNING;
    switch (what) {
    case IRQSIM_TAKE_INIT:
        take_init(cpu);
        break;
    case IRQSIM_TAKE_SMI:
        cpu->in &= ~IRQSIM_CPU_IN_SMI;
        break;
    case IRQSIM_TAKE_NMI:
        cpu->in &= ~IRQSIM_CPU_IN_NMI;
        cpu->nmi_blocked = 1; /* CPU-79 */
        break;
    default: /* INTR is a level: its source lowers it at the acknowledge. CPU-80: no NMI */
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
    cpu->regs.ip = (uint64_t)vector << 12;
    cpu->activity = IRQSIM_RUNNING;
    return true;
}
