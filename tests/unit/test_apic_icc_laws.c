/* SPDX-License-Identifier: MIT */
/*
 * test_apic_icc_laws.c - laws 1 to 4 for the APIC bus alone, on random programs
 *
 * A program is a list of things done to the agents, with times between them. It
 * is run in several ways; they must end in the same state, byte by byte.
 */
#include <string.h>

#include "icc_rig.h"

#define STEPS    200u
#define PROGRAMS 300

typedef struct step {
    uint32_t clocks; /* before the next step */
    uint32_t what, a, b;
} step_t;

static uint32_t draw(uint64_t *x)
{
    *x = *x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*x >> 33);
}

static void write_program(step_t *program, uint64_t seed)
{
    for (unsigned i = 0; i < STEPS; i++)
        program[i] = (step_t){draw(&seed) % 60, draw(&seed), draw(&seed), draw(&seed)};
}

/* A bus of 2 to 5 CPUs, 1 or 2 IOAPICs and a bridge. */
static icc_rig_t random_rig(uint64_t seed)
{
    const uint8_t lapics = (uint8_t)(2 + draw(&seed) % 4);
    const uint8_t ioapics = (uint8_t)(1 + draw(&seed) % 2);
    icc_rig_t rig = icc_rig_of((irqsim_icc_desc_t){.lapics = lapics,
                                                   .ioapics = ioapics,
                                                   .bridge = true,
                                                   .bridge_id = (uint8_t)(lapics + ioapics)});

    for (unsigned i = 0; i < lapics; i++)
        put(&rig.la[i], LAPIC_REG_LDR, 1u << (24 + i));
    return rig;
}

/* Anything a guest or a device can do, except to give an agent another's ID. */
static void apply(icc_rig_t *rig, const step_t *step)
{
    irqsim_lapic_t *la = &rig->la[step->a % rig->bus.lapics];
    irqsim_ioapic_t *io = &rig->io[step->a % rig->bus.ioapics];
    const irqsim_apic_msg_t msi = {
        .vector = (uint8_t)step->b, .dest = step->b >> 8, .mode = step->b >> 16 & 1, .assert = 1};

    switch (step->what % 12) {
    case 0:
    case 1:
        put(la, LAPIC_REG_ICR_HIGH, step->a);
        put(la, LAPIC_REG_ICR_LOW, step->b);
        break;
    case 2:
        irqsim_lapic_ack(la);
        break;
    case 3:
    case 4:
        eoi(la);
        break;
    case 5:
        put(la, LAPIC_REG_TPR, step->b & 0x3F);
        break;
    case 6:
        ioapic_write(io, IOAPIC_REG_RTE_HIGH(step->b % 4), step->a << 24);
        ioapic_write(io, IOAPIC_REG_RTE_LOW(step->b % 4), step->b >> 2 & ~IOAPIC_RTE_MASKED);
        break;
    case 7:
    case 8:
        irqsim_ioapic_set_pin(io, step->b % 4, step->b >> 8 & 1);
        break;
    case 9:
        irqsim_icc_post(&rig->bus, &msi, rig->clock);
        break;
    case 10:
        irqsim_icc_disturb(&rig->bus, step->a % 41, step->b % 5);
        break;
    default:
        put(la, LAPIC_REG_SVR, SPURIOUS | (step->b % 8 ? LAPIC_SVR_ENABLE : 0));
        put(la, LAPIC_REG_LVT_ERROR, ERROR_VECTOR);
        break;
    }
}

/* Invariants: agents' IDs differ (ICC-22), nobody waits for a bus that sleeps. */
static void expect_order(icc_rig_t *rig)
{
    uint32_t seen = 0;

    for (unsigned agent = 0; agent < (unsigned)rig->bus.lapics + rig->bus.ioapics + 1; agent++) {
        const uint32_t bit = 1u << arb(rig, agent);
        ck_assert_uint_eq(seen & bit, 0);
        seen |= bit;
    }
    ck_assert_uint_lt(seen, 1u << 16);
    ck_assert(rig->bus.phase != IRQSIM_ICC_IDLE || rig->bus.due == IRQSIM_NEVER ||
              rig->bus.due > rig->clock);
    ck_assert(rig->bus.due != IRQSIM_NEVER || rig->bus.phase == IRQSIM_ICC_IDLE);
}

typedef enum way { JUMP, TICK, ACT, COPY } way_t;

static void pass(icc_rig_t *rig, uint64_t clocks, way_t way)
{
    const irqsim_icc_agents_t on = agents_of(rig);

    bus_look(rig);
    if (way == JUMP || way == COPY) {
        rig->clock += clocks;
        irqsim_icc_advance(&rig->bus, &on, rig->clock);
        return;
    }
    if (way == ACT) {
        for (rig->clock += clocks; rig->bus.due <= rig->clock;)
            irqsim_icc_act(&rig->bus, &on);
        return;
    }
    irqsim_icc_advance(&rig->bus, &on, rig->clock);
    for (; clocks > 0; clocks--)
        irqsim_icc_advance(&rig->bus, &on, ++rig->clock);
}

static icc_rig_t run(const step_t *program, uint64_t seed, way_t way)
{
    icc_rig_t rig = random_rig(seed);

    for (unsigned i = 0; i < STEPS; i++) {
        apply(&rig, &program[i]);
        pass(&rig, program[i].clocks, way);
        expect_order(&rig);
        if (way == COPY) { /* law 2: the structs are the snapshot */
            icc_rig_t *copy = malloc(sizeof(*copy));
            memcpy(copy, &rig, sizeof(*copy));
            memset(&rig, 0xAA, sizeof(rig));
            memcpy(&rig, copy, sizeof(*copy));
            free(copy);
        }
    }
    return rig;
}

static bool same(const icc_rig_t *a, const icc_rig_t *b)
{
    return memcmp(&a->bus, &b->bus, sizeof(a->bus)) == 0 &&
           memcmp(a->la, b->la, a->bus.lapics * sizeof(a->la[0])) == 0 &&
           memcmp(a->io, b->io, a->bus.ioapics * sizeof(a->io[0])) == 0 && a->clock == b->clock;
}

/* Law 1: twice the same. Law 2: through a copy. Law 3: tick by tick, act by act. */
START_TEST(icc_55_every_way_through_time_is_the_same)
{
    static icc_rig_t first, other;
    step_t program[STEPS];

    for (uint64_t seed = 1; seed <= PROGRAMS; seed++) {
        write_program(program, seed);
        first = run(program, seed, JUMP);
        for (way_t way = JUMP; way <= COPY; way++) {
            other = run(program, seed, way);
            ck_assert_msg(same(&first, &other), "seed %d, way %d", (int)seed, (int)way);
        }
        ck_assert_uint_gt(first.bus.begun, 20);
    }
}
END_TEST

/* Messages never overlap, nor does the bus rest while somebody asks. */
START_TEST(icc_55_the_bus_carries_one_message_at_a_time)
{
    step_t program[STEPS];

    for (uint64_t seed = 1; seed <= PROGRAMS; seed++) {
        icc_rig_t rig = random_rig(seed);
        const irqsim_icc_agents_t on = agents_of(&rig);
        uint64_t end = 0, used = 0;

        write_program(program, seed);
        for (unsigned i = 0; i < STEPS; i++) {
            apply(&rig, &program[i]);
            bus_look(&rig);
            for (rig.clock += program[i].clocks; rig.bus.due <= rig.clock;) {
                const uint64_t due = rig.bus.due;
                const irqsim_icc_act_t act = irqsim_icc_act(&rig.bus, &on);
                if (act == IRQSIM_ICC_BEGAN) {
                    ck_assert_uint_ge(due, end);
                    ck_assert(rig.bus.waited == 0 || due == end);
                }
                if (act == IRQSIM_ICC_ENDED) {
                    end = due;
                    used += irqsim_icc_length(&rig.bus);
                    ck_assert_uint_eq(due, rig.bus.begin + irqsim_icc_length(&rig.bus));
                }
            }
        }
        ck_assert_uint_eq(rig.bus.used, used);
    }
}
END_TEST

UNIT_MAIN("icc_laws", UNIT_TEST(icc_55_every_way_through_time_is_the_same),
          UNIT_TEST(icc_55_the_bus_carries_one_message_at_a_time))
