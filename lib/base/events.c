/* SPDX-License-Identifier: MIT */
/* events.c - the catalogue of events as a table */
#include <irqsim/event.h>

#define EVENT(id, NAME, text, tp, a1, a2, a3, cause) [id] = {text, tp, {#a1, #a2, #a3}},
static const irqsim_event_info_t catalogue[IRQSIM_EV_LIMIT] = {
#include <irqsim/events.def>
};
#undef EVENT

const irqsim_event_info_t *irqsim_event_info(unsigned id)
{
    return id < IRQSIM_EV_LIMIT && catalogue[id].name ? &catalogue[id] : NULL;
}
