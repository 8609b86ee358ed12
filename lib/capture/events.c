/* SPDX-License-Identifier: MIT */
/*
 * events.c - what an event of a capture means to us
 *
 * Events are known by name, never by number: vector numbers differ between
 * kernels (IMP-03, VEC-02), and so do softirq numbers (IMP-02, SIRQ-01).
 */
#include <string.h>

#include "capture_int.h"

#define SOFTIRQ_SLOTS 32 /* SIRQ-01 */

/* --- fields -------------------------------------------------------------- */

static bool number_after(const char *text, const char *label, uint32_t *number)
{
    const char *at = strstr(text, label);
    uint64_t value;

    if (!at)
        return false;
    at += strlen(label);
    if (!irqsim__capture_decimal(&at, &value) || value >= NONE)
        return false;
    *number = (uint32_t)value;
    return true;
}

static span_t up_to(const char *at, const char *stops)
{
    return (span_t){at, strcspn(at, stops)};
}

/* Everything to the end of the line, without spaces there (IMP-06). */
static span_t whole(const char *at)
{
    span_t span = {at, strlen(at)};

    while (span.length > 0 && at[span.length - 1] == ' ')
        span.length--;
    return span;
}

/* TP-01 "irq=19 name=eth0": a name may contain spaces. */
static bool irq_and_name(const char *text, meaning_t *m)
{
    const char *name = strstr(text, "name=");

    if (!name || !number_after(text, "irq=", &m->number))
        return false;
    m->name = whole(name + strlen("name="));
    return m->name.length > 0;
}

static bool irq_only(const char *text, meaning_t *m)
{
    return number_after(text, "irq=", &m->number);
}

/* TP-02 "vec=3 [action=NET_RX]". Without the action, the number is read as
 * today's kernels mean it. */
static bool softirq(const char *text, meaning_t *m)
{
    static const char *const modern[] = {"HI",       "TIMER",   "NET_TX", "NET_RX",  "BLOCK",
                                         "IRQ_POLL", "TASKLET", "SCHED",  "HRTIMER", "RCU"};
    const char *action = strstr(text, "[action=");

    if (!number_after(text, "vec=", &m->number) || m->number >= SOFTIRQ_SLOTS)
        return false;
    if (action)
        m->name = up_to(action + strlen("[action="), "]");
    else if (m->number < sizeof(modern) / sizeof(modern[0]))
        m->name = whole(modern[m->number]);
    return m->name.length > 0;
}

/* TP-04 "work struct=PTR function=F workqueue=..." and TP-05 "work struct PTR:
 * function F"; old kernels end without a function. */
static bool work(const char *text, meaning_t *m)
{
    const char *pointer = strstr(text, "work struct");
    const char *function = strstr(text, "function");

    if (!pointer)
        return false;
    pointer += strlen("work struct");
    if (*pointer != '=' && *pointer != ' ')
        return false;
    m->work = up_to(pointer + 1, " :");
    if (function && function[strlen("function")])
        m->name = up_to(function + strlen("function") + 1, " ");
    return m->work.length > 0;
}

/* TP-08 "... ==> next_comm=app0 next_pid=17532 ...", or as plugins print it,
 * "... ==> app0:17532 [120]" (TC-03, PS-03). Who stops is the line's own task. */
static bool next_task(const char *text, meaning_t *m)
{
    const char *next = strstr(text, "==> ");

    if (!next)
        return false;
    if (number_after(next, " next_pid=", &m->number))
        return true;
    const char *bracket = strrchr(next, '[');
    const char *colon = bracket;
    while (colon && colon > next && *colon != ':')
        colon--;
    return colon && number_after(colon, ":", &m->number);
}

static bool nothing(const char *text, meaning_t *m)
{
    (void)text;
    (void)m;
    return true;
}

/* --- the table ----------------------------------------------------------- */

typedef struct event_row {
    const char *event;
    action_t action;
    bool (*fields)(const char *text, meaning_t *m);
    const char *vector;
} event_row_t;

#define VECTOR(name)                                                                               \
    {name "_entry", ACT_VECTOR_ENTRY, nothing, name},                                              \
    {                                                                                              \
        name "_exit", ACT_VECTOR_EXIT, nothing, name                                               \
    }

static const event_row_t row[] = {
    /* clang-format off */
    {"irq_handler_entry",       ACT_IRQ_ENTRY,     irq_and_name, NULL},
    {"irq_handler_exit",        ACT_IRQ_EXIT,      irq_only,     NULL},
    {"softirq_raise",           ACT_SOFTIRQ_RAISE, softirq,      NULL},
    {"softirq_entry",           ACT_SOFTIRQ_ENTRY, softirq,      NULL},
    {"softirq_exit",            ACT_SOFTIRQ_EXIT,  softirq,      NULL},
    {"workqueue_queue_work",    ACT_WORK_QUEUE,    work,         NULL},
    {"workqueue_execute_start", ACT_WORK_START,    work,         NULL},
    {"workqueue_execute_end",   ACT_WORK_END,      work,         NULL},
    {"sched_switch",            ACT_SWITCH,        next_task,    NULL},
    /* TP-07, all of irq_vectors that enter and exit */
    VECTOR("local_timer"),
    VECTOR("reschedule"),
    VECTOR("call_function"),
    VECTOR("call_function_single"),
    VECTOR("irq_work"),
    VECTOR("x86_platform_ipi"),
    VECTOR("spurious_apic"),
    VECTOR("error_apic"),
    VECTOR("thermal_apic"),
    VECTOR("threshold_apic"),
    VECTOR("deferred_error_apic"),
    /* clang-format on */
};

bool irqsim__capture_mean(const head_t *head, meaning_t *meaning)
{
    *meaning = (meaning_t){.action = ACT_IGNORE, .name = {"", 0}, .work = {"", 0}};
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        if (strcmp(row[i].event, head->event) != 0)
            continue;
        meaning->action = row[i].action;
        if (row[i].vector)
            meaning->name = whole(row[i].vector);
        return row[i].fields(head->text, meaning);
    }
    return true;
}
