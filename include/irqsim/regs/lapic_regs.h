/* SPDX-License-Identifier: MIT */
/*
 * irqsim/regs/lapic_regs.h - the local APIC as a guest sees it
 *
 * Names only: offsets, MSR numbers, and for each field its mask, its shift and
 * one name per value. Guest code includes this without seeing a device struct.
 */
#ifndef IRQSIM_REGS_LAPIC_REGS_H
#define IRQSIM_REGS_LAPIC_REGS_H

/* clang-format off */

#define LAPIC_MMIO_BASE   0xFEE00000u
#define LAPIC_MMIO_SIZE   0x1000u

/* Offsets in the register page (APIC-01..27). ISR, TMR and IRR are eight
 * registers each; n = vector / 32. */
#define LAPIC_REG_ID            0x020u
#define LAPIC_REG_VERSION       0x030u
#define LAPIC_REG_TPR           0x080u
#define LAPIC_REG_APR           0x090u
#define LAPIC_REG_PPR           0x0A0u
#define LAPIC_REG_EOI           0x0B0u
#define LAPIC_REG_RRD           0x0C0u
#define LAPIC_REG_LDR           0x0D0u
#define LAPIC_REG_DFR           0x0E0u
#define LAPIC_REG_SVR           0x0F0u
#define LAPIC_REG_ISR(n)        (0x100u + 0x10u * (n))
#define LAPIC_REG_TMR(n)        (0x180u + 0x10u * (n))
#define LAPIC_REG_IRR(n)        (0x200u + 0x10u * (n))
#define LAPIC_REG_ESR           0x280u
#define LAPIC_REG_LVT_CMCI      0x2F0u
#define LAPIC_REG_ICR_LOW       0x300u
#define LAPIC_REG_ICR_HIGH      0x310u
#define LAPIC_REG_LVT_TIMER     0x320u
#define LAPIC_REG_LVT_THERMAL   0x330u
#define LAPIC_REG_LVT_PERF      0x340u
#define LAPIC_REG_LVT_LINT0     0x350u
#define LAPIC_REG_LVT_LINT1     0x360u
#define LAPIC_REG_LVT_ERROR     0x370u
#define LAPIC_REG_TIMER_INITIAL 0x380u
#define LAPIC_REG_TIMER_CURRENT 0x390u
#define LAPIC_REG_TIMER_DIVIDE  0x3E0u
#define LAPIC_REG_SELF_IPI      0x3F0u  /* x2APIC only */

/* ID: bits 31:24 in xAPIC, 27:24 on P5 and P6, all 32 in x2APIC. */
#define LAPIC_ID_SHIFT          24
#define LAPIC_ID_MASK           0xFF000000u
#define LAPIC_ID_MASK_P6        0x0F000000u

/* Version (APIC-30). */
#define LAPIC_VERSION_MASK          0x000000FFu
#define LAPIC_VERSION_MAX_LVT_SHIFT 16
#define LAPIC_VERSION_MAX_LVT_MASK  0x00FF0000u
#define LAPIC_VERSION_DIRECTED_EOI  0x01000000u

/* TPR and PPR: a class and a sub-class, like a vector. */
#define LAPIC_PRIORITY_CLASS_SHIFT  4
#define LAPIC_PRIORITY_CLASS_MASK   0xF0u
#define LAPIC_PRIORITY_SUB_MASK     0x0Fu

/* LDR and DFR. */
#define LAPIC_LDR_SHIFT         24
#define LAPIC_LDR_MASK          0xFF000000u
#define LAPIC_DFR_MODEL_MASK    0xF0000000u
#define LAPIC_DFR_FLAT          0xFFFFFFFFu
#define LAPIC_DFR_CLUSTER       0x0FFFFFFFu

/* SVR (APIC-10). */
#define LAPIC_SVR_VECTOR_MASK   0x000000FFu
#define LAPIC_SVR_ENABLE        0x00000100u
#define LAPIC_SVR_NO_FOCUS      0x00000200u
#define LAPIC_SVR_NO_EOI_BCAST  0x00001000u

/* ESR (APIC-50). */
#define LAPIC_ESR_SEND_CHECKSUM   0x01u
#define LAPIC_ESR_RECV_CHECKSUM   0x02u
#define LAPIC_ESR_SEND_ACCEPT     0x04u
#define LAPIC_ESR_RECV_ACCEPT     0x08u
#define LAPIC_ESR_REDIRECTABLE    0x10u
#define LAPIC_ESR_SEND_VECTOR     0x20u
#define LAPIC_ESR_RECV_VECTOR     0x40u
#define LAPIC_ESR_REGISTER        0x80u

/* Delivery modes sit in bits 10:8 of ICR, LVT, RTE and MSI data alike. */
#define LAPIC_DM_SHIFT          8
#define LAPIC_DM_MASK           0x00000700u
#define LAPIC_DM_FIXED          0x00000000u
#define LAPIC_DM_LOWEST         0x00000100u
#define LAPIC_DM_SMI            0x00000200u
#define LAPIC_DM_REMOTE_READ    0x00000300u
#define LAPIC_DM_NMI            0x00000400u
#define LAPIC_DM_INIT           0x00000500u
#define LAPIC_DM_SIPI           0x00000600u
#define LAPIC_DM_EXTINT         0x00000700u

/* ICR (APIC-69). */
#define LAPIC_ICR_VECTOR_MASK     0x000000FFu
#define LAPIC_ICR_DEST_MODE_MASK  0x00000800u
#define LAPIC_ICR_DEST_PHYSICAL   0x00000000u
#define LAPIC_ICR_DEST_LOGICAL    0x00000800u
#define LAPIC_ICR_PENDING         0x00001000u  /* delivery status, read only */
#define LAPIC_ICR_ASSERT          0x00004000u
#define LAPIC_ICR_DEASSERT        0x00000000u
#define LAPIC_ICR_TRIGGER_EDGE    0x00000000u
#define LAPIC_ICR_TRIGGER_LEVEL   0x00008000u
#define LAPIC_ICR_RR_STATUS_SHIFT 16
#define LAPIC_ICR_RR_STATUS_MASK  0x00030000u  /* remote read, P5 and P6 */
#define LAPIC_ICR_RR_INVALID      0x00000000u
#define LAPIC_ICR_RR_UNDER_WAY    0x00010000u
#define LAPIC_ICR_RR_VALID        0x00020000u
#define LAPIC_ICR_SHORTHAND_SHIFT 18
#define LAPIC_ICR_SHORTHAND_MASK  0x000C0000u
#define LAPIC_ICR_TO_DEST         0x00000000u
#define LAPIC_ICR_TO_SELF         0x00040000u
#define LAPIC_ICR_TO_ALL          0x00080000u
#define LAPIC_ICR_TO_OTHERS       0x000C0000u
#define LAPIC_ICR_HIGH_DEST_SHIFT 24           /* in ICR high */
#define LAPIC_ICR_HIGH_DEST_MASK  0xFF000000u

#define LAPIC_DEST_ALL            0xFFu
#define LAPIC_DEST_ALL_P6         0x0Fu
#define LAPIC_DEST_ALL_X2APIC     0xFFFFFFFFu

/* LVT (APIC-55..58). */
#define LAPIC_LVT_VECTOR_MASK     0x000000FFu
#define LAPIC_LVT_PENDING         0x00001000u  /* delivery status, read only */
#define LAPIC_LVT_ACTIVE_HIGH     0x00000000u
#define LAPIC_LVT_ACTIVE_LOW      0x00002000u
#define LAPIC_LVT_REMOTE_IRR      0x00004000u  /* read only */
#define LAPIC_LVT_TRIGGER_EDGE    0x00000000u
#define LAPIC_LVT_TRIGGER_LEVEL   0x00008000u
#define LAPIC_LVT_MASKED          0x00010000u
#define LAPIC_LVT_TIMER_MODE_MASK 0x00060000u
#define LAPIC_LVT_TIMER_ONESHOT   0x00000000u
#define LAPIC_LVT_TIMER_PERIODIC  0x00020000u
#define LAPIC_LVT_TIMER_DEADLINE  0x00040000u

/* Timer divide configuration: bits 3, 1 and 0 (APIC-81). */
#define LAPIC_DIVIDE_MASK       0x0Bu
#define LAPIC_DIVIDE_BY_2       0x00u
#define LAPIC_DIVIDE_BY_4       0x01u
#define LAPIC_DIVIDE_BY_8       0x02u
#define LAPIC_DIVIDE_BY_16      0x03u
#define LAPIC_DIVIDE_BY_32      0x08u
#define LAPIC_DIVIDE_BY_64      0x09u
#define LAPIC_DIVIDE_BY_128     0x0Au
#define LAPIC_DIVIDE_BY_1       0x0Bu

/* MSRs. x2APIC register MSR = 800 + offset / 16 (APIC-90). */
#define MSR_IA32_APIC_BASE      0x01Bu
#define MSR_IA32_TSC_DEADLINE   0x6E0u
#define MSR_X2APIC_FIRST        0x800u
#define MSR_X2APIC_LAST         0xBFFu
#define MSR_X2APIC(offset)      (MSR_X2APIC_FIRST + ((offset) >> 4))
#define MSR_X2APIC_ID           MSR_X2APIC(LAPIC_REG_ID)
#define MSR_X2APIC_TPR          MSR_X2APIC(LAPIC_REG_TPR)
#define MSR_X2APIC_EOI          MSR_X2APIC(LAPIC_REG_EOI)
#define MSR_X2APIC_LDR          MSR_X2APIC(LAPIC_REG_LDR)
#define MSR_X2APIC_SVR          MSR_X2APIC(LAPIC_REG_SVR)
#define MSR_X2APIC_ESR          MSR_X2APIC(LAPIC_REG_ESR)
#define MSR_X2APIC_ICR          MSR_X2APIC(LAPIC_REG_ICR_LOW)
#define MSR_X2APIC_SELF_IPI     MSR_X2APIC(LAPIC_REG_SELF_IPI)

/* IA32_APIC_BASE (APIC-34). */
#define APIC_BASE_BSP           0x100u
#define APIC_BASE_EXTD          0x400u
#define APIC_BASE_EN            0x800u
#define APIC_BASE_PAGE_MASK     0x0000000FFFFFF000ull  /* MAXPHYADDR 36 */

/* Message-signalled interrupts: a 32-bit write to FEExxxxx. */
#define MSI_ADDRESS_BASE        0xFEE00000u
#define MSI_ADDRESS_MASK        0xFFF00000u
#define MSI_ADDRESS_DEST_SHIFT  12
#define MSI_ADDRESS_DEST_MASK   0x000FF000u
#define MSI_ADDRESS_REDIRECT    0x00000008u  /* redirection hint */
#define MSI_ADDRESS_LOGICAL     0x00000004u
#define MSI_DATA_VECTOR_MASK    0x000000FFu
#define MSI_DATA_ASSERT         0x00004000u
#define MSI_DATA_TRIGGER_EDGE   0x00000000u
#define MSI_DATA_TRIGGER_LEVEL  0x00008000u

/* dest: 8 bits. flags: MSI_ADDRESS_REDIRECT, MSI_ADDRESS_LOGICAL. */
#define MSI_ADDRESS(dest, flags) \
    (MSI_ADDRESS_BASE | (((dest) & 0xFFu) << MSI_ADDRESS_DEST_SHIFT) | (flags))
/* mode: LAPIC_DM_*. Edge messages are always asserts. */
#define MSI_DATA_EDGE(vector, mode)  (((vector) & MSI_DATA_VECTOR_MASK) | (mode))
#define MSI_DATA_LEVEL(vector, mode) \
    (((vector) & MSI_DATA_VECTOR_MASK) | (mode) | MSI_DATA_TRIGGER_LEVEL | MSI_DATA_ASSERT)

/* clang-format on */
#endif
