/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vcpu-affinity: the masks of a vCPU, {"hard": "0-3", "soft": "all"}, of a
 * target {"domid", "uuid", "vcpu"}. */
#include "apply/masks.h"

#include "backend/backend.h"

static int vcpu_of(const xtune_action *action, xt_vcpu_ref *ref_r,
                   xtune_error **err)
{
    uint64_t vcpu;
    int rc;

    rc = xt_kind_domain(action, &ref_r->domain, err);
    if (rc) return rc;
    if (!xt_json_to_u64(xt_json_get(action->target, "vcpu"), UINT32_MAX,
                        &vcpu))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, action->object, NULL,
                               "the action does not say which vCPU");
    ref_r->vcpu = (unsigned int)vcpu;
    return 0;
}

static int get_masks(xtune_backend *backend, const xt_vcpu_ref *ref,
                     xtune_arena *arena, xtune_set *hard_r, xtune_set *soft_r,
                     xtune_error **err)
{
    return backend->ops->get_affinity(backend, ref, arena, hard_r, soft_r,
                                      err);
}

static int affinity_read(const xt_hands *hands, const xtune_action *action,
                         xtune_arena *arena, xt_json **value_r,
                         xtune_error **err)
{
    xtune_set hard, soft;
    xt_vcpu_ref ref;
    int rc;

    rc = vcpu_of(action, &ref, err);
    if (rc) return rc;
    rc = get_masks(hands->backend, &ref, arena, &hard, &soft, err);
    if (rc) return rc;
    *value_r = xt_masks_to_json(arena, &hard, &soft);
    return 0;
}

static bool changes(const xtune_action *action, const char *which)
{
    const xt_json *before = xt_json_get(action->old, which);
    const xt_json *after = xt_json_get(action->new, which);

    return !before || !after || !xt_json_equal(before, after);
}

/* What Xen counts of a mask, where that is less than what was asked for.
 * "all" asks for nothing in particular. */
static void note_difference(xtune_arena *arena, const xtune_action *action,
                            const char *which, const xtune_set *asked,
                            const xtune_set *effective, const char **note_r)
{
    if (xtune_set_is_all(asked) || xtune_set_equal(asked, effective) ||
        !changes(action, which))
        return;
    *note_r =
        xtune_arena_printf(arena, "%s%seffective %s affinity is %s, not %s",
                           *note_r ? *note_r : "", *note_r ? "; " : "", which,
                           xtune_set_format_ids(arena, effective),
                           xtune_set_format_ids(arena, asked));
}

static int affinity_write(const xt_hands *hands, const xtune_action *action,
                          const xt_json *value, xtune_arena *arena,
                          xt_made *made, xtune_error **err)
{
    xtune_set hard, soft, effective_hard, effective_soft;
    xt_vcpu_ref ref;
    int rc;

    rc = vcpu_of(action, &ref, err);
    if (rc) return rc;
    /* Asked first for how many CPUs the host's masks have. */
    rc = get_masks(hands->backend, &ref, arena, &hard, &soft, err);
    if (rc) return rc;
    rc = xt_masks_read(arena, action->object, value, hard.nbits, &hard, &soft,
                       err);
    if (rc) return rc;
    rc = hands->backend->ops->set_affinity(hands->backend, &ref, &hard, &soft,
                                           arena, &effective_hard,
                                           &effective_soft, err);
    if (rc) return rc;
    note_difference(arena, action, "hard", &hard, &effective_hard,
                    &made->note);
    note_difference(arena, action, "soft", &soft, &effective_soft,
                    &made->note);
    return 0;
}

const xt_action_kind xt_kind_vcpu_affinity = {
    .name = "vcpu-affinity",
    .read = affinity_read,
    .write = affinity_write,
};
