/* SPDX-License-Identifier: MIT */
/*
 * fuzz_icc.c - an APIC bus with up to fifteen agents, and guests that write anything
 *
 * Byte 0 says who is on the bus, byte 1 how the guest is, then come steps of five bytes.
 * At every act of the bus it is asked whether what the bus, its sender and its receivers
 * say of one another agrees. A copy of everything, the local and I/O APICs through a
 * snapshot, is taken wherever the input wants and must go on the same.
 *
 * A tame guest writes no ID, sends no INIT and has a vector for each pin. For it remote
 * IRR and ISR agree as well, until a disturbed message arrives all the same.
 */
#include <string.h>

#include <irqsim/icc.h>
#include <irqsim/machine.h>
#include <irqsim/regs/ioapic_regs.h>
#include <irqsim/regs/lapic_regs.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { MOST_LAPICS = 12, MOST_IOAPICS = 2, PINS = 4 /* in use */, STEP = 5 };

typedef struct world {
    irqsim_icc_t bus;
    irqsim_lapic_t la[MOST_LAPICS];
    irqsim_ioapic_t io[MOST_IOAPICS];
    uint64_t clock;
} world_t;

/* What is known of the bus by watching it. */
typedef struct watch {
    uint64_t begin, end, begun; /* of the last message, and how many there were */
    bool busy;
    bool sound; /* remote IRR and ISR agree */
} watch_t;

static irqsim_icc_agents_t agents_of(world_t *w)
{
    return (irqsim_icc_agents_t){.lapic = w->la, .ioapic = w->io};
}

static unsigned agents_on(const world_t *w)
{
    return (unsigned)w->bus.lapics + w->bus.ioapics + w->bus.has_bridge;
}

/* ---- the board ---- */

/* A vector for each pin of each I/O APIC; IPIs have odd ones. */
static uint32_t vector_of(unsigned n, unsigned pin)
{
    return 0x20 + 0x10 * pin + 4 * n;
}

static void write_entry(irqsim_ioapic_t *io, uint32_t reg, uint32_t value)
{
    irqsim_ioapic_write(io, IOAPIC_WIN_SELECT, reg);
    irqsim_ioapic_write(io, IOAPIC_WIN_DATA, value);
}

/* Everything is on; each other pin is a level. */
static void power_up(world_t *w)
{
    for (unsigned i = 0; i < w->bus.lapics; i++) {
        irqsim_lapic_write(&w->la[i], LAPIC_REG_SVR, LAPIC_SVR_ENABLE | 0xFF, 0);
        irqsim_lapic_write(&w->la[i], LAPIC_REG_LDR, 1u << (LAPIC_LDR_SHIFT + i % 8), 0);
        irqsim_lapic_write(&w->la[i], LAPIC_REG_LVT_ERROR, 0xFB, 0);
    }
    for (unsigned n = 0; n < w->bus.ioapics; n++)
        for (unsigned pin = 0; pin < PINS; pin++) {
            write_entry(&w->io[n], IOAPIC_REG_RTE_HIGH(pin), IOAPIC_RTE_HIGH(pin));
            write_entry(&w->io[n], IOAPIC_REG_RTE_LOW(pin),
                        vector_of(n, pin) | (pin & 1 ? 0 : IOAPIC_RTE_TRIGGER_LEVEL));
        }
}

static void set_up(world_t *w, uint8_t who, uint8_t how)
{
    const irqsim_icc_desc_t desc = {.lapics = (uint8_t)(1 + (who & 0xF) % MOST_LAPICS),
                                    .ioapics = (uint8_t)((who >> 4 & 3) % (MOST_IOAPICS + 1)),
                                    .bridge = who >> 6 & 1,
                                    .bridge_id = 14,
                                    .variants = how >> 1 & 1,
                                    .handshake = how >> 4};

    memset(w, 0, sizeof(*w));
    demand(irqsim_icc_init(&w->bus, &desc) == IRQSIM_OK);
    for (unsigned i = 0; i < desc.lapics; i++)
        irqsim_lapic_init(
            &w->la[i], &(irqsim_lapic_desc_t){.apic_id = i,
                                              .family = how & 4 ? IRQSIM_APIC_P5 : IRQSIM_APIC_P6,
                                              .variants = how >> 3 & 1});
    for (unsigned i = 0; i < desc.ioapics; i++)
        irqsim_ioapic_init(
            &w->io[i], &(irqsim_ioapic_desc_t){.id = (uint8_t)(desc.lapics + i), .version = 0x11});
    power_up(w);
}

static void reset(world_t *w)
{
    for (unsigned i = 0; i < w->bus.lapics; i++)
        irqsim_lapic_reset(&w->la[i], IRQSIM_LAPIC_RESET_POWER_ON);
    for (unsigned i = 0; i < w->bus.ioapics; i++)
        irqsim_ioapic_reset(&w->io[i]);
    irqsim_icc_reset(&w->bus);
    power_up(w);
}

/* ---- one step ---- */

typedef struct arguments {
    uint8_t who, a, b, c;
    bool tame;
} arguments_t;

static irqsim_lapic_t *some_lapic(world_t *w, const arguments_t *arg)
{
    return &w->la[arg->who % w->bus.lapics];
}

/* One that has something to acknowledge or to end, if there is one. */
static irqsim_lapic_t *busy_lapic(world_t *w, const arguments_t *arg, bool serves)
{
    for (unsigned i = 0; i < w->bus.lapics; i++) {
        irqsim_lapic_t *la = &w->la[(arg->who + i) % w->bus.lapics];
        if (serves ? la->isr_words != 0 : irqsim_lapic_pending(la) >= 0)
            return la;
    }
    return some_lapic(w, arg);
}

static void listeners_changed(world_t *w)
{
    for (unsigned n = 0; n < w->bus.ioapics; n++)
        irqsim_ioapic_listeners_changed(&w->io[n]);
}

/* Delivery modes by three bits: all of them, the usual ones more often. */
static uint32_t mode_of(const arguments_t *arg)
{
    static const uint8_t any[8] = {IRQSIM_APIC_FIXED,  IRQSIM_APIC_LOWEST,      IRQSIM_APIC_FIXED,
                                   IRQSIM_APIC_LOWEST, IRQSIM_APIC_REMOTE_READ, IRQSIM_APIC_NMI,
                                   IRQSIM_APIC_INIT,   IRQSIM_APIC_EXTINT};
    const uint8_t mode = any[arg->c & 7];

    if (mode == IRQSIM_APIC_EXTINT && arg->b & 1)
        return IRQSIM_APIC_SIPI;
    return arg->tame && mode == IRQSIM_APIC_INIT ? IRQSIM_APIC_SMI : mode;
}

/* Of a class that others share, or any. */
static uint32_t ipi_vector(const arguments_t *arg)
{
    const uint32_t vector = arg->b & 0x80 ? arg->b & 0x7Fu : 0x20u | (arg->b & 0x33u);

    return arg->tame ? vector | 1 : vector;
}

/* The last byte is mode, destination mode, level, assertion, shorthand. */
static void send_ipi(world_t *w, const arguments_t *arg)
{
    irqsim_lapic_t *la = some_lapic(w, arg);
    const uint32_t low =
        mode_of(arg) << LAPIC_DM_SHIFT | (arg->c & 8 ? LAPIC_ICR_DEST_LOGICAL : 0) |
        (arg->c >> 4 & 1u ? LAPIC_ICR_TRIGGER_LEVEL : 0) |
        (arg->c >> 5 & 1u ? 0 : LAPIC_ICR_ASSERT) | (arg->c >> 6 & 3u) << LAPIC_ICR_SHORTHAND_SHIFT;

    irqsim_lapic_write(la, LAPIC_REG_ICR_HIGH, (uint32_t)arg->a << LAPIC_ICR_HIGH_DEST_SHIFT, 0);
    irqsim_lapic_write(la, LAPIC_REG_ICR_LOW, low | ipi_vector(arg), 0);
}

/* The manual's way to reload all arbitration IDs (APIC-33); tame, too. */
static void reload_ids(world_t *w, const arguments_t *arg)
{
    irqsim_lapic_write(some_lapic(w, arg), LAPIC_REG_ICR_LOW,
                       LAPIC_ICR_TO_ALL | LAPIC_ICR_TRIGGER_LEVEL | LAPIC_DM_INIT, 0);
}

static void write_lapic(world_t *w, const arguments_t *arg)
{
    const uint32_t offset = (arg->a & 0x3Fu) << 4;
    const uint32_t value = (uint32_t)arg->b << 24 | (arg->c & 0xFu) << 13 | (arg->c >> 4 & 7u) << 8;
    const bool lvt = offset >= LAPIC_REG_LVT_TIMER && offset <= LAPIC_REG_LVT_ERROR;

    if (arg->tame && (offset == LAPIC_REG_ID || lvt || offset == LAPIC_REG_ICR_LOW))
        return; /* an LVT entry can INIT */
    irqsim_lapic_write(some_lapic(w, arg), offset, value | arg->b, 0);
    listeners_changed(w); /* more often than need be */
}

static void write_mode(world_t *w, const arguments_t *arg)
{
    if (arg->tame)
        return;
    irqsim_lapic_wrmsr(some_lapic(w, arg), MSR_IA32_APIC_BASE,
                       LAPIC_MMIO_BASE | (arg->a & 2 ? APIC_BASE_EN : 0), 0);
    listeners_changed(w);
}

/* One half of an entry: a destination, or mode, destination mode, polarity, trigger and mask. */
static void write_ioapic(world_t *w, const arguments_t *arg)
{
    const unsigned n = w->bus.ioapics ? arg->who % w->bus.ioapics : 0;
    const unsigned pin = arg->a % PINS;
    const uint32_t vector = arg->tame ? vector_of(n, pin) : arg->b;
    const uint32_t low =
        vector | mode_of(arg) << IOAPIC_RTE_DM_SHIFT | (arg->c & 8 ? IOAPIC_RTE_LOGICAL : 0) |
        (arg->c & 0x10 ? IOAPIC_RTE_ACTIVE_LOW : 0) |
        (arg->c & 0x20 ? IOAPIC_RTE_TRIGGER_LEVEL : 0) | (arg->c >= 0xC0 ? IOAPIC_RTE_MASKED : 0);

    if (!w->bus.ioapics)
        return;
    if (arg->a & 0x80)
        write_entry(&w->io[n], IOAPIC_REG_RTE_HIGH(pin), IOAPIC_RTE_HIGH(arg->b));
    else
        write_entry(&w->io[n], IOAPIC_REG_RTE_LOW(pin), low);
}

static void write_ioapic_id(world_t *w, const arguments_t *arg)
{
    if (arg->tame || !w->bus.ioapics)
        return;
    write_entry(&w->io[arg->who % w->bus.ioapics], IOAPIC_REG_ID,
                (uint32_t)arg->b << IOAPIC_ID_SHIFT);
}

static void move_pin(world_t *w, const arguments_t *arg)
{
    if (w->bus.ioapics)
        irqsim_ioapic_set_pin(&w->io[arg->who % w->bus.ioapics], arg->a % PINS, arg->b & 1);
}

static void post(world_t *w, const arguments_t *arg)
{
    const irqsim_apic_msg_t msg = {.vector = (uint8_t)ipi_vector(arg),
                                   .dest = arg->a,
                                   .mode = (uint8_t)mode_of(arg),
                                   .logical = arg->c >> 3 & 1,
                                   .assert = !(arg->c >> 4 & 1),
                                   .level = arg->c >> 5 & !arg->tame,
                                   .source = IRQSIM_APIC_FROM_MSI(arg->a)};

    irqsim_icc_post(&w->bus, &msg, w->clock);
}

static void step(world_t *w, uint8_t what, const arguments_t *arg)
{
    irqsim_lapic_t *la = some_lapic(w, arg);

    switch (what & 0xF) {
    case 0:
    case 1:
        send_ipi(w, arg);
        break;
    case 2:
        write_lapic(w, arg);
        break;
    case 3:
    case 4:
        irqsim_lapic_write(busy_lapic(w, arg, true), LAPIC_REG_EOI, 0, 0);
        break;
    case 5:
    case 6:
        irqsim_lapic_ack(busy_lapic(w, arg, false));
        break;
    case 7:
        irqsim_lapic_write(la, LAPIC_REG_TPR, arg->a, 0);
        break;
    case 8:
        write_ioapic(w, arg);
        break;
    case 9:
    case 10:
        move_pin(w, arg);
        break;
    case 11:
        post(w, arg);
        break;
    case 12:
        write_ioapic_id(w, arg);
        break;
    case 13:
        irqsim_icc_disturb(&w->bus, arg->a % (IRQSIM_ICC_CYCLES + 2u), arg->b % 5);
        break;
    case 14:
        if (arg->a & 1)
            reload_ids(w, arg);
        else
            write_mode(w, arg);
        break;
    default:
        if (!arg->tame && arg->a == 0xFF)
            reset(w);
        else
            irqsim_lapic_set_in(la, arg->b);
        break;
    }
}

/* ---- arbitration IDs ---- */

static bool arbs_differ(world_t *w)
{
    const irqsim_icc_agents_t on = agents_of(w);
    uint32_t seen = 0;

    for (unsigned agent = 0; agent < agents_on(w); agent++) {
        const unsigned arb = irqsim_icc_arb(&w->bus, &on, agent);
        demand(arb <= 15);
        if (seen >> arb & 1)
            return false;
        seen |= 1u << arb;
    }
    return true;
}

static bool ids_differ(const world_t *w)
{
    uint32_t seen = w->bus.has_bridge ? 1u << w->bus.bridge_id : 0;
    unsigned n = w->bus.has_bridge;

    for (unsigned i = 0; i < w->bus.lapics; i++, n++)
        seen |= 1u << (w->la[i].id & 0xF);
    for (unsigned i = 0; i < w->bus.ioapics; i++, n++)
        seen |= 1u << w->io[i].id;
    return (unsigned)__builtin_popcount(seen) == n;
}

/* APIC-33 */
static bool is_reload(const irqsim_icc_t *bus)
{
    return !bus->heard.is_eoi && bus->heard.mode == IRQSIM_APIC_INIT && !bus->heard.assert;
}

/* ---- what a message and its fate say ---- */

static bool is_one_of(unsigned value, unsigned set)
{
    return set >> value & 1;
}

#define TOLD(fate) (1u << IRQSIM_APIC_##fate)

/* What the sender may have been told, by outcome (ICC-50, ICC-54). */
static void look_at_outcome(const irqsim_icc_t *bus)
{
    static const uint8_t told[] = {
        [IRQSIM_ICC_UNDECIDED] = 0,
        [IRQSIM_ICC_ARBITRATES] = 0,
        [IRQSIM_ICC_ACCEPTED] = TOLD(ACCEPTED) | TOLD(COALESCED) | TOLD(ILLEGAL),
        [IRQSIM_ICC_FOCUS] = TOLD(ACCEPTED) | TOLD(COALESCED) | TOLD(ILLEGAL),
        [IRQSIM_ICC_RETRY] = TOLD(RETRY),
        [IRQSIM_ICC_ACCEPT_ERROR] = TOLD(NOBODY) | TOLD(RETRY),
        [IRQSIM_ICC_CHECKSUM_ERROR] = TOLD(RETRY) | TOLD(ILLEGAL) | TOLD(ACCEPTED),
        [IRQSIM_ICC_ERROR] = TOLD(RETRY) | TOLD(ILLEGAL),
    };

    demand(is_one_of(bus->told, told[bus->outcome]));
}

/* Who answered has a fate, and nobody else. */
static void look_at_fates(const irqsim_icc_t *bus)
{
    const bool took = bus->outcome < IRQSIM_ICC_ACCEPT_ERROR;
    const unsigned n = (unsigned)__builtin_popcount(bus->meant);

    for (unsigned i = 0; i < IRQSIM_ICC_AGENTS; i++)
        demand(bus->meant >> i & 1 || bus->fate[i] == IRQSIM_APIC_NOBODY);
    if (bus->heard.mode != IRQSIM_APIC_REMOTE_READ)
        demand(took || n == 0);
    if (bus->bad_cycle || bus->heard.is_eoi)
        return;
    if (bus->heard.mode == IRQSIM_APIC_LOWEST && took)
        demand(n == 1 || bus->outcome == IRQSIM_ICC_RETRY);
    if (took)
        demand(n > 0);
}

/* ICC-10, ICC-51 */
static void look_at_length(const irqsim_icc_t *bus)
{
    const unsigned length = irqsim_icc_length(bus);

    demand(bus->heard.is_eoi ? length == 14 : length == 21 || length == 34 || length == 39);
    if (bus->outcome == IRQSIM_ICC_FOCUS || bus->outcome == IRQSIM_ICC_RETRY)
        demand(length <= 21);
    for (unsigned k = 1; k <= length; k++)
        demand(irqsim_icc_cycle(bus, k) <= 3);
}

/* ---- who has what under way ---- */

static bool is_undecided(const irqsim_icc_t *bus)
{
    return bus->phase != IRQSIM_ICC_IDLE && bus->phase != IRQSIM_ICC_ENDING;
}

/* At most one message is under way, and its sender knows (IOAPIC-14, APIC-70). A LAPIC
 * may have forgotten: an INIT came in between. */
static void look_at_senders(const world_t *w)
{
    const irqsim_icc_t *bus = &w->bus;

    for (unsigned i = 0; i < bus->lapics; i++) {
        const bool waits_for_itself = w->la[i].local_waits & 0x80;
        if (w->la[i].icr_busy == IRQSIM_LAPIC_ICR_TAKEN && !waits_for_itself)
            demand(is_undecided(bus) && bus->sender == i && !bus->msg.is_eoi);
    }
    for (unsigned i = 0; i < bus->ioapics; i++) {
        const bool sends = is_undecided(bus) && bus->sender == bus->lapics + i;
        demand((unsigned)__builtin_popcount(w->io[i].busy) == sends);
    }
}

/* ---- the APICs for themselves ---- */

static int highest_of(const uint32_t words[8])
{
    for (unsigned n = 8; n-- > 0;)
        if (words[n])
            return (int)(n * 32 + 31 - (unsigned)__builtin_clz(words[n]));
    return -1;
}

static void look_at_lapic(const irqsim_lapic_t *la)
{
    const int best = highest_of(la->irr), served = highest_of(la->isr);
    const int task = (int)(la->tpr >> 4), busy = served > 0 ? served >> 4 : 0;
    const bool deliverable = best >= 0 && best >> 4 > (task > busy ? task : busy); /* APIC-40 */
    const bool sends = la->eoi_words || la->icr_busy == IRQSIM_LAPIC_ICR_WAITS;

    demand(deliverable == !!(la->out & IRQSIM_LAPIC_OUT_INTR));
    demand(sends == !!(la->out & IRQSIM_LAPIC_OUT_MSG));
    demand(!((la->irr[0] | la->isr[0]) & 0xFFFF)); /* APIC-52 */
}

static bool holds(const uint32_t set[8], uint32_t vector)
{
    return set[vector >> 5] >> (vector & 31) & 1;
}

/* IOAPIC-24: it is requested or in service as a level, or its EOI waits or is on the bus. */
static bool is_somewhere(const world_t *w, uint32_t vector)
{
    const irqsim_icc_t *bus = &w->bus;

    for (unsigned i = 0; i < bus->lapics; i++) {
        const irqsim_lapic_t *la = &w->la[i];
        const bool stands = holds(la->irr, vector) || holds(la->isr, vector);
        if ((stands && holds(la->tmr, vector)) || holds(la->eoi_queue, vector))
            return true;
    }
    return is_undecided(bus) && bus->msg.is_eoi && bus->msg.vector == vector;
}

static void look_at_ioapic(const world_t *w, unsigned n, bool sound)
{
    const irqsim_ioapic_t *io = &w->io[n];

    demand(!!io->pending == !!(io->out & IRQSIM_IOAPIC_OUT_MSG));
    demand(!(io->remote & ~io->level));               /* IOAPIC-28 */
    demand(!(io->pending & (io->busy | io->remote))); /* IOAPIC-22, IOAPIC-24 */
    demand(!((io->stale | io->turned) & ~io->busy));
    for (uint32_t rest = sound ? io->remote : 0; rest; rest &= rest - 1)
        demand(is_somewhere(w, vector_of(n, (unsigned)__builtin_ctz(rest))));
}

static void look(const world_t *w, bool sound)
{
    look_at_senders(w);
    for (unsigned i = 0; i < w->bus.lapics; i++)
        look_at_lapic(&w->la[i]);
    for (unsigned n = 0; n < w->bus.ioapics; n++)
        look_at_ioapic(w, n, sound);
}

/* ---- time ---- */

/* ICC-55: one message at a time, and the bus does not rest while somebody asks. */
static void look_at_act(const world_t *w, watch_t *watch, irqsim_icc_act_t did, uint64_t due)
{
    const irqsim_icc_t *bus = &w->bus;

    switch (did) {
    case IRQSIM_ICC_BEGAN:
        demand(!watch->busy && due >= watch->end && bus->begin == due);
        demand(bus->sender < agents_on(w) && bus->begun == watch->begun + 1);
        demand(bus->waited == 0 || due == watch->end || due == watch->begin);
        watch->busy = true;
        watch->begin = due;
        watch->begun = bus->begun;
        break;
    case IRQSIM_ICC_DECIDED:
        look_at_outcome(bus);
        look_at_fates(bus);
        watch->sound &= !bus->bad_cycle || bus->outcome >= IRQSIM_ICC_ACCEPT_ERROR;
        break;
    case IRQSIM_ICC_ENDED:
        look_at_length(bus);
        demand(watch->busy && due == watch->begin + irqsim_icc_length(bus));
        watch->busy = false;
        watch->end = due;
        break;
    default:
        break;
    }
}

static void act(world_t *w, watch_t *watch)
{
    const irqsim_icc_agents_t on = agents_of(w);
    const bool differed = arbs_differ(w);
    const uint64_t due = w->bus.due;
    const irqsim_icc_act_t did = irqsim_icc_act(&w->bus, &on);

    look_at_act(w, watch, did, due);
    if (differed && !(did == IRQSIM_ICC_DECIDED && is_reload(&w->bus) && !ids_differ(w)))
        demand(arbs_differ(w)); /* ICC-22 */
    look(w, watch->sound);
}

static void pass(world_t *w, watch_t *watch, uint64_t clocks)
{
    const irqsim_icc_agents_t on = agents_of(w);

    irqsim_icc_look(&w->bus, &on, w->clock);
    for (w->clock += clocks; w->bus.due <= w->clock;)
        act(w, watch);
    for (unsigned i = 0; i < w->bus.lapics; i++)
        irqsim_lapic_take_pulses(&w->la[i]);
    if (w->bus.due == IRQSIM_NEVER)
        for (unsigned agent = 0; agent < agents_on(w); agent++)
            demand(w->bus.since[agent] == IRQSIM_NEVER);
}

/* ---- law 2 ---- */

static void copy(world_t *to, const world_t *from)
{
    static uint8_t bytes[2 * sizeof(world_t)];
    const irqsim_layout_t *la = layout("irqsim_lapic_t"), *io = layout("irqsim_ioapic_t");
    irqsim_snap_t out = {.buf = bytes, .size = sizeof(bytes)};

    irqsim_snap_begin(&out, "APIC", 1);
    irqsim_snap_put(&out, la, from->la, MOST_LAPICS);
    irqsim_snap_put(&out, io, from->io, MOST_IOAPICS);
    irqsim_snap_end(&out);

    irqsim_snap_t in = {.buf = bytes, .size = out.used, .reading = true};
    memset(to, 0x5A, sizeof(*to));
    irqsim_snap_open(&in, "APIC", 1);
    irqsim_snap_get(&in, la, to->la, MOST_LAPICS);
    irqsim_snap_get(&in, io, to->io, MOST_IOAPICS);
    irqsim_snap_close(&in);
    demand(out.status == IRQSIM_OK && in.status == IRQSIM_OK);
    to->bus = from->bus;
    to->clock = from->clock;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static world_t world, twin;
    watch_t watch = {0}, twin_watch;

    if (size < 2)
        return 0;
    set_up(&world, bytes[0], bytes[1]);
    watch.sound = bytes[1] & 1;
    copy(&twin, &world);
    twin_watch = watch;
    for (const uint8_t *s = bytes + 2; s + STEP <= bytes + size; s += STEP) {
        const arguments_t arg = {s[1], s[2], s[3], s[4], bytes[1] & 1};

        if (s[1] & 0x80) {
            copy(&twin, &world);
            twin_watch = watch;
        }
        step(&world, s[0], &arg);
        step(&twin, s[0], &arg);
        if (world.bus.phase == IRQSIM_ICC_IDLE)
            watch.busy = twin_watch.busy = false; /* there may have been a reset */
        pass(&world, &watch, 2u * (s[0] >> 4));
        pass(&twin, &twin_watch, 2u * (s[0] >> 4));
        look(&world, watch.sound);
        demand(memcmp(&world, &twin, sizeof(world)) == 0);
    }
    return 0;
}
