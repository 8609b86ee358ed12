# SPDX-License-Identifier: MIT
# boot.s - from the loader to the story: segments, gates, pages, chips
#
# A flat image at 1 MiB. The header makes QEMU's -kernel take it as it is; the
# state at `start` is the loader's: protected mode, flat segments, IF = 0.
.include "hw.inc"

    .text
    .globl start
multiboot:
    .long 0x1BADB002, 0x00010000, -(0x1BADB002 + 0x00010000)
    .long multiboot, multiboot, end_of_image, end_of_bss, start

start:
    cld
    lgdt gdtr
    ljmp $CODE, $1f
1:  mov $STACK, %eax
    mov %eax, %ss
    mov $kernel_stack_top, %esp
    mov $DATA, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %fs
    mov %eax, %gs
    call make_gates
    lidt idtr
    call make_tss
    call make_pages
    call virtual_wire
    call pit_silence
    call pic_setup
    jmp story

# ---- tables ----

# Every vector has an interrupt gate to its stub, but for those in `special`.
make_gates:
    xor %ecx, %ecx
1:  mov %ecx, %eax
    shl $4, %eax
    add $stubs, %eax
    mov %eax, %edx
    mov %ax, idt(, %ecx, 8)
    movw $CODE, idt + 2(, %ecx, 8)
    mov $0x8E00, %dx
    mov %edx, idt + 4(, %ecx, 8)
    inc %cl
    jnz 1b
    movb $0xEF, idt + 8 * V_BP + 5          # trap gates for ring 3
    movb $0xEF, idt + 8 * V_OF + 5
    movb $0xEF, idt + 8 * V_SYSCALL + 5
    movb $0x0E, idt + 8 * V_HOLE + 5
    movl $TSS_DF << 16, idt + 8 * V_DF      # a task gate
    movl $0x8500, idt + 8 * V_DF + 4
    ret

# \tss into the base of descriptor \selector
.macro tss_base selector, tss
    mov $\tss, %eax
    mov %ax, gdt + \selector + 2
    shr $16, %eax
    mov %al, gdt + \selector + 4
    mov %ah, gdt + \selector + 7
.endm

make_tss:
    tss_base TSS_MAIN, main_tss
    tss_base TSS_DF, df_tss
    mov $TSS_MAIN, %eax
    ltr %ax
    ret

# The first 4 MiB map to themselves, as do the APICs. Two pages are absent.
make_pages:
    xor %ecx, %ecx
1:  mov %ecx, %eax
    shl $12, %eax
    or $3, %eax                             # present, writable
    mov %eax, low_pages(, %ecx, 4)
    inc %ecx
    cmp $1024, %ecx
    jne 1b
    mov $user_text, %ecx
1:  mov %ecx, %eax
    shr $12, %eax
    orl $4, low_pages(, %eax, 4)            # ring 3 may come here
    add $4096, %ecx
    cmp $user_end, %ecx
    jne 1b
    andl $~2, low_pages + (READ_ONLY >> 12) * 4
    movl $0, low_pages + (LAZY >> 12) * 4
    movl $0, low_pages + (USER_LAZY >> 12) * 4
    movl $0, low_pages + (NOWHERE >> 12) * 4
    movl $0xFEC00013, apic_pages            # not cached
    movl $0xFEE00013, apic_pages + 0x200 * 4
    movl $low_pages + 7, page_directory
    movl $apic_pages + 3, page_directory + (0xFEC00000 >> 22) * 4
    mov $page_directory, %eax
    mov %eax, %cr3
    mov %cr0, %eax
    or $0x80010000, %eax                    # PG, and WP for ring 0 as well
    mov %eax, %cr0
    ret

    .equ READ_ONLY, 0x300000
    .equ LAZY,      0x301000
    .equ NOWHERE,   0x303000
    .equ USER_LAZY, 0x304000
    .globl READ_ONLY, LAZY, NOWHERE, USER_LAZY

# ---- chips ----

# The 8259A's INT reaches the CPU as ExtINT through LINT0.
virtual_wire:
    movl $0x1FF, LAPIC_SVR
    movl $APIC_EXTINT, LAPIC_LINT0
    movl $APIC_NMI, LAPIC_LINT1
    ret

# Mode 0 without a count: OUT stays low.
    .globl pit_silence
pit_silence:
    outp PIT_CMD, $0x30
    ret

# Vectors 20-2F, edges, all lines masked.
    .globl pic_setup
pic_setup:
    outp PIC_CMD, $0x11
    outp PIC2_CMD, $0x11
    outp PIC_DATA, $V_PIC
    outp PIC2_DATA, $V_PIC + 8
    outp PIC_DATA, $1 << 2
    outp PIC2_DATA, $2
    outp PIC_DATA, $1
    outp PIC2_DATA, $1
    outp PIC_DATA, $0xFF
    outp PIC2_DATA, $0xFF
    ret

# ---- data ----

    .data
    .balign 8
gdt:
    .quad 0
    .quad 0x00CF9A000000FFFF                # CODE
    .quad 0x00CF92000000FFFF                # STACK
    .quad 0x00CFFA000000FFFF                # USER_CODE
    .quad 0x00CFF2000000FFFF                # DATA
    .quad 0x0000890000000067                # TSS_MAIN
    .quad 0x0000890000000067                # TSS_DF
    .quad 0x00CF12000000FFFF                # ABSENT
gdtr:
    .word . - gdt - 1
    .long gdt
idtr:
    .word 256 * 8 - 1
    .long idt

    .globl main_tss
    .balign 128                             # no TSS crosses a page
main_tss:
    .long 0, kernel_stack_top, STACK
    .fill 4, 4, 0
    .long page_directory                    # CR3: loaded by a task switch, never saved
    .fill 17, 4, 0
    .word 0, 104                            # no I/O permission map

    .balign 128
df_tss:
    .long 0
    .fill 6, 4, 0
    .long page_directory, double_fault, 2   # CR3, EIP, EFLAGS
    .long 0, 0, 0, 0, df_stack_top, 0, 0, 0
    .long DATA, CODE, STACK, DATA, DATA, DATA, 0
    .word 0, 104

    .bss
    .balign 4096
page_directory: .skip 4096
low_pages:      .skip 4096
apic_pages:     .skip 4096
idt:            .skip 256 * 8
                .skip 4096
kernel_stack_top:
                .skip 4096
df_stack_top:
    .globl low_pages, kernel_stack_top
