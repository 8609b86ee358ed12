/* SPDX-License-Identifier: MIT */
/* test_apic_lapic_icr.c - sending: the ICR, its legality table, self IPIs */
#include "apic_rig.h"

#define BUSY(la) (get(la, LAPIC_REG_ICR_LOW) & LAPIC_ICR_PENDING)

/* What one ICR write leads to. */
typedef enum outcome { SENT, TO_SELF, IGNORED, UNDEFINED } outcome_t;

static outcome_t send(irqsim_lapic_t *la, uint32_t low, irqsim_apic_msg_t *msg)
{
    const uint32_t undefined = la->icr_undefined;

    put(la, LAPIC_REG_ICR_LOW, low);
    if (irqsim_lapic_bus_take(la, msg)) {
        irqsim_lapic_bus_done(la, msg, IRQSIM_APIC_ACCEPTED);
        return SENT;
    }
    if (la->icr_undefined != undefined)
        return UNDEFINED;
    return irqsim_lapic_irrv(la) >= 0 ? TO_SELF : IGNORED;
}

/* APIC-71, a column per delivery mode 0..7: S sent, s to self, i ignored, - undefined. */
typedef struct legality {
    irqsim_apic_family_t family;
    uint32_t low;
    const char *modes;
} legality_t;

#define EDGE     LAPIC_ICR_ASSERT
#define LEVEL    (LAPIC_ICR_TRIGGER_LEVEL | LAPIC_ICR_ASSERT)
#define DEASSERT LAPIC_ICR_TRIGGER_LEVEL

/* clang-format off */
static const legality_t legality[] = {
    {IRQSIM_APIC_XAPIC, LAPIC_ICR_TO_DEST   | EDGE,     "SSS-SSS-"},
    {IRQSIM_APIC_XAPIC, LAPIC_ICR_TO_DEST   | LEVEL,    "SSS-SSS-"},
    {IRQSIM_APIC_XAPIC, LAPIC_ICR_TO_DEST   | DEASSERT, "SSS-SiS-"}, /* APIC-72 */
    {IRQSIM_APIC_XAPIC, LAPIC_ICR_TO_SELF   | EDGE,     "s-------"},
    {IRQSIM_APIC_XAPIC, LAPIC_ICR_TO_SELF   | LEVEL,    "s-------"},
    {IRQSIM_APIC_XAPIC, LAPIC_ICR_TO_ALL    | EDGE,     "S-------"},
    {IRQSIM_APIC_XAPIC, LAPIC_ICR_TO_ALL    | LEVEL,    "S-------"},
    {IRQSIM_APIC_XAPIC, LAPIC_ICR_TO_OTHERS | EDGE,     "SSS-SSS-"},
    {IRQSIM_APIC_XAPIC, LAPIC_ICR_TO_OTHERS | LEVEL,    "SSS-SSS-"},
    {IRQSIM_APIC_P6,    LAPIC_ICR_TO_DEST   | EDGE,     "SSSSSSS-"},
    {IRQSIM_APIC_P6,    LAPIC_ICR_TO_DEST   | LEVEL,    "SS--SS--"},
    {IRQSIM_APIC_P6,    LAPIC_ICR_TO_DEST   | DEASSERT, "ii--iS--"},
    {IRQSIM_APIC_P6,    LAPIC_ICR_TO_SELF   | EDGE,     "s-------"},
    {IRQSIM_APIC_P6,    LAPIC_ICR_TO_SELF   | LEVEL,    "s-------"},
    {IRQSIM_APIC_P6,    LAPIC_ICR_TO_SELF   | DEASSERT, "i----S--"}, /* APIC-33 */
    {IRQSIM_APIC_P6,    LAPIC_ICR_TO_ALL    | EDGE,     "S-------"},
    {IRQSIM_APIC_P6,    LAPIC_ICR_TO_ALL    | LEVEL,    "S-------"},
    {IRQSIM_APIC_P6,    LAPIC_ICR_TO_ALL    | DEASSERT, "i----S--"},
    {IRQSIM_APIC_P6,    LAPIC_ICR_TO_OTHERS | EDGE,     "SSS-SSS-"},
    {IRQSIM_APIC_P6,    LAPIC_ICR_TO_OTHERS | LEVEL,    "SS--SS--"},
    {IRQSIM_APIC_P6,    LAPIC_ICR_TO_OTHERS | DEASSERT, "ii--iS--"},
};
/* clang-format on */

START_TEST(apic_71_legality_table)
{
    const legality_t *row = &legality[_i];

    for (uint32_t mode = 0; mode < 8; mode++) {
        irqsim_lapic_t la = lapic_of(row->family, 0);
        irqsim_apic_msg_t msg;
        const outcome_t got = send(&la, row->low | mode << LAPIC_DM_SHIFT | 0x40, &msg);
        ck_assert_int_eq("Ssi-"[got], row -> modes[mode]);
        ck_assert_uint_eq(errors(&la), 0); /* APIC-74 */
        if (got != SENT)
            continue;
        /* Everything travels as an edge but the one INIT de-assert. */
        const bool deassert = mode == IRQSIM_APIC_INIT && !(row->low & LAPIC_ICR_ASSERT);
        ck_assert(msg.mode == mode && msg.vector == 0x40);
        ck_assert(msg.level == deassert && msg.assert == !deassert);
    }
}
END_TEST

START_TEST(apic_69_fields_travel_in_the_message)
{
    irqsim_lapic_t la = lapic_of(IRQSIM_APIC_XAPIC, 7);
    irqsim_apic_msg_t msg;

    put(&la, LAPIC_REG_ICR_HIGH, 0xA5u << LAPIC_ICR_HIGH_DEST_SHIFT);
    ck_assert(!(la.out & IRQSIM_LAPIC_OUT_MSG)); /* APIC-70: high never sends */
    send(&la, EDGE | LAPIC_ICR_DEST_LOGICAL | LAPIC_DM_LOWEST | 0x66, &msg);
    ck_assert(msg.dest == 0xA5 && msg.logical && msg.mode == IRQSIM_APIC_LOWEST);
    ck_assert(msg.vector == 0x66 && msg.shorthand == IRQSIM_APIC_TO_DEST && !msg.is_eoi);
    ck_assert_uint_eq(msg.source, IRQSIM_APIC_FROM_CPU(7));
    send(&la, EDGE | LAPIC_ICR_TO_OTHERS | 0x66, &msg);
    ck_assert_int_eq(msg.shorthand, IRQSIM_APIC_TO_OTHERS);
}
END_TEST

START_TEST(apic_70_the_icr_is_busy_until_the_message_is_done)
{
    irqsim_lapic_t la = lapic();
    irqsim_apic_msg_t msg;

    put(&la, LAPIC_REG_ICR_LOW, EDGE | 0x41);
    ck_assert(BUSY(&la));
    irqsim_lapic_bus_take(&la, &msg);
    ck_assert(BUSY(&la) && !(la.out & IRQSIM_LAPIC_OUT_MSG));
    irqsim_lapic_bus_done(&la, &msg, IRQSIM_APIC_RETRY);
    ck_assert(BUSY(&la));
    ck_assert(irqsim_lapic_bus_take(&la, &msg) && msg.vector == 0x41);
    irqsim_lapic_bus_done(&la, &msg, IRQSIM_APIC_ACCEPTED);
    ck_assert(!BUSY(&la) && la.out == 0);
}
END_TEST

START_TEST(apic_70_a_second_request_waits_for_the_first)
{
    irqsim_lapic_t la = lapic();
    irqsim_apic_msg_t msg;

    put(&la, LAPIC_REG_ICR_HIGH, 1u << 24);
    put(&la, LAPIC_REG_ICR_LOW, EDGE | 0x41);
    put(&la, LAPIC_REG_ICR_HIGH, 2u << 24);
    put(&la, LAPIC_REG_ICR_LOW, EDGE | 0x42);
    ck_assert(irqsim_lapic_bus_take(&la, &msg) && msg.vector == 0x41 && msg.dest == 1);
    ck_assert(!(la.out & IRQSIM_LAPIC_OUT_MSG));
    irqsim_lapic_bus_done(&la, &msg, IRQSIM_APIC_ACCEPTED);
    ck_assert(irqsim_lapic_bus_take(&la, &msg) && msg.vector == 0x42 && msg.dest == 2);
    irqsim_lapic_bus_done(&la, &msg, IRQSIM_APIC_ACCEPTED);
    ck_assert(!BUSY(&la));
    ck_assert_uint_eq(la.icr_replaced, 0);
}
END_TEST

START_TEST(apic_70_a_third_request_replaces_the_second_and_is_counted)
{
    irqsim_lapic_t la = lapic();
    irqsim_apic_msg_t msg;

    for (uint32_t vector = 0x41; vector <= 0x43; vector++)
        put(&la, LAPIC_REG_ICR_LOW, EDGE | vector);
    ck_assert_uint_eq(la.icr_replaced, 1);
    ck_assert(irqsim_lapic_bus_take(&la, &msg) && msg.vector == 0x41);
    irqsim_lapic_bus_done(&la, &msg, IRQSIM_APIC_ACCEPTED);
    ck_assert(irqsim_lapic_bus_take(&la, &msg) && msg.vector == 0x43);
    irqsim_lapic_bus_done(&la, &msg, IRQSIM_APIC_ACCEPTED);
    ck_assert(!irqsim_lapic_bus_take(&la, &msg));
}
END_TEST

START_TEST(apic_50_5_an_illegal_vector_is_not_sent)
{
    irqsim_lapic_t la = lapic();
    irqsim_apic_msg_t msg;

    ck_assert_int_eq(send(&la, EDGE | 0x0F, &msg), IGNORED);
    ck_assert_uint_eq(errors(&la), LAPIC_ESR_SEND_VECTOR);
    ck_assert_int_eq(send(&la, EDGE | LAPIC_ICR_TO_SELF | 0x0F, &msg), IGNORED);
    ck_assert_uint_eq(errors(&la), LAPIC_ESR_SEND_VECTOR | LAPIC_ESR_RECV_VECTOR);
    ck_assert_int_eq(send(&la, EDGE | LAPIC_DM_NMI, &msg), SENT); /* vector not used */
    ck_assert_uint_eq(errors(&la), 0);
}
END_TEST

static irqsim_lapic_t without_lowest_ipis(irqsim_apic_family_t family)
{
    irqsim_lapic_t la;

    irqsim_lapic_init(&la, &(irqsim_lapic_desc_t){.family = family,
                                                  .variants = IRQSIM_LAPIC_VARIANT_NO_LOWEST_IPI});
    put(&la, LAPIC_REG_SVR, LAPIC_SVR_ENABLE | SPURIOUS);
    return la;
}

START_TEST(apic_50_4_a_part_that_cannot_redirect_says_so)
{
    irqsim_lapic_t la = without_lowest_ipis(IRQSIM_APIC_XAPIC);
    irqsim_apic_msg_t msg;

    ck_assert_int_eq(send(&la, EDGE | LAPIC_DM_LOWEST | 0x41, &msg), IGNORED);
    ck_assert(!BUSY(&la));
    ck_assert_uint_eq(errors(&la), LAPIC_ESR_REDIRECTABLE);
    ck_assert_int_eq(send(&la, EDGE | LAPIC_DM_LOWEST | 0x05, &msg), IGNORED); /* APIC-52 */
    ck_assert_uint_eq(errors(&la), LAPIC_ESR_REDIRECTABLE);
    ck_assert_int_eq(send(&la, EDGE | LAPIC_ICR_TO_SELF | LAPIC_DM_LOWEST | 0x41, &msg), UNDEFINED);
    ck_assert_int_eq(send(&la, EDGE | 0x41, &msg), SENT);
    ck_assert_uint_eq(errors(&la), 0);
}
END_TEST

START_TEST(apic_50_4_is_no_matter_of_the_serial_bus)
{
    irqsim_lapic_t la = without_lowest_ipis(IRQSIM_APIC_P6);
    irqsim_apic_msg_t msg;

    ck_assert_int_eq(send(&la, EDGE | LAPIC_DM_LOWEST | 0x41, &msg), SENT);
    ck_assert_uint_eq(errors(&la), 0);
}
END_TEST

START_TEST(apic_73_sipi_carries_its_vector)
{
    irqsim_lapic_t la = lapic(), target = lapic_at_reset(IRQSIM_APIC_XAPIC, 1);
    irqsim_apic_msg_t msg;

    put(&la, LAPIC_REG_ICR_HIGH, 1u << 24);
    ck_assert_int_eq(send(&la, EDGE | LAPIC_DM_SIPI | 0x08, &msg), SENT);
    ck_assert(irqsim_lapic_matches(&target, &msg));
    irqsim_lapic_deliver(&target, &msg);
    ck_assert_uint_eq(irqsim_lapic_take_pulses(&target), IRQSIM_LAPIC_OUT_SIPI);
    ck_assert_uint_eq(target.sipi_vector, 0x08);
}
END_TEST

START_TEST(apic_75_a_self_ipi_sets_irr_without_the_bus)
{
    irqsim_lapic_t la = lapic();

    put(&la, LAPIC_REG_ICR_LOW, LEVEL | LAPIC_ICR_TO_SELF | 0x77);
    ck_assert_uint_eq(la.out, IRQSIM_LAPIC_OUT_INTR);
    ck_assert(in_irr(&la, 0x77) && !in_tmr(&la, 0x77) && !BUSY(&la));
}
END_TEST

START_TEST(apic_75_a_self_ipi_without_slot_keeps_the_icr_busy)
{
    irqsim_lapic_t la = lapic_of(IRQSIM_APIC_P6, 0);
    irqsim_apic_msg_t msg;

    fixed(&la, 0x71, false);
    fixed(&la, 0x72, false);
    put(&la, LAPIC_REG_ICR_LOW, EDGE | LAPIC_ICR_TO_SELF | 0x73);
    put(&la, LAPIC_REG_ICR_LOW, EDGE | 0x41); /* has to wait behind it */
    ck_assert(BUSY(&la) && !irqsim_lapic_bus_take(&la, &msg));
    irqsim_lapic_ack(&la);
    eoi(&la);
    ck_assert(in_irr(&la, 0x73));
    ck_assert(irqsim_lapic_bus_take(&la, &msg) && msg.vector == 0x41);
}
END_TEST

START_TEST(apic_79_nobody_is_an_accept_error_on_the_serial_bus)
{
    irqsim_lapic_t p6 = lapic_of(IRQSIM_APIC_P6, 0), la = lapic();
    irqsim_lapic_t *both[] = {&p6, &la};

    put(&p6, LAPIC_REG_LVT_ERROR, 0x40);
    for (int i = 0; i < 2; i++) {
        irqsim_apic_msg_t msg;
        put(both[i], LAPIC_REG_ICR_LOW, EDGE | 0x41);
        irqsim_lapic_bus_take(both[i], &msg);
        irqsim_lapic_bus_done(both[i], &msg, IRQSIM_APIC_NOBODY);
        ck_assert(!BUSY(both[i]));
    }
    ck_assert_uint_eq(errors(&p6), LAPIC_ESR_SEND_ACCEPT);
    ck_assert_uint_eq(errors(&la), 0);
}
END_TEST

START_TEST(apic_65_a_soft_disabled_apic_can_still_send)
{
    irqsim_lapic_t la = lapic_at_reset(IRQSIM_APIC_XAPIC, 0);
    irqsim_apic_msg_t msg;

    ck_assert_int_eq(send(&la, EDGE | 0x41, &msg), SENT);
}
END_TEST

UNIT_MAIN("apic_lapic_icr",
          UNIT_LOOP(apic_71_legality_table, 0, (int)(sizeof(legality) / sizeof(legality[0]))),
          UNIT_TEST(apic_69_fields_travel_in_the_message),
          UNIT_TEST(apic_70_the_icr_is_busy_until_the_message_is_done),
          UNIT_TEST(apic_70_a_second_request_waits_for_the_first),
          UNIT_TEST(apic_70_a_third_request_replaces_the_second_and_is_counted),
          UNIT_TEST(apic_50_5_an_illegal_vector_is_not_sent),
          UNIT_TEST(apic_50_4_a_part_that_cannot_redirect_says_so),
          UNIT_TEST(apic_50_4_is_no_matter_of_the_serial_bus),
          UNIT_TEST(apic_73_sipi_carries_its_vector),
          UNIT_TEST(apic_75_a_self_ipi_sets_irr_without_the_bus),
          UNIT_TEST(apic_75_a_self_ipi_without_slot_keeps_the_icr_busy),
          UNIT_TEST(apic_79_nobody_is_an_accept_error_on_the_serial_bus),
          UNIT_TEST(apic_65_a_soft_disabled_apic_can_still_send))
