/* SPDX-License-Identifier: MIT */
/* Signals of user tasks: what is done about them, and on which way back (RET, EXC). */
#include "trap_rig.h"

#define HANDLER(signal) (0x0804B000u + 64u * (signal))

static uint32_t status_of(const trap_rig_t *t)
{
    irqsim_task_info_t info;

    ck_assert(irqsim_kernel_task(t->rig.k, 0, &info));
    ck_assert_int_eq(info.state, 'X');
    return info.status;
}

static unsigned times(const trap_rig_t *t, const char *what)
{
    unsigned n = 0;

    for (const char *p = t->text; (p = strstr(p, what)) != NULL; p++)
        n++;
    return n;
}

/* RET-03: on the way to user mode; sigreturn() goes back to where it came from. */
START_TEST(ret_03_a_handler_runs_before_the_interrupted_code_goes_on)
{
    const irqsim_sigaction_t action = {.clocks = 1000, .signal = 10};
    static trap_rig_t t;

    trap_run(&t, (irqsim_era_t)_i,
             (irqsim_task_desc_t){PROGRAM(STEP_SYS(KILL, 10), STEP_SYS(EXIT, 7)),
                                  .actions = &action, .n_actions = 1});
    ck_assert_str_eq(t.text, "sys_enter: nr=37 name=kill\n"
                             "pt_regs: eip=0x8048002 cs=0x1b eflags=0x202 (IF)\n"
                             "signal_generate: sig=10 name=SIGUSR1 code=SI_USER\n"
                             "sys_exit: nr=37 name=kill ret=0\n"
                             "signal_deliver: sig=10 name=SIGUSR1 handler=0x804b280\n"
                             "sys_enter: nr=119 name=sigreturn\n"
                             "pt_regs: eip=0x804b282 cs=0x1b eflags=0x202 (IF)\n"
                             "sys_exit: nr=119 name=sigreturn ret=0\n"
                             "sys_enter: nr=1 name=exit\n"
                             "pt_regs: eip=0x8048004 cs=0x1b eflags=0x202 (IF)\n"
                             "task_exit: task=0 code=0x700 (exit 7)\n");
    ck_assert_uint_eq(status_of(&t), 7 << 8);
    kernel_rig_close(&t.rig);
}
END_TEST

/* A fault's instruction is executed again after its handler, unless that has it skipped. */
START_TEST(exc_08_a_handler_that_returns_meets_the_fault_again)
{
    const irqsim_sigaction_t again = {.clocks = 1000, .signal = 8};
    const irqsim_sigaction_t skips = {.clocks = 1000, .signal = 8, .skips = 1};
    irqsim_step_t step[] = {STEP_INSN_OF(DIV, 0), STEP_SYS(EXIT, 0)};
    irqsim_task_desc_t task = {.program = step, .n_steps = 2, .n_actions = 1};
    static trap_rig_t t;

    trap_lay_out(step, 2);
    task.actions = _i ? &skips : &again;
    trap_open(&t, IRQSIM_LINUX_2_6_23, &task, 1);
    kernel_rig_run(&t.rig, MS);
    if (_i) {
        ck_assert_uint_eq(times(&t, "signal_deliver: sig=8 name=SIGFPE handler=0x804b200\n"), 1);
        ck_assert_uint_eq(status_of(&t), 0);
    } else {
        ck_assert_uint_gt(times(&t, "pt_regs: eip=0x8048000 cs=0x1b eflags=0x10202 (IF RF)\n"), 3);
    }
    kernel_rig_close(&t.rig);
}
END_TEST

/* What nobody asked about: sent, the usual is done, or nothing. */
static const struct {
    unsigned signal;
    uint32_t status; /* of a task that exits with 1 if it can */
} usual[] = {
    {1, 1},      {2, 2},     {3, 0x83},   {6, 0x86}, {9, 9},      {10, 10},
    {11, 0x8B},  {13, 13},   {14, 14},    {15, 15},  {17, 0x100}, {18, 0x100},
    {23, 0x100}, {24, 0x98}, {28, 0x100}, {29, 29},  {31, 0x9F},
};

START_TEST(ret_03_what_signals_usually_do)
{
    static trap_rig_t t;

    trap_run(&t, IRQSIM_LINUX_MODERN,
             (irqsim_task_desc_t){PROGRAM(STEP_SYS(KILL, usual[_i].signal), STEP_SYS(EXIT, 1))});
    ck_assert_uint_eq(status_of(&t), usual[_i].status);
    kernel_rig_close(&t.rig);
}
END_TEST

/* kill() may be ignored; an exception's signal may not. */
START_TEST(exc_06_a_forced_signal_cannot_be_ignored)
{
    const irqsim_sigaction_t ignored = {.signal = 11, .ignored = 1};
    static trap_rig_t t;

    trap_run(&t, (irqsim_era_t)_i,
             (irqsim_task_desc_t){PROGRAM(STEP_SYS(KILL, 11), STEP_LOAD(0), STEP_SYS(EXIT, 0)),
                                  .actions = &ignored, .n_actions = 1});
    ck_assert_uint_eq(times(&t, "signal_generate"), 1);
    ck_assert_uint_eq(times(&t, "sys_exit: nr=37 name=kill ret=0\nexception_entry: vector=#PF"), 1);
    ck_assert_uint_eq(status_of(&t), 0x8B);
    kernel_rig_close(&t.rig);
}
END_TEST

/* The handler's frame has no room: the stack left its area. */
START_TEST(exc_09_a_signal_without_room_for_its_frame_kills)
{
    const irqsim_sigaction_t action = {.clocks = 1, .signal = 10};
    static trap_rig_t t;

    trap_run(
        &t, (irqsim_era_t)_i,
        (irqsim_task_desc_t){PROGRAM(STEP_STACK(0x20000), STEP_SYS(KILL, 10), STEP_SYS(EXIT, 0)),
                             .actions = &action, .n_actions = 1});
    ck_assert_uint_eq(times(&t, "fixup_exception"), 1);
    ck_assert_uint_eq(times(&t, "signal_generate: sig=11 name=SIGSEGV code=SI_KERNEL\ntask_exit"),
                      1);
    ck_assert_uint_eq(status_of(&t), 0x8B);
    kernel_rig_close(&t.rig);
}
END_TEST

/* RET-03: a tick has found the turn to be over while the task was in the kernel. */
START_TEST(ret_03_reschedules_on_the_way_out_of_an_exception)
{
    irqsim_step_t step[24];
    irqsim_task_desc_t task[2] = {{.program = step, .n_steps = 24}, {.cpu = 0}};
    static trap_rig_t t;
    irqsim_task_info_t other;

    /* in the kernel nearly always: ticks come there */
    for (uint32_t i = 0; i < 24; i++)
        step[i] = (irqsim_step_t)STEP_LOAD(0x0804C000 + i % 16 * 4096);
    step[23] = (irqsim_step_t)STEP_SYS(EXIT, 0);
    trap_lay_out(step, 24);
    t = (trap_rig_t){.seq = 0};
    kernel_rig_open(
        &t.rig,
        (irqsim_machine_desc_t){.board = IRQSIM_BOARD_AT,
                                .profile_id = IRQSIM_I486_PC,
                                .host = {.emit = trap_emit, .user = &t}},
        (irqsim_kernel_desc_t){
            .era = IRQSIM_LINUX_2_6_23, .hz = 5000, .quantum = 1, .tasks = task, .n_tasks = 2});
    kernel_rig_run(&t.rig, 700 * US);
    ck_assert(irqsim_kernel_task(t.rig.k, 1, &other));
    ck_assert_uint_gt(other.ran, 100 * US);
    kernel_rig_run(&t.rig, 100 * MS);
    ck_assert_uint_eq(status_of(&t), 0);
    kernel_rig_close(&t.rig);
}
END_TEST

START_TEST(signals_have_names)
{
    ck_assert_str_eq(irqsim_signal_name(1), "SIGHUP");
    ck_assert_str_eq(irqsim_signal_name(31), "SIGSYS");
    ck_assert_ptr_null(irqsim_signal_name(0));
    ck_assert_ptr_null(irqsim_signal_name(32));
    ck_assert(!irqsim_signal_can_be_caught(9) && !irqsim_signal_can_be_caught(19));
    ck_assert(irqsim_signal_can_be_caught(11) && !irqsim_signal_can_be_caught(0));
    for (unsigned i = 0; irqsim_kernel_word(i); i++)
        for (unsigned j = 0; j < i; j++)
            ck_assert_str_ne(irqsim_kernel_word(i), irqsim_kernel_word(j));
}
END_TEST

UNIT_MAIN("kernel signal",
          UNIT_LOOP(ret_03_a_handler_runs_before_the_interrupted_code_goes_on, 0, IRQSIM_ERAS),
          UNIT_LOOP(exc_08_a_handler_that_returns_meets_the_fault_again, 0, 2),
          UNIT_LOOP(ret_03_what_signals_usually_do, 0, sizeof(usual) / sizeof(usual[0])),
          UNIT_LOOP(exc_06_a_forced_signal_cannot_be_ignored, 0, IRQSIM_ERAS),
          UNIT_LOOP(exc_09_a_signal_without_room_for_its_frame_kills, 0, IRQSIM_ERAS),
          UNIT_TEST(ret_03_reschedules_on_the_way_out_of_an_exception),
          UNIT_TEST(signals_have_names))
