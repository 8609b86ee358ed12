/* SPDX-License-Identifier: MIT */
/*
 * sim_replay.c - recorded arrivals as sources: times, work, and what it defers
 *
 * Recorded durations are work, that is instructions: they are turned into clocks
 * of a CPU as fast as the recorded one is taken to be (modern-x2apic), so the
 * same work takes longer on a slower machine.
 */
#include <stdlib.h>
#include <string.h>

#include <irqsim/clock.h>

#include "scenario_int.h"
#include "sim_int.h"

/* The first arrival comes a microsecond after power-on, so that no kernel is hit
 * in its first instruction. */
#define START (UINT64_C(1000) * IRQSIM_PS_PER_NS)

/* Recordings longer than this would end beyond what irqsim_time_t can hold; a
 * piece of work longer than an hour is damage. */
#define MOST_SPAN_NS (UINT64_C(8640000) * 1000 * 1000 * 1000)
#define MOST_WORK_NS (UINT64_C(3600) * 1000 * 1000 * 1000)

/* Which source an arrival belongs to. */
typedef struct route {
    irqsim_sim_t *sim;
    const irqsim_arrivals_t *list;
    irqsim_time_t start;
    uint32_t *of_irq;    /* by index into list->irq */
    uint32_t *of_vector; /* by system vector and CPU; NULL: none */
    uint64_t misfits;    /* softirqs that the era does not have */
} route_t;

static uint16_t cpu_of(const irqsim_sim_t *sim, const irqsim_record_t *record)
{
    return record->cpu % sim->scenario->cpus;
}

static uint32_t irq_index(const irqsim_arrivals_t *list, uint32_t irq)
{
    uint32_t low = 0, high = list->n_irqs;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;

        if (list->irq[middle].irq < irq)
            low = middle + 1;
        else
            high = middle;
    }
    return low < list->n_irqs && list->irq[low].irq == irq ? low : IRQSIM__NONE;
}

static uint32_t sysvec_of(const irqsim_arrivals_t *list, const irqsim_record_t *record)
{
    for (uint32_t i = 0; i < IRQSIM_SYSVECS; i++)
        if (strcmp(irqsim_sysvec_name((irqsim_sysvec_t)i), list->name[record->name]) == 0)
            return i;
    return IRQSIM__NONE;
}

static uint32_t source_of(const route_t *r, const irqsim_record_t *record)
{
    if (record->kind == IRQSIM_RECORD_IRQ) {
        const uint32_t i = irq_index(r->list, record->number);

        return i == IRQSIM__NONE ? i : r->of_irq[i];
    }
    const uint32_t sysvec = r->of_vector ? sysvec_of(r->list, record) : IRQSIM__NONE;
    return sysvec == IRQSIM__NONE
               ? sysvec
               : r->of_vector[sysvec * r->sim->scenario->cpus + cpu_of(r->sim, record)];
}

/* --- what an arrival does ------------------------------------------------- */

static uint64_t clocks_of(uint64_t ns)
{
    const irqsim_clock_t recorded = {irqsim_profile(IRQSIM_MODERN_X2APIC)->cpu_hz, 1};

    return irqsim_clock_to_ticks(&recorded,
                                 (ns < MOST_WORK_NS ? ns : MOST_WORK_NS) * IRQSIM_PS_PER_NS);
}

static uint32_t softirq_number(irqsim_era_t era, const char *name)
{
    for (uint32_t nr = 0; irqsim_softirq_name(era, nr); nr++)
        if (strcmp(irqsim_softirq_name(era, nr), name) == 0)
            return nr;
    return IRQSIM__NONE;
}

/* A softirq of later kernels (RCU, IRQ_POLL) is a tasklet's work on an older one:
 * its time must not vanish. */
static uint32_t softirq_of(route_t *r, const char *name)
{
    const irqsim_era_t era = r->sim->scenario->era;
    const uint32_t nr = softirq_number(era, name);

    if (nr != IRQSIM__NONE)
        return nr;
    r->misfits++;
    return softirq_number(era, "TASKLET");
}

/* Number of the softirq or work item, 0 for arrivals; IRQSIM__NONE: no memory. */
static uint32_t number_of(route_t *r, const irqsim_record_t *record)
{
    const char *const name = r->list->name[record->name];

    switch (record->kind) {
    case IRQSIM_RECORD_SOFTIRQ:
        return softirq_of(r, name);
    case IRQSIM_RECORD_WORK:
        return irqsim__scenario_sim_add_work(r->sim, name, record->number);
    default:
        return 0;
    }
}

static void count_clocks(irqsim_sim_t *sim, uint64_t clocks)
{
    const uint64_t room = UINT64_MAX - sim->recorded_clocks;

    sim->recorded_clocks += clocks < room ? clocks : room;
}

static uint32_t add_job(route_t *r, const irqsim_record_t *record)
{
    static const uint8_t kinds[] = {
        [IRQSIM_RECORD_IRQ] = IRQSIM_JOB_HANDLER,
        [IRQSIM_RECORD_VECTOR] = IRQSIM_JOB_HANDLER,
        [IRQSIM_RECORD_SOFTIRQ] = IRQSIM_JOB_SOFTIRQ,
        [IRQSIM_RECORD_WORK] = IRQSIM_JOB_WORK,
    };
    const uint32_t nr = number_of(r, record);
    const irqsim_job_t job = {
        .clocks = clocks_of(record->takes_ns), .nr = (uint16_t)nr, .kind = kinds[record->kind]};

    if (nr == IRQSIM__NONE)
        return nr;
    count_clocks(r->sim, job.clocks);
    return irqsim__scenario_sim_add_job(r->sim, record->depth, &job);
}

/* --- arrivals to their sources --------------------------------------------- */

static bool make_room(route_t *r)
{
    for (uint64_t i = 0; i < r->list->n_records; i++) {
        const irqsim_record_t *const record = &r->list->record[i];
        const uint32_t source = record->depth ? IRQSIM__NONE : source_of(r, record);

        if (source != IRQSIM__NONE)
            r->sim->source[source].record_len++;
    }
    for (uint32_t i = 0; i < r->sim->n_sources; i++) {
        irqsim_source_desc_t *const source = &r->sim->source[i];

        if (source->pattern != IRQSIM_PATTERN_RECORD || source->record)
            continue;
        source->record = calloc(source->record_len + 1, sizeof(*source->record));
        if (!source->record)
            return false;
        source->record_len = 0;
    }
    return true;
}

static bool add_arrival(route_t *r, uint32_t index, const irqsim_record_t *record, uint32_t job)
{
    irqsim_source_desc_t *const source = &r->sim->source[index];
    /* the table is the simulation's own; the machine only reads it */
    irqsim_arrival_t *const arrival = (irqsim_arrival_t *)source->record + source->record_len++;

    *arrival = (irqsim_arrival_t){r->start + record->time_ns * IRQSIM_PS_PER_NS, job, 0};
    if (arrival->time < r->sim->first_record)
        r->sim->first_record = arrival->time;
    if (arrival->time > r->sim->last_record)
        r->sim->last_record = arrival->time;
    return job != IRQSIM__NONE;
}

static bool add_arrivals(route_t *r)
{
    bool ok = make_room(r), wanted = false;

    for (uint64_t i = 0; ok && i < r->list->n_records; i++) {
        const irqsim_record_t *const record = &r->list->record[i];

        if (record->depth == 0) {
            const uint32_t source = source_of(r, record);

            wanted = source != IRQSIM__NONE;
            ok = !wanted || add_arrival(r, source, record, add_job(r, record));
        } else if (wanted) {
            ok = add_job(r, record) != IRQSIM__NONE;
        }
    }
    if (r->misfits)
        irqsim__scenario_sim_tell(
            r->sim, IRQSIM_NOTE, 0, "%llu recorded softirqs are unknown to %s and run as TASKLET",
            (unsigned long long)r->misfits, irqsim_era_name(r->sim->scenario->era));
    return ok;
}

static bool too_long(const irqsim_sim_t *sim, const irqsim_arrivals_t *list)
{
    for (uint64_t i = 0; i < list->n_records; i++)
        if (list->record[i].depth == 0 && list->record[i].time_ns > MOST_SPAN_NS) {
            irqsim__scenario_sim_tell(sim, IRQSIM_ERROR, 0, "%s: arrivals later than 100 days",
                                      list->origin);
            return true;
        }
    return false;
}

/* --- one irq for one device ------------------------------------------------- */

irqsim_status_t irqsim__scenario_sim_record(irqsim_sim_t *sim, const irqsim_arrivals_t *list,
                                            uint32_t irq, uint32_t source, irqsim_time_t start)
{
    const uint32_t index = irq_index(list, irq);
    route_t r = {.sim = sim, .list = list, .start = start};

    if (index == IRQSIM__NONE) {
        irqsim__scenario_sim_tell(sim, IRQSIM_ERROR, 0, "%s: there is no irq %u in it",
                                  list->origin, (unsigned)irq);
        return IRQSIM_E_FORMAT;
    }
    if (too_long(sim, list))
        return IRQSIM_E_FORMAT;
    r.of_irq = malloc(list->n_irqs * sizeof(*r.of_irq));
    if (!r.of_irq)
        return IRQSIM_E_NOMEM;
    memset(r.of_irq, 0xFF, list->n_irqs * sizeof(*r.of_irq));
    r.of_irq[index] = source;
    const bool ok = add_arrivals(&r);
    free(r.of_irq);
    return ok ? IRQSIM_OK : IRQSIM_E_NOMEM;
}

/* --- a whole list ------------------------------------------------------------ */

/* Arrivals of each irq and each system vector, by CPU of this machine. */
typedef struct tally {
    uint64_t *irq, *vector; /* [index * cpus + cpu] */
    uint32_t cpus;
    uint64_t strange; /* of vectors that are none of the kernel's */
} tally_t;

static void count(const irqsim_sim_t *sim, tally_t *t)
{
    for (uint64_t i = 0; i < sim->list->n_records; i++) {
        const irqsim_record_t *const record = &sim->list->record[i];
        const bool is_irq = record->kind == IRQSIM_RECORD_IRQ;

        if (record->depth)
            continue;
        const uint32_t row =
            is_irq ? irq_index(sim->list, record->number) : sysvec_of(sim->list, record);
        if (row == IRQSIM__NONE)
            t->strange++;
        else
            (is_irq ? t->irq : t->vector)[row * t->cpus + cpu_of(sim, record)]++;
    }
}

/* The CPU of most arrivals, the lowest of equals. */
static uint16_t busiest(const uint64_t *by_cpu, uint32_t cpus, uint64_t *sum)
{
    uint32_t best = 0;

    *sum = 0;
    for (uint32_t cpu = 0; cpu < cpus; cpu++) {
        *sum += by_cpu[cpu];
        if (by_cpu[cpu] > by_cpu[best])
            best = cpu;
    }
    return (uint16_t)best;
}

/* An irq number has one CPU at a time; a recording of a machine that moved its
 * irqs about cannot be followed arrival by arrival. */
static void tell_moved(const irqsim_sim_t *sim, uint32_t irq, uint16_t cpu, uint64_t moved)
{
    if (moved)
        irqsim__scenario_sim_tell(sim, IRQSIM_NOTE, 0,
                                  "irq %u: %llu arrivals of other CPUs go to CPU %u with the rest",
                                  (unsigned)irq, (unsigned long long)moved, (unsigned)cpu);
}

/* ISA lines for recorded irqs, those first that PCs leave to expansion cards. */
static const uint8_t isa_lines[] = {11, 10, 9, 5, 15, 14, 12, 3, 4, 7, 6};

/* The next line that no device of the scenario has; 0: none is left. */
static uint16_t free_line(const irqsim_sim_t *sim, uint32_t *next)
{
    while (*next < sizeof(isa_lines)) {
        const uint16_t line = isa_lines[(*next)++];
        uint32_t i = 0;

        while (i < sim->scenario->n_devices && sim->scenario->device[i].line.hwirq != line)
            i++;
        if (i == sim->scenario->n_devices)
            return line;
    }
    return 0;
}

static bool irq_is_taken(const irqsim_sim_t *sim, uint32_t irq)
{
    for (uint32_t i = 0; i < sim->scenario->n_devices; i++)
        if (sim->scenario->device[i].irq == irq) {
            irqsim__scenario_sim_tell(
                sim, IRQSIM_ERROR, 0,
                "irq %u is recorded, and devices[%u] of the scenario has it too", (unsigned)irq,
                (unsigned)i);
            return true;
        }
    return false;
}

static irqsim_status_t add_irq(irqsim_sim_t *sim, uint32_t index, uint16_t cpu, uint32_t *next,
                               uint32_t *source)
{
    const irqsim_irq_total_t *const total = &sim->list->irq[index];
    const bool mp = sim->scenario->board == IRQSIM_BOARD_MP;
    const uint16_t wire = mp ? (uint16_t)sim->n_sources : free_line(sim, next);
    const irqsim_irq_desc_t line = {.irq = total->irq, .msi = mp, .hwirq = wire, .cpu = cpu};

    if (irq_is_taken(sim, total->irq))
        return IRQSIM_E_FORMAT;
    if (sim->n_sources == IRQSIM_MAX_SOURCES) {
        irqsim__scenario_sim_tell(sim, IRQSIM_ERROR, 0, "more than %u devices",
                                  (unsigned)IRQSIM_MAX_SOURCES);
        return IRQSIM_E_FORMAT;
    }
    if (!mp && wire == 0) {
        irqsim__scenario_sim_tell(sim, IRQSIM_ERROR, 0,
                                  "no line is left for irq %u: board at has %u",
                                  (unsigned)total->irq, (unsigned)sizeof(isa_lines));
        return IRQSIM_E_FORMAT;
    }
    *source = irqsim__scenario_sim_add_source(
        sim, &(irqsim_source_desc_t){.wiring = mp ? IRQSIM_WIRED_MSI : IRQSIM_WIRED_PIN,
                                     .pin = mp ? 0 : wire,
                                     .pattern = IRQSIM_PATTERN_RECORD});
    return *source != IRQSIM__NONE && irqsim__scenario_sim_add_irq(sim, &line, *source,
                                                                   sim->list->name[total->name], 0)
               ? IRQSIM_OK
               : IRQSIM_E_NOMEM;
}

static irqsim_status_t add_irqs(route_t *r, const tally_t *t)
{
    irqsim_status_t status = IRQSIM_OK;
    uint32_t next = 0;

    for (uint32_t i = 0; status == IRQSIM_OK && i < r->list->n_irqs; i++) {
        uint64_t sum;
        const uint64_t *const by_cpu = &t->irq[i * t->cpus];
        const uint16_t cpu = busiest(by_cpu, t->cpus, &sum);

        r->of_irq[i] = IRQSIM__NONE;
        if (sum == 0)
            continue;
        tell_moved(r->sim, r->list->irq[i].irq, cpu, sum - by_cpu[cpu]);
        status = add_irq(r->sim, i, cpu, &next, &r->of_irq[i]);
    }
    return status;
}

/* One source per vector and CPU, if this machine and era have the vector. */
static bool add_sysvec(irqsim_sim_t *sim, uint32_t sysvec, uint16_t cpu, uint32_t *source)
{
    const uint8_t vector = irqsim_sysvec_vector(sim->scenario->era, (irqsim_sysvec_t)sysvec);

    if (!irqsim__scenario_has_msis(sim->scenario) || vector == 0 ||
        sim->n_sources == IRQSIM_MAX_SOURCES)
        return true;
    *source = irqsim__scenario_sim_add_source(
        sim, &(irqsim_source_desc_t){.wiring = IRQSIM_WIRED_MESSAGE,
                                     .cpu = cpu,
                                     .vector = vector,
                                     .pattern = IRQSIM_PATTERN_RECORD});
    if (*source != IRQSIM__NONE)
        sim->sysvec[sim->n_sysvecs++] =
            (irqsim_sysvec_desc_t){(irqsim_sysvec_t)sysvec, cpu, *source};
    return *source != IRQSIM__NONE;
}

static irqsim_status_t add_sysvecs(route_t *r, const tally_t *t)
{
    irqsim_sim_t *const sim = r->sim;
    bool ok = true;

    for (uint32_t i = 0; ok && i < IRQSIM_SYSVECS * t->cpus; i++) {
        const uint32_t sysvec = i / t->cpus;

        r->of_vector[i] = IRQSIM__NONE;
        sim->recorded[sysvec] += t->vector[i];
        if (t->vector[i] == 0)
            continue;
        ok = add_sysvec(sim, sysvec, (uint16_t)(i % t->cpus), &r->of_vector[i]);
        if (r->of_vector[i] != IRQSIM__NONE)
            sim->replayed[sysvec] += t->vector[i];
    }
    return ok ? IRQSIM_OK : IRQSIM_E_NOMEM;
}

static void tell_losses(const irqsim_sim_t *sim, const tally_t *t)
{
    uint64_t left_out = t->strange;

    for (unsigned i = 0; i < IRQSIM_SYSVECS; i++)
        left_out += sim->recorded[i] - sim->replayed[i];
    if (left_out)
        irqsim__scenario_sim_tell(
            sim, IRQSIM_NOTE, 0,
            "%llu arrivals of vectors that this machine does not have are left out",
            (unsigned long long)left_out);
    if (sim->list->cpus > t->cpus)
        irqsim__scenario_sim_tell(
            sim, IRQSIM_NOTE, 0,
            "recorded on %u CPUs, this machine has %u: CPU n becomes n modulo %u",
            (unsigned)sim->list->cpus, (unsigned)t->cpus, (unsigned)t->cpus);
}

static irqsim_status_t replay(route_t *r, tally_t *t)
{
    count(r->sim, t);
    irqsim_status_t status = add_irqs(r, t);
    if (status == IRQSIM_OK)
        status = add_sysvecs(r, t);
    if (status != IRQSIM_OK)
        return status;
    tell_losses(r->sim, t);
    return add_arrivals(r) ? IRQSIM_OK : IRQSIM_E_NOMEM;
}

irqsim_status_t irqsim__scenario_sim_replay(irqsim_sim_t *sim)
{
    const uint32_t cpus = sim->scenario->cpus;
    const size_t irqs = sim->list->n_irqs + 1u, vectors = (size_t)IRQSIM_SYSVECS * cpus;
    tally_t t = {.irq = calloc(irqs * cpus, sizeof(*t.irq)),
                 .vector = calloc(vectors, sizeof(*t.vector)),
                 .cpus = cpus};
    route_t r = {.sim = sim,
                 .list = sim->list,
                 .start = START,
                 .of_irq = calloc(irqs, sizeof(*r.of_irq)),
                 .of_vector = calloc(vectors, sizeof(*r.of_vector))};
    irqsim_status_t status = IRQSIM_E_NOMEM;

    sim->sysvec = calloc(vectors, sizeof(*sim->sysvec));
    if (t.irq && t.vector && r.of_irq && r.of_vector && sim->sysvec)
        status = too_long(sim, sim->list) ? IRQSIM_E_FORMAT : replay(&r, &t);
    free(t.irq);
    free(t.vector);
    free(r.of_irq);
    free(r.of_vector);
    return status;
}
