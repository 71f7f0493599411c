/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cpupool: whether there is a pool of a name, of a target {"name"}: null, or
 *
 *     { "scheduler": "credit2", "scheduling": { "ratelimit_us": 500 } }
 *
 * where scheduling, as host/scheduling.h has it for pools, may be left out, as
 * may its members: they are then what Xen gives a new pool, and count for
 * nothing.
 */
#include "apply/kinds.h"

#include <string.h>

#include "backend/backend.h"

static int find(const xt_hands *hands, const char *name, xtune_arena *arena,
                const xtune_cpupool **pool_r, xtune_error **err)
{
    const xtune_cpupool *pools;
    size_t nr, i;
    int rc;

    *pool_r = NULL;
    rc = hands->backend->ops->list_pools(hands->backend, arena, &pools, &nr,
                                         err);
    if (rc) return rc;
    for (i = 0; i < nr; i++)
        if (!strcmp(pools[i].name, name)) *pool_r = &pools[i];
    return 0;
}

static int pool_read(const xt_hands *hands, const xtune_action *action,
                     xtune_arena *arena, xt_json **value_r, xtune_error **err)
{
    const xtune_cpupool *pool;
    xt_json *scheduling;
    const char *name;
    int rc;

    rc = xt_kind_text(action, "name", &name, err);
    if (!rc) rc = find(hands, name, arena, &pool, err);
    if (rc) return rc;
    if (!pool) {
        *value_r = xt_json_null(arena);
        return 0;
    }
    rc = hands->backend->ops->get_pool_scheduling(hands->backend, name, arena,
                                                  &scheduling, err);
    if (rc) return rc;
    *value_r = xt_json_object(arena);
    xt_json_add_string(arena, *value_r, "scheduler", pool->scheduler);
    xt_json_add(arena, *value_r, "scheduling", scheduling);
    return 0;
}

static bool same_scheduler(const xt_json *a, const xt_json *b)
{
    const char *x = xt_json_text(xt_json_get(a, "scheduler"));
    const char *y = xt_json_text(xt_json_get(b, "scheduler"));

    return x && y && !strcmp(x, y);
}

/* What is wanted of its scheduler, whatever else there is. */
static bool has_all(const xt_json *wanted, const xt_json *now)
{
    const xt_json *member;
    size_t i;

    for (i = 0; !xt_json_is_null(wanted) && i < wanted->nr; i++) {
        member =
            xt_json_is_null(now) ? NULL : xt_json_get(now, wanted->keys[i]);
        if (!member || !xt_json_equal(wanted->items[i], member)) return false;
    }
    return true;
}

static bool is_as(const xt_json *value, const xt_json *now)
{
    if (xt_json_is_null(value) || xt_json_is_null(now))
        return xt_json_is_null(value) == xt_json_is_null(now);
    return same_scheduler(value, now) &&
           has_all(xt_json_get(value, "scheduling"),
                   xt_json_get(now, "scheduling"));
}

/* Made, but its scheduler has not what it is to have. */
static enum xt_found pool_compare(const xtune_action *action,
                                  const xt_json *now)
{
    if (is_as(action->old, now)) return XT_FOUND_OLD;
    if (is_as(action->new, now)) return XT_FOUND_NEW;
    if (same_scheduler(action->old, now) || same_scheduler(action->new, now))
        return XT_FOUND_HALF;
    return XT_FOUND_OTHER;
}

static void copy_members(xtune_arena *arena, xt_json *to, const xt_json *from,
                         const xt_json *but)
{
    size_t i;

    for (i = 0; !xt_json_is_null(from) && i < from->nr; i++)
        if (!but || !xt_json_get(but, from->keys[i]))
            xt_json_add(arena, to, from->keys[i],
                        xt_json_copy(arena, from->items[i]));
}

/* What is wanted, and else what there is. */
static int set_scheduling(const xt_hands *hands, const char *name,
                          const xt_json *wanted, xtune_arena *arena,
                          xtune_error **err)
{
    const struct xt_backend_ops *ops = hands->backend->ops;
    xt_json *value = xt_json_object(arena), *now;
    int rc;

    rc = ops->get_pool_scheduling(hands->backend, name, arena, &now, err);
    if (rc) return rc;
    copy_members(arena, value, wanted, NULL);
    copy_members(arena, value, now, wanted);
    return ops->set_pool_scheduling(hands->backend, name, value, err);
}

static int make(const xt_hands *hands, const char *name, const xt_json *value,
                const xtune_cpupool *pool, xtune_arena *arena,
                xtune_error **err)
{
    const char *scheduler = xt_json_text(xt_json_get(value, "scheduler"));
    const xt_json *scheduling = xt_json_get(value, "scheduling");
    const struct xt_backend_ops *ops = hands->backend->ops;
    int rc = 0;

    if (!scheduler)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, name, NULL,
                               "the action does not say its scheduler");
    if (!pool) rc = ops->create_pool(hands->backend, name, scheduler, err);
    if (rc || xt_json_is_null(scheduling)) return rc;
    return set_scheduling(hands, name, scheduling, arena, err);
}

static int pool_write(const xt_hands *hands, const xtune_action *action,
                      const xt_json *value, xtune_arena *arena, xt_made *made,
                      xtune_error **err)
{
    const xtune_cpupool *pool;
    const char *name;
    int rc;

    (void)made;
    rc = xt_kind_text(action, "name", &name, err);
    if (!rc) rc = find(hands, name, arena, &pool, err);
    if (rc) return rc;
    if (!xt_json_is_null(value))
        return make(hands, name, value, pool, arena, err);
    if (!pool) return 0;
    return hands->backend->ops->destroy_pool(hands->backend, name, err);
}

const xt_action_kind xt_kind_cpupool = {
    .name = "cpupool",
    .read = pool_read,
    .compare = pool_compare,
    .write = pool_write,
};
