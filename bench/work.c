/* SPDX-License-Identifier: MIT */
/* work.c - see work.h */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "work.h"

static const work_t *find(const work_t *works, size_t n_works, const char *name)
{
    for (size_t i = 0; i < n_works; i++)
        if (strcmp(works[i].name, name) == 0)
            return &works[i];
    return NULL;
}

static int usage(const work_t *works, size_t n_works)
{
    fprintf(stderr, "usage: PROGRAM NAME N [RUNS], NAME one of");
    for (size_t i = 0; i < n_works; i++)
        fprintf(stderr, " %s", works[i].name);
    fprintf(stderr, "\n");
    return 2;
}

static uint64_t now_ns(void)
{
    struct timespec t;

    timespec_get(&t, TIME_UTC);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static tally_t timed(const work_t *work, uint64_t n, uint64_t *ns)
{
    const uint64_t start = now_ns();
    const tally_t done = work->run(n, work->argument);

    *ns = now_ns() - start;
    return done;
}

int work_main(int argc, char **argv, const work_t *works, size_t n_works)
{
    const work_t *work = argc > 2 ? find(works, n_works, argv[1]) : NULL;
    const uint64_t n = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    unsigned long runs = argc > 3 ? strtoul(argv[3], NULL, 10) : 1;
    uint64_t least;

    if (!work || !n)
        return usage(works, n_works);
    tally_t done = timed(work, n, &least);
    while (--runs) {
        uint64_t ns;
        done = timed(work, n, &ns);
        least = ns < least ? ns : least;
    }
    printf("%s %" PRIu64 " sum %016" PRIx64 " served %" PRIu64 " ns %" PRIu64 ".%" PRIu64 "\n",
           work->name, n, done.sum, done.served, least / n, least * 10 / n % 10);
    if (n == WORK_N && work->reference && done.sum != work->reference) {
        fprintf(stderr, "bench: %s: the checksum should be %016" PRIx64 "\n", work->name,
                work->reference);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
