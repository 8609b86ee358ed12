/* SPDX-License-Identifier: MIT */
/* snapshot.c - the kernel's state as blocks */
#include "traps.h"

/* clang-format off */
#define ONE(m)       IRQSIM_FIELD_ONE(STATE, m)
#define MANY(m)      IRQSIM_FIELD_MANY(STATE, m)
#define UP_TO(m, n)  IRQSIM_FIELD_UP_TO(STATE, m, n)

/* The tail of struct irqsim_kernel, from free_frame on. */
typedef struct scalars {
    uint32_t free_frame, frames_used, oopses;
    uint8_t pic_mask[2], panicked, pad;
    uint64_t last_event;
} scalars_t;

#define STATE scalars_t
static const irqsim_field_t scalar_fields[] = {
    ONE(free_frame), ONE(frames_used), ONE(oopses), MANY(pic_mask), UP_TO(panicked, 1), ONE(pad),
    ONE(last_event),
};
#undef STATE
#define STATE frame_t
static const irqsim_field_t frame_fields[] = {
    ONE(left), ONE(parent), ONE(cause), ONE(pad), UP_TO(flow, FLOW_COUNT - 1), ONE(at),
    MANY(v.raw),
};
#undef STATE
#define STATE deferred_t
static const irqsim_field_t deferred_fields[] = {
    ONE(next), UP_TO(count, RAISES_MAX), ONE(repeat), ONE(cpu), UP_TO(state, NODE_TAKEN), ONE(pad),
};
#undef STATE
#define STATE kwork_t
static const irqsim_field_t work_fields[] = {
    ONE(cause), ONE(jobs.head), ONE(jobs.tail), ONE(next), UP_TO(pending, 1),
};
#undef STATE
#define STATE ktask_t
static const irqsim_field_t task_fields[] = {
    ONE(ran), ONE(since), ONE(done), ONE(top), ONE(sp), ONE(stack),
    ONE(next), ONE(name), ONE(eax), ONE(ebx), ONE(user), ONE(status), ONE(cpu),
    UP_TO(kind, IRQSIM_TASK_KWORKER), UP_TO(state, TASK_EXITED), UP_TO(queued, 1), UP_TO(woken, 1),
};
#undef STATE
#define STATE kuser_t
static const irqsim_field_t user_fields[] = {
    ONE(pending), ONE(sig_ip), ONE(sig_sp), ONE(sig_flags), MANY(page), ONE(pad),
};
#undef STATE
#define STATE kirq_t
static const irqsim_field_t irq_fields[] = {
    ONE(count), ONE(unhandled), ONE(number), ONE(first_action), ONE(actions), ONE(hwirq),
    ONE(cpu), UP_TO(chip, CHIP_COUNT - 1), UP_TO(flow, FLOW_COUNT - 1), ONE(vector), ONE(status),
    ONE(level), ONE(active_low), ONE(msi), ONE(tick),
};
#undef STATE
#define STATE kcpu_t
static const irqsim_field_t cpu_fields[] = {
    MANY(raised), MANY(executed), MANY(sysvecs), ONE(ticks),
    {"softirq", offsetof(kcpu_t, softirq), 4, 2 * IRQSIM_SOFTIRQS, 0},
    ONE(works.head), ONE(works.tail), ONE(runnable.head), ONE(runnable.tail),
    MANY(sysvec_source), ONE(top), ONE(current), MANY(softirq_cause), ONE(preempt_count),
    UP_TO(softirq_pending, (1 << IRQSIM_SOFTIRQS) - 1), ONE(quantum), ONE(irq_stack),
    ONE(nr), UP_TO(need_resched, 1), UP_TO(tick_on, 1), UP_TO(fpu, 1), MANY(pad), MANY(vector_irq),
};
#undef STATE
/* clang-format on */

static const irqsim_layout_t scalar_layout = IRQSIM_LAYOUT(scalars_t, scalar_fields);
static const irqsim_layout_t frame_layout = IRQSIM_LAYOUT(frame_t, frame_fields);
static const irqsim_layout_t deferred_layout = IRQSIM_LAYOUT(deferred_t, deferred_fields);
static const irqsim_layout_t work_layout = IRQSIM_LAYOUT(kwork_t, work_fields);
static const irqsim_layout_t task_layout = IRQSIM_LAYOUT(ktask_t, task_fields);
static const irqsim_layout_t user_layout = IRQSIM_LAYOUT(kuser_t, user_fields);
static const irqsim_layout_t irq_layout = IRQSIM_LAYOUT(kirq_t, irq_fields);
static const irqsim_layout_t cpu_layout = IRQSIM_LAYOUT(kcpu_t, cpu_fields);

const irqsim_layout_t *irqsim_kernel_layout(unsigned i)
{
    static const irqsim_layout_t *const all[] = {&scalar_layout, &frame_layout, &deferred_layout,
                                                 &work_layout,   &task_layout,  &user_layout,
                                                 &irq_layout,    &cpu_layout};

    return i < sizeof(all) / sizeof(all[0]) ? all[i] : NULL;
}

/* The arrays, one block each, in file order. */
typedef struct part {
    const char *tag;
    const irqsim_layout_t *layout;
    void *items;
    uint32_t n;
} part_t;
enum { PARTS = 7, VERSION = 1 };

static void list_parts(const irqsim_kernel_t *k, part_t part[PARTS])
{
    part[0] = (part_t){"KCPU", &cpu_layout, k->cpu, k->n_cpus};
    part[1] = (part_t){"KTSK", &task_layout, k->task, k->n_tasks};
    part[2] = (part_t){"KUSR", &user_layout, k->user, k->n_users};
    part[3] = (part_t){"KIRQ", &irq_layout, k->irq, k->n_irqs};
    part[4] = (part_t){"KWRK", &work_layout, k->work, k->n_works};
    part[5] = (part_t){"KDEF", &deferred_layout, k->deferred, k->n_deferred};
    part[6] = (part_t){"KFRM", &frame_layout, k->frame, k->n_frames};
}

irqsim_status_t irqsim_kernel_save(const irqsim_kernel_t *k, irqsim_snap_t *snap)
{
    const scalars_t scalars = {.free_frame = k->free_frame,
                               .frames_used = k->frames_used,
                               .oopses = k->oopses,
                               .panicked = k->panicked,
                               .pic_mask = {k->pic_mask[0], k->pic_mask[1]},
                               .last_event = k->last_event};
    part_t part[PARTS];

    list_parts(k, part);
    irqsim_snap_begin(snap, "KERN", VERSION);
    irqsim_snap_put(snap, &scalar_layout, &scalars, 1);
    irqsim_snap_end(snap);
    for (unsigned i = 0; i < PARTS; i++) {
        irqsim_snap_begin(snap, part[i].tag, VERSION);
        irqsim_snap_put(snap, part[i].layout, part[i].items, part[i].n);
        irqsim_snap_end(snap);
    }
    return snap->status;
}

/* What the words of a frame's locals may be, flow by flow: a snapshot that says
 * otherwise is refused, so that no index can lead outside a table. */
typedef enum word {
    ANY,
    VECTOR,
    SOURCE_LINK,
    IRQ,
    ACTION,
    JOB_LINK,
    SOFTIRQ,
    SOFTIRQ_BITS,
    DEFERRED_LINK,
    TASK,
    WORK,
    TRAP,
    SIGNAL
} word_t;

/* clang-format off */
static const uint8_t words_of_flow[FLOW_COUNT][6] = {
    [FLOW_kworker]            = {DEFERRED_LINK, WORK},
    [FLOW_common_interrupt]   = {VECTOR},
    [FLOW_system_vector]      = {VECTOR, ANY, ANY, SOURCE_LINK, ANY, JOB_LINK},
    [FLOW_system_call]        = {VECTOR},
    [FLOW_exception]          = {TRAP},
    [FLOW_nmi]                = {TRAP},
    [FLOW_doublefault_fn]     = {TRAP},
    [FLOW_die]                = {TRAP},
    [FLOW_do_signal]          = {ANY, SIGNAL},
    [FLOW_handle_level_irq]   = {IRQ},
    [FLOW_handle_edge_irq]    = {IRQ},
    [FLOW_handle_fasteoi_irq] = {IRQ},
    [FLOW_handle_irq_event]   = {IRQ, ACTION, ANY, ANY, JOB_LINK},
    [FLOW_do_softirq]         = {DEFERRED_LINK, SOFTIRQ_BITS, SOFTIRQ},
    [FLOW_schedule]           = {TASK},
};
/* clang-format on */

static uint64_t word_limit(const irqsim_kernel_t *k, word_t word)
{
    const uint64_t limit[] = {
        [ANY] = UINT32_MAX,
        [VECTOR] = 255,
        [SOURCE_LINK] = irqsim_machine_sources(k->m),
        [IRQ] = k->n_irqs - 1,
        [ACTION] = k->desc.n_actions ? k->desc.n_actions - 1 : 0,
        [JOB_LINK] = k->desc.n_jobs,
        [SOFTIRQ] = IRQSIM_SOFTIRQS - 1,
        [SOFTIRQ_BITS] = (1 << IRQSIM_SOFTIRQS) - 1,
        [DEFERRED_LINK] = k->n_deferred,
        [TASK] = k->n_tasks - 1,
        [WORK] = k->n_works,
        [TRAP] = TRAPS - 1,
        [SIGNAL] = IRQSIM_SIGNALS - 1,
    };

    return limit[word];
}

static bool frame_is_sound(const irqsim_kernel_t *k, const void *item)
{
    const frame_t *f = item;

    if (f->parent > k->n_frames || (f->flow == FLOW_handle_irq_event && !k->desc.n_actions))
        return false;
    for (unsigned i = 0; i < 6; i++)
        if (f->v.raw[i] > word_limit(k, (word_t)words_of_flow[f->flow][i]))
            return false;
    return words_of_flow[f->flow][0] != VECTOR || f->v.raw[0] >= FIRST_EXTERNAL;
}

static bool list_is_sound(list_t list, uint32_t limit)
{
    return list.head <= limit && list.tail <= limit && !list.head == !list.tail;
}

static bool deferred_is_sound(const irqsim_kernel_t *k, const void *item)
{
    const deferred_t *d = item;

    return d->next <= k->n_deferred;
}

static bool work_is_sound(const irqsim_kernel_t *k, const void *item)
{
    const kwork_t *w = item;

    return w->next <= k->n_works && list_is_sound(w->jobs, k->n_deferred);
}

static bool task_is_sound(const irqsim_kernel_t *k, const void *item)
{
    const ktask_t *t = item;

    return t->top <= k->n_frames && t->next <= k->n_tasks && t->cpu < k->n_cpus &&
           t->user < k->n_users;
}

static bool user_is_sound(const irqsim_kernel_t *k, const void *item)
{
    (void)k, (void)item;
    return true;
}

static bool irq_is_sound(const irqsim_kernel_t *k, const void *item)
{
    const kirq_t *irq = item;

    return irq->cpu < k->n_cpus && (uint64_t)irq->first_action + irq->actions <= k->desc.n_actions;
}

static bool cpu_is_sound(const irqsim_kernel_t *k, const void *item)
{
    const kcpu_t *c = item;
    bool sound = c->top && c->top <= k->n_frames && c->current < k->n_tasks && c->nr < k->n_cpus &&
                 list_is_sound(c->works, k->n_works) && list_is_sound(c->runnable, k->n_tasks);

    for (unsigned i = 0; i < IRQSIM_SOFTIRQS; i++)
        sound = sound && list_is_sound(c->softirq[i], k->n_deferred);
    for (unsigned i = 0; i < IRQSIM_SYSVECS; i++)
        sound = sound && c->sysvec_source[i] <= irqsim_machine_sources(k->m);
    for (unsigned i = 0; i < 256 - FIRST_EXTERNAL; i++)
        sound = sound && (c->vector_irq[i] <= k->n_irqs ||
                          (c->vector_irq[i] >= SYSVEC_ENTRY &&
                           c->vector_irq[i] < SYSVEC_ENTRY + IRQSIM_SYSVECS) ||
                          c->vector_irq[i] == FLOW_ENTRY + FLOW_system_call);
    return sound;
}

typedef bool (*sound_fn_t)(const irqsim_kernel_t *k, const void *item);
static const sound_fn_t part_is_sound[PARTS] = {cpu_is_sound,  task_is_sound, user_is_sound,
                                                irq_is_sound,  work_is_sound, deferred_is_sound,
                                                frame_is_sound};

/* Room for any one item. */
typedef union any_item {
    kcpu_t cpu;
    ktask_t task;
    kuser_t user;
    kirq_t irq;
    kwork_t work;
    deferred_t deferred;
    frame_t frame;
    scalars_t scalars;
} any_item_t;

static void refuse(irqsim_snap_t *snap, const char *where)
{
    if (snap->status == IRQSIM_OK) {
        snap->status = IRQSIM_E_FORMAT;
        snap->where = where;
    }
}

/* Reads everything once without keeping it. */
static void rehearse(const irqsim_kernel_t *k, irqsim_snap_t *snap, const part_t part[PARTS])
{
    any_item_t item;

    irqsim_snap_open(snap, "KERN", VERSION);
    irqsim_snap_get(snap, &scalar_layout, &item.scalars, 1);
    irqsim_snap_close(snap);
    if (snap->status == IRQSIM_OK && item.scalars.free_frame > k->n_frames)
        refuse(snap, "scalars_t");
    for (unsigned i = 0; i < PARTS; i++) {
        irqsim_snap_open(snap, part[i].tag, VERSION);
        for (uint32_t n = 0; n < part[i].n && snap->status == IRQSIM_OK; n++) {
            irqsim_snap_get(snap, part[i].layout, &item, 1);
            if (snap->status == IRQSIM_OK && !part_is_sound[i](k, &item))
                refuse(snap, part[i].layout->name);
        }
        irqsim_snap_close(snap);
    }
}

static void restore(irqsim_kernel_t *k, irqsim_snap_t *snap, const part_t part[PARTS])
{
    scalars_t scalars;

    irqsim_snap_open(snap, "KERN", VERSION);
    irqsim_snap_get(snap, &scalar_layout, &scalars, 1);
    irqsim_snap_close(snap);
    k->free_frame = scalars.free_frame;
    k->frames_used = scalars.frames_used;
    k->oopses = scalars.oopses;
    k->panicked = scalars.panicked;
    k->pic_mask[0] = scalars.pic_mask[0];
    k->pic_mask[1] = scalars.pic_mask[1];
    k->last_event = scalars.last_event;
    for (unsigned i = 0; i < PARTS; i++) {
        irqsim_snap_open(snap, part[i].tag, VERSION);
        irqsim_snap_get(snap, part[i].layout, part[i].items, part[i].n);
        irqsim_snap_close(snap);
    }
}

irqsim_status_t irqsim_kernel_load(irqsim_kernel_t *k, irqsim_snap_t *snap)
{
    irqsim_snap_t rehearsal = *snap;
    part_t part[PARTS];

    list_parts(k, part);
    rehearse(k, &rehearsal, part);
    if (rehearsal.status == IRQSIM_OK)
        restore(k, snap, part);
    else
        *snap = rehearsal;
    return snap->status;
}
