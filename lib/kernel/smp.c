/* SPDX-License-Identifier: MIT */
/*
 * smp.c - what a CPU asks of others, by IPI
 *
 * It sends and goes on: it waits neither until the ICR is free (IPI-01) nor until the
 * others have answered (IPI-02).
 */
#include "kernel_int.h"

/* IPI-05: the target looks for something better when the IPI has ended. */
void irqsim__kernel_reschedule(irqsim_kernel_t *k, kcpu_t *c, unsigned target, uint64_t cause)
{
    const uint8_t vector = k->era->vector[IRQSIM_SYSVEC_RESCHEDULE];

    k->cpu[target].need_resched = 1;
    if (target == c->nr || !k->has_lapic)
        return;
    irqsim__kernel_emit(k, c, IRQSIM_EV_IPI_SEND, cause, vector, target, 0);
    irqsim__kernel_lapic_ipi(k, c, target, vector);
}

/* IPI-02: one message to all but self. The function takes no time there. */
void irqsim__kernel_call_others(irqsim_kernel_t *k, kcpu_t *c, uint64_t cause)
{
    const uint8_t vector = k->era->vector[IRQSIM_SYSVEC_CALL_FUNCTION];

    if (k->n_cpus == 1) /* as on board at */
        return;
    irqsim__kernel_emit(k, c, IRQSIM_EV_IPI_SEND, cause, vector, IRQSIM_OTHER_CPUS, 0);
    irqsim__kernel_lapic_ipi_others(k, c, vector);
}
