/* SPDX-License-Identifier: MIT */
/*
 * cpu_tables.c - what a case's CPU finds in memory: GDT, IDT, TSS, stacks
 *
 *   00000 .. FFFFF   RAM of each CPU; above it all reads are 0 and writes vanish
 *   F0000 IDT        the same page for all CPUs
 *   F1000 GDT   F2000 TSS   F3000 the TSS that task gates name
 *   stacks below 70000 (CPL 3), 90000 (CPL 0), A1000 .. A7000 (IST), C0000 (task)
 *
 * docs/conformance.md has selectors and register values.
 */
#include <stdlib.h>
#include <string.h>

#include <irqsim/idt.h>
#include <irqsim/regs/idt_regs.h>

#include "board_int.h"

#define RAM_SIZE 0x100000u
#define PAGE     0x1000u

#define IDT_AT     0xF0000u
#define GDT_AT     0xF1000u
#define TSS_AT     0xF2000u
#define TASK_AT    0xF3000u
#define IST_TOP(n) (0xA0000u + (n)*PAGE)
#define TASK_TOP   0xC0000u
#define GDT_LIMIT  0x5Fu
#define IVT_LIMIT  0x3FFu
#define VECTORS    256u
#define NO_GATE    0xCu /* a call gate: nothing that an IDT may hold */

/* ---- memory ---- */

typedef struct view {
    board_t *board;
    core_t *core;
} view_t;

static bool is_absent(const board_t *b, uint64_t address)
{
    for (size_t i = 0; i < b->n_absent; i++)
        if (b->absent[i] == address / PAGE)
            return true;
    return false;
}

static bool all_present(const board_t *b, uint64_t address, unsigned size)
{
    return !is_absent(b, address) && !is_absent(b, address + size - 1);
}

/* NULL: above the RAM. */
static uint8_t *byte_at(const view_t *v, uint64_t address)
{
    if (address >= RAM_SIZE)
        return NULL;
    if (address / PAGE == IDT_AT / PAGE)
        return &v->board->idt[address % PAGE];
    return &v->core->ram[address];
}

static bool mem_read(void *user, uint64_t address, void *to, unsigned size)
{
    const view_t *v = user;

    if (!all_present(v->board, address, size))
        return false;
    for (unsigned i = 0; i < size; i++) {
        const uint8_t *byte = byte_at(v, address + i);

        ((uint8_t *)to)[i] = byte ? *byte : 0;
    }
    return true;
}

static void put(const view_t *v, uint64_t address, const void *from, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        uint8_t *byte = byte_at(v, address + i);

        if (byte)
            *byte = ((const uint8_t *)from)[i];
    }
}

static bool mem_write(void *user, uint64_t address, const void *from, unsigned size)
{
    const view_t *v = user;

    if (!all_present(v->board, address, size))
        return false;
    put(v, address, from, size);
    return true;
}

/* A board's own hand: pages that are absent take it too. */
void irqsim__conform_poke(board_t *b, core_t *core, uint64_t address, uint64_t value, unsigned size)
{
    const view_t v = {b, core};
    uint8_t bytes[8];

    for (unsigned i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
    put(&v, address, bytes, size);
}

uint64_t irqsim__conform_peek(board_t *b, core_t *core, uint64_t address, unsigned size)
{
    const view_t v = {b, core};
    uint64_t value = 0;

    for (unsigned i = size; i-- > 0;) {
        const uint8_t *byte = byte_at(&v, address + i);

        value = value << 8 | (byte ? *byte : 0);
    }
    return value;
}

/* ---- descriptors ---- */

static void write_gdt(board_t *b, core_t *core, bool is_long)
{
    const uint64_t code0 = is_long ? DESC_CODE64(0) : DESC_FLAT_CODE32(0);
    const uint64_t code3 = is_long ? DESC_CODE64(3) : DESC_FLAT_CODE32(3);
    const uint64_t code4k =
        DESC_SEGMENT(0, PAGE - 1, DESC_P | DESC_S | DESC_CODE | DESC_READABLE, DESC_FLAG_DB);
    const uint64_t absent = ~((uint64_t)DESC_P << 40);
    const uint64_t busy = (uint64_t)(DESC_TYPE_TSS32_BUSY ^ DESC_TYPE_TSS32_AVAIL) << 40;
    const struct {
        uint32_t selector;
        uint64_t desc;
    } rows[] = {
        {SEL_CODE0, code0},
        {SEL_DATA0, DESC_FLAT_DATA32(0)},
        {SEL_CODE3, code3},
        {SEL_DATA3, DESC_FLAT_DATA32(3)},
        {SEL_TSS, DESC_TSS32(TSS_AT) | busy},
        {SEL_TASK, is_long ? 0 : DESC_TSS32(TASK_AT)}, /* the high half of a 64-bit TSS's */
        {SEL_ABSENT_CODE, code0 & absent},
        {SEL_ABSENT_DATA, DESC_FLAT_DATA32(0) & absent},
        {SEL_SHORT_CODE, is_long ? DESC_FLAT_CODE32(0) : code4k},
        {SEL_ABSENT_DATA3, DESC_FLAT_DATA32(3) & absent},
        {SEL_COMPATIBLE3, is_long ? DESC_FLAT_CODE32(3) : 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        irqsim__conform_poke(b, core, GDT_AT + (rows[i].selector & ~7u), rows[i].desc, 8);
}

static void write_tss32(board_t *b, core_t *core)
{
    irqsim__conform_poke(b, core, TSS_AT + TSS32_ESP0, KERNEL_TOP, 4);
    irqsim__conform_poke(b, core, TSS_AT + TSS32_SS0, SEL_DATA0, 2);
    irqsim__conform_poke(b, core, TASK_AT + TSS32_EFLAGS, EFLAGS_RESERVED, 4);
    irqsim__conform_poke(b, core, TASK_AT + TSS32_ESP_AT, TASK_TOP, 4);
    irqsim__conform_poke(b, core, TASK_AT + TSS32_CS_AT, SEL_CODE0, 2);
    irqsim__conform_poke(b, core, TASK_AT + TSS32_SS_AT, SEL_DATA0, 2);
}

static void write_tss64(board_t *b, core_t *core)
{
    irqsim__conform_poke(b, core, TSS_AT + TSS64_RSP(0), KERNEL_TOP, 8);
    for (uint32_t n = 1; n <= 7; n++)
        irqsim__conform_poke(b, core, TSS_AT + TSS64_IST(n), IST_TOP(n), 8);
}

static void write_gate(board_t *b, core_t *core, uint32_t vector, const irqsim_gate_t *gate)
{
    uint64_t raw[2];

    if (core->cpu.regs.mode != IRQSIM_MODE_LONG) {
        irqsim__conform_poke(b, core, IDT_AT + 8 * vector, irqsim_gate_encode(gate), 8);
        return;
    }
    irqsim_gate_encode64(gate, raw);
    irqsim__conform_poke(b, core, IDT_AT + 16 * vector, raw[0], 8);
    irqsim__conform_poke(b, core, IDT_AT + 16 * vector + 8, raw[1], 8);
}

void irqsim__conform_clear_idt(board_t *b, core_t *core)
{
    const irqsim_gate_t absent = {.type = IRQSIM_GATE_INTERRUPT, .selector = SEL_CODE0};

    for (uint32_t vector = 0; vector < VECTORS; vector++)
        write_gate(b, core, vector, &absent);
}

void irqsim__conform_tables(board_t *b, core_t *core)
{
    irqsim_cpustate_t *regs = &core->cpu.regs;
    const bool is_long = regs->mode == IRQSIM_MODE_LONG;

    memset(core->ram, 0, PAGE); /* the IVT of real mode */
    memset(core->ram + GDT_AT, 0, TASK_AT + PAGE - GDT_AT);
    write_gdt(b, core, is_long);
    if (is_long)
        write_tss64(b, core);
    else
        write_tss32(b, core);
    regs->gdtr = (irqsim_dtr_t){.base = GDT_AT, .limit = GDT_LIMIT};
    regs->ldtr = (irqsim_dtr_t){0};
    regs->tr = (irqsim_dtr_t){
        .base = TSS_AT, .limit = TSS32_SIZE - 1, .selector = SEL_TSS, .type = DESC_TYPE_TSS32_BUSY};
    regs->idtr = (irqsim_dtr_t){.base = IDT_AT, .limit = VECTORS * (is_long ? 16 : 8) - 1};
    if (regs->mode == IRQSIM_MODE_REAL)
        regs->idtr = (irqsim_dtr_t){.base = 0, .limit = IVT_LIMIT};
}

bool irqsim__conform_memory(board_t *b, core_t *core)
{
    core->view = calloc(1, sizeof(view_t));
    core->ram = calloc(1, RAM_SIZE);
    if (!core->view || !core->ram)
        return false;
    *(view_t *)core->view = (view_t){b, core};
    core->mem = (irqsim_mem_t){.read = mem_read, .write = mem_write, .user = core->view};
    return true;
}

/* ---- what steps change ---- */

static uint16_t code_selector(uint8_t segment)
{
    static const uint16_t selectors[] = {
        [IRQSIM_CONFORM_SEG_OK] = SEL_CODE0,           [IRQSIM_CONFORM_SEG_NULL] = 0,
        [IRQSIM_CONFORM_SEG_ABSENT] = SEL_ABSENT_CODE, [IRQSIM_CONFORM_SEG_DATA] = SEL_DATA0,
        [IRQSIM_CONFORM_SEG_OUTSIDE] = SEL_OUTSIDE,    [IRQSIM_CONFORM_SEG_SHORT] = SEL_SHORT_CODE,
    };

    return selectors[segment];
}

static irqsim_gate_t gate_of(const irqsim_conform_gate_t *gate)
{
    static const uint8_t types[] = {
        [IRQSIM_CONFORM_INTERRUPT_GATE] = IRQSIM_GATE_INTERRUPT,
        [IRQSIM_CONFORM_TRAP_GATE] = IRQSIM_GATE_TRAP,
        [IRQSIM_CONFORM_TASK_GATE] = IRQSIM_GATE_TASK,
        [IRQSIM_CONFORM_ABSENT_GATE] = IRQSIM_GATE_INTERRUPT,
        [IRQSIM_CONFORM_BAD_GATE] = NO_GATE,
    };
    const bool task = gate->kind == IRQSIM_CONFORM_TASK_GATE;

    return (irqsim_gate_t){
        .offset = gate->handler,
        .selector = task ? SEL_TASK : code_selector(gate->segment),
        .type = types[gate->kind],
        .dpl = gate->dpl,
        .present = gate->kind != IRQSIM_CONFORM_ABSENT_GATE,
        .ist = gate->ist,
    };
}

void irqsim__conform_gate(board_t *b, core_t *core, const irqsim_conform_gate_t *gate)
{
    const irqsim_gate_t entry = gate_of(gate);

    if (core->cpu.regs.mode == IRQSIM_MODE_REAL) {
        irqsim__conform_poke(b, core, 4u * gate->vector, gate->handler, 4);
        return;
    }
    write_gate(b, core, gate->vector, &entry);
    if (gate->kind == IRQSIM_CONFORM_TASK_GATE)
        irqsim__conform_poke(b, core, TASK_AT + TSS32_EIP, gate->handler, 4);
}

void irqsim__conform_tss_stack(board_t *b, core_t *core, irqsim_conform_segment_t ss0)
{
    static const uint16_t selectors[] = {
        [IRQSIM_CONFORM_SEG_OK] = SEL_DATA0,           [IRQSIM_CONFORM_SEG_NULL] = 0,
        [IRQSIM_CONFORM_SEG_ABSENT] = SEL_ABSENT_DATA, [IRQSIM_CONFORM_SEG_DATA] = SEL_DATA3,
        [IRQSIM_CONFORM_SEG_OUTSIDE] = SEL_OUTSIDE,    [IRQSIM_CONFORM_SEG_SHORT] = SEL_DATA0,
    };
    irqsim_cpustate_t *regs = &core->cpu.regs;
    const bool is_long = regs->mode == IRQSIM_MODE_LONG;

    regs->tr.limit = TSS32_SIZE - 1;
    if (ss0 == IRQSIM_CONFORM_SEG_SHORT)
        regs->tr.limit = is_long ? TSS64_RSP(0) + 6u : TSS32_SS0;
    if (!is_long)
        irqsim__conform_poke(b, core, TSS_AT + TSS32_SS0, selectors[ss0], 2);
}

bool irqsim__conform_page(board_t *b, core_t *core, irqsim_conform_page_t page, uint64_t address,
                          bool present)
{
    const uint64_t where[] = {
        [IRQSIM_CONFORM_PAGE_AT] = address,
        [IRQSIM_CONFORM_PAGE_IDT] = core->cpu.regs.idtr.base,
        [IRQSIM_CONFORM_PAGE_TSS] = TSS_AT,
        [IRQSIM_CONFORM_PAGE_GDT] = GDT_AT,
        [IRQSIM_CONFORM_PAGE_STACK] = KERNEL_TOP - 1,
    };
    const uint64_t number = where[page] / PAGE;
    size_t kept = 0;

    for (size_t i = 0; i < b->n_absent; i++)
        if (b->absent[i] != number)
            b->absent[kept++] = b->absent[i];
    b->n_absent = kept;
    if (present)
        return true;
    if (kept == ABSENT_PAGES)
        return false;
    b->absent[b->n_absent++] = number;
    return true;
}
