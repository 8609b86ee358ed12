/* SPDX-License-Identifier: MIT */
/*
 * irqsim/regs/pic8259_regs.h - what a guest writes to and reads from an 8259A pair
 *
 * Names only: guest code includes this without seeing the model.
 */
#ifndef IRQSIM_REGS_PIC8259_REGS_H
#define IRQSIM_REGS_PIC8259_REGS_H

/* Ports of a PC (PIC-12, PIC-33). CMD has A0=0, DATA has A0=1. */
#define PIC_MASTER_CMD  0x20u
#define PIC_MASTER_DATA 0x21u
#define PIC_SLAVE_CMD   0xA0u
#define PIC_SLAVE_DATA  0xA1u
#define PIC_ELCR_MASTER 0x4D0u
#define PIC_ELCR_SLAVE  0x4D1u

/* A PC's wiring (PIC-65, PIC-66, PIC-76). */
#define PIC_CASCADE_IR       2u
#define PIC_BIOS_MASTER_BASE 0x08u
#define PIC_BIOS_SLAVE_BASE  0x70u

/* ICW1, A0=0 (PIC-16). */
#define PIC_ICW1_A7_A5      0xE0u /* MCS-80: low address of the call table */
#define PIC_ICW1_INIT       0x10u
#define PIC_ICW1_LTIM       0x08u
#define PIC_ICW1_LTIM_EDGE  0x00u
#define PIC_ICW1_LTIM_LEVEL 0x08u
#define PIC_ICW1_ADI        0x04u
#define PIC_ICW1_ADI_8      0x00u /* MCS-80: call table entries 8 bytes apart */
#define PIC_ICW1_ADI_4      0x04u
#define PIC_ICW1_SNGL       0x02u
#define PIC_ICW1_IC4        0x01u

/* ICW2, A0=1 (PIC-17). */
#define PIC_ICW2_VECTOR_BASE 0xF8u /* T7-T3; the line supplies the low 3 bits */

/* ICW3, A0=1 (PIC-18, PIC-19). */
#define PIC_ICW3_MASTER_SLAVE_ON(line) (1u << (line))
#define PIC_ICW3_SLAVE_ID              0x07u

/* ICW4, A0=1 (PIC-20). */
#define PIC_ICW4_SFNM       0x10u
#define PIC_ICW4_BUF        0x08u
#define PIC_ICW4_MASTER     0x04u /* M/S, only with BUF */
#define PIC_ICW4_BUF_NONE   0x00u
#define PIC_ICW4_BUF_SLAVE  0x08u
#define PIC_ICW4_BUF_MASTER 0x0Cu
#define PIC_ICW4_AEOI       0x02u
#define PIC_ICW4_UPM        0x01u
#define PIC_ICW4_UPM_MCS80  0x00u
#define PIC_ICW4_UPM_8086   0x01u

/* OCW1, A0=1: one bit per line, 1 = masked (PIC-21). */
#define PIC_OCW1_MASK(line) (1u << (line))
#define PIC_OCW1_MASK_ALL   0xFFu

/* OCW2, A0=0: three command bits and a level (PIC-22, PIC-50..PIC-57). */
#define PIC_OCW2_COMMAND             0xE0u
#define PIC_OCW2_COMMAND_SHIFT       5
#define PIC_OCW2_LEVEL               0x07u
#define PIC_OCW2_ROTATE_AEOI_CLEAR   0x00u
#define PIC_OCW2_EOI                 0x20u
#define PIC_OCW2_NOP                 0x40u
#define PIC_OCW2_SPECIFIC_EOI        0x60u /* | line */
#define PIC_OCW2_ROTATE_AEOI_SET     0x80u
#define PIC_OCW2_ROTATE_EOI          0xA0u
#define PIC_OCW2_SET_PRIORITY        0xC0u /* | line that becomes the lowest */
#define PIC_OCW2_ROTATE_SPECIFIC_EOI 0xE0u /* | line */

/* OCW3, A0=0 (PIC-23). */
#define PIC_OCW3           0x08u /* D4:D3 = 01 selects OCW3 */
#define PIC_OCW3_ESMM      0x40u
#define PIC_OCW3_SMM       0x20u
#define PIC_OCW3_POLL      0x04u
#define PIC_OCW3_RR        0x02u
#define PIC_OCW3_RIS       0x01u
#define PIC_OCW3_SMM_SET   0x68u
#define PIC_OCW3_SMM_RESET 0x48u
#define PIC_OCW3_POLL_NEXT 0x0Cu
#define PIC_OCW3_READ_IRR  0x0Au
#define PIC_OCW3_READ_ISR  0x0Bu

/* The byte that the read after a poll command returns (PIC-60). */
#define PIC_POLL_VALID 0x80u
#define PIC_POLL_LINE  0x07u

#endif
