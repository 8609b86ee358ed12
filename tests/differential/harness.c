/* SPDX-License-Identifier: MIT */
/* harness.c - sequences for both servers and the model; what differs, and why */
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "differential.h"

#define SEQUENCES 3000u
#define PER_QEMU  500u /* sequences of one process */
#define NO_QEMU   77   /* ctest: skipped */
#define MOST_DIVS 16u
#define SHOWN_OPS 12u /* before a difference, in a report */

/* ---- small things ---- */

void answer_add(answer_t *answer, const char *format, ...)
{
    const size_t used = strlen(answer->text);
    va_list args;

    va_start(args, format);
    vsnprintf(answer->text + used, sizeof(answer->text) - used, format, args);
    va_end(args);
}

/* SplitMix64. */
uint32_t roll(dice_t *dice, uint32_t sides)
{
    uint64_t z = dice->state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((z ^ z >> 31) >> 33) % sides;
}

bool chance(dice_t *dice, unsigned percent)
{
    return roll(dice, 100) < percent;
}

/* ---- comparing ---- */

typedef struct answers {
    answer_t op[MOST_OPS];
} answers_t;

/* First operation of the body that is answered differently; sequence->n: none. */
static unsigned first_difference(const sequence_t *sequence, const answers_t *a, const answers_t *b)
{
    unsigned i = sequence->body;

    while (i < sequence->n && strcmp(a->op[i].text, b->op[i].text) == 0)
        i++;
    return i;
}

static const char *one_line(answer_t *copy, const answer_t *answer)
{
    *copy = *answer;
    for (char *at = copy->text; *at; at++)
        if (*at == '\n')
            *at = at[1] ? '|' : '\0';
    return copy->text;
}

static void report(const peer_t *peer, const sequence_t *sequence, unsigned number, unsigned at,
                   const char *who, const answers_t *got, const answers_t *expected)
{
    const unsigned first = at > SHOWN_OPS ? at - SHOWN_OPS : 0;
    answer_t g, e;
    char text[128];

    printf("sequence %u: %s differs from the model at operation %u\n", number, who, at);
    for (unsigned i = first; i <= at; i++) {
        peer_phrase(peer, &sequence->op[i], text, sizeof(text));
        text[strcspn(text, "\n")] = '\0';
        printf("  %3u %-58s %-22s model: %s\n", i, text, one_line(&g, &got->op[i]),
               one_line(&e, &expected->op[i]));
    }
}

/* ---- a test ---- */

typedef struct test {
    const subject_t *subject;
    peer_t *qemu, *ours[2];
    uint64_t compared;         /* answers of QEMU */
    unsigned wrong, differ[2]; /* sequences; of each flavour */
    unsigned needs[MOST_DIVS]; /* ... whose answers that divergence changes */
    uint32_t all;              /* divergences */
} test_t;

/* The model with `divergences` says what `peer` says. */
static void check(test_t *test, const sequence_t *sequence, unsigned number, peer_t *peer,
                  const char *who, uint32_t divergences, answers_t *expected)
{
    static answers_t got;

    peer_ask(peer, sequence, got.op);
    test->subject->predict(sequence, divergences, expected->op);
    const unsigned at = first_difference(sequence, &got, expected);
    if (at == sequence->n)
        return;
    report(peer, sequence, number, at, who, &got, expected);
    test->wrong++;
}

static void run_sequence(test_t *test, unsigned number)
{
    static sequence_t sequence;
    static answers_t qemu, ours, less;
    dice_t dice = {number};

    sequence = (sequence_t){.n = 0};
    test->subject->generate(&dice, &sequence);
    test->compared += sequence.n - sequence.body;
    check(test, &sequence, number, test->qemu, "QEMU", test->all, &qemu);
    for (unsigned f = 0; f < 2 && test->ours[f]; f++) {
        const flavour_t *flavour = &test->subject->flavour[f];
        check(test, &sequence, number, test->ours[f], flavour->name, flavour->divergences, &ours);
        test->differ[f] += first_difference(&sequence, &qemu, &ours) < sequence.n;
    }
    for (unsigned d = 0; test->subject->divergence[d]; d++) {
        test->subject->predict(&sequence, test->all & ~(UINT32_C(1) << d), less.op);
        test->needs[d] += first_difference(&sequence, &qemu, &less) < sequence.n;
    }
}

static void open_peers(test_t *test)
{
    const subject_t *subject = test->subject;

    test->qemu = peer_qemu(&subject->qemu);
    for (unsigned f = 0; f < 2 && subject->flavour[f].name; f++)
        test->ours[f] = peer_ours(&subject->ours, subject->flavour[f].board);
}

static void close_peers(test_t *test)
{
    if (test->qemu)
        peer_close(test->qemu);
    for (unsigned f = 0; f < 2; f++)
        if (test->ours[f])
            peer_close(test->ours[f]);
    test->qemu = test->ours[0] = test->ours[1] = NULL;
}

/* A divergence that explains nothing is not one any more. */
static void summarize(test_t *test, unsigned sequences)
{
    const subject_t *subject = test->subject;

    printf("%s: %u sequences, %" PRIu64 " operations; not as predicted: %u\n", subject->name,
           sequences, test->compared, test->wrong);
    for (unsigned f = 0; f < 2 && subject->flavour[f].name; f++)
        printf("  %-28s differs from QEMU in %u\n", subject->flavour[f].name, test->differ[f]);
    for (unsigned d = 0; subject->divergence[d]; d++) {
        if (subject->pointless >> d & 1)
            continue;
        printf("  %-28s explains %u\n", subject->divergence[d], test->needs[d]);
        test->wrong += sequences >= SEQUENCES && test->needs[d] == 0;
    }
}

int differential_main(const subject_t *subject, int argc, char **argv)
{
    const unsigned sequences = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : SEQUENCES;
    const unsigned first = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    test_t test = {.subject = subject};

    signal(SIGPIPE, SIG_IGN);
    if (!peer_qemu_is_known()) {
        printf("there is no qemu-system-i386 7.2\n");
        return getenv("IRQSIM_NEEDS_QEMU") ? EXIT_FAILURE : NO_QEMU;
    }
    for (unsigned d = 0; subject->divergence[d]; d++)
        test.all |= UINT32_C(1) << d;
    for (unsigned i = 0; i < sequences && test.wrong < 5; i++) {
        if (i % PER_QEMU == 0) {
            close_peers(&test);
            open_peers(&test);
        }
        run_sequence(&test, first + i);
    }
    close_peers(&test);
    summarize(&test, sequences);
    return test.wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
