# SPDX-License-Identifier: MIT
# Tables and expectations.
. "$(dirname "$0")/cli.sh"

scenario s.yaml "irq 36 arrived == 1"
code 1 run s.yaml
prints "FAIL  s.yaml:12: irq 36 arrived == 1 (it is "
code 1 run s.yaml --json
scenario s.yaml "line_to_ack max < 1s"
code 0 run s.yaml
silent
prints "PASS  s.yaml:12: line_to_ack max < 1s (it is "

# PROC-01, PROC-04: the shapes of /proc.
grep -Eq '^           CPU0       CPU1 ' out || bad "no header of /proc/interrupts"
grep -Eq '^ 36: +0 +[0-9]+   PCI-MSI +[0-9]+-edge +disk0$' out || bad "no row of irq 36"
grep -Eq '^LOC: +[0-9]+ +[0-9]+  Local timer interrupts$' out || bad "no row LOC"
grep -Eq '^ERR: +[0-9]+$' out || bad "no row ERR"
grep -Eq '^                    CPU0       CPU1 ' out || bad "no header of /proc/softirqs"
grep -Eq '^       BLOCK: +0 +[0-9]+$' out || bad "no row BLOCK"
grep -Eq '^ +36 +[0-9]+ +[0-9]+ +[1-9][0-9]* +0 +0 +[0-9]+  disk0$' out || bad "no fates of irq 36"
grep -Eq '^  queue→work +[1-9]' out || bad "no latency of works"
grep -Eq '^  36 disk0 +controller and bus +[1-9]' out || bad "no waits of irq 36"
grep -Eq '^  app1 +1 +R ' out || bad "no task app1"
grep -Eq '^  arrival→claimed +[1-9]' out || bad "no latency of claims"
grep -Eq '^  CPU1( +[0-9.]+ (s|ms|µs|ns)){7}$' out || bad "no times of CPU1"
grep -q '^In short' out && bad "a run is no replay"
awk 'length($0) > 100 { exit 1 }' out || bad "a line is wider than 100 columns"
grep -q "$(printf '\033')" out && bad "colour, and this is no terminal"

# A message still on its way when the handler takes its arrival along comes for nothing.
prints "  spurious: interrupts whose handler found nothing left to do"
sed 's/gap: 1us/gap: 5us/' s.yaml >later.yaml
code 0 run later.yaml
grep -q 'spurious: ' out && bad "a note on nothing"

# A guest that cannot go on: what happened until then is shown.
cat >deep.yaml <<END
irqsim: 1
machine: {profile: i486-pc}
kernel: {frames: 16}
devices:
$(for irq in 1 3 4 5 6 7 9 10 11 12 13 14 15; do
    echo "  - {name: d$irq, irq: $irq, handler: 5ms, arrivals: {every: 100ms, from: ${irq}ms}}"
done)
run: 1s
END
code 3 run deep.yaml
says "deep.yaml: stopped at "
says "the guest ran out of stack"
prints "What became of each arrival"
code 3 run deep.yaml --json

# A recording on a machine that is quite another one: every difference has a reason.
code 0 import "$source/tests/captures/ftrace-disk-storm.txt.gz" -o a.gz
code 0 replay a.gz
for name in 36 BLOCK RCU TIMER SCHED local_timer reschedule; do
    grep -Eq "^ +$name +[0-9 ]+ equal$" out || bad "$name: not equal"
done
prints "268 arrivals became 268 interrupts: none was coalesced."
prints "No interrupt waited for anything but controller and bus"
code 0 replay a.gz --on "$source/examples/i486.yaml"
awk 'length($0) > 100 { exit 1 }' out || bad "a line is wider than 100 columns"
grep -Eq '^  0: +[1-9][0-9]*    XT-PIC   0-level     timer$' out || bad "no row of the tick"
grep -Eq '^  0 timer +controller and bus' out || bad "no name of the tick"
grep -Eq '^  268 arrivals became [0-9]+ interrupts: [0-9.]+ % were coalesced\.$' out ||
    bad "not in short"
grep -Eq '^  Of CPU0 interrupts took .* %, softirqs .* %, works .* %: .* % in all\.$' out ||
    bad "no load"
grep -Eq '^  Their work takes .* of a 33 MHz CPU, and came within .* what 1 CPU can do\.$' out ||
    bad "no demand"
grep -Eq '^ +36 +268 .* equal$' out || bad "irq 36: not equal"
grep -Eq '^ +BLOCK +268 +268 +[0-9]+  merged [0-9]+$' out || bad "BLOCK: not merged"
grep -Eq '^ +RCU .* not replayed 21 since no such vector$' out || bad "RCU: no reason"
printf 'irqsim-arrivals 1\norigin hand\ncpus 1\nirq 36 x\nat 0 cpu 0 irq 36 takes 1000\n' >odd
printf '  raise FOO takes 1\n  raise TASKLET takes 1\n' >>odd
code 0 replay odd
grep -Eq '^ +36 +1 +1 +0  equal$' out || bad "odd: irq 36: not equal"
grep -Eq '^ +FOO +1 +- +-  unknown here, run as TASKLET 1$' out || bad "FOO: no reason"
grep -Eq '^ +TASKLET +1 +2 +1  merged 1; of unknown softirqs 1$' out || bad "TASKLET: no reason"
code 0 replay a.gz --on "$source/examples/i486.yaml"
grep -Eq '^ +SCHED .* not replayed 2 since no such vector$' out || bad "SCHED: no reason"
grep -Eq '^ +local_timer .* not replayed: no such vector$' out || bad "local_timer: no reason"
finish
