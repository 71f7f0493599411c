/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply/masks.h"

#include "backend/backend.h"
#include "base/util.h"

xt_json *xt_masks_to_json(xtune_arena *arena, const xtune_set *hard,
                          const xtune_set *soft)
{
    xt_json *json = xt_json_object(arena);

    xt_json_add_string(arena, json, "hard", xtune_set_format(arena, hard));
    xt_json_add_string(arena, json, "soft", xtune_set_format(arena, soft));
    return json;
}

int xt_masks_read(xtune_arena *arena, const char *object, const xt_json *value,
                  unsigned int nr_cpu_ids, xtune_set *hard_r,
                  xtune_set *soft_r, xtune_error **err)
{
    const xtune_set universe = xtune_set_all(arena, nr_cpu_ids);
    const xtune_set_names names = { .what = "CPU", .exists = &universe };
    const char *hard = xt_json_text(xt_json_get(value, "hard"));
    const char *soft = xt_json_text(xt_json_get(value, "soft"));
    int rc;

    rc = xtune_set_parse(arena, &names, object, hard ? hard : "", hard_r, err);
    if (rc) return rc;
    return xtune_set_parse(arena, &names, object, soft ? soft : "", soft_r,
                           err);
}

int xt_masks_read_all(xtune_arena *arena, const char *object,
                      const xt_json *vcpus, unsigned int nr_cpu_ids,
                      const xtune_set **hard_r, const xtune_set **soft_r,
                      size_t *nr_r, xtune_error **err)
{
    const size_t nr = vcpus && vcpus->type == XT_JSON_ARRAY ? vcpus->nr : 0;
    xtune_set *hard = XTUNE_NEW_ARRAY(arena, xtune_set, nr);
    xtune_set *soft = XTUNE_NEW_ARRAY(arena, xtune_set, nr);
    size_t i;
    int rc = 0;

    for (i = 0; !rc && i < nr; i++)
        rc = xt_masks_read(arena, object, vcpus->items[i], nr_cpu_ids,
                           &hard[i], &soft[i], err);
    *hard_r = hard;
    *soft_r = soft;
    *nr_r = nr;
    return rc;
}

int xt_kind_look(const xt_hands *hands, const xtune_action *action,
                 unsigned int parts, xtune_host **host_r,
                 const xtune_domain **domain_r, xtune_error **err)
{
    xtune_observe what = {
        .parts = parts,
        .residency =
            hands->options ? hands->options->residency : XTUNE_RESIDENCY_AUTO,
        .nr_domains = 1,
    };
    XT_CLEANUP_FREE char *id = NULL;
    xt_domain_ref ref;
    unsigned int domid;
    int rc;

    rc = xt_kind_domain(action, &ref, err);
    if (rc) return rc;
    rc = hands->backend->ops->find_domain(hands->backend, &ref, &domid, err);
    if (rc) return rc;
    id = xt_xprintf("%u", domid);
    what.domains = (const char *const[]){ id };
    rc = xtune_backend_observe(hands->backend, &what, host_r, err);
    if (rc) return rc;
    if ((*host_r)->nr_domains == 1) {
        *domain_r = &(*host_r)->domains[0];
        return 0;
    }
    xtune_host_free(*host_r);
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, action->object, NULL,
                           "the domain is gone");
}
