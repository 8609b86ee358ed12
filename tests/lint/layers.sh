#!/bin/sh
# SPDX-License-Identifier: MIT
# layers.sh SOURCE-TREE - compares every #include of lib/, include/ and cli/ with
# the table in layers.txt.
set -eu
table=$(dirname "$0")/layers.txt
cd "$1"
find lib include cli -name '*.[ch]' -o -name '*.def' 2>/dev/null | sort |
    xargs awk -v table="$table" '
    function words(text, into,    n, i, w) {
        n = split(text, w, " ")
        for (i = 1; i <= n; i++)
            into[w[i]] = 1
        return n
    }
    BEGIN {
        words("stdbool.h stddef.h stdint.h limits.h string.h stdalign.h", free)
        words("assert.h ctype.h errno.h inttypes.h locale.h math.h signal.h stdarg.h stdio.h" \
              " stdlib.h time.h unistd.h dlfcn.h fcntl.h getopt.h poll.h sys/select.h sys/socket.h sys/stat.h sys/types.h" \
              " sys/un.h", libc)
        while ((getline line < table) > 0) {
            if (line !~ /^[a-z]/)
                continue
            room = line; sub(/:.*/, "", room)
            rest = line; sub(/[^:]*:/, "", rest)
            split(rest, half, "|")
            owns[room] = half[1]; may[room] = half[2]
            n = split(half[1], own, " ")
            for (i = 1; i <= n; i++)
                owner[own[i]] = room
        }
    }
    # "irqsim/regs/x.h" -> "regs/x"; other names as they are
    function short(name) {
        if (name !~ /^irqsim\//)
            return ""
        sub(/^irqsim\//, "", name); sub(/\.h$/, "", name)
        return name
    }
    function room_of(path,    part) {
        split(path, part, "/")
        if (part[1] == "lib")
            return part[2]
        if (part[1] == "cli")
            return "cli"
        sub(/^include\//, "", path)
        return owner[short(path)]
    }
    function allowed(room, name,    list, n, i, w) {
        if (short(name) != "" && owner[short(name)] == room)
            return 1
        n = split(may[room], w, " ")
        for (i = 1; i <= n; i++)
            if (matches(w[i], name))
                return 1
        return 0
    }
    function matches(word, name,    header) {
        header = short(name)
        if (word == "free")   return name in free
        if (word == "libc")   return name in free || name in libc
        if (word == "zlib")   return name == "zlib.h"
        if (word == "yaml")   return name == "yaml.h"
        if (word == "irqsim/*") return header != ""
        if (word == "regs/*") return header ~ /^regs\//
        if (word ~ /^@/)      return header != "" && owner[header] == substr(word, 2)
        return header == word
    }
    /^[ \t]*#[ \t]*include/ {
        room = room_of(FILENAME)
        name = $0; sub(/^[^<"]*[<"]/, "", name); sub(/[>"].*/, "", name)
        quoted = $0 ~ /"/
        if (FILENAME == "include/irqsim/irqsim.h")
            next # the umbrella includes everything
        if (room == "") {
            printf "%s: belongs to no room of layers.txt\n", FILENAME; bad = 1
        } else if (quoted ? (name ~ /\// || FILENAME ~ /^include/) : !allowed(room, name)) {
            printf "%s:%d: %s may not include %s\n", FILENAME, FNR, room, name; bad = 1
        }
        seen++
    }
    END {
        if (!seen) { print "no #include found: wrong tree?"; bad = 1 }
        exit bad
    }'
# The kernel is a guest: it meets devices through ports, MMIO and MSRs only.
if grep -nE 'irqsim_(lapic|pic|ioapic|pit|idt|cpu)_[a-z0-9_]*\(' lib/kernel -r; then
    echo "lib/kernel calls a device by name"
    exit 1
fi
