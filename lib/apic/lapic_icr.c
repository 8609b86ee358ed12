/* SPDX-License-Identifier: MIT */
/*
 * lapic_icr.c - what this APIC sends: IPIs through the ICR, EOI broadcasts
 */
#include "lapic_irr.h"

#define MODE(low)      (((low)&LAPIC_DM_MASK) >> LAPIC_DM_SHIFT)
#define SHORTHAND(low) (((low)&LAPIC_ICR_SHORTHAND_MASK) >> LAPIC_ICR_SHORTHAND_SHIFT)

/* APIC-71: the delivery modes that a shorthand can carry, by trigger. Modes 3
 * (but on the serial bus) and 7 cannot be sent. */
#define CAN(mode)   (1u << IRQSIM_APIC_##mode)
#define SIGNALS     (CAN(SMI) | CAN(NMI) | CAN(INIT) | CAN(SIPI))
#define IPIS        (CAN(FIXED) | CAN(LOWEST) | SIGNALS)
#define LEVEL_IPIS  (CAN(FIXED) | CAN(LOWEST) | CAN(NMI) | CAN(INIT))
#define REMOTE_READ CAN(REMOTE_READ)

typedef struct legality {
    uint8_t edge, level;
} legality_t;

/* clang-format off */
static const legality_t legal[2][4] = { /* [serial bus?][shorthand] */
    {
        [IRQSIM_APIC_TO_DEST]   = {IPIS,       IPIS},
        [IRQSIM_APIC_TO_SELF]   = {CAN(FIXED), CAN(FIXED)},
        [IRQSIM_APIC_TO_ALL]    = {CAN(FIXED), CAN(FIXED)},
        [IRQSIM_APIC_TO_OTHERS] = {IPIS,       IPIS},
    },
    {
        [IRQSIM_APIC_TO_DEST]   = {IPIS | REMOTE_READ, LEVEL_IPIS},
        [IRQSIM_APIC_TO_SELF]   = {CAN(FIXED),         CAN(FIXED)},
        [IRQSIM_APIC_TO_ALL]    = {CAN(FIXED),         CAN(FIXED)},
        [IRQSIM_APIC_TO_OTHERS] = {IPIS,               LEVEL_IPIS},
    },
};
/* clang-format on */

static bool is_init_deassert(uint32_t low)
{
    return MODE(low) == IRQSIM_APIC_INIT && low & LAPIC_ICR_TRIGGER_LEVEL &&
           !(low & LAPIC_ICR_ASSERT);
}

static bool is_legal(const irqsim_lapic_t *la, uint32_t low)
{
    const legality_t *row = &legal[on_serial_bus(la)][SHORTHAND(low)];
    const uint32_t modes = low & LAPIC_ICR_TRIGGER_LEVEL ? row->level : row->edge;

    if (on_serial_bus(la) && is_init_deassert(low))
        return true; /* APIC-33: it is for all, whatever the shorthand says */
    return modes >> MODE(low) & 1;
}

/* Legal and without effect: on xAPIC an INIT de-assert (APIC-33, APIC-72), on
 * the serial bus any other level message that does not assert (APIC-71). */
static bool is_ignored(const irqsim_lapic_t *la, uint32_t low)
{
    if (!on_serial_bus(la))
        return is_init_deassert(low);
    return low & LAPIC_ICR_TRIGGER_LEVEL && !(low & LAPIC_ICR_ASSERT) && !is_init_deassert(low);
}

static bool has_illegal_vector(uint32_t low)
{
    return MODE(low) <= IRQSIM_APIC_LOWEST && (low & LAPIC_ICR_VECTOR_MASK) < LOWEST_LEGAL_VECTOR;
}

/* APIC-50.4: some parts cannot ask who has the lowest priority. */
static bool cannot_be_redirected(const irqsim_lapic_t *la, uint32_t low)
{
    return la->variants & IRQSIM_LAPIC_VARIANT_NO_LOWEST_IPI && !on_serial_bus(la) &&
           MODE(low) == IRQSIM_APIC_LOWEST;
}

/* ---- self IPIs ---- */

/* APIC-75: straight into IRR. */
static void send_self(irqsim_lapic_t *la, uint32_t vector)
{
    const irqsim_apic_fate_t fate = irqsim__lapic_enter_irr(la, vector, false);
    const bool waits = fate == IRQSIM_APIC_RETRY; /* for an EOI, like the LVT's */

    la->icr_busy = waits ? IRQSIM_LAPIC_ICR_TAKEN : IRQSIM_LAPIC_ICR_IDLE;
    if (waits)
        la->local_waits |= SELF_IPI_WAITS;
}

void irqsim__lapic_self_ipi(irqsim_lapic_t *la, uint32_t vector)
{
    irqsim__lapic_icr_write(la, LAPIC_ICR_TO_SELF | LAPIC_ICR_ASSERT | vector);
}

/* ---- remote reads ---- */

#define REMOTE_READ_UNDER_WAY (LAPIC_ICR_RR_UNDER_WAY >> LAPIC_ICR_RR_STATUS_SHIFT)
#define REMOTE_READ_VALID     (LAPIC_ICR_RR_VALID >> LAPIC_ICR_RR_STATUS_SHIFT)

void irqsim__lapic_read_done(irqsim_lapic_t *la, bool valid, uint32_t data)
{
    if (la->icr_busy != IRQSIM_LAPIC_ICR_TAKEN || la->remote_status != REMOTE_READ_UNDER_WAY)
        return; /* an INIT came in between */
    la->remote_status = valid ? REMOTE_READ_VALID : 0;
    if (valid)
        la->remote_read = data;
}

/* ---- one request ---- */

static inline void keep(irqsim_lapic_t *la, uint32_t low, uint32_t high)
{
    la->sent_low = low;
    la->sent_high = high;
    la->remote_status = 0;
}

static inline void offer(irqsim_lapic_t *la)
{
    la->icr_busy = IRQSIM_LAPIC_ICR_WAITS;
    la->out |= IRQSIM_LAPIC_OUT_MSG;
}

static void send_legal(irqsim_lapic_t *la, uint32_t low, uint32_t high)
{
    keep(la, low, high);
    if (SHORTHAND(low) == IRQSIM_APIC_TO_SELF && !is_init_deassert(low)) {
        send_self(la, low & LAPIC_ICR_VECTOR_MASK);
        return;
    }
    if (MODE(low) == IRQSIM_APIC_REMOTE_READ)
        la->remote_status = REMOTE_READ_UNDER_WAY;
    offer(la);
}

static ASIDE void examine(irqsim_lapic_t *la, uint32_t low, uint32_t high)
{
    const bool to_self = SHORTHAND(low) == IRQSIM_APIC_TO_SELF;

    if (!is_legal(la, low)) {
        la->icr_undefined++; /* APIC-74 */
    } else if (cannot_be_redirected(la, low)) {
        irqsim__lapic_log_error(la, LAPIC_ESR_REDIRECTABLE); /* APIC-52: whatever the vector */
    } else if (has_illegal_vector(low)) { /* APIC-50.5; a self IPI is received too: APIC-50.6 */
        irqsim__lapic_log_error(la, LAPIC_ESR_SEND_VECTOR | (to_self ? LAPIC_ESR_RECV_VECTOR : 0));
    } else if (!is_ignored(la, low)) {
        send_legal(la, low, high);
    }
}

/* A fixed edge with a legal vector to others is allowed to everybody, and it is what
 * nearly every request is. */
static inline void start(irqsim_lapic_t *la, uint32_t low, uint32_t high)
{
    const uint32_t unusual = LAPIC_DM_MASK | LAPIC_ICR_TRIGGER_LEVEL;

    if (low & unusual || has_illegal_vector(low) || SHORTHAND(low) == IRQSIM_APIC_TO_SELF) {
        examine(la, low, high);
        return;
    }
    keep(la, low, high);
    offer(la);
}

/* The ICR is free again: a request that came meanwhile goes now. */
static void start_next(irqsim_lapic_t *la)
{
    la->icr_busy = IRQSIM_LAPIC_ICR_IDLE;
    if (!la->icr_again)
        return;
    la->icr_again = 0;
    start(la, la->next_low, la->next_high);
}

void irqsim__lapic_retry_self_ipi(irqsim_lapic_t *la)
{
    send_self(la, la->sent_low & LAPIC_ICR_VECTOR_MASK);
    if (la->icr_busy == IRQSIM_LAPIC_ICR_IDLE)
        start_next(la);
}

void irqsim__lapic_icr_write(irqsim_lapic_t *la, uint32_t low)
{
    la->icr_low = low;
    if (la->icr_busy == IRQSIM_LAPIC_ICR_IDLE) {
        start(la, low, la->icr_high);
        return;
    }
    la->icr_replaced += la->icr_again;
    la->icr_again = 1; /* APIC-70: waits until the first has left */
    la->next_low = low;
    la->next_high = la->icr_high;
}

/* ---- EOI broadcasts ---- */

void irqsim__lapic_queue_eoi(irqsim_lapic_t *la, uint32_t vector)
{
    la->eoi_queue[vector >> 5] |= 1u << (vector & 31);
    la->eoi_words |= (uint8_t)(1u << (vector >> 5));
    la->out |= IRQSIM_LAPIC_OUT_MSG;
}

/* ---- the bus's side ---- */

static uint32_t destination(const irqsim_lapic_t *la)
{
    return in_x2apic_mode(la) ? la->sent_high : la->sent_high >> LAPIC_ICR_HIGH_DEST_SHIFT;
}

/* APIC-69 */
static void compose(const irqsim_lapic_t *la, irqsim_apic_msg_t *msg)
{
    const uint32_t low = la->sent_low;
    const bool deassert = is_init_deassert(low);

    *msg = (irqsim_apic_msg_t){
        .dest = destination(la),
        .source = IRQSIM_APIC_FROM_CPU(la->topology_id),
        .vector = (uint8_t)low,
        .mode = MODE(low),
        .logical = (low & LAPIC_ICR_DEST_LOGICAL) != 0,
        .level = deassert, /* APIC-71: all others travel as edges */
        .assert = !deassert,
        .shorthand = SHORTHAND(low),
    };
}

static void update_out_msg(irqsim_lapic_t *la)
{
    if (la->eoi_words || la->icr_busy == IRQSIM_LAPIC_ICR_WAITS)
        la->out |= IRQSIM_LAPIC_OUT_MSG;
    else
        la->out &= ~IRQSIM_LAPIC_OUT_MSG;
}

/* APIC-92: nobody waits for a delivery status. */
static ASIDE void taken_in_x2apic_mode(irqsim_lapic_t *la)
{
    start_next(la);
    update_out_msg(la);
}

bool irqsim_lapic_bus_take(irqsim_lapic_t *la, irqsim_apic_msg_t *msg)
{
    if (!(la->out & IRQSIM_LAPIC_OUT_MSG))
        return false;
    if (la->eoi_words) { /* ICC-10: EOI goes first */
        *msg = (irqsim_apic_msg_t){.source = IRQSIM_APIC_FROM_CPU(la->topology_id), .is_eoi = 1};
        msg->vector = (uint8_t)take_eoi(la);
        update_out_msg(la);
    } else {
        compose(la, msg);
        la->icr_busy = IRQSIM_LAPIC_ICR_TAKEN;
        la->out &= ~IRQSIM_LAPIC_OUT_MSG;
        if (in_x2apic_mode(la))
            taken_in_x2apic_mode(la);
    }
    return true;
}

static void ipi_done(irqsim_lapic_t *la, irqsim_apic_fate_t fate)
{
    if (la->icr_busy != IRQSIM_LAPIC_ICR_TAKEN)
        return; /* x2APIC mode, or an INIT came in between */
    if (fate == IRQSIM_APIC_RETRY) {
        la->icr_busy = IRQSIM_LAPIC_ICR_WAITS;
        return;
    }
    start_next(la);
}

void irqsim_lapic_bus_done(irqsim_lapic_t *la, const irqsim_apic_msg_t *msg,
                           irqsim_apic_fate_t fate)
{
    if (fate == IRQSIM_APIC_NOBODY && on_serial_bus(la))
        irqsim__lapic_log_error(la, LAPIC_ESR_SEND_ACCEPT); /* APIC-50.2, APIC-79 */
    if (!msg->is_eoi)
        ipi_done(la, fate);
    else if (fate == IRQSIM_APIC_RETRY)
        irqsim__lapic_queue_eoi(la, msg->vector);
    update_out_msg(la);
}
