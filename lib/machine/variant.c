/* SPDX-License-Identifier: MIT */
/*
 * variant.c - variants.def as a table: a name for each departure from the datasheets
 */
#include <irqsim/cpu.h>
#include <irqsim/icc.h>
#include <irqsim/lapic.h>
#include <irqsim/pic8259.h>
#include <irqsim/variant.h>

static const irqsim_variant_t table[IRQSIM_VARIANTS] = {
#define VARIANT(NAME, name, chip, bits, rule, what)                                                \
    {name, rule, what, IRQSIM_VARIANT_OF_##chip, bits},
#include <irqsim/variants.def>
#undef VARIANT
};

const irqsim_variant_t *irqsim_variant(unsigned i)
{
    return i < IRQSIM_VARIANTS ? &table[i] : NULL;
}

uint32_t irqsim_variants_of(uint32_t variants, irqsim_variant_chip_t chip)
{
    uint32_t bits = 0;

    for (unsigned i = 0; i < IRQSIM_VARIANTS; i++)
        if (variants >> i & 1 && table[i].chip == chip)
            bits |= table[i].bits;
    return bits;
}
