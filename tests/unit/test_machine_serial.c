/* SPDX-License-Identifier: MIT */
/*
 * test_machine_serial.c - the APIC bus as a board of P5 or P6 has it
 */
#include "machine_rig.h"

#define LEVEL IOAPIC_RTE_TRIGGER_LEVEL

static void claim_all(rig_t *rig, unsigned cpu, uint8_t vector)
{
    (void)vector;
    for (uint32_t i = 0; i < irqsim_machine_sources(rig->m); i++)
        rig_claim_all(rig, cpu, i);
    irqsim_guest_spend_time(rig->m, cpu, 5 * RIG_US);
}

static void lapic_eoi(rig_t *rig, unsigned cpu, uint8_t vector)
{
    (void)vector;
    rig_lapic_write(rig, cpu, LAPIC_REG_EOI, 0);
}

static const rig_guest_t idle_guest = {rig_idle, claim_all, lapic_eoi};

/* An IPI from each CPU to the next, all at time 0. */
static void send_round(rig_t *rig, unsigned cpu)
{
    const unsigned next = (cpu + 1) % irqsim_machine_cpus(rig->m);

    if (rig->cpu[cpu].runs == 1) {
        rig_lapic_write(rig, cpu, LAPIC_REG_ICR_HIGH, next << LAPIC_ICR_HIGH_DEST_SHIFT);
        rig_lapic_write(rig, cpu, LAPIC_REG_ICR_LOW, LAPIC_ICR_ASSERT | 0x61);
    }
    rig_idle(rig, cpu);
}

static const rig_guest_t round_guest = {send_round, claim_all, lapic_eoi};

static rig_t *board(const irqsim_source_desc_t *src, uint32_t n, uint16_t cpus,
                    const rig_guest_t *guest)
{
    rig_t *rig = rig_new((irqsim_machine_desc_t){.board = IRQSIM_BOARD_MP,
                                                 .profile_id = IRQSIM_P6_MP,
                                                 .cpus = cpus,
                                                 .sources = src,
                                                 .n_sources = n},
                         guest, true);

    rig_enable_lapics(rig);
    return rig;
}

static irqsim_time_t bus_time(const rig_t *rig, uint64_t clocks)
{
    return irqsim_clock_to_time(&irqsim_machine_icc(rig->m)->clk, clocks);
}

static irqsim_source_desc_t once(irqsim_wiring_t wiring, uint32_t pin, irqsim_time_t at)
{
    return (irqsim_source_desc_t){.wiring = wiring,
                                  .pin = (uint8_t)pin,
                                  .pattern = IRQSIM_PATTERN_PERIODIC,
                                  .first = at,
                                  .period = RIG_US,
                                  .count = 1};
}

/* ---- agents ---- */

static irqsim_status_t built(uint16_t cpus, uint32_t sources, irqsim_wiring_t wiring)
{
    const irqsim_source_desc_t src = once(wiring, 17, 0);
    const irqsim_machine_desc_t desc = {.board = IRQSIM_BOARD_MP,
                                        .profile_id = IRQSIM_P6_MP,
                                        .cpus = cpus,
                                        .sources = &src,
                                        .n_sources = sources,
                                        .guest = {.run = rig_run}};
    irqsim_machine_t *m;

    return irqsim_machine_init(NULL, 0, &desc, &m);
}

START_TEST(icc_03_a_board_has_fifteen_agents)
{
    ck_assert_int_eq(built(14, 0, IRQSIM_WIRED_PIN), IRQSIM_E_FULL); /* only memory is missing */
    ck_assert_int_eq(built(15, 0, IRQSIM_WIRED_PIN), IRQSIM_E_RANGE);
    ck_assert_int_eq(built(14, 1, IRQSIM_WIRED_PIN), IRQSIM_E_FULL);
    ck_assert_int_eq(built(14, 1, IRQSIM_WIRED_MSI), IRQSIM_E_RANGE); /* the bridge */
    ck_assert_int_eq(built(13, 1, IRQSIM_WIRED_MSI), IRQSIM_E_FULL);
    ck_assert_int_eq(built(13, 1, IRQSIM_WIRED_MESSAGE), IRQSIM_E_FULL);
}
END_TEST

START_TEST(icc_02_a_serial_bus_needs_its_clock)
{
    irqsim_profile_t profile = *irqsim_profile(IRQSIM_P6_MP);
    irqsim_machine_desc_t desc = {.board = IRQSIM_BOARD_MP,
                                  .profile_id = IRQSIM_P6_MP,
                                  .profile = &profile,
                                  .guest = {.run = rig_run}};

    ck_assert_uint_gt(irqsim_machine_size(&desc), 0);
    profile.icc_hz = 0;
    ck_assert_uint_eq(irqsim_machine_size(&desc), 0);
}
END_TEST

/* In whole clocks, 60 ns each: 600 ns are ten and a bit. */
START_TEST(icc_57_a_chipset_may_need_time)
{
    const irqsim_source_desc_t src = once(IRQSIM_WIRED_PIN, 17, 0);
    irqsim_profile_t profile = *irqsim_profile(IRQSIM_P6_MP);

    profile.apicack_ns = 600;
    rig_t *rig = rig_new((irqsim_machine_desc_t){.board = IRQSIM_BOARD_MP,
                                                 .profile_id = IRQSIM_P6_MP,
                                                 .profile = &profile,
                                                 .sources = &src,
                                                 .n_sources = 1},
                         &idle_guest, true);
    rig_enable_lapics(rig);
    rig_rte(rig, 17, LEVEL | 0x41, 0);
    irqsim_machine_run(rig->m, 100 * RIG_US);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_BUS_BEGIN, 0)->time, bus_time(rig, 1 + 11));
    rig_free(rig);
}
END_TEST

START_TEST(icc_60_later_families_have_no_such_bus)
{
    rig_t *rig =
        rig_new((irqsim_machine_desc_t){.board = IRQSIM_BOARD_MP, .profile_id = IRQSIM_P4_XAPIC},
                &idle_guest, false);

    ck_assert_ptr_null(irqsim_machine_icc(rig->m));
    rig_free(rig);
}
END_TEST

/* ---- time ---- */

/* TIME-65: asked for at clock 0, seen at 1, accepted with cycle 20. */
START_TEST(time_65_an_ipi_arrives_with_its_status_cycle)
{
    rig_t *rig = board(NULL, 0, 2, &round_guest);

    irqsim_machine_run(rig->m, 100 * RIG_US);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_BUS_BEGIN, 0)->time, bus_time(rig, 1));
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_MSG_ACCEPT, 0)->time, bus_time(rig, 21));
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_DELIVER, 0)->time, bus_time(rig, 21));
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_BUS_END, 0)->time, bus_time(rig, 22));
    rig_free(rig);
}
END_TEST

/* A request between two clocks is seen at the second after it. */
START_TEST(time_65_requests_are_seen_at_clock_edges)
{
    const irqsim_time_t at = 100 * RIG_US + RIG_NS; /* clock 1667 and a bit */
    const irqsim_source_desc_t src = once(IRQSIM_WIRED_PIN, 17, at);
    rig_t *rig = board(&src, 1, 1, &idle_guest);

    rig_rte(rig, 17, LEVEL | 0x51, 0);
    irqsim_machine_run(rig->m, 200 * RIG_US);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_BUS_BEGIN, 0)->time, bus_time(rig, 1667 + 2));
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_DELIVER, 0)->time, bus_time(rig, 1667 + 22));
    rig_free(rig);
}
END_TEST

START_TEST(icc_55_messages_wait_for_one_another)
{
    rig_t *rig = board(NULL, 0, 4, &round_guest);

    irqsim_machine_run(rig->m, 100 * RIG_US);
    for (unsigned i = 0; i < 4; i++) {
        const irqsim_event_t *begin = rig_event(rig, IRQSIM_EV_BUS_BEGIN, i);
        const irqsim_event_t *end = rig_event(rig, IRQSIM_EV_BUS_END, i);
        ck_assert_uint_eq(begin->time, bus_time(rig, 1 + 21 * i));
        ck_assert_uint_eq(begin->arg[0], 3 - i); /* Arb IDs are 0..3: the highest first */
        ck_assert_uint_eq(begin->arg[1], IRQSIM_ICC_SHORT);
        ck_assert_uint_eq(begin->arg[2], 21 * i);
        ck_assert_uint_eq(end->arg[0], IRQSIM_ICC_ACCEPTED);
        ck_assert_uint_eq(end->arg[1], 21);
        ck_assert_uint_eq(end->arg[2], 0);
        ck_assert_ptr_eq(rig_cause(rig, end), begin);
        ck_assert_uint_eq(rig_cause(rig, begin)->id, IRQSIM_EV_MSG_SEND);
        ck_assert_uint_eq(rig_cause(rig, begin)->time, 0); /* sent then, but not on the bus */
    }
    for (unsigned cpu = 0; cpu < 4; cpu++)
        ck_assert_uint_eq(rig->cpu[cpu].handled[0x61], 1);
    rig_free(rig);
}
END_TEST

START_TEST(icc_34_an_eoi_of_a_level_vector_takes_14_clocks)
{
    const irqsim_source_desc_t src = once(IRQSIM_WIRED_PIN, 17, 100 * RIG_US);
    rig_t *rig = board(&src, 1, 2, &idle_guest);

    rig_rte(rig, 17, LEVEL | 0x51, 1);
    irqsim_machine_run(rig->m, 200 * RIG_US);
    const irqsim_event_t *eoi = rig_event(rig, IRQSIM_EV_BUS_BEGIN, 1);
    ck_assert_uint_eq(eoi->arg[1], IRQSIM_ICC_EOI);
    ck_assert_uint_eq(eoi->arg[0], 1);
    ck_assert_uint_eq(rig_cause(rig, eoi)->id, IRQSIM_EV_LAPIC_EOI);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_BUS_END, 1)->arg[1], 14);
    ck_assert_uint_eq(rig_count(rig, IRQSIM_EV_BUS_END), 2);
    ck_assert_uint_eq(irqsim_machine_icc(rig->m)->used, 35);
    rig_free(rig);
}
END_TEST

/* ---- refusals, errors, the bridge ---- */

START_TEST(icc_54_a_refused_message_says_so_each_time)
{
    irqsim_source_desc_t src[3];
    for (unsigned i = 0; i < 3; i++) {
        src[i] = once(IRQSIM_WIRED_MESSAGE, 0, 100 * RIG_US);
        src[i].vector = (uint8_t)(0x41 + i);
    }
    rig_t *rig = board(src, 3, 1, &idle_guest);

    irqsim_machine_run(rig->m, 1000 * RIG_US);
    unsigned again = 0;
    for (unsigned i = 0; i < rig_count(rig, IRQSIM_EV_BUS_END); i++)
        again += rig_event(rig, IRQSIM_EV_BUS_END, i)->arg[2];
    ck_assert_uint_gt(again, 0);
    ck_assert_uint_eq(rig_count(rig, IRQSIM_EV_MSG_REFUSED), again);
    ck_assert_uint_eq(rig_count(rig, IRQSIM_EV_BUS_END), again + 3);
    ck_assert_uint_eq(rig_count(rig, IRQSIM_EV_MSG_SEND), 3); /* each once, however often refused */
    for (unsigned i = 0; i < 3; i++)
        ck_assert_uint_eq(rig->cpu[0].handled[0x41 + i], 1);
    rig_free(rig);
}
END_TEST

/* A pin's message is one message too, and its wait goes back to its own line. */
START_TEST(icc_54_a_refused_pin_is_sent_once)
{
    const irqsim_source_desc_t src[] = {once(IRQSIM_WIRED_PIN, 17, 100 * RIG_US),
                                        once(IRQSIM_WIRED_PIN, 18, 101 * RIG_US),
                                        once(IRQSIM_WIRED_PIN, 19, 102 * RIG_US)};
    rig_t *rig = board(src, 3, 1, &idle_guest);

    for (unsigned pin = 17; pin <= 19; pin++)
        rig_rte(rig, pin, 0x41 + (pin - 17), 0);
    irqsim_machine_run(rig->m, 1000 * RIG_US);
    ck_assert_uint_ge(rig_count(rig, IRQSIM_EV_MSG_REFUSED), 1);
    ck_assert_uint_eq(rig_count(rig, IRQSIM_EV_MSG_SEND), 3);
    for (unsigned i = 0; i < 3; i++) {
        const irqsim_event_t *send = rig_cause(rig, rig_event(rig, IRQSIM_EV_MSG_ACCEPT, i));
        ck_assert_uint_eq(rig_cause(rig, send)->id, IRQSIM_EV_LINE);
        ck_assert_uint_eq(rig_cause(rig, send)->arg[0], 17 + i);
    }
    rig_free(rig);
}
END_TEST

/* The bridge carries one at a time; the others wait in order. */
START_TEST(icc_54_devices_share_the_bridge_in_order)
{
    irqsim_source_desc_t src[6];
    for (unsigned i = 0; i < 6; i++) {
        src[i] = once(IRQSIM_WIRED_MESSAGE, 0, 100 * RIG_US);
        src[i].cpu = (uint16_t)(i % 2);
        src[i].vector = (uint8_t)(0x41 + 0x10 * i);
    }
    rig_t *rig = board(src, 6, 2, &idle_guest);

    irqsim_machine_run(rig->m, 1000 * RIG_US);
    for (unsigned i = 0; i < 6; i++) {
        ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_MSG_SEND, i)->arg[0], src[i].vector);
        ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_BUS_BEGIN, i)->arg[0], 3);
        ck_assert_uint_eq(rig->cpu[i % 2].handled[src[i].vector], 1);
    }
    rig_free(rig);
}
END_TEST

static void to_nobody(rig_t *rig, unsigned cpu)
{
    if (cpu == 0 && rig->cpu[0].runs == 1) {
        rig_lapic_write(rig, 0, LAPIC_REG_ICR_HIGH, 9u << LAPIC_ICR_HIGH_DEST_SHIFT);
        rig_lapic_write(rig, 0, LAPIC_REG_ICR_LOW, LAPIC_ICR_ASSERT | 0x61);
    }
    rig_idle(rig, cpu);
}

static const rig_guest_t lost_guest = {to_nobody, claim_all, lapic_eoi};

START_TEST(icc_52_an_accept_error_interrupts_those_who_want_to_know)
{
    rig_t *rig = board(NULL, 0, 3, &lost_guest);

    for (unsigned cpu = 0; cpu < 3; cpu++)
        rig_lapic_write(rig, cpu, LAPIC_REG_LVT_ERROR, 0xE1);
    irqsim_machine_run(rig->m, 100 * RIG_US);
    for (unsigned cpu = 0; cpu < 3; cpu++)
        ck_assert_uint_eq(rig->cpu[cpu].handled[0xE1], 1);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_BUS_END, 0)->arg[0], IRQSIM_ICC_ACCEPT_ERROR);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_MSG_REFUSED, 0)->cpu, IRQSIM_NO_CPU);
    rig_free(rig);
}
END_TEST

UNIT_MAIN("machine_serial", UNIT_TEST(icc_03_a_board_has_fifteen_agents),
          UNIT_TEST(icc_02_a_serial_bus_needs_its_clock), UNIT_TEST(icc_57_a_chipset_may_need_time),
          UNIT_TEST(icc_60_later_families_have_no_such_bus),
          UNIT_TEST(time_65_an_ipi_arrives_with_its_status_cycle),
          UNIT_TEST(time_65_requests_are_seen_at_clock_edges),
          UNIT_TEST(icc_55_messages_wait_for_one_another),
          UNIT_TEST(icc_34_an_eoi_of_a_level_vector_takes_14_clocks),
          UNIT_TEST(icc_54_a_refused_message_says_so_each_time),
          UNIT_TEST(icc_54_a_refused_pin_is_sent_once),
          UNIT_TEST(icc_54_devices_share_the_bridge_in_order),
          UNIT_TEST(icc_52_an_accept_error_interrupts_those_who_want_to_know))
