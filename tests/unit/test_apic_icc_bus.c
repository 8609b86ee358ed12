/* SPDX-License-Identifier: MIT */
/*
 * test_apic_icc_bus.c - the APIC bus: who gets it, when, and for how long
 */
#include "icc_rig.h"

#define LOWEST(vector) (IPI(vector) | LAPIC_DM_LOWEST | LAPIC_ICR_DEST_LOGICAL)
#define LEVEL          IOAPIC_RTE_TRIGGER_LEVEL

START_TEST(icc_03_fifteen_agents_and_no_more)
{
    irqsim_icc_t bus;

    ck_assert_int_eq(irqsim_icc_init(&bus, &(irqsim_icc_desc_t){.lapics = 13, .ioapics = 2}),
                     IRQSIM_OK);
    ck_assert_int_eq(irqsim_icc_init(&bus, &(irqsim_icc_desc_t){.lapics = 14, .ioapics = 2}),
                     IRQSIM_E_RANGE);
    ck_assert_int_eq(irqsim_icc_init(&bus, &(irqsim_icc_desc_t){.lapics = 15, .bridge = true}),
                     IRQSIM_E_RANGE);
    ck_assert_int_eq(
        irqsim_icc_init(&bus, &(irqsim_icc_desc_t){.lapics = 2, .bridge = true, .bridge_id = 15}),
        IRQSIM_E_RANGE);
}
END_TEST

/* ---- arbitration ---- */

START_TEST(icc_10_an_eoi_beats_a_higher_arbitration_id)
{
    icc_rig_t rig = icc_rig(2, 1);

    entry(&rig, 0, 5, LEVEL | 0x31, 0);
    pin(&rig, 0, 5, true);
    bus_message(&rig);
    irqsim_lapic_ack(&rig.la[0]);
    set_arb_ids(&rig, IDS(0, 9, 4));
    eoi(&rig.la[0]);
    send_ipi(&rig, 1, IPI(0x41), 0);
    ck_assert_uint_eq(bus_message(&rig), 14);
    ck_assert_uint_eq(rig.bus.sender, 0);
    ck_assert_uint_eq(irqsim_icc_cycle(&rig.bus, 1), 3);
    bus_message(&rig);
    ck_assert_uint_eq(rig.bus.sender, 1);
    ck_assert_uint_eq(irqsim_icc_cycle(&rig.bus, 1), 1);
}
END_TEST

START_TEST(icc_10_who_comes_late_waits_for_the_idle_bus)
{
    icc_rig_t rig = icc_rig(3, 0);

    send_ipi(&rig, 0, IPI(0x41), 1);
    bus_run(&rig, 1);
    send_ipi(&rig, 2, IPI(0x42), 1); /* a higher ID, but the bus is busy */
    bus_run(&rig, 20);
    ck_assert_uint_eq(rig.bus.begun, 2);
    ck_assert_uint_eq(rig.bus.begin, 21);
    ck_assert_uint_eq(rig.bus.waited, 20);
    ck_assert_uint_eq(irqsim_icc_used(&rig.bus, rig.clock), 21);
    bus_run(&rig, 5);
    ck_assert_uint_eq(irqsim_icc_used(&rig.bus, rig.clock), 26);
}
END_TEST

/* Behind a synchroniser a request is told before the bus sees it. */
START_TEST(icc_10_who_is_not_seen_yet_does_not_arbitrate)
{
    icc_rig_t rig = icc_rig(3, 0);
    const irqsim_icc_agents_t on = agents_of(&rig);

    send_ipi(&rig, 0, IPI(0x41), 1);
    irqsim_icc_look(&rig.bus, &on, 5);
    send_ipi(&rig, 2, IPI(0x51), 1);
    irqsim_icc_look(&rig.bus, &on, 6);
    ck_assert_int_eq(irqsim_icc_act(&rig.bus, &on), IRQSIM_ICC_BEGAN);
    ck_assert_uint_eq(rig.bus.begin, 5);
    ck_assert_uint_eq(rig.bus.sender, 0);
}
END_TEST

START_TEST(icc_11_the_highest_arbitration_id_wins)
{
    icc_rig_t rig = icc_rig(4, 0);

    set_arb_ids(&rig, IDS(5, 12, 3, 11));
    for (unsigned cpu = 0; cpu < 4; cpu++)
        send_ipi(&rig, cpu, IPI(0x40 + 0x10 * cpu), 0);
    bus_message(&rig);
    ck_assert_uint_eq(rig.bus.sender, 1);
    expect_wires(&rig, "1 2200 00 2 1100 0000 1 0 02 0");
}
END_TEST

/* Rounds of permanent requesters: who wins, and the IDs after each message. */
static void round_of(icc_rig_t *rig, unsigned n)
{
    for (unsigned cpu = 0; cpu < n; cpu++)
        if (!is_pending(&rig->la[cpu]))
            send_ipi(rig, cpu, IPI(0x41) | LAPIC_DM_NMI, 0);
    bus_message(rig);
}

static void expect_ids(icc_rig_t *rig, const uint8_t *ids, unsigned n)
{
    for (unsigned agent = 0; agent < n; agent++)
        ck_assert_uint_eq(arb(rig, agent), ids[agent]);
}

START_TEST(icc_22_neighbours_take_turns)
{
    icc_rig_t rig = icc_rig(4, 0);
    static const uint8_t start[IRQSIM_ICC_AGENTS] = {3, 2, 1, 0};

    set_arb_ids(&rig, start);
    for (unsigned i = 0; i < 8; i++) {
        round_of(&rig, 4);
        ck_assert_uint_eq(rig.bus.sender, i % 4);
    }
    expect_ids(&rig, start, 4);
}
END_TEST

START_TEST(icc_20_the_holder_of_fifteen_takes_the_winners_next)
{
    static const uint8_t start[IRQSIM_ICC_AGENTS] = {14, 9, 2, 0};
    static const uint8_t after[5][4] = {
        {0, 10, 3, 1}, {1, 0, 4, 2}, {2, 1, 0, 3}, {3, 2, 1, 0}, {0, 3, 2, 1}};
    icc_rig_t rig = icc_rig(4, 0);

    set_arb_ids(&rig, start);
    for (unsigned i = 0; i < 5; i++) {
        round_of(&rig, 4);
        ck_assert_uint_eq(rig.bus.sender, i % 4);
        expect_ids(&rig, after[i], 4);
    }
    set_arb_ids(&rig, IDS(15, 9, 2, 0));
    send_ipi(&rig, 1, IPI(0x41), 0);
    for (unsigned cpu = 0; cpu < 4; cpu += 3)
        rig.la[cpu].out &= ~IRQSIM_LAPIC_OUT_MSG; /* only CPU 1 asks */
    rig.la[2].out &= ~IRQSIM_LAPIC_OUT_MSG;
    bus_message(&rig);
    expect_ids(&rig, IDS(10, 0, 3, 1), 4);
}
END_TEST

/* n permanent requesters: each wins once in any n messages. */
START_TEST(icc_22_every_requester_wins_once_a_round)
{
    const unsigned n = (unsigned)_i;
    icc_rig_t rig = icc_rig(n, 0);
    unsigned last[IRQSIM_ICC_AGENTS] = {0};

    for (unsigned i = 1; i <= 20 * n; i++) {
        round_of(&rig, n);
        if (last[rig.bus.sender])
            ck_assert_uint_eq(i - last[rig.bus.sender], n);
        last[rig.bus.sender] = i;
    }
    for (unsigned cpu = 0; cpu < n; cpu++)
        ck_assert_uint_gt(last[cpu], 19 * n);
}
END_TEST

START_TEST(icc_21_an_error_does_not_rotate)
{
    icc_rig_t rig = icc_rig(3, 0);

    send_ipi(&rig, 0, IPI(0x41), 9); /* nobody */
    bus_message(&rig);
    expect_ids(&rig, IDS(0, 1, 2), 3);
}
END_TEST

START_TEST(icc_23_two_with_one_id_are_told_apart_by_number)
{
    icc_rig_t rig = icc_rig(3, 0);

    set_arb_ids(&rig, IDS(0, 7, 7));
    send_ipi(&rig, 1, IPI(0x41), 0);
    send_ipi(&rig, 2, IPI(0x42), 0);
    bus_message(&rig);
    ck_assert_uint_eq(rig.bus.sender, 1);
}
END_TEST

/* A guest may give any agents one ID. They count in four bits like all others. */
START_TEST(icc_23_arbitration_ids_stay_in_their_four_bits)
{
    icc_rig_t rig = icc_rig(3, 1);

    put(&rig.la[1], LAPIC_REG_ID, 0xFu << LAPIC_ID_SHIFT);
    put(&rig.la[2], LAPIC_REG_ID, 0xFu << LAPIC_ID_SHIFT);
    ioapic_write(&rig.io[0], IOAPIC_REG_ID, 0xFu << IOAPIC_ID_SHIFT);
    for (unsigned i = 0; i < 100; i++) {
        send_ipi(&rig, (i + 1) % 3, IPI(0x41) | LAPIC_DM_NMI, 0);
        bus_message(&rig);
        for (unsigned agent = 0; agent < 4; agent++)
            ck_assert_uint_le(arb(&rig, agent), 15);
        ck_assert_uint_eq(ioapic_read(&rig.io[0], IOAPIC_REG_ARB), arb(&rig, 3) << IOAPIC_ID_SHIFT);
    }
}
END_TEST

START_TEST(icc_23_two_holders_of_fifteen_both_begin_anew)
{
    icc_rig_t rig = icc_rig(4, 0);

    set_arb_ids(&rig, IDS(15, 15, 3, 15));
    send_ipi(&rig, 0, IPI(0x41), 2);
    bus_message(&rig);
    expect_ids(&rig, IDS(0, 0, 4, 0), 4); /* the winner's next, which is 15 + 1 */
    set_arb_ids(&rig, IDS(15, 15, 3, 0));
    fixed(&rig.la[2], 0x51, true);
    irqsim_lapic_ack(&rig.la[2]);
    for (unsigned cpu = 0; cpu < 2; cpu++)
        send_ipi(&rig, cpu, IPI(0x42 + 0x10 * cpu), 3);
    bus_run(&rig, 2);
    eoi(&rig.la[2]);
    bus_message(&rig);
    bus_message(&rig);
    ck_assert_uint_eq(rig.bus.sender, 2); /* ICC-10: an EOI beats every ID */
}
END_TEST

START_TEST(icc_37_who_shares_an_id_bids_like_any_other)
{
    icc_rig_t rig = icc_rig(3, 0);

    put(&rig.la[2], LAPIC_REG_LDR, 4u << LAPIC_LDR_SHIFT);
    put(&rig.la[1], LAPIC_REG_ID, 0xFu << LAPIC_ID_SHIFT);
    put(&rig.la[2], LAPIC_REG_ID, 0xFu << LAPIC_ID_SHIFT);
    send_ipi(&rig, 1, LOWEST(0x51), 4);
    ck_assert_uint_eq(bus_message(&rig), 34);
    ck_assert(in_irr(&rig.la[2], 0x51));
}
END_TEST

/* Whatever shorthand and destination say; the loop counter is the shorthand. */
START_TEST(apic_33_an_init_deassert_reloads_every_arbitration_id)
{
    const uint32_t shorthand = (uint32_t)_i << LAPIC_ICR_SHORTHAND_SHIFT;
    icc_rig_t rig = icc_rig(3, 2);

    set_arb_ids(&rig, IDS(9, 8, 7, 6, 5));
    send_ipi(&rig, 1, LAPIC_DM_INIT | LAPIC_ICR_TRIGGER_LEVEL | shorthand, 9);
    ck_assert_uint_eq(bus_message(&rig), 21);
    expect_ids(&rig, IDS(0, 1, 2, 3, 4), 5);
    for (unsigned cpu = 0; cpu < 3; cpu++)
        ck_assert(!(irqsim_lapic_take_pulses(&rig.la[cpu]) & IRQSIM_LAPIC_OUT_INIT));
}
END_TEST

/* ---- time ---- */

START_TEST(icc_50_effects_come_with_the_status_cycle)
{
    icc_rig_t rig = icc_rig(2, 0);

    send_ipi(&rig, 0, IPI(0x41), 1);
    bus_run(&rig, 19);
    ck_assert(!in_irr(&rig.la[1], 0x41));
    ck_assert(is_pending(&rig.la[0]));
    bus_run(&rig, 1); /* cycle 20 is over */
    ck_assert(in_irr(&rig.la[1], 0x41));
    ck_assert(!is_pending(&rig.la[0]));
    ck_assert_uint_eq(rig.bus.phase, IRQSIM_ICC_ENDING);
    bus_run(&rig, 1);
    ck_assert_uint_eq(rig.bus.phase, IRQSIM_ICC_IDLE);
}
END_TEST

/* One interrupt and its EOI; the CPU answers at once. Returns the clocks of both. */
static uint64_t pair_of(icc_rig_t *rig, unsigned cpu)
{
    const uint64_t used = irqsim_icc_used(&rig->bus, rig->clock);

    pin(rig, 0, 5, true);
    bus_message(rig);
    ck_assert_uint_eq(irqsim_lapic_ack(&rig->la[cpu]), 0x31);
    pin(rig, 0, 5, false);
    eoi(&rig->la[cpu]);
    bus_message(rig);
    return irqsim_icc_used(&rig->bus, rig->clock) - used;
}

START_TEST(icc_55_a_fixed_interrupt_and_its_eoi_take_35_clocks)
{
    icc_rig_t rig = icc_rig(2, 1);

    entry(&rig, 0, 5, LEVEL | 0x31, 1);
    ck_assert_uint_eq(pair_of(&rig, 1), 35);
    ck_assert_uint_eq(rig.clock, 35);
    ck_assert_uint_eq(pair_of(&rig, 1), 35);
}
END_TEST

START_TEST(icc_55_a_lowest_priority_one_takes_48)
{
    icc_rig_t rig = icc_rig(2, 1);

    for (unsigned cpu = 0; cpu < 2; cpu++)
        put(&rig.la[cpu], LAPIC_REG_LDR, 1u << (24 + cpu));
    put(&rig.la[0], LAPIC_REG_TPR, 0x10);
    entry(&rig, 0, 5, LEVEL | LAPIC_DM_LOWEST | IOAPIC_RTE_LOGICAL | 0x31, 3);
    ck_assert_uint_eq(pair_of(&rig, 1), 48);
    ck_assert_uint_eq(rig.clock, 48);
}
END_TEST

/* ICC-56: the line stays asserted; whoever gets the interrupt ends it at once. A
 * second at 16.67 MHz holds 16,670,000 / 35 of them. */
START_TEST(icc_56_a_second_holds_476285_level_interrupts)
{
    const uint64_t second = 16670000;
    icc_rig_t rig = icc_rig(1, 1);
    const irqsim_icc_agents_t on = agents_of(&rig);
    uint64_t taken = 0;

    entry(&rig, 0, 5, LEVEL | 0x31, 0);
    pin(&rig, 0, 5, true);
    bus_look(&rig);
    while (rig.bus.due <= second) {
        const uint64_t clock = rig.bus.due;
        if (irqsim_icc_act(&rig.bus, &on) != IRQSIM_ICC_DECIDED || rig.bus.msg.is_eoi)
            continue;
        irqsim_lapic_ack(&rig.la[0]);
        eoi(&rig.la[0]);
        irqsim_icc_look(&rig.bus, &on, clock);
        taken++;
    }
    ck_assert_uint_eq(taken, 476285 + 1); /* the last one's EOI is not over yet */
    ck_assert_uint_eq(rig.bus.begun, 2 * 476285 + 2);
    ck_assert_uint_eq(rig.bus.begin, 476285 * 35 + 21);
}
END_TEST

START_TEST(icc_56_a_second_holds_793809_edge_interrupts)
{
    const uint64_t second = 16670000;
    icc_rig_t rig = icc_rig(1, 1);
    const irqsim_icc_agents_t on = agents_of(&rig);
    uint64_t taken = 0;

    entry(&rig, 0, 5, 0x31, 0);
    pin(&rig, 0, 5, true);
    bus_look(&rig);
    while (rig.bus.due <= second) {
        const uint64_t clock = rig.bus.due;
        if (irqsim_icc_act(&rig.bus, &on) != IRQSIM_ICC_DECIDED)
            continue;
        irqsim_lapic_ack(&rig.la[0]);
        eoi(&rig.la[0]);
        pin(&rig, 0, 5, false);
        pin(&rig, 0, 5, true);
        irqsim_icc_look(&rig.bus, &on, clock);
        taken++;
    }
    ck_assert_uint_eq(taken, second / 21);
}
END_TEST

/* ---- refusals ---- */

/* CPU 1 has both slots of class 4 in use, CPU 0 and 2 have none. */
static icc_rig_t crowded(void)
{
    icc_rig_t rig = icc_rig(3, 1);

    for (unsigned i = 0; i < 3; i++)
        put(&rig.la[i], LAPIC_REG_LDR, 1u << (24 + i));
    fixed(&rig.la[1], 0x48, false);
    fixed(&rig.la[1], 0x49, false);
    return rig;
}

START_TEST(icc_53_a_partial_multicast_is_retried_and_collapses)
{
    icc_rig_t rig = crowded();

    send_ipi(&rig, 0, IPI(0x41) | LAPIC_ICR_DEST_LOGICAL, 6);
    bus_message(&rig);
    ck_assert_uint_eq(rig.bus.outcome, IRQSIM_ICC_RETRY);
    ck_assert_uint_eq(irqsim_icc_cycle(&rig.bus, 20), 3);
    ck_assert(in_irr(&rig.la[2], 0x41)); /* has it already */
    ck_assert(!in_irr(&rig.la[1], 0x41));
    ck_assert(is_pending(&rig.la[0]));
    ck_assert_uint_eq(rig.bus.fate[1], IRQSIM_APIC_RETRY);
    ck_assert_uint_eq(rig.bus.fate[2], IRQSIM_APIC_ACCEPTED);

    irqsim_lapic_ack(&rig.la[1]);
    eoi(&rig.la[1]); /* frees a slot */
    bus_message(&rig);
    ck_assert_uint_eq(rig.bus.outcome, IRQSIM_ICC_ACCEPTED);
    ck_assert_uint_eq(rig.bus.fate[1], IRQSIM_APIC_ACCEPTED);
    ck_assert_uint_eq(rig.bus.fate[2], IRQSIM_APIC_COALESCED);
    ck_assert(!is_pending(&rig.la[0]));
    ck_assert_uint_eq(irqsim_lapic_ack(&rig.la[2]), 0x41); /* once */
    eoi(&rig.la[2]);
    ck_assert_int_eq(irqsim_lapic_pending(&rig.la[2]), -1);
}
END_TEST

START_TEST(icc_54_a_refused_message_begins_again_when_the_bus_is_idle)
{
    icc_rig_t rig = crowded();

    send_ipi(&rig, 0, IPI(0x41), 1);
    bus_run(&rig, 10 * 21);
    ck_assert_uint_eq(rig.bus.begun, 11); /* back to back: nobody else asks */
    ck_assert(is_pending(&rig.la[0]));
}
END_TEST

START_TEST(icc_54_a_refused_one_lets_others_through)
{
    icc_rig_t rig = crowded();

    set_arb_ids(&rig, IDS(9, 1, 2, 3));
    send_ipi(&rig, 0, IPI(0x41), 1);
    send_ipi(&rig, 2, IPI(0x51), 1);
    bus_message(&rig);
    ck_assert_uint_eq(rig.bus.sender, 0);
    bus_message(&rig); /* a retry rotates (ICC-21) */
    ck_assert_uint_eq(rig.bus.sender, 2);
    ck_assert(in_irr(&rig.la[1], 0x51));
}
END_TEST

START_TEST(ioapic_21_a_refused_pin_waits_behind_the_others)
{
    icc_rig_t rig = crowded();

    entry(&rig, 0, 3, 0x41, 1);
    entry(&rig, 0, 8, 0x51, 0);
    pin(&rig, 0, 3, true);
    pin(&rig, 0, 8, true);
    bus_message(&rig);
    ck_assert_uint_eq(rig.bus.msg.vector, 0x41);
    bus_message(&rig);
    ck_assert_uint_eq(rig.bus.msg.vector, 0x51);
    bus_message(&rig);
    ck_assert_uint_eq(rig.bus.msg.vector, 0x41);
}
END_TEST

START_TEST(apic_79_nobody_is_an_accept_error_and_the_end_of_it)
{
    icc_rig_t rig = icc_rig(3, 0);

    send_ipi(&rig, 0, IPI(0x41), 9);
    ck_assert_uint_eq(bus_message(&rig), 21);
    ck_assert_uint_eq(rig.bus.outcome, IRQSIM_ICC_ACCEPT_ERROR);
    ck_assert_uint_eq(errors(&rig.la[0]), LAPIC_ESR_SEND_ACCEPT);
    ck_assert_uint_eq(errors(&rig.la[1]), LAPIC_ESR_RECV_ACCEPT);
    ck_assert(!is_pending(&rig.la[0]));
    bus_run(&rig, 100);
    ck_assert_uint_eq(rig.bus.begun, 1);
}
END_TEST

START_TEST(icc_54_an_eoi_without_any_ioapic_is_tried_once)
{
    icc_rig_t rig = icc_rig(2, 0);

    fixed(&rig.la[0], 0x41, true);
    irqsim_lapic_ack(&rig.la[0]);
    eoi(&rig.la[0]);
    bus_run(&rig, 100);
    ck_assert_uint_eq(rig.bus.begun, 1);
    ck_assert_uint_eq(errors(&rig.la[0]), LAPIC_ESR_SEND_ACCEPT);
}
END_TEST

START_TEST(apic_36_a_disabled_apic_is_not_on_the_bus)
{
    icc_rig_t rig = icc_rig(3, 0);

    irqsim_lapic_wrmsr(&rig.la[2], MSR_IA32_APIC_BASE, LAPIC_MMIO_BASE, 0);
    send_ipi(&rig, 0, IPI(0x41), 2);
    bus_message(&rig);
    ck_assert_uint_eq(rig.bus.outcome, IRQSIM_ICC_ACCEPT_ERROR);
    ck_assert_uint_eq(rig.la[1].esr, LAPIC_ESR_RECV_ACCEPT);
    ck_assert_uint_eq(rig.la[2].esr, 0);
}
END_TEST

START_TEST(icc_50_reset_forgets_what_is_on_the_bus)
{
    icc_rig_t rig = icc_rig(2, 1);

    send_ipi(&rig, 0, IPI(0x41), 1);
    bus_run(&rig, 30);
    send_ipi(&rig, 0, IPI(0x42), 1);
    bus_run(&rig, 10);
    irqsim_lapic_reset(&rig.la[0], IRQSIM_LAPIC_RESET_POWER_ON);
    irqsim_icc_reset(&rig.bus);
    ck_assert_uint_eq(irqsim_icc_next_event(&rig.bus), IRQSIM_NEVER);
    ck_assert_uint_eq(irqsim_icc_cycles(&rig.bus, rig.clock), 0);
    bus_run(&rig, 50);
    ck_assert(!in_irr(&rig.la[1], 0x42));
    ck_assert_uint_eq(rig.bus.begun, 2);
    ck_assert_uint_eq(irqsim_icc_used(&rig.bus, rig.clock), 21);
}
END_TEST

/* ---- EOI in flight ---- */

/* The line falls and rises again while the EOI is on the bus: nothing happens
 * until its status cycle, then the new request goes at once. */
START_TEST(ioapic_24_a_request_while_the_eoi_is_on_the_bus)
{
    icc_rig_t rig = icc_rig(1, 1);

    entry(&rig, 0, 5, LEVEL | 0x31, 0);
    pin(&rig, 0, 5, true);
    bus_message(&rig);
    irqsim_lapic_ack(&rig.la[0]);
    pin(&rig, 0, 5, false);
    eoi(&rig.la[0]);
    bus_run(&rig, 6);
    pin(&rig, 0, 5, true);
    bus_run(&rig, 6);
    ck_assert_uint_eq(rig.bus.begun, 2);
    ck_assert(irqsim_ioapic_rte(&rig.io[0], 5) & IOAPIC_RTE_REMOTE_IRR);
    ck_assert(!(irqsim_ioapic_rte(&rig.io[0], 5) & IOAPIC_RTE_PENDING));
    bus_run(&rig, 1); /* cycle 13 */
    ck_assert(!(irqsim_ioapic_rte(&rig.io[0], 5) & IOAPIC_RTE_REMOTE_IRR));
    ck_assert(irqsim_ioapic_rte(&rig.io[0], 5) & IOAPIC_RTE_PENDING);
    bus_run(&rig, 1);
    ck_assert_uint_eq(rig.bus.begun, 3);
    ck_assert_uint_eq(rig.bus.begin, 21 + 14);
}
END_TEST

/* Two entries share a vector. The second's message is on the bus when the CPU ends
 * the first; that EOI then ends both, and the second comes again (IOAPIC-29). */
START_TEST(ioapic_29_an_eoi_overtaken_by_its_vector_ends_too_much)
{
    icc_rig_t rig = icc_rig(1, 1);

    entry(&rig, 0, 5, LEVEL | 0x31, 0);
    entry(&rig, 0, 6, LEVEL | 0x31, 0);
    pin(&rig, 0, 5, true);
    bus_message(&rig);
    irqsim_lapic_ack(&rig.la[0]);
    pin(&rig, 0, 6, true);
    bus_run(&rig, 5);
    pin(&rig, 0, 5, false);
    eoi(&rig.la[0]);
    bus_run(&rig, 16);
    ck_assert(irqsim_ioapic_rte(&rig.io[0], 6) & IOAPIC_RTE_REMOTE_IRR);
    bus_run(&rig, 14);
    ck_assert(!(irqsim_ioapic_rte(&rig.io[0], 6) & IOAPIC_RTE_REMOTE_IRR));
    ck_assert_uint_eq(rig.bus.begun, 4); /* pin 6 again, though IRR still has it */
}
END_TEST

START_TEST(ioapic_22_an_edge_counts_when_the_last_message_has_left)
{
    icc_rig_t rig = icc_rig(1, 1);

    entry(&rig, 0, 5, 0x31, 0);
    pin(&rig, 0, 5, true);
    bus_run(&rig, 19);
    pin(&rig, 0, 5, false);
    pin(&rig, 0, 5, true);
    bus_run(&rig, 1);
    ck_assert_uint_eq(irqsim_ioapic_take_lost(&rig.io[0]), 1u << 5);
    pin(&rig, 0, 5, false);
    pin(&rig, 0, 5, true); /* cycle 20 is over */
    ck_assert_uint_eq(irqsim_ioapic_take_lost(&rig.io[0]), 0);
    bus_run(&rig, 1);
    ck_assert_uint_eq(rig.bus.begun, 2);
}
END_TEST

START_TEST(ioapic_26_a_level_that_goes_before_it_has_the_bus_is_not_sent)
{
    icc_rig_t rig = icc_rig(2, 1);

    send_ipi(&rig, 0, IPI(0x41), 1);
    bus_run(&rig, 1);
    entry(&rig, 0, 5, LEVEL | 0x31, 0);
    pin(&rig, 0, 5, true);
    bus_run(&rig, 5);
    pin(&rig, 0, 5, false);
    bus_run(&rig, 50);
    ck_assert_uint_eq(rig.bus.begun, 1);
}
END_TEST

/* ---- the bridge ---- */

/* Twelve clocks from a pin to the request for the bus, when the bus is idle, and when a
 * refused message is sent again; local APICs have no chipset to ask. */
START_TEST(icc_57_an_ioapic_waits_for_its_chipset)
{
    icc_rig_t rig = icc_rig_of((irqsim_icc_desc_t){.lapics = 2, .ioapics = 1, .handshake = 12});

    entry(&rig, 0, 5, 0x41, 0);
    fixed(&rig.la[0], 0x42, false); /* both slots of the class */
    fixed(&rig.la[0], 0x43, false);
    pin(&rig, 0, 5, true);
    bus_message(&rig);
    ck_assert_uint_eq(rig.bus.begin, 12);
    ck_assert_uint_eq(rig.bus.waited, 0);
    ck_assert_int_eq(rig.bus.outcome, IRQSIM_ICC_RETRY);
    bus_message(&rig); /* again: asked for at the status cycle, 20 clocks after it began */
    ck_assert_uint_eq(rig.bus.begin, 12 + 20 + 12);
    irqsim_icc_reset(&rig.bus);
    ck_assert_uint_eq(rig.bus.handshake, 12);
}
END_TEST

START_TEST(icc_57_others_have_the_bus_meanwhile)
{
    icc_rig_t rig = icc_rig_of((irqsim_icc_desc_t){.lapics = 2, .ioapics = 1, .handshake = 12});

    entry(&rig, 0, 5, 0x41, 0);
    set_arb_ids(&rig, IDS(0, 1, 9));
    pin(&rig, 0, 5, true);
    send_ipi(&rig, 1, IPI(0x51), 0);
    bus_message(&rig);
    ck_assert_uint_eq(rig.bus.sender, 1);
    ck_assert_uint_eq(rig.bus.begin, 0);
    bus_message(&rig);
    ck_assert_uint_eq(rig.bus.sender, 2);
    ck_assert_uint_eq(rig.bus.waited, 21 - 12);
}
END_TEST

START_TEST(icc_54_the_bridge_sends_messages_of_no_apic)
{
    icc_rig_t rig = icc_rig_of((irqsim_icc_desc_t){.lapics = 2, .bridge = true, .bridge_id = 2});
    const irqsim_apic_msg_t msg = {.vector = 0x48, .dest = 1, .assert = 1};

    for (unsigned i = 0; i < 3; i++) {
        ck_assert(irqsim_icc_post(&rig.bus, &msg, rig.clock));
        ck_assert(!irqsim_icc_post(&rig.bus, &msg, rig.clock));
        bus_message(&rig);
        ck_assert_uint_eq(rig.bus.sender, 2);
        if (i == 0)
            irqsim_lapic_ack(&rig.la[1]);
    }
    ck_assert_uint_eq(rig.bus.told, IRQSIM_APIC_RETRY); /* one in ISR, one in IRR: full */
    ck_assert(!irqsim_icc_post(&rig.bus, &msg, rig.clock));
    eoi(&rig.la[1]);
    bus_message(&rig);
    ck_assert_uint_eq(rig.bus.told, IRQSIM_APIC_COALESCED);
}
END_TEST

START_TEST(icc_54_there_is_no_posting_without_a_bridge)
{
    icc_rig_t rig = icc_rig(2, 1);

    ck_assert(!irqsim_icc_post(&rig.bus, &(irqsim_apic_msg_t){.vector = 0x41}, 0));
}
END_TEST

/* ---- lowest priority ---- */

static icc_rig_t logical(unsigned lapics)
{
    icc_rig_t rig = icc_rig(lapics, 0);

    for (unsigned i = 0; i < lapics; i++)
        put(&rig.la[i], LAPIC_REG_LDR, 1u << (24 + i));
    return rig;
}

START_TEST(icc_37_the_lowest_apr_wins_the_bidding)
{
    icc_rig_t rig = logical(4);

    put(&rig.la[1], LAPIC_REG_TPR, 0x50);
    put(&rig.la[2], LAPIC_REG_TPR, 0x31);
    put(&rig.la[3], LAPIC_REG_TPR, 0x32);
    send_ipi(&rig, 0, LOWEST(0x61), 0xE);
    ck_assert_uint_eq(bus_message(&rig), 34);
    ck_assert(in_irr(&rig.la[2], 0x61));
    ck_assert(!in_irr(&rig.la[1], 0x61) && !in_irr(&rig.la[3], 0x61));
    /* NOT 31, and Arb ID 2 + 1 */
    expect_wires(&rig, "1 0000 21 2 1201 0032 1 0 03 22002220 0022 2 0");
}
END_TEST

START_TEST(icc_37_the_highest_arbitration_id_breaks_ties)
{
    icc_rig_t rig = logical(4);

    set_arb_ids(&rig, IDS(3, 5, 9, 1));
    send_ipi(&rig, 3, LOWEST(0x61), 7);
    bus_message(&rig);
    ck_assert(in_irr(&rig.la[2], 0x61));
}
END_TEST

START_TEST(icc_37_who_has_no_slot_does_not_bid)
{
    icc_rig_t rig = logical(3);

    fixed(&rig.la[1], 0x68, false);
    fixed(&rig.la[1], 0x69, false);
    put(&rig.la[2], LAPIC_REG_TPR, 0xF0);
    send_ipi(&rig, 0, LOWEST(0x61), 6);
    bus_message(&rig);
    ck_assert(in_irr(&rig.la[2], 0x61)); /* busy, but free */
    fixed(&rig.la[2], 0x62, false);
    send_ipi(&rig, 0, LOWEST(0x63), 6);
    ck_assert_uint_eq(bus_message(&rig), 21); /* no slot anywhere: end and retry */
    ck_assert_uint_eq(rig.bus.outcome, IRQSIM_ICC_RETRY);
    ck_assert_uint_eq(irqsim_icc_cycle(&rig.bus, 20), 2);
    ck_assert(is_pending(&rig.la[0]));
}
END_TEST

START_TEST(icc_50_the_winner_may_have_lost_its_slot)
{
    icc_rig_t rig = logical(2);

    send_ipi(&rig, 0, LOWEST(0x61), 2);
    bus_run(&rig, 25);
    fixed(&rig.la[1], 0x68, false); /* its own LVTs, say */
    fixed(&rig.la[1], 0x69, false);
    bus_run(&rig, 8);
    ck_assert_uint_eq(rig.bus.outcome, IRQSIM_ICC_ACCEPT_ERROR);
    ck_assert_uint_eq(irqsim_icc_cycle(&rig.bus, 33), 0);
    ck_assert(is_pending(&rig.la[0]));
    ck_assert_uint_eq(errors(&rig.la[0]), LAPIC_ESR_SEND_ACCEPT);
}
END_TEST

START_TEST(apic_80_a_focus_processor_takes_it_in_21_clocks)
{
    icc_rig_t rig = logical(3);

    fixed(&rig.la[2], 0x61, false);
    put(&rig.la[2], LAPIC_REG_TPR, 0xF0);
    send_ipi(&rig, 0, LOWEST(0x61), 6);
    ck_assert_uint_eq(bus_message(&rig), 21);
    ck_assert_uint_eq(rig.bus.outcome, IRQSIM_ICC_FOCUS);
    ck_assert_uint_eq(rig.bus.fate[2], IRQSIM_APIC_COALESCED);
    ck_assert_uint_eq(irqsim_icc_cycle(&rig.bus, 19), 2);
    ck_assert(!in_irr(&rig.la[1], 0x61));
}
END_TEST

START_TEST(apic_80_a_focus_without_a_slot_is_none)
{
    icc_rig_t rig = logical(3);

    fixed(&rig.la[2], 0x61, false);
    fixed(&rig.la[2], 0x62, false);
    send_ipi(&rig, 0, LOWEST(0x61), 6);
    ck_assert_uint_eq(bus_message(&rig), 34);
    ck_assert(in_irr(&rig.la[1], 0x61));
}
END_TEST

START_TEST(apic_65_a_disabled_apic_is_no_focus)
{
    icc_rig_t rig = logical(3);

    fixed(&rig.la[2], 0x61, false);
    put(&rig.la[2], LAPIC_REG_SVR, SPURIOUS);
    send_ipi(&rig, 0, LOWEST(0x61), 6);
    ck_assert_uint_eq(bus_message(&rig), 34);
    ck_assert(in_irr(&rig.la[1], 0x61));
}
END_TEST

START_TEST(apic_67_without_focus_checking_they_bid)
{
    icc_rig_t rig = logical(3);

    fixed(&rig.la[2], 0x61, false);
    put(&rig.la[2], LAPIC_REG_SVR, LAPIC_SVR_ENABLE | LAPIC_SVR_NO_FOCUS | SPURIOUS);
    send_ipi(&rig, 0, LOWEST(0x61), 6);
    ck_assert_uint_eq(bus_message(&rig), 34);
    ck_assert(in_irr(&rig.la[1], 0x61));
}
END_TEST

/* ---- remote read ---- */

START_TEST(apic_07_a_remote_read_brings_a_register)
{
    icc_rig_t rig = icc_rig(2, 1);

    put(&rig.la[1], LAPIC_REG_TPR, 0x35);
    send_ipi(&rig, 0, LAPIC_DM_REMOTE_READ | LAPIC_REG_TPR >> 4, 1);
    ck_assert_uint_eq(get(&rig.la[0], LAPIC_REG_ICR_LOW) & LAPIC_ICR_RR_STATUS_MASK,
                      LAPIC_ICR_RR_UNDER_WAY);
    bus_run(&rig, 37);
    ck_assert(is_pending(&rig.la[0]));
    bus_run(&rig, 1);
    ck_assert(!is_pending(&rig.la[0]));
    ck_assert_uint_eq(get(&rig.la[0], LAPIC_REG_ICR_LOW) & LAPIC_ICR_RR_STATUS_MASK,
                      LAPIC_ICR_RR_VALID);
    ck_assert_uint_eq(get(&rig.la[0], LAPIC_REG_RRD), 0x35);
    bus_run(&rig, 1);
    ck_assert_uint_eq(rig.bus.phase, IRQSIM_ICC_IDLE);
}
END_TEST

START_TEST(icc_38_what_cannot_be_read_is_invalid)
{
    icc_rig_t rig = icc_rig(2, 0);
    static const struct {
        uint32_t slot, dest, length;
    } row[] = {{0x3F, 1, 39}, {LAPIC_REG_EOI >> 4, 1, 39}, {LAPIC_REG_TPR >> 4, 9, 21}};

    send_ipi(&rig, 0, LAPIC_DM_REMOTE_READ | LAPIC_REG_VERSION >> 4, 1);
    bus_message(&rig);
    const uint32_t data = get(&rig.la[0], LAPIC_REG_RRD);
    ck_assert_uint_ne(data, 0);
    for (unsigned i = 0; i < 3; i++) {
        send_ipi(&rig, 0, LAPIC_DM_REMOTE_READ | row[i].slot, row[i].dest);
        ck_assert_uint_eq(bus_message(&rig), row[i].length);
        ck_assert_uint_eq(get(&rig.la[0], LAPIC_REG_ICR_LOW) & LAPIC_ICR_RR_STATUS_MASK,
                          LAPIC_ICR_RR_INVALID);
        ck_assert_uint_eq(get(&rig.la[0], LAPIC_REG_RRD), data);
        ck_assert(!is_pending(&rig.la[0])); /* never retried */
    }
}
END_TEST

START_TEST(icc_38_a_remote_read_of_the_running_timer)
{
    icc_rig_t rig = icc_rig_of((irqsim_icc_desc_t){.lapics = 2, .clk = {10000000, 1}});

    put(&rig.la[1], LAPIC_REG_TIMER_DIVIDE, 0xB);
    put(&rig.la[1], LAPIC_REG_TIMER_INITIAL, 1000000);
    send_ipi(&rig, 0, LAPIC_DM_REMOTE_READ | LAPIC_REG_TIMER_CURRENT >> 4, 1);
    bus_message(&rig);
    ck_assert_uint_eq(get(&rig.la[0], LAPIC_REG_RRD), 1000000 - 20 * 100); /* at cycle 20 */
}
END_TEST

UNIT_MAIN("icc_bus", UNIT_TEST(icc_03_fifteen_agents_and_no_more),
          UNIT_TEST(icc_10_an_eoi_beats_a_higher_arbitration_id),
          UNIT_TEST(icc_10_who_comes_late_waits_for_the_idle_bus),
          UNIT_TEST(icc_10_who_is_not_seen_yet_does_not_arbitrate),
          UNIT_TEST(icc_11_the_highest_arbitration_id_wins),
          UNIT_TEST(icc_22_neighbours_take_turns),
          UNIT_TEST(icc_20_the_holder_of_fifteen_takes_the_winners_next),
          UNIT_LOOP(icc_22_every_requester_wins_once_a_round, 1, 16),
          UNIT_TEST(icc_21_an_error_does_not_rotate),
          UNIT_TEST(icc_23_two_with_one_id_are_told_apart_by_number),
          UNIT_TEST(icc_23_arbitration_ids_stay_in_their_four_bits),
          UNIT_TEST(icc_23_two_holders_of_fifteen_both_begin_anew),
          UNIT_TEST(icc_37_who_shares_an_id_bids_like_any_other),
          UNIT_LOOP(apic_33_an_init_deassert_reloads_every_arbitration_id, 0, 4),
          UNIT_TEST(icc_50_effects_come_with_the_status_cycle),
          UNIT_TEST(icc_55_a_fixed_interrupt_and_its_eoi_take_35_clocks),
          UNIT_TEST(icc_55_a_lowest_priority_one_takes_48),
          UNIT_TEST(icc_56_a_second_holds_476285_level_interrupts),
          UNIT_TEST(icc_56_a_second_holds_793809_edge_interrupts),
          UNIT_TEST(icc_53_a_partial_multicast_is_retried_and_collapses),
          UNIT_TEST(icc_54_a_refused_message_begins_again_when_the_bus_is_idle),
          UNIT_TEST(icc_54_a_refused_one_lets_others_through),
          UNIT_TEST(ioapic_21_a_refused_pin_waits_behind_the_others),
          UNIT_TEST(apic_79_nobody_is_an_accept_error_and_the_end_of_it),
          UNIT_TEST(icc_54_an_eoi_without_any_ioapic_is_tried_once),
          UNIT_TEST(apic_36_a_disabled_apic_is_not_on_the_bus),
          UNIT_TEST(icc_50_reset_forgets_what_is_on_the_bus),
          UNIT_TEST(ioapic_24_a_request_while_the_eoi_is_on_the_bus),
          UNIT_TEST(ioapic_29_an_eoi_overtaken_by_its_vector_ends_too_much),
          UNIT_TEST(ioapic_22_an_edge_counts_when_the_last_message_has_left),
          UNIT_TEST(ioapic_26_a_level_that_goes_before_it_has_the_bus_is_not_sent),
          UNIT_TEST(icc_57_an_ioapic_waits_for_its_chipset),
          UNIT_TEST(icc_57_others_have_the_bus_meanwhile),
          UNIT_TEST(icc_54_the_bridge_sends_messages_of_no_apic),
          UNIT_TEST(icc_54_there_is_no_posting_without_a_bridge),
          UNIT_TEST(icc_37_the_lowest_apr_wins_the_bidding),
          UNIT_TEST(icc_37_the_highest_arbitration_id_breaks_ties),
          UNIT_TEST(icc_37_who_has_no_slot_does_not_bid),
          UNIT_TEST(icc_50_the_winner_may_have_lost_its_slot),
          UNIT_TEST(apic_80_a_focus_processor_takes_it_in_21_clocks),
          UNIT_TEST(apic_80_a_focus_without_a_slot_is_none),
          UNIT_TEST(apic_65_a_disabled_apic_is_no_focus),
          UNIT_TEST(apic_67_without_focus_checking_they_bid),
          UNIT_TEST(apic_07_a_remote_read_brings_a_register),
          UNIT_TEST(icc_38_what_cannot_be_read_is_invalid),
          UNIT_TEST(icc_38_a_remote_read_of_the_running_timer))
