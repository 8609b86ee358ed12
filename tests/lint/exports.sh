#!/bin/sh
# SPDX-License-Identifier: MIT
# exports.sh NM LIBRARY - the shared library exports irqsim_* and nothing else; of
# the static one, what others can link against starts the same way.
set -eu
case $2 in
*.a) symbols=$("$1" -g --defined-only "$2") ;;
*) symbols=$("$1" -D --defined-only "$2" | grep -v ' A ') ;;
esac
printf '%s\n' "$symbols" | awk -v library="$2" '
    NF != 3 { next }
    { n++; sub(/@.*/, "", $3) }
    $3 !~ /^irqsim_/ || (library !~ /\.a$/ && $3 ~ /^irqsim__/) {
        print "exported:", $3; bad = 1
    }
    END { if (!n) { print "nothing exported: wrong library?"; bad = 1 } exit bad }'
