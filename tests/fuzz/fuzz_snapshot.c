/* SPDX-License-Identifier: MIT */
/*
 * fuzz_snapshot.c - forged snapshots: refused, or a simulation that still behaves
 *
 * Random bytes would all stop at a checksum, so the input is a list of patches
 * (offset 3 bytes, value 1 byte) to a valid snapshot taken in the middle of a
 * storm, and the checksums are made right again. What loads is run for a while:
 * it may do anything a guest may do, but not leave its tables. Inputs of an odd
 * size are about a machine with an APIC bus. Seeds in corpus/snapshot.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <irqsim/sim.h>
#include <zlib.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define MACHINES 2u
static const char *const profiles[MACHINES] = {"modern-x2apic", "p6-mp"};
static const char scenario_text[] =
    "irqsim: 1\n"
    "name: fuzz\n"
    "machine: {profile: %s, cpus: 2}\n"
    "kernel: {tick: 1000Hz}\n"
    "devices:\n"
    "  - {name: disk, irq: 24, wire: msi, cpu: 1, handler: 2us, arrivals: {poisson: 20us},\n"
    "     defers: [{softirq: BLOCK, takes: 8us, then: [{work: end_io, takes: 20us}]},\n"
    "              {reschedule: 0}]}\n"
    "  - {name: slow, irq: 17, wire: pin 17, trigger: level, handler: 5us,\n"
    "     arrivals: {every: 70us}}\n"
    "tasks:\n"
    "  - {name: app0, cpu: 0, computes: forever}\n"
    "  - {name: app1, cpu: 1, program: [load: 0x0804c000, stack: 0x3000, read: 0x1000, div0],\n"
    "     signals: [{signal: SIGFPE, takes: 5us}]}\n"
    "run: 10ms\n"
    "seed: 1\n";

enum { HEADER = 16, PATCH = 4 };
#define TAKEN_AT UINT64_C(3000000000) /* ps: 3 ms */

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Makes every block's checksum right, as far as the lengths lead. */
static void repair(uint8_t *bytes, size_t size)
{
    for (size_t at = 0; size - at >= HEADER && le32(bytes + at + 8) <= size - at - HEADER;) {
        const uint32_t length = le32(bytes + at + 8);
        const uint32_t crc = (uint32_t)crc32(0, bytes + at + HEADER, length);

        for (unsigned i = 0; i < 4; i++)
            bytes[at + 12 + i] = (uint8_t)(crc >> 8 * i);
        at += HEADER + length;
    }
}

/* Made once: loading replaces all of a simulation's state. */
typedef struct subject {
    irqsim_sim_t *sim;
    uint8_t *valid, *forged;
    size_t size;
} subject_t;

static void set_up(subject_t *s, const char *profile)
{
    irqsim_scenario_t *scenario = NULL;
    char text[sizeof(scenario_text) + 32];
    void *saved;
    const int length = snprintf(text, sizeof(text), scenario_text, profile);

    demand(irqsim_scenario_load_bytes("fuzz", text, (size_t)length, NULL, &scenario) == IRQSIM_OK);
    demand(irqsim_sim_new(scenario, NULL, NULL, 0, NULL, &s->sim) == IRQSIM_OK);
    demand(irqsim_machine_run(irqsim_sim_machine(s->sim), TAKEN_AT) == IRQSIM_OK);
    demand(irqsim_sim_save(s->sim, &saved, &s->size) == IRQSIM_OK);
    s->valid = saved;
    s->forged = malloc(s->size);
    demand(s->forged != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static subject_t subjects[MACHINES];
    subject_t *s = &subjects[size % MACHINES];

    if (!s->sim)
        set_up(s, profiles[size % MACHINES]);
    memcpy(s->forged, s->valid, s->size);
    for (; size >= PATCH; bytes += PATCH, size -= PATCH)
        s->forged[(le32(bytes) & 0xFFFFFF) % s->size] = bytes[3];
    repair(s->forged, s->size);
    if (irqsim_sim_load(s->sim, s->forged, s->size, NULL) == IRQSIM_OK)
        for (unsigned steps = 0; steps < 1000; steps++) {
            bool did;

            if (irqsim_machine_step(irqsim_sim_machine(s->sim), &did) != IRQSIM_OK || !did)
                break;
        }
    demand(irqsim_sim_load(s->sim, s->valid, s->size, NULL) == IRQSIM_OK);
    return 0;
}
