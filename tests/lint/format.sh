#!/bin/sh
# SPDX-License-Identifier: MIT
# format.sh CLANG-FORMAT SOURCE-TREE - the tree is as clang-format leaves it.
set -eu
cd "$2"
find lib include cli examples bench tests -name '*.[ch]' 2>/dev/null | xargs "$1" --dry-run -Werror
