/* SPDX-License-Identifier: MIT */
/*
 * arrivals_load.c - the list's own text (docs/arrivals-format.md), read strictly
 *
 * A line is a keyword and its fields in a fixed order; indentation tells whose
 * child a record is. Every wrong line is told with its column, up to a limit.
 */
#include <stdlib.h>
#include <string.h>

#include "capture_int.h"

#define ERRORS_MAX 20
#define FIRST_LINE "irqsim-arrivals"
#define VERSION    1

typedef struct loader {
    const irqsim_diag_sink_t *sink;
    const char *file;
    list_t list;
    unsigned errors;
    irqsim_status_t status;

    uint64_t line;
    char *start, *at; /* the line and the cursor in it */
    bool started;     /* FIRST_LINE was there */
    bool has_origin, has_cpus, has_span;
    uint32_t depth;   /* of this line */
    uint32_t deepest; /* that this line may have: one below the record before it */
    uint64_t time_ns; /* of the last arrival, and its CPU */
    uint16_t cpu;
} loader_t;

/* --- telling ------------------------------------------------------------- */

static bool wrong(loader_t *l, const char *at, const char *message, const char *hint)
{
    l->errors++;
    irqsim__capture_report(l->sink,
                           &(irqsim_diag_t){.severity = IRQSIM_ERROR,
                                            .file = l->file,
                                            .line = l->line,
                                            .column = at ? (uint64_t)(at - l->start) + 1 : 0,
                                            .path = "",
                                            .message = message,
                                            .hint = hint});
    return false;
}

static size_t word_length(const char *at)
{
    return strcspn(at, " ");
}

/* How many letters must change to make one word the other; words of the format
 * are short, longer ones are no misspelling of them. */
#define WORD_MAX 16

static size_t distance(const char *a, size_t a_length, const char *b)
{
    const size_t b_length = strlen(b);
    size_t row[WORD_MAX + 1];

    if (a_length > WORD_MAX || b_length > WORD_MAX)
        return WORD_MAX;
    for (size_t j = 0; j <= b_length; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            const size_t change = corner + (a[i - 1] != b[j - 1]);
            const size_t insert = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            corner = row[j];
            row[j] = change < insert ? change : insert;
        }
    }
    return row[b_length];
}

/* "expected X, found 'Y'", and the word that Y nearly is. */
static bool unexpected(loader_t *l, const char *expected, const char *const *words, size_t n)
{
    const size_t length = word_length(l->at);
    const char *nearest = NULL;
    size_t best = 3; /* further away is another word */
    char message[160], hint[64] = "";

    for (size_t i = 0; i < n; i++) {
        const size_t d = distance(l->at, length, words[i]);
        if (d < best && d < strlen(words[i])) {
            best = d;
            nearest = words[i];
        }
    }
    if (nearest && length > 0)
        snprintf(hint, sizeof(hint), "did you mean '%s'?", nearest);
    if (length == 0)
        snprintf(message, sizeof(message), "expected %s, found the end of the line", expected);
    else
        snprintf(message, sizeof(message), "expected %s, found '%.*s'", expected,
                 (int)(length < 40 ? length : 40), l->at);
    return wrong(l, l->at, message, hint);
}

static bool out_of_memory(loader_t *l)
{
    l->status = IRQSIM_E_NOMEM;
    return false;
}

/* --- pieces of a line ---------------------------------------------------- */

static bool at_word(const loader_t *l, const char *word)
{
    const size_t length = strlen(word);

    return word_length(l->at) == length && memcmp(l->at, word, length) == 0;
}

static void skip_spaces(loader_t *l)
{
    l->at += strspn(l->at, " ");
}

static bool keyword(loader_t *l, const char *word)
{
    char expected[WORD_MAX + 3];

    if (!at_word(l, word)) {
        snprintf(expected, sizeof(expected), "'%s'", word);
        return unexpected(l, expected, &word, 1);
    }
    l->at += strlen(word);
    skip_spaces(l);
    return true;
}

static bool number(loader_t *l, uint64_t max, uint64_t *value)
{
    const char *p = l->at;

    if (!irqsim__capture_decimal(&p, value) || (*p != ' ' && *p != '\0'))
        return unexpected(l, "a decimal number", NULL, 0);
    if (*value > max) {
        char message[80];
        snprintf(message, sizeof(message), "number out of range (0..%llu)",
                 (unsigned long long)max);
        return wrong(l, l->at, message, "");
    }
    l->at += p - l->at;
    skip_spaces(l);
    return true;
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* \uXXXX at `from`, written as UTF-8. How many bytes that gave; 0: no such character. */
static size_t unicode(const char *from, char *to)
{
    unsigned code = 0;

    for (int i = 0; i < 4; i++) {
        const int digit = hex_digit(from[i]);
        if (digit < 0)
            return 0;
        code = code << 4 | (unsigned)digit;
    }
    if (code == 0 || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (char)(0xc0 | code >> 6);
        to[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    to[0] = (char)(0xe0 | code >> 12);
    to[1] = (char)(0x80 | (code >> 6 & 0x3f));
    to[2] = (char)(0x80 | (code & 0x3f));
    return 3;
}

/* A quoted name, decoded where it stands: it never gets longer. */
static bool quoted(loader_t *l, span_t *name)
{
    static const char escape[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    char *from = l->at + 1, *to = l->at;

    name->at = to;
    while (*from && *from != '"') {
        const char *const backslash = from;
        if (*from != '\\') {
            *to++ = *from++;
            continue;
        }
        const char *letter = from[1] ? strchr(escape, from[1]) : NULL;
        const size_t bytes = from[1] == 'u' ? unicode(from + 2, to) : letter != NULL;
        if (bytes == 0)
            return wrong(l, backslash, "unknown escape in a quoted name",
                         "\\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX are known");
        if (letter)
            *to = meant[letter - escape];
        to += bytes;
        from += letter ? 2 : 6;
    }
    if (*from != '"')
        return wrong(l, l->at, "quoted name has no end", "");
    name->length = (size_t)(to - name->at);
    l->at = from + 1;
    return true;
}

/* A name; `#` and spaces end a bare one. */
static bool name_token(loader_t *l, span_t *name)
{
    if (*l->at == '"')
        return quoted(l, name);
    const char *const begin = l->at;
    while (irqsim__capture_is_bare((unsigned char)*l->at))
        l->at++;
    *name = (span_t){begin, (size_t)(l->at - begin)};
    return name->length > 0 || unexpected(l, "a name", NULL, 0);
}

static bool name_field(loader_t *l, uint32_t *name)
{
    span_t span;

    if (!name_token(l, &span))
        return false;
    *name = irqsim__capture_list_name(&l->list, span.at, span.length);
    if (*name == NONE)
        return out_of_memory(l);
    return true;
}

/* Between a name and what follows. */
static bool space(loader_t *l)
{
    if (*l->at != ' ' && *l->at != '\0')
        return wrong(l, l->at, "expected a space after the name", "quote names with '\"' or '#'");
    skip_spaces(l);
    return true;
}

static bool line_end(loader_t *l)
{
    return *l->at == '\0' || unexpected(l, "the end of the line", NULL, 0);
}

/* --- one function per line ----------------------------------------------- */

static bool once(loader_t *l, bool *seen, const char *message)
{
    if (*seen)
        return wrong(l, l->start, message, "");
    *seen = true;
    return true;
}

static bool load_origin(loader_t *l)
{
    span_t origin = {l->at, strlen(l->at)};

    if (!once(l, &l->has_origin, "second 'origin' line"))
        return false;
    if (*l->at == '"' && (!quoted(l, &origin) || !space(l) || !line_end(l)))
        return false;
    l->list.out->origin = malloc(origin.length + 1);
    if (!l->list.out->origin)
        return out_of_memory(l);
    memcpy(l->list.out->origin, origin.at, origin.length);
    l->list.out->origin[origin.length] = '\0';
    return true;
}

static bool load_cpus(loader_t *l)
{
    uint64_t cpus;

    if (!once(l, &l->has_cpus, "second 'cpus' line") || !number(l, CAPTURE_CPUS, &cpus))
        return false;
    l->list.out->cpus = (uint32_t)cpus;
    if (cpus == 0)
        return wrong(l, l->start, "a machine has at least one CPU", "");
    return line_end(l);
}

static bool load_span(loader_t *l)
{
    return once(l, &l->has_span, "second 'span' line") &&
           number(l, UINT64_MAX - 1, &l->list.out->span_ns) && line_end(l);
}

static bool load_irq(loader_t *l)
{
    const irqsim_arrivals_t *const out = l->list.out;
    uint64_t irq, count = 0;
    uint32_t name;

    if (!number(l, NONE - 1, &irq) || !name_field(l, &name) || !space(l))
        return false;
    if (*l->at && (!keyword(l, "count") || !number(l, UINT64_MAX - 1, &count) || !line_end(l)))
        return false;
    if (out->n_irqs > 0 && out->irq[out->n_irqs - 1].irq >= irq)
        return wrong(l, l->start, "irq lines must ascend, each irq once", "");
    irqsim_irq_total_t *const total = irqsim__capture_list_irq(&l->list, (uint32_t)irq, name);
    if (!total)
        return out_of_memory(l);
    total->count = count;
    return true;
}

/* Ascending, so that one line is compared with the one before it only. */
static bool next_softirq(loader_t *l, const char *begin, uint32_t name)
{
    const irqsim_arrivals_t *const out = l->list.out;
    char *const *const text = l->list.names.text;

    if (out->n_softirqs > 0 &&
        strcmp(text[out->softirq[out->n_softirqs - 1].name], text[name]) >= 0)
        return wrong(l, begin, "softirq lines must ascend by name, each name once", "");
    return true;
}

/* "executed" and how often on each CPU; their sum is a number of the format too. */
static bool load_executed(loader_t *l, uint64_t *per_cpu, uint64_t *sum)
{
    if (!keyword(l, "executed"))
        return false;
    for (uint32_t cpu = 0; cpu < l->list.out->cpus; cpu++) {
        if (!number(l, UINT64_MAX - 1 - *sum, &per_cpu[cpu]))
            return false;
        *sum += per_cpu[cpu];
    }
    return true;
}

/* What may be left out when it is 0, and is a part of `whole`. */
static bool load_part(loader_t *l, const char *word, uint64_t whole, uint64_t *part)
{
    return !at_word(l, word) || (keyword(l, word) && number(l, whole, part));
}

static bool load_softirq(loader_t *l)
{
    static const char *const parts[] = {"tasks", "orphans"};
    const char *const begin = l->at;
    uint64_t *per_cpu;
    uint32_t name;

    if (!l->has_cpus)
        return wrong(l, l->start, "'cpus' must come before the first 'softirq'", "");
    if (l->list.out->cpus == 0)
        return false; /* a wrong 'cpus' is told already */
    if (!name_field(l, &name) || !next_softirq(l, begin, name) || !space(l))
        return false;
    irqsim_softirq_total_t *const total = irqsim__capture_list_softirq(&l->list, name, &per_cpu);
    if (!total)
        return out_of_memory(l);
    return keyword(l, "raised") && number(l, UINT64_MAX - 1, &total->raised) &&
           load_executed(l, per_cpu, &total->executed) &&
           load_part(l, parts[0], total->executed, &total->by_tasks) &&
           load_part(l, parts[1], total->executed - total->by_tasks, &total->orphans) &&
           (*l->at == '\0' || unexpected(l, "the end of the line", parts, 2));
}

static bool finish_record(loader_t *l, irqsim_record_t *record)
{
    if (!keyword(l, "takes") || !number(l, UINT64_MAX - 1, &record->takes_ns) || !line_end(l))
        return false;
    record->depth = l->depth;
    record->time_ns = l->time_ns;
    record->cpu = l->cpu;
    return irqsim__capture_list_add(&l->list, record) || out_of_memory(l);
}

static bool load_irq_field(loader_t *l, irqsim_record_t *record)
{
    const char *const begin = l->at;
    uint64_t irq;

    if (!number(l, NONE - 1, &irq))
        return false;
    const irqsim_irq_total_t *total = irqsim__capture_find_irq(l->list.out, (uint32_t)irq);
    if (!total)
        return wrong(l, begin, "this irq has no line above", "add 'irq NUMBER NAME' above");
    record->number = (uint32_t)irq;
    record->name = total->name;
    return true;
}

static bool load_at(loader_t *l)
{
    static const char *const kinds[] = {"irq", "vector"};
    irqsim_record_t record = {.kind = IRQSIM_RECORD_IRQ};
    uint64_t time_ns, cpu;
    const char *begin = l->at;

    if (!number(l, UINT64_MAX - 1, &time_ns))
        return false;
    if (time_ns < l->time_ns)
        return wrong(l, begin, "arrivals must ascend in time", "");
    l->time_ns = time_ns;
    if (!keyword(l, "cpu"))
        return false;
    begin = l->at;
    if (!number(l, CAPTURE_CPUS - 1, &cpu))
        return false;
    if (cpu >= l->list.out->cpus)
        return wrong(l, begin, "this CPU is not among 'cpus'", "CPUs count from 0");
    l->cpu = (uint16_t)cpu;
    if (at_word(l, "irq"))
        return keyword(l, "irq") && load_irq_field(l, &record) && finish_record(l, &record);
    if (!at_word(l, "vector"))
        return unexpected(l, "'irq' or 'vector'", kinds, 2);
    record.kind = IRQSIM_RECORD_VECTOR;
    return keyword(l, "vector") && name_field(l, &record.name) && space(l) &&
           finish_record(l, &record);
}

static bool load_raise(loader_t *l)
{
    irqsim_record_t record = {.kind = IRQSIM_RECORD_SOFTIRQ};

    return name_field(l, &record.name) && space(l) && finish_record(l, &record);
}

static bool load_queue(loader_t *l)
{
    irqsim_record_t record = {.kind = IRQSIM_RECORD_WORK};
    uint64_t item;

    if (!name_field(l, &record.name))
        return false;
    if (*l->at != '#')
        return wrong(l, l->at, "expected '#' and a number after the work's name",
                     "numbers tell works of one name apart");
    l->at++;
    if (!number(l, NONE - 1, &item))
        return false;
    record.number = (uint32_t)item;
    return finish_record(l, &record);
}

/* --- the table of lines -------------------------------------------------- */

typedef enum place { HEADER, ARRIVAL, CHILD } place_t;

static const struct {
    const char *word;
    place_t place;
    bool (*load)(loader_t *l);
} row[] = {
    {"origin", HEADER, load_origin}, {"cpus", HEADER, load_cpus},       {"span", HEADER, load_span},
    {"irq", HEADER, load_irq},       {"softirq", HEADER, load_softirq}, {"at", ARRIVAL, load_at},
    {"raise", CHILD, load_raise},    {"queue", CHILD, load_queue},
};
#define ROWS (sizeof(row) / sizeof(row[0]))

static bool in_place(loader_t *l, place_t place)
{
    if (place != CHILD && l->depth > 0)
        return wrong(l, l->at, "only 'raise' and 'queue' are indented", "");
    if (place == CHILD && l->depth == 0)
        return wrong(l, l->at, "this needs a parent", "indent it by two spaces per level");
    if (place == HEADER && l->list.out->n_records > 0)
        return wrong(l, l->at, "header lines stand above the first 'at'", "");
    if (place == ARRIVAL && !l->has_cpus)
        return wrong(l, l->at, "'cpus' must come before the first 'at'", "");
    return true;
}

static bool indentation(loader_t *l)
{
    const size_t spaces = strspn(l->start, " ");

    l->at = l->start + spaces;
    l->depth = (uint32_t)(spaces / 2);
    if (spaces % 2)
        return wrong(l, l->at, "indentation is two spaces per level", "");
    if (spaces / 2 > IRQSIM_ARRIVALS_DEPTH_MAX)
        return wrong(l, l->at, "deeper than 255 levels", "");
    if (l->depth > l->deepest)
        return wrong(l, l->at, "this is deeper than a child of the line above", "");
    return true;
}

static void statement(loader_t *l)
{
    const char *words[ROWS];

    if (!indentation(l))
        return;
    l->deepest = l->depth + 1; /* even if the rest is wrong: children are not to blame */
    for (size_t i = 0; i < ROWS; i++) {
        words[i] = row[i].word;
        if (!at_word(l, row[i].word))
            continue;
        if (row[i].place == HEADER)
            l->deepest = 0;
        if (in_place(l, row[i].place)) {
            keyword(l, row[i].word);
            row[i].load(l);
        }
        return;
    }
    unexpected(l, "a keyword", words, ROWS);
}

static bool first_line(loader_t *l)
{
    static const char other[] = "this is no list of arrivals";
    uint64_t version;

    l->started = true;
    l->at = l->start;
    if (!at_word(l, FIRST_LINE))
        return wrong(l, l->start, other, "its first line is 'irqsim-arrivals 1'");
    if (!keyword(l, FIRST_LINE) || !number(l, UINT64_MAX - 1, &version))
        return false;
    if (version != VERSION)
        return wrong(l, l->start, "this program reads version 1 only", "");
    return line_end(l);
}

/* False: reading on makes no sense. */
static bool load_line(loader_t *l, const line_t *line)
{
    l->line++;
    l->start = l->at = line->text;
    if (line->kind == LINE_TORN)
        return true; /* told at the end */
    if (line->kind == LINE_LONG) {
        wrong(l, NULL, "line is longer than 1 MiB", "");
    } else if (strlen(line->text) != line->length) {
        wrong(l, line->text + strlen(line->text), "zero byte in the text", "");
    } else if (!l->started) {
        return first_line(l);
    } else {
        const char first = line->text[strspn(line->text, " ")];
        if (first != '\0' && first != '#')
            statement(l);
    }
    return l->errors < ERRORS_MAX && l->status == IRQSIM_OK;
}

static void cut_warning(loader_t *l, const char *damage)
{
    irqsim__capture_report(l->sink, &(irqsim_diag_t){.severity = IRQSIM_WARNING,
                                                     .file = l->file,
                                                     .line = l->line,
                                                     .path = "",
                                                     .message = damage,
                                                     .hint = "whole lines before it were used"});
}

/* What may be left out of a file written by hand. */
static bool complete(loader_t *l)
{
    irqsim_arrivals_t *const out = l->list.out;

    l->line = 0;
    if (!l->started)
        return wrong(l, NULL, "the file is empty", "its first line is 'irqsim-arrivals 1'");
    if (!l->has_cpus)
        return wrong(l, NULL, "there is no 'cpus' line", "");
    if (!l->has_span)
        out->span_ns = l->time_ns;
    if (!out->origin && !(out->origin = calloc(1, 1)))
        return out_of_memory(l);
    return true;
}

static irqsim_status_t load(loader_t *l, lines_t *in, irqsim_arrivals_t **list)
{
    bool go_on = irqsim__capture_list_init(&l->list) || out_of_memory(l);

    while (go_on) {
        const line_t line = irqsim__capture_lines_next(in);
        if (line.kind == LINE_END)
            break;
        go_on = load_line(l, &line);
    }
    if (in->damage)
        cut_warning(l, in->damage);
    if (l->status == IRQSIM_OK && l->errors == 0)
        complete(l);
    if (l->status == IRQSIM_OK && l->errors > 0)
        l->status = IRQSIM_E_FORMAT;
    if (l->status == IRQSIM_OK)
        *list = irqsim__capture_list_done(&l->list);
    else if (l->list.out)
        irqsim__capture_list_drop(&l->list);
    return l->status;
}

static irqsim_status_t run(const char *name, lines_t *in, irqsim_status_t opened,
                           const irqsim_diag_sink_t *diag, irqsim_arrivals_t **list)
{
    loader_t l = {.sink = diag, .file = name};

    *list = NULL;
    if (opened == IRQSIM_OK)
        opened = load(&l, in, list);
    else if (opened == IRQSIM_E_IO)
        wrong(&l, NULL, "the file cannot be read", "is it there, is it a file, may you read it?");
    irqsim__capture_lines_close(in);
    return opened;
}

irqsim_status_t irqsim_arrivals_load(const char *path, const irqsim_diag_sink_t *diag,
                                     irqsim_arrivals_t **list)
{
    lines_t in;
    const irqsim_status_t opened = irqsim__capture_lines_open(&in, path, NULL);

    return run(path, &in, opened, diag, list);
}

irqsim_status_t irqsim_arrivals_load_bytes(const char *name, const void *bytes, size_t size,
                                           const irqsim_diag_sink_t *diag, irqsim_arrivals_t **list)
{
    lines_t in;
    const irqsim_status_t opened = irqsim__capture_lines_memory(&in, bytes, size);

    return run(name, &in, opened, diag, list);
}
