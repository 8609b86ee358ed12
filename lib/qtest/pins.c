/* SPDX-License-Identifier: MIT */
/*
 * pins.c - lines as qtest names them: a device's path, in or out, and a number
 *
 * Of a path only the last part counts: QEMU has "/machine/i440fx/ioapic" on one
 * machine and "/machine/q35/ioapic" on another, and clients say "ioapic".
 */
#include <stdlib.h>
#include <string.h>

#include <irqsim/guest.h>

#include "qtest_int.h"

#define ISA_LINES   16u
#define MASTER      0u
#define SLAVE       1u
#define MP_PIT_LINE 2u /* IOAPIC-35: what is IRQ 0 for the 8259A */

/* ---- names ---- */

static bool parse_cpu(const char *text, unsigned *cpu)
{
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    const unsigned long number = strtoul(text, &end, 10);
    *cpu = (unsigned)number;
    return *end == '\0' && number <= IRQSIM_MAX_CPUS;
}

device_t irqsim__qtest_device(const irqsim_qtest_t *q, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    device_t device = {DEVICE_NONE, 0};

    if (strcmp(name, "i8259") == 0)
        device.kind = DEVICE_PICS;
    else if (strcmp(name, "ioapic") == 0 && irqsim_machine_ioapic(q->machine))
        device.kind = DEVICE_IOAPIC;
    else if (strncmp(name, "lapic", 5) == 0 && parse_cpu(name + 5, &device.cpu) &&
             irqsim_machine_lapic(q->machine, device.cpu))
        device.kind = DEVICE_LAPIC;
    return device;
}

/* ---- levels ---- */

static uint32_t input_levels(const irqsim_qtest_t *q, device_t device)
{
    switch (device.kind) {
    case DEVICE_IOAPIC:
        return irqsim_machine_ioapic(q->machine)->in;
    case DEVICE_PICS: /* IRQ 0..15; 2 is the cascade */
        return irqsim_machine_pic(q->machine, MASTER)->in |
               irqsim_machine_pic(q->machine, SLAVE)->in << 8;
    default: /* a LAPIC's LINT0 is the 8259A's INT, and LINT1 nobody's */
        return 0;
    }
}

static uint32_t output_levels(const irqsim_qtest_t *q, device_t device)
{
    const uint32_t intr = IRQSIM_LAPIC_OUT_INTR | IRQSIM_LAPIC_OUT_EXTINT;

    switch (device.kind) {
    case DEVICE_PICS:
        return irqsim_machine_pic(q->machine, MASTER)->out & IRQSIM_PIC_OUT_INT;
    case DEVICE_LAPIC: /* 0 INTR, 1 ExtINT */
        return irqsim_machine_lapic(q->machine, device.cpu)->out & intr;
    default: /* an IOAPIC sends messages */
        return 0;
    }
}

/* ---- listening ---- */

bool irqsim__qtest_intercept(irqsim_qtest_t *q, device_t device, bool out)
{
    tap_t *tap = &q->tap;

    if (tap->device.kind != DEVICE_NONE &&
        (tap->device.kind != device.kind || tap->device.cpu != device.cpu))
        return false;
    tap->device = device;
    tap->in |= !out;
    tap->out |= out;
    /* Only changes from now on are told. */
    tap->in_level = input_levels(q, device);
    tap->out_level = output_levels(q, device);
    return true;
}

static void tell_changes(irqsim_qtest_t *q, uint32_t *known, uint32_t levels)
{
    for (uint32_t moved = *known ^ levels; moved; moved &= moved - 1) {
        const unsigned line = (unsigned)__builtin_ctz(moved);
        irqsim__qtest_send(q, "IRQ %s %u\n", levels >> line & 1 ? "raise" : "lower", line);
    }
    *known = levels;
}

void irqsim__qtest_listen(irqsim_qtest_t *q)
{
    tap_t *tap = &q->tap;

    if (tap->in)
        tell_changes(q, &tap->in_level, input_levels(q, tap->device));
    if (tap->out)
        tell_changes(q, &tap->out_level, output_levels(q, tap->device));
}

/* ---- driving ---- */

unsigned irqsim__qtest_inputs(device_t device)
{
    return device.kind == DEVICE_IOAPIC ? LINES : device.kind == DEVICE_PICS ? ISA_LINES : 0;
}

/* The wire that ends at this input. */
static unsigned line_of(const irqsim_qtest_t *q, device_t device, unsigned input)
{
    const bool mp = q->desc.board == IRQSIM_BOARD_MP;

    if (device.kind == DEVICE_IOAPIC || !mp)
        return input;
    return input == 0 ? MP_PIT_LINE : input == MP_PIT_LINE ? 0 : input;
}

static bool is_high(const irqsim_qtest_t *q, uint32_t source)
{
    irqsim_source_counts_t counts;

    irqsim_machine_counts(q->machine, source, &counts);
    return counts.pending != 0;
}

bool irqsim__qtest_drive(irqsim_qtest_t *q, device_t device, unsigned input, bool level)
{
    const uint32_t source = q->source_of[line_of(q, device, input)];

    if (source == NO_SOURCE)
        return false;
    if (level && !is_high(q, source))
        irqsim_machine_arrive(q->machine, source, 0);
    else if (!level)
        irqsim_guest_read(q->machine, q->cpu, IRQSIM_SOURCE_MMIO(source) + IRQSIM_SOURCE_REG_CLAIM);
    irqsim__qtest_listen(q);
    return true;
}
