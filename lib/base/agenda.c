/* SPDX-License-Identifier: MIT */
/* agenda.c - the tournament tree: one path of comparisons per change */
#include <irqsim/agenda.h>

#define ACTORS_MAX (UINT32_C(1) << 24)

static uint32_t leaves_for(uint32_t actors)
{
    uint32_t leaves = 2;

    while (leaves < actors)
        leaves *= 2;
    return leaves;
}

size_t irqsim_agenda_nodes(uint32_t actors)
{
    return actors >= 1 && actors <= ACTORS_MAX ? (size_t)leaves_for(actors) * 2 : 0;
}

void irqsim_agenda_init(irqsim_agenda_t *ag, irqsim_agenda_node_t *node, uint32_t actors)
{
    ag->node = node;
    ag->leaves = leaves_for(actors);
    ag->actors = actors;
    for (uint32_t i = 0; i < ag->leaves; i++)
        node[ag->leaves + i] = (irqsim_agenda_node_t){.time = IRQSIM_NEVER, .actor = i};
    for (uint32_t i = ag->leaves - 1; i > 0; i--)
        node[i] = node[2 * i];
    node[0] = (irqsim_agenda_node_t){.time = IRQSIM_NEVER};
}

void irqsim_agenda_set(irqsim_agenda_t *ag, uint32_t actor, irqsim_time_t time)
{
    irqsim_agenda_node_t *const node = ag->node;
    uint32_t at = ag->leaves + actor;

    node[at].time = time;
    for (at /= 2; at > 0; at /= 2) {
        /* Left wins ties: the lower index acts first. As an index, not a branch:
         * who wins is a coin toss to the host's predictor. */
        const irqsim_agenda_node_t *pair = &node[2 * at];
        const irqsim_agenda_node_t winner = pair[pair[1].time < pair[0].time];

        /* Nothing above can change if this winner stays and is somebody else. */
        if (winner.actor != actor && node[at].actor == winner.actor)
            return;
        node[at] = winner;
    }
}
