/* SPDX-License-Identifier: MIT */
/*
 * scan.c - the words of a line, and exact places for what is wrong with them
 *
 * Words are parted by blanks; '=' is a word, ';' ends a step, '#' the line.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "conform_int.h"

#define MOST_PROBLEMS 20u
#define QUOTED        24

static char at(const scan_t *s, size_t i)
{
    return i < s->line_end ? s->text[i] : '\0';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool ends_word(char c)
{
    return c == '\0' || c == ';' || c == '#' || c == '=' || is_blank(c);
}

/* Finds the word that begins at or behind `from`. */
static void look(scan_t *s, size_t from)
{
    while (from < s->line_end && is_blank(s->text[from]))
        from++;
    s->word = s->word_end = from;
    if (at(s, from) == '=') {
        s->word_end++;
        return;
    }
    while (s->word_end < s->line_end && !ends_word(s->text[s->word_end]))
        s->word_end++;
}

void irqsim__conform_line(scan_t *s, size_t start, size_t end)
{
    const char *comment = memchr(s->text + start, '#', end - start);

    s->line++;
    s->line_start = start;
    s->line_end = comment ? (size_t)(comment - s->text) : end;
    s->lost = false;
    look(s, start);
}

void irqsim__conform_next(scan_t *s)
{
    look(s, s->word_end);
}

bool irqsim__conform_step_ended(const scan_t *s)
{
    return s->word == s->word_end;
}

bool irqsim__conform_next_step(scan_t *s)
{
    while (at(s, s->word) == ';')
        look(s, s->word + 1);
    return !s->lost && s->word < s->line_end;
}

uint64_t irqsim__conform_column(const scan_t *s, size_t where)
{
    return where - s->line_start + 1;
}

/* ---- problems ---- */

static void report(scan_t *s, size_t where, const char *message)
{
    const irqsim_diag_t diag = {.severity = IRQSIM_ERROR,
                                .file = s->name,
                                .line = s->line,
                                .column = irqsim__conform_column(s, where),
                                .path = "",
                                .message = message,
                                .hint = ""};

    s->lost = true;
    if (++s->problems <= MOST_PROBLEMS && s->diag && s->diag->report)
        s->diag->report(s->diag->user, &diag);
}

void irqsim__conform_problem(scan_t *s, size_t where, const char *format, ...)
{
    char message[160];
    va_list args;

    if (s->lost)
        return;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    report(s, where, message);
}

/* The word under the eye as a message shows it. */
static void quote(const scan_t *s, char *buf, size_t size)
{
    const size_t length = s->word_end - s->word;
    const int shown = length > QUOTED ? QUOTED : (int)length;

    if (irqsim__conform_step_ended(s)) {
        snprintf(buf, size, "the step ends");
        return;
    }
    snprintf(buf, size, "found '%.*s%s'", shown, s->text + s->word, length > QUOTED ? "..." : "");
    for (; *buf; buf++)
        if ((unsigned char)*buf < ' ' || *buf == 0x7F) /* would spoil a terminal */
            *buf = '?';
}

void irqsim__conform_expected(scan_t *s, const char *format, ...)
{
    char what[112], found[48];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    quote(s, found, sizeof(found));
    irqsim__conform_problem(s, s->word, "expected %s, %s", what, found);
}

/* ---- words and numbers ---- */

bool irqsim__conform_is(const scan_t *s, const char *word)
{
    const size_t length = s->word_end - s->word;

    return !s->lost && strlen(word) == length && memcmp(s->text + s->word, word, length) == 0;
}

bool irqsim__conform_accept(scan_t *s, const char *word)
{
    const bool is = irqsim__conform_is(s, word);

    if (is)
        irqsim__conform_next(s);
    return is;
}

void irqsim__conform_equals(scan_t *s)
{
    if (!irqsim__conform_accept(s, "="))
        irqsim__conform_expected(s, "'='");
}

/* -1: no digit of that base. */
static int digit(char c, unsigned base)
{
    const char *const digits = "0123456789ABCDEFabcdef";
    const char *const found = c ? strchr(digits, c) : NULL;
    const int value = !found                ? -1
                      : found - digits > 15 ? (int)(found - digits) - 6
                                            : (int)(found - digits);

    return value < (int)base ? value : -1;
}

bool irqsim__conform_number(const scan_t *s, size_t from, size_t end, unsigned base, uint64_t most,
                            uint64_t *value)
{
    uint64_t number = 0;

    for (size_t i = from; i < end; i++) {
        const int d = digit(s->text[i], base);

        if (d < 0 || (uint64_t)d > most || number > (most - (uint64_t)d) / base)
            return false;
        number = number * base + (uint64_t)d;
    }
    *value = number;
    return end > from;
}

static uint64_t number_word(scan_t *s, unsigned base, uint64_t most, const char *what)
{
    uint64_t value = 0;

    if (s->lost)
        return 0;
    if (irqsim__conform_number(s, s->word, s->word_end, base, most, &value))
        irqsim__conform_next(s);
    else if (base == 16)
        irqsim__conform_expected(s, "%s (hexadecimal, 0 to %llX)", what, (unsigned long long)most);
    else
        irqsim__conform_expected(s, "%s (decimal, 0 to %llu)", what, (unsigned long long)most);
    return value;
}

uint64_t irqsim__conform_hex(scan_t *s, uint64_t most, const char *what)
{
    return number_word(s, 16, most, what);
}

uint64_t irqsim__conform_decimal(scan_t *s, uint64_t most, const char *what)
{
    return number_word(s, 10, most, what);
}

unsigned irqsim__conform_one_of(scan_t *s, words_t words, const char *what)
{
    char list[96] = "";
    size_t used = 0;

    for (unsigned i = 0; words[i]; i++) {
        if (irqsim__conform_accept(s, words[i]))
            return i;
        const int n = snprintf(list + used, sizeof(list) - used, "%s%s", i ? ", " : "", words[i]);
        if (n > 0 && used + (size_t)n < sizeof(list))
            used += (size_t)n;
    }
    irqsim__conform_expected(s, "%s: %s", what, list);
    return 0;
}

void irqsim__conform_masked(scan_t *s, step_t *step, uint64_t most, const char *what)
{
    const char *slash = s->lost ? NULL : memchr(s->text + s->word, '/', s->word_end - s->word);
    const size_t value_end = slash ? (size_t)(slash - s->text) : s->word_end;

    step->form = FORM_VALUE;
    step->mask = most;
    step->masked = slash != NULL;
    if (irqsim__conform_number(s, s->word, value_end, 16, most, &step->value) &&
        (!slash || irqsim__conform_number(s, value_end + 1, s->word_end, 16, most, &step->mask)))
        irqsim__conform_next(s);
    else
        irqsim__conform_expected(s, "%s, perhaps with /MASK (hexadecimal, 0 to %llX)", what,
                                 (unsigned long long)most);
}
