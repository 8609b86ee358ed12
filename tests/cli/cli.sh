# SPDX-License-Identifier: MIT
# cli.sh - sourced by the tests: PROGRAM SOURCE-TREE QTEST-CLIENT are the script's arguments.
# Each test works in a folder of its own; `out` and `err` there hold what the
# last call printed.
set -u
unset NO_COLOR
irqsim=$1
source=$2
LC_ALL=C.UTF-8
export LC_ALL
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failures=0

bad() {
    failures=$((failures + 1))
    printf 'FAIL: %s\n' "$*"
    sed 's/^/  out: /' out | head -n 20
    sed 's/^/  err: /' err | head -n 20
}

# code N ARGS...: irqsim ARGS exits with N.
code() {
    want=$1
    shift
    "$irqsim" "$@" >out 2>err </dev/null
    got=$?
    [ $got -eq "$want" ] || bad "irqsim $*: exit $got, not $want"
}

# says WORDS, prints WORDS: on stderr, on stdout.
says() {
    grep -qF -e "$1" err || bad "stderr lacks '$1'"
}
prints() {
    grep -qF -e "$1" out || bad "stdout lacks '$1'"
}
silent() {
    [ ! -s err ] || bad "stderr is not empty"
}

# holds FILTER FILE: jq's answer is true.
holds() {
    jq -e "$1" "$2" >/dev/null 2>jq.err || {
        bad "$1 does not hold: $(cat jq.err)"
        jq -c "$1" "$2" | head -n 5
    }
}

finish() {
    [ $failures -eq 0 ] || exit 1
}

# A storm of two devices: coalescing, softirqs, works, a user task.
scenario() {
    cat >"$1" <<END
irqsim: 1
name: small
machine: {cpus: 2}
devices:
  - {name: disk0, irq: 36, cpu: 1, handler: 3us, arrivals: {burst: 5, gap: 1us, every: 1ms},
     defers: [{softirq: BLOCK, takes: 8us, then: [{work: fs_end_io, takes: 20us}]}]}
  - {name: eth0, irq: 37, handler: 2us, arrivals: {every: 300us},
     defers: [{softirq: NET_RX, takes: 10us}]}
tasks: [{name: app0}, {name: app1, cpu: 1}]
run: 19.7ms
expect:
  - $2
END
}
