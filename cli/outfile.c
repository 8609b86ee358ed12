/* SPDX-License-Identifier: MIT */
/* outfile.c - never overwrite silently, never overwrite what is being read */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

static bool same_file(const struct stat *a, const char *path)
{
    struct stat b;

    return path && stat(path, &b) == 0 && a->st_dev == b.st_dev && a->st_ino == b.st_ino;
}

static int check_path(const call_t *call, const char *path)
{
    struct stat there;

    if (stat(path, &there) != 0)
        return -1;
    if (same_file(&there, call->operand) || same_file(&there, call->value[OPT_ON])) {
        complain("'%s' is read by this command, it cannot be its output too", path);
        return EXIT_USAGE;
    }
    if (S_ISDIR(there.st_mode)) {
        complain("'%s' is a directory", path);
        return EXIT_USAGE;
    }
    if (call->given[OPT_FORCE] || !S_ISREG(there.st_mode))
        return -1;
    complain("'%s' exists already", path);
    hint("--force replaces it");
    return EXIT_USAGE;
}

/* The library lets a file grow as NAME.part and renames it. */
int may_write(const call_t *call, const char *path)
{
    char *part = malloc(strlen(path) + sizeof(".part"));
    int code = check_path(call, path);

    if (!part)
        return fail(NULL, path, IRQSIM_E_NOMEM);
    strcat(strcpy(part, path), ".part");
    if (code < 0)
        code = check_path(call, part);
    free(part);
    return code;
}
