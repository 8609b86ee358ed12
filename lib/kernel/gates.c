/* SPDX-License-Identifier: MIT */
/*
 * gates.c - which vector gets which gate, and the task behind vector 8
 *
 * Linux has five ways to set a gate; they differ in type and DPL. Which vector gets
 * which one differs between kernels, so it is a table with a column for each.
 */
#include <irqsim/regs/idt_regs.h>

#include "kernel_int.h"

/* Where a 32-bit TSS keeps the registers of its task. */
enum {
    TSS_EIP = 32,
    TSS_EFLAGS = 36,
    TSS_ESP = 56,
    TSS_ES = 72,
    TSS_CS = 76,
    TSS_SS = 80,
    TSS_DS = 84
};

/* GATE-01 */
typedef enum setter {
    NO_GATE = 0,
    SET_INTR_GATE,
    SET_SYSTEM_INTR_GATE,
    SET_TRAP_GATE,
    SET_SYSTEM_GATE,
    SET_TASK_GATE
} setter_t;

static const struct {
    uint8_t type, dpl;
} setters[] = {
    [SET_INTR_GATE] = {DESC_TYPE_INTERRUPT32, 0},
    [SET_SYSTEM_INTR_GATE] = {DESC_TYPE_INTERRUPT32, 3},
    [SET_TRAP_GATE] = {DESC_TYPE_TRAP32, 0},
    [SET_SYSTEM_GATE] = {DESC_TYPE_TRAP32, 3},
    [SET_TASK_GATE] = {DESC_TYPE_TASK_GATE, 0},
};

#define INTR        SET_INTR_GATE
#define SYSTEM_INTR SET_SYSTEM_INTR_GATE
#define TRAP        SET_TRAP_GATE
#define SYSTEM      SET_SYSTEM_GATE
#define TASK        SET_TASK_GATE

/* GATE-03, GATE-04: 2.6.22 gives vector 5 DPL 0, so INT 5 is for the kernel only.
 * CPU-16: vector 15 is the bug of a LAPIC, not of the CPU. GATE-05: what is not here
 * up to 31 stays empty. */
/* clang-format off */
static const uint8_t gate_of[IRQSIM_ERAS][FIRST_EXTERNAL] = {
    /*                         0     1     2     3            4            5     6     7 */
    [IRQSIM_LINUX_2_6_23] = {TRAP, INTR, INTR, SYSTEM_INTR, SYSTEM,      TRAP, TRAP, TRAP,
    /*                         8     9    10    11           12           13    14    15 */
                             TASK, TRAP, TRAP, TRAP,        TRAP,        TRAP, INTR, TRAP,
    /*                        16    17    18    19 */
                             TRAP, TRAP, TRAP, TRAP},
    [IRQSIM_LINUX_MODERN] = {INTR, INTR, INTR, SYSTEM_INTR, SYSTEM_INTR, INTR, INTR, INTR,
                             TASK, INTR, INTR, INTR,        INTR,        INTR, INTR, INTR,
                             INTR, INTR, INTR, INTR},
};
static const uint8_t gate_of_system_call[IRQSIM_ERAS] = { /* CPU-26 */
    [IRQSIM_LINUX_2_6_23] = SYSTEM, [IRQSIM_LINUX_MODERN] = SYSTEM_INTR};
/* clang-format on */

static setter_t setter_of(irqsim_era_t era, uint32_t vector)
{
    if (vector < FIRST_EXTERNAL)
        return (setter_t)gate_of[era][vector];
    return vector == SYSCALL_VECTOR ? (setter_t)gate_of_system_call[era] : SET_INTR_GATE;
}

/* GATE-02 */
static uint64_t gate(const irqsim_kernel_t *k, uint32_t vector)
{
    const setter_t setter = setter_of(k->desc.era, vector);
    const uint32_t access = DESC_P | DESC_DPL(setters[setter].dpl) | setters[setter].type;

    if (setter == NO_GATE)
        return 0;
    if (setter == SET_TASK_GATE)
        return DESC_GATE(0, SELECTOR(FIRST_TSS + k->n_cpus, 0), access);
    return DESC_GATE(TEXT_STUBS + vector * STUB_SIZE, KERNEL_CS, access);
}

void irqsim__kernel_write_idt(irqsim_kernel_t *k, uint32_t idt)
{
    for (uint32_t vector = 0; vector < 256; vector++)
        irqsim__kernel_put64(k, idt + 8 * vector, gate(k, vector));
}

/* The task of a double fault: the same for all CPUs, IF=0, on a stack of its own
 * (CPU-49). */
void irqsim__kernel_write_doublefault_tss(irqsim_kernel_t *k, uint32_t tss, uint32_t stack)
{
    static const uint8_t data_segment[] = {TSS_ES, TSS_SS, TSS_DS};

    irqsim_guest_write(k->m, 0, tss + TSS_EIP, TEXT_STUBS + VECTOR_DF * STUB_SIZE);
    irqsim_guest_write(k->m, 0, tss + TSS_EFLAGS, EFLAGS_RESERVED | EFLAGS_SF);
    irqsim_guest_write(k->m, 0, tss + TSS_ESP, stack);
    irqsim_guest_write(k->m, 0, tss + TSS_CS, KERNEL_CS);
    for (unsigned i = 0; i < sizeof(data_segment); i++)
        irqsim_guest_write(k->m, 0, tss + data_segment[i], KERNEL_DS);
    irqsim_guest_write(k->m, 0, tss + TSS32_ESP0, stack);
    irqsim_guest_write(k->m, 0, tss + TSS32_SS0, KERNEL_DS);
}
