/* SPDX-License-Identifier: MIT */
/*
 * bind.c - one engine that fills structs from maps by tables of keys
 *
 * A table row says what a key is called, what its value may be and where it
 * goes; the engine says everything that can be wrong with it. Sections with
 * shapes of their own get the node and continue with it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario_int.h"

void *irqsim__scenario_bind_alloc(irqsim__binder_t *b, size_t n, size_t size)
{
    void *const memory = calloc(n ? n : 1, size);

    if (!memory)
        b->problems.no_memory = true;
    return memory;
}

char *irqsim__scenario_bind_copy(irqsim__binder_t *b, const char *text)
{
    const size_t n = strlen(text) + 1;
    char *const copy = irqsim__scenario_bind_alloc(b, n, 1);

    if (copy)
        memcpy(copy, text, n);
    return copy;
}

static const char *kind_found(const irqsim__tree_t *tree, uint32_t node, irqsim__quoted_t *quoted)
{
    switch (tree->node[node].kind) {
    case IRQSIM__LIST:
        return "a list";
    case IRQSIM__MAP:
        return "a map";
    default:
        *quoted = irqsim__scenario_quote(irqsim__scenario_tree_text(tree, node));
        return irqsim__scenario_tree_text(tree, node)[0] ? quoted->text : "nothing";
    }
}

static void refuse(irqsim__binder_t *b, uint32_t node, const char *hint, const char *expected)
{
    irqsim__quoted_t quoted;

    irqsim__scenario_problem(&b->problems, &b->tree, node, NULL, hint, "expected %s, found %s",
                             expected, kind_found(&b->tree, node, &quoted));
}

static bool is_text(const irqsim__tree_t *tree, uint32_t node)
{
    return tree->node[node].kind == IRQSIM__SCALAR && *irqsim__scenario_tree_text(tree, node);
}

const char *irqsim__scenario_bind_scalar(irqsim__binder_t *b, uint32_t node, const char *expected)
{
    node = irqsim__scenario_tree_value(&b->tree, node);
    if (is_text(&b->tree, node))
        return irqsim__scenario_tree_text(&b->tree, node);
    refuse(b, node, "", expected);
    return NULL;
}

/* Stores an integer into a member of 1, 2, 4 or 8 bytes. */
static void store(void *into, const irqsim__key_t *key, uint64_t value)
{
    char *const member = (char *)into + key->offset;
    const uint8_t u8 = (uint8_t)value;
    const uint16_t u16 = (uint16_t)value;
    const uint32_t u32 = (uint32_t)value;

    switch (key->width) {
    case 1:
        memcpy(member, &u8, sizeof(u8));
        break;
    case 2:
        memcpy(member, &u16, sizeof(u16));
        break;
    case 4:
        memcpy(member, &u32, sizeof(u32));
        break;
    default:
        memcpy(member, &value, sizeof(value));
        break;
    }
}

static uint64_t largest(const irqsim__key_t *key)
{
    if (key->max)
        return key->max;
    return key->width >= 8 ? UINT64_MAX : (UINT64_C(1) << (8 * key->width)) - 1;
}

/* Readers: one per kind. They get a scalar's text. */

static bool read_text(irqsim__binder_t *b, uint32_t node, const irqsim__key_t *key,
                      const char *text, void *into)
{
    const bool word = key->kind == IRQSIM__WORD;

    for (const char *p = text; *p; p++)
        if ((unsigned char)*p < ' ' || (word && *p == ' ')) {
            refuse(b, node, word ? "write it without blanks" : "",
                   word ? "a single word" : "one line of text");
            return false;
        }
    char *const copy = irqsim__scenario_bind_copy(b, text);
    memcpy((char *)into + key->offset, &copy, sizeof(copy));
    return copy;
}

static bool out_of_range(irqsim__binder_t *b, uint32_t node, uint64_t min, uint64_t max)
{
    char expected[80];

    if (min == max)
        snprintf(expected, sizeof(expected), "%llu", (unsigned long long)min);
    else
        snprintf(expected, sizeof(expected), "an integer from %llu to %llu",
                 (unsigned long long)min, (unsigned long long)max);
    refuse(b, node, "", expected);
    return false;
}

static bool read_integer(irqsim__binder_t *b, uint32_t node, const irqsim__key_t *key,
                         const char *text, void *into)
{
    uint64_t value;
    const irqsim__number_t result = irqsim__scenario_read_integer(text, &value);
    const uint64_t max = largest(key);

    if (result == IRQSIM__NOT_A_NUMBER) {
        refuse(b, node, irqsim__scenario_number_hint(result, text, key->example).text,
               "an integer");
        return false;
    }
    if (result != IRQSIM__NUMBER_OK || value < key->min || value > max)
        return out_of_range(b, node, key->min, max);
    store(into, key, value);
    return true;
}

static bool read_hex(irqsim__binder_t *b, uint32_t node, const irqsim__key_t *key, const char *text,
                     void *into)
{
    uint64_t value;
    const irqsim__number_t result = irqsim__scenario_read_hex(text, &value);
    char expected[80];

    if (result == IRQSIM__NUMBER_OK && value >= key->min && value <= largest(key)) {
        store(into, key, value);
        return true;
    }
    if (result == IRQSIM__NOT_A_NUMBER)
        snprintf(expected, sizeof(expected), "a number such as %s", key->example);
    else
        snprintf(expected, sizeof(expected), "a number up to %#llx",
                 (unsigned long long)largest(key));
    refuse(b, node, "", expected);
    return false;
}

static bool refuse_number(irqsim__binder_t *b, uint32_t node, const irqsim__key_t *key,
                          irqsim__number_t why, const char *what)
{
    char expected[80];
    const char *const text = irqsim__scenario_tree_text(&b->tree, node);

    snprintf(expected, sizeof(expected), "%s such as %s", what, key->example);
    refuse(b, node, irqsim__scenario_number_hint(why, text, key->example).text, expected);
    return false;
}

static bool in_range(irqsim__binder_t *b, uint32_t node, uint64_t value, uint64_t min, uint64_t max,
                     irqsim__hint_t (*write)(uint64_t value))
{
    char expected[80];

    if (value >= min && value <= max)
        return true;
    if (min == 1 && value == 0)
        snprintf(expected, sizeof(expected), "more than 0");
    else
        snprintf(expected, sizeof(expected), "at %s %.32s", value < min ? "least" : "most",
                 write(value < min ? min : max).text);
    refuse(b, node, "", expected);
    return false;
}

static bool read_time(irqsim__binder_t *b, uint32_t node, const irqsim__key_t *key,
                      const char *text, void *into)
{
    uint64_t ps;
    const irqsim__number_t result = irqsim__scenario_read_time(text, &ps);

    if (result != IRQSIM__NUMBER_OK)
        return refuse_number(b, node, key, result, "a time");
    if (!in_range(b, node, ps, key->min, IRQSIM__MAX_TIME, irqsim__scenario_write_time))
        return false;
    store(into, key, ps);
    return true;
}

static bool read_frequency(irqsim__binder_t *b, uint32_t node, const irqsim__key_t *key,
                           const char *text, void *into)
{
    uint64_t hz;
    const irqsim__number_t result = irqsim__scenario_read_frequency(text, &hz);

    if (result != IRQSIM__NUMBER_OK)
        return refuse_number(b, node, key, result, "a frequency");
    if (!in_range(b, node, hz, key->min, largest(key), irqsim__scenario_write_frequency))
        return false;
    store(into, key, hz);
    return true;
}

static bool read_span(irqsim__binder_t *b, uint32_t node, const irqsim__key_t *key,
                      const char *text, void *into)
{
    irqsim_span_t span = {0};
    irqsim__number_t result = irqsim__scenario_read_clocks(text, &span.value);

    span.clocks = result == IRQSIM__NUMBER_OK;
    if (result == IRQSIM__UNKNOWN_UNIT)
        result = irqsim__scenario_read_time(text, &span.value);
    if (result != IRQSIM__NUMBER_OK)
        return refuse_number(b, node, key, result, "a time or clocks");
    if (!in_range(b, node, span.value, key->min,
                  span.clocks ? IRQSIM__MAX_SPAN_CLOCKS : IRQSIM__MAX_SPAN_TIME,
                  span.clocks ? irqsim__scenario_write_clocks : irqsim__scenario_write_time))
        return false;
    memcpy((char *)into + key->offset, &span, sizeof(span));
    return true;
}

static const char *yes_no_words(const void *user, unsigned i)
{
    static const char *const word[] = {"no", "yes", "false", "true", NULL};

    (void)user;
    return word[i];
}

static bool read_yes_no(irqsim__binder_t *b, uint32_t node, const irqsim__key_t *key,
                        const char *text, void *into)
{
    const uint32_t i = irqsim__scenario_find_word(text, yes_no_words, NULL);

    if (i == UINT32_MAX) {
        refuse(b, node, "", "yes or no");
        return false;
    }
    store(into, key, i & 1);
    return true;
}

static bool read_choice(irqsim__binder_t *b, uint32_t node, const irqsim__key_t *key,
                        const char *text, void *into)
{
    const uint32_t i = irqsim__scenario_find_word(text, key->words, NULL);
    const irqsim__quoted_t quoted = irqsim__scenario_quote(text);

    if (i == UINT32_MAX) {
        irqsim__scenario_problem(&b->problems, &b->tree, node, NULL,
                                 irqsim__scenario_did_you_mean(text, key->words, NULL).text,
                                 "unknown %s %s", key->name, quoted.text);
        return false;
    }
    store(into, key, i);
    return true;
}

typedef struct reader_row {
    const char *expected; /* when there is no scalar at all */
    bool (*read)(irqsim__binder_t *b, uint32_t node, const irqsim__key_t *key, const char *text,
                 void *into);
} reader_row_t;

static const reader_row_t readers[] = {
    [IRQSIM__TEXT] = {"a text", read_text},
    [IRQSIM__WORD] = {"a word", read_text},
    [IRQSIM__INTEGER] = {"an integer", read_integer},
    [IRQSIM__HEX] = {"a number", read_hex},
    [IRQSIM__TIME] = {"a time", read_time},
    [IRQSIM__SPAN] = {"a time or clocks", read_span},
    [IRQSIM__FREQUENCY] = {"a frequency", read_frequency},
    [IRQSIM__YES_NO] = {"yes or no", read_yes_no},
    [IRQSIM__CHOICE] = {"a word", read_choice},
};

bool irqsim__scenario_bind_value(irqsim__binder_t *b, uint32_t node, const irqsim__key_t *key,
                                 void *into)
{
    char expected[80];

    node = irqsim__scenario_tree_value(&b->tree, node);
    if (is_text(&b->tree, node))
        return readers[key->kind].read(b, node, key, irqsim__scenario_tree_text(&b->tree, node),
                                       into);
    snprintf(expected, sizeof(expected), "%s such as %s", readers[key->kind].expected,
             key->example);
    refuse(b, node, "", expected);
    return false;
}

/* Maps. */

typedef struct key_list {
    const irqsim__key_t *keys;
    unsigned n;
} key_list_t;

static const char *key_words(const void *user, unsigned i)
{
    const key_list_t *const list = user;

    return i < list->n ? list->keys[i].name : NULL;
}

uint32_t irqsim__scenario_find_word(const char *text, irqsim__words_t word, const void *user)
{
    for (unsigned i = 0; word(user, i); i++)
        if (strcmp(text, word(user, i)) == 0)
            return i;
    return UINT32_MAX;
}

static void refuse_key(irqsim__binder_t *b, uint32_t key, const key_list_t *list)
{
    const char *const text = irqsim__scenario_tree_text(&b->tree, key);
    irqsim__hint_t hint = irqsim__scenario_did_you_mean(text, key_words, list);

    if (strcmp(text, "<<") == 0)
        hint = (irqsim__hint_t){"there are no merge keys; an alias stands for a whole value"};
    irqsim__scenario_problem(&b->problems, &b->tree, key, NULL, hint.text, "unknown key");
}

static void refuse_repeated(irqsim__binder_t *b, uint32_t key, uint32_t first)
{
    char hint[64];

    snprintf(hint, sizeof(hint), "it stands in line %u already",
             (unsigned)b->tree.node[b->tree.node[first].key].line);
    irqsim__scenario_problem(&b->problems, &b->tree, key, NULL, hint, "key given twice");
}

static void demand_required(irqsim__binder_t *b, uint32_t node, const key_list_t *list,
                            const irqsim__seen_t *seen)
{
    for (unsigned i = 0; i < list->n; i++) {
        const irqsim__key_t *const key = &list->keys[i];
        char hint[64];

        if (!key->required || seen->at[i])
            continue;
        snprintf(hint, sizeof(hint), "such as %s: %s", key->name, key->example);
        irqsim__scenario_problem(&b->problems, &b->tree, node, key->name, hint, "missing key");
    }
}

bool irqsim__scenario_bind(irqsim__binder_t *b, uint32_t node, const irqsim__key_t *keys,
                           unsigned n, void *into, irqsim__seen_t *seen)
{
    const key_list_t list = {keys, n};
    const irqsim__tree_t *const tree = &b->tree;

    memset(seen, 0, sizeof(*seen));
    node = irqsim__scenario_tree_value(tree, node);
    if (tree->node[node].kind != IRQSIM__MAP) {
        refuse(b, node, "", "a map of keys");
        return false;
    }
    for (uint32_t v = tree->node[node].child; v; v = tree->node[v].next) {
        const uint32_t key = tree->node[v].key;
        const uint32_t i =
            irqsim__scenario_find_word(irqsim__scenario_tree_text(tree, key), key_words, &list);

        if (irqsim__scenario_too_many_problems(&b->problems))
            return false;
        if (i == UINT32_MAX) {
            refuse_key(b, key, &list);
        } else if (seen->at[i]) {
            refuse_repeated(b, key, seen->at[i]);
        } else {
            seen->at[i] = v;
            if (keys[i].kind != IRQSIM__NODE)
                irqsim__scenario_bind_value(b, v, &keys[i], into);
        }
    }
    demand_required(b, node, &list, seen);
    return true;
}

uint32_t irqsim__scenario_bind_list(irqsim__binder_t *b, uint32_t node, const char *what,
                                    uint32_t most, uint32_t *n)
{
    char expected[80];

    *n = 0;
    node = irqsim__scenario_tree_value(&b->tree, node);
    const irqsim__node_t *const list = &b->tree.node[node];
    if (list->kind != IRQSIM__LIST) {
        snprintf(expected, sizeof(expected), "a list of %s", what);
        refuse(b, node, "write each behind a dash", expected);
        return 0;
    }
    if (list->count > most) {
        irqsim__scenario_problem(&b->problems, &b->tree, node, NULL, "", "more than %u %s",
                                 (unsigned)most, what);
        return 0;
    }
    *n = list->count;
    return list->child;
}
