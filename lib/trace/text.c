/* SPDX-License-Identifier: MIT */
/* text.c - an event as a line of text, by its row of the catalogue */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <irqsim/cpustate.h>
#include <irqsim/regs/idt_regs.h>
#include <irqsim/trace.h>

/* snprintf, continued: `length` counts on when the buffer is full. */
typedef struct line {
    char *buf;
    size_t size;
    int length;
} line_t;

static void add(line_t *line, const char *format, ...)
{
    const size_t used = (size_t)line->length < line->size ? (size_t)line->length : line->size;
    va_list args;

    va_start(args, format);
    line->length += vsnprintf(line->buf ? line->buf + used : NULL, line->size - used, format, args);
    va_end(args);
}

/* ---- arguments, by their form ---- */

typedef struct arg {
    const irqsim_event_t *ev;
    const irqsim_event_info_t *info;
    unsigned nr;
    uint32_t value;
    irqsim_namer_t name;
    void *user;
} arg_t;

static const char *text_of(const arg_t *arg, const char *kind)
{
    return arg->name ? arg->name(arg->user, kind, arg->value) : NULL;
}

static void add_num(line_t *line, const arg_t *arg)
{
    add(line, "%" PRIu32, arg->value);
}

static void add_signed(line_t *line, const arg_t *arg)
{
    add(line, "%" PRId32, (int32_t)arg->value);
}

static void add_hex(line_t *line, const arg_t *arg)
{
    add(line, "%#" PRIx32, arg->value);
}

static void add_letter(line_t *line, const arg_t *arg)
{
    if (arg->value > ' ' && arg->value <= '~')
        add(line, "%c", (char)arg->value);
    else
        add_num(line, arg);
}

static void add_text_or_num(line_t *line, const arg_t *arg)
{
    const char *text = text_of(arg, arg->info->arg[arg->nr].name);

    if (text)
        add(line, "%s", text);
    else
        add_num(line, arg);
}

static void add_address(line_t *line, const arg_t *arg)
{
    const char *text = text_of(arg, "address");

    add_hex(line, arg);
    if (text)
        add(line, " <%s>", text);
}

static void add_word(line_t *line, const arg_t *arg)
{
    const char *word = irqsim_event_word(arg->info->arg[arg->nr].form, arg->value);

    if (word)
        add(line, "%s", word);
    else
        add_num(line, arg);
}

static void add_handler(line_t *line, const arg_t *arg)
{
    if (arg->value)
        add_address(line, arg);
    else
        add(line, "SIG_DFL");
}

static void add_si_code(line_t *line, const arg_t *arg)
{
    const char *word =
        irqsim_event_word(IRQSIM_ARG_SI_CODE, IRQSIM_OF_SIGNAL(arg->ev->arg[0], arg->value));

    if (!word)
        word = irqsim_event_word(IRQSIM_ARG_SI_CODE, IRQSIM_OF_SIGNAL(0, arg->value));
    if (word)
        add(line, "%s", word);
    else
        add_num(line, arg);
}

/* wait()'s: a signal in the low seven bits, a dump in the eighth, else exit()'s number. */
static void add_status(line_t *line, const arg_t *arg)
{
    add_hex(line, arg);
    if (arg->value & 0x7F)
        add(line, " (signal %" PRIu32 "%s)", arg->value & 0x7F,
            arg->value & 0x80 ? ", core dumped" : "");
    else
        add(line, " (exit %" PRIu32 ")", arg->value >> 8 & 0xFF);
}

/* EFLAGS that mean something to interrupts. */
static void add_flags(line_t *line, const arg_t *arg)
{
    static const struct {
        uint64_t bit;
        const char *name;
    } flags[] = {{IRQSIM_FL_TF, "TF"}, {IRQSIM_FL_IF, "IF"}, {IRQSIM_FL_NT, "NT"},
                 {IRQSIM_FL_RF, "RF"}, {IRQSIM_FL_VM, "VM"}, {IRQSIM_FL_AC, "AC"}};
    unsigned named = 0;

    add_hex(line, arg);
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (arg->value & flags[i].bit)
            add(line, "%s%s", named++ ? " " : " (", flags[i].name);
    add(line, "%s", named ? ")" : "");
}

/* ---- events ---- */

enum { FAULT, TRAP, ABORT, INTERRUPT, RESERVED };
static const char *const class_words[] = {"fault", "trap", "abort", "interrupt", "reserved"};

#define EXCEPTIONS 32u
static const struct {
    const char *mnemonic;
    uint8_t class_;
} exceptions[EXCEPTIONS] = {
#define EXCEPTION(vector, mnemonic, name, class_, error, combines) [vector] = {mnemonic, class_},
#include <irqsim/exceptions.def>
#undef EXCEPTION
};

static bool is_exception(uint32_t vector, uint32_t kind)
{
    return vector < EXCEPTIONS && kind <= IRQSIM_KIND_INTO && kind != IRQSIM_KIND_EXTERNAL &&
           kind != IRQSIM_KIND_SOFTWARE;
}

static void add_mnemonic(line_t *line, uint32_t vector)
{
    if (vector < EXCEPTIONS && exceptions[vector].mnemonic[0] != '-')
        add(line, "%s", exceptions[vector].mnemonic);
    else
        add(line, "%#" PRIx32, vector);
}

/* The value of the event's argument of that form. */
static uint32_t other(const arg_t *arg, irqsim_arg_form_t form, uint32_t otherwise)
{
    for (unsigned i = 0; i < 3; i++)
        if (arg->info->arg[i].form == form)
            return arg->ev->arg[i];
    return otherwise;
}

static void add_vector(line_t *line, const arg_t *arg)
{
    if (is_exception(arg->value, other(arg, IRQSIM_ARG_KIND, IRQSIM_KIND_EXCEPTION)))
        add_mnemonic(line, arg->value);
    else
        add_hex(line, arg);
}

static void add_kind(line_t *line, const arg_t *arg)
{
    const uint32_t vector = other(arg, IRQSIM_ARG_VECTOR, EXCEPTIONS);

    if (is_exception(vector, arg->value) && arg->value != IRQSIM_KIND_NMI)
        add(line, "%s", class_words[exceptions[vector].class_]);
    else
        add_word(line, arg);
}

static void add_event_of(line_t *line, const arg_t *arg)
{
    const uint32_t vector = arg->value & 0xFF, kind = arg->value >> 8;
    const char *word = irqsim_event_word(IRQSIM_ARG_KIND, kind);

    if (is_exception(vector, kind))
        add_mnemonic(line, vector);
    else if (word)
        add(line, "%s %#" PRIx32, word, vector);
    else
        add_hex(line, arg);
}

/* ---- error codes ---- */

static void add_pf_error(line_t *line, const arg_t *arg)
{
    add(line, "%#" PRIx32 " (%s %s, %s)", arg->value, arg->value & PF_ERROR_U ? "user" : "kernel",
        arg->value & PF_ERROR_W ? "write" : "read",
        arg->value & PF_ERROR_P ? "not allowed" : "no page");
}

static void add_selector_error(line_t *line, const arg_t *arg)
{
    const char *table = arg->value & ERROR_IDT ? "IDT" : arg->value & ERROR_TI ? "LDT" : "GDT";

    add_hex(line, arg);
    if (arg->value)
        add(line, " (%s %#" PRIx32 "%s)", table, arg->value >> 3,
            arg->value & ERROR_EXT ? ", EXT" : "");
}

static void add_error(line_t *line, const arg_t *arg)
{
    const uint32_t vector = other(arg, IRQSIM_ARG_VECTOR, EXCEPTIONS);

    if (vector == VECTOR_PF)
        add_pf_error(line, arg);
    else if (vector >= VECTOR_TS && vector <= VECTOR_GP)
        add_selector_error(line, arg);
    else
        add_hex(line, arg);
}

static void (*const add_by_form[])(line_t *, const arg_t *) = {
    [IRQSIM_ARG_NUM] = add_num,           [IRQSIM_ARG_SIGNED] = add_signed,
    [IRQSIM_ARG_HEX] = add_hex,           [IRQSIM_ARG_NAME] = add_text_or_num,
    [IRQSIM_ARG_TASK] = add_text_or_num,  [IRQSIM_ARG_ADDRESS] = add_address,
    [IRQSIM_ARG_VECTOR] = add_vector,     [IRQSIM_ARG_KIND] = add_kind,
    [IRQSIM_ARG_EVENT_OF] = add_event_of, [IRQSIM_ARG_ERROR] = add_error,
    [IRQSIM_ARG_PF_ERROR] = add_pf_error, [IRQSIM_ARG_FLAGS] = add_flags,
    [IRQSIM_ARG_LETTER] = add_letter,     [IRQSIM_ARG_HANDLER] = add_handler,
    [IRQSIM_ARG_STATUS] = add_status,     [IRQSIM_ARG_MODE] = add_word,
    [IRQSIM_ARG_FATE] = add_word,         [IRQSIM_ARG_DELIVERED] = add_word,
    [IRQSIM_ARG_SI_CODE] = add_si_code,   [IRQSIM_ARG_TARGET] = add_word,
};

/* ---- the line ---- */

static void add_head(line_t *line, const irqsim_event_t *ev)
{
    add(line, "%5" PRIu64 ".%09" PRIu64 " ", ev->time / IRQSIM_PS_PER_S,
        ev->time % IRQSIM_PS_PER_S / IRQSIM_PS_PER_NS);
    if (ev->cpu == IRQSIM_NO_CPU)
        add(line, "[---]");
    else
        add(line, "[%03u]", (unsigned)ev->cpu);
    add(line, " #%" PRIu64, ev->seq);
    if (ev->cause)
        add(line, " <-%" PRIu64, ev->cause);
}

int irqsim_event_text(char *buf, size_t size, const irqsim_event_t *ev, irqsim_namer_t name,
                      void *user)
{
    /* An event of a newer catalogue still shows its numbers. */
    static const irqsim_event_info_t unknown = {
        NULL, "-", {{"arg1", IRQSIM_ARG_NUM}, {"arg2", IRQSIM_ARG_NUM}, {"arg3", IRQSIM_ARG_NUM}}};
    const irqsim_event_info_t *known = irqsim_event_info(ev->id);
    const irqsim_event_info_t *info = known ? known : &unknown;
    const char *separator = ": ";
    line_t line = {buf, size, 0};

    add_head(&line, ev);
    if (known)
        add(&line, " %s", info->name);
    else
        add(&line, " event_%u", (unsigned)ev->id);
    for (unsigned a = 0; a < 3; a++) {
        const arg_t arg = {ev, info, a, ev->arg[a], name, user};

        if (info->arg[a].form == IRQSIM_ARG_NONE)
            continue;
        add(&line, "%s%s=", separator, info->arg[a].name);
        add_by_form[info->arg[a].form](&line, &arg);
        separator = " ";
    }
    return line.length;
}
