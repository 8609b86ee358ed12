/* SPDX-License-Identifier: MIT */
/*
 * storm.c - a whole machine and its kernel in somebody's program
 *
 * A scenario from memory, run to its end, and the fate of every arrival.
 *
 * Prints:
 *   nic0: 1000 arrived, 1000 delivered, 0 coalesced
 *   NET_RX: raised 1000, executed 1000
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <irqsim/sim.h>

static const char text[] = "irqsim: 1\n"
                           "machine: {profile: modern-x2apic}\n"
                           "devices:\n"
                           "  - name: nic0\n"
                           "    irq: 24\n"
                           "    handler: 2us\n"
                           "    defers: [{softirq: NET_RX, takes: 5us}]\n"
                           "    arrivals: {every: 20us, count: 1000}\n"
                           "run: 30ms\n";

static void tell(void *user, const irqsim_diag_t *diag)
{
    (void)user;
    fprintf(stderr, "%s:%" PRIu64 ": %s\n", diag->file, diag->line, diag->message);
}

int main(void)
{
    const irqsim_diag_sink_t sink = {tell, NULL};
    irqsim_scenario_t *scenario = NULL;
    irqsim_sim_t *sim = NULL;
    irqsim_sim_irq_t irq;

    if (irqsim_scenario_load_bytes("storm", text, strlen(text), &sink, &scenario) != IRQSIM_OK ||
        irqsim_sim_new(scenario, NULL, NULL, 0, &sink, &sim) != IRQSIM_OK ||
        irqsim_sim_run(sim, NULL) != IRQSIM_OK)
        return 1;
    for (uint32_t i = 0; irqsim_sim_irq(sim, i, &irq); i++)
        printf("%s: %" PRIu64 " arrived, %" PRIu64 " delivered, %" PRIu64 " coalesced\n", irq.name,
               irq.counts.arrived, irq.counts.delivered, irq.counts.coalesced);
    const irqsim_kernel_t *kernel = irqsim_sim_kernel(sim);
    printf("NET_RX: raised %" PRIu64 ", executed %" PRIu64 "\n",
           irqsim_kernel_softirq_raised(kernel, 3, 0),
           irqsim_kernel_softirq_executed(kernel, 3, 0));
    irqsim_sim_free(sim);
    irqsim_scenario_free(scenario);
    return 0;
}
