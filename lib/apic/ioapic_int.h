/* SPDX-License-Identifier: MIT */
/*
 * ioapic_int.h - pins and what they ask for, inline: for the chip, and for wires that
 * carry its messages at once (apic_wires.c)
 */
#ifndef IRQSIM_IOAPIC_INT_H
#define IRQSIM_IOAPIC_INT_H

#include <irqsim/ioapic.h>

#define MAX_ENTRY (IRQSIM_IOAPIC_PINS - 1u)

/* IOAPIC-38: asserted is the raw level XOR the polarity. */
static inline uint32_t asserted(const irqsim_ioapic_t *io)
{
    return io->in ^ io->low;
}

/* IOAPIC-24, IOAPIC-25, IOAPIC-26: a level pin asks while it is asserted, open, and not yet
 * accepted; nothing about it is latched. */
static inline uint32_t asking(const irqsim_ioapic_t *io)
{
    return (asserted(io) | io->written) & io->level &
           ~(io->closed | io->remote | io->busy | io->unheard);
}

static inline void show(irqsim_ioapic_t *io)
{
    io->out = io->pending ? IRQSIM_IOAPIC_OUT_MSG : 0;
}

static inline void settle(irqsim_ioapic_t *io)
{
    io->unheard &= asserted(io);
    io->pending = (io->pending & ~io->level) | asking(io);
    show(io);
}

/* Pins that became asserted. IOAPIC-22: an edge counts only when the message of
 * the one before it has left. IOAPIC-23: masked edges are not held. */
static inline void edges(irqsim_ioapic_t *io, uint32_t rose)
{
    const uint32_t deaf = io->closed | io->pending | io->busy;

    rose &= ~io->level;
    io->lost |= rose & deaf;
    io->pending |= rose & ~deaf;
    show(io);
}

/* The same for one pin of an edge entry. */
static inline void edge(irqsim_ioapic_t *io, uint32_t bit)
{
    if ((io->closed | io->pending | io->busy) & bit) {
        io->lost |= bit;
    } else {
        io->pending |= bit;
        io->out = IRQSIM_IOAPIC_OUT_MSG;
    }
}

static inline uint32_t move(irqsim_ioapic_t *io, uint32_t moved)
{
    io->in ^= moved;
    if (moved & io->level)
        settle(io);
    if (moved & asserted(io) & ~io->level)
        edges(io, moved & asserted(io));
    return io->out;
}

/* One pin of a level entry. What was unheard is so no more when its line falls. */
static inline void level_moved(irqsim_ioapic_t *io, uint32_t bit)
{
    if (!(asserted(io) & bit)) {
        io->unheard &= ~bit;
        io->pending &= ~bit | io->written;
    } else if (!((io->closed | io->remote | io->busy) & bit)) {
        io->pending |= bit;
    }
    show(io);
}

static inline uint32_t set_pin(irqsim_ioapic_t *io, unsigned pin, bool level)
{
    if (pin > MAX_ENTRY)
        return io->out;

    const uint32_t moved = (io->in ^ (uint32_t)level << pin) & UINT32_C(1) << pin;
    io->in ^= moved;
    if (moved & io->level)
        level_moved(io, moved);
    else if (moved & asserted(io))
        edge(io, moved);
    return io->out;
}

static inline uint32_t end_vector(irqsim_ioapic_t *io, uint8_t vector)
{
    uint32_t ended = 0;

    for (uint32_t rest = io->remote; rest; rest &= rest - 1) {
        const unsigned pin = (unsigned)__builtin_ctz(rest);
        if ((uint8_t)io->rte[pin] == vector) /* IOAPIC-29, IOAPIC-34: nothing but the vector */
            ended |= UINT32_C(1) << pin;
    }
    io->remote &= ~ended;
    if (ended)
        settle(io); /* IOAPIC-24: still asserted means again */
    return ended;
}

/* IOAPIC-21: the lowest. Refused ones wait until the others had their turn, or a pin
 * whose receiver has no slot would hold up all above it. */
static inline unsigned next_pin(irqsim_ioapic_t *io)
{
    if (io->refused) {
        if (io->pending & ~io->refused)
            return (unsigned)__builtin_ctz(io->pending & ~io->refused);
        io->refused = 0;
    }
    return (unsigned)__builtin_ctz(io->pending);
}

#endif
