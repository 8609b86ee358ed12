#!/bin/sh
# SPDX-License-Identifier: MIT
# globals.sh NM OBJECT... - no object of the library has writable data.
set -eu
nm=$1
shift
writable=$("$nm" -A --format=sysv "$@" | awk -F'|' '
    $NF !~ /^ *(\.data|\.bss|\.tbss|\.tdata|\*COM\*)/ || $NF ~ /\.data\.rel\.ro/ { next }
    $1 ~ /:(\.L|L)?_*(ubsan|asan|odr_asan|sancov|__sancov|___asan|llvm)/ { next }
    $5 ~ /SECTION/ || $4 ~ /SECTION/ { next }
    { print $1, $NF }')
if [ -n "$writable" ]; then
    printf 'writable data in lib/:\n%s\n' "$writable"
    exit 1
fi
