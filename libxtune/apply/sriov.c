/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sriov: how many virtual functions a device has, of a target {"address"}. */
#include "apply/kinds.h"

#include "backend/backend.h"

static int sriov_read(const xt_hands *hands, const xtune_action *action,
                      xtune_arena *arena, xt_json **value_r, xtune_error **err)
{
    const char *address;
    uint32_t nr;
    int rc;

    rc = xt_kind_text(action, "address", &address, err);
    if (!rc)
        rc = hands->backend->ops->get_vfs(hands->backend, address, &nr, err);
    if (!rc) *value_r = xt_json_u64(arena, nr);
    return rc;
}

/* From one number to another it goes through none. */
static enum xt_found sriov_compare(const xtune_action *action,
                                   const xt_json *now)
{
    uint64_t nr;

    if (xt_json_equal(now, action->old)) return XT_FOUND_OLD;
    if (xt_json_equal(now, action->new)) return XT_FOUND_NEW;
    return xt_json_to_u64(now, UINT32_MAX, &nr) && !nr ? XT_FOUND_HALF
                                                       : XT_FOUND_OTHER;
}

static int sriov_write(const xt_hands *hands, const xtune_action *action,
                       const xt_json *value, xtune_arena *arena, xt_made *made,
                       xtune_error **err)
{
    const struct xt_backend_ops *ops = hands->backend->ops;
    const char *address;
    uint64_t wanted;
    uint32_t now;
    int rc;

    (void)arena;
    (void)made;
    rc = xt_kind_text(action, "address", &address, err);
    if (rc) return rc;
    if (!xt_json_to_u64(value, UINT32_MAX, &wanted))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, action->object, NULL,
                               "the action does not say how many");
    rc = ops->get_vfs(hands->backend, address, &now, err);
    if (rc || now == wanted) return rc;
    if (now) rc = ops->set_vfs(hands->backend, address, 0, err);
    if (rc || !wanted) return rc;
    return ops->set_vfs(hands->backend, address, (uint32_t)wanted, err);
}

const xt_action_kind xt_kind_sriov = {
    .name = "sriov",
    .read = sriov_read,
    .compare = sriov_compare,
    .write = sriov_write,
};
