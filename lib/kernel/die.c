/* SPDX-License-Identifier: MIT */
/*
 * die.c - what becomes of a kernel that made a mistake: the task ends, or all does
 */
#include "traps.h"

/* Approximate: what die() and panic() print goes to a console. */
enum { PRINT_CLOCKS = 30000 };

static void oops(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    k->oopses++;
    f->cause =
        (uint32_t)irqsim__kernel_emit(k, c, IRQSIM_EV_OOPS, irqsim__kernel_frame_cause(k, f),
                                      k->desc.words + f->v.die.word, f->v.die.error, k->oopses);
    irqsim__kernel_notify_die(k, c, f, DIE_OOPS, f->v.die.vector, SIGSEGV);
    if (k->observed)
        irqsim__kernel_emit(k, c, IRQSIM_EV_SHOW_REGISTERS, irqsim__kernel_frame_cause(k, f),
                            irqsim__kernel_reg(k, c, f->v.die.regs, REGS_EIP), f->v.die.vector,
                            c->current);
}

/* EXC-07: whose work it was is lost; with an interrupt's nobody knows what else. */
FLOW(die)
{
    FLOW_BEGIN
        irqsim_guest_cli(k->m, c->nr);
        oops(k, c, f);
        SPEND(PRINT_CLOCKS);
        if (in_interrupt(c))
            CALL(panic, .panic = {.word = WORD_IN_INTERRUPT});
        CALL(do_exit, .exit = {.status = SIGSEGV});
    FLOW_NEVER_ENDS
}

/* The other CPUs stop when the IPI's handler finds that this one has. */
FLOW(panic)
{
    FLOW_BEGIN
        f->cause =
            (uint32_t)irqsim__kernel_emit(k, c, IRQSIM_EV_PANIC, irqsim__kernel_frame_cause(k, f),
                                          k->desc.words + f->v.panic.word, 0, 0);
        k->panicked = 1;
        irqsim__kernel_call_others(k, c, irqsim__kernel_frame_cause(k, f));
        CALL(stop_this_cpu, NO_LOCALS);
    FLOW_NEVER_ENDS
}

FLOW(stop_this_cpu)
{
    FLOW_BEGIN
        for (;;) {
            irqsim_guest_cli(k->m, c->nr);
            irqsim_guest_hlt(k->m, c->nr);
            SETTLE(); /* an NMI comes through */
        }
    FLOW_NEVER_ENDS
}

/* The frames go when the CPU has left them. */
FLOW(do_exit)
{
    FLOW_BEGIN
        irqsim_guest_cli(k->m, c->nr);
        current_task(k, c)->status = (uint16_t)f->v.exit.status;
        current_task(k, c)->state = TASK_EXITED;
        irqsim__kernel_emit(k, c, IRQSIM_EV_TASK_EXIT, irqsim__kernel_frame_cause(k, f), c->current,
                            f->v.exit.status, 0);
        CALL(schedule, NO_LOCALS);
    FLOW_NEVER_ENDS
}

/* A pointer of user space, used without copy_to_user(). */
enum { USER_POINTER = 0x0804C000, STORE_BYTES = 5 /* A3 and the address */ };

static void overwrite_gate_0(irqsim_kernel_t *k, const kcpu_t *c)
{
    irqsim__kernel_put64(k, (uint32_t)irqsim_machine_cpu(k->m, c->nr)->regs.idtr.base, 0);
}

/* A driver's mistake. false: it is not seen, or not at once. */
static bool misbehave(irqsim_kernel_t *k, kcpu_t *c, uint32_t bug)
{
    static const struct {
        uint8_t bytes, vector, error;
    } raises[IRQSIM_BUGS] = {
        [IRQSIM_BUG_NULL] = {STORE_BYTES, VECTOR_PF, PF_ERROR_W},
        [IRQSIM_BUG_ASSERT] = {2, VECTOR_UD, 0}, /* 0F 0B */
        [IRQSIM_BUG_DIVIDE] = {2, VECTOR_DE, 0}, /* F7 F1 */
        [IRQSIM_BUG_MSR] = {2, VECTOR_GP, 0},    /* 0F 30 */
    };

    irqsim_guest_jump(k->m, c->nr, KERNEL_CS, TEXT_BUGS + bug * BUG_BYTES);
    if (bug == IRQSIM_BUG_USER)
        return !irqsim__kernel_access(k, c, STORE_BYTES, USER_POINTER, ACCESS_WRITE);
    if (bug == IRQSIM_BUG_WILD) {
        overwrite_gate_0(k, c);
        return false;
    }
    irqsim_guest_raise(k->m, c->nr, raises[bug].bytes, raises[bug].vector, raises[bug].error, 0);
    return true;
}

FLOW(kernel_bug)
{
    FLOW_BEGIN
        if (misbehave(k, c, f->v.bug.nr % IRQSIM_BUGS))
            SETTLE();
    FLOW_END
}

static const irqsim_job_t *bug_in(const irqsim_kernel_t *k, uint32_t job)
{
    uint32_t child = job < k->desc.n_jobs ? k->desc.jobs[job].child : 0;

    while (child && k->desc.jobs[child - 1].kind != IRQSIM_JOB_BUG)
        child = k->desc.jobs[child - 1].next;
    return child ? &k->desc.jobs[child - 1] : NULL;
}

FLOW(bug_of_job)
{
    FLOW_BEGIN
        if (bug_in(k, f->v.bug.nr))
            CALL(kernel_bug, .bug = {.nr = bug_in(k, f->v.bug.nr)->nr});
    FLOW_END
}
