/* SPDX-License-Identifier: MIT */
/* fuzz_arrivals.c - any bytes are a list or are refused; what was read is written and
 * read again as the same */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <irqsim/arrivals.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool condition)
{
    if (!condition)
        abort();
}

static void same(const irqsim_arrivals_t *a, const irqsim_arrivals_t *b)
{
    expect(strcmp(a->origin, b->origin) == 0);
    expect(a->cpus == b->cpus && a->span_ns == b->span_ns);
    expect(a->n_irqs == b->n_irqs && a->n_records == b->n_records && a->n_names == b->n_names);
    for (uint32_t i = 0; i < a->n_names; i++)
        expect(strcmp(a->name[i], b->name[i]) == 0);
    expect(a->n_irqs == 0 || memcmp(a->irq, b->irq, a->n_irqs * sizeof(*a->irq)) == 0);
    expect(a->n_softirqs == b->n_softirqs);
    expect(a->n_softirqs == 0 ||
           (memcmp(a->softirq, b->softirq, a->n_softirqs * sizeof(*a->softirq)) == 0 &&
            memcmp(a->softirq_cpu, b->softirq_cpu,
                   (size_t)a->n_softirqs * a->cpus * sizeof(*a->softirq_cpu)) == 0));
    expect(a->n_records == 0 ||
           memcmp(a->record, b->record, a->n_records * sizeof(*a->record)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    irqsim_arrivals_t *list, *again;
    char path[64];

    irqsim_arrivals_load_bytes("fuzz", data, size, NULL, &list);
    if (!list)
        return 0;
    snprintf(path, sizeof(path), "fuzz-arrivals-%ld.irq", (long)getpid());
    expect(irqsim_arrivals_save(list, path) == IRQSIM_OK);
    expect(irqsim_arrivals_load(path, NULL, &again) == IRQSIM_OK);
    same(list, again);
    remove(path);
    irqsim_arrivals_free(again);
    irqsim_arrivals_free(list);
    return 0;
}
