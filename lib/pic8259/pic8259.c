/* SPDX-License-Identifier: MIT */
/*
 * pic8259.c - one 8259A: what it requests, how it is acknowledged, what it is told
 *
 * From top to bottom: the request latch, the priority resolver, the INT pin,
 * the acknowledge, the command words, the bus. Every function that changes
 * state ends in drive(), so `out` is right whenever the caller looks.
 */
#include <irqsim/pic8259.h>
#include <irqsim/regs/pic8259_regs.h>

#include <string.h>

#define ALL_LINES     0xFFu
#define LINE_7        7u
#define CALL_OPCODE   0xCDu
#define ELCR_FLOATING 0xFFu

static uint8_t bit(int line)
{
    return (uint8_t)(1u << line);
}

/* Request latch. */

/* PIC-34: LTIM is for the whole chip; a chipset's ELCR takes its place. */
static uint8_t level_lines(const irqsim_pic_t *pic)
{
    if (pic->has_elcr)
        return pic->elcr;
    return pic->icw[0] & PIC_ICW1_LTIM ? ALL_LINES : 0;
}

static uint8_t live_irr(const irqsim_pic_t *pic)
{
    return (uint8_t)(pic->edge | (pic->in & level_lines(pic)));
}

static uint8_t irr(const irqsim_pic_t *pic)
{
    return pic->frozen | pic->poll ? pic->held : live_irr(pic);
}

uint8_t irqsim_pic_irr(const irqsim_pic_t *pic)
{
    return irr(pic);
}

/* PIC-31, PIC-60: requests that come from now on wait for the end of the acknowledge. */
static void hold_irr(irqsim_pic_t *pic)
{
    pic->held = irr(pic);
}

/* Who this chip is. */

static bool is_slave(const irqsim_pic_t *pic)
{
    /* PIC-48: in buffered mode SP/EN is an output, and ICW4 says who is master. */
    if (pic->icw[3] & PIC_ICW4_BUF)
        return !(pic->icw[3] & PIC_ICW4_MASTER);
    return pic->slave;
}

static bool ready(const irqsim_pic_t *pic)
{
    return pic->initialized && pic->step == IRQSIM_PIC_STEP_OCW1;
}

static uint8_t cascade_lines(const irqsim_pic_t *pic)
{
    /* PIC-18, PIC-93: ICW3 means lines on a master that is not alone. */
    return (pic->icw[0] & PIC_ICW1_SNGL) || is_slave(pic) ? 0 : pic->icw[2];
}

bool irqsim_pic_cascaded(const irqsim_pic_t *pic, int line)
{
    return line >= 0 && (cascade_lines(pic) & bit(line & 7));
}

bool irqsim_pic_selected(const irqsim_pic_t *pic, int line)
{
    return is_slave(pic) && !(pic->icw[0] & PIC_ICW1_SNGL) &&
           (int)(pic->icw[2] & PIC_ICW3_SLAVE_ID) == line;
}

/* Priority resolver. */

/* PIC-30: the highest priority, (lowest + 1) mod 8, moves to bit 0. */
static unsigned by_priority(const irqsim_pic_t *pic, uint8_t lines)
{
    return ((lines * 0x101u) >> ((pic->lowest + 1u) & 7u)) & ALL_LINES;
}

static int first_line(const irqsim_pic_t *pic, unsigned ranks)
{
    if (!ranks)
        return IRQSIM_PIC_NO_LINE;
    return (int)(((unsigned)__builtin_ctz(ranks) + pic->lowest + 1u) & 7u);
}

/* PIC-45, PIC-46: under special mask a masked level in service neither blocks
 * nor is found by an EOI. */
static uint8_t serviced(const irqsim_pic_t *pic)
{
    return pic->smm ? (uint8_t)(pic->isr & ~pic->imr) : pic->isr;
}

/* Ranks that may interrupt what is in service. */
static unsigned open_ranks(const irqsim_pic_t *pic)
{
    const unsigned busy = by_priority(pic, serviced(pic));
    const unsigned top = busy & (0u - busy);
    unsigned open = top - 1u; /* PIC-40: strictly higher; all of them if none is busy */

    /* PIC-41: so a slave's line in service blocks the whole slave. PIC-43: or does
     * not block itself, and the slave resolves the rest. */
    if (pic->icw[3] & PIC_ICW4_SFNM)
        open |= top & by_priority(pic, cascade_lines(pic));
    return open;
}

/* Ranks that request and may interrupt; the lowest bit wins. */
static inline unsigned candidates(const irqsim_pic_t *pic)
{
    /* PIC-28: the mask works here; the latch does not know it. */
    const uint8_t requests = (uint8_t)(irr(pic) & ~pic->imr);

    if (!requests || !ready(pic)) /* PIC-25 */
        return 0;
    return by_priority(pic, requests) & open_ranks(pic);
}

int irqsim_pic_best(const irqsim_pic_t *pic)
{
    return first_line(pic, candidates(pic));
}

/* The INT pin. */

static inline uint32_t drive(irqsim_pic_t *pic)
{
    if (!(pic->frozen | pic->poll))                          /* PIC-31, PIC-60: the pin waits */
        pic->out = candidates(pic) ? IRQSIM_PIC_OUT_INT : 0; /* PIC-29 */
    return pic->out;
}

uint32_t irqsim_pic_set_in(irqsim_pic_t *pic, uint32_t levels)
{
    const uint32_t now = levels & ALL_LINES;
    const uint32_t rising = now & ~pic->in & ~(uint32_t)level_lines(pic);
    uint32_t edge = pic->edge | rising;

    /* PIC-26: an edge requests only while its line stays high. PIC-85: or for good. */
    if (!(pic->variants & IRQSIM_PIC_VARIANT_LATCHED_EDGE))
        edge &= now;
    pic->in = now;
    pic->edge = (uint8_t)edge;
    return drive(pic);
}

/* Acknowledge. */

static void take(irqsim_pic_t *pic, int line)
{
    pic->isr |= bit(line);
    pic->edge &= (uint8_t)~bit(line);
    pic->held &= (uint8_t)(~bit(line) | level_lines(pic)); /* PIC-27: level stays requested */
}

/* PIC-47, PIC-63: with automatic EOI nothing stays in service. */
static void end_automatically(irqsim_pic_t *pic, int line)
{
    if (!(pic->icw[3] & PIC_ICW4_AEOI))
        return;
    pic->isr &= (uint8_t)~bit(line);
    if (pic->rotate_aeoi)
        pic->lowest = (uint8_t)line; /* PIC-55 */
}

int irqsim_pic_inta1(irqsim_pic_t *pic)
{
    const int line = irqsim_pic_best(pic);

    hold_irr(pic);
    pic->out = 0;
    pic->frozen = 1;
    pic->acked_real = line >= 0;
    pic->acked = LINE_7; /* PIC-67, PIC-68: nothing qualifies, so line 7 and no ISR bit */
    if (line >= 0) {
        pic->acked = (uint8_t)line;
        take(pic, line);
    }
    return line;
}

uint8_t irqsim_pic_inta2(irqsim_pic_t *pic)
{
    const bool call = ready(pic) && !(pic->icw[3] & PIC_ICW4_UPM); /* PIC-32 */
    const uint8_t vector = (uint8_t)((pic->icw[1] & PIC_ICW2_VECTOR_BASE) | pic->acked);

    if (pic->acked_real)
        end_automatically(pic, pic->acked);
    pic->acked_real = 0;
    pic->frozen = 0;
    drive(pic);
    return call ? CALL_OPCODE : vector;
}

uint16_t irqsim_pic_call_address(const irqsim_pic_t *pic)
{
    const unsigned size_log2 = pic->icw[0] & PIC_ICW1_ADI ? 2 : 3;
    const unsigned table = pic->icw[0] & PIC_ICW1_A7_A5 & (ALL_LINES << (size_log2 + 3));

    return (uint16_t)((unsigned)pic->icw[1] << 8 | table | (unsigned)pic->acked << size_log2);
}

/* Initialization words. */

/* PIC-24: what A0=1 means after the word just written, by [step][SNGL][IC4]. */
/* clang-format off */
static const uint8_t next_step[4][2][2] = {
    [IRQSIM_PIC_STEP_ICW2] = {{IRQSIM_PIC_STEP_ICW3, IRQSIM_PIC_STEP_ICW3},
                              {IRQSIM_PIC_STEP_OCW1, IRQSIM_PIC_STEP_ICW4}},
    [IRQSIM_PIC_STEP_ICW3] = {{IRQSIM_PIC_STEP_OCW1, IRQSIM_PIC_STEP_ICW4},
                              {IRQSIM_PIC_STEP_OCW1, IRQSIM_PIC_STEP_ICW4}},
    [IRQSIM_PIC_STEP_ICW4] = {{IRQSIM_PIC_STEP_OCW1, IRQSIM_PIC_STEP_OCW1},
                              {IRQSIM_PIC_STEP_OCW1, IRQSIM_PIC_STEP_OCW1}},
};
/* clang-format on */

/* What hardware reset and ICW1 have in common: no request, nothing in service,
 * nothing half done (PIC-01, PIC-02, PIC-04..PIC-11). */
static void clear(irqsim_pic_t *pic)
{
    pic->edge = pic->isr = 0;
    pic->lowest = LINE_7;
    pic->icw[2] = PIC_ICW3_SLAVE_ID; /* PIC-05: ID 7 */
    pic->icw[3] = 0;                 /* PIC-08: whether or not an ICW4 follows */
    pic->smm = pic->read_isr = pic->poll = pic->rotate_aeoi = 0;
    pic->frozen = pic->held = pic->acked_real = 0;
    pic->acked = LINE_7;
}

static void write_icw1(irqsim_pic_t *pic, uint8_t value)
{
    clear(pic);
    pic->imr = 0; /* PIC-03: all unmasked */
    pic->icw[0] = value;
    pic->step = IRQSIM_PIC_STEP_ICW2;
}

/* A0=1 inside the walk: the step is the index of the word. */
static void write_icw(irqsim_pic_t *pic, uint8_t value)
{
    const bool sngl = pic->icw[0] & PIC_ICW1_SNGL, ic4 = pic->icw[0] & PIC_ICW1_IC4;

    pic->icw[pic->step] = value;
    pic->step = next_step[pic->step][sngl][ic4];
    if (pic->step == IRQSIM_PIC_STEP_OCW1)
        pic->initialized = 1;
}

/* Operation words. */

typedef enum { NO_LINE, TOP_LINE, NAMED_LINE } ocw2_target_t;
typedef enum { KEEP, SET, CLEAR } ocw2_auto_t;

typedef struct ocw2 {
    ocw2_target_t target; /* which line the command is about   */
    bool end, rotate;     /* clear its ISR bit, make it lowest */
    ocw2_auto_t aeoi;     /* rotation on automatic EOI         */
} ocw2_t;

/* Indexed by R SL EOI. */
/* clang-format off */
static const ocw2_t ocw2_commands[8] = {
    [0] = {NO_LINE,    false, false, CLEAR}, /* PIC-56: rotate in AEOI, clear    */
    [1] = {TOP_LINE,   true,  false, KEEP},  /* PIC-50: non-specific EOI         */
    [2] = {NO_LINE,    false, false, KEEP},  /* PIC-57: no operation             */
    [3] = {NAMED_LINE, true,  false, KEEP},  /* PIC-51: specific EOI             */
    [4] = {NO_LINE,    false, false, SET},   /* PIC-55: rotate in AEOI, set      */
    [5] = {TOP_LINE,   true,  true,  KEEP},  /* PIC-52: rotate on non-specific   */
    [6] = {NAMED_LINE, false, true,  KEEP},  /* PIC-54: set priority             */
    [7] = {NAMED_LINE, true,  true,  KEEP},  /* PIC-53: rotate on specific       */
};
/* clang-format on */

static void write_ocw2(irqsim_pic_t *pic, uint8_t value)
{
    const ocw2_t *command = &ocw2_commands[value >> PIC_OCW2_COMMAND_SHIFT];
    int line = IRQSIM_PIC_NO_LINE;

    if (command->aeoi != KEEP)
        pic->rotate_aeoi = command->aeoi == SET;
    if (command->target == NAMED_LINE)
        line = value & PIC_OCW2_LEVEL; /* PIC-92: L counts only with SL */
    else if (command->target == TOP_LINE)
        line = first_line(pic, by_priority(pic, serviced(pic)));
    if (line < 0)
        return; /* PIC-58: nothing to end, nothing to rotate to */
    if (command->end)
        pic->isr &= (uint8_t)~bit(line);
    if (command->rotate)
        pic->lowest = (uint8_t)line;
}

static void write_ocw3(irqsim_pic_t *pic, uint8_t value)
{
    if (value & PIC_OCW3_ESMM)
        pic->smm = (value & PIC_OCW3_SMM) != 0; /* PIC-45 */
    if (value & PIC_OCW3_POLL) {
        hold_irr(pic);
        pic->poll = 1; /* PIC-61: P wins over RR */
    } else if (value & PIC_OCW3_RR) {
        pic->read_isr = value & PIC_OCW3_RIS; /* PIC-62 */
    }
}

/* The bus. */

void irqsim_pic_write(irqsim_pic_t *pic, unsigned a0, uint8_t value)
{
    /* PIC-13, PIC-14. The walk does not see OCW2 and OCW3 (PIC-24). */
    if (!a0 && (value & PIC_ICW1_INIT))
        write_icw1(pic, value);
    else if (!a0 && (value & PIC_OCW3))
        write_ocw3(pic, value);
    else if (!a0)
        write_ocw2(pic, value);
    else if (pic->step != IRQSIM_PIC_STEP_OCW1)
        write_icw(pic, value);
    else
        pic->imr = value;
    drive(pic);
}

/* PIC-60: the read that answers a poll command is the acknowledge. */
static uint8_t read_poll(irqsim_pic_t *pic)
{
    const int line = irqsim_pic_best(pic);

    pic->poll = 0;
    if (line >= 0) {
        take(pic, line);
        end_automatically(pic, line);
    }
    drive(pic);
    return line >= 0 ? (uint8_t)(PIC_POLL_VALID | (unsigned)line) : 0;
}

uint8_t irqsim_pic_read(irqsim_pic_t *pic, unsigned a0)
{
    if (pic->poll)
        return read_poll(pic);
    if (a0)
        return pic->imr; /* PIC-15 */
    return pic->read_isr ? pic->isr : irr(pic);
}

uint8_t irqsim_pic_read_elcr(const irqsim_pic_t *pic)
{
    return pic->has_elcr ? pic->elcr : ELCR_FLOATING; /* PIC-33 */
}

void irqsim_pic_write_elcr(irqsim_pic_t *pic, uint8_t value)
{
    if (!pic->has_elcr)
        return;
    pic->elcr = (uint8_t)(value & ~pic->elcr_fixed);
    pic->edge &= (uint8_t)~pic->elcr; /* a level-sensed line has no edges */
    drive(pic);
}

/* Life. */

void irqsim_pic_reset(irqsim_pic_t *pic)
{
    clear(pic);
    memset(pic->icw, 0, 2);
    pic->imr = ALL_LINES;
    pic->elcr = 0;
    pic->step = IRQSIM_PIC_STEP_OCW1;
    pic->initialized = 0;
    drive(pic);
}

void irqsim_pic_init(irqsim_pic_t *pic, const irqsim_pic_desc_t *desc)
{
    memset(pic, 0, sizeof(*pic));
    if (desc) {
        pic->variants = desc->variants;
        pic->slave = desc->slave;
        pic->has_elcr = desc->has_elcr;
        pic->elcr_fixed = desc->elcr_fixed;
    }
    irqsim_pic_reset(pic);
}
