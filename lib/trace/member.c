/* SPDX-License-Identifier: MIT */
/*
 * member.c - a block as a gzip member (RFC 1952), with its size in front
 *
 *   1f 8b 08 04  00 00 00 00  00 ff   gzip: deflate, FEXTRA, no time, any system
 *   08 00  'I' 'Q' 04 00  size32      one subfield: bytes of the whole member
 *   raw deflate ...
 *   crc32  isize
 */
#include <string.h>

#include "trace_int.h"

static const uint8_t magic[TRACE_MEMBER_HEAD - 4] = {0x1f, 0x8b, 8, 4, 0,   0,   0, 0,
                                                     0,    0xff, 8, 0, 'I', 'Q', 4, 0};

static void put32(uint8_t *bytes, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t get32(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

size_t irqsim__trace_pack_bound(z_stream *z, size_t block_size)
{
    return TRACE_MEMBER_HEAD + deflateBound(z, block_size) + TRACE_MEMBER_TAIL;
}

/* Deflates the pieces one after the other. */
static bool deflate_pieces(z_stream *z, const trace_cursor_t *pieces, size_t n, uLong *crc)
{
    *crc = crc32(0, NULL, 0);
    for (size_t i = 0; i < n; i++) {
        z->next_in = (z_const Bytef *)pieces[i].at;
        z->avail_in = (uInt)(pieces[i].end - pieces[i].at);
        if (z->avail_in == 0)
            continue; /* crc32() takes an empty piece at NULL for a new start */
        *crc = crc32(*crc, pieces[i].at, z->avail_in);
        if (deflate(z, Z_NO_FLUSH) != Z_OK || z->avail_in)
            return false;
    }
    return deflate(z, Z_FINISH) == Z_STREAM_END;
}

size_t irqsim__trace_pack(z_stream *z, const trace_cursor_t *pieces, size_t n, uint8_t *out,
                          size_t size)
{
    uLong crc;

    deflateReset(z);
    z->next_out = out + TRACE_MEMBER_HEAD;
    z->avail_out = (uInt)(size - TRACE_MEMBER_HEAD - TRACE_MEMBER_TAIL);
    if (!deflate_pieces(z, pieces, n, &crc))
        return 0;
    put32(z->next_out, (uint32_t)crc);
    put32(z->next_out + 4, (uint32_t)z->total_in);

    const size_t used = (size_t)(z->next_out - out) + TRACE_MEMBER_TAIL;
    memcpy(out, magic, sizeof(magic));
    put32(out + sizeof(magic), (uint32_t)used);
    return used;
}

size_t irqsim__trace_member_size(const uint8_t *head)
{
    const uint32_t size = get32(head + sizeof(magic));

    if (memcmp(head, magic, sizeof(magic)) != 0 || size > TRACE_MEMBER_MAX ||
        size <= TRACE_MEMBER_HEAD + TRACE_MEMBER_TAIL)
        return 0;
    return size;
}

const char *irqsim__trace_unpack(z_stream *z, const uint8_t *member, size_t size, uint8_t *block,
                                 size_t *block_size)
{
    const uint8_t *const tail = member + size - TRACE_MEMBER_TAIL;

    inflateReset(z);
    z->next_in = (z_const Bytef *)(member + TRACE_MEMBER_HEAD);
    z->avail_in = (uInt)(tail - z->next_in);
    z->next_out = block;
    z->avail_out = TRACE_BLOCK_MAX;
    if (inflate(z, Z_FINISH) != Z_STREAM_END || z->avail_in)
        return "compressed data is damaged";
    if (z->total_out != get32(tail + 4) ||
        crc32(crc32(0, NULL, 0), block, (uInt)z->total_out) != get32(tail))
        return "checksum is wrong";
    *block_size = z->total_out;
    return NULL;
}
