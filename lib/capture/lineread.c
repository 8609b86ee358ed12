/* SPDX-License-Identifier: MIT */
/*
 * lineread.c - whole lines from a file or memory, gzip or plain
 *
 * One way in for every source: raw bytes -> inflate (or copy) -> line buffer.
 * Damage ends the input early but never takes back a line that was whole.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture_int.h"

#define RAW_SIZE    ((size_t)64 << 10)
#define BUFFER_SIZE (LINE_MAX_LEN + 2) /* the longest line, its end, a terminator */
#define GZIP_ONLY   (15 + 16)          /* zlib's window bits for "gzip, checked"  */

static bool looks_gzip(const unsigned char *bytes, size_t size)
{
    return size >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

/* Refills in->inflate.next_in when it is empty. */
static void feed(lines_t *in)
{
    if (in->inflate.avail_in > 0 || in->source_dry)
        return;
    size_t got;
    if (in->file) {
        got = fread(in->raw, 1, RAW_SIZE, in->file);
        if (got < RAW_SIZE && ferror(in->file)) {
            in->damage = "the file cannot be read to its end";
            in->status = IRQSIM_E_IO;
        }
        in->inflate.next_in = in->raw;
    } else {
        got = in->memory_left < RAW_SIZE ? in->memory_left : RAW_SIZE;
        in->inflate.next_in = in->memory;
        in->memory += got;
        in->memory_left -= got;
    }
    in->inflate.avail_in = (uInt)got;
    in->source_dry = got == 0;
    in->raw_done += got;
    if (got > 0 && in->progress && in->progress->report)
        in->progress->report(in->progress->user, in->raw_done, in->raw_total);
}

static size_t copy_plain(lines_t *in, char *to, size_t room)
{
    const size_t n = in->inflate.avail_in < room ? in->inflate.avail_in : room;

    memcpy(to, in->inflate.next_in, n);
    in->inflate.next_in += n;
    in->inflate.avail_in -= (uInt)n;
    return n;
}

/* A gzip file may be several members in a row, and zeros behind them are padding.
 * Anything else may have been a member before it was damaged. */
static void member_ended(lines_t *in)
{
    in->in_member = false;
    feed(in);
    if (in->inflate.avail_in > 0 && in->inflate.next_in[0] == 0x1f) {
        inflateReset(&in->inflate);
        in->in_member = true;
    } else {
        in->drained = true;
        if (in->inflate.avail_in > 0 && in->inflate.next_in[0] != 0)
            in->damage = "what stands behind the gzip data is none, and not read";
    }
}

static size_t inflate_some(lines_t *in, char *to, size_t room)
{
    in->inflate.next_out = (Bytef *)to;
    in->inflate.avail_out = (uInt)room;
    const int answer = inflate(&in->inflate, Z_NO_FLUSH);
    const size_t n = room - in->inflate.avail_out;

    if (answer == Z_STREAM_END)
        member_ended(in);
    else if (answer != Z_OK && answer != Z_BUF_ERROR)
        in->damage = "gzip data is damaged (a checksum or a code is wrong)";
    return n;
}

static size_t read_some(lines_t *in, char *to, size_t room)
{
    feed(in);
    if (in->inflate.avail_in == 0 && in->source_dry) {
        in->drained = true;
        if (in->gzip && in->in_member && !in->damage)
            in->damage = "the gzip file ends early";
        return 0;
    }
    const size_t n = in->gzip ? inflate_some(in, to, room) : copy_plain(in, to, room);
    if (in->damage)
        in->drained = true;
    return n;
}

static irqsim_status_t start(lines_t *in)
{
    in->raw = malloc(RAW_SIZE);
    in->buffer = malloc(BUFFER_SIZE);
    if (!in->raw || !in->buffer)
        return IRQSIM_E_NOMEM;
    feed(in);
    if (in->status != IRQSIM_OK)
        return in->status;
    in->gzip = looks_gzip(in->inflate.next_in, in->inflate.avail_in);
    in->in_member = in->gzip;
    if (in->gzip && inflateInit2(&in->inflate, GZIP_ONLY) != Z_OK) {
        in->gzip = false;
        return IRQSIM_E_NOMEM;
    }
    return IRQSIM_OK;
}

irqsim_status_t irqsim__capture_lines_open(lines_t *in, const char *path,
                                           const irqsim_progress_t *progress)
{
    *in = (lines_t){.progress = progress};
    in->file = fopen(path, "rb");
    if (!in->file)
        return IRQSIM_E_IO;
    if (fseek(in->file, 0, SEEK_END) == 0) {
        const long size = ftell(in->file);
        in->raw_total = size > 0 ? (uint64_t)size : 0;
    }
    rewind(in->file); /* a pipe has no size; it reads all the same */
    return start(in);
}

irqsim_status_t irqsim__capture_lines_memory(lines_t *in, const void *bytes, size_t size)
{
    *in = (lines_t){.memory = bytes, .memory_left = size, .raw_total = size};
    return start(in);
}

void irqsim__capture_lines_close(lines_t *in)
{
    if (in->gzip)
        inflateEnd(&in->inflate);
    if (in->file)
        fclose(in->file);
    free(in->raw);
    free(in->buffer);
    *in = (lines_t){0};
}

/* Moves the unfinished line to the front and reads more behind it. */
static void refill(lines_t *in)
{
    if (in->begin > 0) {
        memmove(in->buffer, in->buffer + in->begin, in->end - in->begin);
        in->end -= in->begin;
        in->scanned -= in->begin;
        in->begin = 0;
    }
    if (in->end == BUFFER_SIZE - 1) {
        in->skipping = true;
        in->end = in->scanned = 0;
    }
    in->end += read_some(in, in->buffer + in->end, BUFFER_SIZE - 1 - in->end);
}

static line_t hand_out(lines_t *in, size_t stop, line_kind_t kind)
{
    line_t line = {kind, in->buffer + in->begin, stop - in->begin};

    if (in->skipping && kind == LINE_TEXT)
        line.kind = LINE_LONG;
    in->skipping = false;
    in->begin = in->scanned = stop;
    if (line.length > 0 && line.text[line.length - 1] == '\r')
        line.length--;
    line.text[line.length] = '\0';
    return line;
}

line_t irqsim__capture_lines_next(lines_t *in)
{
    for (;;) {
        const size_t fresh = in->end - in->scanned;
        char *newline = fresh ? memchr(in->buffer + in->scanned, '\n', fresh) : NULL;

        if (newline) {
            const size_t stop = (size_t)(newline - in->buffer);
            const line_t line = hand_out(in, stop, LINE_TEXT);
            in->begin = in->scanned = stop + 1;
            return line;
        }
        in->scanned = in->end;
        if (!in->drained)
            refill(in);
        else if (in->begin < in->end || in->skipping)
            return hand_out(in, in->end, in->damage ? LINE_TORN : LINE_TEXT);
        else
            return (line_t){.kind = LINE_END};
    }
}
