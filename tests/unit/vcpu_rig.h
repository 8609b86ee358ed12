/* SPDX-License-Identifier: MIT */
/*
 * vcpu_rig.h - a CPU that executes on the small guest of idt_guest.h, for tests
 *
 * What a call did is compared as text: "nop 1001" retired, "#DE 1000" delivered with
 * that saved IP, "shutdown", "bus error", "-" nothing.
 */
#ifndef IRQSIM_TESTS_VCPU_RIG_H
#define IRQSIM_TESTS_VCPU_RIG_H

#include <irqsim/regs/debug_regs.h>
#include <irqsim/vcpu.h>

#include "idt_guest.h"
#include "unit.h"

#define START 0x1000u /* of a program: any address does, nothing is fetched */

typedef struct rig {
    guest_t guest; /* its registers are those that a CPU begins with */
    irqsim_cpu_t cpu;
    irqsim_mem_t mem;
    irqsim_breakpoints_t breakpoints;
    irqsim_vcpu_t v;
    irqsim_vcpu_out_t out;
    uint8_t vector; /* of the next acknowledge */
    char text[64];
} rig_t;

static rig_t rig;

static inline uint8_t rig_ack(void *user)
{
    rig_t *r = user;

    irqsim_cpu_set_intr(&r->cpu, false);
    return r->vector;
}

static inline void rig_start(void)
{
    memset(&rig, 0, sizeof(rig));
    guest_init(&rig.guest);
    irqsim_cpu_init(&rig.cpu);
    rig.cpu.regs = rig.guest.cpu;
    rig.cpu.regs.ip = START;
    rig.mem = guest_mem(&rig.guest);
    rig.v = (irqsim_vcpu_t){.cpu = &rig.cpu,
                            .mem = &rig.mem,
                            .ack = rig_ack,
                            .user = &rig,
                            .breakpoints = &rig.breakpoints};
}

static inline void rig_start_user(void)
{
    rig_start();
    guest_at_user(&rig.guest);
    rig.cpu.regs = rig.guest.cpu;
    rig.cpu.regs.ip = START;
}

/* In 64-bit code at CPL 0, with tables to match. */
static inline void rig_start_long(void)
{
    rig_start();
    guest_to_long(&rig.guest);
    rig.cpu.regs = rig.guest.cpu;
    rig.cpu.regs.ip = START;
}

/* In 32-bit code of long mode, at CPL 3. */
static inline void rig_start_compatible(void)
{
    rig_start_long();
    set_segment(&rig.guest, SPARE, DESC_FLAT_CODE32(3));
    guest_at_user(&rig.guest);
    rig.cpu.regs = rig.guest.cpu;
    rig.cpu.regs.ip = START;
    rig.cpu.regs.cs = SPARE | 3;
    rig.cpu.regs.ss_desc = DESC_FLAT_DATA32(3);
    rig.cpu.regs.code64 = 0;
}

/* Paragraphs at 0; every vector leads to 0:HANDLER + vector. */
static inline void rig_start_real(void)
{
    rig_start();
    for (unsigned v = 0; v < 256; v++)
        poke(&rig.guest, 4 * v, HANDLER + v, 4);
    rig.cpu.regs.mode = IRQSIM_MODE_REAL;
    rig.cpu.regs.idtr = (irqsim_dtr_t){.limit = 0x3FF};
    rig.cpu.regs.cs = rig.cpu.regs.ss = 0;
}

static inline void rig_start_v86(unsigned iopl)
{
    rig_start();
    rig.cpu.regs.mode = IRQSIM_MODE_V86;
    rig.cpu.regs.cpl = 3;
    rig.cpu.regs.flags |= EFLAGS_VM | EFLAGS_IOPL(iopl);
    rig.cpu.regs.cs = rig.cpu.regs.ss = 0;
}

static inline void rig_interrupt(uint8_t vector)
{
    rig.vector = vector;
    irqsim_cpu_set_intr(&rig.cpu, true);
}

static inline const char *delivered_text(const irqsim_delivered_t *d)
{
    const irqsim_exc_info_t *info = irqsim_exc_info(d->event.vector);
    const bool exception = d->event.kind == IRQSIM_KIND_EXCEPTION;

    if (d->what == IRQSIM_DELIVERED_SHUTDOWN)
        return "shutdown";
    if (d->what == IRQSIM_DELIVERED_BUS_ERROR)
        return "bus error";
    if (exception)
        snprintf(rig.text, sizeof(rig.text), "%s %llX", info->mnemonic,
                 (unsigned long long)d->saved_ip);
    else
        snprintf(rig.text, sizeof(rig.text), "%02X %llX", d->event.vector,
                 (unsigned long long)d->saved_ip);
    return rig.text;
}

static inline const char *rig_text(unsigned op)
{
    if (rig.out.did == IRQSIM_VCPU_DELIVERED)
        return delivered_text(&rig.out.delivered);
    if (rig.out.did == IRQSIM_VCPU_NOTHING)
        return "-";
    snprintf(rig.text, sizeof(rig.text), "%s %llX", irqsim_insn_name(op),
             (unsigned long long)rig.cpu.regs.ip);
    return rig.text;
}

static inline const char *exec_insn(irqsim_insn_t insn)
{
    ck_assert_int_eq(irqsim_vcpu_exec(&rig.v, &insn, &rig.out), IRQSIM_OK);
    return rig_text(insn.op);
}

static inline const char *exec(irqsim_op_t op, uint64_t operand)
{
    return exec_insn((irqsim_insn_t){.op = (uint8_t)op, .operand = operand});
}

static inline const char *boundary(void)
{
    ck_assert_int_eq(irqsim_vcpu_boundary(&rig.v, &rig.out), IRQSIM_OK);
    return rig_text(0);
}

#define says(expected, call) ck_assert_str_eq(call, expected)

#endif
