/* SPDX-License-Identifier: MIT */
/*
 * pic_model.c - the 8259A pair of a chipset, slow and obvious, and with divergences
 *
 * Written from docs/rules/PIC.md and docs/divergences.md. IRR is stored here, not
 * derived: what the datasheet derives is one of the things that can be done
 * otherwise.
 */
#include <string.h>

#include "differential.h"

typedef struct chip {
    bool is_slave;
    uint8_t level;                  /* of the pins */
    uint8_t last;                   /* what edges are found against */
    uint8_t irr, isr, imr, elcr;    /* elcr: which lines are levels, whoever says so */
    uint8_t held;                   /* IRR since the poll command */
    uint8_t icw1, icw3, icw4, step; /* step: 0 programmed, else the next ICW's number */
    uint8_t lowest;
    bool read_isr, poll, smm, rotate_aeoi, out;
} chip_t;

typedef struct pair {
    uint32_t divergences;
    chip_t master, slave;
} pair_t;

static bool has(const pair_t *p, uint32_t divergence)
{
    return p->divergences & divergence;
}

static bool frozen(const pair_t *p, const chip_t *c)
{
    return c->poll && !has(p, DIV_POLL_FREEZE); /* PIC-60 */
}

/* ---- priority ---- */

static unsigned rank(const chip_t *c, unsigned line)
{
    return (line + 7u - c->lowest) & 7u; /* 0 is the highest (PIC-30) */
}

static bool is_cascaded(const chip_t *c, unsigned line)
{
    const bool buffered = c->icw4 & 0x08;
    const bool slave = buffered ? !(c->icw4 & 0x04) : c->is_slave; /* PIC-48 */

    return !slave && !(c->icw1 & 0x02) && c->icw3 >> line & 1; /* PIC-18 */
}

static bool in_service(const chip_t *c, unsigned line)
{
    return c->isr >> line & 1 && !(c->smm && c->imr >> line & 1); /* PIC-45 */
}

/* `busy`, in service, keeps `line` from interrupting. */
static bool blocks(const pair_t *p, const chip_t *c, unsigned busy, unsigned line)
{
    const bool sfnm = c->icw4 & 0x10;

    if (sfnm && has(p, DIV_SFNM) && !c->is_slave && busy == 2)
        return false;
    if (sfnm && !has(p, DIV_SFNM) && busy == line && is_cascaded(c, line))
        return false;                      /* PIC-43 */
    return rank(c, line) >= rank(c, busy); /* PIC-40 */
}

static int winner(const pair_t *p, const chip_t *c)
{
    const uint8_t requests = (uint8_t)((frozen(p, c) ? c->held : c->irr) & ~c->imr);
    int best = -1;

    if (c->step && !has(p, DIV_INIT))
        return -1; /* PIC-25 */
    for (unsigned line = 0; line < 8; line++)
        if (requests >> line & 1 && (best < 0 || rank(c, line) < rank(c, (unsigned)best)))
            best = (int)line;
    for (unsigned busy = 0; busy < 8 && best >= 0; busy++)
        if (in_service(c, busy) && blocks(p, c, busy, (unsigned)best))
            best = -1;
    return best;
}

/* ---- pins ---- */

static void drive(pair_t *p, chip_t *c, unsigned line, bool level);

/* The slave's INT is the master's IR2, driven each time. */
static void set_int(pair_t *p, chip_t *c, bool level)
{
    c->out = level;
    if (c->is_slave)
        drive(p, &p->master, 2, level);
}

/* INT follows the resolver. */
static void update(pair_t *p, chip_t *c)
{
    set_int(p, c, frozen(p, c) ? c->out : winner(p, c) >= 0);
}

static void drive(pair_t *p, chip_t *c, unsigned line, bool level)
{
    const uint8_t bit = (uint8_t)(1u << line);
    const bool rose = level && !(c->last & bit);

    if (c->elcr & bit)
        c->irr = level ? c->irr | bit : c->irr & (uint8_t)~bit; /* PIC-27 */
    else if (rose)
        c->irr |= bit;
    else if (!level && !has(p, DIV_LATCH))
        c->irr &= (uint8_t)~bit; /* PIC-26 */
    c->last = level ? c->last | bit : c->last & (uint8_t)~bit;
    c->level = level ? c->level | bit : c->level & (uint8_t)~bit;
    update(p, c);
}

/* ---- commands ---- */

static void icw1(pair_t *p, chip_t *c, uint8_t value)
{
    const chip_t was = *c;

    *c = (chip_t){.is_slave = was.is_slave, .level = was.level, .elcr = was.elcr, .out = was.out};
    c->last = has(p, DIV_FORGET) ? 0 : was.level;
    if (!has(p, DIV_LTIM))
        c->elcr = value & 0x08 ? 0xFF : 0; /* PIC-34: it triggers the whole chip */
    c->irr = (has(p, DIV_ELCR) ? was.irr : was.level) & c->elcr; /* PIC-01 */
    c->icw1 = value;
    c->lowest = 7;
    c->step = 2;
    update(p, c);
}

static void next_icw(pair_t *p, chip_t *c, uint8_t value)
{
    const bool single = c->icw1 & 0x02, ic4 = c->icw1 & 0x01;

    if (c->step == 3)
        c->icw3 = value;
    if (c->step == 4)
        c->icw4 = value;
    if (c->step == 2 && !single)
        c->step = 3;
    else
        c->step = c->step < 4 && ic4 ? 4 : 0; /* PIC-24 */
    if (!has(p, DIV_LAZY))
        update(p, c);
}

/* The line that a non-specific EOI ends, or -1. */
static int top_in_service(const pair_t *p, const chip_t *c)
{
    int top = -1;

    for (unsigned line = 0; line < 8; line++) {
        const bool busy =
            has(p, DIV_EOI_SMM) ? c->isr >> line & 1 : in_service(c, line); /* PIC-46 */
        if (busy && (top < 0 || rank(c, line) < rank(c, (unsigned)top)))
            top = (int)line;
    }
    return top;
}

static void ocw2(pair_t *p, chip_t *c, uint8_t value)
{
    const bool rotate = value & 0x80, specific = value & 0x40, eoi = value & 0x20;
    const int line = specific ? value & 7 : top_in_service(p, c);

    if (!specific && !eoi) {
        c->rotate_aeoi = rotate; /* PIC-55, PIC-56 */
    } else if (line >= 0 && (eoi || rotate)) {
        if (eoi)
            c->isr &= (uint8_t) ~(1u << line);
        if (rotate)
            c->lowest = (uint8_t)line;
        update(p, c);
    }
}

static void ocw3(pair_t *p, chip_t *c, uint8_t value)
{
    const bool poll = value & 0x04;

    if (value & 0x40)
        c->smm = value & 0x20;
    if (poll && !c->poll)
        c->held = c->irr;
    c->poll |= poll;
    if (value & 0x02 && (!poll || has(p, DIV_POLL_RR))) /* PIC-61 */
        c->read_isr = value & 0x01;
    if (!has(p, DIV_LAZY))
        update(p, c);
}

static void write_chip(pair_t *p, chip_t *c, bool a0, uint8_t value)
{
    if (!a0 && value & 0x10) {
        icw1(p, c, value);
    } else if (!a0 && value & 0x08) {
        ocw3(p, c, value);
    } else if (!a0) {
        ocw2(p, c, value);
    } else if (c->step) {
        next_icw(p, c, value);
    } else {
        c->imr = value;
        update(p, c);
    }
}

/* ---- reads ---- */

static uint8_t read_poll(pair_t *p, chip_t *c)
{
    const int line = winner(p, c);
    const uint8_t bit = (uint8_t)(1u << (line & 7));

    if (!has(p, DIV_NO_DIP)) /* PIC-60: low while the read lasts */
        set_int(p, c, false);
    c->poll = false;
    if (line < 0) {
        if (!has(p, DIV_LAZY))
            update(p, c);
        return 0;
    }
    if (!(c->elcr & bit))
        c->irr &= (uint8_t)~bit;
    if (!(c->icw4 & 0x02))
        c->isr |= bit;
    else if (c->rotate_aeoi) /* PIC-63 */
        c->lowest = (uint8_t)line;
    update(p, c);
    return (uint8_t)(0x80 | line);
}

static uint8_t read_chip(pair_t *p, chip_t *c, bool a0)
{
    if (c->poll)
        return read_poll(p, c);
    return a0 ? c->imr : c->read_isr ? c->isr : c->irr;
}

/* ---- ELCR ---- */

static void write_elcr(pair_t *p, chip_t *c, uint8_t value)
{
    const uint8_t elcr = value & (c->is_slave ? 0xDE : 0xF8); /* PIC-33 */

    if (!has(p, DIV_ELCR)) {
        const uint8_t edges = c->irr & (uint8_t) ~(c->elcr | elcr);
        c->irr = edges | (c->level & elcr);
    }
    c->elcr = elcr;
    if (!has(p, DIV_ELCR))
        update(p, c);
}

/* ---- the pair ---- */

static uint8_t in(pair_t *p, uint32_t port)
{
    switch (port) {
    case 0x4D0:
        return p->master.elcr;
    case 0x4D1:
        return p->slave.elcr;
    default:
        return read_chip(p, port & 0x80 ? &p->slave : &p->master, port & 1);
    }
}

static void out(pair_t *p, uint32_t port, uint8_t value)
{
    if (port == 0x4D0 || port == 0x4D1)
        write_elcr(p, port & 1 ? &p->slave : &p->master, value);
    else
        write_chip(p, port & 0x80 ? &p->slave : &p->master, port & 1, value);
}

static void apply(pair_t *p, const op_t *op, answer_t *answer)
{
    const bool was = p->master.out;
    answer_t reply = {"OK\n"};

    if (op->kind == OP_LINE) {
        drive(p, op->address < 8 ? &p->master : &p->slave, op->address & 7, op->value);
    } else if (op->kind == OP_OUT) {
        out(p, op->address, (uint8_t)op->value);
    } else {
        reply.text[0] = '\0';
        answer_add(&reply, "OK 0x%04x\n", in(p, op->address));
    }
    answer->text[0] = '\0';
    if (p->master.out != was)
        answer_add(answer, "IRQ %s 0\n", was ? "lower" : "raise");
    answer_add(answer, "%s", reply.text);
}

void pic_predict(const sequence_t *sequence, uint32_t divergences, answer_t *answers)
{
    pair_t pair = {.divergences = divergences, .slave = {.is_slave = true}};

    for (unsigned i = 0; i < sequence->n; i++)
        apply(&pair, &sequence->op[i], &answers[i]);
}
