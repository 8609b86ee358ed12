/* SPDX-License-Identifier: MIT */
/*
 * oldfault.c - two things that Unicorn 2.0 keeps about its last exception
 *
 * The error code, which its hook does not tell; and which exception it was, so
 * that the next one can become #DF. That memory ends when an exception has been
 * delivered; here irqsim delivers it, so Unicorn never forgets: the second page
 * fault of a guest would be a double fault. Both are in the bytes that
 * uc_context_save() copies. Where, a trial tells: a #GP with a known error code.
 */
#include "vm.h"

#include <string.h>

#define TRIAL_EIP   0x1000u
#define TRIAL_ERROR 0x5A58u /* a selector behind the end of any table */
#define TRIAL_FAULT 13u
#define NO_FAULT    UINT32_MAX

static void ignore(uc_engine *uc, uint32_t vector, void *user)
{
    (void)vector;
    (void)user;
    uc_emu_stop(uc);
}

/* Contexts before and after MOV FS, AX has raised #GP(TRIAL_ERROR). */
static bool trial(uc_engine *uc, uc_context *before, uc_context *after)
{
    static const uint8_t mov_fs_ax[] = {0x8E, 0xE0};
    const uint32_t selector = TRIAL_ERROR;
    uc_hook hook;

    return uc_mem_map(uc, 0, 2 * TRIAL_EIP, UC_PROT_ALL) == UC_ERR_OK &&
           uc_mem_write(uc, TRIAL_EIP, mov_fs_ax, sizeof(mov_fs_ax)) == UC_ERR_OK &&
           uc_reg_write(uc, UC_X86_REG_EAX, &selector) == UC_ERR_OK &&
           uc_hook_add(uc, &hook, UC_HOOK_INTR, CALLBACK(ignore), NULL, 1, 0) == UC_ERR_OK &&
           uc_context_save(uc, before) == UC_ERR_OK &&
           uc_emu_start(uc, TRIAL_EIP, 0, 0, 1) == UC_ERR_OK &&
           uc_context_save(uc, after) == UC_ERR_OK;
}

static uint32_t word(const uc_context *context, size_t at)
{
    uint32_t value;

    memcpy(&value, (const char *)context + at, sizeof(value));
    return value;
}

/* The one place that changed from `was` to `is`; 0 if there are none or several. */
static size_t place(const uc_context *before, const uc_context *after, size_t bytes, uint32_t was,
                    uint32_t is)
{
    size_t found = 0;
    unsigned places = 0;

    for (size_t at = 0; at + sizeof(uint32_t) <= bytes; at += sizeof(uint32_t))
        if (word(before, at) == was && word(after, at) == is) {
            found = at;
            places++;
        }
    return places == 1 ? found : 0;
}

bool oldfault_find(vm_t *vm)
{
    uc_engine *uc = NULL;
    uc_context *before = NULL, *after = NULL;

    if (uc_open(UC_ARCH_X86, UC_MODE_32, &uc) == UC_ERR_OK &&
        uc_context_alloc(uc, &before) == UC_ERR_OK && uc_context_alloc(uc, &after) == UC_ERR_OK &&
        trial(uc, before, after)) {
        const size_t bytes = uc_context_size(uc);
        vm->error_code_at = place(before, after, bytes, 0, TRIAL_ERROR);
        vm->old_fault_at = place(before, after, bytes, NO_FAULT, TRIAL_FAULT);
    }
    uc_context_free(before);
    uc_context_free(after);
    if (uc)
        uc_close(uc);
    return vm->error_code_at && vm->old_fault_at;
}

uint32_t oldfault_error(vm_t *vm)
{
    uc_context_save(vm->uc, vm->context);
    return word(vm->context, vm->error_code_at);
}

void oldfault_forget(vm_t *vm)
{
    const uint32_t none = NO_FAULT;

    uc_context_save(vm->uc, vm->context);
    memcpy((char *)vm->context + vm->old_fault_at, &none, sizeof(none));
    uc_context_restore(vm->uc, vm->context);
}
