/* SPDX-License-Identifier: MIT */
/*
 * load.c - a file of cases: all of it is read, then it is right or refused
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conform_int.h"

#define LARGEST_FILE ((size_t)64 << 20)

/* ---- lists that grow ---- */

static bool has_room(void **list, size_t *room, size_t n, size_t size)
{
    if (n < *room)
        return true;
    const size_t more = *room ? 2 * *room : 32;
    void *const larger = realloc(*list, more * size);
    if (!larger)
        return false;
    *list = larger;
    *room = more;
    return true;
}

static void add_case(loader_t *l, const char *title)
{
    irqsim_conform_t *file = l->file;
    void *list = file->cases;

    l->now = NULL;
    if (has_room(&list, &file->cases_room, file->n_cases, sizeof(test_case_t))) {
        l->now = (test_case_t *)list + file->n_cases++;
        *l->now = (test_case_t){.title = title, .first = file->n_steps};
    } else {
        l->no_memory = true;
    }
    file->cases = list;
    l->cpu = 0;
    l->pulsed = false;
}

static void add_step(loader_t *l)
{
    irqsim_conform_t *file = l->file;
    void *list = file->steps;

    if (has_room(&list, &file->steps_room, file->n_steps, sizeof(step_t))) {
        ((step_t *)list)[file->n_steps++] = l->step;
        l->now->steps++;
    } else {
        l->no_memory = true;
    }
    file->steps = list;
}

void irqsim__conform_add_field(loader_t *l, uint8_t key, uint64_t value)
{
    irqsim_conform_t *file = l->file;
    void *list = file->fields;

    if (has_room(&list, &file->fields_room, file->n_fields, sizeof(field_t))) {
        ((field_t *)list)[file->n_fields++] = (field_t){key, value};
        l->step.n_fields++;
    } else {
        l->no_memory = true;
    }
    file->fields = list;
}

/* ---- lines ---- */

/* The title ends at the end of the line, '#' or not. */
static void read_case(loader_t *l, size_t line_end)
{
    scan_t *s = &l->scan;
    size_t begin = s->word_end, end = line_end;

    while (begin < end && (s->text[begin] == ' ' || s->text[begin] == '\t'))
        begin++;
    while (end > begin && (s->text[end - 1] == ' ' || s->text[end - 1] == '\r'))
        end--;
    if (begin == end)
        irqsim__conform_problem(s, begin, "expected the rule that the case tests");
    l->file->text[end] = '\0';
    add_case(l, l->file->text + begin);
}

static void check_case_ended(loader_t *l)
{
    if (l->now && l->now->steps == 0 && !l->scan.lost)
        irqsim__conform_problem(&l->scan, l->scan.word,
                                "expected 'board' as the first step of the case above");
}

static void read_steps(loader_t *l)
{
    scan_t *s = &l->scan;

    while (!l->no_memory && irqsim__conform_next_step(s)) {
        if (!l->now) {
            irqsim__conform_expected(s, "'case'");
            return;
        }
        irqsim__conform_read_step(l);
        add_step(l); /* a wrong one too: the next line's problems are about that line */
    }
}

static void read_line(loader_t *l, size_t start, size_t end)
{
    scan_t *s = &l->scan;

    irqsim__conform_line(s, start, end);
    if (irqsim__conform_is(s, "case")) {
        check_case_ended(l);
        read_case(l, end);
    } else {
        read_steps(l);
    }
}

static void read_lines(loader_t *l)
{
    const char *const text = l->file->text;
    const size_t size = l->file->size;
    size_t start = 0;

    while (start < size && !l->no_memory) {
        const char *newline = memchr(text + start, '\n', size - start);
        const size_t end = newline ? (size_t)(newline - text) : size;

        read_line(l, start, end);
        start = end + 1;
    }
    irqsim__conform_line(&l->scan, size, size);
    check_case_ended(l);
    if (l->file->n_cases == 0)
        irqsim__conform_expected(&l->scan, "'case'");
}

/* ---- files ---- */

/* Takes the text over. */
static irqsim_status_t load_text(const char *name, char *text, size_t size,
                                 const irqsim_diag_sink_t *diag, irqsim_conform_t **cases)
{
    irqsim_conform_t *file = calloc(1, sizeof(*file));

    if (!file) {
        free(text);
        return IRQSIM_E_NOMEM;
    }
    file->text = text;
    file->size = size;
    loader_t loader = {.scan = {.name = name, .diag = diag, .text = text}, .file = file};
    read_lines(&loader);
    if (!loader.no_memory && loader.scan.problems == 0) {
        *cases = file;
        return IRQSIM_OK;
    }
    irqsim_conform_free(file);
    return loader.no_memory ? IRQSIM_E_NOMEM : IRQSIM_E_FORMAT;
}

irqsim_status_t irqsim_conform_parse(const char *name, const char *text, size_t size,
                                     const irqsim_diag_sink_t *diag, irqsim_conform_t **cases)
{
    char *const copy = malloc(size + 1);

    *cases = NULL;
    if (!copy)
        return IRQSIM_E_NOMEM;
    memcpy(copy, text, size);
    copy[size] = '\0';
    return load_text(name, copy, size, diag, cases);
}

static irqsim_status_t read_file(FILE *in, char **text, size_t *size)
{
    void *list = NULL;
    size_t room = 0, n = 0;

    while (has_room(&list, &room, n + 1, 1)) {
        const size_t got = fread((char *)list + n, 1, room - n - 1, in);

        n += got;
        *text = list;
        if (got == 0) {
            ((char *)list)[n] = '\0';
            *size = n;
            return ferror(in) ? IRQSIM_E_IO : IRQSIM_OK;
        }
        if (n > LARGEST_FILE)
            return IRQSIM_E_FORMAT;
    }
    *text = list;
    return IRQSIM_E_NOMEM;
}

irqsim_status_t irqsim_conform_load(const char *path, const irqsim_diag_sink_t *diag,
                                    irqsim_conform_t **cases)
{
    FILE *const in = fopen(path, "rb");
    char *text = NULL;
    size_t size = 0;

    *cases = NULL;
    if (!in)
        return IRQSIM_E_IO;
    const irqsim_status_t status = read_file(in, &text, &size);
    fclose(in);
    if (status == IRQSIM_OK)
        return load_text(path, text, size, diag, cases);
    free(text);
    return status;
}

void irqsim_conform_free(irqsim_conform_t *cases)
{
    if (!cases)
        return;
    free(cases->text);
    free(cases->cases);
    free(cases->steps);
    free(cases->fields);
    free(cases);
}

size_t irqsim_conform_count(const irqsim_conform_t *cases)
{
    return cases->n_cases;
}

const char *irqsim_conform_title(const irqsim_conform_t *cases, size_t index)
{
    return cases->cases[index].title;
}
