#!/bin/sh
# SPDX-License-Identifier: MIT
# globals.sh NM OBJECT... - no object of the library has writable data.
set -eu
nm=$1
shift
writable=$("$nm" -A --format=sysv "$@" | awk -F'|' '
    $NF !~ /^ *(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ || $NF ~ /\.data\.rel\.ro/ { next }
    # descriptors that sanitizers and coverage lay down
    $1 ~ /:[ _]*(\.L|L)?_*(asan|odr_asan|ubsan|sancov|llvm|unnamed_)/ { next }
    { print $1, $NF }')
if [ -n "$writable" ]; then
    printf 'writable data in lib/:\n%s\n' "$writable"
    exit 1
fi
