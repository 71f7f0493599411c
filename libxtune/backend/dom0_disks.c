/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What dom0 does with a device's disks: from each of them and its partitions
 * up to all that stands on them. */
#include "backend/dom0_blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/util.h"

#define MAX_LEVELS 32 /* of LVM on LUKS on md and so on */

typedef struct walk {
    const xt_dom0_scan *scan;
    const xt_dom0_device *device;
    const xt_dom0_blocks *blocks;
    bool *own;     /* by block: it is on the device itself */
    bool *visited; /* by block */
    bool *used;    /* by block: something uses it, or what is on it */
    const char *through[MAX_LEVELS];
} walk;

static bool is_own(const walk *w, const xt_dom0_block *block)
{
    size_t i;

    for (i = 0; i < block->nr_places; i++)
        if (xt_dom0_is_below(w->scan, w->device, block->places[i]))
            return true;
    return false;
}

/* False where nothing is said of what uses it. */
static bool climb(walk *w, size_t at, size_t level)
{
    const xt_dom0_block *block = &w->blocks->items[at];
    bool is_said = block->nr_claims;
    size_t i;

    /* Each block once: there is no end to holders that hold each other. */
    if (level == MAX_LEVELS) return false;
    if (w->visited[at]) return true;
    w->visited[at] = true;
    w->used[at] = block->nr_claims || block->nr_holders;
    w->through[level] = block->name;
    for (i = 0; i < block->nr_claims; i++)
        xt_dom0_add_use(w->scan, w->device, block->claims[i].kind,
                        block->claims[i].what, w->through, level + 1);
    for (i = 0; i < block->nr_holders; i++)
        is_said |= climb(w, block->holders[i], level + 1);
    for (i = 0; i < w->blocks->nr; i++)
        if (w->blocks->items[i].disk == at && !w->own[i])
            is_said |= climb(w, i, level + 1);
    return is_said;
}

static void add_held(const walk *w, const xt_dom0_block *block,
                     const char *const *through, size_t nr_through)
{
    xt_dom0_add_use(w->scan, w->device, "held",
                    xt_dom0_join(&w->scan->files, "/dev", block->name),
                    through, nr_through);
}

/* A volume that is there may be open, for a guest whose disk a program serves
 * out of it, with nothing in /sys that would say so. */
static void climb_from(walk *w, size_t at)
{
    const xt_dom0_block *block = &w->blocks->items[at];
    const char *through[2] = { block->name };

    if (climb(w, at, 0) || !block->nr_holders) return;
    through[1] = w->blocks->items[block->holders[0]].name;
    add_held(w, block, through, 2);
}

/* Whether somebody has it for himself, as file systems that no mount leads
 * to: ZFS. */
static bool is_held(const xt_dom0_files *files, const xt_dom0_block *block)
{
    const char *path =
        xtune_arena_printf(files->arena, "/dev/%s", block->name);
    XT_CLEANUP_CLOSE int fd = -1;
    uint64_t sectors;
    char *p;

    /* Without a medium there is nothing to hold, and much to wait for. */
    if (!xt_dom0_number(files, block->path, "size", 10, UINT64_MAX,
                        &sectors) ||
        !sectors)
        return false;
    for (p = strchr(path + 5, '!'); p; p = strchr(p, '!'))
        *p = '/';
    fd = open(path, O_RDONLY | O_EXCL | O_CLOEXEC | O_NONBLOCK);
    return fd < 0 && errno == EBUSY;
}

/* A disk is busy where a partition of it is. */
static bool has_used_partition(const walk *w, size_t disk)
{
    size_t i;

    for (i = 0; i < w->blocks->nr; i++)
        if (w->blocks->items[i].disk == disk && w->used[i]) return true;
    return false;
}

static void look_for_holders(walk *w, bool partitions)
{
    size_t i;

    for (i = 0; i < w->blocks->nr; i++) {
        const xt_dom0_block *block = &w->blocks->items[i];
        const bool is_partition = block->disk != XT_DOM0_NO_BLOCK;

        if (!w->own[i] || w->used[i] || is_partition != partitions ||
            has_used_partition(w, i) || !is_held(&w->scan->files, block))
            continue;
        w->used[i] = true;
        add_held(w, block, &block->name, 1);
    }
}

static void read_device(const xt_dom0_scan *scan, xt_dom0_device *device,
                        const xt_dom0_blocks *blocks)
{
    xtune_arena *arena = scan->files.arena;
    const bool is_recorded = scan->files.root[0];
    walk w = {
        .scan = scan,
        .device = device,
        .blocks = blocks,
        .own = XTUNE_NEW_ARRAY(arena, bool, blocks->nr),
        .visited = XTUNE_NEW_ARRAY(arena, bool, blocks->nr),
        .used = XTUNE_NEW_ARRAY(arena, bool, blocks->nr),
    };
    bool has_own = false;
    size_t i;

    for (i = 0; i < blocks->nr; i++)
        has_own |= w.own[i] = is_own(&w, &blocks->items[i]);
    if (!has_own) return;
    for (i = 0; i < blocks->nr; i++)
        if (w.own[i]) climb_from(&w, i);
    if (!is_recorded) {
        look_for_holders(&w, true);
        look_for_holders(&w, false);
    }
    device->is_unknown =
        blocks->is_unknown ||
        (is_recorded && blocks->has_pool && !xt_dom0_count_uses(device));
}

void xt_dom0_read_disks(xt_dom0_scan *scan)
{
    xt_dom0_blocks blocks;
    size_t i;

    xt_dom0_read_blocks(scan, &blocks);
    if (!blocks.nr) return;
    xt_dom0_read_claims(&scan->files, &blocks);
    for (i = 0; i < scan->nr; i++)
        read_device(scan, &scan->devices[i], &blocks);
}
