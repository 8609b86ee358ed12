/* SPDX-License-Identifier: MIT */
/*
 * irqsim/scenario.h - a YAML file that scripts a machine and its storms
 *
 * The language is in docs/scenario.md. A loaded scenario is plain data: the
 * machine, the kernel, devices with their arrivals and work, tasks, how long to
 * run, what to expect. <irqsim/sim.h> brings it to life.
 */
#ifndef IRQSIM_SCENARIO_H
#define IRQSIM_SCENARIO_H

#include <irqsim/arrivals.h>
#include <irqsim/kernel.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A duration as written: in time, or in clocks of the machine's CPU. */
typedef struct irqsim_span {
    uint64_t value;
    uint8_t clocks; /* 1: `value` is clocks; 0: picoseconds */
    uint8_t pad[7];
} irqsim_span_t;

/* What a device (or another piece of work) defers. A tree in one array:
 * children follow their parent, deeper by one. */
typedef struct irqsim_defer {
    uint8_t kind; /* IRQSIM_JOB_SOFTIRQ, _WORK, _RESCHEDULE, _CALL_FUNCTION or _BUG */
    uint8_t pad;
    uint16_t nr;    /* softirq number, CPU or irqsim_bug_t; else 0 */
    uint32_t depth; /* 1 = by the handler itself */
    uint32_t repeat;
    uint32_t pad2;
    irqsim_span_t takes;
    char *name; /* work's name, else NULL */
} irqsim_defer_t;

typedef struct irqsim_device {
    char *name;
    uint32_t irq;
    irqsim_irq_desc_t line; /* wiring as the kernel needs it; hwirq of an MSI is filled by sim */
    uint32_t flags;         /* IRQSIM_IRQF_* */
    irqsim_pattern_t pattern;
    irqsim_time_t first, period, gap, pulse;
    uint32_t burst;
    uint32_t pad;
    uint64_t count;
    char *recorded;        /* RECORD: path of an arrivals file, as resolved */
    uint32_t recorded_irq; /* which of its irqs */
    uint32_t n_defers;
    irqsim_span_t handler;
    irqsim_defer_t *defer;
} irqsim_device_t;

/* A step of a task's program, and what it does about a signal; `takes` in the place
 * of clocks. */
typedef struct irqsim_program_step {
    irqsim_step_t step;
    irqsim_span_t takes; /* of RUN */
    char *text;          /* as written: "div0", "load: 0x0804c010" */
} irqsim_program_step_t;

typedef struct irqsim_user_action {
    irqsim_sigaction_t action;
    irqsim_span_t takes;
} irqsim_user_action_t;

typedef struct irqsim_user_task {
    char *name;
    uint16_t cpu;
    uint8_t pad[6];
    irqsim_span_t total; /* value 0 = for ever */
    irqsim_program_step_t *program;
    irqsim_user_action_t *action;
    uint32_t n_steps, n_actions;
} irqsim_user_task_t;

/* An expectation: `metric` of `subject` must be within [min, max]. */
typedef enum irqsim_metric {
    IRQSIM_METRIC_ARRIVED = 0, /* counts of an irq (subject = irq number) or of all (-1) */
    IRQSIM_METRIC_DELIVERED,
    IRQSIM_METRIC_COALESCED,
    IRQSIM_METRIC_WITHDRAWN,
    IRQSIM_METRIC_SPURIOUS,
    IRQSIM_METRIC_LOST,
    IRQSIM_METRIC_RAISED, /* counts of a softirq (subject = its number) or of all (-1) */
    IRQSIM_METRIC_EXECUTED,
    IRQSIM_METRIC_LATENCY,    /* ns, of a stage (subject = irqsim_stage_t, <irqsim/report.h>) */
    IRQSIM_METRIC_TASK_RAN,   /* ns, of a user task (subject = its index) */
    IRQSIM_METRIC_TASK_SIGNAL /* that killed it; 0 = none */
} irqsim_metric_t;

typedef struct irqsim_expect {
    irqsim_metric_t metric;
    int64_t subject;
    uint32_t percentile; /* LATENCY: 0 min, 1000 max, 500 p50, 900, 990; 1001 avg */
    uint32_t pad;
    uint64_t min, max; /* UINT64_MAX = no bound */
    uint64_t line;     /* where it stands in the file */
    char *text;        /* as it should read in a report: "irq 36 lost == 0" */
} irqsim_expect_t;

/* A loaded scenario. Owned by the caller; free with irqsim_scenario_free(). */
typedef struct irqsim_scenario {
    char *file; /* as given; relative paths in it are relative to its folder */
    char *name;
    char *text; /* the file's own bytes, for the trace's header */
    irqsim_board_t board;
    irqsim_profile_id_t profile_id;
    irqsim_profile_t profile;
    uint16_t cpus;
    uint16_t ioapics;  /* 0 on board at */
    uint32_t variants; /* IRQSIM_VARIANT_* */
    irqsim_era_t era;
    uint32_t hz;
    uint32_t frames;   /* 0 = enough */
    irqsim_time_t run; /* length; 0 = until everything recorded has happened and is done */
    uint64_t seed;
    irqsim_device_t *device;
    uint32_t n_devices;
    uint32_t n_tasks;
    irqsim_user_task_t *task;
    irqsim_expect_t *expect;
    uint32_t n_expects;
    uint32_t pad;
} irqsim_scenario_t;

/* Loads and checks a file. Every problem found is reported to `diag` with line,
 * column, key path, what was expected and the nearest key; then E_FORMAT and
 * *scenario is untouched. E_IO, E_NOMEM as usual. */
irqsim_status_t irqsim_scenario_load(const char *path, const irqsim_diag_sink_t *diag,
                                     irqsim_scenario_t **scenario);
irqsim_status_t irqsim_scenario_load_bytes(const char *name, const void *bytes, size_t size,
                                           const irqsim_diag_sink_t *diag,
                                           irqsim_scenario_t **scenario);
/* What `irqsim replay` uses without --on: a modern two-CPU machine with one user
 * task per CPU and no tick of its own. cpus: as the capture has. */
irqsim_status_t irqsim_scenario_default(uint32_t cpus, irqsim_scenario_t **scenario);
void irqsim_scenario_free(irqsim_scenario_t *scenario);

#ifdef __cplusplus
}
#endif
#endif
