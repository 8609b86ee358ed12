/* SPDX-License-Identifier: MIT */
/* test_capture_arrivals.c - the list's own text: strict in, the same out */
#include <fcntl.h>
#include <sys/stat.h>

#include <zlib.h>

#include "capture_text.h"

/* docs/arrivals-format.md has this one. */
static const char example[] = "irqsim-arrivals 1\n"
                              "origin ftrace ftrace-disk-storm.txt.gz\n"
                              "cpus 2\n"
                              "span 3500\n"
                              "irq 36 virtio1-req.0 count 8634\n"
                              "irq 41 \"my \\\"card\\\" #1\"\n"
                              "softirq BLOCK raised 8634 executed 0 8634\n"
                              "softirq RCU raised 260 executed 138 124 tasks 7 orphans 2\n"
                              "at 0 cpu 1 irq 36 takes 1000\n"
                              "  raise BLOCK takes 8000\n"
                              "    queue ext4_end_io_rsv_work#17 takes 21000\n"
                              "  raise RCU takes 0\n"
                              "at 3000 cpu 0 vector reschedule takes 1000\n"
                              "at 3000 cpu 0 irq 41 takes 5\n";

static irqsim_arrivals_t *loaded(const char *text)
{
    irqsim_arrivals_t *list;

    ck_assert_int_eq(irqsim_arrivals_load_bytes("t", text, strlen(text), NULL, &list), IRQSIM_OK);
    return list;
}

START_TEST(the_example_is_read_and_written_as_it_is)
{
    irqsim_arrivals_t *list = loaded(example);
    char *text = list_text(list);

    ck_assert_str_eq(text, example);
    ck_assert_uint_eq(list->n_records, 6);
    const irqsim_record_t *work = &list->record[2];
    ck_assert_uint_eq(work->kind, IRQSIM_RECORD_WORK);
    ck_assert_uint_eq(work->number, 17);
    ck_assert_uint_eq(work->depth, 2);
    ck_assert_uint_eq(work->cpu, 1);
    ck_assert_uint_eq(work->takes_ns, 21000);
    ck_assert_str_eq(list->name[work->name], "ext4_end_io_rsv_work");
    ck_assert_str_eq(list->name[list->record[5].name], "my \"card\" #1");
    ck_assert_uint_eq(list->n_softirqs, 2);
    const irqsim_softirq_total_t *rcu = &list->softirq[1];
    ck_assert_str_eq(list->name[rcu->name], "RCU");
    ck_assert_uint_eq(rcu->raised, 260);
    ck_assert_uint_eq(rcu->executed, 262);
    ck_assert_uint_eq(rcu->by_tasks, 7);
    ck_assert_uint_eq(rcu->orphans, 2);
    ck_assert_uint_eq(list->softirq_cpu[2 * 1 + 0], 138);
    ck_assert_uint_eq(list->softirq_cpu[2 * 1 + 1], 124);
    free(text);
    irqsim_arrivals_free(list);
}
END_TEST

START_TEST(a_hand_written_file_may_be_short)
{
    irqsim_arrivals_t *list = loaded("irqsim-arrivals 1\n"
                                     "# two CPUs\n\n"
                                     "cpus 2\n"
                                     "at   7 cpu 1  vector x  takes 4");
    ck_assert_str_eq(list->origin, "");
    ck_assert_uint_eq(list->span_ns, 7);
    ck_assert_uint_eq(list->n_irqs, 0);
    ck_assert_uint_eq(list->record[0].takes_ns, 4);
    irqsim_arrivals_free(list);
}
END_TEST

static const char *const odd[] = {
    "\"\"",        "\"a b\"",     "\"\\\"\"", "\"#\"", "\"\\\\ \"",
    "\"\\u0001\"", "\"\\u007f\"", "\xc3\xa4", "a\\b",
};
#define ODDS ((int)(sizeof(odd) / sizeof(odd[0])))

START_TEST(odd_names_come_back)
{
    char text[256];

    snprintf(text, sizeof(text),
             "irqsim-arrivals 1\norigin %s\ncpus 1\nspan 0\nirq 1 %s\n"
             "softirq %s raised 1 executed 1\n"
             "at 0 cpu 0 irq 1 takes 0\n  raise %s takes 0\n  queue %s#1 takes 0\n",
             _i == 1 ? "x y" : odd[_i], odd[_i], odd[_i], odd[_i], odd[_i]);
    irqsim_arrivals_t *list = loaded(text);
    char *again = list_text(list);
    ck_assert_str_eq(again, text);
    free(again);
    irqsim_arrivals_free(list);
}
END_TEST

START_TEST(escapes_mean_what_json_means)
{
    irqsim_arrivals_t *list = loaded("irqsim-arrivals 1\n"
                                     "origin \"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e4\\u20AC\"\n"
                                     "cpus 1\n");
    ck_assert_str_eq(list->origin, "\"\\/\b\f\n\r\tA\xc3\xa4\xe2\x82\xac");
    irqsim_arrivals_free(list);
}
END_TEST

/* --- what is wrong, where ------------------------------------------------ */

#define TOP "irqsim-arrivals 1\ncpus 2\nirq 36 disk\n"
#define ONE "at 10 cpu 0 irq 36 takes 1\n"

static const struct {
    const char *text, *told;
} mistake[] = {
    {"", "0:0 the file is empty | its first line is 'irqsim-arrivals 1'"},
    {"hello\n", "1:1 this is no list of arrivals | its first line is 'irqsim-arrivals 1'"},
    {"irqsim-arrivals 2\n", "1:1 this program reads version 1 only"},
    {"irqsim-arrivals\n", "1:16 expected a decimal number, found the end of the line"},
    {"irqsim-arrivals 1\n", "0:0 there is no 'cpus' line"},
    {"irqsim-arrivals 1\ncpus 0\n", "2:1 a machine has at least one CPU"},
    {"irqsim-arrivals 1\ncpus 1025\n", "2:6 number out of range (0..1024)"},
    {"irqsim-arrivals 1\nirq 36 disk\n" ONE, "3:1 'cpus' must come before the first 'at'"},
    {TOP "cpus 2\n", "4:1 second 'cpus' line"},
    {TOP "origin a\norigin b\n", "5:1 second 'origin' line"},
    {TOP "span 1\nspan 1\n", "5:1 second 'span' line"},
    {TOP "span 18446744073709551616\n", "4:6 number out of range (0..18446744073709551614)"},
    {TOP "irq 36 again\n", "4:1 irq lines must ascend, each irq once"},
    {TOP "irq 37\n", "4:7 expected a name, found the end of the line"},
    {TOP "irq 37 a#b\n", "4:9 expected a space after the name | quote names with '\"' or '#'"},
    {TOP "irq 37 a cuont 3\n", "4:10 expected 'count', found 'cuont' | did you mean 'count'?"},
    {TOP "irq 37 \"a\n", "4:8 quoted name has no end"},
    {TOP "irq 37 \"a\\x\"\n", "4:10 unknown escape in a quoted name | "
                              "\\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX are known"},
    {TOP "irq 37 \"\\u0000\"\n", "4:9 unknown escape in a quoted name | "
                                 "\\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX are known"},
    {"irqsim-arrivals 1\nsoftirq RCU raised 1 executed 1\n",
     "2:1 'cpus' must come before the first 'softirq'"},
    {"irqsim-arrivals 1\ncpus 0\nsoftirq RCU raised 1 executed\n",
     "2:1 a machine has at least one CPU"},
    {TOP "softirq\n", "4:8 expected a name, found the end of the line"},
    {TOP "softirq RCU rased 3\n", "4:13 expected 'raised', found 'rased' | "
                                  "did you mean 'raised'?"},
    {TOP "softirq RCU raised 3\n", "4:21 expected 'executed', found the end of the line"},
    {TOP "softirq RCU raised 3 executed 1\n",
     "4:32 expected a decimal number, found the end of the line"},
    {TOP "softirq RCU raised 3 executed 1 2 3\n", "4:35 expected the end of the line, found '3'"},
    {TOP "softirq RCU raised 3 executed 1 2 orhpans 1\n",
     "4:35 expected the end of the line, found 'orhpans' | did you mean 'orphans'?"},
    {TOP "softirq RCU raised 3 executed 1 18446744073709551614\n",
     "4:33 number out of range (0..18446744073709551613)"},
    {TOP "softirq RCU raised 3 executed 1 2 tasks 4\n", "4:41 number out of range (0..3)"},
    {TOP "softirq RCU raised 3 executed 1 2 tasks 2 orphans 2\n",
     "4:51 number out of range (0..1)"},
    {TOP "softirq RCU raised 3 executed 1 2\nsoftirq RCU raised 3 executed 1 2\n",
     "5:9 softirq lines must ascend by name, each name once"},
    {TOP ONE "softirq RCU raised 3 executed 1 2\n", "5:1 header lines stand above the first 'at'"},
    {TOP "ta 1\n", "4:1 expected a keyword, found 'ta'"},
    {TOP "orign x\n", "4:1 expected a keyword, found 'orign' | did you mean 'origin'?"},
    {TOP "at x cpu 0 irq 36 takes 1\n", "4:4 expected a decimal number, found 'x'"},
    {TOP "at -1 cpu 0 irq 36 takes 1\n", "4:4 expected a decimal number, found '-1'"},
    {TOP "at 1 cqu 0 irq 36 takes 1\n", "4:6 expected 'cpu', found 'cqu' | did you mean 'cpu'?"},
    {TOP "at 1 cpu 2 irq 36 takes 1\n", "4:10 this CPU is not among 'cpus' | CPUs count from 0"},
    {TOP "at 1 cpu 0 irk 36 takes 1\n",
     "4:12 expected 'irq' or 'vector', found 'irk' | did you mean 'irq'?"},
    {TOP "at 1 cpu 0 irq 35 takes 1\n",
     "4:16 this irq has no line above | add 'irq NUMBER NAME' above"},
    {TOP "at 1 cpu 0 irq 36\n", "4:18 expected 'takes', found the end of the line"},
    {TOP "at 1 cpu 0 irq 36 takes 1 2\n", "4:27 expected the end of the line, found '2'"},
    {TOP ONE "at 9 cpu 0 irq 36 takes 1\n", "5:4 arrivals must ascend in time"},
    {TOP ONE "irq 40 late\n", "5:1 header lines stand above the first 'at'"},
    {TOP ONE " raise RCU takes 1\n", "5:2 indentation is two spaces per level"},
    {TOP ONE "    raise RCU takes 1\n", "5:5 this is deeper than a child of the line above"},
    {TOP "  raise RCU takes 1\n", "4:3 this is deeper than a child of the line above"},
    {TOP ONE "raise RCU takes 1\n", "5:1 this needs a parent | indent it by two spaces per level"},
    {TOP ONE "  at 11 cpu 0 irq 36 takes 1\n", "5:3 only 'raise' and 'queue' are indented"},
    {TOP ONE "  queue fn takes 1\n", "5:11 expected '#' and a number after the work's name | "
                                     "numbers tell works of one name apart"},
    {TOP ONE "  queue fn#x takes 1\n", "5:12 expected a decimal number, found 'x'"},
};
#define MISTAKES ((int)(sizeof(mistake) / sizeof(mistake[0])))

START_TEST(mistakes_have_a_place_and_a_hint)
{
    told_t told = {.count = 0};
    irqsim_arrivals_t *list;
    const char *text = mistake[_i].text;

    ck_assert_int_eq(irqsim_arrivals_load_bytes("t", text, strlen(text),
                                                &(irqsim_diag_sink_t){tell, &told}, &list),
                     IRQSIM_E_FORMAT);
    ck_assert_ptr_null(list);
    ck_assert_uint_eq(told.count, 1);
    told.text[strlen(told.text) - 1] = '\0';
    ck_assert_str_eq(told.text, mistake[_i].told);
}
END_TEST

START_TEST(at_most_twenty_mistakes_are_told)
{
    char text[2048] = TOP;
    told_t told = {.count = 0};
    irqsim_arrivals_t *list;

    for (int i = 0; i < 30; i++)
        strcat(text, "wrong\n");
    ck_assert_int_eq(irqsim_arrivals_load_bytes("t", text, strlen(text),
                                                &(irqsim_diag_sink_t){tell, &told}, &list),
                     IRQSIM_E_FORMAT);
    ck_assert_uint_eq(told.count, 20);
}
END_TEST

START_TEST(a_wrong_parent_is_not_its_childrens_fault)
{
    static const char text[] = TOP "at 1 cpu 0 irq 99 takes 1\n  raise RCU takes 1\n"
                                   "    raise RCU takes 1\n";
    told_t told = {.count = 0};
    irqsim_arrivals_t *list;

    ck_assert_int_eq(irqsim_arrivals_load_bytes("t", text, strlen(text),
                                                &(irqsim_diag_sink_t){tell, &told}, &list),
                     IRQSIM_E_FORMAT);
    ck_assert_uint_eq(told.count, 1);
}
END_TEST

START_TEST(zero_bytes_and_long_lines_are_mistakes)
{
    static const char zero[] = TOP "at 1\0 cpu\n";
    const size_t size = (2u << 20) + sizeof(TOP);
    char *text = calloc(1, size);
    irqsim_arrivals_t *list;
    told_t told = {.count = 0};
    const irqsim_diag_sink_t sink = {tell, &told};

    ck_assert_int_eq(irqsim_arrivals_load_bytes("t", zero, sizeof(zero) - 1, &sink, &list),
                     IRQSIM_E_FORMAT);
    memset(text, ' ', size);
    memcpy(text, TOP, strlen(TOP));
    ck_assert_int_eq(irqsim_arrivals_load_bytes("t", text, size, &sink, &list), IRQSIM_E_FORMAT);
    ck_assert_str_eq(told.text, "4:5 zero byte in the text\n4:0 line is longer than 1 MiB\n");
    free(text);
}
END_TEST

START_TEST(a_cut_gzip_keeps_its_whole_lines)
{
    const char *path = scratch(".gz");
    gzFile out = gzopen(path, "wb");
    irqsim_arrivals_t *list;
    told_t told = {.count = 0};
    size_t size;

    gzputs(out, TOP);
    for (unsigned i = 0; i < 1000; i++)
        gzprintf(out, "at %u cpu 0 irq 36 takes %u\n", i * 1000, i * 7919 % 10007);
    gzclose(out);
    char *bytes = slurp(path, &size);
    ck_assert_int_eq(
        irqsim_arrivals_load_bytes("t", bytes, size / 2, &(irqsim_diag_sink_t){tell, &told}, &list),
        IRQSIM_OK);
    ck_assert_uint_gt(list->n_records, 250);
    ck_assert_uint_lt(list->n_records, 1000);
    ck_assert_uint_eq(told.count, 1);
    ck_assert_ptr_nonnull(strstr(told.text, "ends early"));
    irqsim_arrivals_free(list);
    free(bytes);
    remove(path);
}
END_TEST

START_TEST(saving_where_nothing_can_be_saved_leaves_nothing)
{
    irqsim_arrivals_t *list = loaded(example);

    ck_assert_int_eq(irqsim_arrivals_save(list, "does/not/exist.irq"), IRQSIM_E_IO);
    ck_assert_int_eq(mkdir(scratch(".d"), 0700), 0); /* a folder is not replaced */
    ck_assert_int_eq(irqsim_arrivals_save(list, scratch(".d")), IRQSIM_E_IO);
    ck_assert_int_eq(access(scratch(".d.part"), F_OK), -1);
    ck_assert_int_eq(rmdir(scratch(".d")), 0);
    irqsim_arrivals_free(list);
}
END_TEST

START_TEST(a_pipe_is_written_not_replaced)
{
    irqsim_arrivals_t *list = loaded(example);
    const char *path = scratch(".pipe");
    char text[sizeof(example)] = "";
    struct stat st;

    ck_assert_int_eq(mkfifo(path, 0600), 0);
    const int pipe = open(path, O_RDWR | O_NONBLOCK); /* so that writing does not wait */
    ck_assert_int_eq(irqsim_arrivals_save(list, path), IRQSIM_OK);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert(S_ISFIFO(st.st_mode));
    ck_assert_int_eq(read(pipe, text, sizeof(text) - 1), (ssize_t)sizeof(example) - 1);
    ck_assert_str_eq(text, example);
    close(pipe);
    remove(path);
    irqsim_arrivals_free(list);
}
END_TEST

UNIT_MAIN("capture_arrivals", UNIT_TEST(the_example_is_read_and_written_as_it_is),
          UNIT_TEST(a_hand_written_file_may_be_short), UNIT_LOOP(odd_names_come_back, 0, ODDS),
          UNIT_TEST(escapes_mean_what_json_means),
          UNIT_LOOP(mistakes_have_a_place_and_a_hint, 0, MISTAKES),
          UNIT_TEST(at_most_twenty_mistakes_are_told),
          UNIT_TEST(a_wrong_parent_is_not_its_childrens_fault),
          UNIT_TEST(zero_bytes_and_long_lines_are_mistakes),
          UNIT_TEST(a_cut_gzip_keeps_its_whole_lines),
          UNIT_TEST(saving_where_nothing_can_be_saved_leaves_nothing),
          UNIT_TEST(a_pipe_is_written_not_replaced))
