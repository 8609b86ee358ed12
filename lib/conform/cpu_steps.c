/* SPDX-License-Identifier: MIT */
/*
 * cpu_steps.c - the steps about a CPU's own state: read in full, so that a file
 * is right or wrong as a whole, but not run
 */
#include <string.h>

#include "conform_int.h"

/* ---- k=v ---- */

/* A key's value: one of `words`, or a number up to `most`. */
typedef struct key {
    const char *name;
    uint64_t most;
    words_t words;
} key_t;

static const char *const modes[] = {"prot", "real", "v86", "long", NULL};
static const char *const selectors[] = {"ok", "null", "absent", "data", "outside", NULL};
static const char *const stacks[] = {"ok", "null", "absent", "data", NULL};

/* clang-format off */
static const key_t cpu_keys[] = {
    {"cpl", 3, NULL}, {"if", 1, NULL}, {"tf", 1, NULL}, {"nt", 1, NULL}, {"rf", 1, NULL},
    {"iopl", 3, NULL}, {"eip", UINT64_MAX, NULL}, {"esp", UINT64_MAX, NULL},
    {"cr2", UINT64_MAX, NULL}, {"mode", 0, modes}, {NULL, 0, NULL},
};
static const key_t now_keys[] = {
    {"cpl", 3, NULL}, {"if", 1, NULL}, {"tf", 1, NULL}, {"nt", 1, NULL}, {"rf", 1, NULL},
    {"iopl", 3, NULL}, {"eip", UINT64_MAX, NULL}, {"esp", UINT64_MAX, NULL},
    {"cs", UINT16_MAX, NULL}, {"cr2", UINT64_MAX, NULL}, {"mode", 0, modes}, {NULL, 0, NULL},
};
static const key_t took_keys[] = {
    {"err", UINT32_MAX, NULL}, {"eip", UINT64_MAX, NULL}, {"if", 1, NULL}, {"tf", 1, NULL},
    {"rf", 1, NULL}, {"nt", 1, NULL}, {"cs", UINT16_MAX, NULL}, {"esp", UINT64_MAX, NULL},
    {"frame", UINT8_MAX, NULL}, {NULL, 0, NULL},
};
static const key_t gate_keys[] = {
    {"dpl", 3, NULL}, {"handler", UINT64_MAX, NULL}, {"cs", 0, selectors}, {"ist", 7, NULL},
    {NULL, 0, NULL},
};
static const key_t frame_keys[] = {
    {"eip", UINT64_MAX, NULL}, {"cs", UINT16_MAX, NULL}, {"fl", UINT64_MAX, NULL},
    {"esp", UINT64_MAX, NULL}, {"ss", UINT16_MAX, NULL}, {NULL, 0, NULL},
};
static const key_t tss_keys[] = {{"ss0", 0, stacks}, {NULL, 0, NULL}};
/* clang-format on */

static void one_key(scan_t *s, const key_t *keys)
{
    while (keys->name && !irqsim__conform_accept(s, keys->name))
        keys++;
    if (!keys->name) {
        irqsim__conform_expected(s, "a key of this step");
        return;
    }
    irqsim__conform_equals(s);
    if (keys->words)
        irqsim__conform_one_of(s, keys->words, "a value");
    else
        irqsim__conform_hex(s, keys->most, "a value");
}

static void some_keys(scan_t *s, const key_t *keys)
{
    while (!s->lost && !irqsim__conform_step_ended(s))
        one_key(s, keys);
}

static void at_least_one_key(scan_t *s, const key_t *keys)
{
    one_key(s, keys);
    some_keys(s, keys);
}

/* ---- instructions ---- */

/* "int:" and its like have an operand behind the colon. */
static const struct {
    const char *name;
    uint64_t most; /* 0: no operand */
} instructions[] = {
    {"nop", 0},
    {"cli", 0},
    {"sti", 0},
    {"hlt", 0},
    {"iret", 0},
    {"pushf", 0},
    {"popf:", UINT64_MAX},
    {"movss", 0},
    {"popss", 0},
    {"int:", 0xFF},
    {"int3", 0},
    {"icebp", 0},
    {"into", 0},
    {"into:1", 0},
    {"bound:ok", 0},
    {"bound:fail", 0},
    {"ud2", 0},
    {"div0", 0},
    {"load:", UINT64_MAX},
    {"loadnp", 0},
    {"loadbad", 0},
    {"syscall", 0},
};

static bool is_with_operand(const scan_t *s, const char *name, uint64_t most)
{
    const size_t length = strlen(name);
    uint64_t operand;

    return s->word_end - s->word > length && memcmp(s->text + s->word, name, length) == 0 &&
           irqsim__conform_number(s, s->word + length, s->word_end, 16, most, &operand);
}

static void read_exec(scan_t *s)
{
    for (size_t i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++) {
        const char *const name = instructions[i].name;
        const uint64_t most = instructions[i].most;

        if (most ? is_with_operand(s, name, most) : irqsim__conform_is(s, name)) {
            irqsim__conform_next(s);
            return;
        }
    }
    irqsim__conform_expected(s, "an instruction");
}

/* ---- the others ---- */

static void read_gate(scan_t *s)
{
    static const char *const kinds[] = {"interrupt", "trap", "task", "absent", "bad", NULL};

    irqsim__conform_hex(s, UINT8_MAX, "a vector");
    irqsim__conform_one_of(s, kinds, "a kind of gate");
    some_keys(s, gate_keys);
}

static void read_page(scan_t *s)
{
    static const char *const states[] = {"absent", "present", NULL};

    if (!irqsim__conform_accept(s, "idt") && !irqsim__conform_accept(s, "tss") &&
        !irqsim__conform_accept(s, "gdt") && !irqsim__conform_accept(s, "stack"))
        irqsim__conform_hex(s, UINT64_MAX, "idt, tss, gdt, stack or an address");
    irqsim__conform_one_of(s, states, "a state");
}

static void read_took(scan_t *s)
{
    if (irqsim__conform_accept(s, "none"))
        return;
    irqsim__conform_hex(s, UINT8_MAX, "'none' or a vector");
    some_keys(s, took_keys);
}

void irqsim__conform_read_cpu_step(scan_t *s, verb_t verb)
{
    switch (verb) {
    case VERB_CPU:
        at_least_one_key(s, cpu_keys);
        break;
    case VERB_NOW:
        at_least_one_key(s, now_keys);
        break;
    case VERB_TSS:
        at_least_one_key(s, tss_keys);
        break;
    case VERB_FRAME:
        at_least_one_key(s, frame_keys);
        break;
    case VERB_GATE:
        read_gate(s);
        break;
    case VERB_IDTLIMIT:
        irqsim__conform_hex(s, UINT16_MAX, "a limit");
        break;
    case VERB_EXEC:
        read_exec(s);
        break;
    case VERB_PAGE:
        read_page(s);
        break;
    case VERB_TOOK:
        read_took(s);
        break;
    case VERB_CLOCKS:
        irqsim__conform_decimal(s, UINT32_MAX, "a number of clocks");
        break;
    case VERB_BOUNDARY:
        break;
    default: /* halted, shutdown, nmiblocked */
        irqsim__conform_hex(s, 1, "a level");
        break;
    }
}
