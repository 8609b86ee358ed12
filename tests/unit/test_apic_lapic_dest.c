/* SPDX-License-Identifier: MIT */
/* test_apic_lapic_dest.c - destination match: physical, flat, cluster, x2APIC */
#include "apic_rig.h"

static bool physical(const irqsim_lapic_t *la, uint32_t dest)
{
    const irqsim_apic_msg_t msg = {.dest = dest, .assert = 1};
    return irqsim_lapic_matches(la, &msg);
}

static bool logical(const irqsim_lapic_t *la, uint32_t dest)
{
    const irqsim_apic_msg_t msg = {.dest = dest, .logical = 1, .assert = 1};
    return irqsim_lapic_matches(la, &msg);
}

START_TEST(apic_76_physical_width_by_family)
{
    const irqsim_lapic_t p6 = lapic_of(IRQSIM_APIC_P6, 3);
    const irqsim_lapic_t la = lapic_of(IRQSIM_APIC_XAPIC, 0x23);
    const irqsim_lapic_t x2 = lapic_in_x2apic_mode(0x12345);

    for (uint32_t dest = 0; dest < 256; dest++) {
        ck_assert_int_eq(physical(&p6, dest), dest % 16 == 3 || dest % 16 == 15);
        ck_assert_int_eq(physical(&la, dest), dest == 0x23 || dest == 0xFF);
        ck_assert(!physical(&x2, dest));
    }
    ck_assert(physical(&x2, 0x12345) && physical(&x2, LAPIC_DEST_ALL_X2APIC));
    ck_assert(!physical(&la, 0x123));
}
END_TEST

START_TEST(apic_77_flat_is_a_bit_mask)
{
    irqsim_lapic_t la = lapic();

    ck_assert(!logical(&la, 0x7F) && logical(&la, 0xFF)); /* 0xFF = all, even LDR 0 */
    put(&la, LAPIC_REG_LDR, 0x14000000);
    for (uint32_t mda = 0; mda < 255; mda++)
        ck_assert_int_eq(logical(&la, mda), (mda & 0x14) != 0);
}
END_TEST

START_TEST(apic_78_cluster_needs_its_number_and_a_member_bit)
{
    irqsim_lapic_t la = lapic();

    put(&la, LAPIC_REG_DFR, LAPIC_DFR_CLUSTER);
    put(&la, LAPIC_REG_LDR, 0x34000000);
    for (uint32_t mda = 0; mda < 255; mda++)
        ck_assert_int_eq(logical(&la, mda), mda / 16 == 3 && (mda & 4));
    ck_assert(logical(&la, 0xFF));
    put(&la, LAPIC_REG_LDR, 0xF1000000); /* cluster 15 is no cluster */
    ck_assert(!logical(&la, 0xF1));
}
END_TEST

START_TEST(apic_78_other_models_match_nothing)
{
    irqsim_lapic_t la = lapic();

    put(&la, LAPIC_REG_LDR, 0xFF000000);
    put(&la, LAPIC_REG_DFR, 0x7FFFFFFF);
    for (uint32_t mda = 0; mda < 255; mda++)
        ck_assert(!logical(&la, mda));
}
END_TEST

START_TEST(apic_93_logical_x2apic_ids)
{
    irqsim_lapic_t la = lapic_in_x2apic_mode(0x125);
    uint64_t ldr;

    ck_assert(irqsim_lapic_rdmsr(&la, MSR_X2APIC_LDR, &ldr, 0));
    ck_assert_uint_eq(ldr, 0x00120020);
    ck_assert(logical(&la, 0x00120020) && logical(&la, 0x0012FFFF));
    ck_assert(!logical(&la, 0x00110020) && !logical(&la, 0x0012FFDF));
    ck_assert(logical(&la, LAPIC_DEST_ALL_X2APIC));
}
END_TEST

START_TEST(apic_36_a_disabled_apic_hears_nothing)
{
    irqsim_lapic_t la = lapic();

    irqsim_lapic_wrmsr(&la, MSR_IA32_APIC_BASE, LAPIC_MMIO_BASE, 0);
    ck_assert(!physical(&la, 0) && !physical(&la, 0xFF));
    ck_assert_int_eq(fixed(&la, 0x40, false), IRQSIM_APIC_NOBODY);
    const irqsim_apic_msg_t nmi = {.mode = IRQSIM_APIC_NMI, .assert = 1};
    ck_assert_int_eq(irqsim_lapic_deliver(&la, &nmi), IRQSIM_APIC_NOBODY);
}
END_TEST

UNIT_MAIN("apic_lapic_dest", UNIT_TEST(apic_76_physical_width_by_family),
          UNIT_TEST(apic_77_flat_is_a_bit_mask),
          UNIT_TEST(apic_78_cluster_needs_its_number_and_a_member_bit),
          UNIT_TEST(apic_78_other_models_match_nothing), UNIT_TEST(apic_93_logical_x2apic_ids),
          UNIT_TEST(apic_36_a_disabled_apic_hears_nothing))
