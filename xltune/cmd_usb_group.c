/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xe's commands about groups of USB devices: each has one device. */
#include "cmd_xe.h"

#include <string.h>

#include <xtune/record.h>

int cmd_usb_group_list(struct context *ctx)
{
    return xe_list(ctx, &xe_usb_groups);
}

int cmd_usb_group_param_list(struct context *ctx)
{
    return xe_param_list(ctx, &xe_usb_groups);
}

int cmd_usb_group_param_get(struct context *ctx)
{
    return xe_param_get(ctx, &xe_usb_groups);
}

static int set_field(xtune_usb_group *group, const char *key,
                     const char *value, xtune_error **err)
{
    const char *map_key;
    size_t field;
    int rc =
        xtune_xe_settable(xe_usb_groups.class, key, &field, &map_key, err);

    if (rc) return rc;
    if (!strcmp(key, "name-label"))
        group->name = value;
    else
        group->description = *value ? value : NULL;
    return 0;
}

static int set(struct context *ctx, const struct xe *xe, xtune_error **err)
{
    const xtune_xe_usb *usb;
    xtune_usb_group group;
    const char *uuid;
    size_t i;
    int rc;

    rc = xtune_xe_need(&xe->words, "uuid", &uuid, err);
    if (!rc) rc = xtune_xe_find_usb_group(&xe->all, uuid, &usb, err);
    if (rc) return rc;
    group = xe_group_of(usb);
    for (i = 0; !rc && i < xe->words.nr; i++)
        if (strcmp(xe->words.keys[i], "uuid") != 0 &&
            strcmp(xe->words.keys[i], "minimal") != 0)
            rc =
                set_field(&group, xe->words.keys[i], xe->words.values[i], err);
    return rc ? rc : xtune_record_usb_group(ctx->state, &group, err);
}

int cmd_usb_group_param_set(struct context *ctx)
{
    xtune_error *err = NULL;
    int code = EXIT_DONE;
    struct xe xe;

    if (!xe_begin(ctx, &xe_usb_groups, true, &xe, &err) &&
        !set(ctx, &xe, &err))
        code = xe_say(ctx, "kept");
    return xe_end(ctx, &xe, code, err);
}
