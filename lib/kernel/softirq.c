/* SPDX-License-Identifier: MIT */
/*
 * softirq.c - raised by handlers, run on the way out of the last of them
 *
 * At most ten passes over what is pending (DOSIRQ-02): a softirq that raises
 * itself for ever must not shut out everybody else; the rest is ksoftirqd's, a
 * thread like others.
 */
#include "kernel_int.h"

enum { MAX_PASSES = 10, MAX_US = 2000 };

void irqsim__kernel_raise_softirq(irqsim_kernel_t *k, kcpu_t *c, unsigned nr, uint64_t cause)
{
    const uint64_t seq =
        irqsim__kernel_emit(k, c, IRQSIM_EV_SOFTIRQ_RAISE, cause, nr, k->desc.softirq_names + nr,
                            (c->softirq_pending >> nr) & 1u); /* RAISE-02 */

    if (!(c->softirq_pending >> nr & 1u))
        c->softirq_cause[nr] = (uint32_t)seq;
    c->softirq_pending |= UINT32_C(1) << nr;
    c->raised[nr]++;
    if (!in_interrupt(c)) /* RAISE-01, RAISE-03 */
        irqsim__kernel_wake(k, c, cpu_task(k, c->nr, CPU_KSOFTIRQD), seq);
}

/* INVOKE-06: work that ksoftirqd has taken over stays with it. */
static bool left_to_ksoftirqd(const irqsim_kernel_t *k, const kcpu_t *c)
{
    const uint32_t urgent = 1u << HI_SOFTIRQ | 1u << k->era->tasklet;

    return k->era->ksoftirqd_owns &&
           k->task[cpu_task(k, c->nr, CPU_KSOFTIRQD)].state == TASK_RUNNING &&
           !(c->softirq_pending & urgent);
}

bool irqsim__kernel_softirq_due(const irqsim_kernel_t *k, const kcpu_t *c)
{
    return c->softirq_pending && !in_interrupt(c) && !left_to_ksoftirqd(k, c);
}

static uint32_t now_us(const irqsim_kernel_t *k)
{
    return (uint32_t)(irqsim_machine_now(k->m) / (1000 * IRQSIM_PS_PER_NS));
}

/* DOSIRQ-05: time, need_resched, count, in this order. */
static bool another_pass(const irqsim_kernel_t *k, const kcpu_t *c, const frame_t *f)
{
    if (!c->softirq_pending)
        return false;
    if (k->era->softirq_time_limit &&
        (now_us(k) - f->v.softirq.start_us >= MAX_US || c->need_resched))
        return false;
    return f->v.softirq.pass < MAX_PASSES;
}

static void begin(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    f->v.softirq.start_us = now_us(k);
    c->preempt_count += SOFTIRQ_OFFSET; /* DOSIRQ-01 */
}

/* The next softirq of this pass: lowest number first (SIRQ-01), with its jobs. */
static void next_action(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    const unsigned nr = (unsigned)__builtin_ctz(f->v.softirq.pending);

    f->v.softirq.list = irqsim__kernel_list_take(k, &c->softirq[nr]);
    f->v.softirq.pending &= f->v.softirq.pending - 1;
    f->v.softirq.nr = nr;
    c->executed[nr]++;
    f->cause = (uint32_t)irqsim__kernel_emit(k, c, IRQSIM_EV_SOFTIRQ_ENTRY,
                                             irqsim__kernel_widen(k, c->softirq_cause[nr]), nr,
                                             k->desc.softirq_names + nr, f->v.softirq.pass);
}

static void end_action(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f)
{
    irqsim__kernel_emit(k, c, IRQSIM_EV_SOFTIRQ_EXIT, irqsim__kernel_frame_cause(k, f),
                        f->v.softirq.nr, k->desc.softirq_names + f->v.softirq.nr, 0);
}

static void end(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    if (c->softirq_pending)
        irqsim__kernel_wake(k, c, cpu_task(k, c->nr, CPU_KSOFTIRQD),
                            irqsim__kernel_frame_cause(k, f));
    c->preempt_count -= SOFTIRQ_OFFSET;
}

FLOW(do_softirq)
{
    FLOW_BEGIN
        begin(k, c, f);
        SPEND(k->profile->softirq_clk);
        do {
            /* DOSIRQ-03: what is raised from here on waits for the next pass. */
            f->v.softirq.pending = c->softirq_pending;
            c->softirq_pending = 0;
            f->v.softirq.pass++;
            irqsim_guest_sti(k->m, c->nr); /* DOSIRQ-04 */
            while (f->v.softirq.pending) {
                next_action(k, c, f);
                while (f->v.softirq.list) {
                    SPEND(irqsim__kernel_deferred_clocks(k, f->v.softirq.list));
                    const uint32_t job = irqsim__kernel_deferred_done(
                        k, c, &f->v.softirq.list, irqsim__kernel_frame_cause(k, f));
                    MISTAKES_OF(job);
                }
                end_action(k, c, f);
            }
            irqsim_guest_cli(k->m, c->nr);
        } while (another_pass(k, c, f));
        end(k, c, f);
    FLOW_END
}

/* KSD-01, KSD-03. */
FLOW(ksoftirqd)
{
    FLOW_BEGIN
        for (;;) {
            while (c->softirq_pending) {
                CALL(do_softirq, NO_LOCALS);
                if (c->need_resched)
                    CALL(schedule, NO_LOCALS);
            }
            k->task[c->current].state = TASK_SLEEPING;
            CALL(schedule, NO_LOCALS);
        }
    FLOW_NEVER_ENDS
}
