/* SPDX-License-Identifier: MIT */
/*
 * irqsim/variant.h - named departures of a board from the datasheets
 *
 * Where real parts, popular emulators or editions of a manual differ, the choice has
 * a name and a rule (docs/variants.md). A board takes a set of them: in
 * irqsim_machine_desc_t and irqsim_qtest_desc_t, `variants:` of a scenario, `variant` in
 * a conformance case, `irqsim qtest --variant`. Each chip's own desc has the bits that
 * concern it.
 */
#ifndef IRQSIM_VARIANT_H
#define IRQSIM_VARIANT_H

#include <irqsim/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bit numbers, then the bits: a set of variants is these, OR-ed. */
enum {
#define VARIANT(NAME, name, chip, bits, rule, what) IRQSIM_VARIANT_NR_##NAME,
#include <irqsim/variants.def>
#undef VARIANT
    IRQSIM_VARIANTS
};
enum {
#define VARIANT(NAME, name, chip, bits, rule, what)                                                \
    IRQSIM_VARIANT_##NAME = 1 << IRQSIM_VARIANT_NR_##NAME,
#include <irqsim/variants.def>
#undef VARIANT
    IRQSIM_VARIANT_ALL = (1 << IRQSIM_VARIANTS) - 1
};

/* Whose desc a variant's bits belong to. */
typedef enum irqsim_variant_chip {
    IRQSIM_VARIANT_OF_PIC,   /* irqsim_pic_desc_t.variants, of both chips           */
    IRQSIM_VARIANT_OF_LAPIC, /* irqsim_lapic_desc_t.variants                        */
    IRQSIM_VARIANT_OF_ICC,   /* irqsim_icc_desc_t.variants                          */
    IRQSIM_VARIANT_OF_CPU,   /* irqsim_cpu_t.variant                                */
    IRQSIM_VARIANT_OF_BOARD  /* what chips there are                                */
} irqsim_variant_chip_t;

typedef struct irqsim_variant {
    const char *name, *rule, *what;
    irqsim_variant_chip_t chip;
    uint32_t bits;
} irqsim_variant_t;

/* Variant number i, 0..; NULL beyond the last. Static storage. */
const irqsim_variant_t *irqsim_variant(unsigned i);
/* The bits that a set of variants means for one kind of chip. Unknown bits mean nothing. */
uint32_t irqsim_variants_of(uint32_t variants, irqsim_variant_chip_t chip);

#ifdef __cplusplus
}
#endif
#endif
