#!/bin/sh
# SPDX-License-Identifier: MIT
# format.sh CLANG-FORMAT SOURCE-TREE - the tree is as clang-format leaves it.
set -eu
cd "$2"
differ=$(find lib include cli examples bench tests -name '*.[ch]' |
    xargs "$1" --dry-run -Werror 2>&1 | awk -F: '/: error: / { print $1 }' | sort -u)
if [ -n "$differ" ]; then
    printf 'not formatted:\n%s\n' "$differ"
    exit 1
fi
