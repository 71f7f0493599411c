/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The shortest of several greedy orders; where that is not known to be the
 * shortest there can be, and the problem is small, all are searched.
 */
#include "plan/order.h"

#include <string.h>

#include "base/util.h"
#include "plan/order_fewest.h"
#include "plan/order_greedy.h"

#define MAX_TRIES 64
#define MAX_WORK (1u << 25) /* masks looked at, over all tries */

/* Fewer steps than this there cannot be: one for each pair of places between
 * which CPUs go, and one for each domain. */
static size_t least_steps(const xt_order_problem *p)
{
    const size_t nr = p->nr_pools + 1;
    XT_CLEANUP_FREE bool *seen = xt_xrealloc(NULL, nr * nr, sizeof(*seen));
    size_t i, steps = 0, pair;

    memset(seen, 0, nr * nr * sizeof(*seen));
    for (i = 0; i < p->nr_units; i++) {
        const size_t from = p->unit_from[i], to = p->unit_to[i];

        if (from == to) continue;
        pair = (from == XT_ORDER_FREE ? p->nr_pools : from) * nr +
               (to == XT_ORDER_FREE ? p->nr_pools : to);
        steps += !seen[pair];
        seen[pair] = true;
    }
    for (i = 0; i < p->nr_domains; i++)
        steps += p->domains[i].from != p->domains[i].to ||
                 p->domains[i].masks_change;
    return steps;
}

/* More are none: it goes in circles. */
static size_t most_steps(const xt_order_problem *p)
{
    return 8 * (p->nr_units + p->nr_domains) + 64;
}

/* The best of several ways, gone once more for its steps. */
static bool find_good(xtune_arena *arena, const xt_order_problem *p,
                      size_t least, xt_order_step **steps_r, size_t *nr_r)
{
    xt_order_way way = { .max_steps = most_steps(p), .max_work = SIZE_MAX };
    xt_order_way best = { .park_all = true };
    size_t work = 0, best_nr = SIZE_MAX, nr;

    for (; way.seed < MAX_TRIES && work < MAX_WORK && best_nr > least;
         way.seed++) {
        XT_CLEANUP_ARENA xtune_arena *scratch = xtune_arena_new();
        xt_order_step *steps;

        if (xt_order_greedy(scratch, p, &way, &steps, &nr) && nr < best_nr) {
            best = way;
            best_nr = nr;
        }
        work += way.work;
        if (!best.park_all && work < MAX_WORK) way.max_work = MAX_WORK - work;
    }
    best.max_steps = most_steps(p);
    best.max_work = SIZE_MAX;
    return xt_order_greedy(arena, p, &best, steps_r, nr_r);
}

bool xt_order_find(xtune_arena *arena, const xt_order_problem *problem,
                   xt_order_step **steps_r, size_t *nr_r)
{
    const size_t least = least_steps(problem);

    *steps_r = NULL;
    *nr_r = 0;
    if (!least) return true;
    if (!find_good(arena, problem, least, steps_r, nr_r)) return false;
    if (*nr_r > least)
        xt_order_fewest(arena, problem, *nr_r - 1, steps_r, nr_r);
    return true;
}
