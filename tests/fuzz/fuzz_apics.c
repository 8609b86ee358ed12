/* SPDX-License-Identifier: MIT */
/*
 * fuzz_apics.c - an IOAPIC and two LAPICs, and a bus that is as slow and unfair as
 * the input wants: messages stay under way, overtake one another, are refused
 *
 * The guest is well behaved (a kernel that has set up its entries and now masks,
 * acknowledges, raises its TPR and ends interrupts), so more must hold than for any
 * guest: what a level pin has sent is in exactly one place, from the pin to the EOI
 * that opens it again. It may turn a pin's trigger at any time; then that much holds
 * again when nothing is left of what the pin has sent before. Any state may be saved
 * and loaded before the next step.
 */
#include <string.h>

#include <irqsim/machine.h>
#include <irqsim/regs/ioapic_regs.h>
#include <irqsim/regs/lapic_regs.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { CPUS = 2, FLIGHT = 64, SAVES = 32 /* steps below it are followed by one: any kind */ };

typedef struct board {
    irqsim_lapic_t lapic[CPUS];
    irqsim_ioapic_t ioapic;
    irqsim_apic_msg_t flight[FLIGHT];
    unsigned flying;
    uint32_t turned; /* pins whose trigger was turned, ever */
    uint32_t mixed;  /* ... and there is something left from before */
} board_t;

/* ---- the board ---- */

/* Pin n: vector 20 + 8n, so some share a class; even pins begin as levels; CPU n & 1. */
static uint8_t vector_of(unsigned pin)
{
    return (uint8_t)(0x20 + 8 * pin);
}

static bool is_level(const board_t *b, unsigned pin)
{
    return b->ioapic.rte[pin] & IOAPIC_RTE_TRIGGER_LEVEL;
}

static unsigned cpu_of(unsigned pin)
{
    return pin >> 1 & 1;
}

static void write_entry(board_t *b, unsigned pin, bool level, bool masked)
{
    irqsim_ioapic_write(&b->ioapic, 0, IOAPIC_REG_RTE_LOW(pin));
    irqsim_ioapic_write(&b->ioapic, IOAPIC_WIN_DATA,
                        vector_of(pin) | (level ? IOAPIC_RTE_TRIGGER_LEVEL : 0) |
                            (masked ? IOAPIC_RTE_MASKED : 0));
}

static void turn_trigger(board_t *b, unsigned pin, bool masked)
{
    write_entry(b, pin, !is_level(b, pin), masked);
    b->turned |= UINT32_C(1) << pin;
    b->mixed |= UINT32_C(1) << pin;
}

static void set_up(board_t *b, irqsim_apic_family_t family)
{
    memset(b, 0, sizeof(*b));
    irqsim_ioapic_init(&b->ioapic, &(irqsim_ioapic_desc_t){.version = 0x11});
    for (unsigned i = 0; i < CPUS; i++) {
        irqsim_lapic_init(&b->lapic[i], &(irqsim_lapic_desc_t){.apic_id = i, .family = family});
        irqsim_lapic_write(&b->lapic[i], LAPIC_REG_SVR, LAPIC_SVR_ENABLE | 0xFF, 0);
    }
    for (unsigned pin = 0; pin < IRQSIM_IOAPIC_PINS; pin++) {
        irqsim_ioapic_write(&b->ioapic, 0, IOAPIC_REG_RTE_HIGH(pin));
        irqsim_ioapic_write(&b->ioapic, IOAPIC_WIN_DATA, IOAPIC_RTE_HIGH(cpu_of(pin)));
        write_entry(b, pin, !(pin & 1), false);
    }
}

/* ---- the bus ---- */

static void take_from_lapic(board_t *b, unsigned cpu)
{
    if (b->flying == FLIGHT || !irqsim_lapic_bus_take(&b->lapic[cpu], &b->flight[b->flying]))
        return;
    b->flight[b->flying++].source = IRQSIM_APIC_FROM_CPU(cpu);
}

static void take_from_ioapic(board_t *b)
{
    if (b->flying < FLIGHT && irqsim_ioapic_bus_take(&b->ioapic, &b->flight[b->flying]))
        b->flying++;
}

static irqsim_apic_fate_t deliver(board_t *b, const irqsim_apic_msg_t *msg)
{
    irqsim_apic_fate_t fate = IRQSIM_APIC_NOBODY;

    for (unsigned i = 0; i < CPUS; i++)
        if (irqsim_lapic_matches(&b->lapic[i], msg)) {
            const irqsim_apic_fate_t one = irqsim_lapic_deliver(&b->lapic[i], msg);
            fate = one > fate ? one : fate;
        }
    return fate;
}

/* Any of those under way arrives. */
static void arrive(board_t *b, unsigned which)
{
    if (!b->flying)
        return;

    const irqsim_apic_msg_t msg = b->flight[which % b->flying];
    const unsigned last = b->flying - 1;
    irqsim_apic_fate_t fate = IRQSIM_APIC_ACCEPTED;

    b->flight[which % b->flying] = b->flight[last];
    b->flying = last;
    if (msg.is_eoi)
        irqsim_ioapic_eoi(&b->ioapic, msg.vector);
    else
        fate = deliver(b, &msg);
    if (msg.source >= IRQSIM_APIC_FROM_IOAPIC(0))
        irqsim_ioapic_bus_done(&b->ioapic, msg.source - IRQSIM_APIC_FROM_IOAPIC(0), fate);
    else
        irqsim_lapic_bus_done(&b->lapic[msg.source - IRQSIM_APIC_FROM_CPU(0)], &msg, fate);
}

/* ---- one step ---- */

/* An IPI to the other CPU, with a vector that no pin has. */
static void send_ipi(board_t *b, unsigned cpu, uint8_t arg)
{
    irqsim_lapic_write(&b->lapic[cpu], LAPIC_REG_ICR_HIGH, (1 - cpu) << LAPIC_ICR_HIGH_DEST_SHIFT,
                       0);
    irqsim_lapic_write(&b->lapic[cpu], LAPIC_REG_ICR_LOW, LAPIC_ICR_ASSERT | 0x21u | (arg & 0x78u),
                       0);
}

static void step(board_t *b, uint8_t what, uint8_t arg)
{
    const unsigned pin = arg % IRQSIM_IOAPIC_PINS, cpu = arg & 1;

    switch (what % 12) {
    case 0:
    case 1:
        irqsim_ioapic_set_pin(&b->ioapic, pin, arg & 0x80);
        break;
    case 2:
        if (arg & 0x40)
            turn_trigger(b, pin, arg & 0x80);
        else
            write_entry(b, pin, is_level(b, pin), arg & 0x80);
        break;
    case 3:
        take_from_lapic(b, cpu);
        break;
    case 4:
    case 5:
        take_from_ioapic(b);
        break;
    case 6:
    case 7:
        arrive(b, arg);
        break;
    case 8:
        send_ipi(b, cpu, arg);
        break;
    case 9:
        if (irqsim_lapic_pending(&b->lapic[cpu]) >= 0)
            irqsim_lapic_ack(&b->lapic[cpu]);
        break;
    case 10:
        irqsim_lapic_write(&b->lapic[cpu], LAPIC_REG_EOI, 0, 0);
        break;
    default:
        irqsim_lapic_write(&b->lapic[cpu], LAPIC_REG_TPR, arg & 0x7F, 0);
        if (arg & 0x80)
            irqsim_ioapic_listeners_changed(&b->ioapic); /* whether or not */
        break;
    }
}

/* ---- what holds ---- */

static bool holds(const uint32_t set[8], uint8_t vector)
{
    return set[vector >> 5] >> (vector & 31) & 1;
}

static unsigned count_flying(const board_t *b, bool eoi, uint8_t vector, uint32_t source)
{
    unsigned n = 0;

    for (unsigned i = 0; i < b->flying; i++)
        n += b->flight[i].is_eoi == eoi && b->flight[i].vector == vector &&
             b->flight[i].source == source;
    return n;
}

/* Where what a pin has sent may be: requested, in service, or its EOI waits or is
 * under way. */
static unsigned places(const board_t *b, unsigned pin)
{
    const uint8_t vector = vector_of(pin);
    const irqsim_lapic_t *la = &b->lapic[cpu_of(pin)];

    return (unsigned)holds(la->irr, vector) + holds(la->isr, vector) +
           holds(la->eoi_queue, vector) +
           count_flying(b, true, vector, IRQSIM_APIC_FROM_CPU(cpu_of(pin)));
}

/* Remote IRR and ISR agree (IOAPIC-24): it stands for one interrupt, in one of these. */
static void look_at_level_pin(const board_t *b, unsigned pin, unsigned n)
{
    const irqsim_lapic_t *la = &b->lapic[cpu_of(pin)];

    demand(n == (b->ioapic.remote >> pin & 1));
    demand(!holds(la->irr, vector_of(pin)) || holds(la->tmr, vector_of(pin)));
}

/* An edge is requested as one, unless a level of its vector was (APIC-43). */
static void look_at_edge_pin(const board_t *b, unsigned pin)
{
    demand(!(b->ioapic.remote >> pin & 1));
    demand(b->turned >> pin & 1 || !holds(b->lapic[cpu_of(pin)].tmr, vector_of(pin)));
}

static void look_at_pin(board_t *b, unsigned pin)
{
    const uint32_t bit = UINT32_C(1) << pin;
    const unsigned n = places(b, pin);

    demand(count_flying(b, false, vector_of(pin), IRQSIM_APIC_FROM_IOAPIC(pin)) ==
           !!(b->ioapic.busy & bit)); /* IOAPIC-14, IOAPIC-22 */
    demand(!(b->ioapic.remote & bit) || n > 0);
    if (n == 0 && !(b->ioapic.busy & bit))
        b->mixed &= ~bit;
    if (!is_level(b, pin))
        look_at_edge_pin(b, pin);
    else if (!(b->mixed & bit))
        look_at_level_pin(b, pin, n);
}

static void look(board_t *b)
{
    for (unsigned pin = 0; pin < IRQSIM_IOAPIC_PINS; pin++)
        look_at_pin(b, pin);
    demand(!!b->ioapic.pending == !!(b->ioapic.out & IRQSIM_IOAPIC_OUT_MSG));
    for (unsigned i = 0; i < CPUS; i++) {
        const irqsim_lapic_t *la = &b->lapic[i];
        const int best = irqsim_lapic_irrv(la);

        demand((best >= 0 && best >> 4 > irqsim_lapic_ppr(la) >> 4) ==
               (irqsim_lapic_pending(la) >= 0)); /* APIC-40 */
    }
}

/* ---- law 2 ---- */

static void save_and_load(board_t *b)
{
    static uint8_t bytes[sizeof(board_t)];
    irqsim_snap_t out = {.buf = bytes, .size = sizeof(bytes)};
    board_t copy = *b;

    irqsim_snap_begin(&out, "APIC", 1);
    irqsim_snap_put(&out, layout("irqsim_lapic_t"), b->lapic, CPUS);
    irqsim_snap_put(&out, layout("irqsim_ioapic_t"), &b->ioapic, 1);
    irqsim_snap_end(&out);

    irqsim_snap_t in = {.buf = bytes, .size = out.used, .reading = true};
    memset(b->lapic, 0x5A, sizeof(b->lapic));
    memset(&b->ioapic, 0x5A, sizeof(b->ioapic));
    irqsim_snap_open(&in, "APIC", 1);
    irqsim_snap_get(&in, layout("irqsim_lapic_t"), b->lapic, CPUS);
    irqsim_snap_get(&in, layout("irqsim_ioapic_t"), &b->ioapic, 1);
    irqsim_snap_close(&in);
    demand(out.status == IRQSIM_OK && in.status == IRQSIM_OK);
    demand(memcmp(&copy, b, sizeof(copy)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const irqsim_apic_family_t families[] = {IRQSIM_APIC_P5, IRQSIM_APIC_P6,
                                                    IRQSIM_APIC_XAPIC, IRQSIM_APIC_X2APIC};
    board_t b;

    if (size < 1)
        return 0;
    set_up(&b, families[bytes[0] & 3]);
    for (size_t i = 1; i + 1 < size; i += 2) {
        step(&b, bytes[i], bytes[i + 1]);
        look(&b);
        if (bytes[i] < SAVES)
            save_and_load(&b);
    }
    return 0;
}
