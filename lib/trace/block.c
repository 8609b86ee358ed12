/* SPDX-License-Identifier: MIT */
/*
 * block.c - events to the bytes of a block and back
 *
 * Each event is compared with what followed such events last time. A mask byte
 * says which fields differ; only those are written, each to its own column. Most
 * events of a machine at work are their mask byte alone.
 */
#include <stdlib.h>
#include <string.h>

#include "trace_int.h"

/* --- what follows what ---------------------------------------------------- */

/* A block starts as if two events had come before that were zero but for the time and
 * the number of the second. */
static trace_step_t *expected_first(trace_expect_t *expect)
{
    return &expect->step[0];
}

static trace_step_t *expected_after(trace_expect_t *expect, const irqsim_event_t *ev)
{
    const uint64_t key = ev->id | (uint64_t)ev->cpu << 16 | (uint64_t)ev->arg[0] << 32;
    const uint64_t last = expect->last_key;
    const uint64_t both = key + (last << 7 | last >> (64 - 7));

    expect->last_key = key;
    return &expect->step[both * UINT64_C(0x9e3779b97f4a7c15) >> (64 - TRACE_EXPECT_BITS)];
}

/* --- numbers -------------------------------------------------------------- */

/* Seven bits a byte, low ones first; the top bit says that more follow. */
static void put(trace_column_t *column, uint64_t value)
{
    while (value >= 0x80) {
        *column->at++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *column->at++ = (uint8_t)value;
}

static uint64_t take(trace_cursor_t *cursor, bool *bad)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 64 && cursor->at < cursor->end; shift += 7) {
        const uint8_t byte = *cursor->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    *bad = true;
    return 0;
}

/* Differences near 0, of either sign, become small numbers. */
static uint32_t fold(uint32_t difference)
{
    return difference << 1 ^ (0 - (difference >> 31));
}

static uint32_t unfold(uint32_t folded)
{
    return folded >> 1 ^ (0 - (folded & 1));
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b) {
        const uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* --- encoding ------------------------------------------------------------- */

/* The most bytes that one event adds to a column. */
static const uint8_t column_width[COL_COUNT] = {
    [COL_MASK] = 1,   [COL_SEQ] = 2 + 10, [COL_TIME] = 10,   [COL_ID] = 3,     [COL_CPU] = 3,
    [COL_CAUSE] = 10, [COL_ARG] = 5,      [COL_ARG + 1] = 5, [COL_ARG + 2] = 5};

static void start_block(trace_encoder_t *enc)
{
    enc->n = enc->n_dt = enc->last_jump = 0;
    for (int c = 0; c < COL_COUNT; c++)
        enc->column[c].at = enc->column[c].start;
    memset(&enc->expect, 0, sizeof(enc->expect));
}

bool irqsim__trace_encoder_init(trace_encoder_t *enc)
{
    size_t width = 0;

    for (int c = 0; c < COL_COUNT; c++)
        width += column_width[c];
    enc->memory = malloc(width * TRACE_BLOCK_EVENTS);
    if (!enc->memory)
        return false;
    uint8_t *start = enc->memory;
    for (int c = 0; c < COL_COUNT; c++) {
        enc->column[c].start = start;
        start += (size_t)column_width[c] * TRACE_BLOCK_EVENTS;
    }
    start_block(enc);
    return true;
}

void irqsim__trace_encoder_free(trace_encoder_t *enc)
{
    free(enc->memory);
}

static void first_event(trace_encoder_t *enc, const irqsim_event_t *ev, uint64_t seq)
{
    start_block(enc);
    enc->first_seq = seq;
    enc->seq = seq - 1;
    enc->first_time = enc->time = ev->time;
    enc->expected = expected_first(&enc->expect);
}

static void encode_seq(trace_encoder_t *enc, uint64_t seq)
{
    const uint64_t jump = seq - (enc->seq + 1);

    if (!jump)
        return;
    put(&enc->column[COL_SEQ], enc->n - enc->last_jump);
    put(&enc->column[COL_SEQ], jump);
    enc->last_jump = enc->n;
}

/* An expected step may be one picosecond off, because times are rounded. */
static unsigned encode_time(trace_encoder_t *enc, uint64_t dt, uint64_t expected)
{
    const uint64_t late = dt - expected + 1;

    if (late < TIME_OWN)
        return (unsigned)late;
    enc->dt[enc->n_dt++] = dt;
    return TIME_OWN;
}

static bool same_fields(const trace_step_t *is, const trace_step_t *was)
{
    return is->cause == was->cause && is->id == was->id && is->cpu == was->cpu &&
           is->arg[0] == was->arg[0] && is->arg[1] == was->arg[1] && is->arg[2] == was->arg[2];
}

static unsigned encode_fields(trace_encoder_t *enc, const trace_step_t *is, const trace_step_t *was)
{
    unsigned mask = 0;

    if (is->id != was->id) {
        mask |= MASK_ID;
        put(&enc->column[COL_ID], is->id);
    }
    if (is->cpu != was->cpu) {
        mask |= MASK_CPU;
        put(&enc->column[COL_CPU], (uint16_t)(is->cpu + 1)); /* IRQSIM_NO_CPU is 0 */
    }
    if (is->cause != was->cause) {
        mask |= MASK_CAUSE;
        put(&enc->column[COL_CAUSE], is->cause);
    }
    for (int a = 0; a < 3; a++)
        if (is->arg[a] != was->arg[a]) {
            mask |= (unsigned)MASK_ARG << a;
            put(&enc->column[COL_ARG + a], fold(is->arg[a] - was->arg[a]));
        }
    return mask;
}

void irqsim__trace_encode(trace_encoder_t *enc, const irqsim_event_t *ev, uint64_t seq)
{
    if (enc->n == 0)
        first_event(enc, ev, seq);

    trace_step_t *const was = enc->expected;
    const trace_step_t is = {.dt = ev->time - enc->time,
                             .cause = ev->cause ? seq - ev->cause : 0,
                             .arg = {ev->arg[0], ev->arg[1], ev->arg[2]},
                             .id = ev->id,
                             .cpu = ev->cpu};

    encode_seq(enc, seq);
    unsigned mask = encode_time(enc, is.dt, was->dt);
    if (!same_fields(&is, was))
        mask |= encode_fields(enc, &is, was);
    *enc->column[COL_MASK].at++ = (uint8_t)mask;
    *was = is;
    enc->expected = expected_after(&enc->expect, ev);
    enc->time = ev->time;
    enc->seq = seq;
    enc->n++;
}

/* Times are multiples of something larger than a picosecond more often than not. */
static uint64_t encode_times(trace_encoder_t *enc)
{
    uint64_t unit = 0;

    for (uint32_t i = 0; i < enc->n_dt && unit != 1; i++)
        unit = common_divisor(enc->dt[i], unit);
    if (unit == 0)
        unit = 1;
    for (uint32_t i = 0; i < enc->n_dt; i++)
        put(&enc->column[COL_TIME], enc->dt[i] / unit);
    return unit;
}

void irqsim__trace_encoder_finish(trace_encoder_t *enc, trace_cursor_t pieces[1 + COL_COUNT])
{
    const uint64_t unit = encode_times(enc);
    trace_column_t head = {enc->head, enc->head};

    *head.at++ = TRACE_EVENT_BLOCK;
    put(&head, enc->n);
    put(&head, enc->first_seq);
    put(&head, enc->first_time);
    put(&head, unit);
    for (int c = COL_SEQ; c < COL_COUNT; c++)
        put(&head, (uint64_t)(enc->column[c].at - enc->column[c].start));
    pieces[0] = (trace_cursor_t){head.start, head.at};
    for (int c = 0; c < COL_COUNT; c++)
        pieces[1 + c] = (trace_cursor_t){enc->column[c].start, enc->column[c].at};
    enc->n = 0;
}

/* --- decoding ------------------------------------------------------------- */

/* The next entry of COL_SEQ; past the last one no event is at its index. */
static void next_jump(trace_decoder_t *dec)
{
    trace_cursor_t *column = &dec->column[COL_SEQ];

    if (column->at == column->end) {
        dec->next_jump = UINT64_MAX;
        return;
    }
    const uint64_t distance = take(column, &dec->bad);
    /* No event jumps twice, and the first one cannot. */
    dec->bad |= distance == 0 || distance > UINT64_MAX - 1 - dec->next_jump;
    dec->next_jump += distance;
    dec->jump = take(column, &dec->bad);
}

/* Cuts the rest of the block into columns. */
static bool open_columns(trace_decoder_t *dec, trace_cursor_t rest, const uint64_t size[COL_COUNT])
{
    for (int c = 0; c < COL_COUNT; c++) {
        if (size[c] > (size_t)(rest.end - rest.at))
            return false;
        dec->column[c] = (trace_cursor_t){rest.at, rest.at + size[c]};
        rest.at += size[c];
    }
    return rest.at == rest.end;
}

bool irqsim__trace_decoder_open(trace_decoder_t *dec, const uint8_t *block, size_t size)
{
    trace_cursor_t head = {block + 1, block + size};
    uint64_t sizes[COL_COUNT];

    memset(dec, 0, sizeof(*dec));
    if (size == 0 || block[0] != TRACE_EVENT_BLOCK)
        return false;
    dec->left = sizes[COL_MASK] = take(&head, &dec->bad);
    dec->seq = take(&head, &dec->bad) - 1;
    dec->time = take(&head, &dec->bad);
    dec->unit = take(&head, &dec->bad);
    for (int c = COL_SEQ; c < COL_COUNT; c++)
        sizes[c] = take(&head, &dec->bad);
    if (dec->bad || dec->left == 0 || !open_columns(dec, head, sizes))
        return false;
    dec->expected = expected_first(&dec->expect);
    next_jump(dec);
    return !dec->bad;
}

static void decode_seq(trace_decoder_t *dec)
{
    dec->seq++;
    if (dec->index == dec->next_jump) {
        dec->seq += dec->jump;
        next_jump(dec);
    }
    dec->index++;
}

/* Turns the expected step into what really came. */
static void decode_fields(trace_decoder_t *dec, unsigned mask, trace_step_t *step)
{
    trace_cursor_t *column = dec->column;

    if (mask & MASK_ID)
        step->id = (uint16_t)take(&column[COL_ID], &dec->bad);
    if (mask & MASK_CPU)
        step->cpu = (uint16_t)(take(&column[COL_CPU], &dec->bad) - 1);
    if (mask & MASK_CAUSE)
        step->cause = take(&column[COL_CAUSE], &dec->bad);
    for (int a = 0; a < 3; a++)
        if (mask & (unsigned)MASK_ARG << a)
            step->arg[a] += unfold((uint32_t)take(&column[COL_ARG + a], &dec->bad));
}

static uint64_t decode_time(trace_decoder_t *dec, unsigned late, uint64_t expected)
{
    if (late != TIME_OWN)
        return expected + late - 1;
    return take(&dec->column[COL_TIME], &dec->bad) * dec->unit;
}

/* After the last event nothing may be left over. */
static bool all_used(const trace_decoder_t *dec)
{
    for (int c = 0; c < COL_COUNT; c++)
        if (dec->column[c].at != dec->column[c].end)
            return false;
    return true;
}

bool irqsim__trace_decode(trace_decoder_t *dec, irqsim_event_t *ev)
{
    if (dec->left == 0 || dec->bad)
        return false;

    trace_step_t *const step = dec->expected;
    const unsigned mask = *dec->column[COL_MASK].at++;

    decode_seq(dec);
    step->dt = decode_time(dec, mask & MASK_TIME, step->dt);
    if (mask & ~(unsigned)MASK_TIME)
        decode_fields(dec, mask, step);
    dec->left--;
    dec->bad |= dec->left == 0 && !all_used(dec);
    if (dec->bad)
        return false;
    dec->time += step->dt;
    *ev = (irqsim_event_t){.time = dec->time,
                           .seq = dec->seq,
                           .cause = step->cause ? dec->seq - step->cause : 0,
                           .id = step->id,
                           .cpu = step->cpu,
                           .arg = {step->arg[0], step->arg[1], step->arg[2]}};
    dec->expected = expected_after(&dec->expect, ev);
    return true;
}
