/* SPDX-License-Identifier: MIT */
/* report.c - the observer: events in, answers out */
#include <stdlib.h>
#include <string.h>

#include "report_int.h"

struct irqsim_report {
    stages_t stages;
    waits_t *waits;
    spent_t *spent;
    unsigned cpus;
};

/* clang-format off */
static const struct {
    const char *key, *name;
} stage_text[IRQSIM_STAGES] = {
    [IRQSIM_STAGE_LINE_TO_ACK]      = {"line_to_ack",      "line→acknowledge"},
    [IRQSIM_STAGE_ACK_TO_HANDLER]   = {"ack_to_handler",   "acknowledge→handler"},
    [IRQSIM_STAGE_ARRIVAL_TO_CLAIM] = {"arrival_to_claim", "arrival→claimed"},
    [IRQSIM_STAGE_HANDLER]          = {"handler",          "handler"},
    [IRQSIM_STAGE_RAISE_TO_SOFTIRQ] = {"raise_to_softirq", "raise→softirq"},
    [IRQSIM_STAGE_QUEUE_TO_WORK]    = {"queue_to_work",    "queue→work"},
};

static const char *const wait_text[IRQSIM_WAITS] = {
    [IRQSIM_WAIT_BUS]         = "bus",
    [IRQSIM_WAIT_MASKED]      = "masked",
    [IRQSIM_WAIT_HANDLER]     = "handler",
    [IRQSIM_WAIT_PRIORITY]    = "priority",
    [IRQSIM_WAIT_IF]          = "if",
    [IRQSIM_WAIT_INSTRUCTION] = "instruction",
};

static const char *const use_text[IRQSIM_USES] = {
    [IRQSIM_USE_USER]      = "user",
    [IRQSIM_USE_WORK]      = "work",
    [IRQSIM_USE_KSOFTIRQD] = "ksoftirqd",
    [IRQSIM_USE_SOFTIRQ]   = "softirq",
    [IRQSIM_USE_IRQ]       = "irq",
    [IRQSIM_USE_KERNEL]    = "kernel",
    [IRQSIM_USE_IDLE]      = "idle",
};
/* clang-format on */

const char *irqsim_stage_name(irqsim_stage_t stage)
{
    return (unsigned)stage < IRQSIM_STAGES ? stage_text[stage].name : NULL;
}

const char *irqsim_stage_key(irqsim_stage_t stage)
{
    return (unsigned)stage < IRQSIM_STAGES ? stage_text[stage].key : NULL;
}

const char *irqsim_wait_name(irqsim_wait_t wait)
{
    return (unsigned)wait < IRQSIM_WAITS ? wait_text[wait] : NULL;
}

const char *irqsim_use_name(irqsim_use_t use)
{
    return (unsigned)use < IRQSIM_USES ? use_text[use] : NULL;
}

irqsim_status_t irqsim_report_new(unsigned cpus, irqsim_report_t **report)
{
    irqsim_report_t *r = calloc(1, sizeof(*r));

    if (r && irqsim__report_stages_init(&r->stages) &&
        (r->waits = irqsim__report_waits_new(cpus)) &&
        (r->spent = irqsim__report_spent_new(cpus))) {
        r->cpus = cpus;
        *report = r;
        return IRQSIM_OK;
    }
    irqsim_report_free(r);
    return IRQSIM_E_NOMEM;
}

void irqsim_report_free(irqsim_report_t *report)
{
    if (!report)
        return;
    irqsim__report_stages_free(&report->stages);
    irqsim__report_waits_free(report->waits);
    irqsim__report_spent_free(report->spent);
    free(report);
}

void irqsim_report_see(void *report, const irqsim_event_t *ev)
{
    irqsim_report_t *r = report;

    if (ev->seq == 0)
        return;
    irqsim__report_stages_see(&r->stages, ev);
    irqsim__report_waits_see(r->waits, &r->stages, ev);
    irqsim__report_spent_see(r->spent, ev);
}

irqsim_status_t irqsim_report_status(const irqsim_report_t *report)
{
    const bool full = report->stages.full || irqsim__report_waits_full(report->waits) ||
                      irqsim__report_spent_full(report->spent);

    return full ? IRQSIM_E_NOMEM : IRQSIM_OK;
}

static void summarize(const hist_t *hist, irqsim_latency_t *out)
{
    if (hist->count == 0)
        return;
    *out = (irqsim_latency_t){
        .count = hist->count,
        .min = hist->min,
        .avg = hist->sum / hist->count,
        .p50 = irqsim__report_hist_at(hist, 500),
        .p90 = irqsim__report_hist_at(hist, 900),
        .p99 = irqsim__report_hist_at(hist, 990),
        .max = hist->max,
    };
}

void irqsim_report_latency(const irqsim_report_t *report, irqsim_stage_t stage, int64_t irq,
                           irqsim_latency_t *out)
{
    const stages_t *st = &report->stages;
    hist_t merged = {0};
    bool whole = true;

    *out = (irqsim_latency_t){0};
    for (uint32_t i = 0; i < st->keys.n && i < st->room; i++) {
        const report_key_t key = st->keys.key[i];
        if (key.a == stage && (irq < 0 || key.b == (uint64_t)irq))
            whole = irqsim__report_hist_merge(&merged, &st->hist[i]) && whole;
    }
    if (whole)
        summarize(&merged, out);
    irqsim__report_hist_free(&merged);
}

uint64_t irqsim_report_unmeasured(const irqsim_report_t *report, irqsim_stage_t stage)
{
    return (unsigned)stage < IRQSIM_STAGES ? report->stages.unmeasured[stage] : 0;
}

uint32_t irqsim_report_waits(const irqsim_report_t *report)
{
    return irqsim__report_waits_rows(report->waits);
}

bool irqsim_report_wait(const irqsim_report_t *report, uint32_t i, irqsim_wait_row_t *row)
{
    return irqsim__report_waits_row(report->waits, i, row);
}

void irqsim_report_time(const irqsim_report_t *report, unsigned cpu, irqsim_time_t now,
                        uint64_t ns[IRQSIM_USES])
{
    if (cpu < report->cpus)
        irqsim__report_spent_cpu(report->spent, cpu, now, ns);
    else
        memset(ns, 0, IRQSIM_USES * sizeof(*ns));
}

void irqsim_report_work_waits(const irqsim_report_t *report, uint64_t ns[IRQSIM_USES])
{
    irqsim__report_spent_waited(report->spent, ns);
}

uint64_t irqsim_report_task_time(const irqsim_report_t *report, uint32_t task, irqsim_time_t now)
{
    return irqsim__report_spent_task(report->spent, task, now);
}
