/* SPDX-License-Identifier: MIT */
/* words.c - texts to small numbers: a set with open addressing */
#include <stdlib.h>
#include <string.h>

#include "sim_int.h"

static uint32_t hash_of(const char *text, uint32_t number)
{
    uint32_t hash = UINT32_C(2166136261) ^ number;

    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT32_C(16777619);
    return hash;
}

/* The slot that holds the word, or the empty one where it belongs. */
static uint32_t *slot_of(const irqsim__words_set_t *set, const char *text, uint32_t number)
{
    const uint32_t mask = 2 * set->room - 1;
    uint32_t i = hash_of(text, number) & mask;

    for (; set->slot[i]; i = (i + 1) & mask) {
        const irqsim__word_t *const word = &set->word[set->slot[i] - 1];

        if (word->number == number && strcmp(word->text, text) == 0)
            break;
    }
    return &set->slot[i];
}

static bool grow(irqsim__words_set_t *set)
{
    const uint32_t room = set->room ? 2 * set->room : 64;
    irqsim__word_t *const word = realloc(set->word, room * sizeof(*word));

    if (word)
        set->word = word;
    uint32_t *const slot = calloc(2 * (size_t)room, sizeof(*slot));
    if (!word || !slot) {
        free(slot);
        return false;
    }
    free(set->slot);
    set->slot = slot;
    set->room = room;
    for (uint32_t i = 0; i < set->n; i++)
        *slot_of(set, set->word[i].text, set->word[i].number) = i + 1;
    return true;
}

uint32_t irqsim__scenario_words_add(irqsim__words_set_t *set, const char *text, uint32_t number)
{
    if (set->n == set->room && !grow(set))
        return IRQSIM__NONE;
    uint32_t *const slot = slot_of(set, text, number);
    if (!*slot) {
        set->word[set->n] = (irqsim__word_t){text, number, 0};
        *slot = ++set->n;
    }
    return *slot - 1;
}
