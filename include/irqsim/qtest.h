/* SPDX-License-Identifier: MIT */
/*
 * irqsim/qtest.h - QEMU's qtest protocol, spoken to a board of ours
 *
 *   bytes --irqsim_qtest_feed()--> lines --> verbs --> machine (machine.h)
 *                                                        |
 *   desc.send() <------ "OK 0x00fe", "IRQ raise 4" <-----+
 *
 * One object is one session: a client and its board. The CPUs stand still, as
 * under QEMU's -S: they are halted and take nothing, so ports, memory and lines
 * are the client's alone. Time stands still too, but in clock_step and clock_set.
 *
 * docs/qtest.md has the verbs, the names of lines, and what differs from QEMU.
 */
#ifndef IRQSIM_QTEST_H
#define IRQSIM_QTEST_H

#include <irqsim/machine.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct irqsim_qtest irqsim_qtest_t;

/* Zero means the usual for every member but send. */
typedef struct irqsim_qtest_desc {
    irqsim_board_t board;
    irqsim_profile_id_t profile_id; /* as in irqsim_machine_desc_t                    */
    uint16_t cpus;                  /* 0 = 1                                          */
    uint32_t variants;              /* IRQSIM_VARIANT_*                               */
    uint32_t ram_bytes;             /* 0 = 16 MiB                                     */
    uint64_t most_events;           /* of one clock_step or clock_set; 0 = 100 million:
                                       a fast timer must not take a server for days   */
    /* Answers, in the order they are given; whole lines, but a long one may come
     * in pieces. Not 0-terminated; the text lives during the call. Needed. */
    void (*send)(void *user, const char *text, size_t n);
    void *user;
} irqsim_qtest_desc_t;

/* A board as after power-on. Errors: E_INVAL (no send; a machine that cannot be),
 * E_RANGE (too many CPUs), E_NOMEM. *qtest is NULL unless it succeeds. */
irqsim_status_t irqsim_qtest_open(const irqsim_qtest_desc_t *desc, irqsim_qtest_t **qtest);
void irqsim_qtest_close(irqsim_qtest_t *qtest); /* NULL is fine */

/* What came from the client: any bytes, cut anywhere. A line is obeyed and
 * answered when its newline has come; each is answered OK or FAIL. */
void irqsim_qtest_feed(irqsim_qtest_t *qtest, const char *bytes, size_t n);

#ifdef __cplusplus
}
#endif
#endif
