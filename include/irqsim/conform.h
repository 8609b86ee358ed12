/* SPDX-License-Identifier: MIT */
/*
 * irqsim/conform.h - conformance cases: loaded from files, run on any model
 *
 *   FILE.case --irqsim_conform_load()--> cases --irqsim_conform_run()--> verdict
 *                                                     |
 *                           irqsim_conform_model_t: our boards, or a plug-in's
 *
 * docs/conformance.md has the format of the files and a guide to plug-ins.
 */
#ifndef IRQSIM_CONFORM_H
#define IRQSIM_CONFORM_H

#include <irqsim/apic_msg.h>
#include <irqsim/diag.h>
#include <irqsim/profile.h>
#include <irqsim/variant.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what a model is ---- */

/* Of irqsim_conform_model_t and all it names. A model of another version is refused. */
#define IRQSIM_CONFORM_VERSION 3u

typedef enum irqsim_conform_answer {
    IRQSIM_CONFORM_OK = 0,
    IRQSIM_CONFORM_NONE,       /* ack, commit: there is nothing to take; took: there
                                  is no such thing                                 */
    IRQSIM_CONFORM_REFUSED,    /* board: no such machine; MSR access: #GP(0)       */
    IRQSIM_CONFORM_UNSUPPORTED /* not in this model: the case is skipped, for
                                  peek only the step                               */
} irqsim_conform_answer_t;

typedef enum irqsim_conform_kind {
    IRQSIM_CONFORM_PIC, /* one 8259A at ports 20 and 21                            */
    IRQSIM_CONFORM_AT,  /* the pair, slave at A0 and A1 on IR2; a CPU's INTR       */
    IRQSIM_CONFORM_MP,  /* LAPICs 0..cpus-1, IOAPIC at FEC00000, pair on LINT0     */
    IRQSIM_CONFORM_CPU  /* a CPU by itself                                         */
} irqsim_conform_kind_t;

typedef struct irqsim_conform_board {
    uint32_t kind;           /* irqsim_conform_kind_t                              */
    uint32_t cpus;           /* mp; whatever the case says, possible or not        */
    uint32_t family;         /* mp: irqsim_apic_family_t; X2APIC starts in that mode */
    uint32_t ioapic_version; /* mp: 11 or 20 hex                                   */
    uint32_t profile;        /* irqsim_profile_id_t: which clocks there are        */
    uint32_t variants;       /* IRQSIM_VARIANT_*; a model without one of them says
                                UNSUPPORTED                                        */
    uint8_t elcr;            /* 1: ELCR at ports 4D0 and 4D1                       */
    uint8_t soft;            /* mp, 1: every LAPIC is enabled, SVR = 1FF           */
    uint8_t pad[2];
} irqsim_conform_board_t;

typedef enum irqsim_conform_pin {
    IRQSIM_CONFORM_LINT0, /* levels  */
    IRQSIM_CONFORM_LINT1,
    IRQSIM_CONFORM_NMI, /* pulses: level is true */
    IRQSIM_CONFORM_SMI,
    IRQSIM_CONFORM_INIT
} irqsim_conform_pin_t;

/* Who sees the first INTA pulse. */
typedef enum irqsim_conform_pulse {
    IRQSIM_CONFORM_BOTH, /* and a slave that its master selects */
    IRQSIM_CONFORM_MASTER,
    IRQSIM_CONFORM_SLAVE
} irqsim_conform_pulse_t;

typedef enum irqsim_conform_view {
    IRQSIM_CONFORM_PIC_IRR, /* index: 0 master, 1 slave    */
    IRQSIM_CONFORM_PIC_ISR,
    IRQSIM_CONFORM_PIC_IMR,
    IRQSIM_CONFORM_PIC_LOWEST, /* line of lowest priority     */
    IRQSIM_CONFORM_LAPIC_PPR,  /* index: CPU                  */
    IRQSIM_CONFORM_LAPIC_ISRV, /* highest vector, 0 = none    */
    IRQSIM_CONFORM_LAPIC_IRRV,
    IRQSIM_CONFORM_RTE /* index: pin; all 64 bits     */
} irqsim_conform_view_t;

#define IRQSIM_CONFORM_IOAPIC     UINT32_MAX /* as an agent of the APIC bus      */
#define IRQSIM_CONFORM_CYCLES     39u        /* of the longest message there     */
#define IRQSIM_CONFORM_UNTIL_DONE UINT64_MAX /* as the time of a run         */

/* ---- the CPU's part ---- */

/* What `cpu`, `now`, `took` and `frame` steps name. */
typedef enum irqsim_conform_field {
    IRQSIM_CONFORM_F_MODE, /* irqsim_conform_mode_t */
    IRQSIM_CONFORM_F_CPL,
    IRQSIM_CONFORM_F_IF,
    IRQSIM_CONFORM_F_TF,
    IRQSIM_CONFORM_F_NT,
    IRQSIM_CONFORM_F_RF,
    IRQSIM_CONFORM_F_IOPL,
    IRQSIM_CONFORM_F_IP,
    IRQSIM_CONFORM_F_SP,
    IRQSIM_CONFORM_F_CS,
    IRQSIM_CONFORM_F_SS,    /* frame */
    IRQSIM_CONFORM_F_FLAGS, /* frame */
    IRQSIM_CONFORM_F_CR2,
    IRQSIM_CONFORM_F_VECTOR, /* took: delivered in the end                    */
    IRQSIM_CONFORM_F_ERROR,  /* took                                          */
    IRQSIM_CONFORM_F_FRAME,  /* took: bytes                                   */
    IRQSIM_CONFORM_FIELDS
} irqsim_conform_field_t;

typedef enum irqsim_conform_mode {
    IRQSIM_CONFORM_PROT,
    IRQSIM_CONFORM_REAL,
    IRQSIM_CONFORM_V86,
    IRQSIM_CONFORM_LONG
} irqsim_conform_mode_t;

/* The fields of one step: those whose bit is in `given`. */
typedef struct irqsim_conform_fields {
    uint32_t given; /* 1 << irqsim_conform_field_t */
    uint64_t value[IRQSIM_CONFORM_FIELDS];
} irqsim_conform_fields_t;

typedef enum irqsim_conform_gate_kind {
    IRQSIM_CONFORM_INTERRUPT_GATE,
    IRQSIM_CONFORM_TRAP_GATE,
    IRQSIM_CONFORM_TASK_GATE,
    IRQSIM_CONFORM_ABSENT_GATE, /* an interrupt gate with P = 0 */
    IRQSIM_CONFORM_BAD_GATE     /* no gate at all               */
} irqsim_conform_gate_kind_t;

/* Which selector: docs/conformance.md has the descriptors. */
typedef enum irqsim_conform_segment {
    IRQSIM_CONFORM_SEG_OK,
    IRQSIM_CONFORM_SEG_NULL,
    IRQSIM_CONFORM_SEG_ABSENT,
    IRQSIM_CONFORM_SEG_DATA,    /* as a stack: of the wrong level */
    IRQSIM_CONFORM_SEG_OUTSIDE, /* of its table                   */
    IRQSIM_CONFORM_SEG_SHORT    /* a gate: code of 4 KiB, in long mode 32-bit code; a stack:
                                   the TSS ends inside of its slot */
} irqsim_conform_segment_t;

typedef struct irqsim_conform_gate {
    uint8_t vector, kind; /* irqsim_conform_gate_kind_t */
    uint8_t dpl, segment; /* irqsim_conform_segment_t   */
    uint8_t ist;
    uint64_t handler; /* real mode: SSSSOOOO */
} irqsim_conform_gate_t;

typedef enum irqsim_conform_insn {
    IRQSIM_CONFORM_NOP,
    IRQSIM_CONFORM_CLI,
    IRQSIM_CONFORM_STI,
    IRQSIM_CONFORM_HLT,
    IRQSIM_CONFORM_IRET,
    IRQSIM_CONFORM_PUSHF,
    IRQSIM_CONFORM_POPF, /* the flags that it finds */
    IRQSIM_CONFORM_MOVSS,
    IRQSIM_CONFORM_POPSS,
    IRQSIM_CONFORM_INT, /* vector */
    IRQSIM_CONFORM_INT3,
    IRQSIM_CONFORM_ICEBP,
    IRQSIM_CONFORM_INTO,  /* OF             */
    IRQSIM_CONFORM_BOUND, /* 1: it faults   */
    IRQSIM_CONFORM_UD2,
    IRQSIM_CONFORM_DIV0,
    IRQSIM_CONFORM_LOAD, /* linear address */
    IRQSIM_CONFORM_LOADNP,
    IRQSIM_CONFORM_LOADBAD,
    IRQSIM_CONFORM_SYSCALL
} irqsim_conform_insn_t;

typedef enum irqsim_conform_page {
    IRQSIM_CONFORM_PAGE_AT, /* the page of an address */
    IRQSIM_CONFORM_PAGE_IDT,
    IRQSIM_CONFORM_PAGE_TSS,
    IRQSIM_CONFORM_PAGE_GDT,
    IRQSIM_CONFORM_PAGE_STACK
} irqsim_conform_page_t;

typedef enum irqsim_conform_flag {
    IRQSIM_CONFORM_HALTED,
    IRQSIM_CONFORM_SHUTDOWN,
    IRQSIM_CONFORM_NMIBLOCKED
} irqsim_conform_flag_t;

/* ---- a model ---- */

/* A model of the chips. Any member from `reset` on may be NULL: unsupported.
 * `model` is what create() returned. Addresses, ports, registers and values are
 * whatever a case says; lines, pins and CPUs are those that the board has.
 *
 * What begins with cpu_ is a CPU that executes; a model of chips alone leaves all of
 * it NULL. CPUs take events only in cpu_exec() and cpu_boundary().
 *
 * Only run() lets time pass. On an mp board it is also the only call in which
 * messages travel; until then they wait where they were born. */
typedef struct irqsim_conform_model {
    uint32_t version; /* IRQSIM_CONFORM_VERSION */
    const char *name;
    void *(*create)(void); /* NULL: no memory */
    void (*destroy)(void *model);
    /* Builds the board as after power-on, whatever was there before. */
    irqsim_conform_answer_t (*board)(void *model, const irqsim_conform_board_t *board);

    irqsim_conform_answer_t (*reset)(void *model); /* the whole board's RESET pin */
    irqsim_conform_answer_t (*port_read)(void *model, uint16_t port, uint8_t *value);
    irqsim_conform_answer_t (*port_write)(void *model, uint16_t port, uint8_t value);
    irqsim_conform_answer_t (*mem_read)(void *model, uint32_t cpu, uint64_t address,
                                        uint32_t *value);
    irqsim_conform_answer_t (*mem_write)(void *model, uint32_t cpu, uint64_t address,
                                         uint32_t value);
    irqsim_conform_answer_t (*msr_read)(void *model, uint32_t cpu, uint32_t msr, uint64_t *value);
    irqsim_conform_answer_t (*msr_write)(void *model, uint32_t cpu, uint32_t msr, uint64_t value);
    irqsim_conform_answer_t (*line)(void *model, uint32_t input, bool level);
    irqsim_conform_answer_t (*pin)(void *model, uint32_t cpu, irqsim_conform_pin_t pin, bool level);
    irqsim_conform_answer_t (*intr)(void *model, uint32_t cpu, bool *level);
    irqsim_conform_answer_t (*inta1)(void *model, irqsim_conform_pulse_t who);
    irqsim_conform_answer_t (*inta2)(void *model, uint8_t *vector);
    /* commit: the CPU has seen INTR; the next ack() must give some vector. */
    irqsim_conform_answer_t (*commit)(void *model, uint32_t cpu);
    irqsim_conform_answer_t (*ack)(void *model, uint32_t cpu, uint8_t *vector);
    /* That much time passes, and in 0 ps nothing happens. IRQSIM_CONFORM_UNTIL_DONE:
     * until no message is under way or waits, but for those that have all been refused
     * since the last that got through. */
    irqsim_conform_answer_t (*run)(void *model, uint64_t ps);
    /* Messages begun since the last call, refused ones each time. */
    irqsim_conform_answer_t (*sent)(void *model, uint64_t *messages);
    irqsim_conform_answer_t (*apr)(void *model, uint32_t cpu, uint8_t *priority);
    irqsim_conform_answer_t (*peek)(void *model, irqsim_conform_view_t view, uint32_t index,
                                    uint64_t *value);

    irqsim_conform_answer_t (*cpu_set)(void *model, uint32_t cpu,
                                       const irqsim_conform_fields_t *fields);
    irqsim_conform_answer_t (*cpu_get)(void *model, uint32_t cpu, irqsim_conform_field_t field,
                                       uint64_t *value);
    irqsim_conform_answer_t (*cpu_gate)(void *model, uint32_t cpu,
                                        const irqsim_conform_gate_t *gate);
    irqsim_conform_answer_t (*cpu_idt_limit)(void *model, uint32_t cpu, uint16_t limit);
    irqsim_conform_answer_t (*cpu_tss_stack)(void *model, uint32_t cpu,
                                             irqsim_conform_segment_t ss0);
    irqsim_conform_answer_t (*cpu_page)(void *model, uint32_t cpu, irqsim_conform_page_t page,
                                        uint64_t address, bool present);
    /* A return frame on top of the stack, what is not given as the CPU has it. */
    irqsim_conform_answer_t (*cpu_frame)(void *model, uint32_t cpu,
                                         const irqsim_conform_fields_t *fields);
    /* One instruction, and if it delivered nothing the boundary behind it. */
    irqsim_conform_answer_t (*cpu_exec)(void *model, uint32_t cpu, irqsim_conform_insn_t insn,
                                        uint64_t operand);
    /* A boundary alone; after pin() with an NMI it is called too. */
    irqsim_conform_answer_t (*cpu_boundary)(void *model, uint32_t cpu);
    /* What the last of these two delivered, as it was saved. NONE: nothing, or it has
     * no such field. */
    irqsim_conform_answer_t (*cpu_took)(void *model, uint32_t cpu, irqsim_conform_field_t field,
                                        uint64_t *value);
    irqsim_conform_answer_t (*cpu_flag)(void *model, uint32_t cpu, irqsim_conform_flag_t flag,
                                        bool *level);
    /* CPU clocks charged since the last call. */
    irqsim_conform_answer_t (*cpu_clocks)(void *model, uint32_t cpu, uint64_t *clocks);

    /* The APIC bus, on mp boards of P5 and P6. icc: clocks in which it was busy since
     * board(), those of a message under way too. arb: the agent's arbitration ID; a CPU,
     * or IRQSIM_CONFORM_IOAPIC. bus: the cycles of the last message that are over, each
     * its logical value 0..3; room for IRQSIM_CONFORM_CYCLES. */
    irqsim_conform_answer_t (*icc)(void *model, uint64_t *clocks);
    irqsim_conform_answer_t (*arb)(void *model, uint32_t agent, uint8_t *id);
    irqsim_conform_answer_t (*bus)(void *model, uint8_t *cycles, uint32_t *n);
} irqsim_conform_model_t;

/* The library's own chips. */
const irqsim_conform_model_t *irqsim_conform_builtin(void);

/* A plug-in is a shared object that defines this symbol:
 *
 *   const irqsim_conform_model_t irqsim_conform_plugin = { .version = ..., ... };
 */
#define IRQSIM_CONFORM_PLUGIN "irqsim_conform_plugin"

/* ---- cases ---- */

typedef struct irqsim_conform irqsim_conform_t; /* the cases of one file */

/* Every mistake is reported with line and column, then the file is refused
 * (IRQSIM_E_FORMAT). *cases is NULL unless the call succeeds. */
irqsim_status_t irqsim_conform_load(const char *path, const irqsim_diag_sink_t *diag,
                                    irqsim_conform_t **cases);
/* The same from memory; `name` is the file's name in messages. */
irqsim_status_t irqsim_conform_parse(const char *name, const char *text, size_t size,
                                     const irqsim_diag_sink_t *diag, irqsim_conform_t **cases);
void irqsim_conform_free(irqsim_conform_t *cases);

size_t irqsim_conform_count(const irqsim_conform_t *cases);
/* "PIC-26.withdrawn an edge ..."; index < count. Any bytes but 0 and newline. */
const char *irqsim_conform_title(const irqsim_conform_t *cases, size_t index);

typedef enum irqsim_conform_verdict {
    IRQSIM_CONFORM_PASSED,
    IRQSIM_CONFORM_FAILED,
    IRQSIM_CONFORM_SKIPPED
} irqsim_conform_verdict_t;

/* Where a case ended, and why. Texts are empty unless they say something. */
typedef struct irqsim_conform_result {
    irqsim_conform_verdict_t verdict;
    uint64_t line, column; /* of the step; 0 if passed */
    char step[96];         /* as the file has it, perhaps cut */
    char expected[48], got[48];
    char why[96]; /* skipped: the reason */
} irqsim_conform_result_t;

/* Runs one case on a fresh instance of the model. IRQSIM_E_INVAL: a model of
 * another version, or an index that is not there. IRQSIM_E_NOMEM. */
irqsim_status_t irqsim_conform_run(const irqsim_conform_t *cases, size_t index,
                                   const irqsim_conform_model_t *model,
                                   irqsim_conform_result_t *result);

#ifdef __cplusplus
}
#endif
#endif
