/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A Xen PV guest that blocks for ever: enough to have a domain with memory
 * and a vCPU, cheap enough to have a hundred of them.
 */
#define SCHEDOP_BLOCK       1
#define HYPERCALL_SCHED_OP  29
#define BASE                0xffffffff80000000

/* An ELF note by which Xen's domain builder knows a PV kernel. */
#define XEN_NOTE(type, value)           \
    .pushsection .note.Xen, "a", @note; \
    .align 4;                           \
    .long 4, 2f - 1f, type;             \
    .asciz "Xen";                       \
    .align 4;                           \
1:  value;                              \
2:  .align 4;                           \
    .popsection

    XEN_NOTE(6, .asciz "blocker")           /* GUEST_OS */
    XEN_NOTE(5, .asciz "xen-3.0")           /* XEN_VERSION */
    XEN_NOTE(3, .quad BASE)                 /* VIRT_BASE */
    XEN_NOTE(4, .quad BASE)                 /* PADDR_OFFSET */
    XEN_NOTE(1, .quad _start)               /* ENTRY */
    XEN_NOTE(2, .quad hypercall_page)       /* HYPERCALL_PAGE */
    XEN_NOTE(8, .asciz "generic")           /* LOADER */
    XEN_NOTE(9, .asciz "yes")               /* PAE_MODE */

    .text
    .globl _start
_start:
    mov     $SCHEDOP_BLOCK, %edi
    xor     %esi, %esi
    call    hypercall_page + HYPERCALL_SCHED_OP * 32
    jmp     _start

    /* Xen fills this page with 32 bytes of code for each hypercall. */
    .align  4096
hypercall_page:
    .skip   4096

    .section .note.GNU-stack, "", @progbits
