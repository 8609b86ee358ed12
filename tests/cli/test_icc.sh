# SPDX-License-Identifier: MIT
# The APIC bus in the examples: what their head comments promise is in their traces.
. "$(dirname "$0")/cli.sh"

# bus_events FILE: "time name k=v ..." of one scenario's trace
bus_events() {
    code 0 run "$source/examples/$1" --trace t --force
    code 0 dump t
    sed -n 's/ *\([0-9.]*\) .* \(bus_begin\|bus_end\|line\): /\1 \2 /p' out >events
}

# ICC-55: each of 2000 interrupts is a message of 21 clocks and one of 14.
bus_events icc_pairs.yaml
[ "$(grep -c 'bus_end .*used=21 again=0' events)" = 2000 ] || bad "not 2000 interrupts of 21 clocks"
[ "$(grep -c 'bus_end .*used=14 again=0' events)" = 2000 ] || bad "not 2000 EOIs of 14 clocks"
[ "$(grep -c bus_end events)" = 4000 ] || bad "other messages"
grep -q 'bus_begin agent=1 .*waited=[1-9]' events || grep -q 'bus_begin agent=2 .*waited=[1-9]' events ||
    bad "nobody waited for the bus"

# ICC-22: from the time when all four ask for good, they win in turn: every 84 clocks, of
# which they ask 64, as their last IPI is accepted with its cycle 20.
bus_events icc_fairness.yaml
grep 'bus_begin' events | tail -n +100 | sed 's/.*agent=\([0-9]*\) kind=2 waited=/\1 /' >turns
awk '{ turn[NR] = $1; if ($2 != 64 || (NR > 4 && turn[NR - 4] != $1)) exit 1 }
     NR <= 4 { seen += 2 ^ $1 } END { if (NR < 7000 || seen != 15) exit 1 }' turns ||
    bad "four requesters do not take turns"

# IOAPIC-24: the second line of each pair rises while an EOI is on the bus; the next
# message begins when that ends.
bus_events icc_eoi_race.yaml
awk '/bus_begin .*kind=1/ { eoi = 1 }
     /bus_end/ { eoi = 0; ended = $1 }
     /line .*level=1/ { raced = eoi; races += eoi }
     /bus_begin .*kind=2/ { if (raced && $1 != ended) exit 1; raced = 0 }
     END { if (races != 1000) exit 1 }' events || bad "no race, or the bus rested"

# ICC-56: not one more.
code 0 run "$source/examples/icc_limit.yaml"
prints "irq 16 delivered == 476285 (it is 476285)"

code 0 conform "$source/examples/icc.case"
finish
