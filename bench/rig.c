/* SPDX-License-Identifier: MIT */
/* rig.c - see rig.h */
#include <stdio.h>
#include <stdlib.h>

#include "rig.h"

enum { FIRST_PIN = 3, HANDLER_CLOCKS = 300, SOFTIRQ_CLOCKS = 600, BLOCK_SOFTIRQ = 4 };

/* A handler and what it defers: jobs of their own for each source. */
static const irqsim_job_t jobs_of_source[] = {
    {.kind = IRQSIM_JOB_HANDLER, .clocks = HANDLER_CLOCKS},
    {.kind = IRQSIM_JOB_SOFTIRQ, .clocks = SOFTIRQ_CLOCKS, .nr = BLOCK_SOFTIRQ},
};
enum { JOBS_OF_SOURCE = sizeof(jobs_of_source) / sizeof(jobs_of_source[0]) };

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "bench: cannot build the %s\n", what);
    exit(EXIT_FAILURE);
}

static void *keep(rig_t *rig, unsigned slot, size_t n, size_t size)
{
    rig->memory[slot] = calloc(n ? n : 1, size);
    must(rig->memory[slot] != NULL, "memory");
    return rig->memory[slot];
}

/* Periodic sources start one after the other, so that they do not collide. */
static irqsim_source_desc_t *sources_of(rig_t *rig, const rig_desc_t *d)
{
    irqsim_source_desc_t *s = keep(rig, 0, d->sources, sizeof(*s));

    for (uint32_t i = 0; i < d->sources; i++) {
        s[i].wiring = d->msi ? IRQSIM_WIRED_MSI : IRQSIM_WIRED_PIN;
        s[i].pin = (uint16_t)(d->msi ? 0 : FIRST_PIN + i);
        s[i].job = i * JOBS_OF_SOURCE;
        if (i < d->busy) {
            s[i].pattern = IRQSIM_PATTERN_PERIODIC;
            s[i].period = d->period;
            s[i].first = d->period / d->busy * (i + 1);
        }
    }
    return s;
}

/* A CPU has vectors for so many devices; the others, all idle, have no driver. */
#define VECTORS 128u

static void kernel_tables(rig_t *rig, const rig_desc_t *d, irqsim_kernel_desc_t *k)
{
    const uint32_t most = (uint32_t)d->cpus * VECTORS;
    const uint32_t driven = d->sources < most ? d->sources : most;
    irqsim_irq_desc_t *irqs = keep(rig, 1, driven, sizeof(*irqs));
    irqsim_action_desc_t *actions = keep(rig, 2, driven, sizeof(*actions));
    irqsim_job_t *jobs = keep(rig, 5, (size_t)d->sources * JOBS_OF_SOURCE, sizeof(*jobs));

    for (uint32_t i = 0; i < driven; i++) {
        irqs[i] = (irqsim_irq_desc_t){.irq = i,
                                      .msi = d->msi,
                                      .hwirq = (uint16_t)(d->msi ? i : FIRST_PIN + i),
                                      .cpu = (uint16_t)(i % d->cpus)};
        actions[i] = (irqsim_action_desc_t){.irq = i, .source = i};
        for (uint32_t j = 0; j < JOBS_OF_SOURCE; j++)
            jobs[i * JOBS_OF_SOURCE + j] = jobs_of_source[j];
        jobs[i * JOBS_OF_SOURCE].child = d->defers ? i * JOBS_OF_SOURCE + 2 : 0;
    }
    *k = (irqsim_kernel_desc_t){.cpus = d->cpus,
                                .jobs = jobs,
                                .n_jobs = d->sources * JOBS_OF_SOURCE,
                                .irqs = irqs,
                                .n_irqs = driven,
                                .actions = actions,
                                .n_actions = driven};
}

void rig_open(rig_t *rig, const rig_desc_t *d)
{
    irqsim_kernel_desc_t kernel;
    irqsim_machine_desc_t machine = {.board = IRQSIM_BOARD_MP,
                                     .profile_id = IRQSIM_MODERN_X2APIC,
                                     .cpus = d->cpus,
                                     .sources = sources_of(rig, d),
                                     .n_sources = d->sources,
                                     .host = d->host};

    kernel_tables(rig, d, &kernel);
    rig->kernel_bytes = irqsim_kernel_size(&kernel);
    must(irqsim_kernel_init(keep(rig, 3, 1, rig->kernel_bytes), rig->kernel_bytes, &kernel,
                            &rig->k) == IRQSIM_OK,
         "kernel");
    machine.guest = irqsim_kernel_code(rig->k);
    machine.ram_bytes = irqsim_kernel_ram(&kernel);
    rig->machine_bytes = irqsim_machine_size(&machine);
    must(irqsim_machine_init(keep(rig, 4, 1, rig->machine_bytes), rig->machine_bytes, &machine,
                             &rig->m) == IRQSIM_OK,
         "machine");
    must(irqsim_kernel_boot(rig->k, rig->m) == IRQSIM_OK, "boot");
}

void rig_run_until(rig_t *rig, irqsim_time_t until)
{
    must(irqsim_machine_run(rig->m, until) == IRQSIM_OK, "run");
}

uint64_t rig_handled(const rig_t *rig, uint32_t sources)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < sources; i++)
        for (unsigned cpu = 0; cpu < irqsim_machine_cpus(rig->m); cpu++)
            sum += irqsim_kernel_irq_count(rig->k, i, cpu);
    return sum;
}

void rig_close(rig_t *rig)
{
    for (unsigned i = 0; i < sizeof(rig->memory) / sizeof(rig->memory[0]); i++)
        free(rig->memory[i]);
}
