/* SPDX-License-Identifier: MIT */
/*
 * bench_pic - the 8259A pair of a PC, by its pins and ports
 *
 *   w1           line up, INTA, line down, EOI; the lines in turn
 *   w2           a storm: random lines toggle, masks change, what requests is served
 *   w2-latched   the same with edges that outlive their line (PIC-85)
 */
#include <irqsim/pic8259.h>
#include <irqsim/regs/pic8259_regs.h>

#include "work.h"

#define CMD     0u
#define DATA    1u
#define CASCADE IRQSIM_PIC_IN_IR(PIC_CASCADE_IR)

enum { MASTER_BASE = 0x20, SLAVE_BASE = 0x28, FIRST_SLAVE_IRQ = 8, IRQS = 15 };

static const uint8_t irqs[IRQS] = {0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

typedef struct pair {
    irqsim_pic_t master, slave;
} pair_t;

static bool requests(const irqsim_pic_t *pic)
{
    return pic->out & IRQSIM_PIC_OUT_INT;
}

/* PIC-65: the slave's INT is the master's IR2. */
static void wire(pair_t *p)
{
    const uint32_t ir2 = requests(&p->slave) ? CASCADE : 0;

    if ((p->master.in & CASCADE) != ir2)
        irqsim_pic_set_in(&p->master, p->master.in ^ CASCADE);
}

static void toggle(pair_t *p, unsigned irq)
{
    if (irq < FIRST_SLAVE_IRQ) {
        irqsim_pic_set_in(&p->master, p->master.in ^ IRQSIM_PIC_IN_IR(irq));
    } else {
        irqsim_pic_set_in(&p->slave, p->slave.in ^ IRQSIM_PIC_IN_IR(irq - FIRST_SLAVE_IRQ));
        wire(p);
    }
}

static void write_master(pair_t *p, unsigned a0, unsigned value)
{
    irqsim_pic_write(&p->master, a0, (uint8_t)value);
}

static void write_slave(pair_t *p, unsigned a0, unsigned value)
{
    irqsim_pic_write(&p->slave, a0, (uint8_t)value);
    wire(p);
}

/* PIC-31: the slave that the master names answers in its place. */
static unsigned inta(pair_t *p)
{
    int line;
    unsigned vector = irqsim_pic_inta(&p->master, &line);

    if (irqsim_pic_cascaded(&p->master, line)) {
        vector = irqsim_pic_inta(&p->slave, &line);
        wire(p);
    }
    return vector;
}

static void end(pair_t *p, bool slave)
{
    if (slave)
        write_slave(p, CMD, PIC_OCW2_EOI);
    write_master(p, CMD, PIC_OCW2_EOI);
}

static pair_t power_up(uint32_t variants)
{
    const irqsim_pic_desc_t master = {.variants = variants};
    const irqsim_pic_desc_t slave = {.slave = true, .variants = variants};
    pair_t p;

    irqsim_pic_init(&p.master, &master);
    irqsim_pic_init(&p.slave, &slave);
    write_master(&p, CMD, PIC_ICW1_INIT | PIC_ICW1_IC4);
    write_master(&p, DATA, MASTER_BASE);
    write_master(&p, DATA, PIC_ICW3_MASTER_SLAVE_ON(PIC_CASCADE_IR));
    write_master(&p, DATA, PIC_ICW4_UPM_8086);
    write_slave(&p, CMD, PIC_ICW1_INIT | PIC_ICW1_IC4);
    write_slave(&p, DATA, SLAVE_BASE);
    write_slave(&p, DATA, PIC_CASCADE_IR);
    write_slave(&p, DATA, PIC_ICW4_UPM_8086);
    write_master(&p, DATA, 0);
    write_slave(&p, DATA, 0);
    return p;
}

/* ---- the works ---- */

static tally_t cycle(uint64_t n, uint32_t variants)
{
    pair_t p = power_up(variants);
    tally_t done = {0, 0};
    unsigned turn = 0;

    for (uint64_t i = 0; i < n; i++) {
        const unsigned irq = irqs[turn];

        toggle(&p, irq);
        if (requests(&p.master))
            tally(&done, inta(&p));
        toggle(&p, irq);
        end(&p, irq >= FIRST_SLAVE_IRQ);
        turn = turn + 1 < IRQS ? turn + 1 : 0;
    }
    return done;
}

static void serve(pair_t *p, tally_t *done)
{
    const unsigned vector = inta(p);

    tally(done, vector);
    end(p, vector >= SLAVE_BASE);
}

static tally_t storm(uint64_t n, uint32_t variants)
{
    pair_t p = power_up(variants);
    tally_t done = {0, 0};
    uint64_t x = 12345;

    for (uint64_t i = 0; i < n; i++) {
        x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        const uint32_t r = (uint32_t)(x >> 33), kind = r & 15;

        if (kind < 14)
            toggle(&p, irqs[(r >> 4) % IRQS]);
        else if (kind == 14)
            write_master(&p, DATA, (r >> 8 & 0xFF) & ~(unsigned)CASCADE);
        else
            write_slave(&p, DATA, r >> 8 & 0xFF);
        if (requests(&p.master))
            serve(&p, &done);
    }
    return done;
}

static const work_t works[] = {
    {"w1", cycle, 0, UINT64_C(0xaf28b513ddd2e000)},
    {"w2", storm, 0, 0},
    {"w2-latched", storm, IRQSIM_PIC_VARIANT_LATCHED_EDGE, UINT64_C(0xf0164a3c35ccb04c)},
};

int main(int argc, char **argv)
{
    return work_main(argc, argv, works, sizeof(works) / sizeof(works[0]));
}
