/* SPDX-License-Identifier: MIT */
/* suggest.c - the word that was probably meant */
#include <string.h>

#include "cli.h"

#define LONGEST  24u
#define FARTHEST 2u /* edits; more is another word */

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Edits (insert, delete, change a letter) from a to b: Levenshtein, row by row. */
static unsigned edits(const char *a, const char *b)
{
    const size_t width = strlen(b);
    unsigned row[LONGEST + 1];

    if (strlen(a) > LONGEST || width > LONGEST)
        return LONGEST;
    for (unsigned i = 0; i <= width; i++)
        row[i] = i;
    for (unsigned y = 1; *a; a++, y++) {
        unsigned diagonal = row[0];
        row[0] = y;
        for (size_t x = 1; x <= width; x++) {
            const unsigned changed = diagonal + (*a != b[x - 1]);
            diagonal = row[x];
            row[x] = least(changed, least(row[x], row[x - 1]) + 1);
        }
    }
    return row[width];
}

void suggest(suggestion_t *s, const char *candidate)
{
    const size_t typed = strlen(s->typed);
    const bool begins = typed >= 2 && strncmp(s->typed, candidate, typed) == 0;
    const unsigned distance = begins ? 1 : edits(s->typed, candidate);

    if (distance > FARTHEST || distance >= strlen(candidate) ||
        (s->best && distance >= s->distance))
        return;
    s->best = candidate;
    s->distance = distance;
}
