/* SPDX-License-Identifier: MIT */
/*
 * cli.h - what the files of the program share
 *
 *   main.c -> options.c -> cmd_*.c -> session.c (load, build, run)
 *                                 \-> tables.c ... inshort.c, or json_doc.c
 */
#ifndef IRQSIM_CLI_H
#define IRQSIM_CLI_H

#include <stdarg.h>
#include <stdio.h>

#include <irqsim/report.h>
#include <irqsim/sim.h>

/* Exit codes: a contract (irqsim(1)). */
enum {
    EXIT_OK = 0,
    EXIT_UNMET = 1, /* an expectation failed */
    EXIT_USAGE = 2,
    EXIT_INPUT = 3,
    EXIT_INTERNAL = 4 /* also: the output could not be written */
};

#if defined(__GNUC__)
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#else
#define PRINTF_LIKE(text, first)
#endif

/* ---- options.c ---- */

typedef enum option_id {
    OPT_BOARD = 0,
    OPT_CONNECT,
    OPT_CPUS,
    OPT_FORCE,
    OPT_HELP,
    OPT_JSON,
    OPT_MODEL,
    OPT_ON,
    OPT_OUTPUT,
    OPT_PROFILE,
    OPT_TRACE,
    OPT_UNIX,
    OPT_VARIANT,
    OPT_VERSION,
    OPTIONS
} option_id_t;

#define TAKES(opt) (1u << (opt))

typedef struct call call_t;

typedef struct command {
    const char *name;
    const char *operand; /* the one it takes; "...": as many as there are; "": none */
    const char *summary;
    const char *about; /* a paragraph for --help */
    unsigned takes;    /* options, by TAKES() */
    int (*run)(const call_t *call);
} command_t;

/* One call of a command. */
struct call {
    const command_t *command;
    const char *operand;   /* the first */
    char *const *operands; /* n_operands > 1 only where the command takes them */
    size_t n_operands;
    const char *value[OPTIONS]; /* of options with an argument */
    bool given[OPTIONS];
};

/* Reads argv[1..]; argv[0] is the command's own name. -1: go on; else exit. */
int parse_call(call_t *call, int argc, char **argv);
void print_command_help(const command_t *command);
void print_option_help(unsigned takes);

/* ---- main.c ---- */

const command_t *command_at(unsigned i); /* NULL beyond the last */
const command_t *find_command(const char *name);
int unknown_command(const char *name);

/* ---- suggest.c ---- */

/* Remembers the best of all candidates offered. */
typedef struct suggestion {
    const char *typed;
    const char *best;
    unsigned distance;
} suggestion_t;
void suggest(suggestion_t *s, const char *candidate);

/* ---- say.c: to people, on stderr ---- */

/* A sink that prints, and counts errors. */
typedef struct voice {
    irqsim_diag_sink_t sink;
    unsigned errors;
} voice_t;
voice_t *voice_init(voice_t *voice);
void complain(const char *format, ...) PRINTF_LIKE(1, 2);
void hint(const char *format, ...) PRINTF_LIKE(1, 2);
/* What a status means for `path`, if the voice has not said it already; the exit
 * code. */
int fail(const voice_t *voice, const char *path, irqsim_status_t status);
bool wants_colour(FILE *stream);
/* Closes stdout; EXIT_INTERNAL and a message if not all was written. */
int finish_output(int code);

/* ---- progress.c ---- */

typedef struct progress {
    irqsim_progress_t hook;
    const char *what;
    uint64_t started_ms, shown_ms;
    bool shown;
} progress_t;
irqsim_progress_t *progress_init(progress_t *progress, const char *what);
void progress_done(progress_t *progress);

/* ---- outfile.c ---- */

/* -1: `path` may be written; else says why not and returns the exit code. */
int may_write(const call_t *call, const char *path);

/* ---- recorded.c: what a list of arrivals holds ---- */

typedef struct tally {
    uint32_t name; /* index into the list's names */
    uint64_t count;
    uint64_t *per_cpu;
} tally_t;

/* Softirqs of one name. Where the list tells no more than its records, each is
 * taken to have run, where it was raised. */
typedef struct softirqs {
    uint64_t records;
    irqsim_softirq_total_t total; /* of the recorded machine */
    const uint64_t *per_cpu;      /* executed */
} softirqs_t;

typedef struct recorded {
    const irqsim_arrivals_t *list;
    uint64_t *irq_cpu; /* [list's irq index][cpu] */
    softirqs_t *softirq;
    tally_t *raise, *vector, *work;
    uint32_t n_softirqs, n_raises, n_vectors, n_works;
} recorded_t;

bool recorded_init(recorded_t *r, const irqsim_arrivals_t *list);
void recorded_free(recorded_t *r);
/* How often the list's irq number i is in the list. */
uint64_t recorded_irq(const recorded_t *r, uint32_t i);
/* NULL: none of that name. */
const softirqs_t *recorded_softirq(const recorded_t *r, const char *name);
int64_t softirq_number(irqsim_era_t era, const char *name); /* -1: not of that era */
int64_t sysvec_number(const char *name);                    /* -1: no such vector */

/* ---- session.c: a scenario, run ---- */

typedef struct tape tape_t;

typedef struct session {
    const call_t *call;
    irqsim_scenario_t *scenario;
    irqsim_arrivals_t *list; /* what is replayed; NULL = nothing */
    recorded_t recorded;     /* what is in it */
    irqsim_report_t *report;
    irqsim_sim_t *sim;
    tape_t *tape;
    int stopped; /* exit code of a guest that did not get to the end, else EXIT_OK */
} session_t;

int load_scenario(const char *path, irqsim_scenario_t **scenario);
/* Builds and runs it: EXIT_OK if there is something to show, else the exit code. */
int session_run(session_t *s);
/* The exit code of all that was shown. */
int session_verdict(const session_t *s);
void session_free(session_t *s);
/* Counts of all devices of an irq. */
uint64_t lost_of(const irqsim_sim_irq_t *irq);

/* ---- expect.c ---- */

typedef struct verdict {
    bool met;
    uint64_t value;
} verdict_t;
verdict_t judge(const session_t *s, const irqsim_expect_t *expect);
bool all_met(const session_t *s);

/* ---- json.c: one object, written as it comes ---- */

typedef struct json {
    FILE *out;
    unsigned depth;
    bool first;
} json_t;

void json_begin(json_t *j, FILE *out);
void json_end(json_t *j);
/* key is NULL inside arrays. */
void json_object(json_t *j, const char *key);
void json_array(json_t *j, const char *key);
void json_close(json_t *j, char bracket);
void json_number(json_t *j, const char *key, uint64_t value);
void json_text(json_t *j, const char *key, const char *value);

/* ---- json_doc.c ---- */

void json_session(const session_t *s);
void json_latencies(json_t *j, const irqsim_report_t *report);

/* ---- text.c ---- */

#define SHORT_TEXT 32
/* "12.3 µs" */
const char *human_time(char buf[SHORT_TEXT], uint64_t ns);
/* "45.6 %" */
const char *human_share(char buf[SHORT_TEXT], uint64_t part, uint64_t whole);
const char *plural(uint64_t n); /* "" or "s" */
/* Text from a file, with control characters made visible; padded to `width`
 * columns on the left (width < 0: on the right). */
void put_cell(const char *text, int width);
void put_heading(const char *text);
void put_latencies(const irqsim_report_t *report);
void put_cpu_header(unsigned indent, unsigned cpus);

/* ---- tables.c, times.c, compare.c, inshort.c ---- */

void put_session(const session_t *s);
void put_times(const session_t *s);
void put_comparison(const session_t *s);
void put_in_short(const session_t *s);
/* "36 virtio1-req.0", "local_timer"; "controller and bus", "handler of 36 ..." */
const char *waiter_text(const session_t *s, uint32_t waiter, char buf[SHORT_TEXT]);
const char *wait_text(const session_t *s, const irqsim_wait_row_t *row, char buf[SHORT_TEXT]);
/* How long it ran. */
irqsim_time_t session_length(const session_t *s);
void put_expectations(const session_t *s);

/* ---- cmd_*.c ---- */

int cmd_run(const call_t *call);
int cmd_import(const call_t *call);
int cmd_replay(const call_t *call);
int cmd_check(const call_t *call);
int cmd_dump(const call_t *call);
int cmd_info(const call_t *call);
int cmd_conform(const call_t *call);
int cmd_qtest(const call_t *call);

#endif
