/* SPDX-License-Identifier: MIT */
/*
 * rig.h - a machine with its kernel and a storm, for the path benchmarks
 *
 * Sources 0..busy-1 are periodic, the others idle; each CPU is the affinity of
 * its share. Handlers raise one softirq, as a disk's does.
 */
#ifndef IRQSIM_BENCH_RIG_H
#define IRQSIM_BENCH_RIG_H

#include <irqsim/kernel.h>

typedef struct rig_desc {
    uint16_t cpus;
    uint32_t sources, busy;
    irqsim_time_t period; /* of each busy source */
    bool msi;             /* else IOAPIC pins (at most 21 sources) */
    bool defers;          /* the handler raises a softirq */
    irqsim_host_t host;
} rig_desc_t;

typedef struct rig {
    irqsim_machine_t *m;
    irqsim_kernel_t *k;
    size_t machine_bytes, kernel_bytes;
    void *memory[8];
} rig_t;

/* Exits with a message if the desc cannot be built: a benchmark has no caller. */
void rig_open(rig_t *rig, const rig_desc_t *desc);
void rig_run_until(rig_t *rig, irqsim_time_t until);
/* Handlers run so far, over all sources. */
uint64_t rig_handled(const rig_t *rig, uint32_t sources);
void rig_close(rig_t *rig);

#endif
