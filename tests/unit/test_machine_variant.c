/* SPDX-License-Identifier: MIT */
/*
 * test_machine_variant.c - named departures from the datasheets, and that a board has them
 */
#include <irqsim/variant.h>

#include "machine_rig.h"

static const rig_guest_t idle_guest = {rig_idle, NULL, NULL};

static rig_t *board_of(irqsim_profile_id_t profile, uint32_t variants)
{
    return rig_new((irqsim_machine_desc_t){.board = profile == IRQSIM_I486_PC ? IRQSIM_BOARD_AT
                                                                              : IRQSIM_BOARD_MP,
                                           .profile_id = profile,
                                           .variants = variants},
                   &idle_guest, false);
}

START_TEST(law_8_variants_have_names_of_their_own)
{
    for (unsigned i = 0; i < IRQSIM_VARIANTS; i++)
        for (unsigned k = 0; k < i; k++)
            ck_assert_str_ne(irqsim_variant(i)->name, irqsim_variant(k)->name);
    ck_assert_ptr_null(irqsim_variant(IRQSIM_VARIANTS));
    ck_assert_uint_eq(irqsim_variants_of(~(uint32_t)IRQSIM_VARIANT_ALL, IRQSIM_VARIANT_OF_PIC), 0);
}
END_TEST

START_TEST(law_8_the_documents_have_every_variant)
{
    static const char *const documents[] = {TESTS_DIR "/../docs/variants.md",
                                            TESTS_DIR "/../docs/man/irqsim-scenario.5"};
    static const char *const forms[] = {"| `%s` | ", ".It Cm %s\n"};
    static char text[1 << 16];
    FILE *f = fopen(documents[_i], "r");
    char line[64];

    ck_assert_ptr_nonnull(f);
    text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
    fclose(f);
    for (unsigned i = 0; i < IRQSIM_VARIANTS; i++) {
        snprintf(line, sizeof(line), forms[_i], irqsim_variant(i)->name);
        ck_assert_msg(strstr(text, line) != NULL, "%s lacks %s", documents[_i], line);
    }
}
END_TEST

START_TEST(pic_33_a_variant_brings_an_elcr_to_an_at)
{
    rig_t *plain = board_of(IRQSIM_I486_PC, 0);
    rig_t *pci = board_of(IRQSIM_I486_PC, IRQSIM_VARIANT_ELCR);

    irqsim_guest_outb(plain->m, 0, PIC_ELCR_MASTER, 0xFF);
    irqsim_guest_outb(pci->m, 0, PIC_ELCR_MASTER, 0xFF);
    irqsim_guest_outb(pci->m, 0, PIC_ELCR_SLAVE, 0xFF);
    ck_assert_uint_eq(irqsim_guest_inb(plain->m, 0, PIC_ELCR_MASTER), 0xFF); /* nobody */
    ck_assert_uint_eq(irqsim_guest_inb(pci->m, 0, PIC_ELCR_MASTER), 0xF8);
    ck_assert_uint_eq(irqsim_guest_inb(pci->m, 0, PIC_ELCR_SLAVE), 0xDE);
    rig_free(plain);
    rig_free(pci);
}
END_TEST

START_TEST(pic_85_pic_47_variants_reach_both_chips)
{
    rig_t *rig = board_of(IRQSIM_P6_MP, IRQSIM_VARIANT_LATCHED_EDGE | IRQSIM_VARIANT_AEOI_MASTER);

    for (unsigned chip = 0; chip < 2; chip++)
        ck_assert_uint_eq(irqsim_machine_pic(rig->m, chip)->variants,
                          IRQSIM_PIC_VARIANT_LATCHED_EDGE | IRQSIM_PIC_VARIANT_AEOI_MASTER);
    ck_assert_uint_eq(irqsim_machine_lapic(rig->m, 0)->variants, 0);
    rig_free(rig);
}
END_TEST

START_TEST(apic_46_variants_reach_apics_and_their_bus)
{
    rig_t *rig = board_of(IRQSIM_P6_MP, IRQSIM_VARIANT_ALL);

    ck_assert_uint_eq(irqsim_machine_lapic(rig->m, 0)->variants,
                      IRQSIM_LAPIC_VARIANT_SLOTS_PER_VECTOR | IRQSIM_LAPIC_VARIANT_APR_PRINTED |
                          IRQSIM_LAPIC_VARIANT_NO_LOWEST_IPI | IRQSIM_LAPIC_VARIANT_NO_IOAPIC);
    ck_assert_uint_eq(irqsim_machine_icc(rig->m)->variants, IRQSIM_ICC_VARIANT_PLAIN_CHECKSUM);
    ck_assert_uint_eq(irqsim_machine_cpu(rig->m, 0)->variant, IRQSIM_CPU_NMI_IN_TURN);
    rig_free(rig);
}
END_TEST

UNIT_MAIN("machine_variant", UNIT_TEST(law_8_variants_have_names_of_their_own),
          UNIT_LOOP(law_8_the_documents_have_every_variant, 0, 2),
          UNIT_TEST(pic_33_a_variant_brings_an_elcr_to_an_at),
          UNIT_TEST(pic_85_pic_47_variants_reach_both_chips),
          UNIT_TEST(apic_46_variants_reach_apics_and_their_bus))
