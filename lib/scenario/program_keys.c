/* SPDX-License-Identifier: MIT */
/*
 * program_keys.c - "program:" and "signals:" of a task: what it executes, and what
 * it does about signals
 *
 * A step is a word (div0) or one key with its operand (load: 0x0804c000); both say
 * by a row of a table which irqsim_step_t they are.
 */
#include <stdio.h>
#include <string.h>

#include "scenario_int.h"

/* ---- words ---- */

#define INSN(op_, operand_)                                                                        \
    {                                                                                              \
        .kind = IRQSIM_STEP_INSN, .insn = {.op = (op_), .operand = (operand_) }                    \
    }
#define RAISE(vector)                                                                              \
    {                                                                                              \
        .kind = IRQSIM_STEP_RAISE, .nr = (vector)                                                  \
    }
#define CALL(call)                                                                                 \
    {                                                                                              \
        .kind = IRQSIM_STEP_SYSCALL, .nr = (call)                                                  \
    }

/* clang-format off */
static const struct {
    const char *word;
    irqsim_step_t step;
} bare[] = {
    {"div0",          INSN(IRQSIM_OP_DIV, 0)},
    {"int3",          INSN(IRQSIM_OP_INT3, 0)},
    {"into",          INSN(IRQSIM_OP_INTO, 0)},
    {"bound",         INSN(IRQSIM_OP_BOUND, 1)},
    {"ud2",           INSN(IRQSIM_OP_UD2, 0)},
    {"icebp",         INSN(IRQSIM_OP_ICEBP, 0)},
    {"cli",           INSN(IRQSIM_OP_CLI, 0)},
    {"sti",           INSN(IRQSIM_OP_STI, 0)},
    {"hlt",           INSN(IRQSIM_OP_HLT, 0)},
    {"fpu",           {.kind = IRQSIM_STEP_FPU}},
    {"fpu_error",     RAISE(16)},
    {"misaligned",    RAISE(17)},
    {"machine_check", RAISE(18)},
    {"simd_error",    RAISE(19)},
    {"getpid",        CALL(IRQSIM_SYS_GETPID)},
};
#define BARE (sizeof(bare) / sizeof(bare[0]))

enum { RUN, LOAD, STORE, STACK, INT, READ, KILL, IOCTL, EXIT, STEP_KEYS };

#define OPERAND  IRQSIM__INTO(irqsim_program_step_t, step.insn.operand)
#define ARGUMENT IRQSIM__INTO(irqsim_program_step_t, step.argument)

static const char *signal_words(const void *user, unsigned i);

static const irqsim__key_t step_keys[STEP_KEYS] = {
    [RUN]   = {"run", IRQSIM__SPAN, false, IRQSIM__INTO(irqsim_program_step_t, takes),
               1, 0, "10us or 3000cycles", NULL},
    [LOAD]  = {"load", IRQSIM__HEX, false, OPERAND, 0, UINT32_MAX, "0x0804c000", NULL},
    [STORE] = {"store", IRQSIM__HEX, false, OPERAND, 0, UINT32_MAX, "0x0804c000", NULL},
    [STACK] = {"stack", IRQSIM__HEX, false, ARGUMENT, 0, UINT32_MAX, "0x2000", NULL},
    [INT]   = {"int", IRQSIM__HEX, false, OPERAND, 0, 255, "0x80", NULL},
    [READ]  = {"read", IRQSIM__HEX, false, ARGUMENT, 0, UINT32_MAX, "0x0804c000", NULL},
    [KILL]  = {"kill", IRQSIM__CHOICE, false, ARGUMENT, 0, 0, "SIGUSR1", signal_words},
    [IOCTL] = {"ioctl", IRQSIM__CHOICE, false, ARGUMENT, 0, 0, "null", irqsim__scenario_bug_words},
    [EXIT]  = {"exit", IRQSIM__INTEGER, false, ARGUMENT, 0, 255, "1", NULL},
};
static const irqsim_step_t step_of_key[STEP_KEYS] = {
    [RUN]   = {.kind = IRQSIM_STEP_RUN},
    [LOAD]  = INSN(IRQSIM_OP_LOAD, 0),
    [STORE] = INSN(IRQSIM_OP_STORE, 0),
    [STACK] = {.kind = IRQSIM_STEP_STACK},
    [INT]   = INSN(IRQSIM_OP_INT, 0),
    [READ]  = CALL(IRQSIM_SYS_READ),
    [KILL]  = CALL(IRQSIM_SYS_KILL),
    [IOCTL] = CALL(IRQSIM_SYS_IOCTL),
    [EXIT]  = CALL(IRQSIM_SYS_EXIT),
};

enum { SIGNAL, TAKES, SKIPS, IGNORED, ACTION_KEYS };
static const irqsim__key_t action_keys[ACTION_KEYS] = {
    [SIGNAL]  = {"signal", IRQSIM__CHOICE, true, IRQSIM__INTO(irqsim_user_action_t, action.signal),
                 0, 0, "SIGFPE", signal_words},
    [TAKES]   = {"takes", IRQSIM__SPAN, false, IRQSIM__INTO(irqsim_user_action_t, takes),
                 1, 0, "2us or 2000cycles", NULL},
    [SKIPS]   = {"skips", IRQSIM__YES_NO, false, IRQSIM__INTO(irqsim_user_action_t, action.skips),
                 0, 0, "yes", NULL},
    [IGNORED] = {"ignored", IRQSIM__YES_NO, false,
                 IRQSIM__INTO(irqsim_user_action_t, action.ignored), 0, 0, "yes", NULL},
};
/* clang-format on */

static const char *bare_words(const void *user, unsigned i)
{
    (void)user;
    return i < BARE ? bare[i].word : NULL;
}

/* Of both kinds, for hints. */
static const char *step_words(const void *user, unsigned i)
{
    return i < STEP_KEYS ? step_keys[i].name : bare_words(user, i - STEP_KEYS);
}

/* The i-th signal that a task may send and catch; 0 beyond the last. */
static unsigned nth_signal(unsigned i)
{
    for (unsigned signal = 1; signal < IRQSIM_SIGNALS; signal++)
        if (irqsim_signal_can_be_caught(signal) && i-- == 0)
            return signal;
    return 0;
}

static const char *signal_words(const void *user, unsigned i)
{
    (void)user;
    return irqsim_signal_name(nth_signal(i));
}

const char *irqsim__scenario_bug_words(const void *user, unsigned i)
{
    (void)user;
    return irqsim_bug_name(i);
}

/* ---- steps ---- */

static bool bind_word(irqsim__binder_t *b, uint32_t node, irqsim_program_step_t *step)
{
    const char *const text = irqsim__scenario_tree_text(&b->tree, node);
    const uint32_t i = irqsim__scenario_find_word(text, bare_words, NULL);

    if (i != UINT32_MAX) {
        step->step = bare[i].step;
        step->text = irqsim__scenario_bind_copy(b, text);
        return step->text != NULL;
    }
    const uint32_t key = irqsim__scenario_find_word(text, step_words, NULL);
    char hint[64];
    snprintf(hint, sizeof(hint), "such as %s: %s", text,
             key < STEP_KEYS ? step_keys[key].example : "");
    irqsim__scenario_problem(
        &b->problems, &b->tree, node, NULL,
        key < STEP_KEYS ? hint : irqsim__scenario_did_you_mean(text, step_words, NULL).text,
        key < STEP_KEYS ? "%s needs an operand" : "unknown step %s",
        irqsim__scenario_quote(text).text);
    return false;
}

/* "load: 0x0804c010" */
static char *text_of_step(irqsim__binder_t *b, const char *key, uint32_t value)
{
    const char *const operand =
        irqsim__scenario_tree_text(&b->tree, irqsim__scenario_tree_value(&b->tree, value));
    const size_t size = strlen(key) + strlen(operand) + sizeof(": ");
    char *const text = irqsim__scenario_bind_alloc(b, size, 1);

    if (text)
        snprintf(text, size, "%s: %s", key, operand);
    return text;
}

/* A map of one key: the key says what it is, its value is the operand. */
static bool bind_operand(irqsim__binder_t *b, uint32_t node, irqsim_program_step_t *step)
{
    const uint32_t found = b->problems.found;
    irqsim__seen_t seen;
    unsigned key = 0;

    if (!irqsim__scenario_bind(b, node, step_keys, STEP_KEYS, step, &seen) ||
        b->problems.found != found)
        return false;
    while (key < STEP_KEYS && !seen.at[key])
        key++;
    if (b->tree.node[node].count != 1) {
        irqsim__scenario_problem(&b->problems, &b->tree, node, NULL, "write each behind a dash",
                                 "expected one step");
        return false;
    }
    const irqsim_program_step_t operands = *step;
    step->text = text_of_step(b, step_keys[key].name, seen.at[key]);
    step->step = step_of_key[key];
    step->step.insn.operand = operands.step.insn.operand;
    step->step.argument = key == KILL ? nth_signal(operands.step.argument) : operands.step.argument;
    return step->text != NULL;
}

static bool bind_step(irqsim__binder_t *b, uint32_t node, irqsim_program_step_t *step)
{
    const uint32_t value = irqsim__scenario_tree_value(&b->tree, node);

    if (b->tree.node[value].kind == IRQSIM__MAP)
        return bind_operand(b, value, step);
    const char *const text = irqsim__scenario_bind_scalar(b, value, "a step such as div0");
    return text && bind_word(b, value, step);
}

void irqsim__scenario_bind_program(irqsim__binder_t *b, uint32_t node, irqsim_user_task_t *task)
{
    const uint32_t found = b->problems.found;
    uint32_t n, at = 0;
    uint32_t v = irqsim__scenario_bind_list(b, node, "steps", IRQSIM__MAX_STEPS, &n);

    if (v == 0 && b->problems.found == found)
        irqsim__scenario_problem(&b->problems, &b->tree, node, NULL, "such as [run: 10us, div0]",
                                 "a program has a step at least");
    task->program = irqsim__scenario_bind_alloc(b, n, sizeof(*task->program));
    for (; task->program && v && !irqsim__scenario_too_many_problems(&b->problems);
         v = b->tree.node[v].next) {
        irqsim_program_step_t *const step = &task->program[task->n_steps++];

        if (!bind_step(b, v, step))
            continue;
        step->step.at = at;
        at += irqsim_step_bytes(&step->step);
        if (at <= IRQSIM_USER_TEXT_BYTES)
            continue;
        irqsim__scenario_problem(&b->problems, &b->tree, v, NULL, "",
                                 "the program is longer than %u bytes",
                                 (unsigned)IRQSIM_USER_TEXT_BYTES);
        return;
    }
}

/* ---- signals ---- */

static void check_action(irqsim__binder_t *b, uint32_t node, const irqsim__seen_t *seen,
                         const irqsim_user_task_t *task, const irqsim_user_action_t *action)
{
    if (!action->action.ignored && !seen->at[TAKES])
        irqsim__scenario_problem(&b->problems, &b->tree, node, "takes",
                                 "such as takes: 2us or 2000cycles", "missing key");
    if (action->action.ignored && (seen->at[TAKES] || seen->at[SKIPS]))
        irqsim__scenario_problem(&b->problems, &b->tree, node, "ignored", "",
                                 "what is ignored has no handler");
    for (const irqsim_user_action_t *other = task->action; other < action; other++)
        if (other->action.signal == action->action.signal)
            irqsim__scenario_problem(&b->problems, &b->tree, node, "signal", "",
                                     "it has an action already");
}

void irqsim__scenario_bind_signals(irqsim__binder_t *b, uint32_t node, irqsim_user_task_t *task)
{
    uint32_t n, v = irqsim__scenario_bind_list(b, node, "signals", IRQSIM_SIGNALS, &n);

    task->action = irqsim__scenario_bind_alloc(b, n, sizeof(*task->action));
    for (; task->action && v && !irqsim__scenario_too_many_problems(&b->problems);
         v = b->tree.node[v].next) {
        irqsim_user_action_t *const action = &task->action[task->n_actions++];
        irqsim__seen_t seen;

        if (!irqsim__scenario_bind(b, v, action_keys, ACTION_KEYS, action, &seen) ||
            !seen.at[SIGNAL])
            continue;
        action->action.signal = (uint8_t)nth_signal(action->action.signal);
        check_action(b, v, &seen, task, action);
    }
}
