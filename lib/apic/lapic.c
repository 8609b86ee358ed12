/* SPDX-License-Identifier: MIT */
/*
 * lapic.c - a local APIC's beginning: power-up, INIT, what survives which
 */
#include <string.h>

#include "lapic_int.h"

static const irqsim_clock_t usual_clock = {UINT64_C(1000000000), 1};

void irqsim_lapic_init(irqsim_lapic_t *la, const irqsim_lapic_desc_t *desc)
{
    memset(la, 0, sizeof(*la));
    la->family = (uint32_t)desc->family;
    la->variants = desc->variants;
    la->topology_id = desc->apic_id;
    la->bsp = desc->bsp;
    la->has_tsc_deadline = desc->tsc_deadline;
    la->timer_clk = desc->timer_clk.num ? desc->timer_clk : usual_clock;
    la->tsc_clk = desc->tsc_clk.num ? desc->tsc_clk : la->timer_clk;
    irqsim_lapic_reset(la, IRQSIM_LAPIC_RESET_POWER_ON);
}

void irqsim__lapic_load_ids(irqsim_lapic_t *la)
{
    la->id = on_serial_bus(la) ? la->topology_id & 0xF : la->topology_id & 0xFF;
    la->arb_id = la->id & 0xF; /* APIC-97 */
}

void irqsim__lapic_clear(irqsim_lapic_t *la)
{
    const irqsim_lapic_t was = *la;

    memset(la, 0, sizeof(*la)); /* APIC-31; APIC-88: the timer stops too */
    la->timer_clk = was.timer_clk;
    la->tsc_clk = was.tsc_clk;
    la->family = was.family;
    la->variants = was.variants;
    la->topology_id = was.topology_id;
    la->bsp = was.bsp;
    la->has_tsc_deadline = was.has_tsc_deadline;
    la->in = was.in;
    la->apic_base = was.apic_base;
    la->id = was.id;
    la->arb_id = was.arb_id;
    la->timer_deadline = IRQSIM_NEVER;
    irqsim__lapic_reset_regs(la);
    irqsim__lapic_settle_lints(la);
}

void irqsim_lapic_reset(irqsim_lapic_t *la, irqsim_lapic_reset_kind_t kind)
{
    /* APIC-32: INIT keeps the IDs and the mode, x2APIC too. */
    if (kind == IRQSIM_LAPIC_RESET_POWER_ON) {
        la->apic_base = LAPIC_MMIO_BASE | APIC_BASE_EN | (la->bsp ? APIC_BASE_BSP : 0);
        irqsim__lapic_load_ids(la);
    }
    irqsim__lapic_clear(la);
}
