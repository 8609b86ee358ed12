/* SPDX-License-Identifier: MIT */
/*
 * The captures of a real machine, replayed: nothing is lost, nothing is invented,
 * and a run that is saved and loaded goes on as if nothing had happened.
 */
#include <stdio.h>
#include <string.h>

#include <irqsim/sim.h>

#include "unit.h"

#define CAPTURES TESTS_DIR "/../examples/captures/"

/* What is in the captures, counted with other tools. */
static const struct {
    const char *file;
    struct {
        uint32_t irq;
        uint64_t count;
    } irq[3];
    uint64_t softirq_executions; /* of those with a recorded raise */
    uint64_t reschedules, local_timers;
} capture[] = {
    {"ftrace-disk-storm.txt.gz", {{36, 8634}, {41, 69}, {42, 99}}, 9002, 8444, 400},
    {"ftrace-timers.txt.gz", {{36, 2010}, {41, 1}, {42, 3}}, 3423, 1149, 3654},
    {"trace-cmd-disk.txt.gz", {{36, 2508}}, 2562, 0, 28},
    {"perf-script-disk.txt.gz", {{36, 30}}, 106, 0, 29},
};
#define CAPTURES_N (int)(sizeof(capture) / sizeof(capture[0]))

typedef struct replay {
    irqsim_arrivals_t *list;
    irqsim_import_stats_t stats;
    irqsim_scenario_t *scenario;
    irqsim_sim_t *sim;
} replay_t;

/* Order-sensitive digest of everything that happened. */
typedef struct digest {
    uint64_t hash, events;
} digest_t;

static void digest_word(digest_t *d, uint64_t word)
{
    d->hash = (d->hash ^ word) * UINT64_C(1099511628211);
}

static void digest_see(void *user, const irqsim_event_t *ev)
{
    digest_t *d = user;

    d->events++;
    digest_word(d, ev->time);
    digest_word(d, ev->seq);
    digest_word(d, ev->cause);
    digest_word(d, (uint64_t)ev->id << 32 | ev->cpu);
    for (unsigned i = 0; i < 3; i++)
        digest_word(d, ev->arg[i]);
}

static void open_list(replay_t *r, int i)
{
    char path[512];

    memset(r, 0, sizeof(*r));
    (void)snprintf(path, sizeof(path), "%s%s", CAPTURES, capture[i].file);
    ck_assert_int_eq(irqsim_import(path, NULL, NULL, &r->list, &r->stats), IRQSIM_OK);
}

static void open_sim(replay_t *r, digest_t *digest)
{
    const irqsim_observer_t observer = {digest_see, digest};

    if (!r->scenario)
        ck_assert_int_eq(irqsim_scenario_default(r->list->cpus, &r->scenario), IRQSIM_OK);
    ck_assert_int_eq(irqsim_sim_new(r->scenario, r->list, digest ? &observer : NULL, digest != NULL,
                                    NULL, &r->sim),
                     IRQSIM_OK);
}

static void close_replay(replay_t *r)
{
    irqsim_sim_free(r->sim);
    irqsim_scenario_free(r->scenario);
    irqsim_arrivals_free(r->list);
}

static irqsim_sim_irq_t irq_of(const replay_t *r, uint32_t number)
{
    irqsim_sim_irq_t irq = {0};

    for (uint32_t i = 0; i < irqsim_sim_irqs(r->sim); i++)
        if (irqsim_sim_irq(r->sim, i, &irq) && irq.irq == number)
            return irq;
    ck_abort_msg("irq %u is not there", number);
}

static uint64_t softirqs(replay_t *r, bool executed)
{
    irqsim_kernel_t *k = irqsim_sim_kernel(r->sim);
    uint64_t sum = 0;

    for (unsigned nr = 0; nr < IRQSIM_SOFTIRQS; nr++)
        for (unsigned cpu = 0; cpu < irqsim_machine_cpus(irqsim_sim_machine(r->sim)); cpu++)
            sum += executed ? irqsim_kernel_softirq_executed(k, nr, cpu)
                            : irqsim_kernel_softirq_raised(k, nr, cpu);
    return sum;
}

static uint64_t records_of(const replay_t *r, irqsim_record_kind_t kind)
{
    uint64_t n = 0;

    for (uint64_t i = 0; i < r->list->n_records; i++)
        n += r->list->record[i].kind == kind;
    return n;
}

static void check_irqs(const replay_t *r, int i, bool none_coalesced)
{
    for (unsigned k = 0; k < 3 && capture[i].irq[k].count; k++) {
        const irqsim_sim_irq_t irq = irq_of(r, capture[i].irq[k].irq);

        ck_assert_uint_eq(irq.counts.arrived, capture[i].irq[k].count);
        ck_assert_uint_eq(irq.counts.delivered + irq.counts.coalesced, capture[i].irq[k].count);
        ck_assert_uint_eq(irq.counts.pending + irq.counts.withdrawn, 0);
        if (none_coalesced)
            ck_assert_uint_eq(irq.counts.coalesced, 0);
    }
}

static void check_vector(const replay_t *r, irqsim_sysvec_t sysvec, uint64_t count)
{
    irqsim_sim_vector_t v;

    ck_assert(irqsim_sim_vector(r->sim, sysvec, &v));
    ck_assert_uint_eq(v.recorded, count);
    ck_assert_uint_eq(v.delivered + v.coalesced, count);
}

START_TEST(law_6_a_modern_machine_delivers_every_captured_interrupt)
{
    replay_t r;

    open_list(&r, _i);
    open_sim(&r, NULL);
    ck_assert_int_eq(irqsim_sim_run(r.sim, NULL), IRQSIM_OK);
    check_irqs(&r, _i, true);
    check_vector(&r, IRQSIM_SYSVEC_RESCHEDULE, capture[_i].reschedules);
    check_vector(&r, IRQSIM_SYSVEC_LOCAL_TIMER, capture[_i].local_timers);
    /* Every recorded deferral was raised; what was not executed on its own was merged
     * with one that was raised before it. */
    ck_assert_uint_eq(softirqs(&r, false), records_of(&r, IRQSIM_RECORD_SOFTIRQ));
    ck_assert_uint_le(softirqs(&r, true), softirqs(&r, false));
    ck_assert_uint_ge(records_of(&r, IRQSIM_RECORD_SOFTIRQ) + r.stats.task_raises +
                          r.stats.orphan_softirqs,
                      capture[_i].softirq_executions);
    ck_assert(irqsim_kernel_quiet(irqsim_sim_kernel(r.sim)));
    close_replay(&r);
}
END_TEST

START_TEST(law_6_a_486_coalesces_but_loses_nothing)
{
    replay_t r;

    open_list(&r, _i);
    ck_assert_int_eq(irqsim_scenario_load(TESTS_DIR "/../examples/i486.yaml", NULL, &r.scenario),
                     IRQSIM_OK);
    open_sim(&r, NULL);
    ck_assert_int_eq(irqsim_sim_run(r.sim, NULL), IRQSIM_OK);
    check_irqs(&r, _i, false);
    close_replay(&r);
}
END_TEST

/* Save at 100 places of the storm, load into a fresh simulation, go on: the rest is
 * the same. Places that are inside a preempted handler or softirq are counted. */
START_TEST(law_2_the_storm_goes_on_after_save_and_load)
{
    enum { PLACES = 100 };
    unsigned inside = 0;
    digest_t whole = {0};
    replay_t r;

    open_list(&r, 0);
    open_sim(&r, &whole);
    const irqsim_time_t end = irqsim_sim_end(r.sim);
    ck_assert_int_eq(irqsim_sim_run(r.sim, NULL), IRQSIM_OK);
    irqsim_sim_free(r.sim);

    digest_t first = {0};
    open_sim(&r, &first);
    irqsim_sim_t *const leader = r.sim;
    for (unsigned place = 1; place <= PLACES; place++) {
        irqsim_context_t context[8];
        void *bytes;
        size_t size;
        bool did;

        ck_assert_int_eq(irqsim_machine_run(irqsim_sim_machine(leader), end / (PLACES + 1) * place),
                         IRQSIM_OK);
        /* Every other place: on to the next moment inside an interrupt. */
        for (unsigned steps = 0; place % 2 && steps < 1000; steps++) {
            if (irqsim_kernel_contexts(irqsim_sim_kernel(leader), 1, context, 8) > 1)
                break;
            ck_assert_int_eq(irqsim_machine_step(irqsim_sim_machine(leader), &did), IRQSIM_OK);
        }
        inside += irqsim_kernel_contexts(irqsim_sim_kernel(leader), 1, context, 8) > 1;
        ck_assert_int_eq(irqsim_sim_save(leader, &bytes, &size), IRQSIM_OK);

        digest_t rest = first;
        open_sim(&r, &rest);
        ck_assert_int_eq(irqsim_sim_load(r.sim, bytes, size, NULL), IRQSIM_OK);
        rest = first; /* what loading itself emitted, nothing, does not count */
        ck_assert_int_eq(irqsim_sim_run(r.sim, NULL), IRQSIM_OK);
        ck_assert_uint_eq(rest.events, whole.events);
        ck_assert_uint_eq(rest.hash, whole.hash);
        irqsim_sim_free(r.sim);
        free(bytes);
    }
    ck_assert_uint_ge(inside, PLACES / 4);
    r.sim = leader;
    close_replay(&r);
}
END_TEST

UNIT_MAIN("storm",
          UNIT_LOOP(law_6_a_modern_machine_delivers_every_captured_interrupt, 0, CAPTURES_N),
          UNIT_LOOP(law_6_a_486_coalesces_but_loses_nothing, 0, CAPTURES_N),
          UNIT_TEST(law_2_the_storm_goes_on_after_save_and_load))
