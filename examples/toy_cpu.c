/* SPDX-License-Identifier: MIT */
/*
 * toy_cpu.c - irqsim_deliver() in the loop of somebody's CPU
 *
 * The CPU knows four opcodes and nothing of gates, stacks and faults. What it cannot
 * do it hands over: an interrupt, which comes after two instructions, INT n, IRET. All
 * its memory is lent. The gate of vector 33 is absent: that INT becomes #NP, which
 * saves the INT itself and pushes an error code.
 *
 * Each line is an instruction, IP: OPCODE, or an event, SAVED IP: vector V(ERROR CODE).
 *
 * Prints:
 *   1000: 40
 *   1001: 40
 *   1002: vector 31(0)
 *   1006: cf
 *   1002: cd
 *   1004: vector 80(0)
 *   1006: cf
 *   1004: cd
 *   1004: vector 0b(19a)
 *   1007: f4
 */
#include <stdio.h>

#include <irqsim/deliver.h>
#include <irqsim/regs/idt_regs.h>

enum { GDT = 0x100, IDT = 0x400, CODE = 0x1000, RETURN = CODE + 6, STOP, STACK = 0x8000 };
enum { INC = 0x40, INT = 0xCD, IRET = 0xCF, HLT = 0xF4 };

static const uint8_t program[] = {INC, INC, INT, 0x80, INT, 0x33, IRET, HLT};
static uint8_t ram[STACK] = {[GDT + 8] = DESC_BYTES(DESC_FLAT_CODE32(0)),
                             [IDT + 8 * 0x31] = DESC_BYTES(DESC_INTERRUPT_GATE32(RETURN, 8, 0)),
                             [IDT + 8 * 0x80] = DESC_BYTES(DESC_INTERRUPT_GATE32(RETURN, 8, 0)),
                             [IDT + 8 * 0x33] =
                                 DESC_BYTES(DESC_GATE(STOP, 8, DESC_TYPE_INTERRUPT32)), /* P = 0 */
                             [IDT + 8 * VECTOR_NP] = DESC_BYTES(DESC_INTERRUPT_GATE32(STOP, 8, 0))};
static const irqsim_mem_t mem = {.ram = ram, .ram_bytes = sizeof(ram)};
static irqsim_cpustate_t cpu = {.ip = CODE,
                                .sp = STACK,
                                .flags = EFLAGS_RESERVED | EFLAGS_IF,
                                .cs = 8,
                                .gdtr = {.base = GDT, .limit = 15},
                                .idtr = {.base = IDT, .limit = 256 * 8 - 1}};

static bool deliver(irqsim_delivery_t event)
{
    irqsim_delivered_t d;

    irqsim_deliver(&cpu, &mem, &event, &d);
    printf("%x: vector %02x(%x)\n", (unsigned)d.saved_ip, d.event.vector, (unsigned)d.event.error);
    return d.what == IRQSIM_DELIVERED_HANDLER;
}

static bool step(void)
{
    const uint8_t *insn = ram + cpu.ip;
    irqsim_outcome_t out;

    printf("%x: %02x\n", (unsigned)cpu.ip, *insn);
    switch (*insn) {
    case INC:
        cpu.ip += 1;
        return true;
    case INT:
        cpu.ip += 2;
        return deliver(irqsim_int_n(insn[1], 2));
    case IRET:
        irqsim_idt_iret(&cpu, &mem, 4, &out);
        return out.delivered;
    }
    return false; /* HLT */
}

int main(void)
{
    irqsim_mem_write(&mem, CODE, program, sizeof(program));
    for (unsigned n = 1; step(); n++)
        if (n == 2 && cpu.flags & EFLAGS_IF)
            deliver(irqsim_interrupt(0x31));
    return 0;
}
