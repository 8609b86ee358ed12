/* SPDX-License-Identifier: MIT */
/*
 * flow.h - flows: kernel code that can be interrupted at any clock
 *
 * A flow is a function that can stop in the middle and go on later. Its locals
 * live in a frame; frames hang together from the innermost to the task's first
 * one, and nothing of it is on the host's stack. So a context costs a few dozen
 * bytes, and a snapshot can be taken anywhere.
 *
 *   FLOW(irq_handler)
 *   {
 *       FLOW_BEGIN
 *       SPEND(clocks);                     time passes, interrupts land here
 *       CALL(other, .irq = {.index = 3});  runs it to its end, with these locals
 *       FLOW_END
 *   }
 *
 * Between two verbs a flow runs in zero time and cannot be interrupted. C
 * variables do not survive a verb: what must live on is in f->v. Resume points
 * are numbered within the flow by the preprocessor's counter, so a snapshot
 * survives changes elsewhere in the file.
 */
#ifndef IRQSIM_LIB_KERNEL_FLOW_H
#define IRQSIM_LIB_KERNEL_FLOW_H

#include <irqsim/guest.h>
#include <irqsim/kernel.h>

typedef struct kcpu kcpu_t;

/* Locals of the flows. 32-bit words only, so that a snapshot is the same bytes
 * on every host; a frame begins with a member of all six, so that none is left over
 * from the stack of the host. */
typedef union locals {
    uint32_t raw[6];
    struct {
        uint32_t vector, sp, ended, irq;
    } entry; /* common_interrupt; the first three of system_vector too */
    struct {
        uint32_t vector, sp, ended, source, budget, job;
    } sysvec;
    struct {
        uint32_t index, action, handled, budget, job, claimed;
    } irq; /* flow handlers use index only */
    struct {
        uint32_t list, pending, nr, pass, start_us;
    } softirq;
    struct {
        uint32_t list, work;
    } work;
    struct {
        uint32_t next;
    } sched;
    struct {
        uint32_t vector, regs, ended, error, address, fate;
    } trap; /* exception, nmi, doublefault_fn, system_call; begins as entry does */
    struct {
        uint32_t vector, regs, error, word, spare[2];
    } die;
    struct {
        uint32_t word, spare[5];
    } panic;
    struct {
        uint32_t status, spare[5];
    } exit;
    struct {
        uint32_t regs, signal, spare[4];
    } signal; /* resume_userspace, do_signal */
    struct {
        uint32_t address, spare[5];
    } copy;
    struct {
        uint32_t nr, spare[5];
    } bug; /* kernel_bug; of bug_of_job the job */
} locals_t;

typedef struct frame {
    irqsim_time_t left; /* what it still had to spend when it was interrupted      */
    uint32_t parent;    /* index + 1 of the frame it returns to; 0 = none          */
    uint32_t cause;     /* low half of the number of the event that began it       */
    uint32_t pad;
    uint16_t flow; /* row of flows.def                                        */
    uint16_t at;   /* resume point, 0 = its beginning                         */
    locals_t v;
} frame_t;

typedef enum flow_id {
#define FLOW_ROW(name, context) FLOW_##name,
#include "flows.def"
#undef FLOW_ROW
    FLOW_COUNT
} flow_id_t;

/* What a flow answers to the engine. */
typedef enum verdict {
    FLOW_GOES, /* go on with whatever frame is on top now   */
    FLOW_WAITS /* time must pass, or the CPU halts, or stop */
} verdict_t;

typedef verdict_t (*flow_fn_t)(irqsim_kernel_t *k, kcpu_t *c, frame_t *f);

#define FLOW(name) verdict_t irqsim__kernel_flow_##name(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)

#define FLOW_ROW(name, context) FLOW(name);
#include "flows.def"
#undef FLOW_ROW

/* Frames. Push puts a frame on top of the CPU's chain; false means out of frames:
 * reported as guest stack overflow, the machine stops. */
bool irqsim__kernel_frame_push(irqsim_kernel_t *k, kcpu_t *c, flow_id_t flow,
                               const locals_t *locals);
/* A new chain of a task that has not run yet: `base`, with `first` on top of it
 * (FLOW_COUNT: none). 0: out of frames. */
uint32_t irqsim__kernel_frame_chain(irqsim_kernel_t *k, flow_id_t base, flow_id_t first);
void irqsim__kernel_frame_free_chain(irqsim_kernel_t *k, uint32_t top);

/* The end of a flow: back to its caller; back to what was interrupted. */
verdict_t irqsim__kernel_flow_return(irqsim_kernel_t *k, kcpu_t *c);
verdict_t irqsim__kernel_flow_iret(irqsim_kernel_t *k, kcpu_t *c);

/* irqsim_guest_code_t.run */
void irqsim__kernel_run(void *kernel, unsigned cpu);

/* clang-format off */
#define FLOW_BEGIN enum { flow_base = __COUNTER__ }; switch (f->at) { case 0:;
#define FLOW_END   } return irqsim__kernel_flow_return(k, c);
#define FLOW_IRET  } return irqsim__kernel_flow_iret(k, c);
#define FLOW_NEVER_ENDS } return FLOW_WAITS;
/* clang-format on */

#define FLOW_STOP_AT_(n, verdict)                                                                  \
    do {                                                                                           \
        f->at = (uint16_t)((n)-flow_base);                                                         \
        return (verdict);                                                                          \
    case (n)-flow_base:;                                                                           \
    } while (0)

/* Let time pass: clocks of the CPU, or picoseconds; at least once through the
 * machine, so that pending interrupts land even for zero. */
#define SPEND(clocks)                                                                              \
    do {                                                                                           \
        irqsim_guest_spend(k->m, c->nr, (clocks));                                                 \
        FLOW_STOP_AT_(__COUNTER__, FLOW_WAITS);                                                    \
    } while (0)
#define SPEND_TIME(ps)                                                                             \
    do {                                                                                           \
        irqsim_guest_spend_time(k->m, c->nr, (ps));                                                \
        FLOW_STOP_AT_(__COUNTER__, FLOW_WAITS);                                                    \
    } while (0)
/* Only what the bus accesses so far have cost. */
#define SETTLE() FLOW_STOP_AT_(__COUNTER__, FLOW_WAITS)

/* Leaves the CPU to another task's flow; comes back when `verdict_of` has been
 * undone by that task's successor. */
#define HAND_OVER(verdict_of) FLOW_STOP_AT_(__COUNTER__, verdict_of)

#define CALL_ROW(flow_number, ...)                                                                 \
    do {                                                                                           \
        if (!irqsim__kernel_frame_push(k, c, (flow_number), &(const locals_t){__VA_ARGS__}))       \
            return FLOW_WAITS;                                                                     \
        FLOW_STOP_AT_(__COUNTER__, FLOW_GOES);                                                     \
    } while (0)
#define CALL(name, ...) CALL_ROW(FLOW_##name, __VA_ARGS__)
#define NO_LOCALS       .raw = {0}

/* What a job ends with, if a bug is in it: the kernel dies of that, or goes on. */
#define MISTAKES_OF(job)                                                                           \
    do {                                                                                           \
        if (k->has_bugs)                                                                           \
            CALL(bug_of_job, .bug = {.nr = (job)});                                                \
    } while (0)

/* STI; HLT: until an interrupt has been handled. */
#define HALT()                                                                                     \
    do {                                                                                           \
        irqsim_guest_sti(k->m, c->nr);                                                             \
        irqsim_guest_hlt(k->m, c->nr);                                                             \
        FLOW_STOP_AT_(__COUNTER__, FLOW_WAITS);                                                    \
    } while (0)

#endif
