/* SPDX-License-Identifier: MIT */
/*
 * arrivals_save.c - a list as text (docs/arrivals-format.md)
 *
 * zlib writes plain files as well as gzip, so there is one way out.
 */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>

#include "capture_int.h"

static const char *const verb[] = {
    [IRQSIM_RECORD_SOFTIRQ] = "raise",
    [IRQSIM_RECORD_WORK] = "queue",
};

/* What the text's own signs would make of it needs quotes. */
static void put_quoted(gzFile out, const char *name)
{
    gzputc(out, '"');
    for (const unsigned char *p = (const unsigned char *)name; *p; p++) {
        if (*p == '"' || *p == '\\')
            gzprintf(out, "\\%c", *p);
        else if (*p < ' ' || *p == 0x7f)
            gzprintf(out, "\\u%04x", *p);
        else
            gzputc(out, *p);
    }
    gzputc(out, '"');
}

static void put_name(gzFile out, const char *name)
{
    const char *p = name;

    while (irqsim__capture_is_bare((unsigned char)*p))
        p++;
    if (*name && !*p)
        gzputs(out, name);
    else
        put_quoted(out, name);
}

/* The rest of its line: spaces inside are plain. */
static void put_origin(gzFile out, const char *origin)
{
    bool plain = *origin && *origin != ' ' && origin[strlen(origin) - 1] != ' ';

    for (const char *p = origin; *p; p++)
        plain &= *p == ' ' || irqsim__capture_is_bare((unsigned char)*p);
    gzputs(out, "origin ");
    if (plain)
        gzputs(out, origin);
    else
        put_quoted(out, origin);
    gzputc(out, '\n');
}

static void put_record(gzFile out, const irqsim_arrivals_t *list, const irqsim_record_t *record)
{
    for (uint32_t i = 0; i < record->depth; i++)
        gzputs(out, "  ");
    if (record->depth == 0)
        gzprintf(out, "at %" PRIu64 " cpu %u ", record->time_ns, record->cpu);
    if (record->kind == IRQSIM_RECORD_IRQ) {
        gzprintf(out, "irq %" PRIu32, record->number);
    } else {
        gzprintf(out, "%s ", record->kind == IRQSIM_RECORD_VECTOR ? "vector" : verb[record->kind]);
        put_name(out, list->name[record->name]);
    }
    if (record->kind == IRQSIM_RECORD_WORK)
        gzprintf(out, "#%" PRIu32, record->number);
    gzprintf(out, " takes %" PRIu64 "\n", record->takes_ns);
}

static void put_list(gzFile out, const irqsim_arrivals_t *list)
{
    gzputs(out, "irqsim-arrivals 1\n");
    put_origin(out, list->origin);
    gzprintf(out, "cpus %" PRIu32 "\nspan %" PRIu64 "\n", list->cpus, list->span_ns);
    for (uint32_t i = 0; i < list->n_irqs; i++) {
        gzprintf(out, "irq %" PRIu32 " ", list->irq[i].irq);
        put_name(out, list->name[list->irq[i].name]);
        if (list->irq[i].count > 0)
            gzprintf(out, " count %" PRIu64, list->irq[i].count);
        gzputc(out, '\n');
    }
    for (uint64_t i = 0; i < list->n_records; i++)
        put_record(out, list, &list->record[i]);
}

static bool write_file(const irqsim_arrivals_t *list, const char *path, bool gzip)
{
    gzFile out = gzopen(path, gzip ? "wb" : "wbT");
    int error;

    if (!out)
        return false;
    gzbuffer(out, 128u << 10);
    put_list(out, list);
    gzerror(out, &error);
    return gzclose(out) == Z_OK && error == Z_OK;
}

/* A device or a pipe is written in place; renaming a file over it would remove it. */
static bool is_special(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

/* The old file stays until the new one is complete. */
static irqsim_status_t write_beside(const irqsim_arrivals_t *list, const char *path, bool gzip)
{
    const size_t room = strlen(path) + sizeof(".part");
    char *part = malloc(room);

    if (!part)
        return IRQSIM_E_NOMEM;
    snprintf(part, room, "%s.part", path);
    const bool saved = write_file(list, part, gzip) && rename(part, path) == 0;
    if (!saved)
        remove(part);
    free(part);
    return saved ? IRQSIM_OK : IRQSIM_E_IO;
}

irqsim_status_t irqsim_arrivals_save(const irqsim_arrivals_t *list, const char *path)
{
    const size_t length = strlen(path);
    const bool gzip = length >= 3 && strcmp(path + length - 3, ".gz") == 0;

    if (is_special(path))
        return write_file(list, path, gzip) ? IRQSIM_OK : IRQSIM_E_IO;
    return write_beside(list, path, gzip);
}
