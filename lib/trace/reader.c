/* SPDX-License-Identifier: MIT */
/*
 * reader.c - members of a file, or of memory, to events
 *
 * The reader goes from member to member by their sizes. Where that fails, the
 * file is searched, byte by byte, for the next member that is whole.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace_int.h"

/* Where the bytes come from: one of `file` and `bytes`. */
typedef struct input {
    FILE *file;
    const uint8_t *bytes;
    uint64_t size;
    uint64_t at;     /* the file's position */
    uint8_t *window; /* what was read from the file last */
} input_t;

struct irqsim_reader {
    input_t input;
    char *name;
    irqsim_diag_sink_t diag;
    irqsim_reader_stats_t stats;
    uint64_t start, next; /* offsets of the member at hand and of the next one */
    z_stream z;
    bool z_ready;
    uint8_t *block;
    size_t block_size;
    bool decoding;
    trace_decoder_t decoder;
    char *header; /* its text, cut into strings */
    irqsim_trace_meta_t *meta;
    size_t n_meta;
};

/* --- input ---------------------------------------------------------------- */

/* `n` bytes at `offset`, or NULL if there are fewer. Valid until the next call. */
static const uint8_t *look(input_t *in, uint64_t offset, size_t n)
{
    if (offset > in->size || n > in->size - offset)
        return NULL;
    if (in->bytes)
        return in->bytes + offset;
    if (in->at != offset && fseek(in->file, (long)offset, SEEK_SET) != 0)
        return NULL;
    in->at = offset + fread(in->window, 1, n, in->file);
    return in->at == offset + n ? in->window : NULL;
}

/* A directory opens like a file, and claims to be endless; but it cannot be read. */
static bool is_readable(FILE *file)
{
    (void)fgetc(file);
    return !ferror(file);
}

static uint64_t file_size(FILE *file)
{
    const long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : 0;

    rewind(file);
    return size > 0 ? (uint64_t)size : 0;
}

/* --- what is wrong -------------------------------------------------------- */

static void report(const irqsim_reader_t *r, irqsim_severity_t severity, const char *message,
                   const char *hint)
{
    const irqsim_diag_t diag = {
        .severity = severity, .file = r->name, .path = "", .message = message, .hint = hint};

    if (r->diag.report)
        r->diag.report(r->diag.user, &diag);
}

static irqsim_status_t refuse(const irqsim_reader_t *r, const char *message, const char *hint)
{
    report(r, IRQSIM_ERROR, message, hint);
    return IRQSIM_E_FORMAT;
}

/* The member at hand is left out, up to the next one. */
static void skip(irqsim_reader_t *r, uint64_t *count, const char *why)
{
    const uint64_t bytes = r->next - r->start;
    char message[160];

    *count += 1;
    r->stats.skipped_bytes += bytes;
    snprintf(message, sizeof(message), "%s at byte %" PRIu64 ": %" PRIu64 " bytes are skipped", why,
             r->start, bytes);
    report(r, IRQSIM_WARNING, message, "");
}

/* --- members -------------------------------------------------------------- */

static const char cut_off[] = "the file ends inside the block";

/* Unpacks the member at r->start. NULL and its size, or what is wrong. */
static const char *unpack(irqsim_reader_t *r, size_t *size)
{
    const uint8_t *bytes = look(&r->input, r->start, TRACE_MEMBER_HEAD);

    if (!bytes)
        return cut_off;
    *size = irqsim__trace_member_size(bytes);
    if (*size == 0)
        return "no block";
    bytes = look(&r->input, r->start, *size);
    if (!bytes)
        return cut_off;
    return irqsim__trace_unpack(&r->z, bytes, *size, r->block, &r->block_size);
}

/* Offset of the first member's head at or after `from`; the end if there is none. */
static uint64_t find_head(irqsim_reader_t *r, uint64_t from)
{
    enum { STEP = 1 << 16 };

    for (; from + TRACE_MEMBER_HEAD <= r->input.size; from += STEP) {
        const uint64_t rest = r->input.size - from;
        const size_t n = rest < STEP + TRACE_MEMBER_HEAD ? (size_t)rest : STEP + TRACE_MEMBER_HEAD;
        const uint8_t *bytes = look(&r->input, from, n);

        for (size_t i = 0; bytes && i + TRACE_MEMBER_HEAD <= n; i++)
            if (irqsim__trace_member_size(bytes + i))
                return from + i;
    }
    return r->input.size;
}

/* Unpacks the next whole member into r->block; false at the end. The size of a
 * damaged one is not believed: what it covers may hold good blocks. */
static bool next_block(irqsim_reader_t *r)
{
    while (r->next < r->input.size) {
        size_t size = 0;

        r->start = r->next;
        const char *wrong = unpack(r, &size);
        if (!wrong) {
            r->next += size;
            return true;
        }
        r->next = find_head(r, r->start + 1);
        if (wrong == cut_off && r->next == r->input.size)
            skip(r, &r->stats.cut, wrong);
        else
            skip(r, &r->stats.bad_blocks, wrong);
    }
    return false;
}

/* --- the header ----------------------------------------------------------- */

static size_t count_lines(const char *text)
{
    size_t n = 0;

    for (; (text = strchr(text, '\n')); text++)
        n++;
    return n;
}

/* Cuts "key value" lines into strings. */
static void cut_lines(irqsim_reader_t *r, char *text)
{
    for (char *end; (end = strchr(text, '\n')); text = end + 1) {
        *end = 0;
        char *space = strchr(text, ' ');
        if (space)
            *space = 0;
        r->meta[r->n_meta++] = (irqsim_trace_meta_t){text, space ? space + 1 : ""};
    }
}

static irqsim_status_t read_header(irqsim_reader_t *r)
{
    static const char first[] = TRACE_FIRST_LINE "\n";
    const size_t first_size = sizeof(first) - 1;

    if (r->block_size < first_size || memcmp(r->block, first, first_size) != 0)
        return refuse(r, "a trace of another version",
                      "this library reads \"" TRACE_FIRST_LINE "\"");
    r->header = malloc(r->block_size + 1);
    if (!r->header)
        return IRQSIM_E_NOMEM;
    memcpy(r->header, r->block, r->block_size);
    r->header[r->block_size] = 0;

    char *lines = r->header + first_size;
    r->meta = malloc((count_lines(lines) + 1) * sizeof(*r->meta));
    if (!r->meta)
        return IRQSIM_E_NOMEM;
    cut_lines(r, lines);
    return IRQSIM_OK;
}

/* --- events --------------------------------------------------------------- */

/* Blocks of kinds we do not know are for newer readers. */
static void start_decoding(irqsim_reader_t *r)
{
    if (r->block_size == 0 || r->block[0] != TRACE_EVENT_BLOCK)
        return;
    r->decoding = irqsim__trace_decoder_open(&r->decoder, r->block, r->block_size);
    if (r->decoding)
        r->stats.blocks++;
    else
        skip(r, &r->stats.bad_blocks, "senseless block");
}

/* Up to the first good block, which should be the header. Its loss is no reason to
 * refuse the events. */
static irqsim_status_t read_first_block(irqsim_reader_t *r, const irqsim_diag_sink_t *diag)
{
    const bool found = next_block(r); /* silent: perhaps this is no trace at all */

    if (diag)
        r->diag = *diag;
    if (!found)
        return refuse(r, "not an irqsim trace", "");
    if (r->start == 0 && r->block_size && r->block[0] == TRACE_HEADER_BLOCK)
        return read_header(r);
    report(r, IRQSIM_WARNING, "the header is damaged: names and settings are lost", "");
    start_decoding(r);
    return IRQSIM_OK;
}

/* --- the interface -------------------------------------------------------- */

static bool allocate(irqsim_reader_t *r, const char *name)
{
    enum { RAW_DEFLATE = -15 };

    r->name = malloc(strlen(name) + 1);
    r->block = malloc(TRACE_BLOCK_MAX);
    if (r->input.file)
        r->input.window = malloc(TRACE_MEMBER_MAX);
    r->z_ready = inflateInit2(&r->z, RAW_DEFLATE) == Z_OK;
    if (!r->name || !r->block || !r->z_ready || (r->input.file && !r->input.window))
        return false;
    strcpy(r->name, name);
    return true;
}

/* Takes over input.file. */
static irqsim_status_t open_input(const char *name, input_t input, const irqsim_diag_sink_t *diag,
                                  irqsim_reader_t **reader)
{
    irqsim_reader_t *r = calloc(1, sizeof(*r));

    if (!r) {
        if (input.file)
            fclose(input.file);
        return IRQSIM_E_NOMEM;
    }
    r->input = input;
    const irqsim_status_t status = allocate(r, name) ? read_first_block(r, diag) : IRQSIM_E_NOMEM;
    if (status == IRQSIM_OK)
        *reader = r;
    else
        irqsim_reader_close(r);
    return status;
}

irqsim_status_t irqsim_reader_open(const char *path, const irqsim_diag_sink_t *diag,
                                   irqsim_reader_t **reader)
{
    *reader = NULL;
    FILE *file = fopen(path, "rb");
    if (!file)
        return IRQSIM_E_IO;
    if (!is_readable(file)) {
        const int why = errno;
        fclose(file);
        errno = why;
        return IRQSIM_E_IO;
    }
    return open_input(path, (input_t){.file = file, .size = file_size(file)}, diag, reader);
}

irqsim_status_t irqsim_reader_open_bytes(const char *name, const void *bytes, size_t size,
                                         const irqsim_diag_sink_t *diag, irqsim_reader_t **reader)
{
    *reader = NULL;
    return open_input(name, (input_t){.bytes = bytes, .size = size}, diag, reader);
}

const irqsim_trace_meta_t *irqsim_reader_meta(const irqsim_reader_t *reader, size_t *n)
{
    *n = reader->n_meta;
    return reader->meta;
}

const char *irqsim_reader_value(const irqsim_reader_t *reader, const char *key)
{
    for (size_t i = 0; i < reader->n_meta; i++)
        if (strcmp(reader->meta[i].key, key) == 0)
            return reader->meta[i].value;
    return NULL;
}

bool irqsim_reader_next(irqsim_reader_t *reader, irqsim_event_t *ev)
{
    for (;;) {
        if (reader->decoding && irqsim__trace_decode(&reader->decoder, ev)) {
            reader->stats.events++;
            return true;
        }
        if (reader->decoding && reader->decoder.bad)
            skip(reader, &reader->stats.bad_blocks, "block that stops making sense");
        reader->decoding = false;
        if (!next_block(reader))
            return false;
        start_decoding(reader);
    }
}

void irqsim_reader_stats(const irqsim_reader_t *reader, irqsim_reader_stats_t *stats)
{
    *stats = reader->stats;
}

void irqsim_reader_close(irqsim_reader_t *reader)
{
    if (!reader)
        return;
    if (reader->input.file)
        fclose(reader->input.file);
    if (reader->z_ready)
        inflateEnd(&reader->z);
    free(reader->input.window);
    free(reader->name);
    free(reader->block);
    free(reader->header);
    free(reader->meta);
    free(reader);
}
