/* SPDX-License-Identifier: MIT */
/*
 * irqsim/types.h - what every part of the library shares: time, status, host
 *
 * Threads: one object is used by one thread at a time; different objects may
 * be used by different threads at once. The library has no writable globals.
 */
#ifndef IRQSIM_TYPES_H
#define IRQSIM_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Absolute model time in picoseconds since power-on (TIME-102). 2^64 ps are
 * about 213 days. */
typedef uint64_t irqsim_time_t;

/* "No event is scheduled." Later than every real time. */
#define IRQSIM_NEVER UINT64_MAX

#define IRQSIM_PS_PER_NS UINT64_C(1000)
#define IRQSIM_PS_PER_S  UINT64_C(1000000000000)

/* What a call answers. Guest input never fails (law 4); a status is about the
 * caller, a file, or a limit the caller set. irqsim_strerror() has one line of
 * text for each. */
typedef enum irqsim_status {
    IRQSIM_OK = 0,
    IRQSIM_E_INVAL = -1,   /* the call's contract was broken                  */
    IRQSIM_E_RANGE = -2,   /* CPU, pin, vector or index out of range          */
    IRQSIM_E_FULL = -3,    /* a fixed table has no room left                  */
    IRQSIM_E_FORMAT = -4,  /* a file or a snapshot is not what it claims      */
    IRQSIM_E_IO = -5,      /* the operating system refused a file operation   */
    IRQSIM_E_NOMEM = -6,   /* no memory for a convenience allocation          */
    IRQSIM_E_STACK = -7,   /* the guest ran out of stack (the guest's fault)  */
    IRQSIM_E_STUCK = -8,   /* the guest makes no progress in time             */
    IRQSIM_E_INTERNAL = -9 /* our bug; please report                          */
} irqsim_status_t;

/* Name and meaning of a status, e.g. "range: CPU, pin, vector or index out of
 * range". Never NULL; an unknown value yields "unknown status". */
const char *irqsim_strerror(irqsim_status_t status);

typedef struct irqsim_event irqsim_event_t; /* <irqsim/event.h> */

/* What a part needs from its host. Supplied at init, never part of a snapshot,
 * so state stays plain bytes.
 *
 * emit may be NULL: nothing is observed, at the cost of one branch. It must
 * not call back into the object that emits. It returns the sequence number
 * that the event got, so that later events can name it as their cause (0 =
 * none). */
typedef struct irqsim_host {
    uint64_t (*emit)(void *user, const irqsim_event_t *ev);
    void *user;
} irqsim_host_t;

#ifdef __cplusplus
}
#endif
#endif
