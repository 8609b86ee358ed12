/* SPDX-License-Identifier: MIT */
/*
 * boundary.c - between two instructions
 *
 *   vm_boundary (code hook)   the last instruction retires: time, shadows, NMI
 *        |                    blocking; is there anything to take?
 *        | yes: leave the engine
 *        v
 *   vm_run --> take --> deliver --> back into the engine
 *
 * An instruction takes INSN_TIME, whatever it does.
 */
#include "vm.h"

#include <irqsim/deliver.h>

#define INSN_TIME (8 * IRQSIM_PS_PER_NS)

#define OP_POP_SS 0x17u
#define OP_MOV_SR 0x8Eu /* to the segment register that ModRM names */
#define OP_INT3   0xCCu
#define OP_INT    0xCDu
#define OP_INTO   0xCEu
#define OP_IRET   0xCFu
#define OP_HLT    0xF4u
#define OP_STI    0xFBu
#define OP_0F     0x0Fu
#define OP2_WRMSR 0x30u
#define OP2_RDMSR 0x32u
#define OP2_CPUID 0xA2u

#define CPUID_FEATURES 1u
#define CPUID_EDX_APIC (1u << 9)

#define MODRM_REG    0x38u
#define MODRM_REG_SS 0x10u

enum { DEBUG_VECTOR = 1, GENERAL_PROTECTION = 13 };

/* ---- an instruction begins, and retires ---- */

/* Two bytes tell the instructions that matter here, if they have no prefixes. */
static void begin(vm_t *vm, uint32_t eip)
{
    vm->begun = true;
    vm->eax = engine_reg(vm, UC_X86_REG_EAX);
    for (unsigned i = 0; i < sizeof(vm->insn); i++)
        if (!irqsim_mem_read(&vm->mem, eip + i, &vm->insn[i], 1))
            vm->insn[i] = 0;
}

static bool loads_ss(const vm_t *vm)
{
    return vm->insn[0] == OP_POP_SS ||
           (vm->insn[0] == OP_MOV_SR && (vm->insn[1] & MODRM_REG) == MODRM_REG_SS);
}

/* Unicorn's CPU has no local APIC. */
static void tell_apic(vm_t *vm)
{
    if (vm->eax == CPUID_FEATURES)
        engine_set_reg(vm, UC_X86_REG_EDX, engine_reg(vm, UC_X86_REG_EDX) | CPUID_EDX_APIC);
}

/* Unicorn has no notion of what STI, MOV SS and IRET do to interrupts. The flags in
 * cpu.regs are still those from before the instruction. */
static void retire(vm_t *vm)
{
    if (!vm->begun)
        return;
    vm->begun = false;
    if (vm->insn[0] == OP_STI)
        irqsim_cpu_sti(&vm->cpu); /* CPU-72 */
    else if (loads_ss(vm))
        irqsim_cpu_mov_ss(&vm->cpu); /* CPU-74 */
    else if (vm->insn[0] == OP_IRET)
        irqsim_cpu_iret_done(&vm->cpu); /* CPU-79 */
    else
        irqsim_cpu_retired(&vm->cpu);
    if (vm->insn[0] == OP_0F && vm->insn[1] == OP2_CPUID)
        tell_apic(vm);
    board_advance(&vm->board, vm->board.now + INSN_TIME);
}

/* Brings what a boundary depends on up to date. */
static void sample(vm_t *vm)
{
    engine_sample(vm);
    irqsim_cpu_set_intr(&vm->cpu, board_intr(&vm->board));
    if (board_nmi(&vm->board))
        irqsim_cpu_pulse(&vm->cpu, IRQSIM_CPU_IN_NMI);
}

static bool is_msr_access(const vm_t *vm)
{
    return vm->insn[0] == OP_0F && (vm->insn[1] == OP2_RDMSR || vm->insn[1] == OP2_WRMSR) &&
           vm->cpu.regs.cpl == 0;
}

void vm_boundary(vm_t *vm, uint32_t eip)
{
    retire(vm);
    sample(vm);
    if (irqsim_cpu_poll(&vm->cpu) != IRQSIM_TAKE_NOTHING || vm->board.exit_code >= 0) {
        engine_leave(vm, VM_STOP_BOUNDARY);
        return;
    }
    begin(vm, eip);
    if (is_msr_access(vm))
        engine_leave(vm, VM_STOP_MSR);
}

void vm_raise(vm_t *vm, uint8_t vector)
{
    vm->vector = vector;
    engine_leave(vm, VM_STOP_EXCEPTION);
}

/* ---- delivery ---- */

static const char *deliver(vm_t *vm, const irqsim_delivery_t *event)
{
    const irqsim_cpustate_t before = vm->cpu.regs;
    irqsim_delivered_t done;

    if (irqsim_deliver(&vm->cpu.regs, &vm->mem, event, &done) != IRQSIM_OK)
        return "the engine's registers are such as no CPU has";
    if (done.what == IRQSIM_DELIVERED_SHUTDOWN)
        return "the guest's CPU has shut down (triple fault)";
    if (!engine_write_state(vm, &before))
        return "Unicorn refuses a segment";
    if (done.task_trap) /* the new task's T bit: #DB before its first instruction */
        irqsim_cpu_pulse(&vm->cpu, IRQSIM_CPU_IN_TASK_TRAP);
    oldfault_forget(vm);
    return NULL;
}

/* What is to be delivered for it; only INTR has somebody to ask. */
static irqsim_delivery_t taken(vm_t *vm, irqsim_boundary_t what)
{
    switch (what) {
    case IRQSIM_TAKE_NMI:
        return irqsim_nmi();
    case IRQSIM_TAKE_TASK_TRAP:
        return irqsim_exception(DEBUG_VECTOR, 0);
    default:
        return irqsim_interrupt(board_acknowledge(&vm->board));
    }
}

/* The best event that the boundary has, if any: poll, acknowledge, deliver. */
static const char *take(vm_t *vm)
{
    sample(vm);
    const irqsim_boundary_t what = irqsim_cpu_poll(&vm->cpu);
    if (what == IRQSIM_TAKE_NOTHING)
        return NULL;
    irqsim_cpu_took(&vm->cpu, what);
    engine_read_state(vm);
    const irqsim_delivery_t event = taken(vm, what);
    return deliver(vm, &event);
}

/* What the instruction raised. Unicorn gives a vector for all of it; the opcode
 * tells INT n from an exception of the same vector (CPU-22, CPU-32). */
static irqsim_delivery_t raised(vm_t *vm)
{
    const struct {
        uint8_t opcode, vector, kind, length;
    } software[] = {
        {OP_INT3, 3, IRQSIM_KIND_INT3, 1},
        {OP_INTO, 4, IRQSIM_KIND_INTO, 1},
        {OP_INT, vm->insn[1], IRQSIM_KIND_SOFTWARE, 2},
    };

    for (size_t i = 0; i < sizeof(software) / sizeof(software[0]); i++)
        if (vm->insn[0] == software[i].opcode && vm->vector == software[i].vector)
            return (irqsim_delivery_t){
                .vector = vm->vector, .kind = software[i].kind, .length = software[i].length};
    return irqsim_exception(vm->vector, oldfault_error(vm));
}

/* ---- why the engine came back ---- */

static const char *after_exception(vm_t *vm)
{
    const irqsim_delivery_t event = raised(vm);

    if (event.kind == IRQSIM_KIND_EXCEPTION) {
        if (vm->begun && vm->insn[0] == OP_IRET)
            irqsim_cpu_iret_faulted(&vm->cpu); /* CPU-79 */
        vm->begun = false;                     /* it did not retire */
    }
    retire(vm);
    irqsim_cpu_retired(&vm->cpu);
    engine_read_state(vm);
    return deliver(vm, &event);
}

/* RDMSR would give 0, WRMSR would do nothing: here they reach the local APIC. */
static const char *after_msr(vm_t *vm)
{
    const uint32_t msr = engine_reg(vm, UC_X86_REG_ECX);
    uint64_t value =
        (uint64_t)engine_reg(vm, UC_X86_REG_EDX) << 32 | engine_reg(vm, UC_X86_REG_EAX);
    const bool writes = vm->insn[1] == OP2_WRMSR;

    if (!(writes ? board_wrmsr(&vm->board, msr, value) : board_rdmsr(&vm->board, msr, &value))) {
        const irqsim_delivery_t event = irqsim_exception(GENERAL_PROTECTION, 0);
        vm->begun = false;
        engine_read_state(vm);
        return deliver(vm, &event);
    }
    engine_set_reg(vm, UC_X86_REG_EAX, (uint32_t)value);
    engine_set_reg(vm, UC_X86_REG_EDX, (uint32_t)(value >> 32));
    engine_set_reg(vm, UC_X86_REG_EIP, engine_reg(vm, UC_X86_REG_EIP) + 2);
    retire(vm);
    return NULL;
}

/* Unicorn returns behind HLT and has no halted state. */
static const char *after_hlt(vm_t *vm)
{
    if (!vm->begun || vm->insn[0] != OP_HLT)
        return "Unicorn stopped by itself";
    retire(vm);
    irqsim_cpu_hlt(&vm->cpu);
    return NULL;
}

static const char *after_boundary(vm_t *vm)
{
    (void)vm;
    return NULL;
}

static const char *execute(vm_t *vm)
{
    static const char *(*const after[])(vm_t * vm) = {
        [VM_STOP_HLT] = after_hlt,
        [VM_STOP_BOUNDARY] = after_boundary,
        [VM_STOP_MSR] = after_msr,
        [VM_STOP_EXCEPTION] = after_exception,
    };
    const uc_err err = engine_go(vm);

    return err == UC_ERR_OK ? after[vm->stop](vm) : uc_strerror(err);
}

/* Nothing to execute: time jumps to the next event of a chip. */
static const char *doze(vm_t *vm)
{
    const irqsim_time_t next = board_next_event(&vm->board);

    if (next == IRQSIM_NEVER)
        return "the guest halted and nothing will wake it";
    board_advance(&vm->board, next);
    return NULL;
}

const char *vm_run(vm_t *vm)
{
    const char *why = NULL;

    while (!why && vm->board.exit_code < 0) {
        why = take(vm);
        if (!why)
            why = vm->cpu.activity == IRQSIM_HALTED ? doze(vm) : execute(vm);
    }
    return why;
}
