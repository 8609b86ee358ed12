#!/bin/sh
# SPDX-License-Identifier: MIT
# check.sh PROGRAM SOURCE - runs an example and compares what it prints with the
# lines after " * Prints:" in the head comment of its source.
set -eu
expected=$(awk '/^ \*\/$/ { exit } on { sub(/^ \*/, ""); sub(/^   /, ""); print } /^ \* Prints:$/ { on = 1 }' "$2")
printed=$("$1")
if [ "$printed" != "$expected" ]; then
    printf 'expected:\n%s\nprinted:\n%s\n' "$expected" "$printed"
    exit 1
fi
