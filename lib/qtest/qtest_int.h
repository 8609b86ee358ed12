/* SPDX-License-Identifier: MIT */
/*
 * qtest_int.h - what the files of the qtest server share
 *
 *   session.c  bytes become lines, lines become words and numbers
 *   verbs.c    what each verb does and answers
 *   board.c    the machine: ports, memory, time
 *   pins.c     lines by their qtest names, and who listens to which
 *   bits.c     hexadecimal and base64
 */
#ifndef IRQSIM_QTEST_INT_H
#define IRQSIM_QTEST_INT_H

#include <irqsim/qtest.h>

#define LINES     24u /* a board has no more */
#define MAX_BULK  (UINT32_C(16) << 20)
#define MAX_LINE  (2 * (size_t)MAX_BULK + 256) /* of a `write` of that many bytes */
#define MAX_WORDS 6u

/* ---- devices with lines (pins.c) ---- */

typedef enum device_kind { DEVICE_NONE, DEVICE_IOAPIC, DEVICE_PICS, DEVICE_LAPIC } device_kind_t;

typedef struct device {
    device_kind_t kind;
    unsigned cpu; /* of a LAPIC */
} device_t;

/* What the client listens to: one device, as in QEMU; bit n = line n. */
typedef struct tap {
    device_t device;
    bool in, out;                 /* intercepted          */
    uint32_t in_level, out_level; /* as the client knows */
} tap_t;

/* ---- a line's words (session.c) ---- */

typedef struct word {
    const char *text; /* 0-terminated */
    size_t column;    /* from 1       */
} word_t;

typedef struct arguments {
    word_t word[MAX_WORDS];     /* the verb first */
    uint64_t number[MAX_WORDS]; /* of those that are numbers */
    unsigned n;
} arguments_t;

/* ---- a session ---- */

struct irqsim_qtest {
    irqsim_qtest_desc_t desc;
    irqsim_machine_t *machine;
    unsigned cpu;              /* whose LAPIC is at FEE00000 */
    uint32_t source_of[LINES]; /* line -> source that drives it; NO_SOURCE = the board does */
    tap_t tap;
    char *line; /* as much of it as has come */
    size_t used, room;
    bool too_long; /* the rest of this line is skipped */
    uint8_t *bulk; /* data of `read`, `write`, ... */
};

#define NO_SOURCE UINT32_MAX

/* ---- session.c ---- */

/* Answers. The text of a FAIL says what was expected. */
void irqsim__qtest_send(irqsim_qtest_t *q, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void irqsim__qtest_refuse(irqsim_qtest_t *q, const word_t *word, const char *expected);

/* What the client wrote, fit to be shown: printable and not too long. */
#define SHORT_TEXT 44u
const char *irqsim__qtest_shown(const char *text, char buf[SHORT_TEXT]);

/* ---- verbs.c ---- */

void irqsim__qtest_obey(irqsim_qtest_t *q, arguments_t *args);

/* ---- board.c ---- */

irqsim_status_t irqsim__qtest_build(irqsim_qtest_t *q);
/* size: 1, 2, 4; memory also 8. Little endian. */
uint32_t irqsim__qtest_port_read(irqsim_qtest_t *q, uint16_t port, unsigned size);
void irqsim__qtest_port_write(irqsim_qtest_t *q, uint16_t port, unsigned size, uint32_t value);
uint64_t irqsim__qtest_mem_read(irqsim_qtest_t *q, uint64_t addr, unsigned size);
void irqsim__qtest_mem_write(irqsim_qtest_t *q, uint64_t addr, unsigned size, uint64_t value);
/* Whether so many bytes can be copied: RAM, or what fits into a page of registers. */
bool irqsim__qtest_is_block(const irqsim_qtest_t *q, uint64_t addr, uint32_t n);
void irqsim__qtest_copy_out(irqsim_qtest_t *q, uint64_t addr, uint8_t *bytes, uint32_t n);
void irqsim__qtest_copy_in(irqsim_qtest_t *q, uint64_t addr, const uint8_t *bytes, uint32_t n);
/* false: more events than the session allows; time stands where they ended. */
bool irqsim__qtest_run(irqsim_qtest_t *q, irqsim_time_t until);

/* ---- pins.c ---- */

device_t irqsim__qtest_device(const irqsim_qtest_t *q, const char *path);
/* Starts to listen; false: already to another device. */
bool irqsim__qtest_intercept(irqsim_qtest_t *q, device_t device, bool out);
/* How many inputs the device has; 0 = none that can be driven. */
unsigned irqsim__qtest_inputs(device_t device);
/* false: the board itself drives that input. */
bool irqsim__qtest_drive(irqsim_qtest_t *q, device_t device, unsigned input, bool level);
/* After anything was done to the board: tells the client what it listens to. */
void irqsim__qtest_listen(irqsim_qtest_t *q);

/* ---- bits.c ---- */

#define BASE64_CHARS(n) (((size_t)(n) + 2) / 3 * 4)

void irqsim__qtest_to_hex(const uint8_t *bytes, size_t n, char *text);
void irqsim__qtest_to_base64(const uint8_t *bytes, size_t n, char *text);
/* false: `text` is not exactly n bytes. */
bool irqsim__qtest_from_hex(const char *text, uint8_t *bytes, size_t n);
bool irqsim__qtest_from_base64(const char *text, uint8_t *bytes, size_t n);

#endif
