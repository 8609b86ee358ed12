/* SPDX-License-Identifier: MIT */
/* times.c - where the time of CPUs and tasks went */
#include <inttypes.h>

#include "cli.h"

#define MOST_TASKS 24u
#define COLUMN     10

irqsim_time_t session_length(const session_t *s)
{
    return irqsim_machine_now(irqsim_sim_machine(s->sim));
}

/* ---- CPUs, as in /proc/stat ---- */

static void put_cpu(const session_t *s, unsigned cpu)
{
    const irqsim_time_t now = session_length(s);
    uint64_t ns[IRQSIM_USES];
    char buf[SHORT_TEXT];

    irqsim_report_time(s->report, cpu, now, ns);
    printf("  CPU%-5u", cpu);
    for (int use = 0; use < IRQSIM_USES; use++) {
        putchar(' ');
        put_cell(human_time(buf, ns[use]), COLUMN);
    }
    printf("\n  %8s", "");
    for (int use = 0; use < IRQSIM_USES; use++)
        printf(" %*s", COLUMN, human_share(buf, ns[use], now / IRQSIM_PS_PER_NS));
    putchar('\n');
}

static void put_cpus(const session_t *s)
{
    put_heading("Where the time went");
    printf("  %8s", "");
    for (int use = 0; use < IRQSIM_USES; use++)
        printf(" %*s", COLUMN, irqsim_use_name((irqsim_use_t)use));
    putchar('\n');
    for (unsigned cpu = 0; cpu < s->scenario->cpus; cpu++)
        put_cpu(s, cpu);
}

/* ---- tasks ---- */

/* How a task ended, unless by exit(0). */
static void put_end(const irqsim_task_info_t *task)
{
    const unsigned signal = task->status & 0x7F;

    if (signal)
        printf("  killed by %s", irqsim_signal_name(signal));
    else if (task->status)
        printf("  exit(%u)", task->status >> 8);
}

static void put_task(const session_t *s, uint32_t i, const irqsim_task_info_t *task, uint64_t ns)
{
    const char *name = irqsim_sim_name(s->sim, "task", i);
    char buf[SHORT_TEXT];

    printf("  ");
    put_cell(name ? name : "", -22);
    printf(" %4u     %c  ", task->cpu, task->state);
    put_cell(human_time(buf, ns), 9);
    printf(" %9s", human_share(buf, ns, session_length(s) / IRQSIM_PS_PER_NS));
    put_end(task);
    putchar('\n');
}

static void put_tasks(const session_t *s)
{
    irqsim_task_info_t task;
    uint32_t shown = 0;

    put_heading("What the tasks did (interrupts not counted)");
    printf("  %-22s %4s %5s  %9s %9s\n", "task", "CPU", "state", "ran", "share");
    for (uint32_t i = 0; irqsim_kernel_task(irqsim_sim_kernel(s->sim), i, &task); i++) {
        const uint64_t ns = irqsim_report_task_time(s->report, i, session_length(s));
        if (ns > 0 && shown++ < MOST_TASKS)
            put_task(s, i, &task, ns);
    }
    if (shown > MOST_TASKS)
        printf("  and %" PRIu32 " more, see --json\n", shown - MOST_TASKS);
}

static void put_deaths(const session_t *s)
{
    const irqsim_kernel_t *k = irqsim_sim_kernel(s->sim);
    const uint32_t n = irqsim_kernel_oopses(k);

    if (n > 0)
        printf("  the kernel oopsed %" PRIu32 " time%s\n", n, n == 1 ? "" : "s");
    if (irqsim_kernel_panicked(k))
        puts("  the kernel panicked: nothing happened from then on");
}

void put_times(const session_t *s)
{
    put_cpus(s);
    put_tasks(s);
    put_deaths(s);
}
