/* SPDX-License-Identifier: MIT */
/*
 * irqsim/regs/pit8254_regs.h - what a guest writes to and reads from an 8254
 *
 * Names only: guest code includes this without seeing the model.
 */
#ifndef IRQSIM_REGS_PIT8254_REGS_H
#define IRQSIM_REGS_PIT8254_REGS_H

/* Ports of a PC. */
#define PIT_COUNTER0   0x40u
#define PIT_COUNTER1   0x41u
#define PIT_COUNTER2   0x42u
#define PIT_CONTROL    0x43u
#define PIT_COUNTER(n) (PIT_COUNTER0 + (n))

/* Registers as the chip numbers them (A1:A0). */
#define PIT_REG_CONTROL 3u

#define PIT_HZ_NUM 14318180u /* input clock of a PC: 14318180 / 12 Hz */
#define PIT_HZ_DEN 12u

/* Control word: SC1 SC0 | RW1 RW0 | M2 M1 M0 | BCD. */
#define PIT_CW_SELECT       0xC0u
#define PIT_CW_SELECT_SHIFT 6
#define PIT_CW_COUNTER(n)   ((n) << PIT_CW_SELECT_SHIFT)
#define PIT_CW_READ_BACK    0xC0u

#define PIT_CW_ACCESS          0x30u
#define PIT_CW_ACCESS_SHIFT    4
#define PIT_CW_ACCESS_LATCH    0x00u /* counter latch command */
#define PIT_CW_ACCESS_LOW      0x10u
#define PIT_CW_ACCESS_HIGH     0x20u
#define PIT_CW_ACCESS_LOW_HIGH 0x30u

#define PIT_CW_MODE           0x0Eu
#define PIT_CW_MODE_SHIFT     1
#define PIT_CW_MODE_TERMINAL  0x00u /* 0: interrupt on terminal count */
#define PIT_CW_MODE_ONE_SHOT  0x02u /* 1: hardware retriggerable one-shot */
#define PIT_CW_MODE_RATE      0x04u /* 2: rate generator (also 0x0C) */
#define PIT_CW_MODE_SQUARE    0x06u /* 3: square wave (also 0x0E) */
#define PIT_CW_MODE_SW_STROBE 0x08u /* 4: software triggered strobe */
#define PIT_CW_MODE_HW_STROBE 0x0Au /* 5: hardware triggered strobe */

#define PIT_CW_BCD 0x01u

/* Read-back command: PIT_CW_READ_BACK and any of these; COUNT and STATUS are
 * active low. */
#define PIT_RB_NO_COUNT   0x20u
#define PIT_RB_NO_STATUS  0x10u
#define PIT_RB_COUNTER(n) (2u << (n))

/* Status byte; its low six bits repeat the control word. */
#define PIT_STATUS_OUT        0x80u
#define PIT_STATUS_NULL_COUNT 0x40u /* a written count has not been loaded yet */
#define PIT_STATUS_CONTROL    0x3Fu

#endif
