/* SPDX-License-Identifier: MIT */
/*
 * idt_model.h - delivery of an event, as slow and as plain as the rules say it
 *
 * An oracle for lib/idt that shares nothing with it but the structs of its
 * interface: written from CPU-30..56 and LM-01..08, one check after the other,
 * every table read anew byte by byte. The 16 KiB of memory repeat everywhere, so
 * that no access is refused (no #PF).
 */
#ifndef IRQSIM_TESTS_IDT_MODEL_H
#define IRQSIM_TESTS_IDT_MODEL_H

#include <irqsim/idt.h>
#include <irqsim/regs/idt_regs.h>

#include <string.h>

enum { MODEL_MEMORY = 0x4000 };

typedef struct model {
    irqsim_cpustate_t cpu;
    uint8_t memory[MODEL_MEMORY];
    irqsim_delivery_t ev;
    unsigned ext;    /* CPU-25 */
    unsigned vector; /* what delivery raised, and its error code */
    uint32_t error;
    unsigned inner, slot, pushed; /* when delivered: inner stack, width, bytes */
    uint16_t task;
} model_t;

/* ---- memory and failures ---- */

static inline uint64_t model_read(const model_t *m, uint64_t at, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t)m->memory[(at + i) % MODEL_MEMORY] << 8 * i;
    return value;
}

static inline void model_write(model_t *m, uint64_t at, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        m->memory[(at + i) % MODEL_MEMORY] = (uint8_t)(value >> 8 * i);
}

static inline bool model_raise(model_t *m, unsigned vector, uint32_t error)
{
    m->vector = vector;
    m->error = error;
    return false;
}

/* CPU-23: index and TI of the selector, EXT. */
static inline bool model_raise_selector(model_t *m, unsigned vector, unsigned selector)
{
    return model_raise(m, vector, (selector & 0xFFFC) + m->ext);
}

static inline bool model_raise_gate(model_t *m, unsigned vector)
{
    return model_raise(m, vector, m->ev.vector * 8u + 2 + m->ext);
}

/* CPU-32: INT n, INT3 and INTO are the program's own, all else is not. */
static inline bool model_by_program(const model_t *m)
{
    return m->ev.kind == IRQSIM_KIND_SOFTWARE || m->ev.kind == IRQSIM_KIND_INT3 ||
           m->ev.kind == IRQSIM_KIND_INTO;
}

static inline bool model_canonical(uint64_t address)
{
    return address <= 0x7FFFFFFFFFFF || address >= 0xFFFF800000000000;
}

/* ---- descriptors ---- */

typedef struct model_segment {
    uint64_t raw;
    uint64_t base, limit; /* limit in bytes, last one inside */
    unsigned type;        /* S and type: 00..1F              */
    unsigned dpl, present, big, long_code;
} model_segment_t;

static inline model_segment_t model_segment(uint64_t raw)
{
    model_segment_t s = {.raw = raw};
    s.base = (raw >> 16 & 0xFFFFFF) | (raw >> 56 & 0xFF) << 24;
    s.limit = (raw & 0xFFFF) | (raw >> 48 & 0xF) << 16;
    if (raw >> 55 & 1)
        s.limit = s.limit * 4096 + 4095;
    s.type = raw >> 40 & 0x1F;
    s.dpl = raw >> 45 & 3;
    s.present = raw >> 47 & 1;
    s.big = raw >> 54 & 1;
    s.long_code = raw >> 53 & 1;
    return s;
}

static inline bool model_is_code(const model_segment_t *s)
{
    return s->type >= 0x18;
}

static inline bool model_is_conforming(const model_segment_t *s)
{
    return (s->type & 0x1C) == 0x1C;
}

static inline bool model_is_writable(const model_segment_t *s)
{
    return (s->type & 0x1A) == 0x12;
}

static inline bool model_is_null(unsigned selector)
{
    return selector < 4;
}

/* false: the selector is outside its table. */
static inline bool model_find(const model_t *m, unsigned selector, model_segment_t *s)
{
    const irqsim_dtr_t *table = selector & 4 ? &m->cpu.ldtr : &m->cpu.gdtr;
    const unsigned at = selector & 0xFFF8;
    if (table->limit == 0 || at + 7 > table->limit)
        return false;
    *s = model_segment(model_read(m, table->base + at, 8));
    return true;
}

/* ---- the gate: CPU-30..33 ---- */

static inline bool model_gate(model_t *m, irqsim_gate_t *gate)
{
    const bool is64 = m->cpu.mode == IRQSIM_MODE_LONG;
    const unsigned bytes = is64 ? 16 : 8; /* LM-01 */
    const unsigned at = m->ev.vector * bytes;

    if (at + bytes - 1 > m->cpu.idtr.limit) /* CPU-30 */
        return model_raise_gate(m, 13);
    const uint64_t raw = model_read(m, m->cpu.idtr.base + at, 8);
    gate->offset = (raw & 0xFFFF) | (raw >> 48) << 16;
    gate->selector = (uint16_t)(raw >> 16);
    gate->ist = 0;
    gate->type = raw >> 40 & 0x1F;
    gate->dpl = raw >> 45 & 3;
    gate->present = raw >> 47 & 1;
    if (is64) {
        gate->offset |= model_read(m, m->cpu.idtr.base + at + 8, 4) << 32;
        gate->ist = raw >> 32 & 7;
    }

    const bool both = gate->type == 0xE || gate->type == 0xF;
    const bool only32 = gate->type == 5 || gate->type == 6 || gate->type == 7;
    if (!both && (is64 || !only32)) /* CPU-31, LM-02 */
        return model_raise_gate(m, 13);
    if (model_by_program(m) && gate->dpl < m->cpu.cpl) /* CPU-32 */
        return model_raise_gate(m, 13);
    if (!gate->present) /* CPU-33 */
        return model_raise_gate(m, 11);
    return true;
}

/* ---- the code segment: CPU-34..39 ---- */

static inline bool model_code(model_t *m, unsigned selector, model_segment_t *code, unsigned *level)
{
    if (model_is_null(selector)) /* CPU-34 */
        return model_raise(m, 13, m->ext);
    if (!model_find(m, selector, code)) /* CPU-35 */
        return model_raise_selector(m, 13, selector);
    if (!model_is_code(code) || code->dpl > m->cpu.cpl) /* CPU-36 */
        return model_raise_selector(m, 13, selector);
    if (m->cpu.mode == IRQSIM_MODE_LONG && (!code->long_code || code->big)) /* LM-03 */
        return model_raise_selector(m, 13, selector);
    if (!code->present) /* CPU-37 */
        return model_raise_selector(m, 11, selector);
    *level = model_is_conforming(code) ? m->cpu.cpl : code->dpl; /* CPU-38 */
    if (m->cpu.mode == IRQSIM_MODE_V86 &&                        /* CPU-39 */
        (model_is_conforming(code) || code->dpl != 0))
        return model_raise_selector(m, 13, selector);
    return true;
}

/* ---- the stack: CPU-40..43, LM-04, LM-05 ---- */

typedef struct model_stack {
    uint16_t selector;
    uint64_t pointer;
    model_segment_t segment;
} model_stack_t;

static inline bool model_inner_stack(model_t *m, unsigned level, model_stack_t *stack)
{
    const bool is16 = m->cpu.tr.type == 1 || m->cpu.tr.type == 3;
    const unsigned at = is16 ? 2 + 4 * level : 4 + 8 * level;
    const unsigned wide = is16 ? 2 : 4;

    if (at + wide + 1 > m->cpu.tr.limit) /* CPU-40 */
        return model_raise_selector(m, 10, m->cpu.tr.selector);
    stack->pointer = model_read(m, m->cpu.tr.base + at, wide);
    stack->selector = (uint16_t)model_read(m, m->cpu.tr.base + at + wide, 2);
    if (model_is_null(stack->selector)) /* CPU-41 */
        return model_raise(m, 10, m->ext);
    if (!model_find(m, stack->selector, &stack->segment) || (stack->selector & 3) != level ||
        stack->segment.dpl != level || !model_is_writable(&stack->segment))
        return model_raise_selector(m, 10, stack->selector);
    if (!stack->segment.present) /* CPU-42 */
        return model_raise_selector(m, 12, stack->selector);
    return true;
}

/* CPU-43: is every byte of the `bytes` below the pointer inside the segment? A frame
 * that runs around its end is not (policy). */
static inline bool model_has_room(const model_stack_t *stack, unsigned bytes)
{
    const model_segment_t *s = &stack->segment;
    const uint64_t last = s->big ? 0xFFFFFFFF : 0xFFFF;
    const uint64_t from = (stack->pointer - bytes) & last, to = from + bytes - 1;
    const bool expand_down = (s->type & 4) != 0;

    if (to > last)
        return false;
    return expand_down ? from > s->limit : to <= s->limit;
}

/* ---- the frame: CPU-45..48, LM-06 ---- */

static inline void model_push(model_t *m, const model_stack_t *stack, uint64_t value)
{
    const uint64_t all = stack->segment.long_code ? UINT64_MAX
                         : stack->segment.big     ? 0xFFFFFFFF
                                                  : 0xFFFF;
    m->cpu.sp = (m->cpu.sp & ~all) | ((m->cpu.sp - m->slot) & all);
    m->pushed += m->slot;
    model_write(m, stack->segment.base + (m->cpu.sp & all), value, m->slot);
}

static inline void model_enter(model_t *m, const irqsim_gate_t *gate, unsigned level)
{
    m->cpu.flags &= ~(IRQSIM_FL_TF | IRQSIM_FL_NT | IRQSIM_FL_RF | IRQSIM_FL_VM); /* CPU-51, 52 */
    if (gate->type == 6 || gate->type == 0xE)                                     /* CPU-50 */
        m->cpu.flags &= ~IRQSIM_FL_IF;
    m->cpu.cpl = (uint8_t)level;
    m->cpu.cs = (uint16_t)((gate->selector & ~3u) | level);
    m->cpu.ip = gate->offset;
}

/* LM-10: compatibility mode has the low halves alone. */
static inline bool model_is_compatible(const model_t *m)
{
    return m->cpu.mode == IRQSIM_MODE_LONG && !m->cpu.code64;
}

static inline void model_push_frame(model_t *m, const model_stack_t *stack, bool with_stack)
{
    irqsim_cpustate_t old = m->cpu;
    const bool v86 = old.mode == IRQSIM_MODE_V86;

    if (model_is_compatible(m)) {
        old.ip &= 0xFFFFFFFF;
        old.sp &= 0xFFFFFFFF;
    }
    m->cpu.sp = stack->pointer;
    if (v86) { /* CPU-46 */
        model_push(m, stack, old.gs);
        model_push(m, stack, old.fs);
        model_push(m, stack, old.ds);
        model_push(m, stack, old.es);
    }
    if (with_stack) {
        model_push(m, stack, old.ss);
        model_push(m, stack, old.sp);
    }
    model_push(m, stack, old.flags | (m->ev.set_rf ? IRQSIM_FL_RF : 0)); /* CPU-47, 53 */
    model_push(m, stack, old.cs);
    model_push(m, stack, old.ip);
    if (m->ev.has_error)
        model_push(m, stack, m->ev.error);
}

/* ---- protected mode and V86 ---- */

static inline bool model_task_gate(model_t *m, unsigned selector);

static inline bool model_deliver_protected(model_t *m)
{
    irqsim_gate_t gate;
    model_segment_t code;
    model_stack_t stack;
    unsigned level;

    if (!model_gate(m, &gate))
        return false;
    if (gate.type == 5)
        return model_task_gate(m, gate.selector);
    if (!model_code(m, gate.selector, &code, &level))
        return false;

    const bool v86 = m->cpu.mode == IRQSIM_MODE_V86;
    m->inner = level != m->cpu.cpl;
    m->slot = gate.type >= 0xE ? 4 : 2;
    if (m->slot == 2)
        gate.offset &= 0xFFFF;
    const unsigned bytes = ((m->inner ? 5u : 3u) + (v86 ? 4 : 0) + m->ev.has_error) * m->slot;
    stack.selector = m->cpu.ss;
    stack.pointer = m->cpu.sp;
    stack.segment = model_segment(m->cpu.ss_desc ? m->cpu.ss_desc : DESC_FLAT_DATA32(0));
    if (m->inner && !model_inner_stack(m, level, &stack))
        return false;
    stack.segment.long_code = 0;        /* that bit says nothing about data */
    if (!model_has_room(&stack, bytes)) /* CPU-43 */
        return model_raise_selector(m, 12, m->inner ? stack.selector : 0);
    if (gate.offset > code.limit) /* CPU-44 */
        return model_raise(m, 13, m->ext);

    model_push_frame(m, &stack, m->inner);
    if (m->inner) {
        m->cpu.ss = stack.selector;
        m->cpu.ss_desc = stack.segment.raw;
    }
    if (v86) {
        m->cpu.ds = m->cpu.es = m->cpu.fs = m->cpu.gs = 0;
        m->cpu.mode = IRQSIM_MODE_PROTECTED;
    }
    model_enter(m, &gate, level);
    return true;
}

/* ---- task gates: CPU-49 ---- */

static inline void model_save_task(model_t *m)
{
    const irqsim_cpustate_t *c = &m->cpu;
    const uint64_t at = c->tr.base;
    const uint16_t segments[] = {c->es, c->cs, c->ss, c->ds, c->fs, c->gs};

    model_write(m, at + 32, c->ip, 4);
    model_write(m, at + 36, c->flags | (m->ev.set_rf ? IRQSIM_FL_RF : 0), 4);
    for (unsigned i = 0; i < 8; i++)
        model_write(m, at + 40 + 4 * i, i == IRQSIM_ESP ? c->sp : c->gpr[i], 4);
    for (unsigned i = 0; i < 6; i++)
        model_write(m, at + 72 + 4 * i, segments[i], 2);
}

static inline void model_load_task(model_t *m, uint64_t at)
{
    irqsim_cpustate_t *c = &m->cpu;

    c->ip = model_read(m, at + 32, 4);
    c->flags = model_read(m, at + 36, 4) | IRQSIM_FL_NT;
    for (unsigned i = 0; i < 8; i++)
        if (i != IRQSIM_ESP)
            c->gpr[i] = (uint32_t)model_read(m, at + 40 + 4 * i, 4);
    c->sp = model_read(m, at + 40 + 4 * IRQSIM_ESP, 4);
    c->es = (uint16_t)model_read(m, at + 72, 2);
    c->cs = (uint16_t)model_read(m, at + 76, 2);
    c->ss = (uint16_t)model_read(m, at + 80, 2);
    c->ds = (uint16_t)model_read(m, at + 84, 2);
    c->fs = (uint16_t)model_read(m, at + 88, 2);
    c->gs = (uint16_t)model_read(m, at + 92, 2);
    c->ldtr = (irqsim_dtr_t){0};
    c->cpl = c->cs & 3;
    c->mode = IRQSIM_MODE_PROTECTED;
    c->ts = 1;
}

/* 32-bit TSS to 32-bit TSS; the new task's segments are good, without an LDT. */
static inline bool model_task_gate(model_t *m, unsigned selector)
{
    model_segment_t tss;

    if ((selector & 4) || !model_find(m, selector, &tss))
        return model_raise_selector(m, 13, selector);
    if (tss.type != 1 && tss.type != 9) /* busy, or no TSS */
        return model_raise_selector(m, 13, selector);
    if (!tss.present)
        return model_raise_selector(m, 11, selector);
    if (tss.limit < (tss.type == 9 ? 103u : 43u))
        return model_raise_selector(m, 10, selector);

    model_save_task(m);
    model_write(m, tss.base, m->cpu.tr.selector, 2); /* link */
    model_write(m, m->cpu.gdtr.base + (selector & 0xFFF8) + 5, 0x80 | tss.dpl << 5 | 0xB, 1);
    model_load_task(m, tss.base);
    m->cpu.tr = (irqsim_dtr_t){tss.base, (uint32_t)tss.limit, (uint16_t)selector, 0xB};
    m->task = (uint16_t)selector;

    model_stack_t stack = {.selector = m->cpu.ss, .pointer = m->cpu.sp};
    model_find(m, m->cpu.ss, &stack.segment);
    m->cpu.ss_desc = stack.segment.raw;
    m->slot = 4;
    if (m->ev.has_error)
        model_push(m, &stack, m->ev.error);
    return true;
}

/* ---- long mode: LM-01..08 ---- */

static inline bool model_long_stack(model_t *m, const irqsim_gate_t *gate, unsigned level,
                                    uint64_t *pointer)
{
    const unsigned at = gate->ist ? 0x24 + 8 * (gate->ist - 1u) : 4 + 8 * level;

    *pointer = model_is_compatible(m) ? m->cpu.sp & 0xFFFFFFFF : m->cpu.sp;
    if (gate->ist || m->inner) { /* LM-04 */
        if (at + 7 > m->cpu.tr.limit)
            return model_raise_selector(m, 10, m->cpu.tr.selector);
        *pointer = model_read(m, m->cpu.tr.base + at, 8);
    }
    if (!model_canonical(*pointer)) /* LM-05 */
        return model_raise(m, 12, m->ext);
    *pointer -= *pointer % 16;
    return true;
}

static inline bool model_deliver_long(model_t *m)
{
    irqsim_gate_t gate;
    model_segment_t code;
    model_stack_t stack = {.segment = {.long_code = 1}};
    unsigned level;

    if (!model_gate(m, &gate) || !model_code(m, gate.selector, &code, &level))
        return false;
    m->inner = level != m->cpu.cpl;
    m->slot = 8;
    if (!model_long_stack(m, &gate, level, &stack.pointer))
        return false;
    if (!model_canonical(gate.offset)) /* LM-08 */
        return model_raise(m, 13, m->ext);
    model_push_frame(m, &stack, true); /* LM-06 */
    if (m->inner)
        m->cpu.ss = (uint16_t)level; /* LM-07 */
    m->cpu.code64 = 1;
    model_enter(m, &gate, level);
    return true;
}

/* ---- real mode: CPU-56 ---- */

static inline bool model_deliver_real(model_t *m)
{
    const model_stack_t stack = {.pointer = m->cpu.sp,
                                 .segment = {.base = m->cpu.ss * 16u, .limit = 0xFFFF}};
    const unsigned at = m->ev.vector * 4u;

    if (at + 3 > m->cpu.idtr.limit)
        return model_raise(m, 13, 0);
    m->slot = 2;
    m->ev.has_error = 0;
    model_push_frame(m, &stack, false);
    m->cpu.flags &= ~(IRQSIM_FL_IF | IRQSIM_FL_TF | IRQSIM_FL_AC);
    m->cpu.ip = model_read(m, m->cpu.idtr.base + at, 2);
    m->cpu.cs = (uint16_t)model_read(m, m->cpu.idtr.base + at + 2, 2);
    return true;
}

/* ---- all of it ---- */

/* m->cpu, m->memory and m->ev are set. false: m->vector and m->error were raised and
 * nothing has changed. */
static inline bool model_deliver(model_t *m)
{
    m->inner = m->slot = m->pushed = 0;
    m->task = 0;
    m->ext = model_by_program(m) ? 0 : 1;
    if (m->cpu.mode == IRQSIM_MODE_REAL)
        return model_deliver_real(m);
    if (m->cpu.mode == IRQSIM_MODE_LONG)
        return model_deliver_long(m);
    if (m->cpu.mode == IRQSIM_MODE_V86 && m->ev.kind == IRQSIM_KIND_SOFTWARE &&
        (m->cpu.flags & IRQSIM_FL_IOPL) != IRQSIM_FL_IOPL) /* CPU-65, CPU-77 */
        return model_raise(m, 13, 0);
    return model_deliver_protected(m);
}

#endif
