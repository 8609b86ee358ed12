# SPDX-License-Identifier: MIT
# log.s - the log: text to the debug port; nothing in it depends on time
.include "hw.inc"

    .text
    .globl print
# print(text, args...): see the macro `log`. All registers are kept.
print:
    pusha
    mov 36(%esp), %esi
    lea 40(%esp), %ebx
    mov depth, %ecx
1:  jecxz 2f
    mov $indent, %edi
    call put_string
    dec %ecx
    jmp 1b
2:  lodsb
    test %al, %al
    jz 9f
    cmp $'%', %al
    je 3f
    out %al, $DEBUG_CON
    jmp 2b
3:  mov (%ebx), %edi
    add $4, %ebx
    lodsb
    cmp $'s', %al
    je 4f
    call put_hex
    jmp 2b
4:  call put_string
    jmp 2b
9:  mov $'\n', %al
    out %al, $DEBUG_CON
    popa
    ret

# The string at EDI. Changes EAX and EDI.
put_string:
    mov (%edi), %al
    inc %edi
    test %al, %al
    jz 1f
    out %al, $DEBUG_CON
    jmp put_string
1:  ret

# The low digits of EDI; AL is their number as a character. Changes EAX, ECX, EDI.
put_hex:
    movzbl %al, %ecx
    and $15, %ecx
    push %ecx
    shl $2, %ecx
    ror %cl, %edi
    pop %ecx
1:  rol $4, %edi
    mov %edi, %eax
    and $15, %eax
    mov digits(%eax), %al
    out %al, $DEBUG_CON
    loop 1b
    ret

    .section .rodata
digits: .ascii "0123456789abcdef"
indent: .asciz "  "

    .data
    .globl depth
depth:  .long 0                             # handlers entered and not left
