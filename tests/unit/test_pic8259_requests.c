/* SPDX-License-Identifier: MIT */
/* Requests, the acknowledge, the cascade and spurious interrupts. */
#include "pic_rig.h"

START_TEST(pic_26_withdrawn_edge_is_lost_pic_67_pic_85)
{
    irqsim_pic_t pic = pic_master(0, 0);
    irqsim_pic_set_in(&pic, 0x10);
    ck_assert_uint_eq(irqsim_pic_read(&pic, CMD), 0x10);
    irqsim_pic_set_in(&pic, 0x00);
    ck_assert(!pic_int(&pic));
    ck_assert_uint_eq(irqsim_pic_read(&pic, CMD), 0x00);
    ck_assert_uint_eq(pic_inta(&pic), 0x27); /* PIC-71: the CPU had begun already */
    ck_assert_uint_eq(pic.isr, 0);
}
END_TEST

START_TEST(pic_85_variant_keeps_the_edge)
{
    const irqsim_pic_desc_t desc = {.variants = IRQSIM_PIC_VARIANT_LATCHED_EDGE};
    irqsim_pic_t pic;
    irqsim_pic_init(&pic, &desc);
    pic_program(&pic, 0, 0x20, 0x04, 0);
    irqsim_pic_set_in(&pic, 0x10);
    irqsim_pic_set_in(&pic, 0x00);
    ck_assert_uint_eq(pic_inta(&pic), 0x24);
    ck_assert_uint_eq(irqsim_pic_irr(&pic), 0);
}
END_TEST

START_TEST(pic_26_high_line_requests_once)
{
    irqsim_pic_t pic = pic_master(0, 0);
    pic_service(&pic, 4);
    pic_ocw(&pic, PIC_OCW2_EOI);
    ck_assert(!pic_int(&pic));
    pic_edges(&pic, 0x10);
    ck_assert(pic_int(&pic));
}
END_TEST

START_TEST(pic_27_level_line_requests_until_it_drops_pic_86)
{
    irqsim_pic_t pic = pic_master(PIC_ICW1_LTIM, 0);
    irqsim_pic_set_in(&pic, 0x10);
    ck_assert_uint_eq(pic_inta(&pic), 0x24);
    ck_assert_uint_eq(irqsim_pic_read(&pic, CMD), 0x10);
    ck_assert(!pic_int(&pic));
    pic_ocw(&pic, PIC_OCW2_EOI);
    ck_assert_uint_eq(pic_inta(&pic), 0x24);
    irqsim_pic_set_in(&pic, 0);
    pic_ocw(&pic, PIC_OCW2_EOI);
    ck_assert(!pic_int(&pic));
}
END_TEST

START_TEST(pic_28_masked_edge_fires_on_unmask_pic_21)
{
    irqsim_pic_t pic = pic_master(0, 0);
    pic_service(&pic, 6);
    irqsim_pic_write(&pic, DATA, PIC_OCW1_MASK(3) | PIC_OCW1_MASK(6));
    ck_assert_uint_eq(pic.isr, 0x40);
    pic_edges(&pic, 0x08);
    ck_assert(!pic_int(&pic));
    ck_assert_uint_eq(irqsim_pic_read(&pic, CMD), 0x08);
    irqsim_pic_write(&pic, DATA, 0);
    ck_assert_uint_eq(pic_inta(&pic), 0x23);
}
END_TEST

START_TEST(pic_29_int_falls_when_masked_before_inta)
{
    irqsim_pic_t pic = pic_master(0, 0);
    pic_edges(&pic, 0x08);
    irqsim_pic_write(&pic, DATA, 0x08);
    ck_assert(!pic_int(&pic));
}
END_TEST

START_TEST(pic_31_inta1_freezes_until_inta2)
{
    irqsim_pic_t pic = pic_master(0, 0);
    pic_edges(&pic, 0x10);
    ck_assert_int_eq(irqsim_pic_inta1(&pic), 4);
    ck_assert_uint_eq(pic.isr, 0x10);
    irqsim_pic_set_in(&pic, 0x11);
    ck_assert_uint_eq(irqsim_pic_irr(&pic), 0x00);
    ck_assert(!pic_int(&pic));
    ck_assert_uint_eq(irqsim_pic_inta2(&pic), 0x24);
    ck_assert_uint_eq(irqsim_pic_irr(&pic), 0x01);
    ck_assert(pic_int(&pic));
}
END_TEST

START_TEST(pic_31_int_is_low_between_the_pulses)
{
    irqsim_pic_t pic = pic_master(PIC_ICW1_LTIM, PIC_ICW4_SFNM);
    irqsim_pic_set_in(&pic, 0x04); /* a slave's line does not block itself */
    irqsim_pic_inta1(&pic);
    ck_assert(!pic_int(&pic));
    irqsim_pic_inta2(&pic);
    ck_assert(pic_int(&pic));
}
END_TEST

START_TEST(pic_67_spurious_sets_no_isr_pic_69)
{
    irqsim_pic_t pic = pic_master(0, 0);
    ck_assert_int_eq(irqsim_pic_inta1(&pic), IRQSIM_PIC_NO_LINE);
    ck_assert_uint_eq(irqsim_pic_inta2(&pic), 0x27);
    ck_assert_uint_eq(pic.isr, 0);
    pic_service(&pic, 7);
    ck_assert_uint_eq(pic.isr, 0x80);
}
END_TEST

START_TEST(pic_65_slave_answers_through_line_2_pic_95_pic_59_needs_two_eois)
{
    pic_pair_t pair = pair_make(0);
    pair_slave_in(&pair, 0x10);
    ck_assert(pic_int(&pair.master));
    ck_assert_uint_eq(pair_inta(&pair), 0x2C);
    ck_assert_uint_eq(pair.master.isr, 0x04);
    ck_assert_uint_eq(pair.slave.isr, 0x10);
    pair_slave_in(&pair, 0x11); /* PIC-41: higher on the slave, blocked at the master */
    ck_assert(!pic_int(&pair.master));
    pic_ocw(&pair.slave, PIC_OCW2_EOI);
    pair_settle(&pair);
    ck_assert(!pic_int(&pair.master));
    pic_ocw(&pair.master, PIC_OCW2_SPECIFIC_EOI | PIC_CASCADE_IR);
    ck_assert_uint_eq(pair_inta(&pair), 0x28);
}
END_TEST

START_TEST(pic_41_slave_blocks_itself_pic_43_unless_sfnm_pic_96)
{
    pic_pair_t pair = pair_make(_i ? PIC_ICW4_SFNM : 0);
    pair_slave_in(&pair, 0x10);
    ck_assert_uint_eq(pair_inta(&pair), 0x2C);
    pair_slave_in(&pair, 0x11);
    ck_assert_int_eq(pic_int(&pair.master), _i);
    ck_assert_uint_eq(pair_inta(&pair), _i ? 0x28 : 0x27);
}
END_TEST

START_TEST(pic_66_order_of_the_pair)
{
    static const uint8_t vectors[] = {0x20, 0x21, 0x28, 0x29, 0x2A, 0x2B, 0x2C, 0x2D,
                                      0x2E, 0x2F, 0x23, 0x24, 0x25, 0x26, 0x27};
    pic_pair_t pair = pair_make(0);
    irqsim_pic_set_in(&pair.master, 0xFB);
    pair_slave_in(&pair, 0xFF);
    for (size_t i = 0; i < sizeof(vectors); i++) {
        ck_assert(pic_int(&pair.master));
        ck_assert_uint_eq(pair_inta(&pair), vectors[i]);
        if (vectors[i] >= 0x28)
            pic_ocw(&pair.slave, PIC_OCW2_EOI);
        pic_ocw(&pair.master, PIC_OCW2_EOI);
        pair_settle(&pair);
    }
    ck_assert(!pic_int(&pair.master));
}
END_TEST

START_TEST(pic_68_slave_spurious_is_in_service_at_the_master_only)
{
    pic_pair_t pair = pair_make(0);
    pair_slave_in(&pair, 0x10);
    ck_assert_int_eq(irqsim_pic_inta1(&pair.master), 2);
    pair_slave_in(&pair, 0x00);
    irqsim_pic_inta1(&pair.slave);
    irqsim_pic_inta2(&pair.master);
    ck_assert_uint_eq(irqsim_pic_inta2(&pair.slave), 0x2F);
    ck_assert_uint_eq(pair.master.isr, 0x04);
    ck_assert_uint_eq(pair.slave.isr, 0x00);
}
END_TEST

START_TEST(pic_70_slave_request_gone_before_inta_is_a_master_spurious_pic_71)
{
    pic_pair_t pair = pair_make(0);
    pair_slave_in(&pair, 0x10);
    pair_slave_in(&pair, 0x00);
    ck_assert(!pic_int(&pair.master));
    ck_assert_uint_eq(pair_inta(&pair), 0x27);
    ck_assert_uint_eq(pair.master.isr, 0x00);
}
END_TEST

UNIT_MAIN("pic8259 requests", UNIT_TEST(pic_26_withdrawn_edge_is_lost_pic_67_pic_85),
          UNIT_TEST(pic_85_variant_keeps_the_edge), UNIT_TEST(pic_26_high_line_requests_once),
          UNIT_TEST(pic_27_level_line_requests_until_it_drops_pic_86),
          UNIT_TEST(pic_28_masked_edge_fires_on_unmask_pic_21),
          UNIT_TEST(pic_29_int_falls_when_masked_before_inta),
          UNIT_TEST(pic_31_inta1_freezes_until_inta2),
          UNIT_TEST(pic_31_int_is_low_between_the_pulses),
          UNIT_TEST(pic_67_spurious_sets_no_isr_pic_69),
          UNIT_TEST(pic_65_slave_answers_through_line_2_pic_95_pic_59_needs_two_eois),
          UNIT_LOOP(pic_41_slave_blocks_itself_pic_43_unless_sfnm_pic_96, 0, 2),
          UNIT_TEST(pic_66_order_of_the_pair),
          UNIT_TEST(pic_68_slave_spurious_is_in_service_at_the_master_only),
          UNIT_TEST(pic_70_slave_request_gone_before_inta_is_a_master_spurious_pic_71))
