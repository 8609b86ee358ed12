/* SPDX-License-Identifier: MIT */
/* test_apic_lapic_timer.c - one-shot, periodic, TSC-deadline */
#include <string.h>

#include "apic_rig.h"

#define VECTOR 0x40u

/* An APIC whose timer counts nanoseconds (divide by 1). */
static irqsim_lapic_t timer_in(uint32_t mode)
{
    irqsim_lapic_t la = lapic();
    put(&la, LAPIC_REG_TIMER_DIVIDE, LAPIC_DIVIDE_BY_1);
    put(&la, LAPIC_REG_LVT_TIMER, mode | VECTOR);
    return la;
}

static uint32_t current(irqsim_lapic_t *la, irqsim_time_t now)
{
    return irqsim_lapic_read(la, LAPIC_REG_TIMER_CURRENT, now);
}

static bool fired(irqsim_lapic_t *la)
{
    if (irqsim_lapic_pending(la) != (int)VECTOR)
        return false;
    irqsim_lapic_ack(la);
    eoi(la);
    return true;
}

START_TEST(apic_81_divide_table)
{
    static const uint8_t codes[8][2] = {{LAPIC_DIVIDE_BY_1, 1},   {LAPIC_DIVIDE_BY_2, 2},
                                        {LAPIC_DIVIDE_BY_4, 4},   {LAPIC_DIVIDE_BY_8, 8},
                                        {LAPIC_DIVIDE_BY_16, 16}, {LAPIC_DIVIDE_BY_32, 32},
                                        {LAPIC_DIVIDE_BY_64, 64}, {LAPIC_DIVIDE_BY_128, 128}};
    irqsim_lapic_t la = lapic();

    put(&la, LAPIC_REG_TIMER_DIVIDE, codes[_i][0]);
    irqsim_lapic_write(&la, LAPIC_REG_TIMER_INITIAL, 10, 1000 * NS);
    ck_assert_uint_eq(irqsim_lapic_next_event(&la), (1000 + 10u * codes[_i][1]) * NS);
}
END_TEST

START_TEST(apic_83_initial_count_starts_restarts_and_stops)
{
    irqsim_lapic_t la = timer_in(LAPIC_LVT_TIMER_ONESHOT);

    ck_assert_uint_eq(irqsim_lapic_next_event(&la), IRQSIM_NEVER);
    put(&la, LAPIC_REG_TIMER_INITIAL, 100);
    ck_assert_uint_eq(current(&la, 40 * NS), 60);
    irqsim_lapic_write(&la, LAPIC_REG_TIMER_INITIAL, 100, 40 * NS);
    ck_assert_uint_eq(irqsim_lapic_next_event(&la), 140 * NS);
    irqsim_lapic_write(&la, LAPIC_REG_TIMER_INITIAL, 0, 50 * NS);
    ck_assert_uint_eq(irqsim_lapic_next_event(&la), IRQSIM_NEVER);
    irqsim_lapic_advance(&la, 1000 * NS);
    ck_assert(!fired(&la));
}
END_TEST

START_TEST(apic_83_an_expiry_while_masked_is_lost)
{
    irqsim_lapic_t la = timer_in(LAPIC_LVT_TIMER_PERIODIC | LAPIC_LVT_MASKED);

    put(&la, LAPIC_REG_TIMER_INITIAL, 100);
    irqsim_lapic_advance(&la, 150 * NS);
    irqsim_lapic_write(&la, LAPIC_REG_LVT_TIMER, LAPIC_LVT_TIMER_PERIODIC | VECTOR, 150 * NS);
    ck_assert(!fired(&la));
    irqsim_lapic_advance(&la, 200 * NS); /* APIC-88: it went on counting */
    ck_assert(fired(&la));
}
END_TEST

START_TEST(apic_83_a_late_mask_does_not_undo_an_expiry)
{
    irqsim_lapic_t la = timer_in(LAPIC_LVT_TIMER_ONESHOT);

    put(&la, LAPIC_REG_TIMER_INITIAL, 100);
    irqsim_lapic_write(&la, LAPIC_REG_LVT_TIMER, LAPIC_LVT_MASKED | VECTOR, 150 * NS);
    ck_assert(fired(&la));
}
END_TEST

START_TEST(apic_81_a_count_lasts_a_whole_divided_tick)
{
    irqsim_lapic_t la = timer_in(LAPIC_LVT_TIMER_ONESHOT);

    put(&la, LAPIC_REG_TIMER_DIVIDE, LAPIC_DIVIDE_BY_4);
    put(&la, LAPIC_REG_TIMER_INITIAL, 10);
    ck_assert_uint_eq(current(&la, 4 * NS - 1), 10);
    ck_assert_uint_eq(current(&la, 4 * NS), 9);
    ck_assert_uint_eq(current(&la, 40 * NS - 1), 1);
    ck_assert_uint_eq(current(&la, 40 * NS), 0);
}
END_TEST

START_TEST(apic_84_oneshot_fires_once)
{
    irqsim_lapic_t la = timer_in(LAPIC_LVT_TIMER_ONESHOT);

    put(&la, LAPIC_REG_TIMER_INITIAL, 100);
    irqsim_lapic_advance(&la, 100 * NS - 1);
    ck_assert(!fired(&la));
    irqsim_lapic_advance(&la, 100 * NS);
    ck_assert(fired(&la));
    ck_assert_uint_eq(current(&la, 500 * NS), 0);
    ck_assert_uint_eq(irqsim_lapic_next_event(&la), IRQSIM_NEVER);
}
END_TEST

START_TEST(apic_84_periodic_has_no_dead_tick_and_no_drift)
{
    const irqsim_lapic_desc_t desc = {.timer_clk = {66666667, 1}}; /* no whole ps a tick */
    irqsim_lapic_t la;

    irqsim_lapic_init(&la, &desc);
    put(&la, LAPIC_REG_SVR, LAPIC_SVR_ENABLE);
    put(&la, LAPIC_REG_LVT_TIMER, LAPIC_LVT_TIMER_PERIODIC | VECTOR);
    put(&la, LAPIC_REG_TIMER_DIVIDE, LAPIC_DIVIDE_BY_16);
    irqsim_lapic_write(&la, LAPIC_REG_TIMER_INITIAL, 7, 12345);
    for (uint64_t n = 1; n <= 10000; n++) {
        const irqsim_time_t due = 12345 + irqsim_clock_to_time(&desc.timer_clk, n * 7 * 16);
        ck_assert_uint_eq(irqsim_lapic_next_event(&la), due);
        irqsim_lapic_advance(&la, due);
        ck_assert(fired(&la));
        ck_assert_uint_eq(current(&la, due), 7);
    }
}
END_TEST

START_TEST(apic_84_one_long_advance_equals_many_short_ones)
{
    irqsim_lapic_t jump = timer_in(LAPIC_LVT_TIMER_PERIODIC), walk = jump;

    put(&jump, LAPIC_REG_TIMER_INITIAL, 33);
    put(&walk, LAPIC_REG_TIMER_INITIAL, 33);
    for (irqsim_time_t t = 0; t <= 100000 * NS; t += 7 * NS)
        irqsim_lapic_advance(&walk, t);
    irqsim_lapic_advance(&walk, 100000 * NS);
    irqsim_lapic_advance(&jump, 100000 * NS);
    ck_assert(memcmp(&jump, &walk, sizeof(jump)) == 0);
}
END_TEST

/* On P5 and P6 the second of two expiries may find no slot (APIC-46), also if nobody has
 * looked between them. */
START_TEST(apic_84_expiries_that_nobody_looked_at_wait_like_others)
{
    irqsim_lapic_t once = lapic_of(IRQSIM_APIC_P6, 0), pieces;

    put(&once, LAPIC_REG_TIMER_DIVIDE, LAPIC_DIVIDE_BY_1);
    put(&once, LAPIC_REG_LVT_TIMER, LAPIC_LVT_TIMER_PERIODIC | VECTOR);
    fixed(&once, VECTOR + 1, false);
    irqsim_lapic_ack(&once); /* one slot of two */
    put(&once, LAPIC_REG_TIMER_INITIAL, 100);
    pieces = once;
    for (unsigned now = 100; now <= 350; now += 50)
        irqsim_lapic_advance(&pieces, now * NS);
    irqsim_lapic_advance(&once, 350 * NS);
    ck_assert(get(&once, LAPIC_REG_LVT_TIMER) & LAPIC_LVT_PENDING); /* APIC-61 */
    ck_assert_mem_eq(&once, &pieces, sizeof(once));
}
END_TEST

START_TEST(apic_85_oneshot_to_periodic_goes_on_counting)
{
    irqsim_lapic_t la = timer_in(LAPIC_LVT_TIMER_ONESHOT);

    put(&la, LAPIC_REG_TIMER_INITIAL, 100);
    irqsim_lapic_write(&la, LAPIC_REG_LVT_TIMER, LAPIC_LVT_TIMER_PERIODIC | VECTOR, 30 * NS);
    ck_assert_uint_eq(current(&la, 30 * NS), 70);
    irqsim_lapic_advance(&la, 100 * NS);
    ck_assert(fired(&la));
    ck_assert_uint_eq(irqsim_lapic_next_event(&la), 200 * NS);
    irqsim_lapic_write(&la, LAPIC_REG_LVT_TIMER, LAPIC_LVT_TIMER_ONESHOT | VECTOR, 130 * NS);
    irqsim_lapic_advance(&la, 200 * NS);
    ck_assert(fired(&la));
    irqsim_lapic_write(&la, LAPIC_REG_LVT_TIMER, LAPIC_LVT_TIMER_PERIODIC | VECTOR, 210 * NS);
    ck_assert_uint_eq(current(&la, 220 * NS), 0); /* at 0 it stays there */
    ck_assert_uint_eq(irqsim_lapic_next_event(&la), IRQSIM_NEVER);
}
END_TEST

START_TEST(apic_85_deadline_mode_disarms_in_both_directions)
{
    irqsim_lapic_t la = timer_in(LAPIC_LVT_TIMER_ONESHOT);

    put(&la, LAPIC_REG_TIMER_INITIAL, 100);
    put(&la, LAPIC_REG_LVT_TIMER, LAPIC_LVT_TIMER_DEADLINE | VECTOR);
    ck_assert_uint_eq(irqsim_lapic_next_event(&la), IRQSIM_NEVER);
    ck_assert(irqsim_lapic_wrmsr(&la, MSR_IA32_TSC_DEADLINE, 500, 0));
    ck_assert_uint_eq(irqsim_lapic_next_event(&la), 500 * NS);
    put(&la, LAPIC_REG_LVT_TIMER, LAPIC_LVT_TIMER_ONESHOT | VECTOR);
    ck_assert_uint_eq(irqsim_lapic_next_event(&la), IRQSIM_NEVER);
}
END_TEST

START_TEST(apic_86_divide_keeps_the_remaining_count)
{
    irqsim_lapic_t la = timer_in(LAPIC_LVT_TIMER_PERIODIC);

    put(&la, LAPIC_REG_TIMER_INITIAL, 100);
    irqsim_lapic_write(&la, LAPIC_REG_TIMER_DIVIDE, LAPIC_DIVIDE_BY_4, 40 * NS);
    ck_assert_uint_eq(current(&la, 40 * NS), 60);
    ck_assert_uint_eq(irqsim_lapic_next_event(&la), (40 + 240) * NS);
    irqsim_lapic_advance(&la, 280 * NS);
    ck_assert_uint_eq(irqsim_lapic_next_event(&la), (280 + 400) * NS);
}
END_TEST

START_TEST(apic_87_tsc_deadline)
{
    irqsim_lapic_t la = timer_in(LAPIC_LVT_TIMER_DEADLINE);
    uint64_t value;

    put(&la, LAPIC_REG_TIMER_INITIAL, 100); /* ignored */
    ck_assert_uint_eq(get(&la, LAPIC_REG_TIMER_INITIAL), 0);
    irqsim_lapic_wrmsr(&la, MSR_IA32_TSC_DEADLINE, 1000, 200 * NS);
    ck_assert_uint_eq(current(&la, 300 * NS), 0);
    ck_assert(irqsim_lapic_rdmsr(&la, MSR_IA32_TSC_DEADLINE, &value, 300 * NS) && value == 1000);
    irqsim_lapic_advance(&la, 1000 * NS);
    ck_assert(fired(&la));
    ck_assert(irqsim_lapic_rdmsr(&la, MSR_IA32_TSC_DEADLINE, &value, 1000 * NS) && value == 0);

    irqsim_lapic_wrmsr(&la, MSR_IA32_TSC_DEADLINE, 900, 1000 * NS); /* past: at once */
    ck_assert(fired(&la));
    irqsim_lapic_wrmsr(&la, MSR_IA32_TSC_DEADLINE, 5000, 1000 * NS);
    irqsim_lapic_wrmsr(&la, MSR_IA32_TSC_DEADLINE, 0, 1000 * NS); /* 0 disarms */
    ck_assert_uint_eq(irqsim_lapic_next_event(&la), IRQSIM_NEVER);
}
END_TEST

START_TEST(apic_87_deadline_msr_in_other_modes_is_ignored)
{
    irqsim_lapic_t la = timer_in(LAPIC_LVT_TIMER_ONESHOT);
    uint64_t value;

    ck_assert(irqsim_lapic_wrmsr(&la, MSR_IA32_TSC_DEADLINE, 1000, 0));
    ck_assert(irqsim_lapic_rdmsr(&la, MSR_IA32_TSC_DEADLINE, &value, 0) && value == 0);
    ck_assert_uint_eq(irqsim_lapic_next_event(&la), IRQSIM_NEVER);
}
END_TEST

START_TEST(apic_82_bit_18_needs_the_feature)
{
    const irqsim_lapic_desc_t desc = {.tsc_deadline = false};
    irqsim_lapic_t la;
    uint64_t value;

    irqsim_lapic_init(&la, &desc);
    put(&la, LAPIC_REG_SVR, LAPIC_SVR_ENABLE);
    put(&la, LAPIC_REG_LVT_TIMER, LAPIC_LVT_TIMER_MODE_MASK | VECTOR);
    ck_assert_uint_eq(get(&la, LAPIC_REG_LVT_TIMER), LAPIC_LVT_TIMER_PERIODIC | VECTOR);
    ck_assert(!irqsim_lapic_rdmsr(&la, MSR_IA32_TSC_DEADLINE, &value, 0));
    ck_assert(!irqsim_lapic_wrmsr(&la, MSR_IA32_TSC_DEADLINE, 0, 0));
}
END_TEST

START_TEST(apic_88_soft_disable_counts_on_and_init_stops)
{
    irqsim_lapic_t la = timer_in(LAPIC_LVT_TIMER_PERIODIC);

    put(&la, LAPIC_REG_TIMER_INITIAL, 100);
    put(&la, LAPIC_REG_SVR, SPURIOUS);
    ck_assert_uint_eq(current(&la, 30 * NS), 70);
    irqsim_lapic_advance(&la, 100 * NS);
    ck_assert(!fired(&la));
    ck_assert_uint_eq(irqsim_lapic_next_event(&la), 200 * NS);
    irqsim_lapic_reset(&la, IRQSIM_LAPIC_RESET_INIT);
    ck_assert_uint_eq(irqsim_lapic_next_event(&la), IRQSIM_NEVER);
}
END_TEST

UNIT_MAIN("apic_lapic_timer", UNIT_LOOP(apic_81_divide_table, 0, 8),
          UNIT_TEST(apic_83_initial_count_starts_restarts_and_stops),
          UNIT_TEST(apic_83_an_expiry_while_masked_is_lost),
          UNIT_TEST(apic_83_a_late_mask_does_not_undo_an_expiry),
          UNIT_TEST(apic_81_a_count_lasts_a_whole_divided_tick),
          UNIT_TEST(apic_84_oneshot_fires_once),
          UNIT_TEST(apic_84_periodic_has_no_dead_tick_and_no_drift),
          UNIT_TEST(apic_84_one_long_advance_equals_many_short_ones),
          UNIT_TEST(apic_84_expiries_that_nobody_looked_at_wait_like_others),
          UNIT_TEST(apic_85_oneshot_to_periodic_goes_on_counting),
          UNIT_TEST(apic_85_deadline_mode_disarms_in_both_directions),
          UNIT_TEST(apic_86_divide_keeps_the_remaining_count), UNIT_TEST(apic_87_tsc_deadline),
          UNIT_TEST(apic_87_deadline_msr_in_other_modes_is_ignored),
          UNIT_TEST(apic_82_bit_18_needs_the_feature),
          UNIT_TEST(apic_88_soft_disable_counts_on_and_init_stops))
