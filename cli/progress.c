/* SPDX-License-Identifier: MIT */
/* progress.c - one line on a terminal, for work that takes longer than a moment */
#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

#define MOMENT_MS 500u
#define REDRAW_MS 100u

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t percent(uint64_t done, uint64_t total)
{
    if (done >= total)
        return 100;
    return total >= 100 ? done / (total / 100) : done * 100 / total;
}

static void report(void *user, uint64_t done, uint64_t total)
{
    progress_t *progress = user;
    const uint64_t now = now_ms();

    if (now - progress->started_ms < MOMENT_MS || now - progress->shown_ms < REDRAW_MS)
        return;
    progress->shown_ms = now;
    progress->shown = true;
    fprintf(stderr, "\r%s: %3" PRIu64 " %%", progress->what, percent(done, total));
    fflush(stderr);
}

irqsim_progress_t *progress_init(progress_t *progress, const char *what)
{
    *progress = (progress_t){.what = what, .started_ms = now_ms()};
    if (isatty(STDERR_FILENO))
        progress->hook = (irqsim_progress_t){.report = report, .user = progress};
    return &progress->hook;
}

/* Wipes the line: what follows starts in an empty one. */
void progress_done(progress_t *progress)
{
    if (progress->shown)
        fprintf(stderr, "\r\033[K");
    progress->shown = false;
}
