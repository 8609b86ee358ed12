/* SPDX-License-Identifier: MIT */
/* test_capture_forms.c - the shapes of a line in ftrace, perf and trace-cmd text */
#include "capture_text.h"

#define ENTRY "irq_handler_entry: irq=19 name=eth0"
#define EXIT  "irq_handler_exit: irq=19 ret=handled"

/* One interrupt in whatever shape; CPU 1, from .500001 to .500009. */
static const struct {
    const char *rule, *entry, *exit, *form;
} shape[] = {
    {"FT-01 five flags", "          <idle>-0       [001] d.h1.  1234.500001: " ENTRY,
     "          <idle>-0       [001] d.h1.  1234.500009: " EXIT, "ftrace"},
    {"FT-02 older, four flags", "            sshd-1995  [001] d.h1   138.500001: " ENTRY,
     "            sshd-1995  [001] d.h1   138.500009: " EXIT, "ftrace"},
    {"FT-01 tgid", "     kworker/0:1-59      (-------) [001] d.h1.  1234.500001: " ENTRY,
     "     kworker/0:1-59      (    59) [001] d.h1.  1234.500009: " EXIT, "ftrace"},
    {"FT-03 dashes and spaces", "  irq/19-eth0-412 [001] d.h1.  1234.500001: " ENTRY,
     "  my app-1 [2]-412 [001] d.h1.  1234.500009: " EXIT, "ftrace"},
    {"FT-04 no flags", "          <idle>-0       [001]  1234.500001: " ENTRY,
     "          <idle>-0       [001]  1234.500009: " EXIT, "ftrace"},
    {"PS-01 perf", "         swapper     0 [001]  1234.500001:   irq:" ENTRY,
     "         swapper     0 [001]  1234.500009:    irq:" EXIT, "perf"},
    {"PS-01 perf pid/tid --ns", "     my app 412/413   [001]  1234.500001000:   irq:" ENTRY,
     "     my app 412/413   [001]  1234.500009000:    irq:" EXIT, "perf"},
    {"TC-01 trace-cmd",
     "cpus=2\n          <idle>-0     [001] 1234.500001: irq_handler_entry:    irq=19 name=eth0",
     "          <idle>-0     [001] 1234.500009: irq_handler_exit:     irq=19 ret=handled",
     "trace-cmd"},
    {"TC-02 trace-cmd flags",
     "cpus=2\n          <idle>-0     [001] d..2. 1234.500001000: irq_handler_entry: irq=19 "
     "name=eth0",
     "          <idle>-0     [001] d..2. 1234.500009000: irq_handler_exit:     irq=19 "
     "ret=handled",
     "trace-cmd"},
};
#define SHAPES ((int)(sizeof(shape) / sizeof(shape[0])))

START_TEST(every_shape_says_the_same)
{
    static const char *const ends[] = {"\n", "\r\n"};

    for (int i = 0; i < 2; i++) {
        char text[1024], origin[32];
        irqsim_arrivals_t *list;

        snprintf(text, sizeof(text), "%s%s%s", shape[_i].entry, ends[i], shape[_i].exit);
        imports_as(text, "at 0 cpu 1 irq 19 takes 8000\n");
        ck_assert_int_eq(irqsim_import_bytes("d/t", text, strlen(text), NULL, &list, NULL),
                         IRQSIM_OK);
        snprintf(origin, sizeof(origin), "%s t", shape[_i].form);
        ck_assert_msg(strcmp(list->origin, origin) == 0, "%s: %s", shape[_i].rule, list->origin);
        ck_assert_str_eq(list->name[list->irq[0].name], "eth0");
        irqsim_arrivals_free(list);
    }
}
END_TEST

#define LINE(event) "  app-7   [000] d.h1.  100.000010: " event "\n"

START_TEST(ft_06_comments_and_ft_07_marks_are_no_bad_lines)
{
    const irqsim_import_stats_t s =
        imports_as("# tracer: nop\n#\n# entries-in-buffer/entries-written: 1/1   #P:4\n\n"
                   "##### CPU 1 buffer started ####\n"
                   "CPU:1 [LOST EVENTS]\nCPU:1 [LOST 5 EVENTS]\n"
                   "CPU:1 [EVENTS DROPPED]\nCPU:1 [7 EVENTS DROPPED]\n" /* TC-03 */
                   " => handle_irq\n" LINE(ENTRY),
                   "at 0 cpu 0 irq 19 takes 0\n");
    ck_assert_uint_eq(s.comments, 10);
    ck_assert_uint_eq(s.bad_lines, 0);
    ck_assert_uint_eq(s.lost_events, 14);
}
END_TEST

START_TEST(ft_06_the_header_knows_cpus_without_events)
{
    static const char *const text[] = {
        "# entries-in-buffer/entries-written: 1/1   #P:4\n" LINE(ENTRY), "cpus=4\n" LINE(ENTRY)};
    for (int i = 0; i < 2; i++) {
        irqsim_arrivals_t *list;
        ck_assert_int_eq(irqsim_import_bytes("t", text[i], strlen(text[i]), NULL, &list, NULL),
                         IRQSIM_OK);
        ck_assert_uint_eq(list->cpus, 4);
        irqsim_arrivals_free(list);
    }
}
END_TEST

START_TEST(ps_02_call_chains_belong_to_their_event)
{
    const irqsim_import_stats_t s =
        imports_as("         swapper     0 [001]  1234.500001:   irq:" ENTRY "\n"
                   "\tffffffff81000000 handle_irq ([kernel.kallsyms])\n\n",
                   "at 0 cpu 1 irq 19 takes 0\n");
    ck_assert_uint_eq(s.comments, 2);
}
END_TEST

START_TEST(ft_08_arrivals_of_several_cpus_are_sorted)
{
    const irqsim_import_stats_t s = imports_as("  app-7   [000] d.h1.  100.000010: " ENTRY "\n"
                                               "  app-8   [001] d.h1.  100.000008: " ENTRY "\n"
                                               "  app-8   [001] d.h1.  100.000009: " EXIT "\n"
                                               "  app-7   [000] d.h1.  100.000012: " EXIT "\n",
                                               "at 0 cpu 1 irq 19 takes 1000\n"
                                               "at 2000 cpu 0 irq 19 takes 2000\n");
    ck_assert_uint_eq(s.backwards, 0);
}
END_TEST

START_TEST(ft_08_equal_times_stay_as_recorded)
{
    imports_as("  app-8   [001] d.h1.  100.000008: " ENTRY "\n"
               "  app-7   [000] d.h1.  100.000008: " ENTRY "\n",
               "at 0 cpu 1 irq 19 takes 0\n"
               "at 0 cpu 0 irq 19 takes 0\n");
}
END_TEST

START_TEST(ft_09_a_clock_that_counts_is_refused_with_a_hint)
{
    static const char text[] = "  app-7   [000] d.h1.  100000010: " ENTRY "\n";
    told_t told = {.count = 0};
    irqsim_arrivals_t *list;

    ck_assert_int_eq(irqsim_import_bytes("t", text, strlen(text),
                                         &(irqsim_diag_sink_t){tell, &told}, &list, NULL),
                     IRQSIM_E_FORMAT);
    ck_assert_ptr_null(list);
    ck_assert_ptr_nonnull(strstr(told.text, "trace_clock"));
}
END_TEST

START_TEST(imp_02_softirqs_are_known_by_action_not_by_number)
{
    imports_as(LINE(ENTRY) LINE("softirq_raise: vec=5 [action=TASKLET]")
                   LINE("softirq_raise: vec=5") LINE("softirq_raise: vec=31"),
               "at 0 cpu 0 irq 19 takes 0\n"
               "  raise TASKLET takes 0\n"
               "  raise IRQ_POLL takes 0\n");
}
END_TEST

START_TEST(imp_03_vectors_are_known_by_name_not_by_number)
{
    static const char *const name[] = {
        "local_timer",    "spurious_apic", "error_apic",         "x86_platform_ipi",
        "irq_work",       "reschedule",    "call_function",      "call_function_single",
        "threshold_apic", "thermal_apic",  "deferred_error_apic"};
    for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
        char text[256], expected[128];

        snprintf(text, sizeof(text),
                 "  a-7 [000] d.h1.  1.000010: %s_entry: vector=1\n"
                 "  a-7 [000] d.h1.  1.000012: %s_exit: vector=2\n",
                 name[i], name[i]);
        snprintf(expected, sizeof(expected), "at 0 cpu 0 vector %s takes 2000\n", name[i]);
        imports_as(text, expected);
    }
}
END_TEST

START_TEST(imp_06_names_keep_inner_and_lose_trailing_spaces)
{
    imports_as(LINE("irq_handler_entry: irq=19 name=my card  ")
                   LINE("workqueue_queue_work: work struct=0a function=fn workqueue=q "),
               "at 0 cpu 0 irq 19 takes 0\n"
               "  queue fn#1 takes 0\n");
}
END_TEST

START_TEST(events_of_other_business_are_ignored_and_counted)
{
    const irqsim_import_stats_t s =
        imports_as(LINE(ENTRY) LINE("sched_wakeup: comm=x pid=1 prio=120 target_cpu=000")
                       LINE("trace_hardirqs_on <-_raw_spin_unlock") LINE("print:"),
                   "at 0 cpu 0 irq 19 takes 0\n");
    ck_assert_uint_eq(s.events, 4);
    ck_assert_uint_eq(s.ignored, 3);
}
END_TEST

START_TEST(an_event_without_its_fields_is_a_bad_line)
{
    static const char *const poor[] = {
        "irq_handler_entry: irq=19",      "irq_handler_entry: name=eth0",
        "irq_handler_entry: irq=x name=", "irq_handler_exit: ret=handled",
        "softirq_raise: action=RCU",      "softirq_entry: vec=32 [action=RCU]",
        "workqueue_queue_work: struct=0", "workqueue_execute_start: work struct",
        "sched_switch: prev_pid=7",       "irq_handler_exit: irq=99999999999999999999",
    };
    for (size_t i = 0; i < sizeof(poor) / sizeof(poor[0]); i++) {
        char text[512];
        snprintf(text, sizeof(text), LINE(ENTRY) LINE("%s"), poor[i]);
        const irqsim_import_stats_t s = imports_as(text, "at 0 cpu 0 irq 19 takes 0\n");
        ck_assert_msg(s.bad_lines == 1 && s.events == 1, "%s", poor[i]);
    }
}
END_TEST

UNIT_MAIN("capture_forms", UNIT_LOOP(every_shape_says_the_same, 0, SHAPES),
          UNIT_TEST(ft_06_comments_and_ft_07_marks_are_no_bad_lines),
          UNIT_TEST(ft_06_the_header_knows_cpus_without_events),
          UNIT_TEST(ps_02_call_chains_belong_to_their_event),
          UNIT_TEST(ft_08_arrivals_of_several_cpus_are_sorted),
          UNIT_TEST(ft_08_equal_times_stay_as_recorded),
          UNIT_TEST(ft_09_a_clock_that_counts_is_refused_with_a_hint),
          UNIT_TEST(imp_02_softirqs_are_known_by_action_not_by_number),
          UNIT_TEST(imp_03_vectors_are_known_by_name_not_by_number),
          UNIT_TEST(imp_06_names_keep_inner_and_lose_trailing_spaces),
          UNIT_TEST(events_of_other_business_are_ignored_and_counted),
          UNIT_TEST(an_event_without_its_fields_is_a_bad_line))
