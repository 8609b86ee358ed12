/* SPDX-License-Identifier: MIT */
/*
 * fuzz_trace.c - any bytes as a trace file, and any bytes as a block of one
 *
 * No fuzzer finds a CRC32, so the second way puts the bytes into a member whose
 * checksums are right.
 */
#include <string.h>

#include <zlib.h>

#include <irqsim/trace.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const uint8_t *bytes, size_t size)
{
    irqsim_reader_t *reader;
    irqsim_event_t ev;
    char line[128];

    if (irqsim_reader_open_bytes("fuzz", bytes, size, NULL, &reader) != IRQSIM_OK)
        return;
    while (irqsim_reader_next(reader, &ev))
        irqsim_event_text(line, sizeof(line), &ev, NULL, NULL);
    irqsim_reader_close(reader);
}

static uint8_t *put(uint8_t *at, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        *at++ = (uint8_t)(value >> 8 * i);
    return at;
}

/* A member with one stored deflate block (RFC 1951, 3.2.4). */
static size_t wrap(uint8_t *out, const uint8_t *data, size_t size)
{
    static const uint8_t magic[] = {0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 8, 0, 'I', 'Q', 4, 0};
    uint8_t *at = out;

    memcpy(at, magic, sizeof(magic));
    at = put(at + sizeof(magic), 20 + 5 + size + 8, 4);
    at = put(at, 1, 1);
    at = put(at, size, 2);
    at = put(at, ~size, 2);
    if (size)
        memcpy(at, data, size);
    at = put(at + size, crc32(crc32(0, NULL, 0), data, (uInt)size), 4);
    at = put(at, size, 4);
    return (size_t)(at - out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t member[0xffff + 33];

    read_all(data, size);
    if (size <= 0xffff)
        read_all(member, wrap(member, data, size));
    return 0;
}
