/* SPDX-License-Identifier: MIT */
/*
 * traps.c - exceptions: from the wrapper to do_name(), and back
 *
 *   name: -> error_code -> do_name() --+--> a signal for the task   do_trap
 *                                      +--> another EIP             exception table
 *                                      +--> die()                   kernel mode, no line there
 *                                      +--> nothing more            page mapped, FPU loaded
 *   -> ret_from_exception -> (user mode: schedule, signals) -> iret
 *
 * EXC-09: a trap gate leaves IF alone and the handlers of interrupt gates set it
 * again, so devices interrupt a handler here; it is no interrupt context, and may
 * meet one exception more, a page fault (copy_to_user and the like). What an
 * interrupt's handler must not do, has nobody to do it for: it dies.
 */
#include "traps.h"

/* Approximate: entry and exit code with the registers saved, and what a handler does
 * until it knows; a minor page fault takes a page and clears it. */
enum { ENTRY_CLOCKS = 60, TRAP_CLOCKS = 300, PAGE_FAULT_CLOCKS = 1500, NMI_CLOCKS = 600 };

/* si_code of the others. */
enum { ILL_ILLOPN = 2, FPE_INTDIV = 1, FPE_FLTINV = 7, BUS_ADRALN = 1, TRAP_BRKPT = 1 };

typedef fate_t (*do_name_t)(irqsim_kernel_t *k, kcpu_t *c, frame_t *f);
static fate_t do_trap(irqsim_kernel_t *k, kcpu_t *c, frame_t *f);
static fate_t do_general_protection(irqsim_kernel_t *k, kcpu_t *c, frame_t *f);
static fate_t do_debug(irqsim_kernel_t *k, kcpu_t *c, frame_t *f);
static fate_t math_state_restore(irqsim_kernel_t *k, kcpu_t *c, frame_t *f);
static fate_t spurious_interrupt_bug(irqsim_kernel_t *k, kcpu_t *c, frame_t *f);
static fate_t machine_check(irqsim_kernel_t *k, kcpu_t *c, frame_t *f);

typedef struct trap {
    do_name_t do_name;
    uint8_t signal;
    uint8_t code; /* of the signal                                       */
    uint8_t die;  /* how its notify_die() is called                      */
    uint16_t clocks;
} trap_t;

/* EXC-08. Vectors 2 and 8 have flows of their own, 20..31 no gates. */
/* clang-format off */
static const trap_t traps[FIRST_EXTERNAL] = {
    [VECTOR_DE] = {do_trap,               SIGFPE,  FPE_INTDIV, DIE_TRAP,  TRAP_CLOCKS},
    [VECTOR_DB] = {do_debug,              SIGTRAP, TRAP_BRKPT, DIE_DEBUG, TRAP_CLOCKS},
    [VECTOR_BP] = {do_trap,               SIGTRAP, SI_KERNEL,  DIE_INT3,  TRAP_CLOCKS},
    [VECTOR_OF] = {do_trap,               SIGSEGV, SI_KERNEL,  DIE_TRAP,  TRAP_CLOCKS},
    [VECTOR_BR] = {do_trap,               SIGSEGV, SI_KERNEL,  DIE_TRAP,  TRAP_CLOCKS},
    [VECTOR_UD] = {do_trap,               SIGILL,  ILL_ILLOPN, DIE_TRAP,  TRAP_CLOCKS},
    [VECTOR_NM] = {math_state_restore,    0,       0,          0,         TRAP_CLOCKS},
    [9]         = {do_trap,               SIGFPE,  SI_KERNEL,  DIE_TRAP,  TRAP_CLOCKS},
    [VECTOR_TS] = {do_trap,               SIGSEGV, SI_KERNEL,  DIE_TRAP,  TRAP_CLOCKS},
    [VECTOR_NP] = {do_trap,               SIGBUS,  SI_KERNEL,  DIE_TRAP,  TRAP_CLOCKS},
    [VECTOR_SS] = {do_trap,               SIGBUS,  SI_KERNEL,  DIE_TRAP,  TRAP_CLOCKS},
    [VECTOR_GP] = {do_general_protection, SIGSEGV, SI_KERNEL,  DIE_GPF,   TRAP_CLOCKS},
    [VECTOR_PF] = {irqsim__kernel_do_page_fault, 0, 0,         0,         PAGE_FAULT_CLOCKS},
    [15]        = {spurious_interrupt_bug, 0,      0,          0,         0},
    [VECTOR_MF] = {do_trap,               SIGFPE,  FPE_FLTINV, DIE_TRAP,  TRAP_CLOCKS},
    [VECTOR_AC] = {do_trap,               SIGBUS,  BUS_ADRALN, DIE_TRAP,  TRAP_CLOCKS},
    [VECTOR_MC] = {machine_check,         0,       0,          0,         TRAP_CLOCKS},
    [VECTOR_XM] = {do_trap,               SIGFPE,  FPE_FLTINV, DIE_TRAP,  TRAP_CLOCKS},
};
/* clang-format on */

/* EXC-01: which wrappers find an error code on the stack. */
static const bool has_error[FIRST_EXTERNAL] = {
#define EXCEPTION(vector, mnemonic, name, class_, error, combines) [vector] = (error),
#include <irqsim/exceptions.def>
#undef EXCEPTION
};

static const trap_t *trap_of(const frame_t *f)
{
    const trap_t *const trap = &traps[f->v.trap.vector % FIRST_EXTERNAL];

    return trap->do_name ? trap : &traps[VECTOR_GP]; /* else: a forged snapshot */
}

/* ---- what handlers use ---- */

void irqsim__kernel_notify_die(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f, unsigned reason,
                               uint32_t vector, uint32_t signal)
{
    irqsim__kernel_emit(k, c, IRQSIM_EV_NOTIFY_DIE, irqsim__kernel_frame_cause(k, f),
                        k->desc.words + WORD_DIE + reason, vector, signal);
}

void irqsim__kernel_say_regs(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f, uint32_t regs)
{
    if (!k->observed)
        return;
    irqsim__kernel_emit(k, c, IRQSIM_EV_PT_REGS, irqsim__kernel_frame_cause(k, f),
                        irqsim__kernel_reg(k, c, regs, REGS_EIP),
                        irqsim__kernel_reg(k, c, regs, REGS_CS),
                        irqsim__kernel_reg(k, c, regs, REGS_EFLAGS));
}

void irqsim__kernel_restore_if(irqsim_kernel_t *k, kcpu_t *c, uint32_t regs)
{
    const uint32_t live = (uint32_t)irqsim_machine_cpu(k->m, c->nr)->regs.flags;

    if (irqsim__kernel_reg(k, c, regs, REGS_EFLAGS) & ~live & EFLAGS_IF)
        irqsim_guest_sti(k->m, c->nr);
}

/* EXC-06. Only one place of the kernel expects to fault. */
bool irqsim__kernel_fixup(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f, uint32_t regs)
{
    static const struct {
        uint32_t insn, fixup;
    } exception_table[] = {{TEXT_COPY, TEXT_FIXUP}};
    const uint32_t eip = irqsim__kernel_reg(k, c, regs, REGS_EIP);

    for (size_t i = 0; i < sizeof(exception_table) / sizeof(exception_table[0]); i++) {
        if (exception_table[i].insn != eip)
            continue;
        irqsim_guest_write(k->m, c->nr, regs + REGS_EIP, exception_table[i].fixup);
        irqsim__kernel_emit(k, c, IRQSIM_EV_FIXUP, irqsim__kernel_frame_cause(k, f), eip,
                            exception_table[i].fixup, 0);
        return true;
    }
    return false;
}

/* ---- do_name() ---- */

/* A signal in user mode; in kernel mode the exception table, or death (EXC-06). */
static fate_t signal_or_fixup(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f)
{
    if (!irqsim__kernel_user_mode(k, c, f->v.trap.regs))
        return irqsim__kernel_fixup(k, c, f, f->v.trap.regs) ? RETURNS : DIES;
    irqsim__kernel_force_sig(k, c, f, trap_of(f)->signal, trap_of(f)->code);
    return RETURNS;
}

static fate_t do_trap(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    irqsim__kernel_notify_die(k, c, f, trap_of(f)->die, f->v.trap.vector, trap_of(f)->signal);
    return signal_or_fixup(k, c, f); /* EXC-04 */
}

static fate_t do_general_protection(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    const fate_t fate = signal_or_fixup(k, c, f);

    if (fate == DIES) /* EXC-05: nobody else is told */
        irqsim__kernel_notify_die(k, c, f, DIE_GPF, VECTOR_GP, SIGSEGV);
    return fate;
}

/* Kernel code that steps is left alone. */
static fate_t do_debug(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    irqsim__kernel_notify_die(k, c, f, DIE_DEBUG, VECTOR_DB, SIGTRAP);
    if (irqsim__kernel_user_mode(k, c, f->v.trap.regs))
        irqsim__kernel_force_sig(k, c, f, SIGTRAP, TRAP_BRKPT);
    return RETURNS;
}

/* CPU-08: the state is loaded when it is used; the next switch takes it away. */
static fate_t math_state_restore(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    c->fpu = 1;
    irqsim__kernel_emit(k, c, IRQSIM_EV_FPU_RESTORE, irqsim__kernel_frame_cause(k, f), c->current,
                        0, 0);
    return RETURNS;
}

static fate_t spurious_interrupt_bug(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    (void)k, (void)c, (void)f;
    return RETURNS;
}

/* CPU-19: an abort. What the CPU did is not known, so nothing can be saved. */
static fate_t machine_check(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    (void)k, (void)c, (void)f;
    return PANICS;
}

/* ---- entry and exit ---- */

static void say_entry(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    f->cause = (uint32_t)irqsim__kernel_emit(
        k, c, IRQSIM_EV_EXC_ENTRY, irqsim__kernel_frame_cause(k, f), f->v.trap.vector,
        k->desc.words + WORD_TRAP + f->v.trap.vector, f->v.trap.error);
}

static void begin(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    say_entry(k, c, f);
    irqsim__kernel_say_regs(k, c, f, f->v.trap.regs);
}

/* EXC-02: the error code is taken off the frame, so that IRET finds EIP (CPU-97). */
static void take_error_code(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    if (!has_error[f->v.trap.vector % FIRST_EXTERNAL])
        return;
    f->v.trap.error = irqsim_guest_read(k->m, c->nr, f->v.trap.regs);
    f->v.trap.regs += 4;
}

static void end(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    irqsim__kernel_emit(k, c, IRQSIM_EV_EXC_EXIT, irqsim__kernel_frame_cause(k, f),
                        f->v.trap.vector, k->desc.words + WORD_TRAP + f->v.trap.vector, 0);
    irqsim_guest_stack(k->m, c->nr, KERNEL_DS, f->v.trap.regs);
    f->v.trap.ended = 1;
}

static uint32_t fault_address(irqsim_kernel_t *k, const kcpu_t *c)
{
    return (uint32_t)irqsim_machine_cpu(k->m, c->nr)->regs.cr2;
}

/* The wrapper, error_code and do_name() of all that go through error_code. */
FLOW(exception)
{
    FLOW_BEGIN
        take_error_code(k, c, f);
        f->v.trap.address = fault_address(k, c); /* EXC-09: before IF is set again */
        begin(k, c, f);
        SPEND(ENTRY_CLOCKS);
        irqsim__kernel_restore_if(k, c, f->v.trap.regs);
        SPEND(trap_of(f)->clocks);
        f->v.trap.fate = (uint32_t)trap_of(f)->do_name(k, c, f);
        if (f->v.trap.fate == PANICS)
            CALL(panic, .panic = {.word = WORD_MACHINE_CHECK});
        if (f->v.trap.fate == DIES)
            CALL(die,
                 .die = {.vector = f->v.trap.vector,
                         .regs = f->v.trap.regs,
                         .error = f->v.trap.error,
                         .word = f->v.trap.vector == VECTOR_PF ? WORD_OOPS
                                                               : WORD_TRAP + f->v.trap.vector});
        if (irqsim__kernel_user_mode(k, c, f->v.trap.regs)) /* RET-01, RET-02 */
            CALL(resume_userspace, .signal = {.regs = f->v.trap.regs});
        end(k, c, f);
    FLOW_IRET
}

/* NMI-02: bits 7 and 6 tell who it was. */
static void ask_for_reason(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f)
{
    enum { NMI_STATUS_PORT = 0x61 };

    if (c->nr == 0)
        irqsim__kernel_emit(k, c, IRQSIM_EV_NMI_REASON, irqsim__kernel_frame_cause(k, f),
                            irqsim_guest_inb(k->m, c->nr, NMI_STATUS_PORT), 0, 0);
}

/* EXC-03, NMI-01: an interrupt that nothing can mask, so on its way out it looks at
 * nothing: no softirqs, no other task, no signals. */
FLOW(nmi)
{
    FLOW_BEGIN
        c->preempt_count += HARDIRQ_OFFSET;
        begin(k, c, f);
        ask_for_reason(k, c, f);
        SPEND(NMI_CLOCKS);
        c->preempt_count -= HARDIRQ_OFFSET;
        end(k, c, f);
    FLOW_IRET
}

/* CPU-64: what was interrupted stands in the TSS that was left. */
static void say_double_fault(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    enum { TSS_EIP = 32, TSS_ESP = 56, TSS_CS = 76 };
    const uint32_t tss = tss_address(k->n_cpus, c->nr);

    say_entry(k, c, f);
    irqsim__kernel_emit(k, c, IRQSIM_EV_DOUBLE_FAULT, irqsim__kernel_frame_cause(k, f),
                        irqsim__kernel_reg(k, c, tss, TSS_EIP),
                        irqsim__kernel_reg(k, c, tss, TSS_CS),
                        irqsim__kernel_reg(k, c, tss, TSS_ESP));
}

/* A task of its own, entered through a task gate: there is no way back. */
FLOW(doublefault_fn)
{
    FLOW_BEGIN
        say_double_fault(k, c, f);
        if (k->era->double_fault_panics)
            CALL(panic, .panic = {.word = WORD_HALTED});
        for (;;)
            SPEND(FOREVER_CLOCKS);
    FLOW_NEVER_ENDS
}
