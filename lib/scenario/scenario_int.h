/* SPDX-License-Identifier: MIT */
/*
 * scenario_int.h - what the files of this room share
 *
 *   bytes --tree.c--> nodes with positions --bind.c, *_keys.c--> irqsim_scenario_t
 *                          \------- problem.c: what is wrong, and where
 *
 * Nothing here recurses: the tree is a flat array with links, nesting is
 * bounded, and the one place where YAML may nest freely (`then:`) keeps its own
 * stack.
 */
#ifndef IRQSIM_SCENARIO_INT_H
#define IRQSIM_SCENARIO_INT_H

#include <irqsim/scenario.h>

/* Limits that keep a hostile file harmless (docs/scenario.md, "Limits"). */
#define IRQSIM__MAX_BYTES    (UINT32_C(16) << 20)
#define IRQSIM__MAX_DEPTH    32u
#define IRQSIM__MAX_ANCHORS  256u
#define IRQSIM__MAX_THEN     8u
#define IRQSIM__MAX_DEFERS   65536u
#define IRQSIM__MAX_TASKS    4096u
#define IRQSIM__MAX_STEPS    IRQSIM_USER_TEXT_BYTES
#define IRQSIM__MAX_IRQ      65535u
#define IRQSIM__MAX_PROBLEMS 50u
/* 100 days, an hour, and clocks that pass within 60 days at 1 MHz: whatever is
 * added up stays below the 213 days that irqsim_time_t can hold. */
#define IRQSIM__MAX_TIME        (UINT64_C(8640000) * IRQSIM_PS_PER_S)
#define IRQSIM__MAX_SPAN_TIME   (UINT64_C(3600) * IRQSIM_PS_PER_S)
#define IRQSIM__MAX_SPAN_CLOCKS UINT64_C(5000000000000)

/* --- problem.c: telling what is wrong ---------------------------------- */

typedef struct irqsim__problems {
    const char *file;
    const irqsim_diag_sink_t *sink; /* may be NULL */
    uint32_t found;
    bool no_memory;
} irqsim__problems_t;

/* --- tree.c: YAML as nodes ---------------------------------------------- */

typedef enum irqsim__node_kind {
    IRQSIM__SCALAR = 0,
    IRQSIM__LIST,
    IRQSIM__MAP,
    IRQSIM__ALIAS /* child is the node it stands for */
} irqsim__node_kind_t;

/* Links are indices into the tree; 0 = none. Small: a large file has millions. */
typedef struct irqsim__node {
    uint32_t kind;         /* irqsim__node_kind_t */
    uint32_t line, column; /* from 1 */
    uint32_t parent, next;
    uint32_t child; /* first of a list or map; of a scalar: offset of its text */
    uint32_t key;   /* in a map: the scalar in front of the colon; a key is its own */
    uint32_t count; /* of children */
} irqsim__node_t;

typedef struct irqsim__anchor {
    uint32_t name; /* offset of its text */
    uint32_t node;
} irqsim__anchor_t;

typedef struct irqsim__tree {
    irqsim__node_t *node; /* node[0] is nobody, node[1] the root */
    uint32_t n, room;
    char *text;
    uint32_t text_used, text_room;
    irqsim__anchor_t anchor[IRQSIM__MAX_ANCHORS];
    uint32_t anchors;
} irqsim__tree_t;

/* Reads one YAML document. false: it is not one, and `problems` knows why. */
bool irqsim__scenario_tree_read(irqsim__tree_t *tree, const void *bytes, size_t size,
                                irqsim__problems_t *problems);
void irqsim__scenario_tree_free(irqsim__tree_t *tree);
/* What stands there: the node itself, or what the alias stands for. */
uint32_t irqsim__scenario_tree_value(const irqsim__tree_t *tree, uint32_t node);
const char *irqsim__scenario_tree_text(const irqsim__tree_t *tree, uint32_t node);

/* Reports a problem at a node (0 = the file as a whole), with its key path.
 * `leaf` is appended to the path unless NULL. fmt is printf's. */
#define IRQSIM__PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
void irqsim__scenario_problem(irqsim__problems_t *problems, const irqsim__tree_t *tree,
                              uint32_t node, const char *leaf, const char *hint, const char *fmt,
                              ...) IRQSIM__PRINTF(6, 7);
/* The same where only a position is known. */
void irqsim__scenario_problem_at(irqsim__problems_t *problems, uint64_t line, uint64_t column,
                                 const char *hint, const char *fmt, ...) IRQSIM__PRINTF(5, 6);
bool irqsim__scenario_too_many_problems(const irqsim__problems_t *problems);

/* Text made fit for a message: in quotes, printable, not long. */
typedef struct irqsim__quoted {
    char text[64];
} irqsim__quoted_t;
irqsim__quoted_t irqsim__scenario_quote(const char *text);

/* The word nearest to `text`, at most two edits away, or NULL. word(user, i)
 * lists them until it returns NULL. */
typedef const char *(*irqsim__words_t)(const void *user, unsigned i);
const char *irqsim__scenario_nearest(const char *text, irqsim__words_t word, const void *user);
/* A hint for a mistyped word: "did you mean 'every'?", or the list of all. */
typedef struct irqsim__hint {
    char text[256];
} irqsim__hint_t;
irqsim__hint_t irqsim__scenario_did_you_mean(const char *text, irqsim__words_t word,
                                             const void *user);

/* --- units.c: numbers as they are written -------------------------------- */

typedef enum irqsim__number {
    IRQSIM__NUMBER_OK = 0,
    IRQSIM__NOT_A_NUMBER,
    IRQSIM__NO_UNIT, /* a bare number */
    IRQSIM__UNKNOWN_UNIT,
    IRQSIM__TOO_FINE, /* not a whole number of the smallest unit */
    IRQSIM__TOO_LARGE /* does not fit */
} irqsim__number_t;

/* Decimal digits, no sign, no leading zeros. */
irqsim__number_t irqsim__scenario_read_integer(const char *text, uint64_t *value);
/* 10us, 1.5ms: picoseconds, exactly. */
irqsim__number_t irqsim__scenario_read_time(const char *text, uint64_t *ps);
/* 3000cycles. */
irqsim__number_t irqsim__scenario_read_clocks(const char *text, uint64_t *clocks);
/* 0x80, 128. */
irqsim__number_t irqsim__scenario_read_hex(const char *text, uint64_t *value);
/* 33MHz, 1.5GHz: Hz, exactly. */
irqsim__number_t irqsim__scenario_read_frequency(const char *text, uint64_t *hz);
/* The same as text, in the largest unit of which it is a whole number. */
irqsim__hint_t irqsim__scenario_write_time(uint64_t ps);
irqsim__hint_t irqsim__scenario_write_clocks(uint64_t clocks);
irqsim__hint_t irqsim__scenario_write_frequency(uint64_t hz);
/* Why it is none, with a way out: a hint for a message. example: "10us". */
irqsim__hint_t irqsim__scenario_number_hint(irqsim__number_t why, const char *text,
                                            const char *example);

/* --- bind.c: maps to structs by tables ------------------------------------- */

typedef enum irqsim__kind {
    IRQSIM__TEXT = 0,  /* char *, one line                                    */
    IRQSIM__WORD,      /* char *, no blanks                                   */
    IRQSIM__INTEGER,   /* uint16_t, uint32_t or uint64_t                      */
    IRQSIM__HEX,       /* the same, written 0x80 too: addresses, vectors      */
    IRQSIM__TIME,      /* irqsim_time_t                                       */
    IRQSIM__SPAN,      /* irqsim_span_t                                       */
    IRQSIM__FREQUENCY, /* uint32_t or uint64_t, Hz                            */
    IRQSIM__YES_NO,    /* bool                                                */
    IRQSIM__CHOICE,    /* one of words[]: its index, an unsigned              */
    IRQSIM__NODE       /* left to the section's own code: only remembered     */
} irqsim__kind_t;

/* One key of a map: where its value goes and what it may be. */
typedef struct irqsim__key {
    const char *name;
    uint8_t kind; /* irqsim__kind_t */
    bool required;
    uint16_t offset, width;      /* of the target member */
    uint64_t min, max;           /* of numbers; max 0 = as the type allows */
    const char *example;         /* for messages: "10us" */
    const irqsim__words_t words; /* CHOICE */
} irqsim__key_t;

#define IRQSIM__INTO(type, member)                                                                 \
    (uint16_t) offsetof(type, member), (uint16_t)sizeof(((type *)0)->member)

#define IRQSIM__MAX_KEYS 16u

/* Where each key of a map stood: the value's node, 0 = not given. */
typedef struct irqsim__seen {
    uint32_t at[IRQSIM__MAX_KEYS];
} irqsim__seen_t;

/* Everything one load needs. */
typedef struct irqsim__binder {
    irqsim__tree_t tree;
    irqsim__problems_t problems;
    irqsim_scenario_t *out;
    uint32_t *device_of_irq; /* first device of an irq + 1 */
    uint32_t irq_of_pin[24]; /* irq + 1 */
    uint32_t defers;         /* in all devices so far */
    uint32_t endless;        /* node of the first arrivals without an end */
} irqsim__binder_t;

/* Fills `into` from the map `node` by a table of n keys. Reports unknown,
 * repeated, missing and wrong ones; members not given stay as they are. false:
 * it is no map. */
bool irqsim__scenario_bind(irqsim__binder_t *b, uint32_t node, const irqsim__key_t *keys,
                           unsigned n, void *into, irqsim__seen_t *seen);
/* One value of a map or list. false: reported. */
bool irqsim__scenario_bind_value(irqsim__binder_t *b, uint32_t node, const irqsim__key_t *key,
                                 void *into);
/* First item of a list or 0; reports what is no list. *n = number of items. */
uint32_t irqsim__scenario_bind_list(irqsim__binder_t *b, uint32_t node, const char *what,
                                    uint32_t most, uint32_t *n);
/* The text of a scalar, or NULL: reported as `expected`. */
const char *irqsim__scenario_bind_scalar(irqsim__binder_t *b, uint32_t node, const char *expected);
void *irqsim__scenario_bind_alloc(irqsim__binder_t *b, size_t n, size_t size);
char *irqsim__scenario_bind_copy(irqsim__binder_t *b, const char *text);

/* Lists of words that more than one file offers. */
const char *irqsim__scenario_profile_words(const void *user, unsigned i);
/* user = the era (irqsim_era_t *). */
const char *irqsim__scenario_softirq_words(const void *user, unsigned i);
/* What kernel code can do wrong (irqsim_bug_t). */
const char *irqsim__scenario_bug_words(const void *user, unsigned i);
/* The index of a word, or UINT32_MAX. */
uint32_t irqsim__scenario_find_word(const char *text, irqsim__words_t word, const void *user);

/* --- the sections ------------------------------------------------------------ */

void irqsim__scenario_bind_machine(irqsim__binder_t *b, uint32_t node);
/* Can devices of that machine send messages? */
bool irqsim__scenario_has_msis(const irqsim_scenario_t *s);
void irqsim__scenario_bind_kernel(irqsim__binder_t *b, uint32_t node);
void irqsim__scenario_bind_devices(irqsim__binder_t *b, uint32_t node);
void irqsim__scenario_bind_tasks(irqsim__binder_t *b, uint32_t node);
void irqsim__scenario_bind_program(irqsim__binder_t *b, uint32_t node, irqsim_user_task_t *task);
void irqsim__scenario_bind_signals(irqsim__binder_t *b, uint32_t node, irqsim_user_task_t *task);
void irqsim__scenario_bind_expects(irqsim__binder_t *b, uint32_t node);
void irqsim__scenario_bind_defers(irqsim__binder_t *b, uint32_t node, irqsim_device_t *device);

#endif
