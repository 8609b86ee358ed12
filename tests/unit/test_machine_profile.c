/* SPDX-License-Identifier: MIT */
/*
 * test_machine_profile.c - the figures: as tables, as sums, as documented
 */
#include <stdio.h>
#include <string.h>

#include <irqsim/profile.h>

#include "unit.h"

START_TEST(time_100_figures_are_found_by_index)
{
    irqsim_profile_t p = *irqsim_profile(IRQSIM_P6_MP);

    ck_assert_str_eq(irqsim_figure(0)->name, "cpu_hz");
    ck_assert_uint_eq(irqsim_profile_get(&p, 0), 200000000);
    irqsim_profile_set(&p, 0, 5);
    ck_assert_uint_eq(p.cpu_hz, 5);
    ck_assert_ptr_null(irqsim_figure(irqsim_figures()));
    ck_assert_uint_eq(irqsim_profile_get(&p, irqsim_figures()), 0);
}
END_TEST

START_TEST(time_100_machines_have_names_and_families)
{
    static const char *const names[] = {"i486-pc", "p5-mp", "p6-mp", "p4-xapic", "modern-x2apic"};

    for (unsigned id = 0; id < IRQSIM_PROFILES; id++)
        ck_assert_str_eq(irqsim_profile_name((irqsim_profile_id_t)id), names[id]);
    ck_assert_ptr_null(irqsim_profile_name(IRQSIM_PROFILES));
    ck_assert_ptr_null(irqsim_profile(IRQSIM_PROFILES));
    ck_assert_int_eq(irqsim_profile_family(IRQSIM_P6_MP), IRQSIM_APIC_P6);
    ck_assert_int_eq(irqsim_profile_family(IRQSIM_MODERN_X2APIC), IRQSIM_APIC_X2APIC);
}
END_TEST

/* The sums that TIME-101 gives, from the parts of TIME-02, 03, 11, 12 and 13. */
START_TEST(time_101_sums_are_those_of_their_parts)
{
    const irqsim_profile_t *i486 = irqsim_profile(IRQSIM_I486_PC);
    const irqsim_profile_t *p5 = irqsim_profile(IRQSIM_P5_MP);

    ck_assert_uint_eq(i486->int_same, 44 + 11);
    ck_assert_uint_eq(i486->int_inner, 71 + 11);
    ck_assert_uint_eq(i486->int_task, 37 + 199 + 11);
    ck_assert_uint_eq(i486->nmi_inner, 71 + 3);
    ck_assert_uint_eq(i486->pf_inner, 71 + 24);
    ck_assert_uint_eq(p5->int_same, 25 + 14);
    ck_assert_uint_eq(p5->int_inner, 42 + 14);
    ck_assert_uint_eq(p5->int_task, 17 + 85 + 14);
    ck_assert_uint_eq(p5->nmi_inner, 42 + 6);
    ck_assert_uint_eq(p5->pf_inner, 42 + 40);
}
END_TEST

static size_t row(char *line, size_t size, unsigned index)
{
    const irqsim_figure_t *f = irqsim_figure(index);
    size_t n = (size_t)snprintf(line, size, "| `%s` | %s |", f->name, f->unit);

    for (unsigned id = 0; id < IRQSIM_PROFILES; id++)
        n += (size_t)snprintf(
            line + n, size - n, " %llu |",
            (unsigned long long)irqsim_profile_get(irqsim_profile((irqsim_profile_id_t)id), index));
    return n + (size_t)snprintf(line + n, size - n, " %s | %s |\n", f->rule, f->what);
}

START_TEST(time_103_the_document_has_every_figure)
{
    static char text[1 << 16];
    char line[512];
    FILE *f = fopen(TESTS_DIR "/../docs/timing.md", "r");

    ck_assert_ptr_nonnull(f);
    text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
    fclose(f);
    for (unsigned i = 0; i < irqsim_figures(); i++) {
        ck_assert_uint_lt(row(line, sizeof(line), i), sizeof(line));
        ck_assert_msg(strstr(text, line) != NULL, "docs/timing.md lacks: %s", line);
    }
}
END_TEST

UNIT_MAIN("machine_profile", UNIT_TEST(time_100_figures_are_found_by_index),
          UNIT_TEST(time_100_machines_have_names_and_families),
          UNIT_TEST(time_101_sums_are_those_of_their_parts),
          UNIT_TEST(time_103_the_document_has_every_figure))
