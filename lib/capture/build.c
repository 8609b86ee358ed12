/* SPDX-License-Identifier: MIT */
/*
 * build.c - who ran on which CPU, who interrupted whom, who asked for what
 *
 * Each CPU has a stack of what it is in the middle of: softirq below, interrupts
 * above, the task under all of them (IMP-01). What is raised or queued belongs
 * to the top of that stack. Time belongs to the top as well, so every duration
 * is without what interrupted it.
 */
#include <stdlib.h>
#include <string.h>

#include "capture_int.h"

#define FRAMES    16 /* deeper than any CPU nests: exits were lost */
#define SOFTIRQS  32
#define ORPHAN_NS 50000 /* a softirq this soon after an interrupt was raised by it */

typedef enum context { IN_SOFTIRQ, IN_VECTOR, IN_IRQ } context_t;

typedef struct frame {
    context_t context;
    uint32_t number; /* softirq slot, vector's name, irq */
    uint32_t record; /* NONE: nobody we list asked for it */
    uint32_t task;   /* whom all this interrupted */
    uint64_t entry_ns, stolen_ns;
} frame_t;

typedef struct pending {
    bool raised;
    uint32_t record; /* the first raise that we list, or NONE */
} pending_t;

/* FT-10: the handlers of a shared line, one pair after another. */
typedef struct shared {
    bool ended, open; /* this event, the one before it, was the exit of `irq` */
    uint32_t irq, task, name, record;
} shared_t;

typedef struct cpu {
    frame_t frame[FRAMES];
    uint32_t frames;
    pending_t pending[SOFTIRQS];
    shared_t shared;
    uint32_t arrival; /* the last interrupt that ended here, and when; or NONE */
    uint64_t arrival_end_ns;
    uint64_t last_ns;
    uint32_t task;   /* whom the last line named */
    uint32_t losses; /* how often events were lost here */
} cpu_t;

/* A task that executes a work. */
typedef struct task {
    bool working, switched_out;
    uint32_t work, record;
    uint32_t cpu, losses;
    uint64_t start_ns, stolen_ns, out_ns;
} task_t;

typedef struct work {
    bool queued;
    uint32_t record; /* the first queueing that we list, or NONE */
} work_t;

struct build {
    irqsim_import_stats_t *stats;
    forest_t forest;
    totals_t totals;
    cpu_t *cpu;
    intern_t tasks, works, items;
    task_t *task;       /* by number in tasks */
    work_t *work;       /* by number in works */
    uint32_t *items_of; /* by name: how many works of that name there are */
    uint32_t *item;     /* by number in items: which of its name it is */
    uint32_t tasks_capacity, works_capacity, items_capacity, names_capacity;
    uint64_t first_ns, last_ns;
    uint32_t cpus;
    bool any, no_memory;
};

build_t *irqsim__capture_build_new(irqsim_import_stats_t *stats)
{
    build_t *const b = calloc(1, sizeof(*b));

    if (!b || !(b->cpu = calloc(CAPTURE_CPUS, sizeof(*b->cpu)))) {
        free(b);
        return NULL;
    }
    b->stats = stats;
    for (uint32_t i = 0; i < CAPTURE_CPUS; i++)
        b->cpu[i].arrival = NONE;
    return b;
}

void irqsim__capture_build_free(build_t *b)
{
    if (!b)
        return;
    irqsim__capture_forest_free(&b->forest);
    irqsim__capture_totals_free(&b->totals);
    irqsim__capture_intern_free(&b->tasks);
    irqsim__capture_intern_free(&b->works);
    irqsim__capture_intern_free(&b->items);
    free(b->cpu);
    free(b->task);
    free(b->work);
    free(b->items_of);
    free(b->item);
    free(b);
}

/* --- small things -------------------------------------------------------- */

static uint64_t since(uint64_t from, uint64_t to)
{
    return to > from ? to - from : 0; /* clocks may step back */
}

static uint32_t name_of(build_t *b, span_t name)
{
    const uint32_t id = irqsim__capture_intern(&b->forest.names, name.at, name.length);

    b->no_memory |= id == NONE;
    return id;
}

static uint32_t add(build_t *b, uint32_t parent, irqsim_record_t record)
{
    const uint32_t id = irqsim__capture_forest_add(&b->forest, parent, &record);

    b->no_memory |= id == NONE;
    return id;
}

static void takes(build_t *b, uint32_t record, uint64_t ns)
{
    if (record != NONE)
        b->forest.node[record].record.takes_ns += ns;
}

static task_t *task_of(build_t *b, uint32_t pid)
{
    const uint32_t id = irqsim__capture_intern(&b->tasks, &pid, sizeof(pid));

    if (id == NONE ||
        !irqsim__capture_room(&b->task, &b->tasks_capacity, (uint64_t)id + 1, sizeof(*b->task))) {
        b->no_memory = true;
        return NULL;
    }
    return &b->task[id];
}

/* Whose record the top of the stack works for; NONE in a task, and in softirqs
 * that a task raised. */
static uint32_t asker(const cpu_t *cpu)
{
    return cpu->frames ? cpu->frame[cpu->frames - 1].record : NONE;
}

/* --- entries and exits --------------------------------------------------- */

/* Gives up the frames above `keep`: their exits were never seen. */
static void give_up(build_t *b, cpu_t *cpu, uint32_t keep)
{
    b->stats->unpaired += cpu->frames - keep;
    cpu->frames = keep;
}

static void give_up_interrupts(build_t *b, cpu_t *cpu)
{
    uint32_t keep = cpu->frames;

    while (keep > 0 && cpu->frame[keep - 1].context != IN_SOFTIRQ)
        keep--;
    give_up(b, cpu, keep);
}

static void enter(build_t *b, const head_t *head, context_t context, uint32_t number,
                  uint32_t record)
{
    cpu_t *const cpu = &b->cpu[head->cpu];

    if (cpu->frames == FRAMES)
        give_up(b, cpu, 0);
    cpu->frame[cpu->frames++] = (frame_t){.context = context,
                                          .number = number,
                                          .record = record,
                                          .task = head->task,
                                          .entry_ns = head->time_ns};
}

/* Time spent above belongs to nobody below: not to the interrupted softirq, not
 * to the work that the interrupted task executes. */
static void charge_below(build_t *b, cpu_t *cpu, const frame_t *done, uint64_t ns)
{
    if (cpu->frames > 0) {
        cpu->frame[cpu->frames - 1].stolen_ns += ns;
        return;
    }
    task_t *const task = task_of(b, done->task);
    if (task && task->working)
        task->stolen_ns += ns;
}

/* The record of what ended; NONE also if it was never seen to begin. */
static uint32_t leave(build_t *b, const head_t *head, context_t context, uint32_t number)
{
    cpu_t *const cpu = &b->cpu[head->cpu];
    uint32_t at = cpu->frames;

    while (at > 0 && (cpu->frame[at - 1].context != context || cpu->frame[at - 1].number != number))
        at--;
    if (at == 0) {
        b->stats->unpaired++;
        return NONE;
    }
    give_up(b, cpu, at);
    const frame_t done = cpu->frame[--cpu->frames];
    const uint64_t whole = since(done.entry_ns, head->time_ns);
    takes(b, done.record, since(done.stolen_ns, whole));
    charge_below(b, cpu, &done, whole);
    return done.record;
}

static void arrival_ended(cpu_t *cpu, uint32_t record, uint64_t now)
{
    if (record == NONE)
        return;
    cpu->arrival = record;
    cpu->arrival_end_ns = now;
}

/* FT-10: the next handler of the same interrupt, or a new interrupt? The first
 * handler's name coming again begins a new one. */
static bool same_interrupt(const shared_t *shared, const head_t *head, uint32_t irq, uint32_t name)
{
    return shared->open && shared->irq == irq && shared->task == head->task && shared->name != name;
}

static void irq_entry(build_t *b, const head_t *head, const meaning_t *m)
{
    cpu_t *const cpu = &b->cpu[head->cpu];
    const uint32_t name = name_of(b, m->name);

    if (!same_interrupt(&cpu->shared, head, m->number, name)) {
        const uint32_t record = add(b, NONE,
                                    (irqsim_record_t){.kind = IRQSIM_RECORD_IRQ,
                                                      .number = m->number,
                                                      .name = name,
                                                      .cpu = (uint16_t)head->cpu,
                                                      .time_ns = head->time_ns});
        cpu->shared =
            (shared_t){.irq = m->number, .task = head->task, .name = name, .record = record};
    }
    enter(b, head, IN_IRQ, m->number, cpu->shared.record);
}

static void irq_exit(build_t *b, const head_t *head, const meaning_t *m)
{
    cpu_t *const cpu = &b->cpu[head->cpu];
    const uint32_t record = leave(b, head, IN_IRQ, m->number);

    arrival_ended(cpu, record, head->time_ns);
    cpu->shared.ended = record != NONE && cpu->shared.record == record;
}

static void vector_entry(build_t *b, const head_t *head, const meaning_t *m)
{
    const uint32_t name = name_of(b, m->name);

    enter(b, head, IN_VECTOR, name,
          add(b, NONE,
              (irqsim_record_t){.kind = IRQSIM_RECORD_VECTOR,
                                .name = name,
                                .cpu = (uint16_t)head->cpu,
                                .time_ns = head->time_ns}));
}

static void vector_exit(build_t *b, const head_t *head, const meaning_t *m)
{
    arrival_ended(&b->cpu[head->cpu], leave(b, head, IN_VECTOR, name_of(b, m->name)),
                  head->time_ns);
}

/* --- softirqs ------------------------------------------------------------ */

static uint32_t add_softirq(build_t *b, uint32_t parent, const head_t *head, const meaning_t *m)
{
    return add(b, parent,
               (irqsim_record_t){.kind = IRQSIM_RECORD_SOFTIRQ,
                                 .name = name_of(b, m->name),
                                 .cpu = (uint16_t)head->cpu});
}

static void softirq_raise(build_t *b, const head_t *head, const meaning_t *m)
{
    cpu_t *const cpu = &b->cpu[head->cpu];
    pending_t *const pending = &cpu->pending[m->number];
    const uint32_t parent = asker(cpu);
    uint32_t record = NONE;

    b->no_memory |= !irqsim__capture_totals_raise(&b->totals, m->name);
    if (parent == NONE)
        b->stats->task_raises++;
    else
        record = add_softirq(b, parent, head, m);
    /* One execution serves all raises so far; the first of the list gets its time. */
    if (!pending->raised || pending->record == NONE)
        *pending = (pending_t){true, record};
}

/* Executed without a raise in the capture: the interrupt just before did it. */
static uint32_t adopt_softirq(build_t *b, const head_t *head, const meaning_t *m)
{
    const cpu_t *cpu = &b->cpu[head->cpu];

    b->stats->orphan_softirqs++;
    if (cpu->arrival == NONE || since(cpu->arrival_end_ns, head->time_ns) >= ORPHAN_NS)
        return NONE;
    return add_softirq(b, cpu->arrival, head, m);
}

static void softirq_entry(build_t *b, const head_t *head, const meaning_t *m)
{
    cpu_t *const cpu = &b->cpu[head->cpu];
    pending_t *const pending = &cpu->pending[m->number];

    give_up(b, cpu, 0); /* softirqs run above tasks only */
    const uint32_t record = pending->raised ? pending->record : adopt_softirq(b, head, m);
    const served_t served = record != NONE    ? SERVED_RECORD
                            : pending->raised ? SERVED_TASKS
                                              : SERVED_NOBODY;
    b->no_memory |= !irqsim__capture_totals_execute(&b->totals, m->name, head->cpu, served);
    *pending = (pending_t){false, NONE};
    enter(b, head, IN_SOFTIRQ, m->number, record);
}

static void softirq_exit(build_t *b, const head_t *head, const meaning_t *m)
{
    leave(b, head, IN_SOFTIRQ, m->number);
}

/* --- works --------------------------------------------------------------- */

static work_t *work_of(build_t *b, span_t pointer)
{
    const uint32_t id = irqsim__capture_intern(&b->works, pointer.at, pointer.length);

    if (id == NONE ||
        !irqsim__capture_room(&b->work, &b->works_capacity, (uint64_t)id + 1, sizeof(*b->work))) {
        b->no_memory = true;
        return NULL;
    }
    return &b->work[id];
}

/* Works of one function are told apart by their pointers: #1, #2, ... */
static uint32_t item_number(build_t *b, uint32_t name, const work_t *work)
{
    const uint32_t key[2] = {name, (uint32_t)(work - b->work)};
    const uint32_t id = irqsim__capture_intern(&b->items, key, sizeof(key));

    if (id == NONE ||
        !irqsim__capture_room(&b->item, &b->items_capacity, (uint64_t)id + 1, sizeof(*b->item)) ||
        !irqsim__capture_room(&b->items_of, &b->names_capacity, (uint64_t)name + 1,
                              sizeof(*b->items_of))) {
        b->no_memory = true;
        return 0;
    }
    if (b->item[id] == 0)
        b->item[id] = ++b->items_of[name];
    return b->item[id];
}

static uint32_t add_work(build_t *b, uint32_t parent, const head_t *head, const meaning_t *m,
                         const work_t *work)
{
    const uint32_t name = name_of(b, m->name.length ? m->name : (span_t){"work", 4});

    if (b->no_memory)
        return NONE;
    return add(b, parent,
               (irqsim_record_t){.kind = IRQSIM_RECORD_WORK,
                                 .number = item_number(b, name, work),
                                 .name = name,
                                 .cpu = (uint16_t)head->cpu});
}

static void work_queue(build_t *b, const head_t *head, const meaning_t *m)
{
    const uint32_t parent = asker(&b->cpu[head->cpu]);
    work_t *const work = work_of(b, m->work);
    uint32_t record = NONE;

    if (!work)
        return;
    if (parent == NONE)
        b->stats->task_works++;
    else
        record = add_work(b, parent, head, m, work);
    /* Queued again before it starts, it still runs once. */
    if (!work->queued || work->record == NONE)
        *work = (work_t){true, record};
}

static void work_start(build_t *b, const head_t *head, const meaning_t *m)
{
    cpu_t *const cpu = &b->cpu[head->cpu];
    work_t *const work = work_of(b, m->work);
    task_t *const task = task_of(b, head->task);

    if (!work || !task)
        return;
    give_up_interrupts(b, cpu);
    b->stats->unpaired += task->working;
    b->stats->orphan_works += !work->queued;
    *task = (task_t){.working = true,
                     .work = (uint32_t)(work - b->work),
                     .record = work->queued ? work->record : NONE,
                     .cpu = head->cpu,
                     .losses = cpu->losses,
                     .start_ns = head->time_ns};
    *work = (work_t){false, NONE};
}

static void work_end(build_t *b, const head_t *head, const meaning_t *m)
{
    const work_t *const work = work_of(b, m->work);
    task_t *const task = task_of(b, head->task);

    if (!work || !task)
        return;
    give_up_interrupts(b, &b->cpu[head->cpu]);
    if (!task->working || task->work != (uint32_t)(work - b->work)) {
        b->stats->unpaired++;
        return;
    }
    task->working = false;
    if (task->losses == b->cpu[task->cpu].losses)
        takes(b, task->record, since(task->stolen_ns, since(task->start_ns, head->time_ns)));
    else /* IMP-04: both its ends are there, what happened between is not */
        b->stats->unpaired += 2;
}

/* Where a work goes on; a CPU that lost events while it ran there stays noted. */
static void move_work(build_t *b, task_t *task, uint32_t cpu)
{
    if (task->losses == b->cpu[task->cpu].losses) {
        task->cpu = cpu;
        task->losses = b->cpu[cpu].losses;
    }
}

/* A work that sleeps or is preempted takes no time. */
static void switch_tasks(build_t *b, uint32_t cpu, uint32_t from, uint64_t out_ns, uint32_t to,
                         uint64_t in_ns)
{
    task_t *const last = task_of(b, from);

    if (last && last->working && !last->switched_out) {
        last->switched_out = true;
        last->out_ns = out_ns;
    }
    task_t *const next = task_of(b, to);
    if (next && next->working && next->switched_out) {
        next->switched_out = false;
        next->stolen_ns += since(next->out_ns, in_ns);
        move_work(b, next, cpu);
    }
}

static void task_switch(build_t *b, const head_t *head, const meaning_t *m)
{
    give_up_interrupts(b, &b->cpu[head->cpu]);
    switch_tasks(b, head->cpu, head->task, head->time_ns, m->number, head->time_ns);
    b->cpu[head->cpu].task = m->number;
}

/* Without recorded switches the lines themselves tell: another task than in the
 * line before. The old one is seen until its last line, the new one from now on. */
static void infer_switch(build_t *b, const head_t *head)
{
    cpu_t *const cpu = &b->cpu[head->cpu];

    if (cpu->task != head->task)
        switch_tasks(b, head->cpu, cpu->task, cpu->last_ns, head->task, head->time_ns);
    cpu->task = head->task;
}

/* --- the whole ----------------------------------------------------------- */

static void (*const act[ACT_COUNT])(build_t *, const head_t *, const meaning_t *) = {
    [ACT_IRQ_ENTRY] = irq_entry,         [ACT_IRQ_EXIT] = irq_exit,
    [ACT_VECTOR_ENTRY] = vector_entry,   [ACT_VECTOR_EXIT] = vector_exit,
    [ACT_SOFTIRQ_RAISE] = softirq_raise, [ACT_SOFTIRQ_ENTRY] = softirq_entry,
    [ACT_SOFTIRQ_EXIT] = softirq_exit,   [ACT_WORK_QUEUE] = work_queue,
    [ACT_WORK_START] = work_start,       [ACT_WORK_END] = work_end,
    [ACT_SWITCH] = task_switch,
};

static void span_time(build_t *b, const head_t *head)
{
    if (!b->any || head->time_ns < b->first_ns)
        b->first_ns = head->time_ns;
    if (!b->any || head->time_ns > b->last_ns)
        b->last_ns = head->time_ns;
    if (head->cpu >= b->cpus)
        b->cpus = head->cpu + 1;
    b->any = true;
}

bool irqsim__capture_build_event(build_t *b, const head_t *head, const meaning_t *meaning)
{
    cpu_t *const cpu = &b->cpu[head->cpu];

    span_time(b, head);
    b->stats->backwards += head->time_ns < cpu->last_ns;
    infer_switch(b, head);
    cpu->last_ns = head->time_ns;
    cpu->shared.open = cpu->shared.ended;
    cpu->shared.ended = false;
    if (act[meaning->action])
        act[meaning->action](b, head, meaning);
    return !b->no_memory;
}

/* IMP-04: nothing that was open on this CPU can be trusted. */
void irqsim__capture_build_lost(build_t *b, uint32_t cpu_number)
{
    cpu_t *const cpu = &b->cpu[cpu_number];

    give_up(b, cpu, 0);
    for (uint32_t i = 0; i < SOFTIRQS; i++)
        cpu->pending[i] = (pending_t){false, NONE};
    cpu->shared.ended = false;
    cpu->arrival = NONE;
    cpu->losses++;
}

/* What is still open has no end: it is kept, with no time. */
static void close_all(build_t *b)
{
    for (uint32_t i = 0; i < CAPTURE_CPUS; i++)
        give_up(b, &b->cpu[i], 0);
    for (uint32_t i = 0; i < b->tasks.count; i++)
        b->stats->unpaired += b->task[i].working;
    for (uint32_t i = 0; i < b->works.count; i++)
        b->stats->unfinished_works += b->work[i].queued;
}

irqsim_status_t irqsim__capture_build_finish(build_t *b, const char *origin, uint32_t cpus,
                                             irqsim_arrivals_t **list)
{
    list_t out;
    const size_t length = strlen(origin);

    close_all(b);
    if (!irqsim__capture_list_init(&out))
        return IRQSIM_E_NOMEM;
    out.out->cpus = cpus > b->cpus ? cpus : b->cpus;
    irqsim_status_t status = irqsim__capture_forest_irqs(&b->forest, &out);
    if (status == IRQSIM_OK)
        status = irqsim__capture_totals_list(&b->totals, &out);
    if (status == IRQSIM_OK)
        status = irqsim__capture_forest_list(&b->forest, b->first_ns, &out);
    if (status == IRQSIM_OK && !(out.out->origin = malloc(length + 1)))
        status = IRQSIM_E_NOMEM;
    if (status != IRQSIM_OK) {
        irqsim__capture_list_drop(&out);
        return status;
    }
    memcpy(out.out->origin, origin, length + 1);
    out.out->span_ns = b->last_ns - b->first_ns;
    *list = irqsim__capture_list_done(&out);
    return IRQSIM_OK;
}
