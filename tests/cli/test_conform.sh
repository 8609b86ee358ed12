# SPDX-License-Identifier: MIT
# irqsim conform: TAP, exit codes, exact places of mistakes.
. "$(dirname "$0")/cli.sh"

cat >good.case <<END
case PIC-26.a an edge # with more behind
board pic
out 20 13; out 21 20; out 21 01
line 5 1; inta = 25
case CPU-01.a cpu
board cpu
exec nop; took none
END
cat >fails.case <<END
case PIC-26.b wrong
board pic
out 20 13; out 21 20; out 21 01
  line 5 1; inta = 24/FE     # low bit open
inta = 33
END
code 0 conform good.case
silent
[ "$(head -n 2 out)" = "TAP version 13
1..2" ] || bad "no TAP header"
prints 'ok 1 - PIC-26.a an edge \# with more behind'
prints 'ok 2 - CPU-01.a cpu'

code 1 conform good.case fails.case
prints '1..3'
prints 'not ok 3 - PIC-26.b wrong'
prints "at: 'fails.case:5:1'"
prints "step: 'inta = 33'"
prints "expected: '33'"
prints "got: '27'"

# Of several keys, the one that differs.
cat >keys.case <<END
case CPU-04.a wrong
board cpu
gate 3 trap; exec int3; took 3 eip=1002 frame=C
case CPU-04.b none
board cpu
exec nop; took 3
case CPU-04.c mode
board cpu
now cpl=0 mode=real
END
code 1 conform keys.case
prints "step: 'took 3 eip=1002 frame=C'"
prints "expected: 'eip=1002'"
prints "got: 'eip=1001'"
prints "expected: '03'"
prints "got: 'none'"
prints "got: 'mode=prot'"

# A file with mistakes: all of them are told, nothing runs.
cat >bad.case <<END
case A b
board pic
out 20 111; in 20 = 00
foo
in 21 = 00 7
END
code 3 conform good.case bad.case
[ ! -s out ] || bad "cases were run"
says "bad.case:3:8: error: expected a byte (hexadecimal, 0 to FF), found '111'"
says "bad.case:4:1: error: expected a step, found 'foo'"
says "bad.case:5:12: error: expected ';' or the end of the line, found '7'"
code 3 conform nowhere.case
says "nowhere.case"
code 3 conform .
code 2 conform
says "'conform' needs a file: FILE..."

# A plug-in that is not one.
code 3 conform --model nowhere.so good.case
says "nowhere.so"
code 3 conform --model good.case good.case
finish
