/* SPDX-License-Identifier: MIT */
/* test_apic_lapic_x2apic.c - IA32_APIC_BASE and the MSR view */
#include "apic_rig.h"

static bool wr(irqsim_lapic_t *la, uint32_t msr, uint64_t value)
{
    return irqsim_lapic_wrmsr(la, msr, value, 0);
}

static bool rd(irqsim_lapic_t *la, uint32_t msr, uint64_t *value)
{
    return irqsim_lapic_rdmsr(la, msr, value, 0);
}

static uint64_t value_of(irqsim_lapic_t *la, uint32_t msr)
{
    uint64_t value;
    ck_assert(rd(la, msr, &value));
    return value;
}

/* States in the order of APIC-35: disabled, xAPIC, x2APIC, invalid. */
static const uint64_t states[] = {LAPIC_MMIO_BASE, LAPIC_MMIO_BASE | APIC_BASE_EN, X2APIC_ON,
                                  LAPIC_MMIO_BASE | APIC_BASE_EXTD};

START_TEST(apic_35_transitions)
{
    static const bool legal[3][4] = {{1, 1, 0, 0}, {1, 1, 1, 0}, {1, 0, 1, 0}};

    for (int to = 0; to < 4; to++) {
        irqsim_lapic_t la = lapic_of(IRQSIM_APIC_X2APIC, 0);
        ck_assert(wr(&la, MSR_IA32_APIC_BASE, states[_i]));
        ck_assert_int_eq(wr(&la, MSR_IA32_APIC_BASE, states[to]), legal[_i][to]);
        const uint64_t now = legal[_i][to] ? states[to] : states[_i];
        ck_assert_uint_eq(value_of(&la, MSR_IA32_APIC_BASE), now);
    }
}
END_TEST

START_TEST(apic_34_reserved_bits_fault)
{
    irqsim_lapic_t la = lapic();

    for (unsigned bit = 0; bit < 64; bit++) {
        const uint64_t value = LAPIC_MMIO_BASE | APIC_BASE_EN | UINT64_C(1) << bit;
        const bool known = bit == 8 || (bit >= 11 && bit < 36);
        ck_assert_int_eq(wr(&la, MSR_IA32_APIC_BASE, value), known);
        ck_assert_uint_eq(value_of(&la, MSR_IA32_APIC_BASE) & APIC_BASE_BSP, 0);
    }
}
END_TEST

START_TEST(apic_36_serial_parts_stay_disabled_until_reset)
{
    irqsim_lapic_t la = lapic_of(IRQSIM_APIC_P6, 0);

    ck_assert(wr(&la, MSR_IA32_APIC_BASE, states[0]));
    ck_assert(wr(&la, MSR_IA32_APIC_BASE, states[1]));
    ck_assert_uint_eq(value_of(&la, MSR_IA32_APIC_BASE), states[0]);
    irqsim_lapic_reset(&la, IRQSIM_LAPIC_RESET_POWER_ON);
    ck_assert_uint_eq(value_of(&la, MSR_IA32_APIC_BASE), states[1]);
}
END_TEST

START_TEST(apic_97_an_arbitration_id_has_four_bits_in_every_state)
{
    irqsim_lapic_t la = lapic_of(IRQSIM_APIC_X2APIC, 0x25);

    ck_assert_uint_eq(la.arb_id, 5);
    for (int to = 0; to < 3; to++) {
        ck_assert(wr(&la, MSR_IA32_APIC_BASE, states[to]));
        ck_assert_uint_eq(la.arb_id, 5);
    }
}
END_TEST

START_TEST(apic_37_re_enabling_gives_the_power_up_state)
{
    irqsim_lapic_t la = lapic_of(IRQSIM_APIC_XAPIC, 4);
    const irqsim_lapic_t fresh = lapic_at_reset(IRQSIM_APIC_XAPIC, 4);

    put(&la, LAPIC_REG_ID, 9u << 24);
    put(&la, LAPIC_REG_TPR, 0x30);
    fixed(&la, 0x50, true);
    wr(&la, MSR_IA32_APIC_BASE, states[0]);
    wr(&la, MSR_IA32_APIC_BASE, states[1]);
    ck_assert_mem_eq(&la, &fresh, sizeof(la));
}
END_TEST

START_TEST(apic_90_no_msrs_outside_x2apic_mode)
{
    irqsim_lapic_t la = lapic_of(IRQSIM_APIC_X2APIC, 0);
    uint64_t value;

    for (uint32_t msr = MSR_X2APIC_FIRST; msr <= MSR_X2APIC_LAST; msr++)
        ck_assert(!rd(&la, msr, &value) && !wr(&la, msr, 0));
}
END_TEST

/* Which of 800..83F answer RDMSR and WRMSR of 0: r, w, or b for both. */
START_TEST(apic_91_access_of_every_msr)
{
    static const char map[65] = "--rr----b-rw-r-b"  /* 800: ID version TPR PPR EOI LDR SVR */
                                "rrrrrrrrrrrrrrrr"  /* 810: ISR TMR */
                                "rrrrrrrrb------b"  /* 820: IRR ESR CMCI */
                                "b-bbbbbbbr----bw"; /* 830: ICR LVT timer SELF_IPI */

    for (uint32_t msr = MSR_X2APIC_FIRST; msr <= MSR_X2APIC_LAST; msr++) {
        irqsim_lapic_t la = lapic_in_x2apic_mode(5);
        const char kind = msr < MSR_X2APIC_FIRST + 64 ? map[msr - MSR_X2APIC_FIRST] : '-';
        uint64_t value;
        ck_assert_int_eq(rd(&la, msr, &value), kind == 'r' || kind == 'b');
        ck_assert_int_eq(wr(&la, msr, 0), kind == 'w' || kind == 'b');
    }
}
END_TEST

START_TEST(apic_90_reserved_bits_fault_and_change_nothing)
{
    static const struct {
        uint32_t msr;
        uint64_t legal;
    } rows[] = {{MSR_X2APIC_TPR, 0xFF},
                {MSR_X2APIC_EOI, 0},
                {MSR_X2APIC_SVR, 0x11FF},
                {MSR_X2APIC_ESR, 0},
                {MSR_X2APIC_ICR, 0xFFFFFFFF000CCFFF},
                {MSR_X2APIC(LAPIC_REG_LVT_TIMER), 0x000710FF},
                {MSR_X2APIC(LAPIC_REG_LVT_LINT0), 0x0001F7FF},
                {MSR_X2APIC(LAPIC_REG_TIMER_INITIAL), 0xFFFFFFFF},
                {MSR_X2APIC(LAPIC_REG_TIMER_DIVIDE), 0xB},
                {MSR_X2APIC_SELF_IPI, 0xFF}};

    for (unsigned bit = 0; bit < 64; bit++) {
        irqsim_lapic_t la = lapic_in_x2apic_mode(5);
        const irqsim_lapic_t before = la;
        const bool legal = rows[_i].legal >> bit & 1;
        ck_assert_int_eq(wr(&la, rows[_i].msr, UINT64_C(1) << bit), legal);
        if (!legal)
            ck_assert_mem_eq(&la, &before, sizeof(la));
    }
}
END_TEST

START_TEST(apic_92_icr_is_one_write_and_never_busy)
{
    irqsim_lapic_t la = lapic_in_x2apic_mode(5);
    irqsim_apic_msg_t msg;

    for (uint64_t n = 0; n < 3; n++) { /* back to back, nobody waits for bus_done */
        ck_assert(wr(&la, MSR_X2APIC_ICR, (0x10000 + n) << 32 | LAPIC_ICR_ASSERT | 0x41));
        ck_assert_uint_eq(value_of(&la, MSR_X2APIC_ICR),
                          (0x10000 + n) << 32 | LAPIC_ICR_ASSERT | 0x41);
        ck_assert(irqsim_lapic_bus_take(&la, &msg));
        ck_assert(msg.dest == 0x10000 + n && msg.vector == 0x41);
    }
    irqsim_lapic_bus_done(&la, &msg, IRQSIM_APIC_ACCEPTED);
    ck_assert_uint_eq(la.out, 0);
}
END_TEST

START_TEST(apic_27_self_ipi_register)
{
    irqsim_lapic_t la = lapic_in_x2apic_mode(5);

    ck_assert(wr(&la, MSR_X2APIC_SELF_IPI, 0x99));
    ck_assert_int_eq(irqsim_lapic_pending(&la), 0x99);
    ck_assert(wr(&la, MSR_X2APIC_SELF_IPI, 0x05));
    ck_assert(wr(&la, MSR_X2APIC_ESR, 0));
    ck_assert_uint_eq(value_of(&la, MSR_X2APIC_ESR), LAPIC_ESR_SEND_VECTOR | LAPIC_ESR_RECV_VECTOR);
}
END_TEST

START_TEST(apic_94_the_page_is_gone_in_x2apic_mode)
{
    irqsim_lapic_t la = lapic_in_x2apic_mode(5);

    put(&la, LAPIC_REG_TPR, 0x50);
    ck_assert_uint_eq(value_of(&la, MSR_X2APIC_TPR), 0);
    ck_assert_uint_eq(get(&la, LAPIC_REG_TPR), UINT32_MAX);
    irqsim_lapic_set_cr8(&la, 4);
    ck_assert_uint_eq(value_of(&la, MSR_X2APIC_TPR), 0x40);
}
END_TEST

START_TEST(apic_32_x2apic_mode_survives_init)
{
    irqsim_lapic_t la = lapic_in_x2apic_mode(0x12345);

    irqsim_lapic_reset(&la, IRQSIM_LAPIC_RESET_INIT);
    ck_assert_uint_eq(value_of(&la, MSR_X2APIC_ID), 0x12345);
    irqsim_lapic_reset(&la, IRQSIM_LAPIC_RESET_POWER_ON);
    ck_assert_uint_eq(get(&la, LAPIC_REG_ID), 0x45000000);
}
END_TEST

START_TEST(apic_01_a_part_with_x2apic_has_a_fixed_id)
{
    irqsim_lapic_t la = lapic_of(IRQSIM_APIC_X2APIC, 5);

    put(&la, LAPIC_REG_ID, 9u << 24);
    ck_assert_uint_eq(get(&la, LAPIC_REG_ID), 5u << 24);
}
END_TEST

UNIT_MAIN("apic_lapic_x2apic", UNIT_LOOP(apic_35_transitions, 0, 3),
          UNIT_TEST(apic_34_reserved_bits_fault),
          UNIT_TEST(apic_36_serial_parts_stay_disabled_until_reset),
          UNIT_TEST(apic_97_an_arbitration_id_has_four_bits_in_every_state),
          UNIT_TEST(apic_37_re_enabling_gives_the_power_up_state),
          UNIT_TEST(apic_90_no_msrs_outside_x2apic_mode), UNIT_TEST(apic_91_access_of_every_msr),
          UNIT_LOOP(apic_90_reserved_bits_fault_and_change_nothing, 0, 10),
          UNIT_TEST(apic_92_icr_is_one_write_and_never_busy), UNIT_TEST(apic_27_self_ipi_register),
          UNIT_TEST(apic_94_the_page_is_gone_in_x2apic_mode),
          UNIT_TEST(apic_32_x2apic_mode_survives_init),
          UNIT_TEST(apic_01_a_part_with_x2apic_has_a_fixed_id))
