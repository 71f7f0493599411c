/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plan behind vcpu-pin. */
#include <xtune/plan.h>

#include "base/util.h"
#include "host/configured.h"
#include "plan/builder.h"

static int check_hard(const xtune_host *host, const xtune_domain *domain,
                      const xtune_set *hard, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_cpupool *pool = xtune_host_cpupool(host, domain->cpupool);

    if (!hard ||
        xtune_set_intersects(hard, pool ? &pool->cpus : &host->cpu_ids))
        return 0;
    if (!pool || xtune_set_is_empty(hard))
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, domain->name,
                               "name at least one CPU",
                               "hard affinity \"none\" would let it run "
                               "nowhere");
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, domain->name,
        xtune_arena_printf(arena, "the pool has CPUs %s",
                           xtune_set_format_ids(arena, &pool->cpus)),
        "hard affinity \"%s\" has no CPU of its cpupool \"%s\"",
        xtune_set_format(arena, hard), pool->name);
}

int xtune_plan_vcpu_pin(const xtune_host *host, const xtune_domain *domain,
                        unsigned int vcpu, const xtune_set *hard,
                        const xtune_set *soft, xtune_plan **plan_r,
                        xtune_error **err)
{
    xtune_plan *plan;
    xt_masks *masks;
    size_t i, found = 0;
    int rc;

    rc = check_hard(host, domain, hard, err);
    if (rc) return rc;
    plan = xt_plan_new();
    if (domain->configured)
        xt_plan_set_stored(plan, domain,
                           xt_configured_pin(plan->arena, domain->configured,
                                             domain->nr_vcpus, vcpu, hard,
                                             soft),
                           "vcpu-pin");
    masks = XTUNE_NEW_ARRAY(plan->arena, xt_masks, host->nr_domains);
    for (i = 0; i < domain->nr_vcpus; i++) {
        const xtune_vcpu *v = &domain->vcpus[i];

        if (vcpu != XTUNE_NONE && v->id != vcpu) continue;
        xt_plan_add_affinity(plan, domain, v, hard ? hard : &v->hard,
                             soft ? soft : &v->soft, "vcpu-pin");
        found++;
    }
    if (!found && vcpu != XTUNE_NONE) {
        xtune_plan_free(plan);
        return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, 0, domain->name, NULL,
                               "it has no vCPU %u", vcpu);
    }
    xt_plan_summarize(plan, host, masks);
    *plan_r = plan;
    return 0;
}
