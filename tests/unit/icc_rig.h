/* SPDX-License-Identifier: MIT */
/*
 * icc_rig.h - an APIC bus with P6 local APICs and I/O APICs on it
 *
 * IDs are the agents' numbers: local APICs, then I/O APICs. All are enabled and
 * record errors. Time passes with bus_run() only.
 */
#ifndef IRQSIM_TESTS_ICC_RIG_H
#define IRQSIM_TESTS_ICC_RIG_H

#include <string.h>

#include <irqsim/icc.h>

#include "apic_rig.h"

#define ERROR_VECTOR 0xE1u
#define IPI(vector)  (LAPIC_ICR_ASSERT | (vector))
/* Arbitration IDs by agent. */
#define IDS(...) ((const uint8_t[IRQSIM_ICC_AGENTS]){__VA_ARGS__})

typedef struct icc_rig {
    irqsim_icc_t bus;
    irqsim_lapic_t la[IRQSIM_ICC_AGENTS];
    irqsim_ioapic_t io[IRQSIM_ICC_AGENTS];
    uint64_t clock;
} icc_rig_t;

static inline irqsim_icc_agents_t agents_of(icc_rig_t *rig)
{
    return (irqsim_icc_agents_t){.lapic = rig->la, .ioapic = rig->io};
}

static inline icc_rig_t icc_rig_of(irqsim_icc_desc_t desc)
{
    icc_rig_t rig = {.clock = 0};

    ck_assert_int_eq(irqsim_icc_init(&rig.bus, &desc), IRQSIM_OK);
    for (unsigned i = 0; i < desc.lapics; i++) {
        rig.la[i] = lapic_of(IRQSIM_APIC_P6, i);
        put(&rig.la[i], LAPIC_REG_LVT_ERROR, ERROR_VECTOR);
    }
    for (unsigned i = 0; i < desc.ioapics; i++)
        irqsim_ioapic_init(
            &rig.io[i], &(irqsim_ioapic_desc_t){.id = (uint8_t)(desc.lapics + i), .version = 0x11});
    return rig;
}

static inline icc_rig_t icc_rig(unsigned lapics, unsigned ioapics)
{
    return icc_rig_of((irqsim_icc_desc_t){.lapics = (uint8_t)lapics, .ioapics = (uint8_t)ioapics});
}

/* ---- time ---- */

static inline void bus_look(icc_rig_t *rig)
{
    const irqsim_icc_agents_t on = agents_of(rig);
    irqsim_icc_look(&rig->bus, &on, rig->clock);
}

static inline void bus_run(icc_rig_t *rig, uint64_t clocks)
{
    const irqsim_icc_agents_t on = agents_of(rig);

    bus_look(rig);
    rig->clock += clocks;
    irqsim_icc_advance(&rig->bus, &on, rig->clock);
}

/* The message that is next, from its first cycle to its last; returns its length. */
static inline unsigned bus_message(icc_rig_t *rig)
{
    const irqsim_icc_agents_t on = agents_of(rig);

    bus_look(rig);
    ck_assert_uint_ne(rig->bus.due, IRQSIM_NEVER);
    do
        rig->clock = rig->bus.due;
    while (irqsim_icc_act(&rig->bus, &on) != IRQSIM_ICC_ENDED);
    return irqsim_icc_length(&rig->bus);
}

/* ---- agents ---- */

static inline void send_ipi(icc_rig_t *rig, unsigned cpu, uint32_t low, uint32_t dest)
{
    put(&rig->la[cpu], LAPIC_REG_ICR_HIGH, dest << LAPIC_ICR_HIGH_DEST_SHIFT);
    put(&rig->la[cpu], LAPIC_REG_ICR_LOW, low);
}

/* Edge, physical, fixed unless `low` says otherwise. */
static inline void entry(icc_rig_t *rig, unsigned io, unsigned pin, uint32_t low, uint32_t dest)
{
    ioapic_write(&rig->io[io], IOAPIC_REG_RTE_HIGH(pin), IOAPIC_RTE_HIGH(dest));
    ioapic_write(&rig->io[io], IOAPIC_REG_RTE_LOW(pin), low);
}

static inline void pin(icc_rig_t *rig, unsigned io, unsigned n, bool level)
{
    irqsim_ioapic_set_pin(&rig->io[io], n, level);
}

static inline bool is_pending(irqsim_lapic_t *la)
{
    return get(la, LAPIC_REG_ICR_LOW) & LAPIC_ICR_PENDING;
}

static inline unsigned arb(icc_rig_t *rig, unsigned agent)
{
    const irqsim_icc_agents_t on = agents_of(rig);
    return irqsim_icc_arb(&rig->bus, &on, agent);
}

static inline void set_arb_ids(icc_rig_t *rig, const uint8_t *ids)
{
    for (unsigned i = 0; i < rig->bus.lapics; i++)
        rig->la[i].arb_id = ids[i];
    for (unsigned i = 0; i < rig->bus.ioapics; i++)
        rig->io[i].arb = ids[rig->bus.lapics + i];
}

/* ---- looking at the wires ---- */

/* The cycles that are over, as digits. Blanks in `expected` are for the reader. */
static inline void expect_wires(const icc_rig_t *rig, const char *expected)
{
    const unsigned n = irqsim_icc_cycles(&rig->bus, rig->clock);
    char got[2 * IRQSIM_ICC_CYCLES + 1];
    unsigned at = 0;

    for (unsigned k = 1; k <= n; k++) {
        while (expected[at] == ' ')
            got[at++] = ' ';
        got[at++] = (char)('0' + irqsim_icc_cycle(&rig->bus, k));
        if (at > strlen(expected))
            break;
    }
    got[at] = '\0';
    ck_assert_str_eq(got, expected);
}

#endif
