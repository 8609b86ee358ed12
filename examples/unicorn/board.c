/* SPDX-License-Identifier: MIT */
/*
 * board.c - irqsim's chips, wired as in a PC
 *
 * Every access ends with settle(): levels go along the wires, and the CPU's pins are
 * up to date before its next instruction. APIC messages take no time.
 */
#include "board.h"

#include <irqsim/regs/lapic_regs.h>
#include <irqsim/regs/pic8259_regs.h>
#include <irqsim/regs/pit8254_regs.h>

#define PIT_PIN  2u
#define UART_IRQ 4u

enum { UART_IER = 1, UART_IIR = 2, UART_MCR = 4 };

#define UART_IER_THRI    0x02u
#define UART_IIR_THRI    0x02u
#define UART_IIR_NOTHING 0x01u
#define UART_MCR_OUT2    0x08u

static bool uart_line(const uart_t *uart)
{
    return uart->empty && (uart->ier & UART_IER_THRI) && (uart->mcr & UART_MCR_OUT2);
}

/* ---- wires and messages ---- */

static void settle(board_t *b)
{
    const bool timer = irqsim_pit_out(&b->pit) & IRQSIM_PIT_OUT(0);
    const bool uart = uart_line(&b->uart);
    const bool slave = irqsim_pic_set_in(&b->slave, 0) & IRQSIM_PIC_OUT_INT;
    const bool intr = irqsim_pic_set_in(&b->master, (timer ? IRQSIM_PIC_IN_IR(0) : 0) |
                                                        (slave ? IRQSIM_PIC_IN_IR(2) : 0) |
                                                        (uart ? IRQSIM_PIC_IN_IR(UART_IRQ) : 0)) &
                      IRQSIM_PIC_OUT_INT;

    irqsim_lapic_set_in(&b->lapic, intr ? IRQSIM_LAPIC_IN_LINT0 : 0);
    irqsim_apic_wires_set_pin(&b->apics, 0, 0, intr);
    irqsim_apic_wires_set_pin(&b->apics, 0, PIT_PIN, timer);
    irqsim_apic_wires_set_pin(&b->apics, 0, UART_IRQ, uart);
}

/* ---- ports ---- */

static uint8_t read_master(board_t *b, unsigned reg)
{
    return irqsim_pic_read(&b->master, reg);
}

static void write_master(board_t *b, unsigned reg, uint8_t value)
{
    irqsim_pic_write(&b->master, reg, value);
}

static uint8_t read_slave(board_t *b, unsigned reg)
{
    return irqsim_pic_read(&b->slave, reg);
}

static void write_slave(board_t *b, unsigned reg, uint8_t value)
{
    irqsim_pic_write(&b->slave, reg, value);
}

static uint8_t read_pit(board_t *b, unsigned reg)
{
    return irqsim_pit_read(&b->pit, reg, b->now);
}

static void write_pit(board_t *b, unsigned reg, uint8_t value)
{
    irqsim_pit_write(&b->pit, reg, value, b->now);
}

/* Reading the identification takes the request back. */
static uint8_t read_uart(board_t *b, unsigned reg)
{
    if (reg != UART_IIR)
        return 0;
    if (!b->uart.empty || !(b->uart.ier & UART_IER_THRI))
        return UART_IIR_NOTHING;
    b->uart.empty = false;
    return UART_IIR_THRI;
}

/* The transmitter is always empty: allowing the interrupt requests it. */
static void write_uart(board_t *b, unsigned reg, uint8_t value)
{
    if (reg == UART_MCR)
        b->uart.mcr = value;
    if (reg != UART_IER)
        return;
    if (value & ~b->uart.ier & UART_IER_THRI)
        b->uart.empty = true;
    b->uart.ier = value;
}

static uint8_t read_nothing(board_t *b, unsigned reg)
{
    (void)b;
    (void)reg;
    return UINT8_MAX;
}

static void write_log(board_t *b, unsigned reg, uint8_t value)
{
    (void)reg;
    fputc(value, b->log);
}

static void write_exit(board_t *b, unsigned reg, uint8_t value)
{
    (void)reg;
    b->exit_code = value;
}

/* clang-format off */
static const struct {
    uint16_t first, last;
    uint8_t (*read)(board_t *b, unsigned reg);
    void (*write)(board_t *b, unsigned reg, uint8_t value);
} ports[] = {
    {PIC_MASTER_CMD, PIC_MASTER_DATA, read_master,  write_master},
    {PIC_SLAVE_CMD,  PIC_SLAVE_DATA,  read_slave,   write_slave},
    {PIT_COUNTER0,   PIT_CONTROL,     read_pit,     write_pit},
    {0x3F8,          0x3FF,           read_uart,    write_uart},
    {0xE9,           0xE9,            read_nothing, write_log},
    {0xF4,           0xF4,            read_nothing, write_exit},
};
/* clang-format on */

uint8_t board_in(board_t *b, uint16_t port)
{
    uint8_t value = UINT8_MAX;

    for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
        if (port >= ports[i].first && port <= ports[i].last)
            value = ports[i].read(b, (unsigned)port - ports[i].first);
    settle(b);
    return value;
}

void board_out(board_t *b, uint16_t port, uint8_t value)
{
    for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
        if (port >= ports[i].first && port <= ports[i].last)
            ports[i].write(b, (unsigned)port - ports[i].first, value);
    settle(b);
}

/* ---- APIC registers ---- */

uint32_t board_read_lapic(board_t *b, uint32_t offset)
{
    const uint32_t value = irqsim_lapic_read(&b->lapic, offset, b->now);

    settle(b);
    return value;
}

void board_write_lapic(board_t *b, uint32_t offset, uint32_t value)
{
    irqsim_apic_wires_write(&b->apics, 0, offset, value, b->now);
    settle(b);
}

uint32_t board_read_ioapic(board_t *b, uint32_t offset)
{
    return irqsim_ioapic_read(&b->ioapic, offset);
}

void board_write_ioapic(board_t *b, uint32_t offset, uint32_t value)
{
    irqsim_apic_wires_write_ioapic(&b->apics, 0, offset, value);
    settle(b);
}

bool board_rdmsr(board_t *b, uint32_t msr, uint64_t *value)
{
    return irqsim_lapic_rdmsr(&b->lapic, msr, value, b->now);
}

bool board_wrmsr(board_t *b, uint32_t msr, uint64_t value)
{
    const bool done = irqsim_apic_wires_wrmsr(&b->apics, 0, msr, value, b->now);

    settle(b);
    return done;
}

/* ---- the CPU's pins ---- */

bool board_intr(const board_t *b)
{
    return b->lapic.out & (IRQSIM_LAPIC_OUT_INTR | IRQSIM_LAPIC_OUT_EXTINT);
}

bool board_nmi(board_t *b)
{
    return irqsim_lapic_take_pulses(&b->lapic) & IRQSIM_LAPIC_OUT_NMI;
}

/* The pair of INTA cycles (PIC-31): the slave answers the second one if the
 * master's line is the cascade. */
static uint8_t inta(board_t *b)
{
    const int line = irqsim_pic_inta1(&b->master);
    const bool cascade =
        irqsim_pic_cascaded(&b->master, line) && irqsim_pic_selected(&b->slave, line);

    if (cascade)
        (void)irqsim_pic_inta1(&b->slave);
    settle(b); /* INT is low in between */
    const uint8_t own = irqsim_pic_inta2(&b->master);
    return cascade ? irqsim_pic_inta2(&b->slave) : own;
}

/* ExtINT has no priority and goes first (APIC-42). */
uint8_t board_acknowledge(board_t *b)
{
    uint8_t vector;

    if (b->lapic.out & IRQSIM_LAPIC_OUT_EXTINT) {
        vector = inta(b);
        irqsim_lapic_extint_taken(&b->lapic);
    } else {
        vector = irqsim_lapic_ack(&b->lapic);
    }
    settle(b);
    return vector;
}

/* ---- time ---- */

irqsim_time_t board_next_event(const board_t *b)
{
    const irqsim_time_t pit = irqsim_pit_next_event(&b->pit, IRQSIM_PIT_OUT(0));
    const irqsim_time_t lapic = irqsim_lapic_next_event(&b->lapic);

    return pit < lapic ? pit : lapic;
}

/* Event by event, so that no edge of the 8254 is jumped over. */
void board_advance(board_t *b, irqsim_time_t now)
{
    irqsim_time_t event;

    while ((event = board_next_event(b)) <= now) {
        b->now = event;
        irqsim_pit_advance(&b->pit, event);
        irqsim_lapic_advance(&b->lapic, event);
        settle(b);
    }
    b->now = now;
}

void board_init(board_t *b, FILE *log)
{
    const irqsim_lapic_desc_t bsp = {.bsp = true};

    *b = (board_t){.log = log, .exit_code = -1};
    irqsim_pic_init(&b->master, NULL);
    irqsim_pic_init(&b->slave, &(irqsim_pic_desc_t){.slave = true});
    irqsim_pit_init(&b->pit, NULL);
    irqsim_lapic_init(&b->lapic, &bsp);
    irqsim_ioapic_init(&b->ioapic, NULL);
    irqsim_apic_wires_init(&b->apics, &b->lapic, 1, &b->ioapic, 1);
    settle(b);
}
