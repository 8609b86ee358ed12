/* SPDX-License-Identifier: MIT */
/*
 * The priority resolver and the INT pin against a slow model, over every IRR x ISR x
 * IMR and every lowest line, with and without special mask and special fully nested
 * mode (PIC-29, PIC-30, PIC-40, PIC-43, PIC-45). The chip is driven by pins and ports.
 */
#include "unit.h"

#include <irqsim/pic8259.h>
#include <irqsim/regs/pic8259_regs.h>

#define CASCADE 0x24u /* slaves on lines 2 and 5 */

typedef struct state {
    unsigned irr, isr, imr, lowest;
    bool smm, sfnm;
} state_t;

/* Lines in order of priority until one requests or one in service closes the rest. */
static int slow_best(const state_t *s)
{
    for (unsigned rank = 1; rank <= 8; rank++) {
        const unsigned line = (s->lowest + rank) % 8, bit = 1u << line;
        const bool busy = (s->isr & bit) && !(s->smm && (s->imr & bit));
        const bool asks = (s->irr & bit) && !(s->imr & bit);

        if (asks && (!busy || (s->sfnm && (CASCADE & bit))))
            return (int)line;
        if (busy)
            return IRQSIM_PIC_NO_LINE;
    }
    return IRQSIM_PIC_NO_LINE;
}

static void write(irqsim_pic_t *pic, unsigned a0, unsigned value)
{
    irqsim_pic_write(pic, a0, (uint8_t)value);
}

/* Level-sensed, so that the pins are the IRR. */
static irqsim_pic_t programmed(const state_t *s)
{
    irqsim_pic_t pic;

    irqsim_pic_init(&pic, NULL);
    write(&pic, 0, PIC_ICW1_INIT | PIC_ICW1_IC4 | PIC_ICW1_LTIM);
    write(&pic, 1, 0x20);
    write(&pic, 1, CASCADE);
    write(&pic, 1, PIC_ICW4_UPM_8086 | (s->sfnm ? PIC_ICW4_SFNM : 0));
    return pic;
}

/* Any ISR at all: under special mask what is in service does not block. */
static void bring_into_service(irqsim_pic_t *pic, unsigned isr)
{
    write(pic, 0, PIC_OCW3_SMM_SET);
    for (unsigned line = 0; line < 8; line++) {
        if (!(isr >> line & 1))
            continue;
        write(pic, 1, pic->isr);
        irqsim_pic_set_in(pic, 1u << line);
        irqsim_pic_inta1(pic);
        irqsim_pic_inta2(pic);
    }
    ck_assert_uint_eq(pic->isr, isr);
}

static irqsim_pic_t in_service(const state_t *s)
{
    irqsim_pic_t pic = programmed(s);

    bring_into_service(&pic, s->isr);
    write(&pic, 0, PIC_OCW2_SET_PRIORITY | s->lowest);
    if (!s->smm)
        write(&pic, 0, PIC_OCW3_SMM_RESET);
    return pic;
}

static unsigned long mismatches(state_t s)
{
    irqsim_pic_t pic = in_service(&s);
    unsigned long wrong = 0;

    for (s.imr = 0; s.imr < 256; s.imr++) {
        write(&pic, 1, s.imr);
        for (s.irr = 0; s.irr < 256; s.irr++) {
            const int best = slow_best(&s);
            const bool asks = irqsim_pic_set_in(&pic, s.irr) & IRQSIM_PIC_OUT_INT;

            wrong += irqsim_pic_best(&pic) != best || asks != (best >= 0);
        }
    }
    return wrong;
}

/* The loop counter is the lowest line; modes are special mask and SFNM, in all combinations. */
START_TEST(pic_30_resolver_agrees_everywhere_pic_40_pic_43_pic_45)
{
    for (unsigned modes = 0; modes < 4; modes++) {
        state_t s = {.lowest = (unsigned)_i, .smm = modes & 1, .sfnm = modes & 2};

        for (s.isr = 0; s.isr < 256; s.isr++)
            ck_assert_uint_eq(mismatches(s), 0);
    }
}
END_TEST

UNIT_MAIN("pic8259 resolver",
          UNIT_LOOP(pic_30_resolver_agrees_everywhere_pic_40_pic_43_pic_45, 0, 8))
