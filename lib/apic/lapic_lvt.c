/* SPDX-License-Identifier: MIT */
/*
 * lapic_lvt.c - interrupts that begin at this CPU: LINT pins, timer, sensors,
 * errors; and the local vector table between them and IRR
 */
#include "lapic_irr.h"

#define MODE(lvt) (((lvt)&LAPIC_DM_MASK) >> LAPIC_DM_SHIFT)
#define LINT(pin) ((irqsim_lapic_lvt_t)(IRQSIM_LVT_LINT0 + (pin)))
#define LINTS     2u

/* Delivery modes that an entry can raise (APIC-55, APIC-56, APIC-57,
 * APIC-58); ExtINT is a level and
 * goes its own way. The timer's and the error entry's mode bits are always 0. */
#define CAN(mode) (1u << IRQSIM_APIC_##mode)
static const uint8_t modes_allowed[IRQSIM_LVT_COUNT] = {
    [IRQSIM_LVT_CMCI] = CAN(FIXED) | CAN(SMI) | CAN(NMI),
    [IRQSIM_LVT_TIMER] = CAN(FIXED),
    [IRQSIM_LVT_THERMAL] = CAN(FIXED) | CAN(SMI) | CAN(NMI),
    [IRQSIM_LVT_PERF] = CAN(FIXED) | CAN(SMI) | CAN(NMI),
    [IRQSIM_LVT_LINT0] = CAN(FIXED) | CAN(SMI) | CAN(NMI) | CAN(INIT),
    [IRQSIM_LVT_LINT1] = CAN(FIXED) | CAN(SMI) | CAN(NMI) | CAN(INIT),
    [IRQSIM_LVT_ERROR] = CAN(FIXED),
};

/* ---- an entry fires ---- */

/* A request without a slot keeps its delivery status until an EOI frees one. */
static void note_wait(irqsim_lapic_t *la, irqsim_lapic_lvt_t entry, irqsim_apic_fate_t fate)
{
    la->lvt[entry] &= ~LAPIC_LVT_PENDING;
    if (fate != IRQSIM_APIC_RETRY)
        return;
    la->lvt[entry] |= LAPIC_LVT_PENDING; /* APIC-61 */
    la->local_waits = (uint8_t)(la->local_waits | 1u << entry);
}

static void raise_fixed(irqsim_lapic_t *la, irqsim_lapic_lvt_t entry)
{
    const uint32_t vector = la->lvt[entry] & LAPIC_LVT_VECTOR_MASK;

    note_wait(la, entry, irqsim__lapic_accept(la, vector, false)); /* APIC-63 */
}

void irqsim__lapic_raise(irqsim_lapic_t *la, irqsim_lapic_lvt_t entry)
{
    const uint32_t lvt = la->lvt[entry];

    if (lvt & LAPIC_LVT_MASKED || !(modes_allowed[entry] >> MODE(lvt) & 1))
        return;
    if (MODE(lvt) == IRQSIM_APIC_FIXED)
        raise_fixed(la, entry);
    else
        irqsim__lapic_pulse(la, MODE(lvt), 0);
}

void irqsim_lapic_local_event(irqsim_lapic_t *la, irqsim_lapic_lvt_t source)
{
    if (source != IRQSIM_LVT_CMCI && source != IRQSIM_LVT_THERMAL && source != IRQSIM_LVT_PERF)
        return;
    irqsim__lapic_raise(la, source);
    if (source == IRQSIM_LVT_PERF && !on_serial_bus(la))
        la->lvt[source] |= LAPIC_LVT_MASKED; /* APIC-20 */
}

void irqsim__lapic_log_error(irqsim_lapic_t *la, uint32_t esr_bits)
{
    const uint32_t lvt = la->lvt[IRQSIM_LVT_ERROR];
    const uint32_t vector = lvt & LAPIC_LVT_VECTOR_MASK;
    const uint32_t fresh = esr_bits & ~la->esr;

    if (on_serial_bus(la) && lvt & LAPIC_LVT_MASKED)
        return; /* APIC-53: there a mask also stops the recording */
    la->esr |= esr_bits;
    if (!fresh || lvt & LAPIC_LVT_MASKED)
        return; /* APIC-54 */
    if (vector < LOWEST_LEGAL_VECTOR)
        la->esr |= LAPIC_ESR_RECV_VECTOR; /* noted, and no interrupt about it */
    else
        note_wait(la, IRQSIM_LVT_ERROR, irqsim__lapic_enter_irr(la, vector, false));
}

/* ---- LINT pins ---- */

/* Asserted is the raw level XOR the polarity. */
static bool asserted(uint32_t in, uint32_t lvt, uint32_t pin)
{
    return (in >> pin & 1) != ((lvt & LAPIC_LVT_ACTIVE_LOW) != 0);
}

/* APIC-59: only fixed knows levels, and only on LINT0; without an I/O APIC it knows
 * nothing else. */
static bool is_level(const irqsim_lapic_t *la, uint32_t lvt, uint32_t pin)
{
    const bool always =
        la->variants & IRQSIM_LAPIC_VARIANT_NO_IOAPIC && la->family != IRQSIM_APIC_P5;

    return pin == 0 && MODE(lvt) == IRQSIM_APIC_FIXED && (lvt & LAPIC_LVT_TRIGGER_LEVEL || always);
}

/* A level fixed interrupt asks as long as its pin is asserted, once per EOI. */
static void ask_level(irqsim_lapic_t *la, irqsim_lapic_lvt_t entry)
{
    if (la->lvt[entry] & LAPIC_LVT_REMOTE_IRR)
        return;

    const uint32_t vector = la->lvt[entry] & LAPIC_LVT_VECTOR_MASK;
    const irqsim_apic_fate_t fate = irqsim__lapic_accept(la, vector, true);
    note_wait(la, entry, fate);
    if (fate == IRQSIM_APIC_ACCEPTED || fate == IRQSIM_APIC_COALESCED)
        la->lvt[entry] |= LAPIC_LVT_REMOTE_IRR; /* APIC-60 */
}

void irqsim__lapic_settle_lints(irqsim_lapic_t *la)
{
    bool extint = la->extint_latched;

    for (uint32_t pin = 0; pin < LINTS; pin++) {
        const uint32_t lvt = la->lvt[LINT(pin)];
        if (lvt & LAPIC_LVT_MASKED || !asserted(la->in, lvt, pin))
            continue;
        if (MODE(lvt) == IRQSIM_APIC_EXTINT)
            extint = true; /* APIC-59: always a level. MP-07: it may stand beside INTR */
        else if (is_level(la, lvt, pin))
            ask_level(la, LINT(pin));
    }
    if (!globally_enabled(la))
        extint = la->in & IRQSIM_LAPIC_IN_LINT0; /* APIC-36: the pin is INTR itself */
    la->out = extint ? la->out | IRQSIM_LAPIC_OUT_EXTINT : la->out & ~IRQSIM_LAPIC_OUT_EXTINT;
}

/* A pin became asserted; `lvt` is its entry. */
static void edge(irqsim_lapic_t *la, uint32_t lvt, uint32_t pin)
{
    if (!is_level(la, lvt, pin) && MODE(lvt) != IRQSIM_APIC_EXTINT)
        irqsim__lapic_raise(la, LINT(pin)); /* APIC-64: lost if masked */
}

uint32_t irqsim_lapic_set_in(irqsim_lapic_t *la, uint32_t levels)
{
    const uint32_t before = la->in;

    levels &= IRQSIM_LAPIC_IN_LINT0 | IRQSIM_LAPIC_IN_LINT1;
    if (levels == before)
        return la->out;
    la->in = levels;
    if (!globally_enabled(la)) { /* APIC-36: LINT1 is NMI itself */
        if (levels & ~before & IRQSIM_LAPIC_IN_LINT1)
            la->out |= IRQSIM_LAPIC_OUT_NMI;
    } else {
        for (uint32_t pin = 0; pin < LINTS; pin++) {
            const uint32_t lvt = la->lvt[LINT(pin)];
            if (asserted(levels, lvt, pin) && !asserted(before, lvt, pin))
                edge(la, lvt, pin);
        }
    }
    irqsim__lapic_settle_lints(la);
    return la->out;
}

static void end_lint(irqsim_lapic_t *la, uint32_t vector)
{
    uint32_t *lvt = &la->lvt[IRQSIM_LVT_LINT0];

    if (!(*lvt & LAPIC_LVT_REMOTE_IRR) || (*lvt & LAPIC_LVT_VECTOR_MASK) != vector)
        return;
    *lvt &= ~LAPIC_LVT_REMOTE_IRR; /* APIC-60 */
    irqsim__lapic_settle_lints(la);
}

/* ---- the table ---- */

/* A new polarity can assert a pin that did not move. */
static void lint_written(irqsim_lapic_t *la, uint32_t old, uint32_t pin)
{
    const uint32_t lvt = la->lvt[LINT(pin)];

    if (!is_level(la, lvt, pin))
        la->lvt[LINT(pin)] &= ~LAPIC_LVT_REMOTE_IRR;
    if (asserted(la->in, lvt, pin) && !asserted(la->in, old, pin))
        edge(la, lvt, pin);
    irqsim__lapic_settle_lints(la);
}

void irqsim__lapic_lvt_write(irqsim_lapic_t *la, irqsim_lapic_lvt_t entry, uint32_t value,
                             uint32_t writable)
{
    const uint32_t old = la->lvt[entry];

    if (!(la->svr & LAPIC_SVR_ENABLE))
        value |= LAPIC_LVT_MASKED; /* APIC-65 */
    la->lvt[entry] = (old & ~writable) | value;
    if (entry == IRQSIM_LVT_TIMER)
        irqsim__lapic_timer_mode(la, old, value);
    if (entry == IRQSIM_LVT_LINT0 || entry == IRQSIM_LVT_LINT1)
        lint_written(la, old, (uint32_t)entry - IRQSIM_LVT_LINT0);
}

void irqsim__lapic_mask_all(irqsim_lapic_t *la)
{
    for (uint32_t entry = 0; entry < IRQSIM_LVT_COUNT; entry++)
        la->lvt[entry] |= LAPIC_LVT_MASKED;
    irqsim__lapic_settle_lints(la);
}

void irqsim__lapic_retry_locals(irqsim_lapic_t *la)
{
    const uint32_t waits = la->local_waits;

    la->local_waits = 0;
    for (uint32_t entry = 0; entry < IRQSIM_LVT_COUNT; entry++)
        if (waits >> entry & 1 && !is_level(la, la->lvt[entry], entry - IRQSIM_LVT_LINT0))
            raise_fixed(la, (irqsim_lapic_lvt_t)entry);
    irqsim__lapic_settle_lints(la);
    if (waits & SELF_IPI_WAITS)
        irqsim__lapic_retry_self_ipi(la);
    irqsim__lapic_update_intr(la);
}

uint32_t irqsim__lapic_end_level(irqsim_lapic_t *la, uint32_t vector)
{
    end_lint(la, vector);
    if (la->local_waits)
        irqsim__lapic_retry_locals(la);
    else
        update_intr(la);
    return la->svr & LAPIC_SVR_NO_EOI_BCAST ? 0 : vector; /* APIC-47 */
}
