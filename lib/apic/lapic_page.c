/* SPDX-License-Identifier: MIT */
/*
 * lapic_page.c - the register page: lapic_regs.def, and one small function for
 * each register that is more than a word of state
 */
#include "lapic_int.h"

#define SLOTS 64u

/* ---- reads ---- */

static uint32_t read_state(const irqsim_lapic_t *la, const reg_t *reg, irqsim_time_t now)
{
    (void)now;
    return *(const uint32_t *)(const void *)((const char *)la + reg->state);
}

static uint32_t read_zero(const irqsim_lapic_t *la, const reg_t *reg, irqsim_time_t now)
{
    (void)la, (void)reg, (void)now;
    return 0;
}

static uint32_t read_id(const irqsim_lapic_t *la, const reg_t *reg, irqsim_time_t now)
{
    (void)reg, (void)now;
    return in_x2apic_mode(la) ? la->id : la->id << LAPIC_ID_SHIFT;
}

/* APIC-30: version, highest LVT entry, directed EOI. */
static uint32_t read_version(const irqsim_lapic_t *la, const reg_t *reg, irqsim_time_t now)
{
    static const uint32_t versions[] = {
        [IRQSIM_APIC_XAPIC] = 0x00050014,
        [IRQSIM_APIC_P5] = 0x00030010,
        [IRQSIM_APIC_P6] = 0x00040011,
        [IRQSIM_APIC_X2APIC] = 0x00060015 | LAPIC_VERSION_DIRECTED_EOI,
    };
    (void)reg, (void)now;
    return versions[la->family];
}

static uint32_t read_apr(const irqsim_lapic_t *la, const reg_t *reg, irqsim_time_t now)
{
    (void)reg, (void)now;
    return irqsim_lapic_apr(la);
}

static uint32_t read_ppr(const irqsim_lapic_t *la, const reg_t *reg, irqsim_time_t now)
{
    (void)reg, (void)now;
    return irqsim_lapic_ppr(la);
}

static uint32_t read_ldr(const irqsim_lapic_t *la, const reg_t *reg, irqsim_time_t now)
{
    (void)reg, (void)now;
    return in_x2apic_mode(la) ? irqsim__lapic_logical_x2apic_id(la) : la->ldr;
}

static uint32_t read_icr(const irqsim_lapic_t *la, const reg_t *reg, irqsim_time_t now)
{
    (void)reg, (void)now;
    /* APIC-92: x2APIC mode has no delivery status. */
    const bool pending = la->icr_busy != IRQSIM_LAPIC_ICR_IDLE && !in_x2apic_mode(la);
    return la->icr_low | (pending ? LAPIC_ICR_PENDING : 0) |
           (uint32_t)la->remote_status << LAPIC_ICR_RR_STATUS_SHIFT;
}

static uint32_t read_current(const irqsim_lapic_t *la, const reg_t *reg, irqsim_time_t now)
{
    (void)reg;
    return irqsim__lapic_timer_current(la, now);
}

/* ---- writes; `value` has only writable bits left ---- */

static void write_nothing(irqsim_lapic_t *la, const reg_t *reg, uint32_t value, irqsim_time_t now)
{
    (void)la, (void)reg, (void)value, (void)now;
}

static void write_state(irqsim_lapic_t *la, const reg_t *reg, uint32_t value, irqsim_time_t now)
{
    uint32_t *state = (uint32_t *)(void *)((char *)la + reg->state);

    (void)now;
    *state = (*state & ~irqsim__lapic_writable(la, reg)) | value;
}

static void write_id(irqsim_lapic_t *la, const reg_t *reg, uint32_t value, irqsim_time_t now)
{
    (void)now;
    if (!irqsim__lapic_writable(la, reg))
        return; /* APIC-01: recent parts take their ID from the topology only */
    la->id = value >> LAPIC_ID_SHIFT;
    la->arb_id = la->id & 0xF; /* APIC-97 */
}

static void write_tpr(irqsim_lapic_t *la, const reg_t *reg, uint32_t value, irqsim_time_t now)
{
    (void)reg, (void)now;
    irqsim__lapic_tpr_write(la, value);
}

static void write_eoi(irqsim_lapic_t *la, const reg_t *reg, uint32_t value, irqsim_time_t now)
{
    (void)reg, (void)value, (void)now;
    irqsim__lapic_eoi(la);
}

static void write_svr(irqsim_lapic_t *la, const reg_t *reg, uint32_t value, irqsim_time_t now)
{
    write_state(la, reg, value, now);
    if (!(la->svr & LAPIC_SVR_ENABLE))
        irqsim__lapic_mask_all(la); /* APIC-65, and for good: APIC-66 */
}

/* APIC-51: a write shows what has gathered since the last one. */
static void write_esr(irqsim_lapic_t *la, const reg_t *reg, uint32_t value, irqsim_time_t now)
{
    (void)reg, (void)value, (void)now;
    la->esr_latched = la->esr;
    la->esr = 0;
}

static void write_icr(irqsim_lapic_t *la, const reg_t *reg, uint32_t value, irqsim_time_t now)
{
    (void)reg, (void)now;
    irqsim__lapic_icr_write(la, value);
}

static void write_self_ipi(irqsim_lapic_t *la, const reg_t *reg, uint32_t value, irqsim_time_t now)
{
    (void)reg, (void)now;
    irqsim__lapic_self_ipi(la, value);
}

static void write_lvt(irqsim_lapic_t *la, const reg_t *reg, uint32_t value, irqsim_time_t now)
{
    const size_t entry = (reg->state - offsetof(irqsim_lapic_t, lvt)) / sizeof(la->lvt[0]);

    irqsim_lapic_advance(la, now); /* an expiry due by now fires as the entry was */
    irqsim__lapic_lvt_write(la, (irqsim_lapic_lvt_t)entry, value, irqsim__lapic_writable(la, reg));
}

static void write_initial(irqsim_lapic_t *la, const reg_t *reg, uint32_t value, irqsim_time_t now)
{
    (void)reg;
    irqsim__lapic_timer_start(la, value, now);
}

static void write_divide(irqsim_lapic_t *la, const reg_t *reg, uint32_t value, irqsim_time_t now)
{
    (void)reg;
    irqsim__lapic_timer_divide(la, value, now);
}

/* ---- the table ---- */

#define FAMILY(f) (1u << IRQSIM_APIC_##f)
#define SERIAL    (FAMILY(P5) | FAMILY(P6))
#define X2PART    FAMILY(X2APIC)
#define XAPICUP   (FAMILY(XAPIC) | X2PART)
#define P6UP      (FAMILY(P6) | XAPICUP)
#define ALL       (SERIAL | XAPICUP)

#define REG(name, at, families_, mmio_, msr_, reset_, serial, xapic, x2part, kept_, member, rd,    \
            wr)                                                                                    \
    [(at) >> 4] = {.reset = (reset_),                                                              \
                   .writable = {[IRQSIM_APIC_P5] = (serial),                                       \
                                [IRQSIM_APIC_P6] = (serial),                                       \
                                [IRQSIM_APIC_XAPIC] = (xapic),                                     \
                                [IRQSIM_APIC_X2APIC] = (x2part)},                                  \
                   .kept = (kept_),                                                                \
                   .offset = (at),                                                                 \
                   .state = offsetof(irqsim_lapic_t, member),                                      \
                   .families = (families_),                                                        \
                   .mmio = (mmio_),                                                                \
                   .msr = (msr_),                                                                  \
                   .read = read_##rd,                                                              \
                   .write = write_##wr},
#define WORD(at, member, n)                                                                        \
    REG(, (at) + 16 * (n), ALL, RO, RO, 0, 0, 0, 0, 0, member[n], state, nothing)
#define BANK(name, at, member)                                                                     \
    WORD(at, member, 0)                                                                            \
    WORD(at, member, 1)                                                                            \
    WORD(at, member, 2)                                                                            \
    WORD(at, member, 3)                                                                            \
    WORD(at, member, 4) WORD(at, member, 5) WORD(at, member, 6) WORD(at, member, 7)

static const reg_t regs[SLOTS] = {
#include "lapic_regs.def"
};

const reg_t *irqsim__lapic_reg(const irqsim_lapic_t *la, uint32_t slot)
{
    return regs[slot].families >> la->family & 1 ? &regs[slot] : NULL;
}

uint32_t irqsim__lapic_writable(const irqsim_lapic_t *la, const reg_t *reg)
{
    uint32_t writable = reg->writable[la->family];

    if (reg->offset == LAPIC_REG_LVT_TIMER && !la->has_tsc_deadline)
        writable &= ~LAPIC_LVT_TIMER_DEADLINE; /* APIC-82 */
    return writable;
}

void irqsim__lapic_reset_regs(irqsim_lapic_t *la)
{
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        if (regs[slot].reset)
            *(uint32_t *)(void *)((char *)la + regs[slot].state) = regs[slot].reset;
}

bool irqsim__lapic_remote_register(const irqsim_lapic_t *la, uint32_t slot, irqsim_time_t now,
                                   uint32_t *value)
{
    const reg_t *reg = slot < SLOTS ? irqsim__lapic_reg(la, slot) : NULL;

    if (!reg || !(reg->mmio & RO))
        return false;
    *value = reg->read(la, reg, now);
    return true;
}

/* ---- the guest's side ---- */

/* The row behind an offset of the page, or NULL where a guest finds nothing. */
static const reg_t *mmio_reg(irqsim_lapic_t *la, uint32_t offset)
{
    if (offset & 0xF)
        return NULL; /* APIC-29 */

    const uint32_t slot = offset >> 4;
    const reg_t *reg = slot < SLOTS ? irqsim__lapic_reg(la, slot) : NULL;
    if (reg && reg->mmio != NONE)
        return reg;
    if (la->family != IRQSIM_APIC_P5) /* APIC-28, APIC-50.7 */
        irqsim__lapic_log_error(la, LAPIC_ESR_REGISTER);
    return NULL;
}

uint32_t irqsim_lapic_read(irqsim_lapic_t *la, uint32_t offset, irqsim_time_t now)
{
    if (!in_xapic_mode(la))
        return UINT32_MAX; /* APIC-36, APIC-94 */

    const reg_t *reg = mmio_reg(la, offset);
    return reg ? reg->read(la, reg, now) : 0;
}

static void write_any(irqsim_lapic_t *la, uint32_t offset, uint32_t value, irqsim_time_t now)
{
    const reg_t *reg = mmio_reg(la, offset);

    if (reg)
        reg->write(la, reg, value & irqsim__lapic_writable(la, reg), now);
}

/* The registers of every interrupt path do not walk the table. */
void irqsim_lapic_write(irqsim_lapic_t *la, uint32_t offset, uint32_t value, irqsim_time_t now)
{
    if (!in_xapic_mode(la))
        return;
    switch (offset) {
    case LAPIC_REG_EOI:
        irqsim__lapic_eoi(la);
        break;
    case LAPIC_REG_ICR_LOW:
        irqsim__lapic_icr_write(la, value & regs[LAPIC_REG_ICR_LOW >> 4].writable[la->family]);
        break;
    case LAPIC_REG_ICR_HIGH:
        la->icr_high = value & LAPIC_ICR_HIGH_DEST_MASK;
        break;
    case LAPIC_REG_TPR:
        irqsim__lapic_tpr_write(la, value & 0xFF);
        break;
    default:
        write_any(la, offset, value, now);
    }
}
