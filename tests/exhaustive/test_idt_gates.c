/* SPDX-License-Identifier: MIT */
/*
 * test_idt_gates.c - every gate byte x level x event kind x target segment
 *
 * The oracle below is the list of checks as facts state it, one after another,
 * with nothing shared with lib/idt: gate type (32) x DPL (4) x P (2) x CPL (4; in
 * V86 mode IOPL) x event kind (7) x code segment DPL (4) x conforming (2) x present
 * (2) x mode (protected, V86, long).
 */
#include "unit.h"
#include "idt_guest.h"

enum { VECTOR = 0x21, KINDS = 7, MODES = 3, RING2_DS = 9 << 3 | 2 };

typedef struct situation {
    unsigned kind, cpl, iopl;
    unsigned type, dpl, present;                 /* of the gate          */
    unsigned code_dpl, conforming, code_present; /* of the code segment */
    irqsim_cpu_mode_t mode;
} situation_t;

typedef struct expectation {
    int exception; /* -1: delivered */
    unsigned error;
    unsigned inner, cpl, frame, interrupts; /* when delivered */
} expectation_t;

static expectation_t fails(int exception, unsigned error)
{
    return (expectation_t){.exception = exception, .error = error};
}

static expectation_t oracle(const situation_t *s)
{
    const unsigned software = s->kind == 3 || s->kind > 4;
    const unsigned ext = software ? 0 : 1;
    const unsigned in_idt = VECTOR * 8 + 2;
    const bool v86 = s->mode == IRQSIM_MODE_V86, in_long = s->mode == IRQSIM_MODE_LONG;
    const bool handler16 = !in_long && (s->type == 6 || s->type == 7); /* LM-02 */
    const bool handler = handler16 || s->type == 14 || s->type == 15;

    if (v86 && s->kind == 3 && s->iopl < 3) /* CPU-65 */
        return fails(13, 0);
    if (!handler && (in_long || s->type != 5)) /* CPU-31, LM-02 */
        return fails(13, in_idt + ext);
    if (software && s->cpl > s->dpl) /* CPU-32 */
        return fails(13, in_idt);
    if (!s->present) /* CPU-33 */
        return fails(11, in_idt + ext);
    if (!handler) /* CPU-49: the target is no task */
        return fails(13, SPARE + ext);
    if (s->code_dpl > s->cpl) /* CPU-36 */
        return fails(13, SPARE + ext);
    if (!s->code_present) /* CPU-37 */
        return fails(11, SPARE + ext);
    if (v86 && (s->code_dpl != 0 || s->conforming)) /* CPU-39 */
        return fails(13, SPARE + ext);

    expectation_t e = {.exception = -1, .cpl = s->cpl, .frame = 12};
    if (!s->conforming && s->code_dpl != s->cpl) { /* CPU-38 */
        e.inner = 1;
        e.cpl = s->code_dpl;
        e.frame = v86 ? 36 : 20;
    }
    if (handler16) /* CPU-43 */
        e.frame /= 2;
    if (in_long) /* LM-06 */
        e.frame = 40;
    e.interrupts = s->type & 1; /* CPU-50 */
    return e;
}

static guest_t g;

static void setup(const situation_t *s)
{
    const unsigned code = 0x18 | s->conforming << 2 | s->code_present << 7 | s->code_dpl << 5;
    const bool in_long = s->mode == IRQSIM_MODE_LONG;
    const unsigned width = in_long ? DESC_FLAG_L : DESC_FLAG_DB;
    poke(&g, IDT + VECTOR * (in_long ? 16 : 8),
         DESC_GATE(HANDLER, SPARE, s->type | s->dpl << 5 | s->present << 7), 8);
    set_segment(&g, SPARE, DESC_SEGMENT(0, 0xFFFFF, code, DESC_FLAG_G | width));
    g.cpu.mode = (uint8_t)s->mode;
    g.cpu.code64 = in_long;
    g.cpu.cpl = (uint8_t)s->cpl;
    g.cpu.cs = (uint16_t)(KERNEL_CS | s->cpl);
    g.cpu.ss = (uint16_t)(KERNEL_DS | s->cpl);
    g.cpu.sp = 0x7000;
    g.cpu.flags = EFLAGS_RESERVED | EFLAGS_IF | EFLAGS_IOPL(s->iopl) |
                  (s->mode == IRQSIM_MODE_V86 ? EFLAGS_VM : 0);
}

static bool agrees(const expectation_t *e, const irqsim_cpustate_t *before)
{
    if (e->exception >= 0)
        return !g.out.delivered && g.out.vector == e->exception && g.out.error == e->error &&
               memcmp(&g.cpu, before, sizeof(*before)) == 0;
    return g.out.delivered && g.out.inner == e->inner && g.out.frame == e->frame &&
           g.cpu.cpl == e->cpl && g.cpu.cs == (SPARE | e->cpl) && g.cpu.ip == HANDLER &&
           !(g.cpu.flags & EFLAGS_IF) == !e->interrupts;
}

static void check(const situation_t *s)
{
    setup(s);
    const expectation_t e = oracle(s);
    const irqsim_cpustate_t before = g.cpu;
    const char *got = deliver(&g, (irqsim_event_kind_t)s->kind, VECTOR);
    if (!agrees(&e, &before))
        ck_abort_msg("mode %u kind %u cpl %u iopl %u gate %02X dpl %u p %u code dpl %u conforming "
                     "%u p %u: %s, "
                     "expected exception %d error %X",
                     s->mode, s->kind, s->cpl, s->iopl, s->type, s->dpl, s->present, s->code_dpl,
                     s->conforming, s->code_present, got, e.exception, e.error);
}

/* n counts through every member, the gate's type fastest. */
static situation_t situation(irqsim_cpu_mode_t mode, unsigned kind, unsigned n)
{
    const unsigned level = n >> 8 & 3;
    const bool v86 = mode == IRQSIM_MODE_V86;
    return (situation_t){
        .mode = mode,
        .kind = kind,
        .type = n & 31,
        .dpl = n >> 5 & 3,
        .present = n >> 7 & 1,
        .cpl = v86 ? 3 : level,
        .iopl = v86 ? level : 0,
        .code_dpl = n >> 10 & 3,
        .conforming = n >> 12 & 1,
        .code_present = n >> 13 & 1,
    };
}

static void make_ring2(void)
{
    set_segment(&g, RING2_DS, DESC_FLAT_DATA32(2));
    poke(&g, TSS + TSS32_ESP(2), 0xA000, 4);
    poke(&g, TSS + TSS32_SS(2), RING2_DS, 2);
}

static void make_long(void)
{
    memset(g.memory + IDT, 0, 256 * 16);
    g.cpu.idtr.limit = 256 * 16 - 1;
    for (unsigned n = 0; n < 3; n++)
        poke(&g, TSS + TSS64_RSP(n), 0x8000 + 0x1000 * n, 8);
}

START_TEST(cpu_31_to_39_every_gate_and_target)
{
    static const irqsim_cpu_mode_t modes[MODES] = {IRQSIM_MODE_PROTECTED, IRQSIM_MODE_V86,
                                                   IRQSIM_MODE_LONG};
    const irqsim_cpu_mode_t mode = modes[_i / KINDS];
    guest_init(&g);
    if (mode == IRQSIM_MODE_LONG)
        make_long();
    else
        make_ring2();
    for (unsigned n = 0; n < 1u << 14; n++) {
        const situation_t s = situation(mode, (unsigned)_i % KINDS, n);
        check(&s);
    }
}
END_TEST

/* Every access byte, offset and selector survives decode and encode. */
START_TEST(cpu_31_gate_bytes_round_trip)
{
    for (unsigned access = 0; access < 256; access++) {
        const uint64_t raw = DESC_GATE(0xDEADBEEF, 0xCAFE, access);
        irqsim_gate_t gate;
        irqsim_gate_decode(raw, &gate);
        ck_assert_uint_eq(gate.offset, 0xDEADBEEF);
        ck_assert_uint_eq(gate.selector, 0xCAFE);
        ck_assert_uint_eq(gate.type, access & 0x1F);
        ck_assert_uint_eq(gate.dpl, access >> 5 & 3);
        ck_assert_uint_eq(gate.present, access >> 7);
        ck_assert_uint_eq(irqsim_gate_encode(&gate), raw);
    }
}
END_TEST

START_TEST(lm_01_long_entries_round_trip)
{
    for (unsigned n = 0; n < 256 * 8; n++) {
        const uint64_t raw[2] = {DESC_GATE(0xDEADBEEF, 0xCAFE, n & 255) | (uint64_t)(n >> 8) << 32,
                                 0xFEEDC0DE};
        uint64_t again[2];
        irqsim_gate_t gate;
        irqsim_gate_decode64(raw, &gate);
        ck_assert_uint_eq(gate.offset, UINT64_C(0xFEEDC0DEDEADBEEF));
        ck_assert_uint_eq(gate.ist, n >> 8);
        irqsim_gate_encode64(&gate, again);
        ck_assert_mem_eq(again, raw, sizeof(raw));
    }
}
END_TEST

START_TEST(cpu_31_gate_text)
{
    static const struct {
        irqsim_gate_t gate;
        const char *text;
    } rows[] = {
        {{.offset = 0x2100, .selector = 8, .type = IRQSIM_GATE_INTERRUPT, .present = 1},
         "interrupt dpl=0 p=1 0008:00002100"},
        {{.offset = 0xC0102030, .selector = 0x60, .type = IRQSIM_GATE_TRAP, .dpl = 3},
         "trap dpl=3 p=0 0060:c0102030"},
        {{.offset = 9, .selector = 0xF8, .type = IRQSIM_GATE_TASK, .present = 1},
         "task dpl=0 p=1 00f8"},
        {{.type = 0x1E}, "type 1e dpl=0 p=0 0000:00000000"},
        {{.offset = UINT64_C(0xFFFFFFFF81000000),
          .selector = 0x10,
          .type = IRQSIM_GATE_INTERRUPT,
          .present = 1,
          .ist = 2},
         "interrupt dpl=0 p=1 0010:ffffffff81000000 ist=2"},
    };
    char text[IRQSIM_GATE_TEXT];
    irqsim_gate_text(&rows[_i].gate, text);
    ck_assert_str_eq(text, rows[_i].text);
}
END_TEST

UNIT_MAIN("idt_gates", UNIT_LOOP(cpu_31_to_39_every_gate_and_target, 0, KINDS *MODES),
          UNIT_TEST(cpu_31_gate_bytes_round_trip), UNIT_TEST(lm_01_long_entries_round_trip),
          UNIT_LOOP(cpu_31_gate_text, 0, 5))
