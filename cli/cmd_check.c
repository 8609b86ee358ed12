/* SPDX-License-Identifier: MIT */
/* cmd_check.c - irqsim check SCENARIO: load it, build it, do not run it */
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

/* A machine on which nothing arrives by itself waits for what replay brings. */
static bool is_for_replay(const irqsim_scenario_t *scenario)
{
    return !scenario->run && !scenario->n_devices;
}

int cmd_check(const call_t *call)
{
    irqsim_scenario_t *scenario = NULL;
    int code = load_scenario(call->operand, &scenario);

    if (code == EXIT_OK && !is_for_replay(scenario))
        code = build(call, scenario);
    if (code == EXIT_OK)
        printf("%s: ok%s\n", call->operand,
               is_for_replay(scenario) ? ", for 'replay --on': nothing arrives here" : "");
    irqsim_scenario_free(scenario);
    return code;
}
