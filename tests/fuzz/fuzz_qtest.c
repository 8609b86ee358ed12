/* SPDX-License-Identifier: MIT */
/* fuzz_qtest.c - a server answers each line of any bytes once, with OK or FAIL; its
 * first byte chooses the board */
#include <stdlib.h>
#include <string.h>

#include <irqsim/qtest.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct client {
    size_t answers;
    bool inside; /* of a line that has come in part */
} client_t;

static void count(void *user, const char *text, size_t n)
{
    client_t *client = user;

    if (!client->inside)
        client->answers += strncmp(text, "OK", 2) == 0 || strncmp(text, "FAIL ", 5) == 0;
    client->inside = text[n - 1] != '\n';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    client_t client = {0};
    const bool mp = size && data[0] & 1;
    const irqsim_qtest_desc_t desc = {
        .board = mp ? IRQSIM_BOARD_MP : IRQSIM_BOARD_AT,
        .profile_id = mp ? IRQSIM_MODERN_X2APIC : IRQSIM_I486_PC,
        .cpus = mp ? 3 : 1,
        .variants = size ? data[0] >> 1 & 1 : 0,
        .ram_bytes = 4096,
        .most_events = 1000,
        .send = count,
        .user = &client,
    };
    irqsim_qtest_t *qtest;
    size_t lines = 0;

    if (irqsim_qtest_open(&desc, &qtest) != IRQSIM_OK)
        abort();
    irqsim_qtest_feed(qtest, (const char *)data, size);
    irqsim_qtest_close(qtest);
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    if (client.answers != lines)
        abort();
    return 0;
}
