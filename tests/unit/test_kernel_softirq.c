/* SPDX-License-Identifier: MIT */
/* Softirqs: passes, order, ksoftirqd (SIRQ, RAISE, DOSIRQ, KSD). */
#include <stdio.h>

#include "kernel_rig.h"

enum { HI = 0, TIMER = 1, BLOCK = 4, TASKLET_2_6 = 5 };

static const irqsim_source_desc_t one_arrival = {
    .pin = 5, .pattern = IRQSIM_PATTERN_PERIODIC, .first = MS, .period = MS, .count = 1};
static const irqsim_irq_desc_t irq5 = {.irq = 5, .hwirq = 5};
static const irqsim_action_desc_t action5 = {.irq = 5};
static const irqsim_task_desc_t user = {.name = 1};

static irqsim_machine_desc_t at_machine(const irqsim_source_desc_t *source)
{
    return (irqsim_machine_desc_t){
        .board = IRQSIM_BOARD_AT, .profile_id = IRQSIM_I486_PC, .sources = source, .n_sources = 1};
}

static irqsim_kernel_desc_t at_kernel(irqsim_era_t era, const irqsim_job_t *jobs, uint32_t n_jobs)
{
    return (irqsim_kernel_desc_t){.era = era,
                                  .jobs = jobs,
                                  .n_jobs = n_jobs,
                                  .irqs = &irq5,
                                  .n_irqs = 1,
                                  .actions = &action5,
                                  .n_actions = 1,
                                  .tasks = &user,
                                  .n_tasks = 1};
}

/* Passes and wakeups, seen in events. */
typedef struct passes {
    uint64_t seq, executed, highest_pass, wakeups, executed_before_wakeup;
} passes_t;

static uint64_t count_passes(void *data, const irqsim_event_t *ev)
{
    passes_t *p = data;

    if (ev->id == IRQSIM_EV_SOFTIRQ_ENTRY && ev->arg[0] == BLOCK) {
        p->executed++;
        if (ev->arg[2] > p->highest_pass)
            p->highest_pass = ev->arg[2];
    }
    if (ev->id == IRQSIM_EV_WAKEUP && p->wakeups++ == 0)
        p->executed_before_wakeup = p->executed;
    return ++p->seq;
}

START_TEST(dosirq_02_ten_passes_then_ksoftirqd_and_the_user_still_runs)
{
    static const irqsim_job_t jobs[] = {
        {.kind = IRQSIM_JOB_HANDLER, .clocks = 330, .child = 2},
        {.kind = IRQSIM_JOB_SOFTIRQ, .clocks = 1650, .nr = BLOCK, .repeat = UINT32_MAX},
    };
    /* In the user task's first turn, and long after it was over. */
    irqsim_source_desc_t source = one_arrival;
    source.first = _i / IRQSIM_ERAS ? 105 * MS : MS;
    passes_t passes = {0};
    irqsim_machine_desc_t machine = at_machine(&source);
    irqsim_kernel_desc_t kernel = at_kernel((irqsim_era_t)(_i % IRQSIM_ERAS), jobs, 2);
    irqsim_task_info_t info;
    kernel_rig_t rig;

    machine.host = (irqsim_host_t){count_passes, &passes};
    kernel.hz = 100;
    kernel_rig_open(&rig, machine, kernel);
    kernel_rig_run(&rig, 1000 * MS);

    ck_assert_uint_eq(passes.highest_pass, 10);
    ck_assert_uint_eq(passes.executed_before_wakeup, 10);
    /* Turns of a tick: the user task and ksoftirqd share the CPU. */
    ck_assert(irqsim_kernel_task(rig.k, 0, &info));
    ck_assert_uint_gt(info.ran, 300 * MS);
    ck_assert_uint_lt(info.ran, 700 * MS);
    ck_assert(irqsim_kernel_task(rig.k, 2, &info));
    ck_assert_int_eq(info.kind, IRQSIM_TASK_KSOFTIRQD);
    ck_assert_uint_gt(info.ran, 300 * MS);
    kernel_rig_close(&rig);
}
END_TEST

START_TEST(dosirq_03_a_raise_during_a_pass_waits_for_the_next)
{
    static const irqsim_job_t jobs[] = {
        {.kind = IRQSIM_JOB_HANDLER, .clocks = 330, .child = 2},
        {.kind = IRQSIM_JOB_SOFTIRQ, .clocks = 330, .nr = TIMER, .child = 4, .next = 3},
        {.kind = IRQSIM_JOB_SOFTIRQ, .clocks = 330, .nr = TASKLET_2_6},
        {.kind = IRQSIM_JOB_SOFTIRQ, .clocks = 330, .nr = HI},
    };
    token_log_t log = {0};
    irqsim_machine_desc_t machine = at_machine(&one_arrival);
    kernel_rig_t rig;

    machine.host = (irqsim_host_t){token_emit, &log};
    kernel_rig_open(&rig, machine, at_kernel(IRQSIM_LINUX_2_6_23, jobs, 4));
    kernel_rig_run(&rig, 5 * MS);
    ck_assert_str_eq(log.text, "H+5 H-5 S+1 S-1 S+5 S-5 S+0 S-0");
    kernel_rig_close(&rig);
}
END_TEST

START_TEST(raise_02_two_raises_before_the_run_are_one_execution)
{
    static const irqsim_job_t jobs[] = {
        {.kind = IRQSIM_JOB_HANDLER, .clocks = 330, .child = 2},
        {.kind = IRQSIM_JOB_SOFTIRQ, .clocks = 330, .nr = BLOCK, .next = 3},
        {.kind = IRQSIM_JOB_SOFTIRQ, .clocks = 330, .nr = BLOCK},
    };
    kernel_rig_t rig;

    kernel_rig_open(&rig, at_machine(&one_arrival), at_kernel(IRQSIM_LINUX_MODERN, jobs, 3));
    kernel_rig_run(&rig, 5 * MS);
    ck_assert_uint_eq(irqsim_kernel_softirq_raised(rig.k, BLOCK, 0), 2);
    ck_assert_uint_eq(irqsim_kernel_softirq_executed(rig.k, BLOCK, 0), 1);
    ck_assert(irqsim_kernel_quiet(rig.k));
    kernel_rig_close(&rig);
}
END_TEST

/* Softirqs come faster than the CPU can run them: the backlog is counted, not listed,
 * so nothing overflows, and in the end all of it has run. */
START_TEST(raise_02_a_backlog_is_counted_and_worked_off)
{
    static const irqsim_job_t jobs[] = {
        {.kind = IRQSIM_JOB_HANDLER, .clocks = 330, .child = 2},
        {.kind = IRQSIM_JOB_SOFTIRQ, .clocks = 33 * 500, .nr = BLOCK, .child = 3},
        {.kind = IRQSIM_JOB_WORK, .clocks = 33, .nr = 0},
    };
    static const uint32_t names[] = {7};
    irqsim_source_desc_t source = one_arrival;
    irqsim_machine_desc_t machine = at_machine(&source);
    irqsim_kernel_desc_t kernel = at_kernel(IRQSIM_LINUX_2_6_23, jobs, 3);
    irqsim_task_info_t info;
    kernel_rig_t rig;

    source.period = 300 * US;
    source.count = 3000;
    kernel.work_names = names;
    kernel.n_works = 1;
    kernel.hz = 100;
    kernel_rig_open(&rig, machine, kernel);
    kernel_rig_run(&rig, 20000 * MS);
    ck_assert(irqsim_kernel_quiet(rig.k));
    ck_assert_uint_eq(irqsim_kernel_softirq_raised(rig.k, BLOCK, 0), 3000);
    ck_assert_uint_lt(irqsim_kernel_softirq_executed(rig.k, BLOCK, 0), 3000);
    /* 3000 x 500 us of softirqs were run by ksoftirqd, or in interrupts, which count
     * for the task they interrupt: the task alone has the rest. */
    ck_assert(irqsim_kernel_task(rig.k, 2, &info));
    ck_assert_int_eq(info.kind, IRQSIM_TASK_KSOFTIRQD);
    ck_assert_uint_gt(info.ran, 300 * MS);
    ck_assert_uint_le(info.ran, 1700 * MS);
    kernel_rig_close(&rig);
}
END_TEST

START_TEST(wq_02_work_runs_in_the_kworker_and_merges_while_pending)
{
    static const irqsim_job_t jobs[] = {
        {.kind = IRQSIM_JOB_HANDLER, .clocks = 330, .child = 2},
        {.kind = IRQSIM_JOB_WORK, .clocks = 3300, .nr = 0, .next = 3},
        {.kind = IRQSIM_JOB_WORK, .clocks = 3300, .nr = 0, .next = 4},
        {.kind = IRQSIM_JOB_WORK, .clocks = 3300, .nr = 1},
    };
    static const uint32_t names[] = {7, 8};
    token_log_t log = {0};
    irqsim_machine_desc_t machine = at_machine(&one_arrival);
    irqsim_kernel_desc_t kernel = at_kernel(IRQSIM_LINUX_2_6_23, jobs, 4);
    kernel_rig_t rig;

    machine.host = (irqsim_host_t){token_emit, &log};
    kernel.work_names = names;
    kernel.n_works = 2;
    kernel_rig_open(&rig, machine, kernel);
    kernel_rig_run(&rig, 10 * MS);
    ck_assert_str_eq(log.text, "H+5 H-5 W+0 W-0 W+1 W-1");
    ck_assert(irqsim_kernel_quiet(rig.k));
    kernel_rig_close(&rig);
}
END_TEST

UNIT_MAIN("kernel softirqs",
          UNIT_LOOP(dosirq_02_ten_passes_then_ksoftirqd_and_the_user_still_runs, 0,
                    2 * IRQSIM_ERAS),
          UNIT_TEST(dosirq_03_a_raise_during_a_pass_waits_for_the_next),
          UNIT_TEST(raise_02_two_raises_before_the_run_are_one_execution),
          UNIT_TEST(raise_02_a_backlog_is_counted_and_worked_off),
          UNIT_TEST(wq_02_work_runs_in_the_kworker_and_merges_while_pending))
