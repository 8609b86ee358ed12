/* SPDX-License-Identifier: MIT */
/*
 * test_vcpu_edges.c - instructions and frames at the ends of address spaces: 64 KiB,
 * 4 GiB, the canonical halves (CPU-13, CPU-14, CPU-28, CPU-43, CPU-56, CPU-85, LM-05)
 */
#include "vcpu_rig.h"

#define LOW_END  UINT64_C(0x800000000000) /* the first address that is not canonical */
#define HIGH     UINT64_C(0xFFFF800000000000)
#define FOUR_GIB (UINT64_C(1) << 32)

/* ---- the end of the canonical half ---- */

START_TEST(cpu_85_an_ip_that_is_not_canonical_is_a_fault_of_the_fetch)
{
    rig_start_long();
    rig.cpu.regs.ip = LOW_END - 1;
    says("nop 800000000000", exec(IRQSIM_OP_NOP, 0));
    says("#GP 800000000000", exec(IRQSIM_OP_NOP, 0));
    ck_assert_uint_eq(rig.out.event.error, 0);
    ck_assert_uint_eq(peek32(&rig.guest, (uint32_t)rig.cpu.regs.sp + 12), 0x8000); /* high half */
}
END_TEST

/* INT n ends there: it is delivered, and saves the next IP. */
START_TEST(cpu_28_int_n_at_the_end_of_the_canonical_half_is_delivered)
{
    rig_start_long();
    rig.cpu.regs.ip = LOW_END - 2;
    says("40 800000000000", exec(IRQSIM_OP_INT, 0x40));
    ck_assert_uint_eq(rig.cpu.regs.ip, HANDLER + 0x40);
    ck_assert_uint_eq(rig.out.delivered.out.frame, 40);
    says("#GP 4040", exec(IRQSIM_OP_IRET, 0)); /* LM-11 */
}
END_TEST

START_TEST(cpu_85_an_instruction_across_the_end_of_the_canonical_half)
{
    rig_start_long();
    rig.cpu.regs.ip = LOW_END - 1;
    says("#GP 7FFFFFFFFFFF", exec(IRQSIM_OP_INT, 0x40));
    ck_assert_uint_eq(rig.out.event.kind, IRQSIM_KIND_EXCEPTION);
    rig_start_long();
    rig.cpu.regs.ip = HIGH - 1;
    says("#GP FFFF7FFFFFFFFFFF", exec(IRQSIM_OP_NOP, 0));
    rig_start_long();
    rig.cpu.regs.ip = UINT64_MAX; /* both halves meet: canonical on either side */
    says("nop 0", exec(IRQSIM_OP_NOP, 0));
}
END_TEST

/* An interrupt between the two saves the RIP as it is. */
START_TEST(cpu_85_an_interrupt_goes_before_the_fault_of_the_fetch)
{
    rig_start_long();
    rig.cpu.regs.ip = LOW_END - 1;
    exec(IRQSIM_OP_NOP, 0);
    rig_interrupt(0x31);
    says("31 800000000000", boundary());
}
END_TEST

START_TEST(lm_09_syscall_to_an_address_that_is_not_canonical)
{
    rig_start_long();
    says("syscall 800000000000",
         exec_insn((irqsim_insn_t){.op = IRQSIM_OP_SYSCALL, .cs = KERNEL_CS, .operand = LOW_END}));
    says("#GP 800000000000", exec(IRQSIM_OP_NOP, 0));
}
END_TEST

START_TEST(cpu_13_pushes_and_pops_outside_of_the_canonical_halves)
{
    static const uint64_t sp[] = {LOW_END + 8, LOW_END + 1, HIGH - 1};

    for (unsigned i = 0; i < 3; i++) {
        rig_start_long();
        poke(&rig.guest, TSS + TSS64_IST(1), KERNEL_STACK, 8);
        poke(&rig.guest, IDT + 16 * VECTOR_SS + 4, 1, 1);
        rig.cpu.regs.sp = sp[i];
        says("#SS 1000", exec(i == 2 ? IRQSIM_OP_POPF : IRQSIM_OP_PUSHF, 0));
        ck_assert_uint_eq(rig.out.event.error, 0);
        ck_assert_uint_eq(rig.out.delivered.escalations, 0);
    }
}
END_TEST

START_TEST(cpu_14_loads_and_stores_outside_of_the_canonical_halves)
{
    static const uint64_t address[] = {LOW_END, LOW_END - 3, HIGH - 1};

    for (unsigned i = 0; i < 6; i++) {
        rig_start_long();
        says("#GP 1000", exec(i & 1 ? IRQSIM_OP_STORE : IRQSIM_OP_LOAD, address[i / 2]));
        ck_assert_uint_eq(rig.out.event.error, 0);
        ck_assert_uint_eq(rig.cpu.regs.cr2, 0);
    }
    rig_start_long();
    says("#PF 1000", exec(IRQSIM_OP_LOAD, LOW_END - 4)); /* canonical, and missing */
}
END_TEST

/* ---- IRET to compatibility mode ---- */

static void push_long_frame(uint64_t sp)
{
    const uint64_t slots[] = {0x1234, SPARE | 3, EFLAGS_RESERVED, sp, USER_DS};

    set_segment(&rig.guest, SPARE, DESC_FLAT_CODE32(3));
    rig.cpu.regs.sp -= sizeof(slots);
    for (unsigned i = 0; i < 5; i++)
        poke(&rig.guest, (uint32_t)rig.cpu.regs.sp + 8 * i, slots[i], 8);
}

/* The high half of RSP is what the frame had; 32-bit code does not use it. */
START_TEST(lm_11_compatibility_mode_with_rsp_above_4_gib)
{
    rig_start_long();
    push_long_frame(UINT64_C(0x123400000000) | USER_STACK);
    says("iret 1234", exec(IRQSIM_OP_IRET, 0));
    says("nop 1235", exec(IRQSIM_OP_NOP, 0));
    says("pushf 1236", exec(IRQSIM_OP_PUSHF, 0));
    ck_assert_uint_eq(peek32(&rig.guest, USER_STACK - 4) & EFLAGS_RESERVED, EFLAGS_RESERVED);
    irqsim_cpu_pulse(&rig.cpu, IRQSIM_CPU_IN_NMI);
    says("02 1236", boundary());
    ck_assert_uint_eq(peek32(&rig.guest, KERNEL_STACK - 16), USER_STACK - 4); /* LM-10 */
    ck_assert_uint_eq(peek32(&rig.guest, KERNEL_STACK - 12), 0);
}
END_TEST

/* ---- 64 KiB ---- */

/* As the 386: the 8086 went on at offset 0. */
START_TEST(cpu_85_an_instruction_across_the_end_of_64_kib)
{
    rig_start_real();
    rig.cpu.regs.ip = 0xFFFF;
    says("#GP FFFF", exec(IRQSIM_OP_INT, 0x20));
    ck_assert_uint_eq(rig.cpu.regs.ip, HANDLER + VECTOR_GP);
    rig_start_real();
    rig.cpu.regs.ip = 0xFFFE;
    says("20 10000", exec(IRQSIM_OP_INT, 0x20));
    rig_start_v86(3);
    rig.cpu.regs.ip = 0xFFFF;
    says("#GP FFFF", exec(IRQSIM_OP_DIV, 1));
    ck_assert_uint_eq(rig.out.event.error, 0);
}
END_TEST

START_TEST(cpu_85_execution_past_the_end_of_64_kib)
{
    rig_start_real();
    rig.cpu.regs.ip = 0xFFFF;
    says("nop 10000", exec(IRQSIM_OP_NOP, 0));
    says("#GP 10000", exec(IRQSIM_OP_NOP, 0));
    rig_start_v86(0);
    rig.cpu.regs.ip = 0xFFFF;
    exec(IRQSIM_OP_NOP, 0);
    says("#GP 10000", exec(IRQSIM_OP_NOP, 0));
    ck_assert_uint_eq(peek32(&rig.guest, (uint32_t)rig.cpu.regs.sp + 4), 0x10000);
}
END_TEST

/* What cannot be delivered is the instruction's: it lies before the end. */
START_TEST(cpu_28_a_failed_int_n_at_the_end_of_64_kib)
{
    rig_start_real();
    rig.cpu.regs.idtr.limit = 4 * 0x20 - 1;
    rig.cpu.regs.ip = 0xFFFE;
    says("#GP FFFE", exec(IRQSIM_OP_INT, 0x20));
}
END_TEST

/* ---- rank 9: length ---- */

START_TEST(cpu_85_more_than_15_bytes_are_a_fault)
{
    rig_start();
    says("nop 100F", exec_insn((irqsim_insn_t){.op = IRQSIM_OP_NOP, .length = 15}));
    rig_start();
    says("#GP 1000", exec_insn((irqsim_insn_t){.op = IRQSIM_OP_UD2, .length = 16}));
    ck_assert_uint_eq(rig.out.event.error, 0);
    rig_start(); /* rank 8 goes first, in the bytes that are looked at */
    rig.guest.hole = START + 14;
    rig.guest.hole_end = START + 20;
    says("#PF 1000", exec_insn((irqsim_insn_t){.op = IRQSIM_OP_NOP, .length = 16, .fetch = 1}));
    ck_assert_uint_eq(rig.cpu.regs.cr2, START + 14);
    rig_start();
    rig.guest.hole = START + 15;
    rig.guest.hole_end = START + 20;
    says("#GP 1000", exec_insn((irqsim_insn_t){.op = IRQSIM_OP_NOP, .length = 16, .fetch = 1}));
}
END_TEST

/* ---- 4 GiB ---- */

/* The guest's memory with another 64 KiB below 4 GiB; every access is judged. */
static uint8_t top[MEMORY];

static uint8_t *byte_at(uint64_t addr)
{
    ck_assert_uint_lt(addr, FOUR_GIB);
    return addr < MEMORY ? &rig.guest.memory[addr] : &top[addr - (FOUR_GIB - MEMORY)];
}

static bool is_there(uint64_t addr, unsigned size)
{
    ck_assert_uint_le(addr + size, FOUR_GIB); /* none lies around the top */
    return (addr < MEMORY || addr >= FOUR_GIB - MEMORY) &&
           (addr >= rig.guest.hole_end || addr + size <= rig.guest.hole);
}

static bool read_around(void *user, uint64_t addr, void *to, unsigned size)
{
    (void)user;
    if (!is_there(addr, size))
        return false;
    for (unsigned i = 0; i < size; i++)
        ((uint8_t *)to)[i] = *byte_at(addr + i);
    return true;
}

static bool write_around(void *user, uint64_t addr, const void *from, unsigned size)
{
    (void)user;
    if (!is_there(addr, size))
        return false;
    for (unsigned i = 0; i < size; i++)
        *byte_at(addr + i) = ((const uint8_t *)from)[i];
    return true;
}

static uint32_t peek_around(uint64_t addr)
{
    uint32_t value = 0;

    for (unsigned i = 4; i-- > 0;)
        value = value << 8 | *byte_at((addr + i) % FOUR_GIB);
    return value;
}

/* A stack whose segment begins a page below 4 GiB. */
static void start_around(uint32_t sp)
{
    rig_start();
    memset(top, 0, sizeof(top));
    rig.mem.read = read_around;
    rig.mem.write = write_around;
    rig.cpu.regs.ss_desc = DESC_SEGMENT(0xFFFFF000u, 0xFFFFF, DESC_P | DESC_S | DESC_WRITABLE,
                                        DESC_FLAG_G | DESC_FLAG_DB);
    rig.cpu.regs.sp = sp;
}

/* _i: how far the top of the stack lies above 4 GiB */
START_TEST(cpu_43_a_frame_around_4_gib)
{
    const uint32_t sp = 0x1000 + (uint32_t)_i;

    start_around(sp);
    says("31 1002", exec_insn((irqsim_insn_t){.op = IRQSIM_OP_INT, .operand = 0x31}));
    ck_assert_uint_eq(rig.cpu.regs.sp, sp - 12);
    const uint64_t frame = UINT64_C(0xFFFFF000) + sp - 12;
    ck_assert_uint_eq(rig.out.delivered.out.address, frame % FOUR_GIB);
    ck_assert_uint_eq(peek_around(frame), 0x1002);
    ck_assert_uint_eq(peek_around(frame + 4), KERNEL_CS);
    ck_assert_uint_eq(peek_around(frame + 8), EFLAGS_RESERVED | EFLAGS_IF);
    says("iret 1002", exec(IRQSIM_OP_IRET, 0));
    ck_assert_uint_eq(rig.cpu.regs.sp, sp);
    says("pushf 1003", exec(IRQSIM_OP_PUSHF, 0));
    ck_assert_uint_eq(peek_around(UINT64_C(0xFFFFF000) + sp - 4), EFLAGS_RESERVED | EFLAGS_IF);
    says("popf 1004", exec(IRQSIM_OP_POPF, 0));
}
END_TEST

/* The slot at 0 is pushed first, and it is the one that is missing. */
START_TEST(cpu_24_a_page_fault_above_4_gib_is_one_at_0)
{
    start_around(0x1004);
    rig.guest.hole_end = 4;
    exec(IRQSIM_OP_INT, 0x31);
    ck_assert_uint_eq(rig.out.delivered.chain[0].raised, VECTOR_PF);
    ck_assert_uint_eq(rig.out.delivered.chain[0].address, 0);
    ck_assert_uint_eq(rig.cpu.regs.cr2, 0);
}
END_TEST

/* Compatibility mode has a 32-bit stack among 64-bit tables. */
START_TEST(lm_11_a_frame_around_4_gib)
{
    const uint32_t slots[] = {0x1234, SPARE | 3, EFLAGS_RESERVED};

    rig_start_compatible();
    rig.mem.read = read_around;
    rig.mem.write = write_around;
    rig.cpu.regs.ss_desc = DESC_SEGMENT(0xFFFFFFF8u, 0xFFFFF, DESC_P | DESC_S | DESC_WRITABLE,
                                        DESC_FLAG_G | DESC_FLAG_DB);
    rig.cpu.regs.sp = 6;
    for (unsigned i = 0; i < 12; i++)
        *byte_at((FOUR_GIB - 2 + i) % FOUR_GIB) = (uint8_t)(slots[i / 4] >> 8 * (i % 4));
    says("iret 1234", exec(IRQSIM_OP_IRET, 0));
    ck_assert_uint_eq(rig.cpu.regs.sp, 18);
}
END_TEST

/* Bytes of the guest's tables once more, around the top. */
static void put_around(uint64_t to, uint32_t from, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        *byte_at((to + i) % FOUR_GIB) = rig.guest.memory[from + i];
}

START_TEST(cpu_35_tables_around_4_gib)
{
    start_around(0x800);
    put_around(FOUR_GIB - 12, GDT, 16); /* KERNEL_CS is half at 0 */
    rig.cpu.regs.gdtr.base = FOUR_GIB - 12;
    says("80 1002", exec(IRQSIM_OP_INT, 0x80));
    says("iret 1002", exec(IRQSIM_OP_IRET, 0));
    start_around(0x800);
    put_around(FOUR_GIB - 4, IDT + 8 * 0x80, 8);
    rig.cpu.regs.idtr.base = FOUR_GIB - 4 - 8 * 0x80;
    says("80 1002", exec(IRQSIM_OP_INT, 0x80));
    ck_assert_uint_eq(rig.cpu.regs.ip, HANDLER + 0x80);
    start_around(0x800);
    put_around(FOUR_GIB - 20, GDT, 24); /* KERNEL_DS */
    rig.cpu.regs.gdtr.base = FOUR_GIB - 20;
    says("mov ss 1002", exec(IRQSIM_OP_MOV_SS, KERNEL_DS));
}
END_TEST

START_TEST(cpu_48_a_tss_around_4_gib)
{
    start_around(0x800);
    rig.cpu.regs.cpl = 3;
    rig.cpu.regs.cs = USER_CS;
    rig.cpu.regs.tr.base = FOUR_GIB - 6;
    put_around(FOUR_GIB - 6, TSS, 12);
    says("80 1002", exec(IRQSIM_OP_INT, 0x80));
    ck_assert_uint_eq(rig.cpu.regs.sp, KERNEL_STACK - 20);
}
END_TEST

START_TEST(cpu_85_fetches_loads_and_stores_around_4_gib)
{
    start_around(0x800);
    rig.cpu.regs.ip = UINT32_MAX;
    says("div 1", exec_insn((irqsim_insn_t){.op = IRQSIM_OP_DIV, .fetch = 1, .operand = 1}));
    says("load 6", exec(IRQSIM_OP_LOAD, FOUR_GIB - 2));
    says("store B", exec(IRQSIM_OP_STORE, FOUR_GIB - 2));
    says("load 10", exec(IRQSIM_OP_LOAD, FOUR_GIB + 0x100)); /* 32-bit code has no such address */
}
END_TEST

UNIT_MAIN("vcpu_edges", UNIT_TEST(cpu_85_an_ip_that_is_not_canonical_is_a_fault_of_the_fetch),
          UNIT_TEST(cpu_28_int_n_at_the_end_of_the_canonical_half_is_delivered),
          UNIT_TEST(cpu_85_an_instruction_across_the_end_of_the_canonical_half),
          UNIT_TEST(cpu_85_an_interrupt_goes_before_the_fault_of_the_fetch),
          UNIT_TEST(lm_09_syscall_to_an_address_that_is_not_canonical),
          UNIT_TEST(cpu_13_pushes_and_pops_outside_of_the_canonical_halves),
          UNIT_TEST(cpu_14_loads_and_stores_outside_of_the_canonical_halves),
          UNIT_TEST(lm_11_compatibility_mode_with_rsp_above_4_gib),
          UNIT_TEST(cpu_85_an_instruction_across_the_end_of_64_kib),
          UNIT_TEST(cpu_85_execution_past_the_end_of_64_kib),
          UNIT_TEST(cpu_28_a_failed_int_n_at_the_end_of_64_kib),
          UNIT_TEST(cpu_85_more_than_15_bytes_are_a_fault),
          UNIT_LOOP(cpu_43_a_frame_around_4_gib, 0, 17),
          UNIT_TEST(cpu_24_a_page_fault_above_4_gib_is_one_at_0),
          UNIT_TEST(lm_11_a_frame_around_4_gib), UNIT_TEST(cpu_35_tables_around_4_gib),
          UNIT_TEST(cpu_48_a_tss_around_4_gib),
          UNIT_TEST(cpu_85_fetches_loads_and_stores_around_4_gib))
