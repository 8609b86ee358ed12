/* SPDX-License-Identifier: MIT */
/*
 * irqsim/lapic.h - one local APIC
 *
 *   LINT0 ---->+----------------------+---> INTR    a vector is deliverable
 *   LINT1 ---->|  LVT   IRR ISR TMR   |---> EXTINT  "run the PIC's INTA cycle"
 *   MMIO  <===>|  timer PPR TPR  ESR  |---> NMI SMI INIT SIPI   (pulses)
 *   MSR   <===>|  ICR                 |---> MSG     a message waits to be taken
 *              +----------+-----------+
 *                         |  bus_take / deliver: irqsim_apic_msg_t by value
 *                    whatever bus the board has
 *
 * Guest-visible names are in <irqsim/regs/lapic_regs.h>.
 *
 * The LAPIC does not know the IOAPIC, the other LAPICs or the CPU: it has
 * pins, a register page, MSRs and messages. One table (lapic_regs.def) drives
 * read, write, reset and the x2APIC view.
 *
 * `now` is the caller's time. It must not decrease from call to call: the timer counts
 * from it. Writes of the timer's registers let it expire first; read, rdmsr, deliver
 * and ack do not, so whoever wants to see what an expiry has done by now calls
 * irqsim_lapic_advance(la, now) before.
 *
 * Any number of parts in any number of threads, one thread in a part at a time.
 *
 * Rules         APIC-01..APIC-97 (docs/rules/APIC.md)
 */
#ifndef IRQSIM_LAPIC_H
#define IRQSIM_LAPIC_H

#include <irqsim/apic_msg.h>
#include <irqsim/clock.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IRQSIM_LAPIC_IN_LINT0 (UINT32_C(1) << 0)
#define IRQSIM_LAPIC_IN_LINT1 (UINT32_C(1) << 1)

#define IRQSIM_LAPIC_OUT_INTR   (UINT32_C(1) << 0) /* level                     */
#define IRQSIM_LAPIC_OUT_EXTINT (UINT32_C(1) << 1) /* level                     */
#define IRQSIM_LAPIC_OUT_MSG    (UINT32_C(1) << 2) /* level: call bus_take      */
#define IRQSIM_LAPIC_OUT_NMI    (UINT32_C(1) << 3) /* pulses: set until         */
#define IRQSIM_LAPIC_OUT_SMI    (UINT32_C(1) << 4) /*   irqsim_lapic_take_      */
#define IRQSIM_LAPIC_OUT_INIT   (UINT32_C(1) << 5) /*   pulses() reads them     */
#define IRQSIM_LAPIC_OUT_SIPI   (UINT32_C(1) << 6)

typedef enum irqsim_lapic_lvt {
    IRQSIM_LVT_CMCI,
    IRQSIM_LVT_TIMER,
    IRQSIM_LVT_THERMAL,
    IRQSIM_LVT_PERF,
    IRQSIM_LVT_LINT0,
    IRQSIM_LVT_LINT1,
    IRQSIM_LVT_ERROR,
    IRQSIM_LVT_COUNT
} irqsim_lapic_lvt_t;

typedef enum irqsim_lapic_reset_kind {
    IRQSIM_LAPIC_RESET_POWER_ON, /* everything (APIC-31)                 */
    IRQSIM_LAPIC_RESET_INIT      /* keeps APIC ID and Arb ID (APIC-32)   */
} irqsim_lapic_reset_kind_t;

/* Where editions of the manual disagree, or parts differ (desc.variants, OR-ed). */
/* clang-format off */
#define IRQSIM_LAPIC_VARIANT_SLOTS_PER_VECTOR (UINT32_C(1) << 0) /* P5, P6: two requests per vector,
                                                                    not per class (APIC-46)        */
#define IRQSIM_LAPIC_VARIANT_APR_PRINTED      (UINT32_C(1) << 1) /* APR with the AND of the printed
                                                                    formula (APIC-41)              */
#define IRQSIM_LAPIC_VARIANT_NO_LOWEST_IPI    (UINT32_C(1) << 2) /* xAPIC, x2APIC: cannot send
                                                                    lowest-priority IPIs, which is
                                                                    an error (APIC-50.4)           */
#define IRQSIM_LAPIC_VARIANT_NO_IOAPIC        (UINT32_C(1) << 3) /* P6 on: used without an I/O APIC,
                                                                    a fixed LINT0 is a level
                                                                    whatever its entry says
                                                                    (APIC-59)                      */
/* clang-format on */

/* Zero means the usual: xAPIC, software-disabled, divide-by-table timer. The
 * family X2APIC is a part that has x2APIC mode; it powers up in xAPIC mode
 * like any other and enters x2APIC through IA32_APIC_BASE (APIC-35). */
typedef struct irqsim_lapic_desc {
    uint32_t apic_id;            /* unlike that of any other on the board; P5, P6: 0..14.
                                    Messages name their sender by it, whatever a guest
                                    makes of the ID register (apic_msg.h)         */
    irqsim_apic_family_t family; /* anything else is an xAPIC                     */
    bool bsp;
    bool tsc_deadline;        /* the timer has that mode (APIC-87)                */
    uint32_t variants;        /* IRQSIM_LAPIC_VARIANT_*                           */
    irqsim_clock_t timer_clk; /* clock before the divider; num 0 = 1 GHz          */
    irqsim_clock_t tsc_clk;   /* for TSC-deadline; num 0 = timer_clk              */
} irqsim_lapic_desc_t;

/* The whole part: plain bytes, no pointers. APR and the current count are
 * derived, never stored. Read any member; write through the functions. */
typedef struct irqsim_lapic {
    irqsim_clock_t timer_clk, tsc_clk;
    irqsim_time_t timer_base;     /* when the running count started              */
    irqsim_time_t timer_deadline; /* next expiry, IRQSIM_NEVER = stopped         */
    uint64_t timer_target;        /* ticks of timer_clk from base to that expiry */
    uint64_t tsc_deadline;        /* IA32_TSC_DEADLINE                           */
    uint64_t apic_base;           /* IA32_APIC_BASE                              */
    uint32_t in, out;
    uint32_t family, variants; /* desc                                        */
    uint32_t topology_id;      /* desc.apic_id: what power-up loads           */
    uint32_t id, arb_id;       /* not shifted                                 */
    uint32_t tpr, ldr, dfr, svr;
    uint32_t icr_low, icr_high;   /* as the guest wrote them last                */
    uint32_t sent_low, sent_high; /* of the message under way                    */
    uint32_t next_low, next_high; /* a second request, waiting (APIC-70)         */
    uint32_t icr_undefined;       /* requests outside the table (APIC-74)        */
    uint32_t icr_replaced;        /* a waiting request overwritten by a third    */
    uint32_t esr, esr_latched;    /* accumulated / shown (APIC-51)               */
    uint32_t irr[8], isr[8], tmr[8];
    uint32_t eoi_queue[8]; /* level vectors whose EOI broadcast waits     */
    /* What follows from these and TPR, so that it need not be found out each time. */
    uint32_t irr_words, isr_words; /* bit w: word w above is not zero             */
    uint8_t eoi_words;             /* likewise                                    */
    uint8_t irrv, isrv;            /* highest vector in IRR, in ISR; 0 = none     */
    uint8_t served;                /* class that a request must beat: PPR bits 7:4 */
    uint32_t lvt[IRQSIM_LVT_COUNT];
    uint32_t timer_initial, timer_divide;
    uint32_t remote_read;
    uint8_t icr_busy;       /* irqsim_lapic_icr_t                          */
    uint8_t icr_again;      /* next_low, next_high are valid               */
    uint8_t local_waits;    /* bit per LVT, bit 7 self IPI: no slot yet    */
    uint8_t extint_latched; /* an ExtINT message came, no INTA yet         */
    uint8_t remote_status;  /* ICR bits 17:16: of the last remote read     */
    uint8_t sipi_vector, has_tsc_deadline, bsp;
} irqsim_lapic_t;

typedef enum irqsim_lapic_icr {
    IRQSIM_LAPIC_ICR_IDLE,
    IRQSIM_LAPIC_ICR_WAITS, /* for bus_take                                      */
    IRQSIM_LAPIC_ICR_TAKEN  /* for bus_done                                      */
} irqsim_lapic_icr_t;

/* Power-up state. desc is copied; NULL = all defaults. The caller owns the memory;
 * there is nothing to free. */
void irqsim_lapic_init(irqsim_lapic_t *la, const irqsim_lapic_desc_t *desc);
void irqsim_lapic_reset(irqsim_lapic_t *la, irqsim_lapic_reset_kind_t kind);

/* Register page, offset 0..FFF. Any value is legal; accesses that are not to
 * a register's 16-byte slot follow APIC-28/29. `now` matters to the timer. In
 * x2APIC mode, and while globally disabled, reads give all ones and writes do
 * nothing (APIC-36, APIC-94). */
uint32_t irqsim_lapic_read(irqsim_lapic_t *la, uint32_t offset, irqsim_time_t now);
void irqsim_lapic_write(irqsim_lapic_t *la, uint32_t offset, uint32_t value, irqsim_time_t now);

/* True if a write there may change which messages this APIC takes: ID, LDR, DFR, SVR. So
 * may one of IA32_APIC_BASE. (irqsim_ioapic_listeners_changed) */
static inline bool irqsim_lapic_says_who_listens(uint32_t offset)
{
    return offset == 0x020 || (offset >= 0x0D0 && offset <= 0x0F0);
}

/* MSRs 1B, 6E0 and 800..BFF. false = #GP(0), nothing changed (APIC-34, 90, 91). */
bool irqsim_lapic_rdmsr(irqsim_lapic_t *la, uint32_t msr, uint64_t *value, irqsim_time_t now);
bool irqsim_lapic_wrmsr(irqsim_lapic_t *la, uint32_t msr, uint64_t value, irqsim_time_t now);

/* Pins, both at once; other bits count as 0. Returns the new outputs. */
uint32_t irqsim_lapic_set_in(irqsim_lapic_t *la, uint32_t levels);
/* NMI, SMI, INIT and SIPI pulses since the last call (OUT_* mask); clears them. */
uint32_t irqsim_lapic_take_pulses(irqsim_lapic_t *la);

/* Bus side. bus_take: the next message this APIC wants to send (IPI or EOI
 * broadcast), if any, with IRQSIM_APIC_FROM_CPU(desc.apic_id) as its source; self
 * interrupts never appear here (APIC-75). The ICR stays busy (delivery status 1)
 * until bus_done tells the fate; RETRY offers the same message again, NOBODY is an
 * accept error on P5 and P6 (APIC-79). In x2APIC mode there is no delivery status and
 * the ICR is free as soon as its message is taken (APIC-92). */
bool irqsim_lapic_bus_take(irqsim_lapic_t *la, irqsim_apic_msg_t *msg);
void irqsim_lapic_bus_done(irqsim_lapic_t *la, const irqsim_apic_msg_t *msg,
                           irqsim_apic_fate_t fate);
/* True if `msg` addresses this APIC (APIC-76..78, 93). Shorthands are the
 * board's to expand: here only dest and logical count. */
bool irqsim_lapic_matches(const irqsim_lapic_t *la, const irqsim_apic_msg_t *msg);
/* A message addressed to this APIC arrives. An INIT resets the APIC before it
 * raises OUT_INIT; the CPU is the board's to reset (APIC-32). */
irqsim_apic_fate_t irqsim_lapic_deliver(irqsim_lapic_t *la, const irqsim_apic_msg_t *msg);

/* CPU side. pending: the vector the CPU would get now, or -1 (APIC-40). ack:
 * takes it, IRR to ISR (APIC-44); the spurious vector if there is none any
 * more, with ISR untouched (APIC-49). */
static inline int irqsim_lapic_pending(const irqsim_lapic_t *la)
{
    return la->out & IRQSIM_LAPIC_OUT_INTR ? la->irrv : -1;
}
uint8_t irqsim_lapic_ack(irqsim_lapic_t *la);
/* The CPU has run the INTA cycle for OUT_EXTINT: an ExtINT message is used up,
 * a LINT pin still asserted keeps asking (APIC-62). */
void irqsim_lapic_extint_taken(irqsim_lapic_t *la);
/* CR8, which is TPR bits 7:4 in every mode (APIC-96). */
uint8_t irqsim_lapic_cr8(const irqsim_lapic_t *la);
void irqsim_lapic_set_cr8(irqsim_lapic_t *la, uint8_t cr8);
/* A source inside the CPU fires: CMCI, thermal sensor, performance counter
 * (APIC-56). The other entries have their own causes; for them: no effect. */
void irqsim_lapic_local_event(irqsim_lapic_t *la, irqsim_lapic_lvt_t source);

/* Time. Outputs cannot change before next_event() unless someone calls in. */
irqsim_time_t irqsim_lapic_next_event(const irqsim_lapic_t *la);
void irqsim_lapic_advance(irqsim_lapic_t *la, irqsim_time_t now);

/* True if the members that follow from others do: what a snapshot from outside must be. */
bool irqsim_lapic_is_sound(const irqsim_lapic_t *la);

/* Views without side effects. Vectors: -1 = none. */
uint8_t irqsim_lapic_ppr(const irqsim_lapic_t *la);
uint8_t irqsim_lapic_apr(const irqsim_lapic_t *la); /* APIC-41; any family */
/* True if this APIC is the focus for `vector`: in IRR or ISR (APIC-80). */
bool irqsim_lapic_has_focus(const irqsim_lapic_t *la, uint8_t vector);
int irqsim_lapic_irrv(const irqsim_lapic_t *la); /* highest vector in IRR */
int irqsim_lapic_isrv(const irqsim_lapic_t *la); /* highest vector in ISR */

#ifdef __cplusplus
}
#endif
#endif
