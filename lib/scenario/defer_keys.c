/* SPDX-License-Identifier: MIT */
/*
 * defer_keys.c - "defers:": what a handler leaves for later, and what that leaves
 *
 * The only part of a scenario that nests in itself (`then:`); it is walked with
 * a stack of its own into the flat array of irqsim_device_t.
 */
#include <stdlib.h>
#include <string.h>

#include "scenario_int.h"

enum { SOFTIRQ, WORK, RESCHEDULE, CALL_FUNCTION, BUG, TAKES, REPEAT, THEN, DEFER_KEYS };

static const char *target_words(const void *user, unsigned i)
{
    (void)user;
    return i == 0 ? "others" : NULL;
}

/* clang-format off */
static const irqsim__key_t defer_keys[DEFER_KEYS] = {
    [SOFTIRQ] = {"softirq", IRQSIM__NODE, false, 0, 0, 0, 0, "BLOCK", NULL},
    [WORK] = {"work", IRQSIM__WORD, false, IRQSIM__INTO(irqsim_defer_t, name),
              0, 0, "fs_end_io", NULL},
    [RESCHEDULE] = {"reschedule", IRQSIM__INTEGER, false, IRQSIM__INTO(irqsim_defer_t, nr),
                    0, IRQSIM_MAX_CPUS - 1, "1", NULL},
    [CALL_FUNCTION] = {"call_function", IRQSIM__CHOICE, false, IRQSIM__INTO(irqsim_defer_t, nr),
                       0, 0, "others", target_words},
    [BUG] = {"bug", IRQSIM__CHOICE, false, IRQSIM__INTO(irqsim_defer_t, nr),
             0, 0, "null", irqsim__scenario_bug_words},
    [TAKES] = {"takes", IRQSIM__SPAN, false, IRQSIM__INTO(irqsim_defer_t, takes),
               0, 0, "8us or 8000cycles", NULL},
    [REPEAT] = {"repeat", IRQSIM__NODE, false, 0, 0, 0, 0, "3", NULL},
    [THEN] = {"then", IRQSIM__NODE, false, 0, 0, 0, 0, NULL, NULL},
};

static const irqsim__key_t repeat_key =
    {"repeat", IRQSIM__INTEGER, false, IRQSIM__INTO(irqsim_defer_t, repeat),
     1, UINT32_MAX - 1, "3", NULL};

/* Which keys go with which kind of work. */
#define BIT(key) (1u << (key))
static const struct {
    unsigned key, allows;
    bool needs_takes;
    irqsim_job_kind_t kind;
} kinds[] = {
    {SOFTIRQ,       BIT(TAKES) | BIT(REPEAT) | BIT(THEN), true,  IRQSIM_JOB_SOFTIRQ},
    {WORK,          BIT(TAKES) | BIT(THEN),               true,  IRQSIM_JOB_WORK},
    {RESCHEDULE,    0,                                    false, IRQSIM_JOB_RESCHEDULE},
    {CALL_FUNCTION, 0,                                    false, IRQSIM_JOB_CALL_FUNCTION},
    {BUG,           0,                                    false, IRQSIM_JOB_BUG},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))
/* clang-format on */

/* The index of the one kind whose key is given, or KINDS: reported. */
static unsigned find_kind(irqsim__binder_t *b, uint32_t node, const irqsim__seen_t *seen)
{
    unsigned kind = 0;

    while (kind < KINDS && !seen->at[kinds[kind].key])
        kind++;
    if (kind == KINDS) {
        irqsim__scenario_problem(&b->problems, &b->tree, node, NULL,
                                 "one of softirq, work, reschedule, call_function, bug",
                                 "nothing says what is deferred");
        return kind;
    }
    for (unsigned i = 0; i < DEFER_KEYS; i++)
        if (seen->at[i] && i != kinds[kind].key && !(kinds[kind].allows & BIT(i)))
            irqsim__scenario_problem(&b->problems, &b->tree, seen->at[i], NULL, "",
                                     "does not go with '%s'", defer_keys[kinds[kind].key].name);
    if (kinds[kind].needs_takes && !seen->at[TAKES])
        irqsim__scenario_problem(&b->problems, &b->tree, node, "takes",
                                 "such as takes: 8us or 8000cycles", "missing key");
    return kind;
}

static void read_softirq(irqsim__binder_t *b, uint32_t node, irqsim_defer_t *defer)
{
    const char *const text = irqsim__scenario_bind_scalar(b, node, "a softirq such as BLOCK");

    if (!text)
        return;
    const uint32_t nr =
        irqsim__scenario_find_word(text, irqsim__scenario_softirq_words, &b->out->era);
    if (nr == UINT32_MAX)
        irqsim__scenario_problem(
            &b->problems, &b->tree, node, NULL,
            irqsim__scenario_did_you_mean(text, irqsim__scenario_softirq_words, &b->out->era).text,
            "%s has no softirq %s", irqsim_era_name(b->out->era),
            irqsim__scenario_quote(text).text);
    else
        defer->nr = (uint16_t)nr;
}

static void read_repeat(irqsim__binder_t *b, uint32_t node, irqsim_defer_t *defer)
{
    const uint32_t value = irqsim__scenario_tree_value(&b->tree, node);

    if (b->tree.node[value].kind == IRQSIM__SCALAR &&
        strcmp(irqsim__scenario_tree_text(&b->tree, value), "forever") == 0)
        defer->repeat = UINT32_MAX;
    else
        irqsim__scenario_bind_value(b, value, &repeat_key, defer);
}

/* Reported if not. */
static bool has_ipis(irqsim__binder_t *b, uint32_t node)
{
    if (b->out->board != IRQSIM_BOARD_AT)
        return true;
    irqsim__scenario_problem(&b->problems, &b->tree, node, NULL, "",
                             "board at has one CPU and no IPIs");
    return false;
}

static void check_reschedule(irqsim__binder_t *b, uint32_t node, const irqsim_defer_t *defer)
{
    if (has_ipis(b, node) && defer->nr >= b->out->cpus)
        irqsim__scenario_problem(&b->problems, &b->tree, node, NULL, "",
                                 "CPU %u, but the machine has only %u", (unsigned)defer->nr,
                                 (unsigned)b->out->cpus);
}

/* IPI-02: from an interrupt or a softirq, two CPUs that call each other would wait for
 * ever. Here nobody waits, but no such kernel may be written down either. */
static void check_call_function(irqsim__binder_t *b, uint32_t node, irqsim_job_kind_t by)
{
    if (has_ipis(b, node) && b->out->cpus < 2)
        irqsim__scenario_problem(&b->problems, &b->tree, node, NULL, "such as machine: {cpus: 2}",
                                 "the machine has no other CPU to call");
    if (by != IRQSIM_JOB_WORK)
        irqsim__scenario_problem(&b->problems, &b->tree, node, NULL,
                                 "only under the 'then' of a work",
                                 "smp_call_function() must not be called from an interrupt or a "
                                 "softirq");
}

/* What `by` defers: IRQSIM_JOB_HANDLER is the device's handler. Returns the node of its
 * `then`, 0 if it has none. */
static uint32_t bind_defer(irqsim__binder_t *b, uint32_t node, irqsim_job_kind_t by,
                           irqsim_defer_t *defer)
{
    irqsim__seen_t seen;

    if (!irqsim__scenario_bind(b, node, defer_keys, DEFER_KEYS, defer, &seen))
        return 0;
    const unsigned kind = find_kind(b, node, &seen);
    if (kind == KINDS)
        return 0;
    defer->kind = (uint8_t)kinds[kind].kind;
    if (defer->kind == IRQSIM_JOB_SOFTIRQ)
        read_softirq(b, seen.at[SOFTIRQ], defer);
    if (defer->kind == IRQSIM_JOB_RESCHEDULE)
        check_reschedule(b, seen.at[RESCHEDULE], defer);
    if (defer->kind == IRQSIM_JOB_CALL_FUNCTION)
        check_call_function(b, seen.at[CALL_FUNCTION], by);
    if (seen.at[REPEAT])
        read_repeat(b, seen.at[REPEAT], defer);
    return seen.at[THEN];
}

/* Room for one more at the end of the device's list. */
static irqsim_defer_t *new_defer(irqsim__binder_t *b, irqsim_device_t *device, uint32_t *room)
{
    if (device->n_defers == *room) {
        const uint32_t more = *room ? 2 * *room : 4;
        void *const bigger = realloc(device->defer, more * sizeof(*device->defer));

        if (!bigger) {
            b->problems.no_memory = true;
            return NULL;
        }
        device->defer = bigger;
        *room = more;
    }
    irqsim_defer_t *const defer = &device->defer[device->n_defers++];
    memset(defer, 0, sizeof(*defer));
    return defer;
}

/* Aliases may be nested, so a small file can ask for a great many. */
static bool too_many_defers(irqsim__binder_t *b, uint32_t node)
{
    if (++b->defers <= IRQSIM__MAX_DEFERS)
        return false;
    irqsim__scenario_problem(&b->problems, &b->tree, node, NULL, "",
                             "more than %u pieces of deferred work in one file",
                             (unsigned)IRQSIM__MAX_DEFERS);
    return true;
}

void irqsim__scenario_bind_defers(irqsim__binder_t *b, uint32_t node, irqsim_device_t *device)
{
    irqsim_job_kind_t by[IRQSIM__MAX_THEN] = {IRQSIM_JOB_HANDLER}; /* by depth */
    uint32_t next[IRQSIM__MAX_THEN], depth = 0, room = 0, n;

    next[0] = irqsim__scenario_bind_list(b, node, "deferred works", IRQSIM__MAX_DEFERS, &n);
    while (!irqsim__scenario_too_many_problems(&b->problems)) {
        const uint32_t item = next[depth];

        if (!item) {
            if (depth-- == 0)
                return;
            continue;
        }
        next[depth] = b->tree.node[item].next;
        irqsim_defer_t *const defer = too_many_defers(b, item) ? NULL : new_defer(b, device, &room);
        if (!defer)
            return;
        defer->depth = depth + 1;
        const uint32_t then = bind_defer(b, item, by[depth], defer);
        if (then && depth + 1 == IRQSIM__MAX_THEN)
            irqsim__scenario_problem(&b->problems, &b->tree, then, NULL, "",
                                     "more than %u levels of 'then'", IRQSIM__MAX_THEN);
        else if (then) {
            by[++depth] = (irqsim_job_kind_t)defer->kind;
            next[depth] =
                irqsim__scenario_bind_list(b, then, "deferred works", IRQSIM__MAX_DEFERS, &n);
        }
    }
}
