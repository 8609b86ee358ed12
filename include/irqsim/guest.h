/* SPDX-License-Identifier: MIT */
/*
 * irqsim/guest.h - the guest bus: all that code on a CPU can do
 *
 * Ports, memory (RAM and MMIO), MSRs, the instructions that touch interrupts,
 * and passing time. Accesses act at once and cost what the profile says: the
 * cost is added to what the CPU must still do before anything can interrupt it
 * (an instruction cannot be cut in two). Any address and value is behaviour;
 * unmapped reads give all ones, unmapped writes vanish.
 *
 * Calls are made from guest.run, or from outside between two events: to boot, and as a
 * debugger acts on a CPU that stands still. From outside nothing costs time.
 *
 * cpu < irqsim_machine_cpus(). What is on the way of every interrupt takes this for
 * granted: ports, memory, WRMSR, CLI, STI, HLT, IRET, jumps and stacks, spending, and what
 * happened to the guest. The others answer a CPU that is not there with nothing: false,
 * IRQSIM_VCPU_NOTHING.
 */
#ifndef IRQSIM_GUEST_H
#define IRQSIM_GUEST_H

#include <irqsim/machine.h>
#include <irqsim/vcpu.h>

#ifdef __cplusplus
extern "C" {
#endif

uint8_t irqsim_guest_inb(irqsim_machine_t *m, unsigned cpu, uint16_t port);
void irqsim_guest_outb(irqsim_machine_t *m, unsigned cpu, uint16_t port, uint8_t value);
uint32_t irqsim_guest_read(irqsim_machine_t *m, unsigned cpu, uint32_t addr);
void irqsim_guest_write(irqsim_machine_t *m, unsigned cpu, uint32_t addr, uint32_t value);
/* RAM only, free of cost: building tables in one go. false: not all in RAM. */
bool irqsim_guest_copy_in(irqsim_machine_t *m, uint32_t addr, const void *src, uint32_t n);
bool irqsim_guest_copy_out(const irqsim_machine_t *m, uint32_t addr, void *dst, uint32_t n);
/* false = #GP: the access did nothing. The MSRs are the LAPIC's. */
bool irqsim_guest_rdmsr(irqsim_machine_t *m, unsigned cpu, uint32_t msr, uint64_t *value);
bool irqsim_guest_wrmsr(irqsim_machine_t *m, unsigned cpu, uint32_t msr, uint64_t value);

void irqsim_guest_cli(irqsim_machine_t *m, unsigned cpu);
void irqsim_guest_sti(irqsim_machine_t *m, unsigned cpu);
/* Halts until an interrupt. If one can be taken already, it is taken next. */
void irqsim_guest_hlt(irqsim_machine_t *m, unsigned cpu);
/* IRET: pops the frame at SP. A fault on the way is delivered as an exception,
 * as on a CPU. */
void irqsim_guest_iret(irqsim_machine_t *m, unsigned cpu);
/* An exception (vector 0..31) that the instruction at IP meets, or that the one
 * before it has left: IP is saved. length: bytes of the instruction that meets it, 0 if
 * none does; error: for vectors that push one; address: what #PF puts into CR2. */
void irqsim_guest_raise(irqsim_machine_t *m, unsigned cpu, unsigned length, uint8_t vector,
                        uint32_t error, uint32_t address);
/* INT n (CD nn), executed: IP already points behind it. Should it fault, the saved IP
 * is the instruction's. */
void irqsim_guest_int(irqsim_machine_t *m, unsigned cpu, uint8_t vector);
/* One instruction of a program, at IP, with all it may raise: IP goes to the next one,
 * or an event enters a handler (irqsim_guest_entered() tells), or the CPU shuts down.
 * Costs what the profile says for it (TIME-01..27). An impossible instruction or state
 * ends the run with IRQSIM_E_INVAL. */
irqsim_vcpu_did_t irqsim_guest_exec(irqsim_machine_t *m, unsigned cpu, const irqsim_insn_t *insn);
void irqsim_guest_lgdt(irqsim_machine_t *m, unsigned cpu, uint32_t base, uint32_t limit);
void irqsim_guest_lidt(irqsim_machine_t *m, unsigned cpu, uint32_t base, uint32_t limit);
void irqsim_guest_ltr(irqsim_machine_t *m, unsigned cpu, uint16_t selector, uint32_t base,
                      uint32_t limit);
/* Loads of IP, SP and the privilege level, as a far jump or a stack switch do. */
void irqsim_guest_jump(irqsim_machine_t *m, unsigned cpu, uint16_t cs, uint32_t ip);
void irqsim_guest_stack(irqsim_machine_t *m, unsigned cpu, uint16_t ss, uint32_t sp);

/* Spend clocks (of the CPU's domain) or time; adds up within one run(). */
void irqsim_guest_spend(irqsim_machine_t *m, unsigned cpu, uint64_t clocks);
void irqsim_guest_spend_time(irqsim_machine_t *m, unsigned cpu, irqsim_time_t ps);

/* True once after an event entered a handler: IP is the handler's, and `left`
 * gets the time that the interrupted code still had to spend. */
bool irqsim_guest_entered(irqsim_machine_t *m, unsigned cpu, irqsim_time_t *left);
/* Vector of the last delivered event, its sequence number (a cause for what
 * follows; 0 if nobody observes). */
uint8_t irqsim_guest_vector(const irqsim_machine_t *m, unsigned cpu);
uint64_t irqsim_guest_cause(const irqsim_machine_t *m, unsigned cpu);

/* Emits an event in the guest's name; returns its number, 0 if unobserved. */
uint64_t irqsim_guest_emit(irqsim_machine_t *m, unsigned cpu, irqsim_event_id_t id, uint64_t cause,
                           uint32_t a, uint32_t b, uint32_t c);
/* True if anybody observes; it does not change in a machine's life. */
bool irqsim_guest_observed(const irqsim_machine_t *m);
/* Ends the run with this status (guest stack overflow, kernel tables full). */
void irqsim_guest_stop(irqsim_machine_t *m, irqsim_status_t status);

#ifdef __cplusplus
}
#endif
#endif
