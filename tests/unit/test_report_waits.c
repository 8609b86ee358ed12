/* SPDX-License-Identifier: MIT */
/* Hand-made histories with the exact stages and waits that they must give. */
#include <irqsim/report.h>

#include "unit.h"

#define NS IRQSIM_PS_PER_NS

static irqsim_report_t *report;
static uint64_t seq;

static void start(void)
{
    seq = 0;
    ck_assert_int_eq(irqsim_report_new(2, &report), IRQSIM_OK);
}

#define SEE(ns_, cpu_, id_, cause_, ...)                                                           \
    see(&(irqsim_event_t){.time = (ns_)*NS,                                                        \
                          .cpu = (cpu_),                                                           \
                          .id = IRQSIM_EV_##id_,                                                   \
                          .cause = (cause_),                                                       \
                          .arg = {__VA_ARGS__}})

static uint64_t see(irqsim_event_t *ev)
{
    ev->seq = ++seq;
    irqsim_report_see(report, ev);
    return seq;
}

/* Row i must be exactly this. */
static void row(uint32_t i, uint32_t waiter, irqsim_wait_t wait, uint32_t irq, uint64_t count,
                uint64_t total, uint64_t max)
{
    irqsim_wait_row_t r;

    ck_assert(irqsim_report_wait(report, i, &r));
    ck_assert_uint_eq(r.waiter, waiter);
    ck_assert_int_eq(r.wait, wait);
    ck_assert_uint_eq(r.irq, irq);
    ck_assert_uint_eq(r.count, count);
    ck_assert_uint_eq(r.total, total);
    ck_assert_uint_eq(r.max, max);
}

static irqsim_latency_t stage(irqsim_stage_t s)
{
    irqsim_latency_t l;

    irqsim_report_latency(report, s, -1, &l);
    return l;
}

/* acknowledge -> deliver -> IF=0 -> irq_enter; returns irq_enter. */
static uint64_t lapic_enter(uint64_t ns, uint16_t cpu, uint64_t accept, uint32_t vector,
                            uint32_t irq)
{
    const uint64_t ack = SEE(ns, cpu, LAPIC_ACK, accept, vector);
    const uint64_t deliver = SEE(ns, cpu, DELIVER, ack, vector);
    SEE(ns, cpu, IF, 0, 0);
    return SEE(ns + 10, cpu, IRQ_ENTER, deliver, irq, vector);
}

/* irq 36 (0x41) comes while the handler of irq 19 (0x51) runs with IF=0, then waits
 * for its EOI-less ISR bit, then for the rest of an instruction. */
START_TEST(one_interrupt_behind_another)
{
    start();
    SEE(0, 0, IF, 0, 1);
    const uint64_t first = SEE(100, IRQSIM_NO_CPU, ARRIVAL, 0, 0);
    const uint64_t first_msg = SEE(100, IRQSIM_NO_CPU, MSG_SEND, first, 0x51);
    const uint64_t first_in = SEE(150, 0, MSG_ACCEPT, first_msg, 0x51, 1);
    const uint64_t first_enter = lapic_enter(160, 0, first_in, 0x51, 19);
    const uint64_t first_entry = SEE(200, 0, HANDLER_ENTRY, first_enter, 19);

    const uint64_t arrival = SEE(300, IRQSIM_NO_CPU, ARRIVAL, 0, 1);
    const uint64_t rise = SEE(300, IRQSIM_NO_CPU, LINE, arrival, 7, 1);
    const uint64_t msg = SEE(320, IRQSIM_NO_CPU, MSG_SEND, rise, 0x41);
    const uint64_t in = SEE(360, 0, MSG_ACCEPT, msg, 0x41, 1);

    SEE(1000, 0, HANDLER_EXIT, first_entry, 19);
    SEE(1100, 0, IF, 0, 1);
    SEE(1130, 0, LAPIC_EOI, first_in + 1, 0x51);
    const uint64_t enter = lapic_enter(1135, 0, in, 0x41, 36);
    const uint64_t entry = SEE(1200, 0, HANDLER_ENTRY, enter, 36);
    SEE(1205, 0, HANDLER_EXIT, entry, 36);
    const uint64_t shared = SEE(1205, 0, HANDLER_ENTRY, enter, 36);
    SEE(1225, 0, HANDLER_EXIT, shared, 36);

    ck_assert_uint_eq(irqsim_report_waits(report), 8);
    row(0, 36, IRQSIM_WAIT_HANDLER, 19, 1, 640, 640);
    row(1, 36, IRQSIM_WAIT_IF, 0, 1, 100, 100);
    row(2, 19, IRQSIM_WAIT_BUS, 0, 1, 50, 50);
    row(3, 36, IRQSIM_WAIT_BUS, 0, 1, 40, 40);
    row(4, 36, IRQSIM_WAIT_PRIORITY, 0, 1, 30, 30);
    row(5, 36, IRQSIM_WAIT_MASKED, 0, 1, 20, 20);
    row(6, 19, IRQSIM_WAIT_INSTRUCTION, 0, 1, 10, 10);
    row(7, 36, IRQSIM_WAIT_INSTRUCTION, 0, 1, 5, 5);

    irqsim_latency_t l = stage(IRQSIM_STAGE_LINE_TO_ACK);
    ck_assert_uint_eq(l.count, 2);
    ck_assert_uint_eq(l.min, 60);
    ck_assert_uint_eq(l.max, 835); /* = all waits of irq 36 together */
    l = stage(IRQSIM_STAGE_ACK_TO_HANDLER);
    ck_assert_uint_eq(l.count, 2); /* the second handler of irq 36 does not count */
    ck_assert_uint_eq(l.min, 40);
    ck_assert_uint_eq(l.max, 65);
    l = stage(IRQSIM_STAGE_HANDLER);
    ck_assert_uint_eq(l.count, 3);
    ck_assert_uint_eq(l.max, 800);
    irqsim_report_free(report);
}
END_TEST

/* Two arrivals of an MSI, one interrupt: it waited since the first. */
START_TEST(coalesced_messages_wait_once)
{
    start();
    const uint64_t a = SEE(0, IRQSIM_NO_CPU, ARRIVAL, 0, 0);
    const uint64_t ma = SEE(0, IRQSIM_NO_CPU, MSG_SEND, a, 0x41);
    const uint64_t in = SEE(10, 1, MSG_ACCEPT, ma, 0x41, 1, 0);
    const uint64_t b = SEE(20, IRQSIM_NO_CPU, ARRIVAL, 0, 0);
    const uint64_t mb = SEE(20, IRQSIM_NO_CPU, MSG_SEND, b, 0x41);
    SEE(30, 1, MSG_ACCEPT, mb, 0x41, 1, 1);
    lapic_enter(110, 1, in, 0x41, 24);

    ck_assert_uint_eq(irqsim_report_waits(report), 2);
    row(0, 24, IRQSIM_WAIT_IF, 0, 1, 100, 100);
    row(1, 24, IRQSIM_WAIT_BUS, 0, 1, 10, 10);
    const irqsim_latency_t l = stage(IRQSIM_STAGE_LINE_TO_ACK);
    ck_assert_uint_eq(l.count, 1);
    ck_assert_uint_eq(l.max, 110);
    irqsim_report_free(report);
}
END_TEST

/* By the 8259A: line 4 (irq 36) rises again while it is being handled, line 3 while
 * INT is low for another reason. */
START_TEST(lines_of_the_pic)
{
    start();
    SEE(0, 0, IF, 0, 1);
    const uint64_t rise = SEE(100, IRQSIM_NO_CPU, LINE, 0, 4, 1);
    SEE(100, IRQSIM_NO_CPU, PIC_INT, rise, 0, 1);
    const uint64_t ack = SEE(130, 0, PIC_INTA, rise, 0x34, 4);
    SEE(130, IRQSIM_NO_CPU, PIC_INT, 0, 0, 0);
    const uint64_t deliver = SEE(130, 0, DELIVER, ack, 0x34);
    SEE(130, 0, IF, 0, 0);
    const uint64_t enter = SEE(140, 0, IRQ_ENTER, deliver, 36, 0x34);
    SEE(150, 0, HANDLER_ENTRY, enter, 36);
    SEE(155, 0, IF, 0, 1); /* 2.6 runs it with IF=1 */
    SEE(160, IRQSIM_NO_CPU, LINE, 0, 4, 0);
    const uint64_t again = SEE(200, IRQSIM_NO_CPU, LINE, 0, 4, 1);
    const uint64_t other = SEE(210, IRQSIM_NO_CPU, LINE, 0, 3, 1);
    SEE(240, IRQSIM_NO_CPU, PIC_INT, again, 0, 1);
    const uint64_t ack2 = SEE(245, 0, PIC_INTA, again, 0x34, 4);
    const uint64_t deliver2 = SEE(245, 0, DELIVER, ack2, 0x34);
    SEE(245, 0, IRQ_ENTER, deliver2, 36, 0x34);
    const uint64_t ack3 = SEE(250, 0, PIC_INTA, other, 0x33, 3);
    const uint64_t deliver3 = SEE(250, 0, DELIVER, ack3, 0x33);
    SEE(250, 0, IRQ_ENTER, deliver3, 3, 0x33);

    ck_assert_uint_eq(irqsim_report_waits(report), 4);
    row(0, 36, IRQSIM_WAIT_MASKED, 0, 1, 40, 40);
    row(1, 36, IRQSIM_WAIT_BUS, 0, 2, 35, 30);
    row(2, 3, IRQSIM_WAIT_PRIORITY, 0, 1, 30, 30);
    row(3, 3, IRQSIM_WAIT_BUS, 0, 1, 10, 10);
    ck_assert_uint_eq(stage(IRQSIM_STAGE_LINE_TO_ACK).count, 3);
    irqsim_report_free(report);
}
END_TEST

/* A line still high makes a second message: since when it asks, nobody knows. */
START_TEST(a_line_that_stays_high_is_measured_once)
{
    start();
    const uint64_t rise = SEE(100, IRQSIM_NO_CPU, LINE, 0, 20, 1);
    for (unsigned i = 0; i < 2; i++) {
        const uint64_t msg = SEE(100 + 500 * i, IRQSIM_NO_CPU, MSG_SEND, rise, 0x41);
        const uint64_t in = SEE(120 + 500 * i, 0, MSG_ACCEPT, msg, 0x41, 1);
        lapic_enter(130 + 500 * i, 0, in, 0x41, 20);
    }
    ck_assert_uint_eq(stage(IRQSIM_STAGE_LINE_TO_ACK).count, 1);
    ck_assert_uint_eq(stage(IRQSIM_STAGE_LINE_TO_ACK).max, 30);
    ck_assert_uint_eq(irqsim_report_unmeasured(report, IRQSIM_STAGE_LINE_TO_ACK), 1);
    irqsim_report_free(report);
}
END_TEST

START_TEST(a_forgotten_cause_is_unmeasured)
{
    start();
    const uint64_t raise = SEE(10, 0, SOFTIRQ_RAISE, 0, 4);
    for (uint32_t i = 0; i < UINT32_C(1) << 18; i++)
        SEE(20, 0, HALT, 0, 0);
    SEE(30, 0, SOFTIRQ_ENTRY, raise, 4);
    ck_assert_uint_eq(stage(IRQSIM_STAGE_RAISE_TO_SOFTIRQ).count, 0);
    ck_assert_uint_eq(irqsim_report_unmeasured(report, IRQSIM_STAGE_RAISE_TO_SOFTIRQ), 1);
    irqsim_report_free(report);
}
END_TEST

START_TEST(softirqs_and_works)
{
    start();
    SEE(40, 0, SOFTIRQ_ENTRY, SEE(10, 0, SOFTIRQ_RAISE, 0, 4), 4);
    SEE(95, 0, WORK_START, SEE(50, 0, WORK_QUEUE, 0, 0), 0);
    ck_assert_uint_eq(stage(IRQSIM_STAGE_RAISE_TO_SOFTIRQ).max, 30);
    ck_assert_uint_eq(stage(IRQSIM_STAGE_QUEUE_TO_WORK).max, 45);
    irqsim_report_free(report);
}
END_TEST

/* 0x44 is of the class of 0x41: it waits for its EOI; 0x51 is not. */
START_TEST(a_class_holds_back_itself_and_lower_ones)
{
    start();
    SEE(0, 0, IF, 0, 1);
    const uint64_t first = SEE(0, 0, MSG_ACCEPT, 0, 0x41, 1);
    lapic_enter(0, 0, first, 0x41, 1);
    SEE(10, 0, IF, 0, 1);
    const uint64_t same = SEE(10, 0, MSG_ACCEPT, 0, 0x44, 1);
    const uint64_t higher = SEE(10, 0, MSG_ACCEPT, 0, 0x51, 1);
    lapic_enter(15, 0, higher, 0x51, 3);
    SEE(15, 0, IF, 0, 1);
    SEE(15, 0, LAPIC_EOI, 0, 0x51);
    SEE(50, 0, LAPIC_EOI, 0, 0x41);
    lapic_enter(52, 0, same, 0x44, 2);

    ck_assert_uint_eq(irqsim_report_waits(report), 3);
    row(0, 2, IRQSIM_WAIT_PRIORITY, 0, 1, 40, 40);
    row(1, 3, IRQSIM_WAIT_INSTRUCTION, 0, 1, 5, 5);
    row(2, 2, IRQSIM_WAIT_INSTRUCTION, 0, 1, 2, 2);
    irqsim_report_free(report);
}
END_TEST

/* Forty requests pending at once, taken from the middle outwards: each has waited
 * exactly its own time, twice, and has one row. */
START_TEST(many_pending_at_once)
{
    uint64_t in[40];

    start();
    for (uint64_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 40; i++)
            in[i] = SEE(round * 1000, 0, MSG_ACCEPT, 0, 0x30 + i, 1);
        for (uint32_t i = 0; i < 40; i++) {
            const uint32_t at = (i * 7 + 20) % 40;
            lapic_enter(round * 1000 + 100 + at, 0, in[at], 0x30 + at, at);
        }
    }
    ck_assert_uint_eq(irqsim_report_waits(report), 40);
    irqsim_report_free(report);

    start();
    for (uint32_t i = 0; i < 40; i++)
        in[i] = SEE(0, 0, MSG_ACCEPT, 0, 0x30 + i, 1);
    for (uint32_t i = 0; i < 40; i++) /* in time, out of order of arrival */
        lapic_enter(100 + i, 0, in[i * 7 % 40], 0x30 + i * 7 % 40, i * 7 % 40);
    for (uint32_t i = 0; i < 40; i++)
        row(39 - i, i * 7 % 40, IRQSIM_WAIT_IF, 0, 1, 100 + i, 100 + i);
    irqsim_report_free(report);
}
END_TEST

/* Only the entry that belongs to the acknowledge gets its waits, and only once. */
START_TEST(waits_are_charged_once_and_to_the_right_one)
{
    start();
    const uint64_t in = SEE(0, 0, MSG_ACCEPT, 0, 0x41, 1);
    SEE(10, 0, LAPIC_ACK, in, 0x41);
    SEE(10, 0, IRQ_ENTER, 0, 9, 0x42);
    SEE(10, 0, IRQ_ENTER, 0, 5, 0x41);
    SEE(10, 0, IRQ_ENTER, 0, 5, 0x41);
    ck_assert_uint_eq(irqsim_report_waits(report), 1);
    row(0, 5, IRQSIM_WAIT_IF, 0, 1, 10, 10);
    irqsim_report_free(report);
}
END_TEST

/* A nested entry ends: the outer line is still being handled, hence masked. */
START_TEST(an_outer_line_stays_masked)
{
    start();
    SEE(0, 0, IF, 0, 1);
    const uint64_t outer = SEE(0, IRQSIM_NO_CPU, LINE, 0, 4, 1);
    SEE(0, 0, PIC_INTA, outer, 0x34, 4);
    SEE(0, 0, IRQ_ENTER, 0, 4, 0x34);
    const uint64_t inner = SEE(0, IRQSIM_NO_CPU, LINE, 0, 3, 1);
    SEE(0, 0, PIC_INTA, inner, 0x33, 3);
    SEE(0, 0, IRQ_ENTER, 0, 3, 0x33);
    SEE(10, 0, IRQ_EXIT, 0, 3, 0x33);
    SEE(10, IRQSIM_NO_CPU, LINE, 0, 4, 0);
    const uint64_t again = SEE(10, IRQSIM_NO_CPU, LINE, 0, 4, 1);
    SEE(30, 0, IRQ_EXIT, 0, 4, 0x34);
    SEE(33, IRQSIM_NO_CPU, PIC_INT, again, 0, 1);
    SEE(33, 0, PIC_INTA, again, 0x34, 4);
    SEE(33, 0, IRQ_ENTER, 0, 4, 0x34);
    ck_assert_uint_eq(irqsim_report_waits(report), 2);
    row(0, 4, IRQSIM_WAIT_MASKED, 0, 1, 20, 20);
    row(1, 4, IRQSIM_WAIT_PRIORITY, 0, 1, 3, 3);
    irqsim_report_free(report);
}
END_TEST

/* A system vector is charged to itself; strangers' CPU numbers are ignored. */
START_TEST(vectors_wait_too)
{
    start();
    const uint64_t in = SEE(10, 0, MSG_ACCEPT, 0, 0xFD, 1);
    SEE(10, 77, MSG_ACCEPT, 0, 0xFD, 1);
    const uint64_t ack = SEE(25, 0, LAPIC_ACK, in, 0xFD);
    SEE(25, 0, VECTOR_ENTRY, SEE(25, 0, DELIVER, ack, 0xFD), 0xFD);
    ck_assert_uint_eq(irqsim_report_waits(report), 1);
    row(0, UINT32_MAX - 0xFD, IRQSIM_WAIT_IF, 0, 1, 15, 15);
    irqsim_report_free(report);
}
END_TEST

UNIT_MAIN("report_waits", UNIT_TEST(one_interrupt_behind_another),
          UNIT_TEST(coalesced_messages_wait_once), UNIT_TEST(lines_of_the_pic),
          UNIT_TEST(a_line_that_stays_high_is_measured_once),
          UNIT_TEST(a_forgotten_cause_is_unmeasured), UNIT_TEST(softirqs_and_works),
          UNIT_TEST(vectors_wait_too), UNIT_TEST(a_class_holds_back_itself_and_lower_ones),
          UNIT_TEST(many_pending_at_once), UNIT_TEST(waits_are_charged_once_and_to_the_right_one),
          UNIT_TEST(an_outer_line_stays_masked))
