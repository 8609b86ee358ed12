/* SPDX-License-Identifier: MIT */
/*
 * icc_int.h - what the files of the APIC bus share
 *
 *   icc.c         agents, arbitration, what happens when
 *   icc_cycles.c  what a message looks like on the wires
 *   icc_status.c  what its receivers answer, and what that means
 */
#ifndef IRQSIM_ICC_INT_H
#define IRQSIM_ICC_INT_H

#include <irqsim/icc.h>

/* ---- icc_cycles.c ---- */

/* Where a kind of message has what, by cycle. */
typedef struct layout {
    uint8_t cycles;      /* with the idle one                          */
    uint8_t first, last; /* under the checksum, which comes next       */
    uint8_t a, a1;       /* status                                     */
    uint8_t late;        /* status after the extra cycles; 0 = none    */
} layout_t;

const layout_t *irqsim__icc_layout(irqsim_icc_kind_t kind);
/* A cycle's value as the agents drive it; the wire may have another. */
void irqsim__icc_put(irqsim_icc_t *bus, unsigned k, unsigned value);
unsigned irqsim__icc_get(const irqsim_icc_t *bus, unsigned k);
/* bus->msg to its cycles up to the checksum, and to bus->heard. */
void irqsim__icc_put_message(irqsim_icc_t *bus, unsigned arb_id);
/* Does the checksum that came fit the data that came? */
bool irqsim__icc_message_is_good(const irqsim_icc_t *bus);
void irqsim__icc_put_bid(irqsim_icc_t *bus, unsigned apr, unsigned arb_id);
/* Data, its status and its checksum; then what came of them. */
void irqsim__icc_put_data(irqsim_icc_t *bus, uint32_t data, bool valid);
bool irqsim__icc_data_is_good(const irqsim_icc_t *bus);  /* its checksum */
bool irqsim__icc_data_is_valid(const irqsim_icc_t *bus); /* its status   */
uint32_t irqsim__icc_get_data(const irqsim_icc_t *bus);

/* ---- icc_status.c ---- */

/* One row of ICC-50. */
typedef struct verdict {
    uint8_t of;      /* what: verdict_of_t                       */
    uint8_t a, a1;   /* sets of values: bit v = value v          */
    uint8_t outcome; /* irqsim_icc_outcome_t                     */
    uint8_t rotates; /* arbitration IDs                          */
    uint8_t told;    /* irqsim_apic_fate_t, the sender           */
    uint8_t sender_esr, receiver_esr;
} verdict_t;

/* The receivers drive the status cycles A and A1; what these say, with the
 * disturbance there may be. */
const verdict_t *irqsim__icc_status(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents);
/* Those with a slot bid in cycles 21..32, by the Arb IDs that are rotated already; the
 * winner drives A2. */
void irqsim__icc_bid(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents);
const verdict_t *irqsim__icc_late_status(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents);
/* Those who took the message have it; bus->fate says who. */
void irqsim__icc_deliver(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents);

#endif
