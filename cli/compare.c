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
        if (softirq_number(s->scenario->era, r->list->name[r->softirq[i].name]) < 0)
            n += r->softirq[i].count - left_out(s, r->softirq[i].name);
    return n;
}

typedef struct part {
    uint64_t n;
    const char *what, *why;
} part_t;

#define REASONS_AT  52 /* the column in which they begin */
#define MOST_COLUMN 100

static void put_parts(const part_t *part, size_t n)
{
    int column = REASONS_AT;
    const char *gap = "";

    for (size_t i = 0; i < n; i++) {
        char text[64];
        const int width =
            snprintf(text, sizeof(text), "%s %" PRIu64 "%s", part[i].what, part[i].n, part[i].why);
        if (!part[i].n)
            continue;
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

/* Recorded = replayed + left out; raised = replayed + others' - never raised. */
static void put_softirq(const session_t *s, const tally_t *was, unsigned nr)
{
    const bool is_tasklet = softirq_number(s->scenario->era, "TASKLET") == nr;
    const uint64_t skipped = left_out(s, was->name), others = is_tasklet ? strangers(s) : 0;
    const uint64_t expected = was->count - skipped + others;
    uint64_t raised = 0, executed = 0;

    sum_softirq(s, nr, &raised, &executed);
    const part_t parts[] = {
        {raised - executed, "merged", ""},
        {others, "of unknown softirqs", ""},
        {raised > expected ? raised - expected : 0, "the kernel's own", ""},
        {raised < expected ? expected - raised : 0, "never raised", ""},
        {skipped, "not replayed", " since no such vector"},
    };
    printf(" %9" PRIu64 " %9" PRIu64 " %9" PRIu64 "  ", was->count, raised, executed);
    put_parts(parts, sizeof(parts) / sizeof(parts[0]));
}

static void put_stranger(const session_t *s, const tally_t *was)
{
    const uint64_t skipped = left_out(s, was->name);
    const part_t parts[] = {
        {was->count - skipped, "unknown here, run as TASKLET", ""},
        {skipped, "not replayed", " since no such vector"},
    };

    printf(" %9" PRIu64 " %9s %9s  ", was->count, "-", "-");
    put_parts(parts, sizeof(parts) / sizeof(parts[0]));
}

static void put_softirqs(const session_t *s)
{
    const recorded_t *r = &s->recorded;

    if (r->n_softirqs > 0)
        printf("%20s %9s %9s %9s\n", "softirq", "recorded", "raised", "executed");
    for (uint32_t i = 0; i < r->n_softirqs; i++) {
        const char *name = r->list->name[r->softirq[i].name];
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
