/* SPDX-License-Identifier: MIT */
/*
 * chip.c - interrupt controllers under the flow handlers: one row of verbs each
 *
 * Flow handlers (irq.c) say when to mask, ack and eoi; these say how, by ports
 * and registers only.
 */
#include <irqsim/regs/ioapic_regs.h>
#include <irqsim/regs/lapic_regs.h>
#include <irqsim/regs/pic8259_regs.h>

#include "kernel_int.h"

static void nothing(irqsim_kernel_t *k, kcpu_t *c, kirq_t *irq)
{
    (void)k;
    (void)c;
    (void)irq;
}

/* 8259A pair. Line 0..15; the masks are cached, as reading IMR costs a port access. */
static const struct {
    uint16_t command, data;
} pic_port[2] = {{PIC_MASTER_CMD, PIC_MASTER_DATA}, {PIC_SLAVE_CMD, PIC_SLAVE_DATA}};

static void pic_set_mask(irqsim_kernel_t *k, kcpu_t *c, unsigned line, bool masked)
{
    const unsigned chip = line / 8;
    const uint8_t bit = (uint8_t)PIC_OCW1_MASK(line % 8);

    k->pic_mask[chip] = (uint8_t)(masked ? k->pic_mask[chip] | bit : k->pic_mask[chip] & ~bit);
    irqsim_guest_outb(k->m, c->nr, pic_port[chip].data, k->pic_mask[chip]);
}

static void pic_mask(irqsim_kernel_t *k, kcpu_t *c, kirq_t *irq)
{
    pic_set_mask(k, c, irq->hwirq, true);
}

static void pic_unmask(irqsim_kernel_t *k, kcpu_t *c, kirq_t *irq)
{
    pic_set_mask(k, c, irq->hwirq, false);
}

/* LPIC-01: mask before EOI, slave before master. */
static void pic_mask_ack_line(irqsim_kernel_t *k, kcpu_t *c, unsigned line)
{
    const unsigned chip = line / 8;

    (void)irqsim_guest_inb(k->m, c->nr, pic_port[chip].data);
    pic_set_mask(k, c, line, true);
    irqsim_guest_outb(k->m, c->nr, pic_port[chip].command,
                      (uint8_t)(PIC_OCW2_SPECIFIC_EOI | line % 8));
    if (chip == 1)
        irqsim_guest_outb(k->m, c->nr, PIC_MASTER_CMD, PIC_OCW2_SPECIFIC_EOI | PIC_CASCADE_IR);
}

static void pic_mask_ack(irqsim_kernel_t *k, kcpu_t *c, kirq_t *irq)
{
    pic_mask_ack_line(k, c, irq->hwirq);
}

/* LPIC-02: a vector of a line that is masked in the cache: was it ever real? If
 * its ISR bit is clear it was not; it is answered as if it were all the same. */
bool irqsim__kernel_pic_spurious(irqsim_kernel_t *k, kcpu_t *c, unsigned line)
{
    const unsigned chip = line / 8;

    if (!(k->pic_mask[chip] & PIC_OCW1_MASK(line % 8)))
        return false;
    irqsim_guest_outb(k->m, c->nr, pic_port[chip].command, PIC_OCW3_READ_ISR);
    const uint8_t isr = irqsim_guest_inb(k->m, c->nr, pic_port[chip].command);
    irqsim_guest_outb(k->m, c->nr, pic_port[chip].command, PIC_OCW3_READ_IRR);
    if (isr & PIC_OCW1_MASK(line % 8))
        return false;
    pic_mask_ack_line(k, c, line);
    return true;
}

/* LPIC-05. */
void irqsim__kernel_pic_init(irqsim_kernel_t *k, kcpu_t *c)
{
    const uint8_t base = k->era->isa_base;
    const struct {
        uint16_t port;
        uint8_t value;
    } walk[] = {
        {PIC_MASTER_DATA, PIC_OCW1_MASK_ALL},
        {PIC_SLAVE_DATA, PIC_OCW1_MASK_ALL},
        {PIC_MASTER_CMD, PIC_ICW1_INIT | PIC_ICW1_IC4},
        {PIC_MASTER_DATA, base},
        {PIC_MASTER_DATA, PIC_ICW3_MASTER_SLAVE_ON(PIC_CASCADE_IR)},
        {PIC_MASTER_DATA, PIC_ICW4_UPM_8086},
        {PIC_SLAVE_CMD, PIC_ICW1_INIT | PIC_ICW1_IC4},
        {PIC_SLAVE_DATA, (uint8_t)(base + 8)},
        {PIC_SLAVE_DATA, PIC_CASCADE_IR},
        {PIC_SLAVE_DATA, PIC_ICW4_UPM_8086},
    };

    for (size_t i = 0; i < sizeof(walk) / sizeof(walk[0]); i++)
        irqsim_guest_outb(k->m, c->nr, walk[i].port, walk[i].value);

    /* On `at` the cascade is open; beside APICs the pair stays silent (MP-04). */
    k->pic_mask[0] = (uint8_t)(k->has_lapic ? PIC_OCW1_MASK_ALL
                                            : PIC_OCW1_MASK_ALL & ~PIC_OCW1_MASK(PIC_CASCADE_IR));
    k->pic_mask[1] = PIC_OCW1_MASK_ALL;
    irqsim_guest_outb(k->m, c->nr, PIC_MASTER_DATA, k->pic_mask[0]);
    irqsim_guest_outb(k->m, c->nr, PIC_SLAVE_DATA, k->pic_mask[1]);
}

/* IOAPIC: entries through the window; the low half carries the mask. */
#define LOW_HALF  0u
#define HIGH_HALF 1u

static void ioapic_write(irqsim_kernel_t *k, kcpu_t *c, uint32_t gsi, uint32_t half, uint32_t value)
{
    const uint32_t base = IOAPIC_MMIO_BASE + gsi / IRQSIM_IOAPIC_PINS * IOAPIC_MMIO_STRIDE;
    const uint32_t pin = gsi % IRQSIM_IOAPIC_PINS;

    irqsim_guest_write(k->m, c->nr, base + IOAPIC_WIN_SELECT, IOAPIC_REG_RTE_LOW(pin) + half);
    irqsim_guest_write(k->m, c->nr, base + IOAPIC_WIN_DATA, value);
}

static void ioapic_entry(irqsim_kernel_t *k, kcpu_t *c, const kirq_t *irq, uint32_t masked)
{
    ioapic_write(k, c, irq->hwirq, LOW_HALF,
                 irq->vector | IOAPIC_RTE_DM_FIXED | IOAPIC_RTE_PHYSICAL | masked |
                     (irq->level ? IOAPIC_RTE_TRIGGER_LEVEL : IOAPIC_RTE_TRIGGER_EDGE) |
                     (irq->active_low ? IOAPIC_RTE_ACTIVE_LOW : IOAPIC_RTE_ACTIVE_HIGH));
}

static void ioapic_mask(irqsim_kernel_t *k, kcpu_t *c, kirq_t *irq)
{
    ioapic_entry(k, c, irq, IOAPIC_RTE_MASKED);
}

static void ioapic_unmask(irqsim_kernel_t *k, kcpu_t *c, kirq_t *irq)
{
    ioapic_entry(k, c, irq, 0);
}

static void lapic_ack(irqsim_kernel_t *k, kcpu_t *c, kirq_t *irq)
{
    (void)irq;
    irqsim__kernel_lapic_eoi(k, c);
}

static void ioapic_mask_ack(irqsim_kernel_t *k, kcpu_t *c, kirq_t *irq)
{
    ioapic_mask(k, c, irq);
    irqsim__kernel_lapic_eoi(k, c);
}

/* MSI: the message as the device sends it. */
static void msi_set_enabled(irqsim_kernel_t *k, kcpu_t *c, const kirq_t *irq, uint32_t on)
{
    irqsim_guest_write(k->m, c->nr, IRQSIM_SOURCE_MMIO(irq->hwirq) + IRQSIM_SOURCE_REG_MSI_CTRL,
                       on);
}

static void msi_mask(irqsim_kernel_t *k, kcpu_t *c, kirq_t *irq)
{
    msi_set_enabled(k, c, irq, 0);
}

static void msi_unmask(irqsim_kernel_t *k, kcpu_t *c, kirq_t *irq)
{
    msi_set_enabled(k, c, irq, 1);
}

static void msi_mask_ack(irqsim_kernel_t *k, kcpu_t *c, kirq_t *irq)
{
    msi_mask(k, c, irq);
    irqsim__kernel_lapic_eoi(k, c);
}

/* clang-format off */
const irq_chip_t irqsim__kernel_chips[CHIP_COUNT] = {
    /*               mask         unmask         mask_ack         ack        eoi       */
    [CHIP_8259A]  = {pic_mask,    pic_unmask,    pic_mask_ack,    nothing,   nothing},
    [CHIP_IOAPIC] = {ioapic_mask, ioapic_unmask, ioapic_mask_ack, lapic_ack, lapic_ack},
    [CHIP_MSI]    = {msi_mask,    msi_unmask,    msi_mask_ack,    lapic_ack, lapic_ack},
};
/* clang-format on */

void irqsim__kernel_irq_setup(irqsim_kernel_t *k, kcpu_t *c, kirq_t *irq)
{
    if (irq->chip == CHIP_IOAPIC) {
        ioapic_write(k, c, irq->hwirq, HIGH_HALF, IOAPIC_RTE_HIGH((uint32_t)irq->cpu));
    } else if (irq->chip == CHIP_MSI) {
        const uint32_t page = IRQSIM_SOURCE_MMIO(irq->hwirq);

        irqsim_guest_write(k->m, c->nr, page + IRQSIM_SOURCE_REG_MSI_ADDR,
                           MSI_ADDRESS((uint32_t)irq->cpu, 0));
        irqsim_guest_write(k->m, c->nr, page + IRQSIM_SOURCE_REG_MSI_DATA,
                           MSI_DATA_EDGE((uint32_t)irq->vector, LAPIC_DM_FIXED));
    }
    irqsim__kernel_chips[irq->chip].unmask(k, c, irq);
}
