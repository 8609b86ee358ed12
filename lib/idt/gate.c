/* SPDX-License-Identifier: MIT */
/*
 * gate.c - one IDT entry: its bytes and what its type means
 */
#include "idt_int.h"

/* CPU-55: and nothing else but what a row adds. */
#define CLEARED_BY_ALL (EFLAGS_TF | EFLAGS_NT | EFLAGS_VM | EFLAGS_RF) /* CPU-51, CPU-52 */

const gate_row_t irqsim__idt_gate_types[32] = {
    [IRQSIM_GATE_TASK] = {0, GATE_TASK}, /* flags come from the TSS */
    [IRQSIM_GATE_INTERRUPT16] = {CLEARED_BY_ALL | EFLAGS_IF, GATE_HANDLER16},
    [IRQSIM_GATE_TRAP16] = {CLEARED_BY_ALL, GATE_HANDLER16},
    [IRQSIM_GATE_INTERRUPT] = {CLEARED_BY_ALL | EFLAGS_IF, GATE_HANDLER32}, /* CPU-50 */
    [IRQSIM_GATE_TRAP] = {CLEARED_BY_ALL, GATE_HANDLER32},
};

/* The access byte of an entry. */
static uint32_t access_of(const irqsim_gate_t *gate)
{
    return (gate->present ? DESC_P : 0) | DESC_DPL(gate->dpl & 3u) |
           (gate->type & (DESC_S | DESC_TYPE_M));
}

uint64_t irqsim_gate_encode(const irqsim_gate_t *gate)
{
    return DESC_GATE(gate->offset, gate->selector, access_of(gate));
}

void irqsim_gate_decode(uint64_t raw, irqsim_gate_t *gate)
{
    const uint32_t access = desc_access(raw);
    *gate = (irqsim_gate_t){
        .offset = gate_offset(raw),
        .selector = gate_selector(raw),
        .type = (uint8_t)(access & (DESC_S | DESC_TYPE_M)),
        .dpl = desc_dpl(raw),
        .present = desc_present(raw),
    };
}

/* LM-01 */
void irqsim_gate_encode64(const irqsim_gate_t *gate, uint64_t raw[2])
{
    raw[0] = irqsim_gate_encode(gate) | (uint64_t)(gate->ist & 7u) << 32;
    raw[1] = gate->offset >> 32;
}

void irqsim_gate_decode64(const uint64_t raw[2], irqsim_gate_t *gate)
{
    irqsim_gate_decode(raw[0], gate);
    gate->offset |= raw[1] << 32;
    gate->ist = raw[0] >> 32 & 7u;
}

/* ---- one line for a reader ---- */

static const char *const type_names[32] = {
    [IRQSIM_GATE_TASK] = "task",     [IRQSIM_GATE_INTERRUPT16] = "interrupt16",
    [IRQSIM_GATE_TRAP16] = "trap16", [IRQSIM_GATE_INTERRUPT] = "interrupt",
    [IRQSIM_GATE_TRAP] = "trap",
};

/* Each answers where the next character goes. */
static char *put_text(char *to, const char *text)
{
    while (*text)
        *to++ = *text++;
    return to;
}

static char *put_hex(char *to, uint64_t value, unsigned digits)
{
    while (digits-- > 0)
        *to++ = "0123456789abcdef"[value >> 4 * digits & 0xF];
    return to;
}

static char *put_field(char *to, const char *name, unsigned digit)
{
    to = put_text(to, name);
    return put_hex(to, digit, 1);
}

static char *put_type(char *to, unsigned type)
{
    if (type_names[type])
        return put_text(to, type_names[type]);
    return put_hex(put_text(to, "type "), type, 2);
}

void irqsim_gate_text(const irqsim_gate_t *gate, char text[IRQSIM_GATE_TEXT])
{
    char *to = put_type(text, gate->type & (DESC_S | DESC_TYPE_M));

    to = put_field(to, " dpl=", gate->dpl & 3u);
    to = put_field(to, " p=", gate->present != 0);
    to = put_hex(put_text(to, " "), gate->selector, 4);
    if (gate->type != IRQSIM_GATE_TASK) /* CPU-49: a TSS has no offset */
        to = put_hex(put_text(to, ":"), gate->offset, gate->offset >> 32 ? 16 : 8);
    if (gate->ist)
        to = put_field(to, " ist=", gate->ist & 7u);
    *to = '\0';
}
