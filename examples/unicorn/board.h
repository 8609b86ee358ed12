/* SPDX-License-Identifier: MIT */
/*
 * board.h - irqsim's chips, wired as in a PC, and three ports of our own
 *
 *   8254 OUT0 --+--> 8259A IR0      8259A INT --+--> LINT0 of the local APIC
 *               +--> I/O APIC 2                 +--> I/O APIC 0
 *   UART -------+--> 8259A IR4      slave INT -----> 8259A IR2
 *               +--> I/O APIC 4
 *
 * Nothing here knows Unicorn. Time is the caller's, in picoseconds.
 */
#ifndef BOARD_H
#define BOARD_H

#include <stdio.h>

#include <irqsim/apic_wires.h>
#include <irqsim/pic8259.h>
#include <irqsim/pit8254.h>

/* A 16550 of which only "transmitter empty" interrupts are left. */
typedef struct uart {
    uint8_t ier, mcr;
    bool empty; /* the interrupt was not read in IIR yet */
} uart_t;

typedef struct board {
    irqsim_pic_t master, slave;
    irqsim_pit_t pit;
    irqsim_lapic_t lapic;
    irqsim_ioapic_t ioapic;
    irqsim_apic_wires_t apics; /* those two */
    uart_t uart;
    irqsim_time_t now;
    FILE *log;     /* what the guest writes to port E9     */
    int exit_code; /* what it wrote to port F4; -1 nothing */
} board_t;

void board_init(board_t *board, FILE *log);

/* The CPU's accesses. What nobody answers reads as ones. */
uint8_t board_in(board_t *board, uint16_t port);
void board_out(board_t *board, uint16_t port, uint8_t value);
uint32_t board_read_lapic(board_t *board, uint32_t offset);
void board_write_lapic(board_t *board, uint32_t offset, uint32_t value);
uint32_t board_read_ioapic(board_t *board, uint32_t offset);
void board_write_ioapic(board_t *board, uint32_t offset, uint32_t value);
/* false = #GP(0) */
bool board_rdmsr(board_t *board, uint32_t msr, uint64_t *value);
bool board_wrmsr(board_t *board, uint32_t msr, uint64_t value);

/* The CPU's pins: INTR is a level; an NMI is told once. */
bool board_intr(const board_t *board);
bool board_nmi(board_t *board);
/* The CPU takes INTR: returns the vector. */
uint8_t board_acknowledge(board_t *board);

/* When a chip acts next by itself, or IRQSIM_NEVER; and time passing. */
irqsim_time_t board_next_event(const board_t *board);
void board_advance(board_t *board, irqsim_time_t now);

#endif
