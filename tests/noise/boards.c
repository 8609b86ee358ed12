/* SPDX-License-Identifier: MIT */
/* boards.c - the machines that guests make noise on */
#include "noise.h"

/* Every variant is on one of them (variants.def). */
#define PIC_VARIANTS                                                                               \
    (IRQSIM_VARIANT_LATCHED_EDGE | IRQSIM_VARIANT_AEOI_MASTER | IRQSIM_VARIANT_ELCR |              \
     IRQSIM_VARIANT_NMI_IN_TURN)
#define P6_VARIANTS                                                                                \
    (IRQSIM_VARIANT_SLOTS_PER_VECTOR | IRQSIM_VARIANT_APR_PRINTED | IRQSIM_VARIANT_PLAIN_CHECKSUM)
#define XAPIC_VARIANTS                                                                             \
    (IRQSIM_VARIANT_NO_LOWEST_IPI | IRQSIM_VARIANT_NO_IOAPIC | IRQSIM_VARIANT_LATCHED_EDGE)

_Static_assert((PIC_VARIANTS | P6_VARIANTS | XAPIC_VARIANTS) == IRQSIM_VARIANT_ALL, "each one");

/* clang-format off */
const noise_board_t noise_boards[NOISE_BOARDS] = {
    {"at",                   IRQSIM_BOARD_AT, IRQSIM_I486_PC,       1, 0, 0,              false},
    {"at, variants",         IRQSIM_BOARD_AT, IRQSIM_I486_PC,       1, 0, PIC_VARIANTS,   false},
    {"p5",                   IRQSIM_BOARD_MP, IRQSIM_P5_MP,         2, 1, 0,              false},
    {"p6",                   IRQSIM_BOARD_MP, IRQSIM_P6_MP,         4, 1, 0,              false},
    {"p6, 2, variants",      IRQSIM_BOARD_MP, IRQSIM_P6_MP,         2, 2, P6_VARIANTS,    false},
    {"xapic",                IRQSIM_BOARD_MP, IRQSIM_P4_XAPIC,      3, 1, 0,              false},
    {"xapic, 2, variants",   IRQSIM_BOARD_MP, IRQSIM_P4_XAPIC,      2, 2, XAPIC_VARIANTS, false},
    {"x2apic",               IRQSIM_BOARD_MP, IRQSIM_MODERN_X2APIC, 4, 1, 0,              false},
    {"x2apic, 2",            IRQSIM_BOARD_MP, IRQSIM_MODERN_X2APIC, 3, 2, 0,              false},
    {"p6, 2, tame",          IRQSIM_BOARD_MP, IRQSIM_P6_MP,         2, 2, 0,              true},
    {"xapic, 2, tame",       IRQSIM_BOARD_MP, IRQSIM_P4_XAPIC,      3, 2, 0,              true},
};
/* clang-format on */

const noise_pin_t noise_pins[NOISE_PINS] = {
    {5, 0x50, false}, {11, 0x5A, false}, {18, 0x90, true}, {42, 0xA8, true}};
