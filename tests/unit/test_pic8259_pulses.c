/* SPDX-License-Identifier: MIT */
/* irqsim_pic_inta() is both pulses of INTA with nothing between them (PIC-31). */
#include "pic_rig.h"

#include <string.h>

static uint32_t next_random(uint64_t *x)
{
    *x = *x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*x >> 33);
}

static void acknowledge_both(irqsim_pic_t *one, irqsim_pic_t *two)
{
    const int frozen = irqsim_pic_inta1(two);
    int line;

    ck_assert_uint_eq(irqsim_pic_inta(one, &line), irqsim_pic_inta2(two));
    ck_assert_int_eq(line, frozen);
}

static void act(irqsim_pic_t *pic, uint32_t r)
{
    if (r & 0x100)
        irqsim_pic_set_in(pic, r >> 16);
    else
        irqsim_pic_write(pic, r >> 9 & 1, (uint8_t)(r >> 16));
}

/* The loop counter is the seed and, by its low bits, the variants. */
START_TEST(pic_31_one_call_is_two_pulses_pic_29)
{
    const irqsim_pic_desc_t desc = {.variants = (uint32_t)_i & 3, .slave = _i & 4};
    irqsim_pic_t one, two;
    uint64_t x = (uint64_t)_i;

    irqsim_pic_init(&one, &desc);
    pic_program(&one, 0, 0x20, 0x04, 0);
    two = one;
    for (unsigned step = 0; step < 5000; step++) {
        const uint32_t r = next_random(&x);

        if (r & 1)
            acknowledge_both(&one, &two);
        else
            act(&one, r), act(&two, r);
        ck_assert_mem_eq(&one, &two, sizeof(two));
        ck_assert(irqsim_pic_is_sound(&one)); /* what it keeps, it would find out again */
    }
}
END_TEST

/* ---- pulses out of order: what pic8259.h says of them ---- */

START_TEST(pic_31_an_inta2_alone_is_a_spurious_one)
{
    irqsim_pic_t pic = pic_master(0, _i ? PIC_ICW4_AEOI : 0);

    pic_ocw(&pic, PIC_OCW2_ROTATE_AEOI_SET);
    pic_edges(&pic, 1u << 3);
    const irqsim_pic_t before = pic;
    ck_assert_uint_eq(irqsim_pic_inta2(&pic), 0x27);
    ck_assert_mem_eq(&pic, &before, sizeof(pic)); /* the request still stands */
    ck_assert(pic_int(&pic));
    ck_assert_uint_eq(pic_inta(&pic), 0x23);
}
END_TEST

START_TEST(pic_31_a_second_inta1_begins_anew)
{
    irqsim_pic_t pic = pic_master(0, _i ? PIC_ICW4_AEOI : 0);

    pic_edges(&pic, 1u << 3 | 1u << 5);
    ck_assert_int_eq(irqsim_pic_inta1(&pic), 3);
    pic_edges(&pic, 1u << 1); /* too late for this acknowledge */
    ck_assert_int_eq(irqsim_pic_inta1(&pic), IRQSIM_PIC_NO_LINE);
    ck_assert_uint_eq(pic.isr, 1u << 3);
    ck_assert_uint_eq(irqsim_pic_inta2(&pic), 0x27);
    ck_assert_uint_eq(pic.isr, 1u << 3); /* no automatic end for what was not fetched */
    ck_assert(pic_int(&pic));
    ck_assert_uint_eq(pic_inta(&pic), 0x21);
}
END_TEST

START_TEST(pic_31_an_icw1_between_the_pulses_ends_them)
{
    irqsim_pic_t pic = pic_master(0, 0);

    pic_edges(&pic, 1u << 3);
    ck_assert_int_eq(irqsim_pic_inta1(&pic), 3);
    irqsim_pic_write(&pic, CMD, PIC_ICW1_INIT | PIC_ICW1_IC4);
    ck_assert_uint_eq(pic.isr, 0); /* PIC-02 */
    if (_i)
        pic_program(&pic, 0, 0x40, 0x04, 0);
    ck_assert_uint_eq(irqsim_pic_inta2(&pic), _i ? 0x47 : 0x27);
    ck_assert(!pic_int(&pic) && pic.isr == 0); /* PIC-01: its edge is forgotten */
}
END_TEST

UNIT_MAIN("pic8259 pulses", UNIT_LOOP(pic_31_an_inta2_alone_is_a_spurious_one, 0, 2),
          UNIT_LOOP(pic_31_a_second_inta1_begins_anew, 0, 2),
          UNIT_LOOP(pic_31_an_icw1_between_the_pulses_ends_them, 0, 2),
          UNIT_LOOP(pic_31_one_call_is_two_pulses_pic_29, 0, 64))
