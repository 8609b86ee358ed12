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
    STACK = 0x4000,
    USER_STACK = 0x6000,
    HANDLER = 0x7000,
    MEMORY = 0x8000,

    VECTOR = 0x31,
    KERNEL_CS = 1 << 3,
    KERNEL_DS = 2 << 3,
    USER_CS = 3 << 3 | 3,
    USER_DS = 4 << 3 | 3
};

typedef struct guest {
    irqsim_cpustate_t cpu;
    irqsim_mem_t mem;
    uint8_t ram[MEMORY];
} guest_t;

static bool nothing_to_read(void *user, uint64_t addr, void *dst, unsigned size)
{
    (void)user, (void)addr, (void)dst, (void)size;
    return false;
}

static bool nothing_to_write(void *user, uint64_t addr, const void *src, unsigned size)
{
    (void)user, (void)addr, (void)src, (void)size;
    return false;
}

static void put(guest_t *g, uint32_t addr, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        g->ram[addr + i] = (uint8_t)(value >> 8 * i);
}

static void set_up(guest_t *g)
{
    *g = (guest_t){0};
    g->mem = (irqsim_mem_t){
        .read = nothing_to_read, .write = nothing_to_write, .ram = g->ram, .ram_bytes = MEMORY};
    put(g, GDT + KERNEL_CS, DESC_FLAT_CODE32(0), 8);
    put(g, GDT + KERNEL_DS, DESC_FLAT_DATA32(0), 8);
    put(g, GDT + (USER_CS & ~3), DESC_FLAT_CODE32(3), 8);
    put(g, GDT + (USER_DS & ~3), DESC_FLAT_DATA32(3), 8);
    put(g, TSS + TSS32_ESP0, STACK, 4);
    put(g, TSS + TSS32_SS0, KERNEL_DS, 2);
    put(g, IDT + 8 * VECTOR, DESC_INTERRUPT_GATE32(HANDLER, KERNEL_CS, 0), 8);
    g->cpu = (irqsim_cpustate_t){.ip = 0x1234,
                                 .sp = STACK,
                                 .flags = EFLAGS_RESERVED | EFLAGS_IF,
                                 .idtr = {IDT, 256 * 8 - 1, 0, 0},
                                 .gdtr = {GDT, 255, 0, 0},
                                 .tr = {TSS, TSS32_SIZE - 1, 5 << 3, 0},
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

/* The cases: which of them changes what set_up() made. */
static void (*const cases[])(guest_t *g) = {NULL, at_user};
enum { SAME32, INNER32 };

static tally_t run(uint64_t n, uint32_t argument)
{
    static const irqsim_delivery_t ev = {.vector = VECTOR, .kind = IRQSIM_KIND_EXTERNAL};
    static guest_t g;
    irqsim_outcome_t out;
    tally_t t = {0};

    set_up(&g);
    if (cases[argument])
        cases[argument](&g);
    for (uint64_t i = 0; i < n; i++) {
        irqsim_idt_deliver(&g.cpu, &g.mem, &ev, &out);
        if (out.delivered)
            tally(&t, (unsigned)g.cpu.ip);
        irqsim_idt_iret(&g.cpu, &g.mem, 4, &out);
    }
    return t;
}

/* clang-format off */
static const work_t works[] = {
    {"same32",  run, SAME32,  0},
    {"inner32", run, INNER32, 0},
};
/* clang-format on */

int main(int argc, char **argv)
{
    return work_main(argc, argv, works, sizeof(works) / sizeof(works[0]));
}
