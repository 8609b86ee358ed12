/* SPDX-License-Identifier: MIT */
/*
 * differential.h - QEMU and our server, driven by the same client
 *
 *   sequence of operations --> QEMU     must answer as the model with all of its
 *                         |             divergences (docs/divergences.md)
 *                         +--> ours     must answer as the model without any
 *                         +--> model    slow, obvious, and may diverge
 *
 * So every difference between the two servers is predicted to the bit by the
 * numbered divergences, and nothing is ignored. A divergence that no sequence
 * needs any more fails the test too.
 *
 *   peer.c              a server, and how to ask it
 *   pic.c, ioapic.c     sequences                    *_model.c   what they are answered
 *   harness.c           compares, counts, reports
 *   client.c            a client of either server, by a socket (tests of its own)
 */
#ifndef IRQSIM_TESTS_DIFFERENTIAL_H
#define IRQSIM_TESTS_DIFFERENTIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- operations ---- */

typedef enum op_kind { OP_IN, OP_OUT, OP_READ, OP_WRITE, OP_LINE } op_kind_t;

typedef struct op {
    op_kind_t kind;
    unsigned bytes;   /* READ, WRITE: 1 or 4; ports are bytes   */
    uint32_t address; /* port, address or line                  */
    uint32_t value;   /* OUT, WRITE; LINE: level                */
} op_t;

#define MOST_OPS 256u

typedef struct sequence {
    op_t op[MOST_OPS];
    unsigned n;
    unsigned body; /* operations before that bring everything to one known state:
                      what they answer depends on the sequence before */
} sequence_t;

/* What an operation is answered: changes of INT, then OK or FAIL with its value. */
#define ANSWER_SIZE 96
typedef struct answer {
    char text[ANSWER_SIZE];
} answer_t;

void answer_add(answer_t *answer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- random numbers ----
 *
 * The same on every host, if no expression rolls twice: which operand or argument
 * comes first is the compiler's choice. */

typedef struct dice {
    uint64_t state;
} dice_t;

uint32_t roll(dice_t *dice, uint32_t sides); /* 0..sides-1 */
bool chance(dice_t *dice, unsigned percent);

/* ---- peers ---- */

typedef struct peer peer_t;

/* How a server is spoken to. */
typedef struct dialect {
    /* Which input of which device line n is. */
    void (*line)(unsigned line, char *device, size_t size, unsigned *input);
    const char *setup;      /* said once, first */
    const char *after_each; /* said after each operation, its answer is dropped; or NULL */
} dialect_t;

typedef struct board {
    bool at; /* else mp */
    bool latched_edge;
} board_t;

/* There is a QEMU, of the version whose divergences are known. */
bool peer_qemu_is_known(void);
peer_t *peer_qemu(const dialect_t *dialect);
peer_t *peer_ours(const dialect_t *dialect, board_t board);
void peer_close(peer_t *peer);
/* One answer per operation. */
void peer_ask(peer_t *peer, const sequence_t *sequence, answer_t *answers);
/* The operation as that peer is told; for reports. */
void peer_phrase(const peer_t *peer, const op_t *op, char *text, size_t size);

/* ---- subjects ---- */

/* A board of ours: what it must be equal to. */
typedef struct flavour {
    const char *name;
    board_t board;
    uint32_t divergences; /* of the model */
} flavour_t;

typedef struct subject {
    const char *name;
    const char *const *divergence; /* name of each bit, NULL at the end     */
    uint32_t pointless;            /* those that these sequences cannot show */
    dialect_t qemu, ours;
    flavour_t flavour[2]; /* name NULL: there is no second */
    void (*generate)(dice_t *dice, sequence_t *sequence);
    /* Answers of a model that has these divergences, from its power-on. */
    void (*predict)(const sequence_t *sequence, uint32_t divergences, answer_t *answers);
} subject_t;

/* main() of a test: [SEQUENCES [FIRST]]. 77: there is no QEMU 7.2. */
int differential_main(const subject_t *subject, int argc, char **argv);

/* ---- models ---- */

/* docs/divergences.md, in its order. */
enum {
    DIV_LATCH = 1u << 0,
    DIV_FORGET = 1u << 1,
    DIV_ELCR = 1u << 2,
    DIV_INIT = 1u << 3,
    DIV_SFNM = 1u << 4,
    DIV_EOI_SMM = 1u << 5,
    DIV_POLL_FREEZE = 1u << 6,
    DIV_POLL_RR = 1u << 7,
    DIV_LAZY = 1u << 8,
    DIV_LTIM = 1u << 9,
    DIV_NO_DIP = 1u << 10
};
void pic_predict(const sequence_t *sequence, uint32_t divergences, answer_t *answers);

enum {
    DIV_POLARITY = 1u << 0,
    DIV_RESERVED = 1u << 1,
    DIV_STORED = 1u << 2,
    DIV_UNHEARD = 1u << 3,
    DIV_MODES = 1u << 4,
    DIV_BOOT = 1u << 5,
    DIV_INPUT_0 = 1u << 6
};
void ioapic_predict(const sequence_t *sequence, uint32_t divergences, answer_t *answers);

#endif
