/* SPDX-License-Identifier: MIT */
/* cmd_qtest.c - irqsim qtest: a board that obeys QEMU's qtest protocol */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <irqsim/qtest.h>

#include "cli.h"

/* ---- which board ---- */

static const char *board_word(unsigned i)
{
    static const char *const words[] = {[IRQSIM_BOARD_AT] = "at", [IRQSIM_BOARD_MP] = "mp"};

    return i < sizeof(words) / sizeof(words[0]) ? words[i] : NULL;
}

static const char *profile_word(unsigned i)
{
    return irqsim_profile_name((irqsim_profile_id_t)i);
}

static const char *variant_word(unsigned i)
{
    return irqsim_variant(i) ? irqsim_variant(i)->name : NULL;
}

/* -1, after a complaint: no such word. */
static int choose(const char *typed, const char *(*word)(unsigned))
{
    suggestion_t near = {.typed = typed};

    for (unsigned i = 0; word(i); i++) {
        if (strcmp(word(i), typed) == 0)
            return (int)i;
        suggest(&near, word(i));
    }
    complain("'%s' is not what the option takes", typed);
    if (near.best)
        hint("did you mean '%s'?", near.best);
    else
        hint("'irqsim qtest --help' explains the command");
    return -1;
}

/* NAME[,NAME...] */
static bool take_variants(const char *text, irqsim_qtest_desc_t *desc)
{
    while (*text) {
        const size_t n = strcspn(text, ",");
        char name[32];
        snprintf(name, sizeof(name), "%.*s", (int)n, text);
        const int variant = choose(name, variant_word);
        if (variant < 0)
            return false;
        desc->variants |= UINT32_C(1) << variant;
        text += n + (text[n] == ',');
    }
    return true;
}

static bool take_cpus(const char *text, irqsim_qtest_desc_t *desc)
{
    char *end;

    errno = 0;
    const long cpus = strtol(text, &end, 10);
    if (errno || *end || end == text || cpus < 1 || cpus > IRQSIM_MAX_CPUS) {
        complain("'%s' is not a number of CPUs, 1 to %u", text, IRQSIM_MAX_CPUS);
        return false;
    }
    desc->cpus = (uint16_t)cpus;
    return true;
}

static bool describe(const call_t *call, irqsim_qtest_desc_t *desc)
{
    int profile = IRQSIM_MODERN_X2APIC, board;

    if (call->given[OPT_PROFILE])
        profile = choose(call->value[OPT_PROFILE], profile_word);
    if (profile < 0)
        return false;
    board = profile == IRQSIM_I486_PC ? IRQSIM_BOARD_AT : IRQSIM_BOARD_MP;
    if (call->given[OPT_BOARD])
        board = choose(call->value[OPT_BOARD], board_word);
    if (board < 0)
        return false;
    desc->profile_id = (irqsim_profile_id_t)profile;
    desc->board = (irqsim_board_t)board;
    return (!call->given[OPT_VARIANT] || take_variants(call->value[OPT_VARIANT], desc)) &&
           (!call->given[OPT_CPUS] || take_cpus(call->value[OPT_CPUS], desc));
}

static int no_such_machine(irqsim_status_t status)
{
    if (status == IRQSIM_E_NOMEM)
        return fail(NULL, "qtest", status);
    complain("there is no such machine: board, profile and number of CPUs contradict one another");
    return EXIT_USAGE;
}

/* ---- one client ---- */

typedef struct client {
    int in, out;
    bool gone; /* nobody reads the answers */
} client_t;

static void send_all(void *user, const char *text, size_t n)
{
    client_t *client = user;

    while (n && !client->gone) {
        const ssize_t sent = write(client->out, text, n);
        if (sent < 0 && errno != EINTR)
            client->gone = true;
        if (sent > 0) {
            text += sent;
            n -= (size_t)sent;
        }
    }
}

/* Set by SIGINT and SIGTERM, where the server has a socket. */
static volatile sig_atomic_t asked_to_end;

/* Until fd can be read. Those signals are blocked elsewhere, so none comes between
 * the question whether one has come and the wait. False: one has. */
static bool wait_for(int fd)
{
    sigset_t none;
    fd_set fds;

    sigemptyset(&none);
    FD_ZERO(&fds);
    FD_SET(fd, &fds);
    while (!asked_to_end && pselect(fd + 1, &fds, NULL, NULL, NULL, &none) < 0)
        if (errno != EINTR)
            return false;
    return !asked_to_end;
}

static int serve(irqsim_qtest_desc_t desc, int in, int out)
{
    client_t client = {.in = in, .out = out};
    irqsim_qtest_t *qtest;
    char bytes[4096];

    desc.send = send_all;
    desc.user = &client;
    const irqsim_status_t status = irqsim_qtest_open(&desc, &qtest);
    if (status != IRQSIM_OK)
        return no_such_machine(status);
    while (!client.gone && wait_for(client.in)) {
        const ssize_t got = read(client.in, bytes, sizeof(bytes));
        if (got <= 0)
            break;
        irqsim_qtest_feed(qtest, bytes, (size_t)got);
    }
    irqsim_qtest_close(qtest);
    return EXIT_OK;
}

/* ---- a socket ---- */

static void ask_to_end(int signal)
{
    (void)signal;
    asked_to_end = 1;
}

static void watch_signals(void)
{
    const struct sigaction action = {.sa_handler = ask_to_end};
    sigset_t watched;

    sigemptyset(&watched);
    sigaddset(&watched, SIGINT);
    sigaddset(&watched, SIGTERM);
    sigprocmask(SIG_BLOCK, &watched, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* A socket that a dead server left behind makes room; a file does not. */
static void clear_path(const char *path)
{
    struct stat there;

    if (lstat(path, &there) == 0 && S_ISSOCK(there.st_mode))
        unlink(path);
}

/* A socket, and the address that it is to have or to reach. -1, here and below: not
 * possible, errno says why. */
static int make_socket(const char *path, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address->sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address->sun_path, path);
    return socket(AF_UNIX, SOCK_STREAM, 0);
}

static int listen_at(const char *path)
{
    struct sockaddr_un address;
    const int fd = make_socket(path, &address);

    if (fd < 0)
        return -1;
    clear_path(path);
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(fd, SOMAXCONN) != 0)
        return -1;
    return fd;
}

static int connect_to(const char *path)
{
    struct sockaddr_un address;
    const int fd = make_socket(path, &address);

    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
        return -1;
    return fd;
}

static int no_socket(const char *path)
{
    complain("%s: %s", path, strerror(errno));
    return EXIT_INPUT;
}

/* The way of a client that starts its server. It may end it by SIGTERM as soon as it is
 * there, and take any exit code but 0 for a crash. */
static int serve_listener(const irqsim_qtest_desc_t *desc, const char *path)
{
    watch_signals();
    const int fd = connect_to(path);
    if (fd < 0)
        return no_socket(path);
    const int code = serve(*desc, fd, fd);
    close(fd);
    return code;
}

static int serve_comers(const irqsim_qtest_desc_t *desc, const char *path)
{
    const int fd = listen_at(path);
    int code = EXIT_OK;

    if (fd < 0)
        return no_socket(path);
    watch_signals();
    while (code == EXIT_OK && wait_for(fd)) {
        const int client = accept(fd, NULL, NULL);
        if (client < 0)
            continue; /* it has left already */
        code = serve(*desc, client, client);
        close(client);
    }
    close(fd);
    unlink(path);
    return code;
}

int cmd_qtest(const call_t *call)
{
    irqsim_qtest_desc_t desc = {0};

    if (!describe(call, &desc))
        return EXIT_USAGE;
    if (call->given[OPT_CONNECT] && call->given[OPT_UNIX]) {
        complain("--connect reaches one client, --unix waits for many: give one of them");
        return EXIT_USAGE;
    }
    if (call->given[OPT_CONNECT])
        return serve_listener(&desc, call->value[OPT_CONNECT]);
    if (call->given[OPT_UNIX])
        return serve_comers(&desc, call->value[OPT_UNIX]);
    return serve(desc, STDIN_FILENO, STDOUT_FILENO);
}
