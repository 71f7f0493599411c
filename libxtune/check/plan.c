/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plan of what is safe to mend now: each rule's own fix adds to it. */
#include "check/check.h"

#include "plan/builder.h"

static int mend(const xtune_check_request *request,
                const xtune_check_report *report, const xtune_host_rule *rule,
                xtune_plan *plan, xtune_error **err)
{
    /* Fixes read the report; they add nothing to it. */
    xtune_check_report read = *report;
    xt_check check = {
        .request = request,
        .host = request->host,
        .rule = rule,
        .report = &read,
        .arena = plan->arena,
    };

    return rule->fix(&check, plan, err);
}

int xtune_check_plan(const xtune_check_request *request,
                     const xtune_check_report *report, xtune_plan **plan_r,
                     xtune_error **err)
{
    xtune_plan *plan = xt_plan_new();
    const xtune_host_rule *mended = NULL;
    size_t i;
    int rc = 0;

    /* Results are by rule. */
    for (i = 0; !rc && i < report->nr_results; i++) {
        const xtune_check_result *result = &report->results[i];

        if (result->rule == mended || result->fix != XTUNE_FIX_NOW) continue;
        mended = result->rule;
        rc = mend(request, report, mended, plan, err);
    }
    if (rc) {
        xtune_plan_free(plan);
        return rc;
    }
    *plan_r = plan;
    return 0;
}
