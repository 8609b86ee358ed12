# SPDX-License-Identifier: MIT
# traps.s - every vector's way in and out, and the handlers of exceptions
.include "hw.inc"

# 256 stubs of 16 bytes. After a stub all frames look alike: vector, error code
# (0 where the CPU pushes none), EIP, CS, EFLAGS.
    .text
    .globl stubs
    .balign 16
stubs:
    .set vector, 0
    .rept 256
    .balign 16
    .if !((vector == 8) || (vector >= 10 && vector <= 14) || (vector == 17))
    push $0
    .endif
    push $vector
    jmp enter
    .set vector, vector + 1
    .endr

# Calls the vector's handler with EBP at the frame. A handler may change what is
# in it. DS and ES are the same in both rings.
enter:
    pusha
    mov %esp, %ebp
    incl depth
    mov F_VECTOR(%ebp), %eax
    call *handlers(, %eax, 4)
    cli                                     # depth is this frame's, and so is EBP
    decl depth
    popa
    add $8, %esp
    iret

# An exception that was provoked: tells and goes on behind it.
    .globl exception
exception:
    mov F_EIP(%ebp), %edx
    sub F_ESI(%ebp), %edx                   # 0: a fault. Else its length: a trap
    mov F_EDI(%ebp), %eax
    mov %eax, F_EIP(%ebp)
    mov F_CS(%ebp), %ecx
    and $3, %ecx
    call flag_if
    mov F_VECTOR(%ebp), %edi
    mov names(, %edi, 4), %ebx
    btl %edi, has_error
    jc 1f
    log "%s              eip+%1, from ring %1, if %1", %ebx, %edx, %ecx, %eax
    ret
1:  log "%s error %8 eip+%1, from ring %1, if %1", %ebx, F_ERROR(%ebp), %edx, %ecx, %eax
    ret

# EAX := IF
    .globl flag_if
flag_if:
    pushf
    pop %eax
    shr $9, %eax
    and $1, %eax
    ret

# #DE, mended: the instruction is executed again with a divisor.
    .globl divide_error
divide_error:
    mov F_EIP(%ebp), %edx
    sub F_ESI(%ebp), %edx
    log "#DE eip+%1, divisor %1: mended, once more", %edx, F_ECX(%ebp)
    movl $1, F_ECX(%ebp)
    ret

# #PF: maps the page, the instruction is executed again. What no page can mend is
# told as any other exception.
    .globl page_fault
page_fault:
    mov %cr2, %eax
    log "#PF error %8 cr2 %8", F_ERROR(%ebp), %eax
    testb $1, F_ERROR(%ebp)
    jnz exception
    mov %eax, %edx
    and $~0xFFF, %edx
    or $7, %edx
    mov %eax, %ecx
    shr $12, %ecx
    mov %edx, low_pages(, %ecx, 4)
    invlpg (%eax)
    ret

# The task of #DF. The interrupted task's registers are in its TSS; it goes on
# at its EDI with a stack that exists.
    .globl double_fault
double_fault:
    pop %eax
    mov %cr2, %ecx
    mov main_tss + TSS_EIP, %edx
    sub main_tss + TSS_ESI, %edx
    str %ebx
    smsw %edi
    shr $3, %edi
    and $1, %edi                            # TS
    log "#DF error %8 in task %2, ts %1: eip+%1, esp %8, cr2 %8", %eax, %ebx, %edi, %edx, main_tss + TSS_ESP, %ecx
    clts
    mov main_tss + TSS_EDI, %eax
    mov %eax, main_tss + TSS_EIP
    mov good_esp, %eax
    mov %eax, main_tss + TSS_ESP
    iret                                    # NT is set: back to the task before
    jmp double_fault

# A vector nobody expects ends the run.
unexpected:
    log "unexpected vector %2 error %8 eip %8", F_VECTOR(%ebp), F_ERROR(%ebp), F_EIP(%ebp)
    outp DEBUG_EXIT, $1
    cli
    hlt

    .section .rodata
has_error:
    .long 1 << 8 | 1 << 10 | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 17
names:
    .long n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11, n12, n13, n14
n0:  .asciz "#DE"
n1:  .asciz "#DB"
n2:  .asciz "NMI"
n3:  .asciz "#BP"
n4:  .asciz "#OF"
n5:  .asciz "#BR"
n6:  .asciz "#UD"
n7:  .asciz "#NM"
n8:  .asciz "#DF"
n9:  .asciz "---"
n10: .asciz "#TS"
n11: .asciz "#NP"
n12: .asciz "#SS"
n13: .asciz "#GP"
n14: .asciz "#PF"

    .data
    .globl handlers, good_esp
handlers:
    .rept 256
    .long unexpected
    .endr
good_esp: .long 0
