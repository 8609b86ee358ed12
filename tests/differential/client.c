/* SPDX-License-Identifier: MIT */
/*
 * client.c - a client as test suites have it, on a socket: one test for QEMU and for us
 *
 *   client connects qemu | client connects irqsim PROGRAM
 *   client listens PROGRAM     started as libqtest starts QEMU, which PROGRAM may be
 *   client leaves PROGRAM      the same, and PROGRAM must end with it
 *
 * It asks for the endianness, listens to the IOAPIC's inputs, keeps their levels as
 * the server tells them, and uses ports, memory and registers in between.
 */
#include <fcntl.h>
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

#define QEMU     "qemu-system-i386"
#define NO_QEMU  77
#define INPUTS   24
#define ATTEMPTS 1000 /* to meet, 10 ms apart */

/* ---- the server ---- */

static char folder[] = "/tmp/irqsim-qtest-XXXXXX";
static char path[64];
static pid_t server;
static int listener = -1; /* ours, if it is the client who listens */

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

/* As QEMU is started, whoever the program is. */
static _Noreturn void become_qemu(const char *program)
{
    const char *end = listener >= 0 ? "" : ",server=on,wait=off";
    char socket_arg[128];

    snprintf(socket_arg, sizeof(socket_arg), "unix:%s%s", path, end);
    execlp(program, program, "-M", "pc,pit=off,hpet=off", "-accel", "tcg", "-S", "-nodefaults",
           "-display", "none", "-qtest", socket_arg, "-qtest-log", "none", (char *)NULL);
    _exit(127);
}

static _Noreturn void become_irqsim(const char *program)
{
    execl(program, program, "qtest", "--unix", path, (char *)NULL);
    _exit(127);
}

static struct sockaddr_un address_of_path(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    strcpy(address.sun_path, path);
    return address;
}

static void listen_for_server(void)
{
    const struct sockaddr_un address = address_of_path();

    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(bind(listener, (const struct sockaddr *)&address, sizeof(address)) == 0, path);
    CHECK(listen(listener, 1) == 0, path);
    fcntl(listener, F_SETFL, O_NONBLOCK);
    fcntl(listener, F_SETFD, FD_CLOEXEC);
}

/* -1: not yet. */
static int try_to_meet(void)
{
    const struct sockaddr_un address = address_of_path();

    if (listener >= 0)
        return accept(listener, NULL, NULL);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

/* -1: nobody comes or listens, and nobody is there who might. */
static int meet_server(void)
{
    const struct timespec pause = {.tv_nsec = 10000000};

    for (unsigned i = 0; i < ATTEMPTS; i++) {
        const int fd = try_to_meet();
        if (fd >= 0)
            return fd;
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
    client_t c = {.fd = meet_server()};

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

static void wait_for_the_end(void)
{
    int status;

    CHECK(waitpid(server, &status, 0) == server && WIFEXITED(status) && WEXITSTATUS(status) == 0,
          "the server did not end well");
    server = -1;
}

static void stop_server(void)
{
    kill(server, SIGTERM);
    wait_for_the_end();
}

/* Ours: another client has another board, and no socket stays behind. */
static void second_client(void)
{
    client_t c = begin(false);
    struct stat there;

    CHECK(number(&c, "inb", 0x21) == 0xFF, "the board is not a new one");
    stop_server();
    CHECK(stat(path, &there) != 0, "the socket is left behind");
    end(&c);
}

static void use_server(client_t *c)
{
    use_lines(c);
    use_ports(c);
    use_memory(c);
    use_registers(c);
}

static void connecting_client(const char *irqsim)
{
    server = fork();
    if (server == 0 && irqsim)
        become_irqsim(irqsim);
    if (server == 0)
        become_qemu(QEMU);
    client_t c = begin(!irqsim);
    use_server(&c);
    end(&c);
    if (irqsim)
        second_client();
}

static void listening_client(const char *program, bool leaves)
{
    listen_for_server();
    server = fork();
    if (server == 0)
        become_qemu(program);
    client_t c = begin(strcmp(program, QEMU) == 0);
    use_server(&c);
    if (!leaves)
        stop_server();
    end(&c);
    if (leaves)
        wait_for_the_end();
}

int main(int argc, char **argv)
{
    CHECK(argc > 2, "connects, listens or leaves, and a server");
    signal(SIGPIPE, SIG_IGN);
    CHECK(mkdtemp(folder), "no folder");
    snprintf(path, sizeof(path), "%s/socket", folder);
    atexit(clean_up);
    if (strcmp(argv[1], "connects") == 0)
        connecting_client(argv[3]); /* NULL: to QEMU */
    else
        listening_client(argv[2], strcmp(argv[1], "leaves") == 0);
    return EXIT_SUCCESS;
}
