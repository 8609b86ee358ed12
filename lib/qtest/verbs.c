/* SPDX-License-Identifier: MIT */
/*
 * verbs.c - the verbs of qtest, a row each: arguments, width, what is done
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qtest_int.h"

#define GPIO_NAME "unnamed-gpio-in" /* QEMU's word for a device's plain inputs */
/* The last whole second whose picoseconds fit: 213 days. */
#define LAST_NS (IRQSIM_NEVER / IRQSIM_PS_PER_S * (IRQSIM_PS_PER_S / IRQSIM_PS_PER_NS))

/* ---- arguments ---- */

typedef enum kind { END, PORT, ADDRESS, SIZE, BYTE, WORD, LONG, QUAD, NS, NUMBER, TEXT } kind_t;

/* clang-format off */
static const struct {
    uint64_t min, max;
    const char *what;
} kinds[] = {
    [END]     = {0, 0,          "the end of the line"},
    [PORT]    = {0, UINT16_MAX, "a port (0 to 0xffff)"},
    [ADDRESS] = {0, UINT64_MAX, "an address"},
    [SIZE]    = {1, MAX_BULK,   "a size (1 to 0x1000000)"},
    [BYTE]    = {0, UINT8_MAX,  "a value (0 to 0xff)"},
    [WORD]    = {0, UINT16_MAX, "a value (0 to 0xffff)"},
    [LONG]    = {0, UINT32_MAX, "a value (0 to 0xffffffff)"},
    [QUAD]    = {0, UINT64_MAX, "a value of 64 bits"},
    [NS]      = {0, LAST_NS,    "nanoseconds (213 days at most)"},
    [NUMBER]  = {0, UINT32_MAX, "a number"},
    [TEXT]    = {0, 0,          "a word"},
};
/* clang-format on */

static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    return c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10 : UINT8_MAX;
}

/* As strtoull() with base 0, but without signs, and to the last character. */
static bool parse_number(const char *text, uint64_t *number)
{
    const bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const unsigned base = hex ? 16 : text[0] == '0' ? 8 : 10;
    uint64_t value = 0;

    if (hex)
        text += 2;
    if (!*text)
        return false;
    for (; *text; text++) {
        const unsigned digit = digit_value(*text);
        if (digit >= base || value > (UINT64_MAX - digit) / base)
            return false;
        value = value * base + digit;
    }
    *number = value;
    return true;
}

static bool is_right(kind_t kind, const word_t *word, uint64_t *number)
{
    if (kind == END || kind == TEXT)
        return (kind == TEXT) == (*word->text != '\0');
    return parse_number(word->text, number) && *number >= kinds[kind].min &&
           *number <= kinds[kind].max;
}

/* ---- ports and memory ---- */

static void do_in(irqsim_qtest_t *q, const arguments_t *a, unsigned width)
{
    const uint32_t value = irqsim__qtest_port_read(q, (uint16_t)a->number[1], width);

    irqsim__qtest_send(q, "OK 0x%04" PRIx32 "\n", value);
}

static void do_out(irqsim_qtest_t *q, const arguments_t *a, unsigned width)
{
    irqsim__qtest_port_write(q, (uint16_t)a->number[1], width, (uint32_t)a->number[2]);
    irqsim__qtest_send(q, "OK\n");
}

static void do_readx(irqsim_qtest_t *q, const arguments_t *a, unsigned width)
{
    irqsim__qtest_send(q, "OK 0x%016" PRIx64 "\n", irqsim__qtest_mem_read(q, a->number[1], width));
}

static void do_writex(irqsim_qtest_t *q, const arguments_t *a, unsigned width)
{
    irqsim__qtest_mem_write(q, a->number[1], width, a->number[2]);
    irqsim__qtest_send(q, "OK\n");
}

/* ---- blocks ---- */

typedef struct coding {
    void (*encode)(const uint8_t *bytes, size_t n, char *text);
    bool (*decode)(const char *text, uint8_t *bytes, size_t n);
    const char *lead, *what;
    bool base64;
} coding_t;

/* clang-format off */
static const coding_t codings[] = {
    {irqsim__qtest_to_hex,    irqsim__qtest_from_hex,    "OK 0x", "0x and two digits a byte", false},
    {irqsim__qtest_to_base64, irqsim__qtest_from_base64, "OK ",   "base64 of so many bytes",  true},
};
/* clang-format on */

enum { HEX, BASE64 };

/* Room for a block's bytes and its text. NULL, and an answer: it cannot be had. */
static uint8_t *block_of(irqsim_qtest_t *q, const arguments_t *a, size_t text)
{
    const size_t n = (size_t)a->number[2];

    if (!irqsim__qtest_is_block(q, a->number[1], (uint32_t)n)) {
        irqsim__qtest_refuse(q, &a->word[2], "at most 0x1000 bytes outside of RAM");
        return NULL;
    }
    uint8_t *const bulk = realloc(q->bulk, n + text);
    if (!bulk) {
        irqsim__qtest_send(q, "FAIL no memory for %zu bytes\n", n);
        return NULL;
    }
    return q->bulk = bulk;
}

static size_t text_size(const coding_t *coding, size_t n)
{
    return coding->base64 ? BASE64_CHARS(n) : 2 * n;
}

static void do_read(irqsim_qtest_t *q, const arguments_t *a, unsigned which)
{
    const coding_t *coding = &codings[which];
    const size_t n = (size_t)a->number[2], chars = text_size(coding, n);
    uint8_t *const bytes = block_of(q, a, chars);

    if (!bytes)
        return;
    irqsim__qtest_copy_out(q, a->number[1], bytes, (uint32_t)n);
    coding->encode(bytes, n, (char *)bytes + n);
    irqsim__qtest_send(q, "%s", coding->lead);
    q->desc.send(q->desc.user, (const char *)bytes + n, chars);
    irqsim__qtest_send(q, "\n");
}

static void do_write(irqsim_qtest_t *q, const arguments_t *a, unsigned which)
{
    const size_t n = (size_t)a->number[2];
    uint8_t *const bytes = block_of(q, a, 0);

    if (!bytes)
        return;
    if (!codings[which].decode(a->word[3].text, bytes, n)) {
        irqsim__qtest_refuse(q, &a->word[3], codings[which].what);
        return;
    }
    irqsim__qtest_copy_in(q, a->number[1], bytes, (uint32_t)n);
    irqsim__qtest_send(q, "OK\n");
}

static void do_memset(irqsim_qtest_t *q, const arguments_t *a, unsigned unused)
{
    const size_t n = (size_t)a->number[2];
    uint8_t *const bytes = block_of(q, a, 0);

    (void)unused;
    if (!bytes)
        return;
    memset(bytes, (int)a->number[3], n);
    irqsim__qtest_copy_in(q, a->number[1], bytes, (uint32_t)n);
    irqsim__qtest_send(q, "OK\n");
}

/* ---- lines ---- */

static bool find_device(irqsim_qtest_t *q, const word_t *path, device_t *device)
{
    *device = irqsim__qtest_device(q, path->text);
    if (device->kind == DEVICE_NONE)
        irqsim__qtest_send(q, "FAIL Unknown device at column %zu: expected %si8259\n", path->column,
                           q->desc.board == IRQSIM_BOARD_MP ? "ioapic, lapicN or " : "");
    return device->kind != DEVICE_NONE;
}

static void do_intercept(irqsim_qtest_t *q, const arguments_t *a, unsigned out)
{
    device_t device;

    if (!find_device(q, &a->word[1], &device))
        return;
    if (irqsim__qtest_intercept(q, device, out))
        irqsim__qtest_send(q, "OK\n");
    else
        irqsim__qtest_send(q, "FAIL IRQ intercept already enabled\n");
}

static void do_set_irq_in(irqsim_qtest_t *q, const arguments_t *a, unsigned unused)
{
    char expected[32];
    device_t device;

    (void)unused;
    if (!find_device(q, &a->word[1], &device))
        return;
    const unsigned inputs = irqsim__qtest_inputs(device);
    snprintf(expected, sizeof(expected), "an input (0 to %u)", inputs - 1);
    if (inputs == 0)
        irqsim__qtest_refuse(q, &a->word[1], "a device with inputs");
    else if (strcmp(a->word[2].text, GPIO_NAME) != 0)
        irqsim__qtest_refuse(q, &a->word[2], GPIO_NAME);
    else if (a->number[3] >= inputs)
        irqsim__qtest_refuse(q, &a->word[3], expected);
    else if (irqsim__qtest_drive(q, device, (unsigned)a->number[3], a->number[4] != 0))
        irqsim__qtest_send(q, "OK\n");
    else
        irqsim__qtest_refuse(q, &a->word[3], "an input that the board does not drive itself");
}

/* ---- time ---- */

/* The first whole nanosecond that is not earlier. */
static uint64_t ns_of(irqsim_time_t time)
{
    return time / IRQSIM_PS_PER_NS + (time % IRQSIM_PS_PER_NS != 0);
}

static uint64_t now_ns(const irqsim_qtest_t *q)
{
    return ns_of(irqsim_machine_now(q->machine));
}

/* Time does not run backwards: an earlier `ns` changes nothing. */
static void run_to(irqsim_qtest_t *q, uint64_t ns)
{
    if (ns >= now_ns(q) && !irqsim__qtest_run(q, ns * IRQSIM_PS_PER_NS))
        irqsim__qtest_send(q, "FAIL too many events, stopped at %" PRIu64 "\n", now_ns(q));
    else
        irqsim__qtest_send(q, "OK %" PRIu64 "\n", now_ns(q));
}

/* Without a number: to the next event, if there is one. */
static void do_clock_step(irqsim_qtest_t *q, const arguments_t *a, unsigned unused)
{
    const irqsim_time_t next = irqsim_machine_next(q->machine);
    const uint64_t now = now_ns(q);

    (void)unused;
    if (a->n == 1)
        run_to(q, next == IRQSIM_NEVER ? now : ns_of(next));
    else if (a->number[1] > LAST_NS - now)
        irqsim__qtest_refuse(q, &a->word[1], kinds[NS].what);
    else
        run_to(q, now + a->number[1]);
}

static void do_clock_set(irqsim_qtest_t *q, const arguments_t *a, unsigned unused)
{
    (void)unused;
    run_to(q, a->number[1]);
}

/* ---- the rest ---- */

static void do_endianness(irqsim_qtest_t *q, const arguments_t *a, unsigned unused)
{
    (void)a, (void)unused;
    irqsim__qtest_send(q, "OK little\n");
}

/* Ours, not QEMU's: whose LAPIC the following accesses reach. */
static void do_cpu(irqsim_qtest_t *q, const arguments_t *a, unsigned unused)
{
    const unsigned cpus = irqsim_machine_cpus(q->machine);
    char expected[32];

    (void)unused;
    snprintf(expected, sizeof(expected), "a CPU (0 to %u)", cpus - 1);
    if (a->number[1] >= cpus) {
        irqsim__qtest_refuse(q, &a->word[1], expected);
        return;
    }
    q->cpu = (unsigned)a->number[1];
    irqsim__qtest_send(q, "OK\n");
}

/* ---- the table ---- */

typedef struct verb {
    const char *name;
    kind_t takes[MAX_WORDS - 1]; /* up to the first END */
    unsigned least;              /* of those, how many must be there */
    void (*run)(irqsim_qtest_t *q, const arguments_t *a, unsigned detail);
    unsigned detail;
} verb_t;

/* clang-format off */
static const verb_t verbs[] = {
    {"inb",               {PORT},                        1, do_in,         1},
    {"inw",               {PORT},                        1, do_in,         2},
    {"inl",               {PORT},                        1, do_in,         4},
    {"outb",              {PORT, BYTE},                  2, do_out,        1},
    {"outw",              {PORT, WORD},                  2, do_out,        2},
    {"outl",              {PORT, LONG},                  2, do_out,        4},
    {"readb",             {ADDRESS},                     1, do_readx,      1},
    {"readw",             {ADDRESS},                     1, do_readx,      2},
    {"readl",             {ADDRESS},                     1, do_readx,      4},
    {"readq",             {ADDRESS},                     1, do_readx,      8},
    {"writeb",            {ADDRESS, BYTE},               2, do_writex,     1},
    {"writew",            {ADDRESS, WORD},               2, do_writex,     2},
    {"writel",            {ADDRESS, LONG},               2, do_writex,     4},
    {"writeq",            {ADDRESS, QUAD},               2, do_writex,     8},
    {"read",              {ADDRESS, SIZE},               2, do_read,       HEX},
    {"write",             {ADDRESS, SIZE, TEXT},         3, do_write,      HEX},
    {"b64read",           {ADDRESS, SIZE},               2, do_read,       BASE64},
    {"b64write",          {ADDRESS, SIZE, TEXT},         3, do_write,      BASE64},
    {"memset",            {ADDRESS, SIZE, BYTE},         3, do_memset,     0},
    {"irq_intercept_in",  {TEXT},                        1, do_intercept,  false},
    {"irq_intercept_out", {TEXT},                        1, do_intercept,  true},
    {"set_irq_in",        {TEXT, TEXT, NUMBER, NUMBER},   4, do_set_irq_in, 0},
    {"clock_step",        {NS},                          0, do_clock_step, 0},
    {"clock_set",         {NS},                          1, do_clock_set,  0},
    {"endianness",        {END},                         0, do_endianness, 0},
    {"cpu",               {NUMBER},                      1, do_cpu,        0},
};
/* clang-format on */

static const verb_t *find_verb(const char *name)
{
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

/* True if every word is what the verb takes; else the first that is not is told. */
static bool check(irqsim_qtest_t *q, const verb_t *verb, arguments_t *a)
{
    for (unsigned i = 1; i < MAX_WORDS; i++) {
        const kind_t kind = verb->takes[i - 1];
        if (i >= a->n && i > verb->least)
            return true;
        if (!is_right(kind, &a->word[i], &a->number[i])) {
            irqsim__qtest_refuse(q, &a->word[i], kinds[kind].what);
            return false;
        }
        if (kind == END)
            return true;
    }
    return true;
}

void irqsim__qtest_obey(irqsim_qtest_t *q, arguments_t *args)
{
    const verb_t *verb = find_verb(args->word[0].text);
    char buf[SHORT_TEXT];

    if (args->n == 0)
        irqsim__qtest_refuse(q, &args->word[0], "a command");
    else if (!verb)
        irqsim__qtest_send(q, "FAIL Unknown command '%s'\n",
                           irqsim__qtest_shown(args->word[0].text, buf));
    else if (check(q, verb, args))
        verb->run(q, args, verb->detail);
}
