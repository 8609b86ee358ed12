/* SPDX-License-Identifier: MIT */
/*
 * irqsim/version.h - the library's version, at compile time and at run time
 *
 * API: semantic versioning. ABI: the shared library's soname. Trace, snapshot,
 * arrivals and scenario formats have version numbers of their own.
 */
#ifndef IRQSIM_VERSION_H
#define IRQSIM_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif

#define IRQSIM_VERSION "0.1.0"

/* The version of the library in use, e.g. "0.1.0". */
const char *irqsim_version(void);

#ifdef __cplusplus
}
#endif
#endif
