/* SPDX-License-Identifier: MIT */
/*
 * apic_route.c - lowest priority: who of those that are meant takes the message
 */
#include <irqsim/apic_route.h>

#include "lapic_int.h"

#define HIGHEST_ARB_ID 0xFu

/* APIC-65; on the serial bus those without a free slot stay out (ICC-37). */
static bool takes_part(const irqsim_lapic_t *la, const irqsim_apic_msg_t *msg)
{
    if (!(la->svr & LAPIC_SVR_ENABLE))
        return false;
    return !on_serial_bus(la) || irqsim__lapic_has_slot(la, msg->vector);
}

static bool is_focus(const irqsim_lapic_t *la, const irqsim_apic_msg_t *msg)
{
    return on_serial_bus(la) && !(la->svr & LAPIC_SVR_NO_FOCUS) && /* APIC-67 */
           irqsim_lapic_has_focus(la, msg->vector);
}

uint32_t irqsim_apic_focus(const irqsim_lapic_t *lapic, irqsim_apic_range_t range,
                           const irqsim_apic_msg_t *msg)
{
    for (uint32_t cpu = range.first; cpu < range.last; cpu++)
        if (is_focus(&lapic[cpu], msg) && takes_part(&lapic[cpu], msg) &&
            irqsim_apic_means(msg, &lapic[cpu], cpu))
            return cpu;
    return IRQSIM_APIC_NO_CPU;
}

/* APIC-80: the least wins. */
static uint32_t bid(const irqsim_lapic_t *la)
{
    if (on_serial_bus(la)) /* ICC-37: lowest APR, then highest Arb ID */
        return (uint32_t)irqsim_lapic_apr(la) << 4 | (HIGHEST_ARB_ID - la->arb_id);
    return la->tpr >> LAPIC_PRIORITY_CLASS_SHIFT;
}

uint32_t irqsim_apic_lowest(const irqsim_lapic_t *lapic, irqsim_apic_range_t range, uint32_t turn,
                            const irqsim_apic_msg_t *msg)
{
    const uint32_t n = range.last - range.first;
    uint32_t best = UINT32_MAX, winner = IRQSIM_APIC_NO_CPU;

    for (uint32_t i = 1; i <= n; i++) {
        const uint32_t cpu = range.first + (turn + i) % n;
        if (!takes_part(&lapic[cpu], msg) || !irqsim_apic_means(msg, &lapic[cpu], cpu))
            continue;
        const uint32_t offer = bid(&lapic[cpu]);
        if (offer < best) {
            best = offer;
            winner = cpu;
        }
    }
    return winner;
}
