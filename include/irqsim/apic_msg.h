/* SPDX-License-Identifier: MIT */
/*
 * irqsim/apic_msg.h - interrupt messages: what travels between APICs
 *
 * IOAPIC pins, MSIs, IPIs and EOIs all become one of these, by value. Whether
 * a serial bus or the system bus carries it is the board's choice.
 */
#ifndef IRQSIM_APIC_MSG_H
#define IRQSIM_APIC_MSG_H

#include <irqsim/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Delivery modes, as encoded in ICR, LVT, RTE and MSI data (APIC-69, IOAPIC-30). */
typedef enum irqsim_apic_mode {
    IRQSIM_APIC_FIXED = 0,
    IRQSIM_APIC_LOWEST = 1,
    IRQSIM_APIC_SMI = 2,
    IRQSIM_APIC_REMOTE_READ = 3,
    IRQSIM_APIC_NMI = 4,
    IRQSIM_APIC_INIT = 5,
    IRQSIM_APIC_SIPI = 6,
    IRQSIM_APIC_EXTINT = 7
} irqsim_apic_mode_t;

typedef enum irqsim_apic_shorthand {
    IRQSIM_APIC_TO_DEST = 0,
    IRQSIM_APIC_TO_SELF = 1,
    IRQSIM_APIC_TO_ALL = 2,
    IRQSIM_APIC_TO_OTHERS = 3
} irqsim_apic_shorthand_t;

typedef enum irqsim_apic_family {
    IRQSIM_APIC_XAPIC = 0, /* default */
    IRQSIM_APIC_P5,
    IRQSIM_APIC_P6,
    IRQSIM_APIC_X2APIC
} irqsim_apic_family_t;

/* What became of a message at one LAPIC, or of its broadcast as a whole (the
 * largest value wins). */
typedef enum irqsim_apic_fate {
    IRQSIM_APIC_NOBODY = 0, /* not addressed, or software-disabled             */
    IRQSIM_APIC_ACCEPTED,   /* IRR bit set (or NMI, INIT, ... pulsed)          */
    IRQSIM_APIC_COALESCED,  /* the IRR bit was set already (APIC-45)           */
    IRQSIM_APIC_ILLEGAL,    /* vector 0-15: logged in ESR, dropped (APIC-52)   */
    IRQSIM_APIC_RETRY       /* no slot: the sender must try again (APIC-46)    */
} irqsim_apic_fate_t;

typedef struct irqsim_apic_msg {
    uint32_t dest;   /* destination field, as wide as the family has it      */
    uint32_t source; /* IRQSIM_APIC_FROM_*                                   */
    uint64_t cause;  /* event that led to it; the board's, chips pass it on  */
    uint8_t vector;
    uint8_t mode;      /* irqsim_apic_mode_t                                   */
    uint8_t logical;   /* destination mode: 1 logical                          */
    uint8_t level;     /* trigger: 1 level                                     */
    uint8_t assert;    /* 0: INIT level de-assert, or the end of a level MSI   */
    uint8_t shorthand; /* irqsim_apic_shorthand_t; IPIs only                   */
    uint8_t is_eoi;    /* 1: an EOI broadcast of `vector`, nothing else counts */
    uint8_t pad;
} irqsim_apic_msg_t;

/* Who sent a message; 0 is none of these.
 *   CPU(n)     the local APIC whose desc.apic_id is n: irqsim_lapic_bus_take() says so,
 *              and irqsim_apic_means() knows by it whom "all excluding self" leaves out.
 *              n < 7FFF0000 hex
 *   IOAPIC(p)  pin p: irqsim_ioapic_bus_take() says so. A board with several I/O APICs
 *              may add 24 times the number of each while a message is under way. p < 2^24
 *   MSI(d)     a message of no APIC; d is the board's. d < 2^24 */
#define IRQSIM_APIC_FROM_CPU(n)    (UINT32_C(0x00010000) + (n))
#define IRQSIM_APIC_FROM_IOAPIC(p) (UINT32_C(0x80000000) + (p))
#define IRQSIM_APIC_FROM_MSI(d)    (UINT32_C(0x81000000) + (d))

/* Decodes a message-signalled interrupt: address FEExxxxx and 16 data bits
 * (IOAPIC and MSI share the format). false = the address is not in FEExxxxx. */
bool irqsim_apic_msi_decode(uint64_t address, uint32_t data, irqsim_apic_msg_t *msg);

#ifdef __cplusplus
}
#endif
#endif
