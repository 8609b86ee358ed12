/* SPDX-License-Identifier: MIT */
/*
 * bus.c - messages between the APICs of a board, without any latency
 *
 * Nothing moves until somebody lets it run; then all that waits is carried, and
 * what that leads to as well. A refused message waits for the next round, which
 * comes if any other got through (ICC-54).
 */
#include <irqsim/regs/lapic_regs.h>

#include "board_int.h"

static bool on_serial_bus(const board_t *b)
{
    return b->desc.family == IRQSIM_APIC_P5 || b->desc.family == IRQSIM_APIC_P6;
}

/* ---- who is meant ---- */

static bool is_meant(const board_t *b, uint32_t cpu, const irqsim_apic_msg_t *msg)
{
    switch (msg->shorthand) {
    case IRQSIM_APIC_TO_ALL:
        return true;
    case IRQSIM_APIC_TO_OTHERS:
        return msg->source != IRQSIM_APIC_FROM_CPU(cpu);
    default:
        return irqsim_lapic_matches(&b->core[cpu].lapic, msg);
    }
}

/* What a processor bids for a lowest-priority message; the least wins. On the
 * serial bus a focus wins at once (APIC-80, APIC-67), then the lowest APR, then
 * the highest Arb ID (ICC-37). Later the chipset compares task priorities. */
static uint32_t bid(const board_t *b, uint32_t cpu, uint8_t vector)
{
    const irqsim_lapic_t *la = &b->core[cpu].lapic;
    const uint32_t turn = (cpu + b->desc.cpus - b->last_lowest - 1) % b->desc.cpus;

    if (!on_serial_bus(b))
        return (uint32_t)(la->tpr >> LAPIC_PRIORITY_CLASS_SHIFT << 16) | turn;
    if (!(la->svr & LAPIC_SVR_NO_FOCUS) && irqsim_lapic_has_focus(la, vector))
        return 0;
    return 1u + ((uint32_t)irqsim_lapic_apr(la) << 4 | (LAPIC_DEST_ALL_P6 - la->arb_id));
}

/* -1: nobody who could take it. */
static int64_t lowest_bidder(const board_t *b, const irqsim_apic_msg_t *msg)
{
    uint32_t best = UINT32_MAX;
    int64_t winner = -1;

    for (uint32_t cpu = 0; cpu < b->desc.cpus; cpu++) {
        if (!(b->core[cpu].lapic.svr & LAPIC_SVR_ENABLE) || !is_meant(b, cpu, msg))
            continue;
        const uint32_t offer = bid(b, cpu, msg->vector);
        if (offer < best) {
            best = offer;
            winner = cpu;
        }
    }
    return winner;
}

/* ---- delivery ---- */

/* NMI, SMI, INIT and SIPI go on to the CPU. */
static irqsim_apic_fate_t deliver_to(board_t *b, uint32_t cpu, const irqsim_apic_msg_t *msg)
{
    const irqsim_apic_fate_t fate = irqsim_lapic_deliver(&b->core[cpu].lapic, msg);

    irqsim__conform_cpu_pulse(b, cpu, irqsim_lapic_take_pulses(&b->core[cpu].lapic));
    return fate;
}

static irqsim_apic_fate_t deliver_to_lowest(board_t *b, const irqsim_apic_msg_t *msg)
{
    const int64_t winner = lowest_bidder(b, msg);

    if (winner < 0)
        return IRQSIM_APIC_NOBODY;
    b->last_lowest = (uint32_t)winner;
    return deliver_to(b, (uint32_t)winner, msg);
}

/* ICC-53: the worst answer is the answer. */
static irqsim_apic_fate_t deliver_to_all(board_t *b, const irqsim_apic_msg_t *msg)
{
    irqsim_apic_fate_t worst = IRQSIM_APIC_NOBODY;

    for (uint32_t cpu = 0; cpu < b->desc.cpus; cpu++) {
        if (!is_meant(b, cpu, msg))
            continue;
        const irqsim_apic_fate_t fate = deliver_to(b, cpu, msg);
        if (fate > worst)
            worst = fate;
    }
    return worst;
}

static irqsim_apic_fate_t carry(board_t *b, const irqsim_apic_msg_t *msg)
{
    b->sent++;
    if (msg->is_eoi) {
        irqsim_ioapic_eoi(&b->ioapic, msg->vector);
        return IRQSIM_APIC_ACCEPTED;
    }
    return msg->mode == IRQSIM_APIC_LOWEST ? deliver_to_lowest(b, msg) : deliver_to_all(b, msg);
}

/* ---- rounds ---- */

/* All that this CPU has to say, up to the first refusal. True if any got through. */
static bool carry_from_lapic(board_t *b, uint32_t cpu)
{
    irqsim_lapic_t *la = &b->core[cpu].lapic;
    irqsim_apic_msg_t msg;
    bool moved = false;

    while (irqsim_lapic_bus_take(la, &msg)) {
        msg.source = IRQSIM_APIC_FROM_CPU(cpu);
        const irqsim_apic_fate_t fate = carry(b, &msg);
        irqsim_lapic_bus_done(la, &msg, fate);
        if (fate == IRQSIM_APIC_RETRY)
            break;
        moved = true;
    }
    return moved;
}

/* Every pin once: a refused one must not hold up those behind it. */
static bool carry_from_ioapic(board_t *b)
{
    irqsim_apic_msg_t msg[IRQSIM_IOAPIC_PINS];
    unsigned n = 0;
    bool moved = false;

    while (n < IRQSIM_IOAPIC_PINS && irqsim_ioapic_bus_take(&b->ioapic, &msg[n]))
        n++;
    for (unsigned i = 0; i < n; i++) {
        const irqsim_apic_fate_t fate = carry(b, &msg[i]);
        irqsim_ioapic_bus_done(&b->ioapic, msg[i].source - IRQSIM_APIC_FROM_IOAPIC(0), fate);
        moved |= fate != IRQSIM_APIC_RETRY;
    }
    return moved;
}

void irqsim__conform_bus_run(board_t *b)
{
    bool moved;

    do {
        moved = false;
        for (uint32_t cpu = 0; cpu < b->desc.cpus; cpu++)
            moved |= carry_from_lapic(b, cpu);
        moved |= carry_from_ioapic(b);
    } while (moved);
}
