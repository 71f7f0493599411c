/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The only process of the lab's Linux guests. It says that the guest is up
 * and with how many CPUs, then counts seconds, and tells with each how many
 * milliseconds the guest has been up, so that a test can see that the guest
 * went on living through a migration, and for how long it stood still. Started
 * as poweroff or reboot, which is what Linux runs when Xen asks for one, it
 * does that. No C library: a guest's initramfs is a few KiB.
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

/* The text and the number, at the end of a line; where that ends then. */
static size_t add(char *line, size_t n, const char *text, unsigned long number)
{
    char digits[24];
    size_t d = 0;

    while (*text)
        line[n++] = *text++;
    do {
        digits[d++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    while (d)
        line[n++] = digits[--d];
    return n;
}

/* One write a line, so that the kernel's own lines do not cut it. */
static void put(char *line, size_t n)
{
    line[n++] = '\n';
    call(SYS_write, 1, (long)line, (long)n, 0);
}

static unsigned long uptime_ms(void)
{
    struct timespec now = { .tv_sec = 0 };

    call(SYS_clock_gettime, CLOCK_BOOTTIME, (long)&now, 0, 0);
    return (unsigned long)now.tv_sec * 1000 +
           (unsigned long)now.tv_nsec / 1000000;
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
    char line[96];
    unsigned long i;

    while (name[1])
        name++;
    if (*name == 'f') /* poweroff */
        restart((long)LINUX_REBOOT_CMD_POWER_OFF);
    if (name[0] == 't' && name[-1] == 'o') /* reboot */
        restart((long)LINUX_REBOOT_CMD_RESTART);

    put(line, add(line, 0, "GUEST UP cpus=", cpu_count()));
    for (i = 1;; i++) {
        call(SYS_nanosleep, (long)&second, 0, 0, 0);
        put(line, add(line, add(line, 0, "tick ", i), " ", uptime_ms()));
    }
}

__asm__(".globl _start\n"
        "_start: mov %rsp, %rdi\n"
        "and $-16, %rsp\n"
        "call start\n");
