/* SPDX-License-Identifier: MIT */
/* noise.c - a guest that does anything */
#include <stdlib.h>
#include <string.h>

#include <irqsim/regs/idt_regs.h>
#include <irqsim/regs/ioapic_regs.h>
#include <irqsim/regs/lapic_regs.h>
#include <irqsim/regs/pic8259_regs.h>
#include <irqsim/regs/pit8254_regs.h>

#include "noise.h"

#define RAM     0x20000u
#define GDT     0x1000u
#define IDT     0x2000u
#define TSS     0x3000u
#define STACKS  0x10000u /* 2 KiB per CPU */
#define HANDLER 0x4000u
#define CODE    0x08u
#define DATA    0x10u
#define TASK    0x18u
#define US      (1000 * IRQSIM_PS_PER_NS)

#define TWIN_EVENTS 200u

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
    const uint16_t at = which & 0x40 ? (uint16_t)draw32(n) : ports[which % 12];

    if (which & 0x80)
        irqsim_guest_inb(n->m, cpu, at);
    else
        irqsim_guest_outb(n->m, cpu, at, draw8(n));
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

    if (which & 0x80)
        irqsim_guest_read(n->m, cpu, LAPIC_MMIO_BASE + offset);
    else
        irqsim_guest_write(n->m, cpu, LAPIC_MMIO_BASE + offset, lapic_value(n, offset));
}

static void ioapic(noise_t *n, unsigned cpu)
{
    const uint8_t which = draw8(n);
    uint32_t value = draw32(n);

    if (which & 0x40) { /* a legal entry: fixed or lowest priority, to some CPU */
        irqsim_guest_write(n->m, cpu, IOAPIC_MMIO_BASE, IOAPIC_REG_RTE_LOW(which % 24));
        value &= 0xA9FFu;
    } else {
        irqsim_guest_write(n->m, cpu, IOAPIC_MMIO_BASE, which);
    }
    if (which & 0x80)
        irqsim_guest_read(n->m, cpu, IOAPIC_MMIO_BASE + IOAPIC_WIN_DATA);
    else
        irqsim_guest_write(n->m, cpu, IOAPIC_MMIO_BASE + IOAPIC_WIN_DATA, value);
}

static void msr(noise_t *n, unsigned cpu)
{
    static const uint32_t some[] = {MSR_IA32_APIC_BASE, 0x6E0, 0x80B, 0x808, 0x830, 0x83F, 0x80F};
    const uint8_t which = draw8(n);
    const uint32_t at = which & 0x40 ? 0x800 + (draw32(n) & 0x3FF) : some[which % 7];
    uint64_t value = draw32(n);

    if (at == MSR_IA32_APIC_BASE && which & 0x20) /* on, where everybody looks for it */
        value = LAPIC_MMIO_BASE | APIC_BASE_EN | (value & APIC_BASE_EXTD);
    if (which & 0x80)
        irqsim_guest_rdmsr(n->m, cpu, at, &value);
    else
        irqsim_guest_wrmsr(n->m, cpu, at, value | (uint64_t)draw8(n) << 32);
}

static void device(noise_t *n, unsigned cpu)
{
    const uint8_t which = draw8(n);
    const uint32_t base = IRQSIM_SOURCE_MMIO(which % (NOISE_SOURCES + 1));

    irqsim_guest_read(n->m, cpu, base + IRQSIM_SOURCE_REG_STATUS);
    irqsim_guest_read(n->m, cpu, base + IRQSIM_SOURCE_REG_CLAIM);
    if (!(which & 0x40))
        return;
    irqsim_guest_write(n->m, cpu, base + IRQSIM_SOURCE_REG_MSI_ADDR,
                       which & 0x80 ? draw32(n) : MSI_ADDRESS(draw8(n) & 0xF, 0));
    irqsim_guest_write(n->m, cpu, base + IRQSIM_SOURCE_REG_MSI_DATA, draw32(n));
    irqsim_guest_write(n->m, cpu, base + IRQSIM_SOURCE_REG_MSI_CTRL, draw8(n));
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

/* ---- the guest ---- */

/* One choice in 256; those that come to the end of a list are the frequent ones. */
static void one(noise_t *n, unsigned cpu)
{
    static void (*const acts[])(noise_t *, unsigned) = {
        port,          port,        lapic,       lapic,  lapic,         lapic,
        ioapic,        ioapic,      device,      device, leave_handler, leave_handler,
        leave_handler, instruction, instruction, msr,
    };
    const uint8_t which = draw8(n);

    n->accesses++;
    if (which >= 16)
        acts[which % 16](n, cpu);
    else if (which >= 12)
        memory(n, cpu);
    else if (which >= 4)
        init_pics(n, cpu);
    else
        registers(n, cpu);
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

/* A pin of each kind, MSIs, and a message from outside. */
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
};
#define AT_SOURCES 2u /* of them: an AT has no more lines, and no messages */

bool noise_open(noise_t *n, irqsim_board_t board, irqsim_profile_id_t profile, unsigned cpus,
                const uint8_t *bytes, size_t size, uint64_t seed)
{
    const irqsim_machine_desc_t desc = {
        .board = board,
        .profile_id = profile,
        .cpus = (uint16_t)cpus,
        .ram_bytes = RAM,
        .sources = sources,
        .n_sources = board == IRQSIM_BOARD_AT ? AT_SOURCES : NOISE_SOURCES,
        .guest = {.run = run, .user = n},
    };

    *n = (noise_t){.bytes = bytes, .left = size, .seed = seed};
    n->size = irqsim_machine_size(&desc);
    n->mem = malloc(n->size);
    if (!n->mem || irqsim_machine_init(n->mem, n->size, &desc, &n->m) != IRQSIM_OK) {
        free(n->mem);
        return false;
    }
    write_tables(n);
    for (unsigned cpu = 0; cpu < cpus; cpu++)
        recover(n, cpu);
    return true;
}

void noise_close(noise_t *n)
{
    free(n->mem);
}

/* ---- what always holds ---- */

static uint32_t words_with_bits(const uint32_t vectors[8])
{
    uint32_t words = 0;

    for (unsigned w = 0; w < 8; w++)
        words |= (uint32_t)(vectors[w] != 0) << w;
    return words;
}

/* INTR comes from the LAPIC; in PIC mode CPU 0 has the 8259A's as well (MP-01). */
static const char *look_at_intr(const noise_t *n, unsigned cpu)
{
    const irqsim_lapic_t *la = irqsim_machine_lapic(n->m, cpu);
    const bool serial = la->family == IRQSIM_APIC_P5 || la->family == IRQSIM_APIC_P6;
    const bool pic = cpu == 0 && serial && irqsim_machine_pic(n->m, 0)->out & IRQSIM_PIC_OUT_INT;
    const bool asks = la->out & (IRQSIM_LAPIC_OUT_INTR | IRQSIM_LAPIC_OUT_EXTINT);
    const bool intr = irqsim_machine_cpu(n->m, cpu)->in & IRQSIM_CPU_IN_INTR;

    return asks == intr || (pic && intr) ? NULL : "the CPU's INTR pin is not what its LAPIC says";
}

static const char *look_at_lapic(const irqsim_lapic_t *la)
{
    if ((irqsim_lapic_pending(la) >= 0) != !!(la->out & IRQSIM_LAPIC_OUT_INTR))
        return "something is deliverable without INTR, or INTR with nothing";
    if ((la->irr[0] | la->isr[0]) & 0xFFFF)
        return "a vector below 16 is requested or in service";
    if (la->irr_words != words_with_bits(la->irr) || la->isr_words != words_with_bits(la->isr))
        return "the summary of IRR or ISR is wrong";
    if (irqsim_lapic_isrv(la) >= 0 && irqsim_lapic_pending(la) >= 0 &&
        irqsim_lapic_pending(la) >> 4 <= irqsim_lapic_isrv(la) >> 4)
        return "a class not above the one in service is deliverable";
    return NULL;
}

static const char *look_at_ioapic(const irqsim_ioapic_t *io)
{
    if (io->remote & ~io->level)
        return "remote IRR at an edge pin";
    for (unsigned pin = 0; pin < IRQSIM_IOAPIC_PINS; pin++) {
        const uint64_t rte = irqsim_ioapic_rte(io, pin);
        const uint32_t mode = ((uint32_t)rte & IOAPIC_RTE_DM_MASK) >> IOAPIC_RTE_DM_SHIFT;

        if (io->pending >> pin & 1 && (mode == IRQSIM_APIC_REMOTE_READ || mode == IRQSIM_APIC_SIPI))
            return "an entry of a reserved mode wants to send";
        if (!(rte & IOAPIC_RTE_REMOTE_IRR) != !(io->remote >> pin & 1))
            return "bit 14 of an entry is not remote IRR";
    }
    return NULL;
}

/* The first INTA pulse of a chip without INT finds nothing. While a poll or an
 * acknowledge is under way, INT is what it was (PIC-31, PIC-60). */
static const char *look_at_pic(const irqsim_pic_t *pic)
{
    irqsim_pic_t copy = *pic;

    if (pic->frozen || pic->out & IRQSIM_PIC_OUT_INT)
        return NULL;
    irqsim_pic_inta1(&copy);
    return copy.acked ? "an 8259A without INT had something to acknowledge" : NULL;
}

static const char *look(const noise_t *n)
{
    const char *why = NULL;

    for (unsigned chip = 0; chip < 2 && !why; chip++)
        why = look_at_pic(irqsim_machine_pic(n->m, chip));
    if (irqsim_machine_board(n->m) != IRQSIM_BOARD_MP)
        return why;
    for (unsigned cpu = 0; cpu < irqsim_machine_cpus(n->m) && !why; cpu++) {
        why = look_at_lapic(irqsim_machine_lapic(n->m, cpu));
        why = why ? why : look_at_intr(n, cpu);
    }
    return why ? why : look_at_ioapic(irqsim_machine_ioapic(n->m));
}

bool noise_step(noise_t *n)
{
    bool did;

    if (irqsim_machine_step(n->m, &did) != IRQSIM_OK) {
        n->why = "the machine stopped";
        return false;
    }
    n->why = look(n);
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
