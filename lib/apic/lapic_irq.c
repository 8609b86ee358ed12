/* SPDX-License-Identifier: MIT */
/*
 * lapic_irq.c - IRR, ISR, TMR and the priorities between them
 *
 * A vector enters IRR, waits until its class beats PPR, moves to ISR at the
 * CPU's acknowledge and leaves at EOI. irr_words and isr_words say which words
 * are in use, so the highest vector is two count-leading-zeros away. OUT_INTR
 * is right after every call; nobody recomputes it when asking.
 */
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

static inline void drop(uint32_t *words, uint32_t set[8], uint32_t vector)
{
    set[vector >> 5] &= ~(1u << (vector & 31));
    if (!set[vector >> 5])
        *words &= ~(1u << (vector >> 5));
}

static inline bool holds(const uint32_t set[8], uint32_t vector)
{
    return set[vector >> 5] >> (vector & 31) & 1;
}

/* Class of PPR (APIC-39), in place: bits 7:4. */
static inline uint32_t served_class(const irqsim_lapic_t *la)
{
    const uint32_t in_service = CLASS(highest(la->isr_words, la->isr));
    const uint32_t task = CLASS(la->tpr);

    return task > in_service ? task : in_service;
}

static inline void update_intr(irqsim_lapic_t *la)
{
    /* APIC-40: the class must be higher, not equal. An empty IRR has class 0. */
    if (la->irr_words && CLASS(highest(la->irr_words, la->irr)) > served_class(la))
        la->out |= IRQSIM_LAPIC_OUT_INTR;
    else
        la->out &= ~IRQSIM_LAPIC_OUT_INTR;
}

void irqsim__lapic_update_intr(irqsim_lapic_t *la)
{
    update_intr(la);
}

void irqsim__lapic_tpr_write(irqsim_lapic_t *la, uint32_t tpr)
{
    la->tpr = tpr;
    update_intr(la);
}

/* ---- into IRR ---- */

/* APIC-46: P5 and P6 hold two requests of a class (or of a vector), in IRR and
 * ISR together. A further one is refused, even for a vector already in IRR. */
static bool slots_full(const irqsim_lapic_t *la, uint32_t vector)
{
    const bool per_vector = la->variants & IRQSIM_LAPIC_VARIANT_SLOTS_PER_VECTOR;
    const uint32_t mask =
        per_vector ? 1u << (vector & 31) : UINT32_C(0xFFFF) << (CLASS(vector) & 31);
    const uint32_t irr = la->irr[vector >> 5] & mask;
    const uint32_t isr = la->isr[vector >> 5] & mask;

    return (irr && isr) || (irr & (irr - 1)); /* ISR never holds two of a class: APIC-40 */
}

bool irqsim__lapic_has_slot(const irqsim_lapic_t *la, uint32_t vector)
{
    return !on_serial_bus(la) || !slots_full(la, vector);
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
    if (CLASS(vector) > served_class(la))
        la->out |= IRQSIM_LAPIC_OUT_INTR;
    return IRQSIM_APIC_ACCEPTED;
}

irqsim_apic_fate_t irqsim__lapic_enter_irr(irqsim_lapic_t *la, uint32_t vector, bool level)
{
    if (la->svr & LAPIC_SVR_ENABLE && on_serial_bus(la) && slots_full(la, vector))
        return IRQSIM_APIC_RETRY;
    return place(la, vector, level);
}

irqsim_apic_fate_t irqsim__lapic_accept(irqsim_lapic_t *la, uint32_t vector, bool level)
{
    if (vector < LOWEST_LEGAL_VECTOR) { /* APIC-50.6, APIC-52 */
        irqsim__lapic_log_error(la, LAPIC_ESR_RECV_VECTOR);
        return IRQSIM_APIC_ILLEGAL;
    }
    return irqsim__lapic_enter_irr(la, vector, level);
}

/* ---- messages ---- */

/* What nearly every message is: an edge with a legal vector, no slots to count. */
static inline bool is_plain(const irqsim_lapic_t *la, const irqsim_apic_msg_t *msg)
{
    return msg->mode <= IRQSIM_APIC_LOWEST && !(msg->level | msg->is_eoi) &&
           msg->vector >= LOWEST_LEGAL_VECTOR && !on_serial_bus(la);
}

irqsim_apic_fate_t irqsim_lapic_deliver(irqsim_lapic_t *la, const irqsim_apic_msg_t *msg)
{
    return is_plain(la, msg) ? place(la, msg->vector, false) : irqsim__lapic_receive(la, msg);
}

/* ---- the CPU's side ---- */

int irqsim_lapic_pending(const irqsim_lapic_t *la)
{
    if (!(la->out & IRQSIM_LAPIC_OUT_INTR))
        return -1;
    return (int)highest(la->irr_words, la->irr);
}

uint8_t irqsim_lapic_ack(irqsim_lapic_t *la)
{
    if (!(la->out & IRQSIM_LAPIC_OUT_INTR))
        return (uint8_t)la->svr; /* APIC-49: spurious, ISR untouched */

    const uint32_t vector = highest(la->irr_words, la->irr); /* APIC-44 */
    drop(&la->irr_words, la->irr, vector);
    add(&la->isr_words, la->isr, vector);
    la->out &= ~IRQSIM_LAPIC_OUT_INTR; /* nothing left can beat its class */
    return (uint8_t)vector;
}

void irqsim__lapic_eoi(irqsim_lapic_t *la)
{
    if (!la->isr_words)
        return; /* APIC-47 */

    const uint32_t vector = highest(la->isr_words, la->isr);
    drop(&la->isr_words, la->isr, vector);
    if (holds(la->tmr, vector))
        irqsim__lapic_end_level(la, vector);
    else if (la->local_waits)
        irqsim__lapic_retry_locals(la);
    else
        update_intr(la); /* APIC-48: an edge tells nobody */
}

void irqsim_lapic_extint_taken(irqsim_lapic_t *la)
{
    la->extint_latched = 0;
    irqsim__lapic_settle_lints(la);
}

uint32_t irqsim_lapic_take_pulses(irqsim_lapic_t *la)
{
    const uint32_t pulses = la->out & (IRQSIM_LAPIC_OUT_NMI | IRQSIM_LAPIC_OUT_SMI |
                                       IRQSIM_LAPIC_OUT_INIT | IRQSIM_LAPIC_OUT_SIPI);
    la->out &= ~pulses;
    return pulses;
}

/* APIC-96 */
uint8_t irqsim_lapic_cr8(const irqsim_lapic_t *la)
{
    return (uint8_t)(la->tpr >> LAPIC_PRIORITY_CLASS_SHIFT);
}

void irqsim_lapic_set_cr8(irqsim_lapic_t *la, uint8_t cr8)
{
    irqsim__lapic_tpr_write(la, (uint32_t)(cr8 & 0xF) << LAPIC_PRIORITY_CLASS_SHIFT);
}

/* ---- views ---- */

uint8_t irqsim_lapic_ppr(const irqsim_lapic_t *la)
{
    const uint32_t in_service = CLASS(highest(la->isr_words, la->isr));

    return (uint8_t)(CLASS(la->tpr) >= in_service ? la->tpr : in_service); /* APIC-39 */
}

uint8_t irqsim_lapic_apr(const irqsim_lapic_t *la)
{
    const uint32_t task = CLASS(la->tpr);
    const uint32_t in_service = CLASS(highest(la->isr_words, la->isr));
    const uint32_t requested = CLASS(highest(la->irr_words, la->irr));
    const uint32_t higher = task > in_service ? task : in_service;
    const bool printed = la->variants & IRQSIM_LAPIC_VARIANT_APR_PRINTED;
    const uint32_t working = printed ? task & in_service : higher;

    if (task >= requested && task > in_service) /* APIC-41 */
        return (uint8_t)la->tpr;
    return (uint8_t)(working > requested ? working : requested);
}

bool irqsim_lapic_has_focus(const irqsim_lapic_t *la, uint8_t vector)
{
    return holds(la->irr, vector) || holds(la->isr, vector); /* APIC-80 */
}

int irqsim_lapic_irrv(const irqsim_lapic_t *la)
{
    return la->irr_words ? (int)highest(la->irr_words, la->irr) : -1;
}

int irqsim_lapic_isrv(const irqsim_lapic_t *la)
{
    return la->isr_words ? (int)highest(la->isr_words, la->isr) : -1;
}
