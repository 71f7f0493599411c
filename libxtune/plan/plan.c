/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The difference between a host and what is wanted of it. */
#include <xtune/plan.h>

#include <inttypes.h>

#include "base/util.h"
#include "plan/builder.h"
#include "plan/dom0.h"
#include "plan/moves.h"
#include "plan/rehome.h"
#include "plan/unit_masks.h"
#include "plan/wanted_pci.h"
#include "plan/wanted_pools.h"
#include "plan/wanted_usb.h"

/* What is known of a domain before it is placed, by its index. */
typedef struct wish {
    xtune_set *hard, *soft; /* as written down for it; NULL: nothing is */
    const char *written;    /* where */
    const char *refused;    /* why that cannot be */
    const char *stays;      /* why its memory cannot move; NULL */
    const char *home;       /* to which nodes it cannot */
    bool pause;             /* to move it, it must be paused */
    bool may_move;          /* its memory is to follow, and can */
} wish;

typedef struct maker {
    const xtune_plan_request *asked;
    xtune_arena *arena; /* for what is needed meanwhile */
    xtune_plan *plan;
    xt_layout layout; /* of pools, as it is wanted */
    /* What is asked, of the host as it is once pools are laid out. */
    const xtune_plan_request *request;
    xtune_host *then; /* that host; NULL where they stay as they are */
    xtune_host host;  /* the same, but with the masks that are written down */
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

static bool local_kb(const maker *m, const xtune_placed *p, bool placed,
                     uint64_t *local_r, uint64_t *total_r)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const xtune_set nodes = xtune_domain_run_nodes(arena, &m->host, p->domain,
                                                   placed ? p->hard : NULL,
                                                   placed ? p->soft : NULL);

    return xtune_domain_local_kb(&m->host, p->domain, &nodes, local_r,
                                 total_r);
}

/* Memory that placing the vCPUs leaves remote, but for stray pages. */
static bool stays_remote(const maker *m, const xtune_placed *p)
{
    uint64_t local, total;

    return local_kb(m, p, true, &local, &total) && total - local > total / 64;
}

/* Whether less of its memory is local where it is placed than it is now. */
static bool loses(const maker *m, const xtune_placed *p)
{
    uint64_t now, then, total;

    return p->hard && local_kb(m, p, false, &now, &total) &&
           local_kb(m, p, true, &then, &total) && then < now;
}

/*
 * Where memory is to be: where it was placed; or, where there was no room for
 * it yet, in the home that its vCPUs got all the same: others may leave it.
 * NULL: it stays.
 */
static const uint64_t *memory_to_be(const maker *m, size_t i)
{
    const xtune_placed *p = &m->placement->domains[i];

    if (p->memory_kb && p->moved_kb && p->hard) return p->memory_kb;
    if (!m->wishes[i].may_move || xtune_set_is_empty(&p->nodes) ||
        !p->domain->memory_by_node_kb || !stays_remote(m, p))
        return NULL;
    return xt_rehome_divide(m->arena, &m->host, p->domain, &p->nodes);
}

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
        const uint64_t *to_kb = memory_to_be(m, i);

        if (!to_kb) continue;
        m->move_of[m->nr_moves] = i;
        m->moves[m->nr_moves++] = (xt_wanted_move){
            .domain = p->domain,
            .to_kb = to_kb,
            .gain = now > then ? now - then : 0,
        };
    }
}

/* Domains that find no room stay, and the others are placed around them; nor
 * do their vCPUs leave the memory behind. True in *again_r: so it is to be
 * placed again. */
static void order_moves(maker *m, bool *again_r)
{
    size_t k;

    collect_moves(m);
    xt_order_moves(m->arena, m->request->host, m->moves, m->nr_moves,
                   &m->steps, &m->nr_steps);
    *again_r = false;
    for (k = 0; k < m->nr_moves; k++) {
        const size_t i = m->move_of[k];
        const xtune_placed *p = &m->placement->domains[i];
        unsigned int keep = m->keep[i] | XTUNE_KEEP_MEMORY;

        if (!m->moves[k].blocked) continue;
        m->wishes[i].stays = m->moves[k].blocked;
        m->wishes[i].may_move = false;
        m->wishes[i].home = xtune_set_format_ids(m->arena, &p->nodes);
        if (!p->memory_kb && loses(m, p)) keep |= XTUNE_KEEP_AFFINITY;
        *again_r = *again_r || keep != m->keep[i];
        m->keep[i] = keep;
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

/* The move of a domain; NULL where it does not move. */
static const xt_wanted_move *move_at(const maker *m, size_t i)
{
    size_t k;

    for (k = 0; k < m->nr_moves; k++)
        if (m->move_of[k] == i && !m->moves[k].blocked) return &m->moves[k];
    return NULL;
}

/* Whether it stays where it is for want of room. */
static bool is_kept(const maker *m, size_t i)
{
    return looked_after(m, i) && !m->wishes[i].hard &&
           m->keep[i] & XTUNE_KEEP_AFFINITY;
}

static void add_blocked(maker *m, size_t i)
{
    const xtune_placed *placed = &m->placement->domains[i];
    const xtune_domain *domain = domain_at(m, i);
    const wish *w = &m->wishes[i];

    if (w->refused)
        xt_plan_add_blocked(m->plan, "vcpu-affinity", domain->name, NULL,
                            w->refused);
    if (placed->blocked && !move_at(m, i))
        xt_plan_add_blocked(m->plan, "vcpu-affinity", domain->name, NULL,
                            placed->blocked);
    if (w->stays && (stays_remote(m, placed) || is_kept(m, i)))
        xt_plan_add_blocked(
            m->plan, "rehome", domain->name,
            w->home ? w->home : xtune_set_format_ids(m->arena, &placed->nodes),
            w->stays);
}

/* The masks that a domain is to have; NULL: those that it has. */
static xt_masks masks_of(const maker *m, size_t i)
{
    const xtune_placed *placed = &m->placement->domains[i];
    const wish *w = &m->wishes[i];
    xt_masks masks = { .hard = placed->hard, .soft = placed->soft };

    if (w->hard)
        masks = (xt_masks){ .hard = w->hard, .soft = w->soft };
    else if (!placed->hard && move_at(m, i))
        return xt_own_masks(m->arena, domain_at(m, i));
    xt_unit_masks(m->arena, m->request->host, domain_at(m, i), &masks);
    return masks;
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

    if (!masks.hard || move_at(m, i)) return;
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
        const xt_masks masks = masks_of(m, i);

        xt_plan_add_move(m->plan, m->request->host,
                         &(xt_planned_move){
                             .domain = domain_at(m, i),
                             .parked = step->parked,
                             .memory_by_node_kb = m->moves[step->move].to_kb,
                             .hard = masks.hard,
                             .soft = masks.soft,
                             .pause = m->wishes[i].pause,
                             .reason = reason_of(m, i),
                         });
    }
}

/* Pools first, with the masks that domains are to have in them. One whose
 * memory moves gets those of the pool, and then those of its new home. */
static int add_layout(maker *m, xtune_error **err)
{
    size_t i;
    int rc;

    for (i = 0; i < m->layout.host->nr_domains; i++) {
        if (!looked_after(m, i) || move_at(m, i)) continue;
        m->layout.masks[i] = masks_of(m, i);
        if (m->layout.masks[i].hard && !m->layout.reasons[i])
            m->layout.reasons[i] = reason_of(m, i);
    }
    rc = xt_plan_add_layout(m->plan, &m->layout, err);
    if (!rc) xt_layout_take_stored(m->then, m->plan);
    return rc;
}

/* Against the host as it is now. */
static void summarize(maker *m, const xt_masks *masks)
{
    xtune_plan *before;

    xt_plan_summarize(m->plan, m->request->host, masks);
    if (!m->then) return;
    before = xt_plan_new();
    xt_plan_summarize(
        before, m->asked->host,
        XTUNE_NEW_ARRAY(m->arena, xt_masks, m->asked->host->nr_domains));
    m->plan->local_before_permille = before->local_before_permille;
    xtune_plan_free(before);
}

static int write_plan(maker *m, xtune_error **err)
{
    const size_t nr = m->request->host->nr_domains;
    xt_masks *masks = XTUNE_NEW_ARRAY(m->arena, xt_masks, nr);
    const xt_wanted_move *move;
    size_t i;
    int rc;

    if (m->then) {
        rc = add_layout(m, err);
        if (rc) return rc;
    }
    xt_plan_add_wanted_scheduling(m->plan, m->request, &m->layout,
                                  m->request->host);
    for (i = 0; i < nr; i++) {
        masks[i] = masks_of(m, i);
        move = move_at(m, i);
        masks[i].memory_by_node_kb = move ? move->to_kb : NULL;
        add_blocked(m, i);
        if (looked_after(m, i) && !m->then) add_masks(m, i);
    }
    add_moves(m);
    xt_plan_chain_moves(m->plan);
    summarize(m, masks);
    return 0;
}

/* The pools that are wanted come first: domains are placed in them. */
static int lay_out(maker *m, xtune_plan_request *then, xtune_error **err)
{
    bool changes;
    int rc;

    rc = xt_wanted_layout(m->plan, m->arena, m->asked, &m->layout, &changes,
                          err);
    if (rc || !changes) return rc;
    m->then = xt_layout_then(m->arena, &m->layout);
    then->host = m->then;
    xt_wanted_layout_scheduling(&m->layout, m->arena, m->asked, then->host);
    return 0;
}

int xtune_plan_make(const xtune_plan_request *request, xtune_plan **plan_r,
                    xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xtune_plan_request asked = *request, then;
    maker m = {
        .asked = &asked,
        .request = &then,
        .arena = arena,
        .plan = xt_plan_new(),
    };
    int rc;

    if (request->flags & XTUNE_PLAN_USB_ONLY) {
        xt_plan_add_wanted_usb(m.plan, arena, request);
        *plan_r = m.plan;
        return 0;
    }
    asked.host = xt_plan_add_wanted_pci(m.plan, arena, request);
    asked.host = xt_plan_add_wanted_usb(m.plan, arena, &asked);
    asked.host = xt_plan_add_wanted_dom0(m.plan, arena, &asked);
    then = asked;
    rc = lay_out(&m, &then, err);
    if (!rc) {
        prepare(&m);
        rc = place(&m, err);
    }
    if (!rc) rc = write_plan(&m, err);
    xtune_placement_free(m.placement);
    if (rc)
        xtune_plan_free(m.plan);
    else
        *plan_r = m.plan;
    return rc;
}
