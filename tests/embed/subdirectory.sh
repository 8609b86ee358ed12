#!/bin/sh
# SPDX-License-Identifier: MIT
# subdirectory.sh CMAKE SOURCE BUILD CC CFLAGS - add_subdirectory, core alone.
set -eu
build=$3/embed/subdirectory
"$1" -S "$2/tests/embed/subdirectory" -B "$build" -DIRQSIM_SOURCE="$2" \
    -DCMAKE_C_COMPILER="$4" -DCMAKE_C_FLAGS="$5"
"$1" --build "$build" --target consumer
"$build/consumer"
