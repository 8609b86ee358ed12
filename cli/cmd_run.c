/* SPDX-License-Identifier: MIT */
/* cmd_run.c - irqsim run SCENARIO */
#include "cli.h"

static int show(const session_t *s)
{
    if (s->call->given[OPT_JSON]) {
        json_session(s);
    } else {
        put_session(s);
        put_expectations(s);
    }
    return session_verdict(s);
}

int cmd_run(const call_t *call)
{
    session_t s = {.call = call};
    const char *trace = call->value[OPT_TRACE];
    int code = trace ? may_write(call, trace) : -1;

    if (code >= 0)
        return code;
    code = load_scenario(call->operand, &s.scenario);
    if (code == EXIT_OK)
        code = session_run(&s);
    if (code == EXIT_OK)
        code = show(&s);
    session_free(&s);
    return code;
}
