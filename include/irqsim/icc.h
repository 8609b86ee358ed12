/* SPDX-License-Identifier: MIT */
/*
 * irqsim/icc.h - the APIC bus of P5 and P6 ("ICC", serial), clock by clock
 *
 *   PICCLK  ___|^|_|^|_|^|_|^|_      one two-bit cycle a clock
 *   PICD1   ====X====X====X====      open drain, wired OR: any agent that
 *   PICD0   ====X====X====X====      drives makes a logical 1 (ICC-01)
 *              |         |
 *        local APICs  I/O APICs  [a bridge, for messages of other origin]
 *
 * An agent that has a message asks for the bus. When it is idle, all who ask
 * begin together, the highest arbitration ID wins (ICC-11), and its message
 * takes 14, 21, 34 or 39 cycles (ICC-30..33). Near its end the receivers
 * answer in status cycles; then, not at the beginning, IRR bits appear, remote
 * IRRs end and the sender learns its fate (ICC-50).
 *
 * Time is a count of bus clocks. Nothing is ticked: the bus knows when the
 * next thing happens (begin, status, end) and what each cycle carries.
 *
 * The bus holds no pointers. Its agents are passed to each call that moves it;
 * they carry their own arbitration IDs. Agents are numbered: local APICs, then
 * I/O APICs, then the bridge.
 *
 * IDs of agents should differ, those of the bridge and of what a guest may write
 * into ID registers included (ICC-23). Where two have one arbitration ID, the agent
 * with the lower number has the bus; IDs are four bits wide whatever happens, and two
 * that hold 15 both go to 0 when one of them has won.
 *
 * Rules         ICC-01..ICC-57 (docs/rules/BUS.md)
 */
#ifndef IRQSIM_ICC_H
#define IRQSIM_ICC_H

#include <irqsim/apic_route.h>
#include <irqsim/ioapic.h>
#include <irqsim/lapic.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IRQSIM_ICC_AGENTS 15 /* ICC-03: IDs 0..14, 15 is broadcast           */
#define IRQSIM_ICC_CYCLES 39 /* of the longest message                       */

/* clang-format off */
/* Messages by layout. */
typedef enum irqsim_icc_kind {
    IRQSIM_ICC_NO_KIND, /* there was no message yet                                 */
    IRQSIM_ICC_EOI,     /* ICC-30: 14 cycles                                        */
    IRQSIM_ICC_SHORT,   /* ICC-31: 21, also a lowest-priority one with a focus      */
    IRQSIM_ICC_LOWEST,  /* ICC-32: 34                                               */
    IRQSIM_ICC_READ     /* ICC-33: 39                                               */
} irqsim_icc_kind_t;

/* What the status cycles said (ICC-50). */
typedef enum irqsim_icc_outcome {
    IRQSIM_ICC_UNDECIDED,      /* no status cycle yet                               */
    IRQSIM_ICC_ACCEPTED,
    IRQSIM_ICC_FOCUS,          /* accepted by the focus processor                   */
    IRQSIM_ICC_ARBITRATES,     /* processors bid for it in cycles 21..32            */
    IRQSIM_ICC_RETRY,          /* a receiver had no slot                            */
    IRQSIM_ICC_ACCEPT_ERROR,   /* nobody answered                                   */
    IRQSIM_ICC_CHECKSUM_ERROR,
    IRQSIM_ICC_ERROR           /* a status that means nothing else                  */
} irqsim_icc_outcome_t;

typedef enum irqsim_icc_phase {
    IRQSIM_ICC_IDLE,    /* next: a message begins                                   */
    IRQSIM_ICC_BUSY,    /* next: status cycles A and A1                             */
    IRQSIM_ICC_BIDDING, /* next: A2, the winner's answer                            */
    IRQSIM_ICC_READING, /* next: the end of a remote read's data                    */
    IRQSIM_ICC_ENDING   /* next: the message's last cycle is over                   */
} irqsim_icc_phase_t;

/* Where documents disagree (desc.variants, OR-ed). Plain checksum: the sum modulo 4,
 * as the ICH datasheets have it (ICC-39). */
#define IRQSIM_ICC_VARIANT_PLAIN_CHECKSUM (UINT32_C(1) << 0)

typedef struct irqsim_icc_desc {
    uint8_t lapics, ioapics; /* how many of each; all are passed to every call      */
    bool bridge;             /* there is an agent for irqsim_icc_post()             */
    uint8_t bridge_id;       /* its ID, 0..14; must differ from all others          */
    uint32_t variants;       /* IRQSIM_ICC_VARIANT_*                                */
    irqsim_clock_t clk;      /* PICCLK, for remote reads of timers; num 0 = 16.67 MHz */
    uint64_t handshake;      /* clocks from an I/O APIC's APICREQ# to the APICACK# of a
                                chipset that has drained its buffers, before it asks
                                for the bus; 0 = nothing to drain (ICC-57)          */
} irqsim_icc_desc_t;

/* The agents, in arrays of as many as the desc said. */
typedef struct irqsim_icc_agents {
    irqsim_lapic_t *lapic;
    irqsim_ioapic_t *ioapic;
} irqsim_icc_agents_t;

/* The whole bus: plain bytes, no pointers. Read any member; write through the
 * functions, but for msg.cause, which is the board's. */
typedef struct irqsim_icc {
    irqsim_clock_t clk;
    uint64_t due;        /* clock of what happens next, IRQSIM_NEVER = nothing      */
    uint64_t begin;      /* clock at which cycle 1 of the last message began        */
    uint64_t free_at;    /* clock from which the next one may                       */
    uint64_t waited;     /* clocks for which the last winner had asked              */
    uint64_t begun;      /* messages so far, resent ones each time                  */
    uint64_t used;       /* clocks of messages that have ended                      */
    uint64_t handshake;  /* desc                                                    */
    uint64_t since[IRQSIM_ICC_AGENTS]; /* asks for the bus; NEVER = does not        */
    irqsim_apic_msg_t msg;    /* the last message, as its sender has it             */
    irqsim_apic_msg_t heard;  /* as its receivers have it, from the cycles          */
    irqsim_apic_msg_t bridge; /* the bridge's                                       */
    uint32_t variants;   /* desc                                                    */
    uint16_t meant;      /* bit per LAPIC that answered the last message            */
    uint8_t lapics, ioapics, has_bridge, bridge_id;
    uint8_t bridge_arb;  /* arbitration ID of the bridge                            */
    uint8_t bridge_asks; /* its message waits                                       */
    uint8_t phase;       /* irqsim_icc_phase_t                                      */
    uint8_t kind;        /* irqsim_icc_kind_t of the last message                   */
    uint8_t outcome;     /* irqsim_icc_outcome_t of it                              */
    uint8_t told;        /* irqsim_apic_fate_t that its sender was told             */
    uint8_t sender;      /* its agent                                               */
    uint8_t winner;      /* focus or best bidder: a LAPIC, or FF                    */
    uint8_t bad_cycle, bad_bits;           /* what disturbs it; cycle 0 = nothing   */
    uint8_t next_bad_cycle, next_bad_bits; /* likewise, the next one                */
    uint8_t fate[IRQSIM_ICC_AGENTS]; /* irqsim_apic_fate_t by LAPIC                 */
    uint8_t wire[IRQSIM_ICC_CYCLES]; /* logical {bit1,bit0} of cycles 1, 2, ...     */
    uint8_t pad[4];
} irqsim_icc_t;
/* clang-format on */

/* E_RANGE: more than 15 agents (ICC-03), or no such ID for the bridge. */
irqsim_status_t irqsim_icc_init(irqsim_icc_t *bus, const irqsim_icc_desc_t *desc);
/* RESET: what was on the bus is gone, `begun` and `used` go on counting. The agents
 * are the caller's to reset. */
void irqsim_icc_reset(irqsim_icc_t *bus);

/* Something was done to an agent at `clock`, which is not earlier than anything
 * the bus has seen: whoever has a message now asks for the bus from then on, an I/O
 * APIC `handshake` clocks later.
 * A synchroniser's delay is the caller's to add (TIME-65). */
void irqsim_icc_look(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents, uint64_t clock);

/* Puts a message of no APIC (an MSI) into the bridge, then as look(). false: the
 * bridge still has one, or there is none. Its fate is in `told`. */
bool irqsim_icc_post(irqsim_icc_t *bus, const irqsim_apic_msg_t *msg, uint64_t clock);

/* What happened. `msg` and `sender` say to which message. */
typedef enum irqsim_icc_act {
    IRQSIM_ICC_NOTHING, /* whoever asked does so no more                     */
    IRQSIM_ICC_BEGAN,   /* the message left its sender; `waited` is known    */
    IRQSIM_ICC_DECIDED, /* `outcome`, `fate` and `told` are known and done   */
    IRQSIM_ICC_ENDED    /* the bus is free; it took irqsim_icc_length()      */
} irqsim_icc_act_t;

/* Clock of the next act; IRQSIM_NEVER: the bus is idle and nobody asks. */
static inline uint64_t irqsim_icc_next_event(const irqsim_icc_t *bus)
{
    return bus->due;
}
/* Does what is due next, whatever time it is. */
irqsim_icc_act_t irqsim_icc_act(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents);
/* All acts up to and including `clock`. */
void irqsim_icc_advance(irqsim_icc_t *bus, const irqsim_icc_agents_t *agents, uint64_t clock);

/* For tests and embedders: flips `bits` (1..3, as logical bits) of cycle `cycle`
 * (1..39) of the next message that begins. What receivers and sender make of it
 * follows from the cycle: data or checksum give a checksum error, unless the
 * flip escapes the checksum; status cycles say something else than was meant.
 * Arbitration is not led astray: there, and in the idle cycle, it only shows.
 * E_RANGE: no such cycle or bits. */
irqsim_status_t irqsim_icc_disturb(irqsim_icc_t *bus, unsigned cycle, unsigned bits);

/* Views. Cycles of the last message: 14, 21, 34 or 39, a lowest-priority one 21
 * until it is known whether processors bid; 0 if there was none. */
unsigned irqsim_icc_length(const irqsim_icc_t *bus);
/* How many of these are over at `clock`. */
unsigned irqsim_icc_cycles(const irqsim_icc_t *bus, uint64_t clock);
/* Logical value of cycle `k`, {bit1,bit0} as 0..3: right for the cycles that are
 * over, k = 1..irqsim_icc_cycles(). */
unsigned irqsim_icc_cycle(const irqsim_icc_t *bus, unsigned k);
/* Clocks in which the bus was busy until `clock`. */
uint64_t irqsim_icc_used(const irqsim_icc_t *bus, uint64_t clock);
/* Current arbitration ID of an agent; agent < 15. */
unsigned irqsim_icc_arb(const irqsim_icc_t *bus, const irqsim_icc_agents_t *agents, unsigned agent);

#ifdef __cplusplus
}
#endif
#endif
