/* SPDX-License-Identifier: MIT */
/*
 * one_pic.c - one chip of the library by itself: no machine, no heap, no libc
 *
 * A device raises line 4 of an 8259A and takes it back before the CPU asks: the
 * CPU gets line 7's vector, and nothing is in service.
 *
 * Prints:
 *   INT 1, vector 24, in service 10
 *   INT 1, vector 27, in service 00
 */
#include <stdio.h>

#include <irqsim/pic8259.h>
#include <irqsim/regs/pic8259_regs.h>

static void acknowledge(irqsim_pic_t *pic, uint32_t lines)
{
    const uint32_t intr = pic->out & IRQSIM_PIC_OUT_INT;

    irqsim_pic_set_in(pic, lines);
    (void)irqsim_pic_inta1(pic);
    printf("INT %u, vector %02x, in service %02x\n", (unsigned)intr,
           (unsigned)irqsim_pic_inta2(pic), (unsigned)pic->isr);
}

int main(void)
{
    irqsim_pic_t pic;

    irqsim_pic_init(&pic, NULL);
    irqsim_pic_write(&pic, 0, PIC_ICW1_INIT | PIC_ICW1_SNGL | PIC_ICW1_IC4);
    irqsim_pic_write(&pic, 1, 0x20); /* ICW2: vectors 20-27 */
    irqsim_pic_write(&pic, 1, PIC_ICW4_UPM_8086);
    irqsim_pic_write(&pic, 1, 0x00); /* OCW1: all lines open */

    irqsim_pic_set_in(&pic, IRQSIM_PIC_IN_IR(4));
    acknowledge(&pic, IRQSIM_PIC_IN_IR(4)); /* the line stays high */
    irqsim_pic_write(&pic, 0, PIC_OCW2_EOI);

    irqsim_pic_set_in(&pic, 0);
    irqsim_pic_set_in(&pic, IRQSIM_PIC_IN_IR(4));
    acknowledge(&pic, 0); /* withdrawn before INTA (PIC-26, PIC-67) */
    return 0;
}
