/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * boot-parameter: a parameter of a command line after the next boot, of a
 * target {"line", "key"}; null where it is not there.
 */
#include "apply/kinds.h"

#include <string.h>

#include "backend/backend.h"
#include "base/util.h"

static int target_of(const xtune_action *action, const char **line_r,
                     const char **key_r, xtune_error **err)
{
    int rc;

    rc = xt_kind_text(action, "line", line_r, err);
    return rc ? rc : xt_kind_text(action, "key", key_r, err);
}

static int parameter_read(const xt_hands *hands, const xtune_action *action,
                          xtune_arena *arena, xt_json **value_r,
                          xtune_error **err)
{
    const char *line, *key, *value;
    int rc;

    rc = target_of(action, &line, &key, err);
    if (!rc)
        rc = hands->backend->ops->get_boot(hands->backend, line, key, arena,
                                           &value, err);
    if (!rc) *value_r = xt_json_string(arena, value);
    return rc;
}

static int parameter_write(const xt_hands *hands, const xtune_action *action,
                           const xt_json *value, xtune_arena *arena,
                           xt_made *made, xtune_error **err)
{
    const char *line, *key;
    int rc;

    (void)arena;
    (void)made;
    rc = target_of(action, &line, &key, err);
    if (rc) return rc;
    if (value->type != XT_JSON_STRING && value->type != XT_JSON_NULL)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, action->object, NULL,
                               "the action does not say what it is to be");
    return hands->backend->ops->set_boot(hands->backend, line, key,
                                         xt_json_text(value), err);
}

const xt_action_kind xt_kind_boot_parameter = {
    .name = "boot-parameter",
    .read = parameter_read,
    .write = parameter_write,
};

static int diff_of(xtune_backend *backend, const xtune_action *action,
                   xtune_arena *arena, const char **text_r, xtune_error **err)
{
    const char *line, *key;
    int rc;

    rc = target_of(action, &line, &key, err);
    if (rc) return rc;
    return backend->ops->diff_boot(
        backend, line, key, xt_json_text(action->new), arena, text_r, err);
}

int xtune_plan_boot_diff(xtune_backend *backend, const xtune_plan *plan,
                         char **text_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *all = "", *one;
    size_t i;
    int rc;

    for (i = 0; i < plan->nr_actions; i++) {
        if (strcmp(plan->actions[i].kind, xt_kind_boot_parameter.name))
            continue;
        rc = diff_of(backend, &plan->actions[i], arena, &one, err);
        if (rc) return rc;
        all = xtune_arena_printf(arena, "%s%s", all, one);
    }
    *text_r = xt_xstrdup(all);
    return 0;
}
