/* SPDX-License-Identifier: MIT */
/*
 * lapic.c - a local APIC's beginning: power-up, INIT, what survives which
 */
#include <string.h>

#include "lapic_irr.h"

static const irqsim_clock_t usual_clock = {UINT64_C(1000000000), 1};

void irqsim_lapic_init(irqsim_lapic_t *la, const irqsim_lapic_desc_t *desc)
{
    static const irqsim_lapic_desc_t usual = {.family = IRQSIM_APIC_XAPIC};

    desc = desc ? desc : &usual;
    memset(la, 0, sizeof(*la));
    la->family = desc->family <= IRQSIM_APIC_X2APIC ? desc->family : IRQSIM_APIC_XAPIC;
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

/* ---- snapshots ---- */

static uint32_t words_in_use(const uint32_t set[8])
{
    uint32_t words = 0;

    for (unsigned i = 0; i < 8; i++)
        words |= (uint32_t)(set[i] != 0) << i;
    return words;
}

/* A periodic count that runs has a period. */
static bool timer_is_sound(const irqsim_lapic_t *la)
{
    const bool runs = la->timer_deadline != IRQSIM_NEVER || la->timer_target;

    return la->timer_initial || !runs || la->lvt[IRQSIM_LVT_TIMER] & LAPIC_LVT_TIMER_DEADLINE;
}

bool irqsim_lapic_is_sound(const irqsim_lapic_t *la)
{
    irqsim_lapic_t again = *la;

    find_served(&again);
    return la->irr_words == words_in_use(la->irr) && la->isr_words == words_in_use(la->isr) &&
           la->eoi_words == words_in_use(la->eoi_queue) &&
           la->irrv == highest(la->irr_words, la->irr) &&
           la->isrv == highest(la->isr_words, la->isr) && la->served == again.served &&
           timer_is_sound(la);
}
