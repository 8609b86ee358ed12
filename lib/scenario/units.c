/* SPDX-License-Identifier: MIT */
/*
 * units.c - numbers as they are written in a scenario, exactly
 *
 *   10us  1.5ms  2s          times, to the picosecond
 *   3000cycles               clocks of the machine's CPU
 *   33MHz  250Hz             frequencies
 *
 * Integers only: 1.1us is 1100000 ps, not the nearest double.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "scenario_int.h"

typedef struct unit {
    const char *name;
    uint64_t scale; /* a power of ten, in the smallest unit */
} unit_t;

static const unit_t time_units[] = {{"ns", 1000},
                                    {"us", 1000 * 1000},
                                    {"ms", 1000 * 1000 * 1000},
                                    {"s", UINT64_C(1000) * 1000 * 1000 * 1000},
                                    {NULL, 0}};
static const unit_t clock_units[] = {{"cycles", 1}, {NULL, 0}};
static const unit_t frequency_units[] = {
    {"Hz", 1}, {"kHz", 1000}, {"MHz", 1000 * 1000}, {"GHz", 1000 * 1000 * 1000}, {NULL, 0}};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* value * 10 + digit; false if it no longer fits. */
static bool push_digit(uint64_t *value, char digit)
{
    const unsigned d = (unsigned)(digit - '0');

    if (*value > (UINT64_MAX - d) / 10)
        return false;
    *value = *value * 10 + d;
    return true;
}

/* Digits up to the first other character; where that is goes to *end. */
static irqsim__number_t read_digits(const char *text, uint64_t *value, const char **end)
{
    bool fits = true;

    *value = 0;
    *end = text;
    if (!is_digit(*text) || (text[0] == '0' && is_digit(text[1])))
        return IRQSIM__NOT_A_NUMBER;
    for (; is_digit(*text); text++)
        fits = fits && push_digit(value, *text);
    *end = text;
    return fits ? IRQSIM__NUMBER_OK : IRQSIM__TOO_LARGE;
}

irqsim__number_t irqsim__scenario_read_integer(const char *text, uint64_t *value)
{
    const char *end;
    const irqsim__number_t result = read_digits(text, value, &end);

    return *end ? IRQSIM__NOT_A_NUMBER : result;
}

irqsim__number_t irqsim__scenario_read_hex(const char *text, uint64_t *value)
{
    const char *p = text + 2;

    if (text[0] != '0' || text[1] != 'x')
        return irqsim__scenario_read_integer(text, value);
    for (*value = 0; isxdigit((unsigned char)*p); p++) {
        const unsigned digit = (unsigned)(is_digit(*p) ? *p - '0' : (*p | 0x20) - 'a' + 10);

        if (*value >> 60)
            return IRQSIM__TOO_LARGE;
        *value = *value << 4 | digit;
    }
    return *p || p == text + 2 ? IRQSIM__NOT_A_NUMBER : IRQSIM__NUMBER_OK;
}

/* ".5" of a unit; digits too small for the smallest unit must be 0. */
static irqsim__number_t read_fraction(const char **text, uint64_t scale, uint64_t *part)
{
    const char *p = *text + 1;

    *part = 0;
    if (!is_digit(*p))
        return IRQSIM__NOT_A_NUMBER;
    for (; is_digit(*p); p++) {
        scale /= 10;
        if (scale == 0 && *p != '0')
            return IRQSIM__TOO_FINE;
        *part += scale * (unsigned)(*p - '0');
    }
    *text = p;
    return IRQSIM__NUMBER_OK;
}

static const unit_t *find_unit(const unit_t *unit, const char *name)
{
    while (unit->name && strcmp(unit->name, name) != 0)
        unit++;
    return unit->name ? unit : NULL;
}

static irqsim__number_t read_with_unit(const char *text, const unit_t *units, uint64_t *value)
{
    const char *end;
    uint64_t whole, part = 0;
    irqsim__number_t result = read_digits(text, &whole, &end);

    if (result == IRQSIM__NOT_A_NUMBER)
        return result;
    const char *name = end;
    if (*name == '.')
        name += 1 + strspn(name + 1, "0123456789");
    if (*name == '\0')
        return IRQSIM__NO_UNIT;
    const unit_t *const unit = find_unit(units, name);
    if (!unit)
        return IRQSIM__UNKNOWN_UNIT;
    if (*end == '.' && result == IRQSIM__NUMBER_OK)
        result = read_fraction(&end, unit->scale, &part);
    if (result != IRQSIM__NUMBER_OK)
        return result;
    if (whole > (UINT64_MAX - part) / unit->scale)
        return IRQSIM__TOO_LARGE;
    *value = whole * unit->scale + part;
    return IRQSIM__NUMBER_OK;
}

irqsim__number_t irqsim__scenario_read_time(const char *text, uint64_t *ps)
{
    return read_with_unit(text, time_units, ps);
}

irqsim__number_t irqsim__scenario_read_clocks(const char *text, uint64_t *clocks)
{
    return read_with_unit(text, clock_units, clocks);
}

irqsim__number_t irqsim__scenario_read_frequency(const char *text, uint64_t *hz)
{
    return read_with_unit(text, frequency_units, hz);
}

static irqsim__hint_t write_with_unit(const unit_t *units, uint64_t value)
{
    irqsim__hint_t written = {""};
    const unit_t *best = units;

    for (const unit_t *unit = units; unit->name; unit++)
        if (value % unit->scale == 0)
            best = unit;
    snprintf(written.text, sizeof(written.text), "%llu%s",
             (unsigned long long)(value / best->scale), best->name);
    return written;
}

irqsim__hint_t irqsim__scenario_write_time(uint64_t ps)
{
    return write_with_unit(time_units, ps);
}

irqsim__hint_t irqsim__scenario_write_clocks(uint64_t clocks)
{
    return write_with_unit(clock_units, clocks);
}

irqsim__hint_t irqsim__scenario_write_frequency(uint64_t hz)
{
    return write_with_unit(frequency_units, hz);
}

irqsim__hint_t irqsim__scenario_number_hint(irqsim__number_t why, const char *text,
                                            const char *example)
{
    irqsim__hint_t hint = {""};
    const size_t size = sizeof(hint.text);

    switch (why) {
    case IRQSIM__NO_UNIT:
        snprintf(hint.text, size, "a number needs its unit: write %s", example);
        break;
    case IRQSIM__UNKNOWN_UNIT:
        snprintf(hint.text, size, "write number and unit as one word, like %s", example);
        break;
    case IRQSIM__TOO_FINE:
        snprintf(hint.text, size, "finer than the smallest unit can say");
        break;
    case IRQSIM__TOO_LARGE:
        snprintf(hint.text, size, "too large");
        break;
    default:
        if (is_digit(text[0]))
            snprintf(hint.text, size, "decimal digits, no leading zeros, no exponent");
        break;
    }
    return hint;
}
