/* SPDX-License-Identifier: MIT */
/*
 * session.c - a session: bytes in, lines out of them, words out of those
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qtest_int.h"

#define FIRST_ROOM 256u

/* ---- life ---- */

irqsim_status_t irqsim_qtest_open(const irqsim_qtest_desc_t *desc, irqsim_qtest_t **qtest)
{
    *qtest = NULL;
    if (!desc->send)
        return IRQSIM_E_INVAL;
    irqsim_qtest_t *const q = calloc(1, sizeof(*q));
    if (!q)
        return IRQSIM_E_NOMEM;
    q->desc = *desc;
    const irqsim_status_t status = irqsim__qtest_build(q);
    if (status == IRQSIM_OK)
        *qtest = q;
    else
        irqsim_qtest_close(q);
    return status;
}

void irqsim_qtest_close(irqsim_qtest_t *qtest)
{
    if (!qtest)
        return;
    free(qtest->machine);
    free(qtest->line);
    free(qtest->bulk);
    free(qtest);
}

/* ---- answers ---- */

void irqsim__qtest_send(irqsim_qtest_t *q, const char *format, ...)
{
    char text[256];
    va_list args;

    va_start(args, format);
    const int n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    q->desc.send(q->desc.user, text, (size_t)n);
}

const char *irqsim__qtest_shown(const char *text, char buf[SHORT_TEXT])
{
    size_t n = 0;

    for (; text[n] && n < SHORT_TEXT - 4; n++)
        buf[n] = text[n] >= ' ' && text[n] <= '~' ? text[n] : '.';
    strcpy(buf + n, text[n] ? "..." : "");
    return buf;
}

void irqsim__qtest_refuse(irqsim_qtest_t *q, const word_t *word, const char *expected)
{
    char buf[SHORT_TEXT];

    if (*word->text)
        irqsim__qtest_send(q, "FAIL column %zu: expected %s, found '%s'\n", word->column, expected,
                           irqsim__qtest_shown(word->text, buf));
    else
        irqsim__qtest_send(q, "FAIL column %zu: expected %s, found the end of the line\n",
                           word->column, expected);
}

/* ---- lines ---- */

/* Cuts the line into words. The one behind the last is "", at the line's end. */
static void split(char *line, arguments_t *args)
{
    char *at = line;

    args->n = 0;
    for (unsigned i = 0; i < MAX_WORDS; i++) {
        at += strspn(at, " \t");
        args->word[i] = (word_t){at, (size_t)(at - line) + 1};
        args->n += *at != '\0';
        at += strcspn(at, " \t");
        if (*at)
            *at++ = '\0';
    }
}

static void end_line(irqsim_qtest_t *q)
{
    arguments_t args = {0};

    if (q->too_long) {
        irqsim__qtest_send(q, "FAIL expected a line of at most %zu bytes\n", MAX_LINE);
    } else {
        while (q->used && q->line[q->used - 1] == '\r')
            q->used--;
        q->line[q->used] = '\0';
        split(q->line, &args);
        irqsim__qtest_obey(q, &args);
    }
    q->used = 0;
    q->too_long = false;
}

/* Room for n more bytes and a 0. */
static bool make_room(irqsim_qtest_t *q, size_t n)
{
    size_t room = q->room ? q->room : FIRST_ROOM;

    if (q->too_long || n > MAX_LINE - q->used)
        return false;
    while (room <= q->used + n)
        room *= 2;
    if (room == q->room)
        return true;
    char *const line = realloc(q->line, room);
    if (!line)
        return false;
    q->line = line;
    q->room = room;
    return true;
}

/* A 0 byte must not hide what follows it. */
static void append(irqsim_qtest_t *q, const char *bytes, size_t n)
{
    if (!make_room(q, n)) {
        q->too_long = true;
        return;
    }
    for (size_t i = 0; i < n; i++)
        q->line[q->used++] = (char)(bytes[i] ? bytes[i] : '\x7F');
}

void irqsim_qtest_feed(irqsim_qtest_t *qtest, const char *bytes, size_t n)
{
    while (n) {
        const char *newline = memchr(bytes, '\n', n);
        const size_t part = newline ? (size_t)(newline - bytes) : n;

        append(qtest, bytes, part);
        if (!newline)
            return;
        end_line(qtest);
        bytes += part + 1;
        n -= part + 1;
    }
}
