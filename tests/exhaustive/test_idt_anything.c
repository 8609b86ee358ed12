/* SPDX-License-Identifier: MIT */
/*
 * test_idt_anything.c - guest tables, registers and stacks may hold anything
 *
 * Many random guests, same seed every time: whatever they hold, a walk ends
 * in a delivery that keeps the promises of its rules, or in one of the
 * exceptions that delivery can raise, or in a bus error where the embedder asked
 * for them, with the state as it was or a new task's.
 */
#include "unit.h"
#include "idt_guest.h"

enum {
    LONG_CS = 5 << 3,
    LONG_USER_CS = 6 << 3 | 3,
    LONG_IDT = 0xD000,
    NEW_TSS = TSS + 0x100,
    LONG_TSS = TSS + 0x200
};
enum { GUESTS = 200000, ENOUGH = GUESTS / 1000 };

static guest_t g;
static uint64_t seed;

static uint64_t random64(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static uint32_t below(uint32_t n)
{
    return (uint32_t)(random64() >> 32) % n;
}

/* Mostly plausible descriptors: the rare branches need luck otherwise. */
static uint64_t random_descriptor(void)
{
    static const uint64_t plausible[] = {
        DESC_FLAT_CODE32(0),
        DESC_FLAT_CODE32(3),
        DESC_FLAT_DATA32(0),
        DESC_FLAT_DATA32(3),
        DESC_INTERRUPT_GATE32(HANDLER, KERNEL_CS, 0),
        DESC_TRAP_GATE32(HANDLER, USER_CS, 3),
        DESC_INTERRUPT_GATE16(HANDLER, KERNEL_CS, 0),
        DESC_TASK_GATE(SPARE, 3),
        DESC_INTERRUPT_GATE32(HANDLER, LONG_CS, 0),
        DESC_TSS32(NEW_TSS),
        DESC_TSS16(NEW_TSS),
        DESC_TSS32(NEW_TSS) | (uint64_t)DESC_TSS_BUSY << 40,
        DESC_SEGMENT(LDT, 15, DESC_P | DESC_TYPE_LDT, 0),
    };
    const uint64_t desc = plausible[below(sizeof(plausible) / sizeof(plausible[0]))];
    switch (below(4)) {
    case 0:
        return random64();
    case 1:
        return desc ^ UINT64_C(1) << below(64);
    default:
        return desc;
    }
}

/* Sane ones at first, so that some walks get through all of their checks. */
static void random_segments(void)
{
    static const uint64_t sane[] = {0,
                                    DESC_FLAT_CODE32(0),
                                    DESC_FLAT_DATA32(0),
                                    DESC_FLAT_CODE32(3),
                                    DESC_FLAT_DATA32(3),
                                    DESC_CODE64(0),
                                    DESC_CODE64(3)};
    for (unsigned i = 0; i < GDT_ENTRIES; i++)
        set_segment(&g, i << 3, i < 7 && below(8) ? sane[i] : random_descriptor());
    for (unsigned i = 0; i < LDT_ENTRIES; i++)
        set_segment(&g, i << 3 | SELECTOR_TI, random_descriptor());
}

static void random_tss(uint32_t tss)
{
    for (uint32_t at = 0; at < TSS32_SIZE; at += 4)
        poke(&g, tss + at, below(8) ? 0 : below(GDT_ENTRIES << 3), 4);
    for (unsigned n = 0; n < 3; n++) {
        poke(&g, tss + TSS32_ESP(n), below(MEMORY), 4);
        poke(&g, tss + TSS32_SS(n), n ? below(GDT_ENTRIES << 3) : KERNEL_DS, 2);
    }
    poke(&g, tss + TSS32_LINK, below(GDT_ENTRIES << 3), 2);
    poke(&g, tss + TSS32_EIP, below(MEMORY), 4);
    poke(&g, tss + TSS32_EFLAGS, random64(), 4);
    poke(&g, tss + TSS32_ES + 4, below(4) ? KERNEL_CS : USER_CS, 2);
    poke(&g, tss + TSS32_ES + 8, below(4) ? KERNEL_DS : USER_DS, 2);
}

static uint64_t random_address(void)
{
    return below(8) ? below(MEMORY) : random64();
}

static void random_long_tables(void)
{
    for (unsigned v = 0; v < 256; v++) {
        const uint64_t ist = below(4) ? 0 : below(8);
        poke(&g, LONG_IDT + 16 * v, random_descriptor() | ist << 32, 8);
        poke(&g, LONG_IDT + 16 * v + 8, below(8) ? 0 : random64(), 8);
    }
    for (uint32_t at = TSS64_RSP(0); at + 8 <= TSS64_SIZE; at += 8)
        poke(&g, LONG_TSS + at, random_address(), 8);
}

static void random_tables(void)
{
    for (unsigned v = 0; v < 256; v++)
        set_gate(&g, v, random_descriptor());
    random_segments();
    random_tss(TSS);
    random_tss(NEW_TSS);
    random_long_tables();
}

static uint16_t random_selector(void)
{
    return (uint16_t)below(below(8) ? GDT_ENTRIES << 3 : 0x10000);
}

static uint32_t random_sp(void)
{
    switch (below(8)) {
    case 0:
        return (uint32_t)random64();
    case 1:
        return MEMORY - below(48); /* at the edge of memory, and of 16 bits */
    case 2:
        return below(48);
    default:
        return below(MEMORY);
    }
}

static void random_mode(void)
{
    static const uint8_t modes[] = {IRQSIM_MODE_PROTECTED, IRQSIM_MODE_PROTECTED,
                                    IRQSIM_MODE_PROTECTED, IRQSIM_MODE_REAL,
                                    IRQSIM_MODE_V86,       IRQSIM_MODE_LONG};
    g.cpu.mode = modes[below(sizeof(modes))];
    g.cpu.code64 = g.cpu.mode == IRQSIM_MODE_LONG && below(4);
    g.cpu.cpl = (uint8_t)below(4);
    g.cpu.flags &= ~(uint64_t)EFLAGS_VM;
    if (g.cpu.mode == IRQSIM_MODE_REAL)
        g.cpu.cpl = 0;
    if (g.cpu.mode == IRQSIM_MODE_LONG) {
        g.cpu.idtr = (irqsim_dtr_t){LONG_IDT, 256 * 16 - 1, 0, 0};
        g.cpu.tr.base = LONG_TSS;
        g.cpu.sp = random_address();
    }
    if (g.cpu.mode == IRQSIM_MODE_V86) {
        g.cpu.cpl = 3;
        g.cpu.flags |= EFLAGS_VM;
    }
}

static void random_registers(void)
{
    g.cpu.flags = (uint32_t)random64();
    g.cpu.ip = (uint32_t)random64();
    g.cpu.sp = random_sp();
    g.cpu.cs = random_selector();
    g.cpu.ss = random_selector();
    g.cpu.ds = random_selector();
    g.cpu.ss_desc = below(2) ? 0 : random_descriptor();
    g.cpu.idtr = (irqsim_dtr_t){IDT, 256 * 8 - 1, 0, 0};
    g.cpu.gdtr.limit = below(8) ? GDT_ENTRIES * 8 - 1 : below(GDT_ENTRIES * 8);
    g.cpu.tr.base = TSS;
    g.cpu.tr.limit = below(8) ? TSS32_SIZE - 1 : below(TSS32_SIZE);
    g.cpu.tr.selector = TSS_SELECTOR;
    g.cpu.tr.type = (uint16_t)below(16);
    g.hole = below(8) ? 0 : below(MEMORY);
    g.hole_end = g.hole ? g.hole + below(64) : 0;
    random_mode();
}

/* Accesses until one fails, wherever it goes; 0 = none does. */
static unsigned until_failure;

static bool fails(void)
{
    return until_failure && --until_failure == 0;
}

static bool read_some(void *user, uint64_t addr, void *dst, unsigned size)
{
    return !fails() && guest_read(user, addr, dst, size);
}

static bool write_some(void *user, uint64_t addr, const void *src, unsigned size)
{
    return !fails() && guest_write(user, addr, src, size);
}

static irqsim_outcome_t run(void (*walk)(const irqsim_mem_t *mem))
{
    irqsim_mem_t mem = guest_mem(&g);
    mem.read = read_some;
    mem.write = write_some;
    until_failure = below(4) ? 0 : 1 + below(16);
    mem.missing = below(8) ? IRQSIM_MEM_PAGE_FAULT : IRQSIM_MEM_BUS_ERROR;
    walk(&mem);
    return g.out;
}

static void random_delivery(const irqsim_mem_t *mem)
{
    const irqsim_delivery_t ev = {.vector = (uint8_t)below(256),
                                  .kind = (uint8_t)below(7),
                                  .has_error = (uint8_t)below(2),
                                  .error = below(0x10000),
                                  .set_rf = below(2)};
    irqsim_idt_deliver(&g.cpu, mem, &ev, &g.out);
}

static void random_iret(const irqsim_mem_t *mem)
{
    irqsim_idt_iret(&g.cpu, mem, 2u << below(3), &g.out);
}

/* Often one that leads somewhere. */
static void push_random_frame(void)
{
    static const uint16_t sane[][2] = {
        {KERNEL_CS, KERNEL_DS}, {USER_CS, USER_DS}, {LONG_CS, KERNEL_DS}, {LONG_USER_CS, USER_DS}};
    const uint16_t *pair = sane[below(4)];
    const uint64_t slots[] = {below(MEMORY), below(2) ? pair[0] : random_selector(),
                              (uint32_t)random64(), below(MEMORY),
                              below(2) ? pair[1] : random_selector()};
    const unsigned width = g.cpu.mode == IRQSIM_MODE_LONG ? 8 : 4;
    g.cpu.sp = KERNEL_STACK;
    for (unsigned n = 0; n < 5; n++)
        poke(&g, KERNEL_STACK + width * n, slots[n], width);
}

static void assert_refused(const irqsim_cpustate_t *before)
{
    if (!g.out.task)
        ck_assert_mem_eq(&g.cpu, before, sizeof(*before));
    ck_assert_uint_le(g.out.error, 0xFFFF);
    if (g.out.bus_error) {
        ck_assert_uint_eq(g.out.vector, 0);
        return;
    }
    ck_assert_uint_ge(g.out.vector, VECTOR_TS);
    ck_assert_uint_le(g.out.vector, VECTOR_PF);
}

/* Delivered or not, when a task switch is done the state is a task's. */
static void assert_switched(const irqsim_cpustate_t *before)
{
    const bool v86 = g.cpu.mode == IRQSIM_MODE_V86;
    ck_assert_uint_eq(g.cpu.tr.selector, g.out.task);
    ck_assert_uint_eq(g.cpu.tr.type & DESC_TSS_BUSY, DESC_TSS_BUSY);
    ck_assert_uint_eq(g.cpu.ts, 1);
    ck_assert_uint_eq(g.cpu.cpl, v86 ? 3 : g.cpu.cs & SELECTOR_RPL_M);
    ck_assert_int_eq((g.cpu.flags & EFLAGS_VM) != 0, v86);
    ck_assert_uint_ne(before->mode, IRQSIM_MODE_REAL);
    ck_assert_uint_ne(before->mode, IRQSIM_MODE_LONG);
}

static void assert_entered(const irqsim_cpustate_t *before)
{
    ck_assert_uint_eq(g.cpu.mode,
                      before->mode == IRQSIM_MODE_V86 ? IRQSIM_MODE_PROTECTED : before->mode);
    ck_assert_uint_le(g.cpu.cpl, before->cpl);
    ck_assert_int_eq(g.out.inner, g.cpu.cpl < before->cpl);
    ck_assert_uint_eq(g.cpu.flags & (EFLAGS_TF | EFLAGS_VM), 0);
    if (before->mode == IRQSIM_MODE_REAL)
        return;
    ck_assert_uint_eq(g.cpu.cs & SELECTOR_RPL_M, g.cpu.cpl);
    ck_assert_uint_eq(g.cpu.flags & (EFLAGS_NT | EFLAGS_RF), 0);
}

static void assert_returned(const irqsim_cpustate_t *before)
{
    const bool paragraphs = g.cpu.mode == IRQSIM_MODE_REAL || g.cpu.mode == IRQSIM_MODE_V86;
    ck_assert_uint_ge(g.cpu.cpl, before->cpl);
    ck_assert_int_eq(g.out.inner, g.cpu.cpl > before->cpl);
    if (!paragraphs)
        ck_assert_uint_eq(g.cpu.cs & SELECTOR_RPL_M, g.cpu.cpl);
    if (before->cpl > 0) /* CPU-96 */
        ck_assert_uint_eq((g.cpu.flags ^ before->flags) & EFLAGS_IOPL_M, 0);
}

static void assert_sound(const irqsim_cpustate_t *before,
                         void (*assert_done)(const irqsim_cpustate_t *before))
{
    if (!g.out.delivered)
        assert_refused(before);
    else if (!g.out.task)
        assert_done(before);
    if (g.out.task)
        assert_switched(before);
}

/* What came of all the guests of a mode; too few deliveries: the guests are too wild. */
typedef struct harvest {
    unsigned delivered[4], tasks, faults_of_new_tasks;
} harvest_t;

static void reap(harvest_t *h, const irqsim_cpustate_t *before)
{
    h->delivered[before->mode] += g.out.delivered;
    h->tasks += g.out.delivered && g.out.task;
    h->faults_of_new_tasks += !g.out.delivered && g.out.task;
}

static void assert_plenty(const harvest_t *h)
{
    for (unsigned mode = 0; mode < 4; mode++)
        ck_assert_uint_gt(h->delivered[mode], ENOUGH);
    ck_assert_uint_gt(h->tasks, ENOUGH / 10);
    ck_assert_uint_gt(h->faults_of_new_tasks, ENOUGH / 10);
}

START_TEST(cpu_45_any_guest_is_delivered_or_refused)
{
    harvest_t h = {0};
    guest_init(&g);
    seed = UINT64_C(0x9E3779B97F4A7C15);
    for (unsigned n = 0; n < GUESTS; n++) {
        if (n % 64 == 0)
            random_tables();
        random_registers();
        const irqsim_cpustate_t before = g.cpu;
        run(random_delivery);
        assert_sound(&before, assert_entered);
        reap(&h, &before);
    }
    assert_plenty(&h);
}
END_TEST

START_TEST(cpu_95_any_frame_is_returned_through_or_refused)
{
    harvest_t h = {0};
    guest_init(&g);
    seed = UINT64_C(0xD1B54A32D192ED03);
    for (unsigned n = 0; n < GUESTS; n++) {
        if (n % 64 == 0)
            random_tables();
        random_registers();
        if (below(2)) /* else what deliveries and chance left there */
            push_random_frame();
        if (below(4))
            g.cpu.flags &= ~(uint64_t)EFLAGS_NT;
        const irqsim_cpustate_t before = g.cpu;
        run(random_iret);
        assert_sound(&before, assert_returned);
        reap(&h, &before);
    }
    assert_plenty(&h);
}
END_TEST

UNIT_MAIN("idt_anything", UNIT_TEST(cpu_45_any_guest_is_delivered_or_refused),
          UNIT_TEST(cpu_95_any_frame_is_returned_through_or_refused))
