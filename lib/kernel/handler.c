/* SPDX-License-Identifier: MIT */
/*
 * handler.c - the handlers of an irq, one after the other, and a driver that
 * fits every device of the model: ask, claim, work, defer
 */
#include "kernel_int.h"

static bool runs_with_irqs_on(const irqsim_kernel_t *k, const kirq_t *irq)
{
    return k->era->handlers_enable_irqs && irq->actions &&
           !(k->desc.actions[irq->first_action].flags & IRQSIM_IRQF_DISABLED); /* DOIRQ-16 */
}

uint32_t irqsim__kernel_device_status(irqsim_kernel_t *k, kcpu_t *c, uint32_t source)
{
    return irqsim_guest_read(k->m, c->nr, IRQSIM_SOURCE_MMIO(source) + IRQSIM_SOURCE_REG_STATUS);
}

uint32_t irqsim__kernel_device_claim(irqsim_kernel_t *k, kcpu_t *c, uint32_t source)
{
    const uint32_t job =
        irqsim_guest_read(k->m, c->nr, IRQSIM_SOURCE_MMIO(source) + IRQSIM_SOURCE_REG_CLAIM);

    return job <= k->desc.n_jobs ? job : 0;
}

/* What called this flow began; handlers of one line have it as their common cause. */
static uint64_t callers_cause(const irqsim_kernel_t *k, const frame_t *f)
{
    return f->parent ? irqsim__kernel_frame_cause(k, &k->frame[f->parent - 1]) : 0;
}

/* A handler begins: is it this device? An MSI device sends one message per arrival,
 * so its driver takes what is there now; a pin stays high until its device is
 * drained. */
static void begin_handler(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    const irqsim_action_desc_t *action = &k->desc.actions[f->v.irq.action];
    const kirq_t *irq = &k->irq[f->v.irq.index];

    f->cause = (uint32_t)irqsim__kernel_emit(k, c, IRQSIM_EV_HANDLER_ENTRY, callers_cause(k, f),
                                             irq->number, action->name, 0);
    f->v.irq.claimed = irqsim__kernel_device_status(k, c, action->source);
    f->v.irq.budget = f->v.irq.claimed && !irq->msi ? UINT32_MAX : f->v.irq.claimed;
}

static void end_handler(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    irqsim__kernel_emit(k, c, IRQSIM_EV_HANDLER_EXIT, irqsim__kernel_frame_cause(k, f),
                        k->irq[f->v.irq.index].number, f->v.irq.claimed != 0, 0);
    f->v.irq.handled |= f->v.irq.claimed;
}

/* SHARE-01: every handler of the line is asked, there is no early stop. */
FLOW(handle_irq_event)
{
    kirq_t *const irq = &k->irq[f->v.irq.index];

    FLOW_BEGIN
        if (runs_with_irqs_on(k, irq))
            irqsim_guest_sti(k->m, c->nr);
        if (irq->tick) {
            irqsim__kernel_tick(k, c, false);
            f->v.irq.handled = 1;
        }
        for (f->v.irq.action = irq->first_action;
             f->v.irq.action < irq->first_action + irq->actions; f->v.irq.action++) {
            begin_handler(k, c, f);
            for (; f->v.irq.budget; f->v.irq.budget--) {
                f->v.irq.job =
                    irqsim__kernel_device_claim(k, c, k->desc.actions[f->v.irq.action].source);
                if (!f->v.irq.job)
                    break;
                SPEND(k->desc.jobs[f->v.irq.job - 1].clocks);
                irqsim__kernel_raise_children(k, c, f->v.irq.job - 1,
                                              irqsim__kernel_frame_cause(k, f));
                MISTAKES_OF(f->v.irq.job - 1);
            }
            end_handler(k, c, f);
        }
        if (runs_with_irqs_on(k, irq))
            irqsim_guest_cli(k->m, c->nr);
        if (!f->v.irq.handled)
            irq->unhandled++; /* NOTE-01 */
    FLOW_END
}
