/* SPDX-License-Identifier: MIT */
/*
 * test_idt_deliver.c - checks, frames and flags of 32-bit gates (CPU-22..55)
 */
#include "unit.h"
#include "idt_guest.h"

static guest_t g;

#define HW  IRQSIM_KIND_EXTERNAL
#define EXC IRQSIM_KIND_EXCEPTION
#define SW  IRQSIM_KIND_SOFTWARE

#define CODE(dpl, extra)                                                                           \
    DESC_SEGMENT(0, 0xFFFFF, DESC_P | DESC_DPL(dpl) | DESC_S | DESC_CODE | (extra),                \
                 DESC_FLAG_G | DESC_FLAG_DB)
#define DATA(dpl, extra)                                                                           \
    DESC_SEGMENT(0, 0xFFFFF, DESC_P | DESC_DPL(dpl) | DESC_S | (extra), DESC_FLAG_G | DESC_FLAG_DB)

/* A test that expects an exception also expects that nothing else happened. */
static void assert_fails(irqsim_event_kind_t kind, uint8_t vector, const char *exception)
{
    const irqsim_cpustate_t before = g.cpu;
    ck_assert_str_eq(deliver(&g, kind, vector), exception);
    ck_assert_mem_eq(&g.cpu, &before, sizeof(before));
}

static void gate_to(uint16_t selector)
{
    set_gate(&g, 0x40, DESC_INTERRUPT_GATE32(HANDLER, selector, 3));
}

/* What names the culprit: a vector, a GDT or an LDT selector; never its RPL. */
START_TEST(cpu_23_error_code_layout)
{
    guest_init(&g);
    set_gate(&g, 0xFF, 0);
    assert_fails(SW, 0xFF, "#GP(7FA)");
    gate_to(0xFFFB);
    assert_fails(SW, 0x40, "#GP(FFF8)");
    gate_to(0xFFFF);
    assert_fails(SW, 0x40, "#GP(FFFC)");
    assert_fails(HW, 0x40, "#GP(FFFD)");
}
END_TEST

START_TEST(cpu_25_ext_is_set_for_all_but_software)
{
    static const struct {
        irqsim_event_kind_t kind;
        const char *exception;
    } rows[] = {{IRQSIM_KIND_EXTERNAL, "#GP(203)"},
                {IRQSIM_KIND_NMI, "#GP(203)"},
                {IRQSIM_KIND_EXCEPTION, "#GP(203)"},
                {IRQSIM_KIND_ICEBP, "#GP(203)"},
                {IRQSIM_KIND_SOFTWARE, "#GP(202)"}};
    guest_init(&g);
    set_gate(&g, 0x40, 0);
    assert_fails(rows[_i].kind, 0x40, rows[_i].exception);
}
END_TEST

START_TEST(cpu_30_idt_limit_covers_the_whole_entry)
{
    guest_init(&g);
    g.cpu.idtr.limit = 0x40 * 8 + 6;
    assert_fails(HW, 0x40, "#GP(203)");
    g.cpu.idtr.limit = 0x40 * 8 + 7;
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok");
}
END_TEST

START_TEST(cpu_31_other_types_are_gp)
{
    static const unsigned handlers = 1 << DESC_TYPE_INTERRUPT16 | 1 << DESC_TYPE_TRAP16 |
                                     1 << DESC_TYPE_INTERRUPT32 | 1 << DESC_TYPE_TRAP32;
    guest_init(&g);
    set_gate(&g, 0x40, DESC_GATE(HANDLER, KERNEL_CS, DESC_P | (unsigned)_i));
    if (handlers >> _i & 1)
        ck_assert_str_eq(deliver(&g, HW, 0x40), "ok");
    else if (_i == DESC_TYPE_TASK_GATE) /* CPU-49: KERNEL_CS is no task */
        assert_fails(HW, 0x40, "#GP(9)");
    else
        assert_fails(HW, 0x40, "#GP(203)");
}
END_TEST

START_TEST(cpu_31_invalid_type_comes_before_dpl_and_presence)
{
    guest_init(&g);
    guest_at_user(&g);
    set_gate(&g, 0x40, DESC_GATE(HANDLER, KERNEL_CS, DESC_DPL(0)));
    assert_fails(SW, 0x40, "#GP(202)");
}
END_TEST

START_TEST(cpu_32_software_needs_the_gate_dpl)
{
    guest_init(&g);
    guest_at_user(&g);
    set_gate(&g, 5, DESC_INTERRUPT_GATE32(HANDLER, KERNEL_CS, 0));
    assert_fails(SW, 5, "#GP(2A)"); /* CPU-27 */
    ck_assert_str_eq(deliver(&g, EXC, 5), "ok inner");
}
END_TEST

START_TEST(cpu_32_hardware_nmi_and_icebp_ignore_the_gate_dpl)
{
    static const irqsim_event_kind_t kinds[] = {IRQSIM_KIND_EXTERNAL, IRQSIM_KIND_NMI,
                                                IRQSIM_KIND_ICEBP};
    guest_init(&g);
    guest_at_user(&g);
    set_gate(&g, 1, DESC_INTERRUPT_GATE32(HANDLER, KERNEL_CS, 0));
    ck_assert_str_eq(deliver(&g, kinds[_i], 1), "ok inner");
}
END_TEST

START_TEST(cpu_33_absent_gate_is_np_after_dpl)
{
    guest_init(&g);
    guest_at_user(&g);
    set_gate(&g, 0x40, DESC_INTERRUPT_GATE32(HANDLER, KERNEL_CS, 0) & ~((uint64_t)DESC_P << 40));
    assert_fails(SW, 0x40, "#GP(202)");
    assert_fails(HW, 0x40, "#NP(203)");
    set_gate(&g, 0x40, DESC_INTERRUPT_GATE32(HANDLER, KERNEL_CS, 3) & ~((uint64_t)DESC_P << 40));
    assert_fails(SW, 0x40, "#NP(202)");
}
END_TEST

START_TEST(cpu_34_null_code_selector)
{
    guest_init(&g);
    gate_to(3); /* any RPL */
    assert_fails(HW, 0x40, "#GP(1)");
    assert_fails(SW, 0x40, "#GP(0)");
}
END_TEST

START_TEST(cpu_35_code_selector_outside_its_table)
{
    guest_init(&g);
    gate_to(GDT_ENTRIES * 8 | 3); /* the error code has no RPL */
    assert_fails(HW, 0x40, "#GP(81)");
    gate_to(LDT_ENTRIES * 8 | SELECTOR_TI);
    assert_fails(SW, 0x40, "#GP(14)");
    g.cpu.gdtr.limit = KERNEL_CS + 6;
    gate_to(KERNEL_CS);
    assert_fails(SW, 0x40, "#GP(8)");
}
END_TEST

START_TEST(cpu_35_handler_in_the_ldt)
{
    guest_init(&g);
    set_segment(&g, 1 << 3 | SELECTOR_TI, DESC_FLAT_CODE32(0));
    gate_to(1 << 3 | SELECTOR_TI);
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok");
    ck_assert_uint_eq(g.cpu.cs, 0xC);
}
END_TEST

START_TEST(cpu_35_no_ldt_holds_nothing)
{
    guest_init(&g);
    g.cpu.ldtr = (irqsim_dtr_t){0};
    gate_to(SELECTOR_TI); /* index 0 of the LDT is not the null selector */
    assert_fails(HW, 0x40, "#GP(5)");
}
END_TEST

START_TEST(cpu_36_target_must_be_code_and_not_less_privileged)
{
    guest_init(&g);
    gate_to(KERNEL_DS);
    assert_fails(HW, 0x40, "#GP(11)");
    gate_to(TSS_SELECTOR);
    assert_fails(HW, 0x40, "#GP(39)");
    gate_to(USER_CS);
    assert_fails(HW, 0x40, "#GP(19)");
    set_segment(&g, SPARE, CODE(3, DESC_CONFORMING));
    gate_to(SPARE);
    assert_fails(HW, 0x40, "#GP(41)");
}
END_TEST

START_TEST(cpu_37_absent_code_segment)
{
    guest_init(&g);
    set_segment(&g, SPARE, CODE(0, 0) & ~((uint64_t)DESC_P << 40));
    gate_to(SPARE);
    assert_fails(HW, 0x40, "#NP(41)");
    set_segment(&g, SPARE, CODE(3, 0) & ~((uint64_t)DESC_P << 40));
    assert_fails(HW, 0x40, "#GP(41)"); /* CPU-36 comes first */
}
END_TEST

START_TEST(cpu_38_conforming_code_runs_at_the_old_level)
{
    guest_init(&g);
    guest_at_user(&g);
    set_segment(&g, SPARE, CODE(0, DESC_CONFORMING));
    gate_to(SPARE);
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok");
    ck_assert_uint_eq(g.cpu.cpl, 3);
    ck_assert_uint_eq(g.cpu.cs, SPARE | 3);
    ck_assert_uint_eq(g.cpu.ss, USER_DS);
    ck_assert_uint_eq(g.cpu.sp, USER_STACK - 12);
}
END_TEST

START_TEST(cpu_38_user_handler_of_a_user_event_stays_at_user)
{
    guest_init(&g);
    guest_at_user(&g);
    gate_to(USER_CS);
    ck_assert_str_eq(deliver(&g, SW, 0x40), "ok");
    ck_assert_uint_eq(g.cpu.cpl, 3);
    ck_assert_uint_eq(g.out.frame, 12);
}
END_TEST

START_TEST(cpu_40_stack_slot_inside_the_tss)
{
    guest_init(&g);
    guest_at_user(&g);
    g.cpu.tr.limit = TSS32_ESP0 + 4;
    assert_fails(HW, 0x40, "#TS(39)");
    assert_fails(SW, 0x40, "#TS(38)");
    g.cpu.tr.limit = TSS32_ESP0 + 5;
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok inner");
}
END_TEST

START_TEST(cpu_40_level_1_has_its_own_slot)
{
    guest_init(&g);
    guest_at_user(&g);
    gate_to(RING1_CS);
    g.cpu.tr.limit = TSS32_ESP(1) + 4;
    assert_fails(HW, 0x40, "#TS(39)");
    g.cpu.tr.limit = TSS32_ESP(1) + 5;
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok inner");
    ck_assert_uint_eq(g.cpu.cpl, 1);
    ck_assert_uint_eq(g.cpu.cs, RING1_CS);
    ck_assert_uint_eq(g.cpu.ss, RING1_DS);
    ck_assert_uint_eq(g.cpu.sp, RING1_STACK - 20);
}
END_TEST

/* Each wrong SS0, as the inner stack of a user's INT 0x40. */
START_TEST(cpu_41_inner_stack_segment)
{
    static const struct {
        uint16_t ss;
        uint64_t desc; /* of SPARE */
        const char *exception;
    } rows[] = {
        {0, 0, "#TS(1)"},
        {3, 0, "#TS(1)"},
        {GDT_ENTRIES * 8, 0, "#TS(81)"},
        {SPARE | 3, DATA(0, DESC_WRITABLE), "#TS(41)"},
        {SPARE, DATA(3, DESC_WRITABLE), "#TS(41)"},
        {SPARE, DATA(0, 0), "#TS(41)"},
        {SPARE, CODE(0, DESC_READABLE), "#TS(41)"},
        {SPARE, DESC_TSS32(0), "#TS(41)"},
        {SPARE, DATA(3, DESC_WRITABLE) & ~((uint64_t)DESC_P << 40), "#TS(41)"},
    };
    guest_init(&g);
    guest_at_user(&g);
    set_segment(&g, SPARE, rows[_i].desc);
    poke(&g, TSS + TSS32_SS0, rows[_i].ss, 2);
    assert_fails(HW, 0x40, rows[_i].exception);
}
END_TEST

START_TEST(cpu_42_absent_inner_stack_is_ss)
{
    guest_init(&g);
    guest_at_user(&g);
    set_segment(&g, SPARE, DATA(0, DESC_WRITABLE) & ~((uint64_t)DESC_P << 40));
    poke(&g, TSS + TSS32_SS0, SPARE, 2);
    assert_fails(HW, 0x40, "#SS(41)");
    assert_fails(SW, 0x40, "#SS(40)");
}
END_TEST

/* An expand-down stack holds offsets above its limit: exact room for `bytes`. */
static uint64_t stack_with_room(uint32_t top, uint32_t bytes)
{
    return DESC_SEGMENT(0, top - bytes - 1, DESC_P | DESC_S | DESC_WRITABLE | DESC_EXPANDDOWN,
                        DESC_FLAG_DB);
}

START_TEST(cpu_43_same_level_room)
{
    guest_init(&g);
    g.cpu.ss_desc = stack_with_room(0x7000, 11);
    assert_fails(HW, 0x40, "#SS(1)");
    assert_fails(SW, 0x40, "#SS(0)");
    g.cpu.ss_desc = stack_with_room(0x7000, 12);
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok");
}
END_TEST

START_TEST(cpu_43_an_error_code_needs_room_too)
{
    const irqsim_delivery_t gp = {.vector = VECTOR_GP, .kind = EXC, .has_error = 1};
    guest_init(&g);
    g.cpu.ss_desc = stack_with_room(0x7000, 15);
    ck_assert_str_eq(deliver_event(&g, gp), "#SS(1)");
    g.cpu.ss_desc = stack_with_room(0x7000, 16);
    ck_assert_str_eq(deliver_event(&g, gp), "ok");
}
END_TEST

START_TEST(cpu_43_inner_room)
{
    guest_init(&g);
    guest_at_user(&g);
    poke(&g, TSS + TSS32_SS0, SPARE, 2);
    set_segment(&g, SPARE, stack_with_room(KERNEL_STACK, 19));
    assert_fails(HW, 0x40, "#SS(41)");
    set_segment(&g, SPARE, stack_with_room(KERNEL_STACK, 20));
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok inner");
    ck_assert_uint_eq(g.cpu.ss, SPARE);
}
END_TEST

START_TEST(cpu_43_expand_up_limit)
{
    guest_init(&g);
    g.cpu.ss_desc = DESC_SEGMENT(0, 0x6FFE, DESC_P | DESC_S | DESC_WRITABLE, DESC_FLAG_DB);
    assert_fails(HW, 0x40, "#SS(1)");
    g.cpu.ss_desc = DESC_SEGMENT(0, 0x6FFF, DESC_P | DESC_S | DESC_WRITABLE, DESC_FLAG_DB);
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok");
}
END_TEST

START_TEST(cpu_43_sixteen_bit_stack_keeps_the_high_half_of_esp)
{
    guest_init(&g);
    g.cpu.ss_desc = DESC_SEGMENT(0x100, 0xFFFF, DESC_P | DESC_S | DESC_WRITABLE, 0);
    g.cpu.sp = 0xABCD7000;
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok");
    ck_assert_uint_eq(g.cpu.sp, 0xABCD6FF4);
    ck_assert_uint_eq(peek32(&g, 0x70F4), 0x1234);
}
END_TEST

START_TEST(cpu_43_frame_at_offset_zero_wraps_to_the_top)
{
    guest_init(&g);
    g.cpu.ss_desc =
        DESC_SEGMENT(0x7000, 0xFFFFF, DESC_P | DESC_S | DESC_WRITABLE, DESC_FLAG_G | DESC_FLAG_DB);
    g.cpu.sp = 0; /* offsets FFFFFFF4..FFFFFFFF, linear 6FF4..6FFF */
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok");
    ck_assert_uint_eq(g.cpu.sp, 0xFFFFFFF4);
    ck_assert_uint_eq(peek32(&g, 0x6FF4), 0x1234);
    g.cpu.sp = 4; /* a frame in two pieces does not fit */
    assert_fails(HW, 0x40, "#SS(1)");
}
END_TEST

START_TEST(cpu_44_handler_offset_inside_the_code_limit)
{
    guest_init(&g);
    gate_to(SPARE);
    set_segment(&g, SPARE, DESC_SEGMENT(0, HANDLER - 1, DESC_P | DESC_S | DESC_CODE, DESC_FLAG_DB));
    assert_fails(HW, 0x40, "#GP(1)");
    ck_assert_uint_eq(peek32(&g, 0x7000 - 12), 0); /* before the first push */
    g.cpu.ss_desc = stack_with_room(0x7000, 8);
    assert_fails(HW, 0x40, "#SS(1)"); /* CPU-43 comes first */
    g.cpu.ss_desc = 0;
    set_segment(&g, SPARE, DESC_SEGMENT(0, HANDLER, DESC_P | DESC_S | DESC_CODE, DESC_FLAG_DB));
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok");
}
END_TEST

START_TEST(cpu_45_code_selector_gets_the_new_level)
{
    guest_init(&g);
    guest_at_user(&g);
    gate_to(KERNEL_CS | 3);
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok inner");
    ck_assert_uint_eq(g.cpu.cs, KERNEL_CS);
    ck_assert_uint_eq(g.cpu.ip, HANDLER);
    ck_assert_uint_eq(g.cpu.cpl, 0);
}
END_TEST

START_TEST(cpu_46_same_level_frame)
{
    guest_init(&g);
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok");
    ck_assert_uint_eq(g.out.frame, 12);
    ck_assert_uint_eq(g.cpu.sp, 0x7000 - 12);
    ck_assert_uint_eq(peek32(&g, 0x7000 - 4), EFLAGS_RESERVED | EFLAGS_IF);
    ck_assert_uint_eq(peek32(&g, 0x7000 - 8), KERNEL_CS);
    ck_assert_uint_eq(peek32(&g, 0x7000 - 12), 0x1234);
}
END_TEST

START_TEST(cpu_46_inner_frame_with_error_code)
{
    const irqsim_delivery_t pf = {
        .vector = VECTOR_PF, .kind = EXC, .has_error = 1, .error = PF_ERROR_W | PF_ERROR_U};
    guest_init(&g);
    guest_at_user(&g);
    ck_assert_str_eq(deliver_event(&g, pf), "ok inner");
    ck_assert_uint_eq(g.out.frame, 24);
    ck_assert_uint_eq(g.cpu.sp, KERNEL_STACK - 24);
    ck_assert_uint_eq(g.cpu.ss, KERNEL_DS);
    ck_assert_uint_eq(g.cpu.ss_desc, DESC_FLAT_DATA32(0));
    ck_assert_uint_eq(peek32(&g, KERNEL_STACK - 4), USER_DS);
    ck_assert_uint_eq(peek32(&g, KERNEL_STACK - 8), USER_STACK);
    ck_assert_uint_eq(peek32(&g, KERNEL_STACK - 12), EFLAGS_RESERVED | EFLAGS_IF);
    ck_assert_uint_eq(peek32(&g, KERNEL_STACK - 16), USER_CS);
    ck_assert_uint_eq(peek32(&g, KERNEL_STACK - 20), USER_CODE);
    ck_assert_uint_eq(peek32(&g, KERNEL_STACK - 24), 6);
}
END_TEST

START_TEST(cpu_22_only_exceptions_push_an_error_code)
{
    guest_init(&g);
    ck_assert_str_eq(
        deliver_event(&g, (irqsim_delivery_t){.vector = VECTOR_GP, .kind = HW, .has_error = 1}),
        "ok");
    ck_assert_uint_eq(g.out.frame, 12); /* CPU-58: IRQ 5 at vector 13 */
    ck_assert_str_eq(
        deliver_event(&g, (irqsim_delivery_t){.vector = VECTOR_GP, .kind = SW, .has_error = 1}),
        "ok");
    ck_assert_uint_eq(g.out.frame, 12);
}
END_TEST

START_TEST(cpu_48_esp0_is_reloaded_and_never_saved)
{
    guest_init(&g);
    for (int i = 0; i < 2; i++) {
        guest_at_user(&g);
        ck_assert_str_eq(deliver(&g, HW, 0x40), "ok inner");
        ck_assert_uint_eq(g.cpu.sp, KERNEL_STACK - 20);
        ck_assert_uint_eq(peek32(&g, TSS + TSS32_ESP0), KERNEL_STACK);
    }
}
END_TEST

#define ALL_FLAGS                                                                                  \
    (EFLAGS_RESERVED | EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF | EFLAGS_SF | EFLAGS_TF |     \
     EFLAGS_IF | EFLAGS_DF | EFLAGS_OF | EFLAGS_IOPL_M | EFLAGS_NT | EFLAGS_RF | EFLAGS_AC |       \
     EFLAGS_VIF | EFLAGS_VIP | EFLAGS_ID)

/* Delivers with all flags set; answers those that the gate cleared. */
static uint64_t cleared_by(uint64_t gate)
{
    guest_init(&g);
    g.cpu.flags = ALL_FLAGS;
    set_gate(&g, 0x40, gate);
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok");
    return ALL_FLAGS & ~g.cpu.flags;
}

static const uint64_t both_gates[] = {DESC_INTERRUPT_GATE32(HANDLER, KERNEL_CS, 0),
                                      DESC_TRAP_GATE32(HANDLER, KERNEL_CS, 0)};

START_TEST(cpu_50_interrupt_gate_clears_if_trap_gate_does_not)
{
    ck_assert_uint_eq(cleared_by(both_gates[0]) & EFLAGS_IF, EFLAGS_IF);
    ck_assert_uint_eq(cleared_by(both_gates[1]) & EFLAGS_IF, 0);
}
END_TEST

START_TEST(cpu_50_trap_gate_does_not_set_if)
{
    guest_init(&g);
    g.cpu.flags = EFLAGS_RESERVED;
    set_gate(&g, 0x40, both_gates[1]);
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok");
    ck_assert_uint_eq(g.cpu.flags, EFLAGS_RESERVED);
}
END_TEST

START_TEST(cpu_51_tf_and_nt_are_cleared)
{
    ck_assert_uint_eq(cleared_by(both_gates[_i]) & (EFLAGS_TF | EFLAGS_NT), EFLAGS_TF | EFLAGS_NT);
}
END_TEST

START_TEST(cpu_52_rf_is_cleared_after_the_push)
{
    ck_assert_uint_eq(cleared_by(both_gates[_i]) & EFLAGS_RF, EFLAGS_RF);
    ck_assert_uint_eq(peek32(&g, 0x7000 - 4), ALL_FLAGS);
}
END_TEST

START_TEST(cpu_55_no_other_flag_changes)
{
    ck_assert_uint_eq(cleared_by(both_gates[_i]) & ~(EFLAGS_IF | EFLAGS_TF | EFLAGS_NT | EFLAGS_RF),
                      0);
}
END_TEST

START_TEST(cpu_47_pushed_flags_are_those_before)
{
    guest_init(&g);
    g.cpu.flags = EFLAGS_RESERVED | EFLAGS_IF | EFLAGS_TF | EFLAGS_NT;
    ck_assert_str_eq(deliver(&g, HW, 0x40), "ok");
    ck_assert_uint_eq(peek32(&g, 0x7000 - 4), EFLAGS_RESERVED | EFLAGS_IF | EFLAGS_TF | EFLAGS_NT);
}
END_TEST

START_TEST(cpu_53_set_rf_reaches_the_image_only)
{
    guest_init(&g);
    ck_assert_str_eq(
        deliver_event(&g, (irqsim_delivery_t){.vector = VECTOR_UD, .kind = EXC, .set_rf = 1}),
        "ok");
    ck_assert_uint_eq(peek32(&g, 0x7000 - 4), EFLAGS_RESERVED | EFLAGS_IF | EFLAGS_RF);
    ck_assert_uint_eq(g.cpu.flags, EFLAGS_RESERVED);
}
END_TEST

UNIT_MAIN(
    "idt_deliver", UNIT_LOOP(cpu_25_ext_is_set_for_all_but_software, 0, 5),
    UNIT_TEST(cpu_22_only_exceptions_push_an_error_code), UNIT_TEST(cpu_23_error_code_layout),
    UNIT_TEST(cpu_30_idt_limit_covers_the_whole_entry), UNIT_LOOP(cpu_31_other_types_are_gp, 0, 32),
    UNIT_TEST(cpu_31_invalid_type_comes_before_dpl_and_presence),
    UNIT_TEST(cpu_32_software_needs_the_gate_dpl),
    UNIT_LOOP(cpu_32_hardware_nmi_and_icebp_ignore_the_gate_dpl, 0, 3),
    UNIT_TEST(cpu_33_absent_gate_is_np_after_dpl), UNIT_TEST(cpu_34_null_code_selector),
    UNIT_TEST(cpu_35_code_selector_outside_its_table), UNIT_TEST(cpu_35_handler_in_the_ldt),
    UNIT_TEST(cpu_35_no_ldt_holds_nothing),
    UNIT_TEST(cpu_36_target_must_be_code_and_not_less_privileged),
    UNIT_TEST(cpu_37_absent_code_segment), UNIT_TEST(cpu_38_conforming_code_runs_at_the_old_level),
    UNIT_TEST(cpu_38_user_handler_of_a_user_event_stays_at_user),
    UNIT_TEST(cpu_40_stack_slot_inside_the_tss), UNIT_TEST(cpu_40_level_1_has_its_own_slot),
    UNIT_LOOP(cpu_41_inner_stack_segment, 0, 9), UNIT_TEST(cpu_42_absent_inner_stack_is_ss),
    UNIT_TEST(cpu_43_same_level_room), UNIT_TEST(cpu_43_an_error_code_needs_room_too),
    UNIT_TEST(cpu_43_inner_room), UNIT_TEST(cpu_43_expand_up_limit),
    UNIT_TEST(cpu_43_sixteen_bit_stack_keeps_the_high_half_of_esp),
    UNIT_TEST(cpu_43_frame_at_offset_zero_wraps_to_the_top),
    UNIT_TEST(cpu_44_handler_offset_inside_the_code_limit),
    UNIT_TEST(cpu_45_code_selector_gets_the_new_level), UNIT_TEST(cpu_46_same_level_frame),
    UNIT_TEST(cpu_46_inner_frame_with_error_code), UNIT_TEST(cpu_47_pushed_flags_are_those_before),
    UNIT_TEST(cpu_48_esp0_is_reloaded_and_never_saved),
    UNIT_TEST(cpu_50_interrupt_gate_clears_if_trap_gate_does_not),
    UNIT_TEST(cpu_50_trap_gate_does_not_set_if), UNIT_LOOP(cpu_51_tf_and_nt_are_cleared, 0, 2),
    UNIT_LOOP(cpu_52_rf_is_cleared_after_the_push, 0, 2),
    UNIT_LOOP(cpu_55_no_other_flag_changes, 0, 2), UNIT_TEST(cpu_53_set_rf_reaches_the_image_only))
