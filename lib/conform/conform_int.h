/* SPDX-License-Identifier: MIT */
/*
 * conform_int.h - what the files of the room share
 *
 *   load.c      a file: cases, lines, steps one after the other
 *   scan.c      words and numbers of a line, and what is wrong with them
 *   grammar.c   the verbs and their operands
 *   cpu_steps.c the verbs about a CPU's own state: read, not run
 *   run.c       a case, step by step, on a model
 *   board.c, pics.c, bus.c   our own model (board_int.h)
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

/* Verbs up to VERB_CHIPS are run. */
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
    VERB_CHIPS,
    VERB_ON = VERB_CHIPS, /* nothing to run: known when the case is read */
    VERB_VARIANT,
    VERB_ICC, /* cases with these are skipped */
    VERB_ARB,
    VERB_BUS,
    VERB_CPU,
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
    uint64_t line, column;
    size_t text, length; /* its words in the file */
} step_t;

typedef struct test_case {
    const char *title;
    const char *skip; /* why it cannot be run, or NULL */
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

/* ---- cpu_steps.c: operands of VERB_CPU .. VERB_CLOCKS ---- */

void irqsim__conform_read_cpu_step(scan_t *s, verb_t verb);

#endif
