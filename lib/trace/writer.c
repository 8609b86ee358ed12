/* SPDX-License-Identifier: MIT */
/* writer.c - the recorder: events in, one gzip member after the other out */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "trace_int.h"

struct irqsim_recorder {
    FILE *file;
    irqsim_status_t status; /* the first error */
    uint64_t seq;           /* of the last event */
    z_stream z;
    bool z_ready;
    uint8_t *member;
    size_t member_size; /* room in member */
    trace_encoder_t encoder;
};

/* --- members -------------------------------------------------------------- */

static void keep(irqsim_recorder_t *r, irqsim_status_t status)
{
    if (r->status == IRQSIM_OK)
        r->status = status;
}

/* A member is written and flushed as a whole: a killed writer leaves every
 * finished block readable. */
static void write_member(irqsim_recorder_t *r, const trace_cursor_t *pieces, size_t n)
{
    const size_t size = irqsim__trace_pack(&r->z, pieces, n, r->member, r->member_size);

    if (size == 0)
        keep(r, IRQSIM_E_INTERNAL);
    else if (fwrite(r->member, 1, size, r->file) != size || fflush(r->file) != 0)
        keep(r, IRQSIM_E_IO);
}

static void write_events(irqsim_recorder_t *r)
{
    trace_cursor_t pieces[1 + COL_COUNT];

    irqsim__trace_encoder_finish(&r->encoder, pieces);
    write_member(r, pieces, 1 + COL_COUNT);
}

/* --- the header ----------------------------------------------------------- */

/* A key is one word and a value one line, or the header would read back as
 * something else. */
static bool is_line(const irqsim_trace_meta_t *meta)
{
    return meta->key[0] && !strpbrk(meta->key, " \r\n") && !strpbrk(meta->value, "\r\n");
}

/* The header's text, to be freed. */
static irqsim_status_t header_text(const irqsim_trace_meta_t *meta, size_t n, char **text,
                                   size_t *size)
{
    *size = sizeof(TRACE_FIRST_LINE);
    for (size_t i = 0; i < n; i++) {
        if (!is_line(&meta[i]))
            return IRQSIM_E_INVAL;
        *size += strlen(meta[i].key) + strlen(meta[i].value) + 2;
    }
    if (*size > TRACE_BLOCK_MAX)
        return IRQSIM_E_INVAL;
    char *at = *text = malloc(*size + 1); /* and sprintf's NUL */
    if (!at)
        return IRQSIM_E_NOMEM;
    at += sprintf(at, "%s\n", TRACE_FIRST_LINE);
    for (size_t i = 0; i < n; i++)
        at += sprintf(at, "%s %s\n", meta[i].key, meta[i].value);
    return IRQSIM_OK;
}

static irqsim_status_t write_header(irqsim_recorder_t *r, const irqsim_trace_meta_t *meta, size_t n)
{
    char *text = NULL;
    size_t size;
    const irqsim_status_t status = header_text(meta, n, &text, &size);

    if (status != IRQSIM_OK)
        return status;
    const trace_cursor_t piece = {(const uint8_t *)text, (const uint8_t *)text + size};
    write_member(r, &piece, 1);
    free(text);
    return r->status;
}

/* --- the file ------------------------------------------------------------- */

/* A device or a pipe is written in place; renaming a file over it would remove it. */
static bool is_special(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static irqsim_status_t create(irqsim_recorder_t *r, const char *path,
                              const irqsim_trace_meta_t *meta, size_t n)
{
    r->file = fopen(path, "wb");
    return r->file ? write_header(r, meta, n) : IRQSIM_E_IO;
}

/* The old file stays until the new one has its header. */
static irqsim_status_t create_beside(irqsim_recorder_t *r, const char *path,
                                     const irqsim_trace_meta_t *meta, size_t n)
{
    char *beside = malloc(strlen(path) + sizeof(".part"));

    if (!beside)
        return IRQSIM_E_NOMEM;
    strcat(strcpy(beside, path), ".part");
    irqsim_status_t status = create(r, beside, meta, n);
    if (status == IRQSIM_OK && rename(beside, path) != 0)
        status = IRQSIM_E_IO;
    if (status != IRQSIM_OK && r->file)
        remove(beside);
    free(beside);
    return status;
}

static bool allocate(irqsim_recorder_t *r, int level)
{
    enum { RAW_DEFLATE = -15, MEMORY_LEVEL = 9 };

    r->z_ready = deflateInit2(&r->z, level ? level : 1, Z_DEFLATED, RAW_DEFLATE, MEMORY_LEVEL,
                              Z_DEFAULT_STRATEGY) == Z_OK;
    if (!r->z_ready || !irqsim__trace_encoder_init(&r->encoder))
        return false;
    r->member_size = irqsim__trace_pack_bound(&r->z, TRACE_BLOCK_MAX);
    r->member = malloc(r->member_size);
    return r->member;
}

static irqsim_status_t release(irqsim_recorder_t *r)
{
    if (r->file && fclose(r->file) != 0)
        keep(r, IRQSIM_E_IO);
    if (r->z_ready)
        deflateEnd(&r->z);
    irqsim__trace_encoder_free(&r->encoder);
    free(r->member);

    const irqsim_status_t status = r->status;
    free(r);
    return status;
}

/* --- the interface -------------------------------------------------------- */

irqsim_status_t irqsim_recorder_open(const char *path, const irqsim_trace_meta_t *meta,
                                     size_t n_meta, int level, irqsim_recorder_t **recorder)
{
    *recorder = NULL;
    if (level < 0 || level > 9)
        return IRQSIM_E_INVAL;
    irqsim_recorder_t *r = calloc(1, sizeof(*r));
    if (!r)
        return IRQSIM_E_NOMEM;

    if (!allocate(r, level))
        r->status = IRQSIM_E_NOMEM;
    else
        r->status = (is_special(path) ? create : create_beside)(r, path, meta, n_meta);
    if (r->status != IRQSIM_OK)
        return release(r);
    *recorder = r;
    return IRQSIM_OK;
}

uint64_t irqsim_recorder_emit(void *recorder, const irqsim_event_t *ev)
{
    irqsim_recorder_t *r = recorder;

    r->seq = ev->seq ? ev->seq : r->seq + 1;
    irqsim__trace_encode(&r->encoder, ev, r->seq);
    if (r->encoder.n == TRACE_BLOCK_EVENTS)
        write_events(r);
    return r->seq;
}

irqsim_status_t irqsim_recorder_close(irqsim_recorder_t *recorder)
{
    if (recorder->encoder.n)
        write_events(recorder);
    return release(recorder);
}
