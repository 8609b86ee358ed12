/* SPDX-License-Identifier: MIT */
/* views.c - what can be seen of the kernel from outside; its events */
#include "kernel_int.h"

uint64_t irqsim__kernel_emit_observed(irqsim_kernel_t *k, kcpu_t *c, irqsim_event_id_t id,
                                      uint64_t cause, uint32_t a, uint32_t b, uint32_t third)
{
    k->last_event = irqsim_guest_emit(k->m, c->nr, id, cause, a, b, third);
    return k->last_event;
}

uint64_t irqsim_kernel_irq_count(const irqsim_kernel_t *k, uint32_t irq_index, unsigned cpu)
{
    if (irq_index >= k->desc.n_irqs || k->irq[irq_index].cpu != cpu)
        return 0;
    return k->irq[irq_index].count;
}

uint64_t irqsim_kernel_unhandled(const irqsim_kernel_t *k, uint32_t irq_index)
{
    return irq_index < k->desc.n_irqs ? k->irq[irq_index].unhandled : 0;
}

uint64_t irqsim_kernel_ticks(const irqsim_kernel_t *k, unsigned cpu)
{
    return cpu < k->n_cpus ? k->cpu[cpu].ticks : 0;
}

uint64_t irqsim_kernel_sysvec_count(const irqsim_kernel_t *k, irqsim_sysvec_t sysvec, unsigned cpu)
{
    if ((unsigned)sysvec >= IRQSIM_SYSVECS || cpu >= k->n_cpus)
        return 0;
    return k->cpu[cpu].sysvecs[sysvec];
}

uint64_t irqsim_kernel_softirq_raised(const irqsim_kernel_t *k, unsigned nr, unsigned cpu)
{
    return nr < IRQSIM_SOFTIRQS && cpu < k->n_cpus ? k->cpu[cpu].raised[nr] : 0;
}

uint64_t irqsim_kernel_softirq_executed(const irqsim_kernel_t *k, unsigned nr, unsigned cpu)
{
    return nr < IRQSIM_SOFTIRQS && cpu < k->n_cpus ? k->cpu[cpu].executed[nr] : 0;
}

uint32_t irqsim_kernel_oopses(const irqsim_kernel_t *k)
{
    return k->oopses;
}

bool irqsim_kernel_panicked(const irqsim_kernel_t *k)
{
    return k->panicked;
}

uint32_t irqsim_kernel_preempt_count(const irqsim_kernel_t *k, unsigned cpu)
{
    return cpu < k->n_cpus ? k->cpu[cpu].preempt_count : 0;
}

static bool cpu_quiet(const irqsim_kernel_t *k, unsigned cpu)
{
    const kcpu_t *c = &k->cpu[cpu];

    return !c->preempt_count && !c->softirq_pending && !c->works.head &&
           k->task[cpu_task(k, cpu, CPU_KSOFTIRQD)].state == TASK_SLEEPING &&
           k->task[cpu_task(k, cpu, CPU_KWORKER)].state == TASK_SLEEPING;
}

bool irqsim_kernel_quiet(const irqsim_kernel_t *k)
{
    for (unsigned cpu = 0; cpu < k->n_cpus; cpu++)
        if (!cpu_quiet(k, cpu))
            return false;
    return true;
}

uint32_t irqsim_kernel_tasks(const irqsim_kernel_t *k)
{
    return k->n_tasks;
}

bool irqsim_kernel_task(const irqsim_kernel_t *k, uint32_t task, irqsim_task_info_t *info)
{
    static const char state[] = {'R', 'S', 'X'};

    if (task >= k->n_tasks)
        return false;
    const ktask_t *t = &k->task[task];
    const bool current = k->m && k->cpu[t->cpu].current == task;
    *info = (irqsim_task_info_t){
        .kind = (irqsim_task_kind_t)t->kind,
        .name = t->name,
        .cpu = t->cpu,
        .state = (uint8_t)state[t->state],
        .status = t->status,
        .clocks_done = t->done,
        .ran = t->ran + (current ? irqsim_machine_now(k->m) - t->since : 0),
    };
    return true;
}

/* What a frame of each flow is the beginning of; -1: nothing new. */
enum { CONTEXT_NONE = -1, CONTEXT_TASK, CONTEXT_SOFTIRQ, CONTEXT_HARDIRQ, CONTEXT_EXCEPTION };
static const int8_t context_of_flow[FLOW_COUNT] = {
#define FLOW_ROW(name, context) CONTEXT_##context,
#include "flows.def"
#undef FLOW_ROW
};

/* A hardirq frame that only waits for its softirqs is no context any more. */
static int context_of(const frame_t *f)
{
    const int kind = context_of_flow[f->flow];

    return kind == CONTEXT_HARDIRQ && f->v.entry.ended ? CONTEXT_NONE : kind;
}

static uint32_t context_number(const kcpu_t *c, const frame_t *f, int kind)
{
    switch (kind) {
    case CONTEXT_TASK:
        return c->current;
    case CONTEXT_SOFTIRQ:
        return f->v.softirq.nr;
    default:
        return f->v.entry.vector;
    }
}

unsigned irqsim_kernel_contexts(const irqsim_kernel_t *k, unsigned cpu, irqsim_context_t *out,
                                unsigned max)
{
    unsigned n = 0, depth = 0;

    if (cpu >= k->n_cpus)
        return 0;
    const kcpu_t *c = &k->cpu[cpu];
    for (uint32_t i = c->top; i && depth < k->n_frames; i = k->frame[i - 1].parent, depth++) {
        const frame_t *f = &k->frame[i - 1];
        const int kind = context_of(f);

        if (kind == CONTEXT_NONE)
            continue;
        if (n < max)
            out[n] = (irqsim_context_t){(irqsim_context_kind_t)kind, context_number(c, f, kind)};
        n++;
    }
    return n;
}
