/* SPDX-License-Identifier: MIT */
/*
 * irqsim/cost.h - what events and instructions cost on a machine (TIME-01..27)
 *
 * A delivery costs what its way costs (the columns of TIME-01..06: real mode, same
 * level, inner level, from V86, task gate) and what its kind adds (TIME-07..14). The
 * figures of a profile hold the sums of TIME-101: an external interrupt's by way, the
 * other kinds' from user mode, from which their difference is taken on every way.
 *
 * Functions of their arguments, for any thread.
 *
 * Units are those of the profile that is passed: clocks, or times when a machine has
 * converted them.
 */
#ifndef IRQSIM_COST_H
#define IRQSIM_COST_H

#include <irqsim/profile.h>
#include <irqsim/vcpu.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One delivery that entered a handler, of an event that irqsim_deliver() takes;
 * `after` is the state at its first instruction. The acknowledge on the bus is not in it (TIME-40). */
uint64_t irqsim_cost_any_delivery(const irqsim_profile_t *profile, const irqsim_cpustate_t *after,
                                  const irqsim_delivery_t *event, const irqsim_outcome_t *out);

/* The same; the interrupt that does not change the level, which most are, in line. */
static inline uint64_t irqsim_cost_delivery(const irqsim_profile_t *profile,
                                            const irqsim_cpustate_t *after,
                                            const irqsim_delivery_t *event,
                                            const irqsim_outcome_t *out)
{
    if (event->kind == IRQSIM_KIND_EXTERNAL && !(out->inner | out->task) &&
        after->mode != IRQSIM_MODE_REAL)
        return profile->int_same;
    return irqsim_cost_any_delivery(profile, after, event, out);
}

/* One IRET that succeeded. */
static inline uint64_t irqsim_cost_iret(const irqsim_profile_t *profile,
                                        const irqsim_cpustate_t *after, const irqsim_outcome_t *out)
{
    if (out->task)
        return profile->iret_task; /* TIME-24 */
    if (after->mode == IRQSIM_MODE_V86 && out->inner)
        return profile->iret_v86; /* TIME-23 */
    if (after->mode == IRQSIM_MODE_V86 || after->mode == IRQSIM_MODE_REAL)
        return profile->iret_real; /* TIME-20 */
    return out->inner ? profile->iret_outer : profile->iret_same;
}

/* One call of irqsim_vcpu_exec() or irqsim_vcpu_boundary(): what the instruction
 * costs, or if it raised something the delivery that entered a handler in the end.
 * `op` is not looked at for a boundary. */
uint64_t irqsim_cost_vcpu(const irqsim_profile_t *profile, const irqsim_cpustate_t *after,
                          irqsim_op_t op, const irqsim_vcpu_out_t *out);

#ifdef __cplusplus
}
#endif
#endif
