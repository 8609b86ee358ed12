/* SPDX-License-Identifier: MIT */
/* text.c - an event as a line of text, by its row of the catalogue */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <irqsim/trace.h>

/* snprintf, continued: `length` counts on when the buffer is full. */
typedef struct line {
    char *buf;
    size_t size;
    int length;
} line_t;

static void add(line_t *line, const char *format, ...)
{
    const size_t used = (size_t)line->length < line->size ? (size_t)line->length : line->size;
    va_list args;

    va_start(args, format);
    line->length += vsnprintf(line->buf ? line->buf + used : NULL, line->size - used, format, args);
    va_end(args);
}

static bool has_name(const char *arg)
{
    static const char *const named[] = {"name", "task", "prev", "next"};

    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
        if (strcmp(arg, named[i]) == 0)
            return true;
    return false;
}

static bool is_hex(const char *arg)
{
    static const char *const hex[] = {"eip", "address", "cs", "eflags", "esp", "error"};

    for (size_t i = 0; i < sizeof(hex) / sizeof(hex[0]); i++)
        if (strcmp(arg, hex[i]) == 0)
            return true;
    return false;
}

static bool is_broadcast(const char *arg, uint32_t value)
{
    return value == IRQSIM_OTHER_CPUS && strcmp(arg, "target") == 0;
}

static void add_value(line_t *line, const char *arg, uint32_t value, irqsim_namer_t name,
                      void *user)
{
    const char *text = name && has_name(arg) ? name(user, arg, value) : NULL;

    if (text)
        add(line, "%s", text);
    else if (is_broadcast(arg, value))
        add(line, "others");
    else if (strcmp(arg, "ret") == 0)
        add(line, "%" PRId32, (int32_t)value);
    else
        add(line, is_hex(arg) ? "%#" PRIx32 : "%" PRIu32, value);
}

static void add_head(line_t *line, const irqsim_event_t *ev)
{
    add(line, "%5" PRIu64 ".%09" PRIu64 " ", ev->time / IRQSIM_PS_PER_S,
        ev->time % IRQSIM_PS_PER_S / IRQSIM_PS_PER_NS);
    if (ev->cpu == IRQSIM_NO_CPU)
        add(line, "[---]");
    else
        add(line, "[%03u]", (unsigned)ev->cpu);
    add(line, " #%" PRIu64, ev->seq);
    if (ev->cause)
        add(line, " <-%" PRIu64, ev->cause);
}

int irqsim_event_text(char *buf, size_t size, const irqsim_event_t *ev, irqsim_namer_t name,
                      void *user)
{
    /* An event of a newer catalogue still shows its numbers. */
    static const irqsim_event_info_t unknown = {NULL, "-", {"arg1", "arg2", "arg3"}};
    const irqsim_event_info_t *known = irqsim_event_info(ev->id);
    const irqsim_event_info_t *info = known ? known : &unknown;
    const char *separator = ": ";
    line_t line = {buf, size, 0};

    add_head(&line, ev);
    if (known)
        add(&line, " %s", info->name);
    else
        add(&line, " event_%u", (unsigned)ev->id);
    for (int a = 0; a < 3; a++) {
        if (strcmp(info->arg[a], "-") == 0)
            continue;
        add(&line, "%s%s=", separator, info->arg[a]);
        add_value(&line, info->arg[a], ev->arg[a], name, user);
        separator = " ";
    }
    return line.length;
}
