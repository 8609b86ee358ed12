# SPDX-License-Identifier: MIT
# user.s - the task in ring 3, on pages of its own
.include "hw.inc"

    .section .user, "awx"
    .balign 4096
    .globl user, user_text, user_end, user_ticks, user_stack_top
user_text:
user:
    mov $1, %eax
    int $V_SYSCALL
    provoke cli
    provoke int $V_PIC                      # a gate for ring 0 only
    movl $1, USER_LAZY                      # mapped by the handler
    provoke mov READ_ONLY, %eax             # not ours
    mov $2, %eax
    int $V_SYSCALL
1:  cmpl $1, user_ticks
    jne 1b
    xor %eax, %eax
    int $V_SYSCALL

user_ticks: .long 0
    .balign 4096
    .skip 4096
user_stack_top:
user_end:
