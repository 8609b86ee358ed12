/* SPDX-License-Identifier: MIT */
/*
 * irqsim/pic8259.h - one 8259A programmable interrupt controller
 *
 *                +--------------------+
 *   IR0..IR7 --->| in 0..7     out 0  |---> INT    request to CPU or master
 *         A0 --->|                    |
 *      D0-D7 <==>| read / write       |     master or slave: desc.slave is the
 *       INTA --->| inta1 / inta2      |     SP/EN pin, ICW4 decides in buffered
 *  CAS0-CAS2 <-->| cascade            |     mode (PIC-48)
 *                +--------------------+
 *
 * A PC has two of these; lib/machine owns the wire from the slave's INT to the
 * master's IR2, so this part knows nothing about a second chip. IRR is derived:
 * what is high and has not had its interrupt. So an edge that falls before INTA is
 * lost by itself (PIC-26).
 *
 * Rules         PIC-01..PIC-96 (docs/rules/PIC.md, one line each)
 */
#ifndef IRQSIM_PIC8259_H
#define IRQSIM_PIC8259_H

#include <irqsim/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Pins. Inputs are levels; the chip finds the edges itself (PIC-26). */
#define IRQSIM_PIC_IN_IR(n) (UINT32_C(1) << (n)) /* n = 0..7 */
#define IRQSIM_PIC_OUT_INT  (UINT32_C(1) << 0)

#define IRQSIM_PIC_NO_LINE (-1)

/* What the next write with A0=1 means (PIC-24). */
typedef enum irqsim_pic_step {
    IRQSIM_PIC_STEP_OCW1, /* programmed: A0=1 is the mask */
    IRQSIM_PIC_STEP_ICW2,
    IRQSIM_PIC_STEP_ICW3,
    IRQSIM_PIC_STEP_ICW4
} irqsim_pic_step_t;

/* Documented departures from the datasheet (desc.variants, OR-ed). */
#define IRQSIM_PIC_VARIANT_LATCHED_EDGE (UINT32_C(1) << 0) /* edges outlive their line (PIC-85) */
#define IRQSIM_PIC_VARIANT_AEOI_MASTER                                                             \
    (UINT32_C(1) << 1) /* AEOI has no effect in a slave: parts from before 1985 (PIC-47) */

/* Zero means "the PC's usual choice" for every member. */
typedef struct irqsim_pic_desc {
    bool slave;         /* SP/EN pin low: this chip sits on a master's input     */
    bool has_elcr;      /* chipset part: ELCR replaces LTIM (PIC-33, PIC-34)     */
    uint8_t elcr_fixed; /* lines whose ELCR bit is stuck at 0 (master 07, slave
                           21 on PCs); only with has_elcr                        */
    uint32_t variants;  /* IRQSIM_PIC_VARIANT_*, 0 = the datasheet               */
} irqsim_pic_desc_t;

/* The whole chip: plain bytes, no pointers. Copy it to snapshot, memcmp it to
 * compare. Read any member; write only through the functions below. */
typedef struct irqsim_pic {
    uint32_t in, out;  /* pin levels */
    uint32_t variants; /* desc */
    uint8_t spent;     /* high lines whose edge does not request any more */
    uint8_t isr, imr;
    uint8_t icw[4];          /* last ICW1..ICW4 */
    uint8_t step;            /* irqsim_pic_step_t */
    uint8_t initialized;     /* the walk of ICWs is complete (PIC-25) */
    uint8_t lowest;          /* line with the lowest priority (PIC-04) */
    uint8_t read_isr;        /* OCW3 RIS: A0=0 reads ISR (PIC-62) */
    uint8_t smm;             /* special mask mode (PIC-45) */
    uint8_t rotate_aeoi;     /* PIC-55 */
    uint8_t elcr;            /* 1 = level (PIC-33) */
    uint8_t slave, has_elcr; /* desc */
    uint8_t elcr_fixed;      /* desc */
    uint8_t frozen;          /* IRQSIM_PIC_FROZEN_*: IRR and INT stand still */
    uint8_t held;            /* IRR while frozen */
    uint8_t acked;           /* line under acknowledge as a mask; 0 = spurious, or none */
    /* What follows from the above, so that it need not be found out each time. */
    uint8_t level;   /* lines sensed by level */
    uint8_t slaves;  /* lines with a slave; only on a master */
    uint8_t open;    /* lines that neither the mask nor what is in service closes */
    uint8_t latched; /* edges that request whatever their line does (PIC-85) */
    uint8_t plain;   /* programmed for 8086, no automatic EOI, not special fully nested,
                        no latched edges: an acknowledge takes a line and that is all */
    uint8_t pad[3];
} irqsim_pic_t;

/* Why a chip is frozen. */
#define IRQSIM_PIC_FROZEN_INTA 1u /* between the first and the last pulse (PIC-31)   */
#define IRQSIM_PIC_FROZEN_POLL 2u /* from a poll command to its read (PIC-60)        */
#define IRQSIM_PIC_FROZEN_READ 4u /* irqsim_pic_read_begin() has begun that read     */

/* Power-on state. desc is copied; NULL = all defaults. The caller owns the
 * memory; there is nothing to free. */
void irqsim_pic_init(irqsim_pic_t *pic, const irqsim_pic_desc_t *desc);
/* Hardware reset: keeps pins and desc (PIC-01..11, column "hardware reset"). */
void irqsim_pic_reset(irqsim_pic_t *pic);

/* Drives all eight inputs at once and returns the new output levels. */
uint32_t irqsim_pic_set_in(irqsim_pic_t *pic, uint32_t levels);

/* Bus. a0 (0 or 1) is the address pin. Any byte is legal: hardware has no
 * errors. The output levels may change; read pic->out. */
uint8_t irqsim_pic_read(irqsim_pic_t *pic, unsigned a0);
/* The leading edge of a read. If the read answers a poll, it acknowledges here
 * and INT is low until irqsim_pic_read() ends it (PIC-60). A board whose INT leads
 * to an edge-sensed input calls this, lets its wires follow and then reads; without
 * this call the read does both and nobody sees INT dip. */
void irqsim_pic_read_begin(irqsim_pic_t *pic);
void irqsim_pic_write(irqsim_pic_t *pic, unsigned a0, uint8_t value);

/* Edge/level control register of chipset parts; reads FF without one (PIC-33). */
uint8_t irqsim_pic_read_elcr(const irqsim_pic_t *pic);
void irqsim_pic_write_elcr(irqsim_pic_t *pic, uint8_t value);

/* Acknowledge, two pulses (PIC-31). The first freezes priority, sets ISR and
 * returns the line, or IRQSIM_PIC_NO_LINE when the request went away (PIC-67).
 * The second returns the byte for the data bus; AEOI happens at its end.
 * Between them a board asks irqsim_pic_cascaded() whether a slave must answer
 * the second pulse in this chip's place; it then still pulses this chip and
 * ignores its byte.
 *
 * Pulses out of order do no harm:
 *   inta2 without an inta1   is the end of a spurious acknowledge: line 7's vector,
 *                            nothing changes
 *   a second inta1           begins anew. The line of the first stays in service, also
 *                            with automatic EOI: its byte was never fetched
 *   ICW1 between the pulses  ends the acknowledge like everything else (PIC-02); the
 *                            inta2 that follows is one without an inta1 */
int irqsim_pic_inta1(irqsim_pic_t *pic);
uint8_t irqsim_pic_inta2(irqsim_pic_t *pic);
/* Both pulses, for a board on which nothing happens between them. *line is what
 * inta1 returns. */
uint8_t irqsim_pic_inta(irqsim_pic_t *pic, int *line);
/* MCS-80 mode has three pulses (PIC-32): with the first the master puts CALL_OPCODE
 * on the bus, the second and third fetch the address, low byte first, from the chip
 * that would answer an inta2. The third ends the acknowledge as inta2 does in 8086
 * mode. A CPU that gives only two pulses calls inta2 and gets CD. */
#define IRQSIM_PIC_CALL_OPCODE 0xCDu
uint8_t irqsim_pic_call2(const irqsim_pic_t *pic);
uint8_t irqsim_pic_call3(irqsim_pic_t *pic);

/* True if the members that follow from others do: what a snapshot from outside must be. */
bool irqsim_pic_is_sound(const irqsim_pic_t *pic);

/* Views without side effects. */
uint8_t irqsim_pic_irr(const irqsim_pic_t *pic);
/* Line that INTA would take now, or IRQSIM_PIC_NO_LINE. */
int irqsim_pic_best(const irqsim_pic_t *pic);
/* True if a slave hangs on `line` (ICW3 of a master in cascade mode). */
static inline bool irqsim_pic_cascaded(const irqsim_pic_t *pic, int line)
{
    return line >= 0 && (pic->slaves >> (line & 7) & 1);
}
/* True if this chip is a slave that answers when a master drives `line` on the
 * cascade bus (its ICW3 is its ID, PIC-19). */
bool irqsim_pic_selected(const irqsim_pic_t *pic, int line);

#ifdef __cplusplus
}
#endif
#endif
