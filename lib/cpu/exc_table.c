/* SPDX-License-Identifier: MIT */
/*
 * exc_table.c - the exceptions of vectors 0..31, and what two of them make
 */
#include <irqsim/cpu.h>
#include <irqsim/regs/idt_regs.h>

enum { BENIGN, CONTRIBUTORY, PAGE_FAULT, DOUBLE_FAULT }; /* CPU-60; #DF is a row only */

#define FAULT IRQSIM_EXC_FAULT
#define TRAP  IRQSIM_EXC_TRAP
#define ABORT IRQSIM_EXC_ABORT
#define RSVD  IRQSIM_EXC_RESERVED

/* CPU-01..22. #DB is a fault or a trap by its cause (CPU-70); the row says trap,
 * which single step, data breakpoints and INT1 are. */
/* clang-format off */
static const irqsim_exc_info_t exceptions[32] = {
    /*       mnemonic name                            class  error  combines as  */
    [0]  = {"#DE", "divide error",                    FAULT, false, CONTRIBUTORY},
    [1]  = {"#DB", "debug",                           TRAP,  false, BENIGN},
    [2]  = {"NMI", "non-maskable interrupt", IRQSIM_EXC_INTERRUPT, false, BENIGN},
    [3]  = {"#BP", "breakpoint",                      TRAP,  false, BENIGN},
    [4]  = {"#OF", "overflow",                        TRAP,  false, BENIGN},
    [5]  = {"#BR", "BOUND range exceeded",            FAULT, false, BENIGN}, /* CPU-66 */
    [6]  = {"#UD", "invalid opcode",                  FAULT, false, BENIGN},
    [7]  = {"#NM", "device not available",            FAULT, false, BENIGN},
    [8]  = {"#DF", "double fault",                    ABORT, true,  BENIGN},
    [9]  = {"-",   "coprocessor segment overrun",     FAULT, false, BENIGN},
    [10] = {"#TS", "invalid TSS",                     FAULT, true,  CONTRIBUTORY},
    [11] = {"#NP", "segment not present",             FAULT, true,  CONTRIBUTORY},
    [12] = {"#SS", "stack fault",                     FAULT, true,  CONTRIBUTORY},
    [13] = {"#GP", "general protection",              FAULT, true,  CONTRIBUTORY},
    [14] = {"#PF", "page fault",                      FAULT, true,  PAGE_FAULT},
    [15] = {"-",   "reserved",                        RSVD,  false, BENIGN},
    [16] = {"#MF", "x87 floating-point error",        FAULT, false, BENIGN},
    [17] = {"#AC", "alignment check",                 FAULT, true,  BENIGN},
    [18] = {"#MC", "machine check",                   ABORT, false, BENIGN},
    [19] = {"#XM", "SIMD floating-point error",       FAULT, false, BENIGN},
    [20] = {"#VE", "virtualization exception",        FAULT, false, PAGE_FAULT},
    [21] = {"#CP", "control protection",              FAULT, true,  CONTRIBUTORY},
    [22] = {"-",   "reserved",                        RSVD,  false, BENIGN},
    [23] = {"-",   "reserved",                        RSVD,  false, BENIGN},
    [24] = {"-",   "reserved",                        RSVD,  false, BENIGN},
    [25] = {"-",   "reserved",                        RSVD,  false, BENIGN},
    [26] = {"-",   "reserved",                        RSVD,  false, BENIGN},
    [27] = {"-",   "reserved",                        RSVD,  false, BENIGN},
    [28] = {"#HV", "hypervisor injection",            FAULT, false, BENIGN},
    [29] = {"#VC", "VMM communication",               FAULT, true,  BENIGN},
    [30] = {"#SX", "security",                        FAULT, true,  BENIGN},
    [31] = {"-",   "reserved",                        RSVD,  false, BENIGN},
};

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
