/* SPDX-License-Identifier: MIT */
/*
 * irqsim/regs/ioapic_regs.h - the I/O APIC as a guest sees it
 *
 * Names only: window offsets, register indices, and for each field its mask,
 * its shift and one name per value. Guest code includes this without seeing a
 * device struct.
 */
#ifndef IRQSIM_REGS_IOAPIC_REGS_H
#define IRQSIM_REGS_IOAPIC_REGS_H

/* clang-format off */

#define IOAPIC_MMIO_BASE        0xFEC00000u
#define IOAPIC_MMIO_SIZE        0x100u

/* The memory window (IOAPIC-01..04). */
#define IOAPIC_WIN_SELECT       0x00u  /* IOREGSEL */
#define IOAPIC_WIN_DATA         0x10u  /* IOWIN */
#define IOAPIC_WIN_PIN_ASSERT   0x20u  /* ICH and VIA only */
#define IOAPIC_PIN_ASSERT_MASK  0x1Fu  /* what is written there: a pin */
#define IOAPIC_WIN_EOI          0x40u  /* version 20 and up */

/* Registers by index (IOAPIC-05..09). */
#define IOAPIC_REG_ID             0x00u
#define IOAPIC_REG_VERSION        0x01u
#define IOAPIC_REG_ARB            0x02u
#define IOAPIC_REG_BOOT_CONFIG    0x03u
#define IOAPIC_REG_RTE_LOW(pin)   (0x10u + 2u * (pin))
#define IOAPIC_REG_RTE_HIGH(pin)  (0x11u + 2u * (pin))

#define IOAPIC_ID_SHIFT         24
#define IOAPIC_ID_MASK          0x0F000000u

#define IOAPIC_VERSION_MASK       0x000000FFu
#define IOAPIC_VERSION_82093AA    0x11u
#define IOAPIC_VERSION_EOI        0x20u  /* from here on: EOI register */
#define IOAPIC_VERSION_PRQ        0x00008000u
#define IOAPIC_VERSION_MAX_SHIFT  16
#define IOAPIC_VERSION_MAX_MASK   0x00FF0000u

#define IOAPIC_BOOT_SYSTEM_BUS  0x00000001u

/* Redirection table entry, low half (IOAPIC-11..18). Delivery modes have the
 * codes of the local APIC: SIPI and remote read do not exist here. */
#define IOAPIC_RTE_VECTOR_MASK    0x000000FFu
#define IOAPIC_RTE_DM_SHIFT       8
#define IOAPIC_RTE_DM_MASK        0x00000700u
#define IOAPIC_RTE_DM_FIXED       0x00000000u
#define IOAPIC_RTE_DM_LOWEST      0x00000100u
#define IOAPIC_RTE_DM_SMI         0x00000200u
#define IOAPIC_RTE_DM_NMI         0x00000400u
#define IOAPIC_RTE_DM_INIT        0x00000500u
#define IOAPIC_RTE_DM_EXTINT      0x00000700u
#define IOAPIC_RTE_DEST_MODE_MASK 0x00000800u
#define IOAPIC_RTE_PHYSICAL       0x00000000u
#define IOAPIC_RTE_LOGICAL        0x00000800u
#define IOAPIC_RTE_PENDING        0x00001000u  /* delivery status, read only */
#define IOAPIC_RTE_ACTIVE_HIGH    0x00000000u
#define IOAPIC_RTE_ACTIVE_LOW     0x00002000u
#define IOAPIC_RTE_REMOTE_IRR     0x00004000u  /* read only */
#define IOAPIC_RTE_TRIGGER_EDGE   0x00000000u
#define IOAPIC_RTE_TRIGGER_LEVEL  0x00008000u
#define IOAPIC_RTE_MASKED         0x00010000u

/* High half: the destination (IOAPIC-20). */
#define IOAPIC_RTE_HIGH_DEST_SHIFT  24
#define IOAPIC_RTE_HIGH_DEST_MASK   0xFF000000u
#define IOAPIC_RTE_HIGH(dest)       (((dest) & 0xFFu) << IOAPIC_RTE_HIGH_DEST_SHIFT)

/* clang-format on */
#endif
