/* SPDX-License-Identifier: MIT */
/*
 * forest.c - records that grow below their parents while the capture is read,
 * and their way into a list: arrivals by time, each followed by what it caused
 */
#include <stdlib.h>

#include "capture_int.h"

uint32_t irqsim__capture_forest_add(forest_t *forest, uint32_t parent,
                                    const irqsim_record_t *record)
{
    if (!irqsim__capture_room(&forest->node, &forest->capacity, (uint64_t)forest->count + 1,
                              sizeof(*forest->node)))
        return NONE;
    const uint32_t id = forest->count++;
    node_t *const node = forest->node;

    if (parent != NONE && node[parent].record.depth == IRQSIM_ARRIVALS_DEPTH_MAX)
        parent = node[parent].parent; /* a chain that long goes on side by side */
    node[id] = (node_t){*record, parent, NONE, NONE, NONE};
    if (parent == NONE)
        return id;
    node[id].record.depth = node[parent].record.depth + 1;
    node[id].record.time_ns = node[parent].record.time_ns;
    if (node[parent].last_child == NONE)
        node[parent].first_child = id;
    else
        node[node[parent].last_child].next_sibling = id;
    node[parent].last_child = id;
    return id;
}

void irqsim__capture_forest_free(forest_t *forest)
{
    free(forest->node);
    irqsim__capture_intern_free(&forest->names);
    *forest = (forest_t){0};
}

/* --- into a list --------------------------------------------------------- */

/* A record and what it is sorted by. */
typedef struct ranked {
    uint64_t key;
    uint32_t id;
} ranked_t;

static int by_key(const void *a, const void *b)
{
    const ranked_t *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static uint64_t time_of(const irqsim_record_t *record)
{
    return record->time_ns;
}

static uint64_t irq_of(const irqsim_record_t *record)
{
    return record->number;
}

/* The arrivals in the order of `key`, equal ones as recorded. Arrivals that are
 * no irqs are left out if `irqs`. */
static ranked_t *rank(const forest_t *forest, bool irqs, uint64_t (*key)(const irqsim_record_t *),
                      uint32_t *count)
{
    ranked_t *const ranked = malloc(((size_t)forest->count + 1) * sizeof(*ranked));

    *count = 0;
    if (!ranked)
        return NULL;
    for (uint32_t id = 0; id < forest->count; id++) {
        const irqsim_record_t *record = &forest->node[id].record;
        if (record->depth == 0 && (!irqs || record->kind == IRQSIM_RECORD_IRQ))
            ranked[(*count)++] = (ranked_t){key(record), id};
    }
    qsort(ranked, *count, sizeof(*ranked), by_key);
    return ranked;
}

/* Names are numbered as a reader of the text would meet them, so that a saved
 * and loaded list equals the first: irqs, softirqs, then record by record. */
static bool list_name(const forest_t *forest, list_t *list, uint32_t *name)
{
    *name = irqsim__capture_list_name(list, forest->names.text[*name], forest->names.length[*name]);
    return *name != NONE;
}

irqsim_status_t irqsim__capture_forest_irqs(const forest_t *forest, list_t *list)
{
    uint32_t count;
    ranked_t *const ranked = rank(forest, true, irq_of, &count);
    irqsim_irq_total_t *irq = NULL;
    bool whole = ranked != NULL;

    for (uint32_t i = 0; whole && i < count; i++) {
        const irqsim_record_t *record = &forest->node[ranked[i].id].record;

        if (!irq || irq->irq != record->number) {
            uint32_t name = record->name;
            irq = list_name(forest, list, &name)
                      ? irqsim__capture_list_irq(list, record->number, name)
                      : NULL;
        }
        whole = irq != NULL;
        if (whole)
            irq->count++;
    }
    free(ranked);
    return whole ? IRQSIM_OK : IRQSIM_E_NOMEM;
}

static bool list_node(const forest_t *forest, uint32_t id, uint64_t start_ns, list_t *list)
{
    irqsim_record_t record = forest->node[id].record;

    record.time_ns -= start_ns;
    if (record.kind == IRQSIM_RECORD_IRQ) /* one name for all arrivals of an irq */
        record.name = irqsim__capture_find_irq(list->out, record.number)->name;
    else if (!list_name(forest, list, &record.name))
        return false;
    return irqsim__capture_list_add(list, &record);
}

/* Parent first, then its children in the order they were deferred. `path` holds
 * the nodes whose siblings are still to come. */
static bool list_tree(const forest_t *forest, uint32_t root, uint64_t start_ns, list_t *list,
                      uint32_t *path)
{
    uint32_t depth = 0;

    for (uint32_t id = root; id != NONE;) {
        if (!list_node(forest, id, start_ns, list))
            return false;
        if (forest->node[id].first_child != NONE) {
            path[depth++] = id;
            id = forest->node[id].first_child;
            continue;
        }
        while (forest->node[id].next_sibling == NONE && depth > 0)
            id = path[--depth];
        id = depth > 0 ? forest->node[id].next_sibling : NONE;
    }
    return true;
}

irqsim_status_t irqsim__capture_forest_list(const forest_t *forest, uint64_t start_ns, list_t *list)
{
    uint32_t path[IRQSIM_ARRIVALS_DEPTH_MAX + 1];
    uint32_t count;
    /* Clocks of CPUs differ a little (FT-08): by time, then as recorded. */
    ranked_t *const arrival = rank(forest, false, time_of, &count);
    bool whole = arrival != NULL;

    for (uint32_t i = 0; whole && i < count; i++)
        whole = list_tree(forest, arrival[i].id, start_ns, list, path);
    free(arrival);
    return whole ? IRQSIM_OK : IRQSIM_E_NOMEM;
}
