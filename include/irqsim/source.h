/* SPDX-License-Identifier: MIT */
/*
 * irqsim/source.h - a model device: arrivals in, interrupts out
 *
 *   arrivals -->+-----------------+---> pin      high until the guest has claimed
 *   (pattern    |  STATUS CLAIM   |              everything (or for desc.pulse)
 *    or record) |  MSI registers  |---> MSI      one message per arrival
 *               +-----------------+
 *                 ^ guest's driver, through MMIO
 *
 * Each arrival is one request of the outside world (a finished disk transfer, a
 * packet). Its fate is exactly one of (law 6): delivered (the first arrival that
 * a handler claimed in one run), coalesced (claimed together with an earlier
 * one), withdrawn (a pulse that ended before anybody acknowledged it), or lost
 * (nobody ever claimed it). arrived = delivered + coalesced + withdrawn +
 * pending; what is pending when a run ends for good is lost.
 */
#ifndef IRQSIM_SOURCE_H
#define IRQSIM_SOURCE_H

#include <irqsim/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum irqsim_pattern {
    IRQSIM_PATTERN_NONE = 0, /* only irqsim_machine_arrive() */
    IRQSIM_PATTERN_PERIODIC, /* first, first + period, ...                        */
    IRQSIM_PATTERN_POISSON,  /* independent, mean distance = period               */
    IRQSIM_PATTERN_BURST,    /* `burst` arrivals `gap` apart, bursts every period */
    IRQSIM_PATTERN_RECORD    /* the times of desc.record                          */
} irqsim_pattern_t;

/* One recorded arrival. Times ascend within a source. */
typedef struct irqsim_arrival {
    irqsim_time_t time;
    uint32_t job; /* opaque to the machine: what the driver has to do (kernel.h) */
    uint32_t pad;
} irqsim_arrival_t;

typedef enum irqsim_wiring {
    IRQSIM_WIRED_PIN = 0, /* line `pin`: ISA IRQ 0..15 on `at`, IOAPIC pin on `mp`  */
    IRQSIM_WIRED_MSI,     /* message as the guest programmed it                     */
    IRQSIM_WIRED_MESSAGE  /* a fixed message to `cpu` with `vector`: recorded IPIs and
                             timer vectors, whose sender is outside the model       */
} irqsim_wiring_t;

typedef struct irqsim_source_desc {
    irqsim_wiring_t wiring;
    uint16_t pin;
    uint16_t cpu;       /* IRQSIM_WIRED_MESSAGE only */
    uint8_t vector;     /* IRQSIM_WIRED_MESSAGE only */
    uint8_t active_low; /* pin polarity */
    irqsim_pattern_t pattern;
    irqsim_time_t first;            /* time of the first arrival                             */
    irqsim_time_t period;           /* > 0 for the patterns that use it                      */
    irqsim_time_t gap;              /* BURST                                                 */
    uint32_t burst;                 /* BURST: arrivals in one burst, > 0                     */
    uint64_t count;                 /* stop after so many arrivals; 0 = no limit             */
    uint64_t seed;                  /* POISSON                                               */
    irqsim_time_t pulse;            /* pin falls by itself after this; 0 = when claimed      */
    uint32_t job;                   /* every arrival's job, for patterns other than RECORD   */
    const irqsim_arrival_t *record; /* RECORD: borrowed, must outlive the machine  */
    uint64_t record_len;
} irqsim_source_desc_t;

/* What became of a source's arrivals so far. */
typedef struct irqsim_source_counts {
    uint64_t arrived, delivered, coalesced, withdrawn, pending;
    uint64_t lost_edges; /* edges that the IOAPIC dropped: masked or busy pin */
} irqsim_source_counts_t;

/* Guest-visible registers of source n, 32 bits each, at
 * IRQSIM_SOURCE_MMIO(n) + offset. Their accesses take no time of their own: a
 * handler's cost includes them. */
#define IRQSIM_SOURCE_MMIO(n)    (UINT32_C(0xE0000000) + UINT32_C(0x20) * (uint32_t)(n))
#define IRQSIM_SOURCE_REG_STATUS 0x00 /* RO: arrivals pending; a read begins a run of claims */
/* RO: job + 1 of the oldest pending arrival, claimed by this read; 0 = none */
#define IRQSIM_SOURCE_REG_CLAIM    0x04
#define IRQSIM_SOURCE_REG_MSI_ADDR 0x08
#define IRQSIM_SOURCE_REG_MSI_DATA 0x0C
#define IRQSIM_SOURCE_REG_MSI_CTRL 0x10 /* bit 0: MSI enabled */

#ifdef __cplusplus
}
#endif
#endif
