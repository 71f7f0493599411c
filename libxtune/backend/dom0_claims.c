/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What uses block devices: mounts, swap, the disks of guests. */
#include "backend/dom0_blocks.h"

#include <string.h>

#include "base/util.h"

#define BACKENDS "/sys/bus/xen-backend/devices"

static void add_claim(const xt_dom0_files *files, xt_dom0_block *block,
                      const char *kind, const char *what)
{
    block->claims = xtune_arena_grow(files->arena, block->claims,
                                     block->nr_claims, sizeof(*block->claims));
    block->claims[block->nr_claims++] = (xt_dom0_claim){ kind, what };
}

/* btrfs names one of its devices as a mount's source, and is on all. */
static void claim_btrfs(const xt_dom0_files *files, xt_dom0_blocks *blocks,
                        const xt_dom0_block *source, const char *where)
{
    size_t i;

    if (source->btrfs == XT_DOM0_NO_BLOCK) return;
    for (i = 0; i < blocks->nr; i++)
        if (&blocks->items[i] != source &&
            blocks->items[i].btrfs == source->btrfs)
            add_claim(files, &blocks->items[i], "mount", where);
}

/* On several disks, which its mounts need not name. */
static bool is_pool(const xt_dom0_mount *mount)
{
    static const char *const types[] = { "zfs", "btrfs", "bcachefs" };
    size_t i;

    for (i = 0; mount->type && i < XT_ARRAY_SIZE(types); i++)
        if (!strcmp(mount->type, types[i])) return true;
    return false;
}

static void claim_mounts(const xt_dom0_files *files, xt_dom0_blocks *blocks,
                         const xt_dom0_mount *mounts, size_t nr)
{
    xt_dom0_block *block;
    size_t i;

    for (i = 0; i < nr; i++) {
        const xt_dom0_mount *mount = &mounts[i];
        const bool by_number = mount->has_number && mount->major;

        block =
            by_number
                ? xt_dom0_block_by_number(blocks, mount->major, mount->minor)
                : xt_dom0_block_by_device(files, blocks, mount->source);
        if (!block) blocks->has_pool |= is_pool(mount);
        if (!block) continue;
        add_claim(files, block, mount->where ? "mount" : "swap",
                  mount->where ? mount->where : mount->source);
        if (mount->has_number && !by_number)
            claim_btrfs(files, blocks, block, mount->where);
    }
}

bool xt_dom0_read_mounts(const xt_dom0_files *files, xt_dom0_mount **mounts_r,
                         size_t *nr_r)
{
    char *text;

    *mounts_r = NULL;
    *nr_r = 0;
    text = xt_dom0_read(files, "/proc/self/mountinfo", XT_DOM0_MAX_FILE, NULL);
    if (text) {
        *mounts_r = xt_dom0_parse_mountinfo(files->arena, text, nr_r);
        return true;
    }
    text = xt_dom0_read(files, "/proc/mounts", XT_DOM0_MAX_FILE, NULL);
    if (text) *mounts_r = xt_dom0_parse_mounts(files->arena, text, nr_r);
    return text != NULL;
}

/* A kernel may have been built without swap, and then has no such file. */
static void read_mounts(const xt_dom0_files *files, xt_dom0_blocks *blocks)
{
    xt_dom0_mount *mounts;
    size_t nr;
    char *text;

    blocks->is_unknown = !xt_dom0_read_mounts(files, &mounts, &nr);
    claim_mounts(files, blocks, mounts, nr);
    text = xt_dom0_read(files, "/proc/swaps", XT_DOM0_MAX_FILE, NULL);
    if (!text) return;
    mounts = xt_dom0_parse_swaps(files->arena, text, &nr);
    claim_mounts(files, blocks, mounts, nr);
}

/* "vbd-3-51712": the domain's id. */
static const char *domain_of(const xt_dom0_files *files, const char *name)
{
    static const char prefix[] = "vbd-";
    const char *id = name + strlen(prefix);
    size_t len;

    if (strncmp(name, prefix, strlen(prefix)) != 0) return NULL;
    len = strspn(id, "0123456789");
    if (!len || len > 5 || id[len] != '-') return NULL;
    return xtune_arena_strndup(files->arena, id, len);
}

static void read_guests(const xt_dom0_files *files, xt_dom0_blocks *blocks)
{
    const char **names, *domain, *number;
    uint32_t major, minor;
    xt_dom0_block *block;
    size_t nr, i;

    names = xt_dom0_list(files, BACKENDS, &nr);
    for (i = 0; i < nr; i++) {
        domain = domain_of(files, names[i]);
        if (!domain) continue;
        number = xt_dom0_line(files, xt_dom0_join(files, BACKENDS, names[i]),
                              "physical_device");
        if (!number || !xt_dom0_parse_number(number, 16, &major, &minor))
            continue;
        block = xt_dom0_block_by_number(blocks, major, minor);
        if (block) add_claim(files, block, "domain", domain);
    }
}

void xt_dom0_read_claims(const xt_dom0_files *files, xt_dom0_blocks *blocks)
{
    read_mounts(files, blocks);
    read_guests(files, blocks);
}
