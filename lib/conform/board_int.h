/* SPDX-License-Identifier: MIT */
/*
 * board_int.h - our own model: the chips of a board, and the wires between them
 *
 *   board.c  what a case asks for      pics.c  the 8259A pair
 *   bus.c  messages on the system bus  serial.c  the APIC bus
 *   cpu_board.c  CPUs that execute     cpu_tables.c  what they find in memory
 */
#ifndef IRQSIM_CONFORM_BOARD_INT_H
#define IRQSIM_CONFORM_BOARD_INT_H

#include <irqsim/conform.h>
#include <irqsim/icc.h>
#include <irqsim/ioapic.h>
#include <irqsim/lapic.h>
#include <irqsim/pic8259.h>
#include <irqsim/vcpu.h>

#define MASTER 0u
#define SLAVE  1u

#define ABSENT_PAGES 64u /* at one time */

/* What a CPU has seen and will acknowledge (`ackstart`). */
typedef enum commit { COMMIT_NONE, COMMIT_INTR, COMMIT_EXTINT } commit_t;

typedef struct core {
    uint32_t lint;  /* levels that the case drives; LINT0 also hears the 8259A */
    uint8_t commit; /* commit_t */

    irqsim_cpu_t cpu;
    irqsim_mem_t mem;
    void *view;             /* of `mem`                                                     */
    uint8_t *ram;           /* NULL until a step is about this CPU                          */
    irqsim_vcpu_out_t last; /* of the last exec, nmi or boundary                  */
    irqsim_dtr_t old_tr;    /* before that                                        */
    uint64_t clocks;        /* charged since somebody asked                       */
} core_t;

typedef struct board {
    irqsim_conform_board_t desc;
    irqsim_time_t now;
    uint32_t lines; /* levels of the board's inputs */
    irqsim_pic_t pic[2];
    int taken;         /* master's line of an acknowledge under way     */
    bool slave_frozen; /* the slave has seen that acknowledge's pulse 1 */
    irqsim_ioapic_t ioapic;
    uint64_t sent;         /* messages since somebody asked              */
    uint32_t last_lowest;  /* who got the last lowest-priority message   */
    core_t *core;          /* desc.cpus of them, also on boards without APICs */
    irqsim_lapic_t *lapic; /* theirs                                        */
    irqsim_icc_t icc;      /* families p5 and p6: their bus                 */
    uint64_t begun;        /* messages on it when somebody asked for `sent` */
    uint32_t refused;      /* messages since one got through                */
    uint8_t idt[4096];
    uint64_t absent[ABSENT_PAGES]; /* page numbers */
    size_t n_absent;
} board_t;

static inline bool has_apics(const board_t *b)
{
    return b->desc.kind == IRQSIM_CONFORM_MP;
}

static inline bool has_serial_bus(const board_t *b)
{
    return has_apics(b) && (b->desc.family == IRQSIM_APIC_P5 || b->desc.family == IRQSIM_APIC_P6);
}

/* ---- pics.c ---- */

void irqsim__conform_pics_init(board_t *b);
/* Lines, cascade and INT to where they lead, after any change. */
void irqsim__conform_pics_settle(board_t *b);
bool irqsim__conform_pics_int(const board_t *b);
void irqsim__conform_pics_inta1(board_t *b, irqsim_conform_pulse_t who);
uint8_t irqsim__conform_pics_inta2(board_t *b);
uint8_t irqsim__conform_pics_read(board_t *b, uint16_t port);
void irqsim__conform_pics_write(board_t *b, uint16_t port, uint8_t value);

/* ---- board.c ---- */

bool irqsim__conform_requested(const board_t *b, uint32_t cpu);
uint8_t irqsim__conform_acknowledge(board_t *b, uint32_t cpu);

/* ---- cpu_board.c ---- */

/* As a case expects them at its beginning. */
void irqsim__conform_cpus_build(board_t *b);
void irqsim__conform_cpus_free(board_t *b);
/* RESET, or what is left of the CPUs after it. */
void irqsim__conform_cpus_reset(board_t *b);
/* IRQSIM_LAPIC_OUT_* that reach beyond the LAPIC. */
void irqsim__conform_cpu_pulse(board_t *b, uint32_t cpu, uint32_t pulses);
/* The cpu_* members of a model. */
irqsim_conform_answer_t irqsim__conform_cpu_set(void *model, uint32_t cpu,
                                                const irqsim_conform_fields_t *fields);
irqsim_conform_answer_t irqsim__conform_cpu_get(void *model, uint32_t cpu,
                                                irqsim_conform_field_t field, uint64_t *value);
irqsim_conform_answer_t irqsim__conform_cpu_gate(void *model, uint32_t cpu,
                                                 const irqsim_conform_gate_t *gate);
irqsim_conform_answer_t irqsim__conform_cpu_idt_limit(void *model, uint32_t cpu, uint16_t limit);
irqsim_conform_answer_t irqsim__conform_cpu_tss_stack(void *model, uint32_t cpu,
                                                      irqsim_conform_segment_t ss0);
irqsim_conform_answer_t irqsim__conform_cpu_page(void *model, uint32_t cpu,
                                                 irqsim_conform_page_t page, uint64_t address,
                                                 bool present);
irqsim_conform_answer_t irqsim__conform_cpu_frame(void *model, uint32_t cpu,
                                                  const irqsim_conform_fields_t *fields);
irqsim_conform_answer_t irqsim__conform_cpu_exec(void *model, uint32_t cpu,
                                                 irqsim_conform_insn_t insn, uint64_t operand);
irqsim_conform_answer_t irqsim__conform_cpu_boundary(void *model, uint32_t cpu);
irqsim_conform_answer_t irqsim__conform_cpu_took(void *model, uint32_t cpu,
                                                 irqsim_conform_field_t field, uint64_t *value);
irqsim_conform_answer_t irqsim__conform_cpu_flag(void *model, uint32_t cpu,
                                                 irqsim_conform_flag_t flag, bool *level);
irqsim_conform_answer_t irqsim__conform_cpu_clocks(void *model, uint32_t cpu, uint64_t *clocks);

/* ---- cpu_tables.c ---- */

/* Selectors in every CPU's GDT. */
enum {
    SEL_CODE0 = 0x08,
    SEL_DATA0 = 0x10,
    SEL_CODE3 = 0x1B,
    SEL_DATA3 = 0x23,
    SEL_TSS = 0x28,
    SEL_TASK = 0x30,
    SEL_ABSENT_CODE = 0x38,
    SEL_ABSENT_DATA = 0x40,
    SEL_SHORT_CODE = 0x48,
    SEL_ABSENT_DATA3 = 0x53,
    SEL_COMPATIBLE3 = 0x5B, /* long mode: 32-bit code of level 3 */
    SEL_OUTSIDE = 0xFFF8
};
#define KERNEL_TOP 0x90000u
#define USER_TOP   0x70000u
#define REAL_TOP   0xFF00u

/* Where a 32-bit TSS keeps them. */
enum { TSS32_ESP_AT = 0x38, TSS32_CS_AT = 0x4C, TSS32_SS_AT = 0x50 };

/* false: none. */
bool irqsim__conform_memory(board_t *b, core_t *core);
/* GDT and TSS of the CPU's mode, and the registers that lead to them and to the IDT. */
void irqsim__conform_tables(board_t *b, core_t *core);
/* 256 absent gates of the CPU's mode. */
void irqsim__conform_clear_idt(board_t *b, core_t *core);
void irqsim__conform_gate(board_t *b, core_t *core, const irqsim_conform_gate_t *gate);
void irqsim__conform_tss_stack(board_t *b, core_t *core, irqsim_conform_segment_t ss0);
/* false: too many are absent. */
bool irqsim__conform_page(board_t *b, core_t *core, irqsim_conform_page_t page, uint64_t address,
                          bool present);
void irqsim__conform_poke(board_t *b, core_t *core, uint64_t address, uint64_t value,
                          unsigned size);
uint64_t irqsim__conform_peek(board_t *b, core_t *core, uint64_t address, unsigned size);

/* ---- bus.c ---- */

/* Until nothing waits. */
void irqsim__conform_bus_run(board_t *b);

/* ---- serial.c ---- */

irqsim_status_t irqsim__conform_serial_init(board_t *b);
uint64_t irqsim__conform_serial_clock(const board_t *b);
/* When the bus does something next, if let. */
irqsim_time_t irqsim__conform_serial_due(const board_t *b);
/* After anything was done to an APIC. */
void irqsim__conform_serial_look(board_t *b);
void irqsim__conform_serial_act(board_t *b);
/* Nothing waits, or everything that waits has been refused. */
bool irqsim__conform_serial_is_done(const board_t *b);

#endif
