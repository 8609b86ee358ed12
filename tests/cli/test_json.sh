# SPDX-License-Identifier: MIT
# --json: exactly one object, the promised keys, integers only, sums that agree.
. "$(dirname "$0")/cli.sh"
command -v jq >/dev/null || {
    echo "jq is needed"
    exit 1
}

contract() {
    holds 'type == "object"' "$1"
    [ "$(jq -s length "$1")" = 1 ] || bad "$1: not exactly one object"
    holds '[.. | select(type == "boolean" or type == "null")] == []' "$1"
    holds '[.. | numbers | select(. != floor or . < 0)] == []' "$1"
    grep -Eq '[0-9][.eE][0-9]' "$1" && bad "$1: a float"
    holds '[.irqs[] | .arrived == .delivered + .coalesced + .withdrawn + .lost] | all' "$1"
    holds '[.irqs[] | .name | type == "string"] | all' "$1"
    holds '[.irqs[] | [.arrived, .delivered, .coalesced, .withdrawn, .spurious, .lost] |
            all(type == "number")] | all' "$1"
    holds '[.irqs | keys_unsorted[] | tonumber] | . == sort' "$1"
    holds '[.softirqs[] | (.per_cpu | add) == .executed and .executed <= .raised] | all' "$1"
    holds '.softirqs | has("HI") and has("TIMER") and has("NET_RX") and has("BLOCK")' "$1"
    holds '.latency | keys == ["ack_to_handler", "arrival_to_claim", "handler", "line_to_ack",
            "queue_to_work", "raise_to_softirq"]' "$1"
    holds '[.latency[] | .min <= .avg and .min <= .p50 and .p50 <= .p90 and .p90 <= .p99 and
            .p99 <= .max and .avg <= .max] | all' "$1"
}

scenario s.yaml "irq 36 arrived > 0"
code 0 run s.yaml --json
silent
cp out run.json
contract run.json
holds '.irqs | keys == ["36", "37"]' run.json
holds '.irqs["36"].coalesced > 0 and .irqs["36"].name == "disk0"' run.json
holds '.irqs["36"].per_cpu[0] == 0 and .irqs["36"].per_cpu[1] > 0' run.json
holds '.softirqs | length == 10' run.json
holds '.latency.line_to_ack.count > 0 and .latency.queue_to_work.count > 0' run.json
holds '.expect == [{"text": "irq 36 arrived > 0", "line": 12, "ok": 1,
        "value": .irqs["36"].arrived}]' run.json
holds '[.waits[] | has("irq") or has("vector")] | all' run.json
holds '[.waits[].total] | . == (sort | reverse)' run.json
holds '.latency.arrival_to_claim.count == ([.irqs[] | .delivered + .coalesced] | add)' run.json
holds '.time | length == 2' run.json
holds '.time[0] | keys_unsorted == ["user", "work", "ksoftirqd", "softirq", "irq", "kernel",
        "idle"]' run.json
holds '.machine.ran as $ran | [.time[] | add == $ran] | all' run.json
holds '[.time[].irq, .time[1].work, .time[].softirq] | all(. > 0)' run.json
holds '([.tasks[].own] | add) <= ([.time[] | .user + .work + .ksoftirqd] | add)' run.json
holds '.ticks | length == 2' run.json
code 0 run s.yaml --json
cmp -s out run.json || bad "the same run gave another answer"

for capture in "$source"/tests/captures/*.gz; do
    rm -f list.gz
    code 0 import "$capture" -o list.gz --json
    cp out import.json
    contract import.json
    holds '[.irqs[] | .delivered == .arrived and (.per_cpu | add) == .arrived] | all' import.json
    holds '.latency.handler.count == ([.irqs[].arrived] | add)' import.json
    code 0 replay list.gz --json
    cp out replay.json
    contract replay.json
    holds '.machine.ran as $ran | [.time[] | add == $ran] | all' replay.json
    jq '.irqs | map_values(.arrived)' import.json >recorded
    jq '.irqs | map_values(.delivered + .coalesced)' replay.json >replayed
    cmp -s recorded replayed || bad "$capture: other interrupts than recorded"
    jq '.softirqs | map_values(.executed)' import.json >recorded
    jq '.softirqs | map_values(.executed)' replay.json >replayed
    cmp -s recorded replayed || bad "$capture: other softirqs than recorded"
done

# The kernel's own tick has its own key: irqs are the scenario's.
code 0 replay list.gz --on "$source/examples/i486.yaml" --json
cp out i486.json
holds '.irqs | has("0") | not' i486.json
holds '.ticks | length == 1 and .[0] > 0' i486.json
holds '.machine.ran as $ran | [.time[] | add == $ran] | all' i486.json
finish
