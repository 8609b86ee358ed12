/* SPDX-License-Identifier: MIT */
/* options.c - one table of options: for getopt, for --help, for suggestions */
#include <getopt.h>
#include <string.h>

#include "cli.h"

typedef struct row {
    char letter; /* 0 = none */
    const char *name, *arg, *help;
} row_t;

/* clang-format off */
static const row_t rows[OPTIONS] = {
    [OPT_BOARD]   = {0,   "board",   "NAME",     "at or mp; default: the profile's"},
    [OPT_CONNECT] = {0,   "connect", "PATH",     "connect to the client that listens on this socket"},
    [OPT_CPUS]    = {0,   "cpus",    "N",        "number of CPUs; default: 1"},
    [OPT_FORCE]   = {'f', "force",   NULL,       "replace output files that exist"},
    [OPT_HELP]    = {'h', "help",    NULL,       "print this help"},
    [OPT_JSON]    = {'j', "json",    NULL,       "print one JSON object instead of tables"},
    [OPT_MODEL]   = {'m', "model",   "PLUGIN",   "run the cases on the model in this shared object"},
    [OPT_ON]      = {0,   "on",      "SCENARIO", "replay on the machine of this scenario"},
    [OPT_OUTPUT]  = {'o', "output",  "ARRIVALS", "file to write; gzip if it ends in .gz"},
    [OPT_PROFILE] = {0,   "profile", "NAME",     "machine, i486-pc ... modern-x2apic (the default)"},
    [OPT_TRACE]   = {'t', "trace",   "FILE",     "record every event into FILE"},
    [OPT_UNIX]    = {0,   "unix",    "PATH",     "listen on this socket, not on standard input"},
    [OPT_VARIANT] = {0,   "variant", "NAMES",    "departures from the datasheets, with commas"},
    [OPT_VERSION] = {'V', "version", NULL,       "print the version"},
};
/* clang-format on */

#define LONG_BASE 1000 /* getopt's val of an option: LONG_BASE + option_id_t */

/* Lists for getopt: the command's options, and --help. */
typedef struct getopt_lists {
    struct option longs[OPTIONS + 1];
    char letters[2 * OPTIONS + 2];
} getopt_lists_t;

static void list_options(getopt_lists_t *lists, unsigned takes)
{
    unsigned n = 0, at = 0;

    *lists = (getopt_lists_t){0};
    lists->letters[at++] = ':';
    for (int i = 0; i < OPTIONS; i++) {
        if (!(takes & TAKES(i)))
            continue;
        const row_t *row = &rows[i];
        lists->longs[n++] = (struct option){row->name, row->arg ? required_argument : no_argument,
                                            NULL, LONG_BASE + i};
        if (row->letter)
            lists->letters[at++] = row->letter;
        if (row->letter && row->arg)
            lists->letters[at++] = ':';
    }
}

static int option_of(int got)
{
    if (got >= LONG_BASE)
        return got - LONG_BASE;
    for (int i = 0; i < OPTIONS; i++)
        if (rows[i].letter == got)
            return i;
    return -1;
}

static int usage_hint(const command_t *command)
{
    hint("'irqsim %s --help' explains the command", command->name);
    return EXIT_USAGE;
}

static int unknown_option(const command_t *command, unsigned takes, const char *word)
{
    suggestion_t near = {.typed = word + strspn(word, "-")};

    for (int i = 0; i < OPTIONS; i++)
        if (takes & TAKES(i))
            suggest(&near, rows[i].name);
    complain("'%s' has no option '%s'", command->name, word);
    if (!near.best)
        return usage_hint(command);
    hint("did you mean '--%s'?", near.best);
    return EXIT_USAGE;
}

/* getopt answered '?': an unknown letter or word, or a word with an argument too
 * many. */
static int bad_option(const call_t *call, unsigned takes, char **argv)
{
    const char letter[] = {'-', (char)optopt, '\0'};

    if (optopt >= LONG_BASE) {
        complain("option '--%s' takes no value", rows[optopt - LONG_BASE].name);
        return usage_hint(call->command);
    }
    return unknown_option(call->command, takes, optopt ? letter : argv[optind - 1]);
}

static int missing_value(const call_t *call)
{
    const row_t *row = &rows[option_of(optopt)];

    complain("option '--%s' needs a value: %s", row->name, row->arg);
    return usage_hint(call->command);
}

/* The commands that serve, not read, take no file: their operand is "". */
static bool takes_none(const command_t *command)
{
    return !*command->operand;
}

static bool takes_many(const command_t *command)
{
    return strstr(command->operand, "...") != NULL;
}

static int take_operand(call_t *call, int n, char **operand)
{
    if (n == 0 && takes_none(call->command))
        return -1;
    if ((n == 1 && !takes_none(call->command)) || (n > 1 && takes_many(call->command))) {
        call->operand = operand[0];
        call->operands = operand;
        call->n_operands = (size_t)n;
        return -1;
    }
    if (n == 0)
        complain("'%s' needs a file: %s", call->command->name, call->command->operand);
    else
        complain("'%s' takes %s file, '%s' is too many", call->command->name,
                 takes_none(call->command) ? "no" : "one", operand[!takes_none(call->command)]);
    return usage_hint(call->command);
}

int parse_call(call_t *call, int argc, char **argv)
{
    const unsigned takes = call->command->takes | TAKES(OPT_HELP);
    getopt_lists_t lists;
    int got;

    list_options(&lists, takes);
    opterr = 0;
    while ((got = getopt_long(argc, argv, lists.letters, lists.longs, NULL)) != -1) {
        if (got == ':')
            return missing_value(call);
        if (got == '?')
            return bad_option(call, takes, argv);
        const int i = option_of(got);
        call->given[i] = true;
        call->value[i] = optarg;
    }
    if (call->given[OPT_HELP]) {
        print_command_help(call->command);
        return EXIT_OK;
    }
    return take_operand(call, argc - optind, argv + optind);
}

void print_option_help(unsigned takes)
{
    for (int i = 0; i < OPTIONS; i++) {
        const row_t *row = &rows[i];
        char head[40];
        if (!(takes & TAKES(i)))
            continue;
        snprintf(head, sizeof(head), "--%s%s%s", row->name, row->arg ? "=" : "",
                 row->arg ? row->arg : "");
        printf("  %c%c%c %-18s  %s\n", row->letter ? '-' : ' ', row->letter ? row->letter : ' ',
               row->letter ? ',' : ' ', head, row->help);
    }
}

void print_command_help(const command_t *command)
{
    printf("Usage: irqsim %s [OPTION]...%s%s\n%s\n\nOptions:\n", command->name,
           takes_none(command) ? "" : " ", command->operand, command->about);
    print_option_help(command->takes | TAKES(OPT_HELP));
}
