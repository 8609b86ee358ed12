/* SPDX-License-Identifier: MIT */
/*
 * main.c - a guest on Unicorn with irqsim's chips
 *
 * unicorn_guest IMAGE: a flat image with a multiboot header, loaded at 1 MiB. What the
 * guest writes to port E9 goes to stdout; what it writes to port F4 ends the run
 * and is the exit status.
 */
#include "vm.h"

#define TROUBLE         125 /* exit status; the guest's own are its business */
#define MULTIBOOT_ENTRY 28  /* bytes into the header */

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "unicorn_guest: %s: %s\n", what, why);
    return TROUBLE;
}

/* The address at which the guest starts, 0 = there is no such image. */
static uint32_t load(vm_t *vm, const char *path)
{
    static uint8_t image[VM_RAM_BYTES - VM_LOAD_AT];
    FILE *file = fopen(path, "rb");
    uint32_t entry = 0;

    if (!file)
        return 0;
    const size_t bytes = fread(image, 1, sizeof(image), file);
    fclose(file);
    if (uc_mem_write(vm->uc, VM_LOAD_AT, image, bytes) == UC_ERR_OK)
        uc_mem_read(vm->uc, VM_LOAD_AT + MULTIBOOT_ENTRY, &entry, sizeof(entry));
    return entry;
}

static int run(vm_t *vm, const char *path)
{
    const char *why;

    if (!engine_open(vm, &why))
        return fail("start", why);
    const uint32_t entry = load(vm, path);
    if (!entry)
        return fail(path, "is no image");
    engine_set_reg(vm, UC_X86_REG_EIP, entry);
    why = vm_run(vm);
    if (why)
        return fail(path, why);
    return vm->board.exit_code;
}

int main(int argc, char **argv)
{
    static vm_t vm;

    if (argc != 2)
        return fail("usage", "unicorn_guest IMAGE");
    board_init(&vm.board, stdout);
    const int status = run(&vm, argv[1]);
    engine_close(&vm);
    return status;
}
