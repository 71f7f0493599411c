/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plan behind rehome: one domain, to nodes that are named or chosen. */
#include <xtune/plan.h>

#include <inttypes.h>
#include <string.h>

#include "base/util.h"
#include "plan/builder.h"
#include "plan/moves.h"
#include "plan/rehome.h"

/* Where the domain is to be. */
typedef struct target {
    uint64_t *memory_by_node_kb; /* NULL: it is there */
    xtune_set *hard, *soft;
    const char *reason;
} target;

/* A hard mask that has none of the nodes' CPUs moves there; one that has some
 * is somebody's word, and soft affinity does the rest. */
static int move_masks(xtune_arena *arena, const xtune_host *host,
                      const xtune_domain *domain, const xtune_set *nodes,
                      target *t, xtune_error **err)
{
    const xtune_cpupool *pool = xtune_host_cpupool(host, domain->cpupool);
    const xtune_set cpus = xtune_host_cpus_of(arena, host, nodes);
    xtune_set usable = xtune_set_copy(arena, &cpus);
    size_t v;

    xtune_set_and(&usable, pool ? &pool->cpus : &host->cpu_ids);
    if (xtune_set_is_empty(&usable))
        return xtune_error_set(
            err, XTUNE_ERR_REFUSED, 0, domain->name,
            "name other nodes, or move it to another cpupool first",
            "node %s has no CPU of its cpupool \"%s\"",
            xtune_set_format_ids(arena, nodes), pool ? pool->name : "");
    t->hard = XTUNE_NEW_ARRAY(arena, xtune_set, domain->nr_vcpus);
    t->soft = XTUNE_NEW_ARRAY(arena, xtune_set, domain->nr_vcpus);
    for (v = 0; v < domain->nr_vcpus; v++) {
        const xtune_set *hard = &domain->vcpus[v].hard;

        t->hard[v] = xtune_set_intersects(hard, &usable) ? *hard : usable;
        t->soft[v] = cpus;
    }
    return 0;
}

static int given_target(xtune_arena *arena, const xtune_host *host,
                        const xtune_domain *domain, const xtune_set *nodes,
                        target *t, xtune_error **err)
{
    const xtune_set now =
        xt_rehome_nodes(arena, host, domain->memory_by_node_kb);
    int rc;

    rc = move_masks(arena, host, domain, nodes, t, err);
    if (rc) return rc;
    t->reason = "rehome";
    if (!xtune_set_equal(&now, nodes))
        t->memory_by_node_kb = xt_rehome_divide(arena, host, domain, nodes);
    return 0;
}

/* The policy, with a rule before all others that lets this domain's memory
 * move. */
static xtune_policy with_follow(xtune_arena *arena, const xtune_policy *policy,
                                const xtune_domain *domain)
{
    const xtune_rule *rule = xtune_policy_match(policy, domain);
    xtune_policy follow = *policy;
    size_t i;

    follow.rules = XTUNE_NEW_ARRAY(arena, xtune_rule, policy->nr_rules + 1);
    follow.nr_rules = policy->nr_rules + 1;
    for (i = 0; i < policy->nr_rules; i++)
        follow.rules[i + 1] = policy->rules[i];
    if (rule) follow.rules[0] = *rule;
    if (!rule || !rule->has_numa || rule->placement == XTUNE_PLACE_NONE) {
        follow.rules[0].has_numa = true;
        follow.rules[0].placement = XTUNE_PLACE_AUTO;
    }
    if (follow.rules[0].pin == XTUNE_PIN_NONE)
        follow.rules[0].pin = XTUNE_PIN_NODE;
    follow.rules[0].memory = XTUNE_MEMORY_FOLLOW;
    follow.rules[0].match = xtune_arena_printf(arena, "uuid:%s", domain->uuid);
    return follow;
}

static int take_placed(xtune_arena *arena, const xtune_host *host,
                       const xtune_placed *placed, target *t,
                       xtune_error **err)
{
    const size_t nr = placed->domain->nr_vcpus;
    size_t v;
    unsigned int id;

    if (placed->blocked)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, placed->domain->name,
                               "name the nodes", "%s", placed->blocked);
    if (!placed->hard) return 0;
    if (placed->memory_kb && placed->moved_kb) {
        t->memory_by_node_kb =
            XTUNE_NEW_ARRAY(arena, uint64_t, host->nr_node_ids);
        for (id = 0; id < host->nr_node_ids; id++)
            t->memory_by_node_kb[id] = placed->memory_kb[id];
    }
    t->hard = XTUNE_NEW_ARRAY(arena, xtune_set, nr);
    t->soft = XTUNE_NEW_ARRAY(arena, xtune_set, nr);
    for (v = 0; v < nr; v++) {
        t->hard[v] = xtune_set_copy(arena, &placed->hard[v]);
        t->soft[v] = xtune_set_copy(arena, &placed->soft[v]);
    }
    t->reason = xtune_arena_strdup(arena, placed->reason);
    return 0;
}

static int chosen_target(xtune_arena *arena, const xtune_plan_request *request,
                         const xtune_domain *domain, target *t,
                         xtune_error **err)
{
    const xtune_host *host = request->host;
    const xtune_policy policy = with_follow(arena, request->policy, domain);
    unsigned int *keep =
        XTUNE_NEW_ARRAY(arena, unsigned int, host->nr_domains);
    xtune_placement *placement;
    size_t i;
    int rc;

    for (i = 0; i < host->nr_domains; i++)
        keep[i] = &host->domains[i] == domain
                      ? 0
                      : XTUNE_KEEP_AFFINITY | XTUNE_KEEP_MEMORY;
    rc = xtune_place(
        &(xtune_place_request){
            .host = host,
            .policy = &policy,
            .flags = XTUNE_PLACE_MOVE_MEMORY,
            .keep = keep,
        },
        &placement, err);
    if (rc) return rc;
    rc = take_placed(arena, host, &placement->domains[domain - host->domains],
                     t, err);
    xtune_placement_free(placement);
    return rc;
}

/* Whether the domain can go to that node, and the move fits then. */
static bool makes_room(xtune_arena *arena, const xtune_plan_request *request,
                       const xt_wanted_move *move, const xtune_domain *other,
                       const xtune_node *node)
{
    const xtune_host *host = request->host;
    const xtune_cpupool *pool = xtune_host_cpupool(host, other->cpupool);
    xt_wanted_move both[2] = { *move, { .domain = other, .gain = 1 } };
    xtune_set nodes = xtune_set_new(arena, host->nr_node_ids);
    xt_move_step *steps;
    size_t nr_steps;
    bool pause;

    if (other == move->domain || !other->memory_by_node_kb ||
        other->memory_by_node_kb[node->id] || !pool ||
        !xtune_set_intersects(&pool->cpus, &host->node_cpus[node->id]) ||
        xt_rehome_obstacle(arena, host, other, false, &pause))
        return false;
    xtune_set_add(&nodes, node->id);
    both[1].to_kb = xt_rehome_divide(arena, host, other, &nodes);
    both[0].blocked = NULL;
    xt_order_moves(arena, host, both, 2, &steps, &nr_steps);
    /* One after the other, and none by way of a third node. */
    return nr_steps == 2 && steps[0].move == 1 &&
           steps[0].parked == XTUNE_NONE && steps[1].parked == XTUNE_NONE;
}

/* Another domain that could go elsewhere, and so make room. */
static const char *find_help(xtune_arena *arena,
                             const xtune_plan_request *request,
                             const xt_wanted_move *move)
{
    const xtune_host *host = request->host;
    size_t i, n;

    for (i = 0; i < host->nr_domains; i++)
        for (n = 0; n < host->nr_nodes; n++)
            if (makes_room(arena, request, move, &host->domains[i],
                           &host->nodes[n]))
                return xtune_arena_printf(
                    arena, "\"xltune rehome %s %u\" makes that room",
                    host->domains[i].name, host->nodes[n].id);
    return "free memory there, or name other nodes";
}

static int add_move(xtune_arena *arena, const xtune_plan_request *request,
                    const xtune_domain *domain, const target *t, bool pause,
                    xtune_plan *plan, xtune_error **err)
{
    xt_wanted_move move = { .domain = domain, .to_kb = t->memory_by_node_kb };
    xt_move_step *steps;
    size_t nr_steps;

    xt_order_moves(arena, request->host, &move, 1, &steps, &nr_steps);
    if (move.blocked)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, domain->name,
                               find_help(arena, request, &move), "%s",
                               move.blocked);
    xt_plan_add_move(plan, request->host,
                     &(xt_planned_move){
                         .domain = domain,
                         .parked = XTUNE_NONE,
                         .memory_by_node_kb = t->memory_by_node_kb,
                         .hard = t->hard,
                         .soft = t->soft,
                         .pause = pause,
                         .reason = t->reason,
                     });
    return 0;
}

/* Its memory is there already: its vCPUs go there. */
static void add_masks(const xtune_domain *domain, const target *t,
                      xtune_plan *plan)
{
    size_t v;

    if (!t->hard) return;
    xt_plan_add_stored(plan, domain, t->hard, t->soft, t->reason);
    for (v = 0; v < domain->nr_vcpus; v++)
        xt_plan_add_affinity(plan, domain, &domain->vcpus[v], &t->hard[v],
                             &t->soft[v], t->reason);
}

static int check_movable(const xtune_plan_request *request, xtune_arena *arena,
                         const xtune_domain *domain, bool *pause_r,
                         xtune_error **err)
{
    const char *why =
        xt_rehome_obstacle(arena, request->host, domain,
                           request->flags & XTUNE_PLAN_ALLOW_PAUSE, pause_r);

    if (!why && !domain->memory_by_node_kb)
        why = "it is not known where its memory is: --residency=measure or "
              "infer finds out";
    if (!why) return 0;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, domain->name, NULL, "%s",
                           why);
}

static void own_masks(xtune_arena *arena, const xtune_domain *domain,
                      target *t)
{
    size_t v;

    *t = (target){
        .hard = XTUNE_NEW_ARRAY(arena, xtune_set, domain->nr_vcpus),
        .soft = XTUNE_NEW_ARRAY(arena, xtune_set, domain->nr_vcpus),
        .reason = "its memory follows it to its cpupool",
    };
    for (v = 0; v < domain->nr_vcpus; v++) {
        t->hard[v] = domain->vcpus[v].hard;
        t->soft[v] = domain->vcpus[v].soft;
    }
}

static int find_target(xtune_arena *arena, const xtune_plan_request *request,
                       const xtune_domain *domain, const xtune_set *nodes,
                       target *t, bool *pause_r, xtune_error **err)
{
    int rc;

    rc = check_movable(request, arena, domain, pause_r, err);
    if (rc) return rc;
    if (nodes)
        return given_target(arena, request->host, domain, nodes, t, err);
    return chosen_target(arena, request, domain, t, err);
}

int xt_plan_follow(xtune_plan *plan, xtune_arena *arena,
                   const xtune_plan_request *request,
                   const xtune_domain *domain, xtune_error **err)
{
    const xtune_set nodes =
        xtune_domain_run_nodes(arena, request->host, domain, NULL, NULL);
    xt_masks *masks =
        XTUNE_NEW_ARRAY(arena, xt_masks, request->host->nr_domains);
    const int before = plan->local_before_permille;
    bool pause = false;
    target t;
    int rc;

    rc = check_movable(request, arena, domain, &pause, err);
    if (rc) return rc;
    own_masks(arena, domain, &t);
    t.memory_by_node_kb =
        xt_rehome_divide(arena, request->host, domain, &nodes);
    rc = add_move(arena, request, domain, &t, pause, plan, err);
    if (rc) return rc;
    masks[domain - request->host->domains].memory_by_node_kb =
        t.memory_by_node_kb;
    xt_plan_summarize(plan, request->host, masks);
    plan->local_before_permille = before;
    return 0;
}

int xtune_plan_rehome(const xtune_plan_request *request,
                      const xtune_domain *domain, const xtune_set *nodes,
                      xtune_plan **plan_r, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_host *host = request->host;
    xt_masks *masks = XTUNE_NEW_ARRAY(arena, xt_masks, host->nr_domains);
    xtune_plan *plan = xt_plan_new();
    target t = { .hard = NULL };
    bool pause = false;
    int rc;

    rc = find_target(arena, request, domain, nodes, &t, &pause, err);
    if (!rc && t.memory_by_node_kb)
        rc = add_move(arena, request, domain, &t, pause, plan, err);
    if (rc) {
        xtune_plan_free(plan);
        return rc;
    }
    if (!t.memory_by_node_kb) add_masks(domain, &t, plan);
    masks[domain - host->domains] = (xt_masks){
        .hard = t.hard,
        .soft = t.soft,
        .memory_by_node_kb = t.memory_by_node_kb,
    };
    xt_plan_summarize(plan, host, masks);
    *plan_r = plan;
    return 0;
}
