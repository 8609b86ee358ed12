/* SPDX-License-Identifier: MIT */
/*
 * irqsim/profile.h - how long things take on which machine (TIME-100)
 *
 * A profile is a row of integers. Every figure is a default, not a promise;
 * facts and confidence are in docs/timing.md. A trace records the whole table
 * it ran with.
 */
#ifndef IRQSIM_PROFILE_H
#define IRQSIM_PROFILE_H

#include <irqsim/apic_msg.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum irqsim_profile_id {
    IRQSIM_I486_PC = 0,
    IRQSIM_P5_MP,
    IRQSIM_P6_MP,
    IRQSIM_P4_XAPIC,
    IRQSIM_MODERN_X2APIC,
    IRQSIM_PROFILES
} irqsim_profile_id_t;

/* The figures, one member each; units in profiles.def. */
typedef struct irqsim_profile {
#define FIGURE(name, unit, a, b, c, d, e, rule, what) uint64_t name;
#include <irqsim/profiles.def>
#undef FIGURE
} irqsim_profile_t;

/* One figure's description. unit is "hz", "clk" or "ns". */
typedef struct irqsim_figure {
    const char *name, *unit, *rule, *what;
} irqsim_figure_t;

/* Number of figures; irqsim_profile_t is that many uint64_t, in this order. */
unsigned irqsim_figures(void);
/* index < irqsim_figures(), else NULL. Static storage. */
const irqsim_figure_t *irqsim_figure(unsigned index);
uint64_t irqsim_profile_get(const irqsim_profile_t *profile, unsigned index);
void irqsim_profile_set(irqsim_profile_t *profile, unsigned index, uint64_t value);

/* Defaults of a machine; id < IRQSIM_PROFILES, else NULL. Static storage. */
const irqsim_profile_t *irqsim_profile(irqsim_profile_id_t id);
/* "i486-pc", "p5-mp", ...; NULL beyond the last. */
const char *irqsim_profile_name(irqsim_profile_id_t id);
/* APIC family of that machine. */
irqsim_apic_family_t irqsim_profile_family(irqsim_profile_id_t id);

#ifdef __cplusplus
}
#endif
#endif
