/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backend/dom0_blocks.h"

#include <string.h>

#include "base/util.h"

#define BLOCKS "/sys/class/block"
#define BTRFS "/sys/fs/btrfs"
#define MAX_BLOCKS 16384
#define SUBSYSTEMS "/nvme-subsystem/"

static size_t find_name(const xt_dom0_blocks *blocks, const char *name,
                        size_t len)
{
    size_t i;

    for (i = 0; i < blocks->nr; i++)
        if (!strncmp(blocks->items[i].name, name, len) &&
            !blocks->items[i].name[len])
            return i;
    return XT_DOM0_NO_BLOCK;
}

static void add_place(const xt_dom0_files *files, xt_dom0_block *block,
                      const char *path)
{
    block->places = xtune_arena_grow(files->arena, block->places,
                                     block->nr_places, sizeof(*block->places));
    block->places[block->nr_places++] = path;
}

/* A disk with several controllers, or one that could have, is in a folder of
 * its subsystem, which has links to them. */
static void add_controllers(const xt_dom0_files *files, xt_dom0_block *block)
{
    const char *at = strstr(block->path, SUBSYSTEMS), *folder, *path;
    const char **names;
    size_t len, nr, i;

    if (!at) return;
    len = strlen(SUBSYSTEMS) + strcspn(at + strlen(SUBSYSTEMS), "/");
    folder = xtune_arena_strndup(files->arena, block->path,
                                 (size_t)(at - block->path) + len);
    names = xt_dom0_list(files, folder, &nr);
    for (i = 0; i < nr; i++) {
        if (!xt_dom0_is_numbered(names[i], "nvme")) continue;
        path = xt_dom0_resolve(files, xt_dom0_join(files, folder, names[i]));
        /* Something in its folder is below its device. */
        if (path) add_place(files, block, xt_dom0_join(files, path, ""));
    }
}

static void add_block(const xt_dom0_files *files, xt_dom0_blocks *blocks,
                      const char *name)
{
    xt_dom0_block block = {
        .name = name,
        .path = xt_dom0_resolve(files, xt_dom0_join(files, BLOCKS, name)),
        .disk = XT_DOM0_NO_BLOCK,
        .btrfs = XT_DOM0_NO_BLOCK,
    };

    if (!block.path) return;
    add_place(files, &block, block.path);
    add_controllers(files, &block);
    blocks->items = xtune_arena_grow(files->arena, blocks->items, blocks->nr,
                                     sizeof(block));
    blocks->items[blocks->nr++] = block;
}

static bool is_of_any(const xt_dom0_scan *scan, const xt_dom0_block *block)
{
    size_t i;

    for (i = 0; i < block->nr_places; i++)
        if (xt_dom0_is_below_any(scan, block->places[i])) return true;
    return false;
}

/* False for what is no block device, or none any more. */
static bool read_block(const xt_dom0_files *files, xt_dom0_block *block)
{
    const char *number = xt_dom0_line(files, block->path, "dev");

    if (!number ||
        !xt_dom0_parse_number(number, 10, &block->major, &block->minor))
        return false;
    if (xt_dom0_is_numbered(block->name, "dm-"))
        block->mapped = xt_dom0_line(files, block->path, "dm/name");
    return true;
}

/* There may be thousands that are no device's: where all are, nothing more is
 * read of them. */
static void find_blocks(const xt_dom0_scan *scan, xt_dom0_blocks *blocks)
{
    const xt_dom0_files *files = &scan->files;
    size_t nr, kept = 0, i;
    const char **names;
    bool any = false;

    names = xt_dom0_list(files, BLOCKS, &nr);
    for (i = 0; i < nr && blocks->nr < MAX_BLOCKS; i++)
        add_block(files, blocks, names[i]);
    for (i = 0; i < blocks->nr && !any; i++)
        any = is_of_any(scan, &blocks->items[i]);
    for (i = 0; any && i < blocks->nr; i++)
        if (read_block(files, &blocks->items[i]))
            blocks->items[kept++] = blocks->items[i];
    blocks->nr = kept;
}

/* The folder of a partition is in that of its disk. */
static void find_disk(const xt_dom0_files *files, const xt_dom0_blocks *blocks,
                      xt_dom0_block *block)
{
    const char *slash = strrchr(block->path, '/'), *start;

    if (!slash ||
        !xt_dom0_resolve(files, xt_dom0_join(files, block->path, "partition")))
        return;
    for (start = slash; start > block->path && start[-1] != '/'; start--)
        ;
    block->disk = find_name(blocks, start, (size_t)(slash - start));
}

/* btrfs has a folder for each file system, with links to all its devices. */
static void find_btrfs(const xt_dom0_files *files, xt_dom0_blocks *blocks)
{
    const char **systems, **names, *folder;
    size_t nr, nr_names, i, k, at;

    systems = xt_dom0_list(files, BTRFS, &nr);
    for (i = 0; i < nr; i++) {
        folder = xt_dom0_join(files, xt_dom0_join(files, BTRFS, systems[i]),
                              "devices");
        names = xt_dom0_list(files, folder, &nr_names);
        for (k = 0; k < nr_names; k++) {
            at = find_name(blocks, names[k], strlen(names[k]));
            if (at != XT_DOM0_NO_BLOCK) blocks->items[at].btrfs = i;
        }
    }
}

static void find_holders(const xt_dom0_files *files,
                         const xt_dom0_blocks *blocks, xt_dom0_block *block)
{
    const char **names;
    size_t nr, i, holder;

    names =
        xt_dom0_list(files, xt_dom0_join(files, block->path, "holders"), &nr);
    block->holders = XTUNE_NEW_ARRAY(files->arena, size_t, nr);
    for (i = 0; i < nr; i++) {
        holder = find_name(blocks, names[i], strlen(names[i]));
        if (holder != XT_DOM0_NO_BLOCK)
            block->holders[block->nr_holders++] = holder;
    }
}

void xt_dom0_read_blocks(const xt_dom0_scan *scan, xt_dom0_blocks *blocks_r)
{
    size_t i;

    *blocks_r = (xt_dom0_blocks){ .items = NULL };
    find_blocks(scan, blocks_r);
    for (i = 0; i < blocks_r->nr; i++) {
        find_disk(&scan->files, blocks_r, &blocks_r->items[i]);
        find_holders(&scan->files, blocks_r, &blocks_r->items[i]);
    }
    if (blocks_r->nr) find_btrfs(&scan->files, blocks_r);
}

xt_dom0_block *xt_dom0_block_by_number(const xt_dom0_blocks *blocks,
                                       uint32_t major, uint32_t minor)
{
    size_t i;

    for (i = 0; i < blocks->nr; i++)
        if (blocks->items[i].major == major && blocks->items[i].minor == minor)
            return &blocks->items[i];
    return NULL;
}

/* By the name that the device mapper knows. */
static size_t find_mapped(const xt_dom0_blocks *blocks, const char *name)
{
    size_t i;

    for (i = 0; i < blocks->nr; i++)
        if (blocks->items[i].mapped && !strcmp(blocks->items[i].mapped, name))
            return i;
    return XT_DOM0_NO_BLOCK;
}

xt_dom0_block *xt_dom0_block_by_device(const xt_dom0_files *files,
                                       const xt_dom0_blocks *blocks,
                                       const char *device)
{
    static const char dev[] = "/dev/", mapper[] = "/dev/mapper/";
    const char *path = xt_dom0_resolve(files, device);
    size_t found = XT_DOM0_NO_BLOCK;
    char *name, *p;

    /* In a tree there may be no /dev. */
    if (!path) path = device;
    if (strncmp(path, dev, strlen(dev)) != 0) return NULL;
    if (!strncmp(path, mapper, strlen(mapper)))
        found = find_mapped(blocks, path + strlen(mapper));
    if (found == XT_DOM0_NO_BLOCK) {
        /* "/dev/cciss/c0d0" is "cciss!c0d0" */
        name = xtune_arena_strdup(files->arena, path + strlen(dev));
        for (p = name; (p = strchr(p, '/')); p++)
            *p = '!';
        found = find_name(blocks, name, strlen(name));
    }
    return found == XT_DOM0_NO_BLOCK ? NULL : &blocks->items[found];
}
