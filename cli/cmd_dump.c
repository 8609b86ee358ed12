/* SPDX-License-Identifier: MIT */
/*
 * cmd_dump.c - irqsim dump TRACE: its listing of code, then one line per event, with
 * names from the header
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define LINE_ROOM 512
#define KERNEL    UINT32_MAX /* whose code it is, if no task's */
#define CPUS      (UINT16_MAX + 1u)

/* Header values by number: name.<n>, task.<n>. */
typedef struct table {
    const char **text;
    size_t n;
} table_t;

/* A line "code.<task> <address> <bytes> <text>" of the header. */
typedef struct code {
    uint32_t task, address, bytes;
    const char *text;
} code_t;

typedef struct tables {
    table_t name, task;
    code_t *code; /* by task, then by address */
    size_t n_code;
    uint32_t *current; /* task of each CPU */
    unsigned cpu;      /* whose event is printed */
    char place[96];    /* "SIGFPE handler+2" */
} tables_t;

/* ---- the header ---- */

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

static bool read_code(const irqsim_trace_meta_t *meta, size_t tasks, code_t *code)
{
    const size_t task = number_in(meta->key, "code.", tasks);
    char *end;

    if (task == SIZE_MAX && strcmp(meta->key, "code.kernel") != 0)
        return false;
    code->task = task == SIZE_MAX ? KERNEL : (uint32_t)task;
    code->address = (uint32_t)strtoul(meta->value, &end, 16);
    code->bytes = (uint32_t)strtoul(end, &end, 10);
    code->text = end + (*end == ' ');
    return *code->text != '\0';
}

static int by_address(const void *a, const void *b)
{
    const code_t *x = a, *y = b;

    if (x->task != y->task)
        return x->task < y->task ? -1 : 1;
    return (x->address > y->address) - (x->address < y->address);
}

static bool fill_code(tables_t *t, const irqsim_reader_t *reader)
{
    size_t n;
    const irqsim_trace_meta_t *meta = irqsim_reader_meta(reader, &n);

    t->code = calloc(n + 1, sizeof(*t->code));
    t->current = malloc(CPUS * sizeof(*t->current));
    if (!t->code || !t->current)
        return false;
    for (size_t i = 0; i < n; i++)
        t->n_code += read_code(&meta[i], n, &t->code[t->n_code]);
    qsort(t->code, t->n_code, sizeof(*t->code), by_address);
    for (size_t cpu = 0; cpu < CPUS; cpu++)
        t->current[cpu] = KERNEL;
    return true;
}

static const char *task_name(const tables_t *t, uint32_t task)
{
    return task < t->task.n && t->task.text[task] ? t->task.text[task] : "?";
}

/* As comments, for lines of events have none. */
static void print_code(const tables_t *t)
{
    for (size_t i = 0; i < t->n_code && t->code[i].task != KERNEL; i++) {
        const code_t *code = &t->code[i];

        if (i == 0 || code[-1].task != code->task)
            printf("# code of task %s\n", task_name(t, code->task));
        printf("#   %#" PRIx32 "  %s\n", code->address, code->text);
    }
}

/* ---- events ---- */

/* The last code of the task that begins at or before the address. */
static const code_t *find_code(const tables_t *t, uint32_t task, uint32_t address)
{
    const code_t wanted = {.task = task, .address = address};
    size_t from = 0, to = t->n_code;

    while (from < to) {
        const size_t middle = from + (to - from) / 2;

        if (by_address(&t->code[middle], &wanted) <= 0)
            from = middle + 1;
        else
            to = middle;
    }
    const code_t *code = from ? &t->code[from - 1] : NULL;
    return code && code->task == task && address - code->address < code->bytes ? code : NULL;
}

static const char *address_name(tables_t *t, uint32_t address)
{
    const code_t *code = find_code(t, t->current[t->cpu], address);

    if (!code)
        code = find_code(t, KERNEL, address);
    if (!code || code->address == address)
        return code ? code->text : NULL;
    snprintf(t->place, sizeof(t->place), "%s+%" PRIu32, code->text, address - code->address);
    return t->place;
}

static const char *name_of(void *user, const char *kind, uint32_t n)
{
    tables_t *t = user;
    const table_t *table = strcmp(kind, "name") == 0 ? &t->name : &t->task;

    if (strcmp(kind, "address") == 0)
        return address_name(t, n);
    return n < table->n ? table->text[n] : NULL;
}

/* An `if` right behind another event of its CPU, at the same time: told at the end of that
 * one's line, for IF moves with nearly each. */
static bool belongs_to(const irqsim_event_t *ev, const irqsim_event_t *last)
{
    return ev->id == IRQSIM_EV_IF && ev->cpu == last->cpu && ev->time == last->time &&
           ev->seq == last->seq + 1;
}

static void print_event(tables_t *t, const irqsim_event_t *ev)
{
    char line[LINE_ROOM];

    t->cpu = ev->cpu;
    irqsim_event_text(line, sizeof(line), ev, name_of, t);
    fputs(line, stdout);
    if (ev->id == IRQSIM_EV_SWITCH)
        t->current[ev->cpu] = ev->arg[1];
}

static void print_events(irqsim_reader_t *reader, tables_t *t)
{
    irqsim_event_t ev, last = {0};

    while (!ferror(stdout) && irqsim_reader_next(reader, &ev)) {
        if (last.id && belongs_to(&ev, &last)) {
            printf(" IF=%" PRIu32, ev.arg[0]);
        } else {
            fputs(last.id ? "\n" : "", stdout);
            print_event(t, &ev);
        }
        last = ev;
    }
    fputs(last.id ? "\n" : "", stdout);
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
    if (fill(&tables.name, "name.", reader) && fill(&tables.task, "task.", reader) &&
        fill_code(&tables, reader)) {
        print_code(&tables);
        print_events(reader, &tables);
        code = check_damage(call, reader);
    } else {
        code = fail(NULL, call->operand, IRQSIM_E_NOMEM);
    }
    free(tables.name.text);
    free(tables.task.text);
    free(tables.code);
    free(tables.current);
    irqsim_reader_close(reader);
    return code;
}
