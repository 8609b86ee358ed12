/* SPDX-License-Identifier: MIT */
/*
 * irqsim/deliver.h - an event for somebody's CPU: from here to a handler
 *
 *    your CPU's loop            this library
 *   +--------------------+
 *   | pins           ----|----> irqsim_cpu_set_intr(), irqsim_cpu_pulse()
 *   | boundary:          |
 *   |   what now?    ----|----> irqsim_cpu_poll()   no side effect
 *   |   acknowledge      |      your PIC's or LAPIC's vector
 *   |   accept       ----|----> irqsim_cpu_took()   ends HLT, blocks NMIs ...
 *   |   deliver      ----|----> irqsim_deliver()    gate, stack, frame, new registers
 *   | execute:           |
 *   |   a fault      ----|----> irqsim_exception(), irqsim_deliver()
 *   |   INT n        ----|----> irqsim_deliver()
 *   |   IRET         ----|----> irqsim_idt_iret(), irqsim_cpu_iret_done()
 *   |   CLI, STI ... ----|----> irqsim_cpu_cli() ...; else irqsim_cpu_retired()
 *   +--------------------+
 *
 * irqsim_deliver() works alone: a register file, memory (lent or by callbacks), an
 * event. It goes on until a handler is entered, whatever that takes: a fault on the
 * way is an exception, a fault while delivering that perhaps #DF, and then shutdown
 * (CPU-60..64). The poll/accept pair of <irqsim/cpu.h> is for CPUs that have no
 * boundary of their own; who has one needs nothing but this header.
 *
 * Threads: nothing is kept between two calls. Calls with different objects may run at
 * once; one register file is one thread's.
 *
 * docs/embedding.md has the contract at length, examples/toy_cpu.c a whole loop.
 */
#ifndef IRQSIM_DELIVER_H
#define IRQSIM_DELIVER_H

#include <irqsim/idt.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum irqsim_delivered_as {
    IRQSIM_DELIVERED_HANDLER = 0, /* state has the first instruction of a handler  */
    IRQSIM_DELIVERED_SHUTDOWN,    /* #DF could not be delivered either (CPU-62)    */
    IRQSIM_DELIVERED_BUS_ERROR    /* mem->missing says so: memory that is not there */
} irqsim_delivered_as_t;

/* An exception that arose from a delivery, in place of what was to be delivered. */
typedef struct irqsim_escalation {
    uint8_t raised;  /* what the checks or the memory raised              */
    uint8_t becomes; /* what is delivered for it: itself or #DF; for a
                        shutdown: what was raised                         */
    uint8_t pad[2];
    uint32_t error;   /* of what was raised                               */
    uint64_t address; /* of a #PF: CR2                                    */
} irqsim_escalation_t;

/* No delivery is longer: INTR, then #GP, #PF, #DF, none of them possible. */
#define IRQSIM_ESCALATIONS 4u

/* What happened, in full. */
typedef struct irqsim_delivered {
    uint8_t what;        /* irqsim_delivered_as_t                               */
    uint8_t escalations; /* entries of `chain`                                  */
    uint16_t task;       /* TSS selector of the task that runs now, if any delivery on the
                            way switched to it, the one that failed included; 0 = none  */
    uint8_t task_trap;   /* and its T bit is set: irqsim_outcome_t                   */
    uint8_t pad[3];
    irqsim_delivery_t event; /* delivered in the end, or tried last                 */
    irqsim_outcome_t out;    /* of that: frame, level, task switch, bus error ...   */
    uint64_t saved_ip;       /* what the frame (or the old TSS) holds               */
    irqsim_escalation_t chain[IRQSIM_ESCALATIONS];
    const char *field; /* IRQSIM_E_INVAL: what cannot be, else NULL. Static storage  */
} irqsim_delivered_t;

/* Delivers `event` through the guest's tables. state->ip is the IP to be saved: of
 * the instruction itself for a fault, of the next one for the rest (CPU-28). For
 * INT n, INT3, INTO and INT1 event->length is how long the instruction was: should
 * the delivery fail, what it raises is a fault of that instruction.
 *
 * `out` need not be initialised; it overlaps neither `state` nor `event`.
 *
 * IRQSIM_OK: out->what says what became of it. Whatever the guest's tables hold, that
 * is an answer. After a shutdown or a bus error `state` is as it was, but for CR2, for
 * the IP of a failed INT n, and for a task switch that came that far (out->task).
 * IRQSIM_E_INVAL: no CPU is ever in this state, or no such event: out->field names it,
 * nothing was done. From a possible state every event leads to a possible state. */
irqsim_status_t irqsim_deliver(irqsim_cpustate_t *state, const irqsim_mem_t *mem,
                               const irqsim_delivery_t *event, irqsim_delivered_t *out);

/* The first member of `state` that cannot be, or NULL: what irqsim_deliver() asks first
 * (then "kind", of the event). Static storage.
 *
 *   "mode"    none of irqsim_cpu_mode_t
 *   "code64"  set outside of long mode, or above 1
 *   "cpl"     above 3; not 0 in real mode; not 3 in V86 mode
 *   "cs"      its RPL is not the CPL (but in real and V86 mode)
 *   "flags"   VM is not what `mode` says; a reserved bit is set, bit 1 is not
 *   "ip"      above 32 bits, but in 64-bit code; above 10000h in real mode. What is not
 *             canonical, above 64 KiB in V86 mode, outside of CS: the guest's own fault
 *   "sp"      above 32 bits, but in long mode: compatibility mode does not look at them
 *   "idtr", "gdtr"   the base above 32 bits, in long mode not canonical; the limit above
 *             16 bits
 *   "ldtr"    its base likewise
 *   "tr"      its base likewise; its type is none of a TSS, in long mode one of the 286
 *   "ts"      above 1 */
const char *irqsim_impossible(const irqsim_cpustate_t *state);

/* Events. INTR with the vector that a PIC or LAPIC gave, NMI, and INT n: an instruction
 * of `length` bytes, 2 without prefixes. */
irqsim_delivery_t irqsim_interrupt(uint8_t vector);
irqsim_delivery_t irqsim_nmi(void);
irqsim_delivery_t irqsim_int_n(uint8_t vector, uint8_t length);

/* An exception as the CPU raises it, vector 0..31: pushes `error` if its vector has
 * an error code (CPU-22), and RF set if it is a fault (CPU-53). Vectors above 31 are no
 * exceptions of a CPU: such an event has neither, and is benign (CPU-60). */
irqsim_delivery_t irqsim_exception(uint8_t vector, uint32_t error);

/* One step of irqsim_deliver(), for who has a loop of his own: `event` failed with
 * `out`, which was no bus error. Makes it the event to deliver instead, writes CR2 and
 * puts IP back to the instruction. false: there is none, the CPU shuts down. */
bool irqsim_escalate(irqsim_cpustate_t *state, irqsim_delivery_t *event,
                     const irqsim_outcome_t *out);

#ifdef __cplusplus
}
#endif
#endif
