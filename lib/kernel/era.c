/* SPDX-License-Identifier: MIT */
/* era.c - what differs between kernels: one row per era, data only */
#include "kernel_int.h"

/* clang-format off */
const era_t irqsim__kernel_eras[IRQSIM_ERAS] = {
    [IRQSIM_LINUX_MODERN] = {
        .name = "linux-modern",
        /* SIRQ-01 */
        .softirq = {"HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED",
                    "HRTIMER", "RCU"},
        .softirqs = 10, .tasklet = 6,
        .isa_base = 0x30,                 /* VEC-02 */
        .handlers_enable_irqs = 0,        /* DOIRQ-17 */
        .softirq_time_limit = 1,          /* DOSIRQ-05 */
        .ksoftirqd_owns = 1,              /* INVOKE-06 */
        .ksoftirqd_preempts = 1,          /* KSD-03 */
        .tick_raises_timer = 0,
        .tick_stops_idle = 1,
        .lazy_fpu = 0,
        .double_fault_panics = 1,
        .vector = {                       /* VEC-02 */
            [IRQSIM_SYSVEC_LOCAL_TIMER] = 0xec,
            [IRQSIM_SYSVEC_RESCHEDULE] = 0xfd,
            [IRQSIM_SYSVEC_CALL_FUNCTION] = 0xfc,
            [IRQSIM_SYSVEC_CALL_FUNCTION_SINGLE] = 0xfb,
            [IRQSIM_SYSVEC_SPURIOUS] = 0xff,
            [IRQSIM_SYSVEC_ERROR] = 0xfe},
        .first_device = 0x20, .device_step = 1, .last_device = 0xeb,
        .vectors_everywhere = 0,
    },
    [IRQSIM_LINUX_2_6_23] = {
        .name = "linux-2.6.23",
        .softirq = {"HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "TASKLET", "SCHED", "HRTIMER"},
        .softirqs = 8, .tasklet = 5,
        .isa_base = 0x20,                 /* GATE-05 */
        .handlers_enable_irqs = 1,        /* DOIRQ-16 */
        .softirq_time_limit = 0,          /* DOSIRQ-01 */
        .ksoftirqd_owns = 0,
        .ksoftirqd_preempts = 0,          /* KSD-01 */
        .tick_raises_timer = 1,           /* TMR-04 */
        .tick_stops_idle = 0,
        .lazy_fpu = 1,                    /* CPU-08 */
        .double_fault_panics = 0,
        .vector = {                       /* VEC-01 */
            [IRQSIM_SYSVEC_LOCAL_TIMER] = 0xef,
            [IRQSIM_SYSVEC_RESCHEDULE] = 0xfc,
            [IRQSIM_SYSVEC_CALL_FUNCTION] = 0xfb,
            [IRQSIM_SYSVEC_CALL_FUNCTION_SINGLE] = 0, /* came with 2.6.28 */
            [IRQSIM_SYSVEC_SPURIOUS] = 0xff,
            [IRQSIM_SYSVEC_ERROR] = 0xfe},
        .first_device = 0x31, .device_step = 8, .last_device = 0xee, /* ALLOC-01 */
        .vectors_everywhere = 1,
    },
};

static const char *const sysvec_name[IRQSIM_SYSVECS] = {
    [IRQSIM_SYSVEC_LOCAL_TIMER] = "local_timer",
    [IRQSIM_SYSVEC_RESCHEDULE] = "reschedule",
    [IRQSIM_SYSVEC_CALL_FUNCTION] = "call_function",
    [IRQSIM_SYSVEC_CALL_FUNCTION_SINGLE] = "call_function_single",
    [IRQSIM_SYSVEC_SPURIOUS] = "spurious_apic",
    [IRQSIM_SYSVEC_ERROR] = "error_apic",
};
/* clang-format on */

const char *irqsim_softirq_name(irqsim_era_t era, unsigned nr)
{
    return (unsigned)era < IRQSIM_ERAS && nr < IRQSIM_SOFTIRQS
               ? irqsim__kernel_eras[era].softirq[nr]
               : NULL;
}

const char *irqsim_era_name(irqsim_era_t era)
{
    return (unsigned)era < IRQSIM_ERAS ? irqsim__kernel_eras[era].name : NULL;
}

const char *irqsim_sysvec_name(irqsim_sysvec_t sysvec)
{
    return (unsigned)sysvec < IRQSIM_SYSVECS ? sysvec_name[sysvec] : NULL;
}

uint8_t irqsim_sysvec_vector(irqsim_era_t era, irqsim_sysvec_t sysvec)
{
    if ((unsigned)era >= IRQSIM_ERAS || (unsigned)sysvec >= IRQSIM_SYSVECS)
        return 0;
    return irqsim__kernel_eras[era].vector[sysvec];
}
