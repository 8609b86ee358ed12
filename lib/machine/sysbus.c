/* SPDX-License-Identifier: MIT */
/*
 * sysbus.c - the system bus of xAPIC and x2APIC (ICC-60): messages are taken from
 * their senders, some time under way (ICC-61), and delivered
 *
 * A lane per latency, so that each lane is a queue and the next arrival is the
 * earliest of three heads. A full lane leaves messages with their senders, who
 * are asked again when something has arrived.
 */
#include <irqsim/regs/lapic_regs.h>

#include "machine_int.h"

/* A message is under way for a nanosecond at least: one that is refused and sent
 * again must not stop time. */
#define LEAST_LATENCY IRQSIM_PS_PER_NS

/* ---- lanes ---- */

static bool is_before(const flight_t *a, const flight_t *b)
{
    return a->due < b->due || (a->due == b->due && a->order < b->order);
}

static irqsim_time_t next(irqsim_machine_t *m)
{
    const flight_t *first = NULL;

    for (unsigned i = 0; i < LANES; i++) {
        if (!m->lane[i].count)
            continue;
        const flight_t *f = lane_slot(m, i, 0);
        if (!first || is_before(f, first)) {
            first = f;
            m->next_lane = i;
        }
    }
    return first ? first->due : IRQSIM_NEVER;
}

static bool has_room(const irqsim_machine_t *m, lane_id_t lane)
{
    return m->lane[lane].count < m->lane_size;
}

static irqsim_time_t latency(const irqsim_machine_t *m, lane_id_t lane)
{
    const irqsim_time_t way = lane == LANE_EOI   ? m->ps.eoi_to_ioapic
                              : lane == LANE_IPI ? m->ps.ipi_oneway
                                                 : m->ps.pin_to_core;

    return way > LEAST_LATENCY ? way : LEAST_LATENCY;
}

static void put_in_lane(irqsim_machine_t *m, lane_id_t lane, const irqsim_apic_msg_t *msg)
{
    flight_t *f = lane_slot(m, lane, m->lane[lane].count++);

    f->due = later(m->g.now, latency(m, lane));
    f->order = m->g.submitted++;
    f->msg = *msg;
    if (f->due < m->bus_due) {
        m->next_lane = lane;
        irqsim__machine_set_bus_due(m, f->due);
    }
}

static void submit(irqsim_machine_t *m, lane_id_t lane, irqsim_apic_msg_t *msg)
{
    if (!msg->is_eoi)
        msg->cause = observed(m) ? irqsim__machine_say_sent(m, msg) : 0;
    put_in_lane(m, lane, msg);
}

/* ---- senders ---- */

/* A message is EOI or IPI; which lane it needs is known only when it is taken,
 * so both must have room. */
static void take_from_lapic(irqsim_machine_t *m, unsigned cpu)
{
    irqsim_lapic_t *la = &m->lapic[cpu];
    irqsim_apic_msg_t msg;

    while (la->out & IRQSIM_LAPIC_OUT_MSG) {
        if (!has_room(m, LANE_EOI) || !has_room(m, LANE_IPI)) {
            irqsim__machine_stall(m, cpu);
            return;
        }
        irqsim_lapic_bus_take(la, &msg);
        msg.source = IRQSIM_APIC_FROM_CPU(cpu);
        msg.cause = wide(m, m->core[cpu].said);
        submit(m, msg.is_eoi ? LANE_EOI : LANE_IPI, &msg);
    }
}

static void serve_lapic(irqsim_machine_t *m, unsigned cpu)
{
    if (m->lapic[cpu].out & IRQSIM_LAPIC_OUT_MSG)
        take_from_lapic(m, cpu);
    irqsim__machine_take_pulses(m, cpu);
}

/* On its way a message is from a GSI: pin 24 * n and on. */
static uint32_t serve_ioapic(irqsim_machine_t *m, unsigned n)
{
    irqsim_apic_msg_t msg;

    while (m->ioapic[n].out & IRQSIM_IOAPIC_OUT_MSG) {
        if (!has_room(m, LANE_PIN)) {
            irqsim__machine_stall(m, sender_ioapic(m, n));
            break;
        }
        if (!irqsim_ioapic_bus_take(&m->ioapic[n], &msg))
            break;
        msg.source += n * PINS;
        msg.cause = wide(m, m->g.line_cause[msg.source - IRQSIM_APIC_FROM_IOAPIC(0)]);
        submit(m, LANE_PIN, &msg);
    }
    return irqsim__machine_lost_edges(m, n);
}

/* An MSI comes as from a pin, another device's message as an IPI. */
static lane_id_t lane_of(const irqsim_machine_t *m, uint32_t device)
{
    return m->source[device].wiring == IRQSIM_WIRED_MSI ? LANE_PIN : LANE_IPI;
}

static bool takes_from(const irqsim_machine_t *m, uint32_t device)
{
    return has_room(m, lane_of(m, device));
}

static void take_from_device(irqsim_machine_t *m, uint32_t device, irqsim_apic_msg_t *msg)
{
    submit(m, lane_of(m, device), msg);
}

/* ---- delivery ---- */

static irqsim_apic_fate_t deliver_to(irqsim_machine_t *m, unsigned cpu,
                                     const irqsim_apic_msg_t *msg)
{
    const irqsim_apic_fate_t fate = irqsim_lapic_deliver(&m->lapic[cpu], msg);

    if (observed(m))
        irqsim__machine_say_fate(m, cpu, msg, fate);
    irqsim__machine_settle_lapic(m, cpu);
    return fate;
}

/* Who may be meant. irqsim_apic_means() has the last word; this only keeps it from
 * being asked too often. */
static bool is_broadcast(uint32_t dest)
{
    return dest == LAPIC_DEST_ALL_X2APIC || dest == LAPIC_DEST_ALL;
}

/* APIC-93: a cluster is sixteen CPUs in a row. */
static irqsim_apic_range_t cluster(const irqsim_machine_t *m, uint32_t dest)
{
    const uint32_t first = (dest >> 16) * 16;
    const uint32_t last = first + 16 < m->cpus ? first + 16 : m->cpus;

    return first < m->cpus ? (irqsim_apic_range_t){first, last} : (irqsim_apic_range_t){0, 0};
}

/* APIC-77, APIC-93: a logical destination is read as the receiver's mode has it. */
static bool names_a_cluster(const irqsim_machine_t *m, uint32_t dest)
{
    return m->x2apics == m->cpus && dest != LAPIC_DEST_ALL_X2APIC;
}

static irqsim_apic_range_t candidates(const irqsim_machine_t *m, const irqsim_apic_msg_t *msg)
{
    const irqsim_apic_range_t all = {0, m->cpus};

    if (msg->shorthand != IRQSIM_APIC_TO_DEST)
        return all;
    if (msg->logical)
        return names_a_cluster(m, msg->dest) ? cluster(m, msg->dest) : all;
    if (is_broadcast(msg->dest) || m->ids_moved)
        return all;
    return msg->dest < m->cpus ? (irqsim_apic_range_t){msg->dest, msg->dest + 1}
                               : (irqsim_apic_range_t){0, 0};
}

static irqsim_apic_fate_t deliver_to_all(irqsim_machine_t *m, irqsim_apic_range_t range,
                                         const irqsim_apic_msg_t *msg)
{
    irqsim_apic_fate_t fate = IRQSIM_APIC_NOBODY;

    for (uint32_t cpu = range.first; cpu < range.last; cpu++)
        if (irqsim_apic_means(msg, &m->lapic[cpu]))
            fate = irqsim_apic_worse(fate, deliver_to(m, cpu, msg));
    return fate;
}

static ASIDE irqsim_apic_fate_t deliver_to_lowest(irqsim_machine_t *m, irqsim_apic_range_t range,
                                                  const irqsim_apic_msg_t *msg)
{
    const uint32_t winner = irqsim_apic_lowest(m->lapic, range, m->g.lowest, msg);

    if (winner == IRQSIM_APIC_NO_CPU)
        return IRQSIM_APIC_NOBODY;
    m->g.lowest = winner - range.first;
    return deliver_to(m, winner, msg);
}

/* ---- arrival ---- */

static irqsim_apic_fate_t deliver(irqsim_machine_t *m, const irqsim_apic_msg_t *msg)
{
    const irqsim_apic_range_t range = candidates(m, msg);
    const irqsim_apic_fate_t fate = msg->mode == IRQSIM_APIC_LOWEST
                                        ? deliver_to_lowest(m, range, msg)
                                        : deliver_to_all(m, range, msg);

    if (fate == IRQSIM_APIC_NOBODY && observed(m))
        irqsim__machine_say_nobody(m, msg);
    return fate;
}

/* The sender learns what became of it, and offers it again after a RETRY
 * (ICC-54). A device has forgotten its message: the bus carries it again. */
static void report(irqsim_machine_t *m, lane_id_t lane, const irqsim_apic_msg_t *msg,
                   irqsim_apic_fate_t fate)
{
    if (msg->source >= IRQSIM_APIC_FROM_MSI(0)) {
        if (fate == IRQSIM_APIC_RETRY)
            put_in_lane(m, lane, msg);
    } else if (msg->source >= IRQSIM_APIC_FROM_IOAPIC(0)) {
        const uint32_t gsi = msg->source - IRQSIM_APIC_FROM_IOAPIC(0);
        irqsim_ioapic_bus_done(&m->ioapic[gsi / PINS], gsi % PINS, fate);
        irqsim__machine_settle_ioapic(m, gsi / PINS);
    } else {
        const unsigned cpu = msg->source - IRQSIM_APIC_FROM_CPU(0);
        irqsim_lapic_bus_done(&m->lapic[cpu], msg, fate);
        irqsim__machine_settle_lapic(m, cpu);
    }
}

/* ICC-60: an EOI is a broadcast to all IOAPICs. */
static void end_everywhere(irqsim_machine_t *m, uint8_t vector)
{
    for (unsigned n = 0; n < m->ioapics; n++) {
        irqsim_ioapic_eoi(&m->ioapic[n], vector);
        irqsim__machine_settle_ioapic(m, n);
    }
}

static void arrive(irqsim_machine_t *m, lane_id_t lane, const irqsim_apic_msg_t *msg)
{
    if (msg->is_eoi) {
        end_everywhere(m, msg->vector);
        report(m, lane, msg, IRQSIM_APIC_ACCEPTED);
    } else {
        report(m, lane, msg, deliver(m, msg));
    }
}

static void arrive_next(irqsim_machine_t *m)
{
    const uint32_t id = m->next_lane;
    const irqsim_apic_msg_t msg = lane_slot(m, id, 0)->msg;
    lane_t *lane = &m->lane[id];

    lane->head = lane->head + 1 < m->lane_size ? lane->head + 1 : 0;
    lane->count--;
    arrive(m, (lane_id_t)id, &msg);
    if (m->g.stalled)
        irqsim__machine_wake_senders(m);
    irqsim__machine_set_bus_due(m, next(m));
}

const transport_t irqsim__machine_sysbus = {
    .lapic = serve_lapic,
    .ioapic = serve_ioapic,
    .takes_from = takes_from,
    .device = take_from_device,
    .next = next,
    .act = arrive_next,
};
