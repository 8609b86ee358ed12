/* SPDX-License-Identifier: MIT */
/*
 * device_keys.c - "devices:": where they are wired, when they interrupt, what
 * their handlers do
 */
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "scenario_int.h"

/* Arrivals at power-on would meet a kernel in its very first instruction. */
#define BOOTED (UINT64_C(1000) * IRQSIM_PS_PER_NS)

static const char *trigger_words(const void *user, unsigned i)
{
    static const char *const word[] = {"edge", "level", NULL};

    (void)user;
    return word[i];
}

static const char *polarity_words(const void *user, unsigned i)
{
    static const char *const word[] = {"high", "low", NULL};

    (void)user;
    return word[i];
}

/* What the table can fill by itself. */
typedef struct draft {
    irqsim_device_t device;
    bool shared, irqs_off;
} draft_t;

enum {
    NAME,
    IRQ,
    WIRE,
    TRIGGER,
    POLARITY,
    CPU,
    SHARED,
    IRQS_OFF,
    HANDLER,
    DEFERS,
    ARRIVALS,
    PULSE,
    DEVICE_KEYS
};

/* clang-format off */
static const irqsim__key_t device_keys[DEVICE_KEYS] = {
    [NAME] = {"name", IRQSIM__WORD, true, IRQSIM__INTO(draft_t, device.name),
              0, 0, "disk0", NULL},
    [IRQ] = {"irq", IRQSIM__INTEGER, true, IRQSIM__INTO(draft_t, device.irq),
             0, IRQSIM__MAX_IRQ, "14", NULL},
    [WIRE] = {"wire", IRQSIM__NODE, false, 0, 0, 0, 0, NULL, NULL},
    [TRIGGER] = {"trigger", IRQSIM__CHOICE, false, IRQSIM__INTO(draft_t, device.line.level),
                 0, 0, "edge", trigger_words},
    [POLARITY] = {"polarity", IRQSIM__CHOICE, false, IRQSIM__INTO(draft_t, device.line.active_low),
                  0, 0, "high", polarity_words},
    [CPU] = {"cpu", IRQSIM__INTEGER, false, IRQSIM__INTO(draft_t, device.line.cpu),
             0, IRQSIM_MAX_CPUS - 1, "0", NULL},
    [SHARED] = {"shared", IRQSIM__YES_NO, false, IRQSIM__INTO(draft_t, shared),
                0, 0, "yes", NULL},
    [IRQS_OFF] = {"irqs_off", IRQSIM__YES_NO, false, IRQSIM__INTO(draft_t, irqs_off),
                  0, 0, "yes", NULL},
    [HANDLER] = {"handler", IRQSIM__SPAN, false, IRQSIM__INTO(draft_t, device.handler),
                 0, 0, "3us or 3000cycles", NULL},
    [DEFERS] = {"defers", IRQSIM__NODE, false, 0, 0, 0, 0, NULL, NULL},
    [ARRIVALS] = {"arrivals", IRQSIM__NODE, true, 0, 0, 0, 0, "{every: 100us}", NULL},
    [PULSE] = {"pulse", IRQSIM__TIME, false, IRQSIM__INTO(draft_t, device.pulse),
               1, 0, "5us", NULL},
};
/* clang-format on */

/* Arrivals: the first of these rows whose key is given says which pattern it is;
 * then it says which other keys it needs and may have. */

enum { EVERY, POISSON, BURST, GAP, FROM, COUNT, RECORDED, RECORDED_IRQ, ARRIVAL_KEYS };

/* clang-format off */
static const irqsim__key_t arrival_keys[ARRIVAL_KEYS] = {
    [EVERY] = {"every", IRQSIM__TIME, false, IRQSIM__INTO(irqsim_device_t, period),
               1, 0, "100us", NULL},
    [POISSON] = {"poisson", IRQSIM__TIME, false, IRQSIM__INTO(irqsim_device_t, period),
                 1, 0, "100us", NULL},
    [BURST] = {"burst", IRQSIM__INTEGER, false, IRQSIM__INTO(irqsim_device_t, burst),
               1, 1000000, "16", NULL},
    [GAP] = {"gap", IRQSIM__TIME, false, IRQSIM__INTO(irqsim_device_t, gap),
             1, 0, "2us", NULL},
    [FROM] = {"from", IRQSIM__TIME, false, IRQSIM__INTO(irqsim_device_t, first),
              0, 0, "10us", NULL},
    [COUNT] = {"count", IRQSIM__INTEGER, false, IRQSIM__INTO(irqsim_device_t, count),
               1, 0, "1000", NULL},
    [RECORDED] = {"recorded", IRQSIM__TEXT, false, IRQSIM__INTO(irqsim_device_t, recorded),
                  0, 0, "storm.arrivals.gz", NULL},
    [RECORDED_IRQ] = {"irq", IRQSIM__INTEGER, false, IRQSIM__INTO(irqsim_device_t, recorded_irq),
                      0, UINT32_MAX, "36", NULL},
};

#define BIT(key) (1u << (key))
typedef struct pattern_row {
    irqsim_pattern_t pattern;
    unsigned key, needs, allows;
} pattern_row_t;

static const pattern_row_t patterns[] = {
    {IRQSIM_PATTERN_RECORD,   RECORDED, BIT(RECORDED_IRQ),      BIT(FROM)},
    {IRQSIM_PATTERN_BURST,    BURST,    BIT(GAP) | BIT(EVERY),  BIT(FROM) | BIT(COUNT)},
    {IRQSIM_PATTERN_POISSON,  POISSON,  0,                      BIT(FROM) | BIT(COUNT)},
    {IRQSIM_PATTERN_PERIODIC, EVERY,    0,                      BIT(FROM) | BIT(COUNT)},
};
#define PATTERNS (sizeof(patterns) / sizeof(patterns[0]))
/* clang-format on */

static void check_pattern_keys(irqsim__binder_t *b, uint32_t node, const irqsim__seen_t *seen,
                               const pattern_row_t *row)
{
    const char *const name = arrival_keys[row->key].name;

    for (unsigned i = 0; i < ARRIVAL_KEYS; i++) {
        const bool needed = row->needs & BIT(i), allowed = needed || (row->allows & BIT(i));

        if (needed && !seen->at[i])
            irqsim__scenario_problem(&b->problems, &b->tree, node, arrival_keys[i].name, "",
                                     "missing key, '%s' needs it", name);
        else if (seen->at[i] && !allowed && i != row->key)
            irqsim__scenario_problem(&b->problems, &b->tree, seen->at[i], NULL, "",
                                     "does not go with '%s'", name);
    }
}

/* A burst must be over before the next one begins. */
static void check_burst(irqsim__binder_t *b, const irqsim__seen_t *seen, const irqsim_device_t *d)
{
    if (d->pattern == IRQSIM_PATTERN_BURST && d->burst > 1 && d->period &&
        d->gap > (d->period - 1) / (d->burst - 1))
        irqsim__scenario_problem(&b->problems, &b->tree, seen->at[BURST], NULL,
                                 "make 'every' longer, or 'gap' shorter",
                                 "a burst takes longer than the time to the next");
}

/* Paths in a scenario are relative to the scenario, not to whoever runs it. */
static void resolve_path(irqsim__binder_t *b, irqsim_device_t *d)
{
    const char *const slash = strrchr(b->problems.file, '/');
    const size_t folder = slash ? (size_t)(slash - b->problems.file) + 1 : 0;

    if (!d->recorded || d->recorded[0] == '/' || folder == 0)
        return;
    const size_t n = strlen(d->recorded) + 1;
    char *const path = irqsim__scenario_bind_alloc(b, folder + n, 1);
    if (!path)
        return;
    memcpy(path, b->problems.file, folder);
    memcpy(path + folder, d->recorded, n);
    free(d->recorded);
    d->recorded = path;
}

static void bind_arrivals(irqsim__binder_t *b, uint32_t node, irqsim_device_t *d)
{
    irqsim__seen_t seen;
    unsigned i = 0;

    if (!irqsim__scenario_bind(b, node, arrival_keys, ARRIVAL_KEYS, d, &seen))
        return;
    while (i < PATTERNS && !seen.at[patterns[i].key])
        i++;
    if (i == PATTERNS) {
        irqsim__scenario_problem(&b->problems, &b->tree, node, NULL,
                                 "one of every, poisson, burst, recorded", "nothing says when");
        return;
    }
    d->pattern = patterns[i].pattern;
    check_pattern_keys(b, node, &seen, &patterns[i]);
    check_burst(b, &seen, d);
    if (d->pattern == IRQSIM_PATTERN_RECORD)
        resolve_path(b, d);
    else if (d->count == 0 && !b->endless)
        b->endless = node;
    if (!seen.at[FROM])
        d->first = d->pattern == IRQSIM_PATTERN_RECORD ? BOOTED : d->period;
}

/* Wires. */

typedef struct board_pins {
    unsigned pins;
    uint32_t taken; /* by the board itself: timer, cascade */
    const char *what;
} board_pins_t;

static const board_pins_t board_pins[] = {
    [IRQSIM_BOARD_AT] = {16, BIT(0) | BIT(2), "an ISA line"},   /* PIT, slave 8259A */
    [IRQSIM_BOARD_MP] = {24, BIT(0) | BIT(2), "an IOAPIC pin"}, /* IOAPIC-35: ExtINT, PIT */
};

static bool read_wire(irqsim__binder_t *b, uint32_t node, irqsim_irq_desc_t *line)
{
    const char *const expected = "'pin N' or 'msi'";
    const char *const text = irqsim__scenario_bind_scalar(b, node, expected);
    uint64_t pin = 0;

    if (!text)
        return false;
    line->msi = strcmp(text, "msi") == 0;
    if (line->msi)
        return true;
    if (strncmp(text, "pin ", 4) != 0 ||
        irqsim__scenario_read_integer(text + 4, &pin) != IRQSIM__NUMBER_OK || pin > UINT16_MAX) {
        irqsim__scenario_problem(&b->problems, &b->tree, node, NULL, "such as wire: pin 14",
                                 "expected %s, found %s", expected,
                                 irqsim__scenario_quote(text).text);
        return false;
    }
    line->hwirq = (uint16_t)pin;
    return true;
}

static void check_msi(irqsim__binder_t *b, const irqsim__seen_t *seen, const irqsim_device_t *d)
{
    static const unsigned of_pins[] = {TRIGGER, POLARITY, PULSE};

    if (b->out->board == IRQSIM_BOARD_AT)
        irqsim__scenario_problem(&b->problems, &b->tree, seen->at[WIRE], NULL,
                                 "such as wire: pin 11",
                                 "board at has no message-signalled interrupts");
    else if (!irqsim__scenario_has_msis(b->out))
        irqsim__scenario_problem(&b->problems, &b->tree, seen->at[WIRE], NULL,
                                 "use fewer CPUs, or a pin such as wire: pin 16",
                                 "%u CPUs and an IOAPIC leave no place for MSIs on the APIC bus",
                                 (unsigned)b->out->cpus);
    for (unsigned i = 0; i < sizeof(of_pins) / sizeof(of_pins[0]); i++)
        if (seen->at[of_pins[i]])
            irqsim__scenario_problem(&b->problems, &b->tree, seen->at[of_pins[i]], NULL,
                                     "give the device a pin, such as wire: pin 16",
                                     "an MSI has no %s", device_keys[of_pins[i]].name);
    if (d->flags & IRQSIM_IRQF_SHARED)
        irqsim__scenario_problem(&b->problems, &b->tree, seen->at[SHARED], NULL, "",
                                 "an MSI cannot be shared");
}

static void check_pin(irqsim__binder_t *b, const irqsim__seen_t *seen, const irqsim_device_t *d)
{
    const board_pins_t *const board = &board_pins[b->out->board];
    const uint32_t node = seen->at[WIRE] ? seen->at[WIRE] : seen->at[IRQ];
    const unsigned pin = d->line.hwirq;

    if (pin >= board->pins) {
        irqsim__scenario_problem(
            &b->problems, &b->tree, node, NULL, seen->at[WIRE] ? "" : "say which with wire: pin N",
            "%u is not %s: they are 0 to %u", pin, board->what, board->pins - 1);
    } else if (board->taken & BIT(pin)) {
        irqsim__scenario_problem(&b->problems, &b->tree, node, NULL, "",
                                 "pin %u is the board's own", pin);
    } else if (b->irq_of_pin[pin] && b->irq_of_pin[pin] != d->irq + 1) {
        irqsim__scenario_problem(&b->problems, &b->tree, node, NULL, "",
                                 "pin %u is wired to irq %u already", pin,
                                 (unsigned)(b->irq_of_pin[pin] - 1));
    } else {
        b->irq_of_pin[pin] = d->irq + 1;
    }
    if (b->out->board == IRQSIM_BOARD_AT && seen->at[POLARITY])
        irqsim__scenario_problem(&b->problems, &b->tree, seen->at[POLARITY], NULL, "",
                                 "only IOAPIC pins have a polarity");
    if (b->out->board == IRQSIM_BOARD_AT && d->line.level) /* PIC-33: no ELCR */
        irqsim__scenario_problem(&b->problems, &b->tree, seen->at[TRIGGER], NULL,
                                 "leave it out, or take board: mp", "ISA lines are edges");
}

/* PCI's way: a level is active low, an edge rises (IOAPIC-35's ISA pins). */
static void default_trigger(const irqsim__binder_t *b, const irqsim__seen_t *seen,
                            irqsim_irq_desc_t *line)
{
    if (b->out->board == IRQSIM_BOARD_AT || line->msi)
        return;
    if (!seen->at[TRIGGER])
        line->level = line->hwirq >= 16;
    if (!seen->at[POLARITY])
        line->active_low = line->level;
}

static void bind_wire(irqsim__binder_t *b, const irqsim__seen_t *seen, irqsim_device_t *d)
{
    if (seen->at[WIRE]) {
        if (!read_wire(b, seen->at[WIRE], &d->line))
            return;
    } else {
        d->line.msi =
            b->out->profile_id == IRQSIM_MODERN_X2APIC && b->out->board == IRQSIM_BOARD_MP;
        d->line.hwirq = d->line.msi ? 0 : (uint16_t)d->irq;
    }
    if (d->line.msi)
        check_msi(b, seen, d);
    else
        check_pin(b, seen, d);
    default_trigger(b, seen, &d->line);
}

/* SHARE-01: all on one irq must agree to share it, and on how it is wired. */
static void check_sharing(irqsim__binder_t *b, const irqsim__seen_t *seen, uint32_t i)
{
    const irqsim_device_t *const d = &b->out->device[i];
    uint32_t *const first = &b->device_of_irq[d->irq];

    if (!*first) {
        *first = i + 1;
        return;
    }
    const irqsim_device_t *const other = &b->out->device[*first - 1];
    if (memcmp(&d->line, &other->line, sizeof(d->line)) != 0)
        irqsim__scenario_problem(&b->problems, &b->tree, seen->at[IRQ], NULL,
                                 "the same wire, trigger, polarity and cpu for all",
                                 "irq %u is devices[%u]'s, wired in another way", (unsigned)d->irq,
                                 (unsigned)(*first - 1));
    else if (!(d->flags & other->flags & IRQSIM_IRQF_SHARED))
        irqsim__scenario_problem(&b->problems, &b->tree, seen->at[IRQ], NULL,
                                 "shared: yes for both",
                                 "irq %u is devices[%u]'s, and they do not share it",
                                 (unsigned)d->irq, (unsigned)(*first - 1));
}

/* Recorded arrivals bring the work that was recorded; all others need a handler. */
static void check_work(irqsim__binder_t *b, uint32_t node, const irqsim__seen_t *seen,
                       const irqsim_device_t *d)
{
    static const unsigned work[] = {HANDLER, DEFERS};

    if (d->pattern != IRQSIM_PATTERN_RECORD && !seen->at[HANDLER])
        irqsim__scenario_problem(&b->problems, &b->tree, node, "handler",
                                 "such as handler: 3us or 3000cycles", "missing key");
    for (unsigned i = 0; d->pattern == IRQSIM_PATTERN_RECORD && i < 2; i++)
        if (seen->at[work[i]])
            irqsim__scenario_problem(&b->problems, &b->tree, seen->at[work[i]], NULL, "",
                                     "recorded arrivals bring their own work");
}

static void bind_device(irqsim__binder_t *b, uint32_t node, uint32_t i)
{
    irqsim_device_t *const d = &b->out->device[i];
    draft_t draft = {.shared = false};
    irqsim__seen_t seen;

    const bool is_map = irqsim__scenario_bind(b, node, device_keys, DEVICE_KEYS, &draft, &seen);
    *d = draft.device;
    if (!is_map)
        return;
    d->line.irq = d->irq;
    d->flags =
        (draft.shared ? IRQSIM_IRQF_SHARED : 0) | (draft.irqs_off ? IRQSIM_IRQF_DISABLED : 0);
    if (d->line.cpu >= b->out->cpus)
        irqsim__scenario_problem(&b->problems, &b->tree, seen.at[CPU], NULL, "",
                                 "CPU %u, but the machine has only %u", (unsigned)d->line.cpu,
                                 (unsigned)b->out->cpus);
    if (seen.at[IRQ]) {
        bind_wire(b, &seen, d);
        check_sharing(b, &seen, i);
    }
    if (seen.at[ARRIVALS]) {
        bind_arrivals(b, seen.at[ARRIVALS], d);
        check_work(b, node, &seen, d);
    }
    if (seen.at[DEFERS])
        irqsim__scenario_bind_defers(b, seen.at[DEFERS], d);
}

void irqsim__scenario_bind_devices(irqsim__binder_t *b, uint32_t node)
{
    uint32_t n, v = irqsim__scenario_bind_list(b, node, "devices", IRQSIM_MAX_SOURCES, &n);

    b->out->device = irqsim__scenario_bind_alloc(b, n, sizeof(*b->out->device));
    b->device_of_irq =
        irqsim__scenario_bind_alloc(b, IRQSIM__MAX_IRQ + 1, sizeof(*b->device_of_irq));
    for (uint32_t i = 0; v && !irqsim__scenario_too_many_problems(&b->problems);
         v = b->tree.node[v].next, i++) {
        b->out->n_devices = i + 1;
        bind_device(b, v, i);
    }
}
