/* SPDX-License-Identifier: MIT */
/*
 * irqsim/agenda.h - who acts next: the event queue
 *
 * A fixed set of actors, each with at most one next event. The agenda is a
 * tournament tree over them: the root names the earliest. Two actors due at
 * the same time act in order of their index, so the order is total without
 * sequence numbers (DESIGN 3: phases are ranges of indices).
 *
 *              winner 2             set() replays one path, log2(actors)
 *             /        \            comparisons; first() reads the root;
 *          0            2           idle actors hold IRQSIM_NEVER and cost
 *        /   \        /   \         nothing but their place in the tree.
 *       0     1      2     3
 */
#ifndef IRQSIM_AGENDA_H
#define IRQSIM_AGENDA_H

#include <irqsim/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct irqsim_agenda_node {
    irqsim_time_t time;
    uint32_t actor;
    uint32_t pad;
} irqsim_agenda_node_t;

/* The caller owns the nodes; they must outlive the agenda. */
typedef struct irqsim_agenda {
    irqsim_agenda_node_t *node; /* [1] is the root, [leaves + i] is actor i */
    uint32_t leaves;            /* power of two >= actors */
    uint32_t actors;
} irqsim_agenda_t;

/* How many nodes an agenda of `actors` needs. 1 <= actors <= 2^24; 0 if not. */
size_t irqsim_agenda_nodes(uint32_t actors);

/* Everybody idle. `node` has irqsim_agenda_nodes(actors) elements. */
void irqsim_agenda_init(irqsim_agenda_t *ag, irqsim_agenda_node_t *node, uint32_t actors);

/* Actor's next event is at `time` (IRQSIM_NEVER = none). actor < actors. */
void irqsim_agenda_set(irqsim_agenda_t *ag, uint32_t actor, irqsim_time_t time);

/* The earliest event and its actor; time is IRQSIM_NEVER if all are idle. */
static inline irqsim_time_t irqsim_agenda_time(const irqsim_agenda_t *ag)
{
    return ag->node[1].time;
}
static inline uint32_t irqsim_agenda_actor(const irqsim_agenda_t *ag)
{
    return ag->node[1].actor;
}

/* When `actor` is due. */
static inline irqsim_time_t irqsim_agenda_due(const irqsim_agenda_t *ag, uint32_t actor)
{
    return ag->node[ag->leaves + actor].time;
}

#ifdef __cplusplus
}
#endif
#endif
