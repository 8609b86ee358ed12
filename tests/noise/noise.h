/* SPDX-License-Identifier: MIT */
/*
 * noise.h - a guest that does anything: a machine whose every access, instruction
 * and table comes from a stream of choices
 *
 *   choices (a fuzzer's bytes, or a seed's) --> noise --> ports, pages, MSRs, RAM,
 *                                                         instructions, MSIs
 *
 * Law 4: nothing a guest does can break the machine. What must hold in any state
 * is checked after every event; `why` names what did not. Half of the choices are
 * well-formed, or the machine would be dead after a few of them.
 */
#ifndef IRQSIM_TESTS_NOISE_H
#define IRQSIM_TESTS_NOISE_H

#include <irqsim/guest.h>

#define NOISE_SOURCES 6u
#define NOISE_CPUS    16u

typedef struct noise {
    irqsim_machine_t *m;
    void *mem;
    size_t size;
    /* Choices: bytes first, then, if there is a seed, for ever. */
    const uint8_t *bytes;
    size_t left;
    uint64_t seed;
    uint64_t accesses;         /* of the guest so far   */
    uint8_t depth[NOISE_CPUS]; /* handlers not yet left */
    const char *why;           /* NULL: all is well     */
} noise_t;

/* A machine of this board and profile, tables written, CPUs about to run; false:
 * no memory. The bytes are borrowed. seed 0: when they end, CPUs halt. */
bool noise_open(noise_t *n, irqsim_board_t board, irqsim_profile_id_t profile, unsigned cpus,
                const uint8_t *bytes, size_t size, uint64_t seed);
void noise_close(noise_t *n);

/* One event of the machine, then the invariants. false: it has no more events, or
 * an invariant is broken (why). */
bool noise_step(noise_t *n);

/* Law 2: saves the machine, loads it into `twin` (opened alike), and lets both go
 * on for some events: the same bytes afterwards. false: they differ (why). */
bool noise_twin(noise_t *n, noise_t *twin);

#endif
