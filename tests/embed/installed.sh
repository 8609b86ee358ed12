#!/bin/sh
# SPDX-License-Identifier: MIT
# installed.sh CMAKE SOURCE BUILD CC CFLAGS - install into an empty prefix, then be
# found there by find_package and by pkg-config.
set -eu
prefix=$3/embed/prefix
build=$3/embed/installed
rm -rf "$prefix" "$build"
"$1" --install "$3" --prefix "$prefix"
"$1" -S "$2/tests/embed/installed" -B "$build" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_C_COMPILER="$4" -DCMAKE_C_FLAGS="$5"
"$1" --build "$build"
"$build/consumer"
"$build/consumer_all"

pc=$(find "$prefix" -name irqsim.pc)
PKG_CONFIG_PATH=$(dirname "$pc")
export PKG_CONFIG_PATH
libdir=$(pkg-config --variable=libdir irqsim)
# $5 and pkg-config's answers are lists of words
"$4" $5 "$2/tests/embed/consumer.c" -o "$build/by-pkg-config" \
    $(pkg-config --cflags --libs --static irqsim) "-Wl,-rpath,$libdir"
"$build/by-pkg-config"
