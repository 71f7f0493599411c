/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cpupool-name: what a pool is called, of a target {"from", "to"}: whichever
 * of the two it is; null where there is a pool of either name.
 */
#include "apply/kinds.h"

#include <string.h>

#include "backend/backend.h"

static int names_of(const xtune_action *action, const char **from_r,
                    const char **to_r, xtune_error **err)
{
    int rc;

    rc = xt_kind_text(action, "from", from_r, err);
    return rc ? rc : xt_kind_text(action, "to", to_r, err);
}

static int name_read(const xt_hands *hands, const xtune_action *action,
                     xtune_arena *arena, xt_json **value_r, xtune_error **err)
{
    const xtune_cpupool *pools;
    const char *from, *to, *found = NULL;
    size_t nr, i, alike = 0;
    int rc;

    rc = names_of(action, &from, &to, err);
    if (!rc)
        rc = hands->backend->ops->list_pools(hands->backend, arena, &pools,
                                             &nr, err);
    if (rc) return rc;
    for (i = 0; i < nr; i++) {
        if (strcmp(pools[i].name, from) && strcmp(pools[i].name, to)) continue;
        found = pools[i].name;
        alike++;
    }
    if (!found)
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, action->object,
                               NULL, "no such cpupool");
    *value_r = alike > 1 ? xt_json_null(arena) : xt_json_string(arena, found);
    return 0;
}

static int name_write(const xt_hands *hands, const xtune_action *action,
                      const xt_json *value, xtune_arena *arena, xt_made *made,
                      xtune_error **err)
{
    const char *from, *to, *name = xt_json_text(value);
    int rc;

    (void)arena;
    (void)made;
    rc = names_of(action, &from, &to, err);
    if (rc) return rc;
    if (!name || (strcmp(name, from) && strcmp(name, to)))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, action->object, NULL,
                               "the action does not say what it is to be "
                               "called");
    return hands->backend->ops->rename_pool(
        hands->backend, strcmp(name, from) ? from : to, name, err);
}

const xt_action_kind xt_kind_cpupool_name = {
    .name = "cpupool-name",
    .read = name_read,
    .write = name_write,
};
