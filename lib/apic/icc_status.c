/* SPDX-License-Identifier: MIT */
/*
 * icc_status.c - the status cycles of the APIC bus: who answers what, and what
 * all of it together means
 */
#include <string.h>

#include "icc_int.h"
#include "lapic_int.h"

/* Values of a status cycle. As the wires are ORed, "retry" beats "accept". */
enum { SILENT = 0, ACCEPT = 2, RETRY = 3 };
#define FOCUS_FOUND 2u /* in cycle A */
#define BAD_SUM     3u
#define NOBODY_BIDS 0xFFu /* the APR of which nothing is driven */
#define WILL_BID    3u    /* in cycle A1 of a lowest-priority message: has a slot */
#define CANNOT_BID  2u

/* ---- what it means ---- */

/* Rows of ICC-50 by what they are about; what comes after the bids is its own. */
typedef enum verdict_of { OF_EOI, OF_FIXED, OF_LOWEST, OF_READ, OF_BIDS } verdict_of_t;

#define S00 1u
#define S01 2u
#define S10 4u
#define S11 8u
#define S0X (S00 | S01)
#define ANY 15u

#define SEND_SUM  LAPIC_ESR_SEND_CHECKSUM
#define HEARD_SUM LAPIC_ESR_RECV_CHECKSUM
#define SEND_ACC  LAPIC_ESR_SEND_ACCEPT
#define HEARD_ACC LAPIC_ESR_RECV_ACCEPT

#define TO(fate) IRQSIM_APIC_##fate
#define IS(what) IRQSIM_ICC_##what

/* ICC-50; ICC-21 is the column that rotates, ICC-52 the last two; a sender that is told
 * NOBODY logs its accept error itself. ICC-54: who must send again hears RETRY; but where
 * nobody has that destination, trying again is no use. A remote read is never sent again
 * (ICC-38). */
/* clang-format off */
static const verdict_t verdicts[] = {
    /* of       A          A1   outcome             rotates told         ESR: sender receivers */
    {OF_EOI,    S00,       S10, IS(ACCEPTED),       1,      TO(ACCEPTED), 0,        0},
    {OF_EOI,    S00,       S11, IS(RETRY),          1,      TO(RETRY),    0,        0},
    {OF_EOI,    S00,       S0X, IS(ACCEPT_ERROR),   0,      TO(RETRY),    SEND_ACC, HEARD_ACC},
    {OF_EOI,    S11,       ANY, IS(CHECKSUM_ERROR), 0,      TO(RETRY),    SEND_SUM, HEARD_SUM},
    {OF_EOI,    S10 | S01, ANY, IS(ERROR),          0,      TO(RETRY),    0,        0},
    {OF_FIXED,  S00,       S10, IS(ACCEPTED),       1,      TO(ACCEPTED), 0,        0},
    {OF_FIXED,  S00,       S11, IS(RETRY),          1,      TO(RETRY),    0,        0},
    {OF_FIXED,  S00,       S0X, IS(ACCEPT_ERROR),   0,      TO(NOBODY),   0,        HEARD_ACC},
    {OF_FIXED,  S11,       ANY, IS(CHECKSUM_ERROR), 0,      TO(RETRY),    SEND_SUM, HEARD_SUM},
    {OF_FIXED,  S10 | S01, ANY, IS(ERROR),          0,      TO(RETRY),    0,        0},
    {OF_LOWEST, S10,       ANY, IS(FOCUS),          1,      TO(ACCEPTED), 0,        0},
    {OF_LOWEST, S00,       S11, IS(ARBITRATES),     1,      TO(ACCEPTED), 0,        0},
    {OF_LOWEST, S00,       S10, IS(RETRY),          1,      TO(RETRY),    0,        0},
    {OF_LOWEST, S00,       S0X, IS(ACCEPT_ERROR),   0,      TO(NOBODY),   0,        HEARD_ACC},
    {OF_LOWEST, S11,       ANY, IS(CHECKSUM_ERROR), 0,      TO(RETRY),    SEND_SUM, HEARD_SUM},
    {OF_LOWEST, S01,       ANY, IS(ERROR),          0,      TO(RETRY),    0,        0},
    {OF_BIDS,   S10,       ANY, IS(ACCEPTED),       0,      TO(ACCEPTED), 0,        0},
    {OF_BIDS,   S11 | S0X, ANY, IS(ACCEPT_ERROR),   0,      TO(RETRY),    SEND_ACC, HEARD_ACC},
    {OF_READ,   S00,       S10, IS(ACCEPTED),       1,      TO(ACCEPTED), 0,        0},
    {OF_READ,   S00,       S0X, IS(ACCEPT_ERROR),   0,      TO(NOBODY),   0,        HEARD_ACC},
    {OF_READ,   S11,       ANY, IS(CHECKSUM_ERROR), 0,      TO(ILLEGAL),  SEND_SUM, HEARD_SUM},
    {OF_READ,   ANY,       ANY, IS(ERROR),          0,      TO(ILLEGAL),  0,        0},
};
/* clang-format on */

static const verdict_t *find(verdict_of_t of, unsigned a, unsigned a1)
{
    const verdict_t *v = verdicts;

    while (v->of != of || !(v->a >> a & 1) || !(v->a1 >> a1 & 1))
        v++; /* all sixteen pairs have a row */
    return v;
}

static verdict_of_t about(const irqsim_apic_msg_t *msg)
{
    if (msg->is_eoi)
        return OF_EOI;
    switch (msg->mode) {
    case IRQSIM_APIC_LOWEST:
        return OF_LOWEST;
    case IRQSIM_APIC_REMOTE_READ:
        return OF_READ;
    default:
        return OF_FIXED;
    }
}

/* ---- who answers ---- */

/* What an APIC that is meant drives in cycle A1. */
static unsigned answer(const irqsim_lapic_t *la, const irqsim_apic_msg_t *msg)
{
    if (!globally_enabled(la) || is_deaf_to(la, msg->mode))
        return SILENT; /* APIC-36, APIC-65: also where a shorthand means it */
    if (msg->mode > IRQSIM_APIC_LOWEST)
        return ACCEPT; /* APIC-42 */

    const bool slot = irqsim__lapic_has_slot(la, msg->vector); /* APIC-46 */
    if (msg->mode == IRQSIM_APIC_LOWEST)
        return slot ? WILL_BID : CANNOT_BID;
    return slot ? ACCEPT : RETRY;
}

/* All of them together: the OR of what they drive (ICC-53). Nobody who answers here takes a
 * lowest-priority message; its focus has, or who wins the bids will. */
static unsigned answers(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents)
{
    const bool takes = bus->heard.mode != IRQSIM_APIC_LOWEST;
    unsigned all = SILENT;

    if (bus->heard.is_eoi)
        return bus->ioapics ? ACCEPT : SILENT;
    for (unsigned i = 0; i < bus->lapics; i++) {
        if (!irqsim_apic_means(&bus->heard, &agents->lapic[i]))
            continue;
        const unsigned one = answer(&agents->lapic[i], &bus->heard);
        if (one == SILENT)
            continue;
        all |= one;
        bus->meant = (uint16_t)(bus->meant | 1u << i);
        bus->fate[i] = takes && one == ACCEPT ? IRQSIM_APIC_ACCEPTED : IRQSIM_APIC_RETRY;
    }
    return all;
}

static irqsim_apic_range_t everyone(const irqsim_icc_t *bus)
{
    return (irqsim_apic_range_t){0, bus->lapics};
}

/* The focus shows in cycle A. */
static unsigned look_for_focus(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents)
{
    const uint32_t focus = irqsim_apic_focus(agents->lapic, everyone(bus), &bus->heard);

    bus->winner = (uint8_t)focus;
    return focus != IRQSIM_APIC_NO_CPU ? FOCUS_FOUND : 0;
}

void irqsim__icc_bid(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents)
{
    const uint32_t cpu = irqsim_apic_lowest(agents->lapic, everyone(bus), 0, &bus->heard);

    bus->winner = (uint8_t)cpu;
    if (cpu == IRQSIM_APIC_NO_CPU)
        irqsim__icc_put_bid(bus, NOBODY_BIDS, 0);
    else
        irqsim__icc_put_bid(bus, irqsim_lapic_apr(&agents->lapic[cpu]), agents->lapic[cpu].arb_id);
}

static void forget(irqsim_icc_t *bus)
{
    bus->meant = 0;
    memset(bus->fate, IRQSIM_APIC_NOBODY, sizeof(bus->fate));
}

/* One processor has it, the others never had. */
static void settle_on(irqsim_icc_t *bus, unsigned cpu)
{
    forget(bus);
    bus->meant = (uint16_t)(1u << cpu);
    bus->fate[cpu] = IRQSIM_APIC_ACCEPTED;
}

/* Those who took part in what failed have nothing. */
static const verdict_t *conclude(irqsim_icc_t *bus, const verdict_t *v)
{
    bus->outcome = v->outcome;
    bus->told = v->told;
    if (v->outcome >= IRQSIM_ICC_ACCEPT_ERROR)
        forget(bus);
    if (v->outcome == IRQSIM_ICC_ACCEPT_ERROR && v->of == OF_EOI && !bus->ioapics)
        bus->told = IRQSIM_APIC_NOBODY; /* ICC-54: there is none, and never will be */
    return v;
}

const verdict_t *irqsim__icc_status(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents)
{
    const layout_t *at = irqsim__icc_layout((irqsim_icc_kind_t)bus->kind);
    const verdict_of_t of = about(&bus->heard);
    unsigned a = 0, a1 = SILENT;

    forget(bus);
    if (!irqsim__icc_message_is_good(bus))
        a = BAD_SUM;
    else if (of == OF_LOWEST)
        a = look_for_focus(bus, agents);
    if (a == FOCUS_FOUND)
        settle_on(bus, bus->winner);
    else if (a == 0)
        a1 = answers(bus, agents);
    irqsim__icc_put(bus, at->a, a);
    irqsim__icc_put(bus, at->a1, a1);
    return conclude(bus, find(of, irqsim__icc_get(bus, at->a), irqsim__icc_get(bus, at->a1)));
}

const verdict_t *irqsim__icc_late_status(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents)
{
    const layout_t *at = irqsim__icc_layout(IRQSIM_ICC_LOWEST);
    const unsigned cpu = bus->winner;

    forget(bus);
    if (cpu < bus->lapics && answer(&agents->lapic[cpu], &bus->heard) == WILL_BID)
        settle_on(bus, cpu); /* it still has the slot that it bid with */
    irqsim__icc_put(bus, at->late, bus->meant ? ACCEPT : SILENT);
    return conclude(bus, find(OF_BIDS, irqsim__icc_get(bus, at->late), 0));
}

/* ---- who has it ---- */

static void deliver_eoi(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents)
{
    for (unsigned i = 0; i < bus->ioapics; i++)
        irqsim_ioapic_eoi(&agents->ioapic[i], bus->heard.vector);
}

/* APIC-33: every agent, also the sender of an "all excluding self". */
static void reload_arb_ids(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents)
{
    for (unsigned i = 0; i < bus->lapics; i++)
        agents->lapic[i].arb_id = agents->lapic[i].id & 0xF;
    for (unsigned i = 0; i < bus->ioapics; i++)
        agents->ioapic[i].arb = agents->ioapic[i].id;
    bus->bridge_arb = bus->bridge_id;
}

static void deliver_to_lapics(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents)
{
    irqsim_apic_fate_t all = IRQSIM_APIC_NOBODY;

    for (unsigned i = 0; i < bus->lapics; i++) {
        if (bus->fate[i] != IRQSIM_APIC_ACCEPTED)
            continue;
        bus->fate[i] = (uint8_t)irqsim_lapic_deliver(&agents->lapic[i], &bus->heard);
        all = irqsim_apic_worse(all, (irqsim_apic_fate_t)bus->fate[i]);
    }
    if (bus->told == IRQSIM_APIC_ACCEPTED && all != IRQSIM_APIC_NOBODY)
        bus->told = (uint8_t)all;
}

void irqsim__icc_deliver(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents)
{
    if (bus->heard.is_eoi) {
        if (bus->outcome == IRQSIM_ICC_ACCEPTED)
            deliver_eoi(bus, agents);
        return;
    }
    if (bus->heard.mode == IRQSIM_APIC_INIT && !bus->heard.assert &&
        bus->outcome < IRQSIM_ICC_ACCEPT_ERROR)
        reload_arb_ids(bus, agents); /* also if it will be sent again: they must not differ */
    if (bus->heard.mode != IRQSIM_APIC_REMOTE_READ)
        deliver_to_lapics(bus, agents);
}
