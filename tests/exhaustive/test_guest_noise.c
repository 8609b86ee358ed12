/* SPDX-License-Identifier: MIT */
/*
 * test_guest_noise.c - law 4: ten million random writes of guests, on every board
 *
 * What is written: every port of the boards and any other; any offset of the LAPIC's and
 * the IOAPICs' pages and every index behind IOREGSEL; the x2APIC MSRs, IA32_APIC_BASE,
 * TSC deadline and any other; the message fields of sources (MSI address, data, control)
 * and of IPIs (ICR high and low, the 64-bit ICR). Half of the values are any, half such
 * as mean something there. Only these count; beside them guests read, execute, lose
 * their tables and stacks, end their handlers.
 *
 * After every event what noise/look.c says must hold, now and then a snapshot (law 2). A
 * guest that has stopped for good (shutdown, waiting for SIPI, halted for ever) is
 * replaced. Tame guests are kernels that have set up their APICs: their level interrupts
 * must be in one place each.
 */
#include "../noise/noise.h"
#include "unit.h"

#define WRITES   UINT64_C(10000000)
#define WILD     9u               /* boards, before the tame ones */
#define ACCESSES UINT64_C(300000) /* of the tame guests on a board */
#define TWINS    50u /* one guest in so many is saved and loaded: after 100 accesses, 300, 900 ... */
#define DEAD     400u /* events without an access */

static void open_one(noise_t *n, int which, uint64_t seed)
{
    ck_assert(noise_open(n, &noise_boards[which], NULL, 0, seed));
}

static void compare_with_twin(noise_t *n, int which, uint64_t seed)
{
    noise_t twin;

    open_one(&twin, which, seed);
    noise_twin(n, &twin);
    noise_close(&twin);
}

/* What is counted on this board. */
static uint64_t made_by(const noise_t *n)
{
    return n->board->tame ? n->accesses : n->writes;
}

/* One guest until it is dead or has made its part; returns how much it made. */
static uint64_t live(int which, uint64_t seed, uint64_t most)
{
    noise_t n;
    uint64_t last = 0, snapshot = 100;
    unsigned idle = 0;

    open_one(&n, which, seed);
    while (made_by(&n) < most && idle < DEAD && noise_step(&n)) {
        idle = n.accesses == last ? idle + 1 : 0;
        last = n.accesses;
        if (seed % TWINS || n.accesses < snapshot)
            continue;
        snapshot *= 3;
        compare_with_twin(&n, which, seed);
    }
    ck_assert_msg(!n.why, "%s, seed %#llx, access %llu: %s", n.board->name,
                  (unsigned long long)seed, (unsigned long long)n.accesses, n.why);
    noise_close(&n);
    return made_by(&n);
}

START_TEST(law_4_no_guest_breaks_the_machine)
{
    const uint64_t share = noise_boards[_i].tame ? ACCESSES : (WRITES + WILD - 1) / WILD;
    uint64_t made = 0;

    ck_assert_int_eq(noise_boards[_i].tame, (unsigned)_i >= WILD);
    for (uint64_t seed = 1; made < share; seed++)
        made += live(_i, seed, share - made);
}
END_TEST

UNIT_MAIN("guest noise", UNIT_LOOP(law_4_no_guest_breaks_the_machine, 0, NOISE_BOARDS))
