/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cpupool-scheduling: the parameters of a pool's scheduler, as
 * host/scheduling.h has them, of a target {"cpupool"}. */
#include "apply/kinds.h"

#include "backend/backend.h"

static int parameters_read(const xt_hands *hands, const xtune_action *action,
                           xtune_arena *arena, xt_json **value_r,
                           xtune_error **err)
{
    const char *pool;
    int rc;

    rc = xt_kind_text(action, "cpupool", &pool, err);
    if (rc) return rc;
    return hands->backend->ops->get_pool_scheduling(hands->backend, pool,
                                                    arena, value_r, err);
}

static int parameters_write(const xt_hands *hands, const xtune_action *action,
                            const xt_json *value, xtune_arena *arena,
                            xt_made *made, xtune_error **err)
{
    const char *pool;
    int rc;

    (void)arena;
    (void)made;
    rc = xt_kind_text(action, "cpupool", &pool, err);
    if (rc) return rc;
    return hands->backend->ops->set_pool_scheduling(hands->backend, pool,
                                                    value, err);
}

const xt_action_kind xt_kind_cpupool_scheduling = {
    .name = "cpupool-scheduling",
    .read = parameters_read,
    .write = parameters_write,
};
