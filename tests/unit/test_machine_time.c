/* SPDX-License-Identifier: MIT */
/*
 * test_machine_time.c - what a machine charges for an event and the way back, in
 * picoseconds: the sums of TIME-101 from their parts, on all five machines
 *
 * An interrupt, an NMI and a page fault each enter a handler from the same level, from
 * CPL 3 and through a task gate, and return by IRET. The figures here are those of the
 * manuals, not the profiles'.
 */
#include "machine_rig.h"

/* clang-format off */
/*                                                i486      P5     P6     P4  modern */
static const uint64_t cpu_hz[]            = {33000000, 100000000, 200000000, 2000000000, 3000000000};
static const uint64_t base_same[]         = {      44,      25,    85,   350,   200}; /* TIME-02..06 */
static const uint64_t base_inner[]        = {      71,      42,   120,   600,   350};
static const uint64_t base_task[]         = {37 + 199, 17 + 85,   700,  2500,  1500};
static const uint64_t for_intr[]          = {      11,      14,    10,    10,    10}; /* TIME-11 */
static const uint64_t for_nmi[]           = {       3,       6,     5,     5,     5}; /* TIME-12 */
static const uint64_t for_page_fault[]    = {      24,      40,    30,    30,    30}; /* TIME-13 */
static const uint64_t iret_same[]         = {      20,      10,    45,   130,    60}; /* TIME-21 */
static const uint64_t iret_outer[]        = {      36,      27,    80,   250,   200}; /* TIME-22 */
static const uint64_t iret_task[]         = {32 + 199, 10 + 85,   600,  2000,  1200}; /* TIME-24 */
/* clang-format on */

#define INTA (1000 * RIG_NS) /* TIME-40: the i486 has its vector from the 8259A */

enum { WAY_SAME, WAY_INNER, WAY_TASK, WAYS };
enum { BY_INTR, BY_NMI, BY_PAGE_FAULT, KINDS };

static const struct {
    const uint64_t *base, *iret;
} ways[WAYS] = {[WAY_SAME] = {base_same, iret_same},
                [WAY_INNER] = {base_inner, iret_outer},
                [WAY_TASK] = {base_task, iret_task}};

static const struct {
    const uint64_t *extra;
    uint8_t vector;
} kinds[KINDS] = {
    [BY_INTR] = {for_intr, 0x25}, [BY_NMI] = {for_nmi, 2}, [BY_PAGE_FAULT] = {for_page_fault, 14}};

/* TIME-102: halves up, once. */
static irqsim_time_t clocks(int machine, uint64_t n)
{
    return (n * UINT64_C(1000000000000) + cpu_hz[machine] / 2) / cpu_hz[machine];
}

/* ---- the guest ---- */

#define WORK      (5 * RIG_US)
#define USER_CODE (3u << 3 | 3)
#define USER_DATA (4u << 3 | 3)
#define MAIN_TASK (5u << 3)
#define TASK      (6u << 3)
#define TSS_MAIN  0x3000u
#define TSS_TASK  0x3100u
#define STACK     0x8000u /* of the handler, on another level or in its task */
#define USER_SP   0x9000u

static int way, kind;
static irqsim_time_t entered, resumed, rest;

static void main_code(rig_t *rig, unsigned cpu)
{
    if (rig->cpu[cpu].runs == 1) {
        irqsim_guest_sti(rig->m, cpu);
        if (way == WAY_INNER) {
            irqsim_guest_jump(rig->m, cpu, USER_CODE, 0x5000);
            irqsim_guest_stack(rig->m, cpu, USER_DATA, USER_SP);
        }
        irqsim_guest_spend_time(rig->m, cpu, 20 * RIG_US);
    } else if (rig->cpu[cpu].runs == 2 && kind == BY_PAGE_FAULT) {
        irqsim_guest_raise(rig->m, cpu, 0, 14, 0, 0x12345678);
    } else {
        resumed = irqsim_machine_now(rig->m);
        irqsim_guest_stop(rig->m, IRQSIM_E_NOMEM); /* any: it is over */
    }
}

static void begin(rig_t *rig, unsigned cpu, uint8_t vector)
{
    (void)vector;
    entered = irqsim_machine_now(rig->m);
    rest = rig->cpu[cpu].stack[0].left;
    irqsim_guest_spend_time(rig->m, cpu, WORK);
}

/* CPU-97: the handler removes its error code. */
static void end(rig_t *rig, unsigned cpu, uint8_t vector)
{
    const irqsim_cpustate_t *regs = &irqsim_machine_cpu(rig->m, cpu)->regs;

    if (vector == 14)
        irqsim_guest_stack(rig->m, cpu, regs->ss, (uint32_t)regs->sp + 4);
}

static const rig_guest_t guest = {main_code, begin, end};

static void put(rig_t *rig, uint32_t at, uint32_t value)
{
    ck_assert(irqsim_guest_copy_in(rig->m, at, &value, sizeof(value)));
}

static void write_tables(rig_t *rig)
{
    const uint64_t more[] = {DESC_FLAT_CODE32(3), DESC_FLAT_DATA32(3),
                             DESC_TSS32(TSS_MAIN) | (uint64_t)DESC_TSS_BUSY << 40,
                             DESC_TSS32(TSS_TASK)};
    const uint64_t gate = DESC_TASK_GATE(TASK, 0);

    ck_assert(irqsim_guest_copy_in(rig->m, RIG_GDT + 24, more, sizeof(more)));
    irqsim_guest_lgdt(rig->m, 0, RIG_GDT, 7 * 8 - 1);
    irqsim_guest_ltr(rig->m, 0, MAIN_TASK, TSS_MAIN, TSS32_SIZE - 1);
    put(rig, TSS_MAIN + TSS32_ESP0, STACK);
    put(rig, TSS_MAIN + TSS32_SS0, RIG_DATA);
    put(rig, TSS_TASK + TSS32_EIP, RIG_HANDLER);
    put(rig, TSS_TASK + TSS32_EFLAGS, EFLAGS_RESERVED);
    put(rig, TSS_TASK + TSS32_EAX + 4 * IRQSIM_ESP, STACK);
    put(rig, TSS_TASK + TSS32_ES + 4, RIG_CODE);
    put(rig, TSS_TASK + TSS32_ES + 8, RIG_DATA);
    if (way == WAY_TASK)
        ck_assert(irqsim_guest_copy_in(rig->m, RIG_IDT + 8u * kinds[kind].vector, &gate, 8));
}

static rig_t *machine(int profile)
{
    const bool at = profile == IRQSIM_I486_PC;
    const irqsim_source_desc_t src = {.wiring = at ? IRQSIM_WIRED_PIN : IRQSIM_WIRED_MSI,
                                      .pin = 5,
                                      .pattern = IRQSIM_PATTERN_NONE};
    rig_t *rig = rig_new((irqsim_machine_desc_t){.board = at ? IRQSIM_BOARD_AT : IRQSIM_BOARD_MP,
                                                 .profile_id = (irqsim_profile_id_t)profile,
                                                 .sources = &src,
                                                 .n_sources = 1},
                         &guest, true);

    write_tables(rig);
    if (at) {
        rig_init_pics(rig, 0);
    } else {
        rig_enable_lapics(rig);
        rig_msi(rig, 0, kinds[BY_INTR].vector, 0);
    }
    return rig;
}

/* The main code is in the middle of its 20 us when something comes from outside. */
static rig_t *story(int profile)
{
    rig_t *rig = machine(profile);

    irqsim_machine_run(rig->m, 10 * RIG_US);
    if (kind == BY_INTR)
        ck_assert_int_eq(irqsim_machine_arrive(rig->m, 0, 0), IRQSIM_OK);
    if (kind == BY_NMI)
        ck_assert_int_eq(irqsim_machine_cpu_pulse(rig->m, 0, IRQSIM_CPU_IN_NMI), IRQSIM_OK);
    ck_assert_int_eq(irqsim_machine_run(rig->m, 1000 * RIG_US), IRQSIM_E_NOMEM);
    return rig;
}

/* The loop counter is the machine and the way. */
START_TEST(time_101_from_an_event_to_its_handler_and_back)
{
    const int profile = _i / WAYS;

    way = _i % WAYS;
    for (kind = 0; kind < KINDS; kind++) {
        const uint64_t sum = ways[way].base[profile] + kinds[kind].extra[profile];
        const bool inta = profile == IRQSIM_I486_PC && kind == BY_INTR;
        rig_t *rig = story(profile);
        const irqsim_event_t *deliver = rig_event(rig, IRQSIM_EV_DELIVER, 0);

        ck_assert_uint_eq(rig_count(rig, IRQSIM_EV_DELIVER), 1);
        ck_assert_uint_eq(deliver->arg[0], kinds[kind].vector);
        ck_assert_uint_eq(entered - deliver->time, clocks(profile, sum) + (inta ? INTA : 0));
        ck_assert_uint_eq(rig_event(rig, IRQSIM_EV_IRET, 0)->time, entered + WORK);
        ck_assert_uint_eq(resumed - (entered + WORK) - rest,
                          clocks(profile, ways[way].iret[profile]));
        rig_free(rig);
    }
}
END_TEST

UNIT_MAIN("machine time",
          UNIT_LOOP(time_101_from_an_event_to_its_handler_and_back, 0, IRQSIM_PROFILES *WAYS))
