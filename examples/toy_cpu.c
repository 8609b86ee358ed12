/* SPDX-License-Identifier: MIT */
/*
 * toy_cpu.c - irqsim_deliver() in the loop of somebody's CPU
 *
 * The CPU knows four opcodes and nothing of gates, stacks and faults. What it cannot
 * do it hands over: an interrupt, INT n, IRET. The gate of vector 33 is
 * absent: the INT becomes #NP, which saves the INT itself and pushes an error code.
 *
 * Prints:
 *   1000: inc
 *   1001: inc
 *   1002: vector 31, frame of 12 bytes
 *   2031: iret to 1002
 *   1002: int 80
 *   1004: vector 80, frame of 12 bytes
 *   2080: iret to 1004
 *   1004: int 33
 *   1004: vector 0b, frame of 16 bytes, error code 19a
 *   200b: hlt
 */
#include <stdio.h>
#include <string.h>

#include <irqsim/deliver.h>
#include <irqsim/regs/idt_regs.h>

enum { GDT = 0x100, IDT = 0x400, CODE = 0x1000, HANDLERS = 0x2000, STACK = 0x8000 };
enum { INC = 0x40, INT = 0xCD, IRET = 0xCF, HLT = 0xF4 };

static uint8_t ram[0x10000];
static irqsim_mem_t mem = {.ram = ram, .ram_bytes = sizeof(ram)};
static irqsim_cpustate_t cpu = {.ip = CODE,
                                .sp = STACK,
                                .flags = EFLAGS_RESERVED | EFLAGS_IF,
                                .cs = 8,
                                .ss = 16,
                                .gdtr = {.base = GDT, .limit = 23},
                                .idtr = {.base = IDT, .limit = 256 * 8 - 1}};

static bool nothing_else(void *user, uint64_t addr, void *to, unsigned size)
{
    return (void)user, (void)addr, (void)to, (void)size, false; /* all memory is lent */
}
static bool nothing_there(void *user, uint64_t addr, const void *from, unsigned size)
{
    return (void)user, (void)addr, (void)from, (void)size, false;
}

static void put(uint32_t at, uint64_t desc)
{
    for (unsigned i = 0; i < 8; i++)
        ram[at + i] = (uint8_t)(desc >> 8 * i);
}

static void handler(uint8_t vector, uint8_t opcode)
{
    put(IDT + 8u * vector, DESC_INTERRUPT_GATE32(HANDLERS + vector, 8, 0));
    ram[HANDLERS + vector] = opcode;
}

/* With IP as it is to be saved. false: the CPU is shut down. */
static bool take(irqsim_delivery_t event)
{
    irqsim_delivered_t d;

    irqsim_deliver(&cpu, &mem, &event, &d);
    printf("%x: vector %02x, frame of %u bytes", (unsigned)d.saved_ip, d.event.vector, d.out.frame);
    if (d.event.has_error)
        printf(", error code %x", (unsigned)d.event.error);
    printf("\n");
    return d.what == IRQSIM_DELIVERED_HANDLER;
}

static bool step(void)
{
    const unsigned ip = (unsigned)cpu.ip;
    irqsim_outcome_t out;

    switch (ram[ip]) {
    case INC:
        printf("%x: inc\n", ip);
        cpu.ip += 1;
        return true;
    case INT:
        printf("%x: int %x\n", ip, ram[ip + 1]);
        cpu.ip += 2;
        return take(
            (irqsim_delivery_t){.vector = ram[ip + 1], .kind = IRQSIM_KIND_SOFTWARE, .length = 2});
    case IRET:
        irqsim_idt_iret(&cpu, &mem, 4, &out);
        printf("%x: iret to %x\n", ip, (unsigned)cpu.ip);
        return out.delivered;
    default:
        printf("%x: hlt\n", ip);
        return false;
    }
}

int main(void)
{
    static const uint8_t program[] = {INC, INC, INT, 0x80, INT, 0x33};
    bool line = true; /* an interrupt, vector 31, arrives after two instructions */

    mem.read = nothing_else;
    mem.write = nothing_there;
    memcpy(ram + CODE, program, sizeof(program));
    put(GDT + 8, DESC_FLAT_CODE32(0));
    put(GDT + 16, DESC_FLAT_DATA32(0));
    handler(0x31, IRET);
    handler(0x80, IRET);
    handler(VECTOR_NP, HLT);
    put(IDT + 8 * 0x33, DESC_GATE(0, 8, DESC_TYPE_INTERRUPT32)); /* P = 0 */
    for (unsigned n = 1; step(); n++)
        if (line && n >= 2 && cpu.flags & EFLAGS_IF) {
            line = false; /* acknowledged */
            take((irqsim_delivery_t){.vector = 0x31, .kind = IRQSIM_KIND_EXTERNAL});
        }
    return 0;
}
