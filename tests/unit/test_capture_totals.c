/* SPDX-License-Identifier: MIT */
/* test_capture_totals.c - softirqs of the recorded machine, whoever asked for them */
#include "capture_text.h"

#define IRQ_IN   " app-7 [001] d.h.. 1.000010: irq_handler_entry: irq=36 name=disk\n"
#define IRQ_OUT  " app-7 [001] d.h.. 1.000012: irq_handler_exit: irq=36 ret=handled\n"
#define RAISE    " app-7 [001] d.h.. 1.000011: softirq_raise: vec=4 [action=BLOCK]\n"
#define RUN      " app-7 [001] ..s.. 1.000020: softirq_entry: vec=4 [action=BLOCK]\n"
#define DONE     " app-7 [001] ..s.. 1.000030: softirq_exit: vec=4 [action=BLOCK]\n"
#define LATE_RUN " app-7 [001] ..s.. 1.900000: softirq_entry: vec=4 [action=BLOCK]\n"

/* What became of raises and executions, as the list's line says. */
static const struct {
    const char *capture, *line;
} story[] = {
    {IRQ_IN RAISE IRQ_OUT RUN DONE, "softirq BLOCK raised 1 executed 0 1\n"},
    {IRQ_IN RAISE RAISE IRQ_OUT RUN DONE, "softirq BLOCK raised 2 executed 0 1\n"},
    {IRQ_IN RAISE IRQ_OUT, "softirq BLOCK raised 1 executed 0 0\n"},
    {RAISE RUN DONE, "softirq BLOCK raised 1 executed 0 1 tasks 1\n"},
    {RAISE IRQ_IN RAISE IRQ_OUT RUN DONE, "softirq BLOCK raised 2 executed 0 1\n"},
    {RAISE RUN RAISE DONE RUN DONE, "softirq BLOCK raised 2 executed 0 2 tasks 2\n"},
    {IRQ_IN IRQ_OUT RUN DONE, "softirq BLOCK raised 0 executed 0 1\n"}, /* adopted: a record */
    {IRQ_IN IRQ_OUT LATE_RUN, "softirq BLOCK raised 0 executed 0 1 orphans 1\n"},
    {RUN DONE, "softirq BLOCK raised 0 executed 0 1 orphans 1\n"},
};
#define STORIES ((int)(sizeof(story) / sizeof(story[0])))

START_TEST(every_raise_and_every_execution_is_counted)
{
    irqsim_arrivals_t *list;

    ck_assert_int_eq(
        irqsim_import_bytes("t", story[_i].capture, strlen(story[_i].capture), NULL, &list, NULL),
        IRQSIM_OK);
    char *text = list_text(list);
    const char *line = strstr(text, "\nsoftirq ");
    ck_assert_ptr_nonnull(line);
    ck_assert_int_eq(strncmp(line + 1, story[_i].line, strlen(story[_i].line)), 0);
    free(text);
    irqsim_arrivals_free(list);
}
END_TEST

/* Counted by grep in the complete captures. */
static const struct {
    const char *file;
    uint64_t raised, executed, orphans;
} whole[] = {
    {"ftrace-disk-storm.txt.gz", 9002, 9002, 0},
    {"ftrace-timers.txt.gz", 3426, 3423, 0}, /* its one orphan is an interrupt's child */
    {"perf-script-disk.txt.gz", 101, 106, 5},
    {"trace-cmd-disk.txt.gz", 2562, 2562, 0},
};
#define WHOLES ((int)(sizeof(whole) / sizeof(whole[0])))

START_TEST(complete_captures_have_as_many_as_their_text)
{
    uint64_t raised = 0, executed = 0, orphans = 0, on_cpus = 0;
    irqsim_arrivals_t *list;
    char path[512];

    snprintf(path, sizeof(path), "%s/../examples/captures/%s", TESTS_DIR, whole[_i].file);
    ck_assert_int_eq(irqsim_import(path, NULL, NULL, &list, NULL), IRQSIM_OK);
    for (uint32_t i = 0; i < list->n_softirqs; i++) {
        raised += list->softirq[i].raised;
        executed += list->softirq[i].executed;
        orphans += list->softirq[i].orphans;
        ck_assert_uint_eq(list->softirq[i].by_tasks, 0);
        for (uint32_t cpu = 0; cpu < list->cpus; cpu++)
            on_cpus += list->softirq_cpu[i * list->cpus + cpu];
    }
    ck_assert_uint_eq(raised, whole[_i].raised);
    ck_assert_uint_eq(executed, whole[_i].executed);
    ck_assert_uint_eq(orphans, whole[_i].orphans);
    ck_assert_uint_eq(on_cpus, executed);
    irqsim_arrivals_free(list);
}
END_TEST

UNIT_MAIN("capture_totals", UNIT_LOOP(every_raise_and_every_execution_is_counted, 0, STORIES),
          UNIT_LOOP(complete_captures_have_as_many_as_their_text, 0, WHOLES))
