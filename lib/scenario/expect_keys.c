/* SPDX-License-Identifier: MIT */
/*
 * expect_keys.c - "expect:": one line of text each
 *
 *   irq 14 lost == 0              all coalesced < 10
 *   softirq BLOCK executed >= 9   line_to_ack p99 <= 50us
 *   task app0 ran >= 10ms         task app1 signal == 11
 */
#include <stdio.h>
#include <string.h>

#include <irqsim/report.h>

#include "scenario_int.h"

#define TOKENS  8u
#define LETTERS 64u

/* One expectation while it is read, word by word. */
typedef struct reading {
    irqsim__binder_t *b;
    uint32_t node;
    char token[TOKENS][LETTERS];
    unsigned n, at;
    irqsim_expect_t *expect;
    bool is_time; /* compared with a time, not with a count */
} reading_t;

static bool is_operator(char c)
{
    return c == '<' || c == '>' || c == '=' || c == '!';
}

/* Words end at blanks; operators need none. false: too many, or too long. */
static bool split(reading_t *r, const char *text)
{
    for (;;) {
        text += strspn(text, " ");
        if (!*text)
            return true;
        size_t n = strspn(text, "<>=!");
        if (n == 0)
            for (; text[n] && text[n] != ' ' && !is_operator(text[n]);)
                n++;
        if (r->n == TOKENS || n >= LETTERS)
            return false;
        memcpy(r->token[r->n], text, n);
        r->token[r->n++][n] = '\0';
        text += n;
    }
}

static bool refuse(const reading_t *r, const char *hint, const char *expected)
{
    const bool more = r->at < r->n;
    const irqsim__quoted_t found = irqsim__scenario_quote(more ? r->token[r->at] : "");

    irqsim__scenario_problem(&r->b->problems, &r->b->tree, r->node, NULL, hint,
                             "expected %s, found %s", expected, more ? found.text : "the end");
    return false;
}

/* The next word as an index into a list of words. */
static bool take_word(reading_t *r, const char *what, irqsim__words_t words, const void *user,
                      uint32_t *index)
{
    *index = r->at < r->n ? irqsim__scenario_find_word(r->token[r->at], words, user) : UINT32_MAX;
    if (*index == UINT32_MAX)
        return refuse(
            r, irqsim__scenario_did_you_mean(r->at < r->n ? r->token[r->at] : "", words, user).text,
            what);
    r->at++;
    return true;
}

/* clang-format off */
static const struct {
    const char *name;
    irqsim_metric_t metric;
} irq_metrics[] = {
    {"arrived",   IRQSIM_METRIC_ARRIVED},
    {"delivered", IRQSIM_METRIC_DELIVERED},
    {"coalesced", IRQSIM_METRIC_COALESCED},
    {"withdrawn", IRQSIM_METRIC_WITHDRAWN},
    {"spurious",  IRQSIM_METRIC_SPURIOUS},
    {"lost",      IRQSIM_METRIC_LOST},
    {"raised",    IRQSIM_METRIC_RAISED},   /* from here on: of softirqs */
    {"executed",  IRQSIM_METRIC_EXECUTED},
};
#define ALL_METRICS 8u
#define IRQ_METRICS 6u

static const struct {
    const char *name;
    uint32_t permille;
} percentiles[] = {
    {"min", 0}, {"avg", 1001}, {"p50", 500}, {"p90", 900}, {"p99", 990}, {"max", 1000},
};
#define PERCENTILES 6u
/* clang-format on */

static const char *all_metric_words(const void *user, unsigned i)
{
    (void)user;
    return i < ALL_METRICS ? irq_metrics[i].name : NULL;
}

static const char *irq_metric_words(const void *user, unsigned i)
{
    return i < IRQ_METRICS ? all_metric_words(user, i) : NULL;
}

static const char *softirq_metric_words(const void *user, unsigned i)
{
    return all_metric_words(user, i + IRQ_METRICS);
}

static const char *percentile_words(const void *user, unsigned i)
{
    (void)user;
    return i < PERCENTILES ? percentiles[i].name : NULL;
}

static const char *stage_words(const void *user, unsigned i)
{
    (void)user;
    return i < IRQSIM_STAGES ? irqsim_stage_key((irqsim_stage_t)i) : NULL;
}

static const char *task_metric_words(const void *user, unsigned i)
{
    static const char *const word[] = {"ran", "signal", NULL};

    (void)user;
    return word[i];
}
enum { RAN };

static const char *task_words(const void *user, unsigned i)
{
    const irqsim_scenario_t *const s = user;

    if (i >= s->n_tasks)
        return NULL;
    return s->task[i].name ? s->task[i].name : "";
}

/* Subjects: what an expectation is about, told by its first word. */

static bool take_irq(reading_t *r)
{
    uint64_t irq = 0;
    uint32_t metric;

    if (r->at == r->n ||
        irqsim__scenario_read_integer(r->token[r->at], &irq) != IRQSIM__NUMBER_OK ||
        irq > UINT32_MAX)
        return refuse(r, "such as irq 14 lost == 0", "an irq number");
    r->at++;
    if (!take_word(r, "a count of an irq", irq_metric_words, NULL, &metric))
        return false;
    r->expect->subject = (int64_t)irq;
    r->expect->metric = irq_metrics[metric].metric;
    return true;
}

static bool take_all(reading_t *r)
{
    uint32_t metric;

    if (!take_word(r, "a count", all_metric_words, NULL, &metric))
        return false;
    r->expect->subject = -1;
    r->expect->metric = irq_metrics[metric].metric;
    return true;
}

static bool take_softirq(reading_t *r)
{
    uint32_t nr, metric;

    if (!take_word(r, "a softirq", irqsim__scenario_softirq_words, &r->b->out->era, &nr) ||
        !take_word(r, "a count of a softirq", softirq_metric_words, NULL, &metric))
        return false;
    r->expect->subject = nr;
    r->expect->metric = irq_metrics[metric + IRQ_METRICS].metric;
    return true;
}

static bool take_task(reading_t *r)
{
    uint32_t task, metric;

    if (!take_word(r, "a task", task_words, r->b->out, &task) ||
        !take_word(r, "'ran' or 'signal'", task_metric_words, NULL, &metric))
        return false;
    r->expect->subject = task;
    r->expect->metric = metric == RAN ? IRQSIM_METRIC_TASK_RAN : IRQSIM_METRIC_TASK_SIGNAL;
    r->is_time = metric == RAN;
    return true;
}

static const struct {
    const char *word;
    bool (*take)(reading_t *r);
} subjects[] = {
    {"irq", take_irq}, {"all", take_all}, {"softirq", take_softirq}, {"task", take_task}};
#define SUBJECTS 4u

static const char *first_words(const void *user, unsigned i)
{
    return i < SUBJECTS ? subjects[i].word : stage_words(user, i - SUBJECTS);
}

static bool take_subject(reading_t *r)
{
    uint32_t word, percentile;

    if (!take_word(r, "'irq', 'softirq', 'task', 'all' or a stage", first_words, NULL, &word))
        return false;
    if (word < SUBJECTS)
        return subjects[word].take(r);
    if (!take_word(r, "one of a stage's figures", percentile_words, NULL, &percentile))
        return false;
    r->expect->subject = word - SUBJECTS;
    r->expect->metric = IRQSIM_METRIC_LATENCY;
    r->expect->percentile = percentiles[percentile].permille;
    r->is_time = true;
    return true;
}

static const char *operator_words(const void *user, unsigned i)
{
    static const char *const word[] = {"==", "<=", ">=", "<", ">", NULL};

    (void)user;
    return word[i];
}
enum { EQUAL, AT_MOST, AT_LEAST, LESS, MORE };

/* Counts as integers, times as ns. */
static bool take_value(reading_t *r, uint64_t *value)
{
    const char *const text = r->at < r->n ? r->token[r->at] : "";
    const char *const example = r->is_time ? "50us" : "0";
    irqsim__number_t result;

    result = r->is_time ? irqsim__scenario_read_time(text, value)
                        : irqsim__scenario_read_integer(text, value);
    if (result == IRQSIM__NUMBER_OK && r->is_time) {
        result = *value % IRQSIM_PS_PER_NS ? IRQSIM__TOO_FINE : IRQSIM__NUMBER_OK;
        *value /= IRQSIM_PS_PER_NS;
    }
    if (result != IRQSIM__NUMBER_OK)
        return refuse(r, irqsim__scenario_number_hint(result, text, example).text,
                      r->is_time ? "a time such as 50us" : "an integer");
    r->at++;
    return true;
}

static bool take_bounds(reading_t *r)
{
    uint32_t operator;
    uint64_t value;

    if (!take_word(r, "a comparison", operator_words, NULL, &operator) || !take_value(r, &value))
        return false;
    if (operator== LESS && value == 0) {
        irqsim__scenario_problem(&r->b->problems, &r->b->tree, r->node, NULL, "",
                                 "nothing is less than 0, so this never holds");
        return false;
    }
    r->expect->min = operator== EQUAL || operator== AT_LEAST ? value : 0;
    if (operator== MORE)
        r->expect->min = value + (value < UINT64_MAX);
    r->expect->max = operator== EQUAL || operator== AT_MOST ? value : UINT64_MAX;
    if (operator== LESS)
        r->expect->max = value - 1;
    return r->at == r->n || refuse(r, "", "the end");
}

/* As it should read in a report: one blank between words. */
static char *join(reading_t *r)
{
    char *const text = irqsim__scenario_bind_alloc(r->b, r->n + 1, LETTERS);
    size_t used = 0;

    for (unsigned i = 0; text && i < r->n; i++)
        used += (size_t)sprintf(text + used, "%s%s", i ? " " : "", r->token[i]);
    return text;
}

static void bind_expect(irqsim__binder_t *b, uint32_t node, irqsim_expect_t *expect)
{
    reading_t r = {.b = b, .node = irqsim__scenario_tree_value(&b->tree, node), .expect = expect};
    const char *const text =
        irqsim__scenario_bind_scalar(b, node, "an expectation such as irq 14 lost == 0");

    if (!text)
        return;
    expect->line = b->tree.node[r.node].line;
    if (!split(&r, text)) {
        irqsim__scenario_problem(&b->problems, &b->tree, r.node, NULL, "such as irq 14 lost == 0",
                                 "no expectation is as long as that");
        return;
    }
    if (take_subject(&r) && take_bounds(&r))
        expect->text = join(&r);
}

void irqsim__scenario_bind_expects(irqsim__binder_t *b, uint32_t node)
{
    uint32_t n, v = irqsim__scenario_bind_list(b, node, "expectations", UINT16_MAX, &n);

    b->out->expect = irqsim__scenario_bind_alloc(b, n, sizeof(*b->out->expect));
    for (uint32_t i = 0; v && !irqsim__scenario_too_many_problems(&b->problems);
         v = b->tree.node[v].next, i++) {
        b->out->n_expects = i + 1;
        bind_expect(b, v, &b->out->expect[i]);
    }
}
