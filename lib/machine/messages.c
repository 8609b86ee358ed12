/* SPDX-License-Identifier: MIT */
/*
 * messages.c - what is the same on every bus: what APICs want beside messages, who
 * waits to send one, and what an observer hears of them
 */
#include <irqsim/regs/lapic_regs.h>

#include "machine_int.h"

/* ---- APICs ---- */

/* LINT0 is worth a visit only if the LAPIC listens (APIC-36, APIC-59). */
static void note_lint0(irqsim_machine_t *m, unsigned cpu)
{
    const irqsim_lapic_t *la = &m->lapic[cpu];
    const uint32_t bit = UINT32_C(1) << (cpu & 31);

    if (la->lvt[IRQSIM_LVT_LINT0] & LAPIC_LVT_MASKED && la->apic_base & APIC_BASE_EN)
        m->lint0[cpu / 32] &= ~bit;
    else
        m->lint0[cpu / 32] |= bit;
}

void irqsim__machine_note_lapic(irqsim_machine_t *m, unsigned cpu)
{
    m->ids_moved |= m->lapic[cpu].id != cpu;
    note_lint0(m, cpu);
    irqsim__machine_set_due(m, m->first_timer + cpu, irqsim_lapic_next_event(&m->lapic[cpu]));
}

void irqsim__machine_take_pulses(irqsim_machine_t *m, unsigned cpu)
{
    const uint32_t pulses = irqsim_lapic_take_pulses(&m->lapic[cpu]);

    if (!pulses)
        return;
    irqsim__machine_pulse(m, cpu, pulses);
    irqsim__machine_note_lapic(m, cpu); /* INIT resets it */
}

static ASIDE void say_lost(irqsim_machine_t *m, unsigned n, uint32_t pins)
{
    for (uint32_t rest = pins; rest; rest &= rest - 1) {
        const unsigned gsi = n * PINS + (unsigned)__builtin_ctz(rest);
        say(m, IRQSIM_EV_IOAPIC_LOST, IRQSIM_NO_CPU, wide(m, m->g.line_cause[gsi]), gsi, 0, 0);
    }
}

uint32_t irqsim__machine_take_lost(irqsim_machine_t *m, unsigned n)
{
    const uint32_t lost = irqsim_ioapic_take_lost(&m->ioapic[n]);

    if (observed(m))
        say_lost(m, n, lost);
    return lost;
}

void irqsim__machine_timer_act(irqsim_machine_t *m, unsigned cpu)
{
    irqsim_lapic_t *la = &m->lapic[cpu];

    if (observed(m)) {
        const uint32_t lvt = la->lvt[IRQSIM_LVT_TIMER];
        const uint32_t vector = lvt & LAPIC_LVT_VECTOR_MASK;
        const bool masked = lvt & LAPIC_LVT_MASKED;
        const uint64_t seq = say(m, IRQSIM_EV_LAPIC_TIMER, cpu, 0, vector, masked, 0);
        if (!masked)
            note_accepted(&m->core[cpu], vector, seq);
    }
    irqsim_lapic_advance(la, m->g.now);
    irqsim__machine_note_lapic(m, cpu);
    irqsim__machine_settle_lapic(m, cpu);
}

/* ---- who waits to send ---- */

void irqsim__machine_stall(irqsim_machine_t *m, uint32_t sender)
{
    const uint32_t bit = UINT32_C(1) << (sender & 31);

    m->g.stalled += !(m->stall[sender / 32] & bit);
    m->stall[sender / 32] |= bit;
}

static void ask_again(irqsim_machine_t *m, uint32_t sender)
{
    if (sender < m->cpus)
        irqsim__machine_settle_lapic(m, sender);
    else if (sender < sender_device(m, 0))
        irqsim__machine_settle_ioapic(m, sender - sender_ioapic(m, 0));
    else
        irqsim__machine_device_send(m, sender - sender_device(m, 0));
}

/* Asks each stalled sender once, beginning behind the one asked last. Costs a walk
 * over the senders, but only while the bus is full. */
void irqsim__machine_wake_senders(irqsim_machine_t *m)
{
    const uint32_t senders = all_senders(m);

    for (uint32_t i = 0; i < senders && m->g.stalled; i++) {
        const uint32_t sender = m->g.sender;
        const uint32_t bit = UINT32_C(1) << (sender & 31);

        m->g.sender = sender + 1 < senders ? sender + 1 : 0;
        if (!(m->stall[sender / 32] & bit))
            continue;
        m->stall[sender / 32] &= ~bit;
        m->g.stalled--;
        ask_again(m, sender);
        if (m->stall[sender / 32] & bit)
            return; /* full again */
    }
}

/* ---- what is said ---- */

/* ICC-36: a shorthand travels as a destination that is everybody's, whatever the ICR
 * was left with. */
static uint32_t dest_of(const irqsim_machine_t *m, const irqsim_apic_msg_t *msg)
{
    static const uint32_t everybody[] = {
        [IRQSIM_APIC_XAPIC] = LAPIC_DEST_ALL,
        [IRQSIM_APIC_P5] = LAPIC_DEST_ALL_P6,
        [IRQSIM_APIC_P6] = LAPIC_DEST_ALL_P6,
        [IRQSIM_APIC_X2APIC] = LAPIC_DEST_ALL_X2APIC,
    };

    return msg->shorthand == IRQSIM_APIC_TO_DEST ? msg->dest : everybody[m->family];
}

uint64_t irqsim__machine_say_sent(irqsim_machine_t *m, const irqsim_apic_msg_t *msg)
{
    return say(m, IRQSIM_EV_MSG_SEND, IRQSIM_NO_CPU, msg->cause, msg->vector, msg->mode,
               dest_of(m, msg));
}

void irqsim__machine_say_fate(irqsim_machine_t *m, unsigned cpu, const irqsim_apic_msg_t *msg,
                              irqsim_apic_fate_t fate)
{
    const bool accepted = fate == IRQSIM_APIC_ACCEPTED || fate == IRQSIM_APIC_COALESCED;
    const uint64_t seq = accepted
                             ? say(m, IRQSIM_EV_MSG_ACCEPT, cpu, msg->cause, msg->vector,
                                   msg->level, fate == IRQSIM_APIC_COALESCED)
                             : say(m, IRQSIM_EV_MSG_REFUSED, cpu, msg->cause, msg->vector, fate, 0);

    if (fate == IRQSIM_APIC_ACCEPTED)
        note_accepted(&m->core[cpu], msg->vector, seq);
}

void irqsim__machine_say_nobody(irqsim_machine_t *m, const irqsim_apic_msg_t *msg)
{
    say(m, IRQSIM_EV_MSG_REFUSED, IRQSIM_NO_CPU, msg->cause, msg->vector, IRQSIM_APIC_NOBODY, 0);
}
