/* SPDX-License-Identifier: MIT */
/*
 * step.c - the loop: from event to event in one total order, (time, actor)
 *
 * Two entries are kept beside the agenda: the bus's, which moves twice for each
 * message, and that of one CPU, the hot one. While a busy CPU runs and nothing else
 * is due, time advances without touching the tree, whose paths cost some 20
 * instructions a level. This decides nothing: all are compared by (time, actor).
 */
#include "machine_int.h"

#define STUCK_RUNS 1000000u

/* ---- when ---- */

/* TIME-31: at the next boundary. An entered handler takes its first step before the next event is looked for:
 * so the guest sees each entry exactly once. */
static inline irqsim_time_t cpu_due(const irqsim_machine_t *m, const core_t *core)
{
    if (!core->cpu.in || core->entered || irqsim_cpu_poll(&core->cpu) == IRQSIM_TAKE_NOTHING)
        return core->deadline;
    return core->atomic_until > m->g.now ? core->atomic_until : m->g.now;
}

void irqsim__machine_reschedule(irqsim_machine_t *m, unsigned cpu)
{
    const irqsim_time_t due = cpu_due(m, &m->core[cpu]);

    if (cpu == m->hot)
        m->hot_due = due;
    else
        irqsim__machine_set_due(m, m->first_cpu + cpu, due);
}

static void make_hot(irqsim_machine_t *m, unsigned cpu)
{
    irqsim__machine_set_due(m, m->first_cpu + m->hot, m->hot_due);
    m->hot = cpu;
    m->hot_due = irqsim_agenda_due(&m->agenda, m->first_cpu + cpu);
    irqsim__machine_set_due(m, m->first_cpu + cpu, IRQSIM_NEVER);
}

/* What follows from the rest of the state. */
static void derive(irqsim_machine_t *m)
{
    const uint32_t senders = all_senders(m);

    for (uint32_t line = 0; line < LINES; line++)
        m->drivers[line] = 0;
    for (uint32_t n = 0; n < m->devices; n++)
        if (m->device[n].high)
            m->drivers[m->source[n].pin]++;
    m->drivers[m->board->pit_line] += m->g.pit_high;
    if (m->board->apics)
        m->drivers[PIC_INT_LINE] += m->g.pic_int;
    m->g.stalled = 0;
    for (uint32_t i = 0; i < words_for(senders); i++)
        m->g.stalled += (uint32_t)__builtin_popcount(m->stall[i]);
    m->ids_moved = false;
    m->x2apics = 0;
    for (unsigned cpu = 0; m->board->apics && cpu < m->cpus; cpu++)
        m->x2apics += in_x2apic_mode(m, cpu);
}

void irqsim__machine_plan(irqsim_machine_t *m)
{
    derive(m);
    irqsim_agenda_init(&m->agenda, m->agenda.node, m->first_cpu + m->cpus);
    m->hot = 0;
    m->acting = NOBODY;
    for (uint32_t n = 0; n < m->devices; n++)
        irqsim__machine_set_due(m, n, irqsim__machine_device_due(&m->device[n]));
    irqsim__machine_pit_settle(m);
    irqsim__machine_set_bus_due(m, m->transport->next(m));
    for (unsigned cpu = 0; cpu < m->cpus; cpu++) {
        if (m->board->apics)
            irqsim__machine_note_lapic(m, cpu);
        irqsim__machine_schedule(m, cpu);
    }
}

/* ---- a CPU's turn ---- */

static void run_guest(irqsim_machine_t *m, core_t *core)
{
    if (core->entered)
        core->entered = ENTRY_SHOWN;
    core->debt = core->spent = 0;
    m->guest.run(m->guest.user, m->hot);
    if (core->entered == ENTRY_SHOWN)
        core->entered = ENTRY_NONE; /* a guest that does not ask is not left deaf */
    core->atomic_until = later(m->g.now, core->debt);
    core->deadline = later(core->atomic_until, core->spent);
    core->debt = core->spent = 0;
    core->runs = core->deadline > m->g.now ? 0 : core->runs + 1;
    if (core->runs >= STUCK_RUNS)
        irqsim_guest_stop(m, IRQSIM_E_STUCK);
    if (core->cpu.activity != IRQSIM_RUNNING) {
        core->atomic_until = core->deadline;
        core->deadline = IRQSIM_NEVER;
    }
}

/* An event is taken, or the guest runs. */
static inline void act_hot(irqsim_machine_t *m)
{
    core_t *core = &m->core[m->hot];
    const irqsim_boundary_t what =
        core->cpu.in && !core->entered ? irqsim_cpu_poll(&core->cpu) : IRQSIM_TAKE_NOTHING;

    m->acting = m->hot;
    if (what != IRQSIM_TAKE_NOTHING)
        irqsim__machine_boundary(m, m->hot, what);
    else
        run_guest(m, core);
    m->acting = NOBODY;
    m->hot_due = cpu_due(m, core);
}

/* ---- who ---- */

static void act(irqsim_machine_t *m, uint32_t actor)
{
    if (actor < m->pit_actor) {
        irqsim__machine_device_act(m, actor);
    } else if (actor == m->pit_actor) {
        irqsim__machine_pit_act(m);
    } else if (actor < m->bus_actor) {
        irqsim__machine_timer_act(m, actor - m->first_timer);
    } else if (actor == m->bus_actor) {
        m->transport->act(m);
    } else {
        make_hot(m, actor - m->first_cpu);
        act_hot(m);
    }
}

static inline bool hot_is_next(const irqsim_machine_t *m)
{
    return m->hot_due < m->rest_due ||
           (m->hot_due == m->rest_due && m->first_cpu + m->hot < m->rest);
}

/* Handles the next event if it is due by `until`. */
static inline bool handle(irqsim_machine_t *m, irqsim_time_t until)
{
    const bool hot = hot_is_next(m);
    const irqsim_time_t time = hot ? m->hot_due : m->rest_due;

    if (time > until || time == IRQSIM_NEVER || m->g.stopped)
        return false;
    m->g.now = time > m->g.now ? time : m->g.now;
    m->g.booted = 1;
    m->g.steps++;
    if (hot)
        act_hot(m);
    else
        act(m, m->rest);
    return true;
}

irqsim_time_t irqsim_machine_next(const irqsim_machine_t *m)
{
    return m->hot_due < m->rest_due ? m->hot_due : m->rest_due;
}

static irqsim_status_t status(const irqsim_machine_t *m)
{
    return (irqsim_status_t)-m->g.stopped;
}

irqsim_status_t irqsim_machine_run(irqsim_machine_t *m, irqsim_time_t until)
{
    if (until < m->g.now)
        return IRQSIM_E_INVAL;
    while (handle(m, until))
        continue;
    if (!m->g.stopped && until != IRQSIM_NEVER)
        m->g.now = until;
    return status(m);
}

irqsim_status_t irqsim_machine_step(irqsim_machine_t *m, bool *did)
{
    *did = handle(m, IRQSIM_NEVER);
    return status(m);
}
