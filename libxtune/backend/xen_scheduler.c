/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the scheduler of a pool gives to the pool and to each of its domains: a
 * call for each. */
#include <errno.h>
#include <string.h>

#include "backend/xen.h"
#include "base/util.h"
#include "host/scheduling.h"

/* Each of these: -1 with errno where Xen says no. */

static int read_credit(xt_xen *xen, xtune_domain *domain)
{
    struct xen_domctl_sched_credit params = { .weight = 0 };

    if (xc_sched_credit_domain_get(xen->xc, domain->id, &params)) return -1;
    domain->weight = params.weight;
    domain->cap = params.cap;
    return 0;
}

static int write_credit(xt_xen *xen, const xtune_domain *domain)
{
    struct xen_domctl_sched_credit params = {
        .weight = (uint16_t)domain->weight,
        .cap = (uint16_t)domain->cap,
    };

    return xc_sched_credit_domain_set(xen->xc, domain->id, &params);
}

static int read_credit2(xt_xen *xen, xtune_domain *domain)
{
    struct xen_domctl_sched_credit2 params = { .weight = 0 };

    if (xc_sched_credit2_domain_get(xen->xc, domain->id, &params)) return -1;
    domain->weight = params.weight;
    domain->cap = params.cap;
    return 0;
}

static int write_credit2(xt_xen *xen, const xtune_domain *domain)
{
    struct xen_domctl_sched_credit2 params = {
        .weight = (uint16_t)domain->weight,
        .cap = (uint16_t)domain->cap,
    };

    return xc_sched_credit2_domain_set(xen->xc, domain->id, &params);
}

static struct xen_domctl_schedparam_vcpu *rtds_params(
    const xtune_domain *domain)
{
    struct xen_domctl_schedparam_vcpu *params =
        xt_xrealloc(NULL, domain->nr_vcpus + 1, sizeof(*params));
    size_t i;

    for (i = 0; i < domain->nr_vcpus; i++) {
        const xtune_vcpu *vcpu = &domain->vcpus[i];

        params[i] = (struct xen_domctl_schedparam_vcpu){
            .vcpuid = vcpu->id,
            .u.rtds = { .period = vcpu->period_us,
                        .budget = vcpu->budget_us,
                        .flags =
                            vcpu->extratime ? XEN_DOMCTL_SCHEDRT_extra : 0 },
        };
    }
    return params;
}

static int read_rtds(xt_xen *xen, xtune_domain *domain)
{
    XT_CLEANUP_FREE struct xen_domctl_schedparam_vcpu *params =
        rtds_params(domain);
    size_t i;

    if (!domain->nr_vcpus) return 0;
    if (xc_sched_rtds_vcpu_get(xen->xc, domain->id, params,
                               (uint32_t)domain->nr_vcpus))
        return -1;
    for (i = 0; i < domain->nr_vcpus; i++) {
        xtune_vcpu *vcpu = &domain->vcpus[i];

        vcpu->period_us = params[i].u.rtds.period;
        vcpu->budget_us = params[i].u.rtds.budget;
        vcpu->extratime = params[i].u.rtds.flags & XEN_DOMCTL_SCHEDRT_extra;
    }
    return 0;
}

static int write_rtds(xt_xen *xen, const xtune_domain *domain)
{
    XT_CLEANUP_FREE struct xen_domctl_schedparam_vcpu *params =
        rtds_params(domain);

    return xc_sched_rtds_vcpu_set(xen->xc, domain->id, params,
                                  (uint32_t)domain->nr_vcpus);
}

static int read_credit_pool(xt_xen *xen, xtune_cpupool *pool)
{
    struct xen_sysctl_credit_schedule params = { .tslice_ms = 0 };

    if (xc_sched_credit_params_get(xen->xc, pool->id, &params)) return -1;
    pool->scheduling = (xtune_pool_scheduling){
        .tslice_ms = params.tslice_ms,
        .ratelimit_us = params.ratelimit_us,
        .migration_delay_us = params.vcpu_migr_delay_us,
    };
    return 0;
}

static int write_credit_pool(xt_xen *xen, const xtune_cpupool *pool)
{
    struct xen_sysctl_credit_schedule params = {
        .tslice_ms = pool->scheduling.tslice_ms,
        .ratelimit_us = pool->scheduling.ratelimit_us,
        .vcpu_migr_delay_us = pool->scheduling.migration_delay_us,
    };

    return xc_sched_credit_params_set(xen->xc, pool->id, &params);
}

static int read_credit2_pool(xt_xen *xen, xtune_cpupool *pool)
{
    struct xen_sysctl_credit2_schedule params = { .ratelimit_us = 0 };

    if (xc_sched_credit2_params_get(xen->xc, pool->id, &params)) return -1;
    pool->scheduling.ratelimit_us = params.ratelimit_us;
    return 0;
}

static int write_credit2_pool(xt_xen *xen, const xtune_cpupool *pool)
{
    struct xen_sysctl_credit2_schedule params = {
        .ratelimit_us = pool->scheduling.ratelimit_us,
    };

    return xc_sched_credit2_params_set(xen->xc, pool->id, &params);
}

/* null and arinc653 have nothing that is given to domains or pools like this.
 */
typedef struct scheduler {
    const char *name;
    int (*read)(xt_xen *xen, xtune_domain *domain);
    int (*write)(xt_xen *xen, const xtune_domain *domain);
    int (*read_pool)(xt_xen *xen, xtune_cpupool *pool);
    int (*write_pool)(xt_xen *xen, const xtune_cpupool *pool);
} scheduler;

static const scheduler schedulers[] = {
    { "credit", read_credit, write_credit, read_credit_pool,
      write_credit_pool },
    { "credit2", read_credit2, write_credit2, read_credit2_pool,
      write_credit2_pool },
    { "rtds", read_rtds, write_rtds, NULL, NULL },
};

/* NULL where it has no parameters. */
static const scheduler *find_scheduler(const char *name)
{
    size_t i;

    for (i = 0; i < XT_ARRAY_SIZE(schedulers); i++)
        if (!strcmp(schedulers[i].name, name)) return &schedulers[i];
    return NULL;
}

/* Observing. */

static int read_domain(xt_xen *xen, const xtune_host *host,
                       xtune_domain *domain)
{
    const xtune_cpupool *pool = xtune_host_cpupool(host, domain->cpupool);
    const scheduler *s = pool ? find_scheduler(pool->scheduler) : NULL;

    return s ? s->read(xen, domain) : 0;
}

static int read_pools(xt_xen *xen, xtune_host *host, xtune_error **err)
{
    size_t i;

    xt_xen_read_granularity(xen, host->cpupools, host->nr_cpupools);
    for (i = 0; i < host->nr_cpupools; i++) {
        xtune_cpupool *pool = &host->cpupools[i];
        const scheduler *s = find_scheduler(pool->scheduler);

        /* ESRCH: it has gone meanwhile. */
        if (s && s->read_pool && s->read_pool(xen, pool) && errno != ESRCH)
            return xt_xen_error(err, pool->name,
                                "ask Xen for its scheduler's parameters");
    }
    return 0;
}

int xt_xen_read_scheduling(xt_xen *xen, xtune_host *host, xtune_error **err)
{
    size_t i, kept = 0;

    for (i = 0; i < host->nr_domains; i++) {
        xtune_domain *domain = &host->domains[i];

        /* EINVAL: it has moved to a pool with another scheduler, and what it
         * has there is not known (xen/common/sched/core.c, sched_adjust). */
        if (read_domain(xen, host, domain) && errno != EINVAL) {
            if (errno == ESRCH) continue;
            return xt_xen_error(err, domain->name[0] ? domain->name : "xen",
                                "ask Xen for its weight");
        }
        host->domains[kept++] = *domain;
    }
    host->nr_domains = kept;
    return read_pools(xen, host, err);
}

/* The operations. */

static int gone(const char *object, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_NOT_FOUND, ESRCH, object, NULL,
                           "it is gone");
}

/* The scheduler of a pool; NULL where the pool is not there. */
static const char *scheduler_of(xt_xen *xen, uint32_t pool_id)
{
    xc_cpupoolinfo_t *info = xc_cpupool_getinfo(xen->xc, pool_id);
    const char *name = NULL;

    if (!info) return NULL;
    if (info->cpupool_id == pool_id)
        name = xt_xen_scheduler_name((int)info->sched_id);
    xc_cpupool_infofree(xen->xc, info);
    return name;
}

/* The domain with its vCPUs, of which nothing else is known. */
static int find(xt_xen *xen, const xt_domain_ref *ref, xtune_arena *arena,
                xtune_domain *domain_r, const char **scheduler_r,
                xtune_error **err)
{
    xc_domaininfo_t info;
    uint32_t i;
    int rc;

    rc = xt_xen_find_domain(xen, ref, &info, err);
    if (rc) return rc;
    *scheduler_r = scheduler_of(xen, info.cpupool);
    if (!*scheduler_r) return gone(ref->name, err);
    *domain_r = (xtune_domain){ .id = info.domain, .name = ref->name };
    if (info.max_vcpu_id >= XTUNE_MAX_VCPUS) return 0;
    domain_r->nr_vcpus = info.max_vcpu_id + 1;
    domain_r->vcpus = XTUNE_NEW_ARRAY(arena, xtune_vcpu, domain_r->nr_vcpus);
    for (i = 0; i < domain_r->nr_vcpus; i++)
        domain_r->vcpus[i].id = i;
    return 0;
}

int xt_xen_get_scheduling(xtune_backend *backend, const xt_domain_ref *ref,
                          xtune_arena *arena, xt_json **value_r,
                          xtune_error **err)
{
    xt_xen *xen = (xt_xen *)backend;
    const scheduler *s;
    xtune_domain domain;
    const char *name;
    int rc;

    rc = find(xen, ref, arena, &domain, &name, err);
    if (rc) return rc;
    s = find_scheduler(name);
    if (s && s->read(xen, &domain))
        return errno == ESRCH ? gone(ref->name, err)
                              : xt_xen_error(err, ref->name,
                                             "ask Xen for its scheduling");
    *value_r = xt_scheduling_domain_to_json(arena, name, &domain);
    return 0;
}

static int no_such(const char *object, const char *name, xtune_error **err)
{
    return xtune_error_set(err, XTUNE_ERR_REFUSED, EINVAL, object, NULL,
                           "scheduler \"%s\" has no such parameters", name);
}

static int write_error(const char *object, xtune_error **err)
{
    if (errno == ESRCH) return gone(object, err);
    if (errno == EINVAL)
        return xtune_error_set(err, XTUNE_ERR_REFUSED, errno, object, NULL,
                               "Xen refuses these parameters");
    return xt_xen_error(err, object, "set its scheduling");
}

int xt_xen_set_scheduling(xtune_backend *backend, const xt_domain_ref *ref,
                          const xt_json *value, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_xen *xen = (xt_xen *)backend;
    const scheduler *s;
    xtune_domain domain;
    const char *name;
    int rc;

    rc = find(xen, ref, arena, &domain, &name, err);
    if (rc) return rc;
    s = find_scheduler(name);
    if (!s || value->type == XT_JSON_NULL || !xt_scheduling_is_of(name, value))
        return no_such(ref->name, name, err);
    rc = xt_scheduling_read_domain(name, value, ref->name, &domain, err);
    if (rc) return rc;
    return s->write(xen, &domain) ? write_error(ref->name, err) : 0;
}

int xt_xen_get_pool_scheduling(xtune_backend *backend, const char *name,
                               xtune_arena *arena, xt_json **value_r,
                               xtune_error **err)
{
    xt_xen *xen = (xt_xen *)backend;
    const scheduler *s;
    xtune_cpupool pool;
    int rc;

    rc = xt_xen_find_pool(xen, arena, name, &pool, err);
    if (rc) return rc;
    s = find_scheduler(pool.scheduler);
    if (s && s->read_pool && s->read_pool(xen, &pool))
        return xt_xen_error(err, name,
                            "ask Xen for its scheduler's parameters");
    *value_r = xt_scheduling_of_pool(arena, &pool);
    return 0;
}

int xt_xen_set_pool_scheduling(xtune_backend *backend, const char *name,
                               const xt_json *value, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_xen *xen = (xt_xen *)backend;
    const scheduler *s;
    xtune_cpupool pool;
    int rc;

    rc = xt_xen_find_pool(xen, arena, name, &pool, err);
    if (rc) return rc;
    s = find_scheduler(pool.scheduler);
    if (!s || !s->write_pool || value->type == XT_JSON_NULL ||
        !xt_scheduling_is_of_pool(pool.scheduler, value))
        return no_such(name, pool.scheduler, err);
    rc = xt_scheduling_read_pool(pool.scheduler, value, name, &pool, err);
    if (rc) return rc;
    return s->write_pool(xen, &pool) ? write_error(name, err) : 0;
}
