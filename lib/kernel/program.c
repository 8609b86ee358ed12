/* SPDX-License-Identifier: MIT */
/*
 * program.c - the program of a user task: EIP says which step is next
 *
 * Nothing is remembered but the registers: whoever changes the saved EIP (a signal,
 * sigreturn) changes what comes next, and a fault's instruction is met again.
 */
#include "traps.h"

/* RUN is LOOP to itself, FPU is FLD1, RAISE as the shortest of its kind. */
enum { LOOP_BYTES = 2, INT_BYTES = 2, FPU_BYTES = 2, RAISE_BYTES = 2, SUB_ESP_BYTES = 6 };

uint32_t irqsim_step_bytes(const irqsim_step_t *step)
{
    static const irqsim_cpustate_t user = {.cpl = 3, .flags = EFLAGS_RESERVED};
    static const uint8_t bytes[IRQSIM_STEP_KINDS] = {[IRQSIM_STEP_RUN] = LOOP_BYTES,
                                                     [IRQSIM_STEP_SYSCALL] = INT_BYTES,
                                                     [IRQSIM_STEP_STACK] = SUB_ESP_BYTES,
                                                     [IRQSIM_STEP_FPU] = FPU_BYTES,
                                                     [IRQSIM_STEP_RAISE] = RAISE_BYTES};

    if (step->kind != IRQSIM_STEP_INSN)
        return bytes[step->kind % IRQSIM_STEP_KINDS];
    return step->insn.length ? step->insn.length : irqsim_insn_length(step->insn.op, &user);
}

/* Steps ascend. */
const irqsim_step_t *irqsim__kernel_step_at(const irqsim_kernel_t *k, uint32_t task, uint32_t ip)
{
    const irqsim_task_desc_t *const desc = irqsim__kernel_task_desc(k, task);
    uint32_t from = 0, to = desc->n_steps;

    while (from < to) {
        const uint32_t middle = from + (to - from) / 2;

        if (desc->program[middle].at < ip - IRQSIM_USER_TEXT)
            from = middle + 1;
        else
            to = middle;
    }
    return from < desc->n_steps && desc->program[from].at == ip - IRQSIM_USER_TEXT
               ? &desc->program[from]
               : NULL;
}

static uint32_t ip_of(irqsim_kernel_t *k, const kcpu_t *c)
{
    return (uint32_t)irqsim_machine_cpu(k->m, c->nr)->regs.ip;
}

static const irqsim_step_t *next_step(irqsim_kernel_t *k, const kcpu_t *c)
{
    return irqsim__kernel_step_at(k, c->current, ip_of(k, c));
}

/* What passes before the instruction ends: RUN and handlers take time, of all else the
 * profile says how long it is. */
static uint64_t clocks_of(irqsim_kernel_t *k, const kcpu_t *c)
{
    const irqsim_sigaction_t *const handler = irqsim__kernel_handler_at(k, c, ip_of(k, c));
    const irqsim_step_t *const step = next_step(k, c);

    if (handler)
        return handler->clocks;
    return step && step->kind == IRQSIM_STEP_RUN ? step->clocks : 0;
}

static void system_call(irqsim_kernel_t *k, kcpu_t *c, uint32_t nr, uint32_t argument)
{
    static const irqsim_insn_t int_0x80 = {.op = IRQSIM_OP_INT, .operand = SYSCALL_VECTOR};

    current_task(k, c)->eax = nr;
    current_task(k, c)->ebx = argument;
    irqsim_guest_exec(k->m, c->nr, &int_0x80);
}

/* All that the CPU sees of a step without an event: its length. */
static void retire(irqsim_kernel_t *k, kcpu_t *c, const irqsim_step_t *step)
{
    const irqsim_insn_t nop = {.op = IRQSIM_OP_NOP, .length = (uint8_t)irqsim_step_bytes(step)};

    irqsim_guest_exec(k->m, c->nr, &nop);
}

static void run(irqsim_kernel_t *k, kcpu_t *c, const irqsim_step_t *step)
{
    current_task(k, c)->done += step->clocks;
    retire(k, c, step);
}

/* INTO behind an instruction that overflowed is an INT 4 of one byte. */
static void overflow(irqsim_kernel_t *k, kcpu_t *c)
{
    static const irqsim_insn_t into = {.op = IRQSIM_OP_INT, .length = 1, .operand = VECTOR_OF};

    irqsim_guest_exec(k->m, c->nr, &into);
}

/* The addresses of LOAD and STORE are the task's own, not the machine's. */
static void insn(irqsim_kernel_t *k, kcpu_t *c, const irqsim_step_t *step)
{
    const bool store = step->insn.op == IRQSIM_OP_STORE;

    current_task(k, c)->eax = UINT32_MAX; /* should it be INT 0x80 */
    if (step->insn.op == IRQSIM_OP_INTO)
        overflow(k, c);
    else if (!store && step->insn.op != IRQSIM_OP_LOAD)
        irqsim_guest_exec(k->m, c->nr, &step->insn);
    else if (irqsim__kernel_access(k, c, irqsim_step_bytes(step), (uint32_t)step->insn.operand,
                                   store ? ACCESS_WRITE : ACCESS_READ))
        retire(k, c, step);
}

static void call(irqsim_kernel_t *k, kcpu_t *c, const irqsim_step_t *step)
{
    system_call(k, c, step->nr, step->argument);
}

static void stack(irqsim_kernel_t *k, kcpu_t *c, const irqsim_step_t *step)
{
    const uint32_t sp = (uint32_t)irqsim_machine_cpu(k->m, c->nr)->regs.sp;

    irqsim_guest_stack(k->m, c->nr, USER_DS, sp - step->argument);
    retire(k, c, step);
}

/* CPU-08: CR0.TS is set until #NM's handler has loaded the task's state. */
static void fpu(irqsim_kernel_t *k, kcpu_t *c, const irqsim_step_t *step)
{
    if (k->era->lazy_fpu && !c->fpu)
        irqsim_guest_raise(k->m, c->nr, FPU_BYTES, VECTOR_NM, 0, 0);
    else
        retire(k, c, step);
}

static void raise(irqsim_kernel_t *k, kcpu_t *c, const irqsim_step_t *step)
{
    irqsim_guest_raise(k->m, c->nr, RAISE_BYTES, step->nr, 0, 0);
}

static void (*const acts[IRQSIM_STEP_KINDS])(irqsim_kernel_t *, kcpu_t *, const irqsim_step_t *) = {
    [IRQSIM_STEP_RUN] = run,     [IRQSIM_STEP_INSN] = insn, [IRQSIM_STEP_SYSCALL] = call,
    [IRQSIM_STEP_STACK] = stack, [IRQSIM_STEP_FPU] = fpu,   [IRQSIM_STEP_RAISE] = raise,
};

/* A handler ends with sigreturn(), a program with exit(0). */
static void act(irqsim_kernel_t *k, kcpu_t *c)
{
    const irqsim_step_t *const step = next_step(k, c);

    if (step)
        acts[step->kind](k, c, step);
    else if (irqsim__kernel_handler_at(k, c, ip_of(k, c)))
        system_call(k, c, IRQSIM_SYS_SIGRETURN, 0);
    else
        system_call(k, c, IRQSIM_SYS_EXIT, 0);
}

FLOW(user_program)
{
    FLOW_BEGIN
        for (;;) {
            SPEND(clocks_of(k, c));
            act(k, c);
            SETTLE();
        }
    FLOW_NEVER_ENDS
}
