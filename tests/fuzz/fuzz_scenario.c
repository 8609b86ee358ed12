/* SPDX-License-Identifier: MIT */
/*
 * fuzz_scenario.c - any bytes as a scenario: a status and problems, never a crash
 *
 * libFuzzer target; seeds in corpus/scenario. What loads must also be sound
 * enough for its reader: every name and text is there.
 */
#include <string.h>

#include <irqsim/scenario.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void look(void *user, const irqsim_diag_t *diag)
{
    size_t *const seen = user;

    *seen += strlen(diag->file) + strlen(diag->path) + strlen(diag->message) + strlen(diag->hint);
}

static void check(const irqsim_scenario_t *s)
{
    demand(s->name && s->text && s->file && s->cpus > 0);
    for (uint32_t i = 0; i < s->n_devices; i++) {
        demand(s->device[i].name && s->device[i].line.cpu < s->cpus);
        demand(s->device[i].pattern != IRQSIM_PATTERN_NONE);
    }
    for (uint32_t i = 0; i < s->n_tasks; i++)
        demand(s->task[i].name && s->task[i].cpu < s->cpus);
    for (uint32_t i = 0; i < s->n_expects; i++)
        demand(s->expect[i].text && s->expect[i].min <= s->expect[i].max);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    size_t seen = 0;
    const irqsim_diag_sink_t sink = {look, &seen};
    irqsim_scenario_t *s = NULL;
    const irqsim_status_t status = irqsim_scenario_load_bytes("fuzz", bytes, size, &sink, &s);

    demand((status == IRQSIM_OK) == (seen == 0));
    if (status == IRQSIM_OK) {
        check(s);
        irqsim_scenario_free(s);
    }
    return 0;
}
