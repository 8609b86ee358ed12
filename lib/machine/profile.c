/* SPDX-License-Identifier: MIT */
/*
 * profile.c - profiles.def as tables: a name for every figure (TIME-103)
 */
#include <irqsim/profile.h>

static const irqsim_figure_t figures[] = {
#define FIGURE(name, unit, a, b, c, d, e, rule, what) {#name, #unit, rule, what},
#include <irqsim/profiles.def>
#undef FIGURE
};
#define FIGURES (sizeof(figures) / sizeof(figures[0]))

_Static_assert(sizeof(irqsim_profile_t) == FIGURES * sizeof(uint64_t), "a row of integers");

static const irqsim_profile_t profiles[IRQSIM_PROFILES] = {
#define FIGURE(name, unit, a, b, c, d, e, rule, what) .name = UINT64_C(a),
    [IRQSIM_I486_PC] =
        {
#include <irqsim/profiles.def>
        },
#undef FIGURE
#define FIGURE(name, unit, a, b, c, d, e, rule, what) .name = UINT64_C(b),
    [IRQSIM_P5_MP] =
        {
#include <irqsim/profiles.def>
        },
#undef FIGURE
#define FIGURE(name, unit, a, b, c, d, e, rule, what) .name = UINT64_C(c),
    [IRQSIM_P6_MP] =
        {
#include <irqsim/profiles.def>
        },
#undef FIGURE
#define FIGURE(name, unit, a, b, c, d, e, rule, what) .name = UINT64_C(d),
    [IRQSIM_P4_XAPIC] =
        {
#include <irqsim/profiles.def>
        },
#undef FIGURE
#define FIGURE(name, unit, a, b, c, d, e, rule, what) .name = UINT64_C(e),
    [IRQSIM_MODERN_X2APIC] =
        {
#include <irqsim/profiles.def>
        },
#undef FIGURE
};

static const struct {
    const char *name;
    irqsim_apic_family_t family;
} machines[IRQSIM_PROFILES] = {
    [IRQSIM_I486_PC] = {"i486-pc", IRQSIM_APIC_XAPIC}, /* has none; any will do */
    [IRQSIM_P5_MP] = {"p5-mp", IRQSIM_APIC_P5},
    [IRQSIM_P6_MP] = {"p6-mp", IRQSIM_APIC_P6},
    [IRQSIM_P4_XAPIC] = {"p4-xapic", IRQSIM_APIC_XAPIC},
    [IRQSIM_MODERN_X2APIC] = {"modern-x2apic", IRQSIM_APIC_X2APIC},
};

unsigned irqsim_figures(void)
{
    return (unsigned)FIGURES;
}

const irqsim_figure_t *irqsim_figure(unsigned index)
{
    return index < FIGURES ? &figures[index] : NULL;
}

uint64_t irqsim_profile_get(const irqsim_profile_t *profile, unsigned index)
{
    return index < FIGURES ? ((const uint64_t *)profile)[index] : 0;
}

void irqsim_profile_set(irqsim_profile_t *profile, unsigned index, uint64_t value)
{
    if (index < FIGURES)
        ((uint64_t *)profile)[index] = value;
}

const irqsim_profile_t *irqsim_profile(irqsim_profile_id_t id)
{
    return (unsigned)id < IRQSIM_PROFILES ? &profiles[id] : NULL;
}

const char *irqsim_profile_name(irqsim_profile_id_t id)
{
    return (unsigned)id < IRQSIM_PROFILES ? machines[id].name : NULL;
}

irqsim_apic_family_t irqsim_profile_family(irqsim_profile_id_t id)
{
    return (unsigned)id < IRQSIM_PROFILES ? machines[id].family : IRQSIM_APIC_XAPIC;
}
