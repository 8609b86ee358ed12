/* SPDX-License-Identifier: MIT */
/* Conformance cases as text: what is accepted, and where it is wrong. */
#include <stdio.h>
#include <string.h>

#include <irqsim/conform.h>

#include "unit.h"

typedef struct heard {
    char text[512]; /* "line:column message" of each problem, one a line */
} heard_t;

static void hear(void *user, const irqsim_diag_t *diag)
{
    heard_t *heard = user;
    const size_t used = strlen(heard->text);

    snprintf(heard->text + used, sizeof(heard->text) - used, "%u:%u %s\n", (unsigned)diag->line,
             (unsigned)diag->column, diag->message);
}

static irqsim_conform_t *parse(const char *text, heard_t *heard)
{
    const irqsim_diag_sink_t sink = {.report = hear, .user = heard};
    irqsim_conform_t *cases = NULL;
    const irqsim_status_t status = irqsim_conform_parse("t", text, strlen(text), &sink, &cases);

    ck_assert_int_eq(status, cases ? IRQSIM_OK : IRQSIM_E_FORMAT);
    return cases;
}

/* The steps of one case on board `board` are accepted. */
static void accepts(const char *board, const char *steps)
{
    char text[512];
    heard_t heard = {""};

    snprintf(text, sizeof(text), "case X\nboard %s\n%s\n", board, steps);
    irqsim_conform_t *cases = parse(text, &heard);
    ck_assert_msg(cases, "%s: %s", steps, heard.text);
    irqsim_conform_free(cases);
}

/* One problem, at that column of the line that is `steps`. */
static void refuses(const char *board, const char *steps, unsigned column, const char *words)
{
    char text[512], place[16];
    heard_t heard = {""};

    snprintf(text, sizeof(text), "case X\nboard %s\n%s", board, steps);
    snprintf(place, sizeof(place), "3:%u ", column);
    ck_assert_msg(!parse(text, &heard), "accepted: %s", steps);
    ck_assert_msg(strncmp(heard.text, place, strlen(place)) == 0, "%s: %s", steps, heard.text);
    ck_assert_msg(strstr(heard.text, words), "%s: %s", steps, heard.text);
    ck_assert_uint_eq(strcspn(heard.text, "\n") + 1, strlen(heard.text));
}

START_TEST(chip_steps_are_read)
{
    accepts("pic elcr=1", "out 20 13;in 20=0/F ; line 7 1;\tintr = 0;inta = ff");
    accepts("at", "inta1 master; inta1 slave; inta2 = 20; ackstart; ack = none; reset");
    accepts("mp cpus=12 family=p6 ioapic=20 soft=0 profile=p5-mp",
            "on 11; mw FEE00080 FFFFFFFF; mr FEE00080 = 0/0; lint 1 0; nmi; smi; init; line 17 1\n"
            "wrmsr 1B FEE00900; wrmsr 1B 1 faults; rdmsr 1B = FEE00900/FFF; rdmsr 5 faults\n"
            "run; run 5ns; run 7us; run 1ms; run 100clk; run 21icc; sent 3; apr B = 0\n"
            "icc 21; arb io = 3; arb 0 = 1; bus = 3 0 1 2; peek rte 17 = 10000");
    accepts("at", "variant latched-edge; peek pic1.lowest = 7; peek pic0.irr = 1/1");
}
END_TEST

START_TEST(cpu_steps_are_read)
{
    accepts("cpu", "cpu cpl=3 if=1 tf=0 nt=0 rf=0 iopl=3 eip=FFFF esp=1000 cr2=0 mode=v86\n"
                   "gate 80 trap dpl=3 handler=8000 cs=ok ist=1; gate 8 task; gate 9 bad\n"
                   "idtlimit 7FF; tss ss0=absent; exec popf:202; exec int:80; exec into:1\n"
                   "exec load:C0000000; exec bound:fail; exec iret\n"
                   "frame eip=100 cs=8 fl=202 esp=1000 ss=10; page idt absent; page 4000 present\n"
                   "boundary; took E err=4 eip=100 if=1 frame=14; took none\n"
                   "now cs=8 mode=prot; halted 1; shutdown 0; nmiblocked 1; clocks 100");
}
END_TEST

START_TEST(mistakes_have_a_place)
{
    refuses("pic", "out 20 100", 8, "expected a byte (hexadecimal, 0 to FF), found '100'");
    refuses("pic", "in 20 00", 7, "expected '=', found '00'");
    refuses("pic", "in 20 =", 8, "the step ends");
    refuses("pic", "in 20 = 0/", 9, "found '0/'");
    refuses("pic", "line 8 1", 6, "0 to 7");
    refuses("at", "line 10 1", 6, "0 to F");
    refuses("mp", "line 18 1", 6, "0 to 17");
    refuses("mp cpus=2", "on 2", 4, "decimal, 0 to 1");
    refuses("pic", "mw 0 0", 1, "board 'pic' has no 'mw'");
    refuses("cpu", "line 0 1", 1, "board 'cpu' has no 'line'");
    refuses("pic", "peek pic1.irr = 0", 6, "board 'pic' has no 'pic1.irr'");
    refuses("pic", "inta2 = 0", 1, "expected an 'inta1'");
    refuses("pic", "intr = 0 1", 10, "expected ';'");
    refuses("pic", "reset; board at", 14, "one board");
    refuses("at", "run 5", 5, "found '5'");
    refuses("at", "run 21icc", 5, "with an APIC bus");
    refuses("at", "run 99999999ms", 5, "1000 s");
    refuses("mp", "wrmsr 1B 10000000000000000", 10, "FFFFFFFFFFFFFFFF");
    refuses("cpu", "exec int:100", 6, "an instruction");
    refuses("cpu", "cpu cs=8", 5, "a key of this step");
    refuses("cpu", "cpu", 4, "a key of this step");
    refuses("mp", "variant late", 9, "a variant: latched-edge, aeoi-master");
}
END_TEST

START_TEST(a_case_begins_with_its_board)
{
    heard_t heard = {""};

    ck_assert_ptr_null(parse("out 20 1\n", &heard));
    ck_assert_ptr_nonnull(strstr(heard.text, "1:1 expected 'case', found 'out'"));
    heard.text[0] = '\0';
    ck_assert_ptr_null(parse("case A\nout 20 1\n", &heard));
    ck_assert_str_eq(heard.text, "2:1 expected 'board' as the first step of a case\n");
    heard.text[0] = '\0';
    ck_assert_ptr_null(parse("case A\ncase B\nboard at\n", &heard));
    ck_assert_ptr_nonnull(strstr(heard.text, "2:1 "));
    heard.text[0] = '\0';
    ck_assert_ptr_null(parse("# nothing\n", &heard));
    ck_assert_ptr_null(parse("case\nboard at\n", &heard));
}
END_TEST

START_TEST(titles_keep_their_hash)
{
    heard_t heard = {""};
    irqsim_conform_t *cases = parse("  case A-1  b # c \r\nboard at\ncase B-2\nboard at", &heard);

    ck_assert_uint_eq(irqsim_conform_count(cases), 2);
    ck_assert_str_eq(irqsim_conform_title(cases, 0), "A-1  b # c");
    ck_assert_str_eq(irqsim_conform_title(cases, 1), "B-2");
    irqsim_conform_free(cases);
}
END_TEST

/* clang-format off */
UNIT_MAIN("conform_grammar",
    UNIT_TEST(chip_steps_are_read),
    UNIT_TEST(cpu_steps_are_read),
    UNIT_TEST(mistakes_have_a_place),
    UNIT_TEST(a_case_begins_with_its_board),
    UNIT_TEST(titles_keep_their_hash))
/* clang-format on */
