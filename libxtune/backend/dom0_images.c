/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Images are read here and not asked of qemu-img: a process for each of
 * hundreds takes seconds. Only regular files are opened, whatever they say of
 * themselves is taken for hostile, and what an image is made for is taken from
 * the domain's configuration, never from the image: a guest writes to it, and
 * one that is raw might tell a header that leads to any file of dom0's.
 */
#include "backend/dom0_images.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "backend/dom0_files.h"
#include "backend/dom0_silent.h"
#include "backend/dom0_storage.h"
#include "backend/qcow2.h"
#include "base/files.h"
#include "base/util.h"

#define MAX_OVERLAYS 64

typedef struct reader {
    xt_dom0_files files; /* its arena is for the time being */
    xtune_arena *arena;  /* the host's */
    xt_storage *storage;
} reader;

/* An image that others are on top of. */
typedef struct file_id {
    dev_t dev;
    ino_t ino;
} file_id;

static bool get_status(const reader *r, const char *path, struct stat *st_r)
{
    return !stat(xt_path(r->files.arena, r->files.root, path), st_r);
}

/* A regular file; -1. To open anything else may do something to it. */
static int open_image(const reader *r, const char *path, struct stat *st_r)
{
    int fd;

    if (!get_status(r, path, st_r) || !S_ISREG(st_r->st_mode)) return -1;
    fd = open(xt_path(r->files.arena, r->files.root, path),
              O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return -1;
    if (!fstat(fd, st_r) && S_ISREG(st_r->st_mode)) return fd;
    close(fd);
    return -1;
}

static const char *read_name(const reader *r, int fd, const xt_qcow2 *image)
{
    char name[XT_QCOW2_MAX_NAME + 1];

    if (pread(fd, name, image->backing_len, (off_t)image->backing_at) !=
            (ssize_t)image->backing_len ||
        memchr(name, '\0', image->backing_len))
        return NULL;
    return xtune_arena_strndup(r->files.arena, name, image->backing_len);
}

/* backing_r: the backing file's name; NULL: there is none. */
static bool read_image(const reader *r, const char *path, xt_qcow2 *image_r,
                       file_id *id_r, const char **backing_r)
{
    uint8_t header[XT_QCOW2_HEADER];
    XT_CLEANUP_CLOSE int fd = -1;
    struct stat st;
    ssize_t len;

    fd = open_image(r, path, &st);
    if (fd < 0) return false;
    *id_r = (file_id){ st.st_dev, st.st_ino };
    len = pread(fd, header, sizeof(header), 0);
    if (len < 0 || !xt_qcow2_parse(header, (size_t)len, image_r)) return false;
    *backing_r = image_r->backing_len ? read_name(r, fd, image_r) : NULL;
    return !image_r->backing_len || *backing_r;
}

/* A format that is not said is found out by QEMU, by the file's first bytes:
 * so here. */
static bool may_be_qcow2(const xt_qcow2 *top)
{
    return !top->backing_format[0] || !strcmp(top->backing_format, "qcow2");
}

static bool is_among(const file_id *seen, size_t nr, const file_id *id)
{
    size_t i;

    for (i = 0; i < nr; i++)
        if (seen[i].dev == id->dev && seen[i].ino == id->ino) return true;
    return false;
}

/*
 * How many files are below an image; XTUNE_NONE where they stand on each other
 * in a circle, or are too many, so that QEMU opens none of them.
 */
static uint32_t count_overlays(const reader *r, const char *path,
                               const xt_qcow2 *top, const file_id *top_id,
                               const char *backing)
{
    file_id seen[MAX_OVERLAYS + 1] = { *top_id }, id;
    xt_qcow2 image = *top;
    uint32_t nr = 0;

    while (backing) {
        if (++nr > MAX_OVERLAYS) return XTUNE_NONE;
        path = xt_qcow2_backing_path(r->files.arena, path, backing);
        path = path ? xt_dom0_resolve(&r->files, path) : NULL;
        if (!path || !may_be_qcow2(&image) ||
            !read_image(r, path, &image, &id, &backing))
            return nr;
        if (is_among(seen, nr, &id)) return XTUNE_NONE;
        seen[nr] = id;
    }
    return nr;
}

static void read_qcow2(const reader *r, const char *path, xtune_disk *disk)
{
    const char *backing;
    xt_qcow2 image;
    file_id id;

    if (!read_image(r, path, &image, &id, &backing)) return;
    disk->virtual_kb = image.bytes / 1024;
    disk->cluster_bytes = image.cluster_bytes;
    disk->nr_overlays = count_overlays(r, path, &image, &id, backing);
}

static void read_blocks(const reader *r, const char *path,
                        const struct stat *st, xtune_disk *disk)
{
    const char **names;
    size_t nr, i;

    names = xt_storage_disks(r->storage, path, st, &nr);
    if (!names) return;
    disk->blocks = XTUNE_NEW_ARRAY(r->arena, const char *, nr);
    disk->nr_blocks = nr;
    for (i = 0; i < nr; i++)
        disk->blocks[i] = xtune_arena_strdup(r->arena, names[i]);
}

static void read_disk(const reader *r, xtune_disk *disk)
{
    const char *path;
    struct stat st;

    if (disk->server || disk->script || !disk->target ||
        disk->target[0] != '/')
        return;
    path = xt_dom0_resolve(&r->files, disk->target);
    if (!path || !get_status(r, path, &st)) return;
    if (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode))
        read_blocks(r, path, &st, disk);
    if (!S_ISREG(st.st_mode) || !disk->format) return;
    if (!strcmp(disk->format, "qcow2"))
        read_qcow2(r, path, disk);
    else if (!strcmp(disk->format, "raw"))
        disk->virtual_kb = (uint64_t)st.st_size / 1024;
}

void xt_dom0_read_images(const char *root, xtune_host *host)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    reader r = {
        .files = { .arena = arena, .root = strcmp(root, "/") ? root : "" },
        .arena = host->arena,
    };
    size_t i, k;

    /* Asked already, with dom0's files. */
    r.files.silent = host->dom0.silent_mounts;
    r.files.nr_silent = host->dom0.nr_silent_mounts;
    if (!host->dom0.silent_mounts) xt_dom0_find_silent(&r.files);
    r.storage = xt_storage_new(&r.files);
    for (i = 0; i < host->nr_domains; i++)
        for (k = 0; k < host->domains[i].nr_disks; k++)
            read_disk(&r, &host->domains[i].disks[k]);
}
