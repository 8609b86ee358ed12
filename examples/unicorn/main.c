/* SPDX-License-Identifier: MIT */
/*
 * main.c - a guest on Unicorn with irqsim's chips
 *
 * unicorn_guest IMAGE: a flat image, loaded and entered at 1 MiB + 32. What the
 * guest writes to port E9 goes to stdout; what it writes to port F4 ends the run
 * and is the exit status.
 */
#include <stdlib.h>
#include <string.h>

#include "vm.h"

#define TROUBLE 125

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "unicorn_guest: %s: %s\n", what, why);
    return TROUBLE;
}

/* Bytes loaded, 0 = trouble. */
static size_t load(vm_t *vm, const char *path)
{
    static uint8_t image[VM_RAM_BYTES - VM_LOAD_AT];
    FILE *file = fopen(path, "rb");

    if (!file)
        return 0;
    const size_t bytes = fread(image, 1, sizeof(image), file);
    fclose(file);
    return uc_mem_write(vm->uc, VM_LOAD_AT, image, bytes) == UC_ERR_OK ? bytes : 0;
}

static int run(vm_t *vm, const char *path)
{
    const char *why;

    if (!engine_open(vm, &why))
        return fail("start", why);
    if (!load(vm, path))
        return fail(path, "cannot be loaded");
    engine_set_reg(vm, UC_X86_REG_EIP, VM_LOAD_AT + 32);
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
