/* SPDX-License-Identifier: MIT */
/*
 * lapic_int.h - what the files of the local APIC share
 */
#ifndef IRQSIM_LAPIC_INT_H
#define IRQSIM_LAPIC_INT_H

#include <irqsim/lapic.h>
#include <irqsim/regs/lapic_regs.h>

#define LOWEST_LEGAL_VECTOR 16u /* APIC-52 */

/* irqsim_lapic.local_waits: bits 0..6 are LVT entries. */
#define SELF_IPI_WAITS 0x80u

/* Off the usual path: must not cost the usual path registers. */
#define ASIDE __attribute__((noinline))

/* One row of lapic_regs.def. */
typedef enum access { NONE = 0, RO = 1, WO = 2, RW = 3 } access_t; /* RO and WO are bits */

#define FAMILIES 4 /* irqsim_apic_family_t */

typedef struct reg reg_t;
struct reg {
    uint32_t reset, writable[FAMILIES], kept;
    uint16_t offset, state;
    uint8_t families, mmio, msr;
    uint32_t (*read)(const irqsim_lapic_t *la, const reg_t *reg, irqsim_time_t now);
    void (*write)(irqsim_lapic_t *la, const reg_t *reg, uint32_t value, irqsim_time_t now);
};

/* ---- which part, which mode ---- */

static inline bool on_serial_bus(const irqsim_lapic_t *la)
{
    return la->family == IRQSIM_APIC_P5 || la->family == IRQSIM_APIC_P6;
}

static inline bool in_mode(const irqsim_lapic_t *la, uint64_t mode)
{
    return (la->apic_base & (APIC_BASE_EN | APIC_BASE_EXTD)) == mode;
}

static inline bool in_xapic_mode(const irqsim_lapic_t *la)
{
    return in_mode(la, APIC_BASE_EN);
}

static inline bool in_x2apic_mode(const irqsim_lapic_t *la)
{
    return in_mode(la, APIC_BASE_EN | APIC_BASE_EXTD);
}

static inline bool globally_enabled(const irqsim_lapic_t *la)
{
    return (la->apic_base & APIC_BASE_EN) != 0;
}

/* APIC-65: a software-disabled APIC takes INIT, NMI, SMI and SIPI, and no interrupts. */
static inline bool is_deaf_to(const irqsim_lapic_t *la, uint32_t mode)
{
    const bool is_interrupt = mode <= IRQSIM_APIC_LOWEST || mode == IRQSIM_APIC_EXTINT;

    return is_interrupt && !(la->svr & LAPIC_SVR_ENABLE);
}

/* ---- lapic.c ---- */

/* APIC ID and Arb ID as power-up loads them. */
void irqsim__lapic_load_ids(irqsim_lapic_t *la);
/* Every register to its power-up value; pins, IDs and IA32_APIC_BASE stay. */
void irqsim__lapic_clear(irqsim_lapic_t *la);

/* ---- lapic_page.c ---- */

/* The row at a 16-byte slot (0..63) if this part has it, else NULL. */
const reg_t *irqsim__lapic_reg(const irqsim_lapic_t *la, uint32_t slot);
uint32_t irqsim__lapic_writable(const irqsim_lapic_t *la, const reg_t *reg);
void irqsim__lapic_reset_regs(irqsim_lapic_t *la);
/* What a remote read of that slot finds; false: nothing that can be read (ICC-38). */
bool irqsim__lapic_remote_register(const irqsim_lapic_t *la, uint32_t slot, irqsim_time_t now,
                                   uint32_t *value);

/* ---- lapic_irq.c ---- */

/* A fixed interrupt asks for a place in IRR; checks the vector (APIC-43). */
irqsim_apic_fate_t irqsim__lapic_accept(irqsim_lapic_t *la, uint32_t vector, bool level);
/* The same for a vector known to be legal. Never logs an error. */
irqsim_apic_fate_t irqsim__lapic_enter_irr(irqsim_lapic_t *la, uint32_t vector, bool level);
/* Is there room for one more request of this vector? (APIC-46; always on parts
 * without the serial bus) */
bool irqsim__lapic_has_slot(const irqsim_lapic_t *la, uint32_t vector);
void irqsim__lapic_eoi(irqsim_lapic_t *la);
void irqsim__lapic_update_intr(irqsim_lapic_t *la);
void irqsim__lapic_tpr_write(irqsim_lapic_t *la, uint32_t tpr);

/* ---- lapic_lvt.c ---- */

void irqsim__lapic_lvt_write(irqsim_lapic_t *la, irqsim_lapic_lvt_t entry, uint32_t value,
                             uint32_t writable);
/* The entry's source fires once. */
void irqsim__lapic_raise(irqsim_lapic_t *la, irqsim_lapic_lvt_t entry);
/* LINT levels and ExtINT, after anything they depend on has changed. */
void irqsim__lapic_settle_lints(irqsim_lapic_t *la);
void irqsim__lapic_mask_all(irqsim_lapic_t *la);
/* The rarer ends of an EOI, up to OUT_INTR: of a level vector; with requests that
 * wait for a slot. */
uint32_t irqsim__lapic_end_level(irqsim_lapic_t *la, uint32_t vector);
void irqsim__lapic_retry_locals(irqsim_lapic_t *la);
void irqsim__lapic_log_error(irqsim_lapic_t *la, uint32_t esr_bits);

/* ---- lapic_icr.c ---- */

void irqsim__lapic_icr_write(irqsim_lapic_t *la, uint32_t low);
void irqsim__lapic_self_ipi(irqsim_lapic_t *la, uint32_t vector);
void irqsim__lapic_retry_self_ipi(irqsim_lapic_t *la);
void irqsim__lapic_queue_eoi(irqsim_lapic_t *la, uint32_t vector);
/* A remote read that this APIC asked for has ended (APIC-07). */
void irqsim__lapic_read_done(irqsim_lapic_t *la, bool valid, uint32_t data);

/* ---- lapic_recv.c ---- */

/* Any message, also the rare ones. */
irqsim_apic_fate_t irqsim__lapic_receive(irqsim_lapic_t *la, const irqsim_apic_msg_t *msg);
/* NMI, SMI, INIT or SIPI: a pulse towards the CPU. */
void irqsim__lapic_pulse(irqsim_lapic_t *la, uint32_t mode, uint32_t vector);

uint32_t irqsim__lapic_logical_x2apic_id(const irqsim_lapic_t *la);

/* ---- lapic_timer.c ---- */

void irqsim__lapic_timer_mode(irqsim_lapic_t *la, uint32_t old_lvt, uint32_t new_lvt);
void irqsim__lapic_timer_start(irqsim_lapic_t *la, uint32_t initial, irqsim_time_t now);
void irqsim__lapic_timer_divide(irqsim_lapic_t *la, uint32_t divide, irqsim_time_t now);
uint32_t irqsim__lapic_timer_current(const irqsim_lapic_t *la, irqsim_time_t now);
void irqsim__lapic_tsc_deadline(irqsim_lapic_t *la, uint64_t tsc, irqsim_time_t now);

#endif
