/* SPDX-License-Identifier: MIT */
/*
 * gate.c - one IDT entry: its bytes and what its type means
 */
#include "idt_int.h"

/* CPU-55: and nothing else but what a row adds. */
#define CLEARED_BY_ALL (EFLAGS_TF | EFLAGS_NT | EFLAGS_VM | EFLAGS_RF) /* CPU-51, CPU-52 */

const gate_row_t irqsim__idt_gate_types[32] = {
    [IRQSIM_GATE_INTERRUPT] = {CLEARED_BY_ALL | EFLAGS_IF, GATE_HANDLER32}, /* CPU-50 */
    [IRQSIM_GATE_TRAP] = {CLEARED_BY_ALL, GATE_HANDLER32},
};

uint64_t irqsim_gate_encode(const irqsim_gate_t *gate)
{
    const uint32_t access = (gate->present ? DESC_P : 0) | DESC_DPL(gate->dpl & 3u) |
                            (gate->type & (DESC_S | DESC_TYPE_M));
    return DESC_GATE(gate->offset, gate->selector, access);
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
