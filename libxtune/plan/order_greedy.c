/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Steps are taken one after the other, each that which costs the fewest
 * others: CPUs that can go all at once before domains, these before a part of
 * some CPUs, and only where nothing else is left is a mask opened, a CPU
 * borrowed or a domain parked.
 */
#include "plan/order_greedy.h"

#include "base/util.h"
#include "plan/order_masks.h"

typedef struct order {
    const xt_order_problem *p;
    xtune_arena *arena;     /* of this try */
    xtune_set *cpus;        /* by pool, as they are now */
    xtune_set *settled;     /* of these, those that stay */
    size_t *unit_at;        /* by unit */
    bool *lent;             /* by unit: it is to go on */
    size_t *unit_rank;      /* which unit is taken first */
    size_t *at;             /* by domain */
    size_t *count;          /* domains by pool */
    const xtune_set **hard; /* by domain, as they are now */
    bool *done;             /* by domain: it is as it is to be */
    size_t *domain_rank;    /* which domain is taken first */
    size_t *pair_rank;      /* by number of a pair of pools */
    size_t nr_held;         /* pairs, the first of them, that wait */
    bool hurry;             /* domains go before a part of some CPUs */
    bool open_soon;         /* masks are opened before that, too */
    bool park;              /* rather than lend */
    xt_order_step *steps;
    size_t nr_steps, limit;
    size_t work, max_work; /* masks looked at */
    xtune_set left;        /* for count_broken() */
    xtune_set group;       /* for try_group(), and its units: */
    bool *which;
} order;

static size_t nr_places(const order *o)
{
    return o->p->nr_pools + 1;
}

/* The last place is that of CPUs in no pool. */
static size_t place_at(const order *o, size_t i)
{
    return i < o->p->nr_pools ? i : XT_ORDER_FREE;
}

static void add_step(order *o, const xt_order_step *step)
{
    o->steps =
        xtune_arena_grow(o->arena, o->steps, o->nr_steps, sizeof(*o->steps));
    o->steps[o->nr_steps++] = *step;
}

/* What is allowed. */

/* How many vCPUs of a pool would have no CPU of their mask if these left. */
static size_t count_broken(order *o, size_t pool, const xtune_set *cpus)
{
    size_t d, v, nr = 0;

    xtune_set_and(&o->left, &o->cpus[pool]);
    xtune_set_or(&o->left, &o->cpus[pool]);
    xtune_set_andnot(&o->left, cpus);
    for (d = 0; d < o->p->nr_domains; d++) {
        o->work++;
        if (o->at[d] != pool) continue;
        o->work += o->p->domains[d].nr_vcpus;
        for (v = 0; v < o->p->domains[d].nr_vcpus; v++)
            nr += !xtune_set_intersects(&o->hard[d][v], &o->left);
    }
    return nr;
}

static bool would_be_empty(const order *o, size_t pool, const xtune_set *cpus)
{
    return o->count[pool] && xtune_set_is_subset(&o->cpus[pool], cpus);
}

static bool may_leave(order *o, size_t pool, const xtune_set *cpus)
{
    return pool == XT_ORDER_FREE ||
           (!would_be_empty(o, pool, cpus) && !count_broken(o, pool, cpus));
}

/* A CPU that was lent stays until there is one of the pool's own. */
static bool is_needed(const order *o, size_t pool)
{
    size_t u;

    if (pool == XT_ORDER_FREE || !o->count[pool]) return false;
    for (u = 0; u < o->p->nr_units; u++)
        if (o->unit_at[u] == pool && o->p->unit_to[u] == pool) return false;
    return true;
}

/* Taking steps. */

static void settle(order *o, size_t unit, size_t from)
{
    const size_t to = o->unit_at[unit];

    if (from != XT_ORDER_FREE)
        xtune_set_andnot(&o->settled[from], &o->p->units[unit]);
    if (to != XT_ORDER_FREE && to == o->p->unit_to[unit])
        xtune_set_or(&o->settled[to], &o->p->units[unit]);
}

static void move_units(order *o, size_t from, size_t to, const bool *which,
                       const xtune_set *cpus)
{
    size_t u;

    for (u = 0; u < o->p->nr_units; u++)
        if (which[u]) {
            o->unit_at[u] = to;
            o->lent[u] = to != o->p->unit_to[u];
            settle(o, u, from);
        }
    if (from != XT_ORDER_FREE) xtune_set_andnot(&o->cpus[from], cpus);
    if (to != XT_ORDER_FREE) xtune_set_or(&o->cpus[to], cpus);
    add_step(o, &(xt_order_step){
                    .kind = XT_ORDER_CPUS,
                    .cpus = xtune_set_copy(o->arena, cpus),
                    .from = from,
                    .to = to,
                });
}

/* Units on their way from one place to another, one after the other as long as
 * they may leave; all or, with part, as many as may. */
static bool try_group(order *o, size_t from, size_t to, bool part)
{
    const xt_order_problem *p = o->p;
    bool any = false;
    size_t i;

    xtune_set_andnot(&o->group, &o->group);
    for (i = 0; i < p->nr_units; i++) {
        const size_t u = o->unit_rank[i];

        o->which[u] = false;
        if (o->unit_at[u] != from || p->unit_to[u] != to ||
            (o->lent[u] && is_needed(o, from)))
            continue;
        xtune_set_or(&o->group, &p->units[u]);
        if (part && !may_leave(o, from, &o->group)) {
            xtune_set_andnot(&o->group, &p->units[u]);
            continue;
        }
        o->which[u] = any = true;
    }
    if (!any || !may_leave(o, from, &o->group)) return false;
    move_units(o, from, to, o->which, &o->group);
    return true;
}

static bool try_groups(order *o, bool part)
{
    const size_t nr = nr_places(o);
    size_t i;

    for (i = o->nr_held; i < nr * nr; i++) {
        const size_t from = place_at(o, o->pair_rank[i] / nr);
        const size_t to = place_at(o, o->pair_rank[i] % nr);

        if (from != to && try_group(o, from, to, part)) return true;
    }
    return false;
}

static bool fits(const order *o, size_t d, const xtune_set *cpus)
{
    const xt_order_domain *domain = &o->p->domains[d];
    size_t v;

    if (xtune_set_is_empty(cpus)) return false;
    for (v = 0; v < domain->nr_vcpus; v++)
        if (!xtune_set_intersects(&domain->hard_then[v], cpus)) return false;
    return true;
}

static void move_domain(order *o, size_t d, size_t to, const xtune_set *hard,
                        bool last)
{
    add_step(o, &(xt_order_step){
                    .kind = o->at[d] == to ? XT_ORDER_MASKS : XT_ORDER_DOMAIN,
                    .from = o->at[d],
                    .to = to,
                    .domain = d,
                    .hard = hard,
                    .last = last,
                });
    o->count[o->at[d]]--;
    o->count[to]++;
    o->at[d] = to;
    o->hard[d] = hard;
    o->done[d] = last;
}

/* Domains that then are as they are to be: on CPUs that stay, or on any. */
static bool try_domains(order *o, const xtune_set *cpus)
{
    const xt_order_problem *p = o->p;
    bool any = false;
    size_t i;

    for (i = 0; i < p->nr_domains; i++) {
        const size_t d = o->domain_rank[i], to = p->domains[d].to;

        if (o->done[d] || !fits(o, d, &cpus[to])) continue;
        move_domain(o, d, to, p->domains[d].hard_then, true);
        any = true;
    }
    return any;
}

/* Where nothing goes by itself. */

/* A domain's masks, but those open that have no CPU when these have left; NULL
 * where there are none of that kind. */
static const xtune_set *open_masks(const order *o, size_t d, size_t pool,
                                   const xtune_set *leaving)
{
    const xt_order_domain *domain = &o->p->domains[d];
    xtune_set *hard = XTUNE_NEW_ARRAY(o->arena, xtune_set, domain->nr_vcpus);
    xtune_set left = xtune_set_copy(o->arena, &o->cpus[pool]);
    bool any = false;
    size_t v;

    xtune_set_andnot(&left, leaving);
    for (v = 0; v < domain->nr_vcpus; v++) {
        hard[v] = o->hard[d][v];
        if (xtune_set_intersects(&hard[v], &left)) continue;
        hard[v] = xtune_set_all(o->arena, left.nbits);
        any = true;
    }
    return any ? hard : NULL;
}

/* The unit that can go when the masks of the fewest vCPUs are opened. */
static size_t find_pinned(order *o)
{
    const xt_order_problem *p = o->p;
    size_t best = XT_ORDER_FREE, best_nr = SIZE_MAX, i, nr;

    for (i = 0; i < p->nr_units; i++) {
        const size_t u = o->unit_rank[i], pool = o->unit_at[u];

        if (pool == p->unit_to[u] || pool == XT_ORDER_FREE ||
            would_be_empty(o, pool, &p->units[u]) ||
            (o->lent[u] && is_needed(o, pool)))
            continue;
        nr = count_broken(o, pool, &p->units[u]);
        if (nr >= best_nr) continue;
        best = u;
        best_nr = nr;
    }
    return best;
}

/* Of a unit, or of all that are on the same way where these can go at once. */
static xtune_set leaving_with(const order *o, size_t unit, bool *which)
{
    const xt_order_problem *p = o->p;
    const size_t pool = o->unit_at[unit];
    xtune_set cpus = xtune_set_copy(o->arena, &p->units[unit]);
    size_t u;

    for (u = 0; o->open_soon && u < p->nr_units; u++)
        if (o->unit_at[u] == pool && p->unit_to[u] == p->unit_to[unit])
            xtune_set_or(&cpus, &p->units[u]);
    if (would_be_empty(o, pool, &cpus))
        cpus = xtune_set_copy(o->arena, &p->units[unit]);
    for (u = 0; u < p->nr_units; u++)
        which[u] = xtune_set_intersects(&p->units[u], &cpus);
    return cpus;
}

/* Opens the masks that keep a unit where it is, and lets it go: before the
 * masks are as they are to be, which may be much the same. */
static bool try_open_masks(order *o)
{
    const xt_order_problem *p = o->p;
    const size_t unit = find_pinned(o);
    bool *which = XTUNE_NEW_ARRAY(o->arena, bool, p->nr_units);
    xtune_set leaving;
    size_t d, pool;

    if (unit == XT_ORDER_FREE) return false;
    pool = o->unit_at[unit];
    leaving = leaving_with(o, unit, which);
    for (d = 0; d < p->nr_domains; d++) {
        const xtune_set *hard;

        if (o->at[d] != pool) continue;
        hard = open_masks(o, d, pool, &leaving);
        if (hard) move_domain(o, d, pool, hard, false);
    }
    if (try_group(o, pool, p->unit_to[unit], false)) return true;
    move_units(o, pool, p->unit_to[unit], which, &leaving);
    return true;
}

/* Lets a domain go where it is to be with its masks open: its own CPUs come
 * later. */
static bool try_open_moves(order *o)
{
    const xt_order_problem *p = o->p;
    size_t i, v;

    for (i = 0; i < p->nr_domains; i++) {
        const size_t d = o->domain_rank[i];
        const xt_order_domain *domain = &p->domains[d];
        xtune_set *hard;

        if (o->done[d] || o->at[d] == domain->to ||
            xtune_set_is_empty(&o->cpus[domain->to]))
            continue;
        hard = XTUNE_NEW_ARRAY(o->arena, xtune_set, domain->nr_vcpus);
        for (v = 0; v < domain->nr_vcpus; v++)
            hard[v] =
                xtune_set_intersects(&domain->hard_then[v],
                                     &o->cpus[domain->to])
                    ? domain->hard_then[v]
                    : xtune_set_all(o->arena, domain->hard_then[v].nbits);
        move_domain(o, d, domain->to, hard, false);
        return true;
    }
    return false;
}

/* The pool that waits to give its last CPU away: that with the fewest domains
 * that stay in it. */
static size_t find_stuck(const order *o)
{
    const xt_order_problem *p = o->p;
    size_t best = XT_ORDER_FREE, best_nr = SIZE_MAX, i, d, nr;

    for (i = 0; i < p->nr_units; i++) {
        const size_t u = o->unit_rank[i], pool = o->unit_at[u];

        if (pool == p->unit_to[u] || pool == XT_ORDER_FREE ||
            !would_be_empty(o, pool, &p->units[u]))
            continue;
        for (nr = 0, d = 0; d < p->nr_domains; d++)
            nr += o->at[d] == pool;
        if (nr >= best_nr) continue;
        best = pool;
        best_nr = nr;
    }
    return best;
}

static bool try_lend(order *o, size_t pool)
{
    const xt_order_problem *p = o->p;
    bool *which = XTUNE_NEW_ARRAY(o->arena, bool, p->nr_units);
    size_t i;

    for (i = 0; i < p->nr_units; i++) {
        const size_t u = o->unit_rank[i], from = o->unit_at[u];

        if (!u || from == pool || o->lent[u] ||
            !may_leave(o, from, &p->units[u]))
            continue;
        which[u] = true;
        move_units(o, from, pool, which, &p->units[u]);
        return true;
    }
    return false;
}

/* To the refuge, for a while. */
static void park(order *o, size_t d)
{
    const size_t nr = o->p->domains[d].nr_vcpus;
    xtune_set *hard = XTUNE_NEW_ARRAY(o->arena, xtune_set, nr);
    size_t v;

    for (v = 0; v < nr; v++)
        hard[v] = xtune_set_all(o->arena, o->hard[d][v].nbits);
    move_domain(o, d, o->p->refuge, hard, false);
}

static bool try_park(order *o, size_t pool)
{
    size_t d;

    if (pool == o->p->refuge) return false;
    for (d = 0; d < o->p->nr_domains; d++)
        if (o->at[d] == pool) park(o, d);
    return true;
}

/* With every domain parked CPUs go as they like. */
static void park_all(order *o)
{
    size_t d;

    for (d = 0; d < o->p->nr_domains; d++)
        park(o, d);
}

static bool make_room(order *o)
{
    const size_t pool = find_stuck(o);
    size_t cost = 0, d;

    if (pool == XT_ORDER_FREE) return false;
    /* Parking costs a step for one that moves anyway, else two. */
    for (d = 0; d < o->p->nr_domains; d++)
        if (o->at[d] == pool) cost += o->p->domains[d].to == pool ? 2 : 1;
    if ((cost < 2 || o->park) && try_park(o, pool)) return true;
    return try_lend(o, pool) || try_park(o, pool);
}

static bool is_done(const order *o)
{
    size_t i;

    for (i = 0; i < o->p->nr_units; i++)
        if (o->unit_at[i] != o->p->unit_to[i]) return false;
    for (i = 0; i < o->p->nr_domains; i++)
        if (!o->done[i]) return false;
    return true;
}

static bool release(order *o)
{
    const bool any = o->nr_held;

    o->nr_held = 0;
    return any;
}

static bool take_step(order *o)
{
    return try_groups(o, false) || try_domains(o, o->settled) ||
           (o->hurry && try_domains(o, o->cpus)) || release(o) ||
           (o->open_soon && try_open_masks(o)) || try_groups(o, true) ||
           try_domains(o, o->cpus) || try_open_masks(o) || try_open_moves(o) ||
           make_room(o);
}

static bool run(order *o)
{
    while (!is_done(o))
        if (o->nr_steps >= o->limit || o->work > o->max_work || !take_step(o))
            return false;
    return o->nr_steps <= o->limit;
}

/* One of several ways. */

static void shuffle(size_t *list, size_t nr, uint64_t *seed)
{
    size_t i, k, swap;

    for (i = nr; i > 1; i--) {
        *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
        k = (size_t)((*seed >> 33) % i);
        swap = list[i - 1];
        list[i - 1] = list[k];
        list[k] = swap;
    }
}

static size_t *numbers(xtune_arena *arena, size_t nr, uint64_t seed)
{
    size_t *list = XTUNE_NEW_ARRAY(arena, size_t, nr), i;

    for (i = 0; i < nr; i++)
        list[i] = i;
    if (seed) shuffle(list, nr, &seed);
    return list;
}

static void place_all(order *o)
{
    const xt_order_problem *p = o->p;
    size_t i;

    for (i = 0; i < p->nr_pools; i++)
        o->settled[i] = xtune_set_new(o->arena, p->units[0].nbits);
    for (i = 0; i < p->nr_units; i++) {
        o->unit_at[i] = p->unit_from[i];
        settle(o, i, XT_ORDER_FREE);
    }
    for (i = 0; i < p->nr_domains; i++) {
        const xt_order_domain *domain = &p->domains[i];

        o->at[i] = domain->from;
        o->count[domain->from]++;
        o->hard[i] = domain->hard;
        o->done[i] = domain->from == domain->to && !domain->masks_change;
    }
}

static void begin(order *o, xtune_arena *arena, const xt_order_problem *p,
                  uint64_t seed)
{
    const size_t nr = p->nr_pools + 1;

    *o = (order){
        .p = p,
        .arena = arena,
        .cpus = xt_order_first_cpus(arena, p),
        .left = xtune_set_new(arena, p->units[0].nbits),
        .group = xtune_set_new(arena, p->units[0].nbits),
        .which = XTUNE_NEW_ARRAY(arena, bool, p->nr_units),
        .settled = XTUNE_NEW_ARRAY(arena, xtune_set, p->nr_pools),
        .unit_at = XTUNE_NEW_ARRAY(arena, size_t, p->nr_units),
        .lent = XTUNE_NEW_ARRAY(arena, bool, p->nr_units),
        .unit_rank = numbers(arena, p->nr_units, seed),
        .at = XTUNE_NEW_ARRAY(arena, size_t, p->nr_domains),
        .count = XTUNE_NEW_ARRAY(arena, size_t, p->nr_pools),
        .hard = XTUNE_NEW_ARRAY(arena, const xtune_set *, p->nr_domains),
        .done = XTUNE_NEW_ARRAY(arena, bool, p->nr_domains),
        .domain_rank = numbers(arena, p->nr_domains, seed),
        .nr_held = seed & 1 ? nr * nr / 3 : 0,
        .park = seed & 2,
        .hurry = seed & 4,
        .open_soon = !(seed & 8),
        .pair_rank = numbers(arena, nr * nr, seed),
    };
    place_all(o);
}

static void copy_steps(xtune_arena *arena, const order *o,
                       xt_order_step **steps_r, size_t *nr_r)
{
    size_t i;

    *steps_r = XTUNE_NEW_ARRAY(arena, xt_order_step, o->nr_steps);
    *nr_r = o->nr_steps;
    for (i = 0; i < o->nr_steps; i++) {
        (*steps_r)[i] = o->steps[i];
        (*steps_r)[i].hard = NULL;
        if (o->steps[i].kind == XT_ORDER_CPUS)
            (*steps_r)[i].cpus = xtune_set_copy(arena, &o->steps[i].cpus);
    }
}

bool xt_order_greedy(xtune_arena *arena, const xt_order_problem *problem,
                     xt_order_way *way, xt_order_step **steps_r, size_t *nr_r)
{
    XT_CLEANUP_ARENA xtune_arena *scratch = xtune_arena_new();
    order o;
    bool found;

    begin(&o, scratch, problem, way->seed);
    o.max_work = way->max_work;
    o.limit = way->max_steps;
    if (way->park_all) park_all(&o);
    found = run(&o);
    way->work = o.work;
    if (!found) return false;
    copy_steps(arena, &o, steps_r, nr_r);
    *nr_r = xt_order_give_masks(arena, problem, *steps_r, *nr_r);
    return true;
}
