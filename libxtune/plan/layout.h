/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pools as they are to be, and the order of changes that leads there: no pool
 * is without a CPU while it has domains, no mask is left without a CPU, and
 * of the orders looked at it is the one with the fewest changes.
 */
#ifndef XT_LAYOUT_H
#define XT_LAYOUT_H

#include <xtune/plan.h>

#include "plan/builder.h"

/* Of a domain in no pool: it is on its way out. */
#define XT_NO_POOL ((size_t)-1)

/* A pool that is to be. */
typedef struct xt_layout_pool {
    const char *name;
    const xtune_cpupool *was; /* NULL: it is to be made */
    const char *scheduler;    /* as was->scheduler where that is there */
    /* Of one that is to be made, as host/scheduling.h has it: what is wanted
     * of its scheduler; what is left out, or all where it is NULL, is as Xen
     * begins. */
    const struct xt_json *scheduling;
    xtune_set cpus; /* whole units; those of no pool are free */
} xt_layout_pool;

/* Pools that are there and not among these are to go. */
typedef struct xt_layout {
    const xtune_host *host;
    xt_layout_pool *pools;
    size_t nr_pools;
    size_t *pool_of; /* by index of the host's domains: its pool */
    /* By index of the host's domains: masks that are wanted of it, each with a
     * CPU of its pool; NULL: those that it has, as far as its pool allows. */
    xt_masks *masks;
    /* By index of the host's domains, as host/scheduling.h has it: what its
     * scheduler is to give to one that moves; NULL: what it gives it now. */
    const struct xt_json **scheduling;
    const char **reasons; /* by index of domains, why it goes there; or NULL */
    const char *reason;   /* of all else */
} xt_layout;

/* The host's layout as it is, in the arena; with room for as many more pools
 * as there are CPUs. */
xt_layout xt_layout_now(xtune_arena *arena, const xtune_host *host);

/* The pool of that name; XT_NO_POOL. */
size_t xt_layout_find(const xt_layout *layout, const char *name);

/* Whether the layout has a word on a domain: dying ones leave their pool by
 * themselves. */
bool xt_layout_counts(const xt_layout *layout, size_t i);

/*
 * Whether it can be: whole units, no CPU in two pools, CPU 0 in the first one,
 * a CPU in each that has domains. XTUNE_ERR_REFUSED, XTUNE_ERR_INVALID.
 */
int xt_layout_check(const xt_layout *layout, xtune_error **err);

/* Two parts of that, where it can be that a domain stays instead: more vCPUs
 * than before would be without a CPU under the null scheduler in a pool; dom0
 * would move. XTUNE_ERR_REFUSED. */
int xt_layout_check_null(const xt_layout *layout, size_t pool,
                         xtune_error **err);
int xt_layout_check_dom0(const xt_layout *layout, xtune_error **err);

/*
 * Adds to the plan what leads to the layout: pools, CPUs, domains with their
 * masks, and pools' names in stored configurations. Masks of domains that
 * stay are changed where they lose all of their CPUs, no other.
 * XTUNE_ERR_REFUSED says what blocks it; the plan is as it was.
 */
int xt_plan_add_layout(xtune_plan *plan, const xt_layout *layout,
                       xtune_error **err);

/*
 * The masks that a domain has in a pool with these CPUs: its own where they
 * have one of them that counts (host/unit_firsts.h), or have one when they are
 * made whole units; whole nodes become as many of the pool's, those nearest to
 * them; else "all". *lost_r: in words what could not be kept, in the arena;
 * NULL where all was.
 */
xt_masks xt_layout_masks(xtune_arena *arena, const xtune_host *host,
                         const xtune_domain *domain, const xtune_set *cpus,
                         const char **lost_r);

/* The host as it is when the layout is made, for what is planned on top of
 * it: pools, their CPUs, domains' pools, masks and scheduling. In the arena.
 */
xtune_host *xt_layout_then(xtune_arena *arena, const xt_layout *layout);

/* Makes domains' stored configurations what the plan makes of them. */
void xt_layout_take_stored(xtune_host *then, const xtune_plan *plan);

#endif
