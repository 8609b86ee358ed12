/* SPDX-License-Identifier: MIT */
/* Where the time went: every ns of a CPU in one place; and how long arrivals waited. */
#include <irqsim/cpustate.h>
#include <irqsim/report.h>

#include "unit.h"

#define NS IRQSIM_PS_PER_NS

enum { APP = 7, IDLE = 8, KSOFTIRQD = 9, KWORKER = 10 };

static irqsim_report_t *report;
static uint64_t seq;

static void start(void)
{
    seq = 0;
    ck_assert_int_eq(irqsim_report_new(2, &report), IRQSIM_OK);
}

static void see(irqsim_event_id_t id, irqsim_time_t ns, uint32_t arg0, uint32_t arg1, uint32_t arg2)
{
    const irqsim_event_t ev = {
        .time = ns * NS, .seq = ++seq, .id = (uint16_t)id, .arg = {arg0, arg1, arg2}};

    irqsim_report_see(report, &ev);
}

static void to_task(irqsim_time_t ns, uint32_t prev, uint32_t next)
{
    see(IRQSIM_EV_SWITCH, ns, prev, next, 'R');
}

static void to_user(irqsim_time_t ns)
{
    see(IRQSIM_EV_IRET, ns, 0, 3, 0);
}

static void to_kernel(irqsim_time_t ns)
{
    see(IRQSIM_EV_IRET, ns, 0, 0, 0);
}

static void deliver(irqsim_time_t ns)
{
    see(IRQSIM_EV_DELIVER, ns, 0x31, IRQSIM_KIND_EXTERNAL, 0);
}

/* The CPU's uses in the order of the enum, and that they are all there is. */
static void expect(irqsim_time_t now_ns, const uint64_t want[IRQSIM_USES])
{
    uint64_t ns[IRQSIM_USES], sum = 0;

    irqsim_report_time(report, 0, now_ns * NS, ns);
    for (int use = 0; use < IRQSIM_USES; use++) {
        ck_assert_msg(ns[use] == want[use], "%s: %lu, not %lu", irqsim_use_name((irqsim_use_t)use),
                      (unsigned long)ns[use], (unsigned long)want[use]);
        sum += ns[use];
    }
    ck_assert_uint_eq(sum, now_ns);
}

START_TEST(nothing_seen_is_kernel)
{
    start();
    expect(500, (uint64_t[]){0, 0, 0, 0, 0, 500, 0});
    irqsim_report_free(report);
}
END_TEST

/* The way out of an interrupt belongs to the softirq that it leads to, or to the
 * interrupt; an interrupt of a softirq is none of the softirq's. */
START_TEST(a_softirq_and_who_interrupts_it)
{
    start();
    to_task(10, IDLE, APP);
    to_user(10);
    deliver(100); /* user: 90 */
    see(IRQSIM_EV_IRQ_EXIT, 130, 5, 0x31, 0);
    see(IRQSIM_EV_IF, 135, 1, 0, 0);
    see(IRQSIM_EV_SOFTIRQ_ENTRY, 140, 3, 0, 1); /* irq: 30 */
    deliver(160);                               /* softirq: 10 + 20 */
    see(IRQSIM_EV_IRQ_EXIT, 190, 6, 0x41, 0);
    to_kernel(195); /* irq: 35 */
    see(IRQSIM_EV_SOFTIRQ_EXIT, 200, 3, 0, 0);
    see(IRQSIM_EV_SOFTIRQ_ENTRY, 203, 4, 0, 2);
    see(IRQSIM_EV_SOFTIRQ_EXIT, 203, 4, 0, 0);
    to_user(204); /* softirq: 5 + 3, irq: 1 */
    expect(300, (uint64_t[]){90 + 96, 0, 0, 38, 66, 10, 0});
    ck_assert_uint_eq(irqsim_report_task_time(report, APP, 300 * NS), 186);
    ck_assert_uint_eq(irqsim_report_task_time(report, IDLE, 300 * NS), 0);
    irqsim_report_free(report);
}
END_TEST

/* A task that is preempted at the end of an interrupt is still in it when it runs
 * again; a work goes on being one. */
START_TEST(threads_and_what_they_were_in)
{
    start();
    to_task(10, IDLE, KWORKER);
    see(IRQSIM_EV_WORK_START, 15, 0, 0, 0);
    deliver(40); /* work: 5 + 25 */
    see(IRQSIM_EV_VECTOR_EXIT, 50, 0xFD, 0, 0);
    to_task(55, KWORKER, KSOFTIRQD); /* irq: 10, kernel: 10 + 5 */
    see(IRQSIM_EV_SOFTIRQ_ENTRY, 60, 3, 0, 1);
    deliver(80); /* ksoftirqd: 5 + 20 */
    see(IRQSIM_EV_IRQ_EXIT, 85, 5, 0x31, 0);
    to_kernel(86); /* irq: 6 */
    see(IRQSIM_EV_SOFTIRQ_EXIT, 90, 3, 0, 0);
    to_task(93, KSOFTIRQD, KWORKER); /* ksoftirqd: 4, kernel: 3 */
    to_kernel(95);                   /* irq: 2 */
    see(IRQSIM_EV_WORK_END, 105, 0, 0, 0);
    to_task(107, KWORKER, IDLE); /* work: 10, kernel: 2 */
    see(IRQSIM_EV_HALT, 108, 0, 0, 0);
    see(IRQSIM_EV_WAKE_CPU, 150, 0, 0, 0); /* kernel: 1, idle: 42 */
    deliver(150);
    expect(160, (uint64_t[]){0, 40, 29, 0, 28, 21, 42});
    ck_assert_uint_eq(irqsim_report_task_time(report, KWORKER, 160 * NS), 40);
    ck_assert_uint_eq(irqsim_report_task_time(report, KSOFTIRQD, 160 * NS), 29);
    irqsim_report_free(report);
}
END_TEST

START_TEST(a_system_call_is_no_interrupt)
{
    start();
    to_user(0);
    see(IRQSIM_EV_DELIVER, 10, 0x80, IRQSIM_KIND_SOFTWARE, 0);
    to_user(30);
    expect(35, (uint64_t[]){15, 0, 0, 0, 0, 20, 0});
    irqsim_report_free(report);
}
END_TEST

/* Two halves of a ns are not lost. */
START_TEST(picoseconds_add_up)
{
    uint64_t ns[IRQSIM_USES], sum = 0;
    irqsim_event_t ev = {.id = IRQSIM_EV_IRET, .arg = {0, 3, 0}};

    start();
    for (ev.time = 0; ev.time <= 1000 * 1501; ev.time += 1501) {
        ev.seq++;
        irqsim_report_see(report, &ev);
        ev.id = ev.id == IRQSIM_EV_IRET ? IRQSIM_EV_DELIVER : IRQSIM_EV_IRET;
        ev.arg[1] = ev.id == IRQSIM_EV_IRET ? 3 : IRQSIM_KIND_EXTERNAL;
    }
    irqsim_report_time(report, 0, 1501 * NS, ns);
    for (int use = 0; use < IRQSIM_USES; use++)
        sum += ns[use];
    ck_assert_uint_eq(sum, 1501);
    ck_assert_uint_eq(ns[IRQSIM_USE_USER], 750);
    ck_assert_uint_eq(ns[IRQSIM_USE_IRQ], 751);
    irqsim_report_free(report);
}
END_TEST

/* Two works wait while an interrupt and the first of them run. */
START_TEST(works_wait_for_what_runs)
{
    uint64_t ns[IRQSIM_USES];

    start();
    to_user(0);
    deliver(100);
    see(IRQSIM_EV_WORK_QUEUE, 110, 0, 0, 0);
    see(IRQSIM_EV_WORK_QUEUE, 120, 1, 0, 0);
    see(IRQSIM_EV_WORK_QUEUE, 121, 1, 0, 1); /* merged: it waits already */
    see(IRQSIM_EV_IRQ_EXIT, 130, 5, 0x31, 0);
    to_task(135, APP, KWORKER);
    see(IRQSIM_EV_WORK_START, 140, 0, 0, 0);
    see(IRQSIM_EV_WORK_END, 170, 0, 0, 0);
    see(IRQSIM_EV_WORK_START, 171, 1, 0, 0);
    see(IRQSIM_EV_WORK_END, 200, 1, 0, 0);
    irqsim_report_work_waits(report, ns);
    ck_assert_uint_eq(ns[IRQSIM_USE_USER], 0);
    ck_assert_uint_eq(ns[IRQSIM_USE_IRQ], 10 + 2 * 10);
    ck_assert_uint_eq(ns[IRQSIM_USE_KERNEL], 2 * 5);
    ck_assert_uint_eq(ns[IRQSIM_USE_WORK], 2 * 5 + 30 + 1);
    irqsim_report_free(report);
}
END_TEST

/* ---- arrival→claimed ---- */

static void arrival(irqsim_time_t ns, uint32_t device, uint32_t pending)
{
    see(IRQSIM_EV_ARRIVAL, ns, device, 0, pending);
}

static void claim(irqsim_time_t ns, uint32_t device)
{
    see(IRQSIM_EV_CLAIM, ns, device, 0, 1);
}

static void expect_claims(int64_t device, uint64_t count, uint64_t min, uint64_t max)
{
    irqsim_latency_t l;

    irqsim_report_latency(report, IRQSIM_STAGE_ARRIVAL_TO_CLAIM, device, &l);
    ck_assert_uint_eq(l.count, count);
    ck_assert_uint_eq(l.min, min);
    ck_assert_uint_eq(l.max, max);
}

/* First come, first claimed, however many are pending. */
START_TEST(every_claim_has_its_own_arrival)
{
    start();
    for (uint32_t i = 0; i < 1000; i++)
        arrival(i, 3, i + 1);
    for (uint32_t i = 0; i < 500; i++)
        claim(1000 + 2 * i, 3);
    for (uint32_t i = 0; i < 600; i++)
        arrival(2000 + i, 3, 501 + i);
    for (uint32_t i = 0; i < 1100; i++)
        claim(3000, 3);
    expect_claims(3, 1600, 401, 2500);
    arrival(4000, 4, 1);
    claim(4001, 4);
    expect_claims(4, 1, 1, 1);
    expect_claims(-1, 1601, 1, 2500);
    irqsim_report_free(report);
}
END_TEST

/* What was withdrawn is claimed by nobody; what nobody saw arrive has no latency. */
START_TEST(withdrawn_and_unseen_arrivals)
{
    start();
    arrival(10, 3, 1);
    arrival(20, 3, 2);
    arrival(100, 3, 1);
    claim(130, 3);
    claim(140, 3);
    claim(150, 5);
    expect_claims(-1, 1, 30, 30);
    ck_assert_uint_eq(irqsim_report_unmeasured(report, IRQSIM_STAGE_ARRIVAL_TO_CLAIM), 2);
    irqsim_report_free(report);
}
END_TEST

UNIT_MAIN("report_time", UNIT_TEST(nothing_seen_is_kernel),
          UNIT_TEST(a_softirq_and_who_interrupts_it), UNIT_TEST(threads_and_what_they_were_in),
          UNIT_TEST(a_system_call_is_no_interrupt), UNIT_TEST(picoseconds_add_up),
          UNIT_TEST(works_wait_for_what_runs), UNIT_TEST(every_claim_has_its_own_arrival),
          UNIT_TEST(withdrawn_and_unseen_arrivals))
