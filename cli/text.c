/* SPDX-License-Identifier: MIT */
/* text.c - numbers and words in columns, for people */
#include <inttypes.h>

#include "cli.h"

const char *human_time(char buf[SHORT_TEXT], uint64_t ns)
{
    static const struct {
        uint64_t ns;
        const char *name;
    } units[] = {{UINT64_C(1000000000), "s"}, {1000000, "ms"}, {1000, "µs"}};

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        const uint64_t whole = ns / units[i].ns, rest = ns % units[i].ns;
        if (whole == 0)
            continue;
        if (whole < 10)
            snprintf(buf, SHORT_TEXT, "%" PRIu64 ".%02" PRIu64 " %s", whole,
                     rest * 100 / units[i].ns, units[i].name);
        else if (whole < 100)
            snprintf(buf, SHORT_TEXT, "%" PRIu64 ".%" PRIu64 " %s", whole, rest * 10 / units[i].ns,
                     units[i].name);
        else
            snprintf(buf, SHORT_TEXT, "%" PRIu64 " %s", whole, units[i].name);
        return buf;
    }
    snprintf(buf, SHORT_TEXT, "%" PRIu64 " ns", ns);
    return buf;
}

const char *human_share(char buf[SHORT_TEXT], uint64_t part, uint64_t whole)
{
    /* Long times lose their last digits before they overflow. */
    const uint64_t scale = whole > UINT64_MAX / 2000 ? 1000 : 1;
    const uint64_t tenths = whole ? part / scale * 1000 / (whole / scale) : 0;

    snprintf(buf, SHORT_TEXT, "%" PRIu64 ".%" PRIu64 " %%", tenths / 10, tenths % 10);
    return buf;
}

const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* Columns on the screen: bytes that begin a character. */
static int columns(const char *text)
{
    int n = 0;

    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static void put_text(const char *text)
{
    for (; *text; text++)
        putchar((unsigned char)*text < 0x20 || *text == 0x7F ? '?' : *text);
}

void put_cell(const char *text, int width)
{
    const int used = columns(text);

    if (width > used)
        printf("%*s", width - used, "");
    put_text(text);
    if (-width > used)
        printf("%*s", -width - used, "");
}

void put_heading(const char *text)
{
    const bool colour = wants_colour(stdout);

    printf("\n%s%s%s\n", colour ? "\033[1m" : "", text, colour ? "\033[0m" : "");
}

/* As in /proc (PROC-01, PROC-04). */
void put_cpu_header(unsigned indent, unsigned cpus)
{
    printf("%*s", (int)indent, "");
    for (unsigned cpu = 0; cpu < cpus; cpu++)
        printf("CPU%-8u", cpu);
    putchar('\n');
}

static void put_latency(const char *name, const irqsim_latency_t *l)
{
    const uint64_t values[] = {l->min, l->avg, l->p50, l->p90, l->p99, l->max};
    char buf[SHORT_TEXT];

    printf("  ");
    put_cell(name, -19);
    printf("%9" PRIu64, l->count);
    for (size_t i = 0; l->count && i < sizeof(values) / sizeof(values[0]); i++) {
        putchar(' ');
        put_cell(human_time(buf, values[i]), 9);
    }
    putchar('\n');
}

void put_latencies(const irqsim_report_t *report)
{
    static const char *const heads[] = {"count", "min", "avg", "p50", "p90", "p99", "max"};

    put_heading("How long it took");
    printf("  %-18s", "");
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        printf(" %9s", heads[i]);
    putchar('\n');
    for (int stage = 0; stage < IRQSIM_STAGES; stage++) {
        irqsim_latency_t l;
        irqsim_report_latency(report, (irqsim_stage_t)stage, -1, &l);
        put_latency(irqsim_stage_name((irqsim_stage_t)stage), &l);
    }
}
