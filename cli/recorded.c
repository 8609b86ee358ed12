/* SPDX-License-Identifier: MIT */
/* recorded.c - counting what a list of arrivals holds, by name and CPU */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

int64_t softirq_number(irqsim_era_t era, const char *name)
{
    for (unsigned nr = 0; nr < IRQSIM_SOFTIRQS; nr++) {
        const char *have = irqsim_softirq_name(era, nr);
        if (have && strcmp(have, name) == 0)
            return nr;
    }
    return -1;
}

int64_t sysvec_number(const char *name)
{
    for (int v = 0; v < IRQSIM_SYSVECS; v++)
        if (strcmp(irqsim_sysvec_name((irqsim_sysvec_t)v), name) == 0)
            return v;
    return -1;
}

/* Tallies of one kind of record while they are made: slot[name] = index + 1. */
typedef struct counting {
    const irqsim_arrivals_t *list;
    uint32_t *slot;
    tally_t **tally;
    uint32_t *n;
} counting_t;

static bool count(counting_t *c, const irqsim_record_t *record)
{
    if (record->name >= c->list->n_names || record->cpu >= c->list->cpus)
        return true;
    if (!c->slot[record->name]) {
        tally_t *more = realloc(*c->tally, (*c->n + 1) * sizeof(*more));
        if (!more)
            return false;
        *c->tally = more;
        more[*c->n] = (tally_t){.name = record->name};
        more[*c->n].per_cpu = calloc(c->list->cpus, sizeof(uint64_t));
        if (!more[*c->n].per_cpu)
            return false;
        c->slot[record->name] = ++*c->n;
    }
    tally_t *tally = &(*c->tally)[c->slot[record->name] - 1];
    tally->count++;
    tally->per_cpu[record->cpu]++;
    return true;
}

static bool count_kind(const irqsim_arrivals_t *list, irqsim_record_kind_t kind, tally_t **tally,
                       uint32_t *n)
{
    counting_t c = {list, calloc((size_t)list->n_names + 1, sizeof(uint32_t)), tally, n};
    bool whole = c.slot != NULL;

    for (uint64_t i = 0; whole && i < list->n_records; i++)
        if (list->record[i].kind == kind)
            whole = count(&c, &list->record[i]);
    free(c.slot);
    return whole;
}

static int by_irq(const void *a, const void *b)
{
    const irqsim_irq_total_t *x = a, *y = b;

    return (x->irq > y->irq) - (x->irq < y->irq);
}

static bool count_irqs(recorded_t *r, const irqsim_arrivals_t *list)
{
    r->irq_cpu = calloc((size_t)list->n_irqs * list->cpus + 1, sizeof(uint64_t));
    for (uint64_t i = 0; r->irq_cpu && i < list->n_records; i++) {
        const irqsim_record_t *record = &list->record[i];
        const irqsim_irq_total_t key = {.irq = record->number};
        if (record->kind != IRQSIM_RECORD_IRQ || record->cpu >= list->cpus)
            continue;
        const irqsim_irq_total_t *found =
            bsearch(&key, list->irq, list->n_irqs, sizeof(key), by_irq);
        if (found)
            r->irq_cpu[(size_t)(found - list->irq) * list->cpus + record->cpu]++;
    }
    return r->irq_cpu != NULL;
}

/* The records by name, then what the list knows better or besides. */
static bool count_softirqs(recorded_t *r, const irqsim_arrivals_t *list)
{
    uint32_t *slot = calloc((size_t)list->n_names + 1, sizeof(*slot)); /* index + 1 */

    r->softirq = calloc((size_t)r->n_raises + list->n_softirqs + 1, sizeof(*r->softirq));
    for (uint32_t i = 0; slot && r->softirq && i < r->n_raises; i++) {
        const tally_t *raise = &r->raise[i];
        const uint64_t n = raise->count;
        r->softirq[r->n_softirqs++] =
            (softirqs_t){n, {.name = raise->name, .raised = n, .executed = n}, raise->per_cpu};
        slot[raise->name] = r->n_softirqs;
    }
    for (uint32_t i = 0; slot && r->softirq && i < list->n_softirqs; i++) {
        uint32_t *at = &slot[list->softirq[i].name];
        if (!*at)
            *at = ++r->n_softirqs;
        r->softirq[*at - 1].total = list->softirq[i];
        r->softirq[*at - 1].per_cpu = &list->softirq_cpu[(size_t)i * list->cpus];
    }
    const bool whole = slot && r->softirq;
    free(slot);
    return whole;
}

bool recorded_init(recorded_t *r, const irqsim_arrivals_t *list)
{
    *r = (recorded_t){.list = list};
    return count_irqs(r, list) &&
           count_kind(list, IRQSIM_RECORD_SOFTIRQ, &r->raise, &r->n_raises) &&
           count_softirqs(r, list) &&
           count_kind(list, IRQSIM_RECORD_VECTOR, &r->vector, &r->n_vectors) &&
           count_kind(list, IRQSIM_RECORD_WORK, &r->work, &r->n_works);
}

static void free_tallies(tally_t *tally, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        free(tally[i].per_cpu);
    free(tally);
}

void recorded_free(recorded_t *r)
{
    free(r->irq_cpu);
    free(r->softirq);
    free_tallies(r->raise, r->n_raises);
    free_tallies(r->vector, r->n_vectors);
    free_tallies(r->work, r->n_works);
}

uint64_t recorded_irq(const recorded_t *r, uint32_t i)
{
    uint64_t sum = 0;

    for (uint32_t cpu = 0; cpu < r->list->cpus; cpu++)
        sum += r->irq_cpu[(size_t)i * r->list->cpus + cpu];
    return sum;
}

const softirqs_t *recorded_softirq(const recorded_t *r, const char *name)
{
    for (uint32_t i = 0; i < r->n_softirqs; i++)
        if (strcmp(r->list->name[r->softirq[i].total.name], name) == 0)
            return &r->softirq[i];
    return NULL;
}
