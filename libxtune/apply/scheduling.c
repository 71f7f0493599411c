/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scheduling: what its scheduler gives a domain, as host/scheduling.h has it,
 * of a target {"domid", "uuid"}. */
#include "apply/kinds.h"

#include "backend/backend.h"

static int scheduling_read(const xt_hands *hands, const xtune_action *action,
                           xtune_arena *arena, xt_json **value_r,
                           xtune_error **err)
{
    xt_domain_ref ref;
    int rc;

    rc = xt_kind_domain(action, &ref, err);
    if (rc) return rc;
    return hands->backend->ops->get_scheduling(hands->backend, &ref, arena,
                                               value_r, err);
}

static int scheduling_write(const xt_hands *hands, const xtune_action *action,
                            const xt_json *value, xtune_arena *arena,
                            xt_made *made, xtune_error **err)
{
    xt_domain_ref ref;
    int rc;

    (void)arena;
    (void)made;
    rc = xt_kind_domain(action, &ref, err);
    if (rc) return rc;
    return hands->backend->ops->set_scheduling(hands->backend, &ref, value,
                                               err);
}

const xt_action_kind xt_kind_scheduling = {
    .name = "scheduling",
    .read = scheduling_read,
    .write = scheduling_write,
};
