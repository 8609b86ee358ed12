/* SPDX-License-Identifier: MIT */
/*
 * claims.c - which arrival a claim takes: a queue of arrival times per device
 *
 * A device hands out its arrivals in the order in which they came. The cause of a
 * claim is exact for the latest few only; here every one has its own time.
 */
#include <stdlib.h>
#include <string.h>

#include "report_int.h"

typedef struct queue {
    irqsim_time_t *time; /* a ring */
    uint32_t first, n, room;
} queue_t;

struct claims {
    report_keys_t keys; /* {device} */
    queue_t *queue;     /* by key */
    uint32_t room;
};

claims_t *irqsim__report_claims_new(void)
{
    return calloc(1, sizeof(claims_t));
}

void irqsim__report_claims_free(claims_t *c)
{
    for (uint32_t i = 0; c && i < c->keys.n && i < c->room; i++)
        free(c->queue[i].time);
    if (c) {
        irqsim__report_keys_free(&c->keys);
        free(c->queue);
    }
    free(c);
}

static queue_t *queue_of(claims_t *c, uint32_t device)
{
    const uint32_t i = irqsim__report_number(&c->keys, (report_key_t){device, 0});
    void *queues = c->queue;

    if (i == REPORT_NO_KEY || !irqsim__report_reserve(&queues, &c->room, i, sizeof(queue_t)))
        return NULL;
    c->queue = queues;
    return &c->queue[i];
}

/* Twice the room, with the oldest at its beginning. */
static bool grow(queue_t *q)
{
    const uint32_t room = q->room ? 2 * q->room : 16, tail = q->room - q->first;
    irqsim_time_t *time = room > q->room ? malloc(room * sizeof(*time)) : NULL;

    if (!time)
        return false;
    if (q->n) {
        memcpy(time, q->time + q->first, tail * sizeof(*time));
        memcpy(time + tail, q->time, q->first * sizeof(*time));
    }
    free(q->time);
    *q = (queue_t){time, 0, q->n, room};
    return true;
}

static irqsim_time_t take(queue_t *q)
{
    const irqsim_time_t time = q->time[q->first];

    q->first = (q->first + 1) % q->room;
    q->n--;
    return time;
}

/* `pending` counts this one too: what is more in the queue was withdrawn. */
bool irqsim__report_claims_arrival(claims_t *c, uint32_t device, uint32_t pending,
                                   irqsim_time_t now)
{
    queue_t *q = queue_of(c, device);

    while (q && q->n > 0 && q->n >= pending)
        take(q);
    if (!q || (q->n == q->room && !grow(q)))
        return false;
    q->time[(q->first + q->n++) % q->room] = now;
    return true;
}

irqsim_time_t irqsim__report_claims_claim(claims_t *c, uint32_t device)
{
    const uint32_t i = irqsim__report_find(&c->keys, (report_key_t){device, 0});

    return i < c->room && c->queue[i].n > 0 ? take(&c->queue[i]) : IRQSIM_NEVER;
}
