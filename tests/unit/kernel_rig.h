/* SPDX-License-Identifier: MIT */
/*
 * kernel_rig.h - a kernel booted on a machine, for tests: two descs in, one
 * structure out, events logged as short tokens
 */
#ifndef IRQSIM_TESTS_KERNEL_RIG_H
#define IRQSIM_TESTS_KERNEL_RIG_H

#include <stdlib.h>
#include <string.h>

#include <irqsim/kernel.h>

#include "unit.h"

#define US UINT64_C(1000000)
#define MS (1000 * US)

typedef struct kernel_rig {
    irqsim_machine_t *m;
    irqsim_kernel_t *k;
    void *machine_memory, *kernel_memory;
} kernel_rig_t;

static inline void kernel_rig_open(kernel_rig_t *rig, irqsim_machine_desc_t machine,
                                   irqsim_kernel_desc_t kernel)
{
    kernel.cpus = machine.cpus = (uint16_t)(machine.cpus ? machine.cpus : 1);
    const size_t kernel_size = irqsim_kernel_size(&kernel);
    ck_assert_uint_gt(kernel_size, 0);
    rig->kernel_memory = malloc(kernel_size);
    ck_assert_int_eq(irqsim_kernel_init(rig->kernel_memory, kernel_size, &kernel, &rig->k),
                     IRQSIM_OK);

    machine.guest = irqsim_kernel_code(rig->k);
    machine.ram_bytes = irqsim_kernel_ram(&kernel);
    const size_t machine_size = irqsim_machine_size(&machine);
    ck_assert_uint_gt(machine_size, 0);
    rig->machine_memory = malloc(machine_size);
    ck_assert_int_eq(irqsim_machine_init(rig->machine_memory, machine_size, &machine, &rig->m),
                     IRQSIM_OK);
    ck_assert_int_eq(irqsim_kernel_boot(rig->k, rig->m), IRQSIM_OK);
}

static inline void kernel_rig_run(kernel_rig_t *rig, irqsim_time_t until)
{
    ck_assert_int_eq(irqsim_machine_run(rig->m, until), IRQSIM_OK);
}

static inline void kernel_rig_close(kernel_rig_t *rig)
{
    free(rig->machine_memory);
    free(rig->kernel_memory);
}

/* Events of interest as text: "irq 5 (+", "softirq 4 )" ... appended to one string. */
typedef struct token_log {
    uint64_t seq;
    size_t used;
    char text[4096];
} token_log_t;

static inline void token_add(token_log_t *log, const char *what, uint32_t n)
{
    const int wrote = snprintf(log->text + log->used, sizeof(log->text) - log->used, "%s%s%u",
                               log->used ? " " : "", what, n);

    if (wrote > 0 && log->used + (size_t)wrote < sizeof(log->text))
        log->used += (size_t)wrote;
}

/* H+n H-n handlers of irq n, S+n S-n softirqs, W+n W-n works, V+n V-n vectors. */
static inline uint64_t token_emit(void *user, const irqsim_event_t *ev)
{
    static const struct {
        uint16_t id;
        char text[3];
    } token[] = {
        {IRQSIM_EV_HANDLER_ENTRY, "H+"}, {IRQSIM_EV_HANDLER_EXIT, "H-"},
        {IRQSIM_EV_SOFTIRQ_ENTRY, "S+"}, {IRQSIM_EV_SOFTIRQ_EXIT, "S-"},
        {IRQSIM_EV_WORK_START, "W+"},    {IRQSIM_EV_WORK_END, "W-"},
        {IRQSIM_EV_VECTOR_ENTRY, "V+"},  {IRQSIM_EV_VECTOR_EXIT, "V-"},
    };
    token_log_t *log = user;

    for (size_t i = 0; i < sizeof(token) / sizeof(token[0]); i++)
        if (token[i].id == ev->id)
            token_add(log, token[i].text, ev->arg[0]);
    return ++log->seq;
}

#endif
