/* SPDX-License-Identifier: MIT */
/*
 * engine.c - Unicorn as a CPU: its memory, its hooks, its registers
 */
#include "vm.h"

#include <stddef.h>

#include <irqsim/regs/ioapic_regs.h>
#include <irqsim/regs/lapic_regs.h>

#define CR0_PE 0x1u
#define CR0_TS 0x8u
#define CR0_PG 0x80000000u

/* Unicorn maps whole pages. */
#define IOAPIC_MAPPED 0x1000u

/* ---- what the guest's accesses reach ---- */

static uint32_t port_in(uc_engine *uc, uint32_t port, int size, void *user)
{
    vm_t *vm = user;
    uint32_t value = 0;

    (void)uc;
    for (int i = 0; i < size; i++)
        value |= (uint32_t)board_in(&vm->board, (uint16_t)(port + (uint32_t)i)) << 8 * i;
    return value;
}

static void port_out(uc_engine *uc, uint32_t port, int size, uint32_t value, void *user)
{
    vm_t *vm = user;

    (void)uc;
    for (int i = 0; i < size; i++)
        board_out(&vm->board, (uint16_t)(port + (uint32_t)i), (uint8_t)(value >> 8 * i));
}

static uint64_t lapic_read(uc_engine *uc, uint64_t offset, unsigned size, void *user)
{
    (void)uc;
    (void)size;
    return board_read_lapic(&((vm_t *)user)->board, (uint32_t)offset);
}

static void lapic_write(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value, void *user)
{
    (void)uc;
    (void)size;
    board_write_lapic(&((vm_t *)user)->board, (uint32_t)offset, (uint32_t)value);
}

static uint64_t ioapic_read(uc_engine *uc, uint64_t offset, unsigned size, void *user)
{
    (void)uc;
    (void)size;
    return board_read_ioapic(&((vm_t *)user)->board, (uint32_t)offset);
}

static void ioapic_write(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value, void *user)
{
    (void)uc;
    (void)size;
    board_write_ioapic(&((vm_t *)user)->board, (uint32_t)offset, (uint32_t)value);
}

/* ---- hooks ---- */

static void on_instruction(uc_engine *uc, uint64_t eip, uint32_t size, void *user)
{
    (void)uc;
    (void)size;
    vm_boundary(user, (uint32_t)eip);
}

static void on_exception(uc_engine *uc, uint32_t vector, void *user)
{
    (void)uc;
    vm_raise(user, (uint8_t)vector);
}

static bool on_invalid(uc_engine *uc, void *user)
{
    (void)uc;
    vm_raise(user, 6);
    return true;
}

static bool hook(vm_t *vm)
{
    /* clang-format off */
    const struct {
        int type;
        void *callback;
        int insn;
    } hooks[] = {
        {UC_HOOK_CODE,         CALLBACK(on_instruction), 0},
        {UC_HOOK_INTR,         CALLBACK(on_exception),   0},
        {UC_HOOK_INSN_INVALID, CALLBACK(on_invalid),     0},
        {UC_HOOK_INSN,         CALLBACK(port_in),        UC_X86_INS_IN},
        {UC_HOOK_INSN,         CALLBACK(port_out),       UC_X86_INS_OUT},
    };
    /* clang-format on */
    uc_hook id;

    for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++)
        if (uc_hook_add(vm->uc, &id, hooks[i].type, hooks[i].callback, vm, 1, 0, hooks[i].insn) !=
            UC_ERR_OK)
            return false;
    return true;
}

/* With paging on, the address at which uc_emu_start() shall end may fault by
 * itself: there is none. */
static bool map(vm_t *vm)
{
    return uc_ctl_exits_enable(vm->uc) == UC_ERR_OK &&
           uc_mem_map(vm->uc, 0, VM_RAM_BYTES, UC_PROT_ALL) == UC_ERR_OK &&
           uc_mmio_map(vm->uc, LAPIC_MMIO_BASE, LAPIC_MMIO_SIZE, lapic_read, vm, lapic_write, vm) ==
               UC_ERR_OK &&
           uc_mmio_map(vm->uc, IOAPIC_MMIO_BASE, IOAPIC_MAPPED, ioapic_read, vm, ioapic_write,
                       vm) == UC_ERR_OK;
}

bool engine_open(vm_t *vm, const char **why)
{
    memory_init(vm);
    irqsim_cpu_init(&vm->cpu);
    *why = "Unicorn cannot be set up";
    if (uc_open(UC_ARCH_X86, UC_MODE_32, &vm->uc) != UC_ERR_OK || !map(vm) || !hook(vm) ||
        uc_context_alloc(vm->uc, &vm->context) != UC_ERR_OK)
        return false;
    *why = "this version of Unicorn keeps its exceptions elsewhere (oldfault.c)";
    return oldfault_find(vm);
}

void engine_close(vm_t *vm)
{
    uc_context_free(vm->context);
    if (vm->uc)
        uc_close(vm->uc);
}

uc_err engine_go(vm_t *vm)
{
    vm->stop = VM_STOP_HLT;
    return uc_emu_start(vm->uc, engine_reg(vm, UC_X86_REG_EIP), 0, 0, 0);
}

/* Called in hooks only. From the callback of a device the store would be executed
 * once more. */
void engine_leave(vm_t *vm, vm_stop_t why)
{
    vm->stop = (uint8_t)why;
    uc_emu_stop(vm->uc);
}

/* ---- registers ---- */

uint32_t engine_reg(const vm_t *vm, int id)
{
    uint32_t value = 0;

    uc_reg_read(vm->uc, id, &value);
    return value;
}

void engine_set_reg(vm_t *vm, int id, uint32_t value)
{
    uc_reg_write(vm->uc, id, &value);
}

static const int general[8] = {
    [IRQSIM_EAX] = UC_X86_REG_EAX, [IRQSIM_ECX] = UC_X86_REG_ECX, [IRQSIM_EDX] = UC_X86_REG_EDX,
    [IRQSIM_EBX] = UC_X86_REG_EBX, [IRQSIM_ESP] = UC_X86_REG_ESP, [IRQSIM_EBP] = UC_X86_REG_EBP,
    [IRQSIM_ESI] = UC_X86_REG_ESI, [IRQSIM_EDI] = UC_X86_REG_EDI,
};

/* Selectors, in the order in which they are loaded: CS and SS decide the CPL. */
static const struct {
    int id;
    size_t offset;
} selectors[] = {
    {UC_X86_REG_CS, offsetof(irqsim_cpustate_t, cs)},
    {UC_X86_REG_SS, offsetof(irqsim_cpustate_t, ss)},
    {UC_X86_REG_DS, offsetof(irqsim_cpustate_t, ds)},
    {UC_X86_REG_ES, offsetof(irqsim_cpustate_t, es)},
    {UC_X86_REG_FS, offsetof(irqsim_cpustate_t, fs)},
    {UC_X86_REG_GS, offsetof(irqsim_cpustate_t, gs)},
};

#define SELECTORS (sizeof(selectors) / sizeof(selectors[0]))

static uint16_t *selector_of(irqsim_cpustate_t *s, size_t i)
{
    return (uint16_t *)(void *)((char *)s + selectors[i].offset);
}

static irqsim_dtr_t table(const vm_t *vm, int id)
{
    uc_x86_mmr mmr = {0};

    uc_reg_read(vm->uc, id, &mmr);
    return (irqsim_dtr_t){.base = mmr.base, .limit = mmr.limit, .selector = mmr.selector};
}

void engine_sample(vm_t *vm)
{
    irqsim_cpustate_t *s = &vm->cpu.regs;
    const uint32_t cr0 = engine_reg(vm, UC_X86_REG_CR0);

    s->flags = engine_reg(vm, UC_X86_REG_EFLAGS);
    s->cs = (uint16_t)engine_reg(vm, UC_X86_REG_CS);
    s->cpl = s->cs & 3;
    s->ts = (cr0 & CR0_TS) != 0;
    s->cr3 = engine_reg(vm, UC_X86_REG_CR3);
    vm->cr3 = cr0 & CR0_PG ? (uint32_t)s->cr3 : 0;
}

/* The descriptor that SS was loaded with: Unicorn does not show it, the table has
 * it still (0 = flat). */
static uint64_t stack_descriptor(vm_t *vm)
{
    const irqsim_cpustate_t *s = &vm->cpu.regs;
    uint64_t raw = 0;

    irqsim_mem_read(&vm->mem, s->gdtr.base + (s->ss & ~7u), &raw, sizeof(raw));
    return raw;
}

void engine_read_state(vm_t *vm)
{
    irqsim_cpustate_t *s = &vm->cpu.regs;

    engine_sample(vm);
    for (unsigned i = 0; i < 8; i++)
        s->gpr[i] = engine_reg(vm, general[i]);
    for (size_t i = 0; i < SELECTORS; i++)
        *selector_of(s, i) = (uint16_t)engine_reg(vm, selectors[i].id);
    s->ip = engine_reg(vm, UC_X86_REG_EIP);
    s->sp = s->gpr[IRQSIM_ESP];
    s->cr2 = engine_reg(vm, UC_X86_REG_CR2);
    s->idtr = table(vm, UC_X86_REG_IDTR);
    s->gdtr = table(vm, UC_X86_REG_GDTR);
    s->ldtr = table(vm, UC_X86_REG_LDTR);
    s->tr = table(vm, UC_X86_REG_TR);
    s->ss_desc = stack_descriptor(vm);
}

/* Unicorn checks SS against the CPL and offers no way to it. Real mode does not
 * check, and its SS means CPL 0. */
static void enter_ring0(vm_t *vm)
{
    const uint32_t cr0 = engine_reg(vm, UC_X86_REG_CR0);

    engine_set_reg(vm, UC_X86_REG_CR0, cr0 & ~CR0_PE);
    engine_set_reg(vm, UC_X86_REG_SS, 0);
    engine_set_reg(vm, UC_X86_REG_CR0, cr0);
}

static bool write_selectors(vm_t *vm)
{
    irqsim_cpustate_t *s = &vm->cpu.regs;

    for (size_t i = 0; i < SELECTORS; i++) {
        const uint32_t selector = *selector_of(s, i);
        if (engine_reg(vm, selectors[i].id) != selector &&
            uc_reg_write(vm->uc, selectors[i].id, &selector) != UC_ERR_OK)
            return false;
    }
    return true;
}

static void write_task(vm_t *vm)
{
    const irqsim_cpustate_t *s = &vm->cpu.regs;
    const uint32_t cr0 = engine_reg(vm, UC_X86_REG_CR0);
    const uc_x86_mmr tr = {s->tr.selector, s->tr.base, s->tr.limit, 0x8B00};

    uc_reg_write(vm->uc, UC_X86_REG_TR, &tr);
    engine_set_reg(vm, UC_X86_REG_CR0, s->ts ? cr0 | CR0_TS : cr0);
    if (cr0 & CR0_PG)
        engine_set_reg(vm, UC_X86_REG_CR3, (uint32_t)s->cr3);
    for (unsigned i = 0; i < 8; i++)
        engine_set_reg(vm, general[i], s->gpr[i]);
}

bool engine_write_state(vm_t *vm, const irqsim_cpustate_t *before)
{
    const irqsim_cpustate_t *s = &vm->cpu.regs;

    if (s->tr.selector != before->tr.selector)
        write_task(vm);
    if (s->cpl < before->cpl)
        enter_ring0(vm);
    if (!write_selectors(vm))
        return false;
    engine_set_reg(vm, UC_X86_REG_CR2, (uint32_t)s->cr2);
    engine_set_reg(vm, UC_X86_REG_ESP, (uint32_t)s->sp);
    engine_set_reg(vm, UC_X86_REG_EFLAGS, (uint32_t)s->flags);
    engine_set_reg(vm, UC_X86_REG_EIP, (uint32_t)s->ip);
    return true;
}
