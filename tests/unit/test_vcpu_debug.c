/* SPDX-License-Identifier: MIT */
/*
 * test_vcpu_debug.c - #DB and its causes, RF, and their place at a boundary
 * (CPU-53, CPU-54, CPU-70, CPU-74, CPU-85..88)
 */
#include "vcpu_rig.h"

static void start_stepping(void)
{
    rig_start();
    rig.cpu.regs.flags |= EFLAGS_TF;
}

static void watch(unsigned n, uint64_t addr, unsigned rw, unsigned len)
{
    rig.breakpoints.dr[n] = addr;
    rig.breakpoints.dr7 |= 1u << (2 * n) | DR7_RW(n, rw) | DR7_LEN(n, len);
}

static uint32_t pushed_flags(void)
{
    return peek32(&rig.guest, (uint32_t)rig.cpu.regs.sp + 8);
}

/* ---- single step ---- */

START_TEST(cpu_70_single_step_is_a_trap_and_sets_bs)
{
    start_stepping();
    says("nop 1001", exec(IRQSIM_OP_NOP, 0));
    says("#DB 1001", boundary());
    ck_assert_uint_eq(rig.cpu.dr6, DR6_RESET | DR6_BS);
    ck_assert(pushed_flags() & EFLAGS_TF);
    ck_assert(!(pushed_flags() & EFLAGS_RF)); /* CPU-53: a trap */
    ck_assert(!(rig.cpu.regs.flags & EFLAGS_TF));
    says("-", boundary());
}
END_TEST

/* CPU-70: hardware never clears DR6. */
START_TEST(cpu_70_dr6_gathers)
{
    start_stepping();
    watch(2, 0x6000, DR7_ACCESS, DR7_LEN_4);
    exec(IRQSIM_OP_NOP, 0);
    boundary();
    rig.cpu.regs.flags &= ~(uint64_t)EFLAGS_TF;
    exec(IRQSIM_OP_LOAD, 0x6000);
    boundary();
    ck_assert_uint_eq(rig.cpu.dr6, DR6_RESET | DR6_BS | DR6_B(2));
}
END_TEST

START_TEST(cpu_70_int_n_and_faults_drop_the_step)
{
    static const struct {
        irqsim_op_t op;
        const char *what;
    } insns[] = {
        {IRQSIM_OP_INT, "80 1002"}, {IRQSIM_OP_INT3, "03 1001"}, {IRQSIM_OP_UD2, "#UD 1000"}};

    for (unsigned i = 0; i < 3; i++) {
        start_stepping();
        says(insns[i].what, exec(insns[i].op, 0x80));
        says("-", boundary());
        ck_assert_uint_eq(rig.cpu.dr6, DR6_RESET);
    }
}
END_TEST

/* HLT completes, so its trap does: the CPU is not left halted. */
START_TEST(cpu_70_a_stepped_hlt_does_not_halt)
{
    start_stepping();
    says("hlt 1001", exec(IRQSIM_OP_HLT, 0));
    says("#DB 1001", boundary());
    ck_assert_int_eq(rig.cpu.activity, IRQSIM_RUNNING);
}
END_TEST

/* ---- data breakpoints ---- */

START_TEST(cpu_70_data_breakpoints_are_traps)
{
    rig_start();
    watch(1, 0x6002, DR7_WRITE, DR7_LEN_2);
    watch(3, 0x6000, DR7_ACCESS, DR7_LEN_1);
    says("load 1005", exec(IRQSIM_OP_LOAD, 0x6000));
    says("#DB 1005", boundary());
    ck_assert_uint_eq(rig.cpu.dr6, DR6_RESET | DR6_B(3)); /* a read: not the one for writes */
    rig.cpu.dr6 = DR6_RESET;
    exec(IRQSIM_OP_STORE, 0x6001);
    ck_assert_str_ne(boundary(), "-");
    ck_assert_uint_eq(rig.cpu.dr6, DR6_RESET | DR6_B(1)); /* bytes 6001..6004 */
}
END_TEST

START_TEST(cpu_70_pushes_and_pops_are_watched_too)
{
    rig_start();
    watch(0, 0x7000 - 4, DR7_WRITE, DR7_LEN_4);
    exec(IRQSIM_OP_PUSHF, 0);
    says("#DB 1001", boundary());
    rig_start();
    watch(0, 0x7000, DR7_WRITE, DR7_LEN_4);
    exec(IRQSIM_OP_POPF, 0);
    says("-", boundary());
}
END_TEST

/* The frame of a delivery is written by the CPU itself; watched all the same. Its trap
 * comes before the handler's first instruction. */
START_TEST(cpu_70_frames_are_watched_too)
{
    rig_start();
    watch(1, 0x7000 - 12, DR7_WRITE, DR7_LEN_4);
    says("80 1002", exec(IRQSIM_OP_INT, 0x80));
    says("#DB 4080", boundary());
    ck_assert_uint_eq(rig.cpu.dr6, DR6_RESET | DR6_B(1));
    rig_start();
    watch(0, 0x7000 - 4, DR7_ACCESS, DR7_LEN_1);
    rig_interrupt(0x31);
    says("31 1000", boundary());
    says("#DB 4031", boundary());
    rig_start(); /* a byte below it */
    watch(0, 0x7000 - 16, DR7_WRITE, DR7_LEN_4);
    exec(IRQSIM_OP_INT, 0x80);
    says("-", boundary());
}
END_TEST

START_TEST(cpu_70_what_iret_pops_is_watched_too)
{
    rig_start();
    exec(IRQSIM_OP_INT, 0x80);
    watch(0, 0x7000 - 8, DR7_WRITE, DR7_LEN_4);
    watch(2, 0x7000 - 8, DR7_ACCESS, DR7_LEN_4);
    says("iret 1002", exec(IRQSIM_OP_IRET, 0));
    says("#DB 1002", boundary());
    ck_assert_uint_eq(rig.cpu.dr6, DR6_RESET | DR6_B(2));
    rig_start();
    exec(IRQSIM_OP_INT, 0x80);
    watch(2, 0x7000, DR7_ACCESS, DR7_LEN_4);
    exec(IRQSIM_OP_IRET, 0);
    says("-", boundary());
}
END_TEST

/* Frames in long mode, and in real mode around the end of 64 KiB. */
START_TEST(cpu_70_frames_of_other_modes_are_watched)
{
    rig_start_long();
    watch(0, 0x7000 - 8, DR7_WRITE, DR7_LEN_8); /* SS */
    exec(IRQSIM_OP_INT, 0x80);
    says("#DB 4080", boundary());
    rig_start_real();
    rig.cpu.regs.sp = 2;
    watch(0, 0xFFFE, DR7_WRITE, DR7_LEN_2); /* CS, behind FLAGS at 0 */
    exec(IRQSIM_OP_INT, 0x80);
    ck_assert(rig.cpu.in & IRQSIM_CPU_IN_DEBUG);
    rig_start_real();
    rig.cpu.regs.sp = 2;
    watch(0, 0, DR7_WRITE, DR7_LEN_2);
    exec(IRQSIM_OP_INT, 0x80);
    ck_assert(rig.cpu.in & IRQSIM_CPU_IN_DEBUG);
    rig_start_real();
    rig.cpu.regs.sp = 2;
    watch(0, 2, DR7_WRITE, DR7_LEN_2);
    exec(IRQSIM_OP_INT, 0x80);
    ck_assert(!(rig.cpu.in & IRQSIM_CPU_IN_DEBUG));
}
END_TEST

/* ranges: length, aligned address */
START_TEST(cpu_70_which_bytes_a_breakpoint_covers)
{
    const irqsim_breakpoints_t bp = {.dr = {0x1007},
                                     .dr7 = 1 | DR7_RW(0, DR7_ACCESS) | DR7_LEN(0, DR7_LEN_4)};

    ck_assert_uint_eq(irqsim_breakpoints_hit(&bp, DR7_ACCESS, 0x1003, 1), 0);
    ck_assert_uint_eq(irqsim_breakpoints_hit(&bp, DR7_ACCESS, 0x1003, 2), DR6_B(0));
    ck_assert_uint_eq(irqsim_breakpoints_hit(&bp, DR7_ACCESS, 0x1007, 1), DR6_B(0));
    ck_assert_uint_eq(irqsim_breakpoints_hit(&bp, DR7_ACCESS, 0x1008, 8), 0);
    ck_assert_uint_eq(irqsim_breakpoints_hit(&bp, DR7_EXECUTE, 0x1004, 1), 0);
}
END_TEST

/* ---- instruction breakpoints and RF ---- */

START_TEST(cpu_54_an_instruction_breakpoint_is_a_fault)
{
    rig_start();
    watch(0, START, DR7_EXECUTE, DR7_LEN_1);
    says("#DB 1000", exec(IRQSIM_OP_NOP, 0));
    ck_assert_uint_eq(rig.cpu.dr6, DR6_RESET | DR6_B(0));
    ck_assert(!(pushed_flags() & EFLAGS_RF)); /* CPU-53: this fault alone pushes none */
}
END_TEST

START_TEST(cpu_54_rf_lets_one_instruction_pass)
{
    rig_start();
    watch(0, START, DR7_EXECUTE, DR7_LEN_1);
    rig.cpu.regs.flags |= EFLAGS_RF;
    says("nop 1001", exec(IRQSIM_OP_NOP, 0));
    ck_assert(!(rig.cpu.regs.flags & EFLAGS_RF));
    rig.cpu.regs.ip = START;
    says("#DB 1000", exec(IRQSIM_OP_NOP, 0));
}
END_TEST

/* The fault's RF brings its instruction past the breakpoint, once. */
START_TEST(cpu_54_iret_of_a_fault_restarts_past_the_breakpoint)
{
    rig_start();
    watch(0, START, DR7_EXECUTE, DR7_LEN_1);
    rig.cpu.regs.flags |= EFLAGS_RF;
    says("#DE 1000", exec(IRQSIM_OP_DIV, 0));
    says("iret 1000", exec(IRQSIM_OP_IRET, 0));
    ck_assert(rig.cpu.regs.flags & EFLAGS_RF);
    says("div 1002", exec(IRQSIM_OP_DIV, 1));
    ck_assert(!(rig.cpu.regs.flags & EFLAGS_RF));
}
END_TEST

START_TEST(cpu_54_popf_cannot_set_rf)
{
    rig_start();
    rig.cpu.regs.sp -= 4;
    poke(&rig.guest, (uint32_t)rig.cpu.regs.sp, EFLAGS_RF | EFLAGS_CF, 4);
    exec(IRQSIM_OP_POPF, 0);
    ck_assert_uint_eq(rig.cpu.regs.flags & (EFLAGS_RF | EFLAGS_CF), EFLAGS_CF);
}
END_TEST

/* ---- REP ---- */

/* Boundaries between the iterations: what is taken there saves the instruction itself,
 * with RF, and IRET goes on with what is left. */
START_TEST(cpu_81_an_interrupt_between_two_iterations)
{
    rig_start();
    rig.cpu.regs.flags |= EFLAGS_IF;
    says("rep 1000", exec(IRQSIM_OP_REP, 3));
    says("-", boundary());
    rig_interrupt(0x40);
    says("rep 1000", exec(IRQSIM_OP_REP, 2));
    says("40 1000", boundary());
    ck_assert(pushed_flags() & EFLAGS_RF); /* CPU-53 */
    says("iret 1000", exec(IRQSIM_OP_IRET, 0));
    says("rep 1002", exec(IRQSIM_OP_REP, 1));
    ck_assert(!(rig.cpu.regs.flags & EFLAGS_RF));
    rig_interrupt(0x40);
    says("40 1002", boundary());
    ck_assert(!(pushed_flags() & EFLAGS_RF));
}
END_TEST

/* Each iteration steps; the breakpoint of the instruction is met before the first only. */
START_TEST(cpu_81_debug_events_of_iterations)
{
    rig_start();
    watch(0, START, DR7_EXECUTE, DR7_LEN_1);
    says("#DB 1000", exec(IRQSIM_OP_REP, 3));
    rig.cpu.regs.ip = START;
    rig.cpu.regs.flags |= EFLAGS_RF | EFLAGS_TF;
    says("rep 1000", exec(IRQSIM_OP_REP, 3));
    says("#DB 1000", boundary());
    ck_assert(pushed_flags() & EFLAGS_RF);
    says("iret 1000", exec(IRQSIM_OP_IRET, 0));
    says("rep 1000", exec(IRQSIM_OP_REP, 2));
}
END_TEST

START_TEST(cpu_81_a_count_of_zero_is_one_step)
{
    rig_start();
    says("rep 1002", exec(IRQSIM_OP_REP, 0));
}
END_TEST

/* ---- MOV SS ---- */

START_TEST(cpu_74_debug_traps_wait_behind_mov_ss)
{
    rig_start();
    watch(0, 0x6000, DR7_ACCESS, DR7_LEN_4);
    poke(&rig.guest, 0x6000, KERNEL_DS, 4);
    rig.cpu.regs.sp = 0x6000; /* POP SS reads the watched slot */
    says("pop ss 1001", exec(IRQSIM_OP_POP_SS, 0));
    says("-", boundary());
    exec(IRQSIM_OP_NOP, 0);
    says("#DB 1002", boundary());
    ck_assert_uint_eq(rig.cpu.dr6, DR6_RESET | DR6_B(0));
}
END_TEST

/* The trap survives an INT n: it is taken before its handler's first instruction. */
START_TEST(cpu_74_a_waiting_breakpoint_outlives_int_n)
{
    rig_start();
    watch(0, 0x6000, DR7_ACCESS, DR7_LEN_4);
    poke(&rig.guest, 0x6000, KERNEL_DS, 4);
    rig.cpu.regs.sp = 0x6000;
    exec(IRQSIM_OP_POP_SS, 0);
    boundary();
    says("80 1003", exec(IRQSIM_OP_INT, 0x80));
    says("#DB 4080", boundary());
}
END_TEST

/* A waiting single step does not: TF in the frame brings stepping back. */
START_TEST(cpu_87_a_waiting_step_is_dropped_by_int_n)
{
    start_stepping();
    exec(IRQSIM_OP_MOV_SS, KERNEL_DS);
    says("-", boundary());
    says("80 1004", exec(IRQSIM_OP_INT, 0x80));
    says("-", boundary());
    ck_assert(pushed_flags() & EFLAGS_TF);
    ck_assert_uint_eq(rig.cpu.dr6, DR6_RESET);
}
END_TEST

START_TEST(cpu_74_no_instruction_breakpoint_behind_mov_ss)
{
    rig_start();
    watch(0, START + 2, DR7_EXECUTE, DR7_LEN_1);
    exec(IRQSIM_OP_MOV_SS, KERNEL_DS);
    says("nop 1003", exec(IRQSIM_OP_NOP, 0));
}
END_TEST

/* ---- order at a boundary (CPU-85), debug classes ---- */

START_TEST(cpu_85_traps_of_the_last_instruction_go_before_nmi_and_interrupt)
{
    start_stepping();
    exec(IRQSIM_OP_NOP, 0);
    irqsim_cpu_pulse(&rig.cpu, IRQSIM_CPU_IN_NMI);
    rig_interrupt(0x31);
    says("#DB 1001", boundary());
    says("02 4001", boundary());
    says("-", boundary()); /* CPU-88: the gate cleared IF */
}
END_TEST

START_TEST(cpu_85_smi_goes_before_debug_traps_and_the_next_breakpoint_comes_last)
{
    start_stepping();
    watch(0, START + 1, DR7_EXECUTE, DR7_LEN_1);
    exec(IRQSIM_OP_NOP, 0);
    irqsim_cpu_pulse(&rig.cpu, IRQSIM_CPU_IN_SMI);
    boundary();
    ck_assert_int_eq(rig.out.took, IRQSIM_TAKE_SMI);
    says("#DB 1001", boundary());
    says("iret 1001", exec(IRQSIM_OP_IRET, 0));
    says("#DB 1001", exec(IRQSIM_OP_NOP, 0));
    ck_assert_uint_eq(rig.cpu.dr6, DR6_RESET | DR6_BS | DR6_B(0));
}
END_TEST

START_TEST(cpu_85_breakpoint_fetch_decode_execute)
{
    const irqsim_insn_t ud2 = {.op = IRQSIM_OP_UD2, .fetch = 1};

    rig_start();
    watch(0, START, DR7_EXECUTE, DR7_LEN_1);
    rig.guest.hole = START + 1;
    rig.guest.hole_end = START + 2;
    set_gate(&rig.guest, 1, 0);
    poke(&rig.guest, IDT + 8, DESC_INTERRUPT_GATE32(HANDLER + 1, KERNEL_CS, 0), 8);
    says("#DB 1000", exec_insn(ud2)); /* rank 7 */
    rig.cpu.regs.ip = START;
    rig.cpu.regs.flags |= EFLAGS_RF;
    says("#PF 1000", exec_insn(ud2)); /* rank 8 */
    ck_assert_uint_eq(rig.cpu.regs.cr2, START + 1);
    rig.guest.hole = rig.guest.hole_end = 0;
    rig.cpu.regs.ip = START;
    rig.cpu.regs.flags |= EFLAGS_RF;
    says("#UD 1000", exec_insn(ud2)); /* rank 9 */
}
END_TEST

START_TEST(cpu_19_machine_check_is_an_abort_and_goes_first)
{
    start_stepping();
    says("nop 1001", exec(IRQSIM_OP_NOP, 0));
    irqsim_cpu_pulse(&rig.cpu, IRQSIM_CPU_IN_MC | IRQSIM_CPU_IN_INIT);
    says("#MC 1001", boundary());
    ck_assert(!(pushed_flags() & EFLAGS_RF));
    boundary();
    ck_assert_int_eq(rig.out.took, IRQSIM_TAKE_INIT);
}
END_TEST

START_TEST(cpu_85_reset_beats_all_and_keeps_the_level_of_intr)
{
    rig_start();
    rig.cpu.variant = IRQSIM_CPU_REAL_START;
    irqsim_cpu_pulse(&rig.cpu, UINT32_MAX);
    rig_interrupt(0x31);
    boundary();
    ck_assert_int_eq(rig.out.took, IRQSIM_TAKE_RESET);
    ck_assert_int_eq(rig.cpu.regs.mode, IRQSIM_MODE_REAL);
    ck_assert_uint_eq(rig.cpu.regs.cs, 0xF000);
    ck_assert_uint_eq(rig.cpu.regs.ip, 0xFFF0);
    ck_assert_uint_eq(rig.cpu.in, IRQSIM_CPU_IN_INTR);
    ck_assert_uint_eq(rig.cpu.variant, IRQSIM_CPU_REAL_START);
}
END_TEST

/* ---- task switches ---- */

enum { TASK = 0x3400, TASK_EIP = 0x5555 };

/* A second task behind gate 80, with its T bit set. */
static void start_with_task(void)
{
    const uint64_t busy = (uint64_t)(DESC_TYPE_TSS32_BUSY ^ DESC_TYPE_TSS32_AVAIL) << 40;

    rig_start();
    set_segment(&rig.guest, SPARE, DESC_TSS32(TASK));
    set_gate(&rig.guest, 0x80, DESC_TASK_GATE(SPARE, 0));
    poke(&rig.guest, GDT + TSS_SELECTOR, DESC_TSS32(TSS) | busy, 8);
    poke(&rig.guest, TASK + TSS32_EIP, TASK_EIP, 4);
    poke(&rig.guest, TASK + TSS32_EFLAGS, EFLAGS_RESERVED, 4);
    poke(&rig.guest, TASK + TSS32_EAX + 4 * IRQSIM_ESP, 0xB000, 4);
    poke(&rig.guest, TASK + TSS32_ES + 4, KERNEL_CS, 2);
    poke(&rig.guest, TASK + TSS32_ES + 8, KERNEL_DS, 2);
    poke(&rig.guest, TASK + TSS32_TRAP, 1, 2);
}

START_TEST(cpu_70_the_t_bit_of_a_new_task_traps_before_its_first_instruction)
{
    start_with_task();
    says("80 1002", exec(IRQSIM_OP_INT, 0x80));
    ck_assert_uint_eq(rig.out.delivered.task, SPARE);
    ck_assert_uint_eq(rig.out.delivered.task_trap, 1);
    irqsim_cpu_pulse(&rig.cpu, IRQSIM_CPU_IN_SMI);
    says("#DB 5555", boundary()); /* rank 2, before rank 3 */
    ck_assert_uint_eq(rig.cpu.dr6, DR6_RESET | DR6_BT);
}
END_TEST

/* CPU-11: the new task's data segment is none; its #TS is delivered in it. */
START_TEST(cpu_11_a_fault_of_the_new_task_does_not_hide_the_switch)
{
    start_with_task();
    poke(&rig.guest, TASK + TSS32_ES + 12, 0xFFF8, 2); /* DS */
    says("#TS 5555", exec(IRQSIM_OP_INT, 0x80));
    ck_assert_uint_eq(rig.out.delivered.out.task, 0); /* the #TS went through a gate */
    ck_assert_uint_eq(rig.out.delivered.task, SPARE);
    ck_assert_uint_eq(rig.out.delivered.task_trap, 1);
    says("#DB 400A", boundary());
    ck_assert_uint_eq(rig.cpu.dr6, DR6_RESET | DR6_BT);
}
END_TEST

START_TEST(cpu_11_nor_does_a_shutdown)
{
    start_with_task();
    poke(&rig.guest, TASK + TSS32_ES + 8, 0, 2); /* no stack: nothing can be delivered */
    says("shutdown", exec(IRQSIM_OP_INT, 0x80));
    ck_assert_uint_eq(rig.out.delivered.task, SPARE);
    ck_assert_uint_eq(rig.cpu.regs.tr.selector, SPARE);
}
END_TEST

/* The link leads to the second task, whose DS is none. */
START_TEST(cpu_11_a_failed_return_to_a_task_switches_too)
{
    start_with_task();
    poke(&rig.guest, TASK + TSS32_ES + 12, 0xFFF8, 2);
    poke(&rig.guest, TSS, SPARE, 2);
    poke(&rig.guest, GDT + SPARE + 5, DESC_P | DESC_TYPE_TSS32_BUSY, 1);
    rig.cpu.regs.flags |= EFLAGS_NT;
    says("#TS 5555", exec(IRQSIM_OP_IRET, 0));
    ck_assert_uint_eq(rig.out.delivered.task, SPARE);
    says("#DB 400A", boundary());
}
END_TEST

START_TEST(cpu_11_a_bus_error_in_the_new_task_says_so)
{
    start_with_task();
    rig.mem.missing = IRQSIM_MEM_BUS_ERROR;
    poke(&rig.guest, TASK + TSS32_LDT, SPARE + 8, 2);
    rig.guest.hole = GDT + SPARE + 8;
    rig.guest.hole_end = rig.guest.hole + 8;
    says("bus error", exec(IRQSIM_OP_INT, 0x80));
    ck_assert_uint_eq(rig.out.delivered.task, SPARE);
}
END_TEST

/* ---- CPU-86 ---- */

START_TEST(cpu_86_a_486_takes_nmi_and_interrupt_in_turn)
{
    rig_start();
    rig.cpu.variant = IRQSIM_CPU_NMI_IN_TURN;
    set_gate(&rig.guest, 0x31, DESC_TRAP_GATE32(HANDLER + 0x31, KERNEL_CS, 0));
    rig_interrupt(0x31);
    irqsim_cpu_pulse(&rig.cpu, IRQSIM_CPU_IN_NMI);
    says("31 1000", boundary());
    says("02 4031", boundary());

    rig_start();
    rig.cpu.variant = IRQSIM_CPU_NMI_IN_TURN;
    irqsim_cpu_pulse(&rig.cpu, IRQSIM_CPU_IN_NMI);
    rig_interrupt(0x31);
    says("02 1000", boundary());
}
END_TEST

START_TEST(cpu_86_a_masked_interrupt_is_not_before_anybody)
{
    rig_start();
    rig.cpu.variant = IRQSIM_CPU_NMI_IN_TURN;
    rig.cpu.regs.flags &= ~(uint64_t)EFLAGS_IF;
    rig_interrupt(0x31);
    irqsim_cpu_pulse(&rig.cpu, IRQSIM_CPU_IN_NMI);
    says("02 1000", boundary());
}
END_TEST

START_TEST(cpu_85_later_cpus_take_the_nmi_first)
{
    rig_start();
    rig_interrupt(0x31);
    irqsim_cpu_pulse(&rig.cpu, IRQSIM_CPU_IN_NMI);
    says("02 1000", boundary());
}
END_TEST

UNIT_MAIN(
    "vcpu_debug", UNIT_TEST(cpu_70_single_step_is_a_trap_and_sets_bs),
    UNIT_TEST(cpu_70_dr6_gathers), UNIT_TEST(cpu_70_int_n_and_faults_drop_the_step),
    UNIT_TEST(cpu_70_a_stepped_hlt_does_not_halt), UNIT_TEST(cpu_70_data_breakpoints_are_traps),
    UNIT_TEST(cpu_70_pushes_and_pops_are_watched_too), UNIT_TEST(cpu_70_frames_are_watched_too),
    UNIT_TEST(cpu_70_what_iret_pops_is_watched_too),
    UNIT_TEST(cpu_70_frames_of_other_modes_are_watched),
    UNIT_TEST(cpu_70_which_bytes_a_breakpoint_covers),
    UNIT_TEST(cpu_54_an_instruction_breakpoint_is_a_fault),
    UNIT_TEST(cpu_54_rf_lets_one_instruction_pass),
    UNIT_TEST(cpu_54_iret_of_a_fault_restarts_past_the_breakpoint),
    UNIT_TEST(cpu_54_popf_cannot_set_rf), UNIT_TEST(cpu_81_an_interrupt_between_two_iterations),
    UNIT_TEST(cpu_81_debug_events_of_iterations), UNIT_TEST(cpu_81_a_count_of_zero_is_one_step),
    UNIT_TEST(cpu_74_debug_traps_wait_behind_mov_ss),
    UNIT_TEST(cpu_74_a_waiting_breakpoint_outlives_int_n),
    UNIT_TEST(cpu_87_a_waiting_step_is_dropped_by_int_n),
    UNIT_TEST(cpu_74_no_instruction_breakpoint_behind_mov_ss),
    UNIT_TEST(cpu_85_traps_of_the_last_instruction_go_before_nmi_and_interrupt),
    UNIT_TEST(cpu_85_smi_goes_before_debug_traps_and_the_next_breakpoint_comes_last),
    UNIT_TEST(cpu_85_breakpoint_fetch_decode_execute),
    UNIT_TEST(cpu_19_machine_check_is_an_abort_and_goes_first),
    UNIT_TEST(cpu_85_reset_beats_all_and_keeps_the_level_of_intr),
    UNIT_TEST(cpu_70_the_t_bit_of_a_new_task_traps_before_its_first_instruction),
    UNIT_TEST(cpu_11_a_fault_of_the_new_task_does_not_hide_the_switch),
    UNIT_TEST(cpu_11_nor_does_a_shutdown), UNIT_TEST(cpu_11_a_failed_return_to_a_task_switches_too),
    UNIT_TEST(cpu_11_a_bus_error_in_the_new_task_says_so),
    UNIT_TEST(cpu_86_a_486_takes_nmi_and_interrupt_in_turn),
    UNIT_TEST(cpu_86_a_masked_interrupt_is_not_before_anybody),
    UNIT_TEST(cpu_85_later_cpus_take_the_nmi_first))
