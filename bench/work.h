/* SPDX-License-Identifier: MIT */
/*
 * work.h - one benchmark of chips alone: so many operations, and a checksum that
 * says whether they did what they should
 *
 *   PROGRAM NAME N [RUNS]     N operations; the least time of RUNS (1)
 *
 * Prints "NAME N sum HEX served COUNT ns TENTHS". Exits with 1 if N is WORK_N and
 * the checksum is not the reference's.
 */
#ifndef IRQSIM_BENCH_WORK_H
#define IRQSIM_BENCH_WORK_H

#include <irqsim/types.h>

/* For so many operations the reference checksums are known. */
#define WORK_N 600000u

/* Over every vector that was acknowledged. */
typedef struct tally {
    uint64_t sum, served;
} tally_t;

static inline void tally(tally_t *t, unsigned vector)
{
    t->sum = t->sum * 31 + vector;
    t->served++;
}

typedef struct work {
    const char *name;
    tally_t (*run)(uint64_t n, uint32_t argument);
    uint32_t argument;
    uint64_t reference; /* checksum at WORK_N operations, 0 = none is known */
} work_t;

/* The whole of main(). */
int work_main(int argc, char **argv, const work_t *works, size_t n_works);

#endif
