/* SPDX-License-Identifier: MIT */
/*
 * test_vcpu_exceptions.c - the exception table, row by row: how each vector is
 * raised, what it saves, what it pushes, and what it becomes when it cannot be
 * delivered (CPU-01..28, CPU-60..64)
 */
#include "vcpu_rig.h"

enum { BENIGN, CONTRIBUTORY, PAGE_FAULT };

typedef struct row {
    irqsim_op_t op; /* what raises it; NOP: irqsim_vcpu_raise(), as its owner would */
    uint64_t operand;
    uint8_t saved; /* bytes from the instruction to the saved IP: 0 for a fault    */
    bool error;    /* an error code is pushed                                      */
    uint8_t class_;
} row_t;

#define NEVER 0xFF /* no exception of this vector */

/* clang-format off */
static const row_t rows[32] = {
    /*       raised by                        saved error  class         */
    [0]  = {IRQSIM_OP_DIV, 0,                     0, false, CONTRIBUTORY},
    [1]  = {IRQSIM_OP_ICEBP, 0,                   1, false, BENIGN},
    [2]  = {IRQSIM_OP_NOP, 0,                 NEVER, false, BENIGN},
    [3]  = {IRQSIM_OP_INT3, 0,                    1, false, BENIGN},
    [4]  = {IRQSIM_OP_INTO, 0,                    1, false, BENIGN},
    [5]  = {IRQSIM_OP_BOUND, 1,                   0, false, BENIGN},
    [6]  = {IRQSIM_OP_UD2, 0,                     0, false, BENIGN},
    [7]  = {IRQSIM_OP_NOP, 0,                     0, false, BENIGN},
    [8]  = {IRQSIM_OP_NOP, 0,                     0, true,  BENIGN}, /* its failure: shutdown */
    [9]  = {IRQSIM_OP_NOP, 0,                     0, false, BENIGN},
    [10] = {IRQSIM_OP_NOP, 0,                     0, true,  CONTRIBUTORY},
    [11] = {IRQSIM_OP_MOV_DS, SPARE + 16,            0, true,  CONTRIBUTORY},
    [12] = {IRQSIM_OP_MOV_SS, SPARE + 24,         0, true,  CONTRIBUTORY},
    [13] = {IRQSIM_OP_MOV_DS, 0xFFF8,             0, true,  CONTRIBUTORY},
    [14] = {IRQSIM_OP_LOAD, 0x20000,              0, true,  PAGE_FAULT},
    [15] = {IRQSIM_OP_NOP, 0,                 NEVER, false, BENIGN},
    [16] = {IRQSIM_OP_NOP, 0,                     0, false, BENIGN},
    [17] = {IRQSIM_OP_NOP, 0,                     0, true,  BENIGN},
    [18] = {IRQSIM_OP_NOP, 0,                     0, false, BENIGN},
    [19] = {IRQSIM_OP_NOP, 0,                     0, false, BENIGN},
    [20] = {IRQSIM_OP_NOP, 0,                     0, false, PAGE_FAULT},
    [21] = {IRQSIM_OP_NOP, 0,                     0, true,  CONTRIBUTORY},
    [22] = {IRQSIM_OP_NOP, 0, NEVER, false, BENIGN}, [23] = {IRQSIM_OP_NOP, 0, NEVER, false, BENIGN},
    [24] = {IRQSIM_OP_NOP, 0, NEVER, false, BENIGN}, [25] = {IRQSIM_OP_NOP, 0, NEVER, false, BENIGN},
    [26] = {IRQSIM_OP_NOP, 0, NEVER, false, BENIGN}, [27] = {IRQSIM_OP_NOP, 0, NEVER, false, BENIGN},
    [28] = {IRQSIM_OP_NOP, 0,                     0, false, BENIGN},
    [29] = {IRQSIM_OP_NOP, 0,                     0, true,  BENIGN},
    [30] = {IRQSIM_OP_NOP, 0,                     0, true,  BENIGN},
    [31] = {IRQSIM_OP_NOP, 0,                 NEVER, false, BENIGN},
};
/* clang-format on */

/* ---- the modes that a table is gone through in ---- */

typedef struct table_mode {
    void (*start)(void);
    uint8_t slot;  /* bytes of a slot of the frame                    */
    uint8_t slots; /* of a frame without error code                   */
    bool errors;   /* error codes are pushed: not in real mode        */
    bool code64;   /* INTO and BOUND are not there (LM-09)            */
    bool segments; /* a selector can be wrong, a page be missing      */
} table_mode_t;

static const table_mode_t modes[] = {
    {rig_start, 4, 3, true, false, true},        {rig_start_user, 4, 5, true, false, true},
    {rig_start_long, 8, 5, true, true, true},    {rig_start_compatible, 8, 5, true, false, true},
    {rig_start_real, 2, 3, false, false, false},
};
enum { PROTECTED, USER, LONG, COMPATIBLE, REAL, MODES };

static void prepare(const table_mode_t *mode)
{
    mode->start();
    rig.cpu.regs.flags |= EFLAGS_OF;
    const uint64_t absent = DESC_FLAT_DATA32(rig.cpu.regs.cpl) & ~((uint64_t)DESC_P << 40);
    set_segment(&rig.guest, SPARE + 16, absent);
    set_segment(&rig.guest, SPARE + 24, absent);
}

/* Can this mode's code raise the row as the table says? */
static bool raises(const table_mode_t *mode, const row_t *row)
{
    const bool by_selector = row->op == IRQSIM_OP_MOV_DS || row->op == IRQSIM_OP_MOV_SS;

    if (mode->code64 && (row->op == IRQSIM_OP_INTO || row->op == IRQSIM_OP_BOUND))
        return false;
    return row->saved != NEVER && (mode->segments || !(by_selector || row->op == IRQSIM_OP_LOAD));
}

static void raise_vector(unsigned vector)
{
    const row_t *row = &rows[vector];
    const irqsim_delivery_t event = irqsim_exception((uint8_t)vector, 0);
    irqsim_insn_t insn = {.op = (uint8_t)row->op, .operand = row->operand};

    if (row->op == IRQSIM_OP_MOV_SS)
        insn.operand |= rig.cpu.regs.cpl;
    if (row->op == IRQSIM_OP_NOP)
        irqsim_vcpu_raise(&rig.v, &event, &rig.out);
    else
        irqsim_vcpu_exec(&rig.v, &insn, &rig.out);
}

/* A slot of the frame, without the error code; its low half. */
static uint32_t pushed(const table_mode_t *mode, const row_t *row, unsigned n)
{
    const unsigned slot = n + (mode->errors && row->error);
    const uint32_t at = (uint32_t)rig.cpu.regs.sp + slot * mode->slot;

    return mode->slot == 2 ? peek16(&rig.guest, at) : peek32(&rig.guest, at);
}

/* _i: the vector, in each of the modes */
START_TEST(cpu_01_21_what_is_saved_and_pushed)
{
    const unsigned vector = (unsigned)_i % 32;
    const table_mode_t *mode = &modes[_i / 32];
    const row_t *row = &rows[vector];

    if (!raises(mode, row))
        return;
    prepare(mode);
    raise_vector(vector);
    const irqsim_delivered_t *d = &rig.out.delivered;
    ck_assert_int_eq(d->what, IRQSIM_DELIVERED_HANDLER);
    ck_assert_uint_eq(d->escalations, 0);
    ck_assert_uint_eq(d->event.vector, vector);
    ck_assert_uint_eq(rig.cpu.regs.ip, HANDLER + vector);
    const unsigned slots = mode->slots + (mode->errors && row->error ? 1u : 0);
    ck_assert_uint_eq(d->out.frame, mode->slot * slots);
    ck_assert_uint_eq(pushed(mode, row, 0), START + row->saved); /* CPU-28 */
    ck_assert_uint_eq(d->saved_ip, START + row->saved);
}
END_TEST

/* CPU-53: faults alone, and not #DB's; words have no room for it */
START_TEST(cpu_53_faults_push_rf)
{
    const unsigned vector = (unsigned)_i % 32;
    const table_mode_t *mode = &modes[_i / 32];
    const row_t *row = &rows[vector];

    if (!raises(mode, row) || mode->slot == 2)
        return;
    prepare(mode);
    raise_vector(vector);
    const bool fault = irqsim_exc_info(vector)->class_ == IRQSIM_EXC_FAULT;
    ck_assert_int_eq(!!(pushed(mode, row, 2) & EFLAGS_RF), fault);
    ck_assert(!(rig.cpu.regs.flags & EFLAGS_RF)); /* CPU-52 */
}
END_TEST

/* ---- the double-fault matrix ---- */

/* How to make a delivery fail, and the class of what that raises. */
static const struct {
    unsigned second, class_;
} failures[] = {{VECTOR_NP, CONTRIBUTORY},
                {VECTOR_GP, CONTRIBUTORY},
                {VECTOR_TS, CONTRIBUTORY},
                {VECTOR_SS, CONTRIBUTORY},
                {VECTOR_PF, PAGE_FAULT}};
enum { FAILURES = sizeof(failures) / sizeof(failures[0]) };

/* Real mode has its limit alone; below it are #GP and #DF. */
static bool can_fail(const table_mode_t *mode, unsigned vector, unsigned second)
{
    if (mode == &modes[PROTECTED])
        return false; /* as from user mode, and there is a stack to spoil too */
    return mode->segments || (second == VECTOR_GP && vector >= VECTOR_TS);
}

/* The TSS's stack of this one gate: an IST, or that of level 1. */
static void spoil_stack(const table_mode_t *mode, unsigned vector, unsigned second)
{
    const bool absent = second == VECTOR_SS;

    if (mode->slot == 8) {
        poke(&rig.guest, IDT + 16 * vector + 4, 1, 1);
        poke(&rig.guest, TSS + TSS64_IST(1), UINT64_C(1) << 47, 8);
        if (!absent)
            rig.cpu.regs.tr.limit = TSS64_IST(1) + 6;
        return;
    }
    set_gate(&rig.guest, vector, DESC_INTERRUPT_GATE32(HANDLER, RING1_CS, 3));
    poke(&rig.guest, TSS + TSS32_SS(1), absent ? SPARE | 1 : 0, 2);
    set_segment(&rig.guest, SPARE, DESC_FLAT_DATA32(1) & ~((uint64_t)DESC_P << 40));
}

static void let_fail(const table_mode_t *mode, unsigned vector, unsigned second)
{
    const unsigned entry = mode->slot == 8 ? 16 : 8, at = IDT + entry * vector;

    if (!mode->segments) {
        rig.cpu.regs.idtr.limit = 4 * vector - 1;
        return;
    }
    switch (second) {
    case VECTOR_NP:
        rig.guest.memory[at + 5] &= (uint8_t)~DESC_P;
        break;
    case VECTOR_GP:
        poke(&rig.guest, at + 2, 0, 2); /* a null selector */
        break;
    case VECTOR_PF:
        rig.guest.hole = at;
        rig.guest.hole_end = at + entry;
        break;
    default:
        spoil_stack(mode, vector, second);
        break;
    }
}

/* CPU-61, written out: what is delivered in the end. -1 = shutdown. */
static int expected(unsigned first, bool exception, unsigned second, unsigned second_class)
{
    const unsigned class_ = exception ? rows[first].class_ : BENIGN;

    if (exception && first == VECTOR_DF)
        return -1;
    if (class_ == CONTRIBUTORY && second_class == CONTRIBUTORY)
        return VECTOR_DF;
    if (class_ == PAGE_FAULT)
        return VECTOR_DF;
    return (int)second;
}

static void check_failure(const table_mode_t *mode, unsigned first, irqsim_event_kind_t kind,
                          unsigned failure)
{
    const bool exception = kind == IRQSIM_KIND_EXCEPTION;
    const unsigned second = failures[failure].second;
    /* Its own gate is broken, or beyond the limit too: nor can the exception be delivered. */
    const bool broken = mode->segments ? first == second : first <= second;
    const bool again = broken && !exception;
    const int end =
        again ? VECTOR_DF : expected(first, exception, second, failures[failure].class_);
    irqsim_delivery_t event = irqsim_exception((uint8_t)first, 0);

    event.kind = (uint8_t)kind;
    prepare(mode);
    let_fail(mode, first, second);
    irqsim_vcpu_raise(&rig.v, &event, &rig.out);
    const irqsim_delivered_t *d = &rig.out.delivered;
    ck_assert_uint_eq(d->escalations, again ? 2 : 1);
    ck_assert_uint_eq(d->chain[0].raised, second);
    ck_assert_int_eq(d->what == IRQSIM_DELIVERED_SHUTDOWN ? -1 : d->event.vector, end);
    if (end == VECTOR_DF && mode->errors) /* CPU-64 */
        ck_assert_uint_eq(peek32(&rig.guest, (uint32_t)rig.cpu.regs.sp), 0);
    ck_assert_int_eq(rig.cpu.activity, end < 0 ? IRQSIM_SHUTDOWN : IRQSIM_RUNNING);
}

static void check_matrix(const table_mode_t *mode, unsigned first, irqsim_event_kind_t kind)
{
    for (unsigned i = 0; i < FAILURES; i++)
        if (can_fail(mode, first, failures[i].second))
            check_failure(mode, first, kind, i);
}

/* _i: the vector, in each of the modes; LM-14 */
START_TEST(cpu_61_matrix_of_exceptions)
{
    check_matrix(&modes[_i / 32], (unsigned)_i % 32, IRQSIM_KIND_EXCEPTION);
}
END_TEST

START_TEST(cpu_60_interrupts_and_int_n_are_benign_whatever_their_vector)
{
    check_matrix(&modes[_i / 32], (unsigned)_i % 32, IRQSIM_KIND_EXTERNAL);
    check_matrix(&modes[_i / 32], (unsigned)_i % 32, IRQSIM_KIND_SOFTWARE);
}
END_TEST

/* The longest way: INTR, its #GP, that one's #PF, #DF, and none can be delivered. */
START_TEST(cpu_62_the_longest_chain_ends_in_shutdown)
{
    prepare(&modes[PROTECTED]);
    set_gate(&rig.guest, 0x31, DESC_INTERRUPT_GATE32(HANDLER, 0, 3));
    rig.guest.hole = IDT + 8 * VECTOR_GP;
    rig.guest.hole_end = IDT + 8 * (VECTOR_PF + 1);
    set_gate(&rig.guest, VECTOR_DF, 0);
    rig_interrupt(0x31);
    says("shutdown", boundary());
    const irqsim_delivered_t *d = &rig.out.delivered;
    ck_assert_uint_eq(d->escalations, IRQSIM_ESCALATIONS);
    ck_assert_uint_eq(d->chain[0].raised, VECTOR_GP);
    ck_assert_uint_eq(d->chain[1].raised, VECTOR_PF);
    ck_assert_uint_eq(d->chain[1].becomes, VECTOR_PF);
    ck_assert_uint_eq(d->chain[2].raised, VECTOR_PF);
    ck_assert_uint_eq(d->chain[2].becomes, VECTOR_DF);
    ck_assert_uint_eq(d->chain[3].raised, VECTOR_GP);
    ck_assert_uint_eq(rig.cpu.regs.cr2, IDT + 8 * VECTOR_PF); /* CPU-24: the last one */
    says("-", exec(IRQSIM_OP_NOP, 0));
}
END_TEST

/* CPU-63: once the handler is entered, its own faults are new ones. */
START_TEST(cpu_63_a_fault_of_the_handlers_first_instruction_is_fresh)
{
    prepare(&modes[PROTECTED]);
    says("#DE 1000", exec(IRQSIM_OP_DIV, 0));
    says("#DE 4000", exec(IRQSIM_OP_DIV, 0));
    says("#GP 4000", exec(IRQSIM_OP_MOV_DS, 0xFFF8));
}
END_TEST

/* ---- error codes by who asked (CPU-23, CPU-25) ---- */

START_TEST(cpu_25_ext_by_kind)
{
    static const struct {
        irqsim_op_t op;
        unsigned vector, ext;
    } kinds[] = {{IRQSIM_OP_INT, 0x21, 0}, {IRQSIM_OP_INT3, 3, 0}, {IRQSIM_OP_INTO, 4, 0},
                 {IRQSIM_OP_ICEBP, 1, 1},  {IRQSIM_OP_DIV, 0, 1},  {IRQSIM_OP_BOUND, 5, 1},
                 {IRQSIM_OP_UD2, 6, 1}};

    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const bool fails = kinds[i].op == IRQSIM_OP_BOUND;
        prepare(&modes[PROTECTED]);
        set_gate(&rig.guest, kinds[i].vector, 0);
        exec(kinds[i].op, kinds[i].op == IRQSIM_OP_INT ? kinds[i].vector : fails);
        ck_assert_uint_eq(rig.out.delivered.chain[0].error,
                          kinds[i].vector * 8 + ERROR_IDT + kinds[i].ext);
    }
}
END_TEST

UNIT_MAIN("vcpu_exceptions", UNIT_LOOP(cpu_01_21_what_is_saved_and_pushed, 0, 32 * MODES),
          UNIT_LOOP(cpu_53_faults_push_rf, 0, 32 * MODES),
          UNIT_LOOP(cpu_61_matrix_of_exceptions, 0, 32 * MODES),
          UNIT_LOOP(cpu_60_interrupts_and_int_n_are_benign_whatever_their_vector, 0, 32 * MODES),
          UNIT_TEST(cpu_62_the_longest_chain_ends_in_shutdown),
          UNIT_TEST(cpu_63_a_fault_of_the_handlers_first_instruction_is_fresh),
          UNIT_TEST(cpu_25_ext_by_kind))
