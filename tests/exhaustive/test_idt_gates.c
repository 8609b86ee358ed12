/* SPDX-License-Identifier: MIT */
/*
 * test_idt_gates.c - bytes of IDT entries: each survives decode and encode
 *
 * What delivery makes of a gate is compared with a model: test_idt_model.c.
 */
#include "unit.h"
#include "idt_guest.h"

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

UNIT_MAIN("idt_gates", UNIT_TEST(cpu_31_gate_bytes_round_trip),
          UNIT_TEST(lm_01_long_entries_round_trip), UNIT_LOOP(cpu_31_gate_text, 0, 5))
