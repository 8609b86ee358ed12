/* SPDX-License-Identifier: MIT */
/* Exceptions of the guest kernel: gates, handlers, signals, nesting, death (GATE, EXC). */
#include <stdarg.h>

#include <irqsim/guest.h>
#include <irqsim/regs/idt_regs.h>
#include <irqsim/regs/lapic_regs.h>

#include "trap_rig.h"

/* ---- gates ---- */

/* GATE-03, GATE-04 in words of their own: one letter a vector, its DPL behind it. */
static const char *const gates_of[IRQSIM_ERAS] = {
    [IRQSIM_LINUX_2_6_23] = "T0 I0 I0 I3 T3 T0 T0 T0 K0 T0 T0 T0 T0 T0 I0 T0 T0 T0 T0 T0",
    [IRQSIM_LINUX_MODERN] = "I0 I0 I0 I3 I3 I0 I0 I0 K0 I0 I0 I0 I0 I0 I0 I0 I0 I0 I0 I0",
};

static uint64_t gate(const trap_rig_t *t, unsigned vector)
{
    const uint32_t idt = (uint32_t)irqsim_machine_cpu(t->rig.m, 0)->regs.idtr.base;
    uint8_t bytes[8];
    uint64_t raw = 0;

    ck_assert(irqsim_guest_copy_out(t->rig.m, idt + 8 * vector, bytes, sizeof(bytes)));
    for (unsigned i = 0; i < 8; i++)
        raw |= (uint64_t)bytes[i] << 8 * i;
    return raw;
}

static void gate_text(const trap_rig_t *t, unsigned vector, char text[4])
{
    const uint32_t access = (uint32_t)(gate(t, vector) >> 40) & 0xFF;
    static const char letter[16] = {[5] = 'K', [14] = 'I', [15] = 'T'};

    snprintf(text, 4, "%c%u", letter[access & 15], access >> 5 & 3);
    ck_assert_uint_eq(access & 0x90, 0x80); /* present, system */
}

START_TEST(gate_03_and_gate_04_every_vector_of_the_era)
{
    irqsim_task_desc_t task = {.name = 0};
    static trap_rig_t t;
    char text[4];

    trap_open(&t, (irqsim_era_t)_i, &task, 1);
    for (unsigned vector = 0; vector < 20; vector++) {
        gate_text(&t, vector, text);
        ck_assert_msg(strncmp(text, gates_of[_i] + 3 * vector, 2) == 0, "%u: %s", vector, text);
    }
    for (unsigned vector = 20; vector < 32; vector++) /* GATE-05 */
        ck_assert_uint_eq(gate(&t, vector), 0);
    for (unsigned vector = 32; vector < 256; vector++) {
        gate_text(&t, vector, text);
        ck_assert_str_eq(text, vector != 0x80 ? "I0" : _i == IRQSIM_LINUX_2_6_23 ? "T3" : "I3");
    }
    kernel_rig_close(&t.rig);
}
END_TEST

START_TEST(gate_02_selector_and_type_of_a_task_gate)
{
    irqsim_task_desc_t task = {.name = 0};
    static trap_rig_t t;

    trap_open(&t, IRQSIM_LINUX_2_6_23, &task, 1);
    ck_assert_uint_eq(gate(&t, 8) >> 32 & 0xFFFF, 0x8500);  /* 0x8000 + type 5 << 8 */
    ck_assert_uint_eq(gate(&t, 8) >> 16 & 0xFFFF, 6 * 8);   /* GDT entry behind the CPU's TSS */
    ck_assert_uint_eq(gate(&t, 3) >> 32 & 0xFFFF, 0xEE00);  /* system_intr: DPL 3 */
    ck_assert_uint_eq(gate(&t, 13) >> 16 & 0xFFFF, 0x0008); /* __KERNEL_CS */
    kernel_rig_close(&t.rig);
}
END_TEST

/* ---- what a user task's exception becomes ---- */

#define TEXT_EIP 0x08048000u

typedef struct user_row {
    irqsim_step_t step;
    uint32_t vector, error, eip, notified;
    const char *name, *signal;
    uint32_t number;
    const char *code;
    uint32_t status;
} user_row_t;

enum { CORE = 0x80 };

/* EXC-08 and CPU-01..20: a fault saves its own address, a trap the next one. */
/* clang-format off */
static const user_row_t rows[] = {
    {STEP_INSN_OF(DIV, 0),     0, 0,      0, 1, "divide error",             "SIGFPE",  8, "FPE_INTDIV",  CORE | 8},
    {STEP_INSN(ICEBP),                 1, 0,      1, 1, "debug",                    "SIGTRAP", 5, "TRAP_BRKPT",  CORE | 5},
    {STEP_INSN(INT3),                  3, 0,      1, 1, "int3",                     "SIGTRAP", 5, "SI_KERNEL",   CORE | 5},
    {STEP_INSN(INTO),                  4, 0,      1, 1, "overflow",                 "SIGSEGV", 11, "SI_KERNEL",   CORE | 11},
    {STEP_INSN_OF(BOUND, 1),   5, 0,      0, 1, "bounds",                   "SIGSEGV", 11, "SI_KERNEL",   CORE | 11},
    {STEP_INSN(UD2),                   6, 0,      0, 1, "invalid opcode",           "SIGILL",  4, "ILL_ILLOPN",  CORE | 4},
    {STEP_RAISE(9),                    9, 0,      0, 1, "coprocessor segment overrun", "SIGFPE",  8, "SI_KERNEL",   CORE | 8},
    {STEP_RAISE(10),                  10, 0,      0, 1, "invalid TSS",              "SIGSEGV", 11, "SI_KERNEL",   CORE | 11},
    {STEP_RAISE(11),                  11, 0,      0, 1, "segment not present",      "SIGBUS",  7, "SI_KERNEL",   CORE | 7},
    {STEP_RAISE(12),                  12, 0,      0, 1, "stack segment",            "SIGBUS",  7, "SI_KERNEL",   CORE | 7},
    {STEP_INSN(CLI),                  13, 0,      0, 0, "general protection fault", "SIGSEGV", 11, "SI_KERNEL",   CORE | 11},
    {STEP_INSN(HLT),                  13, 0,      0, 0, "general protection fault", "SIGSEGV", 11, "SI_KERNEL",   CORE | 11},
    {STEP_INSN_OF(INT, 14),   13, 14 * 8 + 2, 0, 0, "general protection fault", "SIGSEGV", 11, "SI_KERNEL",   CORE | 11},
    {STEP_INSN_OF(INT, 20),   13, 20 * 8 + 2, 0, 0, "general protection fault", "SIGSEGV", 11, "SI_KERNEL",   CORE | 11},
    {STEP_LOAD(0x1000),               14, 4,      0, 0, "page fault",               "SIGSEGV", 11, "SEGV_MAPERR", CORE | 11},
    {STEP_STORE(0x08048010),          14, 7,      0, 0, "page fault",               "SIGSEGV", 11, "SEGV_ACCERR", CORE | 11},
    {STEP_STORE(0xC0100000),          14, 7,      0, 0, "page fault",               "SIGSEGV", 11, "SEGV_MAPERR", CORE | 11},
    {STEP_LOAD(0x40008000),           14, 4,      0, 0, "page fault",               "SIGBUS",  7, "BUS_ADRERR",  CORE | 7},
    {STEP_RAISE(16),                  16, 0,      0, 1, "coprocessor error",        "SIGFPE",  8, "FPE_FLTINV",  CORE | 8},
    {STEP_RAISE(17),                  17, 0,      0, 1, "alignment check",          "SIGBUS",  7, "BUS_ADRALN",  CORE | 7},
    {STEP_RAISE(19),                  19, 0,      0, 1, "simd coprocessor error",   "SIGFPE",  8, "FPE_FLTINV",  CORE | 8},
};
#define ROWS ((int)(sizeof(rows) / sizeof(rows[0])))
/* clang-format on */

static void expect_line(const trap_rig_t *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void expect_line(const trap_rig_t *t, const char *format, ...)
{
    char line[400];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    ck_assert_msg(strstr(t->text, line) != NULL, "no '%s' in\n%s", line, t->text);
}

static irqsim_task_info_t task_info(const trap_rig_t *t, uint32_t task)
{
    irqsim_task_info_t info;

    ck_assert(irqsim_kernel_task(t->rig.k, task, &info));
    return info;
}

/* CPU-01..20, as events show vectors. */
static const char *const mnemonics[] = {"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD",
                                        "#NM", "#DF", "0x9", "#TS", "#NP", "#SS", "#GP",
                                        "#PF", "0xf", "#MF", "#AC", "#MC", "#XM"};

/* _i: a row in the one era, then in the other. */
START_TEST(exc_08_user_exceptions_and_their_signals)
{
    const user_row_t *const row = &rows[_i % ROWS];
    static trap_rig_t t;

    trap_run(&t, (irqsim_era_t)(_i / ROWS), (irqsim_task_desc_t){PROGRAM(row->step)});
    expect_line(&t, "exception_entry: vector=%s name=%s error=%#x", mnemonics[row->vector],
                row->name, row->error);
    expect_line(&t, "\npt_regs: eip=0x%x cs=0x1b", TEXT_EIP + row->eip);
    expect_line(
        &t,
        "signal_generate: sig=%u name=%s code=%s\nsignal_deliver: sig=%u name=%s handler=SIG_DFL",
        row->number, row->signal, row->code, row->number, row->signal);
    ck_assert_int_eq(strstr(t.text, "notify_die") != NULL, (int)row->notified); /* EXC-04, EXC-05 */
    ck_assert_int_eq(task_info(&t, 0).state, 'X');
    ck_assert_uint_eq(task_info(&t, 0).status, row->status);
    ck_assert_uint_eq(irqsim_kernel_oopses(t.rig.k), 0);
    kernel_rig_close(&t.rig);
}
END_TEST

/* 2.6.22 on: BOUND still works, INT 5 is for the kernel. */
START_TEST(gate_04_int_5_from_user_mode)
{
    static trap_rig_t t;

    trap_run(&t, (irqsim_era_t)_i, (irqsim_task_desc_t){PROGRAM(STEP_INSN_OF(INT, 5))});
    expect_line(&t, "exception_entry: vector=#GP name=general protection fault error=0x2a");
    kernel_rig_close(&t.rig);
}
END_TEST

/* A spurious vector 15 is nobody's: nothing happens, again and again. */
START_TEST(exc_08_vector_15_is_ignored)
{
    irqsim_step_t step[] = {STEP_RAISE(15)};
    irqsim_task_desc_t task = {.program = step, .n_steps = 1};
    static trap_rig_t t;

    trap_open(&t, IRQSIM_LINUX_2_6_23, &task, 1);
    kernel_rig_run(&t.rig, 100 * US);
    expect_line(&t, "exception_exit: vector=0xf name=spurious interrupt bug\nexception_entry");
    ck_assert_ptr_null(strstr(t.text, "signal"));
    ck_assert_int_eq(task_info(&t, 0).state, 'R');
    kernel_rig_close(&t.rig);
}
END_TEST

/* ---- page faults ---- */

/* EXC-02, CPU-97: with the error code gone, IRET finds the instruction again. */
START_TEST(exc_02_a_resolved_page_fault_executes_its_instruction_again)
{
    static trap_rig_t t;

    trap_run(&t, (irqsim_era_t)_i,
             (irqsim_task_desc_t){
                 PROGRAM(STEP_STORE(0x0804C123), STEP_LOAD(0x0804CFFF), STEP_SYS(EXIT, 3))});
    ck_assert_str_eq(
        t.text, "exception_entry: vector=#PF name=page fault error=0x6 (user write, no page)\n"
                "pt_regs: eip=0x8048000 cs=0x1b eflags=0x10202 (IF RF)\n"
                "page_fault_user: address=0x804c123 eip=0x8048000 error=0x6 (user write, no page)\n"
                "page_mapped: address=0x804c123 task=0\n"
                "exception_exit: vector=#PF name=page fault\n"
                "sys_enter: nr=1 name=exit\n"
                "pt_regs: eip=0x804800c cs=0x1b eflags=0x202 (IF)\n"
                "task_exit: task=0 code=0x300 (exit 3)\n");
    ck_assert_uint_eq(task_info(&t, 0).status, 3 << 8);
    ck_assert_uint_eq(irqsim_machine_cpu(t.rig.m, 0)->regs.cr2, 0x0804C123);
    kernel_rig_close(&t.rig);
}
END_TEST

/* EXC-06: what the exception table knows, the kernel survives. */
START_TEST(exc_06_a_system_call_given_a_bad_address_answers_efault)
{
    static trap_rig_t t;

    trap_run(&t, (irqsim_era_t)_i, (irqsim_task_desc_t){PROGRAM(STEP_SYS(READ, 0x1000))});
    expect_line(
        &t, "page_fault_kernel: address=0x1000 eip=0xc0210000 error=0x2 (kernel write, no page)\n"
            "fixup_exception: eip=0xc0210000 address=0xc0211000\n"
            "exception_exit: vector=#PF name=page fault\n"
            "sys_exit: nr=3 name=read ret=-14\n");
    ck_assert_uint_eq(irqsim_kernel_oopses(t.rig.k), 0);
    ck_assert_uint_eq(task_info(&t, 0).status, 0);
    kernel_rig_close(&t.rig);
}
END_TEST

/* ---- nesting ---- */

static unsigned deepest_exceptions(trap_rig_t *t, irqsim_time_t until)
{
    unsigned deepest = 0;
    bool did = true;

    while (did && irqsim_machine_now(t->rig.m) < until) {
        irqsim_context_t context[8];
        unsigned exceptions = 0;
        const unsigned n = irqsim_kernel_contexts(t->rig.k, 0, context, 8);

        for (unsigned i = 0; i < n; i++)
            exceptions += context[i].kind == IRQSIM_CONTEXT_EXCEPTION;
        deepest = exceptions > deepest ? exceptions : deepest;
        ck_assert_int_eq(irqsim_machine_step(t->rig.m, &did), IRQSIM_OK);
    }
    return deepest;
}

/* EXC-09: at most a page fault inside another exception or a system call. */
START_TEST(exc_09_two_levels_of_exceptions)
{
    irqsim_step_t step[] = {STEP_STACK(0x3000), STEP_INSN_OF(DIV, 0), STEP_SYS(READ, 0x0804C000),
                            STEP_SYS(EXIT, 0)};
    const irqsim_sigaction_t action = {.clocks = 100, .signal = 8, .skips = 1};
    irqsim_task_desc_t task = {.program = step, .n_steps = 4, .actions = &action, .n_actions = 1};
    static trap_rig_t t;

    trap_lay_out(step, 4);
    trap_open(&t, (irqsim_era_t)_i, &task, 1);
    ck_assert_uint_eq(deepest_exceptions(&t, 100 * MS), 2);
    /* the signal's frame is where the stack has not been yet */
    expect_line(&t,
                "signal_deliver: sig=8 name=SIGFPE handler=0x804b200\n"
                "exception_entry: vector=#PF name=page fault error=0x2 (kernel write, no page)\n");
    expect_line(&t, "page_mapped: address=0xbfffcd14 task=0\n"
                    "exception_exit: vector=#PF name=page fault\n"
                    "exception_exit: vector=#DE name=divide error\n");
    ck_assert_uint_eq(task_info(&t, 0).status, 0);
    kernel_rig_close(&t.rig);
}
END_TEST

/* The handler of an interrupt within an exception: IF is on there, in both eras. */
START_TEST(exc_09_a_device_interrupts_an_exception_handler)
{
    static const irqsim_job_t job = {.clocks = 100};
    static const irqsim_source_desc_t source = {.pin = 5,
                                                .pattern = IRQSIM_PATTERN_PERIODIC,
                                                .first = 60 * US, /* inside of page_fault */
                                                .period = MS,
                                                .count = 1};
    static const irqsim_irq_desc_t irq = {.irq = 5, .hwirq = 5};
    static const irqsim_action_desc_t handler = {.irq = 5};
    irqsim_step_t step[] = {STEP_LOAD(0x0804C000), STEP_SYS(EXIT, 0)};
    const irqsim_task_desc_t task = {.program = step, .n_steps = 2};
    static trap_rig_t t;
    irqsim_context_t context[8];
    unsigned n;

    trap_lay_out(step, 2);
    t = (trap_rig_t){.seq = 0};
    kernel_rig_open(&t.rig,
                    (irqsim_machine_desc_t){.board = IRQSIM_BOARD_AT,
                                            .profile_id = IRQSIM_I486_PC,
                                            .sources = &source,
                                            .n_sources = 1,
                                            .host = {.emit = trap_emit, .user = &t}},
                    (irqsim_kernel_desc_t){.era = (irqsim_era_t)_i,
                                           .jobs = &job,
                                           .n_jobs = 1,
                                           .irqs = &irq,
                                           .n_irqs = 1,
                                           .actions = &handler,
                                           .n_actions = 1,
                                           .tasks = &task,
                                           .n_tasks = 1});
    kernel_rig_run(&t.rig, 75 * US);
    n = irqsim_kernel_contexts(t.rig.k, 0, context, 8);
    ck_assert_uint_eq(n, 3);
    ck_assert_uint_eq(context[0].kind, IRQSIM_CONTEXT_HARDIRQ);
    ck_assert_uint_eq(context[1].kind, IRQSIM_CONTEXT_EXCEPTION);
    ck_assert_uint_eq(context[1].nr, 14);
    ck_assert_uint_eq(context[2].kind, IRQSIM_CONTEXT_TASK);
    kernel_rig_run(&t.rig, 10 * MS);
    ck_assert_uint_eq(irqsim_kernel_irq_count(t.rig.k, 0, 0), 1);
    expect_line(&t, "page_mapped: address=0x804c000 task=0\n");
    ck_assert_uint_eq(task_info(&t, 0).status, 0);
    kernel_rig_close(&t.rig);
}
END_TEST

/* ---- death ---- */

typedef struct bug_row {
    irqsim_bug_t bug;
    const char *text, *vector;
    uint32_t error;
    const char *notified;
} bug_row_t;

static const bug_row_t bug_rows[] = {
    {IRQSIM_BUG_NULL, "Oops", "#PF", 2, NULL},
    {IRQSIM_BUG_ASSERT, "invalid opcode", "#UD", 0, "DIE_TRAP vector=#UD sig=4"},
    {IRQSIM_BUG_DIVIDE, "divide error", "#DE", 0, "DIE_TRAP vector=#DE sig=8"},
    {IRQSIM_BUG_MSR, "general protection fault", "#GP", 0,
     "DIE_GPF vector=#GP sig=11"}, /* EXC-05 */
};

START_TEST(exc_07_kernel_mode_faults_oops)
{
    const bug_row_t *const row = &bug_rows[_i];
    static trap_rig_t t;

    trap_run(&t, IRQSIM_LINUX_2_6_23, (irqsim_task_desc_t){PROGRAM(STEP_SYS(IOCTL, row->bug))});
    expect_line(&t, "pt_regs: eip=0x%x cs=0x8", 0xD0800000u + 16 * (unsigned)row->bug);
    if (row->notified)
        expect_line(&t, "notify_die: name=%s\noops", row->notified);
    expect_line(&t, "oops: name=%s error=%#x count=1\nnotify_die: name=DIE_OOPS", row->text,
                row->error);
    expect_line(
        &t, "show_registers: eip=0x%x vector=%s task=0\ntask_exit: task=0 code=0xb (signal 11)\n",
        0xD0800000u + 16 * (unsigned)row->bug, row->vector);
    ck_assert_uint_eq(irqsim_kernel_oopses(t.rig.k), 1);
    ck_assert(!irqsim_kernel_panicked(t.rig.k));
    ck_assert_uint_eq(task_info(&t, 0).status, 11);
    kernel_rig_close(&t.rig);
}
END_TEST

/* EXC-09: the same access in a system call is a page fault like others. */
START_TEST(exc_09_a_system_call_may_fault_on_user_memory)
{
    static trap_rig_t t;

    trap_run(&t, (irqsim_era_t)_i, (irqsim_task_desc_t){PROGRAM(STEP_SYS(IOCTL, IRQSIM_BUG_USER))});
    expect_line(&t, "page_mapped: address=0x804c000 task=0\n");
    expect_line(&t, "sys_exit: nr=54 name=ioctl ret=0\n");
    ck_assert_uint_eq(irqsim_kernel_oopses(t.rig.k), 0);
    kernel_rig_close(&t.rig);
}
END_TEST

/* The driver's mistake in its handler, in what it defers to a softirq, to a work. */
static const struct {
    irqsim_job_t job[3];
    bool panics;
} bad_jobs[] = {
    {{{.clocks = 10, .child = 2}, {.kind = IRQSIM_JOB_BUG, .nr = IRQSIM_BUG_NULL}}, true},
    {{{.clocks = 10, .child = 2},
      {.kind = IRQSIM_JOB_SOFTIRQ, .clocks = 10, .nr = 4, .child = 3},
      {.kind = IRQSIM_JOB_BUG, .nr = IRQSIM_BUG_DIVIDE}},
     true},
    {{{.clocks = 10, .child = 2},
      {.kind = IRQSIM_JOB_WORK, .clocks = 10, .child = 3},
      {.kind = IRQSIM_JOB_BUG, .nr = IRQSIM_BUG_ASSERT}},
     false},
    /* EXC-09: a kernel thread has no user memory */
    {{{.clocks = 10, .child = 2},
      {.kind = IRQSIM_JOB_WORK, .clocks = 10, .child = 3},
      {.kind = IRQSIM_JOB_BUG, .nr = IRQSIM_BUG_USER}},
     false},
    /* EXC-09: memory of the interrupted task, which the handler must not wait for */
    {{{.clocks = 10, .child = 2}, {.kind = IRQSIM_JOB_BUG, .nr = IRQSIM_BUG_USER}}, true},
};

START_TEST(exc_07_in_an_interrupt_it_is_a_panic)
{
    static const irqsim_source_desc_t source = {.wiring = IRQSIM_WIRED_MSI,
                                                .pattern = IRQSIM_PATTERN_PERIODIC,
                                                .first = MS,
                                                .period = MS,
                                                .count = 5};
    static const irqsim_irq_desc_t irq = {.irq = 40, .msi = 1, .hwirq = 0};
    static const irqsim_action_desc_t handler = {.irq = 40};
    static const uint32_t work_name = 0;
    const irqsim_task_desc_t task[2] = {{.name = 0}, {.name = 0, .cpu = 1}};
    static trap_rig_t t;

    t = (trap_rig_t){.seq = 0};
    kernel_rig_open(&t.rig,
                    (irqsim_machine_desc_t){.board = IRQSIM_BOARD_MP,
                                            .profile_id = IRQSIM_MODERN_X2APIC,
                                            .cpus = 2,
                                            .sources = &source,
                                            .n_sources = 1,
                                            .host = {.emit = trap_emit, .user = &t}},
                    (irqsim_kernel_desc_t){.jobs = bad_jobs[_i].job,
                                           .cpus = 2,
                                           .n_jobs = 3,
                                           .irqs = &irq,
                                           .n_irqs = 1,
                                           .actions = &handler,
                                           .n_actions = 1,
                                           .tasks = task,
                                           .n_tasks = 2,
                                           .work_names = &work_name,
                                           .n_works = 1});
    kernel_rig_run(&t.rig, 100 * MS);
    ck_assert_uint_eq(irqsim_kernel_oopses(t.rig.k), 1);
    ck_assert_int_eq(irqsim_kernel_panicked(t.rig.k), bad_jobs[_i].panics);
    if (bad_jobs[_i].panics) {
        expect_line(&t, "panic: name=Fatal exception in interrupt\n");
        for (unsigned cpu = 0; cpu < 2; cpu++) { /* both stopped, with IF=0 */
            ck_assert_uint_eq(irqsim_machine_cpu(t.rig.m, cpu)->activity, IRQSIM_HALTED);
            ck_assert_uint_eq(irqsim_machine_cpu(t.rig.m, cpu)->regs.flags & EFLAGS_IF, 0);
        }
        ck_assert_uint_eq(irqsim_kernel_irq_count(t.rig.k, 0, 0), 1);
    } else { /* the thread is gone, and its queue stays */
        expect_line(&t, "oops: name=%s", _i == 2 ? "invalid opcode error=0" : "Oops error=0x2");
        ck_assert_int_eq(task_info(&t, 2 + 2).state, 'X');
        ck_assert_uint_eq(irqsim_kernel_irq_count(t.rig.k, 0, 0), 5);
        ck_assert_int_eq(task_info(&t, 0).state, 'R');
    }
    kernel_rig_close(&t.rig);
}
END_TEST

/* One IPI for all: an ICR that is written again while it waits for the APIC bus would
 * forget some of them. */
START_TEST(exc_07_a_panic_stops_every_other_cpu)
{
    static const irqsim_source_desc_t source = {
        .pin = 3, .pattern = IRQSIM_PATTERN_PERIODIC, .first = MS, .period = MS, .count = 1};
    static const irqsim_irq_desc_t irq = {.irq = 3, .hwirq = 3};
    static const irqsim_action_desc_t handler = {.irq = 3};
    static trap_rig_t t;

    t = (trap_rig_t){.seq = 0};
    kernel_rig_open(&t.rig,
                    (irqsim_machine_desc_t){.board = IRQSIM_BOARD_MP,
                                            .profile_id = IRQSIM_P6_MP,
                                            .cpus = 6,
                                            .sources = &source,
                                            .n_sources = 1,
                                            .host = {.emit = trap_emit, .user = &t}},
                    (irqsim_kernel_desc_t){.era = IRQSIM_LINUX_2_6_23,
                                           .jobs = bad_jobs[0].job,
                                           .n_jobs = 2,
                                           .irqs = &irq,
                                           .n_irqs = 1,
                                           .actions = &handler,
                                           .n_actions = 1});
    kernel_rig_run(&t.rig, 100 * MS);
    ck_assert(irqsim_kernel_panicked(t.rig.k));
    for (unsigned cpu = 0; cpu < 6; cpu++) {
        ck_assert_uint_eq(irqsim_machine_cpu(t.rig.m, cpu)->activity, IRQSIM_HALTED);
        ck_assert_uint_eq(irqsim_machine_cpu(t.rig.m, cpu)->regs.flags & EFLAGS_IF, 0);
    }
    kernel_rig_close(&t.rig);
}
END_TEST

START_TEST(cpu_19_a_machine_check_ends_it_all)
{
    static trap_rig_t t;

    trap_run(&t, (irqsim_era_t)_i,
             (irqsim_task_desc_t){PROGRAM(STEP_RAISE(18), STEP_SYS(EXIT, 0))});
    expect_line(&t, "exception_entry: vector=#MC name=machine check error=0");
    expect_line(&t, "panic: name=Unable to continue\n");
    ck_assert(irqsim_kernel_panicked(t.rig.k));
    ck_assert_int_eq(task_info(&t, 0).state, 'R');
    ck_assert_uint_eq(irqsim_machine_cpu(t.rig.m, 0)->activity, IRQSIM_HALTED);
    kernel_rig_close(&t.rig);
}
END_TEST

/* ---- system calls, FPU, NMI ---- */

/* CPU-26, CPU-27: IF stays on through the trap gate; the modern gate clears it, and
 * the kernel sets it again. */
START_TEST(cpu_26_int_0x80_enters_the_kernel_and_returns)
{
    static trap_rig_t t;

    trap_run(&t, (irqsim_era_t)_i,
             (irqsim_task_desc_t){
                 PROGRAM(STEP_SYS(GETPID, 0), STEP_INSN_OF(INT, 0x80), STEP_SYS(EXIT, 0))});
    ck_assert_str_eq(t.text, "sys_enter: nr=20 name=getpid\n"
                             "pt_regs: eip=0x8048002 cs=0x1b eflags=0x202 (IF)\n"
                             "sys_exit: nr=20 name=getpid ret=1\n"
                             "sys_enter: nr=-1 name=ni_syscall\n"
                             "pt_regs: eip=0x8048004 cs=0x1b eflags=0x202 (IF)\n"
                             "sys_exit: nr=-1 name=ni_syscall ret=-38\n"
                             "sys_enter: nr=1 name=exit\n"
                             "pt_regs: eip=0x8048006 cs=0x1b eflags=0x202 (IF)\n"
                             "task_exit: task=0 code=0 (exit 0)\n");
    kernel_rig_close(&t.rig);
}
END_TEST

/* INT n of all 256, from user mode: three have a gate for it, in both eras. */
START_TEST(cpu_27_which_int_n_user_mode_may_execute)
{
    const irqsim_era_t era = (irqsim_era_t)(_i / 256);
    const unsigned vector = (unsigned)_i % 256;
    static trap_rig_t t;

    trap_run(&t, era, (irqsim_task_desc_t){PROGRAM(STEP_INSN_OF(INT, vector), STEP_SYS(EXIT, 0))});
    if (vector == 3)
        expect_line(&t, "exception_entry: vector=#BP name=int3 error=0\npt_regs: eip=0x8048002");
    else if (vector == 4)
        expect_line(&t,
                    "exception_entry: vector=#OF name=overflow error=0\npt_regs: eip=0x8048002");
    else if (vector == 0x80)
        ck_assert_uint_eq(task_info(&t, 0).status, 0);
    else
        expect_line(
            &t,
            "exception_entry: vector=#GP name=general protection fault error=%#x (IDT %#x)\n"
            "pt_regs: eip=0x8048000",
            vector * 8 + 2, vector);
    kernel_rig_close(&t.rig);
}
END_TEST

/* CPU-08: each task's first x87 instruction after a switch faults, where the FPU is
 * lazy; never on modern kernels. */
START_TEST(cpu_08_the_fpu_is_loaded_when_it_is_used)
{
    irqsim_step_t step[] = {STEP_FPU, STEP_FPU, STEP_RUN(33 * 30000), STEP_FPU, STEP_SYS(EXIT, 0)};
    irqsim_task_desc_t task[2] = {{.program = step, .n_steps = 5}, {.program = step, .n_steps = 5}};
    static trap_rig_t t;
    unsigned restores = 0;

    trap_lay_out(step, 5);
    t = (trap_rig_t){.seq = 0};
    kernel_rig_open(
        &t.rig,
        (irqsim_machine_desc_t){.board = IRQSIM_BOARD_AT,
                                .profile_id = IRQSIM_I486_PC,
                                .host = {.emit = trap_emit, .user = &t}},
        (irqsim_kernel_desc_t){.era = (irqsim_era_t)_i, .hz = 100, .tasks = task, .n_tasks = 2});
    kernel_rig_run(&t.rig, 200 * MS);
    for (const char *p = t.text; (p = strstr(p, "fpu_restore")) != NULL; p++)
        restores++;
    ck_assert_uint_eq(restores, _i == IRQSIM_LINUX_2_6_23 ? 4 : 0);
    ck_assert_int_eq(task_info(&t, 0).state, 'X');
    ck_assert_int_eq(task_info(&t, 1).state, 'X');
    kernel_rig_close(&t.rig);
}
END_TEST

/* CPU-49, CPU-64: a wild pointer has overwritten the gate of #DE; what #DE then raises
 * is #GP, together #DF, and that is a task of its own. Modern kernels give up. */
START_TEST(cpu_64_a_double_fault_is_a_task_of_its_own)
{
    static trap_rig_t t;

    trap_run(&t, (irqsim_era_t)_i,
             (irqsim_task_desc_t){PROGRAM(STEP_SYS(IOCTL, IRQSIM_BUG_WILD), STEP_INSN_OF(DIV, 0),
                                          STEP_SYS(EXIT, 0))});
    expect_line(&t, "sys_exit: nr=54 name=ioctl ret=0\n"
                    "exception_entry: vector=#DF name=double fault error=0\n"
                    "double_fault: eip=0x8048002 cs=0x1b esp=0xbffffff0\n");
    const irqsim_cpustate_t *const regs = &irqsim_machine_cpu(t.rig.m, 0)->regs;
    ck_assert_uint_eq(regs->tr.selector, 6 * 8);
    ck_assert_uint_eq(regs->flags & EFLAGS_IF, 0);
    ck_assert_int_eq(irqsim_kernel_panicked(t.rig.k), _i == IRQSIM_LINUX_MODERN);
    ck_assert_uint_eq(irqsim_machine_cpu(t.rig.m, 0)->activity,
                      _i == IRQSIM_LINUX_MODERN ? IRQSIM_HALTED : IRQSIM_RUNNING);
    kernel_rig_close(&t.rig);
}
END_TEST

/* Arrivals of a device whose messages are NMIs. */
static void open_with_nmis(trap_rig_t *t, irqsim_era_t era, uint16_t cpu)
{
    static irqsim_task_desc_t task;
    static irqsim_irq_desc_t irq;
    static const irqsim_job_t job = {.clocks = 100};
    static const irqsim_source_desc_t source = {.wiring = IRQSIM_WIRED_MSI,
                                                .pattern = IRQSIM_PATTERN_PERIODIC,
                                                .first = MS,
                                                .period = MS,
                                                .count = 2};
    static const irqsim_action_desc_t handler = {.irq = 40};

    task = (irqsim_task_desc_t){.cpu = cpu};
    irq = (irqsim_irq_desc_t){.irq = 40, .msi = 1, .cpu = cpu};
    *t = (trap_rig_t){.seq = 0};
    kernel_rig_open(&t->rig,
                    (irqsim_machine_desc_t){.board = IRQSIM_BOARD_MP,
                                            .profile_id = IRQSIM_P6_MP,
                                            .cpus = 2,
                                            .sources = &source,
                                            .n_sources = 1,
                                            .host = {.emit = trap_emit, .user = t}},
                    (irqsim_kernel_desc_t){.era = era,
                                           .cpus = 2,
                                           .jobs = &job,
                                           .n_jobs = 1,
                                           .irqs = &irq,
                                           .n_irqs = 1,
                                           .actions = &handler,
                                           .n_actions = 1,
                                           .tasks = &task,
                                           .n_tasks = 1});
    irqsim_guest_write(t->rig.m, 0, IRQSIM_SOURCE_MMIO(0) + IRQSIM_SOURCE_REG_MSI_DATA,
                       MSI_DATA_EDGE(0, LAPIC_DM_NMI));
}

/* NMI-01: back to where it was, whatever waits. NMI-02: CPU 0 asks port 0x61, which has
 * no reason. _i: the era, and the CPU. */
START_TEST(nmi_01_nmi_02_an_nmi_looks_at_nothing_on_its_way_out)
{
    const uint16_t cpu = (uint16_t)(_i / IRQSIM_ERAS);
    static trap_rig_t t;

    open_with_nmis(&t, (irqsim_era_t)(_i % IRQSIM_ERAS), cpu);
    kernel_rig_run(&t.rig, 10 * MS);
    expect_line(&t,
                "exception_entry: vector=NMI name=nmi error=0\n"
                "pt_regs: eip=0x8048000 cs=0x1b eflags=0x202 (IF)\n"
                "%sexception_exit: vector=NMI name=nmi\n"
                "exception_entry: vector=NMI name=nmi error=0\n",
                cpu == 0 ? "nmi_reason: reason=0\n" : "");
    ck_assert_uint_eq(irqsim_kernel_preempt_count(t.rig.k, cpu), 0);
    ck_assert_uint_eq(irqsim_kernel_irq_count(t.rig.k, 0, cpu), 0);
    ck_assert_uint_eq(irqsim_machine_cpu(t.rig.m, cpu)->regs.cpl, 3);
    kernel_rig_close(&t.rig);
}
END_TEST

/* ---- snapshots ---- */

enum { SNAPSHOT = 65536 };

static size_t save(const trap_rig_t *t, uint8_t *bytes)
{
    irqsim_snap_t snap = {.buf = bytes, .size = SNAPSHOT};

    ck_assert_int_eq(irqsim_machine_save(t->rig.m, &snap), IRQSIM_OK);
    ck_assert_int_eq(irqsim_kernel_save(t->rig.k, &snap), IRQSIM_OK);
    return snap.used;
}

/* Everything in them: mapped pages, handlers, nested faults, an oops, a panic. */
static irqsim_step_t story[] = {
    STEP_STORE(0x0804C000),           STEP_FPU,        STEP_STACK(0x3000), STEP_INSN_OF(DIV, 0),
    STEP_SYS(READ, 0x1000),           STEP_INSN(INT3), STEP_SYS(KILL, 10), STEP_RUN(1000),
    STEP_SYS(IOCTL, IRQSIM_BUG_NULL),
};
static irqsim_step_t end_of_story[] = {STEP_RUN(33 * 2000), STEP_RAISE(18)};
static const irqsim_sigaction_t story_actions[] = {{.clocks = 500, .signal = 8, .skips = 1},
                                                   {.clocks = 600, .signal = 5},
                                                   {.clocks = 70, .signal = 10}};

/* Law 2: the state after any number of events, loaded elsewhere, goes on the same. */
START_TEST(a_snapshot_between_any_two_events_continues_the_same)
{
    irqsim_task_desc_t task[2] = {
        {.program = story, .n_steps = 9, .actions = story_actions, .n_actions = 3},
        {.program = end_of_story, .n_steps = 2}};
    static trap_rig_t saved, loaded;
    static uint8_t bytes[SNAPSHOT], after[2][SNAPSHOT];
    bool did = true;
    unsigned points = 0;

    trap_lay_out(story, 9);
    trap_lay_out(end_of_story, 2);
    trap_open(&saved, (irqsim_era_t)_i, task, 2);
    while (irqsim_machine_now(saved.rig.m) < 20 * MS && did) {
        const size_t size = save(&saved, bytes);
        irqsim_snap_t snap = {.buf = bytes, .size = size, .reading = true};

        trap_open(&loaded, (irqsim_era_t)_i, task, 2);
        ck_assert_int_eq(irqsim_machine_load(loaded.rig.m, &snap), IRQSIM_OK);
        ck_assert_int_eq(irqsim_kernel_load(loaded.rig.k, &snap), IRQSIM_OK);
        loaded.seq = saved.seq;
        const size_t said = saved.used;
        ck_assert_int_eq(irqsim_machine_step(saved.rig.m, &did), IRQSIM_OK);
        ck_assert_int_eq(irqsim_machine_step(loaded.rig.m, &did), IRQSIM_OK);
        ck_assert_uint_eq(save(&saved, after[0]), save(&loaded, after[1]));
        ck_assert_int_eq(memcmp(after[0], after[1], size), 0);
        ck_assert_str_eq(saved.text + said, loaded.text);
        kernel_rig_close(&loaded.rig);
        points++;
    }
    ck_assert_uint_gt(points, 60);
    ck_assert_uint_eq(irqsim_kernel_oopses(saved.rig.k), 1);
    ck_assert(irqsim_kernel_panicked(saved.rig.k));
    kernel_rig_close(&saved.rig);
}
END_TEST

/* ---- bad descs ---- */

START_TEST(programs_are_checked)
{
    irqsim_step_t step[] = {STEP_FPU, STEP_FPU};
    const irqsim_sigaction_t kill = {.signal = 9};
    irqsim_task_desc_t task = {.program = step, .n_steps = 2};
    const irqsim_kernel_desc_t desc = {.cpus = 1, .tasks = &task, .n_tasks = 1};

    ck_assert_uint_eq(irqsim_kernel_size(&desc), 0); /* both at 0 */
    trap_lay_out(step, 2);
    ck_assert_uint_gt(irqsim_kernel_size(&desc), 0);
    step[1].kind = IRQSIM_STEP_KINDS;
    ck_assert_uint_eq(irqsim_kernel_size(&desc), 0);
    step[1] = (irqsim_step_t){.kind = IRQSIM_STEP_RAISE, .nr = 32, .at = 2};
    ck_assert_uint_eq(irqsim_kernel_size(&desc), 0);
    step[1] = (irqsim_step_t){.kind = IRQSIM_STEP_INSN, .insn.op = IRQSIM_OPS, .at = 2};
    ck_assert_uint_eq(irqsim_kernel_size(&desc), 0);
    step[1] = (irqsim_step_t){.kind = IRQSIM_STEP_FPU, .at = 2};
    task.actions = &kill;
    task.n_actions = 1;
    ck_assert_uint_eq(irqsim_kernel_size(&desc), 0); /* SIGKILL is not caught */
}
END_TEST

UNIT_MAIN("kernel traps", UNIT_LOOP(gate_03_and_gate_04_every_vector_of_the_era, 0, IRQSIM_ERAS),
          UNIT_TEST(gate_02_selector_and_type_of_a_task_gate),
          UNIT_LOOP(exc_08_user_exceptions_and_their_signals, 0, IRQSIM_ERAS *ROWS),
          UNIT_LOOP(gate_04_int_5_from_user_mode, 0, IRQSIM_ERAS),
          UNIT_TEST(exc_08_vector_15_is_ignored),
          UNIT_LOOP(exc_02_a_resolved_page_fault_executes_its_instruction_again, 0, IRQSIM_ERAS),
          UNIT_LOOP(exc_06_a_system_call_given_a_bad_address_answers_efault, 0, IRQSIM_ERAS),
          UNIT_LOOP(exc_09_two_levels_of_exceptions, 0, IRQSIM_ERAS),
          UNIT_LOOP(exc_09_a_device_interrupts_an_exception_handler, 0, IRQSIM_ERAS),
          UNIT_LOOP(exc_09_a_system_call_may_fault_on_user_memory, 0, IRQSIM_ERAS),
          UNIT_LOOP(exc_07_kernel_mode_faults_oops, 0, 4),
          UNIT_LOOP(exc_07_in_an_interrupt_it_is_a_panic, 0, 5),
          UNIT_TEST(exc_07_a_panic_stops_every_other_cpu),
          UNIT_LOOP(cpu_19_a_machine_check_ends_it_all, 0, IRQSIM_ERAS),
          UNIT_LOOP(cpu_26_int_0x80_enters_the_kernel_and_returns, 0, IRQSIM_ERAS),
          UNIT_LOOP(cpu_27_which_int_n_user_mode_may_execute, 0, IRQSIM_ERAS * 256),
          UNIT_LOOP(cpu_08_the_fpu_is_loaded_when_it_is_used, 0, IRQSIM_ERAS),
          UNIT_LOOP(cpu_64_a_double_fault_is_a_task_of_its_own, 0, IRQSIM_ERAS),
          UNIT_LOOP(nmi_01_nmi_02_an_nmi_looks_at_nothing_on_its_way_out, 0, 2 * IRQSIM_ERAS),
          UNIT_LOOP(a_snapshot_between_any_two_events_continues_the_same, 0, IRQSIM_ERAS),
          UNIT_TEST(programs_are_checked))
