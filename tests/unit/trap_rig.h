/* SPDX-License-Identifier: MIT */
/*
 * trap_rig.h - a user task with a program on a booted kernel, for tests: what
 * happened to it as lines of text
 */
#ifndef IRQSIM_TESTS_TRAP_RIG_H
#define IRQSIM_TESTS_TRAP_RIG_H

#include <stdio.h>

#include <irqsim/trace.h>

#include "kernel_rig.h"

#define TRAP_TEXT 16384

typedef struct trap_rig {
    kernel_rig_t rig;
    uint64_t seq;
    size_t used;
    char text[TRAP_TEXT]; /* events 64.. one per line, without time and numbers */
} trap_rig_t;

static inline const char *trap_word(void *user, const char *kind, uint32_t n)
{
    (void)user;
    return strcmp(kind, "name") == 0 ? irqsim_kernel_word(n) : NULL;
}

static inline uint64_t trap_emit(void *user, const irqsim_event_t *ev)
{
    trap_rig_t *t = user;
    char line[200];

    t->seq++;
    if (ev->id < IRQSIM_EV_EXC_ENTRY)
        return t->seq;
    irqsim_event_t bare = *ev;
    bare.time = bare.cause = bare.seq = 0;
    bare.cpu = 0;
    irqsim_event_text(line, sizeof(line), &bare, trap_word, NULL);
    t->used += (size_t)snprintf(t->text + t->used, TRAP_TEXT - t->used, "%s\n",
                                line + strlen("    0.000000000 [000] #0 "));
    ck_assert_uint_lt(t->used, TRAP_TEXT);
    return t->seq;
}

/* Steps at their addresses. */
static inline void trap_lay_out(irqsim_step_t *step, uint32_t n)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < n; i++) {
        step[i].at = at;
        at += irqsim_step_bytes(&step[i]);
    }
}

static inline void trap_open(trap_rig_t *t, irqsim_era_t era, irqsim_task_desc_t *task, uint16_t n)
{
    const irqsim_machine_desc_t machine = {.board = IRQSIM_BOARD_AT,
                                           .profile_id = IRQSIM_I486_PC,
                                           .host = {.emit = trap_emit, .user = t}};
    const irqsim_kernel_desc_t kernel = {.era = era, .tasks = task, .n_tasks = n};

    *t = (trap_rig_t){.seq = 0};
    kernel_rig_open(&t->rig, machine, kernel);
}

/* Runs one task until it has ended. Returns what happened. */
static inline const char *trap_run(trap_rig_t *t, irqsim_era_t era, irqsim_task_desc_t task)
{
    irqsim_step_t step[32];

    ck_assert_uint_le(task.n_steps, 32);
    memcpy(step, task.program, task.n_steps * sizeof(step[0]));
    trap_lay_out(step, task.n_steps);
    task.program = step;
    trap_open(t, era, &task, 1);
    kernel_rig_run(&t->rig, 100 * MS);
    return t->text;
}

#define STEP_RUN(c)                                                                                \
    {                                                                                              \
        .kind = IRQSIM_STEP_RUN, .clocks = (c)                                                     \
    }
#define STEP_INSN(o)                                                                               \
    {                                                                                              \
        .kind = IRQSIM_STEP_INSN, .insn.op = IRQSIM_OP_##o                                         \
    }
#define STEP_INSN_OF(o, x)                                                                         \
    {                                                                                              \
        .kind = IRQSIM_STEP_INSN, .insn = {.op = IRQSIM_OP_##o, .operand = (x) }                   \
    }
#define STEP_SYS(n, a)                                                                             \
    {                                                                                              \
        .kind = IRQSIM_STEP_SYSCALL, .nr = IRQSIM_SYS_##n, .argument = (a)                         \
    }
#define STEP_RAISE(v)                                                                              \
    {                                                                                              \
        .kind = IRQSIM_STEP_RAISE, .nr = (v)                                                       \
    }
#define STEP_FPU                                                                                   \
    {                                                                                              \
        .kind = IRQSIM_STEP_FPU                                                                    \
    }
#define STEP_STACK(n)                                                                              \
    {                                                                                              \
        .kind = IRQSIM_STEP_STACK, .argument = (n)                                                 \
    }
#define STEP_LOAD(a)  STEP_INSN_OF(LOAD, a)
#define STEP_STORE(a) STEP_INSN_OF(STORE, a)
#define PROGRAM(...)                                                                               \
    .program = (const irqsim_step_t[]){__VA_ARGS__},                                               \
    .n_steps = sizeof((const irqsim_step_t[]){__VA_ARGS__}) / sizeof(irqsim_step_t)

#endif
