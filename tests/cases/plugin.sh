#!/bin/sh
# SPDX-License-Identifier: MIT
# plugin.sh PROGRAM PLUGIN FILE... - the example's model passes every case of the files
# but those that need an ELCR, which it has not; each of these is skipped.
set -eu
program=$1
plugin=$2
shift 2
results=$("$program" conform --model "$plugin" "$@")
printf '%s\n' "$results"
passed=$(printf '%s\n' "$results" | grep '^ok' | grep -vc '# SKIP')
skipped=$(printf '%s\n' "$results" | grep -c '# SKIP' || true)
cases=$(cat "$@" | grep -c '^case ')
with_elcr=$(cat "$@" | grep -c '^board .*elcr=1\|^variant elcr')
[ "$skipped" -eq "$with_elcr" ] && [ $((passed + skipped)) -eq "$cases" ]
