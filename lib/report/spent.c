/* SPDX-License-Identifier: MIT */
/*
 * spent.c - where the CPUs' time went
 *
 *   task     user mode --HALT--> idle        WORK_START..END: work
 *   DELIVER  one interrupt deeper, until its IRET
 *   SOFTIRQ  above the interrupts that it found, or, without any, in ksoftirqd
 *   SWITCH   what the old task was in waits with it, the new one's comes back
 *
 * On its way out of an interrupt, and in a thread between two jobs, the kernel's
 * time belongs to what it leads to: to the softirq or work that starts, or to the
 * switch. The clocks of IRET and HLT themselves come after their events, and so
 * count for what they begin.
 */
#include <stdlib.h>
#include <string.h>

#include <irqsim/cpustate.h>

#include "report_int.h"

/* What is below all interrupts and softirqs. */
typedef enum base { KERNEL = 0, USER, WORK, HALTED } base_t;

/* What a task is in the middle of. All 0: a new one, in the kernel. */
typedef struct context {
    uint32_t irqs;  /* deliveries without IRET */
    uint32_t under; /* in a softirq: those of them that it runs above */
    base_t base;
    bool softirq;
    bool leaving; /* the innermost interrupt has ended, its IRET is to come */
} context_t;

typedef struct task {
    context_t context; /* while others run */
    irqsim_time_t ran; /* its own work, without interrupts */
} task_t;

typedef struct core {
    context_t context;
    uint32_t task; /* number of its key */
    irqsim_time_t since;
    irqsim_time_t spent[IRQSIM_USES];
    uint32_t works; /* queued, not started */
} core_t;

struct spent {
    report_keys_t keys; /* {task} */
    task_t *task;       /* by key */
    uint32_t room;
    bool full;
    uint64_t waited[IRQSIM_USES]; /* by all works together, ns */
    unsigned cpus;
    core_t core[];
};

spent_t *irqsim__report_spent_new(unsigned cpus)
{
    spent_t *s = calloc(1, sizeof(*s) + cpus * sizeof(core_t));

    if (!s)
        return NULL;
    s->cpus = cpus;
    for (unsigned cpu = 0; cpu < cpus; cpu++)
        s->core[cpu].task = REPORT_NO_KEY;
    return s;
}

void irqsim__report_spent_free(spent_t *s)
{
    if (s) {
        irqsim__report_keys_free(&s->keys);
        free(s->task);
    }
    free(s);
}

bool irqsim__report_spent_full(const spent_t *s)
{
    return s->full;
}

/* ---- whose time it is ---- */

static irqsim_use_t leads_to(const context_t *in, unsigned event, irqsim_use_t otherwise)
{
    switch (event) {
    case IRQSIM_EV_SOFTIRQ_ENTRY:
        return in->irqs ? IRQSIM_USE_SOFTIRQ : IRQSIM_USE_KSOFTIRQD;
    case IRQSIM_EV_WORK_START:
        return IRQSIM_USE_WORK;
    case IRQSIM_EV_SWITCH:
        return IRQSIM_USE_KERNEL;
    default:
        return otherwise;
    }
}

/* What the CPU did until this event (0: until now). */
static irqsim_use_t use_of(const context_t *in, unsigned event)
{
    static const irqsim_use_t use_of_base[] = {[KERNEL] = IRQSIM_USE_KERNEL,
                                               [USER] = IRQSIM_USE_USER,
                                               [WORK] = IRQSIM_USE_WORK,
                                               [HALTED] = IRQSIM_USE_IDLE};

    if (in->irqs > (in->softirq ? in->under : 0))
        return in->leaving ? leads_to(in, event, IRQSIM_USE_IRQ) : IRQSIM_USE_IRQ;
    if (in->softirq)
        return in->under ? IRQSIM_USE_SOFTIRQ : IRQSIM_USE_KSOFTIRQD;
    if (in->base == KERNEL)
        return leads_to(in, event, IRQSIM_USE_KERNEL);
    return use_of_base[in->base];
}

static bool is_the_tasks_own(irqsim_use_t use)
{
    return use == IRQSIM_USE_USER || use == IRQSIM_USE_WORK || use == IRQSIM_USE_KSOFTIRQD;
}

static void account(spent_t *s, core_t *core, const irqsim_event_t *ev)
{
    const irqsim_use_t use = use_of(&core->context, ev->id);
    const irqsim_time_t time = ev->time > core->since ? ev->time - core->since : 0;

    s->waited[use] +=
        core->works * ((core->since + time) / IRQSIM_PS_PER_NS - core->since / IRQSIM_PS_PER_NS);
    core->since += time;
    core->spent[use] += time;
    if (core->task != REPORT_NO_KEY && is_the_tasks_own(use))
        s->task[core->task].ran += time;
}

/* ---- what changes it ---- */

static uint32_t number_of(spent_t *s, uint32_t task)
{
    const uint32_t i = irqsim__report_number(&s->keys, (report_key_t){task, 0});
    void *tasks = s->task;

    if (i == REPORT_NO_KEY || !irqsim__report_reserve(&tasks, &s->room, i, sizeof(task_t))) {
        s->full = true;
        return REPORT_NO_KEY;
    }
    s->task = tasks;
    return i;
}

static void change_task(spent_t *s, core_t *core, const irqsim_event_t *ev)
{
    const uint32_t from = number_of(s, ev->arg[0]), to = number_of(s, ev->arg[1]);

    if (from == REPORT_NO_KEY || to == REPORT_NO_KEY)
        return;
    s->task[from].context = core->context;
    core->context = s->task[to].context;
    core->task = to;
}

/* A system call is its task's own, and so are exceptions. */
static void deliver(context_t *in, const irqsim_event_t *ev)
{
    if (in->irqs == 0 && ev->arg[1] >= IRQSIM_KIND_EXCEPTION)
        in->base = KERNEL;
    else
        in->irqs++;
    in->leaving = false;
}

static void leave(context_t *in, const irqsim_event_t *ev)
{
    (void)ev;
    in->leaving = true;
}

static void iret(context_t *in, const irqsim_event_t *ev)
{
    in->irqs -= in->irqs > 0;
    in->leaving = false;
    if (in->irqs == 0 && ev->arg[1] == 3)
        in->base = USER;
}

static void softirq(context_t *in, const irqsim_event_t *ev)
{
    in->softirq = ev->id == IRQSIM_EV_SOFTIRQ_ENTRY;
    in->under = in->softirq ? in->irqs : 0;
    in->leaving = in->irqs > 0;
}

/* Work begins or ends, the CPU halts or wakes up. */
static void rebase(context_t *in, const irqsim_event_t *ev)
{
    in->base = ev->id == IRQSIM_EV_WORK_START ? WORK : ev->id == IRQSIM_EV_HALT ? HALTED : KERNEL;
}

/* clang-format off */
static void (*const changes[IRQSIM_EV_LIMIT])(context_t *, const irqsim_event_t *) = {
    [IRQSIM_EV_DELIVER]       = deliver,
    [IRQSIM_EV_IRQ_EXIT]      = leave,
    [IRQSIM_EV_VECTOR_EXIT]   = leave,
    [IRQSIM_EV_IRET]          = iret,
    [IRQSIM_EV_SOFTIRQ_ENTRY] = softirq,
    [IRQSIM_EV_SOFTIRQ_EXIT]  = softirq,
    [IRQSIM_EV_WORK_START]    = rebase,
    [IRQSIM_EV_WORK_END]      = rebase,
    [IRQSIM_EV_HALT]          = rebase,
    [IRQSIM_EV_WAKE_CPU]      = rebase,
};
/* clang-format on */

/* Each work that waits does so for whatever the CPU does meanwhile. */
static void count_works(spent_t *s, core_t *core, const irqsim_event_t *ev)
{
    const bool queued = ev->id == IRQSIM_EV_WORK_QUEUE && !ev->arg[2];
    const bool started = ev->id == IRQSIM_EV_WORK_START && core->works > 0;

    if (!queued && !started)
        return;
    account(s, core, ev);
    core->works = queued ? core->works + 1 : core->works - 1;
}

void irqsim__report_spent_see(spent_t *s, const irqsim_event_t *ev)
{
    core_t *core = ev->cpu < s->cpus && ev->id < IRQSIM_EV_LIMIT ? &s->core[ev->cpu] : NULL;

    if (core)
        count_works(s, core, ev);
    if (core && ev->id == IRQSIM_EV_SWITCH) {
        account(s, core, ev);
        change_task(s, core, ev);
    } else if (core && changes[ev->id]) {
        account(s, core, ev);
        changes[ev->id](&core->context, ev);
    }
}

/* ---- answers ---- */

/* Whole ns that add up: each use ends where the next one begins. */
void irqsim__report_spent_cpu(const spent_t *s, unsigned cpu, irqsim_time_t now,
                              uint64_t ns[IRQSIM_USES])
{
    const core_t *core = &s->core[cpu];
    const irqsim_use_t open = use_of(&core->context, 0);
    irqsim_time_t sum = 0;

    for (unsigned use = 0; use < IRQSIM_USES; use++) {
        const irqsim_time_t from = sum;
        sum += core->spent[use];
        if (use == open && now > core->since)
            sum += now - core->since;
        ns[use] = sum / IRQSIM_PS_PER_NS - from / IRQSIM_PS_PER_NS;
    }
}

void irqsim__report_spent_waited(const spent_t *s, uint64_t ns[IRQSIM_USES])
{
    memcpy(ns, s->waited, sizeof(s->waited));
}

uint64_t irqsim__report_spent_task(const spent_t *s, uint32_t task, irqsim_time_t now)
{
    const uint32_t i = irqsim__report_find(&s->keys, (report_key_t){task, 0});

    if (i == REPORT_NO_KEY || i >= s->room)
        return 0;
    irqsim_time_t ran = s->task[i].ran;
    for (unsigned cpu = 0; cpu < s->cpus; cpu++) {
        const core_t *core = &s->core[cpu];
        if (core->task == i && now > core->since && is_the_tasks_own(use_of(&core->context, 0)))
            ran += now - core->since;
    }
    return ran / IRQSIM_PS_PER_NS;
}
