/* SPDX-License-Identifier: MIT */
/*
 * noise.h - a guest that does anything: a machine whose every access, instruction
 * and table comes from a stream of choices
 *
 *   choices (a fuzzer's bytes, or a seed's) --> noise --> ports, pages, MSRs, RAM,
 *                                                         instructions, MSIs
 *
 * Law 4: nothing a guest does can break the machine. What must hold in any state
 * is checked after every event (look.c); `why` names what did not. Half of the choices
 * are well-formed, or the machine would be dead after a few of them.
 *
 * A tame guest is a kernel that has set up its APICs and does nothing but mask, claim,
 * send IPIs, raise TPRs and end interrupts, at any time. Of it more must hold.
 */
#ifndef IRQSIM_TESTS_NOISE_H
#define IRQSIM_TESTS_NOISE_H

#include <irqsim/guest.h>

#define NOISE_SOURCES 7u
#define NOISE_CPUS    16u
#define NOISE_BOARDS  11u
#define NOISE_PINS    4u

typedef struct noise_board {
    const char *name;
    irqsim_board_t board;
    irqsim_profile_id_t profile;
    uint8_t cpus, ioapics; /* 0 IOAPICs: the usual */
    uint32_t variants;
    bool tame;
} noise_board_t;

/* Every family, two IOAPICs, every variant; tame guests last. */
extern const noise_board_t noise_boards[NOISE_BOARDS];

/* A level pin that a device of a tame guest has; those of the second IOAPIC last. */
typedef struct noise_pin {
    uint8_t gsi, vector;
    bool active_low;
} noise_pin_t;

extern const noise_pin_t noise_pins[NOISE_PINS];

typedef struct noise {
    const noise_board_t *board;
    irqsim_machine_t *m;
    void *mem;
    size_t size;
    /* Choices: bytes first, then, if there is a seed, for ever. */
    const uint8_t *bytes;
    size_t left;
    uint64_t seed;
    uint64_t accesses;               /* choices of the guest so far                          */
    uint64_t writes;                 /* of drawn values to ports, pages, MSRs and message
                          fields; not to RAM, and not those at a handler's end */
    irqsim_time_t ended[NOISE_PINS]; /* since when a pin's EOI is under way, or NEVER */
    uint8_t depth[NOISE_CPUS];       /* handlers not yet left                   */
    const char *why;                 /* NULL: all is well                       */
} noise_t;

/* A machine, tables written, CPUs about to run; false: no memory. The bytes are
 * borrowed. seed 0: when they end, CPUs halt. */
bool noise_open(noise_t *n, const noise_board_t *board, const uint8_t *bytes, size_t size,
                uint64_t seed);
void noise_close(noise_t *n);

/* One event of the machine, then the invariants. false: it has no more events, or
 * an invariant is broken (why). */
bool noise_step(noise_t *n);

/* Law 2: saves the machine, loads it into `twin` (opened alike), and lets both go
 * on for some events: the same bytes afterwards. false: they differ (why). */
bool noise_twin(noise_t *n, noise_t *twin);

/* ---- look.c ---- */

/* What does not hold, NULL if all does. */
const char *noise_look(noise_t *n);

/* How many of noise_pins[] the board has, and whose CPU takes number i. */
static inline unsigned noise_pins_of(const noise_t *n)
{
    return n->board->ioapics > 1 ? NOISE_PINS : NOISE_PINS - 1;
}
static inline unsigned noise_pin_cpu(const noise_t *n, unsigned i)
{
    return i % n->board->cpus;
}

#endif
