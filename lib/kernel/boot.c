/* SPDX-License-Identifier: MIT */
/*
 * boot.c - tables in guest memory, controllers by their registers, first tasks
 *
 *   RAM_GDT  GDT: null, kernel and user segments, one TSS per CPU, the double fault's
 *            IDT: 256 gates (gates.c), the CPUs share it
 *            TSS, interrupt stack of each CPU; TSS and stack of the double fault
 *            kernel stack of each task
 */
#include <irqsim/regs/idt_regs.h>
#include <irqsim/regs/pit8254_regs.h>

#include "kernel_int.h"

enum { DOUBLEFAULT_STACK = 64 };

/* Where things are in guest RAM. */
typedef struct ram_map {
    uint32_t gdt, gdt_bytes, idt, tss, irq_stacks, doublefault_stack, task_stacks, end;
} ram_map_t;

static uint32_t stack_bytes(const irqsim_kernel_desc_t *d, bool has_bugs, uint32_t task)
{
    const bool has_program = task < d->n_tasks && d->tasks[task].n_steps;

    return has_program || has_bugs ? DEEP_STACK : TASK_STACK;
}

static ram_map_t ram_map(const irqsim_kernel_desc_t *d)
{
    const uint32_t cpus = d->cpus, tasks = d->n_tasks + cpus * CPU_TASKS;
    const bool has_bugs = irqsim__kernel_has_bugs(d);
    ram_map_t map = {.gdt = RAM_GDT,
                     .gdt_bytes = gdt_bytes(cpus),
                     .idt = idt_address(cpus),
                     .tss = tss_address(cpus, 0),
                     .irq_stacks = tss_address(cpus, cpus + 1)};

    map.doublefault_stack = map.irq_stacks + cpus * IRQ_STACK;
    map.task_stacks = map.doublefault_stack + DOUBLEFAULT_STACK;
    map.end = map.task_stacks;
    for (uint32_t i = 0; i < tasks; i++)
        map.end += stack_bytes(d, has_bugs, i);
    return map;
}

uint32_t irqsim_kernel_ram(const irqsim_kernel_desc_t *desc)
{
    return ram_map(desc).end;
}

void irqsim__kernel_put64(irqsim_kernel_t *k, uint32_t addr, uint64_t value)
{
    irqsim_guest_write(k->m, 0, addr, (uint32_t)value);
    irqsim_guest_write(k->m, 0, addr + 4, (uint32_t)(value >> 32));
}

static void write_gdt(irqsim_kernel_t *k, const ram_map_t *map)
{
    const uint64_t segment[FIRST_TSS] = {0, DESC_FLAT_CODE32(0), DESC_FLAT_DATA32(0),
                                         DESC_FLAT_CODE32(3), DESC_FLAT_DATA32(3)};

    for (uint32_t i = 0; i < FIRST_TSS; i++)
        irqsim__kernel_put64(k, map->gdt + 8 * i, segment[i]);
    for (uint32_t i = 0; i <= k->n_cpus; i++)
        irqsim__kernel_put64(k, map->gdt + 8 * (FIRST_TSS + i),
                             DESC_TSS32((uint64_t)(map->tss + i * TSS_BYTES)));
}

/* ALLOC-01: in steps of device_step, each round one vector further, past 0x80 and
 * the ISA block. 0: none free on that CPU. */
static uint8_t free_vector(const irqsim_kernel_t *k, const kcpu_t *c)
{
    const era_t *era = k->era;

    for (uint32_t offset = 0; offset < era->device_step; offset++) {
        const uint32_t first = era->first_device + offset + (offset ? 0u : era->device_step);

        for (uint32_t v = first; v <= era->last_device; v += era->device_step)
            if (v - era->isa_base >= 16 && !c->vector_irq[v - FIRST_EXTERNAL])
                return (uint8_t)v;
    }
    return 0;
}

static void choose_chip(irqsim_kernel_t *k, kirq_t *irq)
{
    if (!k->has_lapic) {
        irq->chip = CHIP_8259A;
        irq->flow = FLOW_handle_level_irq; /* LIOAPIC-03 */
        irq->vector = (uint8_t)(k->era->isa_base + irq->hwirq);
    } else {
        irq->chip = irq->msi ? CHIP_MSI : CHIP_IOAPIC;
        irq->flow = irq->level && !irq->msi ? FLOW_handle_fasteoi_irq : FLOW_handle_edge_irq;
        irq->vector = free_vector(k, &k->cpu[irq->cpu]);
    }
}

static bool attach_irq(irqsim_kernel_t *k, uint32_t index)
{
    kirq_t *irq = &k->irq[index];
    kcpu_t *c = &k->cpu[irq->cpu];

    choose_chip(k, irq);
    if (!irq->vector || c->vector_irq[irq->vector - FIRST_EXTERNAL])
        return false;
    for (uint32_t cpu = 0; cpu < k->n_cpus; cpu++)
        if (cpu == irq->cpu || k->era->vectors_everywhere)
            k->cpu[cpu].vector_irq[irq->vector - FIRST_EXTERNAL] = (uint16_t)(index + 1);
    irqsim__kernel_irq_setup(k, c, irq);
    return true;
}

static void cpu_init(irqsim_kernel_t *k, uint16_t nr, const ram_map_t *map)
{
    kcpu_t *c = &k->cpu[nr];

    c->nr = nr;
    c->current = cpu_task(k, nr, CPU_IDLE);
    c->top = k->task[c->current].top;
    k->task[c->current].top = 0;
    c->irq_stack = map->irq_stacks + (nr + 1u) * IRQ_STACK;
    c->vector_irq[SYSCALL_VECTOR - FIRST_EXTERNAL] = FLOW_ENTRY + FLOW_system_call;
    for (unsigned s = 0; s < IRQSIM_SYSVECS && k->has_lapic; s++)
        if (k->era->vector[s])
            c->vector_irq[k->era->vector[s] - FIRST_EXTERNAL] = (uint16_t)(SYSVEC_ENTRY + s);
}

static void cpu_start(irqsim_kernel_t *k, kcpu_t *c, const ram_map_t *map)
{
    const uint16_t tr = SELECTOR(FIRST_TSS + c->nr, 0);
    const uint32_t tss = tss_address(k->n_cpus, c->nr);

    irqsim_guest_lgdt(k->m, c->nr, map->gdt, map->gdt_bytes - 1);
    irqsim_guest_lidt(k->m, c->nr, map->idt, IDT_BYTES - 1);
    irqsim_guest_ltr(k->m, c->nr, tr, tss, TSS_BYTES - 1);
    irqsim_guest_write(k->m, c->nr, tss + TSS32_SS0, KERNEL_DS);
    irqsim_guest_jump(k->m, c->nr, KERNEL_CS, TEXT_FLOWS);
    irqsim_guest_stack(k->m, c->nr, KERNEL_DS, k->task[c->current].stack);
    if (k->has_lapic)
        irqsim__kernel_lapic_init(k, c);
    if (k->has_lapic && k->desc.hz && !k->era->tick_stops_idle)
        irqsim__kernel_lapic_tick(k, c, true);
}

/* The frame that takes a user task to user mode for the first time. */
static void user_frame(irqsim_kernel_t *k, ktask_t *t)
{
    const uint32_t frame[] = {IRQSIM_USER_TEXT, USER_CS, EFLAGS_RESERVED | EFLAGS_IF, USER_SP,
                              USER_DS};

    t->sp = t->stack - (uint32_t)sizeof(frame);
    for (uint32_t i = 0; i < sizeof(frame) / sizeof(frame[0]); i++)
        irqsim_guest_write(k->m, t->cpu, t->sp + 4 * i, frame[i]);
}

static void tasks_start(irqsim_kernel_t *k, const ram_map_t *map)
{
    uint32_t top = map->task_stacks;

    for (uint32_t i = 0; i < k->n_tasks; i++) {
        ktask_t *t = &k->task[i];

        top += stack_bytes(&k->desc, k->has_bugs, i);
        t->stack = t->sp = top;
        if (t->kind != IRQSIM_TASK_USER)
            continue;
        user_frame(k, t);
        irqsim__kernel_enqueue(k, &k->cpu[t->cpu], i);
    }
}

/* IRQ0: mode 2, hz times a second. */
static void pit_start(irqsim_kernel_t *k)
{
    const uint32_t rate = PIT_HZ_NUM / PIT_HZ_DEN;
    const uint32_t count = (rate + k->desc.hz / 2) / k->desc.hz;

    irqsim_guest_outb(k->m, 0, PIT_CONTROL,
                      PIT_CW_COUNTER(0) | PIT_CW_ACCESS_LOW_HIGH | PIT_CW_MODE_RATE);
    irqsim_guest_outb(k->m, 0, PIT_COUNTER0, (uint8_t)count);
    irqsim_guest_outb(k->m, 0, PIT_COUNTER0, (uint8_t)(count >> 8));
}

static bool fits(const irqsim_kernel_t *k, irqsim_machine_t *m)
{
    if (irqsim_machine_cpus(m) != k->n_cpus)
        return false;
    for (uint32_t i = 0; i < k->desc.n_irqs; i++) {
        const irqsim_irq_desc_t *d = &k->desc.irqs[i];
        const uint32_t limit = irqsim_machine_board(m) == IRQSIM_BOARD_AT ? 16
                               : d->msi ? irqsim_machine_sources(m)
                                        : irqsim_machine_ioapics(m) * IRQSIM_IOAPIC_PINS;

        if (d->hwirq >= limit || (d->msi && irqsim_machine_board(m) == IRQSIM_BOARD_AT))
            return false;
    }
    return true;
}

static bool irqs_start(irqsim_kernel_t *k)
{
    for (uint32_t i = 0; i < k->desc.n_irqs; i++)
        if (!attach_irq(k, i))
            return false;
    if (k->has_lapic || !k->desc.hz)
        return true;
    pit_start(k);
    return attach_irq(k, k->desc.n_irqs);
}

irqsim_status_t irqsim_kernel_boot(irqsim_kernel_t *k, irqsim_machine_t *m)
{
    const ram_map_t map = ram_map(&k->desc);
    uint8_t last;

    k->m = m;
    k->profile = irqsim_machine_profile(m);
    k->has_lapic = irqsim_machine_board(m) == IRQSIM_BOARD_MP;
    k->observed = irqsim_guest_observed(m);
    k->x2apic = irqsim_machine_family(m) == IRQSIM_APIC_X2APIC;
    if (!fits(k, m) || !irqsim_guest_copy_out(m, map.end - 1, &last, 1))
        return IRQSIM_E_INVAL;
    write_gdt(k, &map);
    irqsim__kernel_write_idt(k, map.idt);
    irqsim__kernel_write_doublefault_tss(k, map.tss + k->n_cpus * TSS_BYTES,
                                         map.doublefault_stack + DOUBLEFAULT_STACK);
    for (uint32_t cpu = 0; cpu < k->n_cpus; cpu++)
        cpu_init(k, (uint16_t)cpu, &map);
    for (uint32_t i = 0; i < k->desc.n_sysvecs; i++) {
        const irqsim_sysvec_desc_t *s = &k->desc.sysvecs[i];

        k->cpu[s->cpu].sysvec_source[s->sysvec] = s->source + 1;
    }
    irqsim__kernel_pic_init(k, &k->cpu[0]);
    tasks_start(k, &map);
    for (uint32_t cpu = 0; cpu < k->n_cpus; cpu++)
        cpu_start(k, &k->cpu[cpu], &map);
    return irqs_start(k) ? IRQSIM_OK : IRQSIM_E_INVAL;
}
