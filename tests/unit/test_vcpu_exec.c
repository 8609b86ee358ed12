/* SPDX-License-Identifier: MIT */
/*
 * test_vcpu_exec.c - what each instruction does: lengths, flags, segments, shadows
 * (CPU-65..69, CPU-72..79, CPU-98, LM-09), and any of them at random
 */
#include "vcpu_rig.h"

/* ---- lengths ---- */

START_TEST(cpu_28_instructions_have_their_real_lengths)
{
    static const struct {
        irqsim_op_t op;
        uint8_t real, protected, long_;
    } rows[] = {
        {IRQSIM_OP_NOP, 1, 1, 1},  {IRQSIM_OP_IRET, 1, 1, 2},   {IRQSIM_OP_INT, 2, 2, 2},
        {IRQSIM_OP_INT3, 1, 1, 1}, {IRQSIM_OP_INTO, 1, 1, 0},   {IRQSIM_OP_BOUND, 2, 2, 0},
        {IRQSIM_OP_UD2, 2, 2, 2},  {IRQSIM_OP_MOV_SS, 2, 2, 2}, {IRQSIM_OP_POP_SS, 1, 1, 0},
        {IRQSIM_OP_LOAD, 3, 5, 7}, {IRQSIM_OP_STORE, 3, 5, 7},  {IRQSIM_OP_SYSCALL, 0, 0, 2},
        {IRQSIM_OP_REP, 2, 2, 2},  {IRQSIM_OP_ICEBP, 1, 1, 1},  {IRQSIM_OP_DIV, 2, 2, 2},
        {IRQSIM_OP_HLT, 1, 1, 1},
    };
    const irqsim_cpustate_t real = {.mode = IRQSIM_MODE_REAL};
    const irqsim_cpustate_t protected = {0};
    const irqsim_cpustate_t compatible = {.mode = IRQSIM_MODE_LONG};
    const irqsim_cpustate_t long_ = {.mode = IRQSIM_MODE_LONG, .code64 = 1};

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_uint_eq(irqsim_insn_length(rows[i].op, &real), rows[i].real);
        ck_assert_uint_eq(irqsim_insn_length(rows[i].op, &protected), rows[i].protected);
        ck_assert_uint_eq(irqsim_insn_length(rows[i].op, &compatible), rows[i].protected);
        ck_assert_uint_eq(irqsim_insn_length(rows[i].op, &long_), rows[i].long_);
    }
    ck_assert_ptr_null(irqsim_insn_name(IRQSIM_OPS));
}
END_TEST

START_TEST(cpu_28_a_prefix_makes_an_instruction_longer)
{
    rig_start();
    says("nop 1003", exec_insn((irqsim_insn_t){.op = IRQSIM_OP_NOP, .length = 3}));
    says("80 1008", exec_insn((irqsim_insn_t){.op = IRQSIM_OP_INT, .length = 5, .operand = 0x80}));
}
END_TEST

START_TEST(lm_09_64_bit_code_has_no_into_bound_or_pop_ss)
{
    static const irqsim_op_t ops[] = {IRQSIM_OP_INTO, IRQSIM_OP_BOUND, IRQSIM_OP_POP_SS};

    for (unsigned i = 0; i < 3; i++) {
        rig_start_long();
        rig.cpu.regs.flags |= EFLAGS_OF;
        exec(ops[i], 1);
        ck_assert_uint_eq(rig.out.event.vector, VECTOR_UD);
    }
    rig_start();
    says("#UD 1000", exec(IRQSIM_OP_SYSCALL, 0x5000));
}
END_TEST

START_TEST(lm_09_syscall_needs_no_idt)
{
    rig_start_long();
    rig.cpu.regs.cpl = 3;
    rig.cpu.regs.cs = USER_CS;
    rig.cpu.regs.flags |= EFLAGS_TF;
    says("syscall 5000",
         exec_insn((irqsim_insn_t){.op = IRQSIM_OP_SYSCALL, .cs = KERNEL_CS, .operand = 0x5000}));
    ck_assert_uint_eq(rig.cpu.regs.cpl, 0);
    ck_assert_uint_eq(rig.cpu.regs.cs, KERNEL_CS);
    ck_assert_uint_eq(rig.cpu.regs.flags & (EFLAGS_IF | EFLAGS_TF), 0);
    says("-", boundary());
}
END_TEST

/* ---- flags (CPU-77) ---- */

static uint64_t after_popf(uint32_t image, unsigned cpl, unsigned iopl, unsigned size)
{
    if (cpl)
        rig_start_user();
    else
        rig_start();
    rig.cpu.regs.flags = EFLAGS_RESERVED | EFLAGS_IOPL(iopl);
    rig.cpu.regs.sp -= size;
    poke(&rig.guest, (uint32_t)rig.cpu.regs.sp, image, size);
    exec_insn((irqsim_insn_t){.op = IRQSIM_OP_POPF, .size = (uint8_t)size});
    return rig.cpu.regs.flags;
}

START_TEST(cpu_77_popf_moves_what_the_level_may)
{
    const uint32_t all = 0xFFFFFFFF;
    const uint32_t plain = EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF | EFLAGS_SF | EFLAGS_TF |
                           EFLAGS_DF | EFLAGS_OF | EFLAGS_NT | EFLAGS_RESERVED;
    const uint32_t wide = EFLAGS_AC | EFLAGS_ID;

    ck_assert_uint_eq(after_popf(all, 0, 0, 4), plain | wide | EFLAGS_IF | EFLAGS_IOPL(3));
    ck_assert_uint_eq(after_popf(all, 3, 3, 4), plain | wide | EFLAGS_IF | EFLAGS_IOPL(3));
    ck_assert_uint_eq(after_popf(all, 3, 0, 4), plain | wide);
    ck_assert_uint_eq(after_popf(all, 3, 2, 4), plain | wide | EFLAGS_IOPL(2));
    ck_assert_uint_eq(after_popf(all, 0, 0, 2), plain | EFLAGS_IF | EFLAGS_IOPL(3));
}
END_TEST

START_TEST(cpu_77_pushf_shows_neither_vm_nor_rf)
{
    rig_start_v86(3);
    rig.cpu.regs.flags |= EFLAGS_RF | EFLAGS_CF;
    exec_insn((irqsim_insn_t){.op = IRQSIM_OP_PUSHF, .size = 4});
    const uint32_t pushed = peek32(&rig.guest, (uint32_t)rig.cpu.regs.sp);
    ck_assert_uint_eq(pushed & (EFLAGS_VM | EFLAGS_RF | EFLAGS_CF), EFLAGS_CF);
}
END_TEST

START_TEST(cpu_77_v86_needs_iopl_3)
{
    static const irqsim_op_t ops[] = {IRQSIM_OP_CLI,  IRQSIM_OP_STI, IRQSIM_OP_PUSHF,
                                      IRQSIM_OP_POPF, IRQSIM_OP_INT, IRQSIM_OP_IRET};

    for (unsigned i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
        rig_start_v86(2);
        says("#GP 1000", exec(ops[i], 0x80));
        rig_start_v86(3);
        exec(ops[i], 0x80);
        ck_assert_uint_ne(rig.out.delivered.event.vector, VECTOR_GP);
    }
}
END_TEST

START_TEST(cpu_65_int3_and_into_do_not_need_it)
{
    rig_start_v86(0);
    says("03 1001", exec(IRQSIM_OP_INT3, 0));
    rig_start_v86(0);
    rig.cpu.regs.flags |= EFLAGS_OF;
    says("04 1001", exec(IRQSIM_OP_INTO, 0));
}
END_TEST

/* ---- an IRET that faults (CPU-79) ---- */

static void barred(void)
{
    rig_start_v86(0);
}
static void null_code(void)
{
    rig_start();
    rig.cpu.regs.sp = 0x6000;
}
static void absent_code(void)
{
    rig_start();
    set_segment(&rig.guest, SPARE, DESC_FLAT_CODE32(0) & ~((uint64_t)DESC_P << 40));
    poke(&rig.guest, 0x7004, SPARE, 4);
}
static void no_stack(void)
{
    rig_start();
    rig.cpu.regs.sp = UINT32_MAX - 3;
}
static void missing_stack(void)
{
    rig_start();
    rig.cpu.regs.ss_desc = DESC_FLAT_DATA32(0);
    rig.cpu.regs.sp = 0x20000;
    rig.cpu.regs.cpl = 1; /* so that the fault has a stack of the TSS */
    rig.cpu.regs.cs = RING1_CS;
}
static void bad_link(void)
{
    rig_start();
    rig.cpu.regs.flags |= EFLAGS_NT;
}
static void nested_in_long_mode(void)
{
    rig_start_long();
    rig.cpu.regs.flags |= EFLAGS_NT;
}

static const struct {
    void (*start)(void);
    unsigned vector;
} failing_irets[] = {
    {barred, VECTOR_GP},
    {null_code, VECTOR_GP},
    {absent_code, VECTOR_NP},
    {no_stack, VECTOR_SS},
    {missing_stack, VECTOR_PF},
    {bad_link, VECTOR_TS},
    {nested_in_long_mode, VECTOR_GP},
};

/* SDM Vol. 3, "Handling Multiple NMIs": its V86 case is an example. _i: what fails */
START_TEST(cpu_79_an_iret_that_faults_unblocks_nmi_all_the_same)
{
    failing_irets[_i].start();
    rig.cpu.nmi_blocked = 1;
    exec(IRQSIM_OP_IRET, 0);
    ck_assert_int_eq(rig.out.did, IRQSIM_VCPU_DELIVERED);
    ck_assert_uint_eq(rig.out.event.vector, failing_irets[_i].vector);
    ck_assert_uint_eq(rig.cpu.nmi_blocked, 0);
}
END_TEST

/* What is not executed unblocks nothing. */
START_TEST(cpu_79_an_iret_that_cannot_be_fetched_unblocks_nothing)
{
    rig_start();
    rig.cpu.nmi_blocked = 1;
    rig.guest.hole = START;
    rig.guest.hole_end = START + 1;
    says("#PF 1000", exec_insn((irqsim_insn_t){.op = IRQSIM_OP_IRET, .fetch = 1}));
    ck_assert_uint_eq(rig.cpu.nmi_blocked, 1);
}
END_TEST

/* ---- stacks of a push ---- */

START_TEST(cpu_13_a_push_outside_of_its_segment_is_ss_0)
{
    rig_start();
    rig.cpu.regs.ss_desc = DESC_SEGMENT(0, 0x6FFF, DESC_P | DESC_S | DESC_WRITABLE, DESC_FLAG_DB);
    rig.cpu.regs.sp = 0x7004;
    exec(IRQSIM_OP_PUSHF, 0);
    ck_assert_uint_eq(rig.out.event.vector, VECTOR_SS);
    ck_assert_uint_eq(rig.out.event.error, 0);
    rig.cpu.activity = IRQSIM_RUNNING;
    rig.cpu.regs.sp = 0x7000;
    says("pushf 1001", exec(IRQSIM_OP_PUSHF, 0));
}
END_TEST

START_TEST(cpu_24_a_push_to_a_missing_page_writes_as_its_level)
{
    rig_start_user();
    rig.cpu.regs.flags |= EFLAGS_IOPL(3);
    rig.guest.hole = USER_STACK - 4;
    rig.guest.hole_end = USER_STACK;
    says("#PF 1000", exec(IRQSIM_OP_PUSHF, 0));
    ck_assert_uint_eq(rig.out.event.error, PF_ERROR_W | PF_ERROR_U);
    ck_assert_uint_eq(rig.cpu.regs.cr2, USER_STACK - 4);
}
END_TEST

START_TEST(bus_errors_leave_the_cpu_at_the_instruction)
{
    rig_start();
    rig.mem.missing = IRQSIM_MEM_BUS_ERROR;
    const irqsim_cpu_t before = rig.cpu;
    says("bus error", exec(IRQSIM_OP_LOAD, 0x20000));
    ck_assert_uint_eq(rig.out.delivered.out.address, 0x20000);
    ck_assert_mem_eq(&rig.cpu, &before, sizeof(before));
    rig.cpu.regs.sp = 0x20000;
    says("bus error", exec(IRQSIM_OP_INT, 0x80));
    ck_assert_uint_eq(rig.cpu.regs.ip, START);
    says("bus error", exec(IRQSIM_OP_IRET, 0));
    ck_assert_uint_eq(rig.cpu.regs.ip, START);
}
END_TEST

/* Nobody to ask beyond what is lent: reads, writes and the instruction's own bytes. */
START_TEST(cpu_24_without_callbacks_lent_ram_is_all_there_is)
{
    rig_start();
    rig.mem = guest_lent_mem(&rig.guest);
    says("load 1005", exec(IRQSIM_OP_LOAD, MEMORY - 4));
    says("#PF 1005", exec(IRQSIM_OP_LOAD, MEMORY - 3));
    ck_assert_uint_eq(rig.out.event.error, 0);
    ck_assert_uint_eq(rig.cpu.regs.cr2, MEMORY - 3);
    rig_start();
    rig.mem = guest_lent_mem(&rig.guest);
    rig.mem.missing = IRQSIM_MEM_BUS_ERROR;
    rig.cpu.regs.sp = MEMORY + 4;
    says("bus error", exec(IRQSIM_OP_PUSHF, 0));
    ck_assert_uint_eq(rig.out.delivered.out.address, MEMORY);
    rig.cpu.regs.ip = MEMORY - 1;
    says("bus error", exec_insn((irqsim_insn_t){.op = IRQSIM_OP_INT, .fetch = 1}));
    ck_assert_uint_eq(rig.out.delivered.out.address, MEMORY);
}
END_TEST

/* ---- loads of segments ---- */

static const char *load_ds(uint64_t desc, unsigned rpl)
{
    rig_start_user();
    set_segment(&rig.guest, SPARE, desc);
    exec(IRQSIM_OP_MOV_DS, SPARE | rpl);
    if (rig.out.did == IRQSIM_VCPU_RETIRED)
        return "ok";
    snprintf(rig.text, sizeof(rig.text), "%s(%X)", irqsim_exc_info(rig.out.event.vector)->mnemonic,
             (unsigned)rig.out.event.error);
    return rig.text;
}

START_TEST(cpu_14_which_segments_ds_takes)
{
    const uint64_t present = (uint64_t)DESC_P << 40;
    const uint64_t execute_only =
        DESC_SEGMENT(0, 0xFFFFF, DESC_P | DESC_DPL(3) | DESC_S | DESC_CODE, DESC_FLAG_G);
    const uint64_t conforming = DESC_SEGMENT(
        0, 0xFFFFF, DESC_P | DESC_S | DESC_CODE | DESC_READABLE | DESC_CONFORMING, DESC_FLAG_G);

    says("ok", load_ds(DESC_FLAT_DATA32(3), 3));
    says("ok", load_ds(DESC_FLAT_CODE32(3), 3));
    says("ok", load_ds(conforming, 3));
    says("#GP(40)", load_ds(DESC_FLAT_DATA32(0), 3));
    says("#GP(40)", load_ds(execute_only, 3));
    says("#GP(40)", load_ds(DESC_TSS32(TSS), 3));
    says("#NP(40)", load_ds(DESC_FLAT_DATA32(3) & ~present, 3)); /* CPU-12 */
    rig_start_user();
    says("mov ds 1002", exec(IRQSIM_OP_MOV_DS, 3)); /* null: fine until it is used */
}
END_TEST

START_TEST(cpu_13_which_segments_ss_takes)
{
    const uint64_t present = (uint64_t)DESC_P << 40;
    static const struct {
        uint16_t selector;
        const char *what;
        uint32_t error;
    } rows[] = {{KERNEL_DS, "mov ss 1002", 0},
                {0, "#GP 1000", 0},
                {KERNEL_DS | 3, "#GP 1000", KERNEL_DS},
                {USER_DS, "#GP 1000", USER_DS & ~3},
                {KERNEL_CS, "#GP 1000", KERNEL_CS},
                {0xFFF8, "#GP 1000", 0xFFF8},
                {SPARE, "#SS 1000", SPARE}};

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_start();
        set_segment(&rig.guest, SPARE, DESC_FLAT_DATA32(0) & ~present);
        says(rows[i].what, exec(IRQSIM_OP_MOV_SS, rows[i].selector));
        ck_assert_uint_eq(rig.out.event.error, rows[i].error);
        ck_assert_uint_eq(rig.cpu.shadow, i == 0 ? IRQSIM_SHADOW_MOVSS : 0); /* CPU-74 */
    }
}
END_TEST

START_TEST(cpu_74_a_failed_pop_ss_pops_nothing_and_opens_no_shadow)
{
    rig_start();
    rig.cpu.regs.sp = 0x6000; /* a null selector */
    says("#GP 1000", exec(IRQSIM_OP_POP_SS, 0));
    ck_assert_uint_eq(rig.cpu.regs.sp, 0x6000 - 16);
    ck_assert_uint_eq(rig.cpu.shadow, 0);
}
END_TEST

/* ---- who runs ---- */

START_TEST(cpu_78_a_cpu_that_does_not_run_executes_nothing)
{
    static const irqsim_activity_t activities[] = {IRQSIM_HALTED, IRQSIM_WAIT_SIPI,
                                                   IRQSIM_SHUTDOWN};

    for (unsigned i = 0; i < 3; i++) {
        rig_start();
        rig.cpu.activity = (uint8_t)activities[i];
        says("-", exec(IRQSIM_OP_NOP, 0));
        ck_assert_uint_eq(rig.cpu.regs.ip, START);
    }
}
END_TEST

static void assert_mistake(irqsim_insn_t insn, const char *field)
{
    const irqsim_cpu_t before = rig.cpu;

    ck_assert_int_eq(irqsim_vcpu_exec(&rig.v, &insn, &rig.out), IRQSIM_E_INVAL);
    ck_assert_str_eq(rig.out.delivered.field, field);
    ck_assert_mem_eq(&rig.cpu, &before, sizeof(before));
}

START_TEST(law_5_an_unknown_op_or_operand_size_is_the_callers_mistake)
{
    static const uint8_t sizes[] = {1, 3, 5, 16, 64, 255};

    rig_start();
    assert_mistake((irqsim_insn_t){.op = IRQSIM_OPS}, "op");
    for (unsigned i = 0; i < sizeof(sizes); i++)
        assert_mistake((irqsim_insn_t){.op = IRQSIM_OP_PUSHF, .size = sizes[i]}, "size");
    assert_mistake((irqsim_insn_t){.op = IRQSIM_OP_PUSHF, .size = 8}, "size");
    rig_start_compatible();
    assert_mistake((irqsim_insn_t){.op = IRQSIM_OP_PUSHF, .size = 8}, "size");
    rig_start_long();
    says("pushf 1001", exec_insn((irqsim_insn_t){.op = IRQSIM_OP_PUSHF, .size = 8}));
}
END_TEST

START_TEST(law_5_intr_without_an_acknowledge_is_the_callers_mistake)
{
    rig_start();
    rig.v.ack = NULL;
    rig_interrupt(0x31);
    const irqsim_cpu_t before = rig.cpu;
    ck_assert_int_eq(irqsim_vcpu_boundary(&rig.v, &rig.out), IRQSIM_E_INVAL);
    ck_assert_str_eq(rig.out.delivered.field, "ack");
    ck_assert_mem_eq(&rig.cpu, &before, sizeof(before));
    rig.cpu.regs.flags &= ~(uint64_t)EFLAGS_IF;
    says("-", boundary());
}
END_TEST

/* ---- anything ---- */

static uint32_t random_below(uint64_t *state, uint32_t n)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*state >> 33) % n;
}

/* The last byte of what IP can address. */
static uint64_t an_end(uint64_t *random)
{
    static const uint64_t ends[] = {UINT64_C(0x7FFFFFFFFFFF), UINT64_MAX};
    const irqsim_cpustate_t *s = &rig.cpu.regs;

    if (s->mode == IRQSIM_MODE_REAL || s->mode == IRQSIM_MODE_V86)
        return 0xFFFF;
    return s->code64 ? ends[random_below(random, 2)] : UINT32_MAX;
}

static void anything(uint64_t *random)
{
    if (random_below(random, 4) == 0)
        irqsim_cpu_pulse(&rig.cpu, 1u << random_below(random, 8));
    if (random_below(random, 8) == 0)
        rig_interrupt((uint8_t)random_below(random, 256));
    if (random_below(random, 8) == 0)
        rig.guest.memory[random_below(random, 0x4000)] ^= (uint8_t)random_below(random, 256);
    if (random_below(random, 16) == 0)
        rig.cpu.regs.flags ^= EFLAGS_TF;
    if (random_below(random, 2)) {
        ck_assert_int_eq(irqsim_vcpu_boundary(&rig.v, &rig.out), IRQSIM_OK);
        return;
    }
    if (random_below(random, 8) == 0)
        rig.cpu.regs.ip = an_end(random) - random_below(random, 4);
    const irqsim_insn_t insn = {.op = (uint8_t)random_below(random, IRQSIM_OPS),
                                .length = (uint8_t)random_below(random, 18),
                                .fetch = (uint8_t)random_below(random, 2),
                                .operand = random_below(random, 0x12000)};
    ck_assert_int_eq(irqsim_vcpu_exec(&rig.v, &insn, &rig.out), IRQSIM_OK);
}

static void v86_with_iopl(void)
{
    rig_start_v86(3);
}

static void (*const modes[])(void) = {rig_start,      rig_start_user,       rig_start_real,
                                      rig_start_long, rig_start_compatible, v86_with_iopl};
enum { MODES = sizeof(modes) / sizeof(modes[0]) };

/* Law 4: whatever the tables hold, each step ends as one of a few things, none of them
 * a mistake of the caller. Law 2: two copies of CPU and memory go the same way, lent or by
 * callbacks. _i: the seed, and the mode it begins in */
START_TEST(law_4_any_program_on_any_tables)
{
    static rig_t copy;
    uint64_t random = (uint64_t)_i;

    modes[_i % MODES]();
    rig.cpu.variant = (uint8_t)(_i & 3);
    for (unsigned step = 0; step < 2000; step++) {
        const uint64_t seed = random;

        copy = rig;
        anything(&random);
        const irqsim_cpu_t after = rig.cpu;
        ck_assert_uint_le(rig.out.delivered.escalations, IRQSIM_ESCALATIONS);
        ck_assert_ptr_null(irqsim_impossible(&rig.cpu.regs));
        ck_assert_int_eq(rig.out.did == IRQSIM_VCPU_DELIVERED &&
                             rig.out.delivered.what == IRQSIM_DELIVERED_SHUTDOWN,
                         rig.out.did == IRQSIM_VCPU_DELIVERED &&
                             rig.cpu.activity == IRQSIM_SHUTDOWN);
        rig = copy;
        rig.mem = guest_lent_mem(&rig.guest);
        random = seed;
        anything(&random);
        ck_assert_mem_eq(&rig.cpu, &after, sizeof(after));
        rig.mem = guest_mem(&rig.guest);
        if (rig.cpu.activity == IRQSIM_SHUTDOWN || rig.cpu.activity == IRQSIM_WAIT_SIPI)
            modes[_i % MODES]();
    }
}
END_TEST

UNIT_MAIN("vcpu_exec", UNIT_TEST(cpu_28_instructions_have_their_real_lengths),
          UNIT_TEST(cpu_28_a_prefix_makes_an_instruction_longer),
          UNIT_TEST(lm_09_64_bit_code_has_no_into_bound_or_pop_ss),
          UNIT_TEST(lm_09_syscall_needs_no_idt), UNIT_TEST(cpu_77_popf_moves_what_the_level_may),
          UNIT_TEST(cpu_77_pushf_shows_neither_vm_nor_rf), UNIT_TEST(cpu_77_v86_needs_iopl_3),
          UNIT_TEST(cpu_65_int3_and_into_do_not_need_it),
          UNIT_LOOP(cpu_79_an_iret_that_faults_unblocks_nmi_all_the_same, 0,
                    sizeof(failing_irets) / sizeof(failing_irets[0])),
          UNIT_TEST(cpu_79_an_iret_that_cannot_be_fetched_unblocks_nothing),
          UNIT_TEST(cpu_13_a_push_outside_of_its_segment_is_ss_0),
          UNIT_TEST(cpu_24_a_push_to_a_missing_page_writes_as_its_level),
          UNIT_TEST(bus_errors_leave_the_cpu_at_the_instruction),
          UNIT_TEST(cpu_24_without_callbacks_lent_ram_is_all_there_is),
          UNIT_TEST(cpu_14_which_segments_ds_takes), UNIT_TEST(cpu_13_which_segments_ss_takes),
          UNIT_TEST(cpu_74_a_failed_pop_ss_pops_nothing_and_opens_no_shadow),
          UNIT_TEST(cpu_78_a_cpu_that_does_not_run_executes_nothing),
          UNIT_TEST(law_5_an_unknown_op_or_operand_size_is_the_callers_mistake),
          UNIT_TEST(law_5_intr_without_an_acknowledge_is_the_callers_mistake),
          UNIT_LOOP(law_4_any_program_on_any_tables, 0, 6 * MODES))
