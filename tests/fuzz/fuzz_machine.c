/* SPDX-License-Identifier: MIT */
/*
 * fuzz_machine.c - a guest made of the input: the first byte chooses the board, the
 * rest is what its CPUs do (tests/noise). Invariants after every event; a snapshot
 * is taken, loaded and compared at the event that the second byte names.
 */
#include "../noise/noise.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { MOST_EVENTS = 3000 };

static void open_one(noise_t *n, unsigned which, const uint8_t *bytes, size_t size)
{
    demand(noise_open(n, &noise_boards[which % NOISE_BOARDS], bytes, size, 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    noise_t n, twin;

    if (size < 2)
        return 0;
    open_one(&n, bytes[0], bytes + 2, size - 2);
    for (unsigned event = 0; event < MOST_EVENTS; event++) {
        if (event == bytes[1] * 8u) {
            open_one(&twin, bytes[0], NULL, 0);
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
