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
#include "plan/order_masks.h"

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

static bool find_good(xtune_arena *arena, const xt_order_problem *p,
                      size_t least, xt_order_step **steps_r, size_t *nr_r)
{
    xt_order_way way = { .max_steps = most_steps(p), .max_work = SIZE_MAX };
    size_t work = 0;
    bool found = false;

    for (; way.seed < MAX_TRIES && work < MAX_WORK; way.seed++) {
        if (xt_order_greedy(arena, p, &way, steps_r, nr_r)) {
            found = true;
            if (*nr_r == least) return true;
            way.max_steps = *nr_r - 1;
        }
        work += way.work;
        if (found && work < MAX_WORK) way.max_work = MAX_WORK - work;
    }
    way.park_all = true;
    return found || xt_order_greedy(arena, p, &way, steps_r, nr_r);
}

bool xt_order_find(xtune_arena *arena, const xt_order_problem *problem,
                   xt_order_step **steps_r, size_t *nr_r)
{
    const size_t least = least_steps(problem);
    bool found;

    *steps_r = NULL;
    *nr_r = 0;
    if (!least) return true;
    found = find_good(arena, problem, least, steps_r, nr_r);
    if (found && *nr_r > least)
        xt_order_fewest(arena, problem, *nr_r - 1, steps_r, nr_r);
    *nr_r = xt_order_give_masks(arena, problem, *steps_r, *nr_r);
    return found;
}
