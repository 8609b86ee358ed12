/* SPDX-License-Identifier: MIT */
/*
 * test_idt_memory.c - which accesses a delivery and an IRET make, and #PF from each
 *
 * The mock expects every access in order: "R 1200+8" is a read of eight bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "idt_guest.h"

static guest_t g;

static bool mock_read(void *user, uint64_t addr, void *dst, unsigned size)
{
    check_expected(addr);
    check_expected(size);
    return mock_type(bool) && guest_read(user, addr, dst, size);
}

static bool mock_write(void *user, uint64_t addr, const void *src, unsigned size)
{
    check_expected(addr);
    check_expected(size);
    return mock_type(bool) && guest_write(user, addr, src, size);
}

static const irqsim_mem_t mem = {.read = mock_read, .write = mock_write, .user = &g};

typedef struct access {
    char way; /* R or W */
    uint32_t addr;
    unsigned size;
    bool frame; /* tried again slot by slot when refused */
} access_t;

static void expect_access(access_t a, bool answer)
{
    if (a.way == 'R') {
        expect_value(mock_read, addr, a.addr);
        expect_value(mock_read, size, a.size);
        will_return(mock_read, answer);
    } else {
        expect_value(mock_write, addr, a.addr);
        expect_value(mock_write, size, a.size);
        will_return(mock_write, answer);
    }
}

enum { VECTOR = 0x40, GATE = IDT + 8 * VECTOR, SP = 0x7000 };

/* Accesses of one successful walk, in order. */
static const access_t same_level[] = {
    {'R', GATE, 8, false}, {'R', GDT + KERNEL_CS, 8, false}, {'W', SP - 12, 12, true}};
static const access_t inner_level[] = {{'R', GATE, 8, false},
                                       {'R', GDT + KERNEL_CS, 8, false},
                                       {'R', TSS + TSS32_ESP0, 6, false},
                                       {'R', GDT + KERNEL_DS, 8, false},
                                       {'W', KERNEL_STACK - 20, 20, true}};
static const access_t iret_same[] = {{'R', SP - 12, 12, true}, {'R', GDT + KERNEL_CS, 8, false}};
static const access_t iret_outer[] = {{'R', SP - 20, 12, true},
                                      {'R', GDT + (USER_CS & ~3), 8, false},
                                      {'R', SP - 8, 8, true},
                                      {'R', GDT + (USER_DS & ~3), 8, false}};

static void run_delivery(const irqsim_mem_t *m)
{
    const irqsim_delivery_t ev = {.vector = VECTOR, .kind = IRQSIM_KIND_EXTERNAL};
    irqsim_idt_deliver(&g.cpu, m, &ev, &g.out);
}

static void run_iret(const irqsim_mem_t *m)
{
    irqsim_idt_iret(&g.cpu, m, 4, &g.out);
}

static void at_kernel(void)
{
    guest_init(&g);
}

static void at_user(void)
{
    guest_init(&g);
    guest_at_user(&g);
}

static void before_iret_same(void)
{
    guest_init(&g);
    push_frame(&g, (const uint32_t[]){0x2222, KERNEL_CS, EFLAGS_RESERVED}, 3);
}

static void before_iret_outer(void)
{
    guest_init(&g);
    push_frame(&g, (const uint32_t[]){USER_CODE, USER_CS, EFLAGS_RESERVED, USER_STACK, USER_DS}, 5);
}

typedef struct path {
    void (*setup)(void);
    void (*run)(const irqsim_mem_t *m);
    const access_t *accesses;
    unsigned count;
} path_t;

#define PATH(setup, run, accesses)                                                                 \
    {                                                                                              \
        setup, run, accesses, sizeof(accesses) / sizeof(accesses[0])                               \
    }
static const path_t paths[] = {
    PATH(at_kernel, run_delivery, same_level), PATH(at_user, run_delivery, inner_level),
    PATH(before_iret_same, run_iret, iret_same), PATH(before_iret_outer, run_iret, iret_outer)};
#define PATHS (sizeof(paths) / sizeof(paths[0]))

static void cpu_45_each_access_once_and_in_order(void **state)
{
    (void)state;
    for (unsigned p = 0; p < PATHS; p++) {
        paths[p].setup();
        for (unsigned i = 0; i < paths[p].count; i++)
            expect_access(paths[p].accesses[i], true);
        paths[p].run(&mem);
        assert_true(g.out.delivered);
    }
}

/* Where a refused frame is tried again: the highest slot for pushes. */
static uint32_t first_slot(access_t a)
{
    return a.way == 'W' ? a.addr + a.size - 4 : a.addr;
}

static void expect_refusal(access_t a)
{
    expect_access(a, false);
    if (a.frame)
        expect_access((access_t){a.way, first_slot(a), 4, true}, false);
}

static void assert_page_fault(access_t a)
{
    assert_false(g.out.delivered);
    assert_int_equal(g.out.vector, VECTOR_PF);
    assert_int_equal(g.out.error, a.way == 'W' ? PF_ERROR_W : 0);
    assert_int_equal(g.out.address, a.frame ? first_slot(a) : a.addr);
}

static void cpu_24_a_refused_access_is_a_page_fault(void **state)
{
    (void)state;
    for (unsigned p = 0; p < PATHS; p++) {
        for (unsigned failing = 0; failing < paths[p].count; failing++) {
            paths[p].setup();
            const irqsim_cpustate_t before = g.cpu;
            for (unsigned i = 0; i < failing; i++)
                expect_access(paths[p].accesses[i], true);
            expect_refusal(paths[p].accesses[failing]);
            paths[p].run(&mem);
            assert_page_fault(paths[p].accesses[failing]);
            assert_memory_equal(&g.cpu, &before, sizeof(before));
        }
    }
}

/* ---- lent memory, and nobody behind it ---- */

static bool refuse_read(void *user, uint64_t addr, void *dst, unsigned size)
{
    (void)user, (void)addr, (void)dst, (void)size;
    return false;
}

static bool refuse_write(void *user, uint64_t addr, const void *src, unsigned size)
{
    (void)user, (void)addr, (void)src, (void)size;
    return false;
}

static void run_lent(const path_t *path, irqsim_mem_t m)
{
    path->setup();
    m.ram = g.memory;
    path->run(&m);
}

static void compare_with_refusals(const path_t *path, uint32_t bytes, uint8_t missing)
{
    static guest_t refused;

    run_lent(path, (irqsim_mem_t){.ram_bytes = bytes,
                                  .missing = missing,
                                  .read = refuse_read,
                                  .write = refuse_write});
    refused = g;
    run_lent(path, (irqsim_mem_t){.ram_bytes = bytes, .missing = missing});
    assert_memory_equal(&g, &refused, sizeof(g));
}

/* Where memory must end, not to be missed. */
static uint32_t needed(const path_t *path)
{
    uint32_t most = 0;

    for (unsigned i = 0; i < path->count; i++)
        if (path->accesses[i].addr + path->accesses[i].size > most)
            most = path->accesses[i].addr + path->accesses[i].size;
    return most;
}

static void end_memory_at(const path_t *path, uint32_t bytes)
{
    const bool suffices = bytes >= needed(path);

    compare_with_refusals(path, bytes, IRQSIM_MEM_PAGE_FAULT);
    assert_int_equal(g.out.delivered, suffices);
    assert_int_equal(g.out.vector, suffices ? 0 : VECTOR_PF);
    compare_with_refusals(path, bytes, IRQSIM_MEM_BUS_ERROR);
    assert_int_equal(g.out.bus_error, !suffices);
}

/* Before, in and behind each access in turn. */
static void cpu_24_no_callback_is_one_that_refuses(void **state)
{
    (void)state;
    for (unsigned p = 0; p < PATHS; p++)
        for (unsigned i = 0; i < paths[p].count; i++)
            for (unsigned n = 0; n <= paths[p].accesses[i].size; n++)
                end_memory_at(&paths[p], paths[p].accesses[i].addr + n);
}

/* ---- memory with a hole in it ---- */

static const irqsim_mem_t holey = {.read = guest_read, .write = guest_write, .user = &g};

static void deliver_into_hole(uint32_t hole, uint32_t hole_end)
{
    const irqsim_delivery_t ev = {.vector = VECTOR, .kind = IRQSIM_KIND_EXTERNAL};
    g.hole = hole;
    g.hole_end = hole_end;
    irqsim_idt_deliver(&g.cpu, &holey, &ev, &g.out);
}

static void cpu_24_the_missing_slot_is_the_address(void **state)
{
    (void)state;
    guest_init(&g); /* slots at 6FF4, 6FF8, 6FFC */
    deliver_into_hole(0x6000, 0x6FF8);
    assert_int_equal(g.out.address, 0x6FF4);
    deliver_into_hole(0x6FFC, 0x8000);
    assert_int_equal(g.out.address, 0x6FFC);
    assert_int_equal(g.out.error, PF_ERROR_W);
}

static void cpu_24_higher_slots_stay_written(void **state)
{
    (void)state;
    guest_init(&g);
    deliver_into_hole(0x6000, 0x6FF8);
    assert_int_equal(peek32(&g, 0x6FFC), g.cpu.flags);
    assert_int_equal(peek32(&g, 0x6FF8), g.cpu.cs);
}

static void cpu_24_user_stacks_fault_as_user(void **state)
{
    (void)state;
    guest_init(&g);
    guest_at_user(&g);
    set_gate(&g, VECTOR, DESC_INTERRUPT_GATE32(HANDLER, USER_CS, 3));
    deliver_into_hole(USER_STACK - 4, USER_STACK);
    assert_int_equal(g.out.error, PF_ERROR_W | PF_ERROR_U);

    g.cpu.sp = USER_STACK - 4;
    irqsim_idt_iret(&g.cpu, &holey, 4, &g.out);
    assert_int_equal(g.out.vector, VECTOR_PF);
    assert_int_equal(g.out.error, PF_ERROR_U);
    assert_int_equal(g.out.address, USER_STACK - 4);
}

static bool refuse_wide_write(void *user, uint64_t addr, const void *src, unsigned size)
{
    return size <= 4 && guest_write(user, addr, src, size);
}

static bool refuse_wide_read(void *user, uint64_t addr, void *dst, unsigned size)
{
    return size <= 8 && guest_read(user, addr, dst, size);
}

static void cpu_46_narrow_memory_gets_the_same_frame(void **state)
{
    const irqsim_mem_t narrow = {.read = refuse_wide_read, .write = refuse_wide_write, .user = &g};
    const irqsim_delivery_t ev = {.vector = VECTOR, .kind = IRQSIM_KIND_EXTERNAL};
    (void)state;
    guest_init(&g);
    guest_at_user(&g);
    irqsim_idt_deliver(&g.cpu, &narrow, &ev, &g.out);
    assert_true(g.out.delivered);
    assert_int_equal(peek32(&g, KERNEL_STACK - 4), USER_DS);
    assert_int_equal(peek32(&g, KERNEL_STACK - 20), USER_CODE);
    irqsim_idt_iret(&g.cpu, &narrow, 4, &g.out);
    assert_true(g.out.delivered);
    assert_int_equal(g.cpu.ip, USER_CODE);
    assert_int_equal(g.cpu.sp, USER_STACK);
}

/* CPU-94: a segment whose descriptor is gone is dropped, without a fault. */
static void cpu_94_unreadable_descriptor_drops_the_segment(void **state)
{
    (void)state;
    before_iret_outer();
    g.cpu.ds = USER_DS;
    g.cpu.fs = SPARE | 3;
    set_segment(&g, SPARE, DESC_FLAT_DATA32(3));
    g.hole = GDT + SPARE;
    g.hole_end = g.hole + 8;
    irqsim_idt_iret(&g.cpu, &holey, 4, &g.out);
    assert_true(g.out.delivered);
    assert_int_equal(g.cpu.ds, USER_DS);
    assert_int_equal(g.cpu.fs, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cpu_45_each_access_once_and_in_order),
        cmocka_unit_test(cpu_24_a_refused_access_is_a_page_fault),
        cmocka_unit_test(cpu_24_no_callback_is_one_that_refuses),
        cmocka_unit_test(cpu_24_the_missing_slot_is_the_address),
        cmocka_unit_test(cpu_24_higher_slots_stay_written),
        cmocka_unit_test(cpu_24_user_stacks_fault_as_user),
        cmocka_unit_test(cpu_46_narrow_memory_gets_the_same_frame),
        cmocka_unit_test(cpu_94_unreadable_descriptor_drops_the_segment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
