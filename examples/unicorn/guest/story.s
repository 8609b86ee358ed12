# SPDX-License-Identifier: MIT
# story.s - what the guest does, chapter by chapter, with the handlers of each
#
# Between chapters IF = 0, all lines are masked and nothing is in service.
.include "hw.inc"

    .text
    .globl story
story:
    call exceptions
    call page_faults
    call pic_timer
    call pic_nesting
    call pic_waiting
    call pic_withdrawn
    call pic_spurious
    call ring3
    call apic_identity
    call apic_nesting
    call apic_timer
    call stack_shadow
    call ioapic_edge
    call ioapic_level
    call nmi
    call double_faults
    log "end"
    outp DEBUG_EXIT, $0
    hlt

# ---- exceptions in ring 0 ----

exceptions:
    log "exceptions in ring 0"
    on 0, divide_error
    on V_DB, single_step
    .irp vector, 3, 4, 5, 6, 11, 12, 13
    on \vector, exception
    .endr
    sti                                     # so that `if` tells gates apart
    xor %ecx, %ecx
    xor %edx, %edx
    mov $6, %eax
    provoke div %ecx
    log "6 / 1 = %1", %eax
    provoke int3
    mov $0x7F, %al
    add $1, %al
    provoke into
    mov $9, %eax
    provoke bound %eax, bounds
    provoke ud2
    mov $BEYOND, %eax
    provoke mov %eax, %fs
    mov $ABSENT, %eax
    provoke mov %eax, %fs
    provoke mov %eax, %ss
    provoke int $V_HOLE
    cli
    mov $1f, %esi
    mov $2f, %edi
    pushf
    orl $EFLAGS_TF, (%esp)
    popf
1:  nop                                     # the first that begins with TF set
2:  ret

# TF is cleared in the image, or every instruction would trap from now on.
single_step:
    andl $~EFLAGS_TF, F_EFLAGS(%ebp)
    jmp exception

# ---- pages ----

page_faults:
    log "page faults in ring 0"
    on V_PF, page_fault
    mov LAZY + 4, %eax                      # absent: the handler maps it
    movl $5, LAZY + 4
    log "read %1, then %1", %eax, LAZY + 4
    provoke movl %eax, READ_ONLY
    ret

# ---- 8259A and 8254 ----

# AL := IRR, or ISR
pic_irr:
    outp PIC_CMD, $PIC_READ_IRR
    jmp 1f
pic_isr:
    outp PIC_CMD, $PIC_READ_ISR
1:  inp PIC_CMD
    movzbl %al, %eax
    ret

# Counter 0 raises IRQ0 once, soon.
pit_once:
    outp PIT_CMD, $0x30                     # mode 0
    outp PIT_0, $0x00
    outp PIT_0, $0x01
    ret

pic_timer:
    log "three ticks of the 8254 through the 8259A"
    on V_PIC, tick
    movl $0, ticks
    outp PIT_CMD, $0x34                     # mode 2: a tick a millisecond
    outp PIT_0, $0xA9
    outp PIT_0, $0x04
    outp PIC_DATA, $~(1 << 0)
    wait_for ticks, $3
    ret

# Masks the line with the third tick.
tick:
    incl ticks
    call pic_isr
    log "tick %1, isr %2", ticks, %eax
    cmpl $3, ticks
    jb 1f
    outp PIC_DATA, $0xFF
    call pit_silence
1:  outp PIC_CMD, $PIC_EOI + 0
    ret

# ---- a device: the UART's "transmitter empty" on IRQ4 ----

uart_raise:
    outp UART_LCR, $0
    outp UART_MCR, $1 << 3                  # OUT2 lets the line out
    outp UART_IER, $0
    outp UART_IER, $UART_THRI
    ret

# Reading the identification takes the request back. AL := 2, or 1 for none.
uart_lower:
    inp UART_IIR
    movzbl %al, %eax
    ret

pic_nesting:
    log "a tick inside the handler of a device"
    on V_PIC, inner_tick
    on V_PIC + 4, outer_device
    movl $0, ticks
    movl $0, devices
    outp PIC_DATA, $~(1 << 0 | 1 << 4)
    call uart_raise
    wait_for devices, $1
    outp PIC_DATA, $0xFF
    ret

outer_device:
    call uart_lower
    log "device in, iir %2", %eax
    call pit_once
    wait_for ticks, $1                      # with interrupts on, no EOI yet
    call pic_isr
    log "device out, isr %2", %eax
    outp PIC_CMD, $PIC_EOI + 4
    incl devices
    ret

inner_tick:
    call pic_isr
    log "tick, isr %2", %eax
    call pit_silence
    outp PIC_CMD, $PIC_EOI + 0
    incl ticks
    ret

pic_waiting:
    log "a device waits for the end of a tick"
    on V_PIC, long_tick
    on V_PIC + 4, device
    movl $0, devices
    outp PIC_DATA, $~(1 << 0 | 1 << 4)
    call pit_once
    wait_for devices, $1
    outp PIC_DATA, $0xFF
    ret

long_tick:
    call uart_raise
    sti
    nop
    nop
    cli
    call pic_irr
    mov %eax, %ebx
    call pic_isr
    log "tick, irr %2, isr %2", %ebx, %eax
    call pit_silence
    outp PIC_CMD, $PIC_EOI + 0
    ret

device:
    call uart_lower
    mov %eax, %ebx
    call pic_isr
    log "device, iir %2, isr %2", %ebx, %eax
    outp PIC_CMD, $PIC_EOI + 4
    incl devices
    ret

# An edge counts only while its line stays up: this line differs on QEMU.
pic_withdrawn:
    log "a device takes its request back"
    outp PIC_DATA, $~(1 << 4)
    call uart_raise
    call pic_irr
    mov %eax, %ebx
    call uart_lower
    call pic_irr
    log "irr %2, then %2", %ebx, %eax
    call pic_setup
    ret

# The 8259A asks through LINT0 and through pin 0 of the I/O APIC; then it has no
# reason left, and LINT0 was closed meanwhile. The CPU still acknowledges.
pic_spurious:
    log "a spurious IRQ7"
    on V_PIC + 7, spurious
    movl $0, devices
    movl $0x10, IOAPIC_SELECT
    movl $APIC_EXTINT, IOAPIC_WINDOW
    outp PIC_DATA, $~(1 << 4)
    call uart_raise
    movl $APIC_EXTINT | APIC_MASKED, LAPIC_LINT0
    outp PIC_DATA, $0xFF
    movl $APIC_EXTINT, LAPIC_LINT0
    sti
    nop
    nop
    cli
    log "handled %1", devices
    movl $APIC_MASKED, IOAPIC_WINDOW
    call uart_lower
    call pic_setup
    ret

spurious:
    call pic_isr
    log "vector %2, isr %2", F_VECTOR(%ebp), %eax
    incl devices
    ret

# ---- ring 3 (user.s) ----

ring3:
    log "a task in ring 3"
    on V_SYSCALL, syscall
    on V_PIC, user_tick
    movl $0, user_ticks
    pusha
    mov %esp, good_esp
    mov %esp, main_tss + TSS_ESP0         # handlers stack below this frame
    pushl $DATA
    pushl $user_stack_top
    pushl $EFLAGS_IF | 2
    pushl $USER_CODE
    pushl $user
    iret

# EAX: 0 leave, 1 say hello, 2 arm the timer
syscall:
    mov F_EAX(%ebp), %eax
    jmp *calls(, %eax, 4)

sys_leave:
    cli
    decl depth
    mov good_esp, %esp
    popa
    ret

sys_say:
    mov F_CS(%ebp), %ecx
    and $3, %ecx
    call flag_if
    log "hello from ring %1, if %1", %ecx, %eax
    ret

sys_arm:
    outp PIC_DATA, $~(1 << 0)
    jmp pit_once

user_tick:
    mov F_CS(%ebp), %ecx
    and $3, %ecx
    call pic_isr
    log "tick in ring %1, isr %2", %ecx, %eax
    outp PIC_DATA, $0xFF
    outp PIC_CMD, $PIC_EOI + 0
    incl user_ticks
    ret

# ---- local APIC ----

apic_identity:
    mov $1, %eax
    cpuid
    shr $9, %edx
    and $1, %edx
    mov %edx, %edi
    mov $MSR_APIC_BASE, %ecx
    rdmsr
    wrmsr
    log "cpuid: apic %1, base %8", %edi, %eax
    ret

.macro self_ipi vector
    movl $APIC_TO_SELF | \vector, LAPIC_ICR_LOW
.endm

apic_nesting:
    log "self IPIs of three classes"
    on V_LOW, ipi_low
    on V_MIDDLE, ipi_middle
    on V_HIGH, ipi_high
    sti
    self_ipi V_MIDDLE
    nop
    cli
    ret

ipi_middle:
    log "51 in, ppr %2", LAPIC_PPR
    sti
    self_ipi V_LOW                          # waits for our EOI
    nop
    self_ipi V_HIGH                         # does not
    nop
    cli
    log "51 out, ppr %2", LAPIC_PPR
    movl $0, LAPIC_EOI
    ret

ipi_low:
ipi_high:
    log "%2, ppr %2", F_VECTOR(%ebp), LAPIC_PPR
    movl $0, LAPIC_EOI
    ret

apic_timer:
    log "three ticks of the local APIC's timer"
    on V_TIMER, lapic_tick
    movl $0, ticks
    movl $0xB, LAPIC_DIVIDE
    movl $APIC_PERIODIC | V_TIMER, LAPIC_TIMER
    movl $1000000, LAPIC_INITIAL
    wait_for ticks, $3
    ret

lapic_tick:
    incl ticks
    log "tick %1, ppr %2", ticks, LAPIC_PPR
    cmpl $3, ticks
    jb 1f
    movl $APIC_MASKED, LAPIC_TIMER
    movl $0, LAPIC_INITIAL
1:  movl $0, LAPIC_EOI
    ret

# MOV SS keeps interrupts away until the next instruction is done (CPU-74): of many
# ticks none comes between the two.
stack_shadow:
    log "sixteen ticks around MOV SS"
    on V_TIMER, shadow_tick
    movl $0, ticks
    movl $0, between
    movl $APIC_PERIODIC | V_TIMER, LAPIC_TIMER
    movl $12345, LAPIC_INITIAL
    mov $STACK, %eax
    sti
1:  mov %eax, %ss
behind_mov_ss:
    cmpl $16, ticks
    jb 1b
    cli
    log "between the two: %1", between
    ret

shadow_tick:
    cmpl $behind_mov_ss, F_EIP(%ebp)
    jne 1f
    incl between
1:  incl ticks
    cmpl $16, ticks
    jb 1f
    movl $APIC_MASKED, LAPIC_TIMER
    movl $0, LAPIC_INITIAL
1:  movl $0, LAPIC_EOI
    ret

# ---- I/O APIC ----

# route pin, entry: the low half; the high half says physical, APIC 0
.macro route pin, entry
    movl $0x11 + 2 * \pin, IOAPIC_SELECT
    movl $0, IOAPIC_WINDOW
    movl $0x10 + 2 * \pin, IOAPIC_SELECT
    movl $\entry, IOAPIC_WINDOW
.endm

ioapic_edge:
    log "the 8254 through pin 2 of the I/O APIC"
    on V_PIN2, pin2
    movl $0, ticks
    route 2, V_PIN2
    call pit_once
    wait_for ticks, $1
    route 2, APIC_MASKED
    call pit_silence
    ret

pin2:
    log "tick, ppr %2", LAPIC_PPR
    movl $0, LAPIC_EOI
    incl ticks
    ret

# The handler leaves the line up once, so the EOI makes the entry send again.
ioapic_level:
    log "the device through pin 4, level triggered"
    on V_PIN4, pin4
    movl $0, devices
    route 4, APIC_LEVEL | V_PIN4
    call uart_raise
    wait_for devices, $2
    route 4, APIC_MASKED
    ret

pin4:
    incl devices
    call remote_irr
    mov %eax, %ebx
    cmpl $2, devices
    jb 1f
    call uart_lower
1:  movl $0, LAPIC_EOI
    call remote_irr
    log "device %1: remote irr %1, after EOI %1", devices, %ebx, %eax
    ret

remote_irr:
    mov IOAPIC_WINDOW, %eax
    shr $REMOTE_IRR, %eax
    and $1, %eax
    ret

# ---- NMI ----

nmi:
    log "an NMI, and one inside it"
    on V_NMI, on_nmi
    movl $0, devices
    call send_nmi
    nop
    log "handled %1", devices
    ret

# To our own ID: the self shorthand sends fixed vectors only.
send_nmi:
    mov LAPIC_ID, %eax
    mov %eax, LAPIC_ICR_HIGH
    movl $APIC_NMI, LAPIC_ICR_LOW
    ret

on_nmi:
    incl devices
    log "nmi %1 in", devices
    cmpl $1, devices
    jne 1f
    call send_nmi                           # latched until IRET
    nop
1:  log "nmi %1 out", devices
    ret

# ---- #DF ----

double_faults:
    log "a stack that is nowhere"
    mov %esp, good_esp
    mov $NOWHERE + 0x800, %esp
    provoke push %eax
    mov $NOWHERE + 0x800, %esp              # once more: the task is free again
    provoke mov NOWHERE, %eax
    ret

# ---- data ----

    .section .rodata
calls:  .long sys_leave, sys_say, sys_arm
bounds: .long 1, 8

    .data
    .balign 4
ticks:   .long 0
devices: .long 0
between: .long 0
