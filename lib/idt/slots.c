/* SPDX-License-Identifier: MIT */
/*
 * slots.c - what happens when memory refuses: frames slot by slot, then #PF
 */
#include "walk.h"

bool irqsim__idt_raise_missing(const walk_t *w, uint64_t addr, uint32_t error)
{
    const uint32_t present = w->out->error & PF_ERROR_P; /* is_allowed() left it */

    w->out->bus_error = !present && w->mem->missing == IRQSIM_MEM_BUS_ERROR;
    if (!w->out->bus_error) {
        w->out->vector = VECTOR_PF;
        w->out->error = error | present; /* CPU-24: no EXT; a refused address is not present */
    }
    w->out->address = addr;
    return false;
}

/* Notes for a #PF that may come of it whether the address is there. */
static bool is_allowed(const walk_t *w, uint64_t addr, uint32_t size, uint32_t access)
{
    const bool allowed = irqsim_mem_allows(w->mem, addr, size, access);

    w->out->error = allowed ? 0 : PF_ERROR_P;
    return allowed;
}

/* Bytes of an access that lie before the last linear address or on it. */
static uint32_t before_end(const walk_t *w, uint64_t addr, uint32_t size)
{
    return size - 1 > w->linear - addr ? (uint32_t)(w->linear - addr) + 1 : size;
}

bool irqsim__idt_ask_read(const walk_t *w, uint64_t addr, void *dst, uint32_t size, uint32_t user)
{
    const uint32_t first = before_end(w, addr, size);

    if (first < size)
        return fetch(w, addr, dst, first, user) &&
               fetch(w, 0, (uint8_t *)dst + first, size - first, user);
    return is_allowed(w, addr, size, user) && irqsim_mem_read(w->mem, addr, dst, size);
}

/* The part at 0 first: those slots of a frame are pushed before the others. */
bool irqsim__idt_ask_write(const walk_t *w, uint64_t addr, const void *src, uint32_t size,
                           uint32_t user)
{
    const uint32_t first = before_end(w, addr, size);

    if (first < size)
        return store(w, 0, (const uint8_t *)src + first, size - first, user) &&
               store(w, addr, src, first, user);
    return is_allowed(w, addr, size, PF_ERROR_W | user) &&
           irqsim_mem_write(w->mem, addr, src, size);
}

bool irqsim__idt_push_slots(const walk_t *w, uint64_t addr, const uint8_t *bytes, uint32_t size,
                            unsigned width, uint32_t user)
{
    for (uint32_t at = size; at > 0;) { /* CPU-46: the first push is the highest */
        at -= width;
        const uint64_t slot = (addr + at) & w->linear;
        if (!store(w, slot, bytes + at, width, user))
            return irqsim__idt_raise_missing(w, slot, PF_ERROR_W | user);
    }
    return true;
}

bool irqsim__idt_pop_slots(const walk_t *w, uint64_t addr, uint8_t *bytes, uint32_t size,
                           unsigned width, uint32_t user)
{
    for (uint32_t at = 0; at < size; at += width) {
        const uint64_t slot = (addr + at) & w->linear;
        if (!fetch(w, slot, bytes + at, width, user))
            return irqsim__idt_raise_missing(w, slot, user);
    }
    return true;
}
