/* SPDX-License-Identifier: MIT */
/* test_apic_lapic_regs.c - the register page: map, reset, access, ESR, INIT */
#include "apic_rig.h"

typedef struct row {
    uint32_t offset, reset, writable; /* on an xAPIC with TSC-deadline */
} row_t;

/* clang-format off */
static const row_t rows[] = {
    {LAPIC_REG_ID,            0x05000000, 0xFF000000}, /* APIC-01 */
    {LAPIC_REG_VERSION,       0x00050014, 0},          /* APIC-02 */
    {LAPIC_REG_TPR,           0,          0xFF},       /* APIC-03 */
    {LAPIC_REG_PPR,           0,          0},          /* APIC-05 */
    {LAPIC_REG_LDR,           0,          0xFF000000}, /* APIC-08 */
    {LAPIC_REG_DFR,           0xFFFFFFFF, 0xF0000000}, /* APIC-09 */
    {LAPIC_REG_SVR,           0xFF,       0x1FF},      /* APIC-10 */
    {LAPIC_REG_ISR(0),        0,          0},          /* APIC-11 */
    {LAPIC_REG_ISR(7),        0,          0},
    {LAPIC_REG_TMR(7),        0,          0},          /* APIC-12 */
    {LAPIC_REG_IRR(0),        0,          0},          /* APIC-13 */
    {LAPIC_REG_IRR(7),        0,          0},
    {LAPIC_REG_ESR,           0,          0},          /* APIC-14 */
    {LAPIC_REG_ICR_HIGH,      0,          0xFF000000}, /* APIC-17 */
    {LAPIC_REG_LVT_TIMER,     0x00010000, 0x000700FF}, /* APIC-18 */
    {LAPIC_REG_LVT_THERMAL,   0x00010000, 0x000107FF}, /* APIC-19 */
    {LAPIC_REG_LVT_PERF,      0x00010000, 0x000107FF}, /* APIC-20 */
    {LAPIC_REG_LVT_LINT0,     0x00010000, 0x0001A7FF}, /* APIC-21 */
    {LAPIC_REG_LVT_LINT1,     0x00010000, 0x0001A7FF}, /* APIC-22 */
    {LAPIC_REG_LVT_ERROR,     0x00010000, 0x000100FF}, /* APIC-23 */
    {LAPIC_REG_TIMER_INITIAL, 0,          0xFFFFFFFF}, /* APIC-24 */
    {LAPIC_REG_TIMER_CURRENT, 0,          0},          /* APIC-25 */
    {LAPIC_REG_TIMER_DIVIDE,  0,          0x0000000B}, /* APIC-26 */
};
/* clang-format on */
#define ROWS (int)(sizeof(rows) / sizeof(rows[0]))

START_TEST(apic_31_reset_values)
{
    irqsim_lapic_t la = lapic_at_reset(IRQSIM_APIC_XAPIC, 5);

    ck_assert_uint_eq(get(&la, rows[_i].offset), rows[_i].reset);
    ck_assert_uint_eq(errors(&la), 0);
}
END_TEST

START_TEST(apic_01_to_27_writable_bits_and_no_others)
{
    irqsim_lapic_t la = lapic_of(IRQSIM_APIC_XAPIC, 5);
    const row_t *row = &rows[_i];

    put(&la, row->offset, UINT32_MAX);
    ck_assert_uint_eq(get(&la, row->offset), row->reset | row->writable);
    put(&la, LAPIC_REG_SVR, LAPIC_SVR_ENABLE); /* or LVT masks cannot be cleared */
    put(&la, row->offset, 0);
    ck_assert_uint_eq(get(&la, row->offset), row->reset & ~row->writable);
}
END_TEST

START_TEST(apic_31_no_description_is_the_usual_one)
{
    irqsim_lapic_t la, usual, odd;

    irqsim_lapic_init(&la, NULL);
    irqsim_lapic_init(&usual, &(irqsim_lapic_desc_t){.family = IRQSIM_APIC_XAPIC});
    irqsim_lapic_init(&odd, &(irqsim_lapic_desc_t){.family = (irqsim_apic_family_t)9});
    ck_assert_mem_eq(&la, &usual, sizeof(la));
    ck_assert_mem_eq(&odd, &usual, sizeof(la)); /* there is no such family */
}
END_TEST

START_TEST(apic_10_svr_low_bits_are_ones_on_serial_parts)
{
    irqsim_lapic_t la = lapic_at_reset(IRQSIM_APIC_P6, 0);

    put(&la, LAPIC_REG_SVR, 0x350);
    ck_assert_uint_eq(get(&la, LAPIC_REG_SVR), 0x35F);
}
END_TEST

START_TEST(apic_30_version_by_family)
{
    static const uint32_t versions[] = {[IRQSIM_APIC_XAPIC] = 0x00050014,
                                        [IRQSIM_APIC_P5] = 0x00030010,
                                        [IRQSIM_APIC_P6] = 0x00040011,
                                        [IRQSIM_APIC_X2APIC] = 0x01060015};
    irqsim_lapic_t la = lapic_of((irqsim_apic_family_t)_i, 0);

    ck_assert_uint_eq(get(&la, LAPIC_REG_VERSION), versions[_i]);
}
END_TEST

START_TEST(apic_28_reserved_offsets_are_errors_but_not_on_p5)
{
    static const uint32_t reserved[] = {0x000, 0x010, 0x040, 0x070, 0x290, 0x2E0,
                                        0x3A0, 0x3D0, 0x3F0, 0x400, 0xFF0};
    irqsim_lapic_t la = lapic(), p5 = lapic_of(IRQSIM_APIC_P5, 0);

    ck_assert_uint_eq(get(&la, reserved[_i]), 0);
    ck_assert_uint_eq(errors(&la), LAPIC_ESR_REGISTER);
    put(&la, reserved[_i], 1);
    ck_assert_uint_eq(errors(&la), LAPIC_ESR_REGISTER);
    put(&p5, LAPIC_REG_LVT_ERROR, 0x40);
    get(&p5, reserved[_i]);
    ck_assert_uint_eq(errors(&p5), 0);
}
END_TEST

START_TEST(apic_29_between_the_registers_is_nothing)
{
    irqsim_lapic_t la = lapic();

    for (uint32_t offset = LAPIC_REG_TPR + 1; offset < LAPIC_REG_TPR + 16; offset++) {
        put(&la, offset, 0x55);
        ck_assert_uint_eq(get(&la, offset), 0);
    }
    ck_assert_uint_eq(get(&la, LAPIC_REG_TPR), 0);
    ck_assert_uint_eq(errors(&la), 0);
}
END_TEST

START_TEST(apic_04_apr_and_rrd_exist_on_serial_parts_only)
{
    irqsim_lapic_t la = lapic(), p6 = lapic_of(IRQSIM_APIC_P6, 0);

    put(&p6, LAPIC_REG_LVT_ERROR, 0x40);
    get(&p6, LAPIC_REG_APR), get(&p6, LAPIC_REG_RRD);
    ck_assert_uint_eq(errors(&p6), 0);
    get(&la, LAPIC_REG_APR);
    ck_assert_uint_eq(errors(&la), LAPIC_ESR_REGISTER);
}
END_TEST

START_TEST(apic_32_init_keeps_the_ids)
{
    irqsim_lapic_t la = lapic_of(IRQSIM_APIC_P6, 3);

    put(&la, LAPIC_REG_ID, 9u << LAPIC_ID_SHIFT);
    ck_assert_uint_eq(la.arb_id, 9); /* APIC-97 */
    put(&la, LAPIC_REG_TPR, 0x50);
    fixed(&la, 0x60, true);
    put(&la, LAPIC_REG_ICR_HIGH, 0x0F000000);
    irqsim_lapic_reset(&la, IRQSIM_LAPIC_RESET_INIT);
    ck_assert_uint_eq(get(&la, LAPIC_REG_ID), 9u << LAPIC_ID_SHIFT);
    ck_assert_uint_eq(la.arb_id, 9);
    ck_assert_uint_eq(get(&la, LAPIC_REG_TPR), 0);
    ck_assert_uint_eq(get(&la, LAPIC_REG_SVR), 0xFF);
    ck_assert_uint_eq(get(&la, LAPIC_REG_ICR_HIGH), 0);
    ck_assert(!in_irr(&la, 0x60) && !in_tmr(&la, 0x60) && la.out == 0);
    irqsim_lapic_reset(&la, IRQSIM_LAPIC_RESET_POWER_ON);
    ck_assert_uint_eq(get(&la, LAPIC_REG_ID), 3u << LAPIC_ID_SHIFT);
}
END_TEST

START_TEST(apic_32_an_init_message_resets_the_apic)
{
    irqsim_lapic_t la = lapic();
    const irqsim_apic_msg_t init = {.mode = IRQSIM_APIC_INIT, .assert = 1};

    put(&la, LAPIC_REG_TPR, 0x50);
    ck_assert_int_eq(irqsim_lapic_deliver(&la, &init), IRQSIM_APIC_ACCEPTED);
    ck_assert_uint_eq(get(&la, LAPIC_REG_TPR), 0);
    ck_assert_uint_eq(irqsim_lapic_take_pulses(&la), IRQSIM_LAPIC_OUT_INIT);
}
END_TEST

START_TEST(apic_33_init_deassert_reloads_arb_ids_on_serial_parts_only)
{
    irqsim_lapic_t p6 = lapic_of(IRQSIM_APIC_P6, 3), la = lapic();
    const irqsim_apic_msg_t deassert = {.mode = IRQSIM_APIC_INIT, .level = 1, .dest = 14};

    p6.arb_id = 7;
    ck_assert(irqsim_lapic_matches(&p6, &deassert)); /* whatever the destination */
    irqsim_lapic_deliver(&p6, &deassert);
    ck_assert_uint_eq(p6.arb_id, 3);
    ck_assert_uint_eq(irqsim_lapic_take_pulses(&p6), 0);
    ck_assert(!irqsim_lapic_matches(&la, &deassert));
}
END_TEST

START_TEST(apic_51_esr_shows_a_snapshot_taken_by_a_write)
{
    irqsim_lapic_t la = lapic();

    fixed(&la, 3, false);
    ck_assert_uint_eq(get(&la, LAPIC_REG_ESR), 0); /* no write yet */
    put(&la, LAPIC_REG_ESR, 0x1234);
    ck_assert_uint_eq(get(&la, LAPIC_REG_ESR), LAPIC_ESR_RECV_VECTOR);
    fixed(&la, 3, false);
    ck_assert_uint_eq(get(&la, LAPIC_REG_ESR), LAPIC_ESR_RECV_VECTOR);
    put(&la, LAPIC_REG_ESR, 0);
    put(&la, LAPIC_REG_ESR, 0);
    ck_assert_uint_eq(get(&la, LAPIC_REG_ESR), 0);
}
END_TEST

START_TEST(apic_52_illegal_vectors_never_enter_irr)
{
    irqsim_lapic_t la = lapic();

    ck_assert_int_eq(fixed(&la, (unsigned)_i, _i & 1), IRQSIM_APIC_ILLEGAL);
    ck_assert_int_eq(irqsim_lapic_irrv(&la), -1);
    ck_assert_uint_eq(get(&la, LAPIC_REG_TMR(0)), 0);
    ck_assert_uint_eq(errors(&la), LAPIC_ESR_RECV_VECTOR);
}
END_TEST

START_TEST(apic_53_a_masked_error_entry_records_on_xapic_and_not_on_p6)
{
    irqsim_lapic_t la = lapic(), p6 = lapic_of(IRQSIM_APIC_P6, 0);

    get(&la, 0);
    get(&p6, 0);
    ck_assert_uint_eq(errors(&la), LAPIC_ESR_REGISTER);
    ck_assert_uint_eq(errors(&p6), 0);
    put(&p6, LAPIC_REG_LVT_ERROR, 0x40);
    get(&p6, 0);
    ck_assert_uint_eq(errors(&p6), LAPIC_ESR_REGISTER);
}
END_TEST

START_TEST(apic_54_the_error_interrupt_comes_with_a_new_bit)
{
    irqsim_lapic_t la = lapic();

    put(&la, LAPIC_REG_LVT_ERROR, 0xFE);
    get(&la, 0);
    ck_assert_uint_eq(irqsim_lapic_ack(&la), 0xFE);
    eoi(&la);
    get(&la, 0); /* the same bit again */
    ck_assert_int_eq(irqsim_lapic_pending(&la), -1);
    fixed(&la, 3, false);
    ck_assert_uint_eq(irqsim_lapic_ack(&la), 0xFE);
}
END_TEST

START_TEST(apic_54_an_illegal_error_vector_is_only_noted)
{
    irqsim_lapic_t la = lapic();

    put(&la, LAPIC_REG_LVT_ERROR, 0x05);
    get(&la, 0);
    ck_assert_int_eq(irqsim_lapic_irrv(&la), -1);
    ck_assert_uint_eq(errors(&la), LAPIC_ESR_REGISTER | LAPIC_ESR_RECV_VECTOR);
}
END_TEST

/* Law 4: any access is behaviour. */
START_TEST(apic_28_random_accesses_do_no_harm)
{
    irqsim_lapic_t la = lapic_of((irqsim_apic_family_t)_i, 1);
    irqsim_apic_msg_t msg;
    uint64_t x = 99, value;

    for (uint64_t now = 0; now < 100000; now++) {
        x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        const uint32_t dice = (uint32_t)(x >> 33);
        if (dice & 1)
            irqsim_lapic_write(&la, dice >> 4 & 0xFF0, (uint32_t)(x >> 20), now * NS);
        else
            irqsim_lapic_read(&la, dice >> 4 & 0xFFF, now * NS);
        irqsim_lapic_set_in(&la, dice >> 9 & 3);
        irqsim_lapic_advance(&la, now * NS);
        if (dice & 64) {
            irqsim_lapic_wrmsr(&la, 0x800 + (dice >> 8 & 0x7F), x >> 40, now * NS);
            irqsim_lapic_rdmsr(&la, 0x800 + (dice >> 8 & 0x7F), &value, now * NS);
        }
        if (!(dice & 0xFF00))
            irqsim_lapic_wrmsr(&la, MSR_IA32_APIC_BASE, X2APIC_ON & ~(uint64_t)(dice & 0xC00), now);
        if (irqsim_lapic_bus_take(&la, &msg))
            irqsim_lapic_bus_done(&la, &msg, (irqsim_apic_fate_t)(dice % 5));
        const int pending = irqsim_lapic_pending(&la);
        if (pending >= 0 && dice & 2)
            ck_assert_int_eq(irqsim_lapic_ack(&la), pending);
        fixed(&la, dice >> 12 & 0xFF, dice & 4);
        if (irqsim_lapic_take_pulses(&la))
            put(&la, LAPIC_REG_SVR, 0x1FF);
    }
}
END_TEST

UNIT_MAIN("apic_lapic_regs", UNIT_LOOP(apic_31_reset_values, 0, ROWS),
          UNIT_LOOP(apic_01_to_27_writable_bits_and_no_others, 0, ROWS),
          UNIT_TEST(apic_31_no_description_is_the_usual_one),
          UNIT_TEST(apic_10_svr_low_bits_are_ones_on_serial_parts),
          UNIT_LOOP(apic_30_version_by_family, 0, 4),
          UNIT_LOOP(apic_28_reserved_offsets_are_errors_but_not_on_p5, 0, 11),
          UNIT_TEST(apic_29_between_the_registers_is_nothing),
          UNIT_TEST(apic_04_apr_and_rrd_exist_on_serial_parts_only),
          UNIT_TEST(apic_32_init_keeps_the_ids), UNIT_TEST(apic_32_an_init_message_resets_the_apic),
          UNIT_TEST(apic_33_init_deassert_reloads_arb_ids_on_serial_parts_only),
          UNIT_TEST(apic_51_esr_shows_a_snapshot_taken_by_a_write),
          UNIT_LOOP(apic_52_illegal_vectors_never_enter_irr, 0, 16),
          UNIT_TEST(apic_53_a_masked_error_entry_records_on_xapic_and_not_on_p6),
          UNIT_TEST(apic_54_the_error_interrupt_comes_with_a_new_bit),
          UNIT_TEST(apic_54_an_illegal_error_vector_is_only_noted),
          UNIT_LOOP(apic_28_random_accesses_do_no_harm, 0, 4))
