/* SPDX-License-Identifier: MIT */
/* A message arrives at all that it means, at once: irqsim_apic_deliver(). */
#include <irqsim/apic_route.h>

#include "apic_rig.h"

enum { CPUS = 4 };

typedef struct crowd {
    irqsim_lapic_t la[CPUS];
    uint32_t turn;
} crowd_t;

static crowd_t crowd(irqsim_apic_family_t family)
{
    crowd_t c = {.turn = 0};

    for (uint32_t i = 0; i < CPUS; i++)
        c.la[i] = lapic_of(family, i);
    return c;
}

static irqsim_apic_fate_t arrives(crowd_t *c, irqsim_apic_msg_t msg)
{
    msg.assert = 1;
    return irqsim_apic_deliver(c->la, (irqsim_apic_range_t){0, CPUS}, &c->turn, &msg);
}

/* Bit n: CPU n has the vector in IRR. */
static unsigned who_has(crowd_t *c, unsigned vector)
{
    unsigned who = 0;

    for (unsigned i = 0; i < CPUS; i++)
        who |= (unsigned)in_irr(&c->la[i], vector) << i;
    return who;
}

START_TEST(apic_69_shorthands_and_apic_76_destinations)
{
    crowd_t c = crowd(_i ? IRQSIM_APIC_P6 : IRQSIM_APIC_XAPIC);

    arrives(&c, (irqsim_apic_msg_t){.vector = 0x41, .shorthand = IRQSIM_APIC_TO_ALL});
    arrives(&c, (irqsim_apic_msg_t){.vector = 0x51,
                                    .shorthand = IRQSIM_APIC_TO_OTHERS,
                                    .source = IRQSIM_APIC_FROM_CPU(2)});
    arrives(&c, (irqsim_apic_msg_t){.vector = 0x61, .dest = 1, .level = 1});
    arrives(&c, (irqsim_apic_msg_t){.vector = 0x71, .dest = 0xFF});
    ck_assert_uint_eq(who_has(&c, 0x41), 0xF);
    ck_assert_uint_eq(who_has(&c, 0x51), 0xB);
    ck_assert_uint_eq(who_has(&c, 0x61), 0x2);
    ck_assert_uint_eq(who_has(&c, 0x71), 0xF);
    ck_assert(bit_of(&c.la[1], LAPIC_REG_TMR(0), 0x61) &&
              !bit_of(&c.la[1], LAPIC_REG_TMR(0), 0x71));
}
END_TEST

/* As it comes from bus_take, whatever the LAPICs' numbers are and where they stand. */
START_TEST(apic_69_a_message_knows_its_sender)
{
    static const uint32_t ids[CPUS] = {7, 0, 0x10001, 2};
    crowd_t c = {.turn = 0};
    irqsim_apic_msg_t msg;

    for (uint32_t i = 0; i < CPUS; i++)
        c.la[i] = lapic_of(IRQSIM_APIC_XAPIC, ids[i]);
    put(&c.la[_i], LAPIC_REG_ID, 0x55u << LAPIC_ID_SHIFT); /* a guest's ID is another matter */
    put(&c.la[_i], LAPIC_REG_ICR_LOW, LAPIC_ICR_ASSERT | LAPIC_ICR_TO_OTHERS | 0x41);
    ck_assert(irqsim_lapic_bus_take(&c.la[_i], &msg));
    ck_assert_uint_eq(msg.source, IRQSIM_APIC_FROM_CPU(ids[_i]));
    ck_assert_int_eq(arrives(&c, msg), IRQSIM_APIC_ACCEPTED);
    ck_assert_uint_eq(who_has(&c, 0x41), 0xFu & ~(1u << _i));
}
END_TEST

/* Numbers of CPUs, pins and devices do not meet. */
START_TEST(apic_69_senders_are_told_apart)
{
    ck_assert_uint_lt(IRQSIM_APIC_FROM_CPU(0x10000), IRQSIM_APIC_FROM_IOAPIC(0));
    ck_assert_uint_ne(IRQSIM_APIC_FROM_CPU(0x10000), IRQSIM_APIC_FROM_IOAPIC(0));
    ck_assert_uint_lt(IRQSIM_APIC_FROM_IOAPIC(0xFFFFFF), IRQSIM_APIC_FROM_MSI(0));
    ck_assert_uint_ne(IRQSIM_APIC_FROM_CPU(0), 0);
}
END_TEST

START_TEST(icc_53_the_worst_answer_is_the_answer)
{
    const irqsim_apic_msg_t to_all = {.vector = 0x41, .shorthand = IRQSIM_APIC_TO_ALL};
    crowd_t c = crowd(IRQSIM_APIC_XAPIC);

    ck_assert_int_eq(arrives(&c, to_all), IRQSIM_APIC_ACCEPTED);
    put(&c.la[3], LAPIC_REG_SVR, SPURIOUS); /* disabled: takes no part */
    ck_assert_int_eq(arrives(&c, to_all), IRQSIM_APIC_COALESCED);
    ck_assert_int_eq(arrives(&c, (irqsim_apic_msg_t){.vector = 0x42, .dest = 9}),
                     IRQSIM_APIC_NOBODY);
    ck_assert_int_eq(arrives(&c, (irqsim_apic_msg_t){.vector = 5, .dest = 1}), IRQSIM_APIC_ILLEGAL);
    c = crowd(IRQSIM_APIC_P6); /* no third request of a class (APIC-46) */
    arrives(&c, (irqsim_apic_msg_t){.vector = 0x42, .dest = 2});
    ck_assert_int_eq(arrives(&c, to_all), IRQSIM_APIC_ACCEPTED);
    ck_assert_int_eq(arrives(&c, to_all), IRQSIM_APIC_RETRY);
}
END_TEST

START_TEST(apic_42_signals_arrive_at_all)
{
    crowd_t c = crowd(IRQSIM_APIC_XAPIC);

    arrives(&c, (irqsim_apic_msg_t){.mode = IRQSIM_APIC_NMI, .shorthand = IRQSIM_APIC_TO_ALL});
    for (unsigned i = 0; i < CPUS; i++)
        ck_assert_uint_eq(irqsim_lapic_take_pulses(&c.la[i]), IRQSIM_LAPIC_OUT_NMI);
}
END_TEST

START_TEST(apic_80_equals_take_turns_and_the_lowest_wins)
{
    const irqsim_apic_msg_t lowest = {.vector = 0x41, .mode = IRQSIM_APIC_LOWEST, .dest = 0xFF};
    crowd_t c = crowd(IRQSIM_APIC_XAPIC);

    put(&c.la[1], LAPIC_REG_TPR, 0x20);
    arrives(&c, lowest);
    ck_assert_uint_eq(who_has(&c, 0x41), 0x4); /* behind 0, and not 1 */
    arrives(&c, lowest);
    ck_assert_uint_eq(who_has(&c, 0x41), 0xC);
    arrives(&c, lowest);
    ck_assert_uint_eq(who_has(&c, 0x41), 0xD);
    c = crowd(IRQSIM_APIC_P6); /* the focus takes it */
    arrives(&c, (irqsim_apic_msg_t){.vector = 0x41, .dest = 2});
    ck_assert_int_eq(arrives(&c, lowest), IRQSIM_APIC_COALESCED);
    ck_assert_uint_eq(who_has(&c, 0x41), 0x4);
}
END_TEST

UNIT_MAIN("apic route", UNIT_LOOP(apic_69_shorthands_and_apic_76_destinations, 0, 2),
          UNIT_LOOP(apic_69_a_message_knows_its_sender, 0, CPUS),
          UNIT_TEST(apic_69_senders_are_told_apart),
          UNIT_TEST(icc_53_the_worst_answer_is_the_answer),
          UNIT_TEST(apic_42_signals_arrive_at_all),
          UNIT_TEST(apic_80_equals_take_turns_and_the_lowest_wins))
