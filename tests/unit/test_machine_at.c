/* SPDX-License-Identifier: MIT */
/*
 * test_machine_at.c - the AT board: from a device's pin through two 8259As to a
 * handler and back, with every time accounted for
 */
#include "machine_rig.h"

#define WORK (10 * RIG_US) /* of a handler */

static void claim_and_work(rig_t *rig, unsigned cpu, uint8_t vector)
{
    (void)vector;
    rig_claim_all(rig, cpu, 0);
    irqsim_guest_spend_time(rig->m, cpu, WORK);
}

static void eoi(rig_t *rig, unsigned cpu, uint8_t vector)
{
    rig_eoi_pics(rig, cpu, vector);
}

static const rig_guest_t idle_guest = {rig_idle, claim_and_work, eoi};

static rig_t *one_device(irqsim_source_desc_t src, const rig_guest_t *guest)
{
    rig_t *rig = rig_new((irqsim_machine_desc_t){.sources = &src, .n_sources = 1}, guest, true);

    rig_init_pics(rig, 0);
    return rig;
}

static irqsim_source_desc_t once_at(uint16_t pin, irqsim_time_t first)
{
    return (irqsim_source_desc_t){
        .pin = pin, .pattern = IRQSIM_PATTERN_PERIODIC, .first = first, .period = 1, .count = 1};
}

static irqsim_time_t clocks(const rig_t *rig, uint64_t n)
{
    const irqsim_clock_t clk = {irqsim_machine_profile(rig->m)->cpu_hz, 1};

    return irqsim_clock_to_time(&clk, n);
}

START_TEST(pic_31_an_interrupt_travels_from_pin_to_handler_and_back)
{
    rig_t *rig = one_device(once_at(11, 100 * RIG_US), &idle_guest);
    const irqsim_profile_t *p = irqsim_machine_profile(rig->m);

    ck_assert_int_eq(irqsim_machine_run(rig->m, 200 * RIG_US), IRQSIM_OK);
    ck_assert_uint_eq(rig->cpu[0].handled[0x2B], 1);

    /* TIME-45: the pin; then the boundary, at once, as the CPU is halted */
    const irqsim_event_t *deliver = rig_event(rig, IRQSIM_EV_DELIVER, 0);
    ck_assert_uint_eq(deliver->time, 100 * RIG_US + p->pin_to_core * RIG_NS);
    ck_assert_uint_eq(deliver->arg[0], 0x2B);
    ck_assert_uint_eq(deliver->arg[2], 0x5000); /* where the main code stood */

    /* the claim is the handler's first act, behind delivery and INTA */
    const irqsim_event_t *claim = rig_event(rig, IRQSIM_EV_CLAIM, 0);
    ck_assert_uint_eq(claim->time, deliver->time + clocks(rig, p->int_same) + p->inta_ns * RIG_NS);
    const irqsim_event_t *iret = rig_event(rig, IRQSIM_EV_IRET, 0);
    ck_assert_uint_eq(iret->time, claim->time + WORK);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_HALT, 1)->time,
                      iret->time + clocks(rig, p->iret_same) + 2 * p->pio_ns * RIG_NS);

    const irqsim_source_counts_t counts = rig_counts(rig, 0);
    ck_assert_uint_eq(counts.delivered, 1);
    ck_assert_uint_eq(counts.pending, 0);
    ck_assert_uint_eq(irqsim_machine_pic(rig->m, 0)->isr, 0);
    ck_assert_uint_eq(irqsim_machine_pic(rig->m, 1)->isr, 0);
    rig_free(rig);
}
END_TEST

START_TEST(pic_31_causes_lead_from_handler_to_arrival)
{
    rig_t *rig = one_device(once_at(5, RIG_US), &idle_guest);

    irqsim_machine_run(rig->m, 100 * RIG_US);
    const irqsim_event_t *inta = rig_cause(rig, rig_event(rig, IRQSIM_EV_DELIVER, 0));
    ck_assert_uint_eq(inta->id, IRQSIM_EV_PIC_INTA);
    const irqsim_event_t *line = rig_cause(rig, inta);
    ck_assert_uint_eq(line->id, IRQSIM_EV_LINE);
    ck_assert_uint_eq(line->arg[0], 5);
    ck_assert_uint_eq(rig_cause(rig, line)->id, IRQSIM_EV_ARRIVAL);
    ck_assert_ptr_eq(rig_cause(rig, rig_event(rig, IRQSIM_EV_PIC_INT, 0)), line);
    ck_assert_ptr_eq(rig_cause(rig, rig_event(rig, IRQSIM_EV_WAKE_CPU, 0)), inta);
    rig_free(rig);
}
END_TEST

/* A pulse is over before the CPU may look: nothing is left to acknowledge. */
static void deaf_then_idle(rig_t *rig, unsigned cpu)
{
    if (rig->cpu[cpu].runs == 1)
        irqsim_guest_spend_time(rig->m, cpu, 50 * RIG_US); /* IF is 0 */
    else
        rig_idle(rig, cpu);
}

static const rig_guest_t deaf_guest = {deaf_then_idle, claim_and_work, eoi};

START_TEST(pic_26_a_pulse_nobody_saw_is_withdrawn)
{
    irqsim_source_desc_t src = once_at(5, 10 * RIG_US);
    src.pulse = 5 * RIG_US;
    rig_t *rig = one_device(src, &deaf_guest);

    irqsim_machine_run(rig->m, 200 * RIG_US);
    ck_assert_uint_eq(rig_count(rig, IRQSIM_EV_DELIVER), 0);
    ck_assert_uint_eq(rig_count(rig, IRQSIM_EV_PIC_WITHDRAWN), 1);
    const irqsim_source_counts_t counts = rig_counts(rig, 0);
    ck_assert_uint_eq(counts.withdrawn, 1);
    ck_assert_uint_eq(counts.arrived, 1);
    rig_free(rig);
}
END_TEST

/* The CPU sees INT fall as late as it saw it rise; in between it acknowledges
 * what is not there any more. */
START_TEST(pic_67_a_pulse_shorter_than_the_wire_gives_a_spurious_irq7)
{
    irqsim_source_desc_t src = once_at(5, 10 * RIG_US);
    src.pulse = 200 * RIG_NS;
    rig_t *rig = one_device(src, &idle_guest);
    irqsim_spurious_counts_t spurious;

    irqsim_machine_run(rig->m, 200 * RIG_US);
    irqsim_machine_spurious(rig->m, &spurious);
    ck_assert_uint_eq(spurious.irq7, 1);
    ck_assert_uint_eq(spurious.irq15, 0);
    ck_assert_uint_eq(rig->cpu[0].handled[0x27], 1);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_PIC_INTA, 0)->arg[2], 1);
    ck_assert_uint_eq(rig_counts(rig, 0).withdrawn, 1);
    rig_free(rig);
}
END_TEST

START_TEST(pic_71_intr_follows_int_on_both_edges)
{
    irqsim_source_desc_t src = once_at(5, 10 * RIG_US);
    src.pulse = RIG_US;
    rig_t *rig = one_device(src, &deaf_guest);

    irqsim_machine_run(rig->m, 10 * RIG_US + 349 * RIG_NS);
    ck_assert_uint_eq(irqsim_machine_cpu(rig->m, 0)->in & IRQSIM_CPU_IN_INTR, 0);
    irqsim_machine_run(rig->m, 10 * RIG_US + 350 * RIG_NS);
    ck_assert_uint_ne(irqsim_machine_cpu(rig->m, 0)->in & IRQSIM_CPU_IN_INTR, 0);
    irqsim_machine_run(rig->m, 11 * RIG_US + 349 * RIG_NS);
    ck_assert_uint_ne(irqsim_machine_cpu(rig->m, 0)->in & IRQSIM_CPU_IN_INTR, 0);
    irqsim_machine_run(rig->m, 11 * RIG_US + 350 * RIG_NS);
    ck_assert_uint_eq(irqsim_machine_cpu(rig->m, 0)->in & IRQSIM_CPU_IN_INTR, 0);
    rig_free(rig);
}
END_TEST

/* Main code that computes: 100 us at a time, interruptible. */
static void compute(rig_t *rig, unsigned cpu)
{
    irqsim_guest_sti(rig->m, cpu);
    irqsim_guest_spend_time(rig->m, cpu, 100 * RIG_US);
}

static const rig_guest_t busy_guest = {compute, claim_and_work, eoi};

START_TEST(time_31_preemption_is_at_the_cycle_and_leaves_the_rest)
{
    const irqsim_time_t at = 30 * RIG_US + 7; /* ps */
    rig_t *rig = one_device(once_at(5, at), &busy_guest);
    const irqsim_profile_t *p = irqsim_machine_profile(rig->m);

    irqsim_machine_run(rig->m, 45 * RIG_US);
    const irqsim_time_t taken = at + p->pin_to_core * RIG_NS;
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_DELIVER, 0)->time, taken);
    /* the main code had begun at 0, STI is not to be cut */
    ck_assert_uint_eq(rig->cpu[0].stack[0].left, clocks(rig, p->sti) + 100 * RIG_US - taken);

    irqsim_machine_run(rig->m, 200 * RIG_US);
    const irqsim_event_t *iret = rig_event(rig, IRQSIM_EV_IRET, 0);
    ck_assert_uint_eq(rig->cpu[0].runs, 2);
    ck_assert_uint_eq(irqsim_machine_next(rig->m),
                      iret->time + p->pio_ns * RIG_NS + clocks(rig, p->iret_same) +
                          rig->cpu[0].stack[0].left + clocks(rig, p->sti) + 100 * RIG_US);
    rig_free(rig);
}
END_TEST

/* The rest of an instruction cannot be cut: a port access delays the boundary. */
static void slow_port(rig_t *rig, unsigned cpu)
{
    if (rig->cpu[cpu].runs == 1) {
        irqsim_guest_sti(rig->m, cpu);
        for (int i = 0; i < 10; i++)
            irqsim_guest_inb(rig->m, cpu, 0x80);
        irqsim_guest_spend_time(rig->m, cpu, 100 * RIG_US);
    } else {
        rig_idle(rig, cpu);
    }
}

static const rig_guest_t port_guest = {slow_port, claim_and_work, eoi};

START_TEST(time_31_a_bus_access_cannot_be_cut)
{
    rig_t *rig = one_device(once_at(5, 4 * RIG_US), &port_guest);
    const irqsim_profile_t *p = irqsim_machine_profile(rig->m);

    irqsim_machine_run(rig->m, 50 * RIG_US);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_DELIVER, 0)->time,
                      clocks(rig, p->sti) + 10 * p->pio_ns * RIG_NS);
    ck_assert_uint_eq(rig->cpu[0].stack[0].left, 100 * RIG_US);
    rig_free(rig);
}
END_TEST

/* CPU-72: an interrupt that waits when STI; HLT begins ends the HLT; it is not
 * taken between the two, which would leave the CPU halted for good. */
START_TEST(cpu_72_sti_hlt_is_not_torn_apart)
{
    rig_t *rig = one_device(once_at(5, 10 * RIG_US), &deaf_guest);
    const irqsim_profile_t *p = irqsim_machine_profile(rig->m);

    irqsim_machine_run(rig->m, 100 * RIG_US);
    const irqsim_event_t *halt = rig_event(rig, IRQSIM_EV_HALT, 0);
    const irqsim_event_t *wake = rig_event(rig, IRQSIM_EV_WAKE_CPU, 0);
    ck_assert_uint_eq(halt->time, 50 * RIG_US);
    ck_assert_uint_eq(wake->time, 50 * RIG_US + clocks(rig, p->sti) + clocks(rig, p->hlt));
    ck_assert_uint_eq(rig->cpu[0].stack[0].left, 0);
    rig_free(rig);
}
END_TEST

/* A handler that opens IF: what is more urgent interrupts it. */
static void open_and_work(rig_t *rig, unsigned cpu, uint8_t vector)
{
    rig_claim_all(rig, cpu, vector == 0x21 ? 0 : 1);
    irqsim_guest_sti(rig->m, cpu);
    irqsim_guest_spend_time(rig->m, cpu, WORK);
}

static const rig_guest_t open_guest = {rig_idle, open_and_work, eoi};

START_TEST(pic_40_a_more_urgent_line_nests)
{
    const irqsim_source_desc_t src[] = {once_at(1, 25 * RIG_US), once_at(5, 20 * RIG_US)};
    rig_t *rig =
        rig_new((irqsim_machine_desc_t){.sources = src, .n_sources = 2}, &open_guest, true);

    rig_init_pics(rig, 0);
    irqsim_machine_run(rig->m, 26 * RIG_US);
    ck_assert_uint_eq(rig->cpu[0].depth, 1);
    irqsim_machine_run(rig->m, 30 * RIG_US);
    ck_assert_uint_eq(rig->cpu[0].depth, 2);
    ck_assert_uint_eq(rig->cpu[0].stack[1].vector, 0x21);
    /* the rest of line 5's work waits */
    const irqsim_event_t *outer = rig_event(rig, IRQSIM_EV_DELIVER, 0);
    const irqsim_event_t *inner = rig_event(rig, IRQSIM_EV_DELIVER, 1);
    const irqsim_profile_t *p = irqsim_machine_profile(rig->m);
    ck_assert_uint_eq(rig->cpu[0].stack[1].left, outer->time + clocks(rig, p->int_same) +
                                                     p->inta_ns * RIG_NS + clocks(rig, p->sti) +
                                                     WORK - inner->time);
    irqsim_machine_run(rig->m, 100 * RIG_US);
    ck_assert_uint_eq(rig->cpu[0].depth, 0);
    ck_assert_uint_eq(rig_counts(rig, 0).delivered, 1);
    ck_assert_uint_eq(rig_counts(rig, 1).delivered, 1);
    rig_free(rig);
}
END_TEST

START_TEST(pic_40_a_less_urgent_line_waits_for_eoi)
{
    const irqsim_source_desc_t src[] = {once_at(1, 20 * RIG_US), once_at(5, 21 * RIG_US)};
    rig_t *rig =
        rig_new((irqsim_machine_desc_t){.sources = src, .n_sources = 2}, &open_guest, true);

    rig_init_pics(rig, 0);
    irqsim_machine_run(rig->m, 100 * RIG_US);
    const irqsim_event_t *iret = rig_event(rig, IRQSIM_EV_IRET, 0);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_DELIVER, 1)->arg[0], 0x25);
    ck_assert_uint_ge(rig_event(rig, IRQSIM_EV_DELIVER, 1)->time, iret->time);
    rig_free(rig);
}
END_TEST

/* PIC-66: of two lines at one instant, the pair's order decides, whatever the
 * devices' order. */
START_TEST(pic_66_the_order_of_the_pair_decides_ties)
{
    const irqsim_source_desc_t src[] = {once_at(5, 20 * RIG_US), once_at(8, 20 * RIG_US)};
    rig_t *rig =
        rig_new((irqsim_machine_desc_t){.sources = src, .n_sources = 2}, &idle_guest, true);

    rig_init_pics(rig, 0);
    irqsim_machine_run(rig->m, 22 * RIG_US);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_ARRIVAL, 0)->arg[0], 0);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_ARRIVAL, 1)->arg[0], 1);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_PIC_INTA, 0)->arg[1], 8);
    rig_free(rig);
}
END_TEST

/* Two lines of one chip at one instant. Each asks again for what the other was acknowledged
 * for, so INT is low between the two pulses and high behind them: the next wire must see
 * that it was. */
static rig_t *two_lines(uint16_t a, uint16_t b, uint8_t master_icw4, uint8_t slave_icw4,
                        const rig_guest_t *guest)
{
    const irqsim_source_desc_t src[] = {once_at(a, 20 * RIG_US), once_at(b, 20 * RIG_US)};
    rig_t *rig = rig_new((irqsim_machine_desc_t){.sources = src, .n_sources = 2}, guest, true);

    rig_init_pics_as(rig, 0, master_icw4, slave_icw4);
    return rig;
}

static void claim_both(rig_t *rig, unsigned cpu, uint8_t vector)
{
    rig_claim_all(rig, cpu, vector & 1);
    irqsim_guest_spend_time(rig->m, cpu, WORK);
}

static void eoi_master(rig_t *rig, unsigned cpu, uint8_t vector)
{
    (void)vector;
    irqsim_guest_outb(rig->m, cpu, PIC_MASTER_CMD, 0x20);
}

static const rig_guest_t aeoi_guest = {rig_idle, claim_both, eoi_master};

/* PIC-31, PIC-95: the slave's INT falls with the first pulse, and so does IR2. */
START_TEST(pic_47_a_slave_with_automatic_eoi_asks_again_behind_the_acknowledge)
{
    rig_t *rig = two_lines(8, 9, 0x01, 0x03, &aeoi_guest);

    irqsim_machine_run(rig->m, 200 * RIG_US);
    ck_assert_uint_eq(rig->cpu[0].handled[0x28], 1);
    ck_assert_uint_eq(rig->cpu[0].handled[0x29], 1);
    ck_assert_uint_eq(rig_counts(rig, 0).delivered, 1);
    ck_assert_uint_eq(rig_counts(rig, 1).delivered, 1);
    ck_assert_uint_eq(irqsim_machine_pic(rig->m, 0)->isr, 0);
    rig_free(rig);
}
END_TEST

/* The loop counter is the chip that was told of no 8086: the first byte of a CALL comes in
 * the vector's place, whatever the line. */
START_TEST(pic_32_a_vector_from_mcs_80_mode_is_cd_and_is_told)
{
    rig_t *rig = two_lines(_i ? 11 : 5, 6, _i ? 0x01 : 0x00, _i ? 0x00 : 0x01, &idle_guest);

    irqsim_machine_run(rig->m, 22 * RIG_US);
    const irqsim_event_t *told = rig_event(rig, IRQSIM_EV_PIC_MCS80, 0);
    ck_assert_uint_eq(told->arg[0], (unsigned)_i);
    ck_assert_uint_eq(told->arg[1], _i ? 11 : 5);
    ck_assert_uint_eq(told->cpu, 0);
    ck_assert_int_eq(rig_cause(rig, told)->id, IRQSIM_EV_PIC_INTA);
    ck_assert_uint_eq(rig_cause(rig, told)->arg[0], 0xCD);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_DELIVER, 0)->arg[0], 0xCD);
    rig_free(rig);
}
END_TEST

START_TEST(pic_32_the_vector_cd_of_an_8086_is_one)
{
    rig_t *rig = two_lines(5, 6, 0x01, 0x01, &idle_guest);

    irqsim_guest_outb(rig->m, 0, PIC_MASTER_CMD, 0x11); /* base C8 */
    irqsim_guest_outb(rig->m, 0, PIC_MASTER_DATA, 0xC8);
    irqsim_guest_outb(rig->m, 0, PIC_MASTER_DATA, 0x04);
    irqsim_guest_outb(rig->m, 0, PIC_MASTER_DATA, 0x01);
    irqsim_machine_run(rig->m, 22 * RIG_US);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_DELIVER, 0)->arg[0], 0xCD);
    ck_assert_uint_eq(rig_count(rig, IRQSIM_EV_PIC_MCS80), 0);
    rig_free(rig);
}
END_TEST

static void work(rig_t *rig, unsigned cpu, uint8_t vector)
{
    (void)vector;
    irqsim_guest_spend_time(rig->m, cpu, WORK);
}

static const rig_guest_t tick_guest = {rig_idle, work, eoi};

static void program_pit(rig_t *rig, uint16_t count)
{
    irqsim_guest_outb(rig->m, 0, PIT_CONTROL,
                      PIT_CW_COUNTER(0) | PIT_CW_ACCESS_LOW_HIGH | PIT_CW_MODE_RATE);
    irqsim_guest_outb(rig->m, 0, PIT_COUNTER0, (uint8_t)count);
    irqsim_guest_outb(rig->m, 0, PIT_COUNTER0, (uint8_t)(count >> 8));
}

START_TEST(pic_75_the_pit_ticks_on_irq0)
{
    rig_t *rig = rig_new((irqsim_machine_desc_t){0}, &tick_guest, true);

    rig_init_pics(rig, 0);
    program_pit(rig, 11932); /* 100 Hz */
    irqsim_machine_run(rig->m, 1000000 * RIG_US);
    ck_assert_uint_ge(rig->cpu[0].handled[0x20], 99);
    ck_assert_uint_le(rig->cpu[0].handled[0x20], 100);
    rig_free(rig);
}
END_TEST

START_TEST(law_5_a_desc_that_is_no_machine_has_a_status)
{
    irqsim_source_desc_t src = once_at(5, 0);
    irqsim_machine_desc_t desc = {.sources = &src, .n_sources = 1, .guest = {.run = rig_run}};
    irqsim_machine_t *m;
    uint64_t mem[4];

    ck_assert_uint_gt(irqsim_machine_size(&desc), 0);
    ck_assert_int_eq(irqsim_machine_init(mem, sizeof(mem), &desc, &m), IRQSIM_E_FULL);
    src.pin = 2; /* the cascade */
    ck_assert_int_eq(irqsim_machine_init(mem, sizeof(mem), &desc, &m), IRQSIM_E_INVAL);
    src.pin = 16;
    ck_assert_int_eq(irqsim_machine_init(mem, sizeof(mem), &desc, &m), IRQSIM_E_RANGE);
    src.pin = 5;
    src.period = 0;
    ck_assert_int_eq(irqsim_machine_init(mem, sizeof(mem), &desc, &m), IRQSIM_E_INVAL);
    src = once_at(5, 0);
    desc.cpus = 2;
    ck_assert_int_eq(irqsim_machine_init(mem, sizeof(mem), &desc, &m), IRQSIM_E_RANGE);
    desc.cpus = 1;
    src.wiring = IRQSIM_WIRED_MSI;
    ck_assert_int_eq(irqsim_machine_init(mem, sizeof(mem), &desc, &m), IRQSIM_E_INVAL);
    desc.board = IRQSIM_BOARD_MP; /* of an i486-pc */
    ck_assert_int_eq(irqsim_machine_init(mem, sizeof(mem), &desc, &m), IRQSIM_E_INVAL);
    desc.guest.run = NULL;
    ck_assert_uint_eq(irqsim_machine_size(&desc), 0);
}
END_TEST

/* IRQSIM_E_STUCK: a guest that spends nothing. */
static void spin(rig_t *rig, unsigned cpu)
{
    (void)rig;
    (void)cpu;
}

static const rig_guest_t stuck_guest = {spin, claim_and_work, eoi};

START_TEST(law_5_a_guest_without_progress_is_stopped)
{
    rig_t *rig = rig_new((irqsim_machine_desc_t){0}, &stuck_guest, false);
    bool did;

    ck_assert_int_eq(irqsim_machine_run(rig->m, RIG_US), IRQSIM_E_STUCK);
    ck_assert_uint_eq(rig->cpu[0].runs, 1000000);
    ck_assert_int_eq(irqsim_machine_step(rig->m, &did), IRQSIM_E_STUCK);
    ck_assert(!did);
    rig_free(rig);
}
END_TEST

UNIT_MAIN("machine_at", UNIT_TEST(pic_31_an_interrupt_travels_from_pin_to_handler_and_back),
          UNIT_TEST(pic_31_causes_lead_from_handler_to_arrival),
          UNIT_TEST(pic_26_a_pulse_nobody_saw_is_withdrawn),
          UNIT_TEST(pic_67_a_pulse_shorter_than_the_wire_gives_a_spurious_irq7),
          UNIT_TEST(pic_71_intr_follows_int_on_both_edges),
          UNIT_TEST(time_31_preemption_is_at_the_cycle_and_leaves_the_rest),
          UNIT_TEST(time_31_a_bus_access_cannot_be_cut),
          UNIT_TEST(cpu_72_sti_hlt_is_not_torn_apart), UNIT_TEST(pic_40_a_more_urgent_line_nests),
          UNIT_TEST(pic_40_a_less_urgent_line_waits_for_eoi),
          UNIT_TEST(pic_66_the_order_of_the_pair_decides_ties),
          UNIT_TEST(pic_47_a_slave_with_automatic_eoi_asks_again_behind_the_acknowledge),
          UNIT_LOOP(pic_32_a_vector_from_mcs_80_mode_is_cd_and_is_told, 0, 2),
          UNIT_TEST(pic_32_the_vector_cd_of_an_8086_is_one),
          UNIT_TEST(pic_75_the_pit_ticks_on_irq0),
          UNIT_TEST(law_5_a_desc_that_is_no_machine_has_a_status),
          UNIT_TEST(law_5_a_guest_without_progress_is_stopped))
