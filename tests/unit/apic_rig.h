/* SPDX-License-Identifier: MIT */
/*
 * apic_rig.h - local APICs ready to use, for the APIC tests
 */
#ifndef IRQSIM_TESTS_APIC_RIG_H
#define IRQSIM_TESTS_APIC_RIG_H

#include <irqsim/ioapic.h>
#include <irqsim/lapic.h>
#include <irqsim/regs/ioapic_regs.h>
#include <irqsim/regs/lapic_regs.h>

#include "unit.h"

#define NS        IRQSIM_PS_PER_NS
#define SPURIOUS  0xFFu
#define X2APIC_ON (APIC_BASE_EN | APIC_BASE_EXTD | LAPIC_MMIO_BASE)

/* As after reset. The timer counts nanoseconds before its divider. */
static inline irqsim_lapic_t lapic_at_reset(irqsim_apic_family_t family, uint32_t id)
{
    const irqsim_lapic_desc_t desc = {.family = family, .apic_id = id, .tsc_deadline = true};
    irqsim_lapic_t la;
    irqsim_lapic_init(&la, &desc);
    return la;
}

static inline irqsim_lapic_t lapic_of(irqsim_apic_family_t family, uint32_t id)
{
    irqsim_lapic_t la = lapic_at_reset(family, id);
    irqsim_lapic_write(&la, LAPIC_REG_SVR, LAPIC_SVR_ENABLE | SPURIOUS, 0);
    return la;
}

static inline irqsim_lapic_t lapic(void)
{
    return lapic_of(IRQSIM_APIC_XAPIC, 0);
}

static inline irqsim_lapic_t lapic_in_x2apic_mode(uint32_t id)
{
    irqsim_lapic_t la = lapic_of(IRQSIM_APIC_X2APIC, id);
    ck_assert(irqsim_lapic_wrmsr(&la, MSR_IA32_APIC_BASE, X2APIC_ON, 0));
    return la;
}

static inline void put(irqsim_lapic_t *la, uint32_t offset, uint32_t value)
{
    irqsim_lapic_write(la, offset, value, 0);
}

static inline uint32_t get(irqsim_lapic_t *la, uint32_t offset)
{
    return irqsim_lapic_read(la, offset, 0);
}

static inline void eoi(irqsim_lapic_t *la)
{
    put(la, LAPIC_REG_EOI, 0);
}

static inline irqsim_apic_fate_t fixed(irqsim_lapic_t *la, unsigned vector, bool level)
{
    const irqsim_apic_msg_t msg = {.vector = (uint8_t)vector, .level = level, .assert = 1};
    return irqsim_lapic_deliver(la, &msg);
}

/* Errors so far; reading them this way forgets them (APIC-51). */
static inline uint32_t errors(irqsim_lapic_t *la)
{
    put(la, LAPIC_REG_ESR, 0);
    return get(la, LAPIC_REG_ESR);
}

static inline bool bit_of(irqsim_lapic_t *la, uint32_t first_word, unsigned vector)
{
    return get(la, first_word + 0x10 * (vector / 32)) >> (vector % 32) & 1;
}

static inline bool in_irr(irqsim_lapic_t *la, unsigned vector)
{
    return bit_of(la, LAPIC_REG_IRR(0), vector);
}

static inline bool in_isr(irqsim_lapic_t *la, unsigned vector)
{
    return bit_of(la, LAPIC_REG_ISR(0), vector);
}

static inline bool in_tmr(irqsim_lapic_t *la, unsigned vector)
{
    return bit_of(la, LAPIC_REG_TMR(0), vector);
}

static inline void ioapic_write(irqsim_ioapic_t *io, uint32_t index, uint32_t value)
{
    irqsim_ioapic_write(io, IOAPIC_WIN_SELECT, index);
    irqsim_ioapic_write(io, IOAPIC_WIN_DATA, value);
}

static inline uint32_t ioapic_read(irqsim_ioapic_t *io, uint32_t index)
{
    irqsim_ioapic_write(io, IOAPIC_WIN_SELECT, index);
    return irqsim_ioapic_read(io, IOAPIC_WIN_DATA);
}

#endif
