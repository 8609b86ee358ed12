/* SPDX-License-Identifier: MIT */
/*
 * test_machine_virtual_wire.c - the 8259A pair on a board with APICs: ExtINT through an
 * IOAPIC pin or LINT0, beside interrupts that go by the APICs, and heard by nobody
 */
#include "machine_rig.h"

#define WORK      (5 * RIG_US)
#define PIC_FIRST 0x20u /* the pair's vectors are 20-2F */
#define PIC_LAST  0x2Fu

static bool is_from_pic(uint8_t vector)
{
    return vector >= PIC_FIRST && vector <= PIC_LAST;
}

static void claim_and_work(rig_t *rig, unsigned cpu, uint8_t vector)
{
    (void)vector;
    for (uint32_t n = 0; n < irqsim_machine_sources(rig->m); n++)
        rig_claim_all(rig, cpu, n);
    irqsim_guest_spend_time(rig->m, cpu, WORK);
}

/* MP-08: who gave the vector gets the EOI. */
static void eoi(rig_t *rig, unsigned cpu, uint8_t vector)
{
    if (is_from_pic(vector))
        rig_eoi_pics(rig, cpu, vector);
    else
        rig_lapic_write(rig, cpu, LAPIC_REG_EOI, 0);
}

static void no_eoi(rig_t *rig, unsigned cpu, uint8_t vector)
{
    (void)rig, (void)cpu, (void)vector;
}

static const rig_guest_t idle_guest = {rig_idle, claim_and_work, eoi};

/* Line `pin`, `count` times, 50 us apart. */
static irqsim_source_desc_t on_line(uint16_t pin, uint64_t count)
{
    return (irqsim_source_desc_t){.pin = pin,
                                  .pattern = IRQSIM_PATTERN_PERIODIC,
                                  .first = 100 * RIG_US,
                                  .period = 50 * RIG_US,
                                  .count = count};
}

static rig_t *machine(irqsim_profile_id_t profile, const irqsim_source_desc_t *src, uint32_t n,
                      const rig_guest_t *guest)
{
    rig_t *rig = rig_new((irqsim_machine_desc_t){.board = IRQSIM_BOARD_MP,
                                                 .profile_id = profile,
                                                 .cpus = 2,
                                                 .sources = src,
                                                 .n_sources = n},
                         guest, true);

    rig_enable_lapics(rig);
    return rig;
}

/* ---- INT dips between the pulses of INTA ---- */

static void claim_its_own(rig_t *rig, unsigned cpu, uint8_t vector)
{
    rig_claim_all(rig, cpu, vector == 0x23 ? 0 : 1);
    irqsim_guest_spend_time(rig->m, cpu, WORK);
}

/* PIC-31, PIC-29: INT is low from the first pulse on, and pin 0 is an edge. Lines 3 and 5
 * ask together; the master ends the first one by itself, and asks for the second. */
START_TEST(mp_03_int_that_dips_in_the_acknowledge_is_an_edge_at_the_ioapic)
{
    static const rig_guest_t aeoi_guest = {rig_idle, claim_its_own, no_eoi};
    const irqsim_source_desc_t src[] = {on_line(3, 2), on_line(5, 2)};
    rig_t *rig = machine(IRQSIM_P4_XAPIC, src, 2, &aeoi_guest);

    rig_init_pics_as(rig, 0, 0x03, 0x01);
    rig_rte(rig, 0, IOAPIC_RTE_DM_EXTINT, 1);
    irqsim_machine_run(rig->m, 400 * RIG_US);
    ck_assert_uint_eq(rig->cpu[1].handled[0x23], 2);
    ck_assert_uint_eq(rig->cpu[1].handled[0x25], 2);
    ck_assert_uint_eq(irqsim_machine_pic(rig->m, 0)->out, 0);
    rig_free(rig);
}
END_TEST

/* ---- beside interrupts that go by the APICs ---- */

static const irqsim_profile_id_t profiles[] = {IRQSIM_P6_MP, IRQSIM_P4_XAPIC, IRQSIM_MODERN_X2APIC};
#define PROFILES (sizeof(profiles) / sizeof(profiles[0]))

/* MP-01: boards that have an IMCR leave PIC mode. Elsewhere nobody is at these ports. */
static void leave_pic_mode(rig_t *rig)
{
    irqsim_guest_outb(rig->m, 0, 0x22, 0x70);
    irqsim_guest_outb(rig->m, 0, 0x23, 1);
}

static unsigned handled_from_pic(const rig_t *rig)
{
    unsigned n = 0;

    for (unsigned cpu = 0; cpu < 2; cpu++)
        for (unsigned v = PIC_FIRST; v <= PIC_LAST; v++)
            n += rig->cpu[cpu].handled[v];
    return n;
}

/* The loop counter is the profile. Line 3 by the 8259A and LINT0 of CPU 0, at the same
 * instants line 17 by the IOAPIC to CPU 0 and line 18 to CPU 1. */
START_TEST(mp_07_mixed_mode_runs_both_ways_at_once)
{
    const irqsim_source_desc_t src[] = {on_line(3, 3), on_line(17, 3), on_line(18, 3)};
    rig_t *rig = machine(profiles[_i], src, 3, &idle_guest);

    leave_pic_mode(rig);
    rig_init_pics(rig, 0);
    rig_lapic_write(rig, 0, LAPIC_REG_LVT_LINT0, LAPIC_DM_EXTINT);
    rig_rte(rig, 17, IOAPIC_RTE_TRIGGER_LEVEL | 0x51, 0);
    rig_rte(rig, 18, 0x52, 1);
    irqsim_machine_run(rig->m, 400 * RIG_US);
    ck_assert_uint_eq(rig->cpu[0].handled[0x23], 3);
    ck_assert_uint_eq(handled_from_pic(rig), 3);
    ck_assert_uint_eq(rig->cpu[0].handled[0x51], 3);
    ck_assert_uint_eq(rig->cpu[1].handled[0x52], 3);
    ck_assert_uint_eq(irqsim_machine_pic(rig->m, 0)->isr, 0);
    ck_assert_int_eq(irqsim_lapic_isrv(irqsim_machine_lapic(rig->m, 0)), -1);
    ck_assert_uint_eq(irqsim_machine_ioapic(rig->m)->remote, 0);
    rig_free(rig);
}
END_TEST

/* Claims at the IOAPIC's line only: line 3 asks for ever. */
static void claim_second(rig_t *rig, unsigned cpu, uint8_t vector)
{
    (void)vector;
    rig_claim_all(rig, cpu, 1);
    irqsim_guest_spend_time(rig->m, cpu, WORK);
}

/* The loop counter is the profile. The 8259A asks, and is not masked; LINT0 and pin 0 are. */
START_TEST(mp_04_nobody_hears_an_8259_that_asks)
{
    static const rig_guest_t guest = {rig_idle, claim_second, eoi};
    const irqsim_source_desc_t src[] = {on_line(3, 3), on_line(17, 3)};
    rig_t *rig = machine(profiles[_i], src, 2, &guest);

    leave_pic_mode(rig);
    rig_init_pics(rig, 0);
    rig_rte(rig, 17, IOAPIC_RTE_TRIGGER_LEVEL | 0x51, 1);
    irqsim_machine_run(rig->m, 400 * RIG_US);
    ck_assert_uint_ne(irqsim_machine_pic(rig->m, 0)->out & IRQSIM_PIC_OUT_INT, 0);
    ck_assert_uint_eq(handled_from_pic(rig), 0);
    ck_assert_uint_eq(rig_count(rig, IRQSIM_EV_PIC_INTA), 0);
    ck_assert_uint_eq(rig->cpu[1].handled[0x51], 3);
    rig_free(rig);
}
END_TEST

UNIT_MAIN("machine virtual wire",
          UNIT_TEST(mp_03_int_that_dips_in_the_acknowledge_is_an_edge_at_the_ioapic),
          UNIT_LOOP(mp_07_mixed_mode_runs_both_ways_at_once, 0, PROFILES),
          UNIT_LOOP(mp_04_nobody_hears_an_8259_that_asks, 0, PROFILES))
