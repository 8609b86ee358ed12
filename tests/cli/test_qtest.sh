# SPDX-License-Identifier: MIT
# irqsim qtest: standard input and output, the transcripts of docs/qtest.md, a client that
# listens, options.
. "$(dirname "$0")/cli.sh"
client=$3

# answers ARGS: what the lines on stdin are answered.
answers() {
    "$irqsim" qtest "$@" >out 2>err || bad "qtest $*: exit $?"
}

printf 'endianness\ninb 0x21\nfoo\ninb 0x20' | answers
printf "OK little\nOK 0x00ff\nFAIL Unknown command 'foo'\n" | cmp -s - out || bad "stdio"
silent

# A block `qtest ARGS` of the manual: what follows "> " is said, the rest is heard.
awk '/^```qtest/ { n++; args = substr($0, 10); print args >"args." n; inside = 1; next }
     /^```/ { inside = 0 }
     inside && /^> / { print substr($0, 3) >"said." n; next }
     inside { print >"heard." n }
     END { exit n < 2 }' "$source/docs/qtest.md" || bad "docs/qtest.md has no transcripts"
for said in said.*; do
    n=${said#said.}
    # shellcheck disable=SC2046 # arguments are words
    answers $(cat "args.$n") <"$said"
    cmp -s "heard.$n" out || {
        bad "transcript $n of docs/qtest.md"
        diff "heard.$n" out
    }
done

printf 'cpu 2\nirq_intercept_in ioapic\n' | answers --profile=p6-mp --cpus 3
printf 'OK\nOK\n' | cmp -s - out || bad "three CPUs"
code 2 qtest --board at --cpus 2
says "contradict one another"
code 2 qtest --profile p7
says "'p7' is not what the option takes"
code 2 qtest --variant latched
code 2 qtest --cpus 0
says "not a number of CPUs"
code 2 qtest file
says "takes no file, 'file' is too many"
code 3 qtest --unix nowhere/socket
says "nowhere/socket"
touch file
code 3 qtest --unix file

# The manual's stand-in for QEMU, started by a client as libqtest starts QEMU.
awk '/^```sh/ { inside = 1; next } /^```/ { inside = 0 } inside' "$source/docs/qtest.md" >stand-in
chmod +x stand-in
PATH=$(dirname "$irqsim"):$PATH
"$client" listens ./stand-in >out 2>err || bad "a client that listens"
"$client" leaves ./stand-in >out 2>err || bad "a client that leaves"
./stand-in -display none -qtest unix:path=nowhere -accel qtest >out 2>err
[ $? -eq 3 ] || bad "the stand-in's exit code"
says "nowhere: No such file or directory"
code 3 qtest --connect file
says "file: Connection refused"
code 3 qtest --connect "$(printf '%200s' x)"
says "File name too long"
code 2 qtest --connect socket --unix socket
says "give one of them"
finish
