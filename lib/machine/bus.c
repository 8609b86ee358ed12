/* SPDX-License-Identifier: MIT */
/*
 * bus.c - what a guest's access reaches, and what it costs
 *
 *   00000000  RAM                       FEC00000  IOAPIC (mp)
 *   E0000000  devices, 32 bytes each    FEE00000  this CPU's LAPIC (mp; movable)
 *
 * Accesses act at once; their cost is a debt that the CPU pays before anything
 * can interrupt it. Nobody at an address: reads as ones, writes vanish.
 */
#include <string.h>

#include <irqsim/regs/ioapic_regs.h>
#include <irqsim/regs/lapic_regs.h>
#include <irqsim/regs/pic8259_regs.h>
#include <irqsim/regs/pit8254_regs.h>

#include "machine_int.h"

#define NMI_STATUS   0x61
#define DEVICE_BASE  IRQSIM_SOURCE_MMIO(0)
#define DEVICE_BYTES (IRQSIM_SOURCE_MMIO(1) - IRQSIM_SOURCE_MMIO(0))

/* ---- ports ---- */

/* PIC-60: a poll acknowledges, and the wires see INT dip meanwhile. */
static uint8_t read_pic(irqsim_machine_t *m, irqsim_pic_t *pic, unsigned reg)
{
    if (pic->frozen) {
        irqsim_pic_read_begin(pic);
        irqsim__machine_settle_pics(m);
    }

    const uint8_t value = irqsim_pic_read(pic, reg);
    irqsim__machine_settle_pics(m);
    return value;
}

static uint8_t read_master(irqsim_machine_t *m, unsigned reg)
{
    return read_pic(m, &m->pic[MASTER], reg);
}

static void write_master(irqsim_machine_t *m, unsigned reg, uint8_t value)
{
    irqsim_pic_write(&m->pic[MASTER], reg, value);
    irqsim__machine_settle_pics(m);
}

static uint8_t read_slave(irqsim_machine_t *m, unsigned reg)
{
    return read_pic(m, &m->pic[SLAVE], reg);
}

static void write_slave(irqsim_machine_t *m, unsigned reg, uint8_t value)
{
    irqsim_pic_write(&m->pic[SLAVE], reg, value);
    irqsim__machine_settle_pics(m);
}

/* PIC-33: a chip without one answers for the empty port. */
static uint8_t read_elcr(irqsim_machine_t *m, unsigned reg)
{
    return irqsim_pic_read_elcr(&m->pic[reg]);
}

static void write_elcr(irqsim_machine_t *m, unsigned reg, uint8_t value)
{
    irqsim_pic_write_elcr(&m->pic[reg], value);
    irqsim__machine_settle_pics(m);
}

static uint8_t read_pit(irqsim_machine_t *m, unsigned reg)
{
    const uint8_t value = irqsim_pit_read(&m->pit, reg, m->g.now);

    irqsim__machine_pit_settle(m);
    return value;
}

static void write_pit(irqsim_machine_t *m, unsigned reg, uint8_t value)
{
    irqsim_pit_write(&m->pit, reg, value, m->g.now);
    irqsim__machine_pit_settle(m);
}

/* NMI-02: no parity error, no IOCHK; whose NMI it is stands elsewhere. */
static uint8_t read_nmi_status(irqsim_machine_t *m, unsigned reg)
{
    (void)m, (void)reg;
    return 0;
}

static void write_nmi_status(irqsim_machine_t *m, unsigned reg, uint8_t value)
{
    (void)m, (void)reg, (void)value;
}

static const port_t common_ports[] = {
    {PIC_MASTER_CMD, PIC_MASTER_DATA, read_master, write_master},
    {PIC_SLAVE_CMD, PIC_SLAVE_DATA, read_slave, write_slave},
    {PIC_ELCR_MASTER, PIC_ELCR_SLAVE, read_elcr, write_elcr},
    {PIT_COUNTER0, PIT_CONTROL, read_pit, write_pit},
    {NMI_STATUS, NMI_STATUS, read_nmi_status, write_nmi_status},
};

static const port_t *find_port(const port_t *table, size_t n, uint16_t port)
{
    for (size_t i = 0; i < n; i++)
        if (port >= table[i].first && port <= table[i].last)
            return &table[i];
    return NULL;
}

static const port_t *port_at(const irqsim_machine_t *m, uint16_t port)
{
    const port_t *p = find_port(common_ports, sizeof(common_ports) / sizeof(common_ports[0]), port);

    return p ? p : find_port(m->board->port, m->board->ports, port);
}

/* Any access completes the instruction behind STI. */
static void begin(irqsim_machine_t *m, unsigned cpu, irqsim_time_t cost)
{
    charge(m, cpu, cost);
    irqsim_cpu_retired(&m->core[cpu].cpu);
}

uint8_t irqsim_guest_inb(irqsim_machine_t *m, unsigned cpu, uint16_t port)
{
    const port_t *p = port_at(m, port);

    begin(m, cpu, m->ps.pio_ns);
    return p ? p->read(m, (unsigned)(port - p->first)) : UINT8_MAX;
}

void irqsim_guest_outb(irqsim_machine_t *m, unsigned cpu, uint16_t port, uint8_t value)
{
    const port_t *p = port_at(m, port);

    begin(m, cpu, m->ps.pio_ns);
    if (p)
        p->write(m, (unsigned)(port - p->first), value);
}

/* ---- the local APIC ---- */

/* What a register access may end or begin, for the events: the vector in service
 * before it, and self IPIs, which never see the bus. */
static int in_service(const irqsim_machine_t *m, unsigned cpu)
{
    return observed(m) ? irqsim_lapic_isrv(&m->lapic[cpu]) : -1;
}

static void say_eoi(irqsim_machine_t *m, unsigned cpu, int served)
{
    const irqsim_lapic_t *la = &m->lapic[cpu];

    if (served < 0 || la->isr[served >> 5] >> (served & 31) & 1)
        return;
    m->core[cpu].said =
        (uint32_t)say(m, IRQSIM_EV_LAPIC_EOI, cpu, wide(m, m->core[cpu].serving[served >> 4]),
                      (uint32_t)served, la->tmr[served >> 5] >> (served & 31) & 1, 0);
}

static void note_self_ipi(irqsim_machine_t *m, unsigned cpu, uint32_t offset, uint32_t value)
{
    const bool to_self = (value & LAPIC_ICR_SHORTHAND_MASK) == LAPIC_ICR_TO_SELF;

    if (offset == LAPIC_REG_SELF_IPI || (offset == LAPIC_REG_ICR_LOW && to_self))
        note_accepted(&m->core[cpu], value & LAPIC_ICR_VECTOR_MASK, m->core[cpu].said);
}

static irqsim_time_t write_cost(const irqsim_machine_t *m, uint32_t offset)
{
    const bool sends = offset == LAPIC_REG_ICR_LOW || offset == LAPIC_REG_SELF_IPI;

    return sends ? m->ps.icr_wr : m->ps.lapic_wr;
}

/* IA32_APIC_BASE where an MSR of x2APIC mode has the offset of its register. */
#define OFFSET_OF_BASE (uint32_t)((MSR_IA32_APIC_BASE - MSR_X2APIC_FIRST) << 4)

static bool says_who_listens(uint32_t offset)
{
    return offset == OFFSET_OF_BASE || irqsim_lapic_says_who_listens(offset);
}

/* IOAPIC-24 */
static void ask_listeners(irqsim_machine_t *m)
{
    for (unsigned n = 0; n < m->ioapics; n++) {
        irqsim_ioapic_listeners_changed(&m->ioapic[n]);
        irqsim__machine_settle_ioapic(m, n);
    }
}

static ASIDE void note_register(irqsim_machine_t *m, unsigned cpu, uint32_t offset)
{
    irqsim__machine_note_lapic(m, cpu);
    if (says_who_listens(offset))
        ask_listeners(m);
}

/* An EOI moves no register that the machine keeps notes of, and is every second
 * access to a LAPIC. */
static void wrote_lapic(irqsim_machine_t *m, unsigned cpu, uint32_t offset, int served)
{
    say_eoi(m, cpu, served);
    if (offset != LAPIC_REG_EOI)
        note_register(m, cpu, offset);
    irqsim__machine_settle_lapic(m, cpu);
}

static uint32_t read_lapic(irqsim_machine_t *m, unsigned cpu, uint32_t offset)
{
    charge(m, cpu, m->ps.lapic_rd);

    const uint32_t value = irqsim_lapic_read(&m->lapic[cpu], offset, m->g.now);
    irqsim__machine_settle_lapic(m, cpu); /* APIC-50: an error asks for an interrupt */
    return value;
}

static void write_lapic(irqsim_machine_t *m, unsigned cpu, uint32_t offset, uint32_t value)
{
    const int served = in_service(m, cpu);

    charge(m, cpu, write_cost(m, offset));
    note_self_ipi(m, cpu, offset, value);
    irqsim__machine_sync_lint0(m, cpu);
    irqsim_lapic_write(&m->lapic[cpu], offset, value, m->g.now);
    wrote_lapic(m, cpu, offset, served);
}

bool irqsim_guest_rdmsr(irqsim_machine_t *m, unsigned cpu, uint32_t msr, uint64_t *value)
{
    if (!is_cpu(m, cpu))
        return false;
    begin(m, cpu, m->ps.lapic_rd);
    return m->board->apics && irqsim_lapic_rdmsr(&m->lapic[cpu], msr, value, m->g.now);
}

static inline bool write_msr(irqsim_machine_t *m, unsigned cpu, uint32_t msr, uint64_t value)
{
    const uint32_t offset = (msr - MSR_X2APIC_FIRST) << 4;
    const int served = in_service(m, cpu);

    irqsim__machine_sync_lint0(m, cpu);
    if (!irqsim_lapic_wrmsr(&m->lapic[cpu], msr, value, m->g.now))
        return false;
    note_self_ipi(m, cpu, offset, (uint32_t)value);
    wrote_lapic(m, cpu, offset, served);
    return true;
}

static ASIDE bool write_apic_base(irqsim_machine_t *m, unsigned cpu, uint64_t value)
{
    const bool was_x2apic = in_x2apic_mode(m, cpu);
    const bool done = write_msr(m, cpu, MSR_IA32_APIC_BASE, value);

    m->x2apics += (uint32_t)in_x2apic_mode(m, cpu) - was_x2apic;
    return done;
}

bool irqsim_guest_wrmsr(irqsim_machine_t *m, unsigned cpu, uint32_t msr, uint64_t value)
{
    begin(m, cpu, write_cost(m, (msr - MSR_X2APIC_FIRST) << 4));
    if (!m->board->apics)
        return false;
    return msr == MSR_IA32_APIC_BASE ? write_apic_base(m, cpu, value)
                                     : write_msr(m, cpu, msr, value);
}

/* ---- the IOAPIC ---- */

static unsigned ioapic_of(uint32_t addr)
{
    return (addr - IOAPIC_MMIO_BASE) / IOAPIC_MMIO_STRIDE;
}

static uint32_t read_ioapic(irqsim_machine_t *m, unsigned cpu, uint32_t addr)
{
    charge(m, cpu, m->ps.ioapic_rd);
    return irqsim_ioapic_read(&m->ioapic[ioapic_of(addr)], addr & (IOAPIC_MMIO_SIZE - 1));
}

static void write_ioapic(irqsim_machine_t *m, unsigned cpu, uint32_t addr, uint32_t value)
{
    charge(m, cpu, m->ps.ioapic_wr);
    irqsim_ioapic_write(&m->ioapic[ioapic_of(addr)], addr & (IOAPIC_MMIO_SIZE - 1), value);
    irqsim__machine_settle_ioapic(m, ioapic_of(addr));
}

/* ---- memory ---- */

static bool in_ram(const irqsim_machine_t *m, uint64_t addr, uint32_t n)
{
    return addr <= m->ram_bytes && n <= m->ram_bytes - addr;
}

static inline uint32_t read_ram(const irqsim_machine_t *m, uint32_t addr)
{
    const uint8_t *p = m->ram + addr;

    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void write_ram(irqsim_machine_t *m, uint32_t addr, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        m->ram[addr + i] = (uint8_t)(value >> 8 * i);
}

static bool is_lapic(const irqsim_machine_t *m, unsigned cpu, uint32_t addr)
{
    return m->board->apics &&
           (addr & ~(LAPIC_MMIO_SIZE - 1)) == (m->lapic[cpu].apic_base & APIC_BASE_PAGE_MASK);
}

static bool is_ioapic(const irqsim_machine_t *m, uint32_t addr)
{
    return addr >= IOAPIC_MMIO_BASE && ioapic_of(addr) < m->ioapics &&
           (addr & (IOAPIC_MMIO_STRIDE - 1)) < IOAPIC_MMIO_SIZE;
}

static bool is_device(const irqsim_machine_t *m, uint32_t addr)
{
    return addr >= DEVICE_BASE && (addr - DEVICE_BASE) / DEVICE_BYTES < m->devices;
}

uint32_t irqsim_guest_read(irqsim_machine_t *m, unsigned cpu, uint32_t addr)
{
    irqsim_cpu_retired(&m->core[cpu].cpu);
    if (is_lapic(m, cpu, addr))
        return read_lapic(m, cpu, addr & (LAPIC_MMIO_SIZE - 1));
    if (in_ram(m, addr, 4))
        return read_ram(m, addr);
    if (is_device(m, addr))
        return irqsim__machine_device_read(m, cpu, (addr - DEVICE_BASE) / DEVICE_BYTES,
                                           addr % DEVICE_BYTES);
    if (is_ioapic(m, addr))
        return read_ioapic(m, cpu, addr);
    return UINT32_MAX;
}

void irqsim_guest_write(irqsim_machine_t *m, unsigned cpu, uint32_t addr, uint32_t value)
{
    irqsim_cpu_retired(&m->core[cpu].cpu);
    if (is_lapic(m, cpu, addr))
        write_lapic(m, cpu, addr & (LAPIC_MMIO_SIZE - 1), value);
    else if (in_ram(m, addr, 4))
        write_ram(m, addr, value);
    else if (is_device(m, addr))
        irqsim__machine_device_write(m, (addr - DEVICE_BASE) / DEVICE_BYTES, addr % DEVICE_BYTES,
                                     value);
    else if (is_ioapic(m, addr))
        write_ioapic(m, cpu, addr, value);
}

bool irqsim_guest_copy_in(irqsim_machine_t *m, uint32_t addr, const void *src, uint32_t n)
{
    if (!in_ram(m, addr, n))
        return false;
    if (n)
        memcpy(m->ram + addr, src, n);
    return true;
}

bool irqsim_guest_copy_out(const irqsim_machine_t *m, uint32_t addr, void *dst, uint32_t n)
{
    if (!in_ram(m, addr, n))
        return false;
    if (n)
        memcpy(dst, m->ram + addr, n);
    return true;
}

/* ---- memory as event delivery sees it: RAM, and nobody beside it ---- */

static bool nobody_reads(void *user, uint64_t addr, void *dst, unsigned size)
{
    (void)user, (void)addr;
    memset(dst, 0xFF, size);
    return true;
}

static bool nobody_writes(void *user, uint64_t addr, const void *src, unsigned size)
{
    (void)user, (void)addr, (void)src, (void)size;
    return true;
}

void irqsim__machine_mem_init(irqsim_machine_t *m)
{
    m->mem = (irqsim_mem_t){
        .read = nobody_reads, .write = nobody_writes, .ram = m->ram, .ram_bytes = m->ram_bytes};
}
