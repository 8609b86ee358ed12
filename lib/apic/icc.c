/* SPDX-License-Identifier: MIT */
/*
 * icc.c - the APIC bus: who asks, who wins, and what happens at which clock
 *
 * A message is three or four acts: it begins, its status cycles decide, perhaps
 * bids or data follow, it ends. `due` is the clock of the next; everything
 * between is cycles, which icc_cycles.c fills in at once.
 */
#include <string.h>

#include "icc_int.h"
#include "lapic_int.h"

#define NO_AGENT     UINT8_MAX
#define HIGHEST_ID   0xFu
#define USUAL_PICCLK UINT64_C(16670000) /* ICC-02 */

/* ---- agents ---- */

static unsigned agents_on(const irqsim_icc_t *bus)
{
    return (unsigned)bus->lapics + bus->ioapics + bus->has_bridge;
}

/* The agent's LAPIC, or its IOAPIC, or NULL: of the three kinds it is one. */
static irqsim_lapic_t *lapic_of(const irqsim_icc_t *bus, const irqsim_icc_agents_t *agents,
                                unsigned agent)
{
    return agent < bus->lapics ? &agents->lapic[agent] : NULL;
}

static irqsim_ioapic_t *ioapic_of(const irqsim_icc_t *bus, const irqsim_icc_agents_t *agents,
                                  unsigned agent)
{
    const unsigned i = agent - bus->lapics;

    return agent >= bus->lapics && i < bus->ioapics ? &agents->ioapic[i] : NULL;
}

static bool has_message(const irqsim_icc_t *bus, const irqsim_icc_agents_t *agents, unsigned agent)
{
    const irqsim_lapic_t *la = lapic_of(bus, agents, agent);
    const irqsim_ioapic_t *io = ioapic_of(bus, agents, agent);

    if (la)
        return la->out & IRQSIM_LAPIC_OUT_MSG;
    return io ? io->out & IRQSIM_IOAPIC_OUT_MSG : bus->bridge_asks;
}

static bool has_eoi(const irqsim_icc_t *bus, const irqsim_icc_agents_t *agents, unsigned agent)
{
    const irqsim_lapic_t *la = lapic_of(bus, agents, agent);

    return la && la->eoi_words;
}

unsigned irqsim_icc_arb(const irqsim_icc_t *bus, const irqsim_icc_agents_t *agents, unsigned agent)
{
    const irqsim_lapic_t *la = lapic_of(bus, agents, agent);
    const irqsim_ioapic_t *io = ioapic_of(bus, agents, agent);

    if (la)
        return la->arb_id;
    return io ? io->arb : bus->bridge_arb;
}

static void set_arb(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents, unsigned agent,
                    unsigned arb_id)
{
    irqsim_lapic_t *la = lapic_of(bus, agents, agent);
    irqsim_ioapic_t *io = ioapic_of(bus, agents, agent);

    if (la)
        la->arb_id = arb_id;
    else if (io)
        io->arb = arb_id;
    else
        bus->bridge_arb = (uint8_t)arb_id;
}

/* ---- asking ---- */

/* ICC-10: only an idle bus can be taken. */
static void plan(irqsim_icc_t *bus)
{
    uint64_t first = IRQSIM_NEVER;

    if (bus->phase != IRQSIM_ICC_IDLE)
        return;
    for (unsigned agent = 0; agent < agents_on(bus); agent++)
        first = bus->since[agent] < first ? bus->since[agent] : first;
    bus->due = first > bus->free_at ? first : bus->free_at;
}

/* ICC-57: an I/O APIC lets the chipset drain its buffers first, so that data are in
 * memory when their interrupt comes. */
static uint64_t asks_from(const irqsim_icc_t *bus, unsigned agent, uint64_t clock)
{
    const bool is_ioapic = agent >= bus->lapics && agent < (unsigned)bus->lapics + bus->ioapics;

    return is_ioapic ? clock + bus->handshake : clock;
}

void irqsim_icc_look(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents, uint64_t clock)
{
    for (unsigned agent = 0; agent < agents_on(bus); agent++) {
        if (!has_message(bus, agents, agent))
            bus->since[agent] = IRQSIM_NEVER;
        else if (bus->since[agent] == IRQSIM_NEVER)
            bus->since[agent] = asks_from(bus, agent, clock);
    }
    plan(bus);
}

static bool is_undecided(const irqsim_icc_t *bus)
{
    return bus->phase != IRQSIM_ICC_IDLE && bus->phase != IRQSIM_ICC_ENDING;
}

bool irqsim_icc_post(irqsim_icc_t *bus, const irqsim_apic_msg_t *msg, uint64_t clock)
{
    const unsigned bridge = agents_on(bus) - 1;

    if (!bus->has_bridge || bus->bridge_asks || (bus->sender == bridge && is_undecided(bus)))
        return false;
    bus->bridge = *msg;
    bus->bridge_asks = 1;
    bus->since[bridge] = clock;
    plan(bus);
    return true;
}

/* ---- arbitration ---- */

/* ICC-11: highest Arb ID. A guest may give two agents the same (ICC-23): then the one
 * with the lower number has the bus. */
static unsigned arbitrate(const irqsim_icc_t *bus, const irqsim_icc_agents_t *agents)
{
    unsigned winner = NO_AGENT, best = 0;

    for (unsigned agent = 0; agent < agents_on(bus); agent++) {
        if (bus->since[agent] > bus->due || !has_message(bus, agents, agent))
            continue;
        const unsigned eoi = has_eoi(bus, agents, agent); /* ICC-10: EOIs beat the others */
        const unsigned bid = 1u + (eoi << 4 | irqsim_icc_arb(bus, agents, agent));
        if (bid > best) {
            best = bid;
            winner = agent;
        }
    }
    return winner;
}

/* ICC-20: the holder of 15 takes the only value that this leaves free (ICC-22). Where
 * IDs are shared there may be more such holders, and the winner may be one; then four
 * bits make 0 of 15 + 1 (ICC-23). */
static void rotate(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents)
{
    const unsigned won = irqsim_icc_arb(bus, agents, bus->sender);

    for (unsigned agent = 0; agent < agents_on(bus); agent++) {
        const unsigned arb_id = irqsim_icc_arb(bus, agents, agent);
        set_arb(bus, agents, agent, ((arb_id == HIGHEST_ID ? won : arb_id) + 1) & HIGHEST_ID);
    }
    set_arb(bus, agents, bus->sender, 0);
}

/* ---- a message begins ---- */

static void take_from_bridge(irqsim_icc_t *bus)
{
    bus->msg = bus->bridge;
    bus->bridge_asks = 0;
}

static void take(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents, unsigned agent)
{
    irqsim_lapic_t *la = lapic_of(bus, agents, agent);
    irqsim_ioapic_t *io = ioapic_of(bus, agents, agent);

    if (la) {
        irqsim_lapic_bus_take(la, &bus->msg);
        bus->msg.source = IRQSIM_APIC_FROM_CPU(agent);
    } else if (io) {
        irqsim_ioapic_bus_take(io, &bus->msg);
    } else {
        take_from_bridge(bus);
    }
}

static irqsim_icc_kind_t kind_of(const irqsim_apic_msg_t *msg)
{
    if (msg->is_eoi)
        return IRQSIM_ICC_EOI;
    return msg->mode == IRQSIM_APIC_REMOTE_READ ? IRQSIM_ICC_READ : IRQSIM_ICC_SHORT;
}

static void expect_disturbance(irqsim_icc_t *bus)
{
    bus->bad_cycle = bus->next_bad_cycle;
    bus->bad_bits = bus->next_bad_bits;
    bus->next_bad_cycle = bus->next_bad_bits = 0;
}

static irqsim_icc_act_t begin(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents)
{
    const unsigned agent = arbitrate(bus, agents);

    if (agent == NO_AGENT) {
        irqsim_icc_look(bus, agents, bus->due);
        return IRQSIM_ICC_NOTHING;
    }
    bus->begin = bus->due;
    bus->waited = bus->begin - bus->since[agent];
    bus->begun++;
    bus->since[agent] = IRQSIM_NEVER;
    bus->sender = (uint8_t)agent;
    bus->outcome = IRQSIM_ICC_UNDECIDED;
    expect_disturbance(bus);
    take(bus, agents, agent);
    bus->kind = (uint8_t)kind_of(&bus->msg);
    irqsim__icc_put_message(bus, irqsim_icc_arb(bus, agents, agent));
    bus->phase = IRQSIM_ICC_BUSY;
    bus->due = bus->begin + irqsim__icc_layout((irqsim_icc_kind_t)bus->kind)->a1;
    irqsim_icc_look(bus, agents, bus->begin);
    return IRQSIM_ICC_BEGAN;
}

/* ---- a message is decided ---- */

static void tell_sender(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents)
{
    const irqsim_apic_fate_t told = (irqsim_apic_fate_t)bus->told;
    irqsim_lapic_t *la = lapic_of(bus, agents, bus->sender);
    irqsim_ioapic_t *io = ioapic_of(bus, agents, bus->sender);

    if (la)
        irqsim_lapic_bus_done(la, &bus->msg, told);
    else if (io)
        irqsim_ioapic_bus_done(io, bus->msg.source - IRQSIM_APIC_FROM_IOAPIC(0), told);
    else
        bus->bridge_asks = told == IRQSIM_APIC_RETRY;
}

/* ICC-52: everybody on the bus hears every message, but for those that left it (APIC-36). */
static void log_errors(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents, const verdict_t *v)
{
    if (!v->sender_esr && !v->receiver_esr)
        return;
    for (unsigned i = 0; i < bus->lapics; i++)
        if (globally_enabled(&agents->lapic[i]))
            irqsim__lapic_log_error(&agents->lapic[i],
                                    i == bus->sender ? v->sender_esr : v->receiver_esr);
}

/* Nothing can change the message's fate any more. */
static irqsim_icc_act_t decide(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents)
{
    const uint64_t now = bus->due;

    tell_sender(bus, agents);
    bus->phase = IRQSIM_ICC_ENDING;
    bus->due = bus->begin + irqsim_icc_length(bus); /* ICC-51: an error does not last longer */
    irqsim_icc_look(bus, agents, now);
    return IRQSIM_ICC_DECIDED;
}

static irqsim_icc_act_t bid(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents)
{
    bus->kind = IRQSIM_ICC_LOWEST;
    irqsim__icc_bid(bus, agents);
    bus->phase = IRQSIM_ICC_BIDDING;
    bus->due = bus->begin + irqsim__icc_layout(IRQSIM_ICC_LOWEST)->late;
    return IRQSIM_ICC_NOTHING;
}

/* ICC-38: the targets drive together, so what they have is ORed. */
static irqsim_icc_act_t read_register(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents)
{
    const irqsim_time_t now = irqsim_clock_to_time(&bus->clk, bus->due);
    uint32_t data = 0;
    bool valid = true;

    for (unsigned i = 0; i < bus->lapics; i++) {
        uint32_t one = 0;
        if (bus->meant >> i & 1)
            valid &= irqsim__lapic_remote_register(&agents->lapic[i], bus->heard.vector, now, &one);
        data |= one;
    }
    bus->kind = IRQSIM_ICC_READ;
    irqsim__icc_put_data(bus, data, valid);
    bus->phase = IRQSIM_ICC_READING;
    bus->due = bus->begin + irqsim__icc_layout(IRQSIM_ICC_READ)->late;
    return IRQSIM_ICC_NOTHING;
}

/* A read that came to nothing is an invalid one, in 21 cycles. */
static void give_up_read(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents)
{
    irqsim_lapic_t *la = lapic_of(bus, agents, bus->sender);

    bus->kind = IRQSIM_ICC_SHORT;
    irqsim__icc_put(bus, irqsim__icc_layout(IRQSIM_ICC_SHORT)->cycles, 0);
    if (la)
        irqsim__lapic_read_done(la, false, 0);
}

static irqsim_icc_act_t status(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents)
{
    const verdict_t *v = irqsim__icc_status(bus, agents);

    if (v->rotates)
        rotate(bus, agents); /* ICC-21: before it is known who takes a lowest-priority one */
    if (v->outcome == IRQSIM_ICC_ARBITRATES)
        return bid(bus, agents);
    if (bus->heard.mode == IRQSIM_APIC_REMOTE_READ && v->outcome == IRQSIM_ICC_ACCEPTED)
        return read_register(bus, agents);
    if (bus->kind == IRQSIM_ICC_READ)
        give_up_read(bus, agents);
    log_errors(bus, agents, v);
    irqsim__icc_deliver(bus, agents);
    return decide(bus, agents);
}

static irqsim_icc_act_t late_status(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents)
{
    const verdict_t *v = irqsim__icc_late_status(bus, agents);

    log_errors(bus, agents, v);
    irqsim__icc_deliver(bus, agents);
    return decide(bus, agents);
}

static irqsim_icc_act_t data_read(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents)
{
    const bool good = irqsim__icc_data_is_good(bus);
    irqsim_lapic_t *la = lapic_of(bus, agents, bus->sender);

    if (la) {
        irqsim__lapic_read_done(la, good && irqsim__icc_data_is_valid(bus),
                                irqsim__icc_get_data(bus));
        if (!good)
            irqsim__lapic_log_error(la, LAPIC_ESR_RECV_CHECKSUM); /* ICC-52 */
    }
    if (!good)
        bus->outcome = IRQSIM_ICC_CHECKSUM_ERROR;
    return decide(bus, agents);
}

static irqsim_icc_act_t end(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents)
{
    (void)agents;
    bus->used += irqsim_icc_length(bus);
    bus->free_at = bus->due; /* ICC-55, ICC-56: back to back, the idle cycle is its part */
    bus->phase = IRQSIM_ICC_IDLE;
    plan(bus);
    return IRQSIM_ICC_ENDED;
}

/* ---- time ---- */

irqsim_icc_act_t irqsim_icc_act(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents)
{
    static irqsim_icc_act_t (*const acts[])(irqsim_icc_t *, const irqsim_icc_agents_t *) = {
        [IRQSIM_ICC_IDLE] = begin,          [IRQSIM_ICC_BUSY] = status,
        [IRQSIM_ICC_BIDDING] = late_status, [IRQSIM_ICC_READING] = data_read,
        [IRQSIM_ICC_ENDING] = end,
    };

    return acts[bus->phase](bus, agents);
}

void irqsim_icc_advance(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents, uint64_t clock)
{
    while (bus->due <= clock && bus->due != IRQSIM_NEVER)
        irqsim_icc_act(bus, agents);
}

/* ---- beginning ---- */

irqsim_status_t irqsim_icc_init(irqsim_icc_t *bus, const irqsim_icc_desc_t *desc)
{
    if ((unsigned)desc->lapics + desc->ioapics + desc->bridge > IRQSIM_ICC_AGENTS ||
        desc->bridge_id >= IRQSIM_ICC_AGENTS)
        return IRQSIM_E_RANGE; /* ICC-03 */
    memset(bus, 0, sizeof(*bus));
    bus->clk = desc->clk.num ? desc->clk : (irqsim_clock_t){USUAL_PICCLK, 1};
    bus->variants = desc->variants;
    bus->handshake = desc->handshake;
    bus->lapics = desc->lapics;
    bus->ioapics = desc->ioapics;
    bus->has_bridge = desc->bridge;
    bus->bridge_id = bus->bridge_arb = desc->bridge_id; /* ICC-23 */
    bus->due = IRQSIM_NEVER;
    for (unsigned agent = 0; agent < IRQSIM_ICC_AGENTS; agent++)
        bus->since[agent] = IRQSIM_NEVER;
    return IRQSIM_OK;
}

void irqsim_icc_reset(irqsim_icc_t *bus)
{
    const irqsim_icc_t was = *bus;

    irqsim_icc_init(bus, &(irqsim_icc_desc_t){.lapics = was.lapics,
                                              .ioapics = was.ioapics,
                                              .bridge = was.has_bridge,
                                              .bridge_id = was.bridge_id,
                                              .variants = was.variants,
                                              .handshake = was.handshake,
                                              .clk = was.clk});
    bus->begun = was.begun;
    bus->used = was.used;
}

/* ---- tests and views ---- */

irqsim_status_t irqsim_icc_disturb(irqsim_icc_t *bus, unsigned cycle, unsigned bits)
{
    if (cycle < 1 || cycle > IRQSIM_ICC_CYCLES || bits < 1 || bits > 3)
        return IRQSIM_E_RANGE;
    bus->next_bad_cycle = (uint8_t)cycle;
    bus->next_bad_bits = (uint8_t)bits;
    return IRQSIM_OK;
}

unsigned irqsim_icc_length(const irqsim_icc_t *bus)
{
    return irqsim__icc_layout((irqsim_icc_kind_t)bus->kind)->cycles;
}

unsigned irqsim_icc_cycles(const irqsim_icc_t *bus, uint64_t clock)
{
    const unsigned all = irqsim_icc_length(bus);

    if (clock <= bus->begin)
        return 0;
    return clock - bus->begin < all ? (unsigned)(clock - bus->begin) : all;
}

unsigned irqsim_icc_cycle(const irqsim_icc_t *bus, unsigned k)
{
    return k >= 1 && k <= IRQSIM_ICC_CYCLES ? bus->wire[k - 1] : 0;
}

uint64_t irqsim_icc_used(const irqsim_icc_t *bus, uint64_t clock)
{
    const bool busy = bus->phase != IRQSIM_ICC_IDLE;

    return bus->used + (busy ? irqsim_icc_cycles(bus, clock) : 0);
}
