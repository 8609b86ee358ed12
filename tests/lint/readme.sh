#!/bin/sh
# SPDX-License-Identifier: MIT
# readme.sh PROGRAM SOURCE-DIRECTORY - README's blocks are true
#
#   <!-- file: PATH -->       the block below stands in that file, line by line
#   <!-- output: COMMAND -->  the block below is what COMMAND prints
#
# A line "..." leaves lines out; otherwise lines follow one another. `irqsim` is the
# program; $work is an empty folder.
set -eu
program=$1
cd "$2"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
irqsim() { "$program" "$@"; }

# present BLOCK WHOLE: the block's lines stand in WHOLE in this order
present() {
    awk -v name="$3" '
        NR == FNR { whole[++n] = $0; next }
        $0 == "..." { gap = 1; next }
        {
            for (at++; at <= n && whole[at] != $0 && (gap || started == 0); at++) { }
            if (at > n || whole[at] != $0) {
                printf "README.md: not in %s: %s\n", name, $0
                exit 1
            }
            gap = 0
            started = 1
        }' "$2" "$1"
}

awk -v work="$work" '
    /^<!-- (file|output): .* -->$/ {
        kind = $2; sub(/:/, "", kind)
        what = $0; sub(/^<!-- [a-z]+: /, "", what); sub(/ -->$/, "", what)
        next
    }
    /^```/ && what != "" && !inside { inside = 1; n++; print kind "\t" what > (work "/" n ".what"); next }
    /^```/ && inside { inside = 0; what = ""; next }
    inside { print > (work "/" n ".block") }' README.md

status=0
n=1
while [ -f "$work/$n.what" ]; do
    kind=$(cut -f1 "$work/$n.what")
    what=$(cut -f2 "$work/$n.what")
    case $kind in
    file) cp "$what" "$work/whole" ;;
    output) eval "$what" >"$work/whole" 2>&1 || true ;;
    esac
    present "$work/$n.block" "$work/whole" "$what" || status=1
    n=$((n + 1))
done
[ "$n" -gt 1 ] || { echo "README.md: no block to check"; exit 1; }
exit $status
