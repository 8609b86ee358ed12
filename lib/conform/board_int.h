/* SPDX-License-Identifier: MIT */
/*
 * board_int.h - our own model: the chips of a board, and the wires between them
 *
 *   board.c  what a case asks for      pics.c  the 8259A pair
 *   bus.c  messages on the system bus  serial.c  the APIC bus
 */
#ifndef IRQSIM_CONFORM_BOARD_INT_H
#define IRQSIM_CONFORM_BOARD_INT_H

#include <irqsim/conform.h>
#include <irqsim/icc.h>
#include <irqsim/ioapic.h>
#include <irqsim/lapic.h>
#include <irqsim/pic8259.h>

#define MASTER 0u
#define SLAVE  1u

/* What a CPU has seen and will acknowledge (`ackstart`). */
typedef enum commit { COMMIT_NONE, COMMIT_INTR, COMMIT_EXTINT } commit_t;

typedef struct core {
    uint32_t lint;  /* levels that the case drives; LINT0 also hears the 8259A */
    uint8_t commit; /* commit_t */
} core_t;

typedef struct board {
    irqsim_conform_board_t desc;
    irqsim_time_t now;
    uint32_t lines; /* levels of the board's inputs */
    irqsim_pic_t pic[2];
    int taken;         /* master's line of an acknowledge under way     */
    bool slave_frozen; /* the slave has seen that acknowledge's pulse 1 */
    irqsim_ioapic_t ioapic;
    uint64_t sent;        /* messages since somebody asked              */
    uint32_t last_lowest; /* who got the last lowest-priority message   */
    core_t *core;         /* desc.cpus of them, also on boards without APICs */
    irqsim_lapic_t *lapic; /* theirs                                        */
    irqsim_icc_t icc;      /* families p5 and p6: their bus                 */
    uint64_t begun;        /* messages on it when somebody asked for `sent` */
    uint32_t refused;      /* messages since one got through                */
} board_t;

static inline bool has_apics(const board_t *b)
{
    return b->desc.kind == IRQSIM_CONFORM_MP;
}

static inline bool has_serial_bus(const board_t *b)
{
    return has_apics(b) && (b->desc.family == IRQSIM_APIC_P5 || b->desc.family == IRQSIM_APIC_P6);
}

/* ---- pics.c ---- */

void irqsim__conform_pics_init(board_t *b);
/* Lines, cascade and INT to where they lead, after any change. */
void irqsim__conform_pics_settle(board_t *b);
bool irqsim__conform_pics_int(const board_t *b);
void irqsim__conform_pics_inta1(board_t *b, irqsim_conform_pulse_t who);
uint8_t irqsim__conform_pics_inta2(board_t *b);
uint8_t irqsim__conform_pics_read(board_t *b, uint16_t port);
void irqsim__conform_pics_write(board_t *b, uint16_t port, uint8_t value);

/* ---- bus.c ---- */

/* Until nothing waits. */
void irqsim__conform_bus_run(board_t *b);

/* ---- serial.c ---- */

irqsim_status_t irqsim__conform_serial_init(board_t *b);
uint64_t irqsim__conform_serial_clock(const board_t *b);
/* When the bus does something next, if let. */
irqsim_time_t irqsim__conform_serial_due(const board_t *b);
/* After anything was done to an APIC. */
void irqsim__conform_serial_look(board_t *b);
void irqsim__conform_serial_act(board_t *b);
/* Nothing waits, or everything that waits has been refused. */
bool irqsim__conform_serial_is_done(const board_t *b);

#endif
