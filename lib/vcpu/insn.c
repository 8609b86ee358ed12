/* SPDX-License-Identifier: MIT */
/*
 * insn.c - the instructions that matter to events: a table, and what each does
 */
#include <irqsim/regs/debug_regs.h>
#include <irqsim/regs/idt_regs.h>

#include "vcpu_int.h"

#define LOADED 4u /* bytes of a LOAD or STORE */

/* CPU-77: what POPF moves at any level. RF is not among it (CPU-54). */
#define POPPED                                                                                     \
    (EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF | EFLAGS_SF | EFLAGS_TF | EFLAGS_DF |           \
     EFLAGS_OF | EFLAGS_NT | EFLAGS_AC | EFLAGS_ID)

/* What Linux puts into SFMASK. */
#define SYSCALL_CLEARS                                                                             \
    (EFLAGS_TF | EFLAGS_IF | EFLAGS_DF | EFLAGS_IOPL_M | EFLAGS_NT | EFLAGS_AC | EFLAGS_RF)

verdict_t irqsim__vcpu_raise(exec_t *e, uint8_t vector, uint32_t error)
{
    e->event = irqsim_exception(vector, error);
    return RAISED;
}

static verdict_t gp0_unless(exec_t *e, bool fine)
{
    return fine ? DONE : irqsim__vcpu_raise(e, VECTOR_GP, 0);
}

/* ---- IF and HLT ---- */

static verdict_t nop(exec_t *e)
{
    (void)e;
    return DONE;
}

static verdict_t cli(exec_t *e)
{
    return gp0_unless(e, irqsim_cpu_cli(e->cpu)); /* CPU-77 */
}

static verdict_t sti(exec_t *e)
{
    return gp0_unless(e, irqsim_cpu_sti(e->cpu)); /* CPU-77 */
}

static verdict_t hlt(exec_t *e)
{
    return gp0_unless(e, irqsim_cpu_hlt(e->cpu)); /* CPU-78 */
}

/* ---- flags ---- */

/* CPU-77: in V86 mode flags are IOPL's business as IF is. */
static bool is_barred(const irqsim_cpustate_t *s)
{
    return s->mode == IRQSIM_MODE_V86 && (s->flags & EFLAGS_IOPL_M) != EFLAGS_IOPL(3);
}

static verdict_t pushf(exec_t *e)
{
    const irqsim_cpustate_t *s = &e->cpu->regs;

    if (is_barred(s))
        return irqsim__vcpu_raise(e, VECTOR_GP, 0);
    return irqsim__vcpu_push(e, s->flags & ~(uint64_t)(EFLAGS_VM | EFLAGS_RF));
}

static verdict_t popf(exec_t *e)
{
    irqsim_cpustate_t *s = &e->cpu->regs;
    uint64_t popped, moved = POPPED;

    if (is_barred(s))
        return irqsim__vcpu_raise(e, VECTOR_GP, 0);
    const verdict_t verdict = irqsim__vcpu_pop(e, &popped);
    if (verdict != DONE)
        return verdict;
    if (irqsim_cpu_may_change_if(e->cpu)) /* CPU-77: else silently left; CPU-76: no shadow */
        moved |= EFLAGS_IF;
    if (s->cpl == 0)
        moved |= EFLAGS_IOPL_M;
    if (e->size == 2)
        moved &= UINT16_MAX;
    s->flags = (s->flags & ~moved) | (popped & moved);
    return DONE;
}

/* ---- the way out ---- */

static verdict_t failed_iret(exec_t *e, uint64_t ip)
{
    irqsim_cpu_iret_faulted(e->cpu); /* CPU-79 */
    if (!e->out.task)
        e->cpu->regs.ip = ip;
    if (e->out.vector == VECTOR_PF)
        e->cpu->regs.cr2 = e->out.address;
    return irqsim__vcpu_raise(e, e->out.vector, e->out.error);
}

static verdict_t iret(exec_t *e)
{
    irqsim_cpustate_t *s = &e->cpu->regs;
    const irqsim_cpustate_t before = *s;

    s->ip = irqsim__vcpu_ip_plus(s, e->length); /* where a task goes on that it leaves */
    irqsim_idt_iret(s, e->v->mem, e->size, &e->out);
    if (e->out.bus_error && !e->out.task)
        s->ip = before.ip;
    if (e->out.bus_error)
        return NO_MEMORY;
    if (!e->out.delivered)
        return failed_iret(e, before.ip);
    irqsim_cpu_iret_done(e->cpu);
    e->hits |= irqsim__vcpu_stack_hits(e->v->breakpoints, &before, DR7_ACCESS, e->out.frame,
                                       e->size); /* CPU-70 */
    return JUMPED;
}

/* LM-09: no IDT, no frame. RCX and R11 are not kept. */
static verdict_t syscall_(exec_t *e)
{
    irqsim_cpustate_t *s = &e->cpu->regs;

    s->ip = e->insn->operand;
    s->cs = e->insn->cs & (uint16_t)~SELECTOR_RPL_M;
    s->ss = (uint16_t)(s->cs + 8);
    s->ss_desc = 0;
    s->cpl = 0;
    s->flags &= ~(uint64_t)SYSCALL_CLEARS;
    e->stepped = false; /* TF is gone before the trap is due */
    return JUMPED;
}

/* ---- segments ---- */

/* CPU-74 */
static verdict_t shadowed(exec_t *e, verdict_t verdict)
{
    if (verdict == DONE)
        irqsim_cpu_mov_ss(e->cpu);
    return verdict;
}

static verdict_t mov_ss(exec_t *e)
{
    return shadowed(e, irqsim__vcpu_load_ss(e, (uint16_t)e->insn->operand));
}

/* SP moves only if the selector is good. */
static verdict_t pop_ss(exec_t *e)
{
    const uint64_t sp = e->cpu->regs.sp;
    uint64_t selector;
    verdict_t verdict = irqsim__vcpu_pop(e, &selector);

    if (verdict == DONE)
        verdict = irqsim__vcpu_load_ss(e, (uint16_t)selector);
    if (verdict != DONE)
        e->cpu->regs.sp = sp;
    return shadowed(e, verdict);
}

static verdict_t mov_ds(exec_t *e)
{
    return irqsim__vcpu_load_ds(e, (uint16_t)e->insn->operand);
}

/* ---- programmed exceptions ---- */

static verdict_t trap(exec_t *e, unsigned vector, irqsim_event_kind_t kind)
{
    e->event = (irqsim_delivery_t){
        .vector = (uint8_t)vector, .kind = (uint8_t)kind, .length = (uint8_t)e->length};
    return TRAPPED;
}

static verdict_t int_n(exec_t *e) /* CPU-68: IF does not matter, nobody is asked */
{
    return trap(e, (uint8_t)e->insn->operand, IRQSIM_KIND_SOFTWARE);
}

static verdict_t int3(exec_t *e) /* CPU-65 */
{
    return trap(e, VECTOR_BP, IRQSIM_KIND_INT3);
}

static verdict_t into(exec_t *e) /* CPU-65 */
{
    return e->cpu->regs.flags & EFLAGS_OF ? trap(e, VECTOR_OF, IRQSIM_KIND_INTO) : DONE;
}

static verdict_t icebp(exec_t *e) /* CPU-70: no bit of DR6 tells of it */
{
    return trap(e, VECTOR_DB, IRQSIM_KIND_ICEBP);
}

/* ---- faults ---- */

static verdict_t bound(exec_t *e) /* CPU-66 */
{
    return e->insn->operand ? irqsim__vcpu_raise(e, VECTOR_BR, 0) : DONE;
}

static verdict_t ud2(exec_t *e) /* CPU-67 */
{
    return irqsim__vcpu_raise(e, VECTOR_UD, 0);
}

static verdict_t div_(exec_t *e) /* CPU-69 */
{
    return e->insn->operand ? DONE : irqsim__vcpu_raise(e, VECTOR_DE, 0);
}

static verdict_t read_operand(exec_t *e, uint8_t bytes[LOADED])
{
    const verdict_t verdict = irqsim__vcpu_check_data(e, e->insn->operand, LOADED);

    return verdict == DONE ? irqsim__vcpu_read(e, e->insn->operand, bytes, LOADED) : verdict;
}

static verdict_t load(exec_t *e)
{
    uint8_t bytes[LOADED];

    return read_operand(e, bytes);
}

static verdict_t store(exec_t *e)
{
    uint8_t bytes[LOADED];
    const uint32_t hits = e->hits;
    verdict_t verdict = read_operand(e, bytes);

    if (verdict == RAISED && e->event.vector == VECTOR_PF)
        e->event.error |= PF_ERROR_W;
    if (verdict != DONE)
        return verdict;
    e->hits = hits; /* the read is ours, not the instruction's */
    return irqsim__vcpu_write(e, e->insn->operand, bytes, LOADED);
}

/* CPU-81: events come between the iterations. RF goes into the frame of any but the last
 * (CPU-53), and keeps the breakpoint of the instruction from the next one (CPU-54). */
static verdict_t rep(exec_t *e)
{
    if (e->insn->operand <= 1)
        return DONE;
    e->cpu->regs.flags |= EFLAGS_RF;
    return JUMPED;
}

/* ---- the table ---- */

/* clang-format off */
const insn_row_t irqsim__vcpu_insns[IRQSIM_OPS] = {
    /*                      name       length: 16 32 64  shadows  execute      encoding     */
    [IRQSIM_OP_NOP]     = {"nop",             {1, 1, 1}, false,   nop},     /* 90           */
    [IRQSIM_OP_CLI]     = {"cli",             {1, 1, 1}, false,   cli},     /* FA           */
    [IRQSIM_OP_STI]     = {"sti",             {1, 1, 1}, true,    sti},     /* FB           */
    [IRQSIM_OP_HLT]     = {"hlt",             {1, 1, 1}, false,   hlt},     /* F4           */
    [IRQSIM_OP_IRET]    = {"iret",            {1, 1, 2}, false,   iret},    /* CF, 48 CF    */
    [IRQSIM_OP_PUSHF]   = {"pushf",           {1, 1, 1}, false,   pushf},   /* 9C           */
    [IRQSIM_OP_POPF]    = {"popf",            {1, 1, 1}, false,   popf},    /* 9D           */
    [IRQSIM_OP_MOV_SS]  = {"mov ss",          {2, 2, 2}, true,    mov_ss},  /* 8E D0        */
    [IRQSIM_OP_POP_SS]  = {"pop ss",          {1, 1, 0}, true,    pop_ss},  /* 17           */
    [IRQSIM_OP_MOV_DS]  = {"mov ds",          {2, 2, 2}, false,   mov_ds},  /* 8E D8        */
    [IRQSIM_OP_INT]     = {"int",             {2, 2, 2}, false,   int_n},   /* CD nn        */
    [IRQSIM_OP_INT3]    = {"int3",            {1, 1, 1}, false,   int3},    /* CC           */
    [IRQSIM_OP_INTO]    = {"into",            {1, 1, 0}, false,   into},    /* CE (LM-09)   */
    [IRQSIM_OP_ICEBP]   = {"icebp",           {1, 1, 1}, false,   icebp},   /* F1           */
    [IRQSIM_OP_BOUND]   = {"bound",           {2, 2, 0}, false,   bound},   /* 62 /r (LM-09) */
    [IRQSIM_OP_UD2]     = {"ud2",             {2, 2, 2}, false,   ud2},     /* 0F 0B        */
    [IRQSIM_OP_DIV]     = {"div",             {2, 2, 2}, false,   div_},    /* F7 F1        */
    [IRQSIM_OP_LOAD]    = {"load",            {3, 5, 7}, false,   load},    /* A1, 8B 04 25 */
    [IRQSIM_OP_STORE]   = {"store",           {3, 5, 7}, false,   store},   /* A3, 89 04 25 */
    [IRQSIM_OP_REP]     = {"rep",             {2, 2, 2}, false,   rep},     /* F3 A4        */
    [IRQSIM_OP_SYSCALL] = {"syscall",         {0, 0, 2}, false,   syscall_}, /* 0F 05       */
};
/* clang-format on */

unsigned irqsim__vcpu_code_width(const irqsim_cpustate_t *s)
{
    if (irqsim__vcpu_in_paragraphs(s))
        return 0;
    return s->code64 ? 2 : 1;
}

const char *irqsim_insn_name(unsigned op)
{
    return op < IRQSIM_OPS ? irqsim__vcpu_insns[op].name : NULL;
}

unsigned irqsim_insn_length(unsigned op, const irqsim_cpustate_t *state)
{
    return irqsim__vcpu_insns[op].length[irqsim__vcpu_code_width(state)];
}
