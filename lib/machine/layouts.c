/* SPDX-License-Identifier: MIT */
/*
 * layouts.c - every struct of a machine's snapshot, field by field
 *
 * A row's maximum is what memory safety needs of a single field; what several
 * fields must agree on is checked in save.c.
 */
#include "machine_int.h"

#define PINS_MASK ((UINT64_C(1) << IRQSIM_IOAPIC_PINS) - 1)

/* clang-format off */
#define ONE(member)        IRQSIM_FIELD_ONE(T, member)
#define MANY(member)       IRQSIM_FIELD_MANY(T, member)
#define UP_TO(member, max) IRQSIM_FIELD_UP_TO(T, member, max)

#define T shape_t
static const irqsim_field_t shape[] = {
    ONE(board), ONE(family), ONE(cpus), ONE(ioapics), ONE(devices), ONE(rings), ONE(lane_size), ONE(ram_bytes),
    ONE(figures),
};
#undef T

#define T globals_t
static const irqsim_field_t globals[] = {
    ONE(now), ONE(steps), ONE(last_seq), ONE(submitted), ONE(irq7), ONE(irq15),
    ONE(lapic_spurious), ONE(lowest), ONE(stalled), ONE(sender), UP_TO(booted, 1),
    UP_TO(stopped, 10), ONE(imcr_index), ONE(imcr), UP_TO(pic_int, 1), UP_TO(pit_high, 1),
    MANY(pad), MANY(line_cause),
};
#undef T

#define T irqsim_pic_t
static const irqsim_field_t pic[] = {
    UP_TO(in, 0xFF), UP_TO(out, 1), ONE(variants), ONE(spent), ONE(isr), ONE(imr), MANY(icw),
    UP_TO(step, IRQSIM_PIC_STEP_ICW4), UP_TO(initialized, 1), UP_TO(lowest, 7),
    UP_TO(read_isr, 1), UP_TO(smm, 1), UP_TO(rotate_aeoi, 1), ONE(elcr),
    ONE(slave), ONE(has_elcr), ONE(elcr_fixed), UP_TO(frozen, 7), ONE(held), ONE(acked),
    ONE(level), ONE(slaves), ONE(open), ONE(latched), UP_TO(plain, 1),
    MANY(pad),
};
#undef T

#define T irqsim_pit_t
#define COUNTER(n)                                                                              \
    ONE(c[n].origin), ONE(c[n].elapsed), ONE(c[n].load_at), ONE(c[n].change_at),                \
    ONE(c[n].wake_at), UP_TO(c[n].reload, 65536), UP_TO(c[n].written, 65536),                   \
    ONE(c[n].idle_count), ONE(c[n].latched), ONE(c[n].count_held), ONE(c[n].status_held),       \
    ONE(c[n].status), UP_TO(c[n].control, 0x3F), UP_TO(c[n].run, IRQSIM_PIT_RUN_STOPPED),       \
    UP_TO(c[n].armed, 1), UP_TO(c[n].null_count, 1), UP_TO(c[n].load_low, 1), ONE(c[n].low),    \
    UP_TO(c[n].write_high, 1), UP_TO(c[n].read_high, 1), UP_TO(c[n].gate, 1),                   \
    UP_TO(c[n].out, 1), MANY(c[n].pad)
static const irqsim_field_t pit[] = {
    ONE(clk.num), ONE(clk.den), COUNTER(0), COUNTER(1), COUNTER(2),
};
#undef T

#define T wire_t
static const irqsim_field_t wire[] = {
    MANY(edge), UP_TO(count, WIRE_EDGES), UP_TO(level, 1), MANY(pad),
};
#undef T

#define T core_t
#define DTR(r)                                                                                  \
    ONE(cpu.regs.r.base), ONE(cpu.regs.r.limit), ONE(cpu.regs.r.selector), ONE(cpu.regs.r.type)
static const irqsim_field_t core[] = {
    ONE(cpu.regs.ip), ONE(cpu.regs.sp), ONE(cpu.regs.flags), ONE(cpu.regs.cr2),
    ONE(cpu.regs.cr3), ONE(cpu.regs.ss_desc), DTR(idtr), DTR(gdtr), DTR(ldtr), DTR(tr),
    MANY(cpu.regs.gpr), ONE(cpu.regs.cs), ONE(cpu.regs.ss), ONE(cpu.regs.ds), ONE(cpu.regs.es),
    ONE(cpu.regs.fs), ONE(cpu.regs.gs), UP_TO(cpu.regs.cpl, 3),
    UP_TO(cpu.regs.mode, IRQSIM_MODE_LONG), UP_TO(cpu.regs.ts, 1), UP_TO(cpu.regs.code64, 1),
    ONE(cpu.in), ONE(cpu.dr6), ONE(cpu.db),
    UP_TO(cpu.activity, IRQSIM_SHUTDOWN), ONE(cpu.shadow), UP_TO(cpu.nmi_blocked, 1),
    UP_TO(cpu.nmi_late, 1), ONE(cpu.variant), ONE(cpu.sipi_vector), MANY(cpu.pad),
    ONE(atomic_until), ONE(deadline), ONE(left), ONE(debt), ONE(spent), ONE(runs),
    ONE(said), ONE(delivered), ONE(vector), UP_TO(entered, ENTRY_SHOWN), MANY(pad),
    MANY(serving), MANY(accepted),
};
#undef T

#define T irqsim_lapic_t
static const irqsim_field_t lapic[] = {
    ONE(timer_clk.num), ONE(timer_clk.den), ONE(tsc_clk.num), ONE(tsc_clk.den), ONE(timer_base),
    ONE(timer_deadline), ONE(timer_target), ONE(tsc_deadline), ONE(apic_base), ONE(in), ONE(out),
    ONE(family), ONE(variants), ONE(topology_id), ONE(id), UP_TO(arb_id, 15), ONE(tpr), ONE(ldr),
    ONE(dfr), ONE(svr), ONE(icr_low), ONE(icr_high), ONE(sent_low), ONE(sent_high),
    ONE(next_low), ONE(next_high), ONE(icr_undefined), ONE(icr_replaced), ONE(esr),
    ONE(esr_latched), MANY(irr), MANY(isr), MANY(tmr), MANY(eoi_queue), ONE(irr_words),
    ONE(isr_words), ONE(eoi_words), ONE(irrv), ONE(isrv), ONE(served), MANY(lvt),
    ONE(timer_initial), ONE(timer_divide), ONE(remote_read),
    UP_TO(icr_busy, IRQSIM_LAPIC_ICR_TAKEN), UP_TO(icr_again, 1), ONE(local_waits), UP_TO(extint_latched, 1),
    UP_TO(remote_status, 2), ONE(sipi_vector), ONE(has_tsc_deadline), ONE(bsp),
};
#undef T

#define T irqsim_ioapic_t
#define MASK(member) UP_TO(member, PINS_MASK)
static const irqsim_field_t ioapic[] = {
    MANY(rte), MASK(in), MASK(pending), MASK(busy), MASK(remote), MASK(unheard), MASK(stale),
    MASK(turned), MASK(lost), MASK(refused), MASK(written), UP_TO(out, 1), MASK(low), MASK(level),
    MASK(closed), UP_TO(id, 15), UP_TO(arb, 15), ONE(index), ONE(version), ONE(boot_config),
    ONE(initial_id), UP_TO(has_pin_assert, 1), MANY(pad),
};
#undef T

#define T lane_t
static const irqsim_field_t lane[] = {ONE(count), ONE(head)};
#undef T

#define T flight_t
static const irqsim_field_t flight[] = {
    ONE(due), ONE(order), ONE(msg.dest), ONE(msg.source), ONE(msg.cause), ONE(msg.vector),
    UP_TO(msg.mode, IRQSIM_APIC_EXTINT), UP_TO(msg.logical, 1), UP_TO(msg.level, 1),
    UP_TO(msg.assert, 1), UP_TO(msg.shorthand, IRQSIM_APIC_TO_OTHERS), UP_TO(msg.is_eoi, 1),
    ONE(msg.pad),
};
#undef T

#define T serial_t
#define MSG(m)                                                                                  \
    ONE(bus.m.dest), ONE(bus.m.source), ONE(bus.m.cause), ONE(bus.m.vector),                    \
    UP_TO(bus.m.mode, IRQSIM_APIC_EXTINT), UP_TO(bus.m.logical, 1), UP_TO(bus.m.level, 1),      \
    UP_TO(bus.m.assert, 1), UP_TO(bus.m.shorthand, IRQSIM_APIC_TO_OTHERS),                      \
    UP_TO(bus.m.is_eoi, 1), ONE(bus.m.pad)
static const irqsim_field_t serial[] = {
    ONE(bus.clk.num), ONE(bus.clk.den), ONE(bus.due), ONE(bus.begin), ONE(bus.free_at),
    ONE(bus.waited), ONE(bus.begun), ONE(bus.used), ONE(bus.handshake), MANY(bus.since), MSG(msg), MSG(heard),
    MSG(bridge), ONE(bus.variants), ONE(bus.meant), ONE(bus.lapics), ONE(bus.ioapics),
    ONE(bus.has_bridge), ONE(bus.bridge_id), UP_TO(bus.bridge_arb, 15), UP_TO(bus.bridge_asks, 1),
    UP_TO(bus.phase, IRQSIM_ICC_ENDING), UP_TO(bus.kind, IRQSIM_ICC_READ),
    UP_TO(bus.outcome, IRQSIM_ICC_ERROR), UP_TO(bus.told, IRQSIM_APIC_RETRY), ONE(bus.sender),
    ONE(bus.winner), UP_TO(bus.bad_cycle, IRQSIM_ICC_CYCLES), UP_TO(bus.bad_bits, 3),
    UP_TO(bus.next_bad_cycle, IRQSIM_ICC_CYCLES), UP_TO(bus.next_bad_bits, 3),
    MANY(bus.fate), MANY(bus.wire), MANY(bus.pad), MANY(ended), MANY(ipi_sent),
    MANY(pin_sent), MANY(pin_cause), ONE(begun), ONE(pad),
};
#undef T

#define T device_t
static const irqsim_field_t device[] = {
    ONE(next), ONE(pulse_end), ONE(arrived), ONE(taken), ONE(rise), ONE(delivered),
    ONE(coalesced), ONE(withdrawn), ONE(lost_edges), ONE(random), ONE(msi_addr), ONE(msi_data),
    MANY(cause), UP_TO(msi_on, 1), UP_TO(unsent, 1), UP_TO(high, 1), UP_TO(fresh, 1), MANY(pad),
};
#undef T

#define T jobs_t
static const irqsim_field_t jobs[] = {MANY(job)};
#undef T

#define T word_t
static const irqsim_field_t word[] = {ONE(bits)};
#undef T

const irqsim_layout_t irqsim__machine_layouts[LAYOUTS] = {
    [LAYOUT_SHAPE]   = IRQSIM_LAYOUT(shape_t, shape),
    [LAYOUT_GLOBALS] = IRQSIM_LAYOUT(globals_t, globals),
    [LAYOUT_PIC]     = IRQSIM_LAYOUT(irqsim_pic_t, pic),
    [LAYOUT_PIT]     = IRQSIM_LAYOUT(irqsim_pit_t, pit),
    [LAYOUT_WIRE]    = IRQSIM_LAYOUT(wire_t, wire),
    [LAYOUT_CORE]    = IRQSIM_LAYOUT(core_t, core),
    [LAYOUT_LAPIC]   = IRQSIM_LAYOUT(irqsim_lapic_t, lapic),
    [LAYOUT_IOAPIC]  = IRQSIM_LAYOUT(irqsim_ioapic_t, ioapic),
    [LAYOUT_LANE]    = IRQSIM_LAYOUT(lane_t, lane),
    [LAYOUT_FLIGHT]  = IRQSIM_LAYOUT(flight_t, flight),
    [LAYOUT_SERIAL]  = IRQSIM_LAYOUT(serial_t, serial),
    [LAYOUT_DEVICE]  = IRQSIM_LAYOUT(device_t, device),
    [LAYOUT_JOBS]    = IRQSIM_LAYOUT(jobs_t, jobs),
    [LAYOUT_WORD]    = IRQSIM_LAYOUT(word_t, word),
};
/* clang-format on */

const irqsim_layout_t *irqsim_machine_layout(unsigned index)
{
    return index < LAYOUTS ? &irqsim__machine_layouts[index] : NULL;
}
