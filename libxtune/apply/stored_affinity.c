/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stored-affinity: the affinity in the stored configuration of a domain, as
 * host/configured.h has it, of a target {"domid", "uuid"}: what makes it last
 * through a reboot, a save and a migration.
 */
#include "apply/kinds.h"

#include "backend/backend.h"

static int stored_read(const xt_hands *hands, const xtune_action *action,
                       xtune_arena *arena, xt_json **value_r,
                       xtune_error **err)
{
    xt_domain_ref ref;
    int rc;

    rc = xt_kind_domain(action, &ref, err);
    if (rc) return rc;
    return hands->backend->ops->get_configured(hands->backend, &ref, arena,
                                               value_r, err);
}

static int stored_write(const xt_hands *hands, const xtune_action *action,
                        const xt_json *value, xtune_arena *arena,
                        xt_made *made, xtune_error **err)
{
    xt_domain_ref ref;
    int rc;

    (void)arena;
    (void)made;
    rc = xt_kind_domain(action, &ref, err);
    if (rc) return rc;
    return hands->backend->ops->set_configured(hands->backend, &ref, value,
                                               err);
}

const xt_action_kind xt_kind_stored_affinity = {
    .name = "stored-affinity",
    .read = stored_read,
    .write = stored_write,
};
