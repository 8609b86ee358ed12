/* SPDX-License-Identifier: MIT */
/*
 * exec.c - instructions of a program: lib/vcpu executes, the machine watches and charges
 */
#include <irqsim/cost.h>

#include "machine_int.h"

/* Each failed delivery on the way: of an event of this kind, what it raised. */
static void say_chain(irqsim_machine_t *m, unsigned cpu, const irqsim_vcpu_out_t *out)
{
    uint8_t kind = out->event.kind;

    for (unsigned i = 0; i < out->delivered.escalations; i++) {
        const irqsim_escalation_t *link = &out->delivered.chain[i];

        irqsim__machine_say_escalate(m, cpu, kind, link->raised, link->error);
        kind = IRQSIM_KIND_EXCEPTION;
    }
}

static void say_retired(irqsim_machine_t *m, unsigned cpu, unsigned op, uint64_t old_flags)
{
    const irqsim_cpustate_t *regs = &m->core[cpu].cpu.regs;

    if (op == IRQSIM_OP_HLT)
        say(m, IRQSIM_EV_HALT, cpu, 0, 0, 0, 0);
    else if (op == IRQSIM_OP_IRET)
        say(m, IRQSIM_EV_IRET, cpu, 0, (uint32_t)regs->ip, regs->cpl, 0);
    irqsim__machine_if_changed(m, cpu, old_flags);
}

static void note_delivery(irqsim_machine_t *m, unsigned cpu, const irqsim_vcpu_out_t *out,
                          uint64_t old_flags)
{
    const irqsim_delivered_t *d = &out->delivered;

    m->core[cpu].left = 0;
    say_chain(m, cpu, out);
    if (d->what == IRQSIM_DELIVERED_HANDLER)
        irqsim__machine_entered(m, cpu, &d->event, old_flags);
    else
        irqsim__machine_shut_down(m, cpu);
}

static irqsim_vcpu_did_t execute(irqsim_machine_t *m, unsigned cpu, const irqsim_insn_t *insn)
{
    irqsim_cpu_t *c = &m->core[cpu].cpu;
    const uint64_t old_flags = c->regs.flags;
    const irqsim_vcpu_t v = {.cpu = c, .mem = &m->mem};
    irqsim_vcpu_out_t out;

    if (irqsim_vcpu_exec(&v, insn, &out) != IRQSIM_OK) {
        irqsim_guest_stop(m, IRQSIM_E_INVAL);
        return IRQSIM_VCPU_NOTHING;
    }
    charge(m, cpu,
           irqsim_clock_to_time(
               &m->cpu_clk, irqsim_cost_vcpu(&m->profile, &c->regs, (irqsim_op_t)insn->op, &out)));
    if (out.did == IRQSIM_VCPU_DELIVERED)
        note_delivery(m, cpu, &out, old_flags);
    else if (out.did == IRQSIM_VCPU_RETIRED)
        say_retired(m, cpu, insn->op, old_flags);
    return (irqsim_vcpu_did_t)out.did;
}

irqsim_vcpu_did_t irqsim_guest_exec(irqsim_machine_t *m, unsigned cpu, const irqsim_insn_t *insn)
{
    return is_cpu(m, cpu) ? execute(m, cpu, insn) : IRQSIM_VCPU_NOTHING;
}
