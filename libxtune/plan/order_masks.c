/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A domain that waits somewhere for its last step has to have masks there that
 * have CPUs as long as it waits. No more of them are opened than must be.
 */
#include "plan/order_masks.h"

#include "base/util.h"

xtune_set *xt_order_first_cpus(xtune_arena *arena, const xt_order_problem *p)
{
    xtune_set *cpus = XTUNE_NEW_ARRAY(arena, xtune_set, p->nr_pools);
    size_t i;

    for (i = 0; i < p->nr_pools; i++)
        cpus[i] = xtune_set_new(arena, p->units[0].nbits);
    for (i = 0; i < p->nr_units; i++)
        if (p->unit_from[i] != XT_ORDER_FREE)
            xtune_set_or(&cpus[p->unit_from[i]], &p->units[i]);
    return cpus;
}

typedef struct mask_giver {
    const xt_order_problem *p;
    xtune_arena *arena;     /* of the steps */
    xtune_set *cpus;        /* by pool, as they are now */
    const xtune_set **hard; /* by domain, as they are now */
    bool *touched;          /* by domain */
    xt_order_step *steps;
    size_t nr;
    xtune_set left; /* for mask_will_do() */
} mask_giver;

/* Whether a mask has a CPU of the pool from a domain's step to its next. */
static bool mask_will_do(mask_giver *g, size_t i, const xtune_set *mask)
{
    const size_t pool = g->steps[i].to, d = g->steps[i].domain;

    xtune_set_and(&g->left, &g->cpus[pool]);
    xtune_set_or(&g->left, &g->cpus[pool]);
    if (!xtune_set_intersects(mask, &g->left)) return false;
    for (i++; i < g->nr; i++) {
        const xt_order_step *step = &g->steps[i];

        if (step->kind != XT_ORDER_CPUS) {
            if (step->domain == d) break;
            continue;
        }
        if (step->to == pool) xtune_set_or(&g->left, &step->cpus);
        if (step->from != pool) continue;
        xtune_set_andnot(&g->left, &step->cpus);
        if (!xtune_set_intersects(mask, &g->left)) return false;
    }
    return true;
}

/* One that it has, or that it is to have, where that will do; else all. */
static xtune_set choose_mask(mask_giver *g, size_t i, size_t v)
{
    const xt_order_step *step = &g->steps[i];
    const xtune_set *now = &g->hard[step->domain][v];
    const xtune_set *then = &g->p->domains[step->domain].hard_then[v];
    const bool moves = step->kind == XT_ORDER_DOMAIN;
    const xtune_set *const choice[] = { moves ? then : now,
                                        moves ? now : then };
    size_t k;

    for (k = 0; k < XT_ARRAY_SIZE(choice); k++)
        if (mask_will_do(g, i, choice[k]))
            return xtune_set_copy(g->arena, choice[k]);
    return xtune_set_all(g->arena, now->nbits);
}

static bool is_last(const mask_giver *g, size_t i)
{
    size_t k;

    for (k = i + 1; k < g->nr; k++)
        if (g->steps[k].kind != XT_ORDER_CPUS &&
            g->steps[k].domain == g->steps[i].domain)
            return false;
    return true;
}

/* False where the step is none. */
static bool give_masks(mask_giver *g, size_t i)
{
    xt_order_step *step = &g->steps[i];
    const size_t d = step->domain;
    const xt_order_domain *domain = &g->p->domains[d];
    xtune_set *hard = XTUNE_NEW_ARRAY(g->arena, xtune_set, domain->nr_vcpus);
    bool any;
    size_t v;

    step->last = is_last(g, i);
    any = step->kind == XT_ORDER_DOMAIN ||
          (step->last && (g->touched[d] || domain->masks_change));
    for (v = 0; v < domain->nr_vcpus; v++) {
        hard[v] = step->last ? xtune_set_copy(g->arena, &domain->hard_then[v])
                             : choose_mask(g, i, v);
        any = any || !xtune_set_equal(&hard[v], &g->hard[d][v]);
    }
    if (!any) return false;
    step->hard = g->hard[d] = hard;
    g->touched[d] = true;
    return true;
}

static void take_cpus(mask_giver *g, const xt_order_step *step)
{
    if (step->from != XT_ORDER_FREE)
        xtune_set_andnot(&g->cpus[step->from], &step->cpus);
    if (step->to != XT_ORDER_FREE)
        xtune_set_or(&g->cpus[step->to], &step->cpus);
}

size_t xt_order_give_masks(xtune_arena *arena, const xt_order_problem *p,
                           xt_order_step *steps, size_t nr)
{
    XT_CLEANUP_ARENA xtune_arena *scratch = xtune_arena_new();
    mask_giver g = {
        .p = p,
        .arena = arena,
        .cpus = xt_order_first_cpus(scratch, p),
        .hard = XTUNE_NEW_ARRAY(scratch, const xtune_set *, p->nr_domains),
        .touched = XTUNE_NEW_ARRAY(scratch, bool, p->nr_domains),
        .steps = steps,
        .nr = nr,
        .left = xtune_set_new(scratch, p->units[0].nbits),
    };
    size_t i, nr_kept = 0;

    for (i = 0; i < p->nr_domains; i++)
        g.hard[i] = p->domains[i].hard;
    for (i = 0; i < nr; i++) {
        if (steps[i].kind == XT_ORDER_CPUS)
            take_cpus(&g, &steps[i]);
        else if (!give_masks(&g, i))
            continue;
        steps[nr_kept++] = steps[i];
    }
    return nr_kept;
}
