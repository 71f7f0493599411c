/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What schedulers give to domains and pools, on a host in a file. */
#include <errno.h>
#include <string.h>

#include "backend/snapshot.h"
#include "host/scheduling.h"

/* What Xen gives to new domains (xen.git xen/common/sched/credit2.c, rt.c). */
#define NEW_WEIGHT 256
#define NEW_PERIOD_US 10000
#define NEW_BUDGET_US 4000

static bool is(const char *scheduler, const char *name)
{
    return scheduler && !strcmp(scheduler, name);
}

/* Where nothing of the kind is known of any pool, it stays so: a pool that
 * went and comes back is to be what it was. */
static bool is_told_of_pools(const xt_snapshot *s)
{
    size_t i;

    for (i = 0; i < s->host->nr_cpupools; i++)
        if (s->host->cpupools[i].scheduling.ratelimit_us != XTUNE_NONE)
            return true;
    return false;
}

xtune_pool_scheduling xt_snapshot_new_scheduling(const xt_snapshot *s,
                                                 const char *scheduler)
{
    xtune_pool_scheduling fresh = { XTUNE_NONE, XTUNE_NONE, XTUNE_NONE };

    if (!is_told_of_pools(s)) return fresh;
    if (is(scheduler, "credit"))
        fresh =
            (xtune_pool_scheduling){ .tslice_ms = 30, .ratelimit_us = 1000 };
    if (is(scheduler, "credit2")) fresh.ratelimit_us = 1000;
    return fresh;
}

static bool has_periods(const xtune_domain *domain)
{
    size_t i;

    for (i = 0; i < domain->nr_vcpus; i++)
        if (domain->vcpus[i].period_us) return true;
    return false;
}

/* A snapshot that says nothing of this is to go on so: it would not be the
 * same any more when the domain is back. */
static bool is_known(const xt_snapshot *s, const xtune_domain *domain,
                     const char *scheduler)
{
    size_t i;

    if (domain->weight || has_periods(domain)) return true;
    if (xt_scheduling_has_weight(scheduler) || is(scheduler, "rtds"))
        return false;
    for (i = 0; i < s->host->nr_domains; i++)
        if (s->host->domains[i].weight || has_periods(&s->host->domains[i]))
            return true;
    return false;
}

void xt_snapshot_reset_scheduling(xt_snapshot *s, xtune_domain *domain,
                                  const char *from, const char *to)
{
    const bool known = is_known(s, domain, from);
    const bool rtds = known && is(to, "rtds");
    size_t i;

    domain->weight = known && xt_scheduling_has_weight(to) ? NEW_WEIGHT : 0;
    domain->cap = 0;
    for (i = 0; i < domain->nr_vcpus; i++) {
        domain->vcpus[i].period_us = rtds ? NEW_PERIOD_US : 0;
        domain->vcpus[i].budget_us = rtds ? NEW_BUDGET_US : 0;
        domain->vcpus[i].extratime = rtds;
    }
}

static const char *scheduler_of(const xt_snapshot *s,
                                const xtune_domain *domain)
{
    const xtune_cpupool *pool = xtune_host_cpupool(s->host, domain->cpupool);

    return pool ? pool->scheduler : NULL;
}

int xt_snapshot_get_scheduling(xtune_backend *backend,
                               const xt_domain_ref *ref, xtune_arena *arena,
                               xt_json **value_r, xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_domain *domain;
    int rc;

    rc = xt_snapshot_load_domain(backend, ref, &domain, err);
    if (rc) return rc;
    *value_r = xt_scheduling_of_domain(arena, s->host, domain);
    return 0;
}

static int of_another(const char *object, const char *scheduler,
                      xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_REFUSED, EINVAL, object, NULL,
                           "scheduler \"%s\" has no such parameters",
                           scheduler ? scheduler : "");
}

int xt_snapshot_set_scheduling(xtune_backend *backend,
                               const xt_domain_ref *ref, const xt_json *value,
                               xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    const char *scheduler;
    xtune_domain *domain;
    int rc;

    rc = xt_snapshot_load_domain(backend, ref, &domain, err);
    if (rc) return rc;
    scheduler = scheduler_of(s, domain);
    if (value->type == XT_JSON_NULL || !xt_scheduling_is_of(scheduler, value))
        return of_another(ref->name, scheduler, err);
    rc = xt_scheduling_read_domain(scheduler, value, ref->name, domain, err);
    if (!rc) s->dirty = true;
    return rc;
}

int xt_snapshot_get_pool_scheduling(xtune_backend *backend, const char *name,
                                    xtune_arena *arena, xt_json **value_r,
                                    xtune_error **err)
{
    xtune_cpupool *pool;
    int rc;

    rc = xt_snapshot_load_pool(backend, name, &pool, err);
    if (rc) return rc;
    *value_r = xt_scheduling_of_pool(arena, pool);
    return 0;
}

int xt_snapshot_set_pool_scheduling(xtune_backend *backend, const char *name,
                                    const xt_json *value, xtune_error **err)
{
    xt_snapshot *s = xt_snapshot_of(backend);
    xtune_cpupool *pool;
    int rc;

    rc = xt_snapshot_load_pool(backend, name, &pool, err);
    if (rc) return rc;
    if (value->type == XT_JSON_NULL ||
        !xt_scheduling_is_of_pool(pool->scheduler, value))
        return of_another(name, pool->scheduler, err);
    rc = xt_scheduling_read_pool(pool->scheduler, value, name, pool, err);
    if (!rc) s->dirty = true;
    return rc;
}
