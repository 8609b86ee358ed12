/* SPDX-License-Identifier: MIT */
/*
 * stages.c - from the first edge to the last handler: how long each stage took
 *
 *   ARRIVAL -> LINE -> MSG_SEND -> MSG_ACCEPT -> LAPIC_ACK -> DELIVER -> IRQ_ENTER
 *           \       \-> PIC_INT ------------> PIC_INTA -^            -> HANDLER_ENTRY
 *            `-> MSG_SEND (MSI)                                      -> HANDLER_EXIT
 *
 * Every event inherits from its cause the time of the arrival and, later on, of
 * the acknowledge. Nothing is searched, nothing is guessed: what goes back to an
 * event that the ring has forgotten is counted as unmeasured.
 */
#include <stdlib.h>

#include "report_int.h"

/* What an event does with the times of its cause. */
enum {
    STARTS = 1,   /* without a known cause it is itself where a request starts  */
    INHERITS = 2, /* passes on both times                                       */
    TAKES = 4,    /* passes on the arrival's time, and its cause has it no more:
                     a line that stays high makes further requests, and nobody
                     knows since when                                           */
    ACKS = 8      /* is an acknowledge                                          */
};

static const uint8_t role[IRQSIM_EV_LIMIT] = {
    [IRQSIM_EV_ARRIVAL] = STARTS,        [IRQSIM_EV_PIT_TICK] = STARTS,
    [IRQSIM_EV_LAPIC_TIMER] = STARTS,    [IRQSIM_EV_LINE] = STARTS | INHERITS,
    [IRQSIM_EV_MSG_SEND] = TAKES,        [IRQSIM_EV_MSG_ACCEPT] = INHERITS,
    [IRQSIM_EV_PIC_INTA] = TAKES | ACKS, [IRQSIM_EV_LAPIC_ACK] = INHERITS | ACKS,
    [IRQSIM_EV_DELIVER] = INHERITS,      [IRQSIM_EV_IRQ_ENTER] = INHERITS,
};

bool irqsim__report_stages_init(stages_t *st)
{
    *st = (stages_t){.ring = calloc(RING_STEPS, sizeof(step_t)),
                     .claims = irqsim__report_claims_new()};
    return st->ring && st->claims;
}

void irqsim__report_stages_free(stages_t *st)
{
    for (uint32_t i = 0; i < st->keys.n && i < st->room; i++)
        irqsim__report_hist_free(&st->hist[i]);
    free(st->hist);
    free(st->ring);
    irqsim__report_claims_free(st->claims);
    irqsim__report_keys_free(&st->keys);
}

step_t *irqsim__report_stages_step(const stages_t *st, uint64_t seq)
{
    step_t *step = &st->ring[seq % RING_STEPS];

    return seq && step->seq == seq ? step : NULL;
}

/* ---- the ring ---- */

static void inherit(step_t *step, step_t *cause, unsigned roles)
{
    if (cause && roles & (INHERITS | TAKES))
        step->since = cause->since;
    if (cause && roles & INHERITS)
        step->ack = cause->ack;
    if (cause && roles & TAKES)
        cause->since = IRQSIM_NEVER;
    if (!cause && roles & STARTS)
        step->since = step->time;
    if (roles & ACKS)
        step->ack = step->time;
}

static void remember(stages_t *st, const irqsim_event_t *ev, unsigned roles)
{
    step_t step = {.seq = ev->seq, .time = ev->time, .since = IRQSIM_NEVER, .ack = IRQSIM_NEVER};

    inherit(&step, irqsim__report_stages_step(st, ev->cause), roles);
    st->ring[ev->seq % RING_STEPS] = step;
}

/* ---- the stages ---- */

static hist_t *hist_of(stages_t *st, irqsim_stage_t stage, uint32_t number)
{
    const uint32_t i = irqsim__report_number(&st->keys, (report_key_t){stage, number});
    void *hists = st->hist;

    if (i == REPORT_NO_KEY || !irqsim__report_reserve(&hists, &st->room, i, sizeof(hist_t)))
        return NULL;
    st->hist = hists;
    return &st->hist[i];
}

static void measure(stages_t *st, irqsim_stage_t stage, uint32_t number, irqsim_time_t from,
                    irqsim_time_t to)
{
    if (from > to) { /* also: IRQSIM_NEVER */
        st->unmeasured[stage]++;
        return;
    }
    hist_t *hist = hist_of(st, stage, number);
    if (!hist || !irqsim__report_hist_add(hist, (to - from) / IRQSIM_PS_PER_NS))
        st->full = true;
}

static irqsim_time_t time_of(const step_t *step)
{
    return step ? step->time : IRQSIM_NEVER;
}

/* Only here does an interrupt get its number. A spurious one goes back to no
 * arrival: it cannot be measured. */
static void irq_enter(stages_t *st, const irqsim_event_t *ev)
{
    const step_t *step = irqsim__report_stages_step(st, ev->seq);

    if (step->ack != IRQSIM_NEVER)
        measure(st, IRQSIM_STAGE_LINE_TO_ACK, ev->arg[0], step->since, step->ack);
    else
        st->unmeasured[IRQSIM_STAGE_LINE_TO_ACK]++;
}

/* The first handler of an irq ends the stage; those that share it do not. */
static void handler_entry(stages_t *st, const irqsim_event_t *ev)
{
    step_t *enter = irqsim__report_stages_step(st, ev->cause);

    if (!enter) {
        st->unmeasured[IRQSIM_STAGE_ACK_TO_HANDLER]++;
    } else if (enter->ack != IRQSIM_NEVER) {
        measure(st, IRQSIM_STAGE_ACK_TO_HANDLER, ev->arg[0], enter->ack, ev->time);
        enter->ack = IRQSIM_NEVER;
    }
}

void irqsim__report_stages_see(stages_t *st, const irqsim_event_t *ev)
{
    const irqsim_time_t from = time_of(irqsim__report_stages_step(st, ev->cause));

    remember(st, ev, ev->id < IRQSIM_EV_LIMIT ? role[ev->id] : 0);
    switch (ev->id) {
    case IRQSIM_EV_ARRIVAL:
        if (!irqsim__report_claims_arrival(st->claims, ev->arg[0], ev->arg[2], ev->time))
            st->full = true;
        break;
    case IRQSIM_EV_CLAIM:
        measure(st, IRQSIM_STAGE_ARRIVAL_TO_CLAIM, ev->arg[0],
                irqsim__report_claims_claim(st->claims, ev->arg[0]), ev->time);
        break;
    case IRQSIM_EV_IRQ_ENTER:
        irq_enter(st, ev);
        break;
    case IRQSIM_EV_HANDLER_ENTRY:
        handler_entry(st, ev);
        break;
    case IRQSIM_EV_HANDLER_EXIT:
        measure(st, IRQSIM_STAGE_HANDLER, ev->arg[0], from, ev->time);
        break;
    case IRQSIM_EV_SOFTIRQ_ENTRY:
        measure(st, IRQSIM_STAGE_RAISE_TO_SOFTIRQ, ev->arg[0], from, ev->time);
        break;
    case IRQSIM_EV_WORK_START:
        measure(st, IRQSIM_STAGE_QUEUE_TO_WORK, ev->arg[0], from, ev->time);
        break;
    default:
        break;
    }
}
