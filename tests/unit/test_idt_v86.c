/* SPDX-License-Identifier: MIT */
/*
 * test_idt_v86.c - in from virtual-8086 mode and back (CPU-39, 46, 65, 92, 99)
 */
#include "unit.h"
#include "idt_guest.h"

static guest_t g;

enum { CODE_SEGMENT = 0x0500, STACK_SEGMENT = 0x0600, STACK = STACK_SEGMENT << 4 };

#define HW    IRQSIM_KIND_EXTERNAL
#define FLAGS (EFLAGS_RESERVED | EFLAGS_IF | EFLAGS_VM)

static void init(void)
{
    guest_init(&g);
    g.cpu.mode = IRQSIM_MODE_V86;
    g.cpu.cpl = 3;
    g.cpu.flags = FLAGS;
    g.cpu.ip = 0x77;
    g.cpu.sp = 0x100;
    g.cpu.cs = CODE_SEGMENT;
    g.cpu.ss = STACK_SEGMENT;
    g.cpu.ds = 0xD000;
    g.cpu.es = 0xE000;
    g.cpu.fs = 0xF000;
    g.cpu.gs = 0x9000;
}

static void assert_fails(irqsim_event_kind_t kind, const char *exception)
{
    const irqsim_cpustate_t before = g.cpu;
    ck_assert_str_eq(deliver(&g, kind, 0x40), exception);
    ck_assert_mem_eq(&g.cpu, &before, sizeof(before));
}

START_TEST(cpu_46_frame_of_nine_slots)
{
    static const uint32_t slots[] = {0x77,   CODE_SEGMENT, FLAGS,  0x100, STACK_SEGMENT,
                                     0xE000, 0xD000,       0xF000, 0x9000};
    init();
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok inner");
    ck_assert_uint_eq(g.out.frame, 36);
    ck_assert_uint_eq(g.cpu.sp, KERNEL_STACK - 36);
    for (unsigned n = 0; n < 9; n++)
        ck_assert_uint_eq(peek32(&g, KERNEL_STACK - 36 + 4 * n), slots[n]);
}
END_TEST

START_TEST(cpu_46_segments_become_null)
{
    init();
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok inner");
    ck_assert_uint_eq(g.cpu.mode, IRQSIM_MODE_PROTECTED);
    ck_assert_uint_eq(g.cpu.cpl, 0);
    ck_assert_uint_eq(g.cpu.cs, KERNEL_CS);
    ck_assert_uint_eq(g.cpu.ss, KERNEL_DS);
    ck_assert_uint_eq(g.cpu.ds | g.cpu.es | g.cpu.fs | g.cpu.gs, 0);
    ck_assert_uint_eq(g.cpu.flags, EFLAGS_RESERVED); /* CPU-51: VM too */
}
END_TEST

START_TEST(cpu_46_error_code_below_them)
{
    const irqsim_delivery_t gp = {
        .vector = VECTOR_GP, .kind = IRQSIM_KIND_EXCEPTION, .has_error = 1, .error = 5};
    init();
    ck_assert_str_eq(deliver_event(&g, gp), "ok inner");
    ck_assert_uint_eq(g.out.frame, 40);
    ck_assert_uint_eq(peek32(&g, KERNEL_STACK - 40), 5);
}
END_TEST

START_TEST(cpu_46_nine_words_through_a_16_bit_gate)
{
    init();
    set_gate(&g, 0x40, DESC_INTERRUPT_GATE16(HANDLER, KERNEL_CS, 0));
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok inner");
    ck_assert_uint_eq(g.out.frame, 18);
    ck_assert_uint_eq(peek16(&g, KERNEL_STACK - 2), 0x9000);
    ck_assert_uint_eq(peek16(&g, KERNEL_STACK - 18), 0x77);
}
END_TEST

START_TEST(cpu_43_room_for_all_nine)
{
    init();
    poke(&g, TSS + TSS32_ESP0, 35, 4);
    assert_fails(HW, "#SS(11)");
    poke(&g, TSS + TSS32_ESP0, 36, 4);
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok inner");
    ck_assert_uint_eq(g.cpu.sp, 0);
}
END_TEST

/* Conforming code, or any level but 0, cannot take an event of V86 code. */
START_TEST(cpu_39_handler_must_run_at_level_0)
{
    static const struct {
        unsigned dpl, extra;
        const char *outcome;
    } rows[] = {
        {0, 0, "ok inner"},
        {1, 0, "#GP(41)"},
        {2, 0, "#GP(41)"},
        {3, 0, "#GP(41)"},
        {0, DESC_CONFORMING, "#GP(41)"},
        {3, DESC_CONFORMING, "#GP(41)"},
    };
    const uint64_t code = DESC_SEGMENT(
        0, 0xFFFFF, DESC_P | DESC_DPL(rows[_i].dpl) | DESC_S | DESC_CODE | rows[_i].extra,
        DESC_FLAG_G | DESC_FLAG_DB);
    init();
    set_segment(&g, SPARE, code);
    set_gate(&g, 0x40, DESC_INTERRUPT_GATE32(HANDLER, SPARE, 3));
    ck_assert_str_eq(deliver(&g, HW, 0x40), rows[_i].outcome);
    init();
    set_segment(&g, SPARE, code & ~((uint64_t)DESC_P << 40));
    set_gate(&g, 0x40, DESC_INTERRUPT_GATE32(HANDLER, SPARE, 3));
    assert_fails(HW, "#NP(41)"); /* CPU-37 comes first */
}
END_TEST

/* CPU-65, CPU-77: INT n goes to the monitor unless IOPL is 3. */
START_TEST(cpu_65_int_n_needs_iopl_3_and_int3_does_not)
{
    init();
    g.cpu.flags |= EFLAGS_IOPL(2);
    g.cpu.idtr.limit = 0;
    assert_fails(IRQSIM_KIND_SOFTWARE, "#GP(0)"); /* before the table is looked at */
    assert_fails(IRQSIM_KIND_INT3, "#GP(202)");
    init();
    ck_assert_str_eq(deliver(&g, IRQSIM_KIND_INT3, 3), "ok inner");
    init();
    ck_assert_str_eq(deliver(&g, IRQSIM_KIND_INTO, 4), "ok inner");
    init();
    g.cpu.flags |= EFLAGS_IOPL(3);
    ck_assert_str_eq(deliver(&g, IRQSIM_KIND_SOFTWARE, 0x40), "ok inner");
}
END_TEST

START_TEST(cpu_32_all_three_need_the_gate_dpl)
{
    static const irqsim_event_kind_t kinds[] = {IRQSIM_KIND_SOFTWARE, IRQSIM_KIND_INT3,
                                                IRQSIM_KIND_INTO};
    init();
    g.cpu.flags |= EFLAGS_IOPL(3);
    set_gate(&g, 0x40, DESC_INTERRUPT_GATE32(HANDLER, KERNEL_CS, 0));
    assert_fails(kinds[_i], "#GP(202)");
}
END_TEST

START_TEST(cpu_92_iret_undoes_it)
{
    init();
    const irqsim_cpustate_t before = g.cpu;
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok inner");
    ck_assert_str_eq(iret(&g), "ok inner");
    ck_assert_uint_eq(g.out.frame, 36);
    ck_assert_mem_eq(&g.cpu, &before, sizeof(before));
}
END_TEST

START_TEST(cpu_92_needs_all_nine_slots_and_a_64_kib_ip)
{
    guest_init(&g);
    push_frame(&g, (const uint32_t[]){0x10000, 0, FLAGS, 0, 0, 0, 0, 0, 0}, 9);
    const irqsim_cpustate_t before = g.cpu;
    ck_assert_str_eq(iret(&g), "#GP(0)");
    poke(&g, (uint32_t)g.cpu.sp, 0xFFFF, 4);
    g.cpu.ss_desc = DESC_SEGMENT(0, 0x7000 - 2, DESC_P | DESC_S | DESC_WRITABLE, DESC_FLAG_DB);
    ck_assert_str_eq(iret(&g), "#SS(0)");
    g.cpu.ss_desc = before.ss_desc;
    ck_assert_mem_eq(&g.cpu, &before, sizeof(before));
    ck_assert_str_eq(iret(&g), "ok inner");
}
END_TEST

START_TEST(cpu_92_only_level_0_enters_v86)
{
    guest_init(&g);
    g.cpu.cpl = 1;
    g.cpu.cs = RING1_CS;
    push_frame(&g, (const uint32_t[]){0x2222, RING1_CS, FLAGS}, 3);
    ck_assert_str_eq(iret(&g), "ok");
    ck_assert_uint_eq(g.cpu.mode, IRQSIM_MODE_PROTECTED);
    ck_assert_uint_eq(g.cpu.flags & EFLAGS_VM, 0);
}
END_TEST

START_TEST(cpu_99_iret_in_v86_needs_iopl_3)
{
    init();
    g.cpu.flags |= EFLAGS_IOPL(2) | EFLAGS_NT; /* NT means nothing here */
    const irqsim_cpustate_t before = g.cpu;
    ck_assert_str_eq(iret_with_size(&g, 2), "#GP(0)");
    ck_assert_mem_eq(&g.cpu, &before, sizeof(before));
}
END_TEST

START_TEST(cpu_99_iret_from_v86_to_v86)
{
    init();
    g.cpu.flags |= EFLAGS_IOPL(3) | EFLAGS_NT;
    poke(&g, STACK + 0x100, 0x1111, 2);
    poke(&g, STACK + 0x102, 0x2222, 2);
    poke(&g, STACK + 0x104, EFLAGS_CF, 2); /* IOPL 0, which only CPL 0 may set */
    ck_assert_str_eq(iret_with_size(&g, 2), "ok");
    ck_assert_uint_eq(g.cpu.mode, IRQSIM_MODE_V86);
    ck_assert_uint_eq(g.cpu.ip, 0x1111);
    ck_assert_uint_eq(g.cpu.cs, 0x2222);
    ck_assert_uint_eq(g.cpu.sp, 0x106);
    ck_assert_uint_eq(g.cpu.flags, EFLAGS_RESERVED | EFLAGS_VM | EFLAGS_IOPL(3) | EFLAGS_CF);
}
END_TEST

START_TEST(cpu_24_stack_of_v86_code_is_a_user_stack)
{
    init();
    g.cpu.flags |= EFLAGS_IOPL(3);
    g.hole = STACK + 0x102;
    g.hole_end = g.hole + 2;
    ck_assert_str_eq(iret_with_size(&g, 2), "#PF(4)");
    ck_assert_uint_eq(g.out.address, STACK + 0x102);
}
END_TEST

UNIT_MAIN("idt_v86", UNIT_TEST(cpu_46_frame_of_nine_slots), UNIT_TEST(cpu_46_segments_become_null),
          UNIT_TEST(cpu_46_error_code_below_them),
          UNIT_TEST(cpu_46_nine_words_through_a_16_bit_gate), UNIT_TEST(cpu_43_room_for_all_nine),
          UNIT_LOOP(cpu_39_handler_must_run_at_level_0, 0, 6),
          UNIT_TEST(cpu_65_int_n_needs_iopl_3_and_int3_does_not),
          UNIT_LOOP(cpu_32_all_three_need_the_gate_dpl, 0, 3), UNIT_TEST(cpu_92_iret_undoes_it),
          UNIT_TEST(cpu_92_needs_all_nine_slots_and_a_64_kib_ip),
          UNIT_TEST(cpu_92_only_level_0_enters_v86), UNIT_TEST(cpu_99_iret_in_v86_needs_iopl_3),
          UNIT_TEST(cpu_99_iret_from_v86_to_v86),
          UNIT_TEST(cpu_24_stack_of_v86_code_is_a_user_stack))
