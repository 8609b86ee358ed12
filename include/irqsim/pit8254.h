/* SPDX-License-Identifier: MIT */
/*
 * irqsim/pit8254.h - 8254 programmable interval timer, three counters
 *
 *      CLK (1.193182 MHz) --> counter 0 --> OUT0   IRQ0 on a PC
 *                             counter 1 --> OUT1   (DRAM refresh)
 *              GATE2 -------> counter 2 --> OUT2   (speaker)
 *
 * Time is a closed form: counts are computed from the time of loading, the
 * next change of an OUT pin is a question, not a tick (STYLE 3.6).
 */
#ifndef IRQSIM_PIT8254_H
#define IRQSIM_PIT8254_H

#include <irqsim/clock.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IRQSIM_PIT_OUT(n) (UINT32_C(1) << (n)) /* n = 0..2 */

typedef struct irqsim_pit_counter {
    irqsim_time_t start;  /* time at which the current count was loaded       */
    uint32_t reload;      /* 1..65536 (0 written = 65536; BCD already decoded) */
    uint16_t latched;     /* value held by a latch command                     */
    uint8_t mode;         /* 0..5                                              */
    uint8_t access;       /* 1 low, 2 high, 3 low then high                    */
    uint8_t bcd;
    uint8_t low;          /* first byte of a two-byte write                    */
    uint8_t write_high;   /* next write is the high byte                       */
    uint8_t read_high;    /* next read is the high byte                        */
    uint8_t latch_count;  /* bytes of `latched` still to read                  */
    uint8_t status;       /* latched status byte                               */
    uint8_t status_held;
    uint8_t gate;
    uint8_t armed;        /* a count is loaded and runs (or waits for gate)    */
    uint8_t out;          /* OUT pin as of the last advance                    */
    uint8_t pad[2];
} irqsim_pit_counter_t;

/* The whole chip: plain bytes, no pointers. */
typedef struct irqsim_pit {
    irqsim_clock_t clk;
    irqsim_pit_counter_t c[3];
} irqsim_pit_t;

/* Power-on. clk: its input clock; NULL = 14318180/12 Hz. Gates are high. */
void irqsim_pit_init(irqsim_pit_t *pit, const irqsim_clock_t *clk);

/* Ports 40..43 (reg 0..3). Any byte is legal. Call advance(now) happens
 * inside. */
uint8_t irqsim_pit_read(irqsim_pit_t *pit, unsigned reg, irqsim_time_t now);
void irqsim_pit_write(irqsim_pit_t *pit, unsigned reg, uint8_t value, irqsim_time_t now);

/* Gate pin of a counter, as a level. */
void irqsim_pit_set_gate(irqsim_pit_t *pit, unsigned counter, bool level, irqsim_time_t now);

/* Levels of the OUT pins as of the last advance, IRQSIM_PIT_OUT(n). */
uint32_t irqsim_pit_out(const irqsim_pit_t *pit);

/* When an OUT pin changes next, or IRQSIM_NEVER. Only counters in `watch`
 * (IRQSIM_PIT_OUT mask) are asked: nobody listens to a refresh request. */
irqsim_time_t irqsim_pit_next_event(const irqsim_pit_t *pit, uint32_t watch);
/* Brings the OUT pins to `now`. advance(a); advance(b) equals advance(b). */
void irqsim_pit_advance(irqsim_pit_t *pit, irqsim_time_t now);

#ifdef __cplusplus
}
#endif
#endif
