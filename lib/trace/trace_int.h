/* SPDX-License-Identifier: MIT */
/*
 * trace_int.h - the two layers of a trace file, from the inside out
 *
 *   events  <-- block.c -->  a block: columns of bytes, decodable alone
 *   block   <-- member.c ->  a gzip member: compressed, with size and checksum
 *
 * writer.c and reader.c put members into files and find them again.
 * docs/trace-format.md has every bit.
 */
#ifndef IRQSIM_TRACE_INT_H
#define IRQSIM_TRACE_INT_H

#include <zlib.h>

#include <irqsim/trace.h>

#define TRACE_FIRST_LINE "irqsim-trace 1"

enum {
    TRACE_BLOCK_EVENTS = 16384, /* a block is closed when it has so many */
    TRACE_BLOCK_MAX = 1 << 20,  /* bytes of a block before compression */
    TRACE_MEMBER_HEAD = 20,     /* gzip header with our extra field */
    TRACE_MEMBER_TAIL = 8,      /* CRC32, ISIZE */
    TRACE_MEMBER_MAX = 2 << 20, /* compressed; more is damage */
    TRACE_HEADER_BLOCK = 'i',   /* first byte of a block: its kind */
    TRACE_EVENT_BLOCK = 'E'
};

/* A stretch of bytes, read or written at `at`. */
typedef struct trace_column {
    uint8_t *at, *start;
} trace_column_t;

typedef struct trace_cursor {
    const uint8_t *at, *end;
} trace_cursor_t;

/* The columns, in the order of the file. SEQ holds pairs, written only where the
 * numbering jumps; the others hold what the expectation did not say. */
typedef enum trace_column_id {
    COL_MASK,
    COL_SEQ,
    COL_TIME,
    COL_ID,
    COL_CPU,
    COL_CAUSE,
    COL_ARG,
    COL_COUNT = COL_ARG + 3
} trace_column_id_t;

/* The mask byte of an event: which of its fields are not as expected. Two bits
 * tell the time step: expected - 1, as expected, expected + 1, or in its column. */
enum {
    MASK_TIME = 3,
    TIME_OWN = 3,
    MASK_ID = 1 << 2,
    MASK_CPU = 1 << 3,
    MASK_CAUSE = 1 << 4,
    MASK_ARG = 1 << 5 /* and the two bits above it */
};

/* An event as seen from the one before it. */
typedef struct trace_step {
    uint64_t dt;    /* time since the event before */
    uint64_t cause; /* how many numbers ago the cause was, 0 = none */
    uint32_t arg[3];
    uint16_t id, cpu;
} trace_step_t;

/* What followed last time: one step for each hash of (id, CPU, first argument) of the
 * last two events. A machine does the same things in the same order, at the same cost. */
enum { TRACE_EXPECT_BITS = 11 };

typedef struct trace_expect {
    uint64_t last_key; /* of the last event */
    trace_step_t step[1 << TRACE_EXPECT_BITS];
} trace_expect_t;

typedef struct trace_encoder {
    uint32_t n;         /* events in the block */
    uint32_t last_jump; /* index of the last event noted in COL_SEQ */
    uint64_t first_seq, first_time;
    uint64_t seq, time;     /* of the last event */
    trace_step_t *expected; /* of the next one; in expect */
    uint32_t n_dt;
    uint64_t dt[TRACE_BLOCK_EVENTS]; /* COL_TIME before the unit is known */
    trace_column_t column[COL_COUNT];
    uint8_t *memory; /* of all columns */
    trace_expect_t expect;
    uint8_t head[128];
} trace_encoder_t;

bool irqsim__trace_encoder_init(trace_encoder_t *enc);
void irqsim__trace_encoder_free(trace_encoder_t *enc);
/* The event, under the number `seq`. */
void irqsim__trace_encode(trace_encoder_t *enc, const irqsim_event_t *ev, uint64_t seq);
/* The finished block as 1 + COL_COUNT pieces; valid until the next encode, which
 * starts a new block. */
void irqsim__trace_encoder_finish(trace_encoder_t *enc, trace_cursor_t pieces[1 + COL_COUNT]);

typedef struct trace_decoder {
    uint64_t left; /* events still to come */
    bool bad;
    uint64_t unit;
    uint64_t index, next_jump, jump; /* the next entry of COL_SEQ */
    uint64_t seq, time;              /* of the last event */
    trace_step_t *expected;          /* of the next one; in expect */
    trace_cursor_t column[COL_COUNT];
    trace_expect_t expect;
} trace_decoder_t;

/* Starts decoding a block, which must stay where it is. false: not an event block
 * in a form we know. */
bool irqsim__trace_decoder_open(trace_decoder_t *dec, const uint8_t *block, size_t size);
/* The next event; false at the end of the block or where it makes no sense (bad). */
bool irqsim__trace_decode(trace_decoder_t *dec, irqsim_event_t *ev);

/* Packs the pieces of one block into a gzip member. `out` has room for
 * irqsim__trace_pack_bound() of their size. Returns the member's size, 0 if zlib
 * failed. `z` is a raw deflate stream. */
size_t irqsim__trace_pack(z_stream *z, const trace_cursor_t *pieces, size_t n, uint8_t *out,
                          size_t size);
size_t irqsim__trace_pack_bound(z_stream *z, size_t block_size);

/* Size of the member that starts with these TRACE_MEMBER_HEAD bytes, or 0 if none of
 * ours starts so. */
size_t irqsim__trace_member_size(const uint8_t *head);

/* Unpacks a member into `block` (TRACE_BLOCK_MAX bytes). NULL, or what is wrong. `z`
 * is a raw inflate stream. */
const char *irqsim__trace_unpack(z_stream *z, const uint8_t *member, size_t size, uint8_t *block,
                                 size_t *block_size);

#endif
