/* SPDX-License-Identifier: MIT */
/*
 * irqsim/snapshot.h - state to bytes and back, field by field
 *
 * A snapshot is a row of blocks: tag, length, CRC-32, payload. Payloads are
 * little-endian, written from layout tables, so the bytes are the same on every
 * host; a layout that forgets a member fails a test (layouts must cover their
 * struct without gaps). docs/snapshot-format.md has it to the bit.
 */
#ifndef IRQSIM_SNAPSHOT_H
#define IRQSIM_SNAPSHOT_H

#include <irqsim/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One member of a struct: `count` integers of `width` bytes at `offset`. */
typedef struct irqsim_field {
    const char *name;
    uint32_t offset;
    uint16_t width; /* 1, 2, 4 or 8 */
    uint16_t count;
    uint64_t max; /* largest value that load accepts; 0 = any */
} irqsim_field_t;

/* A whole struct. */
typedef struct irqsim_layout {
    const char *name;
    uint32_t size; /* sizeof the struct */
    uint32_t fields;
    const irqsim_field_t *field;
} irqsim_layout_t;

/* Rows of a layout table. ONE: a scalar; MANY: an array of scalars; UP_TO: a
 * scalar with a largest legal value. */
#define IRQSIM_FIELD_ONE(type, member)                                                             \
    {                                                                                              \
#member, (uint32_t)offsetof(type, member), (uint16_t)sizeof(((type *)0)->member), 1, 0     \
    }
#define IRQSIM_FIELD_MANY(type, member)                                                            \
    {                                                                                              \
#member, (uint32_t)offsetof(type, member), (uint16_t)sizeof(((type *)0)->member[0]),       \
            (uint16_t)(sizeof(((type *)0)->member) / sizeof(((type *)0)->member[0])), 0            \
    }
#define IRQSIM_FIELD_UP_TO(type, member, most)                                                     \
    {                                                                                              \
#member, (uint32_t)offsetof(type, member), (uint16_t)sizeof(((type *)0)->member), 1,       \
            (most)                                                                                 \
    }
#define IRQSIM_LAYOUT(type, table)                                                                 \
    {                                                                                              \
#type, (uint32_t)sizeof(type), (uint32_t)(sizeof(table) / sizeof((table)[0])), (table)     \
    }

/* True if the fields cover the struct, each byte once, in order. */
bool irqsim_layout_complete(const irqsim_layout_t *layout);

/* Cursor over a buffer. Writing with buf = NULL only counts. After a failure
 * every further call is a no-op; `where` names what was wrong. */
typedef struct irqsim_snap {
    uint8_t *buf;
    size_t size, used;
    size_t block; /* start of the open block's payload */
    irqsim_status_t status;
    bool reading;      /* set it to load: a short buffer is then a bad file */
    const char *where; /* name of the layout or field that failed */
} irqsim_snap_t;

/* Writing. A block is begun, filled, ended. */
void irqsim_snap_begin(irqsim_snap_t *snap, const char tag[4], uint32_t version);
void irqsim_snap_put(irqsim_snap_t *snap, const irqsim_layout_t *layout, const void *items,
                     size_t n);
void irqsim_snap_put_bytes(irqsim_snap_t *snap, const void *bytes, size_t n);
void irqsim_snap_end(irqsim_snap_t *snap);

/* Reading, the same calls in the same order. `open` checks tag, version, length
 * and CRC; `get` checks each field's max; `close` that the payload is used up. */
void irqsim_snap_open(irqsim_snap_t *snap, const char tag[4], uint32_t version);
void irqsim_snap_get(irqsim_snap_t *snap, const irqsim_layout_t *layout, void *items, size_t n);
void irqsim_snap_get_bytes(irqsim_snap_t *snap, void *bytes, size_t n);
void irqsim_snap_close(irqsim_snap_t *snap);

#ifdef __cplusplus
}
#endif
#endif
