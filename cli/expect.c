/* SPDX-License-Identifier: MIT */
/* expect.c - what the scenario expects, against what happened */
#include "cli.h"

static uint64_t fate(const irqsim_sim_irq_t *irq, irqsim_metric_t metric)
{
    switch (metric) {
    case IRQSIM_METRIC_ARRIVED:
        return irq->counts.arrived;
    case IRQSIM_METRIC_DELIVERED:
        return irq->counts.delivered;
    case IRQSIM_METRIC_COALESCED:
        return irq->counts.coalesced;
    case IRQSIM_METRIC_WITHDRAWN:
        return irq->counts.withdrawn;
    case IRQSIM_METRIC_SPURIOUS:
        return irq->spurious;
    default:
        return lost_of(irq);
    }
}

static uint64_t of_irqs(const session_t *s, const irqsim_expect_t *expect)
{
    irqsim_sim_irq_t irq;
    uint64_t sum = 0;

    for (uint32_t i = 0; irqsim_sim_irq(s->sim, i, &irq); i++)
        if (expect->subject < 0 || irq.irq == (uint64_t)expect->subject)
            sum += fate(&irq, expect->metric);
    return sum;
}

static uint64_t of_softirqs(const session_t *s, const irqsim_expect_t *expect)
{
    const irqsim_kernel_t *k = irqsim_sim_kernel(s->sim);
    uint64_t sum = 0;

    for (unsigned nr = 0; nr < IRQSIM_SOFTIRQS; nr++)
        for (unsigned cpu = 0; cpu < s->scenario->cpus; cpu++)
            if (expect->subject < 0 || nr == (uint64_t)expect->subject)
                sum += expect->metric == IRQSIM_METRIC_RAISED
                           ? irqsim_kernel_softirq_raised(k, nr, cpu)
                           : irqsim_kernel_softirq_executed(k, nr, cpu);
    return sum;
}

static uint64_t of_latency(const session_t *s, const irqsim_expect_t *expect)
{
    irqsim_latency_t l;

    irqsim_report_latency(s->report, (irqsim_stage_t)expect->subject, -1, &l);
    switch (expect->percentile) {
    case 0:
        return l.min;
    case 500:
        return l.p50;
    case 900:
        return l.p90;
    case 990:
        return l.p99;
    case 1000:
        return l.max;
    default:
        return l.avg;
    }
}

static uint64_t of_task(const session_t *s, const irqsim_expect_t *expect)
{
    irqsim_task_info_t task = {0};

    irqsim_kernel_task(irqsim_sim_kernel(s->sim), (uint32_t)expect->subject, &task);
    return task.ran / IRQSIM_PS_PER_NS;
}

static uint64_t of_signal(const session_t *s, const irqsim_expect_t *expect)
{
    irqsim_task_info_t task = {0};

    irqsim_kernel_task(irqsim_sim_kernel(s->sim), (uint32_t)expect->subject, &task);
    return task.status & 0x7F;
}

static uint64_t (*const measure[])(const session_t *, const irqsim_expect_t *) = {
    [IRQSIM_METRIC_ARRIVED] = of_irqs,       [IRQSIM_METRIC_DELIVERED] = of_irqs,
    [IRQSIM_METRIC_COALESCED] = of_irqs,     [IRQSIM_METRIC_WITHDRAWN] = of_irqs,
    [IRQSIM_METRIC_SPURIOUS] = of_irqs,      [IRQSIM_METRIC_LOST] = of_irqs,
    [IRQSIM_METRIC_RAISED] = of_softirqs,    [IRQSIM_METRIC_EXECUTED] = of_softirqs,
    [IRQSIM_METRIC_LATENCY] = of_latency,    [IRQSIM_METRIC_TASK_RAN] = of_task,
    [IRQSIM_METRIC_TASK_SIGNAL] = of_signal,
};

verdict_t judge(const session_t *s, const irqsim_expect_t *expect)
{
    const uint64_t value = measure[expect->metric](s, expect);

    return (verdict_t){.met = value >= expect->min && value <= expect->max, .value = value};
}

bool all_met(const session_t *s)
{
    for (uint32_t i = 0; i < s->scenario->n_expects; i++)
        if (!judge(s, &s->scenario->expect[i]).met)
            return false;
    return true;
}
