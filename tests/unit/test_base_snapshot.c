/* SPDX-License-Identifier: MIT */
/*
 * test_base_snapshot.c - blocks and layouts: the bytes, and every way to be wrong
 */
#include <string.h>

#include <irqsim/snapshot.h>

#include "unit.h"

typedef struct thing {
    uint64_t big;
    uint32_t pair[2];
    uint16_t small;
    uint8_t tiny, pad;
    uint32_t last;
} thing_t;

static const irqsim_field_t fields[] = {
    IRQSIM_FIELD_ONE(thing_t, big),   IRQSIM_FIELD_MANY(thing_t, pair),
    IRQSIM_FIELD_ONE(thing_t, small), IRQSIM_FIELD_UP_TO(thing_t, tiny, 9),
    IRQSIM_FIELD_ONE(thing_t, pad),   IRQSIM_FIELD_ONE(thing_t, last),
};
static const irqsim_layout_t layout = IRQSIM_LAYOUT(thing_t, fields);

static const thing_t example = {
    .big = 0x0102030405060708, .pair = {0x11121314, 0x21222324}, .small = 0x3132, .tiny = 9};

static size_t write_example(uint8_t *buf, size_t size)
{
    irqsim_snap_t snap = {.buf = buf, .size = size};

    irqsim_snap_begin(&snap, "TEST", 3);
    irqsim_snap_put(&snap, &layout, &example, 1);
    irqsim_snap_end(&snap);
    ck_assert_int_eq(snap.status, IRQSIM_OK);
    return snap.used;
}

static irqsim_snap_t read_example(uint8_t *buf, size_t size, thing_t *thing)
{
    irqsim_snap_t snap = {.buf = buf, .size = size, .reading = true};

    irqsim_snap_open(&snap, "TEST", 3);
    irqsim_snap_get(&snap, &layout, thing, 1);
    irqsim_snap_close(&snap);
    return snap;
}

START_TEST(law_1_the_bytes_are_little_endian_on_every_host)
{
    static const uint8_t expected[] = {
        'T', 'E', 'S', 'T', 3, 0, 0, 0, 24, 0, 0, 0, /* crc: checked below */
    };
    static const uint8_t payload[] = {8,    7,    6,    5,    4,    3,    2,    1,
                                      0x14, 0x13, 0x12, 0x11, 0x24, 0x23, 0x22, 0x21,
                                      0x32, 0x31, 9,    0,    0,    0,    0,    0};
    uint8_t buf[64];

    ck_assert_uint_eq(write_example(NULL, 0), 40);
    ck_assert_uint_eq(write_example(buf, sizeof(buf)), 40);
    ck_assert_int_eq(memcmp(buf, expected, sizeof(expected)), 0);
    ck_assert_int_eq(memcmp(buf + 16, payload, sizeof(payload)), 0);
}
END_TEST

/* The check value of CRC-32 (IEEE 802.3) is known for these nine bytes. */
START_TEST(law_1_the_checksum_is_crc_32)
{
    uint8_t buf[64];
    irqsim_snap_t snap = {.buf = buf, .size = sizeof(buf)};

    irqsim_snap_begin(&snap, "CRC ", 1);
    irqsim_snap_put_bytes(&snap, "123456789", 9);
    irqsim_snap_end(&snap);
    ck_assert_uint_eq(buf[12] | (uint32_t)buf[13] << 8 | (uint32_t)buf[14] << 16 |
                          (uint32_t)buf[15] << 24,
                      0xCBF43926);
}
END_TEST

START_TEST(law_2_what_is_read_is_what_was_written)
{
    uint8_t buf[64];
    thing_t thing = {0};
    const size_t size = write_example(buf, sizeof(buf));

    ck_assert_int_eq(read_example(buf, size, &thing).status, IRQSIM_OK);
    ck_assert_int_eq(memcmp(&thing, &example, sizeof(thing)), 0);
}
END_TEST

START_TEST(law_5_any_flipped_bit_is_found)
{
    uint8_t buf[64];
    thing_t thing;
    const size_t size = write_example(buf, sizeof(buf));

    for (size_t bit = 0; bit < size * 8; bit++) {
        buf[bit / 8] ^= (uint8_t)(1u << bit % 8);
        const irqsim_snap_t snap = read_example(buf, size, &thing);
        ck_assert_int_eq(snap.status, IRQSIM_E_FORMAT);
        ck_assert_ptr_nonnull(snap.where);
        buf[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}
END_TEST

START_TEST(law_5_a_cut_snapshot_is_found)
{
    uint8_t buf[64];
    thing_t thing;
    const size_t size = write_example(buf, sizeof(buf));

    for (size_t cut = 0; cut < size; cut++)
        ck_assert_int_eq(read_example(buf, cut, &thing).status, IRQSIM_E_FORMAT);
}
END_TEST

START_TEST(law_5_a_value_out_of_range_is_named)
{
    uint8_t buf[64];
    thing_t bad = example, thing;
    irqsim_snap_t snap = {.buf = buf, .size = sizeof(buf)};

    bad.tiny = 10;
    irqsim_snap_begin(&snap, "TEST", 3);
    irqsim_snap_put(&snap, &layout, &bad, 1);
    irqsim_snap_end(&snap);
    const irqsim_snap_t result = read_example(buf, snap.used, &thing);
    ck_assert_int_eq(result.status, IRQSIM_E_FORMAT);
    ck_assert_str_eq(result.where, "tiny");
}
END_TEST

START_TEST(law_5_a_small_buffer_is_full)
{
    uint8_t buf[39];
    irqsim_snap_t snap = {.buf = buf, .size = sizeof(buf)};

    irqsim_snap_begin(&snap, "TEST", 3);
    irqsim_snap_put(&snap, &layout, &example, 1);
    irqsim_snap_end(&snap);
    ck_assert_int_eq(snap.status, IRQSIM_E_FULL);
}
END_TEST

START_TEST(law_5_a_payload_that_is_longer_than_read_is_found)
{
    uint8_t buf[128];
    thing_t thing;
    irqsim_snap_t snap = {.buf = buf, .size = sizeof(buf)};

    irqsim_snap_begin(&snap, "TEST", 3);
    irqsim_snap_put(&snap, &layout, &example, 1);
    irqsim_snap_put_bytes(&snap, "x", 1);
    irqsim_snap_end(&snap);
    ck_assert_str_eq(read_example(buf, snap.used, &thing).where, "block length");
}
END_TEST

START_TEST(law_2_a_layout_with_a_gap_is_incomplete)
{
    irqsim_field_t some[sizeof(fields) / sizeof(fields[0])];
    irqsim_layout_t gap = layout;

    ck_assert(irqsim_layout_complete(&layout));
    memcpy(some, fields, sizeof(fields));
    gap.field = some;
    gap.fields--;
    ck_assert(!irqsim_layout_complete(&gap));
    gap.fields++;
    some[1] = some[2];
    ck_assert(!irqsim_layout_complete(&gap));
}
END_TEST

UNIT_MAIN("base_snapshot", UNIT_TEST(law_1_the_bytes_are_little_endian_on_every_host),
          UNIT_TEST(law_1_the_checksum_is_crc_32),
          UNIT_TEST(law_2_what_is_read_is_what_was_written),
          UNIT_TEST(law_5_any_flipped_bit_is_found), UNIT_TEST(law_5_a_cut_snapshot_is_found),
          UNIT_TEST(law_5_a_value_out_of_range_is_named), UNIT_TEST(law_5_a_small_buffer_is_full),
          UNIT_TEST(law_5_a_payload_that_is_longer_than_read_is_found),
          UNIT_TEST(law_2_a_layout_with_a_gap_is_incomplete))
