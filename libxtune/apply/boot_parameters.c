/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * boot-parameters: parameters of the command lines of the next boot, as
 * plan/boot_json.h has them.
 */
#include "apply/kinds.h"

#include <string.h>

#include "backend/backend.h"
#include "base/util.h"
#include "plan/boot_json.h"

static int read_now(const xt_hands *hands, const xtune_action *action,
                    xtune_arena *arena, xt_json **value_r, xtune_error **err)
{
    xtune_boot_change *changes = NULL;
    const char *const *values;
    size_t i, nr = 0, nr_values;
    xt_json *now = xt_json_object(arena);
    int rc;

    rc = xt_boot_changes_from_json(arena, action->new, action->object,
                                   &changes, &nr, err);
    for (i = 0; !rc && i < nr; i++) {
        rc = hands->backend->ops->get_boot(hands->backend, changes[i].line,
                                           changes[i].key, arena, &values,
                                           &nr_values, err);
        if (!rc)
            xt_boot_json_set(arena, now, changes[i].line, changes[i].key,
                             xt_boot_values_to_json(arena, values, nr_values));
    }
    *value_r = now;
    return rc;
}

/* Whether each parameter is as one of both says: one file was changed, and
 * another was not. */
static bool is_between(const xtune_action *action, const xt_json *now)
{
    size_t i, k;

    for (i = 0; i < now->nr; i++) {
        const xt_json *old = xt_json_get(action->old, now->keys[i]);
        const xt_json *new = xt_json_get(action->new, now->keys[i]);

        for (k = 0; k < now->items[i]->nr; k++) {
            const char *key = now->items[i]->keys[k];
            const xt_json *value = now->items[i]->items[k];
            const xt_json *before = xt_json_get(old, key);
            const xt_json *after = xt_json_get(new, key);

            if ((!before || !xt_json_equal(before, value)) &&
                (!after || !xt_json_equal(after, value)))
                return false;
        }
    }
    return true;
}

static enum xt_found compare(const xtune_action *action, const xt_json *now)
{
    if (xt_json_equal(now, action->old)) return XT_FOUND_OLD;
    if (xt_json_equal(now, action->new)) return XT_FOUND_NEW;
    return is_between(action, now) ? XT_FOUND_HALF : XT_FOUND_OTHER;
}

/* While other changes were made, or are taken back, there is time for
 * somebody else. */
static int refuse_other_values(const xt_hands *hands,
                               const xtune_action *action, xtune_arena *arena,
                               xtune_error **err)
{
    xt_json *now;
    int rc;

    if (hands->options && hands->options->force) return 0;
    rc = read_now(hands, action, arena, &now, err);
    if (rc || compare(action, now) != XT_FOUND_OTHER) return rc;
    return xtune_error_set(err, XTUNE_ERR_CHANGED, 0, action->object, NULL,
                           "it was changed by another hand meanwhile, and is "
                           "left as it is");
}

static int write_all(const xt_hands *hands, const xtune_action *action,
                     const xt_json *value, xtune_arena *arena, xt_made *made,
                     xtune_error **err)
{
    const xt_json *kept = action->kept;
    xtune_boot_change *changes = NULL;
    size_t nr = 0;
    int rc;

    if (!kept && hands->back) kept = xt_json_object(arena);
    rc = refuse_other_values(hands, action, arena, err);
    if (!rc)
        rc = xt_boot_changes_from_json(arena, value, action->object, &changes,
                                       &nr, err);
    if (rc) return rc;
    return hands->backend->ops->set_boot(hands->backend, changes, nr, kept,
                                         arena, &made->kept, err);
}

static int diff(xtune_backend *backend, const xtune_action *action,
                xtune_arena *arena, const char **text_r, xtune_error **err)
{
    xtune_boot_change *changes = NULL;
    size_t nr = 0;
    int rc;

    rc = xt_boot_changes_from_json(arena, action->new, action->object,
                                   &changes, &nr, err);
    if (rc) return rc;
    return backend->ops->diff_boot(backend, changes, nr, arena, text_r, err);
}

static bool lasts(const xtune_action *action)
{
    (void)action;
    return true;
}

const xt_action_kind xt_kind_boot_parameters = {
    .name = XT_BOOT_PARAMETERS,
    .lasts = lasts,
    .read = read_now,
    .compare = compare,
    .write = write_all,
    .diff = diff,
};
