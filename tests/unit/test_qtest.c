/* SPDX-License-Identifier: MIT */
/* The qtest server: verbs, answers, what listens to what, and mistakes. */
#include <stdio.h>
#include <string.h>

#include <irqsim/qtest.h>

#include "unit.h"

#define EVERYTHING 65536u

typedef struct client {
    irqsim_qtest_t *qtest;
    char heard[EVERYTHING];
    size_t n;
} client_t;

static client_t client;

static void hear(void *user, const char *text, size_t n)
{
    client_t *c = user;

    ck_assert_uint_lt(c->n + n, EVERYTHING);
    memcpy(c->heard + c->n, text, n);
    c->n += n;
    c->heard[c->n] = '\0';
}

static void open_variant(irqsim_board_t board, unsigned cpus, uint32_t variants)
{
    const irqsim_qtest_desc_t desc = {
        .variants = variants,
        .board = board,
        .profile_id = board == IRQSIM_BOARD_AT ? IRQSIM_I486_PC : IRQSIM_P4_XAPIC,
        .cpus = (uint16_t)cpus,
        .ram_bytes = 65536,
        .most_events = 1000,
        .send = hear,
        .user = &client,
    };

    ck_assert_int_eq(irqsim_qtest_open(&desc, &client.qtest), IRQSIM_OK);
}

static void open_board(irqsim_board_t board, unsigned cpus)
{
    open_variant(board, cpus, 0);
}

static void close_board(void)
{
    irqsim_qtest_close(client.qtest);
    client.qtest = NULL;
}

/* `lines`, each with its newline, are answered so. */
static void says(const char *lines, const char *answers)
{
    client.n = 0;
    client.heard[0] = '\0';
    irqsim_qtest_feed(client.qtest, lines, strlen(lines));
    ck_assert_msg(strcmp(client.heard, answers) == 0, "%s answered\n%s, not\n%s", lines,
                  client.heard, answers);
}

#define INIT_PICS                                                                                  \
    "outb 0x20 0x11\noutb 0x21 0x20\noutb 0x21 4\noutb 0x21 1\n"                                   \
    "outb 0xa0 0x11\noutb 0xa1 0x28\noutb 0xa1 2\noutb 0xa1 1\n"
#define OK_8 "OK\nOK\nOK\nOK\nOK\nOK\nOK\nOK\n"

START_TEST(ports_are_bytes_lowest_first)
{
    open_board(IRQSIM_BOARD_AT, 1);
    says(INIT_PICS, OK_8);
    says("outw 0x20 0xfe0b\ninb 0x21\ninw 0x20\ninl 32\n",
         "OK\nOK 0x00fe\nOK 0xfe00\nOK 0xfffffe00\n");
    says("outl 0x20 0x12345608\ninb 0x21\ninb 0xffff\ninw 0177777\n",
         "OK\nOK 0x0056\nOK 0x00ff\nOK 0xffff\n");
    close_board();
}
END_TEST

START_TEST(memory_of_all_sizes)
{
    open_board(IRQSIM_BOARD_AT, 1);
    says("writeq 0x100 0x1122334455667788\nreadb 0x101\nreadw 0x101\nreadl 0x101\nreadq 256\n",
         "OK\nOK 0x0000000000000077\nOK 0x0000000000006677\nOK 0x0000000044556677\n"
         "OK 0x1122334455667788\n");
    says("writeb 0x100 0xff\nwritew 0x101 0xeeee\nwritel 0x104 1\nread 0x100 8\n",
         "OK\nOK\nOK\nOK 0xffeeee5501000000\n");
    says("readb 0x10000\nreadq 0xfffc\nreadq 0xfffffffffffffff0\n",
         "OK 0x0000000000000000\nOK 0xffffffff00000000\nOK 0xffffffffffffffff\n");
    close_board();
}
END_TEST

START_TEST(blocks_in_hex_and_base64)
{
    open_board(IRQSIM_BOARD_AT, 1);
    says("write 0x10 3 0x0aFf80\nread 0x10 3\nb64read 0x10 1\nb64read 0x10 2\nb64read 0x10 3\n",
         "OK\nOK 0x0aff80\nOK Cg==\nOK Cv8=\nOK Cv+A\n");
    says("b64write 0x20 4 3q2+7w==\nread 0x20 5\n", "OK\nOK 0xdeadbeef00\n");
    says("memset 0x30 4 0xa5\nread 0x2f 6\n", "OK\nOK 0x00a5a5a5a500\n");
    says(
        "write 0 2 0x0\nwrite 0 2 0x000000\nwrite 0 1 0x0g\nb64write 0 3 AA==\nb64write 0 1 A*==\n",
        "FAIL column 11: expected 0x and two digits a byte, found '0x0'\n"
        "FAIL column 11: expected 0x and two digits a byte, found '0x000000'\n"
        "FAIL column 11: expected 0x and two digits a byte, found '0x0g'\n"
        "FAIL column 14: expected base64 of so many bytes, found 'AA=='\n"
        "FAIL column 14: expected base64 of so many bytes, found 'A*=='\n");
    close_board();
}
END_TEST

/* IOAPIC-01, IOAPIC-02: the index has eight bits, the data 32 and no fewer. */
START_TEST(ioapic_02_registers_are_32_bits)
{
    open_board(IRQSIM_BOARD_MP, 1);
    says("writeb 0xfec00000 0x10\nreadb 0xfec00000\nreadl 0xfec00010\nreadb 0xfec00010\n",
         "OK\nOK 0x0000000000000010\nOK 0x0000000000010000\nOK 0x0000000000000000\n");
    says("writeb 0xfec00010 0\nreadl 0xfec00010\nread 0xfec00010 4\nread 0xfec00011 2\n",
         "OK\nOK 0x0000000000010000\nOK 0x00000100\nOK 0x0000\n");
    says("write 0xfec00010 4 0x30800000\nreadq 0xfec00010\n", "OK\nOK 0x0000000000008030\n");
    close_board();
}
END_TEST

START_TEST(interrupt_output_of_the_pair)
{
    open_board(IRQSIM_BOARD_AT, 1);
    says(INIT_PICS "irq_intercept_out /machine/unattached/i8259\n", OK_8 "OK\n");
    says("set_irq_in i8259 unnamed-gpio-in 5 1\nset_irq_in i8259 unnamed-gpio-in 5 1\n"
         "set_irq_in i8259 unnamed-gpio-in 5 0\nset_irq_in i8259 unnamed-gpio-in 12 1\n",
         "IRQ raise 0\nOK\nOK\nIRQ lower 0\nOK\nIRQ raise 0\nOK\n");
    says("outb 0x20 0x0c\ninb 0x20\noutb 0xa0 0x0c\ninb 0xa0\n",
         "OK\nIRQ lower 0\nOK 0x0082\nOK\nOK 0x0084\n");
    close_board();
}
END_TEST

/* A slave's edge too, and the master's of the slave's INT. */
START_TEST(pic_85_variant_keeps_edges)
{
    open_variant(IRQSIM_BOARD_MP, 1, IRQSIM_VARIANT_LATCHED_EDGE);
    says("outb 0x43 0x30\n" INIT_PICS "irq_intercept_out i8259\n", "OK\n" OK_8 "OK\n");
    says("set_irq_in i8259 unnamed-gpio-in 9 1\nset_irq_in i8259 unnamed-gpio-in 9 0\n",
         "IRQ raise 0\nOK\nOK\n");
    says("outb 0xa1 0xff\ninb 0x20\noutb 0x20 0x0c\ninb 0x20\n",
         "OK\nOK 0x0004\nOK\nIRQ lower 0\nOK 0x0082\n");
    close_board();
}
END_TEST

/* IRQ 0 is line 2 on a board with an IOAPIC (IOAPIC-35), and the timer's elsewhere. */
START_TEST(ioapic_35_inputs_by_name)
{
    open_board(IRQSIM_BOARD_MP, 1);
    says("irq_intercept_in ioapic\nset_irq_in i8259 unnamed-gpio-in 3 1\n"
         "set_irq_in /machine/q35/ioapic unnamed-gpio-in 23 1\n",
         "OK\nIRQ raise 3\nOK\nIRQ raise 23\nOK\n");
    says("outb 0x43 0x30\nset_irq_in i8259 unnamed-gpio-in 0 1\n",
         "IRQ lower 2\nOK\nIRQ raise 2\nOK\n");
    says("set_irq_in ioapic unnamed-gpio-in 0 1\nset_irq_in i8259 unnamed-gpio-in 2 1\n",
         "FAIL column 35: expected an input that the board does not drive itself, found '0'\n"
         "FAIL column 34: expected an input that the board does not drive itself, found '2'\n");
    says("irq_intercept_out i8259\nirq_intercept_out ioapic\n",
         "FAIL IRQ intercept already enabled\nOK\n");
    close_board();
    open_board(IRQSIM_BOARD_AT, 1);
    says("set_irq_in i8259 unnamed-gpio-in 0 1\nirq_intercept_in ioapic\n",
         "FAIL column 34: expected an input that the board does not drive itself, found '0'\n"
         "FAIL Unknown device at column 18: expected i8259\n");
    close_board();
}
END_TEST

/* Time moves messages: a level interrupt to CPU 1, whose LAPIC the client reads. */
START_TEST(messages_travel_with_time)
{
    open_board(IRQSIM_BOARD_MP, 2);
    says("cpu 1\nwritel 0xfee000f0 0x1ff\nirq_intercept_out lapic1\n", "OK\nOK\nOK\n");
    says("writel 0xfec00000 0x21\nwritel 0xfec00010 0x01000000\nwritel 0xfec00000 0x20\n"
         "writel 0xfec00010 0x8041\n",
         "OK\nOK\nOK\nOK\n");
    says("set_irq_in ioapic unnamed-gpio-in 8 1\nreadl 0xfec00010\n",
         "OK\nOK 0x0000000000009041\n");
    says("clock_step\nreadl 0xfec00010\nreadl 0xfee00220\n",
         "IRQ raise 0\nOK 500\nOK 0x000000000000c041\nOK 0x0000000000000002\n");
    says("cpu 0\nreadl 0xfee00020\nreadl 0xfee00220\ncpu 2\n",
         "OK\nOK 0x0000000000000000\nOK 0x0000000000000000\n"
         "FAIL column 5: expected a CPU (0 to 1), found '2'\n");
    close_board();
}
END_TEST

START_TEST(clocks_and_timers)
{
    open_board(IRQSIM_BOARD_AT, 1);
    says("clock_step 5\nclock_set 3\nclock_set 100\n", "OK 5\nOK 5\nOK 100\n");
    /* mode 0: OUT rises 10 pulses after the one that loads the count; INT is seen
     * by the CPU 350 ns later (TIME-45), then nothing is left to come */
    says(INIT_PICS "outb 0x43 0x30\noutb 0x40 10\noutb 0x40 0\nirq_intercept_in i8259\n",
         OK_8 "OK\nOK\nOK\nOK\n");
    says("clock_step\nclock_step\nclock_step\n", "IRQ raise 0\nOK 9220\nOK 9570\nOK 9570\n");
    says("clock_set 18446744073709551615\nclock_step 18446744000000001\n",
         "FAIL column 11: expected nanoseconds (213 days at most), found '18446744073709551615'\n"
         "FAIL column 12: expected nanoseconds (213 days at most), found '18446744000000001'\n");
    close_board();
}
END_TEST

START_TEST(a_fast_timer_ends_a_step)
{
    const char *lines =
        "writel 0xfee000f0 0x1ff\nwritel 0xfee003e0 0xb\nwritel 0xfee00320 0x20040\n"
        "writel 0xfee00380 1\nclock_step 1000000000\nclock_step 0\n";

    open_board(IRQSIM_BOARD_MP, 1);
    says(lines, "OK\nOK\nOK\nOK\nFAIL too many events, stopped at 10000\nOK 10000\n");
    close_board();
}
END_TEST

START_TEST(mistakes_have_a_column)
{
    open_board(IRQSIM_BOARD_AT, 1);
    says("\n   \ninb\ninb  70000\ninb 0x\ninb 08\ninb -1\ninb 1 2\n",
         "FAIL column 1: expected a command, found the end of the line\n"
         "FAIL column 4: expected a command, found the end of the line\n"
         "FAIL column 4: expected a port (0 to 0xffff), found the end of the line\n"
         "FAIL column 6: expected a port (0 to 0xffff), found '70000'\n"
         "FAIL column 5: expected a port (0 to 0xffff), found '0x'\n"
         "FAIL column 5: expected a port (0 to 0xffff), found '08'\n"
         "FAIL column 5: expected a port (0 to 0xffff), found '-1'\n"
         "FAIL column 7: expected the end of the line, found '2'\n");
    says("readq 18446744073709551616\nread 0 0\nread 0 0x1000001\nset_irq_in i8259 x 1 1\n"
         "set_irq_in i8259 unnamed-gpio-in 16 1\nrtas\nb\x01\xff\n",
         "FAIL column 7: expected an address, found '18446744073709551616'\n"
         "FAIL column 8: expected a size (1 to 0x1000000), found '0'\n"
         "FAIL column 8: expected a size (1 to 0x1000000), found '0x1000001'\n"
         "FAIL column 18: expected unnamed-gpio-in, found 'x'\n"
         "FAIL column 34: expected an input (0 to 15), found '16'\n"
         "FAIL Unknown command 'rtas'\nFAIL Unknown command 'b..'\n");
    says("endianness 5\nendianness\r\n", "FAIL column 12: expected the end of the line, found '5'\n"
                                         "OK little\n");
    says("irq_intercept_out nobody\n", "FAIL Unknown device at column 19: expected i8259\n");
    close_board();
}
END_TEST

START_TEST(bytes_come_as_they_like)
{
    const char line[] = "inb 0x21\ninb\0 0x21\nendian";

    open_board(IRQSIM_BOARD_AT, 1);
    client.n = 0;
    for (size_t i = 0; i < sizeof(line) - 1; i++)
        irqsim_qtest_feed(client.qtest, line + i, 1);
    ck_assert_str_eq(client.heard, "OK 0x00ff\nFAIL Unknown command 'inb.'\n");
    says("ness\n", "OK little\n");
    close_board();
}
END_TEST

START_TEST(a_line_has_an_end)
{
    static char much[1 << 20];

    open_board(IRQSIM_BOARD_AT, 1);
    memset(much, 'x', sizeof(much));
    for (unsigned i = 0; i < 40; i++)
        irqsim_qtest_feed(client.qtest, much, sizeof(much));
    says("\ninb 0x21\n", "FAIL expected a line of at most 33554688 bytes\nOK 0x00ff\n");
    close_board();
}
END_TEST

START_TEST(callers_get_a_status)
{
    irqsim_qtest_desc_t desc = {0};
    irqsim_qtest_t *qtest;

    ck_assert_int_eq(irqsim_qtest_open(&desc, &qtest), IRQSIM_E_INVAL);
    ck_assert_ptr_null(qtest);
    desc.send = hear;
    desc.board = IRQSIM_BOARD_MP; /* and a 486: contradicts */
    ck_assert_int_eq(irqsim_qtest_open(&desc, &qtest), IRQSIM_E_INVAL);
    desc.profile_id = IRQSIM_P4_XAPIC;
    desc.cpus = 2000;
    ck_assert_int_eq(irqsim_qtest_open(&desc, &qtest), IRQSIM_E_RANGE);
    irqsim_qtest_close(NULL);
}
END_TEST

/* clang-format off */
UNIT_MAIN("qtest",
    UNIT_TEST(ports_are_bytes_lowest_first),
    UNIT_TEST(memory_of_all_sizes),
    UNIT_TEST(blocks_in_hex_and_base64),
    UNIT_TEST(ioapic_02_registers_are_32_bits),
    UNIT_TEST(interrupt_output_of_the_pair),
    UNIT_TEST(pic_85_variant_keeps_edges),
    UNIT_TEST(ioapic_35_inputs_by_name),
    UNIT_TEST(messages_travel_with_time),
    UNIT_TEST(clocks_and_timers),
    UNIT_TEST(a_fast_timer_ends_a_step),
    UNIT_TEST(mistakes_have_a_column),
    UNIT_TEST(bytes_come_as_they_like),
    UNIT_TEST(a_line_has_an_end),
    UNIT_TEST(callers_get_a_status))
/* clang-format on */
