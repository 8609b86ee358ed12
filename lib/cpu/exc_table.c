/* SPDX-License-Identifier: MIT */
/*
 * exc_table.c - the exceptions of vectors 0..31, and what two of them make
 */
#include <irqsim/cpu.h>
#include <irqsim/regs/idt_regs.h>

enum { BENIGN, CONTRIBUTORY, PAGE_FAULT, DOUBLE_FAULT }; /* CPU-60; #DF is a row only */

static const irqsim_exc_info_t exceptions[32] = {
#define EXCEPTION(vector, mnemonic, name, CLASS, error, COMBINES)                                  \
    [vector] = {mnemonic, name, IRQSIM_EXC_##CLASS, error, COMBINES},
#include <irqsim/exceptions.def>
#undef EXCEPTION
};

/* clang-format off */
/* CPU-61, LM-14: what the second one does. */
enum { SERIAL, DOUBLE, SHUTDOWN };
static const uint8_t combination[4][3] = {
    /*                 benign  contributory  page fault */
    [BENIGN]       = { SERIAL, SERIAL,       SERIAL   },
    [CONTRIBUTORY] = { SERIAL, DOUBLE,       SERIAL   },
    [PAGE_FAULT]   = { SERIAL, DOUBLE,       DOUBLE   },
    [DOUBLE_FAULT] = { SERIAL, SHUTDOWN,     SHUTDOWN },
};
/* clang-format on */

const irqsim_exc_info_t *irqsim_exc_info(unsigned vector)
{
    return vector < 32 ? &exceptions[vector] : NULL;
}

static unsigned class_of(unsigned vector)
{
    return vector < 32 ? exceptions[vector].contributory : BENIGN;
}

int irqsim_exc_combine(unsigned first, unsigned kind, unsigned second)
{
    unsigned row = BENIGN; /* CPU-60: INTR, NMI and INT n, whatever their vector */
    if (kind == IRQSIM_KIND_EXCEPTION)
        row = first == VECTOR_DF ? DOUBLE_FAULT : class_of(first);
    switch (combination[row][class_of(second)]) {
    case DOUBLE:
        return VECTOR_DF;
    case SHUTDOWN:
        return -1; /* CPU-62 */
    default:
        return (int)second;
    }
}
