/* SPDX-License-Identifier: MIT */
/* cmd_replay.c - irqsim replay ARRIVALS [--on SCENARIO] */
#include <errno.h>

#include "cli.h"

static int load_list(session_t *s)
{
    voice_t voice;

    errno = 0;
    const irqsim_status_t status =
        irqsim_arrivals_load(s->call->operand, &voice_init(&voice)->sink, &s->list);
    if (status != IRQSIM_OK)
        return fail(&voice, s->call->operand, status);
    return recorded_init(&s->recorded, s->list) ? EXIT_OK
                                                : fail(NULL, s->call->operand, IRQSIM_E_NOMEM);
}

static int load_machine(session_t *s)
{
    const char *on = s->call->value[OPT_ON];

    if (on)
        return load_scenario(on, &s->scenario);
    const irqsim_status_t status = irqsim_scenario_default(s->list->cpus, &s->scenario);
    return status == IRQSIM_OK ? EXIT_OK : fail(NULL, s->call->operand, status);
}

static int show(const session_t *s)
{
    if (s->call->given[OPT_JSON]) {
        json_session(s);
    } else {
        put_session(s);
        put_comparison(s);
        put_expectations(s);
        put_in_short(s);
    }
    return session_verdict(s);
}

int cmd_replay(const call_t *call)
{
    session_t s = {.call = call};
    const char *trace = call->value[OPT_TRACE];
    int code = trace ? may_write(call, trace) : -1;

    if (code >= 0)
        return code;
    code = load_list(&s);
    if (code == EXIT_OK)
        code = load_machine(&s);
    if (code == EXIT_OK)
        code = session_run(&s);
    if (code == EXIT_OK)
        code = show(&s);
    session_free(&s);
    return code;
}
