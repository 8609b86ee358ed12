/* SPDX-License-Identifier: MIT */
/*
 * source.c - model devices: when arrivals come, what they raise, who claims them
 *
 * Arrivals are numbered. What is pending is the range taken..arrived-1, so
 * nothing is stored per arrival but its job, and that only where the number
 * does not give it.
 */
#include "machine_int.h"

/* ---- patterns: when arrival k comes ---- */

uint64_t irqsim__machine_arrivals(const irqsim_source_desc_t *desc)
{
    const uint64_t limit = desc->count ? desc->count : UINT64_MAX;

    if (desc->pattern == IRQSIM_PATTERN_NONE)
        return 0;
    if (desc->pattern == IRQSIM_PATTERN_RECORD && desc->record_len < limit)
        return desc->record_len;
    return limit;
}

static irqsim_time_t multiple(irqsim_time_t period, uint64_t n)
{
    return n && period > IRQSIM_NEVER / n ? IRQSIM_NEVER : period * n;
}

static irqsim_time_t burst_time(const irqsim_source_desc_t *desc, uint64_t k)
{
    const irqsim_time_t burst = later(desc->first, multiple(desc->period, k / desc->burst));

    return later(burst, multiple(desc->gap, k % desc->burst));
}

static irqsim_time_t arrival_time(const irqsim_source_desc_t *desc, device_t *dev, uint64_t k)
{
    if (k >= irqsim__machine_arrivals(desc))
        return IRQSIM_NEVER;
    switch (desc->pattern) {
    case IRQSIM_PATTERN_PERIODIC:
        return later(desc->first, multiple(desc->period, k));
    case IRQSIM_PATTERN_POISSON:
        return k == 0 ? desc->first
                      : later(dev->next, irqsim__machine_exponential(&dev->random, desc->period));
    case IRQSIM_PATTERN_BURST:
        return burst_time(desc, k);
    default:
        return desc->record[k].time;
    }
}

irqsim_time_t irqsim__machine_device_due(const device_t *dev)
{
    return dev->pulse_end < dev->next ? dev->pulse_end : dev->next;
}

static void set_due(irqsim_machine_t *m, uint32_t n)
{
    irqsim__machine_set_due(m, n, irqsim__machine_device_due(&m->device[n]));
}

void irqsim__machine_device_init(irqsim_machine_t *m, uint32_t n)
{
    device_t *dev = &m->device[n];

    dev->random = m->source[n].seed;
    dev->pulse_end = IRQSIM_NEVER;
    dev->next = arrival_time(&m->source[n], dev, 0);
}

/* ---- out: pin or message ---- */

static uint64_t arrival_cause(const irqsim_machine_t *m, const device_t *dev, uint64_t k)
{
    if (dev->arrived - k > ARRIVAL_CAUSES)
        k = dev->arrived - ARRIVAL_CAUSES;
    return wide(m, dev->cause[k % ARRIVAL_CAUSES]);
}

static void set_pin(irqsim_machine_t *m, uint32_t n, bool high, uint64_t cause)
{
    device_t *dev = &m->device[n];

    dev->high = high;
    if (irqsim__machine_drive(m, m->source[n].pin, high, n, cause))
        dev->lost_edges++;
}

static void raise_pin(irqsim_machine_t *m, uint32_t n)
{
    device_t *dev = &m->device[n];

    if (dev->high)
        return; /* still the same request */
    dev->rise = dev->arrived - 1;
    if (m->source[n].pulse)
        dev->pulse_end = later(m->g.now, m->source[n].pulse);
    set_pin(m, n, true, arrival_cause(m, dev, dev->rise));
}

static bool compose(const irqsim_machine_t *m, uint32_t n, irqsim_apic_msg_t *msg)
{
    const irqsim_source_desc_t *desc = &m->source[n];
    const device_t *dev = &m->device[n];

    if (desc->wiring == IRQSIM_WIRED_MSI)
        return irqsim_apic_msi_decode(dev->msi_addr, dev->msi_data, msg);
    *msg = (irqsim_apic_msg_t){.dest = desc->cpu, .vector = desc->vector, .assert = 1};
    return true;
}

void irqsim__machine_device_send(irqsim_machine_t *m, uint32_t n)
{
    const bool msi = m->source[n].wiring == IRQSIM_WIRED_MSI;
    device_t *dev = &m->device[n];
    irqsim_apic_msg_t msg;

    if (!dev->unsent || (msi && !dev->msi_on))
        return;
    if (!m->transport->takes_from(m, n)) {
        irqsim__machine_stall(m, sender_device(m, n));
        return;
    }
    dev->unsent = 0;
    if (!compose(m, n, &msg))
        return; /* written to where no APIC listens */
    msg.source = IRQSIM_APIC_FROM_MSI(n);
    msg.cause = dev->arrived ? arrival_cause(m, dev, dev->arrived - 1) : 0;
    m->transport->device(m, n, &msg);
}

/* ---- in: an arrival ---- */

static ASIDE uint32_t say_arrival(irqsim_machine_t *m, uint32_t n, uint32_t job)
{
    const device_t *dev = &m->device[n];

    return (uint32_t)say(m, IRQSIM_EV_ARRIVAL, IRQSIM_NO_CPU, 0, n, job,
                         (uint32_t)(dev->arrived - dev->taken));
}

static void arrive(irqsim_machine_t *m, uint32_t n, uint32_t job)
{
    device_t *dev = &m->device[n];
    const uint64_t k = dev->arrived++;

    dev->cause[k % ARRIVAL_CAUSES] = observed(m) ? say_arrival(m, n, job) : 0;
    if (m->source[n].wiring == IRQSIM_WIRED_PIN) {
        raise_pin(m, n);
    } else {
        dev->unsent = 1;
        irqsim__machine_device_send(m, n);
    }
}

static uint32_t job_of(const irqsim_machine_t *m, uint32_t n, uint64_t k)
{
    const irqsim_source_desc_t *desc = &m->source[n];

    switch (desc->pattern) {
    case IRQSIM_PATTERN_NONE:
        return m->ring[m->ring_of[n]].job[k % INJECTED];
    case IRQSIM_PATTERN_RECORD:
        return desc->record[k].job;
    default:
        return desc->job;
    }
}

/* The pulse is over. If no controller took the request, it is gone, and with it
 * what it stood for; an earlier request's handler would still find that. */
static void end_pulse(irqsim_machine_t *m, uint32_t n)
{
    device_t *dev = &m->device[n];
    const uint32_t line = m->source[n].pin;
    const bool waited = irqsim__machine_requested(m, line);

    dev->pulse_end = IRQSIM_NEVER;
    set_pin(m, n, false, 0);
    if (waited && !irqsim__machine_requested(m, line) && dev->taken >= dev->rise) {
        dev->withdrawn += dev->arrived - dev->taken;
        dev->taken = dev->arrived;
    }
}

void irqsim__machine_device_act(irqsim_machine_t *m, uint32_t n)
{
    device_t *dev = &m->device[n];

    if (dev->pulse_end <= m->g.now) {
        end_pulse(m, n);
    } else {
        const uint64_t k = dev->arrived;
        arrive(m, n, job_of(m, n, k));
        dev->next = arrival_time(&m->source[n], dev, k + 1);
    }
    set_due(m, n);
}

irqsim_status_t irqsim_machine_arrive(irqsim_machine_t *m, uint32_t source, uint32_t job)
{
    if (source >= m->devices)
        return IRQSIM_E_RANGE;
    if (m->source[source].pattern != IRQSIM_PATTERN_NONE)
        return IRQSIM_E_INVAL;

    const device_t *dev = &m->device[source];
    if (dev->arrived - dev->taken >= INJECTED)
        return IRQSIM_E_FULL;
    m->ring[m->ring_of[source]].job[dev->arrived % INJECTED] = job;
    arrive(m, source, job);
    set_due(m, source);
    return IRQSIM_OK;
}

/* ---- registers ---- */

static ASIDE uint64_t say_claim(irqsim_machine_t *m, unsigned cpu, uint32_t n, uint64_t k,
                                bool first)
{
    return say(m, IRQSIM_EV_CLAIM, cpu, arrival_cause(m, &m->device[n], k), n, first, !first);
}

static ASIDE uint32_t claim_next(irqsim_machine_t *m, unsigned cpu, uint32_t n)
{
    device_t *dev = &m->device[n];

    const uint64_t k = dev->taken++;
    const bool first = dev->fresh;
    const uint64_t seq = observed(m) ? say_claim(m, cpu, n, k, first) : 0;
    dev->fresh = 0;
    dev->delivered += first;
    dev->coalesced += !first;
    if (dev->taken == dev->arrived && dev->high && !m->source[n].pulse)
        set_pin(m, n, false, seq);
    return job_of(m, n, k) + 1;
}

static uint32_t status(device_t *dev)
{
    const uint64_t pending = dev->arrived - dev->taken;

    dev->fresh = 1;
    return pending < UINT32_MAX ? (uint32_t)pending : UINT32_MAX;
}

uint32_t irqsim__machine_device_read(irqsim_machine_t *m, unsigned cpu, uint32_t n, uint32_t reg)
{
    device_t *dev = &m->device[n];

    if (reg == IRQSIM_SOURCE_REG_STATUS) /* what interrupts read, before the table */
        return status(dev);
    if (reg == IRQSIM_SOURCE_REG_CLAIM)
        return dev->taken == dev->arrived ? 0 : claim_next(m, cpu, n);
    switch (reg) {
    case IRQSIM_SOURCE_REG_MSI_ADDR:
        return dev->msi_addr;
    case IRQSIM_SOURCE_REG_MSI_DATA:
        return dev->msi_data;
    case IRQSIM_SOURCE_REG_MSI_CTRL:
        return dev->msi_on;
    default:
        return 0;
    }
}

void irqsim__machine_device_write(irqsim_machine_t *m, uint32_t n, uint32_t reg, uint32_t value)
{
    device_t *dev = &m->device[n];

    switch (reg) {
    case IRQSIM_SOURCE_REG_MSI_ADDR:
        dev->msi_addr = value;
        break;
    case IRQSIM_SOURCE_REG_MSI_DATA:
        dev->msi_data = value;
        break;
    case IRQSIM_SOURCE_REG_MSI_CTRL:
        dev->msi_on = value & 1 && m->source[n].wiring == IRQSIM_WIRED_MSI;
        irqsim__machine_device_send(m, n);
        break;
    default:
        break;
    }
}

irqsim_status_t irqsim_machine_counts(const irqsim_machine_t *m, uint32_t source,
                                      irqsim_source_counts_t *counts)
{
    if (source >= m->devices)
        return IRQSIM_E_RANGE;

    const device_t *dev = &m->device[source];
    *counts = (irqsim_source_counts_t){
        .arrived = dev->arrived,
        .delivered = dev->delivered,
        .coalesced = dev->coalesced,
        .withdrawn = dev->withdrawn,
        .pending = dev->arrived - dev->taken,
        .lost_edges = dev->lost_edges,
    };
    return IRQSIM_OK;
}
