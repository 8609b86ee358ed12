/* SPDX-License-Identifier: MIT */
/* lapic_ops.c - the local APIC as the kernel uses it: by MMIO, or by x2APIC MSRs */
#include <irqsim/regs/lapic_regs.h>

#include "kernel_int.h"

static void lapic_write(irqsim_kernel_t *k, kcpu_t *c, uint32_t reg, uint32_t value)
{
    if (k->x2apic)
        (void)irqsim_guest_wrmsr(k->m, c->nr, MSR_X2APIC(reg), value);
    else
        irqsim_guest_write(k->m, c->nr, LAPIC_MMIO_BASE + reg, value);
}

void irqsim__kernel_lapic_eoi(irqsim_kernel_t *k, kcpu_t *c)
{
    lapic_write(k, c, LAPIC_REG_EOI, 0);
}

static void enable_x2apic(irqsim_kernel_t *k, kcpu_t *c)
{
    uint64_t base = 0;

    (void)irqsim_guest_rdmsr(k->m, c->nr, MSR_IA32_APIC_BASE, &base);
    (void)irqsim_guest_wrmsr(k->m, c->nr, MSR_IA32_APIC_BASE, base | APIC_BASE_EN | APIC_BASE_EXTD);
}

void irqsim__kernel_lapic_init(irqsim_kernel_t *k, kcpu_t *c)
{
    if (k->x2apic) {
        enable_x2apic(k, c);
    } else {
        lapic_write(k, c, LAPIC_REG_DFR, LAPIC_DFR_FLAT);
        lapic_write(k, c, LAPIC_REG_LDR, UINT32_C(1) << (LAPIC_LDR_SHIFT + c->nr % 8));
    }
    lapic_write(k, c, LAPIC_REG_TPR, 0);
    lapic_write(k, c, LAPIC_REG_SVR, LAPIC_SVR_ENABLE | k->era->vector[IRQSIM_SYSVEC_SPURIOUS]);
    lapic_write(k, c, LAPIC_REG_LVT_ERROR, k->era->vector[IRQSIM_SYSVEC_ERROR]);
    lapic_write(k, c, LAPIC_REG_TIMER_DIVIDE, LAPIC_DIVIDE_BY_16);
    lapic_write(k, c, LAPIC_REG_LVT_TIMER,
                LAPIC_LVT_TIMER_PERIODIC | k->era->vector[IRQSIM_SYSVEC_LOCAL_TIMER]);
}

void irqsim__kernel_lapic_tick(irqsim_kernel_t *k, kcpu_t *c, bool on)
{
    const uint64_t per_tick = (k->profile->bus_hz / 16 + k->desc.hz / 2) / k->desc.hz;

    c->tick_on = on;
    lapic_write(k, c, LAPIC_REG_TIMER_INITIAL, on ? (uint32_t)(per_tick ? per_tick : 1) : 0);
}

void irqsim__kernel_lapic_ipi(irqsim_kernel_t *k, kcpu_t *c, unsigned target, uint8_t vector)
{
    const uint32_t low = LAPIC_DM_FIXED | LAPIC_ICR_ASSERT | vector;

    if (k->x2apic) {
        (void)irqsim_guest_wrmsr(k->m, c->nr, MSR_X2APIC_ICR, (uint64_t)target << 32 | low);
        return;
    }
    lapic_write(k, c, LAPIC_REG_ICR_HIGH, target << LAPIC_ICR_HIGH_DEST_SHIFT); /* IPI-01 */
    lapic_write(k, c, LAPIC_REG_ICR_LOW, low);
}

/* The shorthand says who; a destination would not be looked at. */
void irqsim__kernel_lapic_ipi_others(irqsim_kernel_t *k, kcpu_t *c, uint8_t vector)
{
    const uint32_t low = LAPIC_DM_FIXED | LAPIC_ICR_ASSERT | LAPIC_ICR_TO_OTHERS | vector;

    if (k->x2apic)
        (void)irqsim_guest_wrmsr(k->m, c->nr, MSR_X2APIC_ICR, low);
    else
        lapic_write(k, c, LAPIC_REG_ICR_LOW, low);
}
