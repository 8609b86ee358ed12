/* SPDX-License-Identifier: MIT */
/*
 * bench_path - the whole way of an interrupt, n times
 *
 *   bench_path k1 N            one CPU, one edge pin of the IOAPIC
 *   bench_path k1bare N        the same without a softirq
 *   bench_path k2 N FILE       k1, every event recorded to FILE
 *   bench_path k3 N CPUS       16 busy of 1,000 MSI devices over CPUS
 *   bench_path k4 N CPUS       one 10 Hz device, N interrupts, CPUS idle CPUs
 *   bench_path memory CPUS     bytes per CPU and per blocked context
 *
 * Prints "interrupts N steps M". Meant to be run under valgrind with N and 2N:
 * the difference is the work, without the start (bench/run).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <irqsim/trace.h>

#include "rig.h"

#define US UINT64_C(1000000)
#define MS (1000 * US)

typedef struct bench {
    const char *name;
    rig_desc_t desc;
} bench_t;

static const bench_t benches[] = {
    {"k1", {.cpus = 1, .sources = 1, .busy = 1, .period = 10 * US, .defers = true}},
    {"k1bare", {.cpus = 1, .sources = 1, .busy = 1, .period = 10 * US}},
    {"k2", {.cpus = 1, .sources = 1, .busy = 1, .period = 10 * US, .defers = true}},
    {"k3", {.sources = 1000, .busy = 16, .period = 160 * US, .msi = true, .defers = true}},
    {"k4", {.sources = 1, .busy = 1, .period = 100 * MS, .defers = true}},
};

static const bench_t *find(const char *name)
{
    for (size_t i = 0; i < sizeof(benches) / sizeof(benches[0]); i++)
        if (strcmp(benches[i].name, name) == 0)
            return &benches[i];
    return NULL;
}

static int run(rig_desc_t desc, uint64_t interrupts)
{
    rig_t rig = {0};

    rig_open(&rig, &desc);
    rig_run_until(&rig, desc.period / desc.busy * interrupts + 5 * US);
    printf("interrupts %" PRIu64 " steps %" PRIu64 "\n", rig_handled(&rig, desc.sources),
           irqsim_machine_steps(rig.m));
    rig_close(&rig);
    return EXIT_SUCCESS;
}

static int run_recorded(rig_desc_t desc, uint64_t interrupts, const char *path)
{
    irqsim_recorder_t *recorder;

    if (irqsim_recorder_open(path, NULL, 0, 0, &recorder) != IRQSIM_OK) {
        fprintf(stderr, "bench: cannot write %s\n", path);
        return EXIT_FAILURE;
    }
    desc.host = (irqsim_host_t){irqsim_recorder_emit, recorder};
    run(desc, interrupts);
    return irqsim_recorder_close(recorder) == IRQSIM_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

static size_t bytes_of(uint16_t cpus, uint32_t tasks)
{
    static irqsim_task_desc_t task[1000];
    const irqsim_kernel_desc_t kernel = {.cpus = cpus, .tasks = task, .n_tasks = tasks};
    const irqsim_machine_desc_t machine = {.board = IRQSIM_BOARD_MP,
                                           .profile_id = IRQSIM_MODERN_X2APIC,
                                           .cpus = cpus,
                                           .ram_bytes = irqsim_kernel_ram(&kernel),
                                           .guest = {irqsim_kernel_code(NULL).run, NULL}};

    return irqsim_kernel_size(&kernel) + irqsim_machine_size(&machine);
}

/* What one more CPU, and one more task, add to the two arenas. */
static int memory(uint16_t cpus)
{
    printf("per CPU %zu per context %zu\n", (bytes_of(cpus, 0) - bytes_of(1, 0)) / (cpus - 1u),
           (bytes_of(cpus, 1000) - bytes_of(cpus, 0)) / 1000);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    const bench_t *bench = argc > 2 ? find(argv[1]) : NULL;

    if (argc > 2 && strcmp(argv[1], "memory") == 0)
        return memory((uint16_t)strtoul(argv[2], NULL, 10));
    if (!bench) {
        fprintf(stderr, "usage: bench_path k1|k1bare|k2|k3|k4|memory N [FILE|CPUS]\n");
        return 2;
    }
    const uint64_t n = strtoull(argv[2], NULL, 10);
    rig_desc_t desc = bench->desc;
    if (!desc.cpus)
        desc.cpus = (uint16_t)(argc > 3 ? strtoul(argv[3], NULL, 10) : 1);
    if (strcmp(bench->name, "k2") == 0)
        return run_recorded(desc, n, argc > 3 ? argv[3] : "/dev/null");
    return run(desc, n);
}
