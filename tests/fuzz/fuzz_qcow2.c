/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Headers of images of any bytes and any length, and any name in them. */
#include <stdlib.h>
#include <string.h>

#include "backend/qcow2.h"
#include "base/util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_path(const char *name)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *path = xt_qcow2_backing_path(arena, "/vm/a", name);

    /* It never depends on where the process is. */
    if (path && path[0] != '/') abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char name[XT_QCOW2_MAX_NAME + 1];
    xt_qcow2 image;

    if (!xt_qcow2_parse(data, size, &image)) return 0;
    if (image.cluster_bytes < 512 || image.cluster_bytes > 2 << 20 ||
        image.cluster_bytes & (image.cluster_bytes - 1))
        abort();
    if (image.backing_len > XT_QCOW2_MAX_NAME ||
        image.backing_at + image.backing_len > image.cluster_bytes)
        abort();
    if (!memchr(image.backing_format, '\0', sizeof(image.backing_format)))
        abort();
    if (image.backing_at + image.backing_len > size) return 0;
    memcpy(name, data + image.backing_at, image.backing_len);
    name[image.backing_len] = '\0';
    check_path(name);
    return 0;
}
