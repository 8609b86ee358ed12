/* SPDX-License-Identifier: MIT */
/* json_doc.c - a whole run as one JSON object; the keys are a contract (irqsim-run(1)) */
#include <inttypes.h>

#include "cli.h"

static void put_irq(json_t *j, const session_t *s, const irqsim_sim_irq_t *irq)
{
    char key[SHORT_TEXT];

    snprintf(key, sizeof(key), "%" PRIu32, irq->irq);
    json_object(j, key);
    json_text(j, "name", irq->name);
    json_number(j, "arrived", irq->counts.arrived);
    json_number(j, "delivered", irq->counts.delivered);
    json_number(j, "coalesced", irq->counts.coalesced);
    json_number(j, "withdrawn", irq->counts.withdrawn);
    json_number(j, "spurious", irq->spurious);
    json_number(j, "lost", lost_of(irq));
    json_array(j, "per_cpu");
    for (unsigned cpu = 0; cpu < s->scenario->cpus; cpu++)
        json_number(j, NULL, irqsim_kernel_irq_count(irqsim_sim_kernel(s->sim), irq->index, cpu));
    json_close(j, ']');
    json_close(j, '}');
}

static void put_irqs(json_t *j, const session_t *s)
{
    irqsim_sim_irq_t irq;

    json_object(j, "irqs");
    for (uint32_t i = 0; irqsim_sim_irq(s->sim, i, &irq); i++)
        put_irq(j, s, &irq);
    json_close(j, '}');
}

static void put_softirq(json_t *j, const session_t *s, unsigned nr)
{
    const irqsim_kernel_t *k = irqsim_sim_kernel(s->sim);
    uint64_t raised = 0, executed = 0;

    for (unsigned cpu = 0; cpu < s->scenario->cpus; cpu++) {
        raised += irqsim_kernel_softirq_raised(k, nr, cpu);
        executed += irqsim_kernel_softirq_executed(k, nr, cpu);
    }
    json_object(j, irqsim_softirq_name(s->scenario->era, nr));
    json_number(j, "raised", raised);
    json_number(j, "executed", executed);
    json_array(j, "per_cpu");
    for (unsigned cpu = 0; cpu < s->scenario->cpus; cpu++)
        json_number(j, NULL, irqsim_kernel_softirq_executed(k, nr, cpu));
    json_close(j, ']');
    json_close(j, '}');
}

static void put_softirqs(json_t *j, const session_t *s)
{
    json_object(j, "softirqs");
    for (unsigned nr = 0; nr < IRQSIM_SOFTIRQS; nr++)
        if (irqsim_softirq_name(s->scenario->era, nr))
            put_softirq(j, s, nr);
    json_close(j, '}');
}

void json_latencies(json_t *j, const irqsim_report_t *report)
{
    json_object(j, "latency");
    for (int stage = 0; stage < IRQSIM_STAGES; stage++) {
        irqsim_latency_t l;
        irqsim_report_latency(report, (irqsim_stage_t)stage, -1, &l);
        json_object(j, irqsim_stage_key((irqsim_stage_t)stage));
        json_number(j, "count", l.count);
        json_number(j, "min", l.min);
        json_number(j, "avg", l.avg);
        json_number(j, "p50", l.p50);
        json_number(j, "p90", l.p90);
        json_number(j, "p99", l.p99);
        json_number(j, "max", l.max);
        json_number(j, "unmeasured", irqsim_report_unmeasured(report, (irqsim_stage_t)stage));
        json_close(j, '}');
    }
    json_close(j, '}');
}

static void put_vectors(json_t *j, const session_t *s)
{
    json_object(j, "vectors");
    for (int v = 0; v < IRQSIM_SYSVECS; v++) {
        irqsim_sim_vector_t vector = {0};
        irqsim_sim_vector(s->sim, (irqsim_sysvec_t)v, &vector);
        json_object(j, irqsim_sysvec_name((irqsim_sysvec_t)v));
        json_number(j, "recorded", vector.recorded);
        json_number(j, "replayed", vector.replayed);
        json_number(j, "delivered", vector.delivered);
        json_number(j, "coalesced", vector.coalesced);
        json_array(j, "per_cpu");
        for (unsigned cpu = 0; cpu < s->scenario->cpus; cpu++)
            json_number(
                j, NULL,
                irqsim_kernel_sysvec_count(irqsim_sim_kernel(s->sim), (irqsim_sysvec_t)v, cpu));
        json_close(j, ']');
        json_close(j, '}');
    }
    json_close(j, '}');
}

#define FIRST_VECTOR (UINT32_MAX - 255) /* waiters from here on are system vectors */

static void put_waits(json_t *j, const session_t *s)
{
    irqsim_wait_row_t row;

    json_array(j, "waits");
    for (uint32_t i = 0; irqsim_report_wait(s->report, i, &row); i++) {
        json_object(j, NULL);
        if (row.waiter >= FIRST_VECTOR)
            json_number(j, "vector", UINT32_MAX - row.waiter);
        else
            json_number(j, "irq", row.waiter);
        json_text(j, "wait", irqsim_wait_name(row.wait));
        if (row.wait == IRQSIM_WAIT_HANDLER)
            json_number(j, "holder", row.irq);
        json_number(j, "count", row.count);
        json_number(j, "total", row.total);
        json_number(j, "max", row.max);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_tasks(json_t *j, const session_t *s)
{
    const irqsim_kernel_t *k = irqsim_sim_kernel(s->sim);
    irqsim_task_info_t task;

    json_array(j, "tasks");
    for (uint32_t i = 0; irqsim_kernel_task(k, i, &task); i++) {
        json_object(j, NULL);
        json_text(j, "name", irqsim_sim_name(s->sim, "task", i));
        json_number(j, "cpu", task.cpu);
        json_number(j, "ran", task.ran / IRQSIM_PS_PER_NS);
        json_number(j, "own", irqsim_report_task_time(s->report, i, session_length(s)));
        json_number(j, "status", task.status);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_times_of_cpus(json_t *j, const session_t *s)
{
    uint64_t ns[IRQSIM_USES];

    json_array(j, "time");
    for (unsigned cpu = 0; cpu < s->scenario->cpus; cpu++) {
        irqsim_report_time(s->report, cpu, session_length(s), ns);
        json_object(j, NULL);
        for (int use = 0; use < IRQSIM_USES; use++)
            json_number(j, irqsim_use_name((irqsim_use_t)use), ns[use]);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_ticks(json_t *j, const session_t *s)
{
    json_array(j, "ticks");
    for (unsigned cpu = 0; cpu < s->scenario->cpus; cpu++)
        json_number(j, NULL, irqsim_kernel_ticks(irqsim_sim_kernel(s->sim), cpu));
    json_close(j, ']');
}

static void put_machine(json_t *j, const session_t *s)
{
    irqsim_machine_t *m = irqsim_sim_machine(s->sim);
    irqsim_spurious_counts_t spurious;

    irqsim_machine_spurious(m, &spurious);
    json_object(j, "machine");
    json_text(j, "board", s->scenario->board == IRQSIM_BOARD_AT ? "at" : "mp");
    json_text(j, "profile", irqsim_profile_name(s->scenario->profile_id));
    json_text(j, "kernel", irqsim_era_name(s->scenario->era));
    json_number(j, "cpus", s->scenario->cpus);
    json_number(j, "ran", session_length(s) / IRQSIM_PS_PER_NS);
    json_number(j, "stopped_early", s->stopped != EXIT_OK);
    json_number(j, "steps", irqsim_machine_steps(m));
    json_number(j, "spurious_irq7", spurious.irq7);
    json_number(j, "spurious_irq15", spurious.irq15);
    json_number(j, "spurious_lapic", spurious.lapic);
    json_close(j, '}');
}

static void put_recorded(json_t *j, const recorded_t *r)
{
    json_object(j, "recorded");
    for (uint32_t i = 0; i < r->list->n_irqs; i++) {
        char key[SHORT_TEXT];
        snprintf(key, sizeof(key), "%" PRIu32, r->list->irq[i].irq);
        json_number(j, key, recorded_irq(r, i));
    }
    json_close(j, '}');
}

static void put_expects(json_t *j, const session_t *s)
{
    json_array(j, "expect");
    for (uint32_t i = 0; i < s->scenario->n_expects; i++) {
        const irqsim_expect_t *expect = &s->scenario->expect[i];
        const verdict_t verdict = judge(s, expect);
        json_object(j, NULL);
        json_text(j, "text", expect->text);
        json_number(j, "line", expect->line);
        json_number(j, "ok", verdict.met);
        json_number(j, "value", verdict.value);
        json_close(j, '}');
    }
    json_close(j, ']');
}

void json_session(const session_t *s)
{
    json_t j;

    json_begin(&j, stdout);
    put_irqs(&j, s);
    put_softirqs(&j, s);
    json_latencies(&j, s->report);
    put_vectors(&j, s);
    put_ticks(&j, s);
    put_waits(&j, s);
    put_times_of_cpus(&j, s);
    put_tasks(&j, s);
    json_number(&j, "oopses", irqsim_kernel_oopses(irqsim_sim_kernel(s->sim)));
    put_machine(&j, s);
    if (s->list)
        put_recorded(&j, &s->recorded);
    put_expects(&j, s);
    json_end(&j);
}
