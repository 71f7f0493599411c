/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The difference between a host and what is wanted of it. */
#include <xtune/plan.h>

#include <inttypes.h>

#include "base/util.h"
#include "plan/builder.h"
#include "plan/host_wishes.h"
#include "plan/moves.h"
#include "plan/rehome.h"

/* What is known of a domain before it is placed, by its index. */
typedef struct wish {
    xtune_set *hard, *soft; /* as written down for it; NULL: nothing is */
    const char *written;    /* where */
    const char *refused;    /* why that cannot be */
    const char *stays;      /* why its memory cannot move; NULL */
    bool pause;             /* to move it, it must be paused */
    bool may_move;          /* its memory is to follow, and can */
} wish;

typedef struct maker {
    const xtune_plan_request *request;
    xtune_arena *arena; /* for what is needed meanwhile */
    xtune_plan *plan;
    xtune_host host; /* as it is, but with the masks that are written down */
    wish *wishes;
    unsigned int *keep;
    bool may_move; /* any memory may */
    xtune_placement *placement;
    xt_wanted_move *moves;
    size_t *move_of; /* the domain of each move, by its index */
    size_t nr_moves;
    xt_move_step *steps;
    size_t nr_steps;
} maker;

static bool looked_after(const maker *m, size_t i)
{
    return !m->request->only || m->request->only[i];
}

static const xtune_domain *domain_at(const maker *m, size_t i)
{
    return &m->request->host->domains[i];
}

/* Masks that are written down. */

static void set_masks(maker *m, size_t i)
{
    xtune_domain *domain = &m->host.domains[i];
    const xtune_vcpu *vcpus = domain->vcpus;
    size_t v;

    domain->vcpus = XTUNE_NEW_ARRAY(m->arena, xtune_vcpu, domain->nr_vcpus);
    for (v = 0; v < domain->nr_vcpus; v++) {
        domain->vcpus[v] = vcpus[v];
        domain->vcpus[v].hard = m->wishes[i].hard[v];
        domain->vcpus[v].soft = m->wishes[i].soft[v];
    }
    m->keep[i] |= XTUNE_KEEP_AFFINITY;
}

/* A record that does not fit the host is not to keep the others from having
 * what they want. */
static void read_written(maker *m, size_t i)
{
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    wish *w = &m->wishes[i];
    xtune_source source;

    w->hard = w->soft = NULL;
    if (xtune_policy_masks(m->request->policy, m->request->host,
                           domain_at(m, i), m->arena, &w->hard, &w->soft,
                           &source, &why)) {
        w->refused =
            xtune_arena_printf(m->arena, "%s: %s", why->object, why->message);
        m->keep[i] |= XTUNE_KEEP_AFFINITY;
    } else if (w->hard) {
        w->written = xtune_source_text(m->arena, source);
        set_masks(m, i);
    }
}

/* Memory that may move. */

static void check_move(maker *m, size_t i)
{
    const xtune_rule *rule =
        xtune_policy_match(m->request->policy, domain_at(m, i));
    const bool pause = m->request->flags & XTUNE_PLAN_ALLOW_PAUSE;

    if (!rule || rule->memory != XTUNE_MEMORY_FOLLOW ||
        rule->placement == XTUNE_PLACE_NONE)
        return;
    m->wishes[i].stays =
        xt_rehome_obstacle(m->arena, m->request->host, domain_at(m, i),
                           pause || rule->allow_pause, &m->wishes[i].pause);
    m->wishes[i].may_move = !m->wishes[i].stays;
    if (m->wishes[i].stays)
        m->keep[i] |= XTUNE_KEEP_MEMORY;
    else
        m->may_move = true;
}

static void prepare(maker *m)
{
    const xtune_host *host = m->request->host;
    size_t i;

    m->host = *host;
    m->host.domains =
        XTUNE_NEW_ARRAY(m->arena, xtune_domain, host->nr_domains);
    m->wishes = XTUNE_NEW_ARRAY(m->arena, wish, host->nr_domains);
    m->keep = XTUNE_NEW_ARRAY(m->arena, unsigned int, host->nr_domains);
    for (i = 0; i < host->nr_domains; i++) {
        m->host.domains[i] = host->domains[i];
        if (!looked_after(m, i)) {
            m->keep[i] = XTUNE_KEEP_AFFINITY | XTUNE_KEEP_MEMORY;
            continue;
        }
        read_written(m, i);
        if (!(m->request->flags & XTUNE_PLAN_NO_MOVES)) check_move(m, i);
    }
}

/* Placing, until all that is to move can. */

static void collect_moves(maker *m)
{
    const xtune_placement *placement = m->placement;
    size_t i;

    m->nr_moves = 0;
    m->moves =
        XTUNE_NEW_ARRAY(m->arena, xt_wanted_move, placement->nr_domains);
    m->move_of = XTUNE_NEW_ARRAY(m->arena, size_t, placement->nr_domains);
    for (i = 0; i < placement->nr_domains; i++) {
        const xtune_placed *p = &placement->domains[i];
        const uint64_t now = p->cost_now.memory + p->cost_now.vcpus;
        const uint64_t then = p->cost.memory + p->cost.vcpus;

        if (!p->memory_kb || !p->moved_kb || !p->hard) continue;
        m->move_of[m->nr_moves] = i;
        m->moves[m->nr_moves++] = (xt_wanted_move){
            .domain = p->domain,
            .to_kb = p->memory_kb,
            .gain = now > then ? now - then : 0,
        };
    }
}

/* Domains that find no room stay, and the others are placed around them.
 * True in *again_r: there are such. */
static void order_moves(maker *m, bool *again_r)
{
    size_t k;

    collect_moves(m);
    xt_order_moves(m->arena, m->request->host, m->moves, m->nr_moves,
                   &m->steps, &m->nr_steps);
    *again_r = false;
    for (k = 0; k < m->nr_moves; k++) {
        if (!m->moves[k].blocked) continue;
        m->wishes[m->move_of[k]].stays = m->moves[k].blocked;
        m->keep[m->move_of[k]] |= XTUNE_KEEP_MEMORY;
        *again_r = true;
    }
}

static int place(maker *m, xtune_error **err)
{
    const xtune_place_request request = {
        .host = &m->host,
        .policy = m->request->policy,
        .flags = m->may_move ? XTUNE_PLACE_MOVE_MEMORY : 0,
        .keep = m->keep,
    };
    bool again = true;
    int rc;

    while (again) {
        xtune_placement_free(m->placement);
        m->placement = NULL;
        rc = xtune_place(&request, &m->placement, err);
        if (rc) return rc;
        order_moves(m, &again);
    }
    return 0;
}

/* Writing the plan. */

static bool moves(const maker *m, size_t i)
{
    size_t k;

    for (k = 0; k < m->nr_moves; k++)
        if (m->move_of[k] == i) return true;
    return false;
}

/* Memory that placing the vCPUs leaves remote. */
static bool stays_remote(const maker *m, const xtune_placed *placed)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_set nodes = xtune_domain_run_nodes(
        arena, &m->host, placed->domain, placed->hard, placed->soft);
    uint64_t local_kb, total_kb;

    return xtune_domain_local_kb(&m->host, placed->domain, &nodes, &local_kb,
                                 &total_kb) &&
           total_kb - local_kb > total_kb / 64;
}

/* Why memory that is to follow does not, though nothing forbids it to; NULL:
 * it does, or it costs less where it is. */
static const char *lacks_room(const maker *m, size_t i)
{
    const xtune_placed *placed = &m->placement->domains[i];
    const xtune_domain *domain = domain_at(m, i);
    const uint64_t need_kb = xt_rehome_need_kb(domain, domain->memory_kb);
    uint64_t room_kb = 0;
    unsigned int id;

    if (!m->wishes[i].may_move || placed->blocked || moves(m, i)) return NULL;
    xtune_set_for_each(id, &placed->nodes)
    {
        const xtune_node *node = xtune_host_node(m->request->host, id);

        if (node &&
            __builtin_add_overflow(room_kb, xt_rehome_room_kb(node), &room_kb))
            room_kb = UINT64_MAX;
    }
    if (room_kb >= need_kb) return NULL;
    return xtune_arena_printf(
        m->arena,
        "node %s has no room for the second copy: %" PRIu64
        " MiB are free there and %" PRIu64 " MiB needed",
        xtune_set_format_ids(m->arena, &placed->nodes), room_kb / 1024,
        (need_kb + 1023) / 1024);
}

static void add_blocked(maker *m, size_t i)
{
    const xtune_placed *placed = &m->placement->domains[i];
    const xtune_domain *domain = domain_at(m, i);
    const xtune_rule *rule = placed->rule;
    const wish *w = &m->wishes[i];
    const char *stays = w->stays ? w->stays : lacks_room(m, i);

    if (rule && rule->cpupool && !xt_plan_is_in_pool(domain, rule->cpupool))
        xt_plan_add_blocked(m->plan, "domain-cpupool", domain->name,
                            rule->cpupool, XT_NOT_DONE);
    if (w->refused)
        xt_plan_add_blocked(m->plan, "vcpu-affinity", domain->name, NULL,
                            w->refused);
    if (placed->blocked)
        xt_plan_add_blocked(m->plan, "vcpu-affinity", domain->name, NULL,
                            placed->blocked);
    if (stays && stays_remote(m, placed))
        xt_plan_add_blocked(
            m->plan, "rehome", domain->name,
            xtune_set_format_ids(m->plan->arena, &placed->nodes), stays);
}

/* The masks that a domain is to have; NULL: those that it has. */
static xt_masks masks_of(const maker *m, size_t i)
{
    const xtune_placed *placed = &m->placement->domains[i];
    const wish *w = &m->wishes[i];

    if (w->hard) return (xt_masks){ .hard = w->hard, .soft = w->soft };
    return (xt_masks){ .hard = placed->hard, .soft = placed->soft };
}

static const char *reason_of(const maker *m, size_t i)
{
    if (m->wishes[i].hard)
        return xtune_arena_printf(m->arena, "as \"%s\" says",
                                  m->wishes[i].written);
    return m->placement->domains[i].reason;
}

static void add_masks(maker *m, size_t i)
{
    const xt_masks masks = masks_of(m, i);
    const char *reason = reason_of(m, i);
    const xtune_domain *domain = domain_at(m, i);
    size_t v;

    if (!masks.hard || moves(m, i)) return;
    xt_plan_add_stored(m->plan, domain, masks.hard, masks.soft, reason);
    for (v = 0; v < domain->nr_vcpus; v++)
        xt_plan_add_affinity(m->plan, domain, &domain->vcpus[v],
                             &masks.hard[v], &masks.soft[v], reason);
}

static void add_moves(maker *m)
{
    size_t s;

    for (s = 0; s < m->nr_steps; s++) {
        const xt_move_step *step = &m->steps[s];
        const size_t i = m->move_of[step->move];
        const xtune_placed *placed = &m->placement->domains[i];
        const xt_masks masks = masks_of(m, i);

        xt_plan_add_move(m->plan, m->request->host,
                         &(xt_planned_move){
                             .domain = domain_at(m, i),
                             .parked = step->parked,
                             .memory_by_node_kb = placed->memory_kb,
                             .hard = masks.hard,
                             .soft = masks.soft,
                             .pause = m->wishes[i].pause,
                             .reason = reason_of(m, i),
                         });
    }
}

static int write_plan(maker *m, xtune_error **err)
{
    const size_t nr = m->request->host->nr_domains;
    xt_masks *masks = XTUNE_NEW_ARRAY(m->arena, xt_masks, nr);
    size_t i;
    int rc;

    if (!m->request->only) {
        rc = xt_plan_add_host_wishes(m->plan, m->request->host,
                                     m->request->policy, err);
        if (rc) return rc;
    }
    for (i = 0; i < nr; i++) {
        masks[i] = masks_of(m, i);
        masks[i].memory_by_node_kb =
            moves(m, i) ? m->placement->domains[i].memory_kb : NULL;
        add_blocked(m, i);
        if (looked_after(m, i)) add_masks(m, i);
    }
    add_moves(m);
    xt_plan_summarize(m->plan, m->request->host, masks);
    return 0;
}

int xtune_plan_make(const xtune_plan_request *request, xtune_plan **plan_r,
                    xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    maker m = {
        .request = request,
        .arena = arena,
        .plan = xt_plan_new(),
    };
    int rc;

    prepare(&m);
    rc = place(&m, err);
    if (!rc) rc = write_plan(&m, err);
    xtune_placement_free(m.placement);
    if (rc)
        xtune_plan_free(m.plan);
    else
        *plan_r = m.plan;
    return rc;
}
