/* SPDX-License-Identifier: MIT */
/*
 * test_idt_anything.c - guest tables, registers and stacks may hold anything
 *
 * Many random guests, same seed every time: whatever they hold, a walk ends
 * in a delivery that keeps the promises of its rules, or in one of the
 * exceptions that delivery can raise, with the state as it was.
 */
#include "unit.h"
#include "idt_guest.h"

enum { GUESTS = 200000, ENOUGH = GUESTS / 400 };

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
    };
    const uint64_t desc = plausible[below(6)];
    switch (below(4)) {
    case 0:
        return random64();
    case 1:
        return desc ^ UINT64_C(1) << below(64);
    default:
        return desc;
    }
}

static void random_tables(void)
{
    for (unsigned v = 0; v < 256; v++)
        set_gate(&g, v, random_descriptor());
    for (unsigned i = 0; i < GDT_ENTRIES; i++)
        set_segment(&g, i << 3, random_descriptor());
    for (unsigned i = 0; i < LDT_ENTRIES; i++)
        set_segment(&g, i << 3 | SELECTOR_TI, random_descriptor());
    for (uint32_t at = 0; at < TSS32_SIZE; at += 4)
        poke(&g, TSS + at, below(2) ? below(MEMORY) : below(GDT_ENTRIES << 3), 4);
}

static uint16_t random_selector(void)
{
    return (uint16_t)below(below(8) ? GDT_ENTRIES << 3 : 0x10000);
}

static void random_registers(void)
{
    g.cpu.cpl = (uint8_t)below(4);
    g.cpu.mode = below(32) ? IRQSIM_MODE_PROTECTED : (uint8_t)below(4);
    g.cpu.flags = (uint32_t)random64();
    g.cpu.ip = (uint32_t)random64();
    g.cpu.sp = below(8) ? below(MEMORY) : (uint32_t)random64();
    g.cpu.cs = random_selector();
    g.cpu.ss = random_selector();
    g.cpu.ds = random_selector();
    g.cpu.ss_desc = below(2) ? 0 : random_descriptor();
    g.cpu.gdtr.limit = below(8) ? GDT_ENTRIES * 8 - 1 : below(GDT_ENTRIES * 8);
    g.cpu.tr.limit = below(8) ? TSS32_SIZE - 1 : below(TSS32_SIZE);
    g.hole = below(8) ? 0 : below(MEMORY);
    g.hole_end = g.hole ? g.hole + below(64) : 0;
}

static void assert_refused(const irqsim_cpustate_t *before)
{
    ck_assert_mem_eq(&g.cpu, before, sizeof(*before));
    ck_assert_uint_ge(g.out.vector, VECTOR_TS);
    ck_assert_uint_le(g.out.vector, VECTOR_PF);
    ck_assert_uint_le(g.out.error, 0xFFFF);
}

static void assert_entered(const irqsim_cpustate_t *before)
{
    ck_assert_uint_le(g.cpu.cpl, before->cpl);
    ck_assert_int_eq(g.out.inner, g.cpu.cpl < before->cpl);
    ck_assert_uint_eq(g.cpu.cs & SELECTOR_RPL_M, g.cpu.cpl);
    ck_assert_uint_eq(g.cpu.flags & (EFLAGS_TF | EFLAGS_NT | EFLAGS_RF | EFLAGS_VM), 0);
}

static void assert_returned(const irqsim_cpustate_t *before)
{
    ck_assert_uint_ge(g.cpu.cpl, before->cpl);
    ck_assert_int_eq(g.out.inner, g.cpu.cpl > before->cpl);
    ck_assert_uint_eq(g.cpu.cs & SELECTOR_RPL_M, g.cpu.cpl);
    if (before->cpl > 0) /* CPU-96 */
        ck_assert_uint_eq((g.cpu.flags ^ before->flags) & EFLAGS_IOPL_M, 0);
}

START_TEST(cpu_45_any_guest_is_delivered_or_refused)
{
    unsigned delivered = 0;
    guest_init(&g);
    seed = UINT64_C(0x9E3779B97F4A7C15);
    for (unsigned n = 0; n < GUESTS; n++) {
        if (n % 64 == 0)
            random_tables();
        random_registers();
        const irqsim_cpustate_t before = g.cpu;
        deliver(&g, (irqsim_event_kind_t)below(5), (uint8_t)below(256));
        delivered += g.out.delivered;
        if (g.out.delivered)
            assert_entered(&before);
        else
            assert_refused(&before);
    }
    ck_assert_uint_gt(delivered, ENOUGH); /* else the guests are too wild */
}
END_TEST

START_TEST(cpu_95_any_frame_is_returned_through_or_refused)
{
    unsigned returned = 0;
    guest_init(&g);
    seed = UINT64_C(0xD1B54A32D192ED03);
    for (unsigned n = 0; n < GUESTS; n++) {
        if (n % 64 == 0)
            random_tables();
        random_registers();
        g.cpu.sp = KERNEL_STACK;
        g.cpu.flags &= ~(uint64_t)EFLAGS_NT;
        const uint32_t frame[] = {below(MEMORY), random_selector(), (uint32_t)random64(),
                                  below(MEMORY), random_selector()};
        push_frame(&g, frame, 5);
        const irqsim_cpustate_t before = g.cpu;
        iret(&g);
        returned += g.out.delivered;
        if (g.out.delivered)
            assert_returned(&before);
        else
            assert_refused(&before);
    }
    ck_assert_uint_gt(returned, ENOUGH);
}
END_TEST

UNIT_MAIN("idt_anything", UNIT_TEST(cpu_45_any_guest_is_delivered_or_refused),
          UNIT_TEST(cpu_95_any_frame_is_returned_through_or_refused))
