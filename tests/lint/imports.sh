#!/bin/sh
# SPDX-License-Identifier: MIT
# imports.sh NM OBJECT... - core and kernel import memcpy, memset, memmove and
# memcmp from outside, and nothing else (law 7).
set -eu
nm=$1
shift
foreign=$({ "$nm" -g --defined-only "$@" | awk 'NF == 3 { print "defined", $3 }'
            "$nm" -u "$@" | awk '/ U / { print "used", $2 }'; } |
    awk '$1 == "defined" { ours[$2] = 1; next }
         # what compilers and sanitizers add by themselves
         $2 ~ /^(__asan_|__ubsan_|__sanitizer_|__sancov_|__stack_chk_|__gcov|_GLOBAL_OFFSET_TABLE_)/ { next }
         $2 ~ /^__[a-z]+[sdt]i[0-9]$/ { next } # such as __popcountdi2
         # clang writes memcmp(...) == 0 as bcmp
         $2 ~ /^mem(cpy|set|move|cmp)$|^bcmp$/ { next }
         !($2 in ours) { print $2 }' | sort -u)
if [ -n "$foreign" ]; then
    printf 'core or kernel import from outside:\n%s\n' "$foreign"
    exit 1
fi
