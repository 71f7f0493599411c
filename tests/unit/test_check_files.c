/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of what dom0's kernel does: disks, requests, NFS, modules. */
#include "check_rule.h"

#define QUEUE(disk) "/sys/block/" disk "/queue/scheduler"
#define GOOD "mq-deadline or none"
#define AIO_MAX "/proc/sys/fs/aio-max-nr"
#define MOUNTS "/proc/self/mountinfo"
#define NFS "/proc/net/rpc/nfs"
#define MODULES "/proc/modules"
#define MODPROBE "/etc/modprobe.d/xltune.conf"

static void scheduler(void **state)
{
    xtune_host *host = bare_host();
    xtune_disk *disk;

    (void)state;
    add_file(host, QUEUE("sda"), "none mq-deadline [bfq]\n");
    expect_results(host, "disk-scheduler",
                   "SKIP host: which disks back domains is not known");
    disk = add_disk(host, 1, "phy", "/dev/vg/web1");
    expect_results(host, "disk-scheduler",
                   "SKIP host: no disk of dom0's backs a domain");
    put_disk_on(host, disk, "sda");
    put_disk_on(host, disk, "sdb");
    put_disk_on(host, disk, "nvme0n1");
    put_disk_on(host, disk, "sdd");
    add_file(host, QUEUE("sdb"), "[mq-deadline] none\n");
    add_file(host, QUEUE("sdc"), "[cfq] none\n");
    add_file(host, QUEUE("sdd"), "[cfq]\n");
    add_file(host, QUEUE("nvme0n1"), "none\n");
    expect_results(host, "disk-scheduler",
                   "PASS nvme0n1: none (" GOOD ")\n"
                   "WARN sda: bfq (" GOOD "), now\n"
                   "PASS sdb: mq-deadline (" GOOD ")\n"
                   "WARN sdd: cfq (" GOOD "), person");
    expect_mended(host, "disk-scheduler",
                  QUEUE("sda") ": bfq -> mq-deadline\n"
                               "/etc/tmpfiles.d/xltune.conf: none -> "
                               "# Written by xltune host-check --fix.\n"
                               "w " QUEUE("sda") " - - - - mq-deadline\n");
    xtune_host_free(host);
}

/* What Linux does not write is not taken for anything. */
static void odd_schedulers(void **state)
{
    static const char *const odd[] = {
        "",
        "\n",
        "[bfq",
        "[bfq] [none]\n",
        "bfq none\n",
        "[bfq]\nnone\n",
        "[bfq]x none\n",
        "[]\n",
        "[bfq] no:ne\n",
    };
    xtune_host *host = bare_host();
    size_t i;

    (void)state;
    put_disk_on(host, add_disk(host, 1, "phy", "/dev/vg/web1"), "sda");
    for (i = 0; i < XT_ARRAY_SIZE(odd); i++) {
        XT_CLEANUP_FREE char *wanted =
            xt_xprintf("SKIP sda: \"%s\" is no list of schedulers", odd[i]);

        add_file(host, QUEUE("sda"), odd[i]);
        expect_results(host, "disk-scheduler", wanted);
    }
    xtune_host_free(host);
}

/* What dom0 does with its devices tells it as well. */
static void unread_scheduler(void **state)
{
    xtune_host *host = bare_host();

    (void)state;
    put_disk_on(host, add_disk(host, 1, "phy", "/dev/vg/a"), "sda");
    add_file(host, QUEUE("sda"), NULL);
    expect_results(host, "disk-scheduler",
                   "SKIP " QUEUE("sda") ": it cannot be read: Permission "
                                        "denied");
    xtune_host_free(host);
}

static void scheduler_by_uses(void **state)
{
    static const char *through[] = { "sda2", "dm-0", "nvme0n12" };
    xtune_host *host = recorded_host("pci");
    xtune_use use = { .kind = "domain", .what = "web1", .through = through };
    size_t i;

    (void)state;
    host->has_dom0 = true;
    use.nr_through = XT_ARRAY_SIZE(through);
    add_file(host, QUEUE("sda"), "[bfq]  none\n");
    add_file(host, QUEUE("sdaa"), "[bfq]  none\n");
    add_file(host, QUEUE("nvme0n1"), "[bfq]  none\n");
    for (i = 0; i < host->nr_pci; i++)
        host->pci[i].nr_uses = 0;
    host->pci[0].uses = &use;
    host->pci[0].nr_uses = 1;
    expect_results(host, "disk-scheduler", "WARN sda: bfq (" GOOD "), now");
    through[2] = "nvme0n1p2";
    expect_results(host, "disk-scheduler",
                   "WARN nvme0n1: bfq (" GOOD "), now\n"
                   "WARN sda: bfq (" GOOD "), now");
    use.kind = "mount";
    expect_results(host, "disk-scheduler",
                   "SKIP host: no disk of dom0's backs a domain");
    xtune_host_free(host);
}

static void aio(void **state)
{
    xtune_host *host = bare_host();
    size_t i;

    (void)state;
    add_file(host, "/proc/sys/fs/aio-nr", "1024\n");
    expect_results(host, "aio-max-nr",
                   "SKIP " AIO_MAX ": dom0's Linux has no such attribute");
    add_file(host, AIO_MAX, "65536\n");
    expect_results(host, "aio-max-nr",
                   "PASS " AIO_MAX ": 65536 (65536 or more)");
    add_file(host, AIO_MAX, "1000\n");
    expect_results(host, "aio-max-nr",
                   "FAIL " AIO_MAX ": 1000, 65536 after a boot; 1024 are in "
                   "use (65536 or more), now");
    add_file(host, AIO_MAX, "65536\n");
    add_file(host, "/proc/sys/fs/aio-nr", "40000\n");
    expect_results(host, "aio-max-nr",
                   "WARN " AIO_MAX ": 65536, 65536 after a boot; 40000 are in "
                   "use (80000 or more), now");
    add_file(host, "/proc/sys/fs/aio-nr", "65536\n");
    expect_results(host, "aio-max-nr",
                   "FAIL " AIO_MAX ": 65536, 65536 after a boot; 65536 are in "
                   "use (131072 or more), now");
    /* Disks that are served by device models; other ones do not count. */
    add_file(host, "/proc/sys/fs/aio-nr", "0\n");
    for (i = 0; i < 65; i++)
        add_disk(host, 1, i == 64 ? "phy" : "qdisk", "/x");
    expect_results(host, "aio-max-nr",
                   "PASS " AIO_MAX ": 65536 (65536 or more)");
    add_disk(host, 2, "qdisk", "/x");
    expect_results(host, "aio-max-nr",
                   "WARN " AIO_MAX ": 65536, 65536 after a boot; 0 are in use "
                   "(66560 or more), now");
    xtune_host_free(host);
}

static void aio_mended(void **state)
{
    xtune_host *host = bare_host();

    (void)state;
    add_file(host, "/proc/sys/fs/aio-nr", "40000\n");
    add_file(host, AIO_MAX, "2097152\n");
    /* Enough now, but not after a boot; what is higher stays. */
    expect_results(host, "aio-max-nr",
                   "WARN " AIO_MAX ": 2097152, 65536 after a boot; 40000 are "
                   "in use (80000 or more), now");
    expect_mended(host, "aio-max-nr",
                  "/etc/sysctl.d/90-xltune.conf: none -> "
                  "# Written by xltune host-check --fix.\n"
                  "fs.aio-max-nr = 2097152\n");
    add_file(host, "/proc/sys/fs/aio-nr", "600000\n");
    add_file(host, AIO_MAX, "600000\n");
    expect_mended(host, "aio-max-nr",
                  AIO_MAX ": 600000 -> 2097152\n"
                          "/etc/sysctl.d/90-xltune.conf: none -> "
                          "# Written by xltune host-check --fix.\n"
                          "fs.aio-max-nr = 2097152\n");
    add_file(host, "/etc/sysctl.d/99-oracle.conf", "fs.aio-max-nr = 65536\n");
    add_file(host, AIO_MAX, "65536\n");
    expect_results(host, "aio-max-nr",
                   "FAIL " AIO_MAX
                   ": 65536, 65536 after a boot; 600000 are in "
                   "use (1200000 or more), person");
    xtune_host_free(host);
}

#define ASKED "hard, rsize and wsize of 16384 or more"

static void nfs(void **state)
{
    xtune_host *host = bare_host();
    size_t i;

    (void)state;
    expect_results(host, "nfs-options",
                   "SKIP host: what is mounted is not "
                   "known");
    add_file(host, MOUNTS,
             "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
             "no mount at all - nfs\n");
    expect_results(host, "nfs-options",
                   "SKIP host: nothing is mounted over NFS");
    add_file(host, MOUNTS,
             "30 22 0:40 / /a\\040b rw shared:1 master:2 - nfs4 s:/a "
             "rw,vers=4.2,rsize=1048576,wsize=1048576,hard\n"
             "31 22 0:41 / /soft rw - nfs s:/b rw,rsize=8192,wsize=16384,"
             "soft,hardly\n"
             "32 22 0:42 / /disks rw - nfs s:/c rw,softerr\n"
             "33 22 0:43 / /small rw - nfs s:/d rw,wsize=16383\n");
    add_disk(host, 1, "qdisk", "/disks/web1.img");
    add_disk(host, 2, "qdisk", "/smaller/web2.img");
    expect_results(host, "nfs-options",
                   "PASS /a b: rw,vers=4.2,rsize=1048576,wsize=1048576,hard "
                   "(" ASKED ")\n"
                   "WARN /soft: soft, rsize=8192 (" ASKED "), person\n"
                   "FAIL /disks: softerr (" ASKED "), person\n"
                   "WARN /small: wsize=16383 (" ASKED "), person");
    /* Where all disks are known, others may be as they like. */
    for (i = 1; i < host->nr_domains; i++)
        add_disk(host, i, "phy", "/dev/sda1");
    expect_results(host, "nfs-options",
                   "PASS /a b: rw,vers=4.2,rsize=1048576,wsize=1048576,hard "
                   "(" ASKED ")\n"
                   "SKIP /soft: soft, rsize=8192, but no domain's disk is on "
                   "it\n"
                   "FAIL /disks: softerr (" ASKED "), person\n"
                   "SKIP /small: wsize=16383, but no domain's disk is on it");
    xtune_host_free(host);
}

static void nfs_answers(void **state)
{
    static const char *mounts[] = { "/disks" };
    xtune_host *host = bare_host();

    (void)state;
    add_disk(host, 1, "qdisk", "/disks/web1.img");
    expect_results(host, "nfs-answers", "SKIP host: no live host was asked");
    host->dom0.silent_mounts = mounts;
    expect_results(host, "nfs-answers",
                   "PASS host: all answer (an answer within 2 seconds)");
    host->dom0.nr_silent_mounts = 1;
    expect_results(host, "nfs-answers",
                   "FAIL /disks: none (an answer within 2 seconds), person");
    xtune_host_free(host);
}

/* XAPI's storage manager mounts softly by itself, and names disks by their SR.
 */
static void nfs_of_xapi(void **state)
{
    xtune_host *host = bare_host();
    size_t i;

    (void)state;
    add_file(host, MOUNTS,
             "30 22 0:40 / /run/sr-mount/5f2a rw - nfs s:/a rw,soft\n"
             "31 22 0:41 / /var/run/sr-mount/77b1 rw - nfs s:/b "
             "rw,rsize=8192\n"
             "32 22 0:42 / /run/sr-mount/77b10 rw - nfs s:/c rw,soft\n");
    for (i = 1; i < host->nr_domains; i++)
        add_disk(host, i, "phy",
                 i % 2 ? "/dev/sm/backend/5f2a/0c1d"
                       : "/dev/sm/backend/77b1/9e");
    expect_results(host, "nfs-options",
                   "WARN /run/sr-mount/5f2a: soft (" ASKED "), person\n"
                   "WARN /var/run/sr-mount/77b1: rsize=8192 (" ASKED
                   "), person\n"
                   "SKIP /run/sr-mount/77b10: soft, but no domain's disk is "
                   "on it");
    xtune_host_free(host);
}

static void retransmissions(void **state)
{
    static const char few[] = "none, or one call in 1000 at most";
    xtune_host *host = bare_host(), *earlier = bare_host();
    const xtune_check_request sampled = { .host = host, .earlier = earlier };
    XT_CLEANUP_FREE char *pass =
        xt_xprintf("PASS host: 3 of 3000 calls (%s)", few);
    XT_CLEANUP_FREE char *warn =
        xt_xprintf("WARN host: 4 of 3000 calls (%s), person", few);
    XT_CLEANUP_FREE char *delta =
        xt_xprintf("WARN host: 1 of 10 calls (%s), person", few);

    (void)state;
    expect_results(host, "nfs-retransmissions",
                   "SKIP host: dom0 is no client of NFS");
    add_file(host, NFS, "net 0 0 0 0\nrpc 3000 3 3000\nproc4 2 0 0\n");
    expect_results(host, "nfs-retransmissions", pass);
    add_file(host, NFS, "rpc 3000 4 3000\n");
    expect_results(host, "nfs-retransmissions", warn);
    add_file(host, NFS, "rpc 3000\n");
    expect_results(host, "nfs-retransmissions",
                   "SKIP host: dom0 is no client of NFS");
    /* What was before the sample does not count. */
    add_file(host, NFS, "rpc 3000 3 3000\n");
    add_file(earlier, NFS, "rpc 2990 2 2990\n");
    expect_results_of(&sampled, "nfs-retransmissions", delta);
    add_file(earlier, NFS, "rpc 4294967290 2 2990\n");
    expect_results_of(&sampled, "nfs-retransmissions", pass);
    xtune_host_free(host);
    xtune_host_free(earlier);
}

static void modules(void **state)
{
    xtune_host *host = bare_host();

    (void)state;
    expect_results(host, "other-hypervisors",
                   "SKIP host: which modules are loaded is not known");
    add_file(host, MODULES, "xen_netback 65536 0 - Live 0x0\nkvmgt 1 0 - L\n");
    expect_results(host, "other-hypervisors",
                   "PASS host: none (no module of KVM, VirtualBox or VMware)");
    add_file(host, MODULES,
             "kvm_intel 400000 2 - Live 0x0\n"
             "kvm 1000000 1 kvm_intel, Live 0x0\nvboxdrv\n");
    expect_results(host, "other-hypervisors",
                   "FAIL kvm_intel: loaded, with 2 users (not loaded), now\n"
                   "FAIL kvm: loaded, with 1 user (not loaded), now\n"
                   "FAIL vboxdrv: loaded (not loaded), now");
    expect_mended(host, "other-hypervisors",
                  MODPROBE ": none -> # Written by xltune host-check --fix.\n"
                           "blacklist kvm_intel\nblacklist kvm\n"
                           "blacklist vboxdrv\n");
    /* What is kept out goes with the next boot. */
    add_file(host, "/etc/modprobe.d/a.conf",
             "blacklist kvm-intel\ninstall kvm /bin/false\n"
             "options vboxdrv x=1\n#blacklist vboxdrv\n");
    expect_results(host, "other-hypervisors",
                   "FAIL kvm_intel: loaded, with 2 users (not loaded), boot\n"
                   "FAIL kvm: loaded, with 1 user (not loaded), boot\n"
                   "FAIL vboxdrv: loaded (not loaded), now");
    xtune_host_free(host);
}

static void queues(void **state)
{
    static const char net[] = "/sys/module/xen_netback/parameters/max_queues";
    static const char block[] =
        "/sys/module/xen_blkback/parameters/max_queues";
    xtune_host *host = bare_host();

    (void)state;
    expect_results(host, "backend-queues",
                   "SKIP host: neither xen_netback nor xen_blkback is there");
    add_file(host, net, "1\n");
    add_file(host, block, "2\n");
    expect_results(
        host, "backend-queues",
        "WARN /sys/module/xen_netback/parameters/max_queues: 1 (2 or more), "
        "person\n"
        "PASS /sys/module/xen_blkback/parameters/max_queues: 2 (2 or more)");
    host->domains[0].online_vcpus = 16;
    add_file(host, net, "4\n");
    add_file(host, block, "0\n");
    expect_results(
        host, "backend-queues",
        "PASS /sys/module/xen_netback/parameters/max_queues: 4 (4 or more)\n"
        "PASS /sys/module/xen_blkback/parameters/max_queues: 0 (4 or more)");
    xtune_host_free(host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scheduler),
        cmocka_unit_test(odd_schedulers),
        cmocka_unit_test(unread_scheduler),
        cmocka_unit_test(scheduler_by_uses),
        cmocka_unit_test(aio),
        cmocka_unit_test(aio_mended),
        cmocka_unit_test(nfs),
        cmocka_unit_test(nfs_answers),
        cmocka_unit_test(nfs_of_xapi),
        cmocka_unit_test(retransmissions),
        cmocka_unit_test(modules),
        cmocka_unit_test(queues),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
