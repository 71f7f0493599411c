/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Images of domains' disks in a tree: what they are, what they stand on, and
 * which of dom0's disks they are on. */
#include "backend/dom0_images.h"
#include "dom0_tree.h"
#include "host/disk.h"
#include "qcow2_image.h"

#define SDA "/sys/devices/pci0000:00/0000:00:01.0/ata1/block/sda"
#define SDB "/sys/devices/pci0000:00/0000:00:02.0/ata2/block/sdb"
#define VIRTUAL "/sys/devices/virtual/block/"

static void put_image(const fixture *f, const char *path,
                      const test_image *from)
{
    uint8_t header[IMAGE_BYTES];

    make_image(header, from);
    assert_int_equal(xt_file_replace(make_folder(f, path),
                                     (const char *)header, sizeof(header),
                                     0600, NULL),
                     0);
}

/* What is read of a disk like this. */
static xtune_disk read_disk(const fixture *f, const xtune_disk *from)
{
    xtune_host *host = xtune_host_new();
    xtune_disk disk = *from;
    xtune_domain domain = { .id = 1, .disks = &disk, .nr_disks = 1 };
    size_t i;

    host->domains = &domain;
    host->nr_domains = 1;
    xt_dom0_read_images(f->root, host);
    for (i = 0; i < disk.nr_blocks; i++)
        disk.blocks[i] = xtune_arena_strdup(f->arena, disk.blocks[i]);
    if (disk.blocks) {
        const char **blocks =
            XTUNE_NEW_ARRAY(f->arena, const char *, disk.nr_blocks);

        memcpy(blocks, disk.blocks, disk.nr_blocks * sizeof(*blocks));
        disk.blocks = blocks;
    }
    host->nr_domains = 0;
    xtune_host_free(host);
    return disk;
}

static xtune_disk a_disk(const char *format, const char *target)
{
    xtune_disk disk = xt_disk_unknown("xvda");

    disk.backend = "qdisk";
    disk.format = format;
    disk.target = target;
    return disk;
}

static xtune_disk read_file(const fixture *f, const char *format,
                            const char *target)
{
    const xtune_disk disk = a_disk(format, target);

    return read_disk(f, &disk);
}

static void expect_nothing(const xtune_disk *disk)
{
    assert_true(disk->virtual_kb == XTUNE_UNKNOWN_KB);
    assert_int_equal(disk->cluster_bytes, XTUNE_NONE);
    assert_int_equal(disk->nr_overlays, XTUNE_NONE);
    assert_null(disk->blocks);
}

static void test_formats(void **state)
{
    const fixture *f = *state;
    xtune_disk disk;

    put_image(f, "/vm/a", &(test_image){ .bytes = UINT64_C(16) << 30 });
    disk = read_file(f, "qcow2", "/vm/a");
    assert_int_equal(disk.virtual_kb, 16 << 20);
    assert_int_equal(disk.cluster_bytes, 65536);
    assert_int_equal(disk.nr_overlays, 0);
    /* A guest may write a header like this to its raw disk. */
    disk = read_file(f, "raw", "/vm/a");
    assert_int_equal(disk.virtual_kb, 1);
    assert_int_equal(disk.cluster_bytes, XTUNE_NONE);
    assert_int_equal(disk.nr_overlays, XTUNE_NONE);
    disk = read_file(f, NULL, "/vm/a");
    expect_nothing(&disk);
    put(f, "/vm/b", "no image");
    disk = read_file(f, "qcow2", "/vm/b");
    expect_nothing(&disk);
}

/* Another domain's path, one that a script makes something of, no path. */
static void test_not_dom0s(void **state)
{
    const fixture *f = *state;
    xtune_disk disk = a_disk("qcow2", "/vm/a");

    put_image(f, "/vm/a", &(test_image){ .bytes = 1 << 20 });
    disk.server = 3;
    disk = read_disk(f, &disk);
    expect_nothing(&disk);
    disk = a_disk("qcow2", "/vm/a");
    disk.script = "block-iscsi";
    disk = read_disk(f, &disk);
    expect_nothing(&disk);
    disk = read_file(f, "qcow2", "vm/a");
    expect_nothing(&disk);
    disk = read_file(f, "qcow2", "/vm/none");
    expect_nothing(&disk);
}

/* A pipe would be waited for, and a folder is none. */
static void test_no_files(void **state)
{
    const fixture *f = *state;
    xtune_disk disk;

    assert_int_equal(mkfifo(make_folder(f, "/vm/pipe"), 0600), 0);
    disk = read_file(f, "qcow2", "/vm/pipe");
    expect_nothing(&disk);
    disk = read_file(f, "qcow2", "/vm");
    expect_nothing(&disk);
    put_image(f, "/vm/top", &(test_image){ .backing = "pipe" });
    disk = read_file(f, "qcow2", "/vm/top");
    assert_int_equal(disk.nr_overlays, 1);
}

static void test_chain(void **state)
{
    const fixture *f = *state;
    xtune_disk disk;

    put_image(f, "/vm/a",
              &(test_image){ .bytes = 1 << 20,
                             .backing = "b",
                             .backing_format = "qcow2" });
    put_image(f, "/vm/b", &(test_image){ .backing = "/base/c" });
    put_image(f, "/base/c",
              &(test_image){ .backing = "d", .backing_format = "raw" });
    /* It is raw, whatever is in it. */
    put_image(f, "/base/d", &(test_image){ .backing = "e" });
    put_image(f, "/base/e", &(test_image){ .bytes = 1 });
    disk = read_file(f, "qcow2", "/vm/a");
    assert_int_equal(disk.virtual_kb, 1024);
    assert_int_equal(disk.nr_overlays, 3);
    /* Links lead within the root. */
    lead(f, "/vm/link", "/vm/b");
    disk = read_file(f, "qcow2", "/vm/link");
    assert_int_equal(disk.nr_overlays, 2);
    /* What is no file, and what is not there, is below it as well. */
    put_image(f, "/vm/nbd", &(test_image){ .backing = "nbd://server/x" });
    disk = read_file(f, "qcow2", "/vm/nbd");
    assert_int_equal(disk.nr_overlays, 1);
    put_image(f, "/vm/lost", &(test_image){ .backing = "none" });
    disk = read_file(f, "qcow2", "/vm/lost");
    assert_int_equal(disk.nr_overlays, 1);
}

static void test_circles(void **state)
{
    const fixture *f = *state;
    xtune_disk disk;

    put_image(f, "/vm/self", &(test_image){ .bytes = 1, .backing = "self" });
    disk = read_file(f, "qcow2", "/vm/self");
    assert_int_equal(disk.virtual_kb, 0);
    assert_int_equal(disk.nr_overlays, XTUNE_NONE);
    put_image(f, "/vm/a", &(test_image){ .backing = "b" });
    put_image(f, "/vm/b", &(test_image){ .backing = "c" });
    put_image(f, "/vm/c", &(test_image){ .backing = "../vm/b" });
    disk = read_file(f, "qcow2", "/vm/a");
    assert_int_equal(disk.nr_overlays, XTUNE_NONE);
}

/* Image n stands on image n + 1, and the last one on none. */
static void put_chain(const fixture *f, unsigned int nr)
{
    char path[32], below[32];
    unsigned int i;

    for (i = 0; i <= nr; i++) {
        snprintf(path, sizeof(path), "/vm/%u", i);
        snprintf(below, sizeof(below), "%u", i + 1);
        put_image(
            f, path,
            &(test_image){ .bytes = 1, .backing = i < nr ? below : NULL });
    }
}

static void test_long_chain(void **state)
{
    const fixture *f = *state;
    xtune_disk disk;

    put_chain(f, 64);
    disk = read_file(f, "qcow2", "/vm/0");
    assert_int_equal(disk.nr_overlays, 64);
    put_chain(f, 65);
    disk = read_file(f, "qcow2", "/vm/0");
    assert_int_equal(disk.nr_overlays, XTUNE_NONE);
}

/* A name that the file does not hold to its end, and one with a NUL in it. */
static void test_cut_names(void **state)
{
    uint8_t header[IMAGE_BYTES];
    const fixture *f = *state;
    xtune_disk disk;

    make_image(header, &(test_image){ .bytes = 4096, .backing = "b" });
    put_number(header + 16, 600, 4);
    assert_int_equal(xt_file_replace(make_folder(f, "/vm/cut"),
                                     (const char *)header, sizeof(header),
                                     0600, NULL),
                     0);
    disk = read_file(f, "qcow2", "/vm/cut");
    assert_true(disk.virtual_kb == XTUNE_UNKNOWN_KB);
    put_number(header + 16, 3, 4);
    assert_int_equal(xt_file_replace(make_folder(f, "/vm/nul"),
                                     (const char *)header, sizeof(header),
                                     0600, NULL),
                     0);
    disk = read_file(f, "qcow2", "/vm/nul");
    assert_true(disk.virtual_kb == XTUNE_UNKNOWN_KB);
}

/* Which disks. */

static void put_number_of(const fixture *f, const char *number,
                          const char *path)
{
    put_block(f, path, number);
    lead(f, xtune_arena_printf(f->arena, "/sys/dev/block/%s", number), path);
}

static void slave(const fixture *f, const char *path, const char *of)
{
    lead(f,
         xtune_arena_printf(f->arena, "%s/slaves/%s", path, xt_dom0_base(of)),
         of);
}

/* / is on sda1, /vm on LVM of sda2 and all of sdb. */
static void put_disks(const fixture *f)
{
    put_number_of(f, "8:0", SDA);
    put_number_of(f, "8:1", SDA "/sda1");
    put(f, SDA "/sda1/partition", "1");
    put_number_of(f, "8:2", SDA "/sda2");
    put(f, SDA "/sda2/partition", "2");
    put_number_of(f, "8:16", SDB);
    put_number_of(f, "253:0", VIRTUAL "dm-0");
    slave(f, VIRTUAL "dm-0", SDA "/sda2");
    slave(f, VIRTUAL "dm-0", SDB);
    put(f, "/proc/self/mountinfo",
        "20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
        "21 20 253:0 / /vm rw - ext4 /dev/mapper/vg-vm rw\n"
        "22 20 0:40 / /nfs rw - nfs4 10.0.0.5:/x rw,addr=10.0.0.5\n"
        "23 20 0:41 / /pool rw - zfs tank rw\n"
        "24 20 0:42 / /btrfs rw - btrfs /dev/sdb rw\n");
}

static void expect_blocks(const fixture *f, const char *target,
                          const char *blocks)
{
    const xtune_disk disk = read_file(f, "raw", target);
    const char *got = "";
    size_t i;

    assert_non_null(disk.blocks);
    for (i = 0; i < disk.nr_blocks; i++)
        got = xtune_arena_printf(f->arena, "%s%s%s", got, got[0] ? " " : "",
                                 disk.blocks[i]);
    assert_string_equal(got, blocks);
}

static void expect_unknown(const fixture *f, const char *target)
{
    const xtune_disk disk = read_file(f, "raw", target);

    assert_null(disk.blocks);
}

static void test_disks(void **state)
{
    const fixture *f = *state;

    put_disks(f);
    put(f, "/srv/a", "x");
    put(f, "/vm/b", "x");
    put(f, "/vmware/c", "x");
    put(f, "/nfs/d", "x");
    put(f, "/pool/e", "x");
    put(f, "/btrfs/f", "x");
    put(f, "/dev/sdb", "x");
    expect_blocks(f, "/srv/a", "sda");
    expect_blocks(f, "/vm/b", "sda sdb");
    expect_blocks(f, "/vmware/c", "sda");
    expect_blocks(f, "/nfs/d", "");
    expect_unknown(f, "/pool/e");
    expect_blocks(f, "/btrfs/f", "sdb");
}

/* What is mounted over it counts, and what is mounted there later. */
static void test_mounts_over(void **state)
{
    const fixture *f = *state;

    put_disks(f);
    put(f, "/vm/b", "x");
    put(f, "/proc/self/mountinfo",
        "21 20 253:0 / /vm rw - ext4 /dev/mapper/vg-vm rw\n"
        "20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
        "22 20 8:16 / /vm rw - ext4 /dev/sdb rw\n");
    expect_blocks(f, "/vm/b", "sdb");
}

static void test_loop(void **state)
{
    const fixture *f = *state;

    put_disks(f);
    put_number_of(f, "7:0", VIRTUAL "loop0");
    put(f, VIRTUAL "loop0/loop/backing_file", "/vm/pool.img\n");
    put(f, "/vm/pool.img", "x");
    put(f, "/deep/a", "x");
    put(f, "/proc/self/mountinfo",
        "20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
        "21 20 8:16 / /vm rw - ext4 /dev/sdb rw\n"
        "22 20 7:0 / /deep rw - ext4 /dev/loop0 rw\n");
    expect_blocks(f, "/deep/a", "sdb");
    /* One that shows a file of its own. */
    put(f, VIRTUAL "loop0/loop/backing_file", "/deep/a\n");
    expect_unknown(f, "/deep/a");
}

/* Volumes of ZFS and the like have nothing below them in /sys. */
static void test_unknown_disks(void **state)
{
    const fixture *f = *state;

    put_disks(f);
    put_number_of(f, "230:0", VIRTUAL "zd0");
    put(f, "/a/a", "x");
    put(f, "/proc/self/mountinfo", "20 1 230:0 / / rw - ext4 /dev/zd0 rw\n");
    expect_unknown(f, "/a/a");
    put(f, "/proc/self/mountinfo", "20 1 9:9 / / rw - ext4 /dev/x rw\n");
    expect_unknown(f, "/a/a");
    /* Those that stand on each other. */
    put_number_of(f, "253:1", VIRTUAL "dm-1");
    put_number_of(f, "253:2", VIRTUAL "dm-2");
    slave(f, VIRTUAL "dm-1", VIRTUAL "dm-2");
    slave(f, VIRTUAL "dm-2", VIRTUAL "dm-1");
    put(f, "/proc/self/mountinfo", "20 1 253:1 / / rw - ext4 /dev/x rw\n");
    expect_unknown(f, "/a/a");
}

/* Each level has two that both stand on two of the next: to go down all ways
 * would take years. */
static void test_many_ways(void **state)
{
    const fixture *f = *state;
    char path[80], below[80];
    unsigned int i, k;

    for (i = 0; i < 31; i++)
        for (k = 0; k < 4; k++) {
            snprintf(path, sizeof(path), VIRTUAL "dm-%u", i * 2 + k % 2);
            snprintf(below, sizeof(below), VIRTUAL "dm-%u", i * 2 + 2 + k / 2);
            make_folder(f, xtune_arena_printf(f->arena, "%s/x", below));
            slave(f, path, below);
        }
    lead(f, "/sys/dev/block/253:0", VIRTUAL "dm-0");
    put(f, "/proc/self/mountinfo", "20 1 253:0 / / rw - ext4 /dev/x rw\n");
    put(f, "/a/a", "x");
    expect_unknown(f, "/a/a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_formats, setup, teardown),
        cmocka_unit_test_setup_teardown(test_not_dom0s, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_files, setup, teardown),
        cmocka_unit_test_setup_teardown(test_chain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_circles, setup, teardown),
        cmocka_unit_test_setup_teardown(test_long_chain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cut_names, setup, teardown),
        cmocka_unit_test_setup_teardown(test_disks, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mounts_over, setup, teardown),
        cmocka_unit_test_setup_teardown(test_loop, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_disks, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_ways, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
