/* SPDX-License-Identifier: MIT */
/*
 * msi.c - a write to FEExxxxx, read as an interrupt message (APIC-69)
 */
#include <irqsim/apic_msg.h>
#include <irqsim/regs/lapic_regs.h>

bool irqsim_apic_msi_decode(uint64_t address, uint32_t data, irqsim_apic_msg_t *msg)
{
    if ((address & ~(uint64_t)(LAPIC_MMIO_SIZE * 256u - 1)) != MSI_ADDRESS_BASE)
        return false;

    const uint8_t mode = (uint8_t)((data & LAPIC_DM_MASK) >> LAPIC_DM_SHIFT);
    const bool level = mode <= IRQSIM_APIC_LOWEST && data & MSI_DATA_TRIGGER_LEVEL;
    *msg = (irqsim_apic_msg_t){
        .dest = ((uint32_t)address & MSI_ADDRESS_DEST_MASK) >> MSI_ADDRESS_DEST_SHIFT,
        .vector = (uint8_t)data,
        .mode = mode, /* IOAPIC-30: signals are edges, whatever the trigger says */
        .logical = (address & MSI_ADDRESS_LOGICAL) != 0,
        .level = level,
        .assert = !level || (data & MSI_DATA_ASSERT),
    };
    return true;
}
