/* SPDX-License-Identifier: MIT */
/* keys.c - numbers for keys: a table that only grows */
#include <stdlib.h>
#include <string.h>

#include "report_int.h"

#define SLOTS_FIRST 64u

static uint32_t slot_of(const report_keys_t *keys, report_key_t key)
{
    uint64_t mix = (key.a ^ key.b << 32 ^ key.b >> 32) * UINT64_C(0x9E3779B97F4A7C15);

    mix ^= mix >> 29;
    uint32_t at = (uint32_t)(mix >> 16) & (keys->slots - 1);
    while (keys->slot[at]) {
        const report_key_t *have = &keys->key[keys->slot[at] - 1];
        if (have->a == key.a && have->b == key.b)
            break;
        at = (at + 1) & (keys->slots - 1);
    }
    return at;
}

uint32_t irqsim__report_find(const report_keys_t *keys, report_key_t key)
{
    return keys->slots ? keys->slot[slot_of(keys, key)] - 1 : REPORT_NO_KEY;
}

/* Doubles both arrays and puts every key into its new slot. */
static bool grow(report_keys_t *keys)
{
    const uint32_t slots = keys->slots ? keys->slots * 2 : SLOTS_FIRST;
    uint32_t *slot = calloc(slots, sizeof(*slot));
    report_key_t *key = realloc(keys->key, slots / 2 * sizeof(*key));

    if (key)
        keys->key = key;
    if (!slot || !key) {
        free(slot);
        return false;
    }
    free(keys->slot);
    keys->slot = slot;
    keys->slots = slots;
    for (uint32_t i = 0; i < keys->n; i++)
        slot[slot_of(keys, key[i])] = i + 1;
    return true;
}

uint32_t irqsim__report_number(report_keys_t *keys, report_key_t key)
{
    const uint32_t known = irqsim__report_find(keys, key);

    if (known != REPORT_NO_KEY)
        return known;
    if (keys->n >= keys->slots / 2 && !grow(keys))
        return REPORT_NO_KEY;
    keys->key[keys->n] = key;
    keys->slot[slot_of(keys, key)] = keys->n + 1;
    return keys->n++;
}

void irqsim__report_keys_free(report_keys_t *keys)
{
    free(keys->key);
    free(keys->slot);
}

bool irqsim__report_reserve(void **items, uint32_t *room, uint32_t i, size_t item_size)
{
    if (i < *room)
        return true;

    uint32_t more = *room ? *room * 2 : 4;
    while (more <= i)
        more *= 2;
    unsigned char *grown = realloc(*items, more * item_size);
    if (!grown)
        return false;
    memset(grown + *room * item_size, 0, (more - *room) * item_size);
    *items = grown;
    *room = more;
    return true;
}
