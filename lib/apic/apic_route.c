/* SPDX-License-Identifier: MIT */
/*
 * apic_route.c - who of those that are meant takes a message, and what they answer
 */
#include <irqsim/apic_route.h>

#include "lapic_irr.h"

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
            irqsim_apic_means(msg, &lapic[cpu]))
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
        if (!takes_part(&lapic[cpu], msg) || !irqsim_apic_means(msg, &lapic[cpu]))
            continue;
        const uint32_t offer = bid(&lapic[cpu]);
        if (offer < best) {
            best = offer;
            winner = cpu;
        }
    }
    return winner;
}

static ASIDE irqsim_apic_fate_t deliver_to_lowest(irqsim_lapic_t *lapic, irqsim_apic_range_t range,
                                                  uint32_t *turn, const irqsim_apic_msg_t *msg)
{
    uint32_t cpu = irqsim_apic_focus(lapic, range, msg);

    if (cpu == IRQSIM_APIC_NO_CPU)
        cpu = irqsim_apic_lowest(lapic, range, *turn, msg);
    if (cpu == IRQSIM_APIC_NO_CPU)
        return IRQSIM_APIC_NOBODY;
    *turn = cpu - range.first;
    return deliver(&lapic[cpu], msg);
}

static irqsim_apic_fate_t deliver_to_one(irqsim_lapic_t *lapic, uint32_t cpu,
                                         const irqsim_apic_msg_t *msg)
{
    if (!irqsim_apic_means(msg, &lapic[cpu]))
        return IRQSIM_APIC_NOBODY;
    return deliver(&lapic[cpu], msg);
}

/* Nearly every message; an IPI to all is this for every CPU. */
static ASIDE irqsim_apic_fate_t deliver_plain(irqsim_lapic_t *lapic, irqsim_apic_range_t range,
                                              const irqsim_apic_msg_t *msg)
{
    const bool to_all = msg->shorthand == IRQSIM_APIC_TO_ALL, level = msg->level;
    const uint8_t vector = msg->vector;
    irqsim_apic_fate_t worst = IRQSIM_APIC_NOBODY;

    for (irqsim_lapic_t *la = lapic + range.first; la < lapic + range.last; la++) {
        if (!to_all && !irqsim_apic_means(msg, la))
            continue;
        const irqsim_apic_fate_t fate =
            on_serial_bus(la) ? irqsim__lapic_receive(la, msg) : place(la, vector, level);
        worst = irqsim_apic_worse(worst, fate);
    }
    return worst;
}

static ASIDE irqsim_apic_fate_t deliver_any(irqsim_lapic_t *lapic, irqsim_apic_range_t range,
                                            const irqsim_apic_msg_t *msg)
{
    irqsim_apic_fate_t worst = IRQSIM_APIC_NOBODY;

    for (uint32_t cpu = range.first; cpu < range.last; cpu++)
        if (irqsim_apic_means(msg, &lapic[cpu]))
            worst = irqsim_apic_worse(worst, irqsim__lapic_receive(&lapic[cpu], msg));
    return worst;
}

irqsim_apic_fate_t irqsim_apic_deliver(irqsim_lapic_t *lapic, irqsim_apic_range_t range,
                                       uint32_t *turn, const irqsim_apic_msg_t *msg)
{
    if (msg->mode == IRQSIM_APIC_LOWEST)
        return deliver_to_lowest(lapic, range, turn, msg);
    if (range.last - range.first == 1)
        return deliver_to_one(lapic, range.first, msg);
    return is_plain(msg) ? deliver_plain(lapic, range, msg) : deliver_any(lapic, range, msg);
}
