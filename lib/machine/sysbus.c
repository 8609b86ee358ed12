/* SPDX-License-Identifier: MIT */
/*
 * sysbus.c - messages: taken from their senders, some time under way, delivered
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

static flight_t *slot(const irqsim_machine_t *m, unsigned lane, uint32_t i)
{
    uint32_t at = m->lane[lane].head + i;

    if (at >= m->lane_size)
        at -= m->lane_size;
    return &m->flight[lane * m->lane_size + at];
}

static bool is_before(const flight_t *a, const flight_t *b)
{
    return a->due < b->due || (a->due == b->due && a->order < b->order);
}

irqsim_time_t irqsim__machine_bus_due(irqsim_machine_t *m)
{
    const flight_t *first = NULL;

    for (unsigned i = 0; i < LANES; i++) {
        if (!m->lane[i].count)
            continue;
        const flight_t *f = slot(m, i, 0);
        if (!first || is_before(f, first)) {
            first = f;
            m->next_lane = i;
        }
    }
    return first ? first->due : IRQSIM_NEVER;
}

bool irqsim__machine_bus_has_room(const irqsim_machine_t *m, lane_id_t lane)
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
    flight_t *f = slot(m, lane, m->lane[lane].count++);

    f->due = later(m->g.now, latency(m, lane));
    f->order = m->g.submitted++;
    f->msg = *msg;
    if (f->due < m->bus_due) {
        m->next_lane = lane;
        irqsim__machine_set_bus_due(m, f->due);
    }
}

static ASIDE uint64_t say_sent(irqsim_machine_t *m, const irqsim_apic_msg_t *msg)
{
    return say(m, IRQSIM_EV_MSG_SEND, IRQSIM_NO_CPU, msg->cause, msg->vector, msg->mode, msg->dest);
}

void irqsim__machine_send(irqsim_machine_t *m, lane_id_t lane, irqsim_apic_msg_t *msg)
{
    if (!msg->is_eoi)
        msg->cause = observed(m) ? say_sent(m, msg) : 0;
    put_in_lane(m, lane, msg);
}

/* ---- senders ---- */

void irqsim__machine_stall(irqsim_machine_t *m, uint32_t sender)
{
    const uint32_t bit = UINT32_C(1) << (sender & 31);

    m->g.stalled += !(m->stall[sender / 32] & bit);
    m->stall[sender / 32] |= bit;
}

/* A message is EOI or IPI; which lane it needs is known only when it is taken,
 * so both must have room. */
static void take_from_lapic(irqsim_machine_t *m, unsigned cpu)
{
    irqsim_lapic_t *la = &m->lapic[cpu];
    irqsim_apic_msg_t msg;

    while (la->out & IRQSIM_LAPIC_OUT_MSG) {
        if (!irqsim__machine_bus_has_room(m, LANE_EOI) ||
            !irqsim__machine_bus_has_room(m, LANE_IPI)) {
            irqsim__machine_stall(m, cpu);
            return;
        }
        irqsim_lapic_bus_take(la, &msg);
        msg.source = IRQSIM_APIC_FROM_CPU(cpu);
        msg.cause = wide(m, m->core[cpu].said);
        irqsim__machine_send(m, msg.is_eoi ? LANE_EOI : LANE_IPI, &msg);
    }
}

/* LINT0 is worth a visit only if the LAPIC listens (APIC-36, APIC-59). */
static void note_lint0(irqsim_machine_t *m, unsigned cpu)
{
    const irqsim_lapic_t *la = &m->lapic[cpu];
    const uint32_t bit = UINT32_C(1) << (cpu & 31);

    if (la->lvt[IRQSIM_LVT_LINT0] & LAPIC_LVT_MASKED && la->apic_base & APIC_BASE_EN)
        m->lint0[cpu / 32] &= ~bit;
    else
        m->lint0[cpu / 32] |= bit;
}

void irqsim__machine_note_lapic(irqsim_machine_t *m, unsigned cpu)
{
    m->ids_moved |= m->lapic[cpu].id != cpu;
    note_lint0(m, cpu);
    irqsim__machine_set_due(m, m->first_timer + cpu, irqsim_lapic_next_event(&m->lapic[cpu]));
}

void irqsim__machine_settle_lapic_bus(irqsim_machine_t *m, unsigned cpu)
{
    irqsim_lapic_t *la = &m->lapic[cpu];
    const uint32_t pulses =
        IRQSIM_LAPIC_OUT_NMI | IRQSIM_LAPIC_OUT_SMI | IRQSIM_LAPIC_OUT_INIT | IRQSIM_LAPIC_OUT_SIPI;

    if (la->out & IRQSIM_LAPIC_OUT_MSG)
        take_from_lapic(m, cpu);
    if (la->out & pulses) {
        irqsim__machine_pulse(m, cpu, irqsim_lapic_take_pulses(la));
        irqsim__machine_note_lapic(m, cpu); /* INIT resets it */
    }
}

static ASIDE void say_lost(irqsim_machine_t *m, uint32_t pins)
{
    for (uint32_t rest = pins; rest; rest &= rest - 1) {
        const unsigned pin = (unsigned)__builtin_ctz(rest);
        say(m, IRQSIM_EV_IOAPIC_LOST, IRQSIM_NO_CPU, wide(m, m->g.line_cause[pin]), pin, 0, 0);
    }
}

uint32_t irqsim__machine_settle_ioapic_bus(irqsim_machine_t *m)
{
    irqsim_apic_msg_t msg;

    while (m->ioapic.out & IRQSIM_IOAPIC_OUT_MSG) {
        if (!irqsim__machine_bus_has_room(m, LANE_PIN)) {
            irqsim__machine_stall(m, sender_ioapic(m));
            break;
        }
        if (!irqsim_ioapic_bus_take(&m->ioapic, &msg))
            break;
        msg.cause = wide(m, m->g.line_cause[msg.source - IRQSIM_APIC_FROM_IOAPIC(0)]);
        irqsim__machine_send(m, LANE_PIN, &msg);
    }

    const uint32_t lost = irqsim_ioapic_take_lost(&m->ioapic);
    if (lost && observed(m))
        say_lost(m, lost);
    return lost;
}

static void ask_again(irqsim_machine_t *m, uint32_t sender)
{
    if (sender < m->cpus)
        irqsim__machine_settle_lapic(m, sender);
    else if (sender == sender_ioapic(m))
        irqsim__machine_settle_ioapic(m);
    else
        irqsim__machine_device_send(m, sender - sender_device(m, 0));
}

/* Asks each stalled sender once, beginning behind the one asked last. Costs a walk
 * over the senders, but only while the bus is full. */
static ASIDE void wake_senders(irqsim_machine_t *m)
{
    const uint32_t senders = m->cpus + 1 + m->devices;

    for (uint32_t i = 0; i < senders && m->g.stalled; i++) {
        const uint32_t sender = m->g.sender;
        const uint32_t bit = UINT32_C(1) << (sender & 31);

        m->g.sender = sender + 1 < senders ? sender + 1 : 0;
        if (!(m->stall[sender / 32] & bit))
            continue;
        m->stall[sender / 32] &= ~bit;
        m->g.stalled--;
        ask_again(m, sender);
        if (m->stall[sender / 32] & bit)
            return; /* full again */
    }
}

/* ---- delivery ---- */

static irqsim_apic_fate_t worse(irqsim_apic_fate_t a, irqsim_apic_fate_t b)
{
    return a > b ? a : b;
}

static ASIDE void say_fate(irqsim_machine_t *m, unsigned cpu, const irqsim_apic_msg_t *msg,
                           irqsim_apic_fate_t fate)
{
    const bool accepted = fate == IRQSIM_APIC_ACCEPTED || fate == IRQSIM_APIC_COALESCED;
    const uint64_t seq = accepted
                             ? say(m, IRQSIM_EV_MSG_ACCEPT, cpu, msg->cause, msg->vector,
                                   msg->level, fate == IRQSIM_APIC_COALESCED)
                             : say(m, IRQSIM_EV_MSG_REFUSED, cpu, msg->cause, msg->vector, fate, 0);

    if (fate == IRQSIM_APIC_ACCEPTED)
        note_accepted(&m->core[cpu], msg->vector, seq);
}

static irqsim_apic_fate_t deliver_to(irqsim_machine_t *m, unsigned cpu,
                                     const irqsim_apic_msg_t *msg)
{
    const irqsim_apic_fate_t fate = irqsim_lapic_deliver(&m->lapic[cpu], msg);

    if (observed(m))
        say_fate(m, cpu, msg, fate);
    irqsim__machine_settle_lapic(m, cpu);
    return fate;
}

/* Who may be meant: CPUs first..last-1. irqsim_lapic_matches() has the last word;
 * this only keeps it from being asked too often. */
typedef struct range {
    uint32_t first, last;
} range_t;

static bool is_broadcast(const irqsim_machine_t *m, uint32_t dest)
{
    const bool serial = m->family == IRQSIM_APIC_P5 || m->family == IRQSIM_APIC_P6;

    return dest == LAPIC_DEST_ALL_X2APIC || dest == (serial ? LAPIC_DEST_ALL_P6 : LAPIC_DEST_ALL);
}

/* APIC-93: a cluster is sixteen CPUs in a row. */
static range_t cluster(const irqsim_machine_t *m, uint32_t dest)
{
    const uint32_t first = (dest >> 16) * 16;
    const uint32_t last = first + 16 < m->cpus ? first + 16 : m->cpus;

    return first < m->cpus ? (range_t){first, last} : (range_t){0, 0};
}

static range_t candidates(const irqsim_machine_t *m, const irqsim_apic_msg_t *msg)
{
    const range_t all = {0, m->cpus};

    if (msg->shorthand != IRQSIM_APIC_TO_DEST)
        return all;
    if (msg->logical)
        return m->lapic[0].apic_base & APIC_BASE_EXTD && msg->dest != LAPIC_DEST_ALL_X2APIC
                   ? cluster(m, msg->dest)
                   : all;
    if (is_broadcast(m, msg->dest) || m->ids_moved)
        return all;
    return msg->dest < m->cpus ? (range_t){msg->dest, msg->dest + 1} : (range_t){0, 0};
}

static bool is_meant(const irqsim_machine_t *m, unsigned cpu, const irqsim_apic_msg_t *msg)
{
    if (msg->shorthand == IRQSIM_APIC_TO_OTHERS)
        return msg->source != IRQSIM_APIC_FROM_CPU(cpu);
    return msg->shorthand == IRQSIM_APIC_TO_ALL || irqsim_lapic_matches(&m->lapic[cpu], msg);
}

static irqsim_apic_fate_t deliver_to_all(irqsim_machine_t *m, range_t range,
                                         const irqsim_apic_msg_t *msg)
{
    irqsim_apic_fate_t fate = IRQSIM_APIC_NOBODY;

    for (uint32_t cpu = range.first; cpu < range.last; cpu++)
        if (is_meant(m, cpu, msg))
            fate = worse(fate, deliver_to(m, cpu, msg));
    return fate;
}

/* ---- lowest priority ---- */

/* ICC-37: what the processors bid, lowest wins; on the serial bus the one that
 * has the vector already wins at once (APIC-80, APIC-67). */
static uint32_t bid(const irqsim_machine_t *m, unsigned cpu, uint8_t vector)
{
    const irqsim_lapic_t *la = &m->lapic[cpu];

    if (la->family != IRQSIM_APIC_P5 && la->family != IRQSIM_APIC_P6)
        return 1u + (irqsim_lapic_ppr(la) >> LAPIC_PRIORITY_CLASS_SHIFT);
    if (!(la->svr & LAPIC_SVR_NO_FOCUS) && irqsim_lapic_has_focus(la, vector))
        return 0;
    return 1u + (irqsim_lapic_apr(la) >> LAPIC_PRIORITY_CLASS_SHIFT);
}

/* Equal bids take turns: the search begins behind the last winner. */
static ASIDE irqsim_apic_fate_t deliver_to_lowest(irqsim_machine_t *m, range_t range,
                                                  const irqsim_apic_msg_t *msg)
{
    const uint32_t n = range.last - range.first;
    uint32_t best = UINT32_MAX, winner = 0;

    for (uint32_t i = 1; i <= n; i++) {
        const uint32_t cpu = range.first + (m->g.lowest + i) % n;
        if (!(m->lapic[cpu].svr & LAPIC_SVR_ENABLE) || !is_meant(m, cpu, msg))
            continue;
        const uint32_t offer = bid(m, cpu, msg->vector);
        if (offer < best) {
            best = offer;
            winner = cpu;
        }
    }
    if (best == UINT32_MAX)
        return IRQSIM_APIC_NOBODY;
    m->g.lowest = winner - range.first;
    return deliver_to(m, winner, msg);
}

/* ---- arrival ---- */

static ASIDE void say_nobody(irqsim_machine_t *m, const irqsim_apic_msg_t *msg)
{
    say(m, IRQSIM_EV_MSG_REFUSED, IRQSIM_NO_CPU, msg->cause, msg->vector, IRQSIM_APIC_NOBODY, 0);
}

static irqsim_apic_fate_t deliver(irqsim_machine_t *m, const irqsim_apic_msg_t *msg)
{
    const range_t range = candidates(m, msg);
    const irqsim_apic_fate_t fate = msg->mode == IRQSIM_APIC_LOWEST
                                        ? deliver_to_lowest(m, range, msg)
                                        : deliver_to_all(m, range, msg);

    if (fate == IRQSIM_APIC_NOBODY && observed(m))
        say_nobody(m, msg);
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
        irqsim_ioapic_bus_done(&m->ioapic, msg->source - IRQSIM_APIC_FROM_IOAPIC(0), fate);
        irqsim__machine_settle_ioapic(m);
    } else {
        const unsigned cpu = msg->source - IRQSIM_APIC_FROM_CPU(0);
        irqsim_lapic_bus_done(&m->lapic[cpu], msg, fate);
        irqsim__machine_settle_lapic(m, cpu);
    }
}

static void arrive(irqsim_machine_t *m, lane_id_t lane, const irqsim_apic_msg_t *msg)
{
    if (msg->is_eoi) {
        irqsim_ioapic_eoi(&m->ioapic, msg->vector);
        irqsim__machine_settle_ioapic(m);
        report(m, lane, msg, IRQSIM_APIC_ACCEPTED);
    } else {
        report(m, lane, msg, deliver(m, msg));
    }
}

void irqsim__machine_bus_arrive(irqsim_machine_t *m)
{
    const uint32_t id = m->next_lane;
    const irqsim_apic_msg_t msg = slot(m, id, 0)->msg;
    lane_t *lane = &m->lane[id];

    lane->head = lane->head + 1 < m->lane_size ? lane->head + 1 : 0;
    lane->count--;
    arrive(m, (lane_id_t)id, &msg);
    if (m->g.stalled)
        wake_senders(m);
    irqsim__machine_set_bus_due(m, irqsim__machine_bus_due(m));
}

/* ---- LAPIC timers ---- */

void irqsim__machine_timer_act(irqsim_machine_t *m, unsigned cpu)
{
    irqsim_lapic_t *la = &m->lapic[cpu];

    if (observed(m)) {
        const uint32_t lvt = la->lvt[IRQSIM_LVT_TIMER];
        const uint32_t vector = lvt & LAPIC_LVT_VECTOR_MASK;
        const bool masked = lvt & LAPIC_LVT_MASKED;
        const uint64_t seq = say(m, IRQSIM_EV_LAPIC_TIMER, cpu, 0, vector, masked, 0);
        if (!masked)
            note_accepted(&m->core[cpu], vector, seq);
    }
    irqsim_lapic_advance(la, m->g.now);
    irqsim__machine_note_lapic(m, cpu);
    irqsim__machine_settle_lapic(m, cpu);
}
