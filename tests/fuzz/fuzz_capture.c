/* SPDX-License-Identifier: MIT */
/* fuzz_capture.c - any bytes are a capture or are refused; every line is counted once */
#include <stdlib.h>

#include <irqsim/arrivals.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore(void *user, const irqsim_diag_t *diag)
{
    (void)user;
    if (!diag->message || !diag->hint || !diag->path || !diag->file)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    irqsim_arrivals_t *list;
    irqsim_import_stats_t s;
    uint32_t below = 0; /* the depth that the next record may have */

    irqsim_import_bytes("fuzz", data, size, &(irqsim_diag_sink_t){ignore, NULL}, &list, &s);
    if (s.lines != s.events + s.comments + s.bad_lines || s.ignored + s.bad_cpu > s.events)
        abort();
    for (uint64_t i = 0; list && i < list->n_records; i++) {
        const irqsim_record_t *r = &list->record[i];
        if (r->depth > below || r->depth > IRQSIM_ARRIVALS_DEPTH_MAX || r->name >= list->n_names ||
            r->cpu >= list->cpus || r->time_ns > list->span_ns)
            abort();
        below = r->depth + 1;
    }
    irqsim_arrivals_free(list);
    return 0;
}
