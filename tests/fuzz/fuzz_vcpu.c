/* SPDX-License-Identifier: MIT */
/*
 * fuzz_vcpu.c - any program on any registers, tables and stacks, and memory that fails
 *
 * The input is a CPU's state byte for byte, made one that a CPU can be in; a program of
 * instructions, boundaries, pins and events; and a small memory that lies at 0 and below
 * the ends of the address spaces. Accesses are refused in a hole, by rights, or each n-th.
 * Every step ends in one of the few things it can, in a state that a CPU can be in, and
 * irqsim_deliver() is what irqsim_idt_deliver() and irqsim_escalate() make by turns. Seeds
 * in corpus/vcpu.
 */
#include <string.h>

#include <irqsim/regs/idt_regs.h>
#include <irqsim/vcpu.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { MEMORY = 0x2000, STEPS = 24, ACCESS_MAX = 104 };

/* What a step is; the rest are instructions. */
enum { DO_BOUNDARY, DO_PINS, DO_RAISE, DO_DELIVER, DO_KINDS = 8 };

typedef struct step {
    uint8_t what;
    uint8_t op; /* or the vector, or pins  */
    uint8_t length, size, fetch, kind;
    uint16_t cs;
    uint64_t operand; /* or the error code */
} step_t;

typedef struct guest {
    irqsim_cpustate_t regs;
    irqsim_breakpoints_t breakpoints;
    uint8_t variant, activity, missing, nmi_blocked;
    uint16_t hole, hole_end;           /* addresses that are refused        */
    uint16_t forbidden, forbidden_end; /* addresses that rights forbid ...  */
    uint8_t forbids;                   /* ... accesses with any of these    */
    uint8_t period;                    /* every n-th access fails; 0 = none */
    uint8_t accesses, vector;          /* so far; of the next acknowledge   */
    uint16_t lent;                     /* bytes at 0 that are lent          */
    uint8_t pad[2];
    step_t step[STEPS];
    uint8_t memory[MEMORY];
} guest_t;

typedef struct world {
    guest_t g;
    irqsim_cpu_t cpu;
} world_t;

/* ---- memory ---- */

/* Where in memory, or MEMORY: nowhere. The last 4 KiB of each address space are there. */
static uint64_t place(uint64_t addr)
{
    static const uint64_t last[] = {UINT32_MAX, UINT64_C(0x7FFFFFFFFFFF), UINT64_MAX};

    if (addr < MEMORY)
        return addr;
    for (unsigned i = 0; i < 3; i++)
        if (addr <= last[i] && last[i] - addr < 0x1000)
            return MEMORY - 1 - (last[i] - addr);
    return MEMORY;
}

static bool is_within(uint64_t addr, unsigned size, uint16_t from, uint16_t to)
{
    return addr < to && addr + size > from;
}

static bool is_there(world_t *w, uint64_t addr, unsigned size)
{
    guest_t *g = &w->g;

    demand(size > 0 && size <= ACCESS_MAX);
    demand(addr + size - 1 >= addr);
    demand(w->cpu.regs.mode == IRQSIM_MODE_LONG || addr + size - 1 <= UINT32_MAX);
    if (g->period && ++g->accesses % g->period == 0)
        return false;
    const uint64_t first = place(addr);
    return first < MEMORY && size <= MEMORY - first && !is_within(addr, size, g->hole, g->hole_end);
}

static bool read_guest(void *user, uint64_t addr, void *dst, unsigned size)
{
    world_t *w = user;

    if (!is_there(w, addr, size))
        return false;
    memcpy(dst, w->g.memory + place(addr), size);
    return true;
}

static bool write_guest(void *user, uint64_t addr, const void *src, unsigned size)
{
    world_t *w = user;

    if (!is_there(w, addr, size))
        return false;
    memcpy(w->g.memory + place(addr), src, size);
    return true;
}

static bool allows(void *user, uint64_t addr, unsigned size, uint32_t access)
{
    const guest_t *g = &((world_t *)user)->g;

    demand(!(access & ~(PF_ERROR_W | PF_ERROR_U)));
    return !(access & g->forbids) || !is_within(addr, size, g->forbidden, g->forbidden_end);
}

static irqsim_mem_t memory_of(world_t *w)
{
    return (irqsim_mem_t){.read = read_guest,
                          .write = write_guest,
                          .user = w,
                          .ram = w->g.memory,
                          .ram_bytes = w->g.lent % (MEMORY + 1u),
                          .missing = w->g.missing & 1,
                          .allows = allows};
}

/* ---- states ---- */

static uint64_t canonical(uint64_t addr)
{
    return (uint64_t)((int64_t)(addr << 16) >> 16);
}

static void make_possible_table(irqsim_cpustate_t *s, irqsim_dtr_t *table)
{
    table->base = s->mode == IRQSIM_MODE_LONG ? canonical(table->base) : table->base & UINT32_MAX;
    table->limit &= UINT16_MAX;
}

static void make_possible(irqsim_cpustate_t *s)
{
    s->mode &= 3;
    s->cpl = s->mode == IRQSIM_MODE_REAL ? 0 : s->mode == IRQSIM_MODE_V86 ? 3 : s->cpl & 3;
    s->code64 = s->mode == IRQSIM_MODE_LONG && s->code64 & 1;
    s->ts &= 1;
    if (s->mode == IRQSIM_MODE_PROTECTED || s->mode == IRQSIM_MODE_LONG)
        s->cs = (uint16_t)((s->cs & ~SELECTOR_RPL_M) | s->cpl);
    s->flags = (s->flags & (EFLAGS_KNOWN & ~EFLAGS_VM)) | EFLAGS_RESERVED;
    s->flags |= s->mode == IRQSIM_MODE_V86 ? EFLAGS_VM : 0;
    if (!s->code64)
        s->ip &= s->mode == IRQSIM_MODE_REAL ? UINT16_MAX : UINT32_MAX;
    if (s->mode != IRQSIM_MODE_LONG)
        s->sp &= UINT32_MAX;
    make_possible_table(s, &s->idtr);
    make_possible_table(s, &s->gdtr);
    make_possible_table(s, &s->ldtr);
    make_possible_table(s, &s->tr);
    s->tr.type =
        s->mode == IRQSIM_MODE_LONG || s->tr.type & 8 ? DESC_TYPE_TSS32_BUSY : DESC_TYPE_TSS16_BUSY;
    demand(!irqsim_impossible(s));
}

/* ---- what may come of a step ---- */

static void check_frame(const irqsim_outcome_t *out)
{
    demand(out->delivered && out->frame <= 48);
    demand(out->frame == 0 || out->slot == 2 || out->slot == 4 || out->slot == 8);
    demand(out->frame == 0 || out->frame % out->slot == 0);
    demand(out->frame > 0 || out->task);
}

static void check_delivered(const world_t *w, const irqsim_delivered_t *d)
{
    demand(d->what <= IRQSIM_DELIVERED_BUS_ERROR && d->escalations <= IRQSIM_ESCALATIONS);
    demand(!d->field);
    for (unsigned i = 0; i < d->escalations; i++) {
        const irqsim_escalation_t *link = &d->chain[i];

        demand(link->raised >= VECTOR_TS && link->raised <= VECTOR_PF);
        demand(link->becomes == link->raised || link->becomes == VECTOR_DF);
    }
    if (d->what == IRQSIM_DELIVERED_HANDLER)
        check_frame(&d->out);
    else
        demand(!d->out.delivered);
    demand(d->what != IRQSIM_DELIVERED_SHUTDOWN || d->escalations > 0);
    demand((d->what == IRQSIM_DELIVERED_BUS_ERROR) == (d->out.bus_error == 1));
    demand(!d->out.bus_error || w->g.missing & 1);
    demand(!d->task || d->task == w->cpu.regs.tr.selector);
}

static void check_out(const world_t *w, const irqsim_vcpu_out_t *out)
{
    demand(out->did <= IRQSIM_VCPU_DELIVERED && out->took <= IRQSIM_TAKE_INTR);
    if (out->did != IRQSIM_VCPU_DELIVERED)
        return;
    check_delivered(w, &out->delivered);
    demand(out->delivered.what != IRQSIM_DELIVERED_SHUTDOWN || w->cpu.activity == IRQSIM_SHUTDOWN);
}

/* ---- steps ---- */

static uint8_t acknowledge(void *user)
{
    world_t *w = user;

    irqsim_cpu_set_intr(&w->cpu, false);
    return w->g.vector;
}

static irqsim_delivery_t event_of(const step_t *step)
{
    if (step->kind == IRQSIM_KIND_EXCEPTION)
        return irqsim_exception(step->op, (uint32_t)step->operand);
    return (irqsim_delivery_t){.vector = step->op, .kind = step->kind, .length = step->length & 15};
}

static void move_pins(world_t *w, const step_t *step)
{
    irqsim_cpu_pulse(&w->cpu, step->op);
    irqsim_cpu_set_intr(&w->cpu, step->op & IRQSIM_CPU_IN_INTR);
    w->g.vector = step->length;
    if (step->kind & 1)
        irqsim_cpu_sipi(&w->cpu, step->length);
    if (step->kind & 2 && w->cpu.activity == IRQSIM_WAIT_SIPI)
        irqsim_cpu_start(&w->cpu);
}

static void execute(const irqsim_vcpu_t *v, const step_t *step, irqsim_vcpu_out_t *out)
{
    const irqsim_insn_t insn = {.op = step->op % IRQSIM_OPS,
                                .length = step->length,
                                .size = step->size,
                                .fetch = step->fetch & 1,
                                .cs = step->cs,
                                .operand = step->operand};
    const uint8_t size = step->size;
    const bool sized = size == 0 || size == 2 || size == 4 || (size == 8 && v->cpu->regs.code64);

    demand(irqsim_vcpu_exec(v, &insn, out) == (sized ? IRQSIM_OK : IRQSIM_E_INVAL));
}

static void raise(const irqsim_vcpu_t *v, const step_t *step, irqsim_vcpu_out_t *out)
{
    const irqsim_delivery_t event = event_of(step);
    const bool known = event.kind <= IRQSIM_KIND_INTO;

    demand(irqsim_vcpu_raise(v, &event, out) == (known ? IRQSIM_OK : IRQSIM_E_INVAL));
}

/* The loop that irqsim_deliver() is. Answers what became of it. */
static irqsim_delivered_as_t by_hand(world_t *w, irqsim_delivery_t event)
{
    const irqsim_mem_t mem = memory_of(w);
    irqsim_outcome_t out;

    for (unsigned turns = 0;; turns++) {
        demand(turns <= IRQSIM_ESCALATIONS);
        irqsim_idt_deliver(&w->cpu.regs, &mem, &event, &out);
        if (out.delivered)
            return IRQSIM_DELIVERED_HANDLER;
        if (out.bus_error)
            return IRQSIM_DELIVERED_BUS_ERROR;
        if (!irqsim_escalate(&w->cpu.regs, &event, &out))
            return IRQSIM_DELIVERED_SHUTDOWN;
    }
}

static void deliver(world_t *w, const step_t *step)
{
    static world_t copy;
    const irqsim_mem_t mem = memory_of(w);
    const irqsim_delivery_t event = event_of(step);
    irqsim_delivered_t d;

    if (event.kind > IRQSIM_KIND_INTO)
        return;
    copy = *w;
    demand(irqsim_deliver(&w->cpu.regs, &mem, &event, &d) == IRQSIM_OK);
    check_delivered(w, &d);
    demand(by_hand(&copy, event) == (irqsim_delivered_as_t)d.what);
    demand(memcmp(&copy.cpu.regs, &w->cpu.regs, sizeof(w->cpu.regs)) == 0);
    demand(memcmp(copy.g.memory, w->g.memory, MEMORY) == 0);
}

static void take(world_t *w, const step_t *step)
{
    const irqsim_mem_t mem = memory_of(w);
    const irqsim_vcpu_t v = {.cpu = &w->cpu,
                             .mem = &mem,
                             .ack = acknowledge,
                             .user = w,
                             .breakpoints = &w->g.breakpoints};
    irqsim_vcpu_out_t out;

    switch (step->what % DO_KINDS) {
    case DO_BOUNDARY:
        demand(irqsim_vcpu_boundary(&v, &out) == IRQSIM_OK);
        break;
    case DO_PINS:
        move_pins(w, step);
        return;
    case DO_RAISE:
        raise(&v, step, &out);
        break;
    case DO_DELIVER:
        deliver(w, step);
        return;
    default:
        execute(&v, step, &out);
        break;
    }
    check_out(w, &out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static world_t w;

    memset(&w, 0, sizeof(w));
    memcpy(&w.g, bytes, size < sizeof(w.g) ? size : sizeof(w.g));
    irqsim_cpu_init(&w.cpu);
    make_possible(&w.g.regs);
    w.cpu.regs = w.g.regs;
    w.cpu.variant = w.g.variant & (IRQSIM_CPU_NMI_IN_TURN | IRQSIM_CPU_REAL_START);
    w.cpu.activity = w.g.activity & 3;
    if (w.cpu.activity == IRQSIM_WAIT_SIPI) /* INIT leads there, with registers of its own */
        w.cpu.activity = IRQSIM_RUNNING;
    w.cpu.nmi_blocked = w.g.nmi_blocked & 1;
    for (unsigned i = 0; i < STEPS; i++) {
        take(&w, &w.g.step[i]);
        demand(!irqsim_impossible(&w.cpu.regs));
    }
    return 0;
}
