/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What layouts cannot be: what Xen refuses, or would be sorry for. */
#include <string.h>

#include "base/util.h"
#include "plan/layout_writer.h"

/* What cannot be. */

static int check_first_pool(const xt_layout *layout, xtune_error **err)
{
    const xtune_cpupool *first = &layout->host->cpupools[0];
    const xt_layout_pool *then = NULL;
    size_t i;

    for (i = 0; i < layout->nr_pools; i++)
        if (layout->pools[i].was == first) then = &layout->pools[i];

    if (!then)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, first->name, NULL,
                               "Xen does not remove its first cpupool");
    if (xtune_set_has(&first->cpus, 0) && !xtune_set_has(&then->cpus, 0))
        return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, first->name,
                               "give it CPU 0 and others to other pools",
                               "CPU 0 must stay in Xen's first cpupool");
    return 0;
}

static int check_units(const xt_layout *layout, const xt_layout_pool *pool,
                       xtune_arena *arena, xtune_error **err)
{
    const char *granularity = layout->host->cpupools[0].granularity;
    xtune_set units =
        xtune_host_units(arena, layout->host, &pool->cpus, granularity);

    if (xtune_set_equal(&units, &pool->cpus)) return 0;
    xtune_set_andnot(&units, &pool->cpus);
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, pool->name,
        xtune_arena_printf(
            arena, "give it whole %ss, or boot Xen with sched-gran=cpu",
            granularity),
        "it cannot have CPUs %s without %s, which share a %s with them",
        xtune_set_format_ids(arena, &pool->cpus),
        xtune_set_format_ids(arena, &units), granularity);
}

static int check_domains(const xt_layout *layout, size_t p, xtune_error **err)
{
    const xt_layout_pool *pool = &layout->pools[p];
    size_t i;

    if (!xtune_set_is_empty(&pool->cpus)) return 0;
    for (i = 0; i < layout->host->nr_domains; i++)
        if (xt_layout_counts(layout, i) && layout->pool_of[i] == p)
            return xtune_error_set(
                err, XTUNE_ERR_REFUSED, 0, pool->name,
                "move its domains to another cpupool first",
                "it would have no CPU, but domain %s runs in it",
                layout->host->domains[i].name);
    return 0;
}

static int check_two(const xt_layout_pool *a, const xt_layout_pool *b,
                     xtune_arena *arena, xtune_error **err)
{
    xtune_set both = xtune_set_copy(arena, &a->cpus);

    if (!strcmp(a->name, b->name))
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, a->name,
                               "give each a name of its own",
                               "two cpupools would be called so");
    xtune_set_and(&both, &b->cpus);
    if (xtune_set_is_empty(&both)) return 0;
    return xtune_error_set(err, XTUNE_ERR_INVALID, 0, b->name,
                           "give each CPU to one cpupool",
                           "CPUs %s would be in \"%s\" as well",
                           xtune_set_format_ids(arena, &both), a->name);
}

static unsigned int vcpus_now(const xt_layout *layout,
                              const xtune_cpupool *pool)
{
    unsigned int nr = 0;
    size_t i;

    for (i = 0; i < layout->host->nr_domains; i++)
        if (xt_layout_counts(layout, i) &&
            !strcmp(layout->host->domains[i].cpupool, pool->name))
            nr += layout->host->domains[i].online_vcpus;
    return nr;
}

static unsigned int vcpus_then(const xt_layout *layout, size_t p)
{
    unsigned int nr = 0;
    size_t i;

    for (i = 0; i < layout->host->nr_domains; i++)
        if (xt_layout_counts(layout, i) && layout->pool_of[i] == p)
            nr += layout->host->domains[i].online_vcpus;
    return nr;
}

static unsigned int without_cpu(unsigned int vcpus, const xtune_set *cpus)
{
    const unsigned int nr = xtune_set_count(cpus);

    return vcpus > nr ? vcpus - nr : 0;
}

/* Under the null scheduler a vCPU without a CPU of its own does not run. Where
 * some have none already they may stay so. */
int xt_layout_check_null(const xt_layout *layout, size_t p, xtune_error **err)
{
    const xt_layout_pool *pool = &layout->pools[p];
    const unsigned int nr = vcpus_then(layout, p);
    unsigned int now = 0;

    if (!pool->scheduler || strcmp(pool->scheduler, "null")) return 0;
    if (pool->was)
        now = without_cpu(vcpus_now(layout, pool->was), &pool->was->cpus);
    if (without_cpu(nr, &pool->cpus) <= now) return 0;
    return xtune_error_set(
        err, XTUNE_ERR_REFUSED, 0, pool->name,
        "give it more CPUs, or its domains fewer vCPUs",
        "the null scheduler needs a CPU for each vCPU: there would be %u vCPUs "
        "on %u CPUs",
        nr, xtune_set_count(&pool->cpus));
}

/* The one that asks is the one that cannot be moved. */
int xt_layout_check_dom0(const xt_layout *layout, xtune_error **err)
{
    const xtune_domain *dom0 =
        layout->host->nr_domains ? &layout->host->domains[0] : NULL;
    const xt_layout_pool *pool;

    if (!dom0 || dom0->id || !xt_layout_counts(layout, 0)) return 0;
    pool = &layout->pools[layout->pool_of[0]];
    if (pool->was == xtune_host_cpupool(layout->host, dom0->cpupool)) return 0;
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, dom0->name,
                           "move CPUs into and out of its cpupool instead",
                           "Xen does not let dom0 move itself to cpupool "
                           "\"%s\"",
                           pool->name);
}

int xt_layout_check(const xt_layout *layout, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    size_t i, k;
    int rc;

    rc = check_first_pool(layout, err);
    if (!rc) rc = xt_layout_check_dom0(layout, err);
    for (i = 0; !rc && i < layout->nr_pools; i++) {
        rc = check_units(layout, &layout->pools[i], arena, err);
        if (!rc) rc = check_domains(layout, i, err);
        if (!rc) rc = xt_layout_check_null(layout, i, err);
        for (k = 0; !rc && k < i; k++)
            rc = check_two(&layout->pools[k], &layout->pools[i], arena, err);
    }
    return rc;
}
