/* SPDX-License-Identifier: MIT */
/*
 * report_int.h - what the files of lib/report share
 *
 *   events --> stages.c: how long each stage took ------> latency.c
 *         |              since when (claims.c)
 *         |--> waits.c:  what each waiting vector waited for, per CPU
 *         \--> spent.c:  what each CPU's time went into
 *
 * The first two learn from stages.c' ring where an event comes from. Work per event is
 * constant, or grows with the vectors pending on one CPU; memory is allocated
 * only when an irq, a holder or an order of magnitude shows up for the first
 * time.
 */
#ifndef IRQSIM_REPORT_INT_H
#define IRQSIM_REPORT_INT_H

#include <irqsim/report.h>

/* ---- keys.c: numbers for keys, in the order in which they were first seen ---- */

typedef struct report_key {
    uint64_t a;
    uint64_t b;
} report_key_t;

typedef struct report_keys {
    report_key_t *key; /* by number */
    uint32_t *slot;    /* open addressing: number + 1, 0 = free */
    uint32_t n, slots;
} report_keys_t;

#define REPORT_NO_KEY UINT32_MAX

/* The number of `key`, REPORT_NO_KEY if it was never seen. */
uint32_t irqsim__report_find(const report_keys_t *keys, report_key_t key);
/* The same; a new key gets the next number. REPORT_NO_KEY: no memory. */
uint32_t irqsim__report_number(report_keys_t *keys, report_key_t key);
void irqsim__report_keys_free(report_keys_t *keys);

/* Makes room for item `i` of an array that doubles. false: no memory. */
bool irqsim__report_reserve(void **items, uint32_t *room, uint32_t i, size_t item_size);

/* ---- latency.c: a distribution in log-linear buckets ---- */

#define HIST_STEPS   128 /* buckets of an octave: each at most 1/128 wide */
#define HIST_OCTAVES 58  /* the first one holds 0..127 exactly, the last ends at 2^64 */

typedef struct hist {
    uint64_t count, min, max, sum;
    uint64_t *octave[HIST_OCTAVES]; /* HIST_STEPS counts, NULL = all 0 */
} hist_t;

/* false: no memory, the value was not counted. */
bool irqsim__report_hist_add(hist_t *hist, uint64_t value);
bool irqsim__report_hist_merge(hist_t *into, const hist_t *from);
/* The value below or at which `permille` of all lie; at most a bucket too large. */
uint64_t irqsim__report_hist_at(const hist_t *hist, uint32_t permille);
void irqsim__report_hist_free(hist_t *hist);

/* ---- claims.c ---- */

typedef struct claims claims_t;

claims_t *irqsim__report_claims_new(void);
void irqsim__report_claims_free(claims_t *c);
/* false: no memory. */
bool irqsim__report_claims_arrival(claims_t *c, uint32_t device, uint32_t pending,
                                   irqsim_time_t now);
/* When the oldest arrival came that is still pending; IRQSIM_NEVER = unknown. */
irqsim_time_t irqsim__report_claims_claim(claims_t *c, uint32_t device);

/* ---- stages.c ---- */

/* What is remembered of an event, for those that name it as their cause. */
typedef struct step {
    uint64_t seq;
    irqsim_time_t time;
    irqsim_time_t since; /* the arrival it goes back to; IRQSIM_NEVER = unknown */
    irqsim_time_t ack;   /* the acknowledge it goes back to; IRQSIM_NEVER = none */
} step_t;

#define RING_STEPS (UINT64_C(1) << 18)

typedef struct stages {
    step_t *ring; /* by seq modulo RING_STEPS */
    claims_t *claims;
    report_keys_t keys; /* {stage, irq or softirq} */
    hist_t *hist;       /* by key */
    uint32_t room;
    uint64_t unmeasured[IRQSIM_STAGES];
    bool full; /* memory ran out */
} stages_t;

bool irqsim__report_stages_init(stages_t *st);
void irqsim__report_stages_free(stages_t *st);
void irqsim__report_stages_see(stages_t *st, const irqsim_event_t *ev);
/* The event with that number if it is still remembered, else NULL. */
step_t *irqsim__report_stages_step(const stages_t *st, uint64_t seq);

/* ---- waits.c ---- */

typedef struct waits waits_t;

waits_t *irqsim__report_waits_new(unsigned cpus);
void irqsim__report_waits_free(waits_t *w);
/* After stages_see() of the same event. */
void irqsim__report_waits_see(waits_t *w, const stages_t *st, const irqsim_event_t *ev);
bool irqsim__report_waits_full(const waits_t *w);
uint32_t irqsim__report_waits_rows(const waits_t *w);
bool irqsim__report_waits_row(waits_t *w, uint32_t i, irqsim_wait_row_t *row);

/* ---- spent.c ---- */

typedef struct spent spent_t;

spent_t *irqsim__report_spent_new(unsigned cpus);
void irqsim__report_spent_free(spent_t *s);
void irqsim__report_spent_see(spent_t *s, const irqsim_event_t *ev);
bool irqsim__report_spent_full(const spent_t *s);
void irqsim__report_spent_cpu(const spent_t *s, unsigned cpu, irqsim_time_t now,
                              uint64_t ns[IRQSIM_USES]);
void irqsim__report_spent_waited(const spent_t *s, uint64_t ns[IRQSIM_USES]);
uint64_t irqsim__report_spent_task(const spent_t *s, uint32_t task, irqsim_time_t now);

#endif
