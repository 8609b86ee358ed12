#!/bin/sh
# SPDX-License-Identifier: MIT
# rules.sh SOURCE-TREE - rule ids in docs, code and test names agree (law 8).
#
# docs/rules/*.md are tables: rule | what | status | where | tests.
#   - an id that lib/, include/ or cli/ cites, or that a test or a case is named by, stands in docs;
#   - each rule of tests/lint/rules.txt has a row, and each row a status;
#   - the places and tests that a row names exist;
#   - a rule that the code decides (exact, approximate, policy, variant) is cited in lib/ or
#     include/; it, and one that follows from another (as ...), names a test. A row of
#     several rules needs one of them cited.
set -eu
cd "$1"
awk '
    function problem(where, text) { print where ": " text; bad = 1 }

    # The ids in a text: "IPI-03, 04, 08..10" is IPI-3, IPI-4, IPI-8, IPI-9, IPI-10, and
    # "APIC-50.5, .6" is two. list: what follows an id belongs to it. Returns " id id ... ".
    function ids_in(text, list,    found, family, number, whole, to) {
        found = " "
        while (match(text, /[A-Z][A-Z0-9]*(-[A-Z]+)*-[0-9]+(\.[0-9]+)?/)) {
            family = number = substr(text, RSTART, RLENGTH)
            text = substr(text, RSTART + RLENGTH)
            sub(/-[0-9.]+$/, "", family); sub(/.*-/, "", number)
            found = found family "-" (number + 0) " "
            while (list && match(text, /^(\.\.|, ?|\/)[0-9.]+|^\.\.[A-Z][A-Z-]*-[0-9]+/)) {
                to = substr(text, 1, RLENGTH); text = substr(text, RLENGTH + 1)
                whole = int(number)
                if (to ~ /^\.\./) {
                    sub(/^\.\.([A-Z-]*-)?/, "", to)
                    for (number++; number <= to + 0; number++)
                        found = found family "-" number " "
                } else {
                    sub(/^[^0-9.]*/, "", to)
                    found = found family "-" ((to ~ /^\./ ? whole to : to) + 0) " "
                }
                number = to ~ /^\./ ? whole to : to
            }
        }
        return found
    }
    function remember(text, set,    word, n, i) {
        n = split(text, word, " ")
        for (i = 1; i <= n; i++)
            set[word[i]] = 1
    }
    # The words of a table cell that match.
    function words_in(cell, pattern,    word, n, i, found) {
        n = split(cell, word, /[ ,;:()]+/)
        for (i = 1; i <= n; i++)
            if (word[i] ~ pattern) {
                gsub(/`/, "", word[i])
                found = found " " word[i]
            }
        return found
    }

    FILENAME ~ /rules[.]txt$/ {
        n = $1 ~ /^[A-Z]+$/ ? NF : 0
        for (i = 2; i <= n; i++) {
            split($i "-" $i, range, "-")
            for (number = range[1]; number <= range[2] + 0; number++)
                sheet[$1 "-" (number + 0)] = 1
        }
        next
    }
    FILENAME ~ /^docs\// {
        remember(ids_in($0, FILENAME ~ /rules\//), known)
        if (FILENAME ~ /rules\// && /^\| *`?[A-Z][A-Z0-9-]*-[0-9]/) {
            split($0, cell, /\|/)
            row = FILENAME ":" FNR
            ids[row] = ids_in(cell[2], 1)
            remember(ids[row], told)
            decided[row] = cell[4] ~ /^ *(exact|approximate|policy|variant)/
            tested[row] = decided[row] || cell[4] ~ /^ *as /
            places[row] = words_in(cell[5], "`|[.](c|h|def)$")
            wanted[row] = words_in(cell[6], "_")
            if (cell[4] !~ /[a-z]/)
                problem(row, "no status")
        }
        next
    }

    FNR == 1 {
        stem = FILENAME; sub(/.*\//, "", stem); words[stem] = 1
        sub(/\.([ch]|sh)$/, "", stem); words[stem] = 1; names = names " " stem
    }
    FILENAME !~ /^tests\// {
        n = split(ids_in($0, 0), cites, " ")
        for (i = 1; i <= n; i++)
            if (!(cites[i] in known) && cites[i] !~ /^(CRC|FNV)-/)
                problem(FILENAME ":" FNR, cites[i] " is not in docs")
        # A range in a header says what the part models; in lib/ it stands at the code.
        remember(ids_in($0, FILENAME ~ /^lib\//), cited)
        text = $0
        gsub(/[^A-Za-z0-9_]+/, " ", text); remember(text, words)
        next
    }
    FILENAME ~ /[.]case$/ {
        split($0, word, " ")
        id = ids_in(word[2], 0); gsub(/ /, "", id)
        if (word[1] == "case" && !(id in known))
            problem(FILENAME ":" FNR, "a case is named by " word[2] ", which is not in docs")
        next
    }
    match($0, /(START_TEST\(|static void )[a-z][a-z0-9_]*/) {
        name = substr($0, RSTART, RLENGTH); sub(/.*[( ]/, "", name)
        names = names " " name
        if (match(name, /^[a-z]+(_[a-z]+)*_[0-9]+/)) {
            family = number = toupper(substr(name, 1, RLENGTH))
            sub(/_[0-9]+$/, "", family); sub(/.*_/, "", number); gsub(/_/, "-", family)
            tests[family "-" (number + 0)] = FILENAME ":" FNR
        }
    }

    END {
        for (id in known) { sub(/-[0-9.]+$/, "", id); families[id] = 1 }
        for (id in tests) {
            family = id; sub(/-[0-9]+$/, "", family)
            if (family in families && !(id in known))
                problem(tests[id], "a test is named by " id ", which is not in docs")
        }
        for (id in sheet)
            if (!(id in told))
                problem("docs/rules", "no row for " id)
        for (row in ids) {
            found = 0
            n = split(ids[row], word, " ")
            first = word[1]
            for (i = 1; i <= n; i++)
                found += word[i] in cited
            if (!found && decided[row])
                problem(row, first " is not cited in the code")
            n = split(places[row], word, " ")
            for (i = 1; i <= n; i++) {
                place = word[i]; sub(/.*\//, "", place)
                if (!(place in words))
                    problem(row, "no " word[i] " in the code")
            }
            n = split(wanted[row], word, " ")
            if (n == 0 && tested[row])
                problem(row, first " names no test")
            for (i = 1; i <= n; i++) {
                prefix = word[i]; sub(/.*\//, "", prefix); sub(/(\*|\.([ch]|sh))$/, "", prefix)
                if (index(names, " " prefix) == 0)
                    problem(row, "no test " word[i])
            }
        }
        exit bad
    }' tests/lint/rules.txt $(find docs -name '*.md' | sort) \
    $(find lib include cli -name '*.[ch]' -o -name '*.def' 2>/dev/null | sort) \
    $(find tests -name '*.[ch]' -o -name '*.sh' -o -path '*/cases/*.case' | sort)
