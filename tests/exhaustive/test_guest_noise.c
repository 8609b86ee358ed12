/* SPDX-License-Identifier: MIT */
/*
 * test_guest_noise.c - law 4: ten million random accesses of guests, on every board
 *
 * Ports, pages, MSRs, message fields, tables in RAM and instructions; after every
 * event the invariants of noise.c, now and then a snapshot (law 2). A guest that
 * has stopped for good (shutdown, waiting for SIPI, halted for ever) is replaced.
 */
#include "../noise/noise.h"
#include "unit.h"

#define ACCESSES UINT64_C(10000000)
#define TWINS    50u /* one guest in so many is saved and loaded: after 100 accesses, 300, 900 ... */
#define DEAD     400u /* events without an access */

static const struct {
    irqsim_board_t board;
    irqsim_profile_id_t profile;
    unsigned cpus;
    uint64_t share; /* of the accesses, in tenths */
} machines[] = {
    {IRQSIM_BOARD_AT, IRQSIM_I486_PC, 1, 2},       {IRQSIM_BOARD_MP, IRQSIM_P5_MP, 2, 2},
    {IRQSIM_BOARD_MP, IRQSIM_P6_MP, 4, 2},         {IRQSIM_BOARD_MP, IRQSIM_P4_XAPIC, 3, 2},
    {IRQSIM_BOARD_MP, IRQSIM_MODERN_X2APIC, 4, 2},
};

static void open_one(noise_t *n, int which, uint64_t seed)
{
    ck_assert(noise_open(n, machines[which].board, machines[which].profile, machines[which].cpus,
                         NULL, 0, seed));
}

static void compare_with_twin(noise_t *n, int which, uint64_t seed)
{
    noise_t twin;

    open_one(&twin, which, seed);
    noise_twin(n, &twin);
    noise_close(&twin);
}

/* One guest until it is dead or has made its accesses; returns how many it made. */
static uint64_t live(int which, uint64_t seed, uint64_t most)
{
    noise_t n;
    uint64_t last = 0, snapshot = 100;
    unsigned idle = 0;

    open_one(&n, which, seed);
    while (n.accesses < most && idle < DEAD && noise_step(&n)) {
        idle = n.accesses == last ? idle + 1 : 0;
        last = n.accesses;
        if (seed % TWINS || n.accesses < snapshot)
            continue;
        snapshot *= 3;
        compare_with_twin(&n, which, seed);
    }
    ck_assert_msg(!n.why, "seed %#llx, access %llu: %s", (unsigned long long)seed,
                  (unsigned long long)n.accesses, n.why);
    noise_close(&n);
    return n.accesses;
}

START_TEST(law_4_no_guest_breaks_the_machine)
{
    const uint64_t share = ACCESSES * machines[_i].share / 10;
    uint64_t made = 0;

    for (uint64_t seed = 1; made < share; seed++)
        made += live(_i, seed, share - made);
}
END_TEST

UNIT_MAIN("guest noise",
          UNIT_LOOP(law_4_no_guest_breaks_the_machine, 0, sizeof(machines) / sizeof(machines[0])))
