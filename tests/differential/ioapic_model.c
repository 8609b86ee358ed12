/* SPDX-License-Identifier: MIT */
/*
 * ioapic_model.c - an I/O APIC that one LAPIC listens to, and with divergences
 *
 * Written from docs/rules/IOAPIC.md and docs/divergences.md. Messages arrive at
 * once. What an edge does is gone when it was sent; what can be read is what
 * levels leave in the remote IRR.
 */
#include <string.h>

#include "differential.h"

#define PINS       24u
#define INDEX      0xFEC00000u
#define DATA       0xFEC00010u
#define EOI        0xFEC00040u
#define LAPIC_SVR  0xFEE000F0u
#define LAPIC_LDR  0xFEE000D0u
#define MASKED     0x10000u
#define LEVEL      0x8000u
#define REMOTE_IRR 0x4000u
#define ACTIVE_LOW 0x2000u
#define LOGICAL    0x800u
#define READ_ONLY  0x5000u /* and delivery status, which is never seen set */

enum { FIXED, LOWEST, SMI, RESERVED_3, NMI, INIT, RESERVED_6, EXTINT };

typedef struct pin {
    uint32_t low, high; /* the entry, as read */
    bool raw;           /* level of the line */
    bool stored;        /* DIV_STORED: what was seen of it */
    bool unheard;       /* nobody took the last message */
} pin_t;

typedef struct ioapic {
    uint32_t divergences;
    uint8_t index, id, boot;
    pin_t pin[PINS];
    bool lapic_on;      /* enabled by software; not after an INIT message */
    uint8_t logical_id; /* of the LAPIC */
} ioapic_t;

static bool has(const ioapic_t *io, uint32_t divergence)
{
    return io->divergences & divergence;
}

static unsigned mode(const pin_t *pin)
{
    return pin->low >> 8 & 7;
}

static bool is_active(const ioapic_t *io, const pin_t *pin)
{
    const bool low = pin->low & ACTIVE_LOW && !has(io, DIV_POLARITY);

    return pin->raw != low; /* IOAPIC-38 */
}

static bool is_level(const ioapic_t *io, const pin_t *pin)
{
    return pin->low & LEVEL && (mode(pin) <= LOWEST || has(io, DIV_MODES)); /* IOAPIC-30 */
}

static bool is_open(const ioapic_t *io, const pin_t *pin)
{
    const bool reserved = mode(pin) == RESERVED_3 || mode(pin) == RESERVED_6;

    return !(pin->low & MASKED) && (!reserved || has(io, DIV_MODES));
}

/* ---- the LAPIC: ID 0, flat model ---- */

static bool is_addressed(const ioapic_t *io, const pin_t *pin)
{
    const uint32_t dest = pin->high >> 24;

    if (dest == 0xFF)
        return true; /* APIC-76 */
    return pin->low & LOGICAL ? dest & io->logical_id : dest == 0;
}

static bool is_heard(ioapic_t *io, const pin_t *pin)
{
    if (!is_addressed(io, pin))
        return false;
    if (mode(pin) == INIT) { /* APIC-32 */
        io->lapic_on = false;
        io->logical_id = 0;
    }
    return io->lapic_on && (pin->low & 0xFF) >= 0x10; /* APIC-52 */
}

/* ---- pins ---- */

static bool asks(const ioapic_t *io, const pin_t *pin)
{
    return has(io, DIV_STORED) ? pin->stored : is_active(io, pin);
}

/* IOAPIC-24. */
static void serve_level(ioapic_t *io, pin_t *pin)
{
    if (!asks(io, pin) || !is_open(io, pin) || pin->low & REMOTE_IRR || pin->unheard)
        return;
    if (is_heard(io, pin) || has(io, DIV_UNHEARD))
        pin->low |= REMOTE_IRR;
    else
        pin->unheard = true;
}

static void serve_edge(ioapic_t *io, pin_t *pin)
{
    if (!is_open(io, pin))
        return;
    is_heard(io, pin);
    pin->stored = false;
}

static void drive(ioapic_t *io, pin_t *pin, bool level)
{
    const bool was = is_active(io, pin);

    pin->raw = level;
    const bool active = is_active(io, pin);
    pin->unheard = pin->unheard && active; /* until the line falls */
    if (is_level(io, pin)) {
        pin->stored = active;
        serve_level(io, pin);
    } else if (active && !was) {
        serve_edge(io, pin); /* IOAPIC-23 */
    }
}

/* ---- registers ---- */

/* IOAPIC-32. */
static void write_entry(ioapic_t *io, pin_t *pin, bool high, uint32_t value)
{
    const bool was = is_active(io, pin);

    pin->unheard = false;
    if (high)
        pin->high = has(io, DIV_RESERVED) ? value : value & 0xFF000000;
    else
        pin->low = (value & ~READ_ONLY & (has(io, DIV_RESERVED) ? UINT32_MAX : 0x1FFFF)) |
                   (pin->low & REMOTE_IRR);
    if (!is_level(io, pin))
        pin->low &= ~REMOTE_IRR; /* IOAPIC-28 */
    if (is_level(io, pin))
        serve_level(io, pin);
    else if (has(io, DIV_STORED) ? pin->stored : is_active(io, pin) && !was)
        serve_edge(io, pin);
}

static void eoi(ioapic_t *io, uint8_t vector)
{
    for (unsigned n = 0; n < PINS; n++) { /* IOAPIC-29 */
        pin_t *pin = &io->pin[n];
        if (!(pin->low & REMOTE_IRR) || (pin->low & 0xFF) != vector)
            continue;
        pin->low &= ~REMOTE_IRR;
        serve_level(io, pin);
    }
}

static uint32_t read_data(const ioapic_t *io)
{
    const unsigned n = (io->index - 0x10u) / 2;

    if (io->index >= 0x10 && n < PINS)
        return io->index & 1 ? io->pin[n].high : io->pin[n].low;
    switch (io->index) {
    case 0:
    case 2: /* IOAPIC-07 */
        return (uint32_t)io->id << 24;
    case 1:
        return 0x00170020;
    case 3: /* IOAPIC-08 */
        return has(io, DIV_BOOT) ? 0 : io->boot;
    default:
        return 0;
    }
}

static void write_data(ioapic_t *io, uint32_t value)
{
    const unsigned n = (io->index - 0x10u) / 2;

    if (io->index >= 0x10 && n < PINS)
        write_entry(io, &io->pin[n], io->index & 1, value);
    else if (io->index == 0)
        io->id = value >> 24 & 0xF; /* IOAPIC-05 */
    else if (io->index == 3)
        io->boot = value & 1;
}

/* IOAPIC-24: what nobody heard is sent to whoever listens now. */
static void listeners_changed(ioapic_t *io)
{
    for (unsigned n = 0; n < PINS; n++) {
        pin_t *pin = &io->pin[n];
        if (!pin->unheard)
            continue;
        pin->unheard = false;
        serve_level(io, pin);
    }
}

static void write_lapic(ioapic_t *io, const op_t *op)
{
    if (op->address == LAPIC_SVR)
        io->lapic_on = op->value & 0x100;
    else
        io->logical_id = (uint8_t)(op->value >> 24);
    listeners_changed(io);
}

/* IOAPIC-01, IOAPIC-02: the index has eight bits, everything else 32. */
static uint32_t do_read(const ioapic_t *io, const op_t *op)
{
    if (op->address == INDEX)
        return io->index;
    return op->address == DATA && op->bytes == 4 ? read_data(io) : 0;
}

static void do_write(ioapic_t *io, const op_t *op)
{
    if (op->address == INDEX)
        io->index = (uint8_t)op->value;
    else if (op->address == DATA && op->bytes == 4)
        write_data(io, op->value);
    else if (op->address == EOI && op->bytes == 4)
        eoi(io, (uint8_t)op->value);
    else if (op->address == LAPIC_SVR || op->address == LAPIC_LDR)
        write_lapic(io, op);
}

static void apply(ioapic_t *io, const op_t *op, answer_t *answer)
{
    answer->text[0] = '\0';
    if (op->kind == OP_READ) {
        answer_add(answer, "OK 0x%016x\n", do_read(io, op));
        return;
    }
    if (op->kind == OP_WRITE)
        do_write(io, op);
    else if (op->address || has(io, DIV_INPUT_0))
        drive(io, &io->pin[op->address ? op->address : 2], op->value);
    else { /* IOAPIC-35: input 0 is the 8259A's */
        answer_add(answer, "FAIL\n");
        return;
    }
    answer_add(answer, "OK\n");
}

void ioapic_predict(const sequence_t *sequence, uint32_t divergences, answer_t *answers)
{
    ioapic_t io = {.divergences = divergences};

    for (unsigned i = 0; i < sequence->n; i++)
        apply(&io, &sequence->op[i], &answers[i]);
}
