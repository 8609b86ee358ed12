/* SPDX-License-Identifier: MIT */
/*
 * irqsim/machine.h - a board: devices, wires, buses, CPUs and time
 *
 *   at   sources -> 8259A pair -> INTR of one CPU            profile i486-pc
 *        PIT OUT0 -> IRQ0
 *   mp   sources -> IOAPIC pins, MSI -> a bus -> N LAPICs -> N CPUs; the bus is
 *        the serial one on p5-mp and p6-mp (icc.h), else the system bus
 *        PIT OUT0 -> IOAPIC pin 2; LAPIC timers; the 8259A pair on LINT0
 *
 * IOAPIC n is at FEC00000 + n * 1000 hex; its pin p is GSI 24 * n + p, which is what a
 * source's `pin` means. ISA lines are on the first.
 *
 * The machine jumps from event to event in one total order: (time, actor),
 * where actors are numbered by phase: sources, PIT, LAPIC timers, the bus,
 * CPUs. Nothing else decides who acts first (docs/design.md).
 *
 * Guest code runs on its CPUs through one callback (irqsim_guest_code_t) and
 * reaches hardware through <irqsim/guest.h> only.
 *
 * Memory: one block, given by the caller (irqsim_machine_size) and free of
 * pointers to be saved. No heap, no globals.
 */
#ifndef IRQSIM_MACHINE_H
#define IRQSIM_MACHINE_H

#include <irqsim/cpu.h>
#include <irqsim/event.h>
#include <irqsim/icc.h>
#include <irqsim/ioapic.h>
#include <irqsim/lapic.h>
#include <irqsim/pic8259.h>
#include <irqsim/pit8254.h>
#include <irqsim/profile.h>
#include <irqsim/snapshot.h>
#include <irqsim/source.h>
#include <irqsim/variant.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IRQSIM_MAX_CPUS    1024
#define IRQSIM_MAX_IOAPICS 8
#define IRQSIM_MAX_SOURCES 65536

typedef enum irqsim_board { IRQSIM_BOARD_AT = 0, IRQSIM_BOARD_MP } irqsim_board_t;

typedef struct irqsim_machine irqsim_machine_t;

/* What executes on the CPUs. run() is called when `cpu` has nothing left to do:
 * at power-on, when the clocks it spent have passed, when it entered a handler
 * (irqsim_guest_entered() is true), and after HLT ended. It acts through the
 * guest bus in zero time and returns; the time it asked for (irqsim_guest_spend,
 * costs of bus accesses) then passes, interruptible if IF allows. */
typedef struct irqsim_guest_code {
    void (*run)(void *user, unsigned cpu);
    void *user;
} irqsim_guest_code_t;

/* Zero means the usual for every member but those marked. */
typedef struct irqsim_machine_desc {
    irqsim_board_t board;
    irqsim_profile_id_t profile_id;      /* names the APIC family                       */
    const irqsim_profile_t *profile;     /* figures; NULL = profile_id's. Copied.       */
    uint16_t cpus;                       /* 0 = 1; `at` has exactly one                 */
    uint32_t ram_bytes;                  /* guest RAM at address 0, needed by the guest */
    const irqsim_source_desc_t *sources; /* copied                                 */
    uint32_t n_sources;
    uint32_t in_flight;        /* messages on the bus at once; 0 = enough     */
    uint32_t variants;         /* IRQSIM_VARIANT_*, <irqsim/variant.h>        */
    uint8_t ioapics;           /* `mp`: 0 = 1, at most IRQSIM_MAX_IOAPICS     */
    irqsim_guest_code_t guest; /* needed                                      */
    irqsim_host_t host;
} irqsim_machine_desc_t;

/* Bytes that irqsim_machine_init() needs for this desc; 0 if it is invalid. */
size_t irqsim_machine_size(const irqsim_machine_desc_t *desc);

/* Builds the machine in `mem` (aligned for uint64_t), powered on at time 0, all
 * CPUs about to call guest.run. Errors: E_INVAL (board, profile, cpus, sources
 * of the desc contradict one another, NULL run), E_RANGE (pin, CPU or count too
 * large), E_FULL (size too small). */
irqsim_status_t irqsim_machine_init(void *mem, size_t size, const irqsim_machine_desc_t *desc,
                                    irqsim_machine_t **machine);

/* Runs all events up to and including time `until`; then now() == until. Stops
 * early with E_STACK, E_STUCK (guest.run made no progress a million times), or
 * the status the guest gave to irqsim_guest_stop(). */
irqsim_status_t irqsim_machine_run(irqsim_machine_t *m, irqsim_time_t until);
/* Handles exactly one event (the next in the total order); *did is false, and
 * nothing happens, if there is none at all. */
irqsim_status_t irqsim_machine_step(irqsim_machine_t *m, bool *did);
/* Time of the next event, IRQSIM_NEVER if there is none. */
irqsim_time_t irqsim_machine_next(const irqsim_machine_t *m);
irqsim_time_t irqsim_machine_now(const irqsim_machine_t *m);
/* Events handled since power-on (steps, not trace events). */
uint64_t irqsim_machine_steps(const irqsim_machine_t *m);

/* One arrival at a source of IRQSIM_PATTERN_NONE, now; job as in a record.
 * E_RANGE: no such source. E_INVAL: it has a pattern. E_FULL: 256 arrivals are
 * pending. */
irqsim_status_t irqsim_machine_arrive(irqsim_machine_t *m, uint32_t source, uint32_t job);

/* A pulse now on pins of a CPU that none of the machine's devices drives: any of
 * IRQSIM_CPU_IN_NMI, IRQSIM_CPU_IN_SMI and IRQSIM_CPU_IN_MC (a machine check), together.
 * It is taken at the CPU's next boundary, by rank (CPU-85). INIT comes by its LAPIC, and
 * no board has a RESET. E_RANGE: no such CPU. E_INVAL: no pin, or another. */
irqsim_status_t irqsim_machine_cpu_pulse(irqsim_machine_t *m, unsigned cpu, uint32_t pins);

/* Snapshots: the whole machine at the current event. save with buf = NULL only
 * measures (*size out). load needs a machine of the same desc; on any error
 * nothing is changed and `where` (may be NULL) names what was wrong. The guest
 * code saves its own state with the same calls (irqsim_kernel_save). */
irqsim_status_t irqsim_machine_save(const irqsim_machine_t *m, irqsim_snap_t *snap);
irqsim_status_t irqsim_machine_load(irqsim_machine_t *m, irqsim_snap_t *snap);

/* Layouts of the structs in a snapshot, for those who dump or check one; NULL
 * beyond the last. docs/snapshot-format.md. */
const irqsim_layout_t *irqsim_machine_layout(unsigned index);

/* Views. Pointers stay valid as long as the machine; NULL = not on this board or
 * out of range. */
unsigned irqsim_machine_cpus(const irqsim_machine_t *m);
uint32_t irqsim_machine_sources(const irqsim_machine_t *m);
irqsim_board_t irqsim_machine_board(const irqsim_machine_t *m);
irqsim_apic_family_t irqsim_machine_family(const irqsim_machine_t *m);
const irqsim_profile_t *irqsim_machine_profile(const irqsim_machine_t *m);
const irqsim_cpu_t *irqsim_machine_cpu(const irqsim_machine_t *m, unsigned cpu);
const irqsim_lapic_t *irqsim_machine_lapic(const irqsim_machine_t *m, unsigned cpu);
unsigned irqsim_machine_ioapics(const irqsim_machine_t *m);
const irqsim_ioapic_t *irqsim_machine_ioapic(const irqsim_machine_t *m); /* the first */
const irqsim_ioapic_t *irqsim_machine_ioapic_at(const irqsim_machine_t *m, unsigned n);
const irqsim_icc_t *irqsim_machine_icc(const irqsim_machine_t *m); /* p5-mp, p6-mp */
const irqsim_pic_t *irqsim_machine_pic(const irqsim_machine_t *m, unsigned chip);
/* Fates of a source's arrivals. E_RANGE: no such source. */
irqsim_status_t irqsim_machine_counts(const irqsim_machine_t *m, uint32_t source,
                                      irqsim_source_counts_t *counts);
/* Spurious vectors that CPUs got: from the PICs (line 7 and 15) and LAPICs. */
typedef struct irqsim_spurious_counts {
    uint64_t irq7, irq15, lapic;
} irqsim_spurious_counts_t;
void irqsim_machine_spurious(const irqsim_machine_t *m, irqsim_spurious_counts_t *counts);

#ifdef __cplusplus
}
#endif
#endif
