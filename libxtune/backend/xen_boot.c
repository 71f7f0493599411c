/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Command lines of the next boot, in dom0's own files. */
#include "backend/xen.h"
#include "boot/boot.h"

static const char *root_of(const xtune_backend *backend)
{
    return ((const xt_xen *)backend)->root;
}

int xt_xen_get_boot(xtune_backend *backend, const char *line, const char *key,
                    xtune_arena *arena, const char *const **values_r,
                    size_t *nr_r, xtune_error **err)
{
    return xt_boot_get_parameter(arena, root_of(backend), line, key, values_r,
                                 nr_r, err);
}

int xt_xen_set_boot(xtune_backend *backend, const xtune_boot_change *changes,
                    size_t nr, const struct xt_json *kept, xtune_arena *arena,
                    const struct xt_json **kept_r, xtune_error **err)
{
    return xt_boot_set_parameters(root_of(backend), changes, nr, kept, arena,
                                  kept_r, err);
}

int xt_xen_diff_boot(xtune_backend *backend, const xtune_boot_change *changes,
                     size_t nr, xtune_arena *arena, const char **text_r,
                     xtune_error **err)
{
    return xt_boot_diff_parameters(arena, root_of(backend), changes, nr,
                                   text_r, err);
}
