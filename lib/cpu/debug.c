/* SPDX-License-Identifier: MIT */
/*
 * debug.c - what raises #DB: breakpoints in DR0..DR3, single step (CPU-70)
 */
#include <irqsim/cpu.h>
#include <irqsim/regs/debug_regs.h>
#include <irqsim/regs/idt_regs.h>

#define BREAKPOINTS 4u

void irqsim_cpu_debug_trap(irqsim_cpu_t *cpu, uint32_t causes)
{
    cpu->db |= (uint16_t)causes;
    if (cpu->db)
        cpu->in |= IRQSIM_CPU_IN_DEBUG;
}

void irqsim_cpu_drop_step(irqsim_cpu_t *cpu)
{
    cpu->db &= (uint16_t)~DR6_BS;
    if (!cpu->db)
        cpu->in &= ~IRQSIM_CPU_IN_DEBUG;
}

/* A breakpoint on accesses sees writes too; one on instructions only these. */
static bool is_armed_for(uint32_t dr7, unsigned n, unsigned type)
{
    const uint32_t rw = dr7 >> (16 + 4 * n) & 3u;

    return dr7 & DR7_ENABLED(n) && (rw == type || (rw == DR7_ACCESS && type == DR7_WRITE));
}

static bool overlaps(const irqsim_breakpoints_t *bp, unsigned n, uint64_t addr, unsigned bytes)
{
    static const uint8_t lengths[] = {
        [DR7_LEN_1] = 1, [DR7_LEN_2] = 2, [DR7_LEN_8] = 8, [DR7_LEN_4] = 4};
    const uint64_t length = lengths[bp->dr7 >> (18 + 4 * n) & 3u];
    const uint64_t first = bp->dr[n] & ~(length - 1);

    return addr - first < length || first - addr < bytes;
}

uint32_t irqsim_breakpoints_hit(const irqsim_breakpoints_t *bp, unsigned type, uint64_t addr,
                                unsigned bytes)
{
    uint32_t hit = 0;

    for (unsigned n = 0; n < BREAKPOINTS; n++)
        if (is_armed_for(bp->dr7, n, type) && overlaps(bp, n, addr, bytes))
            hit |= DR6_B(n);
    return hit;
}

uint32_t irqsim_cpu_code_breakpoint(const irqsim_cpu_t *cpu, const irqsim_breakpoints_t *bp,
                                    uint64_t addr)
{
    if (cpu->regs.flags & EFLAGS_RF || cpu->shadow & IRQSIM_SHADOW_MOVSS) /* CPU-54, CPU-74 */
        return 0;
    return irqsim_breakpoints_hit(bp, DR7_EXECUTE, addr, 1);
}
