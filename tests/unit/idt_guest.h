/* SPDX-License-Identifier: MIT */
/*
 * idt_guest.h - a small guest for tests of gates: memory, tables, one CPU
 *
 * 64 KiB at address 0, flat segments, IDT and GDT and TSS set up; the CPU runs
 * at CPL 0 (guest_at_user() moves it to CPL 3). Outcomes are compared as text:
 * "ok", "ok inner", "bus error", or the exception with its error code, "#GP(402)".
 */
#ifndef IRQSIM_TESTS_IDT_GUEST_H
#define IRQSIM_TESTS_IDT_GUEST_H

#include <irqsim/cpu.h>
#include <irqsim/idt.h>
#include <irqsim/regs/idt_regs.h>

#include <stdio.h>
#include <string.h>

enum {
    IDT = 0x1000,
    GDT = 0x2000,
    LDT = 0x2800,
    TSS = 0x3000,
    MEMORY = 0x10000,

    KERNEL_STACK = 0x8000, /* tops */
    RING1_STACK = 0x9000,
    USER_STACK = 0xC000,
    HANDLER = 0x4000,
    USER_CODE = 0x5000,

    GDT_ENTRIES = 16,
    LDT_ENTRIES = 2,
    KERNEL_CS = 1 << 3,
    KERNEL_DS = 2 << 3,
    USER_CS = 3 << 3 | 3,
    USER_DS = 4 << 3 | 3,
    RING1_CS = 5 << 3 | 1,
    RING1_DS = 6 << 3 | 1,
    TSS_SELECTOR = 7 << 3,
    SPARE = 8 << 3 /* what a test needs */
};

typedef struct guest {
    irqsim_cpustate_t cpu;
    irqsim_outcome_t out;
    uint8_t memory[MEMORY];
    uint32_t hole, hole_end; /* addresses that answer false */
} guest_t;

static inline bool guest_holds(const guest_t *g, uint64_t addr, unsigned size)
{
    const bool in_hole = addr < g->hole_end && addr + size > g->hole;
    return addr < MEMORY && size <= MEMORY - addr && !in_hole;
}

static inline bool guest_read(void *user, uint64_t addr, void *dst, unsigned size)
{
    const guest_t *g = user;
    if (!guest_holds(g, addr, size))
        return false;
    memcpy(dst, g->memory + addr, size);
    return true;
}

static inline bool guest_write(void *user, uint64_t addr, const void *src, unsigned size)
{
    guest_t *g = user;
    if (!guest_holds(g, addr, size))
        return false;
    memcpy(g->memory + addr, src, size);
    return true;
}

static inline irqsim_mem_t guest_mem(guest_t *g)
{
    return (irqsim_mem_t){.read = guest_read, .write = guest_write, .user = g};
}

/* The same without holes: all of it is lent, and beyond is nobody to ask. */
static inline irqsim_mem_t guest_lent_mem(guest_t *g)
{
    return (irqsim_mem_t){.ram = g->memory, .ram_bytes = MEMORY};
}

static inline uint32_t peek32(const guest_t *g, uint32_t addr)
{
    const uint8_t *p = g->memory + addr;
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint16_t peek16(const guest_t *g, uint32_t addr)
{
    return (uint16_t)(g->memory[addr] | g->memory[addr + 1] << 8);
}

static inline void poke(guest_t *g, uint32_t addr, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        g->memory[addr + i] = (uint8_t)(value >> 8 * i);
}

static inline void set_gate(guest_t *g, unsigned vector, uint64_t desc)
{
    poke(g, IDT + 8 * vector, desc, 8);
}

static inline void set_segment(guest_t *g, unsigned selector, uint64_t desc)
{
    poke(g, (selector & SELECTOR_TI ? LDT : GDT) + (selector & ~7u), desc, 8);
}

static inline void guest_init(guest_t *g)
{
    memset(g, 0, sizeof(*g));
    set_segment(g, KERNEL_CS, DESC_FLAT_CODE32(0));
    set_segment(g, KERNEL_DS, DESC_FLAT_DATA32(0));
    set_segment(g, USER_CS, DESC_FLAT_CODE32(3));
    set_segment(g, USER_DS, DESC_FLAT_DATA32(3));
    set_segment(g, RING1_CS, DESC_FLAT_CODE32(1));
    set_segment(g, RING1_DS, DESC_FLAT_DATA32(1));
    set_segment(g, TSS_SELECTOR, DESC_TSS32(TSS));
    for (unsigned v = 0; v < 256; v++)
        set_gate(g, v, DESC_INTERRUPT_GATE32(HANDLER + v, KERNEL_CS, 3));
    poke(g, TSS + TSS32_ESP0, KERNEL_STACK, 4);
    poke(g, TSS + TSS32_SS0, KERNEL_DS, 2);
    poke(g, TSS + TSS32_ESP(1), RING1_STACK, 4);
    poke(g, TSS + TSS32_SS(1), RING1_DS, 2);
    g->cpu = (irqsim_cpustate_t){
        .ip = 0x1234,
        .sp = 0x7000,
        .flags = EFLAGS_RESERVED | EFLAGS_IF,
        .idtr = {.base = IDT, .limit = 256 * 8 - 1},
        .gdtr = {.base = GDT, .limit = GDT_ENTRIES * 8 - 1},
        .ldtr = {.base = LDT, .limit = LDT_ENTRIES * 8 - 1},
        .tr = {.base = TSS, .limit = TSS32_SIZE - 1, .selector = TSS_SELECTOR},
        .cs = KERNEL_CS,
        .ss = KERNEL_DS,
    };
}

static inline void guest_at_user(guest_t *g)
{
    g->cpu.cpl = 3;
    g->cpu.ip = USER_CODE;
    g->cpu.sp = USER_STACK;
    g->cpu.cs = USER_CS;
    g->cpu.ss = USER_DS;
}

/* Long mode at CPL 0 of 64-bit code, with the same addresses and selectors. */
static inline void guest_to_long(guest_t *g)
{
    const unsigned access = DESC_P | DESC_DPL(3) | DESC_TYPE_INTERRUPT32;

    for (unsigned v = 0; v < 256; v++) {
        poke(g, IDT + 16 * v, DESC_LONG_GATE_LOW(HANDLER + v, KERNEL_CS, 0, access), 8);
        poke(g, IDT + 16 * v + 8, 0, 8);
    }
    set_segment(g, KERNEL_CS, DESC_CODE64(0));
    set_segment(g, USER_CS, DESC_CODE64(3));
    set_segment(g, RING1_CS, DESC_CODE64(1));
    memset(g->memory + TSS, 0, TSS64_SIZE);
    poke(g, TSS + TSS64_RSP(0), KERNEL_STACK, 8);
    poke(g, TSS + TSS64_RSP(1), RING1_STACK, 8);
    g->cpu.idtr.limit = 256 * 16 - 1;
    g->cpu.mode = IRQSIM_MODE_LONG;
    g->cpu.code64 = 1;
}

static inline const char *outcome_text(const irqsim_outcome_t *out)
{
    static char text[64]; /* one test program, one thread */
    if (out->bus_error)
        return "bus error";
    if (out->delivered)
        return out->inner ? "ok inner" : "ok";
    snprintf(text, sizeof(text), "%s(%X)", irqsim_exc_info(out->vector)->mnemonic,
             (unsigned)out->error);
    return text;
}

static inline const char *deliver_event(guest_t *g, irqsim_delivery_t ev)
{
    const irqsim_mem_t mem = guest_mem(g);
    irqsim_idt_deliver(&g->cpu, &mem, &ev, &g->out);
    return outcome_text(&g->out);
}

static inline const char *deliver(guest_t *g, irqsim_event_kind_t kind, uint8_t vector)
{
    return deliver_event(g, (irqsim_delivery_t){.vector = vector, .kind = (uint8_t)kind});
}

static inline const char *iret_with_size(guest_t *g, unsigned operand_bytes)
{
    const irqsim_mem_t mem = guest_mem(g);
    irqsim_idt_iret(&g->cpu, &mem, operand_bytes, &g->out);
    return outcome_text(&g->out);
}

static inline const char *iret(guest_t *g)
{
    return iret_with_size(g, 4);
}

/* Puts a frame on the stack as a handler would find it, lowest slot first. */
static inline void push_frame(guest_t *g, const uint32_t *slots, unsigned count)
{
    g->cpu.sp -= 4 * count;
    for (unsigned i = 0; i < count; i++)
        poke(g, (uint32_t)g->cpu.sp + 4 * i, slots[i], 4);
}

#endif
