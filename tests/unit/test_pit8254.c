/* SPDX-License-Identifier: MIT */
/* The six modes of an 8254 as the datasheet draws them, and the law of time. */
#include "unit.h"

#include <irqsim/pit8254.h>
#include <irqsim/regs/pit8254_regs.h>

#define US UINT64_C(1000000)

static const irqsim_clock_t one_mhz = {1000000, 1};

static irqsim_pit_t programmed(unsigned mode_bits, unsigned count)
{
    irqsim_pit_t pit;
    irqsim_pit_init(&pit, &one_mhz);
    irqsim_pit_write(&pit, PIT_REG_CONTROL, (uint8_t)(PIT_CW_ACCESS_LOW | mode_bits), 0);
    irqsim_pit_write(&pit, 0, (uint8_t)count, 0);
    return pit;
}

/* OUT0 after pulses from+1, from+2, ...: as the datasheet's timing diagrams. */
static void expect_out(irqsim_pit_t *pit, uint64_t from, const char *levels)
{
    for (uint64_t i = 0; levels[i]; i++) {
        irqsim_pit_advance(pit, (from + 1 + i) * US);
        ck_assert_msg((irqsim_pit_out(pit) & 1) == (uint32_t)(levels[i] == 'H'), "pulse %u of %s",
                      (unsigned)i, levels);
    }
}

typedef struct mode_case {
    unsigned mode, count;
    const char *out; /* from the first pulse after the count, or after the trigger */
} mode_case_t;

static const mode_case_t mode_cases[] = {
    {PIT_CW_MODE_TERMINAL, 4, "LLLLHHHH"},
    {PIT_CW_MODE_ONE_SHOT, 3, "LLLHHHHH"},
    {PIT_CW_MODE_RATE, 3, "HHLHHLHHL"},
    {0x0C, 3, "HHLHHLHHL"},
    {PIT_CW_MODE_RATE, 1, "HHHH"},
    {PIT_CW_MODE_SQUARE, 4, "HHLLHHLL"},
    {PIT_CW_MODE_SQUARE, 5, "HHHLLHHHLL"},
    {PIT_CW_MODE_SQUARE, 1, "HHHH"},
    {PIT_CW_MODE_SW_STROBE, 3, "HHHLHHHHHHH"},
    {PIT_CW_MODE_HW_STROBE, 3, "HHHLHHHHHHH"},
};
#define MODE_CASES ((int)(sizeof(mode_cases) / sizeof(mode_cases[0])))

START_TEST(pit_modes_draw_their_wave)
{
    const mode_case_t *c = &mode_cases[_i];
    irqsim_pit_t pit = programmed(c->mode, c->count);
    irqsim_pit_set_gate(&pit, 0, false, 0);
    irqsim_pit_set_gate(&pit, 0, true, 0);
    expect_out(&pit, 0, c->out);
}
END_TEST

START_TEST(pit_mode_0_gate_holds_the_count)
{
    irqsim_pit_t pit = programmed(PIT_CW_MODE_TERMINAL, 4);
    irqsim_pit_set_gate(&pit, 0, false, 3 * US); /* counted 4 -> 2 */
    ck_assert_uint_eq(irqsim_pit_read(&pit, 0, 90 * US), 2);
    ck_assert_uint_eq(irqsim_pit_next_event(&pit, 7), IRQSIM_NEVER);
    irqsim_pit_set_gate(&pit, 0, true, 100 * US);
    ck_assert_uint_eq(irqsim_pit_next_event(&pit, 7), 102 * US);
}
END_TEST

START_TEST(pit_mode_0_first_byte_stops_and_second_restarts)
{
    irqsim_pit_t pit;
    irqsim_pit_init(&pit, &one_mhz);
    irqsim_pit_write(&pit, PIT_REG_CONTROL, PIT_CW_ACCESS_LOW_HIGH, 0);
    irqsim_pit_write(&pit, 0, 3, 0);
    ck_assert_uint_eq(irqsim_pit_next_event(&pit, 7), IRQSIM_NEVER);
    irqsim_pit_write(&pit, 0, 0, 0);
    expect_out(&pit, 0, "LLLH");
    irqsim_pit_write(&pit, 0, 2, 10 * US);
    ck_assert_uint_eq(irqsim_pit_out(&pit) & 1, 0);
    irqsim_pit_write(&pit, 0, 1, 20 * US);
    ck_assert_uint_eq(irqsim_pit_next_event(&pit, 1), (21 + 0x102) * US);
}
END_TEST

START_TEST(pit_mode_1_retriggers)
{
    irqsim_pit_t pit = programmed(PIT_CW_MODE_ONE_SHOT, 4);
    ck_assert_uint_eq(irqsim_pit_next_event(&pit, 1), IRQSIM_NEVER);
    for (uint64_t at = 1; at <= 3; at += 2) {
        irqsim_pit_set_gate(&pit, 0, false, at * US);
        irqsim_pit_set_gate(&pit, 0, true, at * US);
    }
    expect_out(&pit, 3, "LLLLHH");
}
END_TEST

START_TEST(pit_mode_2_new_count_waits_for_the_period)
{
    irqsim_pit_t pit = programmed(PIT_CW_MODE_RATE, 4);
    irqsim_pit_advance(&pit, 2 * US);
    irqsim_pit_write(&pit, 0, 3, 2 * US);
    expect_out(&pit, 2, "HLHHLHHL");
}
END_TEST

START_TEST(pit_mode_2_gate_forces_high_and_restarts)
{
    irqsim_pit_t pit = programmed(PIT_CW_MODE_RATE, 3);
    expect_out(&pit, 0, "HHL");
    irqsim_pit_set_gate(&pit, 0, false, 3 * US);
    expect_out(&pit, 2, "HHHHH");
    irqsim_pit_set_gate(&pit, 0, true, 7 * US);
    expect_out(&pit, 7, "HHLHHL");
}
END_TEST

START_TEST(pit_mode_2_period_that_stands_still_has_no_end)
{
    irqsim_pit_t pit = programmed(PIT_CW_MODE_RATE, 9);
    irqsim_pit_write(&pit, 0, 5, 2 * US);
    irqsim_pit_set_gate(&pit, 0, false, 3 * US);
    ck_assert_uint_eq(irqsim_pit_read(&pit, 0, 50 * US), 7);
    irqsim_pit_set_gate(&pit, 0, true, 60 * US);
    ck_assert_uint_eq(irqsim_pit_read(&pit, 0, 61 * US), 5);
}
END_TEST

START_TEST(pit_mode_3_new_count_waits_for_the_half)
{
    irqsim_pit_t pit = programmed(PIT_CW_MODE_SQUARE, 4);
    irqsim_pit_write(&pit, 0, 6, 1 * US);
    expect_out(&pit, 0, "HHLLLHHHLLL");
}
END_TEST

START_TEST(pit_mode_3_counts_by_twos)
{
    static const uint8_t even[] = {4, 2, 4, 2}, odd[] = {4, 2, 0, 4, 2};
    irqsim_pit_t pit = programmed(PIT_CW_MODE_SQUARE, 4);
    for (unsigned i = 0; i < 4; i++)
        ck_assert_uint_eq(irqsim_pit_read(&pit, 0, (1 + i) * US), even[i]);
    pit = programmed(PIT_CW_MODE_SQUARE, 5);
    for (unsigned i = 0; i < 5; i++)
        ck_assert_uint_eq(irqsim_pit_read(&pit, 0, (1 + i) * US), odd[i]);
}
END_TEST

START_TEST(pit_bcd_counts_in_decimal_and_wraps)
{
    irqsim_pit_t pit;
    irqsim_pit_init(&pit, &one_mhz);
    irqsim_pit_write(&pit, PIT_REG_CONTROL, PIT_CW_ACCESS_LOW_HIGH | PIT_CW_BCD, 0);
    irqsim_pit_write(&pit, 0, 0x00, 0);
    irqsim_pit_write(&pit, 0, 0x10, 0);
    ck_assert_uint_eq(irqsim_pit_next_event(&pit, 1), 1001 * US);
    ck_assert_uint_eq(irqsim_pit_read(&pit, 0, 2 * US), 0x99);
    ck_assert_uint_eq(irqsim_pit_read(&pit, 0, 2 * US), 0x09);
    ck_assert_uint_eq(irqsim_pit_read(&pit, 0, 1002 * US), 0x99);
    ck_assert_uint_eq(irqsim_pit_read(&pit, 0, 1002 * US), 0x99);
}
END_TEST

START_TEST(pit_latch_holds_until_both_bytes_are_read)
{
    irqsim_pit_t pit;
    irqsim_pit_init(&pit, &one_mhz);
    irqsim_pit_write(&pit, PIT_REG_CONTROL, PIT_CW_ACCESS_LOW_HIGH | PIT_CW_MODE_RATE, 0);
    irqsim_pit_write(&pit, 0, 0, 0);
    irqsim_pit_write(&pit, 0, 0, 0);
    irqsim_pit_write(&pit, PIT_REG_CONTROL, PIT_CW_COUNTER(0), 2 * US);
    irqsim_pit_write(&pit, PIT_REG_CONTROL, PIT_CW_COUNTER(0), 5 * US);
    ck_assert_uint_eq(irqsim_pit_read(&pit, 0, 9 * US), 0xFF);
    ck_assert_uint_eq(irqsim_pit_read(&pit, 0, 300 * US), 0xFF);
    ck_assert_uint_eq(irqsim_pit_read(&pit, 0, 300 * US), (uint8_t)(1 - 300));
}
END_TEST

START_TEST(pit_read_back_gives_status_then_count)
{
    irqsim_pit_t pit = programmed(PIT_CW_MODE_SW_STROBE, 9);
    irqsim_pit_write(&pit, PIT_REG_CONTROL, PIT_CW_READ_BACK | PIT_RB_NO_COUNT | PIT_RB_COUNTER(0),
                     0);
    ck_assert_uint_eq(irqsim_pit_read(&pit, 0, 0),
                      PIT_STATUS_OUT | PIT_STATUS_NULL_COUNT | 0x10 | PIT_CW_MODE_SW_STROBE);
    irqsim_pit_write(&pit, PIT_REG_CONTROL, PIT_CW_READ_BACK | PIT_RB_COUNTER(0), 3 * US);
    ck_assert_uint_eq(irqsim_pit_read(&pit, 0, 5 * US),
                      PIT_STATUS_OUT | 0x10 | PIT_CW_MODE_SW_STROBE);
    ck_assert_uint_eq(irqsim_pit_read(&pit, 0, 5 * US), 7);
    ck_assert_uint_eq(irqsim_pit_read(&pit, 0, 5 * US), 5);
}
END_TEST

START_TEST(pit_periodic_expiries_do_not_drift)
{
    const irqsim_clock_t pc = {PIT_HZ_NUM, PIT_HZ_DEN};
    irqsim_pit_t pit;
    irqsim_pit_init(&pit, NULL);
    irqsim_pit_write(&pit, PIT_REG_CONTROL, PIT_CW_ACCESS_LOW_HIGH | PIT_CW_MODE_RATE, 0);
    irqsim_pit_write(&pit, 0, 11932 & 0xFF, 0);
    irqsim_pit_write(&pit, 0, 11932 >> 8, 0);
    for (uint64_t n = 1; n <= 10000; n++) {
        irqsim_pit_advance(&pit, irqsim_pit_next_event(&pit, 1));
        ck_assert_uint_eq(irqsim_pit_next_event(&pit, 1), irqsim_clock_to_time(&pc, 1 + n * 11932));
        irqsim_pit_advance(&pit, irqsim_pit_next_event(&pit, 1));
    }
}
END_TEST

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* One random access or gate change, the same for both chips. */
static void poke(irqsim_pit_t *a, irqsim_pit_t *b, uint32_t r, irqsim_time_t now)
{
    const unsigned what = r & 7, reg = r >> 3 & 3;
    /* Counts are small most of the time, so that waves end within the run. */
    const uint8_t value = (uint8_t)(reg == PIT_REG_CONTROL ? r >> 8 : r >> 8 & 15);

    if (what < 2) {
        irqsim_pit_set_gate(a, r >> 8 & 1, what, now);
        irqsim_pit_set_gate(b, r >> 8 & 1, what, now);
    } else if (what == 2) {
        ck_assert_uint_eq(irqsim_pit_read(a, reg, now), irqsim_pit_read(b, reg, now));
    } else {
        irqsim_pit_write(a, reg, value, now);
        irqsim_pit_write(b, reg, value, now);
    }
}

/* `step` is asked at every pulse, `jump` only where it must be: the pins of
 * `step` change exactly when it said, and both end in the same bytes. */
START_TEST(pit_step_by_pulse_equals_jump)
{
    uint32_t seed = (uint32_t)_i;
    irqsim_time_t now = 0;
    irqsim_pit_t step, jump;

    irqsim_pit_init(&step, &one_mhz);
    jump = step;
    for (unsigned i = 0; i < 200; i++) {
        const irqsim_time_t until = now + next_random(&seed) % 40 * US;
        while (now < until) {
            const irqsim_time_t promised = irqsim_pit_next_event(&step, 7);
            const uint32_t before = irqsim_pit_out(&step);
            now += US;
            irqsim_pit_advance(&step, now);
            ck_assert_int_eq(irqsim_pit_out(&step) != before, promised == now);
        }
        irqsim_pit_advance(&jump, now);
        ck_assert_mem_eq(&step, &jump, sizeof(step));
        poke(&step, &jump, next_random(&seed), now);
        ck_assert_mem_eq(&step, &jump, sizeof(step));
    }
}
END_TEST

UNIT_MAIN("pit8254", UNIT_LOOP(pit_modes_draw_their_wave, 0, MODE_CASES),
          UNIT_TEST(pit_mode_0_gate_holds_the_count),
          UNIT_TEST(pit_mode_0_first_byte_stops_and_second_restarts),
          UNIT_TEST(pit_mode_1_retriggers), UNIT_TEST(pit_mode_2_new_count_waits_for_the_period),
          UNIT_TEST(pit_mode_2_gate_forces_high_and_restarts),
          UNIT_TEST(pit_mode_2_period_that_stands_still_has_no_end),
          UNIT_TEST(pit_mode_3_new_count_waits_for_the_half), UNIT_TEST(pit_mode_3_counts_by_twos),
          UNIT_TEST(pit_bcd_counts_in_decimal_and_wraps),
          UNIT_TEST(pit_latch_holds_until_both_bytes_are_read),
          UNIT_TEST(pit_read_back_gives_status_then_count),
          UNIT_TEST(pit_periodic_expiries_do_not_drift),
          UNIT_LOOP(pit_step_by_pulse_equals_jump, 0, 50))
