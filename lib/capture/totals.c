/* SPDX-License-Identifier: MIT */
/*
 * totals.c - how often each softirq was raised and executed, whoever asked for it
 *
 * The records of a list are what interrupts caused. These counts are the whole.
 */
#include <stdlib.h>
#include <string.h>

#include "capture_int.h"

static softirq_count_t *count_of(totals_t *totals, span_t name)
{
    const uint32_t id = irqsim__capture_intern(&totals->names, name.at, name.length);

    if (id == NONE || !irqsim__capture_room(&totals->count, &totals->capacity, (uint64_t)id + 1,
                                            sizeof(*totals->count)))
        return NULL;
    return &totals->count[id];
}

bool irqsim__capture_totals_raise(totals_t *totals, span_t name)
{
    softirq_count_t *const count = count_of(totals, name);

    if (count)
        count->raised++;
    return count != NULL;
}

bool irqsim__capture_totals_execute(totals_t *totals, span_t name, uint32_t cpu, served_t served)
{
    softirq_count_t *const count = count_of(totals, name);

    if (!count || !irqsim__capture_room(&count->per_cpu, &count->cpus, (uint64_t)cpu + 1,
                                        sizeof(*count->per_cpu)))
        return false;
    count->executed[served]++;
    count->per_cpu[cpu]++;
    return true;
}

static bool list_softirq(const softirq_count_t *count, const char *text, list_t *list)
{
    const uint32_t name = irqsim__capture_list_name(list, text, strlen(text));
    uint64_t *per_cpu;
    irqsim_softirq_total_t *const total =
        name == NONE ? NULL : irqsim__capture_list_softirq(list, name, &per_cpu);

    if (!total)
        return false;
    total->raised = count->raised;
    total->by_tasks = count->executed[SERVED_TASKS];
    total->orphans = count->executed[SERVED_NOBODY];
    for (uint32_t cpu = 0; cpu < list->out->cpus && cpu < count->cpus; cpu++) {
        per_cpu[cpu] = count->per_cpu[cpu];
        total->executed += per_cpu[cpu];
    }
    return true;
}

typedef struct named {
    const char *text;
    const softirq_count_t *count;
} named_t;

static int by_name(const void *a, const void *b)
{
    const named_t *x = a, *y = b;

    return strcmp(x->text, y->text);
}

irqsim_status_t irqsim__capture_totals_list(const totals_t *totals, list_t *list)
{
    const uint32_t n = totals->names.count;
    named_t *const named = malloc(((size_t)n + 1) * sizeof(*named));
    bool whole = named != NULL;

    for (uint32_t i = 0; whole && i < n; i++)
        named[i] = (named_t){totals->names.text[i], &totals->count[i]};
    if (whole)
        qsort(named, n, sizeof(*named), by_name);
    for (uint32_t i = 0; whole && i < n; i++)
        whole = list_softirq(named[i].count, named[i].text, list);
    free(named);
    return whole ? IRQSIM_OK : IRQSIM_E_NOMEM;
}

void irqsim__capture_totals_free(totals_t *totals)
{
    for (uint32_t i = 0; i < totals->capacity; i++)
        free(totals->count[i].per_cpu);
    free(totals->count);
    irqsim__capture_intern_free(&totals->names);
    *totals = (totals_t){0};
}
