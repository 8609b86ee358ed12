/* SPDX-License-Identifier: MIT */
/*
 * test_capture_pairs.c - who interrupted whom, who asked for what, how long
 *
 * Left the capture, right the list. Microseconds in, nanoseconds out.
 */
#include "capture_text.h"

#define AT(us, event)  "  app-7   [000] d.h1.  100.0000" us ": " event "\n"
#define ON1(us, event) "  app-8   [001] d.h1.  100.0000" us ": " event "\n"
#define KW(us, event)  "kworker/0:1-59 [000] .....  100.0000" us ": " event "\n"

#define IRQ_IN    "irq_handler_entry: irq=19 name=eth0"
#define IRQ_OUT   "irq_handler_exit: irq=19 ret=handled"
#define TIMER_IN  "local_timer_entry: vector=236"
#define TIMER_OUT "local_timer_exit: vector=236"
#define RX(what)  "softirq_" what ": vec=3 [action=NET_RX]"
#define QUEUE(p)                                                                                   \
    "workqueue_queue_work: work struct=" p " function=fn workqueue=q req_cpu=256 cpu=-1"
#define START(p) "workqueue_execute_start: work struct " p ": function fn"
#define END(p)   "workqueue_execute_end: work struct " p ": function fn"

START_TEST(imp_01_a_raise_belongs_to_the_interrupt_that_made_it)
{
    imports_as(AT("10", IRQ_IN) AT("12", RX("raise")) AT("14", IRQ_OUT) /**/
               AT("15", RX("entry")) AT("25", RX("exit")),              /**/
               "at 0 cpu 0 irq 19 takes 4000\n"
               "  raise NET_RX takes 10000\n");
}
END_TEST

START_TEST(imp_01_a_nested_interrupt_takes_its_own_time)
{
    const irqsim_import_stats_t s =
        imports_as(AT("10", IRQ_IN) AT("11", RX("raise")) AT("12", IRQ_OUT) /**/
                   AT("20", RX("entry"))                                    /**/
                   AT("30", TIMER_IN) AT("32", IRQ_IN) AT("36", IRQ_OUT) AT("40", TIMER_OUT)
                       AT("50", RX("exit")),
                   "at 0 cpu 0 irq 19 takes 2000\n"
                   "  raise NET_RX takes 20000\n"
                   "at 20000 cpu 0 vector local_timer takes 6000\n"
                   "at 22000 cpu 0 irq 19 takes 4000\n");
    ck_assert_uint_eq(s.unpaired, 0);
}
END_TEST

START_TEST(several_raises_one_execution_the_first_gets_its_time)
{
    imports_as(AT("10", IRQ_IN) AT("11", RX("raise")) AT("12", IRQ_OUT)     /**/
               AT("13", TIMER_IN) AT("14", RX("raise")) AT("15", TIMER_OUT) /**/
               AT("20", RX("entry")) AT("28", RX("exit")),
               "at 0 cpu 0 irq 19 takes 2000\n"
               "  raise NET_RX takes 8000\n"
               "at 3000 cpu 0 vector local_timer takes 2000\n"
               "  raise NET_RX takes 0\n");
}
END_TEST

START_TEST(a_softirq_that_raises_itself_is_its_own_child)
{
    imports_as(AT("10", IRQ_IN) AT("11", RX("raise")) AT("12", IRQ_OUT)         /**/
               AT("20", RX("entry")) AT("21", RX("raise")) AT("23", RX("exit")) /**/
               AT("24", RX("entry")) AT("29", RX("exit")),
               "at 0 cpu 0 irq 19 takes 2000\n"
               "  raise NET_RX takes 3000\n"
               "    raise NET_RX takes 5000\n");
}
END_TEST

START_TEST(raises_of_other_cpus_do_not_mix)
{
    imports_as(AT("10", IRQ_IN) AT("11", RX("raise")) AT("12", IRQ_OUT)        /**/
               ON1("13", TIMER_IN) ON1("14", RX("raise")) ON1("15", TIMER_OUT) /**/
               ON1("20", RX("entry")) AT("21", RX("entry"))                    /**/
               AT("24", RX("exit")) ON1("29", RX("exit")),
               "at 0 cpu 0 irq 19 takes 2000\n"
               "  raise NET_RX takes 3000\n"
               "at 3000 cpu 1 vector local_timer takes 2000\n"
               "  raise NET_RX takes 9000\n");
}
END_TEST

START_TEST(what_tasks_raise_and_queue_is_counted_only)
{
    const irqsim_import_stats_t s =
        imports_as(AT("10", IRQ_IN) AT("12", IRQ_OUT)          /**/
                   AT("20", RX("raise")) AT("21", QUEUE("0a")) /**/
                   AT("22", RX("entry")) AT("23", QUEUE("0b")) AT("29", RX("exit")),
                   "at 0 cpu 0 irq 19 takes 2000\n");
    ck_assert_uint_eq(s.task_raises, 1);
    ck_assert_uint_eq(s.task_works, 2);
    ck_assert_uint_eq(s.unfinished_works, 2);
    ck_assert_uint_eq(s.orphan_softirqs, 0);
}
END_TEST

START_TEST(an_execution_without_raise_goes_to_the_interrupt_just_before)
{
    const irqsim_import_stats_t s =
        imports_as(AT("10", IRQ_IN) AT("12", IRQ_OUT)          /**/
                   AT("61", RX("entry")) AT("62", RX("exit"))  /* 49 us after */
                   AT("62", RX("entry")) AT("63", RX("exit")), /* 50 us after */
                   "at 0 cpu 0 irq 19 takes 2000\n"
                   "  raise NET_RX takes 1000\n");
    ck_assert_uint_eq(s.orphan_softirqs, 2);
}
END_TEST

START_TEST(ft_10_handlers_of_a_shared_line_are_one_interrupt)
{
    imports_as(AT("10", "irq_handler_entry: irq=21 name=uhci_hcd:usb4")
                   AT("12", "irq_handler_exit: irq=21 ret=unhandled")
                       AT("13", "irq_handler_entry: irq=21 name=eth0") AT("14", RX("raise"))
                           AT("18", "irq_handler_exit: irq=21 ret=handled")
                               AT("20", "irq_handler_entry: irq=21 name=uhci_hcd:usb4")
                                   AT("21", "irq_handler_exit: irq=21 ret=handled"),
               "at 0 cpu 0 irq 21 takes 7000\n"
               "  raise NET_RX takes 0\n"
               "at 10000 cpu 0 irq 21 takes 1000\n");
}
END_TEST

START_TEST(ft_10_another_event_between_them_parts_them)
{
    imports_as(AT("10", "irq_handler_entry: irq=21 name=usb")
                   AT("12", "irq_handler_exit: irq=21 ret=unhandled")
                       AT("13", "sched_wakeup: comm=x pid=1 prio=120 target_cpu=000")
                           AT("14", "irq_handler_entry: irq=21 name=eth0")
                               AT("18", "irq_handler_exit: irq=21 ret=handled"),
               "at 0 cpu 0 irq 21 takes 2000\n"
               "at 4000 cpu 0 irq 21 takes 4000\n");
}
END_TEST

START_TEST(imp_04_lost_events_end_what_was_open)
{
    const irqsim_import_stats_t s =
        imports_as(AT("10", IRQ_IN) AT("11", RX("raise")) /**/
                   "CPU:0 [LOST 12 EVENTS]\n"             /**/
                   AT("20", IRQ_OUT) AT("21", RX("entry")) AT("24", RX("exit")),
                   "at 0 cpu 0 irq 19 takes 0\n"
                   "  raise NET_RX takes 0\n");
    ck_assert_uint_eq(s.lost_events, 12);
    ck_assert_uint_eq(s.unpaired, 2);
    ck_assert_uint_eq(s.orphan_softirqs, 1);
}
END_TEST

START_TEST(imp_04_lost_events_of_another_cpu_do_not_matter)
{
    imports_as(AT("10", IRQ_IN) "CPU:1 [LOST EVENTS]\n" AT("20", IRQ_OUT),
               "at 0 cpu 0 irq 19 takes 10000\n");
}
END_TEST

START_TEST(an_entry_without_exit_stays_with_no_time)
{
    const irqsim_import_stats_t s =
        imports_as(AT("10", RX("exit")) AT("11", IRQ_IN), "at 1000 cpu 0 irq 19 takes 0\n");
    ck_assert_uint_eq(s.unpaired, 2);
}
END_TEST

/* An exit is missing; what tasks do afterwards is not the interrupt's. */
START_TEST(an_interrupt_is_over_when_something_lower_runs)
{
    static const char *const lower[] = {
        AT("20", RX("entry")) AT("24", RX("exit")),
        KW("20", START("0a")),
        AT("20", "sched_switch: prev_pid=7 ==> next_comm=x next_pid=8 next_prio=120"),
        KW("20", END("0a")),
    };
    static const unsigned unpaired[] = {1, 2, 1, 2};

    for (int i = 0; i < 4; i++) {
        char text[1024];
        snprintf(text, sizeof(text), AT("10", IRQ_IN) "%s" AT("30", RX("raise")), lower[i]);
        const irqsim_import_stats_t s = imports_as(text, "at 0 cpu 0 irq 19 takes 0\n");
        ck_assert_uint_eq(s.unpaired, unpaired[i]);
        ck_assert_uint_eq(s.task_raises, 1);
    }
}
END_TEST

START_TEST(imp_04_nothing_is_adopted_across_lost_events)
{
    imports_as(AT("10", IRQ_IN) AT("12", IRQ_OUT) "CPU:0 [LOST EVENTS]\n" AT("13", RX("entry"))
                   AT("14", RX("exit")),
               "at 0 cpu 0 irq 19 takes 2000\n");
}
END_TEST

/* --- works --------------------------------------------------------------- */

START_TEST(tp_06_a_work_takes_its_execution_without_interrupts)
{
    imports_as(AT("10", IRQ_IN) AT("11", QUEUE("0a")) AT("12", IRQ_OUT)     /**/
               KW("20", START("0a"))                                        /**/
               KW("22", TIMER_IN) KW("23", RX("raise")) KW("25", TIMER_OUT) /**/
               KW("25", RX("entry")) KW("29", RX("exit"))                   /**/
               KW("40", END("0a")),
               "at 0 cpu 0 irq 19 takes 2000\n"
               "  queue fn#1 takes 13000\n"
               "at 12000 cpu 0 vector local_timer takes 3000\n"
               "  raise NET_RX takes 4000\n");
}
END_TEST

START_TEST(a_work_that_sleeps_takes_no_time)
{
    imports_as(AT("10", IRQ_IN) AT("11", QUEUE("0a")) AT("12", IRQ_OUT) /**/
               KW("20", START("0a"))                                    /**/
               KW("25", "sched_switch: prev_comm=kworker/0:1 prev_pid=59 prev_prio=120 "
                        "prev_state=D ==> next_comm=app next_pid=7 next_prio=120") /**/
               AT("27", IRQ_IN) AT("29", IRQ_OUT)                                  /**/
               AT("30", "sched_switch: app:7 [120] S ==> kworker/0:1:59 [120]")    /* TC-03 */
               KW("31", END("0a")),
               "at 0 cpu 0 irq 19 takes 2000\n"
               "  queue fn#1 takes 6000\n"
               "at 17000 cpu 0 irq 19 takes 2000\n");
}
END_TEST

START_TEST(a_work_queued_again_before_it_starts_runs_once)
{
    const irqsim_import_stats_t s =
        imports_as(AT("10", IRQ_IN) AT("11", QUEUE("0a")) AT("12", QUEUE("0b")) /**/
                   AT("13", QUEUE("0a")) AT("14", IRQ_OUT)                      /**/
                   KW("20", START("0a")) KW("25", END("0a")),
                   "at 0 cpu 0 irq 19 takes 4000\n"
                   "  queue fn#1 takes 5000\n"
                   "  queue fn#2 takes 0\n"
                   "  queue fn#1 takes 0\n");
    ck_assert_uint_eq(s.unfinished_works, 1);
}
END_TEST

START_TEST(works_without_queueing_and_without_end_are_counted)
{
    const irqsim_import_stats_t s = imports_as(AT("10", IRQ_IN) AT("14", IRQ_OUT)
                                                   KW("20", START("0a")) KW("25", END("0b")), /**/
                                               "at 0 cpu 0 irq 19 takes 4000\n");
    ck_assert_uint_eq(s.orphan_works, 1);
    ck_assert_uint_eq(s.unpaired, 2);
}
END_TEST

START_TEST(imp_04_lost_events_spoil_the_work_that_ran_there)
{
    const irqsim_import_stats_t s =
        imports_as(AT("10", IRQ_IN) AT("11", QUEUE("0a")) AT("12", IRQ_OUT) /**/
                   KW("20", START("0a")) "CPU:0 [LOST EVENTS]\n" KW("29", END("0a")),
                   "at 0 cpu 0 irq 19 takes 2000\n"
                   "  queue fn#1 takes 0\n");
    ck_assert_uint_eq(s.unpaired, 2);
}
END_TEST

START_TEST(imp_04_a_work_that_moved_away_is_whole)
{
    imports_as(AT("10", IRQ_IN) AT("11", QUEUE("0a")) AT("12", IRQ_OUT)                   /**/
               KW("20", START("0a")) KW("22", "sched_switch: prev_pid=59 ==> next_pid=7") /**/
               ON1("23", "sched_switch: prev_pid=8 ==> next_comm=kw next_pid=59")         /**/
               "CPU:0 [LOST EVENTS]\n"                                                    /**/
               "kworker/0:1-59 [001] .....  100.000027: " END("0a") "\n",
               "at 0 cpu 0 irq 19 takes 2000\n"
               "  queue fn#1 takes 6000\n");
}
END_TEST

/* --- limits -------------------------------------------------------------- */

START_TEST(a_chain_without_end_goes_on_side_by_side)
{
    const unsigned raises = IRQSIM_ARRIVALS_DEPTH_MAX + 45;
    char *text = calloc(raises + 4, 512);
    irqsim_arrivals_t *list;
    size_t n = (size_t)sprintf(text, AT("10", IRQ_IN) AT("10", RX("raise")) AT("10", IRQ_OUT));

    for (unsigned i = 1; i < raises; i++)
        n += (size_t)sprintf(text + n,
                             AT("20", RX("entry")) AT("20", RX("raise")) AT("20", RX("exit")));
    ck_assert_int_eq(irqsim_import_bytes("t", text, n, NULL, &list, NULL), IRQSIM_OK);
    ck_assert_uint_eq(list->n_records, raises + 1);
    ck_assert_uint_eq(list->record[IRQSIM_ARRIVALS_DEPTH_MAX].depth, IRQSIM_ARRIVALS_DEPTH_MAX);
    ck_assert_uint_eq(list->record[raises].depth, IRQSIM_ARRIVALS_DEPTH_MAX);
    irqsim_arrivals_free(list);
    free(text);
}
END_TEST

UNIT_MAIN("capture_pairs", UNIT_TEST(imp_01_a_raise_belongs_to_the_interrupt_that_made_it),
          UNIT_TEST(imp_01_a_nested_interrupt_takes_its_own_time),
          UNIT_TEST(several_raises_one_execution_the_first_gets_its_time),
          UNIT_TEST(a_softirq_that_raises_itself_is_its_own_child),
          UNIT_TEST(raises_of_other_cpus_do_not_mix),
          UNIT_TEST(what_tasks_raise_and_queue_is_counted_only),
          UNIT_TEST(an_execution_without_raise_goes_to_the_interrupt_just_before),
          UNIT_TEST(ft_10_handlers_of_a_shared_line_are_one_interrupt),
          UNIT_TEST(ft_10_another_event_between_them_parts_them),
          UNIT_TEST(imp_04_lost_events_end_what_was_open),
          UNIT_TEST(imp_04_lost_events_of_another_cpu_do_not_matter),
          UNIT_TEST(an_entry_without_exit_stays_with_no_time),
          UNIT_TEST(an_interrupt_is_over_when_something_lower_runs),
          UNIT_TEST(imp_04_nothing_is_adopted_across_lost_events),
          UNIT_TEST(imp_04_a_work_that_moved_away_is_whole),
          UNIT_TEST(tp_06_a_work_takes_its_execution_without_interrupts),
          UNIT_TEST(a_work_that_sleeps_takes_no_time),
          UNIT_TEST(a_work_queued_again_before_it_starts_runs_once),
          UNIT_TEST(works_without_queueing_and_without_end_are_counted),
          UNIT_TEST(imp_04_lost_events_spoil_the_work_that_ran_there),
          UNIT_TEST(a_chain_without_end_goes_on_side_by_side))
