/* SPDX-License-Identifier: MIT */
/* notes.c - each kind of damage is told once with its line, then counted */
#include <string.h>

#include "capture_int.h"

static const struct {
    const char *message, *hint;
} row[NOTE_COUNT] = {
    [NOTE_BAD_LINE] = {"neither an event, a comment nor a mark of lost events",
                       "the text of ftrace's trace file, perf script or trace-cmd report is read"},
    [NOTE_LONG_LINE] = {"line is longer than 1 MiB and is skipped", ""},
    [NOTE_CLOCK] = {"time has no fraction of a second: this clock counts, it does not measure",
                    "record with trace_clock set to local, global or mono"},
    [NOTE_FIELDS] = {"a field is missing from the event's text", "compare the kernel's format"},
    [NOTE_CPU] = {"CPU number out of range (0..1023); the event is skipped", ""},
    [NOTE_BACKWARDS] = {"time goes backwards on this CPU; the event is kept", ""},
    [NOTE_LOST] = {"the tracer lost events here; what was open on this CPU has no end",
                   "record with a larger buffer"},
    [NOTE_CUT] = {"", "lines before this one were used"},
};

void irqsim__capture_report(const irqsim_diag_sink_t *sink, const irqsim_diag_t *diag)
{
    if (sink && sink->report)
        sink->report(sink->user, diag);
}

/* At most this much of a line is shown: enough to recognise it. */
#define SHOWN 60

static void quote(char *to, size_t size, const char *message, const char *found)
{
    size_t n = (size_t)snprintf(to, size, *found ? "%s: '" : "%s", message);
    size_t shown = 0;

    if (!*found)
        return;
    for (; found[shown] && shown < SHOWN && n + 8 < size; shown++) {
        const unsigned char c = (unsigned char)found[shown];
        to[n++] = c < 0x20 || c >= 0x7f ? '?' : (char)c;
    }
    snprintf(to + n, size - n, found[shown] ? "...'" : "'");
}

void irqsim__capture_note(notes_t *notes, note_t note, uint64_t line, const char *found)
{
    char message[256];

    if (notes->count[note]++ > 0)
        return;
    if (note == NOTE_CUT) /* the reader knows best what happened to the file */
        snprintf(message, sizeof(message), "%s", found);
    else
        quote(message, sizeof(message), row[note].message, found);
    irqsim__capture_report(notes->sink, &(irqsim_diag_t){.severity = IRQSIM_WARNING,
                                                         .file = notes->file,
                                                         .line = line,
                                                         .path = "",
                                                         .message = message,
                                                         .hint = row[note].hint});
}

void irqsim__capture_note_totals(const notes_t *notes)
{
    for (int note = 0; note < NOTE_COUNT; note++) {
        char message[256];

        if (notes->count[note] < 2)
            continue;
        snprintf(message, sizeof(message), "%llu times in all: %s",
                 (unsigned long long)notes->count[note], row[note].message);
        irqsim__capture_report(notes->sink, &(irqsim_diag_t){.severity = IRQSIM_WARNING,
                                                             .file = notes->file,
                                                             .path = "",
                                                             .message = message,
                                                             .hint = ""});
    }
}
