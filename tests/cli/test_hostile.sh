# SPDX-License-Identifier: MIT
# What careless and hostile users do: outputs in odd places, damage behind the end,
# runs that would never end.
. "$(dirname "$0")/cli.sh"
storm=$source/tests/captures/ftrace-disk-storm.txt.gz
scenario s.yaml "all arrived > 0"

# A device or a pipe is written in place, not replaced by a file. The link keeps the
# test from the machine's own /dev/null.
mkfifo pipe
timeout 10 cat pipe >through &
code 0 import "$storm" -o pipe
wait
[ -p pipe ] || bad "the pipe was replaced by a file"
code 0 import "$storm" -o plain
cmp -s plain through || bad "the list did not go through the pipe"
ln -s /dev/null null
code 0 import "$storm" -o null
[ -c null ] || bad "the link to /dev/null was replaced by a file"

# NAME.part is where a file grows: not over somebody else's, never over the input.
echo precious >a.gz.part
code 2 import "$storm" -o a.gz
says "'a.gz.part' exists already"
[ "$(cat a.gz.part)" = precious ] || bad "a.gz.part was overwritten"
code 0 import "$storm" -o a.gz -f
cp "$storm" b.part
code 2 import b.part -o b -f
says "'b.part' is read by this command"
cmp -s b.part "$storm" || bad "the capture was overwritten"
cp s.yaml t.part
code 2 run t.part -t t -f
cmp -s t.part s.yaml || bad "the scenario was overwritten"

# What stands behind the gzip data is told; zeros are padding.
{ cat "$storm"; echo junk; } >behind.gz
code 0 import behind.gz -o behind.list --json
says "behind"
holds '.import.cut == 1' out
{ cat "$storm"; head -c 600 /dev/zero; } >padded.gz
code 0 import padded.gz -o padded.list --json
silent
holds '.import.cut == 0' out
{ cat a.gz; echo junk; } >behind.gz
code 0 replay behind.gz --json
says "behind"

# An editor's byte order mark is no mistake.
printf '\357\273\277' | cat - s.yaml >bom.yaml
code 0 check bom.yaml
sed 's/handler: 2us/handlr: 2us/' bom.yaml >wrong.yaml
code 3 check wrong.yaml
says "wrong.yaml:7:"

# Limits are named.
sed 's/handler: 2us/handler: 3601s/' s.yaml >wrong.yaml
code 3 check wrong.yaml
says "expected at most 3600s, found '3601s'"
sed 's/every: 300us/every: 0ns/' s.yaml >wrong.yaml
code 3 check wrong.yaml
says "expected more than 0, found '0ns'"
printf 'irqsim: 1\nkernel: {tick: 18Hz}\nrun: 1s\n' >wrong.yaml
code 3 check wrong.yaml
says "expected at least 19Hz, found '18Hz'"

# Lines of the old board are edges; a level there would be silently lost.
cat >level.yaml <<END
irqsim: 1
machine: {profile: i486-pc}
devices:
  - {name: a, irq: 11, trigger: level, handler: 1us, arrivals: {every: 1ms, count: 5}}
END
code 3 check level.yaml
says "level.yaml:4:33: error: devices[0].trigger:"

# More irqs than vectors: said with the numbers.
{
    printf 'irqsim: 1\nrun: 1ms\ndevices:\n'
    i=0
    while [ $i -lt 300 ]; do
        echo "  - {name: d$i, irq: $i, handler: 1us, arrivals: {every: 1ms}}"
        i=$((i + 1))
    done
} >many.yaml
code 3 check many.yaml
says "300 irqs on CPU 0"

# Without 'run' nothing lasts longer than a run may.
for arrivals in "every: 8640000s, count: 5" "poisson: 8640000s, count: 50"; do
    cat >long.yaml <<END
irqsim: 1
kernel: {tick: off}
devices: [{name: a, irq: 5, handler: 1us, arrivals: {$arrivals}}]
END
    timeout 20 "$irqsim" run long.yaml --json >out 2>err || bad "$arrivals: exit $?"
    holds '.machine.ran <= 8640001 * 1000000000' out
done
finish
