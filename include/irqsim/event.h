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

/* How an argument is printed. Forms with words have them in the catalogue. */
typedef enum irqsim_arg_form {
    IRQSIM_ARG_NONE = 0, /* unused                                                      */
    IRQSIM_ARG_NUM,
    IRQSIM_ARG_SIGNED,
    IRQSIM_ARG_HEX,
    IRQSIM_ARG_NAME,      /* number in the trace's table of names                        */
    IRQSIM_ARG_TASK,      /* ... of tasks                                                */
    IRQSIM_ARG_ADDRESS,   /* of code; with what is there, if the trace knows             */
    IRQSIM_ARG_VECTOR,    /* "#DE" for an exception's, which it is unless the event has a
                             KIND that says otherwise                                    */
    IRQSIM_ARG_KIND,      /* irqsim_event_kind_t: words; of exceptions their class       */
    IRQSIM_ARG_EVENT_OF,  /* IRQSIM_EVENT_OF(): vector and kind in one                   */
    IRQSIM_ARG_ERROR,     /* error code of the event's VECTOR (CPU-23, CPU-24)           */
    IRQSIM_ARG_PF_ERROR,  /* error code of a page fault                                  */
    IRQSIM_ARG_FLAGS,     /* EFLAGS                                                      */
    IRQSIM_ARG_LETTER,    /* a character                                                 */
    IRQSIM_ARG_HANDLER,   /* address of a signal's handler; 0 = SIG_DFL                  */
    IRQSIM_ARG_STATUS,    /* how a task ended, as wait() tells it                        */
    IRQSIM_ARG_TARGET,    /* a CPU, or IRQSIM_OTHER_CPUS                                 */
    IRQSIM_ARG_MODE,      /* words: delivery mode of a message                           */
    IRQSIM_ARG_FATE,      /* words: irqsim_apic_fate_t                                   */
    IRQSIM_ARG_DELIVERED, /* words: irqsim_delivered_as_t                                */
    IRQSIM_ARG_SI_CODE    /* words: si_code of the event's first argument, a signal      */
} irqsim_arg_form_t;

#define IRQSIM_EVENT_OF(vector, kind) ((uint32_t)(vector) | (uint32_t)(kind) << 8)

/* One row of the catalogue. */
typedef struct irqsim_event_info {
    const char *name;
    const char *tracepoint; /* "system:event", or "-" */
    struct {
        const char *name;
        irqsim_arg_form_t form;
    } arg[3];
} irqsim_event_info_t;

/* Row of `id`, or NULL if there is no such event. Static storage. */
const irqsim_event_info_t *irqsim_event_info(unsigned id);

/* What an argument of a form with words is printed as; NULL: by its number. For SI_CODE
 * the value is IRQSIM_OF_SIGNAL(signal, code). Static storage. */
#define IRQSIM_OF_SIGNAL(signal, code) ((uint32_t)(signal) << 8 | (uint32_t)(code))
const char *irqsim_event_word(irqsim_arg_form_t form, uint32_t value);

#ifdef __cplusplus
}
#endif
#endif
