/* SPDX-License-Identifier: MIT */
/*
 * vm.h - Unicorn executes, irqsim interrupts
 *
 *   main.c ---> boundary.c ----> irqsim_cpu_poll/took   what is taken when
 *                  |    |  ----> irqsim_deliver         gate, stack, frame
 *                  |    +------> board.c                chips and wires
 *                  v
 *               engine.c         Unicorn: memory, registers, hooks
 *               oldfault.c       what Unicorn hides about its last exception
 */
#ifndef VM_H
#define VM_H

#include <irqsim/cpu.h>
#include <irqsim/mem.h>

#include <unicorn/unicorn.h>

#include "board.h"

#define VM_RAM_BYTES 0x400000u
#define VM_LOAD_AT   0x100000u

/* uc_hook_add() takes functions of several types as void *. ISO C has no such cast. */
#define CALLBACK(function) ((void *)(uintptr_t)(function))

/* Why the engine came back. */
typedef enum vm_stop {
    VM_STOP_HLT,       /* by itself, behind HLT                             */
    VM_STOP_BOUNDARY,  /* something is to be taken before the instruction   */
    VM_STOP_MSR,       /* the instruction is one that Unicorn gets wrong    */
    VM_STOP_EXCEPTION, /* ... or raised `vector`                            */
} vm_stop_t;

typedef struct vm {
    uc_engine *uc;
    uc_context *context;                /* oldfault.c's                    */
    size_t error_code_at, old_fault_at; /* ... bytes into it               */
    irqsim_cpu_t cpu;                   /* regs: see engine_sample()       */
    irqsim_mem_t mem;
    board_t board;
    uint32_t cr3;    /* memory.c walks it; 0 = no paging     */
    uint8_t stop;    /* vm_stop_t                            */
    uint8_t vector;  /* of VM_STOP_EXCEPTION                 */
    bool begun;      /* an instruction began, not yet retired */
    uint8_t insn[2]; /* ... its first bytes                  */
    uint32_t eax;    /* ... and EAX before it                */
} vm_t;

/* boundary.c. Runs until the guest leaves through port F4: NULL; else why it
 * cannot go on. */
const char *vm_run(vm_t *vm);
/* Before each instruction (Unicorn's code hook), and for what it raises. */
void vm_boundary(vm_t *vm, uint32_t eip);
void vm_raise(vm_t *vm, uint8_t vector);

/* engine.c. false: Unicorn refuses; *why tells. */
bool engine_open(vm_t *vm, const char **why);
void engine_close(vm_t *vm);
uc_err engine_go(vm_t *vm);
void engine_leave(vm_t *vm, vm_stop_t why);
uint32_t engine_reg(const vm_t *vm, int id);
void engine_set_reg(vm_t *vm, int id, uint32_t value);
/* Into cpu.regs: what each boundary depends on; all that a delivery reads. And back:
 * what a delivery has changed since `before`. */
void engine_sample(vm_t *vm);
void engine_read_state(vm_t *vm);
bool engine_write_state(vm_t *vm, const irqsim_cpustate_t *before);

/* oldfault.c */
bool oldfault_find(vm_t *vm);
uint32_t oldfault_error(vm_t *vm);
void oldfault_forget(vm_t *vm);

/* memory.c: guest memory by linear addresses. */
void memory_init(vm_t *vm);

#endif
