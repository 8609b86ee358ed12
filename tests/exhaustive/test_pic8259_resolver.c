/* SPDX-License-Identifier: MIT */
/*
 * The priority resolver against a slow one, over every IRR x ISR x IMR and every
 * lowest line, plain, under special mask and fully nested special (PIC-30,
 * PIC-40, PIC-43, PIC-45).
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

static unsigned long mismatches(irqsim_pic_t *pic, state_t s)
{
    unsigned long wrong = 0;

    for (s.isr = 0; s.isr < 256; s.isr++) {
        for (s.imr = 0; s.imr < 256; s.imr++) {
            pic->isr = (uint8_t)s.isr;
            pic->imr = (uint8_t)s.imr;
            for (s.irr = 0; s.irr < 256; s.irr++) {
                pic->edge = (uint8_t)s.irr;
                wrong += irqsim_pic_best(pic) != slow_best(&s);
            }
        }
    }
    return wrong;
}

/* The loop counter is the lowest line. */
START_TEST(pic_30_resolver_agrees_everywhere_pic_40_pic_43_pic_45)
{
    for (unsigned modes = 0; modes < 3; modes++) {
        const state_t s = {.lowest = (unsigned)_i, .smm = modes == 1, .sfnm = modes == 2};
        irqsim_pic_t pic = {.initialized = 1,
                            .lowest = (uint8_t)s.lowest,
                            .smm = s.smm,
                            .icw = {0, 0, CASCADE, s.sfnm ? PIC_ICW4_SFNM : 0}};
        ck_assert_uint_eq(mismatches(&pic, s), 0);
    }
}
END_TEST

UNIT_MAIN("pic8259 resolver",
          UNIT_LOOP(pic_30_resolver_agrees_everywhere_pic_40_pic_43_pic_45, 0, 8))
