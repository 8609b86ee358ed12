/* SPDX-License-Identifier: MIT */
/*
 * formats.c - one line of a text form into task, CPU, time, event and text
 *
 *   ftrace     "  comm-pid     [cpu] flags  sec.frac: event: text"   FT-01
 *   trace-cmd  the same, its text padded to a column                TC-01
 *   perf       "  comm   pid [cpu]  sec.frac:  system:event: text"   PS-01
 *
 * Columns moved often (FT-02), so everything is found by its shape: the CPU in
 * brackets with a time behind it splits the line, the form says what the part
 * before it looks like.
 */
#include <stdlib.h>
#include <string.h>

#include "capture_int.h"

/* A task's name has 15 characters; the CPU stands not far behind it. */
#define HEAD_COLUMNS 128
#define SECONDS_MAX  UINT64_C(18000000000) /* still fits 64 bits of nanoseconds */

bool irqsim__capture_decimal(const char **at, uint64_t *value)
{
    const char *p = *at;
    uint64_t v = 0;

    for (; *p >= '0' && *p <= '9'; p++) {
        const uint64_t digit = (uint64_t)(*p - '0');
        v = v > (UINT64_MAX - digit) / 10 ? UINT64_MAX : v * 10 + digit;
    }
    *value = v;
    const bool any = p != *at;
    *at = p;
    return any;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *spaces(const char *p)
{
    return p + strspn(p, " ");
}

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static uint32_t saturate(uint64_t v)
{
    return v < NONE ? (uint32_t)v : NONE - 1;
}

/* --- the part before the CPU: who ran ------------------------------------ */

/* The digits that end at `end` (exclusive). NULL: there are none. */
static const char *digits_before(const char *line, const char *end)
{
    const char *p = end;

    while (p > line && is_digit(p[-1]))
        p--;
    return p < end ? p : NULL;
}

static const char *trim(const char *line, const char *end)
{
    while (end > line && end[-1] == ' ')
        end--;
    return end;
}

/* "comm-pid", perhaps "(tgid)": the last '-' with digits behind it (FT-03). */
static const char *task_after_dash(const char *line, const char *end)
{
    if (end > line && end[-1] == ')') {
        while (end > line && *end != '(')
            end--;
        end = trim(line, end);
    }
    const char *pid = digits_before(line, end);
    return pid && pid > line && pid[-1] == '-' ? pid : NULL;
}

/* "comm pid" or "comm pid/tid": the thread counts (PS-01). */
static const char *task_after_space(const char *line, const char *end)
{
    const char *tid = digits_before(line, end);
    const char *first = tid;

    if (tid && tid > line && tid[-1] == '/')
        first = digits_before(line, tid - 1);
    return first && first > line && first[-1] == ' ' ? tid : NULL;
}

static const struct {
    const char *name;
    const char *header; /* a line that only this form begins with */
    const char *(*task)(const char *line, const char *end);
} form[] = {
    {"ftrace", "# tracer:", task_after_dash}, /* FT-06 */
    {"trace-cmd", "cpus=", task_after_dash},  /* TC-01 */
    {"perf", NULL, task_after_space},         /* PS-01 */
};
#define FORMS (sizeof(form) / sizeof(form[0]))

const char *irqsim__capture_form_name(const form_state_t *state)
{
    return state->form == NONE ? "unknown" : form[state->form].name;
}

/* --- the CPU and the time ------------------------------------------------ */

static uint64_t nanoseconds(const char *fraction)
{
    uint64_t ns = 0;

    /* IMP-05: six digits or nine, the digits say it themselves. */
    for (int i = 0; i < 9; i++)
        ns = ns * 10 + (is_digit(*fraction) ? (uint64_t)(*fraction++ - '0') : 0);
    return ns;
}

/* "1234.500001:" Returns what follows it, NULL if it is no time. */
static const char *parse_time(const char *p, head_t *head)
{
    uint64_t seconds;

    if (!irqsim__capture_decimal(&p, &seconds) || seconds > SECONDS_MAX)
        return NULL;
    if (*p == ':') { /* FT-09 */
        head->kind = HEAD_CLOCK;
        return p + 1;
    }
    if (*p != '.' || !is_digit(p[1]))
        return NULL;
    head->time_ns = seconds * 1000000000u + nanoseconds(++p);
    head->kind = HEAD_EVENT;
    while (is_digit(*p))
        p++;
    return *p == ':' ? p + 1 : NULL;
}

/* "[003] d.h1. 1234.5:"; flags are 4 or 5 characters or absent (FT-04). */
static const char *parse_stamp(const char *p, head_t *head)
{
    uint64_t cpu;

    p++;
    if (!irqsim__capture_decimal(&p, &cpu) || p[0] != ']' || p[1] != ' ')
        return NULL;
    head->cpu = saturate(cpu);
    p = spaces(p + 1);
    const char *rest = parse_time(p, head);
    const size_t flags = strcspn(p, " ");
    if (!rest && (flags == 4 || flags == 5))
        rest = parse_time(spaces(p + flags), head);
    return rest;
}

/* --- the event ----------------------------------------------------------- */

/* The name ends at the first ':' with a space or nothing behind it; perf and
 * trace-cmd put "system:" in front (PS-02). Lines of the function tracers have
 * no name. */
static void parse_event(char *p, head_t *head)
{
    char *colon = p += strspn(p, " ");

    while (*colon && *colon != ' ' && !(*colon == ':' && (colon[1] == ' ' || !colon[1])))
        colon++;
    if (*colon != ':') {
        head->event = colon + strlen(colon);
        head->text = p;
        return;
    }
    *colon = '\0';
    head->text = spaces(colon + 1);
    char *system = strrchr(p, ':');
    head->event = system ? system + 1 : p;
}

static bool try_form(uint32_t f, char *line, head_t *head)
{
    for (char *at = strchr(line, '['); at && at - line < HEAD_COLUMNS; at = strchr(at + 1, '[')) {
        const char *rest = parse_stamp(at, head);
        const char *task = rest ? form[f].task(line, trim(line, at)) : NULL;
        uint64_t pid;

        if (!task)
            continue;
        irqsim__capture_decimal(&task, &pid);
        head->task = saturate(pid);
        parse_event(line + (rest - line), head);
        return true;
    }
    head->kind = HEAD_BAD;
    return false;
}

/* The first event line decides between the forms; a header decides between
 * those that look alike. */
static bool recognise(form_state_t *state, char *line, head_t *head)
{
    if (state->form != NONE)
        return try_form(state->form, line, head);
    if (state->hinted != NONE && try_form(state->hinted, line, head)) {
        state->form = state->hinted;
        return true;
    }
    for (uint32_t f = 0; f < FORMS; f++) {
        if (try_form(f, line, head)) {
            state->form = f;
            return true;
        }
    }
    return false;
}

/* --- lines that are no events -------------------------------------------- */

/* "CPU:1 [LOST 12 EVENTS]", "CPU:1 [12 EVENTS DROPPED]", both also without the
 * number (FT-07, TC-03). */
static bool parse_lost(const char *p, head_t *head)
{
    uint64_t cpu;

    if (!starts(p, "CPU:"))
        return false;
    p += strlen("CPU:");
    if (!irqsim__capture_decimal(&p, &cpu) || !starts(p, " ["))
        return false;
    p += strlen(" [");
    const bool ftrace_words = starts(p, "LOST ");
    if (ftrace_words)
        p += strlen("LOST ");
    const bool told = irqsim__capture_decimal(&p, &head->lost);
    head->lost = told ? head->lost : 1;
    head->cpu = saturate(cpu);
    return strcmp(spaces(p), ftrace_words ? "EVENTS]" : "EVENTS DROPPED]") == 0;
}

static void note_cpus(form_state_t *state, const char *number)
{
    uint64_t cpus;

    if (irqsim__capture_decimal(&number, &cpus) && cpus <= CAPTURE_CPUS)
        state->cpus = (uint32_t)cpus;
}

static bool is_header(form_state_t *state, const char *line)
{
    bool header = line[0] == '#';

    for (uint32_t f = 0; f < FORMS; f++) {
        if (form[f].header && starts(line, form[f].header)) {
            state->hinted = f;
            header = true;
        }
    }
    const char *cpus = header ? strstr(line, "#P:") : NULL; /* FT-06 */
    if (cpus)
        note_cpus(state, cpus + strlen("#P:"));
    else if (starts(line, "cpus="))
        note_cpus(state, line + strlen("cpus="));
    return header;
}

head_t irqsim__capture_split(form_state_t *state, char *line)
{
    head_t head = {.kind = HEAD_COMMENT};

    /* A tab begins a line of perf's call chains (PS-02), an arrow one of ftrace's. */
    if (line[0] == '\t' || starts(line, " => ") || *spaces(line) == '\0' || is_header(state, line))
        return head;
    if (parse_lost(line, &head))
        head.kind = HEAD_LOST;
    else
        recognise(state, line, &head);
    return head;
}
