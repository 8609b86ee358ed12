/* SPDX-License-Identifier: MIT */
/* intern.c - the same bytes get the same small number; and arrays that grow */
#include <stdlib.h>
#include <string.h>

#include "capture_int.h"

bool irqsim__capture_room(void *array, uint32_t *capacity, uint64_t need, size_t item)
{
    void *items;
    uint64_t more = *capacity ? *capacity : 64;

    if (need <= *capacity)
        return true;
    while (more < need)
        more *= 2;
    if (more >= NONE || more > SIZE_MAX / item)
        return false;
    memcpy(&items, array, sizeof(items)); /* any object pointer, whatever its type */
    char *grown = realloc(items, (size_t)more * item);
    if (!grown)
        return false;
    memset(grown + (size_t)*capacity * item, 0, (size_t)(more - *capacity) * item);
    items = grown;
    memcpy(array, &items, sizeof(items));
    *capacity = (uint32_t)more;
    return true;
}

/* Fowler, Noll, Vo: a multiplication per byte, 64 bits. */
static uint64_t hash(const unsigned char *bytes, size_t length)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < length; i++)
        h = (h ^ bytes[i]) * UINT64_C(0x100000001b3);
    return h ^ h >> 32;
}

/* The slot that holds these bytes, or the free one where they belong. */
static uint32_t *find(const intern_t *in, const void *bytes, size_t length)
{
    const uint32_t mask = in->slots - 1;
    uint32_t at = (uint32_t)hash(bytes, length) & mask;

    for (; in->slot[at]; at = (at + 1) & mask) {
        const uint32_t number = in->slot[at] - 1;
        if (in->length[number] == length && memcmp(in->text[number], bytes, length) == 0)
            break;
    }
    return &in->slot[at];
}

/* Keeps the table at most half full. */
static bool widen(intern_t *in)
{
    const uint32_t slots = in->slots ? in->slots * 2 : 128;
    uint32_t *const old = in->slot;

    if (slots < in->slots || !(in->slot = calloc(slots, sizeof(*in->slot)))) {
        in->slot = old;
        return false;
    }
    free(old);
    in->slots = slots;
    for (uint32_t i = 0; i < in->count; i++)
        *find(in, in->text[i], in->length[i]) = i + 1;
    return true;
}

static bool make_room(intern_t *in)
{
    uint32_t lengths = in->capacity;

    if (!irqsim__capture_room(&in->length, &lengths, (uint64_t)in->count + 1, sizeof(*in->length)))
        return false;
    return irqsim__capture_room(&in->text, &in->capacity, (uint64_t)in->count + 1,
                                sizeof(*in->text)) &&
           (in->count < in->slots / 2 || widen(in));
}

uint32_t irqsim__capture_intern(intern_t *in, const void *bytes, size_t length)
{
    if (!make_room(in))
        return NONE;
    uint32_t *const slot = find(in, bytes, length);
    if (*slot)
        return *slot - 1;

    char *copy = malloc(length + 1);
    if (!copy)
        return NONE;
    memcpy(copy, bytes, length);
    copy[length] = '\0';
    in->text[in->count] = copy;
    in->length[in->count] = length;
    *slot = ++in->count;
    return in->count - 1;
}

void irqsim__capture_intern_free(intern_t *in)
{
    for (uint32_t i = 0; i < in->count; i++)
        free(in->text[i]);
    free(in->text);
    free(in->length);
    free(in->slot);
    *in = (intern_t){0};
}
