/* SPDX-License-Identifier: MIT */
/*
 * fuzz_idt.c - any registers, tables and stacks: a frame, an exception or a bus error
 *
 * The input is a CPU's state byte for byte, an event, and a small memory that refuses a
 * hole, or each n-th access, as it is told. A delivery and an IRET follow each other; neither may reach
 * outside of memory, and a refused walk leaves the state alone unless a task switch
 * was past its commit. seeds in corpus/idt.
 */
#include <string.h>

#include <irqsim/idt.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { MEMORY = 0x2000 };

typedef struct guest {
    irqsim_cpustate_t cpu;
    irqsim_delivery_t ev;
    uint16_t hole, hole_end; /* addresses that are refused */
    uint8_t missing;         /* bit 0: how; the others: every n-th access fails, 0 = none */
    uint8_t operand, steps;
    uint8_t memory[MEMORY];
    unsigned accesses;
} guest_t;

static bool holds(guest_t *g, uint64_t addr, unsigned size)
{
    const bool in_hole = addr < g->hole_end && addr + size > g->hole;
    const unsigned period = g->missing >> 1;

    demand(size > 0 && size <= 104 && addr + size - 1 >= addr);
    if (period && ++g->accesses % period == 0)
        return false;
    return addr < MEMORY && size <= MEMORY - addr && !in_hole;
}

static bool read_guest(void *user, uint64_t addr, void *dst, unsigned size)
{
    guest_t *g = user;
    if (!holds(g, addr, size))
        return false;
    memcpy(dst, g->memory + addr, size);
    return true;
}

static bool write_guest(void *user, uint64_t addr, const void *src, unsigned size)
{
    guest_t *g = user;
    if (!holds(g, addr, size))
        return false;
    memcpy(g->memory + addr, src, size);
    return true;
}

/* What a caller promises: a mode, and what goes with it. */
static void make_consistent(irqsim_cpustate_t *s)
{
    s->mode &= 3;
    s->cpl &= 3;
    s->flags &= ~IRQSIM_FL_VM;
    if (s->mode == IRQSIM_MODE_REAL)
        s->cpl = 0;
    if (s->mode == IRQSIM_MODE_V86) {
        s->flags |= IRQSIM_FL_VM;
        s->cpl = 3;
    }
}

static void check(const guest_t *g, const irqsim_cpustate_t *before, const irqsim_outcome_t *out)
{
    const bool v86 = g->cpu.mode == IRQSIM_MODE_V86;

    demand(out->delivered || out->bus_error || (out->vector >= 10 && out->vector <= 14));
    demand(out->delivered || out->task || memcmp(&g->cpu, before, sizeof(*before)) == 0);
    demand(g->cpu.cpl <= 3 && g->cpu.mode <= IRQSIM_MODE_LONG);
    demand(v86 == ((g->cpu.flags & IRQSIM_FL_VM) != 0));
    demand(v86 || g->cpu.mode == IRQSIM_MODE_REAL || !out->delivered ||
           (g->cpu.cs & 3) == g->cpu.cpl);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    guest_t g = {0};
    memcpy(&g, bytes, size < sizeof(g) ? size : sizeof(g));
    make_consistent(&g.cpu);
    const irqsim_mem_t mem = {
        .read = read_guest, .write = write_guest, .user = &g, .missing = g.missing & 1};

    for (unsigned step = 0; step < g.steps % 8u + 2; step++) {
        const irqsim_cpustate_t before = g.cpu;
        irqsim_outcome_t out;

        if (step % 2 == 0)
            irqsim_idt_deliver(&g.cpu, &mem, &g.ev, &out);
        else
            irqsim_idt_iret(&g.cpu, &mem, 2u << g.operand % 3, &out);
        check(&g, &before, &out);
    }
    return 0;
}
