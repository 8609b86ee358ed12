/* SPDX-License-Identifier: MIT */
/*
 * irqsim/kernel.h - the miniature guest kernel (Linux 2.6.23 and modern)
 *
 *   IDT gate -> entry stub -> do_IRQ -> flow handler (level, edge, fasteoi, percpu)
 *            -> handlers (shared) -> EOI -> irq_exit -> softirqs -> ret_from_intr
 *   ksoftirqd/N, kworker/N, a round-robin scheduler, user tasks
 *   IPIs: reschedule, call function
 *   IDT gate -> exception entry -> do_handler -> signal, mapped page, fixup or oops
 *   INT 0x80 -> system call; on the way back to user mode: schedule, signals
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
#include <irqsim/vcpu.h>

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

/* What kernel code can do wrong. */
typedef enum irqsim_bug {
    IRQSIM_BUG_NULL = 0, /* writes through a NULL pointer: page fault              */
    IRQSIM_BUG_ASSERT,   /* BUG(): UD2                                             */
    IRQSIM_BUG_DIVIDE,   /* divides by zero                                        */
    IRQSIM_BUG_MSR,      /* writes an MSR that is not there: general protection    */
    IRQSIM_BUG_USER,     /* writes to user memory as if it were its own: a page fault
                            that is resolved in a system call, nowhere else        */
    IRQSIM_BUG_WILD,     /* overwrites the gate of vector 0: nothing happens yet   */
    IRQSIM_BUGS
} irqsim_bug_t;
/* "null", "assert", ...; NULL beyond the last. */
const char *irqsim_bug_name(unsigned bug);

/* A piece of work: what a handler does, and what it defers. Jobs form a tree in
 * one constant table; links are index + 1, 0 = none. A job spends its clocks,
 * then raises its children in order. A child may be its own parent; siblings
 * (`next`) stand behind one another in the table. A job is raised on one CPU only:
 * devices of different CPUs need jobs of their own. Raised again before it ran, it
 * runs once, with as many times its clocks and children. */
typedef enum irqsim_job_kind {
    IRQSIM_JOB_HANDLER = 0,   /* root: run by a device's or a system vector's handler */
    IRQSIM_JOB_SOFTIRQ,       /* raise_softirq(nr); runs when that softirq does       */
    IRQSIM_JOB_WORK,          /* queue_work(work); runs in this CPU's kworker         */
    IRQSIM_JOB_RESCHEDULE,    /* smp_send_reschedule(cpu); no clocks, no children     */
    IRQSIM_JOB_CALL_FUNCTION, /* smp_call_function(), not waited for; as above, and of
                                 works only (IPI-02)                                  */
    IRQSIM_JOB_BUG            /* what its parent does last: irqsim_bug_t; as above    */
} irqsim_job_kind_t;

typedef struct irqsim_job {
    uint64_t clocks;
    uint32_t child;
    uint32_t next;
    uint32_t repeat; /* SOFTIRQ: it raises itself again so many times after its
                        first run; UINT32_MAX = for ever */
    uint16_t nr;     /* softirq, work item, CPU or irqsim_bug_t; else 0 */
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
    uint16_t hwirq; /* ISA line (at), GSI (mp), or source index */
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

/* Addresses of user tasks: all have the same (docs/scenario.md has the areas). */
#define IRQSIM_USER_TEXT       UINT32_C(0x08048000)
#define IRQSIM_USER_TEXT_BYTES UINT32_C(0x3000) /* of a program; signal handlers follow */

/* Numbers of i386 system calls. */
typedef enum irqsim_sys {
    IRQSIM_SYS_EXIT = 1,    /* ends the task: code `argument`                      */
    IRQSIM_SYS_READ = 3,    /* writes to the task's memory at `argument`           */
    IRQSIM_SYS_GETPID = 20, /* does nothing                                        */
    IRQSIM_SYS_KILL = 37,   /* sends signal `argument` to itself                   */
    IRQSIM_SYS_IOCTL = 54,  /* of a driver with bug `argument` (irqsim_bug_t)      */
    IRQSIM_SYS_SIGRETURN = 119
} irqsim_sys_t;

/* One step of a user task's program. Each is as long as its instruction, so that a
 * saved EIP names a step. */
typedef enum irqsim_step_kind {
    IRQSIM_STEP_RUN = 0, /* computes for `clocks`: one LOOP to itself, EIP stays   */
    IRQSIM_STEP_INSN,    /* `insn`. The addresses of LOAD and STORE are the task's */
    IRQSIM_STEP_SYSCALL, /* system call `nr` (irqsim_sys_t): INT 0x80              */
    IRQSIM_STEP_STACK,   /* ESP -= argument                                        */
    IRQSIM_STEP_FPU,     /* an x87 instruction: #NM if its state is not loaded     */
    IRQSIM_STEP_RAISE,   /* meets exception `nr` (0..31), for those that no other
                            step does: #MF, #AC, #MC, #XM                          */
    IRQSIM_STEP_KINDS
} irqsim_step_kind_t;

typedef struct irqsim_step {
    irqsim_insn_t insn;
    uint64_t clocks;
    uint32_t at;       /* offset of its first byte: that of the step before, and its bytes */
    uint32_t argument; /* of SYSCALL and STACK                                     */
    uint8_t kind;      /* irqsim_step_kind_t */
    uint8_t nr;
    uint8_t pad[6];
} irqsim_step_t;
/* How many bytes a step is long. */
uint32_t irqsim_step_bytes(const irqsim_step_t *step);

/* Signals, 1..31. "SIGFPE"; NULL for other numbers. */
#define IRQSIM_SIGNALS 32u
const char *irqsim_signal_name(unsigned signal);
/* True if a task may have an action for it and it can be sent by kill(): all but
 * SIGKILL and those that stop a task, which are not modelled. */
bool irqsim_signal_can_be_caught(unsigned signal);

/* Address of a signal's handler in a task that has one: of so many bytes. */
#define IRQSIM_HANDLER_BYTES UINT32_C(64)
uint32_t irqsim_signal_handler(unsigned signal);

/* What a task does about a signal, if not the usual. */
typedef struct irqsim_sigaction {
    uint64_t clocks; /* of its handler                                              */
    uint8_t signal;
    uint8_t ignored; /* SIG_IGN: no handler                                         */
    uint8_t skips;   /* the handler has the instruction skipped at which the signal
                        came; else it is executed again if it was a fault           */
    uint8_t pad[5];
} irqsim_sigaction_t;

/* A user task. Without a program it computes: `burst` clocks at a time, for ever
 * (total 0) or until `total` clocks are done; then it exits. With one it executes the
 * program and exits. */
typedef struct irqsim_task_desc {
    uint32_t name;
    uint16_t cpu;
    uint16_t n_actions;
    uint64_t burst; /* 0 = as long as it may */
    uint64_t total;
    const irqsim_step_t *program;
    const irqsim_sigaction_t *actions; /* of one signal the first counts */
    uint32_t n_steps;                  /* 0 = it computes */
    uint32_t pad;
} irqsim_task_desc_t;

/* Code of the kernel that a saved EIP can name, from 0 on; false beyond the last. */
typedef struct irqsim_symbol {
    uint32_t address, bytes;
    const char *name; /* static storage */
} irqsim_symbol_t;
bool irqsim_kernel_symbol(unsigned i, irqsim_symbol_t *symbol);

/* Words that events about exceptions and signals mention by index, from 0 on; NULL
 * beyond the last. */
const char *irqsim_kernel_word(unsigned i);

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
    uint32_t words;         /* name of irqsim_kernel_word(0); the others follow */
} irqsim_kernel_desc_t;

/* Bytes for irqsim_kernel_init(); 0 if the desc is invalid. ram: guest RAM that
 * the machine must have. */
size_t irqsim_kernel_size(const irqsim_kernel_desc_t *desc);
uint32_t irqsim_kernel_ram(const irqsim_kernel_desc_t *desc);

/* Builds the kernel in `mem` (aligned for uint64_t). E_INVAL: a table contradicts
 * itself (an action without irq, sharing without IRQF_SHARED, a job link outside
 * the table, a function call outside of a work, a step at the wrong address, an
 * action for a signal that has none); E_RANGE; E_FULL: size too small. */
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
/* How often kernel code died; whether the kernel has given up since. */
uint32_t irqsim_kernel_oopses(const irqsim_kernel_t *k);
bool irqsim_kernel_panicked(const irqsim_kernel_t *k);
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
    uint16_t status;      /* of its end, as wait() tells it: code << 8, or the signal
                             that killed it, + 0x80 with a core dump */
    uint64_t clocks_done; /* user work finished */
    irqsim_time_t ran;    /* time on the CPU, interrupts included */
} irqsim_task_info_t;
uint32_t irqsim_kernel_tasks(const irqsim_kernel_t *k);
bool irqsim_kernel_task(const irqsim_kernel_t *k, uint32_t task, irqsim_task_info_t *info);

/* The stack of contexts of a CPU, innermost first. */
typedef enum irqsim_context_kind {
    IRQSIM_CONTEXT_TASK = 0,
    IRQSIM_CONTEXT_SOFTIRQ,
    IRQSIM_CONTEXT_HARDIRQ,
    IRQSIM_CONTEXT_EXCEPTION /* system calls too: vector 0x80 */
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
