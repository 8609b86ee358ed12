/* SPDX-License-Identifier: MIT */
/*
 * problem.c - what is wrong with a scenario: position, key path, a way out
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "scenario_int.h"

#define MESSAGE 256
#define PATH    256

static void report(irqsim__problems_t *problems, const irqsim_diag_t *diag)
{
    const irqsim_diag_t enough = {.severity = IRQSIM_NOTE,
                                  .file = problems->file,
                                  .path = "",
                                  .message = "there are more problems; these are the first",
                                  .hint = ""};

    if (++problems->found > IRQSIM__MAX_PROBLEMS + 1)
        return;
    if (problems->found > IRQSIM__MAX_PROBLEMS)
        diag = &enough;
    if (problems->sink && problems->sink->report)
        problems->sink->report(problems->sink->user, diag);
}

bool irqsim__scenario_too_many_problems(const irqsim__problems_t *problems)
{
    return problems->found > IRQSIM__MAX_PROBLEMS || problems->no_memory;
}

/* Appends as much as fits. */
static size_t append(char *buf, size_t size, size_t used, const char *fmt, ...)
    IRQSIM__PRINTF(4, 5);
static size_t append(char *buf, size_t size, size_t used, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    const int n = vsnprintf(buf + used, size - used, fmt, args);
    va_end(args);
    if (n < 0)
        return used;
    return (size_t)n < size - used ? used + (size_t)n : size - 1;
}

/* A word inside a path or a message: control characters would spoil a terminal. */
static void make_printable(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7F)
            *text = '?';
}

/* Its number among its brothers. */
static unsigned index_of(const irqsim__tree_t *tree, uint32_t node)
{
    unsigned i = 0;

    for (uint32_t n = tree->node[tree->node[node].parent].child; n != node; n = tree->node[n].next)
        i++;
    return i;
}

/* "devices[2].arrivals.every": from the node up to the root, then back down. */
static void path_of(const irqsim__tree_t *tree, uint32_t node, const char *leaf, char *buf)
{
    uint32_t up[IRQSIM__MAX_DEPTH + 2];
    unsigned n = 0;
    size_t used = 0;

    for (; node > 1 && n < IRQSIM__MAX_DEPTH + 2; node = tree->node[node].parent)
        up[n++] = node;
    buf[0] = '\0';
    while (n-- > 0) {
        const irqsim__node_t *step = &tree->node[up[n]];
        const char *const dot = used ? "." : "";

        if (step->key)
            used =
                append(buf, PATH, used, "%s%s", dot, irqsim__scenario_tree_text(tree, step->key));
        else
            used = append(buf, PATH, used, "[%u]", index_of(tree, up[n]));
    }
    if (leaf)
        append(buf, PATH, used, "%s%s", used ? "." : "", leaf);
    make_printable(buf);
}

void irqsim__scenario_problem(irqsim__problems_t *problems, const irqsim__tree_t *tree,
                              uint32_t node, const char *leaf, const char *hint, const char *fmt,
                              ...)
{
    char message[MESSAGE], path[PATH];
    va_list args;

    va_start(args, fmt);
    vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    path_of(tree, node, leaf, path);
    report(problems, &(irqsim_diag_t){.severity = IRQSIM_ERROR,
                                      .file = problems->file,
                                      .line = node ? tree->node[node].line : 0,
                                      .column = node ? tree->node[node].column : 0,
                                      .path = path,
                                      .message = message,
                                      .hint = hint ? hint : ""});
}

void irqsim__scenario_problem_at(irqsim__problems_t *problems, uint64_t line, uint64_t column,
                                 const char *hint, const char *fmt, ...)
{
    char message[MESSAGE];
    va_list args;

    va_start(args, fmt);
    vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    report(problems, &(irqsim_diag_t){.severity = IRQSIM_ERROR,
                                      .file = problems->file,
                                      .line = line,
                                      .column = column,
                                      .path = "",
                                      .message = message,
                                      .hint = hint ? hint : ""});
}

/* Long text ends in "..."; a cut never splits a UTF-8 character. */
irqsim__quoted_t irqsim__scenario_quote(const char *text)
{
    enum { MOST = 40 };
    irqsim__quoted_t quoted;
    size_t n = strlen(text);
    const bool cut = n > MOST;

    if (cut)
        for (n = MOST; n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80;)
            n--;
    snprintf(quoted.text, sizeof(quoted.text), "'%.*s%s'", (int)n, text, cut ? "..." : "");
    make_printable(quoted.text);
    return quoted;
}

/* Edits (insert, delete, replace, swap of neighbours) from a to b; both shorter
 * than LONGEST. One row per letter of a; a swap looks two rows back. */
#define LONGEST 32u
static unsigned distance(const char *a, const char *b)
{
    unsigned row[3][LONGEST + 1];
    const unsigned n = (unsigned)strlen(b);

    for (unsigned j = 0; j <= n; j++)
        row[0][j] = j;
    for (unsigned i = 1; a[i - 1]; i++) {
        unsigned *const now = row[i % 3], *const last = row[(i - 1) % 3];

        now[0] = i;
        for (unsigned j = 1; j <= n; j++) {
            unsigned best = last[j - 1] + (a[i - 1] != b[j - 1]);

            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                row[(i - 2) % 3][j - 2] + 1 < best)
                best = row[(i - 2) % 3][j - 2] + 1;
            now[j] = best;
        }
    }
    return row[strlen(a) % 3][n];
}

const char *irqsim__scenario_nearest(const char *text, irqsim__words_t word, const void *user)
{
    const char *nearest = NULL;
    unsigned least = 3;

    if (strlen(text) >= LONGEST)
        return NULL;
    for (unsigned i = 0; word(user, i); i++) {
        const char *const candidate = word(user, i);

        if (strlen(candidate) >= LONGEST)
            continue;
        const unsigned edits = distance(text, candidate);
        /* a word replaced letter by letter is not a slip of the finger */
        if (edits < least && edits < strlen(candidate)) {
            least = edits;
            nearest = candidate;
        }
    }
    return nearest;
}

irqsim__hint_t irqsim__scenario_did_you_mean(const char *text, irqsim__words_t word,
                                             const void *user)
{
    irqsim__hint_t hint = {""};
    const char *const nearest = irqsim__scenario_nearest(text, word, user);
    size_t used = 0;

    if (nearest) {
        append(hint.text, sizeof(hint.text), 0, "did you mean '%s'?", nearest);
        return hint;
    }
    for (unsigned i = 0; word(user, i); i++)
        used = append(hint.text, sizeof(hint.text), used, "%s%s",
                      i ? ", " : "there is: ", word(user, i));
    return hint;
}
