/* SPDX-License-Identifier: MIT */
/* test_trace_roundtrip.c - what a recorder writes is what a reader reads */
#include <zlib.h>

#include "trace_files.h"

static uint64_t random_bits(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Numbers of every size, small ones often. */
static uint64_t random_number(uint64_t *state)
{
    return random_bits(state) >> random_bits(state) % 64;
}

/* Anything that the contract allows, however unlike a machine. */
static irqsim_event_t random_event(uint64_t *state, const irqsim_event_t *before)
{
    irqsim_event_t ev = {.time = before->time + random_number(state),
                         .seq = before->seq + 1,
                         .id = (uint16_t)(random_bits(state) % IRQSIM_EV_LIMIT),
                         .cpu = (uint16_t)random_number(state)};
    if (random_bits(state) % 8 == 0)
        ev.time = random_number(state); /* even backwards */
    if (random_bits(state) % 8 == 0)
        ev.seq += random_number(state);
    if (random_bits(state) % 4 == 0)
        ev.cpu = IRQSIM_NO_CPU;
    if (random_bits(state) % 4 && ev.seq > 1)
        ev.cause = random_number(state) % ev.seq;
    for (int a = 0; a < 3; a++)
        ev.arg[a] = (uint32_t)random_number(state);
    return ev;
}

static void reads_back(bytes_t file, const irqsim_event_t *events, size_t n)
{
    irqsim_reader_t *reader;
    irqsim_reader_stats_t stats;
    irqsim_event_t ev;

    ck_assert_int_eq(irqsim_reader_open_bytes("t", file.data, file.size, NULL, &reader), IRQSIM_OK);
    for (size_t i = 0; i < n; i++) {
        ck_assert(irqsim_reader_next(reader, &ev));
        ck_assert_msg(same_event(&ev, &events[i]), "event %zu differs", i);
    }
    ck_assert(!irqsim_reader_next(reader, &ev));
    irqsim_reader_stats(reader, &stats);
    ck_assert_uint_eq(stats.events, n);
    ck_assert_uint_eq(stats.bad_blocks + stats.skipped_bytes + stats.cut, 0);
    irqsim_reader_close(reader);
}

START_TEST(any_events_come_back)
{
    enum { N = 40000 };
    uint64_t state = 88172645463325252u + (uint64_t)_i;
    irqsim_event_t *events = calloc(N, sizeof(*events));
    irqsim_event_t before = {0};

    for (size_t i = 0; i < N; i++)
        events[i] = before = random_event(&state, &before);
    const bytes_t file = record(NULL, 0, events, N);
    reads_back(file, events, N);
    free(file.data);
    free(events);
}
END_TEST

/* The step of a rounded clock is one picosecond early or late now and then. */
START_TEST(rounded_times_come_back)
{
    enum { N = 20000 };
    static const uint64_t jitter[] = {0, 1, 0, 2, 3, 0};
    irqsim_event_t *events = calloc(N, sizeof(*events));

    for (size_t i = 0; i < N; i++)
        events[i] = (irqsim_event_t){
            .time = i * 30303 + jitter[i % 6], .seq = i + 1, .id = IRQSIM_EV_PIT_TICK};
    const bytes_t file = record(NULL, 0, events, N);
    reads_back(file, events, N);
    free(file.data);
    free(events);
}
END_TEST

/* A step that creeps up one by one and then stops leaves only zeros to be divided by
 * their common unit. */
START_TEST(times_that_stand_still_come_back)
{
    irqsim_event_t events[4] = {{.seq = 1}, {.seq = 2}, {.seq = 3}, {.seq = 4}};

    events[1].time = 1;
    events[2].time = events[3].time = 3;
    const bytes_t file = record(NULL, 0, events, 4);
    reads_back(file, events, 4);
    free(file.data);
}
END_TEST

/* A regular machine's events cost little more than a byte each before compression
 * and next to nothing after it. */
START_TEST(regular_events_are_small)
{
    enum { N = 80000 };
    irqsim_event_t *events = calloc(N, sizeof(*events));

    for (size_t i = 0; i < N; i++)
        events[i] = (irqsim_event_t){.time = i * 1000000,
                                     .seq = i + 1,
                                     .cause = i,
                                     .id = (uint16_t)(IRQSIM_EV_IRQ_ENTER + i % 4),
                                     .arg = {(uint32_t)(i % 4), 0x30, 7}};
    const bytes_t file = record(NULL, 0, events, N);
    ck_assert_uint_lt(file.size, N / 20);
    reads_back(file, events, N);
    free(file.data);
    free(events);
}
END_TEST

START_TEST(header_lines_come_back_in_order)
{
    static const irqsim_trace_meta_t meta[] = {
        {"machine", "pc with two words"}, {"seed", "7"}, {"name.1", ""}, {"seed", "8"}};
    const bytes_t file = record(meta, 4, NULL, 0);
    irqsim_reader_t *reader;
    size_t n;

    ck_assert_int_eq(irqsim_reader_open_bytes("t", file.data, file.size, NULL, &reader), IRQSIM_OK);
    const irqsim_trace_meta_t *back = irqsim_reader_meta(reader, &n);
    ck_assert_uint_eq(n, 4);
    for (size_t i = 0; i < n; i++) {
        ck_assert_str_eq(back[i].key, meta[i].key);
        ck_assert_str_eq(back[i].value, meta[i].value);
    }
    ck_assert_str_eq(irqsim_reader_value(reader, "seed"), "7");
    ck_assert_ptr_null(irqsim_reader_value(reader, "scenario"));
    irqsim_reader_close(reader);
    free(file.data);
}
END_TEST

/* A header that would read back as something else, or a level zlib has not, is the
 * caller's mistake, and the file that was there stays. */
START_TEST(refused_recordings_change_nothing)
{
    static const irqsim_trace_meta_t bad[] = {
        {"", "empty"}, {"two words", "x"}, {"key", "two\nlines"}, {"k\n", "x"}};
    irqsim_recorder_t *recorder;
    char path[32], beside[40];

    temporary_path(path);
    FILE *old = fopen(path, "wb");
    fputs("old", old);
    fclose(old);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(irqsim_recorder_open(path, &bad[i], 1, 0, &recorder), IRQSIM_E_INVAL);
    ck_assert_int_eq(irqsim_recorder_open(path, NULL, 0, 10, &recorder), IRQSIM_E_INVAL);
    ck_assert_ptr_null(recorder);
    const bytes_t left = slurp(path);
    ck_assert_uint_eq(left.size, 3);
    snprintf(beside, sizeof(beside), "%s.part", path);
    ck_assert_int_ne(access(beside, F_OK), 0);
    free(left.data);
    remove(path);
    ck_assert_int_eq(irqsim_recorder_open("/nowhere/x", NULL, 0, 0, &recorder), IRQSIM_E_IO);
}
END_TEST

/* A full disk is reported when the recording is closed, and a device stays one. */
START_TEST(write_errors_are_kept_for_close)
{
    irqsim_recorder_t *recorder;

    if (access("/dev/full", W_OK) != 0)
        return;
    ck_assert_int_eq(irqsim_recorder_open("/dev/full", NULL, 0, 0, &recorder), IRQSIM_E_IO);
    ck_assert_int_eq(irqsim_recorder_open("/dev/null", NULL, 0, 0, &recorder), IRQSIM_OK);
    ck_assert_int_eq(irqsim_recorder_close(recorder), IRQSIM_OK);
    FILE *null = fopen("/dev/null", "rb");
    ck_assert_int_eq(fgetc(null), EOF);
    fclose(null);
}
END_TEST

START_TEST(events_without_a_number_are_numbered)
{
    static const uint64_t given[] = {0, 0, 10, 0}, expected[] = {1, 2, 10, 11};
    irqsim_recorder_t *recorder;
    char path[32];

    temporary_path(path);
    ck_assert_int_eq(irqsim_recorder_open(path, NULL, 0, 0, &recorder), IRQSIM_OK);
    for (int i = 0; i < 4; i++) {
        const irqsim_event_t ev = {.seq = given[i], .id = IRQSIM_EV_HALT};
        ck_assert_uint_eq(irqsim_recorder_emit(recorder, &ev), expected[i]);
    }
    ck_assert_int_eq(irqsim_recorder_close(recorder), IRQSIM_OK);

    irqsim_reader_t *reader;
    irqsim_event_t ev;
    ck_assert_int_eq(irqsim_reader_open(path, NULL, &reader), IRQSIM_OK);
    for (int i = 0; i < 4; i++) {
        ck_assert(irqsim_reader_next(reader, &ev));
        ck_assert_uint_eq(ev.seq, expected[i]);
    }
    irqsim_reader_close(reader);
    remove(path);
}
END_TEST

/* zcat reads it: gzip's own checks hold for every member, and the text comes first. */
START_TEST(gzip_reads_the_file)
{
    static const char text[] = "irqsim-trace 1\nseed 7\nE";
    const irqsim_trace_meta_t meta = {"seed", "7"};
    irqsim_recorder_t *recorder;
    char path[32], got[4096];

    temporary_path(path);
    ck_assert_int_eq(irqsim_recorder_open(path, &meta, 1, 9, &recorder), IRQSIM_OK);
    for (int i = 0; i < 40000; i++)
        irqsim_recorder_emit(recorder, &(irqsim_event_t){.time = (uint64_t)i, .id = 1});
    ck_assert_int_eq(irqsim_recorder_close(recorder), IRQSIM_OK);

    gzFile gz = gzopen(path, "rb");
    int n = gzread(gz, got, sizeof(got));
    ck_assert_int_gt(n, (int)sizeof(text));
    ck_assert_mem_eq(got, text, sizeof(text) - 1);
    int total = n;
    while ((n = gzread(gz, got, sizeof(got))) > 0)
        total += n;
    ck_assert_int_eq(n, 0);
    ck_assert_int_gt(total, 40000);
    ck_assert_int_eq(gzclose(gz), Z_OK);
    remove(path);
}
END_TEST

UNIT_MAIN("trace_roundtrip", UNIT_LOOP(any_events_come_back, 0, 8),
          UNIT_TEST(rounded_times_come_back), UNIT_TEST(times_that_stand_still_come_back),
          UNIT_TEST(regular_events_are_small), UNIT_TEST(header_lines_come_back_in_order),
          UNIT_TEST(refused_recordings_change_nothing), UNIT_TEST(write_errors_are_kept_for_close),
          UNIT_TEST(events_without_a_number_are_numbered), UNIT_TEST(gzip_reads_the_file))
