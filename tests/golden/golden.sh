#!/bin/sh
# SPDX-License-Identifier: MIT
# golden.sh PROGRAM SOURCE-DIRECTORY [rebase]
#
# Law 1: the same scenario gives the same bytes with every compiler, at every
# optimisation, with and without sanitizers. Each build records the traces below
# and compares their digests with traces.sha256; `rebase` writes that file anew
# (say in the commit why the model changed).
#
# Digests are of what the trace's blocks hold, not of deflate's output, which
# may differ between versions of zlib.
set -eu
program=$1
source=$2
here=$source/tests/golden
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$source"

digest() {
    printf '%s  %s\n' "$(gzip -dc "$work/trace" | sha256sum | cut -d' ' -f1)" "$1"
}

# quiet COMMAND...: its output only if it fails
quiet() {
    "$@" >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }
}

for scenario in one_device shared_level self_raising_softirq nested exceptions icc_pairs icc_eoi_race icc_multicast; do
    quiet "$program" run "examples/$scenario.yaml" --trace "$work/trace" --force
    digest "$scenario"
done >"$work/digests"
for capture in ftrace-disk-storm ftrace-timers trace-cmd-disk perf-script-disk; do
    quiet "$program" import "examples/captures/$capture.txt.gz" -o "$work/$capture" --force
    quiet "$program" replay "$work/$capture" --trace "$work/trace" --force
    digest "$capture"
    quiet "$program" replay "$work/$capture" --on examples/i486.yaml --trace "$work/trace" --force
    digest "$capture-i486"
done >>"$work/digests"

if [ "${3:-}" = rebase ]; then
    diff "$here/traces.sha256" "$work/digests" || true
    cp "$work/digests" "$here/traces.sha256"
else
    diff "$here/traces.sha256" "$work/digests"
fi
