/* SPDX-License-Identifier: MIT */
/*
 * serial.c - the APIC bus of a board of P5 or P6
 *
 * The board's time is in picoseconds, a case's in bus clocks, `run 21icc`, each
 * rounded once; so that sums of these meet the bus's clocks again, times count as
 * a clock's that are less than a nanosecond before it.
 */
#include <irqsim/clock.h>

#include "board_int.h"

#define NEARLY IRQSIM_PS_PER_NS

static irqsim_icc_agents_t agents(board_t *b)
{
    return (irqsim_icc_agents_t){.lapic = b->lapic, .ioapic = &b->ioapic};
}

irqsim_status_t irqsim__conform_serial_init(board_t *b)
{
    const irqsim_profile_t *profile = irqsim_profile((irqsim_profile_id_t)b->desc.profile);

    return irqsim_icc_init(
        &b->icc, &(irqsim_icc_desc_t){
                     .lapics = (uint8_t)b->desc.cpus,
                     .ioapics = 1,
                     .variants = irqsim_variants_of(b->desc.variants, IRQSIM_VARIANT_OF_ICC),
                     .clk = {profile->icc_hz, 1}});
}

/* ---- time ---- */

/* The last clock of the bus at that time. */
uint64_t irqsim__conform_serial_clock(const board_t *b)
{
    return irqsim_clock_to_ticks(&b->icc.clk, b->now + NEARLY);
}

/* The clock at which the bus notices what was done now. A step takes no time, and no
 * synchroniser is in the way. */
static uint64_t noticed(const board_t *b)
{
    const uint64_t clock = irqsim__conform_serial_clock(b);
    const bool between = irqsim_clock_to_time(&b->icc.clk, clock) + NEARLY < b->now;

    return clock + between;
}

irqsim_time_t irqsim__conform_serial_due(const board_t *b)
{
    const uint64_t due = irqsim_icc_next_event(&b->icc);
    const irqsim_time_t time = irqsim_clock_to_time(&b->icc.clk, due);

    if (due == IRQSIM_NEVER)
        return IRQSIM_NEVER;
    return time > b->now ? time : b->now;
}

/* ---- what the bus does ---- */

void irqsim__conform_serial_look(board_t *b)
{
    const irqsim_icc_agents_t on = agents(b);

    irqsim_icc_look(&b->icc, &on, noticed(b));
}

void irqsim__conform_serial_act(board_t *b)
{
    const irqsim_icc_agents_t on = agents(b);
    const bool decided = irqsim_icc_act(&b->icc, &on) == IRQSIM_ICC_DECIDED;

    if (decided)
        b->refused = b->icc.told == IRQSIM_APIC_RETRY ? b->refused + 1 : 0;
    for (uint32_t cpu = 0; cpu < b->desc.cpus; cpu++)
        irqsim__conform_cpu_pulse(b, cpu, irqsim_lapic_take_pulses(&b->lapic[cpu]));
}

/* Nothing is under way, and each message that waits has been refused since the last
 * that got through. */
bool irqsim__conform_serial_is_done(const board_t *b)
{
    uint32_t waiting = (uint32_t)__builtin_popcount(b->ioapic.pending);

    for (uint32_t cpu = 0; cpu < b->desc.cpus; cpu++)
        waiting += (b->lapic[cpu].out & IRQSIM_LAPIC_OUT_MSG) != 0;
    return b->icc.phase == IRQSIM_ICC_IDLE && b->refused >= waiting;
}
