/* SPDX-License-Identifier: MIT */
/*
 * segment.c - descriptors in their tables, stacks in their segments
 */
#include "idt_int.h"

bool irqsim__idt_raise_page_fault(const walk_t *w, uint32_t addr, uint32_t error)
{
    w->out->vector = VECTOR_PF;
    w->out->error = error; /* CPU-24: no EXT; P = 0, a refused address is not present */
    w->out->address = addr;
    return false;
}

bool irqsim__idt_locate(const irqsim_cpustate_t *state, uint16_t selector, uint32_t *addr)
{
    const irqsim_dtr_t *table = selector & SELECTOR_TI ? &state->ldtr : &state->gdtr;
    const uint32_t offset = selector & ~7u;
    *addr = (uint32_t)table->base + offset;
    return offset + DESC_SIZE - 1 <= table->limit;
}

bool irqsim__idt_descriptor(const walk_t *w, uint16_t selector, uint8_t vector, uint64_t *desc)
{
    uint32_t addr;
    if (!irqsim__idt_locate(w->state, selector, &addr))
        return raise_selector(w, vector, selector);
    return read_descriptor(w, addr, desc);
}

void irqsim__idt_stack(uint64_t desc, uint8_t cpl, stack_t *stack)
{
    if (!desc)
        desc = DESC_FLAT_DATA32(0);
    stack->base = desc_base(desc);
    stack->mask = desc >> 52 & DESC_FLAG_DB ? 0xFFFFFFFFu : 0xFFFFu;
    stack->error = cpl == 3 ? PF_ERROR_U : 0;
    if (desc_access(desc) & DESC_EXPANDDOWN) {
        stack->low = (uint64_t)desc_limit(desc) + 1;
        stack->high = stack->mask;
    } else {
        stack->low = 0;
        stack->high = desc_limit(desc);
    }
}

bool irqsim__idt_stack_holds(const stack_t *stack, uint32_t sp, uint32_t bytes)
{
    const uint64_t first = sp & stack->mask;
    return first >= stack->low && first + bytes - 1 <= stack->high;
}

bool irqsim__idt_push(const walk_t *w, const stack_t *stack, uint32_t sp, const uint32_t *slots,
                      unsigned count)
{
    const irqsim_mem_t *mem = w->mem;
    const uint32_t addr = stack->base + (sp & stack->mask);
    uint8_t bytes[4 * FRAME_SLOTS_MAX];

    for (unsigned i = 0; i < count; i++)
        store32(&bytes[4 * i], slots[i]);
    if (mem->write(mem->user, addr, bytes, 4 * count))
        return true;
    for (unsigned i = count; i-- > 0;) /* CPU-46: the first push is the highest */
        if (!mem->write(mem->user, addr + 4 * i, &bytes[4 * i], 4))
            return irqsim__idt_raise_page_fault(w, addr + 4 * i, PF_ERROR_W | stack->error);
    return true;
}

static bool pop_bytes(const walk_t *w, const stack_t *stack, uint32_t sp, uint8_t *bytes,
                      unsigned count)
{
    const irqsim_mem_t *mem = w->mem;
    const uint32_t addr = stack->base + (sp & stack->mask);

    if (mem->read(mem->user, addr, bytes, 4 * count))
        return true;
    for (unsigned i = 0; i < count; i++)
        if (!mem->read(mem->user, addr + 4 * i, &bytes[4 * i], 4))
            return irqsim__idt_raise_page_fault(w, addr + 4 * i, stack->error);
    return true;
}

bool irqsim__idt_pop(const walk_t *w, const stack_t *stack, uint32_t sp, uint32_t *slots,
                     unsigned count)
{
    uint8_t bytes[4 * FRAME_SLOTS_MAX];
    if (!pop_bytes(w, stack, sp, bytes, count))
        return false;
    for (unsigned i = 0; i < count; i++)
        slots[i] = load32(&bytes[4 * i]);
    return true;
}
