/* SPDX-License-Identifier: MIT */
/* fuzz_conform.c - any bytes are cases or are refused; whatever a case does to the
 * chips, it ends with a verdict */
#include <stdlib.h>

#include <irqsim/conform.h>

#define LONGEST_RUN UINT64_C(1000000) /* ps: the fastest timer must not take all day */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static irqsim_conform_answer_t short_run(void *model, uint64_t ps)
{
    return irqsim_conform_builtin()->run(model,
                                         ps == IRQSIM_CONFORM_UNTIL_DONE ? ps : ps % LONGEST_RUN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    irqsim_conform_model_t model = *irqsim_conform_builtin();
    irqsim_conform_t *cases;
    irqsim_conform_result_t result;

    model.run = short_run;
    irqsim_conform_parse("fuzz", (const char *)data, size, NULL, &cases);
    for (size_t i = 0; cases && i < irqsim_conform_count(cases); i++)
        if (irqsim_conform_run(cases, i, &model, &result) != IRQSIM_OK)
            abort();
    irqsim_conform_free(cases);
    return 0;
}
