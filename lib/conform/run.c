/* SPDX-License-Identifier: MIT */
/*
 * run.c - a case on a model: each step is asked for, and its answer judged
 */
#include <stdio.h>
#include <string.h>

#include "conform_int.h"

/* ---- asking ---- */

static outcome_t ask_byte(const run_t *r, const step_t *step)
{
    uint8_t byte = 0;
    irqsim_conform_answer_t answer;

    switch (step->verb) {
    case VERB_IN:
        answer = ASK(port_read, r->state, (uint16_t)step->where, &byte);
        break;
    case VERB_INTA2:
        answer = ASK(inta2, r->state, &byte);
        break;
    case VERB_ACK:
        answer = ASK(ack, r->state, step->cpu, &byte);
        break;
    case VERB_APR:
        answer = ASK(apr, r->state, step->which, &byte);
        break;
    case VERB_ARB:
        answer = ASK(arb, r->state, step->which, &byte);
        break;
    default: /* inta: both pulses */
        answer = ASK(inta1, r->state, IRQSIM_CONFORM_BOTH);
        if (answer == IRQSIM_CONFORM_OK)
            answer = ASK(inta2, r->state, &byte);
        break;
    }
    return (outcome_t){answer, byte};
}

static outcome_t ask_number(const run_t *r, const step_t *step)
{
    outcome_t out = {0};
    uint32_t word = 0;
    bool level = false;

    switch (step->verb) {
    case VERB_MR:
        out.answer = ASK(mem_read, r->state, step->cpu, step->where, &word);
        out.value = word;
        break;
    case VERB_RDMSR:
        out.answer = ASK(msr_read, r->state, step->cpu, (uint32_t)step->where, &out.value);
        break;
    case VERB_INTR:
        out.answer = ASK(intr, r->state, step->cpu, &level);
        out.value = level;
        break;
    case VERB_SENT:
        out.answer = ASK(sent, r->state, &out.value);
        break;
    case VERB_ICC:
        out.answer = ASK(icc, r->state, &out.value);
        break;
    default:
        out.answer = ASK(peek, r->state, (irqsim_conform_view_t)step->which, (uint32_t)step->where,
                         &out.value);
        break;
    }
    return out;
}

static outcome_t ask_done(const run_t *r, const step_t *step)
{
    irqsim_conform_answer_t answer;

    switch (step->verb) {
    case VERB_BOARD:
        answer = r->model->board(r->state, &r->test->board);
        break;
    case VERB_RESET:
        answer = ASK(reset, r->state);
        break;
    case VERB_OUT:
        answer = ASK(port_write, r->state, (uint16_t)step->where, (uint8_t)step->value);
        break;
    case VERB_MW:
        answer = ASK(mem_write, r->state, step->cpu, step->where, (uint32_t)step->value);
        break;
    case VERB_WRMSR:
        answer = ASK(msr_write, r->state, step->cpu, (uint32_t)step->where, step->value);
        break;
    case VERB_LINE:
        answer = ASK(line, r->state, step->which, step->value != 0);
        break;
    case VERB_INTA1:
        answer = ASK(inta1, r->state, (irqsim_conform_pulse_t)step->which);
        break;
    case VERB_ACKSTART:
        answer = ASK(commit, r->state, step->cpu);
        break;
    case VERB_RUN:
        answer = ASK(run, r->state, step->where);
        break;
    case VERB_NMI:
        answer = ASK(pin, r->state, step->cpu, IRQSIM_CONFORM_NMI, true);
        if (answer == IRQSIM_CONFORM_OK && r->model->cpu_boundary)
            answer = r->model->cpu_boundary(r->state, step->cpu); /* it is taken at once */
        break;
    default: /* lint, smi, init */
        answer = ASK(pin, r->state, step->cpu, (irqsim_conform_pin_t)step->which, step->value != 0);
        break;
    }
    return (outcome_t){answer, 0};
}

/* clang-format off */
static outcome_t (*const asks[VERB_BUS])(const run_t *r, const step_t *step) = {
    [VERB_BOARD] = ask_done,   [VERB_RESET]    = ask_done, [VERB_OUT]   = ask_done,
    [VERB_MW]    = ask_done,   [VERB_WRMSR]    = ask_done, [VERB_LINE]  = ask_done,
    [VERB_LINT]  = ask_done,   [VERB_NMI]      = ask_done, [VERB_SMI]   = ask_done,
    [VERB_INIT]  = ask_done,   [VERB_INTA1]    = ask_done, [VERB_RUN]   = ask_done,
    [VERB_ACKSTART] = ask_done,
    [VERB_IN]    = ask_byte,   [VERB_INTA]     = ask_byte, [VERB_INTA2] = ask_byte,
    [VERB_ACK]   = ask_byte,   [VERB_APR]      = ask_byte,
    [VERB_MR]    = ask_number, [VERB_RDMSR]    = ask_number, [VERB_INTR] = ask_number,
    [VERB_SENT]  = ask_number, [VERB_PEEK]     = ask_number, [VERB_ICC] = ask_number,
    [VERB_ARB]   = ask_byte,
};
/* clang-format on */

/* ---- judging ---- */

static bool is_met(const step_t *step, const outcome_t *out)
{
    switch (step->form) {
    case FORM_VALUE:
        return out->answer == IRQSIM_CONFORM_OK && ((out->value ^ step->value) & step->mask) == 0;
    case FORM_NONE:
        return out->answer == IRQSIM_CONFORM_NONE;
    case FORM_REFUSED:
        return out->answer == IRQSIM_CONFORM_REFUSED;
    default:
        return out->answer == IRQSIM_CONFORM_OK;
    }
}

static const char *refusal(const step_t *step)
{
    return step->verb == VERB_WRMSR || step->verb == VERB_RDMSR ? "#GP(0)" : "refused";
}

/* Of a step of keys, one key. */
static void put_field(char *buf, size_t size, unsigned field, uint64_t value)
{
    if (field == IRQSIM_CONFORM_F_MODE)
        snprintf(buf, size, "mode=%s", irqsim__conform_mode_name(value));
    else if (field == IRQSIM_CONFORM_F_VECTOR)
        snprintf(buf, size, "%02llX", (unsigned long long)value);
    else
        snprintf(buf, size, "%s=%llX", irqsim__conform_field_name(field),
                 (unsigned long long)value);
}

static void put_value(char *buf, size_t size, const step_t *step, uint64_t value)
{
    if (step->verb == VERB_NOW || step->verb == VERB_TOOK)
        put_field(buf, size, step->which, value);
    else if (step->verb == VERB_SENT || step->verb == VERB_CLOCKS || step->verb == VERB_ICC)
        snprintf(buf, size, "%llu", (unsigned long long)value);
    else if (step->verb == VERB_INTR || step->verb >= VERB_CPU)
        snprintf(buf, size, "%llX", (unsigned long long)value);
    else
        snprintf(buf, size, "%02llX", (unsigned long long)value);
}

static void put_expected(char *buf, size_t size, const step_t *step)
{
    switch (step->form) {
    case FORM_VALUE:
        put_value(buf, size, step, step->value);
        if (step->masked)
            snprintf(buf + strlen(buf), size - strlen(buf), "/%llX",
                     (unsigned long long)step->mask);
        break;
    case FORM_NONE:
        snprintf(buf, size, "none");
        break;
    case FORM_REFUSED:
        snprintf(buf, size, "%s", refusal(step));
        break;
    default:
        snprintf(buf, size, "done");
        break;
    }
}

static void put_got(char *buf, size_t size, const step_t *step, const outcome_t *out)
{
    if (out->answer == IRQSIM_CONFORM_NONE)
        snprintf(buf, size, "none");
    else if (out->answer == IRQSIM_CONFORM_REFUSED)
        snprintf(buf, size, "%s", refusal(step));
    else if (step->form == FORM_VALUE || step->verb == VERB_ACK || step->verb == VERB_RDMSR ||
             step->verb == VERB_TOOK)
        put_value(buf, size, step, out->value);
    else
        snprintf(buf, size, "done");
}

static void put_place(const run_t *r, const step_t *step)
{
    irqsim_conform_result_t *result = r->result;
    const size_t most = sizeof(result->step) - 1;
    const size_t length = step->length < most ? step->length : most;

    result->line = step->line;
    result->column = step->column;
    memcpy(result->step, r->file->text + step->text, length);
    for (size_t n = length; n > 0 && result->step[n - 1] <= ' '; n--)
        result->step[n - 1] = '\0'; /* blanks before the next step */
}

bool irqsim__conform_judge(const run_t *r, const step_t *step, const outcome_t *out)
{
    irqsim_conform_result_t *result = r->result;

    if (out->answer == IRQSIM_CONFORM_UNSUPPORTED && step->verb == VERB_PEEK)
        return true;
    if (is_met(step, out))
        return true;
    put_place(r, step);
    if (out->answer == IRQSIM_CONFORM_UNSUPPORTED) {
        result->verdict = IRQSIM_CONFORM_SKIPPED;
        snprintf(result->why, sizeof(result->why), "the model '%.40s' does not support '%s'",
                 r->model->name, irqsim__conform_verb_name((verb_t)step->verb));
        return false;
    }
    result->verdict = IRQSIM_CONFORM_FAILED;
    put_expected(result->expected, sizeof(result->expected), step);
    put_got(result->got, sizeof(result->got), step, out);
    return false;
}

/* ---- cycles of the APIC bus ---- */

static void put_cycles(char *buf, const uint8_t *cycles, size_t n)
{
    for (size_t k = 0; k < n; k++)
        buf[k] = (char)('0' + (cycles[k] & 3));
    buf[n] = '\0';
}

/* All cycles at once; a failure shows both as one row of digits. */
static bool run_bus_step(const run_t *r, const step_t *step)
{
    uint8_t wanted[IRQSIM_CONFORM_CYCLES] = {0}, got[IRQSIM_CONFORM_CYCLES] = {0};
    uint32_t n = 0;
    outcome_t out = {0};

    for (size_t k = 0; k < step->n_fields; k++)
        wanted[k] = (uint8_t)r->file->fields[step->first_field + k].value;
    out.answer = ASK(bus, r->state, got, &n);
    out.value = n == step->n_fields && memcmp(wanted, got, sizeof(got)) == 0;
    if (irqsim__conform_judge(r, step, &out))
        return true;
    if (r->result->verdict == IRQSIM_CONFORM_FAILED) {
        put_cycles(r->result->expected, wanted, step->n_fields);
        put_cycles(r->result->got, got, n < sizeof(got) ? n : sizeof(got));
    }
    return false;
}

/* ---- a case ---- */

/* `on` and `variant` did their work when the file was read. */
static bool run_step(const run_t *r, const step_t *step)
{
    if (step->verb >= VERB_CPU)
        return irqsim__conform_run_cpu_step(r, step);
    if (step->verb >= VERB_ON)
        return true;
    if (step->verb == VERB_BUS)
        return run_bus_step(r, step);
    const outcome_t out = asks[step->verb](r, step);
    if (!irqsim__conform_judge(r, step, &out))
        return false;
    /* A board refused as expected: there is nothing to go on with. */
    return out.answer != IRQSIM_CONFORM_REFUSED || step->verb != VERB_BOARD;
}

static void run_steps(const run_t *r)
{
    const step_t *step = &r->file->steps[r->test->first];

    for (const step_t *end = step + r->test->steps; step < end; step++)
        if (!run_step(r, step))
            return;
}

irqsim_status_t irqsim_conform_run(const irqsim_conform_t *cases, size_t index,
                                   const irqsim_conform_model_t *model,
                                   irqsim_conform_result_t *result)
{
    *result = (irqsim_conform_result_t){.verdict = IRQSIM_CONFORM_PASSED};
    if (index >= cases->n_cases || model->version != IRQSIM_CONFORM_VERSION)
        return IRQSIM_E_INVAL;

    run_t run = {.file = cases, .test = &cases->cases[index], .model = model, .result = result};
    run.state = model->create();
    if (!run.state)
        return IRQSIM_E_NOMEM;
    run_steps(&run);
    model->destroy(run.state);
    return IRQSIM_OK;
}
