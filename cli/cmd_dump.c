/* SPDX-License-Identifier: MIT */
/* cmd_dump.c - irqsim dump TRACE: one line per event, with names from the header */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define LINE_ROOM 512

/* Header values by number: name.<n>, task.<n>. */
typedef struct table {
    const char **text;
    size_t n;
} table_t;

typedef struct tables {
    table_t name, task;
} tables_t;

/* The n of "name.<n>"; SIZE_MAX: the key is another, or beyond `limit`. */
static size_t number_in(const char *key, const char *prefix, size_t limit)
{
    const size_t length = strlen(prefix);
    char *end;

    if (strncmp(key, prefix, length) != 0 || key[length] < '0' || key[length] > '9')
        return SIZE_MAX;
    const unsigned long n = strtoul(key + length, &end, 10);
    return *end || n >= limit ? SIZE_MAX : n;
}

/* A header of n lines names less than n things: numbers beyond are damage. */
static bool fill(table_t *table, const char *prefix, const irqsim_reader_t *reader)
{
    const irqsim_trace_meta_t *meta = irqsim_reader_meta(reader, &table->n);

    table->text = calloc(table->n + 1, sizeof(*table->text));
    for (size_t i = 0; table->text && i < table->n; i++) {
        const size_t at = number_in(meta[i].key, prefix, table->n);
        if (at != SIZE_MAX)
            table->text[at] = meta[i].value;
    }
    return table->text != NULL;
}

static const char *name_of(void *user, const char *kind, uint32_t n)
{
    const tables_t *tables = user;
    const table_t *table = strcmp(kind, "name") == 0 ? &tables->name : &tables->task;

    return n < table->n ? table->text[n] : NULL;
}

static void print_events(irqsim_reader_t *reader, tables_t *tables)
{
    char line[LINE_ROOM];
    irqsim_event_t ev;

    while (!ferror(stdout) && irqsim_reader_next(reader, &ev)) {
        irqsim_event_text(line, sizeof(line), &ev, name_of, tables);
        puts(line);
    }
}

/* Everything whole has been printed; say if that was not everything. */
static int check_damage(const call_t *call, const irqsim_reader_t *reader)
{
    irqsim_reader_stats_t stats;

    irqsim_reader_stats(reader, &stats);
    if (ferror(stdout) || (stats.bad_blocks == 0 && !stats.cut))
        return EXIT_OK;
    complain("%s: %" PRIu64 " damaged block%s%s, %" PRIu64 " bytes skipped", call->operand,
             stats.bad_blocks, plural(stats.bad_blocks), stats.cut ? ", the end is missing" : "",
             stats.skipped_bytes);
    return EXIT_INPUT;
}

int cmd_dump(const call_t *call)
{
    irqsim_reader_t *reader = NULL;
    tables_t tables = {0};
    voice_t voice;
    int code;

    errno = 0;
    const irqsim_status_t status =
        irqsim_reader_open(call->operand, &voice_init(&voice)->sink, &reader);
    if (status != IRQSIM_OK)
        return fail(&voice, call->operand, status);
    if (fill(&tables.name, "name.", reader) && fill(&tables.task, "task.", reader)) {
        print_events(reader, &tables);
        code = check_damage(call, reader);
    } else {
        code = fail(NULL, call->operand, IRQSIM_E_NOMEM);
    }
    free(tables.name.text);
    free(tables.task.text);
    irqsim_reader_close(reader);
    return code;
}
