/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dom0-vcpus: how many of dom0's vCPUs, from its first one on, are online. */
#include "apply/kinds.h"

#include "backend/backend.h"

static int vcpus_read(const xt_hands *hands, const xtune_action *action,
                      xtune_arena *arena, xt_json **value_r, xtune_error **err)
{
    uint32_t nr;
    int rc;

    (void)action;
    rc = hands->backend->ops->get_dom0_vcpus(hands->backend, &nr, err);
    if (!rc) *value_r = xt_json_u64(arena, nr);
    return rc;
}

static int vcpus_write(const xt_hands *hands, const xtune_action *action,
                       const xt_json *value, xtune_arena *arena, xt_made *made,
                       xtune_error **err)
{
    uint64_t nr;

    (void)arena;
    (void)made;
    if (!xt_json_to_u64(value, XTUNE_MAX_VCPUS, &nr))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, action->object, NULL,
                               "the action does not say how many");
    return hands->backend->ops->set_dom0_vcpus(hands->backend, (uint32_t)nr,
                                               err);
}

const xt_action_kind xt_kind_dom0_vcpus = {
    .name = "dom0-vcpus",
    .read = vcpus_read,
    .write = vcpus_write,
};
