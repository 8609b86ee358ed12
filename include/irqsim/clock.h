/* SPDX-License-Identifier: MIT */
/*
 * irqsim/clock.h - clock domains: exact rationals, converted with integers
 *
 * A domain ticks num/den times a second (the PIT: 14318180/12). Conversions
 * are exact to the picosecond: TIME-102, round half up, once per event. To
 * stay exact over a long run, convert the total tick count, not a sum of
 * converted periods.
 */
#ifndef IRQSIM_CLOCK_H
#define IRQSIM_CLOCK_H

#include <irqsim/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Frequency = num / den Hz. 1 <= num <= 16e9, 1 <= den <= 1000. */
typedef struct irqsim_clock {
    uint64_t num;
    uint64_t den;
} irqsim_clock_t;

/* Below this many seconds / num the usual short span is one division of 64 bits. */
#define IRQSIM_CLOCK_SHORT (UINT64_MAX / IRQSIM_PS_PER_S / 2)

/* True if both members are in range; every other call requires it. */
bool irqsim_clock_valid(const irqsim_clock_t *clk);

/* Duration of `ticks`, in ps, rounded half up. Saturates to IRQSIM_NEVER. */
irqsim_time_t irqsim_clock_to_time_long(const irqsim_clock_t *clk, uint64_t ticks);
static inline irqsim_time_t irqsim_clock_to_time(const irqsim_clock_t *clk, uint64_t ticks)
{
    if (ticks >= IRQSIM_CLOCK_SHORT || ticks * clk->den >= IRQSIM_CLOCK_SHORT)
        return irqsim_clock_to_time_long(clk, ticks);
    return (ticks * clk->den * IRQSIM_PS_PER_S + clk->num / 2) / clk->num;
}

/* Whole ticks that have passed after `span` ps (rounded down). The tick that
 * irqsim_clock_to_time() places at t counts as passed at t. */
uint64_t irqsim_clock_to_ticks(const irqsim_clock_t *clk, irqsim_time_t span);

#ifdef __cplusplus
}
#endif
#endif
