/* SPDX-License-Identifier: MIT */
/* ioapic.c - random sequences for the I/O APIC: registers and pins */
#include <stdio.h>

#include "differential.h"

#define INDEX     0xFEC00000u
#define DATA      0xFEC00010u
#define EOI       0xFEC00040u
#define LAPIC_SVR 0xFEE000F0u
#define LAPIC_LDR 0xFEE000D0u
#define PINS      24u
#define USED      4u /* pins of one sequence */

static void access(sequence_t *s, op_kind_t kind, unsigned bytes, uint32_t address, uint32_t value)
{
    if (s->n < MOST_OPS)
        s->op[s->n++] = (op_t){kind, bytes, address, value};
}

static void line(sequence_t *s, unsigned pin, bool level)
{
    access(s, OP_LINE, 0, pin, level);
}

static void write_register(sequence_t *s, uint32_t index, uint32_t value)
{
    access(s, OP_WRITE, 4, INDEX, index);
    access(s, OP_WRITE, 4, DATA, value);
}

/* The LAPIC that listens on our board. QEMU's page answers to no client. */
static void set_lapic(sequence_t *s, bool enabled, uint32_t logical_id)
{
    access(s, OP_WRITE, 4, LAPIC_SVR, enabled ? 0x1FF : 0xFF);
    access(s, OP_WRITE, 4, LAPIC_LDR, logical_id << 24);
}

/* A line falls as a level, so that nothing of it is left anywhere. */
static void quieten(sequence_t *s, unsigned pin)
{
    write_register(s, 0x10 + 2 * pin, 0x18000);
    line(s, pin, false);
    write_register(s, 0x10 + 2 * pin, 0x10000);
    write_register(s, 0x11 + 2 * pin, 0);
}

static uint32_t random_low(dice_t *dice)
{
    const uint32_t legal = 0x30 + roll(dice, 3);
    const uint32_t edge_of_legal = 0x0F + roll(dice, 2);
    const uint32_t mode = roll(dice, chance(dice, 70) ? 2 : 8);
    const uint32_t others = roll(dice, 8) << 13; /* polarity, (remote IRR), trigger */
    const uint32_t reserved = roll(dice, 0x8000) << 17;
    uint32_t low = mode << 8 | others;

    low |= chance(dice, 85) ? legal : edge_of_legal;
    low |= chance(dice, 25) ? 0x10000u : 0;
    low |= chance(dice, 30) ? 0x800u : 0;
    low |= chance(dice, 10) ? reserved : 0;
    return mode == 7 ? low | 0x10000 : low; /* ExtINT would acknowledge the 8259A */
}

static uint32_t random_high(dice_t *dice)
{
    static const uint8_t destinations[] = {0, 0, 0xFF, 1, 3, 0xFE};
    const uint32_t dest = destinations[roll(dice, sizeof(destinations))];
    const uint32_t reserved = roll(dice, 1 << 24);

    return dest << 24 | (chance(dice, 10) ? reserved : 0);
}

static void random_entry(dice_t *dice, sequence_t *s, unsigned pin)
{
    if (chance(dice, 70))
        write_register(s, 0x10 + 2 * pin, random_low(dice));
    else
        write_register(s, 0x11 + 2 * pin, random_high(dice));
}

/* The entry, or what is no entry: those of other pins are not in a known state. */
static uint32_t random_index(dice_t *dice, unsigned pin)
{
    const uint32_t other = roll(dice, 0x40);

    if (chance(dice, 85))
        return 0x10 + 2 * pin + roll(dice, 2);
    return other < 0x10 ? other : other | 0xC0;
}

static unsigned random_width(dice_t *dice, unsigned percent_narrow)
{
    return chance(dice, percent_narrow) ? 1 : 4;
}

static void random_read(dice_t *dice, sequence_t *s, unsigned pin)
{
    const uint32_t index = random_index(dice, pin);

    access(s, OP_WRITE, random_width(dice, 20), INDEX, index);
    access(s, OP_READ, random_width(dice, 10), DATA, 0);
}

static void random_register(dice_t *dice, sequence_t *s, unsigned pin)
{
    const uint32_t index = roll(dice, 5);
    const uint32_t address = chance(dice, 50) ? DATA : INDEX;

    (void)pin;
    if (chance(dice, 50))
        write_register(s, index, UINT32_MAX >> roll(dice, 32));
    access(s, OP_READ, random_width(dice, 50), address, 0);
}

/* A narrow write must not reach an entry: it would open it. */
static void narrow_write(dice_t *dice, sequence_t *s, unsigned pin)
{
    access(s, OP_WRITE, 4, INDEX, 0x10 + 2 * pin);
    access(s, OP_WRITE, 1, DATA, roll(dice, 256));
}

static void random_line(dice_t *dice, sequence_t *s, unsigned pin)
{
    const bool input_0 = pin == 2 && chance(dice, 10);

    line(s, input_0 ? 0 : pin, chance(dice, 50));
}

static void random_eoi(dice_t *dice, sequence_t *s, unsigned pin)
{
    const uint32_t vector = 0x30 + roll(dice, 3);

    (void)pin;
    access(s, OP_WRITE, random_width(dice, 5), EOI, vector);
}

static void random_lapic(dice_t *dice, sequence_t *s, unsigned pin)
{
    const uint32_t logical_id = roll(dice, 4);

    (void)pin;
    if (chance(dice, 50))
        set_lapic(s, chance(dice, 70), logical_id);
    else
        access(s, OP_WRITE, 4, LAPIC_SVR, 0x1FF); /* after an INIT its logical ID is 0 */
}

/* clang-format off */
static const struct {
    unsigned weight; /* of 100 */
    void (*add)(dice_t *dice, sequence_t *s, unsigned pin);
} choices[] = {
    {32, random_line}, {22, random_read}, {20, random_entry}, {14, random_eoi},
    { 5, random_register}, { 2, narrow_write}, { 5, random_lapic},
};
/* clang-format on */

static void begin(sequence_t *s, const unsigned *pin)
{
    set_lapic(s, true, 1);
    for (unsigned i = 0; i < USED; i++)
        quieten(s, pin[i]);
    write_register(s, 0, 0);
    write_register(s, 3, 0);
    s->body = s->n;
}

static void generate(dice_t *dice, sequence_t *s)
{
    unsigned pin[USED];

    for (unsigned i = 0; i < USED; i++)
        pin[i] = 1 + roll(dice, PINS - 1);
    if (chance(dice, 20))
        pin[0] = 2;
    begin(s, pin);
    for (unsigned i = 0; i < USED; i++)
        random_entry(dice, s, pin[i]);
    for (unsigned steps = 10 + roll(dice, 60); steps; steps--) {
        unsigned at = roll(dice, 100), i = 0;
        while (at >= choices[i].weight)
            at -= choices[i++].weight;
        choices[i].add(dice, s, pin[roll(dice, USED)]);
    }
    for (unsigned i = 0; i < USED; i++) { /* all that is left to see */
        access(s, OP_WRITE, 4, INDEX, 0x10 + 2 * pin[i]);
        access(s, OP_READ, 4, DATA, 0);
    }
}

static void ioapic_line(unsigned n, char *device, size_t size, unsigned *input)
{
    snprintf(device, size, "ioapic");
    *input = n;
}

int main(int argc, char **argv)
{
    static const char *const divergences[] = {
        "DIV-12 polarity ignored",     "DIV-13 reserved bits kept",
        "DIV-14 edges leave no level", "DIV-15 nobody is enough",
        "DIV-16 any mode is level",    "DIV-17 no BOOT_CONFIG",
        "DIV-18 input 0 is pin 2",     NULL};
    const subject_t subject = {
        .name = "IOAPIC",
        .divergence = divergences,
        .qemu = {ioapic_line, "", NULL},
        .ours = {ioapic_line, "outb 0x43 0x30\n", "clock_step 1000000\n"},
        .flavour = {{"ours", {false, false}, 0}},
        .generate = generate,
        .predict = ioapic_predict,
    };

    return differential_main(&subject, argc, argv);
}
