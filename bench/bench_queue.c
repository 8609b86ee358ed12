/* SPDX-License-Identifier: MIT */
/*
 * bench_queue - the event queue alone, under the hold model (pop the earliest,
 * push it again t + inc later, inc uniform 1..2e6)
 *
 *   bench_queue PENDING OPS      prints ns per pop + push, the least of 11 runs
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <irqsim/agenda.h>

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static uint64_t increment(uint64_t *state)
{
    return 1 + (next_random(state) >> 32) * UINT64_C(2000000) / UINT64_C(4294967296);
}

static uint64_t now_ns(void)
{
    struct timespec t;

    timespec_get(&t, TIME_UTC);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static uint64_t hold(irqsim_agenda_t *ag, uint64_t ops, uint64_t *state)
{
    const uint64_t start = now_ns();

    for (uint64_t i = 0; i < ops; i++)
        irqsim_agenda_set(ag, irqsim_agenda_actor(ag), irqsim_agenda_time(ag) + increment(state));
    return now_ns() - start;
}

int main(int argc, char **argv)
{
    const uint32_t pending = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000;
    const uint64_t ops = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000;
    irqsim_agenda_node_t *node = calloc(irqsim_agenda_nodes(pending), sizeof(*node));
    uint64_t state = 88172645463325252u, best = UINT64_MAX;
    irqsim_agenda_t ag;

    if (!node)
        return EXIT_FAILURE;
    irqsim_agenda_init(&ag, node, pending);
    for (uint32_t i = 0; i < pending; i++)
        irqsim_agenda_set(&ag, i, increment(&state));
    for (unsigned run = 0; run < 11; run++) {
        const uint64_t ns = hold(&ag, ops, &state);

        if (ns < best)
            best = ns;
    }
    printf("%" PRIu32 " pending: %.1f ns per pop + push (checksum %" PRIu64 ")\n", pending,
           (double)best / (double)ops, irqsim_agenda_time(&ag));
    free(node);
    return EXIT_SUCCESS;
}
