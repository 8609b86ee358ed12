/* SPDX-License-Identifier: MIT */
/*
 * machine.c - one block of memory becomes a board; views of it
 *
 * Arrays lie behind the struct, one after the other. place() walks over them,
 * once without memory to learn the size, once with.
 */
#include <string.h>

#include "machine_int.h"

#define MAX_RAM       IRQSIM_SOURCE_MMIO(0) /* devices begin there */
#define MAX_IN_FLIGHT (UINT32_C(1) << 20)
#define MAX_FIGURE    (UINT64_C(1) << 40) /* a clk or ns figure: minutes */

/* ---- is it a machine? ---- */

static const board_t *board_of(const irqsim_machine_desc_t *desc)
{
    switch (desc->board) {
    case IRQSIM_BOARD_AT:
        return &irqsim__machine_at;
    case IRQSIM_BOARD_MP:
        return &irqsim__machine_mp;
    default:
        return NULL;
    }
}

static uint32_t cpus_of(const irqsim_machine_desc_t *desc)
{
    return desc->cpus ? desc->cpus : 1;
}

static bool is_serial(irqsim_apic_family_t family)
{
    return family == IRQSIM_APIC_P5 || family == IRQSIM_APIC_P6;
}

/* Devices that send messages need an agent on a serial bus. */
static bool needs_bridge(const irqsim_source_desc_t *sources, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (sources[i].wiring != IRQSIM_WIRED_PIN)
            return true;
    return false;
}

static uint32_t ioapics_of(const board_t *board, const irqsim_machine_desc_t *desc)
{
    if (!board->apics)
        return 0;
    return desc->ioapics ? desc->ioapics : 1;
}

/* The board's own, and the pins of further IOAPICs. */
static uint32_t lines_of(const board_t *board, const irqsim_machine_desc_t *desc)
{
    return board->apics ? ioapics_of(board, desc) * PINS : board->lines;
}

/* APIC-76: as many as the family has IDs for, broadcast excepted; on a serial bus the
 * IOAPICs have one each, and perhaps a bridge (ICC-03). */
static uint32_t most_cpus(const board_t *board, const irqsim_machine_desc_t *desc)
{
    const irqsim_apic_family_t family = irqsim_profile_family(desc->profile_id);

    if (!board->apics)
        return 1;
    if (is_serial(family))
        return IRQSIM_ICC_AGENTS - ioapics_of(board, desc) -
               needs_bridge(desc->sources, desc->n_sources);
    return family == IRQSIM_APIC_XAPIC ? 255 : IRQSIM_MAX_CPUS;
}

static const irqsim_profile_t *profile_of(const irqsim_machine_desc_t *desc)
{
    return desc->profile ? desc->profile : irqsim_profile(desc->profile_id);
}

static bool is_clock(uint64_t hz)
{
    const irqsim_clock_t clk = {hz, 1};

    return irqsim_clock_valid(&clk);
}

static irqsim_status_t check_profile(const irqsim_machine_desc_t *desc, const board_t *board)
{
    const irqsim_profile_t *profile = profile_of(desc);

    if ((unsigned)desc->profile_id >= IRQSIM_PROFILES)
        return IRQSIM_E_INVAL;
    if (board->apics && (desc->profile_id == IRQSIM_I486_PC || !is_clock(profile->bus_hz)))
        return IRQSIM_E_INVAL;
    if (!is_clock(profile->cpu_hz))
        return IRQSIM_E_INVAL;
    if (board->apics && is_serial(irqsim_profile_family(desc->profile_id)) &&
        !is_clock(profile->icc_hz))
        return IRQSIM_E_INVAL;
    for (unsigned i = 0; i < irqsim_figures(); i++)
        if (irqsim_figure(i)->unit[0] != 'h' && irqsim_profile_get(profile, i) > MAX_FIGURE)
            return IRQSIM_E_RANGE;
    return IRQSIM_OK;
}

static bool is_reserved(const board_t *board, uint32_t line)
{
    return line < board->lines && board->net[line].reserved;
}

static irqsim_status_t check_wiring(const irqsim_source_desc_t *src, const board_t *board,
                                    uint32_t lines, uint32_t cpus)
{
    switch (src->wiring) {
    case IRQSIM_WIRED_PIN:
        if (src->pin >= lines)
            return IRQSIM_E_RANGE;
        if (is_reserved(board, src->pin) || (src->active_low && !board->apics))
            return IRQSIM_E_INVAL; /* 8259A inputs are active high */
        return IRQSIM_OK;
    case IRQSIM_WIRED_MSI:
        return board->apics ? IRQSIM_OK : IRQSIM_E_INVAL;
    case IRQSIM_WIRED_MESSAGE:
        if (!board->apics)
            return IRQSIM_E_INVAL;
        return src->cpu < cpus ? IRQSIM_OK : IRQSIM_E_RANGE;
    default:
        return IRQSIM_E_INVAL;
    }
}

static bool is_pattern(const irqsim_source_desc_t *src)
{
    switch (src->pattern) {
    case IRQSIM_PATTERN_NONE:
        return true;
    case IRQSIM_PATTERN_PERIODIC:
    case IRQSIM_PATTERN_POISSON:
        return src->period > 0;
    case IRQSIM_PATTERN_BURST: /* a burst ends before the next begins: times ascend */
        return src->period > 0 && src->burst > 0 &&
               (src->gap == 0 || src->burst - 1 <= src->period / src->gap);
    case IRQSIM_PATTERN_RECORD:
        return src->record || src->record_len == 0;
    default:
        return false;
    }
}

/* What is known of the lines so far: bit per line of 32. */
typedef struct polarities {
    uint32_t seen[(LINES + 31) / 32], low[(LINES + 31) / 32];
} polarities_t;

/* One line, one polarity. */
static bool polarity_fits(const irqsim_source_desc_t *src, polarities_t *known)
{
    const uint32_t word = src->pin / 32, bit = UINT32_C(1) << src->pin % 32;
    const bool low = known->low[word] & bit;
    const bool fits = !(known->seen[word] & bit) || low == (src->active_low != 0);

    known->seen[word] |= bit;
    known->low[word] |= src->active_low ? bit : 0;
    return fits;
}

static irqsim_status_t check_sources(const irqsim_machine_desc_t *desc, const board_t *board)
{
    polarities_t known = {{0}, {0}};

    if (desc->n_sources > IRQSIM_MAX_SOURCES)
        return IRQSIM_E_RANGE;
    if (desc->n_sources && !desc->sources)
        return IRQSIM_E_INVAL;
    for (uint32_t i = 0; i < desc->n_sources; i++) {
        const irqsim_source_desc_t *src = &desc->sources[i];
        const irqsim_status_t st = check_wiring(src, board, lines_of(board, desc), cpus_of(desc));
        if (st != IRQSIM_OK)
            return st;
        if (!is_pattern(src))
            return IRQSIM_E_INVAL;
        if (src->wiring == IRQSIM_WIRED_PIN && !polarity_fits(src, &known))
            return IRQSIM_E_INVAL;
    }
    return IRQSIM_OK;
}

static irqsim_status_t check(const irqsim_machine_desc_t *desc)
{
    const board_t *board = board_of(desc);

    if (!board || !desc->guest.run)
        return IRQSIM_E_INVAL;

    const irqsim_status_t st = check_profile(desc, board);
    if (st != IRQSIM_OK)
        return st;
    if (cpus_of(desc) > IRQSIM_MAX_CPUS || desc->ram_bytes > MAX_RAM ||
        desc->in_flight > MAX_IN_FLIGHT || desc->ioapics > IRQSIM_MAX_IOAPICS)
        return IRQSIM_E_RANGE;
    if (desc->ioapics && !board->apics)
        return IRQSIM_E_INVAL;

    const irqsim_status_t sources = check_sources(desc, board);
    if (sources != IRQSIM_OK)
        return sources;
    return cpus_of(desc) <= most_cpus(board, desc) ? IRQSIM_OK : IRQSIM_E_RANGE;
}

/* ---- memory ---- */

static uint32_t count_rings(const irqsim_machine_desc_t *desc)
{
    uint32_t rings = 0;

    for (uint32_t i = 0; i < desc->n_sources; i++)
        rings += desc->sources[i].pattern == IRQSIM_PATTERN_NONE;
    return rings;
}

/* Room for every LAPIC's IPI, every pin and its EOI, every MSI twice. */
static uint32_t usual_in_flight(const irqsim_machine_t *m)
{
    return 64 + m->cpus + 2 * m->devices;
}

static const transport_t *transport_of(const irqsim_machine_t *m)
{
    if (!m->board->apics)
        return &irqsim__machine_wire;
    return is_serial(m->family) ? &irqsim__machine_serial : &irqsim__machine_sysbus;
}

static void count(irqsim_machine_t *m, const irqsim_machine_desc_t *desc)
{
    m->board = board_of(desc);
    m->family = irqsim_profile_family(desc->profile_id);
    m->transport = transport_of(m);
    m->cpus = cpus_of(desc);
    m->ioapics = ioapics_of(m->board, desc);
    m->lines = lines_of(m->board, desc);
    m->devices = desc->n_sources;
    m->rings = count_rings(desc);
    m->ram_bytes = desc->ram_bytes;
    m->lane_size = desc->in_flight ? desc->in_flight : usual_in_flight(m);
    if (!m->board->apics)
        m->lane_size = 0;
    m->pit_actor = m->devices;
    m->first_timer = m->pit_actor + 1;
    m->bus_actor = m->first_timer + (m->board->apics ? m->cpus : 0);
    m->first_cpu = m->bus_actor + 1;
}

typedef struct arena {
    uint8_t *base; /* NULL: only measure */
    size_t used;
} arena_t;

static void *take(arena_t *a, size_t n, size_t size)
{
    uint8_t *p = a->base ? a->base + a->used : NULL;

    a->used += (n * size + 7) & ~(size_t)7;
    return p;
}

/* The arrays behind the struct; returns the bytes of all. */
static size_t place(irqsim_machine_t *m, uint8_t *base, irqsim_agenda_node_t **node,
                    irqsim_source_desc_t **source)
{
    arena_t a = {.base = base};
    const uint32_t apics = m->board->apics ? m->cpus : 0;
    const uint32_t senders = all_senders(m);

    take(&a, 1, sizeof(*m));
    m->core = take(&a, m->cpus, sizeof(*m->core));
    m->lapic = take(&a, apics, sizeof(*m->lapic));
    *node = take(&a, irqsim_agenda_nodes(m->first_cpu + m->cpus), sizeof(**node));
    m->source = *source = take(&a, m->devices, sizeof(**source));
    m->device = take(&a, m->devices, sizeof(*m->device));
    m->ring_of = take(&a, m->devices, sizeof(*m->ring_of));
    m->ring = take(&a, m->rings, sizeof(*m->ring));
    m->flight = take(&a, (size_t)m->lane_size * LANES, sizeof(*m->flight));
    m->stall = take(&a, words_for(senders), sizeof(*m->stall));
    m->lint0 = take(&a, words_for(m->cpus), sizeof(*m->lint0));
    m->ram = take(&a, m->ram_bytes, 1);
    return a.used;
}

size_t irqsim_machine_size(const irqsim_machine_desc_t *desc)
{
    irqsim_machine_t m = {0};
    irqsim_agenda_node_t *node;
    irqsim_source_desc_t *source;

    if (check(desc) != IRQSIM_OK)
        return 0;
    count(&m, desc);
    return place(&m, NULL, &node, &source);
}

/* ---- power-on ---- */

static void convert_figures(irqsim_machine_t *m)
{
    m->ps = m->profile;
    for (unsigned i = 0; i < irqsim_figures(); i++) {
        const uint64_t value = irqsim_profile_get(&m->profile, i);
        const char unit = irqsim_figure(i)->unit[0];
        if (unit == 'c')
            irqsim_profile_set(&m->ps, i, irqsim_clock_to_time(&m->cpu_clk, value));
        else if (unit == 'n')
            irqsim_profile_set(&m->ps, i, value * IRQSIM_PS_PER_NS);
    }
}

static void power_on_cpus(irqsim_machine_t *m, uint32_t variants)
{
    for (unsigned i = 0; i < m->cpus; i++) {
        irqsim_cpu_init(&m->core[i].cpu);
        m->core[i].cpu.variant = (uint8_t)irqsim_variants_of(variants, IRQSIM_VARIANT_OF_CPU);
        if (!m->board->apics)
            continue;
        irqsim_lapic_init(&m->lapic[i],
                          &(irqsim_lapic_desc_t){
                              .apic_id = i,
                              .family = m->family,
                              .bsp = i == 0,
                              .tsc_deadline = m->family == IRQSIM_APIC_X2APIC,
                              .variants = irqsim_variants_of(variants, IRQSIM_VARIANT_OF_LAPIC),
                              .timer_clk = {m->profile.bus_hz, 1},
                              .tsc_clk = m->cpu_clk,
                          });
    }
}

static void power_on_ioapic(irqsim_machine_t *m, unsigned n)
{
    const bool serial = is_serial(m->family);

    irqsim_ioapic_init(&m->ioapic[n], &(irqsim_ioapic_desc_t){
                                          .id = (uint8_t)(n + (serial ? m->cpus : 0)),
                                          .version = serial ? 0x11 : 0x20,
                                      });
    irqsim_ioapic_set_in(&m->ioapic[n], m->low_pins[n]); /* idle is high there */
}

static void power_on_chips(irqsim_machine_t *m, uint32_t variants)
{
    /* PIC-33: has an ELCR; these lines are edges */
    const bool chipset = m->board->apics || variants & IRQSIM_VARIANT_ELCR;
    const uint32_t pic_variants = irqsim_variants_of(variants, IRQSIM_VARIANT_OF_PIC);

    irqsim_pic_init(&m->pic[MASTER], &(irqsim_pic_desc_t){
                                         .has_elcr = chipset,
                                         .elcr_fixed = 0x07,
                                         .variants = pic_variants,
                                     });
    irqsim_pic_init(&m->pic[SLAVE], &(irqsim_pic_desc_t){
                                        .slave = true,
                                        .has_elcr = chipset,
                                        .elcr_fixed = 0x21,
                                        .variants = pic_variants,
                                    });
    irqsim_pit_init(&m->pit, NULL);
    for (unsigned n = 0; n < m->ioapics; n++)
        power_on_ioapic(m, n);
}

static void power_on_devices(irqsim_machine_t *m)
{
    uint32_t rings = 0;

    for (uint32_t i = 0; i < m->devices; i++) {
        const irqsim_source_desc_t *src = &m->source[i];
        m->ring_of[i] = src->pattern == IRQSIM_PATTERN_NONE ? rings++ : 0;
        if (src->wiring == IRQSIM_WIRED_PIN && src->active_low)
            m->low_pins[src->pin / PINS] |= UINT32_C(1) << src->pin % PINS;
        irqsim__machine_device_init(m, i);
    }
}

irqsim_status_t irqsim_machine_init(void *mem, size_t size, const irqsim_machine_desc_t *desc,
                                    irqsim_machine_t **machine)
{
    irqsim_machine_t *m = mem;
    const irqsim_status_t st = check(desc);
    irqsim_agenda_node_t *node;
    irqsim_source_desc_t *source;

    if (st != IRQSIM_OK)
        return st;
    if (size < irqsim_machine_size(desc))
        return IRQSIM_E_FULL;
    memset(mem, 0, irqsim_machine_size(desc));
    count(m, desc);
    place(m, mem, &node, &source);
    if (m->devices)
        memcpy(source, desc->sources, m->devices * sizeof(*source));
    m->guest = desc->guest;
    m->profile = *profile_of(desc);
    m->cpu_clk = (irqsim_clock_t){m->profile.cpu_hz, 1};
    convert_figures(m);
    irqsim__machine_mem_init(m);
    m->agenda.node = node;
    power_on_devices(m);
    power_on_chips(m, desc->variants);
    power_on_cpus(m, desc->variants);
    if (m->transport == &irqsim__machine_serial)
        irqsim__machine_serial_init(m, needs_bridge(m->source, m->devices), desc->variants);
    irqsim__machine_plan(m);
    m->host = desc->host; /* nothing is said before the caller has the machine */
    *machine = m;
    return IRQSIM_OK;
}

/* ---- views ---- */

irqsim_time_t irqsim_machine_now(const irqsim_machine_t *m)
{
    return m->g.now;
}

uint64_t irqsim_machine_steps(const irqsim_machine_t *m)
{
    return m->g.steps;
}

unsigned irqsim_machine_cpus(const irqsim_machine_t *m)
{
    return m->cpus;
}

uint32_t irqsim_machine_sources(const irqsim_machine_t *m)
{
    return m->devices;
}

irqsim_board_t irqsim_machine_board(const irqsim_machine_t *m)
{
    return m->board->apics ? IRQSIM_BOARD_MP : IRQSIM_BOARD_AT;
}

irqsim_apic_family_t irqsim_machine_family(const irqsim_machine_t *m)
{
    return m->family;
}

const irqsim_profile_t *irqsim_machine_profile(const irqsim_machine_t *m)
{
    return &m->profile;
}

const irqsim_cpu_t *irqsim_machine_cpu(const irqsim_machine_t *m, unsigned cpu)
{
    return cpu < m->cpus ? &m->core[cpu].cpu : NULL;
}

const irqsim_lapic_t *irqsim_machine_lapic(const irqsim_machine_t *m, unsigned cpu)
{
    return m->board->apics && cpu < m->cpus ? &m->lapic[cpu] : NULL;
}

unsigned irqsim_machine_ioapics(const irqsim_machine_t *m)
{
    return m->ioapics;
}

const irqsim_ioapic_t *irqsim_machine_ioapic(const irqsim_machine_t *m)
{
    return irqsim_machine_ioapic_at(m, 0);
}

const irqsim_ioapic_t *irqsim_machine_ioapic_at(const irqsim_machine_t *m, unsigned n)
{
    return n < m->ioapics ? &m->ioapic[n] : NULL;
}

const irqsim_icc_t *irqsim_machine_icc(const irqsim_machine_t *m)
{
    return m->transport == &irqsim__machine_serial ? &m->serial.bus : NULL;
}

const irqsim_pic_t *irqsim_machine_pic(const irqsim_machine_t *m, unsigned chip)
{
    return chip < 2 ? &m->pic[chip] : NULL;
}

void irqsim_machine_spurious(const irqsim_machine_t *m, irqsim_spurious_counts_t *counts)
{
    *counts = (irqsim_spurious_counts_t){
        .irq7 = m->g.irq7,
        .irq15 = m->g.irq15,
        .lapic = m->g.lapic_spurious,
    };
}
