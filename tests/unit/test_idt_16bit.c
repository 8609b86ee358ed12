/* SPDX-License-Identifier: MIT */
/*
 * test_idt_16bit.c - the 286's gates, frames and TSS among 32-bit ones
 */
#include "unit.h"
#include "idt_guest.h"

static guest_t g;

#define HW  IRQSIM_KIND_EXTERNAL
#define EXC IRQSIM_KIND_EXCEPTION

static void init(void)
{
    guest_init(&g);
    set_gate(&g, 0x40, DESC_INTERRUPT_GATE16(HANDLER, KERNEL_CS, 3));
}

/* TR holds a 286 TSS with the same inner stacks. */
static void use_tss16(void)
{
    g.cpu.tr = (irqsim_dtr_t){TSS, TSS16_SIZE - 1, TSS_SELECTOR, DESC_TYPE_TSS16_BUSY};
    memset(g.memory + TSS, 0, TSS32_SIZE);
    poke(&g, TSS + TSS16_SP(0), KERNEL_STACK, 2);
    poke(&g, TSS + TSS16_SS(0), KERNEL_DS, 2);
    poke(&g, TSS + TSS16_SP(1), RING1_STACK, 2);
    poke(&g, TSS + TSS16_SS(1), RING1_DS, 2);
}

static void assert_fails(const char *exception)
{
    const irqsim_cpustate_t before = g.cpu;
    ck_assert_str_eq(deliver(&g, HW, 0x40), exception);
    ck_assert_mem_eq(&g.cpu, &before, sizeof(before));
}

START_TEST(cpu_46_frame_of_words)
{
    init();
    g.cpu.ip = 0xABCD1234;
    g.cpu.flags |= EFLAGS_AC;
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok");
    ck_assert_uint_eq(g.out.frame, 6);
    ck_assert_uint_eq(g.out.slot, 2);
    ck_assert_uint_eq(g.out.address, 0x7000 - 6);
    ck_assert_uint_eq(g.cpu.sp, 0x7000 - 6);
    ck_assert_uint_eq(peek16(&g, 0x7000 - 2), EFLAGS_RESERVED | EFLAGS_IF);
    ck_assert_uint_eq(peek16(&g, 0x7000 - 4), KERNEL_CS);
    ck_assert_uint_eq(peek16(&g, 0x7000 - 6), 0x1234);
    ck_assert_uint_eq(g.cpu.flags, EFLAGS_RESERVED | EFLAGS_AC); /* CPU-50, CPU-55 */
}
END_TEST

START_TEST(cpu_50_trap_gate_of_words_keeps_if)
{
    init();
    set_gate(&g, 0x40, DESC_TRAP_GATE16(HANDLER, KERNEL_CS, 0));
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok");
    ck_assert_uint_eq(g.cpu.flags & EFLAGS_IF, EFLAGS_IF);
    ck_assert_uint_eq(g.out.frame, 6);
}
END_TEST

START_TEST(cpu_46_inner_frame_of_words_with_error_code)
{
    const irqsim_delivery_t gp = {.vector = 0x40, .kind = EXC, .has_error = 1, .error = 0x98765432};
    init();
    guest_at_user(&g);
    ck_assert_str_eq(deliver_event(&g, gp), "ok inner");
    ck_assert_uint_eq(g.out.frame, 12);
    ck_assert_uint_eq(g.cpu.sp, KERNEL_STACK - 12);
    ck_assert_uint_eq(peek16(&g, KERNEL_STACK - 2), USER_DS);
    ck_assert_uint_eq(peek16(&g, KERNEL_STACK - 4), USER_STACK);
    ck_assert_uint_eq(peek16(&g, KERNEL_STACK - 12), 0x5432); /* CPU-23 */
}
END_TEST

START_TEST(cpu_31_offset_of_a_16_bit_gate_has_16_bits)
{
    init();
    set_gate(&g, 0x40, DESC_GATE(0xBEEF0000 | HANDLER, KERNEL_CS, DESC_P | DESC_TYPE_INTERRUPT16));
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok");
    ck_assert_uint_eq(g.cpu.ip, HANDLER);
}
END_TEST

START_TEST(cpu_43_room_is_half)
{
    init();
    g.cpu.ss_desc = DESC_SEGMENT(0, 0x7000 - 6, DESC_P | DESC_S | DESC_WRITABLE | DESC_EXPANDDOWN,
                                 DESC_FLAG_DB);
    assert_fails("#SS(1)");
    g.cpu.ss_desc = DESC_SEGMENT(0, 0x7000 - 7, DESC_P | DESC_S | DESC_WRITABLE | DESC_EXPANDDOWN,
                                 DESC_FLAG_DB);
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok");
}
END_TEST

START_TEST(cpu_40_tss_of_words_has_its_own_slots)
{
    init();
    use_tss16();
    guest_at_user(&g);
    g.cpu.tr.limit = TSS16_SS(0);
    assert_fails("#TS(39)");
    g.cpu.tr.limit = TSS16_SS(0) + 1;
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok inner");
    ck_assert_uint_eq(g.cpu.ss, KERNEL_DS);
    ck_assert_uint_eq(g.cpu.sp, KERNEL_STACK - 10);
}
END_TEST

/* The gate's width is the frame's, the TSS's that of its stack pointers. */
START_TEST(cpu_40_widths_of_gate_and_tss_are_independent)
{
    init();
    use_tss16();
    g.cpu.tr.type = (uint16_t)_i; /* available is as good as busy */
    guest_at_user(&g);
    set_gate(&g, 0x40, DESC_INTERRUPT_GATE32(HANDLER, RING1_CS, 0));
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok inner");
    ck_assert_uint_eq(g.cpu.cpl, 1);
    ck_assert_uint_eq(g.cpu.ss, RING1_DS);
    ck_assert_uint_eq(g.cpu.sp, RING1_STACK - 20);
}
END_TEST

static void push_words(const uint16_t *slots, unsigned count)
{
    g.cpu.sp -= 2 * count;
    for (unsigned i = 0; i < count; i++)
        poke(&g, (uint32_t)g.cpu.sp + 2 * i, slots[i], 2);
}

START_TEST(cpu_93_iret_of_words)
{
    init();
    g.cpu.ip = 0xABCD0000;
    g.cpu.flags |= EFLAGS_AC | EFLAGS_ID;
    push_words((const uint16_t[]){0x2222, KERNEL_CS, EFLAGS_CF | EFLAGS_IOPL_M}, 3);
    ck_assert_str_eq(iret_with_size(&g, 2), "ok");
    ck_assert_uint_eq(g.out.frame, 6);
    ck_assert_uint_eq(g.cpu.ip, 0x2222);
    ck_assert_uint_eq(g.cpu.sp, 0x7000);
    /* CPU-96: the high half is not popped */
    ck_assert_uint_eq(g.cpu.flags,
                      EFLAGS_RESERVED | EFLAGS_AC | EFLAGS_ID | EFLAGS_CF | EFLAGS_IOPL_M);
}
END_TEST

START_TEST(cpu_94_iret_of_words_to_an_outer_level)
{
    init();
    push_words((const uint16_t[]){USER_CODE, USER_CS, EFLAGS_IF, USER_STACK, USER_DS}, 5);
    ck_assert_str_eq(iret_with_size(&g, 2), "ok inner");
    ck_assert_uint_eq(g.out.frame, 10);
    ck_assert_uint_eq(g.cpu.cpl, 3);
    ck_assert_uint_eq(g.cpu.ip, USER_CODE);
    ck_assert_uint_eq(g.cpu.sp, USER_STACK);
    ck_assert_uint_eq(g.cpu.ss, USER_DS);
}
END_TEST

/* Bits 16..31 of what lies there as a doubleword are the next word. */
START_TEST(cpu_92_iret_of_words_never_enters_v86)
{
    init();
    push_words((const uint16_t[]){0x2222, KERNEL_CS, EFLAGS_IF, EFLAGS_VM >> 16}, 4);
    ck_assert_str_eq(iret_with_size(&g, 2), "ok");
    ck_assert_uint_eq(g.cpu.mode, IRQSIM_MODE_PROTECTED);
    ck_assert_uint_eq(g.cpu.flags & EFLAGS_VM, 0);
}
END_TEST

START_TEST(cpu_93_words_undo_a_delivery)
{
    init();
    guest_at_user(&g);
    const irqsim_cpustate_t before = g.cpu;
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok inner");
    ck_assert_str_eq(iret_with_size(&g, 2), "ok inner");
    g.cpu.ss_desc = before.ss_desc; /* read from the table, there it was "flat" */
    ck_assert_mem_eq(&g.cpu, &before, sizeof(before));
}
END_TEST

UNIT_MAIN("idt_16bit", UNIT_TEST(cpu_46_frame_of_words),
          UNIT_TEST(cpu_50_trap_gate_of_words_keeps_if),
          UNIT_TEST(cpu_46_inner_frame_of_words_with_error_code),
          UNIT_TEST(cpu_31_offset_of_a_16_bit_gate_has_16_bits), UNIT_TEST(cpu_43_room_is_half),
          UNIT_TEST(cpu_40_tss_of_words_has_its_own_slots),
          UNIT_LOOP(cpu_40_widths_of_gate_and_tss_are_independent, DESC_TYPE_TSS16_AVAIL,
                    DESC_TYPE_TSS16_AVAIL + 1),
          UNIT_LOOP(cpu_40_widths_of_gate_and_tss_are_independent, DESC_TYPE_TSS16_BUSY,
                    DESC_TYPE_TSS16_BUSY + 1),
          UNIT_TEST(cpu_93_iret_of_words), UNIT_TEST(cpu_94_iret_of_words_to_an_outer_level),
          UNIT_TEST(cpu_92_iret_of_words_never_enters_v86), UNIT_TEST(cpu_93_words_undo_a_delivery))
