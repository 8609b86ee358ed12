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
#define ELCR_FLOATING 0xFFu

/* Off the usual path: must not cost the usual path registers. */
#define ASIDE __attribute__((noinline))

/* Request latch. */

/* PIC-34: LTIM is for the whole chip; a chipset's ELCR takes its place. A line that
 * is high has no edge to request with when it becomes edge-sensed. */
static void sense(irqsim_pic_t *pic)
{
    const uint8_t by_ltim = pic->icw[0] & PIC_ICW1_LTIM ? ALL_LINES : 0;
    const uint8_t level = pic->has_elcr ? pic->elcr : by_ltim;

    pic->spent = (uint8_t)((pic->spent | (pic->in & pic->level)) & ~level);
    pic->latched &= (uint8_t)~level;
    pic->level = level;
}

/* PIC-26: an edge requests only while its line stays high. PIC-85: or for good. */
static inline uint8_t live_irr(const irqsim_pic_t *pic)
{
    return (uint8_t)((pic->in & ~(uint32_t)pic->spent) | pic->latched);
}

static inline uint8_t irr(const irqsim_pic_t *pic)
{
    return pic->frozen ? pic->held : live_irr(pic);
}

uint8_t irqsim_pic_irr(const irqsim_pic_t *pic)
{
    return irr(pic);
}

/* Who this chip is. */

static bool is_slave(const irqsim_pic_t *pic)
{
    /* PIC-48: in buffered mode SP/EN is an output, and ICW4 says who is master. */
    if (pic->icw[3] & PIC_ICW4_BUF)
        return !(pic->icw[3] & PIC_ICW4_MASTER);
    return pic->slave;
}

/* What follows from the ICWs. PIC-18, PIC-93: ICW3 means lines on a master that is not
 * alone. */
static void conclude(irqsim_pic_t *pic)
{
    const uint8_t modes = pic->icw[3] & (PIC_ICW4_UPM | PIC_ICW4_AEOI | PIC_ICW4_SFNM);

    pic->slaves = (pic->icw[0] & PIC_ICW1_SNGL) || is_slave(pic) ? 0 : pic->icw[2];
    pic->plain = pic->initialized && modes == PIC_ICW4_UPM_8086 &&
                 !(pic->variants & IRQSIM_PIC_VARIANT_LATCHED_EDGE);
}

bool irqsim_pic_selected(const irqsim_pic_t *pic, int line)
{
    return is_slave(pic) && !(pic->icw[0] & PIC_ICW1_SNGL) &&
           (int)(pic->icw[2] & PIC_ICW3_SLAVE_ID) == line;
}

/* Priority resolver. Sets of lines are masks, a line is the mask with its bit. */

/* PIC-30: priority goes up the lines from here, and around. */
static inline uint32_t highest_line(const irqsim_pic_t *pic)
{
    return 1u << ((pic->lowest + 1u) & 7);
}

static inline uint8_t first_of(const irqsim_pic_t *pic, uint32_t lines)
{
    if (!(lines & (lines - 1)))
        return (uint8_t)lines; /* none, or one: whatever the order */

    const uint32_t before_the_turn = lines & -highest_line(pic);
    const uint32_t first = before_the_turn ? before_the_turn : lines;
    return (uint8_t)(first & -first);
}

/* The lines from the highest one up, around, to before `line`: subtracting makes ones
 * of what lies between, and a turn borrows once more. */
static inline uint32_t higher_than(const irqsim_pic_t *pic, uint32_t line)
{
    const uint32_t highest = highest_line(pic);

    return (line - highest - (line < highest)) & ALL_LINES;
}

static inline int number_of(uint8_t line)
{
    return line ? __builtin_ctz(line) : IRQSIM_PIC_NO_LINE;
}

int irqsim_pic_best(const irqsim_pic_t *pic)
{
    return number_of(first_of(pic, irr(pic) & pic->open));
}

/* PIC-45, PIC-46: under special mask a masked level in service neither blocks
 * nor is found by an EOI. */
static inline uint8_t serviced(const irqsim_pic_t *pic)
{
    return pic->smm ? (uint8_t)(pic->isr & ~pic->imr) : pic->isr;
}

/* Lines that may interrupt the line `top`, which is in service. */
static inline uint8_t above(const irqsim_pic_t *pic, uint8_t top)
{
    const uint32_t higher = higher_than(pic, top); /* PIC-40 */

    /* PIC-41: so a slave's line in service blocks the whole slave. PIC-43: or does
     * not block itself, and the slave resolves the rest. */
    return (uint8_t)(pic->icw[3] & PIC_ICW4_SFNM ? higher | (top & pic->slaves) : higher);
}

static inline uint8_t top(const irqsim_pic_t *pic)
{
    return first_of(pic, serviced(pic));
}

/* After a change of anything but requests. */
static inline void resolve(irqsim_pic_t *pic)
{
    const uint8_t busy = top(pic);
    const uint8_t reach = busy ? above(pic, busy) : ALL_LINES;

    /* PIC-28: the mask works here; the latch does not know it. */
    pic->open = pic->initialized ? (uint8_t)(reach & ~pic->imr) : 0; /* PIC-25 */
}

/* The INT pin. */

static inline uint32_t drive(irqsim_pic_t *pic)
{
    if (!pic->frozen) /* PIC-31, PIC-60: the pin waits */
        pic->out = live_irr(pic) & pic->open ? IRQSIM_PIC_OUT_INT : 0; /* PIC-29 */
    return pic->out;
}

uint32_t irqsim_pic_set_in(irqsim_pic_t *pic, uint32_t levels)
{
    const uint32_t before = pic->in;

    pic->in = levels & ALL_LINES;
    pic->spent &= (uint8_t)levels;
    if (pic->variants & IRQSIM_PIC_VARIANT_LATCHED_EDGE)
        pic->latched |= (uint8_t)(levels & ~before & ~pic->level);
    return drive(pic);
}

/* Out of service. */

static inline uint8_t end(irqsim_pic_t *pic, uint8_t line)
{
    pic->isr &= (uint8_t)~line;
    return line;
}

static inline void rotate(irqsim_pic_t *pic, uint8_t line)
{
    if (line) /* PIC-58: nothing in service, nothing to rotate to */
        pic->lowest = (uint8_t)number_of(line);
}

/* Acknowledge. */

/* Its edge, if it is one, has had its interrupt. PIC-27: a level stays requested. */
static inline void spend(irqsim_pic_t *pic, uint8_t line)
{
    pic->spent |= (uint8_t)(line & pic->in & ~pic->level);
    if (pic->latched)
        pic->latched &= (uint8_t)~line;
}

/* The first of `requests` goes into service; 0 if none may. */
static inline uint8_t take(irqsim_pic_t *pic, uint8_t requests)
{
    const uint8_t line = first_of(pic, requests & pic->open);

    if (line) {
        pic->isr |= line;
        pic->open &= above(pic, line);
        spend(pic, line);
    }
    return line;
}

/* PIC-47, PIC-63: with automatic EOI nothing stays in service. */
static ASIDE void end_automatically(irqsim_pic_t *pic, uint8_t line)
{
    if (pic->variants & IRQSIM_PIC_VARIANT_AEOI_MASTER && is_slave(pic))
        return;
    end(pic, line);
    if (pic->rotate_aeoi)
        rotate(pic, line); /* PIC-55 */
    resolve(pic);
}

/* The trailing edge of the last pulse, or of the read that was one. */
static inline void end_acknowledge(irqsim_pic_t *pic, uint8_t line)
{
    if (pic->icw[3] & PIC_ICW4_AEOI)
        end_automatically(pic, line);
    drive(pic);
}

/* PIC-67, PIC-68: where nothing qualified it is line 7's, and no ISR bit is set. */
static inline uint8_t vector_of(const irqsim_pic_t *pic, uint8_t line)
{
    const unsigned number = line ? (unsigned)__builtin_ctz(line) : 7;

    if (!(pic->icw[3] & PIC_ICW4_UPM) && pic->initialized)
        return IRQSIM_PIC_CALL_OPCODE; /* PIC-32: policy, for a CPU that knows no CALL */
    return (uint8_t)((pic->icw[1] & PIC_ICW2_VECTOR_BASE) | number);
}

/* PIC-31, PIC-60: what requests from now on waits for the end of the acknowledge. */
static void freeze(irqsim_pic_t *pic, unsigned reason)
{
    const uint8_t requests = irr(pic);
    const uint8_t line = take(pic, requests);

    pic->held = requests & (uint8_t)(~line | pic->level);
    pic->frozen |= (uint8_t)reason;
    pic->acked = line;
    pic->out = 0;
}

static uint8_t thaw(irqsim_pic_t *pic, unsigned reasons)
{
    const uint8_t line = pic->acked;

    pic->frozen &= (uint8_t)~reasons;
    pic->acked = 0;
    if (!pic->frozen)
        pic->held = 0;
    end_acknowledge(pic, line);
    return line;
}

int irqsim_pic_inta1(irqsim_pic_t *pic)
{
    freeze(pic, IRQSIM_PIC_FROZEN_INTA);
    return number_of(pic->acked);
}

uint8_t irqsim_pic_inta2(irqsim_pic_t *pic)
{
    return vector_of(pic, thaw(pic, IRQSIM_PIC_FROZEN_INTA));
}

static ASIDE uint8_t both_pulses(irqsim_pic_t *pic, int *line)
{
    *line = irqsim_pic_inta1(pic);
    return irqsim_pic_inta2(pic);
}

/* Both pulses where nothing can come between them and no mode has a say, as nearly
 * always: the same in a few steps. What is left open is higher than the line taken, so
 * nothing of it requests. */
uint8_t irqsim_pic_inta(irqsim_pic_t *pic, int *line)
{
    const uint32_t requests = pic->in & ~(uint32_t)pic->spent & pic->open;

    if (!requests || !pic->plain || pic->frozen)
        return both_pulses(pic, line);

    const uint32_t taken = first_of(pic, requests);
    pic->isr |= (uint8_t)taken;
    pic->spent |= (uint8_t)(taken & ~(uint32_t)pic->level);
    pic->open &= (uint8_t)higher_than(pic, taken);
    pic->out = 0;
    *line = __builtin_ctz(taken);
    return (uint8_t)((pic->icw[1] & PIC_ICW2_VECTOR_BASE) | (unsigned)*line);
}

/* PIC-32: entries of 4 or 8 bytes for each line, at an address with the low bits 0. */
uint8_t irqsim_pic_call2(const irqsim_pic_t *pic)
{
    const unsigned size_log2 = pic->icw[0] & PIC_ICW1_ADI ? 2 : 3;
    const unsigned table = pic->icw[0] & PIC_ICW1_A7_A5 & (ALL_LINES << (size_log2 + 3));
    const unsigned number = pic->acked ? (unsigned)__builtin_ctz(pic->acked) : 7;

    return (uint8_t)(table | number << size_log2);
}

uint8_t irqsim_pic_call3(irqsim_pic_t *pic)
{
    thaw(pic, IRQSIM_PIC_FROZEN_INTA);
    return pic->icw[1];
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
    pic->spent = (uint8_t)pic->in; /* sense() knows about levels */
    pic->latched = pic->isr = 0;
    pic->lowest = 7;
    pic->icw[2] = PIC_ICW3_SLAVE_ID; /* PIC-05: ID 7 */
    pic->icw[3] = 0;                 /* PIC-08: whether or not an ICW4 follows */
    pic->smm = pic->read_isr = pic->rotate_aeoi = 0;
    pic->frozen = pic->held = pic->acked = 0;
}

static void write_icw1(irqsim_pic_t *pic, uint8_t value)
{
    clear(pic);
    pic->imr = 0; /* PIC-03: all unmasked */
    pic->icw[0] = value;
    pic->step = IRQSIM_PIC_STEP_ICW2;
    pic->initialized = 0;
    sense(pic);
    conclude(pic);
}

/* A0=1 inside the walk: the step is the index of the word. */
static void write_icw(irqsim_pic_t *pic, uint8_t value)
{
    const bool sngl = pic->icw[0] & PIC_ICW1_SNGL, ic4 = pic->icw[0] & PIC_ICW1_IC4;

    pic->icw[pic->step] = value;
    pic->step = next_step[pic->step][sngl][ic4];
    pic->initialized = pic->step == IRQSIM_PIC_STEP_OCW1;
    conclude(pic);
}

/* Operation words. */

/* PIC-92: only with SL. */
static inline uint8_t named(uint8_t value)
{
    return (uint8_t)(1u << (value & PIC_OCW2_LEVEL));
}

/* What is not the usual end of an interrupt. */
static ASIDE void write_other_ocw2(irqsim_pic_t *pic, uint8_t value)
{
    switch (value & PIC_OCW2_COMMAND) {
    case PIC_OCW2_ROTATE_AEOI_CLEAR: /* PIC-56 */
        pic->rotate_aeoi = 0;
        break;
    case PIC_OCW2_NOP: /* PIC-57 */
        break;
    case PIC_OCW2_SPECIFIC_EOI: /* PIC-51 */
        end(pic, named(value));
        break;
    case PIC_OCW2_ROTATE_AEOI_SET: /* PIC-55 */
        pic->rotate_aeoi = 1;
        break;
    case PIC_OCW2_ROTATE_EOI: /* PIC-52 */
        rotate(pic, end(pic, top(pic)));
        break;
    case PIC_OCW2_SET_PRIORITY: /* PIC-54 */
        rotate(pic, named(value));
        break;
    case PIC_OCW2_ROTATE_SPECIFIC_EOI: /* PIC-53 */
        rotate(pic, end(pic, named(value)));
        break;
    }
}

static inline void write_ocw2(irqsim_pic_t *pic, uint8_t value)
{
    if ((value & PIC_OCW2_COMMAND) == PIC_OCW2_EOI)
        end(pic, top(pic)); /* PIC-50 */
    else
        write_other_ocw2(pic, value);
}

static void write_ocw3(irqsim_pic_t *pic, uint8_t value)
{
    if (value & PIC_OCW3_ESMM)
        pic->smm = (value & PIC_OCW3_SMM) != 0; /* PIC-45 */
    if (value & PIC_OCW3_POLL) {
        pic->held = irr(pic);
        pic->frozen |= IRQSIM_PIC_FROZEN_POLL; /* PIC-61: P wins over RR */
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
    resolve(pic);
    drive(pic);
}

/* PIC-60: the read that answers a poll command is the acknowledge; INT is low as
 * between the pulses of INTA. */
void irqsim_pic_read_begin(irqsim_pic_t *pic)
{
    if ((pic->frozen & (IRQSIM_PIC_FROZEN_POLL | IRQSIM_PIC_FROZEN_READ)) == IRQSIM_PIC_FROZEN_POLL)
        freeze(pic, IRQSIM_PIC_FROZEN_READ);
}

static uint8_t read_poll(irqsim_pic_t *pic)
{
    irqsim_pic_read_begin(pic);

    const uint8_t line = thaw(pic, IRQSIM_PIC_FROZEN_POLL | IRQSIM_PIC_FROZEN_READ);
    return line ? (uint8_t)(PIC_POLL_VALID | (unsigned)__builtin_ctz(line)) : 0;
}

uint8_t irqsim_pic_read(irqsim_pic_t *pic, unsigned a0)
{
    if (pic->frozen & IRQSIM_PIC_FROZEN_POLL)
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
    sense(pic);
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
    sense(pic);
    conclude(pic);
    resolve(pic);
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

bool irqsim_pic_is_sound(const irqsim_pic_t *pic)
{
    irqsim_pic_t again = *pic;

    sense(&again);
    conclude(&again);
    resolve(&again);
    drive(&again);
    return memcmp(&again, pic, sizeof(again)) == 0;
}
