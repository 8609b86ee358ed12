/* SPDX-License-Identifier: MIT */
/*
 * lapic_irq.c - IRR, ISR, TMR and the priorities between them
 *
 * A vector enters IRR, waits until its class beats PPR, moves to ISR at the
 * CPU's acknowledge and leaves at EOI. irr_words and isr_words say which words
 * are in use, so the highest vector is two count-leading-zeros away; it is found
 * once, when one leaves. OUT_INTR is right after every call; nobody recomputes it
 * when asking.
 */
#include "lapic_irr.h"

void irqsim__lapic_update_intr(irqsim_lapic_t *la)
{
    update_intr(la);
}

void irqsim__lapic_tpr_write(irqsim_lapic_t *la, uint32_t tpr)
{
    la->tpr = tpr;
    find_served(la);
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

irqsim_apic_fate_t irqsim_lapic_deliver(irqsim_lapic_t *la, const irqsim_apic_msg_t *msg)
{
    return deliver(la, msg);
}

/* ---- the CPU's side ---- */

uint8_t irqsim_lapic_ack(irqsim_lapic_t *la)
{
    if (!(la->out & IRQSIM_LAPIC_OUT_INTR))
        return (uint8_t)la->svr; /* APIC-49: spurious, ISR untouched */

    const uint32_t vector = la->irrv; /* APIC-44 */
    la->irrv = (uint8_t)drop_highest(&la->irr_words, la->irr, vector);
    add(&la->isr_words, la->isr, vector);
    la->isrv = (uint8_t)vector;
    la->served = (uint8_t)CLASS(vector); /* it was higher than TPR's */
    la->out &= ~IRQSIM_LAPIC_OUT_INTR;   /* nothing left can beat its class */
    return (uint8_t)vector;
}

void irqsim__lapic_eoi(irqsim_lapic_t *la)
{
    const uint32_t vector = end_service(la);

    if (vector)
        irqsim__lapic_queue_eoi(la, vector);
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
    return (uint8_t)(CLASS(la->tpr) >= CLASS(la->isrv) ? la->tpr : CLASS(la->isrv)); /* APIC-39 */
}

uint8_t irqsim_lapic_apr(const irqsim_lapic_t *la)
{
    const uint32_t task = CLASS(la->tpr);
    const uint32_t in_service = CLASS(la->isrv), requested = CLASS(la->irrv);
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
    return la->irrv ? la->irrv : -1;
}

int irqsim_lapic_isrv(const irqsim_lapic_t *la)
{
    return la->isrv ? la->isrv : -1;
}
