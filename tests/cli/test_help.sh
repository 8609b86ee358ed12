# SPDX-License-Identifier: MIT
# --help is as it was agreed (tests/cli/help), and the manuals know the same options.
# To agree on another text: for c in run ...; irqsim $c --help >tests/cli/help/$c.txt
. "$(dirname "$0")/cli.sh"

same() {
    cmp -s "$1" "$2" || {
        bad "$3 differs"
        diff "$1" "$2"
    }
}

code 0 --help
same "$source/tests/cli/help/irqsim.txt" out "irqsim --help"
for command in run import replay check dump info conform qtest; do
    code 0 $command --help
    same "$source/tests/cli/help/$command.txt" out "irqsim $command --help"
    "$irqsim" help $command | cmp -s - out || bad "help $command differs from $command --help"
    grep -Eo -e '--[a-z]+' out | sort -u >options
    # mdoc writes --json as "Fl -json"
    sed -n 's/^\.It //p' "$source/docs/man/irqsim-$command.1" |
        grep -Eo -e 'Fl -[a-z]+' | sed 's/Fl /-/' | sort -u >documented
    same options documented "options of irqsim-$command(1)"
done
if command -v mandoc >/dev/null; then
    cd "$source/docs/man" || exit 1 # where the pages find one another
    for page in *.[1-7]; do
        mandoc -Tlint "$page" >"$folder/out" 2>&1 || { cat "$folder/out"; failures=1; }
    done
fi
finish
