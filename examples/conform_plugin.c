/* SPDX-License-Identifier: MIT */
/*
 * conform_plugin.c - a second model of the 8259A, to run the conformance cases on
 *
 *   irqsim conform --model libconform_plugin.so tests/cases/pic-single.case
 *
 * Slow and obvious on purpose: eight lines in loops, in the words of
 * docs/rules/PIC.md, and nothing of the library but the header of the plug-in.
 * It has no ELCR, no slave and no side-effect-free views: cases that need an
 * ELCR or a slave are skipped, steps that peek too.
 */
#include <stdlib.h>

#include <irqsim/conform.h>

#define LINES   8
#define NOTHING (-1)

typedef struct naive {
    bool high[LINES], edge[LINES], serviced[LINES], masked[LINES];
    uint8_t icw1, base, icw4;
    int awaited; /* the ICW that the next write with A0=1 is; 0: OCW1 */
    bool ready;  /* programmed                                        */
    int lowest;  /* the line of lowest priority                       */
    bool read_isr, poll, special_mask, rotate_aeoi, latched;
    bool frozen;      /* requests are as `seen` says */
    bool seen[LINES]; /* IRR at the first INTA, or at a poll command */
    int taken;        /* by the first INTA, or NOTHING               */
    bool int_pin;
} naive_t;

/* ---- requests and priorities ---- */

static bool is_level(const naive_t *pic)
{
    return pic->icw1 & 0x08; /* LTIM */
}

static bool is_requested(const naive_t *pic, int line)
{
    if (pic->frozen)
        return pic->seen[line];
    return is_level(pic) ? pic->high[line] : pic->edge[line];
}

static void freeze(naive_t *pic)
{
    bool seen[LINES];

    for (int i = 0; i < LINES; i++)
        seen[i] = is_requested(pic, i);
    for (int i = 0; i < LINES; i++)
        pic->seen[i] = seen[i];
    pic->frozen = true;
}

/* PIC-45, PIC-46: special mask mode does not see masked levels in service. */
static bool is_blocking(const naive_t *pic, int line)
{
    return pic->serviced[line] && !(pic->special_mask && pic->masked[line]);
}

/* PIC-30, PIC-40: from the highest priority down, until something is in service. */
static int winner(const naive_t *pic)
{
    for (int i = 1; pic->ready && i <= LINES; i++) {
        const int line = (pic->lowest + i) % LINES;
        if (is_blocking(pic, line))
            return NOTHING;
        if (is_requested(pic, line) && !pic->masked[line])
            return line;
    }
    return NOTHING;
}

static int highest_in_service(const naive_t *pic)
{
    for (int i = 1; i <= LINES; i++) {
        const int line = (pic->lowest + i) % LINES;
        if (is_blocking(pic, line))
            return line;
    }
    return NOTHING;
}

static void update_int(naive_t *pic)
{
    if (!pic->frozen)
        pic->int_pin = winner(pic) != NOTHING;
}

/* ---- acknowledge ---- */

static void serve(naive_t *pic, int line)
{
    pic->serviced[line] = true;
    pic->edge[line] = false;
    if (!is_level(pic))
        pic->seen[line] = false; /* PIC-27: a level stays requested */
}

static void finish(naive_t *pic, int line)
{
    if (pic->icw4 & 0x02) { /* AEOI */
        pic->serviced[line] = false;
        if (pic->rotate_aeoi)
            pic->lowest = line;
    }
}

static irqsim_conform_answer_t inta1(void *model, irqsim_conform_pulse_t who)
{
    naive_t *pic = model;

    if (who == IRQSIM_CONFORM_SLAVE)
        return IRQSIM_CONFORM_UNSUPPORTED;
    freeze(pic);
    pic->int_pin = false;
    pic->taken = winner(pic);
    if (pic->taken != NOTHING)
        serve(pic, pic->taken);
    return IRQSIM_CONFORM_OK;
}

static irqsim_conform_answer_t inta2(void *model, uint8_t *vector)
{
    naive_t *pic = model;

    *vector = pic->base | 7; /* PIC-67 */
    if (pic->taken != NOTHING) {
        *vector = (uint8_t)(pic->base | pic->taken);
        finish(pic, pic->taken);
    }
    if (pic->ready && !(pic->icw4 & 0x01))
        *vector = 0xCD; /* PIC-32 */
    pic->taken = NOTHING;
    pic->frozen = false;
    update_int(pic);
    return IRQSIM_CONFORM_OK;
}

/* PIC-60: the read that follows a poll command. */
static uint8_t answer_poll(naive_t *pic)
{
    const int line = winner(pic);

    pic->poll = pic->frozen = false;
    if (line != NOTHING) {
        serve(pic, line);
        finish(pic, line);
    }
    update_int(pic);
    return line == NOTHING ? 0 : (uint8_t)(0x80 | line);
}

/* ---- commands ---- */

static void write_icw1(naive_t *pic, uint8_t value)
{
    const bool latched = pic->latched;
    bool high[LINES];

    for (int i = 0; i < LINES; i++)
        high[i] = pic->high[i];
    *pic = (naive_t){.icw1 = value, .awaited = 2, .lowest = 7, .taken = NOTHING};
    pic->latched = latched;
    for (int i = 0; i < LINES; i++)
        pic->high[i] = high[i];
}

/* PIC-24: ICW3 only without SNGL, ICW4 only with IC4. */
static void write_icw(naive_t *pic, uint8_t value)
{
    const bool has_icw3 = !(pic->icw1 & 0x02), has_icw4 = pic->icw1 & 0x01;

    if (pic->awaited == 2)
        pic->base = value & 0xF8;
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

static void end_level(naive_t *pic, int line, bool rotate)
{
    if (line == NOTHING)
        return; /* PIC-58 */
    pic->serviced[line] = false;
    if (rotate)
        pic->lowest = line;
}

static void write_ocw2(naive_t *pic, uint8_t value)
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

static void write_ocw3(naive_t *pic, uint8_t value)
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

static void write_mask(naive_t *pic, uint8_t value)
{
    for (int i = 0; i < LINES; i++)
        pic->masked[i] = value >> i & 1;
}

static irqsim_conform_answer_t port_write(void *model, uint16_t port, uint8_t value)
{
    naive_t *pic = model;

    if (port == 0x20 && (value & 0x10))
        write_icw1(pic, value);
    else if (port == 0x20 && (value & 0x08))
        write_ocw3(pic, value);
    else if (port == 0x20)
        write_ocw2(pic, value);
    else if (port == 0x21 && pic->awaited)
        write_icw(pic, value);
    else if (port == 0x21)
        write_mask(pic, value);
    update_int(pic);
    return IRQSIM_CONFORM_OK;
}

static irqsim_conform_answer_t port_read(void *model, uint16_t port, uint8_t *value)
{
    naive_t *pic = model;

    *value = port == 0x20 || port == 0x21 ? 0 : 0xFF;
    if (*value == 0 && pic->poll) {
        *value = answer_poll(pic);
        return IRQSIM_CONFORM_OK;
    }
    for (int i = 0; i < LINES; i++) {
        const bool set = port == 0x21    ? pic->masked[i]
                         : pic->read_isr ? pic->serviced[i]
                                         : is_requested(pic, i);
        if (set)
            *value |= (uint8_t)(1 << i);
    }
    return IRQSIM_CONFORM_OK;
}

/* ---- pins and life ---- */

static irqsim_conform_answer_t line(void *model, uint32_t input, bool level)
{
    naive_t *pic = model;

    if (level && !pic->high[input])
        pic->edge[input] = !is_level(pic);
    if (!level && !pic->latched)
        pic->edge[input] = false; /* PIC-26 */
    pic->high[input] = level;
    update_int(pic);
    return IRQSIM_CONFORM_OK;
}

static irqsim_conform_answer_t intr(void *model, uint32_t cpu, bool *level)
{
    const naive_t *pic = model;

    (void)cpu; /* this board has none: the pin is the chip's */
    *level = pic->int_pin;
    return IRQSIM_CONFORM_OK;
}

static irqsim_conform_answer_t board(void *model, const irqsim_conform_board_t *desc)
{
    naive_t *pic = model;

    if (desc->kind != IRQSIM_CONFORM_PIC || desc->elcr ||
        desc->variants & ~(uint32_t)IRQSIM_VARIANT_LATCHED_EDGE)
        return IRQSIM_CONFORM_UNSUPPORTED;
    *pic = (naive_t){.lowest = 7, .taken = NOTHING};
    pic->latched = desc->variants & IRQSIM_VARIANT_LATCHED_EDGE;
    write_mask(pic, 0xFF);
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
};
