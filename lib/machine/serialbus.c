/* SPDX-License-Identifier: MIT */
/*
 * serialbus.c - the APIC bus of P5 and P6: the chip (icc.h) among actors
 *
 * The chip counts bus clocks; here they become times, each rounded once, and what
 * the chip did reaches CPUs, devices and an observer. Messages of devices wait in
 * a lane for the chip's bridge.
 */
#include <irqsim/regs/ioapic_regs.h>
#include <irqsim/regs/lapic_regs.h>

#include "machine_int.h"

/* TIME-65: clocks until the bus sees what an APIC wants. What an APIC hears it has at
 * the end of the status cycle. */
#define SYNCHRONISER 1u

static irqsim_icc_agents_t agents(irqsim_machine_t *m)
{
    return (irqsim_icc_agents_t){.lapic = m->lapic, .ioapic = m->ioapic};
}

static uint32_t bridge(const irqsim_machine_t *m)
{
    return m->cpus + m->ioapics;
}

/* ---- time ---- */

/* How long messages take (TIME-60, TIME-61, TIME-62, TIME-63) is in the chip. */
static irqsim_time_t next(irqsim_machine_t *m)
{
    const uint64_t due = irqsim_icc_next_event(&m->serial.bus);

    return due == IRQSIM_NEVER ? IRQSIM_NEVER : irqsim_clock_to_time(&m->serial.bus.clk, due);
}

/* The first clock that is not before `time`. */
static uint64_t clocks_in(const irqsim_clock_t *clk, irqsim_time_t time)
{
    const uint64_t clocks = irqsim_clock_to_ticks(clk, time);

    return clocks + (irqsim_clock_to_time(clk, clocks) < time);
}

/* The clock at which the bus notices what is done now. */
static uint64_t noticed(const irqsim_machine_t *m)
{
    return clocks_in(&m->serial.bus.clk, m->g.now) + SYNCHRONISER;
}

static void look(irqsim_machine_t *m)
{
    const irqsim_icc_agents_t on = agents(m);

    irqsim_icc_look(&m->serial.bus, &on, noticed(m));
    irqsim__machine_set_bus_due(m, next(m));
}

/* ICC-23: IDs are what the agents are numbered by. */
void irqsim__machine_serial_init(irqsim_machine_t *m, bool has_bridge, uint32_t variants)
{
    const irqsim_clock_t clk = {m->profile.icc_hz, 1};

    irqsim_icc_init(&m->serial.bus,
                    &(irqsim_icc_desc_t){
                        .lapics = (uint8_t)m->cpus,
                        .ioapics = (uint8_t)m->ioapics,
                        .bridge = has_bridge,
                        .bridge_id = has_bridge ? (uint8_t)bridge(m) : 0,
                        .variants = irqsim_variants_of(variants, IRQSIM_VARIANT_OF_ICC),
                        .clk = clk,
                        .handshake = clocks_in(&clk, m->ps.apicack_ns),
                    });
}

/* ---- what is said of a message ---- */

/* A message is sent when its sender has it, once; that it waits for the bus, and begins
 * again after a refusal, are things that happen to it. */
static ASIDE void say_ipi(irqsim_machine_t *m, unsigned cpu)
{
    const irqsim_lapic_t *la = &m->lapic[cpu];
    uint32_t *sent = &m->serial.ipi_sent[cpu];

    if (la->icr_busy == IRQSIM_LAPIC_ICR_IDLE)
        *sent = 0;
    else if (la->icr_busy == IRQSIM_LAPIC_ICR_WAITS && !*sent)
        *sent = (uint32_t)irqsim__machine_say_sent(
            m, &(irqsim_apic_msg_t){
                   .cause = wide(m, m->core[cpu].said),
                   .vector = (uint8_t)(la->sent_low & LAPIC_ICR_VECTOR_MASK),
                   .mode = (uint8_t)((la->sent_low & LAPIC_DM_MASK) >> LAPIC_DM_SHIFT),
                   .dest = la->sent_high >> LAPIC_ICR_HIGH_DEST_SHIFT,
                   .shorthand = (uint8_t)((la->sent_low & LAPIC_ICR_SHORTHAND_MASK) >>
                                          LAPIC_ICR_SHORTHAND_SHIFT),
               });
}

static ASIDE void say_pins(irqsim_machine_t *m, unsigned n)
{
    for (uint32_t rest = m->ioapic[n].pending; rest; rest &= rest - 1) {
        const unsigned pin = (unsigned)__builtin_ctz(rest), gsi = n * PINS + pin;
        const uint64_t rte = m->ioapic[n].rte[pin];

        if (m->serial.pin_cause[gsi] && m->serial.pin_cause[gsi] == m->g.line_cause[gsi])
            continue;
        m->serial.pin_cause[gsi] = m->g.line_cause[gsi];
        m->serial.pin_sent[gsi] = (uint32_t)irqsim__machine_say_sent(
            m, &(irqsim_apic_msg_t){
                   .cause = wide(m, m->g.line_cause[gsi]),
                   .vector = (uint8_t)rte,
                   .mode = (uint8_t)((uint32_t)(rte & IOAPIC_RTE_DM_MASK) >> IOAPIC_RTE_DM_SHIFT),
                   .dest = (uint32_t)(rte >> 56),
               });
    }
}

/* ---- senders ---- */

static void serve_lapic(irqsim_machine_t *m, unsigned cpu)
{
    if (m->lapic[cpu].out & IRQSIM_LAPIC_OUT_MSG) {
        if (m->serial.bus.since[cpu] == IRQSIM_NEVER)
            m->serial.ended[cpu] = m->core[cpu].said;
        look(m);
    }
    if (observed(m))
        say_ipi(m, cpu);
    irqsim__machine_take_pulses(m, cpu);
}

static uint32_t serve_ioapic(irqsim_machine_t *m, unsigned n)
{
    if (m->ioapic[n].out & IRQSIM_IOAPIC_OUT_MSG) {
        look(m);
        if (observed(m))
            say_pins(m, n);
    }
    return irqsim__machine_lost_edges(m, n);
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
    msg->cause = observed(m) ? irqsim__machine_say_sent(m, msg) : 0;
    *f = (flight_t){.due = IRQSIM_NEVER, .order = m->g.submitted++, .msg = *msg};
    feed_bridge(m);
}

/* ---- a message's way ---- */

/* Of a message that an IOAPIC has on the bus. */
static unsigned gsi_of(const irqsim_machine_t *m)
{
    const irqsim_icc_t *bus = &m->serial.bus;
    const unsigned pin = bus->msg.source - IRQSIM_APIC_FROM_IOAPIC(0);

    return (bus->sender - m->cpus) * PINS + pin;
}

/* The message's own event; of an EOI what its CPU did. */
static uint64_t cause_of(const irqsim_machine_t *m)
{
    const irqsim_icc_t *bus = &m->serial.bus;

    if (bus->sender == bridge(m))
        return bus->msg.cause;
    if (bus->sender >= m->cpus)
        return wide(m, m->serial.pin_sent[gsi_of(m)]);
    return wide(m,
                bus->msg.is_eoi ? m->serial.ended[bus->sender] : m->serial.ipi_sent[bus->sender]);
}

static ASIDE void say_begun(irqsim_machine_t *m)
{
    irqsim_icc_t *bus = &m->serial.bus;
    const uint32_t waited = bus->waited < UINT32_MAX ? (uint32_t)bus->waited : UINT32_MAX;

    bus->msg.cause = cause_of(m);
    m->serial.begun = (uint32_t)say(m, IRQSIM_EV_BUS_BEGIN, IRQSIM_NO_CPU, bus->msg.cause,
                                    bus->sender, bus->kind, waited);
    if (bus->sender < m->cpus) /* another EOI may be next */
        m->serial.ended[bus->sender] = m->core[bus->sender].said;
}

static ASIDE void say_decided(irqsim_machine_t *m)
{
    const irqsim_icc_t *bus = &m->serial.bus;

    for (unsigned cpu = 0; cpu < m->cpus; cpu++)
        if (bus->meant >> cpu & 1)
            irqsim__machine_say_fate(m, cpu, &bus->msg, (irqsim_apic_fate_t)bus->fate[cpu]);
    if (bus->told == IRQSIM_APIC_NOBODY)
        irqsim__machine_say_nobody(m, &bus->msg);
    if (bus->told == IRQSIM_APIC_RETRY || bus->msg.is_eoi)
        return;
    if (bus->sender < m->cpus) /* done: what comes next is another one */
        m->serial.ipi_sent[bus->sender] = 0;
    else if (bus->sender < bridge(m))
        m->serial.pin_cause[gsi_of(m)] = 0;
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
    for (unsigned n = 0; n < m->ioapics; n++)
        irqsim__machine_settle_ioapic(m, n);
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
        if (observed(m))
            say_begun(m);
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
