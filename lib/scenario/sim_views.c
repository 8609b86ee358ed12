/* SPDX-License-Identifier: MIT */
/* sim_views.c - what tables print about irqs and vectors */
#include "sim_int.h"

irqsim_machine_t *irqsim_sim_machine(irqsim_sim_t *sim)
{
    return sim->machine;
}

irqsim_kernel_t *irqsim_sim_kernel(irqsim_sim_t *sim)
{
    return sim->kernel;
}

const irqsim_scenario_t *irqsim_sim_scenario(const irqsim_sim_t *sim)
{
    return sim->scenario;
}

uint32_t irqsim_sim_irqs(const irqsim_sim_t *sim)
{
    return sim->n_irqs;
}

static void add_counts(const irqsim_sim_t *sim, uint32_t source, irqsim_source_counts_t *sum)
{
    irqsim_source_counts_t counts;

    irqsim_machine_counts(sim->machine, source, &counts);
    sum->arrived += counts.arrived;
    sum->delivered += counts.delivered;
    sum->coalesced += counts.coalesced;
    sum->withdrawn += counts.withdrawn;
    sum->pending += counts.pending;
    sum->lost_edges += counts.lost_edges;
}

/* The vectors of lines 7 and 15 come for nothing if a request was withdrawn
 * (PIC-67, PIC-68); on any chip handlers may find that it was not their device. */
static uint64_t spurious_of(const irqsim_sim_t *sim, uint32_t i)
{
    irqsim_spurious_counts_t counts;
    uint64_t spurious = irqsim_kernel_unhandled(sim->kernel, i);

    irqsim_machine_spurious(sim->machine, &counts);
    if (sim->scenario->board == IRQSIM_BOARD_AT && sim->irq[i].hwirq == 7)
        spurious += counts.irq7;
    if (sim->scenario->board == IRQSIM_BOARD_AT && sim->irq[i].hwirq == 15)
        spurious += counts.irq15;
    return spurious;
}

bool irqsim_sim_irq(const irqsim_sim_t *sim, uint32_t i, irqsim_sim_irq_t *out)
{
    const bool at = sim->scenario->board == IRQSIM_BOARD_AT;

    if (i >= sim->n_irqs)
        return false;
    const irqsim_irq_desc_t *const irq = &sim->irq[i];
    *out = (irqsim_sim_irq_t){.irq = irq->irq,
                              .name = sim->irq_name[i],
                              .chip = at         ? "XT-PIC"
                                      : irq->msi ? "PCI-MSI"
                                                 : "IO-APIC",
                              .flow = at           ? "level"
                                      : irq->level ? "fasteoi"
                                                   : "edge",
                              .hwirq = irq->hwirq,
                              .index = i,
                              .spurious = spurious_of(sim, i)};
    for (uint32_t a = sim->first_action[i]; a < sim->first_action[i + 1]; a++)
        add_counts(sim, sim->action[a].source, &out->counts);
    return true;
}

bool irqsim_sim_vector(const irqsim_sim_t *sim, irqsim_sysvec_t sysvec, irqsim_sim_vector_t *out)
{
    irqsim_source_counts_t sum = {0};

    if ((unsigned)sysvec >= IRQSIM_SYSVECS)
        return false;
    for (uint32_t i = 0; i < sim->n_sysvecs; i++)
        if (sim->sysvec[i].sysvec == sysvec)
            add_counts(sim, sim->sysvec[i].source, &sum);
    *out = (irqsim_sim_vector_t){.sysvec = sysvec,
                                 .recorded = sim->recorded[sysvec],
                                 .replayed = sim->replayed[sysvec],
                                 .delivered = sum.delivered,
                                 .coalesced = sum.coalesced};
    return true;
}

bool irqsim_sim_demand(const irqsim_sim_t *sim, irqsim_sim_demand_t *out)
{
    const irqsim_clock_t clock = {sim->scenario->profile.cpu_hz, 1};

    if (sim->last_record < sim->first_record)
        return false;
    out->work = irqsim_clock_to_time(&clock, sim->recorded_clocks);
    out->span = sim->last_record - sim->first_record;
    return true;
}
