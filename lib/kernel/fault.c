/* SPDX-License-Identifier: MIT */
/*
 * fault.c - page faults: the memory that a user task has, and do_page_fault()
 *
 * The machine has no paging, so what a page table would hold is kept per task: a
 * bit for each page of three areas. A first access faults, the page is mapped, and
 * the instruction is executed again.
 */
#include "traps.h"

enum { PAGE_SHIFT = 12, AREA_PAGES = 16, LAST_PAGE = AREA_PAGES - 1 };
enum { SEGV_MAPERR = 1, SEGV_ACCERR = 2, BUS_ADRERR = 2 };

/* What kuser_t.page holds; text is always there. */
enum { DATA_PAGES, FILE_PAGES, STACK_PAGES, TEXT_PAGES };

/* A vm_area. `backed` pages of it exist: a mapped file may be shorter than its area. */
typedef struct area {
    uint32_t first, end;
    uint8_t pages, writable, backed;
} area_t;

static const area_t areas[] = {
    {IRQSIM_USER_TEXT, 0x0804C000, TEXT_PAGES, 0, AREA_PAGES},
    {0x0804C000, 0x0805C000, DATA_PAGES, 1, AREA_PAGES},
    {0x40000000, 0x40010000, FILE_PAGES, 1, AREA_PAGES / 2},
    {0xBFFF0000, TASK_SIZE, STACK_PAGES, 1, AREA_PAGES},
};

static const area_t *find_area(uint32_t address)
{
    for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++)
        if (address >= areas[i].first && address < areas[i].end)
            return &areas[i];
    return NULL;
}

static uint32_t page_in(const area_t *area, uint32_t address)
{
    return (address - area->first) >> PAGE_SHIFT;
}

static bool is_present(const kuser_t *u, const area_t *area, uint32_t address)
{
    return area->pages == TEXT_PAGES || u->page[area->pages] >> page_in(area, address) & 1;
}

/* exec() puts arguments on the stack's last page. */
void irqsim__kernel_first_pages(kuser_t *u)
{
    u->page[STACK_PAGES] = 1u << LAST_PAGE;
}

/* ---- the CPU's side ---- */

/* What a page walk finds: CPU-24's P bit if there is a page, but not for this. */
static bool refused(const kuser_t *u, uint32_t address, uint32_t error, uint32_t *found)
{
    const area_t *const area = find_area(address);
    const bool present = address >= TASK_SIZE || (area && is_present(u, area, address));

    *found = error | (present ? PF_ERROR_P : 0);
    if (!present)
        return true;
    return area ? (error & PF_ERROR_W) && !area->writable : (error & PF_ERROR_U) != 0;
}

bool irqsim__kernel_access(irqsim_kernel_t *k, kcpu_t *c, unsigned length, uint32_t address,
                           uint32_t write)
{
    const uint32_t user = irqsim_machine_cpu(k->m, c->nr)->regs.cpl == 3 ? PF_ERROR_U : 0;
    uint32_t error;

    if (!refused(user_of(k, current_task(k, c)), address, user | write, &error))
        return true;
    irqsim_guest_raise(k->m, c->nr, length, VECTOR_PF, error, address);
    return false;
}

/* ---- the kernel's side ---- */

static void say_page_fault(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f, bool user)
{
    irqsim__kernel_emit(k, c, user ? IRQSIM_EV_PAGE_FAULT_USER : IRQSIM_EV_PAGE_FAULT_KERNEL,
                        irqsim__kernel_frame_cause(k, f), f->v.trap.address,
                        irqsim__kernel_reg(k, c, f->v.trap.regs, REGS_EIP), f->v.trap.error);
}

/* Nobody's memory, or not for this: a signal, a line of the exception table, death. */
static fate_t bad_area(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f, unsigned signal,
                       uint32_t code)
{
    if (!irqsim__kernel_user_mode(k, c, f->v.trap.regs))
        return irqsim__kernel_fixup(k, c, f, f->v.trap.regs) ? RETURNS : DIES;
    irqsim__kernel_force_sig(k, c, f, signal, code);
    return RETURNS;
}

static fate_t map_page(irqsim_kernel_t *k, kcpu_t *c, const frame_t *f, const area_t *area)
{
    const uint32_t page = page_in(area, f->v.trap.address);

    if (page >= area->backed)
        return bad_area(k, c, f, SIGBUS, BUS_ADRERR);
    user_of(k, current_task(k, c))->page[area->pages] |= (uint16_t)(1u << page);
    irqsim__kernel_emit(k, c, IRQSIM_EV_PAGE_MAPPED, irqsim__kernel_frame_cause(k, f),
                        f->v.trap.address, c->current, 0);
    return RETURNS;
}

/* EXC-08: SEGV_MAPERR where there is nothing, SEGV_ACCERR where it is not allowed. An
 * interrupt and a kernel thread have no memory to look in (EXC-09). */
fate_t irqsim__kernel_do_page_fault(irqsim_kernel_t *k, kcpu_t *c, frame_t *f)
{
    const bool nobodys = in_interrupt(c) || current_task(k, c)->kind != IRQSIM_TASK_USER;
    const area_t *const area = nobodys ? NULL : find_area(f->v.trap.address);

    say_page_fault(k, c, f, irqsim__kernel_user_mode(k, c, f->v.trap.regs));
    if (!area)
        return bad_area(k, c, f, SIGSEGV, SEGV_MAPERR);
    if (f->v.trap.error & PF_ERROR_P)
        return bad_area(k, c, f, SIGSEGV, SEGV_ACCERR);
    return map_page(k, c, f, area);
}
