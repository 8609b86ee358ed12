/* SPDX-License-Identifier: MIT */
/*
 * pit8254.c - the three counters of an 8254
 *
 * A mode is a wave: OUT is low from one pulse to another, once or in every
 * period. Level, next change and the end of a half cycle all come from that
 * wave; gates and written counts only move its origin. Nothing counts.
 */
#include <irqsim/pit8254.h>
#include <irqsim/regs/pit8254_regs.h>

#include <string.h>

#define NO_PULSE    UINT64_MAX
#define COUNTERS    3u
#define OPEN_BUS    0xFFu
#define BINARY_SIZE 0x10000u
#define BCD_SIZE    10000u

typedef irqsim_pit_counter_t counter_t;

/* What the control word says. */

static unsigned mode(const counter_t *c)
{
    const unsigned m = (c->control & PIT_CW_MODE) >> PIT_CW_MODE_SHIFT;
    return m > 5 ? m - 4 : m; /* 6 and 7 are other names of 2 and 3 */
}

static unsigned access_bytes(const counter_t *c)
{
    return c->control & PIT_CW_ACCESS;
}

static bool periodic(const counter_t *c)
{
    return mode(c) == 2 || mode(c) == 3;
}

/* Modes 1 and 5 start at a gate edge and ignore the gate's level. */
static bool edge_triggered(const counter_t *c)
{
    return mode(c) == 1 || mode(c) == 5;
}

/* Numbers as the guest writes and reads them. */

static uint32_t decode_count(const counter_t *c, unsigned value)
{
    if (!(c->control & PIT_CW_BCD))
        return value ? value : BINARY_SIZE;

    uint32_t count = 0;
    for (unsigned shift = 16; shift; shift -= 4)
        count = count * 10 + (value >> (shift - 4) & 0xF);
    return count ? count : BCD_SIZE;
}

static uint16_t encode_count(const counter_t *c, uint64_t count)
{
    if (!(c->control & PIT_CW_BCD))
        return (uint16_t)count;

    unsigned value = 0, rest = (unsigned)(count % BCD_SIZE);
    for (unsigned shift = 0; shift < 16; shift += 4, rest /= 10)
        value |= rest % 10 << shift;
    return (uint16_t)value;
}

/* The wave. */

/* OUT is low at phases fall <= p < rise. A periodic wave starts over at rise. */
typedef struct wave {
    uint64_t fall, rise;
} wave_t;

static wave_t wave_of(const counter_t *c)
{
    const uint64_t n = c->reload;
    const wave_t waves[6] = {
        {0, n},           /* 0: interrupt on terminal count                       */
        {0, n},           /* 1: one-shot                                          */
        {n - 1, n},       /* 2: rate generator                                    */
        {(n + 1) / 2, n}, /* 3: square wave; an odd count has the longer high half */
        {n, n + 1},       /* 4: strobe                                            */
        {n, n + 1},       /* 5: strobe                                            */
    };
    wave_t w = waves[mode(c)];

    if (periodic(c) && n == 1)
        w.fall = w.rise; /* illegal: no room for a low phase */
    return w;
}

static uint64_t phase(const counter_t *c, uint64_t pulse)
{
    const uint64_t k = c->run == IRQSIM_PIT_RUN_COUNTING ? pulse - c->origin : c->elapsed;
    return periodic(c) ? k % c->reload : k;
}

static bool out_level(const counter_t *c, uint64_t pulse)
{
    /* Mode 0 goes low when a count is written, even by its first byte. */
    if (mode(c) == 0 && (c->run == IRQSIM_PIT_RUN_IDLE || c->null_count || c->write_high))
        return false;
    if (c->run == IRQSIM_PIT_RUN_IDLE || (periodic(c) && c->run == IRQSIM_PIT_RUN_STOPPED))
        return true;

    const wave_t w = wave_of(c);
    const uint64_t p = phase(c, pulse);
    return p < w.fall || p >= w.rise;
}

/* Next pulse at which OUT changes, were nothing loaded before. */
static uint64_t change_in_wave(const counter_t *c, uint64_t pulse)
{
    const wave_t w = wave_of(c);
    const uint64_t p = phase(c, pulse);

    if (c->run != IRQSIM_PIT_RUN_COUNTING || w.fall == w.rise || p >= w.rise)
        return NO_PULSE;
    return pulse - p + (p < w.fall ? w.fall : w.rise);
}

static uint16_t count_now(const counter_t *c, uint64_t pulse)
{
    const uint64_t n = c->reload, p = phase(c, pulse);
    const uint64_t size = c->control & PIT_CW_BCD ? BCD_SIZE : BINARY_SIZE;

    if (c->run == IRQSIM_PIT_RUN_IDLE)
        return c->idle_count;
    if (mode(c) == 3) { /* by twos from an even number, once in each half */
        const uint64_t half = wave_of(c).fall;
        return encode_count(c, n - n % 2 - 2 * (p < half ? p : p - half));
    }
    return encode_count(c, n % size + size - p % size); /* wraps below zero */
}

/* Loading, stopping, going on. */

static bool may_count(const counter_t *c)
{
    if (mode(c) == 0 && c->write_high)
        return false; /* half a count stops mode 0 */
    return c->gate || edge_triggered(c);
}

static void stop(counter_t *c, uint64_t pulse)
{
    if (c->run != IRQSIM_PIT_RUN_COUNTING)
        return;
    c->elapsed = pulse - c->origin;
    c->run = IRQSIM_PIT_RUN_STOPPED;
}

static void go_on(counter_t *c, uint64_t pulse)
{
    if (c->run != IRQSIM_PIT_RUN_STOPPED || !may_count(c))
        return;
    c->origin = pulse - c->elapsed;
    c->run = IRQSIM_PIT_RUN_COUNTING;
}

static void load(counter_t *c)
{
    c->reload = c->written;
    c->origin = c->load_at - (c->load_low ? wave_of(c).fall : 0);
    c->elapsed = 0;
    c->run = may_count(c) ? IRQSIM_PIT_RUN_COUNTING : IRQSIM_PIT_RUN_STOPPED;
    c->null_count = 0;
    c->load_low = 0;
    c->load_at = NO_PULSE;
}

static uint64_t next_change(const counter_t *c, uint64_t pulse)
{
    const uint64_t change = change_in_wave(c, pulse);
    counter_t loaded = *c;

    if (c->load_at == NO_PULSE || change < c->load_at)
        return change;
    load(&loaded);
    if (out_level(&loaded, c->load_at) != out_level(c, pulse))
        return c->load_at;
    return change_in_wave(&loaded, c->load_at);
}

/* Makes what is derived right: call after time or anything else has moved. */
static void refresh(const irqsim_clock_t *clk, counter_t *c, uint64_t pulse)
{
    if (c->load_at <= pulse)
        load(c);
    const uint64_t change = next_change(c, pulse);

    c->out = out_level(c, pulse);
    c->change_at = irqsim_clock_to_time(clk, change);
    c->wake_at = change < c->load_at ? c->change_at : irqsim_clock_to_time(clk, c->load_at);
}

/* The next pulse loads what was written: a trigger, or a count that starts at once. */
static void load_next(counter_t *c, uint64_t pulse)
{
    c->load_at = pulse + 1;
    c->load_low = 0;
}

/* Modes 2 and 3 finish the period, or the half of a square wave, with the old count. */
static void load_at_boundary(counter_t *c, uint64_t pulse)
{
    const wave_t w = wave_of(c);
    const uint64_t p = phase(c, pulse);

    c->load_low = mode(c) == 3 && p < w.fall;
    c->load_at = pulse - p + (c->load_low ? w.fall : w.rise);
}

/* Commands. */

static void write_control(counter_t *c, uint8_t value, uint64_t pulse)
{
    c->idle_count = count_now(c, pulse);
    c->control = (uint8_t)(value & PIT_STATUS_CONTROL);
    c->run = IRQSIM_PIT_RUN_IDLE;
    c->load_at = NO_PULSE;
    c->null_count = 1;
    c->armed = c->load_low = 0;
    c->write_high = c->read_high = 0;
    c->count_held = c->status_held = 0;
}

static void latch_count(counter_t *c, uint64_t pulse)
{
    if (c->count_held)
        return; /* the first latch holds until it is read */
    c->latched = count_now(c, pulse);
    c->count_held = 1;
}

static void latch_status(counter_t *c)
{
    if (c->status_held)
        return;
    c->status = (uint8_t)((c->out ? PIT_STATUS_OUT : 0) |
                          (c->null_count ? PIT_STATUS_NULL_COUNT : 0) | c->control);
    c->status_held = 1;
}

static void read_back(irqsim_pit_t *pit, uint8_t value, uint64_t pulse)
{
    for (unsigned n = 0; n < COUNTERS; n++) {
        if (!(value & PIT_RB_COUNTER(n)))
            continue;
        if (!(value & PIT_RB_NO_COUNT))
            latch_count(&pit->c[n], pulse);
        if (!(value & PIT_RB_NO_STATUS))
            latch_status(&pit->c[n]);
    }
}

static void write_command(irqsim_pit_t *pit, uint8_t value, uint64_t pulse)
{
    if ((value & PIT_CW_SELECT) == PIT_CW_READ_BACK) {
        read_back(pit, value, pulse);
        return;
    }
    counter_t *c = &pit->c[value >> PIT_CW_SELECT_SHIFT];
    if ((value & PIT_CW_ACCESS) == PIT_CW_ACCESS_LATCH)
        latch_count(c, pulse);
    else
        write_control(c, value, pulse);
}

static void count_written(counter_t *c, unsigned value, uint64_t pulse)
{
    c->written = decode_count(c, value);
    c->armed = c->null_count = 1;
    if (edge_triggered(c))
        return; /* waits for the gate */
    if (!periodic(c) || c->run == IRQSIM_PIT_RUN_IDLE)
        load_next(c, pulse);
    else if (c->run == IRQSIM_PIT_RUN_COUNTING && c->load_at == NO_PULSE)
        load_at_boundary(c, pulse);
}

static void write_count(counter_t *c, uint8_t value, uint64_t pulse)
{
    switch (access_bytes(c)) {
    case PIT_CW_ACCESS_LOW:
        count_written(c, value, pulse);
        break;
    case PIT_CW_ACCESS_HIGH:
        count_written(c, (unsigned)value << 8, pulse);
        break;
    default:
        c->write_high = !c->write_high;
        if (!c->write_high) {
            count_written(c, (unsigned)value << 8 | c->low, pulse);
        } else {
            c->low = value;
            if (!may_count(c))
                stop(c, pulse);
        }
    }
}

static uint8_t read_count(counter_t *c, uint64_t pulse)
{
    const unsigned value = c->count_held ? c->latched : count_now(c, pulse);
    bool high = access_bytes(c) == PIT_CW_ACCESS_HIGH;

    if (access_bytes(c) == PIT_CW_ACCESS_LOW_HIGH) {
        high = c->read_high;
        c->read_high = !high;
    }
    if (!c->read_high)
        c->count_held = 0; /* that was the last byte */
    return (uint8_t)(high ? value >> 8 : value);
}

/* The chip. */

uint8_t irqsim_pit_read(irqsim_pit_t *pit, unsigned reg, irqsim_time_t now)
{
    reg &= 3;
    if (reg == PIT_REG_CONTROL)
        return OPEN_BUS;

    counter_t *c = &pit->c[reg];
    irqsim_pit_advance(pit, now);
    if (c->status_held) {
        c->status_held = 0;
        return c->status;
    }
    return read_count(c, irqsim_clock_to_ticks(&pit->clk, now));
}

void irqsim_pit_write(irqsim_pit_t *pit, unsigned reg, uint8_t value, irqsim_time_t now)
{
    const uint64_t pulse = irqsim_clock_to_ticks(&pit->clk, now);

    reg &= 3;
    irqsim_pit_advance(pit, now);
    if (reg == PIT_REG_CONTROL)
        write_command(pit, value, pulse);
    else
        write_count(&pit->c[reg], value, pulse);
    for (unsigned n = 0; n < COUNTERS; n++)
        refresh(&pit->clk, &pit->c[n], pulse);
}

static void gate_rises(counter_t *c, uint64_t pulse)
{
    if (!periodic(c) && !edge_triggered(c))
        go_on(c, pulse);
    else if (c->armed)
        load_next(c, pulse);
}

static void gate_falls(counter_t *c, uint64_t pulse)
{
    if (edge_triggered(c))
        return;
    stop(c, pulse);
    if (c->load_at != NO_PULSE && c->load_at > pulse + 1)
        c->load_at = NO_PULSE; /* a period that stands still has no end */
}

void irqsim_pit_set_gate(irqsim_pit_t *pit, unsigned counter, bool level, irqsim_time_t now)
{
    counter_t *c = &pit->c[counter];
    const uint64_t pulse = irqsim_clock_to_ticks(&pit->clk, now);

    irqsim_pit_advance(pit, now);
    if (c->gate == level)
        return;
    c->gate = level;
    if (level)
        gate_rises(c, pulse);
    else
        gate_falls(c, pulse);
    refresh(&pit->clk, c, pulse);
}

uint32_t irqsim_pit_out(const irqsim_pit_t *pit)
{
    uint32_t levels = 0;

    for (unsigned n = 0; n < COUNTERS; n++)
        levels |= pit->c[n].out ? IRQSIM_PIT_OUT(n) : 0;
    return levels;
}

irqsim_time_t irqsim_pit_next_event(const irqsim_pit_t *pit, uint32_t watch)
{
    irqsim_time_t first = IRQSIM_NEVER;

    for (unsigned n = 0; n < COUNTERS; n++) {
        if ((watch & IRQSIM_PIT_OUT(n)) && pit->c[n].change_at < first)
            first = pit->c[n].change_at;
    }
    return first;
}

void irqsim_pit_advance(irqsim_pit_t *pit, irqsim_time_t now)
{
    for (unsigned n = 0; n < COUNTERS; n++) {
        if (now >= pit->c[n].wake_at)
            refresh(&pit->clk, &pit->c[n], irqsim_clock_to_ticks(&pit->clk, now));
    }
}

void irqsim_pit_init(irqsim_pit_t *pit, const irqsim_clock_t *clk)
{
    const irqsim_clock_t pc = {PIT_HZ_NUM, PIT_HZ_DEN};

    memset(pit, 0, sizeof(*pit));
    pit->clk = clk ? *clk : pc;
    for (unsigned n = 0; n < COUNTERS; n++) {
        counter_t *c = &pit->c[n];
        c->gate = 1;
        c->reload = c->written = BINARY_SIZE;
        write_control(c, PIT_CW_ACCESS_LOW_HIGH | PIT_CW_MODE_SQUARE, 0);
        refresh(&pit->clk, c, 0);
    }
}
