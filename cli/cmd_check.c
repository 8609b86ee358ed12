/* SPDX-License-Identifier: MIT */
/* cmd_check.c - irqsim check SCENARIO: load it, build it, do not run it */
#include <inttypes.h>

#include "cli.h"

static int build(const call_t *call, const irqsim_scenario_t *scenario)
{
    irqsim_sim_t *sim = NULL;
    voice_t voice;
    const irqsim_status_t status =
        irqsim_sim_new(scenario, NULL, NULL, 0, &voice_init(&voice)->sink, &sim);

    irqsim_sim_free(sim);
    return status == IRQSIM_OK ? EXIT_OK : fail(&voice, call->operand, status);
}

int cmd_check(const call_t *call)
{
    irqsim_scenario_t *scenario = NULL;
    int code = load_scenario(call->operand, &scenario);

    if (code == EXIT_OK)
        code = build(call, scenario);
    if (code == EXIT_OK)
        printf("%s: ok: %s, %u CPUs, %" PRIu32 " devices, %" PRIu32 " tasks, %" PRIu32
               " expectations\n",
               call->operand, irqsim_profile_name(scenario->profile_id), scenario->cpus,
               scenario->n_devices, scenario->n_tasks, scenario->n_expects);
    irqsim_scenario_free(scenario);
    return code;
}
