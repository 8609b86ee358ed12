#!/bin/sh
# SPDX-License-Identifier: MIT
# spdx.sh SOURCE-TREE - every source file names its licence in its first lines.
set -eu
cd "$1"
missing=$(find lib include cli examples bench tests cmake CMakeLists.txt \
    \( -name '*.[ch]' -o -name '*.def' -o -name '*.sh' -o -name '*.cmake' \
       -o -name CMakeLists.txt \) -type f 2>/dev/null |
    while read -r file; do
        head -n 2 "$file" | grep -q 'SPDX-License-Identifier: MIT' || echo "$file"
    done)
if [ -n "$missing" ]; then
    printf 'no SPDX line:\n%s\n' "$missing"
    exit 1
fi
