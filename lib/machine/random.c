/* SPDX-License-Identifier: MIT */
/*
 * random.c - random numbers that are the same on every host: integers only
 *
 * An exponential deviate is mean * -ln(u) for a uniform u in (0, 1]. With
 * u = r / 2^64 and r = 2^k * x, x in [sqrt(1/2), sqrt(2)):
 *
 *   -ln(u) = (64 - k) * ln 2 - ln x        ln x = 2 (s + s^3/3 + s^5/5 + ...)
 *                                          s = (x - 1) / (x + 1), |s| < 0.172
 *
 * in fixed point with 32 fraction bits. Six terms of the series leave an error
 * below 2^-34, x is known to 2^-31, the sum of all roundings stays below 2^-29
 * of the mean. The largest deviate is 44.4 means.
 */
#include "machine_int.h"

#define ONE      (UINT64_C(1) << 32)
#define LN2      UINT64_C(2977044472) /* ln 2 * 2^32 */
#define SQRT2_31 UINT64_C(3037000500) /* sqrt(2) * 2^31 */

/* SplitMix64: one addition, two multiplications, full period. */
uint64_t irqsim__machine_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* ln x of a 31-bit fixed-point x around 1, 32 fraction bits. */
static int64_t ln_near_one(uint64_t x31)
{
    static const uint32_t divisor[] = {11, 9, 7, 5, 3};
    const int64_t one31 = (int64_t)(ONE / 2);
    const int64_t s = ((int64_t)x31 - one31) * (int64_t)ONE / ((int64_t)x31 + one31);
    const uint64_t s2 = (uint64_t)(s * s) >> 32;
    uint64_t sum = 0; /* s2/3 + s2^2/5 + ... by Horner */

    for (unsigned i = 0; i < sizeof(divisor) / sizeof(divisor[0]); i++)
        sum = (ONE / divisor[i] + sum) * s2 >> 32;
    return 2 * (s + s * (int64_t)sum / (int64_t)ONE);
}

/* -ln(r / 2^64) for r >= 1, 32 fraction bits. */
static uint64_t minus_ln(uint64_t r)
{
    const unsigned zeros = (unsigned)__builtin_clzll(r);
    uint64_t x31 = r << zeros >> 32; /* [1, 2) */
    uint64_t halvings = zeros + 1;   /* 64 - k */

    if (x31 >= SQRT2_31)
        halvings--, x31 >>= 1;
    return (uint64_t)((int64_t)(halvings * LN2) - ln_near_one(x31));
}

/* mean * e32 / 2^32 */
static irqsim_time_t scale(irqsim_time_t mean, uint64_t e32)
{
    const uint64_t whole = e32 >> 32, part = e32 & (ONE - 1);

    if (whole && mean > IRQSIM_NEVER / 2 / whole)
        return IRQSIM_NEVER;
    return later(mean * whole, (mean >> 32) * part + ((mean & (ONE - 1)) * part >> 32));
}

irqsim_time_t irqsim__machine_exponential(uint64_t *state, irqsim_time_t mean)
{
    const uint64_t r = irqsim__machine_random(state);

    return scale(mean, minus_ln(r ? r : 1));
}
