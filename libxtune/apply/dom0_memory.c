/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dom0-memory: what dom0's balloon is to leave it, in KiB. */
#include "apply/kinds.h"

#include "backend/backend.h"

static int memory_read(const xt_hands *hands, const xtune_action *action,
                       xtune_arena *arena, xt_json **value_r,
                       xtune_error **err)
{
    uint64_t kb;
    int rc;

    (void)action;
    rc = hands->backend->ops->get_dom0_memory(hands->backend, &kb, err);
    if (!rc) *value_r = xt_json_u64(arena, kb);
    return rc;
}

static int memory_write(const xt_hands *hands, const xtune_action *action,
                        const xt_json *value, xtune_arena *arena,
                        xt_made *made, xtune_error **err)
{
    uint64_t kb;

    (void)arena;
    (void)made;
    if (!xt_json_to_u64(value, UINT64_MAX >> 12, &kb))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, action->object, NULL,
                               "the action does not say how much");
    return hands->backend->ops->set_dom0_memory(hands->backend, kb, err);
}

const xt_action_kind xt_kind_dom0_memory = {
    .name = "dom0-memory",
    .read = memory_read,
    .write = memory_write,
};
