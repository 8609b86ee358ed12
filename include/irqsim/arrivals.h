/* SPDX-License-Identifier: MIT */
/*
 * irqsim/arrivals.h - what happened to a machine from outside: a list of
 * interrupt arrivals with the work each one caused
 *
 * Made by importing a capture of a real machine, or by hand: it is plain text
 * (docs/arrivals-format.md), usually gzipped:
 *
 *   irqsim-arrivals 1
 *   origin ftrace ftrace-disk-storm.txt.gz
 *   cpus 2
 *   span 4000
 *   irq 36 virtio1-req.0 count 8634
 *   softirq BLOCK raised 8634 executed 0 8634
 *   at 0 cpu 1 irq 36 takes 1000           ns since the first event, ns
 *     raise BLOCK takes 8000                 deferred by the line above
 *       queue ext4_end_io_rsv_work#17 takes 21000
 *   at 3000 cpu 0 vector reschedule takes 1000
 */
#ifndef IRQSIM_ARRIVALS_H
#define IRQSIM_ARRIVALS_H

#include <irqsim/diag.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Children of children, at most. Longer chains (a softirq that raises itself for
 * ever) go on side by side at this depth. */
#define IRQSIM_ARRIVALS_DEPTH_MAX 255

/* What a record is: the first two arrive, the others were deferred by a parent. */
typedef enum irqsim_record_kind {
    IRQSIM_RECORD_IRQ = 0, /* number = irq */
    IRQSIM_RECORD_VECTOR,  /* name = "local_timer", "reschedule", ... */
    IRQSIM_RECORD_SOFTIRQ, /* name = "BLOCK", ...; number = 0, also of vectors */
    IRQSIM_RECORD_WORK     /* name = function; number tells works of one name apart */
} irqsim_record_kind_t;

typedef struct irqsim_record {
    uint64_t time_ns; /* since the start of the list; of its arrival for children */
    uint64_t takes_ns;
    uint32_t number;
    uint32_t name;  /* index into irqsim_arrivals_t.name */
    uint32_t depth; /* 0 = arrival; a record's parent is the last one before it
                     * with a smaller depth */
    uint16_t cpu;
    uint8_t kind; /* irqsim_record_kind_t */
    uint8_t pad;
} irqsim_record_t;

/* How many there were on the real machine, for comparison. */
typedef struct irqsim_irq_total {
    uint32_t irq;
    uint32_t name;
    uint64_t count; /* 0 = not known */
} irqsim_irq_total_t;

/* All softirqs of one name. Of the executions, those that served a record are
 * executed - by_tasks - orphans; each further record was merged into one of them
 * (raised while pending) or never seen to run. */
typedef struct irqsim_softirq_total {
    uint64_t raised, executed;
    uint64_t by_tasks; /* executions that only tasks had asked for: no record */
    uint64_t orphans;  /* executions without a recorded raise that have no record */
    uint32_t name;
    uint32_t pad;
} irqsim_softirq_total_t;

/* A loaded list. Owned by whoever called; free with irqsim_arrivals_free(). */
typedef struct irqsim_arrivals {
    char *origin;     /* "ftrace ftrace-disk-storm.txt.gz" */
    uint32_t cpus;    /* CPUs of the recorded machine */
    uint64_t span_ns; /* from the first to the last event */
    char **name;
    uint32_t n_names;
    irqsim_irq_total_t *irq; /* ascending irq */
    uint32_t n_irqs;
    irqsim_softirq_total_t *softirq; /* ascending name; those not here are not known */
    uint64_t *softirq_cpu;           /* [softirq][cpu]: how often it executed there  */
    uint32_t n_softirqs;
    irqsim_record_t *record; /* arrivals ascend in time, children follow theirs */
    uint64_t n_records;
} irqsim_arrivals_t;

/* What an import saw and what it left out. Everything that was in the capture is
 * either in the list or counted here; lines = events + comments + bad_lines. */
typedef struct irqsim_import_stats {
    uint64_t lines, events;    /* lines read; events recognised */
    uint64_t ignored;          /* events of kinds that are no interrupt business */
    uint64_t comments;         /* blank lines, comments, headers, call chains, lost marks */
    uint64_t bad_lines;        /* lines that are no event and no comment */
    uint64_t lost_events;      /* as the tracer itself reported them */
    uint64_t backwards;        /* times that went backwards (events kept) */
    uint64_t bad_cpu;          /* events of CPU numbers out of range */
    uint64_t unpaired;         /* entries without exit, exits without entry */
    uint64_t orphan_softirqs;  /* executions without a recorded raise */
    uint64_t task_raises;      /* softirqs raised outside interrupts and softirqs */
    uint64_t task_works;       /* works queued outside interrupts and softirqs */
    uint64_t orphan_works;     /* executions without a recorded queueing */
    uint64_t unfinished_works; /* queued, never seen to start */
    uint64_t cut;              /* 1: the file ended early or its checksum is wrong */
} irqsim_import_stats_t;

/* Reads a capture (ftrace text, perf script, trace-cmd report; gzip or plain, the
 * form is recognised). Damage is reported to `diag` as warnings and counted; what
 * is whole is used. E_FORMAT: nothing usable in it; E_IO: cannot be read;
 * E_NOMEM. */
irqsim_status_t irqsim_import(const char *path, const irqsim_diag_sink_t *diag,
                              const irqsim_progress_t *progress, irqsim_arrivals_t **list,
                              irqsim_import_stats_t *stats);
/* The same from memory (for fuzzers and tests); `name` stands in messages. */
irqsim_status_t irqsim_import_bytes(const char *name, const void *bytes, size_t size,
                                    const irqsim_diag_sink_t *diag, irqsim_arrivals_t **list,
                                    irqsim_import_stats_t *stats);

/* Reads and writes the list's own format. Loading is strict: the first errors
 * (up to 20) are reported, then E_FORMAT; a cut gzip file keeps its whole lines
 * and is a warning. save writes gzip if `path` ends in .gz; it never replaces a
 * file half-way (temporary file, rename). */
irqsim_status_t irqsim_arrivals_load(const char *path, const irqsim_diag_sink_t *diag,
                                     irqsim_arrivals_t **list);
irqsim_status_t irqsim_arrivals_load_bytes(const char *name, const void *bytes, size_t size,
                                           const irqsim_diag_sink_t *diag,
                                           irqsim_arrivals_t **list);
irqsim_status_t irqsim_arrivals_save(const irqsim_arrivals_t *list, const char *path);

void irqsim_arrivals_free(irqsim_arrivals_t *list);

#ifdef __cplusplus
}
#endif
#endif
