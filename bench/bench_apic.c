/* SPDX-License-Identifier: MIT */
/*
 * bench_apic - local APICs and an IOAPIC by their pins and registers, wired to one
 * another without a bus (apic_wires.h)
 *
 *   w3, w3b, w3c       one LAPIC: edge vectors; held back by TPR; eight nested
 *   w4a, w4b           through fifteen pins of an IOAPIC: edges; levels
 *   w5a, w5b, w5c-N    N LAPICs: IPIs to all, the ICR writes alone, to one in turn
 */
#include <stdlib.h>

#include <irqsim/apic_wires.h>
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
    irqsim_apic_wires_t wires;
} board_t;

static void wire(board_t *b, uint32_t trigger)
{
    irqsim_apic_wires_t *w = &b->wires;

    power_up(&b->la, 0);
    irqsim_ioapic_init(&b->io, NULL);
    irqsim_apic_wires_init(w, &b->la, 1, &b->io, 1);
    for (uint32_t pin = FIRST_PIN; pin <= LAST_PIN; pin++) {
        irqsim_apic_wires_write_ioapic(w, 0, IOAPIC_WIN_SELECT, IOAPIC_REG_RTE_LOW(pin));
        irqsim_apic_wires_write_ioapic(w, 0, IOAPIC_WIN_DATA, (0x30 + 8 * pin) | trigger);
    }
}

static void end_of(irqsim_apic_wires_t *w, uint32_t cpu)
{
    irqsim_apic_wires_write(w, cpu, LAPIC_REG_EOI, 0, 0);
}

static void serve_on(irqsim_apic_wires_t *w, uint32_t cpu, tally_t *done)
{
    if (irqsim_lapic_pending(&w->lapic[cpu]) >= 0)
        tally(done, irqsim_lapic_ack(&w->lapic[cpu]));
    end_of(w, cpu);
}

static tally_t edge_pins(uint64_t n, uint32_t trigger)
{
    board_t b;
    tally_t done = {0, 0};
    unsigned pin = FIRST_PIN;

    wire(&b, trigger);
    for (uint64_t i = 0; i < n; i++) {
        irqsim_apic_wires_set_pin(&b.wires, 0, pin, true);
        irqsim_apic_wires_set_pin(&b.wires, 0, pin, false);
        serve_on(&b.wires, 0, &done);
        pin = next_vector(pin, FIRST_PIN, LAST_PIN);
    }
    return done;
}

static tally_t level_pins(uint64_t n, uint32_t trigger)
{
    board_t b;
    tally_t done = {0, 0};
    unsigned pin = FIRST_PIN;

    wire(&b, trigger);
    for (uint64_t i = 0; i < n; i++) {
        irqsim_apic_wires_set_pin(&b.wires, 0, pin, true);
        if (irqsim_lapic_pending(&b.la) >= 0)
            tally(&done, irqsim_lapic_ack(&b.la));
        irqsim_apic_wires_set_pin(&b.wires, 0, pin, false);
        end_of(&b.wires, 0);
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

static irqsim_apic_wires_t wires_of(uint32_t n)
{
    irqsim_apic_wires_t w;

    irqsim_apic_wires_init(&w, crowd(n), n, NULL, 0);
    return w;
}

static void send(irqsim_apic_wires_t *w, uint32_t icr_low)
{
    irqsim_apic_wires_write(w, 0, LAPIC_REG_ICR_LOW, icr_low, 0);
}

static tally_t to_all(uint64_t targets, uint32_t n)
{
    irqsim_apic_wires_t w = wires_of(n);
    tally_t done = {0, 0};
    unsigned vector = FIRST_IPI;

    for (uint64_t i = 0; i < targets; i += n) {
        send(&w, LAPIC_ICR_TO_ALL | LAPIC_ICR_ASSERT | vector);
        for (uint32_t cpu = 0; cpu < n; cpu++)
            serve_on(&w, cpu, &done);
        vector = next_vector(vector, FIRST_IPI, LAST_IPI);
    }
    free(w.lapic);
    return done;
}

static tally_t writes_to_all(uint64_t targets, uint32_t n)
{
    irqsim_apic_wires_t w = wires_of(n);
    unsigned vector = FIRST_IPI;

    for (uint64_t i = 0; i < targets; i += n) {
        send(&w, LAPIC_ICR_TO_ALL | LAPIC_ICR_ASSERT | vector);
        vector = next_vector(vector, FIRST_IPI, LAST_IPI);
    }
    free(w.lapic);
    return (tally_t){0, 0};
}

static tally_t to_one(uint64_t targets, uint32_t n)
{
    irqsim_apic_wires_t w = wires_of(n);
    tally_t done = {0, 0};
    unsigned vector = FIRST_IPI;
    uint32_t cpu = 0;

    for (uint64_t i = 0; i < targets; i++) {
        irqsim_apic_wires_write(&w, 0, LAPIC_REG_ICR_HIGH, cpu << LAPIC_ICR_HIGH_DEST_SHIFT, 0);
        send(&w, LAPIC_ICR_ASSERT | vector);
        serve_on(&w, cpu, &done);
        vector = next_vector(vector, FIRST_IPI, LAST_IPI);
        cpu = cpu + 1 < n ? cpu + 1 : 0;
    }
    free(w.lapic);
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
