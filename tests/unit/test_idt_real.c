/* SPDX-License-Identifier: MIT */
/*
 * test_idt_real.c - the vector table of real mode, and IRET there (CPU-56, 57, 90)
 */
#include "unit.h"
#include "idt_guest.h"

static guest_t g;

enum { SEGMENT = 0x0600, STACK = SEGMENT << 4, VECTOR = 0x21 };

static void init(void)
{
    guest_init(&g);
    g.cpu.mode = IRQSIM_MODE_REAL;
    g.cpu.idtr = (irqsim_dtr_t){0, 0x3FF, 0, 0};
    g.cpu.cs = 0x1000;
    g.cpu.ip = 0x0123;
    g.cpu.ss = SEGMENT;
    g.cpu.sp = 0x100;
    g.cpu.ss_desc = UINT64_MAX; /* not looked at */
    poke(&g, 4 * VECTOR, 0xF00D, 2);
    poke(&g, 4 * VECTOR + 2, 0xC000, 2);
}

static const char *interrupt(void)
{
    return deliver(&g, IRQSIM_KIND_EXTERNAL, VECTOR);
}

static void assert_fails(const char *exception)
{
    const irqsim_cpustate_t before = g.cpu;
    ck_assert_str_eq(interrupt(), exception);
    ck_assert_mem_eq(&g.cpu, &before, sizeof(before));
}

START_TEST(cpu_56_offset_segment_and_three_words)
{
    init();
    g.cpu.flags = EFLAGS_RESERVED | EFLAGS_IF | EFLAGS_TF | EFLAGS_AC | EFLAGS_NT | EFLAGS_CF;
    ck_assert_str_eq(interrupt(), "ok");
    ck_assert_uint_eq(g.cpu.cs, 0xC000);
    ck_assert_uint_eq(g.cpu.ip, 0xF00D);
    ck_assert_uint_eq(g.cpu.sp, 0x100 - 6);
    ck_assert_uint_eq(g.out.frame, 6);
    ck_assert_uint_eq(g.out.slot, 2);
    ck_assert_uint_eq(g.out.address, STACK + 0x100 - 6);
    ck_assert_uint_eq(peek16(&g, STACK + 0x100 - 2),
                      EFLAGS_RESERVED | EFLAGS_IF | EFLAGS_TF | EFLAGS_NT | EFLAGS_CF);
    ck_assert_uint_eq(peek16(&g, STACK + 0x100 - 4), 0x1000);
    ck_assert_uint_eq(peek16(&g, STACK + 0x100 - 6), 0x0123);
    ck_assert_uint_eq(g.cpu.flags, EFLAGS_RESERVED | EFLAGS_NT | EFLAGS_CF); /* CPU-50, CPU-51 */
}
END_TEST

START_TEST(cpu_56_table_anywhere)
{
    init();
    g.cpu.idtr.base = 0x2000;
    poke(&g, 0x2000 + 4 * VECTOR, 0x12345678, 4);
    ck_assert_str_eq(interrupt(), "ok");
    ck_assert_uint_eq(g.cpu.cs, 0x1234);
    ck_assert_uint_eq(g.cpu.ip, 0x5678);
}
END_TEST

START_TEST(cpu_56_limit_covers_the_whole_entry)
{
    init();
    g.cpu.idtr.limit = 4 * VECTOR + 2;
    assert_fails("#GP(0)");
    g.cpu.idtr.limit = 4 * VECTOR + 3;
    ck_assert_str_eq(interrupt(), "ok");
}
END_TEST

/* CPU-57: LIDT with limit 0, then anything. */
START_TEST(cpu_57_no_table_is_a_triple_fault)
{
    init();
    g.cpu.idtr.limit = 0;
    assert_fails("#GP(0)");
    ck_assert_int_eq(irqsim_exc_combine(VECTOR, IRQSIM_KIND_EXTERNAL, VECTOR_GP), VECTOR_GP);
    ck_assert_int_eq(irqsim_exc_combine(VECTOR_GP, IRQSIM_KIND_EXCEPTION, VECTOR_GP), VECTOR_DF);
    ck_assert_int_eq(irqsim_exc_combine(VECTOR_DF, IRQSIM_KIND_EXCEPTION, VECTOR_GP), -1);
}
END_TEST

START_TEST(cpu_58_never_an_error_code)
{
    const irqsim_delivery_t gp = {
        .vector = VECTOR, .kind = IRQSIM_KIND_EXCEPTION, .has_error = 1, .error = 7};
    init();
    ck_assert_str_eq(deliver_event(&g, gp), "ok");
    ck_assert_uint_eq(g.out.frame, 6);
}
END_TEST

/* CPU-56: SP wraps between two slots, never within one. */
START_TEST(cpu_56_sp_wraps)
{
    static const struct {
        uint32_t sp, after;
        const char *outcome;
    } rows[] = {
        {0, 0xFFFA, "ok"},      {2, 0xFFFC, "ok"},       {4, 0xFFFE, "ok"}, {6, 0, "ok"},
        {1, 1, "#SS(0)"},       {3, 3, "#SS(0)"},        {5, 5, "#SS(0)"},  {7, 1, "ok"},
        {0xFFFF, 0xFFF9, "ok"}, {0x50000, 0x5FFFA, "ok"} /* the high half of ESP stays */
    };
    init();
    g.cpu.ss = 0;
    g.cpu.sp = rows[_i].sp;
    g.cpu.idtr.base = 0x2000;
    ck_assert_str_eq(interrupt(), rows[_i].outcome);
    ck_assert_uint_eq(g.cpu.sp, rows[_i].after);
}
END_TEST

START_TEST(cpu_56_a_wrapped_frame_lies_at_both_ends)
{
    init();
    g.cpu.ss = 0;
    g.cpu.sp = 2;
    g.cpu.idtr.base = 0x2000;
    ck_assert_str_eq(interrupt(), "ok");
    ck_assert_uint_eq(peek16(&g, 0), EFLAGS_RESERVED | EFLAGS_IF);
    ck_assert_uint_eq(peek16(&g, 0xFFFE), 0x1000);
    ck_assert_uint_eq(peek16(&g, 0xFFFC), 0x0123);
    ck_assert_str_eq(iret_with_size(&g, 2), "ok");
    ck_assert_uint_eq(g.cpu.cs, 0x1000);
    ck_assert_uint_eq(g.cpu.sp, 2);
}
END_TEST

START_TEST(cpu_24_refused_stack)
{
    init();
    g.hole = STACK + 0x100 - 4;
    g.hole_end = g.hole + 2;
    assert_fails("#PF(2)");
    ck_assert_uint_eq(g.out.address, STACK + 0x100 - 4);
}
END_TEST

START_TEST(cpu_24_bus_error_where_the_embedder_says_so)
{
    const irqsim_delivery_t ev = {.vector = VECTOR, .kind = IRQSIM_KIND_EXTERNAL};
    irqsim_mem_t mem = guest_mem(&g);
    mem.missing = IRQSIM_MEM_BUS_ERROR;
    init();
    g.hole = 4 * VECTOR;
    g.hole_end = g.hole + 4;
    const irqsim_cpustate_t before = g.cpu;
    irqsim_idt_deliver(&g.cpu, &mem, &ev, &g.out);
    ck_assert_str_eq(outcome_text(&g.out), "bus error");
    ck_assert_uint_eq(g.out.delivered, 0);
    ck_assert_uint_eq(g.out.vector, 0);
    ck_assert_uint_eq(g.out.address, 4 * VECTOR);
    ck_assert_mem_eq(&g.cpu, &before, sizeof(before));
}
END_TEST

START_TEST(cpu_90_iret_undoes_a_delivery)
{
    init();
    const irqsim_cpustate_t before = g.cpu;
    ck_assert_str_eq(interrupt(), "ok");
    ck_assert_str_eq(iret_with_size(&g, 2), "ok");
    ck_assert_uint_eq(g.out.frame, 6);
    ck_assert_mem_eq(&g.cpu, &before, sizeof(before));
}
END_TEST

START_TEST(cpu_90_iret_of_words_leaves_the_high_flags)
{
    init();
    g.cpu.flags = EFLAGS_AC | EFLAGS_VIF;
    poke(&g, STACK + 0x100, 0xFFFFFFFFFFFF, 6);
    ck_assert_str_eq(iret_with_size(&g, 2), "ok");
    ck_assert_uint_eq(g.cpu.flags,
                      (EFLAGS_KNOWN & 0xFFFF) | EFLAGS_RESERVED | EFLAGS_AC | EFLAGS_VIF);
}
END_TEST

START_TEST(cpu_90_iretd_leaves_vm_vif_and_vip)
{
    static const uint32_t old[] = {0, EFLAGS_VIF, EFLAGS_VIP};
    init();
    g.cpu.flags = old[_i];
    poke(&g, STACK + 0x100, 0x0000FFFF, 4);
    poke(&g, STACK + 0x104, 0xABCD2000, 4);
    poke(&g, STACK + 0x108, UINT32_MAX, 4);
    ck_assert_str_eq(iret(&g), "ok");
    ck_assert_uint_eq(g.out.frame, 12);
    ck_assert_uint_eq(g.cpu.ip, 0xFFFF);
    ck_assert_uint_eq(g.cpu.cs, 0x2000);
    ck_assert_uint_eq(g.cpu.sp, 0x10C);
    ck_assert_uint_eq(g.cpu.flags, (EFLAGS_KNOWN & ~(EFLAGS_VM | EFLAGS_VIF | EFLAGS_VIP)) |
                                       EFLAGS_RESERVED | old[_i]);
}
END_TEST

START_TEST(cpu_90_eip_beyond_64_kib)
{
    init();
    poke(&g, STACK + 0x100, 0x10000, 4);
    const irqsim_cpustate_t before = g.cpu;
    ck_assert_str_eq(iret(&g), "#GP(0)");
    ck_assert_mem_eq(&g.cpu, &before, sizeof(before));
}
END_TEST

UNIT_MAIN("idt_real", UNIT_TEST(cpu_56_offset_segment_and_three_words),
          UNIT_TEST(cpu_56_table_anywhere), UNIT_TEST(cpu_56_limit_covers_the_whole_entry),
          UNIT_TEST(cpu_57_no_table_is_a_triple_fault), UNIT_TEST(cpu_58_never_an_error_code),
          UNIT_LOOP(cpu_56_sp_wraps, 0, 10), UNIT_TEST(cpu_56_a_wrapped_frame_lies_at_both_ends),
          UNIT_TEST(cpu_24_refused_stack), UNIT_TEST(cpu_24_bus_error_where_the_embedder_says_so),
          UNIT_TEST(cpu_90_iret_undoes_a_delivery),
          UNIT_TEST(cpu_90_iret_of_words_leaves_the_high_flags),
          UNIT_LOOP(cpu_90_iretd_leaves_vm_vif_and_vip, 0, 3), UNIT_TEST(cpu_90_eip_beyond_64_kib))
