/* SPDX-License-Identifier: MIT */
/*
 * lapic_msr.c - the local APIC through MSRs: IA32_APIC_BASE, IA32_TSC_DEADLINE
 * and the x2APIC view of the register page
 */
#include "lapic_int.h"

/* ---- IA32_APIC_BASE ---- */

/* EN and EXTD as a number: 0 disabled, 1 xAPIC, 2 invalid, 3 x2APIC. */
static unsigned mode_of(uint64_t base)
{
    return (base & APIC_BASE_EN ? 1u : 0u) | (base & APIC_BASE_EXTD ? 2u : 0u);
}

/* APIC-35: bit `to` of row `from`. */
static const uint8_t transitions[4] = {
    [0] = 1u << 0 | 1u << 1,
    [1] = 1u << 0 | 1u << 1 | 1u << 3,
    [3] = 1u << 0 | 1u << 3,
};

/* APIC-34, APIC-35 */
static bool base_is_legal(const irqsim_lapic_t *la, uint64_t value)
{
    uint64_t known = APIC_BASE_BSP | APIC_BASE_EN | APIC_BASE_PAGE_MASK;

    if (la->family == IRQSIM_APIC_X2APIC)
        known |= APIC_BASE_EXTD;
    return !(value & ~known) && transitions[mode_of(la->apic_base)] >> mode_of(value) & 1;
}

static void enter_mode(irqsim_lapic_t *la, unsigned from, unsigned to)
{
    if (from == to)
        return;
    if (to == 3)
        la->id = la->topology_id; /* APIC-01: all 32 bits */
    else /* APIC-37: whoever comes back from disabled finds the power-up state */
        irqsim__lapic_load_ids(la);
    if (from == 0 || to == 0)
        irqsim__lapic_clear(la);
}

static bool write_base(irqsim_lapic_t *la, uint64_t value)
{
    const unsigned from = mode_of(la->apic_base);

    if (!base_is_legal(la, value))
        return false;
    if (from == 0 && on_serial_bus(la))
        value &= ~(uint64_t)APIC_BASE_EN; /* APIC-36: disabled until RESET */
    la->apic_base = (value & ~(uint64_t)APIC_BASE_BSP) | (la->bsp ? APIC_BASE_BSP : 0);
    enter_mode(la, from, mode_of(value));
    return true;
}

/* ---- x2APIC ---- */

/* The row behind an MSR of 800..BFF, NULL where it is #GP (APIC-90). */
static const reg_t *msr_reg(const irqsim_lapic_t *la, uint32_t msr, access_t wanted)
{
    const uint32_t slot = msr - MSR_X2APIC_FIRST;

    if (!in_x2apic_mode(la) || slot >= 64)
        return NULL;
    const reg_t *reg = irqsim__lapic_reg(la, slot);
    return reg && (reg->msr & wanted) ? reg : NULL;
}

static bool read_reg(irqsim_lapic_t *la, uint32_t msr, uint64_t *value, irqsim_time_t now)
{
    const reg_t *reg = msr_reg(la, msr, RO);

    if (!reg)
        return false;
    *value = reg->read(la, reg, now);
    if (msr == MSR_X2APIC_ICR)
        *value |= (uint64_t)la->icr_high << 32; /* APIC-92 */
    return true;
}

static bool write_reg(irqsim_lapic_t *la, uint32_t msr, uint64_t value, irqsim_time_t now)
{
    const reg_t *reg = msr_reg(la, msr, WO);

    if (!reg)
        return false;

    const uint32_t writable = irqsim__lapic_writable(la, reg);
    uint64_t legal = writable | reg->kept;
    if (msr == MSR_X2APIC_ICR)
        legal |= (uint64_t)UINT32_MAX << 32;
    if (value & ~legal)
        return false; /* APIC-90: reserved bits; APIC-91: EOI and ESR take 0 only */
    if (msr == MSR_X2APIC_ICR)
        la->icr_high = (uint32_t)(value >> 32);
    reg->write(la, reg, (uint32_t)value & writable, now);
    return true;
}

/* ---- the guest's side ---- */

bool irqsim_lapic_rdmsr(irqsim_lapic_t *la, uint32_t msr, uint64_t *value, irqsim_time_t now)
{
    switch (msr) {
    case MSR_IA32_APIC_BASE:
        if (la->family == IRQSIM_APIC_P5)
            return false; /* the MSR came with the P6 */
        *value = la->apic_base;
        return true;
    case MSR_IA32_TSC_DEADLINE:
        if (!la->has_tsc_deadline)
            return false;
        irqsim_lapic_advance(la, now);
        *value = la->tsc_deadline;
        return true;
    default:
        return msr >= MSR_X2APIC_FIRST && msr <= MSR_X2APIC_LAST && read_reg(la, msr, value, now);
    }
}

bool irqsim_lapic_wrmsr(irqsim_lapic_t *la, uint32_t msr, uint64_t value, irqsim_time_t now)
{
    /* One EOI per interrupt: without this row of lapic_regs.def it costs 60
     * instructions less. */
    if (msr == MSR_X2APIC_EOI && !value && in_x2apic_mode(la)) {
        irqsim__lapic_eoi(la);
        return true;
    }
    switch (msr) {
    case MSR_IA32_APIC_BASE:
        return la->family != IRQSIM_APIC_P5 && write_base(la, value);
    case MSR_IA32_TSC_DEADLINE:
        if (la->has_tsc_deadline)
            irqsim__lapic_tsc_deadline(la, value, now);
        return la->has_tsc_deadline;
    default:
        return msr >= MSR_X2APIC_FIRST && msr <= MSR_X2APIC_LAST && write_reg(la, msr, value, now);
    }
}
