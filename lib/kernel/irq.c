/* SPDX-License-Identifier: MIT */
/*
 * irq.c - flow handlers: when to mask, acknowledge and end (linux-irq.md I)
 *
 *   level    mask+ack, handlers, unmask                        8259A
 *   edge     ack, handlers, again while another edge came      IOAPIC edge, MSI
 *   fasteoi  handlers, eoi                                     IOAPIC level
 */
#include "kernel_int.h"

static const irq_chip_t *chip_of(const kirq_t *irq)
{
    return &irqsim__kernel_chips[irq->chip];
}

FLOW(handle_level_irq)
{
    kirq_t *const irq = &k->irq[f->v.irq.index];

    FLOW_BEGIN
        chip_of(irq)->mask_ack(k, c, irq); /* FLOW-LEVEL-1 */
        if (irq->status & IRQ_INPROGRESS)
            return irqsim__kernel_flow_return(k, c);
        irq->count++;
        irq->status |= IRQ_INPROGRESS;
        CALL(handle_irq_event, .irq = {.index = f->v.irq.index});
        irq->status &= (uint8_t)~IRQ_INPROGRESS;
        chip_of(irq)->unmask(k, c, irq);
    FLOW_END
}

/* A second edge while the first is handled: remember it, keep the line quiet. */
static bool edge_is_busy(irqsim_kernel_t *k, kcpu_t *c, kirq_t *irq)
{
    if (!(irq->status & IRQ_INPROGRESS))
        return false;
    irq->status |= IRQ_PENDING | IRQ_MASKED;
    chip_of(irq)->mask_ack(k, c, irq);
    return true;
}

static void edge_reopen(irqsim_kernel_t *k, kcpu_t *c, kirq_t *irq)
{
    if ((irq->status & (IRQ_PENDING | IRQ_MASKED)) == (IRQ_PENDING | IRQ_MASKED)) {
        chip_of(irq)->unmask(k, c, irq);
        irq->status &= (uint8_t)~IRQ_MASKED;
    }
    irq->status &= (uint8_t)~IRQ_PENDING;
}

FLOW(handle_edge_irq)
{
    kirq_t *const irq = &k->irq[f->v.irq.index];

    FLOW_BEGIN
        if (edge_is_busy(k, c, irq)) /* FLOW-EDGE-1 */
            return irqsim__kernel_flow_return(k, c);
        irq->count++;
        chip_of(irq)->ack(k, c, irq);
        irq->status |= IRQ_INPROGRESS;
        do {
            edge_reopen(k, c, irq); /* FLOW-EDGE-2: unmask before the handlers look */
            CALL(handle_irq_event, .irq = {.index = f->v.irq.index});
        } while (irq->status & IRQ_PENDING);
        irq->status &= (uint8_t)~IRQ_INPROGRESS;
    FLOW_END
}

FLOW(handle_fasteoi_irq)
{
    kirq_t *const irq = &k->irq[f->v.irq.index];

    FLOW_BEGIN
        irq->count++;
        irq->status |= IRQ_INPROGRESS;
        CALL(handle_irq_event, .irq = {.index = f->v.irq.index});
        irq->status &= (uint8_t)~IRQ_INPROGRESS;
        chip_of(irq)->eoi(k, c, irq); /* FLOW-EOI-1 */
    FLOW_END
}
