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

static int set_field(struct context *ctx, xtune_usb_group *group,
                     const char *key, const char *value, xtune_error **err)
{
    const char *map_key;
    size_t field;
    int rc =
        xtune_xe_settable(xe_usb_groups.class, key, &field, &map_key, err);

    if (rc) return rc;
    if (map_key)
        return xtune_xe_put(ctx->host->arena, &group->other_config,
                            &group->nr_other_config, map_key, value, err);
    if (!strcmp(key, "name-label"))
        group->name = value;
    else
        group->description = *value ? value : NULL;
    return 0;
}

static int set(struct context *ctx, const struct xe *xe,
               xtune_usb_group *group, xtune_error **err)
{
    size_t i;
    int rc = 0;

    for (i = 0; !rc && i < xe->words.nr; i++)
        if (strcmp(xe->words.keys[i], "uuid") != 0)
            rc = set_field(ctx, group, xe->words.keys[i], xe->words.values[i],
                           err);
    return rc;
}

static int take_out(struct context *ctx, const struct xe *xe,
                    xtune_usb_group *group, xtune_error **err)
{
    return xe_remove(ctx, &xe_usb_groups, xe, &group->other_config,
                     &group->nr_other_config, err);
}

static int add(struct context *ctx, const struct xe *xe,
               xtune_usb_group *group, xtune_error **err)
{
    return xe_add(ctx, &xe_usb_groups, xe, &group->other_config,
                  &group->nr_other_config, err);
}

static int clear(struct context *ctx, const struct xe *xe,
                 xtune_usb_group *group, xtune_error **err)
{
    const xtune_xe_field *field;
    int rc = xe_find_clearable(&xe_usb_groups, xe, &field, err);

    if (rc) return rc;
    if (field->type != XTUNE_XE_MAP)
        return set_field(ctx, group, field->name, "", err);
    group->nr_other_config = 0;
    return 0;
}

typedef int change_fn(struct context *ctx, const struct xe *xe,
                      xtune_usb_group *group, xtune_error **err);

static int rewrite(struct context *ctx, const struct xe *xe, change_fn *change,
                   xtune_error **err)
{
    const xtune_xe_usb *usb;
    xtune_usb_group group;
    const char *uuid;
    int rc;

    rc = xtune_xe_need(&xe->words, "uuid", &uuid, err);
    if (!rc) rc = xtune_xe_find_usb_group(&xe->all, uuid, &usb, err);
    if (rc) return rc;
    group = xe_group_of(usb);
    rc = change(ctx, xe, &group, err);
    return rc ? rc : xtune_record_usb_group(ctx->state, &group, err);
}

static int change_group(struct context *ctx, change_fn *change)
{
    xtune_error *err = NULL;
    int code = EXIT_DONE;
    struct xe xe;

    if (!xe_begin(ctx, &xe_usb_groups, true, &xe, &err) &&
        !rewrite(ctx, &xe, change, &err))
        code = xe_say(ctx, "kept");
    return xe_end(ctx, &xe, code, err);
}

int cmd_usb_group_param_set(struct context *ctx)
{
    return change_group(ctx, set);
}

int cmd_usb_group_param_remove(struct context *ctx)
{
    return change_group(ctx, take_out);
}

int cmd_usb_group_param_add(struct context *ctx)
{
    return change_group(ctx, add);
}

int cmd_usb_group_param_clear(struct context *ctx)
{
    return change_group(ctx, clear);
}
