/* SPDX-License-Identifier: MIT */
/*
 * irqsim/report.h - from events to answers: counts, latencies, who waited for whom
 *
 * A report is an observer (irqsim_observer_t): it sees events and keeps counts.
 * It knows no machine, so it works on a live simulation and on a trace alike.
 */
#ifndef IRQSIM_REPORT_H
#define IRQSIM_REPORT_H

#include <irqsim/event.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct irqsim_report irqsim_report_t;

/* Stages of an interrupt's way. */
typedef enum irqsim_stage {
    IRQSIM_STAGE_LINE_TO_ACK = 0,  /* arrival until the CPU acknowledged           */
    IRQSIM_STAGE_ACK_TO_HANDLER,   /* acknowledge until the first handler started  */
    IRQSIM_STAGE_ARRIVAL_TO_CLAIM, /* arrival, also a coalesced one, until claimed */
    IRQSIM_STAGE_HANDLER,          /* one handler, entry to exit                   */
    IRQSIM_STAGE_RAISE_TO_SOFTIRQ, /* first raise until its action started         */
    IRQSIM_STAGE_QUEUE_TO_WORK,    /* first queueing until the work started        */
    IRQSIM_STAGES
} irqsim_stage_t;
/* "line→acknowledge", ... in UTF-8; "line_to_ack", ... for machines. */
const char *irqsim_stage_name(irqsim_stage_t stage);
const char *irqsim_stage_key(irqsim_stage_t stage);

/* What a waiting interrupt waited for, as the CPU's state says. */
typedef enum irqsim_wait {
    IRQSIM_WAIT_BUS = 0,     /* controller and bus latency, before the CPU had it   */
    IRQSIM_WAIT_MASKED,      /* the pin or chip was masked                          */
    IRQSIM_WAIT_HANDLER,     /* another handler ran with IF=0 (which: `irq`)        */
    IRQSIM_WAIT_PRIORITY,    /* an ISR bit or TPR held it back                      */
    IRQSIM_WAIT_IF,          /* IF=0 outside handlers: kernel entry, exit, idle     */
    IRQSIM_WAIT_INSTRUCTION, /* the current instruction or bus access               */
    IRQSIM_WAITS
} irqsim_wait_t;
const char *irqsim_wait_name(irqsim_wait_t wait);

/* What a CPU's time goes into. */
typedef enum irqsim_use {
    IRQSIM_USE_USER = 0,  /* tasks in user mode                                     */
    IRQSIM_USE_WORK,      /* works, in their kernel threads                         */
    IRQSIM_USE_KSOFTIRQD, /* softirqs that ksoftirqd runs                           */
    IRQSIM_USE_SOFTIRQ,   /* softirqs on the way out of an interrupt                */
    IRQSIM_USE_IRQ,       /* the rest of interrupts, from delivery to return        */
    IRQSIM_USE_KERNEL,    /* switches, and the rest of the kernel                   */
    IRQSIM_USE_IDLE,      /* halted                                                 */
    IRQSIM_USES
} irqsim_use_t;
const char *irqsim_use_name(irqsim_use_t use); /* "user", "work", ... */

/* One distribution, exact counts in log-linear buckets (0.8 % wide or less);
 * all in ns. */
typedef struct irqsim_latency {
    uint64_t count, min, avg, p50, p90, p99, max;
} irqsim_latency_t;

/* "Interrupts of `waiter` waited `total` ns in `count` cases for `wait`." */
typedef struct irqsim_wait_row {
    uint32_t waiter; /* irq number; UINT32_MAX - sysvec vector for vectors */
    uint32_t irq;    /* HANDLER: whose handler; else 0 */
    irqsim_wait_t wait;
    uint32_t pad;
    uint64_t count, total, max;
} irqsim_wait_row_t;

irqsim_status_t irqsim_report_new(unsigned cpus, irqsim_report_t **report);
void irqsim_report_free(irqsim_report_t *report);
/* Fits irqsim_observer_t.see with user = the report. Events must be numbered (seq
 * 0 is ignored). Never fails: if memory runs out, irqsim_report_status() says so
 * afterwards. */
void irqsim_report_see(void *report, const irqsim_event_t *ev);
irqsim_status_t irqsim_report_status(const irqsim_report_t *report);

/* Distribution of a stage, over everything (irq = -1) or of one number: irq, but
 * device for ARRIVAL_TO_CLAIM, softirq for RAISE_TO_SOFTIRQ, work for
 * QUEUE_TO_WORK. count 0 if nothing was seen. */
void irqsim_report_latency(const irqsim_report_t *report, irqsim_stage_t stage, int64_t irq,
                           irqsim_latency_t *out);
/* How often a stage ended whose beginning nobody knows: a spurious interrupt, a
 * line that was still high after its first message, a cause more than 2^18
 * events ago. Such cases are in no distribution. */
uint64_t irqsim_report_unmeasured(const irqsim_report_t *report, irqsim_stage_t stage);
/* Wait rows, most total time first. */
uint32_t irqsim_report_waits(const irqsim_report_t *report);
bool irqsim_report_wait(const irqsim_report_t *report, uint32_t i, irqsim_wait_row_t *row);

/* What the time of a CPU went into, from 0 to `now` (the last event or later), in
 * ns that add up to `now`. A CPU of which nothing was seen was in the kernel. */
void irqsim_report_time(const irqsim_report_t *report, unsigned cpu, irqsim_time_t now,
                        uint64_t ns[IRQSIM_USES]);
/* What their CPU did while works were queued and not started, ns, summed over the
 * works: what they waited for. Up to the last event. */
void irqsim_report_work_waits(const irqsim_report_t *report, uint64_t ns[IRQSIM_USES]);
/* How long a task did its own work (user mode, works, softirqs of ksoftirqd), ns. */
uint64_t irqsim_report_task_time(const irqsim_report_t *report, uint32_t task, irqsim_time_t now);

#ifdef __cplusplus
}
#endif
#endif
