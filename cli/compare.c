/* SPDX-License-Identifier: MIT */
/* compare.c - a replay beside its recording: what is equal, and why the rest is not */
#include <inttypes.h>
#include <string.h>

#include "cli.h"

static bool find_irq(const session_t *s, uint32_t number, irqsim_sim_irq_t *irq)
{
    for (uint32_t i = 0; irqsim_sim_irq(s->sim, i, irq); i++)
        if (irq->irq == number)
            return true;
    *irq = (irqsim_sim_irq_t){0};
    return false;
}

static void put_irqs(const session_t *s)
{
    printf("%20s %9s %9s %9s\n", "irq", "recorded", "delivered", "coalesced");
    for (uint32_t i = 0; i < s->list->n_irqs; i++) {
        const uint32_t number = s->list->irq[i].irq;
        const uint64_t was = recorded_irq(&s->recorded, i);
        irqsim_sim_irq_t irq;
        find_irq(s, number, &irq);
        const uint64_t seen = irq.counts.delivered + irq.counts.coalesced;
        printf("%20" PRIu32 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 "  ", number, was,
               irq.counts.delivered, irq.counts.coalesced);
        if (seen == was)
            puts("equal");
        else if (seen < was)
            printf("%" PRIu64 " less: withdrawn or lost\n", was - seen);
        else
            printf("%" PRIu64 " more: of the scenario's own devices\n", seen - was);
    }
}

static void put_vectors(const session_t *s)
{
    const recorded_t *r = &s->recorded;

    if (r->n_vectors > 0)
        printf("%20s %9s %9s %9s\n", "vector", "recorded", "delivered", "coalesced");
    for (uint32_t i = 0; i < r->n_vectors; i++) {
        const char *name = r->list->name[r->vector[i].name];
        const int64_t number = sysvec_number(name);
        irqsim_sim_vector_t v = {0};
        if (number >= 0)
            irqsim_sim_vector(s->sim, (irqsim_sysvec_t)number, &v);
        put_cell(name, 20);
        printf(" %9" PRIu64 " %9" PRIu64 " %9" PRIu64 "  %s\n", r->vector[i].count, v.delivered,
               v.coalesced,
               v.replayed < r->vector[i].count           ? "not replayed: no such vector"
               : v.delivered + v.coalesced == v.replayed ? "equal"
                                                         : "the rest is lost");
    }
}

/* ---- softirqs ---- */

static bool is_replayed(const session_t *s, const irqsim_record_t *root)
{
    irqsim_sim_vector_t v = {0};

    if (root->kind != IRQSIM_RECORD_VECTOR)
        return true;
    const int64_t number = sysvec_number(s->list->name[root->name]);
    if (number >= 0)
        irqsim_sim_vector(s->sim, (irqsim_sysvec_t)number, &v);
    return v.replayed > 0;
}

/* Softirqs of one name that hang on arrivals which this machine cannot have. */
static uint64_t left_out(const session_t *s, uint32_t name)
{
    const irqsim_arrivals_t *list = s->list;
    bool replayed = true;
    uint64_t n = 0;

    for (uint64_t i = 0; i < list->n_records; i++) {
        const irqsim_record_t *record = &list->record[i];
        if (record->depth == 0)
            replayed = is_replayed(s, record);
        else if (!replayed && record->kind == IRQSIM_RECORD_SOFTIRQ && record->name == name)
            n++;
    }
    return n;
}

static void sum_softirq(const session_t *s, unsigned nr, uint64_t *raised, uint64_t *executed)
{
    const irqsim_kernel_t *k = irqsim_sim_kernel(s->sim);

    for (unsigned cpu = 0; cpu < s->scenario->cpus; cpu++) {
        *raised += irqsim_kernel_softirq_raised(k, nr, cpu);
        *executed += irqsim_kernel_softirq_executed(k, nr, cpu);
    }
}

/* Softirqs that this kernel does not know run as TASKLET. */
static uint64_t strangers(const session_t *s)
{
    const recorded_t *r = &s->recorded;
    uint64_t n = 0;

    for (uint32_t i = 0; i < r->n_softirqs; i++)
        if (softirq_number(s->scenario->era, r->list->name[r->softirq[i].total.name]) < 0)
            n += r->softirq[i].records - left_out(s, r->softirq[i].total.name);
    return n;
}

typedef struct part {
    uint64_t n;
    const char *what, *why;
} part_t;

#define MOST_PARTS 9

typedef struct parts {
    part_t part[MOST_PARTS];
    size_t n;
} parts_t;

static void add_part(parts_t *parts, uint64_t n, const char *what, const char *why)
{
    if (n > 0)
        parts->part[parts->n++] = (part_t){n, what, why};
}

#define REASONS_AT  52 /* the column in which they begin */
#define MOST_COLUMN 100

static void put_parts(const parts_t *parts)
{
    int column = REASONS_AT;
    const char *gap = "";

    for (size_t i = 0; i < parts->n; i++) {
        const part_t *part = &parts->part[i];
        char text[96];
        const int width =
            snprintf(text, sizeof(text), "%s %" PRIu64 "%s", part->what, part->n, part->why);
        if (*gap && column + width + 3 > MOST_COLUMN) {
            printf(";\n%*s", REASONS_AT, "");
            column = REASONS_AT;
            gap = "";
        }
        printf("%s%s", gap, text);
        column += width + 2;
        gap = "; ";
    }
    puts(column > REASONS_AT ? "" : "equal");
}

static uint64_t excess(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

/* Executions there = records - merged + by tasks + without raise + not listed. */
static void add_recorded(parts_t *parts, const softirqs_t *was, char of_raised[SHORT_TEXT])
{
    const irqsim_softirq_total_t *total = &was->total;
    const uint64_t served = total->executed - total->by_tasks - total->orphans;

    snprintf(of_raised, SHORT_TEXT, " of %" PRIu64, total->raised);
    add_part(parts, excess(was->records, served), "merged when recorded", of_raised);
    add_part(parts, total->by_tasks, "left out", " raised by tasks");
    add_part(parts, total->orphans, "left out", " without recorded raise");
    add_part(parts, excess(served, was->records), "not in the list", "");
}

/* Records = replayed + left out; raised = replayed + others' + own - never raised. */
static void put_softirq(const session_t *s, const softirqs_t *was, unsigned nr)
{
    const bool is_tasklet = softirq_number(s->scenario->era, "TASKLET") == nr;
    const uint64_t skipped = left_out(s, was->total.name), others = is_tasklet ? strangers(s) : 0;
    const uint64_t expected = was->records - skipped + others;
    uint64_t raised = 0, executed = 0;
    char of_raised[SHORT_TEXT];
    parts_t parts = {.n = 0};

    sum_softirq(s, nr, &raised, &executed);
    add_part(&parts, raised - executed, "merged", "");
    add_part(&parts, others, "of unknown softirqs", "");
    add_part(&parts, excess(raised, expected), "the kernel's own", "");
    add_part(&parts, excess(expected, raised), "never raised", "");
    add_part(&parts, skipped, "not replayed", " since no such vector");
    add_recorded(&parts, was, of_raised);
    printf(" %9" PRIu64 " %9" PRIu64 " %9" PRIu64 "  ", was->total.executed, raised, executed);
    put_parts(&parts);
}

static void put_stranger(const session_t *s, const softirqs_t *was)
{
    const uint64_t skipped = left_out(s, was->total.name);
    char of_raised[SHORT_TEXT];
    parts_t parts = {.n = 0};

    add_part(&parts, was->records - skipped, "unknown here, run as TASKLET", "");
    add_part(&parts, skipped, "not replayed", " since no such vector");
    add_recorded(&parts, was, of_raised);
    printf(" %9" PRIu64 " %9s %9s  ", was->total.executed, "-", "-");
    put_parts(&parts);
}

static void put_softirqs(const session_t *s)
{
    const recorded_t *r = &s->recorded;

    if (r->n_softirqs > 0)
        printf("%20s %9s %9s %9s\n", "softirq", "recorded", "raised", "executed");
    for (uint32_t i = 0; i < r->n_softirqs; i++) {
        const char *name = r->list->name[r->softirq[i].total.name];
        const int64_t nr = softirq_number(s->scenario->era, name);
        put_cell(name, 20);
        if (nr >= 0)
            put_softirq(s, &r->softirq[i], (unsigned)nr);
        else
            put_stranger(s, &r->softirq[i]);
    }
}

void put_comparison(const session_t *s)
{
    put_heading("Recorded and replayed");
    put_irqs(s);
    put_vectors(s);
    put_softirqs(s);
}
