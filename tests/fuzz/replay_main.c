/* SPDX-License-Identifier: MIT */
/* replay_main.c - runs a fuzz harness over the files of its corpus, without a fuzzer */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
    static uint8_t bytes[1 << 20];
    FILE *file = fopen(path, "rb");

    if (!file) {
        perror(path);
        return EXIT_FAILURE;
    }
    const size_t size = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    /* A copy of the exact size, so that a sanitizer sees a read past its end. */
    uint8_t *exact = malloc(size ? size : 1);
    if (!exact)
        return EXIT_FAILURE;
    for (size_t i = 0; i < size; i++)
        exact[i] = bytes[i];
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    int failed = argc < 2 ? EXIT_FAILURE : EXIT_SUCCESS; /* an empty corpus proves nothing */

    for (int i = 1; i < argc; i++)
        failed |= replay(argv[i]);
    return failed;
}
