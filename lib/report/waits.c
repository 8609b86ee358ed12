/* SPDX-License-Identifier: MIT */
/*
 * waits.c - what a pending interrupt waits for, by the state of its CPU
 *
 *   accepted, or line raised       --> pending on a CPU, under vector or line
 *   IF, handlers, ISR of that CPU  --> at each change the time since the last
 *                                      one goes to the reason that then held
 *   acknowledged                   --> moved to the CPU's `taken` place
 *   IRQ_ENTER or VECTOR_ENTRY      --> now it has a name: into the rows
 *
 * An 8259A tells only that its INT is low, not which of mask and ISR keeps it so;
 * a line that is being handled is masked by that (Linux' mask_ack).
 */
#include <stdlib.h>
#include <string.h>

#include "report_int.h"

#define VECTORS       256u
#define PIC_LINES     16u
#define VECTOR_LOWEST 16u                   /* below: NMI and the like, never pending in the IRR */
#define SLOTS         (VECTORS + PIC_LINES) /* a pending request: vector, or 256 + line */
#define NESTING       16u                   /* handlers inside one another that are told apart */

typedef struct cell {
    irqsim_wait_t wait;
    uint32_t irq;
    irqsim_time_t time;
} cell_t;

typedef struct cells {
    cell_t *cell;
    uint32_t n, room;
} cells_t;

typedef struct request {
    cells_t cells;
    irqsim_time_t since; /* accounted up to here */
    uint64_t line_seq;   /* the rise of a line, to recognise what it becomes */
    uint32_t place;      /* in the CPU's list, + 1; 0 = not pending */
} request_t;

typedef struct core {
    request_t *request; /* SLOTS; NULL until the first one */
    uint16_t pending[SLOTS];
    uint32_t n_pending;
    uint8_t in_service[VECTORS / 8]; /* the LAPIC's ISR as far as events tell */
    uint32_t handler[NESTING];
    uint32_t handlers;
    uint16_t entered[NESTING]; /* requests whose IRQ_ENTER has no IRQ_EXIT yet */
    uint32_t n_entered;
    uint8_t interrupts; /* IF */
    uint8_t top_class;  /* of in_service */
    uint8_t taken_vector;
    uint8_t taken_valid;
    uint16_t taken_slot;
    cells_t taken; /* acknowledged, not named yet */
} core_t;

struct waits {
    report_keys_t keys; /* {waiter and holder, wait} */
    irqsim_wait_row_t *row;
    uint32_t room;
    irqsim_wait_row_t *sorted; /* the rows, most time first; as of then if stale */
    uint32_t sorted_room;
    bool stale, full;
    uint8_t pic_int;
    unsigned cpus;
    core_t core[];
};

waits_t *irqsim__report_waits_new(unsigned cpus)
{
    waits_t *w = calloc(1, sizeof(*w) + cpus * sizeof(core_t));

    if (w)
        w->cpus = cpus;
    return w;
}

void irqsim__report_waits_free(waits_t *w)
{
    for (unsigned c = 0; w && c < w->cpus; c++) {
        core_t *core = &w->core[c];
        for (unsigned i = 0; core->request && i < SLOTS; i++)
            free(core->request[i].cells.cell);
        free(core->request);
        free(core->taken.cell);
    }
    if (w) {
        irqsim__report_keys_free(&w->keys);
        free(w->row);
        free(w->sorted);
    }
    free(w);
}

/* ---- time into cells ---- */

static void charge(waits_t *w, cells_t *cells, irqsim_wait_t wait, uint32_t irq, irqsim_time_t time)
{
    if (time == 0)
        return;
    for (uint32_t i = 0; i < cells->n; i++)
        if (cells->cell[i].wait == wait && cells->cell[i].irq == irq) {
            cells->cell[i].time += time;
            return;
        }
    void *items = cells->cell;
    if (!irqsim__report_reserve(&items, &cells->room, cells->n, sizeof(cell_t))) {
        w->full = true;
        return;
    }
    cells->cell = items;
    cells->cell[cells->n++] = (cell_t){wait, irq, time};
}

static bool being_handled(const core_t *core, uint32_t slot)
{
    for (uint32_t i = 0; i < core->n_entered && i < NESTING; i++)
        if (core->entered[i] == slot)
            return true;
    return false;
}

/* Linux masks a line at the 8259A while it handles it. From the INT pin on,
 * events do not tell the way to the CPU's pin from the rest of its instruction. */
static irqsim_wait_t pic_reason(const waits_t *w, const core_t *core, uint32_t slot)
{
    if (w->pic_int)
        return IRQSIM_WAIT_BUS;
    return being_handled(core, slot) ? IRQSIM_WAIT_MASKED : IRQSIM_WAIT_PRIORITY;
}

/* Why is this request not taken now? IF=0 stops it first, whatever else does. */
static cell_t reason(const waits_t *w, const core_t *core, uint32_t slot)
{
    const bool in_handler = core->handlers > 0 && core->handlers <= NESTING;

    if (!core->interrupts && in_handler)
        return (cell_t){IRQSIM_WAIT_HANDLER, core->handler[core->handlers - 1], 0};
    if (!core->interrupts)
        return (cell_t){IRQSIM_WAIT_IF, 0, 0};
    if (slot < VECTORS && slot >> 4 <= core->top_class) /* LAPIC: class against PPR */
        return (cell_t){IRQSIM_WAIT_PRIORITY, 0, 0};
    if (slot >= VECTORS)
        return (cell_t){pic_reason(w, core, slot), 0, 0};
    return (cell_t){IRQSIM_WAIT_INSTRUCTION, 0, 0};
}

/* Everything pending on the CPU has waited until now for what held until now. */
static void account(waits_t *w, core_t *core, irqsim_time_t now)
{
    for (uint32_t i = 0; i < core->n_pending; i++) {
        request_t *rq = &core->request[core->pending[i]];
        const cell_t why = reason(w, core, core->pending[i]);
        charge(w, &rq->cells, why.wait, why.irq, now - rq->since);
        rq->since = now;
    }
}

/* ---- requests come and go ---- */

static request_t *begin(waits_t *w, core_t *core, uint32_t slot, irqsim_time_t now)
{
    if (!core->request)
        core->request = calloc(SLOTS, sizeof(request_t));
    if (!core->request) {
        w->full = true;
        return NULL;
    }
    request_t *rq = &core->request[slot];
    if (rq->place)
        return NULL; /* coalesced: the first one waits for both */
    core->pending[core->n_pending++] = (uint16_t)slot;
    rq->place = core->n_pending;
    rq->since = now;
    rq->line_seq = 0;
    rq->cells.n = 0;
    return rq;
}

static void end(core_t *core, uint32_t slot)
{
    request_t *rq = core->request ? &core->request[slot] : NULL;

    if (!rq || !rq->place)
        return;
    const uint16_t last = core->pending[--core->n_pending];
    core->pending[rq->place - 1] = last;
    core->request[last].place = rq->place;
    rq->place = 0;
}

/* The wait is over; its story stays with the CPU until the irq has a name. */
static void take(core_t *core, uint32_t slot, uint8_t vector)
{
    core->taken.n = 0;
    core->taken_vector = vector;
    core->taken_slot = (uint16_t)slot;
    core->taken_valid = 1;
    if (!core->request || !core->request[slot].place)
        return;
    const cells_t story = core->request[slot].cells;
    core->request[slot].cells = core->taken;
    core->taken = story;
    end(core, slot);
}

/* ---- named waits into rows ---- */

static irqsim_wait_row_t *row_of(waits_t *w, uint32_t waiter, const cell_t *cell)
{
    const report_key_t key = {(uint64_t)waiter << 32 | cell->irq, cell->wait};
    const uint32_t i = irqsim__report_number(&w->keys, key);
    void *rows = w->row;

    if (i == REPORT_NO_KEY ||
        !irqsim__report_reserve(&rows, &w->room, i, sizeof(irqsim_wait_row_t))) {
        w->full = true;
        return NULL;
    }
    w->row = rows;
    if (w->row[i].count == 0)
        w->row[i] = (irqsim_wait_row_t){.waiter = waiter, .irq = cell->irq, .wait = cell->wait};
    return &w->row[i];
}

static void name_taken(waits_t *w, core_t *core, uint32_t vector, uint32_t waiter)
{
    if (!core->taken_valid || core->taken_vector != vector)
        return;
    core->taken_valid = 0;
    w->stale = true;
    for (uint32_t i = 0; i < core->taken.n; i++) {
        const cell_t *cell = &core->taken.cell[i];
        irqsim_wait_row_t *row = row_of(w, waiter, cell);
        if (!row)
            return;
        row->count++;
        row->total += cell->time; /* picoseconds in here, ns outside */
        if (cell->time > row->max)
            row->max = cell->time;
    }
}

/* ---- events ---- */

/* What passed before the CPU had the message: the pin first (masked, or a level
 * whose EOI is missing), then controller and bus. */
static void accept(waits_t *w, const stages_t *st, core_t *core, const irqsim_event_t *ev)
{
    const step_t *accepted = irqsim__report_stages_step(st, ev->seq);
    const step_t *sent = irqsim__report_stages_step(st, ev->cause);
    request_t *rq;

    if (ev->arg[0] < VECTOR_LOWEST || !(rq = begin(w, core, ev->arg[0] % VECTORS, ev->time)) ||
        !sent)
        return;
    if (accepted->since < sent->time)
        charge(w, &rq->cells, IRQSIM_WAIT_MASKED, 0, sent->time - accepted->since);
    charge(w, &rq->cells, IRQSIM_WAIT_BUS, 0, ev->time - sent->time);
}

static void line(waits_t *w, const irqsim_event_t *ev)
{
    if (ev->arg[0] >= PIC_LINES)
        return;
    if (!ev->arg[1]) {
        end(&w->core[0], VECTORS + ev->arg[0]);
        return;
    }
    request_t *rq = begin(w, &w->core[0], VECTORS + ev->arg[0], ev->time);
    if (rq)
        rq->line_seq = ev->seq;
}

/* A line that became a message is the message's business from now on. */
static void sent(waits_t *w, uint64_t line_seq)
{
    core_t *core = &w->core[0];

    for (uint32_t i = 0; line_seq && i < core->n_pending; i++)
        if (core->request[core->pending[i]].line_seq == line_seq) {
            end(core, core->pending[i]);
            return;
        }
}

static void find_top_class(core_t *core)
{
    core->top_class = 0;
    for (unsigned i = VECTORS / 8; i-- > 0 && !core->top_class;)
        if (core->in_service[i])
            core->top_class = (uint8_t)(i / 2);
}

static void in_service(core_t *core, uint32_t vector, bool on)
{
    uint8_t *byte = &core->in_service[vector % VECTORS / 8];
    const uint8_t bit = (uint8_t)(1u << vector % 8);

    *byte = (uint8_t)(on ? *byte | bit : *byte & ~bit);
    find_top_class(core);
}

static void handler(core_t *core, uint32_t irq, bool entry)
{
    if (entry && core->handlers < NESTING)
        core->handler[core->handlers] = irq;
    if (entry)
        core->handlers++;
    else if (core->handlers > 0)
        core->handlers--;
}

static void irq_enter(waits_t *w, core_t *core, const irqsim_event_t *ev)
{
    if (core->n_entered < NESTING)
        core->entered[core->n_entered] = core->taken_slot;
    core->n_entered++;
    name_taken(w, core, ev->arg[1], ev->arg[0]);
}

/* Events of one CPU. */
static void see_core(waits_t *w, const stages_t *st, core_t *core, const irqsim_event_t *ev)
{
    switch (ev->id) {
    case IRQSIM_EV_MSG_ACCEPT:
        accept(w, st, core, ev);
        break;
    case IRQSIM_EV_IF:
        account(w, core, ev->time);
        core->interrupts = ev->arg[0] != 0;
        break;
    case IRQSIM_EV_HANDLER_ENTRY:
    case IRQSIM_EV_HANDLER_EXIT:
        account(w, core, ev->time);
        handler(core, ev->arg[0], ev->id == IRQSIM_EV_HANDLER_ENTRY);
        break;
    case IRQSIM_EV_LAPIC_ACK:
        account(w, core, ev->time);
        take(core, ev->arg[0] % VECTORS, (uint8_t)ev->arg[0]);
        in_service(core, ev->arg[0], true);
        break;
    case IRQSIM_EV_LAPIC_EOI:
        account(w, core, ev->time);
        in_service(core, ev->arg[0], false);
        break;
    case IRQSIM_EV_PIC_INTA:
        account(w, core, ev->time);
        take(core, VECTORS + ev->arg[1] % PIC_LINES, (uint8_t)ev->arg[0]);
        break;
    case IRQSIM_EV_IRQ_ENTER:
        irq_enter(w, core, ev);
        break;
    case IRQSIM_EV_IRQ_EXIT:
        account(w, core, ev->time);
        core->n_entered -= core->n_entered > 0;
        break;
    case IRQSIM_EV_VECTOR_ENTRY:
        name_taken(w, core, ev->arg[0], UINT32_MAX - ev->arg[0]);
        break;
    default:
        break;
    }
}

void irqsim__report_waits_see(waits_t *w, const stages_t *st, const irqsim_event_t *ev)
{
    switch (ev->id) { /* of no CPU: lines and the bus */
    case IRQSIM_EV_LINE:
        line(w, ev);
        break;
    case IRQSIM_EV_PIC_INT:
        if (ev->arg[0] == 0) { /* the master's pin is the CPU's */
            account(w, &w->core[0], ev->time);
            w->pic_int = ev->arg[1] != 0;
        }
        break;
    case IRQSIM_EV_PIC_WITHDRAWN:
        end(&w->core[0], VECTORS + ev->arg[0] % PIC_LINES);
        break;
    case IRQSIM_EV_MSG_SEND:
        sent(w, ev->cause);
        break;
    default:
        if (ev->cpu < w->cpus)
            see_core(w, st, &w->core[ev->cpu], ev);
        break;
    }
}

/* ---- answers ---- */

bool irqsim__report_waits_full(const waits_t *w)
{
    return w->full;
}

uint32_t irqsim__report_waits_rows(const waits_t *w)
{
    return w->keys.n < w->room ? w->keys.n : w->room;
}

static int by_total(const void *a, const void *b)
{
    const irqsim_wait_row_t *x = a, *y = b;

    if (x->total != y->total)
        return x->total > y->total ? -1 : 1;
    if (x->waiter != y->waiter)
        return x->waiter < y->waiter ? -1 : 1;
    if (x->wait != y->wait)
        return x->wait < y->wait ? -1 : 1;
    return (x->irq > y->irq) - (x->irq < y->irq);
}

static bool sort(waits_t *w, uint32_t n)
{
    void *rows = w->sorted;

    if (!irqsim__report_reserve(&rows, &w->sorted_room, n - 1, sizeof(irqsim_wait_row_t))) {
        w->full = true;
        return false;
    }
    w->sorted = rows;
    memcpy(w->sorted, w->row, n * sizeof(irqsim_wait_row_t));
    qsort(w->sorted, n, sizeof(irqsim_wait_row_t), by_total);
    w->stale = false;
    return true;
}

bool irqsim__report_waits_row(waits_t *w, uint32_t i, irqsim_wait_row_t *row)
{
    const uint32_t n = irqsim__report_waits_rows(w);

    if (i >= n || (w->stale && !sort(w, n)))
        return false;
    *row = w->sorted[i];
    row->total /= IRQSIM_PS_PER_NS;
    row->max /= IRQSIM_PS_PER_NS;
    return true;
}
