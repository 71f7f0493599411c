/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of dom0's own memory, vCPUs and swap. */
#include "check_rule.h"

#define XL_CONF "/etc/xen/xl.conf"
#define SWAPS                                                                 \
    "Filename Type Size Used Priority\n/dev/dm-1 partition 2097152 0 -2\n"
#define SWAPPINESS "/proc/sys/vm/swappiness"

static void unknown(void **state)
{
    static const char *const names[] = {
        "dom0-autoballoon", "dom0-swap",           "dom0-swappiness",
        "disk-scheduler",   "aio-max-nr",          "nfs-answers",
        "nfs-options",      "nfs-retransmissions", "other-hypervisors",
        "backend-queues",   "toolstack-conflict",  "toolstack-versions",
        "xl-cpumasks",
    };
    xtune_host *host = recorded_host("2x2");
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(names); i++)
        expect_results(host, names[i],
                       "SKIP host: dom0's own files are not known");
    expect_results(host, "dom0-memory",
                   "SKIP host: it is not known what memory dom0 has");
    xtune_host_free(host);
}

/* A host of 32 GiB, whose dom0 has gib. */
static xtune_host *host_with_dom0(uint64_t gib)
{
    xtune_host *host = bare_host();

    host->xen.total_kb = UINT64_C(32) << 20;
    host->domains[0].memory_kb = gib << 20;
    add_file(host, "/proc/meminfo",
             "MemTotal: 3000000 kB\nMemFree: 1000000 kB\n"
             "MemAvailable: 2000000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n");
    return host;
}

static void memory(void **state)
{
    xtune_host *host = host_with_dom0(5);

    (void)state;
    /* SUSE's: 10 % and 1 GB. */
    expect_results(host, "dom0-memory", "PASS host: 5 GiB (4.2 GiB)");
    host->domains[0].memory_kb = UINT64_C(3) << 20;
    expect_results(host, "dom0-memory",
                   "WARN host: 3 GiB (4.2 GiB or more), boot");
    /* Not a tenth of a large host. */
    host->xen.total_kb = UINT64_C(1024) << 20;
    host->domains[0].memory_kb = UINT64_C(8) << 20;
    expect_results(host, "dom0-memory", "PASS host: 8 GiB (8 GiB)");
    host->domains[0].memory_kb = UINT64_C(4) << 20;
    expect_results(host, "dom0-memory",
                   "WARN host: 4 GiB (8 GiB or more), boot");
    host->xen.total_kb = UINT64_C(32) << 20;
    host->domains[0].memory_kb = UINT64_C(3) << 20;
    /* What it has swapped out it needs. */
    add_file(host, "/proc/meminfo",
             "MemTotal: 3145728 kB\nMemFree: 1000 kB\n"
             "MemAvailable: 1000 kB\nSwapTotal: 4000000 kB\n"
             "SwapFree: 1000000 kB\n");
    expect_results(host, "dom0-memory",
                   "FAIL host: 3 GiB (6.2 GiB or more), boot");
    xtune_host_free(host);
}

/* A large host's tenth is too much for ZFS as well. */
static void memory_for_zfs(void **state)
{
    xtune_host *host = host_with_dom0(16);

    (void)state;
    host->xen.total_kb = UINT64_C(2) << 30;
    add_file(host, "/proc/spl/kstat/zfs/arcstats", "size 4 1073741824\n");
    add_file(host, "/proc/meminfo", "MemAvailable: 14000000 kB\n");
    expect_results(host, "dom0-memory", "PASS host: 16 GiB (16 GiB)");
    host->domains[0].memory_kb = UINT64_C(15) << 20;
    expect_results(host, "dom0-memory",
                   "WARN host: 15 GiB (16 GiB or more), boot");
    xtune_host_free(host);
}

static void memory_max(void **state)
{
    static const struct {
        const char *now, *next, *said, *fix;
    } rows[] = {
        { "dom0_mem=4G,max:4G", NULL, "PASS host: dom0_mem=4G,max:4G", "" },
        { "dom0_mem=1G+10%,max:1G+10%", NULL,
          "PASS host: dom0_mem=1G+10%,max:1G+10%", "" },
        { "dom0_mem=max:4G", NULL, "PASS host: dom0_mem=max:4G", "" },
        /* Xen heeds each of them. */
        { "dom0_mem=max:4G dom0_mem=4G", NULL, "PASS host: dom0_mem=max:4G,4G",
          "" },
        { "dom0_mem=4G", NULL,
          "WARN host: dom0_mem=4G, without max:", ", boot" },
        { "dom0_mem=4G,max:8G", NULL,
          "WARN host: dom0_mem=4G,max:8G: max: is more than it has at first",
          ", boot" },
        { "console=com1", NULL, "WARN host: no dom0_mem", ", boot" },
        { "console=com1", "dom0_mem=4G,max:4G", "WARN host: no dom0_mem",
          ", boot" },
        { "dom0_mem=4G,max:4G", "console=com1",
          "WARN host: no dom0_mem after the next boot", ", boot" },
    };
    xtune_host *host = bare_host();
    size_t i;

    (void)state;
    host->xen.total_kb = UINT64_C(32) << 20;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        XT_CLEANUP_FREE char *wanted = xt_xprintf(
            "%s (dom0_mem=SIZE,max:SIZE)%s", rows[i].said, rows[i].fix);

        host->xen.command_line = rows[i].now;
        host->boot.xen_configured = rows[i].next;
        expect_results(host, "dom0-memory-max", wanted);
    }
    host->xen.command_line = NULL;
    expect_results(host, "dom0-memory-max",
                   "WARN host: no dom0_mem (dom0_mem=SIZE,max:SIZE), boot");
    host->boot.xen_configured = NULL;
    expect_results(host, "dom0-memory-max",
                   "SKIP host: Xen's command line is not known");
    xtune_host_free(host);
}

/* xl of before 4.16 does not know shares, and takes more for a dom0 that is
 * not fixed. */
static void autoballoon(void **state)
{
    static const struct {
        const char *line, *conf;
        uint32_t minor;
        const char *said;
    } rows[] = {
        { "x dom0_mem=4G,max:4G", "autoballoon=\"off\"\n", 17,
          "PASS " XL_CONF ": off (off)" },
        { "dom0_mem=4G,max:4G", "autoballoon=0\n", 17,
          "PASS " XL_CONF ": 0 (off)" },
        { "dom0_mem=4G,max:4G", "# nothing\n", 17,
          "PASS " XL_CONF ": auto, which is off with this dom0_mem (off)" },
        { "dom0_mem=4G,max:4G", NULL, 14,
          "PASS " XL_CONF ": auto, which is off with this dom0_mem (off)" },
        { "dom0_mem=1G+10%,max:1G+10%", NULL, 17,
          "PASS " XL_CONF ": auto, which is off with this dom0_mem (off)" },
        { "dom0_mem=1G+10%,max:1G+10%", NULL, 15,
          "WARN " XL_CONF ": not set, which is \"auto\": on, for xl does not "
          "understand this dom0_mem (off), now" },
        { "dom0_mem=4G,max:4G", "autoballoon=\"on\"\n", 17,
          "WARN " XL_CONF ": on (off), now" },
        { "dom0_mem=4G,max:4G", "autoballoon=1\n", 17,
          "WARN " XL_CONF ": 1 (off), now" },
        { "console=com1", "autoballoon=\"on\"\n", 17,
          "SKIP " XL_CONF
          ": dom0's memory is not fixed: see dom0-memory-max" },
        { "console=com1", "autoballoon=\"off\"\n", 17,
          "WARN " XL_CONF ": off, without dom0_mem (off, with a size for "
          "dom0), boot" },
        { NULL, "autoballoon=\"on\"\n", 17,
          "SKIP " XL_CONF ": Xen's command line is not known" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < XT_ARRAY_SIZE(rows); i++) {
        xtune_host *host = bare_host();

        host->xen.command_line = rows[i].line;
        host->xen.minor = rows[i].minor;
        if (rows[i].conf) add_file(host, XL_CONF, rows[i].conf);
        expect_results(host, "dom0-autoballoon", rows[i].said);
        xtune_host_free(host);
    }
}

static void autoballoon_mended(void **state)
{
    xtune_host *host = bare_host();

    (void)state;
    host->xen.command_line = "dom0_mem=4G,max:4G";
    add_file(host, XL_CONF, "# mine\nautoballoon=\"on\"\nlockfile=\"/x\"\n");
    expect_mended(host, "dom0-autoballoon",
                  XL_CONF ": # mine\nautoballoon=\"on\"\nlockfile=\"/x\"\n -> "
                          "# mine\nautoballoon=\"off\"\nlockfile=\"/x\"\n");
    add_file(host, XL_CONF, "autoballoon=\"on\n");
    expect_mended(host, "dom0-autoballoon", "");
    add_file(host, XL_CONF, NULL);
    expect_results(host, "dom0-autoballoon",
                   "SKIP " XL_CONF ": it cannot be read: Permission denied");
    xtune_host_free(host);
}

static void vcpus(void **state)
{
    xtune_host *host = host_with_dom0(5);

    (void)state;
    expect_results(host, "dom0-vcpus", "PASS host: 2 (4 at most)");
    host->domains[0].online_vcpus = 6;
    expect_results(host, "dom0-vcpus", "WARN host: 6 (4 at most), boot");
    xtune_host_free(host);
}

static void swap(void **state)
{
    xtune_host *host = bare_host();

    (void)state;
    expect_results(host, "dom0-swap", "SKIP host: /proc/swaps is not known");
    add_file(host, "/proc/swaps", SWAPS);
    expect_results(host, "dom0-swap", "PASS host: 2 GiB (some)");
    add_file(host, "/proc/swaps", "Filename Type Size Used Priority\n");
    expect_results(host, "dom0-swap", "WARN host: none (some), person");
    add_file(host, "/proc/swaps", "Filename\n/a b\n/a file -1 0 0\n");
    expect_results(host, "dom0-swap", "WARN host: none (some), person");
    xtune_host_free(host);
}

static void swappiness(void **state)
{
    xtune_host *host = bare_host();

    (void)state;
    add_file(host, "/proc/swaps", "Filename Type Size Used Priority\n");
    expect_results(host, "dom0-swappiness",
                   "SKIP " SWAPPINESS
                   ": there is nothing to swap to: see dom0-swap");
    add_file(host, "/proc/swaps", SWAPS);
    expect_results(host, "dom0-swappiness",
                   "SKIP " SWAPPINESS ": dom0's Linux has no such attribute");
    add_file(host, SWAPPINESS, "many\n");
    expect_results(host, "dom0-swappiness",
                   "SKIP " SWAPPINESS
                   ": \"many\" is no number that it could be");
    add_file(host, SWAPPINESS, "60\n");
    expect_results(host, "dom0-swappiness",
                   "WARN " SWAPPINESS ": 60 (35 or less), now");
    add_file(host, SWAPPINESS, "10\n");
    expect_results(host, "dom0-swappiness",
                   "WARN " SWAPPINESS ": 10, but nothing sets it at boot, "
                   "when it is 60 (35 or less), now");
    add_file(host, "/etc/sysctl.d/50-mine.conf", "vm.swappiness=35\n");
    expect_results(host, "dom0-swappiness",
                   "PASS " SWAPPINESS ": 10 (35 or less)");
    xtune_host_free(host);
}

/* Which of several files counts. */
static void swappiness_at_boot(void **state)
{
    static const char well[] = "PASS " SWAPPINESS ": 10 (35 or less)";
    xtune_host *host = bare_host();

    (void)state;
    add_file(host, "/proc/swaps", SWAPS);
    add_file(host, SWAPPINESS, "10\n");
    add_file(host, "/usr/lib/sysctl.d/50-a.conf", "-vm/swappiness = 20 \n");
    expect_results(host, "dom0-swappiness", well);
    /* A later name, in whichever folder, and the last line of a file. */
    add_file(host, "/run/sysctl.d/60-b.conf",
             "vm.swappiness=1\n#vm.swappiness=2\nvm.swappiness=70\n");
    expect_results(host, "dom0-swappiness",
                   "WARN " SWAPPINESS ": 10, but /run/sysctl.d/60-b.conf sets "
                   "it to \"70\" at boot (35 or less), now");
    /* One of the same name takes its place. */
    add_file(host, "/etc/sysctl.d/60-b.conf", "; nothing\n");
    expect_results(host, "dom0-swappiness", well);
    /* What comes after ours is a person's to change. */
    add_file(host, "/etc/sysctl.d/99-c.conf", "vm.swappiness=60\n");
    expect_results(host, "dom0-swappiness",
                   "WARN " SWAPPINESS ": 10, but /etc/sysctl.d/99-c.conf sets "
                   "it to \"60\" at boot (35 or less), person");
    add_file(host, "/etc/sysctl.conf", "vm.swappiness = 30\r\n");
    expect_results(host, "dom0-swappiness", well);
    xtune_host_free(host);
}

static void swappiness_mended(void **state)
{
    xtune_host *host = bare_host();

    (void)state;
    add_file(host, "/proc/swaps", SWAPS);
    add_file(host, SWAPPINESS, "60\n");
    expect_mended(host, "dom0-swappiness",
                  SWAPPINESS ": 60 -> 35\n"
                             "/etc/sysctl.d/90-xltune.conf: none -> "
                             "# Written by xltune host-check --fix.\n"
                             "vm.swappiness = 35\n");
    /* Other lines stay, and how they end; a lower value too. */
    add_file(host, SWAPPINESS, "5\n");
    add_file(host, "/etc/sysctl.d/90-xltune.conf",
             "a = 1\r\nvm.swappiness=60\r\nb = 2\r\nvm.swappiness=70");
    expect_mended(host, "dom0-swappiness",
                  "/etc/sysctl.d/90-xltune.conf: a = 1\r\nvm.swappiness=60\r\n"
                  "b = 2\r\nvm.swappiness=70 -> a = 1\r\nvm.swappiness = 5\r\n"
                  "b = 2\r\n");
    /* Each line ends as it did, but for one that is ours. */
    add_file(host, "/etc/sysctl.d/90-xltune.conf", "a = 1\r\nb = 2\nc = 3");
    expect_mended(host, "dom0-swappiness",
                  "/etc/sysctl.d/90-xltune.conf: a = 1\r\nb = 2\nc = 3 -> "
                  "a = 1\r\nb = 2\nc = 3\r\nvm.swappiness = 5\r\n");
    xtune_host_free(host);
}

static void sharing(void **state)
{
    xtune_host *host = bare_host();

    (void)state;
    expect_results(host, "memory-sharing", "PASS host: none (none)");
    host->xen.sharing_used_kb = 4096;
    expect_results(host, "memory-sharing",
                   "WARN host: 4 MiB are shared, which saves 0 KiB (none), "
                   "person");
    host->xen.sharing_freed_kb = XTUNE_UNKNOWN_KB;
    expect_results(host, "memory-sharing",
                   "SKIP host: how much memory domains share is not known");
    xtune_host_free(host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown),
        cmocka_unit_test(memory),
        cmocka_unit_test(memory_for_zfs),
        cmocka_unit_test(memory_max),
        cmocka_unit_test(autoballoon),
        cmocka_unit_test(autoballoon_mended),
        cmocka_unit_test(vcpus),
        cmocka_unit_test(swap),
        cmocka_unit_test(swappiness),
        cmocka_unit_test(swappiness_at_boot),
        cmocka_unit_test(swappiness_mended),
        cmocka_unit_test(sharing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
