#!/bin/sh
# SPDX-License-Identifier: MIT
# fuzz.sh PROGRAM CORPUS - searches for FUZZ_SECONDS; what it finds stays beside the
# program, in the build directory.
set -eu
found=$1.found
mkdir -p "$found"
exec "$1" -max_total_time="${FUZZ_SECONDS:-40}" -timeout=10 -artifact_prefix="$found/" \
    -print_final_stats=1 "$found" "$2"
