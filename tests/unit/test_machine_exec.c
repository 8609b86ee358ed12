/* SPDX-License-Identifier: MIT */
/*
 * test_machine_exec.c - instructions of a program on the machine: what they charge on
 * every machine (TIME-02..27), what is said about them, what they raise
 */
#include "machine_rig.h"

/* The program of the main code: one instruction a run, then idle. */
static irqsim_insn_t program[8];
static unsigned length;
#define KEPT 16u
static irqsim_time_t began[KEPT], handler_began[KEPT];
static unsigned handled;

static void run_program(rig_t *rig, unsigned cpu)
{
    const unsigned n = rig->cpu[cpu].runs - 1;

    began[n < KEPT ? n : KEPT - 1] = irqsim_machine_now(rig->m);
    if (n < length)
        irqsim_guest_exec(rig->m, cpu, &program[n]);
    else
        irqsim_guest_hlt(rig->m, cpu);
}

static void note_handler(rig_t *rig, unsigned cpu, uint8_t vector)
{
    (void)cpu;
    (void)vector;
    if (handled < KEPT)
        handler_began[handled++] = irqsim_machine_now(rig->m);
}

static void no_end(rig_t *rig, unsigned cpu, uint8_t vector)
{
    (void)rig;
    (void)cpu;
    (void)vector;
}

static const rig_guest_t guest = {run_program, note_handler, no_end};

static rig_t *start(int profile, const irqsim_insn_t *insns, unsigned n)
{
    const irqsim_machine_desc_t desc = {
        .board = profile == IRQSIM_I486_PC ? IRQSIM_BOARD_AT : IRQSIM_BOARD_MP,
        .profile_id = (irqsim_profile_id_t)profile,
    };
    rig_t *rig = rig_new(desc, &guest, true);

    memcpy(program, insns, n * sizeof(*insns));
    length = n;
    handled = 0;
    irqsim_machine_run(rig->m, 100 * RIG_US);
    return rig;
}

static irqsim_time_t clocks(const rig_t *rig, uint64_t n)
{
    const irqsim_clock_t clk = {irqsim_machine_profile(rig->m)->cpu_hz, 1};

    return irqsim_clock_to_time(&clk, n);
}

/* _i: the machine. INTbase + what the kind adds, same level (TIME-101). */
START_TEST(time_101_what_the_machine_charges)
{
    static const uint64_t base[] = {44, 25, 85, 350, 200};
    static const uint64_t exception[] = {5, 8, 10, 10, 10};
    static const uint64_t int_n[] = {0, 6, 0, 0, 0}, int3[] = {0, 5, 0, 0, 0};
    static const uint64_t bound[] = {24, 32, 10, 10, 10};
    static const irqsim_insn_t insns[] = {{.op = IRQSIM_OP_DIV},
                                          {.op = IRQSIM_OP_INT, .operand = 0x80},
                                          {.op = IRQSIM_OP_INT3},
                                          {.op = IRQSIM_OP_BOUND, .operand = 1}};
    const uint64_t expected[] = {base[_i] + exception[_i], base[_i] + int_n[_i],
                                 base[_i] + int3[_i], base[_i] + bound[_i]};

    for (unsigned i = 0; i < 4; i++) {
        rig_t *rig = start(_i, &insns[i], 1);

        ck_assert_uint_ge(handled, 1);
        ck_assert_uint_eq(handler_began[0] - began[0], clocks(rig, expected[i]));
        rig_free(rig);
    }
}
END_TEST

START_TEST(time_26_what_does_not_trap_is_charged_too)
{
    static const irqsim_insn_t insns[] = {{.op = IRQSIM_OP_NOP},
                                          {.op = IRQSIM_OP_STI},
                                          {.op = IRQSIM_OP_PUSHF},
                                          {.op = IRQSIM_OP_CLI}};
    rig_t *rig = start(_i, insns, 4);
    const irqsim_profile_t *p = irqsim_machine_profile(rig->m);

    ck_assert_uint_eq(began[1] - began[0], clocks(rig, p->insn));
    ck_assert_uint_eq(began[2] - began[1], clocks(rig, p->sti));
    ck_assert_uint_eq(began[3] - began[2], clocks(rig, p->pushf));
    ck_assert_uint_eq(began[4] - began[3], clocks(rig, p->cli));
    ck_assert_uint_eq(rig_count(rig, IRQSIM_EV_IF), 2);
    rig_free(rig);
}
END_TEST

/* ---- what is said ---- */

static uint32_t saved_ip(const rig_t *rig)
{
    uint32_t frame[3];
    const uint64_t sp = irqsim_machine_cpu(rig->m, 0)->regs.sp;

    ck_assert(irqsim_guest_copy_out(rig->m, (uint32_t)sp, frame, sizeof(frame)));
    return frame[0];
}

static uint32_t saved[4];

static void note_saved(rig_t *rig, unsigned cpu, uint8_t vector)
{
    (void)cpu;
    (void)vector;
    saved[handled++ & 3] = saved_ip(rig);
}

static const rig_guest_t saving_guest = {run_program, note_saved, no_end};

START_TEST(cpu_28_saved_ips_are_real_addresses)
{
    static const irqsim_insn_t insns[] = {{.op = IRQSIM_OP_NOP},
                                          {.op = IRQSIM_OP_INT, .operand = 0x80},
                                          {.op = IRQSIM_OP_INT3},
                                          {.op = IRQSIM_OP_UD2}};
    rig_t *rig = rig_new((irqsim_machine_desc_t){0}, &saving_guest, true);

    memcpy(program, insns, sizeof(insns));
    length = 4;
    handled = 0;
    irqsim_machine_run(rig->m, 100 * RIG_US);
    ck_assert_uint_ge(handled, 3);
    ck_assert_uint_eq(saved[0], 0x5003);
    ck_assert_uint_eq(saved[1], 0x5004);
    ck_assert_uint_eq(saved[2], 0x5004);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_DELIVER, 0)->arg[0], 0x80);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_DELIVER, 2)->arg[1], IRQSIM_KIND_EXCEPTION);
    rig_free(rig);
}
END_TEST

/* What was saved is one of the two that the instruction's event names: it or the next. */
START_TEST(cpu_28_the_events_of_an_instruction_and_its_delivery)
{
    static const irqsim_insn_t insns[] = {{.op = IRQSIM_OP_DIV},
                                          {.op = IRQSIM_OP_BOUND, .operand = 1},
                                          {.op = IRQSIM_OP_UD2},
                                          {.op = IRQSIM_OP_INT, .operand = 0x80},
                                          {.op = IRQSIM_OP_INT3},
                                          {.op = IRQSIM_OP_ICEBP},
                                          {.op = IRQSIM_OP_DIV, .length = 7}};
    static const struct {
        uint32_t behind, saved;
    } expected[] = {{0x5002, 0x5000}, {0x5002, 0x5000}, {0x5002, 0x5000}, {0x5002, 0x5002},
                    {0x5001, 0x5001}, {0x5001, 0x5001}, {0x5007, 0x5000}};
    rig_t *rig = start(IRQSIM_I486_PC, &insns[_i], 1);
    const irqsim_event_t *deliver = rig_event(rig, IRQSIM_EV_DELIVER, 0);
    const irqsim_event_t *insn = rig_cause(rig, deliver);

    ck_assert_uint_eq(insn->id, IRQSIM_EV_INSN);
    ck_assert_uint_eq(insn->arg[0], 0x5000);
    ck_assert_uint_eq(insn->arg[1], expected[_i].behind);
    ck_assert_uint_eq(insn->cause, 0);
    ck_assert_uint_eq(deliver->arg[2], expected[_i].saved);
    rig_free(rig);
}
END_TEST

/* ---- instructions that the guest itself executes ---- */

static void (*act)(rig_t *rig, unsigned cpu);

/* The event said before is none of the instruction's business. */
static void act_once(rig_t *rig, unsigned cpu)
{
    if (rig->cpu[cpu].runs > 1) {
        irqsim_guest_hlt(rig->m, cpu);
        return;
    }
    irqsim_guest_emit(rig->m, cpu, IRQSIM_EV_PANIC, 0, 0, 0, 0);
    act(rig, cpu);
}

static const rig_guest_t acting_guest = {act_once, note_handler, no_end};

static rig_t *start_acting(void (*what)(rig_t *, unsigned))
{
    rig_t *rig = rig_new((irqsim_machine_desc_t){0}, &acting_guest, true);

    act = what;
    handled = 0;
    return rig;
}

static void raise_page_fault(rig_t *rig, unsigned cpu)
{
    irqsim_guest_raise(rig->m, cpu, 5, 14, PF_ERROR_W, 0x1234);
}

static void raise_without_insn(rig_t *rig, unsigned cpu)
{
    irqsim_guest_raise(rig->m, cpu, 0, 14, PF_ERROR_W, 0x1234);
}

static void int_0x41(rig_t *rig, unsigned cpu)
{
    irqsim_guest_int(rig->m, cpu, 0x41);
}

START_TEST(cpu_100_the_cause_of_what_an_instruction_raises)
{
    static const struct {
        void (*act)(rig_t *, unsigned);
        uint32_t ip, behind;
    } rows[] = {{raise_page_fault, 0x5000, 0x5005}, {int_0x41, 0x4FFE, 0x5000}};
    rig_t *rig = start_acting(rows[_i].act);

    irqsim_machine_run(rig->m, 100 * RIG_US);
    const irqsim_event_t *insn = rig_cause(rig, rig_event(rig, IRQSIM_EV_DELIVER, 0));
    ck_assert_uint_eq(insn->id, IRQSIM_EV_INSN);
    ck_assert_uint_eq(insn->arg[0], rows[_i].ip);
    ck_assert_uint_eq(insn->arg[1], rows[_i].behind);
    ck_assert_uint_eq(insn->cause, 0);
    rig_free(rig);
}
END_TEST

START_TEST(cpu_100_what_no_instruction_raises_has_no_cause)
{
    rig_t *rig = start_acting(raise_without_insn);

    irqsim_machine_run(rig->m, 100 * RIG_US);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_DELIVER, 0)->cause, 0);
    rig_free(rig);
}
END_TEST

START_TEST(cpu_61_escalations_are_told_one_by_one)
{
    static const irqsim_insn_t div = {.op = IRQSIM_OP_DIV};
    rig_t *rig = rig_new((irqsim_machine_desc_t){0}, &guest, true);

    program[0] = div;
    length = 1;
    handled = 0;
    rig_gate(rig, 0, DESC_TYPE_INTERRUPT32); /* #DE's gate is absent: #NP, that is #DF */
    irqsim_machine_run(rig->m, 100 * RIG_US);
    const irqsim_event_t *escalate = rig_event(rig, IRQSIM_EV_ESCALATE, 0);
    ck_assert_uint_eq(escalate->arg[0], 11);
    ck_assert_uint_eq(escalate->arg[1], ERROR_IDT | ERROR_EXT);
    ck_assert_uint_eq(escalate->arg[2], IRQSIM_EVENT_OF(0, IRQSIM_KIND_EXCEPTION));
    ck_assert_uint_eq(rig_cause(rig, escalate)->id, IRQSIM_EV_INSN);
    const irqsim_event_t *deliver = rig_event(rig, IRQSIM_EV_DELIVER, 0);
    ck_assert_uint_eq(deliver->arg[0], 8);
    ck_assert_ptr_eq(rig_cause(rig, deliver), escalate);
    rig_free(rig);
}
END_TEST

START_TEST(cpu_62_shutdown_stops_the_guest)
{
    static const irqsim_insn_t div = {.op = IRQSIM_OP_DIV};
    rig_t *rig = rig_new((irqsim_machine_desc_t){0}, &guest, true);

    program[0] = div;
    length = 1;
    handled = 0;
    rig_gate(rig, 0, DESC_TYPE_INTERRUPT32);
    rig_gate(rig, 8, DESC_TYPE_INTERRUPT32);
    irqsim_machine_run(rig->m, 100 * RIG_US);
    ck_assert_int_eq(irqsim_machine_cpu(rig->m, 0)->activity, IRQSIM_SHUTDOWN);
    ck_assert_uint_eq(rig->cpu[0].runs, 1);
    ck_assert_uint_eq(rig_count(rig, IRQSIM_EV_ESCALATE), 2);
    rig_free(rig);
}
END_TEST

/* A state and an event, with all that led to it. */
static void expect_shutdown(const rig_t *rig, uint32_t first, uint32_t ip)
{
    const irqsim_event_t *shutdown = rig_event(rig, IRQSIM_EV_SHUTDOWN, 0);
    const irqsim_event_t *second = rig_cause(rig, shutdown);
    const irqsim_event_t *cause = rig_cause(rig, second);

    ck_assert_int_eq(irqsim_machine_cpu(rig->m, 0)->activity, IRQSIM_SHUTDOWN);
    ck_assert_uint_eq(rig_count(rig, IRQSIM_EV_SHUTDOWN), 1);
    ck_assert_uint_eq(shutdown->arg[0], IRQSIM_DELIVERED_SHUTDOWN);
    ck_assert_uint_eq(shutdown->arg[1], ip);
    ck_assert_uint_eq(second->id, IRQSIM_EV_ESCALATE);
    ck_assert_uint_eq(second->arg[2], IRQSIM_EVENT_OF(8, IRQSIM_KIND_EXCEPTION));
    ck_assert_uint_eq(cause->id, IRQSIM_EV_ESCALATE);
    while (cause->id == IRQSIM_EV_ESCALATE && rig_cause(rig, cause)->id == IRQSIM_EV_ESCALATE)
        cause = rig_cause(rig, cause);
    ck_assert_uint_eq(cause->arg[2], first);
}

START_TEST(cpu_62_the_shutdown_of_an_instruction_is_told)
{
    static const irqsim_insn_t div = {.op = IRQSIM_OP_DIV};
    rig_t *rig = rig_new((irqsim_machine_desc_t){0}, &guest, true);

    program[0] = div;
    length = 1;
    rig_gate(rig, 0, DESC_TYPE_INTERRUPT32);
    rig_gate(rig, 8, DESC_TYPE_INTERRUPT32);
    irqsim_machine_run(rig->m, 100 * RIG_US);
    expect_shutdown(rig, IRQSIM_EVENT_OF(0, IRQSIM_KIND_EXCEPTION), 0x5000);
    rig_free(rig);
}
END_TEST

/* LIDT with limit 0: INT n, #GP, #DF have no gate. IP is that of the INT n again. */
static void int_without_idt(rig_t *rig, unsigned cpu)
{
    irqsim_guest_lidt(rig->m, cpu, RIG_IDT, 0);
    irqsim_guest_int(rig->m, cpu, 0x41);
}

START_TEST(cpu_62_the_shutdown_of_a_delivery_is_told)
{
    rig_t *rig = start_acting(int_without_idt);

    irqsim_machine_run(rig->m, 100 * RIG_US);
    expect_shutdown(rig, IRQSIM_EVENT_OF(0x41, IRQSIM_KIND_SOFTWARE), 0x4FFE);
    rig_free(rig);
}
END_TEST

/* A single step is the machine's own to take at the boundary. */
START_TEST(cpu_70_single_steps_are_taken_at_the_boundary)
{
    static const irqsim_insn_t insns[] = {{.op = IRQSIM_OP_POPF}, {.op = IRQSIM_OP_NOP}};
    rig_t *rig = rig_new((irqsim_machine_desc_t){0}, &saving_guest, true);
    const uint32_t image = EFLAGS_TF;

    memcpy(program, insns, sizeof(insns));
    length = 2;
    handled = 0;
    const uint32_t sp = (uint32_t)irqsim_machine_cpu(rig->m, 0)->regs.sp - 4;
    ck_assert(irqsim_guest_copy_in(rig->m, sp, &image, 4));
    irqsim_guest_stack(rig->m, 0, RIG_DATA, sp);
    irqsim_machine_run(rig->m, 10 * RIG_US);
    ck_assert_uint_ge(rig->cpu[0].handled[1], 1);
    ck_assert_uint_eq(saved[0], 0x5002);
    rig_free(rig);
}
END_TEST

/* ---- pins that no device drives ---- */

/* Two port accesses, which nothing can interrupt; then idle. */
static void access_and_idle(rig_t *rig, unsigned cpu)
{
    if (rig->cpu[cpu].runs > 1) {
        rig_idle(rig, cpu);
        return;
    }
    irqsim_guest_sti(rig->m, cpu);
    irqsim_guest_inb(rig->m, cpu, 0x61);
    irqsim_guest_inb(rig->m, cpu, 0x61);
}

/* CPU-85 at the boundary behind them: the machine check, the NMI, and line 5. */
START_TEST(cpu_19_a_machine_check_goes_first_of_all)
{
    static const rig_guest_t accessing_guest = {access_and_idle, note_handler, no_end};
    const irqsim_source_desc_t src = {.pin = 5, .pattern = IRQSIM_PATTERN_NONE};
    const uint32_t both = IRQSIM_CPU_IN_NMI | IRQSIM_CPU_IN_MC;
    rig_t *rig =
        rig_new((irqsim_machine_desc_t){.sources = &src, .n_sources = 1}, &accessing_guest, true);
    const irqsim_time_t boundary = clocks(rig, 5) + 2000 * RIG_NS; /* TIME-25, TIME-42 */

    handled = 0;
    rig_init_pics(rig, 0);
    ck_assert_int_eq(irqsim_machine_arrive(rig->m, 0, 0), IRQSIM_OK);
    irqsim_machine_run(rig->m, RIG_US);
    ck_assert_int_eq(irqsim_machine_cpu_pulse(rig->m, 0, both), IRQSIM_OK);
    ck_assert_uint_eq(irqsim_machine_cpu(rig->m, 0)->in, both | IRQSIM_CPU_IN_INTR);
    irqsim_machine_run(rig->m, 100 * RIG_US);
    ck_assert_uint_eq(rig_count(rig, IRQSIM_EV_DELIVER), 3);
    const irqsim_event_t *deliver = rig_event(rig, IRQSIM_EV_DELIVER, 0);
    ck_assert_uint_eq(deliver->arg[0], 18);
    ck_assert_uint_eq(deliver->arg[1], IRQSIM_KIND_EXCEPTION);
    ck_assert_uint_eq(deliver->time, boundary);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_DELIVER, 1)->arg[0], 2);
    ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_DELIVER, 2)->arg[0], 0x25);
    rig_free(rig);
}
END_TEST

/* CPU-71, CPU-74: neither IF nor a shadow keeps a machine check away. */
START_TEST(cpu_19_a_machine_check_comes_through_shadow_and_if_0)
{
    static const irqsim_insn_t insns[] = {{.op = IRQSIM_OP_MOV_SS, .operand = RIG_DATA},
                                          {.op = IRQSIM_OP_NOP}};
    rig_t *rig = rig_new((irqsim_machine_desc_t){0}, &saving_guest, true);
    bool did;

    memcpy(program, insns, sizeof(insns));
    length = 2;
    handled = 0;
    ck_assert_int_eq(irqsim_machine_step(rig->m, &did), IRQSIM_OK);
    ck_assert_uint_eq(irqsim_machine_cpu(rig->m, 0)->shadow, IRQSIM_SHADOW_MOVSS);
    ck_assert_int_eq(irqsim_machine_cpu_pulse(rig->m, 0, IRQSIM_CPU_IN_MC), IRQSIM_OK);
    irqsim_machine_run(rig->m, 10 * RIG_US);
    ck_assert_uint_eq(rig->cpu[0].handled[18], 1);
    ck_assert_uint_eq(saved[0], 0x5002);
    rig_free(rig);
}
END_TEST

START_TEST(law_5_pins_that_are_not_free_have_a_status)
{
    static const uint32_t others[] = {0,
                                      IRQSIM_CPU_IN_INTR,
                                      IRQSIM_CPU_IN_INIT,
                                      IRQSIM_CPU_IN_RESET,
                                      IRQSIM_CPU_IN_DEBUG,
                                      IRQSIM_CPU_IN_TASK_TRAP,
                                      IRQSIM_CPU_IN_NMI | IRQSIM_CPU_IN_INIT};
    rig_t *rig = rig_new((irqsim_machine_desc_t){0}, &guest, false);

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        ck_assert_int_eq(irqsim_machine_cpu_pulse(rig->m, 0, others[i]), IRQSIM_E_INVAL);
    ck_assert_int_eq(irqsim_machine_cpu_pulse(rig->m, 1, IRQSIM_CPU_IN_NMI), IRQSIM_E_RANGE);
    ck_assert_uint_eq(irqsim_machine_cpu(rig->m, 0)->in, 0);
    rig_free(rig);
}
END_TEST

START_TEST(law_5_an_impossible_instruction_ends_the_run)
{
    static const irqsim_insn_t insn = {.op = IRQSIM_OPS};
    rig_t *rig = rig_new((irqsim_machine_desc_t){0}, &guest, false);

    program[0] = insn;
    length = 1;
    ck_assert_int_eq(irqsim_machine_run(rig->m, RIG_US), IRQSIM_E_INVAL);
    rig_free(rig);
}
END_TEST

/* guest.h: the calls that look at their CPU. */
static void call_all(irqsim_machine_t *m, unsigned cpu)
{
    static const irqsim_insn_t insn = {.op = IRQSIM_OP_CLI};
    uint64_t value;

    ck_assert_int_eq(irqsim_guest_exec(m, cpu, &insn), IRQSIM_VCPU_NOTHING);
    ck_assert(!irqsim_guest_rdmsr(m, cpu, MSR_IA32_APIC_BASE, &value));
    irqsim_guest_int(m, cpu, 0x80);
    irqsim_guest_raise(m, cpu, 0, 14, 2, 0x1000);
    irqsim_guest_lgdt(m, cpu, 0, 0);
    irqsim_guest_lidt(m, cpu, 0, 0);
    irqsim_guest_ltr(m, cpu, 0, 0, 0);
}

START_TEST(law_5_a_cpu_that_is_not_there_does_nothing)
{
    static const irqsim_machine_desc_t desc = {
        .board = IRQSIM_BOARD_MP, .profile_id = IRQSIM_P4_XAPIC, .cpus = 2};
    rig_t *rig = rig_new(desc, &guest, true);
    void *before = malloc(rig->size);

    ck_assert_ptr_nonnull(before);
    memcpy(before, rig->mem, rig->size);
    call_all(rig->m, 2);
    call_all(rig->m, 300);
    call_all(rig->m, UINT32_MAX);
    ck_assert_mem_eq(before, rig->mem, rig->size);
    ck_assert_uint_eq(rig->events, 0);
    ck_assert_ptr_null(irqsim_machine_cpu(rig->m, 2));
    ck_assert_ptr_null(irqsim_machine_lapic(rig->m, 300));
    free(before);
    rig_free(rig);
}
END_TEST

UNIT_MAIN("machine_exec", UNIT_LOOP(time_101_what_the_machine_charges, 0, IRQSIM_PROFILES),
          UNIT_LOOP(time_26_what_does_not_trap_is_charged_too, 0, IRQSIM_PROFILES),
          UNIT_TEST(cpu_28_saved_ips_are_real_addresses),
          UNIT_TEST(cpu_61_escalations_are_told_one_by_one),
          UNIT_LOOP(cpu_28_the_events_of_an_instruction_and_its_delivery, 0, 7),
          UNIT_LOOP(cpu_100_the_cause_of_what_an_instruction_raises, 0, 2),
          UNIT_TEST(cpu_100_what_no_instruction_raises_has_no_cause),
          UNIT_TEST(cpu_62_shutdown_stops_the_guest),
          UNIT_TEST(cpu_62_the_shutdown_of_an_instruction_is_told),
          UNIT_TEST(cpu_62_the_shutdown_of_a_delivery_is_told),
          UNIT_TEST(cpu_70_single_steps_are_taken_at_the_boundary),
          UNIT_TEST(cpu_19_a_machine_check_goes_first_of_all),
          UNIT_TEST(cpu_19_a_machine_check_comes_through_shadow_and_if_0),
          UNIT_TEST(law_5_pins_that_are_not_free_have_a_status),
          UNIT_TEST(law_5_a_cpu_that_is_not_there_does_nothing),
          UNIT_TEST(law_5_an_impossible_instruction_ends_the_run))
