/* SPDX-License-Identifier: MIT */
/* test_trace_text.c - events as lines of text */
#include <string.h>

#include <irqsim/trace.h>

#include "unit.h"

static const char *namer(void *user, const char *kind, uint32_t n)
{
    (void)user;
    if (strcmp(kind, "name") == 0 && n == 1)
        return "BLOCK";
    return strcmp(kind, "next") == 0 ? "ksoftirqd/0" : NULL;
}

typedef struct line_case {
    irqsim_event_t ev;
    const char *text;
} line_case_t;

/* clang-format off */
static const line_case_t golden[] = {
    {{.time = UINT64_C(12345678901999), .seq = 17, .cause = 12, .id = IRQSIM_EV_SOFTIRQ_RAISE, .cpu = 1, .arg = {4, 1, 1}},
     "   12.345678901 [001] #17 <-12 softirq_raise: vec=4 name=BLOCK pending=1"},
    {{.time = 0, .seq = 1, .id = IRQSIM_EV_HALT, .cpu = 0},
     "    0.000000000 [000] #1 halt"},
    {{.time = 1000, .seq = 2, .id = IRQSIM_EV_LINE, .cpu = IRQSIM_NO_CPU, .arg = {11, 1, 3}},
     "    0.000000001 [---] #2 line: line=11 level=1 device=3"},
    {{.time = UINT64_MAX, .seq = UINT64_MAX, .cause = 1, .id = IRQSIM_EV_SWITCH, .cpu = 254, .arg = {1, 2, 0}},
     "18446744.073709551 [254] #18446744073709551615 <-1 switch: prev=1 next=ksoftirqd/0 prev_state=0"},
    {{.seq = 3, .id = IRQSIM_EV_DELIVER, .arg = {0x31, 0, 0x101230}},
     "    0.000000000 [000] #3 deliver: vector=49 kind=0 eip=0x101230"},
    {{.seq = 4, .id = 63, .arg = {1, 2, 3}},
     "    0.000000000 [000] #4 event_63: arg1=1 arg2=2 arg3=3"},
    {{.seq = 5, .id = IRQSIM_EV_WORK_END, .arg = {9, 2, 0}},
     "    0.000000000 [000] #5 work_end: work=9 name=2"},
    {{.seq = 6, .id = IRQSIM_EV_IPI_SEND, .cpu = 1, .arg = {0xFC, 3, 0}},
     "    0.000000000 [001] #6 ipi_send: vector=252 target=3"},
    {{.seq = 7, .id = IRQSIM_EV_IPI_SEND, .cpu = 1, .arg = {0xFB, IRQSIM_OTHER_CPUS, 0}},
     "    0.000000000 [001] #7 ipi_send: vector=251 target=others"},
    {{.seq = 8, .id = IRQSIM_EV_MSG_SEND, .cpu = IRQSIM_NO_CPU, .arg = {0xFB, 0, UINT32_MAX}},
     "    0.000000000 [---] #8 msg_send: vector=251 mode=0 dest=4294967295"},
};
/* clang-format on */

enum { CASES = sizeof(golden) / sizeof(golden[0]) };

START_TEST(lines_are_golden)
{
    char buf[200];

    const int n = irqsim_event_text(buf, sizeof(buf), &golden[_i].ev, namer, NULL);
    ck_assert_str_eq(buf, golden[_i].text);
    ck_assert_int_eq(n, (int)strlen(golden[_i].text));
}
END_TEST

START_TEST(without_a_namer_numbers_are_printed)
{
    char buf[200];

    irqsim_event_text(buf, sizeof(buf), &golden[0].ev, NULL, NULL);
    ck_assert_str_eq(buf, "   12.345678901 [001] #17 <-12 softirq_raise: vec=4 name=1 pending=1");
}
END_TEST

/* As snprintf: never past the buffer, always the full length. */
START_TEST(short_buffers_are_cut)
{
    const char *text = golden[0].text;
    const int length = (int)strlen(text);

    ck_assert_int_eq(irqsim_event_text(NULL, 0, &golden[0].ev, namer, NULL), length);
    for (size_t size = 1; size <= strlen(text) + 1; size++) {
        char *buf = malloc(size);
        ck_assert_int_eq(irqsim_event_text(buf, size, &golden[0].ev, namer, NULL), length);
        ck_assert_uint_eq(strlen(buf), size - 1);
        ck_assert_mem_eq(buf, text, size - 1);
        free(buf);
    }
}
END_TEST

UNIT_MAIN("trace_text", UNIT_LOOP(lines_are_golden, 0, CASES),
          UNIT_TEST(without_a_namer_numbers_are_printed), UNIT_TEST(short_buffers_are_cut))
