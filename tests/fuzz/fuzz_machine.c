/* SPDX-License-Identifier: MIT */
/*
 * fuzz_machine.c - a guest made of the input: the first byte chooses the board, the
 * rest is what its CPUs do (tests/noise). Invariants after every event; a snapshot
 * is taken, loaded and compared at the event that the second byte names.
 */
#include <stdlib.h>

#include "../noise/noise.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { MOST_EVENTS = 3000 };

static const struct {
    irqsim_board_t board;
    irqsim_profile_id_t profile;
    unsigned cpus;
} machines[] = {
    {IRQSIM_BOARD_AT, IRQSIM_I486_PC, 1},       {IRQSIM_BOARD_MP, IRQSIM_P5_MP, 2},
    {IRQSIM_BOARD_MP, IRQSIM_P6_MP, 3},         {IRQSIM_BOARD_MP, IRQSIM_P4_XAPIC, 2},
    {IRQSIM_BOARD_MP, IRQSIM_MODERN_X2APIC, 3},
};

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void open_one(noise_t *n, unsigned which, const uint8_t *bytes, size_t size)
{
    demand(noise_open(n, machines[which].board, machines[which].profile, machines[which].cpus,
                      bytes, size, 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    noise_t n, twin;

    if (size < 2)
        return 0;
    open_one(&n, bytes[0] % 5, bytes + 2, size - 2);
    for (unsigned event = 0; event < MOST_EVENTS; event++) {
        if (event == bytes[1] * 8u) {
            open_one(&twin, bytes[0] % 5, NULL, 0);
            noise_twin(&n, &twin);
            noise_close(&twin);
        }
        if (n.why || !noise_step(&n))
            break;
    }
    demand(!n.why);
    noise_close(&n);
    return 0;
}
