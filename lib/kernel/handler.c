/* SPDX-License-Identifier: MIT */
/*
 * handler.c - the handlers of an irq, one after the other, and a driver that
 * fits every device of the model: ask, claim, work, defer
 */
#include "kernel_int.h"

static bool runs_with_irqs_on(const irqsim_kernel_t *k, const kirq_t *irq)
{
    return k->era->handlers_enable_irqs && irq->actions &&
           !(k->action[irq->first_action].flags & IRQSIM_IRQF_DISABLED); /* DOIRQ-16 */
}

/* SHARE-01: every handler of the line is asked, there is no early stop. */
FLOW(handle_irq_event)
{
    kirq_t *const irq = &k->irq[f->v.irq.index];

    FLOW_BEGIN
        if (runs_with_irqs_on(k, irq))
            irqsim_guest_sti(k->m, c->nr);
        if (irq->tick) {
            irqsim__kernel_tick(k, c);
            f->v.irq.handled = 1;
        }
        for (; f->v.irq.action < irq->actions; f->v.irq.action++)
            CALL(device_handler, .handler = {.action = irq->first_action + f->v.irq.action});
        if (runs_with_irqs_on(k, irq))
            irqsim_guest_cli(k->m, c->nr);
        if (!f->v.irq.handled)
            irq->unhandled++; /* NOTE-01 */
    FLOW_END
}

static uint32_t device_status(irqsim_kernel_t *k, kcpu_t *c, uint32_t source)
{
    return irqsim_guest_read(k->m, c->nr, IRQSIM_SOURCE_MMIO(source) + IRQSIM_SOURCE_REG_STATUS);
}

/* An MSI device sends one message per arrival, so its driver takes what was there
 * when it came; a pin stays high until its device is drained. */
static uint32_t claim_budget(const irqsim_kernel_t *k, const kaction_t *action, uint32_t status)
{
    return k->irq[action->irq].msi ? status : UINT32_MAX;
}

FLOW(device_handler)
{
    const kaction_t *const action = &k->action[f->v.handler.action];
    const uint32_t number = k->irq[action->irq].number;

    FLOW_BEGIN
        f->cause = (uint32_t)irqsim__kernel_emit(k, c, IRQSIM_EV_HANDLER_ENTRY,
                                                 irqsim__kernel_frame_cause(k, f), number,
                                                 action->name, 0);
        f->v.handler.claimed = device_status(k, c, action->source);
        if (f->v.handler.claimed) {
            k->frame[f->parent - 1].v.irq.handled = 1;
            CALL(claim_jobs, .handler = {.source = action->source,
                                         .budget = claim_budget(k, action, f->v.handler.claimed)});
        }
        irqsim__kernel_emit(k, c, IRQSIM_EV_HANDLER_EXIT, irqsim__kernel_frame_cause(k, f), number,
                            f->v.handler.claimed != 0, 0);
    FLOW_END
}

/* The next pending arrival's job + 1; 0 = none. */
static uint32_t claim(irqsim_kernel_t *k, kcpu_t *c, uint32_t source)
{
    const uint32_t job =
        irqsim_guest_read(k->m, c->nr, IRQSIM_SOURCE_MMIO(source) + IRQSIM_SOURCE_REG_CLAIM);

    return job <= k->desc.n_jobs ? job : 0;
}

FLOW(claim_jobs)
{
    FLOW_BEGIN
        for (; f->v.handler.budget > 0; f->v.handler.budget--) {
            f->v.handler.job = claim(k, c, f->v.handler.source);
            if (!f->v.handler.job)
                break;
            if (k->desc.jobs[f->v.handler.job - 1].clocks)
                SPEND(k->desc.jobs[f->v.handler.job - 1].clocks);
            irqsim__kernel_raise_children(k, c, f->v.handler.job - 1,
                                          irqsim__kernel_frame_cause(k, f));
        }
    FLOW_END
}
