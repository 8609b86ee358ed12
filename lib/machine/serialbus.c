/* SPDX-License-Identifier: MIT */
/*
 * serialbus.c - the APIC bus of P5 and P6: the chip (icc.h) among actors
 *
 * The chip counts bus clocks; here they become times, each rounded once, and what
 * the chip did reaches CPUs, devices and an observer. Messages of devices wait in
 * a lane for the chip's bridge.
 */
#include "machine_int.h"

/* TIME-65: clocks until the bus sees what an APIC wants. What an APIC hears it has at
 * the end of the status cycle. */
#define SYNCHRONISER 1u

static irqsim_icc_agents_t agents(irqsim_machine_t *m)
{
    return (irqsim_icc_agents_t){.lapic = m->lapic, .ioapic = &m->ioapic};
}

static uint32_t bridge(const irqsim_machine_t *m)
{
    return m->cpus + 1;
}

/* ---- time ---- */

/* How long messages take (TIME-60, TIME-61, TIME-62, TIME-63) is in the chip. */
static irqsim_time_t next(irqsim_machine_t *m)
{
    const uint64_t due = irqsim_icc_next_event(&m->serial.bus);

    return due == IRQSIM_NEVER ? IRQSIM_NEVER : irqsim_clock_to_time(&m->serial.bus.clk, due);
}

/* The clock at which the bus notices what is done now. */
static uint64_t noticed(const irqsim_machine_t *m)
{
    const irqsim_clock_t *clk = &m->serial.bus.clk;
    const uint64_t clock = irqsim_clock_to_ticks(clk, m->g.now);
    const bool between = irqsim_clock_to_time(clk, clock) < m->g.now;

    return clock + between + SYNCHRONISER;
}

static void look(irqsim_machine_t *m)
{
    const irqsim_icc_agents_t on = agents(m);

    irqsim_icc_look(&m->serial.bus, &on, noticed(m));
    irqsim__machine_set_bus_due(m, next(m));
}

/* ---- senders ---- */

static void serve_lapic(irqsim_machine_t *m, unsigned cpu)
{
    if (m->lapic[cpu].out & IRQSIM_LAPIC_OUT_MSG) {
        if (m->serial.bus.since[cpu] == IRQSIM_NEVER)
            m->serial.asked[cpu] = m->core[cpu].said;
        look(m);
    }
    irqsim__machine_take_pulses(m, cpu);
}

static uint32_t serve_ioapic(irqsim_machine_t *m)
{
    if (m->ioapic.out & IRQSIM_IOAPIC_OUT_MSG)
        look(m);
    return irqsim__machine_lost_edges(m);
}

static bool takes_from(const irqsim_machine_t *m, uint32_t device)
{
    (void)device;
    return m->lane[LANE_PIN].count < m->lane_size;
}

static void feed_bridge(irqsim_machine_t *m)
{
    lane_t *lane = &m->lane[LANE_PIN];

    if (!lane->count ||
        !irqsim_icc_post(&m->serial.bus, &lane_slot(m, LANE_PIN, 0)->msg, noticed(m)))
        return;
    lane->head = lane->head + 1 < m->lane_size ? lane->head + 1 : 0;
    lane->count--;
    irqsim__machine_set_bus_due(m, next(m));
}

static void take_from_device(irqsim_machine_t *m, uint32_t device, irqsim_apic_msg_t *msg)
{
    flight_t *f = lane_slot(m, LANE_PIN, m->lane[LANE_PIN].count++);

    (void)device;
    *f = (flight_t){.due = IRQSIM_NEVER, .order = m->g.submitted++, .msg = *msg};
    feed_bridge(m);
}

/* ---- a message's way ---- */

static uint64_t cause_of(irqsim_machine_t *m)
{
    const irqsim_icc_t *bus = &m->serial.bus;

    if (bus->sender < m->cpus)
        return wide(m, m->serial.asked[bus->sender]);
    if (bus->sender == bridge(m))
        return bus->msg.cause;
    return wide(m, m->g.line_cause[bus->msg.source - IRQSIM_APIC_FROM_IOAPIC(0)]);
}

/* The cause of an EOI is its register write's event, that of others their own. */
static ASIDE void say_begun(irqsim_machine_t *m)
{
    irqsim_icc_t *bus = &m->serial.bus;
    const uint32_t waited = bus->waited < UINT32_MAX ? (uint32_t)bus->waited : UINT32_MAX;

    if (!bus->msg.is_eoi)
        bus->msg.cause = irqsim__machine_say_sent(m, &bus->msg);
    m->serial.begun = (uint32_t)say(m, IRQSIM_EV_BUS_BEGIN, IRQSIM_NO_CPU, bus->msg.cause,
                                    bus->sender, bus->kind, waited);
}

static void begun(irqsim_machine_t *m)
{
    irqsim_icc_t *bus = &m->serial.bus;

    if (!observed(m))
        return;
    bus->msg.cause = cause_of(m);
    say_begun(m);
    if (bus->sender < m->cpus) /* for what it wants next */
        m->serial.asked[bus->sender] = m->core[bus->sender].said;
}

static ASIDE void say_decided(irqsim_machine_t *m)
{
    const irqsim_icc_t *bus = &m->serial.bus;

    for (unsigned cpu = 0; cpu < m->cpus; cpu++)
        if (bus->meant >> cpu & 1)
            irqsim__machine_say_fate(m, cpu, &bus->msg, (irqsim_apic_fate_t)bus->fate[cpu]);
    if (bus->told == IRQSIM_APIC_NOBODY)
        irqsim__machine_say_nobody(m, &bus->msg);
}

/* An error is logged everywhere and may interrupt; else those have changed who took the
 * message, and who sent it. */
static void decided(irqsim_machine_t *m)
{
    const irqsim_icc_t *bus = &m->serial.bus;
    const bool all = bus->outcome >= IRQSIM_ICC_ACCEPT_ERROR;
    const uint32_t moved = all ? UINT32_MAX : bus->meant | UINT32_C(1) << bus->sender;

    if (observed(m))
        say_decided(m);
    for (unsigned cpu = 0; cpu < m->cpus; cpu++)
        if (moved >> cpu & 1)
            irqsim__machine_settle_lapic(m, cpu);
    irqsim__machine_settle_ioapic(m);
}

static void ended(irqsim_machine_t *m)
{
    const irqsim_icc_t *bus = &m->serial.bus;

    if (observed(m))
        say(m, IRQSIM_EV_BUS_END, IRQSIM_NO_CPU, wide(m, m->serial.begun), bus->outcome,
            irqsim_icc_length(bus), bus->told == IRQSIM_APIC_RETRY);
    if (bus->sender == bridge(m))
        feed_bridge(m);
    if (m->g.stalled)
        irqsim__machine_wake_senders(m);
}

static void act(irqsim_machine_t *m)
{
    const irqsim_icc_agents_t on = agents(m);

    switch (irqsim_icc_act(&m->serial.bus, &on)) {
    case IRQSIM_ICC_BEGAN:
        begun(m);
        break;
    case IRQSIM_ICC_DECIDED:
        decided(m);
        break;
    case IRQSIM_ICC_ENDED:
        ended(m);
        break;
    default:
        break;
    }
    irqsim__machine_set_bus_due(m, next(m));
}

const transport_t irqsim__machine_serial = {
    .lapic = serve_lapic,
    .ioapic = serve_ioapic,
    .takes_from = takes_from,
    .device = take_from_device,
    .next = next,
    .act = act,
};
