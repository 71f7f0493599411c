/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/builder.h"

#include "base/json.h"
#include "base/util.h"

xtune_plan *xt_plan_new(void)
{
    xtune_arena *arena = xtune_arena_new();
    xtune_plan *plan = XTUNE_NEW(arena, xtune_plan);

    plan->arena = arena;
    plan->local_before_permille = plan->local_after_permille = -1;
    return plan;
}

void xtune_plan_free(xtune_plan *plan)
{
    if (plan) xtune_arena_free(plan->arena);
}

void xt_plan_add(xtune_plan *plan, const xtune_action *action)
{
    plan->actions = xtune_arena_grow(plan->arena, plan->actions,
                                     plan->nr_actions, sizeof(*plan->actions));
    plan->actions[plan->nr_actions++] = *action;
}

void xt_plan_add_blocked(xtune_plan *plan, const char *kind,
                         const char *object, const char *wanted,
                         const char *why)
{
    xtune_arena *arena = plan->arena;

    plan->blocked = xtune_arena_grow(arena, plan->blocked, plan->nr_blocked,
                                     sizeof(*plan->blocked));
    plan->blocked[plan->nr_blocked++] = (xtune_action){
        .kind = kind,
        .object = xtune_arena_strdup(arena, object),
        .old = xt_json_null(arena),
        .new = wanted
                   ? xt_json_string(arena, xtune_arena_strdup(arena, wanted))
                   : xt_json_null(arena),
        .reason = "the policy asks for it",
        .why = xtune_arena_strdup(arena, why),
    };
}

static xt_json *masks_to_json(xtune_arena *arena, const xtune_set *hard,
                              const xtune_set *soft)
{
    xt_json *json = xt_json_object(arena);

    xt_json_add_string(arena, json, "hard", xtune_set_format(arena, hard));
    xt_json_add_string(arena, json, "soft", xtune_set_format(arena, soft));
    return json;
}

void xt_plan_add_affinity(xtune_plan *plan, const xtune_domain *domain,
                          const xtune_vcpu *vcpu, const xtune_set *hard,
                          const xtune_set *soft, const char *reason)
{
    xtune_arena *arena = plan->arena;
    xt_json *target;

    if (xtune_set_equal(hard, &vcpu->hard) &&
        xtune_set_equal(soft, &vcpu->soft))
        return;
    target = xt_json_object(arena);
    xt_json_add_u64(arena, target, "domid", domain->id);
    xt_json_add_string(arena, target, "name",
                       xtune_arena_strdup(arena, domain->name));
    xt_json_add_string(arena, target, "uuid",
                       xtune_arena_strdup(arena, domain->uuid));
    xt_json_add_u64(arena, target, "vcpu", vcpu->id);
    xt_plan_add(plan,
                &(xtune_action){
                    .kind = "vcpu-affinity",
                    .object = xtune_arena_printf(arena, "%s/%u", domain->name,
                                                 vcpu->id),
                    .target = target,
                    .old = masks_to_json(arena, &vcpu->hard, &vcpu->soft),
                    .new = masks_to_json(arena, hard, soft),
                    .reason = xtune_arena_strdup(arena, reason),
                });
}

/* Memory that is local, and all of it, over the domains that count. */
typedef struct share {
    uint64_t local_kb, total_kb;
} share;

static void add_share(share *sum, const xtune_host *host,
                      const xtune_domain *domain, const xt_masks *masks)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_set nodes =
        xtune_domain_run_nodes(arena, host, domain, masks->hard, masks->soft);
    uint64_t local_kb, total_kb;

    if (!xtune_domain_local_kb(host, domain, &nodes, &local_kb, &total_kb))
        return;
    sum->local_kb += local_kb;
    sum->total_kb += total_kb;
}

/* Never rounded up to all of it. */
static int permille(const share *sum)
{
    if (!sum->total_kb) return 1000;
    return (int)((unsigned __int128)sum->local_kb * 1000 / sum->total_kb);
}

void xt_plan_summarize(xtune_plan *plan, const xtune_host *host,
                       const xt_masks *masks)
{
    static const xt_masks own;
    share before = { 0, 0 }, after = { 0, 0 };
    size_t i, known = 0, counted = 0;

    plan->residency = XTUNE_RESIDENCY_MEASURED;
    for (i = 0; i < host->nr_domains; i++) {
        const xtune_domain *domain = &host->domains[i];

        if (!domain->id) continue;
        counted++;
        known += domain->memory_by_node_kb != NULL;
        if (domain->residency == XTUNE_RESIDENCY_INFERRED)
            plan->residency = XTUNE_RESIDENCY_INFERRED;
        add_share(&before, host, domain, &own);
        add_share(&after, host, domain, &masks[i]);
    }
    if (counted && !known) {
        plan->residency = XTUNE_RESIDENCY_NONE;
        return;
    }
    plan->local_before_permille = permille(&before);
    plan->local_after_permille = permille(&after);
}
