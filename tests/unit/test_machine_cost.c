/* SPDX-License-Identifier: MIT */
/*
 * test_machine_cost.c - what deliveries and instructions cost, on every machine
 *
 * The parts are those of the clock tables; what is charged must be their sums.
 */
#include <irqsim/cost.h>
#include <irqsim/regs/idt_regs.h>

#include "unit.h"

/* INTbase by way, then what a kind adds (TIME-02..06, TIME-07..14). No figure: the
 * machine's manual has none, ours is the nearest. */
static const struct {
    uint64_t real, same, inner, v86, task;
    uint64_t intr, nmi, page_fault, exception, int_n, int_n_real, int3, into, bound;
} parts[IRQSIM_PROFILES] = {
    [IRQSIM_I486_PC] = {26, 44, 71, 82, 37 + 199, 11, 3, 24, 5, 0, 4, 0, 2, 24},
    [IRQSIM_P5_MP] = {11, 25, 42, 54, 17 + 85, 14, 6, 40, 8, 6, 6, 5, 5, 32},
    [IRQSIM_P6_MP] = {60, 85, 120, 150, 700, 10, 5, 30, 10, 0, 0, 0, 0, 10},
    [IRQSIM_P4_XAPIC] = {200, 350, 600, 700, 2500, 10, 5, 30, 10, 0, 0, 0, 0, 10},
    [IRQSIM_MODERN_X2APIC] = {120, 200, 350, 350, 1500, 10, 5, 30, 10, 0, 0, 0, 0, 10},
};

typedef struct way {
    irqsim_cpustate_t after;
    irqsim_outcome_t out;
} way_t;

/* What lib/idt answers on each way. */
static const way_t real = {{.mode = IRQSIM_MODE_REAL}, {.delivered = 1, .frame = 6, .slot = 2}};
static const way_t same = {{0}, {.delivered = 1, .frame = 12, .slot = 4}};
static const way_t inner = {{0}, {.delivered = 1, .inner = 1, .frame = 20, .slot = 4}};
static const way_t v86 = {{0}, {.delivered = 1, .inner = 1, .frame = 36, .slot = 4}};
static const way_t task = {{0}, {.delivered = 1, .task = 0x30}};
static const way_t inner64 = {{.mode = IRQSIM_MODE_LONG, .code64 = 1},
                              {.delivered = 1, .inner = 1, .frame = 40, .slot = 8}};

static uint64_t cost(int machine, const way_t *way, irqsim_event_kind_t kind, uint8_t vector)
{
    const irqsim_delivery_t event = {.vector = vector, .kind = (uint8_t)kind};

    return irqsim_cost_delivery(irqsim_profile((irqsim_profile_id_t)machine), &way->after, &event,
                                &way->out);
}

/* _i: the machine */
START_TEST(time_02_an_interrupt_costs_its_way)
{
    const uint64_t intr = parts[_i].intr;

    ck_assert_uint_eq(cost(_i, &real, IRQSIM_KIND_EXTERNAL, 0x31), parts[_i].real + intr);
    ck_assert_uint_eq(cost(_i, &same, IRQSIM_KIND_EXTERNAL, 0x31), parts[_i].same + intr);
    ck_assert_uint_eq(cost(_i, &inner, IRQSIM_KIND_EXTERNAL, 0x31), parts[_i].inner + intr);
    ck_assert_uint_eq(cost(_i, &inner64, IRQSIM_KIND_EXTERNAL, 0x31), parts[_i].inner + intr);
    ck_assert_uint_eq(cost(_i, &v86, IRQSIM_KIND_EXTERNAL, 0x31), parts[_i].v86 + intr);
    ck_assert_uint_eq(cost(_i, &task, IRQSIM_KIND_EXTERNAL, 0x31), parts[_i].task + intr);
}
END_TEST

START_TEST(time_07_kinds_add_the_same_on_every_way)
{
    const struct {
        const way_t *way;
        uint64_t base;
    } ways[] = {{&same, parts[_i].same},
                {&inner, parts[_i].inner},
                {&v86, parts[_i].v86},
                {&task, parts[_i].task}};

    for (unsigned w = 0; w < 4; w++) {
        const way_t *way = ways[w].way;
        const uint64_t base = ways[w].base;

        ck_assert_uint_eq(cost(_i, way, IRQSIM_KIND_NMI, 2), base + parts[_i].nmi);
        ck_assert_uint_eq(cost(_i, way, IRQSIM_KIND_EXCEPTION, 14), base + parts[_i].page_fault);
        ck_assert_uint_eq(cost(_i, way, IRQSIM_KIND_EXCEPTION, 5), base + parts[_i].bound);
        ck_assert_uint_eq(cost(_i, way, IRQSIM_KIND_EXCEPTION, 0), base + parts[_i].exception);
        ck_assert_uint_eq(cost(_i, way, IRQSIM_KIND_ICEBP, 1), base + parts[_i].exception);
        ck_assert_uint_eq(cost(_i, way, IRQSIM_KIND_SOFTWARE, 0x80), base + parts[_i].int_n);
        ck_assert_uint_eq(cost(_i, way, IRQSIM_KIND_INT3, 3), base + parts[_i].int3);
        ck_assert_uint_eq(cost(_i, way, IRQSIM_KIND_INTO, 4), base + parts[_i].into);
    }
    ck_assert_uint_eq(cost(_i, &real, IRQSIM_KIND_SOFTWARE, 0x10),
                      parts[_i].real + parts[_i].int_n_real);
    ck_assert_uint_eq(cost(_i, &real, IRQSIM_KIND_NMI, 2), parts[_i].real + parts[_i].nmi);
}
END_TEST

START_TEST(time_07_overridden_figures_never_wrap)
{
    irqsim_profile_t p = *irqsim_profile((irqsim_profile_id_t)_i);
    const irqsim_delivery_t nmi = {.vector = 2, .kind = IRQSIM_KIND_NMI};

    p.int_same = p.nmi_inner = 0;
    ck_assert_uint_eq(irqsim_cost_delivery(&p, &same.after, &nmi, &same.out), 0);
}
END_TEST

/* TIME-20..24, by machine. */
START_TEST(time_20_iret_costs_its_way)
{
    static const uint64_t clocks[IRQSIM_PROFILES][5] = {
        /*                       real same outer V86 task */
        [IRQSIM_I486_PC] = {15, 20, 36, 15, 32 + 199},
        [IRQSIM_P5_MP] = {7, 10, 27, 27, 10 + 85},
        [IRQSIM_P6_MP] = {30, 45, 80, 80, 600},
        [IRQSIM_P4_XAPIC] = {80, 130, 250, 250, 2000},
        [IRQSIM_MODERN_X2APIC] = {30, 60, 200, 200, 1200},
    };
    static const way_t to_v86 = {{.mode = IRQSIM_MODE_V86}, {.delivered = 1, .inner = 1}};
    static const way_t within_v86 = {{.mode = IRQSIM_MODE_V86}, {.delivered = 1}};
    const struct {
        const way_t *way;
        uint64_t clocks;
    } ways[] = {{&real, clocks[_i][0]},  {&within_v86, clocks[_i][0]}, {&same, clocks[_i][1]},
                {&inner, clocks[_i][2]}, {&to_v86, clocks[_i][3]},     {&task, clocks[_i][4]}};

    for (unsigned w = 0; w < sizeof(ways) / sizeof(ways[0]); w++)
        ck_assert_uint_eq(irqsim_cost_iret(irqsim_profile((irqsim_profile_id_t)_i),
                                           &ways[w].way->after, &ways[w].way->out),
                          ways[w].clocks);
}
END_TEST

static uint64_t retired(int machine, irqsim_op_t op)
{
    const irqsim_cpustate_t after = {0};
    const irqsim_vcpu_out_t out = {.did = IRQSIM_VCPU_RETIRED};

    return irqsim_cost_vcpu(irqsim_profile((irqsim_profile_id_t)machine), &after, op, &out);
}

START_TEST(time_26_instructions_cost_their_figures)
{
    const irqsim_profile_t *p = irqsim_profile((irqsim_profile_id_t)_i);

    ck_assert_uint_eq(retired(_i, IRQSIM_OP_CLI), p->cli);
    ck_assert_uint_eq(retired(_i, IRQSIM_OP_STI), p->sti);
    ck_assert_uint_eq(retired(_i, IRQSIM_OP_HLT), p->hlt);
    ck_assert_uint_eq(retired(_i, IRQSIM_OP_PUSHF), p->pushf);
    ck_assert_uint_eq(retired(_i, IRQSIM_OP_POPF), p->popf);
    ck_assert_uint_eq(retired(_i, IRQSIM_OP_IRET), p->iret_same);
    ck_assert_uint_eq(retired(_i, IRQSIM_OP_LOAD), p->insn);
}
END_TEST

START_TEST(time_09_what_does_not_trap_has_a_price_too)
{
    static const uint64_t clocks[IRQSIM_PROFILES][2] = {{3, 7}, {4, 8}, {3, 8}, {3, 8}, {3, 8}};

    ck_assert_uint_eq(retired(_i, IRQSIM_OP_INTO), clocks[_i][0]);
    ck_assert_uint_eq(retired(_i, IRQSIM_OP_BOUND), clocks[_i][1]);
}
END_TEST

START_TEST(time_101_an_instruction_that_raises_costs_the_delivery_alone)
{
    const irqsim_profile_t *p = irqsim_profile((irqsim_profile_id_t)_i);
    irqsim_vcpu_out_t out = {.did = IRQSIM_VCPU_DELIVERED,
                             .delivered = {.event = irqsim_exception(0, 0), .out = same.out}};

    ck_assert_uint_eq(irqsim_cost_vcpu(p, &same.after, IRQSIM_OP_DIV, &out),
                      parts[_i].same + parts[_i].exception);
    out.delivered.what = IRQSIM_DELIVERED_SHUTDOWN;
    ck_assert_uint_eq(irqsim_cost_vcpu(p, &same.after, IRQSIM_OP_DIV, &out), 0);
}
END_TEST

UNIT_MAIN("machine_cost", UNIT_LOOP(time_02_an_interrupt_costs_its_way, 0, IRQSIM_PROFILES),
          UNIT_LOOP(time_07_kinds_add_the_same_on_every_way, 0, IRQSIM_PROFILES),
          UNIT_LOOP(time_07_overridden_figures_never_wrap, 0, IRQSIM_PROFILES),
          UNIT_LOOP(time_20_iret_costs_its_way, 0, IRQSIM_PROFILES),
          UNIT_LOOP(time_26_instructions_cost_their_figures, 0, IRQSIM_PROFILES),
          UNIT_LOOP(time_09_what_does_not_trap_has_a_price_too, 0, IRQSIM_PROFILES),
          UNIT_LOOP(time_101_an_instruction_that_raises_costs_the_delivery_alone, 0,
                    IRQSIM_PROFILES))
