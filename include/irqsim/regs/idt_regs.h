/* SPDX-License-Identifier: MIT */
/*
 * irqsim/regs/idt_regs.h - the CPU's tables as a guest sees them
 *
 *   63          48 47 46 45 44 43   40 39      32 31          16 15           0
 *  +--------------+--+-----+--+-------+----------+--------------+--------------+
 *  | offset 31:16 | P| DPL | S| type  |    0     |   selector   | offset 15:0  | gate
 *  +--------------+--+-----+--+-------+----------+--------------+--------------+
 *  | base, G B, . | P| DPL | S| type  |base 23:16|  base 15:0   | limit 15:0   | segment
 *  +--------------+--+-----+--+-------+----------+--------------+--------------+
 *
 * Names only; a guest may include this without seeing any part of the library.
 * A descriptor is eight bytes, little-endian, here one uint64_t.
 */
#ifndef IRQSIM_REGS_IDT_REGS_H
#define IRQSIM_REGS_IDT_REGS_H

#include <stdint.h>

/* The access byte (bits 47:40), shared by gates and segments. */
#define DESC_P      0x80u /* present                                  */
#define DESC_DPL(n) ((uint32_t)(n) << 5)
#define DESC_DPL_M  0x60u
#define DESC_S      0x10u /* 1 = code or data, 0 = system: TSS, gates */
#define DESC_TYPE_M 0x0Fu

/* S = 0: the system types (CPU-31, CPU-49). */
#define DESC_TYPE_TSS16_AVAIL 0x1u
#define DESC_TYPE_LDT         0x2u
#define DESC_TYPE_TSS16_BUSY  0x3u
#define DESC_TYPE_TASK_GATE   0x5u
#define DESC_TYPE_INTERRUPT16 0x6u
#define DESC_TYPE_TRAP16      0x7u
#define DESC_TYPE_TSS32_AVAIL 0x9u
#define DESC_TYPE_TSS32_BUSY  0xBu
#define DESC_TYPE_INTERRUPT32 0xEu
#define DESC_TYPE_TRAP32      0xFu

/* A TSS is available, or busy: a task that runs or waits for a nested one. */
#define DESC_TSS_BUSY 0x2u

/* S = 1: bits of the type. */
#define DESC_ACCESSED   0x1u
#define DESC_WRITABLE   0x2u /* data                                */
#define DESC_READABLE   0x2u /* code                                */
#define DESC_EXPANDDOWN 0x4u /* data                                */
#define DESC_CONFORMING 0x4u /* code                                */
#define DESC_CODE       0x8u

/* The flags nibble (bits 55:52). */
#define DESC_FLAG_G  0x8u /* limit counts 4 KiB pages              */
#define DESC_FLAG_DB 0x4u /* 32-bit code, or 32-bit stack pointer  */
#define DESC_FLAG_L  0x2u /* 64-bit code                           */

/* Whole descriptors, usable in constant tables. `limit` is the 20-bit field. */
/* clang-format off */
#define DESC_SEGMENT(base, limit, access, flags)                                                   \
    (  ((uint64_t)(limit)  & 0xFFFFu)         | ((uint64_t)(base)         & 0xFFFFFFu) << 16       \
     | ((uint64_t)(access) & 0xFFu)     << 40 | ((uint64_t)(limit) >> 16  & 0xFu)      << 48       \
     | ((uint64_t)(flags)  & 0xFu)      << 52 | ((uint64_t)(base)  >> 24  & 0xFFu)     << 56)
#define DESC_GATE(offset, selector, access)                                                        \
    (  ((uint64_t)(offset) & 0xFFFFu)         | ((uint64_t)(selector)     & 0xFFFFu)   << 16       \
     | ((uint64_t)(access) & 0xFFu)     << 40 | ((uint64_t)(offset) >> 16 & 0xFFFFu)   << 48)
/* clang-format on */

/* The four flat segments and the two gates of every 32-bit kernel. */
#define DESC_FLAT_CODE32(dpl)                                                                      \
    DESC_SEGMENT(0, 0xFFFFF, DESC_P | DESC_DPL(dpl) | DESC_S | DESC_CODE | DESC_READABLE,          \
                 DESC_FLAG_G | DESC_FLAG_DB)
#define DESC_FLAT_DATA32(dpl)                                                                      \
    DESC_SEGMENT(0, 0xFFFFF, DESC_P | DESC_DPL(dpl) | DESC_S | DESC_WRITABLE,                      \
                 DESC_FLAG_G | DESC_FLAG_DB)
#define DESC_INTERRUPT_GATE32(offset, selector, dpl)                                               \
    DESC_GATE(offset, selector, DESC_P | DESC_DPL(dpl) | DESC_TYPE_INTERRUPT32)
#define DESC_TRAP_GATE32(offset, selector, dpl)                                                    \
    DESC_GATE(offset, selector, DESC_P | DESC_DPL(dpl) | DESC_TYPE_TRAP32)
#define DESC_TSS32(base) DESC_SEGMENT(base, TSS32_SIZE - 1, DESC_P | DESC_TYPE_TSS32_AVAIL, 0)

/* Their 16-bit relatives, and the gate to a task. */
#define DESC_INTERRUPT_GATE16(offset, selector, dpl)                                               \
    DESC_GATE((offset)&0xFFFFu, selector, DESC_P | DESC_DPL(dpl) | DESC_TYPE_INTERRUPT16)
#define DESC_TRAP_GATE16(offset, selector, dpl)                                                    \
    DESC_GATE((offset)&0xFFFFu, selector, DESC_P | DESC_DPL(dpl) | DESC_TYPE_TRAP16)
#define DESC_TASK_GATE(tss, dpl) DESC_GATE(0, tss, DESC_P | DESC_DPL(dpl) | DESC_TYPE_TASK_GATE)
#define DESC_TSS16(base)         DESC_SEGMENT(base, TSS16_SIZE - 1, DESC_P | DESC_TYPE_TSS16_AVAIL, 0)

/* Long mode: 64-bit code, and entries of 16 bytes as two halves (LM-01). */
#define DESC_CODE64(dpl)                                                                           \
    DESC_SEGMENT(0, 0xFFFFF, DESC_P | DESC_DPL(dpl) | DESC_S | DESC_CODE | DESC_READABLE,          \
                 DESC_FLAG_G | DESC_FLAG_L)
#define DESC_LONG_GATE_LOW(offset, selector, ist, access)                                          \
    (DESC_GATE(offset, selector, access) | (uint64_t)((ist)&7u) << 32)
#define DESC_LONG_GATE_HIGH(offset) ((uint64_t)(offset) >> 32)

/* The same eight bytes as memory has them, to initialise an array of bytes. */
#define DESC_BYTES(desc)                                                                           \
    (uint8_t)(desc), (uint8_t)((desc) >> 8), (uint8_t)((desc) >> 16), (uint8_t)((desc) >> 24),     \
        (uint8_t)((desc) >> 32), (uint8_t)((desc) >> 40), (uint8_t)((desc) >> 48),                 \
        (uint8_t)((desc) >> 56)

/* Selectors: index 15:3, table indicator, requested privilege level. */
#define SELECTOR(index, rpl) ((uint16_t)((index) << 3 | (rpl)))
#define SELECTOR_RPL_M       0x3u
#define SELECTOR_TI          0x4u /* 1 = LDT */

/* Error codes of vectors 10-13 (CPU-23) and 14 (CPU-24). */
#define ERROR_EXT  0x1u /* met while delivering an external event  */
#define ERROR_IDT  0x2u /* the index is a vector                   */
#define ERROR_TI   0x4u /* the index is one of the LDT             */
#define PF_ERROR_P 0x1u /* protection; 0 = not present            */
#define PF_ERROR_W 0x2u /* the access was a write                 */
#define PF_ERROR_U 0x4u /* the access was made at CPL 3           */

/* 32-bit task state segment (CPU-40, CPU-49). */
#define TSS32_LINK   0u
#define TSS32_ESP(n) (4u + 8u * (n)) /* n = 0..2 */
#define TSS32_SS(n)  (8u + 8u * (n))
#define TSS32_ESP0   4u
#define TSS32_SS0    8u
#define TSS32_CR3    28u
#define TSS32_EIP    32u
#define TSS32_EFLAGS 36u
#define TSS32_EAX    40u /* then ECX, EDX, EBX, ESP, EBP, ESI, EDI */
#define TSS32_ES     72u /* then CS, SS, DS, FS, GS                */
#define TSS32_LDT    96u
#define TSS32_TRAP   100u /* bit 0 */
#define TSS32_IOMAP  102u
#define TSS32_SIZE   104u

/* 16-bit task state segment of the 286. */
#define TSS16_LINK  0u
#define TSS16_SP(n) (2u + 4u * (n)) /* n = 0..2 */
#define TSS16_SS(n) (4u + 4u * (n))
#define TSS16_IP    14u
#define TSS16_FLAGS 16u
#define TSS16_AX    18u /* then CX, DX, BX, SP, BP, SI, DI */
#define TSS16_ES    34u /* then CS, SS, DS                 */
#define TSS16_LDT   42u
#define TSS16_SIZE  44u

/* 64-bit task state segment (LM-04): stacks and nothing else. */
#define TSS64_RSP(n) (4u + 8u * (n))    /* n = 0..2 */
#define TSS64_IST(n) (0x1Cu + 8u * (n)) /* n = 1..7 */
#define TSS64_SIZE   104u

#define EFLAGS_CF       (1u << 0)
#define EFLAGS_RESERVED (1u << 1) /* reads as 1 */
#define EFLAGS_PF       (1u << 2)
#define EFLAGS_AF       (1u << 4)
#define EFLAGS_ZF       (1u << 6)
#define EFLAGS_SF       (1u << 7)
#define EFLAGS_TF       (1u << 8)
#define EFLAGS_IF       (1u << 9)
#define EFLAGS_DF       (1u << 10)
#define EFLAGS_OF       (1u << 11)
#define EFLAGS_IOPL(n)  ((uint32_t)(n) << 12)
#define EFLAGS_IOPL_M   (3u << 12)
#define EFLAGS_NT       (1u << 14)
#define EFLAGS_RF       (1u << 16)
#define EFLAGS_VM       (1u << 17)
#define EFLAGS_AC       (1u << 18)
#define EFLAGS_VIF      (1u << 19)
#define EFLAGS_VIP      (1u << 20)
#define EFLAGS_ID       (1u << 21)

/* Every flag that exists. */
#define EFLAGS_KNOWN                                                                               \
    (EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF | EFLAGS_SF | EFLAGS_TF | EFLAGS_IF |           \
     EFLAGS_DF | EFLAGS_OF | EFLAGS_IOPL_M | EFLAGS_NT | EFLAGS_RF | EFLAGS_VM | EFLAGS_AC |       \
     EFLAGS_VIF | EFLAGS_VIP | EFLAGS_ID)

/* Vectors that the CPU itself uses (CPU-01..21). */
#define VECTOR_DE  0
#define VECTOR_DB  1
#define VECTOR_NMI 2
#define VECTOR_BP  3
#define VECTOR_OF  4
#define VECTOR_BR  5
#define VECTOR_UD  6
#define VECTOR_NM  7
#define VECTOR_DF  8
#define VECTOR_TS  10
#define VECTOR_NP  11
#define VECTOR_SS  12
#define VECTOR_GP  13
#define VECTOR_PF  14
#define VECTOR_MF  16
#define VECTOR_AC  17
#define VECTOR_MC  18
#define VECTOR_XM  19

#endif
