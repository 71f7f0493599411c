/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/wanted_pools.h"

#include <string.h>

#include "base/util.h"
#include "plan/split.h"
#include "plan/wisher.h"

#define FIRST_POOL "Pool-0"

/* Pools by name. */

static const char *cpus_of(const xtune_wanted_pool *wanted)
{
    return wanted->cpus ? wanted->cpus : wanted->nodes;
}

/* The CPUs that are written down for it; XTUNE_NONE of them is an error. */
static int read_cpus(const xt_wisher *w, const xtune_wanted_pool *wanted,
                     xtune_set *cpus_r, xtune_error **err)
{
    const xtune_set_names names = wanted->nodes
                                      ? xtune_host_node_names(w->host)
                                      : xtune_host_cpu_names(w->host);
    const char *object = xtune_source_text(w->arena, wanted->source);
    int rc;

    rc = xtune_set_parse(w->arena, &names, object, cpus_of(wanted), cpus_r,
                         err);
    if (rc) return rc;
    if (wanted->nodes) *cpus_r = xtune_host_cpus_of(w->arena, w->host, cpus_r);
    xtune_set_and(cpus_r, &w->host->cpu_ids);
    if (!xtune_set_is_empty(cpus_r)) return 0;
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, object,
                           "see \"xltune info -n\"",
                           "\"%s\" leaves no CPU for cpupool \"%s\"",
                           cpus_of(wanted), wanted->name);
}

/* The pool that is there already: the first one by "Pool-0" as well. */
static const xtune_cpupool *find_by_name(const xt_wisher *w,
                                         const xtune_wanted_pool *wanted)
{
    const xtune_cpupool *pool = xtune_host_cpupool(w->host, wanted->name);

    if (!pool && !strcmp(wanted->name, FIRST_POOL)) pool = w->host->cpupools;
    return pool;
}

static bool is_first_named(const xt_wisher *w)
{
    const xtune_policy *policy = w->request->policy;
    size_t i;

    for (i = 0; i < policy->nr_pools; i++)
        if (find_by_name(w, &policy->pools[i]) == w->host->cpupools)
            return true;
    return false;
}

/* One with CPU 0 can be no other than the first, which is to have a new name
 * then. cpus: those that are written down for it. */
static const xtune_cpupool *find_now(const xt_wisher *w,
                                     const xtune_wanted_pool *wanted,
                                     const xtune_set *cpus)
{
    const xtune_cpupool *pool = find_by_name(w, wanted);

    if (!pool && xtune_set_has(cpus, 0) &&
        xtune_set_has(&w->host->cpupools[0].cpus, 0) && !is_first_named(w))
        pool = w->host->cpupools;
    return pool;
}

static bool other_scheduler(const xtune_wanted_pool *wanted,
                            const xtune_cpupool *now)
{
    return wanted->scheduler && now->scheduler &&
           strcmp(wanted->scheduler, now->scheduler);
}

static int check_overlap(const xt_wisher *w, const xtune_wanted_pool *wanted,
                         const xtune_set *cpus, xtune_error **err)
{
    size_t i;

    for (i = 0; i < w->layout->nr_pools; i++) {
        xtune_set both = xtune_set_copy(w->arena, cpus);

        xtune_set_and(&both, &w->layout->pools[i].cpus);
        if (xtune_set_is_empty(&both)) continue;
        return xtune_error_set(
            err, XTUNE_ERR_INVALID, 0,
            xtune_source_text(w->arena, wanted->source),
            "give each CPU to one cpupool",
            "CPUs %s of cpupool \"%s\" are in \"%s\" as well",
            xtune_set_format_ids(w->arena, &both), wanted->name,
            w->layout->pools[i].name);
    }
    return 0;
}

/* A pool that is there is one. */
static int check_same(const xt_wisher *w, const xtune_wanted_pool *wanted,
                      const xtune_cpupool *now, xtune_error **err)
{
    size_t i;

    for (i = 0; now && i < w->layout->nr_pools; i++) {
        if (w->layout->pools[i].was != now) continue;
        return xtune_error_set(
            err, XTUNE_ERR_INVALID, 0,
            xtune_source_text(w->arena, wanted->source),
            "give it one of these names, and another pool another",
            "\"%s\" and \"%s\" both name Xen's first cpupool",
            w->layout->pools[i].name, wanted->name);
    }
    return 0;
}

/* What has the scheduler that is wanted: Xen gives a pool its scheduler once,
 * and the first one its own at boot. */
static void choose_scheduler(const xt_wisher *w,
                             const xtune_wanted_pool *wanted,
                             xt_layout_pool *pool)
{
    const xtune_cpupool *first = w->host->cpupools;

    pool->scheduler = pool->was ? pool->was->scheduler : first->scheduler;
    if (!pool->was && wanted->scheduler) pool->scheduler = wanted->scheduler;
    if (!pool->was || !other_scheduler(wanted, pool->was)) return;
    if (pool->was != first) {
        pool->was = NULL;
        pool->scheduler = wanted->scheduler;
        return;
    }
    xt_plan_add_blocked(
        w->plan, "cpupool", wanted->name, wanted->scheduler,
        xtune_arena_printf(w->arena,
                           "Xen gives its first cpupool a scheduler at boot: "
                           "\"sched=%s\" on its command line",
                           wanted->scheduler));
}

/* Adds a pool as it is written down; the CPUs of one that names none are left
 * for later. */
static int add_pool(const xt_wisher *w, const xtune_wanted_pool *wanted,
                    xtune_error **err)
{
    xt_layout_pool pool = {
        .name = wanted->name,
        .cpus = xtune_set_new(w->arena, w->host->nr_cpu_ids),
    };
    int rc = 0;

    if (cpus_of(wanted)) rc = read_cpus(w, wanted, &pool.cpus, err);
    if (rc) return rc;
    pool.was = find_now(w, wanted, &pool.cpus);
    rc = check_same(w, wanted, pool.was, err);
    if (!rc) rc = check_overlap(w, wanted, &pool.cpus, err);
    if (rc) return rc;
    choose_scheduler(w, wanted, &pool);
    w->layout->pools[w->layout->nr_pools++] = pool;
    return 0;
}

/* One that names no CPUs keeps those that it has and no other names. */
static void keep_cpus(const xt_wisher *w, const xtune_wanted_pool *wanted,
                      xt_layout_pool *pool)
{
    const xtune_cpupool *now = find_by_name(w, wanted);
    size_t i;

    if (cpus_of(wanted) || !now) return;
    xtune_set_or(&pool->cpus, &now->cpus);
    for (i = 0; i < w->layout->nr_pools; i++)
        if (&w->layout->pools[i] != pool)
            xtune_set_andnot(&pool->cpus, &w->layout->pools[i].cpus);
}

static xt_layout_pool *first_pool(const xt_wisher *w)
{
    size_t i;

    for (i = 0; i < w->layout->nr_pools; i++)
        if (w->layout->pools[i].was == w->host->cpupools)
            return &w->layout->pools[i];
    w->layout->pools[w->layout->nr_pools] = (xt_layout_pool){
        .name = xt_layout_find(w->layout, FIRST_POOL) == XT_NO_POOL
                    ? FIRST_POOL
                    : w->host->cpupools[0].name,
        .was = w->host->cpupools,
        .scheduler = w->host->cpupools[0].scheduler,
        .cpus = xtune_set_new(w->arena, w->host->nr_cpu_ids),
    };
    return &w->layout->pools[w->layout->nr_pools++];
}

/* The first pool gets what no other has. */
static void give_rest(const xt_wisher *w)
{
    xtune_set rest = xtune_set_copy(w->arena, &w->host->cpu_ids);
    xt_layout_pool *first = first_pool(w);
    size_t i;

    for (i = 0; i < w->layout->nr_pools; i++)
        xtune_set_andnot(&rest, &w->layout->pools[i].cpus);
    xtune_set_or(&first->cpus, &rest);
}

/* Domains stay in their pools, by name; those of pools that go are in the
 * first one. */
static void keep_domains(const xt_wisher *w)
{
    const xt_layout_pool *first = first_pool(w);
    size_t i, p;

    for (i = 0; i < w->host->nr_domains; i++) {
        const xtune_domain *domain = &w->host->domains[i];
        const xtune_cpupool *now = NULL;

        w->layout->pool_of[i] = XT_NO_POOL;
        if (!domain->cpupool) continue;
        now = xtune_host_cpupool(w->host, domain->cpupool);
        for (p = 0; p < w->layout->nr_pools; p++)
            if (w->layout->pools[p].was == now) break;
        if (p == w->layout->nr_pools)
            p = xt_layout_find(w->layout, domain->cpupool);
        w->layout->pool_of[i] =
            p == XT_NO_POOL ? (size_t)(first - w->layout->pools) : p;
    }
}

/* One that has none, and of which none is asked for, stays so. */
static bool is_empty_now(const xt_wisher *w, const xtune_wanted_pool *wanted)
{
    const xtune_cpupool *now = find_by_name(w, wanted);

    return now && !cpus_of(wanted) && xtune_set_is_empty(&now->cpus);
}

static int make_pools(const xt_wisher *w, xtune_error **err)
{
    const xtune_policy *policy = w->request->policy;
    size_t i;
    int rc;

    w->layout->nr_pools = 0;
    for (i = 0; i < policy->nr_pools; i++) {
        rc = add_pool(w, &policy->pools[i], err);
        if (rc) return rc;
    }
    for (i = 0; i < policy->nr_pools; i++)
        keep_cpus(w, &policy->pools[i], &w->layout->pools[i]);
    give_rest(w);
    keep_domains(w);
    for (i = 0; i < policy->nr_pools; i++)
        if (xtune_set_is_empty(&w->layout->pools[i].cpus) &&
            !is_empty_now(w, &policy->pools[i]))
            xt_plan_add_note(w->plan, policy->pools[i].name,
                             "the policy gives it no cpus and no nodes: it "
                             "has no CPU");
    return 0;
}

/* Whether it is another layout than the host's. */
static bool is_changed(const xt_wisher *w)
{
    const xt_layout now = xt_layout_now(w->arena, w->host);
    const xt_layout *then = w->layout;
    size_t i;

    if (now.nr_pools != then->nr_pools) return true;
    for (i = 0; i < then->nr_pools; i++)
        if (!then->pools[i].was ||
            strcmp(then->pools[i].was->name, then->pools[i].name) ||
            !xtune_set_equal(&then->pools[i].was->cpus, &then->pools[i].cpus))
            return true;
    for (i = 0; i < w->host->nr_domains; i++)
        if (then->pool_of[i] != XT_NO_POOL &&
            strcmp(then->pools[then->pool_of[i]].name,
                   w->host->domains[i].cpupool))
            return true;
    return false;
}

static const char *source_of(const xt_wisher *w)
{
    const xtune_policy *policy = w->request->policy;

    if (policy->split_numa)
        return xtune_source_text(w->arena, policy->cpupools_source);
    if (policy->nr_pools)
        return xtune_source_text(w->arena, policy->pools[0].source);
    return policy->name;
}

static int make_layout(const xt_wisher *w, xtune_error **err)
{
    const xtune_policy *policy = w->request->policy;

    w->layout->reason =
        xtune_arena_printf(w->arena, "as \"%s\" says", source_of(w));
    if (w->request->only) return 0;
    if (policy->split_numa && !xt_layout_is_split(w->host))
        return xt_layout_split(w->layout, w->arena, err);
    if (!policy->split_numa && policy->nr_pools) return make_pools(w, err);
    return 0;
}

int xt_wanted_layout(xtune_plan *plan, xtune_arena *arena,
                     const xtune_plan_request *request, xt_layout *layout_r,
                     bool *changes_r, xtune_error **err)
{
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    const xt_wisher w = {
        .plan = plan,
        .arena = arena,
        .request = request,
        .host = request->host,
        .layout = layout_r,
    };
    int rc;

    *changes_r = false;
    *layout_r = xt_layout_now(arena, request->host);
    if (!request->host->nr_cpupools) return 0;
    rc = make_layout(&w, &why);
    if (!rc) xt_wisher_place_domains(&w);
    if (!rc && !is_changed(&w)) return 0;
    if (!rc) rc = xt_layout_check(layout_r, &why);
    if (!rc) xt_wanted_new_pools(plan, request->policy, layout_r);
    if (!rc) xt_wanted_note_removed(plan, layout_r);
    *changes_r = !rc;
    if (!rc) return 0;
    if (rc == XTUNE_ERR_INVALID)
        return xtune_error_set(err, rc, 0, why->object, why->hint, "%s",
                               why->message);
    xt_wisher_block(&w, "cpupool", why->object, NULL, why);
    *layout_r = xt_layout_now(arena, request->host);
    return 0;
}
