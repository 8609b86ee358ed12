/* SPDX-License-Identifier: MIT */
/* Programming an 8259A: reset, the ICW walk, registers, ELCR, MCS-80. */
#include "pic_rig.h"

START_TEST(pic_03_reset_masks_and_icw1_unmasks)
{
    irqsim_pic_t pic;
    irqsim_pic_init(&pic, NULL);
    ck_assert_uint_eq(irqsim_pic_read(&pic, DATA), 0xFF);
    irqsim_pic_write(&pic, CMD, PIC_ICW1_INIT);
    ck_assert_uint_eq(irqsim_pic_read(&pic, DATA), 0x00);
}
END_TEST

START_TEST(pic_01_icw1_forgets_edges_pic_11)
{
    irqsim_pic_t pic = pic_master(0, 0);
    irqsim_pic_set_in(&pic, 0x08);
    ck_assert(pic_int(&pic));
    pic_program(&pic, 0, 0x20, 4, 0);
    ck_assert(!pic_int(&pic));
    ck_assert_uint_eq(irqsim_pic_read(&pic, CMD), 0);
    pic_edges(&pic, 0x08);
    ck_assert(pic_int(&pic));
}
END_TEST

START_TEST(pic_02_icw1_clears_modes_pic_04_pic_05_pic_06_pic_07_pic_08_pic_09_pic_10_pic_94)
{
    irqsim_pic_t pic = pic_master(0, PIC_ICW4_SFNM);
    pic_service(&pic, 3);
    pic_ocw(&pic, PIC_OCW2_ROTATE_AEOI_SET);
    pic_ocw(&pic, PIC_OCW2_SET_PRIORITY | 4);
    pic_ocw(&pic, PIC_OCW3_SMM_SET);
    pic_ocw(&pic, PIC_OCW3_READ_ISR);
    pic_ocw(&pic, PIC_OCW3_POLL_NEXT);
    irqsim_pic_write(&pic, CMD, PIC_ICW1_INIT);
    ck_assert_uint_eq(pic.isr, 0);
    ck_assert_uint_eq(pic.lowest, 7);
    ck_assert_uint_eq(pic.icw[2] & PIC_ICW3_SLAVE_ID, 7);
    ck_assert_uint_eq(pic.icw[3], 0);
    ck_assert(!pic.smm && !pic.read_isr && !pic.frozen && !pic.rotate_aeoi);
}
END_TEST

/* SNGL and IC4 in the low bits of the loop counter. */
START_TEST(pic_24_walk_takes_the_words_icw1_announced_pic_13_pic_14_pic_16_pic_93)
{
    irqsim_pic_t pic;
    const unsigned sngl = (unsigned)_i & 2u, ic4 = (unsigned)_i & 1u;
    const unsigned words = 1u + !sngl + !!ic4;

    irqsim_pic_init(&pic, NULL);
    irqsim_pic_write(&pic, CMD, (uint8_t)(PIC_ICW1_INIT | sngl | ic4));
    for (unsigned i = 0; i < words; i++) {
        ck_assert_uint_ne(pic.step, IRQSIM_PIC_STEP_OCW1);
        irqsim_pic_write(&pic, DATA, 0x01);
        ck_assert_uint_eq(irqsim_pic_read(&pic, DATA), 0); /* none of them is OCW1 */
    }
    ck_assert_uint_eq(pic.step, IRQSIM_PIC_STEP_OCW1);
    irqsim_pic_write(&pic, DATA, 0x5A);
    ck_assert_uint_eq(irqsim_pic_read(&pic, DATA), 0x5A);
}
END_TEST

START_TEST(pic_24_ocw_in_the_walk_does_not_disturb_it)
{
    irqsim_pic_t pic = pic_master(0, 0);
    irqsim_pic_write(&pic, CMD, PIC_ICW1_INIT | PIC_ICW1_IC4);
    irqsim_pic_write(&pic, DATA, 0x40);
    pic_ocw(&pic, PIC_OCW2_SET_PRIORITY | 2);
    pic_ocw(&pic, PIC_OCW3_READ_ISR);
    ck_assert_uint_eq(pic.step, IRQSIM_PIC_STEP_ICW3);
    ck_assert_uint_eq(pic.lowest, 2);
    ck_assert(pic.read_isr);
}
END_TEST

START_TEST(pic_25_half_programmed_chip_is_silent_and_spurious)
{
    irqsim_pic_t pic = pic_master(PIC_ICW1_LTIM, 0);
    irqsim_pic_set_in(&pic, 0x10);
    irqsim_pic_write(&pic, CMD, PIC_ICW1_INIT | PIC_ICW1_IC4 | PIC_ICW1_LTIM);
    ck_assert(!pic_int(&pic));
    irqsim_pic_write(&pic, DATA, 0x40);
    ck_assert_int_eq(irqsim_pic_inta1(&pic), IRQSIM_PIC_NO_LINE);
    ck_assert_uint_eq(irqsim_pic_inta2(&pic), 0x47);
    irqsim_pic_write(&pic, DATA, 0x04);
    irqsim_pic_write(&pic, DATA, PIC_ICW4_UPM_8086);
    ck_assert(pic_int(&pic));
}
END_TEST

START_TEST(pic_17_low_bits_of_icw2_are_the_line)
{
    irqsim_pic_t pic;
    irqsim_pic_init(&pic, NULL);
    pic_program(&pic, 0, 0x27, 0, 0);
    pic_edges(&pic, 0x08);
    ck_assert_uint_eq(pic_inta(&pic), 0x23);
}
END_TEST

START_TEST(pic_15_reads_pic_07_pic_62_selection_is_sticky)
{
    irqsim_pic_t pic = pic_master(0, 0);
    irqsim_pic_write(&pic, DATA, 0x40);
    pic_service(&pic, 1);
    pic_edges(&pic, 0x20);
    ck_assert_uint_eq(irqsim_pic_read(&pic, DATA), 0x40);
    ck_assert_uint_eq(irqsim_pic_read(&pic, CMD), 0x20);
    pic_ocw(&pic, PIC_OCW3_READ_ISR);
    pic_ocw(&pic, PIC_OCW3_SMM_RESET);
    ck_assert_uint_eq(irqsim_pic_read(&pic, CMD), 0x02);
    ck_assert_uint_eq(irqsim_pic_read(&pic, CMD), 0x02);
    pic_ocw(&pic, PIC_OCW3_READ_IRR);
    ck_assert_uint_eq(irqsim_pic_read(&pic, CMD), 0x20);
}
END_TEST

START_TEST(pic_33_elcr_has_fixed_bits_pic_34_and_replaces_ltim)
{
    const irqsim_pic_desc_t desc = {.has_elcr = true, .elcr_fixed = 0x07};
    irqsim_pic_t pic;
    irqsim_pic_init(&pic, &desc);
    pic_program(&pic, PIC_ICW1_LTIM, 0x20, 0x04, 0);
    irqsim_pic_write_elcr(&pic, 0x2F);
    ck_assert_uint_eq(irqsim_pic_read_elcr(&pic), 0x28);
    irqsim_pic_set_in(&pic, 0x18); /* 3 by level, 4 by edge */
    ck_assert_uint_eq(pic_inta(&pic), 0x23);
    ck_assert_uint_eq(irqsim_pic_irr(&pic), 0x18);
    irqsim_pic_set_in(&pic, 0x10);
    pic_ocw(&pic, PIC_OCW2_EOI);
    ck_assert_uint_eq(pic_inta(&pic), 0x24);
    ck_assert_uint_eq(irqsim_pic_irr(&pic), 0x00);
    irqsim_pic_reset(&pic);
    ck_assert_uint_eq(irqsim_pic_read_elcr(&pic), 0);
}
END_TEST

START_TEST(pic_34_line_made_level_and_edge_again_needs_a_new_edge)
{
    const irqsim_pic_desc_t desc = {.has_elcr = true};
    irqsim_pic_t pic;
    irqsim_pic_init(&pic, &desc);
    pic_program(&pic, 0, 0x20, 0x04, 0);
    irqsim_pic_set_in(&pic, 0x10);
    irqsim_pic_write_elcr(&pic, 0x10);
    ck_assert(pic_int(&pic));
    irqsim_pic_write_elcr(&pic, 0x00);
    ck_assert(!pic_int(&pic));
}
END_TEST

START_TEST(pic_33_plain_at_floats)
{
    irqsim_pic_t pic = pic_master(0, 0);
    irqsim_pic_write_elcr(&pic, 0x08);
    ck_assert_uint_eq(irqsim_pic_read_elcr(&pic), 0xFF);
    ck_assert_uint_eq(pic.elcr, 0);
}
END_TEST

/* Three pulses: the call's opcode is the first one's, for the line that it froze. */
static unsigned pic_call(irqsim_pic_t *pic)
{
    ck_assert_int_eq(irqsim_pic_inta1(pic), 5);
    const unsigned low = irqsim_pic_call2(pic);
    ck_assert(!pic_int(pic)); /* frozen up to the third */
    return irqsim_pic_call3(pic) * 256u + low;
}

static irqsim_pic_t pic_mcs80(unsigned icw1)
{
    irqsim_pic_t pic;
    irqsim_pic_init(&pic, NULL);
    irqsim_pic_write(&pic, CMD, (uint8_t)(PIC_ICW1_INIT | PIC_ICW1_SNGL | icw1));
    irqsim_pic_write(&pic, DATA, 0x12);
    pic_edges(&pic, 0x20);
    return pic;
}

START_TEST(pic_32_mcs80_has_three_pulses)
{
    irqsim_pic_t pic = pic_mcs80(PIC_ICW1_ADI_4 | PIC_ICW1_A7_A5);
    ck_assert_uint_eq(pic_call(&pic), 0x12E0 + (5 << 2));
    ck_assert_uint_eq(pic.isr, 0x20);
    pic = pic_mcs80(PIC_ICW1_ADI_8 | PIC_ICW1_A7_A5);
    ck_assert_uint_eq(pic_call(&pic), 0x12C0 + (5 << 3));
}
END_TEST

START_TEST(pic_32_the_third_pulse_ends_the_acknowledge)
{
    irqsim_pic_t pic = pic_mcs80(PIC_ICW1_IC4);
    irqsim_pic_write(&pic, DATA, PIC_ICW4_AEOI);
    pic_edges(&pic, 0x20);
    irqsim_pic_inta1(&pic);
    pic_edges(&pic, 0x02);
    ck_assert_uint_eq(irqsim_pic_call2(&pic), 5 << 3);
    ck_assert_uint_eq(pic.isr, 0x20);
    ck_assert(!pic_int(&pic));
    irqsim_pic_call3(&pic);
    ck_assert_uint_eq(pic.isr, 0); /* AEOI at its end */
    ck_assert(pic_int(&pic));      /* line 1, which came in between */
}
END_TEST

START_TEST(pic_32_two_pulses_find_the_opcode)
{
    irqsim_pic_t pic = pic_mcs80(0);
    ck_assert_uint_eq(pic_inta(&pic), IRQSIM_PIC_CALL_OPCODE);
    ck_assert_uint_eq(pic.isr, 0x20);
}
END_TEST

START_TEST(pic_48_buffered_mode_chooses_the_master_pic_18_pic_19_pic_20)
{
    const irqsim_pic_desc_t desc = {.slave = true};
    irqsim_pic_t pic;
    irqsim_pic_init(&pic, &desc);
    pic_program(&pic, 0, 0x20, 0x04, PIC_ICW4_BUF_MASTER);
    ck_assert(irqsim_pic_cascaded(&pic, 2) && !irqsim_pic_cascaded(&pic, 3));
    ck_assert(!irqsim_pic_selected(&pic, 4));
    pic_program(&pic, 0, 0x20, 0x04, PIC_ICW4_BUF_SLAVE);
    ck_assert(!irqsim_pic_cascaded(&pic, 2));
    ck_assert(irqsim_pic_selected(&pic, 4) && !irqsim_pic_selected(&pic, 2));
    pic_program(&pic, 0, 0x20, 0x04, PIC_ICW4_MASTER); /* M/S counts only with BUF */
    ck_assert(irqsim_pic_selected(&pic, 4));
    pic_program(&pic, PIC_ICW1_SNGL, 0x20, 0, PIC_ICW4_BUF_MASTER);
    ck_assert(!irqsim_pic_cascaded(&pic, 2));
}
END_TEST

UNIT_MAIN(
    "pic8259 init", UNIT_TEST(pic_03_reset_masks_and_icw1_unmasks),
    UNIT_TEST(pic_01_icw1_forgets_edges_pic_11),
    UNIT_TEST(pic_02_icw1_clears_modes_pic_04_pic_05_pic_06_pic_07_pic_08_pic_09_pic_10_pic_94),
    UNIT_LOOP(pic_24_walk_takes_the_words_icw1_announced_pic_13_pic_14_pic_16_pic_93, 0, 4),
    UNIT_TEST(pic_24_ocw_in_the_walk_does_not_disturb_it),
    UNIT_TEST(pic_25_half_programmed_chip_is_silent_and_spurious),
    UNIT_TEST(pic_17_low_bits_of_icw2_are_the_line),
    UNIT_TEST(pic_15_reads_pic_07_pic_62_selection_is_sticky),
    UNIT_TEST(pic_33_elcr_has_fixed_bits_pic_34_and_replaces_ltim),
    UNIT_TEST(pic_34_line_made_level_and_edge_again_needs_a_new_edge),
    UNIT_TEST(pic_33_plain_at_floats), UNIT_TEST(pic_32_mcs80_has_three_pulses),
    UNIT_TEST(pic_32_the_third_pulse_ends_the_acknowledge),
    UNIT_TEST(pic_32_two_pulses_find_the_opcode),
    UNIT_TEST(pic_48_buffered_mode_chooses_the_master_pic_18_pic_19_pic_20))
