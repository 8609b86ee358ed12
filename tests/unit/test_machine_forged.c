/* SPDX-License-Identifier: MIT */
/*
 * test_machine_forged.c - snapshots with one field changed: refused, or as good as any
 *
 * Every field of every layout gets values that no machine would save. What load() takes
 * must run: nothing divides by zero, hangs or leaves its tables.
 */
#include <zlib.h>

#include "machine_rig.h"

enum { HEAD = 16, LENGTH = 8, CHECKSUM = 12, STEPS = 60 };

static void serve(rig_t *rig, unsigned cpu, uint8_t vector)
{
    (void)vector;
    irqsim_guest_spend_time(rig->m, cpu, 200 * RIG_NS);
}

static void end(rig_t *rig, unsigned cpu, uint8_t vector)
{
    (void)vector;
    if (irqsim_machine_lapic(rig->m, cpu))
        rig_lapic_write(rig, cpu, LAPIC_REG_EOI, 0);
    irqsim_guest_outb(rig->m, cpu, PIC_MASTER_CMD, PIC_OCW2_EOI);
}

static const rig_guest_t guest = {rig_idle, serve, end};

/* A device and a periodic timer, in the middle of their work. */
static rig_t *machine(irqsim_profile_id_t profile)
{
    const bool at = profile == IRQSIM_I486_PC;
    const irqsim_source_desc_t src = {.wiring = IRQSIM_WIRED_PIN,
                                      .pin = 5,
                                      .pattern = IRQSIM_PATTERN_PERIODIC,
                                      .first = 500 * RIG_NS,
                                      .period = 9700 * RIG_NS,
                                      .count = 50};
    rig_t *rig = rig_new((irqsim_machine_desc_t){.board = at ? IRQSIM_BOARD_AT : IRQSIM_BOARD_MP,
                                                 .profile_id = profile,
                                                 .cpus = at ? 1 : 3,
                                                 .sources = &src,
                                                 .n_sources = 1},
                         &guest, false);
    bool did = true;

    if (!at) {
        rig_enable_lapics(rig);
        rig_rte(rig, 5, 0x41, 0);
        rig_lapic_write(rig, 0, LAPIC_REG_LVT_TIMER, LAPIC_LVT_TIMER_PERIODIC | 0x51);
        rig_lapic_write(rig, 0, LAPIC_REG_TIMER_INITIAL, 1000);
    }
    for (int i = 0; i < 40; i++)
        irqsim_machine_step(rig->m, &did);
    return rig;
}

/* ---- blocks of a snapshot (docs/snapshot-format.md) ---- */

static uint32_t number(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void put(uint8_t *at, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++, value >>= 8)
        at[i] = (uint8_t)value;
}

static uint8_t *find_block(uint8_t *bytes, size_t n, const char *tag)
{
    for (size_t at = 0; at < n; at += HEAD + number(bytes + at + LENGTH))
        if (memcmp(bytes + at, tag, 4) == 0)
            return bytes + at;
    return NULL;
}

static const irqsim_layout_t *find_layout(const char *name)
{
    for (unsigned i = 0; irqsim_machine_layout(i); i++)
        if (strcmp(irqsim_machine_layout(i)->name, name) == 0)
            return irqsim_machine_layout(i);
    return NULL;
}

/* ---- forging ---- */

typedef struct forgery {
    rig_t *rig;
    uint8_t *good, *bad;
    size_t size;
    unsigned taken, refused;
} forgery_t;

static void load_and_run(forgery_t *f)
{
    irqsim_snap_t snap = {.buf = f->bad, .size = f->size, .reading = 1};
    bool did = true;

    if (irqsim_machine_load(f->rig->m, &snap) != IRQSIM_OK) {
        f->refused++;
        return;
    }
    f->taken++;
    for (int i = 0; i < STEPS && did; i++)
        if (irqsim_machine_step(f->rig->m, &did) != IRQSIM_OK)
            break;
}

static void forge_field(forgery_t *f, const uint8_t *block, const irqsim_field_t *field)
{
    static const uint64_t values[] = {0, 1, 0x20041, UINT64_MAX};
    uint8_t *at = f->bad + (block - f->good);
    const uint32_t length = number(block + LENGTH);

    for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        memcpy(f->bad, f->good, f->size);
        put(at + HEAD + field->offset, values[i], field->width);
        put(at + CHECKSUM, crc32(0, at + HEAD, length), 4);
        load_and_run(f);
    }
}

START_TEST(law_4_a_forged_field_is_refused_or_harmless)
{
    static const struct {
        const char *tag, *layout;
    } blocks[] = {{"MACH", "globals_t"}, {"PICS", "irqsim_pic_t"},    {"PIT ", "irqsim_pit_t"},
                  {"WIRE", "wire_t"},    {"CPUS", "core_t"},          {"LAPC", "irqsim_lapic_t"},
                  {"ICC ", "serial_t"},  {"IOAP", "irqsim_ioapic_t"}, {"DEVS", "device_t"}};
    forgery_t f = {.rig = machine((irqsim_profile_id_t)_i)};
    irqsim_snap_t measure = {0};

    irqsim_machine_save(f.rig->m, &measure);
    f.size = measure.used;
    f.good = malloc(f.size);
    f.bad = malloc(f.size);
    irqsim_snap_t snap = {.buf = f.good, .size = f.size};
    irqsim_machine_save(f.rig->m, &snap);
    for (unsigned i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        const uint8_t *block = find_block(f.good, f.size, blocks[i].tag);
        const irqsim_layout_t *layout = find_layout(blocks[i].layout);
        ck_assert_ptr_nonnull(layout);
        for (unsigned k = 0; block && k < layout->fields; k++)
            forge_field(&f, block, &layout->field[k]);
    }
    ck_assert_uint_gt(f.taken, 100);
    ck_assert_uint_gt(f.refused, 100);
    free(f.good);
    free(f.bad);
    rig_free(f.rig);
}
END_TEST

UNIT_MAIN("machine_forged",
          UNIT_LOOP(law_4_a_forged_field_is_refused_or_harmless, 0, IRQSIM_PROFILES))
