/* SPDX-License-Identifier: MIT */
/*
 * memory.c - guest memory as irqsim asks for it: by linear address
 *
 * The walk knows "present" only: a delivery that meets a page which is there but
 * protected is not told so, and no accessed or dirty bits are written.
 */
#include "vm.h"

#define PAGE_PRESENT 0x1u
#define PAGE_LARGE   0x80u
#define PAGE_BYTES   0x1000u

static uint32_t entry(const vm_t *vm, uint32_t table, uint32_t index)
{
    uint32_t value = 0;

    uc_mem_read(vm->uc, (table & ~(PAGE_BYTES - 1)) + 4 * index, &value, sizeof(value));
    return value;
}

static bool translate(const vm_t *vm, uint32_t linear, uint32_t *physical)
{
    *physical = linear;
    if (!vm->cr3)
        return true;
    const uint32_t large = entry(vm, vm->cr3, linear >> 22);
    if (!(large & PAGE_PRESENT))
        return false;
    if (large & PAGE_LARGE) {
        *physical = (large & 0xFFC00000u) | (linear & 0x003FFFFFu);
        return true;
    }
    const uint32_t page = entry(vm, large, linear >> 12 & 0x3FF);
    *physical = (page & ~(PAGE_BYTES - 1)) | (linear & (PAGE_BYTES - 1));
    return page & PAGE_PRESENT;
}

/* What crosses a page is refused: irqsim asks again slot by slot (mem.h). */
static bool within_page(const vm_t *vm, uint64_t linear, unsigned size, uint32_t *physical)
{
    return (linear & (PAGE_BYTES - 1)) + size <= PAGE_BYTES &&
           translate(vm, (uint32_t)linear, physical);
}

static bool read_linear(void *user, uint64_t linear, void *dst, unsigned size)
{
    const vm_t *vm = user;
    uint32_t physical;

    return within_page(vm, linear, size, &physical) &&
           uc_mem_read(vm->uc, physical, dst, size) == UC_ERR_OK;
}

static bool write_linear(void *user, uint64_t linear, const void *src, unsigned size)
{
    const vm_t *vm = user;
    uint32_t physical;

    return within_page(vm, linear, size, &physical) &&
           uc_mem_write(vm->uc, physical, src, size) == UC_ERR_OK;
}

static void set_cr3(void *user, uint64_t cr3)
{
    ((vm_t *)user)->cr3 = (uint32_t)cr3;
}

void memory_init(vm_t *vm)
{
    vm->mem =
        (irqsim_mem_t){.read = read_linear, .write = write_linear, .set_cr3 = set_cr3, .user = vm};
}
