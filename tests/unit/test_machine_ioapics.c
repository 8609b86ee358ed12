/* SPDX-License-Identifier: MIT */
/* Several IOAPICs on one board: GSI 24 * n + p is pin p of IOAPIC n, at FEC00000 + n * 1000 hex. */
#include <stdlib.h>

#include "machine_rig.h"

#define SECOND    IRQSIM_IOAPIC_PINS
#define WINDOW(n) (IOAPIC_MMIO_BASE + (n)*IOAPIC_MMIO_STRIDE)

/* Level, active low: pins 5 of the first and 17 of the second IOAPIC. */
static const irqsim_source_desc_t sources[] = {
    {.pin = 5,
     .active_low = 1,
     .pattern = IRQSIM_PATTERN_PERIODIC,
     .first = 100 * RIG_US,
     .period = 50 * RIG_US,
     .count = 3},
    {.pin = SECOND + 17,
     .active_low = 1,
     .pattern = IRQSIM_PATTERN_PERIODIC,
     .first = 100 * RIG_US,
     .period = 50 * RIG_US,
     .count = 3},
};

static void claim(rig_t *rig, unsigned cpu, uint8_t vector)
{
    (void)vector;
    rig_claim_all(rig, cpu, 0);
    rig_claim_all(rig, cpu, 1);
    irqsim_guest_spend_time(rig->m, cpu, 5 * RIG_US);
}

static void end(rig_t *rig, unsigned cpu, uint8_t vector)
{
    (void)vector;
    rig_lapic_write(rig, cpu, LAPIC_REG_EOI, 0);
}

static const rig_guest_t guest = {rig_idle, claim, end};

static irqsim_machine_desc_t desc_of(irqsim_profile_id_t profile)
{
    return (irqsim_machine_desc_t){.board = IRQSIM_BOARD_MP,
                                   .profile_id = profile,
                                   .cpus = 2,
                                   .ioapics = 2,
                                   .sources = sources,
                                   .n_sources = 2};
}

static uint32_t reg(rig_t *rig, unsigned n, uint32_t index)
{
    irqsim_guest_write(rig->m, 0, WINDOW(n) + IOAPIC_WIN_SELECT, index);
    return irqsim_guest_read(rig->m, 0, WINDOW(n) + IOAPIC_WIN_DATA);
}

static void set_reg(rig_t *rig, unsigned n, uint32_t index, uint32_t value)
{
    irqsim_guest_write(rig->m, 0, WINDOW(n) + IOAPIC_WIN_SELECT, index);
    irqsim_guest_write(rig->m, 0, WINDOW(n) + IOAPIC_WIN_DATA, value);
}

static void entry(rig_t *rig, unsigned n, unsigned pin, uint32_t vector, uint32_t cpu)
{
    set_reg(rig, n, IOAPIC_REG_RTE_HIGH(pin), IOAPIC_RTE_HIGH(cpu));
    set_reg(rig, n, IOAPIC_REG_RTE_LOW(pin),
            IOAPIC_RTE_TRIGGER_LEVEL | IOAPIC_RTE_ACTIVE_LOW | vector);
}

static rig_t *programmed(irqsim_profile_id_t profile, uint32_t second_vector)
{
    rig_t *rig = rig_new(desc_of(profile), &guest, true);

    rig_enable_lapics(rig);
    entry(rig, 0, 5, 0x51, 0);
    entry(rig, 1, 17, second_vector, 1);
    return rig;
}

static const irqsim_profile_id_t profiles[] = {IRQSIM_P6_MP, IRQSIM_P4_XAPIC, IRQSIM_MODERN_X2APIC};

/* The loop counter is the profile: on the APIC bus and on the system bus. */
START_TEST(ioapic_24_every_ioapic_has_its_own_pins_ioapic_36)
{
    rig_t *rig = programmed(profiles[_i], 0x61);

    irqsim_machine_run(rig->m, 400 * RIG_US);
    ck_assert_uint_eq(rig->cpu[0].handled[0x51], 3);
    ck_assert_uint_eq(rig->cpu[1].handled[0x61], 3);
    for (uint32_t n = 0; n < 2; n++) {
        ck_assert_uint_eq(rig_counts(rig, n).delivered, 3);
        ck_assert_uint_eq(irqsim_machine_ioapic_at(rig->m, n)->remote, 0);
    }
    rig_free(rig);
}
END_TEST

/* Two lines, one vector, one CPU: one interrupt and one EOI for both. */
START_TEST(ioapic_29_an_eoi_reaches_all_ioapics)
{
    rig_t *rig = programmed(profiles[_i], 0x51);

    entry(rig, 1, 17, 0x51, 0);
    irqsim_machine_run(rig->m, 400 * RIG_US);
    for (uint32_t n = 0; n < 2; n++) {
        ck_assert_uint_eq(rig_counts(rig, n).delivered, 3);
        ck_assert_uint_eq(irqsim_machine_ioapic_at(rig->m, n)->remote, 0);
    }
    rig_free(rig);
}
END_TEST

START_TEST(ioapic_05_ids_and_windows_follow_one_another)
{
    rig_t *rig = rig_new(desc_of(profiles[_i]), &guest, true);
    const unsigned first = _i ? 0 : 2; /* on a serial bus IDs follow the CPUs' (ICC-23) */

    ck_assert_uint_eq(irqsim_machine_ioapics(rig->m), 2);
    ck_assert_uint_eq(reg(rig, 0, IOAPIC_REG_ID) >> IOAPIC_ID_SHIFT, first);
    ck_assert_uint_eq(reg(rig, 1, IOAPIC_REG_ID) >> IOAPIC_ID_SHIFT, first + 1);
    ck_assert_uint_eq(irqsim_guest_read(rig->m, 0, WINDOW(2)), UINT32_MAX);
    ck_assert_uint_eq(irqsim_guest_read(rig->m, 0, WINDOW(1) - 4), UINT32_MAX);
    ck_assert_ptr_null(irqsim_machine_ioapic_at(rig->m, 2));
    ck_assert_ptr_eq(irqsim_machine_ioapic(rig->m), irqsim_machine_ioapic_at(rig->m, 0));
    rig_free(rig);
}
END_TEST

/* Their lines are up before any local APIC is. */
START_TEST(ioapic_24_who_is_enabled_late_hears_what_waits_at_every_ioapic)
{
    rig_t *rig = rig_new(desc_of(profiles[_i]), &guest, true);

    entry(rig, 0, 5, 0x51, 0);
    entry(rig, 1, 17, 0x61, 1);
    irqsim_machine_run(rig->m, 200 * RIG_US);
    ck_assert_uint_eq(rig->cpu[0].handled[0x51] + rig->cpu[1].handled[0x61], 0);
    rig_enable_lapics(rig);
    irqsim_machine_run(rig->m, 400 * RIG_US);
    ck_assert_uint_gt(rig->cpu[0].handled[0x51], 0);
    ck_assert_uint_gt(rig->cpu[1].handled[0x61], 0);
    rig_free(rig);
}
END_TEST

static size_t size_of(irqsim_machine_desc_t desc)
{
    rig_t unused = {.guest = &guest};

    desc.guest = (irqsim_guest_code_t){rig_run, &unused};
    return irqsim_machine_size(&desc);
}

START_TEST(icc_03_limits)
{
    irqsim_machine_desc_t desc = desc_of(IRQSIM_P6_MP);

    desc.cpus = 13; /* 15 agents */
    ck_assert_uint_ne(size_of(desc), 0);
    desc.cpus = 14;
    ck_assert_uint_eq(size_of(desc), 0);
    desc = desc_of(IRQSIM_P4_XAPIC);
    desc.ioapics = 1; /* no pin 41 */
    ck_assert_uint_eq(size_of(desc), 0);
    desc.ioapics = IRQSIM_MAX_IOAPICS;
    ck_assert_uint_ne(size_of(desc), 0);
    desc.ioapics = IRQSIM_MAX_IOAPICS + 1;
    ck_assert_uint_eq(size_of(desc), 0);
    desc = (irqsim_machine_desc_t){.profile_id = IRQSIM_I486_PC, .ioapics = 1};
    ck_assert_uint_eq(size_of(desc), 0);
}
END_TEST

/* With messages of both IOAPICs under way. */
START_TEST(law_2_a_snapshot_has_all_ioapics)
{
    rig_t *rig = programmed(profiles[_i], 0x61),
          *copy = rig_new(desc_of(profiles[_i]), &guest, true);
    irqsim_snap_t measure = {0};

    irqsim_machine_run(rig->m, 150 * RIG_US);
    ck_assert_int_eq(irqsim_machine_save(rig->m, &measure), IRQSIM_OK);
    irqsim_snap_t snap = {.buf = malloc(measure.used), .size = measure.used};
    ck_assert_int_eq(irqsim_machine_save(rig->m, &snap), IRQSIM_OK);
    irqsim_snap_t back = {.buf = snap.buf, .size = snap.size, .reading = true};
    ck_assert_int_eq(irqsim_machine_load(copy->m, &back), IRQSIM_OK);
    memcpy(copy->cpu, rig->cpu, sizeof(copy->cpu));
    irqsim_machine_run(rig->m, 400 * RIG_US);
    irqsim_machine_run(copy->m, 400 * RIG_US);
    ck_assert_int_eq(memcmp(copy->cpu, rig->cpu, sizeof(copy->cpu)), 0);
    ck_assert_uint_eq(copy->cpu[1].handled[0x61], 3);
    free(snap.buf);
    rig_free(copy);
    rig_free(rig);
}
END_TEST

UNIT_MAIN("machine ioapics", UNIT_LOOP(ioapic_24_every_ioapic_has_its_own_pins_ioapic_36, 0, 3),
          UNIT_LOOP(ioapic_29_an_eoi_reaches_all_ioapics, 0, 3),
          UNIT_LOOP(ioapic_05_ids_and_windows_follow_one_another, 0, 3), UNIT_TEST(icc_03_limits),
          UNIT_LOOP(ioapic_24_who_is_enabled_late_hears_what_waits_at_every_ioapic, 0, 3),
          UNIT_LOOP(law_2_a_snapshot_has_all_ioapics, 0, 3))
