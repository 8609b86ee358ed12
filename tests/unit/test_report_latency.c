/* SPDX-License-Identifier: MIT */
/* Distributions: exact ends, percentiles never below the truth and at most 0.8 % above. */
#include <irqsim/report.h>

#include "unit.h"

#define NS IRQSIM_PS_PER_NS

static irqsim_report_t *report;
static uint64_t seq;

static void start(void)
{
    seq = 0;
    ck_assert_int_eq(irqsim_report_new(1, &report), IRQSIM_OK);
}

static uint64_t see(irqsim_event_id_t id, irqsim_time_t ns, uint64_t cause, uint32_t arg)
{
    const irqsim_event_t ev = {
        .time = ns * NS, .seq = ++seq, .cause = cause, .id = (uint16_t)id, .arg = {arg}};

    irqsim_report_see(report, &ev);
    return seq;
}

static void handler(uint32_t irq, uint64_t takes)
{
    const uint64_t entry = see(IRQSIM_EV_HANDLER_ENTRY, 5000, 0, irq);
    see(IRQSIM_EV_HANDLER_EXIT, 5000 + takes, entry, irq);
}

START_TEST(nothing_seen_is_all_zero)
{
    irqsim_latency_t l = {.count = 9};

    start();
    irqsim_report_latency(report, IRQSIM_STAGE_HANDLER, -1, &l);
    ck_assert_uint_eq(l.count + l.min + l.avg + l.p50 + l.p90 + l.p99 + l.max, 0);
    irqsim_report_free(report);
}
END_TEST

START_TEST(small_values_are_exact)
{
    irqsim_latency_t l;

    start();
    for (uint64_t v = 1; v <= 100; v++)
        handler(4, v);
    irqsim_report_latency(report, IRQSIM_STAGE_HANDLER, 4, &l);
    ck_assert_uint_eq(l.count, 100);
    ck_assert_uint_eq(l.min, 1);
    ck_assert_uint_eq(l.avg, 50);
    ck_assert_uint_eq(l.p50, 50);
    ck_assert_uint_eq(l.p90, 90);
    ck_assert_uint_eq(l.p99, 99);
    ck_assert_uint_eq(l.max, 100);
    irqsim_report_free(report);
}
END_TEST

/* One value below many: p50 is the bucket of the lower one, rounded up. */
START_TEST(buckets_are_narrow)
{
    irqsim_latency_t l;
    const uint64_t value = (UINT64_C(1) << _i) + (UINT64_C(1) << _i) / 3;

    start();
    handler(1, value);
    handler(1, value);
    handler(1, value * 4);
    irqsim_report_latency(report, IRQSIM_STAGE_HANDLER, 1, &l);
    ck_assert_uint_ge(l.p50, value);
    ck_assert_uint_le(l.p50 - value, value / 128);
    ck_assert_uint_eq(l.min, value);
    ck_assert_uint_eq(l.max, value * 4);
    ck_assert_uint_eq(l.p99, value * 4);
    irqsim_report_free(report);
}
END_TEST

/* Two values to a bucket from 256 on: what is told is the greater. */
START_TEST(a_bucket_answers_with_its_top)
{
    irqsim_latency_t l;

    start();
    handler(1, 256);
    handler(1, 258);
    handler(1, 9000);
    irqsim_report_latency(report, IRQSIM_STAGE_HANDLER, 1, &l);
    ck_assert_uint_eq(l.p50, 259);
    irqsim_report_free(report);
}
END_TEST

START_TEST(irqs_apart_and_together)
{
    irqsim_latency_t l;

    start();
    handler(1, 10);
    handler(2, 1000000);
    handler(7000, 30);
    irqsim_report_latency(report, IRQSIM_STAGE_HANDLER, 1, &l);
    ck_assert_uint_eq(l.count, 1);
    ck_assert_uint_eq(l.max, 10);
    irqsim_report_latency(report, IRQSIM_STAGE_HANDLER, 3, &l);
    ck_assert_uint_eq(l.count, 0);
    irqsim_report_latency(report, IRQSIM_STAGE_HANDLER, -1, &l);
    ck_assert_uint_eq(l.count, 3);
    ck_assert_uint_eq(l.min, 10);
    ck_assert_uint_eq(l.p50, 30);
    ck_assert_uint_eq(l.max, 1000000);
    irqsim_report_free(report);
}
END_TEST

/* Many irqs: the table of keys grows and loses nobody. */
START_TEST(thousands_of_irqs)
{
    irqsim_latency_t l;

    start();
    for (uint32_t irq = 0; irq < 3000; irq++)
        handler(irq * 4096, irq);
    for (uint32_t irq = 0; irq < 3000; irq++) {
        irqsim_report_latency(report, IRQSIM_STAGE_HANDLER, (int64_t)irq * 4096, &l);
        ck_assert_uint_eq(l.count, 1);
        ck_assert_uint_eq(l.max, irq);
    }
    ck_assert_int_eq(irqsim_report_status(report), IRQSIM_OK);
    irqsim_report_free(report);
}
END_TEST

UNIT_MAIN("report_latency", UNIT_TEST(nothing_seen_is_all_zero), UNIT_TEST(small_values_are_exact),
          UNIT_LOOP(buckets_are_narrow, 8, 50), UNIT_TEST(a_bucket_answers_with_its_top),
          UNIT_TEST(irqs_apart_and_together), UNIT_TEST(thousands_of_irqs))
