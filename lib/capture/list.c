/* SPDX-License-Identifier: MIT */
/* list.c - irqsim_arrivals_t: growing it, finding in it, freeing it */
#include <stdlib.h>

#include "capture_int.h"

bool irqsim__capture_is_bare(unsigned char c)
{
    return c > ' ' && c != 0x7f && c != '"' && c != '#';
}

bool irqsim__capture_list_init(list_t *list)
{
    *list = (list_t){.out = calloc(1, sizeof(irqsim_arrivals_t))};
    return list->out != NULL;
}

uint32_t irqsim__capture_list_name(list_t *list, const char *name, size_t length)
{
    return irqsim__capture_intern(&list->names, name, length);
}

bool irqsim__capture_list_add(list_t *list, const irqsim_record_t *record)
{
    irqsim_arrivals_t *const out = list->out;

    if (!irqsim__capture_room(&out->record, &list->records_capacity, out->n_records + 1,
                              sizeof(*out->record)))
        return false;
    out->record[out->n_records++] = *record;
    return true;
}

irqsim_irq_total_t *irqsim__capture_find_irq(const irqsim_arrivals_t *list, uint32_t irq)
{
    uint32_t low = 0, high = list->n_irqs;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (list->irq[middle].irq < irq)
            low = middle + 1;
        else
            high = middle;
    }
    return low < list->n_irqs && list->irq[low].irq == irq ? &list->irq[low] : NULL;
}

irqsim_irq_total_t *irqsim__capture_list_irq(list_t *list, uint32_t irq, uint32_t name)
{
    irqsim_arrivals_t *const out = list->out;

    if (!irqsim__capture_room(&out->irq, &list->irqs_capacity, (uint64_t)out->n_irqs + 1,
                              sizeof(*out->irq)))
        return NULL;
    out->irq[out->n_irqs] = (irqsim_irq_total_t){.irq = irq, .name = name};
    return &out->irq[out->n_irqs++];
}

irqsim_softirq_total_t *irqsim__capture_list_softirq(list_t *list, uint32_t name,
                                                     uint64_t **per_cpu)
{
    irqsim_arrivals_t *const out = list->out;
    const uint64_t cells = (uint64_t)out->n_softirqs * out->cpus;

    if (!irqsim__capture_room(&out->softirq, &list->softirqs_capacity,
                              (uint64_t)out->n_softirqs + 1, sizeof(*out->softirq)) ||
        !irqsim__capture_room(&out->softirq_cpu, &list->cells_capacity, cells + out->cpus,
                              sizeof(*out->softirq_cpu)))
        return NULL;
    *per_cpu = out->softirq_cpu + cells;
    out->softirq[out->n_softirqs] = (irqsim_softirq_total_t){.name = name};
    return &out->softirq[out->n_softirqs++];
}

irqsim_arrivals_t *irqsim__capture_list_done(list_t *list)
{
    irqsim_arrivals_t *const out = list->out;

    out->name = list->names.text;
    out->n_names = list->names.count;
    list->names.text = NULL;
    list->names.count = 0;
    list->out = NULL;
    irqsim__capture_list_drop(list);
    return out;
}

void irqsim__capture_list_drop(list_t *list)
{
    irqsim_arrivals_free(list->out);
    irqsim__capture_intern_free(&list->names);
    *list = (list_t){0};
}

void irqsim_arrivals_free(irqsim_arrivals_t *list)
{
    if (!list)
        return;
    for (uint32_t i = 0; i < list->n_names; i++)
        free(list->name[i]);
    free(list->name);
    free(list->irq);
    free(list->softirq);
    free(list->softirq_cpu);
    free(list->record);
    free(list->origin);
    free(list);
}
