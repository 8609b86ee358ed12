/* SPDX-License-Identifier: MIT */
/* test_sim_run.c - scenarios come to life, the same way every time */
#include <stdio.h>
#include <string.h>

#include <irqsim/sim.h>

#include "unit.h"

/* Events as one number, and whether their own numbers ascend from `first`. */
typedef struct digest {
    uint64_t hash, events, first;
    bool in_order;
} digest_t;

static void digest_number(digest_t *d, uint64_t value)
{
    d->hash = (d->hash ^ value) * UINT64_C(1099511628211);
}

static void digest_see(void *user, const irqsim_event_t *ev)
{
    digest_t *const d = user;

    d->in_order = d->in_order && ev->seq == d->first + d->events && ev->cause < ev->seq;
    d->events++;
    digest_number(d, ev->time);
    digest_number(d, ev->seq);
    digest_number(d, ev->cause);
    digest_number(d, ev->id);
    digest_number(d, ev->cpu);
    for (unsigned i = 0; i < 3; i++)
        digest_number(d, ev->arg[i]);
}

#define DIGEST ((digest_t){.hash = 1, .first = 1, .in_order = true})

static char problems[4096];

static void note(void *user, const irqsim_diag_t *diag)
{
    (void)user;
    snprintf(problems + strlen(problems), sizeof(problems) - strlen(problems), "%llu: %s\n",
             (unsigned long long)diag->line, diag->message);
}

static const irqsim_diag_sink_t sink = {note, NULL};

static irqsim_scenario_t *load(const char *text)
{
    irqsim_scenario_t *s = NULL;

    problems[0] = '\0';
    ck_assert_msg(irqsim_scenario_load_bytes("t.yaml", text, strlen(text), &sink, &s) == IRQSIM_OK,
                  "%s", problems);
    return s;
}

static irqsim_sim_t *bring_up(const irqsim_scenario_t *s, digest_t *d)
{
    const irqsim_observer_t observer = {digest_see, d};
    irqsim_sim_t *sim = NULL;

    ck_assert_msg(irqsim_sim_new(s, NULL, &observer, d ? 1 : 0, &sink, &sim) == IRQSIM_OK, "%s",
                  problems);
    return sim;
}

static const char storm[] =
    "irqsim: 1\n"
    "machine: {cpus: 2}\n"
    "devices:\n"
    "  - {name: disk0, irq: 40, cpu: 1, handler: 3us, arrivals: {poisson: 50us},\n"
    "     defers: [{softirq: BLOCK, takes: 8us, then: [{work: fs, takes: 20us,\n"
    "               then: [{call_function: others}]}]},\n"
    "              {reschedule: 0}]}\n"
    "  - {name: eth0, irq: 18, wire: pin 18, shared: yes, handler: 2us,\n"
    "     arrivals: {burst: 4, gap: 5us, every: 300us},\n"
    "     defers: [{softirq: NET_RX, takes: 5us, repeat: 2}]}\n"
    "  - {name: usb1, irq: 18, wire: pin 18, shared: yes, handler: 1us,\n"
    "     arrivals: {every: 70us}}\n"
    "tasks: [{name: app0}, {name: app1, cpu: 1, computes: 5ms}]\n"
    "run: 20ms\n"
    "seed: 7\n";

START_TEST(the_same_scenario_gives_the_same_events)
{
    irqsim_scenario_t *const s = load(storm);
    digest_t once = DIGEST, again = DIGEST;
    digest_t *const both[] = {&once, &again};

    for (unsigned i = 0; i < 2; i++) {
        irqsim_sim_t *const sim = bring_up(s, both[i]);

        ck_assert_int_eq(irqsim_sim_run(sim, NULL), IRQSIM_OK);
        ck_assert_uint_eq(irqsim_machine_now(irqsim_sim_machine(sim)), s->run);
        irqsim_sim_free(sim);
    }
    ck_assert(once.in_order);
    ck_assert_uint_gt(once.events, 1000);
    ck_assert_uint_eq(once.hash, again.hash);
    irqsim_scenario_free(s);
}
END_TEST

START_TEST(another_seed_gives_other_events)
{
    irqsim_scenario_t *const s = load(storm);
    digest_t one = DIGEST, other = DIGEST;
    irqsim_sim_t *sim = bring_up(s, &one);

    ck_assert_int_eq(irqsim_sim_run(sim, NULL), IRQSIM_OK);
    irqsim_sim_free(sim);
    s->seed = 8;
    sim = bring_up(s, &other);
    ck_assert_int_eq(irqsim_sim_run(sim, NULL), IRQSIM_OK);
    irqsim_sim_free(sim);
    ck_assert_uint_ne(one.hash, other.hash);
    irqsim_scenario_free(s);
}
END_TEST

static void count_calls(void *user, uint64_t done, uint64_t total)
{
    uint64_t *const calls = user;

    ck_assert_uint_le(done, total);
    ++*calls;
}

START_TEST(neither_observers_nor_progress_change_anything)
{
    irqsim_scenario_t *const s = load(storm);
    digest_t d = DIGEST;
    uint64_t calls = 0;
    const irqsim_progress_t progress = {count_calls, &calls};
    irqsim_sim_t *const watched = bring_up(s, &d), *const alone = bring_up(s, NULL);

    ck_assert_int_eq(irqsim_sim_run(watched, &progress), IRQSIM_OK);
    ck_assert_int_eq(irqsim_sim_run(alone, NULL), IRQSIM_OK);
    ck_assert_uint_ge(calls, 10);
    ck_assert_uint_eq(irqsim_machine_steps(irqsim_sim_machine(watched)),
                      irqsim_machine_steps(irqsim_sim_machine(alone)));
    ck_assert_uint_eq(irqsim_sim_irqs(watched), 2);
    for (uint32_t i = 0; i < 2; i++) {
        irqsim_sim_irq_t a, b;

        ck_assert(irqsim_sim_irq(watched, i, &a) && irqsim_sim_irq(alone, i, &b));
        ck_assert_int_eq(memcmp(&a.counts, &b.counts, sizeof(a.counts)), 0);
    }
    irqsim_sim_free(watched);
    irqsim_sim_free(alone);
    irqsim_scenario_free(s);
}
END_TEST

START_TEST(tables_have_irqs_ascending_with_all_their_handlers)
{
    irqsim_scenario_t *const s = load(storm);
    irqsim_sim_t *const sim = bring_up(s, NULL);
    irqsim_sim_irq_t irq;

    ck_assert_int_eq(irqsim_sim_run(sim, NULL), IRQSIM_OK);
    ck_assert(irqsim_sim_irq(sim, 0, &irq));
    ck_assert_uint_eq(irq.irq, 18);
    ck_assert_str_eq(irq.name, "eth0, usb1");
    ck_assert_str_eq(irq.chip, "IO-APIC");
    ck_assert_str_eq(irq.flow, "fasteoi");
    ck_assert_uint_eq(irq.hwirq, 18);
    ck_assert_uint_eq(irq.counts.arrived, 4 * 66 + 285); /* 20 ms / 300 us, / 70 us */
    ck_assert(irqsim_sim_irq(sim, 1, &irq));
    ck_assert_uint_eq(irq.irq, 40);
    ck_assert_str_eq(irq.name, "disk0");
    ck_assert_str_eq(irq.chip, "PCI-MSI");
    ck_assert_str_eq(irq.flow, "edge");
    ck_assert_uint_eq(irq.counts.arrived, irq.counts.delivered + irq.counts.coalesced +
                                              irq.counts.withdrawn + irq.counts.pending);
    ck_assert(!irqsim_sim_irq(sim, 2, &irq));
    irqsim_sim_free(sim);
    irqsim_scenario_free(s);
}
END_TEST

START_TEST(numbers_in_events_have_names)
{
    irqsim_scenario_t *const s = load(storm);
    irqsim_sim_t *const sim = bring_up(s, NULL);

    ck_assert_str_eq(irqsim_sim_name(sim, "name", 0), "HI");
    ck_assert_str_eq(irqsim_sim_name(sim, "name", 9), "RCU");
    ck_assert_str_eq(irqsim_sim_name(sim, "name", 10), "local_timer");
    ck_assert_str_eq(irqsim_sim_name(sim, "task", 0), "app0");
    ck_assert_str_eq(irqsim_sim_name(sim, "prev", 2), "swapper/0");
    ck_assert_str_eq(irqsim_sim_name(sim, "next", 6), "ksoftirqd/1");
    ck_assert_str_eq(irqsim_sim_name(sim, "task", 7), "kworker/1:0");
    ck_assert_ptr_null(irqsim_sim_name(sim, "task", 8));
    ck_assert_ptr_null(irqsim_sim_name(sim, "line", 0));
    irqsim_sim_free(sim);
    irqsim_scenario_free(s);
}
END_TEST

START_TEST(a_header_has_machine_figures_text_and_names)
{
    irqsim_scenario_t *const s = load("irqsim: 1\nname: tiny\nrun: 1ms\n");
    irqsim_sim_t *const sim = bring_up(s, NULL);
    static const char *const want[][2] = {
        {"machine", "modern-x2apic mp 1"},
        {"profile.cpu_hz", "3000000000"},
        {"kernel", "linux-modern 250"},
        {"scenario", "tiny"},
        {"seed", "1"},
        {"scenario.text", "irqsim: 1"},
        {"scenario.text", "name: tiny"},
        {"scenario.text", "run: 1ms"},
        {"name.3", "NET_RX"},
        {"task.0", "swapper/0"},
    };
    size_t n, found = 0;
    const irqsim_trace_meta_t *const meta = irqsim_sim_meta(sim, &n);

    for (size_t i = 0; i < n && found < 10; i++)
        if (strcmp(meta[i].key, want[found][0]) == 0 && strcmp(meta[i].value, want[found][1]) == 0)
            found++;
    ck_assert_uint_eq(found, 10);
    irqsim_sim_free(sim);
    irqsim_scenario_free(s);
}
END_TEST

/* Without `run`: until all arrivals have come and their work is done. */
START_TEST(a_finite_scenario_ends_when_all_is_done)
{
    irqsim_scenario_t *const s =
        load("irqsim: 1\n"
             "devices:\n"
             "  - {name: d, irq: 40, handler: 1us, arrivals: {poisson: 1ms, count: 20},\n"
             "     defers: [{work: w, takes: 3ms}]}\n");
    irqsim_sim_t *const sim = bring_up(s, NULL);
    irqsim_sim_irq_t irq;

    ck_assert_int_eq(irqsim_sim_run(sim, NULL), IRQSIM_OK);
    ck_assert(irqsim_sim_irq(sim, 0, &irq));
    ck_assert_uint_eq(irq.counts.delivered + irq.counts.coalesced, 20);
    ck_assert(irqsim_kernel_quiet(irqsim_sim_kernel(sim)));
    const irqsim_time_t end = irqsim_machine_now(irqsim_sim_machine(sim));
    ck_assert_uint_ge(end, UINT64_C(60000000000));
    ck_assert_int_eq(irqsim_sim_run(sim, NULL), IRQSIM_OK);
    ck_assert_uint_eq(irqsim_machine_now(irqsim_sim_machine(sim)), end);
    irqsim_sim_free(sim);
    irqsim_scenario_free(s);
}
END_TEST

START_TEST(a_finite_scenario_waits_for_its_last_arrival)
{
    irqsim_scenario_t *const s =
        load("irqsim: 1\n"
             "devices: [{name: d, irq: 40, handler: 1us, arrivals: {poisson: 10ms, count: 5}}]\n");
    irqsim_sim_t *const sim = bring_up(s, NULL);
    irqsim_sim_irq_t irq;

    ck_assert_int_eq(irqsim_sim_run(sim, NULL), IRQSIM_OK);
    ck_assert(irqsim_sim_irq(sim, 0, &irq));
    ck_assert_uint_eq(irq.counts.delivered, 5);
    irqsim_sim_free(sim);
    irqsim_scenario_free(s);
}
END_TEST

START_TEST(endless_work_ends_ten_seconds_after_the_last_arrival)
{
    irqsim_scenario_t *const s =
        load("irqsim: 1\n"
             "devices:\n"
             "  - {name: d, irq: 40, handler: 1us, arrivals: {every: 1ms, count: 1},\n"
             "     defers: [{softirq: NET_RX, takes: 1ms, repeat: forever}]}\n");
    irqsim_sim_t *const sim = bring_up(s, NULL);

    ck_assert_int_eq(irqsim_sim_run(sim, NULL), IRQSIM_OK);
    const irqsim_time_t end = irqsim_machine_now(irqsim_sim_machine(sim));
    ck_assert_uint_ge(end, 10 * IRQSIM_PS_PER_S);
    ck_assert_uint_le(end, 10 * IRQSIM_PS_PER_S + 4000 * IRQSIM_PS_PER_NS * 1000);
    irqsim_sim_free(sim);
    irqsim_scenario_free(s);
}
END_TEST

static const struct {
    const char *yaml, *problems;
} refused[] = {
    {"irqsim: 1\n", "0: nothing says how long to run: there is no 'run', and nothing arrives\n"},
    {"irqsim: 1\nrun: 1ms\nexpect:\n- irq 5 lost == 0\n",
     "4: 'irq 5 lost == 0': there is no irq 5\n"},
};

START_TEST(what_cannot_run_is_refused)
{
    irqsim_scenario_t *const s = load(refused[_i].yaml);
    irqsim_sim_t *sim = NULL;

    ck_assert_int_eq(irqsim_sim_new(s, NULL, NULL, 0, &sink, &sim), IRQSIM_E_FORMAT);
    ck_assert_ptr_null(sim);
    ck_assert_str_eq(problems, refused[_i].problems);
    irqsim_scenario_free(s);
}
END_TEST

/* law 2: save anywhere, load in a fresh simulation, and the rest is the same. */
START_TEST(a_loaded_simulation_goes_on_as_the_saved_one)
{
    irqsim_scenario_t *const s = load(storm);
    digest_t saved = DIGEST, loaded = DIGEST;
    irqsim_sim_t *const first = bring_up(s, &saved), *const second = bring_up(s, &loaded);
    const irqsim_time_t at = (UINT64_C(1000000) * (unsigned)_i + 777) * 1000;
    void *bytes;
    size_t size;

    ck_assert_int_eq(irqsim_machine_run(irqsim_sim_machine(first), at), IRQSIM_OK);
    ck_assert_int_eq(irqsim_sim_save(first, &bytes, &size), IRQSIM_OK);
    ck_assert_int_eq(irqsim_sim_load(second, bytes, size, &sink), IRQSIM_OK);
    const uint64_t seen = saved.events;
    saved = loaded = DIGEST;
    saved.first = loaded.first = seen + 1;
    ck_assert_int_eq(irqsim_sim_run(first, NULL), IRQSIM_OK);
    ck_assert_int_eq(irqsim_sim_run(second, NULL), IRQSIM_OK);
    ck_assert(saved.in_order && loaded.in_order);
    ck_assert_uint_gt(saved.events, 100);
    ck_assert_uint_eq(saved.events, loaded.events);
    ck_assert_uint_eq(saved.hash, loaded.hash);
    free(bytes);
    irqsim_sim_free(first);
    irqsim_sim_free(second);
    irqsim_scenario_free(s);
}
END_TEST

/* All events of a short run. */
typedef struct event_log {
    uint32_t n;
    irqsim_event_t event[400];
} event_log_t;

static void log_see(void *user, const irqsim_event_t *ev)
{
    event_log_t *const log = user;

    ck_assert_uint_lt(log->n, 400);
    log->event[log->n++] = *ev;
}

static irqsim_sim_t *bring_up_logged(const irqsim_scenario_t *s, event_log_t *log)
{
    const irqsim_observer_t observer = {log_see, log};
    irqsim_sim_t *sim = NULL;

    ck_assert_int_eq(irqsim_sim_new(s, NULL, &observer, 1, &sink, &sim), IRQSIM_OK);
    return sim;
}

/* Law 2 between any two events of programs that fault, get signals and die. */
START_TEST(exceptions_go_on_wherever_they_are_loaded)
{
    static event_log_t all, saved, loaded;
    irqsim_scenario_t *s;
    bool did = true;

    ck_assert_int_eq(irqsim_scenario_load(TESTS_DIR "/../examples/exceptions.yaml", &sink, &s),
                     IRQSIM_OK);
    irqsim_sim_t *const reference = bring_up_logged(s, &all);
    ck_assert_int_eq(irqsim_sim_run(reference, NULL), IRQSIM_OK);
    irqsim_sim_free(reference);
    ck_assert_uint_gt(all.n, 150);

    irqsim_sim_t *const first = bring_up_logged(s, &saved), *const second =
                                                                bring_up_logged(s, &loaded);
    while (did && saved.n < all.n) {
        void *bytes;
        size_t size;

        ck_assert_int_eq(irqsim_machine_step(irqsim_sim_machine(first), &did), IRQSIM_OK);
        ck_assert_int_eq(irqsim_sim_save(first, &bytes, &size), IRQSIM_OK);
        ck_assert_int_eq(irqsim_sim_load(second, bytes, size, &sink), IRQSIM_OK);
        loaded.n = 0;
        ck_assert_int_eq(irqsim_sim_run(second, NULL), IRQSIM_OK);
        ck_assert_uint_eq(saved.n + loaded.n, all.n);
        ck_assert_int_eq(memcmp(loaded.event, all.event + saved.n, loaded.n * sizeof(all.event[0])),
                         0);
        free(bytes);
    }
    irqsim_sim_free(first);
    irqsim_sim_free(second);
    irqsim_scenario_free(s);
}
END_TEST

START_TEST(a_damaged_snapshot_changes_nothing)
{
    irqsim_scenario_t *const s = load(storm);
    irqsim_sim_t *const sim = bring_up(s, NULL), *const other = bring_up(s, NULL);
    void *bytes, *before, *after;
    size_t size, before_size, after_size;

    ck_assert_int_eq(irqsim_machine_run(irqsim_sim_machine(other), 5000000000), IRQSIM_OK);
    ck_assert_int_eq(irqsim_sim_save(other, &bytes, &size), IRQSIM_OK);
    ck_assert_int_eq(irqsim_machine_run(irqsim_sim_machine(sim), 1000000000), IRQSIM_OK);
    ck_assert_int_eq(irqsim_sim_save(sim, &before, &before_size), IRQSIM_OK);
    void *const longer = calloc(size + 1, 1);
    memcpy(longer, bytes, size);
    ck_assert_int_eq(irqsim_sim_load(sim, longer, size + 1, NULL), IRQSIM_E_FORMAT);
    free(longer);
    for (unsigned i = 0; i < 64; i++) {
        uint8_t *const bad = (uint8_t *)bytes + size / 64 * i;

        *bad ^= 0x10;
        ck_assert_int_eq(irqsim_sim_load(sim, bytes, size, NULL), IRQSIM_E_FORMAT);
        *bad ^= 0x10;
        ck_assert_int_eq(irqsim_sim_load(sim, bytes, size / 64 * i, NULL), IRQSIM_E_FORMAT);
    }
    ck_assert_int_eq(irqsim_sim_save(sim, &after, &after_size), IRQSIM_OK);
    ck_assert_uint_eq(before_size, after_size);
    ck_assert_int_eq(memcmp(before, after, after_size), 0);
    ck_assert_int_eq(irqsim_sim_load(sim, bytes, size, NULL), IRQSIM_OK);
    free(bytes);
    free(before);
    free(after);
    irqsim_sim_free(sim);
    irqsim_sim_free(other);
    irqsim_scenario_free(s);
}
END_TEST

START_TEST(a_snapshot_of_another_scenario_is_refused)
{
    irqsim_scenario_t *const s = load("irqsim: 1\nrun: 1ms\n");
    irqsim_scenario_t *const t = load("irqsim: 1\nrun: 1ms\nseed: 2\n");
    irqsim_sim_t *const one = bring_up(s, NULL), *const two = bring_up(t, NULL);
    void *bytes;
    size_t size;

    ck_assert_int_eq(irqsim_sim_save(one, &bytes, &size), IRQSIM_OK);
    ck_assert_int_eq(irqsim_sim_load(two, bytes, size, &sink), IRQSIM_E_FORMAT);
    ck_assert_int_eq(irqsim_sim_load(one, bytes, size, &sink), IRQSIM_OK);
    free(bytes);
    irqsim_sim_free(one);
    irqsim_sim_free(two);
    irqsim_scenario_free(s);
    irqsim_scenario_free(t);
}
END_TEST

UNIT_MAIN("sim_run", UNIT_TEST(the_same_scenario_gives_the_same_events),
          UNIT_TEST(another_seed_gives_other_events),
          UNIT_TEST(neither_observers_nor_progress_change_anything),
          UNIT_TEST(tables_have_irqs_ascending_with_all_their_handlers),
          UNIT_TEST(numbers_in_events_have_names),
          UNIT_TEST(a_header_has_machine_figures_text_and_names),
          UNIT_TEST(a_finite_scenario_ends_when_all_is_done),
          UNIT_TEST(a_finite_scenario_waits_for_its_last_arrival),
          UNIT_TEST(endless_work_ends_ten_seconds_after_the_last_arrival),
          UNIT_LOOP(what_cannot_run_is_refused, 0, 2),
          UNIT_LOOP(a_loaded_simulation_goes_on_as_the_saved_one, 0, 19),
          UNIT_TEST(exceptions_go_on_wherever_they_are_loaded),
          UNIT_TEST(a_damaged_snapshot_changes_nothing),
          UNIT_TEST(a_snapshot_of_another_scenario_is_refused))
