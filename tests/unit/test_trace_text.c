/* SPDX-License-Identifier: MIT */
/* test_trace_text.c - events as lines of text */
#include <string.h>

#include <irqsim/apic_msg.h>
#include <irqsim/deliver.h>
#include <irqsim/regs/lapic_regs.h>
#include <irqsim/trace.h>

#include "unit.h"

static const char *namer(void *user, const char *kind, uint32_t n)
{
    (void)user;
    if (strcmp(kind, "name") == 0 && n == 1)
        return "BLOCK";
    if (strcmp(kind, "address") == 0 && n == 0x8048009)
        return "div0";
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
     "    0.000000000 [000] #3 deliver: vector=0x31 kind=external saved=0x101230"},
    {{.seq = 4, .id = 63, .arg = {1, 2, 3}},
     "    0.000000000 [000] #4 event_63: arg1=1 arg2=2 arg3=3"},
    {{.seq = 5, .id = IRQSIM_EV_WORK_END, .arg = {9, 2, 0}},
     "    0.000000000 [000] #5 work_end: work=9 name=2"},
    {{.seq = 6, .id = IRQSIM_EV_IPI_SEND, .cpu = 1, .arg = {0xFC, 3, 0}},
     "    0.000000000 [001] #6 ipi_send: vector=0xfc target=3"},
    {{.seq = 7, .id = IRQSIM_EV_IPI_SEND, .cpu = 1, .arg = {0xFB, IRQSIM_OTHER_CPUS, 0}},
     "    0.000000000 [001] #7 ipi_send: vector=0xfb target=others"},
    {{.seq = 8, .id = IRQSIM_EV_MSG_SEND, .cpu = IRQSIM_NO_CPU, .arg = {0xFB, 0, UINT32_MAX}},
     "    0.000000000 [---] #8 msg_send: vector=0xfb mode=fixed dest=0xffffffff"},
};

/* Each form of an argument, in the event that is about it: "name: arguments". */
static const line_case_t forms[] = {
    {{.id = IRQSIM_EV_SWITCH, .arg = {1, 2, 'X'}}, "switch: prev=1 next=ksoftirqd/0 prev_state=X"},
    {{.id = IRQSIM_EV_SYS_EXIT, .arg = {3, 2, UINT32_MAX - 13}}, "sys_exit: nr=3 name=2 ret=-14"},
    {{.id = IRQSIM_EV_INSN, .arg = {0x8048009, 0x804800B}},
     "insn: eip=0x8048009 <div0> behind=0x804800b"},
    /* vectors and kinds: a fault, a trap, an abort; what is no exception has a number */
    {{.id = IRQSIM_EV_DELIVER, .arg = {0, 2, 0x8048009}}, "deliver: vector=#DE kind=fault saved=0x8048009 <div0>"},
    {{.id = IRQSIM_EV_DELIVER, .arg = {8, 2, 1}}, "deliver: vector=#DF kind=abort saved=0x1"},
    {{.id = IRQSIM_EV_DELIVER, .arg = {9, 2, 1}}, "deliver: vector=0x9 kind=fault saved=0x1"},
    {{.id = IRQSIM_EV_DELIVER, .arg = {2, 1, 1}}, "deliver: vector=NMI kind=nmi saved=0x1"},
    {{.id = IRQSIM_EV_DELIVER, .arg = {3, 3, 1}}, "deliver: vector=0x3 kind=software saved=0x1"},
    {{.id = IRQSIM_EV_DELIVER, .arg = {1, 4, 1}}, "deliver: vector=#DB kind=trap saved=0x1"},
    {{.id = IRQSIM_EV_DELIVER, .arg = {3, 5, 1}}, "deliver: vector=#BP kind=trap saved=0x1"},
    {{.id = IRQSIM_EV_DELIVER, .arg = {4, 6, 1}}, "deliver: vector=#OF kind=trap saved=0x1"},
    {{.id = IRQSIM_EV_DELIVER, .arg = {14, 0, 1}}, "deliver: vector=0xe kind=external saved=0x1"},
    {{.id = IRQSIM_EV_DELIVER, .arg = {32, 2, 1}}, "deliver: vector=0x20 kind=exception saved=0x1"},
    {{.id = IRQSIM_EV_DELIVER, .arg = {14, 99, 1}}, "deliver: vector=0xe kind=99 saved=0x1"},
    /* what failed, and error codes of selectors (CPU-23) */
    {{.id = IRQSIM_EV_ESCALATE, .arg = {13, 3, 0x200}}, "escalate: raised=#GP error=0x3 (IDT 0, EXT) during=#DE"},
    {{.id = IRQSIM_EV_ESCALATE, .arg = {13, 0x10A, 0x321}}, "escalate: raised=#GP error=0x10a (IDT 0x21) during=software 0x21"},
    {{.id = IRQSIM_EV_ESCALATE, .arg = {11, 0x18, 0x31}}, "escalate: raised=#NP error=0x18 (GDT 0x3) during=external 0x31"},
    {{.id = IRQSIM_EV_ESCALATE, .arg = {10, 0x2D, 0x102}}, "escalate: raised=#TS error=0x2d (LDT 0x5, EXT) during=NMI"},
    {{.id = IRQSIM_EV_ESCALATE, .arg = {12, 0, 0x503}}, "escalate: raised=#SS error=0 during=#BP"},
    {{.id = IRQSIM_EV_ESCALATE, .arg = {14, 6, 0x6300}}, "escalate: raised=#PF error=0x6 (user write, no page) during=0x6300"},
    {{.id = IRQSIM_EV_SHUTDOWN, .arg = {1, 0x8048009}}, "shutdown: reason=triple fault eip=0x8048009 <div0>"},
    {{.id = IRQSIM_EV_SHUTDOWN, .arg = {2, 0x5000}}, "shutdown: reason=bus error eip=0x5000"},
    /* page faults (CPU-24) */
    {{.id = IRQSIM_EV_EXC_ENTRY, .arg = {14, 1, 0}}, "exception_entry: vector=#PF name=BLOCK error=0 (kernel read, no page)"},
    {{.id = IRQSIM_EV_EXC_ENTRY, .arg = {17, 1, 0}}, "exception_entry: vector=#AC name=BLOCK error=0"},
    {{.id = IRQSIM_EV_PAGE_FAULT_USER, .arg = {1, 2, 7}}, "page_fault_user: address=0x1 eip=0x2 error=0x7 (user write, not allowed)"},
    {{.id = IRQSIM_EV_PT_REGS, .arg = {2, 0x1B, 0x10302}}, "pt_regs: eip=0x2 cs=0x1b eflags=0x10302 (TF IF RF)"},
    {{.id = IRQSIM_EV_PT_REGS, .arg = {2, 0x1B, 2}}, "pt_regs: eip=0x2 cs=0x1b eflags=0x2"},
    /* signals */
    {{.id = IRQSIM_EV_SIGNAL_GENERATE, .arg = {8, 1, 1}}, "signal_generate: sig=8 name=BLOCK code=FPE_INTDIV"},
    {{.id = IRQSIM_EV_SIGNAL_GENERATE, .arg = {11, 1, 1}}, "signal_generate: sig=11 name=BLOCK code=SEGV_MAPERR"},
    {{.id = IRQSIM_EV_SIGNAL_GENERATE, .arg = {11, 1, 0x80}}, "signal_generate: sig=11 name=BLOCK code=SI_KERNEL"},
    {{.id = IRQSIM_EV_SIGNAL_GENERATE, .arg = {11, 1, 99}}, "signal_generate: sig=11 name=BLOCK code=99"},
    {{.id = IRQSIM_EV_SIGNAL_DELIVER, .arg = {8, 1, 0}}, "signal_deliver: sig=8 name=BLOCK handler=SIG_DFL"},
    {{.id = IRQSIM_EV_SIGNAL_DELIVER, .arg = {8, 1, 0x804B200}}, "signal_deliver: sig=8 name=BLOCK handler=0x804b200"},
    {{.id = IRQSIM_EV_TASK_EXIT, .arg = {1, 0x8B}}, "task_exit: task=1 code=0x8b (signal 11, core dumped)"},
    {{.id = IRQSIM_EV_TASK_EXIT, .arg = {1, 10}}, "task_exit: task=1 code=0xa (signal 10)"},
    {{.id = IRQSIM_EV_TASK_EXIT, .arg = {1, 0x300}}, "task_exit: task=1 code=0x300 (exit 3)"},
    /* messages */
    {{.id = IRQSIM_EV_MSG_SEND, .arg = {0x31, 0, 1}}, "msg_send: vector=0x31 mode=fixed dest=0x1"},
    {{.id = IRQSIM_EV_MSG_SEND, .arg = {0x9A, 6, 1}}, "msg_send: vector=0x9a mode=startup dest=0x1"},
    {{.id = IRQSIM_EV_MSG_SEND, .arg = {0x9A, 3, 1}}, "msg_send: vector=0x9a mode=3 dest=0x1"},
    {{.id = IRQSIM_EV_MSG_REFUSED, .arg = {5, 3}}, "msg_refused: vector=0x5 reason=illegal"},
};
/* clang-format on */

enum { FORMS = sizeof(forms) / sizeof(forms[0]) };
enum { CASES = sizeof(golden) / sizeof(golden[0]) };

START_TEST(lines_are_golden)
{
    char buf[200];

    const int n = irqsim_event_text(buf, sizeof(buf), &golden[_i].ev, namer, NULL);
    ck_assert_str_eq(buf, golden[_i].text);
    ck_assert_int_eq(n, (int)strlen(golden[_i].text));
}
END_TEST

START_TEST(arguments_are_printed_by_their_form)
{
    char buf[200];

    irqsim_event_text(buf, sizeof(buf), &forms[_i].ev, namer, NULL);
    ck_assert_str_eq(buf + strlen("    0.000000000 [000] #0 "), forms[_i].text);
}
END_TEST

/* Words stand for the values of the library's own enumerations. */
START_TEST(words_of_the_catalogue_are_those_of_the_library)
{
    ck_assert_str_eq(irqsim_event_word(IRQSIM_ARG_KIND, IRQSIM_KIND_EXTERNAL), "external");
    ck_assert_str_eq(irqsim_event_word(IRQSIM_ARG_KIND, IRQSIM_KIND_EXCEPTION), "exception");
    ck_assert_str_eq(irqsim_event_word(IRQSIM_ARG_KIND, IRQSIM_KIND_INTO), "into");
    ck_assert_str_eq(irqsim_event_word(IRQSIM_ARG_MODE, LAPIC_DM_LOWEST >> LAPIC_DM_SHIFT),
                     "lowest");
    ck_assert_str_eq(irqsim_event_word(IRQSIM_ARG_MODE, LAPIC_DM_EXTINT >> LAPIC_DM_SHIFT),
                     "extint");
    ck_assert_str_eq(irqsim_event_word(IRQSIM_ARG_FATE, IRQSIM_APIC_NOBODY), "nobody");
    ck_assert_str_eq(irqsim_event_word(IRQSIM_ARG_FATE, IRQSIM_APIC_RETRY), "retry");
    ck_assert_str_eq(irqsim_event_word(IRQSIM_ARG_DELIVERED, IRQSIM_DELIVERED_SHUTDOWN),
                     "triple fault");
    ck_assert_str_eq(irqsim_event_word(IRQSIM_ARG_DELIVERED, IRQSIM_DELIVERED_BUS_ERROR),
                     "bus error");
    ck_assert_ptr_null(irqsim_event_word(IRQSIM_ARG_KIND, 7));
    ck_assert_ptr_null(irqsim_event_word(IRQSIM_ARG_NUM, 0));
}
END_TEST

/* Every argument has a name and a form, or neither. */
START_TEST(the_catalogue_is_complete)
{
    unsigned events = 0;

    for (unsigned id = 0; id < IRQSIM_EV_LIMIT; id++) {
        const irqsim_event_info_t *info = irqsim_event_info(id);

        events += info != NULL;
        for (unsigned a = 0; info && a < 3; a++)
            ck_assert_int_eq(strcmp(info->arg[a].name, "-") == 0,
                             info->arg[a].form == IRQSIM_ARG_NONE);
    }
    ck_assert_uint_gt(events, 50);
    ck_assert_ptr_null(irqsim_event_info(IRQSIM_EV_LIMIT));
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
          UNIT_LOOP(arguments_are_printed_by_their_form, 0, FORMS),
          UNIT_TEST(words_of_the_catalogue_are_those_of_the_library),
          UNIT_TEST(the_catalogue_is_complete), UNIT_TEST(without_a_namer_numbers_are_printed),
          UNIT_TEST(short_buffers_are_cut))
