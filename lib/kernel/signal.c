/* SPDX-License-Identifier: MIT */
/*
 * signal.c - signals: sent by exceptions and kill(), delivered on the way to user mode
 *
 * A handler runs in user mode on a frame on the task's stack; it ends with
 * sigreturn(). What that frame holds is in kuser_t: the stack's memory is not there. A
 * handler only takes time, so no signal comes while it runs, and one frame is enough.
 */
#include "traps.h"

/* Approximate: dequeueing it and building its frame. */
enum { DELIVER_CLOCKS = 500, SIGFRAME = 0x2DC };
enum { CORE_DUMPED = 0x80 }; /* in a task's status */
/* Handlers follow the program. */
#define HANDLERS (IRQSIM_USER_TEXT + IRQSIM_USER_TEXT_BYTES)

#define BIT(signal) (UINT32_C(1) << (signal))
/* What happens to a task without an action of its own; any other signal ends it. */
static const uint32_t dumps_core = BIT(SIGQUIT) | BIT(SIGILL) | BIT(SIGTRAP) | BIT(SIGABRT) |
                                   BIT(SIGBUS) | BIT(SIGFPE) | BIT(SIGSEGV) | BIT(SIGXCPU) |
                                   BIT(SIGXFSZ) | BIT(SIGSYS);
static const uint32_t does_nothing = BIT(SIGCHLD) | BIT(SIGCONT) | BIT(SIGURG) | BIT(SIGWINCH);
static const uint32_t not_caught =
    BIT(SIGKILL) | BIT(SIGSTOP) | BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU);

bool irqsim_signal_can_be_caught(unsigned signal)
{
    return signal >= 1 && signal < IRQSIM_SIGNALS && !(not_caught & BIT(signal));
}

static const irqsim_sigaction_t *action_of(const irqsim_kernel_t *k, uint32_t task, unsigned signal)
{
    const irqsim_task_desc_t *const desc = irqsim__kernel_task_desc(k, task);

    for (uint32_t i = 0; i < desc->n_actions; i++)
        if (desc->actions[i].signal == signal)
            return &desc->actions[i];
    return NULL;
}

/* ---- sending ---- */

/* By an exception it cannot be ignored: then the usual is done. */
void irqsim__kernel_force_sig(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f, unsigned signal,
                              uint32_t code)
{
    user_of(k, current_task(k, c))->pending |= BIT(signal);
    irqsim__kernel_emit(k, c, IRQSIM_EV_SIGNAL_GENERATE, irqsim__kernel_frame_cause(k, f), signal,
                        k->desc.words + WORD_SIGNAL + signal, code);
}

void irqsim__kernel_send_sig(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f, unsigned signal)
{
    const irqsim_sigaction_t *const action = action_of(k, c->current, signal);

    if (action ? !action->ignored : !(does_nothing & BIT(signal)))
        irqsim__kernel_force_sig(k, c, f, signal, SI_USER);
}

/* ---- delivery ---- */

static unsigned dequeue_signal(kuser_t *u)
{
    /* Nothing is pending only in a forged snapshot. */
    const unsigned signal = u->pending ? (unsigned)__builtin_ctz(u->pending) : 0;

    u->pending &= ~BIT(signal);
    return signal;
}

uint32_t irqsim_signal_handler(unsigned signal)
{
    return HANDLERS + signal % IRQSIM_SIGNALS * IRQSIM_HANDLER_BYTES;
}

const irqsim_sigaction_t *irqsim__kernel_handler_at(const irqsim_kernel_t *k, const kcpu_t *c,
                                                    uint32_t ip)
{
    return ip >= HANDLERS ? action_of(k, c->current, (ip - HANDLERS) / IRQSIM_HANDLER_BYTES) : NULL;
}

/* What it does instead of the usual, or NULL. What a task ignores is pending only
 * because it was forced. */
static const irqsim_sigaction_t *caught(const irqsim_kernel_t *k, const kcpu_t *c, unsigned signal)
{
    const irqsim_sigaction_t *const action = action_of(k, c->current, signal);

    return action && !action->ignored ? action : NULL;
}

static void begin(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    const unsigned signal = dequeue_signal(user_of(k, current_task(k, c)));
    const irqsim_sigaction_t *const action = caught(k, c, signal);

    f->v.signal.signal = signal;
    f->cause = (uint32_t)irqsim__kernel_emit(
        k, c, IRQSIM_EV_SIGNAL_DELIVER, irqsim__kernel_frame_cause(k, f), signal,
        k->desc.words + WORD_SIGNAL + signal, action ? irqsim_signal_handler(signal) : 0);
}

/* Where a handler that skips the instruction has sigreturn() go. */
static uint32_t behind(const irqsim_kernel_t *k, const kcpu_t *c, uint32_t ip)
{
    const irqsim_step_t *const step = irqsim__kernel_step_at(k, c->current, ip);

    return step ? ip + irqsim_step_bytes(step) : ip;
}

/* setup_frame(): IRET will go to the handler. */
static void setup_frame(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f)
{
    const irqsim_sigaction_t *const action = caught(k, c, f->v.signal.signal);
    const uint32_t regs = f->v.signal.regs;
    kuser_t *const u = user_of(k, current_task(k, c));

    if (!action) /* only in a forged snapshot */
        return;
    u->sig_ip = irqsim__kernel_reg(k, c, regs, REGS_EIP);
    u->sig_sp = irqsim__kernel_reg(k, c, regs, REGS_ESP);
    u->sig_flags = irqsim__kernel_reg(k, c, regs, REGS_EFLAGS);
    if (action->skips)
        u->sig_ip = behind(k, c, u->sig_ip);
    irqsim_guest_write(k->m, c->nr, regs + REGS_EIP, irqsim_signal_handler(action->signal));
    irqsim_guest_write(k->m, c->nr, regs + REGS_ESP, u->sig_sp - SIGFRAME);
    irqsim_guest_write(k->m, c->nr, regs + REGS_EFLAGS, u->sig_flags & ~(EFLAGS_TF | EFLAGS_RF));
}

void irqsim__kernel_sigreturn(irqsim_kernel_t *k, kcpu_t *c, uint32_t regs)
{
    kuser_t *const u = user_of(k, current_task(k, c));

    irqsim_guest_write(k->m, c->nr, regs + REGS_EIP, u->sig_ip);
    irqsim_guest_write(k->m, c->nr, regs + REGS_ESP, u->sig_sp);
    irqsim_guest_write(k->m, c->nr, regs + REGS_EFLAGS, u->sig_flags);
    current_task(k, c)->eax = 0; /* the interrupted code's; it has none here */
}

static uint32_t killed_by(unsigned signal)
{
    return signal | (dumps_core & BIT(signal) ? CORE_DUMPED : 0);
}

static uint32_t frame_address(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f)
{
    return irqsim__kernel_reg(k, c, f->v.signal.regs, REGS_ESP) - SIGFRAME;
}

/* EXC-09: building the frame may fault, an exception within an exception. */
FLOW(do_signal)
{
    FLOW_BEGIN
        begin(k, c, f);
        SPEND(DELIVER_CLOCKS);
        if (!caught(k, c, f->v.signal.signal))
            CALL(do_exit, .exit = {.status = killed_by(f->v.signal.signal)});
        CALL(copy_to_user, .copy = {.address = frame_address(k, c, f)});
        if (current_task(k, c)->eax) { /* force_sigsegv(): no handler could run either */
            irqsim__kernel_force_sig(k, c, f, SIGSEGV, SI_KERNEL);
            CALL(do_exit, .exit = {.status = killed_by(SIGSEGV)});
        }
        setup_frame(k, c, f);
    FLOW_END
}

/* RET-03: with IF=0, until there is nothing left to do. */
FLOW(resume_userspace)
{
    FLOW_BEGIN
        for (irqsim_guest_cli(k->m, c->nr);
             c->need_resched || user_of(k, current_task(k, c))->pending;
             irqsim_guest_cli(k->m, c->nr)) {
            if (c->need_resched) {
                CALL(schedule, NO_LOCALS);
            } else {
                irqsim_guest_sti(k->m, c->nr);
                CALL(do_signal, .signal = {.regs = f->v.signal.regs});
            }
        }
    FLOW_END
}
