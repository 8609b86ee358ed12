/* SPDX-License-Identifier: MIT */
/*
 * unit.h - main() of a check program, so that each test file is only tests
 *
 *   UNIT_MAIN("pic8259", UNIT_TEST(pic_26_withdrawn_edge), UNIT_LOOP(pic_30_order, 0, 8))
 */
#ifndef IRQSIM_TESTS_UNIT_H
#define IRQSIM_TESTS_UNIT_H

#include <check.h>
#include <stdlib.h>

typedef struct unit_case {
    const TTest *test;
    int from, to; /* loop bounds; 0, 1 = once */
} unit_case_t;

/* clang-format off */
#define UNIT_TEST(name)           {name, 0, 1}
#define UNIT_LOOP(name, from, to) {name, from, to}
/* clang-format on */

static inline int unit_run(const char *suite_name, const unit_case_t *cases, size_t n)
{
    Suite *suite = suite_create(suite_name);
    TCase *tcase = tcase_create(suite_name);
    tcase_set_timeout(tcase, 60);
    for (size_t i = 0; i < n; i++)
        tcase_add_loop_test(tcase, cases[i].test, cases[i].from, cases[i].to);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#define UNIT_MAIN(suite_name, ...)                                                                 \
    int main(void)                                                                                 \
    {                                                                                              \
        const unit_case_t cases[] = {__VA_ARGS__};                                                 \
        return unit_run(suite_name, cases, sizeof(cases) / sizeof(cases[0]));                      \
    }

#endif
