/* SPDX-License-Identifier: MIT */
/*
 * capture_int.h - what the files of this room share
 *
 *   lineread -> formats -> events -> build -> list      a capture comes in
 *   lineread -> arrivals_load -> list -> arrivals_save  our own text
 */
#ifndef IRQSIM_CAPTURE_INT_H
#define IRQSIM_CAPTURE_INT_H

#include <stdio.h>

#define ZLIB_CONST
#include <zlib.h>

#include <irqsim/arrivals.h>

#define CAPTURE_CPUS 1024 /* as many as a machine of ours can have */
#define LINE_MAX_LEN ((size_t)1 << 20)
#define NONE         UINT32_MAX

/* --- lineread.c: whole lines from a file or memory, gzip or plain -------- */

typedef enum line_kind {
    LINE_TEXT,
    LINE_LONG, /* longer than LINE_MAX_LEN: its text is not kept   */
    LINE_TORN, /* damage or the cut cost us the rest of this line  */
    LINE_END
} line_kind_t;

typedef struct line {
    line_kind_t kind;
    char *text; /* terminated, without the line end; ours until the next call */
    size_t length;
} line_t;

typedef struct lines {
    FILE *file; /* NULL: everything is in `memory` already */
    const unsigned char *memory;
    size_t memory_left;
    uint64_t raw_done, raw_total;
    const irqsim_progress_t *progress;

    z_stream inflate;
    bool gzip, source_dry, drained;
    bool in_member;         /* between the first and the last byte of a gzip member */
    bool skipping;          /* inside an over-long line                             */
    const char *damage;     /* what is wrong with the file, NULL = nothing          */
    irqsim_status_t status; /* E_IO when the system failed us                    */

    char *buffer; /* LINE_MAX_LEN + 2 */
    size_t begin, end, scanned;
    unsigned char *raw;
} lines_t;

irqsim_status_t irqsim__capture_lines_open(lines_t *in, const char *path,
                                           const irqsim_progress_t *progress);
irqsim_status_t irqsim__capture_lines_memory(lines_t *in, const void *bytes, size_t size);
line_t irqsim__capture_lines_next(lines_t *in);
void irqsim__capture_lines_close(lines_t *in);

/* --- intern.c: the same bytes get the same small number ------------------ */

typedef struct intern {
    char **text; /* copies, terminated; index = the number */
    size_t *length;
    uint32_t *slot; /* open addressing, number + 1; 0 = free */
    uint32_t count, capacity, slots;
} intern_t;

/* The number, or NONE when out of memory. */
uint32_t irqsim__capture_intern(intern_t *in, const void *bytes, size_t length);
void irqsim__capture_intern_free(intern_t *in);

/* Makes room for `need` items; new ones are zero. False: out of memory. */
bool irqsim__capture_room(void *array, uint32_t *capacity, uint64_t need, size_t item);

/* --- notes.c: each kind of damage told once, then counted ---------------- */

typedef enum note {
    NOTE_BAD_LINE,
    NOTE_LONG_LINE,
    NOTE_CLOCK,
    NOTE_FIELDS,
    NOTE_CPU,
    NOTE_BACKWARDS,
    NOTE_LOST,
    NOTE_CUT,
    NOTE_COUNT
} note_t;

typedef struct notes {
    const irqsim_diag_sink_t *sink;
    const char *file;
    uint64_t count[NOTE_COUNT];
} notes_t;

void irqsim__capture_note(notes_t *notes, note_t note, uint64_t line, const char *found);
void irqsim__capture_note_totals(const notes_t *notes);
void irqsim__capture_report(const irqsim_diag_sink_t *sink, const irqsim_diag_t *diag);

/* --- formats.c: one line of a text form into its parts ------------------- */

typedef enum head_kind {
    HEAD_EVENT,
    HEAD_COMMENT, /* blank, header, call chain */
    HEAD_LOST,
    HEAD_CLOCK, /* an event, but its time is no time (FT-09) */
    HEAD_BAD
} head_kind_t;

typedef struct head {
    head_kind_t kind;
    uint32_t cpu, task; /* task = pid; saturated when absurd */
    uint64_t time_ns;
    uint64_t lost;    /* HEAD_LOST */
    char *event;      /* without "system:"; "" when the line has no event name */
    const char *text; /* what follows "event: " */
} head_t;

typedef struct form_state {
    uint32_t form;   /* NONE until an event line decided      */
    uint32_t hinted; /* form whose header was seen, or NONE   */
    uint32_t cpus;   /* as a header says; 0 = none said it    */
} form_state_t;

#define FORM_UNKNOWN ((form_state_t){.form = NONE, .hinted = NONE})

head_t irqsim__capture_split(form_state_t *state, char *line);
const char *irqsim__capture_form_name(const form_state_t *state);
bool irqsim__capture_decimal(const char **at, uint64_t *value);

/* --- events.c: what an event means --------------------------------------- */

typedef enum action {
    ACT_IGNORE,
    ACT_IRQ_ENTRY,
    ACT_IRQ_EXIT,
    ACT_VECTOR_ENTRY,
    ACT_VECTOR_EXIT,
    ACT_SOFTIRQ_RAISE,
    ACT_SOFTIRQ_ENTRY,
    ACT_SOFTIRQ_EXIT,
    ACT_WORK_QUEUE,
    ACT_WORK_START,
    ACT_WORK_END,
    ACT_SWITCH,
    ACT_COUNT
} action_t;

typedef struct span {
    const char *at;
    size_t length;
} span_t;

typedef struct meaning {
    action_t action;
    uint32_t number; /* irq, softirq slot, next task */
    span_t name;     /* irq action, vector, softirq, work function (may be empty) */
    span_t work;     /* the work's pointer, as printed */
} meaning_t;

/* False: the event is one of ours, but its text lacks a field. */
bool irqsim__capture_mean(const head_t *head, meaning_t *meaning);

/* --- list.c: irqsim_arrivals_t, growing ---------------------------------- */

typedef struct list {
    irqsim_arrivals_t *out;
    intern_t names;
    uint32_t records_capacity, irqs_capacity, softirqs_capacity, cells_capacity;
} list_t;

bool irqsim__capture_list_init(list_t *list);
uint32_t irqsim__capture_list_name(list_t *list, const char *name, size_t length);
bool irqsim__capture_list_add(list_t *list, const irqsim_record_t *record);
/* The caller adds irqs in ascending order. NULL: out of memory. */
irqsim_irq_total_t *irqsim__capture_list_irq(list_t *list, uint32_t irq, uint32_t name);
/* The caller has set the list's CPUs and adds softirqs in ascending order of their
 * names. `*per_cpu` is its row of zeroes. NULL: out of memory. */
irqsim_softirq_total_t *irqsim__capture_list_softirq(list_t *list, uint32_t name,
                                                     uint64_t **per_cpu);
irqsim_irq_total_t *irqsim__capture_find_irq(const irqsim_arrivals_t *list, uint32_t irq);
/* Hands the list over; `list` is empty afterwards. */
irqsim_arrivals_t *irqsim__capture_list_done(list_t *list);
void irqsim__capture_list_drop(list_t *list);

/* --- forest.c: records that grow below their parents --------------------- */

typedef struct node {
    irqsim_record_t record; /* time is the capture's own; name counts in forest.names */
    uint32_t parent, first_child, last_child, next_sibling;
} node_t;

typedef struct forest {
    node_t *node;
    uint32_t count, capacity;
    intern_t names;
} forest_t;

/* Adds a record below `parent`, or an arrival if that is NONE. Its index; NONE:
 * out of memory. */
uint32_t irqsim__capture_forest_add(forest_t *forest, uint32_t parent,
                                    const irqsim_record_t *record);
/* The irqs must be in the list before the records. */
irqsim_status_t irqsim__capture_forest_irqs(const forest_t *forest, list_t *list);
irqsim_status_t irqsim__capture_forest_list(const forest_t *forest, uint64_t start_ns,
                                            list_t *list);
void irqsim__capture_forest_free(forest_t *forest);

/* --- totals.c: softirqs of the recorded machine -------------------------- */

/* Whose raises an execution served. */
typedef enum served { SERVED_RECORD, SERVED_TASKS, SERVED_NOBODY, SERVED_COUNT } served_t;

typedef struct softirq_count {
    uint64_t raised, executed[SERVED_COUNT];
    uint64_t *per_cpu; /* executed, as far as CPUs were seen */
    uint32_t cpus;
} softirq_count_t;

typedef struct totals {
    intern_t names;
    softirq_count_t *count; /* by number in names */
    uint32_t capacity;
} totals_t;

/* False: out of memory. */
bool irqsim__capture_totals_raise(totals_t *totals, span_t name);
bool irqsim__capture_totals_execute(totals_t *totals, span_t name, uint32_t cpu, served_t served);
irqsim_status_t irqsim__capture_totals_list(const totals_t *totals, list_t *list);
void irqsim__capture_totals_free(totals_t *totals);

/* --- build.c: pairs, parents, durations ---------------------------------- */

typedef struct build build_t;

build_t *irqsim__capture_build_new(irqsim_import_stats_t *stats);
/* False: out of memory. */
bool irqsim__capture_build_event(build_t *b, const head_t *head, const meaning_t *meaning);
void irqsim__capture_build_lost(build_t *b, uint32_t cpu);
irqsim_status_t irqsim__capture_build_finish(build_t *b, const char *origin, uint32_t cpus,
                                             irqsim_arrivals_t **list);
void irqsim__capture_build_free(build_t *b);

/* A name of the text format needs no quotes if it is made of these. */
bool irqsim__capture_is_bare(unsigned char c);

#endif
