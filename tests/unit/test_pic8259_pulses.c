/* SPDX-License-Identifier: MIT */
/* irqsim_pic_inta() is both pulses of INTA with nothing between them (PIC-31). */
#include "pic_rig.h"

#include <string.h>

static uint32_t next_random(uint64_t *x)
{
    *x = *x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*x >> 33);
}

static void same(const irqsim_pic_t *one, irqsim_pic_t two)
{
    if (!one->frozen)
        two.held = one->held; /* means nothing then */
    ck_assert_int_eq(memcmp(one, &two, sizeof(two)), 0);
}

/* What the chip keeps about its state is what it would find out again (PIC-57). */
static void nothing_to_find_out(const irqsim_pic_t *pic)
{
    irqsim_pic_t again = *pic;

    irqsim_pic_write(&again, CMD, PIC_OCW2_NOP);
    ck_assert_int_eq(memcmp(pic, &again, sizeof(again)), 0);
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
        same(&one, two);
        nothing_to_find_out(&one);
    }
}
END_TEST

UNIT_MAIN("pic8259 pulses", UNIT_LOOP(pic_31_one_call_is_two_pulses_pic_29, 0, 64))
