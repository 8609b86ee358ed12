/* SPDX-License-Identifier: MIT */
/* tables.c - what a run has to say, in the shapes that people know from /proc */
#include <inttypes.h>

#include "cli.h"

#define MOST_ROWS    12u
#define FIRST_VECTOR (UINT32_MAX - 255)

/* The kernel's own timer, of board `at`; it is no device of the scenario. */
#define TICK_IRQ  0u
#define TICK_NAME "timer"

static bool has_tick(const session_t *s)
{
    return s->scenario->board == IRQSIM_BOARD_AT && s->scenario->hz > 0;
}

static int digits(uint64_t n)
{
    int count = 1;

    for (; n >= 10; n /= 10)
        count++;
    return count;
}

static void put_summary(const session_t *s)
{
    char ran[SHORT_TEXT];
    const irqsim_scenario_t *sc = s->scenario;

    put_cell(s->list ? s->list->origin : sc->name ? sc->name : s->call->operand, 0);
    printf("%s%s, %u CPU%s, %s, ran %s\n", s->list ? ", replayed on " : ": ",
           irqsim_profile_name(sc->profile_id), sc->cpus, plural(sc->cpus),
           irqsim_era_name(sc->era),
           human_time(ran, irqsim_machine_now(irqsim_sim_machine(s->sim)) / IRQSIM_PS_PER_NS));
}

/* ---- /proc/interrupts (PROC-01, PROC-02) ---- */

static int irq_digits(const session_t *s)
{
    irqsim_sim_irq_t irq;
    int width = 3;

    for (uint32_t i = 0; irqsim_sim_irq(s->sim, i, &irq); i++)
        if (digits(irq.irq) > width)
            width = digits(irq.irq);
    return width;
}

static void put_irq(const session_t *s, const irqsim_sim_irq_t *irq, int width)
{
    printf("%*" PRIu32 ":", width, irq->irq);
    for (unsigned cpu = 0; cpu < s->scenario->cpus; cpu++)
        printf(" %10" PRIu64, irqsim_kernel_irq_count(irqsim_sim_kernel(s->sim), irq->index, cpu));
    printf("  %8s %*" PRIu32 "-%-8s  ", irq->chip, width, irq->hwirq, irq->flow);
    put_cell(irq->name ? irq->name : "", 0);
    putchar('\n');
}

static void put_tick(const session_t *s, int width)
{
    printf("%*u:", width, TICK_IRQ);
    for (unsigned cpu = 0; cpu < s->scenario->cpus; cpu++)
        printf(" %10" PRIu64, irqsim_kernel_ticks(irqsim_sim_kernel(s->sim), cpu));
    printf("  %8s %*u-%-8s  %s\n", "XT-PIC", width, TICK_IRQ, "level", TICK_NAME);
}

/* clang-format off */
static const struct {
    const char *head, *text;
    unsigned sysvecs; /* which of them, as bits */
} vector_rows[] = {
    {"LOC", "Local timer interrupts",   1u << IRQSIM_SYSVEC_LOCAL_TIMER},
    {"SPU", "Spurious interrupts",      1u << IRQSIM_SYSVEC_SPURIOUS},
    {"RES", "Rescheduling interrupts",  1u << IRQSIM_SYSVEC_RESCHEDULE},
    {"CAL", "Function call interrupts", 1u << IRQSIM_SYSVEC_CALL_FUNCTION |
                                        1u << IRQSIM_SYSVEC_CALL_FUNCTION_SINGLE},
};
/* clang-format on */

static uint64_t count_vectors(const session_t *s, unsigned sysvecs, unsigned cpu)
{
    uint64_t sum = 0;

    for (int v = 0; v < IRQSIM_SYSVECS; v++)
        if (sysvecs & 1u << v)
            sum += irqsim_kernel_sysvec_count(irqsim_sim_kernel(s->sim), (irqsim_sysvec_t)v, cpu);
    return sum;
}

static void put_vector_rows(const session_t *s, int width)
{
    for (size_t i = 0; i < sizeof(vector_rows) / sizeof(vector_rows[0]); i++) {
        printf("%*s:", width, vector_rows[i].head);
        for (unsigned cpu = 0; cpu < s->scenario->cpus; cpu++)
            printf(" %10" PRIu64, count_vectors(s, vector_rows[i].sysvecs, cpu));
        printf("  %s\n", vector_rows[i].text);
    }
}

/* Linux counts here the spurious interrupts of the 8259As and LAPIC errors. */
static uint64_t errors_of(const session_t *s)
{
    irqsim_spurious_counts_t spurious;
    uint64_t sum = 0;

    irqsim_machine_spurious(irqsim_sim_machine(s->sim), &spurious);
    for (unsigned cpu = 0; cpu < s->scenario->cpus; cpu++)
        sum += count_vectors(s, 1u << IRQSIM_SYSVEC_ERROR, cpu);
    return sum + spurious.irq7 + spurious.irq15;
}

static void put_interrupts(const session_t *s)
{
    const int width = irq_digits(s);
    irqsim_sim_irq_t irq;

    put_heading("/proc/interrupts");
    put_cpu_header((unsigned)width + 8, s->scenario->cpus);
    if (has_tick(s))
        put_tick(s, width);
    for (uint32_t i = 0; irqsim_sim_irq(s->sim, i, &irq); i++)
        put_irq(s, &irq, width);
    if (s->scenario->board != IRQSIM_BOARD_AT)
        put_vector_rows(s, width);
    printf("%*s: %10" PRIu64 "\n", width, "ERR", errors_of(s));
}

/* ---- /proc/softirqs (PROC-04) ---- */

static void put_softirqs(const session_t *s)
{
    put_heading("/proc/softirqs");
    put_cpu_header(20, s->scenario->cpus);
    for (unsigned nr = 0; nr < IRQSIM_SOFTIRQS; nr++) {
        const char *name = irqsim_softirq_name(s->scenario->era, nr);
        if (!name)
            continue;
        printf("%12s:", name);
        for (unsigned cpu = 0; cpu < s->scenario->cpus; cpu++)
            printf(" %10" PRIu64,
                   irqsim_kernel_softirq_executed(irqsim_sim_kernel(s->sim), nr, cpu));
        putchar('\n');
    }
}

/* ---- fates (law 6) ---- */

static void put_fates(const session_t *s)
{
    irqsim_sim_irq_t irq;
    uint64_t spurious = 0;

    put_heading("What became of each arrival");
    printf("%5s %10s %10s %10s %10s %10s %10s  %s\n", "irq", "arrived", "delivered", "coalesced",
           "withdrawn", "lost", "spurious", "name");
    for (uint32_t i = 0; irqsim_sim_irq(s->sim, i, &irq); i++) {
        const uint64_t counts[] = {irq.counts.arrived,   irq.counts.delivered, irq.counts.coalesced,
                                   irq.counts.withdrawn, lost_of(&irq),        irq.spurious};
        printf("%5" PRIu32, irq.irq);
        for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++)
            printf(" %10" PRIu64, counts[c]);
        printf("  ");
        put_cell(irq.name ? irq.name : "", 0);
        putchar('\n');
        spurious += irq.spurious;
    }
    if (spurious)
        puts("  spurious: interrupts whose handler found nothing left to do");
}

/* ---- waits ---- */

static const char *irq_name(const session_t *s, uint32_t number)
{
    irqsim_sim_irq_t irq;

    if (has_tick(s) && number == TICK_IRQ)
        return TICK_NAME;
    for (uint32_t i = 0; irqsim_sim_irq(s->sim, i, &irq); i++)
        if (irq.irq == number)
            return irq.name ? irq.name : "";
    return "";
}

static const char *vector_name(const session_t *s, uint32_t vector)
{
    for (int v = 0; v < IRQSIM_SYSVECS; v++)
        if (irqsim_sysvec_vector(s->scenario->era, (irqsim_sysvec_t)v) == vector)
            return irqsim_sysvec_name((irqsim_sysvec_t)v);
    return "vector";
}

/* "36 virtio1-req.0", "local_timer" */
const char *waiter_text(const session_t *s, uint32_t waiter, char buf[SHORT_TEXT])
{
    if (waiter >= FIRST_VECTOR)
        snprintf(buf, SHORT_TEXT, "%.23s", vector_name(s, UINT32_MAX - waiter));
    else
        snprintf(buf, SHORT_TEXT, "%" PRIu32 " %.18s", waiter, irq_name(s, waiter));
    return buf;
}

const char *wait_text(const session_t *s, const irqsim_wait_row_t *row, char buf[SHORT_TEXT])
{
    static const char *const texts[IRQSIM_WAITS] = {
        [IRQSIM_WAIT_BUS] = "controller and bus",
        [IRQSIM_WAIT_MASKED] = "masked pin, or its EOI",
        [IRQSIM_WAIT_PRIORITY] = "priority: ISR or TPR",
        [IRQSIM_WAIT_IF] = "IF=0 in the kernel",
        [IRQSIM_WAIT_INSTRUCTION] = "current instruction",
    };

    if (row->wait == IRQSIM_WAIT_HANDLER)
        snprintf(buf, SHORT_TEXT, "handler of %" PRIu32 " %.13s", row->irq, irq_name(s, row->irq));
    else
        snprintf(buf, SHORT_TEXT, "%s", texts[row->wait]);
    return buf;
}

static void put_waits(const session_t *s)
{
    const uint32_t n = irqsim_report_waits(s->report);
    irqsim_wait_row_t row;
    char buf[SHORT_TEXT];

    if (n == 0)
        return;
    put_heading("Who waited for what");
    printf("  %-24s%-27s%9s %9s %9s\n", "irq", "waited for", "times", "in all", "longest");
    for (uint32_t i = 0; i < n && i < MOST_ROWS && irqsim_report_wait(s->report, i, &row); i++) {
        printf("  ");
        put_cell(waiter_text(s, row.waiter, buf), -24);
        put_cell(wait_text(s, &row, buf), -27);
        printf("%9" PRIu64 " ", row.count);
        put_cell(human_time(buf, row.total), 9);
        putchar(' ');
        put_cell(human_time(buf, row.max), 9);
        putchar('\n');
    }
    if (n > MOST_ROWS)
        printf("  and %" PRIu32 " more, see --json\n", n - MOST_ROWS);
}

/* ---- expectations ---- */

static void put_value(const irqsim_expect_t *expect, uint64_t value)
{
    char buf[SHORT_TEXT];

    if (expect->metric == IRQSIM_METRIC_LATENCY || expect->metric == IRQSIM_METRIC_TASK_RAN)
        printf(" (it is %s)", human_time(buf, value));
    else
        printf(" (it is %" PRIu64 ")", value);
}

void put_expectations(const session_t *s)
{
    const bool colour = wants_colour(stdout);

    if (s->scenario->n_expects == 0)
        return;
    put_heading("Expectations");
    for (uint32_t i = 0; i < s->scenario->n_expects; i++) {
        const irqsim_expect_t *expect = &s->scenario->expect[i];
        const verdict_t verdict = judge(s, expect);
        const char *paint = !colour ? "" : verdict.met ? "\033[32m" : "\033[31m";
        printf("%s%s%s  %s:%" PRIu64 ": ", paint, verdict.met ? "PASS" : "FAIL",
               colour ? "\033[0m" : "", s->scenario->file, expect->line);
        put_cell(expect->text, 0);
        put_value(expect, verdict.value);
        putchar('\n');
    }
}

void put_session(const session_t *s)
{
    put_summary(s);
    put_interrupts(s);
    put_softirqs(s);
    put_fates(s);
    put_latencies(s->report);
    put_waits(s);
    put_times(s);
}
