/* SPDX-License-Identifier: MIT */
/* peer.c - a qtest server: QEMU in a process of its own, or ours as a library */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <irqsim/qtest.h>

#include "differential.h"

struct peer {
    const dialect_t *dialect;
    irqsim_qtest_t *qtest; /* ours; NULL: QEMU */
    FILE *to, *from;
    char heard[1 << 16]; /* from ours, not read yet */
    size_t n, read;
};

/* QEMU does not end by itself when its input does. One runs at a time. */
static pid_t running;

static void end_qemu(void)
{
    if (running > 0) {
        kill(running, SIGTERM);
        waitpid(running, NULL, 0);
    }
    running = 0;
}

static _Noreturn void broken(const char *what)
{
    perror(what);
    end_qemu();
    exit(EXIT_FAILURE);
}

/* ---- lines ---- */

static void listen_to_ours(void *user, const char *text, size_t n)
{
    peer_t *peer = user;

    if (peer->n + n > sizeof(peer->heard))
        broken("our server talks too much");
    memcpy(peer->heard + peer->n, text, n);
    peer->n += n;
}

static void say(peer_t *peer, const char *text)
{
    if (peer->qtest)
        irqsim_qtest_feed(peer->qtest, text, strlen(text));
    else if (fputs(text, peer->to) < 0)
        broken("QEMU does not listen");
}

static void next_line(peer_t *peer, char *line, size_t size)
{
    if (!peer->qtest) {
        if (!fgets(line, (int)size, peer->from))
            broken("QEMU is silent");
        return;
    }
    const char *start = peer->heard + peer->read;
    const char *end = memchr(start, '\n', peer->n - peer->read);
    if (!end || (size_t)(end - start) + 2 > size)
        broken("our server is silent");
    memcpy(line, start, (size_t)(end - start) + 1);
    line[end - start + 1] = '\0';
    peer->read += (size_t)(end - start) + 1;
    if (peer->read == peer->n)
        peer->read = peer->n = 0;
}

/* Up to OK or FAIL. Why something failed is each server's own text. */
static void read_answer(peer_t *peer, answer_t *answer)
{
    char line[256];

    answer->text[0] = '\0';
    for (;;) {
        next_line(peer, line, sizeof(line));
        if (strncmp(line, "FAIL", 4) == 0) {
            answer_add(answer, "FAIL\n");
            return;
        }
        answer_add(answer, "%s", line);
        if (strncmp(line, "OK", 2) == 0)
            return;
    }
}

/* Whatever number of commands that text is. */
static void say_and_forget(peer_t *peer, const char *text)
{
    answer_t answer;

    say(peer, text);
    if (peer->to)
        fflush(peer->to);
    for (; *text; text++)
        if (*text == '\n')
            read_answer(peer, &answer);
}

/* ---- operations ---- */

void peer_phrase(const peer_t *peer, const op_t *op, char *text, size_t size)
{
    const char width = op->bytes == 4 ? 'l' : 'b';
    char device[64];
    unsigned input;

    switch (op->kind) {
    case OP_IN:
        snprintf(text, size, "inb 0x%x\n", (unsigned)op->address);
        break;
    case OP_OUT:
        snprintf(text, size, "outb 0x%x 0x%x\n", (unsigned)op->address, (unsigned)op->value);
        break;
    case OP_READ:
        snprintf(text, size, "read%c 0x%x\n", width, (unsigned)op->address);
        break;
    case OP_WRITE:
        snprintf(text, size, "write%c 0x%x 0x%x\n", width, (unsigned)op->address,
                 (unsigned)op->value);
        break;
    case OP_LINE:
        peer->dialect->line(op->address, device, sizeof(device), &input);
        snprintf(text, size, "set_irq_in %s unnamed-gpio-in %u %u\n", device, input,
                 (unsigned)op->value);
        break;
    }
}

/* All at once, then all answers: a round trip costs more than the work. */
void peer_ask(peer_t *peer, const sequence_t *sequence, answer_t *answers)
{
    const char *after = peer->dialect->after_each;
    answer_t dropped;
    char text[128];

    for (unsigned i = 0; i < sequence->n; i++) {
        peer_phrase(peer, &sequence->op[i], text, sizeof(text));
        say(peer, text);
        if (after)
            say(peer, after);
    }
    if (peer->to)
        fflush(peer->to);
    for (unsigned i = 0; i < sequence->n; i++) {
        read_answer(peer, &answers[i]);
        if (after)
            read_answer(peer, &dropped);
    }
}

/* ---- life ---- */

static _Noreturn void become_qemu(const int to[2], const int from[2])
{
    static char *const argv[] = {"qemu-system-i386",
                                 "-M",
                                 "pc,pit=off,hpet=off",
                                 "-accel",
                                 "tcg",
                                 "-S",
                                 "-nodefaults",
                                 "-display",
                                 "none",
                                 "-qtest",
                                 "stdio",
                                 "-qtest-log",
                                 "none",
                                 NULL};

    dup2(to[0], STDIN_FILENO);
    dup2(from[1], STDOUT_FILENO);
    close(to[0]), close(to[1]), close(from[0]), close(from[1]);
    execvp(argv[0], argv);
    _exit(127);
}

bool peer_qemu_is_known(void)
{
    FILE *const out = popen("qemu-system-i386 --version 2>&1", "r");
    char line[128] = "";

    if (!out)
        return false;
    const bool known = fgets(line, sizeof(line), out) && strstr(line, "version 7.2.");
    while (fgets(line, sizeof(line), out))
        continue;
    pclose(out);
    return known;
}

peer_t *peer_qemu(const dialect_t *dialect)
{
    peer_t *const peer = calloc(1, sizeof(*peer));
    int to[2], from[2];

    if (!peer || pipe(to) || pipe(from))
        broken("pipe");
    peer->dialect = dialect;
    running = fork();
    if (running == 0)
        become_qemu(to, from);
    close(to[0]), close(from[1]);
    peer->to = fdopen(to[1], "w");
    peer->from = fdopen(from[0], "r");
    if (running < 0 || !peer->to || !peer->from)
        broken("fork");
    say_and_forget(peer, dialect->setup);
    return peer;
}

peer_t *peer_ours(const dialect_t *dialect, board_t board)
{
    peer_t *const peer = calloc(1, sizeof(*peer));
    const irqsim_qtest_desc_t desc = {
        .board = board.at ? IRQSIM_BOARD_AT : IRQSIM_BOARD_MP,
        .profile_id = board.at ? IRQSIM_I486_PC : IRQSIM_P4_XAPIC,
        .variants = board.latched_edge ? IRQSIM_VARIANT_LATCHED_EDGE : 0,
        .ram_bytes = 4096,
        .send = listen_to_ours,
        .user = peer,
    };

    if (!peer || irqsim_qtest_open(&desc, &peer->qtest) != IRQSIM_OK)
        broken("our server");
    peer->dialect = dialect;
    say_and_forget(peer, dialect->setup);
    return peer;
}

void peer_close(peer_t *peer)
{
    irqsim_qtest_close(peer->qtest);
    if (peer->to) {
        fclose(peer->to);
        fclose(peer->from);
        end_qemu();
    }
    free(peer);
}
