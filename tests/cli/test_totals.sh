# SPDX-License-Identifier: MIT
# Softirqs of the complete captures: the counts are the recorded machine's own, and
# whatever a replay does otherwise is explained to the last one.
. "$(dirname "$0")/cli.sh"
command -v jq >/dev/null || {
    echo "jq is needed"
    exit 1
}

# sums FILE: each row of softirqs in a comparison adds up; prints how many there are.
sums() {
    awk '
        function settle() {
            if (rows && executed + less - more != recorded) {
                print name ": " recorded " recorded, " executed + less - more " explained"
                failed = 1
            }
        }
        function explain(reason, number) {
            sub(/^ +/, "", reason)
            if (!match(reason, /[0-9]+/))
                return
            number = substr(reason, RSTART, RLENGTH)
            if (reason ~ /^(merged when recorded|of unknown|the kernel)/) more += number
            else if (reason ~ /^(merged|never raised|not replayed|left out|not in|unknown here)/)
                less += number
            else { print name ": no such reason: " reason; failed = 1 }
        }
        /^ +softirq +recorded +raised +executed$/ { on = 1; next }
        on && /^$/ { on = 0 }
        !on { next }
        length($0) > 100 { print name ": wider than 100 columns"; failed = 1 }
        substr($0, 1, 20) ~ /[^ ]/ {
            settle()
            rows++; name = $1; recorded = $2; executed = $4 == "-" ? 0 : $4; less = more = 0
        }
        {
            n = split(substr($0, 53), reasons, ";")
            for (i = 1; i <= n; i++) explain(reasons[i])
        }
        END { settle(); print rows " rows"; exit failed }' "$1"
}

# counts CAPTURE EXECUTED RAISED: after import, replayed here and there.
counts() {
    rm -f list.gz
    code 0 import "$source/examples/captures/$1" -o list.gz --json
    holds "[.softirqs[].executed] | add == $2" out
    holds "[.softirqs[].raised] | add == $3" out
    holds '[.softirqs[] | (.per_cpu | add) == .executed] | all' out
    code 0 info list.gz
    prints " $2 softirqs,"
    printf 'irqsim: 1\nmachine: {profile: i486-pc}\nrun: 100ms\n' >short.yaml
    for machine in "" "$source/examples/i486.yaml" short.yaml; do
        code 0 replay list.gz ${machine:+--on "$machine"}
        [ "$(sums out)" = "4 rows" ] || bad "$1 on '$machine': $(sums out)"
    done
}

counts ftrace-disk-storm.txt.gz 9002 9002
counts ftrace-timers.txt.gz 3423 3426
counts perf-script-disk.txt.gz 106 101
counts trace-cmd-disk.txt.gz 2562 2562

code 0 replay list.gz
sed 's/equal$/merged 1/' out >wrong
[ "$(sums wrong)" != "4 rows" ] || bad "a wrong reason goes unnoticed"

# The list of a timer-heavy capture, without its softirq lines: as old ones are.
code 0 import "$source/examples/captures/ftrace-timers.txt.gz" -o new.irq
grep -v '^softirq' new.irq >old.irq
code 0 replay old.irq
[ "$(sums out)" = "4 rows" ] || bad "old list: $(sums out)"
finish
