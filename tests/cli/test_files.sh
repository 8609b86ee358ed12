# SPDX-License-Identifier: MIT
# Output files: never replaced silently, never half written, never an input.
. "$(dirname "$0")/cli.sh"
storm=$source/tests/captures/ftrace-disk-storm.txt.gz
scenario s.yaml "line_to_ack max < 1s"

code 0 run s.yaml --trace t
silent
cp t t.first
code 2 run s.yaml --trace t
says "'t' exists already"
says "--force"
cmp -s t t.first || bad "a refused trace was changed"
code 0 run s.yaml --trace t --force
cmp -s t t.first || bad "the same run gave another trace"
cp s.yaml s.before
code 2 run s.yaml -f -t s.yaml
says "cannot be its output too"
code 2 run s.yaml -f -t ./s.yaml
cmp -s s.yaml s.before || bad "the scenario was overwritten"
code 4 run s.yaml -t nowhere/t
says "nowhere/t"
mkdir d
code 2 run s.yaml -f -t d

code 0 import "$storm" -o a.gz
code 2 import "$storm" -o a.gz
code 0 import "$storm" -o a.gz -f
code 0 import "$storm" -o plain
gzip -dc a.gz | cmp -s - plain || bad "gzip and plain lists differ"
code 2 replay a.gz --on s.yaml -f -t s.yaml
cmp -s s.yaml s.before || bad "the scenario was overwritten"

# What a file is.
code 0 info s.yaml
prints "s.yaml: scenario: small"
code 0 info a.gz
prints "a.gz: list of arrivals: 2 CPUs"
code 0 info t
prints "t: trace: "
code 0 info "$storm"
prints "capture: 2 CPUs"

# Nothing to read: said in one line, at once.
: >empty
for nothing in d missing empty /dev/null; do
    for command in run check dump info replay; do
        code 3 $command $nothing
        says "$nothing: "
    done
    code 3 import $nothing -o from-nothing
    says "$nothing: "
    code 3 replay a.gz --on $nothing
    says "$nothing: "
    [ ! -e from-nothing ] || bad "import $nothing made a file"
done

# A listing of code never fills a trace's header: it ends early.
steps=$(yes sti | head -n 12000 | paste -sd, -)
{
    printf 'irqsim: 1\nname: long\ntasks:\n'
    for task in a b c d; do
        printf '  - {name: %s, program: [%s]}\n' $task "$steps"
    done
    printf 'run: 1us\n'
} >steps.yaml
code 0 run steps.yaml --trace steps
code 0 dump steps
prints '#   0x8048000  sti'
[ "$(grep -c '^#   ' out)" -lt 40000 ] || bad "a listing without end"

# Each event is a line, or an IF= at the end of one; damage is told, the rest is printed.
code 0 dump t
prints "handler_entry: irq=36 name=disk0"
prints "switch: prev=swapper/0 next=app0"
events=$(($(grep -c '^ *[0-9]' out) + $(grep -o ' IF=[01]' out | wc -l)))
code 0 info t
prints "$events events"
sed 's/run: 19.7ms/run: 500ms/' s.yaml >long.yaml # of more than one block
code 0 run long.yaml -t long
head -c $(($(wc -c <long) - 100)) long >cut
code 3 dump cut
says "the end is missing"
[ -s out ] || bad "nothing of the cut trace was printed"

# Output that cannot be written: 4; a reader that leaves is no reason to talk.
if [ -c /dev/full ]; then
    for command in "dump t" "run s.yaml" "--help"; do
        "$irqsim" $command >/dev/full 2>err
        [ $? -eq 4 ] || bad "$command into a full disk: not 4"
        says "cannot write the output"
    done
fi
{ "$irqsim" dump t 2>err; echo $? >status; } | head -n 1 >out
[ "$(cat status)" = 4 ] || bad "a closed pipe: exit $(cat status), not 4"
silent
finish
