/* SPDX-License-Identifier: MIT */
/*
 * machine_int.h - what the files of the machine share
 *
 *   step.c      who acts next: the loop, and a CPU's turn in it
 *   source.c    devices: arrivals in, lines and messages out
 *   lines.c     wires to the controllers, the 8259A pair
 *   messages.c  messages and APICs, whatever the bus
 *   sysbus.c, serialbus.c   the buses: messages in flight, and who gets them
 *   board_*.c   what is wired to what, as tables
 *   boundary.c  from a CPU's pin to the first instruction of a handler
 *   bus.c       what a guest's access reaches, and what it costs
 *   guest.c     instructions and spending
 *   exec.c      instructions of a program, with addresses and lengths
 *   cost.c      what deliveries and instructions take
 *   observe.c   events and causes
 *   machine.c   memory, beginning, views
 *   save.c      snapshots; layouts.c has the tables
 */
#ifndef IRQSIM_MACHINE_INT_H
#define IRQSIM_MACHINE_INT_H

#include <irqsim/agenda.h>
#include <irqsim/guest.h>
#include <irqsim/icc.h>
#include <irqsim/idt.h>
#include <irqsim/machine.h>
#include <irqsim/regs/lapic_regs.h>
#include <irqsim/regs/pic8259_regs.h>

#define NOWHERE      UINT8_MAX
#define MASTER       0u
#define SLAVE        1u
#define PIC_INT_LINE 0u /* on mp: the 8259A's INT on IOAPIC pin 0 */
#define PINS         IRQSIM_IOAPIC_PINS
#define LINES        (IRQSIM_MAX_IOAPICS * PINS)
#define INJECTED     256u /* arrivals by irqsim_machine_arrive() that may wait */
#define NOBODY       UINT32_MAX
#define NO_DEVICE    UINT32_MAX
#define LEAST_VECTOR 16u /* IRR never holds one below (APIC-52) */

/* ---- CPUs ---- */

/* A handler was entered: nobody has run since; run() is under way and may ask. */
enum { ENTRY_NONE, ENTRY_NEW, ENTRY_SHOWN };

/* A CPU and what it is doing. Causes are the low halves of sequence numbers
 * (observe.c): a whole CPU with its LAPIC stays below 2 KiB. */
typedef struct core {
    irqsim_cpu_t cpu;
    irqsim_time_t atomic_until; /* what runs cannot be cut before then            */
    irqsim_time_t deadline;     /* all is spent, the guest runs again; or NEVER   */
    irqsim_time_t left;         /* what the interrupted code still had to spend   */
    irqsim_time_t debt, spent;  /* asked for by the run() in progress             */
    uint32_t runs;              /* calls of run() since time last passed          */
    uint32_t said;              /* latest event of its code: cause of its acts    */
    uint32_t delivered;         /* its last DELIVER                               */
    uint8_t vector;             /* of that                                        */
    uint8_t entered;            /* ENTRY_*                                        */
    uint8_t pad[2];
    uint32_t serving[16];                  /* acknowledge that is in service, per class          */
    uint32_t accepted[256 - LEAST_VECTOR]; /* what put the vector into IRR */
} core_t;

static inline void note_accepted(core_t *core, uint32_t vector, uint64_t cause)
{
    if (vector >= LEAST_VECTOR)
        core->accepted[vector - LEAST_VECTOR] = (uint32_t)cause;
}

/* ---- devices ---- */

#define ARRIVAL_CAUSES 16u /* of the latest arrivals; older ones share the oldest */

typedef struct device {
    irqsim_time_t next;      /* arrival by the pattern                            */
    irqsim_time_t pulse_end; /* NEVER unless the pin is in a pulse                */
    uint64_t arrived;        /* arrivals are numbered from 0 ...                  */
    uint64_t taken;          /* ... pending are taken..arrived-1                  */
    uint64_t rise;           /* arrival that raised the pin                       */
    uint64_t delivered, coalesced, withdrawn, lost_edges;
    uint64_t random;
    uint32_t msi_addr, msi_data;
    uint32_t cause[ARRIVAL_CAUSES];
    uint8_t msi_on;
    uint8_t unsent; /* a message waits for MSI to be enabled or for the bus      */
    uint8_t high;   /* the pin is asserted                                       */
    uint8_t fresh;  /* the next claim is the first of its run                    */
    uint8_t pad[4];
} device_t;

typedef struct jobs {
    uint32_t job[INJECTED];
} jobs_t;

/* ---- wires ---- */

/* Where a line of the board ends. */
typedef struct net {
    uint8_t chip, ir; /* 8259A input, or NOWHERE */
    uint8_t pin;      /* IOAPIC input, or NOWHERE */
    uint8_t reserved; /* the board's own: no device may drive it */
} net_t;

/* A wire with a delay, both edges alike: what entered is seen `pin_to_core`
 * later at the other end. */
#define WIRE_EDGES 8u
typedef struct wire {
    irqsim_time_t edge[WIRE_EDGES]; /* under way, oldest first; they alternate    */
    uint8_t count;
    uint8_t level; /* at the far end */
    uint8_t pad[6];
} wire_t;

/* ---- messages ---- */

/* One lane per latency: messages of a lane arrive in the order they were sent. */
typedef enum lane_id { LANE_EOI, LANE_PIN, LANE_IPI, LANES } lane_id_t;

typedef struct flight {
    irqsim_time_t due;
    uint64_t order; /* of submission, over all lanes */
    irqsim_apic_msg_t msg;
} flight_t;

typedef struct lane {
    uint32_t count, head;
} lane_t;

/* The APIC bus of P5 and P6, and what an observer is told of it. */
typedef struct serial {
    irqsim_icc_t bus;
    uint32_t ended[IRQSIM_ICC_AGENTS];    /* per LAPIC: what it did when it asked for the bus */
    uint32_t ipi_sent[IRQSIM_ICC_AGENTS]; /* likewise: MSG_SEND of its IPI, 0 = none          */
    uint32_t pin_sent[LINES];             /* per GSI: MSG_SEND of its request ...             */
    uint32_t pin_cause[LINES];            /* ... and the rise that it is about; 0 = none      */
    uint32_t begun;                       /* the BUS_BEGIN of the message on it               */
    uint32_t pad;
} serial_t;

/* How messages travel: a board has the row of its family. */
typedef struct transport {
    void (*lapic)(irqsim_machine_t *m, unsigned cpu);    /* it has a message or a pulse */
    uint32_t (*ioapic)(irqsim_machine_t *m, unsigned n); /* likewise; pins that lost an edge */
    bool (*takes_from)(const irqsim_machine_t *m, uint32_t device); /* has room for one */
    void (*device)(irqsim_machine_t *m, uint32_t device, irqsim_apic_msg_t *msg);
    irqsim_time_t (*next)(irqsim_machine_t *m); /* when something is due */
    void (*act)(irqsim_machine_t *m);           /* it happens            */
} transport_t;

extern const transport_t irqsim__machine_wire, irqsim__machine_sysbus, irqsim__machine_serial;
void irqsim__machine_serial_init(irqsim_machine_t *m, bool has_bridge, uint32_t variants);

/* ---- boards ---- */

typedef struct ack {
    uint64_t cause;     /* the acknowledge's event */
    irqsim_time_t cost; /* of the acknowledge cycle on the bus */
    uint8_t vector;
} ack_t;

typedef struct port port_t;

typedef struct board {
    const net_t *net; /* one row per line */
    uint32_t lines;
    uint32_t pit_line;
    const port_t *port; /* beyond the PICs and the PIT */
    uint32_t ports;
    bool apics;
    void (*pic_int)(irqsim_machine_t *m);                    /* the master's INT moved: g.pic_int */
    ack_t (*acknowledge)(irqsim_machine_t *m, unsigned cpu); /* INTR is taken */
} board_t;

extern const board_t irqsim__machine_at, irqsim__machine_mp;

/* ---- the machine ---- */

/* What a snapshot has of the machine itself. */
typedef struct globals {
    irqsim_time_t now;
    uint64_t steps;
    uint64_t last_seq; /* latest event's number: causes are widened by it */
    uint64_t submitted;
    uint64_t irq7, irq15, lapic_spurious;
    uint32_t lowest;  /* where the last lowest-priority search ended */
    uint32_t stalled; /* senders that found the bus full             */
    uint32_t sender;  /* where the search for the next of them goes on */
    uint8_t booted;   /* an event was handled: accesses cost time from now on */
    uint8_t stopped;  /* -irqsim_status_t */
    uint8_t imcr_index, imcr;
    uint8_t pic_int;  /* master's INT, as the board last saw it */
    uint8_t pit_high; /* OUT0, likewise */
    uint8_t pad[6];
    uint32_t line_cause[LINES]; /* rise of each line */
} globals_t;

struct irqsim_machine {
    const board_t *board;
    const transport_t *transport;
    irqsim_guest_code_t guest;
    irqsim_host_t host;
    irqsim_mem_t mem; /* RAM as event delivery reads and writes it */
    irqsim_profile_t profile;
    irqsim_profile_t ps; /* the same figures as times; clocks are converted once */
    irqsim_clock_t cpu_clk;
    irqsim_apic_family_t family;
    uint32_t cpus, devices, rings, ram_bytes, lane_size;
    uint32_t ioapics, lines;
    uint32_t low_pins[IRQSIM_MAX_IOAPICS]; /* whose devices are active low */

    /* actors: devices, PIT, LAPIC timers, bus, CPUs */
    irqsim_agenda_t agenda;
    uint32_t pit_actor, first_timer, bus_actor, first_cpu;
    /* Two entries are kept beside it: the bus's, and that of one CPU, the hot one.
     * `rest` is the first of all the others and the bus. */
    irqsim_time_t bus_due, hot_due, rest_due;
    uint32_t hot, rest;
    uint32_t next_lane; /* whose head the bus brings at bus_due */
    uint32_t acting;    /* the hot CPU while it is its turn, else NOBODY */
    uint32_t x2apics;   /* LAPICs in x2APIC mode                            */
    bool ids_moved;     /* an APIC ID is not its CPU's number               */

    globals_t g;
    irqsim_pic_t pic[2];
    irqsim_pit_t pit;
    irqsim_ioapic_t ioapic[IRQSIM_MAX_IOAPICS];
    wire_t wire;
    uint32_t drivers[LINES]; /* who assert it: a line is high while anyone does */
    lane_t lane[LANES];      /* on a serial bus LANE_PIN holds what waits for the bridge */
    serial_t serial;

    core_t *core;
    irqsim_lapic_t *lapic;
    const irqsim_source_desc_t *source;
    device_t *device;
    uint32_t *ring_of; /* device -> ring of injected jobs */
    jobs_t *ring;
    flight_t *flight; /* lane_size per lane */
    uint32_t *stall;  /* bit per sender: LAPICs, IOAPIC, devices */
    uint32_t *lint0;  /* bit per CPU whose LAPIC listens to LINT0 */
    uint8_t *ram;
};

/* Beyond the board's own lines are the pins of further IOAPICs. */
static inline net_t net_of(const irqsim_machine_t *m, uint32_t line)
{
    if (line < m->board->lines)
        return m->board->net[line];
    return (net_t){.chip = NOWHERE, .pin = (uint8_t)line};
}

static inline uint32_t words_for(uint32_t bits)
{
    return (bits + 31) / 32;
}

static inline irqsim_time_t later(irqsim_time_t t, irqsim_time_t by)
{
    return by > IRQSIM_NEVER - t ? IRQSIM_NEVER : t + by;
}

/* ---- observe.c ---- */

uint64_t irqsim__machine_emit(irqsim_machine_t *m, irqsim_event_id_t id, unsigned cpu,
                              uint64_t cause, uint32_t a, uint32_t b, uint32_t c);
uint64_t irqsim__machine_widen(const irqsim_machine_t *m, uint32_t cause);

/* Out of line: what is done only for an observer, rarely, or once an interrupt. Inside
 * of a hot function it would make that save all its registers, 12 instructions a
 * call. */
#define ASIDE __attribute__((noinline))

static inline bool observed(const irqsim_machine_t *m)
{
    return m->host.emit;
}

/* The one branch that an event costs when nobody looks. */
static inline uint64_t say(irqsim_machine_t *m, irqsim_event_id_t id, unsigned cpu, uint64_t cause,
                           uint32_t a, uint32_t b, uint32_t c)
{
    return observed(m) ? irqsim__machine_emit(m, id, cpu, cause, a, b, c) : 0;
}

static inline uint64_t wide(const irqsim_machine_t *m, uint32_t cause)
{
    return cause ? irqsim__machine_widen(m, cause) : 0;
}

/* ---- step.c ---- */

/* When an actor acts next; the bus has a call of its own. */
static inline void irqsim__machine_find_rest(irqsim_machine_t *m)
{
    const irqsim_time_t due = irqsim_agenda_time(&m->agenda);
    const uint32_t actor = irqsim_agenda_actor(&m->agenda);
    const bool bus = m->bus_due < due || (m->bus_due == due && m->bus_actor < actor);

    m->rest_due = bus ? m->bus_due : due;
    m->rest = bus ? m->bus_actor : actor;
}
static inline void irqsim__machine_set_due(irqsim_machine_t *m, uint32_t actor, irqsim_time_t due)
{
    if (irqsim_agenda_due(&m->agenda, actor) == due)
        return;
    irqsim_agenda_set(&m->agenda, actor, due);
    irqsim__machine_find_rest(m);
}
static inline void irqsim__machine_set_bus_due(irqsim_machine_t *m, irqsim_time_t due)
{
    m->bus_due = due;
    irqsim__machine_find_rest(m);
}
/* A CPU's pins, IF or deadline changed: when does it act next? One whose turn it is
 * decides that at its end. */
void irqsim__machine_reschedule(irqsim_machine_t *m, unsigned cpu);
static inline void irqsim__machine_schedule(irqsim_machine_t *m, unsigned cpu)
{
    if (cpu != m->acting)
        irqsim__machine_reschedule(m, cpu);
}
/* Fills the agenda from the state: at the beginning and after a load. */
void irqsim__machine_plan(irqsim_machine_t *m);

/* ---- source.c ---- */

void irqsim__machine_device_init(irqsim_machine_t *m, uint32_t n);
irqsim_time_t irqsim__machine_device_due(const device_t *dev);
void irqsim__machine_device_act(irqsim_machine_t *m, uint32_t n);
uint32_t irqsim__machine_device_read(irqsim_machine_t *m, unsigned cpu, uint32_t n, uint32_t reg);
void irqsim__machine_device_write(irqsim_machine_t *m, uint32_t n, uint32_t reg, uint32_t value);
/* Sends the message it owes, if the bus has room. */
void irqsim__machine_device_send(irqsim_machine_t *m, uint32_t n);
uint64_t irqsim__machine_arrivals(const irqsim_source_desc_t *desc);

/* ---- lines.c ---- */

/* One more or one less driver of a line. Returns true if an edge was lost. */
bool irqsim__machine_drive(irqsim_machine_t *m, uint32_t line, bool high, uint32_t device,
                           uint64_t cause);
/* A request of the line waits and no controller has accepted it. */
bool irqsim__machine_requested(const irqsim_machine_t *m, uint32_t line);
/* After anything was done to an 8259A: the wires between them and out. Beside APICs
 * the pair is silent, and this a question. */
void irqsim__machine_pics_moved(irqsim_machine_t *m);
static inline void irqsim__machine_settle_pics(irqsim_machine_t *m)
{
    const bool cascade = m->pic[MASTER].in & IRQSIM_PIC_IN_IR(PIC_CASCADE_IR);

    if (m->pic[SLAVE].out != cascade || m->pic[MASTER].out != m->g.pic_int)
        irqsim__machine_pics_moved(m);
}
/* The pair's INTA cycles. */
ack_t irqsim__machine_inta(irqsim_machine_t *m, unsigned cpu);
void irqsim__machine_pit_act(irqsim_machine_t *m);
void irqsim__machine_pit_settle(irqsim_machine_t *m);

/* ---- messages.c ---- */

#define BOOTSTRAP_CPU 0u
#define IMCR_APIC     0x01u /* PIC-78: 8259A INT and NMI go by the APICs */

static inline flight_t *lane_slot(const irqsim_machine_t *m, unsigned lane, uint32_t i)
{
    uint32_t at = m->lane[lane].head + i;

    if (at >= m->lane_size)
        at -= m->lane_size;
    return &m->flight[lane * m->lane_size + at];
}
/* A sender that found the bus full is asked again when there is room. */
void irqsim__machine_stall(irqsim_machine_t *m, uint32_t sender);
void irqsim__machine_wake_senders(irqsim_machine_t *m);
/* NMI, SMI, INIT and SIPI that came as messages, to the CPU. */
void irqsim__machine_take_pulses(irqsim_machine_t *m, unsigned cpu);
/* Pins of an IOAPIC that lost an edge since somebody asked. */
uint32_t irqsim__machine_take_lost(irqsim_machine_t *m, unsigned n);
static inline uint32_t irqsim__machine_lost_edges(irqsim_machine_t *m, unsigned n)
{
    return m->ioapic[n].lost ? irqsim__machine_take_lost(m, n) : 0;
}
/* For an observer: a message left its sender; what became of it at a CPU; nobody was
 * meant. */
uint64_t irqsim__machine_say_sent(irqsim_machine_t *m, const irqsim_apic_msg_t *msg);
void irqsim__machine_say_fate(irqsim_machine_t *m, unsigned cpu, const irqsim_apic_msg_t *msg,
                              irqsim_apic_fate_t fate);
void irqsim__machine_say_nobody(irqsim_machine_t *m, const irqsim_apic_msg_t *msg);
/* MP-01, MP-05: boards of P5 and P6 processors have an IMCR. While it is 0 the 8259A's
 * INT is the bootstrap processor's INTR, past all APICs. */
static inline bool has_imcr(const irqsim_machine_t *m)
{
    return m->family == IRQSIM_APIC_P5 || m->family == IRQSIM_APIC_P6;
}
static inline bool in_pic_mode(const irqsim_machine_t *m)
{
    return !(m->g.imcr & IMCR_APIC) && has_imcr(m);
}
/* The 8259A's INT as the LAPIC's LINT0. Those that do not listen get it late, but
 * before anything can make them listen. */
static inline void irqsim__machine_sync_lint0(irqsim_machine_t *m, unsigned cpu)
{
    const uint32_t in = m->g.pic_int && !in_pic_mode(m) ? IRQSIM_LAPIC_IN_LINT0 : 0;

    if (m->lapic[cpu].in != in)
        irqsim_lapic_set_in(&m->lapic[cpu], in);
}
/* After anything was done to an APIC: its outputs reach whom they must. Inline is
 * what happens each time, the rest is for messages and pulses. */
static inline void irqsim__machine_settle_lapic(irqsim_machine_t *m, unsigned cpu)
{
    const uint32_t intr = IRQSIM_LAPIC_OUT_INTR | IRQSIM_LAPIC_OUT_EXTINT;

    if (m->lapic[cpu].out & ~intr)
        m->transport->lapic(m, cpu);
    irqsim_cpu_set_intr(&m->core[cpu].cpu,
                        m->lapic[cpu].out & intr ||
                            (m->g.pic_int && cpu == BOOTSTRAP_CPU && in_pic_mode(m)));
    irqsim__machine_schedule(m, cpu);
}
/* Else it is a caller's mistake (guest.h). */
static inline bool is_cpu(const irqsim_machine_t *m, unsigned cpu)
{
    return cpu < m->cpus;
}
static inline bool in_x2apic_mode(const irqsim_machine_t *m, unsigned cpu)
{
    return m->lapic[cpu].apic_base & APIC_BASE_EXTD;
}
/* What the machine keeps about a LAPIC: its timer's turn, who listens to LINT0.
 * Changes with its registers, not with what it receives. */
void irqsim__machine_note_lapic(irqsim_machine_t *m, unsigned cpu);
/* Returns the pins that lost an edge. */
static inline uint32_t irqsim__machine_settle_ioapic(irqsim_machine_t *m, unsigned n)
{
    return m->ioapic[n].out | m->ioapic[n].lost ? m->transport->ioapic(m, n) : 0;
}
void irqsim__machine_timer_act(irqsim_machine_t *m, unsigned cpu);

/* Senders: LAPICs, IOAPICs, devices. */
static inline uint32_t sender_ioapic(const irqsim_machine_t *m, unsigned n)
{
    return m->cpus + n;
}
static inline uint32_t sender_device(const irqsim_machine_t *m, uint32_t n)
{
    return m->cpus + m->ioapics + n;
}
static inline uint32_t all_senders(const irqsim_machine_t *m)
{
    return sender_device(m, m->devices);
}

/* ---- boundary.c ---- */

/* The CPU takes an event. */
void irqsim__machine_boundary(irqsim_machine_t *m, unsigned cpu, irqsim_boundary_t what);
/* An instruction raises something: its event, the cause of all that follows from it. */
static inline uint64_t irqsim__machine_say_insn(irqsim_machine_t *m, unsigned cpu, uint64_t ip,
                                                uint64_t behind)
{
    return say(m, IRQSIM_EV_INSN, cpu, 0, (uint32_t)ip, (uint32_t)behind, 0);
}
/* An exception or INT n of the instruction under way, whose event is `insn`. */
void irqsim__machine_raise(irqsim_machine_t *m, unsigned cpu, uint64_t insn, irqsim_delivery_t ev);
/* What follows a delivery, for who did it himself (exec.c). saved_ip: what the frame or
 * the old TSS holds. */
uint32_t irqsim__machine_say_deliver(irqsim_machine_t *m, unsigned cpu, const irqsim_delivery_t *ev,
                                     uint64_t saved_ip, uint64_t cause);
void irqsim__machine_shut_down(irqsim_machine_t *m, unsigned cpu, irqsim_delivered_as_t why,
                               uint64_t cause);
void irqsim__machine_pulse(irqsim_machine_t *m, unsigned cpu, uint32_t lapic_pulses);
void irqsim__machine_say_if(irqsim_machine_t *m, unsigned cpu);
static inline void irqsim__machine_if_changed(irqsim_machine_t *m, unsigned cpu, uint64_t old_flags)
{
    if (observed(m) && (m->core[cpu].cpu.regs.flags ^ old_flags) & IRQSIM_FL_IF)
        irqsim__machine_say_if(m, cpu);
}

/* The handler of `ev` begins next. */
static inline void irqsim__machine_entered(irqsim_machine_t *m, unsigned cpu,
                                           const irqsim_delivery_t *ev, uint64_t old_flags,
                                           uint64_t saved_ip, uint64_t cause)
{
    core_t *core = &m->core[cpu];

    core->delivered = observed(m) ? irqsim__machine_say_deliver(m, cpu, ev, saved_ip, cause) : 0;
    core->said = core->delivered;
    core->vector = ev->vector;
    core->entered = ENTRY_NEW;
    irqsim__machine_if_changed(m, cpu, old_flags);
}

/* ---- bus.c ---- */

struct port {
    uint16_t first, last;
    uint8_t (*read)(irqsim_machine_t *m, unsigned reg);
    void (*write)(irqsim_machine_t *m, unsigned reg, uint8_t value);
};

void irqsim__machine_mem_init(irqsim_machine_t *m);

/* Time that the instruction under way takes. While booting it is free. */
static inline void charge(irqsim_machine_t *m, unsigned cpu, irqsim_time_t cost)
{
    if (m->g.booted)
        m->core[cpu].debt += cost;
}

/* ---- random.c ---- */

uint64_t irqsim__machine_random(uint64_t *state);
/* Exponentially distributed with this mean. */
irqsim_time_t irqsim__machine_exponential(uint64_t *state, irqsim_time_t mean);

/* ---- layouts.c ---- */

/* What must be the same where a snapshot is made and where it is loaded. */
typedef struct shape {
    uint32_t board, family, cpus, ioapics, devices, rings, lane_size, ram_bytes, figures;
} shape_t;

typedef struct word {
    uint32_t bits;
} word_t;

typedef enum layout_id {
    LAYOUT_SHAPE,
    LAYOUT_GLOBALS,
    LAYOUT_PIC,
    LAYOUT_PIT,
    LAYOUT_WIRE,
    LAYOUT_CORE,
    LAYOUT_LAPIC,
    LAYOUT_IOAPIC,
    LAYOUT_LANE,
    LAYOUT_FLIGHT,
    LAYOUT_SERIAL,
    LAYOUT_DEVICE,
    LAYOUT_JOBS,
    LAYOUT_WORD,
    LAYOUTS
} layout_id_t;

extern const irqsim_layout_t irqsim__machine_layouts[LAYOUTS];

#endif
