/* SPDX-License-Identifier: MIT */
/*
 * entry.c - from a gate's handler address to do_IRQ or a system vector, and back
 *
 *   stub -> common_interrupt -> flow handler (irq.c) -> irq_exit -> ret_from_intr -> iret
 *   stub -> system_vector    -> its work            -> ...
 *   stub -> traps.c, syscall.c
 */
#include <irqsim/regs/idt_regs.h>

#include "kernel_int.h"

/* What the system vectors do around their work (IPI-03, 04, 08, 09, 10). */
static const struct {
    uint8_t acks;       /* EOI to the LAPIC, before anything else            */
    uint8_t enters_irq; /* irq_enter/irq_exit: softirqs may run on the way out */
} sysvec_rule[IRQSIM_SYSVECS] = {
    [IRQSIM_SYSVEC_LOCAL_TIMER] = {1, 1},   [IRQSIM_SYSVEC_RESCHEDULE] = {1, 0},
    [IRQSIM_SYSVEC_CALL_FUNCTION] = {1, 1}, [IRQSIM_SYSVEC_CALL_FUNCTION_SINGLE] = {1, 1},
    [IRQSIM_SYSVEC_SPURIOUS] = {0, 1},      [IRQSIM_SYSVEC_ERROR] = {1, 1},
};

static flow_id_t exception_flow(uint32_t vector)
{
    switch (vector) {
    case VECTOR_NMI:
        return FLOW_nmi;
    case VECTOR_DF:
        return FLOW_doublefault_fn;
    default:
        return FLOW_exception;
    }
}

static uint16_t entry_of(const kcpu_t *c, uint32_t vector)
{
    return c->vector_irq[vector - FIRST_EXTERNAL];
}

static flow_id_t entry_flow(const kcpu_t *c, uint32_t vector)
{
    if (vector < FIRST_EXTERNAL)
        return exception_flow(vector);

    const uint16_t entry = entry_of(c, vector);

    if (entry < SYSVEC_ENTRY)
        return FLOW_common_interrupt;
    return entry < FLOW_ENTRY ? FLOW_system_vector : (flow_id_t)(entry - FLOW_ENTRY);
}

void irqsim__kernel_enter(irqsim_kernel_t *k, kcpu_t *c)
{
    const irqsim_cpustate_t *regs = &irqsim_machine_cpu(k->m, c->nr)->regs;
    /* Gates are guest memory: an address outside the stubs is folded into them. */
    const uint32_t vector = ((uint32_t)regs->ip - TEXT_STUBS) / STUB_SIZE % 256;
    /* The member that has all six words: of a union, C leaves the others' rest undefined. */
    const locals_t locals = {.sysvec = {.vector = vector, .sp = (uint32_t)regs->sp}};

    if (!irqsim__kernel_frame_push(k, c, entry_flow(c, vector), &locals))
        return;
    k->last_event = irqsim_guest_cause(k->m, c->nr);
    k->frame[c->top - 1].cause = (uint32_t)k->last_event;
}

/* STACK-01: interrupts run on the CPU's own stack; nested ones stay on it. False
 * when it is nearly used up (DOIRQ-01): reported, and the run ends. */
static bool to_irq_stack(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f)
{
    const uint32_t base = c->irq_stack - IRQ_STACK;
    const uint32_t used_up_to = f->v.entry.sp - base;

    if (used_up_to >= IRQ_STACK)
        irqsim_guest_stack(k->m, c->nr, KERNEL_DS, c->irq_stack);
    else if (used_up_to < IRQ_STACK_SPARE) {
        irqsim__kernel_emit(k, c, IRQSIM_EV_STACK_OVERFLOW, 0, k->frames_used, k->n_frames, 0);
        irqsim_guest_stop(k->m, IRQSIM_E_STACK);
        return false;
    }
    return true;
}

static void from_irq_stack(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f)
{
    irqsim_guest_stack(k->m, c->nr, KERNEL_DS, f->v.entry.sp);
}

/* RET-02: the saved CS tells where it came from. Only user mode is preempted, and
 * works, which stands for the cond_resched() calls in them. */
static bool resched_due(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f)
{
    if (!c->need_resched || c->preempt_count)
        return false;
    return k->task[c->current].kind == IRQSIM_TASK_KWORKER ||
           (irqsim_guest_read(k->m, c->nr, f->v.entry.sp + 4) & 3) == 3;
}

/* Index + 1 of the irq behind an entered vector; 0 = none. */
static uint32_t irq_of(const kcpu_t *c, const frame_t *f)
{
    const uint16_t entry = entry_of(c, f->v.entry.vector);

    return entry < SYSVEC_ENTRY ? entry : 0;
}

static void irq_enter(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    const uint32_t vector = f->v.entry.vector;
    const uint32_t entry = irq_of(c, f);

    c->preempt_count += HARDIRQ_OFFSET; /* ENTER-01 */
    if (entry)
        f->v.entry.irq = k->irq[entry - 1].number;
    else
        f->v.entry.irq = k->has_lapic ? vector : vector - k->era->isa_base;
    f->cause =
        (uint32_t)irqsim__kernel_emit(k, c, IRQSIM_EV_IRQ_ENTER, irqsim__kernel_frame_cause(k, f),
                                      f->v.entry.irq, vector, c->preempt_count);
}

static void irq_exit(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    irqsim__kernel_emit(k, c, IRQSIM_EV_IRQ_EXIT, irqsim__kernel_frame_cause(k, f), f->v.entry.irq,
                        f->v.entry.vector, c->preempt_count);
    c->preempt_count -= HARDIRQ_OFFSET; /* EXIT-01 */
    f->v.entry.ended = 1;
}

/* A vector that no irq uses: spurious from the pair (LPIC-02), or by mistake of
 * a device: the APIC still wants its EOI (VER-03). */
static void unused_vector(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f)
{
    if (k->has_lapic)
        irqsim__kernel_lapic_eoi(k, c);
    else
        (void)irqsim__kernel_pic_spurious(k, c, f->v.entry.irq % 16);
}

FLOW(common_interrupt)
{
    FLOW_BEGIN
        if (!to_irq_stack(k, c, f))
            return FLOW_WAITS;
        irq_enter(k, c, f);
        SPEND(k->profile->doirq_clk / 2);

        if (irq_of(c, f)) {
            const uint32_t index = irq_of(c, f) - 1;

            CALL_ROW(k->irq[index].flow, .irq = {.index = index});
        } else {
            unused_vector(k, c, f);
        }

        SPEND(k->profile->doirq_clk - k->profile->doirq_clk / 2);
        irq_exit(k, c, f);
        if (irqsim__kernel_softirq_due(k, c))
            CALL(do_softirq, NO_LOCALS);
        from_irq_stack(k, c, f);
        if (resched_due(k, c, f))
            CALL(schedule, NO_LOCALS);
    FLOW_IRET
}

static irqsim_sysvec_t sysvec_of(const kcpu_t *c, const frame_t *f)
{
    const uint16_t entry = entry_of(c, f->v.entry.vector);

    return entry < SYSVEC_ENTRY ? IRQSIM_SYSVEC_SPURIOUS : (irqsim_sysvec_t)(entry - SYSVEC_ENTRY);
}

static void sysvec_begin(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    const irqsim_sysvec_t sysvec = sysvec_of(c, f);

    c->sysvecs[sysvec]++;
    if (sysvec_rule[sysvec].acks)
        irqsim__kernel_lapic_eoi(k, c);
    if (sysvec_rule[sysvec].enters_irq)
        c->preempt_count += HARDIRQ_OFFSET;
    f->cause = (uint32_t)irqsim__kernel_emit(k, c, IRQSIM_EV_VECTOR_ENTRY,
                                             irqsim__kernel_frame_cause(k, f), f->v.entry.vector,
                                             k->desc.sysvec_names + (uint32_t)sysvec, 0);
    f->v.sysvec.source = c->sysvec_source[sysvec];
    if (f->v.sysvec.source)
        f->v.sysvec.budget = irqsim__kernel_device_status(k, c, f->v.sysvec.source - 1);
    if (sysvec == IRQSIM_SYSVEC_LOCAL_TIMER)
        irqsim__kernel_tick(k, c, f->v.sysvec.budget != 0);
}

static void sysvec_end(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    irqsim__kernel_emit(k, c, IRQSIM_EV_VECTOR_EXIT, irqsim__kernel_frame_cause(k, f),
                        f->v.entry.vector, k->desc.sysvec_names + (uint32_t)sysvec_of(c, f), 0);
    if (sysvec_rule[sysvec_of(c, f)].enters_irq)
        c->preempt_count -= HARDIRQ_OFFSET;
    f->v.entry.ended = 1;
}

FLOW(system_vector)
{
    FLOW_BEGIN
        if (!to_irq_stack(k, c, f))
            return FLOW_WAITS;
        sysvec_begin(k, c, f);
        if (k->panicked)
            CALL(stop_this_cpu, NO_LOCALS);
        if (sysvec_rule[sysvec_of(c, f)].enters_irq)
            SPEND(k->profile->doirq_clk / 2);
        for (; f->v.sysvec.budget; f->v.sysvec.budget--) {
            f->v.sysvec.job = irqsim__kernel_device_claim(k, c, f->v.sysvec.source - 1);
            if (!f->v.sysvec.job)
                break;
            SPEND(k->desc.jobs[f->v.sysvec.job - 1].clocks);
            irqsim__kernel_raise_children(k, c, f->v.sysvec.job - 1,
                                          irqsim__kernel_frame_cause(k, f));
            MISTAKES_OF(f->v.sysvec.job - 1);
        }
        if (sysvec_rule[sysvec_of(c, f)].enters_irq)
            SPEND(k->profile->doirq_clk - k->profile->doirq_clk / 2);
        sysvec_end(k, c, f);
        if (sysvec_rule[sysvec_of(c, f)].enters_irq && irqsim__kernel_softirq_due(k, c))
            CALL(do_softirq, NO_LOCALS);
        from_irq_stack(k, c, f);
        if (resched_due(k, c, f))
            CALL(schedule, NO_LOCALS);
    FLOW_IRET
}

/* A user task's first return from the kernel. */
FLOW(ret_from_fork)
{
    FLOW_BEGIN
    FLOW_IRET
}
