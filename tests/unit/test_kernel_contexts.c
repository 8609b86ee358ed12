/* SPDX-License-Identifier: MIT */
/* Nesting: hardirqs over hardirqs over a softirq over a user task (PCNT, DOIRQ). */
#include <stdio.h>

#include "kernel_rig.h"

enum { IRQ_A = 5, IRQ_B = 10, IRQ_C = 11, IRQ_D = 12, BLOCK_SOFTIRQ = 4 };

/* A defers a long softirq; B, C and D arrive one after another into it, each while
 * the one before is still in its handler. 33 clocks are a microsecond. */
static const irqsim_job_t jobs[] = {
    {.kind = IRQSIM_JOB_HANDLER, .clocks = 33 * 20, .child = 2},
    {.kind = IRQSIM_JOB_SOFTIRQ, .clocks = 33 * 3000, .nr = BLOCK_SOFTIRQ},
    {.kind = IRQSIM_JOB_HANDLER, .clocks = 33 * 500},
    {.kind = IRQSIM_JOB_HANDLER, .clocks = 33 * 3000},
};
static const irqsim_source_desc_t sources[] = {
    {.pin = IRQ_A,
     .pattern = IRQSIM_PATTERN_PERIODIC,
     .first = 1 * MS,
     .period = MS,
     .count = 1,
     .job = 0},
    {.pin = IRQ_B,
     .pattern = IRQSIM_PATTERN_PERIODIC,
     .first = 2 * MS,
     .period = MS,
     .count = 1,
     .job = 2},
    {.pin = IRQ_C,
     .pattern = IRQSIM_PATTERN_PERIODIC,
     .first = 2 * MS + 200 * US,
     .period = MS,
     .count = 1,
     .job = 2},
    {.pin = IRQ_D,
     .pattern = IRQSIM_PATTERN_PERIODIC,
     .first = 2 * MS + 400 * US,
     .period = MS,
     .count = 1,
     .job = 2},
};
static const irqsim_irq_desc_t irqs[] = {
    {.irq = IRQ_A, .hwirq = IRQ_A},
    {.irq = IRQ_B, .hwirq = IRQ_B},
    {.irq = IRQ_C, .hwirq = IRQ_C},
    {.irq = IRQ_D, .hwirq = IRQ_D},
};
static const irqsim_action_desc_t actions[] = {
    {.irq = IRQ_A, .source = 0},
    {.irq = IRQ_B, .source = 1},
    {.irq = IRQ_C, .source = 2},
    {.irq = IRQ_D, .source = 3},
};
static const irqsim_task_desc_t task = {.name = 1};

static const irqsim_machine_desc_t machine = {
    .board = IRQSIM_BOARD_AT, .profile_id = IRQSIM_I486_PC, .sources = sources, .n_sources = 4};
static const irqsim_kernel_desc_t kernel = {.era = IRQSIM_LINUX_2_6_23,
                                            .jobs = jobs,
                                            .n_jobs = 4,
                                            .irqs = irqs,
                                            .n_irqs = 4,
                                            .actions = actions,
                                            .n_actions = 4,
                                            .tasks = &task,
                                            .n_tasks = 1};

/* The stack of contexts as text, innermost first. */
static const char *contexts_text(const kernel_rig_t *rig, char *text, size_t size)
{
    static const char *const kind[] = {"task", "softirq", "hardirq"};
    irqsim_context_t context[16];
    const unsigned n = irqsim_kernel_contexts(rig->k, 0, context, 16);
    size_t used = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < n && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s %u", i ? " > " : "",
                                 kind[context[i].kind], context[i].nr);
    return text;
}

static void expect_at(kernel_rig_t *rig, irqsim_time_t time, const char *contexts, uint32_t count)
{
    char text[256];

    kernel_rig_run(rig, time);
    ck_assert_str_eq(contexts_text(rig, text, sizeof(text)), contexts);
    ck_assert_uint_eq(irqsim_kernel_preempt_count(rig->k, 0), count);
}

START_TEST(pcnt_05_three_hardirqs_over_a_softirq_over_a_task)
{
    kernel_rig_t rig;

    kernel_rig_open(&rig, machine, kernel);
    expect_at(&rig, 900 * US, "task 0", 0);
    expect_at(&rig, 1065 * US, "hardirq 37 > task 0", 0x00010000);
    expect_at(&rig, 1900 * US, "softirq 4 > task 0", 0x00000100);
    expect_at(&rig, 2150 * US, "hardirq 42 > softirq 4 > task 0", 0x00010100);
    expect_at(&rig, 2350 * US, "hardirq 43 > hardirq 42 > softirq 4 > task 0", 0x00020100);
    expect_at(&rig, 2550 * US, "hardirq 44 > hardirq 43 > hardirq 42 > softirq 4 > task 0",
              0x00030100);
    char text[256];
    printf("contexts at 2550 us, innermost first: %s; preempt_count 0x%08x\n",
           contexts_text(&rig, text, sizeof(text)), irqsim_kernel_preempt_count(rig.k, 0));
    expect_at(&rig, 12 * MS, "task 0", 0);
    kernel_rig_close(&rig);
}
END_TEST

START_TEST(doirq_17_modern_handlers_do_not_nest)
{
    irqsim_kernel_desc_t modern = kernel;
    kernel_rig_t rig;

    modern.era = IRQSIM_LINUX_MODERN;
    kernel_rig_open(&rig, machine, modern);
    for (irqsim_time_t t = 0; t < 12 * MS; t += 10 * US) {
        irqsim_context_t context[4];

        kernel_rig_run(&rig, t);
        const unsigned n = irqsim_kernel_contexts(rig.k, 0, context, 4);
        ck_assert(n < 2 || context[0].kind != IRQSIM_CONTEXT_HARDIRQ ||
                  context[1].kind != IRQSIM_CONTEXT_HARDIRQ);
    }
    for (uint32_t i = 0; i < 4; i++)
        ck_assert_uint_eq(irqsim_kernel_irq_count(rig.k, i, 0), 1);
    kernel_rig_close(&rig);
}
END_TEST

/* As many as a PC has lines: each comes into the handler of the one before. */
START_TEST(stack_01_ten_interrupts_deep_without_asking_for_more)
{
    enum { DEEP = 10 };
    static const uint16_t line[DEEP] = {1, 3, 4, 5, 6, 9, 10, 11, 12, 14};
    irqsim_source_desc_t many[DEEP];
    irqsim_irq_desc_t irq[DEEP];
    irqsim_action_desc_t action[DEEP];
    irqsim_machine_desc_t m = machine;
    irqsim_kernel_desc_t k = kernel;
    kernel_rig_t rig;
    unsigned deepest = 0;

    for (uint16_t i = 0; i < DEEP; i++) {
        many[i] = (irqsim_source_desc_t){.pin = line[i],
                                         .pattern = IRQSIM_PATTERN_PERIODIC,
                                         .first = MS + i * 200 * US,
                                         .period = MS,
                                         .count = 1,
                                         .job = 3};
        irq[i] = (irqsim_irq_desc_t){.irq = line[i], .hwirq = line[i]};
        action[i] = (irqsim_action_desc_t){.irq = line[i], .source = i};
    }
    m.sources = many;
    m.n_sources = k.n_irqs = k.n_actions = DEEP;
    k.irqs = irq;
    k.actions = action;
    kernel_rig_open(&rig, m, k);
    for (irqsim_time_t t = 0; t < 40 * MS; t += 50 * US) {
        irqsim_context_t context[DEEP + 2];

        kernel_rig_run(&rig, t);
        const unsigned n = irqsim_kernel_contexts(rig.k, 0, context, DEEP + 2);
        deepest = n > deepest ? n : deepest;
    }
    ck_assert_uint_eq(deepest, DEEP + 1);
    ck_assert_uint_eq(irqsim_kernel_preempt_count(rig.k, 0), 0);
    kernel_rig_close(&rig);
}
END_TEST

START_TEST(doirq_01_running_out_of_stack_is_reported)
{
    irqsim_kernel_desc_t narrow = kernel;
    kernel_rig_t rig;

    narrow.frames = 14; /* the tasks' own and two levels of interrupts */
    kernel_rig_open(&rig, machine, narrow);
    ck_assert_int_eq(irqsim_machine_run(rig.m, 12 * MS), IRQSIM_E_STACK);
    kernel_rig_close(&rig);
}
END_TEST

UNIT_MAIN("kernel contexts", UNIT_TEST(pcnt_05_three_hardirqs_over_a_softirq_over_a_task),
          UNIT_TEST(doirq_17_modern_handlers_do_not_nest),
          UNIT_TEST(stack_01_ten_interrupts_deep_without_asking_for_more),
          UNIT_TEST(doirq_01_running_out_of_stack_is_reported))
