/* SPDX-License-Identifier: MIT */
/*
 * machine_keys.c - "machine:": profile, board, CPUs, timing figures
 */
#include <stdio.h>
#include <string.h>

#include "scenario_int.h"

const char *irqsim__scenario_profile_words(const void *user, unsigned i)
{
    (void)user;
    return irqsim_profile_name((irqsim_profile_id_t)i);
}

static const char *board_words(const void *user, unsigned i)
{
    static const char *const word[] = {"at", "mp", NULL};

    (void)user;
    return word[i];
}

enum { PROFILE, BOARD, CPUS, IOAPICS, VARIANTS, TIMING, MACHINE_KEYS };

/* clang-format off */
static const irqsim__key_t machine_keys[MACHINE_KEYS] = {
    [PROFILE] = {"profile", IRQSIM__CHOICE, false, IRQSIM__INTO(irqsim_scenario_t, profile_id),
                 0, 0, "i486-pc", irqsim__scenario_profile_words},
    [BOARD] = {"board", IRQSIM__CHOICE, false, IRQSIM__INTO(irqsim_scenario_t, board),
               0, 0, "mp", board_words},
    [CPUS] = {"cpus", IRQSIM__INTEGER, false, IRQSIM__INTO(irqsim_scenario_t, cpus),
              1, IRQSIM_MAX_CPUS, "2", NULL},
    [IOAPICS] = {"ioapics", IRQSIM__INTEGER, false, IRQSIM__INTO(irqsim_scenario_t, ioapics),
                 1, IRQSIM_MAX_IOAPICS, "2", NULL},
    [VARIANTS] = {"variants", IRQSIM__NODE, false, 0, 0, 0, 0, NULL, NULL},
    [TIMING] = {"timing", IRQSIM__NODE, false, 0, 0, 0, 0, NULL, NULL},
};
/* clang-format on */

/* How many CPUs an APIC family can address: all ones is the broadcast (APIC-76); on the
 * serial bus one IOAPIC has an ID too (ICC-03). */
static const uint16_t most_cpus[] = {
    [IRQSIM_APIC_XAPIC] = 255,
    [IRQSIM_APIC_P5] = 14,
    [IRQSIM_APIC_P6] = 14,
    [IRQSIM_APIC_X2APIC] = IRQSIM_MAX_CPUS,
};

static const char *variant_words(const void *user, unsigned i)
{
    (void)user;
    return irqsim_variant(i) ? irqsim_variant(i)->name : NULL;
}

static void bind_variant(irqsim__binder_t *b, uint32_t node)
{
    const char *const text =
        irqsim__scenario_bind_scalar(b, node, "a variant such as latched-edge");
    const uint32_t i = text ? irqsim__scenario_find_word(text, variant_words, NULL) : 0;

    if (text && i == UINT32_MAX)
        irqsim__scenario_problem(&b->problems, &b->tree, node, NULL,
                                 irqsim__scenario_did_you_mean(text, variant_words, NULL).text,
                                 "no variant is called %s", irqsim__scenario_quote(text).text);
    else if (text)
        b->out->variants |= UINT32_C(1) << i;
}

static void bind_variants(irqsim__binder_t *b, uint32_t node)
{
    uint32_t n;

    for (uint32_t item = irqsim__scenario_bind_list(b, node, "variants", IRQSIM_VARIANTS, &n); item;
         item = b->tree.node[item].next)
        bind_variant(b, item);
}

/* Timing figures: the unit of the figure says how its value is written. */
typedef struct figure_unit {
    const char *unit, *what, *example;
    irqsim__number_t (*read)(const char *text, uint64_t *value);
    uint64_t scale; /* of what read() gives, per unit of the figure */
    uint64_t max;   /* in units of the figure */
} figure_unit_t;

static const figure_unit_t figure_units[] = {
    {"hz", "a frequency", "3GHz", irqsim__scenario_read_frequency, 1, UINT64_C(16000000000)},
    {"clk", "clocks", "900cycles", irqsim__scenario_read_clocks, 1, UINT32_MAX},
    {"ns", "a time", "600ns", irqsim__scenario_read_time, IRQSIM_PS_PER_NS, UINT64_C(1000000000)},
};

static const char *figure_words(const void *user, unsigned i)
{
    const irqsim_figure_t *const figure = irqsim_figure(i);

    (void)user;
    return figure ? figure->name : NULL;
}

static const figure_unit_t *unit_of(const irqsim_figure_t *figure)
{
    const figure_unit_t *unit = figure_units;

    while (strcmp(unit->unit, figure->unit) != 0)
        unit++;
    return unit;
}

static void bind_figure(irqsim__binder_t *b, uint32_t node, unsigned i)
{
    const figure_unit_t *const unit = unit_of(irqsim_figure(i));
    char expected[64];
    uint64_t value = 0;

    snprintf(expected, sizeof(expected), "%s such as %s", unit->what, unit->example);
    const char *const text = irqsim__scenario_bind_scalar(b, node, expected);
    if (!text)
        return;
    irqsim__number_t result = unit->read(text, &value);
    if (result == IRQSIM__NUMBER_OK && value % unit->scale)
        result = IRQSIM__TOO_FINE;
    if (result == IRQSIM__NUMBER_OK && value / unit->scale > unit->max)
        result = IRQSIM__TOO_LARGE;
    if (result != IRQSIM__NUMBER_OK) {
        irqsim__scenario_problem(&b->problems, &b->tree, node, NULL,
                                 irqsim__scenario_number_hint(result, text, unit->example).text,
                                 "expected %s, found %s", expected,
                                 irqsim__scenario_quote(text).text);
        return;
    }
    irqsim_profile_set(&b->out->profile, i, value / unit->scale);
}

/* Slower than any PC, and fast enough for the longest span to end in time. */
static void demand_clocks(irqsim__binder_t *b, uint32_t node)
{
    if (b->out->profile.cpu_hz < 1000000)
        irqsim__scenario_problem(&b->problems, &b->tree, node, "cpu_hz", "",
                                 "expected at least 1MHz");
    if (b->out->profile.bus_hz < 1000000)
        irqsim__scenario_problem(&b->problems, &b->tree, node, "bus_hz", "",
                                 "expected at least 1MHz");
}

static void bind_timing(irqsim__binder_t *b, uint32_t node)
{
    irqsim__tree_t *const tree = &b->tree;
    uint32_t given[sizeof(irqsim_profile_t) / sizeof(uint64_t)] = {0};

    node = irqsim__scenario_tree_value(tree, node);
    if (tree->node[node].kind != IRQSIM__MAP) {
        irqsim__scenario_problem(&b->problems, tree, node, NULL, "such as timing: {cpu_hz: 40MHz}",
                                 "expected a map of timing figures");
        return;
    }
    for (uint32_t v = tree->node[node].child; v; v = tree->node[v].next) {
        const uint32_t key = tree->node[v].key;
        const char *const text = irqsim__scenario_tree_text(tree, key);
        const uint32_t i = irqsim__scenario_find_word(text, figure_words, NULL);

        if (irqsim__scenario_too_many_problems(&b->problems))
            return;
        if (i == UINT32_MAX)
            irqsim__scenario_problem(&b->problems, tree, key, NULL,
                                     irqsim__scenario_did_you_mean(text, figure_words, NULL).text,
                                     "unknown figure");
        else if (given[i]++)
            irqsim__scenario_problem(&b->problems, tree, key, NULL, "", "key given twice");
        else
            bind_figure(b, v, i);
    }
    demand_clocks(b, node);
}

static uint32_t most(const irqsim_scenario_t *s)
{
    const irqsim_apic_family_t family = irqsim_profile_family(s->profile_id);
    const bool serial = family == IRQSIM_APIC_P5 || family == IRQSIM_APIC_P6;

    if (s->board == IRQSIM_BOARD_AT)
        return 1;
    return most_cpus[family] - (serial ? s->ioapics - 1u : 0);
}

bool irqsim__scenario_has_msis(const irqsim_scenario_t *s)
{
    const irqsim_apic_family_t family = irqsim_profile_family(s->profile_id);
    const bool serial = family == IRQSIM_APIC_P5 || family == IRQSIM_APIC_P6;

    if (s->board != IRQSIM_BOARD_MP)
        return false;
    return !serial || s->cpus < most(s); /* ICC-03: they need an ID of their own */
}

static void check_machine(irqsim__binder_t *b, uint32_t node, const irqsim__seen_t *seen)
{
    const irqsim_scenario_t *const s = b->out;
    if (s->board == IRQSIM_BOARD_MP && s->profile_id == IRQSIM_I486_PC)
        irqsim__scenario_problem(&b->problems, &b->tree, seen->at[BOARD], NULL, "use board: at",
                                 "a 486 has no APIC");
    else if (s->board == IRQSIM_BOARD_AT && seen->at[IOAPICS])
        irqsim__scenario_problem(&b->problems, &b->tree, seen->at[IOAPICS], NULL,
                                 "leave it out, or take board: mp", "board at has no IOAPIC");
    else if (s->cpus > most(s))
        irqsim__scenario_problem(&b->problems, &b->tree, seen->at[CPUS] ? seen->at[CPUS] : node,
                                 NULL, "", "%u CPUs, but such a machine has at most %u",
                                 (unsigned)s->cpus, (unsigned)most(s));
}

void irqsim__scenario_bind_machine(irqsim__binder_t *b, uint32_t node)
{
    irqsim_scenario_t *const s = b->out;
    irqsim__seen_t seen = {{0}};

    s->profile_id = IRQSIM_MODERN_X2APIC;
    s->cpus = 1;
    s->ioapics = 1;
    if (node)
        irqsim__scenario_bind(b, node, machine_keys, MACHINE_KEYS, s, &seen);
    if (!seen.at[BOARD])
        s->board = s->profile_id == IRQSIM_I486_PC ? IRQSIM_BOARD_AT : IRQSIM_BOARD_MP;
    s->profile = *irqsim_profile(s->profile_id);
    if (seen.at[VARIANTS])
        bind_variants(b, seen.at[VARIANTS]);
    if (seen.at[TIMING])
        bind_timing(b, seen.at[TIMING]);
    check_machine(b, node, &seen);
    if (s->board == IRQSIM_BOARD_AT)
        s->ioapics = 0;
}
