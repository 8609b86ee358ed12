/* SPDX-License-Identifier: MIT */
/*
 * cpu_run.c - the steps about a CPU's own state, on a model
 */
#include "conform_int.h"

static irqsim_conform_fields_t fields_of(const run_t *r, const step_t *step)
{
    irqsim_conform_fields_t fields = {0};

    for (size_t i = 0; i < step->n_fields; i++) {
        const field_t *field = &r->file->fields[step->first_field + i];

        fields.given |= UINT32_C(1) << field->key;
        fields.value[field->key] = field->value;
    }
    return fields;
}

/* Each key by itself: a failure names the one that differs. */
static bool expect_fields(const run_t *r, const step_t *step,
                          irqsim_conform_answer_t (*ask)(void *model, uint32_t cpu,
                                                         irqsim_conform_field_t field,
                                                         uint64_t *value))
{
    for (size_t i = 0; i < step->n_fields; i++) {
        const field_t *field = &r->file->fields[step->first_field + i];
        step_t one = *step;
        outcome_t out = {.answer = IRQSIM_CONFORM_UNSUPPORTED};

        one.form = FORM_VALUE;
        one.which = field->key;
        one.value = field->value;
        one.mask = UINT64_MAX;
        if (ask)
            out.answer = ask(r->state, step->cpu, (irqsim_conform_field_t)field->key, &out.value);
        if (!irqsim__conform_judge(r, &one, &out))
            return false;
    }
    return true;
}

static bool expect_took_none(const run_t *r, const step_t *step)
{
    step_t one = *step;
    outcome_t out = {0};

    one.which = IRQSIM_CONFORM_F_VECTOR;
    out.answer = ASK(cpu_took, r->state, step->cpu, IRQSIM_CONFORM_F_VECTOR, &out.value);
    return irqsim__conform_judge(r, &one, &out);
}

static irqsim_conform_answer_t write_gate(const run_t *r, const step_t *step)
{
    irqsim_conform_gate_t gate;

    irqsim__conform_gate_of(r->file, step, &gate);
    return ASK(cpu_gate, r->state, step->cpu, &gate);
}

static irqsim_conform_answer_t write_tss(const run_t *r, const step_t *step)
{
    const field_t *last = &r->file->fields[step->first_field + step->n_fields - 1];

    return ASK(cpu_tss_stack, r->state, step->cpu, (irqsim_conform_segment_t)last->value);
}

static irqsim_conform_answer_t do_step(const run_t *r, const step_t *step)
{
    const irqsim_conform_fields_t fields = step->verb == VERB_CPU || step->verb == VERB_FRAME
                                               ? fields_of(r, step)
                                               : (irqsim_conform_fields_t){0};

    switch (step->verb) {
    case VERB_CPU:
        return ASK(cpu_set, r->state, step->cpu, &fields);
    case VERB_FRAME:
        return ASK(cpu_frame, r->state, step->cpu, &fields);
    case VERB_GATE:
        return write_gate(r, step);
    case VERB_TSS:
        return write_tss(r, step);
    case VERB_IDTLIMIT:
        return ASK(cpu_idt_limit, r->state, step->cpu, (uint16_t)step->value);
    case VERB_PAGE:
        return ASK(cpu_page, r->state, step->cpu, (irqsim_conform_page_t)step->which, step->where,
                   step->value != 0);
    case VERB_EXEC:
        return ASK(cpu_exec, r->state, step->cpu, (irqsim_conform_insn_t)step->which, step->value);
    default:
        return ASK(cpu_boundary, r->state, step->cpu);
    }
}

static outcome_t ask_flag(const run_t *r, const step_t *step)
{
    const irqsim_conform_flag_t flag = step->verb == VERB_HALTED     ? IRQSIM_CONFORM_HALTED
                                       : step->verb == VERB_SHUTDOWN ? IRQSIM_CONFORM_SHUTDOWN
                                                                     : IRQSIM_CONFORM_NMIBLOCKED;
    bool level = false;
    const irqsim_conform_answer_t answer = ASK(cpu_flag, r->state, step->cpu, flag, &level);

    return (outcome_t){answer, level};
}

static outcome_t ask_clocks(const run_t *r, const step_t *step)
{
    outcome_t out = {0};

    out.answer = ASK(cpu_clocks, r->state, step->cpu, &out.value);
    return out;
}

bool irqsim__conform_run_cpu_step(const run_t *r, const step_t *step)
{
    outcome_t out = {0};

    switch (step->verb) {
    case VERB_NOW:
        return expect_fields(r, step, r->model->cpu_get);
    case VERB_TOOK:
        return step->form == FORM_NONE ? expect_took_none(r, step)
                                       : expect_fields(r, step, r->model->cpu_took);
    case VERB_HALTED:
    case VERB_SHUTDOWN:
    case VERB_NMIBLOCKED:
        out = ask_flag(r, step);
        break;
    case VERB_CLOCKS:
        out = ask_clocks(r, step);
        break;
    default:
        out.answer = do_step(r, step);
        break;
    }
    return irqsim__conform_judge(r, step, &out);
}
