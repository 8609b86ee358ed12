/* SPDX-License-Identifier: MIT */
/* test_sim_replay.c - recorded arrivals on this and on that machine */
#include <stdio.h>
#include <string.h>

#include <irqsim/sim.h>

#include "unit.h"

static char notes[4096];

static void note(void *user, const irqsim_diag_t *diag)
{
    (void)user;
    snprintf(notes + strlen(notes), sizeof(notes) - strlen(notes), "%s%s\n",
             diag->severity == IRQSIM_ERROR ? "error: " : "", diag->message);
}

static const irqsim_diag_sink_t sink = {note, NULL};

static const char recording[] = "irqsim-arrivals 1\n"
                                "origin by hand\n"
                                "cpus 4\n"
                                "irq 36 disk\n"
                                "irq 41 net\n"
                                "at 0 cpu 3 irq 36 takes 1000\n"
                                "  raise BLOCK takes 8000\n"
                                "    queue end_io#17 takes 21000\n"
                                "  raise RCU takes 500\n"
                                "at 50000 cpu 2 irq 36 takes 1000\n"
                                "at 100000 cpu 3 irq 36 takes 1000\n"
                                "at 150000 cpu 0 irq 41 takes 2000\n"
                                "  raise NET_RX takes 3000\n"
                                "at 160000 cpu 1 vector reschedule takes 700\n"
                                "at 200000 cpu 0 vector thermal_apic takes 700\n";

static irqsim_arrivals_t *list_of(const char *text)
{
    irqsim_arrivals_t *list = NULL;

    notes[0] = '\0';
    ck_assert_msg(irqsim_arrivals_load_bytes("r", text, strlen(text), &sink, &list) == IRQSIM_OK,
                  "%s", notes);
    return list;
}

static irqsim_scenario_t *scenario_of(const char *text)
{
    irqsim_scenario_t *s = NULL;

    ck_assert_msg(irqsim_scenario_load_bytes("t.yaml", text, strlen(text), &sink, &s) == IRQSIM_OK,
                  "%s", notes);
    return s;
}

static uint64_t executed(irqsim_sim_t *sim, unsigned softirq)
{
    uint64_t sum = 0;

    for (unsigned cpu = 0; cpu < irqsim_machine_cpus(irqsim_sim_machine(sim)); cpu++)
        sum += irqsim_kernel_softirq_executed(irqsim_sim_kernel(sim), softirq, cpu);
    return sum;
}

START_TEST(on_mp_irqs_become_msis_and_vectors_messages)
{
    irqsim_arrivals_t *const list = list_of(recording);
    irqsim_scenario_t *s;
    irqsim_sim_t *sim;
    irqsim_sim_irq_t irq;
    irqsim_sim_vector_t vector;

    ck_assert_int_eq(irqsim_scenario_default(4, &s), IRQSIM_OK);
    ck_assert_int_eq(irqsim_sim_new(s, list, NULL, 0, &sink, &sim), IRQSIM_OK);
    ck_assert_str_eq(notes, "irq 36: 1 arrivals of other CPUs go to CPU 3 with the rest\n"
                            "1 arrivals of vectors that this machine does not have are left out\n");
    ck_assert_uint_eq(irqsim_sim_end(sim), 161000000);
    ck_assert_int_eq(irqsim_sim_run(sim, NULL), IRQSIM_OK);
    ck_assert_uint_eq(irqsim_sim_irqs(sim), 2);
    ck_assert(irqsim_sim_irq(sim, 0, &irq));
    ck_assert_uint_eq(irq.irq, 36);
    ck_assert_str_eq(irq.name, "disk");
    ck_assert_str_eq(irq.chip, "PCI-MSI");
    ck_assert_uint_eq(irq.counts.delivered, 3);
    ck_assert_uint_eq(irqsim_kernel_irq_count(irqsim_sim_kernel(sim), irq.index, 3), 3);
    ck_assert(irqsim_sim_irq(sim, 1, &irq));
    ck_assert_uint_eq(irq.counts.delivered, 1);
    ck_assert(irqsim_sim_vector(sim, IRQSIM_SYSVEC_RESCHEDULE, &vector));
    ck_assert_uint_eq(vector.recorded, 1);
    ck_assert_uint_eq(vector.replayed, 1);
    ck_assert_uint_eq(vector.delivered, 1);
    ck_assert(!irqsim_sim_vector(sim, IRQSIM_SYSVECS, &vector));
    ck_assert_uint_eq(executed(sim, 4), 1); /* BLOCK */
    ck_assert_uint_eq(executed(sim, 3), 1); /* NET_RX */
    ck_assert_uint_eq(executed(sim, 9), 1); /* RCU */
    irqsim_sim_free(sim);
    irqsim_scenario_free(s);
    irqsim_arrivals_free(list);
}
END_TEST

START_TEST(on_at_irqs_get_free_isa_lines)
{
    irqsim_arrivals_t *const list = list_of(recording);
    irqsim_scenario_t *const s = scenario_of(
        "irqsim: 1\n"
        "machine: {profile: i486-pc}\n"
        "devices: [{name: d, irq: 10, handler: 1us, arrivals: {every: 1us, count: 1}}]\n"
        "tasks: [{name: app0}]\n");
    irqsim_sim_t *sim;
    irqsim_sim_irq_t irq;
    irqsim_sim_vector_t vector;

    ck_assert_int_eq(irqsim_sim_new(s, list, NULL, 0, &sink, &sim), IRQSIM_OK);
    ck_assert_str_eq(notes, "2 arrivals of vectors that this machine does not have are left out\n"
                            "recorded on 4 CPUs, this machine has 1: CPU n becomes n modulo 1\n"
                            "1 recorded softirqs are unknown to linux-2.6.23 and run as TASKLET\n");
    ck_assert_int_eq(irqsim_sim_run(sim, NULL), IRQSIM_OK);
    ck_assert(irqsim_sim_irq(sim, 1, &irq));
    ck_assert_uint_eq(irq.irq, 36);
    ck_assert_str_eq(irq.chip, "XT-PIC");
    ck_assert_uint_eq(irq.hwirq, 11);
    ck_assert_uint_eq(irq.counts.arrived, 3);
    ck_assert_uint_eq(irq.counts.delivered + irq.counts.coalesced, 3);
    ck_assert(irqsim_sim_irq(sim, 2, &irq));
    ck_assert_uint_eq(irq.irq, 41);
    ck_assert_uint_eq(irq.hwirq, 9); /* 10 is the scenario's own */
    ck_assert(irqsim_sim_vector(sim, IRQSIM_SYSVEC_RESCHEDULE, &vector));
    ck_assert_uint_eq(vector.recorded, 1);
    ck_assert_uint_eq(vector.replayed, 0);
    ck_assert_uint_ge(executed(sim, 5), 1); /* TASKLET, for RCU */
    irqsim_sim_free(sim);
    irqsim_scenario_free(s);
    irqsim_arrivals_free(list);
}
END_TEST

/* 1 us of the recording is 3000 clocks at 3 GHz, 3000 clocks at 33 MHz are 91 us. */
START_TEST(recorded_work_takes_longer_on_a_slower_machine)
{
    irqsim_arrivals_t *const list = list_of("irqsim-arrivals 1\n"
                                            "origin by hand\n"
                                            "cpus 1\n"
                                            "irq 36 disk\n"
                                            "at 0 cpu 0 irq 36 takes 1000000\n");
    irqsim_scenario_t *const s = scenario_of("irqsim: 1\nmachine: {profile: i486-pc}\n"
                                             "kernel: {tick: off}\ntasks: [{name: a}]\n");
    irqsim_sim_t *sim;

    ck_assert_int_eq(irqsim_sim_new(s, list, NULL, 0, &sink, &sim), IRQSIM_OK);
    ck_assert_int_eq(irqsim_sim_run(sim, NULL), IRQSIM_OK);
    const irqsim_time_t end = irqsim_machine_now(irqsim_sim_machine(sim));
    ck_assert_uint_ge(end, UINT64_C(90909000000));
    ck_assert_uint_le(end, UINT64_C(93000000000));
    irqsim_sim_free(sim);
    irqsim_scenario_free(s);
    irqsim_arrivals_free(list);
}
END_TEST

/* What is replayed, in time of this machine's CPU, and the span in which it comes. */
START_TEST(demand_counts_what_is_replayed)
{
    irqsim_arrivals_t *const list = list_of(recording);
    irqsim_scenario_t *const machines[] = {
        scenario_of("irqsim: 1\nmachine: {cpus: 4}\n"),
        scenario_of("irqsim: 1\nmachine: {profile: i486-pc}\n"),
        scenario_of("irqsim: 1\nrun: 1ms\n"),
    };
    const uint64_t clocks = 37500 * (irqsim_profile(IRQSIM_MODERN_X2APIC)->cpu_hz / 1000000000);
    const uint64_t hz = machines[1]->profile.cpu_hz;
    irqsim_sim_demand_t demand;
    irqsim_sim_t *sim;

    ck_assert_int_eq(irqsim_sim_new(machines[0], list, NULL, 0, &sink, &sim), IRQSIM_OK);
    ck_assert(irqsim_sim_demand(sim, &demand));
    ck_assert_uint_eq(demand.work, (37500 + 700) * IRQSIM_PS_PER_NS);
    ck_assert_uint_eq(demand.span, 160000 * IRQSIM_PS_PER_NS);
    irqsim_sim_free(sim);
    ck_assert_int_eq(irqsim_sim_new(machines[1], list, NULL, 0, &sink, &sim), IRQSIM_OK);
    ck_assert(irqsim_sim_demand(sim, &demand));
    ck_assert_uint_eq(demand.work / IRQSIM_PS_PER_NS, clocks * 1000000000 / hz);
    ck_assert_uint_eq(demand.span, 150000 * IRQSIM_PS_PER_NS);
    irqsim_sim_free(sim);
    ck_assert_int_eq(irqsim_sim_new(machines[2], NULL, NULL, 0, &sink, &sim), IRQSIM_OK);
    ck_assert(!irqsim_sim_demand(sim, &demand));
    irqsim_sim_free(sim);
    for (size_t i = 0; i < 3; i++)
        irqsim_scenario_free(machines[i]);
    irqsim_arrivals_free(list);
}
END_TEST

/* Works of one name but another number are other works. */
typedef struct queued {
    unsigned n;
    uint32_t work[4], name[4];
} queued_t;

static void see_queued(void *user, const irqsim_event_t *ev)
{
    queued_t *const queued = user;

    if (ev->id != IRQSIM_EV_WORK_QUEUE || queued->n == 4)
        return;
    queued->work[queued->n] = ev->arg[0];
    queued->name[queued->n++] = ev->arg[1];
}

START_TEST(works_are_told_apart_by_their_numbers)
{
    irqsim_arrivals_t *const list = list_of("irqsim-arrivals 1\n"
                                            "origin by hand\n"
                                            "cpus 1\n"
                                            "irq 36 disk\n"
                                            "at 0 cpu 0 irq 36 takes 1000\n"
                                            "  queue end_io#17 takes 1000\n"
                                            "  queue end_io#18 takes 1000\n"
                                            "  queue end_io#17 takes 1000\n");
    queued_t queued = {.n = 0};
    const irqsim_observer_t observer = {see_queued, &queued};
    irqsim_scenario_t *s;
    irqsim_sim_t *sim;

    ck_assert_int_eq(irqsim_scenario_default(1, &s), IRQSIM_OK);
    ck_assert_int_eq(irqsim_sim_new(s, list, &observer, 1, &sink, &sim), IRQSIM_OK);
    ck_assert_int_eq(irqsim_sim_run(sim, NULL), IRQSIM_OK);
    ck_assert_uint_eq(queued.n, 3);
    ck_assert_uint_ne(queued.work[0], queued.work[1]);
    ck_assert_uint_eq(queued.work[0], queued.work[2]);
    for (unsigned i = 0; i < 3; i++)
        ck_assert_str_eq(irqsim_sim_name(sim, "name", queued.name[i]), "end_io");
    irqsim_sim_free(sim);
    irqsim_scenario_free(s);
    irqsim_arrivals_free(list);
}
END_TEST

START_TEST(an_irq_cannot_be_recorded_and_scripted)
{
    irqsim_arrivals_t *const list = list_of(recording);
    irqsim_scenario_t *const s = scenario_of(
        "irqsim: 1\nmachine: {cpus: 4}\n"
        "devices: [{name: d, irq: 41, handler: 1us, arrivals: {every: 1us, count: 1}}]\n");
    irqsim_sim_t *sim = NULL;

    ck_assert_int_eq(irqsim_sim_new(s, list, NULL, 0, &sink, &sim), IRQSIM_E_FORMAT);
    ck_assert_ptr_nonnull(
        strstr(notes, "error: irq 41 is recorded, and devices[0] of the scenario has it too\n"));
    irqsim_scenario_free(s);
    irqsim_arrivals_free(list);
}
END_TEST

START_TEST(more_irqs_than_isa_lines_are_refused)
{
    char text[4096] = "irqsim-arrivals 1\norigin by hand\ncpus 1\n";
    irqsim_sim_t *sim = NULL;

    for (unsigned irq = 30; irq < 42; irq++)
        sprintf(text + strlen(text), "irq %u d%u\n", irq, irq);
    for (unsigned irq = 30; irq < 42; irq++)
        sprintf(text + strlen(text), "at %u cpu 0 irq %u takes 1\n", irq, irq);
    irqsim_arrivals_t *const list = list_of(text);
    irqsim_scenario_t *const s = scenario_of("irqsim: 1\nmachine: {profile: i486-pc}\n");

    ck_assert_int_eq(irqsim_sim_new(s, list, NULL, 0, &sink, &sim), IRQSIM_E_FORMAT);
    ck_assert_str_eq(notes, "error: no line is left for irq 41: board at has 11\n");
    irqsim_scenario_free(s);
    irqsim_arrivals_free(list);
}
END_TEST

/* A device of the scenario may play one irq of a file. */
START_TEST(a_device_plays_one_irq_of_a_file)
{
    const char *const path = "test_sim_replay.arrivals";
    irqsim_arrivals_t *const list = list_of(recording);
    irqsim_sim_t *sim = NULL;
    irqsim_sim_irq_t irq;

    ck_assert_int_eq(irqsim_arrivals_save(list, path), IRQSIM_OK);
    irqsim_arrivals_free(list);
    irqsim_scenario_t *const s = scenario_of(
        "irqsim: 1\n"
        "devices:\n"
        "  - {name: a, irq: 50, arrivals: {recorded: test_sim_replay.arrivals, irq: 36}}\n"
        "  - {name: b, irq: 51,\n"
        "     arrivals: {recorded: test_sim_replay.arrivals, irq: 41, from: 1ms}}\n"
        "expect: [irq 50 lost == 0]\n");
    ck_assert_int_eq(irqsim_sim_new(s, NULL, NULL, 0, &sink, &sim), IRQSIM_OK);
    remove(path);
    ck_assert_uint_eq(irqsim_sim_end(sim), 1150000000);
    ck_assert_int_eq(irqsim_sim_run(sim, NULL), IRQSIM_OK);
    ck_assert(irqsim_sim_irq(sim, 0, &irq));
    ck_assert_uint_eq(irq.counts.delivered, 3);
    ck_assert(irqsim_sim_irq(sim, 1, &irq));
    ck_assert_uint_eq(irq.counts.delivered, 1);
    ck_assert_uint_eq(executed(sim, 3), 1);
    irqsim_sim_free(sim);
    irqsim_scenario_free(s);
}
END_TEST

START_TEST(a_file_without_the_irq_is_refused)
{
    const char *const path = "test_sim_replay_none.arrivals";
    irqsim_arrivals_t *const list = list_of(recording);
    irqsim_sim_t *sim = NULL;

    ck_assert_int_eq(irqsim_arrivals_save(list, path), IRQSIM_OK);
    irqsim_arrivals_free(list);
    irqsim_scenario_t *const s =
        scenario_of("irqsim: 1\n"
                    "devices: [{name: a, irq: 50,\n"
                    "           arrivals: {recorded: test_sim_replay_none.arrivals, irq: 37}}]\n");
    ck_assert_int_eq(irqsim_sim_new(s, NULL, NULL, 0, &sink, &sim), IRQSIM_E_FORMAT);
    remove(path);
    ck_assert_str_eq(notes, "error: by hand: there is no irq 37 in it\n");
    irqsim_scenario_free(s);
}
END_TEST

UNIT_MAIN("sim_replay", UNIT_TEST(on_mp_irqs_become_msis_and_vectors_messages),
          UNIT_TEST(on_at_irqs_get_free_isa_lines),
          UNIT_TEST(recorded_work_takes_longer_on_a_slower_machine),
          UNIT_TEST(demand_counts_what_is_replayed),
          UNIT_TEST(works_are_told_apart_by_their_numbers),
          UNIT_TEST(an_irq_cannot_be_recorded_and_scripted),
          UNIT_TEST(more_irqs_than_isa_lines_are_refused),
          UNIT_TEST(a_device_plays_one_irq_of_a_file), UNIT_TEST(a_file_without_the_irq_is_refused))
