/* SPDX-License-Identifier: MIT */
/* status.c - what each status means, in one line; the library's version */
#include <irqsim/types.h>
#include <irqsim/version.h>

static const char *const status_text[] = {
    [-IRQSIM_OK] = "ok",
    [-IRQSIM_E_INVAL] = "invalid: the call's contract was broken",
    [-IRQSIM_E_RANGE] = "range: CPU, pin, vector or index out of range",
    [-IRQSIM_E_FULL] = "full: a fixed table has no room left",
    [-IRQSIM_E_FORMAT] = "format: a file or a snapshot is not what it claims",
    [-IRQSIM_E_IO] = "io: the operating system refused a file operation",
    [-IRQSIM_E_NOMEM] = "memory: nothing left to allocate",
    [-IRQSIM_E_STACK] = "stack: the guest ran out of stack",
    [-IRQSIM_E_STUCK] = "stuck: the guest makes no progress in time",
    [-IRQSIM_E_INTERNAL] = "internal: a bug of libirqsim; please report",
};

const char *irqsim_strerror(irqsim_status_t status)
{
    const int i = -(int)status;

    if (i < 0 || (size_t)i >= sizeof(status_text) / sizeof(status_text[0]))
        return "unknown status";
    return status_text[i];
}

const char *irqsim_version(void)
{
    return IRQSIM_VERSION;
}
