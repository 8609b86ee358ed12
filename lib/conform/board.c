/* SPDX-License-Identifier: MIT */
/*
 * board.c - our own model: the library's chips behind the calls of a case
 */
#include <stdlib.h>
#include <string.h>

#include <irqsim/regs/ioapic_regs.h>
#include <irqsim/regs/lapic_regs.h>

#include "board_int.h"

#define SVR_ENABLED (LAPIC_SVR_ENABLE | 0xFFu)

/* ---- life ---- */

static void *create(void)
{
    return calloc(1, sizeof(board_t));
}

static void destroy(void *model)
{
    board_t *b = model;

    irqsim__conform_cpus_free(b);
    free(b->core);
    free(b->lapic);
    free(b);
}

static bool is_possible(const irqsim_conform_board_t *desc)
{
    switch (desc->family) {
    case IRQSIM_APIC_P5:
    case IRQSIM_APIC_P6:
        return desc->cpus < IRQSIM_ICC_AGENTS; /* ICC-03: the IOAPIC is one too */
    case IRQSIM_APIC_XAPIC:
        return desc->cpus <= LAPIC_DEST_ALL; /* APIC-76: IDs 0..254, FF is broadcast */
    default:
        return true;
    }
}

static void enable_lapic(const board_t *b, irqsim_lapic_t *la)
{
    const bool x2apic = b->desc.family == IRQSIM_APIC_X2APIC;

    if (x2apic)
        irqsim_lapic_wrmsr(la, MSR_IA32_APIC_BASE, la->apic_base | APIC_BASE_EXTD, b->now);
    if (!b->desc.soft)
        return;
    if (x2apic)
        irqsim_lapic_wrmsr(la, MSR_X2APIC_SVR, SVR_ENABLED, b->now);
    else
        irqsim_lapic_write(la, LAPIC_REG_SVR, SVR_ENABLED, b->now);
}

static void build_cpus(board_t *b)
{
    const irqsim_profile_t *profile = irqsim_profile((irqsim_profile_id_t)b->desc.profile);

    for (uint32_t i = 0; i < b->desc.cpus; i++) {
        const irqsim_lapic_desc_t desc = {
            .apic_id = i,
            .family = (irqsim_apic_family_t)b->desc.family,
            .bsp = i == 0,
            .tsc_deadline = b->desc.family == IRQSIM_APIC_X2APIC,
            .variants = irqsim_variants_of(b->desc.variants, IRQSIM_VARIANT_OF_LAPIC),
            .timer_clk = {profile->bus_hz, 1},
            .tsc_clk = {profile->cpu_hz, 1},
        };
        irqsim_lapic_init(&b->lapic[i], &desc);
        if (has_apics(b))
            enable_lapic(b, &b->lapic[i]);
    }
}

static irqsim_conform_answer_t build(void *model, const irqsim_conform_board_t *desc)
{
    board_t *b = model;

    irqsim__conform_cpus_free(b);
    free(b->core);
    free(b->lapic);
    *b = (board_t){.desc = *desc, .taken = IRQSIM_PIC_NO_LINE};
    if (desc->cpus == 0 || !is_possible(desc))
        return IRQSIM_CONFORM_REFUSED;
    b->core = calloc(desc->cpus, sizeof(*b->core));
    b->lapic = calloc(desc->cpus, sizeof(*b->lapic));
    if (!b->core || !b->lapic)
        return IRQSIM_CONFORM_REFUSED;
    b->last_lowest = desc->cpus - 1; /* CPU 0 has the first turn */
    irqsim__conform_pics_init(b);
    irqsim_ioapic_init(&b->ioapic,
                       &(irqsim_ioapic_desc_t){.id = (uint8_t)(desc->cpus & 0xF),
                                               .version = (uint8_t)desc->ioapic_version});
    build_cpus(b);
    if (has_serial_bus(b) && irqsim__conform_serial_init(b) != IRQSIM_OK)
        return IRQSIM_CONFORM_REFUSED;
    irqsim__conform_cpus_build(b);
    return IRQSIM_CONFORM_OK;
}

/* Everything as after power-on, but for what drives the pins. */
static irqsim_conform_answer_t reset(void *model)
{
    board_t *b = model;

    irqsim_pic_reset(&b->pic[MASTER]);
    irqsim_pic_reset(&b->pic[SLAVE]);
    irqsim_ioapic_reset(&b->ioapic);
    for (uint32_t i = 0; i < b->desc.cpus; i++) {
        irqsim_lapic_reset(&b->lapic[i], IRQSIM_LAPIC_RESET_POWER_ON);
        b->core[i].commit = COMMIT_NONE;
    }
    irqsim_icc_reset(&b->icc);
    irqsim__conform_cpus_reset(b);
    b->taken = IRQSIM_PIC_NO_LINE;
    b->slave_frozen = false;
    irqsim__conform_pics_settle(b);
    return IRQSIM_CONFORM_OK;
}

/* ---- accesses ---- */

static irqsim_conform_answer_t port_read(void *model, uint16_t port, uint8_t *value)
{
    *value = irqsim__conform_pics_read(model, port);
    return IRQSIM_CONFORM_OK;
}

static irqsim_conform_answer_t port_write(void *model, uint16_t port, uint8_t value)
{
    irqsim__conform_pics_write(model, port, value);
    return IRQSIM_CONFORM_OK;
}

/* A LAPIC's page is where its CPU put it. */
static bool is_lapic(const irqsim_lapic_t *la, uint64_t address)
{
    return (address & ~(uint64_t)(LAPIC_MMIO_SIZE - 1)) == (la->apic_base & APIC_BASE_PAGE_MASK);
}

static bool is_ioapic(uint64_t address)
{
    return address >= IOAPIC_MMIO_BASE && address < IOAPIC_MMIO_BASE + IOAPIC_MMIO_SIZE;
}

static irqsim_conform_answer_t mem_read(void *model, uint32_t cpu, uint64_t address,
                                        uint32_t *value)
{
    board_t *b = model;
    irqsim_lapic_t *la = &b->lapic[cpu];

    *value = UINT32_MAX; /* nobody answers */
    if (is_lapic(la, address))
        *value = irqsim_lapic_read(la, (uint32_t)address & (LAPIC_MMIO_SIZE - 1), b->now);
    else if (is_ioapic(address))
        *value = irqsim_ioapic_read(&b->ioapic, (uint32_t)(address - IOAPIC_MMIO_BASE));
    return IRQSIM_CONFORM_OK;
}

/* IOAPIC-24: levels that nobody took may find somebody. */
static void write_lapic(board_t *b, irqsim_lapic_t *la, uint32_t offset, uint32_t value)
{
    irqsim_lapic_write(la, offset, value, b->now);
    if (irqsim_lapic_says_who_listens(offset))
        irqsim_ioapic_listeners_changed(&b->ioapic);
}

static irqsim_conform_answer_t mem_write(void *model, uint32_t cpu, uint64_t address,
                                         uint32_t value)
{
    board_t *b = model;
    irqsim_lapic_t *la = &b->lapic[cpu];

    if (is_lapic(la, address))
        write_lapic(b, la, (uint32_t)address & (LAPIC_MMIO_SIZE - 1), value);
    else if (is_ioapic(address))
        irqsim_ioapic_write(&b->ioapic, (uint32_t)(address - IOAPIC_MMIO_BASE), value);
    return IRQSIM_CONFORM_OK;
}

static irqsim_conform_answer_t msr_read(void *model, uint32_t cpu, uint32_t msr, uint64_t *value)
{
    board_t *b = model;
    const bool ok = irqsim_lapic_rdmsr(&b->lapic[cpu], msr, value, b->now);

    return ok ? IRQSIM_CONFORM_OK : IRQSIM_CONFORM_REFUSED;
}

static irqsim_conform_answer_t msr_write(void *model, uint32_t cpu, uint32_t msr, uint64_t value)
{
    board_t *b = model;
    const bool ok = irqsim_lapic_wrmsr(&b->lapic[cpu], msr, value, b->now);

    if (ok &&
        (msr == MSR_IA32_APIC_BASE || irqsim_lapic_says_who_listens((msr - MSR_X2APIC_FIRST) << 4)))
        irqsim_ioapic_listeners_changed(&b->ioapic);
    return ok ? IRQSIM_CONFORM_OK : IRQSIM_CONFORM_REFUSED;
}

/* ---- pins ---- */

static uint32_t with_level(uint32_t levels, uint32_t bit, bool level)
{
    return level ? levels | bit : levels & ~bit;
}

static irqsim_conform_answer_t line(void *model, uint32_t input, bool level)
{
    board_t *b = model;

    b->lines = with_level(b->lines, UINT32_C(1) << input, level);
    irqsim__conform_pics_settle(b);
    if (has_apics(b))
        irqsim_ioapic_set_pin(&b->ioapic, input, level);
    return IRQSIM_CONFORM_OK;
}

static irqsim_conform_answer_t pin(void *model, uint32_t cpu, irqsim_conform_pin_t which,
                                   bool level)
{
    board_t *b = model;
    core_t *core = &b->core[cpu];

    switch (which) {
    case IRQSIM_CONFORM_LINT0:
        core->lint = with_level(core->lint, IRQSIM_LAPIC_IN_LINT0, level);
        break;
    case IRQSIM_CONFORM_LINT1:
        core->lint = with_level(core->lint, IRQSIM_LAPIC_IN_LINT1, level);
        break;
    case IRQSIM_CONFORM_INIT:
        irqsim_lapic_reset(&b->lapic[cpu], IRQSIM_LAPIC_RESET_INIT); /* APIC-32 */
        core->commit = COMMIT_NONE;
        irqsim__conform_cpu_pulse(b, cpu, IRQSIM_LAPIC_OUT_INIT);
        break;
    case IRQSIM_CONFORM_NMI: /* these two pass by the LAPIC */
        irqsim__conform_cpu_pulse(b, cpu, IRQSIM_LAPIC_OUT_NMI);
        break;
    default:
        irqsim__conform_cpu_pulse(b, cpu, IRQSIM_LAPIC_OUT_SMI);
        break;
    }
    irqsim__conform_pics_settle(b);
    return IRQSIM_CONFORM_OK;
}

/* ---- the CPU's side ---- */

/* MP-08: ExtINT knows no priority and goes first (APIC-42). */
static commit_t requested(const board_t *b, uint32_t cpu)
{
    const uint32_t out = b->lapic[cpu].out;

    if (!has_apics(b))
        return irqsim__conform_pics_int(b) ? COMMIT_EXTINT : COMMIT_NONE;
    if (out & IRQSIM_LAPIC_OUT_EXTINT)
        return COMMIT_EXTINT;
    return out & IRQSIM_LAPIC_OUT_INTR ? COMMIT_INTR : COMMIT_NONE;
}

bool irqsim__conform_requested(const board_t *b, uint32_t cpu)
{
    return requested(b, cpu) != COMMIT_NONE;
}

static irqsim_conform_answer_t intr(void *model, uint32_t cpu, bool *level)
{
    *level = requested(model, cpu) != COMMIT_NONE;
    return IRQSIM_CONFORM_OK;
}

static irqsim_conform_answer_t inta1(void *model, irqsim_conform_pulse_t who)
{
    irqsim__conform_pics_inta1(model, who);
    return IRQSIM_CONFORM_OK;
}

static irqsim_conform_answer_t inta2(void *model, uint8_t *vector)
{
    *vector = irqsim__conform_pics_inta2(model);
    return IRQSIM_CONFORM_OK;
}

static irqsim_conform_answer_t commit(void *model, uint32_t cpu)
{
    board_t *b = model;
    const commit_t source = requested(b, cpu);

    b->core[cpu].commit = (uint8_t)source;
    return source == COMMIT_NONE ? IRQSIM_CONFORM_NONE : IRQSIM_CONFORM_OK;
}

/* Who is committed acknowledges what it saw, whatever became of it (PIC-71,
 * APIC-49). */
static irqsim_conform_answer_t ack(void *model, uint32_t cpu, uint8_t *vector)
{
    board_t *b = model;
    core_t *core = &b->core[cpu];
    const unsigned source = core->commit != COMMIT_NONE ? core->commit : requested(b, cpu);

    core->commit = COMMIT_NONE;
    if (source == COMMIT_NONE)
        return IRQSIM_CONFORM_NONE;
    if (source == COMMIT_INTR) {
        *vector = irqsim_lapic_ack(&b->lapic[cpu]);
        return IRQSIM_CONFORM_OK;
    }
    irqsim__conform_pics_inta1(b, IRQSIM_CONFORM_BOTH);
    *vector = irqsim__conform_pics_inta2(b);
    if (has_apics(b))
        irqsim_lapic_extint_taken(&b->lapic[cpu]);
    return IRQSIM_CONFORM_OK;
}

uint8_t irqsim__conform_acknowledge(board_t *b, uint32_t cpu)
{
    uint8_t vector = 0;

    ack(b, cpu, &vector); /* INTR is high: there is one */
    return vector;
}

/* ---- time ---- */

static irqsim_time_t next_timer(const board_t *b)
{
    irqsim_time_t next = IRQSIM_NEVER;

    for (uint32_t i = 0; i < b->desc.cpus; i++) {
        const irqsim_time_t due = irqsim_lapic_next_event(&b->lapic[i]);
        if (due < next)
            next = due;
    }
    return next;
}

static void pass_until(board_t *b, irqsim_time_t time)
{
    b->now = time > b->now ? time : b->now;
    for (uint32_t i = 0; i < b->desc.cpus; i++)
        irqsim_lapic_advance(&b->lapic[i], b->now);
}

/* Messages pass at once, then time until the next timer. */
static void run_system_bus(board_t *b, irqsim_time_t end)
{
    irqsim__conform_bus_run(b);
    for (irqsim_time_t due = next_timer(b); due <= end; due = next_timer(b)) {
        pass_until(b, due);
        irqsim__conform_bus_run(b);
    }
}

/* The bus and the timers in the order of time; at one time the timers first. */
static void run_serial_bus(board_t *b, irqsim_time_t end, bool until_done)
{
    for (;;) {
        irqsim__conform_serial_look(b);
        const irqsim_time_t bus = irqsim__conform_serial_due(b), timer = next_timer(b);
        if (until_done ? irqsim__conform_serial_is_done(b) : bus > end && timer > end)
            return;
        pass_until(b, bus < timer ? bus : timer);
        if (bus < timer)
            irqsim__conform_serial_act(b);
    }
}

static irqsim_conform_answer_t run(void *model, uint64_t ps)
{
    board_t *b = model;
    const bool until_done = ps == IRQSIM_CONFORM_UNTIL_DONE;
    const irqsim_time_t end = until_done ? b->now : b->now + ps;

    if (ps == 0)
        return IRQSIM_CONFORM_OK;
    if (has_serial_bus(b)) {
        b->refused = 0;
        run_serial_bus(b, end, until_done);
    } else if (has_apics(b)) {
        run_system_bus(b, end);
    }
    pass_until(b, end);
    return IRQSIM_CONFORM_OK;
}

/* ---- views ---- */

static irqsim_conform_answer_t sent(void *model, uint64_t *messages)
{
    board_t *b = model;

    *messages = has_serial_bus(b) ? b->icc.begun - b->begun : b->sent;
    b->begun = b->icc.begun;
    b->sent = 0;
    return IRQSIM_CONFORM_OK;
}

static irqsim_conform_answer_t icc(void *model, uint64_t *clocks)
{
    const board_t *b = model;

    if (!has_serial_bus(b))
        return IRQSIM_CONFORM_UNSUPPORTED;
    *clocks = irqsim_icc_used(&b->icc, irqsim__conform_serial_clock(b));
    return IRQSIM_CONFORM_OK;
}

static irqsim_conform_answer_t arb(void *model, uint32_t agent, uint8_t *id)
{
    const board_t *b = model;

    if (!has_serial_bus(b))
        return IRQSIM_CONFORM_UNSUPPORTED;
    *id = (uint8_t)(agent == IRQSIM_CONFORM_IOAPIC ? b->ioapic.arb : b->lapic[agent].arb_id);
    return IRQSIM_CONFORM_OK;
}

static irqsim_conform_answer_t bus(void *model, uint8_t *cycles, uint32_t *n)
{
    const board_t *b = model;

    if (!has_serial_bus(b))
        return IRQSIM_CONFORM_UNSUPPORTED;
    *n = irqsim_icc_cycles(&b->icc, irqsim__conform_serial_clock(b));
    for (unsigned k = 1; k <= *n; k++)
        cycles[k - 1] = (uint8_t)irqsim_icc_cycle(&b->icc, k);
    return IRQSIM_CONFORM_OK;
}

static irqsim_conform_answer_t apr(void *model, uint32_t cpu, uint8_t *priority)
{
    const board_t *b = model;

    *priority = irqsim_lapic_apr(&b->lapic[cpu]);
    return IRQSIM_CONFORM_OK;
}

static uint64_t vector_or_0(int vector)
{
    return vector < 0 ? 0 : (uint64_t)vector;
}

static irqsim_conform_answer_t peek(void *model, irqsim_conform_view_t view, uint32_t index,
                                    uint64_t *value)
{
    const board_t *b = model;

    switch (view) {
    case IRQSIM_CONFORM_PIC_IRR:
        *value = irqsim_pic_irr(&b->pic[index]);
        break;
    case IRQSIM_CONFORM_PIC_ISR:
        *value = b->pic[index].isr;
        break;
    case IRQSIM_CONFORM_PIC_IMR:
        *value = b->pic[index].imr;
        break;
    case IRQSIM_CONFORM_PIC_LOWEST:
        *value = b->pic[index].lowest;
        break;
    case IRQSIM_CONFORM_LAPIC_PPR:
        *value = irqsim_lapic_ppr(&b->lapic[index]);
        break;
    case IRQSIM_CONFORM_LAPIC_ISRV:
        *value = vector_or_0(irqsim_lapic_isrv(&b->lapic[index]));
        break;
    case IRQSIM_CONFORM_LAPIC_IRRV:
        *value = vector_or_0(irqsim_lapic_irrv(&b->lapic[index]));
        break;
    case IRQSIM_CONFORM_RTE:
        *value = irqsim_ioapic_rte(&b->ioapic, index);
        break;
    default:
        return IRQSIM_CONFORM_UNSUPPORTED;
    }
    return IRQSIM_CONFORM_OK;
}

const irqsim_conform_model_t *irqsim_conform_builtin(void)
{
    static const irqsim_conform_model_t model = {
        .version = IRQSIM_CONFORM_VERSION,
        .name = "irqsim",
        .create = create,
        .destroy = destroy,
        .board = build,
        .reset = reset,
        .port_read = port_read,
        .port_write = port_write,
        .mem_read = mem_read,
        .mem_write = mem_write,
        .msr_read = msr_read,
        .msr_write = msr_write,
        .line = line,
        .pin = pin,
        .intr = intr,
        .inta1 = inta1,
        .inta2 = inta2,
        .commit = commit,
        .ack = ack,
        .run = run,
        .sent = sent,
        .apr = apr,
        .peek = peek,
        .icc = icc,
        .arb = arb,
        .bus = bus,
        .cpu_set = irqsim__conform_cpu_set,
        .cpu_get = irqsim__conform_cpu_get,
        .cpu_gate = irqsim__conform_cpu_gate,
        .cpu_idt_limit = irqsim__conform_cpu_idt_limit,
        .cpu_tss_stack = irqsim__conform_cpu_tss_stack,
        .cpu_page = irqsim__conform_cpu_page,
        .cpu_frame = irqsim__conform_cpu_frame,
        .cpu_exec = irqsim__conform_cpu_exec,
        .cpu_boundary = irqsim__conform_cpu_boundary,
        .cpu_took = irqsim__conform_cpu_took,
        .cpu_flag = irqsim__conform_cpu_flag,
        .cpu_clocks = irqsim__conform_cpu_clocks,
    };

    return &model;
}
