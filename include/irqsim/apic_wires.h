/* SPDX-License-Identifier: MIT */
/*
 * irqsim/apic_wires.h - local APICs and I/O APICs that reach each other at once
 *
 *   pins -> I/O APICs --+
 *                       +--> local APICs -> INTR, EXTINT, NMI ... of the CPUs
 *   ICR writes ---------+
 *   EOI writes ------------> I/O APICs
 *
 * For boards on which messages take no time: an emulator that has no clock for them, a
 * test bench. Whoever wants the APIC bus clock by clock takes icc.h, a whole machine
 * with latencies machine.h.
 *
 * Accesses that can make a message go through the functions here; they leave nothing
 * under way. Everything else (reading registers, ack, advance, LINT pins, views) is
 * done to the chips themselves: they are in the caller's arrays. A P5 or P6 refuses a
 * message without a slot (APIC-46); it stays with its sender, and each of the calls
 * below that reaches a chip tries again, in the order of the arrays.
 *
 * Rules         APIC-47, APIC-69..80, IOAPIC-22..34
 * Threads       one at a time for all chips of one set of wires
 */
#ifndef IRQSIM_APIC_WIRES_H
#define IRQSIM_APIC_WIRES_H

#include <irqsim/apic_route.h>
#include <irqsim/ioapic.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Which chips: the caller's arrays, as long as the wires are used. */
typedef struct irqsim_apic_wires {
    irqsim_lapic_t *lapic;
    irqsim_ioapic_t *ioapic;
    uint32_t lapics, ioapics;
    irqsim_time_t now; /* of the last write: what a remote read of a timer shows    */
    uint32_t turn;     /* of lowest-priority messages (irqsim_apic_lowest)          */
    uint8_t direct;    /* each LAPIC is enabled, has no slots to count, and its ID is
                          its number, at most 254: a destination needs no search    */
    uint8_t slots;     /* a LAPIC is a P5's or P6's, which may refuse messages      */
    uint8_t pad[2];
} irqsim_apic_wires_t;

/* Chips that are initialised already. Also to be called after these were changed in
 * other ways than by the functions below: reset, a copy from a snapshot. `turn` begins
 * with 0. */
void irqsim_apic_wires_init(irqsim_apic_wires_t *w, irqsim_lapic_t *lapic, uint32_t lapics,
                            irqsim_ioapic_t *ioapic, uint32_t ioapics);

/* A pin of I/O APIC n. n < ioapics and pin < 24, else nothing happens. */
void irqsim_apic_wires_set_pin(irqsim_apic_wires_t *w, uint32_t n, unsigned pin, bool level);

/* Writes to the register page of local APIC `cpu`, to its MSRs, to the window of I/O
 * APIC n: as irqsim_lapic_write(), irqsim_lapic_wrmsr() and irqsim_ioapic_write(). No
 * such chip: nothing happens, false. */
void irqsim_apic_wires_write(irqsim_apic_wires_t *w, uint32_t cpu, uint32_t offset, uint32_t value,
                             irqsim_time_t now);
bool irqsim_apic_wires_wrmsr(irqsim_apic_wires_t *w, uint32_t cpu, uint32_t msr, uint64_t value,
                             irqsim_time_t now);
void irqsim_apic_wires_write_ioapic(irqsim_apic_wires_t *w, uint32_t n, uint32_t offset,
                                    uint32_t value);

/* An MSI or any other message that comes from outside. Returns what became of it at
 * once; one that was refused is the caller's to send again. */
irqsim_apic_fate_t irqsim_apic_wires_send(irqsim_apic_wires_t *w, const irqsim_apic_msg_t *msg);

#ifdef __cplusplus
}
#endif
#endif
