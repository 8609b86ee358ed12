/* SPDX-License-Identifier: MIT */
/* outfile.c - never overwrite silently, never overwrite what is being read */
#include <sys/stat.h>

#include "cli.h"

static bool same_file(const struct stat *a, const char *path)
{
    struct stat b;

    return path && stat(path, &b) == 0 && a->st_dev == b.st_dev && a->st_ino == b.st_ino;
}

int may_write(const call_t *call, const char *path)
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
