/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a plan changes in files, before anything is done. */
#include "apply/kinds.h"
#include "base/util.h"

int xtune_plan_diff(xtune_backend *backend, const xtune_plan *plan,
                    char **text_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *all = "", *one;
    size_t i;
    int rc;

    for (i = 0; i < plan->nr_actions; i++) {
        const xt_action_kind *kind =
            xt_action_kind_find(plan->actions[i].kind);

        if (!kind || !kind->diff) continue;
        rc = kind->diff(backend, &plan->actions[i], arena, &one, err);
        if (rc) return rc;
        all = xtune_arena_printf(arena, "%s%s", all, one);
    }
    *text_r = xt_xstrdup(all);
    return 0;
}
