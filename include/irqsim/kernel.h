/* SPDX-License-Identifier: MIT */
/*
 * irqsim/kernel.h - the miniature guest kernel (Linux 2.6.23 and modern)
 *
 *   IDT gate -> entry stub -> do_IRQ -> flow handler (level, edge, fasteoi, percpu)
 *            -> handlers (shared) -> EOI -> irq_exit -> softirqs -> ret_from_intr
 *   ksoftirqd/N, kworker/N, a round-robin scheduler, user tasks, reschedule IPIs
 *
 * It is a guest: it knows the machine only through <irqsim/guest.h>, programs
 * the controllers by their registers and takes its vectors through IDT gates in
 * guest memory. All of it is written as flows: resumable functions on explicit
 * frames, preempted at exactly the cycle an interrupt arrives (docs/design.md).
 *
 * The kernel does not hold strings: whatever has a name carries a number, an
 * index into the host's table of names, which shows up in events.
 *
 * Memory: one block given by the caller, free of pointers to be saved.
 */
#ifndef IRQSIM_KERNEL_H
#define IRQSIM_KERNEL_H

#include <irqsim/machine.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct irqsim_kernel irqsim_kernel_t;

/* Which Linux: columns of the kernel's tables (VER-01). */
typedef enum irqsim_era {
    IRQSIM_LINUX_MODERN = 0, /* 6.1: 10 softirqs, handlers with IF=0, ksoftirqd nice 0 */
    IRQSIM_LINUX_2_6_23,     /* 8 softirqs, handlers with IF=1 unless IRQF_DISABLED    */
    IRQSIM_ERAS
} irqsim_era_t;

#define IRQSIM_SOFTIRQS 10
/* Name of softirq `nr` in that era ("NET_RX"), NULL if the era has fewer. */
const char *irqsim_softirq_name(irqsim_era_t era, unsigned nr);
/* Text of an era: "linux-modern", "linux-2.6.23"; NULL beyond the last. */
const char *irqsim_era_name(irqsim_era_t era);

/* System vectors the kernel handles by itself (VEC-01, VEC-02). */
typedef enum irqsim_sysvec {
    IRQSIM_SYSVEC_LOCAL_TIMER = 0,
    IRQSIM_SYSVEC_RESCHEDULE,
    IRQSIM_SYSVEC_CALL_FUNCTION,
    IRQSIM_SYSVEC_CALL_FUNCTION_SINGLE,
    IRQSIM_SYSVEC_SPURIOUS,
    IRQSIM_SYSVEC_ERROR,
    IRQSIM_SYSVECS
} irqsim_sysvec_t;
/* "local_timer", "reschedule", ... as in irq_vectors:<name>_entry. */
const char *irqsim_sysvec_name(irqsim_sysvec_t sysvec);
/* The vector number it has in that era; 0 if the era has no such vector. */
uint8_t irqsim_sysvec_vector(irqsim_era_t era, irqsim_sysvec_t sysvec);

/* A piece of work: what a handler does, and what it defers. Jobs form a tree in
 * one constant table; links are index + 1, 0 = none. A job spends its clocks,
 * then raises its children in order. A child may be its own parent; siblings
 * (`next`) stand behind one another in the table. A job is raised on one CPU only:
 * devices of different CPUs need jobs of their own. Raised again before it ran, it
 * runs once, with as many times its clocks and children. */
typedef enum irqsim_job_kind {
    IRQSIM_JOB_HANDLER = 0, /* root: run by a device's or a system vector's handler */
    IRQSIM_JOB_SOFTIRQ,     /* raise_softirq(nr); runs when that softirq does       */
    IRQSIM_JOB_WORK,        /* queue_work(work); runs in this CPU's kworker         */
    IRQSIM_JOB_RESCHEDULE   /* smp_send_reschedule(cpu); no clocks, no children     */
} irqsim_job_kind_t;

typedef struct irqsim_job {
    uint64_t clocks;
    uint32_t child;
    uint32_t next;
    uint32_t repeat; /* SOFTIRQ: it raises itself again so many times after its
                        first run; UINT32_MAX = for ever */
    uint16_t nr;     /* softirq, work item or CPU */
    uint8_t kind;    /* irqsim_job_kind_t */
    uint8_t pad;
} irqsim_job_t;

/* An irq number of Linux and where it comes from. */
typedef struct irqsim_irq_desc {
    uint32_t irq;       /* the number in /proc/interrupts */
    uint8_t msi;        /* 1: the MSI of source hwirq; 0: pin hwirq */
    uint8_t level;      /* pin trigger; MSI is edge */
    uint8_t active_low; /* IOAPIC pins */
    uint8_t pad;
    uint16_t hwirq; /* ISA line (at), IOAPIC pin (mp), or source index */
    uint16_t cpu;   /* affinity: the CPU that gets it */
} irqsim_irq_desc_t;

#define IRQSIM_IRQF_SHARED   (UINT32_C(1) << 0) /* may share its irq (SHARE-01)          */
#define IRQSIM_IRQF_DISABLED (UINT32_C(1) << 1) /* 2.6: handler runs with IF=0           */

/* A driver's handler on an irq: it asks its device whether it interrupted, runs
 * the jobs of all pending arrivals, answers IRQ_HANDLED, or else IRQ_NONE. */
typedef struct irqsim_action_desc {
    uint32_t irq;    /* as in irqsim_irq_desc_t */
    uint32_t source; /* its device */
    uint32_t name;
    uint32_t flags; /* IRQSIM_IRQF_* */
} irqsim_action_desc_t;

/* Recorded arrivals of a system vector on a CPU: source (wired as a message)
 * holds them, their jobs run in the vector's handler. */
typedef struct irqsim_sysvec_desc {
    irqsim_sysvec_t sysvec;
    uint16_t cpu;
    uint32_t source;
} irqsim_sysvec_desc_t;

/* A user task that computes: `burst` clocks at a time, for ever (total 0) or
 * until `total` clocks are done; then it exits. */
typedef struct irqsim_task_desc {
    uint32_t name;
    uint16_t cpu;
    uint16_t pad;
    uint64_t burst; /* 0 = as long as it may */
    uint64_t total;
} irqsim_task_desc_t;

/* Zero means the usual for every member but those marked. Tables are borrowed
 * and must outlive the kernel. */
typedef struct irqsim_kernel_desc {
    irqsim_era_t era;
    uint16_t cpus;    /* needed, as the machine's */
    uint32_t hz;      /* ticks a second per CPU; 0 = no tick at all */
    uint32_t quantum; /* ticks of a round-robin turn; 0 = 10 ms worth, at least 1 */
    uint32_t frames;  /* frames of flows for all CPUs and tasks; 0 = enough */
    const irqsim_job_t *jobs;
    uint32_t n_jobs;
    const irqsim_irq_desc_t *irqs; /* ascending irq, each once */
    uint32_t n_irqs;
    const irqsim_action_desc_t *actions; /* ascending irq; of one irq in list order */
    uint32_t n_actions;
    const irqsim_sysvec_desc_t *sysvecs;
    uint32_t n_sysvecs;
    const irqsim_task_desc_t *tasks;
    uint32_t n_tasks;
    const uint32_t *work_names; /* names of the work items that jobs refer to */
    uint32_t n_works;
    uint32_t softirq_names; /* name of softirq 0; the others follow */
    uint32_t sysvec_names;  /* name of system vector 0; the others follow */
} irqsim_kernel_desc_t;

/* Bytes for irqsim_kernel_init(); 0 if the desc is invalid. ram: guest RAM that
 * the machine must have. */
size_t irqsim_kernel_size(const irqsim_kernel_desc_t *desc);
uint32_t irqsim_kernel_ram(const irqsim_kernel_desc_t *desc);

/* Builds the kernel in `mem` (aligned for uint64_t). E_INVAL: a table contradicts
 * itself (an action without irq, sharing without IRQF_SHARED, a job link outside
 * the table); E_RANGE; E_FULL: size too small. */
irqsim_status_t irqsim_kernel_init(void *mem, size_t size, const irqsim_kernel_desc_t *desc,
                                   irqsim_kernel_t **kernel);
/* What to put into irqsim_machine_desc_t.guest. */
irqsim_guest_code_t irqsim_kernel_code(irqsim_kernel_t *k);
/* Boots it on a machine just initialised: GDT, IDT, TSSs and stacks in guest
 * memory, controllers and timers through their registers, first tasks. Takes no
 * model time. E_INVAL: machine and kernel do not fit (CPUs, RAM, MSI on `at`). */
irqsim_status_t irqsim_kernel_boot(irqsim_kernel_t *k, irqsim_machine_t *m);

/* Snapshots, beside the machine's; same rules. */
irqsim_status_t irqsim_kernel_save(const irqsim_kernel_t *k, irqsim_snap_t *snap);
irqsim_status_t irqsim_kernel_load(irqsim_kernel_t *k, irqsim_snap_t *snap);

/* Layouts of the parts of a snapshot, 0..; NULL beyond the last. For tests and
 * docs/snapshot-format.md. */
const irqsim_layout_t *irqsim_kernel_layout(unsigned i);

/* Views: counters since boot. Out of range: 0. */
uint64_t irqsim_kernel_irq_count(const irqsim_kernel_t *k, uint32_t irq_index, unsigned cpu);
/* Ticks handled, recorded ones too. */
uint64_t irqsim_kernel_ticks(const irqsim_kernel_t *k, unsigned cpu);
uint64_t irqsim_kernel_unhandled(const irqsim_kernel_t *k, uint32_t irq_index);
uint64_t irqsim_kernel_sysvec_count(const irqsim_kernel_t *k, irqsim_sysvec_t sysvec, unsigned cpu);
uint64_t irqsim_kernel_softirq_raised(const irqsim_kernel_t *k, unsigned nr, unsigned cpu);
uint64_t irqsim_kernel_softirq_executed(const irqsim_kernel_t *k, unsigned nr, unsigned cpu);
uint32_t irqsim_kernel_preempt_count(const irqsim_kernel_t *k, unsigned cpu);
/* True if nothing is pending or running but idle tasks and user tasks. */
bool irqsim_kernel_quiet(const irqsim_kernel_t *k);

/* Tasks: users in desc order, then per CPU: idle, ksoftirqd, kworker. */
typedef enum irqsim_task_kind {
    IRQSIM_TASK_USER = 0,
    IRQSIM_TASK_IDLE,
    IRQSIM_TASK_KSOFTIRQD,
    IRQSIM_TASK_KWORKER
} irqsim_task_kind_t;
typedef struct irqsim_task_info {
    irqsim_task_kind_t kind;
    uint32_t name; /* users only */
    uint16_t cpu;
    uint8_t state;        /* 'R', 'S' or 'X' (exited) */
    uint64_t clocks_done; /* user work finished */
    irqsim_time_t ran;    /* time on the CPU, interrupts included */
} irqsim_task_info_t;
uint32_t irqsim_kernel_tasks(const irqsim_kernel_t *k);
bool irqsim_kernel_task(const irqsim_kernel_t *k, uint32_t task, irqsim_task_info_t *info);

/* The stack of contexts of a CPU, innermost first. */
typedef enum irqsim_context_kind {
    IRQSIM_CONTEXT_TASK = 0,
    IRQSIM_CONTEXT_SOFTIRQ,
    IRQSIM_CONTEXT_HARDIRQ
} irqsim_context_kind_t;
typedef struct irqsim_context {
    irqsim_context_kind_t kind;
    uint32_t nr; /* task index, softirq number or vector */
} irqsim_context_t;
/* Fills at most `max`; returns how many there are. */
unsigned irqsim_kernel_contexts(const irqsim_kernel_t *k, unsigned cpu, irqsim_context_t *out,
                                unsigned max);

#ifdef __cplusplus
}
#endif
#endif
