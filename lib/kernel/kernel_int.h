/* SPDX-License-Identifier: MIT */
/*
 * kernel_int.h - the kernel's state, shared by the files of this folder
 *
 * Everything that a snapshot holds is plain integers; indices are stored + 1 so
 * that zero means none. Pointers stand only in struct irqsim_kernel and are
 * found anew by irqsim_kernel_init().
 */
#ifndef IRQSIM_LIB_KERNEL_INT_H
#define IRQSIM_LIB_KERNEL_INT_H

#include <irqsim/guest.h>
#include <irqsim/kernel.h>

#include "flow.h"

/* preempt_count, 2.6 layout (PCNT-01); modern keeps these fields (PCNT-02). */
#define SOFTIRQ_OFFSET UINT32_C(0x00000100)
#define HARDIRQ_OFFSET UINT32_C(0x00010000)
#define SOFTIRQ_MASK   UINT32_C(0x0000ff00)
#define HARDIRQ_MASK   UINT32_C(0x0fff0000)

/* Softirqs by what they are for; their numbers are the era's (SIRQ-01). */
enum { HI_SOFTIRQ = 0, TIMER_SOFTIRQ = 1 };

/* Guest memory. */
enum {
    RAM_GDT = 0x1000, /* 5 segments, then one TSS descriptor per CPU */
    KERNEL_CS = 0x08,
    KERNEL_DS = 0x10,
    USER_CS = 0x1B,
    USER_DS = 0x23,
    FIRST_TSS = 5,
    TSS_BYTES = 104,
    IDT_BYTES = 256 * 8,
    IRQ_STACK = 192,
    IRQ_STACK_SPARE = 40, /* less than this left: overflow (DOIRQ-01) */
    TASK_STACK = 48,      /* a system call or interrupt, and one on top until it has gone to
                             the interrupt stack */
    DEEP_STACK = 96,      /* two exceptions deep, of tasks and kernels that raise any */
    FIRST_EXTERNAL = 0x20,
    SYSCALL_VECTOR = 0x80,
    STUB_SIZE = 16,
    BUG_BYTES = 16 /* of a driver's mistake */
};
#define TEXT_STUBS UINT32_C(0xC0100000) /* entry stub of vector v: + v * STUB_SIZE */
#define TEXT_FLOWS UINT32_C(0xC0200000) /* kernel code; flows have no addresses    */
#define TEXT_COPY  UINT32_C(0xC0210000) /* but for the access of copy_to_user() ...  */
#define TEXT_FIXUP UINT32_C(0xC0211000) /* ... where the exception table leads to    */
#define TEXT_BUGS  UINT32_C(0xD0800000) /* ... and a driver's mistakes: + bug * BUG_BYTES */
#define TASK_SIZE  UINT32_C(0xC0000000)
#define USER_SP    UINT32_C(0xBFFFFFF0)
/* As long as it may: longer than any run, well inside 64 bits of picoseconds. */
#define FOREVER_CLOCKS (UINT64_C(1) << 34)

/* What differs between kernels, one row each (era.c). */
typedef struct era {
    const char *name;
    const char *softirq[IRQSIM_SOFTIRQS];
    uint8_t softirqs;
    uint8_t tasklet;              /* TASKLET_SOFTIRQ's number                       */
    uint8_t isa_base;             /* vector of ISA irq 0                            */
    uint8_t handlers_enable_irqs; /* DOIRQ-16 against DOIRQ-17                      */
    uint8_t softirq_time_limit;   /* DOSIRQ-05: 2 ms and need_resched end the loop  */
    uint8_t ksoftirqd_owns;       /* INVOKE-06                                      */
    uint8_t ksoftirqd_preempts;   /* nice 0 and well rested, against nice 19: KSD-03 */
    uint8_t tick_raises_timer;    /* TMR-04                                         */
    uint8_t tick_stops_idle;      /* NOHZ                                           */
    uint8_t lazy_fpu;             /* a task's FPU state is loaded by #NM            */
    uint8_t double_fault_panics;  /* else its CPU spins                             */
    uint8_t vector[IRQSIM_SYSVECS];
    uint8_t first_device, device_step, last_device; /* ALLOC-01                     */
    uint8_t vectors_everywhere; /* an irq's vector is its own on all CPUs           */
} era_t;
extern const era_t irqsim__kernel_eras[IRQSIM_ERAS];

/* irq_desc and what the table says about it. */
enum { IRQ_INPROGRESS = 1, IRQ_PENDING = 2, IRQ_MASKED = 4 }; /* DESC-02 */
typedef struct kirq {
    uint64_t count, unhandled;
    uint32_t number;
    uint32_t first_action, actions; /* in desc.actions */
    uint16_t hwirq, cpu;
    uint8_t chip; /* row of irqsim__kernel_chips  */
    uint8_t flow; /* flow_id_t             */
    uint8_t vector, status;
    uint8_t level, active_low, msi;
    uint8_t tick; /* the PIT's: its handler is the tick itself */
} kirq_t;

/* A job that was raised or queued: two nodes for each, 2 * job and the next. */
enum { NODE_FREE = 0, NODE_PENDING, NODE_TAKEN };
enum { RAISES_MAX = 1 << 24 }; /* more of one job are counted as that many */
typedef struct deferred {
    uint32_t next;   /* index + 1 */
    uint32_t count;  /* how often it was raised since it last ran */
    uint32_t repeat; /* times it will raise itself */
    uint16_t cpu;
    uint8_t state; /* NODE_* */
    uint8_t pad;
} deferred_t;
typedef struct list {
    uint32_t head, tail; /* index + 1 */
} list_t;

typedef struct kwork {
    uint64_t cause; /* event that queued it first */
    list_t jobs;    /* deferred_t                 */
    uint32_t next;  /* index + 1, in a CPU's queue */
    uint32_t pending;
} kwork_t;

enum { TASK_RUNNING = 0, TASK_SLEEPING, TASK_EXITED };
typedef struct ktask {
    irqsim_time_t ran;   /* time as current, up to `since`        */
    irqsim_time_t since; /* when it became current                */
    uint64_t done;       /* clocks of finished bursts             */
    uint32_t top;        /* its chain of frames while not current */
    uint32_t sp;         /* its stack pointer while not current   */
    uint32_t stack;      /* top of its kernel stack               */
    uint32_t next;       /* index + 1, in a run queue             */
    uint32_t name;
    uint32_t eax, ebx; /* of its system call                    */
    uint32_t user;     /* index of its kuser_t                  */
    uint16_t status;   /* of its end, as wait() tells it        */
    uint16_t cpu;
    uint8_t kind, state;   /* irqsim_task_kind_t, TASK_*            */
    uint8_t queued, woken; /* in a run queue; by a wakeup           */
} ktask_t;

/* What a task with a program has besides: memory and signals. All others share the
 * first one, which stays empty. */
typedef struct kuser {
    uint32_t pending;                   /* signals: bit 1..31                    */
    uint32_t sig_ip, sig_sp, sig_flags; /* the sigframe on its stack             */
    uint16_t page[3];                   /* present, a bit each: areas of fault.c */
    uint16_t pad;
} kuser_t;

struct kcpu {
    uint64_t raised[IRQSIM_SOFTIRQS], executed[IRQSIM_SOFTIRQS];
    uint64_t sysvecs[IRQSIM_SYSVECS];
    uint64_t ticks;
    list_t softirq[IRQSIM_SOFTIRQS];         /* deferred_t */
    list_t works;                            /* kwork_t    */
    list_t runnable;                         /* ktask_t    */
    uint32_t sysvec_source[IRQSIM_SYSVECS];  /* index + 1 of recorded arrivals */
    uint32_t top;                            /* frame index + 1 of the running chain */
    uint32_t current;                        /* task index */
    uint32_t softirq_cause[IRQSIM_SOFTIRQS]; /* first raise not yet executed: low half */
    uint32_t preempt_count;
    uint32_t softirq_pending; /* bit per softirq */
    uint32_t quantum;         /* ticks left of the current turn */
    uint32_t irq_stack;       /* top of the interrupt stack */
    uint16_t nr;
    uint8_t need_resched;
    uint8_t tick_on;
    uint8_t fpu; /* the current task's state is loaded: CR0.TS = 0 */
    uint8_t pad[3];
    uint16_t vector_irq[256 - FIRST_EXTERNAL]; /* index + 1 of kirq_t */
};

struct irqsim_kernel {
    irqsim_machine_t *m;
    const era_t *era;
    const irqsim_profile_t *profile;
    kcpu_t *cpu;
    ktask_t *task;
    kuser_t *user;
    kirq_t *irq;
    kwork_t *work;
    deferred_t *deferred;
    frame_t *frame;
    irqsim_kernel_desc_t desc;
    uint32_t n_cpus, n_tasks, n_users, n_irqs, n_works, n_deferred, n_frames;
    uint8_t x2apic, has_lapic, observed;
    uint8_t has_bugs; /* a job is one */
    /* What follows is saved. */
    uint32_t free_frame; /* index + 1 */
    uint32_t frames_used;
    uint32_t oopses;
    uint8_t pic_mask[2]; /* cached IMRs */
    uint8_t panicked;
    uint8_t pad;
    uint64_t last_event; /* number of the last event, to widen frame_t.cause */
};

/* Tasks are laid out: users, then idle, ksoftirqd and kworker of each CPU. */
enum { CPU_IDLE, CPU_KSOFTIRQD, CPU_KWORKER, CPU_TASKS };
static inline uint32_t cpu_task(const irqsim_kernel_t *k, unsigned cpu, unsigned which)
{
    return k->desc.n_tasks + (uint32_t)cpu * CPU_TASKS + which;
}

/* GDT, IDT, then the TSS of each CPU and that of the double fault. */
static inline uint32_t gdt_bytes(uint32_t cpus)
{
    return (FIRST_TSS + cpus + 1) * 8;
}
static inline uint32_t idt_address(uint32_t cpus)
{
    return (RAM_GDT + gdt_bytes(cpus) + 15) & ~15u;
}
static inline uint32_t tss_address(uint32_t cpus, uint32_t nr)
{
    return idt_address(cpus) + IDT_BYTES + nr * TSS_BYTES;
}

static inline bool in_interrupt(const kcpu_t *c)
{
    return (c->preempt_count & (HARDIRQ_MASK | SOFTIRQ_MASK)) != 0; /* PCNT-03 */
}

/* The current task, when it is in a system call or an exception of its own. */
static inline ktask_t *current_task(irqsim_kernel_t *k, const kcpu_t *c)
{
    return &k->task[c->current];
}

static inline kuser_t *user_of(irqsim_kernel_t *k, const ktask_t *t)
{
    return &k->user[t->user];
}

/* kernel.c: a job is one, so that any kernel code may raise exceptions. */
bool irqsim__kernel_has_bugs(const irqsim_kernel_desc_t *d);

/* views.c: events in the kernel's name; nothing but a branch if nobody observes. */
uint64_t irqsim__kernel_emit_observed(irqsim_kernel_t *k, kcpu_t *c, irqsim_event_id_t id,
                                      uint64_t cause, uint32_t a, uint32_t b, uint32_t third);
static inline uint64_t irqsim__kernel_emit(irqsim_kernel_t *k, kcpu_t *c, irqsim_event_id_t id,
                                           uint64_t cause, uint32_t a, uint32_t b, uint32_t third)
{
    return k->observed ? irqsim__kernel_emit_observed(k, c, id, cause, a, b, third) : 0;
}

/* State keeps the low half of a number only; it lies in the past. */
static inline uint64_t irqsim__kernel_widen(const irqsim_kernel_t *k, uint32_t cause)
{
    return cause ? k->last_event - (uint32_t)((uint32_t)k->last_event - cause) : 0;
}
static inline uint64_t irqsim__kernel_frame_cause(const irqsim_kernel_t *k, const frame_t *f)
{
    return irqsim__kernel_widen(k, f->cause);
}

/* chip.c: what a flow handler does to its controller (STYLE: flow over chip). */
typedef struct irq_chip {
    void (*mask)(irqsim_kernel_t *k, kcpu_t *c, kirq_t *irq);
    void (*unmask)(irqsim_kernel_t *k, kcpu_t *c, kirq_t *irq);
    void (*mask_ack)(irqsim_kernel_t *k, kcpu_t *c, kirq_t *irq);
    void (*ack)(irqsim_kernel_t *k, kcpu_t *c, kirq_t *irq); /* before the handlers */
    void (*eoi)(irqsim_kernel_t *k, kcpu_t *c, kirq_t *irq); /* after them          */
} irq_chip_t;
enum { CHIP_8259A, CHIP_IOAPIC, CHIP_MSI, CHIP_COUNT };
extern const irq_chip_t irqsim__kernel_chips[CHIP_COUNT];
void irqsim__kernel_pic_init(irqsim_kernel_t *k, kcpu_t *c);
bool irqsim__kernel_pic_spurious(irqsim_kernel_t *k, kcpu_t *c, unsigned line);
void irqsim__kernel_irq_setup(irqsim_kernel_t *k, kcpu_t *c, kirq_t *irq);

/* lapic_ops.c: the local APIC by its page or by its MSRs. */
void irqsim__kernel_lapic_init(irqsim_kernel_t *k, kcpu_t *c);
void irqsim__kernel_lapic_eoi(irqsim_kernel_t *k, kcpu_t *c);
void irqsim__kernel_lapic_tick(irqsim_kernel_t *k, kcpu_t *c, bool on);
void irqsim__kernel_lapic_ipi(irqsim_kernel_t *k, kcpu_t *c, unsigned target, uint8_t vector);
void irqsim__kernel_lapic_ipi_others(irqsim_kernel_t *k, kcpu_t *c, uint8_t vector);

/* deferred.c: jobs, and lists of them. */
void irqsim__kernel_list_append(irqsim_kernel_t *k, kcpu_t *c, list_t *list, uint32_t job,
                                uint32_t repeat);
/* Empties the list; what is raised from here on makes a new one. Returns its head. */
uint32_t irqsim__kernel_list_take(irqsim_kernel_t *k, list_t *list);
void irqsim__kernel_raise_children(irqsim_kernel_t *k, kcpu_t *c, uint32_t job, uint64_t cause);

uint64_t irqsim__kernel_deferred_clocks(const irqsim_kernel_t *k, uint32_t list);
/* What the first of a taken list costs; it has run: what it raises, and itself again.
 * Returns the job. */
uint32_t irqsim__kernel_deferred_done(irqsim_kernel_t *k, kcpu_t *c, uint32_t *list,
                                      uint64_t cause);

/* handler.c: a device's registers. Arrivals pending; the next one's job + 1, 0 = none. */
uint32_t irqsim__kernel_device_status(irqsim_kernel_t *k, kcpu_t *c, uint32_t source);
uint32_t irqsim__kernel_device_claim(irqsim_kernel_t *k, kcpu_t *c, uint32_t source);

/* softirq.c */
void irqsim__kernel_raise_softirq(irqsim_kernel_t *k, kcpu_t *c, unsigned nr, uint64_t cause);
bool irqsim__kernel_softirq_due(const irqsim_kernel_t *k, const kcpu_t *c);

/* workqueue.c */
void irqsim__kernel_queue_work(irqsim_kernel_t *k, kcpu_t *c, uint32_t work, uint32_t job,
                               uint64_t cause);

/* task.c */
bool irqsim__kernel_tasks_init(irqsim_kernel_t *k);

/* sched.c */
void irqsim__kernel_enqueue(irqsim_kernel_t *k, kcpu_t *c, uint32_t task);
void irqsim__kernel_wake(irqsim_kernel_t *k, kcpu_t *c, uint32_t task, uint64_t cause);
/* `recorded`: a captured tick, whose softirqs are recorded too. */
void irqsim__kernel_tick(irqsim_kernel_t *k, kcpu_t *c, bool recorded);

/* smp.c */
void irqsim__kernel_reschedule(irqsim_kernel_t *k, kcpu_t *c, unsigned target, uint64_t cause);
/* Where there is no other CPU: nothing. */
void irqsim__kernel_call_others(irqsim_kernel_t *k, kcpu_t *c, uint64_t cause);

/* entry.c: an event has entered a handler. vector_irq holds kirq_t index + 1, or
 * SYSVEC_ENTRY + irqsim_sysvec_t, or FLOW_ENTRY + the flow that begins there. */
#define SYSVEC_ENTRY UINT16_C(0xFF00)
#define FLOW_ENTRY   UINT16_C(0xFF80)
void irqsim__kernel_enter(irqsim_kernel_t *k, kcpu_t *c);

/* boot.c, gates.c */
void irqsim__kernel_put64(irqsim_kernel_t *k, uint32_t addr, uint64_t value);
void irqsim__kernel_write_idt(irqsim_kernel_t *k, uint32_t idt);
void irqsim__kernel_write_doublefault_tss(irqsim_kernel_t *k, uint32_t tss, uint32_t stack);

/* task.c */
const irqsim_task_desc_t *irqsim__kernel_task_desc(const irqsim_kernel_t *k, uint32_t task);

#endif
