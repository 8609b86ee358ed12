/* SPDX-License-Identifier: MIT */
/*
 * test_idt_iret.c - IRET to the same and to an outer level (CPU-91..98)
 */
#include "unit.h"
#include "idt_guest.h"

static guest_t g;

#define FLAGS EFLAGS_RESERVED

static void assert_fails(const char *exception)
{
    const irqsim_cpustate_t before = g.cpu;
    ck_assert_str_eq(iret(&g), exception);
    ck_assert_mem_eq(&g.cpu, &before, sizeof(before));
}

static void frame_same(uint32_t eip, uint32_t cs, uint32_t eflags)
{
    push_frame(&g, (const uint32_t[]){eip, cs, eflags}, 3);
}

static void frame_outer(uint32_t cs, uint32_t ss)
{
    push_frame(&g, (const uint32_t[]){USER_CODE, cs, FLAGS | EFLAGS_IF, USER_STACK, ss}, 5);
}

#define CODE(dpl, extra)                                                                           \
    DESC_SEGMENT(0, 0xFFFFF, DESC_P | DESC_DPL(dpl) | DESC_S | DESC_CODE | (extra),                \
                 DESC_FLAG_G | DESC_FLAG_DB)
#define DATA(dpl, extra)                                                                           \
    DESC_SEGMENT(0, 0xFFFFF, DESC_P | DESC_DPL(dpl) | DESC_S | (extra), DESC_FLAG_G | DESC_FLAG_DB)
#define ABSENT(desc) ((desc) & ~((uint64_t)DESC_P << 40))

START_TEST(cpu_93_returns_to_the_same_level)
{
    guest_init(&g);
    frame_same(0x2222, KERNEL_CS, FLAGS);
    ck_assert_str_eq(iret(&g), "ok");
    ck_assert_uint_eq(g.cpu.ip, 0x2222);
    ck_assert_uint_eq(g.cpu.cs, KERNEL_CS);
    ck_assert_uint_eq(g.cpu.sp, 0x7000);
    ck_assert_uint_eq(g.cpu.flags, FLAGS);
    ck_assert_uint_eq(g.out.frame, 12);
}
END_TEST

START_TEST(cpu_93_undoes_a_delivery)
{
    guest_init(&g);
    g.cpu.flags = FLAGS | EFLAGS_IF | EFLAGS_CF | EFLAGS_TF;
    const irqsim_cpustate_t before = g.cpu;
    ck_assert_str_eq(deliver(&g, IRQSIM_KIND_EXTERNAL, 0x40), "ok");
    ck_assert_str_eq(iret(&g), "ok");
    ck_assert_mem_eq(&g.cpu, &before, sizeof(before));
}
END_TEST

START_TEST(cpu_94_undoes_an_inner_delivery)
{
    guest_init(&g);
    guest_at_user(&g);
    g.cpu.ss_desc = DESC_FLAT_DATA32(3);
    g.cpu.ds = g.cpu.es = USER_DS;
    const irqsim_cpustate_t before = g.cpu;
    ck_assert_str_eq(deliver(&g, IRQSIM_KIND_EXTERNAL, 0x40), "ok inner");
    ck_assert_str_eq(iret(&g), "ok inner");
    ck_assert_uint_eq(g.out.frame, 20);
    ck_assert_mem_eq(&g.cpu, &before, sizeof(before));
}
END_TEST

/* Every wrong CS that an IRET at CPL 0 may pop; SPARE has the descriptor. */
START_TEST(cpu_93_code_segment)
{
    static const struct {
        uint16_t cs;
        uint64_t desc;
        const char *exception;
    } rows[] = {
        {0, 0, "#GP(0)"},
        {3, 0, "#GP(0)"},
        {GDT_ENTRIES * 8 | 3, 0, "#GP(80)"},
        {LDT_ENTRIES * 8 | SELECTOR_TI, 0, "#GP(14)"},
        {SPARE, DATA(0, DESC_WRITABLE), "#GP(40)"},
        {SPARE, CODE(3, 0), "#GP(40)"},                   /* DPL is not RPL */
        {SPARE | 3, CODE(0, 0), "#GP(40)"},               /* neither here   */
        {SPARE | 1, CODE(2, DESC_CONFORMING), "#GP(40)"}, /* DPL > RPL      */
        {SPARE, ABSENT(CODE(0, 0)), "#NP(40)"},
        {SPARE, ABSENT(CODE(3, 0)), "#GP(40)"},
    };
    guest_init(&g);
    set_segment(&g, SPARE, rows[_i].desc);
    frame_same(0x2222, rows[_i].cs, FLAGS);
    assert_fails(rows[_i].exception);
}
END_TEST

START_TEST(cpu_93_conforming_code_may_be_more_privileged_than_its_rpl)
{
    guest_init(&g);
    set_segment(&g, SPARE, CODE(0, DESC_CONFORMING));
    frame_outer(SPARE | 3, USER_DS);
    ck_assert_str_eq(iret(&g), "ok inner");
    ck_assert_uint_eq(g.cpu.cpl, 3);
}
END_TEST

START_TEST(cpu_93_eip_inside_the_code_limit)
{
    guest_init(&g);
    set_segment(&g, SPARE, DESC_SEGMENT(0, 0x2221, DESC_P | DESC_S | DESC_CODE, DESC_FLAG_DB));
    frame_same(0x2222, SPARE, FLAGS);
    assert_fails("#GP(0)");
    set_segment(&g, SPARE, DESC_SEGMENT(0, 0x2222, DESC_P | DESC_S | DESC_CODE, DESC_FLAG_DB));
    ck_assert_str_eq(iret(&g), "ok");
}
END_TEST

START_TEST(cpu_94_eip_is_checked_for_an_outer_return_too)
{
    guest_init(&g);
    set_segment(&g, SPARE,
                DESC_SEGMENT(0, USER_CODE - 1, DESC_P | DESC_DPL(3) | DESC_S | DESC_CODE, 0));
    frame_outer(SPARE | 3, USER_DS);
    assert_fails("#GP(0)");
}
END_TEST

START_TEST(cpu_94_stack_segment)
{
    static const struct {
        uint16_t ss;
        uint64_t desc;
        const char *exception;
    } rows[] = {
        {0, 0, "#GP(0)"},
        {3, 0, "#GP(0)"},
        {GDT_ENTRIES * 8 | 3, 0, "#GP(80)"},
        {SPARE, DATA(3, DESC_WRITABLE), "#GP(40)"},
        {SPARE | 3, DATA(0, DESC_WRITABLE), "#GP(40)"},
        {SPARE | 3, DATA(3, 0), "#GP(40)"},
        {SPARE | 3, CODE(3, DESC_READABLE), "#GP(40)"},
        {SPARE | 3, ABSENT(DATA(3, DESC_WRITABLE)), "#SS(40)"},
        {SPARE | 3, ABSENT(DATA(3, 0)), "#GP(40)"},
    };
    guest_init(&g);
    set_segment(&g, SPARE, rows[_i].desc);
    frame_outer(USER_CS, rows[_i].ss);
    assert_fails(rows[_i].exception);
}
END_TEST

START_TEST(cpu_94_frame_must_lie_on_the_stack)
{
    const uint32_t access = DESC_P | DESC_S | DESC_WRITABLE;
    guest_init(&g);
    frame_outer(USER_CS, USER_DS); /* 6FEC..6FFF */
    g.cpu.ss_desc = DESC_SEGMENT(0, 0x6FEC + 10, access, DESC_FLAG_DB);
    assert_fails("#SS(0)");
    g.cpu.ss_desc = DESC_SEGMENT(0, 0x6FEC + 18, access, DESC_FLAG_DB);
    assert_fails("#SS(0)");
    g.cpu.ss_desc = DESC_SEGMENT(0, 0x6FEC + 19, access, DESC_FLAG_DB);
    ck_assert_str_eq(iret(&g), "ok inner");
}
END_TEST

START_TEST(cpu_93_same_level_needs_twelve_bytes_only)
{
    guest_init(&g);
    frame_same(0x2222, KERNEL_CS, FLAGS);
    g.cpu.ss_desc = DESC_SEGMENT(0, 0x6FFF, DESC_P | DESC_S | DESC_WRITABLE, DESC_FLAG_DB);
    ck_assert_str_eq(iret(&g), "ok");
}
END_TEST

/* Which selectors survive the return to CPL 3. */
START_TEST(cpu_94_inner_segments_become_null)
{
    static const struct {
        uint16_t selector;
        uint64_t desc; /* of SPARE */
        uint16_t after;
    } rows[] = {
        {USER_DS, 0, USER_DS},
        {KERNEL_DS, 0, 0},
        {KERNEL_CS, 0, 0},
        {RING1_DS, 0, 0},
        {SPARE, CODE(0, DESC_CONFORMING), SPARE},
        {SPARE, CODE(3, 0), SPARE},
        {SPARE, DATA(0, DESC_WRITABLE | DESC_EXPANDDOWN), 0},
        {3, 0, 3}, /* null, whatever its RPL */
        {GDT_ENTRIES * 8, 0, 0},
    };
    guest_init(&g);
    set_segment(&g, SPARE, rows[_i].desc);
    g.cpu.ds = g.cpu.es = g.cpu.fs = g.cpu.gs = rows[_i].selector;
    frame_outer(USER_CS, USER_DS);
    ck_assert_str_eq(iret(&g), "ok inner");
    ck_assert_uint_eq(g.cpu.ds, rows[_i].after);
    ck_assert_uint_eq(g.cpu.es, rows[_i].after);
    ck_assert_uint_eq(g.cpu.fs, rows[_i].after);
    ck_assert_uint_eq(g.cpu.gs, rows[_i].after);
}
END_TEST

START_TEST(cpu_94_sixteen_bit_outer_stack_keeps_the_high_half_of_esp)
{
    guest_init(&g);
    g.cpu.ss_desc = DESC_SEGMENT(0xFFFF0000u, 0xFFFFF, DESC_P | DESC_S | DESC_WRITABLE,
                                 DESC_FLAG_G | DESC_FLAG_DB);
    poke(&g, 0x6FEC, USER_CODE, 4);
    poke(&g, 0x6FF0, USER_CS, 4);
    poke(&g, 0x6FF4, FLAGS, 4);
    poke(&g, 0x6FF8, 0x5678, 4);
    poke(&g, 0x6FFC, SPARE | 3, 4);
    set_segment(&g, SPARE,
                DESC_SEGMENT(0, 0xFFFF, DESC_P | DESC_DPL(3) | DESC_S | DESC_WRITABLE, 0));
    g.cpu.sp = 0x16FEC;
    ck_assert_str_eq(iret(&g), "ok inner");
    ck_assert_uint_eq(g.cpu.sp, 0x15678);
}
END_TEST

START_TEST(cpu_95_never_raises_privilege)
{
    guest_init(&g);
    guest_at_user(&g);
    frame_same(0x2222, KERNEL_CS, FLAGS);
    assert_fails("#GP(8)");
    frame_same(0x2222, RING1_CS, FLAGS);
    assert_fails("#GP(28)");
}
END_TEST

#define POPPED                                                                                     \
    (EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF | EFLAGS_SF | EFLAGS_TF | EFLAGS_IF |           \
     EFLAGS_DF | EFLAGS_OF | EFLAGS_IOPL_M | EFLAGS_NT | EFLAGS_RF | EFLAGS_AC | EFLAGS_VIF |      \
     EFLAGS_VIP | EFLAGS_ID)
#define PRIVILEGED (EFLAGS_IOPL_M | EFLAGS_VIF | EFLAGS_VIP)

START_TEST(cpu_96_flags_at_cpl_0)
{
    guest_init(&g);
    g.cpu.flags = FLAGS;
    frame_same(0x2222, KERNEL_CS, POPPED | EFLAGS_RESERVED);
    ck_assert_str_eq(iret(&g), "ok");
    ck_assert_uint_eq(g.cpu.flags, POPPED | EFLAGS_RESERVED);
}
END_TEST

START_TEST(cpu_96_user_changes_if_only_with_iopl)
{
    static const struct {
        uint32_t iopl;
        uint32_t kept; /* what a popped "all ones" cannot set */
    } rows[] = {{0, PRIVILEGED | EFLAGS_IF}, {2, PRIVILEGED | EFLAGS_IF}, {3, PRIVILEGED}};
    guest_init(&g);
    guest_at_user(&g);
    g.cpu.flags = FLAGS | EFLAGS_IOPL(rows[_i].iopl);
    frame_same(0x2222, USER_CS, UINT32_MAX); /* VM at CPL 3 is no V86 return */
    ck_assert_str_eq(iret(&g), "ok");
    ck_assert_uint_eq(g.cpu.flags, FLAGS | EFLAGS_IOPL(rows[_i].iopl) | (POPPED & ~rows[_i].kept));
}
END_TEST

START_TEST(cpu_96_judged_by_the_level_before_the_return)
{
    guest_init(&g);
    g.cpu.flags = FLAGS; /* IOPL 0, but IRET runs at CPL 0 */
    frame_outer(USER_CS, USER_DS);
    ck_assert_str_eq(iret(&g), "ok inner");
    ck_assert_uint_eq(g.cpu.flags, FLAGS | EFLAGS_IF);
}
END_TEST

START_TEST(cpu_97_an_error_code_left_on_the_stack_is_taken_for_eip)
{
    guest_init(&g);
    frame_same(0x2222, KERNEL_CS, FLAGS);
    push_frame(&g, (const uint32_t[]){0}, 1);
    assert_fails("#GP(2220)"); /* EIP popped as CS */
}
END_TEST

UNIT_MAIN("idt_iret", UNIT_TEST(cpu_93_returns_to_the_same_level),
          UNIT_TEST(cpu_93_undoes_a_delivery), UNIT_TEST(cpu_94_undoes_an_inner_delivery),
          UNIT_LOOP(cpu_93_code_segment, 0, 10),
          UNIT_TEST(cpu_93_conforming_code_may_be_more_privileged_than_its_rpl),
          UNIT_TEST(cpu_93_eip_inside_the_code_limit),
          UNIT_TEST(cpu_93_same_level_needs_twelve_bytes_only),
          UNIT_TEST(cpu_94_eip_is_checked_for_an_outer_return_too),
          UNIT_LOOP(cpu_94_stack_segment, 0, 9), UNIT_TEST(cpu_94_frame_must_lie_on_the_stack),
          UNIT_LOOP(cpu_94_inner_segments_become_null, 0, 9),
          UNIT_TEST(cpu_94_sixteen_bit_outer_stack_keeps_the_high_half_of_esp),
          UNIT_TEST(cpu_95_never_raises_privilege), UNIT_TEST(cpu_96_flags_at_cpl_0),
          UNIT_LOOP(cpu_96_user_changes_if_only_with_iopl, 0, 3),
          UNIT_TEST(cpu_96_judged_by_the_level_before_the_return),
          UNIT_TEST(cpu_97_an_error_code_left_on_the_stack_is_taken_for_eip))
