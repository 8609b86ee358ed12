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
sed -n 's/^[^#]*#[0-9]* \(<-[0-9]* \)\{0,1\}//p' out |
    grep -E '^(exception_entry|pt_regs|page_|fixup|fpu|notify|signal|sys_|oops|double|task_exit|escalate)' >what
cat >want <<END
exception_entry: vector=14 name=page fault error=0x4
pt_regs: eip=0x8048002 cs=0x1b eflags=0x10202
page_fault_user: address=0x804c010 eip=0x8048002 error=0x4
page_mapped: address=0x804c010 task=fault
exception_entry: vector=7 name=device not available error=0
pt_regs: eip=0x8048007 cs=0x1b eflags=0x10202
fpu_restore: task=fault
exception_entry: vector=0 name=divide error error=0
pt_regs: eip=0x8048009 cs=0x1b eflags=0x10202
notify_die: name=DIE_TRAP vector=0 sig=8
signal_generate: sig=8 name=SIGFPE code=1
signal_deliver: sig=8 name=SIGFPE address=0x804b200
sys_enter: nr=119 name=sigreturn
pt_regs: eip=0x804b202 cs=0x1b eflags=0x202
sys_exit: nr=119 name=sigreturn ret=0
exception_entry: vector=14 name=page fault error=0x7
pt_regs: eip=0x804800b cs=0x1b eflags=0x10202
page_fault_user: address=0x8048000 eip=0x804800b error=0x7
signal_generate: sig=11 name=SIGSEGV code=2
signal_deliver: sig=11 name=SIGSEGV address=0
task_exit: task=fault code=139
exception_entry: vector=3 name=int3 error=0
pt_regs: eip=0x8048001 cs=0x1b eflags=0x202
notify_die: name=DIE_INT3 vector=3 sig=5
signal_generate: sig=5 name=SIGTRAP code=128
signal_deliver: sig=5 name=SIGTRAP address=0x804b140
sys_enter: nr=119 name=sigreturn
pt_regs: eip=0x804b142 cs=0x1b eflags=0x202
sys_exit: nr=119 name=sigreturn ret=0
escalate: vector=13 error=0x10a kind=3
exception_entry: vector=13 name=general protection fault error=0x10a
pt_regs: eip=0x8048001 cs=0x1b eflags=0x10202
signal_generate: sig=11 name=SIGSEGV code=128
signal_deliver: sig=11 name=SIGSEGV address=0
task_exit: task=trap code=139
sys_enter: nr=20 name=getpid
pt_regs: eip=0x8048002 cs=0x1b eflags=0x202
sys_exit: nr=20 name=getpid ret=3
sys_enter: nr=3 name=read
pt_regs: eip=0x8048004 cs=0x1b eflags=0x202
exception_entry: vector=14 name=page fault error=0x2
pt_regs: eip=0xc0210000 cs=0x8 eflags=0x10202
page_fault_kernel: address=0x804d000 eip=0xc0210000 error=0x2
page_mapped: address=0x804d000 task=programmed
sys_exit: nr=3 name=read ret=0
sys_enter: nr=3 name=read
pt_regs: eip=0x8048006 cs=0x1b eflags=0x202
exception_entry: vector=14 name=page fault error=0x2
pt_regs: eip=0xc0210000 cs=0x8 eflags=0x10202
page_fault_kernel: address=0x1000 eip=0xc0210000 error=0x2
fixup_exception: eip=0xc0210000 address=0xc0211000
sys_exit: nr=3 name=read ret=-14
sys_enter: nr=37 name=kill
pt_regs: eip=0x8048008 cs=0x1b eflags=0x202
signal_generate: sig=10 name=SIGUSR1 code=0
sys_exit: nr=37 name=kill ret=0
signal_deliver: sig=10 name=SIGUSR1 address=0
task_exit: task=programmed code=10
sys_enter: nr=54 name=ioctl
pt_regs: eip=0x8048002 cs=0x1b eflags=0x202
exception_entry: vector=14 name=page fault error=0x2
pt_regs: eip=0xd0800000 cs=0x8 eflags=0x10202
page_fault_kernel: address=0 eip=0xd0800000 error=0x2
oops: name=Oops error=0x2 count=1
notify_die: name=DIE_OOPS vector=14 sig=11
task_exit: task=oops code=11
sys_enter: nr=54 name=ioctl
pt_regs: eip=0x8048004 cs=0x1b eflags=0x202
sys_exit: nr=54 name=ioctl ret=0
escalate: vector=13 error=0x3 kind=2
exception_entry: vector=8 name=double fault error=0
double_fault: eip=0x8048004 cs=0x1b esp=0xbffffff0
END
diff want what || bad "the dump tells another story"

finish
