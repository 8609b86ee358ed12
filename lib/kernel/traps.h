/* SPDX-License-Identifier: MIT */
/*
 * traps.h - what exceptions, signals and system calls share
 */
#ifndef IRQSIM_LIB_KERNEL_TRAPS_H
#define IRQSIM_LIB_KERNEL_TRAPS_H

#include <irqsim/regs/idt_regs.h>

#include "kernel_int.h"

/* The saved registers that a frame of entry.c, traps.c or syscall.c knows: EIP, CS,
 * EFLAGS, and of user mode ESP, SS (ENTRY-05 without the general ones). */
enum { REGS_EIP = 0, REGS_CS = 4, REGS_EFLAGS = 8, REGS_ESP = 12 };
static inline uint32_t irqsim__kernel_reg(irqsim_kernel_t *k, kcpu_t *c, uint32_t regs,
                                          uint32_t offset)
{
    return irqsim_guest_read(k->m, c->nr, regs + offset);
}
static inline bool irqsim__kernel_user_mode(irqsim_kernel_t *k, kcpu_t *c, uint32_t regs)
{
    return (irqsim__kernel_reg(k, c, regs, REGS_CS) & 3) == 3; /* RET-02 */
}

/* traps.c */
enum { DIE_OOPS, DIE_INT3, DIE_DEBUG, DIE_TRAP, DIE_GPF, DIE_REASONS };
void irqsim__kernel_notify_die(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f, unsigned reason,
                               uint32_t vector, uint32_t signal);
void irqsim__kernel_say_regs(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f, uint32_t regs);
/* The exception table: true if it has a line for the saved EIP, which is another now. */
bool irqsim__kernel_fixup(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f, uint32_t regs);
/* Where an interrupt gate has cleared it, IF is again what it was. */
void irqsim__kernel_restore_if(irqsim_kernel_t *k, kcpu_t *c, uint32_t regs);

/* What an exception's handler leaves to do. */
typedef enum fate { RETURNS, DIES, PANICS } fate_t;

/* fault.c: pages of user tasks. */
enum { ACCESS_READ = 0, ACCESS_WRITE = 2 }; /* as in a page fault's error code */
/* Does the access of the current task succeed? If not, the instruction of so many bytes
 * at the CPU's IP raises #PF. */
bool irqsim__kernel_access(irqsim_kernel_t *k, kcpu_t *c, unsigned length, uint32_t address,
                           uint32_t write);
fate_t irqsim__kernel_do_page_fault(irqsim_kernel_t *k, kcpu_t *c, frame_t *f);
void irqsim__kernel_first_pages(kuser_t *u);

/* signal.c */
enum {
    SIGQUIT = 3,
    SIGILL,
    SIGTRAP,
    SIGABRT,
    SIGBUS = 7,
    SIGFPE,
    SIGKILL,
    SIGSEGV = 11,
    SIGCHLD = 17,
    SIGCONT,
    SIGSTOP,
    SIGTSTP,
    SIGTTIN,
    SIGTTOU,
    SIGURG,
    SIGXCPU,
    SIGXFSZ,
    SIGWINCH = 28,
    SIGSYS = 31
};
enum { SI_USER = 0, SI_KERNEL = 0x80 }; /* si_code of signals that say no more */
void irqsim__kernel_force_sig(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f, unsigned signal,
                              uint32_t code);
void irqsim__kernel_send_sig(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f, unsigned signal);
void irqsim__kernel_sigreturn(irqsim_kernel_t *k, kcpu_t *c, uint32_t regs);
/* The handler at a user address, or NULL. */
const irqsim_sigaction_t *irqsim__kernel_handler_at(const irqsim_kernel_t *k, const kcpu_t *c,
                                                    uint32_t ip);

/* program.c: the step of a task's program at an address, NULL if there is none. */
const irqsim_step_t *irqsim__kernel_step_at(const irqsim_kernel_t *k, uint32_t task, uint32_t ip);

/* words.c: sections of irqsim_kernel_word(). */
enum {
    TRAPS = 20,
    SYSCALLS = 7,
    WORD_TRAP = 0,
    WORD_SIGNAL = WORD_TRAP + TRAPS,
    WORD_DIE = WORD_SIGNAL + IRQSIM_SIGNALS,
    WORD_SYS = WORD_DIE + DIE_REASONS,
    WORD_OOPS = WORD_SYS + SYSCALLS,
    WORD_IN_INTERRUPT,
    WORD_MACHINE_CHECK,
    WORD_HALTED,
    WORDS
};

#endif
