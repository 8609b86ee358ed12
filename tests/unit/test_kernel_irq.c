/* SPDX-License-Identifier: MIT */
/* The hard-interrupt path: chips, flows, sharing, system vectors, scheduling. */
#include <stdio.h>

#include "kernel_rig.h"

enum { BLOCK = 4 };

static irqsim_source_desc_t pin_source(uint16_t pin, irqsim_time_t first, uint64_t count,
                                       uint32_t job)
{
    return (irqsim_source_desc_t){.pin = pin,
                                  .pattern = IRQSIM_PATTERN_PERIODIC,
                                  .first = first,
                                  .period = MS,
                                  .count = count,
                                  .job = job};
}

static const irqsim_job_t quick[] = {{.kind = IRQSIM_JOB_HANDLER, .clocks = 330},
                                     {.kind = IRQSIM_JOB_HANDLER, .clocks = 33000}};

typedef struct board {
    irqsim_machine_desc_t machine;
    irqsim_kernel_desc_t kernel;
} board_t;

static board_t at_board(irqsim_era_t era)
{
    return (board_t){{.board = IRQSIM_BOARD_AT, .profile_id = IRQSIM_I486_PC},
                     {.era = era, .jobs = quick, .n_jobs = 2}};
}

static board_t mp_board(irqsim_profile_id_t profile, uint16_t cpus, irqsim_era_t era)
{
    return (board_t){{.board = IRQSIM_BOARD_MP, .profile_id = profile, .cpus = cpus},
                     {.era = era, .jobs = quick, .n_jobs = 2}};
}

/* LPIC-01: mask, EOI, handlers, unmask; each arrival of a slave line is delivered. */
START_TEST(flow_level_1_and_lpic_01_slave_line_through_the_pair)
{
    const irqsim_source_desc_t source = pin_source(14, MS, 10, 0);
    const irqsim_irq_desc_t irq = {.irq = 14, .hwirq = 14};
    const irqsim_action_desc_t action = {.irq = 14};
    board_t b = at_board((irqsim_era_t)_i);
    irqsim_source_counts_t counts;
    kernel_rig_t rig;

    b.machine.sources = &source;
    b.machine.n_sources = b.kernel.n_irqs = b.kernel.n_actions = 1;
    b.kernel.irqs = &irq;
    b.kernel.actions = &action;
    kernel_rig_open(&rig, b.machine, b.kernel);
    kernel_rig_run(&rig, 20 * MS);
    ck_assert_uint_eq(irqsim_kernel_irq_count(rig.k, 0, 0), 10);
    ck_assert_int_eq(irqsim_machine_counts(rig.m, 0, &counts), IRQSIM_OK);
    ck_assert_uint_eq(counts.delivered, 10);
    ck_assert_uint_eq(counts.coalesced + counts.withdrawn + counts.pending, 0);
    for (unsigned chip = 0; chip < 2; chip++)
        ck_assert_uint_eq(irqsim_machine_pic(rig.m, chip)->isr, 0);
    /* LPIC-05: only the cascade and line 14 are open. */
    ck_assert_uint_eq(irqsim_machine_pic(rig.m, 0)->imr, 0xFB);
    ck_assert_uint_eq(irqsim_machine_pic(rig.m, 1)->imr, 0xBF);
    kernel_rig_close(&rig);
}
END_TEST

/* Two level devices on one IOAPIC pin, both raise it at once: one interrupt asks
 * both handlers. */
START_TEST(share_01_flow_eoi_1_two_level_devices_on_one_pin)
{
    const irqsim_source_desc_t sources[] = {pin_source(17, MS, 3, 0), pin_source(17, MS, 3, 0)};
    const irqsim_irq_desc_t irq = {.irq = 17, .hwirq = 17, .level = 1};
    const irqsim_action_desc_t actions[] = {{.irq = 17, .source = 0, .flags = IRQSIM_IRQF_SHARED},
                                            {.irq = 17, .source = 1, .flags = IRQSIM_IRQF_SHARED}};
    board_t b = mp_board(_i ? IRQSIM_MODERN_X2APIC : IRQSIM_P6_MP, 2, IRQSIM_LINUX_MODERN);
    irqsim_source_counts_t counts;
    kernel_rig_t rig;

    b.machine.sources = sources;
    b.machine.n_sources = b.kernel.n_actions = 2;
    b.kernel.n_irqs = 1;
    b.kernel.irqs = &irq;
    b.kernel.actions = actions;
    kernel_rig_open(&rig, b.machine, b.kernel);
    kernel_rig_run(&rig, 10 * MS);
    ck_assert_uint_eq(irqsim_kernel_irq_count(rig.k, 0, 0), 3);
    for (uint32_t i = 0; i < 2; i++) {
        ck_assert_int_eq(irqsim_machine_counts(rig.m, i, &counts), IRQSIM_OK);
        ck_assert_uint_eq(counts.delivered, 3);
    }
    /* Everything has ended: no remote IRR, no ISR bit. */
    ck_assert_uint_eq(irqsim_machine_ioapic(rig.m)->remote, 0);
    ck_assert_int_eq(irqsim_lapic_isrv(irqsim_machine_lapic(rig.m, 0)), -1);
    kernel_rig_close(&rig);
}
END_TEST

START_TEST(share_01_sharing_must_be_agreed_by_all)
{
    const irqsim_irq_desc_t irq = {.irq = 5, .hwirq = 5};
    const irqsim_action_desc_t actions[] = {{.irq = 5, .flags = IRQSIM_IRQF_SHARED}, {.irq = 5}};
    const irqsim_kernel_desc_t desc = {
        .cpus = 1, .irqs = &irq, .n_irqs = 1, .actions = actions, .n_actions = 2};
    uint64_t memory[64];
    irqsim_kernel_t *k = NULL;

    ck_assert_int_eq(irqsim_kernel_init(memory, sizeof(memory), &desc, &k), IRQSIM_E_INVAL);
    ck_assert_ptr_null(k);
}
END_TEST

/* 2.6 runs handlers with IF=1: the same edge comes again meanwhile, is remembered
 * and masked, and the first one's loop handles it. */
START_TEST(flow_edge_1_an_edge_during_its_own_handler_is_replayed)
{
    const irqsim_job_t slow[] = {{.kind = IRQSIM_JOB_HANDLER, .clocks = 200 * 1500}};
    const irqsim_source_desc_t source = {.wiring = IRQSIM_WIRED_MSI,
                                         .pattern = IRQSIM_PATTERN_PERIODIC,
                                         .first = MS,
                                         .period = MS,
                                         .count = 2};
    const irqsim_irq_desc_t irq = {.irq = 40, .msi = 1};
    const irqsim_action_desc_t action = {.irq = 40};
    token_log_t log = {0};
    board_t b = mp_board(IRQSIM_P6_MP, 1, IRQSIM_LINUX_2_6_23);
    kernel_rig_t rig;

    b.machine.sources = &source;
    b.machine.n_sources = b.kernel.n_irqs = b.kernel.n_actions = 1;
    b.machine.host = (irqsim_host_t){token_emit, &log};
    b.kernel.irqs = &irq;
    b.kernel.actions = &action;
    b.kernel.jobs = slow;
    b.kernel.n_jobs = 1;
    kernel_rig_open(&rig, b.machine, b.kernel);
    kernel_rig_run(&rig, 10 * MS);
    ck_assert_str_eq(log.text, "H+40 H-40 H+40 H-40");
    ck_assert_uint_eq(irqsim_kernel_irq_count(rig.k, 0, 0), 1); /* FLOW-00: counted once */
    kernel_rig_close(&rig);
}
END_TEST

/* A pulse that ends before anybody acknowledged it: the vector of line 7, which the
 * kernel recognises as spurious; the arrival is withdrawn. */
START_TEST(lpic_02_spurious_irq7)
{
    irqsim_source_desc_t sources[] = {pin_source(3, MS, 1, 1), pin_source(4, MS + 200 * US, 40, 0)};
    const irqsim_irq_desc_t irqs[] = {{.irq = 3, .hwirq = 3}, {.irq = 4, .hwirq = 4}};
    const irqsim_action_desc_t actions[] = {{.irq = 3, .source = 0}, {.irq = 4, .source = 1}};
    board_t b = at_board(IRQSIM_LINUX_MODERN);
    irqsim_source_counts_t counts;
    kernel_rig_t rig;

    sources[1].pulse = 2 * US; /* falls while the handler of irq 3 keeps IF=0 */
    b.machine.sources = sources;
    b.machine.n_sources = b.kernel.n_irqs = b.kernel.n_actions = 2;
    b.kernel.irqs = irqs;
    b.kernel.actions = actions;
    kernel_rig_open(&rig, b.machine, b.kernel);
    kernel_rig_run(&rig, 100 * MS);
    ck_assert_int_eq(irqsim_machine_counts(rig.m, 1, &counts), IRQSIM_OK);
    ck_assert_uint_eq(counts.arrived, 40);
    ck_assert_uint_gt(counts.withdrawn, 0);
    ck_assert_uint_eq(counts.delivered + counts.coalesced + counts.withdrawn, 40);
    ck_assert_uint_eq(irqsim_kernel_preempt_count(rig.k, 0), 0);
    kernel_rig_close(&rig);
}
END_TEST

/* ALLOC-02: 0x39, 0x41, ... with 2.6; one after another with a modern kernel. */
START_TEST(alloc_01_vectors_in_the_order_of_the_era)
{
    irqsim_irq_desc_t irqs[24];
    board_t b = mp_board(IRQSIM_P6_MP, 1, (irqsim_era_t)_i);
    kernel_rig_t rig;

    for (uint16_t pin = 0; pin < 24; pin++)
        irqs[pin] = (irqsim_irq_desc_t){.irq = pin, .hwirq = pin};
    b.kernel.irqs = irqs;
    b.kernel.n_irqs = 24;
    kernel_rig_open(&rig, b.machine, b.kernel);
    for (unsigned pin = 0; pin < 24; pin++) {
        const uint8_t vector = (uint8_t)irqsim_ioapic_rte(irqsim_machine_ioapic(rig.m), pin);
        const unsigned round = pin / 23, place = pin % 23;
        const unsigned old = 0x31 + round + 8 * (place + (round ? 0 : 1));
        const unsigned modern = 0x21 + pin + (pin >= 15 ? 16 : 0);

        ck_assert_uint_eq(vector, _i == IRQSIM_LINUX_2_6_23 ? old : modern);
    }
    kernel_rig_close(&rig);
}
END_TEST

/* 2.6 has one vector for an irq on all CPUs, so that an EOI means one irq (IOAPIC-29);
 * each CPU of a modern kernel has vectors of its own. */
START_TEST(alloc_01_irqs_of_two_cpus)
{
    const irqsim_irq_desc_t irqs[] = {{.irq = 16, .hwirq = 16, .level = 1},
                                      {.irq = 17, .hwirq = 17, .level = 1, .cpu = 1}};
    board_t b = mp_board(IRQSIM_P6_MP, 2, (irqsim_era_t)_i);
    kernel_rig_t rig;

    b.kernel.irqs = irqs;
    b.kernel.n_irqs = 2;
    kernel_rig_open(&rig, b.machine, b.kernel);
    const uint8_t first = (uint8_t)irqsim_ioapic_rte(irqsim_machine_ioapic(rig.m), 16);
    const uint8_t second = (uint8_t)irqsim_ioapic_rte(irqsim_machine_ioapic(rig.m), 17);
    ck_assert_uint_eq(first, _i == IRQSIM_LINUX_2_6_23 ? 0x39 : 0x21);
    ck_assert_uint_eq(second, _i == IRQSIM_LINUX_2_6_23 ? 0x41 : 0x21);
    kernel_rig_close(&rig);
}
END_TEST

/* An IPI of another CPU ends in the target's reschedule vector. */
START_TEST(ipi_05_reschedule_reaches_the_other_cpu)
{
    const irqsim_job_t jobs[] = {
        {.kind = IRQSIM_JOB_HANDLER, .clocks = 330, .child = 2},
        {.kind = IRQSIM_JOB_RESCHEDULE, .nr = 1},
    };
    const irqsim_source_desc_t source = pin_source(16, MS, 5, 0);
    const irqsim_irq_desc_t irq = {.irq = 16, .hwirq = 16};
    const irqsim_action_desc_t action = {.irq = 16};
    board_t b = mp_board(_i ? IRQSIM_MODERN_X2APIC : IRQSIM_P6_MP, 2,
                         _i ? IRQSIM_LINUX_MODERN : IRQSIM_LINUX_2_6_23);
    kernel_rig_t rig;

    b.machine.sources = &source;
    b.machine.n_sources = b.kernel.n_irqs = b.kernel.n_actions = 1;
    b.kernel.irqs = &irq;
    b.kernel.actions = &action;
    b.kernel.jobs = jobs;
    b.kernel.n_jobs = 2;
    kernel_rig_open(&rig, b.machine, b.kernel);
    kernel_rig_run(&rig, 10 * MS);
    ck_assert_uint_eq(irqsim_kernel_sysvec_count(rig.k, IRQSIM_SYSVEC_RESCHEDULE, 1), 5);
    ck_assert_uint_eq(irqsim_kernel_sysvec_count(rig.k, IRQSIM_SYSVEC_RESCHEDULE, 0), 0);
    kernel_rig_close(&rig);
}
END_TEST

/* All events, to look back at. */
typedef struct history {
    irqsim_event_t event[1024];
    uint64_t events;
} history_t;

static uint64_t remember(void *user, const irqsim_event_t *ev)
{
    history_t *history = user;

    ck_assert_uint_lt(history->events, 1024);
    history->event[history->events] = *ev;
    return ++history->events;
}

static const irqsim_job_t calling[] = {
    {.kind = IRQSIM_JOB_HANDLER, .clocks = 330, .child = 2},
    {.kind = IRQSIM_JOB_WORK, .clocks = 330, .child = 3},
    {.kind = IRQSIM_JOB_CALL_FUNCTION},
};

/* A device of CPU 0, five times, whose handler leaves a work that calls. */
static void open_calling(kernel_rig_t *rig, board_t b, history_t *history)
{
    static const irqsim_source_desc_t source = {
        .pin = 3, .pattern = IRQSIM_PATTERN_PERIODIC, .first = MS, .period = MS, .count = 5};
    static const irqsim_irq_desc_t irq = {.irq = 3, .hwirq = 3};
    static const irqsim_action_desc_t action = {.irq = 3};
    static const uint32_t work_name = 0;

    *history = (history_t){.events = 0};
    b.machine.host = (irqsim_host_t){remember, history};
    b.machine.sources = &source;
    b.machine.n_sources = b.kernel.n_irqs = b.kernel.n_actions = b.kernel.n_works = 1;
    b.kernel.irqs = &irq;
    b.kernel.actions = &action;
    b.kernel.work_names = &work_name;
    b.kernel.jobs = calling;
    b.kernel.n_jobs = 3;
    kernel_rig_open(rig, b.machine, b.kernel);
    kernel_rig_run(rig, 10 * MS);
}

static const irqsim_event_t *cause_of(const history_t *history, const irqsim_event_t *ev)
{
    ck_assert_uint_ge(ev->cause, 1);
    ck_assert_uint_le(ev->cause, history->events);
    return &history->event[ev->cause - 1];
}

static const struct {
    irqsim_profile_id_t profile;
    irqsim_era_t era;
    uint32_t dest;
} callers[] = {
    {IRQSIM_P6_MP, IRQSIM_LINUX_2_6_23, 0xF},
    {IRQSIM_P4_XAPIC, IRQSIM_LINUX_2_6_23, 0xFF},
    {IRQSIM_MODERN_X2APIC, IRQSIM_LINUX_MODERN, 0xFFFFFFFF},
};

/* One message, however many CPUs there are; its cause leads back to the work. */
START_TEST(ipi_02_a_work_calls_all_others_by_one_message)
{
    const uint8_t vector = irqsim_sysvec_vector(callers[_i].era, IRQSIM_SYSVEC_CALL_FUNCTION);
    unsigned messages = 0, sends = 0;
    static history_t history;
    kernel_rig_t rig;

    open_calling(&rig, mp_board(callers[_i].profile, 4, callers[_i].era), &history);
    for (uint64_t i = 0; i < history.events; i++) {
        const irqsim_event_t *ev = &history.event[i];

        sends += ev->id == IRQSIM_EV_IPI_SEND;
        if (ev->id != IRQSIM_EV_MSG_SEND || ev->arg[0] != vector)
            continue;
        messages++;
        ck_assert_uint_eq(ev->arg[2], callers[_i].dest);
        const irqsim_event_t *send = cause_of(&history, ev);
        ck_assert_uint_eq(send->id, IRQSIM_EV_IPI_SEND);
        ck_assert_uint_eq(send->arg[0], vector);
        ck_assert_uint_eq(send->arg[1], IRQSIM_OTHER_CPUS);
        ck_assert_uint_eq(cause_of(&history, send)->id, IRQSIM_EV_WORK_START);
    }
    ck_assert_uint_eq(messages, 5);
    ck_assert_uint_eq(sends, 5);
    kernel_rig_close(&rig);
}
END_TEST

START_TEST(ipi_03_every_cpu_but_the_caller_runs_the_function)
{
    static history_t history;
    kernel_rig_t rig;

    open_calling(&rig, mp_board(callers[_i].profile, 4, callers[_i].era), &history);
    for (unsigned cpu = 0; cpu < 4; cpu++)
        ck_assert_uint_eq(irqsim_kernel_sysvec_count(rig.k, IRQSIM_SYSVEC_CALL_FUNCTION, cpu),
                          cpu ? 5 : 0);
    ck_assert(irqsim_kernel_quiet(rig.k));
    kernel_rig_close(&rig);
}
END_TEST

/* Zero other CPUs: it returns at once. */
START_TEST(ipi_02_a_cpu_alone_calls_nobody)
{
    static history_t history;
    kernel_rig_t rig;

    open_calling(
        &rig, _i ? mp_board(IRQSIM_P6_MP, 1, IRQSIM_LINUX_2_6_23) : at_board(IRQSIM_LINUX_2_6_23),
        &history);
    ck_assert_uint_eq(irqsim_kernel_irq_count(rig.k, 0, 0), 5);
    for (uint64_t i = 0; i < history.events; i++)
        ck_assert_uint_ne(history.event[i].id, IRQSIM_EV_IPI_SEND);
    kernel_rig_close(&rig);
}
END_TEST

/* A handler, a work of its, and what one of the two leaves beside a reschedule. */
static const struct {
    irqsim_job_t job[4];
    irqsim_status_t status;
} call_tables[] = {
    {{{.child = 2},
      {.kind = IRQSIM_JOB_WORK, .child = 3},
      {.kind = IRQSIM_JOB_RESCHEDULE, .next = 4},
      {.kind = IRQSIM_JOB_CALL_FUNCTION}},
     IRQSIM_E_FULL}, /* only memory is missing */
    {{{.child = 2},
      {.kind = IRQSIM_JOB_SOFTIRQ, .child = 3},
      {.kind = IRQSIM_JOB_RESCHEDULE, .next = 4},
      {.kind = IRQSIM_JOB_CALL_FUNCTION}},
     IRQSIM_E_INVAL},
    {{{.child = 2}, {.kind = IRQSIM_JOB_WORK, .next = 3}, {.kind = IRQSIM_JOB_CALL_FUNCTION}},
     IRQSIM_E_INVAL},
    {{{.child = 2},
      {.kind = IRQSIM_JOB_WORK, .child = 3},
      {.kind = IRQSIM_JOB_CALL_FUNCTION, .nr = 1}},
     IRQSIM_E_INVAL},
};

START_TEST(ipi_02_only_a_work_may_call)
{
    static const uint32_t work_name = 0;
    const irqsim_kernel_desc_t desc = {.cpus = 2,
                                       .jobs = call_tables[_i].job,
                                       .n_jobs = 4,
                                       .work_names = &work_name,
                                       .n_works = 1};
    uint64_t memory;
    irqsim_kernel_t *k;

    ck_assert_int_eq(irqsim_kernel_init(&memory, sizeof(memory), &desc, &k),
                     call_tables[_i].status);
}
END_TEST

/* A recorded vector: a message from outside, its work in the vector's handler. */
START_TEST(ipi_08_recorded_local_timer_defers_as_it_did)
{
    const irqsim_job_t jobs[] = {
        {.kind = IRQSIM_JOB_HANDLER, .clocks = 3000, .child = 2},
        {.kind = IRQSIM_JOB_SOFTIRQ, .clocks = 3000, .nr = 1},
    };
    const irqsim_arrival_t record[] = {{.time = MS}, {.time = 2 * MS}};
    const irqsim_source_desc_t source = {
        .wiring = IRQSIM_WIRED_MESSAGE,
        .cpu = 1,
        .vector = irqsim_sysvec_vector(IRQSIM_LINUX_MODERN, IRQSIM_SYSVEC_LOCAL_TIMER),
        .pattern = IRQSIM_PATTERN_RECORD,
        .record = record,
        .record_len = 2};
    const irqsim_sysvec_desc_t sysvec = {.sysvec = IRQSIM_SYSVEC_LOCAL_TIMER, .cpu = 1};
    token_log_t log = {0};
    board_t b = mp_board(IRQSIM_MODERN_X2APIC, 2, IRQSIM_LINUX_MODERN);
    kernel_rig_t rig;

    b.machine.sources = &source;
    b.machine.n_sources = b.kernel.n_sysvecs = 1;
    b.machine.host = (irqsim_host_t){token_emit, &log};
    b.kernel.sysvecs = &sysvec;
    b.kernel.jobs = jobs;
    b.kernel.n_jobs = 2;
    kernel_rig_open(&rig, b.machine, b.kernel);
    kernel_rig_run(&rig, 10 * MS);
    ck_assert_str_eq(log.text, "V+236 V-236 S+1 S-1 V+236 V-236 S+1 S-1");
    kernel_rig_close(&rig);
}
END_TEST

static uint64_t count_deliveries(void *user, const irqsim_event_t *ev)
{
    uint64_t *vector = user; /* [0] counts events */

    if (ev->id == IRQSIM_EV_DELIVER)
        vector[ev->arg[0] & 0xFF]++;
    return ++vector[0];
}

/* Without an EOI the second message would wait behind the first for good. */
START_TEST(ver_03_a_vector_that_no_irq_uses_gets_its_eoi)
{
    const irqsim_source_desc_t source = {.wiring = IRQSIM_WIRED_MESSAGE,
                                         .vector = 0xC3,
                                         .pattern = IRQSIM_PATTERN_PERIODIC,
                                         .first = MS,
                                         .period = MS,
                                         .count = 5};
    board_t b = mp_board(IRQSIM_P6_MP, 1, IRQSIM_LINUX_MODERN);
    uint64_t deliveries[256] = {0};
    kernel_rig_t rig;

    b.machine.sources = &source;
    b.machine.n_sources = 1;
    b.machine.host = (irqsim_host_t){count_deliveries, deliveries};
    kernel_rig_open(&rig, b.machine, b.kernel);
    kernel_rig_run(&rig, 10 * MS);
    ck_assert_uint_eq(deliveries[0xC3], 5);
    ck_assert_uint_eq(irqsim_kernel_preempt_count(rig.k, 0), 0);
    kernel_rig_close(&rig);
}
END_TEST

/* Round robin: three tasks on one CPU, turns of one tick. */
START_TEST(tmr_04_ticks_give_equal_turns)
{
    const irqsim_task_desc_t tasks[3] = {{.name = 1}, {.name = 2}, {.name = 3}};
    board_t b =
        _i ? mp_board(IRQSIM_MODERN_X2APIC, 1, IRQSIM_LINUX_MODERN) : at_board(IRQSIM_LINUX_2_6_23);
    irqsim_task_info_t info;
    kernel_rig_t rig;

    b.kernel.tasks = tasks;
    b.kernel.n_tasks = 3;
    b.kernel.hz = 100;
    kernel_rig_open(&rig, b.machine, b.kernel);
    kernel_rig_run(&rig, 3000 * MS);
    ck_assert_uint_ge(irqsim_kernel_ticks(rig.k, 0), 299);
    ck_assert_uint_le(irqsim_kernel_ticks(rig.k, 0), 301);
    for (uint32_t i = 0; i < 3; i++) {
        ck_assert(irqsim_kernel_task(rig.k, i, &info));
        ck_assert_uint_gt(info.ran, 980 * MS);
        ck_assert_uint_lt(info.ran, 1020 * MS);
    }
    ck_assert_uint_eq(irqsim_kernel_softirq_executed(rig.k, 1, 0) > 0, _i == 0);
    kernel_rig_close(&rig);
}
END_TEST

/* An observer that leaves its stack full of rubbish: the kernel's next call is made there. */
static uint64_t emit_and_litter(void *user, const irqsim_event_t *ev)
{
    volatile uint8_t litter[8192];
    uint64_t *seq = user;

    for (size_t i = 0; i < sizeof(litter); i++)
        litter[i] = (uint8_t)(0x80 | ev->id);
    return ++*seq;
}

/* A tick of the kernel's own has no recorded softirqs, whatever was in memory before. */
START_TEST(tmr_04_each_tick_raises_timer_whatever_the_stack_held)
{
    uint64_t seq = 0;
    board_t b = mp_board(IRQSIM_P6_MP, 1, IRQSIM_LINUX_2_6_23);
    kernel_rig_t rig;

    b.machine.host = (irqsim_host_t){emit_and_litter, &seq};
    b.kernel.hz = 100;
    kernel_rig_open(&rig, b.machine, b.kernel);
    kernel_rig_run(&rig, 1000 * MS);
    ck_assert_uint_ge(irqsim_kernel_ticks(rig.k, 0), 99);
    ck_assert_uint_eq(irqsim_kernel_softirq_raised(rig.k, 1, 0), irqsim_kernel_ticks(rig.k, 0));
    kernel_rig_close(&rig);
}
END_TEST

/* A task with an end: exit() by a system call through a trap gate; then idle, and
 * the modern tick stops. */
START_TEST(gate_01_a_user_task_exits_by_a_system_call)
{
    const irqsim_task_desc_t task = {.name = 1, .burst = 300000, .total = 3000000};
    board_t b = mp_board(IRQSIM_MODERN_X2APIC, 1, IRQSIM_LINUX_MODERN);
    irqsim_task_info_t info;
    kernel_rig_t rig;

    b.kernel.tasks = &task;
    b.kernel.n_tasks = 1;
    b.kernel.hz = 1000;
    kernel_rig_open(&rig, b.machine, b.kernel);
    kernel_rig_run(&rig, 1000 * MS);
    ck_assert(irqsim_kernel_task(rig.k, 0, &info));
    ck_assert_int_eq(info.state, 'X');
    ck_assert_uint_eq(info.clocks_done, 3000000);
    ck_assert_uint_le(irqsim_kernel_ticks(rig.k, 0), 2);
    ck_assert_int_eq(irqsim_machine_cpu(rig.m, 0)->activity, IRQSIM_HALTED);
    kernel_rig_close(&rig);
}
END_TEST

START_TEST(layouts_cover_their_structs)
{
    unsigned i = 0;

    for (; irqsim_kernel_layout(i); i++)
        ck_assert_msg(irqsim_layout_complete(irqsim_kernel_layout(i)), "%s",
                      irqsim_kernel_layout(i)->name);
    ck_assert_uint_eq(i, 8);
}
END_TEST

UNIT_MAIN("kernel irq",
          UNIT_LOOP(flow_level_1_and_lpic_01_slave_line_through_the_pair, 0, IRQSIM_ERAS),
          UNIT_LOOP(share_01_flow_eoi_1_two_level_devices_on_one_pin, 0, 2),
          UNIT_TEST(share_01_sharing_must_be_agreed_by_all),
          UNIT_TEST(flow_edge_1_an_edge_during_its_own_handler_is_replayed),
          UNIT_TEST(lpic_02_spurious_irq7),
          UNIT_LOOP(alloc_01_vectors_in_the_order_of_the_era, 0, IRQSIM_ERAS),
          UNIT_LOOP(alloc_01_irqs_of_two_cpus, 0, IRQSIM_ERAS),
          UNIT_LOOP(ipi_05_reschedule_reaches_the_other_cpu, 0, 2),
          UNIT_LOOP(ipi_02_a_work_calls_all_others_by_one_message, 0, 3),
          UNIT_LOOP(ipi_03_every_cpu_but_the_caller_runs_the_function, 0, 3),
          UNIT_LOOP(ipi_02_a_cpu_alone_calls_nobody, 0, 2),
          UNIT_LOOP(ipi_02_only_a_work_may_call, 0, 4),
          UNIT_TEST(ipi_08_recorded_local_timer_defers_as_it_did),
          UNIT_TEST(ver_03_a_vector_that_no_irq_uses_gets_its_eoi),
          UNIT_LOOP(tmr_04_ticks_give_equal_turns, 0, 2),
          UNIT_TEST(tmr_04_each_tick_raises_timer_whatever_the_stack_held),
          UNIT_TEST(gate_01_a_user_task_exits_by_a_system_call),
          UNIT_TEST(layouts_cover_their_structs))
