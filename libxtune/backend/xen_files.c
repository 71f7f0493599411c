/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of dom0's that rules look at. */
#include "backend/dom0_text.h"
#include "backend/dom0_write.h"
#include "backend/xen.h"
#include "host/dom0_file.h"

int xt_xen_get_file(xtune_backend *backend, const char *path,
                    xtune_arena *arena, const char **text_r, xtune_error **err)
{
    return xt_dom0_get_file(arena, ((xt_xen *)backend)->root, path, text_r,
                            err);
}

int xt_xen_set_file(xtune_backend *backend, const char *path, const char *text,
                    xtune_error **err)
{
    const xt_xen *xen = (xt_xen *)backend;
    int rc;

    if (!xt_file_is_attribute(path))
        return xt_dom0_set_file(xen->root, path, text, err);
    rc = xt_file_check_value(path, text, err);
    if (!rc) rc = xt_xen_check_root(xen, path, err);
    if (rc) return rc;
    return xt_dom0_write(path, text, path, "reading it shows what it can be",
                         err);
}
