/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The pools of a host in a policy. It is to hold after a reboot as well, when
 * there is but one pool, "Pool-0", with all CPUs.
 */
#include <string.h>

#include "base/util.h"
#include "plan/split.h"
#include "policy/read.h"
#include "report/capture.h"

/* What Xen calls its first pool at boot. */
#define FIRST_POOL "Pool-0"

/* What Xen's schedulers begin with (xen/common/sched/credit.c, private.h). */
static const uint32_t defaults[XT_NR_PARAMETERS] = {
    [XT_TSLICE] = 30,
    [XT_RATELIMIT] = 1000,
    [XT_MIGRATION_DELAY] = 0,
};

static bool is_scheduler(const char *name)
{
    size_t i;

    for (i = 0; name && i < xt_value_scheduler.nr_words; i++)
        if (!strcmp(xt_value_scheduler.words[i], name)) return true;
    return false;
}

/* Whether a policy can say what it is. */
static bool is_known(const xtune_cpupool *pool, enum xt_parameter_id id)
{
    const uint32_t value = xt_parameter_get(id, &pool->scheduling);

    return is_scheduler(pool->scheduler) &&
           xt_scheduler_has(pool->scheduler, id) && value != XTUNE_NONE &&
           xt_parameter_takes(&xt_parameters[id], value);
}

static bool has_own_parameters(const xtune_cpupool *pool)
{
    unsigned int id;

    for (id = XT_FIRST_OF_POOLS; id < XT_NR_PARAMETERS; id++)
        if (is_known(pool, id) &&
            xt_parameter_get(id, &pool->scheduling) != defaults[id])
            return true;
    return false;
}

static void put_parameters(const xt_capture *c, const xtune_cpupool *pool)
{
    unsigned int id;

    if (xt_pool_scheduling_fault(c->arena, &pool->scheduling)) return;
    for (id = XT_FIRST_OF_POOLS; id < XT_NR_PARAMETERS; id++)
        if (is_known(pool, id))
            xt_capture_number(c, id, xt_parameter_get(id, &pool->scheduling));
}

/* The first pool, which Xen makes, has the CPUs that no other names; one with
 * another name than Xen's is known after a reboot by its CPU 0. */
static bool needs_cpus(const xt_capture *c, const xtune_cpupool *pool)
{
    if (xtune_set_is_empty(&pool->cpus)) return false;
    return pool != c->host->cpupools || strcmp(pool->name, FIRST_POOL);
}

static void put_pool(const xt_capture *c, const xtune_cpupool *pool)
{
    fputs("    <cpupool", c->out);
    xt_capture_attr(c, "name", pool->name);
    if (needs_cpus(c, pool))
        xt_capture_attr(c, "cpus",
                        xtune_set_format_ids(c->arena, &pool->cpus));
    if (is_scheduler(pool->scheduler))
        xt_capture_attr(c, "scheduler", pool->scheduler);
    put_parameters(c, pool);
    fputs("/>\n", c->out);
}

static void put_free_cpus(const xt_capture *c, const xtune_set *free_cpus)
{
    if (xtune_set_is_empty(free_cpus)) return;
    fprintf(c->out,
            "    <!-- In no pool, which a policy cannot say, so that under "
            "this one they go\n         to the first: CPUs %s. -->\n",
            xtune_set_format_ids(c->arena, free_cpus));
}

/* A pool that is not among those of a policy goes: all of them, or none. */
static bool can_put_pools(const xt_capture *c)
{
    size_t i;

    for (i = 0; i < c->host->nr_cpupools; i++)
        if (!xt_capture_is_pool_name(c, c->host->cpupools[i].name))
            return false;
    return true;
}

static bool is_same(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

/* A pool as a split would make it, out of the first one. */
static bool is_of_split(const xt_capture *c, unsigned int node)
{
    const xtune_cpupool *pool = xtune_host_cpupool(
        c->host, xtune_arena_printf(c->arena, "Pool-node%u", node));

    return pool &&
           xtune_set_is_subset(&c->host->node_cpus[node], &pool->cpus) &&
           is_same(pool->scheduler, c->host->cpupools[0].scheduler) &&
           !has_own_parameters(pool);
}

static bool is_split(const xt_capture *c, const xtune_set *free_cpus)
{
    const xtune_host *host = c->host;
    size_t nr = 0;
    unsigned int id;

    if (!xt_layout_is_split(host) || !xtune_set_is_empty(free_cpus))
        return false;
    xtune_set_for_each(id, &host->node_ids)
    {
        if (xtune_set_is_empty(&host->node_cpus[id])) continue;
        if (!is_of_split(c, id)) return false;
        nr++;
    }
    return nr == host->nr_cpupools;
}

static void put_pools(const xt_capture *c)
{
    const xtune_set free_cpus = xtune_host_free_cpus(c->arena, c->host);
    size_t i;

    if (is_split(c, &free_cpus)) {
        fputs("    <cpupools split=\"numa\"/>\n", c->out);
        return;
    }
    put_free_cpus(c, &free_cpus);
    for (i = 0; i < c->host->nr_cpupools; i++)
        put_pool(c, &c->host->cpupools[i]);
}

void xt_capture_pools(const xt_capture *c)
{
    const xtune_host *host = c->host;

    /* One pool is what every host has. */
    if (!host->nr_cpupools ||
        (host->nr_cpupools == 1 && !has_own_parameters(host->cpupools)))
        return;
    if (!can_put_pools(c)) {
        fputs("  <!-- Left out: the pools, for the name of one is none in a "
              "policy. -->\n",
              c->out);
        return;
    }
    fputs("  <host>\n", c->out);
    put_pools(c);
    fputs("  </host>\n", c->out);
}
