/* SPDX-License-Identifier: MIT */
/*
 * test_machine_snapshot.c - law 2 where a CPU is between two states: in a task switch, in
 * shadows, under single steps and NMIs
 *
 * A program goes through two task gates and comes back by IRET, steps itself with TF, loads
 * SS and sets IF while devices and NMIs ask. At each of its events the machine is saved,
 * loaded into a fresh one, and that one goes on to the end: as if nothing had been. What a
 * task switch costs passes behind it, so that many of these are in the middle of one.
 */
#include "machine_rig.h"

#define GDT_ENTRIES 6u
#define TSS_MAIN    0x3000u
#define TSS_INTR    0x3100u
#define TSS_CALL    0x3200u
#define STACK_INTR  0x8000u
#define STACK_CALL  0x9000u

enum { MAIN_TASK = 3 << 3, INTR_TASK = 4 << 3, CALL_TASK = 5 << 3 };
enum { DB = 1, NMI = 2, BY_TASK = 0x41, BY_GATE = 0x42, CALL = 0x50 };

#define MAIN_RUNS 100u /* of the program, in instructions */
#define NMIS      20u
#define MOST      20000u /* events of a story that has gone wrong */

/* ---- the program ---- */

/* POPF takes its flags from `operand`. */
static const irqsim_insn_t program[] = {
    {.op = IRQSIM_OP_POPF, .operand = EFLAGS_TF | EFLAGS_IF},
    {.op = IRQSIM_OP_NOP},                         /* stepped                            */
    {.op = IRQSIM_OP_MOV_SS, .operand = RIG_DATA}, /* its step waits behind the shadow   */
    {.op = IRQSIM_OP_NOP},
    {.op = IRQSIM_OP_POPF, .operand = 0},
    {.op = IRQSIM_OP_MOV_SS, .operand = RIG_DATA}, /* an NMI may have to wait            */
    {.op = IRQSIM_OP_NOP},
    {.op = IRQSIM_OP_STI},
    {.op = IRQSIM_OP_INT, .operand = CALL},
    {.op = IRQSIM_OP_HLT},
    {.op = IRQSIM_OP_INT3},
};

static void push(rig_t *rig, unsigned cpu, uint32_t value)
{
    const uint32_t sp = (uint32_t)irqsim_machine_cpu(rig->m, cpu)->regs.sp - 4;

    ck_assert(irqsim_guest_copy_in(rig->m, sp, &value, sizeof(value)));
    irqsim_guest_stack(rig->m, cpu, RIG_DATA, sp);
}

static void program_step(rig_t *rig, unsigned n)
{
    const irqsim_insn_t *insn = &program[n % (sizeof(program) / sizeof(program[0]))];

    if (insn->op == IRQSIM_OP_POPF)
        push(rig, 0, (uint32_t)insn->operand);
    irqsim_guest_exec(rig->m, 0, insn);
    if (insn->op != IRQSIM_OP_MOV_SS && insn->op != IRQSIM_OP_STI) /* would end the shadow */
        irqsim_guest_spend(rig->m, 0, 100);
}

static void send_nmi(rig_t *rig)
{
    rig_lapic_write(rig, 1, LAPIC_REG_ICR_HIGH, 0);
    rig_lapic_write(rig, 1, LAPIC_REG_ICR_LOW, LAPIC_ICR_ASSERT | LAPIC_DM_NMI);
    irqsim_guest_spend_time(rig->m, 1, 6100 * RIG_NS);
}

static void main_code(rig_t *rig, unsigned cpu)
{
    const unsigned n = rig->cpu[cpu].runs - 1;

    if (cpu == 0 && n < MAIN_RUNS) {
        program_step(rig, n);
    } else if (cpu == 1 && n < NMIS) {
        send_nmi(rig);
    } else {
        irqsim_guest_cli(rig->m, cpu);
        irqsim_guest_hlt(rig->m, cpu);
    }
}

static void begin(rig_t *rig, unsigned cpu, uint8_t vector)
{
    if (vector == BY_TASK || vector == BY_GATE)
        rig_claim_all(rig, cpu, vector - BY_TASK);
    irqsim_guest_spend_time(rig->m, cpu, (vector == CALL ? 2000 : 150) * RIG_NS);
}

static void end(rig_t *rig, unsigned cpu, uint8_t vector)
{
    if (vector == BY_TASK || vector == BY_GATE)
        rig_lapic_write(rig, cpu, LAPIC_REG_EOI, 0);
}

static const rig_guest_t guest = {main_code, begin, end};

/* ---- its tables ---- */

static void write_tss(rig_t *rig, uint32_t at, uint32_t stack, uint32_t eflags, uint8_t trap)
{
    uint8_t tss[TSS32_SIZE] = {[TSS32_TRAP] = trap};
    const uint32_t ip = RIG_HANDLER, flags = EFLAGS_RESERVED | eflags;
    const uint8_t segments[] = {RIG_DATA, RIG_CODE, RIG_DATA, RIG_DATA, RIG_DATA, RIG_DATA};

    memcpy(tss + TSS32_EIP, &ip, 4);
    memcpy(tss + TSS32_EFLAGS, &flags, 4);
    memcpy(tss + TSS32_EAX + 4 * IRQSIM_ESP, &stack, 4);
    for (unsigned i = 0; i < sizeof(segments); i++)
        tss[TSS32_ES + 4 * i] = segments[i];
    ck_assert(irqsim_guest_copy_in(rig->m, at, tss, sizeof(tss)));
}

static void task_gate(rig_t *rig, uint8_t vector, uint16_t task)
{
    const uint64_t gate = DESC_TASK_GATE(task, 0);

    ck_assert(irqsim_guest_copy_in(rig->m, RIG_IDT + 8u * vector, &gate, sizeof(gate)));
}

/* The task of the interrupt is stepped into (T), the called one lets others in. */
static void write_tasks(rig_t *rig)
{
    const uint64_t tss[] = {DESC_TSS32(TSS_MAIN) | (uint64_t)DESC_TSS_BUSY << 40,
                            DESC_TSS32(TSS_INTR), DESC_TSS32(TSS_CALL)};

    ck_assert(irqsim_guest_copy_in(rig->m, RIG_GDT + MAIN_TASK, tss, sizeof(tss)));
    write_tss(rig, TSS_INTR, STACK_INTR, 0, 1);
    write_tss(rig, TSS_CALL, STACK_CALL, EFLAGS_IF, 0);
    task_gate(rig, BY_TASK, INTR_TASK);
    task_gate(rig, CALL, CALL_TASK);
    irqsim_guest_lgdt(rig->m, 0, RIG_GDT, GDT_ENTRIES * 8 - 1);
    irqsim_guest_ltr(rig->m, 0, MAIN_TASK, TSS_MAIN, TSS32_SIZE - 1);
}

static rig_t *story(void)
{
    static const irqsim_source_desc_t src[] = {
        {.wiring = IRQSIM_WIRED_MSI,
         .pattern = IRQSIM_PATTERN_PERIODIC,
         .first = 500 * RIG_NS,
         .period = 9700 * RIG_NS,
         .count = 12},
        {.wiring = IRQSIM_WIRED_MSI,
         .pattern = IRQSIM_PATTERN_PERIODIC,
         .first = 700 * RIG_NS,
         .period = 5300 * RIG_NS,
         .count = 22},
    };
    rig_t *rig = rig_new((irqsim_machine_desc_t){.board = IRQSIM_BOARD_MP,
                                                 .profile_id = IRQSIM_P4_XAPIC,
                                                 .cpus = 2,
                                                 .sources = src,
                                                 .n_sources = 2},
                         &guest, true);

    rig_enable_lapics(rig);
    rig_msi(rig, 0, BY_TASK, 0);
    rig_msi(rig, 1, BY_GATE, 0);
    write_tasks(rig);
    return rig;
}

static bool step(rig_t *rig)
{
    bool did;

    /* an assertion that holds costs a system call too */
    if (irqsim_machine_step(rig->m, &did) != IRQSIM_OK || irqsim_machine_steps(rig->m) > MOST)
        ck_abort_msg("the story goes wrong");
    return did;
}

static void to_the_end(rig_t *rig)
{
    while (step(rig))
        continue;
}

/* ---- what the story has ---- */

/* Situations of CPU 0 in which a snapshot was made. */
enum {
    TASK_TRAP,
    STEP_TRAP,
    STEP_WAITS,
    STI_SHADOW,
    SS_SHADOW,
    NMI_WAITS,
    IN_NMI,
    IN_INTR_TASK,
    IN_CALL_TASK,
    IN_BOTH_TASKS,
    UNSEEN_ENTRY,
    HALTED,
    SITUATIONS
};

static void note(const rig_t *rig, unsigned seen[SITUATIONS], uint64_t deliveries)
{
    const irqsim_cpu_t *cpu = irqsim_machine_cpu(rig->m, 0);
    const bool debug = cpu->in & IRQSIM_CPU_IN_DEBUG;
    uint16_t link;

    irqsim_guest_copy_out(rig->m, TSS_INTR + TSS32_LINK, &link, sizeof(link));
    seen[TASK_TRAP] += (cpu->in & IRQSIM_CPU_IN_TASK_TRAP) != 0;
    seen[STEP_TRAP] += debug;
    seen[STEP_WAITS] += debug && cpu->shadow & IRQSIM_SHADOW_MOVSS;
    seen[STI_SHADOW] += (cpu->shadow & IRQSIM_SHADOW_STI) != 0;
    seen[SS_SHADOW] += (cpu->shadow & IRQSIM_SHADOW_MOVSS) != 0;
    seen[NMI_WAITS] += (cpu->in & IRQSIM_CPU_IN_NMI) != 0;
    seen[IN_NMI] += cpu->nmi_blocked;
    seen[IN_INTR_TASK] += cpu->regs.tr.selector == INTR_TASK && cpu->regs.flags & IRQSIM_FL_NT;
    seen[IN_CALL_TASK] += cpu->regs.tr.selector == CALL_TASK && cpu->regs.flags & IRQSIM_FL_NT;
    seen[IN_BOTH_TASKS] += cpu->regs.tr.selector == INTR_TASK && link == CALL_TASK;
    seen[UNSEEN_ENTRY] += rig_count(rig, IRQSIM_EV_DELIVER) > deliveries;
    seen[HALTED] += cpu->activity == IRQSIM_HALTED;
}

static void assert_same_end(rig_t *one, rig_t *other)
{
    irqsim_snap_t measure = {0};

    ck_assert_uint_eq(one->events, other->events);
    ck_assert_mem_eq(one->event, other->event, one->events * sizeof(one->event[0]));
    ck_assert_mem_eq(one->cpu, other->cpu, sizeof(one->cpu));
    ck_assert_int_eq(irqsim_machine_save(one->m, &measure), IRQSIM_OK);
    irqsim_snap_t a = {.buf = malloc(measure.used), .size = measure.used};
    irqsim_snap_t b = {.buf = malloc(measure.used), .size = measure.used};
    ck_assert_int_eq(irqsim_machine_save(one->m, &a), IRQSIM_OK);
    ck_assert_int_eq(irqsim_machine_save(other->m, &b), IRQSIM_OK);
    ck_assert_uint_eq(a.used, b.used);
    ck_assert_mem_eq(a.buf, b.buf, a.used);
    free(a.buf);
    free(b.buf);
}

/* A fresh machine goes on where `rig` is. */
static void go_on_elsewhere(const rig_t *rig, rig_t *undisturbed)
{
    rig_t *copy = story();

    rig_become(copy, rig);
    memcpy(copy->event, rig->event, sizeof(rig->event));
    copy->events = rig->events;
    to_the_end(copy);
    assert_same_end(copy, undisturbed);
    rig_free(copy);
}

START_TEST(law_2_between_any_two_events_and_in_the_middle_of_a_task_switch)
{
    rig_t *rig = story(), *undisturbed = story();
    unsigned seen[SITUATIONS] = {0};
    uint64_t deliveries;

    to_the_end(undisturbed);
    ck_assert_uint_lt(undisturbed->events, RIG_EVENTS);
    do {
        go_on_elsewhere(rig, undisturbed);
        deliveries = rig_count(rig, IRQSIM_EV_DELIVER);
        if (!step(rig))
            break;
        note(rig, seen, deliveries);
    } while (true);
    for (unsigned i = 0; i < SITUATIONS; i++)
        ck_assert_msg(seen[i] > 0, "situation %u is not in the story", i);
    ck_assert_uint_eq(irqsim_machine_cpu(rig->m, 0)->regs.tr.selector, MAIN_TASK);
    rig_free(undisturbed);
    rig_free(rig);
}
END_TEST

UNIT_MAIN("machine snapshot",
          UNIT_TEST(law_2_between_any_two_events_and_in_the_middle_of_a_task_switch))
