/* SPDX-License-Identifier: MIT */
/*
 * sim_save.c - a whole simulation as bytes: "SIM ", the machine, the kernel
 */
#include <stdlib.h>
#include <string.h>

#include "sim_int.h"

#define VERSION 1

static void mix(uint64_t *hash, const void *bytes, size_t n)
{
    for (const unsigned char *p = bytes; n > 0; n--, p++)
        *hash = (*hash ^ *p) * UINT64_C(1099511628211); /* FNV-1a */
}

static void mix_number(uint64_t *hash, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++, value >>= 8)
        mix(hash, &(unsigned char){(unsigned char)value}, 1);
}

static void mix_list(uint64_t *hash, const irqsim_arrivals_t *list)
{
    mix_number(hash, list->n_records);
    for (uint64_t i = 0; i < list->n_records; i++) {
        const irqsim_record_t *const r = &list->record[i];

        mix_number(hash, r->time_ns);
        mix_number(hash, r->takes_ns);
        mix_number(hash, (uint64_t)r->number << 32 | (uint64_t)r->cpu << 16 | r->kind);
        mix_number(hash, r->depth);
        mix(hash, list->name[r->name], strlen(list->name[r->name]));
    }
}

/* Which simulation a snapshot belongs to: one of the same scenario and lists. */
uint64_t irqsim__scenario_sim_identity(const irqsim_sim_t *sim)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    mix(&hash, sim->scenario->text, strlen(sim->scenario->text));
    for (uint32_t i = 0; i < sim->n_files; i++)
        mix_list(&hash, sim->file[i].list);
    if (sim->list)
        mix_list(&hash, sim->list);
    return hash;
}

/* Block "SIM ". */
typedef struct head {
    uint64_t identity, seq, settle;
} head_t;

static const irqsim_field_t head_fields[] = {
    IRQSIM_FIELD_ONE(head_t, identity),
    IRQSIM_FIELD_ONE(head_t, seq),
    IRQSIM_FIELD_ONE(head_t, settle),
};
static const irqsim_layout_t head_layout = IRQSIM_LAYOUT(head_t, head_fields);

static irqsim_status_t put_all(const irqsim_sim_t *sim, irqsim_snap_t *snap)
{
    const head_t head = {sim->identity, sim->seq, sim->settle};

    irqsim_snap_begin(snap, "SIM ", VERSION);
    irqsim_snap_put(snap, &head_layout, &head, 1);
    irqsim_snap_end(snap);
    irqsim_status_t status = irqsim_machine_save(sim->machine, snap);
    if (status == IRQSIM_OK)
        status = irqsim_kernel_save(sim->kernel, snap);
    return status == IRQSIM_OK ? snap->status : status;
}

irqsim_status_t irqsim_sim_save(const irqsim_sim_t *sim, void **bytes, size_t *size)
{
    irqsim_snap_t snap = {.buf = NULL};
    irqsim_status_t status = put_all(sim, &snap);

    if (status != IRQSIM_OK)
        return status;
    const size_t room = snap.used;
    uint8_t *const buf = malloc(room);
    if (!buf)
        return IRQSIM_E_NOMEM;
    snap = (irqsim_snap_t){.buf = buf, .size = room};
    status = put_all(sim, &snap);
    if (status != IRQSIM_OK) {
        free(buf);
        return status;
    }
    *bytes = buf;
    *size = snap.used;
    return IRQSIM_OK;
}

static irqsim_status_t get_all(irqsim_sim_t *sim, irqsim_snap_t *snap)
{
    head_t head = {0};

    irqsim_snap_open(snap, "SIM ", VERSION);
    irqsim_snap_get(snap, &head_layout, &head, 1);
    irqsim_snap_close(snap);
    if (snap->status != IRQSIM_OK)
        return snap->status;
    if (head.identity != sim->identity) {
        snap->where = "identity: it is of another scenario or other arrivals";
        return IRQSIM_E_FORMAT;
    }
    irqsim_status_t status = irqsim_machine_load(sim->machine, snap);
    if (status == IRQSIM_OK)
        status = irqsim_kernel_load(sim->kernel, snap);
    if (status == IRQSIM_OK && snap->used != snap->size) {
        snap->where = "end: more bytes follow";
        status = IRQSIM_E_FORMAT;
    }
    if (status != IRQSIM_OK)
        return status;
    sim->seq = head.seq;
    sim->settle = head.settle;
    return IRQSIM_OK;
}

static void tell(const irqsim_diag_sink_t *diag, const char *where)
{
    if (diag && diag->report)
        diag->report(diag->user, &(irqsim_diag_t){.severity = IRQSIM_ERROR,
                                                  .file = "snapshot",
                                                  .path = where ? where : "",
                                                  .message = "not a snapshot of this simulation",
                                                  .hint = ""});
}

/* Machine and kernel each change nothing on error, but the machine may be loaded
 * when the kernel is refused: then both go back to what they were. */
irqsim_status_t irqsim_sim_load(irqsim_sim_t *sim, const void *bytes, size_t size,
                                const irqsim_diag_sink_t *diag)
{
    void *before;
    size_t before_size;
    irqsim_status_t status = irqsim_sim_save(sim, &before, &before_size);

    if (status != IRQSIM_OK)
        return status;
    /* reading leaves the buffer as it is */
    irqsim_snap_t snap = {.buf = (uint8_t *)bytes, .size = size, .reading = true};
    status = get_all(sim, &snap);
    if (status != IRQSIM_OK) {
        irqsim_snap_t back = {.buf = before, .size = before_size, .reading = true};

        tell(diag, snap.where);
        if (get_all(sim, &back) != IRQSIM_OK)
            status = IRQSIM_E_INTERNAL;
    }
    free(before);
    return status;
}
