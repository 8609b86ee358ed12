/* SPDX-License-Identifier: MIT */
/*
 * sim.c - a simulation's life: built, powered on, run, freed
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim_int.h"

/* How often it is asked whether all is done: not a whole number of ticks of any
 * usual rate, or it might meet a tick every time. */
#define LOOK_EVERY (UINT64_C(1009) * 1000 * IRQSIM_PS_PER_NS)

/* After the last arrival the work that it left may take so long, no longer: a
 * softirq that raises itself for ever never ends. */
#define LONGEST_SETTLING (UINT64_C(10) * IRQSIM_PS_PER_S)

/* 100 days, also where 'run' does not say it: time itself ends after 213. */
#define LONGEST_RUN (UINT64_C(8640000) * IRQSIM_PS_PER_S)

void irqsim__scenario_sim_tell(const irqsim_sim_t *sim, irqsim_severity_t severity, uint64_t line,
                               const char *fmt, ...)
{
    char message[256];
    va_list args;

    if (!sim->diag || !sim->diag->report)
        return;
    va_start(args, fmt);
    vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    sim->diag->report(sim->diag->user, &(irqsim_diag_t){.severity = severity,
                                                        .file = sim->scenario->file,
                                                        .line = line,
                                                        .path = "",
                                                        .message = message,
                                                        .hint = ""});
}

/* --- power-on ------------------------------------------------------------------ */

/* Numbers every event and shows it to everybody, in order. */
static uint64_t tee(void *user, const irqsim_event_t *event)
{
    irqsim_sim_t *const sim = user;
    irqsim_event_t numbered = *event;

    numbered.seq = ++sim->seq;
    for (size_t i = 0; i < sim->n_observers; i++)
        sim->observer[i].see(sim->observer[i].user, &numbered);
    return numbered.seq;
}

static irqsim_kernel_desc_t kernel_desc(const irqsim_sim_t *sim)
{
    const irqsim_scenario_t *const s = sim->scenario;
    uint32_t softirqs = 0;

    while (irqsim_softirq_name(s->era, softirqs))
        softirqs++;
    return (irqsim_kernel_desc_t){.era = s->era,
                                  .cpus = s->cpus,
                                  .hz = s->hz,
                                  .frames = s->frames,
                                  .jobs = sim->job,
                                  .n_jobs = sim->n_jobs,
                                  .irqs = sim->irq,
                                  .n_irqs = sim->n_irqs,
                                  .actions = sim->action,
                                  .n_actions = sim->n_actions,
                                  .sysvecs = sim->sysvec,
                                  .n_sysvecs = sim->n_sysvecs,
                                  .tasks = sim->task,
                                  .n_tasks = s->n_tasks,
                                  .work_names = sim->work_name,
                                  .n_works = sim->works.n,
                                  .softirq_names = 0,
                                  .sysvec_names = softirqs,
                                  .words = sim->kernel_words};
}

static irqsim_status_t refuse(const irqsim_sim_t *sim, const char *who, irqsim_status_t status)
{
    irqsim__scenario_sim_tell(sim, IRQSIM_ERROR, 0, "%s refuses this scenario (%s)", who,
                              irqsim_strerror(status));
    return IRQSIM_E_FORMAT;
}

static irqsim_status_t make_kernel(irqsim_sim_t *sim, const irqsim_kernel_desc_t *desc)
{
    const size_t size = irqsim_kernel_size(desc);

    if (size == 0)
        return refuse(sim, "the kernel", IRQSIM_E_INVAL);
    sim->kernel_memory = malloc(size);
    if (!sim->kernel_memory)
        return IRQSIM_E_NOMEM;
    const irqsim_status_t status = irqsim_kernel_init(sim->kernel_memory, size, desc, &sim->kernel);
    return status == IRQSIM_OK ? status : refuse(sim, "the kernel", status);
}

static irqsim_status_t make_machine(irqsim_sim_t *sim, uint32_t ram)
{
    const irqsim_scenario_t *const s = sim->scenario;
    const irqsim_machine_desc_t desc = {
        .board = s->board,
        .profile_id = s->profile_id,
        .profile = &s->profile,
        .cpus = s->cpus,
        .ioapics = (uint8_t)s->ioapics,
        .variants = s->variants,
        .ram_bytes = ram,
        .sources = sim->source,
        .n_sources = sim->n_sources,
        .guest = irqsim_kernel_code(sim->kernel),
        .host = {.emit = sim->n_observers ? tee : NULL, .user = sim},
    };
    const size_t size = irqsim_machine_size(&desc);

    if (size == 0)
        return refuse(sim, "the machine", IRQSIM_E_INVAL);
    sim->machine_memory = malloc(size);
    if (!sim->machine_memory)
        return IRQSIM_E_NOMEM;
    const irqsim_status_t status =
        irqsim_machine_init(sim->machine_memory, size, &desc, &sim->machine);
    return status == IRQSIM_OK ? status : refuse(sim, "the machine", status);
}

/* The likeliest reason: a CPU has some 200 vectors for devices. */
static irqsim_status_t does_not_boot(const irqsim_sim_t *sim)
{
    uint32_t most = 0, on_cpu = 0;

    for (uint32_t cpu = 0; cpu < sim->scenario->cpus; cpu++) {
        uint32_t n = 0;

        for (uint32_t i = 0; i < sim->n_irqs; i++)
            n += sim->irq[i].cpu == cpu;
        if (n > most) {
            most = n;
            on_cpu = cpu;
        }
    }
    irqsim__scenario_sim_tell(sim, IRQSIM_ERROR, 0,
                              "the kernel does not boot: %u irqs on CPU %u are more than it has "
                              "vectors",
                              (unsigned)most, (unsigned)on_cpu);
    return IRQSIM_E_FORMAT;
}

static irqsim_status_t power_on(irqsim_sim_t *sim)
{
    const irqsim_kernel_desc_t desc = kernel_desc(sim);
    irqsim_status_t status = make_kernel(sim, &desc);

    if (status == IRQSIM_OK)
        status = make_machine(sim, irqsim_kernel_ram(&desc));
    if (status != IRQSIM_OK)
        return status;
    status = irqsim_kernel_boot(sim->kernel, sim->machine);
    return status == IRQSIM_OK ? status : does_not_boot(sim);
}

static irqsim_status_t check_end(const irqsim_sim_t *sim)
{
    if (sim->scenario->run || sim->n_sources)
        return IRQSIM_OK;
    irqsim__scenario_sim_tell(
        sim, IRQSIM_ERROR, 0,
        "nothing says how long to run: there is no 'run', and nothing arrives");
    return IRQSIM_E_FORMAT;
}

static irqsim_status_t build(irqsim_sim_t *sim, const irqsim_observer_t *observers, size_t n)
{
    sim->observer = calloc(n + 1, sizeof(*sim->observer));
    if (!sim->observer)
        return IRQSIM_E_NOMEM;
    for (size_t i = 0; i < n; i++)
        sim->observer[i] = observers[i];
    sim->n_observers = n;
    irqsim_status_t status = irqsim__scenario_sim_build(sim);
    if (status == IRQSIM_OK)
        status = check_end(sim);
    if (status == IRQSIM_OK)
        status = power_on(sim);
    if (status == IRQSIM_OK)
        status = irqsim__scenario_sim_describe(sim);
    sim->identity = status == IRQSIM_OK ? irqsim__scenario_sim_identity(sim) : 0;
    return status;
}

irqsim_status_t irqsim_sim_new(const irqsim_scenario_t *scenario, const irqsim_arrivals_t *list,
                               const irqsim_observer_t *observers, size_t n_observers,
                               const irqsim_diag_sink_t *diag, irqsim_sim_t **out)
{
    irqsim_sim_t *const sim = calloc(1, sizeof(*sim));

    if (!sim)
        return IRQSIM_E_NOMEM;
    sim->scenario = scenario;
    sim->list = list;
    sim->diag = diag;
    sim->settle = IRQSIM_NEVER;
    sim->first_record = IRQSIM_NEVER;
    const irqsim_status_t status = build(sim, observers, n_observers);
    sim->diag = NULL;
    free(sim->place);
    sim->place = NULL;
    if (status == IRQSIM_OK)
        *out = sim;
    else
        irqsim_sim_free(sim);
    return status;
}

void irqsim_sim_free(irqsim_sim_t *sim)
{
    if (!sim)
        return;
    irqsim__scenario_sim_forget(sim);
    for (uint32_t i = 0; i < sim->n_sources; i++)
        free((void *)sim->source[i].record);
    for (uint32_t i = 0; i < sim->n_files; i++)
        irqsim_arrivals_free(sim->file[i].list);
    free(sim->machine_memory);
    free(sim->kernel_memory);
    free(sim->observer);
    free(sim->source);
    free(sim->irq);
    free(sim->action);
    free(sim->first_action);
    free(sim->sysvec);
    free(sim->task);
    free(sim->step);
    free(sim->sigaction);
    free(sim->job);
    free(sim->place);
    free(sim->work_name);
    free(sim->file);
    free(sim->names.word);
    free(sim->names.slot);
    free(sim->works.word);
    free(sim->works.slot);
    free(sim);
}

/* --- running --------------------------------------------------------------------- */

/* How many arrivals a source has in all; UINT64_MAX = without end. */
static uint64_t arrivals_of(const irqsim_source_desc_t *source)
{
    if (source->pattern == IRQSIM_PATTERN_RECORD)
        return source->record_len;
    return source->count ? source->count : UINT64_MAX;
}

/* When a source's last arrival comes, as far as that is known. */
static irqsim_time_t last_arrival(const irqsim_source_desc_t *s)
{
    const uint64_t last = arrivals_of(s) - 1; /* wraps for none: not used then */

    switch (s->pattern) {
    case IRQSIM_PATTERN_RECORD:
        return s->record_len ? s->record[last].time : 0;
    case IRQSIM_PATTERN_PERIODIC:
        return last > (IRQSIM_NEVER - s->first) / s->period ? IRQSIM_NEVER
                                                            : s->first + last * s->period;
    case IRQSIM_PATTERN_BURST:
        return last / s->burst >= (IRQSIM_NEVER - s->first) / s->period
                   ? IRQSIM_NEVER
                   : s->first + last / s->burst * s->period + last % s->burst * s->gap;
    default:
        return s->first;
    }
}

irqsim_time_t irqsim_sim_end(const irqsim_sim_t *sim)
{
    irqsim_time_t end = 0;

    if (sim->scenario->run)
        return sim->scenario->run;
    for (uint32_t i = 0; i < sim->n_sources; i++) {
        const irqsim_time_t last = last_arrival(&sim->source[i]);

        end = last > end ? last : end;
    }
    return end < LONGEST_RUN ? end : LONGEST_RUN;
}

/* Runs in slices so that progress can be told; where the slices end has no
 * influence on what happens. */
static irqsim_status_t run_until(irqsim_sim_t *sim, irqsim_time_t until,
                                 const irqsim_progress_t *progress)
{
    const bool tell = progress && progress->report;
    const irqsim_time_t slice = tell ? until / 200 + LOOK_EVERY : IRQSIM_NEVER;
    irqsim_status_t status = IRQSIM_OK;

    while (status == IRQSIM_OK && irqsim_machine_now(sim->machine) < until) {
        const irqsim_time_t now = irqsim_machine_now(sim->machine);

        status = irqsim_machine_run(sim->machine, until - now > slice ? now + slice : until);
        if (tell)
            progress->report(progress->user, irqsim_machine_now(sim->machine) / IRQSIM_PS_PER_NS,
                             until / IRQSIM_PS_PER_NS);
    }
    return status;
}

static void survey(const irqsim_sim_t *sim, bool *all_came, bool *all_claimed)
{
    *all_came = *all_claimed = true;
    for (uint32_t i = 0; i < sim->n_sources; i++) {
        irqsim_source_counts_t counts;

        irqsim_machine_counts(sim->machine, i, &counts);
        *all_came = *all_came && counts.arrived >= arrivals_of(&sim->source[i]);
        *all_claimed = *all_claimed && counts.pending == 0;
    }
}

/* Nothing of what arrived is left to do, or it takes too long. */
static bool settled(irqsim_sim_t *sim)
{
    const irqsim_time_t now = irqsim_machine_now(sim->machine);
    bool all_came, all_claimed;

    if (now >= LONGEST_RUN)
        return true;
    survey(sim, &all_came, &all_claimed);
    if (!all_came)
        return false;
    if (sim->settle == IRQSIM_NEVER)
        sim->settle = now;
    return (all_claimed && irqsim_kernel_quiet(sim->kernel)) ||
           now - sim->settle >= LONGEST_SETTLING;
}

/* Looks at the same times wherever the simulation was loaded or continued: looks
 * before the next event are left out only where they would see what this one saw. */
static irqsim_time_t next_look(const irqsim_sim_t *sim)
{
    const irqsim_time_t now = irqsim_machine_now(sim->machine);
    const irqsim_time_t next = irqsim_machine_next(sim->machine);
    const irqsim_time_t skip_to = next < LONGEST_RUN ? next : LONGEST_RUN;
    const bool may_skip = now % LOOK_EVERY == 0 && sim->settle == IRQSIM_NEVER && skip_to > now;

    return ((may_skip ? skip_to - 1 : now) / LOOK_EVERY + 1) * LOOK_EVERY;
}

static irqsim_status_t run_to_rest(irqsim_sim_t *sim)
{
    irqsim_status_t status = IRQSIM_OK;

    while (status == IRQSIM_OK && !settled(sim))
        status = irqsim_machine_run(sim->machine, next_look(sim));
    return status;
}

irqsim_status_t irqsim_sim_run(irqsim_sim_t *sim, const irqsim_progress_t *progress)
{
    const irqsim_status_t status = run_until(sim, irqsim_sim_end(sim), progress);

    return status == IRQSIM_OK && !sim->scenario->run ? run_to_rest(sim) : status;
}
