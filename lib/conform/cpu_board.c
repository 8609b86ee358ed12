/* SPDX-License-Identifier: MIT */
/*
 * cpu_board.c - the CPUs of our own model: lib/vcpu under the steps of a case
 *
 * A CPU comes to life with the first step about it; until then nobody asks what it
 * would do, and boards of 255 CPUs stay small.
 */
#include <stdlib.h>

#include <irqsim/cost.h>
#include <irqsim/regs/idt_regs.h>

#include "board_int.h"

#define USUAL_IP    0x1000u
#define SYSCALL_IP  0xC000u
#define GIVEN(f, x) ((f)->given >> IRQSIM_CONFORM_F_##x & 1)
#define VALUE(f, x) ((f)->value[IRQSIM_CONFORM_F_##x])

/* ---- life ---- */

static void enter_level(core_t *core, uint8_t cpl)
{
    irqsim_cpustate_t *regs = &core->cpu.regs;

    regs->cpl = cpl;
    regs->cs = cpl ? SEL_CODE3 : SEL_CODE0;
    regs->ss = cpl ? SEL_DATA3 : SEL_DATA0;
    regs->sp = cpl ? USER_TOP : KERNEL_TOP;
    regs->ss_desc = DESC_FLAT_DATA32(cpl);
}

static void enter_mode(core_t *core, uint64_t mode)
{
    static const uint8_t modes[] = {
        [IRQSIM_CONFORM_PROT] = IRQSIM_MODE_PROTECTED,
        [IRQSIM_CONFORM_REAL] = IRQSIM_MODE_REAL,
        [IRQSIM_CONFORM_V86] = IRQSIM_MODE_V86,
        [IRQSIM_CONFORM_LONG] = IRQSIM_MODE_LONG,
    };
    irqsim_cpustate_t *regs = &core->cpu.regs;

    regs->mode = modes[mode];
    regs->code64 = mode == IRQSIM_CONFORM_LONG;
    regs->flags &= ~(uint64_t)EFLAGS_VM;
    enter_level(core, 0);
    if (mode == IRQSIM_CONFORM_PROT || mode == IRQSIM_CONFORM_LONG)
        return;
    regs->cs = regs->ss = regs->ds = regs->es = regs->fs = regs->gs = 0;
    regs->ss_desc = 0;
    regs->sp = REAL_TOP;
    if (mode == IRQSIM_CONFORM_V86) {
        regs->cpl = 3;
        regs->flags |= EFLAGS_VM;
    }
}

void irqsim__conform_cpus_build(board_t *b)
{
    for (uint32_t i = 0; i < b->desc.cpus; i++) {
        core_t *core = &b->core[i];

        core->cpu.variant = (uint8_t)(IRQSIM_CPU_REAL_START |
                                      irqsim_variants_of(b->desc.variants, IRQSIM_VARIANT_OF_CPU));
        irqsim_cpu_reset(&core->cpu);
        enter_mode(core, IRQSIM_CONFORM_PROT);
        core->cpu.regs.ip = USUAL_IP;
    }
    irqsim__conform_clear_idt(b, &b->core[0]);
}

void irqsim__conform_cpus_free(board_t *b)
{
    for (uint32_t i = 0; b->core && i < b->desc.cpus; i++) {
        free(b->core[i].view);
        free(b->core[i].ram);
    }
}

void irqsim__conform_cpus_reset(board_t *b)
{
    for (uint32_t i = 0; i < b->desc.cpus; i++)
        irqsim_cpu_reset(&b->core[i].cpu);
}

/* NULL: no memory for it. */
static core_t *live(board_t *b, uint32_t cpu)
{
    core_t *core = &b->core[cpu];

    if (core->ram)
        return core;
    if (!irqsim__conform_memory(b, core))
        return NULL;
    irqsim__conform_tables(b, core);
    return core;
}

/* ---- pins ---- */

static bool is_bootstrap(const board_t *b, uint32_t cpu)
{
    return !has_apics(b) || b->lapic[cpu].bsp;
}

void irqsim__conform_cpu_pulse(board_t *b, uint32_t cpu, uint32_t pulses)
{
    static const struct {
        uint32_t from, to;
    } pins[] = {
        {IRQSIM_LAPIC_OUT_NMI, IRQSIM_CPU_IN_NMI},
        {IRQSIM_LAPIC_OUT_SMI, IRQSIM_CPU_IN_SMI},
        {IRQSIM_LAPIC_OUT_INIT, IRQSIM_CPU_IN_INIT},
    };
    core_t *core = &b->core[cpu];

    irqsim_cpu_set_intr(&core->cpu,
                        irqsim__conform_requested(b, cpu)); /* CPU-86: which was first */
    for (size_t i = 0; i < sizeof(pins) / sizeof(pins[0]); i++)
        if (pulses & pins[i].from)
            irqsim_cpu_pulse(&core->cpu, pins[i].to);
    if (pulses & IRQSIM_LAPIC_OUT_SIPI)
        irqsim_cpu_sipi(&core->cpu, b->lapic[cpu].sipi_vector);
}

/* ---- what happens ---- */

typedef struct asker {
    board_t *board;
    uint32_t cpu;
} asker_t;

static uint8_t acknowledge(void *user)
{
    const asker_t *a = user;

    return irqsim__conform_acknowledge(a->board, a->cpu);
}

static irqsim_vcpu_t vcpu_of(core_t *core, asker_t *asker)
{
    return (irqsim_vcpu_t){.cpu = &core->cpu, .mem = &core->mem, .ack = acknowledge, .user = asker};
}

static void charge(const board_t *b, core_t *core, irqsim_op_t op)
{
    const irqsim_profile_t *profile = irqsim_profile((irqsim_profile_id_t)b->desc.profile);

    core->clocks += irqsim_cost_vcpu(profile, &core->cpu.regs, op, &core->last);
}

static irqsim_conform_answer_t answer(irqsim_status_t status)
{
    return status == IRQSIM_OK ? IRQSIM_CONFORM_OK : IRQSIM_CONFORM_REFUSED;
}

irqsim_conform_answer_t irqsim__conform_cpu_boundary(void *model, uint32_t cpu)
{
    board_t *b = model;
    core_t *core = live(b, cpu);
    asker_t asker = {b, cpu};

    if (!core)
        return IRQSIM_CONFORM_REFUSED;
    const irqsim_vcpu_t v = vcpu_of(core, &asker);
    core->old_tr = core->cpu.regs.tr;
    irqsim__conform_cpu_pulse(b, cpu, irqsim_lapic_take_pulses(&b->lapic[cpu]));
    irqsim_cpu_set_intr(&core->cpu, irqsim__conform_requested(b, cpu));
    const irqsim_status_t status = irqsim_vcpu_boundary(&v, &core->last);
    charge(b, core, IRQSIM_OP_NOP);
    if (core->last.took == IRQSIM_TAKE_INIT && is_bootstrap(b, cpu))
        irqsim_cpu_start(&core->cpu); /* APIC-32 */
    return answer(status);
}

/* ---- instructions ---- */

static unsigned slot_of(const irqsim_cpustate_t *regs)
{
    if (regs->mode == IRQSIM_MODE_REAL || regs->mode == IRQSIM_MODE_V86)
        return 2;
    return regs->code64 ? 8 : 4;
}

static void push(board_t *b, core_t *core, uint64_t value)
{
    irqsim_cpustate_t *regs = &core->cpu.regs;
    const unsigned size = slot_of(regs);

    regs->sp -= size;
    if (size == 2)
        regs->sp &= UINT16_MAX;
    irqsim__conform_poke(b, core, (size == 2 ? (uint64_t)regs->ss << 4 : 0) + regs->sp, value,
                         size);
}

static const struct {
    uint8_t op;
    bool given;       /* the case has its operand */
    uint64_t operand; /* else                     */
} insns[] = {
    [IRQSIM_CONFORM_NOP] = {IRQSIM_OP_NOP, false, 0},
    [IRQSIM_CONFORM_CLI] = {IRQSIM_OP_CLI, false, 0},
    [IRQSIM_CONFORM_STI] = {IRQSIM_OP_STI, false, 0},
    [IRQSIM_CONFORM_HLT] = {IRQSIM_OP_HLT, false, 0},
    [IRQSIM_CONFORM_IRET] = {IRQSIM_OP_IRET, false, 0},
    [IRQSIM_CONFORM_PUSHF] = {IRQSIM_OP_PUSHF, false, 0},
    [IRQSIM_CONFORM_POPF] = {IRQSIM_OP_POPF, false, 0},
    [IRQSIM_CONFORM_MOVSS] = {IRQSIM_OP_MOV_SS, false, 0},
    [IRQSIM_CONFORM_POPSS] = {IRQSIM_OP_POP_SS, false, 0},
    [IRQSIM_CONFORM_INT] = {IRQSIM_OP_INT, true, 0},
    [IRQSIM_CONFORM_INT3] = {IRQSIM_OP_INT3, false, 0},
    [IRQSIM_CONFORM_ICEBP] = {IRQSIM_OP_ICEBP, false, 0},
    [IRQSIM_CONFORM_INTO] = {IRQSIM_OP_INTO, true, 0},
    [IRQSIM_CONFORM_BOUND] = {IRQSIM_OP_BOUND, true, 0},
    [IRQSIM_CONFORM_UD2] = {IRQSIM_OP_UD2, false, 0},
    [IRQSIM_CONFORM_DIV0] = {IRQSIM_OP_DIV, false, 0},
    [IRQSIM_CONFORM_LOAD] = {IRQSIM_OP_LOAD, true, 0},
    [IRQSIM_CONFORM_LOADNP] = {IRQSIM_OP_MOV_DS, false, SEL_ABSENT_DATA},
    [IRQSIM_CONFORM_LOADBAD] = {IRQSIM_OP_MOV_DS, false, SEL_OUTSIDE},
    [IRQSIM_CONFORM_SYSCALL] = {IRQSIM_OP_SYSCALL, false, SYSCALL_IP},
};

/* What must be there before the instruction: OF, or what it is to find on the stack. */
static void prepare(board_t *b, core_t *core, irqsim_insn_t *insn, uint64_t operand)
{
    irqsim_cpustate_t *regs = &core->cpu.regs;

    switch (insn->op) {
    case IRQSIM_OP_INTO:
        regs->flags = (regs->flags & ~(uint64_t)EFLAGS_OF) | (operand ? EFLAGS_OF : 0);
        break;
    case IRQSIM_OP_POPF:
        push(b, core, operand);
        break;
    case IRQSIM_OP_POP_SS:
        push(b, core, regs->ss);
        break;
    case IRQSIM_OP_MOV_SS:
        insn->operand = regs->ss;
        break;
    default:
        break;
    }
}

irqsim_conform_answer_t irqsim__conform_cpu_exec(void *model, uint32_t cpu,
                                                 irqsim_conform_insn_t which, uint64_t operand)
{
    board_t *b = model;
    core_t *core = live(b, cpu);
    asker_t asker = {b, cpu};
    irqsim_insn_t insn = {
        .op = insns[which].op,
        .fetch = 1,
        .cs = SEL_CODE0,
        .operand = insns[which].given ? operand : insns[which].operand,
    };

    if (!core)
        return IRQSIM_CONFORM_REFUSED;
    const irqsim_vcpu_t v = vcpu_of(core, &asker);
    if (core->cpu.activity == IRQSIM_RUNNING)
        prepare(b, core, &insn, operand);
    core->old_tr = core->cpu.regs.tr;
    if (irqsim_vcpu_exec(&v, &insn, &core->last) != IRQSIM_OK)
        return IRQSIM_CONFORM_REFUSED;
    charge(b, core, (irqsim_op_t)insn.op);
    if (core->last.did == IRQSIM_VCPU_DELIVERED)
        return IRQSIM_CONFORM_OK;
    return irqsim__conform_cpu_boundary(model, cpu);
}

/* ---- registers ---- */

/* Fields that are bits of EFLAGS. */
static const struct {
    uint8_t field, shift;
    uint32_t mask;
} flag_fields[] = {
    {IRQSIM_CONFORM_F_IF, 9, EFLAGS_IF},        {IRQSIM_CONFORM_F_TF, 8, EFLAGS_TF},
    {IRQSIM_CONFORM_F_NT, 14, EFLAGS_NT},       {IRQSIM_CONFORM_F_RF, 16, EFLAGS_RF},
    {IRQSIM_CONFORM_F_IOPL, 12, EFLAGS_IOPL_M},
};

static bool flag_field(uint64_t flags, irqsim_conform_field_t field, uint64_t *value)
{
    for (size_t i = 0; i < sizeof(flag_fields) / sizeof(flag_fields[0]); i++) {
        if (flag_fields[i].field != field)
            continue;
        *value = (flags & flag_fields[i].mask) >> flag_fields[i].shift;
        return true;
    }
    return false;
}

static void set_flags(irqsim_cpustate_t *regs, const irqsim_conform_fields_t *fields)
{
    for (size_t i = 0; i < sizeof(flag_fields) / sizeof(flag_fields[0]); i++)
        if (fields->given >> flag_fields[i].field & 1)
            regs->flags =
                (regs->flags & ~(uint64_t)flag_fields[i].mask) |
                (fields->value[flag_fields[i].field] << flag_fields[i].shift & flag_fields[i].mask);
}

static bool has_levels(const irqsim_cpustate_t *regs)
{
    return regs->mode == IRQSIM_MODE_PROTECTED || regs->mode == IRQSIM_MODE_LONG;
}

irqsim_conform_answer_t irqsim__conform_cpu_set(void *model, uint32_t cpu,
                                                const irqsim_conform_fields_t *fields)
{
    board_t *b = model;
    core_t *core = live(b, cpu);

    if (!core)
        return IRQSIM_CONFORM_REFUSED;
    irqsim_cpustate_t *regs = &core->cpu.regs;
    if (GIVEN(fields, MODE)) {
        enter_mode(core, VALUE(fields, MODE));
        irqsim__conform_tables(b, core);
        irqsim__conform_clear_idt(b, core);
    }
    if (GIVEN(fields, CPL) && has_levels(regs))
        enter_level(core, (uint8_t)VALUE(fields, CPL));
    set_flags(regs, fields);
    if (GIVEN(fields, IP))
        regs->ip = VALUE(fields, IP);
    if (GIVEN(fields, SP))
        regs->sp = VALUE(fields, SP);
    if (GIVEN(fields, CR2))
        regs->cr2 = VALUE(fields, CR2);
    return IRQSIM_CONFORM_OK;
}

static uint64_t mode_of(const irqsim_cpustate_t *regs)
{
    static const uint8_t modes[] = {
        [IRQSIM_MODE_PROTECTED] = IRQSIM_CONFORM_PROT,
        [IRQSIM_MODE_REAL] = IRQSIM_CONFORM_REAL,
        [IRQSIM_MODE_V86] = IRQSIM_CONFORM_V86,
        [IRQSIM_MODE_LONG] = IRQSIM_CONFORM_LONG,
    };

    return modes[regs->mode];
}

irqsim_conform_answer_t irqsim__conform_cpu_get(void *model, uint32_t cpu,
                                                irqsim_conform_field_t field, uint64_t *value)
{
    const board_t *b = model;
    const irqsim_cpustate_t *regs = &b->core[cpu].cpu.regs;

    if (flag_field(regs->flags, field, value))
        return IRQSIM_CONFORM_OK;
    switch (field) {
    case IRQSIM_CONFORM_F_MODE:
        *value = mode_of(regs);
        break;
    case IRQSIM_CONFORM_F_CPL:
        *value = regs->cpl;
        break;
    case IRQSIM_CONFORM_F_IP:
        *value = regs->ip;
        break;
    case IRQSIM_CONFORM_F_SP:
        *value = regs->sp;
        break;
    case IRQSIM_CONFORM_F_CS:
        *value = regs->cs;
        break;
    case IRQSIM_CONFORM_F_CR2:
        *value = regs->cr2;
        break;
    default:
        return IRQSIM_CONFORM_UNSUPPORTED;
    }
    return IRQSIM_CONFORM_OK;
}

/* ---- tables ---- */

irqsim_conform_answer_t irqsim__conform_cpu_gate(void *model, uint32_t cpu,
                                                 const irqsim_conform_gate_t *gate)
{
    core_t *core = live(model, cpu);

    if (!core)
        return IRQSIM_CONFORM_REFUSED;
    irqsim__conform_gate(model, core, gate);
    return IRQSIM_CONFORM_OK;
}

irqsim_conform_answer_t irqsim__conform_cpu_idt_limit(void *model, uint32_t cpu, uint16_t limit)
{
    core_t *core = live(model, cpu);

    if (!core)
        return IRQSIM_CONFORM_REFUSED;
    core->cpu.regs.idtr.limit = limit;
    return IRQSIM_CONFORM_OK;
}

irqsim_conform_answer_t irqsim__conform_cpu_tss_stack(void *model, uint32_t cpu,
                                                      irqsim_conform_segment_t ss0)
{
    core_t *core = live(model, cpu);

    if (!core)
        return IRQSIM_CONFORM_REFUSED;
    irqsim__conform_tss_stack(model, core, ss0);
    return IRQSIM_CONFORM_OK;
}

irqsim_conform_answer_t irqsim__conform_cpu_page(void *model, uint32_t cpu,
                                                 irqsim_conform_page_t page, uint64_t address,
                                                 bool present)
{
    core_t *core = live(model, cpu);

    if (!core || !irqsim__conform_page(model, core, page, address, present))
        return IRQSIM_CONFORM_REFUSED;
    return IRQSIM_CONFORM_OK;
}

/* ---- frames ---- */

/* SS:ESP is part of a frame to an outer level or to V86, and of all in long mode. */
static bool has_stack(const irqsim_cpustate_t *regs, uint64_t cs, uint64_t flags)
{
    if (regs->mode != IRQSIM_MODE_PROTECTED)
        return regs->mode == IRQSIM_MODE_LONG;
    return (cs & SELECTOR_RPL_M) > regs->cpl || flags & EFLAGS_VM;
}

irqsim_conform_answer_t irqsim__conform_cpu_frame(void *model, uint32_t cpu,
                                                  const irqsim_conform_fields_t *f)
{
    board_t *b = model;
    core_t *core = live(b, cpu);

    if (!core)
        return IRQSIM_CONFORM_REFUSED;
    const irqsim_cpustate_t regs = core->cpu.regs;
    const uint64_t flags = GIVEN(f, FLAGS) ? VALUE(f, FLAGS) : regs.flags;
    const uint64_t cs = GIVEN(f, CS) ? VALUE(f, CS) : regs.cs;
    if (regs.mode == IRQSIM_MODE_PROTECTED && flags & EFLAGS_VM)
        for (unsigned segment = 0; segment < 4; segment++)
            push(b, core, 0); /* GS, FS, DS, ES */
    if (has_stack(&regs, cs, flags)) {
        push(b, core, GIVEN(f, SS) ? VALUE(f, SS) : regs.ss);
        push(b, core, GIVEN(f, SP) ? VALUE(f, SP) : regs.sp);
    }
    push(b, core, flags);
    push(b, core, cs);
    push(b, core, GIVEN(f, IP) ? VALUE(f, IP) : regs.ip);
    return IRQSIM_CONFORM_OK;
}

/* ---- what was delivered ---- */

/* A slot of the frame, counted from its lowest. */
static uint64_t saved_slot(board_t *b, core_t *core, unsigned slot)
{
    const irqsim_outcome_t *out = &core->last.delivered.out;

    return irqsim__conform_peek(b, core, out->address + slot * out->slot, out->slot);
}

/* Frames have 3, 5 or 9 slots: with an error code their number is even. */
static bool pushed_error(const irqsim_outcome_t *out)
{
    return out->task ? out->frame > 0 : out->frame / out->slot % 2 == 0;
}

/* In the old task's TSS. */
static irqsim_conform_answer_t saved_in_tss(board_t *b, core_t *core, irqsim_conform_field_t field,
                                            uint64_t *value)
{
    const uint64_t tss = core->old_tr.base;

    if (flag_field(irqsim__conform_peek(b, core, tss + TSS32_EFLAGS, 4), field, value))
        return IRQSIM_CONFORM_OK;
    switch (field) {
    case IRQSIM_CONFORM_F_IP:
        *value = irqsim__conform_peek(b, core, tss + TSS32_EIP, 4);
        break;
    case IRQSIM_CONFORM_F_SP:
        *value = irqsim__conform_peek(b, core, tss + TSS32_ESP_AT, 4);
        break;
    case IRQSIM_CONFORM_F_CS:
        *value = irqsim__conform_peek(b, core, tss + TSS32_CS_AT, 2);
        break;
    default:
        return IRQSIM_CONFORM_NONE;
    }
    return IRQSIM_CONFORM_OK;
}

/* In the frame: [error], IP, CS, FLAGS, [SP, SS ...]. */
static irqsim_conform_answer_t saved_in_frame(board_t *b, core_t *core,
                                              irqsim_conform_field_t field, uint64_t *value)
{
    const irqsim_outcome_t *out = &core->last.delivered.out;
    const unsigned ip = pushed_error(out);
    const unsigned slots = out->frame / out->slot;

    if (flag_field(saved_slot(b, core, ip + 2), field, value))
        return IRQSIM_CONFORM_OK;
    switch (field) {
    case IRQSIM_CONFORM_F_IP:
        *value = saved_slot(b, core, ip);
        break;
    case IRQSIM_CONFORM_F_CS:
        *value = saved_slot(b, core, ip + 1) & UINT16_MAX;
        break;
    case IRQSIM_CONFORM_F_SP:
        if (slots < ip + 5)
            return IRQSIM_CONFORM_NONE;
        *value = saved_slot(b, core, ip + 3);
        break;
    default:
        return IRQSIM_CONFORM_NONE;
    }
    return IRQSIM_CONFORM_OK;
}

irqsim_conform_answer_t irqsim__conform_cpu_took(void *model, uint32_t cpu,
                                                 irqsim_conform_field_t field, uint64_t *value)
{
    board_t *b = model;
    core_t *core = &b->core[cpu];
    const irqsim_delivered_t *d = &core->last.delivered;

    if (core->last.did != IRQSIM_VCPU_DELIVERED || d->what != IRQSIM_DELIVERED_HANDLER)
        return IRQSIM_CONFORM_NONE;
    switch (field) {
    case IRQSIM_CONFORM_F_VECTOR:
        *value = d->event.vector;
        return IRQSIM_CONFORM_OK;
    case IRQSIM_CONFORM_F_FRAME:
        *value = d->out.frame;
        return IRQSIM_CONFORM_OK;
    case IRQSIM_CONFORM_F_ERROR:
        if (!pushed_error(&d->out))
            return IRQSIM_CONFORM_NONE;
        *value = saved_slot(b, core, 0);
        return IRQSIM_CONFORM_OK;
    default:
        return d->out.task ? saved_in_tss(b, core, field, value)
                           : saved_in_frame(b, core, field, value);
    }
}

/* ---- views ---- */

irqsim_conform_answer_t irqsim__conform_cpu_flag(void *model, uint32_t cpu,
                                                 irqsim_conform_flag_t flag, bool *level)
{
    const board_t *b = model;
    const irqsim_cpu_t *c = &b->core[cpu].cpu;

    *level = flag == IRQSIM_CONFORM_HALTED     ? c->activity == IRQSIM_HALTED
             : flag == IRQSIM_CONFORM_SHUTDOWN ? c->activity == IRQSIM_SHUTDOWN
                                               : c->nmi_blocked;
    return IRQSIM_CONFORM_OK;
}

irqsim_conform_answer_t irqsim__conform_cpu_clocks(void *model, uint32_t cpu, uint64_t *clocks)
{
    board_t *b = model;

    *clocks = b->core[cpu].clocks;
    b->core[cpu].clocks = 0;
    return IRQSIM_CONFORM_OK;
}
