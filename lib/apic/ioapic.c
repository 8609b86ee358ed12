/* SPDX-License-Identifier: MIT */
/*
 * ioapic.c - the I/O APIC: 24 pins, a redirection entry each
 *
 * Everything about all pins is a 24-bit mask, so a pin change is a few ANDs
 * and the next message is a count of trailing zeros. `low`, `level` and
 * `closed` repeat bits of the entries; entry_written() keeps them true.
 */
#include <string.h>

#include <irqsim/regs/ioapic_regs.h>

#include "ioapic_int.h"

#define ALL_PINS ((UINT32_C(1) << IRQSIM_IOAPIC_PINS) - 1)
#define REGS_END IOAPIC_REG_RTE_LOW(IRQSIM_IOAPIC_PINS)
/* IOAPIC-11, IOAPIC-12, IOAPIC-13, IOAPIC-15, IOAPIC-17, IOAPIC-18; delivery status (IOAPIC-14) and remote IRR
 * (IOAPIC-16) are read-only, the rest reserved (IOAPIC-19). */
#define RTE_WRITABLE                                                                               \
    (IOAPIC_RTE_VECTOR_MASK | IOAPIC_RTE_DM_MASK | IOAPIC_RTE_DEST_MODE_MASK |                     \
     IOAPIC_RTE_ACTIVE_LOW | IOAPIC_RTE_TRIGGER_LEVEL | IOAPIC_RTE_MASKED)

/* Off the usual path: must not cost the usual path registers. */
#define ASIDE __attribute__((noinline))

/* IOAPIC-30: what a delivery mode may do. */
#define BIT(mode)    (1u << IRQSIM_APIC_##mode)
#define LEVEL_MODES  (BIT(FIXED) | BIT(LOWEST))
#define CLOSED_MODES (BIT(REMOTE_READ) | BIT(SIPI)) /* reserved in an entry: not sent */

static uint32_t mode_of(uint64_t rte)
{
    return ((uint32_t)rte & IOAPIC_RTE_DM_MASK) >> IOAPIC_RTE_DM_SHIFT;
}

/* ---- pins ---- */

uint32_t irqsim_ioapic_set_in(irqsim_ioapic_t *io, uint32_t levels)
{
    return move(io, (levels ^ io->in) & ALL_PINS);
}

uint32_t irqsim_ioapic_set_pin(irqsim_ioapic_t *io, unsigned pin, bool level)
{
    return set_pin(io, pin, level);
}

uint32_t irqsim_ioapic_take_lost(irqsim_ioapic_t *io)
{
    const uint32_t lost = io->lost;

    io->lost = 0;
    return lost;
}

/* ---- redirection entries ---- */

static void put(uint32_t *mask, unsigned pin, bool value)
{
    *mask = (*mask & ~(UINT32_C(1) << pin)) | (uint32_t)value << pin;
}

/* Somebody may listen to these pins who did not, also to one whose message is under way:
 * that it finds nobody means nothing then. */
static void listen_again(irqsim_ioapic_t *io, uint32_t pins)
{
    io->unheard &= ~pins;
    io->stale |= pins & io->busy;
}

/* What waits was asked for by the other trigger: a level is no edge that has happened
 * (IOAPIC-23), and an edge is no level. What is under way stays what it is. */
static void turn_trigger(irqsim_ioapic_t *io, uint32_t bit)
{
    io->pending &= ~bit;
    io->turned ^= bit & io->busy;
}

/* What follows from an entry's low half. */
static void conclude(irqsim_ioapic_t *io, unsigned pin)
{
    const uint32_t low = (uint32_t)io->rte[pin], mode = mode_of(low);

    put(&io->low, pin, low & IOAPIC_RTE_ACTIVE_LOW);
    put(&io->level, pin, low & IOAPIC_RTE_TRIGGER_LEVEL && LEVEL_MODES >> mode & 1);
    put(&io->closed, pin, low & IOAPIC_RTE_MASKED || CLOSED_MODES >> mode & 1);
}

/* IOAPIC-32: an entry's low half takes effect at once; IOAPIC-27: what was sent
 * and accepted stays so. */
static void write_low(irqsim_ioapic_t *io, unsigned pin, uint32_t value)
{
    const uint32_t bit = UINT32_C(1) << pin;
    const uint32_t before = asserted(io), level_before = io->level;
    const uint32_t mode = mode_of(value);

    io->rte[pin] = (io->rte[pin] & ~(uint64_t)UINT32_MAX) | (value & RTE_WRITABLE);
    conclude(io, pin);
    if (io->level != level_before)
        turn_trigger(io, bit);
    listen_again(io, bit);
    io->written &= io->level;
    if (!(io->level & bit))
        io->remote &= ~bit; /* IOAPIC-28, IOAPIC-31 */
    if (CLOSED_MODES >> mode & 1)
        io->pending &= ~bit;                         /* IOAPIC-30: not even a latched edge */
    edges(io, asserted(io) & ~before & ~io->closed); /* IOAPIC-38; masked: no edge at all */
    settle(io);
}

static void write_high(irqsim_ioapic_t *io, unsigned pin, uint32_t value)
{
    const uint64_t dest = value & IOAPIC_RTE_HIGH_DEST_MASK; /* IOAPIC-20 */

    io->rte[pin] = dest << 32 | (uint32_t)io->rte[pin];
    listen_again(io, UINT32_C(1) << pin);
    settle(io);
}

uint64_t irqsim_ioapic_rte(const irqsim_ioapic_t *io, unsigned pin)
{
    if (pin > MAX_ENTRY)
        return 0;

    const bool pending = (io->pending | io->busy) >> pin & 1;
    const bool remote = io->remote >> pin & 1;

    return io->rte[pin] | (pending ? IOAPIC_RTE_PENDING : 0) | (remote ? IOAPIC_RTE_REMOTE_IRR : 0);
}

/* ---- the bus's side ---- */

bool irqsim_ioapic_bus_take(irqsim_ioapic_t *io, irqsim_apic_msg_t *msg)
{
    if (!io->pending)
        return false;

    const unsigned pin = next_pin(io);
    const uint32_t bit = UINT32_C(1) << pin;
    const uint64_t rte = io->rte[pin]; /* IOAPIC-33: as it is now, not as it was at the edge */
    io->pending &= ~bit;
    io->busy |= bit;
    show(io);
    *msg = (irqsim_apic_msg_t){
        .dest = (uint32_t)(rte >> 56),
        .source = IRQSIM_APIC_FROM_IOAPIC(pin),
        .vector = (uint8_t)rte,
        .mode = (uint8_t)mode_of(rte),
        .logical = (rte & IOAPIC_RTE_LOGICAL) != 0,
        .level = (io->level & bit) != 0,
        .assert = 1,
    };
    return true;
}

/* An edge waits again, if the entry still is one; a level asks again by itself. */
static void refused(irqsim_ioapic_t *io, unsigned pin)
{
    const uint32_t bit = UINT32_C(1) << pin;
    const bool is_edge = !((io->level | io->turned) & bit);

    io->refused |= bit;
    if (is_edge && !(CLOSED_MODES >> mode_of(io->rte[pin]) & 1)) /* IOAPIC-30 */
        io->pending |= bit;
}

static void forget_sent(irqsim_ioapic_t *io, uint32_t bit)
{
    io->stale &= ~bit;
    io->turned &= ~bit;
    settle(io);
}

/* A message that did not get through. */
static ASIDE void undelivered(irqsim_ioapic_t *io, unsigned pin, irqsim_apic_fate_t fate)
{
    const uint32_t bit = UINT32_C(1) << pin;

    if (fate == IRQSIM_APIC_RETRY) {
        refused(io, pin);
    } else {
        io->unheard |= bit & io->level & ~io->stale;
        io->written &= ~bit;
    }
    forget_sent(io, bit);
}

/* IOAPIC-24: an EOI will come for what was sent as a level; if it was an edge, the level
 * that the entry is now has not been sent yet. */
static ASIDE void accepted_rarer(irqsim_ioapic_t *io, uint32_t bit)
{
    io->remote |= bit & io->level & ~io->turned;
    io->written &= ~bit;
    forget_sent(io, bit);
}

static inline void accepted(irqsim_ioapic_t *io, uint32_t bit)
{
    if ((io->stale | io->written) & bit)
        accepted_rarer(io, bit);
    else
        io->remote |= bit & io->level; /* IOAPIC-24 */
}

void irqsim_ioapic_bus_done(irqsim_ioapic_t *io, unsigned pin, irqsim_apic_fate_t fate)
{
    const uint32_t bit = UINT32_C(1) << (pin & 31);

    if (!(io->busy & bit) || pin > MAX_ENTRY)
        return; /* reset in between */
    io->busy ^= bit;
    if (fate == IRQSIM_APIC_ACCEPTED || fate == IRQSIM_APIC_COALESCED)
        accepted(io, bit);
    else
        undelivered(io, pin, fate);
}

uint32_t irqsim_ioapic_listeners_changed(irqsim_ioapic_t *io)
{
    listen_again(io, ALL_PINS);
    settle(io);
    return io->out;
}

uint32_t irqsim_ioapic_eoi(irqsim_ioapic_t *io, uint8_t vector)
{
    return end_vector(io, vector);
}

/* ---- registers ---- */

/* IOAPIC-04; BOOT_CONFIG came with it. */
static bool has_eoi_register(const irqsim_ioapic_t *io)
{
    return io->version >= IOAPIC_VERSION_EOI || io->has_pin_assert;
}

static uint32_t read_version(const irqsim_ioapic_t *io)
{
    const uint32_t prq = io->has_pin_assert ? IOAPIC_VERSION_PRQ : 0;

    return MAX_ENTRY << IOAPIC_VERSION_MAX_SHIFT | prq | io->version; /* IOAPIC-06 */
}

static bool is_entry(uint32_t index)
{
    return index >= IOAPIC_REG_RTE_LOW(0) && index < REGS_END;
}

static uint32_t read_data(const irqsim_ioapic_t *io)
{
    const uint32_t index = io->index;

    if (is_entry(index)) {
        const uint64_t rte = irqsim_ioapic_rte(io, (index - IOAPIC_REG_RTE_LOW(0)) / 2);
        return (uint32_t)(index & 1 ? rte >> 32 : rte);
    }
    switch (index) {
    case IOAPIC_REG_ID:
        return (uint32_t)io->id << IOAPIC_ID_SHIFT;
    case IOAPIC_REG_VERSION:
        return read_version(io);
    case IOAPIC_REG_ARB:
        return (uint32_t)io->arb << IOAPIC_ID_SHIFT;
    case IOAPIC_REG_BOOT_CONFIG: /* IOAPIC-08 */
        return io->boot_config;
    default:
        return 0; /* IOAPIC-10 */
    }
}

static void write_data(irqsim_ioapic_t *io, uint32_t value)
{
    const uint32_t index = io->index;

    if (is_entry(index)) {
        const unsigned pin = (index - IOAPIC_REG_RTE_LOW(0)) / 2;
        if (index & 1)
            write_high(io, pin, value);
        else
            write_low(io, pin, value);
    } else if (index == IOAPIC_REG_ID) { /* IOAPIC-05, IOAPIC-07 */
        io->id = io->arb = (uint8_t)((value & IOAPIC_ID_MASK) >> IOAPIC_ID_SHIFT);
    } else if (index == IOAPIC_REG_BOOT_CONFIG && has_eoi_register(io)) {
        io->boot_config = value & IOAPIC_BOOT_SYSTEM_BUS;
    }
}

/* IOAPIC-03: an edge on that pin. Level triggered, it asks once, until it is
 * accepted: a write has no end. Masked, it is as little held as an edge. */
static void assert_pin(irqsim_ioapic_t *io, uint32_t pin)
{
    const uint32_t bit = UINT32_C(1) << (pin & IOAPIC_PIN_ASSERT_MASK) & ALL_PINS;

    io->written |= bit & io->level & ~io->closed;
    io->unheard &= ~bit;
    settle(io);
    edges(io, bit);
}

uint32_t irqsim_ioapic_read(irqsim_ioapic_t *io, uint32_t offset)
{
    switch (offset) {
    case IOAPIC_WIN_SELECT:
        return io->index;
    case IOAPIC_WIN_DATA:
        return read_data(io);
    default:
        return 0; /* IOAPIC-02: nothing between the registers */
    }
}

void irqsim_ioapic_write(irqsim_ioapic_t *io, uint32_t offset, uint32_t value)
{
    if (offset == IOAPIC_WIN_SELECT)
        io->index = (uint8_t)value; /* IOAPIC-01 */
    else if (offset == IOAPIC_WIN_DATA)
        write_data(io, value);
    else if (offset == IOAPIC_WIN_PIN_ASSERT && io->has_pin_assert)
        assert_pin(io, value);
    else if (offset == IOAPIC_WIN_EOI && has_eoi_register(io))
        irqsim_ioapic_eoi(io, (uint8_t)value); /* IOAPIC-04 */
}

/* ---- beginning ---- */

void irqsim_ioapic_reset(irqsim_ioapic_t *io)
{
    const irqsim_ioapic_t was = *io;

    memset(io, 0, sizeof(*io));
    io->in = was.in;
    io->version = was.version;
    io->has_pin_assert = was.has_pin_assert;
    io->id = io->arb = io->initial_id = was.initial_id;
    for (unsigned pin = 0; pin < IRQSIM_IOAPIC_PINS; pin++)
        io->rte[pin] = IOAPIC_RTE_MASKED; /* IOAPIC-09 */
    io->closed = ALL_PINS;
}

void irqsim_ioapic_init(irqsim_ioapic_t *io, const irqsim_ioapic_desc_t *desc)
{
    static const irqsim_ioapic_desc_t usual = {0};

    desc = desc ? desc : &usual;
    memset(io, 0, sizeof(*io));
    io->version = desc->version ? desc->version : IOAPIC_VERSION_EOI;
    io->initial_id = desc->id & 0xF;
    io->has_pin_assert = desc->pin_assert;
    irqsim_ioapic_reset(io);
}

bool irqsim_ioapic_is_sound(const irqsim_ioapic_t *io)
{
    irqsim_ioapic_t again = *io;

    for (unsigned pin = 0; pin < IRQSIM_IOAPIC_PINS; pin++)
        conclude(&again, pin);
    show(&again);
    return again.low == io->low && again.level == io->level && again.closed == io->closed &&
           again.out == io->out;
}
