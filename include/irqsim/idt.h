/* SPDX-License-Identifier: MIT */
/*
 * irqsim/idt.h - gates: from a vector to the first instruction of its handler
 *
 *   vector --> IDT entry --> code segment --> [inner stack from the TSS]
 *                                       --> frame on the guest's stack --> CS:IP
 *
 * Everything is read from and written to guest memory through the caller's
 * callbacks. The part works alone: no CPU model needed.
 *
 * Modelled      32-bit interrupt and trap gates, same and inner privilege,
 *               IRET to same and outer privilege (CPU-30..38, 40..48, 50..55,
 *               90..98 for these)
 * Not yet       16-bit gates, task gates, real mode, V86, long mode: a gate of
 *               those kinds is answered as a gate of no valid type, an IRET
 *               that needs them (NT=1, VM=1 popped at CPL 0) with #GP(0)
 * Never         accessed bits of descriptors are not written
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
    IRQSIM_GATE_INTERRUPT = 0xE,
    IRQSIM_GATE_TRAP = 0xF
} irqsim_gate_type_t;

/* One decoded 8-byte IDT entry. */
typedef struct irqsim_gate {
    uint32_t offset;
    uint16_t selector;
    uint8_t type;    /* low nibble and S bit: 0..1F; irqsim_gate_type_t are valid */
    uint8_t dpl;     /* 0..3 */
    uint8_t present; /* 0 or 1 */
    uint8_t pad[3];
} irqsim_gate_t;

/* Bytes of a descriptor as in memory, little-endian in one integer. */
uint64_t irqsim_gate_encode(const irqsim_gate_t *gate);
void irqsim_gate_decode(uint64_t raw, irqsim_gate_t *gate);

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
    uint8_t frame;     /* bytes pushed                                            */
    uint32_t error;    /* ... and its error code (CPU-23, CPU-25)                 */
    uint64_t address;  /* for #PF: the linear address the callback refused        */
} irqsim_outcome_t;

/* Delivers one event. On success `state` is updated; on failure `state` is
 * unchanged and out names the exception to deliver instead (what it becomes,
 * #DF or shutdown, is irqsim_exc_combine()'s, <irqsim/cpu.h>; who delivers a
 * #PF puts out->address into CR2 first, CPU-24). Guest tables may hold
 * anything. Memory written before a failing access stays written. */
void irqsim_idt_deliver(irqsim_cpustate_t *state, const irqsim_mem_t *mem,
                        const irqsim_delivery_t *ev, irqsim_outcome_t *out);

/* IRET at state->ip. Same conventions; out->inner = returned to an outer level,
 * out->frame = bytes popped. */
void irqsim_idt_iret(irqsim_cpustate_t *state, const irqsim_mem_t *mem, irqsim_outcome_t *out);

#ifdef __cplusplus
}
#endif
#endif
