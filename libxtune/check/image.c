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

/* One rule of disks. */
typedef struct disk_rule {
    enum xt_verdict (*look)(xt_check *check, const its_disk *its);
    const char *expected;
    const char *actual;  /* what is so of those that are good; NULL: that it is
                            as expected */
    const char *unknown; /* what is not known of some: "the format" */
    const char *none;    /* why nothing is said: there is no such disk */
} disk_rule;

static void look_at_disks(xt_check *check, const disk_rule *rule,
                          const xtune_domain *domain, xt_tally *tally)
{
    size_t i;

    for (i = 0; i < domain->nr_disks; i++) {
        const its_disk its = {
            .disk = &domain->disks[i],
            .object = xtune_arena_printf(check->arena, "%s/%s", domain->name,
                                         domain->disks[i].device),
        };

        if (!its.disk->cdrom) xt_tally_add(tally, rule->look(check, &its));
    }
}

static void skip_some(xt_check *check, const char *what, size_t nr,
                      const char *of)
{
    xt_skip(check, NULL,
            xtune_arena_printf(check->arena, "%s is not known of %s", what,
                               xt_check_count(check->arena, nr, of)));
}

/* Of each disk that is no drive. */
static void check_disks(xt_check *check, const disk_rule *rule)
{
    const xtune_host *host = check->host;
    xt_tally tally = { .what = "disk", .actual = rule->actual };
    size_t i, domains_unknown = 0, disks_unknown;
    bool is_known = false;

    for (i = 0; i < host->nr_domains; i++) {
        const xtune_domain *domain = &host->domains[i];

        is_known |= domain->disks != NULL;
        domains_unknown += !domain->disks && xt_check_is_guest(domain);
        look_at_disks(check, rule, domain, &tally);
    }
    disks_unknown = tally.nr_unknown;
    tally.nr_unknown = 0;
    if (tally.nr_good || !disks_unknown)
        xt_tally_end(check, &tally, rule->expected,
                     is_known ? rule->none : "domains' disks are not known");
    if (disks_unknown)
        skip_some(check, rule->unknown, disks_unknown, tally.what);
    if (is_known && domains_unknown)
        skip_some(check, "what disks there are", domains_unknown, "domain");
}

/* image-format */

/* vhd is what XAPI's storage is made of, where nothing else would do. */
static enum xt_verdict look_at_format(xt_check *check, const its_disk *its)
{
    const xtune_disk *disk = its->disk;
    const bool is_slow = is(disk->format, "qcow2") ||
                         is(disk->format, "qcow") || is(disk->format, "qed");
    /* What stands on another image cannot do without one. */
    const bool is_overlay =
        disk->nr_overlays != XTUNE_NONE && disk->nr_overlays;

    if (is_overlay) return XT_LEFT;
    if (!disk->format) return XT_UNKNOWN;
    if (!is_slow) return XT_GOOD;
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
    return XT_TOLD;
}

void xt_check_image_format(xt_check *check)
{
    check_disks(check, &(disk_rule){
                           .look = look_at_format,
                           .expected = "raw, where nothing else is needed",
                           .unknown = "the format",
                           .none = "there is no disk with a format to choose",
                       });
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

static enum xt_verdict look_at_cache(xt_check *check, const its_disk *its)
{
    const xtune_disk *disk = its->disk;
    uint64_t needed;

    /* blktap has no such cache. */
    if (!is(disk->format, "qcow2") || !is(disk->backend, "qdisk"))
        return XT_LEFT;
    if (disk->virtual_kb == XTUNE_UNKNOWN_KB ||
        disk->cluster_bytes == XTUNE_NONE)
        return XT_UNKNOWN;
    needed = tables_kb(disk);
    if (needed <= USUAL_KB) return XT_GOOD;
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
    return XT_TOLD;
}

void xt_check_qcow2_cache(xt_check *check)
{
    check_disks(check, &(disk_rule){
                           .look = look_at_cache,
                           .expected = "qcow2 tables of 1 MiB or less",
                           .unknown = "the size of qcow2 tables",
                           .none = "no device model serves a qcow2 image",
                       });
}

/* overlay-chain */

#define MAX_OVERLAYS 3

static enum xt_verdict look_at_chain(xt_check *check, const its_disk *its)
{
    const xtune_disk *disk = its->disk;

    if (disk->nr_overlays == XTUNE_NONE)
        return is(disk->format, "qcow2") ? XT_UNKNOWN : XT_LEFT;
    if (disk->nr_overlays <= MAX_OVERLAYS) return XT_GOOD;
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
    return XT_TOLD;
}

void xt_check_overlay_chain(xt_check *check)
{
    check_disks(check,
                &(disk_rule){
                    .look = look_at_chain,
                    .expected = "3 files or fewer below an image",
                    .unknown = "what images stand on",
                    .none = "no disk is an image that can stand on others",
                });
}

/* disk-cache */

static enum xt_verdict look_at_io(xt_check *check, const its_disk *its)
{
    const xtune_disk *disk = its->disk;

    if (!is(disk->backend, "qdisk")) return XT_LEFT;
    if (!disk->direct_io_safe) return XT_GOOD;
    /* By a name that is no file's, QEMU itself goes to a server. */
    if (!disk->target || disk->target[0] != '/') return XT_GOOD;
    if (!disk->blocks) return XT_UNKNOWN;
    /* What is on none of dom0's disks is on a server. */
    if (disk->nr_blocks) return XT_GOOD;
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
    return XT_TOLD;
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
    check_disks(check, &(disk_rule){
                           .look = look_at_io,
                           .expected = "direct-io-safe on local disks only",
                           .actual = cache_modes(check),
                           .unknown = "where it is",
                           .none = "no device model serves a disk",
                       });
}
