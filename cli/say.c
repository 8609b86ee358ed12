/* SPDX-License-Identifier: MIT */
/* say.c - messages on stderr, in the form that editors can jump to */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

bool wants_colour(FILE *stream)
{
    const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");

    return !(no_colour && *no_colour) && !(term && strcmp(term, "dumb") == 0) &&
           isatty(fileno(stream));
}

/* ---- diagnostics of files ---- */

/* clang-format off */
static const struct {
    const char *word, *colour;
} severities[] = {
    [IRQSIM_NOTE]    = {"note",    "\033[36m"},
    [IRQSIM_WARNING] = {"warning", "\033[35m"},
    [IRQSIM_ERROR]   = {"error",   "\033[31m"},
};
/* clang-format on */

static void print_place(const irqsim_diag_t *diag)
{
    fprintf(stderr, "%s:", diag->file ? diag->file : "irqsim");
    if (diag->line)
        fprintf(stderr, "%" PRIu64 ":", diag->line);
    if (diag->line && diag->column)
        fprintf(stderr, "%" PRIu64 ":", diag->column);
}

static void report(void *user, const irqsim_diag_t *diag)
{
    voice_t *voice = user;
    const bool colour = wants_colour(stderr);
    const char *path = diag->path ? diag->path : "";

    voice->errors += diag->severity == IRQSIM_ERROR;
    print_place(diag);
    fprintf(stderr, " %s%s:%s %s%s%s\n", colour ? severities[diag->severity].colour : "",
            severities[diag->severity].word, colour ? "\033[0m" : "", path, *path ? ": " : "",
            diag->message);
    if (diag->hint && *diag->hint)
        hint("%s", diag->hint);
}

voice_t *voice_init(voice_t *voice)
{
    *voice = (voice_t){.sink = {.report = report, .user = voice}};
    return voice;
}

/* ---- our own words ---- */

static void print(const char *lead, const char *format, va_list args)
{
    fputs(lead, stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

void complain(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print(wants_colour(stderr) ? "irqsim: \033[31merror:\033[0m " : "irqsim: error: ", format,
          args);
    va_end(args);
}

void hint(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print("  hint: ", format, args);
    va_end(args);
}

int fail(const voice_t *voice, const char *path, irqsim_status_t status)
{
    const bool ours =
        status == IRQSIM_E_NOMEM || status == IRQSIM_E_INTERNAL || status == IRQSIM_E_INVAL;

    if (!voice || voice->errors == 0) {
        if (status == IRQSIM_E_IO && errno)
            complain("%s: %s", path, strerror(errno));
        else
            complain("%s: %s", path, irqsim_strerror(status));
    }
    return ours ? EXIT_INTERNAL : EXIT_INPUT;
}

/* The reader of a pipe may leave when it has seen enough: no words about that. */
static bool reader_left(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

    return poll(&out, 1, 0) == 1 && out.revents & POLLERR;
}

int finish_output(int code)
{
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        if (!reader_left())
            complain("cannot write the output%s%s", errno ? ": " : "",
                     errno ? strerror(errno) : "");
        return EXIT_INTERNAL;
    }
    if (fclose(stdout) == 0)
        return code;
    complain("cannot write the output: %s", strerror(errno));
    return EXIT_INTERNAL;
}
