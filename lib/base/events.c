/* SPDX-License-Identifier: MIT */
/* events.c - the catalogue of events as a table */
#include <irqsim/event.h>

/* clang-format off */
#define NONE           {"-", IRQSIM_ARG_NONE}
#define NUM(arg)       {#arg, IRQSIM_ARG_NUM}
#define SIGNED(arg)    {#arg, IRQSIM_ARG_SIGNED}
#define HEX(arg)       {#arg, IRQSIM_ARG_HEX}
#define NAME(arg)      {#arg, IRQSIM_ARG_NAME}
#define TASK(arg)      {#arg, IRQSIM_ARG_TASK}
#define ADDRESS(arg)   {#arg, IRQSIM_ARG_ADDRESS}
#define VECTOR(arg)    {#arg, IRQSIM_ARG_VECTOR}
#define KIND(arg)      {#arg, IRQSIM_ARG_KIND}
#define EVENT_OF(arg)  {#arg, IRQSIM_ARG_EVENT_OF}
#define ERROR(arg)     {#arg, IRQSIM_ARG_ERROR}
#define PF_ERROR(arg)  {#arg, IRQSIM_ARG_PF_ERROR}
#define FLAGS(arg)     {#arg, IRQSIM_ARG_FLAGS}
#define LETTER(arg)    {#arg, IRQSIM_ARG_LETTER}
#define HANDLER(arg)   {#arg, IRQSIM_ARG_HANDLER}
#define STATUS(arg)    {#arg, IRQSIM_ARG_STATUS}
#define TARGET(arg)    {#arg, IRQSIM_ARG_TARGET}
#define MODE(arg)      {#arg, IRQSIM_ARG_MODE}
#define FATE(arg)      {#arg, IRQSIM_ARG_FATE}
#define DELIVERED(arg) {#arg, IRQSIM_ARG_DELIVERED}
#define SI_CODE(arg)   {#arg, IRQSIM_ARG_SI_CODE}
/* clang-format on */

#define EVENT(id, NAME, text, tp, a1, a2, a3, cause) [id] = {text, tp, {a1, a2, a3}},
static const irqsim_event_info_t catalogue[IRQSIM_EV_LIMIT] = {
#include <irqsim/events.def>
};
#undef EVENT

#define EVENT(id, NAME, text, tp, a1, a2, a3, cause)
#define WORD(FORM, value, text) {IRQSIM_ARG_##FORM, (value), text},
#define OF_SIGNAL               IRQSIM_OF_SIGNAL
static const struct {
    irqsim_arg_form_t form;
    uint32_t value;
    const char *text;
} words[] = {
#include <irqsim/events.def>
};

const irqsim_event_info_t *irqsim_event_info(unsigned id)
{
    return id < IRQSIM_EV_LIMIT && catalogue[id].name ? &catalogue[id] : NULL;
}

const char *irqsim_event_word(irqsim_arg_form_t form, uint32_t value)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (words[i].form == form && words[i].value == value)
            return words[i].text;
    return NULL;
}
