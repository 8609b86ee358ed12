/* SPDX-License-Identifier: MIT */
/*
 * save.c - the whole machine to bytes and back
 *
 * One walk over the state names every block once. It is walked to save; and to
 * load it is walked twice, first into scratch items that are checked and thrown
 * away, so that a bad snapshot changes nothing. What follows from other state
 * (agenda, line levels, who listens) is not saved but derived.
 */
#include <string.h>

#include "machine_int.h"

#define VERSION 1u

typedef enum mode { SAVE, CHECK, LOAD } mode_t;

/* Room for any one item. */
typedef union scratch {
    shape_t shape;
    globals_t globals;
    irqsim_pic_t pic;
    irqsim_pit_t pit;
    wire_t wire;
    core_t core;
    irqsim_lapic_t lapic;
    irqsim_ioapic_t ioapic;
    lane_t lane;
    flight_t flight;
    serial_t serial;
    device_t device;
    jobs_t jobs;
    word_t word;
    uint8_t bytes[256];
} scratch_t;

typedef struct walk {
    irqsim_machine_t *m;
    irqsim_snap_t *snap;
    mode_t mode;
    globals_t g;        /* CHECK: as read */
    irqsim_time_t last; /* CHECK: due time of the flight before */
    scratch_t item;
} walk_t;

/* Does the item just read fit this machine, and itself? */
typedef bool (*check_t)(const walk_t *w, const scratch_t *item, uint32_t index);

/* ---- checks ---- */

static shape_t shape_of(const irqsim_machine_t *m)
{
    return (shape_t){
        .board = irqsim_machine_board(m),
        .family = m->family,
        .cpus = m->cpus,
        .ioapics = m->ioapics,
        .devices = m->devices,
        .rings = m->rings,
        .lane_size = m->lane_size,
        .ram_bytes = m->ram_bytes,
        .figures = irqsim_figures(),
    };
}

static bool shape_fits(const walk_t *w, const scratch_t *item, uint32_t index)
{
    const shape_t here = shape_of(w->m);

    (void)index;
    return memcmp(&here, &item->shape, sizeof(here)) == 0;
}

static bool globals_fit(const walk_t *w, const scratch_t *item, uint32_t index)
{
    (void)index;
    return item->globals.sender < all_senders(w->m);
}

static bool pic_fits(const walk_t *w, const scratch_t *item, uint32_t index)
{
    const irqsim_pic_t *here = &w->m->pic[index], *there = &item->pic;

    return there->variants == here->variants && there->slave == here->slave &&
           there->has_elcr == here->has_elcr && there->elcr_fixed == here->elcr_fixed &&
           irqsim_pic_is_sound(there);
}

static bool pit_fits(const walk_t *w, const scratch_t *item, uint32_t index)
{
    (void)index;
    for (unsigned n = 0; n < 3; n++)
        if (!item->pit.c[n].reload || !item->pit.c[n].written)
            return false;
    return item->pit.clk.num == w->m->pit.clk.num && item->pit.clk.den == w->m->pit.clk.den;
}

static bool wire_fits(const walk_t *w, const scratch_t *item, uint32_t index)
{
    const wire_t *wire = &item->wire;
    irqsim_time_t last = w->g.now;

    (void)index;
    for (unsigned i = 0; i < wire->count; i++) {
        if (wire->edge[i] < last)
            return false;
        last = wire->edge[i];
    }
    return w->m->board->apics || (wire->level ^ (wire->count & 1)) == w->g.pic_int;
}

static bool core_fits(const walk_t *w, const scratch_t *item, uint32_t index)
{
    const core_t *core = &item->core;

    return core->cpu.variant == w->m->core[index].cpu.variant && core->deadline >= w->g.now &&
           core->debt == 0 && core->spent == 0;
}

static bool same_clock(const irqsim_clock_t *a, const irqsim_clock_t *b)
{
    return a->num == b->num && a->den == b->den;
}

static bool lapic_fits(const walk_t *w, const scratch_t *item, uint32_t index)
{
    const irqsim_lapic_t *here = &w->m->lapic[index], *there = &item->lapic;

    return same_clock(&there->timer_clk, &here->timer_clk) &&
           same_clock(&there->tsc_clk, &here->tsc_clk) && there->family == here->family &&
           there->variants == here->variants && there->topology_id == here->topology_id &&
           there->has_tsc_deadline == here->has_tsc_deadline && there->bsp == here->bsp &&
           irqsim_lapic_is_sound(there);
}

static bool ioapic_fits(const walk_t *w, const scratch_t *item, uint32_t index)
{
    const irqsim_ioapic_t *here = &w->m->ioapic[index], *there = &item->ioapic;

    return there->version == here->version && there->has_pin_assert == here->has_pin_assert &&
           there->initial_id == here->initial_id && irqsim_ioapic_is_sound(there);
}

static bool lane_fits(const walk_t *w, const scratch_t *item, uint32_t index)
{
    (void)index;
    return item->lane.count <= w->m->lane_size && item->lane.head == 0;
}

static bool is_sender(const irqsim_machine_t *m, const irqsim_apic_msg_t *msg)
{
    if (msg->source >= IRQSIM_APIC_FROM_MSI(0))
        return !msg->is_eoi && msg->source - IRQSIM_APIC_FROM_MSI(0) < m->devices;
    if (msg->source >= IRQSIM_APIC_FROM_IOAPIC(0))
        return !msg->is_eoi && msg->source - IRQSIM_APIC_FROM_IOAPIC(0) < m->ioapics * PINS;
    return msg->source >= IRQSIM_APIC_FROM_CPU(0) &&
           msg->source - IRQSIM_APIC_FROM_CPU(0) < m->cpus;
}

static bool bytes_up_to(const uint8_t *bytes, size_t n, uint8_t most)
{
    while (n > 0 && bytes[n - 1] <= most)
        n--;
    return n == 0;
}

/* Its message comes from whom the bus says. */
static bool sender_fits(const walk_t *w, const irqsim_icc_t *bus)
{
    const uint32_t pin = bus->msg.source - IRQSIM_APIC_FROM_IOAPIC(0);
    const uint32_t bridge = w->m->cpus + w->m->ioapics;

    if (bus->sender >= w->m->cpus && bus->sender < bridge)
        return pin < PINS;
    return bus->sender < bridge + bus->has_bridge;
}

static bool serial_fits(const walk_t *w, const scratch_t *item, uint32_t index)
{
    const irqsim_icc_t *here = &w->m->serial.bus, *there = &item->serial.bus;

    (void)index;
    return same_clock(&there->clk, &here->clk) && there->variants == here->variants &&
           there->handshake == here->handshake && there->lapics == here->lapics &&
           there->ioapics == here->ioapics && there->has_bridge == here->has_bridge &&
           there->bridge_id == here->bridge_id &&
           (there->kind != IRQSIM_ICC_NO_KIND || there->phase == IRQSIM_ICC_IDLE) &&
           bytes_up_to(there->fate, IRQSIM_ICC_AGENTS, IRQSIM_APIC_RETRY) &&
           bytes_up_to(there->wire, IRQSIM_ICC_CYCLES, 3) && sender_fits(w, there);
}

static bool flight_fits(const walk_t *w, const scratch_t *item, uint32_t index)
{
    (void)index;
    return item->flight.due >= w->last && is_sender(w->m, &item->flight.msg);
}

/* Numbers of arrivals are indices into records and rings, and law 6 holds. */
static bool device_fits(const walk_t *w, const scratch_t *item, uint32_t index)
{
    const irqsim_source_desc_t *src = &w->m->source[index];
    const device_t *dev = &item->device;
    const uint64_t limit = irqsim__machine_arrivals(src);
    const bool pin = src->wiring == IRQSIM_WIRED_PIN;

    if (dev->taken > dev->arrived || dev->rise > dev->arrived)
        return false;
    if (dev->delivered + dev->coalesced + dev->withdrawn != dev->taken)
        return false;
    if (src->pattern == IRQSIM_PATTERN_NONE)
        return dev->arrived - dev->taken <= INJECTED && dev->next == IRQSIM_NEVER &&
               (pin || !dev->high);
    if (dev->arrived > limit || (dev->arrived == limit && dev->next != IRQSIM_NEVER))
        return false;
    return (pin || !dev->high) && (dev->high || dev->pulse_end == IRQSIM_NEVER);
}

/* ---- the walk ---- */

static void fail(walk_t *w, const char *where)
{
    if (w->snap->status != IRQSIM_OK)
        return;
    w->snap->status = IRQSIM_E_FORMAT;
    w->snap->where = where;
}

static void begin(walk_t *w, const char tag[4])
{
    if (w->mode == SAVE)
        irqsim_snap_begin(w->snap, tag, VERSION);
    else
        irqsim_snap_open(w->snap, tag, VERSION);
}

static void end(walk_t *w)
{
    if (w->mode == SAVE)
        irqsim_snap_end(w->snap);
    else
        irqsim_snap_close(w->snap);
}

static void check_item(walk_t *w, const irqsim_layout_t *layout, uint32_t index, check_t fits)
{
    irqsim_snap_get(w->snap, layout, &w->item, 1);
    if (w->snap->status == IRQSIM_OK && fits && !fits(w, &w->item, index))
        fail(w, layout->name);
}

static void items(walk_t *w, layout_id_t id, void *array, uint32_t n, check_t fits)
{
    const irqsim_layout_t *layout = &irqsim__machine_layouts[id];

    if (w->mode == SAVE)
        irqsim_snap_put(w->snap, layout, array, n);
    else if (w->mode == LOAD)
        irqsim_snap_get(w->snap, layout, array, n);
    else
        for (uint32_t i = 0; i < n && w->snap->status == IRQSIM_OK; i++)
            check_item(w, layout, i, fits);
}

static void block(walk_t *w, const char tag[4], layout_id_t id, void *array, uint32_t n,
                  check_t fits)
{
    begin(w, tag);
    items(w, id, array, n, fits);
    end(w);
}

/* The queue in order, beginning at slot 0: bytes do not depend on its past. */
static void lane(walk_t *w, unsigned i)
{
    irqsim_machine_t *m = w->m;
    lane_t queue = {.count = m->lane[i].count};
    const uint32_t head = m->lane[i].head;

    items(w, LAYOUT_LANE, &queue, 1, lane_fits);
    if (w->mode == CHECK)
        queue = w->snap->status == IRQSIM_OK ? w->item.lane : (lane_t){0};
    if (w->mode == LOAD)
        m->lane[i] = queue;
    w->last = w->g.now;
    for (uint32_t k = 0; k < queue.count && w->snap->status == IRQSIM_OK; k++) {
        const uint32_t at = w->mode == SAVE ? (head + k) % m->lane_size : k;
        items(w, LAYOUT_FLIGHT, &m->flight[i * m->lane_size + at], 1, flight_fits);
        w->last = w->mode == CHECK ? w->item.flight.due : w->last;
    }
}

static void apics(walk_t *w)
{
    irqsim_machine_t *m = w->m;

    block(w, "LAPC", LAYOUT_LAPIC, m->lapic, m->cpus, lapic_fits);
    block(w, "IOAP", LAYOUT_IOAPIC, m->ioapic, m->ioapics, ioapic_fits);
    if (m->transport == &irqsim__machine_serial)
        block(w, "ICC ", LAYOUT_SERIAL, &m->serial, 1, serial_fits);
    begin(w, "MSGS");
    for (unsigned i = 0; i < LANES; i++)
        lane(w, i);
    end(w);
}

static void ram(walk_t *w)
{
    irqsim_machine_t *m = w->m;

    begin(w, "RAM ");
    if (w->mode == SAVE)
        irqsim_snap_put_bytes(w->snap, m->ram, m->ram_bytes);
    else if (w->mode == LOAD)
        irqsim_snap_get_bytes(w->snap, m->ram, m->ram_bytes);
    else
        for (uint32_t left = m->ram_bytes, n; left; left -= n) {
            n = left < sizeof(w->item.bytes) ? left : (uint32_t)sizeof(w->item.bytes);
            irqsim_snap_get_bytes(w->snap, w->item.bytes, n);
        }
    end(w);
}

static void walk(walk_t *w)
{
    irqsim_machine_t *m = w->m;
    shape_t shape = shape_of(m);
    const uint32_t senders = all_senders(m);

    block(w, "SHAP", LAYOUT_SHAPE, &shape, 1, shape_fits);
    block(w, "MACH", LAYOUT_GLOBALS, &m->g, 1, globals_fit);
    w->g = w->mode == CHECK ? w->item.globals : m->g;
    block(w, "PICS", LAYOUT_PIC, m->pic, 2, pic_fits);
    block(w, "PIT ", LAYOUT_PIT, &m->pit, 1, pit_fits);
    block(w, "WIRE", LAYOUT_WIRE, &m->wire, 1, wire_fits);
    block(w, "CPUS", LAYOUT_CORE, m->core, m->cpus, core_fits);
    if (m->board->apics)
        apics(w);
    block(w, "DEVS", LAYOUT_DEVICE, m->device, m->devices, device_fits);
    block(w, "JOBS", LAYOUT_JOBS, m->ring, m->rings, NULL);
    block(w, "STAL", LAYOUT_WORD, m->stall, words_for(senders), NULL);
    ram(w);
}

irqsim_status_t irqsim_machine_save(const irqsim_machine_t *m, irqsim_snap_t *snap)
{
    /* SAVE only reads; the walk is not const because LOAD writes. */
    walk_t w = {.m = (irqsim_machine_t *)m, .snap = snap, .mode = SAVE};

    walk(&w);
    return snap->status;
}

irqsim_status_t irqsim_machine_load(irqsim_machine_t *m, irqsim_snap_t *snap)
{
    irqsim_snap_t trial = *snap;
    walk_t w = {.m = m, .snap = &trial, .mode = CHECK};

    walk(&w);
    if (trial.status != IRQSIM_OK) {
        snap->status = trial.status;
        snap->where = trial.where;
        return trial.status;
    }
    w.snap = snap;
    w.mode = LOAD;
    walk(&w);
    irqsim__machine_plan(m);
    return snap->status;
}
