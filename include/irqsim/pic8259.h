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
 * master's IR2, so this part knows nothing about a second chip. IRR is derived
 * from pins and edge latches, never stored, so an edge that falls before INTA
 * is lost by itself (PIC-26).
 *
 * Rules         PIC-01..PIC-80 (docs/rules/PIC.md, one line each)
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
    uint8_t edge;      /* edges that request; never on a level-sensed line */
    uint8_t isr, imr;
    uint8_t icw[4];          /* last ICW1..ICW4 */
    uint8_t step;            /* irqsim_pic_step_t */
    uint8_t initialized;     /* an init walk has been completed (PIC-25) */
    uint8_t lowest;          /* line with the lowest priority (PIC-04) */
    uint8_t read_isr;        /* OCW3 RIS: A0=0 reads ISR (PIC-62) */
    uint8_t poll;            /* the next read acknowledges (PIC-60) */
    uint8_t smm;             /* special mask mode (PIC-45) */
    uint8_t rotate_aeoi;     /* PIC-55 */
    uint8_t elcr;            /* 1 = level (PIC-33) */
    uint8_t slave, has_elcr; /* desc */
    uint8_t elcr_fixed;      /* desc */
    uint8_t frozen;          /* between INTA 1 and INTA 2 (PIC-31) */
    uint8_t held;            /* IRR while frozen, or while a poll is pending */
    uint8_t acked;           /* line frozen by INTA 1 */
    uint8_t acked_real;      /* 0: INTA 1 found nothing, spurious (PIC-67) */
    uint8_t pad[2];
} irqsim_pic_t;

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
void irqsim_pic_write(irqsim_pic_t *pic, unsigned a0, uint8_t value);

/* Edge/level control register of chipset parts; reads FF without one (PIC-33). */
uint8_t irqsim_pic_read_elcr(const irqsim_pic_t *pic);
void irqsim_pic_write_elcr(irqsim_pic_t *pic, uint8_t value);

/* Acknowledge, two pulses (PIC-31). The first freezes priority, sets ISR and
 * returns the line, or IRQSIM_PIC_NO_LINE when the request went away (PIC-67).
 * The second returns the byte for the data bus; AEOI happens at its end.
 * Between them a board asks irqsim_pic_cascaded() whether a slave must answer
 * the second pulse in this chip's place; it then still pulses this chip and
 * ignores its byte. */
int irqsim_pic_inta1(irqsim_pic_t *pic);
uint8_t irqsim_pic_inta2(irqsim_pic_t *pic);
/* MCS-80 mode, where inta2 returns CD: bytes 2 and 3 of the CALL, low byte
 * first in memory, for the line that was acknowledged last (PIC-32). */
uint16_t irqsim_pic_call_address(const irqsim_pic_t *pic);

/* Views without side effects. */
uint8_t irqsim_pic_irr(const irqsim_pic_t *pic);
/* Line that INTA would take now, or IRQSIM_PIC_NO_LINE. */
int irqsim_pic_best(const irqsim_pic_t *pic);
/* True if a slave hangs on `line` (ICW3 of a master in cascade mode). */
bool irqsim_pic_cascaded(const irqsim_pic_t *pic, int line);
/* True if this chip is a slave that answers when a master drives `line` on the
 * cascade bus (its ICW3 is its ID, PIC-19). */
bool irqsim_pic_selected(const irqsim_pic_t *pic, int line);

#ifdef __cplusplus
}
#endif
#endif
