/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Command lines of the next boot, in dom0's own files. */
#include "backend/xen.h"
#include "boot/boot.h"

static const char *root_of(const xtune_backend *backend)
{
    return ((const xt_xen *)backend)->root;
}

int xt_xen_get_boot(xtune_backend *backend, const char *line, const char *key,
                    xtune_arena *arena, const char **value_r,
                    xtune_error **err)
{
    return xt_boot_get_parameter(arena, root_of(backend), line, key, value_r,
                                 err);
}

int xt_xen_set_boot(xtune_backend *backend, const char *line, const char *key,
                    const char *value, xtune_error **err)
{
    return xt_boot_set_parameter(root_of(backend), line, key, value, err);
}

int xt_xen_diff_boot(xtune_backend *backend, const char *line, const char *key,
                     const char *value, xtune_arena *arena,
                     const char **text_r, xtune_error **err)
{
    return xt_boot_diff_parameter(arena, root_of(backend), line, key, value,
                                  text_r, err);
}
