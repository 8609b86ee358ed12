/* SPDX-License-Identifier: MIT */
/*
 * pics.c - the 8259As of a board: ports, lines, the cascade, the two INTA pulses
 */
#include <irqsim/regs/pic8259_regs.h>

#include "board_int.h"

#define CASCADE IRQSIM_PIC_IN_IR(PIC_CASCADE_IR)

/* PIC-33: timer, keyboard and cascade, RTC and FPU are edges for good. */
static const uint8_t elcr_fixed[] = {[MASTER] = 0x07, [SLAVE] = 0x21};

static bool has_slave(const board_t *b)
{
    return b->desc.kind != IRQSIM_CONFORM_PIC;
}

void irqsim__conform_pics_init(board_t *b)
{
    const bool has_elcr = b->desc.elcr || b->desc.variants & IRQSIM_VARIANT_ELCR;
    const uint32_t variants = irqsim_variants_of(b->desc.variants, IRQSIM_VARIANT_OF_PIC);

    for (unsigned i = MASTER; i <= SLAVE; i++) {
        const irqsim_pic_desc_t desc = {.slave = i == SLAVE,
                                        .has_elcr = has_elcr,
                                        .elcr_fixed = elcr_fixed[i],
                                        .variants = variants};
        irqsim_pic_init(&b->pic[i], &desc);
    }
}

/* ---- wires ---- */

bool irqsim__conform_pics_int(const board_t *b)
{
    return b->pic[MASTER].out & IRQSIM_PIC_OUT_INT;
}

/* PIC-65: IR2 is the slave's INT, and what was IRQ2 is IRQ9. PIC-95: a level. */
static void settle_pair(board_t *b)
{
    const uint32_t irq2 = b->lines & CASCADE;
    const uint32_t slave = b->lines >> 8 | (irq2 ? IRQSIM_PIC_IN_IR(1) : 0);
    const bool slave_int = irqsim_pic_set_in(&b->pic[SLAVE], slave & 0xFF) & IRQSIM_PIC_OUT_INT;

    irqsim_pic_set_in(&b->pic[MASTER], (b->lines & 0xFF & ~CASCADE) | (slave_int ? CASCADE : 0));
}

/* MP-06: the 8259A's INT is LINT0 of every CPU. */
static void settle_lint(board_t *b)
{
    const uint32_t lint0 = irqsim__conform_pics_int(b) ? IRQSIM_LAPIC_IN_LINT0 : 0;

    for (uint32_t i = 0; i < b->desc.cpus; i++)
        irqsim_lapic_set_in(&b->lapic[i], b->core[i].lint | lint0);
}

void irqsim__conform_pics_settle(board_t *b)
{
    if (has_slave(b))
        settle_pair(b);
    else
        irqsim_pic_set_in(&b->pic[MASTER], b->lines);
    if (has_apics(b))
        settle_lint(b);
}

/* ---- acknowledge (PIC-31) ---- */

static bool slave_is_asked(const board_t *b)
{
    return has_slave(b) && irqsim_pic_cascaded(&b->pic[MASTER], b->taken) &&
           irqsim_pic_selected(&b->pic[SLAVE], b->taken);
}

static void freeze_slave(board_t *b)
{
    if (b->slave_frozen || !slave_is_asked(b))
        return;
    irqsim_pic_inta1(&b->pic[SLAVE]);
    b->slave_frozen = true;
}

void irqsim__conform_pics_inta1(board_t *b, irqsim_conform_pulse_t who)
{
    if (who != IRQSIM_CONFORM_SLAVE) {
        b->taken = irqsim_pic_inta1(&b->pic[MASTER]);
        b->slave_frozen = false;
    }
    if (who != IRQSIM_CONFORM_MASTER)
        freeze_slave(b);
    irqsim__conform_pics_settle(b);
}

/* A cascaded line's vector comes from its slave; from nobody, it reads as ones. */
uint8_t irqsim__conform_pics_inta2(board_t *b)
{
    const bool cascaded = irqsim_pic_cascaded(&b->pic[MASTER], b->taken);
    uint8_t vector = UINT8_MAX;

    freeze_slave(b);
    irqsim__conform_pics_settle(b); /* its INT was low, if only now */
    if (b->slave_frozen)
        vector = irqsim_pic_inta2(&b->pic[SLAVE]);
    b->slave_frozen = false;
    const uint8_t own = irqsim_pic_inta2(&b->pic[MASTER]);
    irqsim__conform_pics_settle(b);
    return cascaded ? vector : own;
}

/* ---- ports ---- */

/* The chip behind a port, or NULL; PORTS are those of the master and the slave. */
static irqsim_pic_t *chip_at(board_t *b, uint16_t port, unsigned master, unsigned slave)
{
    if (port == master)
        return &b->pic[MASTER];
    return port == slave && has_slave(b) ? &b->pic[SLAVE] : NULL;
}

static irqsim_pic_t *register_at(board_t *b, uint16_t port)
{
    return chip_at(b, port & 0xFFFE, PIC_MASTER_CMD, PIC_SLAVE_CMD); /* PIC-12 */
}

static irqsim_pic_t *elcr_at(board_t *b, uint16_t port)
{
    return chip_at(b, port, PIC_ELCR_MASTER, PIC_ELCR_SLAVE);
}

/* PIC-60: a poll acknowledges, and the wires see INT dip meanwhile. */
static uint8_t read_register(board_t *b, irqsim_pic_t *pic, unsigned a0)
{
    irqsim_pic_read_begin(pic);
    irqsim__conform_pics_settle(b);
    return irqsim_pic_read(pic, a0);
}

uint8_t irqsim__conform_pics_read(board_t *b, uint16_t port)
{
    uint8_t value = UINT8_MAX;

    if (register_at(b, port))
        value = read_register(b, register_at(b, port), port & 1u);
    else if (elcr_at(b, port))
        value = irqsim_pic_read_elcr(elcr_at(b, port));
    irqsim__conform_pics_settle(b);
    return value;
}

void irqsim__conform_pics_write(board_t *b, uint16_t port, uint8_t value)
{
    if (register_at(b, port))
        irqsim_pic_write(register_at(b, port), port & 1u, value);
    else if (elcr_at(b, port))
        irqsim_pic_write_elcr(elcr_at(b, port), value);
    irqsim__conform_pics_settle(b);
}
