/* SPDX-License-Identifier: MIT */
/*
 * conform_plugin.c - a second model of the 8259A, to run the conformance cases on
 *
 *   irqsim conform --model libconform_plugin.so tests/cases/pic-single.case tests/cases/pic-pair.case
 *
 * Slow and obvious on purpose: eight lines in loops, in the words of
 * docs/rules/PIC.md, and nothing of the library but the header of the plug-in.
 * Boards are `pic`, one chip, and `at`, two of them and a wire. There is no ELCR and
 * no view without side effects: cases that need an ELCR are skipped, steps that peek
 * too.
 */
#include <stdlib.h>

#include <irqsim/conform.h>

#define LINES   8
#define CASCADE 2
#define NOTHING (-1)

typedef struct chip {
    bool is_slave_pin; /* SP: what the board says it is */
    bool latched, old; /* variants: edges outlive their line; no AEOI in slaves */
    bool high[LINES], edge[LINES], serviced[LINES], masked[LINES];
    uint8_t icw1, base, icw3, icw4;
    int awaited; /* the ICW that the next write with A0=1 is; 0: OCW1 */
    bool ready;  /* programmed                                        */
    int lowest;  /* the line of lowest priority                       */
    bool read_isr, poll, special_mask, rotate_aeoi;
    bool frozen;      /* requests are as `seen` says */
    bool seen[LINES]; /* IRR at the first INTA, or at a poll command */
    bool pulsed;      /* it has had the first INTA and not the second */
    int taken;        /* by the first INTA, or NOTHING               */
    bool int_pin;
} chip_t;

typedef struct naive {
    chip_t master, slave;
    bool is_pair;
    bool irq2, irq9; /* one line of the slave (PIC-65)           */
    bool committed;  /* the CPU has seen INTR and will run INTA */
} naive_t;

/* ---- who a chip is ---- */

/* PIC-48 */
static bool is_master(const chip_t *pic)
{
    return pic->icw4 & 0x08 ? pic->icw4 & 0x04 : !pic->is_slave_pin;
}

static bool is_alone(const chip_t *pic)
{
    return pic->icw1 & 0x02; /* SNGL */
}

/* PIC-18 */
static bool has_slave_on(const chip_t *pic, int line)
{
    return line != NOTHING && is_master(pic) && !is_alone(pic) && (pic->icw3 >> line & 1);
}

/* PIC-19 */
static bool is_addressed_by(const chip_t *pic, int line)
{
    return !is_master(pic) && !is_alone(pic) && (pic->icw3 & 7) == line;
}

/* ---- requests and priorities ---- */

static bool is_level(const chip_t *pic)
{
    return pic->icw1 & 0x08; /* LTIM */
}

static bool is_requested(const chip_t *pic, int line)
{
    if (pic->frozen)
        return pic->seen[line];
    return is_level(pic) ? pic->high[line] : pic->edge[line];
}

static bool wants(const chip_t *pic, int line)
{
    return is_requested(pic, line) && !pic->masked[line];
}

static void freeze(chip_t *pic)
{
    bool seen[LINES];

    for (int i = 0; i < LINES; i++)
        seen[i] = is_requested(pic, i);
    for (int i = 0; i < LINES; i++)
        pic->seen[i] = seen[i];
    pic->frozen = true;
}

/* PIC-45, PIC-46: special mask mode does not see masked levels in service. */
static bool is_blocking(const chip_t *pic, int line)
{
    return pic->serviced[line] && !(pic->special_mask && pic->masked[line]);
}

/* PIC-43: in special fully nested mode a slave may ask again while it is in service. */
static bool lets_itself_through(const chip_t *pic, int line)
{
    return (pic->icw4 & 0x10) && has_slave_on(pic, line);
}

/* PIC-30, PIC-40: from the highest priority down, until something is in service. */
static int winner(const chip_t *pic)
{
    for (int i = 1; pic->ready && i <= LINES; i++) {
        const int line = (pic->lowest + i) % LINES;
        const bool blocks = is_blocking(pic, line);
        if (wants(pic, line) && (!blocks || lets_itself_through(pic, line)))
            return line;
        if (blocks)
            return NOTHING;
    }
    return NOTHING;
}

static int highest_in_service(const chip_t *pic)
{
    for (int i = 1; i <= LINES; i++) {
        const int line = (pic->lowest + i) % LINES;
        if (is_blocking(pic, line))
            return line;
    }
    return NOTHING;
}

static void update_int(chip_t *pic)
{
    if (!pic->frozen)
        pic->int_pin = winner(pic) != NOTHING;
}

static void drive(chip_t *pic, int line, bool level)
{
    if (level && !pic->high[line])
        pic->edge[line] = !is_level(pic);
    if (!level && !pic->latched)
        pic->edge[line] = false; /* PIC-26 */
    pic->high[line] = level;
    update_int(pic);
}

/* PIC-95: the slave's INT is a level on IR2 of the master. */
static void settle(naive_t *pics)
{
    if (pics->is_pair)
        drive(&pics->master, CASCADE, pics->slave.int_pin);
}

/* ---- acknowledge ---- */

static void serve(chip_t *pic, int line)
{
    pic->serviced[line] = true;
    pic->edge[line] = false;
    if (!is_level(pic))
        pic->seen[line] = false; /* PIC-27: a level stays requested */
}

static void finish(chip_t *pic, int line)
{
    const bool aeoi = (pic->icw4 & 0x02) && (is_master(pic) || !pic->old); /* PIC-47 */

    if (!aeoi)
        return;
    pic->serviced[line] = false;
    if (pic->rotate_aeoi)
        pic->lowest = line;
}

static void first_pulse(chip_t *pic)
{
    freeze(pic);
    pic->pulsed = true;
    pic->int_pin = false;
    pic->taken = winner(pic);
    if (pic->taken != NOTHING)
        serve(pic, pic->taken);
}

static uint8_t second_pulse(chip_t *pic)
{
    uint8_t vector = pic->base | 7; /* PIC-67 */

    if (pic->taken != NOTHING) {
        vector = (uint8_t)(pic->base | pic->taken);
        finish(pic, pic->taken);
    }
    if (pic->ready && !(pic->icw4 & 0x01))
        vector = 0xCD; /* PIC-32 */
    pic->taken = NOTHING;
    pic->pulsed = false;
    pic->frozen = pic->poll;
    update_int(pic);
    return vector;
}

/* The slave that the master names; it has its first pulse once. */
static bool slave_is_asked(const naive_t *pics)
{
    const int line = pics->master.taken;

    return pics->is_pair && has_slave_on(&pics->master, line) &&
           is_addressed_by(&pics->slave, line);
}

static irqsim_conform_answer_t inta1(void *model, irqsim_conform_pulse_t who)
{
    naive_t *pics = model;

    if (who != IRQSIM_CONFORM_SLAVE)
        first_pulse(&pics->master);
    if (who != IRQSIM_CONFORM_MASTER && slave_is_asked(pics) && !pics->slave.pulsed)
        first_pulse(&pics->slave);
    settle(pics);
    return IRQSIM_CONFORM_OK;
}

/* PIC-31: the vector of a line with a slave is the slave's; nobody reads as ones. */
static irqsim_conform_answer_t inta2(void *model, uint8_t *vector)
{
    naive_t *pics = model;
    const bool asked = slave_is_asked(pics);
    const bool cascaded = has_slave_on(&pics->master, pics->master.taken);

    if (asked && !pics->slave.pulsed)
        inta1(model, IRQSIM_CONFORM_SLAVE);
    *vector = second_pulse(&pics->master);
    if (cascaded)
        *vector = asked ? second_pulse(&pics->slave) : 0xFF;
    settle(pics);
    return IRQSIM_CONFORM_OK;
}

/* ---- the CPU of an AT ---- */

static irqsim_conform_answer_t intr(void *model, uint32_t cpu, bool *level)
{
    const naive_t *pics = model;

    (void)cpu; /* there is one, or none and the pin is the chip's */
    *level = pics->master.int_pin;
    return IRQSIM_CONFORM_OK;
}

static irqsim_conform_answer_t commit(void *model, uint32_t cpu)
{
    naive_t *pics = model;

    (void)cpu;
    pics->committed = pics->master.int_pin;
    return pics->committed ? IRQSIM_CONFORM_OK : IRQSIM_CONFORM_NONE;
}

/* PIC-71: a CPU that has begun goes on, whatever became of INTR. */
static irqsim_conform_answer_t ack(void *model, uint32_t cpu, uint8_t *vector)
{
    naive_t *pics = model;

    (void)cpu;
    if (!pics->committed && !pics->master.int_pin)
        return IRQSIM_CONFORM_NONE;
    pics->committed = false;
    inta1(model, IRQSIM_CONFORM_BOTH);
    return inta2(model, vector);
}

/* ---- commands ---- */

static void write_icw1(chip_t *pic, uint8_t value)
{
    const chip_t was = *pic;

    *pic = (chip_t){.icw1 = value, .awaited = 2, .lowest = 7, .icw3 = 7, .taken = NOTHING};
    pic->is_slave_pin = was.is_slave_pin;
    pic->latched = was.latched;
    pic->old = was.old;
    for (int i = 0; i < LINES; i++)
        pic->high[i] = was.high[i];
}

/* PIC-24: ICW3 only without SNGL, ICW4 only with IC4. */
static void write_icw(chip_t *pic, uint8_t value)
{
    const bool has_icw3 = !is_alone(pic), has_icw4 = pic->icw1 & 0x01;

    if (pic->awaited == 2)
        pic->base = value & 0xF8;
    if (pic->awaited == 3)
        pic->icw3 = value;
    if (pic->awaited == 4)
        pic->icw4 = value;
    if (pic->awaited == 2 && has_icw3)
        pic->awaited = 3;
    else if (pic->awaited < 4 && has_icw4)
        pic->awaited = 4;
    else
        pic->awaited = 0;
    pic->ready = pic->awaited == 0;
}

static void end_level(chip_t *pic, int line, bool rotate)
{
    if (line == NOTHING)
        return; /* PIC-58 */
    pic->serviced[line] = false;
    if (rotate)
        pic->lowest = line;
}

static void write_ocw2(chip_t *pic, uint8_t value)
{
    const int named = value & 7;

    switch (value >> 5) {
    case 0:
        pic->rotate_aeoi = false;
        break;
    case 1:
    case 5:
        end_level(pic, highest_in_service(pic), value >> 5 == 5);
        break;
    case 3:
    case 7:
        end_level(pic, named, value >> 5 == 7);
        break;
    case 4:
        pic->rotate_aeoi = true;
        break;
    case 6:
        pic->lowest = named;
        break;
    default: /* no operation */
        break;
    }
}

static void write_ocw3(chip_t *pic, uint8_t value)
{
    if (value & 0x40)
        pic->special_mask = value & 0x20;
    if (value & 0x04) {
        freeze(pic);
        pic->poll = true; /* PIC-61 */
    } else if (value & 0x02) {
        pic->read_isr = value & 0x01;
    }
}

static void write_mask(chip_t *pic, uint8_t value)
{
    for (int i = 0; i < LINES; i++)
        pic->masked[i] = value >> i & 1;
}

/* ---- ports ---- */

/* PIC-12 */
static chip_t *chip_at(naive_t *pics, uint16_t port)
{
    if (port == 0x20 || port == 0x21)
        return &pics->master;
    return pics->is_pair && (port == 0xA0 || port == 0xA1) ? &pics->slave : NULL;
}

static irqsim_conform_answer_t port_write(void *model, uint16_t port, uint8_t value)
{
    chip_t *pic = chip_at(model, port);
    const bool a0 = port & 1;

    if (!pic)
        return IRQSIM_CONFORM_OK;
    if (!a0 && (value & 0x10))
        write_icw1(pic, value);
    else if (!a0 && (value & 0x08))
        write_ocw3(pic, value);
    else if (!a0)
        write_ocw2(pic, value);
    else if (pic->awaited)
        write_icw(pic, value);
    else
        write_mask(pic, value);
    update_int(pic);
    settle(model);
    return IRQSIM_CONFORM_OK;
}

/* PIC-60: the read that follows a poll command is both pulses at once; between them the
 * wire sees INT low. */
static uint8_t answer_poll(naive_t *pics, chip_t *pic)
{
    pic->poll = false;
    first_pulse(pic);
    const int line = pic->taken;

    settle(pics);
    second_pulse(pic);
    settle(pics);
    return line == NOTHING ? 0 : (uint8_t)(0x80 | line);
}

static irqsim_conform_answer_t port_read(void *model, uint16_t port, uint8_t *value)
{
    chip_t *pic = chip_at(model, port);

    *value = pic ? 0 : 0xFF;
    if (pic && pic->poll) {
        *value = answer_poll(model, pic);
        return IRQSIM_CONFORM_OK;
    }
    for (int i = 0; pic && i < LINES; i++) {
        const bool set = port & 1        ? pic->masked[i]
                         : pic->read_isr ? pic->serviced[i]
                                         : is_requested(pic, i);
        if (set)
            *value |= (uint8_t)(1 << i);
    }
    return IRQSIM_CONFORM_OK;
}

/* ---- pins and life ---- */

/* PIC-65: where the master has its slave the bus has IRQ 2, which is IRQ 9. */
static irqsim_conform_answer_t line(void *model, uint32_t input, bool level)
{
    naive_t *pics = model;

    if (pics->is_pair && (input == 2 || input == 9)) {
        pics->irq2 = input == 2 ? level : pics->irq2;
        pics->irq9 = input == 9 ? level : pics->irq9;
        drive(&pics->slave, 1, pics->irq2 || pics->irq9);
    } else if (input >= LINES) {
        drive(&pics->slave, (int)input - LINES, level);
    } else {
        drive(&pics->master, (int)input, level);
    }
    settle(pics);
    return IRQSIM_CONFORM_OK;
}

static chip_t power_on(const irqsim_conform_board_t *desc, bool is_slave_pin)
{
    chip_t pic = {.is_slave_pin = is_slave_pin, .lowest = 7, .taken = NOTHING};

    pic.latched = desc->variants & IRQSIM_VARIANT_LATCHED_EDGE;
    pic.old = desc->variants & IRQSIM_VARIANT_AEOI_MASTER;
    write_mask(&pic, 0xFF);
    return pic;
}

static irqsim_conform_answer_t board(void *model, const irqsim_conform_board_t *desc)
{
    const uint32_t known = IRQSIM_VARIANT_LATCHED_EDGE | IRQSIM_VARIANT_AEOI_MASTER;
    const bool is_pair = desc->kind == IRQSIM_CONFORM_AT;

    if ((desc->kind != IRQSIM_CONFORM_PIC && !is_pair) || desc->elcr || desc->variants & ~known)
        return IRQSIM_CONFORM_UNSUPPORTED;
    *(naive_t *)model = (naive_t){
        .master = power_on(desc, false), .slave = power_on(desc, true), .is_pair = is_pair};
    return IRQSIM_CONFORM_OK;
}

static void *create(void)
{
    return calloc(1, sizeof(naive_t));
}

const irqsim_conform_model_t irqsim_conform_plugin = {
    .version = IRQSIM_CONFORM_VERSION,
    .name = "naive 8259A",
    .create = create,
    .destroy = free,
    .board = board,
    .port_read = port_read,
    .port_write = port_write,
    .line = line,
    .intr = intr,
    .inta1 = inta1,
    .inta2 = inta2,
    .commit = commit,
    .ack = ack,
};
