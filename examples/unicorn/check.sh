#!/bin/sh
# SPDX-License-Identifier: MIT
# check.sh unicorn IMAGE PROGRAM - the guest's log under PROGRAM is guest.log.
# check.sh qemu    IMAGE QEMU    - its log under QEMU differs from guest.log in the
#                                  lines that README.md lists, and in no other.
#                                  No such QEMU: 77, skipped; with IRQSIM_NEEDS_QEMU in
#                                  the environment a failure.
set -u
machine=$1
image=$2
program=$3
log=$(mktemp)
trap 'rm -f "$log" "$log".*' EXIT

# isa-debug-exit makes 1 of the guest's 0.
on_qemu() {
    "$program" -M pc -nodefaults -no-user-config -display none -serial null -no-reboot \
        -icount shift=3,sleep=off -singlestep -debugcon "file:$log" \
        -device isa-debug-exit,iobase=0xf4,iosize=1 -kernel "$image"
    [ $? -eq 1 ]
}

case $machine in
unicorn)
    "$program" "$image" >"$log"
    status=$?
    : >"$log.allowed"
    ;;
qemu)
    if ! command -v "$program" >/dev/null; then
        echo "$program not found: the guest is not compared with QEMU"
        [ -z "${IRQSIM_NEEDS_QEMU:-}" ] && exit 77
        exit 1
    fi
    on_qemu
    status=$?
    awk '/^```diff$/ { on = 1; next } /^```$/ { on = 0 } on' README.md >"$log.allowed"
    ;;
esac

diff guest.log "$log" >"$log.differs"
if ! diff "$log.allowed" "$log.differs"; then
    echo "the log is not what it should be; above, < is a difference allowed, > one found"
    exit 1
fi
if [ $status -ne 0 ]; then
    echo "the guest did not end well"
    exit 1
fi
