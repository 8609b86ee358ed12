/* SPDX-License-Identifier: MIT */
/*
 * test_base_clock.c - conversions against 128-bit arithmetic
 */
#include <irqsim/clock.h>

#include "unit.h"

__extension__ typedef unsigned __int128 wide_t;

static const irqsim_clock_t clocks[] = {
    {1, 1},
    {1, 1000},
    {3, 7},
    {14318180, 12},
    {33000000, 1},
    {66670000, 1},
    {100000000, 1},
    {2999999999, 1},
    {16000000000, 1},
    {16000000000, 1000},
    {15999999999, 999},
};
#define CLOCKS (sizeof(clocks) / sizeof(clocks[0]))

static uint64_t state = 1;

/* Of every magnitude. */
static uint64_t draw(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state >> (state % 61);
}

static irqsim_time_t exact_time(const irqsim_clock_t *clk, uint64_t ticks)
{
    const wide_t ps = (wide_t)ticks * clk->den * IRQSIM_PS_PER_S;
    const wide_t t = (ps + clk->num / 2) / clk->num;

    return t > IRQSIM_NEVER ? IRQSIM_NEVER : (irqsim_time_t)t;
}

START_TEST(time_102_ticks_become_time_rounded_half_up)
{
    for (size_t c = 0; c < CLOCKS; c++)
        for (unsigned i = 0; i < 20000; i++) {
            const uint64_t ticks = draw() % (UINT64_MAX / 1000);
            const irqsim_time_t expected = exact_time(&clocks[c], ticks);
            if (expected < IRQSIM_NEVER - IRQSIM_PS_PER_S) /* else it may saturate */
                ck_assert_uint_eq(irqsim_clock_to_time(&clocks[c], ticks), expected);
        }
}
END_TEST

START_TEST(time_102_time_saturates)
{
    const irqsim_clock_t second = {1, 1};

    ck_assert_uint_eq(irqsim_clock_to_time(&second, UINT64_MAX), IRQSIM_NEVER);
    ck_assert_uint_eq(irqsim_clock_to_time(&second, UINT64_MAX / IRQSIM_PS_PER_S + 1),
                      IRQSIM_NEVER);
}
END_TEST

/* Tick n has passed at to_time(n), and not a picosecond earlier. */
START_TEST(time_102_a_tick_has_passed_where_it_was_placed)
{
    for (size_t c = 0; c < CLOCKS; c++)
        for (unsigned i = 0; i < 20000; i++) {
            const irqsim_clock_t *clk = &clocks[c];
            const uint64_t ticks = draw() % (UINT64_MAX / 1000);
            const irqsim_time_t t = irqsim_clock_to_time(clk, ticks);
            if (t == 0 || t >= IRQSIM_NEVER - 1000 * IRQSIM_PS_PER_S)
                continue;
            ck_assert_uint_ge(irqsim_clock_to_ticks(clk, t), ticks);
            ck_assert_uint_le(irqsim_clock_to_time(clk, irqsim_clock_to_ticks(clk, t)), t);
            ck_assert_uint_lt(irqsim_clock_to_ticks(clk, t - 1), ticks ? ticks : 1);
        }
}
END_TEST

START_TEST(law_5_a_clock_has_a_rate)
{
    static const struct {
        irqsim_clock_t clk;
        bool valid;
    } cases[] = {
        {{0, 1}, false},           {{1, 0}, false},    {{1, 1}, true}, {{16000000000, 1000}, true},
        {{16000000001, 1}, false}, {{1, 1001}, false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        ck_assert_int_eq(irqsim_clock_valid(&cases[i].clk), cases[i].valid);
}
END_TEST

UNIT_MAIN("base_clock", UNIT_TEST(time_102_ticks_become_time_rounded_half_up),
          UNIT_TEST(time_102_time_saturates),
          UNIT_TEST(time_102_a_tick_has_passed_where_it_was_placed),
          UNIT_TEST(law_5_a_clock_has_a_rate))
