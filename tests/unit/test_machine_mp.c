/* SPDX-License-Identifier: MIT */
/*
 * test_machine_mp.c - the MP board: MSIs, IOAPIC pins, IPIs, timers, and the
 * 8259A beside them
 */
#include "machine_rig.h"

#define WORK (5 * RIG_US)

static void claim_and_work(rig_t *rig, unsigned cpu, uint8_t vector)
{
    (void)vector;
    if (irqsim_machine_sources(rig->m) > 0)
        rig_claim_all(rig, cpu, 0);
    irqsim_guest_spend_time(rig->m, cpu, WORK);
}

static void lapic_eoi(rig_t *rig, unsigned cpu, uint8_t vector)
{
    if (vector != 0xFF) /* APIC-49 */
        rig_lapic_write(rig, cpu, LAPIC_REG_EOI, 0);
}

static const rig_guest_t idle_guest = {rig_idle, claim_and_work, lapic_eoi};

static rig_t *machine(const irqsim_source_desc_t *src, uint16_t cpus, const rig_guest_t *guest)
{
    rig_t *rig = rig_new((irqsim_machine_desc_t){.board = IRQSIM_BOARD_MP,
                                                 .profile_id = IRQSIM_P4_XAPIC,
                                                 .cpus = cpus,
                                                 .sources = src,
                                                 .n_sources = src ? 1 : 0},
                         guest, true);

    rig_enable_lapics(rig);
    return rig;
}

static irqsim_source_desc_t periodic(irqsim_wiring_t wiring, uint64_t count)
{
    return (irqsim_source_desc_t){.wiring = wiring,
                                  .pin = 17,
                                  .pattern = IRQSIM_PATTERN_PERIODIC,
                                  .first = 100 * RIG_US,
                                  .period = RIG_US,
                                  .count = count};
}

START_TEST(time_66_an_msi_takes_pin_to_core)
{
    const irqsim_source_desc_t src = periodic(IRQSIM_WIRED_MSI, 1);
    rig_t *rig = machine(&src, 2, &idle_guest);

    rig_msi(rig, 0, 0x41, 1);
    irqsim_machine_run(rig->m, 200 * RIG_US);
    ck_assert_uint_eq(rig->cpu[0].handled[0x41], 0);
    ck_assert_uint_eq(rig->cpu[1].handled[0x41], 1);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_DELIVER, 0)->time,
                      100 * RIG_US + irqsim_machine_profile(rig->m)->pin_to_core * RIG_NS);
    ck_assert_uint_eq(rig_counts(rig, 0).delivered, 1);
    rig_free(rig);
}
END_TEST

START_TEST(apic_44_causes_lead_from_eoi_to_arrival)
{
    const irqsim_source_desc_t src = periodic(IRQSIM_WIRED_MSI, 1);
    rig_t *rig = machine(&src, 1, &idle_guest);

    rig_msi(rig, 0, 0x41, 0);
    irqsim_machine_run(rig->m, 200 * RIG_US);
    const irqsim_event_t *ack = rig_cause(rig, rig_event(rig, IRQSIM_EV_LAPIC_EOI, 0));
    ck_assert_uint_eq(ack->id, IRQSIM_EV_LAPIC_ACK);
    ck_assert_ptr_eq(rig_cause(rig, rig_event(rig, IRQSIM_EV_DELIVER, 0)), ack);
    const irqsim_event_t *accept = rig_cause(rig, ack);
    ck_assert_uint_eq(accept->id, IRQSIM_EV_MSG_ACCEPT);
    const irqsim_event_t *send = rig_cause(rig, accept);
    ck_assert_uint_eq(send->id, IRQSIM_EV_MSG_SEND);
    ck_assert_uint_eq(rig_cause(rig, send)->id, IRQSIM_EV_ARRIVAL);
    ck_assert_ptr_eq(rig_cause(rig, rig_event(rig, IRQSIM_EV_CLAIM, 0)), rig_cause(rig, send));
    rig_free(rig);
}
END_TEST

/* Ten arrivals 1 us apart, a handler of 5 us: the first is handled alone, what
 * comes meanwhile is handled together, and nothing is lost. */
/* CPU 0 reads where there is no register; the error interrupts it. */
static void read_nothing(rig_t *rig, unsigned cpu)
{
    if (rig->cpu[cpu].runs == 1) {
        irqsim_guest_sti(rig->m, cpu);
        rig_lapic_write(rig, cpu, LAPIC_REG_LVT_ERROR, 0x45);
        irqsim_guest_read(rig->m, cpu, LAPIC_MMIO_BASE + 0x10);
    }
    irqsim_guest_spend(rig->m, cpu, 100);
}

START_TEST(apic_50_a_read_that_is_an_error_interrupts)
{
    static const rig_guest_t guest = {read_nothing, claim_and_work, lapic_eoi};
    rig_t *rig = machine(NULL, 1, &guest);

    irqsim_machine_run(rig->m, 10 * RIG_US);
    ck_assert_uint_eq(rig->cpu[0].handled[0x45], 1);
    rig_free(rig);
}
END_TEST

START_TEST(apic_45_msis_coalesce_in_irr)
{
    const irqsim_source_desc_t src = periodic(IRQSIM_WIRED_MSI, 10);
    rig_t *rig = machine(&src, 1, &idle_guest);

    rig_msi(rig, 0, 0x41, 0);
    irqsim_machine_run(rig->m, 300 * RIG_US);
    const irqsim_source_counts_t counts = rig_counts(rig, 0);
    ck_assert_uint_eq(counts.arrived, 10);
    ck_assert_uint_eq(counts.pending, 0);
    ck_assert_uint_gt(counts.coalesced, 5);
    ck_assert_uint_eq(counts.delivered, rig->cpu[0].handled[0x41]);
    rig_free(rig);
}
END_TEST

START_TEST(apic_45_an_msi_waits_until_it_is_enabled)
{
    const irqsim_source_desc_t src = periodic(IRQSIM_WIRED_MSI, 3);
    rig_t *rig = machine(&src, 1, &idle_guest);

    irqsim_machine_run(rig->m, 200 * RIG_US);
    ck_assert_uint_eq(rig_counts(rig, 0).pending, 3);
    rig_msi(rig, 0, 0x41, 0);
    irqsim_machine_run(rig->m, 300 * RIG_US);
    ck_assert_uint_eq(rig->cpu[0].handled[0x41], 1);
    ck_assert_uint_eq(rig_counts(rig, 0).coalesced, 2);
    rig_free(rig);
}
END_TEST

/* ---- IOAPIC pins ---- */

START_TEST(ioapic_24_a_level_line_holds_remote_irr_until_eoi)
{
    irqsim_source_desc_t src = periodic(IRQSIM_WIRED_PIN, 1);
    src.active_low = 1;
    rig_t *rig = machine(&src, 2, &idle_guest);
    const irqsim_profile_t *p = irqsim_machine_profile(rig->m);

    rig_rte(rig, 17, IOAPIC_RTE_TRIGGER_LEVEL | IOAPIC_RTE_ACTIVE_LOW | 0x51, 1);
    irqsim_machine_run(rig->m, 100 * RIG_US + p->pin_to_core * RIG_NS);
    ck_assert_uint_ne(irqsim_ioapic_rte(irqsim_machine_ioapic(rig->m), 17) & IOAPIC_RTE_REMOTE_IRR,
                      0);
    irqsim_machine_run(rig->m, 200 * RIG_US);
    ck_assert_uint_eq(irqsim_ioapic_rte(irqsim_machine_ioapic(rig->m), 17) & IOAPIC_RTE_REMOTE_IRR,
                      0);
    ck_assert_uint_eq(rig->cpu[1].handled[0x51], 1);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_LAPIC_EOI, 0)->arg[1], 1);
    rig_free(rig);
}
END_TEST

/* A handler that does not claim: the line stays, so the EOI brings it back. */
static void work(rig_t *rig, unsigned cpu, uint8_t vector)
{
    if (rig->cpu[cpu].handled[vector] >= 3)
        rig_claim_all(rig, cpu, 0);
    irqsim_guest_spend_time(rig->m, cpu, WORK);
}

static const rig_guest_t lazy_guest = {rig_idle, work, lapic_eoi};

START_TEST(ioapic_24_a_line_that_stays_comes_again_after_eoi)
{
    const irqsim_source_desc_t src = periodic(IRQSIM_WIRED_PIN, 1);
    rig_t *rig = machine(&src, 1, &lazy_guest);
    const irqsim_profile_t *p = irqsim_machine_profile(rig->m);

    rig_rte(rig, 17, IOAPIC_RTE_TRIGGER_LEVEL | 0x51, 0);
    irqsim_machine_run(rig->m, 300 * RIG_US);
    ck_assert_uint_eq(rig->cpu[0].handled[0x51], 3);
    const irqsim_event_t *eoi = rig_event(rig, IRQSIM_EV_LAPIC_EOI, 0);
    const irqsim_event_t *again = rig_event(rig, IRQSIM_EV_DELIVER, 1);
    ck_assert_uint_eq(again->time, eoi->time + (p->eoi_to_ioapic + p->pin_to_core) * RIG_NS);
    rig_free(rig);
}
END_TEST

START_TEST(ioapic_23_an_edge_on_a_masked_pin_is_lost)
{
    const irqsim_source_desc_t src = periodic(IRQSIM_WIRED_PIN, 1);
    rig_t *rig = machine(&src, 1, &idle_guest);

    irqsim_machine_run(rig->m, 200 * RIG_US);
    ck_assert_uint_eq(rig_counts(rig, 0).lost_edges, 1);
    ck_assert_uint_eq(rig_counts(rig, 0).pending, 1);
    ck_assert_uint_eq(rig_count(rig, IRQSIM_EV_IOAPIC_LOST), 1);
    rig_free(rig);
}
END_TEST

START_TEST(ioapic_26_a_level_pulse_that_nobody_accepts_is_withdrawn)
{
    irqsim_source_desc_t src = periodic(IRQSIM_WIRED_PIN, 1);
    src.pulse = 3 * RIG_US;
    rig_t *rig = machine(&src, 1, &idle_guest);

    rig_rte(rig, 17, IOAPIC_RTE_TRIGGER_LEVEL | IOAPIC_RTE_MASKED | 0x51, 0);
    irqsim_machine_run(rig->m, 200 * RIG_US);
    ck_assert_uint_eq(rig_counts(rig, 0).withdrawn, 1);
    ck_assert_uint_eq(rig->cpu[0].handled[0x51], 0);
    rig_free(rig);
}
END_TEST

/* Two devices on one pin: it falls when the last one is claimed. */
static void claim_one_by_one(rig_t *rig, unsigned cpu, uint8_t vector)
{
    rig_claim_all(rig, cpu, rig->cpu[cpu].handled[vector] - 1);
    irqsim_guest_spend_time(rig->m, cpu, WORK);
}

static const rig_guest_t shared_guest = {rig_idle, claim_one_by_one, lapic_eoi};

START_TEST(ioapic_24_a_shared_line_is_high_while_anyone_holds_it)
{
    const irqsim_source_desc_t one = periodic(IRQSIM_WIRED_PIN, 1);
    const irqsim_source_desc_t src[] = {one, one};
    rig_t *rig = rig_new((irqsim_machine_desc_t){.board = IRQSIM_BOARD_MP,
                                                 .profile_id = IRQSIM_P4_XAPIC,
                                                 .sources = src,
                                                 .n_sources = 2},
                         &shared_guest, true);

    rig_enable_lapics(rig);
    rig_rte(rig, 17, IOAPIC_RTE_TRIGGER_LEVEL | 0x51, 0);
    irqsim_machine_run(rig->m, 200 * RIG_US);
    ck_assert_uint_eq(rig->cpu[0].handled[0x51], 2);
    ck_assert_uint_eq(rig_count(rig, IRQSIM_EV_LINE), 2); /* up once, down once */
    ck_assert_uint_eq(rig_counts(rig, 0).delivered, 1);
    ck_assert_uint_eq(rig_counts(rig, 1).delivered, 1);
    rig_free(rig);
}
END_TEST

/* ---- IPIs ---- */

static void send_one(rig_t *rig, unsigned cpu)
{
    if (cpu == 0 && rig->cpu[0].runs == 1) {
        rig_lapic_write(rig, 0, LAPIC_REG_ICR_HIGH, 2u << LAPIC_ICR_HIGH_DEST_SHIFT);
        rig_lapic_write(rig, 0, LAPIC_REG_ICR_LOW, LAPIC_ICR_ASSERT | 0x61);
    }
    rig_idle(rig, cpu);
}

static const rig_guest_t sender_guest = {send_one, claim_and_work, lapic_eoi};

START_TEST(apic_76_an_ipi_goes_to_the_cpu_it_names)
{
    rig_t *rig = machine(NULL, 4, &sender_guest);

    irqsim_machine_run(rig->m, 100 * RIG_US);
    for (unsigned cpu = 0; cpu < 4; cpu++)
        ck_assert_uint_eq(rig->cpu[cpu].handled[0x61], cpu == 2);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_DELIVER, 0)->time,
                      irqsim_machine_profile(rig->m)->ipi_oneway * RIG_NS);
    rig_free(rig);
}
END_TEST

static void send_others(rig_t *rig, unsigned cpu)
{
    if (cpu == 1 && rig->cpu[1].runs == 1)
        rig_lapic_write(rig, 1, LAPIC_REG_ICR_LOW, LAPIC_ICR_TO_OTHERS | LAPIC_ICR_ASSERT | 0x62);
    rig_idle(rig, cpu);
}

static const rig_guest_t others_guest = {send_others, claim_and_work, lapic_eoi};

START_TEST(apic_69_all_but_self_leaves_the_sender_out)
{
    rig_t *rig = machine(NULL, 4, &others_guest);

    irqsim_machine_run(rig->m, 100 * RIG_US);
    for (unsigned cpu = 0; cpu < 4; cpu++)
        ck_assert_uint_eq(rig->cpu[cpu].handled[0x62], cpu != 1);
    ck_assert_uint_eq(rig_count(rig, IRQSIM_EV_MSG_SEND), 1);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_MSG_SEND, 0)->arg[2], 0xFF);
    rig_free(rig);
}
END_TEST

static void send_self(rig_t *rig, unsigned cpu)
{
    if (rig->cpu[cpu].runs == 1)
        rig_lapic_write(rig, cpu, LAPIC_REG_ICR_LOW, LAPIC_ICR_TO_SELF | LAPIC_ICR_ASSERT | 0x63);
    rig_idle(rig, cpu);
}

static const rig_guest_t self_guest = {send_self, claim_and_work, lapic_eoi};

START_TEST(apic_75_a_self_ipi_does_not_travel)
{
    rig_t *rig = machine(NULL, 1, &self_guest);

    irqsim_machine_run(rig->m, 100 * RIG_US);
    ck_assert_uint_eq(rig->cpu[0].handled[0x63], 1);
    ck_assert_uint_eq(rig_count(rig, IRQSIM_EV_MSG_SEND), 0);
    rig_free(rig);
}
END_TEST

START_TEST(apic_93_x2apic_clusters_are_found_by_number)
{
    rig_t *rig = rig_new((irqsim_machine_desc_t){.board = IRQSIM_BOARD_MP,
                                                 .profile_id = IRQSIM_MODERN_X2APIC,
                                                 .cpus = 16},
                         &idle_guest, true);

    rig_enable_lapics(rig);
    for (unsigned cpu = 0; cpu < 16; cpu++)
        ck_assert(irqsim_guest_wrmsr(rig->m, cpu, MSR_IA32_APIC_BASE,
                                     LAPIC_MMIO_BASE | APIC_BASE_EN | APIC_BASE_EXTD |
                                         (cpu == 0 ? APIC_BASE_BSP : 0)));
    ck_assert(irqsim_guest_wrmsr(rig->m, 0, MSR_X2APIC_ICR,
                                 (uint64_t)0x8004 << 32 | LAPIC_ICR_DEST_LOGICAL |
                                     LAPIC_ICR_ASSERT | 0x64));
    irqsim_machine_run(rig->m, 100 * RIG_US);
    for (unsigned cpu = 0; cpu < 16; cpu++)
        ck_assert_uint_eq(rig->cpu[cpu].handled[0x64], cpu == 2 || cpu == 15);
    rig_free(rig);
}
END_TEST

/* ---- some APICs in xAPIC mode, some in x2APIC mode ---- */

#define MANY 20u /* more than a cluster */

static rig_t *in_x2apic_mode(unsigned first, unsigned last)
{
    rig_t *rig = rig_new((irqsim_machine_desc_t){.board = IRQSIM_BOARD_MP,
                                                 .profile_id = IRQSIM_MODERN_X2APIC,
                                                 .cpus = MANY},
                         &idle_guest, true);

    rig_enable_lapics(rig);
    for (unsigned cpu = first; cpu < last; cpu++)
        ck_assert(irqsim_guest_wrmsr(rig->m, cpu, MSR_IA32_APIC_BASE,
                                     LAPIC_MMIO_BASE | APIC_BASE_EN | APIC_BASE_EXTD |
                                         (cpu == 0 ? APIC_BASE_BSP : 0)));
    return rig;
}

static void send_to_flat_2(rig_t *rig, unsigned cpu)
{
    rig_lapic_write(rig, cpu, LAPIC_REG_ICR_HIGH, 2u << LAPIC_ICR_HIGH_DEST_SHIFT);
    rig_lapic_write(rig, cpu, LAPIC_REG_ICR_LOW, LAPIC_ICR_DEST_LOGICAL | LAPIC_ICR_ASSERT | 0x64);
}

/* Flat ID 2 is CPU 17's; as an x2APIC's ID it would be CPU 1's. */
static void check_flat_2(rig_t *rig)
{
    rig_lapic_write(rig, 17, LAPIC_REG_LDR, 2u << LAPIC_LDR_SHIFT);
    send_to_flat_2(rig, 18);
    irqsim_machine_run(rig->m, irqsim_machine_now(rig->m) + 100 * RIG_US);
    for (unsigned cpu = 0; cpu < MANY; cpu++)
        ck_assert_uint_eq(rig->cpu[cpu].handled[0x64], cpu == 17);
}

START_TEST(apic_77_xapics_beyond_a_cluster_hear_logical_messages_beside_x2apics)
{
    rig_t *rig = in_x2apic_mode(0, 1);

    check_flat_2(rig);
    rig_free(rig);
}
END_TEST

/* APIC-35: by way of the disabled state. */
static void back_to_xapic_mode(rig_t *rig, unsigned cpu)
{
    ck_assert(irqsim_guest_wrmsr(rig->m, cpu, MSR_IA32_APIC_BASE, LAPIC_MMIO_BASE));
    ck_assert(irqsim_guest_wrmsr(rig->m, cpu, MSR_IA32_APIC_BASE, LAPIC_MMIO_BASE | APIC_BASE_EN));
    rig_lapic_write(rig, cpu, LAPIC_REG_SVR, LAPIC_SVR_ENABLE | 0xFF);
}

START_TEST(apic_77_an_apic_that_has_left_x2apic_mode_hears_logical_messages_again)
{
    rig_t *rig = in_x2apic_mode(0, MANY);

    back_to_xapic_mode(rig, 17);
    back_to_xapic_mode(rig, 18);
    rig_lapic_write(rig, 17, LAPIC_REG_LDR, 4u << LAPIC_LDR_SHIFT);
    rig_lapic_write(rig, 18, LAPIC_REG_ICR_HIGH, 4u << LAPIC_ICR_HIGH_DEST_SHIFT);
    rig_lapic_write(rig, 18, LAPIC_REG_ICR_LOW, LAPIC_ICR_DEST_LOGICAL | LAPIC_ICR_ASSERT | 0x64);
    irqsim_machine_run(rig->m, 100 * RIG_US);
    for (unsigned cpu = 0; cpu < MANY; cpu++) /* 4 is CPU 2's x2APIC ID */
        ck_assert_uint_eq(rig->cpu[cpu].handled[0x64], cpu == 2 || cpu == 17);
    rig_free(rig);
}
END_TEST

/* What was found out about the machine before a load is no longer true. */
START_TEST(law_2_modes_of_apics_are_loaded)
{
    rig_t *rig = in_x2apic_mode(0, 1), *copy = in_x2apic_mode(0, MANY);

    rig_become(copy, rig);
    check_flat_2(copy);
    rig_free(copy);
    rig_free(rig);
}
END_TEST

/* ICC-37: equal priorities take turns. */
START_TEST(icc_37_lowest_priority_takes_turns)
{
    irqsim_source_desc_t src = periodic(IRQSIM_WIRED_MSI, 8);
    src.period = 20 * RIG_US;
    rig_t *rig = machine(&src, 4, &idle_guest);

    irqsim_guest_write(rig->m, 0, IRQSIM_SOURCE_MMIO(0) + IRQSIM_SOURCE_REG_MSI_ADDR,
                       MSI_ADDRESS(0xFF, 0));
    irqsim_guest_write(rig->m, 0, IRQSIM_SOURCE_MMIO(0) + IRQSIM_SOURCE_REG_MSI_DATA,
                       MSI_DATA_EDGE(0x65, LAPIC_DM_LOWEST));
    irqsim_guest_write(rig->m, 0, IRQSIM_SOURCE_MMIO(0) + IRQSIM_SOURCE_REG_MSI_CTRL, 1);
    irqsim_machine_run(rig->m, 500 * RIG_US);
    for (unsigned cpu = 0; cpu < 4; cpu++)
        ck_assert_uint_eq(rig->cpu[cpu].handled[0x65], 2);
    rig_free(rig);
}
END_TEST

/* ---- a full bus ---- */

START_TEST(law_6_a_full_bus_loses_nothing)
{
    irqsim_source_desc_t src[8];
    for (unsigned i = 0; i < 8; i++) {
        src[i] = periodic(IRQSIM_WIRED_MESSAGE, 1);
        src[i].cpu = (uint16_t)(i / 4);
        src[i].vector = (uint8_t)(0x40 + 16 * (i % 4));
    }
    rig_t *rig = rig_new((irqsim_machine_desc_t){.board = IRQSIM_BOARD_MP,
                                                 .profile_id = IRQSIM_P4_XAPIC,
                                                 .cpus = 2,
                                                 .in_flight = 1,
                                                 .sources = src,
                                                 .n_sources = 8},
                         &idle_guest, true);

    rig_enable_lapics(rig);
    irqsim_machine_run(rig->m, 1000 * RIG_US);
    for (unsigned i = 0; i < 8; i++)
        ck_assert_uint_eq(rig->cpu[i / 4].handled[src[i].vector], 1);
    rig_free(rig);
}
END_TEST

/* APIC-46: two requests of a class; the third is refused and sent again until an
 * EOI makes room. */
START_TEST(apic_46_a_refused_message_is_sent_again)
{
    irqsim_source_desc_t src[3];
    for (unsigned i = 0; i < 3; i++) {
        src[i] = periodic(IRQSIM_WIRED_MESSAGE, 1);
        src[i].vector = (uint8_t)(0x41 + i);
    }
    rig_t *rig = rig_new(
        (irqsim_machine_desc_t){
            .board = IRQSIM_BOARD_MP, .profile_id = IRQSIM_P6_MP, .sources = src, .n_sources = 3},
        &idle_guest, true);

    rig_enable_lapics(rig);
    irqsim_machine_run(rig->m, 1000 * RIG_US);
    for (unsigned i = 0; i < 3; i++)
        ck_assert_uint_eq(rig->cpu[0].handled[0x41 + i], 1);
    ck_assert_uint_ge(rig_count(rig, IRQSIM_EV_MSG_REFUSED), 1);
    rig_free(rig);
}
END_TEST

/* ---- timer, NMI, the 8259A ---- */

START_TEST(apic_83_the_timer_ticks_without_the_bus)
{
    rig_t *rig = machine(NULL, 2, &idle_guest);

    rig_lapic_write(rig, 1, LAPIC_REG_TIMER_DIVIDE, LAPIC_DIVIDE_BY_1);
    rig_lapic_write(rig, 1, LAPIC_REG_LVT_TIMER, LAPIC_LVT_TIMER_PERIODIC | 0xEF);
    rig_lapic_write(rig, 1, LAPIC_REG_TIMER_INITIAL, 100000); /* 1 ms of 100 MHz */
    irqsim_machine_run(rig->m, 10500 * RIG_US);
    ck_assert_uint_eq(rig->cpu[1].handled[0xEF], 10);
    ck_assert_uint_eq(rig->cpu[0].handled[0xEF], 0);
    ck_assert_uint_eq(rig_cause(rig, rig_event(rig, IRQSIM_EV_LAPIC_ACK, 0))->id,
                      IRQSIM_EV_LAPIC_TIMER);
    rig_free(rig);
}
END_TEST

static void pic_eoi(rig_t *rig, unsigned cpu, uint8_t vector)
{
    rig_eoi_pics(rig, cpu, vector);
}

static const rig_guest_t wire_guest = {rig_idle, claim_and_work, pic_eoi};

/* MP-02, MP-08: virtual wire; the LAPIC only passes the request on. */
START_TEST(mp_08_extint_runs_the_8259_and_leaves_the_lapic_alone)
{
    irqsim_source_desc_t src = periodic(IRQSIM_WIRED_PIN, 3);
    src.pin = 11;
    src.period = 50 * RIG_US;
    rig_t *rig = machine(&src, 2, &wire_guest);

    rig_init_pics(rig, 0);
    rig_lapic_write(rig, 0, LAPIC_REG_LVT_LINT0, LAPIC_DM_EXTINT);
    irqsim_machine_run(rig->m, 102 * RIG_US);
    ck_assert_int_eq(irqsim_lapic_isrv(irqsim_machine_lapic(rig->m, 0)), -1);
    ck_assert_uint_eq(irqsim_machine_pic(rig->m, 1)->isr, 0x08);
    irqsim_machine_run(rig->m, 400 * RIG_US);
    ck_assert_uint_eq(rig->cpu[0].handled[0x2B], 3);
    ck_assert_uint_eq(rig->cpu[1].handled[0x2B], 0);
    ck_assert_uint_eq(rig_counts(rig, 0).delivered, 3);
    ck_assert_uint_eq(rig_counts(rig, 0).lost_edges, 0); /* the 8259A had them */
    rig_free(rig);
}
END_TEST

/* MP-03: virtual wire through the IOAPIC. */
START_TEST(mp_03_extint_also_comes_through_the_ioapic)
{
    irqsim_source_desc_t src = periodic(IRQSIM_WIRED_PIN, 3);
    src.pin = 5;
    src.period = 50 * RIG_US;
    rig_t *rig = machine(&src, 2, &wire_guest);

    rig_init_pics(rig, 0);
    rig_rte(rig, 0, IOAPIC_RTE_DM_EXTINT, 1);
    irqsim_machine_run(rig->m, 400 * RIG_US);
    ck_assert_uint_eq(rig->cpu[1].handled[0x25], 3);
    ck_assert_uint_eq(rig_counts(rig, 0).delivered, 3);
    rig_free(rig);
}
END_TEST

/* MP-07: two devices at the same times, line 11 by the 8259A pair and LINT0 of CPU 0,
 * line 17 by its IOAPIC entry; each is ended where it came from. */
static void claim_by_vector(rig_t *rig, unsigned cpu, uint8_t vector)
{
    rig_claim_all(rig, cpu, vector == 0x2B ? 0 : 1);
    irqsim_guest_spend_time(rig->m, cpu, WORK);
}

static void end_where_it_came_from(rig_t *rig, unsigned cpu, uint8_t vector)
{
    if (vector < 0x30)
        rig_eoi_pics(rig, cpu, vector);
    else
        lapic_eoi(rig, cpu, vector);
}

START_TEST(mp_07_some_come_by_the_8259_and_others_by_the_ioapic)
{
    static const rig_guest_t guest = {rig_idle, claim_by_vector, end_where_it_came_from};
    irqsim_source_desc_t src[2] = {periodic(IRQSIM_WIRED_PIN, 5), periodic(IRQSIM_WIRED_PIN, 5)};
    src[0].pin = 11;
    src[0].period = src[1].period = 50 * RIG_US;
    rig_t *rig = rig_new((irqsim_machine_desc_t){.board = IRQSIM_BOARD_MP,
                                                 .profile_id = IRQSIM_P4_XAPIC,
                                                 .cpus = 2,
                                                 .sources = src,
                                                 .n_sources = 2},
                         &guest, true);

    rig_enable_lapics(rig);
    rig_init_pics(rig, 0);
    rig_lapic_write(rig, 0, LAPIC_REG_LVT_LINT0, LAPIC_DM_EXTINT); /* the one ExtINT source */
    rig_rte(rig, 17, IOAPIC_RTE_TRIGGER_LEVEL | 0x51, 0);
    irqsim_machine_run(rig->m, 500 * RIG_US);
    ck_assert_uint_eq(rig->cpu[0].handled[0x2B], 5);
    ck_assert_uint_eq(rig->cpu[0].handled[0x51], 5);
    for (unsigned i = 0; i < 2; i++)
        ck_assert_uint_eq(rig_counts(rig, i).delivered, 5);
    ck_assert_int_eq(irqsim_lapic_isrv(irqsim_machine_lapic(rig->m, 0)), -1);
    ck_assert_uint_eq(irqsim_machine_pic(rig->m, 0)->isr | irqsim_machine_pic(rig->m, 1)->isr, 0);
    rig_free(rig);
}
END_TEST

static void deaf(rig_t *rig, unsigned cpu)
{
    irqsim_guest_spend_time(rig->m, cpu, 100 * RIG_US);
}

static const rig_guest_t deaf_guest = {deaf, claim_and_work, lapic_eoi};

/* Line 11 pulses three times, 50 us apart, on a board with an IMCR. */
static rig_t *p6_machine(const irqsim_source_desc_t *src)
{
    rig_t *rig = rig_new((irqsim_machine_desc_t){.board = IRQSIM_BOARD_MP,
                                                 .profile_id = IRQSIM_P6_MP,
                                                 .cpus = 2,
                                                 .sources = src,
                                                 .n_sources = 1},
                         &wire_guest, true);

    rig_enable_lapics(rig);
    rig_init_pics(rig, 0);
    return rig;
}

static void write_imcr(rig_t *rig, uint8_t value)
{
    irqsim_guest_outb(rig->m, 0, 0x22, 0x70);
    irqsim_guest_outb(rig->m, 0, 0x23, value);
}

START_TEST(pic_78_imcr_keeps_its_value)
{
    const irqsim_source_desc_t src = periodic(IRQSIM_WIRED_PIN, 1);
    rig_t *rig = p6_machine(&src);

    irqsim_guest_outb(rig->m, 0, 0x22, 0x70);
    ck_assert_uint_eq(irqsim_guest_inb(rig->m, 0, 0x22), 0x70);
    ck_assert_uint_eq(irqsim_guest_inb(rig->m, 0, 0x23), 0);
    irqsim_guest_outb(rig->m, 0, 0x23, 1);
    ck_assert_uint_eq(irqsim_guest_inb(rig->m, 0, 0x23), 1);
    irqsim_guest_outb(rig->m, 0, 0x22, 0x71); /* no such register */
    irqsim_guest_outb(rig->m, 0, 0x23, 5);
    ck_assert_uint_eq(irqsim_guest_inb(rig->m, 0, 0x23), 0xFF);
    irqsim_guest_outb(rig->m, 0, 0x22, 0x70);
    ck_assert_uint_eq(irqsim_guest_inb(rig->m, 0, 0x23), 1);
    rig_free(rig);
}
END_TEST

/* With APICs that let nothing through, too. */
START_TEST(mp_01_in_pic_mode_the_8259_interrupts_cpu_0_past_its_apic)
{
    irqsim_source_desc_t src = periodic(IRQSIM_WIRED_PIN, 3);
    src.pin = 11;
    src.period = 50 * RIG_US;
    rig_t *rig = p6_machine(&src);

    rig_lapic_write(rig, 0, LAPIC_REG_SVR, 0xFF); /* software-disabled */
    irqsim_machine_run(rig->m, 400 * RIG_US);
    ck_assert_uint_eq(rig->cpu[0].handled[0x2B], 3);
    ck_assert_uint_eq(rig->cpu[1].handled[0x2B], 0);
    ck_assert_uint_eq(rig_counts(rig, 0).delivered, 3);
    rig_free(rig);
}
END_TEST

/* The loop counter is IMCR bit 0; LINT0 of CPU 1 listens. */
START_TEST(mp_01_the_imcr_switches_between_intr_and_lint0)
{
    irqsim_source_desc_t src = periodic(IRQSIM_WIRED_PIN, 3);
    src.pin = 11;
    src.period = 50 * RIG_US;
    rig_t *rig = p6_machine(&src);

    rig_lapic_write(rig, 1, LAPIC_REG_LVT_LINT0, LAPIC_DM_EXTINT);
    write_imcr(rig, (uint8_t)_i);
    irqsim_machine_run(rig->m, 400 * RIG_US);
    ck_assert_uint_eq(rig->cpu[_i].handled[0x2B], 3);
    ck_assert_uint_eq(rig->cpu[!_i].handled[0x2B], 0);
    rig_free(rig);
}
END_TEST

START_TEST(mp_01_turning_the_imcr_moves_a_request_that_waits)
{
    irqsim_source_desc_t src = periodic(IRQSIM_WIRED_PIN, 1);
    src.pin = 11;
    rig_t *rig = p6_machine(&src);

    write_imcr(rig, 1); /* to LINT0, where nobody listens */
    irqsim_machine_run(rig->m, 200 * RIG_US);
    ck_assert_uint_eq(rig->cpu[0].handled[0x2B], 0);
    write_imcr(rig, 0);
    irqsim_machine_run(rig->m, 400 * RIG_US);
    ck_assert_uint_eq(rig->cpu[0].handled[0x2B], 1);
    rig_free(rig);
}
END_TEST

START_TEST(mp_05_later_boards_have_no_imcr)
{
    rig_t *rig = machine(NULL, 1, &idle_guest);

    write_imcr(rig, 1);
    ck_assert_uint_eq(irqsim_guest_inb(rig->m, 0, 0x22), 0xFF);
    ck_assert_uint_eq(irqsim_guest_inb(rig->m, 0, 0x23), 0xFF);
    rig_free(rig);
}
END_TEST

START_TEST(cpu_79_an_nmi_comes_through_if_0)
{
    rig_t *rig = machine(NULL, 2, &deaf_guest);

    rig_lapic_write(rig, 0, LAPIC_REG_ICR_HIGH, 1u << LAPIC_ICR_HIGH_DEST_SHIFT);
    rig_lapic_write(rig, 0, LAPIC_REG_ICR_LOW, LAPIC_ICR_ASSERT | LAPIC_DM_NMI);
    irqsim_machine_run(rig->m, 50 * RIG_US);
    ck_assert_uint_eq(rig->cpu[1].handled[2], 1);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_DELIVER, 0)->arg[1], IRQSIM_KIND_NMI);
    rig_free(rig);
}
END_TEST

/* Vector 2 spoils the CS of its own frame. */
static void spoil_frame(rig_t *rig, unsigned cpu, uint8_t vector)
{
    static const uint32_t outside = 0xFFF8;
    const irqsim_cpu_t *c = irqsim_machine_cpu(rig->m, cpu);

    if (vector == VECTOR_NMI)
        ck_assert(irqsim_guest_copy_in(rig->m, (uint32_t)c->regs.sp + 4, &outside, 4));
    else
        ck_assert_uint_eq(c->nmi_blocked, 0);
}

static void stop_at(rig_t *rig, unsigned cpu, uint8_t vector)
{
    if (vector != VECTOR_NMI)
        irqsim_guest_hlt(rig->m, cpu);
}

START_TEST(cpu_79_an_iret_that_faults_unblocks_nmi)
{
    static const rig_guest_t spoiler = {rig_idle, spoil_frame, stop_at};
    rig_t *rig = machine(NULL, 2, &spoiler);

    rig_lapic_write(rig, 0, LAPIC_REG_ICR_HIGH, 1u << LAPIC_ICR_HIGH_DEST_SHIFT);
    rig_lapic_write(rig, 0, LAPIC_REG_ICR_LOW, LAPIC_ICR_ASSERT | LAPIC_DM_NMI);
    irqsim_machine_run(rig->m, 100 * RIG_US);
    ck_assert_uint_eq(rig->cpu[1].handled[VECTOR_NMI], 1);
    ck_assert_uint_ge(rig->cpu[1].handled[VECTOR_GP], 1);
    rig_free(rig);
}
END_TEST

/* An NMI that is there when a handler has been entered waits for its first step:
 * the guest sees both entries, the outer one first. */
START_TEST(cpu_85_each_entry_is_seen_before_the_next_event)
{
    rig_t *rig = machine(NULL, 2, &idle_guest);
    const uint32_t to_cpu_0 = LAPIC_ICR_ASSERT;

    irqsim_machine_run(rig->m, RIG_US);
    rig_lapic_write(rig, 0, LAPIC_REG_ICR_LOW, to_cpu_0 | 0x41);
    irqsim_machine_run(rig->m, RIG_US + 100 * RIG_NS);
    rig_lapic_write(rig, 1, LAPIC_REG_ICR_LOW, to_cpu_0 | LAPIC_DM_NMI);
    irqsim_machine_run(rig->m, RIG_US + 550 * RIG_NS); /* both are there, none has run */
    ck_assert_uint_ne(irqsim_machine_cpu(rig->m, 0)->in & IRQSIM_CPU_IN_NMI, 0);
    ck_assert_uint_eq(rig_count(rig, IRQSIM_EV_DELIVER), 1);
    ck_assert_uint_eq(rig->cpu[0].depth, 0);
    irqsim_machine_run(rig->m, 3 * RIG_US);
    ck_assert_uint_eq(rig->cpu[0].depth, 2);
    ck_assert_uint_eq(rig->cpu[0].stack[0].vector, 0x41);
    ck_assert_uint_eq(rig->cpu[0].stack[1].vector, 2);
    rig_free(rig);
}
END_TEST

/* Of messages that arrive at one instant, the one sent first is first, also from
 * another lane. */
START_TEST(law_1_messages_of_one_instant_arrive_in_the_order_they_were_sent)
{
    irqsim_profile_t profile = *irqsim_profile(IRQSIM_P4_XAPIC);
    irqsim_source_desc_t src[2] = {periodic(IRQSIM_WIRED_MESSAGE, 1),
                                   periodic(IRQSIM_WIRED_MSI, 1)};

    profile.pin_to_core = profile.ipi_oneway;
    src[0].vector = 0x42;
    for (unsigned swapped = 0; swapped < 2; swapped++) {
        const irqsim_source_desc_t order[2] = {src[swapped], src[!swapped]};
        rig_t *rig = rig_new((irqsim_machine_desc_t){.board = IRQSIM_BOARD_MP,
                                                     .profile_id = IRQSIM_P4_XAPIC,
                                                     .profile = &profile,
                                                     .sources = order,
                                                     .n_sources = 2},
                             &idle_guest, true);
        rig_enable_lapics(rig);
        rig_msi(rig, !swapped, 0x41, 0);
        irqsim_machine_run(rig->m, 101 * RIG_US);
        ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_MSG_ACCEPT, 0)->arg[0], swapped ? 0x41 : 0x42);
        ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_MSG_ACCEPT, 0)->time,
                          rig_event(rig, IRQSIM_EV_MSG_ACCEPT, 1)->time);
        rig_free(rig);
    }
}
END_TEST

/* APIC-32: an INIT stops the timer of its LAPIC. */
START_TEST(apic_32_init_ends_the_timer)
{
    rig_t *rig = machine(NULL, 2, &idle_guest);

    rig_lapic_write(rig, 1, LAPIC_REG_LVT_TIMER, LAPIC_LVT_TIMER_PERIODIC | 0xEF);
    rig_lapic_write(rig, 1, LAPIC_REG_TIMER_INITIAL, 100000);
    irqsim_machine_run(rig->m, RIG_US);
    rig_lapic_write(rig, 0, LAPIC_REG_ICR_HIGH, 1u << LAPIC_ICR_HIGH_DEST_SHIFT);
    rig_lapic_write(rig, 0, LAPIC_REG_ICR_LOW, LAPIC_ICR_ASSERT | LAPIC_DM_INIT);
    irqsim_machine_run(rig->m, 2 * RIG_US);
    ck_assert_uint_eq(irqsim_machine_next(rig->m), IRQSIM_NEVER);
    rig_free(rig);
}
END_TEST

START_TEST(apic_73_init_and_sipi_start_a_cpu_anew)
{
    rig_t *rig = machine(NULL, 2, &idle_guest);

    irqsim_machine_run(rig->m, RIG_US);
    rig_lapic_write(rig, 0, LAPIC_REG_ICR_HIGH, 1u << LAPIC_ICR_HIGH_DEST_SHIFT);
    rig_lapic_write(rig, 0, LAPIC_REG_ICR_LOW, LAPIC_ICR_ASSERT | LAPIC_DM_INIT);
    irqsim_machine_run(rig->m, 2 * RIG_US);
    ck_assert_uint_eq(irqsim_machine_cpu(rig->m, 1)->activity, IRQSIM_WAIT_SIPI);
    ck_assert_uint_eq(irqsim_machine_next(rig->m), IRQSIM_NEVER);
    rig_lapic_write(rig, 0, LAPIC_REG_ICR_LOW, LAPIC_ICR_ASSERT | LAPIC_DM_SIPI | 0x9A);
    irqsim_machine_run(rig->m, 3 * RIG_US);
    ck_assert_uint_eq(irqsim_machine_cpu(rig->m, 1)->regs.ip, 0x9A000);
    ck_assert_uint_eq(rig->cpu[1].runs, 2);
    rig_free(rig);
}
END_TEST

/* A vector whose gate is not present: #NP instead, with its error code. */
START_TEST(cpu_61_a_gate_that_is_not_there_becomes_an_exception)
{
    const irqsim_source_desc_t src = periodic(IRQSIM_WIRED_MSI, 1);
    rig_t *rig = machine(&src, 1, &idle_guest);

    rig_msi(rig, 0, 0x41, 0);
    rig_gate(rig, 0x41, DESC_TYPE_INTERRUPT32);
    irqsim_machine_run(rig->m, 102 * RIG_US);
    ck_assert_uint_eq(rig->cpu[0].handled[11], 1);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_ESCALATE, 0)->arg[1], 0x41 * 8 + 3);
    rig_free(rig);
}
END_TEST

START_TEST(cpu_62_no_way_to_double_fault_is_shutdown)
{
    const irqsim_source_desc_t src = periodic(IRQSIM_WIRED_MSI, 1);
    rig_t *rig = machine(&src, 1, &idle_guest);

    rig_msi(rig, 0, 0x41, 0);
    irqsim_guest_lidt(rig->m, 0, RIG_IDT, 0);
    irqsim_machine_run(rig->m, 200 * RIG_US);
    ck_assert_uint_eq(irqsim_machine_cpu(rig->m, 0)->activity, IRQSIM_SHUTDOWN);
    ck_assert_uint_eq(irqsim_machine_next(rig->m), IRQSIM_NEVER);
    rig_free(rig);
}
END_TEST

UNIT_MAIN("machine_mp", UNIT_TEST(time_66_an_msi_takes_pin_to_core),
          UNIT_TEST(apic_44_causes_lead_from_eoi_to_arrival),
          UNIT_TEST(apic_50_a_read_that_is_an_error_interrupts),
          UNIT_TEST(apic_45_msis_coalesce_in_irr),
          UNIT_TEST(apic_45_an_msi_waits_until_it_is_enabled),
          UNIT_TEST(ioapic_24_a_level_line_holds_remote_irr_until_eoi),
          UNIT_TEST(ioapic_24_a_line_that_stays_comes_again_after_eoi),
          UNIT_TEST(ioapic_23_an_edge_on_a_masked_pin_is_lost),
          UNIT_TEST(ioapic_26_a_level_pulse_that_nobody_accepts_is_withdrawn),
          UNIT_TEST(ioapic_24_a_shared_line_is_high_while_anyone_holds_it),
          UNIT_TEST(apic_76_an_ipi_goes_to_the_cpu_it_names),
          UNIT_TEST(apic_69_all_but_self_leaves_the_sender_out),
          UNIT_TEST(apic_75_a_self_ipi_does_not_travel),
          UNIT_TEST(apic_93_x2apic_clusters_are_found_by_number),
          UNIT_TEST(apic_77_xapics_beyond_a_cluster_hear_logical_messages_beside_x2apics),
          UNIT_TEST(apic_77_an_apic_that_has_left_x2apic_mode_hears_logical_messages_again),
          UNIT_TEST(law_2_modes_of_apics_are_loaded), UNIT_TEST(icc_37_lowest_priority_takes_turns),
          UNIT_TEST(law_6_a_full_bus_loses_nothing),
          UNIT_TEST(apic_46_a_refused_message_is_sent_again),
          UNIT_TEST(apic_83_the_timer_ticks_without_the_bus),
          UNIT_TEST(mp_08_extint_runs_the_8259_and_leaves_the_lapic_alone),
          UNIT_TEST(mp_03_extint_also_comes_through_the_ioapic),
          UNIT_TEST(mp_07_some_come_by_the_8259_and_others_by_the_ioapic),
          UNIT_TEST(pic_78_imcr_keeps_its_value),
          UNIT_TEST(mp_01_in_pic_mode_the_8259_interrupts_cpu_0_past_its_apic),
          UNIT_LOOP(mp_01_the_imcr_switches_between_intr_and_lint0, 0, 2),
          UNIT_TEST(mp_01_turning_the_imcr_moves_a_request_that_waits),
          UNIT_TEST(mp_05_later_boards_have_no_imcr), UNIT_TEST(cpu_79_an_nmi_comes_through_if_0),
          UNIT_TEST(cpu_79_an_iret_that_faults_unblocks_nmi),
          UNIT_TEST(cpu_85_each_entry_is_seen_before_the_next_event),
          UNIT_TEST(law_1_messages_of_one_instant_arrive_in_the_order_they_were_sent),
          UNIT_TEST(apic_32_init_ends_the_timer), UNIT_TEST(apic_73_init_and_sipi_start_a_cpu_anew),
          UNIT_TEST(cpu_61_a_gate_that_is_not_there_becomes_an_exception),
          UNIT_TEST(cpu_62_no_way_to_double_fault_is_shutdown))
