/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * file: what is in a file of dom0's, of a target {"file"}, or the value of an
 * attribute of its kernel's; null where it is not there.
 */
#include "apply/kinds.h"

#include "backend/backend.h"
#include "boot/boot.h"
#include "host/dom0_file.h"

static int file_read(const xt_hands *hands, const xtune_action *action,
                     xtune_arena *arena, xt_json **value_r, xtune_error **err)
{
    const char *path, *text;
    int rc;

    rc = xt_kind_text(action, "file", &path, err);
    if (!rc)
        rc = hands->backend->ops->get_file(hands->backend, path, arena, &text,
                                           err);
    if (!rc) *value_r = xt_json_string(arena, text);
    return rc;
}

/* What somebody else has written is not to be lost: while other changes were
 * made, or are taken back, there is time for that. */
static int refuse_other_text(const xt_hands *hands, const xtune_action *action,
                             xtune_arena *arena, xtune_error **err)
{
    xt_json *now;
    int rc;

    if (hands->options && hands->options->force) return 0;
    rc = file_read(hands, action, arena, &now, err);
    if (rc || xt_json_equal(now, action->old) ||
        xt_json_equal(now, action->new))
        return rc;
    return xtune_error_set(err, XTUNE_ERR_CHANGED, 0, action->object, NULL,
                           "it was changed by another hand meanwhile, and is "
                           "left as it is");
}

static int file_write(const xt_hands *hands, const xtune_action *action,
                      const xt_json *value, xtune_arena *arena, xt_made *made,
                      xtune_error **err)
{
    const char *path;
    int rc;

    (void)made;
    rc = xt_kind_text(action, "file", &path, err);
    if (!rc) rc = refuse_other_text(hands, action, arena, err);
    if (rc) return rc;
    if (value->type != XT_JSON_STRING && value->type != XT_JSON_NULL)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, action->object, NULL,
                               "the action does not say what it is to be");
    return hands->backend->ops->set_file(hands->backend, path,
                                         xt_json_text(value), err);
}

/* A value of an attribute is a line of its own. */
static const char *lines_of(xtune_arena *arena, const char *path,
                            const xt_json *value)
{
    const char *text = xt_json_text(value);

    if (!text) return "";
    if (!xt_file_is_attribute(path)) return text;
    return xtune_arena_printf(arena, "%s\n", text);
}

static int file_diff(xtune_backend *backend, const xtune_action *action,
                     xtune_arena *arena, const char **text_r,
                     xtune_error **err)
{
    const char *path;
    int rc;

    (void)backend;
    rc = xt_kind_text(action, "file", &path, err);
    if (rc) return rc;
    *text_r =
        xt_boot_diff_texts(arena, path, lines_of(arena, path, action->old),
                           lines_of(arena, path, action->new));
    return 0;
}

/* The kernel forgets its attributes. */
static bool file_lasts(const xtune_action *action)
{
    return !xt_file_is_attribute(action->object);
}

const xt_action_kind xt_kind_file = {
    .name = "file",
    .lasts = file_lasts,
    .read = file_read,
    .write = file_write,
    .diff = file_diff,
};
