/* SPDX-License-Identifier: MIT */
/*
 * lapic_irr.h - sets of vectors, and the way of a message into IRR, inline: an IPI to
 * all is this for every CPU
 */
#ifndef IRQSIM_LAPIC_IRR_H
#define IRQSIM_LAPIC_IRR_H

#include "lapic_int.h"

#define CLASS(vector) ((vector)&LAPIC_PRIORITY_CLASS_MASK)

static inline uint32_t top_bit(uint32_t word)
{
    return (uint32_t)__builtin_clz(word) ^ 31u;
}

/* APIC-38: the highest vector of a set, 0 if it is empty: vectors below 16 are never in one. */
static inline uint32_t highest(uint32_t words, const uint32_t set[8])
{
    if (!words)
        return 0;
    const uint32_t word = top_bit(words);
    return word * 32 + top_bit(set[word]);
}

static inline void add(uint32_t *words, uint32_t set[8], uint32_t vector)
{
    set[vector >> 5] |= 1u << (vector & 31);
    *words |= 1u << (vector >> 5);
}

/* Takes the highest vector out of its set; returns which is the highest now, or 0. */
static inline uint32_t drop_highest(uint32_t *words, uint32_t set[8], uint32_t vector)
{
    const uint32_t word = vector >> 5;
    const uint32_t rest = set[word] & ~(1u << (vector & 31));

    set[word] = rest;
    if (rest)
        return word * 32 + top_bit(rest);
    *words &= ~(1u << word);
    return highest(*words, set);
}

static inline bool holds(const uint32_t set[8], uint32_t vector)
{
    return set[vector >> 5] >> (vector & 31) & 1;
}

/* Class of PPR (APIC-39), after TPR or ISR has changed. */
static inline void find_served(irqsim_lapic_t *la)
{
    const uint32_t task = CLASS(la->tpr), in_service = CLASS(la->isrv);

    la->served = (uint8_t)(task > in_service ? task : in_service);
}

static inline void update_intr(irqsim_lapic_t *la)
{
    /* APIC-40: the class must be higher, not equal. An empty IRR has class 0. */
    if (CLASS(la->irrv) > la->served)
        la->out |= IRQSIM_LAPIC_OUT_INTR;
    else
        la->out &= ~IRQSIM_LAPIC_OUT_INTR;
}

/* The highest leaves ISR; its vector if the I/O APICs are to hear of it, else 0. */
static inline uint32_t end_service(irqsim_lapic_t *la)
{
    const uint32_t vector = la->isrv;

    if (!vector)
        return 0; /* APIC-47 */
    la->isrv = (uint8_t)drop_highest(&la->isr_words, la->isr, vector);
    find_served(la);
    if (holds(la->tmr, vector))
        return irqsim__lapic_end_level(la, vector);
    if (la->local_waits)
        irqsim__lapic_retry_locals(la);
    else
        update_intr(la);
    return 0; /* APIC-48: an edge tells nobody */
}

/* A legal vector that has a slot. */
static inline irqsim_apic_fate_t place(irqsim_lapic_t *la, uint32_t vector, bool level)
{
    const uint32_t word = vector >> 5;
    const uint32_t bit = 1u << (vector & 31);

    if (!(la->svr & LAPIC_SVR_ENABLE))
        return IRQSIM_APIC_NOBODY; /* APIC-65 */
    if (level)
        la->tmr[word] |= bit; /* APIC-43 */
    if (la->irr[word] & bit)
        return IRQSIM_APIC_COALESCED; /* APIC-45 */
    if (!level)
        la->tmr[word] &= ~bit;
    la->irr[word] |= bit;
    la->irr_words |= 1u << word;
    if (vector > la->irrv)
        la->irrv = (uint8_t)vector;
    if (CLASS(vector) > la->served)
        la->out |= IRQSIM_LAPIC_OUT_INTR;
    return IRQSIM_APIC_ACCEPTED;
}

/* The next EOI broadcast that waits; there is one. */
static inline uint32_t take_eoi(irqsim_lapic_t *la)
{
    const uint32_t word = (uint32_t)__builtin_ctz(la->eoi_words);
    const uint32_t bit = (uint32_t)__builtin_ctz(la->eoi_queue[word]);

    la->eoi_queue[word] &= la->eoi_queue[word] - 1;
    if (!la->eoi_queue[word])
        la->eoi_words &= (uint8_t) ~(1u << word);
    return word * 32 + bit;
}

/* What nearly every message is: an interrupt with a legal vector. */
static inline bool is_plain(const irqsim_apic_msg_t *msg)
{
    return msg->mode <= IRQSIM_APIC_LOWEST && msg->assert && !msg->is_eoi &&
           msg->vector >= LOWEST_LEGAL_VECTOR;
}

static inline irqsim_apic_fate_t deliver(irqsim_lapic_t *la, const irqsim_apic_msg_t *msg)
{
    if (is_plain(msg) && !on_serial_bus(la)) /* no slots to count */
        return place(la, msg->vector, msg->level);
    return irqsim__lapic_receive(la, msg);
}

#endif
