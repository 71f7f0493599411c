/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From the block device that a path is on down to the disks that it is made
 * of: partitions, LVM, LUKS, md and multipath by their links in /sys, loop
 * devices by the file that they show.
 */
#include "backend/dom0_storage.h"

#include <string.h>
#include <sys/sysmacros.h>

#include "backend/dom0_blocks.h"
#include "base/util.h"

#define VIRTUAL "/sys/devices/virtual/block/"
#define MAX_LEVELS 32
#define MAX_STEPS 4096 /* of one walk: slaves may meet again further down */

/* What is known of a block device. */
typedef struct device {
    uint32_t major, minor;
    const char **disks; /* NULL: not known */
    size_t nr;
} device;

struct xt_storage {
    const xt_dom0_files *files;
    xt_dom0_mount *mounts;
    size_t nr_mounts;
    device *devices; /* those that were asked for */
    size_t nr_devices;
};

typedef struct walk {
    xt_storage *storage;
    const char **disks;
    size_t nr;
    unsigned int steps;
} walk;

xt_storage *xt_storage_new(const xt_dom0_files *files)
{
    xt_storage *storage = XTUNE_NEW(files->arena, xt_storage);

    storage->files = files;
    (void)xt_dom0_read_mounts(files, &storage->mounts, &storage->nr_mounts);
    return storage;
}

/* What is mounted last hides what was mounted there before. */
static const xt_dom0_mount *mount_of(const xt_storage *storage,
                                     const char *path)
{
    const xt_dom0_mount *found = NULL;
    size_t i, len, best = 0;

    for (i = 0; i < storage->nr_mounts; i++) {
        const char *where = storage->mounts[i].where;

        len = strlen(where);
        if (len && where[len - 1] == '/') len--;
        if (len < best || strncmp(path, where, len) != 0 ||
            (path[len] && path[len] != '/'))
            continue;
        best = len;
        found = &storage->mounts[i];
    }
    return found;
}

static bool walk_device(walk *w, uint32_t major, uint32_t minor,
                        unsigned int level);

/* btrfs has no device of its own, and names one of those that it is on; so
 * where it is on several, the others are not found. */
static bool walk_file(walk *w, const char *path, unsigned int level)
{
    const xt_dom0_files *files = w->storage->files;
    const xt_dom0_mount *mount = mount_of(w->storage, path);
    const char *source, *number;
    uint32_t major, minor;

    if (!mount) return false;
    if (mount->server) return true;
    if (mount->has_number && mount->major)
        return walk_device(w, mount->major, mount->minor, level);
    source = xt_dom0_resolve(files, mount->source);
    if (!source || strncmp(source, "/dev/", 5) != 0) return false;
    number = xt_dom0_line(
        files, xt_dom0_join(files, "/sys/class/block", xt_dom0_base(source)),
        "dev");
    return number && xt_dom0_parse_number(number, 10, &major, &minor) &&
           walk_device(w, major, minor, level);
}

static bool add_disk(walk *w, const char *name)
{
    size_t i;

    for (i = 0; i < w->nr; i++)
        if (!strcmp(w->disks[i], name)) return true;
    if (w->nr == XT_STORAGE_MAX_DISKS) return false;
    w->disks[w->nr++] = name;
    return true;
}

/* Where "/" stands in the path of a partition's disk. */
static const char *whole_of(const xt_dom0_files *files, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash ||
        !xt_dom0_resolve(files, xt_dom0_join(files, path, "partition")))
        return path;
    return xtune_arena_strndup(files->arena, path, (size_t)(slash - path));
}

static bool walk_folder(walk *w, const char *path, unsigned int level)
{
    const xt_dom0_files *files = w->storage->files;
    const char **slaves, *folder, *file;
    size_t nr, i;

    if (level == MAX_LEVELS || w->steps++ == MAX_STEPS) return false;
    path = whole_of(files, path);
    file = xt_dom0_line(files, path, "loop/backing_file");
    if (file) {
        file = xt_dom0_resolve(files, file);
        return file && walk_file(w, file, level + 1);
    }
    folder = xt_dom0_join(files, path, "slaves");
    slaves = xt_dom0_list(files, folder, &nr);
    for (i = 0; i < nr; i++) {
        const char *slave =
            xt_dom0_resolve(files, xt_dom0_join(files, folder, slaves[i]));

        if (!slave || !walk_folder(w, slave, level + 1)) return false;
    }
    if (nr) return true;
    /* ZFS' volumes, blktap's: nothing in /sys leads further. */
    if (!strncmp(path, VIRTUAL, strlen(VIRTUAL))) return false;
    return add_disk(w, xt_dom0_base(path));
}

static bool walk_device(walk *w, uint32_t major, uint32_t minor,
                        unsigned int level)
{
    const xt_dom0_files *files = w->storage->files;
    const char *path = xt_dom0_resolve(
        files, xtune_arena_printf(files->arena, "/sys/dev/block/%u:%u", major,
                                  minor));

    return path && walk_folder(w, path, level);
}

static int compare_names(const void *a, const void *b)
{
    return strverscmp(*(const char *const *)a, *(const char *const *)b);
}

/* NULL where not all of them are known. */
static const char **end_walk(walk *w, bool ok, size_t *nr_r)
{
    *nr_r = ok ? w->nr : 0;
    if (!ok) return NULL;
    qsort(w->disks, w->nr, sizeof(*w->disks), compare_names);
    return w->disks;
}

static walk begin_walk(xt_storage *storage)
{
    return (walk){
        .storage = storage,
        .disks = XTUNE_NEW_ARRAY(storage->files->arena, const char *,
                                 XT_STORAGE_MAX_DISKS),
    };
}

static const char **disks_of_device(xt_storage *storage, uint32_t major,
                                    uint32_t minor, size_t *nr_r)
{
    device *d;
    size_t i;
    walk w;

    for (i = 0; i < storage->nr_devices; i++) {
        d = &storage->devices[i];
        if (d->major != major || d->minor != minor) continue;
        *nr_r = d->nr;
        return d->disks;
    }
    storage->devices =
        xtune_arena_grow(storage->files->arena, storage->devices,
                         storage->nr_devices, sizeof(*storage->devices));
    d = &storage->devices[storage->nr_devices++];
    *d = (device){ .major = major, .minor = minor };
    w = begin_walk(storage);
    d->disks = end_walk(&w, walk_device(&w, major, minor, 0), &d->nr);
    *nr_r = d->nr;
    return d->disks;
}

const char **xt_storage_disks(xt_storage *storage, const char *path,
                              const struct stat *st, size_t *nr_r)
{
    const xt_dom0_mount *mount;
    walk w;

    if (S_ISBLK(st->st_mode))
        return disks_of_device(storage, major(st->st_rdev), minor(st->st_rdev),
                               nr_r);
    mount = mount_of(storage, path);
    if (mount && !mount->server && mount->has_number && mount->major)
        return disks_of_device(storage, mount->major, mount->minor, nr_r);
    w = begin_walk(storage);
    return end_walk(&w, walk_file(&w, path, 0), nr_r);
}
