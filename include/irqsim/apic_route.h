/* SPDX-License-Identifier: MIT */
/*
 * irqsim/apic_route.h - who hears a message: one answer for every bus
 *
 *   who is meant          irqsim_apic_means      destination and shorthand
 *   who of them takes it  irqsim_apic_focus, irqsim_apic_lowest
 *   what the sender hears irqsim_apic_worse      of all who answered
 *   all of it at once     irqsim_apic_deliver    where messages take no time
 *
 * The APIC bus (icc.h) uses these, and so does any board that carries messages
 * in its own way. LAPICs stand in one array, in the order of their CPUs; a
 * caller who knows better than to ask them all passes a range.
 *
 * Rules         APIC-69, APIC-76..80, ICC-37, ICC-53
 */
#ifndef IRQSIM_APIC_ROUTE_H
#define IRQSIM_APIC_ROUTE_H

#include <irqsim/lapic.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IRQSIM_APIC_NO_CPU UINT32_MAX

/* Is `la` one that `msg` is for? `source`, as irqsim_lapic_bus_take() has filled it in,
 * counts where the shorthand leaves the sender out (APIC-69). Shorthands mean an APIC
 * that is off like any other; it takes nothing (APIC-36). */
static inline bool irqsim_apic_means(const irqsim_apic_msg_t *msg, const irqsim_lapic_t *la)
{
    if (msg->shorthand == IRQSIM_APIC_TO_OTHERS)
        return msg->source != IRQSIM_APIC_FROM_CPU(la->topology_id);
    return msg->shorthand == IRQSIM_APIC_TO_ALL || irqsim_lapic_matches(la, msg);
}

/* ICC-53: of two answers to one message, what its sender is told. */
static inline irqsim_apic_fate_t irqsim_apic_worse(irqsim_apic_fate_t a, irqsim_apic_fate_t b)
{
    return a > b ? a : b;
}

/* CPUs first..last-1. */
typedef struct irqsim_apic_range {
    uint32_t first, last;
} irqsim_apic_range_t;

/* The focus processor of a lowest-priority message: it is meant, enabled, has
 * the vector in IRR or ISR and room for it. Only P5 and P6 have one, and only
 * while SVR.9 is clear (APIC-67, APIC-80). IRQSIM_APIC_NO_CPU: there is none. */
uint32_t irqsim_apic_focus(const irqsim_lapic_t *lapic, irqsim_apic_range_t range,
                           const irqsim_apic_msg_t *msg);

/* Who gets a lowest-priority message that no focus takes (APIC-80). P5, P6: of
 * those with room, the lowest APR, then the highest Arb ID (ICC-37). Later
 * parts: the lowest class of TPR, which is what the chipset sees; equals take
 * turns: the search begins behind number `turn` of the range and wraps.
 * IRQSIM_APIC_NO_CPU: nobody is meant, enabled and free. */
uint32_t irqsim_apic_lowest(const irqsim_lapic_t *lapic, irqsim_apic_range_t range, uint32_t turn,
                            const irqsim_apic_msg_t *msg);

/* A message arrives at all that it means, or at the one that wins it: for boards on
 * which messages take no time. Returns what the sender is told (ICC-53). *turn is
 * the caller's memory of whose turn it was (irqsim_apic_lowest); 0 at first. */
irqsim_apic_fate_t irqsim_apic_deliver(irqsim_lapic_t *lapic, irqsim_apic_range_t range,
                                       uint32_t *turn, const irqsim_apic_msg_t *msg);

#ifdef __cplusplus
}
#endif
#endif
