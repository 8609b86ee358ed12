/* SPDX-License-Identifier: MIT */
/*
 * cpu_steps.c - the steps about a CPU's own state, and their operands
 */
#include <string.h>

#include "conform_int.h"

/* ---- k=v ---- */

/* A key's value: one of `words`, or a number up to `most`. */
typedef struct key {
    const char *name;
    uint8_t field;
    uint64_t most;
    words_t words;
} key_t;

static const char *const modes[] = {"prot", "real", "v86", "long", NULL};
static const char *const segments[] = {"ok", "null", "absent", "data", "outside", "short", NULL};

/* Fields of `gate` and `tss`, which no other step has. */
enum { GATE_DPL, GATE_HANDLER, GATE_CS, GATE_IST, TSS_SS0 };

/* clang-format off */
#define MODE {"mode", IRQSIM_CONFORM_F_MODE, 0, modes}
#define CPL  {"cpl",  IRQSIM_CONFORM_F_CPL,  3, NULL}
#define IF   {"if",   IRQSIM_CONFORM_F_IF,   1, NULL}
#define TF   {"tf",   IRQSIM_CONFORM_F_TF,   1, NULL}
#define NT   {"nt",   IRQSIM_CONFORM_F_NT,   1, NULL}
#define RF   {"rf",   IRQSIM_CONFORM_F_RF,   1, NULL}
#define IOPL {"iopl", IRQSIM_CONFORM_F_IOPL, 3, NULL}
#define EIP  {"eip",  IRQSIM_CONFORM_F_IP,   UINT64_MAX, NULL}
#define ESP  {"esp",  IRQSIM_CONFORM_F_SP,   UINT64_MAX, NULL}
#define CS   {"cs",   IRQSIM_CONFORM_F_CS,   UINT16_MAX, NULL}
#define SS   {"ss",   IRQSIM_CONFORM_F_SS,   UINT16_MAX, NULL}
#define FL   {"fl",   IRQSIM_CONFORM_F_FLAGS, UINT64_MAX, NULL}
#define CR2  {"cr2",  IRQSIM_CONFORM_F_CR2,  UINT64_MAX, NULL}
#define ERR  {"err",  IRQSIM_CONFORM_F_ERROR, UINT32_MAX, NULL}
#define SIZE {"frame", IRQSIM_CONFORM_F_FRAME, UINT8_MAX, NULL}
#define END  {NULL, 0, 0, NULL}

static const key_t cpu_keys[] = {CPL, IF, TF, NT, RF, IOPL, EIP, ESP, CR2, MODE, END};
static const key_t now_keys[] = {CPL, IF, TF, NT, RF, IOPL, EIP, ESP, CS, CR2, MODE, END};
static const key_t took_keys[] = {ERR, EIP, IF, TF, RF, NT, CS, ESP, SIZE, END};
static const key_t frame_keys[] = {EIP, CS, FL, ESP, SS, END};
static const key_t gate_keys[] = {
    {"dpl", GATE_DPL, 3, NULL}, {"handler", GATE_HANDLER, UINT64_MAX, NULL},
    {"cs", GATE_CS, 0, segments}, {"ist", GATE_IST, 7, NULL}, END,
};
static const key_t tss_keys[] = {{"ss0", TSS_SS0, 0, segments}, END};
/* clang-format on */

const char *irqsim__conform_field_name(unsigned field)
{
    static const char *const names[IRQSIM_CONFORM_FIELDS] = {
        [IRQSIM_CONFORM_F_MODE] = "mode", [IRQSIM_CONFORM_F_CPL] = "cpl",
        [IRQSIM_CONFORM_F_IF] = "if",     [IRQSIM_CONFORM_F_TF] = "tf",
        [IRQSIM_CONFORM_F_NT] = "nt",     [IRQSIM_CONFORM_F_RF] = "rf",
        [IRQSIM_CONFORM_F_IOPL] = "iopl", [IRQSIM_CONFORM_F_IP] = "eip",
        [IRQSIM_CONFORM_F_SP] = "esp",    [IRQSIM_CONFORM_F_CS] = "cs",
        [IRQSIM_CONFORM_F_SS] = "ss",     [IRQSIM_CONFORM_F_FLAGS] = "fl",
        [IRQSIM_CONFORM_F_CR2] = "cr2",   [IRQSIM_CONFORM_F_VECTOR] = "vector",
        [IRQSIM_CONFORM_F_ERROR] = "err", [IRQSIM_CONFORM_F_FRAME] = "frame",
    };

    return names[field];
}

const char *irqsim__conform_mode_name(uint64_t mode)
{
    return mode < sizeof(modes) / sizeof(modes[0]) - 1 ? modes[mode] : "?";
}

static void one_key(loader_t *l, const key_t *keys)
{
    scan_t *s = &l->scan;
    uint64_t value;

    while (keys->name && !irqsim__conform_accept(s, keys->name))
        keys++;
    if (!keys->name) {
        irqsim__conform_expected(s, "a key of this step");
        return;
    }
    irqsim__conform_equals(s);
    if (keys->words)
        value = irqsim__conform_one_of(s, keys->words, "a value");
    else
        value = irqsim__conform_hex(s, keys->most, "a value");
    irqsim__conform_add_field(l, keys->field, value);
}

static void some_keys(loader_t *l, const key_t *keys)
{
    while (!l->scan.lost && !irqsim__conform_step_ended(&l->scan))
        one_key(l, keys);
}

static void at_least_one_key(loader_t *l, const key_t *keys)
{
    one_key(l, keys);
    some_keys(l, keys);
}

/* ---- instructions ---- */

/* "int:" and its like have an operand behind the colon. */
static const struct {
    const char *name;
    uint64_t most; /* 0: no operand but the row's */
    uint8_t insn, operand;
} instructions[] = {
    {"nop", 0, IRQSIM_CONFORM_NOP, 0},
    {"cli", 0, IRQSIM_CONFORM_CLI, 0},
    {"sti", 0, IRQSIM_CONFORM_STI, 0},
    {"hlt", 0, IRQSIM_CONFORM_HLT, 0},
    {"iret", 0, IRQSIM_CONFORM_IRET, 0},
    {"pushf", 0, IRQSIM_CONFORM_PUSHF, 0},
    {"popf:", UINT64_MAX, IRQSIM_CONFORM_POPF, 0},
    {"movss", 0, IRQSIM_CONFORM_MOVSS, 0},
    {"popss", 0, IRQSIM_CONFORM_POPSS, 0},
    {"int:", 0xFF, IRQSIM_CONFORM_INT, 0},
    {"int3", 0, IRQSIM_CONFORM_INT3, 0},
    {"icebp", 0, IRQSIM_CONFORM_ICEBP, 0},
    {"into", 0, IRQSIM_CONFORM_INTO, 0},
    {"into:1", 0, IRQSIM_CONFORM_INTO, 1},
    {"bound:ok", 0, IRQSIM_CONFORM_BOUND, 0},
    {"bound:fail", 0, IRQSIM_CONFORM_BOUND, 1},
    {"ud2", 0, IRQSIM_CONFORM_UD2, 0},
    {"div0", 0, IRQSIM_CONFORM_DIV0, 0},
    {"load:", UINT64_MAX, IRQSIM_CONFORM_LOAD, 0},
    {"loadnp", 0, IRQSIM_CONFORM_LOADNP, 0},
    {"loadbad", 0, IRQSIM_CONFORM_LOADBAD, 0},
    {"syscall", 0, IRQSIM_CONFORM_SYSCALL, 0},
};

static bool is_with_operand(const scan_t *s, const char *name, uint64_t most, uint64_t *operand)
{
    const size_t length = strlen(name);

    return s->word_end - s->word > length && memcmp(s->text + s->word, name, length) == 0 &&
           irqsim__conform_number(s, s->word + length, s->word_end, 16, most, operand);
}

static void read_exec(loader_t *l)
{
    scan_t *s = &l->scan;

    for (size_t i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++) {
        const char *const name = instructions[i].name;
        const uint64_t most = instructions[i].most;

        l->step.value = instructions[i].operand;
        if (most ? is_with_operand(s, name, most, &l->step.value) : irqsim__conform_is(s, name)) {
            l->step.which = instructions[i].insn;
            irqsim__conform_next(s);
            return;
        }
    }
    irqsim__conform_expected(s, "an instruction");
}

/* ---- the others ---- */

static void read_gate(loader_t *l)
{
    static const char *const kinds[] = {"interrupt", "trap", "task", "absent", "bad", NULL};

    l->step.where = irqsim__conform_hex(&l->scan, UINT8_MAX, "a vector");
    l->step.which = irqsim__conform_one_of(&l->scan, kinds, "a kind of gate");
    some_keys(l, gate_keys);
}

void irqsim__conform_gate_of(const irqsim_conform_t *file, const step_t *step,
                             irqsim_conform_gate_t *gate)
{
    *gate = (irqsim_conform_gate_t){
        .vector = (uint8_t)step->where,
        .kind = (uint8_t)step->which,
        .handler = step->where * 0x100,
    };
    for (size_t i = 0; i < step->n_fields; i++) {
        const field_t *field = &file->fields[step->first_field + i];

        switch (field->key) {
        case GATE_DPL:
            gate->dpl = (uint8_t)field->value;
            break;
        case GATE_HANDLER:
            gate->handler = field->value;
            break;
        case GATE_CS:
            gate->segment = (uint8_t)field->value;
            break;
        default:
            gate->ist = (uint8_t)field->value;
            break;
        }
    }
}

static void read_page(loader_t *l)
{
    static const char *const places[] = {"idt", "tss", "gdt", "stack"};
    static const char *const states[] = {"absent", "present", NULL};

    for (uint32_t i = 0; i < 4 && !l->step.which; i++)
        if (irqsim__conform_accept(&l->scan, places[i]))
            l->step.which = IRQSIM_CONFORM_PAGE_IDT + i;
    if (!l->step.which)
        l->step.where =
            irqsim__conform_hex(&l->scan, UINT64_MAX, "idt, tss, gdt, stack or an address");
    l->step.value = irqsim__conform_one_of(&l->scan, states, "a state");
}

static void read_took(loader_t *l)
{
    if (irqsim__conform_accept(&l->scan, "none")) {
        l->step.form = FORM_NONE;
        return;
    }
    irqsim__conform_add_field(l, IRQSIM_CONFORM_F_VECTOR,
                              irqsim__conform_hex(&l->scan, UINT8_MAX, "'none' or a vector"));
    some_keys(l, took_keys);
}

static void read_number_expected(loader_t *l, uint64_t value)
{
    l->step.form = FORM_VALUE;
    l->step.mask = UINT64_MAX;
    l->step.value = value;
}

void irqsim__conform_read_cpu_step(loader_t *l)
{
    scan_t *s = &l->scan;

    switch (l->step.verb) {
    case VERB_CPU:
        at_least_one_key(l, cpu_keys);
        break;
    case VERB_NOW:
        at_least_one_key(l, now_keys);
        break;
    case VERB_TSS:
        at_least_one_key(l, tss_keys);
        break;
    case VERB_FRAME:
        at_least_one_key(l, frame_keys);
        break;
    case VERB_GATE:
        read_gate(l);
        break;
    case VERB_IDTLIMIT:
        l->step.value = irqsim__conform_hex(s, UINT16_MAX, "a limit");
        break;
    case VERB_EXEC:
        read_exec(l);
        break;
    case VERB_PAGE:
        read_page(l);
        break;
    case VERB_TOOK:
        read_took(l);
        break;
    case VERB_CLOCKS:
        read_number_expected(l, irqsim__conform_decimal(s, UINT32_MAX, "a number of clocks"));
        break;
    case VERB_BOUNDARY:
        break;
    default: /* halted, shutdown, nmiblocked */
        read_number_expected(l, irqsim__conform_hex(s, 1, "a level"));
        break;
    }
}
