/* SPDX-License-Identifier: MIT */
/*
 * bench_idt - gates alone: one delivery and the IRET from it, n times
 *
 *   bench_idt CASE N [RUNS]    see work.h; the tally is of the handlers' addresses
 *
 * The guest's memory is lent, as lib/machine lends it. A case is the level and the
 * kind of code that is interrupted; every handler runs at CPL 0.
 */
#include <irqsim/idt.h>
#include <irqsim/regs/idt_regs.h>

#include "work.h"

enum {
    IDT = 0x0000,
    GDT = 0x1000,
    TSS = 0x2000,
    NEW_TSS = 0x2100,
    STACK = 0x4000,
    USER_STACK = 0x6000,
    HANDLER = 0x7000,
    MEMORY = 0x8000,

    VECTOR = 0x31,
    KERNEL_CS = 1 << 3,
    KERNEL_DS = 2 << 3,
    USER_CS = 3 << 3 | 3,
    USER_DS = 4 << 3 | 3,
    OLD_TASK = 5 << 3,
    NEW_TASK = 6 << 3
};

typedef struct guest {
    irqsim_cpustate_t cpu;
    irqsim_mem_t mem;
    uint8_t ram[MEMORY];
} guest_t;

static void put(guest_t *g, uint32_t addr, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        g->ram[addr + i] = (uint8_t)(value >> 8 * i);
}

static void set_handler(guest_t *g)
{
    put(g, IDT + 8 * VECTOR, DESC_INTERRUPT_GATE32(HANDLER, KERNEL_CS, 0), 8);
}

static void set_up(guest_t *g)
{
    *g = (guest_t){0};
    g->mem = (irqsim_mem_t){.ram = g->ram, .ram_bytes = MEMORY};
    put(g, GDT + KERNEL_CS, DESC_FLAT_CODE32(0), 8);
    put(g, GDT + KERNEL_DS, DESC_FLAT_DATA32(0), 8);
    put(g, GDT + (USER_CS & ~3), DESC_FLAT_CODE32(3), 8);
    put(g, GDT + (USER_DS & ~3), DESC_FLAT_DATA32(3), 8);
    put(g, TSS + TSS32_ESP0, STACK, 4);
    put(g, TSS + TSS32_SS0, KERNEL_DS, 2);
    set_handler(g);
    g->cpu = (irqsim_cpustate_t){.ip = 0x1234,
                                 .sp = STACK,
                                 .flags = EFLAGS_RESERVED | EFLAGS_IF,
                                 .idtr = {IDT, 256 * 8 - 1, 0, 0},
                                 .gdtr = {GDT, 255, 0, 0},
                                 .tr = {TSS, TSS32_SIZE - 1, OLD_TASK, 0},
                                 .cs = KERNEL_CS,
                                 .ss = KERNEL_DS};
}

static void at_user(guest_t *g)
{
    g->cpu.cpl = 3;
    g->cpu.cs = USER_CS;
    g->cpu.ss = USER_DS;
    g->cpu.ds = USER_DS;
    g->cpu.es = USER_DS;
    g->cpu.sp = USER_STACK;
}

static void at_16_bit(guest_t *g)
{
    put(g, IDT + 8 * VECTOR, DESC_INTERRUPT_GATE16(HANDLER, KERNEL_CS, 0), 8);
}

static void at_real(guest_t *g)
{
    g->cpu.mode = IRQSIM_MODE_REAL;
    g->cpu.cs = 0;
    g->cpu.ss = 0;
    put(g, IDT + 4 * VECTOR, HANDLER, 4);
}

static void at_v86(guest_t *g)
{
    at_real(g);
    set_handler(g);
    g->cpu.mode = IRQSIM_MODE_V86;
    g->cpu.cpl = 3;
    g->cpu.flags |= EFLAGS_VM;
}

/* Busy bits and the link do not change from one round to the next. */
static void at_task(guest_t *g)
{
    put(g, IDT + 8 * VECTOR, DESC_TASK_GATE(NEW_TASK, 0), 8);
    put(g, GDT + OLD_TASK, DESC_TSS32(TSS) | (uint64_t)DESC_TSS_BUSY << 40, 8);
    put(g, GDT + NEW_TASK, DESC_TSS32(NEW_TSS), 8);
    put(g, NEW_TSS + TSS32_EIP, HANDLER, 4);
    put(g, NEW_TSS + TSS32_ES + 4, KERNEL_CS, 4);
    put(g, NEW_TSS + TSS32_ES + 8, KERNEL_DS, 4);
}

static void at_long(guest_t *g)
{
    put(g, GDT + KERNEL_CS, DESC_CODE64(0), 8);
    put(g, GDT + (USER_CS & ~3), DESC_CODE64(3), 8);
    put(g, IDT + 16 * VECTOR,
        DESC_LONG_GATE_LOW(HANDLER, KERNEL_CS, 0, DESC_P | DESC_TYPE_INTERRUPT32), 8);
    put(g, IDT + 16 * VECTOR + 8, 0, 8);
    put(g, TSS + TSS64_RSP(0), STACK, 8);
    g->cpu.idtr.limit = 256 * 16 - 1;
    g->cpu.mode = IRQSIM_MODE_LONG;
    g->cpu.code64 = 1;
}

static void at_long_user(guest_t *g)
{
    at_long(g);
    at_user(g);
}

/* Who is interrupted: what that changes of set_up()'s guest, and IRET's operands. */
static const struct {
    void (*where)(guest_t *g);
    unsigned operand;
} cases[] = {{NULL, 4},   {at_user, 4}, {at_16_bit, 2}, {at_real, 2},
             {at_v86, 4}, {at_task, 4}, {at_long, 8},   {at_long_user, 8}};
enum { SAME32, INNER32, SAME16, REAL, V86, TASK, SAME64, INNER64 };

static tally_t run(uint64_t n, uint32_t argument)
{
    static const irqsim_delivery_t ev = {.vector = VECTOR, .kind = IRQSIM_KIND_EXTERNAL};
    static guest_t g;
    const unsigned operand = cases[argument].operand;
    irqsim_outcome_t out;
    tally_t t = {0};

    set_up(&g);
    if (cases[argument].where)
        cases[argument].where(&g);
    for (uint64_t i = 0; i < n; i++) {
        irqsim_idt_deliver(&g.cpu, &g.mem, &ev, &out);
        if (out.delivered)
            tally(&t, (unsigned)g.cpu.ip);
        irqsim_idt_iret(&g.cpu, &g.mem, operand, &out);
    }
    return t;
}

/* WORK_N times HANDLER. */
#define REFERENCE UINT64_C(0x4CC7960B5E400000)

/* clang-format off */
static const work_t works[] = {
    {"same32",  run, SAME32,  REFERENCE},
    {"inner32", run, INNER32, REFERENCE},
    {"same16",  run, SAME16,  REFERENCE},
    {"real",    run, REAL,    REFERENCE},
    {"v86",     run, V86,     REFERENCE},
    {"task",    run, TASK,    REFERENCE},
    {"same64",  run, SAME64,  REFERENCE},
    {"inner64", run, INNER64, REFERENCE},
};
/* clang-format on */

int main(int argc, char **argv)
{
    return work_main(argc, argv, works, sizeof(works) / sizeof(works[0]));
}
