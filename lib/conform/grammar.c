/* SPDX-License-Identifier: MIT */
/*
 * grammar.c - the verbs, on which boards they make sense, and their operands
 */
#include <irqsim/clock.h>

#include "conform_int.h"

#define MOST_TIME (IRQSIM_PS_PER_S * 1000u) /* of one `run` */
#define MOST_CPUS 4096u                     /* that a case may ask for; models allow fewer */

#define PIC  (1u << IRQSIM_CONFORM_PIC)
#define AT   (1u << IRQSIM_CONFORM_AT)
#define MP   (1u << IRQSIM_CONFORM_MP)
#define CPU  (1u << IRQSIM_CONFORM_CPU)
#define PICS (PIC | AT | MP)
#define CPUS (AT | MP | CPU)
#define ALL  (PICS | CPU)

/* ---- board and variant ---- */

static const char *const board_kinds[] = {"pic", "at", "mp", "cpu", NULL};
static const char *const board_keys[] = {"cpus", "soft",    "family", "ioapic",
                                         "elcr", "profile", NULL};
static const char *const families[] = {"xapic", "p5", "p6", "x2apic", NULL};
static const char *const ioapics[] = {"11", "20", NULL};

/* The machine that usually has that family (facts of the profiles). */
static const uint32_t family_profiles[] = {[IRQSIM_APIC_XAPIC] = IRQSIM_P4_XAPIC,
                                           [IRQSIM_APIC_P5] = IRQSIM_P5_MP,
                                           [IRQSIM_APIC_P6] = IRQSIM_P6_MP,
                                           [IRQSIM_APIC_X2APIC] = IRQSIM_MODERN_X2APIC};

static bool on_serial_bus(const irqsim_conform_board_t *board)
{
    return board->family == IRQSIM_APIC_P5 || board->family == IRQSIM_APIC_P6;
}

static uint32_t profile(scan_t *s)
{
    const char *names[IRQSIM_PROFILES + 1] = {NULL};

    for (int i = 0; i < IRQSIM_PROFILES; i++)
        names[i] = irqsim_profile_name((irqsim_profile_id_t)i);
    return irqsim__conform_one_of(s, names, "a profile");
}

static void board_key(scan_t *s, irqsim_conform_board_t *board)
{
    const unsigned key = irqsim__conform_one_of(s, board_keys, "'fails' or a key of the board");

    irqsim__conform_equals(s);
    switch (key) {
    case 0:
        board->cpus = (uint32_t)irqsim__conform_decimal(s, MOST_CPUS, "a number of CPUs");
        break;
    case 1:
        board->soft = (uint8_t)irqsim__conform_hex(s, 1, "a level");
        break;
    case 2:
        board->family = irqsim__conform_one_of(s, families, "an APIC family");
        break;
    case 3:
        board->ioapic_version = irqsim__conform_one_of(s, ioapics, "a version") ? 0x20 : 0x11;
        break;
    case 4:
        board->elcr = (uint8_t)irqsim__conform_hex(s, 1, "a level");
        break;
    default:
        board->profile = profile(s);
        break;
    }
}

/* What was not said follows from the family. */
static void complete_board(irqsim_conform_board_t *board)
{
    if (board->profile == IRQSIM_PROFILES)
        board->profile =
            board->kind == IRQSIM_CONFORM_MP ? family_profiles[board->family] : IRQSIM_I486_PC;
    if (!board->ioapic_version)
        board->ioapic_version = on_serial_bus(board) ? 0x11 : 0x20;
}

static void read_board(loader_t *l)
{
    scan_t *s = &l->scan;
    irqsim_conform_board_t *board = &l->now->board;

    if (l->now->steps > 0)
        irqsim__conform_problem(s, s->word, "a case has one board, and it has one already");
    *board = (irqsim_conform_board_t){.cpus = 1, .soft = 1, .profile = IRQSIM_PROFILES};
    board->kind = irqsim__conform_one_of(s, board_kinds, "a board");
    while (!s->lost && !irqsim__conform_step_ended(s)) {
        if (irqsim__conform_accept(s, "fails"))
            l->step.form = FORM_REFUSED;
        else
            board_key(s, board);
    }
    complete_board(board);
}

static void read_variant(loader_t *l)
{
    const char *names[IRQSIM_VARIANTS + 1] = {NULL};

    for (unsigned i = 0; i < IRQSIM_VARIANTS; i++)
        names[i] = irqsim_variant(i)->name;
    l->now->board.variants |= 1u << irqsim__conform_one_of(&l->scan, names, "a variant");
}

static void read_on(loader_t *l)
{
    const uint32_t cpus = l->now->board.cpus;

    l->cpu = (uint16_t)irqsim__conform_decimal(&l->scan, cpus ? cpus - 1 : 0, "a CPU");
}

/* ---- accesses ---- */

static void value_expected(loader_t *l, uint64_t most)
{
    irqsim__conform_equals(&l->scan);
    irqsim__conform_masked(&l->scan, &l->step, most, "a value");
}

static void read_out(loader_t *l)
{
    l->step.where = irqsim__conform_hex(&l->scan, UINT16_MAX, "a port");
    l->step.value = irqsim__conform_hex(&l->scan, UINT8_MAX, "a byte");
}

static void read_in(loader_t *l)
{
    l->step.where = irqsim__conform_hex(&l->scan, UINT16_MAX, "a port");
    value_expected(l, UINT8_MAX);
}

static void read_mw(loader_t *l)
{
    l->step.where = irqsim__conform_hex(&l->scan, UINT64_MAX, "an address");
    l->step.value = irqsim__conform_hex(&l->scan, UINT32_MAX, "a 32-bit value");
}

static void read_mr(loader_t *l)
{
    l->step.where = irqsim__conform_hex(&l->scan, UINT64_MAX, "an address");
    value_expected(l, UINT32_MAX);
}

static void read_wrmsr(loader_t *l)
{
    l->step.where = irqsim__conform_hex(&l->scan, UINT32_MAX, "an MSR");
    l->step.value = irqsim__conform_hex(&l->scan, UINT64_MAX, "a 64-bit value");
    if (irqsim__conform_accept(&l->scan, "faults"))
        l->step.form = FORM_REFUSED;
}

static void read_rdmsr(loader_t *l)
{
    l->step.where = irqsim__conform_hex(&l->scan, UINT32_MAX, "an MSR");
    if (irqsim__conform_accept(&l->scan, "faults"))
        l->step.form = FORM_REFUSED;
    else
        value_expected(l, UINT64_MAX);
}

/* ---- pins ---- */

static void read_line(loader_t *l)
{
    static const uint8_t last[] = {
        [IRQSIM_CONFORM_PIC] = 7, [IRQSIM_CONFORM_AT] = 0xF, [IRQSIM_CONFORM_MP] = 0x17};

    l->step.which =
        (uint32_t)irqsim__conform_hex(&l->scan, last[l->now->board.kind], "an input of the board");
    l->step.value = irqsim__conform_hex(&l->scan, 1, "a level");
}

static void read_lint(loader_t *l)
{
    const uint64_t n = irqsim__conform_hex(&l->scan, 1, "a LINT pin");

    l->step.which = n ? IRQSIM_CONFORM_LINT1 : IRQSIM_CONFORM_LINT0;
    l->step.value = irqsim__conform_hex(&l->scan, 1, "a level");
}

static void read_pulse(loader_t *l)
{
    l->step.which = l->step.verb == VERB_NMI   ? IRQSIM_CONFORM_NMI
                    : l->step.verb == VERB_SMI ? IRQSIM_CONFORM_SMI
                                               : IRQSIM_CONFORM_INIT;
    l->step.value = 1;
}

static void read_level_expected(loader_t *l)
{
    irqsim__conform_equals(&l->scan);
    l->step.form = FORM_VALUE;
    l->step.mask = 1;
    l->step.value = irqsim__conform_hex(&l->scan, 1, "a level");
}

static void read_nothing(loader_t *l)
{
    (void)l;
}

/* ---- acknowledge ---- */

static void read_byte_expected(loader_t *l)
{
    value_expected(l, UINT8_MAX);
}

static void read_inta1(loader_t *l)
{
    l->pulsed = true;
    if (irqsim__conform_accept(&l->scan, "master"))
        l->step.which = IRQSIM_CONFORM_MASTER;
    else if (irqsim__conform_accept(&l->scan, "slave"))
        l->step.which = IRQSIM_CONFORM_SLAVE;
}

static void read_inta2(loader_t *l)
{
    if (!l->pulsed)
        irqsim__conform_problem(&l->scan, l->step.text, "expected an 'inta1' before 'inta2'");
    l->pulsed = false;
    read_byte_expected(l);
}

static void read_ack(loader_t *l)
{
    irqsim__conform_equals(&l->scan);
    if (irqsim__conform_accept(&l->scan, "none"))
        l->step.form = FORM_NONE;
    else
        irqsim__conform_masked(&l->scan, &l->step, UINT8_MAX, "'none' or a vector");
}

/* ---- time and messages ---- */

/* Units of `run`, each a clock. */
static const char *const units[] = {"ns", "us", "ms", "clk", "icc"};
enum { UNIT_NS, UNIT_US, UNIT_MS, UNIT_CLK, UNIT_ICC, UNITS };

static irqsim_clock_t unit_clock(const irqsim_conform_board_t *board, unsigned unit)
{
    static const uint64_t hz[] = {[UNIT_NS] = 1000000000, [UNIT_US] = 1000000, [UNIT_MS] = 1000};
    const irqsim_profile_t *profile = irqsim_profile((irqsim_profile_id_t)board->profile);

    if (unit == UNIT_CLK)
        return (irqsim_clock_t){profile->cpu_hz, 1};
    return (irqsim_clock_t){unit == UNIT_ICC ? profile->icc_hz : hz[unit], 1};
}

/* Picoseconds of the word "500ns"; false if it is no such word, or the board has
 * no such clock. */
static bool duration(loader_t *l, uint64_t *ps)
{
    scan_t word = l->scan;
    size_t end = word.word;
    uint64_t n;

    while (end < word.word_end && word.text[end] >= '0' && word.text[end] <= '9')
        end++;
    if (!irqsim__conform_number(&word, word.word, end, 10, MOST_TIME, &n))
        return false;
    word.word = end;
    for (unsigned unit = 0; unit < UNITS; unit++) {
        if (!irqsim__conform_is(&word, units[unit]))
            continue;
        const irqsim_clock_t clock = unit_clock(&l->now->board, unit);
        *ps = irqsim_clock_valid(&clock) ? irqsim_clock_to_time(&clock, n) : IRQSIM_NEVER;
        return *ps <= MOST_TIME;
    }
    return false;
}

static void read_run(loader_t *l)
{
    l->step.where = IRQSIM_CONFORM_UNTIL_DONE;
    if (irqsim__conform_step_ended(&l->scan))
        return;
    if (duration(l, &l->step.where))
        irqsim__conform_next(&l->scan);
    else
        irqsim__conform_expected(&l->scan, "a time up to 1000 s in ns, us, ms, clk or, with an "
                                           "APIC bus, icc");
}

static void read_sent(loader_t *l)
{
    l->step.form = FORM_VALUE;
    l->step.mask = UINT64_MAX;
    l->step.value = irqsim__conform_decimal(&l->scan, UINT32_MAX, "a number of messages");
}

static void read_icc(loader_t *l)
{
    l->step.form = FORM_VALUE;
    l->step.mask = UINT64_MAX;
    l->step.value = irqsim__conform_decimal(&l->scan, UINT32_MAX, "a number of bus clocks");
}

static void read_agent(loader_t *l)
{
    const uint32_t cpus = l->now->board.cpus;

    l->step.which = (uint32_t)irqsim__conform_hex(&l->scan, cpus ? cpus - 1 : 0, "a CPU");
    value_expected(l, UINT8_MAX);
}

static void read_arb(loader_t *l)
{
    if (!irqsim__conform_is(&l->scan, "io")) {
        read_agent(l);
        return;
    }
    irqsim__conform_next(&l->scan);
    l->step.which = IRQSIM_CONFORM_IOAPIC;
    value_expected(l, UINT8_MAX);
}

/* The cycles are the step's fields. */
static void read_bus(loader_t *l)
{
    irqsim__conform_equals(&l->scan);
    l->step.form = FORM_VALUE;
    l->step.value = l->step.mask = 1; /* that they are the same */
    do {
        if (l->step.n_fields == IRQSIM_CONFORM_CYCLES)
            irqsim__conform_expected(&l->scan, "no more than 39 cycles");
        irqsim__conform_add_field(l, 0,
                                  irqsim__conform_hex(&l->scan, 3, "a cycle of the bus, 0 to 3"));
    } while (!l->scan.lost && !irqsim__conform_step_ended(&l->scan));
}

/* ---- views ---- */

static void read_peek(loader_t *l)
{
    static const char *const names[] = {
        "pic0.irr",    "pic0.isr",  "pic0.imr",   "pic0.lowest", "pic1.irr", "pic1.isr", "pic1.imr",
        "pic1.lowest", "lapic.ppr", "lapic.isrv", "lapic.irrv",  "rte",      NULL};
    enum { PIC_NAMES = 4, LAPIC_FIRST = 8, RTE = 11 };
    const uint32_t kind = l->now->board.kind;
    const size_t at = l->scan.word;
    const unsigned name = irqsim__conform_one_of(&l->scan, names, "a view");

    if ((name >= PIC_NAMES && kind == IRQSIM_CONFORM_PIC) ||
        (name >= LAPIC_FIRST && kind != IRQSIM_CONFORM_MP))
        irqsim__conform_problem(&l->scan, at, "board '%s' has no '%s'", board_kinds[kind],
                                names[name]);
    if (name < LAPIC_FIRST) {
        l->step.which = IRQSIM_CONFORM_PIC_IRR + name % PIC_NAMES;
        l->step.where = name / PIC_NAMES;
    } else {
        l->step.which = IRQSIM_CONFORM_LAPIC_PPR + (name - LAPIC_FIRST);
        l->step.where = l->cpu;
    }
    if (name == RTE)
        l->step.where = irqsim__conform_hex(&l->scan, 0x17, "a pin");
    value_expected(l, name == RTE ? UINT64_MAX : UINT8_MAX);
}

/* ---- the verbs ---- */

typedef struct row {
    const char *name;
    unsigned boards;
    void (*read)(loader_t *l);
} row_t;

/* clang-format off */
static const row_t rows[VERBS] = {
    [VERB_BOARD]      = {"board",      ALL,  read_board},
    [VERB_RESET]      = {"reset",      ALL,  read_nothing},
    [VERB_OUT]        = {"out",        PICS, read_out},
    [VERB_IN]         = {"in",         PICS, read_in},
    [VERB_MW]         = {"mw",         MP,   read_mw},
    [VERB_MR]         = {"mr",         MP,   read_mr},
    [VERB_WRMSR]      = {"wrmsr",      MP,   read_wrmsr},
    [VERB_RDMSR]      = {"rdmsr",      MP,   read_rdmsr},
    [VERB_LINE]       = {"line",       PICS, read_line},
    [VERB_LINT]       = {"lint",       MP,   read_lint},
    [VERB_NMI]        = {"nmi",        CPUS, read_pulse},
    [VERB_SMI]        = {"smi",        CPUS, read_pulse},
    [VERB_INIT]       = {"init",       CPUS, read_pulse},
    [VERB_INTR]       = {"intr",       ALL,  read_level_expected},
    [VERB_INTA]       = {"inta",       PICS, read_byte_expected},
    [VERB_INTA1]      = {"inta1",      PICS, read_inta1},
    [VERB_INTA2]      = {"inta2",      PICS, read_inta2},
    [VERB_ACKSTART]   = {"ackstart",   CPUS, read_nothing},
    [VERB_ACK]        = {"ack",        CPUS, read_ack},
    [VERB_RUN]        = {"run",        ALL,  read_run},
    [VERB_SENT]       = {"sent",       MP,   read_sent},
    [VERB_APR]        = {"apr",        MP,   read_agent},
    [VERB_PEEK]       = {"peek",       PICS, read_peek},
    [VERB_ON]         = {"on",         MP,   read_on},
    [VERB_VARIANT]    = {"variant",    ALL,  read_variant},
    [VERB_ICC]        = {"icc",        MP,   read_icc},
    [VERB_ARB]        = {"arb",        MP,   read_arb},
    [VERB_BUS]        = {"bus",        MP,   read_bus},
    [VERB_CPU]        = {"cpu",        CPUS, irqsim__conform_read_cpu_step},
    [VERB_GATE]       = {"gate",       CPUS, irqsim__conform_read_cpu_step},
    [VERB_IDTLIMIT]   = {"idtlimit",   CPUS, irqsim__conform_read_cpu_step},
    [VERB_TSS]        = {"tss",        CPUS, irqsim__conform_read_cpu_step},
    [VERB_EXEC]       = {"exec",       CPUS, irqsim__conform_read_cpu_step},
    [VERB_FRAME]      = {"frame",      CPUS, irqsim__conform_read_cpu_step},
    [VERB_PAGE]       = {"page",       CPUS, irqsim__conform_read_cpu_step},
    [VERB_BOUNDARY]   = {"boundary",   CPUS, irqsim__conform_read_cpu_step},
    [VERB_TOOK]       = {"took",       CPUS, irqsim__conform_read_cpu_step},
    [VERB_NOW]        = {"now",        CPUS, irqsim__conform_read_cpu_step},
    [VERB_HALTED]     = {"halted",     CPUS, irqsim__conform_read_cpu_step},
    [VERB_SHUTDOWN]   = {"shutdown",   CPUS, irqsim__conform_read_cpu_step},
    [VERB_NMIBLOCKED] = {"nmiblocked", CPUS, irqsim__conform_read_cpu_step},
    [VERB_CLOCKS]     = {"clocks",     CPUS, irqsim__conform_read_cpu_step},
};
/* clang-format on */

const char *irqsim__conform_verb_name(verb_t verb)
{
    return rows[verb].name;
}

static bool find_verb(loader_t *l)
{
    for (unsigned i = 0; i < VERBS; i++) {
        if (irqsim__conform_accept(&l->scan, rows[i].name)) {
            l->step.verb = (uint8_t)i;
            return true;
        }
    }
    irqsim__conform_expected(&l->scan, "a step");
    return false;
}

static void check_place(loader_t *l)
{
    const size_t at = l->step.text;
    const row_t *row = &rows[l->step.verb];
    const uint32_t kind = l->now->board.kind;

    if (l->step.verb == VERB_BOARD)
        return;
    if (l->now->steps == 0)
        irqsim__conform_problem(&l->scan, at, "expected 'board' as the first step of a case");
    else if (!(row->boards >> kind & 1))
        irqsim__conform_problem(&l->scan, at, "board '%s' has no '%s'", board_kinds[kind],
                                row->name);
}

void irqsim__conform_read_step(loader_t *l)
{
    scan_t *s = &l->scan;

    l->step = (step_t){.cpu = l->cpu,
                       .line = s->line,
                       .column = irqsim__conform_column(s, s->word),
                       .text = s->word,
                       .first_field = l->file->n_fields};
    if (!find_verb(l))
        return;
    check_place(l);
    if (s->lost)
        return;
    const row_t *row = &rows[l->step.verb];
    row->read(l);
    if (!irqsim__conform_step_ended(s))
        irqsim__conform_expected(s, "';' or the end of the line");
    l->step.length = s->word - l->step.text;
}
