/* SPDX-License-Identifier: MIT */
/* session.c - a scenario brought to life, run to its end, observed */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "cli.h"

/* The recorder needs the simulation's names, the simulation needs its observers:
 * what is said while it boots waits here until the file is open. */
struct tape {
    irqsim_recorder_t *recorder;
    irqsim_event_t *early;
    size_t n, room;
    bool full;
};

static void keep(tape_t *tape, const irqsim_event_t *ev)
{
    if (tape->n == tape->room) {
        const size_t room = tape->room ? tape->room * 2 : 64;
        irqsim_event_t *early = realloc(tape->early, room * sizeof(*early));
        if (!early) {
            tape->full = true;
            return;
        }
        tape->early = early;
        tape->room = room;
    }
    tape->early[tape->n++] = *ev;
}

static void tape_see(void *user, const irqsim_event_t *ev)
{
    tape_t *tape = user;

    if (tape->recorder)
        irqsim_recorder_emit(tape->recorder, ev);
    else
        keep(tape, ev);
}

static irqsim_status_t tape_open(session_t *s, const char *path)
{
    size_t n;
    const irqsim_trace_meta_t *meta = irqsim_sim_meta(s->sim, &n);
    const irqsim_status_t status =
        s->tape->full ? IRQSIM_E_NOMEM : irqsim_recorder_open(path, meta, n, 0, &s->tape->recorder);

    for (size_t i = 0; status == IRQSIM_OK && i < s->tape->n; i++)
        irqsim_recorder_emit(s->tape->recorder, &s->tape->early[i]);
    return status;
}

static irqsim_status_t tape_close(tape_t *tape)
{
    irqsim_recorder_t *recorder = tape->recorder;

    tape->recorder = NULL;
    return recorder ? irqsim_recorder_close(recorder) : IRQSIM_OK;
}

static int unwritable(const char *path, irqsim_status_t status)
{
    fail(NULL, path, status);
    return EXIT_INTERNAL;
}

int load_scenario(const char *path, irqsim_scenario_t **scenario)
{
    voice_t voice;

    errno = 0;
    const irqsim_status_t status = irqsim_scenario_load(path, &voice_init(&voice)->sink, scenario);
    return status == IRQSIM_OK ? EXIT_OK : fail(&voice, path, status);
}

static int build(session_t *s)
{
    const char *trace = s->call->value[OPT_TRACE];
    irqsim_observer_t observers[2];
    size_t n = 0;
    voice_t voice;

    irqsim_status_t status = irqsim_report_new(s->scenario->cpus, &s->report);
    if (status == IRQSIM_OK)
        observers[n++] = (irqsim_observer_t){irqsim_report_see, s->report};
    if (trace) {
        s->tape = calloc(1, sizeof(*s->tape));
        status = s->tape ? status : IRQSIM_E_NOMEM;
        observers[n++] = (irqsim_observer_t){tape_see, s->tape};
    }
    voice_init(&voice);
    errno = 0;
    if (status == IRQSIM_OK)
        status = irqsim_sim_new(s->scenario, s->list, observers, n, &voice.sink, &s->sim);
    if (status != IRQSIM_OK)
        return fail(&voice, s->call->operand, status);
    status = trace ? tape_open(s, trace) : IRQSIM_OK;
    return status == IRQSIM_OK ? EXIT_OK : unwritable(trace, status);
}

/* A guest that stops early is the scenario's doing, and what happened until then
 * is worth seeing. */
static int stopped_early(const session_t *s, irqsim_status_t status)
{
    /* clang-format off */
    static const struct {
        irqsim_status_t status;
        const char *why, *hint;
    } reasons[] = {
        {IRQSIM_E_STACK, "the guest ran out of stack",
         "interrupts nest too deeply; 'kernel: {frames: N}' gives it more room"},
        {IRQSIM_E_FULL, "a table of the guest or the bus is full",
         "more was asked for than the CPUs can ever do: space the arrivals out"},
        {IRQSIM_E_STUCK, "the guest makes no progress in time", "its work takes no time at all"},
    };
    /* clang-format on */
    const irqsim_time_t now = irqsim_machine_now(irqsim_sim_machine(s->sim));
    char when[SHORT_TEXT];

    human_time(when, now / IRQSIM_PS_PER_NS);
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].status == status) {
            complain("%s: stopped at %s: %s", s->scenario->file, when, reasons[i].why);
            hint("%s", reasons[i].hint);
            return EXIT_INPUT;
        }
    return fail(NULL, s->call->operand, status);
}

int session_run(session_t *s)
{
    progress_t progress;
    const int code = build(s);

    if (code != EXIT_OK)
        return code;
    irqsim_status_t status =
        irqsim_sim_run(s->sim, progress_init(&progress, s->call->command->name));
    progress_done(&progress);
    if (status != IRQSIM_OK)
        s->stopped = stopped_early(s, status);
    errno = 0;
    status = s->tape ? tape_close(s->tape) : IRQSIM_OK;
    if (status != IRQSIM_OK)
        return unwritable(s->call->value[OPT_TRACE], status);
    status = irqsim_report_status(s->report);
    return status == IRQSIM_OK ? EXIT_OK : fail(NULL, s->call->operand, status);
}

int session_verdict(const session_t *s)
{
    if (s->stopped != EXIT_OK)
        return s->stopped;
    return all_met(s) ? EXIT_OK : EXIT_UNMET;
}

void session_free(session_t *s)
{
    if (s->tape) {
        tape_close(s->tape);
        free(s->tape->early);
        free(s->tape);
    }
    irqsim_sim_free(s->sim);
    irqsim_report_free(s->report);
    recorded_free(&s->recorded);
    irqsim_arrivals_free(s->list);
    irqsim_scenario_free(s->scenario);
}

/* The run has ended for good: what nobody claimed is lost (law 6). */
uint64_t lost_of(const irqsim_sim_irq_t *irq)
{
    return irq->counts.pending;
}
