/* SPDX-License-Identifier: MIT */
/*
 * latency.c - a distribution of 64-bit values in log-linear buckets
 *
 *   octave 0     0 .. 127        one bucket per value
 *   octave 1   128 .. 255        one bucket per value
 *   octave o   2^(o+6) .. 2^(o+7)-1, 128 buckets, each 2^(o-1) wide: 0.78 % at most
 *
 * Count, sum, least and greatest are exact. An octave takes memory once a value
 * falls into it.
 */
#include <stdlib.h>

#include "report_int.h"

#define STEP_BITS 7u

typedef struct bucket {
    unsigned octave, step;
} bucket_t;

static unsigned high_bit(uint64_t value)
{
    unsigned bit = 0;

    for (unsigned half = 32; half > 0; half /= 2)
        if (value >> (bit + half))
            bit += half;
    return bit;
}

static bucket_t bucket_of(uint64_t value)
{
    if (value < HIST_STEPS)
        return (bucket_t){0, (unsigned)value};

    const unsigned octave = high_bit(value) - STEP_BITS + 1;
    return (bucket_t){octave, (unsigned)(value >> (octave - 1)) & (HIST_STEPS - 1)};
}

/* The greatest value of a bucket. */
static uint64_t bucket_top(bucket_t at)
{
    if (at.octave == 0)
        return at.step;
    return ((uint64_t)(HIST_STEPS + at.step + 1) << (at.octave - 1)) - 1;
}

static uint64_t *steps_of(hist_t *hist, unsigned octave)
{
    if (!hist->octave[octave])
        hist->octave[octave] = calloc(HIST_STEPS, sizeof(uint64_t));
    return hist->octave[octave];
}

bool irqsim__report_hist_add(hist_t *hist, uint64_t value)
{
    const bucket_t at = bucket_of(value);
    uint64_t *steps = steps_of(hist, at.octave);

    if (!steps)
        return false;
    steps[at.step]++;
    if (hist->count++ == 0 || value < hist->min)
        hist->min = value;
    if (value > hist->max)
        hist->max = value;
    hist->sum += value;
    return true;
}

bool irqsim__report_hist_merge(hist_t *into, const hist_t *from)
{
    if (from->count == 0)
        return true;
    for (unsigned o = 0; o < HIST_OCTAVES; o++) {
        if (!from->octave[o])
            continue;
        uint64_t *steps = steps_of(into, o);
        if (!steps)
            return false;
        for (unsigned s = 0; s < HIST_STEPS; s++)
            steps[s] += from->octave[o][s];
    }
    if (into->count == 0 || from->min < into->min)
        into->min = from->min;
    if (from->max > into->max)
        into->max = from->max;
    into->count += from->count;
    into->sum += from->sum;
    return true;
}

/* ceil(count * permille / 1000), without overflow. */
static uint64_t rank_of(uint64_t count, uint32_t permille)
{
    return count / 1000 * permille + (count % 1000 * permille + 999) / 1000;
}

uint64_t irqsim__report_hist_at(const hist_t *hist, uint32_t permille)
{
    const uint64_t rank = rank_of(hist->count, permille);
    uint64_t seen = 0;

    for (unsigned o = 0; o < HIST_OCTAVES; o++)
        for (unsigned s = 0; hist->octave[o] && s < HIST_STEPS; s++) {
            seen += hist->octave[o][s];
            if (seen >= rank && seen > 0) {
                const uint64_t top = bucket_top((bucket_t){o, s});
                return top < hist->max ? top : hist->max;
            }
        }
    return hist->max;
}

void irqsim__report_hist_free(hist_t *hist)
{
    for (unsigned o = 0; o < HIST_OCTAVES; o++)
        free(hist->octave[o]);
}
