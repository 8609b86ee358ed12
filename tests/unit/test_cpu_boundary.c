/* SPDX-License-Identifier: MIT */
/*
 * test_cpu_boundary.c - what is taken at a boundary, and what delays it (CPU-62, CPU-71..85)
 */
#include "unit.h"

#include <irqsim/cpu.h>
#include <irqsim/regs/debug_regs.h>

static irqsim_cpu_t cpu;

#define INTR IRQSIM_CPU_IN_INTR
#define NMI  IRQSIM_CPU_IN_NMI
#define SMI  IRQSIM_CPU_IN_SMI
#define INIT IRQSIM_CPU_IN_INIT

static void start(bool interrupts)
{
    irqsim_cpu_init(&cpu);
    if (interrupts)
        cpu.regs.flags |= IRQSIM_FL_IF;
}

static void raise_pins(uint32_t pins)
{
    irqsim_cpu_set_intr(&cpu, pins & INTR);
    irqsim_cpu_pulse(&cpu, pins & ~INTR);
}

/* One boundary as a machine runs it. */
static irqsim_boundary_t boundary(void)
{
    const irqsim_boundary_t what = irqsim_cpu_poll(&cpu);
    irqsim_cpu_took(&cpu, what);
    return what;
}

START_TEST(cpu_71_if_gates_intr_only)
{
    start(false);
    raise_pins(INTR);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NOTHING);
    cpu.regs.flags |= IRQSIM_FL_IF;
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_INTR);
    start(false);
    raise_pins(NMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NMI);
    raise_pins(SMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_SMI);
    raise_pins(INIT);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_INIT);
}
END_TEST

START_TEST(cpu_71_intr_is_a_level)
{
    start(true);
    raise_pins(INTR);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_INTR);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_INTR);
    irqsim_cpu_set_intr(&cpu, false);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NOTHING);
}
END_TEST

START_TEST(cpu_72_sti_shadow_lasts_one_instruction)
{
    start(false);
    raise_pins(INTR);
    ck_assert(irqsim_cpu_sti(&cpu));
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NOTHING);
    irqsim_cpu_retired(&cpu);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_INTR);
}
END_TEST

START_TEST(cpu_72_sti_with_if_set_opens_no_shadow)
{
    start(true);
    raise_pins(INTR);
    ck_assert(irqsim_cpu_sti(&cpu));
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_INTR);
}
END_TEST

START_TEST(cpu_72_sti_cli_admits_nothing)
{
    start(false);
    raise_pins(INTR);
    irqsim_cpu_sti(&cpu);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NOTHING);
    irqsim_cpu_cli(&cpu);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NOTHING);
    ck_assert_uint_eq(cpu.shadow, 0);
}
END_TEST

START_TEST(cpu_72_sti_hlt_cannot_lose_a_wakeup)
{
    start(false);
    raise_pins(INTR);
    irqsim_cpu_sti(&cpu);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NOTHING);
    ck_assert(irqsim_cpu_hlt(&cpu));
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_INTR);
    ck_assert_uint_eq(cpu.activity, IRQSIM_RUNNING);
}
END_TEST

START_TEST(cpu_72_a_delivered_event_ends_the_shadow)
{
    start(false);
    raise_pins(INTR | NMI);
    irqsim_cpu_sti(&cpu);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_INTR); /* the NMI's gate left IF alone */
}
END_TEST

START_TEST(cpu_73_second_shadow_opens_none)
{
    start(false);
    raise_pins(INTR);
    irqsim_cpu_sti(&cpu);
    irqsim_cpu_mov_ss(&cpu);
    ck_assert_int_eq(irqsim_cpu_poll(&cpu), IRQSIM_TAKE_INTR);
    start(false);
    raise_pins(INTR);
    irqsim_cpu_mov_ss(&cpu);
    irqsim_cpu_sti(&cpu);
    ck_assert_int_eq(irqsim_cpu_poll(&cpu), IRQSIM_TAKE_INTR);
}
END_TEST

START_TEST(cpu_74_mov_ss_inhibits_intr_and_nmi)
{
    start(true);
    raise_pins(INTR | NMI);
    irqsim_cpu_mov_ss(&cpu);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NOTHING);
    irqsim_cpu_retired(&cpu);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NMI);
}
END_TEST

START_TEST(cpu_74_mov_ss_does_not_hold_back_smi_and_init)
{
    start(true);
    irqsim_cpu_mov_ss(&cpu);
    raise_pins(SMI);
    ck_assert_int_eq(irqsim_cpu_poll(&cpu), IRQSIM_TAKE_SMI);
    raise_pins(INIT);
    ck_assert_int_eq(irqsim_cpu_poll(&cpu), IRQSIM_TAKE_INIT);
}
END_TEST

/* Nothing has run: what waits for the next instruction still does. */
START_TEST(cpu_74_an_smi_does_not_end_a_shadow)
{
    start(true);
    irqsim_cpu_mov_ss(&cpu);
    raise_pins(INTR | NMI | SMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_SMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NOTHING);
    irqsim_cpu_retired(&cpu);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NMI);
    start(false);
    irqsim_cpu_sti(&cpu);
    raise_pins(INTR | SMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_SMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NOTHING);
}
END_TEST

START_TEST(cpu_75_sti_does_not_inhibit_nmi)
{
    start(false);
    raise_pins(NMI);
    irqsim_cpu_sti(&cpu);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NMI);
}
END_TEST

START_TEST(cpu_76_cli_takes_effect_at_once)
{
    start(true);
    raise_pins(INTR);
    ck_assert(irqsim_cpu_cli(&cpu));
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NOTHING);
}
END_TEST

START_TEST(cpu_76_iret_that_sets_if_opens_no_shadow)
{
    start(true); /* as IRET left it */
    raise_pins(INTR);
    irqsim_cpu_mov_ss(&cpu); /* the instruction before */
    irqsim_cpu_iret_done(&cpu);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_INTR);
}
END_TEST

/* _i = IOPL * 4 + CPL */
START_TEST(cpu_77_cli_and_sti_need_iopl)
{
    const uint8_t iopl = (uint8_t)(_i / 4), cpl = (uint8_t)(_i % 4);
    start(true);
    cpu.regs.flags |= (uint64_t)iopl << 12;
    cpu.regs.cpl = cpl;
    const irqsim_cpu_t before = cpu;
    ck_assert_int_eq(irqsim_cpu_cli(&cpu), cpl <= iopl);
    ck_assert_int_eq(irqsim_cpu_sti(&cpu), cpl <= iopl);
    if (cpl > iopl)
        ck_assert_mem_eq(&cpu, &before, sizeof(cpu));
}
END_TEST

START_TEST(cpu_78_hlt_needs_cpl_0)
{
    start(true);
    cpu.regs.flags |= IRQSIM_FL_IOPL;
    cpu.regs.cpl = (uint8_t)_i;
    ck_assert_int_eq(irqsim_cpu_hlt(&cpu), _i == 0);
    ck_assert_uint_eq(cpu.activity, _i == 0 ? IRQSIM_HALTED : IRQSIM_RUNNING);
}
END_TEST

START_TEST(cpu_78_what_ends_a_halt)
{
    static const struct {
        bool interrupts;
        uint32_t pins;
        irqsim_boundary_t taken;
    } rows[] = {{true, INTR, IRQSIM_TAKE_INTR},
                {false, INTR, IRQSIM_TAKE_NOTHING},
                {false, NMI, IRQSIM_TAKE_NMI},
                {false, SMI, IRQSIM_TAKE_SMI},
                {false, INIT, IRQSIM_TAKE_INIT}};
    start(rows[_i].interrupts);
    irqsim_cpu_hlt(&cpu);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NOTHING);
    raise_pins(rows[_i].pins);
    ck_assert_int_eq(boundary(), rows[_i].taken);
    ck_assert_int_eq(cpu.activity == IRQSIM_HALTED, rows[_i].taken == IRQSIM_TAKE_NOTHING);
}
END_TEST

START_TEST(cpu_78_blocked_nmi_does_not_end_a_halt)
{
    start(false);
    raise_pins(NMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NMI);
    irqsim_cpu_hlt(&cpu);
    raise_pins(NMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NOTHING);
    ck_assert_uint_eq(cpu.activity, IRQSIM_HALTED);
}
END_TEST

START_TEST(cpu_79_one_nmi_is_latched_while_blocked)
{
    start(false);
    raise_pins(NMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NMI);
    for (int i = 0; i < 3; i++)
        raise_pins(NMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NOTHING);
    irqsim_cpu_iret_done(&cpu);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NMI);
    irqsim_cpu_iret_done(&cpu);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NOTHING);
}
END_TEST

START_TEST(cpu_79_nmi_blocking_leaves_intr_alone)
{
    start(true);
    raise_pins(INTR | NMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_INTR); /* IF was left set */
    ck_assert_uint_eq(cpu.nmi_blocked, 1);          /* CPU-80 */
}
END_TEST

START_TEST(cpu_80_intr_blocks_no_nmi)
{
    start(true);
    raise_pins(INTR);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_INTR);
    ck_assert_uint_eq(cpu.nmi_blocked, 0);
}
END_TEST

/* _i: every set of raised pins */
START_TEST(cpu_85_best_class_first)
{
    static const struct {
        uint32_t pin;
        irqsim_boundary_t taken;
    } best_first[] = {{IRQSIM_CPU_IN_RESET, IRQSIM_TAKE_RESET},
                      {IRQSIM_CPU_IN_MC, IRQSIM_TAKE_MACHINE_CHECK},
                      {IRQSIM_CPU_IN_TASK_TRAP, IRQSIM_TAKE_TASK_TRAP},
                      {INIT, IRQSIM_TAKE_INIT},
                      {SMI, IRQSIM_TAKE_SMI},
                      {IRQSIM_CPU_IN_DEBUG, IRQSIM_TAKE_DEBUG},
                      {NMI, IRQSIM_TAKE_NMI},
                      {INTR, IRQSIM_TAKE_INTR}};
    const uint32_t raised = (uint32_t)_i;
    start(true);
    raise_pins(raised);
    for (int rank = 0; rank < 8; rank++) {
        if (!(raised & best_first[rank].pin))
            continue;
        ck_assert_int_eq(irqsim_cpu_poll(&cpu), best_first[rank].taken);
        return;
    }
    ck_assert_int_eq(irqsim_cpu_poll(&cpu), IRQSIM_TAKE_NOTHING);
}
END_TEST

START_TEST(cpu_87_lower_interrupts_stay_pending)
{
    start(true);
    raise_pins(INTR | NMI | SMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_SMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_INTR);
}
END_TEST

START_TEST(cpu_98_iret_unblocks_nmi_and_admits_at_its_own_boundary)
{
    start(true);
    raise_pins(NMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NMI);
    raise_pins(NMI | INTR);
    irqsim_cpu_iret_done(&cpu);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_INTR);
}
END_TEST

START_TEST(cpu_62_what_ends_a_shutdown)
{
    static const irqsim_boundary_t taken[] = {IRQSIM_TAKE_NOTHING, IRQSIM_TAKE_NMI, IRQSIM_TAKE_SMI,
                                              IRQSIM_TAKE_INIT};
    static const uint32_t pins[] = {INTR, NMI, SMI, INIT};
    start(true);
    irqsim_cpu_shutdown(&cpu);
    raise_pins(pins[_i]);
    ck_assert_int_eq(boundary(), taken[_i]);
    ck_assert_int_eq(cpu.activity == IRQSIM_SHUTDOWN, taken[_i] == IRQSIM_TAKE_NOTHING);
}
END_TEST

START_TEST(cpu_62_a_shadow_does_not_outlive_the_shutdown)
{
    start(true);
    irqsim_cpu_mov_ss(&cpu);
    irqsim_cpu_shutdown(&cpu);
    raise_pins(NMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NMI);
}
END_TEST

START_TEST(cpu_62_blocked_nmi_does_not_end_a_shutdown)
{
    start(true);
    raise_pins(NMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NMI);
    irqsim_cpu_shutdown(&cpu);
    raise_pins(NMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NOTHING);
}
END_TEST

/* What was pending before INIT is no cause of a trap behind it. */
START_TEST(cpu_100_init_forgets_debug_traps_and_the_order_of_an_nmi)
{
    start(true);
    irqsim_cpu_debug_trap(&cpu, DR6_B(2));
    raise_pins(INIT);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_INIT);
    ck_assert_uint_eq(cpu.db, 0);
    irqsim_cpu_start(&cpu);
    irqsim_cpu_debug_trap(&cpu, DR6_BS);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_DEBUG);
    ck_assert_uint_eq(cpu.dr6, DR6_RESET | DR6_BS);

    start(true);
    cpu.variant = IRQSIM_CPU_NMI_IN_TURN;
    raise_pins(INTR);
    irqsim_cpu_pulse(&cpu, NMI);
    ck_assert_uint_ne(cpu.nmi_late, 0);
    irqsim_cpu_pulse(&cpu, INIT);
    boundary();
    ck_assert_uint_eq(cpu.nmi_late, 0);
}
END_TEST

START_TEST(cpu_100_init_waits_for_sipi)
{
    start(true);
    raise_pins(NMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NMI);
    raise_pins(INTR | NMI | SMI | INIT);
    cpu.regs.ip = 0x1234;
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_INIT);
    ck_assert_uint_eq(cpu.activity, IRQSIM_WAIT_SIPI);
    ck_assert_uint_eq(cpu.in, INTR); /* a level stays, pulses are gone */
    ck_assert_uint_eq(cpu.nmi_blocked, 0);
    ck_assert_uint_eq(cpu.regs.ip, 0);
    cpu.regs.flags |= IRQSIM_FL_IF;
    raise_pins(INTR | NMI | SMI);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NOTHING);
}
END_TEST

START_TEST(cpu_100_sipi_starts_a_waiting_cpu_only)
{
    start(false);
    ck_assert(!irqsim_cpu_sipi(&cpu, 0x9A));
    raise_pins(INIT);
    boundary();
    raise_pins(INIT); /* a second INIT does not outlive the wait */
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_INIT);
    ck_assert(irqsim_cpu_sipi(&cpu, 0x9A));
    ck_assert_uint_eq(cpu.activity, IRQSIM_RUNNING);
    ck_assert_uint_eq(cpu.sipi_vector, 0x9A);
    ck_assert_uint_eq(cpu.regs.ip, 0x9A000);
    ck_assert_int_eq(boundary(), IRQSIM_TAKE_NOTHING);
    ck_assert(!irqsim_cpu_sipi(&cpu, 0x9B));
}
END_TEST

START_TEST(cpu_57_idt_register_after_reset)
{
    start(false);
    ck_assert_uint_eq(cpu.regs.idtr.base, 0);
    ck_assert_uint_eq(cpu.regs.idtr.limit, 0x3FF);
    ck_assert_uint_eq(cpu.regs.flags, 2);
}
END_TEST

UNIT_MAIN(
    "cpu_boundary", UNIT_TEST(cpu_57_idt_register_after_reset),
    UNIT_LOOP(cpu_62_what_ends_a_shutdown, 0, 4),
    UNIT_TEST(cpu_62_blocked_nmi_does_not_end_a_shutdown),
    UNIT_TEST(cpu_62_a_shadow_does_not_outlive_the_shutdown), UNIT_TEST(cpu_71_if_gates_intr_only),
    UNIT_TEST(cpu_71_intr_is_a_level), UNIT_TEST(cpu_72_sti_shadow_lasts_one_instruction),
    UNIT_TEST(cpu_72_sti_with_if_set_opens_no_shadow), UNIT_TEST(cpu_72_sti_cli_admits_nothing),
    UNIT_TEST(cpu_72_sti_hlt_cannot_lose_a_wakeup),
    UNIT_TEST(cpu_72_a_delivered_event_ends_the_shadow), UNIT_TEST(cpu_73_second_shadow_opens_none),
    UNIT_TEST(cpu_74_mov_ss_inhibits_intr_and_nmi),
    UNIT_TEST(cpu_74_mov_ss_does_not_hold_back_smi_and_init),
    UNIT_TEST(cpu_74_an_smi_does_not_end_a_shadow), UNIT_TEST(cpu_75_sti_does_not_inhibit_nmi),
    UNIT_TEST(cpu_76_cli_takes_effect_at_once), UNIT_TEST(cpu_76_iret_that_sets_if_opens_no_shadow),
    UNIT_LOOP(cpu_77_cli_and_sti_need_iopl, 0, 16), UNIT_LOOP(cpu_78_hlt_needs_cpl_0, 0, 4),
    UNIT_LOOP(cpu_78_what_ends_a_halt, 0, 5), UNIT_TEST(cpu_78_blocked_nmi_does_not_end_a_halt),
    UNIT_TEST(cpu_79_one_nmi_is_latched_while_blocked),
    UNIT_TEST(cpu_79_nmi_blocking_leaves_intr_alone), UNIT_TEST(cpu_80_intr_blocks_no_nmi),
    UNIT_LOOP(cpu_85_best_class_first, 0, 256), UNIT_TEST(cpu_87_lower_interrupts_stay_pending),
    UNIT_TEST(cpu_98_iret_unblocks_nmi_and_admits_at_its_own_boundary),
    UNIT_TEST(cpu_100_init_forgets_debug_traps_and_the_order_of_an_nmi),
    UNIT_TEST(cpu_100_init_waits_for_sipi), UNIT_TEST(cpu_100_sipi_starts_a_waiting_cpu_only))
