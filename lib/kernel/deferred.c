/* SPDX-License-Identifier: MIT */
/*
 * deferred.c - what handlers put off: lists of pending jobs, and what comes after
 *
 * A job that is raised again before it ran is not listed twice, it counts up: so
 * the lists are bounded by the table of jobs, however far a CPU falls behind. Two
 * nodes per job are enough, one in the list that is being run and one in the list
 * of what has been raised since.
 */
#include "kernel_int.h"

/* The node of `job` to raise it with: the one that is pending, else a free one. */
static uint32_t node_for(const irqsim_kernel_t *k, const kcpu_t *c, uint32_t job)
{
    const uint32_t first = 2 * job, second = first + 1;

    if (k->deferred[second].state == NODE_PENDING && k->deferred[second].cpu == c->nr)
        return second;
    return k->deferred[first].state == NODE_FREE ||
                   (k->deferred[first].state == NODE_PENDING && k->deferred[first].cpu == c->nr)
               ? first
               : second;
}

void irqsim__kernel_list_append(irqsim_kernel_t *k, kcpu_t *c, list_t *list, uint32_t job,
                                uint32_t repeat)
{
    const uint32_t i = node_for(k, c, job);
    deferred_t *node = &k->deferred[i];

    if (node->state == NODE_PENDING && node->cpu == c->nr) {
        node->count += node->count < RAISES_MAX;
        node->repeat = repeat > node->repeat ? repeat : node->repeat;
        return;
    }
    if (node->state != NODE_FREE) { /* raised on several CPUs: irqsim_job_t forbids it */
        irqsim_guest_stop(k->m, IRQSIM_E_FULL);
        return;
    }
    *node = (deferred_t){.count = 1, .repeat = repeat, .cpu = c->nr, .state = NODE_PENDING};
    if (list->tail)
        k->deferred[list->tail - 1].next = i + 1;
    else
        list->head = i + 1;
    list->tail = i + 1;
}

uint32_t irqsim__kernel_list_take(irqsim_kernel_t *k, list_t *list)
{
    const uint32_t head = list->head;

    for (uint32_t i = head; i && k->deferred[i - 1].state == NODE_PENDING;
         i = k->deferred[i - 1].next)
        k->deferred[i - 1].state = NODE_TAKEN;
    *list = (list_t){0, 0};
    return head;
}

static void raise_job(irqsim_kernel_t *k, kcpu_t *c, uint32_t job, uint32_t repeat, uint64_t cause)
{
    const irqsim_job_t *what = &k->desc.jobs[job];

    switch (what->kind) {
    case IRQSIM_JOB_SOFTIRQ:
        irqsim__kernel_list_append(k, c, &c->softirq[what->nr], job, repeat);
        irqsim__kernel_raise_softirq(k, c, what->nr, cause);
        break;
    case IRQSIM_JOB_WORK:
        irqsim__kernel_queue_work(k, c, what->nr, job, cause);
        break;
    case IRQSIM_JOB_RESCHEDULE:
        irqsim__kernel_reschedule(k, c, what->nr, cause);
        break;
    case IRQSIM_JOB_CALL_FUNCTION:
        irqsim__kernel_call_others(k, c, cause);
        break;
    default: /* a bug is no work: kernel_bug */
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
    return k->desc.jobs[(list - 1) / 2].clocks * k->deferred[list - 1].count;
}

uint32_t irqsim__kernel_deferred_done(irqsim_kernel_t *k, kcpu_t *c, uint32_t *list, uint64_t cause)
{
    if (!*list) /* only in a forged snapshot */
        return 0;
    const uint32_t job = (*list - 1) / 2;
    const deferred_t done = k->deferred[*list - 1];
    k->deferred[*list - 1] = (deferred_t){.state = NODE_FREE};
    *list = done.next;

    for (uint32_t i = 0; i < done.count; i++)
        irqsim__kernel_raise_children(k, c, job, cause);
    if (done.repeat)
        raise_job(k, c, job, done.repeat == UINT32_MAX ? UINT32_MAX : done.repeat - 1, cause);
    return job;
}
