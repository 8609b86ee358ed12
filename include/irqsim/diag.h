/* SPDX-License-Identifier: MIT */
/*
 * irqsim/diag.h - what is wrong with a file, and where
 *
 * Loaders report every problem they can find in one go. The library never
 * prints: the caller's callback gets each problem.
 */
#ifndef IRQSIM_DIAG_H
#define IRQSIM_DIAG_H

#include <irqsim/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum irqsim_severity {
    IRQSIM_NOTE = 0,
    IRQSIM_WARNING, /* the file was used, something in it was skipped */
    IRQSIM_ERROR    /* the file was refused */
} irqsim_severity_t;

/* Strings live only during the callback. */
typedef struct irqsim_diag {
    irqsim_severity_t severity;
    const char *file;
    uint64_t line;       /* from 1; 0 = the file as a whole */
    uint64_t column;     /* from 1; 0 = the line as a whole */
    const char *path;    /* key path such as "devices[2].irq", or "" */
    const char *message; /* what was found, what was expected */
    const char *hint;    /* "did you mean 'period'?", or "" */
} irqsim_diag_t;

typedef struct irqsim_diag_sink {
    void (*report)(void *user, const irqsim_diag_t *diag); /* NULL = silent */
    void *user;
} irqsim_diag_sink_t;

/* Progress of long work, in bytes; called rarely. NULL report = silent. */
typedef struct irqsim_progress {
    void (*report)(void *user, uint64_t done, uint64_t total);
    void *user;
} irqsim_progress_t;

#ifdef __cplusplus
}
#endif
#endif
