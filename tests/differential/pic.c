/* SPDX-License-Identifier: MIT */
/* pic.c - random sequences for the 8259A pair: ports, lines, polls */
#include <stdio.h>
#include <string.h>

#include "differential.h"

static bool has_elcr; /* else it is an AT, whose IRQ 0 is the timer's alone */

static void add(sequence_t *s, op_kind_t kind, uint32_t address, uint32_t value)
{
    if (s->n < MOST_OPS)
        s->op[s->n++] = (op_t){.kind = kind, .bytes = 1, .address = address, .value = value};
}

static const uint16_t command_port[] = {0x20, 0xA0};

static void program(sequence_t *s, unsigned chip, uint8_t icw1, uint8_t icw4)
{
    const uint32_t port = command_port[chip];

    add(s, OP_OUT, port, icw1);
    add(s, OP_OUT, port + 1, 0x20 + 8 * chip);
    if (!(icw1 & 0x02))
        add(s, OP_OUT, port + 1, chip ? 2 : 4);
    if (icw1 & 0x01)
        add(s, OP_OUT, port + 1, icw4);
}

static void random_program(dice_t *dice, sequence_t *s, unsigned chip)
{
    const bool any_icw1 = chance(dice, 40);
    const bool any_icw4 = chance(dice, 60);
    const uint32_t icw1 = 0x10 | (any_icw1 ? roll(dice, 16) : 0x01);
    const uint32_t icw4 = any_icw4 ? roll(dice, 32) : 0x11;

    program(s, chip, (uint8_t)icw1, (uint8_t)icw4);
}

/* IR2 of the master is the slave's INT. */
static bool is_line(unsigned line)
{
    return line != 2 && (line != 0 || has_elcr);
}

/* Lines low, edges, both chips programmed; the slave first, so that its INT is low
 * when the master looks. */
static void begin(dice_t *dice, sequence_t *s)
{
    for (unsigned line = 0; line < 16; line++)
        if (is_line(line))
            add(s, OP_LINE, line, 0);
    add(s, OP_OUT, 0x4D0, 0);
    add(s, OP_OUT, 0x4D1, 0);
    program(s, 1, 0x11, 0x01);
    program(s, 0, 0x11, 0x01);
    s->body = s->n;
    if (chance(dice, 50))
        random_program(dice, s, 0);
    if (chance(dice, 25))
        random_program(dice, s, 1);
}

static uint32_t random_command_port(dice_t *dice)
{
    return command_port[roll(dice, 2)];
}

static void random_icws(dice_t *dice, sequence_t *s)
{
    const unsigned chip = roll(dice, 2);

    if (chance(dice, 50)) {
        random_program(dice, s, chip);
        return;
    }
    /* a walk that other things interrupt */
    add(s, OP_OUT, command_port[chip], 0x10 | roll(dice, 16));
    if (chance(dice, 50))
        add(s, OP_OUT, command_port[chip] + 1u, roll(dice, 256));
}

static void random_line(dice_t *dice, sequence_t *s)
{
    const unsigned line = roll(dice, 16);

    if (is_line(line))
        add(s, OP_LINE, line, chance(dice, 60));
}

static void random_poll(dice_t *dice, sequence_t *s)
{
    const uint32_t port = random_command_port(dice);
    const bool with_rr = chance(dice, 20);

    add(s, OP_OUT, port, 0x0C | (with_rr ? roll(dice, 4) : 0));
    if (chance(dice, 25))
        random_line(dice, s);
    if (chance(dice, 90))
        add(s, OP_IN, port + roll(dice, 2), 0);
}

/* A bit is set as often as all of `rolls` say so. */
static uint32_t random_mask(dice_t *dice, unsigned rolls)
{
    uint32_t mask = 0xFF;

    while (rolls--)
        mask &= roll(dice, 256);
    return mask;
}

static void random_ocw1(dice_t *dice, sequence_t *s)
{
    const uint32_t port = random_command_port(dice) + 1;
    const bool sparse = chance(dice, 80);

    add(s, OP_OUT, port, random_mask(dice, sparse ? 3 : 1));
}

static void random_ocw2(dice_t *dice, sequence_t *s)
{
    const uint32_t port = random_command_port(dice);
    const bool plain = chance(dice, 40);

    add(s, OP_OUT, port, plain ? 0x20 : roll(dice, 256) & 0xE7);
}

static void random_ocw3(dice_t *dice, sequence_t *s)
{
    static const uint8_t values[] = {0x0A, 0x0B, 0x68, 0x48, 0x08, 0x6B};
    const uint32_t port = random_command_port(dice);

    add(s, OP_OUT, port, values[roll(dice, sizeof(values))]);
}

static void random_elcr(dice_t *dice, sequence_t *s)
{
    const uint32_t port = 0x4D0 + roll(dice, 2);

    if (!has_elcr)
        return;
    if (chance(dice, 70))
        add(s, OP_OUT, port, random_mask(dice, 2));
    else
        add(s, OP_IN, port, 0);
}

static void random_read(dice_t *dice, sequence_t *s)
{
    const uint32_t port = random_command_port(dice);

    add(s, OP_IN, port + chance(dice, 25), 0);
}

/* clang-format off */
static const struct {
    unsigned weight; /* of 100 */
    void (*add)(dice_t *dice, sequence_t *s);
} choices[] = {
    {34, random_line}, {18, random_read}, {14, random_poll}, {14, random_ocw2}, {8, random_ocw3},
    { 6, random_ocw1}, { 4, random_elcr}, { 2, random_icws},
};
/* clang-format on */

static void generate(dice_t *dice, sequence_t *s)
{
    begin(dice, s);
    for (unsigned steps = 10 + roll(dice, 60); steps; steps--) {
        unsigned at = roll(dice, 100), i = 0;
        while (at >= choices[i].weight)
            at -= choices[i++].weight;
        choices[i].add(dice, s);
    }
}

static void qemu_line(unsigned line, char *device, size_t size, unsigned *input)
{
    snprintf(device, size, "/machine/unattached/device[%d]", line < 8 ? 6 : 7);
    *input = line & 7;
}

static void our_line(unsigned line, char *device, size_t size, unsigned *input)
{
    snprintf(device, size, "i8259");
    *input = line;
}

/* "chipset" or "at", and what else differential_main() takes. */
int main(int argc, char **argv)
{
    static const char *const divergences[] = {
        "DIV-01 latched edges",        "DIV-02 ICW1 forgets levels", "DIV-03 ELCR acts late",
        "DIV-04 requests in init",     "DIV-05 SFNM opens all",      "DIV-06 EOI ignores SMM",
        "DIV-07 poll freezes nothing", "DIV-08 poll with RR",        "DIV-09 OCW3 acts late",
        "DIV-10 LTIM ignored",         "DIV-11 poll without a dip",  NULL};
    const bool at = argc > 1 && strcmp(argv[1], "at") == 0;
    const uint32_t part = at ? 0 : DIV_LTIM; /* PIC-34: an ELCR takes the place of LTIM */
    const subject_t subject = {
        .name = at ? "8259A pair of an AT" : "8259A pair of a chipset",
        .divergence = divergences,
        .pointless = at ? DIV_ELCR : DIV_LTIM,
        .qemu = {qemu_line, "irq_intercept_out /machine/unattached/device[6]\n", NULL},
        .ours = {our_line, "irq_intercept_out i8259\noutb 0x43 0x30\n", NULL},
        .flavour = {{"ours", {at, false}, part},
                    {"ours, latched-edge", {at, true}, part | DIV_LATCH}},
        .generate = generate,
        .predict = pic_predict,
    };

    has_elcr = !at;
    return differential_main(&subject, argc - 1, argv + 1);
}
