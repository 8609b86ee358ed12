/* SPDX-License-Identifier: MIT */
/*
 * json.c - a streaming writer of JSON: objects, arrays, integers, strings
 *
 * The two outer levels get a line per member, what is deeper stays on its line.
 */
#include <inttypes.h>
#include <string.h>

#include "cli.h"

#define LINE_DEPTH 2u

static void next_line(json_t *j)
{
    fprintf(j->out, "\n%*s", (int)(2 * j->depth), "");
}

/* Length of the UTF-8 sequence at `s`, 0 if it is none. */
static unsigned sequence(const unsigned char *s)
{
    static const struct {
        unsigned char low, high, second_low, second_high, length;
    } forms[] = {
        {0x20, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (s[0] < forms[i].low || s[0] > forms[i].high)
            continue;
        unsigned n = 1;
        if (forms[i].length > 1 && (s[1] < forms[i].second_low || s[1] > forms[i].second_high))
            return 0;
        while (n < forms[i].length && (n == 1 || (s[n] & 0xC0) == 0x80))
            n++;
        return n == forms[i].length ? n : 0;
    }
    return 0;
}

static void put_string(json_t *j, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;

    fputc('"', j->out);
    while (*s) {
        const unsigned n = sequence(s);
        if (*s == '"' || *s == '\\')
            fprintf(j->out, "\\%c", *s);
        else if (n > 0)
            fwrite(s, 1, n, j->out);
        else
            fprintf(j->out, "\\u%04x", *s < 0x20 ? *s : 0xFFFDu); /* no UTF-8: replaced */
        s += n ? n : 1;
    }
    fputc('"', j->out);
}

/* What stands before a member: comma, line, key. */
static void lead(json_t *j, const char *key)
{
    if (!j->first)
        fputc(',', j->out);
    if (j->depth <= LINE_DEPTH)
        next_line(j);
    else if (!j->first)
        fputc(' ', j->out);
    j->first = false;
    if (key) {
        put_string(j, key);
        fputs(": ", j->out);
    }
}

static void open_with(json_t *j, const char *key, char bracket)
{
    lead(j, key);
    fputc(bracket, j->out);
    j->depth++;
    j->first = true;
}

void json_begin(json_t *j, FILE *out)
{
    *j = (json_t){.out = out, .depth = 1, .first = true};
    fputc('{', out);
}

void json_end(json_t *j)
{
    fputs("\n}\n", j->out);
}

void json_object(json_t *j, const char *key)
{
    open_with(j, key, '{');
}

void json_array(json_t *j, const char *key)
{
    open_with(j, key, '[');
}

void json_close(json_t *j, char bracket)
{
    j->depth--;
    if (j->depth < LINE_DEPTH && !j->first)
        next_line(j);
    fputc(bracket, j->out);
    j->first = false;
}

void json_number(json_t *j, const char *key, uint64_t value)
{
    lead(j, key);
    fprintf(j->out, "%" PRIu64, value);
}

void json_text(json_t *j, const char *key, const char *value)
{
    lead(j, key);
    put_string(j, value ? value : "");
}
