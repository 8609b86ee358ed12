/* SPDX-License-Identifier: MIT */
/*
 * syscall.c - INT 0x80: the programmed exception, and what can be asked for by it
 */
#include "traps.h"

/* Approximate: entry and exit with the registers saved; read() finds data at once. */
enum { ENTRY_CLOCKS = 150, READ_CLOCKS = 2000, KILL_CLOCKS = 600 };
enum { COPY_BYTES = 2 }; /* REP MOVS */
#define EFAULT 14u
#define ENOSYS 38u

static const struct {
    uint8_t nr;
    uint8_t flow; /* flow_id_t */
} calls[SYSCALLS] = {
    {0, FLOW_sys_ni_syscall},
    {IRQSIM_SYS_EXIT, FLOW_sys_exit},
    {IRQSIM_SYS_READ, FLOW_sys_read},
    {IRQSIM_SYS_GETPID, FLOW_sys_getpid},
    {IRQSIM_SYS_KILL, FLOW_sys_kill},
    {IRQSIM_SYS_IOCTL, FLOW_sys_ioctl},
    {IRQSIM_SYS_SIGRETURN, FLOW_sys_sigreturn},
};

/* sys_call_table: row 0 for numbers it does not have. */
static unsigned row_of(uint32_t nr)
{
    unsigned row = SYSCALLS - 1;

    while (row && calls[row].nr != nr)
        row--;
    return row;
}

static void begin(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    f->v.trap.error = current_task(k, c)->eax; /* orig_eax */
    f->cause = (uint32_t)irqsim__kernel_emit(k, c, IRQSIM_EV_SYS_ENTER,
                                             irqsim__kernel_frame_cause(k, f), f->v.trap.error,
                                             k->desc.words + WORD_SYS + row_of(f->v.trap.error), 0);
    irqsim__kernel_say_regs(k, c, f, f->v.trap.regs);
}

static void end(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    irqsim__kernel_emit(k, c, IRQSIM_EV_SYS_EXIT, irqsim__kernel_frame_cause(k, f), f->v.trap.error,
                        k->desc.words + WORD_SYS + row_of(f->v.trap.error),
                        current_task(k, c)->eax);
}

/* CPU-26: IF stays on through the trap gate of 2.6. */
FLOW(system_call)
{
    FLOW_BEGIN
        begin(k, c, f);
        irqsim__kernel_restore_if(k, c, f->v.trap.regs);
        SPEND(ENTRY_CLOCKS);
        CALL_ROW(calls[row_of(f->v.trap.error)].flow, .trap = f->v.trap);
        end(k, c, f);
        CALL(resume_userspace, .signal = {.regs = f->v.trap.regs});
    FLOW_IRET
}

/* The access that expects to fault. EIP tells how it ended: the exception table
 * leads elsewhere. */
FLOW(copy_to_user)
{
    FLOW_BEGIN
        irqsim_guest_jump(k->m, c->nr, KERNEL_CS, TEXT_COPY);
        while (irqsim_machine_cpu(k->m, c->nr)->regs.ip == TEXT_COPY &&
               !irqsim__kernel_access(k, c, COPY_BYTES, f->v.copy.address, ACCESS_WRITE))
            SETTLE();
        current_task(k, c)->eax =
            irqsim_machine_cpu(k->m, c->nr)->regs.ip == TEXT_COPY ? 0 : -EFAULT;
    FLOW_END
}

FLOW(sys_ni_syscall)
{
    FLOW_BEGIN
        current_task(k, c)->eax = -ENOSYS;
    FLOW_END
}

FLOW(sys_exit)
{
    FLOW_BEGIN
        CALL(do_exit, .exit = {.status = (current_task(k, c)->ebx & 0xFF) << 8});
    FLOW_END
}

FLOW(sys_read)
{
    FLOW_BEGIN
        SPEND(READ_CLOCKS);
        CALL(copy_to_user, .copy = {.address = current_task(k, c)->ebx});
    FLOW_END
}

FLOW(sys_getpid)
{
    FLOW_BEGIN
        current_task(k, c)->eax = c->current + 1;
    FLOW_END
}

FLOW(sys_kill)
{
    FLOW_BEGIN
        SPEND(KILL_CLOCKS);
        irqsim__kernel_send_sig(k, c, f, current_task(k, c)->ebx % IRQSIM_SIGNALS);
        current_task(k, c)->eax = 0;
    FLOW_END
}

FLOW(sys_ioctl)
{
    FLOW_BEGIN
        CALL(kernel_bug, .bug = {.nr = current_task(k, c)->ebx});
        current_task(k, c)->eax = 0;
    FLOW_END
}

FLOW(sys_sigreturn)
{
    FLOW_BEGIN
        irqsim__kernel_sigreturn(k, c, f->v.trap.regs);
    FLOW_END
}
