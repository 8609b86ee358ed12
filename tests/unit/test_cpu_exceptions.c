/* SPDX-License-Identifier: MIT */
/*
 * test_cpu_exceptions.c - the exception table and double faults (CPU-01..22, CPU-60..62)
 */
#include "unit.h"

#include <irqsim/cpu.h>

#define EXC  IRQSIM_KIND_EXCEPTION
#define DF   8
#define SHUT (-1)

START_TEST(cpu_01_21_classes)
{
    /* one letter per vector 0..31: Fault, Trap, Abort, Interrupt, . reserved */
    static const char classes[] = "FTITTFFFAFFFFFF.FFAFFF......FFF.";
    static const char letters[] = {[IRQSIM_EXC_FAULT] = 'F',
                                   [IRQSIM_EXC_TRAP] = 'T',
                                   [IRQSIM_EXC_ABORT] = 'A',
                                   [IRQSIM_EXC_INTERRUPT] = 'I',
                                   [IRQSIM_EXC_RESERVED] = '.'};
    ck_assert_int_eq(letters[irqsim_exc_info((unsigned)_i)->class_], classes[_i]);
}
END_TEST

START_TEST(cpu_01_21_mnemonics)
{
    static const char *const mnemonics[] = {"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD",
                                            "#NM", "#DF", "-",   "#TS", "#NP", "#SS", "#GP",
                                            "#PF", "-",   "#MF", "#AC", "#MC", "#XM"};
    ck_assert_str_eq(irqsim_exc_info((unsigned)_i)->mnemonic, mnemonics[_i]);
}
END_TEST

START_TEST(cpu_21_no_exception_above_31)
{
    ck_assert_ptr_nonnull(irqsim_exc_info(31));
    ck_assert_ptr_null(irqsim_exc_info(32));
    ck_assert_ptr_null(irqsim_exc_info(255));
}
END_TEST

START_TEST(cpu_22_which_vectors_push_an_error_code)
{
    static const uint32_t vectors = 1u << 8 | 1u << 10 | 1u << 11 | 1u << 12 | 1u << 13 | 1u << 14 |
                                    1u << 17 | 1u << 21 | 1u << 29 | 1u << 30;
    ck_assert_int_eq(irqsim_exc_info((unsigned)_i)->has_error, vectors >> _i & 1u);
}
END_TEST

START_TEST(cpu_60_classes_of_combination)
{
    static const uint32_t contributory =
        1u << 0 | 1u << 10 | 1u << 11 | 1u << 12 | 1u << 13 | 1u << 21;
    static const uint32_t page_fault = 1u << 14 | 1u << 20;
    ck_assert_int_eq(irqsim_exc_info((unsigned)_i)->contributory,
                     (contributory >> _i & 1u) + 2 * (page_fault >> _i & 1u));
}
END_TEST

/* first x second: #UD is benign, #GP contributory, #PF its own class. */
START_TEST(cpu_61_matrix)
{
    static const unsigned firsts[] = {6, 13, 14, DF};
    static const unsigned seconds[] = {6, 13, 14};
    static const int results[4][3] = {
        {6, 13, 14},
        {6, DF, 14},
        {6, DF, DF},
        {6, SHUT, SHUT},
    };
    const int row = _i / 3, column = _i % 3;
    ck_assert_int_eq(irqsim_exc_combine(firsts[row], EXC, seconds[column]), results[row][column]);
}
END_TEST

START_TEST(cpu_60_interrupts_are_benign_whatever_their_vector)
{
    static const unsigned kinds[] = {IRQSIM_KIND_EXTERNAL, IRQSIM_KIND_NMI, IRQSIM_KIND_SOFTWARE,
                                     IRQSIM_KIND_ICEBP};
    for (unsigned vector = 0; vector < 256; vector++) {
        ck_assert_int_eq(irqsim_exc_combine(vector, kinds[_i], 13), 13);
        ck_assert_int_eq(irqsim_exc_combine(vector, kinds[_i], 14), 14);
    }
}
END_TEST

START_TEST(cpu_62_every_contributory_pair_ends_in_shutdown)
{
    static const unsigned contributory[] = {0, 10, 11, 12, 13};
    const unsigned first = contributory[_i / 5], second = contributory[_i % 5];
    ck_assert_int_eq(irqsim_exc_combine(first, EXC, second), DF);
    ck_assert_int_eq(irqsim_exc_combine(DF, EXC, second), SHUT);
}
END_TEST

UNIT_MAIN("cpu_exceptions", UNIT_LOOP(cpu_01_21_classes, 0, 32),
          UNIT_LOOP(cpu_01_21_mnemonics, 0, 20), UNIT_TEST(cpu_21_no_exception_above_31),
          UNIT_LOOP(cpu_22_which_vectors_push_an_error_code, 0, 32),
          UNIT_LOOP(cpu_60_classes_of_combination, 0, 32),
          UNIT_LOOP(cpu_60_interrupts_are_benign_whatever_their_vector, 0, 4),
          UNIT_LOOP(cpu_61_matrix, 0, 12),
          UNIT_LOOP(cpu_62_every_contributory_pair_ends_in_shutdown, 0, 25))
