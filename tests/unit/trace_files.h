/* SPDX-License-Identifier: MIT */
/* trace_files.h - trace files in memory, for the tests of lib/trace */
#ifndef IRQSIM_TESTS_TRACE_FILES_H
#define IRQSIM_TESTS_TRACE_FILES_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <irqsim/trace.h>

#include "unit.h"

typedef struct bytes {
    uint8_t *data;
    size_t size;
} bytes_t;

/* The path of an empty file that nobody else uses. */
static inline void temporary_path(char path[32])
{
    strcpy(path, "/tmp/irqsim-trace-XXXXXX");
    const int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static inline bytes_t slurp(const char *path)
{
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    bytes_t bytes = {NULL, 0};
    for (int c; (c = fgetc(file)) != EOF;) {
        if ((bytes.size & (bytes.size - 1)) == 0)
            bytes.data = realloc(bytes.data, bytes.size ? 2 * bytes.size : 1);
        bytes.data[bytes.size++] = (uint8_t)c;
    }
    fclose(file);
    return bytes;
}

/* What a recorder writes for these events, as bytes to be freed. */
static inline bytes_t record(const irqsim_trace_meta_t *meta, size_t n_meta,
                             const irqsim_event_t *events, size_t n)
{
    char path[32];
    irqsim_recorder_t *recorder;

    temporary_path(path);
    ck_assert_int_eq(irqsim_recorder_open(path, meta, n_meta, 0, &recorder), IRQSIM_OK);
    for (size_t i = 0; i < n; i++)
        irqsim_recorder_emit(recorder, &events[i]);
    ck_assert_int_eq(irqsim_recorder_close(recorder), IRQSIM_OK);
    const bytes_t bytes = slurp(path);
    remove(path);
    return bytes;
}

static inline void append(bytes_t *to, bytes_t more)
{
    to->data = realloc(to->data, to->size + more.size);
    memcpy(to->data + to->size, more.data, more.size);
    to->size += more.size;
}

static inline bool same_event(const irqsim_event_t *a, const irqsim_event_t *b)
{
    return a->time == b->time && a->seq == b->seq && a->cause == b->cause && a->id == b->id &&
           a->cpu == b->cpu && memcmp(a->arg, b->arg, sizeof(a->arg)) == 0;
}

/* Remembers what the reader complains about. */
typedef struct complaints {
    int count[IRQSIM_ERROR + 1];
    char last[200];
} complaints_t;

static inline void complain(void *user, const irqsim_diag_t *diag)
{
    complaints_t *complaints = user;

    complaints->count[diag->severity]++;
    snprintf(complaints->last, sizeof(complaints->last), "%s", diag->message);
}

#endif
