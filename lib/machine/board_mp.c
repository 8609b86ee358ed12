/* SPDX-License-Identifier: MIT */
/*
 * board_mp.c - MP board: one IOAPIC, a LAPIC per CPU, the 8259A pair beside them
 *
 *   ISA line n --> 8259A and IOAPIC pin n, but line 0 (the PIT) on pin 2
 *   PCI lines  --> pins 16-23
 *   8259A INT  --> IOAPIC pin 0 and LINT0 of every CPU (MP-02, MP-03, MP-06)
 *
 * In symmetric mode nobody listens to the 8259A (MP-04). Boards with an IMCR begin in
 * PIC mode: 8259A INT goes to the INTR of CPU 0 and not to LINT0 (MP-01, MP-05).
 */
#include <irqsim/regs/pic8259_regs.h>

#include "machine_int.h"

#define IMCR_INDEX 0x70u /* PIC-78 */

/* Lines are named by their IOAPIC pin (IOAPIC-35). */
/* clang-format off */
static const net_t nets[] = {
    /*       chip    ir pin reserved */
    [PIC_INT_LINE] = {NOWHERE, 0, 0, 1},
    [1]  = {MASTER,  1,  1, 0},
    [2]  = {MASTER,  0,  2, 0}, /* PIT */
    [3]  = {MASTER,  3,  3, 0},
    [4]  = {MASTER,  4,  4, 0},
    [5]  = {MASTER,  5,  5, 0},
    [6]  = {MASTER,  6,  6, 0},
    [7]  = {MASTER,  7,  7, 0},
    [8]  = {SLAVE,   0,  8, 0},
    [9]  = {SLAVE,   1,  9, 0},
    [10] = {SLAVE,   2, 10, 0},
    [11] = {SLAVE,   3, 11, 0},
    [12] = {SLAVE,   4, 12, 0},
    [13] = {SLAVE,   5, 13, 0},
    [14] = {SLAVE,   6, 14, 0},
    [15] = {SLAVE,   7, 15, 0},
    [16] = {NOWHERE, 0, 16, 0},
    [17] = {NOWHERE, 0, 17, 0},
    [18] = {NOWHERE, 0, 18, 0},
    [19] = {NOWHERE, 0, 19, 0},
    [20] = {NOWHERE, 0, 20, 0},
    [21] = {NOWHERE, 0, 21, 0},
    [22] = {NOWHERE, 0, 22, 0},
    [23] = {NOWHERE, 0, 23, 0},
};
/* clang-format on */

/* ---- the 8259A's way to the CPUs ---- */

/* Whoever listens to LINT0 hears it, or it is the INTR of the bootstrap processor. */
static void spread_pic_int(irqsim_machine_t *m)
{
    for (uint32_t word = 0; word < words_for(m->cpus); word++)
        for (uint32_t rest = m->lint0[word]; rest; rest &= rest - 1) {
            const unsigned cpu = word * 32 + (unsigned)__builtin_ctz(rest);
            irqsim__machine_sync_lint0(m, cpu);
            irqsim__machine_settle_lapic(m, cpu);
        }
    if (has_imcr(m))
        irqsim__machine_settle_lapic(m, BOOTSTRAP_CPU);
}

static void pic_int(irqsim_machine_t *m)
{
    irqsim__machine_drive(m, PIC_INT_LINE, m->g.pic_int, NO_DEVICE, 0);
    spread_pic_int(m);
}

/* ---- INTR is taken ---- */

static ASIDE uint64_t say_ack(irqsim_machine_t *m, unsigned cpu, uint8_t vector, uint32_t ppr,
                              bool spurious)
{
    core_t *core = &m->core[cpu];

    if (spurious)
        return say(m, IRQSIM_EV_LAPIC_SPURIOUS, cpu, 0, vector, 0, 0);

    const uint64_t cause = wide(m, core->accepted[vector - LEAST_VECTOR]);
    const uint64_t seq = say(m, IRQSIM_EV_LAPIC_ACK, cpu, cause, vector, ppr, 0);
    core->serving[vector >> 4] = (uint32_t)seq;
    return seq;
}

static ack_t acknowledge_lapic(irqsim_machine_t *m, unsigned cpu)
{
    irqsim_lapic_t *la = &m->lapic[cpu];
    const bool spurious = irqsim_lapic_pending(la) < 0;
    const uint32_t ppr = observed(m) ? irqsim_lapic_ppr(la) : 0;
    ack_t ack = {.vector = irqsim_lapic_ack(la)};

    m->g.lapic_spurious += spurious; /* APIC-49 */
    if (observed(m))
        ack.cause = say_ack(m, cpu, ack.vector, ppr, spurious);
    irqsim__machine_settle_lapic(m, cpu);
    return ack;
}

/* MP-01: past the APIC; what the APIC has to deliver comes when the 8259A is quiet. */
static bool intr_is_the_pic(const irqsim_machine_t *m, unsigned cpu)
{
    return cpu == BOOTSTRAP_CPU && in_pic_mode(m) &&
           (m->g.pic_int || irqsim_lapic_pending(&m->lapic[cpu]) < 0);
}

/* ExtINT knows no priority and goes first (APIC-42), whatever the LAPIC has itself in
 * mixed mode (MP-07). MP-08: the CPU runs the pair of INTA cycles, the LAPIC's ISR is not
 * touched. */
static ack_t acknowledge(irqsim_machine_t *m, unsigned cpu)
{
    const bool extint = m->lapic[cpu].out & IRQSIM_LAPIC_OUT_EXTINT;

    if (!extint)
        return intr_is_the_pic(m, cpu) ? irqsim__machine_inta(m, cpu) : acknowledge_lapic(m, cpu);

    const ack_t ack = irqsim__machine_inta(m, cpu);
    irqsim_lapic_extint_taken(&m->lapic[cpu]);
    irqsim__machine_settle_lapic(m, cpu);
    return ack;
}

/* ---- ports that an AT does not have ---- */

static uint8_t read_imcr(irqsim_machine_t *m, unsigned reg)
{
    if (!has_imcr(m))
        return UINT8_MAX;
    if (reg == 0)
        return m->g.imcr_index;
    return m->g.imcr_index == IMCR_INDEX ? m->g.imcr : UINT8_MAX;
}

static void write_imcr(irqsim_machine_t *m, unsigned reg, uint8_t value)
{
    if (!has_imcr(m))
        return;
    if (reg == 0) {
        m->g.imcr_index = value;
    } else if (m->g.imcr_index == IMCR_INDEX) {
        m->g.imcr = value; /* PIC-78 */
        spread_pic_int(m);
    }
}

static const port_t ports[] = {
    {0x22, 0x23, read_imcr, write_imcr},
};

const board_t irqsim__machine_mp = {
    .net = nets,
    .lines = sizeof(nets) / sizeof(nets[0]),
    .pit_line = 2,
    .port = ports,
    .ports = sizeof(ports) / sizeof(ports[0]),
    .apics = true,
    .pic_int = pic_int,
    .acknowledge = acknowledge,
};
