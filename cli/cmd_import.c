/* SPDX-License-Identifier: MIT */
/* cmd_import.c - irqsim import CAPTURE -o ARRIVALS */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

#include "cli.h"

typedef struct import {
    const call_t *call;
    irqsim_arrivals_t *list;
    irqsim_import_stats_t stats;
    recorded_t recorded;
    irqsim_report_t *report; /* of the handlers: all that a capture times */
} import_t;

/* clang-format off */
static const struct {
    const char *key, *text;
    size_t at;
} notes[] = {
    {"lines",            "lines read",                                offsetof(irqsim_import_stats_t, lines)},
    {"events",           "events recognised",                         offsetof(irqsim_import_stats_t, events)},
    {"ignored",          "events that are no interrupt business",     offsetof(irqsim_import_stats_t, ignored)},
    {"comments",         "comments and headers",                      offsetof(irqsim_import_stats_t, comments)},
    {"bad_lines",        "lines that are no events",                  offsetof(irqsim_import_stats_t, bad_lines)},
    {"lost_events",      "events lost by the tracer itself",          offsetof(irqsim_import_stats_t, lost_events)},
    {"backwards",        "times that went backwards",                 offsetof(irqsim_import_stats_t, backwards)},
    {"bad_cpu",          "events of CPUs out of range",               offsetof(irqsim_import_stats_t, bad_cpu)},
    {"unpaired",         "entries without exit or the reverse",       offsetof(irqsim_import_stats_t, unpaired)},
    {"orphan_softirqs",  "softirqs without a recorded raise",         offsetof(irqsim_import_stats_t, orphan_softirqs)},
    {"task_raises",      "softirqs raised by tasks, left out",        offsetof(irqsim_import_stats_t, task_raises)},
    {"task_works",       "works queued by tasks, left out",           offsetof(irqsim_import_stats_t, task_works)},
    {"orphan_works",     "works without a recorded queueing",         offsetof(irqsim_import_stats_t, orphan_works)},
    {"unfinished_works", "works that were never seen to start",       offsetof(irqsim_import_stats_t, unfinished_works)},
    {"cut",              "the gzip file is cut or damaged",                       offsetof(irqsim_import_stats_t, cut)},
};
/* clang-format on */

#define NOTES (sizeof(notes) / sizeof(notes[0]))

static uint64_t note(const import_t *im, size_t i)
{
    return *(const uint64_t *)(const void *)((const char *)&im->stats + notes[i].at);
}

/* ---- work ---- */

static int read_capture(import_t *im)
{
    const char *path = im->call->operand;
    progress_t progress;
    voice_t voice;

    errno = 0;
    const irqsim_status_t status = irqsim_import(
        path, &voice_init(&voice)->sink, progress_init(&progress, "import"), &im->list, &im->stats);
    progress_done(&progress);
    return status == IRQSIM_OK ? EXIT_OK : fail(&voice, path, status);
}

static int save(const import_t *im)
{
    const char *path = im->call->value[OPT_OUTPUT];

    errno = 0;
    const irqsim_status_t status = irqsim_arrivals_save(im->list, path);
    if (status == IRQSIM_OK)
        return EXIT_OK;
    fail(NULL, path, status);
    return EXIT_INTERNAL;
}

/* The recorded handlers as events: the report needs nothing else. */
static bool measure(import_t *im)
{
    uint64_t seq = 0;

    if (!recorded_init(&im->recorded, im->list) ||
        irqsim_report_new(im->list->cpus, &im->report) != IRQSIM_OK)
        return false;
    for (uint64_t i = 0; i < im->list->n_records; i++) {
        const irqsim_record_t *record = &im->list->record[i];
        irqsim_event_t ev = {.time = record->time_ns * IRQSIM_PS_PER_NS,
                             .seq = ++seq,
                             .id = IRQSIM_EV_HANDLER_ENTRY,
                             .cpu = record->cpu,
                             .arg = {record->number}};
        if (record->kind != IRQSIM_RECORD_IRQ)
            continue;
        irqsim_report_see(im->report, &ev);
        ev.time += record->takes_ns * IRQSIM_PS_PER_NS;
        ev.cause = seq;
        ev.seq = ++seq;
        ev.id = IRQSIM_EV_HANDLER_EXIT;
        irqsim_report_see(im->report, &ev);
    }
    return irqsim_report_status(im->report) == IRQSIM_OK;
}

/* ---- JSON: the same keys as for a run ---- */

static void json_per_cpu(json_t *j, const uint64_t *per_cpu, uint32_t cpus)
{
    json_array(j, "per_cpu");
    for (uint32_t cpu = 0; cpu < cpus; cpu++)
        json_number(j, NULL, per_cpu ? per_cpu[cpu] : 0);
    json_close(j, ']');
}

static void json_irqs(json_t *j, const import_t *im)
{
    json_object(j, "irqs");
    for (uint32_t i = 0; i < im->list->n_irqs; i++) {
        const irqsim_irq_total_t *irq = &im->list->irq[i];
        char key[SHORT_TEXT];
        snprintf(key, sizeof(key), "%" PRIu32, irq->irq);
        json_object(j, key);
        json_text(j, "name", im->list->name[irq->name]);
        json_number(j, "arrived", irq->count);
        json_number(j, "delivered", irq->count);
        json_number(j, "coalesced", 0);
        json_number(j, "withdrawn", 0);
        json_number(j, "spurious", 0);
        json_number(j, "lost", 0);
        json_per_cpu(j, &im->recorded.irq_cpu[(size_t)i * im->list->cpus], im->list->cpus);
        json_close(j, '}');
    }
    json_close(j, '}');
}

static void json_softirq(json_t *j, const import_t *im, const char *name, const tally_t *tally)
{
    json_object(j, name);
    json_number(j, "raised", tally ? tally->count : 0);
    json_number(j, "executed", tally ? tally->count : 0);
    json_per_cpu(j, tally ? tally->per_cpu : NULL, im->list->cpus);
    json_close(j, '}');
}

/* All that a modern kernel has, and then those it does not know. */
static void json_softirqs(json_t *j, const import_t *im)
{
    json_object(j, "softirqs");
    for (unsigned nr = 0; nr < IRQSIM_SOFTIRQS; nr++) {
        const char *name = irqsim_softirq_name(IRQSIM_LINUX_MODERN, nr);
        if (name)
            json_softirq(j, im, name, recorded_softirq(&im->recorded, name));
    }
    for (uint32_t i = 0; i < im->recorded.n_softirqs; i++) {
        const tally_t *tally = &im->recorded.softirq[i];
        if (softirq_number(IRQSIM_LINUX_MODERN, im->list->name[tally->name]) < 0)
            json_softirq(j, im, im->list->name[tally->name], tally);
    }
    json_close(j, '}');
}

static void json_vectors(json_t *j, const import_t *im)
{
    json_object(j, "vectors");
    for (uint32_t i = 0; i < im->recorded.n_vectors; i++) {
        const tally_t *tally = &im->recorded.vector[i];
        json_object(j, im->list->name[tally->name]);
        json_number(j, "recorded", tally->count);
        json_per_cpu(j, tally->per_cpu, im->list->cpus);
        json_close(j, '}');
    }
    json_close(j, '}');
}

static void print_json(const import_t *im)
{
    json_t j;

    json_begin(&j, stdout);
    json_irqs(&j, im);
    json_softirqs(&j, im);
    json_latencies(&j, im->report);
    json_vectors(&j, im);
    json_object(&j, "import");
    for (size_t i = 0; i < NOTES; i++)
        json_number(&j, notes[i].key, note(im, i));
    json_number(&j, "cpus", im->list->cpus);
    json_number(&j, "span", im->list->span_ns);
    json_number(&j, "records", im->list->n_records);
    json_close(&j, '}');
    json_end(&j);
}

/* ---- tables ---- */

static void put_counts(const uint64_t *per_cpu, uint32_t cpus)
{
    for (uint32_t cpu = 0; cpu < cpus; cpu++)
        printf(" %10" PRIu64, per_cpu[cpu]);
}

static void put_tallies(const import_t *im, const char *heading, const tally_t *tally, uint32_t n)
{
    if (n == 0)
        return;
    put_heading(heading);
    put_cpu_header(28, im->list->cpus);
    for (uint32_t i = 0; i < n; i++) {
        put_cell(im->list->name[tally[i].name], 20);
        putchar(':');
        put_counts(tally[i].per_cpu, im->list->cpus);
        putchar('\n');
    }
}

static void put_irqs(const import_t *im)
{
    put_heading("Interrupts");
    put_cpu_header(28, im->list->cpus);
    for (uint32_t i = 0; i < im->list->n_irqs; i++) {
        printf("%20" PRIu32 ":", im->list->irq[i].irq);
        put_counts(&im->recorded.irq_cpu[(size_t)i * im->list->cpus], im->list->cpus);
        printf("  ");
        put_cell(im->list->name[im->list->irq[i].name], 0);
        putchar('\n');
    }
}

static void print_tables(const import_t *im)
{
    char span[SHORT_TEXT];

    put_cell(im->list->origin, 0);
    printf(": %" PRIu32 " CPU%s, %s, %" PRIu64 " records in %s\n", im->list->cpus,
           plural(im->list->cpus), human_time(span, im->list->span_ns), im->list->n_records,
           im->call->value[OPT_OUTPUT]);
    put_irqs(im);
    put_tallies(im, "Vectors", im->recorded.vector, im->recorded.n_vectors);
    put_tallies(im, "Softirqs", im->recorded.softirq, im->recorded.n_softirqs);
    put_latencies(im->report);
    put_heading("What was read, what was left out");
    for (size_t i = 0; i < NOTES; i++)
        if (note(im, i))
            printf("%10" PRIu64 "  %s\n", note(im, i), notes[i].text);
}

static int import(import_t *im)
{
    int code = read_capture(im);

    if (code == EXIT_OK)
        code = save(im);
    if (code != EXIT_OK)
        return code;
    if (!measure(im))
        return fail(NULL, im->call->operand, IRQSIM_E_NOMEM);
    if (im->call->given[OPT_JSON])
        print_json(im);
    else
        print_tables(im);
    return EXIT_OK;
}

int cmd_import(const call_t *call)
{
    import_t im = {.call = call};
    const char *path = call->value[OPT_OUTPUT];

    if (!path) {
        complain("'import' needs an output file");
        hint("irqsim import %s --output storm.arrivals.gz", call->operand);
        return EXIT_USAGE;
    }
    int code = may_write(call, path);
    if (code < 0)
        code = import(&im);
    recorded_free(&im.recorded);
    irqsim_report_free(im.report);
    irqsim_arrivals_free(im.list);
    return code;
}
