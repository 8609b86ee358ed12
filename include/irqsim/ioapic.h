/* SPDX-License-Identifier: MIT */
/*
 * irqsim/ioapic.h - one I/O APIC with 24 redirection entries (82093AA and on)
 *
 *   INTIN0..23 --->+------------------------+
 *   MMIO       <==>| IOREGSEL IOWIN [EOI]   |---> MSG  a message waits
 *                  | 24 redirection entries |
 *                  +-----------+------------+
 *                              |  bus_take / bus_done, eoi
 *                      whatever bus the board has
 *
 * Works on the asserted state of a pin: raw level XOR polarity (IOAPIC-38).
 *
 * Guest-visible names are in <irqsim/regs/ioapic_regs.h>.
 *
 * Rules         IOAPIC-01..IOAPIC-38 (docs/rules/IOAPIC.md)
 */
#ifndef IRQSIM_IOAPIC_H
#define IRQSIM_IOAPIC_H

#include <irqsim/apic_msg.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IRQSIM_IOAPIC_PINS    24
#define IRQSIM_IOAPIC_OUT_MSG (UINT32_C(1) << 0)

typedef struct irqsim_ioapic_desc {
    uint8_t id;      /* initial value of the ID register                        */
    uint8_t version; /* 0 = 20 hex (with EOI register); 11 hex = 82093AA        */
    bool pin_assert; /* ICH and VIA: a pin can be asserted by a write of its
                        number, VER bit 15 says so (IOAPIC-03)                  */
} irqsim_ioapic_desc_t;

/* The whole part: plain bytes, no pointers. */
typedef struct irqsim_ioapic {
    uint64_t rte[IRQSIM_IOAPIC_PINS]; /* as the guest reads them but for bits 12
                                         and 14, which are below                */
    uint32_t in;                      /* raw pin levels                                         */
    uint32_t pending;                 /* per pin: wants to send (edge latched, or level active) */
    uint32_t busy;                    /* per pin: message taken, fate not yet known (bit 12)    */
    uint32_t remote;                  /* per pin: remote IRR (bit 14)                           */
    uint32_t unheard;                 /* per pin: nobody took its last level message; not
                         sent again until the line falls, the entry is written or
                         irqsim_ioapic_listeners_changed()                      */
    uint32_t stale;                   /* per pin: while its message was under way the entry was
                         written, or who listens has changed ...                */
    uint32_t turned;                  /* ... and the trigger is not the message's any more      */
    uint32_t lost;                    /* per pin: an edge came while masked or busy; cleared by
                         irqsim_ioapic_take_lost()                              */
    uint32_t refused;                 /* per pin: its last message was; others go first         */
    uint32_t written;                 /* per pin: asserted by a write, level triggered and not
                         yet accepted                                           */
    uint32_t out;
    uint32_t low, level, closed; /* per pin, from the entries: active low; level
                                    triggered; masked or of a reserved mode     */
    uint8_t id, arb;             /* four bits each, not shifted */
    uint8_t index, version, boot_config, initial_id;
    uint8_t has_pin_assert, pad[1];
} irqsim_ioapic_t;

/* Power-up state. desc is copied; NULL = all defaults. The caller owns the memory;
 * there is nothing to free. */
void irqsim_ioapic_init(irqsim_ioapic_t *io, const irqsim_ioapic_desc_t *desc);
void irqsim_ioapic_reset(irqsim_ioapic_t *io);

/* Register window, offset 0..FF: 00 IOREGSEL, 10 IOWIN, 20 pin assertion (if it has
 * one), 40 EOI (version 20 up, or with pin assertion). */
uint32_t irqsim_ioapic_read(irqsim_ioapic_t *io, uint32_t offset);
void irqsim_ioapic_write(irqsim_ioapic_t *io, uint32_t offset, uint32_t value);

/* Drives all pins at once (bit n = INTINn); returns the new outputs. */
uint32_t irqsim_ioapic_set_in(irqsim_ioapic_t *io, uint32_t levels);
/* One pin; the others keep their level. pin < 24, else nothing happens. */
uint32_t irqsim_ioapic_set_pin(irqsim_ioapic_t *io, unsigned pin, bool level);

/* Bus side. bus_take: the next message, lowest pin first, but refused ones behind
 * the others (IOAPIC-21); its source is IRQSIM_APIC_FROM_IOAPIC(pin). bus_done: its
 * fate; RETRY queues it again, acceptance of a level message sets remote IRR
 * (IOAPIC-24). A level that NOBODY took keeps silent, or it would flood the bus.
 * A pin whose message is not under way has none to be done. */
bool irqsim_ioapic_bus_take(irqsim_ioapic_t *io, irqsim_apic_msg_t *msg);
void irqsim_ioapic_bus_done(irqsim_ioapic_t *io, unsigned pin, irqsim_apic_fate_t fate);
/* Some local APIC may listen to other messages than before: levels that nobody took
 * are sent once more (IOAPIC-24). A board calls this when a guest has written a LAPIC's
 * ID, LDR, DFR, SVR or IA32_APIC_BASE. Returns the new outputs. */
uint32_t irqsim_ioapic_listeners_changed(irqsim_ioapic_t *io);
/* An EOI message for `vector` arrives (IOAPIC-29). Returns the mask of pins
 * whose remote IRR it cleared. */
uint32_t irqsim_ioapic_eoi(irqsim_ioapic_t *io, uint8_t vector);

/* Pins that lost an edge to a mask or a message under way since the last call
 * (IOAPIC-22, IOAPIC-23); clears them. */
uint32_t irqsim_ioapic_take_lost(irqsim_ioapic_t *io);

/* True if the members that follow from others do: what a snapshot from outside must be. */
bool irqsim_ioapic_is_sound(const irqsim_ioapic_t *io);

/* Entry as the guest would read it, both halves; 0 if there is none. No side effects. */
uint64_t irqsim_ioapic_rte(const irqsim_ioapic_t *io, unsigned pin);

#ifdef __cplusplus
}
#endif
#endif
