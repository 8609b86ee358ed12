/* SPDX-License-Identifier: MIT */
/*
 * cost.c - TIME-01..27 as tables: a way, a kind, an instruction, each a figure
 */
#include <irqsim/cost.h>
#include <irqsim/regs/idt_regs.h>

#define FIGURE_OF(name) ((uint8_t)(offsetof(irqsim_profile_t, name) / sizeof(uint64_t)))

#define V86_SLOTS 9u /* a frame from V86 has the four segment registers too (CPU-46) */
#define LONG_SLOT 8u /* there is no V86 in long mode                                 */

static uint64_t figure(const irqsim_profile_t *profile, uint8_t index)
{
    return ((const uint64_t *)profile)[index];
}

/* ---- the way: TIME-01..06 ---- */

typedef enum way { WAY_REAL, WAY_SAME, WAY_INNER, WAY_V86, WAY_TASK, WAYS } way_t;

static bool is_from_v86(const irqsim_outcome_t *out)
{
    return out->slot && out->slot != LONG_SLOT && out->frame / out->slot >= V86_SLOTS;
}

static way_t way_of(const irqsim_cpustate_t *after, const irqsim_outcome_t *out)
{
    if (out->task)
        return WAY_TASK;
    if (out->inner)
        return is_from_v86(out) ? WAY_V86 : WAY_INNER;
    return after->mode == IRQSIM_MODE_REAL ? WAY_REAL : WAY_SAME;
}

static const uint8_t external[WAYS] = {
    [WAY_REAL] = FIGURE_OF(int_real),   [WAY_SAME] = FIGURE_OF(int_same),
    [WAY_INNER] = FIGURE_OF(int_inner), [WAY_V86] = FIGURE_OF(int_v86),
    [WAY_TASK] = FIGURE_OF(int_task),
};

/* ---- the kind: TIME-07..14 ---- */

static uint8_t exception_from_user(uint8_t vector)
{
    switch (vector) {
    case VECTOR_PF:
        return FIGURE_OF(pf_inner); /* TIME-13 */
    case VECTOR_BR:
        return FIGURE_OF(bound_inner); /* TIME-10 */
    default:
        return FIGURE_OF(exc_inner); /* TIME-14 */
    }
}

static uint8_t from_user(const irqsim_delivery_t *event)
{
    static const uint8_t by_kind[] = {
        [IRQSIM_KIND_EXTERNAL] = FIGURE_OF(int_inner),   /* TIME-11 */
        [IRQSIM_KIND_NMI] = FIGURE_OF(nmi_inner),        /* TIME-12 */
        [IRQSIM_KIND_SOFTWARE] = FIGURE_OF(swint_inner), /* TIME-07 */
        [IRQSIM_KIND_ICEBP] = FIGURE_OF(exc_inner),
        [IRQSIM_KIND_INT3] = FIGURE_OF(int3_inner), /* TIME-08 */
        [IRQSIM_KIND_INTO] = FIGURE_OF(into_inner), /* TIME-09 */
    };

    if (event->kind == IRQSIM_KIND_EXCEPTION)
        return exception_from_user(event->vector);
    return by_kind[event->kind];
}

/* Figures are anybody's to override: a difference may be larger than the whole. */
static uint64_t other_kind(const irqsim_profile_t *profile, const irqsim_delivery_t *event,
                           way_t way)
{
    const uint64_t more = figure(profile, external[way]) + figure(profile, from_user(event));

    if (way == WAY_REAL && event->kind == IRQSIM_KIND_SOFTWARE)
        return profile->swint_real;
    return more > profile->int_inner ? more - profile->int_inner : 0;
}

uint64_t irqsim_cost_any_delivery(const irqsim_profile_t *profile, const irqsim_cpustate_t *after,
                                  const irqsim_delivery_t *event, const irqsim_outcome_t *out)
{
    const way_t way = way_of(after, out);

    if (event->kind != IRQSIM_KIND_EXTERNAL)
        return other_kind(profile, event, way);
    return figure(profile, external[way]);
}

/* ---- instructions: TIME-20..27 ---- */

static uint64_t instruction(const irqsim_profile_t *profile, irqsim_op_t op)
{
    static const uint8_t figures[IRQSIM_OPS] = {
        [IRQSIM_OP_CLI] = FIGURE_OF(cli),     [IRQSIM_OP_STI] = FIGURE_OF(sti),
        [IRQSIM_OP_HLT] = FIGURE_OF(hlt),     [IRQSIM_OP_PUSHF] = FIGURE_OF(pushf),
        [IRQSIM_OP_POPF] = FIGURE_OF(popf),   [IRQSIM_OP_INTO] = FIGURE_OF(into),
        [IRQSIM_OP_BOUND] = FIGURE_OF(bound),
    };

    return figure(profile, figures[op] ? figures[op] : FIGURE_OF(insn));
}

uint64_t irqsim_cost_vcpu(const irqsim_profile_t *profile, const irqsim_cpustate_t *after,
                          irqsim_op_t op, const irqsim_vcpu_out_t *out)
{
    const irqsim_delivered_t *d = &out->delivered;

    if (out->did == IRQSIM_VCPU_RETIRED)
        return op == IRQSIM_OP_IRET ? irqsim_cost_iret(profile, after, &out->iret)
                                    : instruction(profile, op);
    if (out->did == IRQSIM_VCPU_DELIVERED && d->what == IRQSIM_DELIVERED_HANDLER)
        return irqsim_cost_delivery(profile, after, &d->event, &d->out);
    return 0;
}
