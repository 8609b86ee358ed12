/* SPDX-License-Identifier: MIT */
/* test_apic_ioapic_regs.c - the window, the registers, the entries' bits, MSIs */
#include "apic_rig.h"

static irqsim_ioapic_t ioapic(uint8_t version)
{
    const irqsim_ioapic_desc_t desc = {.id = 2, .version = version};
    irqsim_ioapic_t io;
    irqsim_ioapic_init(&io, &desc);
    return io;
}

START_TEST(ioapic_01_select_is_eight_bits)
{
    irqsim_ioapic_t io = ioapic(0);

    irqsim_ioapic_write(&io, IOAPIC_WIN_SELECT, 0xABCDEF12);
    ck_assert_uint_eq(irqsim_ioapic_read(&io, IOAPIC_WIN_SELECT), 0x12);
}
END_TEST

START_TEST(ioapic_02_between_the_registers_is_nothing)
{
    irqsim_ioapic_t io = ioapic(0x11);
    const irqsim_ioapic_t before = io;

    for (uint32_t offset = 0; offset < IOAPIC_MMIO_SIZE; offset++) {
        if (offset == IOAPIC_WIN_SELECT || offset == IOAPIC_WIN_DATA)
            continue;
        irqsim_ioapic_write(&io, offset, UINT32_MAX);
        ck_assert_uint_eq(irqsim_ioapic_read(&io, offset), 0);
    }
    ck_assert_mem_eq(&io, &before, sizeof(io));
}
END_TEST

START_TEST(ioapic_09_no_description_is_the_usual_one)
{
    irqsim_ioapic_t io, usual;

    irqsim_ioapic_init(&io, NULL);
    irqsim_ioapic_init(&usual, &(irqsim_ioapic_desc_t){.id = 0});
    ck_assert_mem_eq(&io, &usual, sizeof(io));
}
END_TEST

START_TEST(ioapic_05_id_has_four_bits)
{
    irqsim_ioapic_t io = ioapic(0);

    ck_assert_uint_eq(ioapic_read(&io, IOAPIC_REG_ID), 0x02000000);
    ioapic_write(&io, IOAPIC_REG_ID, UINT32_MAX);
    ck_assert_uint_eq(ioapic_read(&io, IOAPIC_REG_ID), 0x0F000000);
}
END_TEST

START_TEST(ioapic_06_version_is_read_only)
{
    irqsim_ioapic_t old = ioapic(0x11), io = ioapic(0);

    ioapic_write(&old, IOAPIC_REG_VERSION, 0);
    ck_assert_uint_eq(ioapic_read(&old, IOAPIC_REG_VERSION), 0x00170011);
    ck_assert_uint_eq(ioapic_read(&io, IOAPIC_REG_VERSION), 0x00170020);
}
END_TEST

START_TEST(ioapic_07_arb_is_reloaded_by_an_id_write)
{
    irqsim_ioapic_t io = ioapic(0x11);

    ioapic_write(&io, IOAPIC_REG_ARB, 0x07000000);
    ck_assert_uint_eq(ioapic_read(&io, IOAPIC_REG_ARB), 0x02000000);
    ioapic_write(&io, IOAPIC_REG_ID, 0x09000000);
    ck_assert_uint_eq(ioapic_read(&io, IOAPIC_REG_ARB), 0x09000000);
}
END_TEST

START_TEST(ioapic_08_boot_config_on_later_parts)
{
    irqsim_ioapic_t old = ioapic(0x11), io = ioapic(0x20);

    ioapic_write(&old, IOAPIC_REG_BOOT_CONFIG, UINT32_MAX);
    ioapic_write(&io, IOAPIC_REG_BOOT_CONFIG, UINT32_MAX);
    ck_assert_uint_eq(ioapic_read(&old, IOAPIC_REG_BOOT_CONFIG), 0);
    ck_assert_uint_eq(ioapic_read(&io, IOAPIC_REG_BOOT_CONFIG), IOAPIC_BOOT_SYSTEM_BUS);
}
END_TEST

START_TEST(ioapic_09_every_entry_starts_masked)
{
    irqsim_ioapic_t io = ioapic(0);

    ck_assert_uint_eq(ioapic_read(&io, IOAPIC_REG_RTE_LOW((unsigned)_i)), IOAPIC_RTE_MASKED);
    ck_assert_uint_eq(ioapic_read(&io, IOAPIC_REG_RTE_HIGH((unsigned)_i)), 0);
}
END_TEST

START_TEST(ioapic_10_other_indices_read_zero)
{
    irqsim_ioapic_t io = ioapic(0);
    const irqsim_ioapic_t before = io;

    for (uint32_t index = 0; index < 256; index++) {
        if (index < 4 || (index >= 0x10 && index < 0x40))
            continue;
        ioapic_write(&io, index, UINT32_MAX);
        ck_assert_uint_eq(ioapic_read(&io, index), 0);
    }
    io.index = before.index;
    ck_assert_mem_eq(&io, &before, sizeof(io));
}
END_TEST

START_TEST(ioapic_11_to_20_writable_bits_of_an_entry)
{
    irqsim_ioapic_t io = ioapic(0);

    ioapic_write(&io, IOAPIC_REG_RTE_LOW(5u), UINT32_MAX);
    ioapic_write(&io, IOAPIC_REG_RTE_HIGH(5u), UINT32_MAX);
    ck_assert_uint_eq(ioapic_read(&io, IOAPIC_REG_RTE_LOW(5u)), 0x0001AFFF);
    ck_assert_uint_eq(ioapic_read(&io, IOAPIC_REG_RTE_HIGH(5u)), 0xFF000000);
    ck_assert_uint_eq(irqsim_ioapic_rte(&io, 5), UINT64_C(0xFF0000000001AFFF));
    ck_assert_uint_eq(irqsim_ioapic_rte(&io, 4), IOAPIC_RTE_MASKED);
}
END_TEST

START_TEST(ioapic_09_reset_forgets_the_entries)
{
    irqsim_ioapic_t io = ioapic(0);
    const irqsim_ioapic_t fresh = io;

    ioapic_write(&io, IOAPIC_REG_ID, 0x09000000);
    ioapic_write(&io, IOAPIC_REG_RTE_LOW(5u), 0xA940);
    irqsim_ioapic_set_pin(&io, 5, true);
    irqsim_ioapic_reset(&io);
    irqsim_ioapic_set_pin(&io, 5, false);
    ck_assert_mem_eq(&io, &fresh, sizeof(io));
}
END_TEST

START_TEST(apic_69_msi_decodes_address_and_data)
{
    irqsim_apic_msg_t msg;

    ck_assert(irqsim_apic_msi_decode(MSI_ADDRESS(0xA5u, MSI_ADDRESS_LOGICAL),
                                     MSI_DATA_LEVEL(0x66u, LAPIC_DM_LOWEST), &msg));
    ck_assert(msg.dest == 0xA5 && msg.logical && msg.vector == 0x66);
    ck_assert(msg.mode == IRQSIM_APIC_LOWEST && msg.level && msg.assert && !msg.is_eoi);
    ck_assert(irqsim_apic_msi_decode(MSI_ADDRESS(3u, 0u), MSI_DATA_EDGE(0x41u, 0u), &msg));
    ck_assert(msg.dest == 3 && !msg.logical && !msg.level && msg.assert);
    ck_assert(!irqsim_apic_msi_decode(0xFEF00000, 0x41, &msg));
    ck_assert(!irqsim_apic_msi_decode(UINT64_C(0x1FEE00000), 0x41, &msg));
}
END_TEST

START_TEST(ioapic_30_a_level_msi_that_ends_asks_for_nothing)
{
    irqsim_lapic_t la = lapic();
    irqsim_apic_msg_t msg;

    irqsim_apic_msi_decode(MSI_ADDRESS(0u, 0u), MSI_DATA_TRIGGER_LEVEL | 0x41, &msg);
    ck_assert_int_eq(irqsim_lapic_deliver(&la, &msg), IRQSIM_APIC_NOBODY);
    irqsim_apic_msi_decode(MSI_ADDRESS(0u, 0u), MSI_DATA_TRIGGER_LEVEL | LAPIC_DM_NMI, &msg);
    ck_assert_int_eq(irqsim_lapic_deliver(&la, &msg), IRQSIM_APIC_ACCEPTED); /* always an edge */
    ck_assert(!msg.level && msg.assert);
    ck_assert_uint_eq(la.out, IRQSIM_LAPIC_OUT_NMI);
}
END_TEST

UNIT_MAIN("apic_ioapic_regs", UNIT_TEST(ioapic_01_select_is_eight_bits),
          UNIT_TEST(ioapic_02_between_the_registers_is_nothing),
          UNIT_TEST(ioapic_09_no_description_is_the_usual_one),
          UNIT_TEST(ioapic_05_id_has_four_bits), UNIT_TEST(ioapic_06_version_is_read_only),
          UNIT_TEST(ioapic_07_arb_is_reloaded_by_an_id_write),
          UNIT_TEST(ioapic_08_boot_config_on_later_parts),
          UNIT_LOOP(ioapic_09_every_entry_starts_masked, 0, IRQSIM_IOAPIC_PINS),
          UNIT_TEST(ioapic_10_other_indices_read_zero),
          UNIT_TEST(ioapic_11_to_20_writable_bits_of_an_entry),
          UNIT_TEST(ioapic_09_reset_forgets_the_entries),
          UNIT_TEST(apic_69_msi_decodes_address_and_data),
          UNIT_TEST(ioapic_30_a_level_msi_that_ends_asks_for_nothing))
