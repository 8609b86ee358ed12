/* SPDX-License-Identifier: MIT */
/*
 * test_idt_long.c - long mode: gates, stacks, frames and IRET (LM-01..15)
 */
#include "unit.h"
#include "idt_guest.h"

static guest_t g;

#define HW  IRQSIM_KIND_EXTERNAL
#define EXC IRQSIM_KIND_EXCEPTION
#define SW  IRQSIM_KIND_SOFTWARE

enum { VECTOR = 0x40, COMPAT_CS = SPARE | 3, IST1 = 0x9000, IST7 = 0xA000 };

#define FLAGS       (EFLAGS_RESERVED | EFLAGS_IF)
#define HIGH        UINT64_C(0xFFFF800000000000) /* lowest canonical address of the kernel's half */
#define LOW_END     UINT64_C(0x0000800000000000)
#define ABSENT_BIT  ((uint64_t)DESC_P << 40)
#define GATE(ist)   DESC_LONG_GATE_LOW(HANDLER, KERNEL_CS, ist, DESC_P | DESC_TYPE_INTERRUPT32)
#define CODE(flags) DESC_SEGMENT(0, 0xFFFFF, DESC_P | DESC_S | DESC_CODE, flags)

static void set_long_gate(unsigned vector, uint64_t low, uint64_t high)
{
    poke(&g, IDT + 16 * vector, low, 8);
    poke(&g, IDT + 16 * vector + 8, high, 8);
}

static void init(void)
{
    guest_init(&g);
    guest_to_long(&g);
    for (unsigned v = 0; v < 256; v++)
        set_long_gate(v, GATE(0) | (uint64_t)DESC_DPL(3) << 40, 0);
    set_segment(&g, COMPAT_CS, DESC_FLAT_CODE32(3));
    poke(&g, TSS + TSS64_IST(1), IST1, 8);
    poke(&g, TSS + TSS64_IST(7), IST7, 8);
}

static void at_compatibility(void)
{
    guest_at_user(&g);
    g.cpu.cs = COMPAT_CS;
    g.cpu.code64 = 0;
    g.cpu.ss_desc = DESC_FLAT_DATA32(3);
}

static uint64_t peek64(uint32_t addr)
{
    return peek32(&g, addr) | (uint64_t)peek32(&g, addr + 4) << 32;
}

static void assert_fails(irqsim_event_kind_t kind, const char *exception)
{
    const irqsim_cpustate_t before = g.cpu;
    ck_assert_str_eq(deliver(&g, kind, VECTOR), exception);
    ck_assert_mem_eq(&g.cpu, &before, sizeof(before));
}

static void assert_iret_fails(const char *exception)
{
    const irqsim_cpustate_t before = g.cpu;
    ck_assert_str_eq(iret_with_size(&g, 8), exception);
    ck_assert_mem_eq(&g.cpu, &before, sizeof(before));
}

/* ---- the way in ---- */

START_TEST(lm_01_limit_covers_all_sixteen_bytes)
{
    init();
    g.cpu.idtr.limit = 16 * VECTOR + 14;
    assert_fails(HW, "#GP(203)"); /* the error code counts in eights */
    assert_fails(SW, "#GP(202)");
    g.cpu.idtr.limit = 16 * VECTOR + 15;
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
}
END_TEST

START_TEST(lm_02_only_two_types)
{
    init();
    set_long_gate(VECTOR, DESC_LONG_GATE_LOW(HANDLER, KERNEL_CS, 0, DESC_P | (unsigned)_i), 0);
    if (_i == DESC_TYPE_INTERRUPT32 || _i == DESC_TYPE_TRAP32)
        ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
    else
        assert_fails(HW, "#GP(203)");
}
END_TEST

START_TEST(lm_03_type_then_dpl_then_presence)
{
    init();
    guest_at_user(&g);
    set_long_gate(VECTOR, DESC_LONG_GATE_LOW(HANDLER, KERNEL_CS, 0, DESC_TYPE_TRAP16), 0);
    assert_fails(SW, "#GP(202)");
    set_long_gate(VECTOR, DESC_LONG_GATE_LOW(HANDLER, KERNEL_CS, 0, DESC_TYPE_TRAP32), 0);
    assert_fails(SW, "#GP(202)");
    assert_fails(HW, "#NP(203)");
    set_long_gate(VECTOR, DESC_LONG_GATE_LOW(HANDLER, KERNEL_CS, 0, DESC_DPL(3) | DESC_TYPE_TRAP32),
                  0);
    assert_fails(SW, "#NP(202)");
}
END_TEST

START_TEST(lm_03_code_segment)
{
    static const struct {
        uint16_t selector;
        uint64_t desc; /* of SPARE */
        const char *exception;
    } rows[] = {
        {0, 0, "#GP(1)"},
        {3, 0, "#GP(1)"},
        {GDT_ENTRIES * 8, 0, "#GP(81)"},
        {LDT_ENTRIES * 8 | SELECTOR_TI, 0, "#GP(15)"},
        {SPARE, DESC_FLAT_DATA32(0), "#GP(41)"},
        {SPARE, DESC_CODE64(3), "#GP(41)"},
        {SPARE, CODE(DESC_FLAG_DB), "#GP(41)"}, /* 32-bit */
        {SPARE, CODE(0), "#GP(41)"},
        {SPARE, CODE(DESC_FLAG_L | DESC_FLAG_DB), "#GP(41)"},
        {SPARE, CODE(DESC_FLAG_DB) & ~ABSENT_BIT, "#GP(41)"}, /* L comes before P */
        {SPARE, CODE(DESC_FLAG_L) & ~ABSENT_BIT, "#NP(41)"},
    };
    init();
    set_segment(&g, SPARE, rows[_i].desc);
    set_long_gate(VECTOR,
                  DESC_LONG_GATE_LOW(HANDLER, rows[_i].selector, 0, DESC_P | DESC_TYPE_INTERRUPT32),
                  0);
    assert_fails(HW, rows[_i].exception);
}
END_TEST

START_TEST(lm_04_inner_stack_of_each_level)
{
    init();
    guest_at_user(&g);
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok inner");
    ck_assert_uint_eq(g.cpu.sp, KERNEL_STACK - 40);
    guest_at_user(&g);
    set_long_gate(VECTOR, DESC_LONG_GATE_LOW(HANDLER, RING1_CS, 0, DESC_P | DESC_TYPE_INTERRUPT32),
                  0);
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok inner");
    ck_assert_uint_eq(g.cpu.sp, RING1_STACK - 40);
    ck_assert_uint_eq(g.cpu.cpl, 1);
    ck_assert_uint_eq(g.cpu.ss, 1); /* LM-07 */
}
END_TEST

START_TEST(lm_04_ist_whatever_the_level)
{
    init();
    set_long_gate(VECTOR, GATE(1), 0);
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
    ck_assert_uint_eq(g.cpu.sp, IST1 - 40);
    ck_assert_uint_eq(g.out.ist, 1);
    ck_assert_uint_eq(g.cpu.ss, KERNEL_DS); /* LM-07 */
    guest_at_user(&g);
    set_long_gate(VECTOR, GATE(7), 0);
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok inner");
    ck_assert_uint_eq(g.cpu.sp, IST7 - 40);
    ck_assert_uint_eq(g.out.ist, 7);
    ck_assert_uint_eq(g.cpu.ss, 0);
}
END_TEST

START_TEST(lm_04_stack_slot_inside_the_tss)
{
    init();
    guest_at_user(&g);
    g.cpu.tr.limit = TSS64_RSP(0) + 6;
    assert_fails(HW, "#TS(39)");
    g.cpu.tr.limit = TSS64_RSP(0) + 7;
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok inner");
    set_long_gate(VECTOR, GATE(7), 0);
    g.cpu.tr.limit = 0x5A;
    assert_fails(HW, "#TS(39)");
    g.cpu.tr.limit = 0x5B;
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
}
END_TEST

START_TEST(lm_05_stack_must_be_canonical)
{
    static const struct {
        uint64_t rsp;
        const char *exception;
    } rows[] = {
        {LOW_END, "#SS(1)"},           {HIGH - 1, "#SS(1)"},
        {UINT64_C(1) << 63, "#SS(1)"}, {HIGH + 0x20, "#SS(1)"}, /* its frame is not */
        {HIGH + 0x30, "#PF(2)"},       {LOW_END - 1, "#PF(2)"},
    };
    init();
    g.cpu.sp = rows[_i].rsp;
    assert_fails(HW, rows[_i].exception);
    init();
    guest_at_user(&g);
    poke(&g, TSS + TSS64_RSP(0), rows[_i].rsp, 8);
    assert_fails(HW, rows[_i].exception);
    poke(&g, TSS + TSS64_IST(1), rows[_i].rsp, 8);
    set_long_gate(VECTOR, GATE(1), 0);
    assert_fails(HW, rows[_i].exception);
}
END_TEST

START_TEST(lm_05_aligned_before_the_first_push)
{
    init();
    g.cpu.sp = 0x7000 - (unsigned)_i;
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
    ck_assert_uint_eq(g.cpu.sp, (_i ? 0x6FF0 : 0x7000) - 40);
    ck_assert_uint_eq(peek64((uint32_t)g.cpu.sp + 24), 0x7000 - (unsigned)_i);
}
END_TEST

START_TEST(lm_06_five_slots)
{
    init();
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
    ck_assert_uint_eq(g.out.frame, 40);
    ck_assert_uint_eq(g.out.slot, 8);
    ck_assert_uint_eq(g.out.address, 0x7000 - 40);
    ck_assert_uint_eq(peek64(0x7000 - 8), KERNEL_DS);
    ck_assert_uint_eq(peek64(0x7000 - 16), 0x7000);
    ck_assert_uint_eq(peek64(0x7000 - 24), FLAGS);
    ck_assert_uint_eq(peek64(0x7000 - 32), KERNEL_CS);
    ck_assert_uint_eq(peek64(0x7000 - 40), 0x1234);
    ck_assert_uint_eq(g.cpu.ip, HANDLER);
    ck_assert_uint_eq(g.cpu.flags, EFLAGS_RESERVED);
}
END_TEST

START_TEST(lm_06_six_slots_with_an_error_code)
{
    const irqsim_delivery_t pf = {.vector = VECTOR_PF, .kind = EXC, .has_error = 1, .error = 6};
    init();
    guest_at_user(&g);
    g.cpu.ip = HIGH + 1; /* eight bytes of it */
    ck_assert_str_eq(deliver_event(&g, pf), "ok inner");
    ck_assert_uint_eq(g.out.frame, 48);
    ck_assert_uint_eq(g.cpu.sp, KERNEL_STACK - 48);
    ck_assert_uint_eq(peek64(KERNEL_STACK - 48), 6);
    ck_assert_uint_eq(peek64(KERNEL_STACK - 40), HIGH + 1);
    ck_assert_uint_eq(peek64(KERNEL_STACK - 8), USER_DS);
}
END_TEST

START_TEST(lm_07_null_stack_segment_after_a_change_of_level)
{
    init();
    guest_at_user(&g);
    g.cpu.ss_desc = DESC_FLAT_DATA32(3);
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok inner");
    ck_assert_uint_eq(g.cpu.ss, 0);
    ck_assert_uint_eq(g.cpu.ss_desc, 0);
    ck_assert_uint_eq(g.cpu.cpl, 0);
    ck_assert_uint_eq(g.cpu.ds | g.cpu.es, 0); /* as they were */
}
END_TEST

START_TEST(lm_08_handler_must_be_canonical)
{
    init();
    set_long_gate(VECTOR, GATE(0), LOW_END >> 32);
    assert_fails(HW, "#GP(1)");
    set_long_gate(VECTOR, GATE(0), HIGH >> 32);
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
    ck_assert_uint_eq(g.cpu.ip, HIGH + HANDLER);
    set_long_gate(VECTOR, GATE(0), LOW_END >> 32);
    g.cpu.sp = LOW_END;
    assert_fails(HW, "#SS(1)"); /* LM-05 comes first */
}
END_TEST

START_TEST(lm_10_from_compatibility_mode)
{
    init();
    at_compatibility();
    g.cpu.ip |= UINT64_C(0xABCD) << 32; /* means nothing there */
    g.cpu.sp |= UINT64_C(0xABCD) << 32;
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok inner");
    ck_assert_uint_eq(g.cpu.code64, 1);
    ck_assert_uint_eq(peek64(KERNEL_STACK - 16), USER_STACK);
    ck_assert_uint_eq(peek64(KERNEL_STACK - 32), COMPAT_CS);
    ck_assert_uint_eq(peek64(KERNEL_STACK - 40), USER_CODE);
}
END_TEST

/* Two events on one IST share its top: the second frame lies on the first. */
START_TEST(lm_15_nested_on_one_ist)
{
    init();
    set_long_gate(VECTOR, GATE(1), 0);
    ck_assert_str_eq(deliver(&g, IRQSIM_KIND_NMI, VECTOR), "ok");
    const uint64_t first = g.out.address;
    ck_assert_str_eq(deliver(&g, IRQSIM_KIND_NMI, VECTOR), "ok");
    ck_assert_uint_eq(g.out.ist, 1);
    ck_assert_uint_eq(g.out.address, first);
    ck_assert_uint_eq(peek64((uint32_t)first), HANDLER); /* 0x1234 is lost */
}
END_TEST

START_TEST(cpu_24_user_stack_faults_as_user)
{
    init();
    guest_at_user(&g);
    set_long_gate(VECTOR, DESC_LONG_GATE_LOW(HANDLER, USER_CS, 0, DESC_P | DESC_TYPE_INTERRUPT32),
                  0);
    g.hole = USER_STACK - 8;
    g.hole_end = USER_STACK;
    assert_fails(HW, "#PF(6)");
    ck_assert_uint_eq(g.out.address, USER_STACK - 8);
    g.cpu.sp = USER_STACK - 16;
    assert_iret_fails("#PF(4)");
}
END_TEST

/* ---- tables above 4 GiB ---- */

static bool high_read(void *user, uint64_t addr, void *dst, unsigned size)
{
    return addr >= HIGH && guest_read(user, addr - HIGH, dst, size);
}

static bool high_write(void *user, uint64_t addr, const void *src, unsigned size)
{
    return addr >= HIGH && guest_write(user, addr - HIGH, src, size);
}

START_TEST(lm_01_linear_addresses_have_64_bits)
{
    const irqsim_mem_t mem = {.read = high_read, .write = high_write, .user = &g};
    const irqsim_delivery_t ev = {.vector = VECTOR, .kind = HW};
    init();
    guest_at_user(&g);
    g.cpu.idtr.base += HIGH;
    g.cpu.gdtr.base += HIGH;
    g.cpu.tr.base += HIGH;
    poke(&g, TSS + TSS64_RSP(0), HIGH + KERNEL_STACK, 8);
    irqsim_idt_deliver(&g.cpu, &mem, &ev, &g.out);
    ck_assert_str_eq(outcome_text(&g.out), "ok inner");
    ck_assert_uint_eq(g.out.address, HIGH + KERNEL_STACK - 40);
    irqsim_idt_iret(&g.cpu, &mem, 8, &g.out);
    ck_assert_str_eq(outcome_text(&g.out), "ok inner");
    ck_assert_uint_eq(g.cpu.sp, USER_STACK);
}
END_TEST

/* ---- the way out ---- */

static void push_slots64(uint64_t ip, uint64_t cs, uint64_t flags, uint64_t sp, uint64_t ss)
{
    const uint64_t slots[] = {ip, cs, flags, sp, ss};
    g.cpu.sp -= sizeof(slots);
    for (unsigned n = 0; n < 5; n++)
        poke(&g, (uint32_t)g.cpu.sp + 8 * n, slots[n], 8);
}

/* A callback is asked for 1 to 104 bytes. */
static bool read_some(void *user, uint64_t addr, void *dst, unsigned size)
{
    ck_assert_uint_gt(size, 0);
    return guest_read(user, addr, dst, size);
}

START_TEST(lm_11_an_outer_return_of_64_bit_code_pops_once)
{
    const uint64_t slots[] = {0x1234, USER_CS, FLAGS, USER_STACK, USER_DS};

    init();
    g.cpu.sp = KERNEL_STACK - sizeof(slots);
    for (unsigned i = 0; i < 5; i++)
        poke(&g, KERNEL_STACK - 40 + 8 * i, slots[i], 8);
    const irqsim_mem_t mem = {.read = read_some, .write = guest_write, .user = &g};
    irqsim_idt_iret(&g.cpu, &mem, 8, &g.out);
    ck_assert_str_eq(outcome_text(&g.out), "ok inner");
}
END_TEST

START_TEST(lm_11_undoes_a_delivery)
{
    init();
    if (_i)
        guest_at_user(&g);
    g.cpu.ss_desc = DESC_FLAT_DATA32(_i ? 3 : 0);
    const irqsim_cpustate_t before = g.cpu;
    ck_assert_str_eq(deliver(&g, HW, VECTOR), _i ? "ok inner" : "ok");
    ck_assert_str_eq(iret_with_size(&g, 8), _i ? "ok inner" : "ok");
    ck_assert_uint_eq(g.out.frame, 40);
    ck_assert_mem_eq(&g.cpu, &before, sizeof(before));
}
END_TEST

START_TEST(lm_11_undoes_a_delivery_from_compatibility_mode)
{
    init();
    at_compatibility();
    const irqsim_cpustate_t before = g.cpu;
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok inner");
    ck_assert_str_eq(iret_with_size(&g, 8), "ok inner");
    ck_assert_mem_eq(&g.cpu, &before, sizeof(before));
}
END_TEST

START_TEST(lm_11_nested_task_is_gp)
{
    init();
    g.cpu.flags |= EFLAGS_NT;
    push_slots64(0x2222, KERNEL_CS, FLAGS, 0x7000, KERNEL_DS);
    assert_iret_fails("#GP(0)");
}
END_TEST

START_TEST(lm_11_code_segment_and_rip)
{
    static const struct {
        uint16_t cs;
        uint64_t desc; /* of SPARE */
        uint64_t rip;
        const char *outcome;
    } rows[] = {
        {0, 0, 0, "#GP(0)"},
        {GDT_ENTRIES * 8, 0, 0, "#GP(80)"},
        {SPARE, DESC_FLAT_DATA32(0), 0, "#GP(40)"},
        {SPARE, CODE(DESC_FLAG_L | DESC_FLAG_DB), 0, "#GP(40)"},
        {SPARE, CODE(DESC_FLAG_L | DESC_FLAG_DB) & ~ABSENT_BIT, 0, "#GP(40)"},
        {SPARE, CODE(DESC_FLAG_L) & ~ABSENT_BIT, 0, "#NP(40)"},
        {SPARE, CODE(DESC_FLAG_L), LOW_END, "#GP(0)"},
        {SPARE, CODE(DESC_FLAG_L), HIGH, "ok"},
        {SPARE, CODE(DESC_FLAG_DB), 0x100000, "#GP(0)"}, /* compatibility: EIP > limit */
        {SPARE, CODE(DESC_FLAG_DB), 0xFFFFF, "ok"},
    };
    init();
    set_segment(&g, SPARE, rows[_i].desc);
    push_slots64(rows[_i].rip, rows[_i].cs, FLAGS, 0x7000, KERNEL_DS);
    ck_assert_str_eq(iret_with_size(&g, 8), rows[_i].outcome);
    if (g.out.delivered)
        ck_assert_uint_eq(g.cpu.code64, rows[_i].rip == HIGH);
}
END_TEST

START_TEST(lm_11_null_stack_segment)
{
    static const struct {
        uint16_t cs, ss;
        const char *outcome;
    } rows[] = {
        {KERNEL_CS, 0, "ok"},
        {RING1_CS, 1, "ok inner"},
        {KERNEL_CS, 1, "#GP(0)"},        /* another level */
        {USER_CS, 3, "#GP(0)"},          /* level 3 */
        {SPARE, 0, "#GP(0)"},            /* compatibility */
        {USER_CS, KERNEL_DS, "#GP(10)"}, /* CPU-94 */
        {KERNEL_CS, USER_DS, "#GP(20)"}, /* also without a change of level */
    };
    init();
    set_segment(&g, SPARE, CODE(DESC_FLAG_DB));
    push_slots64(0x2222, rows[_i].cs, FLAGS, 0x7000, rows[_i].ss);
    ck_assert_str_eq(iret_with_size(&g, 8), rows[_i].outcome);
    if (g.out.delivered)
        ck_assert_uint_eq(g.cpu.ss, rows[_i].ss);
}
END_TEST

START_TEST(lm_11_narrow_pops_are_as_many)
{
    static const uint32_t slots[] = {0x2222, KERNEL_CS, FLAGS, 0x6000, KERNEL_DS};
    init();
    push_frame(&g, slots, 5);
    ck_assert_str_eq(iret_with_size(&g, 4), "ok");
    ck_assert_uint_eq(g.out.frame, 20);
    ck_assert_uint_eq(g.cpu.ip, 0x2222);
    ck_assert_uint_eq(g.cpu.sp, 0x6000);
}
END_TEST

/* Compatibility mode pops SP and SS on an outer return only, and from its own SS. */
START_TEST(lm_11_from_compatibility_mode)
{
    init();
    at_compatibility();
    g.cpu.ss_desc =
        DESC_SEGMENT(0x1000, 0xFFFFF, DESC_P | DESC_DPL(3) | DESC_S | DESC_WRITABLE, DESC_FLAG_DB);
    g.cpu.sp = 0x5000;
    poke(&g, 0x6000, 0x2222, 4);
    poke(&g, 0x6004, COMPAT_CS, 4);
    poke(&g, 0x6008, FLAGS | EFLAGS_CF, 4);
    ck_assert_str_eq(iret(&g), "ok");
    ck_assert_uint_eq(g.out.frame, 12);
    ck_assert_uint_eq(g.cpu.ip, 0x2222);
    ck_assert_uint_eq(g.cpu.sp, 0x500C);
    ck_assert_uint_eq(g.cpu.ss, USER_DS);
    ck_assert_uint_eq(g.cpu.code64, 0);
    g.cpu.sp = 0xFFFF8; /* 12 bytes are not there */
    ck_assert_str_eq(iret(&g), "#SS(0)");
}
END_TEST

START_TEST(lm_11_outer_return_from_compatibility_mode)
{
    init();
    at_compatibility();
    g.cpu.cpl = 0;
    g.cpu.ss_desc = 0;
    g.cpu.ds = KERNEL_DS;
    push_frame(&g, (const uint32_t[]){0x2222, USER_CS, FLAGS, 0x4444, USER_DS}, 5);
    ck_assert_str_eq(iret(&g), "ok inner");
    ck_assert_uint_eq(g.out.frame, 20);
    ck_assert_uint_eq(g.cpu.sp, 0x4444);
    ck_assert_uint_eq(g.cpu.code64, 1);
    ck_assert_uint_eq(g.cpu.ds, 0); /* CPU-94 */
}
END_TEST

START_TEST(lm_11_stack_must_be_canonical)
{
    init();
    g.cpu.sp = LOW_END - 39;
    assert_iret_fails("#SS(0)");
    g.cpu.sp = LOW_END - 40;
    assert_iret_fails("#PF(0)");
    ck_assert_uint_eq(g.out.address, LOW_END - 40);
}
END_TEST

START_TEST(lm_12_v86_cannot_be_entered)
{
    init();
    push_slots64(0x2222, KERNEL_CS, FLAGS | EFLAGS_VM | EFLAGS_ID, 0x7000, KERNEL_DS);
    ck_assert_str_eq(iret_with_size(&g, 8), "ok");
    ck_assert_uint_eq(g.cpu.flags, FLAGS | EFLAGS_ID);
    ck_assert_uint_eq(g.cpu.mode, IRQSIM_MODE_LONG);
}
END_TEST

START_TEST(lm_14_second_fault_on_the_ist_of_df_is_shutdown)
{
    const irqsim_delivery_t df = {.vector = VECTOR_DF, .kind = EXC, .has_error = 1};
    init();
    set_long_gate(VECTOR_DF, GATE(1), 0);
    poke(&g, TSS + TSS64_IST(1), LOW_END, 8);
    ck_assert_str_eq(deliver_event(&g, df), "#SS(1)");
    ck_assert_int_eq(irqsim_exc_combine(VECTOR_DF, EXC, VECTOR_SS), -1);
}
END_TEST

UNIT_MAIN("idt_long", UNIT_TEST(lm_11_an_outer_return_of_64_bit_code_pops_once),
          UNIT_TEST(lm_01_limit_covers_all_sixteen_bytes), UNIT_LOOP(lm_02_only_two_types, 0, 32),
          UNIT_TEST(lm_03_type_then_dpl_then_presence), UNIT_LOOP(lm_03_code_segment, 0, 11),
          UNIT_TEST(lm_04_inner_stack_of_each_level), UNIT_TEST(lm_04_ist_whatever_the_level),
          UNIT_TEST(lm_04_stack_slot_inside_the_tss),
          UNIT_LOOP(lm_05_stack_must_be_canonical, 0, 6),
          UNIT_LOOP(lm_05_aligned_before_the_first_push, 0, 16), UNIT_TEST(lm_06_five_slots),
          UNIT_TEST(lm_06_six_slots_with_an_error_code),
          UNIT_TEST(lm_07_null_stack_segment_after_a_change_of_level),
          UNIT_TEST(lm_08_handler_must_be_canonical), UNIT_TEST(lm_10_from_compatibility_mode),
          UNIT_TEST(lm_15_nested_on_one_ist), UNIT_TEST(cpu_24_user_stack_faults_as_user),
          UNIT_TEST(lm_01_linear_addresses_have_64_bits), UNIT_LOOP(lm_11_undoes_a_delivery, 0, 2),
          UNIT_TEST(lm_11_undoes_a_delivery_from_compatibility_mode),
          UNIT_TEST(lm_11_nested_task_is_gp), UNIT_LOOP(lm_11_code_segment_and_rip, 0, 10),
          UNIT_LOOP(lm_11_null_stack_segment, 0, 7), UNIT_TEST(lm_11_narrow_pops_are_as_many),
          UNIT_TEST(lm_11_from_compatibility_mode),
          UNIT_TEST(lm_11_outer_return_from_compatibility_mode),
          UNIT_TEST(lm_11_stack_must_be_canonical), UNIT_TEST(lm_12_v86_cannot_be_entered),
          UNIT_TEST(lm_14_second_fault_on_the_ist_of_df_is_shutdown))
