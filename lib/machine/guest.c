/* SPDX-License-Identifier: MIT */
/*
 * guest.c - instructions that touch interrupts, and passing time
 */
#include <irqsim/cost.h>
#include <irqsim/regs/idt_regs.h>

#include "machine_int.h"

/* Bytes of what is executed here. */
#define IF_LENGTH    1u /* CLI FA, STI FB; HLT F4 too */
#define IRET_LENGTH  1u /* CF    */
#define INT_N_LENGTH 2u /* CD nn */

static irqsim_cpu_t *cpu_of(irqsim_machine_t *m, unsigned cpu)
{
    return &m->core[cpu].cpu;
}

/* Of an instruction that does nothing about interrupts but end a shadow. */
static irqsim_cpustate_t *plain(irqsim_machine_t *m, unsigned cpu)
{
    irqsim_cpu_retired(cpu_of(m, cpu));
    return &cpu_of(m, cpu)->regs;
}

/* ---- instructions ---- */

/* An exception of the instruction at IP; length 0: of none. */
static void fault(irqsim_machine_t *m, unsigned cpu, unsigned length, irqsim_delivery_t ev)
{
    const uint64_t ip = cpu_of(m, cpu)->regs.ip;
    const uint64_t insn = length ? irqsim__machine_say_insn(m, cpu, ip, ip + length) : 0;

    irqsim__machine_raise(m, cpu, insn, ev);
}

static ASIDE void general_protection(irqsim_machine_t *m, unsigned cpu)
{
    fault(m, cpu, IF_LENGTH, irqsim_exception(VECTOR_GP, 0));
}

void irqsim_guest_cli(irqsim_machine_t *m, unsigned cpu)
{
    const uint64_t old_flags = cpu_of(m, cpu)->regs.flags;

    charge(m, cpu, m->ps.cli);
    if (!irqsim_cpu_cli(cpu_of(m, cpu))) {
        general_protection(m, cpu); /* CPU-77 */
        return;
    }
    irqsim__machine_if_changed(m, cpu, old_flags);
}

/* The shadow of STI lasts until the next access, instruction or spending
 * (CPU-72), so STI; HLT cannot be torn apart. */
void irqsim_guest_sti(irqsim_machine_t *m, unsigned cpu)
{
    const uint64_t old_flags = cpu_of(m, cpu)->regs.flags;

    charge(m, cpu, m->ps.sti);
    if (!irqsim_cpu_sti(cpu_of(m, cpu))) {
        general_protection(m, cpu); /* CPU-77 */
        return;
    }
    irqsim__machine_if_changed(m, cpu, old_flags);
}

void irqsim_guest_hlt(irqsim_machine_t *m, unsigned cpu)
{
    charge(m, cpu, m->ps.hlt);
    if (!irqsim_cpu_hlt(cpu_of(m, cpu))) {
        general_protection(m, cpu); /* CPU-78 */
        return;
    }
    say(m, IRQSIM_EV_HALT, cpu, 0, 0, 0, 0);
}

/* The IRET at `ip`, which may have left its task already. */
static ASIDE void failed_iret(irqsim_machine_t *m, unsigned cpu, uint64_t ip,
                              const irqsim_outcome_t *out)
{
    const uint64_t insn = irqsim__machine_say_insn(m, cpu, ip, ip + IRET_LENGTH);

    irqsim_cpu_iret_faulted(cpu_of(m, cpu)); /* CPU-79 */
    if (out->task_trap)
        irqsim_cpu_pulse(cpu_of(m, cpu), IRQSIM_CPU_IN_TASK_TRAP);
    if (out->vector == VECTOR_PF)
        cpu_of(m, cpu)->regs.cr2 = out->address; /* CPU-24 */
    irqsim__machine_raise(m, cpu, insn, irqsim_exception(out->vector, out->error));
}

void irqsim_guest_iret(irqsim_machine_t *m, unsigned cpu)
{
    irqsim_cpu_t *c = cpu_of(m, cpu);
    const uint64_t old_flags = c->regs.flags, ip = c->regs.ip;
    irqsim_outcome_t out;

    irqsim_idt_iret(&c->regs, &m->mem, 4, &out);
    if (!out.delivered) {
        failed_iret(m, cpu, ip, &out);
        return;
    }
    if (out.task_trap)
        irqsim_cpu_pulse(c, IRQSIM_CPU_IN_TASK_TRAP);
    charge(m, cpu, irqsim_cost_iret(&m->ps, &c->regs, &out));
    irqsim_cpu_iret_done(c);
    say(m, IRQSIM_EV_IRET, cpu, 0, (uint32_t)c->regs.ip, c->regs.cpl, 0);
    irqsim__machine_if_changed(m, cpu, old_flags);
}

void irqsim_guest_int(irqsim_machine_t *m, unsigned cpu, uint8_t vector)
{
    const irqsim_delivery_t ev = {
        .vector = vector, .kind = IRQSIM_KIND_SOFTWARE, .length = INT_N_LENGTH};

    if (!is_cpu(m, cpu))
        return;
    const uint64_t behind = cpu_of(m, cpu)->regs.ip;
    irqsim__machine_raise(m, cpu, irqsim__machine_say_insn(m, cpu, behind - INT_N_LENGTH, behind),
                          ev);
}

void irqsim_guest_raise(irqsim_machine_t *m, unsigned cpu, unsigned length, uint8_t vector,
                        uint32_t error, uint32_t address)
{
    if (!is_cpu(m, cpu))
        return;
    if (vector == VECTOR_PF)
        cpu_of(m, cpu)->regs.cr2 = address; /* CPU-24 */
    fault(m, cpu, length, irqsim_exception(vector, error));
}

void irqsim_guest_lgdt(irqsim_machine_t *m, unsigned cpu, uint32_t base, uint32_t limit)
{
    if (is_cpu(m, cpu))
        plain(m, cpu)->gdtr = (irqsim_dtr_t){.base = base, .limit = limit};
}

void irqsim_guest_lidt(irqsim_machine_t *m, unsigned cpu, uint32_t base, uint32_t limit)
{
    if (is_cpu(m, cpu))
        plain(m, cpu)->idtr = (irqsim_dtr_t){.base = base, .limit = limit};
}

void irqsim_guest_ltr(irqsim_machine_t *m, unsigned cpu, uint16_t selector, uint32_t base,
                      uint32_t limit)
{
    if (is_cpu(m, cpu))
        plain(m, cpu)->tr = (irqsim_dtr_t){.base = base, .limit = limit, .selector = selector};
}

void irqsim_guest_jump(irqsim_machine_t *m, unsigned cpu, uint16_t cs, uint32_t ip)
{
    irqsim_cpustate_t *regs = plain(m, cpu);

    regs->cs = cs;
    regs->ip = ip;
    regs->cpl = cs & 3;
}

/* CPU-74: the shadow of a stack switch is not modelled, both halves come at once. */
void irqsim_guest_stack(irqsim_machine_t *m, unsigned cpu, uint16_t ss, uint32_t sp)
{
    irqsim_cpustate_t *regs = plain(m, cpu);

    regs->ss = ss;
    regs->ss_desc = 0; /* flat */
    regs->sp = sp;
}

/* ---- time ---- */

void irqsim_guest_spend_time(irqsim_machine_t *m, unsigned cpu, irqsim_time_t ps)
{
    core_t *core = &m->core[cpu];

    if (m->g.booted)
        core->spent = later(core->spent, ps);
    if (ps)
        irqsim_cpu_retired(&core->cpu);
}

void irqsim_guest_spend(irqsim_machine_t *m, unsigned cpu, uint64_t clocks)
{
    irqsim_guest_spend_time(m, cpu, irqsim_clock_to_time(&m->cpu_clk, clocks));
}

/* ---- what happened to the guest ---- */

bool irqsim_guest_entered(irqsim_machine_t *m, unsigned cpu, irqsim_time_t *left)
{
    core_t *core = &m->core[cpu];

    if (!core->entered)
        return false;
    core->entered = ENTRY_NONE;
    *left = core->left;
    return true;
}

uint8_t irqsim_guest_vector(const irqsim_machine_t *m, unsigned cpu)
{
    return m->core[cpu].vector;
}

uint64_t irqsim_guest_cause(const irqsim_machine_t *m, unsigned cpu)
{
    return wide(m, m->core[cpu].delivered);
}

uint64_t irqsim_guest_emit(irqsim_machine_t *m, unsigned cpu, irqsim_event_id_t id, uint64_t cause,
                           uint32_t a, uint32_t b, uint32_t c)
{
    const uint64_t seq = say(m, id, cpu, cause, a, b, c);

    m->core[cpu].said = (uint32_t)seq;
    return seq;
}

bool irqsim_guest_observed(const irqsim_machine_t *m)
{
    return m->host.emit != NULL;
}

void irqsim_guest_stop(irqsim_machine_t *m, irqsim_status_t status)
{
    m->g.stopped = (uint8_t)-status;
}
