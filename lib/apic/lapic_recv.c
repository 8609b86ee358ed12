/* SPDX-License-Identifier: MIT */
/*
 * lapic_recv.c - messages that arrive: is it for me, and what does it do here
 */
#include "lapic_int.h"

#define UNUSABLE_CLUSTER 0xFu /* APIC-78 */

/* ---- is it for me ---- */

/* APIC-93: cluster in the upper half, one of 16 bits in the lower. */
uint32_t irqsim__lapic_logical_x2apic_id(const irqsim_lapic_t *la)
{
    return (la->id & 0xFFFF0u) << 12 | 1u << (la->id & 0xF);
}

static bool matches_physical(const irqsim_lapic_t *la, uint32_t dest)
{
    /* APIC-76 */
    if (on_serial_bus(la))
        return (dest & 0xF) == LAPIC_DEST_ALL_P6 || (dest & 0xF) == la->id;
    return dest == la->id || dest == (in_x2apic_mode(la) ? LAPIC_DEST_ALL_X2APIC : LAPIC_DEST_ALL);
}

static bool matches_cluster(uint32_t mda, uint32_t ldr)
{
    return mda >> 4 == ldr >> 4 && mda >> 4 != UNUSABLE_CLUSTER && (mda & ldr & 0xF) != 0;
}

static bool matches_logical(const irqsim_lapic_t *la, uint32_t mda)
{
    const uint32_t ldr = la->ldr >> LAPIC_LDR_SHIFT;

    if (mda == LAPIC_DEST_ALL)
        return true;
    switch (la->dfr) {
    case LAPIC_DFR_FLAT:
        return (mda & ldr) != 0; /* APIC-77 */
    case LAPIC_DFR_CLUSTER:
        return matches_cluster(mda, ldr); /* APIC-78 */
    default:
        return false;
    }
}

static bool matches_logical_x2apic(const irqsim_lapic_t *la, uint32_t dest)
{
    const uint32_t ldr = irqsim__lapic_logical_x2apic_id(la);

    return dest == LAPIC_DEST_ALL_X2APIC || (dest >> 16 == ldr >> 16 && (dest & ldr & 0xFFFF) != 0);
}

bool irqsim_lapic_matches(const irqsim_lapic_t *la, const irqsim_apic_msg_t *msg)
{
    if (!globally_enabled(la))
        return false;
    if (msg->mode == IRQSIM_APIC_INIT && !msg->assert)
        return on_serial_bus(la); /* APIC-33: whatever the destination */
    if (!msg->logical)
        return matches_physical(la, msg->dest);
    return in_x2apic_mode(la) ? matches_logical_x2apic(la, msg->dest)
                              : matches_logical(la, msg->dest);
}

/* ---- what it does ---- */

void irqsim__lapic_pulse(irqsim_lapic_t *la, uint32_t mode, uint32_t vector)
{
    static const uint8_t pulses[8] = {
        [IRQSIM_APIC_SMI] = IRQSIM_LAPIC_OUT_SMI,
        [IRQSIM_APIC_NMI] = IRQSIM_LAPIC_OUT_NMI,
        [IRQSIM_APIC_INIT] = IRQSIM_LAPIC_OUT_INIT,
        [IRQSIM_APIC_SIPI] = IRQSIM_LAPIC_OUT_SIPI,
    };

    if (mode == IRQSIM_APIC_INIT)
        irqsim_lapic_reset(la, IRQSIM_LAPIC_RESET_INIT); /* APIC-32 */
    if (mode == IRQSIM_APIC_SIPI)
        la->sipi_vector = (uint8_t)vector; /* APIC-73 */
    la->out |= pulses[mode];
}

/* APIC-42: these pass by IRR, ISR and PPR. */
static irqsim_apic_fate_t receive_signal(irqsim_lapic_t *la, const irqsim_apic_msg_t *msg)
{
    if (!globally_enabled(la) || is_deaf_to(la, msg->mode) || msg->mode == IRQSIM_APIC_REMOTE_READ)
        return IRQSIM_APIC_NOBODY;
    if (msg->mode == IRQSIM_APIC_INIT && !msg->assert) {
        if (on_serial_bus(la))
            la->arb_id = la->id & 0xF; /* APIC-33 */
    } else if (msg->mode == IRQSIM_APIC_EXTINT) {
        la->extint_latched = 1;
        la->out |= IRQSIM_LAPIC_OUT_EXTINT;
    } else {
        irqsim__lapic_pulse(la, msg->mode & 7, msg->vector);
    }
    return IRQSIM_APIC_ACCEPTED;
}

irqsim_apic_fate_t irqsim__lapic_receive(irqsim_lapic_t *la, const irqsim_apic_msg_t *msg)
{
    if (msg->is_eoi)
        return IRQSIM_APIC_NOBODY;
    if (msg->mode > IRQSIM_APIC_LOWEST)
        return receive_signal(la, msg);
    if (msg->level && !msg->assert)
        return IRQSIM_APIC_NOBODY; /* the end of a level MSI asks for nothing */
    return irqsim__lapic_accept(la, msg->vector, msg->level);
}
