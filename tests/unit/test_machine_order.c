/* SPDX-License-Identifier: MIT */
/*
 * test_machine_order.c - laws 1 to 3: the same events in the same order, however
 * the machine is driven, and across a snapshot at any event
 */
#include "machine_rig.h"

#ifndef PROFILE
#define PROFILE IRQSIM_P4_XAPIC
#endif

#define END     (400 * RIG_US)
#define SOURCES 5u

/* Everything at once: two MSIs, a level and an edge line, the PIT, a LAPIC timer,
 * an IPI per handler, CPUs that compute and CPUs that halt. */
static const irqsim_source_desc_t sources[SOURCES] = {
    {.wiring = IRQSIM_WIRED_MSI,
     .pattern = IRQSIM_PATTERN_POISSON,
     .period = 30 * RIG_US,
     .seed = 7},
    {.wiring = IRQSIM_WIRED_MSI,
     .pattern = IRQSIM_PATTERN_BURST,
     .first = 10 * RIG_US,
     .period = 100 * RIG_US,
     .burst = 4,
     .gap = RIG_US},
    {.pin = 18, .active_low = 1, .pattern = IRQSIM_PATTERN_PERIODIC, .period = 50 * RIG_US},
    {.pin = 5, .pattern = IRQSIM_PATTERN_PERIODIC, .period = 50 * RIG_US, .pulse = 2 * RIG_US},
    {.wiring = IRQSIM_WIRED_MESSAGE,
     .cpu = 2,
     .vector = 0x91,
     .pattern = IRQSIM_PATTERN_PERIODIC,
     .period = 70 * RIG_US},
};

static void busy_or_idle(rig_t *rig, unsigned cpu)
{
    irqsim_guest_sti(rig->m, cpu);
    if (cpu == 0)
        irqsim_guest_spend(rig->m, cpu, 3333);
    else
        irqsim_guest_hlt(rig->m, cpu);
}

static void claim_open_and_tell(rig_t *rig, unsigned cpu, uint8_t vector)
{
    static const int8_t source_of[16] = {-1, -1, -1, -1, 0, 1, 2, 3, -1, 4, -1, -1, -1, -1, -1, -1};

    if (source_of[vector >> 4] >= 0) {
        rig_claim_all(rig, cpu, (uint32_t)source_of[vector >> 4]);
        rig_lapic_write(rig, cpu, LAPIC_REG_ICR_HIGH, 1u << LAPIC_ICR_HIGH_DEST_SHIFT);
        rig_lapic_write(rig, cpu, LAPIC_REG_ICR_LOW, LAPIC_ICR_ASSERT | 0xA1);
    }
    irqsim_guest_sti(rig->m, cpu);
    irqsim_guest_spend(rig->m, cpu, 5000);
}

static void lapic_eoi(rig_t *rig, unsigned cpu, uint8_t vector)
{
    (void)vector;
    irqsim_guest_cli(rig->m, cpu);
    rig_lapic_write(rig, cpu, LAPIC_REG_EOI, 0);
}

static const rig_guest_t guest = {busy_or_idle, claim_open_and_tell, lapic_eoi};

static void program(rig_t *rig)
{
    rig_enable_lapics(rig);
    rig_msi(rig, 0, 0x41, 0);
    rig_msi(rig, 1, 0x51, 1);
    rig_rte(rig, 18, IOAPIC_RTE_TRIGGER_LEVEL | IOAPIC_RTE_ACTIVE_LOW | 0x61, 0);
    rig_rte(rig, 5, 0x71, 0);
    rig_rte(rig, 2, 0x31, 2);
    irqsim_guest_outb(rig->m, 0, PIT_CONTROL,
                      PIT_CW_COUNTER(0) | PIT_CW_ACCESS_LOW_HIGH | PIT_CW_MODE_RATE);
    irqsim_guest_outb(rig->m, 0, PIT_COUNTER0, 60);
    irqsim_guest_outb(rig->m, 0, PIT_COUNTER0, 0);
    rig_lapic_write(rig, 0, LAPIC_REG_TIMER_DIVIDE, LAPIC_DIVIDE_BY_1);
    rig_lapic_write(rig, 0, LAPIC_REG_LVT_TIMER, LAPIC_LVT_TIMER_PERIODIC | 0xE1);
    rig_lapic_write(rig, 0, LAPIC_REG_TIMER_INITIAL, 5000);
}

static rig_t *storm(void)
{
    return rig_new((irqsim_machine_desc_t){.board = IRQSIM_BOARD_MP,
                                           .profile_id = PROFILE,
                                           .cpus = 3,
                                           .in_flight = 4,
                                           .sources = sources,
                                           .n_sources = SOURCES},
                   &guest, true);
}

static void same_story(const rig_t *a, const rig_t *b)
{
    ck_assert_uint_le(a->events, RIG_EVENTS);
    ck_assert_uint_eq(a->events, b->events);
    ck_assert_int_eq(memcmp(a->event, b->event, a->events * sizeof(a->event[0])), 0);
    ck_assert_uint_eq(irqsim_machine_steps(a->m), irqsim_machine_steps(b->m));
}

/* ---- snapshots ---- */

static size_t saved_size(const rig_t *rig)
{
    irqsim_snap_t snap = {0};

    ck_assert_int_eq(irqsim_machine_save(rig->m, &snap), IRQSIM_OK);
    return snap.used;
}

static uint8_t *save(const rig_t *rig)
{
    irqsim_snap_t snap = {.size = saved_size(rig)};

    snap.buf = malloc(snap.size);
    ck_assert_int_eq(irqsim_machine_save(rig->m, &snap), IRQSIM_OK);
    ck_assert_uint_eq(snap.used, snap.size);
    return snap.buf;
}

static irqsim_status_t load(rig_t *rig, uint8_t *bytes, size_t size)
{
    irqsim_snap_t snap = {.buf = bytes, .size = size, .reading = true};
    const irqsim_status_t st = irqsim_machine_load(rig->m, &snap);

    ck_assert(st == IRQSIM_OK || snap.where != NULL);
    return st;
}

/* A new machine, and the same guest, from the bytes of another. */
static rig_t *reborn(const rig_t *rig)
{
    rig_t *copy = storm();
    uint8_t *bytes = save(rig);

    ck_assert_int_eq(load(copy, bytes, saved_size(rig)), IRQSIM_OK);
    memcpy(copy->cpu, rig->cpu, sizeof(rig->cpu));
    memcpy(copy->event, rig->event, sizeof(rig->event));
    copy->events = rig->events;
    free(bytes);
    return copy;
}

/* ---- tests ---- */

static rig_t *whole;

static void run_whole(void)
{
    whole = storm();
    program(whole);
    ck_assert_int_eq(irqsim_machine_run(whole->m, END), IRQSIM_OK);
}

START_TEST(law_3_steps_equal_a_run)
{
    rig_t *rig = storm();
    bool did = true;

    run_whole();
    program(rig);
    while (irqsim_machine_next(rig->m) <= END)
        ck_assert_int_eq(irqsim_machine_step(rig->m, &did), IRQSIM_OK);
    ck_assert_uint_gt(irqsim_machine_steps(rig->m), 300);
    same_story(whole, rig);
    rig_free(rig);
    rig_free(whole);
}
END_TEST

START_TEST(law_3_slices_equal_a_run)
{
    rig_t *rig = storm();

    run_whole();
    program(rig);
    for (irqsim_time_t t = 0; t < END; t += 123457)
        ck_assert_int_eq(irqsim_machine_run(rig->m, t), IRQSIM_OK);
    ck_assert_int_eq(irqsim_machine_run(rig->m, END), IRQSIM_OK);
    same_story(whole, rig);
    rig_free(rig);
    rig_free(whole);
}
END_TEST

START_TEST(law_1_time_never_goes_back_and_ties_follow_the_actors)
{
    run_whole();
    for (uint64_t i = 1; i < whole->events; i++)
        ck_assert_uint_le(whole->event[i - 1].time, whole->event[i].time);
    for (uint32_t n = 0; n < SOURCES; n++)
        rig_counts(whole, n);
    rig_free(whole);
}
END_TEST

START_TEST(law_2_a_snapshot_at_any_event_goes_on_the_same)
{
    rig_t *rig = storm();
    bool did = true;

    run_whole();
    uint8_t *const end_state = save(whole);
    program(rig);
    for (unsigned k = 0; irqsim_machine_next(rig->m) <= END; k++) {
        ck_assert_int_eq(irqsim_machine_step(rig->m, &did), IRQSIM_OK);
        if (k % 3 != (unsigned)_i)
            continue;
        rig_t *copy = reborn(rig);
        uint8_t *there = save(rig), *here = save(copy);
        ck_assert_int_eq(memcmp(there, here, saved_size(rig)), 0);
        ck_assert_int_eq(irqsim_machine_run(copy->m, END), IRQSIM_OK);
        same_story(whole, copy);
        free(here);
        here = save(copy);
        ck_assert_uint_eq(saved_size(copy), saved_size(whole));
        ck_assert_int_eq(memcmp(end_state, here, saved_size(copy)), 0);
        free(here);
        free(there);
        rig_free(copy);
    }
    free(end_state);
    rig_free(rig);
    rig_free(whole);
}
END_TEST

START_TEST(law_5_a_damaged_snapshot_changes_nothing)
{
    rig_t *rig = storm();

    run_whole();
    const size_t size = saved_size(whole);
    uint8_t *bytes = save(whole);
    uint8_t *before = save(rig);
    for (size_t at = 0; at < size; at += 97) {
        bytes[at] ^= 0x40;
        ck_assert_int_eq(load(rig, bytes, size), IRQSIM_E_FORMAT);
        bytes[at] ^= 0x40;
    }
    for (size_t cut = 0; cut < size; cut += 1009)
        ck_assert_int_eq(load(rig, bytes, cut), IRQSIM_E_FORMAT);
    uint8_t *after = save(rig);
    ck_assert_int_eq(memcmp(before, after, saved_size(rig)), 0);
    ck_assert_int_eq(load(rig, bytes, size), IRQSIM_OK);
    free(after);
    free(before);
    free(bytes);
    rig_free(rig);
    rig_free(whole);
}
END_TEST

START_TEST(law_5_a_snapshot_of_another_machine_is_refused)
{
    rig_t *other = rig_new(
        (irqsim_machine_desc_t){.board = IRQSIM_BOARD_MP, .profile_id = IRQSIM_P4_XAPIC, .cpus = 2},
        &guest, false);
    rig_t *rig = storm();
    uint8_t *bytes = save(other);

    ck_assert_int_eq(load(rig, bytes, saved_size(other)), IRQSIM_E_FORMAT);
    free(bytes);
    rig_free(rig);
    rig_free(other);
}
END_TEST

START_TEST(law_2_layouts_name_every_byte)
{
    unsigned n = 0;

    for (const irqsim_layout_t *l; (l = irqsim_machine_layout(n)) != NULL; n++)
        ck_assert_msg(irqsim_layout_complete(l), "%s", l->name);
    ck_assert_uint_eq(n, 14);
}
END_TEST

/* Observation never changes the model. */
START_TEST(law_1_tracing_changes_nothing)
{
    rig_t *silent = rig_new((irqsim_machine_desc_t){.board = IRQSIM_BOARD_MP,
                                                    .profile_id = PROFILE,
                                                    .cpus = 3,
                                                    .in_flight = 4,
                                                    .sources = sources,
                                                    .n_sources = SOURCES},
                            &guest, false);

    run_whole();
    program(silent);
    ck_assert_int_eq(irqsim_machine_run(silent->m, END), IRQSIM_OK);
    ck_assert_uint_eq(irqsim_machine_steps(silent->m), irqsim_machine_steps(whole->m));
    ck_assert_int_eq(memcmp(silent->cpu, whole->cpu, sizeof(whole->cpu)), 0);
    rig_free(silent);
    rig_free(whole);
}
END_TEST

UNIT_MAIN("machine_order", UNIT_TEST(law_3_steps_equal_a_run), UNIT_TEST(law_3_slices_equal_a_run),
          UNIT_TEST(law_1_time_never_goes_back_and_ties_follow_the_actors),
          UNIT_LOOP(law_2_a_snapshot_at_any_event_goes_on_the_same, 0, 3),
          UNIT_TEST(law_5_a_damaged_snapshot_changes_nothing),
          UNIT_TEST(law_5_a_snapshot_of_another_machine_is_refused),
          UNIT_TEST(law_2_layouts_name_every_byte), UNIT_TEST(law_1_tracing_changes_nothing))
