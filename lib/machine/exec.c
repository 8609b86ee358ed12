/* SPDX-License-Identifier: MIT */
/*
 * exec.c - instructions of a program: lib/vcpu executes, the machine watches and charges
 */
#include <irqsim/cost.h>

#include "machine_int.h"

/* Each failed delivery on the way: of which event, and what it raised. Returns the last
 * one's number. */
static uint64_t say_chain(irqsim_machine_t *m, unsigned cpu, const irqsim_vcpu_out_t *out,
                          uint64_t cause)
{
    uint32_t event = IRQSIM_EVENT_OF(out->event.vector, out->event.kind);

    for (unsigned i = 0; i < out->delivered.escalations; i++) {
        const irqsim_escalation_t *link = &out->delivered.chain[i];

        cause = say(m, IRQSIM_EV_ESCALATE, cpu, cause, link->raised, link->error, event);
        event = IRQSIM_EVENT_OF(link->becomes, IRQSIM_KIND_EXCEPTION);
    }
    return cause;
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

/* An instruction, where it stood before it was executed. */
typedef struct place {
    uint64_t ip, behind, flags;
} place_t;

/* Its length is asked for by observers only. */
static place_t place_of(const irqsim_machine_t *m, unsigned cpu, const irqsim_insn_t *insn)
{
    const irqsim_cpustate_t *regs = &m->core[cpu].cpu.regs;
    const bool asked = observed(m) && insn->op < IRQSIM_OPS;
    const unsigned usual = asked ? irqsim_insn_length(insn->op, regs) : 0;

    return (place_t){.ip = regs->ip,
                     .behind = regs->ip + (usual && insn->length ? insn->length : usual),
                     .flags = regs->flags};
}

static void note_delivery(irqsim_machine_t *m, unsigned cpu, const irqsim_vcpu_out_t *out,
                          const place_t *insn)
{
    const irqsim_delivered_t *d = &out->delivered;
    const uint64_t cause =
        say_chain(m, cpu, out, irqsim__machine_say_insn(m, cpu, insn->ip, insn->behind));

    m->core[cpu].left = 0;
    if (d->what == IRQSIM_DELIVERED_HANDLER)
        irqsim__machine_entered(m, cpu, &d->event, insn->flags, d->saved_ip, cause);
    else
        irqsim__machine_shut_down(m, cpu, (irqsim_delivered_as_t)d->what, cause);
}

static irqsim_vcpu_did_t execute(irqsim_machine_t *m, unsigned cpu, const irqsim_insn_t *insn)
{
    irqsim_cpu_t *c = &m->core[cpu].cpu;
    const place_t place = place_of(m, cpu, insn);
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
        note_delivery(m, cpu, &out, &place);
    else if (out.did == IRQSIM_VCPU_RETIRED)
        say_retired(m, cpu, insn->op, place.flags);
    return (irqsim_vcpu_did_t)out.did;
}

irqsim_vcpu_did_t irqsim_guest_exec(irqsim_machine_t *m, unsigned cpu, const irqsim_insn_t *insn)
{
    return is_cpu(m, cpu) ? execute(m, cpu, insn) : IRQSIM_VCPU_NOTHING;
}
