/* SPDX-License-Identifier: MIT */
/*
 * irqsim/event.h - the one event record, and the catalogue as an enum
 *
 * Meaning of each event and of its arguments: <irqsim/events.def>.
 */
#ifndef IRQSIM_EVENT_H
#define IRQSIM_EVENT_H

#include <irqsim/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum irqsim_event_id {
#define EVENT(id, NAME, text, tp, a1, a2, a3, cause) IRQSIM_EV_##NAME = (id),
#include <irqsim/events.def>
#undef EVENT
    IRQSIM_EV_LIMIT = 96 /* every id is below this */
} irqsim_event_id_t;

#define IRQSIM_NO_CPU UINT16_MAX

/* As an argument called `target`: all CPUs but the event's own. */
#define IRQSIM_OTHER_CPUS UINT32_MAX

/* One thing that happened. The emitter fills all but seq; the observer
 * numbers events from 1 in the order of emission, which is the machine's total
 * order. */
struct irqsim_event {
    irqsim_time_t time;
    uint64_t seq;
    uint64_t cause; /* seq of the event that led to this one, 0 = none */
    uint16_t id;    /* irqsim_event_id_t */
    uint16_t cpu;
    uint32_t arg[3];
};

/* One row of the catalogue. */
typedef struct irqsim_event_info {
    const char *name;
    const char *tracepoint; /* "system:event", or "-" */
    const char *arg[3];     /* argument names, "-" = unused */
} irqsim_event_info_t;

/* Row of `id`, or NULL if there is no such event. Static storage. */
const irqsim_event_info_t *irqsim_event_info(unsigned id);

#ifdef __cplusplus
}
#endif
#endif
