/* SPDX-License-Identifier: MIT */
/*
 * fuzz.h - what harnesses share
 */
#ifndef IRQSIM_TESTS_FUZZ_H
#define IRQSIM_TESTS_FUZZ_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <irqsim/machine.h>

/* A law that must hold: the fuzzer keeps the input that breaks it. */
static inline void demand(bool holds)
{
    if (!holds)
        abort();
}

/* How a device is kept in snapshots. */
static inline const irqsim_layout_t *layout(const char *name)
{
    const irqsim_layout_t *found;
    unsigned i = 0;

    while ((found = irqsim_machine_layout(i++)) && strcmp(found->name, name) != 0)
        continue;
    demand(found != NULL);
    return found;
}

#endif
