/* SPDX-License-Identifier: MIT */
/*
 * irqsim/trace.h - compressed event traces: record, read back, print
 *
 * A trace file is a row of gzip members, each one block that can be decoded
 * alone (so zcat reads it, and damage stays inside a block). The first member is
 * text: format version, machine, its whole profile, names, scenario, seed. The
 * others are events. docs/trace-format.md has it to the bit.
 */
#ifndef IRQSIM_TRACE_H
#define IRQSIM_TRACE_H

#include <irqsim/diag.h>
#include <irqsim/event.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One line of the header: key and value, both without line breaks. Order and
 * repetition are kept. docs/trace-format.md has the keys in use. */
typedef struct irqsim_trace_meta {
    const char *key, *value;
} irqsim_trace_meta_t;

typedef struct irqsim_recorder irqsim_recorder_t;

/* Starts a trace at `path`. level: zlib 1..9, 0 = 1. An existing file is replaced only
 * when the header has been written to a temporary beside it; a device or a pipe is
 * written in place. E_INVAL: a key is empty or has spaces, a key or a value has line
 * breaks, all of it is longer than 1 MiB, or there is no such level. E_IO: the file
 * cannot be written. */
irqsim_status_t irqsim_recorder_open(const char *path, const irqsim_trace_meta_t *meta,
                                     size_t n_meta, int level, irqsim_recorder_t **recorder);
/* Stores the event. If its seq is 0 it gets the number after the last one (from 1).
 * Returns its number. An event is never its own cause. Errors are kept for close.
 * Fits irqsim_host_t.emit. */
uint64_t irqsim_recorder_emit(void *recorder, const irqsim_event_t *ev);
/* Finishes the last block; the first error of the whole recording. Frees it. */
irqsim_status_t irqsim_recorder_close(irqsim_recorder_t *recorder);

typedef struct irqsim_reader irqsim_reader_t;

/* What a reader met. */
typedef struct irqsim_reader_stats {
    uint64_t blocks, events;
    uint64_t bad_blocks;    /* skipped: checksum, length or content is wrong     */
    uint64_t skipped_bytes; /* of the file                                       */
    uint64_t cut;           /* 1: the file ends inside a block                   */
} irqsim_reader_stats_t;

/* Opens a trace. E_FORMAT: not a trace, or of another version. E_IO: the file cannot be
 * read. Damaged blocks are skipped with a warning that names the byte offset; if it is
 * the header that is damaged, there are events but no header lines. */
irqsim_status_t irqsim_reader_open(const char *path, const irqsim_diag_sink_t *diag,
                                   irqsim_reader_t **reader);
irqsim_status_t irqsim_reader_open_bytes(const char *name, const void *bytes, size_t size,
                                         const irqsim_diag_sink_t *diag, irqsim_reader_t **reader);
/* The header's lines. Valid until close. */
const irqsim_trace_meta_t *irqsim_reader_meta(const irqsim_reader_t *reader, size_t *n);
/* The value of the first line with that key, or NULL. */
const char *irqsim_reader_value(const irqsim_reader_t *reader, const char *key);
/* The next event; false at the end. */
bool irqsim_reader_next(irqsim_reader_t *reader, irqsim_event_t *ev);
void irqsim_reader_stats(const irqsim_reader_t *reader, irqsim_reader_stats_t *stats);
void irqsim_reader_close(irqsim_reader_t *reader);

/* One event as a line of text without a line break, e.g.
 *   "   12.345678901 [001] #17 <-12 softirq_raise: vec=4 name=BLOCK pending=1"
 * name(user, kind, n) supplies texts for arguments of the forms NAME and TASK (kind is
 * the argument's name), and what code is at an ADDRESS (kind is "address"); it may be
 * NULL or return NULL: then the number alone is printed. Returns what snprintf would. */
typedef const char *(*irqsim_namer_t)(void *user, const char *kind, uint32_t n);
int irqsim_event_text(char *buf, size_t size, const irqsim_event_t *ev, irqsim_namer_t name,
                      void *user);

#ifdef __cplusplus
}
#endif
#endif
