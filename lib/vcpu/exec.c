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

#define LENGTH_MAX 15u /* bytes of an instruction */

/* ---- delivery, as the CPU sees it ---- */

static irqsim_status_t deliver(const irqsim_vcpu_t *v, const irqsim_delivery_t *event,
                               irqsim_vcpu_out_t *out)
{
    irqsim_cpu_t *cpu = v->cpu;
    const irqsim_delivered_t *d = &out->delivered;
    const irqsim_status_t status = irqsim_deliver(&cpu->regs, v->mem, event, &out->delivered);

    if (status != IRQSIM_OK)
        return status;
    out->did = IRQSIM_VCPU_DELIVERED;
    out->event = *event;
    irqsim_cpu_retired(cpu);
    irqsim_cpu_drop_step(cpu);               /* CPU-87: TF in the frame brings it back */
    if (d->what == IRQSIM_DELIVERED_HANDLER) /* CPU-70: its pushes are watched */
        irqsim_cpu_debug_trap(cpu, irqsim__vcpu_stack_hits(v->breakpoints, &cpu->regs, DR7_WRITE,
                                                           d->out.frame, d->out.slot));
    if (d->what == IRQSIM_DELIVERED_SHUTDOWN)
        irqsim_cpu_shutdown(cpu);
    if (d->task_trap)
        irqsim_cpu_pulse(cpu, IRQSIM_CPU_IN_TASK_TRAP);
    return IRQSIM_OK;
}

/* field: NULL, or the caller's mistake. */
static irqsim_status_t judge(irqsim_vcpu_out_t *out, const char *field)
{
    out->delivered.field = field;
    return field ? IRQSIM_E_INVAL : IRQSIM_OK;
}

/* Clears the answer and names what cannot be. */
static irqsim_status_t begin(const irqsim_cpu_t *cpu, irqsim_vcpu_out_t *out)
{
    memset(out, 0, sizeof(*out));
    return judge(out, irqsim_impossible(&cpu->regs));
}

irqsim_status_t irqsim_vcpu_raise(const irqsim_vcpu_t *v, const irqsim_delivery_t *event,
                                  irqsim_vcpu_out_t *out)
{
    const irqsim_status_t status = begin(v->cpu, out);

    return status == IRQSIM_OK ? deliver(v, event, out) : status;
}

/* ---- one instruction ---- */

static unsigned operand_size(const irqsim_insn_t *insn, const irqsim_cpustate_t *s)
{
    static const uint8_t usual[] = {2, 4, 8};

    return insn->size ? insn->size : usual[irqsim__vcpu_code_width(s)];
}

/* CS is taken for flat in protected mode: the state keeps no base of it. */
static uint64_t linear(const irqsim_cpustate_t *s, uint64_t ip)
{
    return irqsim__vcpu_in_paragraphs(s) ? ((uint64_t)s->cs << 4) + ip : ip;
}

/* Rank 7 of CPU-85: the breakpoint of an instruction is a fault before it. Its RF is
 * the handler's to set (CPU-53). */
static verdict_t check_breakpoint(exec_t *e)
{
    const irqsim_cpustate_t *s = &e->cpu->regs;
    const irqsim_breakpoints_t *bp = e->v->breakpoints;
    const uint32_t hits = bp ? irqsim_cpu_code_breakpoint(e->cpu, bp, linear(s, s->ip)) : 0;

    if (!hits)
        return DONE;
    e->cpu->dr6 |= (uint16_t)hits;
    return irqsim__vcpu_raise(e, VECTOR_DB, 0);
}

/* Nor a limit, but where all segments have the same: paragraphs (the 8086 wrapped around,
 * the 386 and later fault), and the canonical halves of 64-bit code. */
static bool is_outside(const irqsim_cpustate_t *s, uint64_t ip)
{
    if (irqsim__vcpu_in_paragraphs(s))
        return ip > UINT16_MAX;
    return s->code64 && !irqsim__vcpu_is_canonical(ip);
}

/* Ranks 8 and 9 of CPU-85, byte by byte: the first that cannot be had decides, and more
 * than 15 are none. */
static verdict_t fetch(exec_t *e)
{
    const irqsim_cpustate_t *s = &e->cpu->regs;
    const unsigned bytes = e->length ? e->length : 1;
    verdict_t verdict = DONE;

    for (unsigned i = 0; i < bytes && verdict == DONE; i++) {
        const uint64_t ip = irqsim__vcpu_ip_plus(s, i);

        if (i == LENGTH_MAX || is_outside(s, ip))
            verdict = irqsim__vcpu_raise(e, VECTOR_GP, 0);
        else if (e->insn->fetch)
            verdict = irqsim__vcpu_fetch(e, linear(s, ip));
    }
    return verdict;
}

/* Ranks 7 to 10 of CPU-85, one after the other. */
static verdict_t execute(exec_t *e)
{
    verdict_t verdict = check_breakpoint(e);

    if (verdict == DONE)
        verdict = fetch(e);
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

    s->ip = irqsim__vcpu_ip_plus(s, e->length);
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

/* An IRET that failed in the task it returned to: that one runs, unless what the failure
 * raised has led to another. */
static void note_task(const exec_t *e, irqsim_delivered_t *d)
{
    if (d->task || !e->out.task)
        return;
    d->task = e->out.task;
    d->task_trap = e->out.task_trap;
    if (d->task_trap)
        irqsim_cpu_pulse(e->cpu, IRQSIM_CPU_IN_TASK_TRAP);
}

static void say_bus_error(const exec_t *e, irqsim_vcpu_out_t *out)
{
    out->did = IRQSIM_VCPU_DELIVERED;
    out->delivered.what = IRQSIM_DELIVERED_BUS_ERROR;
    out->delivered.out = e->out;
    note_task(e, &out->delivered);
}

static irqsim_status_t finish_trapped(exec_t *e, irqsim_vcpu_out_t *out)
{
    const uint64_t ip = e->cpu->regs.ip;

    step_over(e);
    const irqsim_status_t status = deliver(e->v, &e->event, out);
    if (out->delivered.what == IRQSIM_DELIVERED_BUS_ERROR && !out->delivered.out.task)
        e->cpu->regs.ip = ip;
    return status;
}

static irqsim_status_t finish_raised(const exec_t *e, irqsim_vcpu_out_t *out)
{
    const irqsim_status_t status = deliver(e->v, &e->event, out);

    note_task(e, &out->delivered);
    return status;
}

static irqsim_status_t finish(exec_t *e, verdict_t verdict, irqsim_vcpu_out_t *out)
{
    switch (verdict) {
    case DONE:
        step_over(e);
        retire(e);
        out->did = IRQSIM_VCPU_RETIRED;
        return IRQSIM_OK;
    case JUMPED:
        retire(e);
        out->did = IRQSIM_VCPU_RETIRED;
        out->iret = e->out;
        return IRQSIM_OK;
    case TRAPPED:
        return finish_trapped(e, out);
    case RAISED:
        return finish_raised(e, out);
    default:
        say_bus_error(e, out);
        return IRQSIM_OK;
    }
}

/* The caller's mistake in an instruction, or NULL. */
static const char *wrong_in(const irqsim_insn_t *insn, const irqsim_cpustate_t *s)
{
    const bool sized = insn->size == 0 || insn->size == 2 || insn->size == 4;

    if (insn->op >= IRQSIM_OPS)
        return "op";
    return sized || (insn->size == 8 && s->code64) ? NULL : "size";
}

irqsim_status_t irqsim_vcpu_exec(const irqsim_vcpu_t *v, const irqsim_insn_t *insn,
                                 irqsim_vcpu_out_t *out)
{
    irqsim_cpu_t *cpu = v->cpu;
    irqsim_status_t status = begin(cpu, out);

    if (status == IRQSIM_OK)
        status = judge(out, wrong_in(insn, &cpu->regs));
    if (status != IRQSIM_OK)
        return status;
    if (cpu->activity != IRQSIM_RUNNING)
        return IRQSIM_OK;
    const unsigned usual = irqsim_insn_length(insn->op, &cpu->regs);
    exec_t e = {.v = v,
                .cpu = cpu,
                .insn = insn,
                .length = usual && insn->length ? insn->length : usual,
                .size = operand_size(insn, &cpu->regs),
                .stepped = cpu->regs.flags & EFLAGS_TF};
    return finish(&e, execute(&e), out);
}

/* ---- one boundary ---- */

/* One event: what else waits meets the handler's flags at the next boundary, before its
 * first instruction (CPU-88, CPU-89). */
irqsim_status_t irqsim_vcpu_boundary(const irqsim_vcpu_t *v, irqsim_vcpu_out_t *out)
{
    const irqsim_boundary_t what = irqsim_cpu_poll(v->cpu);
    irqsim_status_t status = begin(v->cpu, out);
    irqsim_delivery_t event;

    if (status == IRQSIM_OK)
        status = judge(out, what == IRQSIM_TAKE_INTR && !v->ack ? "ack" : NULL);
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
    return deliver(v, &event, out);
}
