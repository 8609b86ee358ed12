/* SPDX-License-Identifier: MIT */
/*
 * snapshot.c - blocks of little-endian fields
 *
 *   block = tag[4] version[4] length[4] crc32[4] payload[length]
 */
#include <string.h>

#include <irqsim/snapshot.h>

#define HEADER 16u

static uint32_t crc32_of(const uint8_t *p, size_t n)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (unsigned bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (UINT32_C(0xEDB88320) & (0u - (crc & 1u)));
    }
    return ~crc;
}

static uint64_t load_le(const uint8_t *p, unsigned width)
{
    uint64_t value = 0;

    for (unsigned i = width; i-- > 0;)
        value = value << 8 | p[i];
    return value;
}

static void store_le(uint8_t *p, unsigned width, uint64_t value)
{
    for (unsigned i = 0; i < width; i++, value >>= 8)
        p[i] = (uint8_t)value;
}

static uint64_t member_get(const uint8_t *p, unsigned width)
{
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;

    switch (width) {
    case 1:
        memcpy(&u8, p, 1);
        return u8;
    case 2:
        memcpy(&u16, p, 2);
        return u16;
    case 4:
        memcpy(&u32, p, 4);
        return u32;
    default:
        memcpy(&u64, p, 8);
        return u64;
    }
}

static void member_set(uint8_t *p, unsigned width, uint64_t value)
{
    const uint8_t u8 = (uint8_t)value;
    const uint16_t u16 = (uint16_t)value;
    const uint32_t u32 = (uint32_t)value;

    switch (width) {
    case 1:
        memcpy(p, &u8, 1);
        break;
    case 2:
        memcpy(p, &u16, 2);
        break;
    case 4:
        memcpy(p, &u32, 4);
        break;
    default:
        memcpy(p, &value, 8);
        break;
    }
}

bool irqsim_layout_complete(const irqsim_layout_t *layout)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < layout->fields; i++) {
        const irqsim_field_t *f = &layout->field[i];

        if (f->offset != at)
            return false;
        at += (uint32_t)f->width * f->count;
    }
    return at == layout->size;
}

static void fail(irqsim_snap_t *snap, irqsim_status_t status, const char *where)
{
    if (snap->status == IRQSIM_OK) {
        snap->status = status;
        snap->where = where;
    }
}

/* The next n bytes of the buffer, or NULL when only counting or failed. */
static uint8_t *claim(irqsim_snap_t *snap, size_t n, const char *where)
{
    uint8_t *p = NULL;

    if (snap->status != IRQSIM_OK)
        return NULL;
    if (snap->buf) {
        if (n > snap->size - snap->used) {
            fail(snap, snap->reading ? IRQSIM_E_FORMAT : IRQSIM_E_FULL, where);
            return NULL;
        }
        p = snap->buf + snap->used;
    }
    snap->used += n;
    return p;
}

void irqsim_snap_begin(irqsim_snap_t *snap, const char tag[4], uint32_t version)
{
    uint8_t *p = claim(snap, HEADER, "block header");

    snap->block = snap->used;
    if (!p)
        return;
    memcpy(p, tag, 4);
    store_le(p + 4, 4, version);
}

void irqsim_snap_end(irqsim_snap_t *snap)
{
    if (!snap->buf || snap->status != IRQSIM_OK)
        return;

    uint8_t *const payload = snap->buf + snap->block;
    const size_t length = snap->used - snap->block;
    store_le(payload - 8, 4, length);
    store_le(payload - 4, 4, crc32_of(payload, length));
}

void irqsim_snap_put_bytes(irqsim_snap_t *snap, const void *bytes, size_t n)
{
    uint8_t *p = claim(snap, n, "bytes");

    if (p && n)
        memcpy(p, bytes, n);
}

static uint8_t *put_item(uint8_t *p, const irqsim_layout_t *layout, const uint8_t *item)
{
    for (uint32_t i = 0; i < layout->fields; i++) {
        const irqsim_field_t *f = &layout->field[i];

        for (unsigned k = 0; k < f->count; k++, p += f->width)
            store_le(p, f->width, member_get(item + f->offset + (size_t)k * f->width, f->width));
    }
    return p;
}

void irqsim_snap_put(irqsim_snap_t *snap, const irqsim_layout_t *layout, const void *items,
                     size_t n)
{
    uint8_t *p = claim(snap, n * layout->size, layout->name);

    if (!p)
        return;
    for (size_t i = 0; i < n; i++)
        p = put_item(p, layout, (const uint8_t *)items + i * layout->size);
}

void irqsim_snap_open(irqsim_snap_t *snap, const char tag[4], uint32_t version)
{
    const uint8_t *p = claim(snap, HEADER, "block header");

    if (!p)
        return;
    snap->block = snap->used;
    const uint64_t length = load_le(p + 8, 4);
    if (memcmp(p, tag, 4) != 0)
        fail(snap, IRQSIM_E_FORMAT, "block tag");
    else if (load_le(p + 4, 4) != version)
        fail(snap, IRQSIM_E_FORMAT, "block version");
    else if (length > snap->size - snap->used)
        fail(snap, IRQSIM_E_FORMAT, "block length");
    else if (load_le(p + 12, 4) != crc32_of(p + HEADER, (size_t)length))
        fail(snap, IRQSIM_E_FORMAT, "block checksum");
}

void irqsim_snap_close(irqsim_snap_t *snap)
{
    if (snap->status != IRQSIM_OK)
        return;
    if (snap->used - snap->block != load_le(snap->buf + snap->block - 8, 4))
        fail(snap, IRQSIM_E_FORMAT, "block length");
}

void irqsim_snap_get_bytes(irqsim_snap_t *snap, void *bytes, size_t n)
{
    const uint8_t *p = claim(snap, n, "bytes");

    if (p && n)
        memcpy(bytes, p, n);
}

static const uint8_t *get_item(irqsim_snap_t *snap, const uint8_t *p, const irqsim_layout_t *layout,
                               uint8_t *item)
{
    for (uint32_t i = 0; i < layout->fields; i++) {
        const irqsim_field_t *f = &layout->field[i];

        for (unsigned k = 0; k < f->count; k++, p += f->width) {
            const uint64_t value = load_le(p, f->width);

            if (f->max && value > f->max)
                fail(snap, IRQSIM_E_FORMAT, f->name);
            member_set(item + f->offset + (size_t)k * f->width, f->width, value);
        }
    }
    return p;
}

void irqsim_snap_get(irqsim_snap_t *snap, const irqsim_layout_t *layout, void *items, size_t n)
{
    const uint8_t *p = claim(snap, n * layout->size, layout->name);

    for (size_t i = 0; p && i < n; i++)
        p = get_item(snap, p, layout, (uint8_t *)items + i * layout->size);
}
