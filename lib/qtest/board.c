/* SPDX-License-Identifier: MIT */
/*
 * board.c - the machine behind a session: ports, memory, time
 *
 * Nothing of its own: it is lib/machine's board, whose lines have a device each
 * (source.h) and whose CPUs are halted. An access is made from outside, between
 * two events, so it takes no time; messages that it causes travel when time does.
 */
#include <stdlib.h>

#include <irqsim/guest.h>
#include <irqsim/regs/ioapic_regs.h>

#include "qtest_int.h"

#define RAM_BYTES   (UINT32_C(16) << 20)
#define PAGE        0x1000u
#define MOST_EVENTS UINT64_C(100000000)
#define ISA_LINES   16u
#define ISA_TIMER   0u
#define ISA_CASCADE 2u
#define PIC_PIN     0u /* mp: the 8259A's INT on the IOAPIC */

/* ---- life ---- */

/* IF is clear after reset, so nothing but NMI, INIT and SIPI wakes a CPU, and then
 * it lies down again. */
static void stand_still(void *user, unsigned cpu)
{
    const irqsim_qtest_t *q = user;

    irqsim_guest_hlt(q->machine, cpu);
}

/* Lines that the board drives alone have no device. */
static bool is_free(irqsim_board_t board, uint32_t line)
{
    if (board == IRQSIM_BOARD_AT)
        return line < ISA_LINES && line != ISA_TIMER && line != ISA_CASCADE;
    return line != PIC_PIN;
}

/* A device per line: it raises its line by an arrival and drops it when the
 * arrival is claimed. */
static uint32_t plan_lines(irqsim_qtest_t *q, irqsim_source_desc_t *source)
{
    uint32_t n = 0;

    for (uint32_t line = 0; line < LINES; line++) {
        q->source_of[line] = NO_SOURCE;
        if (!is_free(q->desc.board, line))
            continue;
        source[n] = (irqsim_source_desc_t){.wiring = IRQSIM_WIRED_PIN, .pin = (uint16_t)line};
        q->source_of[line] = n++;
    }
    return n;
}

static uint32_t ram_bytes(const irqsim_qtest_desc_t *desc)
{
    return desc->ram_bytes ? desc->ram_bytes : RAM_BYTES;
}

irqsim_status_t irqsim__qtest_build(irqsim_qtest_t *q)
{
    irqsim_source_desc_t source[LINES];
    irqsim_machine_desc_t desc = {
        .board = q->desc.board,
        .profile_id = q->desc.profile_id,
        .cpus = q->desc.cpus,
        .ram_bytes = ram_bytes(&q->desc),
        .sources = source,
        .n_sources = plan_lines(q, source),
        .variants = q->desc.variants,
        .guest = {.run = stand_still, .user = q},
    };
    const size_t size = irqsim_machine_size(&desc);
    void *const mem = malloc(size ? size : 1);

    if (!mem)
        return IRQSIM_E_NOMEM;
    const irqsim_status_t status = irqsim_machine_init(mem, size, &desc, &q->machine);
    if (status != IRQSIM_OK) {
        free(mem);
        return status;
    }
    return irqsim_machine_run(q->machine, 0); /* until all CPUs are halted */
}

/* ---- ports ---- */

/* The chips are eight bits wide: the bus makes bytes of it, lowest port first. */
uint32_t irqsim__qtest_port_read(irqsim_qtest_t *q, uint16_t port, unsigned size)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < size; i++) {
        value |= (uint32_t)irqsim_guest_inb(q->machine, q->cpu, (uint16_t)(port + i)) << 8 * i;
        irqsim__qtest_listen(q);
    }
    return value;
}

void irqsim__qtest_port_write(irqsim_qtest_t *q, uint16_t port, unsigned size, uint32_t value)
{
    for (unsigned i = 0; i < size; i++) {
        irqsim_guest_outb(q->machine, q->cpu, (uint16_t)(port + i), (uint8_t)(value >> 8 * i));
        irqsim__qtest_listen(q);
    }
}

/* ---- memory ---- */

static uint64_t little_endian(const uint8_t *bytes, unsigned n)
{
    uint64_t value = 0;

    while (n--)
        value = value << 8 | bytes[n];
    return value;
}

static bool is_32_bits(uint64_t addr)
{
    return addr <= UINT32_MAX;
}

/* Registers are 32 bits wide and know no narrower access (IOAPIC-02, APIC-28):
 * outside of RAM it reads 0 and writes nothing. IOREGSEL alone has eight bits
 * (IOAPIC-01). */
static bool is_select(uint64_t addr)
{
    return addr == IOAPIC_MMIO_BASE + IOAPIC_WIN_SELECT;
}

static uint32_t read_register(irqsim_qtest_t *q, uint64_t addr, unsigned size)
{
    if (!is_32_bits(addr))
        return UINT32_MAX; /* nobody is there */
    if (size < 4 && !is_select(addr))
        return 0;
    return irqsim_guest_read(q->machine, q->cpu, (uint32_t)addr);
}

static void write_register(irqsim_qtest_t *q, uint64_t addr, unsigned size, uint32_t value)
{
    if (!is_32_bits(addr) || (size < 4 && !is_select(addr)))
        return;
    irqsim_guest_write(q->machine, q->cpu, (uint32_t)addr, value);
    irqsim__qtest_listen(q);
}

uint64_t irqsim__qtest_mem_read(irqsim_qtest_t *q, uint64_t addr, unsigned size)
{
    const uint64_t mask = UINT64_MAX >> (64 - 8 * size);
    uint8_t bytes[8];

    if (is_32_bits(addr) && irqsim_guest_copy_out(q->machine, (uint32_t)addr, bytes, size))
        return little_endian(bytes, size);
    if (size < 8)
        return read_register(q, addr, size) & mask;
    const uint64_t low = read_register(q, addr, 4); /* a register of 64 bits is two */
    return low | (uint64_t)read_register(q, addr + 4, 4) << 32;
}

void irqsim__qtest_mem_write(irqsim_qtest_t *q, uint64_t addr, unsigned size, uint64_t value)
{
    uint8_t bytes[8];

    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
    if (is_32_bits(addr) && irqsim_guest_copy_in(q->machine, (uint32_t)addr, bytes, size))
        return;
    write_register(q, addr, size < 4 ? size : 4, (uint32_t)value);
    if (size == 8)
        write_register(q, addr + 4, 4, (uint32_t)(value >> 32));
}

bool irqsim__qtest_is_block(const irqsim_qtest_t *q, uint64_t addr, uint32_t n)
{
    const uint32_t ram = ram_bytes(&q->desc);

    return n <= PAGE || (addr <= ram && n <= ram - addr);
}

/* A block that is not RAM as a whole is accessed as a CPU copies it: 32 bits
 * where it can. */
static unsigned widest(uint64_t addr, uint32_t left)
{
    return addr % 4 == 0 && left >= 4 ? 4 : 1;
}

void irqsim__qtest_copy_out(irqsim_qtest_t *q, uint64_t addr, uint8_t *bytes, uint32_t n)
{
    if (is_32_bits(addr) && irqsim_guest_copy_out(q->machine, (uint32_t)addr, bytes, n))
        return;
    for (uint32_t i = 0, size; i < n; i += size) {
        size = widest(addr + i, n - i);
        const uint64_t value = irqsim__qtest_mem_read(q, addr + i, size);
        for (unsigned byte = 0; byte < size; byte++)
            bytes[i + byte] = (uint8_t)(value >> 8 * byte);
    }
}

void irqsim__qtest_copy_in(irqsim_qtest_t *q, uint64_t addr, const uint8_t *bytes, uint32_t n)
{
    if (is_32_bits(addr) && irqsim_guest_copy_in(q->machine, (uint32_t)addr, bytes, n))
        return;
    for (uint32_t i = 0, size; i < n; i += size) {
        size = widest(addr + i, n - i);
        irqsim__qtest_mem_write(q, addr + i, size, little_endian(bytes + i, size));
    }
}

/* ---- time ---- */

bool irqsim__qtest_run(irqsim_qtest_t *q, irqsim_time_t until)
{
    const uint64_t most = q->desc.most_events ? q->desc.most_events : MOST_EVENTS;
    bool did = true;

    for (uint64_t n = 0; did && irqsim_machine_next(q->machine) <= until; n++) {
        if (n == most)
            return false;
        irqsim_machine_step(q->machine, &did);
        irqsim__qtest_listen(q);
    }
    irqsim_machine_run(q->machine, until);
    return true;
}
