/* SPDX-License-Identifier: MIT */
/*
 * workqueue.c - work that may wait: one queue and one thread per CPU
 *
 * Per-CPU thread, items in FIFO order (WQ-02, WQ-03); bound pools with more than
 * one worker (CMWQ) are not there yet.
 */
#include "kernel_int.h"

static void enqueue_work(irqsim_kernel_t *k, kcpu_t *c, uint32_t work)
{
    if (c->works.tail)
        k->work[c->works.tail - 1].next = work + 1;
    else
        c->works.head = work + 1;
    c->works.tail = work + 1;
    k->work[work].next = 0;
}

void irqsim__kernel_queue_work(irqsim_kernel_t *k, kcpu_t *c, uint32_t work, uint32_t job,
                               uint64_t cause)
{
    kwork_t *w = &k->work[work];
    const uint64_t seq = irqsim__kernel_emit(k, c, IRQSIM_EV_WORK_QUEUE, cause, work,
                                             k->desc.work_names[work], w->pending);

    irqsim__kernel_list_append(k, c, &w->jobs, job, 0);
    if (w->pending) /* WQ-02: the run that is to come does it all */
        return;
    w->pending = 1;
    w->cause = seq;
    enqueue_work(k, c, work);
    irqsim__kernel_wake(k, c, cpu_task(k, c->nr, CPU_KWORKER), seq);
}

/* Takes the first item, with its jobs. */
static void begin_work(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    const uint32_t work = c->works.head - 1;
    kwork_t *w = &k->work[work];

    c->works.head = w->next;
    if (!c->works.head)
        c->works.tail = 0;
    f->v.work.list = irqsim__kernel_list_take(k, &w->jobs);
    w->pending = 0; /* WQ-03: before the function runs, so it can be queued again */
    f->v.work.work = work;
    f->cause = (uint32_t)irqsim__kernel_emit(k, c, IRQSIM_EV_WORK_START, w->cause, work,
                                             k->desc.work_names[work], 0);
}

static void end_work(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f)
{
    if (f->v.work.work < k->n_works) /* else: a forged snapshot */
        irqsim__kernel_emit(k, c, IRQSIM_EV_WORK_END, irqsim__kernel_frame_cause(k, f),
                            f->v.work.work, k->desc.work_names[f->v.work.work], 0);
}

FLOW(kworker)
{
    FLOW_BEGIN
        for (;;) {
            while (c->works.head) {
                irqsim_guest_sti(k->m, c->nr);
                begin_work(k, c, f);
                while (f->v.work.list) {
                    SPEND(irqsim__kernel_deferred_clocks(k, f->v.work.list));
                    const uint32_t job = irqsim__kernel_deferred_done(
                        k, c, &f->v.work.list, irqsim__kernel_frame_cause(k, f));
                    MISTAKES_OF(job);
                }
                end_work(k, c, f);
                irqsim_guest_cli(k->m, c->nr);
                if (c->need_resched)
                    CALL(schedule, NO_LOCALS);
            }
            k->task[c->current].state = TASK_SLEEPING;
            CALL(schedule, NO_LOCALS);
        }
    FLOW_NEVER_ENDS
}
