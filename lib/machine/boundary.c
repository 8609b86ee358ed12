/* SPDX-License-Identifier: MIT */
/*
 * boundary.c - a CPU between two instructions: from its pins to a handler
 *
 *   poll --> acknowledge cycle --> gate and frame (lib/idt) --> the guest runs
 *
 * Read take_interrupt() top-down: that is the way of one interrupt.
 */
#include <irqsim/cost.h>
#include <irqsim/regs/idt_regs.h>

#include "machine_int.h"

void irqsim__machine_say_if(irqsim_machine_t *m, unsigned cpu)
{
    say(m, IRQSIM_EV_IF, cpu, 0, (m->core[cpu].cpu.regs.flags & IRQSIM_FL_IF) != 0, 0, 0);
}

/* ---- delivery ---- */

void irqsim__machine_shut_down(irqsim_machine_t *m, unsigned cpu, irqsim_delivered_as_t why,
                               uint64_t cause)
{
    core_t *core = &m->core[cpu];

    say(m, IRQSIM_EV_SHUTDOWN, cpu, cause, why, (uint32_t)core->cpu.regs.ip, 0);
    irqsim_cpu_shutdown(&core->cpu);
    core->entered = 0;
    core->deadline = IRQSIM_NEVER;
}

/* `out` tells why `ev` could not be delivered: makes `ev` the exception that
 * takes its place, `cause` what is said about that. false: there is none, the CPU shut
 * down (CPU-60..62). */
static ASIDE bool escalate(irqsim_machine_t *m, unsigned cpu, irqsim_delivery_t *ev,
                           const irqsim_outcome_t *out, uint64_t *cause)
{
    *cause = say(m, IRQSIM_EV_ESCALATE, cpu, *cause, out->vector, out->error,
                 IRQSIM_EVENT_OF(ev->vector, ev->kind));
    if (out->task_trap) /* CPU-11: the switch stands, what failed is the new task */
        irqsim_cpu_pulse(&m->core[cpu].cpu, IRQSIM_CPU_IN_TASK_TRAP);
    if (irqsim_escalate(&m->core[cpu].cpu.regs, ev, out))
        return true;
    irqsim__machine_shut_down(m, cpu, IRQSIM_DELIVERED_SHUTDOWN, *cause);
    return false;
}

ASIDE uint32_t irqsim__machine_say_deliver(irqsim_machine_t *m, unsigned cpu,
                                           const irqsim_delivery_t *ev, uint64_t saved_ip,
                                           uint64_t cause)
{
    return (uint32_t)irqsim__machine_emit(m, IRQSIM_EV_DELIVER, cpu, cause, ev->vector, ev->kind,
                                          (uint32_t)saved_ip);
}

/* TIME-102: rounded once. One figure is a time already, a sum of them is not. */
static irqsim_time_t delivery_time(const irqsim_machine_t *m, const core_t *core,
                                   const irqsim_delivery_t *ev, const irqsim_outcome_t *out)
{
    if (ev->kind == IRQSIM_KIND_EXTERNAL)
        return irqsim_cost_delivery(&m->ps, &core->cpu.regs, ev, out);
    return irqsim_clock_to_time(&m->cpu_clk,
                                irqsim_cost_delivery(&m->profile, &core->cpu.regs, ev, out));
}

/* Through the IDT, or through the exceptions that arise on the way: irqsim_deliver()
 * with events. Returns what the last successful transfer cost. */
static irqsim_time_t deliver(irqsim_machine_t *m, unsigned cpu, irqsim_delivery_t ev,
                             uint64_t cause)
{
    core_t *core = &m->core[cpu];
    const uint64_t old_flags = core->cpu.regs.flags;
    irqsim_outcome_t out;
    uint64_t saved_ip;

    for (;;) {
        saved_ip = core->cpu.regs.ip;
        irqsim_idt_deliver(&core->cpu.regs, &m->mem, &ev, &out);
        if (out.delivered)
            break;
        if (!escalate(m, cpu, &ev, &out, &cause))
            return 0;
    }
    if (out.task_trap)
        irqsim_cpu_pulse(&core->cpu, IRQSIM_CPU_IN_TASK_TRAP);
    irqsim__machine_entered(m, cpu, &ev, old_flags, saved_ip, cause);
    return delivery_time(m, core, &ev, &out);
}

void irqsim__machine_raise(irqsim_machine_t *m, unsigned cpu, uint64_t insn, irqsim_delivery_t ev)
{
    core_t *core = &m->core[cpu];

    core->left = 0;
    charge(m, cpu, deliver(m, cpu, ev, insn));
    irqsim_cpu_retired(&core->cpu);
}

/* ---- taking an event ---- */

/* From here on `cost` cannot be cut; then the handler begins. */
static void enter(irqsim_machine_t *m, core_t *core, irqsim_time_t cost)
{
    if (core->cpu.activity != IRQSIM_RUNNING)
        return; /* shut down on the way */
    core->atomic_until = later(m->g.now, cost);
    core->deadline = core->atomic_until;
}

static void take_interrupt(irqsim_machine_t *m, unsigned cpu, bool was_halted)
{
    core_t *core = &m->core[cpu];
    const ack_t ack = m->board->acknowledge(m, cpu);
    const irqsim_delivery_t ev = {.vector = ack.vector, .kind = IRQSIM_KIND_EXTERNAL};

    if (was_halted)
        say(m, IRQSIM_EV_WAKE_CPU, cpu, ack.cause, 0, 0, 0);
    enter(m, core, ack.cost + deliver(m, cpu, ev, ack.cause));
}

static void take_vector(irqsim_machine_t *m, unsigned cpu, irqsim_delivery_t ev, bool was_halted)
{
    if (was_halted)
        say(m, IRQSIM_EV_WAKE_CPU, cpu, 0, 0, 0, 0);
    enter(m, &m->core[cpu], deliver(m, cpu, ev, 0));
}

/* APIC-32: application processors wait for SIPI, the bootstrap CPU restarts. */
static void take_init(irqsim_machine_t *m, unsigned cpu)
{
    core_t *core = &m->core[cpu];

    core->entered = 0;
    core->deadline = IRQSIM_NEVER;
    if (m->board->apics && !m->lapic[cpu].bsp)
        return;
    irqsim_cpu_start(&core->cpu);
    core->deadline = m->g.now;
}

/* Beside the interrupts, which are nearly all: whatever needs no acknowledge. */
static ASIDE void take_other(irqsim_machine_t *m, unsigned cpu, irqsim_boundary_t what,
                             bool was_halted)
{
    core_t *core = &m->core[cpu];

    switch (what) {
    case IRQSIM_TAKE_NMI:
        take_vector(m, cpu, (irqsim_delivery_t){.vector = VECTOR_NMI, .kind = IRQSIM_KIND_NMI},
                    was_halted);
        break;
    case IRQSIM_TAKE_TASK_TRAP:
    case IRQSIM_TAKE_DEBUG:
        take_vector(m, cpu, irqsim_exception(VECTOR_DB, 0), was_halted);
        break;
    case IRQSIM_TAKE_MACHINE_CHECK:
        take_vector(m, cpu, irqsim_exception(VECTOR_MC, 0), was_halted);
        break;
    case IRQSIM_TAKE_INIT:
        take_init(m, cpu);
        break;
    default: /* SMI: there is no SMM; it ends HLT and shutdown and does nothing else.
              * RESET: the board has no such pin */
        core->deadline = later(m->g.now, core->left);
        break;
    }
}

void irqsim__machine_boundary(irqsim_machine_t *m, unsigned cpu, irqsim_boundary_t what)
{
    core_t *core = &m->core[cpu];
    const bool was_halted = core->cpu.activity == IRQSIM_HALTED;

    core->left = core->cpu.activity == IRQSIM_RUNNING ? core->deadline - m->g.now : 0;
    irqsim_cpu_took(&core->cpu, what);
    if (what == IRQSIM_TAKE_INTR)
        take_interrupt(m, cpu, was_halted);
    else
        take_other(m, cpu, what, was_halted);
}

/* ---- what a LAPIC does to its CPU besides INTR ---- */

static void start_up(irqsim_machine_t *m, unsigned cpu)
{
    core_t *core = &m->core[cpu];

    if (irqsim_cpu_sipi(&core->cpu, m->lapic[cpu].sipi_vector))
        core->atomic_until = core->deadline = m->g.now;
}

void irqsim__machine_pulse(irqsim_machine_t *m, unsigned cpu, uint32_t lapic_pulses)
{
    static const struct {
        uint32_t from, to;
    } pins[] = {
        {IRQSIM_LAPIC_OUT_NMI, IRQSIM_CPU_IN_NMI},
        {IRQSIM_LAPIC_OUT_SMI, IRQSIM_CPU_IN_SMI},
        {IRQSIM_LAPIC_OUT_INIT, IRQSIM_CPU_IN_INIT},
    };

    for (unsigned i = 0; i < sizeof(pins) / sizeof(pins[0]); i++)
        if (lapic_pulses & pins[i].from)
            irqsim_cpu_pulse(&m->core[cpu].cpu, pins[i].to);
    if (lapic_pulses & IRQSIM_LAPIC_OUT_SIPI)
        start_up(m, cpu);
}

/* ---- what comes from outside ---- */

irqsim_status_t irqsim_machine_cpu_pulse(irqsim_machine_t *m, unsigned cpu, uint32_t pins)
{
    const uint32_t free = IRQSIM_CPU_IN_NMI | IRQSIM_CPU_IN_SMI | IRQSIM_CPU_IN_MC;

    if (cpu >= m->cpus)
        return IRQSIM_E_RANGE;
    if (!pins || pins & ~free)
        return IRQSIM_E_INVAL;
    irqsim_cpu_pulse(&m->core[cpu].cpu, pins);
    irqsim__machine_schedule(m, cpu);
    return IRQSIM_OK;
}
