/* SPDX-License-Identifier: MIT */
/* words.c - names of exceptions, signals and system calls, for those who print events */
#include "traps.h"

/* clang-format off */
static const char *const words[WORDS] = {
    /* EXC-08 */
    [WORD_TRAP + 0]  = "divide error",        [WORD_TRAP + 1]  = "debug",
    [WORD_TRAP + 2]  = "nmi",                 [WORD_TRAP + 3]  = "int3",
    [WORD_TRAP + 4]  = "overflow",            [WORD_TRAP + 5]  = "bounds",
    [WORD_TRAP + 6]  = "invalid opcode",      [WORD_TRAP + 7]  = "device not available",
    [WORD_TRAP + 8]  = "double fault",        [WORD_TRAP + 9]  = "coprocessor segment overrun",
    [WORD_TRAP + 10] = "invalid TSS",         [WORD_TRAP + 11] = "segment not present",
    [WORD_TRAP + 12] = "stack segment",       [WORD_TRAP + 13] = "general protection fault",
    [WORD_TRAP + 14] = "page fault",          [WORD_TRAP + 15] = "spurious interrupt bug",
    [WORD_TRAP + 16] = "coprocessor error",   [WORD_TRAP + 17] = "alignment check",
    [WORD_TRAP + 18] = "machine check",       [WORD_TRAP + 19] = "simd coprocessor error",

    [WORD_SIGNAL + 0]  = "none",      [WORD_SIGNAL + 1]  = "SIGHUP",    [WORD_SIGNAL + 2]  = "SIGINT",
    [WORD_SIGNAL + 3]  = "SIGQUIT",   [WORD_SIGNAL + 4]  = "SIGILL",    [WORD_SIGNAL + 5]  = "SIGTRAP",
    [WORD_SIGNAL + 6]  = "SIGABRT",   [WORD_SIGNAL + 7]  = "SIGBUS",    [WORD_SIGNAL + 8]  = "SIGFPE",
    [WORD_SIGNAL + 9]  = "SIGKILL",   [WORD_SIGNAL + 10] = "SIGUSR1",   [WORD_SIGNAL + 11] = "SIGSEGV",
    [WORD_SIGNAL + 12] = "SIGUSR2",   [WORD_SIGNAL + 13] = "SIGPIPE",   [WORD_SIGNAL + 14] = "SIGALRM",
    [WORD_SIGNAL + 15] = "SIGTERM",   [WORD_SIGNAL + 16] = "SIGSTKFLT", [WORD_SIGNAL + 17] = "SIGCHLD",
    [WORD_SIGNAL + 18] = "SIGCONT",   [WORD_SIGNAL + 19] = "SIGSTOP",   [WORD_SIGNAL + 20] = "SIGTSTP",
    [WORD_SIGNAL + 21] = "SIGTTIN",   [WORD_SIGNAL + 22] = "SIGTTOU",   [WORD_SIGNAL + 23] = "SIGURG",
    [WORD_SIGNAL + 24] = "SIGXCPU",   [WORD_SIGNAL + 25] = "SIGXFSZ",   [WORD_SIGNAL + 26] = "SIGVTALRM",
    [WORD_SIGNAL + 27] = "SIGPROF",   [WORD_SIGNAL + 28] = "SIGWINCH",  [WORD_SIGNAL + 29] = "SIGIO",
    [WORD_SIGNAL + 30] = "SIGPWR",    [WORD_SIGNAL + 31] = "SIGSYS",

    [WORD_DIE + DIE_OOPS]  = "DIE_OOPS",  [WORD_DIE + DIE_INT3] = "DIE_INT3",
    [WORD_DIE + DIE_DEBUG] = "DIE_DEBUG", [WORD_DIE + DIE_TRAP] = "DIE_TRAP",
    [WORD_DIE + DIE_GPF]   = "DIE_GPF",

    /* Rows of syscall.c. */
    [WORD_SYS + 0] = "ni_syscall", [WORD_SYS + 1] = "exit", [WORD_SYS + 2] = "read",
    [WORD_SYS + 3] = "getpid",     [WORD_SYS + 4] = "kill", [WORD_SYS + 5] = "ioctl",
    [WORD_SYS + 6] = "sigreturn",

    [WORD_OOPS]          = "Oops", /* of a page fault */
    [WORD_IN_INTERRUPT]  = "Fatal exception in interrupt",
    [WORD_MACHINE_CHECK] = "Unable to continue", /* after a machine check */
    [WORD_HALTED]        = "Machine halted.", /* after a double fault */
};
/* clang-format on */

/* Code in the kernel's text, and of it the drivers' mistakes. */
#define OF_BUG    "driver bug: "
#define BUG(name) (OF_BUG name)
static const char *const bugs[IRQSIM_BUGS] = {
    [IRQSIM_BUG_NULL] = BUG("null"),     [IRQSIM_BUG_ASSERT] = BUG("assert"),
    [IRQSIM_BUG_DIVIDE] = BUG("divide"), [IRQSIM_BUG_MSR] = BUG("msr"),
    [IRQSIM_BUG_USER] = BUG("user"),     [IRQSIM_BUG_WILD] = BUG("wild"),
};
static const irqsim_symbol_t symbols[] = {
    {TEXT_FLOWS, BUG_BYTES, "kernel"},
    {TEXT_COPY, BUG_BYTES, "copy_to_user"},
    {TEXT_FIXUP, BUG_BYTES, "copy_to_user: fixup"},
};
#define SYMBOLS (sizeof(symbols) / sizeof(symbols[0]))

const char *irqsim_kernel_word(unsigned i)
{
    return i < WORDS ? words[i] : NULL;
}

const char *irqsim_signal_name(unsigned signal)
{
    return signal >= 1 && signal < IRQSIM_SIGNALS ? words[WORD_SIGNAL + signal] : NULL;
}

const char *irqsim_bug_name(unsigned bug)
{
    return bug < IRQSIM_BUGS ? bugs[bug] + sizeof(OF_BUG) - 1 : NULL;
}

bool irqsim_kernel_symbol(unsigned i, irqsim_symbol_t *symbol)
{
    if (i >= SYMBOLS + IRQSIM_BUGS)
        return false;
    if (i < SYMBOLS)
        *symbol = symbols[i];
    else
        *symbol = (irqsim_symbol_t){TEXT_BUGS + (uint32_t)(i - SYMBOLS) * BUG_BYTES, BUG_BYTES,
                                    bugs[i - SYMBOLS]};
    return true;
}
