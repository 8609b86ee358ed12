/* SPDX-License-Identifier: MIT */
/* test_scenario_good.c - good files are bound exactly, defaults included */
#include <stdio.h>
#include <string.h>

#include <irqsim/report.h>
#include <irqsim/scenario.h>

#include "unit.h"

static void fail_on_problem(void *user, const irqsim_diag_t *diag)
{
    (void)user;
    ck_abort_msg("%llu:%llu %s: %s (%s)", (unsigned long long)diag->line,
                 (unsigned long long)diag->column, diag->path, diag->message, diag->hint);
}

static const irqsim_diag_sink_t strict = {fail_on_problem, NULL};

static irqsim_scenario_t *load(const char *text)
{
    irqsim_scenario_t *s = NULL;

    ck_assert_int_eq(irqsim_scenario_load_bytes("a/b/storm.yaml", text, strlen(text), &strict, &s),
                     IRQSIM_OK);
    return s;
}

START_TEST(an_empty_scenario_is_a_modern_machine)
{
    irqsim_scenario_t *const s = load("irqsim: 1\n");

    ck_assert_str_eq(s->file, "a/b/storm.yaml");
    ck_assert_str_eq(s->name, "storm.yaml");
    ck_assert_str_eq(s->text, "irqsim: 1\n");
    ck_assert_int_eq(s->profile_id, IRQSIM_MODERN_X2APIC);
    ck_assert_int_eq(s->board, IRQSIM_BOARD_MP);
    ck_assert_int_eq(memcmp(&s->profile, irqsim_profile(s->profile_id), sizeof(s->profile)), 0);
    ck_assert_uint_eq(s->cpus, 1);
    ck_assert_int_eq(s->era, IRQSIM_LINUX_MODERN);
    ck_assert_uint_eq(s->hz, 250);
    ck_assert_uint_eq(s->seed, 1);
    ck_assert_uint_eq(s->run, 0);
    ck_assert_uint_eq(s->n_devices + s->n_tasks + s->n_expects, 0);
    irqsim_scenario_free(s);
}
END_TEST

START_TEST(defaults_follow_the_profile)
{
    static const struct {
        const char *text;
        irqsim_board_t board;
        irqsim_era_t era;
        uint32_t hz;
    } rows[] = {
        {"irqsim: 1\nmachine: {profile: i486-pc}", IRQSIM_BOARD_AT, IRQSIM_LINUX_2_6_23, 100},
        {"irqsim: 1\nmachine: {profile: p5-mp}", IRQSIM_BOARD_MP, IRQSIM_LINUX_2_6_23, 100},
        {"irqsim: 1\nmachine: {profile: p6-mp}", IRQSIM_BOARD_MP, IRQSIM_LINUX_2_6_23, 100},
        {"irqsim: 1\nmachine: {profile: p4-xapic}", IRQSIM_BOARD_MP, IRQSIM_LINUX_2_6_23, 100},
        {"irqsim: 1\nmachine: {board: at}", IRQSIM_BOARD_AT, IRQSIM_LINUX_MODERN, 250},
        {"irqsim: 1\nkernel: {era: linux-2.6.23}", IRQSIM_BOARD_MP, IRQSIM_LINUX_2_6_23, 100},
        {"irqsim: 1\nkernel: {tick: off}", IRQSIM_BOARD_MP, IRQSIM_LINUX_MODERN, 0},
    };

    irqsim_scenario_t *const s = load(rows[_i].text);
    ck_assert_int_eq(s->board, rows[_i].board);
    ck_assert_int_eq(s->era, rows[_i].era);
    ck_assert_uint_eq(s->hz, rows[_i].hz);
    irqsim_scenario_free(s);
}
END_TEST

START_TEST(timing_figures_are_overridden_one_by_one)
{
    irqsim_scenario_t *const s =
        load("irqsim: 1\n"
             "machine: {profile: p6-mp, timing: {doirq_clk: 900cycles, pin_to_core: 0.6us}}\n");
    irqsim_profile_t want = *irqsim_profile(IRQSIM_P6_MP);

    want.doirq_clk = 900;
    want.pin_to_core = 600;
    ck_assert_int_eq(memcmp(&s->profile, &want, sizeof(want)), 0);
    irqsim_scenario_free(s);
}
END_TEST

START_TEST(devices_are_bound_exactly)
{
    irqsim_scenario_t *const s =
        load("irqsim: 1\n"
             "name: disk storm\n"
             "machine: {cpus: 2}\n"
             "devices:\n"
             "  - name: disk0\n"
             "    irq: 14\n"
             "    wire: pin 14\n"
             "    trigger: edge\n"
             "    polarity: low\n"
             "    cpu: 1\n"
             "    shared: yes\n"
             "    irqs_off: true\n"
             "    handler: 3000cycles\n"
             "    arrivals: {every: 100us, from: 10us, count: 1000}\n"
             "    pulse: 5us\n"
             "  - {name: n, irq: 40, handler: 1us,\n"
             "     arrivals: {burst: 16, gap: 2us, every: 1ms}}\n"
             "  - {name: r, irq: 41, arrivals: {recorded: s.gz, irq: 36}}\n"
             "  - {name: p, irq: 20, wire: pin 20, handler: 0ns,\n"
             "     arrivals: {poisson: 5us}}\n"
             "run: 1s\n"
             "seed: 42\n");

    ck_assert_str_eq(s->name, "disk storm");
    ck_assert_uint_eq(s->seed, 42);
    ck_assert_uint_eq(s->n_devices, 4);

    const irqsim_device_t *d = &s->device[0];
    ck_assert_str_eq(d->name, "disk0");
    ck_assert_uint_eq(d->irq, 14);
    ck_assert_uint_eq(d->line.irq, 14);
    ck_assert_uint_eq(d->line.msi, 0);
    ck_assert_uint_eq(d->line.hwirq, 14);
    ck_assert_uint_eq(d->line.level, 0);
    ck_assert_uint_eq(d->line.active_low, 1);
    ck_assert_uint_eq(d->line.cpu, 1);
    ck_assert_uint_eq(d->flags, IRQSIM_IRQF_SHARED | IRQSIM_IRQF_DISABLED);
    ck_assert_int_eq(d->pattern, IRQSIM_PATTERN_PERIODIC);
    ck_assert_uint_eq(d->period, 100000000);
    ck_assert_uint_eq(d->first, 10000000);
    ck_assert_uint_eq(d->count, 1000);
    ck_assert_uint_eq(d->pulse, 5000000);
    ck_assert_uint_eq(d->handler.clocks, 1);
    ck_assert_uint_eq(d->handler.value, 3000);

    d = &s->device[1];
    ck_assert_uint_eq(d->line.msi, 1);
    ck_assert_int_eq(d->pattern, IRQSIM_PATTERN_BURST);
    ck_assert_uint_eq(d->burst, 16);
    ck_assert_uint_eq(d->gap, 2000000);
    ck_assert_uint_eq(d->period, 1000000000);
    ck_assert_uint_eq(d->first, d->period);

    d = &s->device[2];
    ck_assert_int_eq(d->pattern, IRQSIM_PATTERN_RECORD);
    ck_assert_str_eq(d->recorded, "a/b/s.gz");
    ck_assert_uint_eq(d->recorded_irq, 36);
    ck_assert_uint_eq(d->first, 1000000);

    d = &s->device[3];
    ck_assert_int_eq(d->pattern, IRQSIM_PATTERN_POISSON);
    ck_assert_uint_eq(d->line.level, 1);
    ck_assert_uint_eq(d->line.active_low, 1);
    irqsim_scenario_free(s);
}
END_TEST

START_TEST(deferred_work_is_a_tree_in_order)
{
    irqsim_scenario_t *const s =
        load("irqsim: 1\n"
             "machine: {cpus: 2}\n"
             "devices:\n"
             "  - name: d\n"
             "    irq: 40\n"
             "    handler: 1us\n"
             "    defers:\n"
             "      - softirq: BLOCK\n"
             "        takes: 8us\n"
             "        repeat: 3\n"
             "        then: [{work: fs, takes: 20us, then: [{reschedule: 0},\n"
             "               {call_function: others}]}]\n"
             "      - {reschedule: 1}\n"
             "      - {softirq: NET_RX, takes: 100cycles, repeat: forever}\n"
             "    arrivals: {every: 1ms, count: 1}\n");
    static const struct {
        unsigned kind, nr, depth;
        uint32_t repeat;
        uint64_t takes;
        const char *name;
    } want[] = {
        {IRQSIM_JOB_SOFTIRQ, 4, 1, 3, 8000000, NULL},
        {IRQSIM_JOB_WORK, 0, 2, 0, 20000000, "fs"},
        {IRQSIM_JOB_RESCHEDULE, 0, 3, 0, 0, NULL},
        {IRQSIM_JOB_CALL_FUNCTION, 0, 3, 0, 0, NULL},
        {IRQSIM_JOB_RESCHEDULE, 1, 1, 0, 0, NULL},
        {IRQSIM_JOB_SOFTIRQ, 3, 1, UINT32_MAX, 100, NULL},
    };

    ck_assert_uint_eq(s->device[0].n_defers, 6);
    for (unsigned i = 0; i < 6; i++) {
        const irqsim_defer_t *const got = &s->device[0].defer[i];

        ck_assert_uint_eq(got->kind, want[i].kind);
        ck_assert_uint_eq(got->nr, want[i].nr);
        ck_assert_uint_eq(got->depth, want[i].depth);
        ck_assert_uint_eq(got->repeat, want[i].repeat);
        ck_assert_uint_eq(got->takes.value, want[i].takes);
        ck_assert_pstr_eq(got->name, want[i].name);
    }
    irqsim_scenario_free(s);
}
END_TEST

/* Steps stand at the addresses of their instructions. */
START_TEST(a_program_is_laid_out_in_memory)
{
    irqsim_scenario_t *const s =
        load("irqsim: 1\ntasks: [{name: a, signals: [{signal: SIGFPE, takes: 2us, skips: yes}, "
             "{signal: SIGUSR1, ignored: yes}],\n"
             "program: [run: 10us, load: 0x0804C000, div0, int3, int: 128, kill: SIGUSR2, "
             "ioctl: 'null', stack: 0x10, fpu_error, exit: 3]}]\n");
    static const uint32_t at[] = {0, 2, 7, 9, 10, 12, 14, 16, 22, 24};
    const irqsim_program_step_t *const step = s->task[0].program;

    ck_assert_uint_eq(s->task[0].n_steps, 10);
    for (unsigned i = 0; i < 10; i++)
        ck_assert_uint_eq(step[i].step.at, at[i]);
    ck_assert_uint_eq(step[0].takes.value, 10000000);
    ck_assert_uint_eq(step[1].step.insn.operand, 0x0804C000);
    ck_assert_uint_eq(step[2].step.insn.op, IRQSIM_OP_DIV);
    ck_assert_uint_eq(step[4].step.insn.operand, 128);
    ck_assert_uint_eq(step[5].step.nr, IRQSIM_SYS_KILL);
    ck_assert_uint_eq(step[5].step.argument, 12);
    ck_assert_uint_eq(step[6].step.argument, IRQSIM_BUG_NULL);
    ck_assert_uint_eq(step[7].step.argument, 16);
    ck_assert_uint_eq(step[8].step.nr, 16);
    ck_assert_uint_eq(step[9].step.argument, 3);
    ck_assert_uint_eq(s->task[0].n_actions, 2);
    ck_assert_uint_eq(s->task[0].action[0].action.signal, 8);
    ck_assert_uint_eq(s->task[0].action[0].action.skips, 1);
    ck_assert_uint_eq(s->task[0].action[1].action.signal, 10);
    ck_assert_uint_eq(s->task[0].action[1].action.ignored, 1);
    irqsim_scenario_free(s);
}
END_TEST

START_TEST(an_alias_stands_for_a_whole_value)
{
    irqsim_scenario_t *const s = load(
        "irqsim: 1\n"
        "devices:\n"
        "  - {name: a, irq: 40, handler: &h 3us, defers: &blk [{softirq: BLOCK, takes: 8us}],\n"
        "     arrivals: &often {every: 1ms, count: 1}}\n"
        "  - {name: b, irq: 41, handler: *h, defers: *blk, arrivals: *often}\n");

    ck_assert_uint_eq(s->device[1].handler.value, 3000000);
    ck_assert_uint_eq(s->device[1].n_defers, 1);
    ck_assert_uint_eq(s->device[1].defer[0].takes.value, 8000000);
    ck_assert_uint_eq(s->device[1].count, 1);
    irqsim_scenario_free(s);
}
END_TEST

START_TEST(an_expectation_becomes_bounds)
{
    static const struct {
        const char *line, *text;
        irqsim_metric_t metric;
        int64_t subject;
        uint32_t percentile;
        uint64_t min, max;
    } rows[] = {
        {"irq 14 lost == 0", "irq 14 lost == 0", IRQSIM_METRIC_LOST, 14, 0, 0, 0},
        {"irq 14   lost==0", "irq 14 lost == 0", IRQSIM_METRIC_LOST, 14, 0, 0, 0},
        {"all coalesced < 10", "all coalesced < 10", IRQSIM_METRIC_COALESCED, -1, 0, 0, 9},
        {"all executed > 10", "all executed > 10", IRQSIM_METRIC_EXECUTED, -1, 0, 11, UINT64_MAX},
        {"softirq BLOCK raised >= 9", "softirq BLOCK raised >= 9", IRQSIM_METRIC_RAISED, 4, 0, 9,
         UINT64_MAX},
        {"line_to_ack p99 <= 50us", "line_to_ack p99 <= 50us", IRQSIM_METRIC_LATENCY,
         IRQSIM_STAGE_LINE_TO_ACK, 990, 0, 50000},
        {"handler avg < 1.5us", "handler avg < 1.5us", IRQSIM_METRIC_LATENCY, IRQSIM_STAGE_HANDLER,
         1001, 0, 1499},
        {"task app0 ran >= 10ms", "task app0 ran >= 10ms", IRQSIM_METRIC_TASK_RAN, 0, 0, 10000000,
         UINT64_MAX},
        {"task app0 signal == 11", "task app0 signal == 11", IRQSIM_METRIC_TASK_SIGNAL, 0, 0, 11,
         11},
    };
    char yaml[256] = "irqsim: 1\ntasks: [{name: app0}]\nexpect:\n  - ";

    strcat(yaml, rows[_i].line);
    irqsim_scenario_t *const s = load(yaml);
    const irqsim_expect_t *const e = &s->expect[0];
    ck_assert_uint_eq(s->n_expects, 1);
    ck_assert_str_eq(e->text, rows[_i].text);
    ck_assert_int_eq(e->metric, rows[_i].metric);
    ck_assert_int_eq(e->subject, rows[_i].subject);
    ck_assert_uint_eq(e->percentile, rows[_i].percentile);
    ck_assert_uint_eq(e->min, rows[_i].min);
    ck_assert_uint_eq(e->max, rows[_i].max);
    ck_assert_uint_eq(e->line, 4);
    irqsim_scenario_free(s);
}
END_TEST

START_TEST(devices_may_share_a_level_line)
{
    irqsim_scenario_t *s = NULL;

    ck_assert_int_eq(irqsim_scenario_load(TESTS_DIR "/../examples/shared_level.yaml", &strict, &s),
                     IRQSIM_OK);
    ck_assert_uint_eq(s->n_devices, 2);
    ck_assert_int_eq(memcmp(&s->device[0].line, &s->device[1].line, sizeof(s->device[0].line)), 0);
    ck_assert_uint_eq(s->device[0].line.level, 1);
    ck_assert_uint_eq(s->device[0].line.active_low, 1);
    irqsim_scenario_free(s);
}
END_TEST

static const char *const examples[] = {"one_device", "shared_level", "self_raising_softirq",
                                       "exceptions", "nested",       "i486"};

START_TEST(the_examples_load)
{
    irqsim_scenario_t *s = NULL;
    char path[512];

    snprintf(path, sizeof(path), "%s/../examples/%s.yaml", TESTS_DIR, examples[_i]);
    ck_assert_int_eq(irqsim_scenario_load(path, &strict, &s), IRQSIM_OK);
    irqsim_scenario_free(s);
}
END_TEST

START_TEST(the_default_scenario_has_a_task_per_cpu_and_no_tick)
{
    irqsim_scenario_t *s = NULL;

    ck_assert_int_eq(irqsim_scenario_default(IRQSIM_MAX_CPUS, &s), IRQSIM_OK);
    ck_assert_uint_eq(s->cpus, IRQSIM_MAX_CPUS);
    ck_assert_uint_eq(s->n_tasks, IRQSIM_MAX_CPUS);
    ck_assert_uint_eq(s->task[1023].cpu, 1023);
    ck_assert_uint_eq(s->hz, 0);
    ck_assert_uint_eq(s->run, 0);
    irqsim_scenario_free(s);
    ck_assert_int_eq(irqsim_scenario_default(0, &s), IRQSIM_E_RANGE);
    ck_assert_int_eq(irqsim_scenario_default(IRQSIM_MAX_CPUS + 1, &s), IRQSIM_E_RANGE);
}
END_TEST

UNIT_MAIN("scenario_good", UNIT_TEST(an_empty_scenario_is_a_modern_machine),
          UNIT_LOOP(defaults_follow_the_profile, 0, 7),
          UNIT_TEST(timing_figures_are_overridden_one_by_one), UNIT_TEST(devices_are_bound_exactly),
          UNIT_TEST(deferred_work_is_a_tree_in_order), UNIT_TEST(a_program_is_laid_out_in_memory),
          UNIT_TEST(an_alias_stands_for_a_whole_value),
          UNIT_LOOP(an_expectation_becomes_bounds, 0, 9), UNIT_TEST(devices_may_share_a_level_line),
          UNIT_LOOP(the_examples_load, 0, 6),
          UNIT_TEST(the_default_scenario_has_a_task_per_cpu_and_no_tick))
