/* SPDX-License-Identifier: MIT */
/*
 * bench_apic - local APICs and an IOAPIC by their pins and registers, messages
 * carried at once
 *
 *   w3, w3b, w3c       one LAPIC: edge vectors; held back by TPR; eight nested
 *   w4a, w4b           through fifteen pins of an IOAPIC: edges; levels
 *   w5a, w5b, w5c-N    N LAPICs: IPIs to all, the ICR writes alone, to one in turn
 */
#include <stdlib.h>

#include <irqsim/apic_route.h>
#include <irqsim/ioapic.h>
#include <irqsim/regs/ioapic_regs.h>
#include <irqsim/regs/lapic_regs.h>

#include "work.h"

enum { FIRST_VECTOR = 32, LAST_VECTOR = 255, FIRST_PIN = 9, LAST_PIN = 23 };

static void power_up(irqsim_lapic_t *la, uint32_t id)
{
    const irqsim_lapic_desc_t desc = {.apic_id = id, .bsp = id == 0};

    irqsim_lapic_init(la, &desc);
    irqsim_lapic_write(la, LAPIC_REG_SVR, 0x1F | LAPIC_SVR_ENABLE, 0);
}

static void end(irqsim_lapic_t *la)
{
    irqsim_lapic_write(la, LAPIC_REG_EOI, 0, 0);
}

static void serve(irqsim_lapic_t *la, tally_t *done)
{
    if (irqsim_lapic_pending(la) >= 0)
        tally(done, irqsim_lapic_ack(la));
    end(la);
}

static unsigned next_vector(unsigned vector, unsigned first, unsigned last)
{
    return vector < last ? vector + 1 : first;
}

/* ---- one LAPIC ---- */

static void accept(irqsim_lapic_t *la, unsigned vector)
{
    const irqsim_apic_msg_t msg = {.vector = (uint8_t)vector, .assert = 1};

    irqsim_lapic_deliver(la, &msg);
}

static tally_t one_at_a_time(uint64_t n, uint32_t unused)
{
    irqsim_lapic_t la;
    tally_t done = {0, 0};
    unsigned vector = FIRST_VECTOR;

    (void)unused;
    power_up(&la, 0);
    for (uint64_t i = 0; i < n; i++) {
        accept(&la, vector);
        serve(&la, &done);
        vector = next_vector(vector, FIRST_VECTOR, LAST_VECTOR);
    }
    return done;
}

static tally_t held_back(uint64_t n, uint32_t unused)
{
    irqsim_lapic_t la;
    tally_t done = {0, 0};
    unsigned vector = FIRST_VECTOR;

    (void)unused;
    power_up(&la, 0);
    for (uint64_t i = 0; i < n; i++) {
        irqsim_lapic_write(&la, LAPIC_REG_TPR, vector & LAPIC_PRIORITY_CLASS_MASK, 0);
        accept(&la, vector);
        if (irqsim_lapic_pending(&la) >= 0)
            abort();
        irqsim_lapic_write(&la, LAPIC_REG_TPR, 0, 0);
        serve(&la, &done);
        vector = next_vector(vector, FIRST_VECTOR, LAST_VECTOR);
    }
    return done;
}

static tally_t nested(uint64_t n, uint32_t deep)
{
    irqsim_lapic_t la;
    tally_t done = {0, 0};

    power_up(&la, 0);
    for (uint64_t i = 0; i < n; i += deep) {
        for (unsigned level = 0; level < deep; level++) {
            accept(&la, 0x30 + 0x18 * level);
            if (irqsim_lapic_pending(&la) >= 0)
                tally(&done, irqsim_lapic_ack(&la));
        }
        for (unsigned level = 0; level < deep; level++)
            end(&la);
    }
    return done;
}

/* ---- an IOAPIC before it ---- */

typedef struct board {
    irqsim_ioapic_t io;
    irqsim_lapic_t la;
} board_t;

static board_t wire(uint32_t trigger)
{
    const irqsim_ioapic_desc_t desc = {0};
    board_t b;

    power_up(&b.la, 0);
    irqsim_ioapic_init(&b.io, &desc);
    for (uint32_t pin = FIRST_PIN; pin <= LAST_PIN; pin++) {
        irqsim_ioapic_write(&b.io, IOAPIC_WIN_SELECT, IOAPIC_REG_RTE_LOW(pin));
        irqsim_ioapic_write(&b.io, IOAPIC_WIN_DATA, (0x30 + 8 * pin) | trigger);
    }
    return b;
}

static void set_pin(board_t *b, unsigned pin, bool level)
{
    irqsim_apic_msg_t msg;

    irqsim_ioapic_set_pin(&b->io, pin, level);
    while (b->io.out & IRQSIM_IOAPIC_OUT_MSG) {
        irqsim_ioapic_bus_take(&b->io, &msg);
        irqsim_ioapic_bus_done(&b->io, msg.source - IRQSIM_APIC_FROM_IOAPIC(0),
                               irqsim_lapic_deliver(&b->la, &msg));
    }
}

static void end_level(board_t *b)
{
    irqsim_apic_msg_t msg;

    end(&b->la);
    while (b->la.out & IRQSIM_LAPIC_OUT_MSG) {
        irqsim_lapic_bus_take(&b->la, &msg);
        irqsim_ioapic_eoi(&b->io, msg.vector);
        irqsim_lapic_bus_done(&b->la, &msg, IRQSIM_APIC_ACCEPTED);
    }
}

static tally_t edge_pins(uint64_t n, uint32_t trigger)
{
    board_t b = wire(trigger);
    tally_t done = {0, 0};
    unsigned pin = FIRST_PIN;

    for (uint64_t i = 0; i < n; i++) {
        set_pin(&b, pin, true);
        set_pin(&b, pin, false);
        serve(&b.la, &done);
        pin = next_vector(pin, FIRST_PIN, LAST_PIN);
    }
    return done;
}

static tally_t level_pins(uint64_t n, uint32_t trigger)
{
    board_t b = wire(trigger);
    tally_t done = {0, 0};
    unsigned pin = FIRST_PIN;

    for (uint64_t i = 0; i < n; i++) {
        set_pin(&b, pin, true);
        if (irqsim_lapic_pending(&b.la) >= 0)
            tally(&done, irqsim_lapic_ack(&b.la));
        set_pin(&b, pin, false);
        end_level(&b);
        if (irqsim_lapic_pending(&b.la) >= 0)
            abort();
        pin = next_vector(pin, FIRST_PIN, LAST_PIN);
    }
    return done;
}

/* ---- N LAPICs ---- */

enum { FIRST_IPI = 0x40, LAST_IPI = 0xBF };

static irqsim_lapic_t *crowd(uint32_t n)
{
    irqsim_lapic_t *la = calloc(n, sizeof(*la));

    for (uint32_t i = 0; la && i < n; i++)
        power_up(&la[i], i);
    return la ? la : (abort(), NULL);
}

/* Who may be meant: a physical destination is one, since no ID is ever written here. */
static irqsim_apic_range_t range_of(uint32_t n, const irqsim_apic_msg_t *msg)
{
    if (msg->shorthand != IRQSIM_APIC_TO_DEST)
        return (irqsim_apic_range_t){0, n};
    return (irqsim_apic_range_t){msg->dest, msg->dest + 1};
}

static void send(irqsim_lapic_t *la, uint32_t n, uint32_t icr_low)
{
    irqsim_apic_msg_t msg;
    uint32_t turn = 0;

    irqsim_lapic_write(la, LAPIC_REG_ICR_LOW, icr_low, 0);
    while (la->out & IRQSIM_LAPIC_OUT_MSG) {
        irqsim_lapic_bus_take(la, &msg);
        irqsim_lapic_bus_done(la, &msg, irqsim_apic_deliver(la, range_of(n, &msg), &turn, &msg));
    }
}

static tally_t to_all(uint64_t targets, uint32_t n)
{
    irqsim_lapic_t *la = crowd(n);
    tally_t done = {0, 0};
    unsigned vector = FIRST_IPI;

    for (uint64_t i = 0; i < targets; i += n) {
        send(la, n, LAPIC_ICR_TO_ALL | LAPIC_ICR_ASSERT | vector);
        for (uint32_t cpu = 0; cpu < n; cpu++)
            serve(&la[cpu], &done);
        vector = next_vector(vector, FIRST_IPI, LAST_IPI);
    }
    free(la);
    return done;
}

static tally_t writes_to_all(uint64_t targets, uint32_t n)
{
    irqsim_lapic_t *la = crowd(n);
    unsigned vector = FIRST_IPI;

    for (uint64_t i = 0; i < targets; i += n) {
        send(la, n, LAPIC_ICR_TO_ALL | LAPIC_ICR_ASSERT | vector);
        vector = next_vector(vector, FIRST_IPI, LAST_IPI);
    }
    free(la);
    return (tally_t){0, 0};
}

static tally_t to_one(uint64_t targets, uint32_t n)
{
    irqsim_lapic_t *la = crowd(n);
    tally_t done = {0, 0};
    unsigned vector = FIRST_IPI;
    uint32_t cpu = 0;

    for (uint64_t i = 0; i < targets; i++) {
        irqsim_lapic_write(&la[0], LAPIC_REG_ICR_HIGH, cpu << LAPIC_ICR_HIGH_DEST_SHIFT, 0);
        send(la, n, LAPIC_ICR_ASSERT | vector);
        serve(&la[cpu], &done);
        vector = next_vector(vector, FIRST_IPI, LAST_IPI);
        cpu = cpu + 1 < n ? cpu + 1 : 0;
    }
    free(la);
    return done;
}

#define SUM_OF_ONE UINT64_C(0xb27f394915c1d3e0)

/* clang-format off */
static const work_t works[] = {
    {"w3",      one_at_a_time, 0,                        UINT64_C(0x8b450146fcc093e0)},
    {"w3b",     held_back,     0,                        UINT64_C(0x8b450146fcc093e0)},
    {"w3c",     nested,        8,                        UINT64_C(0x86b6cf63e6459d00)},
    {"w4a",     edge_pins,     0,                        UINT64_C(0x6aa1617f72fd4000)},
    {"w4b",     level_pins,    IOAPIC_RTE_TRIGGER_LEVEL, UINT64_C(0x6aa1617f72fd4000)},
    {"w5a-1",   to_all,        1,                        SUM_OF_ONE},
    {"w5a-8",   to_all,        8,                        UINT64_C(0xbc0c4af90d0d1200)},
    {"w5a-64",  to_all,        64,                       UINT64_C(0x54397139a8cdc400)},
    {"w5a-255", to_all,        255,                      UINT64_C(0xa1454109b6e173d8)},
    {"w5b-1",   writes_to_all, 1,                        0},
    {"w5b-8",   writes_to_all, 8,                        0},
    {"w5b-64",  writes_to_all, 64,                       0},
    {"w5b-255", writes_to_all, 255,                      0},
    {"w5c-1",   to_one,        1,                        SUM_OF_ONE},
    {"w5c-8",   to_one,        8,                        SUM_OF_ONE},
    {"w5c-64",  to_one,        64,                       SUM_OF_ONE},
    {"w5c-255", to_one,        255,                      SUM_OF_ONE},
};
/* clang-format on */

int main(int argc, char **argv)
{
    return work_main(argc, argv, works, sizeof(works) / sizeof(works[0]));
}
