#!/bin/sh
# SPDX-License-Identifier: MIT
# rules.sh SOURCE-TREE - rule ids in docs, code and test names agree (law 8).
#
# docs/rules/*.md are tables: rule | what | status | where | tests.
#   - an id cited in lib/, include/ or cli/, or that a test is named by, stands in docs;
#   - a rule that is exact or approximate is cited in lib/ or include/, and the places and
#     tests that its row names exist. A row of several rules needs one of them cited.
set -eu
cd "$1"
awk '
    # PIC-07 and PIC-7 are one rule
    function rule(family, number) { return family "-" (number + 0) }
    function problem(text) { print FILENAME ":" FNR ": " text; bad = 1 }

    # "IPI-03, 04, 08..10" into known[] and ids[row]
    function learn(row, cell,    token, n, i, family, from, to) {
        gsub(/`/, "", cell)
        n = split(cell, token, /, */)
        for (i = 1; i <= n; i++) {
            if (match(token[i], /^ *[A-Z][A-Z0-9-]*-/)) {
                family = substr(token[i], 1, RLENGTH - 1); sub(/^ */, "", family)
                token[i] = substr(token[i], RLENGTH + 1)
            }
            from = to = token[i]
            if (match(token[i], /\.\.[A-Z-]*/))
                to = substr(token[i], RSTART + RLENGTH)
            for (from += 0; from <= to + 0; from++) {
                known[rule(family, from)] = 1
                ids[row] = ids[row] " " rule(family, from)
            }
            families[family] = 1
        }
    }
    # Files, and words in backquotes, must be found in the sources.
    function learn_place(row, cell,    word, n, i) {
        n = split(cell, word, /[ ,;:()]+/)
        for (i = 1; i <= n; i++)
            if (word[i] ~ /`|\.(c|h|def)$/) {
                gsub(/`/, "", word[i])
                places[row] = places[row] " " word[i]
            }
    }
    function learn_tests(row, cell,    word, n, i) {
        gsub(/`/, " ", cell)
        n = split(cell, word, /[ ,;:]+/)
        for (i = 1; i <= n; i++)
            if (word[i] ~ /_/)
                wanted[row] = wanted[row] " " word[i]
    }

    FILENAME ~ /^docs\// {
        if (FILENAME ~ /^docs\/rules\// && /^\| *`?[A-Z][A-Z0-9-]*-[0-9]/) {
            n = split($0, cell, /\|/)
            row = FILENAME ":" FNR ":" cell[2]
            learn(row, cell[2])
            if (cell[4] ~ /exact|approximate/) {
                rows[row] = cell[6]
                learn_place(row, cell[5]); learn_tests(row, cell[6])
            }
        }
        text = $0
        while (match(text, /[A-Z][A-Z0-9]*(-[A-Z]+)*-[0-9]+/)) {
            id = substr(text, RSTART, RLENGTH); text = substr(text, RSTART + RLENGTH)
            number = id; sub(/.*-/, "", number); family = id; sub(/-[0-9]+$/, "", family)
            known[rule(family, number)] = 1
        }
        next
    }

    # code and tests: remember every word, check every id in the code
    FNR == 1 { base = FILENAME; sub(/.*\//, "", base); words[base] = 1
               stem = base; sub(/\.[ch]$/, "", stem); words[stem] = 1; names = names " " stem }
    FILENAME !~ /^tests\// {
        text = $0
        while (match(text, /[A-Z][A-Z0-9]*(-[A-Z]+)*-[0-9]+/)) {
            id = substr(text, RSTART, RLENGTH); text = substr(text, RSTART + RLENGTH)
            number = id; sub(/.*-/, "", number); family = id; sub(/-[0-9]+$/, "", family)
            cited[rule(family, number)] = 1
            if (!(rule(family, number) in known) && family !~ /^(CRC|UTF|ISO|SDM|MIT)$/)
                problem(id " is not in docs")
        }
        text = $0
        while (match(text, /[A-Za-z_][A-Za-z0-9_]*/)) {
            words[substr(text, RSTART, RLENGTH)] = 1; text = substr(text, RSTART + RLENGTH)
        }
        next
    }
    match($0, /(START_TEST\(|static void )[a-z][a-z0-9_]*/) {
        name = substr($0, RSTART, RLENGTH); sub(/.*[( ]/, "", name)
        names = names " " name
        best = ""
        for (family in families) {
            low = tolower(family); gsub(/-/, "_", low)
            if (match(name, "^" low "_[0-9]+(_|$)") && length(low) > length(best)) {
                best = low; id = family
            }
        }
        if (best != "") {
            number = substr(name, length(best) + 2) + 0
            if (!(rule(id, number) in known))
                problem(name " is named by a rule that is not in docs")
        }
    }

    END {
        for (row in rows) {
            found = 0
            n = split(ids[row], word, " ")
            for (i = 1; i <= n; i++)
                found += word[i] in cited
            if (!found) { print row "is not cited in the code"; bad = 1 }
            n = split(places[row], word, " ")
            for (i = 1; i <= n; i++) {
                place = word[i]; sub(/.*\//, "", place)
                if (!(place in words)) { print row "no " word[i] " in the code"; bad = 1 }
            }
            n = split(wanted[row], word, " ")
            if (n == 0) { print row "no test is named: " rows[row]; bad = 1 }
            for (i = 1; i <= n; i++) {
                prefix = word[i]; sub(/.*\//, "", prefix); sub(/(\*|\.[ch])$/, "", prefix)
                if (index(names " ", " " prefix) == 0) { print row "no test " word[i]; bad = 1 }
            }
        }
        exit bad
    }' $(find docs -name '*.md' | sort) \
    $(find lib include cli -name '*.[ch]' -o -name '*.def' 2>/dev/null | sort) \
    $(find tests -name '*.[ch]' | sort)
