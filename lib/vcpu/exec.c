/* SPDX-License-Identifier: MIT */
/*
 * exec.c - one instruction, and the boundary behind it
 *
 *   breakpoint? --> execute --> retire (IP, RF, shadow, traps) --> [boundary]
 *   rank 7          8..10  \--> fault or INT n: deliver           rank 1..6
 */
#include <string.h>

#include <irqsim/regs/debug_regs.h>
#include <irqsim/regs/idt_regs.h>

#include "vcpu_int.h"

/* ---- delivery, as the CPU sees it ---- */

static void deliver(const irqsim_vcpu_t *v, const irqsim_delivery_t *event, irqsim_vcpu_out_t *out)
{
    irqsim_cpu_t *cpu = v->cpu;
    const irqsim_delivered_t *d = &out->delivered;

    out->did = IRQSIM_VCPU_DELIVERED;
    out->event = *event;
    irqsim_deliver(&cpu->regs, v->mem, event, &out->delivered);
    irqsim_cpu_retired(cpu);
    irqsim_cpu_drop_step(cpu); /* CPU-87: TF in the frame brings it back */
    if (d->what == IRQSIM_DELIVERED_SHUTDOWN)
        irqsim_cpu_shutdown(cpu);
    if (d->out.task_trap)
        irqsim_cpu_pulse(cpu, IRQSIM_CPU_IN_TASK_TRAP);
}

/* Clears the answer and names what cannot be. */
static irqsim_status_t begin(const irqsim_cpu_t *cpu, irqsim_vcpu_out_t *out)
{
    memset(out, 0, sizeof(*out));
    out->delivered.field = irqsim_impossible(&cpu->regs);
    return out->delivered.field ? IRQSIM_E_INVAL : IRQSIM_OK;
}

irqsim_status_t irqsim_vcpu_raise(const irqsim_vcpu_t *v, const irqsim_delivery_t *event,
                                  irqsim_vcpu_out_t *out)
{
    const irqsim_status_t status = begin(v->cpu, out);

    if (status == IRQSIM_OK)
        deliver(v, event, out);
    return status;
}

/* ---- one instruction ---- */

static unsigned operand_size(const irqsim_insn_t *insn, const irqsim_cpustate_t *s)
{
    static const uint8_t usual[] = {2, 4, 8};

    return insn->size ? insn->size : usual[irqsim__vcpu_code_width(s)];
}

/* CS is taken for flat in protected mode: the state keeps no base of it. */
static uint64_t linear_ip(const irqsim_cpustate_t *s)
{
    const bool segmented = s->mode == IRQSIM_MODE_REAL || s->mode == IRQSIM_MODE_V86;

    return segmented ? ((uint64_t)s->cs << 4) + s->ip : s->ip;
}

/* Rank 7 of CPU-85: the breakpoint of an instruction is a fault before it. Its RF is
 * the handler's to set (CPU-53). */
static verdict_t check_breakpoint(exec_t *e)
{
    const irqsim_breakpoints_t *bp = e->v->breakpoints;
    const uint32_t hits = bp ? irqsim_cpu_code_breakpoint(e->cpu, bp, linear_ip(&e->cpu->regs)) : 0;

    if (!hits)
        return DONE;
    e->cpu->dr6 |= (uint16_t)hits;
    return irqsim__vcpu_raise(e, VECTOR_DB, 0);
}

/* Ranks 7 to 10 of CPU-85, one after the other. */
static verdict_t execute(exec_t *e)
{
    verdict_t verdict = check_breakpoint(e);

    if (verdict == DONE && e->insn->fetch)
        verdict = irqsim__vcpu_fetch(e, linear_ip(&e->cpu->regs), e->length ? e->length : 1);
    if (verdict != DONE)
        return verdict;
    if (!e->length) /* LM-09: this code has no such instruction */
        return irqsim__vcpu_raise(e, VECTOR_UD, 0);
    return irqsim__vcpu_insns[e->insn->op].execute(e);
}

/* Past the instruction, RF has done its work (CPU-54). */
static void step_over(exec_t *e)
{
    irqsim_cpustate_t *s = &e->cpu->regs;

    s->ip = irqsim__vcpu_ip_plus(s, (int)e->length);
    s->flags &= ~(uint64_t)EFLAGS_RF;
}

static void retire(exec_t *e)
{
    if (!irqsim__vcpu_insns[e->insn->op].shadows)
        irqsim_cpu_retired(e->cpu);
    irqsim_cpu_debug_trap(e->cpu, e->hits | (e->stepped ? DR6_BS : 0));
    if (e->out.task_trap)
        irqsim_cpu_pulse(e->cpu, IRQSIM_CPU_IN_TASK_TRAP);
}

static void say_bus_error(const exec_t *e, irqsim_vcpu_out_t *out)
{
    out->did = IRQSIM_VCPU_DELIVERED;
    out->delivered.what = IRQSIM_DELIVERED_BUS_ERROR;
    out->delivered.out = e->out;
}

static void finish(exec_t *e, verdict_t verdict, irqsim_vcpu_out_t *out)
{
    const uint64_t ip = e->cpu->regs.ip;

    switch (verdict) {
    case DONE:
        step_over(e);
        retire(e);
        out->did = IRQSIM_VCPU_RETIRED;
        break;
    case JUMPED:
        retire(e);
        out->did = IRQSIM_VCPU_RETIRED;
        out->iret = e->out;
        break;
    case TRAPPED:
        step_over(e);
        deliver(e->v, &e->event, out);
        if (out->delivered.what == IRQSIM_DELIVERED_BUS_ERROR && !out->delivered.out.task)
            e->cpu->regs.ip = ip;
        break;
    case RAISED:
        deliver(e->v, &e->event, out);
        break;
    default:
        say_bus_error(e, out);
        break;
    }
}

irqsim_status_t irqsim_vcpu_exec(const irqsim_vcpu_t *v, const irqsim_insn_t *insn,
                                 irqsim_vcpu_out_t *out)
{
    irqsim_cpu_t *cpu = v->cpu;
    const irqsim_status_t status = begin(cpu, out);

    if (status != IRQSIM_OK || insn->op >= IRQSIM_OPS)
        return IRQSIM_E_INVAL;
    if (cpu->activity != IRQSIM_RUNNING)
        return IRQSIM_OK;
    const unsigned usual = irqsim_insn_length(insn->op, &cpu->regs);
    exec_t e = {.v = v,
                .cpu = cpu,
                .insn = insn,
                .length = usual && insn->length ? insn->length : usual,
                .size = operand_size(insn, &cpu->regs),
                .stepped = cpu->regs.flags & EFLAGS_TF};
    finish(&e, execute(&e), out);
    return IRQSIM_OK;
}

/* ---- one boundary ---- */

/* One event: what else waits meets the handler's flags at the next boundary, before its
 * first instruction (CPU-88, CPU-89). */
irqsim_status_t irqsim_vcpu_boundary(const irqsim_vcpu_t *v, irqsim_vcpu_out_t *out)
{
    const irqsim_boundary_t what = irqsim_cpu_poll(v->cpu);
    const irqsim_status_t status = begin(v->cpu, out);
    irqsim_delivery_t event;

    if (status != IRQSIM_OK)
        return status;
    out->took = (uint8_t)what;
    irqsim_cpu_took(v->cpu, what);
    switch (what) {
    case IRQSIM_TAKE_MACHINE_CHECK:
        event = irqsim_exception(VECTOR_MC, 0); /* CPU-19 */
        break;
    case IRQSIM_TAKE_TASK_TRAP:
    case IRQSIM_TAKE_DEBUG:
        event = irqsim_exception(VECTOR_DB, 0);
        break;
    case IRQSIM_TAKE_NMI:
        event = irqsim_nmi();
        break;
    case IRQSIM_TAKE_INTR:
        event = irqsim_interrupt(v->ack(v->user));
        break;
    default: /* nothing, or what leads to no handler: RESET, INIT, SMI */
        return IRQSIM_OK;
    }
    deliver(v, &event, out);
    return IRQSIM_OK;
}
