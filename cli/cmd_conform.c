/* SPDX-License-Identifier: MIT */
/* cmd_conform.c - irqsim conform FILE...: conformance cases, reported as TAP */
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <irqsim/conform.h>

#include "cli.h"

/* ---- the model ---- */

static bool is_usable(const irqsim_conform_model_t *model)
{
    return model->version == IRQSIM_CONFORM_VERSION && model->name && model->create &&
           model->destroy && model->board;
}

/* The plug-in stays loaded until the program ends. */
static const irqsim_conform_model_t *load_plugin(const char *path)
{
    char local[4096]; /* dlopen() would look for a name without '/' elsewhere */

    snprintf(local, sizeof(local), "%s%s", strchr(path, '/') ? "" : "./", path);
    void *const object = dlopen(local, RTLD_NOW | RTLD_LOCAL);
    const irqsim_conform_model_t *const model =
        object ? dlsym(object, IRQSIM_CONFORM_PLUGIN) : NULL;

    if (!model)
        complain("%s: %s", path, dlerror());
    else if (is_usable(model))
        return model;
    else
        complain("%s: a model of version %" PRIu32 " that is %s; version %u is needed", path,
                 model->version,
                 model->version == IRQSIM_CONFORM_VERSION ? "incomplete" : "not this program's",
                 IRQSIM_CONFORM_VERSION);
    if (object)
        dlclose(object);
    return NULL;
}

/* ---- results (TAP 13) ---- */

/* A '#' in a title would begin a directive. */
static void put_title(const char *title)
{
    for (; *title; title++) {
        if (*title == '#')
            putchar('\\');
        putchar((unsigned char)*title < ' ' || *title == 0x7F ? '?' : *title);
    }
}

static void put_result(size_t number, const char *file, const char *title,
                       const irqsim_conform_result_t *result)
{
    printf("%s %zu - ", result->verdict == IRQSIM_CONFORM_FAILED ? "not ok" : "ok", number);
    put_title(title);
    if (result->verdict == IRQSIM_CONFORM_SKIPPED)
        printf(" # SKIP %s", result->why);
    putchar('\n');
    if (result->verdict != IRQSIM_CONFORM_FAILED)
        return;
    printf("  ---\n  at: '%s:%" PRIu64 ":%" PRIu64 "'\n  step: '", file, result->line,
           result->column);
    put_title(result->step);
    printf("'\n  expected: '%s'\n  got: '%s'\n  ...\n", result->expected, result->got);
}

/* ---- files ---- */

typedef struct suite {
    char *const *path;
    size_t n;
    irqsim_conform_t **file;
} suite_t;

static void suite_free(suite_t *suite)
{
    for (size_t i = 0; suite->file && i < suite->n; i++)
        irqsim_conform_free(suite->file[i]);
    free(suite->file);
}

/* All files, so that all mistakes are told. */
static int suite_load(suite_t *suite)
{
    int code = EXIT_OK;

    suite->file = calloc(suite->n, sizeof(irqsim_conform_t *));
    if (!suite->file)
        return fail(NULL, suite->path[0], IRQSIM_E_NOMEM);
    for (size_t i = 0; i < suite->n; i++) {
        voice_t voice;
        errno = 0;
        const irqsim_status_t status =
            irqsim_conform_load(suite->path[i], &voice_init(&voice)->sink, &suite->file[i]);
        if (status != IRQSIM_OK)
            code = fail(&voice, suite->path[i], status);
    }
    return code;
}

static int run_file(const suite_t *suite, size_t i, const irqsim_conform_model_t *model,
                    size_t *number)
{
    const irqsim_conform_t *file = suite->file[i];
    int code = EXIT_OK;

    for (size_t c = 0; c < irqsim_conform_count(file); c++) {
        irqsim_conform_result_t result;
        const irqsim_status_t status = irqsim_conform_run(file, c, model, &result);
        if (status != IRQSIM_OK)
            return fail(NULL, suite->path[i], status);
        put_result(++*number, suite->path[i], irqsim_conform_title(file, c), &result);
        if (result.verdict == IRQSIM_CONFORM_FAILED)
            code = EXIT_UNMET;
    }
    return code;
}

static int suite_run(const suite_t *suite, const irqsim_conform_model_t *model)
{
    size_t cases = 0, number = 0;
    int worst = EXIT_OK;

    for (size_t i = 0; i < suite->n; i++)
        cases += irqsim_conform_count(suite->file[i]);
    printf("TAP version 13\n1..%zu\n", cases);
    for (size_t i = 0; i < suite->n; i++) {
        const int code = run_file(suite, i, model, &number);
        if (code > worst)
            worst = code;
    }
    return worst;
}

int cmd_conform(const call_t *call)
{
    const irqsim_conform_model_t *model =
        call->given[OPT_MODEL] ? load_plugin(call->value[OPT_MODEL]) : irqsim_conform_builtin();
    suite_t suite = {.path = call->operands, .n = call->n_operands};

    if (!model)
        return EXIT_INPUT;
    int code = suite_load(&suite);
    if (code == EXIT_OK)
        code = suite_run(&suite, model);
    suite_free(&suite);
    return code;
}
