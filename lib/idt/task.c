/* SPDX-License-Identifier: MIT */
/*
 * task.c - all registers into one TSS, all registers from another
 *
 *   find --> save the old task --> read the new one --> mark it --> commit
 *                                                                    |
 *                  LDT, CS, SS, data segments are checked in the new task
 *
 * Before the commit a fault is the old task's and nothing of its state changed;
 * after it the fault is the new task's (CPU-11).
 */
#include "idt_int.h"

/* Where things are in a TSS. From `ip` on follow IP, FLAGS, the general registers and
 * ES, CS, SS, DS, in a 32-bit one FS and GS too. */
typedef struct layout {
    uint8_t width; /* of a slot */
    uint8_t ip;
    uint8_t segments;
    uint8_t ldt;
    uint8_t size; /* bytes that its limit must hold */
} layout_t;

static const layout_t tss16 = {2, TSS16_IP, 4, TSS16_LDT, TSS16_SIZE};
static const layout_t tss32 = {4, TSS32_EIP, 6, TSS32_LDT, TSS32_SIZE};

#define GENERAL 8u
#define SLOTS   16u /* at most, from `ip` on */

/* The task switched to. */
typedef struct task {
    uint64_t desc, desc_addr;
    const layout_t *tss;
    uint32_t nt; /* EFLAGS_NT: the old task waits for it */
    uint16_t selector;
    uint8_t image[TSS32_SIZE];
} task_t;

static const layout_t *layout_of(uint32_t tss_type)
{
    return type_is_tss16(tss_type) ? &tss16 : &tss32;
}

/* In the order of the TSS. */
static uint16_t *segment(irqsim_cpustate_t *s, unsigned n)
{
    uint16_t *const segments[] = {&s->es, &s->cs, &s->ss, &s->ds, &s->fs, &s->gs};
    return segments[n];
}

/* ---- before the commit ---- */

/* What differs between the two ways to a task. */
typedef struct way {
    uint32_t nt;   /* what its NT becomes; 0 = its TSS says                  */
    uint8_t busy;  /* what its TSS has to be: DESC_TSS_BUSY or 0             */
    uint8_t wrong; /* the exception for a selector whose TSS is no such one  */
} way_t;

static const way_t nested = {EFLAGS_NT, 0, VECTOR_GP};   /* CPU-49 */
static const way_t back = {0, DESC_TSS_BUSY, VECTOR_TS}; /* CPU-91 */

static bool find_task(const walk_t *w, uint16_t selector, const way_t *way, task_t *task)
{
    /* Entry 0 is nobody's TSS, whatever it holds. */
    if (selector_is_null(selector) || selector & SELECTOR_TI ||
        !locate(w, selector, &task->desc_addr))
        return raise_selector(w, way->wrong, selector);
    if (!read_descriptor(w, task->desc_addr, &task->desc))
        return false;
    const uint32_t type = desc_type(task->desc);
    if (!(type_is_tss16(type) || type_is_tss32(type)) || (type & DESC_TSS_BUSY) != way->busy)
        return raise_selector(w, way->wrong, selector);
    if (!desc_present(task->desc))
        return raise_selector(w, VECTOR_NP, selector);
    task->selector = selector;
    task->nt = way->nt;
    task->tss = layout_of(type);
    if (desc_limit(task->desc) < task->tss->size - 1u)
        return raise_selector(w, VECTOR_TS, selector);
    return true;
}

/* Registers as they are, FLAGS as given. */
static bool save_old_task(const walk_t *w, uint64_t flags)
{
    irqsim_cpustate_t *s = w->state;
    const layout_t *tss = layout_of(s->tr.type);
    uint8_t image[SLOTS * 4];
    uint8_t *p = put_slot(put_slot(image, s->ip, tss->width), flags, tss->width);

    for (unsigned n = 0; n < GENERAL; n++)
        p = put_slot(p, n == IRQSIM_ESP ? s->sp : s->gpr[n], tss->width);
    for (unsigned n = 0; n < tss->segments; n++)
        p = put_slot(p, *segment(s, n), tss->width);
    const uint32_t end = tss->ip + (uint32_t)(p - image);
    if (end - 1 > s->tr.limit)
        return raise_selector(w, VECTOR_TS, s->tr.selector);
    return push_slots(w, (uint32_t)s->tr.base + tss->ip, image, end - tss->ip, tss->width, 0);
}

static bool read_new_task(const walk_t *w, task_t *task)
{
    const layout_t *tss = task->tss;
    return pop_slots(w, desc_base(task->desc), task->image, tss->size, tss->width, 0);
}

static bool set_link(const walk_t *w, const task_t *task)
{
    uint8_t link[2];
    put16(link, w->state->tr.selector);
    return write_system(w, desc_base(task->desc), link, sizeof(link));
}

/* Bit 1 of the type, in the descriptor's access byte. */
static bool write_access(const walk_t *w, uint64_t desc_addr, uint32_t access)
{
    const uint8_t byte = (uint8_t)access;
    return write_system(w, (desc_addr + 5) & w->linear, &byte, 1);
}

static bool set_busy(const walk_t *w, const task_t *task)
{
    return write_access(w, task->desc_addr, desc_access(task->desc) | DESC_TSS_BUSY);
}

/* Of the task that runs; TR has no address of its descriptor. */
static bool clear_busy(const walk_t *w)
{
    const uint16_t selector = w->state->tr.selector;
    uint64_t addr, desc;

    if (!locate(w, selector, &addr))
        return raise_selector(w, VECTOR_TS, selector);
    return read_descriptor(w, addr, &desc) &&
           write_access(w, addr, desc_access(desc) & ~DESC_TSS_BUSY);
}

/* ---- the commit ---- */

/* A 16-bit TSS leaves the high halves of the general registers all ones. */
static uint32_t general(const uint8_t *slot, const layout_t *tss)
{
    return (uint32_t)load_slot(slot, tss->width) | (tss->width == 2 ? 0xFFFF0000u : 0);
}

static void load_registers(irqsim_cpustate_t *s, const task_t *task)
{
    const layout_t *tss = task->tss;
    const uint8_t *p = task->image + tss->ip;

    s->ip = load_slot(p, tss->width);
    s->flags = (load_slot(p + tss->width, tss->width) & EFLAGS_KNOWN) | EFLAGS_RESERVED | task->nt;
    p += 2 * tss->width;
    for (unsigned n = 0; n < GENERAL; n++, p += tss->width)
        s->gpr[n] = general(p, tss);
    s->sp = s->gpr[IRQSIM_ESP];
    s->fs = s->gs = 0; /* stays so with a 16-bit TSS */
    for (unsigned n = 0; n < tss->segments; n++, p += tss->width)
        *segment(s, n) = load16(p);
}

static irqsim_dtr_t task_register(const task_t *task)
{
    return (irqsim_dtr_t){
        .base = desc_base(task->desc),
        .limit = desc_limit(task->desc),
        .selector = task->selector,
        .type = (uint16_t)(desc_type(task->desc) | DESC_TSS_BUSY),
    };
}

static void load_cr3(const walk_t *w, const task_t *task)
{
    if (!w->mem->set_cr3 || task->tss != &tss32)
        return;
    w->state->cr3 = load32(task->image + TSS32_CR3);
    w->mem->set_cr3(w->mem->user, w->state->cr3);
}

static void commit(const walk_t *w, const task_t *task)
{
    irqsim_cpustate_t *s = w->state;

    load_registers(s, task);
    const bool v86 = s->flags & EFLAGS_VM;
    s->mode = v86 ? IRQSIM_MODE_V86 : IRQSIM_MODE_PROTECTED;
    s->cpl = v86 ? 3 : s->cs & SELECTOR_RPL_M;
    s->ss_desc = DESC_NO_STACK; /* until it is checked */
    s->ldtr = (irqsim_dtr_t){0};
    s->tr = task_register(task);
    s->ts = 1;
    load_cr3(w, task);
    w->out->task = task->selector;
    w->out->task_trap = task->tss == &tss32 && (task->image[TSS32_TRAP] & 1);
}

/* ---- in the new task ---- */

static bool load_ldt(const walk_t *w, uint16_t selector)
{
    irqsim_dtr_t *ldtr = &w->state->ldtr;
    uint64_t desc;

    ldtr->selector = selector;
    if (selector_is_null(selector))
        return true;
    if (selector & SELECTOR_TI)
        return raise_selector(w, VECTOR_TS, selector);
    if (!find_descriptor(w, selector, VECTOR_TS, &desc))
        return false;
    if (desc_type(desc) != DESC_TYPE_LDT || !desc_present(desc))
        return raise_selector(w, VECTOR_TS, selector);
    ldtr->base = desc_base(desc);
    ldtr->limit = desc_limit(desc);
    return true;
}

static bool load_code(const walk_t *w, uint32_t *limit)
{
    const uint16_t selector = w->state->cs;
    const uint8_t rpl = selector & SELECTOR_RPL_M;
    uint64_t desc;

    if (selector_is_null(selector))
        return raise_error(w, VECTOR_TS, 0);
    if (!find_descriptor(w, selector, VECTOR_TS, &desc))
        return false;
    const uint8_t dpl = desc_dpl(desc);
    if (!desc_is_code(desc) || (desc_is_conforming(desc) ? dpl > rpl : dpl != rpl))
        return raise_selector(w, VECTOR_TS, selector);
    if (!desc_present(desc))
        return raise_selector(w, VECTOR_NP, selector);
    *limit = desc_limit(desc);
    return true;
}

static bool load_stack(const walk_t *w)
{
    uint64_t desc;
    if (!find_stack_segment(w, w->state->ss, w->state->cpl, VECTOR_TS, &desc))
        return false;
    w->state->ss_desc = desc;
    return true;
}

static bool check_data(const walk_t *w, uint16_t selector)
{
    const uint8_t rpl = selector & SELECTOR_RPL_M;
    uint64_t desc;

    if (selector_is_null(selector))
        return true;
    if (!find_descriptor(w, selector, VECTOR_TS, &desc))
        return false;
    const bool conforming = desc_is_code(desc) && desc_is_conforming(desc);
    const uint8_t needs = rpl > w->state->cpl ? rpl : w->state->cpl;
    if (!desc_is_readable(desc) || (!conforming && desc_dpl(desc) < needs))
        return raise_selector(w, VECTOR_TS, selector);
    if (!desc_present(desc))
        return raise_selector(w, VECTOR_NP, selector);
    return true;
}

/* V86: paragraphs need no descriptors, CS has 64 KiB. */
static bool load_segments(const walk_t *w, uint32_t *cs_limit)
{
    const irqsim_cpustate_t *s = w->state;

    if (s->mode == IRQSIM_MODE_V86) {
        *cs_limit = 0xFFFF;
        return true;
    }
    return load_code(w, cs_limit) && load_stack(w) && check_data(w, s->es) &&
           check_data(w, s->ds) && check_data(w, s->fs) && check_data(w, s->gs);
}

static bool begin(const walk_t *w, const task_t *task, uint32_t *cs_limit)
{
    commit(w, task);
    return load_ldt(w, load16(task->image + task->tss->ldt)) && load_segments(w, cs_limit);
}

static bool check_eip(const walk_t *w, uint32_t cs_limit)
{
    if (w->state->ip > cs_limit)
        return raise_error(w, VECTOR_GP, 0);
    return true;
}

/* CPU-49: on the new task's stack, as wide as its TSS. */
static bool push_error(const walk_t *w, const irqsim_delivery_t *ev, unsigned width)
{
    irqsim_cpustate_t *s = w->state;
    const stack_t stack = stack_in_force(s);
    const uint32_t sp = stack_move(&stack, (uint32_t)s->sp, (uint32_t)s->sp - width);

    if (!stack_holds(&stack, sp, width))
        return raise_error(w, VECTOR_SS, 0);
    if (!push_slot(w, &stack, sp, ev->error, width))
        return false;
    s->sp = sp;
    w->out->frame = w->out->slot = (uint8_t)width;
    w->out->address = stack_address(&stack, sp);
    return true;
}

/* ---- both ways ---- */

bool irqsim__idt_enter_task(const walk_t *w, const irqsim_delivery_t *ev, uint16_t selector)
{
    const uint64_t flags = w->state->flags | (ev->set_rf ? EFLAGS_RF : 0); /* CPU-53 */
    uint32_t cs_limit;
    task_t task;

    if (!find_task(w, selector, &nested, &task) || !save_old_task(w, flags) ||
        !read_new_task(w, &task) || !set_link(w, &task) || !set_busy(w, &task))
        return false;
    return begin(w, &task, &cs_limit) &&
           (!pushes_error(ev) || push_error(w, ev, task.tss->width)) && check_eip(w, cs_limit);
}

static bool read_link(const walk_t *w, uint16_t *selector)
{
    const irqsim_dtr_t *tr = &w->state->tr;
    uint8_t link[2];

    if (tr->limit < sizeof(link) - 1)
        return raise_selector(w, VECTOR_TS, tr->selector);
    if (!read_system(w, (uint32_t)tr->base, link, sizeof(link)))
        return false;
    *selector = load16(link);
    return true;
}

bool irqsim__idt_leave_task(const walk_t *w)
{
    const uint64_t flags = w->state->flags & ~(uint64_t)EFLAGS_NT;
    uint16_t selector;
    uint32_t cs_limit;
    task_t task;

    return read_link(w, &selector) && find_task(w, selector, &back, &task) &&
           save_old_task(w, flags) && read_new_task(w, &task) && clear_busy(w) &&
           begin(w, &task, &cs_limit) && check_eip(w, cs_limit);
}
