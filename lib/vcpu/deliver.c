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

/* ---- states that no CPU is ever in ---- */

/* Levels: those of selectors, but for paragraphs (CPU-56) and V86 mode. */
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

static bool is_possible_cs(const irqsim_cpustate_t *s)
{
    return irqsim__vcpu_in_paragraphs(s) || (s->cs & SELECTOR_RPL_M) == s->cpl;
}

static bool is_possible_flags(const irqsim_cpustate_t *s)
{
    const bool vm = s->flags & EFLAGS_VM;

    return vm == (s->mode == IRQSIM_MODE_V86) && s->flags & EFLAGS_RESERVED &&
           !(s->flags & ~(uint64_t)(EFLAGS_KNOWN | EFLAGS_RESERVED));
}

/* Guests get this far, on a CPU too: 64-bit code to any RIP, which is a fault of the next
 * fetch; a task switch to any EIP, and paragraphs to one past their end. */
static bool is_possible_ip(const irqsim_cpustate_t *s)
{
    if (s->mode == IRQSIM_MODE_REAL)
        return s->ip <= UINT16_MAX + 1u;
    return s->ip <= irqsim__vcpu_last_address(s);
}

/* Of a descriptor table or a TSS. */
static bool is_possible_base(const irqsim_cpustate_t *s, uint64_t base)
{
    return s->mode == IRQSIM_MODE_LONG ? irqsim__vcpu_is_canonical(base) : base <= UINT32_MAX;
}

static bool is_possible_table(const irqsim_cpustate_t *s, const irqsim_dtr_t *table)
{
    return is_possible_base(s, table->base) && table->limit <= UINT16_MAX;
}

/* Available or busy, of the 286 or the 386; 0 is short for the latter. */
static bool is_possible_tr(const irqsim_cpustate_t *s)
{
    const uint32_t type = s->tr.type | DESC_TSS_BUSY;

    if (s->mode == IRQSIM_MODE_LONG && type == DESC_TYPE_TSS16_BUSY)
        return false;
    return is_possible_base(s, s->tr.base) &&
           (!s->tr.type || type == DESC_TYPE_TSS16_BUSY || type == DESC_TYPE_TSS32_BUSY);
}

/* `mode` first, as the others depend on it. */
const char *irqsim_impossible(const irqsim_cpustate_t *s)
{
    if (s->mode > IRQSIM_MODE_LONG)
        return "mode";
    if (s->code64 > (s->mode == IRQSIM_MODE_LONG))
        return "code64";
    if (!is_possible_cpl(s))
        return "cpl";
    if (!is_possible_cs(s))
        return "cs";
    if (!is_possible_flags(s))
        return "flags";
    if (!is_possible_ip(s))
        return "ip";
    if (s->mode != IRQSIM_MODE_LONG && s->sp > UINT32_MAX) /* LM-11: IRET loads all 64 bits */
        return "sp";
    if (!is_possible_table(s, &s->idtr))
        return "idtr";
    if (!is_possible_table(s, &s->gdtr))
        return "gdtr";
    if (!is_possible_base(s, s->ldtr.base))
        return "ldtr";
    if (!is_possible_tr(s))
        return "tr";
    return s->ts > 1 ? "ts" : NULL;
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

/* Back over an INT n. The IP of paragraphs may have gone around, if its CPU lets it. */
static uint64_t ip_before(const irqsim_cpustate_t *s, unsigned bytes)
{
    const uint64_t bits = irqsim__vcpu_in_paragraphs(s) ? UINT16_MAX : irqsim__vcpu_last_address(s);

    return bytes ? (s->ip - bytes) & bits : s->ip;
}

bool irqsim_escalate(irqsim_cpustate_t *state, irqsim_delivery_t *event,
                     const irqsim_outcome_t *out)
{
    const int next = irqsim_exc_combine(event->vector, event->kind, out->vector);

    if (!out->task) /* else the new task failed, before its first instruction (CPU-11) */
        state->ip = ip_before(state, event->length);
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

/* Of each delivery on the way, also of one that failed: the last switch tells who runs. */
static void note_task(irqsim_delivered_t *d)
{
    if (!d->out.task)
        return;
    d->task = d->out.task;
    d->task_trap = d->out.task_trap;
}

irqsim_status_t irqsim_deliver(irqsim_cpustate_t *state, const irqsim_mem_t *mem,
                               const irqsim_delivery_t *event, irqsim_delivered_t *d)
{
    memset(d, 0, sizeof(*d));
    d->event = *event;
    d->field = irqsim_impossible(state);
    if (!d->field && event->kind > IRQSIM_KIND_INTO)
        d->field = "kind";
    if (d->field)
        return IRQSIM_E_INVAL;
    for (;;) {
        d->saved_ip = state->ip;
        irqsim_idt_deliver(state, mem, &d->event, &d->out);
        note_task(d);
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
