/* SPDX-License-Identifier: MIT */
/*
 * sim_int.h - a simulation under construction, and what it keeps
 *
 *   scenario ---sim_build.c---> sources, irqs, handlers, jobs, tasks --+--> machine
 *   arrivals ---sim_replay.c--> more of them                           +--> kernel
 */
#ifndef IRQSIM_SIM_INT_H
#define IRQSIM_SIM_INT_H

#include <irqsim/sim.h>

#define IRQSIM__NONE UINT32_MAX

/* Texts (with a number) that got an index each, in the order they came. The
 * texts are borrowed. */
typedef struct irqsim__word {
    const char *text;
    uint32_t number;
    uint32_t name; /* of a work: index of its text among the names */
} irqsim__word_t;

typedef struct irqsim__words {
    irqsim__word_t *word;
    uint32_t n, room;
    uint32_t *slot; /* hash table of index + 1, twice as large as room */
} irqsim__words_set_t;

/* The index of a word, added if it is new; IRQSIM__NONE: no memory. */
uint32_t irqsim__scenario_words_add(irqsim__words_set_t *set, const char *text, uint32_t number);

/* A file of arrivals that devices of the scenario refer to. */
typedef struct irqsim__file {
    const char *path;
    irqsim_arrivals_t *list;
} irqsim__file_t;

/* Where a job stands in its tree, while the tree grows. */
typedef struct irqsim__place {
    uint32_t up, depth;
} irqsim__place_t;

struct irqsim_sim {
    const irqsim_scenario_t *scenario;
    const irqsim_arrivals_t *list;
    const irqsim_diag_sink_t *diag; /* while it is built */
    irqsim_observer_t *observer;
    size_t n_observers;

    /* Tables that machine and kernel borrow. */
    irqsim_source_desc_t *source; /* records are owned by it */
    irqsim_irq_desc_t *irq;       /* ascending */
    irqsim_action_desc_t *action; /* those of one irq side by side */
    uint32_t *first_action;       /* of each irq, and one more */
    irqsim_sysvec_desc_t *sysvec;
    irqsim_task_desc_t *task;
    irqsim_step_t *step; /* of all tasks' programs */
    irqsim_sigaction_t *sigaction;
    uint32_t kernel_words; /* name of irqsim_kernel_word(0) */
    irqsim_job_t *job;
    irqsim__place_t *place;
    uint32_t *work_name;
    uint32_t n_sources, n_irqs, n_actions, n_sysvecs, n_jobs;
    irqsim__words_set_t names, works;

    irqsim__file_t *file;
    uint32_t n_files;
    uint64_t recorded[IRQSIM_SYSVECS], replayed[IRQSIM_SYSVECS];
    uint64_t recorded_clocks;                /* of all jobs of recorded arrivals */
    irqsim_time_t first_record, last_record; /* last < first: there is none */

    /* What tables and traces print. */
    char **irq_name;
    char **task_name;
    irqsim_trace_meta_t *meta;
    size_t n_meta, meta_room;

    void *machine_memory, *kernel_memory;
    irqsim_machine_t *machine;
    irqsim_kernel_t *kernel;
    uint64_t identity; /* of scenario and lists: a snapshot belongs to one */

    /* Saved. */
    uint64_t seq;         /* of the last event */
    irqsim_time_t settle; /* when all had arrived; IRQSIM_NEVER = not yet */
};

/* sim_build.c */
irqsim_status_t irqsim__scenario_sim_build(irqsim_sim_t *sim);
/* Appends a job to the tree whose root is the last one of depth 0. Its index, or
 * IRQSIM__NONE: no memory. */
uint32_t irqsim__scenario_sim_add_job(irqsim_sim_t *sim, uint32_t depth, const irqsim_job_t *job);
/* A work item of that name; IRQSIM__NONE: no memory or too many. */
uint32_t irqsim__scenario_sim_add_work(irqsim_sim_t *sim, const char *name, uint32_t number);
uint32_t irqsim__scenario_sim_add_source(irqsim_sim_t *sim, const irqsim_source_desc_t *source);
bool irqsim__scenario_sim_add_irq(irqsim_sim_t *sim, const irqsim_irq_desc_t *irq, uint32_t source,
                                  const char *name, uint32_t flags);

/* sim_replay.c */
/* All irqs and vectors of the simulation's list. */
irqsim_status_t irqsim__scenario_sim_replay(irqsim_sim_t *sim);
/* One irq of a list, as the arrivals of one source. */
irqsim_status_t irqsim__scenario_sim_record(irqsim_sim_t *sim, const irqsim_arrivals_t *list,
                                            uint32_t irq, uint32_t source, irqsim_time_t start);

/* sim_save.c */
uint64_t irqsim__scenario_sim_identity(const irqsim_sim_t *sim);

/* sim_names.c */
irqsim_status_t irqsim__scenario_sim_describe(irqsim_sim_t *sim);
void irqsim__scenario_sim_forget(irqsim_sim_t *sim);

/* A problem or a note about the simulation as a whole. */
void irqsim__scenario_sim_tell(const irqsim_sim_t *sim, irqsim_severity_t severity, uint64_t line,
                               const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
