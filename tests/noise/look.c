/* SPDX-License-Identifier: MIT */
/* look.c - what holds in any state that a guest can bring about, and in those of a tame one */
#include <irqsim/regs/ioapic_regs.h>
#include <irqsim/regs/lapic_regs.h>
#include <irqsim/regs/pic8259_regs.h>

#include "noise.h"

/* ---- APICs ---- */

/* INTR comes from the LAPIC; in PIC mode CPU 0 has the 8259A's as well (MP-01). */
static const char *look_at_intr(const noise_t *n, unsigned cpu)
{
    const irqsim_lapic_t *la = irqsim_machine_lapic(n->m, cpu);
    const bool serial = la->family == IRQSIM_APIC_P5 || la->family == IRQSIM_APIC_P6;
    const bool pic = cpu == 0 && serial && irqsim_machine_pic(n->m, 0)->out & IRQSIM_PIC_OUT_INT;
    const bool asks = la->out & (IRQSIM_LAPIC_OUT_INTR | IRQSIM_LAPIC_OUT_EXTINT);
    const bool intr = irqsim_machine_cpu(n->m, cpu)->in & IRQSIM_CPU_IN_INTR;

    return asks == intr || (pic && intr) ? NULL : "the CPU's INTR pin is not what its LAPIC says";
}

static int highest_in(const uint32_t set[8])
{
    int word = 7, bit = 31;

    while (word >= 0 && !set[word])
        word--;
    while (word >= 0 && !(set[word] >> bit & 1))
        bit--;
    return word < 0 ? -1 : word * 32 + bit;
}

/* APIC-39, APIC-40, found out the slow way. */
static bool is_deliverable(const irqsim_lapic_t *la)
{
    const int requested = highest_in(la->irr), served = highest_in(la->isr);
    const int task = (int)(la->tpr >> 4), in_service = served < 0 ? 0 : served >> 4;

    return requested >= 0 && requested >> 4 > (task > in_service ? task : in_service);
}

static const char *look_at_lapic(const irqsim_lapic_t *la)
{
    if (is_deliverable(la) != !!(la->out & IRQSIM_LAPIC_OUT_INTR))
        return "something is deliverable without INTR, or INTR with nothing";
    if ((la->irr[0] | la->isr[0]) & 0xFFFF)
        return "a vector below 16 is requested or in service";
    if (irqsim_lapic_irrv(la) != highest_in(la->irr) ||
        irqsim_lapic_isrv(la) != highest_in(la->isr))
        return "the highest of IRR or ISR is another";
    return irqsim_lapic_is_sound(la) ? NULL : "what follows from a LAPIC's state does not";
}

/* IOAPIC-24..26: a level that is asserted, open and not accepted is to be sent, and only
 * that; unheard ones have been (IOAPIC-14). */
static const char *look_at_levels(const irqsim_ioapic_t *io)
{
    const uint32_t asserted = (io->in ^ io->low) | io->written;
    const uint32_t due = io->level & asserted & ~(io->closed | io->remote | io->busy);

    if (due & ~(io->pending | io->unheard))
        return "an IOAPIC does not send a level that asks";
    if (io->pending & io->level & ~due)
        return "an IOAPIC wants to send a level that does not ask";
    return !io->pending == !(io->out & IRQSIM_IOAPIC_OUT_MSG) ? NULL : "OUT_MSG is not `pending`";
}

static const char *look_at_ioapic(const irqsim_ioapic_t *io)
{
    if (!irqsim_ioapic_is_sound(io))
        return "what follows from an IOAPIC's state does not";
    if (io->remote & ~io->level)
        return "remote IRR at an edge pin";
    for (unsigned pin = 0; pin < IRQSIM_IOAPIC_PINS; pin++) {
        const uint32_t rte = (uint32_t)irqsim_ioapic_rte(io, pin);
        const uint32_t mode = (rte & IOAPIC_RTE_DM_MASK) >> IOAPIC_RTE_DM_SHIFT;

        if (io->pending >> pin & 1 && (mode == IRQSIM_APIC_REMOTE_READ || mode == IRQSIM_APIC_SIPI))
            return "an entry of a reserved mode wants to send";
        if (!(rte & IOAPIC_RTE_REMOTE_IRR) != !(io->remote >> pin & 1))
            return "bit 14 of an entry is not remote IRR";
    }
    return look_at_levels(io);
}

/* ---- the APIC bus ---- */

#define SELF_WAITS 0x80u /* irqsim_lapic_t.local_waits */

static bool is_undecided(const irqsim_icc_t *bus)
{
    return bus->phase != IRQSIM_ICC_IDLE && bus->phase != IRQSIM_ICC_ENDING;
}

/* A self IPI that waits for a slot is not on the bus. */
static unsigned taken_from(const noise_t *n, unsigned agent)
{
    const unsigned cpus = irqsim_machine_cpus(n->m);

    if (agent >= cpus)
        return (unsigned)__builtin_popcount(irqsim_machine_ioapic_at(n->m, agent - cpus)->busy);
    const irqsim_lapic_t *la = irqsim_machine_lapic(n->m, agent);
    return la->icr_busy == IRQSIM_LAPIC_ICR_TAKEN && !(la->local_waits & SELF_WAITS);
}

/* One message is on the bus, its sender's, until its fate is known. */
static const char *look_at_senders(const noise_t *n, const irqsim_icc_t *bus)
{
    const unsigned agents = irqsim_machine_cpus(n->m) + irqsim_machine_ioapics(n->m);
    unsigned taken = 0;

    for (unsigned agent = 0; agent < agents; agent++)
        taken += taken_from(n, agent);
    if (taken > 1)
        return "two messages are on the APIC bus";
    if (taken && (!is_undecided(bus) || bus->sender >= agents || !taken_from(n, bus->sender)))
        return "a message is on the APIC bus that its bus knows nothing of";
    return NULL;
}

static const char *look_at_bus(const noise_t *n)
{
    const irqsim_icc_t *bus = irqsim_machine_icc(n->m);
    uint32_t ids = 0;

    if (!bus)
        return NULL;
    ids |= bus->bridge_arb;
    for (unsigned cpu = 0; cpu < irqsim_machine_cpus(n->m); cpu++)
        ids |= irqsim_machine_lapic(n->m, cpu)->arb_id;
    for (unsigned i = 0; i < irqsim_machine_ioapics(n->m); i++)
        ids |= irqsim_machine_ioapic_at(n->m, i)->arb;
    return ids > 0xF ? "an arbitration ID has more than four bits" : look_at_senders(n, bus);
}

/* ---- the 8259A pair ---- */

/* The first INTA pulse of a chip without INT finds nothing. While a poll or an
 * acknowledge is under way, INT is what it was (PIC-31, PIC-60). */
static const char *look_at_pic(const irqsim_pic_t *pic)
{
    irqsim_pic_t copy = *pic;

    if (!irqsim_pic_is_sound(pic))
        return "what follows from an 8259A's state does not";
    if (pic->frozen || pic->out & IRQSIM_PIC_OUT_INT)
        return NULL;
    irqsim_pic_inta1(&copy);
    return copy.acked ? "an 8259A without INT had something to acknowledge" : NULL;
}

/* PIC-95, MP-03: wires have the level of what drives them. */
static const char *look_at_wires(const noise_t *n)
{
    const irqsim_pic_t *master = irqsim_machine_pic(n->m, 0);
    const irqsim_pic_t *slave = irqsim_machine_pic(n->m, 1);
    const irqsim_ioapic_t *io = irqsim_machine_ioapic(n->m);

    if (!(master->in & IRQSIM_PIC_IN_IR(PIC_CASCADE_IR)) != !(slave->out & IRQSIM_PIC_OUT_INT))
        return "the master's IR2 is not the slave's INT";
    if (io && (io->in & 1) != (master->out & IRQSIM_PIC_OUT_INT))
        return "pin 0 of the IOAPIC is not the 8259A's INT";
    return NULL;
}

/* ---- a tame guest ---- */

#define EOI_TIME (1000 * IRQSIM_PS_PER_NS) /* at most, from the LAPIC to the IOAPIC */

static bool holds(const uint32_t set[8], uint8_t vector)
{
    return set[vector >> 5] >> (vector & 31) & 1;
}

/* IOAPIC-24: what a level pin has sent is requested, in service, or its EOI waits or is
 * under way; and only then remote IRR is set. */
static const char *look_at_pin(noise_t *n, unsigned i)
{
    const uint8_t gsi = noise_pins[i].gsi, vector = noise_pins[i].vector;
    const irqsim_ioapic_t *io = irqsim_machine_ioapic_at(n->m, gsi / IRQSIM_IOAPIC_PINS);
    const irqsim_lapic_t *la = irqsim_machine_lapic(n->m, noise_pin_cpu(n, i));
    const bool remote = io->remote >> gsi % IRQSIM_IOAPIC_PINS & 1;
    const bool in_core = holds(la->irr, vector) || holds(la->isr, vector);
    const bool held = in_core || holds(la->eoi_queue, vector);
    const irqsim_time_t now = irqsim_machine_now(n->m);

    if (in_core && !holds(la->tmr, vector))
        return "a level vector has no TMR bit";
    if (held && !remote)
        return "a level vector is requested, in service or to be ended without remote IRR";
    if (held || !remote)
        n->ended[i] = IRQSIM_NEVER;
    else if (n->ended[i] == IRQSIM_NEVER)
        n->ended[i] = now;
    return n->ended[i] < now && now - n->ended[i] > EOI_TIME ? "remote IRR outlives the EOI" : NULL;
}

static const char *look_at_pins(noise_t *n)
{
    const char *why = NULL;

    for (unsigned i = 0; i < noise_pins_of(n) && !why; i++)
        why = look_at_pin(n, i);
    return why;
}

/* ---- all of it ---- */

static const char *look_at_apics(const noise_t *n)
{
    const char *why = look_at_bus(n);

    for (unsigned cpu = 0; cpu < irqsim_machine_cpus(n->m) && !why; cpu++) {
        why = look_at_lapic(irqsim_machine_lapic(n->m, cpu));
        why = why ? why : look_at_intr(n, cpu);
    }
    for (unsigned i = 0; i < irqsim_machine_ioapics(n->m) && !why; i++)
        why = look_at_ioapic(irqsim_machine_ioapic_at(n->m, i));
    return why;
}

const char *noise_look(noise_t *n)
{
    const char *why = look_at_wires(n);

    for (unsigned chip = 0; chip < 2 && !why; chip++)
        why = look_at_pic(irqsim_machine_pic(n->m, chip));
    if (!why && irqsim_machine_board(n->m) == IRQSIM_BOARD_MP)
        why = look_at_apics(n);
    return !why && n->board->tame ? look_at_pins(n) : why;
}
