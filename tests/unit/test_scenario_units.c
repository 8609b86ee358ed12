/* SPDX-License-Identifier: MIT */
/* test_scenario_units.c - times, clocks and frequencies are read exactly */
#include <stdio.h>
#include <string.h>

#include <irqsim/scenario.h>

#include "unit.h"

static irqsim_scenario_t *load(const char *text)
{
    irqsim_scenario_t *s = NULL;

    ck_assert_int_eq(irqsim_scenario_load_bytes("t.yaml", text, strlen(text), NULL, &s), IRQSIM_OK);
    return s;
}

/* `run` is a time; returns false if it is refused. */
static bool run_of(const char *text, uint64_t *ps)
{
    irqsim_scenario_t *s;
    char yaml[128];

    snprintf(yaml, sizeof(yaml), "irqsim: 1\nrun: %s\n", text);
    if (irqsim_scenario_load_bytes("t.yaml", yaml, strlen(yaml), NULL, &s) != IRQSIM_OK)
        return false;
    *ps = s->run;
    irqsim_scenario_free(s);
    return true;
}

static const struct {
    const char *text;
    uint64_t ps;
} good_times[] = {
    {"1ns", 1000},
    {"0.001ns", 1},
    {"0.0010000ns", 1},
    {"1.1us", 1100000},
    {"1.000001us", 1000001},
    {"10us", 10000000},
    {"1.5ms", 1500000000},
    {"2s", 2000000000000},
    {"0.000000000001s", 1},
    {"86400s", 86400000000000000},
    {"8640000s", 8640000000000000000u},
};

START_TEST(times_are_exact_to_the_picosecond)
{
    uint64_t ps = 0;

    ck_assert_msg(run_of(good_times[_i].text, &ps), "%s", good_times[_i].text);
    ck_assert_uint_eq(ps, good_times[_i].ps);
}
END_TEST

static const char *const bad_times[] = {
    "10",
    "0s",
    "10 us",
    "us",
    "1.us",
    ".5us",
    "-1us",
    "+1us",
    "010us",
    "1e3us",
    "0x10us",
    "0.0001ns",
    "1.0015ns",
    "10min",
    "10US",
    "1,5ms",
    "1.5.5ms",
    "8640001s",
    "99999999999999999999s",
    "18446744073710s",
    "10us10us",
    "\"\"",
    "[10us]",
};

START_TEST(what_is_no_time_is_refused)
{
    uint64_t ps;

    ck_assert_msg(!run_of(bad_times[_i], &ps), "%s", bad_times[_i]);
}
END_TEST

START_TEST(frequencies_are_exact_to_the_hertz)
{
    irqsim_scenario_t *const s = load("irqsim: 1\nmachine: {timing: {cpu_hz: 1.193182GHz, "
                                      "bus_hz: 33333kHz, icc_hz: 0Hz}}\nkernel: {tick: 0.1kHz}\n");

    ck_assert_uint_eq(s->profile.cpu_hz, 1193182000);
    ck_assert_uint_eq(s->profile.bus_hz, 33333000);
    ck_assert_uint_eq(s->profile.icc_hz, 0);
    ck_assert_uint_eq(s->hz, 100);
    irqsim_scenario_free(s);
}
END_TEST

START_TEST(spans_keep_whether_they_are_time_or_clocks)
{
    irqsim_scenario_t *const s =
        load("irqsim: 1\ntasks: [{name: a, computes: 3000cycles}, {name: b, computes: 1.5ms}, "
             "{name: c, computes: forever}, {name: d}]\n");

    ck_assert_uint_eq(s->task[0].total.clocks, 1);
    ck_assert_uint_eq(s->task[0].total.value, 3000);
    ck_assert_uint_eq(s->task[1].total.clocks, 0);
    ck_assert_uint_eq(s->task[1].total.value, 1500000000);
    ck_assert_uint_eq(s->task[2].total.value, 0);
    ck_assert_uint_eq(s->task[3].total.value, 0);
    irqsim_scenario_free(s);
}
END_TEST

static const char *const bad_integers[] = {
    "010", "1e3", "-1", "+1", "1.0", "0x1", "1_000", "1 ", "18446744073709551616",
    "''",  "~",   "one"};

START_TEST(integers_are_strict)
{
    irqsim_scenario_t *s;
    char yaml[128];

    snprintf(yaml, sizeof(yaml), "irqsim: 1\nseed: \"%s\"\n", bad_integers[_i]);
    ck_assert_int_eq(irqsim_scenario_load_bytes("t.yaml", yaml, strlen(yaml), NULL, &s),
                     IRQSIM_E_FORMAT);
}
END_TEST

START_TEST(the_largest_integer_fits)
{
    irqsim_scenario_t *const s = load("irqsim: 1\nseed: 18446744073709551615\n");

    ck_assert_uint_eq(s->seed, UINT64_MAX);
    irqsim_scenario_free(s);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

UNIT_MAIN("scenario_units", UNIT_LOOP(times_are_exact_to_the_picosecond, 0, COUNT(good_times)),
          UNIT_LOOP(what_is_no_time_is_refused, 0, COUNT(bad_times)),
          UNIT_TEST(frequencies_are_exact_to_the_hertz),
          UNIT_TEST(spans_keep_whether_they_are_time_or_clocks),
          UNIT_LOOP(integers_are_strict, 0, COUNT(bad_integers)),
          UNIT_TEST(the_largest_integer_fits))
