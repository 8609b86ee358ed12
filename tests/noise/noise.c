/* SPDX-License-Identifier: MIT */
/* noise.c - a guest that does anything, and one that does what a kernel does */
#include <stdlib.h>
#include <string.h>

#include <irqsim/regs/idt_regs.h>
#include <irqsim/regs/ioapic_regs.h>
#include <irqsim/regs/lapic_regs.h>
#include <irqsim/regs/pic8259_regs.h>
#include <irqsim/regs/pit8254_regs.h>

#include "noise.h"

#define RAM     0xC000u
#define GDT     0x1000u
#define IDT     0x2000u
#define TSS     0x3000u
#define STACKS  0x4000u   /* 2 KiB per CPU */
#define HANDLER 0x100000u /* nobody fetches from there */
#define CODE    0x08u
#define DATA    0x10u
#define TASK    0x18u
#define US      (1000 * IRQSIM_PS_PER_NS)

#define TWIN_EVENTS 200u

#define READS 0xC0u /* a choice from here on reads, below it writes */

/* ---- choices ---- */

static uint64_t next_random(uint64_t *state)
{
    *state += UINT64_C(0x9E3779B97F4A7C15);

    uint64_t z = *state;
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static uint8_t draw8(noise_t *n)
{
    if (n->left) {
        n->left--;
        return *n->bytes++;
    }
    return n->seed ? (uint8_t)next_random(&n->seed) : 0;
}

static uint32_t draw32(noise_t *n)
{
    if (!n->left && n->seed)
        return (uint32_t)next_random(&n->seed);

    uint32_t value = 0;
    for (unsigned i = 0; i < 4; i++)
        value = value << 8 | draw8(n);
    return value;
}

static bool is_over(const noise_t *n)
{
    return !n->left && !n->seed;
}

/* ---- tables that work ---- */

static void write_tables(noise_t *n)
{
    const uint64_t gdt[4] = {
        0,
        DESC_SEGMENT(0, 0xFFFFF, DESC_P | DESC_S | DESC_CODE | DESC_READABLE,
                     DESC_FLAG_G | DESC_FLAG_DB),
        DESC_SEGMENT(0, 0xFFFFF, DESC_P | DESC_S | DESC_WRITABLE, DESC_FLAG_G | DESC_FLAG_DB),
        DESC_SEGMENT(TSS, 0x67, DESC_P | 0x9, 0),
    };

    irqsim_guest_copy_in(n->m, GDT, gdt, sizeof(gdt));
    for (unsigned v = 0; v < 256; v++) {
        const uint64_t gate = DESC_GATE(
            HANDLER + 16 * v, CODE, DESC_P | (v & 1 ? DESC_TYPE_INTERRUPT32 : DESC_TYPE_TRAP32));
        irqsim_guest_copy_in(n->m, IDT + 8 * v, &gate, sizeof(gate));
    }
}

/* As a kernel that starts anew: what was interrupted is forgotten. */
static void recover(noise_t *n, unsigned cpu)
{
    irqsim_guest_lgdt(n->m, cpu, GDT, 4 * 8 - 1);
    irqsim_guest_lidt(n->m, cpu, IDT, 256 * 8 - 1);
    irqsim_guest_ltr(n->m, cpu, TASK, TSS, 0x67);
    irqsim_guest_jump(n->m, cpu, CODE, 0x8000);
    irqsim_guest_stack(n->m, cpu, DATA, STACKS + 2048 * (cpu + 1));
    n->depth[cpu] = 0;
}

/* ---- accesses ---- */

/* These count: a register's number or its value is drawn. */
static void out(noise_t *n, unsigned cpu, uint16_t port, uint8_t value)
{
    n->writes++;
    irqsim_guest_outb(n->m, cpu, port, value);
}

static void write(noise_t *n, unsigned cpu, uint32_t addr, uint32_t value)
{
    n->writes++;
    irqsim_guest_write(n->m, cpu, addr, value);
}

static void wrmsr(noise_t *n, unsigned cpu, uint32_t msr, uint64_t value)
{
    n->writes++;
    irqsim_guest_wrmsr(n->m, cpu, msr, value);
}

static void port(noise_t *n, unsigned cpu)
{
    static const uint16_t ports[] = {
        PIC_MASTER_CMD,
        PIC_MASTER_DATA,
        PIC_SLAVE_CMD,
        PIC_SLAVE_DATA,
        PIC_ELCR_MASTER,
        PIC_ELCR_SLAVE,
        PIT_COUNTER0,
        PIT_COUNTER0 + 1,
        PIT_CONTROL,
        0x22,
        0x23,
        0x61,
    };
    const uint8_t which = draw8(n);
    const uint16_t at = which & 0x20 ? (uint16_t)draw32(n) : ports[which % 12];

    if (which >= READS)
        irqsim_guest_inb(n->m, cpu, at);
    else
        out(n, cpu, at, draw8(n));
}

/* Values that mean something to a LAPIC, the other half of the time. */
static uint32_t lapic_value(noise_t *n, uint32_t offset)
{
    const uint32_t any = draw32(n);

    switch (any & 1 ? offset : 0) {
    case LAPIC_REG_SVR:
        return LAPIC_SVR_ENABLE | (any & (LAPIC_SVR_NO_EOI_BCAST | LAPIC_SVR_NO_FOCUS)) | 0xFF;
    case LAPIC_REG_ICR_LOW: /* a legal IPI: no INIT, no start-up */
        return (any & (LAPIC_ICR_SHORTHAND_MASK | LAPIC_ICR_VECTOR_MASK | 0x900u)) |
               LAPIC_ICR_ASSERT;
    case LAPIC_REG_ICR_HIGH:
        return any & 0x0F000000u;
    case LAPIC_REG_DFR:
        return any & 0x80000000u ? UINT32_MAX : 0x0FFFFFFFu;
    case LAPIC_REG_TPR:
        return any & 0x3F;
    default:
        return any;
    }
}

static void lapic(noise_t *n, unsigned cpu)
{
    static const uint16_t hot[] = {
        LAPIC_REG_EOI,           LAPIC_REG_EOI,          LAPIC_REG_TPR,       LAPIC_REG_ICR_LOW,
        LAPIC_REG_ICR_LOW,       LAPIC_REG_ICR_HIGH,     LAPIC_REG_SVR,       LAPIC_REG_LDR,
        LAPIC_REG_TIMER_INITIAL, LAPIC_REG_TIMER_DIVIDE, LAPIC_REG_LVT_TIMER, LAPIC_REG_DFR,
        LAPIC_REG_ESR,
    };
    const uint8_t which = draw8(n);
    const uint32_t offset = which & 0x40 ? draw32(n) & 0xFFF : hot[which % 13];

    if (which >= READS)
        irqsim_guest_read(n->m, cpu, LAPIC_MMIO_BASE + offset);
    else
        write(n, cpu, LAPIC_MMIO_BASE + offset, lapic_value(n, offset));
}

static uint32_t ioapic_base(noise_t *n)
{
    const unsigned ioapics = irqsim_machine_ioapics(n->m);

    return IOAPIC_MMIO_BASE + (ioapics > 1 ? draw8(n) % ioapics : 0) * IOAPIC_MMIO_STRIDE;
}

/* A legal entry: fixed or lowest priority, to some CPU; any register; any offset. */
static void ioapic(noise_t *n, unsigned cpu)
{
    const uint32_t base = ioapic_base(n), value = draw32(n);
    const uint8_t which = draw8(n);

    if (which >= 0xF0) {
        write(n, cpu, base + (draw8(n) & 0xF0u), value);
        return;
    }
    const uint32_t index = which & 0x40 ? IOAPIC_REG_RTE_LOW(which % 24) : which & 0x3Fu;
    write(n, cpu, base + IOAPIC_WIN_SELECT, index);
    if (which >= READS)
        irqsim_guest_read(n->m, cpu, base + IOAPIC_WIN_DATA);
    else
        write(n, cpu, base + IOAPIC_WIN_DATA, which & 0x40 ? value & 0xA9FFu : value);
}

static uint32_t msr_number(noise_t *n, uint8_t which)
{
    static const uint32_t some[] = {MSR_IA32_APIC_BASE, 0x6E0,          0x80B, 0x808,
                                    MSR_X2APIC_ICR,     MSR_X2APIC_ICR, 0x83F, 0x80F};

    if (!(which & 0x40))
        return some[which % 8];
    return which & 0x20 ? draw32(n) : MSR_X2APIC_FIRST + (draw32(n) & 0x3FF);
}

static void msr(noise_t *n, unsigned cpu)
{
    const uint8_t which = draw8(n);
    const uint32_t at = msr_number(n, which);
    uint64_t value = draw32(n);

    if (at == MSR_IA32_APIC_BASE && which & 0x20) /* on, where everybody looks for it */
        value = LAPIC_MMIO_BASE | APIC_BASE_EN | (value & APIC_BASE_EXTD);
    if (which >= READS)
        irqsim_guest_rdmsr(n->m, cpu, at, &value);
    else
        wrmsr(n, cpu, at, value | (uint64_t)(which & 0x10 ? draw32(n) : draw8(n) & 7u) << 32);
}

/* Message fields: any address, or that of some CPU; any data. */
static void device(noise_t *n, unsigned cpu)
{
    const uint8_t which = draw8(n);
    const uint32_t base = IRQSIM_SOURCE_MMIO(which % (NOISE_SOURCES + 1));

    irqsim_guest_read(n->m, cpu, base + IRQSIM_SOURCE_REG_STATUS);
    irqsim_guest_read(n->m, cpu, base + IRQSIM_SOURCE_REG_CLAIM);
    if (!(which & 0x40))
        return;
    write(n, cpu, base + IRQSIM_SOURCE_REG_MSI_ADDR,
          which & 0x80 ? draw32(n) : MSI_ADDRESS(draw8(n) & 0xF, 0));
    write(n, cpu, base + IRQSIM_SOURCE_REG_MSI_DATA, draw32(n));
    write(n, cpu, base + IRQSIM_SOURCE_REG_MSI_CTRL, draw8(n));
}

/* Any address; or the guest's tables and stacks, a word of them. */
static void memory(noise_t *n, unsigned cpu)
{
    const uint8_t which = draw8(n);
    const uint32_t at = which & 0x40 ? draw32(n) : GDT + draw32(n) % 0x3000;

    if (which & 0x80)
        irqsim_guest_read(n->m, cpu, at);
    else
        irqsim_guest_write(n->m, cpu, at, draw32(n));
}

static void registers(noise_t *n, unsigned cpu)
{
    const uint8_t which = draw8(n);

    switch (which % 8) {
    case 0:
        irqsim_guest_lgdt(n->m, cpu, draw32(n), draw32(n) & 0xFFFF);
        break;
    case 1:
        irqsim_guest_lidt(n->m, cpu, draw32(n), draw32(n) & 0xFFFF);
        break;
    case 2:
        irqsim_guest_ltr(n->m, cpu, (uint16_t)draw32(n), draw32(n), draw32(n) & 0xFFFF);
        break;
    case 3:
        irqsim_guest_jump(n->m, cpu, (uint16_t)draw32(n), draw32(n));
        break;
    case 4:
        irqsim_guest_stack(n->m, cpu, (uint16_t)draw32(n), draw32(n));
        break;
    default:
        write_tables(n);
        recover(n, cpu);
        break;
    }
}

static void instruction(noise_t *n, unsigned cpu)
{
    const uint8_t which = draw8(n);

    switch (which % 8) {
    case 0:
    case 1:
        irqsim_guest_cli(n->m, cpu);
        break;
    case 2: /* seldom for ever */
        if (which & 0xF8)
            irqsim_guest_sti(n->m, cpu);
        irqsim_guest_hlt(n->m, cpu);
        break;
    case 3:
        irqsim_guest_int(n->m, cpu, draw8(n));
        break;
    default:
        irqsim_guest_sti(n->m, cpu);
        break;
    }
}

/* What a kernel does at the end of a handler. */
static void leave_handler(noise_t *n, unsigned cpu)
{
    irqsim_guest_outb(n->m, cpu, PIC_SLAVE_CMD, 0x20);
    irqsim_guest_outb(n->m, cpu, PIC_MASTER_CMD, 0x20);
    irqsim_guest_write(n->m, cpu, LAPIC_MMIO_BASE + LAPIC_REG_EOI, 0);
    irqsim_guest_wrmsr(n->m, cpu, 0x80B, 0);
    if (n->depth[cpu]) {
        n->depth[cpu]--;
        irqsim_guest_iret(n->m, cpu);
    }
}

static void init_pics(noise_t *n, unsigned cpu)
{
    static const struct {
        uint16_t port;
        uint8_t value;
    } out[] = {{PIC_MASTER_CMD, 0x11},  {PIC_MASTER_DATA, 0x20}, {PIC_MASTER_DATA, 0x04},
               {PIC_MASTER_DATA, 0x01}, {PIC_SLAVE_CMD, 0x11},   {PIC_SLAVE_DATA, 0x28},
               {PIC_SLAVE_DATA, 0x02},  {PIC_SLAVE_DATA, 0x01}};

    for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++)
        irqsim_guest_outb(n->m, cpu, out[i].port, out[i].value);
}

/* ---- a kernel that has set up its APICs ---- */

/* Level pins that devices have, and what their entries say: a vector of their own (all
 * others here are odd) to a CPU of their own. */
static void write_entry(noise_t *n, unsigned i, bool masked)
{
    const noise_pin_t *pin = &noise_pins[i];
    const uint32_t base = IOAPIC_MMIO_BASE + pin->gsi / IRQSIM_IOAPIC_PINS * IOAPIC_MMIO_STRIDE;
    const unsigned number = pin->gsi % IRQSIM_IOAPIC_PINS;

    irqsim_guest_write(n->m, 0, base, IOAPIC_REG_RTE_HIGH(number));
    irqsim_guest_write(n->m, 0, base + IOAPIC_WIN_DATA, IOAPIC_RTE_HIGH(noise_pin_cpu(n, i)));
    irqsim_guest_write(n->m, 0, base, IOAPIC_REG_RTE_LOW(number));
    irqsim_guest_write(n->m, 0, base + IOAPIC_WIN_DATA,
                       pin->vector | IOAPIC_RTE_TRIGGER_LEVEL |
                           (pin->active_low ? IOAPIC_RTE_ACTIVE_LOW : 0) |
                           (masked ? IOAPIC_RTE_MASKED : 0));
}

static void set_up(noise_t *n)
{
    for (unsigned cpu = 0; cpu < n->board->cpus; cpu++)
        irqsim_guest_write(n->m, cpu, LAPIC_MMIO_BASE + LAPIC_REG_SVR, LAPIC_SVR_ENABLE | 0xFF);
    for (unsigned i = 0; i < noise_pins_of(n); i++)
        write_entry(n, i, false);
}

static void mask(noise_t *n, unsigned cpu)
{
    const uint8_t which = draw8(n);

    (void)cpu;
    write_entry(n, which % noise_pins_of(n), which & 0x80);
}

static void claim(noise_t *n, unsigned cpu)
{
    const uint32_t base = IRQSIM_SOURCE_MMIO(draw8(n) % NOISE_SOURCES);

    irqsim_guest_read(n->m, cpu, base + IRQSIM_SOURCE_REG_STATUS);
    irqsim_guest_read(n->m, cpu, base + IRQSIM_SOURCE_REG_CLAIM);
}

/* An IPI with an odd vector, a task priority, or an EOI, whatever is in service. */
static void use_lapic(noise_t *n, unsigned cpu)
{
    const uint8_t which = draw8(n);

    if (which < 0x40) {
        irqsim_guest_write(n->m, cpu, LAPIC_MMIO_BASE + LAPIC_REG_ICR_HIGH,
                           (uint32_t)(draw8(n) % n->board->cpus) << LAPIC_ICR_HIGH_DEST_SHIFT);
        irqsim_guest_write(n->m, cpu, LAPIC_MMIO_BASE + LAPIC_REG_ICR_LOW,
                           LAPIC_ICR_ASSERT | 0x21u | draw8(n));
    } else if (which < 0x80) {
        irqsim_guest_write(n->m, cpu, LAPIC_MMIO_BASE + LAPIC_REG_TPR, draw8(n) & 0x7F);
    } else {
        irqsim_guest_write(n->m, cpu, LAPIC_MMIO_BASE + LAPIC_REG_EOI, 0);
    }
}

/* ---- the guest ---- */

/* One choice in 256; those that come to the end of a list are the frequent ones. */
static void one_of_any(noise_t *n, unsigned cpu)
{
    static void (*const acts[])(noise_t *, unsigned) = {
        port,   port,   lapic,         lapic,  lapic,       lapic, ioapic, ioapic,
        device, device, leave_handler, ioapic, instruction, msr,   msr,    leave_handler,
    };
    const uint8_t which = draw8(n);

    if (which >= 16)
        acts[which % 16](n, cpu);
    else if (which >= 12)
        memory(n, cpu);
    else if (which >= 8)
        init_pics(n, cpu);
    else
        registers(n, cpu);
}

static void one_of_a_kernel(noise_t *n, unsigned cpu)
{
    static void (*const acts[])(noise_t *, unsigned) = {
        use_lapic, use_lapic, use_lapic,     claim,         claim,
        claim,     mask,      leave_handler, leave_handler, instruction,
    };

    acts[draw8(n) % 10](n, cpu);
}

static void one(noise_t *n, unsigned cpu)
{
    n->accesses++;
    if (n->board->tame)
        one_of_a_kernel(n, cpu);
    else
        one_of_any(n, cpu);
}

static void run(void *user, unsigned cpu)
{
    noise_t *n = user;
    irqsim_time_t left;

    if (irqsim_guest_entered(n->m, cpu, &left) && n->depth[cpu] < UINT8_MAX)
        n->depth[cpu]++;
    if (is_over(n)) {
        irqsim_guest_cli(n->m, cpu);
        irqsim_guest_hlt(n->m, cpu);
        return;
    }
    for (unsigned i = draw8(n) % 4 + 1; i; i--)
        one(n, cpu);
    irqsim_guest_spend(n->m, cpu, 1u + draw8(n) * 8u);
}

/* ---- life ---- */

/* A pin of each kind, MSIs, a message from outside; a pin of the second IOAPIC. */
static const irqsim_source_desc_t sources[NOISE_SOURCES] = {
    {.pin = 5, .pattern = IRQSIM_PATTERN_PERIODIC, .period = 7 * US, .pulse = US},
    {.pin = 11, .pattern = IRQSIM_PATTERN_POISSON, .period = 9 * US, .seed = 3},
    {.pin = 18, .active_low = 1, .pattern = IRQSIM_PATTERN_PERIODIC, .period = 5 * US},
    {.wiring = IRQSIM_WIRED_MSI, .pattern = IRQSIM_PATTERN_POISSON, .period = 4 * US, .seed = 9},
    {.wiring = IRQSIM_WIRED_MSI,
     .pattern = IRQSIM_PATTERN_BURST,
     .period = 20 * US,
     .burst = 5,
     .gap = US / 100},
    {.wiring = IRQSIM_WIRED_MESSAGE,
     .vector = 0x91,
     .pattern = IRQSIM_PATTERN_PERIODIC,
     .period = 11 * US},
    {.pin = 42, .active_low = 1, .pattern = IRQSIM_PATTERN_POISSON, .period = 6 * US, .seed = 5},
};

/* An AT has no more lines than two of them, and no messages. */
static uint32_t sources_of(const noise_board_t *board)
{
    if (board->board == IRQSIM_BOARD_AT)
        return 2;
    return board->ioapics > 1 ? NOISE_SOURCES : NOISE_SOURCES - 1;
}

bool noise_open(noise_t *n, const noise_board_t *board, const uint8_t *bytes, size_t size,
                uint64_t seed)
{
    const irqsim_machine_desc_t desc = {
        .board = board->board,
        .profile_id = board->profile,
        .cpus = board->cpus,
        .ioapics = board->ioapics,
        .variants = board->variants,
        .ram_bytes = RAM,
        .sources = sources,
        .n_sources = sources_of(board),
        .guest = {.run = run, .user = n},
    };

    *n = (noise_t){.board = board, .bytes = bytes, .left = size, .seed = seed};
    n->size = irqsim_machine_size(&desc);
    n->mem = malloc(n->size);
    if (!n->mem || irqsim_machine_init(n->mem, n->size, &desc, &n->m) != IRQSIM_OK) {
        free(n->mem);
        return false;
    }
    for (unsigned i = 0; i < NOISE_PINS; i++)
        n->ended[i] = IRQSIM_NEVER;
    write_tables(n);
    for (unsigned cpu = 0; cpu < board->cpus; cpu++)
        recover(n, cpu);
    if (board->tame)
        set_up(n);
    return true;
}

void noise_close(noise_t *n)
{
    free(n->mem);
}

bool noise_step(noise_t *n)
{
    bool did;

    if (irqsim_machine_step(n->m, &did) != IRQSIM_OK) {
        n->why = "the machine stopped";
        return false;
    }
    n->why = noise_look(n);
    return did && !n->why;
}

/* ---- snapshots ---- */

static uint8_t *save(const noise_t *n, size_t *size)
{
    irqsim_snap_t snap = {0};

    if (irqsim_machine_save(n->m, &snap) != IRQSIM_OK)
        return NULL;
    *size = snap.used;
    snap = (irqsim_snap_t){.buf = malloc(*size), .size = *size};
    if (snap.buf && irqsim_machine_save(n->m, &snap) != IRQSIM_OK)
        snap.size = 0;
    return snap.buf;
}

static bool load(noise_t *n, uint8_t *bytes, size_t size)
{
    irqsim_snap_t snap = {.buf = bytes, .size = size, .reading = true};

    return irqsim_machine_load(n->m, &snap) == IRQSIM_OK;
}

static bool same_state(const noise_t *a, const noise_t *b)
{
    size_t size_a = 0, size_b = 0;
    uint8_t *x = save(a, &size_a), *y = save(b, &size_b);
    const bool same = x && y && size_a == size_b && memcmp(x, y, size_a) == 0;

    free(x);
    free(y);
    return same;
}

static bool become(noise_t *twin, const noise_t *n)
{
    size_t size = 0;
    uint8_t *bytes = save(n, &size);
    const bool loaded = bytes && load(twin, bytes, size);

    free(bytes);
    twin->bytes = n->bytes;
    twin->left = n->left;
    twin->seed = n->seed;
    memcpy(twin->depth, n->depth, sizeof(n->depth));
    memcpy(twin->ended, n->ended, sizeof(n->ended));
    return loaded;
}

bool noise_twin(noise_t *n, noise_t *twin)
{
    if (!become(twin, n)) {
        n->why = "a snapshot of the machine does not load";
        return false;
    }
    for (unsigned i = 0; i < TWIN_EVENTS; i++)
        if (noise_step(n) != noise_step(twin))
            break;
    if (!n->why && !same_state(n, twin))
        n->why = "a loaded machine goes another way";
    return !n->why;
}
