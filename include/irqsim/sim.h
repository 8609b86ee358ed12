/* SPDX-License-Identifier: MIT */
/*
 * irqsim/sim.h - a scenario brought to life: machine, kernel, names, observers
 */
#ifndef IRQSIM_SIM_H
#define IRQSIM_SIM_H

#include <irqsim/scenario.h>
#include <irqsim/trace.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct irqsim_sim irqsim_sim_t;

/* Somebody who sees every event, in order, numbered. Must not call into the
 * simulation. */
typedef struct irqsim_observer {
    void (*see)(void *user, const irqsim_event_t *ev);
    void *user;
} irqsim_observer_t;

/* Builds it. `list` (may be NULL) is replayed on top of the scenario's own
 * devices: each of its irqs becomes an MSI on `mp`, or a free ISA line on `at`
 * (irq numbers and names stay); its vectors become messages on `mp`. Durations
 * are turned into clocks of a CPU as fast as the recorded one (taken as that of
 * profile modern-x2apic), so the same work takes longer on a slower machine.
 * Both must outlive the simulation. Problems (more irqs than lines, CPUs that
 * are not there) go to `diag`: E_FORMAT. */
irqsim_status_t irqsim_sim_new(const irqsim_scenario_t *scenario, const irqsim_arrivals_t *list,
                               const irqsim_observer_t *observers, size_t n_observers,
                               const irqsim_diag_sink_t *diag, irqsim_sim_t **sim);
void irqsim_sim_free(irqsim_sim_t *sim);

/* Runs to the scenario's end; with run = 0, until the last recorded arrival has
 * come and nothing of it is left to do. progress counts model nanoseconds. */
irqsim_status_t irqsim_sim_run(irqsim_sim_t *sim, const irqsim_progress_t *progress);
/* When that is, if known beforehand; else the time of the last arrival. */
irqsim_time_t irqsim_sim_end(const irqsim_sim_t *sim);

irqsim_machine_t *irqsim_sim_machine(irqsim_sim_t *sim);
irqsim_kernel_t *irqsim_sim_kernel(irqsim_sim_t *sim);
const irqsim_scenario_t *irqsim_sim_scenario(const irqsim_sim_t *sim);

/* The whole simulation as bytes, between two events. save returns memory that
 * the caller frees with free(). load needs a simulation of the same scenario and
 * list; on error nothing is changed. */
irqsim_status_t irqsim_sim_save(const irqsim_sim_t *sim, void **bytes, size_t *size);
irqsim_status_t irqsim_sim_load(irqsim_sim_t *sim, const void *bytes, size_t size,
                                const irqsim_diag_sink_t *diag);

/* One irq of the simulation, in ascending irq order: what tables print. */
typedef struct irqsim_sim_irq {
    uint32_t irq;
    const char *name; /* handlers' names joined by ", " */
    const char *chip; /* "XT-PIC", "IO-APIC", "PCI-MSI" */
    const char *flow; /* "edge", "level", "fasteoi" */
    uint32_t hwirq;
    uint32_t index; /* for irqsim_kernel_irq_count() */
    /* of all its devices together */
    irqsim_source_counts_t counts;
    uint64_t spurious;
} irqsim_sim_irq_t;
uint32_t irqsim_sim_irqs(const irqsim_sim_t *sim);
bool irqsim_sim_irq(const irqsim_sim_t *sim, uint32_t i, irqsim_sim_irq_t *irq);

/* Recorded vectors: how many arrived and were replayed; those of a machine that
 * has no such vector are not replayed. */
typedef struct irqsim_sim_vector {
    irqsim_sysvec_t sysvec;
    uint64_t recorded, replayed, delivered, coalesced;
} irqsim_sim_vector_t;
bool irqsim_sim_vector(const irqsim_sim_t *sim, irqsim_sysvec_t sysvec, irqsim_sim_vector_t *out);

/* What recorded arrivals ask of this machine: how long their handlers, softirqs and
 * works take one of its CPUs, and the time from the first of them to the last.
 * false: none is recorded. */
typedef struct irqsim_sim_demand {
    irqsim_time_t work, span;
} irqsim_sim_demand_t;
bool irqsim_sim_demand(const irqsim_sim_t *sim, irqsim_sim_demand_t *out);

/* Text of a number in an event (argument name, number), or NULL. Fits
 * irqsim_namer_t with user = the simulation. */
const char *irqsim_sim_name(void *sim, const char *kind, uint32_t n);
/* Header lines for a trace of this simulation; valid as long as it. */
const irqsim_trace_meta_t *irqsim_sim_meta(const irqsim_sim_t *sim, size_t *n);

#ifdef __cplusplus
}
#endif
#endif
