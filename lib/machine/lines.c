/* SPDX-License-Identifier: MIT */
/*
 * lines.c - wires from devices and the PIT to the controllers; the 8259A pair
 *
 * A line is a level with a count of its drivers. The controllers find edges
 * themselves.
 */
#include <irqsim/regs/pic8259_regs.h>

#include "machine_int.h"

#define TRACED_PIT_CHANNEL 0u

static uint32_t bit(unsigned n)
{
    return UINT32_C(1) << n;
}

/* ---- the 8259A pair (PIC-65) ---- */

static unsigned irq_of(unsigned chip, int line)
{
    return chip * 8 + (unsigned)line;
}

/* The board's line behind an ISA irq: its cause, for the chip's events. */
static uint64_t irq_cause(const irqsim_machine_t *m, unsigned irq)
{
    for (uint32_t i = 0; i < m->board->lines; i++) {
        const net_t *net = &m->board->net[i];
        if (net->chip != NOWHERE && irq_of(net->chip, net->ir) == irq)
            return wide(m, m->g.line_cause[i]);
    }
    return 0;
}

/* What the master's INT is about: the slave's line if that is behind it. */
static uint64_t int_cause(const irqsim_machine_t *m, unsigned chip)
{
    int line = irqsim_pic_best(&m->pic[chip]);

    if (chip == MASTER && irqsim_pic_cascaded(&m->pic[MASTER], line)) {
        chip = SLAVE;
        line = irqsim_pic_best(&m->pic[SLAVE]);
    }
    return line < 0 ? 0 : irq_cause(m, irq_of(chip, line));
}

static void say_int(irqsim_machine_t *m, unsigned chip)
{
    if (observed(m))
        say(m, IRQSIM_EV_PIC_INT, IRQSIM_NO_CPU, int_cause(m, chip), chip, m->pic[chip].out, 0);
}

/* PIC-70, PIC-95: the slave's INT is a level on IR2 and falls with its request. */
void irqsim__machine_pics_moved(irqsim_machine_t *m)
{
    irqsim_pic_t *master = &m->pic[MASTER];
    const uint32_t cascade = IRQSIM_PIC_IN_IR(PIC_CASCADE_IR);
    const bool slave_int = m->pic[SLAVE].out & IRQSIM_PIC_OUT_INT;

    if (slave_int != ((master->in & cascade) != 0)) {
        say_int(m, SLAVE);
        irqsim_pic_set_in(master, slave_int ? master->in | cascade : master->in & ~cascade);
    }
    if (master->out != m->g.pic_int) {
        m->g.pic_int = (uint8_t)master->out;
        say_int(m, MASTER);
        m->board->pic_int(m);
    }
}

/* INT is low between the pulses. It can be high again behind them only if what was
 * taken does not stay in service (PIC-47), or lets its own line through (PIC-43). */
static bool may_dip(const irqsim_machine_t *m)
{
    return (m->pic[MASTER].icw[3] | m->pic[SLAVE].icw[3]) & (PIC_ICW4_AEOI | PIC_ICW4_SFNM);
}

/* PIC-31: two pulses; the slave answers the second if the master says so and the
 * cascade lines carry its number. Nobody on the bus reads as ones. */
static uint8_t inta_pair(irqsim_machine_t *m, unsigned *chip, int *line)
{
    irqsim_pic_t *master = &m->pic[MASTER], *slave = &m->pic[SLAVE];
    const int taken = irqsim_pic_inta1(master);
    const bool cascaded = irqsim_pic_cascaded(master, taken);
    const bool asked = cascaded && irqsim_pic_selected(slave, taken);

    *chip = asked ? SLAVE : MASTER;
    *line = asked ? irqsim_pic_inta1(slave) : taken;
    if (may_dip(m)) /* edges on the wires: PIC-95, MP-03 */
        irqsim__machine_settle_pics(m);
    const uint8_t own = irqsim_pic_inta2(master);
    if (asked)
        return irqsim_pic_inta2(slave);
    return cascaded ? UINT8_MAX : own;
}

/* PIC-32: who asked for a vector got the first byte of a CALL. */
static bool is_call(const irqsim_pic_t *pic, uint8_t vector)
{
    return vector == IRQSIM_PIC_CALL_OPCODE && pic->initialized && !(pic->icw[3] & PIC_ICW4_UPM);
}

static ASIDE uint64_t say_inta(irqsim_machine_t *m, unsigned cpu, const ack_t *ack, unsigned chip,
                               unsigned line, bool spurious)
{
    const unsigned irq = irq_of(chip, (int)line);
    const uint64_t cause = spurious ? 0 : irq_cause(m, irq);
    const uint64_t seq = say(m, IRQSIM_EV_PIC_INTA, cpu, cause, ack->vector, irq, spurious);

    if (is_call(&m->pic[chip], ack->vector))
        say(m, IRQSIM_EV_PIC_MCS80, cpu, seq, chip, irq, 0);
    return seq;
}

ack_t irqsim__machine_inta(irqsim_machine_t *m, unsigned cpu)
{
    unsigned chip;
    int line;
    ack_t ack = {.cost = m->ps.inta_ns}; /* PIC-80 */

    ack.vector = inta_pair(m, &chip, &line);
    const bool spurious = line < 0;
    if (spurious) { /* PIC-67, PIC-68 */
        line = 7;
        m->g.irq7 += chip == MASTER;
        m->g.irq15 += chip == SLAVE;
    }
    if (observed(m))
        ack.cause = say_inta(m, cpu, &ack, chip, (unsigned)line, spurious);
    irqsim__machine_settle_pics(m);
    return ack;
}

/* ---- lines ---- */

/* Is the request of this 8259A input still to be acknowledged? A level that is
 * in service keeps its IRR bit (PIC-27). */
static bool pic_requested(const irqsim_pic_t *pic, unsigned ir)
{
    return irqsim_pic_irr(pic) & ~(pic->isr & pic->level) & bit(ir);
}

/* An edge pin has sent, or will send, whatever its line does: only a level that
 * nobody accepted goes away with it (IOAPIC-26). */
static bool ioapic_requested(const irqsim_ioapic_t *io, unsigned pin)
{
    return (io->in ^ io->low) & io->level & ~(io->busy | io->remote) & bit(pin);
}

bool irqsim__machine_requested(const irqsim_machine_t *m, uint32_t line)
{
    const net_t net = net_of(m, line);
    const irqsim_ioapic_t *io = &m->ioapic[net.pin != NOWHERE ? net.pin / PINS : 0];
    const unsigned pin = net.pin % PINS;
    const bool ioapic_hears = net.pin != NOWHERE && !(io->closed & bit(pin));

    if (ioapic_hears || net.chip == NOWHERE)
        return ioapic_requested(io, pin);
    return pic_requested(&m->pic[net.chip], net.ir);
}

static bool pic_hears(const irqsim_machine_t *m, const net_t *net)
{
    return net->chip != NOWHERE && m->pic[net->chip].initialized &&
           !(m->pic[net->chip].imr & bit(net->ir));
}

static ASIDE void say_withdrawn(irqsim_machine_t *m, const net_t *net, uint32_t line)
{
    say(m, IRQSIM_EV_PIC_WITHDRAWN, IRQSIM_NO_CPU, wide(m, m->g.line_cause[line]),
        irq_of(net->chip, net->ir), 0, 0);
}

static void drive_pic(irqsim_machine_t *m, const net_t *net, uint32_t line, bool high)
{
    irqsim_pic_t *pic = &m->pic[net->chip];
    const bool waited = observed(m) && pic->in & ~(pic->spent | pic->level) & bit(net->ir);

    irqsim_pic_set_in(pic, high ? pic->in | bit(net->ir) : pic->in & ~bit(net->ir));
    if (waited && !high && !(pic->latched & bit(net->ir)) && pic_hears(m, net)) /* PIC-26 */
        say_withdrawn(m, net, line);
    irqsim__machine_settle_pics(m);
}

static bool drive_ioapic(irqsim_machine_t *m, const net_t *net, bool high)
{
    const unsigned n = net->pin / PINS, pin = net->pin % PINS;
    const bool raw = high != ((m->low_pins[n] & bit(pin)) != 0);

    irqsim_ioapic_set_pin(&m->ioapic[n], pin, raw);
    const uint32_t lost = irqsim__machine_settle_ioapic(m, n);
    /* The edge of an irq that runs by the 8259A is not lost. */
    return lost & bit(pin) && !pic_hears(m, net);
}

static ASIDE uint32_t say_line(irqsim_machine_t *m, uint32_t line, bool high, uint32_t device,
                               uint64_t cause)
{
    return (uint32_t)say(m, IRQSIM_EV_LINE, IRQSIM_NO_CPU, cause, line, high, device);
}

bool irqsim__machine_drive(irqsim_machine_t *m, uint32_t line, bool high, uint32_t device,
                           uint64_t cause)
{
    uint32_t *drivers = &m->drivers[line];
    const net_t net = net_of(m, line);
    const bool was_high = *drivers;

    *drivers = high ? *drivers + 1 : *drivers - 1;
    if ((*drivers != 0) == was_high)
        return false;

    const uint32_t seq = observed(m) ? say_line(m, line, high, device, cause) : 0;
    if (high)
        m->g.line_cause[line] = seq;
    if (net.chip != NOWHERE)
        drive_pic(m, &net, line, high);
    return net.pin != NOWHERE && drive_ioapic(m, &net, high);
}

/* ---- the PIT on its line ---- */

static void pit_drive(irqsim_machine_t *m)
{
    const uint32_t line = m->board->pit_line;
    const bool high = irqsim_pit_out(&m->pit) & IRQSIM_PIT_OUT(0);
    uint64_t tick = 0;

    if (high == m->g.pit_high)
        return;
    m->g.pit_high = high;
    if (high)
        tick = say(m, IRQSIM_EV_PIT_TICK, IRQSIM_NO_CPU, 0, TRACED_PIT_CHANNEL, 1, 0);
    irqsim__machine_drive(m, line, high, NO_DEVICE, tick);
}

void irqsim__machine_pit_settle(irqsim_machine_t *m)
{
    pit_drive(m);
    irqsim__machine_set_due(m, m->pit_actor, irqsim_pit_next_event(&m->pit, IRQSIM_PIT_OUT(0)));
}

void irqsim__machine_pit_act(irqsim_machine_t *m)
{
    irqsim_pit_advance(&m->pit, m->g.now);
    irqsim__machine_pit_settle(m);
}
