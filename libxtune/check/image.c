/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of domains' disks, and of the images that they are made of. */
#include <string.h>

#include "check/domains.h"
#include "check/text.h"

/* One disk of a domain. */
typedef struct its_disk {
    const xtune_disk *disk;
    const char *object; /* "web1/xvda" */
} its_disk;

static bool is(const char *text, const char *word)
{
    return text && !strcmp(text, word);
}

/*
 * Calls look for each disk that is no drive, which says whether it is good.
 * What it is not to judge it leaves out, with *is_left_r. actual is what is so
 * of those that are good; NULL: that it is as expected.
 */
static void check_disks(xt_check *check,
                        bool (*look)(xt_check *check, const its_disk *its,
                                     bool *is_left_r),
                        const char *expected, const char *actual,
                        const char *why)
{
    const xtune_host *host = check->host;
    xt_tally tally = { .what = "disk", .actual = actual };
    bool is_known = false, is_left;
    size_t i, k;

    for (i = 0; i < host->nr_domains; i++) {
        is_known |= host->domains[i].disks != NULL;
        for (k = 0; k < host->domains[i].nr_disks; k++) {
            const its_disk its = {
                .disk = &host->domains[i].disks[k],
                .object = xtune_arena_printf(check->arena, "%s/%s",
                                             host->domains[i].name,
                                             host->domains[i].disks[k].device),
            };

            if (its.disk->cdrom) continue;
            is_left = false;
            if (look(check, &its, &is_left))
                tally.nr_good += !is_left;
            else
                tally.nr_bad++;
        }
    }
    xt_tally_end(check, &tally, expected,
                 is_known ? why : "domains' disks are not known");
}

/* image-format */

/* vhd is what XAPI's storage is made of, where nothing else would do. */
static bool look_at_format(xt_check *check, const its_disk *its,
                           bool *is_left_r)
{
    const xtune_disk *disk = its->disk;
    const bool is_slow = is(disk->format, "qcow2") ||
                         is(disk->format, "qcow") || is(disk->format, "qed");
    /* What stands on another image cannot do without one. */
    const bool is_overlay =
        disk->nr_overlays != XTUNE_NONE && disk->nr_overlays;

    *is_left_r = !disk->format || is_overlay;
    if (*is_left_r || !is_slow) return true;
    xt_fault_add(
        check,
        &(xt_fault){
            .status = XTUNE_CHECK_WARN,
            .object = its->object,
            .expected = "raw",
            .actual = disk->format,
            .text = "the device model looks up where each block is, and "
                    "makes room for it when it is first written",
            .fix = XTUNE_FIX_PERSON,
            .how = "\"qemu-img convert -O raw\" while the domain is off, if "
                   "it needs neither snapshots nor a file that grows",
        });
    return false;
}

void xt_check_image_format(xt_check *check)
{
    check_disks(check, look_at_format, "raw, where nothing else is needed",
                NULL, "no disk tells its format");
}

/* qcow2-cache */

#define ENTRY_BYTES 8 /* for each cluster */
#define USUAL_KB 1024 /* QEMU's own, before 3.1 */

static uint64_t tables_kb(const xtune_disk *disk)
{
    const uint64_t clusters_of_kb = disk->cluster_bytes / 1024;

    /* Clusters of 512 bytes are half of one. */
    return clusters_of_kb
               ? disk->virtual_kb / clusters_of_kb * ENTRY_BYTES / 1024
               : disk->virtual_kb / 1024 * 2 * ENTRY_BYTES;
}

static bool look_at_cache(xt_check *check, const its_disk *its,
                          bool *is_left_r)
{
    const xtune_disk *disk = its->disk;
    uint64_t needed;

    /* blktap has no such cache. */
    *is_left_r = !is(disk->format, "qcow2") || !is(disk->backend, "qdisk") ||
                 disk->virtual_kb == XTUNE_UNKNOWN_KB ||
                 disk->cluster_bytes == XTUNE_NONE;
    if (*is_left_r) return true;
    needed = tables_kb(disk);
    if (needed <= USUAL_KB) return true;
    xt_fault_add(
        check,
        &(xt_fault){
            .status = XTUNE_CHECK_WARN,
            .object = its->object,
            .expected = "qcow2 tables of 1 MiB or less: 8 GiB in clusters of "
                        "64 KiB",
            .actual = xtune_arena_printf(
                check->arena, "%s: %s in clusters of %u bytes",
                xt_check_size(check->arena, needed),
                xt_check_size(check->arena, disk->virtual_kb),
                disk->cluster_bytes),
            .text = "QEMU keeps 1 MiB of them at hand, from 3.1 on up to 32 "
                    "MiB; libxl cannot tell it to keep more",
            .fix = XTUNE_FIX_PERSON,
            .how = "\"qemu-img convert\" while the domain is off: -O raw, or "
                   "-O qcow2 -o cluster_size=2M",
        });
    return false;
}

void xt_check_qcow2_cache(xt_check *check)
{
    check_disks(check, look_at_cache, "qcow2 tables of 1 MiB or less", NULL,
                "no device model serves a qcow2 image that is known");
}

/* overlay-chain */

#define MAX_OVERLAYS 3

static bool look_at_chain(xt_check *check, const its_disk *its,
                          bool *is_left_r)
{
    const xtune_disk *disk = its->disk;

    *is_left_r = disk->nr_overlays == XTUNE_NONE;
    if (*is_left_r || disk->nr_overlays <= MAX_OVERLAYS) return true;
    xt_fault_add(
        check,
        &(xt_fault){
            .status = XTUNE_CHECK_WARN,
            .object = its->object,
            .expected = "3 files or fewer below an image",
            .actual = xt_check_count(check->arena, disk->nr_overlays, "file"),
            .text = "what is in none of them is looked for in all of them",
            .fix = XTUNE_FIX_PERSON,
            .how = "\"qemu-img commit\" or \"qemu-img rebase\" while the "
                   "domain is off",
        });
    return false;
}

void xt_check_overlay_chain(xt_check *check)
{
    check_disks(check, look_at_chain, "3 files or fewer below an image", NULL,
                "no disk is an image that can stand on others");
}

/* disk-cache */

/* It is on none of dom0's disks: on a server. */
static bool is_remote(const xtune_disk *disk)
{
    return disk->target && disk->target[0] == '/' && disk->blocks &&
           !disk->nr_blocks;
}

static bool look_at_io(xt_check *check, const its_disk *its, bool *is_left_r)
{
    const xtune_disk *disk = its->disk;

    *is_left_r = !is(disk->backend, "qdisk");
    if (*is_left_r || !disk->direct_io_safe || !is_remote(disk)) return true;
    xt_fault_add(
        check,
        &(xt_fault){
            .status = XTUNE_CHECK_WARN,
            .object = its->object,
            .expected = "no direct-io-safe for a file on a server",
            .actual = xtune_arena_printf(check->arena,
                                         "direct-io-safe, and \"%s\" is on a "
                                         "server",
                                         disk->target),
            .text = "dom0's Linux may send pages again that the guest has got "
                    "back: broken data, or a crash of dom0",
            .fix = XTUNE_FIX_PERSON,
            .how = "take direct-io-safe out of the disk's configuration",
        });
    return false;
}

/* How disks of device models are written to. */
static const char *cache_modes(const xt_check *check)
{
    size_t i, k, through = 0, past = 0;

    for (i = 0; i < check->host->nr_domains; i++)
        for (k = 0; k < check->host->domains[i].nr_disks; k++) {
            const xtune_disk *disk = &check->host->domains[i].disks[k];

            if (disk->cdrom || !is(disk->backend, "qdisk")) continue;
            through += !disk->direct_io_safe;
            past += disk->direct_io_safe;
        }
    return xtune_arena_printf(check->arena,
                              "%zu go through dom0's page cache, %zu past it",
                              through, past);
}

void xt_check_disk_cache(xt_check *check)
{
    check_disks(check, look_at_io, "direct-io-safe on local disks only",
                cache_modes(check), "no device model serves a disk");
}
