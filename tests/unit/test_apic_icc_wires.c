/* SPDX-License-Identifier: MIT */
/*
 * test_apic_icc_wires.c - what is on the wires of the APIC bus, and what becomes
 * of a message when it is disturbed
 */
#include "icc_rig.h"

#define LOGICAL LAPIC_ICR_DEST_LOGICAL

/* ---- layouts ---- */

START_TEST(icc_34_an_eoi)
{
    icc_rig_t rig = icc_rig(1, 1);

    entry(&rig, 0, 5, IOAPIC_RTE_TRIGGER_LEVEL | 0x31, 0);
    pin(&rig, 0, 5, true);
    bus_message(&rig);
    irqsim_lapic_ack(&rig.la[0]);
    eoi(&rig.la[0]);
    ck_assert_uint_eq(bus_message(&rig), 14);
    expect_wires(&rig, "3 0002 0301 0 0 02 0");
}
END_TEST

START_TEST(icc_35_a_short_message)
{
    icc_rig_t rig = icc_rig(3, 1);

    put(&rig.la[1], LAPIC_REG_LDR, 0x60000000);
    send_ipi(&rig, 2, IPI(0xE4) | LOGICAL | LAPIC_DM_NMI, 0x40);
    ck_assert_uint_eq(bus_message(&rig), 21);
    expect_wires(&rig, "1 0020 30 2 3210 1000 3 0 02 0");
}
END_TEST

START_TEST(icc_35_a_level_entry_says_so)
{
    icc_rig_t rig = icc_rig(2, 1);

    entry(&rig, 0, 5, IOAPIC_RTE_TRIGGER_LEVEL | 0x31, 1);
    pin(&rig, 0, 5, true);
    bus_message(&rig);
    ck_assert_uint_eq(irqsim_icc_cycle(&rig.bus, 8), 3);
    ck_assert(in_tmr(&rig.la[1], 0x31));
}
END_TEST

START_TEST(icc_36_shorthands_travel_as_physical_f)
{
    static const uint32_t low[] = {IPI(0x41) | LAPIC_ICR_TO_ALL, IPI(0x41) | LAPIC_ICR_TO_OTHERS,
                                   IPI(0x41) | LOGICAL | LAPIC_ICR_TO_OTHERS, IPI(0x41)};
    icc_rig_t rig = icc_rig(3, 0);

    for (unsigned i = 0; i < 4; i++) {
        rig = icc_rig(3, 0);
        send_ipi(&rig, 0, low[i], 0xFF);
        bus_message(&rig);
        expect_wires(&rig, "1 0000 00 2 1001 0033 0 0 02 0");
        ck_assert_uint_eq(in_irr(&rig.la[0], 0x41), i == 0 || i == 3); /* the sender knows */
        ck_assert(in_irr(&rig.la[1], 0x41) && in_irr(&rig.la[2], 0x41));
    }
}
END_TEST

START_TEST(icc_38_a_remote_read_with_its_data)
{
    icc_rig_t rig = icc_rig(2, 0);

    put(&rig.la[1], LAPIC_REG_LDR, 0xE4000000);
    send_ipi(&rig, 0, LAPIC_DM_REMOTE_READ | LAPIC_REG_LDR >> 4, 1);
    ck_assert_uint_eq(bus_message(&rig), 39);
    expect_wires(&rig, "1 0000 03 2 0031 0001 0 0 02 3210000000000000 0 3 0");
}
END_TEST

START_TEST(icc_30_only_what_is_over_shows)
{
    icc_rig_t rig = icc_rig(2, 0);

    expect_wires(&rig, "");
    send_ipi(&rig, 0, IPI(0x41), 1);
    bus_run(&rig, 0);
    expect_wires(&rig, "");
    bus_run(&rig, 8);
    expect_wires(&rig, "1 0000 00 2");
    bus_run(&rig, 1000);
    ck_assert_uint_eq(irqsim_icc_cycles(&rig.bus, rig.clock), 21);
    ck_assert_uint_eq(irqsim_icc_cycle(&rig.bus, 0), 0);
    ck_assert_uint_eq(irqsim_icc_cycle(&rig.bus, 40), 0);
}
END_TEST

/* Lengths by kind (ICC-30..33). */
START_TEST(icc_32_every_kind_has_its_length)
{
    static const struct {
        uint32_t low, length;
    } row[] = {{IPI(0x41), 21},
               {IPI(0) | LAPIC_DM_NMI, 21},
               {IPI(0) | LAPIC_DM_SMI, 21},
               {IPI(0) | LAPIC_DM_INIT, 21},
               {IPI(9) | LAPIC_DM_SIPI, 21},
               {IPI(0x41) | LAPIC_DM_LOWEST, 34},
               {LAPIC_DM_REMOTE_READ | 3, 39}};
    icc_rig_t rig = icc_rig(2, 0);

    for (unsigned i = 0; i < 7; i++) {
        rig = icc_rig(2, 0);
        send_ipi(&rig, 0, row[i].low, 1);
        ck_assert_uint_eq(bus_message(&rig), row[i].length);
    }
}
END_TEST

/* ---- checksums ---- */

static unsigned eoi_checksum(uint32_t vector, uint32_t variants)
{
    icc_rig_t rig =
        icc_rig_of((irqsim_icc_desc_t){.lapics = 1, .ioapics = 1, .variants = variants});

    fixed(&rig.la[0], vector, true);
    irqsim_lapic_ack(&rig.la[0]);
    eoi(&rig.la[0]);
    bus_message(&rig);
    ck_assert_uint_eq(rig.bus.outcome, IRQSIM_ICC_ACCEPTED);
    return irqsim_icc_cycle(&rig.bus, 10);
}

START_TEST(icc_39_checksums_of_both_documents)
{
    static const struct {
        uint8_t vector, manual, plain;
    } row[] = {{0x31, 0, 0}, {0xF1, 0, 3}, {0xFF, 2, 0}, {0x80, 2, 2}};

    for (unsigned i = 0; i < 4; i++) {
        ck_assert_uint_eq(eoi_checksum(row[i].vector, 0), row[i].manual);
        ck_assert_uint_eq(eoi_checksum(row[i].vector, IRQSIM_ICC_VARIANT_PLAIN_CHECKSUM),
                          row[i].plain);
    }
}
END_TEST

/* ---- ICC-50, row by row ---- */

typedef enum what { EOI, FIXED, LOWEST, FOCUS, FULL } what_t;

#define SEND_SUM  LAPIC_ESR_SEND_CHECKSUM
#define HEARD_SUM LAPIC_ESR_RECV_CHECKSUM
#define SEND_ACC  LAPIC_ESR_SEND_ACCEPT
#define HEARD_ACC LAPIC_ESR_RECV_ACCEPT
#define IS(what)  IRQSIM_ICC_##what

/* A message of CPU 0 for CPU 1, one cycle of it disturbed, and what comes of it. */
typedef struct row {
    what_t what;
    uint8_t cycle, bits;
    uint8_t outcome;
    uint8_t length, rotates, resent, arrives;
    uint8_t sender_esr, receiver_esr;
} row_t;

/* clang-format off */
static const row_t rows[] = {
    /*       cycle bits outcome           length rot. again there  ESRs */
    {EOI,     0, 0, IS(ACCEPTED),       14, 1, 0, 1, 0,        0},
    {EOI,    13, 1, IS(RETRY),          14, 1, 1, 0, 0,        0},         /* 11 */
    {EOI,    13, 2, IS(ACCEPT_ERROR),   14, 0, 1, 0, SEND_ACC, HEARD_ACC}, /* 00 */
    {EOI,    13, 3, IS(ACCEPT_ERROR),   14, 0, 1, 0, SEND_ACC, HEARD_ACC}, /* 01 */
    {EOI,    12, 3, IS(CHECKSUM_ERROR), 14, 0, 1, 0, SEND_SUM, HEARD_SUM},
    {EOI,     7, 1, IS(CHECKSUM_ERROR), 14, 0, 1, 0, SEND_SUM, HEARD_SUM}, /* data */
    {EOI,    10, 1, IS(CHECKSUM_ERROR), 14, 0, 1, 0, SEND_SUM, HEARD_SUM}, /* the sum */
    {EOI,    12, 2, IS(ERROR),          14, 0, 1, 0, 0,        0},
    {EOI,    12, 1, IS(ERROR),          14, 0, 1, 0, 0,        0},
    {EOI,     1, 2, IS(ACCEPTED),       14, 1, 0, 1, 0,        0},         /* only shows */
    {FIXED,   0, 0, IS(ACCEPTED),       21, 1, 0, 1, 0,        0},
    {FIXED,  20, 1, IS(RETRY),          21, 1, 1, 1, 0,        0},
    {FIXED,  20, 2, IS(ACCEPT_ERROR),   21, 0, 0, 0, SEND_ACC, HEARD_ACC},
    {FIXED,  20, 3, IS(ACCEPT_ERROR),   21, 0, 0, 0, SEND_ACC, HEARD_ACC},
    {FIXED,  19, 3, IS(CHECKSUM_ERROR), 21, 0, 1, 0, SEND_SUM, HEARD_SUM},
    {FIXED,  11, 2, IS(CHECKSUM_ERROR), 21, 0, 1, 0, SEND_SUM, HEARD_SUM},
    {FIXED,  17, 3, IS(CHECKSUM_ERROR), 21, 0, 1, 0, SEND_SUM, HEARD_SUM},
    {FIXED,  19, 2, IS(ERROR),          21, 0, 1, 0, 0,        0},
    {FIXED,  19, 1, IS(ERROR),          21, 0, 1, 0, 0,        0},
    {FIXED,   4, 2, IS(ACCEPTED),       21, 1, 0, 1, 0,        0},
    {LOWEST,  0, 0, IS(ACCEPTED),       34, 1, 0, 1, 0,        0},
    {LOWEST, 33, 1, IS(ACCEPT_ERROR),   34, 1, 1, 0, SEND_ACC, HEARD_ACC}, /* 11 */
    {LOWEST, 33, 2, IS(ACCEPT_ERROR),   34, 1, 1, 0, SEND_ACC, HEARD_ACC}, /* 00 */
    {LOWEST, 33, 3, IS(ACCEPT_ERROR),   34, 1, 1, 0, SEND_ACC, HEARD_ACC}, /* 01 */
    {LOWEST, 20, 1, IS(RETRY),          21, 1, 1, 0, 0,        0},         /* 10 */
    {LOWEST, 20, 3, IS(ACCEPT_ERROR),   21, 0, 0, 0, SEND_ACC, HEARD_ACC}, /* 00 */
    {LOWEST, 20, 2, IS(ACCEPT_ERROR),   21, 0, 0, 0, SEND_ACC, HEARD_ACC}, /* 01 */
    {LOWEST, 19, 3, IS(CHECKSUM_ERROR), 21, 0, 1, 0, SEND_SUM, HEARD_SUM},
    {LOWEST, 19, 1, IS(ERROR),          21, 0, 1, 0, 0,        0},         /* 01 */
    {LOWEST, 19, 2, IS(FOCUS),          21, 1, 0, 1, 0,        0},         /* somebody's mistake */
    {FOCUS,   0, 0, IS(FOCUS),          21, 1, 0, 1, 0,        0},
    {FOCUS,  19, 2, IS(ACCEPT_ERROR),   21, 0, 0, 0, SEND_ACC, HEARD_ACC},
    {FOCUS,  19, 1, IS(CHECKSUM_ERROR), 21, 0, 1, 0, SEND_SUM, HEARD_SUM},
    {FULL,    0, 0, IS(RETRY),          21, 1, 1, 0, 0,        0},         /* nobody can bid */
    {FULL,   20, 1, IS(ACCEPT_ERROR),   34, 1, 1, 0, SEND_ACC, HEARD_ACC}, /* nobody bids */
};
/* clang-format on */
#define ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

static void prepare(icc_rig_t *rig, what_t what)
{
    put(&rig->la[1], LAPIC_REG_LDR, 0x02000000);
    if (what == EOI) {
        entry(rig, 0, 5, IOAPIC_RTE_TRIGGER_LEVEL | 0x31, 0);
        pin(rig, 0, 5, true);
        bus_message(rig);
        irqsim_lapic_ack(&rig->la[0]);
        pin(rig, 0, 5, false);
        eoi(&rig->la[0]);
        return;
    }
    if (what == FOCUS) { /* has the vector in service */
        fixed(&rig->la[1], 0x41, false);
        irqsim_lapic_ack(&rig->la[1]);
    }
    if (what == FULL) {
        fixed(&rig->la[1], 0x48, false);
        fixed(&rig->la[1], 0x49, false);
    }
    send_ipi(rig, 0, IPI(0x41) | LOGICAL | (what == FIXED ? 0 : LAPIC_DM_LOWEST), 2);
}

static bool has_arrived(icc_rig_t *rig, const row_t *row)
{
    if (row->what == EOI)
        return !(irqsim_ioapic_rte(&rig->io[0], 5) & IOAPIC_RTE_REMOTE_IRR);
    return in_irr(&rig->la[1], 0x41);
}

START_TEST(icc_50_row_by_row)
{
    const row_t *row = &rows[_i];
    icc_rig_t rig = icc_rig(3, 1);

    prepare(&rig, row->what);
    const unsigned arb_id = arb(&rig, 2);
    if (row->cycle)
        ck_assert_int_eq(irqsim_icc_disturb(&rig.bus, row->cycle, row->bits), IRQSIM_OK);
    ck_assert_uint_eq(bus_message(&rig), row->length);
    ck_assert_uint_eq(rig.bus.outcome, row->outcome);
    ck_assert_uint_eq(arb(&rig, 2) != arb_id, row->rotates); /* ICC-21 */
    ck_assert_uint_eq((rig.la[0].out & IRQSIM_LAPIC_OUT_MSG) != 0, row->resent);
    const bool lied_to = row->outcome == IS(FOCUS) && row->what == LOWEST;
    ck_assert_uint_eq(has_arrived(&rig, row), row->arrives && !lied_to);
    ck_assert_uint_eq(errors(&rig.la[0]), row->sender_esr); /* ICC-52 */
    for (unsigned cpu = 1; cpu < 3; cpu++)
        ck_assert_uint_eq(errors(&rig.la[cpu]), row->receiver_esr);
}
END_TEST

/* ICC-54: what is sent again arrives, as the disturbance was for one message only. */
START_TEST(icc_54_row_by_row_again)
{
    const row_t *row = &rows[_i];
    icc_rig_t rig = icc_rig(3, 1);

    if (!row->resent || row->what == FULL)
        return;
    prepare(&rig, row->what);
    irqsim_icc_disturb(&rig.bus, row->cycle, row->bits);
    bus_message(&rig);
    bus_message(&rig);
    ck_assert(has_arrived(&rig, row));
    ck_assert(!(rig.la[0].out & IRQSIM_LAPIC_OUT_MSG));
}
END_TEST

/* ICC-39 is a sum with carries added back, nearly modulo 3: turning 00 into 11 can
 * escape it. Then the receivers have another vector, and nobody knows. */
START_TEST(icc_39_what_escapes_the_checksum_is_believed)
{
    icc_rig_t rig = icc_rig(2, 0);

    send_ipi(&rig, 0, IPI(0x41), 1);     /* 01 00 00 01 */
    irqsim_icc_disturb(&rig.bus, 10, 3); /* 01 11 00 01 */
    bus_message(&rig);
    ck_assert_uint_eq(rig.bus.outcome, IRQSIM_ICC_ACCEPTED);
    ck_assert(in_irr(&rig.la[1], 0x71));
    ck_assert(!in_irr(&rig.la[1], 0x41));
    ck_assert_uint_eq(errors(&rig.la[0]), 0);
}
END_TEST

START_TEST(icc_52_a_masked_error_entry_records_nothing)
{
    icc_rig_t rig = icc_rig(2, 0);

    put(&rig.la[0], LAPIC_REG_LVT_ERROR, LAPIC_LVT_MASKED); /* APIC-53 */
    send_ipi(&rig, 0, IPI(0x41), 1);
    irqsim_icc_disturb(&rig.bus, 17, 1);
    bus_message(&rig);
    ck_assert_uint_eq(errors(&rig.la[0]), 0);
    ck_assert_uint_eq(errors(&rig.la[1]), HEARD_SUM);
    ck_assert(in_irr(&rig.la[1], ERROR_VECTOR));
}
END_TEST

static uint32_t read_disturbed(unsigned cycle, unsigned bits, uint32_t *esr)
{
    icc_rig_t rig = icc_rig(2, 0);

    put(&rig.la[1], LAPIC_REG_TPR, 0x35);
    send_ipi(&rig, 0, LAPIC_DM_REMOTE_READ | LAPIC_REG_TPR >> 4, 1);
    irqsim_icc_disturb(&rig.bus, cycle, bits);
    bus_message(&rig);
    ck_assert(!is_pending(&rig.la[0]));
    ck_assert_uint_eq(get(&rig.la[0], LAPIC_REG_RRD), 0);
    *esr = errors(&rig.la[0]);
    return get(&rig.la[0], LAPIC_REG_ICR_LOW) & LAPIC_ICR_RR_STATUS_MASK;
}

START_TEST(icc_38_a_disturbed_read_is_invalid_and_over)
{
    static const struct {
        uint8_t cycle, bits, esr;
    } row[] = {{12, 1, SEND_SUM},  {20, 2, SEND_ACC},  {19, 2, 0}, {20, 1, 0}, /* in its question */
               {34, 1, HEARD_SUM}, {38, 2, HEARD_SUM}, {37, 3, 0}};            /* in its answer */

    for (unsigned i = 0; i < 7; i++) {
        uint32_t esr;
        ck_assert_uint_eq(read_disturbed(row[i].cycle, row[i].bits, &esr), LAPIC_ICR_RR_INVALID);
        ck_assert_uint_eq(esr, row[i].esr);
    }
}
END_TEST

START_TEST(icc_50_disturbances_have_a_cycle_and_bits)
{
    icc_rig_t rig = icc_rig(1, 0);

    ck_assert_int_eq(irqsim_icc_disturb(&rig.bus, 0, 1), IRQSIM_E_RANGE);
    ck_assert_int_eq(irqsim_icc_disturb(&rig.bus, 40, 1), IRQSIM_E_RANGE);
    ck_assert_int_eq(irqsim_icc_disturb(&rig.bus, 6, 0), IRQSIM_E_RANGE);
    ck_assert_int_eq(irqsim_icc_disturb(&rig.bus, 6, 4), IRQSIM_E_RANGE);
    ck_assert_int_eq(irqsim_icc_disturb(&rig.bus, 39, 3), IRQSIM_OK);
}
END_TEST

UNIT_MAIN("icc_wires", UNIT_TEST(icc_34_an_eoi), UNIT_TEST(icc_35_a_short_message),
          UNIT_TEST(icc_35_a_level_entry_says_so),
          UNIT_TEST(icc_36_shorthands_travel_as_physical_f),
          UNIT_TEST(icc_38_a_remote_read_with_its_data), UNIT_TEST(icc_30_only_what_is_over_shows),
          UNIT_TEST(icc_32_every_kind_has_its_length),
          UNIT_TEST(icc_39_checksums_of_both_documents), UNIT_LOOP(icc_50_row_by_row, 0, ROWS),
          UNIT_LOOP(icc_54_row_by_row_again, 0, ROWS),
          UNIT_TEST(icc_39_what_escapes_the_checksum_is_believed),
          UNIT_TEST(icc_52_a_masked_error_entry_records_nothing),
          UNIT_TEST(icc_38_a_disturbed_read_is_invalid_and_over),
          UNIT_TEST(icc_50_disturbances_have_a_cycle_and_bits))
