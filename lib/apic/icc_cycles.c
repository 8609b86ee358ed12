/* SPDX-License-Identifier: MIT */
/*
 * icc_cycles.c - a message on the wires of the APIC bus, cycle by cycle
 *
 * Values are logical, {bit1,bit0} (ICC-01). What the receivers know of a message
 * they know from here, so that a disturbed cycle is all they ever saw.
 */
#include <irqsim/regs/lapic_regs.h>

#include "icc_int.h"

enum { BIT0 = 1, BIT1 = 2 };
enum { START = 1, ARB_ID = 2, EOI_VECTOR = 6, MODE = 6, VECTOR = 9, DEST = 13 };
enum { BID = 21, BID_ARB_ID = 29, DATA = 21, DATA_END = 36, DATA_STATUS = 37, DATA_CHECK = 38 };

/* clang-format off */
static const layout_t layouts[] = {
    /*                     cycles  data    A   A1  late */
    [IRQSIM_ICC_EOI]    = {14,     6,  9,  12, 13, 0},  /* ICC-30, ICC-34 */
    [IRQSIM_ICC_SHORT]  = {21,     6, 16,  19, 20, 0},  /* ICC-31, ICC-35 */
    [IRQSIM_ICC_LOWEST] = {34,     6, 16,  19, 20, 33}, /* ICC-32, ICC-37 */
    [IRQSIM_ICC_READ]   = {39,     6, 16,  19, 20, 38}, /* ICC-33, ICC-38 */
};
/* clang-format on */

const layout_t *irqsim__icc_layout(irqsim_icc_kind_t kind)
{
    return &layouts[kind];
}

/* ---- wires ---- */

void irqsim__icc_put(irqsim_icc_t *bus, unsigned k, unsigned value)
{
    bus->wire[k - 1] = (uint8_t)(k == bus->bad_cycle ? value ^ bus->bad_bits : value);
}

unsigned irqsim__icc_get(const irqsim_icc_t *bus, unsigned k)
{
    return bus->wire[k - 1];
}

/* The low 2n bits of `value`, two a cycle, most significant first. */
static void put_pairs(irqsim_icc_t *bus, unsigned k, uint32_t value, unsigned n)
{
    while (n-- > 0)
        irqsim__icc_put(bus, k++, value >> 2 * n & 3);
}

static uint32_t get_pairs(const irqsim_icc_t *bus, unsigned k, unsigned n)
{
    uint32_t value = 0;

    while (n-- > 0)
        value = value << 2 | irqsim__icc_get(bus, k++);
    return value;
}

/* The low n bits of `value`, one a cycle, on bit 1. */
static void put_bits(irqsim_icc_t *bus, unsigned k, uint32_t value, unsigned n)
{
    while (n-- > 0)
        irqsim__icc_put(bus, k++, value >> n & 1 ? BIT1 : 0);
}

/* ICC-39: each carry but the last is added back; the variant adds none. */
static unsigned checksum(const irqsim_icc_t *bus, unsigned first, unsigned last)
{
    const bool plain = bus->variants & IRQSIM_ICC_VARIANT_PLAIN_CHECKSUM;
    unsigned sum = irqsim__icc_get(bus, first);

    for (unsigned k = first + 1; k <= last; k++) {
        sum += irqsim__icc_get(bus, k);
        if (!plain && k < last)
            sum = (sum & 3) + (sum >> 2);
    }
    return sum & 3;
}

/* What the sender drove, whatever became of it on the wires. */
static unsigned checksum_sent(irqsim_icc_t *bus, unsigned first, unsigned last)
{
    unsigned sum;

    if (bus->bad_cycle < first || bus->bad_cycle > last)
        return checksum(bus, first, last);
    bus->wire[bus->bad_cycle - 1] ^= bus->bad_bits;
    sum = checksum(bus, first, last);
    bus->wire[bus->bad_cycle - 1] ^= bus->bad_bits;
    return sum;
}

/* ---- messages ---- */

/* ICC-36: physical destinations have four bits, a shorthand travels as physical F. */
static uint32_t destination(const irqsim_apic_msg_t *msg)
{
    if (msg->shorthand != IRQSIM_APIC_TO_DEST)
        return LAPIC_DEST_ALL_P6;
    return msg->logical ? msg->dest & 0xFF : msg->dest & 0xF;
}

static void put_fields(irqsim_icc_t *bus, const irqsim_apic_msg_t *msg)
{
    const bool logical = msg->logical && msg->shorthand == IRQSIM_APIC_TO_DEST;

    put_pairs(bus, MODE, (uint32_t)logical << 3 | (msg->mode & 7u), 2);
    irqsim__icc_put(bus, MODE + 2, (msg->assert ? BIT1 : 0) | (msg->level ? BIT0 : 0));
    put_pairs(bus, VECTOR, msg->vector, 4);
    put_pairs(bus, DEST, destination(msg), 4);
}

static void hear(irqsim_icc_t *bus)
{
    irqsim_apic_msg_t *msg = &bus->heard;

    *msg = bus->msg; /* what only the sender knows: source, shorthand, cause */
    if (msg->is_eoi) {
        msg->vector = (uint8_t)get_pairs(bus, EOI_VECTOR, 4);
        return;
    }
    msg->logical = irqsim__icc_get(bus, MODE) >> 1 & 1;
    msg->mode = get_pairs(bus, MODE, 2) & 7;
    msg->assert = irqsim__icc_get(bus, MODE + 2) >> 1 & 1;
    msg->level = irqsim__icc_get(bus, MODE + 2) & 1;
    msg->vector = (uint8_t)get_pairs(bus, VECTOR, 4);
    msg->dest = get_pairs(bus, DEST, 4);
}

void irqsim__icc_put_message(irqsim_icc_t *bus, unsigned arb_id)
{
    const layout_t *at = &layouts[bus->kind];

    irqsim__icc_put(bus, START, bus->msg.is_eoi ? BIT0 | BIT1 : BIT0); /* ICC-10 */
    put_bits(bus, ARB_ID, arb_id, 4);                                  /* ICC-11: the winner's */
    if (bus->msg.is_eoi)
        put_pairs(bus, EOI_VECTOR, bus->msg.vector, 4);
    else
        put_fields(bus, &bus->msg);
    irqsim__icc_put(bus, at->last + 1u, checksum_sent(bus, at->first, at->last));
    irqsim__icc_put(bus, at->last + 2u, 0); /* postamble */
    irqsim__icc_put(bus, at->cycles, 0);    /* idle */
    hear(bus);
}

bool irqsim__icc_message_is_good(const irqsim_icc_t *bus)
{
    const layout_t *at = &layouts[bus->kind];

    return checksum(bus, at->first, at->last) == irqsim__icc_get(bus, at->last + 1u);
}

/* ---- the longer ones ---- */

/* ICC-37: all bidders drive NOT(APR), those beaten drop out: the wires show the
 * winner's. So with the Arb IDs of those left. */
void irqsim__icc_put_bid(irqsim_icc_t *bus, unsigned apr, unsigned arb_id)
{
    put_bits(bus, BID, ~apr, 8);
    put_bits(bus, BID_ARB_ID, arb_id, 4);
    irqsim__icc_put(bus, layouts[IRQSIM_ICC_LOWEST].cycles, 0);
}

void irqsim__icc_put_data(irqsim_icc_t *bus, uint32_t data, bool valid)
{
    put_pairs(bus, DATA, data, 16);
    irqsim__icc_put(bus, DATA_STATUS, valid ? 0 : BIT0 | BIT1);
    irqsim__icc_put(bus, DATA_CHECK, checksum_sent(bus, DATA, DATA_END));
    irqsim__icc_put(bus, layouts[IRQSIM_ICC_READ].cycles, 0);
}

bool irqsim__icc_data_is_good(const irqsim_icc_t *bus)
{
    return checksum(bus, DATA, DATA_END) == irqsim__icc_get(bus, DATA_CHECK);
}

bool irqsim__icc_data_is_valid(const irqsim_icc_t *bus)
{
    return irqsim__icc_get(bus, DATA_STATUS) == 0;
}

uint32_t irqsim__icc_get_data(const irqsim_icc_t *bus)
{
    return get_pairs(bus, DATA, 16);
}
