/* SPDX-License-Identifier: MIT */
/*
 * test_apic_wires.c - APICs wired to one another: as if every message were carried by
 * hand, and refused ones come through when they can
 */
#include <stdlib.h>
#include <string.h>

#include <irqsim/apic_wires.h>

#include "apic_rig.h"

enum { CPUS = 4, IOS = 2, OPS = 20000 };

/* The chips, and wires for one of two boards. */
typedef struct board {
    irqsim_lapic_t la[CPUS];
    irqsim_ioapic_t io[IOS];
    irqsim_apic_wires_t wires;
    uint32_t turn;
} board_t;

static void power_up(board_t *b, irqsim_apic_family_t family)
{
    memset(b, 0, sizeof(*b));
    for (unsigned i = 0; i < CPUS; i++)
        b->la[i] = lapic_of(family, i);
    for (unsigned n = 0; n < IOS; n++)
        irqsim_ioapic_init(&b->io[n], &(irqsim_ioapic_desc_t){.pin_assert = n == 1});
    irqsim_apic_wires_init(&b->wires, b->la, CPUS, b->io, IOS);
}

/* ---- by hand ---- */

static irqsim_apic_fate_t deliver_by_hand(board_t *b, const irqsim_apic_msg_t *msg)
{
    return irqsim_apic_deliver(b->la, (irqsim_apic_range_t){0, CPUS}, &b->turn, msg);
}

/* As long as one of them gets through; a refused one lets the others go first. */
static bool carry_from_ioapic(board_t *b, irqsim_ioapic_t *io)
{
    irqsim_apic_msg_t msg;
    bool any = false;

    while (irqsim_ioapic_bus_take(io, &msg)) {
        const irqsim_apic_fate_t fate = deliver_by_hand(b, &msg);
        irqsim_ioapic_bus_done(io, msg.source - IRQSIM_APIC_FROM_IOAPIC(0), fate);
        any |= fate != IRQSIM_APIC_RETRY;
        if (fate == IRQSIM_APIC_RETRY && !(io->pending & ~io->refused))
            break;
    }
    return any;
}

static bool carry_from_lapic(board_t *b, irqsim_lapic_t *la)
{
    irqsim_apic_msg_t msg;

    if (!irqsim_lapic_bus_take(la, &msg))
        return false;
    for (unsigned n = 0; msg.is_eoi && n < IOS; n++)
        irqsim_ioapic_eoi(&b->io[n], msg.vector);
    const irqsim_apic_fate_t fate = msg.is_eoi ? IRQSIM_APIC_ACCEPTED : deliver_by_hand(b, &msg);
    irqsim_lapic_bus_done(la, &msg, fate);
    return fate != IRQSIM_APIC_RETRY;
}

static void carry_all(board_t *b)
{
    bool moved = true;

    while (moved) {
        moved = false;
        for (unsigned n = 0; n < IOS; n++)
            moved |= carry_from_ioapic(b, &b->io[n]);
        for (unsigned cpu = 0; cpu < CPUS; cpu++)
            moved |= carry_from_lapic(b, &b->la[cpu]);
    }
}

static void tell_ioapics(board_t *b)
{
    for (unsigned n = 0; n < IOS; n++)
        irqsim_ioapic_listeners_changed(&b->io[n]);
}

/* ---- a guest that does anything, to both boards; then what waits is carried ---- */

static uint32_t random_state;

static uint32_t any(uint32_t n)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % n;
}

static void some_pin(board_t *wired, board_t *hand)
{
    const unsigned n = any(IOS), pin = any(6);
    const bool level = any(2);

    irqsim_apic_wires_set_pin(&wired->wires, n, pin, level);
    irqsim_ioapic_set_pin(&hand->io[n], pin, level);
    carry_all(hand);
}

/* IOAPIC-03: of the I/O APIC that has the register. */
static void some_pin_write(board_t *wired, board_t *hand)
{
    const uint32_t pin = any(6);

    irqsim_apic_wires_write_ioapic(&wired->wires, 1, IOAPIC_WIN_PIN_ASSERT, pin);
    irqsim_ioapic_write(&hand->io[1], IOAPIC_WIN_PIN_ASSERT, pin);
    carry_all(hand);
}

static void some_entry(board_t *wired, board_t *hand)
{
    const uint32_t n = any(IOS), high = any(4) == 0, pin = any(6);
    const uint32_t low = (any(4) ? 0x30 + any(8) * 0x11 : any(256)) | (any(8) ? 0 : any(8) << 8) |
                         (any(4) ? 0 : IOAPIC_RTE_LOGICAL) |
                         (any(2) ? IOAPIC_RTE_TRIGGER_LEVEL : 0) |
                         (any(4) ? 0 : IOAPIC_RTE_MASKED) | (any(8) ? 0 : IOAPIC_RTE_ACTIVE_LOW);
    const uint32_t value = high ? any(6) << 24 : low;
    const uint32_t index = high ? IOAPIC_REG_RTE_HIGH(pin) : IOAPIC_REG_RTE_LOW(pin);

    irqsim_apic_wires_write_ioapic(&wired->wires, n, IOAPIC_WIN_SELECT, index);
    irqsim_apic_wires_write_ioapic(&wired->wires, n, IOAPIC_WIN_DATA, value);
    irqsim_ioapic_write(&hand->io[n], IOAPIC_WIN_SELECT, index);
    carry_all(hand);
    irqsim_ioapic_write(&hand->io[n], IOAPIC_WIN_DATA, value);
    carry_all(hand);
}

static void some_register(board_t *wired, board_t *hand)
{
    static const struct {
        uint32_t offset, mask;
    } regs[] = {
        {LAPIC_REG_EOI, 0},
        {LAPIC_REG_EOI, 0},
        {LAPIC_REG_TPR, 0xF0},
        {LAPIC_REG_ICR_HIGH, 0x07000000},
        {LAPIC_REG_ICR_LOW, 0x0000007F},
        {LAPIC_REG_ICR_LOW, 0x000CCFFF},
        {LAPIC_REG_LDR, 0x0F000000},
        {LAPIC_REG_SVR, 0x1100},
        {LAPIC_REG_ID, 0x03000000},
        {LAPIC_REG_LVT_ERROR, 0x100FF},
        {LAPIC_REG_LVT_LINT0, 0x187FF},
        {LAPIC_REG_DFR, 0xF0000000},
        {LAPIC_REG_ESR, 0},
    };
    const uint32_t cpu = any(CPUS), i = any(sizeof(regs) / sizeof(regs[0]));
    const uint32_t rare = regs[i].offset == LAPIC_REG_SVR || regs[i].offset == LAPIC_REG_ID ||
                          regs[i].offset == LAPIC_REG_DFR;
    uint32_t value = (any(1 << 16) << 16 | any(1 << 16)) & regs[i].mask;

    if (rare && any(8)) /* mostly enabled, and with its own ID */
        value = regs[i].offset == LAPIC_REG_ID    ? cpu << 24
                : regs[i].offset == LAPIC_REG_DFR ? UINT32_MAX
                                                  : LAPIC_SVR_ENABLE;
    if (regs[i].offset == LAPIC_REG_ICR_LOW && (value & LAPIC_DM_MASK) == LAPIC_DM_REMOTE_READ)
        value &= ~LAPIC_DM_MASK; /* no hand can bring a register: apic_07_a_remote_read_ends */
    irqsim_apic_wires_write(&wired->wires, cpu, regs[i].offset, value, 0);
    irqsim_lapic_write(&hand->la[cpu], regs[i].offset, value, 0);
    if (rare || regs[i].offset == LAPIC_REG_LDR)
        tell_ioapics(hand);
    carry_all(hand);
}

static void some_msr(board_t *wired, board_t *hand)
{
    static const uint64_t bases[] = {LAPIC_MMIO_BASE | APIC_BASE_EN, X2APIC_ON, LAPIC_MMIO_BASE};
    const uint32_t cpu = any(CPUS);
    const bool base = any(8) == 0;
    const uint32_t msr = base ? MSR_IA32_APIC_BASE : any(2) ? MSR_X2APIC_ICR : MSR_X2APIC(0xB0);
    const uint64_t value = base                    ? bases[any(3)]
                           : msr == MSR_X2APIC_ICR ? (uint64_t)any(CPUS) << 32 | (0x4020 + any(90))
                                                   : 0;

    const bool done = irqsim_lapic_wrmsr(&hand->la[cpu], msr, value, 0);

    ck_assert_int_eq(irqsim_apic_wires_wrmsr(&wired->wires, cpu, msr, value, 0), done);
    if (done && base)
        tell_ioapics(hand);
    if (done)
        carry_all(hand);
}

static void some_message(board_t *wired, board_t *hand)
{
    const irqsim_apic_msg_t msg = {.dest = any(5),
                                   .vector = (uint8_t)(16 + any(240)),
                                   .mode = (uint8_t)(any(8) ? any(2) : any(8)),
                                   .logical = (uint8_t)any(2),
                                   .level = (uint8_t)(any(4) == 0),
                                   .shorthand = (uint8_t)(any(8) ? 0 : any(4)),
                                   .assert = 1};

    ck_assert_int_eq(irqsim_apic_wires_send(&wired->wires, &msg), deliver_by_hand(hand, &msg));
    carry_all(hand);
}

static void some_lint(board_t *wired, board_t *hand)
{
    const uint32_t cpu = any(CPUS), levels = any(4);

    irqsim_lapic_set_in(&wired->la[cpu], levels);
    irqsim_lapic_set_in(&hand->la[cpu], levels);
}

static void some_ack(board_t *wired, board_t *hand)
{
    const uint32_t cpu = any(CPUS);

    ck_assert_uint_eq(irqsim_lapic_ack(&wired->la[cpu]), irqsim_lapic_ack(&hand->la[cpu]));
}

START_TEST(apic_69_wires_are_messages_carried_by_hand)
{
    static void (*const acts[])(board_t *, board_t *) = {
        some_pin,      some_pin, some_entry,   some_register,  some_ack, some_ack,
        some_register, some_msr, some_message, some_pin_write, some_lint};
    static const irqsim_apic_family_t families[] = {IRQSIM_APIC_XAPIC, IRQSIM_APIC_X2APIC,
                                                    IRQSIM_APIC_P6, IRQSIM_APIC_P5};
    static board_t wired, hand;
    unsigned delivered = 0;

    random_state = (uint32_t)_i;
    power_up(&wired, families[_i % 4]);
    power_up(&hand, families[_i % 4]);
    for (unsigned i = 0; i < OPS; i++) {
        acts[any(sizeof(acts) / sizeof(acts[0]))](&wired, &hand);
        ck_assert_msg(memcmp(wired.la, hand.la, sizeof(hand.la)) == 0, "local APICs, step %u", i);
        ck_assert_msg(memcmp(wired.io, hand.io, sizeof(hand.io)) == 0, "I/O APICs, step %u", i);
        ck_assert_uint_eq(wired.wires.turn, hand.turn);
        delivered += wired.la[i % CPUS].irrv != 0;
    }
    ck_assert_uint_gt(delivered, OPS / 100);
}
END_TEST

/* ---- P6: slots ---- */

static void fill_class_4(board_t *b, unsigned cpu)
{
    fixed(&b->la[cpu], 0x41, false);
    fixed(&b->la[cpu], 0x42, false);
}

static void serve_one(board_t *b, unsigned cpu)
{
    irqsim_lapic_ack(&b->la[cpu]);
    irqsim_apic_wires_write(&b->wires, cpu, LAPIC_REG_EOI, 0, 0);
}

START_TEST(apic_46_a_refused_pin_comes_when_a_slot_is_free)
{
    static board_t b;

    power_up(&b, IRQSIM_APIC_P6);
    fill_class_4(&b, 1);
    for (unsigned pin = 0; pin < 2; pin++) { /* pin 0 is refused, pin 1 is not */
        ioapic_write(&b.io[0], IOAPIC_REG_RTE_HIGH(pin), 1u << 24);
        ioapic_write(&b.io[0], IOAPIC_REG_RTE_LOW(pin), pin ? 0x51 : 0x43);
    }
    irqsim_apic_wires_set_pin(&b.wires, 0, 0, true);
    irqsim_apic_wires_set_pin(&b.wires, 0, 1, true);
    ck_assert(!in_irr(&b.la[1], 0x43) && in_irr(&b.la[1], 0x51));
    ck_assert(irqsim_ioapic_rte(&b.io[0], 0) & IOAPIC_RTE_PENDING);
    serve_one(&b, 1); /* 51 */
    serve_one(&b, 1); /* 42 */
    ck_assert(in_irr(&b.la[1], 0x43));
    ck_assert(!(irqsim_ioapic_rte(&b.io[0], 0) & IOAPIC_RTE_PENDING));
}
END_TEST

START_TEST(apic_46_a_refused_ipi_comes_when_a_slot_is_free)
{
    static board_t b;

    power_up(&b, IRQSIM_APIC_P6);
    fill_class_4(&b, 1);
    irqsim_apic_wires_write(&b.wires, 0, LAPIC_REG_ICR_HIGH, 1u << 24, 0);
    irqsim_apic_wires_write(&b.wires, 0, LAPIC_REG_ICR_LOW, LAPIC_ICR_ASSERT | 0x43, 0);
    ck_assert(get(&b.la[0], LAPIC_REG_ICR_LOW) & LAPIC_ICR_PENDING);
    serve_one(&b, 1);
    ck_assert(in_irr(&b.la[1], 0x43));
    ck_assert(!(get(&b.la[0], LAPIC_REG_ICR_LOW) & LAPIC_ICR_PENDING));
}
END_TEST

/* A third self IPI of a class waits for an EOI, and a request behind it (APIC-70). */
START_TEST(apic_75_what_waits_behind_a_self_ipi_goes_with_the_eoi)
{
    static board_t b;

    power_up(&b, IRQSIM_APIC_P6);
    for (unsigned vector = 0x41; vector <= 0x43; vector++)
        irqsim_apic_wires_write(&b.wires, 0, LAPIC_REG_ICR_LOW,
                                LAPIC_ICR_TO_SELF | LAPIC_ICR_ASSERT | vector, 0);
    irqsim_apic_wires_write(&b.wires, 0, LAPIC_REG_ICR_HIGH, 1u << 24, 0);
    irqsim_apic_wires_write(&b.wires, 0, LAPIC_REG_ICR_LOW, LAPIC_ICR_ASSERT | 0x61, 0);
    ck_assert(!in_irr(&b.la[1], 0x61));
    serve_one(&b, 0);
    ck_assert(in_irr(&b.la[0], 0x43) && in_irr(&b.la[1], 0x61));
}
END_TEST

START_TEST(apic_07_a_remote_read_ends)
{
    static board_t b;

    power_up(&b, IRQSIM_APIC_P6);
    irqsim_lapic_write(&b.la[1], LAPIC_REG_TPR, 0x35, 0);
    irqsim_apic_wires_write(&b.wires, 0, LAPIC_REG_ICR_HIGH, 1u << 24, 0);
    irqsim_apic_wires_write(&b.wires, 0, LAPIC_REG_ICR_LOW,
                            LAPIC_ICR_ASSERT | LAPIC_DM_REMOTE_READ | LAPIC_REG_TPR >> 4, 0);
    ck_assert_uint_eq(get(&b.la[0], LAPIC_REG_ICR_LOW) & LAPIC_ICR_RR_STATUS_MASK,
                      LAPIC_ICR_RR_VALID);
    ck_assert_uint_eq(get(&b.la[0], LAPIC_REG_RRD), 0x35);
    irqsim_apic_wires_write(&b.wires, 0, LAPIC_REG_ICR_HIGH, 9u << 24, 0);
    irqsim_apic_wires_write(&b.wires, 0, LAPIC_REG_ICR_LOW,
                            LAPIC_ICR_ASSERT | LAPIC_DM_REMOTE_READ | LAPIC_REG_TPR >> 4, 0);
    ck_assert_uint_eq(get(&b.la[0], LAPIC_REG_ICR_LOW) & LAPIC_ICR_RR_STATUS_MASK,
                      LAPIC_ICR_RR_INVALID);
}
END_TEST

START_TEST(icc_54_an_eoi_that_no_ioapic_hears_is_an_accept_error)
{
    irqsim_lapic_t la = lapic_of(IRQSIM_APIC_P6, 0);
    irqsim_apic_wires_t w;

    put(&la, LAPIC_REG_LVT_ERROR, 0xE1);
    irqsim_apic_wires_init(&w, &la, 1, NULL, 0);
    fixed(&la, 0x41, true);
    irqsim_lapic_ack(&la);
    irqsim_apic_wires_write(&w, 0, LAPIC_REG_EOI, 0, 0);
    ck_assert_uint_eq(errors(&la), LAPIC_ESR_SEND_ACCEPT);
}
END_TEST

/* ---- callers ---- */

START_TEST(law_5_chips_that_are_not_there_do_nothing)
{
    static board_t b, before;

    power_up(&b, IRQSIM_APIC_XAPIC);
    before = b;
    irqsim_apic_wires_set_pin(&b.wires, IOS, 0, true);
    irqsim_apic_wires_set_pin(&b.wires, 0, 24, true);
    irqsim_apic_wires_write(&b.wires, CPUS, LAPIC_REG_TPR, 0xFF, 0);
    irqsim_apic_wires_write_ioapic(&b.wires, IOS, IOAPIC_WIN_SELECT, 1);
    ck_assert(!irqsim_apic_wires_wrmsr(&b.wires, CPUS, MSR_IA32_APIC_BASE, 0, 0));
    ck_assert_mem_eq(&b, &before, sizeof(b));
}
END_TEST

START_TEST(apic_76_the_broadcast_is_nobodys_number)
{
    irqsim_lapic_t *const la = calloc(256, sizeof(*la));
    irqsim_ioapic_t io;
    irqsim_apic_wires_t w;

    for (uint32_t i = 0; i < 256; i++)
        la[i] = lapic_of(IRQSIM_APIC_X2APIC, i);
    irqsim_ioapic_init(&io, NULL);
    irqsim_apic_wires_init(&w, la, 256, &io, 1);
    ioapic_write(&io, IOAPIC_REG_RTE_HIGH(0), 0xFF000000);
    irqsim_apic_wires_write_ioapic(&w, 0, IOAPIC_WIN_SELECT, IOAPIC_REG_RTE_LOW(0));
    irqsim_apic_wires_write_ioapic(&w, 0, IOAPIC_WIN_DATA, 0x41);
    irqsim_apic_wires_set_pin(&w, 0, 0, true);
    for (uint32_t i = 0; i < 256; i++)
        ck_assert(in_irr(&la[i], 0x41)); /* in xAPIC mode FF means all */
    free(la);
}
END_TEST

UNIT_MAIN("apic_wires", UNIT_LOOP(apic_69_wires_are_messages_carried_by_hand, 0, 16),
          UNIT_TEST(apic_46_a_refused_pin_comes_when_a_slot_is_free),
          UNIT_TEST(apic_46_a_refused_ipi_comes_when_a_slot_is_free),
          UNIT_TEST(apic_75_what_waits_behind_a_self_ipi_goes_with_the_eoi),
          UNIT_TEST(apic_07_a_remote_read_ends),
          UNIT_TEST(icc_54_an_eoi_that_no_ioapic_hears_is_an_accept_error),
          UNIT_TEST(law_5_chips_that_are_not_there_do_nothing),
          UNIT_TEST(apic_76_the_broadcast_is_nobodys_number))
