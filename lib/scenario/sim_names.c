/* SPDX-License-Identifier: MIT */
/*
 * sim_names.c - what numbers in events mean, and the header of a trace
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_int.h"

#define CPU_TASKS 3u /* idle, ksoftirqd, kworker of each CPU: irqsim_kernel_tasks() */

static const char *const cpu_task_format[IRQSIM_ERAS][CPU_TASKS] = {
    [IRQSIM_LINUX_MODERN] = {"swapper/", "ksoftirqd/", "kworker/"},
    [IRQSIM_LINUX_2_6_23] = {"swapper/", "ksoftirqd/", "events/"},
};

static char *format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static char *format(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    const int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *const text = n < 0 ? NULL : malloc((size_t)n + 1);
    va_start(args, fmt);
    if (text)
        vsnprintf(text, (size_t)n + 1, fmt, args);
    va_end(args);
    return text;
}

/* Users in the order of the scenario, then the kernel's own (kernel.h). */
static char *task_text(const irqsim_sim_t *sim, uint32_t task)
{
    const irqsim_scenario_t *const s = sim->scenario;

    if (task < s->n_tasks)
        return format("%s", s->task[task].name);
    const uint32_t cpu = (task - s->n_tasks) / CPU_TASKS, which = (task - s->n_tasks) % CPU_TASKS;
    const bool pool = which == 2 && s->era == IRQSIM_LINUX_MODERN; /* CMWQ: CPU:worker */
    return format("%s%u%s", cpu_task_format[s->era][which], (unsigned)cpu, pool ? ":0" : "");
}

static bool name_tasks(irqsim_sim_t *sim)
{
    const uint32_t n = irqsim_kernel_tasks(sim->kernel);

    sim->task_name = calloc((size_t)n + 1, sizeof(*sim->task_name));
    for (uint32_t i = 0; sim->task_name && i < n; i++)
        if (!(sim->task_name[i] = task_text(sim, i)))
            return false;
    return sim->task_name != NULL;
}

/* "eth0, usb1": all handlers of an irq. */
static char *irq_text(const irqsim_sim_t *sim, uint32_t irq)
{
    size_t size = 1, used = 0;

    for (uint32_t a = sim->first_action[irq]; a < sim->first_action[irq + 1]; a++)
        size += strlen(sim->names.word[sim->action[a].name].text) + 2;
    char *const text = calloc(size, 1);
    for (uint32_t a = sim->first_action[irq]; text && a < sim->first_action[irq + 1]; a++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
                                 sim->names.word[sim->action[a].name].text);
    return text;
}

static bool name_irqs(irqsim_sim_t *sim)
{
    sim->irq_name = calloc((size_t)sim->n_irqs + 1, sizeof(*sim->irq_name));
    for (uint32_t i = 0; sim->irq_name && i < sim->n_irqs; i++)
        if (!(sim->irq_name[i] = irq_text(sim, i)))
            return false;
    return sim->irq_name != NULL;
}

/* A recorded name may hold anything; the values of a header hold no line breaks. */
static void make_one_line(char *text)
{
    for (; *text; text++)
        if (*text == '\n' || *text == '\r')
            *text = '?';
}

/* Takes both texts over; NULL texts mean that there was no memory for them. */
static bool add_meta(irqsim_sim_t *sim, char *key, char *value)
{
    if (key && value && sim->n_meta == sim->meta_room) {
        const size_t room = sim->meta_room ? 2 * sim->meta_room : 64;
        void *const bigger = realloc(sim->meta, room * sizeof(*sim->meta));

        if (bigger) {
            sim->meta = bigger;
            sim->meta_room = room;
        }
    }
    if (!key || !value || sim->n_meta == sim->meta_room) {
        free(key);
        free(value);
        return false;
    }
    make_one_line(value);
    sim->meta[sim->n_meta++] = (irqsim_trace_meta_t){key, value};
    return true;
}

static bool describe_machine(irqsim_sim_t *sim)
{
    const irqsim_scenario_t *const s = sim->scenario;
    bool ok = add_meta(sim, format("machine"),
                       format("%s %s %u", irqsim_profile_name(s->profile_id),
                              s->board == IRQSIM_BOARD_AT ? "at" : "mp", (unsigned)s->cpus));

    for (unsigned i = 0; ok && i < IRQSIM_VARIANTS; i++)
        if (s->variants >> i & 1)
            ok = add_meta(sim, format("variant"), format("%s", irqsim_variant(i)->name));
    for (unsigned i = 0; ok && i < irqsim_figures(); i++)
        ok = add_meta(sim, format("profile.%s", irqsim_figure(i)->name),
                      format("%llu", (unsigned long long)irqsim_profile_get(&s->profile, i)));
    return ok && add_meta(sim, format("kernel"),
                          format("%s %u", irqsim_era_name(s->era), (unsigned)s->hz));
}

/* The scenario's text, line by line. */
static bool describe_scenario(irqsim_sim_t *sim)
{
    const irqsim_scenario_t *const s = sim->scenario;
    bool ok = add_meta(sim, format("scenario"), format("%s", s->name)) &&
              add_meta(sim, format("seed"), format("%llu", (unsigned long long)s->seed));

    for (const char *line = s->text; ok && *line;) {
        const size_t n = strcspn(line, "\r\n");

        ok = add_meta(sim, format("scenario.text"), format("%.*s", (int)n, line));
        line += n;
        line += *line == '\r';
        line += *line == '\n';
    }
    return ok && (!sim->list || add_meta(sim, format("arrivals"), format("%s", sim->list->origin)));
}

/* ---- code: what a saved EIP names ---- */

/* A listing helps, it must not fill the header. */
#define LISTING_ROOM (256u * 1024u)

typedef struct listing {
    irqsim_sim_t *sim;
    const char *whose; /* "kernel", or a task's number */
    size_t room;
} listing_t;

static bool add_code(listing_t *l, uint32_t address, uint32_t bytes, const char *text,
                     const char *more)
{
    char *const value =
        format("%08lx %lu %s%s", (unsigned long)address, (unsigned long)bytes, text, more);
    const size_t size = value ? strlen(value) : 0;

    if (size > l->room) {
        free(value);
        l->room = 0;
        return true;
    }
    l->room -= size;
    return add_meta(l->sim, format("code.%s", l->whose), value);
}

static bool list_program(listing_t *l, const irqsim_user_task_t *task)
{
    uint32_t at = IRQSIM_USER_TEXT;
    bool ok = true;

    for (uint32_t i = 0; ok && i < task->n_steps; i++) {
        const uint32_t bytes = irqsim_step_bytes(&task->program[i].step);

        ok = add_code(l, at, bytes, task->program[i].text, "");
        at += bytes;
    }
    /* whatever the last step is, behind it stands exit(0), an INT n */
    return ok && (task->n_steps == 0 || add_code(l, at, 2, "exit: 0", ""));
}

static bool list_handlers(listing_t *l, const irqsim_user_task_t *task)
{
    bool ok = true;

    for (uint32_t i = 0; ok && i < task->n_actions; i++) {
        const unsigned signal = task->action[i].action.signal;

        if (!task->action[i].action.ignored)
            ok = add_code(l, irqsim_signal_handler(signal), IRQSIM_HANDLER_BYTES,
                          irqsim_signal_name(signal), " handler");
    }
    return ok;
}

static bool describe_code(irqsim_sim_t *sim)
{
    listing_t l = {sim, "kernel", LISTING_ROOM};
    irqsim_symbol_t symbol;
    char nr[16];
    bool ok = true;

    for (unsigned i = 0; ok && irqsim_kernel_symbol(i, &symbol); i++)
        ok = add_code(&l, symbol.address, symbol.bytes, symbol.name, "");
    l.whose = nr;
    for (uint32_t i = 0; ok && i < sim->scenario->n_tasks; i++) {
        snprintf(nr, sizeof(nr), "%u", (unsigned)i);
        ok =
            list_program(&l, &sim->scenario->task[i]) && list_handlers(&l, &sim->scenario->task[i]);
    }
    return ok;
}

static bool describe_names(irqsim_sim_t *sim)
{
    bool ok = true;

    for (uint32_t i = 0; ok && i < sim->names.n; i++)
        ok = add_meta(sim, format("name.%u", (unsigned)i), format("%s", sim->names.word[i].text));
    for (uint32_t i = 0; ok && i < irqsim_kernel_tasks(sim->kernel); i++)
        ok = add_meta(sim, format("task.%u", (unsigned)i), format("%s", sim->task_name[i]));
    return ok;
}

irqsim_status_t irqsim__scenario_sim_describe(irqsim_sim_t *sim)
{
    const bool ok = name_tasks(sim) && name_irqs(sim) && describe_machine(sim) &&
                    describe_scenario(sim) && describe_names(sim) && describe_code(sim);

    return ok ? IRQSIM_OK : IRQSIM_E_NOMEM;
}

void irqsim__scenario_sim_forget(irqsim_sim_t *sim)
{
    for (uint32_t i = 0; sim->irq_name && i < sim->n_irqs; i++)
        free(sim->irq_name[i]);
    for (uint32_t i = 0; sim->task_name && sim->task_name[i]; i++)
        free(sim->task_name[i]);
    for (size_t i = 0; i < sim->n_meta; i++) {
        free((void *)sim->meta[i].key);
        free((void *)sim->meta[i].value);
    }
    free(sim->irq_name);
    free(sim->task_name);
    free(sim->meta);
}

const irqsim_trace_meta_t *irqsim_sim_meta(const irqsim_sim_t *sim, size_t *n)
{
    *n = sim->n_meta;
    return sim->meta;
}

const char *irqsim_sim_name(void *user, const char *kind, uint32_t n)
{
    static const char *const of_tasks[] = {"task", "prev", "next"};
    const irqsim_sim_t *const sim = user;

    if (strcmp(kind, "name") == 0)
        return n < sim->names.n ? sim->names.word[n].text : NULL;
    for (unsigned i = 0; i < sizeof(of_tasks) / sizeof(of_tasks[0]); i++)
        if (strcmp(kind, of_tasks[i]) == 0)
            return n < irqsim_kernel_tasks(sim->kernel) ? sim->task_name[n] : NULL;
    return NULL;
}
