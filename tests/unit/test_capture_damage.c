/* SPDX-License-Identifier: MIT */
/* test_capture_damage.c - cut, torn and foreign files: told, counted, survived */
#include <zlib.h>

#include "capture_text.h"

#define LINE "  app-7   [000] d.h1.  100.000010: local_timer_entry: vector=236\n"

typedef struct outcome {
    irqsim_status_t status;
    irqsim_import_stats_t stats;
    told_t told;
    uint64_t records;
} outcome_t;

static outcome_t import(const void *bytes, size_t size)
{
    outcome_t o = {.status = IRQSIM_OK};
    irqsim_arrivals_t *list;

    o.status = irqsim_import_bytes("t", bytes, size, &(irqsim_diag_sink_t){tell, &o.told}, &list,
                                   &o.stats);
    ck_assert_int_eq(o.status == IRQSIM_OK, list != NULL);
    ck_assert_uint_eq(o.stats.lines, o.stats.events + o.stats.comments + o.stats.bad_lines);
    o.records = list ? list->n_records : 0;
    irqsim_arrivals_free(list);
    return o;
}

static outcome_t import_text(const char *text)
{
    return import(text, strlen(text));
}

#define LINES 1000

/* LINES lines as one gzip member. */
static size_t zipped(unsigned char **bytes)
{
    const char *path = scratch(".gz");
    gzFile out = gzopen(path, "wb");
    size_t size;

    for (unsigned i = 0; i < LINES; i++)
        gzprintf(out, "  app-7   [000] d.h1.  100.%06u: local_timer_entry: vector=236\n",
                 i * 7919 % 1000000);
    gzclose(out);
    *bytes = (unsigned char *)slurp(path, &size);
    remove(path);
    return size;
}

START_TEST(a_cut_gzip_keeps_its_whole_lines)
{
    unsigned char *bytes;
    const size_t size = zipped(&bytes);
    const outcome_t o = import(bytes, size / 2);

    ck_assert_int_eq(o.status, IRQSIM_OK);
    ck_assert_uint_eq(o.stats.cut, 1);
    ck_assert_uint_gt(o.stats.events, LINES / 4);
    ck_assert_uint_lt(o.stats.events, LINES);
    ck_assert_uint_eq(o.records, o.stats.events);
    ck_assert_ptr_nonnull(strstr(o.told.text, "ends early"));
    free(bytes);
}
END_TEST

/* Wherever it is cut, it is a gzip file that ends early or no gzip file at all. */
START_TEST(a_gzip_cut_anywhere_is_survived)
{
    unsigned char *bytes;
    const size_t size = zipped(&bytes);

    for (size_t length = 0; length < size; length += length < 64 || length + 64 > size ? 1 : 37) {
        const outcome_t o = import(bytes, length);
        ck_assert_uint_eq(o.stats.cut, length >= 2);
    }
    free(bytes);
}
END_TEST

START_TEST(a_flipped_bit_costs_at_most_what_follows)
{
    unsigned char *bytes;
    const size_t size = zipped(&bytes);

    bytes[size - 8] ^= 1; /* the checksum itself: all lines are there */
    const outcome_t o = import(bytes, size);
    ck_assert_int_eq(o.status, IRQSIM_OK);
    ck_assert_uint_eq(o.stats.events, LINES);
    ck_assert_uint_eq(o.stats.cut, 1);
    ck_assert_ptr_nonnull(strstr(o.told.text, "checksum"));
    bytes[size - 8] ^= 1;

    for (size_t at = 10; at < size - 8; at += 11) {
        bytes[at] ^= 0x10;
        ck_assert_uint_eq(import(bytes, size).stats.cut, 1);
        bytes[at] ^= 0x10;
    }
    free(bytes);
}
END_TEST

START_TEST(gzip_members_in_a_row_are_one_file)
{
    unsigned char *one;
    const size_t size = zipped(&one);
    unsigned char *two = calloc(2, size + 16);

    memcpy(two, one, size);
    memcpy(two + size, one, size);
    const outcome_t both = import(two, 2 * size), padded = import(two, size + size / 2);
    ck_assert_uint_eq(both.stats.events, 2 * LINES);
    ck_assert_uint_eq(both.stats.cut, 0);
    ck_assert_uint_eq(padded.stats.cut, 1);
    memset(two + size, 0, size); /* zeroes behind a member are padding */
    const outcome_t zeroes = import(two, 2 * size);
    ck_assert_uint_eq(zeroes.stats.events, LINES);
    ck_assert_uint_eq(zeroes.stats.cut, 0);
    free(two);
    free(one);
}
END_TEST

START_TEST(foreign_files_are_refused)
{
    static const char *const foreign[] = {
        "",         "\n\n\n",      "# only comments\n", "hello\nworld\n", "\177ELF\x02\x01\x01",
        "\x1f\x8b", "\x1f\x8b\x08"};
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        const outcome_t o = import_text(foreign[i]);
        ck_assert_int_eq(o.status, IRQSIM_E_FORMAT);
        ck_assert_uint_ge(o.told.count, 1);
    }
}
END_TEST

START_TEST(a_capture_without_interrupts_is_refused_with_a_hint)
{
    const outcome_t o = import_text("  a-7 [000] d.h1.  1.000010: sched_wakeup: comm=x\n");

    ck_assert_int_eq(o.status, IRQSIM_E_FORMAT);
    ck_assert_uint_eq(o.stats.ignored, 1);
    ck_assert_ptr_nonnull(strstr(o.told.text, "irq_vectors"));
}
END_TEST

START_TEST(zero_bytes_make_a_line_bad)
{
    static const char text[] =
        "  app-7   [000] d.h1.  100.000010: reschedule_entry: x\0junk\n" LINE;
    const outcome_t o = import(text, sizeof(text) - 1);

    ck_assert_int_eq(o.status, IRQSIM_OK);
    ck_assert_uint_eq(o.stats.bad_lines, 1);
    ck_assert_uint_eq(o.stats.events, 1);
}
END_TEST

/* Up to 1 MiB is a line, beyond it is skipped as a whole. */
START_TEST(long_lines)
{
    static const struct {
        size_t length;
        uint64_t events, bad;
    } row[] = {{1u << 20, 3, 0}, {(1u << 20) + 1, 2, 1}, {5u << 20, 2, 1}};
    const size_t before = strlen(LINE), length = row[_i].length;
    char *text = calloc(1, length + 3 * before);

    memcpy(text, LINE, before);
    memset(text + before, ' ', length);
    memcpy(text + before, LINE, before - 1);
    text[before + length] = '\n';
    memcpy(text + before + length + 1, LINE, before);
    const outcome_t o = import_text(text);
    ck_assert_uint_eq(o.stats.events, row[_i].events);
    ck_assert_uint_eq(o.stats.bad_lines, row[_i].bad);
    ck_assert_uint_eq(o.told.count, row[_i].bad);
    free(text);
}
END_TEST

START_TEST(cpu_numbers_out_of_range_are_skipped)
{
    const outcome_t o = import_text(LINE "  a-7 [1023] d.h1.  100.000010: reschedule_entry: x\n"
                                         "  a-7 [1024] d.h1.  100.000010: reschedule_entry: x\n"
                                         "  a-7 [99999999999999999999] d.h1.  1.000010: x: y\n"
                                         "CPU:70000 [LOST EVENTS]\n");
    ck_assert_uint_eq(o.stats.events, 4);
    ck_assert_uint_eq(o.stats.bad_cpu, 2);
    ck_assert_uint_eq(o.records, 2);
}
END_TEST

START_TEST(times_that_go_backwards_are_kept)
{
    const outcome_t o = import_text("  a-7 [000] d.h1.  100.000010: local_timer_entry: vector=1\n"
                                    "  a-7 [000] d.h1.  100.000005: local_timer_exit: vector=1\n"
                                    "  a-7 [001] d.h1.  100.000002: local_timer_entry: vector=1\n");
    ck_assert_uint_eq(o.stats.backwards, 1);
    ck_assert_uint_eq(o.records, 2);
    ck_assert_ptr_nonnull(strstr(o.told.text, "2:0 time goes backwards"));
}
END_TEST

START_TEST(times_beyond_all_clocks_are_no_times)
{
    const outcome_t o = import_text(LINE "  a-7 [000] d.h1.  99999999999.5: x: y\n"
                                         "  a-7 [000] d.h1.  18446744073709551617.5: x: y\n");
    ck_assert_uint_eq(o.stats.bad_lines, 2);
}
END_TEST

/* More entries than a CPU can nest: the exits were lost. */
START_TEST(entries_without_end_are_given_up)
{
    char text[200 * sizeof(LINE)] = "";

    for (int i = 0; i < 200; i++)
        memcpy(text + (size_t)i * (sizeof(LINE) - 1), LINE, sizeof(LINE));
    const outcome_t o = import_text(text);
    ck_assert_uint_eq(o.records, 200);
    ck_assert_uint_eq(o.stats.unpaired, 200);
}
END_TEST

START_TEST(each_kind_of_damage_is_told_once_then_counted)
{
    const outcome_t o = import_text("first junk\n" LINE "more junk\nand more\n");

    ck_assert_str_eq(o.told.text,
                     "1:0 neither an event, a comment nor a mark of lost events: 'first junk' | "
                     "the text of ftrace's trace file, perf script or trace-cmd report is read\n"
                     "0:0 3 times in all: neither an event, a comment nor a mark of lost events\n");
}
END_TEST

START_TEST(files_that_cannot_be_read)
{
    static const char *const path[] = {"does/not/exist", "."};
    for (int i = 0; i < 2; i++) {
        told_t told = {.count = 0};
        irqsim_arrivals_t *list;

        ck_assert_int_eq(
            irqsim_import(path[i], &(irqsim_diag_sink_t){tell, &told}, NULL, &list, NULL),
            IRQSIM_E_IO);
        ck_assert_ptr_null(list);
        ck_assert_uint_eq(told.count, 1);
    }
}
END_TEST

typedef struct seen {
    uint64_t calls, done, total;
} seen_t;

static void watch(void *user, uint64_t done, uint64_t total)
{
    seen_t *const seen = user;

    ck_assert_uint_gt(done, seen->done);
    *seen = (seen_t){seen->calls + 1, done, total};
}

START_TEST(progress_ends_at_the_size_of_the_file)
{
    seen_t seen = {0};
    irqsim_arrivals_t *list;
    size_t size;

    free(slurp(TESTS_DIR "/captures/trace-cmd-disk.txt.gz", &size));
    ck_assert_int_eq(irqsim_import(TESTS_DIR "/captures/trace-cmd-disk.txt.gz", NULL,
                                   &(irqsim_progress_t){watch, &seen}, &list, NULL),
                     IRQSIM_OK);
    ck_assert_uint_eq(seen.done, size);
    ck_assert_uint_eq(seen.total, size);
    ck_assert_uint_lt(seen.calls, 10);
    irqsim_arrivals_free(list);
}
END_TEST

UNIT_MAIN("capture_damage", UNIT_TEST(a_cut_gzip_keeps_its_whole_lines),
          UNIT_TEST(a_gzip_cut_anywhere_is_survived),
          UNIT_TEST(a_flipped_bit_costs_at_most_what_follows),
          UNIT_TEST(gzip_members_in_a_row_are_one_file), UNIT_TEST(foreign_files_are_refused),
          UNIT_TEST(a_capture_without_interrupts_is_refused_with_a_hint),
          UNIT_TEST(zero_bytes_make_a_line_bad), UNIT_LOOP(long_lines, 0, 3),
          UNIT_TEST(cpu_numbers_out_of_range_are_skipped),
          UNIT_TEST(times_that_go_backwards_are_kept),
          UNIT_TEST(times_beyond_all_clocks_are_no_times),
          UNIT_TEST(entries_without_end_are_given_up),
          UNIT_TEST(each_kind_of_damage_is_told_once_then_counted),
          UNIT_TEST(files_that_cannot_be_read), UNIT_TEST(progress_ends_at_the_size_of_the_file))
