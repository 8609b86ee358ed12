# SPDX-License-Identifier: MIT
# What a student reads in the dump of examples/exceptions.yaml: every exception with
# its saved registers, and what became of it.
. "$(dirname "$0")/cli.sh"

code 0 run "$source/examples/exceptions.yaml" --trace t
grep -Eq '^  fault +0 +X .* killed by SIGSEGV$' out || bad "no end of task fault"
grep -Eq '^  programmed +0 +X .* killed by SIGUSR1$' out || bad "no end of task programmed"
prints "  the kernel oopsed 1 time"
prints "task fault signal == 11 (it is 11)"
code 0 dump t
cp out dump

# Without time and numbers, as far as it is about exceptions.
sed -n 's/^[^#]*#[0-9]* \(<-[0-9]* \)\{0,1\}//p' dump >events
grep -E '^(insn|deliver|exception_entry|pt_regs|page_|fixup|fpu|notify|signal|sys_|oops|show|double|task_exit|escalate)' \
    events >what
cat >want <<END
insn: eip=0x8048002 <load: 0x0804c010> behind=0x8048007 <fpu>
deliver: vector=#PF kind=fault saved=0x8048002 <load: 0x0804c010> IF=0
exception_entry: vector=#PF name=page fault error=0x4 (user read, no page)
pt_regs: eip=0x8048002 <load: 0x0804c010> cs=0x1b eflags=0x10202 (IF RF)
page_fault_user: address=0x804c010 eip=0x8048002 <load: 0x0804c010> error=0x4 (user read, no page)
page_mapped: address=0x804c010 task=fault IF=0
insn: eip=0x8048007 <fpu> behind=0x8048009 <div0>
deliver: vector=#NM kind=fault saved=0x8048007 <fpu>
exception_entry: vector=#NM name=device not available error=0
pt_regs: eip=0x8048007 <fpu> cs=0x1b eflags=0x10202 (IF RF)
fpu_restore: task=fault IF=0
insn: eip=0x8048009 <div0> behind=0x804800b <store: 0x08048000>
deliver: vector=#DE kind=fault saved=0x8048009 <div0>
exception_entry: vector=#DE name=divide error error=0
pt_regs: eip=0x8048009 <div0> cs=0x1b eflags=0x10202 (IF RF)
notify_die: name=DIE_TRAP vector=#DE sig=8
signal_generate: sig=8 name=SIGFPE code=FPE_INTDIV IF=0 IF=1
signal_deliver: sig=8 name=SIGFPE handler=0x804b200 <SIGFPE handler>
insn: eip=0x804b200 <SIGFPE handler> behind=0x804b202 <SIGFPE handler+2>
deliver: vector=0x80 kind=software saved=0x804b202 <SIGFPE handler+2>
sys_enter: nr=119 name=sigreturn
pt_regs: eip=0x804b202 <SIGFPE handler+2> cs=0x1b eflags=0x202 (IF)
sys_exit: nr=119 name=sigreturn ret=0 IF=0
insn: eip=0x804800b <store: 0x08048000> behind=0x8048010 <exit: 0>
deliver: vector=#PF kind=fault saved=0x804800b <store: 0x08048000> IF=0
exception_entry: vector=#PF name=page fault error=0x7 (user write, not allowed)
pt_regs: eip=0x804800b <store: 0x08048000> cs=0x1b eflags=0x10202 (IF RF)
page_fault_user: address=0x8048000 eip=0x804800b <store: 0x08048000> error=0x7 (user write, not allowed)
signal_generate: sig=11 name=SIGSEGV code=SEGV_ACCERR IF=0 IF=1
signal_deliver: sig=11 name=SIGSEGV handler=SIG_DFL
task_exit: task=fault code=0x8b (signal 11, core dumped)
insn: eip=0x8048000 <int3> behind=0x8048001 <int: 0x21>
deliver: vector=#BP kind=trap saved=0x8048001 <int: 0x21> IF=0
exception_entry: vector=#BP name=int3 error=0
pt_regs: eip=0x8048001 <int: 0x21> cs=0x1b eflags=0x202 (IF)
notify_die: name=DIE_INT3 vector=#BP sig=5
signal_generate: sig=5 name=SIGTRAP code=SI_KERNEL IF=0 IF=1
signal_deliver: sig=5 name=SIGTRAP handler=0x804b140 <SIGTRAP handler>
insn: eip=0x804b140 <SIGTRAP handler> behind=0x804b142 <SIGTRAP handler+2>
deliver: vector=0x80 kind=software saved=0x804b142 <SIGTRAP handler+2>
sys_enter: nr=119 name=sigreturn
pt_regs: eip=0x804b142 <SIGTRAP handler+2> cs=0x1b eflags=0x202 (IF)
sys_exit: nr=119 name=sigreturn ret=0 IF=0
insn: eip=0x8048001 <int: 0x21> behind=0x8048003 <exit: 0>
escalate: raised=#GP error=0x10a (IDT 0x21) during=software 0x21
deliver: vector=#GP kind=fault saved=0x8048001 <int: 0x21>
exception_entry: vector=#GP name=general protection fault error=0x10a (IDT 0x21)
pt_regs: eip=0x8048001 <int: 0x21> cs=0x1b eflags=0x10202 (IF RF)
signal_generate: sig=11 name=SIGSEGV code=SI_KERNEL IF=0 IF=1
signal_deliver: sig=11 name=SIGSEGV handler=SIG_DFL
task_exit: task=trap code=0x8b (signal 11, core dumped)
insn: eip=0x8048000 <getpid> behind=0x8048002 <read: 0x0804d000>
deliver: vector=0x80 kind=software saved=0x8048002 <read: 0x0804d000>
sys_enter: nr=20 name=getpid
pt_regs: eip=0x8048002 <read: 0x0804d000> cs=0x1b eflags=0x202 (IF)
sys_exit: nr=20 name=getpid ret=3 IF=0
insn: eip=0x8048002 <read: 0x0804d000> behind=0x8048004 <read: 0x00001000>
deliver: vector=0x80 kind=software saved=0x8048004 <read: 0x00001000>
sys_enter: nr=3 name=read
pt_regs: eip=0x8048004 <read: 0x00001000> cs=0x1b eflags=0x202 (IF)
insn: eip=0xc0210000 <copy_to_user> behind=0xc0210002 <copy_to_user+2>
deliver: vector=#PF kind=fault saved=0xc0210000 <copy_to_user> IF=0
exception_entry: vector=#PF name=page fault error=0x2 (kernel write, no page)
pt_regs: eip=0xc0210000 <copy_to_user> cs=0x8 eflags=0x10202 (IF RF)
page_fault_kernel: address=0x804d000 eip=0xc0210000 <copy_to_user> error=0x2 (kernel write, no page)
page_mapped: address=0x804d000 task=programmed
sys_exit: nr=3 name=read ret=0 IF=0
insn: eip=0x8048004 <read: 0x00001000> behind=0x8048006 <kill: SIGUSR1>
deliver: vector=0x80 kind=software saved=0x8048006 <kill: SIGUSR1>
sys_enter: nr=3 name=read
pt_regs: eip=0x8048006 <kill: SIGUSR1> cs=0x1b eflags=0x202 (IF)
insn: eip=0xc0210000 <copy_to_user> behind=0xc0210002 <copy_to_user+2>
deliver: vector=#PF kind=fault saved=0xc0210000 <copy_to_user> IF=0
exception_entry: vector=#PF name=page fault error=0x2 (kernel write, no page)
pt_regs: eip=0xc0210000 <copy_to_user> cs=0x8 eflags=0x10202 (IF RF)
page_fault_kernel: address=0x1000 eip=0xc0210000 <copy_to_user> error=0x2 (kernel write, no page)
fixup_exception: eip=0xc0210000 <copy_to_user> address=0xc0211000 <copy_to_user: fixup>
sys_exit: nr=3 name=read ret=-14 IF=0
insn: eip=0x8048006 <kill: SIGUSR1> behind=0x8048008 <exit: 0>
deliver: vector=0x80 kind=software saved=0x8048008 <exit: 0>
sys_enter: nr=37 name=kill
pt_regs: eip=0x8048008 <exit: 0> cs=0x1b eflags=0x202 (IF)
signal_generate: sig=10 name=SIGUSR1 code=SI_USER
sys_exit: nr=37 name=kill ret=0 IF=0 IF=1
signal_deliver: sig=10 name=SIGUSR1 handler=SIG_DFL
task_exit: task=programmed code=0xa (signal 10)
insn: eip=0x8048000 <ioctl: null> behind=0x8048002 <exit: 0>
deliver: vector=0x80 kind=software saved=0x8048002 <exit: 0>
sys_enter: nr=54 name=ioctl
pt_regs: eip=0x8048002 <exit: 0> cs=0x1b eflags=0x202 (IF)
insn: eip=0xd0800000 <driver bug: null> behind=0xd0800005 <driver bug: null+5>
deliver: vector=#PF kind=fault saved=0xd0800000 <driver bug: null> IF=0
exception_entry: vector=#PF name=page fault error=0x2 (kernel write, no page)
pt_regs: eip=0xd0800000 <driver bug: null> cs=0x8 eflags=0x10202 (IF RF)
page_fault_kernel: address=0 eip=0xd0800000 <driver bug: null> error=0x2 (kernel write, no page) IF=0
oops: name=Oops error=0x2 count=1
notify_die: name=DIE_OOPS vector=#PF sig=11
show_registers: eip=0xd0800000 <driver bug: null> vector=#PF task=oops
task_exit: task=oops code=0xb (signal 11)
insn: eip=0x8048002 <ioctl: wild> behind=0x8048004 <div0>
deliver: vector=0x80 kind=software saved=0x8048004 <div0>
sys_enter: nr=54 name=ioctl
pt_regs: eip=0x8048004 <div0> cs=0x1b eflags=0x202 (IF)
sys_exit: nr=54 name=ioctl ret=0 IF=0
insn: eip=0x8048004 <div0> behind=0x8048006 <exit: 0>
escalate: raised=#GP error=0x3 (IDT 0, EXT) during=#DE
deliver: vector=#DF kind=abort saved=0x8048004 <div0> IF=0
exception_entry: vector=#DF name=double fault error=0
double_fault: eip=0x8048004 <div0> cs=0x1b esp=0xbffffff0
END
diff want what || bad "the dump tells another story"

# The code of each task stands above.
sed -n 's/^# *//p' dump >what
cat >want <<END
code of task fault
0x8048000  run: 10us
0x8048002  load: 0x0804c010
0x8048007  fpu
0x8048009  div0
0x804800b  store: 0x08048000
0x8048010  exit: 0
0x804b200  SIGFPE handler
code of task trap
0x8048000  int3
0x8048001  int: 0x21
0x8048003  exit: 0
0x804b140  SIGTRAP handler
code of task programmed
0x8048000  getpid
0x8048002  read: 0x0804d000
0x8048004  read: 0x00001000
0x8048006  kill: SIGUSR1
0x8048008  exit: 0
code of task oops
0x8048000  ioctl: null
0x8048002  exit: 0
code of task abort
0x8048000  run: 200us
0x8048002  ioctl: wild
0x8048004  div0
0x8048006  exit: 0
END
diff want what || bad "another listing"
[ "$(grep -c '^#' dump)" = "$(sed '/^#/!q' dump | grep -c '^#')" ] || bad "the listing is not above all"

# What the example's head says of the dump is in it.
sed -n '/^[^#]/q; s/^#   \([a-z_]*: .*\)/\1/p' "$source/examples/exceptions.yaml" >said
[ "$(wc -l <said)" -ge 8 ] || bad "the example explains nothing"
while read -r line; do
    grep -qxF -e "$line" events || bad "not in the dump: $line"
done <said

# What an instruction raises is caused by it, not by what happened before.
awk '{ n = $3; sub(/^#/, "", n) } / insn: / { insn[n] = 1; if ($4 ~ /^<-/) bad = 1 }
     / (deliver|escalate): / { sub(/^<-/, "", $4); if (!insn[$4] && !($4 in escalated)) bad = 1 }
     / escalate: / { escalated[n] = 1 } END { exit bad }' dump || bad "an exception has another cause"

# What ends the trap's task is INT 0x21, what ends the abort's is its DIV.
prints 'escalate: raised=#GP error=0x10a (IDT 0x21) during=software 0x21'
prints 'escalate: raised=#GP error=0x3 (IDT 0, EXT) during=#DE'

finish
