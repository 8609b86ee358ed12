/* SPDX-License-Identifier: MIT */
/*
 * bus.c - messages between the APICs of a board, on its system bus: without any
 * latency
 *
 * Nothing moves until somebody lets it run; then all that waits is carried, and
 * what that leads to as well. No message is ever refused there (APIC-45).
 */
#include "board_int.h"

/* ---- delivery ---- */

/* NMI, SMI, INIT and SIPI go on to the CPU. */
static irqsim_apic_fate_t deliver_to(board_t *b, uint32_t cpu, const irqsim_apic_msg_t *msg)
{
    const irqsim_apic_fate_t fate = irqsim_lapic_deliver(&b->lapic[cpu], msg);

    irqsim__conform_cpu_pulse(b, cpu, irqsim_lapic_take_pulses(&b->lapic[cpu]));
    return fate;
}

static irqsim_apic_fate_t deliver_to_lowest(board_t *b, const irqsim_apic_msg_t *msg)
{
    const irqsim_apic_range_t all = {0, b->desc.cpus};
    const uint32_t winner = irqsim_apic_lowest(b->lapic, all, b->last_lowest, msg);

    if (winner == IRQSIM_APIC_NO_CPU)
        return IRQSIM_APIC_NOBODY;
    b->last_lowest = winner;
    return deliver_to(b, winner, msg);
}

static irqsim_apic_fate_t deliver_to_all(board_t *b, const irqsim_apic_msg_t *msg)
{
    irqsim_apic_fate_t fate = IRQSIM_APIC_NOBODY;

    for (uint32_t cpu = 0; cpu < b->desc.cpus; cpu++)
        if (irqsim_apic_means(msg, &b->lapic[cpu]))
            fate = irqsim_apic_worse(fate, deliver_to(b, cpu, msg));
    return fate;
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

static bool carry_from_lapic(board_t *b, uint32_t cpu)
{
    irqsim_lapic_t *la = &b->lapic[cpu];
    irqsim_apic_msg_t msg;
    bool moved = false;

    while (irqsim_lapic_bus_take(la, &msg)) {
        irqsim_lapic_bus_done(la, &msg, carry(b, &msg));
        moved = true;
    }
    return moved;
}

static bool carry_from_ioapic(board_t *b)
{
    irqsim_apic_msg_t msg;
    bool moved = false;

    while (irqsim_ioapic_bus_take(&b->ioapic, &msg)) {
        const irqsim_apic_fate_t fate = carry(b, &msg);
        irqsim_ioapic_bus_done(&b->ioapic, msg.source - IRQSIM_APIC_FROM_IOAPIC(0), fate);
        moved = true;
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
