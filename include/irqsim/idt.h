/* SPDX-License-Identifier: MIT */
/*
 * irqsim/idt.h - gates: from a vector to the first instruction of its handler
 *
 *   vector --> IDT entry --> code segment --> [inner stack from the TSS]
 *                  |                    --> frame on the guest's stack --> CS:IP
 *                  +--> task gate --> all registers from another TSS
 *
 * Everything is read from and written to guest memory as <irqsim/mem.h> reaches
 * it. The part works alone: no CPU model needed. It keeps nothing between two
 * calls: those on different registers and memory may run at once. `out` need not
 * be initialised; `state` has to be possible (irqsim_impossible() of
 * <irqsim/deliver.h>).
 *
 * Modelled      CPU-22..25, 30..58: every gate type, 16- and 32-bit TSS, task
 *               switches, real mode, V86; CPU-90..99: IRET of each;
 *               LM-01..08, 10..12, 15: long mode, 64-bit and compatibility
 * Never         accessed bits of descriptors are not written; no virtual-8086
 *               mode extensions (CR4.VME)
 */
#ifndef IRQSIM_IDT_H
#define IRQSIM_IDT_H

#include <irqsim/cpustate.h>
#include <irqsim/mem.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum irqsim_gate_type {
    IRQSIM_GATE_TASK = 0x5,
    IRQSIM_GATE_INTERRUPT16 = 0x6,
    IRQSIM_GATE_TRAP16 = 0x7,
    IRQSIM_GATE_INTERRUPT = 0xE, /* 32-bit; in long mode 64-bit, and only these two */
    IRQSIM_GATE_TRAP = 0xF
} irqsim_gate_type_t;

/* One decoded IDT entry. */
typedef struct irqsim_gate {
    uint64_t offset; /* as stored: 32 bits, 64 in long mode. 16-bit gates use the low
                        16, a task gate none                                         */
    uint16_t selector;
    uint8_t type;    /* low nibble and S bit: 0..1F; irqsim_gate_type_t are valid    */
    uint8_t dpl;     /* 0..3                                                         */
    uint8_t present; /* 0 or 1                                                       */
    uint8_t ist;     /* long mode: 1..7 = that stack of the TSS; 0 = none            */
    uint8_t pad[2];
} irqsim_gate_t;

/* Bytes of an 8-byte entry as in memory, little-endian in one integer; `ist` and the
 * offset's high half are not in it. */
uint64_t irqsim_gate_encode(const irqsim_gate_t *gate);
void irqsim_gate_decode(uint64_t raw, irqsim_gate_t *gate);

/* The same for the 16-byte entries of long mode, low half first (LM-01). */
void irqsim_gate_encode64(const irqsim_gate_t *gate, uint64_t raw[2]);
void irqsim_gate_decode64(const uint64_t raw[2], irqsim_gate_t *gate);

/* One line for a reader, "interrupt dpl=0 p=1 0008:00002100": type, DPL, P, target,
 * and ist=N if there is one. */
#define IRQSIM_GATE_TEXT 64u
void irqsim_gate_text(const irqsim_gate_t *gate, char text[IRQSIM_GATE_TEXT]);

/* The event to deliver. */
typedef struct irqsim_delivery {
    uint8_t vector;
    uint8_t kind;      /* irqsim_event_kind_t                                     */
    uint8_t has_error; /* push `error`; only exceptions do, for CPU-22's vectors  */
    uint8_t length;    /* bytes of the INT n, INT3, INTO or INT1: what its delivery raises
                          saves that instruction's IP (<irqsim/deliver.h>); else 0    */
    uint32_t error;
    uint32_t set_rf; /* 1: push RF set (CPU-53)                                 */
} irqsim_delivery_t;

/* What came of it. */
typedef struct irqsim_outcome {
    uint8_t delivered; /* 1: state has the handler's CS:IP, frame is written      */
    uint8_t vector;    /* else: the exception that delivery itself raised ...     */
    uint8_t inner;     /* delivered through an inner stack                        */
    uint8_t frame;     /* bytes pushed; by a task switch those of the error code  */
    uint32_t error;    /* ... and its error code (CPU-23, CPU-25)                 */
    uint64_t address;  /* delivered: linear address of the frame, its lowest slot.
                          #PF, bus error: the address that memory refused         */
    uint16_t task;     /* TSS selector of the task switched to; 0 = none          */
    uint8_t slot;      /* bytes of one slot of the frame: 2, 4 or 8               */
    uint8_t ist;       /* long mode: the IST stack used, 1..7; 0 = none. Two events
                          on one IST share its top: the second one's frame may
                          lie on the first one's (LM-15)                          */
    uint8_t bus_error; /* not delivered, and no exception: see irqsim_mem_t       */
    uint8_t task_trap; /* the new task's TSS has its T bit set: #DB is due before
                          its first instruction (CPU-70)                          */
    uint8_t pad[2];
} irqsim_outcome_t;

/* Delivers one event. On success `state` is updated; on failure `state` is
 * unchanged and out names the exception to deliver instead (what it becomes,
 * #DF or shutdown, is irqsim_exc_combine()'s, <irqsim/cpu.h>; who delivers a
 * #PF puts out->address into CR2 first, CPU-24). Guest tables may hold
 * anything. Memory written before a failing access stays written.
 *
 * A task switch (CPU-49) has a point of no return, after which its faults belong
 * to the new task: then out->task is set although out->delivered is 0, `state` is
 * the new task's before its first instruction, and the exception (or bus error)
 * happened there. Segments that were not checked yet hold their selectors; an SS
 * among them has no valid offset.
 */
void irqsim_idt_deliver(irqsim_cpustate_t *state, const irqsim_mem_t *mem,
                        const irqsim_delivery_t *ev, irqsim_outcome_t *out);

/* IRET; operand_bytes is the instruction's operand size: 2 or 4 in all modes, 8 (REX.W)
 * in 64-bit code alone; anything else counts as 4. Same conventions; out->inner =
 * returned to an outer level, out->frame = bytes popped, out->task = a nested task
 * returned (CPU-91), whose TSS gets state->ip: there that should be the instruction after
 * IRET. A frame's address and slots are said of deliveries only. */
void irqsim_idt_iret(irqsim_cpustate_t *state, const irqsim_mem_t *mem, unsigned operand_bytes,
                     irqsim_outcome_t *out);

#ifdef __cplusplus
}
#endif
#endif
