/* SPDX-License-Identifier: MIT */
/*
 * board_at.c - PC/AT: sixteen ISA lines, two 8259As, one CPU
 *
 *   IRQ 8..15 --> slave --> IR2 of the master --> [pin_to_core] --> INTR
 *   PIT OUT0 --> IRQ 0
 */
#include "machine_int.h"

/* PIC-65, PIC-75: IRQ 0 is the PIT's, IRQ 2 the cascade's. */
/* clang-format off */
static const net_t nets[] = {
    /*       chip    ir pin      reserved */
    [0]  = {MASTER, 0, NOWHERE, 1},
    [1]  = {MASTER, 1, NOWHERE, 0},
    [2]  = {NOWHERE, 0, NOWHERE, 1},
    [3]  = {MASTER, 3, NOWHERE, 0},
    [4]  = {MASTER, 4, NOWHERE, 0},
    [5]  = {MASTER, 5, NOWHERE, 0},
    [6]  = {MASTER, 6, NOWHERE, 0},
    [7]  = {MASTER, 7, NOWHERE, 0},
    [8]  = {SLAVE,  0, NOWHERE, 0},
    [9]  = {SLAVE,  1, NOWHERE, 0},
    [10] = {SLAVE,  2, NOWHERE, 0},
    [11] = {SLAVE,  3, NOWHERE, 0},
    [12] = {SLAVE,  4, NOWHERE, 0},
    [13] = {SLAVE,  5, NOWHERE, 0},
    [14] = {SLAVE,  6, NOWHERE, 0},
    [15] = {SLAVE,  7, NOWHERE, 0},
};
/* clang-format on */

/* ---- the INTR wire ---- */

static irqsim_time_t wire_due(irqsim_machine_t *m)
{
    return m->wire.count ? m->wire.edge[0] : IRQSIM_NEVER;
}

/* TIME-45, PIC-71: the CPU sees both edges of INT equally late. A pulse without
 * width is none; one that finds the wire full of edges is too short to pass. */
static void wire_enter(irqsim_machine_t *m)
{
    wire_t *w = &m->wire;
    const irqsim_time_t due = later(m->g.now, m->ps.pin_to_core);

    if (w->count == WIRE_EDGES || (w->count && w->edge[w->count - 1] == due))
        w->count--;
    else
        w->edge[w->count++] = due;
    irqsim__machine_set_bus_due(m, wire_due(m));
}

static void wire_leave(irqsim_machine_t *m)
{
    wire_t *w = &m->wire;

    w->count--;
    for (unsigned i = 0; i < w->count; i++)
        w->edge[i] = w->edge[i + 1];
    w->level ^= 1;
    irqsim__machine_set_bus_due(m, wire_due(m));
    irqsim_cpu_set_intr(&m->core[0].cpu, w->level);
    irqsim__machine_schedule(m, 0);
}

/* Nothing asks for it: there are no APICs here, only INT. */
const transport_t irqsim__machine_wire = {
    .next = wire_due,
    .act = wire_leave,
};

const board_t irqsim__machine_at = {
    .net = nets,
    .lines = sizeof(nets) / sizeof(nets[0]),
    .pit_line = 0,
    .pic_int = wire_enter,
    .acknowledge = irqsim__machine_inta,
};
