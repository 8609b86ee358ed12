/* SPDX-License-Identifier: MIT */
/* test_apic_lapic_lvt.c - local sources: LINT pins, sensors, soft disable */
#include "apic_rig.h"

#define LINT0 IRQSIM_LAPIC_IN_LINT0
#define LINT1 IRQSIM_LAPIC_IN_LINT1

START_TEST(apic_56_sensors_raise_fixed_smi_nmi_and_nothing_else)
{
    static const uint32_t expected[8] = {[IRQSIM_APIC_SMI] = IRQSIM_LAPIC_OUT_SMI,
                                         [IRQSIM_APIC_NMI] = IRQSIM_LAPIC_OUT_NMI,
                                         [IRQSIM_APIC_FIXED] = IRQSIM_LAPIC_OUT_INTR};
    irqsim_lapic_t la = lapic();

    put(&la, LAPIC_REG_LVT_THERMAL, (uint32_t)_i << LAPIC_DM_SHIFT | 0x40);
    irqsim_lapic_local_event(&la, IRQSIM_LVT_THERMAL);
    ck_assert_uint_eq(la.out, expected[_i]);
}
END_TEST

START_TEST(apic_20_perf_masks_itself_from_p4_on)
{
    irqsim_lapic_t la = lapic(), p6 = lapic_of(IRQSIM_APIC_P6, 0);

    put(&la, LAPIC_REG_LVT_PERF, LAPIC_DM_NMI);
    put(&p6, LAPIC_REG_LVT_PERF, LAPIC_DM_NMI);
    irqsim_lapic_local_event(&la, IRQSIM_LVT_PERF);
    irqsim_lapic_local_event(&p6, IRQSIM_LVT_PERF);
    ck_assert_uint_eq(irqsim_lapic_take_pulses(&la), IRQSIM_LAPIC_OUT_NMI);
    ck_assert(get(&la, LAPIC_REG_LVT_PERF) & LAPIC_LVT_MASKED);
    ck_assert(!(get(&p6, LAPIC_REG_LVT_PERF) & LAPIC_LVT_MASKED));
    irqsim_lapic_local_event(&la, IRQSIM_LVT_PERF);
    ck_assert_uint_eq(irqsim_lapic_take_pulses(&la), 0);
}
END_TEST

START_TEST(apic_57_lint_edges_by_mode)
{
    static const uint32_t expected[8] = {[IRQSIM_APIC_FIXED] = IRQSIM_LAPIC_OUT_INTR,
                                         [IRQSIM_APIC_SMI] = IRQSIM_LAPIC_OUT_SMI,
                                         [IRQSIM_APIC_NMI] = IRQSIM_LAPIC_OUT_NMI,
                                         [IRQSIM_APIC_INIT] = IRQSIM_LAPIC_OUT_INIT,
                                         [IRQSIM_APIC_EXTINT] = IRQSIM_LAPIC_OUT_EXTINT};
    irqsim_lapic_t la = lapic();

    put(&la, LAPIC_REG_LVT_LINT1, (uint32_t)_i << LAPIC_DM_SHIFT | 0x40);
    ck_assert_uint_eq(irqsim_lapic_set_in(&la, LINT1), expected[_i]);
    ck_assert_uint_eq(irqsim_lapic_set_in(&la, LINT1), expected[_i]);
}
END_TEST

START_TEST(apic_57_polarity_inverts)
{
    irqsim_lapic_t la = lapic();

    irqsim_lapic_set_in(&la, LINT1);
    put(&la, LAPIC_REG_LVT_LINT1, LAPIC_DM_NMI | LAPIC_LVT_ACTIVE_LOW);
    ck_assert_uint_eq(irqsim_lapic_take_pulses(&la), 0);
    irqsim_lapic_set_in(&la, 0);
    ck_assert_uint_eq(irqsim_lapic_take_pulses(&la), IRQSIM_LAPIC_OUT_NMI);
    put(&la, LAPIC_REG_LVT_LINT1, LAPIC_DM_NMI);
    ck_assert_uint_eq(irqsim_lapic_take_pulses(&la), 0);
    put(&la, LAPIC_REG_LVT_LINT1, LAPIC_DM_NMI | LAPIC_LVT_ACTIVE_LOW); /* turning it asserts */
    ck_assert_uint_eq(irqsim_lapic_take_pulses(&la), IRQSIM_LAPIC_OUT_NMI);
}
END_TEST

START_TEST(apic_59_extint_is_a_level)
{
    irqsim_lapic_t la = lapic();

    irqsim_lapic_set_in(&la, LINT0);
    put(&la, LAPIC_REG_LVT_LINT0, LAPIC_DM_EXTINT); /* asserted before: a level does not care */
    ck_assert_uint_eq(la.out, IRQSIM_LAPIC_OUT_EXTINT);
    irqsim_lapic_extint_taken(&la);
    ck_assert_uint_eq(la.out, IRQSIM_LAPIC_OUT_EXTINT);
    ck_assert_uint_eq(irqsim_lapic_set_in(&la, 0), 0);
    irqsim_lapic_set_in(&la, LINT0);
    put(&la, LAPIC_REG_LVT_LINT0, LAPIC_DM_EXTINT | LAPIC_LVT_MASKED);
    ck_assert_uint_eq(la.out, 0);
}
END_TEST

START_TEST(apic_60_a_level_lint_asks_again_after_eoi)
{
    irqsim_lapic_t la = lapic();

    put(&la, LAPIC_REG_LVT_LINT0, LAPIC_LVT_TRIGGER_LEVEL | 0x40);
    irqsim_lapic_set_in(&la, LINT0);
    ck_assert(get(&la, LAPIC_REG_LVT_LINT0) & LAPIC_LVT_REMOTE_IRR);
    ck_assert(in_tmr(&la, 0x40));
    ck_assert_uint_eq(irqsim_lapic_ack(&la), 0x40);
    irqsim_lapic_set_in(&la, LINT0 | LINT1); /* the other pin's business */
    ck_assert_int_eq(irqsim_lapic_irrv(&la), -1);
    eoi(&la);
    ck_assert_uint_eq(irqsim_lapic_ack(&la), 0x40);
    irqsim_lapic_set_in(&la, 0);
    eoi(&la);
    ck_assert_int_eq(irqsim_lapic_pending(&la), -1);
    ck_assert(!(get(&la, LAPIC_REG_LVT_LINT0) & LAPIC_LVT_REMOTE_IRR));
}
END_TEST

START_TEST(apic_60_an_edge_entry_has_no_remote_irr)
{
    irqsim_lapic_t la = lapic();

    put(&la, LAPIC_REG_LVT_LINT0, LAPIC_LVT_TRIGGER_LEVEL | 0x40);
    irqsim_lapic_set_in(&la, LINT0);
    put(&la, LAPIC_REG_LVT_LINT0, 0x40);
    ck_assert_uint_eq(get(&la, LAPIC_REG_LVT_LINT0), 0x40);
}
END_TEST

START_TEST(apic_59_lint1_knows_no_level)
{
    irqsim_lapic_t la = lapic();

    put(&la, LAPIC_REG_LVT_LINT1, LAPIC_LVT_TRIGGER_LEVEL | 0x40);
    irqsim_lapic_set_in(&la, LINT1);
    ck_assert(!in_tmr(&la, 0x40));
    ck_assert(!(get(&la, LAPIC_REG_LVT_LINT1) & LAPIC_LVT_REMOTE_IRR));
    ck_assert_uint_eq(irqsim_lapic_ack(&la), 0x40);
    eoi(&la);
    ck_assert_int_eq(irqsim_lapic_pending(&la), -1);
}
END_TEST

/* An entry for an edge is a level all the same, but on a P5, on LINT1, and for other modes. */
START_TEST(apic_59_without_an_ioapic_lint0_is_a_level)
{
    static const irqsim_apic_family_t families[] = {IRQSIM_APIC_P5, IRQSIM_APIC_P6,
                                                    IRQSIM_APIC_XAPIC, IRQSIM_APIC_X2APIC};
    const irqsim_lapic_desc_t desc = {.family = families[_i],
                                      .variants = IRQSIM_LAPIC_VARIANT_NO_IOAPIC};
    const bool level = families[_i] != IRQSIM_APIC_P5;
    irqsim_lapic_t la;

    irqsim_lapic_init(&la, &desc);
    put(&la, LAPIC_REG_SVR, LAPIC_SVR_ENABLE | SPURIOUS);
    put(&la, LAPIC_REG_LVT_LINT0, LAPIC_LVT_TRIGGER_EDGE | 0x40);
    put(&la, LAPIC_REG_LVT_LINT1, LAPIC_LVT_TRIGGER_EDGE | 0x50);
    irqsim_lapic_set_in(&la, LINT0 | LINT1);
    ck_assert(in_irr(&la, 0x40) && in_irr(&la, 0x50));
    ck_assert(in_tmr(&la, 0x40) == level && !in_tmr(&la, 0x50));
    ck_assert_uint_eq(irqsim_lapic_ack(&la), 0x50);
    eoi(&la);
    ck_assert_uint_eq(irqsim_lapic_ack(&la), 0x40);
    eoi(&la);
    ck_assert_int_eq(irqsim_lapic_pending(&la), level ? 0x40 : -1); /* the pin is still high */
    put(&la, LAPIC_REG_LVT_LINT0, LAPIC_DM_NMI);
    irqsim_lapic_set_in(&la, 0);
    irqsim_lapic_set_in(&la, LINT0);
    ck_assert_uint_eq(irqsim_lapic_take_pulses(&la), IRQSIM_LAPIC_OUT_NMI);
}
END_TEST

START_TEST(apic_63_an_illegal_lvt_vector_is_an_error_when_it_fires)
{
    irqsim_lapic_t la = lapic();

    put(&la, LAPIC_REG_LVT_LINT0, 0x0F);
    ck_assert_uint_eq(errors(&la), 0);
    irqsim_lapic_set_in(&la, LINT0);
    ck_assert_uint_eq(errors(&la), LAPIC_ESR_RECV_VECTOR);
    ck_assert_int_eq(irqsim_lapic_irrv(&la), -1);
}
END_TEST

START_TEST(apic_64_unmasking_triggers_a_level_and_not_an_edge)
{
    irqsim_lapic_t la = lapic();

    put(&la, LAPIC_REG_LVT_LINT0, LAPIC_LVT_MASKED | 0x40);
    irqsim_lapic_set_in(&la, LINT0);
    put(&la, LAPIC_REG_LVT_LINT0, 0x40);
    ck_assert_int_eq(irqsim_lapic_pending(&la), -1);
    put(&la, LAPIC_REG_LVT_LINT0, LAPIC_LVT_MASKED | LAPIC_LVT_TRIGGER_LEVEL | 0x40);
    ck_assert_int_eq(irqsim_lapic_pending(&la), -1);
    put(&la, LAPIC_REG_LVT_LINT0, LAPIC_LVT_TRIGGER_LEVEL | 0x40);
    ck_assert_int_eq(irqsim_lapic_pending(&la), 0x40);
}
END_TEST

START_TEST(apic_65_soft_disable_masks_the_table)
{
    static const uint32_t entries[] = {LAPIC_REG_LVT_TIMER, LAPIC_REG_LVT_THERMAL,
                                       LAPIC_REG_LVT_PERF,  LAPIC_REG_LVT_LINT0,
                                       LAPIC_REG_LVT_LINT1, LAPIC_REG_LVT_ERROR};
    irqsim_lapic_t la = lapic();

    put(&la, entries[_i], 0x40);
    ck_assert_uint_eq(get(&la, entries[_i]), 0x40);
    put(&la, LAPIC_REG_SVR, SPURIOUS);
    ck_assert_uint_eq(get(&la, entries[_i]), LAPIC_LVT_MASKED | 0x40);
    put(&la, entries[_i], 0x41);
    ck_assert_uint_eq(get(&la, entries[_i]), LAPIC_LVT_MASKED | 0x41);
    put(&la, LAPIC_REG_SVR, LAPIC_SVR_ENABLE | SPURIOUS);
    ck_assert_uint_eq(get(&la, entries[_i]), LAPIC_LVT_MASKED | 0x41); /* APIC-66 */
    put(&la, entries[_i], 0x41);
    ck_assert_uint_eq(get(&la, entries[_i]), 0x41);
}
END_TEST

START_TEST(apic_57_there_are_two_pins)
{
    irqsim_lapic_t la = lapic(), two = la;

    ck_assert_uint_eq(irqsim_lapic_set_in(&la, UINT32_MAX), irqsim_lapic_set_in(&two, 3));
    ck_assert_mem_eq(&la, &two, sizeof(la));
}
END_TEST

START_TEST(apic_65_soft_disable_drops_extint)
{
    irqsim_lapic_t la = lapic();

    put(&la, LAPIC_REG_LVT_LINT0, LAPIC_DM_EXTINT);
    irqsim_lapic_set_in(&la, LINT0);
    put(&la, LAPIC_REG_SVR, SPURIOUS);
    ck_assert_uint_eq(la.out, 0);
}
END_TEST

START_TEST(apic_36_globally_disabled_pins_are_intr_and_nmi)
{
    irqsim_lapic_t la = lapic();

    irqsim_lapic_wrmsr(&la, MSR_IA32_APIC_BASE, LAPIC_MMIO_BASE, 0);
    ck_assert_uint_eq(irqsim_lapic_set_in(&la, LINT0), IRQSIM_LAPIC_OUT_EXTINT);
    ck_assert_uint_eq(irqsim_lapic_set_in(&la, LINT1), IRQSIM_LAPIC_OUT_NMI);
    ck_assert_uint_eq(get(&la, LAPIC_REG_VERSION), UINT32_MAX);
}
END_TEST

UNIT_MAIN("apic_lapic_lvt", UNIT_LOOP(apic_56_sensors_raise_fixed_smi_nmi_and_nothing_else, 0, 8),
          UNIT_TEST(apic_20_perf_masks_itself_from_p4_on),
          UNIT_LOOP(apic_57_lint_edges_by_mode, 0, 8), UNIT_TEST(apic_57_polarity_inverts),
          UNIT_TEST(apic_59_extint_is_a_level),
          UNIT_TEST(apic_60_a_level_lint_asks_again_after_eoi),
          UNIT_TEST(apic_60_an_edge_entry_has_no_remote_irr),
          UNIT_TEST(apic_59_lint1_knows_no_level),
          UNIT_LOOP(apic_59_without_an_ioapic_lint0_is_a_level, 0, 4),
          UNIT_TEST(apic_63_an_illegal_lvt_vector_is_an_error_when_it_fires),
          UNIT_TEST(apic_64_unmasking_triggers_a_level_and_not_an_edge),
          UNIT_LOOP(apic_65_soft_disable_masks_the_table, 0, 6),
          UNIT_TEST(apic_57_there_are_two_pins), UNIT_TEST(apic_65_soft_disable_drops_extint),
          UNIT_TEST(apic_36_globally_disabled_pins_are_intr_and_nmi))
