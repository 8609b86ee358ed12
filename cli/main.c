/* SPDX-License-Identifier: MIT */
/* main.c - the table of commands, and which one was meant */
#include <signal.h>
#include <string.h>

#include <irqsim/version.h>

#include "cli.h"

/* clang-format off */
static const command_t commands[] = {
    {"run", "SCENARIO", "run a scenario and tell what happened",
     "Builds the machine of SCENARIO (YAML), lets its devices storm and prints what became\n"
     "of each interrupt, how long it took and what it waited for. Expectations in the\n"
     "scenario decide the exit code.",
     TAKES(OPT_TRACE) | TAKES(OPT_JSON) | TAKES(OPT_FORCE), cmd_run},
    {"import", "CAPTURE", "turn a capture of a real machine into a list of arrivals",
     "Reads ftrace text, perf script or trace-cmd report output (plain or gzip) and writes\n"
     "its interrupts, with the work each one caused, to the file given with --output.",
     TAKES(OPT_OUTPUT) | TAKES(OPT_JSON) | TAKES(OPT_FORCE), cmd_import},
    {"replay", "ARRIVALS", "replay recorded arrivals on a modelled machine",
     "Runs the arrivals of an imported capture on a modern machine with as many CPUs, or on\n"
     "the machine of a scenario, and compares the result with the recording.",
     TAKES(OPT_ON) | TAKES(OPT_TRACE) | TAKES(OPT_JSON) | TAKES(OPT_FORCE), cmd_replay},
    {"check", "SCENARIO", "check a scenario without running it",
     "Reports every problem with file, line, column and path.", 0, cmd_check},
    {"dump", "TRACE", "print the events of a trace, one a line",
     "Damaged blocks are skipped with a warning; the exit code is 3 then.", 0, cmd_dump},
    {"info", "FILE", "tell what a file is and its main numbers",
     "FILE may be a scenario, a list of arrivals, a trace or a capture.", 0, cmd_info},
    {"conform", "FILE...", "run conformance cases on our chips or on another model",
     "Prints one TAP line per case of each FILE, and of a failed case the step, what was\n"
     "expected and what came. The exit code is 1 if a case failed.",
     TAKES(OPT_MODEL), cmd_conform},
    {"qtest", "", "serve a board by QEMU's qtest protocol",
     "A board whose CPUs stand still obeys a client: on standard input and output, on the\n"
     "socket where it listens (--connect), or one client after another on ours (--unix),\n"
     "each with a board of its own. docs/qtest.md has the verbs.",
     TAKES(OPT_BOARD) | TAKES(OPT_CPUS) | TAKES(OPT_PROFILE) | TAKES(OPT_VARIANT) |
         TAKES(OPT_CONNECT) | TAKES(OPT_UNIX),
     cmd_qtest},
};
/* clang-format on */

const command_t *command_at(unsigned i)
{
    return i < sizeof(commands) / sizeof(commands[0]) ? &commands[i] : NULL;
}

const command_t *find_command(const char *name)
{
    const command_t *command;

    for (unsigned i = 0; (command = command_at(i)); i++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

int unknown_command(const char *name)
{
    suggestion_t near = {.typed = name};
    const command_t *command;

    suggest(&near, "help");
    for (unsigned i = 0; (command = command_at(i)); i++)
        suggest(&near, command->name);
    complain("there is no command '%s'", name);
    if (near.best)
        hint("did you mean '%s'?", near.best);
    else
        hint("'irqsim --help' lists the commands");
    return EXIT_USAGE;
}

static void print_help(void)
{
    const command_t *command;

    printf("Usage: irqsim COMMAND [OPTION]... FILE\n"
           "The x86 interrupt subsystem, modelled: who waited for what, and why.\n\nCommands:\n");
    for (unsigned i = 0; (command = command_at(i)); i++)
        printf("  %-7s %-9s  %s\n", command->name, command->operand, command->summary);
    printf("  %-7s %-9s  %s\n\nOptions:\n", "help", "COMMAND", "explain a command");
    print_option_help(TAKES(OPT_HELP) | TAKES(OPT_VERSION));
    printf("\nExit status: 0 all is well, 1 an expectation failed, 2 wrong usage, 3 bad input,\n"
           "4 internal error or unwritable output. Manual: irqsim(1), irqsim-scenario(5).\n");
}

static int help(const char *name)
{
    const command_t *command = name ? find_command(name) : NULL;

    if (name && !command)
        return unknown_command(name);
    if (command)
        print_command_help(command);
    else
        print_help();
    return EXIT_OK;
}

static bool is_one_of(const char *word, const char *a, const char *b)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

static int run_command(const command_t *command, int argc, char **argv)
{
    call_t call = {.command = command};
    const int code = parse_call(&call, argc, argv);

    return code >= 0 ? code : command->run(&call);
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2) {
        complain("a command is needed");
        hint("'irqsim --help' lists the commands");
        return EXIT_USAGE;
    }
    const char *word = argv[1];
    if (is_one_of(word, "--help", "-h") || strcmp(word, "help") == 0)
        return help(argc > 2 ? argv[2] : NULL);
    if (is_one_of(word, "--version", "-V")) {
        printf("irqsim %s\n", irqsim_version());
        return EXIT_OK;
    }
    const command_t *command = find_command(word);
    return command ? run_command(command, argc - 1, argv + 1) : unknown_command(word);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is a write error like any other */
    return finish_output(dispatch(argc, argv));
}
