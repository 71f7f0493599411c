/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The only process of the lab's Linux guests. It says that the guest is up
 * and with how many CPUs, then counts seconds, and tells with each how many
 * milliseconds the guest has been up, so that a test can see that the guest
 * went on living through a migration, and for how long it stood still. It also
 * says which PCI devices there are, with their drivers, as that changes.
 * Started as poweroff or reboot, which is what Linux runs when Xen asks for
 * one, it does that. No C library: a guest's initramfs is a few KiB.
 */
#include <fcntl.h>
#include <linux/reboot.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>

/* A fifth argument is always 0. */
static long call(long number, long a, long b, long c, long d)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = 0;
    long ret;

    __asm__ volatile("syscall"
                     : "=a"(ret)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
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

#define PCI_PATH "/sys/bus/pci/devices"

struct pci_device {
    char name[16]; /* empty: no device */
    char what[48]; /* vendor:device driver */
    bool there;
};

/* The compiler makes calls of this out of loops and initialisers. */
void *memset(void *to, int byte, size_t n)
{
    char *p = to;

    while (n--)
        *p++ = (char)byte;
    return to;
}

static bool same(const char *a, const char *b)
{
    for (; *a == *b; a++, b++) {
        if (!*a) return true;
    }
    return false;
}

/* Puts a text at line[n], with its end; returns where that is. */
static size_t join(char *line, size_t n, const char *text)
{
    while (*text)
        line[n++] = *text++;
    line[n] = '\0';
    return n;
}

/* The modules /modules/0, /modules/1 and so on, in this order. */
static void load_modules(void)
{
    char path[32];
    unsigned long i;
    long fd;

    for (i = 0;; i++) {
        path[add(path, 0, "/modules/", i)] = '\0';
        fd = call(SYS_open, (long)path, O_RDONLY, 0, 0);
        if (fd < 0) return;
        call(SYS_finit_module, fd, (long)"", 0, 0);
        call(SYS_close, fd, 0, 0, 0);
    }
}

/* Four digits of an identity, that sysfs gives as 0x1234. */
static size_t pci_id(char *to, size_t n, const char *device, const char *file)
{
    char path[96], text[16] = { 0 };
    long fd;

    join(path,
         join(path, join(path, join(path, 0, PCI_PATH "/"), device), "/"),
         file);
    fd = call(SYS_open, (long)path, O_RDONLY, 0, 0);
    if (fd < 0) return join(to, n, "?");
    call(SYS_read, fd, (long)text, 6, 0);
    call(SYS_close, fd, 0, 0, 0);
    return join(to, n, text + 2);
}

static void pci_what(char *to, const char *device)
{
    char path[96], link[160] = { 0 };
    long i;
    size_t n;

    n = pci_id(to, 0, device, "vendor");
    n = pci_id(to, join(to, n, ":"), device, "device");
    join(path, join(path, join(path, 0, PCI_PATH "/"), device), "/driver");
    i = call(SYS_readlink, (long)path, (long)link, sizeof(link) - 1, 0);
    while (i > 0 && link[i - 1] != '/')
        i--;
    join(to, join(to, n, " "), i > 0 ? link + i : "-");
}

static void pci_say(const char *name, const char *what)
{
    char line[96];

    put(line,
        join(line, join(line, join(line, join(line, 0, "PCI "), name), " "),
             what));
}

/* Says what it is that was not there before, or is another now. */
static void pci_seen(struct pci_device *all, size_t count, const char *name)
{
    struct pci_device *device = NULL;
    char what[48];
    size_t i;

    for (i = 0; i < count && !device; i++) {
        if (same(all[i].name, name)) device = &all[i];
    }
    for (i = 0; i < count && !device; i++) {
        if (!*all[i].name) device = &all[i];
    }
    if (!device) return;
    pci_what(what, name);
    device->there = true;
    if (same(device->name, name) && same(device->what, what)) return;
    join(device->name, 0, name);
    join(device->what, 0, what);
    pci_say(name, what);
}

static void pci_look(struct pci_device *all, size_t count)
{
    struct dirent {
        uint64_t ino, off;
        uint16_t len;
        uint8_t type;
        char name[];
    } * entry;
    _Alignas(8) char entries[2048];
    long fd, n, at;
    size_t i;

    for (i = 0; i < count; i++)
        all[i].there = false;
    fd = call(SYS_open, (long)PCI_PATH, O_RDONLY | O_DIRECTORY, 0, 0);
    while (fd >= 0 && (n = call(SYS_getdents64, fd, (long)entries,
                                sizeof(entries), 0)) > 0) {
        for (at = 0; at < n; at += entry->len) {
            entry = (void *)(entries + at);
            if (*entry->name != '.') pci_seen(all, count, entry->name);
        }
    }
    if (fd >= 0) call(SYS_close, fd, 0, 0, 0);
    for (i = 0; i < count; i++) {
        if (*all[i].name && !all[i].there) {
            pci_say(all[i].name, "gone");
            *all[i].name = '\0';
        }
    }
}

/* The stack holds argc and argv: argv[0] tells /init from /sbin/reboot. */
__attribute__((used)) void start(const long *stack)
{
    const char *name = (const char *)stack[1];
    const struct timespec second = { .tv_sec = 1 };
    static struct pci_device devices[32];
    char line[96];
    unsigned long i;

    while (name[1])
        name++;
    if (*name == 'f') /* poweroff */
        restart((long)LINUX_REBOOT_CMD_POWER_OFF);
    if (name[0] == 't' && name[-1] == 'o') /* reboot */
        restart((long)LINUX_REBOOT_CMD_RESTART);

    call(SYS_mount, (long)"sysfs", (long)"/sys", (long)"sysfs", 0);
    load_modules();
    put(line, add(line, 0, "GUEST UP cpus=", cpu_count()));
    for (i = 1;; i++) {
        pci_look(devices, sizeof(devices) / sizeof(devices[0]));
        call(SYS_nanosleep, (long)&second, 0, 0, 0);
        put(line, add(line, add(line, 0, "tick ", i), " ", uptime_ms()));
    }
}

__asm__(".globl _start\n"
        "_start: mov %rsp, %rdi\n"
        "and $-16, %rsp\n"
        "call start\n");
