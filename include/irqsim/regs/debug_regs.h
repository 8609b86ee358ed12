/* SPDX-License-Identifier: MIT */
/*
 * irqsim/regs/debug_regs.h - DR6 and DR7 as a guest sees them
 *
 *   DR6    15 14 13           3  2  1  0       causes of a #DB: set, never cleared
 *         |BT|BS|BD| ...     |B3|B2|B1|B0|     by the CPU (CPU-70)
 *
 *   DR7    31..28 ... 19..16          7 ... 1  0
 *         |len3 rw3 ... len0 rw0| ... |G3 L3 ... G0 L0|
 */
#ifndef IRQSIM_REGS_DEBUG_REGS_H
#define IRQSIM_REGS_DEBUG_REGS_H

#define DR6_B(n)  (1u << (n)) /* breakpoint n, 0..3              */
#define DR6_BS    (1u << 14)  /* single step                     */
#define DR6_BT    (1u << 15)  /* the task switched to has TSS.T  */
#define DR6_RESET 0x0FF0u     /* reserved bits that read as ones, as the high half does */

#define DR7_ENABLED(n) (3u << (2 * (n)))        /* L or G: no difference here   */
#define DR7_RW(n, rw)  ((rw) << (16 + 4 * (n))) /* what breaks                  */
#define DR7_LEN(n, l)  ((l) << (18 + 4 * (n)))  /* bytes: DR7_LEN_*             */
#define DR7_RESET      0x400u

#define DR7_EXECUTE 0u
#define DR7_WRITE   1u
#define DR7_ACCESS  3u /* data read or write */

#define DR7_LEN_1 0u
#define DR7_LEN_2 1u
#define DR7_LEN_8 2u
#define DR7_LEN_4 3u

#endif
