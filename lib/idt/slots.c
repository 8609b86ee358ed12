/* SPDX-License-Identifier: MIT */
/*
 * slots.c - what happens when memory refuses: frames slot by slot, then #PF
 */
#include "walk.h"

bool irqsim__idt_raise_missing(const walk_t *w, uint64_t addr, uint32_t error)
{
    w->out->bus_error = w->mem->missing == IRQSIM_MEM_BUS_ERROR;
    if (!w->out->bus_error) {
        w->out->vector = VECTOR_PF;
        w->out->error = error; /* CPU-24: no EXT; P = 0, a refused address is not present */
    }
    w->out->address = addr;
    return false;
}

/* Bytes from `addr` to the last linear address, both included. */
static uint32_t before_end(const walk_t *w, uint64_t addr)
{
    return (uint32_t)(w->linear - addr) + 1;
}

bool irqsim__idt_fetch_around(const walk_t *w, uint64_t addr, void *dst, uint32_t size)
{
    const uint32_t first = before_end(w, addr);

    return fetch(w, addr, dst, first) && fetch(w, 0, (uint8_t *)dst + first, size - first);
}

/* The part at 0 first: those slots of a frame are pushed before the others. */
bool irqsim__idt_store_around(const walk_t *w, uint64_t addr, const void *src, uint32_t size)
{
    const uint32_t first = before_end(w, addr);

    return store(w, 0, (const uint8_t *)src + first, size - first) && store(w, addr, src, first);
}

bool irqsim__idt_push_slots(const walk_t *w, uint64_t addr, const uint8_t *bytes, uint32_t size,
                            unsigned width, uint32_t user)
{
    for (uint32_t at = size; at > 0;) { /* CPU-46: the first push is the highest */
        at -= width;
        const uint64_t slot = (addr + at) & w->linear;
        if (!store(w, slot, bytes + at, width))
            return irqsim__idt_raise_missing(w, slot, PF_ERROR_W | user);
    }
    return true;
}

bool irqsim__idt_pop_slots(const walk_t *w, uint64_t addr, uint8_t *bytes, uint32_t size,
                           unsigned width, uint32_t user)
{
    for (uint32_t at = 0; at < size; at += width) {
        const uint64_t slot = (addr + at) & w->linear;
        if (!fetch(w, slot, bytes + at, width))
            return irqsim__idt_raise_missing(w, slot, user);
    }
    return true;
}
