/* SPDX-License-Identifier: MIT */
/*
 * kernel_keys.c - "kernel:" and "tasks:": the guest's era, tick and programs
 */
#include <string.h>

#include "scenario_int.h"

/* A PIT divides by at most 65535, so it cannot tick slower than 18.2 Hz (board
 * at); faster than 10 kHz no Linux ever did. */
#define SLOWEST_TICK 19
#define FASTEST_TICK 10000

static const char *era_words(const void *user, unsigned i)
{
    (void)user;
    return irqsim_era_name((irqsim_era_t)i);
}

const char *irqsim__scenario_softirq_words(const void *user, unsigned i)
{
    return irqsim_softirq_name(*(const irqsim_era_t *)user, i);
}

enum { ERA, TICK, FRAMES, KERNEL_KEYS };

/* clang-format off */
static const irqsim__key_t kernel_keys[KERNEL_KEYS] = {
    [ERA] = {"era", IRQSIM__CHOICE, false, IRQSIM__INTO(irqsim_scenario_t, era),
             0, 0, "linux-2.6.23", era_words},
    [TICK] = {"tick", IRQSIM__NODE, false, 0, 0, 0, 0, NULL, NULL},
    [FRAMES] = {"frames", IRQSIM__INTEGER, false, IRQSIM__INTO(irqsim_scenario_t, frames),
                16, 1000000, "400", NULL},
};

static const irqsim__key_t tick_key =
    {"tick", IRQSIM__FREQUENCY, false, IRQSIM__INTO(irqsim_scenario_t, hz),
     SLOWEST_TICK, FASTEST_TICK, "250Hz", NULL};
/* clang-format on */

/* What a kernel of that time was usually built with: CONFIG_HZ. */
static const uint32_t usual_hz[IRQSIM_ERAS] = {
    [IRQSIM_LINUX_MODERN] = 250,
    [IRQSIM_LINUX_2_6_23] = 100,
};

static bool is_word(const irqsim__tree_t *tree, uint32_t node, const char *word)
{
    node = irqsim__scenario_tree_value(tree, node);
    return tree->node[node].kind == IRQSIM__SCALAR &&
           strcmp(irqsim__scenario_tree_text(tree, node), word) == 0;
}

static void bind_tick(irqsim__binder_t *b, uint32_t node)
{
    b->out->hz = usual_hz[b->out->era];
    if (!node)
        return;
    if (is_word(&b->tree, node, "off"))
        b->out->hz = 0;
    else
        irqsim__scenario_bind_value(b, node, &tick_key, b->out);
}

void irqsim__scenario_bind_kernel(irqsim__binder_t *b, uint32_t node)
{
    irqsim__seen_t seen = {{0}};

    b->out->era =
        b->out->profile_id == IRQSIM_MODERN_X2APIC ? IRQSIM_LINUX_MODERN : IRQSIM_LINUX_2_6_23;
    if (node)
        irqsim__scenario_bind(b, node, kernel_keys, KERNEL_KEYS, b->out, &seen);
    bind_tick(b, seen.at[TICK]);
}

enum { TASK_NAME, TASK_CPU, TASK_COMPUTES, TASK_PROGRAM, TASK_SIGNALS, TASK_KEYS };

/* clang-format off */
static const irqsim__key_t task_keys[TASK_KEYS] = {
    [TASK_NAME] = {"name", IRQSIM__WORD, true, IRQSIM__INTO(irqsim_user_task_t, name),
                   0, 0, "app0", NULL},
    [TASK_CPU] = {"cpu", IRQSIM__INTEGER, false, IRQSIM__INTO(irqsim_user_task_t, cpu),
                  0, IRQSIM_MAX_CPUS - 1, "0", NULL},
    [TASK_COMPUTES] = {"computes", IRQSIM__NODE, false, 0, 0, 0, 0, NULL, NULL},
    [TASK_PROGRAM] = {"program", IRQSIM__NODE, false, 0, 0, 0, 0, NULL, NULL},
    [TASK_SIGNALS] = {"signals", IRQSIM__NODE, false, 0, 0, 0, 0, NULL, NULL},
};

static const irqsim__key_t computes_key =
    {"computes", IRQSIM__SPAN, false, IRQSIM__INTO(irqsim_user_task_t, total),
     1, 0, "10ms or 3000cycles", NULL};
/* clang-format on */

/* A name may be meant by an expectation, so it must be one task's alone. */
static void check_task(irqsim__binder_t *b, uint32_t node, const irqsim__seen_t *seen, uint32_t i)
{
    const irqsim_user_task_t *const task = &b->out->task[i];

    if (task->cpu >= b->out->cpus)
        irqsim__scenario_problem(&b->problems, &b->tree, seen->at[TASK_CPU], NULL, "",
                                 "CPU %u, but the machine has only %u", (unsigned)task->cpu,
                                 (unsigned)b->out->cpus);
    for (uint32_t j = 0; task->name && j < i; j++)
        if (b->out->task[j].name && strcmp(b->out->task[j].name, task->name) == 0) {
            irqsim__scenario_problem(&b->problems, &b->tree, node, "name", "",
                                     "tasks[%u] has this name already", (unsigned)j);
            return;
        }
}

/* It computes, or it has a program. */
static void bind_what_it_does(irqsim__binder_t *b, const irqsim__seen_t *seen,
                              irqsim_user_task_t *task)
{
    const uint32_t computes = seen->at[TASK_COMPUTES], program = seen->at[TASK_PROGRAM];

    if (computes && !is_word(&b->tree, computes, "forever"))
        irqsim__scenario_bind_value(b, computes, &computes_key, task);
    if (program)
        irqsim__scenario_bind_program(b, program, task);
    if (seen->at[TASK_SIGNALS])
        irqsim__scenario_bind_signals(b, seen->at[TASK_SIGNALS], task);
    if (program && computes)
        irqsim__scenario_problem(&b->problems, &b->tree, computes, NULL,
                                 "a program computes by its steps: run: 10ms",
                                 "does not go with 'program'");
    if (!program && seen->at[TASK_SIGNALS])
        irqsim__scenario_problem(&b->problems, &b->tree, seen->at[TASK_SIGNALS], NULL, "",
                                 "a task without 'program' gets no signals");
}

void irqsim__scenario_bind_tasks(irqsim__binder_t *b, uint32_t node)
{
    uint32_t n, v = irqsim__scenario_bind_list(b, node, "tasks", IRQSIM__MAX_TASKS, &n);

    b->out->task = irqsim__scenario_bind_alloc(b, n, sizeof(*b->out->task));
    for (uint32_t i = 0; v && !irqsim__scenario_too_many_problems(&b->problems);
         v = b->tree.node[v].next, i++) {
        irqsim_user_task_t *const task = &b->out->task[i];
        irqsim__seen_t seen;

        b->out->n_tasks = i + 1;
        if (!irqsim__scenario_bind(b, v, task_keys, TASK_KEYS, task, &seen))
            continue;
        bind_what_it_does(b, &seen, task);
        check_task(b, v, &seen, i);
    }
}
