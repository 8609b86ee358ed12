/* SPDX-License-Identifier: MIT */
/* inshort.c - a replay in six lines: what came, what it cost, who waited */
#include <inttypes.h>

#include "cli.h"

/* ---- arrivals ---- */

static void put_arrivals(const session_t *s)
{
    irqsim_source_counts_t sum = {0};
    irqsim_sim_irq_t irq;
    char share[SHORT_TEXT];

    for (uint32_t i = 0; irqsim_sim_irq(s->sim, i, &irq); i++) {
        sum.arrived += irq.counts.arrived;
        sum.delivered += irq.counts.delivered;
        sum.coalesced += irq.counts.coalesced;
        sum.pending += irq.counts.pending;
    }
    printf("  %" PRIu64 " arrival%s became %" PRIu64 " interrupt%s: ", sum.arrived,
           plural(sum.arrived), sum.delivered, plural(sum.delivered));
    if (sum.coalesced)
        printf("%s were coalesced", human_share(share, sum.coalesced, sum.arrived));
    else
        printf("none was coalesced");
    if (sum.pending)
        printf(", %" PRIu64 " still waited at the end", sum.pending);
    puts(".");
}

static void put_claims(const session_t *s)
{
    char avg[SHORT_TEXT], max[SHORT_TEXT];
    irqsim_latency_t l;

    irqsim_report_latency(s->report, IRQSIM_STAGE_ARRIVAL_TO_CLAIM, -1, &l);
    if (l.count)
        printf("  Until a handler claimed it, an arrival waited %s on average, %s at most.\n",
               human_time(avg, l.avg), human_time(max, l.max));
}

/* ---- demand and supply ---- */

static uint64_t interrupts_of(const uint64_t ns[IRQSIM_USES])
{
    return ns[IRQSIM_USE_IRQ] + ns[IRQSIM_USE_SOFTIRQ] + ns[IRQSIM_USE_KSOFTIRQD] +
           ns[IRQSIM_USE_WORK];
}

static void put_busiest(const session_t *s)
{
    const irqsim_time_t now = session_length(s);
    const uint64_t run = now / IRQSIM_PS_PER_NS;
    uint64_t ns[IRQSIM_USES], most = 0;
    unsigned busiest = 0;
    char all[SHORT_TEXT], irqs[SHORT_TEXT], softirqs[SHORT_TEXT], works[SHORT_TEXT];

    for (unsigned cpu = 0; cpu < s->scenario->cpus; cpu++) {
        irqsim_report_time(s->report, cpu, now, ns);
        if (interrupts_of(ns) > most) {
            most = interrupts_of(ns);
            busiest = cpu;
        }
    }
    irqsim_report_time(s->report, busiest, now, ns);
    printf("  Of CPU%u%s interrupts took %s, softirqs %s, works %s: %s in all.\n", busiest,
           s->scenario->cpus > 1 ? ", the busiest," : "",
           human_share(irqs, ns[IRQSIM_USE_IRQ], run),
           human_share(softirqs, ns[IRQSIM_USE_SOFTIRQ] + ns[IRQSIM_USE_KSOFTIRQD], run),
           human_share(works, ns[IRQSIM_USE_WORK], run), human_share(all, most, run));
}

static const char *frequency(char buf[SHORT_TEXT], uint64_t hz)
{
    const uint64_t mhz = hz / 1000000;

    if (mhz < 1000)
        snprintf(buf, SHORT_TEXT, "%" PRIu64 " MHz", mhz);
    else
        snprintf(buf, SHORT_TEXT, "%" PRIu64 ".%" PRIu64 " GHz", mhz / 1000, mhz % 1000 / 100);
    return buf;
}

/* "9.2 % of", "12.7 times" */
static void put_load(uint64_t demand, uint64_t supply)
{
    const uint64_t tenths = demand * 10 / supply; /* ps became ns: there is room */
    char share[SHORT_TEXT];

    if (tenths < 20)
        printf("%s of", human_share(share, demand, supply));
    else
        printf("%" PRIu64 ".%" PRIu64 " times", tenths / 10, tenths % 10);
}

static void put_demand(const session_t *s)
{
    const unsigned cpus = s->scenario->cpus;
    irqsim_sim_demand_t demand;
    char work[SHORT_TEXT], span[SHORT_TEXT], hz[SHORT_TEXT];

    if (!irqsim_sim_demand(s->sim, &demand))
        return;
    const uint64_t takes = demand.work / IRQSIM_PS_PER_NS, within = demand.span / IRQSIM_PS_PER_NS;
    printf("  Their work takes %s of a %s CPU, and came within %s", human_time(work, takes),
           frequency(hz, s->scenario->profile.cpu_hz), human_time(span, within));
    if (within) {
        printf(": ");
        put_load(takes, within * cpus);
        printf(" what %u CPU%s can do", cpus, plural(cpus));
    }
    puts(".");
}

/* ---- waits ---- */

/* Who waits in a stage, and for what; a handler itself does not wait. */
/* clang-format off */
static const struct {
    const char *who, *what;
} waiting[IRQSIM_STAGES] = {
    [IRQSIM_STAGE_LINE_TO_ACK]      = {"Interrupts", "the CPU took them"},
    [IRQSIM_STAGE_ACK_TO_HANDLER]   = {"Interrupts", "their handler began"},
    [IRQSIM_STAGE_ARRIVAL_TO_CLAIM] = {"Arrivals",   "a handler claimed them"},
    [IRQSIM_STAGE_RAISE_TO_SOFTIRQ] = {"Softirqs",   "those before them were done"},
    [IRQSIM_STAGE_QUEUE_TO_WORK]    = {"Works",      NULL}, /* the report knows for what */
};
/* clang-format on */

/* "77.1 % of it for softirqs" */
static void put_works_rivals(const session_t *s)
{
    /* clang-format off */
    static const char *const names[IRQSIM_USES] = {
        [IRQSIM_USE_USER]      = "user tasks",
        [IRQSIM_USE_WORK]      = "earlier works",
        [IRQSIM_USE_KSOFTIRQD] = "ksoftirqd",
        [IRQSIM_USE_SOFTIRQ]   = "softirqs",
        [IRQSIM_USE_IRQ]       = "interrupts",
        [IRQSIM_USE_KERNEL]    = "the kernel",
        [IRQSIM_USE_IDLE]      = "nobody",
    };
    /* clang-format on */
    uint64_t ns[IRQSIM_USES], all = 0;
    int most = 0;
    char share[SHORT_TEXT];

    irqsim_report_work_waits(s->report, ns);
    for (int use = 0; use < IRQSIM_USES; use++) {
        all += ns[use];
        most = ns[use] > ns[most] ? use : most;
    }
    printf("%s of it for %s", human_share(share, ns[most], all), names[most]);
}

static void put_longest_stage(const session_t *s)
{
    irqsim_latency_t l, most = {0};
    char avg[SHORT_TEXT], max[SHORT_TEXT];
    int longest = 0;

    for (int stage = 0; stage < IRQSIM_STAGES; stage++) {
        irqsim_report_latency(s->report, (irqsim_stage_t)stage, -1, &l);
        if (waiting[stage].who && l.avg > most.avg) {
            most = l;
            longest = stage;
        }
    }
    if (!most.count)
        return;
    printf("  %s waited longest, %s on average and %s at most, ", waiting[longest].who,
           human_time(avg, most.avg), human_time(max, most.max));
    if (longest == IRQSIM_STAGE_QUEUE_TO_WORK)
        put_works_rivals(s);
    else
        printf("until %s", waiting[longest].what);
    puts(".");
}

/* The longest single wait before a CPU took an interrupt, but for the way there. */
static void put_longest_wait(const session_t *s)
{
    irqsim_wait_row_t row, longest = {0}, way = {0};
    char who[SHORT_TEXT], what[SHORT_TEXT], max[SHORT_TEXT];

    for (uint32_t i = 0; irqsim_report_wait(s->report, i, &row); i++) {
        irqsim_wait_row_t *most = row.wait == IRQSIM_WAIT_BUS ? &way : &longest;
        if (row.max > most->max)
            *most = row;
    }
    if (longest.max)
        printf("  No interrupt waited longer to be taken than %s: %s, for %s.\n",
               waiter_text(s, longest.waiter, who), human_time(max, longest.max),
               wait_text(s, &longest, what));
    else if (way.max)
        printf("  No interrupt waited for anything but controller and bus: %s at most.\n",
               human_time(max, way.max));
}

void put_in_short(const session_t *s)
{
    put_heading("In short");
    put_arrivals(s);
    put_claims(s);
    put_busiest(s);
    put_demand(s);
    put_longest_stage(s);
    put_longest_wait(s);
}
