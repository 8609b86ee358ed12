/* SPDX-License-Identifier: MIT */
/* kernel.c - how big a kernel is, whether its tables make sense, its arena */
#include <string.h>

#include "kernel_int.h"

enum {
    FRAMES_PER_INTERRUPT = 3, /* entry, flow handler, handlers                           */
    INTERRUPTS_NESTED = 3,    /* over a softirq, on all CPUs at once ...                 */
    INTERRUPTS_SPARE = 12,    /* ... and as deep as its stack allows on one of them      */
    FRAMES_PER_USER = 3,      /* itself, the interrupt that preempted it, schedule       */
    FRAMES_OF_THREADS = 7,    /* idle 2, ksoftirqd 2, kworker 3: as deep as they can be  */
    FRAMES_PER_PROGRAM = 8,   /* two exceptions, each with what it calls, to die there   */
    FRAMES_OF_BUG = 6         /* of a job: the bug, its exception, die, panic            */
};

/* How many there are of everything, derived from a desc. */
typedef struct counts {
    uint32_t cpus, tasks, users, irqs, works, deferred, frames;
} counts_t;

bool irqsim__kernel_has_bugs(const irqsim_kernel_desc_t *d)
{
    bool any = false;

    for (uint32_t i = 0; i < d->n_jobs; i++)
        any = any || d->jobs[i].kind == IRQSIM_JOB_BUG;
    return any;
}

static uint32_t default_frames(const irqsim_kernel_desc_t *d)
{
    const uint32_t per_cpu = FRAMES_PER_INTERRUPT * INTERRUPTS_NESTED + 1 + FRAMES_OF_THREADS;

    uint32_t more = 0;

    for (uint32_t i = 0; i < d->n_tasks; i++)
        more += d->tasks[i].n_steps ? FRAMES_PER_PROGRAM : 0;
    for (uint32_t i = 0; i < d->n_jobs; i++)
        more += d->jobs[i].kind == IRQSIM_JOB_BUG ? FRAMES_OF_BUG : 0;
    return d->cpus * per_cpu + d->n_tasks * FRAMES_PER_USER +
           FRAMES_PER_INTERRUPT * INTERRUPTS_SPARE + more;
}

static counts_t counts_of(const irqsim_kernel_desc_t *d)
{
    counts_t n = {.cpus = d->cpus,
                  .users = 1,
                  .irqs = d->n_irqs + 1,
                  .works = d->n_works,
                  .deferred = 2 * d->n_jobs};

    n.tasks = d->n_tasks + n.cpus * CPU_TASKS;
    for (uint32_t i = 0; i < d->n_tasks; i++)
        n.users += d->tasks[i].n_steps != 0;
    n.frames = d->frames ? d->frames : default_frames(d);
    return n;
}

/* Parts of the arena, each aligned to 8. */
typedef struct arena {
    uint8_t *base; /* NULL: only measuring */
    size_t used;
} arena_t;

static void *carve(arena_t *a, size_t count, size_t size)
{
    void *const p = a->base ? a->base + a->used : NULL;

    a->used += (count * size + 7) & ~(size_t)7;
    return p;
}

static irqsim_kernel_t *lay_out(arena_t *a, const irqsim_kernel_desc_t *d)
{
    const counts_t n = counts_of(d);
    irqsim_kernel_t layout = {.desc = *d,
                              .n_cpus = n.cpus,
                              .n_tasks = n.tasks,
                              .n_users = n.users,
                              .n_irqs = n.irqs,
                              .n_works = n.works,
                              .n_deferred = n.deferred,
                              .n_frames = n.frames};
    irqsim_kernel_t *const k = carve(a, 1, sizeof(*k));

    layout.cpu = carve(a, n.cpus, sizeof(kcpu_t));
    layout.task = carve(a, n.tasks, sizeof(ktask_t));
    layout.user = carve(a, n.users, sizeof(kuser_t));
    layout.irq = carve(a, n.irqs, sizeof(kirq_t));
    layout.work = carve(a, n.works, sizeof(kwork_t));
    layout.deferred = carve(a, n.deferred, sizeof(deferred_t));
    layout.frame = carve(a, n.frames, sizeof(frame_t));
    if (k)
        *k = layout;
    return k;
}

/* Siblings stand in ascending order, so that a list of them ends. */
static bool job_is_sound(const irqsim_kernel_desc_t *d, uint32_t index)
{
    const irqsim_job_t *job = &d->jobs[index];
    const uint32_t limit[] = {
        [IRQSIM_JOB_HANDLER] = 1,       [IRQSIM_JOB_SOFTIRQ] = irqsim__kernel_eras[d->era].softirqs,
        [IRQSIM_JOB_WORK] = d->n_works, [IRQSIM_JOB_RESCHEDULE] = d->cpus,
        [IRQSIM_JOB_CALL_FUNCTION] = 1, [IRQSIM_JOB_BUG] = IRQSIM_BUGS,
    };

    return job->child <= d->n_jobs && job->next <= d->n_jobs &&
           (!job->next || job->next > index + 1) && job->kind <= IRQSIM_JOB_BUG &&
           job->nr < limit[job->kind];
}

static irqsim_status_t check_jobs(const irqsim_kernel_desc_t *d)
{
    for (uint32_t i = 0; i < d->n_jobs; i++)
        if (!job_is_sound(d, i))
            return IRQSIM_E_INVAL;
    return IRQSIM_OK;
}

/* IPI-02: the other CPUs may not be called from an interrupt or a softirq. */
static bool may_call(const irqsim_kernel_desc_t *d, const irqsim_job_t *job)
{
    uint32_t child = job->kind == IRQSIM_JOB_WORK ? 0 : job->child;

    while (child && d->jobs[child - 1].kind != IRQSIM_JOB_CALL_FUNCTION)
        child = d->jobs[child - 1].next;
    return !child;
}

static irqsim_status_t check_calls(const irqsim_kernel_desc_t *d)
{
    for (uint32_t i = 0; i < d->n_jobs; i++)
        if (!may_call(d, &d->jobs[i]))
            return IRQSIM_E_INVAL;
    return IRQSIM_OK;
}

static irqsim_status_t check_irqs(const irqsim_kernel_desc_t *d)
{
    for (uint32_t i = 0; i < d->n_irqs; i++) {
        if (i && d->irqs[i].irq <= d->irqs[i - 1].irq)
            return IRQSIM_E_INVAL;
        if (d->irqs[i].cpu >= d->cpus)
            return IRQSIM_E_RANGE;
    }
    return IRQSIM_OK;
}

/* SHARE-01: all sharers of a line agreed to share. */
static bool shares_unasked(const irqsim_action_desc_t *one, const irqsim_action_desc_t *other)
{
    return one->irq == other->irq && !(one->flags & other->flags & IRQSIM_IRQF_SHARED);
}

/* Both tables ascend, so each action's irq lies ahead of the last one's. */
static irqsim_status_t check_actions(const irqsim_kernel_desc_t *d)
{
    uint32_t irq = 0;

    for (uint32_t i = 0; i < d->n_actions; i++) {
        while (irq < d->n_irqs && d->irqs[irq].irq < d->actions[i].irq)
            irq++;
        if (irq == d->n_irqs || d->irqs[irq].irq != d->actions[i].irq)
            return IRQSIM_E_INVAL;
        if (i && (d->actions[i].irq < d->actions[i - 1].irq ||
                  shares_unasked(&d->actions[i], &d->actions[i - 1])))
            return IRQSIM_E_INVAL;
    }
    return IRQSIM_OK;
}

static irqsim_status_t check_cpus(const irqsim_kernel_desc_t *d)
{
    for (uint32_t i = 0; i < d->n_sysvecs; i++)
        if (d->sysvecs[i].cpu >= d->cpus || (unsigned)d->sysvecs[i].sysvec >= IRQSIM_SYSVECS)
            return IRQSIM_E_RANGE;
    for (uint32_t i = 0; i < d->n_tasks; i++)
        if (d->tasks[i].cpu >= d->cpus)
            return IRQSIM_E_RANGE;
    return IRQSIM_OK;
}

/* Each step begins where the one before ends, and all are inside the text. */
static bool program_is_sound(const irqsim_task_desc_t *task)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < task->n_steps; i++) {
        const irqsim_step_t *const step = &task->program[i];

        if (step->at != at || step->kind >= IRQSIM_STEP_KINDS || step->insn.op >= IRQSIM_OPS ||
            (step->kind == IRQSIM_STEP_RAISE && step->nr >= FIRST_EXTERNAL))
            return false;
        at += irqsim_step_bytes(step);
        if (at > IRQSIM_USER_TEXT_BYTES)
            return false;
    }
    return true;
}

static irqsim_status_t check_programs(const irqsim_kernel_desc_t *d)
{
    for (uint32_t i = 0; i < d->n_tasks; i++) {
        if (!program_is_sound(&d->tasks[i]))
            return IRQSIM_E_INVAL;
        for (uint32_t n = 0; n < d->tasks[i].n_actions; n++)
            if (!irqsim_signal_can_be_caught(d->tasks[i].actions[n].signal))
                return IRQSIM_E_INVAL;
    }
    return IRQSIM_OK;
}

static irqsim_status_t check(const irqsim_kernel_desc_t *d)
{
    if ((unsigned)d->era >= IRQSIM_ERAS)
        return IRQSIM_E_INVAL;
    if (d->cpus < 1 || d->cpus > IRQSIM_MAX_CPUS || d->n_irqs >= SYSVEC_ENTRY - 1 ||
        d->n_jobs > UINT32_MAX / 4)
        return IRQSIM_E_RANGE;

    static irqsim_status_t (*const checks[])(const irqsim_kernel_desc_t *) = {
        check_jobs, check_calls, check_irqs, check_actions, check_cpus, check_programs};
    irqsim_status_t status = IRQSIM_OK;
    for (unsigned i = 0; i < sizeof(checks) / sizeof(checks[0]) && status == IRQSIM_OK; i++)
        status = checks[i](d);
    return status;
}

size_t irqsim_kernel_size(const irqsim_kernel_desc_t *desc)
{
    arena_t a = {NULL, 0};

    if (check(desc) != IRQSIM_OK)
        return 0;
    (void)lay_out(&a, desc);
    return a.used;
}

static void actions_init(irqsim_kernel_t *k)
{
    uint32_t used = 0;

    for (uint32_t i = 0; i < k->desc.n_irqs; i++) {
        kirq_t *irq = &k->irq[i];

        irq->first_action = used;
        while (used < k->desc.n_actions && k->desc.actions[used].irq == irq->number)
            used++;
        irq->actions = used - irq->first_action;
    }
}

static void irqs_init(irqsim_kernel_t *k)
{
    for (uint32_t i = 0; i < k->desc.n_irqs; i++) {
        const irqsim_irq_desc_t *d = &k->desc.irqs[i];

        k->irq[i] = (kirq_t){.number = d->irq,
                             .hwirq = d->hwirq,
                             .cpu = d->cpu,
                             .level = d->level,
                             .active_low = d->active_low,
                             .msi = d->msi};
    }
    k->irq[k->desc.n_irqs].tick = 1; /* the PIT's, used on `at` */
}

static void free_frames_init(irqsim_kernel_t *k)
{
    for (uint32_t i = 0; i < k->n_frames; i++)
        k->frame[i].parent = i + 1 < k->n_frames ? i + 2 : 0;
    k->free_frame = 1;
}

static uint32_t default_quantum(uint32_t hz)
{
    return hz >= 100 ? hz / 100 : 1;
}

irqsim_status_t irqsim_kernel_init(void *mem, size_t size, const irqsim_kernel_desc_t *desc,
                                   irqsim_kernel_t **kernel)
{
    const irqsim_status_t status = check(desc);
    arena_t a = {mem, 0};

    if (status != IRQSIM_OK)
        return status;
    if (size < irqsim_kernel_size(desc))
        return IRQSIM_E_FULL;
    memset(mem, 0, size);
    irqsim_kernel_t *const k = lay_out(&a, desc);
    k->era = &irqsim__kernel_eras[desc->era];
    if (!k->desc.quantum)
        k->desc.quantum = default_quantum(desc->hz);
    free_frames_init(k);
    k->has_bugs = irqsim__kernel_has_bugs(desc);
    irqs_init(k);
    actions_init(k);
    if (!irqsim__kernel_tasks_init(k))
        return IRQSIM_E_FULL;
    *kernel = k;
    return IRQSIM_OK;
}

irqsim_guest_code_t irqsim_kernel_code(irqsim_kernel_t *k)
{
    return (irqsim_guest_code_t){irqsim__kernel_run, k};
}
