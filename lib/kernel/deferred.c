/* SPDX-License-Identifier: MIT */
/* deferred.c - lists of pending jobs, and what comes after each */
#include "kernel_int.h"

void irqsim__kernel_list_append(irqsim_kernel_t *k, list_t *list, uint32_t job, uint32_t repeat)
{
    const uint32_t i = k->free_deferred;

    if (!i) {
        irqsim_guest_stop(k->m, IRQSIM_E_FULL);
        return;
    }
    k->free_deferred = k->deferred[i - 1].next;
    k->deferred[i - 1] = (deferred_t){.job = job, .repeat = repeat};
    if (list->tail)
        k->deferred[list->tail - 1].next = i;
    else
        list->head = i;
    list->tail = i;
}

static deferred_t list_take(irqsim_kernel_t *k, uint32_t *head)
{
    const uint32_t i = *head;
    const deferred_t taken = k->deferred[i - 1];

    *head = taken.next;
    k->deferred[i - 1] = (deferred_t){.next = k->free_deferred};
    k->free_deferred = i;
    return taken;
}

static void raise_job(irqsim_kernel_t *k, kcpu_t *c, uint32_t job, uint32_t repeat, uint64_t cause)
{
    const irqsim_job_t *what = &k->desc.jobs[job];

    switch (what->kind) {
    case IRQSIM_JOB_SOFTIRQ:
        irqsim__kernel_list_append(k, &c->softirq[what->nr], job, repeat);
        irqsim__kernel_raise_softirq(k, c, what->nr, cause);
        break;
    case IRQSIM_JOB_WORK:
        irqsim__kernel_queue_work(k, c, what->nr, job, cause);
        break;
    default:
        irqsim__kernel_reschedule(k, c, what->nr, cause);
        break;
    }
}

void irqsim__kernel_raise_children(irqsim_kernel_t *k, kcpu_t *c, uint32_t job, uint64_t cause)
{
    if (job >= k->desc.n_jobs) /* only in a forged snapshot */
        return;
    for (uint32_t child = k->desc.jobs[job].child; child; child = k->desc.jobs[child - 1].next)
        raise_job(k, c, child - 1, k->desc.jobs[child - 1].repeat, cause);
}

uint64_t irqsim__kernel_deferred_clocks(const irqsim_kernel_t *k, uint32_t list)
{
    return k->desc.jobs[k->deferred[list - 1].job].clocks;
}

void irqsim__kernel_deferred_done(irqsim_kernel_t *k, kcpu_t *c, uint32_t *list, uint64_t cause)
{
    const deferred_t done = *list ? list_take(k, list) : (deferred_t){.job = k->desc.n_jobs};

    irqsim__kernel_raise_children(k, c, done.job, cause);
    if (done.repeat && done.job < k->desc.n_jobs)
        raise_job(k, c, done.job, done.repeat == UINT32_MAX ? UINT32_MAX : done.repeat - 1, cause);
}
