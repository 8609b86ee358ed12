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

# ICC-53: of each two calls the first is one message. The second is sent again every 21
# clocks, because of CPU 2 alone, until that takes it with CPU 1 once more. CPU 2 runs
# both calls, once each; CPU 1, which takes each message, runs the second again.
code 0 run "$source/examples/icc_multicast.yaml" --trace t --force
prints "all lost == 0 (it is 0)"
code 0 dump t
# Fields: time, CPU, number, cause, name, arguments.
sed 's/#\([0-9]*\) <-/\1 /; s/#\([0-9]*\)/\1 0/; s/[a-z_]*=//g' out >events
awk '$5 == "ipi_send:" && $6 == "0xfb" && $7 == "others" { calls++; by[$3] }
     $5 == "msg_send:" && $6 == "0xfb" { call[$3] = ++sent; if (!($4 in by) || $8 != "0xf") exit 1 }
     $5 == "bus_begin:" && $4 in call {
         n = call[$4]; begun = $3
         if (tries[n]++ && $1 != ended) exit 1
     }
     $5 == "bus_end:" && $4 == begun {
         ended = $1; again[n] += $8; last[n] = $8
         if ($7 != 21) exit 1
     }
     $5 == "msg_accept:" && $4 in call { took[call[$4], $2]++ }
     $5 == "msg_refused:" && $4 in call { refused[call[$4], $2]++ }
     END {
         if (calls != 20 || sent != 20) exit 1
         for (n = 1; n <= 20; n++) {
             if (n % 2 ? tries[n] != 1 : tries[n] < 20) exit 1
             if (again[n] != tries[n] - 1 || last[n] != 0) exit 1
             if (took[n, "[001]"] != tries[n] || refused[n, "[001]"] != 0) exit 1
             if (took[n, "[002]"] != 1 || refused[n, "[002]"] != again[n]) exit 1
         }
     }' events || bad "a call that CPU 2 refuses is not sent again as a whole"
awk '$5 == "vector_entry:" && $6 == "0xfb" { runs[$2]++ }
     END { exit runs["[000]"] != 0 || runs["[001]"] <= 20 || runs["[002]"] != 20 }' events ||
    bad "not those who took a call ran it"

# ICC-56: not one more.
code 0 run "$source/examples/icc_limit.yaml"
prints "irq 16 delivered == 476285 (it is 476285)"

code 0 conform "$source/examples/icc.case"
finish
