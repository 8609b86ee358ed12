/* SPDX-License-Identifier: MIT */
/* OCW2 and OCW3: ends of interrupt, rotation, special mask, poll. */
#include "pic_rig.h"

/* Lines 5 and 3 in service, 3 on top. */
static irqsim_pic_t two_in_service(void)
{
    irqsim_pic_t pic = pic_master(0, 0);
    pic_service(&pic, 5);
    pic_service(&pic, 3);
    ck_assert_uint_eq(pic.isr, 0x28);
    return pic;
}

typedef struct ocw2_case {
    uint8_t command, isr, lowest, rotate_aeoi;
} ocw2_case_t;

/* clang-format off */
static const ocw2_case_t ocw2_cases[] = {
    {PIC_OCW2_ROTATE_AEOI_CLEAR,       0x28, 7, 0}, /* PIC-56 */
    {PIC_OCW2_EOI,                     0x20, 7, 0}, /* PIC-50 */
    {PIC_OCW2_NOP | 5,                 0x28, 7, 0}, /* PIC-57 */
    {PIC_OCW2_SPECIFIC_EOI | 5,        0x08, 7, 0}, /* PIC-51 */
    {PIC_OCW2_ROTATE_AEOI_SET,         0x28, 7, 1}, /* PIC-55 */
    {PIC_OCW2_ROTATE_EOI,              0x20, 3, 0}, /* PIC-52 */
    {PIC_OCW2_SET_PRIORITY | 5,        0x28, 5, 0}, /* PIC-54 */
    {PIC_OCW2_ROTATE_SPECIFIC_EOI | 5, 0x08, 5, 0}, /* PIC-53 */
    {PIC_OCW2_EOI | 5,                 0x20, 7, 0}, /* PIC-92 */
    {0x02,                             0x28, 7, 0}, /* PIC-92 */
};
/* clang-format on */
#define OCW2_CASES ((int)(sizeof(ocw2_cases) / sizeof(ocw2_cases[0])))

START_TEST(pic_22_all_commands_pic_50_pic_51_pic_52_pic_53_pic_54_pic_55_pic_56_pic_57_pic_92)
{
    const ocw2_case_t *c = &ocw2_cases[_i];
    irqsim_pic_t pic = two_in_service();
    pic_ocw(&pic, c->command);
    ck_assert_uint_eq(pic.isr, c->isr);
    ck_assert_uint_eq(pic.lowest, c->lowest);
    ck_assert_uint_eq(pic.rotate_aeoi, c->rotate_aeoi);
}
END_TEST

START_TEST(pic_50_eoi_follows_the_rotation)
{
    irqsim_pic_t pic = two_in_service();
    pic_ocw(&pic, PIC_OCW2_SET_PRIORITY | 3);
    pic_ocw(&pic, PIC_OCW2_EOI);
    ck_assert_uint_eq(pic.isr, 0x08);
}
END_TEST

START_TEST(pic_56_clears_what_pic_55_set)
{
    irqsim_pic_t pic = pic_master(0, 0);
    pic_ocw(&pic, PIC_OCW2_ROTATE_AEOI_SET);
    pic_ocw(&pic, PIC_OCW2_EOI);
    ck_assert(pic.rotate_aeoi); /* a plain EOI leaves it */
    pic_ocw(&pic, PIC_OCW2_ROTATE_AEOI_CLEAR);
    ck_assert(!pic.rotate_aeoi);
}
END_TEST

START_TEST(pic_58_eoi_of_nothing_changes_nothing)
{
    irqsim_pic_t pic = pic_master(0, 0);
    const irqsim_pic_t before = pic;
    pic_ocw(&pic, PIC_OCW2_EOI);
    pic_ocw(&pic, PIC_OCW2_ROTATE_EOI);
    ck_assert_mem_eq(&pic, &before, sizeof(pic));
}
END_TEST

START_TEST(pic_52_serviced_line_becomes_lowest_pic_89_pic_30)
{
    irqsim_pic_t pic = pic_master(0, 0);
    pic_service(&pic, 3);
    pic_ocw(&pic, PIC_OCW2_ROTATE_EOI);
    pic_edges(&pic, 0x19);
    ck_assert_uint_eq(pic_inta(&pic), 0x24);
    pic_ocw(&pic, PIC_OCW2_EOI);
    ck_assert_uint_eq(pic_inta(&pic), 0x20);
    pic_ocw(&pic, PIC_OCW2_EOI);
    ck_assert_uint_eq(pic_inta(&pic), 0x23);
}
END_TEST

START_TEST(pic_40_service_blocks_equal_and_lower)
{
    for (unsigned line = 0; line < 8; line++) {
        irqsim_pic_t pic = pic_master(0, 0);
        pic_service(&pic, 4);
        pic_edges(&pic, 1u << line);
        ck_assert_int_eq(pic_int(&pic), line < 4);
    }
}
END_TEST

START_TEST(pic_47_aeoi_leaves_nothing_in_service)
{
    irqsim_pic_t pic = pic_master(PIC_ICW1_LTIM, PIC_ICW4_AEOI);
    irqsim_pic_set_in(&pic, 0x10);
    irqsim_pic_inta1(&pic);
    ck_assert_uint_eq(pic.isr, 0x10);
    irqsim_pic_inta2(&pic);
    ck_assert_uint_eq(pic.isr, 0x00);
    ck_assert(pic_int(&pic)); /* the line is still high */
}
END_TEST

/* The loop counter is: the part is a slave. */
START_TEST(pic_47_parts_before_1985_end_automatically_in_a_master_only)
{
    const irqsim_pic_desc_t desc = {.slave = _i, .variants = IRQSIM_PIC_VARIANT_AEOI_MASTER};
    irqsim_pic_t pic;
    irqsim_pic_init(&pic, &desc);
    pic_program(&pic, 0, 0x20, 0x04, PIC_ICW4_AEOI);
    pic_service(&pic, 3);
    ck_assert_uint_eq(pic.isr, _i ? 0x08 : 0x00);
}
END_TEST

START_TEST(pic_55_aeoi_rotates_when_told)
{
    irqsim_pic_t pic = pic_master(0, PIC_ICW4_AEOI);
    pic_service(&pic, 2);
    ck_assert_uint_eq(pic.lowest, 7);
    pic_ocw(&pic, PIC_OCW2_ROTATE_AEOI_SET);
    pic_service(&pic, 2);
    ck_assert_uint_eq(pic.lowest, 2);
    irqsim_pic_set_in(&pic, 0);
    pic_inta(&pic); /* a spurious one ends nothing */
    ck_assert_uint_eq(pic.lowest, 2);
}
END_TEST

START_TEST(pic_45_special_mask_opens_lower_levels_pic_23_pic_87)
{
    irqsim_pic_t pic = pic_master(0, 0);
    pic_service(&pic, 3);
    pic_edges(&pic, 0x40);
    irqsim_pic_write(&pic, DATA, 0x08);
    ck_assert(!pic_int(&pic));
    pic_ocw(&pic, PIC_OCW3 | PIC_OCW3_SMM); /* ESMM=0: no change */
    ck_assert(!pic_int(&pic));
    pic_ocw(&pic, PIC_OCW3_SMM_SET);
    ck_assert(pic_int(&pic));
    irqsim_pic_write(&pic, DATA, 0x00); /* in service and not masked: blocks again */
    ck_assert(!pic_int(&pic));
    irqsim_pic_write(&pic, DATA, 0x08);
    pic_ocw(&pic, PIC_OCW3_SMM_RESET);
    ck_assert(!pic_int(&pic));
}
END_TEST

START_TEST(pic_46_eoi_does_not_see_a_masked_level_pic_88)
{
    irqsim_pic_t pic = two_in_service();
    irqsim_pic_write(&pic, DATA, 0x08);
    pic_ocw(&pic, PIC_OCW3_SMM_SET);
    pic_ocw(&pic, PIC_OCW2_EOI);
    ck_assert_uint_eq(pic.isr, 0x08);
    pic_ocw(&pic, PIC_OCW2_EOI);
    ck_assert_uint_eq(pic.isr, 0x08);
    pic_ocw(&pic, PIC_OCW2_SPECIFIC_EOI | 3);
    ck_assert_uint_eq(pic.isr, 0x00);
}
END_TEST

START_TEST(pic_60_poll_acknowledges_once_pic_90_pic_91)
{
    irqsim_pic_t pic = pic_master(0, 0);
    pic_edges(&pic, 0x20);
    ck_assert_uint_eq(pic_poll(&pic), PIC_POLL_VALID | 5);
    ck_assert_uint_eq(pic.isr, 0x20);
    ck_assert(!pic_int(&pic));
    ck_assert_uint_eq(irqsim_pic_read(&pic, CMD), 0x00); /* the IRR again */
    ck_assert_uint_eq(pic_poll(&pic), 0x00);
}
END_TEST

START_TEST(pic_60_requests_are_frozen_from_command_to_read)
{
    irqsim_pic_t pic = pic_master(0, 0);
    pic_edges(&pic, 0x20);
    pic_ocw(&pic, PIC_OCW3_POLL_NEXT);
    irqsim_pic_set_in(&pic, 0x21);
    ck_assert_uint_eq(irqsim_pic_read(&pic, CMD), PIC_POLL_VALID | 5);
    ck_assert(pic_int(&pic));
    ck_assert_uint_eq(pic_poll(&pic), PIC_POLL_VALID | 0);
}
END_TEST

START_TEST(pic_60_int_dips_inside_the_read)
{
    irqsim_pic_t pic = pic_master(0, 0);

    pic_edges(&pic, 0x10);
    pic_ocw(&pic, PIC_OCW3_POLL_NEXT);
    pic_edges(&pic, 0x02);
    ck_assert(pic_int(&pic)); /* as it was at the command */
    irqsim_pic_read_begin(&pic);
    ck_assert(!pic_int(&pic));
    irqsim_pic_read_begin(&pic); /* the edge of a read is one */
    ck_assert_uint_eq(pic.isr, 0x10);
    ck_assert_uint_eq(irqsim_pic_read(&pic, CMD), PIC_POLL_VALID | 4);
    ck_assert(pic_int(&pic));    /* line 1 */
    irqsim_pic_read_begin(&pic); /* of an ordinary read: nothing */
    ck_assert(pic_int(&pic));
}
END_TEST

START_TEST(pic_61_poll_wins_over_read_register)
{
    irqsim_pic_t pic = pic_master(0, 0);
    pic_ocw(&pic, PIC_OCW3_POLL_NEXT | PIC_OCW3_READ_ISR);
    ck_assert_uint_eq(irqsim_pic_read(&pic, CMD), 0x00);
    ck_assert(!pic.read_isr);
}
END_TEST

START_TEST(pic_63_polling_under_aeoi_and_down_the_cascade)
{
    irqsim_pic_t pic = pic_master(0, PIC_ICW4_AEOI);
    pic_edges(&pic, 0x20);
    ck_assert_uint_eq(pic_poll(&pic), PIC_POLL_VALID | 5);
    ck_assert_uint_eq(pic.isr, 0);

    pic_pair_t pair = pair_make(0);
    pair_slave_in(&pair, 0x08);
    ck_assert_uint_eq(pic_poll(&pair.master), PIC_POLL_VALID | 2);
    ck_assert_uint_eq(pair.slave.isr, 0);
    ck_assert_uint_eq(pic_poll(&pair.slave), PIC_POLL_VALID | 3);
}
END_TEST

UNIT_MAIN(
    "pic8259 commands",
    UNIT_LOOP(pic_22_all_commands_pic_50_pic_51_pic_52_pic_53_pic_54_pic_55_pic_56_pic_57_pic_92, 0,
              OCW2_CASES),
    UNIT_TEST(pic_50_eoi_follows_the_rotation), UNIT_TEST(pic_56_clears_what_pic_55_set),
    UNIT_TEST(pic_58_eoi_of_nothing_changes_nothing),
    UNIT_TEST(pic_52_serviced_line_becomes_lowest_pic_89_pic_30),
    UNIT_TEST(pic_40_service_blocks_equal_and_lower),
    UNIT_TEST(pic_47_aeoi_leaves_nothing_in_service),
    UNIT_LOOP(pic_47_parts_before_1985_end_automatically_in_a_master_only, 0, 2),
    UNIT_TEST(pic_55_aeoi_rotates_when_told),
    UNIT_TEST(pic_45_special_mask_opens_lower_levels_pic_23_pic_87),
    UNIT_TEST(pic_46_eoi_does_not_see_a_masked_level_pic_88),
    UNIT_TEST(pic_60_poll_acknowledges_once_pic_90_pic_91),
    UNIT_TEST(pic_60_requests_are_frozen_from_command_to_read),
    UNIT_TEST(pic_60_int_dips_inside_the_read), UNIT_TEST(pic_61_poll_wins_over_read_register),
    UNIT_TEST(pic_63_polling_under_aeoi_and_down_the_cascade))
