/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Trees that are not as a kernel makes them: links, holders that hold each
 * other, lists without end. */
#include "dom0_tree.h"

#define NVME                                                                  \
    "/sys/devices/pci0000:00/0000:00:1d.0/0000:03:00.0/nvme/nvme0/nvme0n1"

static void test_links(void **state)
{
    const fixture *f = *state;

    put(f, "/a/b/file", " text \nmore\n");
    lead(f, "/a/link", "b");
    lead(f, "/absolute", "/a/b");
    lead(f, "/up", "../../../../../../a/./link//file");
    lead(f, "/loop", "loop");
    lead(f, "/ping", "pong");
    lead(f, "/pong", "/ping");
    lead(f, "/nowhere", "a/c");
    lead(f, "/passwd", "/etc/passwd");
    assert_string_equal(xt_dom0_resolve(&f->files, "/a/link/file"),
                        "/a/b/file");
    assert_string_equal(xt_dom0_resolve(&f->files, "/absolute"), "/a/b");
    assert_string_equal(xt_dom0_resolve(&f->files, "/up"), "/a/b/file");
    assert_string_equal(xt_dom0_line(&f->files, "/a/link", "file"), "text");
    assert_null(xt_dom0_resolve(&f->files, "/loop"));
    assert_null(xt_dom0_resolve(&f->files, "/ping"));
    assert_null(xt_dom0_resolve(&f->files, "/nowhere"));
    /* What there is outside is not in the tree. */
    assert_int_equal(access("/etc/passwd", R_OK), 0);
    assert_null(xt_dom0_line(&f->files, "", "passwd"));
    assert_string_equal(xt_dom0_link(&f->files, "/a", "link"), "b");
    assert_null(xt_dom0_link(&f->files, "/a/b", "file"));
}

static void test_values(void **state)
{
    const fixture *f = *state;
    const char **names;
    uint64_t value;
    size_t nr;

    put(f, "/n/ten", "10\n");
    put(f, "/n/hex", "0x1003\n");
    put(f, "/n/bad", "10 11\n");
    put(f, "/n/empty", "\n");
    put(f, "/n/odd", "a\x01\x7f b\xff\n");
    put(f, "/n/.hidden", "");
    assert_true(xt_dom0_number(&f->files, "/n", "ten", 10, 10, &value));
    assert_int_equal(value, 10);
    assert_false(xt_dom0_number(&f->files, "/n", "ten", 10, 9, &value));
    assert_true(xt_dom0_number(&f->files, "/n", "hex", 16, 0xffff, &value));
    assert_int_equal(value, 0x1003);
    assert_false(xt_dom0_number(&f->files, "/n", "bad", 10, 99, &value));
    assert_null(xt_dom0_line(&f->files, "/n", "empty"));
    assert_string_equal(xt_dom0_line(&f->files, "/n", "odd"), "a?? b?");
    put(f, "/n/eth2", "");
    put(f, "/n/eth10", "");
    names = xt_dom0_list(&f->files, "/n", &nr);
    assert_int_equal(nr, 7);
    assert_string_equal(names[2], "eth2");
    assert_string_equal(names[3], "eth10");
    xt_dom0_list(&f->files, "/none", &nr);
    assert_int_equal(nr, 0);
}

/* The host's devices: a bridge, and the NVMe disk behind it. */
static xtune_host *read_nvme(const fixture *f)
{
    xtune_host *host = xtune_host_new();

    xt_dom0_read_devices(f->root, XTUNE_OBSERVE_PCI_DETAILS, host);
    assert_int_equal(host->nr_pci, 2);
    assert_true(host->has_pci_details);
    assert_true(host->pci[0].is_bridge);
    assert_int_equal(host->pci[0].nr_uses, 0);
    assert_string_equal(host->pci[1].address, "0000:03:00.0");
    return host;
}

static void put_nvme(const fixture *f)
{
    put_device(f, "/sys/devices/pci0000:00/0000:00:1d.0", "0x060400\n");
    put_device(f, "/sys/devices/pci0000:00/0000:00:1d.0/0000:03:00.0",
               "0x010802\n");
    put_block(f, NVME, "259:0\n");
    put_block(f, NVME "/nvme0n1p1", "259:1\n");
    put(f, NVME "/nvme0n1p1/partition", "1\n");
}

static void test_holders(void **state)
{
    static const char *const through[] = { "nvme0n1p1", "md0", "md0p1",
                                           "dm-0" };
    const fixture *f = *state;
    const xtune_use *use;
    xtune_host *host;
    size_t i;

    put_nvme(f);
    put_block(f, "/sys/devices/virtual/block/md0", "9:0\n");
    put_block(f, "/sys/devices/virtual/block/md0/md0p1", "259:9\n");
    put(f, "/sys/devices/virtual/block/md0/md0p1/partition", "1\n");
    put_block(f, "/sys/devices/virtual/block/dm-0", "253:0\n");
    hold(f, NVME "/nvme0n1p1", "md0");
    hold(f, "/sys/devices/virtual/block/md0/md0p1", "dm-0");
    /* Round, to itself, and to what is not there. */
    hold(f, "/sys/devices/virtual/block/dm-0", "md0");
    hold(f, "/sys/devices/virtual/block/dm-0", "dm-0");
    hold(f, "/sys/devices/virtual/block/dm-0", "nothing");
    put(f, "/proc/self/mountinfo",
        "1 1 253:0 / /srv rw - ext4 /dev/mapper/x rw\n"
        "2 1 0:5 / /zfs rw - zfs tank rw\n"
        "3 1 8:0 / /other rw - ext4 /dev/sda rw\n");
    host = read_nvme(f);
    assert_int_equal(host->pci[1].nr_uses, 1);
    use = &host->pci[1].uses[0];
    assert_string_equal(use->kind, "mount");
    assert_string_equal(use->what, "/srv");
    assert_int_equal(use->nr_through, XT_ARRAY_SIZE(through));
    for (i = 0; i < use->nr_through; i++)
        assert_string_equal(use->through[i], through[i]);
    xtune_host_free(host);
}

/* Each stands on the one before it. */
static void test_many_levels(void **state)
{
    const fixture *f = *state;
    const char *below = NVME, *path = NULL;
    xtune_host *host;
    unsigned int i;

    put_nvme(f);
    for (i = 0; i < 100; i++) {
        path = xtune_arena_printf(f->arena, "/sys/devices/virtual/block/dm-%u",
                                  i);
        put_block(f, path, xtune_arena_printf(f->arena, "253:%u\n", i));
        hold(f, below, xt_dom0_base(path));
        below = path;
    }
    put(f, "/proc/self/mountinfo", "");
    put(f, "/proc/swaps",
        "/dev/dm-5 partition 1 0 -2\n"
        "/dev/dm-99 partition 1 0 -2\n");
    host = read_nvme(f);
    assert_int_equal(host->pci[1].nr_uses, 1);
    assert_string_equal(host->pci[1].uses[0].what, "/dev/dm-5");
    assert_int_equal(host->pci[1].uses[0].nr_through, 7);
    xtune_host_free(host);
}

/* btrfs has no number of its own, and is on more than its source. */
static void test_btrfs(void **state)
{
    const fixture *f = *state;
    xtune_host *host;

    put_nvme(f);
    put_block(f, "/sys/devices/virtual/block/loop7", "7:7\n");
    put(f, "/sys/fs/btrfs/0123/devices/loop7", "");
    put(f, "/sys/fs/btrfs/0123/devices/nvme0n1p1", "");
    put(f, "/proc/self/mountinfo",
        "1 1 0:30 / /data rw - btrfs /dev/loop7 rw\n");
    host = read_nvme(f);
    assert_int_equal(host->pci[1].nr_uses, 1);
    assert_string_equal(host->pci[1].uses[0].what, "/data");
    assert_string_equal(host->pci[1].uses[0].through[0], "nvme0n1p1");
    xtune_host_free(host);
}

/* A disk that could be reached by several controllers is below none of them.
 */
static void test_nvme_multipath(void **state)
{
    static const char head[] =
        "/sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1";
    const fixture *f = *state;
    xtune_host *host;

    put_device(f, "/sys/devices/pci0000:00/0000:00:1d.0", "0x060400\n");
    put_device(f, "/sys/devices/pci0000:00/0000:00:1d.0/0000:03:00.0",
               "0x010802\n");
    put(f, "/sys/devices/pci0000:00/0000:00:1d.0/0000:03:00.0/nvme/nvme0/x",
        "");
    put_block(f, head, "259:0\n");
    lead(f, "/sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0",
         "/sys/devices/pci0000:00/0000:00:1d.0/0000:03:00.0/nvme/nvme0");
    put(f, "/proc/mounts", "/dev/nvme0n1 / ext4 rw 0 0\n");
    host = read_nvme(f);
    assert_int_equal(host->pci[1].nr_uses, 1);
    assert_string_equal(host->pci[1].uses[0].what, "/");
    xtune_host_free(host);
}

/* A list of mounts may be long; the first ones are kept. */
static void test_many_mounts(void **state)
{
    const fixture *f = *state;
    char *text = calloc(1000, 64), *p = text;
    xtune_host *host;
    unsigned int i;

    put_nvme(f);
    for (i = 0; i < 1000; i++)
        p += sprintf(p, "1 1 259:1 / /m%u rw - ext4 /dev/x rw\n", i);
    put(f, "/proc/self/mountinfo", text);
    free(text);
    host = read_nvme(f);
    assert_int_equal(host->pci[1].nr_uses, XT_DOM0_MAX_USES);
    assert_string_equal(host->pci[1].uses[0].what, "/m0");
    xtune_host_free(host);
}

/* The last of them matters as much as the first. */
static void test_many_holders(void **state)
{
    const fixture *f = *state;
    xtune_host *host;
    unsigned int i;

    put_nvme(f);
    for (i = 0; i < 300; i++) {
        const char *path = xtune_arena_printf(
            f->arena, "/sys/devices/virtual/block/dm-%u", i);

        put_block(f, path, xtune_arena_printf(f->arena, "253:%u\n", i));
        hold(f, NVME "/nvme0n1p1", xt_dom0_base(path));
    }
    put(f, "/proc/self/mountinfo", "1 1 253:299 / / rw - ext4 /dev/x rw\n");
    host = read_nvme(f);
    assert_int_equal(host->pci[1].nr_uses, 1);
    assert_string_equal(host->pci[1].uses[0].what, "/");
    xtune_host_free(host);
}

/* Volumes that nothing is known to use are there all the same. */
static void test_volumes(void **state)
{
    const fixture *f = *state;
    const xtune_use *use;
    xtune_host *host;

    put_nvme(f);
    put_block(f, "/sys/devices/virtual/block/dm-0", "253:0\n");
    hold(f, NVME "/nvme0n1p1", "dm-0");
    put(f, "/proc/self/mountinfo", "");
    host = read_nvme(f);
    assert_int_equal(host->pci[1].nr_uses, 1);
    use = &host->pci[1].uses[0];
    assert_string_equal(use->kind, "held");
    assert_string_equal(use->what, "/dev/nvme0n1p1");
    assert_int_equal(use->nr_through, 2);
    assert_string_equal(use->through[1], "dm-0");
    xtune_host_free(host);
}

static void check_known(const fixture *f, bool known)
{
    xtune_host *host = read_nvme(f);

    assert_int_equal(host->pci[1].uses != NULL, known);
    assert_int_equal(host->pci[1].nr_uses, 0);
    xtune_host_free(host);
}

/* That a file cannot be read does not mean that there is nothing in it. */
static void test_unknown(void **state)
{
    const fixture *f = *state;
    char *text = calloc(1, XT_DOM0_MAX_FILE + 2);

    put_nvme(f);
    check_known(f, false);
    put(f, "/proc/mounts", "proc /proc proc rw 0 0\n");
    check_known(f, true);
    put(f, "/proc/self/mountinfo", "");
    check_known(f, true);
    memset(text, '\n', XT_DOM0_MAX_FILE + 1);
    put(f, "/proc/mounts", text);
    put(f, "/proc/self/mountinfo", text);
    free(text);
    check_known(f, false);
    /* On which disks it is it does not say. */
    put(f, "/proc/self/mountinfo", "1 1 0:5 / / rw - zfs rpool/ROOT rw\n");
    check_known(f, false);
}

/* Of interfaces nothing is known where routes are not. */
static void test_unknown_routes(void **state)
{
    static const char path[] =
        "/sys/devices/pci0000:00/0000:00:1d.0/0000:03:00.0/net/eth0";
    const fixture *f = *state;

    put_nvme(f);
    put(f, "/proc/self/mountinfo", "");
    put(f, xtune_arena_printf(f->arena, "%s/flags", path), "0x1002\n");
    lead(f, "/sys/class/net/eth0", path);
    check_known(f, false);
    put(f, "/proc/net/route", "");
    check_known(f, true);
}

/* What there are many of leaves room for others. */
static void test_many_kinds(void **state)
{
    static const char device[] =
        "/sys/devices/pci0000:00/0000:00:1d.0/0000:03:00.0";
    const fixture *f = *state;
    const xtune_pci *pci;
    xtune_host *host;
    unsigned int i;

    put_nvme(f);
    put(f, "/proc/self/mountinfo", "");
    for (i = 0; i < 300; i++) {
        const char *path =
            xtune_arena_printf(f->arena, "%s/net/eth%u", device, i);

        put(f, xtune_arena_printf(f->arena, "%s/flags", path), "0x1003\n");
        lead(f, xtune_arena_printf(f->arena, "/sys/class/net/eth%u", i), path);
    }
    put(f, "/proc/net/route",
        "eth299 00000000 0100A8C0 0003 0 0 0 00000000 0 0 0\n");
    host = read_nvme(f);
    pci = &host->pci[1];
    assert_int_equal(pci->nr_uses, XT_DOM0_MAX_USES + 1);
    assert_string_equal(pci->uses[pci->nr_uses - 1].kind, "route");
    xtune_host_free(host);
}

/* What is asked for is what is read. */
static void test_parts(void **state)
{
    const fixture *f = *state;
    xtune_host *host = xtune_host_new();

    put_nvme(f);
    xt_dom0_read_devices(f->root, XTUNE_OBSERVE_PCI_NODES, host);
    assert_int_equal(host->nr_pci, 2);
    assert_null(host->pci[1].class_code);
    assert_int_equal(host->pci[1].msix, XTUNE_NONE);
    assert_int_equal(host->pci[1].claimed_by, XTUNE_NONE);
    xtune_host_free(host);
    host = xtune_host_new();
    xt_dom0_read_devices(f->root, XTUNE_OBSERVE_PCI, host);
    assert_string_equal(host->pci[1].class_code, "010802");
    assert_null(host->pci[1].uses);
    assert_null(host->pci[1].reset);
    assert_int_equal(host->pci[1].vfs_total, XTUNE_NONE);
    assert_false(host->has_pci_details);
    xtune_host_free(host);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_links),          TEST(test_values),
        TEST(test_holders),        TEST(test_many_levels),
        TEST(test_btrfs),          TEST(test_nvme_multipath),
        TEST(test_many_mounts),    TEST(test_many_holders),
        TEST(test_volumes),        TEST(test_unknown),
        TEST(test_unknown_routes), TEST(test_many_kinds),
        TEST(test_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
