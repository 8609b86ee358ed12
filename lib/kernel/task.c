/* SPDX-License-Identifier: MIT */
/* task.c - the tasks there are, and what user tasks and idle do */
#include "traps.h"

/* A snapshot may claim that a kernel thread runs user code: then it never ends, and a
 * kernel thread has no actions. */
const irqsim_task_desc_t *irqsim__kernel_task_desc(const irqsim_kernel_t *k, uint32_t task)
{
    static const irqsim_task_desc_t endless = {0};

    return task < k->desc.n_tasks ? &k->desc.tasks[task] : &endless;
}

static uint32_t first_frames(irqsim_kernel_t *k, uint32_t task)
{
    const flow_id_t first_flow =
        irqsim__kernel_task_desc(k, task)->n_steps ? FLOW_user_program : FLOW_user_task;

    switch (k->task[task].kind) {
    case IRQSIM_TASK_USER:
        return irqsim__kernel_frame_chain(k, first_flow, FLOW_ret_from_fork);
    case IRQSIM_TASK_IDLE:
        return irqsim__kernel_frame_chain(k, FLOW_idle, FLOW_COUNT);
    case IRQSIM_TASK_KSOFTIRQD:
        return irqsim__kernel_frame_chain(k, FLOW_ksoftirqd, FLOW_COUNT);
    default:
        return irqsim__kernel_frame_chain(k, FLOW_kworker, FLOW_COUNT);
    }
}

static void user_task_init(irqsim_kernel_t *k, ktask_t *t, const irqsim_task_desc_t *desc)
{
    t->kind = IRQSIM_TASK_USER;
    t->state = TASK_RUNNING;
    t->name = desc->name;
    t->cpu = desc->cpu;
    if (!desc->n_steps)
        return;
    t->user = k->n_users++;
    irqsim__kernel_first_pages(user_of(k, t));
}

static void cpu_tasks_init(irqsim_kernel_t *k, uint16_t cpu)
{
    static const uint8_t kind[CPU_TASKS] = {IRQSIM_TASK_IDLE, IRQSIM_TASK_KSOFTIRQD,
                                            IRQSIM_TASK_KWORKER};

    for (unsigned which = 0; which < CPU_TASKS; which++) {
        ktask_t *t = &k->task[cpu_task(k, cpu, which)];

        t->kind = kind[which];
        t->state = which == CPU_IDLE ? TASK_RUNNING : TASK_SLEEPING;
        t->cpu = cpu;
    }
}

bool irqsim__kernel_tasks_init(irqsim_kernel_t *k)
{
    k->n_users = 1;
    for (uint32_t i = 0; i < k->desc.n_tasks; i++)
        user_task_init(k, &k->task[i], &k->desc.tasks[i]);
    for (uint32_t cpu = 0; cpu < k->n_cpus; cpu++)
        cpu_tasks_init(k, (uint16_t)cpu);
    for (uint32_t i = 0; i < k->n_tasks; i++) {
        k->task[i].top = first_frames(k, i);
        if (!k->task[i].top)
            return false;
    }
    return true;
}

static uint64_t next_burst(const irqsim_task_desc_t *desc, const ktask_t *t)
{
    const uint64_t burst = desc->burst ? desc->burst : FOREVER_CLOCKS;
    const uint64_t rest = desc->total - t->done;

    return desc->total && rest < burst ? rest : burst;
}

FLOW(user_task)
{
    const irqsim_task_desc_t *const desc = irqsim__kernel_task_desc(k, c->current);
    ktask_t *const t = &k->task[c->current];

    FLOW_BEGIN
        for (;;) {
            SPEND(next_burst(desc, t));
            t->done += next_burst(desc, t);
            if (desc->total && t->done >= desc->total) {
                t->eax = IRQSIM_SYS_EXIT;
                irqsim_guest_int(k->m, c->nr, SYSCALL_VECTOR);
                SETTLE();
            }
        }
    FLOW_NEVER_ENDS
}

FLOW(idle)
{
    FLOW_BEGIN
        for (;;) {
            irqsim_guest_cli(k->m, c->nr);
            while (c->need_resched || c->runnable.head)
                CALL(schedule, NO_LOCALS);
            HALT();
        }
    FLOW_NEVER_ENDS
}
