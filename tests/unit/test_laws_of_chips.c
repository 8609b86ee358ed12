/* SPDX-License-Identifier: MIT */
/*
 * test_laws_of_chips.c - each chip alone, under random programs through its own functions
 *
 * Law 1: the same program, the same chip. Law 2: a copy goes on the same, at every step.
 * Law 3: advancing in pieces is advancing at once. Law 4: any program leaves a chip whose
 * parts agree: nothing can be delivered without INTR, nor INTR be up for nothing.
 */
#include "unit.h"

#include <irqsim/ioapic.h>
#include <irqsim/lapic.h>
#include <irqsim/pic8259.h>
#include <irqsim/pit8254.h>
#include <irqsim/regs/ioapic_regs.h>
#include <irqsim/regs/lapic_regs.h>

#include <string.h>

enum { STEPS = 5000, SEEDS = 16 /* every family, both kinds of everything else */ };

/* ---- random programs ---- */

typedef struct program {
    uint64_t state;
    irqsim_time_t now;
    irqsim_apic_msg_t msg; /* of the chip, on some bus */
    bool carries;
} program_t;

static uint32_t any(program_t *p, uint32_t below)
{
    p->state ^= p->state << 13;
    p->state ^= p->state >> 7;
    p->state ^= p->state << 17;
    return (uint32_t)(p->state >> 32) % below;
}

static program_t program(int seed)
{
    return (program_t){.state = UINT64_C(0x9E3779B97F4A7C15) * (unsigned)(seed + 1)};
}

/* Mostly small, sometimes anything. */
static uint32_t any_value(program_t *p)
{
    return any(p, 4) ? any(p, 0x200) : any(p, UINT32_MAX);
}

static irqsim_time_t pass(program_t *p)
{
    p->now += any(p, 8) ? any(p, 3000) * UINT64_C(1000) : 0;
    return p->now;
}

#define CLOCKS_OF_A_SECOND UINT64_C(100000000)

/* ---- the chips: one random access each; what it answers ---- */

typedef union chip {
    irqsim_pic_t pic;
    irqsim_pit_t pit;
    irqsim_lapic_t lapic;
    irqsim_ioapic_t ioapic;
} chip_t;

static void pic_init(chip_t *c, int seed)
{
    const irqsim_pic_desc_t desc = {.slave = seed & 1,
                                    .has_elcr = seed >> 1 & 1,
                                    .elcr_fixed = seed & 1 ? 0x21 : 0x07,
                                    .variants = (uint32_t)seed >> 2 & 3};

    irqsim_pic_init(&c->pic, &desc);
}

/* Pulses of INTA in any order, or the first half of a read that may be a poll's. */
static uint32_t pic_pulse(irqsim_pic_t *pic, program_t *p)
{
    int line;

    switch (any(p, 7)) {
    case 0:
        return (uint32_t)irqsim_pic_inta1(pic);
    case 1:
    case 2:
        return irqsim_pic_inta2(pic);
    case 3:
        return irqsim_pic_call2(pic);
    case 4:
        return irqsim_pic_call3(pic);
    case 5:
        irqsim_pic_read_begin(pic);
        return irqsim_pic_irr(pic);
    default:
        return irqsim_pic_inta(pic, &line);
    }
}

static uint32_t pic_step(chip_t *c, program_t *p)
{
    switch (any(p, 8)) {
    case 0:
        return irqsim_pic_read(&c->pic, any(p, 2));
    case 1:
        return pic_pulse(&c->pic, p);
    case 2:
        irqsim_pic_write(&c->pic, any(p, 2), (uint8_t)any(p, 256));
        return 0;
    case 3: /* the usual commands, more often than chance has them */
        irqsim_pic_write(&c->pic, 0, (uint8_t)(any(p, 8) << 5 | any(p, 8)));
        return 0;
    case 4:
        irqsim_pic_write_elcr(&c->pic, (uint8_t)any(p, 256));
        return irqsim_pic_read_elcr(&c->pic);
    default:
        return irqsim_pic_set_in(&c->pic, c->pic.in ^ IRQSIM_PIC_IN_IR(any(p, 8)));
    }
}

static void pit_init(chip_t *c, int seed)
{
    irqsim_pit_init(&c->pit, seed & 1 ? &(irqsim_clock_t){1000000, 1} : NULL);
}

static uint32_t pit_step(chip_t *c, program_t *p)
{
    switch (any(p, 4)) {
    case 0:
        return irqsim_pit_read(&c->pit, any(p, 4), pass(p));
    case 1:
        irqsim_pit_set_gate(&c->pit, any(p, 3), any(p, 2), pass(p));
        return irqsim_pit_out(&c->pit);
    default:
        irqsim_pit_write(&c->pit, any(p, 4), (uint8_t)any(p, any(p, 2) ? 256 : 4), pass(p));
        return irqsim_pit_out(&c->pit);
    }
}

static void lapic_init(chip_t *c, int seed)
{
    const irqsim_lapic_desc_t desc = {.family = (irqsim_apic_family_t)(seed & 3),
                                      .tsc_deadline = true,
                                      .bsp = true,
                                      .variants = (uint32_t)(seed >> 2) * 5,
                                      .timer_clk = {CLOCKS_OF_A_SECOND, 1}};
    irqsim_lapic_init(&c->lapic, &desc);
    irqsim_lapic_write(&c->lapic, LAPIC_REG_SVR, 0x1FF, 0);
}

static bool in_x2apic_mode(const irqsim_lapic_t *la)
{
    return (la->apic_base & (APIC_BASE_EN | APIC_BASE_EXTD)) == (APIC_BASE_EN | APIC_BASE_EXTD);
}

/* By the page or by its MSR, whichever there is. */
static void lapic_write(irqsim_lapic_t *la, uint32_t offset, uint32_t value, irqsim_time_t now)
{
    if (in_x2apic_mode(la))
        irqsim_lapic_wrmsr(la, MSR_X2APIC(offset), value, now);
    else
        irqsim_lapic_write(la, offset, value, now);
}

/* Into some mode, legal or not (APIC-35); a part of P5 or P6 that is off needs a RESET. */
static uint32_t lapic_mode(irqsim_lapic_t *la, program_t *p)
{
    const uint32_t mode =
        any(p, 4) ? APIC_BASE_EN | (any(p, 2) ? APIC_BASE_EXTD : 0) : any(p, 4) * APIC_BASE_EXTD;
    const bool done = irqsim_lapic_wrmsr(la, MSR_IA32_APIC_BASE, LAPIC_MMIO_BASE | mode, pass(p));

    if (!any(p, 4))
        irqsim_lapic_reset(la, any(p, 2) ? IRQSIM_LAPIC_RESET_POWER_ON : IRQSIM_LAPIC_RESET_INIT);
    lapic_write(la, LAPIC_REG_SVR, 0x1FF, pass(p));
    return done;
}

/* One-shot, periodic, deadline or the reserved mode, and something to wait for. */
static uint32_t lapic_timer(irqsim_lapic_t *la, program_t *p)
{
    const uint32_t mode = any(p, 4) << 17; /* APIC-82 */
    const uint64_t ticks = p->now / (IRQSIM_PS_PER_S / CLOCKS_OF_A_SECOND);

    lapic_write(la, LAPIC_REG_LVT_TIMER, mode | (0x10 + any(p, 0xF0)), pass(p));
    if (any(p, 2))
        lapic_write(la, LAPIC_REG_TIMER_INITIAL, any(p, 500), pass(p));
    return irqsim_lapic_wrmsr(la, MSR_IA32_TSC_DEADLINE, any(p, 4) ? ticks + any(p, 900) : 0,
                              pass(p));
}

static uint32_t lapic_message(irqsim_lapic_t *la, program_t *p)
{
    const irqsim_apic_msg_t msg = {.vector = (uint8_t)any(p, 256),
                                   .mode = (uint8_t)(any(p, 4) ? 0 : any(p, 8)),
                                   .level = (uint8_t)any(p, 2),
                                   .assert = 1};
    return irqsim_lapic_deliver(la, &msg);
}

static uint32_t lapic_bus(irqsim_lapic_t *la, program_t *p)
{
    if (!p->carries) {
        p->carries = irqsim_lapic_bus_take(la, &p->msg);
        return p->msg.vector;
    }
    p->carries = false;
    irqsim_lapic_bus_done(la, &p->msg, (irqsim_apic_fate_t)any(p, IRQSIM_APIC_RETRY + 1));
    return la->out;
}

static uint32_t lapic_step(chip_t *c, program_t *p)
{
    irqsim_lapic_t *la = &c->lapic;
    uint64_t value = 0;

    switch (any(p, 12)) {
    case 0:
        return irqsim_lapic_read(la, any(p, 0x40) << 4, pass(p));
    case 1:
    case 2:
        irqsim_lapic_write(la, any(p, 0x40) << 4, any_value(p), pass(p));
        return 0;
    case 3:
        lapic_write(la, LAPIC_REG_EOI, 0, pass(p));
        return 0;
    case 4:
        return irqsim_lapic_ack(la);
    case 5:
        return irqsim_lapic_set_in(la, any(p, 4));
    case 6:
        return irqsim_lapic_wrmsr(la, 0x800 + any(p, 0x40), any_value(p), pass(p));
    case 7:
        irqsim_lapic_rdmsr(la, any(p, 2) ? 0x6E0 : 0x800 + any(p, 0x40), &value, pass(p));
        return (uint32_t)value + lapic_bus(la, p);
    case 8:
        return any(p, 8) ? lapic_bus(la, p) : lapic_mode(la, p);
    case 9:
        return lapic_timer(la, p);
    default:
        return lapic_message(la, p) + irqsim_lapic_take_pulses(la);
    }
}

static void ioapic_init(chip_t *c, int seed)
{
    irqsim_ioapic_init(&c->ioapic, &(irqsim_ioapic_desc_t){.version = seed & 1 ? 0x11 : 0x20,
                                                           .pin_assert = seed >> 1 & 1});
}

/* Several messages may be under way, and end in any order. */
static uint32_t ioapic_bus(irqsim_ioapic_t *io, program_t *p)
{
    if (any(p, 2))
        return irqsim_ioapic_bus_take(io, &p->msg) ? p->msg.vector : 0;
    irqsim_ioapic_bus_done(io, any(p, IRQSIM_IOAPIC_PINS),
                           (irqsim_apic_fate_t)any(p, IRQSIM_APIC_RETRY + 1));
    return io->out;
}

static uint32_t ioapic_window(irqsim_ioapic_t *io, program_t *p)
{
    static const uint32_t rarer[] = {IOAPIC_WIN_EOI, IOAPIC_WIN_PIN_ASSERT};

    irqsim_ioapic_write(io, any(p, 4) ? IOAPIC_WIN_DATA : rarer[any(p, 2)],
                        any_value(p) ^ any(p, 8) << 14);
    return io->out;
}

static uint32_t ioapic_step(chip_t *c, program_t *p)
{
    irqsim_ioapic_t *io = &c->ioapic;

    switch (any(p, 8)) {
    case 0:
        irqsim_ioapic_write(io, 0, any(p, 0x48));
        return irqsim_ioapic_read(io, 0x10);
    case 1:
        return ioapic_window(io, p);
    case 2:
    case 3:
        return ioapic_bus(io, p);
    case 4:
        return irqsim_ioapic_eoi(io, (uint8_t)any(p, 256));
    case 5:
        return irqsim_ioapic_listeners_changed(io);
    default:
        return irqsim_ioapic_set_pin(io, any(p, IRQSIM_IOAPIC_PINS), any(p, 2));
    }
}

static const struct {
    void (*init)(chip_t *c, int seed);
    uint32_t (*step)(chip_t *c, program_t *p);
} chips[] = {{pic_init, pic_step},
             {pit_init, pit_step},
             {lapic_init, lapic_step},
             {ioapic_init, ioapic_step}};
enum { PIC, PIT, LAPIC, IOAPIC, CHIPS };

/* ---- laws 1 and 2 ---- */

/* One chip stays where it is, the other one moves before every step and its old
 * place is filled with rubbish. */
START_TEST(law_2_a_copy_goes_on_the_same_at_every_step)
{
    const int which = _i % CHIPS, seed = _i / CHIPS;
    chip_t stays = {0}, moves[2] = {{{0}}, {{0}}};
    program_t a = program(seed), b = a;

    chips[which].init(&stays, seed);
    chips[which].init(&moves[0], seed);
    for (int i = 0; i < STEPS; i++) {
        memcpy(&moves[(i + 1) & 1], &moves[i & 1], sizeof(chip_t));
        memset(&moves[i & 1], 0xA5, sizeof(chip_t));
        ck_assert_uint_eq(chips[which].step(&stays, &a),
                          chips[which].step(&moves[(i + 1) & 1], &b));
        ck_assert_mem_eq(&stays, &moves[(i + 1) & 1], sizeof(chip_t));
    }
}
END_TEST

/* ---- law 3 ---- */

static void pit_pieces(chip_t *c, program_t *p, irqsim_time_t now)
{
    const irqsim_time_t next = irqsim_pit_next_event(&c->pit, 7);

    irqsim_pit_advance(&c->pit, any(p, 2) || next > now ? p->now + (now - p->now) / 2 : next);
    irqsim_pit_advance(&c->pit, now);
}

static void lapic_pieces(chip_t *c, program_t *p, irqsim_time_t now)
{
    const irqsim_time_t next = irqsim_lapic_next_event(&c->lapic);

    irqsim_lapic_advance(&c->lapic, any(p, 2) || next > now ? p->now + (now - p->now) / 2 : next);
    irqsim_lapic_advance(&c->lapic, now);
}

START_TEST(law_3_advancing_in_pieces_is_advancing_at_once)
{
    const int which = _i & 1 ? LAPIC : PIT, seed = _i / 2;
    chip_t once = {0}, pieces = {0};
    program_t a = program(seed), b = a, cuts = program(seed + 100);

    chips[which].init(&once, seed);
    chips[which].init(&pieces, seed);
    for (int i = 0; i < STEPS; i++) {
        const irqsim_time_t now = a.now + any(&cuts, 100000) * UINT64_C(1000);
        cuts.now = a.now;
        if (which == PIT) {
            irqsim_pit_advance(&once.pit, now);
            pit_pieces(&pieces, &cuts, now);
        } else {
            irqsim_lapic_advance(&once.lapic, now);
            lapic_pieces(&pieces, &cuts, now);
        }
        ck_assert_mem_eq(&once, &pieces, sizeof(chip_t));
        a.now = b.now = now;
        ck_assert_uint_eq(chips[which].step(&once, &a), chips[which].step(&pieces, &b));
    }
}
END_TEST

/* ---- law 4: what a chip says of itself agrees ---- */

static void pic_agrees(const irqsim_pic_t *pic)
{
    irqsim_pic_t copy = *pic;

    if (pic->frozen & (IRQSIM_PIC_FROZEN_INTA | IRQSIM_PIC_FROZEN_READ))
        ck_assert_uint_eq(pic->out, 0); /* PIC-31, PIC-60 */
    if (pic->frozen)
        return;
    const bool asks = pic->out & IRQSIM_PIC_OUT_INT;
    const int line = irqsim_pic_inta1(&copy);
    ck_assert_int_eq(line, irqsim_pic_best(pic));
    ck_assert_int_eq(asks, line != IRQSIM_PIC_NO_LINE);
    if (asks)
        ck_assert(irqsim_pic_irr(pic) & ~pic->imr & 1u << line);
    else
        ck_assert_uint_eq(copy.isr, pic->isr);
}

/* -1 = none */
static int highest_bit(const uint32_t words[8])
{
    for (int v = 255; v >= 0; v--)
        if (words[v / 32] >> v % 32 & 1)
            return v;
    return -1;
}

static void lapic_agrees(const irqsim_lapic_t *la)
{
    irqsim_lapic_t copy = *la;
    const bool asks = la->out & IRQSIM_LAPIC_OUT_INTR;
    const int irrv = highest_bit(la->irr), isrv = highest_bit(la->isr);
    const unsigned served = isrv < 0 ? 0 : (unsigned)isrv & 0xF0;
    const unsigned ppr = (la->tpr & 0xF0) >= served ? la->tpr : served; /* APIC-39 */
    const uint8_t got = irqsim_lapic_ack(&copy);

    ck_assert_uint_eq(irqsim_lapic_ppr(la), ppr);
    ck_assert_uint_eq(la->irr[0] & 0xFFFF, 0); /* APIC-52 */
    ck_assert_uint_eq(la->isr[0] & 0xFFFF, 0);
    ck_assert_int_eq(asks, irrv >= 0 && ((unsigned)irrv & 0xF0) > (ppr & 0xF0)); /* APIC-40 */
    ck_assert_uint_eq(got, asks ? (unsigned)irrv : la->svr & 0xFF);              /* APIC-49 */
    if (!asks)
        ck_assert_mem_eq(copy.isr, la->isr, sizeof(la->isr));
}

static void ioapic_agrees(const irqsim_ioapic_t *io)
{
    irqsim_ioapic_t copy = *io;
    irqsim_apic_msg_t msg;
    const bool asks = io->out & IRQSIM_IOAPIC_OUT_MSG;

    ck_assert_int_eq(irqsim_ioapic_bus_take(&copy, &msg), asks);
    for (unsigned pin = 0; pin < IRQSIM_IOAPIC_PINS; pin++) {
        const uint64_t rte = irqsim_ioapic_rte(io, pin);
        if (rte & IOAPIC_RTE_REMOTE_IRR) /* IOAPIC-16 */
            ck_assert(rte & IOAPIC_RTE_TRIGGER_LEVEL);
    }
}

/* What a program must have met, or it has shown little. */
typedef struct met {
    unsigned frozen, x2apic, deadline, under_way;
} met_t;

static void meet(met_t *met, int which, const chip_t *chip)
{
    met->frozen += which == PIC && chip->pic.frozen & IRQSIM_PIC_FROZEN_INTA;
    met->x2apic += which == LAPIC && in_x2apic_mode(&chip->lapic);
    met->deadline += which == LAPIC && chip->lapic.tsc_deadline;
    met->under_way += which == IOAPIC && chip->ioapic.busy & (chip->ioapic.busy - 1);
}

static void expect_met(const met_t *met, int which, int seed)
{
    const bool x2part = (seed & 3) == IRQSIM_APIC_X2APIC;
    const bool has_deadline = x2part || (seed & 3) == IRQSIM_APIC_XAPIC; /* APIC-82 */

    ck_assert_int_eq(met->frozen > 0, which == PIC);
    ck_assert_int_eq(met->x2apic > 0, which == LAPIC && x2part);
    ck_assert_int_eq(met->deadline > 0, which == LAPIC && has_deadline);
    ck_assert_int_eq(met->under_way > 0, which == IOAPIC);
}

START_TEST(law_4_nothing_is_deliverable_without_intr)
{
    const int which = (int[]){PIC, LAPIC, IOAPIC}[_i % 3], seed = _i / 3;
    program_t p = program(seed + 1000);
    chip_t chip = {0};
    met_t met = {0};

    chips[which].init(&chip, seed);
    for (int i = 0; i < STEPS; i++) {
        chips[which].step(&chip, &p);
        if (which == PIC)
            pic_agrees(&chip.pic);
        else if (which == LAPIC)
            lapic_agrees(&chip.lapic);
        else
            ioapic_agrees(&chip.ioapic);
        meet(&met, which, &chip);
    }
    expect_met(&met, which, seed);
}
END_TEST

/* ---- two chips and a bus without latency ---- */

enum { WIRES = 8, FIRST_VECTOR = 0x31 };

static void carry(irqsim_ioapic_t *io, irqsim_lapic_t *la)
{
    irqsim_apic_msg_t msg;

    while (irqsim_lapic_bus_take(la, &msg)) {
        if (msg.is_eoi)
            irqsim_ioapic_eoi(io, msg.vector);
        irqsim_lapic_bus_done(la, &msg, IRQSIM_APIC_ACCEPTED);
    }
    while (irqsim_ioapic_bus_take(io, &msg))
        irqsim_ioapic_bus_done(io, msg.source & 0xFF, irqsim_lapic_deliver(la, &msg));
}

static void write_entry(irqsim_ioapic_t *io, unsigned pin, uint32_t masked)
{
    irqsim_ioapic_write(io, 0, 0x10 + 2 * pin);
    irqsim_ioapic_write(io, 0x10, (FIRST_VECTOR + 0x10 * pin) | IOAPIC_RTE_TRIGGER_LEVEL | masked);
}

static void pair_step(irqsim_ioapic_t *io, irqsim_lapic_t *la, program_t *p)
{
    switch (any(p, 6)) {
    case 0:
        irqsim_lapic_ack(la);
        break;
    case 1:
        irqsim_lapic_write(la, LAPIC_REG_EOI, 0, 0);
        break;
    case 2:
        irqsim_lapic_write(la, LAPIC_REG_TPR, any(p, 256), 0);
        break;
    case 3:
        write_entry(io, any(p, WIRES), any(p, 2) ? IOAPIC_RTE_MASKED : 0);
        break;
    default:
        irqsim_ioapic_set_pin(io, any(p, WIRES), any(p, 2));
        break;
    }
    carry(io, la);
}

/* IOAPIC-24: from acceptance to EOI, neither shorter nor longer. */
START_TEST(law_4_remote_irr_stands_while_the_vector_does)
{
    program_t p = program(_i);
    chip_t io, la;

    ioapic_init(&io, _i);
    lapic_init(&la, _i);
    for (unsigned pin = 0; pin < WIRES; pin++)
        write_entry(&io.ioapic, pin, 0);
    for (int i = 0; i < STEPS; i++) {
        pair_step(&io.ioapic, &la.lapic, &p);
        for (unsigned pin = 0; pin < WIRES; pin++) {
            const unsigned v = FIRST_VECTOR + 0x10 * pin, bit = 1u << v % 32;
            const bool stands = (la.lapic.irr[v / 32] | la.lapic.isr[v / 32]) & bit;
            const bool remote = irqsim_ioapic_rte(&io.ioapic, pin) & IOAPIC_RTE_REMOTE_IRR;
            if (stands != remote || (stands && !(la.lapic.tmr[v / 32] & bit)))
                ck_abort_msg("step %d pin %u: remote IRR %d, vector %d", i, pin, remote, stands);
        }
    }
}
END_TEST

UNIT_MAIN("laws of chips", UNIT_LOOP(law_2_a_copy_goes_on_the_same_at_every_step, 0, SEEDS *CHIPS),
          UNIT_LOOP(law_3_advancing_in_pieces_is_advancing_at_once, 0, SEEDS * 2),
          UNIT_LOOP(law_4_nothing_is_deliverable_without_intr, 0, SEEDS * 3),
          UNIT_LOOP(law_4_remote_irr_stands_while_the_vector_does, 0, SEEDS))
