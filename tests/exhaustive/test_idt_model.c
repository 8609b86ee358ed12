/* SPDX-License-Identifier: MIT */
/*
 * test_idt_model.c - delivery against the model, in every situation of the tables below
 *
 * A situation is an event, a gate, a target and a stack. Model and library get the
 * same registers and memory; afterwards all registers, all memory and what was
 * reported must be the same. The model is ../model/idt_model.h.
 */
#include "unit.h"
#include "../model/idt_model.h"

#include <stdio.h>

enum {
    IDT = 0x0000,
    GDT = 0x1000,
    LDT = 0x1200,
    TSS = 0x1300,
    NEW_TSS = 0x1400,
    STACK_TOP = 0x2000, /* of the inner stacks, whatever the level */
    OLD_STACK = 0x2800,
    IST_TOP = 0x3000, /* + 0x100 n */
    NEW_STACK = 0x3C00,
    HANDLER = 0x1234,
    VECTOR = 0x21,

    GDT_LIMIT = 16 * 8 - 1,
    LDT_LIMIT = 2 * 8 - 1,
    CODE0 = 1 << 3,
    DATA0 = 2 << 3,
    TARGET = 3 << 3,
    STACK = 4 << 3,
    TSS_SELECTOR = 5 << 3,
    NEW_TASK = 6 << 3,
    LDT_TARGET = 1 << 3 | SELECTOR_TI,
    OUTSIDE = 16 << 3,
    LDT_OUTSIDE = 2 << 3 | SELECTOR_TI
};

enum { KINDS = IRQSIM_KIND_INTO + 1 };

static const uint8_t all_types[] = {
    0,    1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,   12,   13,   14,   15,
    0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F};

/* ---- what a gate may point to ---- */

#define FLAGS_32  (DESC_FLAG_G | DESC_FLAG_DB)
#define CODE(dpl) (DESC_P | DESC_DPL(dpl) | DESC_S | DESC_CODE | DESC_READABLE)
#define DATA(dpl) (DESC_P | DESC_DPL(dpl) | DESC_S | DESC_WRITABLE)

typedef struct target {
    uint16_t selector;
    uint32_t limit; /* the 20-bit field */
    uint8_t access, flags;
} target_t;

/* clang-format off */
#define EVERY_DPL(access, flags) \
    {TARGET, 0xFFFFF, (uint8_t)((access) | DESC_DPL(0)), flags}, \
    {TARGET, 0xFFFFF, (uint8_t)((access) | DESC_DPL(1)), flags}, \
    {TARGET, 0xFFFFF, (uint8_t)((access) | DESC_DPL(2)), flags}, \
    {TARGET, 0xFFFFF, (uint8_t)((access) | DESC_DPL(3)), flags}
#define NOT_PRESENT(access) ((access) & ~DESC_P)

static const target_t targets[] = {
    EVERY_DPL(CODE(0), FLAGS_32),
    EVERY_DPL(NOT_PRESENT(CODE(0)), FLAGS_32),
    EVERY_DPL(CODE(0) | DESC_CONFORMING, FLAGS_32),
    EVERY_DPL(NOT_PRESENT(CODE(0)) | DESC_CONFORMING, FLAGS_32),
    EVERY_DPL(CODE(0) & ~DESC_READABLE, FLAGS_32),
    EVERY_DPL(DATA(0), FLAGS_32),
    EVERY_DPL(NOT_PRESENT(DATA(0)), FLAGS_32),
    EVERY_DPL(DESC_P | DESC_TYPE_LDT, 0),
    EVERY_DPL(DESC_P | DESC_TYPE_TSS32_AVAIL, 0),
    EVERY_DPL(CODE(0), DESC_FLAG_G),               /* 16-bit code */
    EVERY_DPL(CODE(0), DESC_FLAG_G | DESC_FLAG_L), /* 64-bit code */
    EVERY_DPL(NOT_PRESENT(CODE(0)), DESC_FLAG_G | DESC_FLAG_L),
    EVERY_DPL(CODE(0) | DESC_CONFORMING, DESC_FLAG_G | DESC_FLAG_L),
    EVERY_DPL(CODE(0), FLAGS_32 | DESC_FLAG_L),    /* neither */
    {TARGET, HANDLER,     CODE(0), DESC_FLAG_DB},
    {TARGET, HANDLER - 1, CODE(0), DESC_FLAG_DB},
    {TARGET, HANDLER - 1, CODE(3) | DESC_CONFORMING, DESC_FLAG_DB},
    {TARGET | 3, 0xFFFFF, CODE(0), FLAGS_32},      /* the gate's RPL means nothing */
    {LDT_TARGET, 0xFFFFF, CODE(0), FLAGS_32},
    {LDT_TARGET, 0xFFFFF, NOT_PRESENT(CODE(0)), FLAGS_32},
    {LDT_OUTSIDE, 0xFFFFF, CODE(0), FLAGS_32},
    {OUTSIDE, 0xFFFFF, CODE(0), FLAGS_32},
    {0, 0xFFFFF, CODE(0), FLAGS_32},
    {3, 0xFFFFF, CODE(0), FLAGS_32},
};
enum { TARGETS = sizeof(targets) / sizeof(targets[0]) };

/* What a task gate may point to; here the selector's descriptor is a TSS at NEW_TSS. */
static const target_t tasks[] = {
    {NEW_TASK,    103, DESC_P | DESC_TYPE_TSS32_AVAIL, 0},
    {NEW_TASK | 3, 103, DESC_P | DESC_TYPE_TSS32_AVAIL | DESC_DPL(3), 0},
    {NEW_TASK,    0xFFF, DESC_P | DESC_TYPE_TSS32_AVAIL, 0},
    {NEW_TASK,    102, DESC_P | DESC_TYPE_TSS32_AVAIL, 0},
    {NEW_TASK,    103, DESC_P | DESC_TYPE_TSS32_BUSY, 0},
    {NEW_TASK,    103, DESC_P | DESC_TYPE_TSS16_BUSY, 0},
    {NEW_TASK,    103, DESC_TYPE_TSS32_AVAIL, 0},
    {NEW_TASK,    103, DESC_TYPE_TSS32_BUSY, 0},
    {NEW_TASK,    42,  DESC_P | DESC_TYPE_TSS16_AVAIL, 0},
    {NEW_TASK,    103, DESC_P | DESC_TYPE_LDT, 0},
    {NEW_TASK,    103, DESC_P | DESC_TYPE_TASK_GATE, 0},
    {NEW_TASK,    103, CODE(0), 0},
    {NEW_TASK,    103, DATA(0), 0},
    {LDT_TARGET,  103, DESC_P | DESC_TYPE_TSS32_AVAIL, 0},
    {OUTSIDE,     103, DESC_P | DESC_TYPE_TSS32_AVAIL, 0},
    {0,           103, DESC_P | DESC_TYPE_TSS32_AVAIL, 0},
    {2,           103, DESC_P | DESC_TYPE_TSS32_AVAIL, 0},
};
enum { TASKS = sizeof(tasks) / sizeof(tasks[0]) };
/* clang-format on */

/* ---- the stack it is about: of the TSS for an inner level, else the one in use ---- */

typedef struct stack {
    uint16_t selector; /* its RPL, and the descriptor's DPL, are the new level's: */
    uint8_t rpl, dpl;  /* unless this is added to them                            */
    uint8_t access, flags;
    uint32_t limit, pointer;
    int tss; /* added to the limit of a TSS that just holds the slot */
} stack_t;

/* clang-format off */
static const stack_t stacks[] = {
    {STACK, 0, 0, DATA(0), FLAGS_32, 0xFFFFF, STACK_TOP, 0},
    {STACK, 0, 0, DATA(0), FLAGS_32, 0xFFFFF, STACK_TOP, -1},
    {STACK, 0, 0, DATA(0), FLAGS_32, 0xFFFFF, STACK_TOP + 3, 0},
    {STACK, 0, 0, DATA(0), DESC_FLAG_G, 0xFFFFF, STACK_TOP, 0},              /* 16-bit SP */
    {STACK, 0, 0, DATA(0), DESC_FLAG_G, 0xFFFFF, 0xABCD0000 | STACK_TOP, 0},
    {0, 0, 0, DATA(0), FLAGS_32, 0xFFFFF, STACK_TOP, 0},
    {OUTSIDE, 0, 0, DATA(0), FLAGS_32, 0xFFFFF, STACK_TOP, 0},
    {LDT_OUTSIDE, 0, 0, DATA(0), FLAGS_32, 0xFFFFF, STACK_TOP, 0},
    {STACK, 1, 0, DATA(0), FLAGS_32, 0xFFFFF, STACK_TOP, 0},
    {STACK, 0, 1, DATA(0), FLAGS_32, 0xFFFFF, STACK_TOP, 0},
    {STACK, 1, 1, DATA(0), FLAGS_32, 0xFFFFF, STACK_TOP, 0},
    {STACK, 0, 0, NOT_PRESENT(DATA(0)), FLAGS_32, 0xFFFFF, STACK_TOP, 0},
    {STACK, 0, 1, NOT_PRESENT(DATA(0)), FLAGS_32, 0xFFFFF, STACK_TOP, 0},
    {STACK, 0, 0, DESC_P | DESC_S, FLAGS_32, 0xFFFFF, STACK_TOP, 0},         /* read-only */
    {STACK, 0, 0, CODE(0), FLAGS_32, 0xFFFFF, STACK_TOP, 0},
    {STACK, 0, 0, DESC_P | DESC_TYPE_LDT, FLAGS_32, 0xFFFFF, STACK_TOP, 0},
    {STACK, 0, 0, DATA(0), DESC_FLAG_DB, STACK_TOP - 1, STACK_TOP, 0},       /* just inside */
    {STACK, 0, 0, DATA(0), DESC_FLAG_DB, STACK_TOP - 2, STACK_TOP, 0},
    {STACK, 0, 0, DATA(0), DESC_FLAG_DB, 0xFFFFF, 40, 0},                    /* room for 40, */
    {STACK, 0, 0, DATA(0), DESC_FLAG_DB, 0xFFFFF, 24, 0},                    /* 24, ...      */
    {STACK, 0, 0, DATA(0), DESC_FLAG_DB, 0xFFFFF, 23, 0},
    {STACK, 0, 0, DATA(0), DESC_FLAG_DB, 0xFFFFF, 20, 0},
    {STACK, 0, 0, DATA(0), DESC_FLAG_DB, 0xFFFFF, 19, 0},
    {STACK, 0, 0, DATA(0), DESC_FLAG_DB, 0xFFFFF, 12, 0},
    {STACK, 0, 0, DATA(0), DESC_FLAG_DB, 0xFFFFF, 11, 0},
    {STACK, 0, 0, DATA(0), DESC_FLAG_DB, 0xFFFFF, 5, 0},
    {STACK, 0, 0, DATA(0) | DESC_EXPANDDOWN, DESC_FLAG_DB, STACK_TOP - 41, STACK_TOP, 0},
    {STACK, 0, 0, DATA(0) | DESC_EXPANDDOWN, DESC_FLAG_DB, STACK_TOP - 40, STACK_TOP, 0},
    {STACK, 0, 0, DATA(0) | DESC_EXPANDDOWN, DESC_FLAG_DB, STACK_TOP - 25, STACK_TOP, 0},
    {STACK, 0, 0, DATA(0) | DESC_EXPANDDOWN, DESC_FLAG_DB, STACK_TOP - 20, STACK_TOP, 0},
    {STACK, 0, 0, DATA(0) | DESC_EXPANDDOWN, DESC_FLAG_DB, STACK_TOP - 12, STACK_TOP, 0},
    {STACK, 0, 0, DATA(0) | DESC_EXPANDDOWN, 0, STACK_TOP - 13, STACK_TOP, 0},
};
enum { STACKS = sizeof(stacks) / sizeof(stacks[0]) };
/* clang-format on */

/* ---- the world ---- */

static uint8_t memory[MODEL_MEMORY]; /* the library's */
static model_t model;

static void poke(uint64_t at, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        memory[at + i] = (uint8_t)(value >> 8 * i);
}

static void set_descriptor(unsigned selector, uint64_t raw)
{
    poke((selector & SELECTOR_TI ? LDT : GDT) + (selector & ~7u), raw, 8);
}

static void set_new_task(void)
{
    static const uint16_t segments[] = {DATA0, CODE0, DATA0, DATA0, 0, 0}; /* ES CS SS DS FS GS */

    poke(NEW_TSS + 32, HANDLER, 4);
    poke(NEW_TSS + 36, EFLAGS_RESERVED | EFLAGS_IF, 4);
    for (unsigned i = 0; i < 8; i++)
        poke(NEW_TSS + 40 + 4 * i, 0x51000000 + i, 4);
    poke(NEW_TSS + 40 + 4 * IRQSIM_ESP, NEW_STACK, 4);
    for (unsigned i = 0; i < 6; i++)
        poke(NEW_TSS + 72 + 4 * i, segments[i], 2);
}

static void set_world(irqsim_cpu_mode_t mode, unsigned cpl)
{
    memset(memory, 0, sizeof(memory));
    memset(&model.cpu, 0, sizeof(model.cpu));
    set_descriptor(CODE0, DESC_FLAT_CODE32(0));
    set_descriptor(DATA0, DESC_FLAT_DATA32(0));
    set_new_task();
    model.cpu = (irqsim_cpustate_t){
        .ip = 0x5678,
        .sp = OLD_STACK,
        .flags = EFLAGS_RESERVED | EFLAGS_CF | EFLAGS_TF | EFLAGS_IF | EFLAGS_DF | EFLAGS_NT |
                 EFLAGS_RF | EFLAGS_AC,
        .idtr = {IDT, 256 * (mode == IRQSIM_MODE_LONG ? 16 : 8) - 1, 0, 0},
        .gdtr = {GDT, GDT_LIMIT, 0, 0},
        .ldtr = {LDT, LDT_LIMIT, 0, 0},
        .tr = {TSS, 103, TSS_SELECTOR, 0xB},
        .cs = (uint16_t)(CODE0 | cpl),
        .ss = (uint16_t)(DATA0 | cpl),
        .ds = 0x33,
        .es = 0x43,
        .fs = 0x53,
        .gs = 0x63,
        .cpl = (uint8_t)cpl,
        .mode = (uint8_t)mode,
    };
    for (unsigned i = 0; i < 8; i++)
        model.cpu.gpr[i] = i == IRQSIM_ESP ? 0 : 0x61000000 + i;
}

static void set_gate(unsigned type, unsigned dpl, unsigned present, unsigned selector)
{
    const unsigned access = type | dpl << 5 | present << 7;
    const unsigned bytes = model.cpu.mode == IRQSIM_MODE_LONG ? 16 : 8;
    poke(IDT + bytes * VECTOR, DESC_GATE(HANDLER, selector, access), 8);
}

static void set_target(const target_t *target, uint32_t base)
{
    if (target->selector < OUTSIDE && target->selector != LDT_OUTSIDE && target->selector > 3)
        set_descriptor(target->selector,
                       DESC_SEGMENT(base, target->limit, target->access, target->flags));
}

/* For handlers of `level`, by a 16- or 32-bit TSS. */
static void set_stack(const stack_t *stack, unsigned level, unsigned tss_type)
{
    const bool is16 = tss_type < 8;
    const unsigned access = (stack->access & ~DESC_DPL_M) | DESC_DPL((level + stack->dpl) & 3);
    const uint64_t raw = DESC_SEGMENT(0, stack->limit, access, stack->flags);
    const unsigned selector = stack->selector ? stack->selector | ((level + stack->rpl) & 3) : 0;
    const unsigned slot = is16 ? 2 + 4 * level : 4 + 8 * level, wide = is16 ? 2 : 4;

    set_descriptor(STACK, raw);
    poke(TSS + slot, stack->pointer, wide);
    poke(TSS + slot + wide, selector, 2);
    model.cpu.tr.type = (uint16_t)tss_type;
    model.cpu.tr.limit = (uint32_t)((int)(slot + wide + 1) + stack->tss);
    /* A stack in use was once loaded: it is one that can be. */
    if (stack->selector == STACK && !stack->rpl && !stack->dpl &&
        (stack->access & ~DESC_EXPANDDOWN) == DATA(0)) {
        model.cpu.ss_desc = raw;
        model.cpu.sp = stack->pointer;
    }
}

/* ---- the comparison ---- */

static bool read_memory(void *user, uint64_t addr, void *dst, unsigned size)
{
    (void)user;
    for (unsigned i = 0; i < size; i++)
        ((uint8_t *)dst)[i] = memory[(addr + i) % MODEL_MEMORY];
    return true;
}

static bool write_memory(void *user, uint64_t addr, const void *src, unsigned size)
{
    (void)user;
    for (unsigned i = 0; i < size; i++)
        memory[(addr + i) % MODEL_MEMORY] = ((const uint8_t *)src)[i];
    return true;
}

static bool same_result(const irqsim_outcome_t *out, bool delivered)
{
    if (!delivered)
        return !out->delivered && !out->task && !out->bus_error && out->vector == model.vector &&
               out->error == model.error;
    return out->delivered && out->inner == (model.task ? out->inner : model.inner) &&
           out->frame == model.pushed && out->task == model.task &&
           (model.pushed == 0 || out->slot == model.slot);
}

static bool same_registers(irqsim_cpustate_t *cpu)
{
    if (cpu->mode == IRQSIM_MODE_LONG) /* nobody looks at it there */
        cpu->ss_desc = model.cpu.ss_desc;
    if (model.task) /* available or busy, it is a 32-bit TSS */
        cpu->tr.type = model.cpu.tr.type = (uint16_t)(cpu->tr.type | 2);
    cpu->gpr[IRQSIM_ESP] = model.cpu.gpr[IRQSIM_ESP]; /* unused */
    return memcmp(cpu, &model.cpu, sizeof(*cpu)) == 0;
}

/* NULL, or what differs. */
static const char *compare(void)
{
    static char text[160];
    const irqsim_mem_t mem = {.read = read_memory, .write = write_memory};
    irqsim_cpustate_t cpu = model.cpu;
    irqsim_outcome_t out;

    memcpy(model.memory, memory, sizeof(memory));
    const bool delivered = model_deliver(&model);
    irqsim_idt_deliver(&cpu, &mem, &model.ev, &out);
    const char *what = !same_result(&out, delivered)                       ? "result"
                       : !same_registers(&cpu)                             ? "registers"
                       : memcmp(memory, model.memory, sizeof(memory)) != 0 ? "memory"
                                                                           : NULL;
    if (!what)
        return NULL;
    snprintf(text, sizeof(text),
             "%s: model %s vector %u error %X frame %u, library %s vector %u error %X frame %u",
             what, delivered ? "ok" : "failed", model.vector, (unsigned)model.error, model.pushed,
             out.delivered ? "ok" : "failed", out.vector, (unsigned)out.error, out.frame);
    return text;
}

static void set_event(unsigned kind, bool with_error)
{
    model.ev = (irqsim_delivery_t){.vector = VECTOR, .kind = (uint8_t)kind};
    if (kind == IRQSIM_KIND_EXCEPTION) {
        model.ev.has_error = with_error;
        model.ev.error = with_error ? 0xFEDC : 0;
        model.ev.set_rf = 1;
    }
}

/* ---- protected mode ---- */

/* Every type of gate, with every target; the stack is good. */
START_TEST(cpu_31_to_39_every_gate_and_target)
{
    for (unsigned n = 0; n < 32u * 4 * 2 * 4 * TARGETS; n++) {
        const unsigned type = all_types[n & 31], dpl = n >> 5 & 3, present = n >> 7 & 1;
        const unsigned cpl = n >> 8 & 3;
        const target_t *target = &targets[n >> 10];

        set_world(IRQSIM_MODE_PROTECTED, cpl);
        if (type == DESC_TYPE_TASK_GATE)
            continue; /* below */
        set_gate(type, dpl, present, target->selector);
        set_target(target, 0);
        set_stack(&stacks[0], target->access >> 5 & 3, DESC_TYPE_TSS32_BUSY);
        set_event((unsigned)_i, false);
        const char *difference = compare();
        if (difference)
            ck_abort_msg("kind %d cpl %u gate %02X dpl %u p %u target %u: %s", _i, cpl, type, dpl,
                         present, n >> 10, difference);
    }
}
END_TEST

/* Every stack, with every gate and target that gets so far. */
START_TEST(cpu_40_to_46_every_stack)
{
    static const uint8_t types[] = {6, 7, 0xE, 0xF};
    static const uint8_t tss_types[] = {DESC_TYPE_TSS32_BUSY, DESC_TYPE_TSS16_BUSY};

    for (unsigned n = 0; n < 4u * 4 * 2 * 2 * TARGETS * STACKS; n++) {
        const unsigned type = types[n & 3], cpl = n >> 2 & 3, tss = n >> 4 & 1, error = n >> 5 & 1;
        const target_t *target = &targets[(n >> 6) % TARGETS];
        const stack_t *stack = &stacks[(n >> 6) / TARGETS];

        set_world(IRQSIM_MODE_PROTECTED, cpl);
        set_gate(type, 3, 1, target->selector);
        set_target(target, 0);
        if ((target->access >> 5 & 3) < 3) /* a TSS has no stack of level 3 */
            set_stack(stack, target->access >> 5 & 3, tss_types[tss]);
        set_event((unsigned)_i, error);
        const char *difference = compare();
        if (difference)
            ck_abort_msg("kind %d cpl %u gate %02X tss %u error %u target %u stack %u: %s", _i, cpl,
                         type, tss_types[tss], error, (n >> 6) % TARGETS, (n >> 6) / TARGETS,
                         difference);
    }
}
END_TEST

/* Every limit of the IDT up to some bytes behind the entry. */
START_TEST(cpu_30_every_limit_lm_01)
{
    const irqsim_cpu_mode_t mode = _i < KINDS ? IRQSIM_MODE_PROTECTED : IRQSIM_MODE_LONG;
    const bool is64 = mode == IRQSIM_MODE_LONG;
    const target_t code = {TARGET, 0xFFFFF, CODE(0),
                           DESC_FLAG_G | (is64 ? DESC_FLAG_L : DESC_FLAG_DB)};

    for (unsigned limit = 0; limit < 16 * VECTOR + 40; limit++) {
        set_world(mode, 3);
        model.cpu.code64 = is64;
        set_gate(0xE, 3, 1, TARGET);
        set_target(&code, 0);
        if (is64)
            poke(TSS + 4, STACK_TOP, 8);
        else
            set_stack(&stacks[0], 0, DESC_TYPE_TSS32_BUSY);
        model.cpu.idtr.limit = limit;
        set_event((unsigned)_i % KINDS, false);
        const char *difference = compare();
        if (difference)
            ck_abort_msg("mode %d kind %d limit %u: %s", mode, _i % KINDS, limit, difference);
    }
}
END_TEST

START_TEST(cpu_49_every_task_gate)
{
    for (unsigned n = 0; n < 4u * 2 * 4 * 2 * 2 * TASKS; n++) {
        const unsigned dpl = n & 3, present = n >> 2 & 1, error = n >> 5 & 1, v86 = n >> 6 & 1;
        const unsigned cpl = v86 ? 3 : n >> 3 & 3;
        const target_t *task = &tasks[n >> 7];

        set_world(v86 ? IRQSIM_MODE_V86 : IRQSIM_MODE_PROTECTED, cpl);
        if (v86)
            model.cpu.flags |= EFLAGS_VM | EFLAGS_IOPL(3);
        set_gate(DESC_TYPE_TASK_GATE, dpl, present, task->selector);
        set_target(task, NEW_TSS);
        set_descriptor(TSS_SELECTOR, DESC_SEGMENT(TSS, 103, DESC_P | DESC_TYPE_TSS32_BUSY, 0));
        set_event((unsigned)_i, error);
        const char *difference = compare();
        if (difference)
            ck_abort_msg("kind %d cpl %u v86 %u gate dpl %u p %u error %u task %u: %s", _i, cpl,
                         v86, dpl, present, error, n >> 7, difference);
    }
}
END_TEST

/* ---- V86 ---- */

START_TEST(cpu_39_every_gate_and_target_from_v86)
{
    for (unsigned n = 0; n < 32u * 4 * 2 * 4 * 2 * TARGETS; n++) {
        const unsigned type = all_types[n & 31], dpl = n >> 5 & 3, present = n >> 7 & 1;
        const unsigned iopl = n >> 8 & 3, error = n >> 10 & 1;
        const target_t *target = &targets[n >> 11];

        if (type == DESC_TYPE_TASK_GATE)
            continue;
        set_world(IRQSIM_MODE_V86, 3);
        model.cpu.flags |= EFLAGS_VM | EFLAGS_IOPL(iopl);
        set_gate(type, dpl, present, target->selector);
        set_target(target, 0);
        set_stack(&stacks[0], target->access >> 5 & 3, DESC_TYPE_TSS32_BUSY);
        set_event((unsigned)_i, error);
        const char *difference = compare();
        if (difference)
            ck_abort_msg("kind %d iopl %u gate %02X dpl %u p %u error %u target %u: %s", _i, iopl,
                         type, dpl, present, error, n >> 11, difference);
    }
}
END_TEST

START_TEST(cpu_46_every_stack_from_v86)
{
    static const uint8_t types[] = {6, 7, 0xE, 0xF};
    static const uint8_t tss_types[] = {DESC_TYPE_TSS32_BUSY, DESC_TYPE_TSS16_BUSY};

    for (unsigned n = 0; n < 4u * 2 * 2 * STACKS; n++) {
        const unsigned type = types[n & 3], tss = n >> 2 & 1, error = n >> 3 & 1;

        set_world(IRQSIM_MODE_V86, 3);
        model.cpu.flags |= EFLAGS_VM | EFLAGS_IOPL(3);
        set_gate(type, 3, 1, TARGET);
        set_target(&targets[0], 0);
        set_stack(&stacks[n >> 4], 0, tss_types[tss]);
        model.cpu.ss_desc = 0;
        model.cpu.sp = 0x800;
        set_event((unsigned)_i, error);
        const char *difference = compare();
        if (difference)
            ck_abort_msg("kind %d gate %02X tss %u error %u stack %u: %s", _i, type, tss_types[tss],
                         error, n >> 4, difference);
    }
}
END_TEST

/* ---- real mode ---- */

START_TEST(cpu_56_every_vector_and_limit)
{
    for (unsigned n = 0; n < 256u * 1024; n++) {
        const unsigned vector = n & 255, limit = n >> 8;

        set_world(IRQSIM_MODE_REAL, 0);
        model.cpu.cs = 0x123;
        model.cpu.ss = 0x100;
        model.cpu.sp = vector * 4; /* around the segment's end when it is 2 or 4 */
        for (unsigned v = 0; v < 256; v++)
            poke(IDT + 4 * v, 0x10000 * (0x1000 + v) + 0x2000 + v, 4);
        model.cpu.idtr.limit = limit;
        set_event((unsigned)_i, false);
        model.ev.vector = (uint8_t)vector;
        const char *difference = compare();
        if (difference)
            ck_abort_msg("kind %d vector %u limit %X: %s", _i, vector, limit, difference);
    }
}
END_TEST

/* ---- long mode ---- */

/* _i: the kind, from compatibility mode and then from 64-bit code */
START_TEST(lm_01_to_03_every_gate_and_target)
{
    for (unsigned n = 0; n < 32u * 4 * 2 * 4 * 2 * TARGETS; n++) {
        const unsigned type = all_types[n & 31], dpl = n >> 5 & 3, present = n >> 7 & 1;
        const unsigned cpl = n >> 8 & 3, error = n >> 10 & 1;
        const target_t *target = &targets[n >> 11];

        set_world(IRQSIM_MODE_LONG, cpl);
        model.cpu.code64 = _i >= KINDS;
        set_gate(type, dpl, present, target->selector);
        set_target(target, 0);
        for (unsigned level = 0; level < 3; level++)
            poke(TSS + 4 + 8 * level, STACK_TOP, 8);
        set_event((unsigned)_i % KINDS, error);
        const char *difference = compare();
        if (difference)
            ck_abort_msg("kind and mode %d cpl %u gate %02X dpl %u p %u error %u target %u: %s", _i,
                         cpl, type, dpl, present, error, n >> 11, difference);
    }
}
END_TEST

/* Every IST, every alignment, limits of the TSS, pointers and targets that are not canonical. */
START_TEST(lm_04_to_08_every_stack)
{
    static const uint32_t high[] = {0, 0x7FFF, 0x8000, 0xFFFF7FFF, 0xFFFF8000, 0xFFFFFFFF};
    enum { HIGHS = sizeof(high) / sizeof(high[0]) };
    const uint64_t code = DESC_SEGMENT(0, 0, CODE(0), DESC_FLAG_L);

    for (unsigned n = 0; n < 8u * 16 * 2 * 2 * 2 * HIGHS * HIGHS; n++) {
        const unsigned ist = n & 7, offset = n >> 3 & 15, user = n >> 7 & 1, code64 = n >> 8 & 1;
        const unsigned short_tss = n >> 9 & 1;
        const uint64_t pointer = (uint64_t)high[(n >> 10) % HIGHS] << 32;
        const uint64_t handler = (uint64_t)high[(n >> 10) / HIGHS] << 32 | HANDLER;
        const unsigned slot = ist ? 0x24 + 8 * (ist - 1) : 4;

        set_world(IRQSIM_MODE_LONG, user ? 3 : 0);
        model.cpu.code64 = (uint8_t)code64; /* else the high half of RSP means nothing */
        set_descriptor(TARGET, code);
        set_gate(0xE, 3, 1, TARGET);
        memory[IDT + 16 * VECTOR + 4] = (uint8_t)ist;
        poke(IDT + 16 * VECTOR + 8, handler >> 32, 4);
        poke(TSS + slot, pointer | (STACK_TOP + offset), 8);
        if (!user)
            model.cpu.sp = pointer | (OLD_STACK + offset);
        model.cpu.tr.limit = slot + 7 - short_tss;
        set_event((unsigned)_i, n & 1);
        const char *difference = compare();
        if (difference)
            ck_abort_msg(
                "kind %d ist %u offset %u user %u code64 %u short %u stack %X handler %X: %s", _i,
                ist, offset, user, code64, short_tss, high[(n >> 10) % HIGHS],
                high[(n >> 10) / HIGHS], difference);
    }
}
END_TEST

UNIT_MAIN("idt model", UNIT_LOOP(cpu_31_to_39_every_gate_and_target, 0, KINDS),
          UNIT_LOOP(cpu_40_to_46_every_stack, 0, KINDS),
          UNIT_LOOP(cpu_30_every_limit_lm_01, 0, 2 * KINDS),
          UNIT_LOOP(cpu_49_every_task_gate, 0, KINDS),
          UNIT_LOOP(cpu_39_every_gate_and_target_from_v86, 0, KINDS),
          UNIT_LOOP(cpu_46_every_stack_from_v86, 0, KINDS),
          UNIT_LOOP(cpu_56_every_vector_and_limit, 0, KINDS),
          UNIT_LOOP(lm_01_to_03_every_gate_and_target, 0, 2 * KINDS),
          UNIT_LOOP(lm_04_to_08_every_stack, 0, KINDS))
