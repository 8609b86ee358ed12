/* SPDX-License-Identifier: MIT */
/*
 * clock.c - ticks to picoseconds and back, exactly, in 64 bits
 *
 * ticks * den * 1e12 / num overflows 64 bits soon, so the division is done in
 * limbs: whole seconds first, then the rest in two steps of 1e6. Each step
 * keeps its remainder; only the last one rounds.
 */
#include <irqsim/clock.h>

#define LIMB      UINT64_C(1000000)
#define HZ_LIMIT  UINT64_C(16000000000)
#define DEN_LIMIT UINT64_C(1000)

bool irqsim_clock_valid(const irqsim_clock_t *clk)
{
    return clk->num >= 1 && clk->num <= HZ_LIMIT && clk->den >= 1 && clk->den <= DEN_LIMIT;
}

/* Remainder below num, times 1e12, over num, rounded half up. */
static uint64_t fraction_to_time(uint64_t rest, uint64_t num)
{
    const uint64_t high = rest * LIMB / num;
    const uint64_t low_rest = rest * LIMB % num;

    return high * LIMB + (low_rest * LIMB + num / 2) / num;
}

irqsim_time_t irqsim_clock_to_time_long(const irqsim_clock_t *clk, uint64_t ticks)
{
    if (ticks >= UINT64_MAX / DEN_LIMIT)
        return IRQSIM_NEVER;

    const uint64_t scaled = ticks * clk->den;
    const uint64_t seconds = scaled / clk->num;
    if (seconds >= IRQSIM_NEVER / IRQSIM_PS_PER_S)
        return IRQSIM_NEVER;
    return seconds * IRQSIM_PS_PER_S + fraction_to_time(scaled % clk->num, clk->num);
}

/* floor(span * num / (den * 1e12)), from below so that limbs cannot overflow. */
static uint64_t ticks_below(const irqsim_clock_t *clk, irqsim_time_t span)
{
    const uint64_t unit = IRQSIM_PS_PER_S * clk->den; /* ps in which num ticks pass */
    const uint64_t whole = span / unit;
    uint64_t rest = span % unit, ticks = 0;

    /* rest < 1e15: three limbs of num/unit, most significant first. */
    uint64_t part = rest / LIMB * clk->num; /* < 1e9 * 16e9 */
    uint64_t carry = part % (unit / LIMB);
    ticks = part / (unit / LIMB);
    carry = carry * LIMB + rest % LIMB * clk->num;
    return whole * clk->num + ticks + carry / unit;
}

uint64_t irqsim_clock_to_ticks(const irqsim_clock_t *clk, irqsim_time_t span)
{
    uint64_t ticks = ticks_below(clk, span);

    /* Rounding placed tick n up to half a picosecond late or early: the tick
     * that to_time() puts at `span` has passed. */
    if (irqsim_clock_to_time(clk, ticks + 1) <= span)
        ticks++;
    else if (irqsim_clock_to_time(clk, ticks) > span)
        ticks--;
    return ticks;
}
