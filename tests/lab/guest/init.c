/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The only process of the lab's Linux guests. It says that the guest is up
 * and with how many CPUs, then counts seconds, so that a test can see that
 * the guest went on living through a migration. Started as poweroff or
 * reboot, which is what Linux runs when Xen asks for one, it does that.
 * No C library: a guest's initramfs is a few KiB.
 */
#include <linux/reboot.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>

static long call(long number, long a, long b, long c, long d)
{
    register long r10 __asm__("r10") = d;
    long ret;

    __asm__ volatile("syscall"
                     : "=a"(ret)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
                     : "rcx", "r11", "memory");
    return ret;
}

/* One write a line, so that the kernel's own lines do not cut it. */
static void say(const char *text, unsigned long number)
{
    char line[64], digits[24];
    size_t n = 0, d = 0;

    while (*text)
        line[n++] = *text++;
    do {
        digits[d++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    while (d)
        line[n++] = digits[--d];
    line[n++] = '\n';
    call(SYS_write, 1, (long)line, (long)n, 0);
}

static unsigned long cpu_count(void)
{
    unsigned long mask[16] = { 0 }, count = 0;
    size_t i;

    call(SYS_sched_getaffinity, 0, sizeof(mask), (long)mask, 0);
    for (i = 0; i < sizeof(mask) / sizeof(mask[0]); i++) {
        for (; mask[i]; mask[i] &= mask[i] - 1)
            count++;
    }
    return count;
}

static void restart(long command)
{
    call(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, command, 0);
}

/* The stack holds argc and argv: argv[0] tells /init from /sbin/reboot. */
__attribute__((used)) void start(const long *stack)
{
    const char *name = (const char *)stack[1];
    const struct timespec second = { .tv_sec = 1 };
    unsigned long i;

    while (name[1])
        name++;
    if (*name == 'f') /* poweroff */
        restart((long)LINUX_REBOOT_CMD_POWER_OFF);
    if (name[0] == 't' && name[-1] == 'o') /* reboot */
        restart((long)LINUX_REBOOT_CMD_RESTART);

    say("GUEST UP cpus=", cpu_count());
    for (i = 1;; i++) {
        call(SYS_nanosleep, (long)&second, 0, 0, 0);
        say("tick ", i);
    }
}

__asm__(".globl _start\n"
        "_start: mov %rsp, %rdi\n"
        "and $-16, %rsp\n"
        "call start\n");
