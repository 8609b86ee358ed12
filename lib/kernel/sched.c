/* SPDX-License-Identifier: MIT */
/*
 * sched.c - a round-robin scheduler per CPU
 *
 * Tasks take turns of `quantum` ticks. A kworker that wakes (and a modern
 * ksoftirqd) goes first and preempts a user task at the next return to user mode.
 * Of kernel code only works are preempted, at the end of an interrupt: they stand
 * for code that calls cond_resched() now and then (CONFIG_PREEMPT=n).
 */
#include <irqsim/regs/idt_regs.h>

#include "kernel_int.h"

static bool is_idle(const irqsim_kernel_t *k, uint32_t task)
{
    return k->task[task].kind == IRQSIM_TASK_IDLE;
}

static void enqueue_first(irqsim_kernel_t *k, kcpu_t *c, uint32_t task)
{
    k->task[task].next = c->runnable.head;
    k->task[task].queued = 1;
    c->runnable.head = task + 1;
    if (!c->runnable.tail)
        c->runnable.tail = task + 1;
}

void irqsim__kernel_enqueue(irqsim_kernel_t *k, kcpu_t *c, uint32_t task)
{
    if (c->runnable.tail)
        k->task[c->runnable.tail - 1].next = task + 1;
    else
        c->runnable.head = task + 1;
    c->runnable.tail = task + 1;
    k->task[task].next = 0;
    k->task[task].queued = 1;
}

static uint32_t dequeue(irqsim_kernel_t *k, kcpu_t *c)
{
    const uint32_t task = c->runnable.head - 1;

    c->runnable.head = k->task[task].next;
    if (!c->runnable.head)
        c->runnable.tail = 0;
    k->task[task].queued = 0;
    return task;
}

/* Does a thread that wakes go before the one that runs? */
static bool preempts(const irqsim_kernel_t *k, const ktask_t *woken, const ktask_t *running)
{
    switch (woken->kind) {
    case IRQSIM_TASK_KWORKER:
        return running->kind == IRQSIM_TASK_USER;
    case IRQSIM_TASK_KSOFTIRQD:
        return k->era->ksoftirqd_preempts &&
               (running->kind == IRQSIM_TASK_USER || running->kind == IRQSIM_TASK_KWORKER);
    default:
        return false;
    }
}

void irqsim__kernel_wake(irqsim_kernel_t *k, kcpu_t *c, uint32_t task, uint64_t cause)
{
    ktask_t *t = &k->task[task];
    const bool first = preempts(k, t, &k->task[c->current]);

    if (t->state != TASK_SLEEPING) /* KSD-02; a thread that died stays dead */
        return;
    t->state = TASK_RUNNING;
    t->woken = 1;
    irqsim__kernel_emit(k, c, IRQSIM_EV_WAKEUP, cause, task, c->nr, 0);
    if (first)
        enqueue_first(k, c, task);
    else
        irqsim__kernel_enqueue(k, c, task);
    if (first || is_idle(k, c->current))
        c->need_resched = 1;
}

void irqsim__kernel_tick(irqsim_kernel_t *k, kcpu_t *c, bool recorded)
{
    c->ticks++;
    if (k->era->tick_raises_timer && !recorded) /* TMR-04 */
        irqsim__kernel_raise_softirq(k, c, TIMER_SOFTIRQ, 0);
    if (c->quantum)
        c->quantum--;
    if (!c->quantum && c->runnable.head)
        c->need_resched = 1;
}

/* The task that runs next; the current one goes to the end if it still can run. */
static uint32_t pick_next(irqsim_kernel_t *k, kcpu_t *c)
{
    const uint32_t current = c->current;

    c->need_resched = 0;
    c->quantum = k->desc.quantum;
    if (k->task[current].state == TASK_RUNNING && !is_idle(k, current))
        irqsim__kernel_enqueue(k, c, current);
    return c->runnable.head ? dequeue(k, c) : cpu_task(k, c->nr, CPU_IDLE);
}

static irqsim_time_t switch_cost(irqsim_kernel_t *k, uint32_t next)
{
    ktask_t *t = &k->task[next];
    const uint64_t ns = t->woken ? k->profile->wake_ns : k->profile->ctxsw_ns;

    t->woken = 0; /* TIME-84 holds the switch of a freshly woken thread too */
    return ns * IRQSIM_PS_PER_NS;
}

/* NOHZ: an idle CPU has no tick, a busy one has. */
static void adjust_tick(irqsim_kernel_t *k, kcpu_t *c, uint32_t next)
{
    const bool wanted = !is_idle(k, next);

    if (k->desc.hz && k->has_lapic && k->era->tick_stops_idle && wanted != (c->tick_on != 0))
        irqsim__kernel_lapic_tick(k, c, wanted);
}

static void leave(irqsim_kernel_t *k, kcpu_t *c, irqsim_time_t now)
{
    ktask_t *prev = &k->task[c->current];

    prev->ran += now - prev->since;
    if (prev->state == TASK_EXITED) {
        irqsim__kernel_frame_free_chain(k, c->top);
        return;
    }
    prev->top = c->top;
    prev->sp = (uint32_t)irqsim_machine_cpu(k->m, c->nr)->regs.sp;
}

/* The caller's frame stays behind as the top of the old task's chain; the next
 * verb is the new task's. */
static verdict_t switch_to(irqsim_kernel_t *k, kcpu_t *c, uint32_t next)
{
    static const char state[] = {'R', 'S', 'X'};
    const irqsim_time_t now = irqsim_machine_now(k->m);
    ktask_t *t = &k->task[next];

    irqsim__kernel_emit(k, c, IRQSIM_EV_SWITCH, 0, c->current, next,
                        (uint8_t)state[k->task[c->current].state]);
    leave(k, c, now);
    c->current = next;
    c->top = t->top;
    t->top = 0;
    t->since = now;
    irqsim_guest_jump(k->m, c->nr, KERNEL_CS, TEXT_FLOWS);
    irqsim_guest_stack(k->m, c->nr, KERNEL_DS, t->sp);
    irqsim_guest_write(k->m, c->nr, tss_address(k->n_cpus, c->nr) + TSS32_ESP0,
                       t->stack); /* CPU-48 */
    c->fpu = 0;                   /* CPU-08: CR0.TS */
    return FLOW_GOES;
}

/* Called with IF=0, which it keeps. Returns when the caller's task is picked. */
FLOW(schedule)
{
    FLOW_BEGIN
        f->v.sched.next = pick_next(k, c);
        if (f->v.sched.next == c->current)
            return irqsim__kernel_flow_return(k, c);
        adjust_tick(k, c, f->v.sched.next);
        SPEND_TIME(switch_cost(k, f->v.sched.next));
        HAND_OVER(switch_to(k, c, f->v.sched.next));
    FLOW_END
}
