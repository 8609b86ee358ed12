/* SPDX-License-Identifier: MIT */
/*
 * machine_rig.h - a machine with a very small guest, for tests
 *
 * The guest is a stack of contexts per CPU: the main code at the bottom, handlers
 * above. A test supplies what the main code does in one run, and what a handler
 * does when it begins and when its time is up; the rig does entry and IRET. All
 * state of the guest is plain bytes, so a test can snapshot it with the machine.
 */
#ifndef IRQSIM_TESTS_MACHINE_RIG_H
#define IRQSIM_TESTS_MACHINE_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <irqsim/guest.h>
#include <irqsim/regs/idt_regs.h>
#include <irqsim/regs/ioapic_regs.h>
#include <irqsim/regs/lapic_regs.h>
#include <irqsim/regs/pic8259_regs.h>
#include <irqsim/regs/pit8254_regs.h>

#include "unit.h"

#define RIG_RAM     0x20000u
#define RIG_GDT     0x1000u
#define RIG_IDT     0x2000u
#define RIG_STACK   0x10000u /* 2 KiB per CPU from here on, 32 CPUs */
#define RIG_CODE    0x08u
#define RIG_DATA    0x10u
#define RIG_HANDLER 0x00100000u /* of vector 0; 16 bytes each */
#define RIG_CPUS    32u
#define RIG_DEPTH   16u
#define RIG_EVENTS  4096u
#define RIG_NS      IRQSIM_PS_PER_NS
#define RIG_US      (1000 * RIG_NS)

typedef struct rig rig_t;

typedef struct rig_context {
    irqsim_time_t left; /* of what this handler interrupted */
    uint8_t vector;
} rig_context_t;

typedef struct rig_cpu {
    rig_context_t stack[RIG_DEPTH];
    uint32_t depth;
    uint32_t runs; /* of the main code */
    uint32_t handled[256];
} rig_cpu_t;

typedef struct rig_guest {
    void (*main)(rig_t *rig, unsigned cpu);
    void (*begin)(rig_t *rig, unsigned cpu, uint8_t vector);
    void (*end)(rig_t *rig, unsigned cpu, uint8_t vector);
} rig_guest_t;

struct rig {
    irqsim_machine_t *m;
    const rig_guest_t *guest;
    void *mem;
    size_t size;
    rig_cpu_t cpu[RIG_CPUS];
    irqsim_event_t event[RIG_EVENTS];
    uint64_t events; /* seen; the last RIG_EVENTS are kept */
};

static inline uint64_t rig_see(void *user, const irqsim_event_t *ev)
{
    rig_t *rig = user;
    irqsim_event_t *kept = &rig->event[rig->events % RIG_EVENTS];

    *kept = *ev;
    kept->seq = ++rig->events;
    return kept->seq;
}

/* ---- looking at events ---- */

static inline unsigned rig_count(const rig_t *rig, irqsim_event_id_t id)
{
    unsigned n = 0;

    for (uint64_t i = 0; i < rig->events && i < RIG_EVENTS; i++)
        n += rig->event[i].id == id;
    return n;
}

/* The n-th event of a kind, counted from 0. */
static inline const irqsim_event_t *rig_event(const rig_t *rig, irqsim_event_id_t id, unsigned n)
{
    ck_assert_uint_le(rig->events, RIG_EVENTS);
    for (uint64_t i = 0; i < rig->events; i++)
        if (rig->event[i].id == id && n-- == 0)
            return &rig->event[i];
    ck_abort_msg("no such event: id %d", (int)id);
    return NULL;
}

/* The event that an event names as its cause. */
static inline const irqsim_event_t *rig_cause(const rig_t *rig, const irqsim_event_t *ev)
{
    ck_assert_uint_ge(ev->cause, 1);
    ck_assert_uint_le(ev->cause, rig->events);
    return &rig->event[ev->cause - 1];
}

/* ---- the guest ---- */

static inline void rig_gate(rig_t *rig, uint8_t vector, uint32_t access)
{
    const uint64_t gate = DESC_GATE(RIG_HANDLER + 16u * vector, RIG_CODE, access);

    ck_assert(irqsim_guest_copy_in(rig->m, RIG_IDT + 8u * vector, &gate, sizeof(gate)));
}

static inline void rig_tables(rig_t *rig)
{
    const uint64_t gdt[3] = {
        0,
        DESC_SEGMENT(0, 0xFFFFF, DESC_P | DESC_S | DESC_CODE | DESC_READABLE,
                     DESC_FLAG_G | DESC_FLAG_DB),
        DESC_SEGMENT(0, 0xFFFFF, DESC_P | DESC_S | DESC_WRITABLE, DESC_FLAG_G | DESC_FLAG_DB),
    };

    ck_assert(irqsim_guest_copy_in(rig->m, RIG_GDT, gdt, sizeof(gdt)));
    for (unsigned v = 0; v < 256; v++)
        rig_gate(rig, (uint8_t)v, DESC_P | DESC_TYPE_INTERRUPT32);
    for (unsigned cpu = 0; cpu < irqsim_machine_cpus(rig->m); cpu++) {
        irqsim_guest_lgdt(rig->m, cpu, RIG_GDT, sizeof(gdt) - 1);
        irqsim_guest_lidt(rig->m, cpu, RIG_IDT, 256 * 8 - 1);
        irqsim_guest_jump(rig->m, cpu, RIG_CODE, 0x5000);
        irqsim_guest_stack(rig->m, cpu, RIG_DATA, RIG_STACK + 2048 * (cpu + 1));
    }
}

static inline void rig_run(void *user, unsigned cpu)
{
    rig_t *rig = user;
    rig_cpu_t *c = &rig->cpu[cpu];
    irqsim_time_t left;

    if (irqsim_guest_entered(rig->m, cpu, &left)) {
        ck_assert_uint_lt(c->depth, RIG_DEPTH);
        const uint8_t vector = irqsim_guest_vector(rig->m, cpu);
        c->stack[c->depth++] = (rig_context_t){.left = left, .vector = vector};
        c->handled[vector]++;
        rig->guest->begin(rig, cpu, vector);
    } else if (c->depth > 0) {
        rig->guest->end(rig, cpu, c->stack[c->depth - 1].vector);
        irqsim_guest_iret(rig->m, cpu);
        irqsim_guest_spend_time(rig->m, cpu, c->stack[--c->depth].left);
    } else {
        c->runs++;
        rig->guest->main(rig, cpu);
    }
}

/* ---- usual parts of a guest ---- */

/* Main code that halts with interrupts enabled. */
static inline void rig_idle(rig_t *rig, unsigned cpu)
{
    irqsim_guest_sti(rig->m, cpu);
    irqsim_guest_hlt(rig->m, cpu);
}

/* Reads STATUS, then claims until nothing is left; returns how many. */
static inline unsigned rig_claim_all(rig_t *rig, unsigned cpu, uint32_t source)
{
    const uint32_t base = IRQSIM_SOURCE_MMIO(source);
    unsigned n = 0;

    irqsim_guest_read(rig->m, cpu, base + IRQSIM_SOURCE_REG_STATUS);
    while (irqsim_guest_read(rig->m, cpu, base + IRQSIM_SOURCE_REG_CLAIM))
        n++;
    return n;
}

/* PIC-77: both 8259As, vectors 20-2F, everything unmasked. */
static inline void rig_init_pics_as(rig_t *rig, unsigned cpu, uint8_t master_icw4,
                                    uint8_t slave_icw4)
{
    const struct {
        uint16_t port;
        uint8_t value;
    } out[] = {
        {PIC_MASTER_CMD, 0x11},         {PIC_MASTER_DATA, 0x20},      {PIC_MASTER_DATA, 0x04},
        {PIC_MASTER_DATA, master_icw4}, {PIC_SLAVE_CMD, 0x11},        {PIC_SLAVE_DATA, 0x28},
        {PIC_SLAVE_DATA, 0x02},         {PIC_SLAVE_DATA, slave_icw4}, {PIC_MASTER_DATA, 0x00},
        {PIC_SLAVE_DATA, 0x00},
    };

    for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++)
        irqsim_guest_outb(rig->m, cpu, out[i].port, out[i].value);
}

static inline void rig_init_pics(rig_t *rig, unsigned cpu)
{
    rig_init_pics_as(rig, cpu, 0x01, 0x01);
}

static inline void rig_eoi_pics(rig_t *rig, unsigned cpu, uint8_t vector)
{
    if (vector >= 0x28)
        irqsim_guest_outb(rig->m, cpu, PIC_SLAVE_CMD, 0x20);
    irqsim_guest_outb(rig->m, cpu, PIC_MASTER_CMD, 0x20);
}

static inline void rig_lapic_write(rig_t *rig, unsigned cpu, uint32_t offset, uint32_t value)
{
    irqsim_guest_write(rig->m, cpu, LAPIC_MMIO_BASE + offset, value);
}

static inline void rig_enable_lapics(rig_t *rig)
{
    for (unsigned cpu = 0; cpu < irqsim_machine_cpus(rig->m); cpu++)
        rig_lapic_write(rig, cpu, LAPIC_REG_SVR, LAPIC_SVR_ENABLE | 0xFF);
}

static inline void rig_rte(rig_t *rig, unsigned pin, uint32_t low, uint32_t dest)
{
    irqsim_guest_write(rig->m, 0, IOAPIC_MMIO_BASE, IOAPIC_REG_RTE_HIGH(pin));
    irqsim_guest_write(rig->m, 0, IOAPIC_MMIO_BASE + IOAPIC_WIN_DATA, IOAPIC_RTE_HIGH(dest));
    irqsim_guest_write(rig->m, 0, IOAPIC_MMIO_BASE, IOAPIC_REG_RTE_LOW(pin));
    irqsim_guest_write(rig->m, 0, IOAPIC_MMIO_BASE + IOAPIC_WIN_DATA, low);
}

static inline void rig_msi(rig_t *rig, uint32_t source, uint8_t vector, uint32_t dest)
{
    const uint32_t base = IRQSIM_SOURCE_MMIO(source);

    irqsim_guest_write(rig->m, 0, base + IRQSIM_SOURCE_REG_MSI_ADDR, MSI_ADDRESS(dest, 0));
    irqsim_guest_write(rig->m, 0, base + IRQSIM_SOURCE_REG_MSI_DATA,
                       MSI_DATA_EDGE(vector, LAPIC_DM_FIXED));
    irqsim_guest_write(rig->m, 0, base + IRQSIM_SOURCE_REG_MSI_CTRL, 1);
}

/* ---- life ---- */

/* desc: the test's; the rig adds RAM, guest and host. trace: observe events. */
static inline rig_t *rig_new(irqsim_machine_desc_t desc, const rig_guest_t *guest, bool trace)
{
    rig_t *rig = calloc(1, sizeof(*rig));

    ck_assert_ptr_nonnull(rig);
    rig->guest = guest;
    desc.ram_bytes = RIG_RAM;
    desc.guest = (irqsim_guest_code_t){.run = rig_run, .user = rig};
    desc.host = (irqsim_host_t){.emit = trace ? rig_see : NULL, .user = rig};
    rig->size = irqsim_machine_size(&desc);
    ck_assert_uint_gt(rig->size, 0);
    rig->mem = malloc(rig->size);
    ck_assert_int_eq(irqsim_machine_init(rig->mem, rig->size, &desc, &rig->m), IRQSIM_OK);
    rig_tables(rig);
    return rig;
}

static inline void rig_free(rig_t *rig)
{
    free(rig->mem);
    free(rig);
}

static inline irqsim_source_counts_t rig_counts(const rig_t *rig, uint32_t source)
{
    irqsim_source_counts_t counts;

    ck_assert_int_eq(irqsim_machine_counts(rig->m, source, &counts), IRQSIM_OK);
    ck_assert_uint_eq(counts.arrived, counts.delivered + counts.coalesced + counts.withdrawn +
                                          counts.pending); /* law 6 */
    return counts;
}

/* What `from` is, `to` becomes: a machine of the same desc, and the guest's part. */
static inline void rig_become(rig_t *to, const rig_t *from)
{
    irqsim_snap_t measure = {0};

    ck_assert_int_eq(irqsim_machine_save(from->m, &measure), IRQSIM_OK);
    irqsim_snap_t out = {.buf = malloc(measure.used), .size = measure.used};
    ck_assert_int_eq(irqsim_machine_save(from->m, &out), IRQSIM_OK);
    irqsim_snap_t in = {.buf = out.buf, .size = out.size, .reading = true};
    ck_assert_int_eq(irqsim_machine_load(to->m, &in), IRQSIM_OK);
    memcpy(to->cpu, from->cpu, sizeof(to->cpu));
    free(out.buf);
}

#endif
