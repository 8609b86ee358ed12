/* SPDX-License-Identifier: MIT */
/* test_apic_ioapic_pins.c - from a pin to a message and back by EOI */
#include "apic_rig.h"

#define PIN   9u
#define BIT   (UINT32_C(1) << PIN)
#define EDGE  0x40u
#define LEVEL (IOAPIC_RTE_TRIGGER_LEVEL | 0x40u)

static irqsim_ioapic_t with_entry(uint32_t low)
{
    const irqsim_ioapic_desc_t desc = {.version = 0};
    irqsim_ioapic_t io;
    irqsim_ioapic_init(&io, &desc);
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), low);
    return io;
}

static void set(irqsim_ioapic_t *io, bool level)
{
    irqsim_ioapic_set_pin(io, PIN, level);
}

/* One message, answered; false if there is none. */
static bool carry(irqsim_ioapic_t *io, irqsim_apic_fate_t fate)
{
    irqsim_apic_msg_t msg;

    if (!irqsim_ioapic_bus_take(io, &msg))
        return false;
    irqsim_ioapic_bus_done(io, msg.source - IRQSIM_APIC_FROM_IOAPIC(0), fate);
    return true;
}

static uint32_t entry(irqsim_ioapic_t *io)
{
    return ioapic_read(io, IOAPIC_REG_RTE_LOW(PIN));
}

START_TEST(ioapic_20_a_message_has_the_entry_s_fields)
{
    irqsim_ioapic_t io = with_entry(LEVEL | IOAPIC_RTE_LOGICAL | IOAPIC_RTE_DM_LOWEST);
    irqsim_apic_msg_t msg;

    ioapic_write(&io, IOAPIC_REG_RTE_HIGH(PIN), IOAPIC_RTE_HIGH(0xA5u));
    set(&io, true);
    ck_assert_uint_eq(io.out, IRQSIM_IOAPIC_OUT_MSG);
    ck_assert(irqsim_ioapic_bus_take(&io, &msg));
    ck_assert(msg.dest == 0xA5 && msg.logical && msg.mode == IRQSIM_APIC_LOWEST);
    ck_assert(msg.vector == 0x40 && msg.level && msg.assert && !msg.is_eoi);
    ck_assert_uint_eq(msg.source, IRQSIM_APIC_FROM_IOAPIC(PIN));
    ck_assert(!irqsim_ioapic_bus_take(&io, &msg) && io.out == 0);
}
END_TEST

START_TEST(ioapic_21_lowest_pin_first)
{
    irqsim_ioapic_t io = with_entry(EDGE);
    irqsim_apic_msg_t msg;

    for (unsigned pin = 0; pin < IRQSIM_IOAPIC_PINS; pin++)
        ioapic_write(&io, IOAPIC_REG_RTE_LOW(pin), 0xF0 - pin);
    irqsim_ioapic_set_in(&io, UINT32_MAX);
    for (unsigned pin = 0; pin < IRQSIM_IOAPIC_PINS; pin++) {
        ck_assert(irqsim_ioapic_bus_take(&io, &msg));
        ck_assert_uint_eq(msg.source, IRQSIM_APIC_FROM_IOAPIC(pin));
        ck_assert_uint_eq(msg.vector, 0xF0 - pin);
    }
    ck_assert(!irqsim_ioapic_bus_take(&io, &msg));
}
END_TEST

START_TEST(ioapic_22_one_message_per_edge)
{
    irqsim_ioapic_t io = with_entry(EDGE);

    set(&io, true);
    ck_assert(entry(&io) & IOAPIC_RTE_PENDING);
    set(&io, false); /* a latched edge survives the fall */
    ck_assert(carry(&io, IRQSIM_APIC_ACCEPTED));
    ck_assert(!carry(&io, IRQSIM_APIC_ACCEPTED) && !(entry(&io) & IOAPIC_RTE_PENDING));
    set(&io, true);
    ck_assert(carry(&io, IRQSIM_APIC_COALESCED));
    ck_assert_uint_eq(irqsim_ioapic_take_lost(&io), 0);
}
END_TEST

START_TEST(ioapic_22_an_edge_before_the_last_message_has_left_is_lost)
{
    irqsim_ioapic_t io = with_entry(EDGE);
    irqsim_apic_msg_t msg;

    set(&io, true);
    set(&io, false);
    set(&io, true); /* still pending */
    ck_assert_uint_eq(irqsim_ioapic_take_lost(&io), BIT);
    irqsim_ioapic_bus_take(&io, &msg);
    ck_assert(entry(&io) & IOAPIC_RTE_PENDING);
    set(&io, false);
    set(&io, true); /* still under way */
    ck_assert_uint_eq(irqsim_ioapic_take_lost(&io), BIT);
    ck_assert_uint_eq(irqsim_ioapic_take_lost(&io), 0);
    irqsim_ioapic_bus_done(&io, PIN, IRQSIM_APIC_ACCEPTED);
    ck_assert(!carry(&io, IRQSIM_APIC_ACCEPTED));
}
END_TEST

START_TEST(ioapic_22_a_refused_edge_is_sent_again)
{
    irqsim_ioapic_t io = with_entry(EDGE);

    set(&io, true);
    set(&io, false);
    ck_assert(carry(&io, IRQSIM_APIC_RETRY));
    ck_assert(io.out && carry(&io, IRQSIM_APIC_ACCEPTED));
    ck_assert(!carry(&io, IRQSIM_APIC_ACCEPTED));
}
END_TEST

START_TEST(ioapic_22_a_mask_does_not_recall_an_edge)
{
    irqsim_ioapic_t io = with_entry(EDGE);
    irqsim_apic_msg_t msg;

    set(&io, true);
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), EDGE | IOAPIC_RTE_MASKED);
    ck_assert(irqsim_ioapic_bus_take(&io, &msg) && !msg.level);
    irqsim_ioapic_bus_done(&io, PIN, IRQSIM_APIC_RETRY); /* nor when it is sent again */
    ck_assert(carry(&io, IRQSIM_APIC_ACCEPTED));
}
END_TEST

/* A caller's mistake: nothing is there, and nothing happens. */
START_TEST(ioapic_06_there_is_no_pin_24)
{
    static const unsigned pins[] = {24, 31, 32, 33, 300, UINT32_MAX};
    const unsigned pin = pins[_i];
    irqsim_ioapic_t io = with_entry(EDGE);
    irqsim_apic_msg_t msg;

    irqsim_ioapic_set_in(&io, UINT32_MAX);
    ck_assert(irqsim_ioapic_bus_take(&io, &msg));
    irqsim_ioapic_set_in(&io, 2); /* so that any pin would be a change */
    const irqsim_ioapic_t before = io;
    ck_assert_uint_eq(irqsim_ioapic_set_pin(&io, pin, true), io.out);
    ck_assert_uint_eq(irqsim_ioapic_set_pin(&io, pin, false), io.out);
    irqsim_ioapic_bus_done(&io, pin, IRQSIM_APIC_RETRY);
    irqsim_ioapic_bus_done(&io, pin, IRQSIM_APIC_ACCEPTED);
    ck_assert_uint_eq(irqsim_ioapic_rte(&io, pin), 0);
    ck_assert_mem_eq(&io, &before, sizeof(io));
}
END_TEST

START_TEST(ioapic_09_a_reset_forgets_the_message_under_way)
{
    irqsim_ioapic_t io = with_entry(EDGE);
    irqsim_apic_msg_t msg;

    set(&io, true);
    irqsim_ioapic_bus_take(&io, &msg);
    irqsim_ioapic_reset(&io);
    irqsim_ioapic_bus_done(&io, PIN, IRQSIM_APIC_RETRY);
    ck_assert(!irqsim_ioapic_bus_take(&io, &msg));
}
END_TEST

START_TEST(ioapic_23_a_masked_edge_is_neither_delivered_nor_held)
{
    irqsim_ioapic_t io = with_entry(EDGE | IOAPIC_RTE_MASKED);

    set(&io, true);
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), EDGE);
    ck_assert(!carry(&io, IRQSIM_APIC_ACCEPTED));
    ck_assert_uint_eq(irqsim_ioapic_take_lost(&io), BIT);
}
END_TEST

START_TEST(ioapic_24_a_level_is_sent_once_until_its_eoi)
{
    irqsim_ioapic_t io = with_entry(LEVEL);

    set(&io, true);
    ck_assert(carry(&io, IRQSIM_APIC_ACCEPTED));
    ck_assert(entry(&io) & IOAPIC_RTE_REMOTE_IRR);
    ck_assert(!carry(&io, IRQSIM_APIC_ACCEPTED));
    ck_assert_uint_eq(irqsim_ioapic_eoi(&io, 0x40), BIT);
    ck_assert(!(entry(&io) & IOAPIC_RTE_REMOTE_IRR));
    ck_assert(carry(&io, IRQSIM_APIC_ACCEPTED)); /* still active: a new interrupt */
    set(&io, false);
    irqsim_ioapic_eoi(&io, 0x40);
    ck_assert(!carry(&io, IRQSIM_APIC_ACCEPTED));
}
END_TEST

START_TEST(ioapic_25_a_masked_level_is_sent_at_unmask)
{
    irqsim_ioapic_t io = with_entry(LEVEL | IOAPIC_RTE_MASKED);

    set(&io, true);
    set(&io, false);
    set(&io, true);
    ck_assert(!carry(&io, IRQSIM_APIC_ACCEPTED) && irqsim_ioapic_take_lost(&io) == 0);
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), LEVEL);
    ck_assert(carry(&io, IRQSIM_APIC_ACCEPTED));
}
END_TEST

START_TEST(ioapic_26_a_level_that_falls_before_acceptance_is_withdrawn)
{
    irqsim_ioapic_t io = with_entry(LEVEL);
    irqsim_apic_msg_t msg;

    set(&io, true);
    set(&io, false);
    ck_assert(io.out == 0 && !carry(&io, IRQSIM_APIC_ACCEPTED));

    set(&io, true);
    irqsim_ioapic_bus_take(&io, &msg);
    set(&io, false);
    irqsim_ioapic_bus_done(&io, PIN, IRQSIM_APIC_RETRY); /* refused, and gone meanwhile */
    ck_assert_uint_eq(io.out, 0);

    set(&io, true);
    irqsim_ioapic_bus_take(&io, &msg);
    set(&io, false);
    irqsim_ioapic_bus_done(&io, PIN, IRQSIM_APIC_ACCEPTED); /* accepted: waits for its EOI */
    ck_assert(entry(&io) & IOAPIC_RTE_REMOTE_IRR);
}
END_TEST

/* A level's request is its line's: an entry that is an edge now has not seen one. */
START_TEST(ioapic_23_a_waiting_level_does_not_become_an_edge)
{
    irqsim_ioapic_t io = with_entry(LEVEL);

    set(&io, true);
    ck_assert(entry(&io) & IOAPIC_RTE_PENDING);
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), EDGE | (_i ? IOAPIC_RTE_MASKED : 0));
    ck_assert(io.out == 0 && !(entry(&io) & IOAPIC_RTE_PENDING));
    set(&io, false);
    ck_assert(!carry(&io, IRQSIM_APIC_ACCEPTED));
}
END_TEST

START_TEST(ioapic_23_nor_does_one_that_is_refused)
{
    irqsim_ioapic_t io = with_entry(LEVEL);
    irqsim_apic_msg_t msg;

    set(&io, true);
    ck_assert(irqsim_ioapic_bus_take(&io, &msg) && msg.level);
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), EDGE | (_i ? IOAPIC_RTE_MASKED : 0));
    irqsim_ioapic_bus_done(&io, PIN, IRQSIM_APIC_RETRY);
    ck_assert(!carry(&io, IRQSIM_APIC_ACCEPTED));
}
END_TEST

/* Remote IRR stands for an EOI message to come, which only a level has (APIC-48). */
START_TEST(ioapic_24_remote_irr_is_of_what_was_sent)
{
    irqsim_ioapic_t io = with_entry(EDGE);
    irqsim_apic_msg_t msg;

    set(&io, true);
    irqsim_ioapic_bus_take(&io, &msg);
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), LEVEL);
    irqsim_ioapic_bus_done(&io, PIN, IRQSIM_APIC_ACCEPTED); /* an edge */
    ck_assert(!(entry(&io) & IOAPIC_RTE_REMOTE_IRR));
    ck_assert(irqsim_ioapic_bus_take(&io, &msg) && msg.level); /* the line is active */
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), EDGE);
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), LEVEL);
    irqsim_ioapic_bus_done(&io, PIN, IRQSIM_APIC_ACCEPTED); /* a level */
    ck_assert(entry(&io) & IOAPIC_RTE_REMOTE_IRR);
}
END_TEST

START_TEST(ioapic_24_a_level_nobody_takes_does_not_flood_the_bus)
{
    irqsim_ioapic_t io = with_entry(LEVEL);

    set(&io, true);
    ck_assert(carry(&io, IRQSIM_APIC_NOBODY));
    ck_assert(!carry(&io, IRQSIM_APIC_NOBODY) && !(entry(&io) & IOAPIC_RTE_REMOTE_IRR));
    ioapic_write(&io, IOAPIC_REG_RTE_HIGH(PIN), IOAPIC_RTE_HIGH(1u)); /* someone else */
    ck_assert(carry(&io, IRQSIM_APIC_NOBODY));
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), LEVEL);
    ck_assert(carry(&io, IRQSIM_APIC_ILLEGAL));
    set(&io, false);
    set(&io, true);
    ck_assert(carry(&io, IRQSIM_APIC_ACCEPTED));
}
END_TEST

START_TEST(ioapic_24_new_listeners_hear_a_level_that_nobody_has_taken)
{
    irqsim_ioapic_t io = with_entry(LEVEL);

    set(&io, true);
    ck_assert(carry(&io, IRQSIM_APIC_NOBODY) && !io.out);
    ck_assert_uint_eq(irqsim_ioapic_listeners_changed(&io), IRQSIM_IOAPIC_OUT_MSG);
    ck_assert(carry(&io, IRQSIM_APIC_NOBODY) && !io.out); /* once each time */
    irqsim_ioapic_listeners_changed(&io);
    ck_assert(carry(&io, IRQSIM_APIC_ACCEPTED));
    ck_assert_uint_eq(irqsim_ioapic_listeners_changed(&io), 0); /* it has been taken */
    irqsim_ioapic_eoi(&io, 0x40);
    ck_assert(carry(&io, IRQSIM_APIC_NOBODY));
    set(&io, false);
    ck_assert_uint_eq(irqsim_ioapic_listeners_changed(&io), 0); /* there is no request */
}
END_TEST

/* What changes while a message is under way to nobody may be what it was about. */
START_TEST(ioapic_24_nor_is_a_listener_missed_that_comes_meanwhile)
{
    irqsim_ioapic_t io = with_entry(LEVEL);
    irqsim_apic_msg_t msg;

    set(&io, true);
    irqsim_ioapic_bus_take(&io, &msg);
    if (_i == 0)
        irqsim_ioapic_listeners_changed(&io);
    else
        ioapic_write(&io, IOAPIC_REG_RTE_HIGH(PIN), IOAPIC_RTE_HIGH(1u));
    ck_assert_uint_eq(io.out, 0);
    irqsim_ioapic_bus_done(&io, PIN, IRQSIM_APIC_NOBODY);
    ck_assert(carry(&io, IRQSIM_APIC_NOBODY) && !io.out);
}
END_TEST

START_TEST(ioapic_27_a_mask_recalls_nothing)
{
    irqsim_ioapic_t io = with_entry(LEVEL);

    set(&io, true);
    carry(&io, IRQSIM_APIC_ACCEPTED);
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), LEVEL | IOAPIC_RTE_MASKED);
    ck_assert(entry(&io) & IOAPIC_RTE_REMOTE_IRR);
    irqsim_ioapic_eoi(&io, 0x40);
    ck_assert(!carry(&io, IRQSIM_APIC_ACCEPTED));
}
END_TEST

START_TEST(ioapic_28_mask_edge_level_forces_an_eoi)
{
    irqsim_ioapic_t io = with_entry(LEVEL);

    set(&io, true);
    carry(&io, IRQSIM_APIC_ACCEPTED);
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), EDGE | IOAPIC_RTE_MASKED);
    ck_assert(!(entry(&io) & IOAPIC_RTE_REMOTE_IRR));
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), LEVEL);
    ck_assert(carry(&io, IRQSIM_APIC_ACCEPTED));
}
END_TEST

static irqsim_ioapic_t with_pin_assert(uint32_t low)
{
    const irqsim_ioapic_desc_t desc = {.version = 2, .pin_assert = true}; /* as in an ICH2 */
    irqsim_ioapic_t io;
    irqsim_ioapic_init(&io, &desc);
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), low);
    return io;
}

START_TEST(ioapic_03_a_written_pin_is_an_edge)
{
    irqsim_ioapic_t io = with_pin_assert(EDGE);

    ck_assert_uint_eq(ioapic_read(&io, IOAPIC_REG_VERSION), 0x00178002);
    irqsim_ioapic_write(&io, IOAPIC_WIN_PIN_ASSERT, 0xFFFFFFE0 | PIN); /* bits 4:0 count */
    ck_assert(carry(&io, IRQSIM_APIC_ACCEPTED));
    irqsim_ioapic_write(&io, IOAPIC_WIN_PIN_ASSERT, 24); /* there is no such pin */
    ck_assert_uint_eq(io.out, 0);
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), EDGE | IOAPIC_RTE_MASKED);
    irqsim_ioapic_write(&io, IOAPIC_WIN_PIN_ASSERT, PIN);
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), EDGE);
    ck_assert(!carry(&io, IRQSIM_APIC_ACCEPTED)); /* as IOAPIC-23 */
}
END_TEST

START_TEST(ioapic_03_on_a_level_entry_it_asks_once)
{
    irqsim_ioapic_t io = with_pin_assert(LEVEL);

    irqsim_ioapic_write(&io, IOAPIC_WIN_PIN_ASSERT, PIN);
    ck_assert(carry(&io, IRQSIM_APIC_RETRY) && carry(&io, IRQSIM_APIC_ACCEPTED));
    ck_assert(entry(&io) & IOAPIC_RTE_REMOTE_IRR);
    irqsim_ioapic_write(&io, IOAPIC_WIN_PIN_ASSERT, PIN); /* waits for the EOI */
    ck_assert_uint_eq(io.out, 0);
    irqsim_ioapic_write(&io, IOAPIC_WIN_EOI, 0x40); /* such parts have this register too */
    ck_assert(carry(&io, IRQSIM_APIC_ACCEPTED));
    irqsim_ioapic_eoi(&io, 0x40);
    ck_assert_uint_eq(io.out, 0);
    irqsim_ioapic_write(&io, IOAPIC_WIN_PIN_ASSERT, PIN);
    ck_assert(carry(&io, IRQSIM_APIC_NOBODY) && io.out == 0);
}
END_TEST

START_TEST(ioapic_03_other_parts_have_no_such_register)
{
    irqsim_ioapic_t io = with_entry(EDGE);

    irqsim_ioapic_write(&io, IOAPIC_WIN_PIN_ASSERT, PIN);
    ck_assert_uint_eq(io.out, 0);
    ck_assert(!(ioapic_read(&io, IOAPIC_REG_VERSION) & IOAPIC_VERSION_PRQ));
}
END_TEST

START_TEST(ioapic_04_eoi_register_from_version_20_on)
{
    const irqsim_ioapic_desc_t old_desc = {.version = IOAPIC_VERSION_82093AA};
    irqsim_ioapic_t io = with_entry(LEVEL), old;

    irqsim_ioapic_init(&old, &old_desc);
    ioapic_write(&old, IOAPIC_REG_RTE_LOW(PIN), LEVEL);
    irqsim_ioapic_t *both[] = {&io, &old};
    for (int i = 0; i < 2; i++) {
        set(both[i], true);
        carry(both[i], IRQSIM_APIC_ACCEPTED);
        irqsim_ioapic_write(both[i], IOAPIC_WIN_EOI, 0x40);
    }
    ck_assert(!(entry(&io) & IOAPIC_RTE_REMOTE_IRR));
    ck_assert(entry(&old) & IOAPIC_RTE_REMOTE_IRR);
}
END_TEST

START_TEST(ioapic_29_an_eoi_ends_every_entry_with_its_vector)
{
    irqsim_ioapic_t io = with_entry(LEVEL);

    ioapic_write(&io, IOAPIC_REG_RTE_LOW(10u), LEVEL);
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(11u), LEVEL + 1);
    irqsim_ioapic_set_in(&io, 7u << PIN);
    for (int i = 0; i < 3; i++)
        carry(&io, IRQSIM_APIC_ACCEPTED);
    ck_assert_uint_eq(irqsim_ioapic_eoi(&io, 0x40), 3u << PIN);
    ck_assert_uint_eq(io.remote, 4u << PIN);
}
END_TEST

/* Per mode: L level honoured, E edge whatever the trigger says, - not sent. */
START_TEST(ioapic_30_a_reserved_mode_is_not_sent_even_if_an_edge_is_latched)
{
    const uint32_t reserved = IRQSIM_APIC_SIPI << IOAPIC_RTE_DM_SHIFT | EDGE;
    irqsim_ioapic_t latched = with_entry(EDGE), refused = with_entry(EDGE);
    irqsim_apic_msg_t msg;

    set(&latched, true);
    ioapic_write(&latched, IOAPIC_REG_RTE_LOW(PIN), reserved);
    ck_assert(!irqsim_ioapic_bus_take(&latched, &msg));

    set(&refused, true);
    ck_assert(irqsim_ioapic_bus_take(&refused, &msg));
    ioapic_write(&refused, IOAPIC_REG_RTE_LOW(PIN), reserved);
    irqsim_ioapic_bus_done(&refused, PIN, IRQSIM_APIC_RETRY);
    ck_assert(!irqsim_ioapic_bus_take(&refused, &msg));
}
END_TEST

START_TEST(ioapic_30_modes_and_their_trigger)
{
    irqsim_ioapic_t io = with_entry(LEVEL | (uint32_t)_i << IOAPIC_RTE_DM_SHIFT);
    const char kind = "LLE-EE-E"[_i];
    irqsim_apic_msg_t msg;

    set(&io, true);
    ck_assert_int_eq(irqsim_ioapic_bus_take(&io, &msg), kind != '-');
    if (kind == '-')
        return;
    ck_assert(msg.level == (kind == 'L') && msg.mode == _i);
    irqsim_ioapic_bus_done(&io, PIN, IRQSIM_APIC_ACCEPTED);
    ck_assert_int_eq((entry(&io) & IOAPIC_RTE_REMOTE_IRR) != 0, kind == 'L'); /* IOAPIC-31 */
    ck_assert(!carry(&io, IRQSIM_APIC_ACCEPTED));
}
END_TEST

START_TEST(ioapic_32_read_only_bits_survive_and_high_does_not_resend)
{
    irqsim_ioapic_t io = with_entry(LEVEL);

    set(&io, true);
    ck_assert(entry(&io) & IOAPIC_RTE_PENDING);
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), LEVEL);
    ck_assert(entry(&io) & IOAPIC_RTE_PENDING);
    carry(&io, IRQSIM_APIC_ACCEPTED);
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), LEVEL);
    ck_assert(entry(&io) & IOAPIC_RTE_REMOTE_IRR);
    ioapic_write(&io, IOAPIC_REG_RTE_HIGH(PIN), IOAPIC_RTE_HIGH(3u));
    ck_assert(!carry(&io, IRQSIM_APIC_ACCEPTED));
}
END_TEST

START_TEST(ioapic_33_low_before_high_goes_to_the_old_destination)
{
    irqsim_ioapic_t io = with_entry(LEVEL | IOAPIC_RTE_MASKED);
    irqsim_apic_msg_t msg;

    ioapic_write(&io, IOAPIC_REG_RTE_HIGH(PIN), IOAPIC_RTE_HIGH(1u));
    set(&io, true);
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), LEVEL);
    ck_assert(irqsim_ioapic_bus_take(&io, &msg) && msg.dest == 1);
}
END_TEST

START_TEST(ioapic_34_eoi_matches_by_vector_after_a_move)
{
    irqsim_ioapic_t io = with_entry(LEVEL);

    set(&io, true);
    carry(&io, IRQSIM_APIC_ACCEPTED);
    ioapic_write(&io, IOAPIC_REG_RTE_HIGH(PIN), IOAPIC_RTE_HIGH(3u));
    ck_assert_uint_eq(irqsim_ioapic_eoi(&io, 0x41), 0);
    ck_assert_uint_eq(irqsim_ioapic_eoi(&io, 0x40), BIT);
}
END_TEST

START_TEST(ioapic_38_polarity_is_part_of_the_pin)
{
    irqsim_ioapic_t io = with_entry(LEVEL | IOAPIC_RTE_ACTIVE_LOW);

    ck_assert(carry(&io, IRQSIM_APIC_ACCEPTED)); /* low is active */
    set(&io, true);
    irqsim_ioapic_eoi(&io, 0x40);
    ck_assert(!carry(&io, IRQSIM_APIC_ACCEPTED));

    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), EDGE | IOAPIC_RTE_ACTIVE_LOW);
    ck_assert(!carry(&io, IRQSIM_APIC_ACCEPTED));
    set(&io, false);
    ck_assert(carry(&io, IRQSIM_APIC_ACCEPTED)); /* a falling edge */
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), EDGE);
    set(&io, true);
    ck_assert(carry(&io, IRQSIM_APIC_ACCEPTED));
    set(&io, false);
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), EDGE | IOAPIC_RTE_ACTIVE_LOW);
    ck_assert(carry(&io, IRQSIM_APIC_ACCEPTED)); /* turning it is an edge */
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), EDGE);
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(PIN), EDGE | IOAPIC_RTE_ACTIVE_LOW | IOAPIC_RTE_MASKED);
    ck_assert(!carry(&io, IRQSIM_APIC_ACCEPTED) && irqsim_ioapic_take_lost(&io) == 0);
}
END_TEST

/* The whole level cycle with a local APIC (IOAPIC-24, APIC-47). */
START_TEST(ioapic_24_the_local_apic_s_eoi_reaches_the_pin)
{
    irqsim_ioapic_t io = with_entry(LEVEL);
    irqsim_lapic_t la = lapic();
    irqsim_apic_msg_t msg;

    set(&io, true);
    irqsim_ioapic_bus_take(&io, &msg);
    ck_assert(irqsim_lapic_matches(&la, &msg));
    irqsim_ioapic_bus_done(&io, PIN, irqsim_lapic_deliver(&la, &msg));
    ck_assert_uint_eq(irqsim_lapic_ack(&la), 0x40);
    set(&io, false);
    eoi(&la);
    ck_assert(irqsim_lapic_bus_take(&la, &msg) && msg.is_eoi);
    ck_assert_uint_eq(irqsim_ioapic_eoi(&io, msg.vector), BIT);
    ck_assert_uint_eq(io.out, 0);
}
END_TEST

UNIT_MAIN("apic_ioapic_pins", UNIT_TEST(ioapic_20_a_message_has_the_entry_s_fields),
          UNIT_TEST(ioapic_21_lowest_pin_first), UNIT_TEST(ioapic_22_one_message_per_edge),
          UNIT_TEST(ioapic_22_an_edge_before_the_last_message_has_left_is_lost),
          UNIT_TEST(ioapic_22_a_refused_edge_is_sent_again),
          UNIT_TEST(ioapic_22_a_mask_does_not_recall_an_edge),
          UNIT_LOOP(ioapic_06_there_is_no_pin_24, 0, 6),
          UNIT_TEST(ioapic_09_a_reset_forgets_the_message_under_way),
          UNIT_TEST(ioapic_23_a_masked_edge_is_neither_delivered_nor_held),
          UNIT_TEST(ioapic_24_a_level_is_sent_once_until_its_eoi),
          UNIT_TEST(ioapic_25_a_masked_level_is_sent_at_unmask),
          UNIT_TEST(ioapic_26_a_level_that_falls_before_acceptance_is_withdrawn),
          UNIT_LOOP(ioapic_23_a_waiting_level_does_not_become_an_edge, 0, 2),
          UNIT_LOOP(ioapic_23_nor_does_one_that_is_refused, 0, 2),
          UNIT_TEST(ioapic_24_remote_irr_is_of_what_was_sent),
          UNIT_TEST(ioapic_24_a_level_nobody_takes_does_not_flood_the_bus),
          UNIT_TEST(ioapic_24_new_listeners_hear_a_level_that_nobody_has_taken),
          UNIT_LOOP(ioapic_24_nor_is_a_listener_missed_that_comes_meanwhile, 0, 2),
          UNIT_TEST(ioapic_27_a_mask_recalls_nothing),
          UNIT_TEST(ioapic_28_mask_edge_level_forces_an_eoi),
          UNIT_TEST(ioapic_03_a_written_pin_is_an_edge),
          UNIT_TEST(ioapic_03_on_a_level_entry_it_asks_once),
          UNIT_TEST(ioapic_03_other_parts_have_no_such_register),
          UNIT_TEST(ioapic_04_eoi_register_from_version_20_on),
          UNIT_TEST(ioapic_29_an_eoi_ends_every_entry_with_its_vector),
          UNIT_TEST(ioapic_30_a_reserved_mode_is_not_sent_even_if_an_edge_is_latched),
          UNIT_LOOP(ioapic_30_modes_and_their_trigger, 0, 8),
          UNIT_TEST(ioapic_32_read_only_bits_survive_and_high_does_not_resend),
          UNIT_TEST(ioapic_33_low_before_high_goes_to_the_old_destination),
          UNIT_TEST(ioapic_34_eoi_matches_by_vector_after_a_move),
          UNIT_TEST(ioapic_38_polarity_is_part_of_the_pin),
          UNIT_TEST(ioapic_24_the_local_apic_s_eoi_reaches_the_pin))
