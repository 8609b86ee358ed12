#!/bin/sh
# SPDX-License-Identifier: MIT
# plugin.sh PROGRAM PLUGIN FILE - the example's model passes what it supports, and
# that is nearly everything.
set -eu
results=$("$1" conform --model "$2" "$3")
printf '%s\n' "$results"
passed=$(printf '%s\n' "$results" | grep '^ok' | grep -vc '# SKIP')
skipped=$(printf '%s\n' "$results" | grep -c '# SKIP' || true)
[ "$passed" -gt $((20 * skipped)) ]
