/* SPDX-License-Identifier: MIT */
/*
 * conform_int.h - what the files of the room share
 *
 *   load.c      a file: cases, lines, steps one after the other
 *   scan.c      words and numbers of a line, and what is wrong with them
 *   grammar.c   the verbs and their operands
 *   cpu_steps.c the verbs about a CPU's own state
 *   run.c       a case, step by step, on a model; cpu_run.c its CPU steps
 *   board.c, pics.c, bus.c, cpu_board.c, cpu_tables.c   our own model (board_int.h)
 */
#ifndef IRQSIM_CONFORM_INT_H
#define IRQSIM_CONFORM_INT_H

#include <irqsim/conform.h>

#if defined(__GNUC__)
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#else
#define PRINTF_LIKE(text, first)
#endif

/* ---- steps ---- */

typedef enum verb {
    VERB_BOARD,
    VERB_RESET,
    VERB_OUT,
    VERB_IN,
    VERB_MW,
    VERB_MR,
    VERB_WRMSR,
    VERB_RDMSR,
    VERB_LINE,
    VERB_LINT,
    VERB_NMI,
    VERB_SMI,
    VERB_INIT,
    VERB_INTR,
    VERB_INTA,
    VERB_INTA1,
    VERB_INTA2,
    VERB_ACKSTART,
    VERB_ACK,
    VERB_RUN,
    VERB_SENT,
    VERB_APR,
    VERB_PEEK,
    VERB_ICC,
    VERB_ARB,
    VERB_BUS,
    VERB_ON, /* nothing to run: known when the case is read */
    VERB_VARIANT,
    VERB_CPU, /* from here on: cpu_steps.c, cpu_run.c */
    VERB_GATE,
    VERB_IDTLIMIT,
    VERB_TSS,
    VERB_EXEC,
    VERB_FRAME,
    VERB_PAGE,
    VERB_BOUNDARY,
    VERB_TOOK,
    VERB_NOW,
    VERB_HALTED,
    VERB_SHUTDOWN,
    VERB_NMIBLOCKED,
    VERB_CLOCKS,
    VERBS
} verb_t;

/* What a step expects of the model. */
typedef enum form {
    FORM_DONE,   /* that it is done            */
    FORM_VALUE,  /* this value under this mask */
    FORM_NONE,   /* that there is none         */
    FORM_REFUSED /* #GP(0), or an impossible board */
} form_t;

typedef struct step {
    uint8_t verb, form; /* verb_t, form_t */
    uint8_t masked;     /* the mask was written out                          */
    uint16_t cpu;       /* `on`                                              */
    uint32_t which;     /* input, pin, pulse, view: what the verb chooses from */
    uint64_t where;     /* port, address, MSR, index, time                   */
    uint64_t value, mask;
    size_t first_field, n_fields; /* of a step of keys */
    uint64_t line, column;
    size_t text, length; /* its words in the file */
} step_t;

typedef struct field {
    uint8_t key; /* what it is, the verb knows; mostly irqsim_conform_field_t */
    uint64_t value;
} field_t;

typedef struct test_case {
    const char *title;
    irqsim_conform_board_t board;
    size_t first, steps;
} test_case_t;

struct irqsim_conform {
    char *text; /* of the file; ends of titles are cut into it */
    size_t size;
    test_case_t *cases;
    size_t n_cases, cases_room;
    step_t *steps;
    size_t n_steps, steps_room;
    field_t *fields;
    size_t n_fields, fields_room;
};

/* ---- scan.c ---- */

typedef struct scan {
    const char *name; /* of the file */
    const irqsim_diag_sink_t *diag;
    const char *text;
    size_t line_start, line_end; /* the line without its end            */
    size_t word, word_end;       /* the word under the eye; empty: no more in this step */
    uint64_t line;
    unsigned problems;
    bool lost; /* a problem in this line: the rest of it is not read */
} scan_t;

/* A list of words; NULL ends it. */
typedef const char *const *words_t;

void irqsim__conform_line(scan_t *s, size_t start, size_t end);
/* To the word behind this one; stays at the end of a step. */
void irqsim__conform_next(scan_t *s);
/* Over a ';': false at the end of the line. */
bool irqsim__conform_next_step(scan_t *s);
bool irqsim__conform_step_ended(const scan_t *s);
uint64_t irqsim__conform_column(const scan_t *s, size_t at);

/* What is wrong at the word under the eye. After the first problem of a line
 * all of these stay silent and answer 0. */
void irqsim__conform_expected(scan_t *s, const char *what, ...) PRINTF_LIKE(2, 3);
void irqsim__conform_problem(scan_t *s, size_t at, const char *message, ...) PRINTF_LIKE(3, 4);

/* Is the word under the eye this one? accept() then goes on behind it. */
bool irqsim__conform_is(const scan_t *s, const char *word);
bool irqsim__conform_accept(scan_t *s, const char *word);
void irqsim__conform_equals(scan_t *s);
uint64_t irqsim__conform_hex(scan_t *s, uint64_t most, const char *what);
uint64_t irqsim__conform_decimal(scan_t *s, uint64_t most, const char *what);
unsigned irqsim__conform_one_of(scan_t *s, words_t words, const char *what);
/* VALUE or VALUE/MASK, both up to `most`. */
void irqsim__conform_masked(scan_t *s, step_t *step, uint64_t most, const char *what);
/* The number in characters [at, end) if all of it is one and is at most `most`. */
bool irqsim__conform_number(const scan_t *s, size_t at, size_t end, unsigned base, uint64_t most,
                            uint64_t *value);

/* ---- grammar.c ---- */

typedef struct loader {
    scan_t scan;
    irqsim_conform_t *file;
    test_case_t *now; /* the case that is being read, or NULL */
    step_t step;      /* the step that is being read          */
    uint16_t cpu;     /* `on`                                 */
    bool pulsed;      /* inta1 stands before, inta2 may come  */
    bool no_memory;
} loader_t;

/* Reads the operands of the verb under the eye; the step is l->step. */
void irqsim__conform_read_step(loader_t *l);
const char *irqsim__conform_verb_name(verb_t verb);

/* ---- load.c ---- */

/* One more k=v of the step that is being read. */
void irqsim__conform_add_field(loader_t *l, uint8_t key, uint64_t value);

/* ---- cpu_steps.c: VERB_CPU .. VERB_CLOCKS ---- */

void irqsim__conform_read_cpu_step(loader_t *l);
const char *irqsim__conform_field_name(unsigned field);
const char *irqsim__conform_mode_name(uint64_t mode);
/* What a `gate` step writes. */
void irqsim__conform_gate_of(const irqsim_conform_t *file, const step_t *step,
                             irqsim_conform_gate_t *gate);

/* ---- run.c ---- */

typedef struct run {
    const irqsim_conform_t *file;
    const test_case_t *test;
    const irqsim_conform_model_t *model;
    void *state;
    irqsim_conform_result_t *result;
} run_t;

/* What came of a step. */
typedef struct outcome {
    irqsim_conform_answer_t answer;
    uint64_t value;
} outcome_t;

#define ASK(member, ...)                                                                           \
    (r->model->member ? r->model->member(__VA_ARGS__) : IRQSIM_CONFORM_UNSUPPORTED)

/* true: go on with the next step; else the result says why not. */
bool irqsim__conform_judge(const run_t *r, const step_t *step, const outcome_t *out);

/* ---- cpu_run.c ---- */

bool irqsim__conform_run_cpu_step(const run_t *r, const step_t *step);

#endif
