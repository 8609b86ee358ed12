/* SPDX-License-Identifier: MIT */
/*
 * apic_wires.c - messages that take no time
 *
 * Nearly every message is for one local APIC and has its place in IRR: that needs no
 * message at all. What is rarer travels as it does on a bus.
 */
#include <irqsim/apic_wires.h>
#include <irqsim/regs/ioapic_regs.h>

#include "ioapic_int.h"
#include "lapic_irr.h"

/* ---- who listens ---- */

static bool is_direct(const irqsim_lapic_t *la, uint32_t number)
{
    return globally_enabled(la) && !on_serial_bus(la) && la->id == number;
}

static void look_at_ids(irqsim_apic_wires_t *w)
{
    w->direct = w->lapics <= LAPIC_DEST_ALL; /* so that no number is the broadcast's */
    w->slots = 0;
    for (uint32_t cpu = 0; cpu < w->lapics; cpu++) {
        w->direct &= is_direct(&w->lapic[cpu], cpu);
        w->slots |= on_serial_bus(&w->lapic[cpu]);
    }
}

/* The one that a physical destination means and that takes what it is sent, or NULL:
 * not found that easily. */
static inline irqsim_lapic_t *one_at(const irqsim_apic_wires_t *w, uint32_t dest)
{
    if (!w->direct || dest >= w->lapics || !(w->lapic[dest].svr & LAPIC_SVR_ENABLE))
        return NULL;
    return &w->lapic[dest];
}

static irqsim_apic_fate_t deliver_message(irqsim_apic_wires_t *w, const irqsim_apic_msg_t *msg)
{
    return irqsim_apic_deliver(w->lapic, (irqsim_apic_range_t){0, w->lapics}, &w->turn, msg);
}

/* ---- from I/O APICs ---- */

/* False: there is none, or it was refused. */
static bool carry_pin(irqsim_apic_wires_t *w, irqsim_ioapic_t *io)
{
    irqsim_apic_msg_t msg;

    if (!irqsim_ioapic_bus_take(io, &msg))
        return false;
    const irqsim_apic_fate_t fate = deliver_message(w, &msg);
    irqsim_ioapic_bus_done(io, msg.source - IRQSIM_APIC_FROM_IOAPIC(0), fate);
    return fate != IRQSIM_APIC_RETRY;
}

/* A refused message lets the others go first, then waits. Did any get through? */
static ASIDE bool serve_ioapic(irqsim_apic_wires_t *w, irqsim_ioapic_t *io)
{
    bool any = false;

    while (io->pending) {
        const bool through = carry_pin(w, io);
        any |= through;
        if (!through && !(io->pending & ~io->refused))
            break;
    }
    return any;
}

/* The message of a pin that has just moved, on a board where no other waits: if its
 * entry is fixed, physical, and nothing out of the ordinary. False: it is not. */
static inline bool carry_simply(const irqsim_apic_wires_t *w, irqsim_ioapic_t *io)
{
    const uint32_t bit = io->pending;
    const uint64_t rte = io->rte[__builtin_ctz(bit)];
    const uint32_t vector = (uint32_t)rte & IOAPIC_RTE_VECTOR_MASK;
    irqsim_lapic_t *la = one_at(w, (uint32_t)(rte >> 56));

    if (!la || rte & (IOAPIC_RTE_DM_MASK | IOAPIC_RTE_DEST_MODE_MASK) ||
        vector < LOWEST_LEGAL_VECTOR)
        return false;
    io->pending = io->out = 0;
    io->remote |= bit & io->level; /* IOAPIC-24 */
    place(la, vector, io->level & bit);
    return true;
}

/* ---- from local APICs ---- */

static ASIDE void tell_ioapics(irqsim_apic_wires_t *w, uint32_t vector)
{
    for (uint32_t n = 0; n < w->ioapics; n++)
        if (w->ioapic[n].remote && end_vector(&w->ioapic[n], (uint8_t)vector) && w->ioapic[n].out)
            serve_ioapic(w, &w->ioapic[n]);
}

/* ICC-54: on P5 and P6 an EOI that nobody hears is an error. */
static void carry_eoi(irqsim_apic_wires_t *w, irqsim_lapic_t *la, const irqsim_apic_msg_t *msg)
{
    for (uint32_t n = 0; n < w->ioapics; n++)
        irqsim_ioapic_eoi(&w->ioapic[n], msg->vector);
    irqsim_lapic_bus_done(la, msg, w->ioapics ? IRQSIM_APIC_ACCEPTED : IRQSIM_APIC_NOBODY);
}

/* ICC-38: all who are meant answer together. */
static void carry_read(irqsim_apic_wires_t *w, irqsim_lapic_t *la, const irqsim_apic_msg_t *msg)
{
    uint32_t data = 0;
    bool heard = false, valid = true;

    for (uint32_t cpu = 0; cpu < w->lapics; cpu++) {
        const irqsim_lapic_t *target = &w->lapic[cpu];
        uint32_t one = 0;
        if (!globally_enabled(target) || !irqsim_apic_means(msg, target))
            continue;
        heard = true;
        valid &= irqsim__lapic_remote_register(target, msg->vector, w->now, &one);
        data |= one;
    }
    irqsim__lapic_read_done(la, heard && valid, data);
    irqsim_lapic_bus_done(la, msg, heard ? IRQSIM_APIC_ACCEPTED : IRQSIM_APIC_NOBODY);
}

/* False: there is none, or it was refused. */
static bool carry_from(irqsim_apic_wires_t *w, irqsim_lapic_t *la)
{
    irqsim_apic_msg_t msg;

    if (!irqsim_lapic_bus_take(la, &msg))
        return false;
    if (msg.is_eoi) {
        carry_eoi(w, la, &msg);
    } else if (msg.mode == IRQSIM_APIC_REMOTE_READ) {
        carry_read(w, la, &msg);
    } else {
        const irqsim_apic_fate_t fate = deliver_message(w, &msg);
        irqsim_lapic_bus_done(la, &msg, fate);
        return fate != IRQSIM_APIC_RETRY;
    }
    return true;
}

/* What the ICR was just written with, if that is fixed, an edge, and to one by its ID.
 * False: it is not. */
static inline bool send_simply(const irqsim_apic_wires_t *w, irqsim_lapic_t *la)
{
    const uint32_t unusual =
        LAPIC_DM_MASK | LAPIC_ICR_DEST_LOGICAL | LAPIC_ICR_TRIGGER_LEVEL | LAPIC_ICR_SHORTHAND_MASK;
    irqsim_lapic_t *one = one_at(w, la->sent_high >> LAPIC_ICR_HIGH_DEST_SHIFT);

    if (!one || la->sent_low & unusual)
        return false;
    la->icr_busy = IRQSIM_LAPIC_ICR_IDLE;
    la->out &= ~IRQSIM_LAPIC_OUT_MSG;
    place(one, la->sent_low & LAPIC_ICR_VECTOR_MASK, false);
    return true;
}

/* ---- all that waits ---- */

/* Where messages are refused, any step may make room for one (APIC-46). */
static ASIDE void serve_all(irqsim_apic_wires_t *w)
{
    bool moved = true;

    while (moved) {
        moved = false;
        for (uint32_t n = 0; n < w->ioapics; n++)
            moved |= serve_ioapic(w, &w->ioapic[n]);
        for (uint32_t cpu = 0; cpu < w->lapics; cpu++)
            moved |= carry_from(w, &w->lapic[cpu]);
    }
}

static ASIDE void after_pin(irqsim_apic_wires_t *w, irqsim_ioapic_t *io)
{
    if (w->slots)
        serve_all(w);
    else
        serve_ioapic(w, io);
}

static ASIDE void after_write(irqsim_apic_wires_t *w, irqsim_lapic_t *la)
{
    if (w->slots)
        serve_all(w);
    while (carry_from(w, la))
        for (uint32_t n = 0; n < w->ioapics; n++) /* what an EOI lets them send */
            serve_ioapic(w, &w->ioapic[n]);
}

static ASIDE void listeners_changed(irqsim_apic_wires_t *w)
{
    look_at_ids(w);
    for (uint32_t n = 0; n < w->ioapics; n++)
        irqsim_ioapic_listeners_changed(&w->ioapic[n]);
    serve_all(w);
}

/* ---- the board's side ---- */

void irqsim_apic_wires_init(irqsim_apic_wires_t *w, irqsim_lapic_t *lapic, uint32_t lapics,
                            irqsim_ioapic_t *ioapic, uint32_t ioapics)
{
    *w = (irqsim_apic_wires_t){
        .lapic = lapic, .ioapic = ioapic, .lapics = lapics, .ioapics = ioapics};
    look_at_ids(w);
    serve_all(w);
}

void irqsim_apic_wires_set_pin(irqsim_apic_wires_t *w, uint32_t n, unsigned pin, bool level)
{
    if (n >= w->ioapics)
        return;

    irqsim_ioapic_t *io = &w->ioapic[n];
    if (set_pin(io, pin, level) ? !carry_simply(w, io) : w->slots)
        after_pin(w, io);
}

void irqsim_apic_wires_write(irqsim_apic_wires_t *w, uint32_t cpu, uint32_t offset, uint32_t value,
                             irqsim_time_t now)
{
    if (cpu >= w->lapics)
        return;

    irqsim_lapic_t *la = &w->lapic[cpu];
    if (offset == LAPIC_REG_EOI && w->direct && in_xapic_mode(la)) {
        const uint32_t vector = end_service(la);
        if (vector)
            tell_ioapics(w, vector);
        return;
    }
    w->now = now;
    irqsim_lapic_write(la, offset, value, now);
    if (irqsim_lapic_says_who_listens(offset))
        listeners_changed(w);
    else if (la->out & IRQSIM_LAPIC_OUT_MSG ? !send_simply(w, la) : w->slots)
        after_write(w, la);
}

bool irqsim_apic_wires_wrmsr(irqsim_apic_wires_t *w, uint32_t cpu, uint32_t msr, uint64_t value,
                             irqsim_time_t now)
{
    if (cpu >= w->lapics || !irqsim_lapic_wrmsr(&w->lapic[cpu], msr, value, now))
        return false;
    w->now = now;
    if (msr == MSR_IA32_APIC_BASE || msr == MSR_X2APIC(LAPIC_REG_SVR))
        listeners_changed(w);
    else
        after_write(w, &w->lapic[cpu]);
    return true;
}

void irqsim_apic_wires_write_ioapic(irqsim_apic_wires_t *w, uint32_t n, uint32_t offset,
                                    uint32_t value)
{
    if (n >= w->ioapics)
        return;
    irqsim_ioapic_write(&w->ioapic[n], offset, value);
    after_pin(w, &w->ioapic[n]);
}

irqsim_apic_fate_t irqsim_apic_wires_send(irqsim_apic_wires_t *w, const irqsim_apic_msg_t *msg)
{
    const irqsim_apic_fate_t fate = deliver_message(w, msg);

    if (w->slots)
        serve_all(w);
    return fate;
}
