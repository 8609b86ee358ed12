/* SPDX-License-Identifier: MIT */
/*
 * client.c - a client as test suites have it, on a socket: one test for QEMU and for us
 *
 *   client qemu | client irqsim PROGRAM
 *
 * It asks for the endianness, listens to the IOAPIC's inputs, keeps their levels as
 * the server tells them, and uses ports, memory and registers in between.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NO_QEMU  77
#define INPUTS   24
#define ATTEMPTS 1000 /* to connect, 10 ms apart */

/* ---- the server ---- */

static char folder[] = "/tmp/irqsim-qtest-XXXXXX";
static char path[64];
static pid_t server;

static void clean_up(void)
{
    if (server > 0) {
        kill(server, SIGKILL);
        waitpid(server, NULL, 0);
    }
    unlink(path);
    rmdir(folder);
}

#define CHECK(condition, what)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("line %d: %s\n", __LINE__, what);                                               \
            exit(EXIT_FAILURE);                                                                    \
        }                                                                                          \
    } while (0)

static _Noreturn void become_server(const char *program)
{
    char socket_arg[128];

    if (program) {
        execl(program, program, "qtest", "--unix", path, (char *)NULL);
    } else {
        snprintf(socket_arg, sizeof(socket_arg), "unix:%s,server=on,wait=off", path);
        execlp("qemu-system-i386", "qemu-system-i386", "-M", "pc,pit=off,hpet=off", "-accel", "tcg",
               "-S", "-nodefaults", "-display", "none", "-qtest", socket_arg, "-qtest-log", "none",
               (char *)NULL);
    }
    _exit(127);
}

/* -1: nobody listens, and nobody is there who might. */
static int connect_to_server(void)
{
    const struct timespec pause = {.tv_nsec = 10000000};
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    strcpy(address.sun_path, path);
    for (unsigned i = 0; i < ATTEMPTS; i++) {
        const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
            return fd;
        close(fd);
        if (waitpid(server, NULL, WNOHANG) == server)
            return server = -1;
        nanosleep(&pause, NULL);
    }
    return -1;
}

/* ---- the client ---- */

typedef struct client {
    FILE *in;
    int fd;
    bool high[INPUTS]; /* as the server told */
} client_t;

static void hear_irq(client_t *c, const char *line)
{
    char what[8];
    unsigned input;

    CHECK(sscanf(line, "IRQ %7s %u", what, &input) == 2 && input < INPUTS, line);
    c->high[input] = strcmp(what, "raise") == 0;
}

/* Says a line and returns the answer behind "OK ". */
static const char *ask(client_t *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
static const char *ask(client_t *c, const char *format, ...)
{
    static char line[256];
    va_list args;

    va_start(args, format);
    const int n = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    CHECK(write(c->fd, line, (size_t)n) == n, "the server has left");
    while (fgets(line, sizeof(line), c->in) && strncmp(line, "IRQ ", 4) == 0)
        hear_irq(c, line);
    CHECK(strncmp(line, "OK", 2) == 0, line);
    line[strcspn(line, "\n")] = '\0';
    return line[2] ? line + 3 : "";
}

static unsigned long number(client_t *c, const char *verb, unsigned address)
{
    return strtoul(ask(c, "%s 0x%x\n", verb, address), NULL, 0);
}

static client_t begin(bool qemu)
{
    client_t c = {.fd = connect_to_server()};

    if (c.fd < 0) {
        printf("there is no server\n");
        exit(qemu && !getenv("IRQSIM_NEEDS_QEMU") ? NO_QEMU : EXIT_FAILURE);
    }
    c.in = fdopen(dup(c.fd), "r");
    CHECK(strcmp(ask(&c, "endianness\n"), "little") == 0, "endianness");
    return c;
}

static void end(client_t *c)
{
    fclose(c->in);
    close(c->fd);
}

static void use_lines(client_t *c)
{
    ask(c, "irq_intercept_in ioapic\n");
    for (unsigned input = 3; input < INPUTS; input++) {
        ask(c, "set_irq_in ioapic unnamed-gpio-in %u 1\n", input);
        CHECK(c->high[input], "a raise was not told");
        ask(c, "set_irq_in ioapic unnamed-gpio-in %u 0\n", input);
        CHECK(!c->high[input], "a lower was not told");
    }
}

static void use_ports(client_t *c)
{
    static const unsigned char icws[] = {0x20, 0x04, 0x01};

    ask(c, "outb 0x20 0x11\n");
    for (unsigned i = 0; i < sizeof(icws); i++)
        ask(c, "outb 0x21 0x%x\n", icws[i]);
    ask(c, "outb 0x21 0xfb\n");
    CHECK(number(c, "inb", 0x21) == 0xFB, "IMR");
}

static void use_memory(client_t *c)
{
    ask(c, "writel 0x1000 0x12345678\n");
    CHECK(number(c, "readb", 0x1001) == 0x56, "a byte of a long");
    ask(c, "write 0x1004 4 0x01020304\n");
    CHECK(strcmp(ask(c, "read 0x1000 8\n"), "0x7856341201020304") == 0, "a block");
    ask(c, "b64write 0x1000 4 3q2+7w==\n");
    ask(c, "memset 0x1004 2 0xff\n");
    CHECK(strcmp(ask(c, "b64read 0x1000 6\n"), "3q2+7///") == 0, "base64");
}

static void use_registers(client_t *c)
{
    ask(c, "writel 0xfec00000 0x17\n");
    ask(c, "writel 0xfec00010 0x05000000\n");
    CHECK(number(c, "readl", 0xFEC00010) == 0x05000000, "a redirection entry");
}

/* Ours: another client has another board, and the server ends when it is asked. */
static void second_client(void)
{
    client_t c = begin(false);
    int status;

    CHECK(number(&c, "inb", 0x21) == 0xFF, "the board is not a new one");
    kill(server, SIGTERM);
    CHECK(waitpid(server, &status, 0) == server && WIFEXITED(status) && WEXITSTATUS(status) == 0,
          "SIGTERM does not end it");
    server = -1;
    struct stat there;
    CHECK(stat(path, &there) != 0, "the socket is left behind");
    end(&c);
}

int main(int argc, char **argv)
{
    const char *program = argc > 2 ? argv[2] : NULL;

    signal(SIGPIPE, SIG_IGN);
    CHECK(mkdtemp(folder), "no folder");
    snprintf(path, sizeof(path), "%s/socket", folder);
    atexit(clean_up);
    server = fork();
    if (server == 0)
        become_server(program);
    client_t c = begin(!program);
    use_lines(&c);
    use_ports(&c);
    use_memory(&c);
    use_registers(&c);
    end(&c);
    if (program)
        second_client();
    return EXIT_SUCCESS;
}
