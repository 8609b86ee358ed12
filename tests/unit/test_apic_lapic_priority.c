/* SPDX-License-Identifier: MIT */
/* test_apic_lapic_priority.c - IRR, ISR, TMR and the priorities between them */
#include "apic_rig.h"

START_TEST(apic_39_ppr_is_the_higher_of_tpr_and_isr)
{
    irqsim_lapic_t la = lapic();

    fixed(&la, 0x45, false);
    irqsim_lapic_ack(&la);
    ck_assert_uint_eq(get(&la, LAPIC_REG_PPR), 0x40);
    put(&la, LAPIC_REG_TPR, 0x37);
    ck_assert_uint_eq(get(&la, LAPIC_REG_PPR), 0x40);
    put(&la, LAPIC_REG_TPR, 0x47);
    ck_assert_uint_eq(get(&la, LAPIC_REG_PPR), 0x47);
}
END_TEST

START_TEST(apic_40_equal_class_does_not_interrupt)
{
    irqsim_lapic_t la = lapic();

    put(&la, LAPIC_REG_TPR, 0x30);
    fixed(&la, 0x3F, false);
    ck_assert_int_eq(irqsim_lapic_pending(&la), -1);
    put(&la, LAPIC_REG_TPR, 0x2F);
    ck_assert_int_eq(irqsim_lapic_pending(&la), 0x3F);
}
END_TEST

START_TEST(apic_40_same_class_never_nests)
{
    irqsim_lapic_t la = lapic();

    fixed(&la, 0x51, false);
    irqsim_lapic_ack(&la);
    fixed(&la, 0x5F, false);
    ck_assert(!(la.out & IRQSIM_LAPIC_OUT_INTR));
    fixed(&la, 0x60, false);
    ck_assert_uint_eq(irqsim_lapic_ack(&la), 0x60);
    eoi(&la);
    ck_assert_int_eq(irqsim_lapic_pending(&la), -1);
    eoi(&la);
    ck_assert_int_eq(irqsim_lapic_pending(&la), 0x5F);
}
END_TEST

START_TEST(apic_38_every_vector_by_class_then_number)
{
    irqsim_lapic_t la = lapic();

    for (unsigned vector = 16; vector < 256; vector++)
        ck_assert_int_eq(fixed(&la, vector, false), IRQSIM_APIC_ACCEPTED);
    for (int vector = 255; vector >= 16; vector--) {
        ck_assert_int_eq(irqsim_lapic_irrv(&la), vector);
        ck_assert_uint_eq(irqsim_lapic_ack(&la), (unsigned)vector);
        ck_assert_int_eq(irqsim_lapic_isrv(&la), vector);
        eoi(&la);
    }
    ck_assert_int_eq(irqsim_lapic_irrv(&la), -1);
    ck_assert_int_eq(irqsim_lapic_isrv(&la), -1);
}
END_TEST

/* A slow, obvious model of which vector the CPU gets, against random traffic. */
typedef struct plain {
    bool irr[256], isr[256];
    unsigned tpr;
} plain_t;

static int plain_top(const bool set[256])
{
    for (int vector = 255; vector >= 0; vector--)
        if (set[vector])
            return vector;
    return -1;
}

static int plain_pending(const plain_t *p)
{
    const int irr = plain_top(p->irr), isr = plain_top(p->isr);
    return irr / 16 > (isr < 0 ? 0 : isr / 16) && irr / 16 > (int)p->tpr / 16 ? irr : -1;
}

static void plain_step(plain_t *p, irqsim_lapic_t *la, uint32_t dice)
{
    const unsigned value = dice >> 8 & 0xFF;
    const int top = plain_pending(p), served = plain_top(p->isr);

    switch (dice & 7) {
    case 0:
        p->tpr = value;
        put(la, LAPIC_REG_TPR, value);
        break;
    case 1:
    case 2:
        ck_assert_uint_eq(irqsim_lapic_ack(la), top < 0 ? SPURIOUS : (unsigned)top);
        if (top >= 0)
            p->irr[top] = false, p->isr[top] = true;
        break;
    case 3:
    case 4:
        if (served >= 0)
            p->isr[served] = false;
        eoi(la);
        break;
    default:
        p->irr[value | 16] = true;
        fixed(la, value | 16, false);
    }
}

START_TEST(apic_40_random_traffic_agrees_with_a_plain_model)
{
    irqsim_lapic_t la = lapic();
    plain_t p = {.tpr = 0};
    uint32_t x = 1;

    for (int i = 0; i < 200000; i++) {
        x = x * 1664525u + 1013904223u;
        plain_step(&p, &la, x >> 12);
        ck_assert_int_eq(irqsim_lapic_pending(&la), plain_pending(&p));
        ck_assert_int_eq(irqsim_lapic_isrv(&la), plain_top(p.isr));
    }
}
END_TEST

START_TEST(apic_41_apr_and_its_printed_form)
{
    const irqsim_lapic_desc_t printed = {.family = IRQSIM_APIC_P6,
                                         .variants = IRQSIM_LAPIC_VARIANT_APR_PRINTED};
    irqsim_lapic_t la = lapic_of(IRQSIM_APIC_P6, 0), odd;

    irqsim_lapic_init(&odd, &printed);
    put(&odd, LAPIC_REG_SVR, LAPIC_SVR_ENABLE);
    irqsim_lapic_t *both[] = {&la, &odd};
    for (int i = 0; i < 2; i++) {
        put(both[i], LAPIC_REG_TPR, 0x2A);
        ck_assert_uint_eq(get(both[i], LAPIC_REG_APR), 0x2A);
        fixed(both[i], 0x51, false);
        ck_assert_uint_eq(get(both[i], LAPIC_REG_APR), 0x50);
        irqsim_lapic_ack(both[i]);
    }
    ck_assert_uint_eq(get(&la, LAPIC_REG_APR), 0x50);
    ck_assert_uint_eq(get(&odd, LAPIC_REG_APR), 0x00); /* 2 AND 5 */
}
END_TEST

START_TEST(apic_42_nmi_smi_extint_bypass_irr_and_tpr)
{
    irqsim_lapic_t la = lapic();
    irqsim_apic_msg_t msg = {.mode = IRQSIM_APIC_NMI, .vector = 0x40, .assert = 1};

    put(&la, LAPIC_REG_TPR, 0xFF);
    ck_assert_int_eq(irqsim_lapic_deliver(&la, &msg), IRQSIM_APIC_ACCEPTED);
    msg.mode = IRQSIM_APIC_SMI;
    irqsim_lapic_deliver(&la, &msg);
    msg.mode = IRQSIM_APIC_EXTINT;
    irqsim_lapic_deliver(&la, &msg);
    ck_assert_int_eq(irqsim_lapic_irrv(&la), -1);
    ck_assert_uint_eq(irqsim_lapic_take_pulses(&la), IRQSIM_LAPIC_OUT_NMI | IRQSIM_LAPIC_OUT_SMI);
    ck_assert_uint_eq(irqsim_lapic_take_pulses(&la), 0);
    ck_assert_uint_eq(la.out, IRQSIM_LAPIC_OUT_EXTINT);
    irqsim_lapic_extint_taken(&la);
    ck_assert_uint_eq(la.out, 0);
}
END_TEST

/* By delivery mode: A accepted, - not. */
START_TEST(apic_65_a_soft_disabled_apic_takes_signals_only)
{
    irqsim_lapic_t la = lapic_at_reset(_i ? IRQSIM_APIC_P6 : IRQSIM_APIC_XAPIC, 0);

    for (uint8_t mode = 0; mode < 8; mode++) {
        const irqsim_apic_msg_t msg = {.mode = mode, .vector = 0x40, .assert = 1};
        const bool taken = irqsim_lapic_deliver(&la, &msg) == IRQSIM_APIC_ACCEPTED;
        ck_assert_int_eq(taken, "--A-AAA-"[mode] == 'A');
    }
    ck_assert_uint_eq(la.out & (IRQSIM_LAPIC_OUT_INTR | IRQSIM_LAPIC_OUT_EXTINT), 0);
}
END_TEST

START_TEST(apic_43_tmr_follows_the_trigger_at_acceptance)
{
    irqsim_lapic_t la = lapic();

    fixed(&la, 0x61, true);
    ck_assert(in_tmr(&la, 0x61));
    irqsim_lapic_ack(&la);
    eoi(&la);
    fixed(&la, 0x61, false);
    ck_assert(!in_tmr(&la, 0x61));
}
END_TEST

START_TEST(apic_44_ack_moves_irr_to_isr)
{
    irqsim_lapic_t la = lapic();

    fixed(&la, 0x81, false);
    ck_assert(in_irr(&la, 0x81) && !in_isr(&la, 0x81));
    ck_assert_uint_eq(irqsim_lapic_ack(&la), 0x81);
    ck_assert(!in_irr(&la, 0x81) && in_isr(&la, 0x81));
}
END_TEST

START_TEST(apic_45_one_in_irr_one_in_isr_the_rest_collapse)
{
    irqsim_lapic_t la = lapic();

    ck_assert_int_eq(fixed(&la, 0x70, false), IRQSIM_APIC_ACCEPTED);
    irqsim_lapic_ack(&la);
    ck_assert_int_eq(fixed(&la, 0x70, false), IRQSIM_APIC_ACCEPTED);
    ck_assert_int_eq(fixed(&la, 0x70, false), IRQSIM_APIC_COALESCED);
    eoi(&la);
    ck_assert_uint_eq(irqsim_lapic_ack(&la), 0x70);
    eoi(&la);
    ck_assert_int_eq(irqsim_lapic_pending(&la), -1);
}
END_TEST

START_TEST(apic_46_serial_parts_hold_two_of_a_class)
{
    irqsim_lapic_t la = lapic_of(IRQSIM_APIC_P6, 0);

    ck_assert_int_eq(fixed(&la, 0x71, false), IRQSIM_APIC_ACCEPTED);
    irqsim_lapic_ack(&la);
    ck_assert_int_eq(fixed(&la, 0x72, false), IRQSIM_APIC_ACCEPTED);
    ck_assert_int_eq(fixed(&la, 0x73, false), IRQSIM_APIC_RETRY);
    ck_assert_int_eq(fixed(&la, 0x7F, false), IRQSIM_APIC_RETRY);
    ck_assert_int_eq(fixed(&la, 0x72, false), IRQSIM_APIC_RETRY); /* needs a slot too */
    ck_assert_int_eq(fixed(&la, 0x6F, false), IRQSIM_APIC_ACCEPTED);
    ck_assert_int_eq(fixed(&la, 0x80, false), IRQSIM_APIC_ACCEPTED);
    irqsim_lapic_ack(&la);
    eoi(&la); /* 80 */
    eoi(&la); /* 71 */
    ck_assert_int_eq(fixed(&la, 0x7F, false), IRQSIM_APIC_ACCEPTED);
    ck_assert_int_eq(fixed(&la, 0x70, false), IRQSIM_APIC_RETRY);
}
END_TEST

START_TEST(apic_46_variant_counts_slots_per_vector)
{
    const irqsim_lapic_desc_t desc = {.family = IRQSIM_APIC_P6,
                                      .variants = IRQSIM_LAPIC_VARIANT_SLOTS_PER_VECTOR};
    irqsim_lapic_t la;

    irqsim_lapic_init(&la, &desc);
    put(&la, LAPIC_REG_SVR, LAPIC_SVR_ENABLE);
    for (unsigned vector = 0x70; vector < 0x80; vector++)
        ck_assert_int_eq(fixed(&la, vector, false), IRQSIM_APIC_ACCEPTED);
    irqsim_lapic_ack(&la);
    ck_assert_int_eq(fixed(&la, 0x7F, false), IRQSIM_APIC_ACCEPTED);
    ck_assert_int_eq(fixed(&la, 0x7F, false), IRQSIM_APIC_RETRY);
}
END_TEST

START_TEST(apic_46_a_local_interrupt_without_slot_waits_for_an_eoi)
{
    irqsim_lapic_t la = lapic_of(IRQSIM_APIC_P6, 0);

    put(&la, LAPIC_REG_LVT_LINT0, 0x75);
    fixed(&la, 0x71, false);
    fixed(&la, 0x72, false);
    irqsim_lapic_set_in(&la, IRQSIM_LAPIC_IN_LINT0);
    ck_assert(get(&la, LAPIC_REG_LVT_LINT0) & LAPIC_LVT_PENDING); /* APIC-61 */
    ck_assert_uint_eq(irqsim_lapic_ack(&la), 0x72);
    eoi(&la);
    ck_assert(!(get(&la, LAPIC_REG_LVT_LINT0) & LAPIC_LVT_PENDING));
    ck_assert_uint_eq(irqsim_lapic_ack(&la), 0x75);
}
END_TEST

START_TEST(apic_46_an_eoi_that_frees_no_slot_still_lets_others_through)
{
    irqsim_lapic_t la = lapic_of(IRQSIM_APIC_P6, 0);

    put(&la, LAPIC_REG_LVT_LINT0, 0x75);
    fixed(&la, 0x81, false);
    irqsim_lapic_ack(&la);
    fixed(&la, 0x71, false);
    fixed(&la, 0x72, false);
    irqsim_lapic_set_in(&la, IRQSIM_LAPIC_IN_LINT0);
    eoi(&la); /* of 81: class 7 stays full */
    ck_assert(get(&la, LAPIC_REG_LVT_LINT0) & LAPIC_LVT_PENDING);
    ck_assert_int_eq(irqsim_lapic_pending(&la), 0x72);
}
END_TEST

START_TEST(apic_47_a_level_eoi_lets_the_next_one_through)
{
    irqsim_lapic_t la = lapic();

    fixed(&la, 0x61, true);
    irqsim_lapic_ack(&la);
    fixed(&la, 0x62, true);
    ck_assert_int_eq(irqsim_lapic_pending(&la), -1);
    eoi(&la);
    ck_assert_int_eq(irqsim_lapic_pending(&la), 0x62);
}
END_TEST

START_TEST(apic_47_eoi_ends_the_highest_in_service)
{
    irqsim_lapic_t la = lapic();

    fixed(&la, 0x40, false);
    irqsim_lapic_ack(&la);
    fixed(&la, 0x90, false);
    irqsim_lapic_ack(&la);
    eoi(&la);
    ck_assert(in_isr(&la, 0x40) && !in_isr(&la, 0x90));
    eoi(&la);
    ck_assert_int_eq(irqsim_lapic_isrv(&la), -1);
    eoi(&la); /* nothing in service: ignored */
    ck_assert_uint_eq(la.out, 0);
}
END_TEST

START_TEST(apic_47_a_level_eoi_is_broadcast)
{
    irqsim_lapic_t la = lapic();
    irqsim_apic_msg_t msg;

    fixed(&la, 0x40, true);
    irqsim_lapic_ack(&la);
    fixed(&la, 0x90, true);
    irqsim_lapic_ack(&la);
    eoi(&la);
    eoi(&la);
    ck_assert(la.out & IRQSIM_LAPIC_OUT_MSG);
    ck_assert(irqsim_lapic_bus_take(&la, &msg) && msg.is_eoi && msg.vector == 0x40);
    ck_assert(irqsim_lapic_bus_take(&la, &msg) && msg.is_eoi && msg.vector == 0x90);
    ck_assert(!irqsim_lapic_bus_take(&la, &msg) && !(la.out & IRQSIM_LAPIC_OUT_MSG));
    irqsim_lapic_bus_done(&la, &msg, IRQSIM_APIC_RETRY);
    ck_assert(irqsim_lapic_bus_take(&la, &msg) && msg.is_eoi && msg.vector == 0x90);
}
END_TEST

START_TEST(apic_48_an_edge_eoi_sends_nothing)
{
    irqsim_lapic_t la = lapic();

    fixed(&la, 0x40, false);
    irqsim_lapic_ack(&la);
    eoi(&la);
    ck_assert_uint_eq(la.out, 0);
}
END_TEST

START_TEST(apic_10_svr_12_suppresses_the_broadcast)
{
    irqsim_lapic_t la = lapic_of(IRQSIM_APIC_X2APIC, 0);

    put(&la, LAPIC_REG_SVR, LAPIC_SVR_ENABLE | LAPIC_SVR_NO_EOI_BCAST);
    fixed(&la, 0x40, true);
    irqsim_lapic_ack(&la);
    eoi(&la);
    ck_assert(!(la.out & IRQSIM_LAPIC_OUT_MSG));
}
END_TEST

START_TEST(apic_49_a_tpr_raised_before_the_acknowledge_gives_the_spurious_vector)
{
    irqsim_lapic_t la = lapic();

    fixed(&la, 0x40, false);
    ck_assert(la.out & IRQSIM_LAPIC_OUT_INTR);
    put(&la, LAPIC_REG_TPR, 0x40);
    ck_assert_uint_eq(irqsim_lapic_ack(&la), SPURIOUS);
    ck_assert_int_eq(irqsim_lapic_isrv(&la), -1);
    ck_assert(in_irr(&la, 0x40));
}
END_TEST

START_TEST(apic_65_soft_disabled_takes_signals_and_keeps_what_is_pending)
{
    irqsim_lapic_t la = lapic();
    const irqsim_apic_msg_t nmi = {.mode = IRQSIM_APIC_NMI, .assert = 1};

    fixed(&la, 0x40, false);
    put(&la, LAPIC_REG_SVR, SPURIOUS);
    ck_assert_int_eq(fixed(&la, 0x50, false), IRQSIM_APIC_NOBODY);
    ck_assert_int_eq(irqsim_lapic_deliver(&la, &nmi), IRQSIM_APIC_ACCEPTED);
    ck_assert_uint_eq(irqsim_lapic_ack(&la), 0x40);
}
END_TEST

START_TEST(apic_80_focus_is_irr_or_isr)
{
    irqsim_lapic_t la = lapic();

    ck_assert(!irqsim_lapic_has_focus(&la, 0x40));
    fixed(&la, 0x40, false);
    ck_assert(irqsim_lapic_has_focus(&la, 0x40));
    irqsim_lapic_ack(&la);
    ck_assert(irqsim_lapic_has_focus(&la, 0x40));
    eoi(&la);
    ck_assert(!irqsim_lapic_has_focus(&la, 0x40));
}
END_TEST

START_TEST(apic_96_cr8_is_the_class_of_tpr)
{
    irqsim_lapic_t la = lapic();

    put(&la, LAPIC_REG_TPR, 0x5A);
    ck_assert_uint_eq(irqsim_lapic_cr8(&la), 5);
    irqsim_lapic_set_cr8(&la, 0x7);
    ck_assert_uint_eq(get(&la, LAPIC_REG_TPR), 0x70);
    fixed(&la, 0x75, false);
    ck_assert_int_eq(irqsim_lapic_pending(&la), -1);
    irqsim_lapic_set_cr8(&la, 6);
    ck_assert_int_eq(irqsim_lapic_pending(&la), 0x75);
}
END_TEST

UNIT_MAIN("apic_lapic_priority", UNIT_TEST(apic_39_ppr_is_the_higher_of_tpr_and_isr),
          UNIT_TEST(apic_40_equal_class_does_not_interrupt),
          UNIT_TEST(apic_40_same_class_never_nests),
          UNIT_TEST(apic_38_every_vector_by_class_then_number),
          UNIT_TEST(apic_40_random_traffic_agrees_with_a_plain_model),
          UNIT_TEST(apic_41_apr_and_its_printed_form),
          UNIT_TEST(apic_42_nmi_smi_extint_bypass_irr_and_tpr),
          UNIT_LOOP(apic_65_a_soft_disabled_apic_takes_signals_only, 0, 2),
          UNIT_TEST(apic_43_tmr_follows_the_trigger_at_acceptance),
          UNIT_TEST(apic_44_ack_moves_irr_to_isr),
          UNIT_TEST(apic_45_one_in_irr_one_in_isr_the_rest_collapse),
          UNIT_TEST(apic_46_serial_parts_hold_two_of_a_class),
          UNIT_TEST(apic_46_variant_counts_slots_per_vector),
          UNIT_TEST(apic_46_a_local_interrupt_without_slot_waits_for_an_eoi),
          UNIT_TEST(apic_46_an_eoi_that_frees_no_slot_still_lets_others_through),
          UNIT_TEST(apic_47_a_level_eoi_lets_the_next_one_through),
          UNIT_TEST(apic_47_eoi_ends_the_highest_in_service),
          UNIT_TEST(apic_47_a_level_eoi_is_broadcast), UNIT_TEST(apic_48_an_edge_eoi_sends_nothing),
          UNIT_TEST(apic_10_svr_12_suppresses_the_broadcast),
          UNIT_TEST(apic_49_a_tpr_raised_before_the_acknowledge_gives_the_spurious_vector),
          UNIT_TEST(apic_65_soft_disabled_takes_signals_and_keeps_what_is_pending),
          UNIT_TEST(apic_80_focus_is_irr_or_isr), UNIT_TEST(apic_96_cr8_is_the_class_of_tpr))
