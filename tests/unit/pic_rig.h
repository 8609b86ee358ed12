/* SPDX-License-Identifier: MIT */
/*
 * pic_rig.h - a programmed 8259A, and the wires of a pair, for the tests
 */
#ifndef IRQSIM_TESTS_PIC_RIG_H
#define IRQSIM_TESTS_PIC_RIG_H

#include "unit.h"

#include <irqsim/pic8259.h>
#include <irqsim/regs/pic8259_regs.h>

#define CMD  0u
#define DATA 1u

static inline void pic_program(irqsim_pic_t *pic, unsigned icw1, unsigned base, unsigned icw3,
                               unsigned icw4)
{
    irqsim_pic_write(pic, CMD, (uint8_t)(icw1 | PIC_ICW1_INIT | PIC_ICW1_IC4));
    irqsim_pic_write(pic, DATA, (uint8_t)base);
    if (!(icw1 & PIC_ICW1_SNGL))
        irqsim_pic_write(pic, DATA, (uint8_t)icw3);
    irqsim_pic_write(pic, DATA, (uint8_t)(icw4 | PIC_ICW4_UPM_8086));
}

/* A master at vector 20 with a slave on line 2. */
static inline irqsim_pic_t pic_master(unsigned icw1, unsigned icw4)
{
    irqsim_pic_t pic;
    irqsim_pic_init(&pic, NULL);
    pic_program(&pic, icw1, 0x20, 0x04, icw4);
    return pic;
}

static inline bool pic_int(const irqsim_pic_t *pic)
{
    return pic->out & IRQSIM_PIC_OUT_INT;
}

static inline unsigned pic_inta(irqsim_pic_t *pic)
{
    irqsim_pic_inta1(pic);
    return irqsim_pic_inta2(pic);
}

/* A new edge on every line of `lines`. */
static inline void pic_edges(irqsim_pic_t *pic, unsigned lines)
{
    irqsim_pic_set_in(pic, pic->in & ~lines);
    irqsim_pic_set_in(pic, pic->in | lines);
}

/* Brings `line` into service through an edge. */
static inline void pic_service(irqsim_pic_t *pic, unsigned line)
{
    pic_edges(pic, 1u << line);
    ck_assert_uint_eq(pic_inta(pic), 0x20u + line);
}

static inline void pic_ocw(irqsim_pic_t *pic, unsigned value)
{
    irqsim_pic_write(pic, CMD, (uint8_t)value);
}

static inline unsigned pic_poll(irqsim_pic_t *pic)
{
    pic_ocw(pic, PIC_OCW3_POLL_NEXT);
    return irqsim_pic_read(pic, CMD);
}

/* The pair of a PC: slave INT is wired to the master's line 2 (PIC-65). */
typedef struct pic_pair {
    irqsim_pic_t master, slave;
} pic_pair_t;

static inline void pair_settle(pic_pair_t *pair)
{
    const uint32_t others = pair->master.in & ~IRQSIM_PIC_IN_IR(2);
    irqsim_pic_set_in(&pair->master, others | (pic_int(&pair->slave) ? IRQSIM_PIC_IN_IR(2) : 0));
}

static inline pic_pair_t pair_make(unsigned master_icw4)
{
    const irqsim_pic_desc_t desc = {.slave = true};
    pic_pair_t pair = {.master = pic_master(0, master_icw4)};
    irqsim_pic_init(&pair.slave, &desc);
    pic_program(&pair.slave, 0, 0x28, 0x02, 0);
    return pair;
}

static inline void pair_slave_in(pic_pair_t *pair, uint32_t levels)
{
    irqsim_pic_set_in(&pair->slave, levels);
    pair_settle(pair);
}

static inline unsigned pair_inta(pic_pair_t *pair)
{
    const int line = irqsim_pic_inta1(&pair->master);
    const bool slave =
        irqsim_pic_cascaded(&pair->master, line) && irqsim_pic_selected(&pair->slave, line);
    if (slave)
        irqsim_pic_inta1(&pair->slave);
    pair_settle(pair);
    unsigned vector = irqsim_pic_inta2(&pair->master);
    if (slave)
        vector = irqsim_pic_inta2(&pair->slave);
    pair_settle(pair);
    return vector;
}

#endif
