/* SPDX-License-Identifier: MIT */
/*
 * test_base_agenda.c - the tournament tree against a walk over an array
 */
#include <irqsim/agenda.h>

#include "unit.h"

#define MOST 300u

static uint64_t seed;

static uint32_t draw(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % below;
}

/* The earliest, the lowest index among equals. */
static uint32_t naive_first(const irqsim_time_t *due, uint32_t n)
{
    uint32_t first = 0;

    for (uint32_t i = 1; i < n; i++)
        if (due[i] < due[first])
            first = i;
    return first;
}

START_TEST(law_1_first_is_the_earliest_then_the_lowest)
{
    static const uint32_t sizes[] = {1, 2, 3, 7, 8, 9, 64, 100, MOST};
    const uint32_t n = sizes[_i];
    irqsim_time_t due[MOST];
    irqsim_agenda_node_t *node = malloc(irqsim_agenda_nodes(n) * sizeof(*node));
    irqsim_agenda_t ag;

    seed = n;
    irqsim_agenda_init(&ag, node, n);
    for (uint32_t i = 0; i < n; i++)
        due[i] = IRQSIM_NEVER;
    ck_assert_uint_eq(irqsim_agenda_time(&ag), IRQSIM_NEVER);
    for (unsigned round = 0; round < 20000; round++) {
        const uint32_t actor = draw(n);
        due[actor] = draw(10) ? draw(50) : IRQSIM_NEVER;
        irqsim_agenda_set(&ag, actor, due[actor]);
        const uint32_t first = naive_first(due, n);
        ck_assert_uint_eq(irqsim_agenda_time(&ag), due[first]);
        if (due[first] != IRQSIM_NEVER)
            ck_assert_uint_eq(irqsim_agenda_actor(&ag), first);
        ck_assert_uint_eq(irqsim_agenda_due(&ag, actor), due[actor]);
    }
    free(node);
}
END_TEST

START_TEST(law_5_an_agenda_has_one_actor_at_least_and_few_enough)
{
    ck_assert_uint_eq(irqsim_agenda_nodes(0), 0);
    ck_assert_uint_eq(irqsim_agenda_nodes((1u << 24) + 1), 0);
    ck_assert_uint_gt(irqsim_agenda_nodes(1u << 24), 0);
}
END_TEST

UNIT_MAIN("base_agenda", UNIT_LOOP(law_1_first_is_the_earliest_then_the_lowest, 0, 9),
          UNIT_TEST(law_5_an_agenda_has_one_actor_at_least_and_few_enough))
