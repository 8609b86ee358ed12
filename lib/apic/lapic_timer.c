/* SPDX-License-Identifier: MIT */
/*
 * lapic_timer.c - the timer, without a tick
 *
 * A run is a base and a target: the next expiry is at base + time(target
 * ticks of the undivided clock), and the count is what is missing to the
 * target. A periodic expiry moves the target on by initial * divide, so expiry
 * n is converted from the total tick count and no rounding adds up.
 */
#include "lapic_int.h"

#define MODE(lvt) ((lvt)&LAPIC_LVT_TIMER_MODE_MASK)

/* APIC-81: 000 is /2, ..., 110 is /128, 111 is /1. */
static uint64_t divisor(const irqsim_lapic_t *la)
{
    const uint32_t code = (la->timer_divide & 3) | (la->timer_divide & 8) >> 1;

    return 1u << ((code + 1) & 7);
}

/* Bit 18 tells the TSC-deadline mode (and the reserved one, which never runs). */
static bool counts_down(uint32_t lvt)
{
    return !(lvt & LAPIC_LVT_TIMER_DEADLINE);
}

static void stop(irqsim_lapic_t *la)
{
    la->timer_deadline = IRQSIM_NEVER;
    la->timer_target = 0;
    la->tsc_deadline = 0;
}

static void set_deadline(irqsim_lapic_t *la)
{
    const irqsim_time_t span = irqsim_clock_to_time(&la->timer_clk, la->timer_target);

    la->timer_deadline =
        span < IRQSIM_NEVER - la->timer_base ? la->timer_base + span : IRQSIM_NEVER;
}

/* Counts of the divided clock, from now on. */
static void run(irqsim_lapic_t *la, uint64_t counts, irqsim_time_t now)
{
    la->timer_base = now;
    la->timer_target = counts * divisor(la);
    set_deadline(la);
}

uint32_t irqsim__lapic_timer_current(const irqsim_lapic_t *la, irqsim_time_t now)
{
    if (!la->timer_target || !counts_down(la->lvt[IRQSIM_LVT_TIMER]))
        return 0; /* APIC-84, APIC-87 */

    const uint64_t period = la->timer_initial * divisor(la);
    const uint64_t elapsed = irqsim_clock_to_ticks(&la->timer_clk, now - la->timer_base);
    uint64_t missing;
    if (elapsed < la->timer_target)
        missing = la->timer_target - elapsed;
    else if (MODE(la->lvt[IRQSIM_LVT_TIMER]) == LAPIC_LVT_TIMER_PERIODIC)
        missing = period - (elapsed - la->timer_target) % period;
    else
        missing = 0;
    return (uint32_t)((missing + divisor(la) - 1) / divisor(la));
}

/* ---- writes ---- */

void irqsim__lapic_timer_start(irqsim_lapic_t *la, uint32_t initial, irqsim_time_t now)
{
    if (!counts_down(la->lvt[IRQSIM_LVT_TIMER]))
        return; /* APIC-87 */
    irqsim_lapic_advance(la, now);
    la->timer_initial = initial;
    stop(la);
    if (initial)
        run(la, initial, now); /* APIC-83 */
}

void irqsim__lapic_timer_divide(irqsim_lapic_t *la, uint32_t divide, irqsim_time_t now)
{
    irqsim_lapic_advance(la, now);

    const uint32_t remaining = irqsim__lapic_timer_current(la, now);
    la->timer_divide = divide;
    if (remaining)
        run(la, remaining, now); /* APIC-86 */
}

void irqsim__lapic_timer_mode(irqsim_lapic_t *la, uint32_t old_lvt, uint32_t new_lvt)
{
    /* APIC-85: between one-shot and periodic the count just goes on. */
    if (MODE(old_lvt) != MODE(new_lvt) && !(counts_down(old_lvt) && counts_down(new_lvt)))
        stop(la);
}

void irqsim__lapic_tsc_deadline(irqsim_lapic_t *la, uint64_t tsc, irqsim_time_t now)
{
    if (MODE(la->lvt[IRQSIM_LVT_TIMER]) != LAPIC_LVT_TIMER_DEADLINE)
        return; /* APIC-87 */
    irqsim_lapic_advance(la, now);
    la->tsc_deadline = tsc;
    la->timer_deadline = tsc ? irqsim_clock_to_time(&la->tsc_clk, tsc) : IRQSIM_NEVER;
    irqsim_lapic_advance(la, now); /* a deadline in the past fires at once */
}

/* ---- time ---- */

irqsim_time_t irqsim_lapic_next_event(const irqsim_lapic_t *la)
{
    return la->timer_deadline;
}

/* To the first expiry after `now`; returns how many there were. */
static uint64_t reload(irqsim_lapic_t *la, irqsim_time_t now)
{
    const uint64_t period = la->timer_initial * divisor(la);
    const uint64_t elapsed = irqsim_clock_to_ticks(&la->timer_clk, now - la->timer_base);
    const uint64_t expiries = (elapsed - la->timer_target) / period + 1;

    la->timer_target += expiries * period;
    set_deadline(la);
    return expiries;
}

void irqsim_lapic_advance(irqsim_lapic_t *la, irqsim_time_t now)
{
    if (la->timer_deadline > now || la->timer_deadline == IRQSIM_NEVER)
        return;

    uint64_t expiries = 1;
    if (MODE(la->lvt[IRQSIM_LVT_TIMER]) == LAPIC_LVT_TIMER_PERIODIC)
        expiries = reload(la, now);
    else
        stop(la);
    irqsim__lapic_raise(la, IRQSIM_LVT_TIMER);
    if (expiries > 1) /* the second may wait for a slot (APIC-46); all others do the same */
        irqsim__lapic_raise(la, IRQSIM_LVT_TIMER);
}
