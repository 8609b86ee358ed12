/* SPDX-License-Identifier: MIT */
/* test_trace_damage.c - damage stays inside a block, wherever it is */
#include "trace_files.h"

/* A file of several short blocks: recordings, one after the other. The headers in
 * the middle are blocks of another kind, which the reader passes over. */
enum { PARTS = 4, PER_PART = 6 };

static irqsim_event_t event_of(int part, int i)
{
    const uint64_t seq = (uint64_t)(100 * part + i + 1);

    return (irqsim_event_t){.time = seq * 977,
                            .seq = seq,
                            .cause = seq - 1,
                            .id = (uint16_t)(IRQSIM_EV_IRQ_ENTER + i),
                            .cpu = (uint16_t)part,
                            .arg = {(uint32_t)i, 0x31, seq & 3}};
}

static bytes_t several_blocks(size_t end_of_part[PARTS])
{
    bytes_t file = {NULL, 0};

    for (int part = 0; part < PARTS; part++) {
        irqsim_event_t events[PER_PART];
        for (int i = 0; i < PER_PART; i++)
            events[i] = event_of(part, i);
        const bytes_t more = record(NULL, 0, events, PER_PART);
        append(&file, more);
        free(more.data);
        end_of_part[part] = file.size;
    }
    return file;
}

/* Reads `file`: each part must be there as it was or not at all. Returns the set of
 * parts that are there; -1 if the file is refused. */
static int parts_in(bytes_t file, irqsim_reader_stats_t *stats)
{
    irqsim_reader_t *reader;
    irqsim_event_t ev;
    int parts = 0, i = 0;

    if (irqsim_reader_open_bytes("t", file.data, file.size, NULL, &reader) != IRQSIM_OK)
        return -1;
    for (; irqsim_reader_next(reader, &ev); i = (i + 1) % PER_PART) {
        const irqsim_event_t was = event_of(ev.cpu, i);
        ck_assert(same_event(&ev, &was));
        parts |= 1 << ev.cpu;
    }
    ck_assert_int_eq(i, 0);
    irqsim_reader_stats(reader, stats);
    irqsim_reader_close(reader);
    return parts;
}

static int part_at(const size_t end_of_part[PARTS], size_t offset)
{
    int part = 0;

    while (offset >= end_of_part[part])
        part++;
    return part;
}

START_TEST(a_flipped_bit_costs_one_block)
{
    size_t end[PARTS];
    const bytes_t file = several_blocks(end);
    const int all = (1 << PARTS) - 1;
    irqsim_reader_stats_t stats;
    size_t unnoticed = 0;

    ck_assert_int_eq(parts_in(file, &stats), all);
    for (size_t bit = 0; bit < 8 * file.size; bit++) {
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        const int parts = parts_in(file, &stats);
        ck_assert_msg((parts | 1 << part_at(end, bit / 8)) == all, "bit %zu: parts %x", bit,
                      (unsigned)parts);
        ck_assert_uint_le(stats.bad_blocks + stats.cut, 1);
        unnoticed += stats.bad_blocks + stats.cut == 0;
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    /* Deflate pads its last byte; those bits mean nothing. */
    ck_assert_uint_le(unnoticed, 7 * 2 * PARTS);
    free(file.data);
}
END_TEST

START_TEST(a_cut_file_keeps_every_finished_block)
{
    size_t end[PARTS];
    const bytes_t file = several_blocks(end);
    irqsim_reader_stats_t stats;

    for (size_t size = 0; size < file.size; size++) {
        /* A copy of that size: a sanitizer sees a read past its end. */
        bytes_t cut = {malloc(size + !size), size};
        memcpy(cut.data, file.data, size);
        const int parts = parts_in(cut, &stats);
        int finished = 0;
        for (int part = 0; part < PARTS && end[part] <= size; part++)
            finished |= 1 << part;
        ck_assert(parts == finished || (parts == -1 && finished == 0));
        ck_assert(parts == -1 || stats.cut == (stats.skipped_bytes != 0));
        free(cut.data);
    }
    free(file.data);
}
END_TEST

START_TEST(foreign_bytes_between_blocks_are_passed_over)
{
    static uint8_t noise[] = "\x1f\x8b\x08\x04 noise \x1f\x8b";
    size_t end[PARTS];
    const bytes_t file = several_blocks(end);
    bytes_t mixed = {NULL, 0};
    irqsim_reader_stats_t stats;

    append(&mixed, (bytes_t){file.data, end[1]});
    append(&mixed, (bytes_t){noise, sizeof(noise)});
    append(&mixed, (bytes_t){file.data + end[1], file.size - end[1]});
    ck_assert_int_eq(parts_in(mixed, &stats), (1 << PARTS) - 1);
    ck_assert_uint_eq(stats.skipped_bytes, sizeof(noise));
    free(mixed.data);
    free(file.data);
}
END_TEST

/* Wherever the next block starts behind a long stretch of damage, it is found. */
START_TEST(long_stretches_of_damage_are_searched)
{
    enum { LONG = 1 << 16, ROUND = 24 };
    static uint8_t zeros[LONG + ROUND];
    size_t end[PARTS];
    const bytes_t file = several_blocks(end);
    irqsim_reader_stats_t stats;

    for (size_t size = LONG - ROUND; size <= LONG + ROUND; size++) {
        bytes_t mixed = {NULL, 0};
        append(&mixed, (bytes_t){file.data, end[1]});
        append(&mixed, (bytes_t){zeros, size});
        append(&mixed, (bytes_t){file.data + end[1], file.size - end[1]});
        ck_assert_int_eq(parts_in(mixed, &stats), (1 << PARTS) - 1);
        ck_assert_uint_eq(stats.skipped_bytes, size);
        free(mixed.data);
    }
    free(file.data);
}
END_TEST

/* The warning names the place, in a file as in memory. */
START_TEST(warnings_name_the_byte)
{
    size_t end[PARTS];
    const bytes_t file = several_blocks(end);
    char path[32], expected[80];
    complaints_t complaints = {0};
    const irqsim_diag_sink_t sink = {complain, &complaints};
    irqsim_reader_t *reader;
    irqsim_event_t ev;
    uint64_t n = 0;

    file.data[end[1]] ^= 1; /* the head of the third recording's header */
    temporary_path(path);
    FILE *out = fopen(path, "wb");
    fwrite(file.data, 1, file.size, out);
    fclose(out);
    ck_assert_int_eq(irqsim_reader_open(path, &sink, &reader), IRQSIM_OK);
    while (irqsim_reader_next(reader, &ev))
        n++;
    ck_assert_uint_eq(n, PARTS * PER_PART);
    ck_assert_int_eq(complaints.count[IRQSIM_WARNING], 1);
    snprintf(expected, sizeof(expected), "no block at byte %zu: ", end[1]);
    ck_assert_mem_eq(complaints.last, expected, strlen(expected));
    irqsim_reader_close(reader);
    remove(path);
    free(file.data);
}
END_TEST

START_TEST(a_lost_header_is_said_and_survived)
{
    size_t end[PARTS];
    const bytes_t file = several_blocks(end);
    complaints_t complaints = {0};
    const irqsim_diag_sink_t sink = {complain, &complaints};
    irqsim_reader_t *reader;
    size_t n = 1;

    file.data[25] ^= 0x10;
    ck_assert_int_eq(irqsim_reader_open_bytes("t", file.data, file.size, &sink, &reader),
                     IRQSIM_OK);
    ck_assert_int_eq(complaints.count[IRQSIM_WARNING], 1);
    irqsim_reader_meta(reader, &n);
    ck_assert_uint_eq(n, 0);
    irqsim_reader_close(reader);
    free(file.data);
}
END_TEST

START_TEST(other_files_are_refused)
{
    static const char text[] = "# tracer: nop\n";
    complaints_t complaints = {0};
    const irqsim_diag_sink_t sink = {complain, &complaints};
    irqsim_reader_t *reader;

    ck_assert_int_eq(irqsim_reader_open_bytes("t", text, sizeof(text), &sink, &reader),
                     IRQSIM_E_FORMAT);
    ck_assert_ptr_null(reader);
    ck_assert_int_eq(irqsim_reader_open_bytes("t", "", 0, &sink, &reader), IRQSIM_E_FORMAT);
    ck_assert_int_eq(complaints.count[IRQSIM_ERROR], 2);
    ck_assert_int_eq(complaints.count[IRQSIM_WARNING], 0);
    ck_assert_int_eq(irqsim_reader_open("/nowhere/x", &sink, &reader), IRQSIM_E_IO);
}
END_TEST

START_TEST(a_directory_is_refused)
{
    irqsim_reader_t *reader;

    ck_assert_int_eq(irqsim_reader_open("/", NULL, &reader), IRQSIM_E_IO);
    ck_assert_ptr_null(reader);
}
END_TEST

/* A writer that is killed leaves what it had finished. */
START_TEST(finished_blocks_are_in_the_file_at_once)
{
    enum { BLOCK = 16384, N = 2 * BLOCK + 100 };
    irqsim_recorder_t *recorder;
    irqsim_reader_t *reader;
    irqsim_event_t ev;
    char path[32];
    uint64_t n = 0;

    temporary_path(path);
    ck_assert_int_eq(irqsim_recorder_open(path, NULL, 0, 0, &recorder), IRQSIM_OK);
    for (uint64_t i = 0; i < N; i++)
        irqsim_recorder_emit(recorder, &(irqsim_event_t){.time = i * i, .id = 1});
    ck_assert_int_eq(irqsim_reader_open(path, NULL, &reader), IRQSIM_OK);
    while (irqsim_reader_next(reader, &ev))
        ck_assert_uint_eq(ev.seq, ++n);
    ck_assert_uint_eq(n, 2 * BLOCK);
    irqsim_reader_close(reader);
    ck_assert_int_eq(irqsim_recorder_close(recorder), IRQSIM_OK);
    remove(path);
}
END_TEST

UNIT_MAIN("trace_damage", UNIT_TEST(a_flipped_bit_costs_one_block),
          UNIT_TEST(a_cut_file_keeps_every_finished_block),
          UNIT_TEST(foreign_bytes_between_blocks_are_passed_over),
          UNIT_TEST(long_stretches_of_damage_are_searched), UNIT_TEST(warnings_name_the_byte),
          UNIT_TEST(a_lost_header_is_said_and_survived), UNIT_TEST(other_files_are_refused),
          UNIT_TEST(a_directory_is_refused), UNIT_TEST(finished_blocks_are_in_the_file_at_once))
