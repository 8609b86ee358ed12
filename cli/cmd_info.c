/* SPDX-License-Identifier: MIT */
/*
 * cmd_info.c - irqsim info FILE: what it is, and its main numbers
 *
 * Each loader is asked in turn, silently. The one that got farthest before it
 * found something wrong knows the file best: its complaints are printed.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cli.h"

/* Listens to a loader: where did the first problem lie? */
typedef struct ear {
    irqsim_diag_sink_t sink;
    uint64_t line;
    bool heard;
} ear_t;

static void listen(void *user, const irqsim_diag_t *diag)
{
    ear_t *ear = user;

    if (!ear->heard && diag->severity == IRQSIM_ERROR) {
        ear->heard = true;
        ear->line = diag->line;
    }
}

static irqsim_status_t info_trace(const char *path, const irqsim_diag_sink_t *diag)
{
    static const char *const keys[] = {"machine", "scenario", "seed"};
    irqsim_reader_t *reader = NULL;
    irqsim_reader_stats_t stats;
    irqsim_event_t ev = {0};
    char span[SHORT_TEXT];
    const irqsim_status_t status = irqsim_reader_open(path, diag, &reader);

    if (status != IRQSIM_OK)
        return status;
    while (irqsim_reader_next(reader, &ev))
        ;
    irqsim_reader_stats(reader, &stats);
    printf("%s: trace: %" PRIu64 " events in %" PRIu64 " blocks, until %s\n", path, stats.events,
           stats.blocks, human_time(span, ev.time / IRQSIM_PS_PER_NS));
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *value = irqsim_reader_value(reader, keys[i]);
        if (!value)
            continue;
        printf("  %s: ", keys[i]);
        put_cell(value, 0);
        putchar('\n');
    }
    if (stats.bad_blocks || stats.cut)
        printf("  damaged: %" PRIu64 " blocks skipped%s\n", stats.bad_blocks,
               stats.cut ? ", the end is missing" : "");
    irqsim_reader_close(reader);
    return IRQSIM_OK;
}

static uint64_t softirqs_executed(const recorded_t *r)
{
    uint64_t n = 0;

    for (uint32_t i = 0; i < r->n_softirqs; i++)
        n += r->softirq[i].total.executed;
    return n;
}

static irqsim_status_t put_list(const char *path, const char *kind, const irqsim_arrivals_t *list)
{
    uint64_t by_kind[IRQSIM_RECORD_WORK + 1] = {0};
    char span[SHORT_TEXT];
    recorded_t recorded;

    if (!recorded_init(&recorded, list)) {
        recorded_free(&recorded);
        return IRQSIM_E_NOMEM;
    }
    for (uint64_t i = 0; i < list->n_records; i++)
        if (list->record[i].kind <= IRQSIM_RECORD_WORK)
            by_kind[list->record[i].kind]++;
    printf("%s: %s: %" PRIu32 " CPU%s, %s\n  origin: ", path, kind, list->cpus, plural(list->cpus),
           human_time(span, list->span_ns));
    put_cell(list->origin ? list->origin : "unknown", 0);
    printf("\n  %" PRIu64 " interrupts of %" PRIu32 " irq%s, %" PRIu64 " vectors, %" PRIu64
           " softirqs, %" PRIu64 " works\n",
           by_kind[IRQSIM_RECORD_IRQ], list->n_irqs, plural(list->n_irqs),
           by_kind[IRQSIM_RECORD_VECTOR], softirqs_executed(&recorded),
           by_kind[IRQSIM_RECORD_WORK]);
    recorded_free(&recorded);
    return IRQSIM_OK;
}

static irqsim_status_t info_arrivals(const char *path, const irqsim_diag_sink_t *diag)
{
    irqsim_arrivals_t *list = NULL;
    irqsim_status_t status = irqsim_arrivals_load(path, diag, &list);

    if (status == IRQSIM_OK)
        status = put_list(path, "list of arrivals", list);
    irqsim_arrivals_free(list);
    return status;
}

static irqsim_status_t info_capture(const char *path, const irqsim_diag_sink_t *diag)
{
    irqsim_arrivals_t *list = NULL;
    irqsim_import_stats_t stats;
    progress_t progress;
    irqsim_status_t status =
        irqsim_import(path, diag, progress_init(&progress, "info"), &list, &stats);

    progress_done(&progress);
    if (status == IRQSIM_OK)
        status = put_list(path, "capture", list);
    if (status == IRQSIM_OK)
        printf("  %" PRIu64 " lines, %" PRIu64 " events, %" PRIu64 " ignored, %" PRIu64
               " bad lines, %" PRIu64 " lost by the tracer\n",
               stats.lines, stats.events, stats.ignored, stats.bad_lines, stats.lost_events);
    irqsim_arrivals_free(list);
    return status;
}

static irqsim_status_t info_scenario(const char *path, const irqsim_diag_sink_t *diag)
{
    irqsim_scenario_t *sc = NULL;
    const irqsim_status_t status = irqsim_scenario_load(path, diag, &sc);

    if (status == IRQSIM_OK) {
        printf("%s: scenario: ", path);
        put_cell(sc->name ? sc->name : "", 0);
        printf("\n  %s, %u CPU%s, %s\n  %" PRIu32 " device%s, %" PRIu32 " task%s, %" PRIu32
               " expectation%s\n",
               irqsim_profile_name(sc->profile_id), sc->cpus, plural(sc->cpus),
               irqsim_era_name(sc->era), sc->n_devices, plural(sc->n_devices), sc->n_tasks,
               plural(sc->n_tasks), sc->n_expects, plural(sc->n_expects));
    }
    irqsim_scenario_free(sc);
    return status;
}

typedef irqsim_status_t (*loader_t)(const char *path, const irqsim_diag_sink_t *diag);

/* In this order: a capture is whatever has at least one event in it. */
static const loader_t loaders[] = {info_trace, info_arrivals, info_capture, info_scenario};
#define LOADERS (sizeof(loaders) / sizeof(loaders[0]))

static bool ends_in(const char *path, const char *end)
{
    const size_t n = strlen(path), m = strlen(end);

    return n >= m && strcmp(path + n - m, end) == 0;
}

static int complain_by(loader_t loader, const char *path)
{
    voice_t voice;

    errno = 0;
    return fail(&voice, path, loader(path, &voice_init(&voice)->sink));
}

/* Beyond its first line a list of arrivals is one: its loader knows best. */
static int no_loader_likes(const char *path, uint64_t arrivals_line)
{
    if (arrivals_line > 1)
        return complain_by(info_arrivals, path);
    if (ends_in(path, ".yaml") || ends_in(path, ".yml"))
        return complain_by(info_scenario, path);
    complain("%s: neither a scenario, nor arrivals, nor a trace, nor a capture", path);
    return EXIT_INPUT;
}

int cmd_info(const call_t *call)
{
    uint64_t arrivals_line = 0;

    for (size_t i = 0; i < LOADERS; i++) {
        ear_t ear = {.sink = {.report = listen, .user = &ear}};
        errno = 0;
        const irqsim_status_t status = loaders[i](call->operand, &ear.sink);
        if (status == IRQSIM_OK)
            return EXIT_OK;
        if (status == IRQSIM_E_IO || status == IRQSIM_E_NOMEM)
            return fail(NULL, call->operand, status);
        if (loaders[i] == info_arrivals)
            arrivals_line = ear.line;
    }
    return no_loader_likes(call->operand, arrivals_line);
}
