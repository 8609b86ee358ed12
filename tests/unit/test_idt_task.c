/* SPDX-License-Identifier: MIT */
/*
 * test_idt_task.c - task gates, and IRET from a nested task (CPU-49, CPU-91)
 *
 * The old task is idt_guest.h's, the new one a second TSS behind vector 8, as a
 * kernel's double fault handler is.
 */
#include "unit.h"
#include "idt_guest.h"

static guest_t g;

#define HW  IRQSIM_KIND_EXTERNAL
#define EXC IRQSIM_KIND_EXCEPTION
#define SW  IRQSIM_KIND_SOFTWARE

enum {
    VECTOR = 8,
    NEW = 9 << 3, /* selector of the new task    */
    NEW_LDT = 10 << 3,
    NEW_TSS = 0x3200, /* its TSS, 32- or 16-bit      */
    NEW_STACK = 0xB000,
    NEW_CODE = 0x4800,
    NEW_CR3 = 0x9000
};

#define ABSENT(desc) ((desc) & ~((uint64_t)DESC_P << 40))
#define LDT_DESC     DESC_SEGMENT(LDT, LDT_ENTRIES * 8 - 1, DESC_P | DESC_TYPE_LDT, 0)

static void put32_at(uint32_t offset, uint32_t value)
{
    poke(&g, NEW_TSS + offset, value, 4);
}

static void init(void)
{
    guest_init(&g);
    set_segment(&g, TSS_SELECTOR, DESC_TSS32(TSS) | (uint64_t)DESC_TSS_BUSY << 40);
    set_segment(&g, NEW, DESC_TSS32(NEW_TSS));
    set_segment(&g, NEW_LDT, LDT_DESC);
    set_gate(&g, VECTOR, DESC_TASK_GATE(NEW, 3));
    put32_at(TSS32_CR3, NEW_CR3);
    put32_at(TSS32_EIP, NEW_CODE);
    put32_at(TSS32_EFLAGS, EFLAGS_RESERVED | EFLAGS_IF);
    for (unsigned n = 0; n < 8; n++)
        put32_at(TSS32_EAX + 4 * n, n == IRQSIM_ESP ? NEW_STACK : 0x22220000 + n);
    const uint32_t segments[] = {USER_DS & ~3, KERNEL_CS, KERNEL_DS, USER_DS, 0, KERNEL_DS};
    for (unsigned n = 0; n < 6; n++)
        put32_at(TSS32_ES + 4 * n, segments[n]);
    put32_at(TSS32_LDT, NEW_LDT);
    g.cpu.ds = g.cpu.es = KERNEL_DS;
    g.cpu.fs = USER_DS;
    for (unsigned n = 0; n < 8; n++)
        g.cpu.gpr[n] = 0x11110000 + n;
}

static uint8_t type_of(uint16_t selector)
{
    return g.memory[GDT + selector + 5] & DESC_TYPE_M;
}

static void assert_fails(irqsim_event_kind_t kind, const char *exception)
{
    const irqsim_cpustate_t before = g.cpu;
    ck_assert_str_eq(deliver(&g, kind, VECTOR), exception);
    ck_assert_mem_eq(&g.cpu, &before, sizeof(before));
    ck_assert_uint_eq(g.out.task, 0);
}

START_TEST(cpu_49_registers_come_from_the_new_tss)
{
    init();
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
    ck_assert_uint_eq(g.out.task, NEW);
    ck_assert_uint_eq(g.out.frame, 0);
    ck_assert_uint_eq(g.cpu.ip, NEW_CODE);
    ck_assert_uint_eq(g.cpu.sp, NEW_STACK);
    for (unsigned n = 0; n < 8; n++)
        ck_assert_uint_eq(g.cpu.gpr[n], n == IRQSIM_ESP ? NEW_STACK : 0x22220000 + n);
    ck_assert_uint_eq(g.cpu.cs, KERNEL_CS);
    ck_assert_uint_eq(g.cpu.ss, KERNEL_DS);
    ck_assert_uint_eq(g.cpu.ss_desc, DESC_FLAT_DATA32(0));
    ck_assert_uint_eq(g.cpu.es, USER_DS & ~3);
    ck_assert_uint_eq(g.cpu.ds, USER_DS);
    ck_assert_uint_eq(g.cpu.fs, 0);
    ck_assert_uint_eq(g.cpu.gs, KERNEL_DS);
    ck_assert_uint_eq(g.cpu.ts, 1);
    ck_assert_uint_eq(g.cpu.tr.selector, NEW);
    ck_assert_uint_eq(g.cpu.tr.base, NEW_TSS);
    ck_assert_uint_eq(g.cpu.tr.limit, TSS32_SIZE - 1);
    ck_assert_uint_eq(g.cpu.tr.type, DESC_TYPE_TSS32_BUSY);
    ck_assert_uint_eq(g.cpu.ldtr.selector, NEW_LDT);
    ck_assert_uint_eq(g.cpu.ldtr.base, LDT);
    ck_assert_uint_eq(g.cpu.ldtr.limit, LDT_ENTRIES * 8 - 1);
}
END_TEST

START_TEST(cpu_49_registers_go_to_the_old_tss)
{
    init();
    guest_at_user(&g);
    const irqsim_cpustate_t old = g.cpu;
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
    ck_assert_uint_eq(peek32(&g, TSS + TSS32_EIP), old.ip);
    ck_assert_uint_eq(peek32(&g, TSS + TSS32_EFLAGS), old.flags);
    for (unsigned n = 0; n < 8; n++)
        ck_assert_uint_eq(peek32(&g, TSS + TSS32_EAX + 4 * n),
                          n == IRQSIM_ESP ? USER_STACK : old.gpr[n]);
    const uint16_t segments[] = {old.es, old.cs, old.ss, old.ds, old.fs, old.gs};
    for (unsigned n = 0; n < 6; n++)
        ck_assert_uint_eq(peek16(&g, TSS + TSS32_ES + 4 * n), segments[n]);
    ck_assert_uint_eq(peek32(&g, TSS + TSS32_ESP0), KERNEL_STACK); /* CPU-48 */
}
END_TEST

START_TEST(cpu_49_nested_link_busy_and_nt)
{
    init();
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
    ck_assert_uint_eq(peek16(&g, NEW_TSS + TSS32_LINK), TSS_SELECTOR);
    ck_assert_uint_eq(type_of(TSS_SELECTOR), DESC_TYPE_TSS32_BUSY);
    ck_assert_uint_eq(type_of(NEW), DESC_TYPE_TSS32_BUSY);
    ck_assert_uint_eq(g.cpu.flags, EFLAGS_RESERVED | EFLAGS_IF | EFLAGS_NT); /* IF: the TSS's */
}
END_TEST

START_TEST(cpu_49_not_reentrant)
{
    init();
    ck_assert_str_eq(deliver(&g, EXC, VECTOR), "ok");
    assert_fails(EXC, "#GP(49)");
    ck_assert_int_eq(irqsim_exc_combine(VECTOR_DF, EXC, VECTOR_GP), -1); /* shutdown */
}
END_TEST

START_TEST(cpu_49_selector_and_descriptor)
{
    static const struct {
        uint16_t selector;
        uint64_t desc; /* of NEW */
        const char *exception;
    } rows[] = {
        {NEW | SELECTOR_TI, DESC_TSS32(NEW_TSS), "#GP(4D)"},
        {GDT_ENTRIES * 8, DESC_TSS32(NEW_TSS), "#GP(81)"},
        {0, DESC_TSS32(NEW_TSS), "#GP(1)"},
        {TSS_SELECTOR, 0, "#GP(39)"}, /* busy */
        {NEW, DESC_FLAT_CODE32(0), "#GP(49)"},
        {NEW, LDT_DESC, "#GP(49)"},
        {NEW, ABSENT(DESC_TSS32(NEW_TSS)), "#NP(49)"},
        {NEW | 3, ABSENT(DESC_TSS32(NEW_TSS)), "#NP(49)"}, /* no RPL in it, none checked */
        {NEW, DESC_SEGMENT(NEW_TSS, TSS32_SIZE - 2, DESC_P | DESC_TYPE_TSS32_AVAIL, 0), "#TS(49)"},
        {NEW, DESC_SEGMENT(NEW_TSS, TSS16_SIZE - 2, DESC_P | DESC_TYPE_TSS16_AVAIL, 0), "#TS(49)"},
    };
    init();
    set_segment(&g, NEW, rows[_i].desc);
    set_gate(&g, VECTOR, DESC_TASK_GATE(rows[_i].selector, 3));
    assert_fails(HW, rows[_i].exception);
}
END_TEST

START_TEST(cpu_49_entry_0_of_the_gdt_is_no_task)
{
    init();
    set_segment(&g, 0, DESC_TSS32(NEW_TSS));
    set_gate(&g, VECTOR, DESC_TASK_GATE(0, 3));
    assert_fails(HW, "#GP(1)");
}
END_TEST

START_TEST(cpu_49_gate_is_checked_like_any_other)
{
    init();
    guest_at_user(&g);
    set_gate(&g, VECTOR, DESC_TASK_GATE(NEW, 0));
    assert_fails(SW, "#GP(42)");
    set_gate(&g, VECTOR, ABSENT(DESC_TASK_GATE(NEW, 3)));
    assert_fails(SW, "#NP(42)");
}
END_TEST

START_TEST(cpu_49_old_tss_must_have_room)
{
    init();
    g.cpu.tr.limit = TSS32_LDT - 2;
    assert_fails(HW, "#TS(39)");
    g.cpu.tr.limit = TSS32_LDT - 1;
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
}
END_TEST

START_TEST(cpu_49_error_code_on_the_new_stack)
{
    const irqsim_delivery_t df = {.vector = VECTOR, .kind = EXC, .has_error = 1, .error = 0xE};
    init();
    ck_assert_str_eq(deliver_event(&g, df), "ok");
    ck_assert_uint_eq(g.out.frame, 4);
    ck_assert_uint_eq(g.out.slot, 4);
    ck_assert_uint_eq(g.out.address, NEW_STACK - 4);
    ck_assert_uint_eq(g.cpu.sp, NEW_STACK - 4);
    ck_assert_uint_eq(peek32(&g, NEW_STACK - 4), 0xE);
}
END_TEST

START_TEST(cpu_53_fault_saves_rf_in_the_old_tss)
{
    init();
    deliver_event(&g, (irqsim_delivery_t){.vector = VECTOR, .kind = EXC, .set_rf = 1});
    ck_assert_uint_eq(peek32(&g, TSS + TSS32_EFLAGS), EFLAGS_RESERVED | EFLAGS_IF | EFLAGS_RF);
    ck_assert_uint_eq(g.cpu.flags & EFLAGS_RF, 0);
}
END_TEST

START_TEST(cpu_70_t_bit_is_reported)
{
    init();
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
    ck_assert_uint_eq(g.out.task_trap, 0);
    init();
    put32_at(TSS32_TRAP, 1);
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
    ck_assert_uint_eq(g.out.task_trap, 1);
}
END_TEST

/* ---- faults of the new task ---- */

#define CODE(dpl, extra)                                                                           \
    DESC_SEGMENT(0, 0xFFFFF, DESC_P | DESC_DPL(dpl) | DESC_S | DESC_CODE | (extra),                \
                 DESC_FLAG_G | DESC_FLAG_DB)

/* One slot of the new TSS names what is wrong; SPARE has the given descriptor. */
START_TEST(cpu_11_segments_are_checked_in_the_new_task)
{
    static const struct {
        uint32_t slot;
        uint16_t selector;
        uint64_t desc; /* of SPARE */
        const char *exception;
    } rows[] = {
        {TSS32_LDT, 1 << 3 | SELECTOR_TI, 0, "#TS(D)"},
        {TSS32_LDT, GDT_ENTRIES * 8, 0, "#TS(81)"},
        {TSS32_LDT, SPARE, DESC_FLAT_DATA32(0), "#TS(41)"},
        {TSS32_LDT, SPARE, ABSENT(LDT_DESC), "#TS(41)"},
        {TSS32_ES + 4, 0, 0, "#TS(1)"},
        {TSS32_ES + 4, GDT_ENTRIES * 8, 0, "#TS(81)"},
        {TSS32_ES + 4, SPARE, DESC_FLAT_DATA32(0), "#TS(41)"},
        {TSS32_ES + 4, SPARE, CODE(3, 0), "#TS(41)"},
        {TSS32_ES + 4, SPARE, CODE(1, DESC_CONFORMING), "#TS(41)"},
        {TSS32_ES + 4, SPARE, ABSENT(CODE(0, 0)), "#NP(41)"},
        {TSS32_ES + 8, 0, 0, "#TS(1)"},
        {TSS32_ES + 8, GDT_ENTRIES * 8, 0, "#TS(81)"},
        {TSS32_ES + 8, SPARE | 3, DESC_FLAT_DATA32(0), "#TS(41)"},
        {TSS32_ES + 8, SPARE, DESC_FLAT_DATA32(3), "#TS(41)"},
        {TSS32_ES + 8, SPARE, CODE(0, DESC_READABLE), "#TS(41)"},
        {TSS32_ES + 8, SPARE, ABSENT(DESC_FLAT_DATA32(0)), "#SS(41)"},
        {TSS32_ES, GDT_ENTRIES * 8, 0, "#TS(81)"},
        {TSS32_ES, SPARE, CODE(0, 0), "#TS(41)"}, /* execute only */
        {TSS32_ES, SPARE, DESC_TSS32(0), "#TS(41)"},
        {TSS32_ES, SPARE | 3, DESC_FLAT_DATA32(0), "#TS(41)"},
        {TSS32_ES, SPARE, ABSENT(DESC_FLAT_DATA32(0)), "#NP(41)"},
        {TSS32_ES + 12, GDT_ENTRIES * 8, 0, "#TS(81)"},
        {TSS32_ES + 16, GDT_ENTRIES * 8, 0, "#TS(81)"},
        {TSS32_ES + 20, GDT_ENTRIES * 8, 0, "#TS(81)"},
    };
    init();
    set_segment(&g, SPARE, rows[_i].desc);
    poke(&g, NEW_TSS + rows[_i].slot, rows[_i].selector, 2);
    ck_assert_str_eq(deliver(&g, HW, VECTOR), rows[_i].exception);
    ck_assert_uint_eq(g.out.task, NEW);
    ck_assert_uint_eq(g.cpu.ip, NEW_CODE); /* the new task's, before its first instruction */
    ck_assert_uint_eq(g.cpu.tr.selector, NEW);
    ck_assert_uint_eq(type_of(NEW), DESC_TYPE_TSS32_BUSY);
}
END_TEST

START_TEST(cpu_11_what_a_new_task_may_hold)
{
    static const struct {
        uint32_t slot;
        uint16_t selector;
        uint64_t desc; /* of SPARE */
    } rows[] = {
        {TSS32_LDT, 3, 0},
        {TSS32_ES + 4, SPARE, CODE(0, DESC_CONFORMING)},
        {TSS32_ES, 3, 0},
        {TSS32_ES, SPARE | 3, CODE(0, DESC_CONFORMING | DESC_READABLE)},
        {TSS32_ES, SPARE, DESC_SEGMENT(0, 0, DESC_P | DESC_S, 0)}, /* read-only */
    };
    init();
    set_segment(&g, SPARE, rows[_i].desc);
    poke(&g, NEW_TSS + rows[_i].slot, rows[_i].selector, 2);
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
}
END_TEST

START_TEST(cpu_49_no_ldt_holds_nothing)
{
    init();
    put32_at(TSS32_LDT, 0);
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
    ck_assert_uint_eq(g.cpu.ldtr.base, 0);
    ck_assert_uint_eq(g.cpu.ldtr.limit, 0);
    ck_assert_uint_eq(g.cpu.ldtr.selector, 0);
}
END_TEST

/* Its level is the RPL of its CS, whatever level the code segment conforms to. */
START_TEST(cpu_11_user_task)
{
    static const struct {
        uint16_t ds;
        const char *outcome;
    } rows[] = {{USER_DS, "ok"}, {KERNEL_DS, "#TS(11)"}, {KERNEL_DS | 3, "#TS(11)"}};
    init();
    set_segment(&g, SPARE, CODE(0, DESC_CONFORMING));
    put32_at(TSS32_ES, 0);
    put32_at(TSS32_ES + 4, SPARE | 3);
    put32_at(TSS32_ES + 8, USER_DS);
    put32_at(TSS32_ES + 12, rows[_i].ds);
    put32_at(TSS32_ES + 20, 0);
    ck_assert_str_eq(deliver(&g, HW, VECTOR), rows[_i].outcome);
    ck_assert_uint_eq(g.cpu.cpl, 3);
}
END_TEST

START_TEST(cpu_11_first_checked_first_raised)
{
    static const uint32_t order[] = {TSS32_LDT,     TSS32_ES + 4,  TSS32_ES + 8, TSS32_ES,
                                     TSS32_ES + 12, TSS32_ES + 16, TSS32_ES + 20};
    char expected[16];
    init();
    for (unsigned n = (unsigned)_i; n < 7; n++)
        put32_at(order[n], (GDT_ENTRIES + n) * 8);
    snprintf(expected, sizeof(expected), "#TS(%X)", (GDT_ENTRIES + (unsigned)_i) * 8 + 1);
    ck_assert_str_eq(deliver(&g, HW, VECTOR), expected);
}
END_TEST

/* An SS that failed, or that was not reached, is no stack. */
START_TEST(cpu_11_unchecked_stack_holds_nothing)
{
    init();
    put32_at(TSS32_ES + 4, 0);
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "#TS(1)");
    ck_assert_str_eq(deliver(&g, EXC, VECTOR_TS), "#SS(1)");
}
END_TEST

START_TEST(cpu_49_new_stack_must_hold_the_error_code)
{
    const irqsim_delivery_t df = {.vector = VECTOR, .kind = EXC, .has_error = 1};
    init();
    put32_at(TSS32_ES + 8, SPARE);
    set_segment(&g, SPARE, DESC_SEGMENT(0, NEW_STACK - 2, DESC_P | DESC_S | DESC_WRITABLE, 0));
    ck_assert_str_eq(deliver_event(&g, df), "#SS(1)");
    ck_assert_uint_eq(g.out.task, NEW);
    ck_assert_uint_eq(g.cpu.sp, NEW_STACK);
}
END_TEST

START_TEST(cpu_49_eip_is_checked_last)
{
    const irqsim_delivery_t df = {.vector = VECTOR, .kind = EXC, .has_error = 1};
    init();
    put32_at(TSS32_ES + 4, SPARE);
    set_segment(&g, SPARE,
                DESC_SEGMENT(0, NEW_CODE - 1, DESC_P | DESC_S | DESC_CODE, DESC_FLAG_DB));
    ck_assert_str_eq(deliver_event(&g, df), "#GP(1)");
    ck_assert_uint_eq(g.cpu.sp, NEW_STACK - 4); /* the error code is pushed */
}
END_TEST

/* ---- memory ---- */

START_TEST(cpu_49_fault_before_the_commit_is_the_old_tasks)
{
    static const struct {
        uint32_t hole, error;
    } rows[] = {
        {IDT + 8 * VECTOR, 0},         {GDT + NEW, 0},
        {TSS + TSS32_EIP, PF_ERROR_W}, {TSS + TSS32_ES + 20, PF_ERROR_W},
        {NEW_TSS + TSS32_EFLAGS, 0},   {NEW_TSS + TSS32_TRAP, 0},
    };
    init();
    guest_at_user(&g);
    g.hole = rows[_i].hole;
    g.hole_end = g.hole + 4;
    assert_fails(HW, rows[_i].error ? "#PF(2)" : "#PF(0)");
    ck_assert_uint_eq(g.out.address, rows[_i].hole);
    ck_assert_uint_eq(type_of(NEW), DESC_TYPE_TSS32_AVAIL);
}
END_TEST

START_TEST(cpu_24_refused_stack_of_the_new_task)
{
    const irqsim_delivery_t df = {.vector = VECTOR, .kind = EXC, .has_error = 1};
    init();
    g.hole = NEW_STACK - 4;
    g.hole_end = NEW_STACK;
    ck_assert_str_eq(deliver_event(&g, df), "#PF(2)");
    ck_assert_uint_eq(g.out.task, NEW);
    ck_assert_uint_eq(g.out.address, NEW_STACK - 4);
}
END_TEST

/* Paging: the segments of the new task are read in its address space. */
typedef struct paged {
    guest_t *guest;
    uint64_t cr3;
    unsigned loads;
} paged_t;

static bool paged_read(void *user, uint64_t addr, void *dst, unsigned size)
{
    const paged_t *paged = user;
    const bool new_segment = addr == GDT + KERNEL_DS;
    return (!new_segment || paged->cr3 == NEW_CR3) && guest_read(paged->guest, addr, dst, size);
}

static bool paged_write(void *user, uint64_t addr, const void *src, unsigned size)
{
    return guest_write(((paged_t *)user)->guest, addr, src, size);
}

static void paged_set_cr3(void *user, uint64_t cr3)
{
    paged_t *paged = user;
    paged->cr3 = cr3;
    paged->loads++;
}

START_TEST(cpu_49_cr3_is_loaded_before_the_segments)
{
    const irqsim_delivery_t ev = {.vector = VECTOR, .kind = HW};
    paged_t paged = {.guest = &g};
    const irqsim_mem_t mem = {
        .read = paged_read, .write = paged_write, .user = &paged, .set_cr3 = paged_set_cr3};
    init();
    irqsim_idt_deliver(&g.cpu, &mem, &ev, &g.out);
    ck_assert_str_eq(outcome_text(&g.out), "ok");
    ck_assert_uint_eq(paged.loads, 1);
    ck_assert_uint_eq(g.cpu.cr3, NEW_CR3);
}
END_TEST

START_TEST(cpu_49_without_paging_cr3_stays)
{
    init();
    g.cpu.cr3 = 0x7000;
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
    ck_assert_uint_eq(g.cpu.cr3, 0x7000);
}
END_TEST

/* ---- 16-bit tasks ---- */

static void make_new_task_16bit(void)
{
    static const uint16_t segments[] = {KERNEL_DS, KERNEL_CS, KERNEL_DS, USER_DS};
    memset(g.memory + NEW_TSS, 0, TSS32_SIZE);
    set_segment(&g, NEW, DESC_TSS16(NEW_TSS));
    poke(&g, NEW_TSS + TSS16_IP, NEW_CODE, 2);
    poke(&g, NEW_TSS + TSS16_FLAGS, EFLAGS_CF, 2);
    for (unsigned n = 0; n < 8; n++)
        poke(&g, NEW_TSS + TSS16_AX + 2 * n, n == IRQSIM_ESP ? NEW_STACK : 0x2200 + n, 2);
    for (unsigned n = 0; n < 4; n++)
        poke(&g, NEW_TSS + TSS16_ES + 2 * n, segments[n], 2);
    poke(&g, NEW_TSS + TSS16_LDT, NEW_LDT, 2);
}

START_TEST(cpu_49_to_a_16_bit_task)
{
    init();
    make_new_task_16bit();
    put32_at(TSS16_SIZE, UINT32_MAX); /* beyond it, and no T bit */
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
    ck_assert_uint_eq(g.cpu.ip, NEW_CODE);
    ck_assert_uint_eq(g.cpu.flags, EFLAGS_RESERVED | EFLAGS_CF | EFLAGS_NT);
    ck_assert_uint_eq(g.cpu.gpr[IRQSIM_EDI], 0xFFFF2207);
    ck_assert_uint_eq(g.cpu.sp, 0xFFFF0000 + NEW_STACK);
    ck_assert_uint_eq(g.cpu.ds, USER_DS);
    ck_assert_uint_eq(g.cpu.fs, 0);
    ck_assert_uint_eq(g.cpu.ldtr.selector, NEW_LDT);
    ck_assert_uint_eq(g.cpu.tr.type, DESC_TYPE_TSS16_BUSY);
    ck_assert_uint_eq(g.out.task_trap, 0);
    ck_assert_uint_eq(type_of(NEW), DESC_TYPE_TSS16_BUSY);
}
END_TEST

START_TEST(cpu_49_a_16_bit_tss_has_no_cr3)
{
    const irqsim_delivery_t ev = {.vector = VECTOR, .kind = HW};
    paged_t paged = {.guest = &g, .cr3 = NEW_CR3};
    const irqsim_mem_t mem = {
        .read = paged_read, .write = paged_write, .user = &paged, .set_cr3 = paged_set_cr3};
    init();
    make_new_task_16bit();
    irqsim_idt_deliver(&g.cpu, &mem, &ev, &g.out);
    ck_assert_str_eq(outcome_text(&g.out), "ok");
    ck_assert_uint_eq(paged.loads, 0);
}
END_TEST

START_TEST(cpu_49_error_code_is_as_wide_as_the_tss)
{
    const irqsim_delivery_t df = {.vector = VECTOR, .kind = EXC, .has_error = 1, .error = 0x12345};
    init();
    make_new_task_16bit();
    poke(&g, NEW_TSS + TSS16_ES + 4, SPARE, 2);
    set_segment(&g, SPARE, DESC_SEGMENT(0, 0xFFFF, DESC_P | DESC_S | DESC_WRITABLE, 0));
    ck_assert_str_eq(deliver_event(&g, df), "ok");
    ck_assert_uint_eq(g.out.frame, 2);
    ck_assert_uint_eq(g.cpu.sp, 0xFFFF0000 + NEW_STACK - 2);
    ck_assert_uint_eq(peek16(&g, NEW_STACK - 2), 0x2345);
}
END_TEST

START_TEST(cpu_49_from_a_16_bit_task)
{
    init();
    g.cpu.tr = (irqsim_dtr_t){TSS, TSS16_SIZE - 1, TSS_SELECTOR, DESC_TYPE_TSS16_BUSY};
    memset(g.memory + TSS, 0xEE, TSS32_SIZE);
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
    ck_assert_uint_eq(peek16(&g, TSS + TSS16_IP), 0x1234);
    ck_assert_uint_eq(peek16(&g, TSS + TSS16_AX), 0);
    ck_assert_uint_eq(peek16(&g, TSS + TSS16_AX + 14), 7);
    ck_assert_uint_eq(peek16(&g, TSS + TSS16_AX + 8), 0x7000);
    ck_assert_uint_eq(peek16(&g, TSS + TSS16_ES + 2), KERNEL_CS);
    ck_assert_uint_eq(peek16(&g, TSS + TSS16_LDT), 0xEEEE); /* never saved */
}
END_TEST

/* ---- back ---- */

START_TEST(cpu_91_iret_returns_to_the_task_that_waits)
{
    init();
    guest_at_user(&g);
    g.cpu.ds = g.cpu.es = USER_DS;
    g.cpu.ldtr = (irqsim_dtr_t){LDT, LDT_ENTRIES * 8 - 1, NEW_LDT, 0};
    poke(&g, TSS + TSS32_LDT, NEW_LDT, 2);
    g.cpu.tr.type = DESC_TYPE_TSS32_BUSY;
    g.cpu.gpr[IRQSIM_ESP] = USER_STACK;
    const irqsim_cpustate_t before = g.cpu;
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
    g.cpu.ip = NEW_CODE + 1; /* after its IRET */
    ck_assert_str_eq(iret(&g), "ok");
    ck_assert_uint_eq(g.out.task, TSS_SELECTOR);
    ck_assert_uint_eq(type_of(NEW), DESC_TYPE_TSS32_AVAIL);
    ck_assert_uint_eq(type_of(TSS_SELECTOR), DESC_TYPE_TSS32_BUSY);
    ck_assert_uint_eq(peek32(&g, NEW_TSS + TSS32_EIP), NEW_CODE + 1);
    ck_assert_uint_eq(peek32(&g, NEW_TSS + TSS32_EFLAGS), EFLAGS_RESERVED | EFLAGS_IF); /* no NT */
    g.cpu.ts = 0;
    g.cpu.ss_desc = 0;
    ck_assert_mem_eq(&g.cpu, &before, sizeof(before));
}
END_TEST

START_TEST(cpu_91_link)
{
    static const struct {
        uint16_t link;
        uint64_t desc; /* of SPARE */
        const char *exception;
    } rows[] = {
        {0, 0, "#TS(0)"},
        {GDT_ENTRIES * 8, 0, "#TS(80)"},
        {SPARE | SELECTOR_TI, 0, "#TS(44)"},
        {SPARE, DESC_TSS32(TSS), "#TS(40)"}, /* not busy */
        {SPARE, DESC_FLAT_DATA32(0), "#TS(40)"},
        {SPARE, ABSENT(DESC_SEGMENT(TSS, 103, DESC_P | DESC_TYPE_TSS32_BUSY, 0)), "#NP(40)"},
        {SPARE, DESC_SEGMENT(TSS, 102, DESC_P | DESC_TYPE_TSS32_BUSY, 0), "#TS(40)"},
    };
    init();
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
    set_segment(&g, SPARE, rows[_i].desc);
    poke(&g, NEW_TSS + TSS32_LINK, rows[_i].link, 2);
    const irqsim_cpustate_t before = g.cpu;
    ck_assert_str_eq(iret(&g), rows[_i].exception);
    ck_assert_mem_eq(&g.cpu, &before, sizeof(before));
}
END_TEST

START_TEST(cpu_91_link_inside_the_limit)
{
    init();
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
    poke(&g, NEW_TSS + TSS32_LINK, SPARE, 2); /* no task, and not looked at */
    g.cpu.tr.limit = 0;
    ck_assert_str_eq(iret(&g), "#TS(48)");
}
END_TEST

START_TEST(cpu_91_any_operand_size_returns)
{
    init();
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
    ck_assert_str_eq(iret_with_size(&g, 2), "ok");
    ck_assert_uint_eq(g.out.task, TSS_SELECTOR);
}
END_TEST

START_TEST(cpu_91_eip_of_the_task_that_waits)
{
    init();
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "ok");
    set_segment(&g, KERNEL_CS, DESC_SEGMENT(0, 0x1233, DESC_P | DESC_S | DESC_CODE, DESC_FLAG_DB));
    ck_assert_str_eq(iret(&g), "#GP(0)");
    ck_assert_uint_eq(g.out.task, TSS_SELECTOR);
}
END_TEST

/* A task of virtual-8086 mode: no descriptors, and back again. */
START_TEST(cpu_49_to_a_v86_task)
{
    const irqsim_delivery_t df = {.vector = VECTOR, .kind = EXC, .has_error = 1, .error = 7};
    init();
    put32_at(TSS32_EFLAGS, EFLAGS_VM);
    put32_at(TSS32_ES + 4, 0xFFFF);
    put32_at(TSS32_ES + 8, 0x0A00);
    put32_at(TSS32_EAX + 16, 0x100);
    ck_assert_str_eq(deliver_event(&g, df), "ok");
    ck_assert_uint_eq(g.cpu.mode, IRQSIM_MODE_V86);
    ck_assert_uint_eq(g.cpu.cpl, 3);
    ck_assert_uint_eq(g.cpu.cs, 0xFFFF);
    ck_assert_uint_eq(peek32(&g, 0xA000 + 0x100 - 4), 7);
}
END_TEST

START_TEST(cpu_49_a_v86_task_has_64_kib_of_code)
{
    init();
    put32_at(TSS32_EFLAGS, EFLAGS_VM);
    put32_at(TSS32_EIP, 0x10000);
    ck_assert_str_eq(deliver(&g, HW, VECTOR), "#GP(1)");
    ck_assert_uint_eq(g.out.task, NEW);
}
END_TEST

UNIT_MAIN("idt_task", UNIT_TEST(cpu_49_registers_come_from_the_new_tss),
          UNIT_TEST(cpu_49_registers_go_to_the_old_tss), UNIT_TEST(cpu_49_nested_link_busy_and_nt),
          UNIT_TEST(cpu_49_not_reentrant), UNIT_LOOP(cpu_49_selector_and_descriptor, 0, 10),
          UNIT_TEST(cpu_49_entry_0_of_the_gdt_is_no_task),
          UNIT_TEST(cpu_49_gate_is_checked_like_any_other),
          UNIT_TEST(cpu_49_old_tss_must_have_room), UNIT_TEST(cpu_49_error_code_on_the_new_stack),
          UNIT_TEST(cpu_53_fault_saves_rf_in_the_old_tss), UNIT_TEST(cpu_70_t_bit_is_reported),
          UNIT_LOOP(cpu_11_segments_are_checked_in_the_new_task, 0, 24),
          UNIT_LOOP(cpu_11_what_a_new_task_may_hold, 0, 5), UNIT_TEST(cpu_49_no_ldt_holds_nothing),
          UNIT_LOOP(cpu_11_user_task, 0, 3), UNIT_LOOP(cpu_11_first_checked_first_raised, 0, 7),
          UNIT_TEST(cpu_11_unchecked_stack_holds_nothing),
          UNIT_TEST(cpu_49_new_stack_must_hold_the_error_code),
          UNIT_TEST(cpu_49_eip_is_checked_last),
          UNIT_LOOP(cpu_49_fault_before_the_commit_is_the_old_tasks, 0, 6),
          UNIT_TEST(cpu_24_refused_stack_of_the_new_task),
          UNIT_TEST(cpu_49_cr3_is_loaded_before_the_segments),
          UNIT_TEST(cpu_49_without_paging_cr3_stays), UNIT_TEST(cpu_49_a_16_bit_tss_has_no_cr3),
          UNIT_TEST(cpu_49_to_a_16_bit_task), UNIT_TEST(cpu_49_error_code_is_as_wide_as_the_tss),
          UNIT_TEST(cpu_49_from_a_16_bit_task),
          UNIT_TEST(cpu_91_iret_returns_to_the_task_that_waits), UNIT_LOOP(cpu_91_link, 0, 7),
          UNIT_TEST(cpu_91_link_inside_the_limit), UNIT_TEST(cpu_91_any_operand_size_returns),
          UNIT_TEST(cpu_91_eip_of_the_task_that_waits), UNIT_TEST(cpu_49_to_a_v86_task),
          UNIT_TEST(cpu_49_a_v86_task_has_64_kib_of_code))
