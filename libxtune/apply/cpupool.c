/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cpupool: whether there is a pool of a name, of a target {"name"}: null, or
 *
 *     { "scheduler": "credit2", "scheduling": { "ratelimit_us": 500 } }
 *
 * where scheduling, as host/scheduling.h has it for pools, may be left out: it
 * is then what the scheduler has for a new pool, and counts for nothing.
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

static bool is_null(const xt_json *value)
{
    return !value || value->type == XT_JSON_NULL;
}

static bool same_scheduler(const xt_json *a, const xt_json *b)
{
    const char *x = xt_json_text(xt_json_get(a, "scheduler"));
    const char *y = xt_json_text(xt_json_get(b, "scheduler"));

    return x && y && !strcmp(x, y);
}

static bool is_as(const xt_json *value, const xt_json *now)
{
    const xt_json *wanted = xt_json_get(value, "scheduling");

    if (is_null(value) || is_null(now)) return is_null(value) == is_null(now);
    return same_scheduler(value, now) &&
           (is_null(wanted) ||
            xt_json_equal(wanted, xt_json_get(now, "scheduling")));
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

static int make(const xt_hands *hands, const char *name, const xt_json *value,
                const xtune_cpupool *pool, xtune_error **err)
{
    const char *scheduler = xt_json_text(xt_json_get(value, "scheduler"));
    const xt_json *scheduling = xt_json_get(value, "scheduling");
    const struct xt_backend_ops *ops = hands->backend->ops;
    int rc = 0;

    if (!scheduler)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, name, NULL,
                               "the action does not say its scheduler");
    if (!pool) rc = ops->create_pool(hands->backend, name, scheduler, err);
    if (rc || is_null(scheduling)) return rc;
    return ops->set_pool_scheduling(hands->backend, name, scheduling, err);
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
    if (!is_null(value)) return make(hands, name, value, pool, err);
    if (!pool) return 0;
    return hands->backend->ops->destroy_pool(hands->backend, name, err);
}

const xt_action_kind xt_kind_cpupool = {
    .name = "cpupool",
    .read = pool_read,
    .compare = pool_compare,
    .write = pool_write,
};
