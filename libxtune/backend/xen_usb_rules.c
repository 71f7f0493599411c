/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The usb-policy, in dom0's own files. */
#include "backend/usb_rules.h"
#include "backend/xen_usb.h"

static const char *root_of(const xtune_backend *backend)
{
    return ((const xt_xen *)backend)->root;
}

int xt_xen_get_usb_rules(xtune_backend *backend, xtune_arena *arena,
                         const char **text_r, xtune_error **err)
{
    return xt_usb_rules_get(arena, root_of(backend), text_r, err);
}

int xt_xen_set_usb_rules(xtune_backend *backend, const char *text,
                         xtune_error **err)
{
    return xt_usb_rules_set(root_of(backend), text, err);
}
