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

bool irqsim__idt_push_slots(const walk_t *w, uint64_t addr, const uint8_t *bytes, uint32_t size,
                            unsigned width, uint32_t user)
{
    for (uint32_t at = size; at > 0;) { /* CPU-46: the first push is the highest */
        at -= width;
        if (!store(w, addr + at, bytes + at, width))
            return irqsim__idt_raise_missing(w, addr + at, PF_ERROR_W | user);
    }
    return true;
}

bool irqsim__idt_pop_slots(const walk_t *w, uint64_t addr, uint8_t *bytes, uint32_t size,
                           unsigned width, uint32_t user)
{
    for (uint32_t at = 0; at < size; at += width)
        if (!fetch(w, addr + at, bytes + at, width))
            return irqsim__idt_raise_missing(w, addr + at, user);
    return true;
}
