/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/builder.h"

#include <string.h>

#include "base/json.h"
#include "base/util.h"
#include "host/configured.h"
#include "plan/rehome.h"

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
        .reason = "the policy or a record asks for it",
        .why = xtune_arena_strdup(arena, why),
    };
}

void xt_plan_add_note(xtune_plan *plan, const char *object, const char *text)
{
    xtune_arena *arena = plan->arena;

    plan->notes = xtune_arena_grow(arena, plan->notes, plan->nr_notes,
                                   sizeof(*plan->notes));
    plan->notes[plan->nr_notes++] = (xtune_plan_note){
        .object = xtune_arena_strdup(arena, object),
        .text = xtune_arena_strdup(arena, text),
    };
}

static bool same_domain(const xtune_action *a, const xtune_action *b)
{
    const char *uuid_a = xt_json_text(xt_json_get(a->target, "uuid"));
    const char *uuid_b = xt_json_text(xt_json_get(b->target, "uuid"));

    return uuid_a && uuid_b && !strcmp(uuid_a, uuid_b);
}

void xt_plan_chain_moves(xtune_plan *plan)
{
    size_t i, k;

    for (i = 0; i < plan->nr_actions; i++) {
        xtune_action *move = &plan->actions[i];

        if (strcmp(move->kind, "rehome") != 0) continue;
        for (k = 0; k < i; k++) {
            xtune_action *before = &plan->actions[k];

            if (!strcmp(before->kind, "rehome") || !same_domain(before, move))
                continue;
            before->before_others = true;
            move->after_others = true;
        }
    }
}

static xt_json *masks_to_json(xtune_arena *arena, const xtune_set *hard,
                              const xtune_set *soft)
{
    xt_json *json = xt_json_object(arena);

    xt_json_add_string(arena, json, "hard", xtune_set_format(arena, hard));
    xt_json_add_string(arena, json, "soft", xtune_set_format(arena, soft));
    return json;
}

xt_json *xt_plan_target(xtune_arena *arena, const xtune_domain *domain)
{
    xt_json *target = xt_json_object(arena);

    xt_json_add_u64(arena, target, "domid", domain->id);
    xt_json_add_string(arena, target, "name",
                       xtune_arena_strdup(arena, domain->name));
    xt_json_add_string(arena, target, "uuid",
                       xtune_arena_strdup(arena, domain->uuid));
    return target;
}

void xt_plan_set_stored(xtune_plan *plan, const xtune_domain *domain,
                        const xt_json *configured, const char *reason)
{
    xtune_arena *arena = plan->arena;

    if (!domain->configured || xt_json_equal(domain->configured, configured))
        return;
    xt_plan_add(plan, &(xtune_action){
                          .kind = "stored-affinity",
                          .object = xtune_arena_strdup(arena, domain->name),
                          .target = xt_plan_target(arena, domain),
                          .old = xt_json_copy(arena, domain->configured),
                          .new = xt_json_copy(arena, configured),
                          .reason = xtune_arena_strdup(arena, reason),
                      });
}

void xt_plan_add_stored(xtune_plan *plan, const xtune_domain *domain,
                        const xtune_set *hard, const xtune_set *soft,
                        const char *reason)
{
    if (!domain->configured ||
        xt_configured_gives(domain->configured, hard, soft, domain->nr_vcpus))
        return;
    xt_plan_set_stored(plan, domain,
                       xt_configured_make(plan->arena, domain->configured,
                                          hard, soft, domain->nr_vcpus),
                       reason);
}

/* The last move of this domain that the plan has; NULL. */
static const xtune_action *last_move(const xtune_plan *plan,
                                     const xtune_domain *domain)
{
    size_t i;

    for (i = plan->nr_actions; i-- > 0;) {
        const xtune_action *action = &plan->actions[i];
        const char *uuid = xt_json_text(xt_json_get(action->target, "uuid"));

        if (!strcmp(action->kind, "rehome") && uuid &&
            !strcmp(uuid, domain->uuid))
            return action;
    }
    return NULL;
}

/* On the third node, with the masks that it has. */
static xt_json *parked_value(xtune_arena *arena, const xtune_host *host,
                             const xt_planned_move *move)
{
    const xtune_domain *domain = move->domain;
    xtune_domain parked = *domain;
    unsigned int id;

    parked.memory_by_node_kb =
        XTUNE_NEW_ARRAY(arena, uint64_t, host->nr_node_ids);
    for (id = 0; id < host->nr_node_ids; id++)
        parked.memory_by_node_kb[move->parked] +=
            domain->memory_by_node_kb[id];
    return xt_json_copy(arena, xt_rehome_now(arena, host, &parked));
}

static xt_json *moved_value(xtune_arena *arena, const xtune_host *host,
                            const xt_planned_move *move)
{
    const xtune_set nodes =
        xt_rehome_nodes(arena, host, move->memory_by_node_kb);

    return xt_json_copy(arena, xt_rehome_then(arena, host, move->domain,
                                              &nodes, move->memory_by_node_kb,
                                              move->hard, move->soft));
}

void xt_plan_add_move(xtune_plan *plan, const xtune_host *host,
                      const xt_planned_move *move)
{
    const xtune_action *before = last_move(plan, move->domain);
    xtune_arena *arena = plan->arena;
    xt_json *target = xt_plan_target(arena, move->domain);
    const bool parks = move->parked != XTUNE_NONE;

    xt_json_add_string(arena, target, "how", move->pause ? "pause" : "live");
    xt_plan_add(
        plan,
        &(xtune_action){
            .kind = "rehome",
            .object = xtune_arena_strdup(arena, move->domain->name),
            .target = target,
            .old = before ? before->new
                          : xt_json_copy(arena, xt_rehome_now(arena, host,
                                                              move->domain)),
            .new = parks ? parked_value(arena, host, move)
                         : moved_value(arena, host, move),
            .reason = parks ? "it makes room for others, and moves on later"
                            : xtune_arena_strdup(arena, move->reason),
        });
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
    target = xt_plan_target(arena, domain);
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

xt_masks xt_own_masks(xtune_arena *arena, const xtune_domain *domain)
{
    xtune_set *hard = XTUNE_NEW_ARRAY(arena, xtune_set, domain->nr_vcpus);
    xtune_set *soft = XTUNE_NEW_ARRAY(arena, xtune_set, domain->nr_vcpus);
    size_t v;

    for (v = 0; v < domain->nr_vcpus; v++) {
        hard[v] = domain->vcpus[v].hard;
        soft[v] = domain->vcpus[v].soft;
    }
    return (xt_masks){ .hard = hard, .soft = soft };
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
        xtune_domain then = *domain;

        if (!domain->id) continue;
        if (masks[i].memory_by_node_kb)
            then.memory_by_node_kb = (uint64_t *)masks[i].memory_by_node_kb;
        counted++;
        known += domain->memory_by_node_kb != NULL;
        if (domain->residency == XTUNE_RESIDENCY_INFERRED)
            plan->residency = XTUNE_RESIDENCY_INFERRED;
        add_share(&before, host, domain, &own);
        add_share(&after, host, &then, &masks[i]);
    }
    if (counted && !known) {
        plan->residency = XTUNE_RESIDENCY_NONE;
        return;
    }
    plan->local_before_permille = permille(&before);
    plan->local_after_permille = permille(&after);
}
