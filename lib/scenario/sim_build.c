/* SPDX-License-Identifier: MIT */
/*
 * sim_build.c - from a scenario's words to the tables of machine and kernel
 */
#include <stdlib.h>
#include <string.h>

#include <irqsim/clock.h>

#include "sim_int.h"

#define OF_THE_KERNEL 1u         /* a word's number: a device may have the same name */
#define MOST_WORKS    UINT16_MAX /* irqsim_job_t.nr */

/* Grows by one row; rooms are a power of two, so the row count tells when. */
static bool room_for_one(void **table, uint32_t n, size_t row)
{
    if (n & (n - 1) || (n == 0 && *table))
        return true;
    void *const bigger = realloc(*table, (n ? 2 * (size_t)n : 1) * row);
    if (!bigger)
        return false;
    *table = bigger;
    return true;
}

uint32_t irqsim__scenario_sim_add_source(irqsim_sim_t *sim, const irqsim_source_desc_t *source)
{
    void *table = sim->source;

    if (!room_for_one(&table, sim->n_sources, sizeof(*source)))
        return IRQSIM__NONE;
    sim->source = table;
    sim->source[sim->n_sources] = *source;
    return sim->n_sources++;
}

static bool add_irq_desc(irqsim_sim_t *sim, const irqsim_irq_desc_t *irq)
{
    void *table = sim->irq;

    if (!room_for_one(&table, sim->n_irqs, sizeof(*irq)))
        return false;
    sim->irq = table;
    sim->irq[sim->n_irqs++] = *irq;
    return true;
}

/* Devices that share an irq each add it; sort_irqs() keeps the first. */
bool irqsim__scenario_sim_add_irq(irqsim_sim_t *sim, const irqsim_irq_desc_t *irq, uint32_t source,
                                  const char *name, uint32_t flags)
{
    const uint32_t index = irqsim__scenario_words_add(&sim->names, name, 0);
    void *table = sim->action;

    if (index == IRQSIM__NONE || !add_irq_desc(sim, irq) ||
        !room_for_one(&table, sim->n_actions, sizeof(*sim->action)))
        return false;
    sim->action = table;
    sim->action[sim->n_actions++] = (irqsim_action_desc_t){irq->irq, source, index, flags};
    return true;
}

uint32_t irqsim__scenario_sim_add_work(irqsim_sim_t *sim, const char *name, uint32_t number)
{
    const uint32_t work = irqsim__scenario_words_add(&sim->works, name, number);
    const uint32_t text = irqsim__scenario_words_add(&sim->names, name, 0);

    if (work == IRQSIM__NONE || text == IRQSIM__NONE || work >= MOST_WORKS)
        return IRQSIM__NONE;
    sim->works.word[work].name = text;
    return work;
}

/* Jobs come in the order of a walk through their tree, each with its depth. */
static void link_job(irqsim_sim_t *sim, uint32_t index, uint32_t depth)
{
    uint32_t up = index - 1, brother = IRQSIM__NONE;

    for (; sim->place[up].depth >= depth; up = sim->place[up].up)
        brother = up;
    if (brother == IRQSIM__NONE)
        sim->job[up].child = index + 1;
    else
        sim->job[brother].next = index + 1;
    sim->place[index].up = up;
}

uint32_t irqsim__scenario_sim_add_job(irqsim_sim_t *sim, uint32_t depth, const irqsim_job_t *job)
{
    const uint32_t index = sim->n_jobs;
    void *jobs = sim->job, *places = sim->place;

    if (index == IRQSIM__NONE - 1 || !room_for_one(&jobs, index, sizeof(*job)))
        return IRQSIM__NONE;
    sim->job = jobs;
    if (!room_for_one(&places, index, sizeof(*sim->place)))
        return IRQSIM__NONE;
    sim->place = places;
    sim->job[index] = *job;
    sim->place[index] = (irqsim__place_t){index, depth};
    if (depth > 0)
        link_job(sim, index, depth);
    sim->n_jobs++;
    return index;
}

/* A span as clocks of this machine's CPU. */
static uint64_t clocks_of(const irqsim_sim_t *sim, const irqsim_span_t *span)
{
    const irqsim_clock_t clock = {sim->scenario->profile.cpu_hz, 1};

    return span->clocks ? span->value : irqsim_clock_to_ticks(&clock, span->value);
}

/* The handler and all it defers; its index, or IRQSIM__NONE. */
static uint32_t add_device_jobs(irqsim_sim_t *sim, const irqsim_device_t *d)
{
    const irqsim_job_t handler = {.clocks = clocks_of(sim, &d->handler)};
    uint32_t last = irqsim__scenario_sim_add_job(sim, 0, &handler);
    const uint32_t root = last;

    for (uint32_t i = 0; i < d->n_defers && last != IRQSIM__NONE; i++) {
        const irqsim_defer_t *const defer = &d->defer[i];
        uint32_t nr = defer->nr;

        if (defer->kind == IRQSIM_JOB_WORK)
            nr = irqsim__scenario_sim_add_work(sim, defer->name, 0);
        if (nr == IRQSIM__NONE)
            return nr;
        last = irqsim__scenario_sim_add_job(sim, defer->depth,
                                            &(irqsim_job_t){.clocks = clocks_of(sim, &defer->takes),
                                                            .repeat = defer->repeat,
                                                            .nr = (uint16_t)nr,
                                                            .kind = defer->kind});
    }
    return last == IRQSIM__NONE ? last : root;
}

/* Independent of one another, and all from the scenario's one seed. */
static uint64_t seed_of(const irqsim_sim_t *sim, uint32_t device)
{
    return sim->scenario->seed + UINT64_C(0x9E3779B97F4A7C15) * (device + 1);
}

/* An arrivals file, loaded once for all devices that name it. */
static irqsim_status_t open_file(irqsim_sim_t *sim, const char *path,
                                 const irqsim_arrivals_t **list)
{
    void *table = sim->file;

    for (uint32_t i = 0; i < sim->n_files; i++)
        if (strcmp(sim->file[i].path, path) == 0) {
            *list = sim->file[i].list;
            return IRQSIM_OK;
        }
    if (!room_for_one(&table, sim->n_files, sizeof(*sim->file)))
        return IRQSIM_E_NOMEM;
    sim->file = table;
    irqsim__file_t *const file = &sim->file[sim->n_files];
    *file = (irqsim__file_t){path, NULL};
    const irqsim_status_t status = irqsim_arrivals_load(path, sim->diag, &file->list);
    if (status == IRQSIM_OK) {
        sim->n_files++;
        *list = file->list;
    }
    return status;
}

static irqsim_status_t add_device(irqsim_sim_t *sim, uint32_t i)
{
    const irqsim_device_t *const d = &sim->scenario->device[i];
    const bool recorded = d->pattern == IRQSIM_PATTERN_RECORD;
    const irqsim_arrivals_t *list;
    irqsim_irq_desc_t line = d->line;
    irqsim_source_desc_t source = {.wiring = line.msi ? IRQSIM_WIRED_MSI : IRQSIM_WIRED_PIN,
                                   .pin = line.msi ? 0 : line.hwirq,
                                   .active_low = line.active_low,
                                   .pattern = d->pattern,
                                   .first = d->first,
                                   .period = d->period,
                                   .gap = d->gap,
                                   .burst = d->burst,
                                   .count = d->count,
                                   .seed = seed_of(sim, i),
                                   .pulse = d->pulse};

    if (line.msi)
        line.hwirq = (uint16_t)sim->n_sources;
    if (!recorded)
        source.job = add_device_jobs(sim, d);
    const uint32_t index = irqsim__scenario_sim_add_source(sim, &source);
    if (source.job == IRQSIM__NONE || index == IRQSIM__NONE ||
        !irqsim__scenario_sim_add_irq(sim, &line, index, d->name, d->flags))
        return IRQSIM_E_NOMEM;
    if (!recorded)
        return IRQSIM_OK;
    const irqsim_status_t status = open_file(sim, d->recorded, &list);
    return status == IRQSIM_OK
               ? irqsim__scenario_sim_record(sim, list, d->recorded_irq, index, d->first)
               : status;
}

/* Does anything in it make an exception or a system call? */
static bool has_exceptions(const irqsim_scenario_t *s)
{
    for (uint32_t i = 0; i < s->n_tasks; i++)
        if (s->task[i].n_steps || s->task[i].total.value)
            return true;
    for (uint32_t i = 0; i < s->n_devices; i++)
        for (uint32_t n = 0; n < s->device[i].n_defers; n++)
            if (s->device[i].defer[n].kind == IRQSIM_JOB_BUG)
                return true;
    return false;
}

/* Names for exceptions, signals and system calls, if there can be any: a trace's
 * header has no others. */
static bool add_kernel_words(irqsim_sim_t *sim)
{
    const bool wanted = has_exceptions(sim->scenario);

    sim->kernel_words = sim->names.n;
    for (unsigned i = 0; wanted && irqsim_kernel_word(i); i++)
        if (irqsim__scenario_words_add(&sim->names, irqsim_kernel_word(i), OF_THE_KERNEL) !=
            sim->kernel_words + i)
            return false;
    return true;
}

/* Room for all tasks' steps and actions. */
static bool reserve_programs(irqsim_sim_t *sim)
{
    size_t steps = 1, actions = 1;

    for (uint32_t i = 0; i < sim->scenario->n_tasks; i++) {
        steps += sim->scenario->task[i].n_steps;
        actions += sim->scenario->task[i].n_actions;
    }
    sim->step = calloc(steps, sizeof(*sim->step));
    sim->sigaction = calloc(actions, sizeof(*sim->sigaction));
    return sim->step && sim->sigaction;
}

/* Steps and actions go to *step and *action, which move on. */
static void add_program(const irqsim_sim_t *sim, const irqsim_user_task_t *task,
                        irqsim_task_desc_t *desc, irqsim_step_t **step, irqsim_sigaction_t **action)
{
    desc->program = *step;
    desc->n_steps = task->n_steps;
    for (uint32_t i = 0; i < task->n_steps; i++, (*step)++) {
        **step = task->program[i].step;
        (*step)->clocks = clocks_of(sim, &task->program[i].takes);
    }
    desc->actions = *action;
    desc->n_actions = (uint16_t)task->n_actions;
    for (uint32_t i = 0; i < task->n_actions; i++, (*action)++) {
        **action = task->action[i].action;
        (*action)->clocks = clocks_of(sim, &task->action[i].takes);
    }
}

static irqsim_status_t add_tasks(irqsim_sim_t *sim)
{
    const irqsim_scenario_t *const s = sim->scenario;

    if (!reserve_programs(sim))
        return IRQSIM_E_NOMEM;
    irqsim_step_t *step = sim->step;
    irqsim_sigaction_t *action = sim->sigaction;
    sim->task = calloc(s->n_tasks + 1, sizeof(*sim->task));
    for (uint32_t i = 0; sim->task && i < s->n_tasks; i++) {
        const uint32_t name = irqsim__scenario_words_add(&sim->names, s->task[i].name, 0);

        if (name == IRQSIM__NONE)
            return IRQSIM_E_NOMEM;
        sim->task[i] = (irqsim_task_desc_t){
            .name = name, .cpu = s->task[i].cpu, .total = clocks_of(sim, &s->task[i].total)};
        add_program(sim, &s->task[i], &sim->task[i], &step, &action);
    }
    return sim->task ? IRQSIM_OK : IRQSIM_E_NOMEM;
}

/* The names that the kernel counts on: softirqs, then system vectors, from 0. */
static bool add_kernel_names(irqsim_sim_t *sim)
{
    bool ok = true;

    for (unsigned nr = 0; irqsim_softirq_name(sim->scenario->era, nr); nr++)
        ok = ok && irqsim__scenario_words_add(&sim->names,
                                              irqsim_softirq_name(sim->scenario->era, nr), 0) == nr;
    for (unsigned i = 0; i < IRQSIM_SYSVECS; i++)
        ok = ok && irqsim__scenario_words_add(&sim->names, irqsim_sysvec_name((irqsim_sysvec_t)i),
                                              0) != IRQSIM__NONE;
    return ok;
}

static int by_irq(const void *a, const void *b)
{
    const irqsim_irq_desc_t *const left = a, *const right = b;

    return (left->irq > right->irq) - (left->irq < right->irq);
}

/* Handlers of one irq in the order of their devices, as SHARE-01 asks them. */
static int by_irq_and_source(const void *a, const void *b)
{
    const irqsim_action_desc_t *const left = a, *const right = b;

    if (left->irq != right->irq)
        return left->irq > right->irq ? 1 : -1;
    return (left->source > right->source) - (left->source < right->source);
}

static irqsim_status_t sort_irqs(irqsim_sim_t *sim)
{
    uint32_t n = 0, a = 0;

    if (sim->n_irqs > 0) {
        qsort(sim->irq, sim->n_irqs, sizeof(*sim->irq), by_irq);
        qsort(sim->action, sim->n_actions, sizeof(*sim->action), by_irq_and_source);
    }
    sim->first_action = calloc((size_t)sim->n_irqs + 1, sizeof(*sim->first_action));
    if (!sim->first_action)
        return IRQSIM_E_NOMEM;
    for (uint32_t i = 0; i < sim->n_irqs; i++) {
        if (n > 0 && sim->irq[n - 1].irq == sim->irq[i].irq)
            continue;
        sim->irq[n] = sim->irq[i];
        for (sim->first_action[n] = a; a < sim->n_actions && sim->action[a].irq == sim->irq[n].irq;)
            a++;
        sim->first_action[++n] = a;
    }
    sim->n_irqs = n;
    return IRQSIM_OK;
}

static irqsim_status_t list_works(irqsim_sim_t *sim)
{
    sim->work_name = calloc((size_t)sim->works.n + 1, sizeof(*sim->work_name));
    for (uint32_t i = 0; sim->work_name && i < sim->works.n; i++)
        sim->work_name[i] = sim->works.word[i].name;
    return sim->work_name ? IRQSIM_OK : IRQSIM_E_NOMEM;
}

/* An irq may be expected of that neither the scenario nor the list has. */
static irqsim_status_t check_expects(const irqsim_sim_t *sim)
{
    irqsim_status_t status = IRQSIM_OK;

    for (uint32_t i = 0; i < sim->scenario->n_expects; i++) {
        const irqsim_expect_t *const e = &sim->scenario->expect[i];
        const irqsim_irq_desc_t key = {.irq = (uint32_t)e->subject};

        if (e->metric > IRQSIM_METRIC_LOST || e->subject < 0 ||
            (sim->n_irqs && bsearch(&key, sim->irq, sim->n_irqs, sizeof(key), by_irq)))
            continue;
        irqsim__scenario_sim_tell(sim, IRQSIM_ERROR, e->line, "'%s': there is no irq %u", e->text,
                                  (unsigned)key.irq);
        status = IRQSIM_E_FORMAT;
    }
    return status;
}

irqsim_status_t irqsim__scenario_sim_build(irqsim_sim_t *sim)
{
    irqsim_status_t status = add_kernel_names(sim) ? IRQSIM_OK : IRQSIM_E_NOMEM;

    for (uint32_t i = 0; status == IRQSIM_OK && i < sim->scenario->n_devices; i++)
        status = add_device(sim, i);
    if (status == IRQSIM_OK && sim->list)
        status = irqsim__scenario_sim_replay(sim);
    if (status == IRQSIM_OK)
        status = add_tasks(sim);
    if (status == IRQSIM_OK && !add_kernel_words(sim))
        status = IRQSIM_E_NOMEM;
    if (status == IRQSIM_OK)
        status = sort_irqs(sim);
    if (status == IRQSIM_OK)
        status = list_works(sim);
    return status == IRQSIM_OK ? check_expects(sim) : status;
}
