/* SPDX-License-Identifier: MIT */
/*
 * load.c - a scenario from its file: read, bind section by section, hand over
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario_int.h"

enum { VERSION, NAME, MACHINE, KERNEL, DEVICES, TASKS, RUN, SEED, EXPECT, TOP_KEYS };

/* clang-format off */
static const irqsim__key_t version_key =
    {"irqsim", IRQSIM__INTEGER, true, 0, sizeof(uint32_t), 1, 1, "1", NULL};

static const irqsim__key_t top_keys[TOP_KEYS] = {
    [VERSION] = {"irqsim", IRQSIM__NODE, true, 0, 0, 0, 0, "1", NULL},
    [NAME] = {"name", IRQSIM__TEXT, false, IRQSIM__INTO(irqsim_scenario_t, name),
              0, 0, "disk storm", NULL},
    [MACHINE] = {"machine", IRQSIM__NODE, false, 0, 0, 0, 0, NULL, NULL},
    [KERNEL] = {"kernel", IRQSIM__NODE, false, 0, 0, 0, 0, NULL, NULL},
    [DEVICES] = {"devices", IRQSIM__NODE, false, 0, 0, 0, 0, NULL, NULL},
    [TASKS] = {"tasks", IRQSIM__NODE, false, 0, 0, 0, 0, NULL, NULL},
    [RUN] = {"run", IRQSIM__TIME, false, IRQSIM__INTO(irqsim_scenario_t, run),
             1, 0, "1s", NULL},
    [SEED] = {"seed", IRQSIM__INTEGER, false, IRQSIM__INTO(irqsim_scenario_t, seed),
              0, 0, "42", NULL},
    [EXPECT] = {"expect", IRQSIM__NODE, false, 0, 0, 0, 0, NULL, NULL},
};
/* clang-format on */

/* Sections in the order in which later ones refer to earlier ones. */
static void bind_sections(irqsim__binder_t *b)
{
    irqsim__seen_t seen;
    uint32_t version;

    b->out->seed = 1;
    if (!irqsim__scenario_bind(b, 1, top_keys, TOP_KEYS, b->out, &seen))
        return;
    if (seen.at[VERSION])
        irqsim__scenario_bind_value(b, seen.at[VERSION], &version_key, &version);
    irqsim__scenario_bind_machine(b, seen.at[MACHINE]);
    irqsim__scenario_bind_kernel(b, seen.at[KERNEL]);
    if (seen.at[DEVICES])
        irqsim__scenario_bind_devices(b, seen.at[DEVICES]);
    if (seen.at[TASKS])
        irqsim__scenario_bind_tasks(b, seen.at[TASKS]);
    if (seen.at[EXPECT])
        irqsim__scenario_bind_expects(b, seen.at[EXPECT]);
    if (!seen.at[RUN] && b->endless)
        irqsim__scenario_problem(&b->problems, &b->tree, b->endless, NULL,
                                 "say how long with run: 1s, or how often with count: 1000",
                                 "these arrivals never end, and there is no 'run'");
}

/* The file's own words: its name, its text, and a name if it gave none. */
static void keep_origin(irqsim__binder_t *b, const char *file, const void *bytes, size_t size)
{
    const char *const slash = strrchr(file, '/');

    b->out->file = irqsim__scenario_bind_copy(b, file);
    b->out->text = irqsim__scenario_bind_alloc(b, size + 1, 1);
    if (b->out->text && size)
        memcpy(b->out->text, bytes, size);
    if (!b->out->name)
        b->out->name = irqsim__scenario_bind_copy(b, slash ? slash + 1 : file);
}

irqsim_status_t irqsim_scenario_load_bytes(const char *name, const void *bytes, size_t size,
                                           const irqsim_diag_sink_t *diag,
                                           irqsim_scenario_t **scenario)
{
    irqsim__binder_t *const b = calloc(1, sizeof(*b));
    irqsim_status_t status = IRQSIM_E_FORMAT;

    if (!b)
        return IRQSIM_E_NOMEM;
    b->problems = (irqsim__problems_t){.file = name, .sink = diag};
    b->out = irqsim__scenario_bind_alloc(b, 1, sizeof(*b->out));
    if (b->out && irqsim__scenario_tree_read(&b->tree, bytes, size, &b->problems)) {
        bind_sections(b);
        keep_origin(b, name, bytes, size);
    }
    if (b->problems.no_memory)
        status = IRQSIM_E_NOMEM;
    else if (b->problems.found == 0)
        status = IRQSIM_OK;
    if (status == IRQSIM_OK)
        *scenario = b->out;
    else
        irqsim_scenario_free(b->out);
    irqsim__scenario_tree_free(&b->tree);
    free(b->device_of_irq);
    free(b);
    return status;
}

/* The whole file, or as much as shows that it is too large. NULL: see *status. */
static char *read_file(const char *path, size_t *size, irqsim_status_t *status)
{
    FILE *const file = fopen(path, "rb");
    size_t room = 65536;
    char *bytes = malloc(room);

    *size = 0;
    *status = !file ? IRQSIM_E_IO : !bytes ? IRQSIM_E_NOMEM : IRQSIM_OK;
    while (*status == IRQSIM_OK && *size <= IRQSIM__MAX_BYTES) {
        const size_t n = fread(bytes + *size, 1, room - *size, file);

        *size += n;
        if (n == 0)
            break;
        if (*size == room) {
            char *const bigger = realloc(bytes, room *= 2);
            if (bigger)
                bytes = bigger;
            else
                *status = IRQSIM_E_NOMEM;
        }
    }
    if (file && ferror(file))
        *status = IRQSIM_E_IO;
    if (file)
        fclose(file);
    if (*status == IRQSIM_OK)
        return bytes;
    free(bytes);
    return NULL;
}

irqsim_status_t irqsim_scenario_load(const char *path, const irqsim_diag_sink_t *diag,
                                     irqsim_scenario_t **scenario)
{
    irqsim__problems_t problems = {.file = path, .sink = diag};
    irqsim_status_t status;
    size_t size;
    char *const bytes = read_file(path, &size, &status);

    if (!bytes) {
        if (status == IRQSIM_E_IO)
            irqsim__scenario_problem_at(&problems, 0, 0, "", "cannot be read");
        return status;
    }
    status = irqsim_scenario_load_bytes(path, bytes, size, diag, scenario);
    free(bytes);
    return status;
}

/* Written as YAML like any other, so that a trace can show what was run. */
irqsim_status_t irqsim_scenario_default(uint32_t cpus, irqsim_scenario_t **scenario)
{
    char *const text = malloc(128 + (size_t)cpus * 32);
    size_t used;

    if (cpus == 0 || cpus > IRQSIM_MAX_CPUS) {
        free(text);
        return IRQSIM_E_RANGE;
    }
    if (!text)
        return IRQSIM_E_NOMEM;
    used = (size_t)sprintf(text,
                           "irqsim: 1\nname: replay\nmachine: {profile: modern-x2apic, cpus: %u}\n"
                           "kernel: {tick: off}\ntasks:\n",
                           (unsigned)cpus);
    for (uint32_t cpu = 0; cpu < cpus; cpu++)
        used += (size_t)sprintf(text + used, "  - {name: app%u, cpu: %u}\n", (unsigned)cpu,
                                (unsigned)cpu);
    const irqsim_status_t status = irqsim_scenario_load_bytes("replay", text, used, NULL, scenario);
    free(text);
    return status;
}

static void free_device(irqsim_device_t *device)
{
    for (uint32_t i = 0; i < device->n_defers; i++)
        free(device->defer[i].name);
    free(device->defer);
    free(device->name);
    free(device->recorded);
}

static void free_task(irqsim_user_task_t *task)
{
    for (uint32_t i = 0; i < task->n_steps; i++)
        free(task->program[i].text);
    free(task->name);
    free(task->program);
    free(task->action);
}

void irqsim_scenario_free(irqsim_scenario_t *scenario)
{
    if (!scenario)
        return;
    for (uint32_t i = 0; i < scenario->n_devices; i++)
        free_device(&scenario->device[i]);
    for (uint32_t i = 0; i < scenario->n_tasks; i++)
        free_task(&scenario->task[i]);
    for (uint32_t i = 0; i < scenario->n_expects; i++)
        free(scenario->expect[i].text);
    free(scenario->device);
    free(scenario->task);
    free(scenario->expect);
    free(scenario->file);
    free(scenario->name);
    free(scenario->text);
    free(scenario);
}
