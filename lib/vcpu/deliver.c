/* SPDX-License-Identifier: MIT */
/*
 * deliver.c - from an event to a handler, by whatever detours
 *
 * lib/idt delivers one event or says what stood in the way; lib/cpu says what two
 * exceptions make. Here the two meet.
 */
#include <string.h>

#include <irqsim/cpu.h>
#include <irqsim/regs/idt_regs.h>

#include "vcpu_int.h"

#define CANONICAL(address) ((int64_t)((address) << 16) >> 16 == (int64_t)(address))

/* ---- states that no CPU is ever in ---- */

static bool is_possible_cpl(const irqsim_cpustate_t *s)
{
    switch (s->mode) {
    case IRQSIM_MODE_REAL:
        return s->cpl == 0;
    case IRQSIM_MODE_V86:
        return s->cpl == 3;
    default:
        return s->cpl <= 3;
    }
}

static bool is_possible_ip(const irqsim_cpustate_t *s)
{
    return s->code64 ? CANONICAL(s->ip) : s->ip <= UINT32_MAX;
}

const char *irqsim_impossible(const irqsim_cpustate_t *s)
{
    if (s->mode > IRQSIM_MODE_LONG)
        return "mode";
    if (!is_possible_cpl(s))
        return "cpl";
    if (!(s->flags & EFLAGS_VM) != (s->mode != IRQSIM_MODE_V86))
        return "flags";
    if (s->code64 > (s->mode == IRQSIM_MODE_LONG))
        return "code64";
    if (!is_possible_ip(s))
        return "ip";
    if (!s->code64 && s->sp > UINT32_MAX)
        return "sp";
    return NULL;
}

/* ---- events ---- */

irqsim_delivery_t irqsim_interrupt(uint8_t vector)
{
    return (irqsim_delivery_t){.vector = vector, .kind = IRQSIM_KIND_EXTERNAL};
}

irqsim_delivery_t irqsim_nmi(void)
{
    return (irqsim_delivery_t){.vector = VECTOR_NMI, .kind = IRQSIM_KIND_NMI};
}

irqsim_delivery_t irqsim_int_n(uint8_t vector, uint8_t length)
{
    return (irqsim_delivery_t){.vector = vector, .kind = IRQSIM_KIND_SOFTWARE, .length = length};
}

irqsim_delivery_t irqsim_exception(uint8_t vector, uint32_t error)
{
    const irqsim_exc_info_t *info = irqsim_exc_info(vector);

    return (irqsim_delivery_t){
        .vector = vector,
        .kind = IRQSIM_KIND_EXCEPTION,
        .has_error = info && info->has_error, /* CPU-22 */
        .error = error,
        .set_rf = info && info->class_ == IRQSIM_EXC_FAULT, /* CPU-53 */
    };
}

bool irqsim_escalate(irqsim_cpustate_t *state, irqsim_delivery_t *event,
                     const irqsim_outcome_t *out)
{
    const int next = irqsim_exc_combine(event->vector, event->kind, out->vector);

    if (!out->task) /* else the new task failed, before its first instruction (CPU-11) */
        state->ip = irqsim__vcpu_ip_plus(state, -(int)event->length);
    if (out->vector == VECTOR_PF)
        state->cr2 = out->address; /* CPU-24 */
    if (next < 0)
        return false;
    *event = irqsim_exception((uint8_t)next, next == VECTOR_DF ? 0 : out->error); /* CPU-64 */
    return true;
}

/* ---- delivery ---- */

/* false: the CPU shuts down. */
static bool escalate(irqsim_cpustate_t *state, irqsim_delivered_t *d)
{
    irqsim_escalation_t *link = &d->chain[d->escalations++];
    const bool goes_on = irqsim_escalate(state, &d->event, &d->out);

    link->raised = d->out.vector;
    link->error = d->out.error;
    link->address = d->out.vector == VECTOR_PF ? d->out.address : 0;
    link->becomes = goes_on ? d->event.vector : d->out.vector;
    return goes_on;
}

irqsim_status_t irqsim_deliver(irqsim_cpustate_t *state, const irqsim_mem_t *mem,
                               const irqsim_delivery_t *event, irqsim_delivered_t *d)
{
    memset(d, 0, sizeof(*d));
    d->event = *event;
    d->field = irqsim_impossible(state);
    if (d->field)
        return IRQSIM_E_INVAL;
    for (;;) {
        d->saved_ip = state->ip;
        irqsim_idt_deliver(state, mem, &d->event, &d->out);
        if (d->out.delivered)
            break; /* CPU-63: what the handler raises is a fresh event */
        if (d->out.bus_error) {
            d->what = IRQSIM_DELIVERED_BUS_ERROR;
            break;
        }
        if (!escalate(state, d)) { /* CPU-61: after #DF at the latest, so the chain ends */
            d->what = IRQSIM_DELIVERED_SHUTDOWN;
            break;
        }
    }
    return IRQSIM_OK;
}
