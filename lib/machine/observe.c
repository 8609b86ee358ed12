/* SPDX-License-Identifier: MIT */
/*
 * observe.c - events, and the numbers that say what caused them
 *
 * State keeps causes as the low 32 bits of a sequence number. The latest number
 * widens them again: a cause lies less than 2^32 events back.
 */
#include "machine_int.h"

uint64_t irqsim__machine_emit(irqsim_machine_t *m, irqsim_event_id_t id, unsigned cpu,
                              uint64_t cause, uint32_t a, uint32_t b, uint32_t c)
{
    const irqsim_event_t ev = {
        .time = m->g.now,
        .cause = cause,
        .id = (uint16_t)id,
        .cpu = (uint16_t)cpu,
        .arg = {a, b, c},
    };

    m->g.last_seq = m->host.emit(m->host.user, &ev);
    return m->g.last_seq;
}

uint64_t irqsim__machine_widen(const irqsim_machine_t *m, uint32_t cause)
{
    return m->g.last_seq - (uint32_t)((uint32_t)m->g.last_seq - cause);
}
