/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libxl: tools/libs/light/libxl_disk.c, libxl_device.c; XAPI's xenopsd:
 * xc/device.ml. */
#include "backend/disk_text.h"

#include <string.h>

#include "base/util.h"

#define MAX_DOMID 0x7fef /* below Xen's DOMID_FIRST_RESERVED */

/* How libxl and blktap write formats in front of a path. */
static const struct {
    const char *word, *format;
} formats[] = {
    { "aio", "raw" },   { "raw", "raw" }, { "qcow2", "qcow2" },
    { "qcow", "qcow" }, { "qed", "qed" }, { "vhd", "vhd" },
};

bool xt_disk_backend_path(xtune_arena *arena, const char *path,
                          unsigned int domid, uint32_t *server_r,
                          const char **kind_r)
{
    static const char top[] = "/local/domain/", backend[] = "/backend/";
    const char *rest = path + strlen(top), *id;
    uint64_t server;
    size_t len;

    if (strncmp(path, top, strlen(top)) != 0) return false;
    len = strcspn(rest, "/");
    id = xtune_arena_strndup(arena, rest, len);
    rest += len;
    if (!xt_parse_u64(id, 10, MAX_DOMID, &server) ||
        strncmp(rest, backend, strlen(backend)) != 0)
        return false;
    rest += strlen(backend);
    len = strcspn(rest, "/");
    *kind_r = xtune_arena_strndup(arena, rest, len);
    *server_r = (uint32_t)server;
    id = xtune_arena_printf(arena, "/%u/", domid);
    return len && !strncmp(rest + len, id, strlen(id));
}

/* The format in front of a path, which it takes off. */
static const char *take_format(const char **params)
{
    const size_t len = strcspn(*params, ":");
    size_t i;

    for (i = 0; (*params)[len] && i < XT_ARRAY_SIZE(formats); i++) {
        if (strlen(formats[i].word) != len ||
            strncmp(*params, formats[i].word, len) != 0)
            continue;
        *params += len + 1;
        return formats[i].format;
    }
    return NULL;
}

void xt_disk_describe(xtune_arena *arena, const char *kind, const char *params,
                      xtune_disk *disk)
{
    if (!strcmp(kind, "vbd3"))
        disk->backend = "tap";
    else if (!strcmp(kind, "vbd"))
        disk->backend = "phy";
    else
        disk->backend = xtune_arena_strdup(arena, kind);
    if (!params) params = "";
    if (!strcmp(kind, "vbd"))
        disk->format = "raw";
    else
        disk->format = take_format(&params);
    disk->target = params[0] ? xtune_arena_strdup(arena, params) : NULL;
    /* An empty drive has no format. */
    if (!disk->target) disk->format = NULL;
}

const char *xt_disk_script(const char *path)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    const char *name = slash ? slash + 1 : path;

    return name && name[0] && strcmp(name, "block") != 0 ? name : NULL;
}
