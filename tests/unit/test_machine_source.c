/* SPDX-License-Identifier: MIT */
/*
 * test_machine_source.c - model devices: when arrivals come, and their counts
 */
#include <math.h>

#include "machine_rig.h"

static void nothing(rig_t *rig, unsigned cpu, uint8_t vector)
{
    (void)rig;
    (void)cpu;
    (void)vector;
}

static const rig_guest_t idle_guest = {rig_idle, nothing, nothing};

static rig_t *device(irqsim_source_desc_t src)
{
    src.pin = 5;
    return rig_new((irqsim_machine_desc_t){.sources = &src, .n_sources = 1}, &idle_guest, true);
}

static irqsim_time_t arrival(const rig_t *rig, unsigned n)
{
    return rig_event(rig, IRQSIM_EV_ARRIVAL, n)->time;
}

START_TEST(time_102_periods_do_not_drift)
{
    rig_t *rig = device((irqsim_source_desc_t){
        .pattern = IRQSIM_PATTERN_PERIODIC, .first = 5, .period = 333333, .count = 1000});

    irqsim_machine_run(rig->m, 1000 * RIG_US);
    ck_assert_uint_eq(rig_counts(rig, 0).arrived, 1000);
    for (unsigned k = 0; k < 1000; k++)
        ck_assert_uint_eq(arrival(rig, k), 5 + 333333u * k);
    ck_assert_uint_eq(irqsim_machine_next(rig->m), IRQSIM_NEVER);
    rig_free(rig);
}
END_TEST

START_TEST(time_102_bursts_begin_every_period)
{
    rig_t *rig = device((irqsim_source_desc_t){.pattern = IRQSIM_PATTERN_BURST,
                                               .first = 1000,
                                               .period = 100000,
                                               .burst = 3,
                                               .gap = 10,
                                               .count = 7});

    irqsim_machine_run(rig->m, RIG_US);
    ck_assert_uint_eq(rig_counts(rig, 0).arrived, 7);
    for (unsigned k = 0; k < 7; k++)
        ck_assert_uint_eq(arrival(rig, k), 1000 + 100000 * (k / 3) + 10 * (k % 3));
    rig_free(rig);
}
END_TEST

START_TEST(time_102_records_come_at_their_times_with_their_jobs)
{
    static const irqsim_arrival_t record[] = {
        {.time = 10, .job = 7}, {.time = 10, .job = 8}, {.time = 500, .job = 9}};
    rig_t *rig = device((irqsim_source_desc_t){
        .pattern = IRQSIM_PATTERN_RECORD, .record = record, .record_len = 3});

    irqsim_machine_run(rig->m, RIG_US);
    for (unsigned k = 0; k < 3; k++) {
        ck_assert_uint_eq(arrival(rig, k), record[k].time);
        ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_ARRIVAL, k)->arg[1], record[k].job);
        ck_assert_uint_eq(
            irqsim_guest_read(rig->m, 0, IRQSIM_SOURCE_MMIO(0) + IRQSIM_SOURCE_REG_CLAIM),
            record[k].job + 1);
    }
    rig_free(rig);
}
END_TEST

/* ---- Poisson, against floating point ---- */

static double uniform(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    z ^= z >> 31;
    return (double)z / 18446744073709551616.0;
}

START_TEST(time_102_poisson_is_minus_ln_to_29_bits)
{
    const irqsim_time_t mean = UINT64_C(1) << 40;
    rig_t *rig = device((irqsim_source_desc_t){
        .pattern = IRQSIM_PATTERN_POISSON, .period = mean, .seed = 42, .count = 1000});
    uint64_t state = 42;

    irqsim_machine_run(rig->m, IRQSIM_NEVER);
    for (unsigned k = 1; k < 1000; k++) {
        const double expected = -log(uniform(&state)) * (double)mean;
        const double gap = (double)(arrival(rig, k) - arrival(rig, k - 1));
        ck_assert_double_le(fabs(gap - expected), (double)mean / (1 << 29));
    }
    rig_free(rig);
}
END_TEST

START_TEST(law_1_poisson_is_the_same_on_every_host)
{
    static const irqsim_time_t expected[] = {1000, 569169, 862491, 891916, 1703037, 2514371};
    rig_t *rig = device((irqsim_source_desc_t){.pattern = IRQSIM_PATTERN_POISSON,
                                               .first = 1000,
                                               .period = 1000000,
                                               .seed = 1,
                                               .count = 6});

    irqsim_machine_run(rig->m, 1000 * RIG_US);
    for (unsigned k = 0; k < 6; k++)
        ck_assert_uint_eq(arrival(rig, k), expected[k]);
    rig_free(rig);
}
END_TEST

START_TEST(time_102_poisson_has_its_mean)
{
    rig_t *rig = device((irqsim_source_desc_t){
        .pattern = IRQSIM_PATTERN_POISSON, .period = 1000, .seed = 3, .count = 100001});

    irqsim_machine_run(rig->m, IRQSIM_NEVER);
    const double mean = (double)irqsim_machine_now(rig->m) / 100000;
    ck_assert_double_ge(mean, 990.0); /* three sigma are 9.5 */
    ck_assert_double_le(mean, 1010.0);
    rig_free(rig);
}
END_TEST

/* ---- injection and counts ---- */

START_TEST(law_6_injected_arrivals_wait_and_are_counted)
{
    rig_t *rig = device((irqsim_source_desc_t){.pattern = IRQSIM_PATTERN_NONE});
    const uint32_t claim = IRQSIM_SOURCE_MMIO(0) + IRQSIM_SOURCE_REG_CLAIM;
    const uint32_t status = IRQSIM_SOURCE_MMIO(0) + IRQSIM_SOURCE_REG_STATUS;

    for (uint32_t i = 0; i < 256; i++)
        ck_assert_int_eq(irqsim_machine_arrive(rig->m, 0, 1000 + i), IRQSIM_OK);
    ck_assert_int_eq(irqsim_machine_arrive(rig->m, 0, 0), IRQSIM_E_FULL);
    ck_assert_int_eq(irqsim_machine_arrive(rig->m, 1, 0), IRQSIM_E_RANGE);
    ck_assert_uint_eq(irqsim_guest_read(rig->m, 0, status), 256);
    for (uint32_t i = 0; i < 100; i++)
        ck_assert_uint_eq(irqsim_guest_read(rig->m, 0, claim), 1001 + i);
    ck_assert_uint_eq(irqsim_guest_read(rig->m, 0, status), 156);
    ck_assert_uint_eq(irqsim_guest_read(rig->m, 0, claim), 1101);

    const irqsim_source_counts_t counts = rig_counts(rig, 0);
    ck_assert_uint_eq(counts.delivered, 2);
    ck_assert_uint_eq(counts.coalesced, 99);
    ck_assert_uint_eq(counts.pending, 155);
    rig_free(rig);
}
END_TEST

START_TEST(law_5_a_source_with_a_pattern_takes_no_others)
{
    rig_t *rig =
        device((irqsim_source_desc_t){.pattern = IRQSIM_PATTERN_PERIODIC, .period = RIG_US});

    ck_assert_int_eq(irqsim_machine_arrive(rig->m, 0, 0), IRQSIM_E_INVAL);
    rig_free(rig);
}
END_TEST

START_TEST(law_6_the_line_falls_with_the_last_claim)
{
    rig_t *rig = device((irqsim_source_desc_t){.pattern = IRQSIM_PATTERN_NONE});
    const uint32_t claim = IRQSIM_SOURCE_MMIO(0) + IRQSIM_SOURCE_REG_CLAIM;

    irqsim_machine_arrive(rig->m, 0, 0);
    irqsim_machine_arrive(rig->m, 0, 0);
    ck_assert_uint_eq(irqsim_machine_pic(rig->m, 0)->in & 1u << 5, 1u << 5);
    irqsim_guest_read(rig->m, 0, claim);
    ck_assert_uint_eq(irqsim_machine_pic(rig->m, 0)->in & 1u << 5, 1u << 5);
    irqsim_guest_read(rig->m, 0, claim);
    ck_assert_uint_eq(irqsim_machine_pic(rig->m, 0)->in & 1u << 5, 0);
    ck_assert_uint_eq(irqsim_guest_read(rig->m, 0, claim), 0);
    rig_free(rig);
}
END_TEST

/* Law 4: any address and any value is behaviour. */
START_TEST(law_4_nobody_at_an_address_reads_as_ones)
{
    rig_t *rig = device((irqsim_source_desc_t){.pattern = IRQSIM_PATTERN_NONE});
    static const uint32_t nowhere[] = {RIG_RAM - 3,           RIG_RAM,   0xFEE00020, 0xFEC00000,
                                       IRQSIM_SOURCE_MMIO(1), 0xFFFFFFFF};

    for (size_t i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++) {
        irqsim_guest_write(rig->m, 0, nowhere[i], 0x12345678);
        ck_assert_uint_eq(irqsim_guest_read(rig->m, 0, nowhere[i]), UINT32_MAX);
    }
    irqsim_guest_write(rig->m, 0, RIG_RAM - 4, 0x12345678);
    ck_assert_uint_eq(irqsim_guest_read(rig->m, 0, RIG_RAM - 4), 0x12345678);
    for (uint32_t port = 0; port <= 0xFFFF; port++) {
        irqsim_guest_outb(rig->m, 0, (uint16_t)port, (uint8_t)(port * 7));
        irqsim_guest_inb(rig->m, 0, (uint16_t)port);
    }
    ck_assert_uint_eq(irqsim_guest_inb(rig->m, 0, 0x4D0), 0xFF); /* PIC-33 */
    rig_free(rig);
}
END_TEST

UNIT_MAIN("machine_source", UNIT_TEST(time_102_periods_do_not_drift),
          UNIT_TEST(time_102_bursts_begin_every_period),
          UNIT_TEST(time_102_records_come_at_their_times_with_their_jobs),
          UNIT_TEST(time_102_poisson_is_minus_ln_to_29_bits),
          UNIT_TEST(law_1_poisson_is_the_same_on_every_host),
          UNIT_TEST(time_102_poisson_has_its_mean),
          UNIT_TEST(law_6_injected_arrivals_wait_and_are_counted),
          UNIT_TEST(law_5_a_source_with_a_pattern_takes_no_others),
          UNIT_TEST(law_6_the_line_falls_with_the_last_claim),
          UNIT_TEST(law_4_nobody_at_an_address_reads_as_ones))
