/* SPDX-License-Identifier: MIT */
/*
 * irqsim/pit8254.h - 8254 programmable interval timer, three counters
 *
 *      CLK (1.193182 MHz) --> counter 0 --> OUT0   IRQ0 on a PC
 *                             counter 1 --> OUT1   (DRAM refresh)
 *              GATE2 -------> counter 2 --> OUT2   (speaker)
 *
 * Time is a closed form: a counter remembers at which CLK pulse it was loaded,
 * counts and OUT are computed from that, and the next change of an OUT pin is a
 * question, not a tick. CLK pulse n is at irqsim_clock_to_time(n), so nothing
 * drifts.
 *
 * Modelled      six modes, BCD, gates, latch, read-back, null count, one and
 *               two byte access
 * Approximate   a count of 1 in modes 2 and 3 (illegal) leaves OUT high; a gate
 *               that falls during the strobe of mode 4 stretches it
 */
#ifndef IRQSIM_PIT8254_H
#define IRQSIM_PIT8254_H

#include <irqsim/clock.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IRQSIM_PIT_OUT(n) (UINT32_C(1) << (n)) /* n = 0..2 */

/* What the counting element does. */
typedef enum irqsim_pit_run {
    IRQSIM_PIT_RUN_IDLE, /* programmed, nothing loaded yet */
    IRQSIM_PIT_RUN_COUNTING,
    IRQSIM_PIT_RUN_STOPPED /* held by the gate or by half a count */
} irqsim_pit_run_t;

typedef struct irqsim_pit_counter {
    uint64_t origin;         /* CLK pulse at which the count was `reload` */
    uint64_t elapsed;        /* pulses counted, while stopped */
    uint64_t load_at;        /* pulse that loads `written`, or UINT64_MAX */
    irqsim_time_t change_at; /* OUT changes, if nobody interferes */
    irqsim_time_t wake_at;   /* OUT changes or a count is loaded */
    uint32_t reload;         /* count that runs; 1..65536, BCD decoded */
    uint32_t written;        /* count written last, likewise */
    uint16_t idle_count;     /* what an idle counter reads */
    uint16_t latched;        /* value held by a latch command */
    uint8_t count_held, status_held;
    uint8_t status;     /* latched status byte */
    uint8_t control;    /* low six bits of the control word */
    uint8_t run;        /* irqsim_pit_run_t */
    uint8_t armed;      /* a whole count was written since then */
    uint8_t null_count; /* ... and has not been loaded yet */
    uint8_t load_low;   /* the load starts a low half (mode 3) */
    uint8_t low;        /* first byte of a two-byte write */
    uint8_t write_high; /* the next write is the high byte */
    uint8_t read_high;  /* the next read is the high byte */
    uint8_t gate, out;  /* pins */
    uint8_t pad[7];
} irqsim_pit_counter_t;

/* The whole chip: plain bytes, no pointers. */
typedef struct irqsim_pit {
    irqsim_clock_t clk;
    irqsim_pit_counter_t c[3];
} irqsim_pit_t;

/* Power-on. clk: its input clock; NULL = 14318180/12 Hz. Gates are high. The
 * datasheet leaves the rest open: mode 3, no count, OUT high. */
void irqsim_pit_init(irqsim_pit_t *pit, const irqsim_clock_t *clk);

/* Ports 40..43 (reg 0..3; higher bits are ignored). Any byte is legal. These
 * and set_gate advance to `now` first, which must not run backwards. */
uint8_t irqsim_pit_read(irqsim_pit_t *pit, unsigned reg, irqsim_time_t now);
void irqsim_pit_write(irqsim_pit_t *pit, unsigned reg, uint8_t value, irqsim_time_t now);

/* Gate pin of a counter (0..2), as a level. */
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
