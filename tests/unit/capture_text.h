/* SPDX-License-Identifier: MIT */
/*
 * capture_text.h - a capture as text in, the list of arrivals as text out
 *
 * What an importer made of some lines reads best in the list's own format.
 */
#ifndef IRQSIM_TESTS_CAPTURE_TEXT_H
#define IRQSIM_TESTS_CAPTURE_TEXT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <irqsim/arrivals.h>

#include "unit.h"

/* Every problem that was told, one line each: "3: message". */
typedef struct told {
    char text[8192];
    unsigned count;
} told_t;

static inline void tell(void *user, const irqsim_diag_t *diag)
{
    told_t *const told = user;
    const size_t used = strlen(told->text);

    told->count++;
    snprintf(told->text + used, sizeof(told->text) - used, "%llu:%llu %s%s%s\n",
             (unsigned long long)diag->line, (unsigned long long)diag->column, diag->message,
             *diag->hint ? " | " : "", diag->hint);
}

/* A name in the working directory that no other test uses at the same time. */
static inline const char *scratch(const char *suffix)
{
    static char name[64];

    snprintf(name, sizeof(name), "scratch-%ld%s", (long)getpid(), suffix);
    return name;
}

/* A whole file; the caller frees it. */
static inline char *slurp(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    fseek(file, 0, SEEK_END);
    const long length = ftell(file);
    rewind(file);
    char *text = calloc(1, (size_t)length + 1);
    ck_assert_uint_eq(fread(text, 1, (size_t)length, file), (size_t)length);
    fclose(file);
    if (size)
        *size = (size_t)length;
    return text;
}

static inline char *list_text(const irqsim_arrivals_t *list)
{
    const char *path = scratch(".txt");

    ck_assert_int_eq(irqsim_arrivals_save(list, path), IRQSIM_OK);
    char *text = slurp(path, NULL);
    remove(path);
    return text;
}

/* Imports `capture` and compares what follows the header lines. */
static inline irqsim_import_stats_t imports_as(const char *capture, const char *expected)
{
    irqsim_arrivals_t *list;
    irqsim_import_stats_t stats;

    ck_assert_int_eq(irqsim_import_bytes("t", capture, strlen(capture), NULL, &list, &stats),
                     IRQSIM_OK);
    char *text = list_text(list);
    const char *records = strstr(text, "\nat ");
    ck_assert_str_eq(records ? records + 1 : "", expected);
    ck_assert_uint_eq(stats.lines, stats.events + stats.comments + stats.bad_lines);
    free(text);
    irqsim_arrivals_free(list);
    return stats;
}

#endif
