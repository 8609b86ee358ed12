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
    for (unsigned past = 0; past <= 0x10000; past += 0x10000) { /* a CPU may wrap IP or not */
        rig_start_real();
        rig.cpu.regs.idtr.limit = 4 * 0x20 - 1;
        rig.cpu.regs.ip = past; /* CD at FFFE, nn at FFFF */
        says("#GP FFFE", deliver_it(irqsim_int_n(0x80, 2)));
    }
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

/* ---- rights (CPU-24) ---- */

/* The page at `first` forbids accesses that have any of these bits. */
static struct {
    uint64_t first;
    uint32_t bits;
} forbidden;

static bool allows(void *user, uint64_t addr, unsigned size, uint32_t access)
{
    (void)user;
    return addr >= forbidden.first + 0x1000 || addr + size <= forbidden.first ||
           !(access & forbidden.bits);
}

static void forbid(uint64_t first, uint32_t bits)
{
    forbidden.first = first;
    forbidden.bits = bits;
    rig.mem.allows = allows;
}

START_TEST(cpu_24_a_user_push_to_a_supervisor_page_is_a_violation)
{
    rig_start_user();
    forbid(USER_STACK - 0x1000, PF_ERROR_U);
    says("#PF 1000", exec(IRQSIM_OP_PUSHF, 0));
    ck_assert_uint_eq(rig.out.event.error, PF_ERROR_P | PF_ERROR_W | PF_ERROR_U);
    ck_assert_uint_eq(rig.cpu.regs.cr2, USER_STACK - 4);
    rig_start_user();
    forbid(0x6000, PF_ERROR_U);
    says("#PF 1000", exec(IRQSIM_OP_LOAD, 0x6010));
    ck_assert_uint_eq(rig.out.event.error, PF_ERROR_P | PF_ERROR_U);
    rig_start_user(); /* what is not there has no rights */
    forbid(0x6000, PF_ERROR_U);
    says("#PF 1000", exec(IRQSIM_OP_LOAD, 0x20000));
    ck_assert_uint_eq(rig.out.event.error, PF_ERROR_U);
}
END_TEST

/* Tables, TSS and the inner stack are reached as the supervisor. */
START_TEST(cpu_24_a_delivery_to_an_inner_level_is_the_supervisors)
{
    const uint64_t pages[] = {IDT, GDT, TSS, KERNEL_STACK - 0x1000};

    for (unsigned i = 0; i < 4; i++) {
        rig_start_user();
        forbid(pages[i], PF_ERROR_U);
        says("80 1002", exec(IRQSIM_OP_INT, 0x80));
    }
}
END_TEST

/* The slot that is pushed first, as far as it is in the page. */
START_TEST(cpu_24_a_frame_on_a_read_only_page)
{
    rig_start();
    rig.cpu.regs.sp = 0x7004;
    forbid(0x6000, PF_ERROR_W);
    rig.mem.missing = IRQSIM_MEM_BUS_ERROR; /* it is there: a page fault all the same */
    says("shutdown", deliver_it((irqsim_delivery_t){.vector = 0x31}));
    const irqsim_escalation_t *link = &rig.out.delivered.chain[0];
    ck_assert_uint_eq(link->raised, VECTOR_PF);
    ck_assert_uint_eq(link->error, PF_ERROR_P | PF_ERROR_W);
    ck_assert_uint_eq(link->address, 0x6FFC);
    rig_start();
    rig.cpu.regs.sp = 0x7008;
    rig.guest.hole = 0x7004;
    rig.guest.hole_end = 0x7008;
    forbid(0x6000, PF_ERROR_W);
    deliver_it((irqsim_delivery_t){.vector = 0x31});
    ck_assert_uint_eq(rig.out.delivered.chain[0].error, PF_ERROR_W); /* this one is not there */
    ck_assert_uint_eq(rig.out.delivered.chain[0].address, 0x7004);
}
END_TEST

START_TEST(cpu_24_an_iret_from_a_page_that_forbids_it)
{
    rig_start_user();
    rig.cpu.regs.sp = USER_STACK - 12;
    forbid(USER_STACK - 0x1000, PF_ERROR_U);
    says("#PF 1000", exec(IRQSIM_OP_IRET, 0));
    ck_assert_uint_eq(rig.out.event.error, PF_ERROR_P | PF_ERROR_U);
    ck_assert_uint_eq(rig.cpu.regs.cr2, USER_STACK - 12);
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
    rig_start_v86(0);
    rig.cpu.regs.cpl = 0;
}
static void set_vm(void)
{
    rig.cpu.regs.flags |= EFLAGS_VM;
}
static void clear_vm(void)
{
    rig_start_v86(0);
    rig.cpu.regs.flags &= ~(uint64_t)EFLAGS_VM;
}
static void set_code64(void)
{
    rig.cpu.regs.code64 = 1;
}
static void set_code64_to_2(void)
{
    rig_start_long();
    rig.cpu.regs.code64 = 2;
}
static void set_cs(void)
{
    rig.cpu.regs.cs = USER_CS;
}
static void set_cs_of_user(void)
{
    rig_start_user();
    rig.cpu.regs.cs = KERNEL_CS;
}
static void set_reserved_flag(void)
{
    rig.cpu.regs.flags |= UINT64_C(1) << 3;
}
static void set_high_flag(void)
{
    rig.cpu.regs.flags |= UINT64_C(1) << 40;
}
static void clear_reserved_flag(void)
{
    rig.cpu.regs.flags &= ~(uint64_t)EFLAGS_RESERVED;
}
static void set_ip(void)
{
    rig.cpu.regs.ip = UINT64_C(1) << 32;
}
static void set_ip_of_real_mode(void)
{
    rig_start_real();
    rig.cpu.regs.ip = 0x10001;
}
static void set_ip_of_compatibility_mode(void)
{
    rig_start_compatible();
    rig.cpu.regs.ip = UINT64_C(1) << 32;
}
static void set_sp(void)
{
    rig.cpu.regs.sp = UINT64_C(1) << 32;
}
static void set_idtr(void)
{
    rig.cpu.regs.idtr.base = UINT64_C(1) << 32;
}
static void set_idtr_limit(void)
{
    rig.cpu.regs.idtr.limit = 0x10000;
}
static void set_idtr_of_long_mode(void)
{
    rig_start_long();
    rig.cpu.regs.idtr.base = UINT64_C(1) << 47;
}
static void set_gdtr(void)
{
    rig.cpu.regs.gdtr.base = UINT64_C(1) << 32;
}
static void set_ldtr(void)
{
    rig.cpu.regs.ldtr.base = UINT64_C(1) << 32;
}
static void set_tr(void)
{
    rig.cpu.regs.tr.base = UINT64_C(1) << 32;
}
static void set_tr_type(void)
{
    rig.cpu.regs.tr.type = DESC_TYPE_LDT;
}
static void set_tr_type_of_long_mode(void)
{
    rig_start_long();
    rig.cpu.regs.tr.type = DESC_TYPE_TSS16_BUSY;
}
static void set_ts(void)
{
    rig.cpu.regs.ts = 2;
}

static const struct {
    void (*spoil)(void);
    const char *field;
} impossible[] = {
    {set_mode, "mode"},
    {set_code64, "code64"},
    {set_code64_to_2, "code64"},
    {set_cpl, "cpl"},
    {set_cpl_of_real_mode, "cpl"},
    {set_cpl_of_v86, "cpl"},
    {set_cs, "cs"},
    {set_cs_of_user, "cs"},
    {set_vm, "flags"},
    {clear_vm, "flags"},
    {set_reserved_flag, "flags"},
    {set_high_flag, "flags"},
    {clear_reserved_flag, "flags"},
    {set_ip, "ip"},
    {set_ip_of_real_mode, "ip"},
    {set_ip_of_compatibility_mode, "ip"},
    {set_sp, "sp"},
    {set_idtr, "idtr"},
    {set_idtr_limit, "idtr"},
    {set_idtr_of_long_mode, "idtr"},
    {set_gdtr, "gdtr"},
    {set_ldtr, "ldtr"},
    {set_tr, "tr"},
    {set_tr_type, "tr"},
    {set_tr_type_of_long_mode, "tr"},
    {set_ts, "ts"},
};

/* _i: what cannot be */
START_TEST(law_5_impossible_states_are_named)
{
    const irqsim_delivery_t event = {.vector = 0x31};
    const irqsim_insn_t insn = {.op = IRQSIM_OP_NOP};

    rig_start();
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

/* Guests get there, on a CPU too. */
START_TEST(law_4_what_a_guest_can_reach_is_possible)
{
    void (*const start[])(void) = {rig_start, rig_start_user, rig_start_real, rig_start_long,
                                   rig_start_compatible};

    for (unsigned i = 0; i < sizeof(start) / sizeof(start[0]); i++) {
        start[i]();
        ck_assert_ptr_null(irqsim_impossible(&rig.cpu.regs));
    }
    rig.cpu.regs.sp = UINT64_MAX; /* of compatibility mode: what IRETQ popped */
    ck_assert_ptr_null(irqsim_impossible(&rig.cpu.regs));
    rig_start_long();
    rig.cpu.regs.ip = UINT64_C(1) << 47;
    ck_assert_ptr_null(irqsim_impossible(&rig.cpu.regs));
    rig_start_real();
    rig.cpu.regs.ip = 0x10000;
    ck_assert_ptr_null(irqsim_impossible(&rig.cpu.regs));
    rig_start_v86(0);
    rig.cpu.regs.ip = UINT32_MAX; /* of a TSS */
    ck_assert_ptr_null(irqsim_impossible(&rig.cpu.regs));
}
END_TEST

START_TEST(law_5_a_kind_that_is_none_is_the_callers_mistake)
{
    const irqsim_delivery_t event = {.vector = 0x31, .kind = IRQSIM_KIND_INTO + 1};

    rig_start();
    const irqsim_cpu_t before = rig.cpu;
    ck_assert_int_eq(irqsim_deliver(&rig.cpu.regs, &rig.mem, &event, &rig.out.delivered),
                     IRQSIM_E_INVAL);
    ck_assert_str_eq(rig.out.delivered.field, "kind");
    ck_assert_int_eq(irqsim_vcpu_raise(&rig.v, &event, &rig.out), IRQSIM_E_INVAL);
    ck_assert_str_eq(rig.out.delivered.field, "kind");
    ck_assert_int_eq(rig.out.did, IRQSIM_VCPU_NOTHING);
    ck_assert_mem_eq(&rig.cpu, &before, sizeof(before));
}
END_TEST

UNIT_MAIN("deliver", UNIT_TEST(cpu_28_the_caller_says_what_is_saved),
          UNIT_TEST(cpu_28_what_a_software_interrupt_raises_saves_the_instruction),
          UNIT_TEST(cpu_62_shutdown_leaves_the_registers),
          UNIT_TEST(cpu_24_a_refused_access_is_a_page_fault), UNIT_TEST(bus_errors_end_a_delivery),
          UNIT_TEST(cpu_24_without_callbacks_lent_ram_is_all_there_is),
          UNIT_TEST(cpu_24_a_user_push_to_a_supervisor_page_is_a_violation),
          UNIT_TEST(cpu_24_a_delivery_to_an_inner_level_is_the_supervisors),
          UNIT_TEST(cpu_24_a_frame_on_a_read_only_page),
          UNIT_TEST(cpu_24_an_iret_from_a_page_that_forbids_it),
          UNIT_LOOP(law_5_impossible_states_are_named, 0,
                    sizeof(impossible) / sizeof(impossible[0])),
          UNIT_TEST(law_4_what_a_guest_can_reach_is_possible),
          UNIT_TEST(law_5_a_kind_that_is_none_is_the_callers_mistake))
