/* SPDX-License-Identifier: MIT */
/*
 * import.c - a capture, line by line: read, split, understood, built in
 *
 * Every line ends up in exactly one count: events, comments or bad_lines.
 */
#include <stdlib.h>
#include <string.h>

#include "capture_int.h"

typedef struct import {
    notes_t notes;
    form_state_t form;
    irqsim_import_stats_t *stats;
    build_t *build;
    uint64_t usable; /* events that reached the builder */
} import_t;

static void bad(import_t *im, note_t note, const char *found)
{
    im->stats->bad_lines++;
    irqsim__capture_note(&im->notes, note, im->stats->lines, found);
}

static void lost(import_t *im, const head_t *head)
{
    im->stats->comments++;
    im->stats->lost_events += head->lost;
    irqsim__capture_note(&im->notes, NOTE_LOST, im->stats->lines, "");
    if (head->cpu < CAPTURE_CPUS)
        irqsim__capture_build_lost(im->build, head->cpu);
}

static irqsim_status_t event(import_t *im, const head_t *head)
{
    meaning_t meaning;

    if (!irqsim__capture_mean(head, &meaning)) {
        bad(im, NOTE_FIELDS, head->text);
        return IRQSIM_OK;
    }
    im->stats->events++;
    if (head->cpu >= CAPTURE_CPUS) {
        im->stats->bad_cpu++;
        irqsim__capture_note(&im->notes, NOTE_CPU, im->stats->lines, "");
        return IRQSIM_OK;
    }
    const uint64_t backwards = im->stats->backwards;
    im->stats->ignored += meaning.action == ACT_IGNORE;
    im->usable += meaning.action != ACT_IGNORE;
    if (!irqsim__capture_build_event(im->build, head, &meaning))
        return IRQSIM_E_NOMEM;
    if (im->stats->backwards != backwards)
        irqsim__capture_note(&im->notes, NOTE_BACKWARDS, im->stats->lines, "");
    return IRQSIM_OK;
}

static irqsim_status_t text(import_t *im, line_t *line)
{
    if (strlen(line->text) != line->length) { /* zero bytes: no text at all */
        bad(im, NOTE_BAD_LINE, line->text);
        return IRQSIM_OK;
    }
    const head_t head = irqsim__capture_split(&im->form, line->text);
    switch (head.kind) {
    case HEAD_EVENT:
        return event(im, &head);
    case HEAD_COMMENT:
        im->stats->comments++;
        return IRQSIM_OK;
    case HEAD_LOST:
        lost(im, &head);
        return IRQSIM_OK;
    case HEAD_CLOCK:
        bad(im, NOTE_CLOCK, "");
        return IRQSIM_OK;
    case HEAD_BAD:
        break;
    }
    bad(im, NOTE_BAD_LINE, line->text);
    return IRQSIM_OK;
}

static irqsim_status_t all_lines(import_t *im, lines_t *in)
{
    irqsim_status_t status = IRQSIM_OK;

    while (status == IRQSIM_OK) {
        line_t line = irqsim__capture_lines_next(in);

        if (line.kind == LINE_END)
            break;
        im->stats->lines++;
        if (line.kind == LINE_TEXT)
            status = text(im, &line);
        else if (line.kind == LINE_LONG)
            bad(im, NOTE_LONG_LINE, "");
        else
            im->stats->bad_lines++; /* torn: NOTE_CUT tells */
    }
    return status;
}

static void refuse(import_t *im, const char *message, const char *hint)
{
    irqsim__capture_report(im->notes.sink, &(irqsim_diag_t){.severity = IRQSIM_ERROR,
                                                            .file = im->notes.file,
                                                            .path = "",
                                                            .message = message,
                                                            .hint = hint});
}

/* "ftrace disk.txt.gz": the form and the file's own name. */
static char *origin_of(const import_t *im)
{
    const char *slash = strrchr(im->notes.file, '/');
    const char *file = slash ? slash + 1 : im->notes.file;
    const char *form = irqsim__capture_form_name(&im->form);
    const size_t size = strlen(form) + strlen(file) + 2;
    char *origin = malloc(size);

    if (origin)
        snprintf(origin, size, "%s %s", form, file);
    return origin;
}

static irqsim_status_t conclude(import_t *im, irqsim_arrivals_t **list)
{
    if (im->stats->lines == 0) {
        refuse(im, "the file is empty", "");
        return IRQSIM_E_FORMAT;
    }
    if (im->stats->events == im->stats->bad_cpu) {
        refuse(im, "no event was recognised in it",
               "text of ftrace, perf script or trace-cmd report is expected; trace.dat and "
               "perf.data are binary: print them with trace-cmd report or perf script");
        return IRQSIM_E_FORMAT;
    }
    if (im->usable == 0) {
        refuse(im, "its events tell nothing about interrupts",
               "record irq:*, irq_vectors:* and workqueue:*");
        return IRQSIM_E_FORMAT;
    }
    char *origin = origin_of(im);
    const irqsim_status_t status =
        origin ? irqsim__capture_build_finish(im->build, origin, im->form.cpus, list)
               : IRQSIM_E_NOMEM;
    free(origin);
    return status;
}

static irqsim_status_t import(import_t *im, lines_t *in, irqsim_arrivals_t **list)
{
    im->build = irqsim__capture_build_new(im->stats);
    if (!im->build)
        return IRQSIM_E_NOMEM;
    irqsim_status_t status = all_lines(im, in);
    if (in->damage) {
        im->stats->cut = 1;
        irqsim__capture_note(&im->notes, NOTE_CUT, im->stats->lines, in->damage);
    }
    irqsim__capture_note_totals(&im->notes);
    if (status == IRQSIM_OK)
        status = conclude(im, list);
    irqsim__capture_build_free(im->build);
    return status;
}

static irqsim_status_t run(const char *name, lines_t *in, irqsim_status_t opened,
                           const irqsim_diag_sink_t *diag, irqsim_arrivals_t **list,
                           irqsim_import_stats_t *stats)
{
    irqsim_import_stats_t unwanted;
    import_t im = {.notes = {.sink = diag, .file = name},
                   .form = FORM_UNKNOWN,
                   .stats = stats ? stats : &unwanted};

    *list = NULL;
    *im.stats = (irqsim_import_stats_t){0};
    if (opened == IRQSIM_OK)
        opened = import(&im, in, list);
    else if (opened == IRQSIM_E_IO)
        refuse(&im, "the file cannot be read", "is it there, is it a file, may you read it?");
    irqsim__capture_lines_close(in);
    return opened;
}

irqsim_status_t irqsim_import(const char *path, const irqsim_diag_sink_t *diag,
                              const irqsim_progress_t *progress, irqsim_arrivals_t **list,
                              irqsim_import_stats_t *stats)
{
    lines_t in;
    const irqsim_status_t opened = irqsim__capture_lines_open(&in, path, progress);

    return run(path, &in, opened, diag, list, stats);
}

irqsim_status_t irqsim_import_bytes(const char *name, const void *bytes, size_t size,
                                    const irqsim_diag_sink_t *diag, irqsim_arrivals_t **list,
                                    irqsim_import_stats_t *stats)
{
    lines_t in;
    const irqsim_status_t opened = irqsim__capture_lines_memory(&in, bytes, size);

    return run(name, &in, opened, diag, list, stats);
}
