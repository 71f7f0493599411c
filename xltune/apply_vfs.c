/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Virtual functions are devices of their own, which can be planned for when
 * they are there: what records want of them is a change of its own. */
#include <string.h>
#include <unistd.h>

#include "xltune.h"

#define TRIES 6
#define PAUSE_US 500000

bool wait_for_drivers(int rc, unsigned int *tries)
{
    if (rc != XTUNE_ERR_CHANGED || ++*tries == TRIES) return false;
    usleep(PAUSE_US);
    return true;
}

bool plan_makes_vfs(const xtune_plan *plan)
{
    size_t i;

    for (i = 0; i < plan->nr_actions; i++)
        if (!strcmp(plan->actions[i].kind, "sriov")) return true;
    return false;
}

/* What records want of devices, and nothing else. */
static xtune_policy *devices_alone(const xtune_policy *all)
{
    xtune_policy *policy = xtune_policy_new();
    size_t i;

    policy->devices = all->devices;
    policy->nr_devices = all->nr_devices;
    policy->records =
        XTUNE_NEW_ARRAY(policy->arena, xtune_record, all->nr_records);
    policy->nr_records = all->nr_records;
    for (i = 0; i < all->nr_records; i++) {
        const xtune_record *record = &all->records[i];

        policy->records[i] = (xtune_record){
            .source = record->source,
            .uuid = record->uuid,
            .name = record->name,
            .pci = record->pci,
            .nr_pci = record->nr_pci,
        };
    }
    return policy;
}

static int plan_and_apply(const struct change *change,
                          const xtune_policy *policy, bool *more_r,
                          xtune_error **err)
{
    struct context *ctx = change->ctx;
    xtune_plan *plan = NULL;
    int rc;

    xtune_host_free(ctx->host);
    ctx->host = NULL;
    rc = plan_host(ctx, policy, 0, &plan, err);
    if (!rc) {
        *more_r = plan->nr_actions > 0;
        rc = xtune_apply(ctx->backend, ctx->state, plan, &change->options,
                         NULL, err);
    }
    xtune_plan_free(plan);
    return rc;
}

int apply_vfs(const struct change *change, bool *more_r, xtune_error **err)
{
    xtune_policy *policy = devices_alone(change->ctx->policy);
    xtune_error *cause = NULL;
    unsigned int tries = 0;
    int rc;

    do {
        rc = plan_and_apply(change, policy, more_r, &cause);
    } while (wait_for_drivers(rc, &tries));
    if (rc)
        *err = cause;
    else
        xtune_error_free(cause);
    xtune_policy_free(policy);
    return rc;
}
