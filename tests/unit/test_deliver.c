/* SPDX-License-Identifier: MIT */
/*
 * test_deliver.c - irqsim_deliver(): a register file, a memory, an event
 */
#include "vcpu_rig.h"

static const char *deliver_it(irqsim_delivery_t event)
{
    ck_assert_int_eq(irqsim_deliver(&rig.cpu.regs, &rig.mem, &event, &rig.out.delivered),
                     IRQSIM_OK);
    return delivered_text(&rig.out.delivered);
}

START_TEST(cpu_28_the_caller_says_what_is_saved)
{
    rig_start();
    says("31 1000", deliver_it(irqsim_interrupt(0x31)));
    ck_assert_uint_eq(rig.cpu.regs.ip, HANDLER + 0x31);
    ck_assert_uint_eq(rig.out.delivered.out.frame, 12);
    ck_assert_uint_eq(rig.out.delivered.out.address, rig.cpu.regs.sp);
}
END_TEST

/* The INT did not complete: its fault is one of the instruction. */
START_TEST(cpu_28_what_a_software_interrupt_raises_saves_the_instruction)
{
    rig_start();
    set_gate(&rig.guest, 0x80, 0);
    rig.cpu.regs.ip = START + 2;
    says("#GP 1000", deliver_it(irqsim_int_n(0x80, 2)));
    rig_start();
    rig.cpu.regs.mode = IRQSIM_MODE_REAL;
    rig.cpu.regs.idtr = (irqsim_dtr_t){.base = 0, .limit = 4 * 0x20 - 1};
    rig.cpu.regs.ip = 1; /* CD at FFFF, nn at 0000 */
    says("#GP FFFF", deliver_it(irqsim_int_n(0x80, 2)));
}
END_TEST

START_TEST(cpu_62_shutdown_leaves_the_registers)
{
    rig_start();
    rig.cpu.regs.idtr.limit = 0;
    const irqsim_cpustate_t before = rig.cpu.regs;
    says("shutdown", deliver_it(irqsim_interrupt(0x31)));
    ck_assert_mem_eq(&rig.cpu.regs, &before, sizeof(before));
}
END_TEST

/* A stack that is not there: the page fault cannot be delivered on it, nor #DF. */
START_TEST(cpu_24_a_refused_access_is_a_page_fault)
{
    rig_start();
    rig.cpu.regs.sp = 0x20000;
    says("shutdown", deliver_it(irqsim_interrupt(0x31)));
    ck_assert_uint_eq(rig.out.delivered.escalations, 3);
    ck_assert_uint_eq(rig.out.delivered.chain[0].raised, VECTOR_PF);
    ck_assert_uint_eq(rig.out.delivered.chain[0].becomes, VECTOR_PF);
    ck_assert_uint_eq(rig.out.delivered.chain[1].becomes, VECTOR_DF);
    ck_assert_uint_eq(rig.out.delivered.chain[0].address, 0x1FFFC);
}
END_TEST

START_TEST(bus_errors_end_a_delivery)
{
    rig_start();
    rig.mem.missing = IRQSIM_MEM_BUS_ERROR;
    rig.cpu.regs.sp = 0x20000;
    const irqsim_cpustate_t before = rig.cpu.regs;
    says("bus error", deliver_it(irqsim_interrupt(0x31)));
    ck_assert_uint_eq(rig.out.delivered.out.address, 0x1FFFC);
    ck_assert_mem_eq(&rig.cpu.regs, &before, sizeof(before));
}
END_TEST

/* The stack is beyond what is lent, and nobody is asked: as if he had refused. */
START_TEST(cpu_24_without_callbacks_lent_ram_is_all_there_is)
{
    rig_start();
    rig.mem = guest_lent_mem(&rig.guest);
    rig.cpu.regs.sp = MEMORY + 8;
    says("shutdown", deliver_it(irqsim_interrupt(0x31)));
    ck_assert_uint_eq(rig.out.delivered.chain[0].raised, VECTOR_PF);
    ck_assert_uint_eq(rig.out.delivered.chain[0].error, PF_ERROR_W);
    ck_assert_uint_eq(rig.out.delivered.chain[0].address, MEMORY + 4);
    rig.mem.missing = IRQSIM_MEM_BUS_ERROR;
    says("bus error", deliver_it(irqsim_interrupt(0x31)));
    ck_assert_uint_eq(rig.out.delivered.out.address, MEMORY + 4);
    rig.cpu.regs.idtr.base = MEMORY;
    says("bus error", deliver_it(irqsim_int_n(0x80, 2)));
    ck_assert_uint_eq(rig.out.delivered.out.address, MEMORY + 8 * 0x80);
}
END_TEST

/* ---- states that cannot be ---- */

static void set_mode(void)
{
    rig.cpu.regs.mode = 4;
}
static void set_cpl(void)
{
    rig.cpu.regs.cpl = 4;
}
static void set_cpl_of_real_mode(void)
{
    rig.cpu.regs.mode = IRQSIM_MODE_REAL;
    rig.cpu.regs.cpl = 3;
}
static void set_cpl_of_v86(void)
{
    rig.cpu.regs.mode = IRQSIM_MODE_V86;
    rig.cpu.regs.flags |= EFLAGS_VM;
}
static void set_vm(void)
{
    rig.cpu.regs.flags |= EFLAGS_VM;
}
static void clear_vm(void)
{
    rig.cpu.regs.mode = IRQSIM_MODE_V86;
    rig.cpu.regs.cpl = 3;
}
static void set_code64(void)
{
    rig.cpu.regs.code64 = 1;
}
static void set_ip(void)
{
    rig.cpu.regs.ip = UINT64_C(1) << 32;
}
static void set_ip64(void)
{
    rig.cpu.regs.mode = IRQSIM_MODE_LONG;
    rig.cpu.regs.code64 = 1;
    rig.cpu.regs.ip = UINT64_C(1) << 47;
}
static void set_sp(void)
{
    rig.cpu.regs.sp = UINT64_C(1) << 32;
}

static const struct {
    void (*spoil)(void);
    const char *field;
} impossible[] = {
    {set_mode, "mode"}, {set_cpl, "cpl"},    {set_cpl_of_real_mode, "cpl"}, {set_cpl_of_v86, "cpl"},
    {set_vm, "flags"},  {clear_vm, "flags"}, {set_code64, "code64"},        {set_ip, "ip"},
    {set_ip64, "ip"},   {set_sp, "sp"},
};

/* _i: what cannot be */
START_TEST(law_5_impossible_states_are_named)
{
    const irqsim_delivery_t event = {.vector = 0x31};
    const irqsim_insn_t insn = {.op = IRQSIM_OP_NOP};

    rig_start();
    ck_assert_ptr_null(irqsim_impossible(&rig.cpu.regs));
    impossible[_i].spoil();
    const irqsim_cpu_t before = rig.cpu;
    ck_assert_int_eq(irqsim_deliver(&rig.cpu.regs, &rig.mem, &event, &rig.out.delivered),
                     IRQSIM_E_INVAL);
    ck_assert_str_eq(rig.out.delivered.field, impossible[_i].field);
    ck_assert_int_eq(irqsim_vcpu_exec(&rig.v, &insn, &rig.out), IRQSIM_E_INVAL);
    ck_assert_str_eq(rig.out.delivered.field, impossible[_i].field);
    irqsim_cpu_pulse(&rig.cpu, IRQSIM_CPU_IN_NMI);
    ck_assert_int_eq(irqsim_vcpu_boundary(&rig.v, &rig.out), IRQSIM_E_INVAL);
    ck_assert(rig.cpu.in & IRQSIM_CPU_IN_NMI); /* not lost */
    rig.cpu.in = before.in;
    ck_assert_mem_eq(&rig.cpu, &before, sizeof(before));
}
END_TEST

UNIT_MAIN("deliver", UNIT_TEST(cpu_28_the_caller_says_what_is_saved),
          UNIT_TEST(cpu_28_what_a_software_interrupt_raises_saves_the_instruction),
          UNIT_TEST(cpu_62_shutdown_leaves_the_registers),
          UNIT_TEST(cpu_24_a_refused_access_is_a_page_fault), UNIT_TEST(bus_errors_end_a_delivery),
          UNIT_TEST(cpu_24_without_callbacks_lent_ram_is_all_there_is),
          UNIT_LOOP(law_5_impossible_states_are_named, 0,
                    sizeof(impossible) / sizeof(impossible[0])))
